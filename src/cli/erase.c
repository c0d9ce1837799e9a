/* polder erase, erase agree: where a person is, and taking the person out of what is stored. */
#include "cli/step.h"

#include <stdlib.h>
#include <string.h>

enum { IDENTIFIERS_MAX = 16, PERSON_BYTES_MAX = 1 << 14, ROWS_SHOWN = 10 };

static void wipe(pd_str text) {
    if (text.len) /* the arena's copy */
        crypto_wipe((char *)(uintptr_t)text.data, text.len);
}

/* ---- The person ---- */

static enum pd_status add_identifier(struct govern_erasing *e, pd_str text, struct pd_error *err) {
    pd_str *list = (pd_str *)(uintptr_t)e->identifiers;
    text = pd_str_trim(text);
    if (!text.len)
        return PD_OK;
    if (e->identifier_count == IDENTIFIERS_MAX)
        return pd_fail(err, PD_USAGE, "at most %d identifiers of one person can be given",
                       IDENTIFIERS_MAX);
    list[e->identifier_count++] = text;
    return PD_OK;
}

static enum pd_status read_input(struct cli *cli, pd_str *out, struct pd_error *err) {
    char *bytes = pd_arena_alloc(cli->arena, PERSON_BYTES_MAX + 1);
    if (!bytes)
        return pd_fail_memory(err);
    size_t n = fread(bytes, 1, PERSON_BYTES_MAX + 1, stdin);
    if (ferror(stdin))
        return pd_fail_errno(err, PD_IO, "read standard input");
    if (n > PERSON_BYTES_MAX)
        return pd_fail(err, PD_LIMIT, "identifiers on standard input have at most %d bytes",
                       PERSON_BYTES_MAX);
    *out = (pd_str){bytes, n};
    return PD_OK;
}

/* From the command line, which others of this machine may see, or better from a file, a line each.
 */
static enum pd_status read_person(struct cli *cli, const struct pd_args *args,
                                  struct govern_erasing *e, pd_str *file, struct pd_error *err) {
    const char *path = pd_args_get(args, "person-file");
    pd_str *list = pd_arena_array(cli->arena, IDENTIFIERS_MAX, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    e->identifiers = list;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < pd_args_count(args, "person"); i++)
        st = add_identifier(e, pd_str_from(pd_args_nth(args, "person", i)), err);
    if (st == PD_OK && path)
        st = strcmp(path, "-") == 0 ? read_input(cli, file, err)
                                    : cli_file_read(cli, path, PERSON_BYTES_MAX, file, err);
    pd_str rest = *file, line;
    while (st == PD_OK && rest.len && pd_str_split(&rest, '\n', &line))
        st = add_identifier(e, line, err);
    if (st == PD_OK && e->identifier_count == 0)
        st = pd_fail(err, PD_USAGE,
                     "whom? Give --person-file FILE (a line for each identifier; - for standard "
                     "input), or --person ID");
    return st;
}

static enum pd_status read_facts(struct cli *cli, const struct pd_args *args,
                                 struct govern_erasing *e, struct pd_error *err) {
    size_t n = pd_args_count(args, "fact");
    struct govern_declared *facts = pd_arena_array(cli->arena, n + 1, sizeof(*facts));
    enum pd_status st = facts ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = cli_parse_fact(pd_args_nth(args, "fact", i), &facts[i].name, &facts[i].value, err);
    e->facts = facts;
    e->fact_count = n;
    return st;
}

/* ---- What holds the person ---- */

static pd_str join_rows(const struct cli_report *r, const struct govern_held *h) {
    pd_str list = PD_STR("");
    for (size_t i = 0; i < h->row_count && i < ROWS_SHOWN; i++)
        list = pd_arena_printf(r->arena, "%.*s%s%.*s", pd_arg(list), i ? ", " : "",
                               pd_arg(cli_number(r->arena, h->rows[i] + 1)));
    return h->row_count > ROWS_SHOWN ? pd_arena_printf(r->arena, "%.*s, ...", pd_arg(list)) : list;
}

static pd_str join_columns(const struct cli_report *r, const struct govern_held *h) {
    pd_str list = PD_STR("");
    for (size_t i = 0; i < h->column_count; i++)
        list = pd_arena_printf(r->arena, "%.*s%s%.*s", pd_arg(list), i ? ", " : "",
                               pd_arg(h->columns[i]));
    return list;
}

static void tell_held(const struct cli_report *r, const struct govern_held *h) {
    cli_say(r->out, 2, 4, "%.*s of %.*s: %.*s of %.*s rows (%s %.*s)", pd_arg(h->title),
            pd_arg(h->party), pd_arg(cli_number(r->arena, h->row_count)),
            pd_arg(cli_number(r->arena, h->rows_in_all)), h->row_count == 1 ? "row" : "rows",
            pd_arg(join_rows(r, h)));
    if (h->is_original)
        cli_say(r->out, 4, 6, "stored: version %.*s", pd_arg(h->version));
    else if (h->released_as.len)
        cli_say(r->out, 4, 6,
                "open to everybody: distribution %.*s, file %.*s. Whoever has the old file and the "
                "new one sees which rows are gone.",
                pd_arg(h->id), pd_arg(h->released_as));
    else
        cli_say(r->out, 4, 6, "shared with %.*s, which keeps what it has: distribution %.*s",
                pd_arg(h->disclosed_to), pd_arg(h->id));
    cli_say(r->out, 4, 6, "known by %.*s", pd_arg(join_columns(r, h)));
}

static void tell_all(const struct cli_report *r, const struct govern_held *held, size_t count) {
    if (count == 0)
        cli_say(r->out, 0, 2, "No stored file of this node holds these identifiers.");
    else
        cli_say(r->out, 0, 2, "%zu stored file%s hold%s this person", count, count == 1 ? "" : "s",
                count == 1 ? "s" : "");
    for (size_t i = 0; i < count; i++)
        tell_held(r, &held[i]);
}

static void write_held(struct pd_json *w, const struct govern_held *held, size_t count) {
    pd_json_key(w, "held");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct govern_held *h = &held[i];
        pd_json_object(w);
        pd_json_member_str(w, "id", h->id);
        pd_json_member_text(w, "kind", h->is_original ? "version" : "distribution");
        pd_json_member_str(w, "version", h->version);
        pd_json_member_str(w, "dataset", h->dataset);
        pd_json_member_str(w, "party", h->party);
        pd_json_key(w, "title");
        pd_json_raw(w, h->title);
        pd_json_member_str(w, "disclosed_to", h->disclosed_to);
        pd_json_member_str(w, "released_as", h->released_as);
        pd_json_member_i64(w, "rows_in_all", (int64_t)h->rows_in_all);
        pd_json_key(w, "rows");
        pd_json_array(w);
        for (size_t k = 0; k < h->row_count; k++)
            pd_json_i64(w, (int64_t)h->rows[k] + 1);
        pd_json_array_end(w);
        pd_json_key(w, "columns");
        pd_json_array(w);
        for (size_t k = 0; k < h->column_count; k++)
            pd_json_str(w, h->columns[k]);
        pd_json_array_end(w);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

/* ---- erase: looking, and asking ---- */

static void write_asked(const struct govern_held *held, size_t count, const pd_id *request,
                        const struct govern_outcome *outcome, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    write_held(&w, held, count);
    cli_step_write_request(&w, request);
    cli_step_write_outcome(&w, outcome);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_asked(const struct cli_report *r, const struct govern_held *held, size_t count,
                       const pd_id *request, const struct govern_outcome *outcome) {
    tell_all(r, held, count);
    if (outcome) {
        char id[PD_ID_TEXT_SIZE];
        pd_id_write(*request, id);
        cli_say(r->out, 0, 2,
                "Asked for; nothing is erased yet. Another party agrees with: polder erase agree "
                "%s --data %s --party ... --member ... --key ... --yes",
                id, r->folder);
        cli_report_placed(r, outcome);
    } else if (count) {
        cli_say(r->out, 0, 2,
                "Nothing was done: --yes asks for new versions without these rows, and for the old "
                "ones to become unreadable for ever, in backups too.");
    }
}

static enum pd_status read_actor(struct cli *cli, const struct pd_args *args,
                                 struct govern_erasing *e, bool may, struct pd_error *err) {
    static const char *const needed[] = {"party", "member", "key", "reason"};
    for (size_t i = 0; may && i < sizeof(needed) / sizeof(*needed); i++)
        if (!pd_args_get(args, needed[i]))
            return pd_fail(err, PD_USAGE, "--yes asks for it, and needs --%s", needed[i]);
    if (!may)
        return PD_OK;
    e->party = pd_str_from(pd_args_get(args, "party"));
    e->member = pd_str_from(pd_args_get(args, "member"));
    e->reason = pd_str_from(pd_args_get(args, "reason"));
    return cli_key_read(cli, pd_args_get(args, "key"), &e->private_key, err);
}

int cli_erase(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data"), *dataset = pd_args_get(args, "dataset");
    bool may = pd_args_has(args, "yes");
    struct govern_erasing e = {.dataset = pd_str_from(dataset ? dataset : "")};
    struct govern *g = NULL;
    const struct govern_held *held = NULL;
    const struct govern_outcome *outcome = NULL;
    size_t count = 0;
    pd_id request = {0};
    pd_str file = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = read_person(cli, args, &e, &file, &err);
    if (st == PD_OK)
        st = read_facts(cli, args, &e, &err);
    if (st == PD_OK)
        st = read_actor(cli, args, &e, may, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, may ? STORE_WRITE : STORE_READ, "erase", &g, &err);
    if (st == PD_OK)
        st = govern_erase_find(g, &e, cli->arena, &held, &count, &err);
    if (st == PD_OK && may)
        st = govern_erase_ask(g, &e, cli->arena, &request, &outcome, &err);
    wipe(e.private_key);
    wipe(file);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_asked(held, count, may ? &request : NULL, outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        tell_asked(&r, held, count, &request, outcome);
    }
    return cli_step_end(cli, g, st, may, may || count == 0, &out, &err);
}

/* ---- erase agree ---- */

static void tell_erased(const struct cli_report *r, const struct govern_erased *e) {
    pd_str for_k = e->for_k ? pd_arena_printf(r->arena,
                                              " (%.*s of them since their class became "
                                              "too small)",
                                              pd_arg(cli_number(r->arena, e->for_k)))
                            : PD_STR("");
    cli_say(r->out, 2, 4, "%.*s: %.*s row%s gone%.*s, %.*s stay", pd_arg(e->title),
            pd_arg(cli_number(r->arena, e->rows_removed)), e->rows_removed == 1 ? "" : "s",
            pd_arg(for_k), pd_arg(cli_number(r->arena, e->rows_left)));
    cli_say(r->out, 4, 6, "%.*s can't be read by anybody any more", pd_arg(e->old_id));
    if (e->new_id.len)
        cli_say(r->out, 4, 6, "%.*s took its place%s%.*s", pd_arg(e->new_id),
                e->released_as.len ? ", file " : "", pd_arg(e->released_as));
    else
        cli_say(r->out, 4, 6, "withdrawn, and nothing took its place: %.*s", pd_arg(e->why));
    cli_report_placed(r, e->outcome);
}

struct agreeing {
    pd_str party, reason; /* who asked, and why */
    const struct govern_held *held;
    size_t count;
    const struct govern_erased *erased;
    size_t done;
};

static void write_erased(struct pd_json *w, const struct cli_step *s, const void *state) {
    const struct agreeing *a = state;
    (void)s;
    write_held(w, a->held, a->count);
    pd_json_key(w, "erased");
    pd_json_array(w);
    for (size_t i = 0; i < a->done; i++) {
        const struct govern_erased *e = &a->erased[i];
        pd_json_object(w);
        pd_json_member_str(w, "old", e->old_id);
        pd_json_member_str(w, "new", e->new_id);
        pd_json_member_str(w, "released_as", e->released_as);
        pd_json_member_str(w, "why", e->why);
        pd_json_member_i64(w, "rows_removed", (int64_t)e->rows_removed);
        pd_json_member_i64(w, "removed_for_k", (int64_t)e->for_k);
        pd_json_member_i64(w, "rows_left", (int64_t)e->rows_left);
        cli_step_write_outcome(w, e->outcome);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void tell_agreed(const struct cli_report *r, const struct cli_step *s, const void *state) {
    const struct agreeing *a = state;
    cli_say(r->out, 0, 2, "%.*s asked for this: %.*s", pd_arg(a->party), pd_arg(a->reason));
    if (!s->may) {
        tell_all(r, a->held, a->count);
        cli_say(r->out, 0, 2, "Nothing was done: --yes agrees.");
    }
    for (size_t i = 0; i < a->done; i++)
        tell_erased(r, &a->erased[i]);
}

static enum pd_status take_agree(struct cli_step *s, void *state, struct pd_error *err) {
    struct agreeing *a = state;
    struct pd_arena *arena = s->cli->arena;
    enum pd_status st = govern_erase_request(s->g, s->d.id, arena, &a->party, &a->reason, &a->held,
                                             &a->count, err);
    return st == PD_OK && s->may
               ? govern_erase_agree(s->g, &s->d, arena, &a->erased, &a->done, err)
               : st;
}

int cli_erase_agree(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    static const struct cli_step_kind kind = {
        .name = "erase agree", .take = take_agree, .tell = tell_agreed, .write = write_erased};
    struct agreeing a = {0};
    return cli_step_run(context, args, &kind, &a);
}

int cli_erase_withdraw(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    (void)command;
    return cli_step_withdraw(context, args, true);
}
