/* polder standard repair: what could be done about the rows that fail, shown, and agreed to by
 * name; what the table would then be. Carrying it out as a version is an act: polder govern
 * --repair. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct repairing {
    struct cli *cli;
    struct source *source, *believed, *mended;
    pd_str standard_text;
    const struct standard *standard;
    struct govern_form form;
    struct govern_check check;
    struct govern_repairs found;
    struct standard_repair *list; /* with what was agreed to */
    struct standard_repair_file file;
    struct standard_checker *checkers[2];
    const struct standard_report *was, *is;
    uint64_t done;
};

static const char *spool_folder(void) {
    const char *spool = getenv("TMPDIR");
    return spool && *spool ? spool : "/tmp";
}

/* ---- Agreeing ---- */

/* "sex:enum:label"; of whole rows "rows:primaryKey:drop". */
static pd_str group_name(struct pd_arena *arena, const struct standard_repair *r) {
    return pd_arena_printf(arena, "%.*s:%.*s:%s",
                           pd_arg(r->column.len ? r->column : PD_STR("rows")), pd_arg(r->check),
                           standard_method_name(r->method));
}

/* A whole name, or one with its last words left out: "sex", "sex:enum". */
static bool is_meant(pd_str group, pd_str given) {
    return pd_str_starts(group, given) && (group.len == given.len || group.data[given.len] == ':');
}

static enum pd_status agree(struct repairing *r, pd_str given, struct pd_error *err) {
    bool is_certain = pd_str_is(given, "certain"), has_any = false, has_open = false;
    for (size_t i = 0; i < r->found.repairs.count; i++) {
        struct standard_repair *repair = &r->list[i];
        struct pd_mark mark = pd_arena_mark(r->cli->arena);
        bool is = is_certain ? repair->confidence == STANDARD_CERTAIN
                             : is_meant(group_name(r->cli->arena, repair), given);
        pd_arena_reset(r->cli->arena, mark);
        has_open |= is && repair->confidence == STANDARD_OPEN;
        is = is && repair->confidence != STANDARD_OPEN;
        repair->is_agreed |= is;
        has_any |= is;
    }
    if (has_any || (is_certain && r->found.repairs.count > 0))
        return PD_OK;
    return pd_fail(err, PD_USAGE, "--agree=\"%.*s\": %s", pd_arg(given),
                   has_open
                       ? "what is open has several readings or none: write it to a file (--out) "
                         "and choose there"
                       : "there is no repair of this name; they stand before each group, as in "
                         "COLUMN:CHECK:METHOD, or all that are certain: certain");
}

/* A file that a person has read and changed, in place of what is found now. */
static enum pd_status take_file(struct repairing *r, const char *path, struct pd_error *err) {
    pd_str text;
    enum pd_status st = cli_file_read(r->cli, path, STANDARD_REPAIR_BYTES_MOST, &text, err);
    if (st == PD_OK && standard_repair_parse(text, r->cli->arena, &r->file, err) != PD_OK)
        return pd_wrap(err, "%s", path);
    if (st != PD_OK)
        return st;
    crypto_hash standard = crypto_sha256(r->standard_text.data, r->standard_text.len);
    char of_standard[2 * CRYPTO_HASH_SIZE + 1], of_source[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(standard.bytes, CRYPTO_HASH_SIZE, of_standard);
    pd_hex_encode(r->found.content.bytes, CRYPTO_HASH_SIZE, of_source);
    if (!pd_str_is(r->file.standard_hash, of_standard) ||
        !pd_str_is(r->file.source_hash, of_source))
        return pd_fail(err, PD_CONFLICT, "%s: its repairs were proposed for another %s", path,
                       pd_str_is(r->file.source_hash, of_source) ? "standard" : "table");
    r->list = pd_arena_array(r->cli->arena, r->file.repairs.count + 1, sizeof(*r->list));
    if (!r->list)
        return pd_fail_memory(err);
    if (r->file.repairs.count > 0)
        memcpy(r->list, r->file.repairs.list, r->file.repairs.count * sizeof(*r->list));
    return PD_OK;
}

static enum pd_status agree_all(struct repairing *r, const struct pd_args *args,
                                struct pd_error *err) {
    if (pd_args_has(args, "repairs"))
        return take_file(r, pd_args_get(args, "repairs"), err);
    size_t count = pd_args_count(args, "agree");
    const char *member = pd_args_get(args, "member");
    enum pd_status st = PD_OK;
    r->list = pd_arena_array(r->cli->arena, r->found.repairs.count + 1, sizeof(*r->list));
    if (!r->list)
        return pd_fail_memory(err);
    if (r->found.repairs.count > 0)
        memcpy(r->list, r->found.repairs.list, r->found.repairs.count * sizeof(*r->list));
    if (count > 0 && (!member || !*member))
        return pd_fail(err, PD_USAGE, "--agree needs --member: who it is that agrees");
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = agree(r, pd_str_from(pd_args_nth(args, "agree", i)), err);
    crypto_hash standard = crypto_sha256(r->standard_text.data, r->standard_text.len);
    char *hex = pd_arena_alloc(r->cli->arena, 4 * CRYPTO_HASH_SIZE + 2);
    if (!hex)
        return pd_fail_memory(err);
    char *source = hex + 2 * CRYPTO_HASH_SIZE + 1;
    pd_hex_encode(standard.bytes, CRYPTO_HASH_SIZE, hex);
    pd_hex_encode(r->found.content.bytes, CRYPTO_HASH_SIZE, source);
    r->file = (struct standard_repair_file){.standard_name = standard_name(r->standard),
                                            .standard_hash = pd_str_from(hex),
                                            .source_name = source_name(r->source),
                                            .source_hash = pd_str_from(source),
                                            .agreed_by = pd_str_from(count ? member : ""),
                                            .repairs = r->found.repairs};
    r->file.repairs.list = r->list;
    return st;
}

/* ---- Telling ---- */

static const char *const method_words[STANDARD_METHOD_COUNT] = {
    [STANDARD_TRIM] = "without blanks around it",
    [STANDARD_WIDTH] = "in narrow characters",
    [STANDARD_CASE] = "capitals and small letters",
    [STANDARD_MARKS] = "without blanks and hyphens within",
    [STANDARD_ZEROS] = "zeros that were lost",
    [STANDARD_SPREADSHEET] = "what a spreadsheet left behind",
    [STANDARD_MISSING] = "words that mean that there is no value",
    [STANDARD_BOOLEAN_WORD] = "words for true and false",
    [STANDARD_MOMENT] = "dates as the field writes them",
    [STANDARD_GROUPS] = "numbers as the field writes them",
    [STANDARD_UNIT] = "units",
    [STANDARD_LABEL] = "codes for what they are called",
    [STANDARD_SPELLING] = "misspellings of a code",
    [STANDARD_DERIVED_VALUE] = "what an identifier in the row says",
    [STANDARD_FILL] = "what the authoritative table says",
    [STANDARD_RENAME] = "names of columns",
    [STANDARD_DROP] = "rows that are there twice",
    [STANDARD_CHOSEN] = "chosen by a person",
};

static bool is_same_group(const struct standard_repair *a, const struct standard_repair *b) {
    return a->method == b->method && a->confidence == b->confidence &&
           pd_str_eq(a->column, b->column) && pd_str_eq(a->check, b->check);
}

static void tell_repair(const struct cli_report *r, const struct standard_repair *repair) {
    struct pd_buf line;
    pd_buf_init(&line, 0);
    if (repair->row > 0)
        pd_buf_printf(&line, "line %" PRIu64 ": ", repair->line);
    if (repair->method != STANDARD_DROP)
        pd_buf_printf(&line, "\"%.*s\" -> ", pd_arg(pd_str_sub(repair->before, 0, 80)));
    if (repair->after.data)
        pd_buf_printf(&line, "\"%.*s\"", pd_arg(pd_str_sub(repair->after, 0, 80)));
    for (size_t i = 0; i < repair->choice_count; i++)
        pd_buf_printf(&line, "%s\"%.*s\"", i ? " or " : "",
                      pd_arg(pd_str_sub(repair->choices[i], 0, 80)));
    pd_buf_printf(&line, "%s%.*s", repair->method == STANDARD_DROP ? "" : ": ",
                  pd_arg(repair->why));
    cli_paragraph(r->out, 4, 8, pd_buf_view(&line));
    pd_buf_clear(&line);
}

static void tell_group(const struct repairing *p, const struct cli_report *r, size_t first,
                       bool *is_told, uint64_t most) {
    const struct standard_repair *group = &p->list[first];
    size_t count = 0, agreed = 0;
    for (size_t i = first; i < p->file.repairs.count; i++)
        if (is_same_group(&p->list[i], group)) {
            count++;
            agreed += p->list[i].is_agreed;
        }
    pd_buf_char(r->out, '\n');
    cli_say(r->out, 2, 4, "%.*s, %s, %.*s: %s%s", pd_arg(group_name(r->arena, group)),
            group->confidence == STANDARD_OPEN ? "open: a person must choose"
                                               : standard_confidence_name(group->confidence),
            pd_arg(cli_number(r->arena, count)), method_words[group->method],
            agreed == count ? "; agreed"
            : agreed        ? "; agreed in part"
                            : "");
    uint64_t shown = 0;
    for (size_t i = first; i < p->file.repairs.count; i++) {
        if (!is_same_group(&p->list[i], group))
            continue;
        is_told[i] = true;
        if (shown++ < most)
            tell_repair(r, &p->list[i]);
    }
    if (shown > most)
        cli_say(r->out, 4, 8, "... and %.*s more; --out writes all of them",
                pd_arg(cli_number(r->arena, shown - most)));
}

static void tell(const struct repairing *p, const struct cli_report *r, uint64_t most,
                 const char *out_path) {
    const struct standard_repairs *all = &p->file.repairs;
    bool *is_told = pd_arena_array(r->arena, all->count + 1, sizeof(*is_told));
    pd_str title = standard_title(p->standard, "en");
    size_t open = 0;
    if (!is_told)
        return;
    for (size_t i = 0; i < all->count; i++)
        open += p->list[i].confidence == STANDARD_OPEN;
    cli_say(r->out, 0, 2,
            "%.*s against the standard%s%.*s: %.*s failures, of which %.*s could be repaired, %.*s "
            "need a choice, and for %.*s nothing is known.",
            pd_arg(source_name(p->source)), title.len ? ", " : "", pd_arg(title),
            pd_arg(cli_number(r->arena, p->was->failures)),
            pd_arg(cli_number(r->arena, all->count - open)), pd_arg(cli_number(r->arena, open)),
            pd_arg(cli_number(r->arena, all->unmended)));
    uint64_t told = all->count + all->unmended;
    if (p->was->failures > told) /* of the header, of the table as a whole, of one cell twice */
        cli_say(r->out, 2, 2, "The other %.*s no repair of a cell mends: polder standard check.",
                pd_arg(cli_number(r->arena, p->was->failures - told)));
    for (size_t i = 0; i < all->count; i++)
        if (!is_told[i])
            tell_group(p, r, i, is_told, most);
    if (all->left_out > 0)
        cli_say(r->out, 2, 4, "%.*s more repairs are left out: apply these, then look again.",
                pd_arg(cli_number(r->arena, all->left_out)));
    pd_buf_char(r->out, '\n');
    if (p->is) {
        cli_say(r->out, 0, 2,
                "With the %.*s repairs that are agreed to:", pd_arg(cli_number(r->arena, p->done)));
        cli_report_mended(r, p->was, p->is);
    } else if (all->count > 0) {
        cli_say(r->out, 0, 2,
                "Nothing is changed. Agree with --agree=NAME --member=WHO, or in the file that "
                "--out writes.");
    }
    if (out_path && p->file.agreed_by.len > 0)
        cli_say(
            r->out, 0, 2,
            "As a new version, through the law: polder govern %.*s --standard ... --repair %.*s "
            "--for store ...",
            pd_arg(cli_quote(r->arena, source_path(p->source))),
            pd_arg(cli_quote(r->arena, pd_str_from(out_path))));
}

static void write_answer(const struct repairing *p, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "failures", (int64_t)p->was->failures);
    pd_json_key(&w, "repairs");
    standard_repair_write(&p->file, &w);
    pd_json_key(&w, "mended");
    if (p->is)
        cli_json_mended(&w, p->was, p->is);
    else
        pd_json_null(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* ---- Files ---- */

static enum pd_status write_file(const struct repairing *p, const char *path,
                                 struct pd_error *err) {
    struct pd_buf out;
    struct pd_json w;
    pd_buf_init(&out, STANDARD_REPAIR_BYTES_MOST);
    pd_json_init(&w, &out, PD_JSON_PRETTY);
    standard_repair_write(&p->file, &w);
    pd_json_clear(&w);
    pd_buf_char(&out, '\n');
    enum pd_status st = pd_buf_check(&out, err);
    if (st == PD_OK)
        st = cli_file_write_private(path, pd_buf_view(&out), err);
    pd_buf_clear(&out);
    return st;
}

static enum pd_status to_buf(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct pd_buf *out = context;
    pd_buf_add(out, bytes, n);
    return pd_buf_check(out, err);
}

static enum pd_status write_table(struct repairing *p, const char *path, struct pd_error *err) {
    struct pd_buf out;
    if (!p->mended)
        return pd_fail(err, PD_USAGE,
                       "--table writes the table with the repairs that are agreed "
                       "to, and none is (--agree)");
    pd_buf_init(&out, (size_t)4 << 30);
    enum pd_status st = source_each(p->mended, to_buf, NULL, &out, NULL, err);
    if (st == PD_OK)
        st = cli_file_write_private(path, pd_buf_view(&out), err);
    pd_buf_clear(&out);
    return st;
}

/* ---- The course ---- */

/* --key=COLUMN, or --key=HERE=THERE where the tables call it differently. */
static enum pd_status open_believed(struct repairing *p, const struct pd_args *args,
                                    struct govern_authority *out, struct pd_error *err) {
    const char *from = pd_args_get(args, "from"), *key = pd_args_get(args, "key");
    if (!from != !key)
        return pd_fail(err, PD_USAGE,
                       "--from names the authoritative table and --key the column that is in both: "
                       "they go together");
    if (!from)
        return PD_OK;
    pd_str whole = pd_str_from(key);
    size_t equals = pd_str_find_char(whole, '=');
    out->as = pd_str_sub(whole, 0, equals == PD_NPOS ? whole.len : equals);
    out->key = equals == PD_NPOS ? whole : pd_str_sub(whole, equals + 1, whole.len);
    enum pd_status st = source_open(from, STDIN_FILENO, spool_folder(), 0, &p->believed, err);
    out->source = p->believed;
    return st;
}

static enum pd_status find(struct repairing *p, const struct pd_args *args, struct pd_error *err) {
    struct govern_authority believed = {0};
    enum pd_status st = cli_standard_text(p->cli, pd_args_operand(args, 0), &p->standard_text, err);
    if (st == PD_OK && standard_parse(p->standard_text, p->cli->arena, &p->standard, err) != PD_OK)
        st = pd_wrap(err, "%s", pd_args_operand(args, 0));
    if (st == PD_OK)
        st = open_believed(p, args, &believed, err);
    if (st == PD_OK)
        st = cli_standard_open(p->cli, args, 1, &p->source, err);
    if (st != PD_OK)
        return st;
    p->check = cli_standard_how(p->cli, p->standard, &p->form);
    st = cli_standard_references(p->cli, args, p->standard, &p->check, err);
    if (st == PD_OK)
        st = govern_check_run(&p->check, p->source, &p->checkers[0], &p->was, err);
    if (st == PD_OK)
        st = govern_repairs_find(&p->check, p->source, p->believed ? &believed : NULL, &p->found,
                                 err);
    return st;
}

/* The table as it would be, so that what is agreed to is seen before anybody acts on it. */
static enum pd_status preview(struct repairing *p, struct pd_error *err) {
    crypto_hash content;
    struct govern_check after = p->check;
    bool has_any = false;
    for (size_t i = 0; i < p->file.repairs.count; i++)
        has_any |= p->list[i].is_agreed;
    if (!has_any)
        return PD_OK;
    enum pd_status st = govern_repairs_apply(&p->check, p->source, &p->file.repairs, spool_folder(),
                                             &p->mended, &p->done, &content, err);
    after.form = NULL;
    return st == PD_OK ? govern_check_run(&after, p->mended, &p->checkers[1], &p->is, err) : st;
}

int cli_standard_repair(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    struct repairing p = {.cli = context, .form = cli_form(args)};
    struct pd_error err = {0};
    const char *out_path = pd_args_get(args, "out"), *table = pd_args_get(args, "table-out");
    uint64_t most = 10;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_count(args, "rows", 10, &most, &err);
    if (st == PD_OK)
        st = find(&p, args, &err);
    if (st == PD_OK)
        st = agree_all(&p, args, &err);
    if (st == PD_OK)
        st = preview(&p, &err);
    cli_progress_end(p.cli);
    if (st == PD_OK && out_path)
        st = write_file(&p, out_path, &err);
    if (st == PD_OK && table)
        st = write_table(&p, table, &err);
    struct cli_report r = {&out, p.cli->arena, NULL, NULL};
    if (st == PD_OK && pd_args_has(args, "json"))
        write_answer(&p, &out);
    else if (st == PD_OK)
        tell(&p, &r, most, out_path);
    for (size_t i = 0; i < 2; i++)
        standard_checker_free(p.checkers[i]);
    govern_repairs_clear(&p.found);
    cli_standard_close(&p.check);
    source_close(p.mended);
    source_close(p.believed);
    source_close(p.source);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}
