/* How the witnessing of the public log stands, for people and machines. */
#include "govern/witnessed.h"

#include <string.h>

static enum pd_status fill_witness(struct govern *g, const struct ledger_policy_key *witness,
                                   struct pd_arena *arena, struct govern_witness_state *out,
                                   struct pd_error *err) {
    struct pd_buf vkey;
    struct witnessed_row row;
    pd_buf_init(&vkey, 4096);
    ledger_vkey_write(&witness->key, &vkey);
    enum pd_status st = pd_buf_check(&vkey, err);
    if (st == PD_OK)
        st = witnessed_row_find(g, pd_buf_view(&vkey), arena, &row, err);
    pd_buf_clear(&vkey);
    if (st == PD_OK)
        *out = (struct govern_witness_state){.name = witness->name,
                                             .url = witness->url,
                                             .size = row.size,
                                             .time = row.time,
                                             .asked_at = row.asked_at,
                                             .last_error = row.last_error};
    return st;
}

static enum pd_status fill_policy(struct govern *g, struct pd_arena *arena,
                                  struct govern_witnessing *out, struct pd_error *err) {
    enum pd_status st = govern_policy_find(g, arena, &out->policy, &out->has_policy, err);
    if (st != PD_OK || !out->has_policy)
        return st;
    const struct ledger_policy *policy = out->policy.policy;
    struct ledger_checkpoint checkpoint;
    struct ledger_witnessed witnessed;
    out->holds = out->witnessed > 0 && ledger_policy_verify(policy, out->checkpoint, &checkpoint,
                                                            &witnessed, NULL) == PD_OK;
    out->count = policy->witness_count;
    out->witnesses = pd_arena_array(arena, out->count ? out->count : 1, sizeof(*out->witnesses));
    if (!out->witnesses)
        return pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < out->count; i++)
        st = fill_witness(g, &policy->witnesses[i], arena, &out->witnesses[i], err);
    return st;
}

enum pd_status govern_witnessing(struct govern *g, struct pd_arena *arena,
                                 struct govern_witnessing *out, struct pd_error *err) {
    struct govern_witnessing w = {.why_stopped = PD_STR("")};
    struct integrate_log log;
    struct pd_error why = {0};
    enum pd_status st = integrate_log_load(g, PD_STR("public"), arena, &log, err);
    if (st == PD_OK)
        st = witnessed_largest(g, WITNESSED_QUORUM, arena, &w.witnessed, &w.checkpoint, err);
    if (st == PD_OK)
        st = fill_policy(g, arena, &w, err);
    if (st == PD_OK)
        st = govern_forks(g, arena, &w.forks, &w.fork_count, err);
    if (st != PD_OK)
        return st;
    w.size = log.edge.size;
    w.published = log.published;
    if (witnessed_may_sign(g, log.edge.size, &why) != PD_OK) {
        w.why_stopped = pd_arena_str(arena, pd_str_from(why.text));
        if (!w.why_stopped.data)
            return pd_fail_memory(err);
    }
    *out = w;
    return PD_OK;
}

/* ---- Whether it is what it says ---- */

struct checking {
    struct govern *g;
    struct pd_arena *arena;
    struct integrate_log log;
    struct govern_policy policy;
    bool has_policy;
};

/* Cosignatures by witnesses of an earlier policy are lines of unknown keys: they may be there. */
static enum pd_status check_note(const struct checking *c, pd_str note, uint64_t *size,
                                 struct pd_error *err) {
    struct ledger_checkpoint checkpoint;
    struct ledger_witnessed witnessed;
    enum pd_status st = integrate_verify_note(c->g, &c->log, note, c->arena, &checkpoint, err);
    if (st != PD_OK)
        return st;
    st = c->has_policy ? ledger_policy_verify(c->policy.policy, note, &checkpoint, &witnessed, err)
                       : PD_OK;
    if (st != PD_OK && st != PD_OPEN && st != PD_NOT_FOUND)
        return st;
    *size = checkpoint.size;
    if (checkpoint.size > c->log.published)
        return pd_fail(err, PD_INTERNAL, "it is of a larger tree than this log has");
    struct integrate_tiles where = {c->g, c->log.folder};
    struct ledger_tiles *tiles = pd_arena_alloc(c->arena, sizeof(*tiles));
    if (!tiles)
        return pd_fail_memory(err);
    *tiles = (struct ledger_tiles){
        .size = c->log.published, .fetch = integrate_fetch, .context = &where};
    struct ledger_reader reader = ledger_tiles_reader(tiles);
    crypto_hash root;
    st = ledger_tree_root(&reader, checkpoint.size, &root, err);
    if (st == PD_OK && memcmp(root.bytes, checkpoint.root.bytes, sizeof(root.bytes)) != 0)
        st = pd_fail(err, PD_INTERNAL, "it is of another tree than this log's");
    return st;
}

enum pd_status witnessed_check(struct govern *g, struct pd_arena *arena, pd_str *what,
                               struct pd_error *err) {
    struct checking c = {.g = g, .arena = arena};
    uint64_t size = 0;
    pd_str notes[2] = {{0}};
    struct pd_error why = {0};
    enum pd_status st = integrate_log_load(g, PD_STR("public"), arena, &c.log, err);
    if (st == PD_OK)
        st = witnessed_largest(g, WITNESSED_QUORUM, arena, &size, &notes[0], err);
    if (st != PD_OK)
        return st;
    /* A policy that was tampered with is a row that isn't as its act wrote it: told as that. */
    if (govern_policy_find(g, arena, &c.policy, &c.has_policy, &why) != PD_OK)
        c.has_policy = false;
    why = (struct pd_error){0};
    st = witnessed_file_read(g, arena, &notes[1], &why);
    if (st == PD_OK && size > 0 && notes[1].len == 0)
        st = pd_fail(&why, PD_NOT_FOUND, "the file is missing");
    uint64_t sizes[2] = {0};
    for (size_t i = 0; st == PD_OK && i < 2; i++)
        st = notes[i].len ? check_note(&c, notes[i], &sizes[i], &why) : PD_OK;
    /* The file may lag behind: it is written after the row. */
    if (st == PD_OK && sizes[0] == sizes[1] && !pd_str_eq(notes[0], notes[1]))
        st = pd_fail(&why, PD_INTERNAL, "the file isn't the checkpoint that the database has");
    if (st == PD_LIMIT)
        return pd_fail(err, st, "%s", why.text);
    *what = st == PD_OK ? PD_STR("") : pd_arena_str(arena, pd_str_from(why.text));
    return what->data ? PD_OK : pd_fail_memory(err);
}
