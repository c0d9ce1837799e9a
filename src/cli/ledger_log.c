/* polder ledger show, logs, anchor: what the logs hold, and what the public one knows of the
 * others. */
#include "cli/cli.h"

#include <jansson.h>
#include <string.h>

/* ---- Showing a log ---- */

enum { LOG_JSON_MAX = 64 << 20 };

static pd_str text_of(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
}

/* The log as govern_log_write tells it; the caller json_decrefs it. */
static enum pd_status load_log(struct govern *g, pd_str log, uint64_t from, uint64_t count,
                               json_t **out, struct pd_error *err) {
    struct pd_buf text;
    struct pd_json w;
    pd_buf_init(&text, 0);
    pd_json_init(&w, &text, PD_JSON_COMPACT);
    enum pd_status st = govern_log_write(g, log, from, count, &w, err);
    pd_json_clear(&w);
    if (st == PD_OK)
        st = pd_buf_check(&text, err);
    if (st == PD_OK)
        st = pd_json_parse(pd_buf_view(&text), LOG_JSON_MAX, 16, out, err);
    pd_buf_clear(&text);
    return st;
}

enum pd_status cli_log_find(struct cli *cli, struct govern *g, const struct pd_args *args,
                            const struct govern_log **out, struct pd_error *err) {
    const char *name = pd_args_get(args, "log");
    enum pd_status st =
        govern_log_find(g, pd_str_from(name ? name : "public"), cli->arena, out, err);
    if (st != PD_NOT_FOUND)
        return st;
    pd_wrap(err, "--log");
    err->status = PD_USAGE;
    return PD_USAGE;
}

static enum pd_status tell_log(struct cli *cli, const json_t *log, struct pd_buf *out,
                               struct pd_error *err) {
    static const struct cli_column columns[] = {
        {"Leaf", true, 0},    {"Time", false, 0},   {"Verb", false, 0}, {"Outcome", false, 0},
        {"Party", false, 24}, {"Object", false, 0}, {"Act", false, 36}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    const json_t *leaves = json_object_get(log, "leaves"), *entry;
    size_t count = json_array_size(leaves), i;
    pd_str *cells = pd_arena_array(cli->arena, count ? count * N : 1, sizeof(*cells));
    if (!cells)
        return pd_fail_memory(err);
    json_array_foreach(leaves, i, entry) {
        const json_t *leaf = json_object_get(entry, "leaf");
        json_int_t index = json_integer_value(json_object_get(entry, "index"));
        pd_str row[N] = {cli_number(cli->arena, (uint64_t)index),
                         text_of(leaf, "time"),
                         text_of(leaf, "verb"),
                         text_of(leaf, "outcome"),
                         text_of(leaf, "party"),
                         text_of(json_object_get(leaf, "object"), "kind"),
                         text_of(leaf, "act")};
        memcpy(&cells[i * N], row, sizeof(row));
    }
    pd_buf_printf(
        out, "Log %.*s, size %.*s\nVerifier key %.*s\n\n", pd_arg(text_of(log, "origin")),
        pd_arg(cli_number(cli->arena, (uint64_t)json_integer_value(json_object_get(log, "size")))),
        pd_arg(text_of(log, "vkey")));
    cli_table(out, 0, columns, N, cells, count);
    if (text_of(log, "checkpoint").len)
        pd_buf_printf(out, "\nNewest checkpoint\n%.*s", pd_arg(text_of(log, "checkpoint")));
    return PD_OK;
}

int cli_ledger_show(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_log *log;
    uint64_t from, count;
    json_t *json = NULL;
    enum pd_status st = cli_parse_count(args, "from", UINT64_MAX, &from, &err);
    if (st == PD_OK)
        st = cli_parse_count(args, "count", 20, &count, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "ledger", &g, &err);
    if (st == PD_OK)
        st = cli_log_find(cli, g, args, &log, &err);
    if (st == PD_OK)
        st = load_log(g, log->name, from, count, &json, &err);
    govern_close(g);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_value(&w, json);
        pd_json_clear(&w);
        pd_buf_char(&out, '\n');
    } else if (st == PD_OK) {
        st = tell_log(cli, json, &out, &err);
    }
    json_decref(json);
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_fail(&err);
}

/* ---- The logs ---- */

static pd_str date_of(struct cli *cli, pd_time t) {
    char text[PD_TIME_TEXT_SIZE];
    if (!t)
        return PD_STR("");
    pd_time_write(t, PD_TIME_DATE, text);
    return pd_arena_str(cli->arena, pd_str_from(text));
}

static enum pd_status tell_logs(struct cli *cli, const struct govern_log *logs, size_t count,
                                struct pd_buf *out, struct pd_error *err) {
    static const struct cli_column columns[] = {
        {"Log", false, 0},  {"Leaves", true, 0}, {"Anchored", true, 0}, {"Last anchor", false, 0},
        {"From", false, 0}, {"Until", false, 0}, {"Pruned", false, 0}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    pd_str *cells = pd_arena_array(cli->arena, count ? count * N : 1, sizeof(*cells));
    if (!cells)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct govern_log *l = &logs[i];
        bool is_shard = l->log == LEDGER_RESTRICTED;
        pd_str row[N] = {l->name,
                         cli_number(cli->arena, l->size),
                         is_shard ? cli_number(cli->arena, l->anchored) : PD_STR(""),
                         date_of(cli, l->anchored_at),
                         date_of(cli, l->starts_at),
                         date_of(cli, l->ends_at),
                         date_of(cli, l->pruned_at)};
        memcpy(&cells[i * N], row, sizeof(row));
    }
    cli_table(out, 0, columns, N, cells, count);
    return PD_OK;
}

static void member_time(struct pd_json *w, const char *key, pd_time t) {
    pd_json_key(w, key);
    if (t)
        pd_json_time(w, t);
    else
        pd_json_null(w);
}

static void write_logs(const struct govern_log *logs, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "logs");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct govern_log *l = &logs[i];
        pd_json_object(&w);
        pd_json_member_str(&w, "name", l->name);
        pd_json_member_str(&w, "origin", l->origin);
        pd_json_member_str(&w, "vkey", l->vkey);
        pd_json_member_i64(&w, "size", (int64_t)l->size);
        pd_json_member_i64(&w, "anchored", (int64_t)l->anchored);
        member_time(&w, "anchored_at", l->anchored_at);
        member_time(&w, "from", l->starts_at);
        member_time(&w, "until", l->ends_at);
        member_time(&w, "pruned_at", l->pruned_at);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_ledger_logs(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_log *logs = NULL;
    size_t count = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "ledger", &g, &err);
    if (st == PD_OK)
        st = govern_logs(g, cli->arena, &logs, &count, &err);
    govern_close(g);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_logs(logs, count, &out);
    else if (st == PD_OK)
        st = tell_logs(cli, logs, count, &out, &err);
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_fail(&err);
}

/* ---- Anchoring ---- */

static void write_anchored(const struct govern_anchored *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "anchored");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&w);
        pd_json_key(&w, "act");
        cli_json_id(&w, list[i].act);
        pd_json_member_str(&w, "log", list[i].log);
        pd_json_member_i64(&w, "size", (int64_t)list[i].size);
        pd_json_member_i64(&w, "before", (int64_t)list[i].before);
        pd_json_key(&w, "root");
        pd_json_hex(&w, list[i].root.bytes, sizeof(list[i].root.bytes));
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_anchored(struct cli *cli, const struct govern_anchored *list, size_t count,
                          struct pd_buf *out) {
    if (!count)
        pd_buf_text(out, "Nothing to anchor: the public log knows all that the shards hold.\n");
    for (size_t i = 0; i < count; i++) {
        char act[PD_ID_TEXT_SIZE];
        pd_id_write(list[i].act, act);
        cli_say(out, 0, 2,
                "The public log now says that %.*s has %.*s leaves, %.*s of them new (act %s).",
                pd_arg(list[i].log), pd_arg(cli_number(cli->arena, list[i].size)),
                pd_arg(cli_number(cli->arena, list[i].size - list[i].before)), act);
    }
}

int cli_ledger_anchor(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_anchored *list = NULL;
    size_t count = 0;
    enum pd_status st = cli_open(cli, args, STORE_WRITE, "ledger anchor", &g, &err);
    if (st == PD_OK)
        st = govern_anchor(g, cli->arena, &list, &count, &err);
    cli_close_writer(cli, g, st == PD_OK);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_anchored(list, count, &out);
    else
        tell_anchored(cli, list, count, &out);
    return cli_print(&out);
}
