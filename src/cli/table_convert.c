/* polder table convert: a table, wherever it is, as a Parquet or CSV file. Of a Parquet file each
 * column gets the narrowest type from which all of its cells come back as they were. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct converting {
    struct cli *cli;
    struct source *source;
    struct table_dialect dialect;
    const char *out; /* "-": standard output */
    char *temporary; /* beside it, until it is whole */
    int fd;
    uint64_t written;
    bool is_parquet;
    pd_str codec;

    /* The first reading: what there is. */
    pd_str *names;
    size_t columns;
    struct table_parquet_types *types;
    struct table_parquet_column *chosen;
    uint64_t first_aside;
    struct table_counts counts;

    /* The second one. */
    struct table_writer *csv;
    struct table_parquet_writer *parquet;
};

/* ---- Reading ---- */

static enum pd_status feed(void *context, const char *bytes, size_t n, struct pd_error *err) {
    return table_feed(context, bytes, n, err);
}

/* The whole source to a handler. *needs_again: JSON whose columns are known only now. */
static enum pd_status read_all(struct converting *c, const struct table_handler *handler,
                               bool *needs_again, struct pd_error *err) {
    struct table_reader *reader = NULL;
    enum pd_status st = table_reader_new(NULL, &c->dialect, handler, &reader, err);
    if (st == PD_OK)
        st = source_each(c->source, feed, NULL, reader, NULL, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    if (st == PD_OK) {
        c->counts = table_reader_counts(reader);
        *needs_again = table_reader_needs_again(reader);
        c->dialect = *table_reader_dialect(reader);
        pd_str *names = NULL;
        if (c->dialect.names != NULL) { /* the reader's, which goes now */
            names = pd_arena_array(c->cli->arena, c->dialect.name_count, sizeof(*names));
            st = names ? PD_OK : pd_fail_memory(err);
        }
        for (size_t i = 0; st == PD_OK && names && i < c->dialect.name_count; i++)
            names[i] = pd_arena_str(c->cli->arena, c->dialect.names[i]);
        c->dialect.names = names;
    }
    table_reader_free(reader);
    return st;
}

static enum pd_status see_header(void *context, const pd_str *names, size_t count,
                                 struct pd_error *err) {
    struct converting *c = context;
    pd_str *kept = pd_arena_array(c->cli->arena, count, sizeof(*kept));
    c->names = pd_arena_array(c->cli->arena, count, sizeof(*c->names));
    c->chosen = pd_arena_array(c->cli->arena, count, sizeof(*c->chosen));
    if (kept == NULL || c->names == NULL || c->chosen == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        kept[i] = pd_arena_str(c->cli->arena, names[i]);
    c->columns = count;
    enum pd_status st = table_names_unique(kept, count, c->cli->arena, c->names, NULL, err);
    return st == PD_OK ? table_parquet_types_new(count, &c->types, err) : st;
}

static enum pd_status see_rows(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct converting *c = context;
    (void)err;
    if (c->is_parquet)
        table_parquet_types_add(c->types, batch);
    return PD_OK;
}

static enum pd_status see_aside(void *context, const struct table_set_aside *record,
                                struct pd_error *err) {
    struct converting *c = context;
    (void)err;
    bool is_first = c->first_aside == 0 || record->line < c->first_aside;
    if (record->why == TABLE_RAGGED && is_first)
        c->first_aside = record->line;
    return PD_OK;
}

static enum pd_status look(struct converting *c, struct pd_error *err) {
    const struct table_handler handler = {c, see_header, see_rows, see_aside};
    bool needs_again = false;
    enum pd_status st = read_all(c, &handler, &needs_again, err);
    if (st == PD_OK && needs_again) {
        c->first_aside = 0;
        st = read_all(c, &handler, &needs_again, err);
    }
    if (st == PD_OK)
        table_parquet_types_get(c->types, c->names, c->chosen);
    return st;
}

/* ---- Writing ---- */

static enum pd_status write_bytes(void *context, const void *bytes, size_t n,
                                  struct pd_error *err) {
    struct converting *c = context;
    for (size_t done = 0; done < n;) {
        ssize_t wrote = write(c->fd, (const char *)bytes + done, n - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return pd_fail_errno(err, PD_IO, "write \"%s\"", c->out);
        done += (size_t)wrote;
    }
    c->written += n;
    return PD_OK;
}

static enum pd_status write_rows(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct converting *c = context;
    return c->is_parquet ? table_parquet_write_batch(c->parquet, batch, err)
                         : table_write_batch(c->csv, batch, err);
}

static enum pd_status write_table(struct converting *c, struct pd_error *err) {
    struct table_sink sink = {c, write_bytes};
    const struct table_handler handler = {c, NULL, write_rows, NULL};
    enum pd_status st;
    bool needs_again = false;
    if (c->is_parquet)
        st = table_parquet_writer_new(c->chosen, c->columns, c->codec, 0, &sink, &c->parquet, err);
    else
        st = table_writer_new(NULL, &sink, &c->csv, err);
    if (st == PD_OK && !c->is_parquet)
        st = table_write_row(c->csv, c->names, c->columns, err);
    if (st == PD_OK)
        st = read_all(c, &handler, &needs_again, err);
    if (st == PD_OK)
        st = c->is_parquet ? table_parquet_writer_finish(c->parquet, err)
                           : table_writer_finish(c->csv, err);
    table_parquet_writer_free(c->parquet);
    table_writer_free(c->csv);
    return st;
}

/* A file that is there is never written over, and one that isn't whole never has the name. */
static enum pd_status open_out(struct converting *c, struct pd_error *err) {
    if (strcmp(c->out, "-") == 0) {
        c->fd = STDOUT_FILENO;
        return PD_OK;
    }
    if (access(c->out, F_OK) == 0)
        return pd_fail(err, PD_USAGE, "\"%s\" is there already; remove it or name another file",
                       c->out);
    pd_str name = pd_arena_printf(c->cli->arena, "%s.XXXXXX", c->out);
    if (!name.data)
        return pd_fail_memory(err);
    c->temporary = strdup(name.data);
    if (c->temporary == NULL)
        return pd_fail_memory(err);
    c->fd = mkostemp(c->temporary, O_CLOEXEC);
    if (c->fd < 0) {
        free(c->temporary);
        c->temporary = NULL;
        return pd_fail_errno(err, PD_IO, "make a file beside \"%s\"", c->out);
    }
    return PD_OK;
}

static enum pd_status close_out(struct converting *c, enum pd_status st, struct pd_error *err) {
    if (c->temporary == NULL)
        return st;
    if (st == PD_OK && fsync(c->fd) != 0)
        st = pd_fail_errno(err, PD_IO, "write \"%s\" to disk", c->out);
    close(c->fd);
    /* As link rather than rename, which would replace what came meanwhile; but where files have one
       name only. */
    bool is_named = st == PD_OK && link(c->temporary, c->out) == 0;
    if (st == PD_OK && !is_named && (errno == EPERM || errno == EOPNOTSUPP))
        is_named = rename(c->temporary, c->out) == 0;
    if (st == PD_OK && !is_named)
        st = pd_fail_errno(err, errno == EEXIST ? PD_USAGE : PD_IO, "name \"%s\"", c->out);
    unlink(c->temporary);
    free(c->temporary);
    return st;
}

static enum pd_status convert(struct converting *c, struct pd_error *err) {
    enum pd_status st = open_out(c, err);
    if (st != PD_OK)
        return st;
    st = look(c, err);
    if (st == PD_OK)
        st = write_table(c, err);
    return close_out(c, st, err);
}

/* ---- Telling ---- */

static const char *type_words(const struct table_parquet_column *c) {
    static const char *const meanings[] = {
        [TABLE_PARQUET_TEXT] = "text",           [TABLE_PARQUET_DECIMAL] = "decimal",
        [TABLE_PARQUET_DATE] = "date",           [TABLE_PARQUET_TIME] = "time",
        [TABLE_PARQUET_TIMESTAMP] = "timestamp", [TABLE_PARQUET_UUID] = "uuid"};
    if (c->meaning != TABLE_PARQUET_PLAIN)
        return meanings[c->meaning];
    return c->type == TABLE_PARQUET_BOOLEAN  ? "boolean"
           : c->type == TABLE_PARQUET_DOUBLE ? "double"
                                             : "integer";
}

static void tell_json(const struct converting *c, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_text(&w, "file", c->out);
    pd_json_member_text(&w, "form", c->is_parquet ? "parquet" : "csv");
    pd_json_member_i64(&w, "bytes", (int64_t)c->written);
    pd_json_member_i64(&w, "rows", (int64_t)c->counts.rows);
    pd_json_member_i64(&w, "set_aside", (int64_t)c->counts.set_aside);
    pd_json_key(&w, "columns");
    pd_json_array(&w);
    for (size_t i = 0; i < c->columns; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "name", c->names[i]);
        pd_json_member_text(&w, "type", c->is_parquet ? type_words(&c->chosen[i]) : "text");
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_json_clear(&w);
    pd_buf_char(out, '\n');
}

static void tell_text(const struct converting *c, struct pd_buf *out) {
    cli_say(out, 0, 2, "%s: %" PRIu64 " rows, %zu columns, %" PRIu64 " bytes", c->out,
            c->counts.rows, c->columns, c->written);
    for (size_t i = 0; c->is_parquet && i < c->columns; i++)
        cli_say(out, 2, 4, "%.*s: %s", pd_arg(c->names[i]), type_words(&c->chosen[i]));
}

static int tell(const struct converting *c, bool is_json) {
    if (c->counts.set_aside > 0)
        fprintf(stderr,
                "polder: %" PRIu64 " rows with another number of fields than the header are left "
                "out; the first is at line %" PRIu64 "\n",
                c->counts.set_aside, c->first_aside);
    if (strcmp(c->out, "-") == 0)
        return 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (is_json)
        tell_json(c, &out);
    else
        tell_text(c, &out);
    return cli_print(&out);
}

/* ---- The command ---- */

static enum pd_status choose_form(struct converting *c, const struct pd_args *args,
                                  struct pd_error *err) {
    const char *to = pd_args_get(args, "to");
    const char *point = strrchr(c->out, '.');
    if (to == NULL)
        to = point != NULL ? point + 1 : "";
    bool is_csv = strcmp(to, "csv") == 0;
    c->is_parquet = strcmp(to, "parquet") == 0;
    c->codec = pd_str_from(pd_args_get(args, "compression"));
    if (!c->is_parquet && !is_csv)
        return pd_fail(err, PD_USAGE,
                       "--to=\"%s\": parquet or csv (without --to, the name after "
                       "--out says which)",
                       to);
    if (is_csv && c->codec.len > 0)
        return pd_fail(err, PD_USAGE, "--compression is of Parquet");
    if (c->codec.len == 0)
        c->codec = PD_STR("zstd");
    return PD_OK;
}

static enum pd_status choose_dialect(struct converting *c, const struct pd_args *args,
                                     struct pd_error *err) {
    struct govern_form form = cli_form(args);
    const struct table_dialect *known = source_dialect(c->source);
    enum pd_status st = govern_form_parse(&form, &c->dialect, err);
    if (st != PD_OK || known == NULL)
        return st;
    bool is_said = c->dialect.form != TABLE_FORM_FIND || c->dialect.encoding != TABLE_ENCODING_FIND;
    c->dialect = *known;
    return is_said ? pd_fail(err, PD_USAGE, "it is %s: nothing can be said of how it is written",
                             source_describe(c->source)->words)
                   : PD_OK;
}

int cli_table_convert(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct converting c = {.cli = context, .fd = -1, .out = pd_args_get(args, "out")};
    struct pd_error err;
    const char *location, *spool = getenv("TMPDIR");
    (void)command;
    enum pd_status st = choose_form(&c, args, &err);
    if (st == PD_OK)
        st = cli_source_location(c.cli, args, &location, &err);
    if (st == PD_OK)
        st = source_open(location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &c.source,
                         &err);
    if (st == PD_OK)
        st = choose_dialect(&c, args, &err);
    if (st == PD_OK)
        st = convert(&c, &err);
    if (c.types != NULL)
        table_parquet_types_free(c.types);
    int code = st == PD_OK ? tell(&c, pd_args_has(args, "json")) : cli_fail(&err);
    source_close(c.source);
    return code;
}
