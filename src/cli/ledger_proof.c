/* polder ledger prove, and verify --proof: proofs for people who were not there. */
#include "cli/cli.h"

#include <string.h>

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

/* A proof file with the leaf that it is about. */
struct proven_leaf {
    struct ledger_offline *offline;
    pd_str leaf;
    crypto_hash hash;
};

static enum pd_status read_proof(struct cli *cli, const char *proof_path, const char *leaf_path,
                                 struct proven_leaf *out, struct pd_error *err) {
    pd_str proof;
    out->offline = pd_arena_alloc(cli->arena, sizeof(*out->offline));
    if (!out->offline)
        return pd_fail_memory(err);
    enum pd_status st = cli_file_read(cli, proof_path, LEDGER_OFFLINE_MAX, &proof, err);
    if (st == PD_OK)
        st = cli_file_read(cli, leaf_path, LEDGER_ENTRY_MAX, &out->leaf, err);
    if (st == PD_OK && ledger_offline_parse(proof, out->offline, err) != PD_OK)
        return pd_wrap(err, "the proof \"%s\" does not hold", proof_path);
    return st == PD_OK ? ledger_hash_leaf(out->leaf, &out->hash, err) : st;
}

/* What a proof has shown: of a leaf in a log, and perhaps of that log in another. */
struct shown {
    uint64_t index;
    struct ledger_checkpoint checkpoint;
    bool has_anchor;
    uint64_t anchor_index;
    struct ledger_checkpoint anchor_checkpoint;
    pd_time anchored_at;
    pd_str note; /* the checkpoint that everything leads to, with all its signatures */
    const struct ledger_policy *policy; /* NULL: none was asked for */
    struct ledger_witnessed witnessed;
};

/* Node keys are named after their log, so that the key says which log a proof must be of. */
static enum pd_status check_one(struct cli *cli, const struct pd_args *args,
                                const struct ledger_vkey *key, struct shown *out,
                                struct pd_error *err) {
    struct proven_leaf p;
    const char *path = pd_args_get(args, "proof");
    enum pd_status st = read_proof(cli, path, pd_args_get(args, "leaf"), &p, err);
    if (st != PD_OK)
        return st;
    out->index = p.offline->index;
    out->note = p.offline->checkpoint;
    if (ledger_offline_verify(p.offline, &p.hash, key->name, key, &out->checkpoint, err) != PD_OK)
        return pd_wrap(err, "the proof \"%s\" does not hold", path);
    return PD_OK;
}

/* First that the anchor is in the log of the key; then that the leaf is in what it anchors. */
static enum pd_status check_two(struct cli *cli, const struct pd_args *args,
                                const struct ledger_vkey *key, struct shown *out,
                                struct pd_error *err) {
    struct proven_leaf p, a;
    const char *path = pd_args_get(args, "proof"), *anchor_path = pd_args_get(args, "anchor");
    struct ledger_leaf *anchor = pd_arena_alloc(cli->arena, sizeof(*anchor));
    pd_str beside = pd_arena_printf(cli->arena, "%s.leaf", anchor_path);
    if (!anchor || !beside.data)
        return pd_fail_memory(err);
    enum pd_status st = read_proof(cli, path, pd_args_get(args, "leaf"), &p, err);
    if (st == PD_OK)
        st = read_proof(cli, anchor_path, beside.data, &a, err);
    if (st != PD_OK)
        return st;
    if (ledger_offline_verify(a.offline, &a.hash, key->name, key, &out->anchor_checkpoint, err) !=
            PD_OK ||
        ledger_leaf_parse(a.leaf, cli->arena, anchor, err) != PD_OK)
        return pd_wrap(err, "the proof of the anchor \"%s\" does not hold", anchor_path);
    if (ledger_offline_verify_anchored(p.offline, &p.hash, anchor, &out->checkpoint, err) != PD_OK)
        return pd_wrap(err, "the proof \"%s\" does not hold", path);
    out->has_anchor = true;
    out->note = a.offline->checkpoint;
    out->index = p.offline->index;
    out->anchor_index = a.offline->index;
    out->anchored_at = anchor->time;
    return PD_OK;
}

/* The quorum cosigned the checkpoint that the proof leads to. */
static enum pd_status check_policy(struct shown *s, struct pd_error *err) {
    struct ledger_checkpoint checkpoint;
    if (ledger_policy_verify(s->policy, s->note, &checkpoint, &s->witnessed, err) != PD_OK)
        return pd_wrap(err, "the proof does not hold under the policy");
    return PD_OK;
}

/* Of a policy with one log the key need not be given again. */
static enum pd_status choose_key(struct cli *cli, const struct pd_args *args,
                                 const struct ledger_policy *policy, struct ledger_vkey *out,
                                 struct pd_error *err) {
    if (pd_args_has(args, "key"))
        return read_vkey(cli, pd_args_get(args, "key"), out, err);
    if (policy->log_count != 1)
        return pd_fail(err, PD_USAGE, "the policy names %zu logs: --key=VKEY says which is meant",
                       policy->log_count);
    *out = policy->logs[0].key;
    return PD_OK;
}

static void write_witnesses(const struct shown *s, struct pd_json *w) {
    pd_json_key(w, "witnesses");
    pd_json_array(w);
    for (size_t i = 0; i < s->policy->witness_count; i++) {
        if (!s->witnessed.signed_by[i])
            continue;
        pd_json_object(w);
        pd_json_member_str(w, "name", s->policy->witnesses[i].name);
        pd_json_key(w, "time");
        pd_json_time(w, (pd_time)s->witnessed.times[i] * PD_SECOND);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void tell_witnesses(const struct shown *s, struct pd_buf *out) {
    for (size_t i = 0; i < s->policy->witness_count; i++) {
        char time[PD_TIME_TEXT_SIZE];
        if (!s->witnessed.signed_by[i])
            continue;
        pd_time_write((pd_time)s->witnessed.times[i] * PD_SECOND, PD_TIME_SECONDS, time);
        cli_say(out, 0, 2, "Witnessed by %.*s on %s.", pd_arg(s->policy->witnesses[i].name), time);
    }
}

static void write_shown(const struct shown *s, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "is_proven", true);
    pd_json_member_str(&w, "origin", s->checkpoint.origin);
    pd_json_member_i64(&w, "index", (int64_t)s->index);
    pd_json_member_i64(&w, "size", (int64_t)s->checkpoint.size);
    pd_json_key(&w, "root");
    pd_json_hex(&w, s->checkpoint.root.bytes, sizeof(s->checkpoint.root.bytes));
    if (s->has_anchor) {
        pd_json_key(&w, "anchor");
        pd_json_object(&w);
        pd_json_member_str(&w, "origin", s->anchor_checkpoint.origin);
        pd_json_member_i64(&w, "index", (int64_t)s->anchor_index);
        pd_json_member_i64(&w, "size", (int64_t)s->anchor_checkpoint.size);
        pd_json_key(&w, "time");
        pd_json_time(&w, s->anchored_at);
        pd_json_object_end(&w);
    }
    if (s->policy)
        write_witnesses(s, &w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_shown(struct cli *cli, const struct shown *s, struct pd_buf *out) {
    pd_str index = cli_number(cli->arena, s->index),
           size = cli_number(cli->arena, s->checkpoint.size);
    char time[PD_TIME_TEXT_SIZE];
    if (!s->has_anchor) {
        cli_say(out, 0, 2,
                "Proven: this leaf is number %.*s of the %.*s leaves of the log %.*s, whose "
                "checkpoint the given key signed.",
                pd_arg(index), pd_arg(size), pd_arg(s->checkpoint.origin));
        return;
    }
    pd_time_write(s->anchored_at, PD_TIME_MINUTES, time);
    cli_say(out, 0, 2,
            "Proven in two steps: this leaf is number %.*s of the %.*s leaves that the log %.*s "
            "had on %s, as leaf %.*s of the log %.*s says, whose checkpoint the given key signed.",
            pd_arg(index), pd_arg(size), pd_arg(s->checkpoint.origin), time,
            pd_arg(cli_number(cli->arena, s->anchor_index)), pd_arg(s->anchor_checkpoint.origin));
}

int cli_verify_proof(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    struct shown shown = {0};
    struct ledger_vkey key;
    enum pd_status st = PD_OK;
    bool has_policy = pd_args_has(args, "policy");
    if (!pd_args_has(args, "leaf") || (!pd_args_has(args, "key") && !has_policy))
        st = pd_fail(&err, PD_USAGE,
                     "--proof needs --leaf=FILE and --key=VKEY (or --policy=FILE) as well");
    if (st == PD_OK && has_policy)
        st = cli_policy_read(cli, pd_args_get(args, "policy"), &shown.policy, &err);
    if (st == PD_OK)
        st = choose_key(cli, args, shown.policy, &key, &err);
    if (st == PD_OK)
        st = pd_args_has(args, "anchor") ? check_two(cli, args, &key, &shown, &err)
                                         : check_one(cli, args, &key, &shown, &err);
    if (st == PD_OK && has_policy)
        st = check_policy(&shown, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_shown(&shown, &out);
    else
        tell_shown(cli, &shown, &out);
    if (has_policy && !pd_args_has(args, "json"))
        tell_witnesses(&shown, &out);
    return cli_print(&out);
}

/* ---- Making proofs ---- */

/* A proof, the leaf that it is about (if it is about one), and the key that checks it. */
struct proven {
    pd_str proof, leaf, vkey;
    struct govern_two_steps
        two;    /* of an act in a shard that the public log knows of; else no data */
    pd_str why; /* why there is no second step, if there should be one */
};

static enum pd_status write_beside(struct cli *cli, const char *path, const char *suffix,
                                   pd_str bytes, struct pd_buf *out, struct pd_error *err) {
    pd_str name = pd_arena_printf(cli->arena, "%s%s", path, suffix);
    if (!name.data)
        return pd_fail_memory(err);
    enum pd_status st = cli_file_write(name.data, bytes, err);
    if (st == PD_OK)
        pd_buf_printf(out, "Written: %.*s\n", pd_arg(name));
    return st;
}

static void tell_check(struct cli *cli, const char *path, const struct proven *p,
                       struct pd_buf *out) {
    pd_str quoted = cli_quote(cli->arena, pd_str_from(path)),
           leaf = cli_quote(cli->arena, pd_arena_printf(cli->arena, "%s.leaf", path));
    pd_buf_printf(out,
                  "Whoever trusts this verifier key can check it without this node:\n"
                  "  polder verify --proof %.*s --leaf %.*s",
                  pd_arg(quoted), pd_arg(leaf));
    if (p->two.proof.data)
        pd_buf_printf(
            out, " --anchor %.*s",
            pd_arg(cli_quote(cli->arena, pd_arena_printf(cli->arena, "%s.anchor", path))));
    pd_buf_printf(out, " --key %.*s\n", pd_arg(p->vkey));
    if (p->why.len)
        cli_say(out, 0, 2, "There is no second step, to the public log, yet: %.*s.",
                pd_arg(p->why));
}

/* The proof goes to --output, and the leaf beside it, and the anchor's; without --output the proof
 * goes to stdout. */
static int give_proof(struct cli *cli, const char *path, const struct proven *p) {
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (!path) {
        pd_buf_str(&out, p->proof);
        return cli_print(&out);
    }
    const struct {
        const char *suffix;
        pd_str bytes;
    } files[] = {{"", p->proof},
                 {".leaf", p->leaf},
                 {".anchor", p->two.anchor_proof},
                 {".anchor.leaf", p->two.anchor_leaf}};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < sizeof(files) / sizeof(*files); i++)
        if (files[i].bytes.data)
            st = write_beside(cli, path, files[i].suffix, files[i].bytes, &out, &err);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    if (p->leaf.data)
        tell_check(cli, path, p, &out);
    return cli_print(&out);
}

/* Of an act in a shard both steps, if the public log knows of it; then its key is the one to have.
 */
static enum pd_status prove_act(struct cli *cli, struct govern *g, pd_id act, bool is_witnessed,
                                struct proven *p, struct pd_error *err) {
    const struct govern_log *log;
    struct govern_placed placed;
    struct pd_error why = {0};
    enum pd_status st = govern_place(g, act, cli->arena, &placed, err);
    if (st == PD_OK && placed.log == LEDGER_RESTRICTED) {
        st = govern_prove_anchored(g, act, cli->arena, &p->two, &why);
        p->proof = p->two.proof;
        p->leaf = p->two.leaf;
        if (st == PD_UNAVAILABLE)
            p->why = pd_arena_str(cli->arena, pd_str_from(why.text));
        else if (st != PD_OK)
            return pd_fail(err, st, "%s", why.text);
        st = PD_OK;
    }
    if (st == PD_OK && !p->proof.data)
        st = is_witnessed ? govern_prove(g, act, cli->arena, &p->proof, &p->leaf, err)
                          : govern_prove_unwitnessed(g, act, cli->arena, &p->proof, &p->leaf, err);
    if (st == PD_OK)
        st = govern_log_find(g, p->two.proof.data ? PD_STR("public") : placed.name, cli->arena,
                             &log, err);
    if (st == PD_OK)
        p->vkey = log->vkey;
    return st;
}

static enum pd_status prove_growth(struct cli *cli, struct govern *g, const struct pd_args *args,
                                   struct proven *p, struct pd_error *err) {
    const struct govern_log *log;
    uint64_t from, to;
    enum pd_status st = cli_parse_count(args, "from", 0, &from, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "to", 0, &to, err);
    if (st == PD_OK)
        st = cli_log_find(cli, g, args, &log, err);
    return st == PD_OK ? govern_prove_growth(g, log->name, from, to, cli->arena, &p->proof, err)
                       : st;
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
    struct govern *g = NULL;
    enum pd_status st = act ? cli_parse_id(act, &id, err) : PD_OK;
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "ledger", &g, err);
    if (st == PD_OK)
        st = act ? prove_act(cli, g, id, !pd_args_has(args, "unwitnessed"), p, err)
                 : prove_growth(cli, g, args, p, err);
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
