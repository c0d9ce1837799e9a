/* polder ledger verify, prove, show: the logs, for those who doubt. */
#include "cli/cli.h"

#include <jansson.h>
#include <string.h>

static const char *const log_names[] = {
    [LEDGER_PUBLIC] = "public", [LEDGER_RESTRICTED] = "restricted"};

static enum pd_status open_reader(struct cli *cli, const struct pd_args *args, struct govern **out,
                                  struct pd_error *err) {
    return cli_open(cli, args, STORE_READ, "ledger", out, err);
}

/* ---- A whole node ---- */

static void tell_verified(struct cli *cli, const struct govern_verified *v, struct pd_buf *out) {
    for (size_t i = 0; i < 2; i++) {
        char root[2 * CRYPTO_HASH_SIZE + 1];
        pd_hex_encode(v->logs[i].root.bytes, sizeof(v->logs[i].root.bytes), root);
        pd_buf_printf(out, "%s log: %.*s leaves, %.*s pending, root %s\n", log_names[i],
                      pd_arg(cli_number(cli->arena, v->logs[i].leaves)),
                      pd_arg(cli_number(cli->arena, v->logs[i].pending)), root);
    }
    pd_buf_printf(out, "Checked: %.*s acts, %.*s rows, %.*s files\n",
                  pd_arg(cli_number(cli->arena, v->acts)), pd_arg(cli_number(cli->arena, v->rows)),
                  pd_arg(cli_number(cli->arena, v->files)));
    for (size_t i = 0; i < v->flaw_count; i++)
        cli_say(out, 0, 2, "FLAW %.*s: %.*s", pd_arg(v->flaws[i].where), pd_arg(v->flaws[i].what));
    if (v->flaw_count)
        pd_buf_printf(out, "%zu flaw%s: what the node holds is not what its acts wrote.\n",
                      v->flaw_count, v->flaw_count == 1 ? "" : "s");
    else
        pd_buf_text(out, "Everything agrees: each act has its leaf, each row is as its act wrote "
                         "it, files are whole.\n");
}

static void write_verified(const struct govern_verified *v, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "is_whole", v->flaw_count == 0);
    pd_json_key(&w, "logs");
    pd_json_object(&w);
    for (size_t i = 0; i < 2; i++) {
        pd_json_key(&w, log_names[i]);
        pd_json_object(&w);
        pd_json_member_i64(&w, "leaves", (int64_t)v->logs[i].leaves);
        pd_json_member_i64(&w, "pending", (int64_t)v->logs[i].pending);
        pd_json_key(&w, "root");
        pd_json_hex(&w, v->logs[i].root.bytes, sizeof(v->logs[i].root.bytes));
        pd_json_object_end(&w);
    }
    pd_json_object_end(&w);
    pd_json_member_i64(&w, "acts", (int64_t)v->acts);
    pd_json_member_i64(&w, "rows", (int64_t)v->rows);
    pd_json_member_i64(&w, "files", (int64_t)v->files);
    pd_json_key(&w, "flaws");
    pd_json_array(&w);
    for (size_t i = 0; i < v->flaw_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "where", v->flaws[i].where);
        pd_json_member_str(&w, "what", v->flaws[i].what);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static int verify_node(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_verified *v = NULL;
    enum pd_status st = open_reader(cli, args, &g, &err);
    if (st == PD_OK)
        st = govern_verify(g, cli->arena, &v, &err);
    govern_close(g);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_verified(v, &out);
    else
        tell_verified(cli, v, &out);
    int code = cli_print(&out);
    return code ? code : v->flaw_count ? pd_outcome_get(PD_INTERNAL)->exit_code : 0;
}

/* ---- One proof, offline ---- */

enum { KEY_FILE_MAX = 4096 };

/* A verifier key as text, or the file that holds it. */
static enum pd_status read_vkey(struct cli *cli, const char *text, struct ledger_vkey *out,
                                struct pd_error *err) {
    struct pd_error as_text = {0};
    if (ledger_vkey_parse(pd_str_trim(pd_str_from(text)), out, &as_text) == PD_OK)
        return PD_OK;
    pd_str bytes;
    if (cli_file_read(cli, text, KEY_FILE_MAX, &bytes, err) != PD_OK) {
        if (err->status != PD_NOT_FOUND)
            return err->status;
        return pd_fail(err, PD_USAGE, "--key=\"%s\" is no file, and no verifier key: %s", text,
                       as_text.text);
    }
    if (ledger_vkey_parse(pd_str_trim(bytes), out, err) != PD_OK)
        return pd_wrap(err, "the key in \"%s\"", text);
    return PD_OK;
}

/* Node keys are named after their log, so that the key says which log a proof must be of. */
static enum pd_status check_proof(struct cli *cli, const struct pd_args *args, uint64_t *index,
                                  struct ledger_checkpoint *checkpoint, struct pd_error *err) {
    pd_str proof, leaf;
    struct ledger_vkey key;
    crypto_hash hash;
    const char *path = pd_args_get(args, "proof");
    enum pd_status st = cli_file_read(cli, path, LEDGER_OFFLINE_MAX, &proof, err);
    if (st == PD_OK)
        st = cli_file_read(cli, pd_args_get(args, "leaf"), LEDGER_ENTRY_MAX, &leaf, err);
    if (st == PD_OK)
        st = read_vkey(cli, pd_args_get(args, "key"), &key, err);
    if (st != PD_OK)
        return st;
    struct ledger_offline *offline = pd_arena_alloc(cli->arena, sizeof(*offline));
    if (!offline)
        return pd_fail_memory(err);
    st = ledger_offline_parse(proof, offline, err);
    if (st == PD_OK)
        st = ledger_hash_leaf(leaf, &hash, err);
    if (st == PD_OK)
        st = ledger_offline_verify(offline, &hash, key.name, &key, checkpoint, err);
    if (st != PD_OK)
        return pd_wrap(err, "the proof \"%s\" does not hold", path);
    *index = offline->index;
    return PD_OK;
}

static int verify_proof(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    uint64_t index = 0;
    struct ledger_checkpoint checkpoint = {0};
    enum pd_status st = PD_OK;
    if (!pd_args_has(args, "leaf") || !pd_args_has(args, "key"))
        st = pd_fail(&err, PD_USAGE, "--proof needs --leaf=FILE and --key=VKEY as well");
    if (st == PD_OK)
        st = check_proof(cli, args, &index, &checkpoint, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_member_bool(&w, "is_proven", true);
        pd_json_member_str(&w, "origin", checkpoint.origin);
        pd_json_member_i64(&w, "index", (int64_t)index);
        pd_json_member_i64(&w, "size", (int64_t)checkpoint.size);
        pd_json_key(&w, "root");
        pd_json_hex(&w, checkpoint.root.bytes, sizeof(checkpoint.root.bytes));
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else {
        cli_say(&out, 0, 2,
                "Proven: this leaf is number %.*s of the %.*s leaves of the log %.*s, whose "
                "checkpoint the given key signed.",
                pd_arg(cli_number(cli->arena, index)),
                pd_arg(cli_number(cli->arena, checkpoint.size)), pd_arg(checkpoint.origin));
    }
    return cli_print(&out);
}

int cli_ledger_verify(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    bool is_node = pd_args_has(args, "data"), is_proof = pd_args_has(args, "proof");
    if (is_node == is_proof) {
        (void)pd_fail(
            &err, PD_USAGE,
            "either --data=DIR, to verify a node, or --proof, --leaf and --key, to verify "
            "one proof");
        return cli_fail(&err);
    }
    return is_node ? verify_node(cli, args) : verify_proof(cli, args);
}

/* ---- Making proofs ---- */

/* A proof, the leaf that it is about (if it is about one), and the key that checks it. */
struct proven {
    pd_str proof, leaf, vkey;
};

/* The log that a proof is of: its checkpoint begins with the log's name. */
static enum pd_status find_key(struct cli *cli, struct govern *g, struct proven *p,
                               struct pd_error *err) {
    struct ledger_offline *offline = pd_arena_alloc(cli->arena, sizeof(*offline));
    if (!offline)
        return pd_fail_memory(err);
    enum pd_status st = ledger_offline_parse(p->proof, offline, err);
    for (unsigned log = LEDGER_PUBLIC; st == PD_OK && log <= LEDGER_RESTRICTED; log++) {
        pd_str origin, vkey;
        st = cli_log_find(cli, g, (enum ledger_log)log, &origin, &vkey, err);
        if (st == PD_OK && pd_str_starts(offline->checkpoint, origin) &&
            pd_str_starts(pd_str_sub(offline->checkpoint, origin.len, 1), PD_STR("\n")))
            p->vkey = vkey;
    }
    return st;
}

/* The proof goes to --output, and the leaf beside it; without --output the proof goes to stdout. */
static int give_proof(struct cli *cli, const char *path, const struct proven *p) {
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (!path) {
        pd_buf_str(&out, p->proof);
        return cli_print(&out);
    }
    enum pd_status st = cli_file_write(path, p->proof, &err);
    pd_str beside = pd_arena_printf(cli->arena, "%s.leaf", path);
    if (st == PD_OK && !beside.data)
        st = pd_fail_memory(&err);
    if (st == PD_OK && p->leaf.data)
        st = cli_file_write(beside.data, p->leaf, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    pd_buf_printf(&out, "Written: %s\n", path);
    if (p->leaf.data) {
        pd_str quoted = cli_quote(cli->arena, pd_str_from(path));
        pd_buf_printf(&out,
                      "Written: %.*s\nWhoever trusts this verifier key can check it without this "
                      "node:\n  polder ledger verify --proof %.*s --leaf %.*s --key %.*s\n",
                      pd_arg(beside), pd_arg(quoted), pd_arg(cli_quote(cli->arena, beside)),
                      pd_arg(p->vkey));
    }
    return cli_print(&out);
}

static enum pd_status prove(struct cli *cli, const struct pd_args *args, struct proven *p,
                            struct pd_error *err) {
    const char *act = pd_args_operand(args, 0);
    if ((act != NULL) == pd_args_has(args, "from"))
        return pd_fail(err, PD_USAGE,
                       "either ACT, to prove that it is in the log, or --from=SIZE, to prove that "
                       "the log only grew");
    if (act && (pd_args_has(args, "to") || pd_args_has(args, "log")))
        return pd_fail(err, PD_USAGE, "--to and --log go with --from, not with ACT");
    pd_id id;
    enum ledger_log log;
    uint64_t from, to;
    enum pd_status st = act ? cli_parse_id(act, &id, err) : PD_OK;
    if (st == PD_OK)
        st = cli_parse_log(pd_args_get(args, "log"), &log, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "from", 0, &from, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "to", 0, &to, err);
    struct govern *g = NULL;
    if (st == PD_OK)
        st = open_reader(cli, args, &g, err);
    if (st == PD_OK && act)
        st = govern_prove(g, id, cli->arena, &p->proof, &p->leaf, err);
    else if (st == PD_OK)
        st = govern_prove_growth(g, log, from, to, cli->arena, &p->proof, err);
    if (st == PD_OK && act)
        st = find_key(cli, g, p, err);
    govern_close(g);
    return st;
}

int cli_ledger_prove(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct proven p = {{0}};
    if (prove(cli, args, &p, &err) != PD_OK)
        return cli_fail(&err);
    return give_proof(cli, pd_args_get(args, "output"), &p);
}

/* ---- Showing a log ---- */

enum { LOG_JSON_MAX = 64 << 20 };

static pd_str text_of(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
}

/* The log as govern_log_write tells it; the caller json_decrefs it. */
static enum pd_status load_log(struct govern *g, enum ledger_log log, uint64_t from, uint64_t count,
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

enum pd_status cli_log_find(struct cli *cli, struct govern *g, enum ledger_log log, pd_str *origin,
                            pd_str *vkey, struct pd_error *err) {
    json_t *json = NULL;
    enum pd_status st = load_log(g, log, 0, 0, &json, err);
    if (st != PD_OK)
        return st;
    pd_str name = pd_arena_str(cli->arena, text_of(json, "origin"));
    pd_str key = pd_arena_str(cli->arena, text_of(json, "vkey"));
    json_decref(json);
    if (!name.data || !key.data)
        return pd_fail_memory(err);
    *origin = name;
    *vkey = key;
    return PD_OK;
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
    enum ledger_log log;
    uint64_t from, count;
    json_t *json = NULL;
    enum pd_status st = cli_parse_log(pd_args_get(args, "log"), &log, &err);
    if (st == PD_OK)
        st = cli_parse_count(args, "from", UINT64_MAX, &from, &err);
    if (st == PD_OK)
        st = cli_parse_count(args, "count", 20, &count, &err);
    if (st == PD_OK)
        st = open_reader(cli, args, &g, &err);
    if (st == PD_OK)
        st = load_log(g, log, from, count, &json, &err);
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
