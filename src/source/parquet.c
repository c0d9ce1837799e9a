/*
 * A Parquet file within the reader: table/ reads its columns, what comes out is canonical CSV. A
 * file is read where it lies, a piece of each column at a time; what comes through a pipe or out of
 * another form lies in memory whole.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Bytes of a file ---- */

static enum pd_status read_fd(void *context, uint64_t offset, void *out, size_t n,
                              struct pd_error *err) {
    const int *fd = context;
    if (lseek(*fd, (off_t)offset, SEEK_SET) < 0)
        return pd_fail_errno(err, PD_IO, "read it");
    for (size_t done = 0; done < n;) {
        ssize_t got = read(*fd, (char *)out + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return pd_fail_errno(err, PD_IO, "read it");
        if (got == 0)
            return pd_fail(err, PD_CONFLICT, "it became shorter while it was read");
        done += (size_t)got;
    }
    return PD_OK;
}

bool source_is_parquet_file(int fd, uint64_t *size) {
    char head[8];
    struct stat about;
    struct pd_error err;
    bool is_file =
        fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= (off_t)sizeof(head);
    if (!is_file || read_fd(&fd, 0, head, sizeof(head), &err) != PD_OK)
        return false;
    *size = (uint64_t)about.st_size;
    (void)lseek(fd, 0, SEEK_SET); /* what was a place to read from is one to go back to */
    return source_sniff((pd_str){head, sizeof(head)}) == SOURCE_PARQUET;
}

/* ---- Which columns and rows: NAME,NAME;NAME=LEAST..MOST ---- */

struct choice {
    size_t *columns;
    struct table_parquet_range range;
    struct table_parquet_wanted wanted;
};

static enum pd_status find_column(const struct table_parquet *parquet, pd_str name, size_t *out,
                                  struct pd_error *err) {
    size_t count = table_parquet_columns(parquet);
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(table_parquet_column(parquet, i)->name, name)) {
            *out = i;
            return PD_OK;
        }
    struct pd_buf names;
    pd_buf_init(&names, 1 << 16);
    size_t told = 0;
    for (; told < count && names.len < 500; told++)
        pd_buf_printf(&names, "%s%.*s", told ? ", " : "",
                      pd_arg(pd_str_sub(table_parquet_column(parquet, told)->name, 0, 100)));
    enum pd_status st =
        pd_fail(err, PD_NOT_FOUND, "it has no column \"%.*s\"; it has %.*s%s", pd_arg(name),
                pd_arg(pd_buf_view(&names)), told < count ? " and more" : "");
    pd_buf_clear(&names);
    return st;
}

static enum pd_status choose_columns(const struct table_parquet *parquet, pd_str names,
                                     struct choice *choice, struct pd_error *err) {
    size_t most = table_parquet_columns(parquet);
    choice->columns = calloc(most, sizeof(*choice->columns));
    if (choice->columns == NULL)
        return pd_fail_memory(err);
    choice->wanted.columns = choice->columns;
    enum pd_status st = PD_OK;
    pd_str name;
    while (st == PD_OK && pd_str_split(&names, ',', &name)) {
        size_t *n = &choice->wanted.column_count;
        if (*n == most)
            return pd_fail(err, PD_USAGE, "more columns are named than it has");
        st = find_column(parquet, name, &choice->columns[(*n)++], err);
    }
    return st;
}

static enum pd_status choose_rows(const struct table_parquet *parquet, pd_str rows,
                                  struct choice *choice, struct pd_error *err) {
    size_t equals = pd_str_find_char(rows, '='), column,
           dots = equals == PD_NPOS ? PD_NPOS : pd_str_find(rows, PD_STR(".."));
    if (dots == PD_NPOS || dots < equals)
        return pd_fail(err, PD_USAGE, "rows are chosen by COLUMN=LEAST..MOST, not \"%.*s\"",
                       pd_arg(rows));
    enum pd_status st = find_column(parquet, pd_str_sub(rows, 0, equals), &column, err);
    if (st != PD_OK)
        return st;
    size_t place = choice->wanted.columns == NULL ? column : 0;
    while (choice->wanted.columns != NULL && place < choice->wanted.column_count &&
           choice->columns[place] != column)
        place++;
    if (choice->wanted.columns != NULL && place == choice->wanted.column_count)
        return pd_fail(err, PD_USAGE,
                       "rows are chosen by \"%.*s\", which must be among the columns",
                       pd_arg(pd_str_sub(rows, 0, equals)));
    choice->range =
        (struct table_parquet_range){place, pd_str_sub(rows, equals + 1, dots - equals - 1),
                                     pd_str_sub(rows, dots + 2, SIZE_MAX)};
    choice->wanted.ranges = &choice->range;
    choice->wanted.range_count = 1;
    return PD_OK;
}

static enum pd_status choose(const struct table_parquet *parquet, pd_str part,
                             struct choice *choice, struct pd_error *err) {
    size_t at = pd_str_find_char(part, ';');
    pd_str names = at == PD_NPOS ? part : pd_str_sub(part, 0, at);
    enum pd_status st = names.len > 0 ? choose_columns(parquet, names, choice, err) : PD_OK;
    return st == PD_OK && at != PD_NPOS
               ? choose_rows(parquet, pd_str_sub(part, at + 1, SIZE_MAX), choice, err)
               : st;
}

/* ---- Rows ---- */

static enum pd_status write_header(void *context, const pd_str *names, size_t count,
                                   struct pd_error *err) {
    return table_write_row(context, names, count, err);
}

static enum pd_status write_rows(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    return table_write_batch(context, batch, err);
}

/* What was decided about columns of bytes, which somebody may have meant otherwise. */
static enum pd_status tell_bytes(const struct table_parquet *parquet, const bool *was_open,
                                 const struct source_sink *sink, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < table_parquet_columns(parquet); i++) {
        const struct table_parquet_column *c = table_parquet_column(parquet, i);
        if (was_open[i] && c->meaning != TABLE_PARQUET_PLAIN) /* else it wasn't read */
            st = source_note(sink, err,
                             "The column \"%.*s\" holds bytes, and the file does not say of what; "
                             "%s.",
                             pd_arg(c->name),
                             c->meaning == TABLE_PARQUET_TEXT
                                 ? "all of them are text, and are read as such"
                                 : "they are not text, and stand as hexadecimal digits");
    }
    return st;
}

static enum pd_status write_table(struct table_parquet *parquet,
                                  const struct table_parquet_wanted *wanted,
                                  const struct source_sink *sink, struct pd_error *err) {
    size_t columns = table_parquet_columns(parquet);
    bool *was_open = calloc(columns, sizeof(*was_open));
    if (was_open == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < columns; i++) {
        const struct table_parquet_column *c = table_parquet_column(parquet, i);
        was_open[i] = c->meaning == TABLE_PARQUET_PLAIN && c->type >= TABLE_PARQUET_BYTES;
    }
    struct table_writer *writer = NULL;
    enum pd_status st = source_records_new(sink, &writer, err);
    struct table_handler handler = {writer, write_header, write_rows, NULL};
    if (st == PD_OK)
        st = table_parquet_read(parquet, wanted, &handler, err);
    if (st == PD_OK)
        st = table_writer_finish(writer, err);
    if (st == PD_OK)
        st = tell_bytes(parquet, was_open, sink, err);
    table_writer_free(writer);
    free(was_open);
    return st;
}

static enum pd_status read_parquet(const struct table_parquet_input *input,
                                   const struct source_wanted *wanted,
                                   const struct source_sink *sink, struct pd_error *err) {
    struct table_parquet *parquet;
    struct choice choice = {.columns = NULL};
    enum pd_status st = table_parquet_open(input, 0, &parquet, err);
    if (st != PD_OK)
        return st;
    st = choose(parquet, wanted->part, &choice, err);
    if (st == PD_OK && wanted->part.len > 0)
        st = sink->tell(sink->context, SOURCE_TELLS_PART, wanted->part, err);
    if (st == PD_OK)
        st = write_table(parquet, &choice.wanted, sink, err);
    free(choice.columns);
    table_parquet_close(parquet);
    return st;
}

/* ---- Doors ---- */

enum pd_status source_parquet(pd_str bytes, const struct source_wanted *wanted,
                              const struct source_sink *sink, struct pd_error *err) {
    struct table_parquet_input input = table_parquet_input_of(&bytes);
    return read_parquet(&input, wanted, sink, err);
}

enum pd_status source_parquet_file(int fd, uint64_t size, const struct source_wanted *wanted,
                                   const struct source_sink *sink, struct pd_error *err) {
    struct table_parquet_input input = {&fd, size, read_fd};
    enum pd_status st = sink->tell(sink->context, SOURCE_TELLS_FORM,
                                   pd_str_from(source_form_code(SOURCE_PARQUET)), err);
    return st == PD_OK ? read_parquet(&input, wanted, sink, err) : st;
}
