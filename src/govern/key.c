/* The keys of a node: who holds which, who may act on them, and bringing key store and node key to
 * what the acts say. */
#include "govern/key.h"

#include <string.h>

/* ---- Holders ---- */

static const char *const PREFIXES[KEY_HOLDER_COUNT] = {[KEY_OF_LOG] = "log/",
                                                       [KEY_OF_RECEIPTS] = "receipts",
                                                       [KEY_OF_PARTY] = "party/",
                                                       [KEY_OF_NODE] = "node"};

enum pd_status key_holder_parse(pd_str text, enum key_holder *out, pd_str *name,
                                struct pd_error *err) {
    for (int i = 0; i < KEY_HOLDER_COUNT; i++) {
        pd_str prefix = pd_str_from(PREFIXES[i]);
        bool has_name = prefix.data[prefix.len - 1] == '/';
        if (!pd_str_starts(text, prefix) || (text.len > prefix.len) != has_name)
            continue;
        *out = (enum key_holder)i;
        *name = pd_str_sub(text, prefix.len, text.len - prefix.len);
        return PD_OK;
    }
    return pd_fail(err, PD_USAGE,
                   "\"%.*s\" holds no signing key; there are log/public, log/restricted/PERIOD, "
                   "receipts, party/ID and node",
                   pd_arg(text));
}

static const struct sql FIND_ROW = {
    .both = "SELECT id, since FROM signing_key WHERE holder = $1 AND replaced_at IS NULL"};
static const struct sql FIND_LOG = {
    .both = "SELECT l.key_id, l.vkey, l.size, l.origin, n.created_at FROM log l, node n"
            " WHERE l.name = $1"};
static const struct sql FIND_RECEIPTS = {
    .both = "SELECT receipt_key_id, receipt_vkey, 0, origin, created_at FROM node"
            " WHERE $1 = ''"};
static const struct sql FIND_PARTY = {
    .both = "SELECT '', p.public_key, 0, n.origin, p.registered_at FROM party p, node n"
            " WHERE p.id = $1"};
static const struct sql FIND_NODE = {
    .both = "SELECT '', '', 0, origin, created_at FROM node WHERE $1 = ''"};
static const struct sql *const FIND_CURRENT[KEY_HOLDER_COUNT] = {[KEY_OF_LOG] = &FIND_LOG,
                                                                 [KEY_OF_RECEIPTS] = &FIND_RECEIPTS,
                                                                 [KEY_OF_PARTY] = &FIND_PARTY,
                                                                 [KEY_OF_NODE] = &FIND_NODE};

static enum pd_status find_first(struct govern *g, struct key_current *c, struct pd_arena *arena,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(c->name)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, *FIND_CURRENT[c->of], values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "this node has no %s \"%.*s\"",
                     c->of == KEY_OF_LOG ? "log" : "party", pd_arg(c->name));
    if (st == PD_OK) {
        c->key_id = pd_arena_str(arena, store_str(rows, 0));
        c->vkey = pd_arena_str(arena, store_str(rows, 1));
        c->size = store_i64(rows, 2);
        c->origin = pd_arena_str(arena, store_str(rows, 3));
        c->since = store_i64(rows, 4);
        if (!c->key_id.data || !c->vkey.data || !c->origin.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status key_current_find(struct govern *g, pd_str holder, struct pd_arena *arena,
                                struct key_current *out, struct pd_error *err) {
    struct key_current c = {.holder = pd_arena_str(arena, holder), .id = PD_STR("")};
    if (!c.holder.data)
        return pd_fail_memory(err);
    enum pd_status st = key_holder_parse(c.holder, &c.of, &c.name, err);
    if (st == PD_OK)
        st = find_first(g, &c, arena, err);
    if (st == PD_OK && c.of == KEY_OF_NODE) {
        char fingerprint[STORE_FINGERPRINT_SIZE];
        store_node_key_current(g->store, fingerprint);
        c.vkey = pd_arena_str(arena, pd_str_from(fingerprint));
    }
    struct store_value values[] = {STORE_STR(holder)};
    struct store_rows *rows = NULL;
    bool has = false;
    if (st == PD_OK)
        st = store_select(g->store, FIND_ROW, values, 1, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        c.id = pd_arena_str(arena, store_str(rows, 0));
        c.since = store_i64(rows, 1);
    }
    store_rows_close(rows);
    if (st == PD_OK && (!c.vkey.data || !c.id.data))
        st = pd_fail_memory(err);
    if (st == PD_OK)
        *out = c;
    return st;
}

/* ---- Who acts ---- */

enum pd_status key_actor_find(struct govern *g, struct key_actor *actor, unsigned duties,
                              struct pd_arena *arena, struct pd_error *err) {
    unsigned has = 0;
    enum pd_status st = node_find_party(g, actor->party, arena, &actor->law, &actor->vkey, err);
    if (st == PD_OK)
        st = node_find_member(g, actor->party, actor->member, arena, &actor->member_id, &has, err);
    if (st == PD_OK && (has & duties) == 0)
        st = pd_fail(err, PD_DENIED,
                     "%.*s has no right to act on keys for %.*s: only a member with the duty "
                     "owner, steward or supervisor may",
                     pd_arg(actor->member), pd_arg(actor->party));
    return st;
}

enum pd_status key_act_begin(struct govern *g, const struct key_actor *actor, pd_str words,
                             struct act *act, struct pd_arena *arena, struct pd_error *err) {
    act->party = actor->party;
    act->member = actor->member_id;
    enum pd_status st = act_begin(g, act, err);
    if (st != PD_OK)
        return st;
    char id[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE];
    pd_id_write(act->id, id);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_str text =
        pd_arena_printf(arena, "polder-key/v1\nact %s\n%.*s\ntime %s\n", id, pd_arg(words), time);
    if (!text.data)
        return pd_fail_memory(err);
    if (!actor->is_unsigned)
        st = attest_sign(actor->party, actor->private_key, actor->vkey, text, act, err);
    return st == PD_OK ? record_commit_text(act, LEDGER_FIELD_MEMBER, actor->member_id, arena, err)
                       : st;
}

enum pd_status key_party_vkey_check(struct govern *g, pd_str party, pd_str vkey,
                                    struct pd_arena *arena, struct pd_error *err) {
    struct ledger_vkey key;
    struct pd_buf again;
    pd_str name = pd_arena_printf(arena, "%.*s/party/%.*s", pd_arg(g->origin), pd_arg(party));
    if (!name.data)
        return pd_fail_memory(err);
    enum pd_status st = ledger_vkey_parse(vkey, &key, err);
    if (st != PD_OK)
        return pd_wrap(err, "the verifier key of the party"), PD_INVALID;
    pd_buf_init(&again, 4096);
    ledger_vkey_write(&key, &again);
    if (!pd_str_eq(pd_buf_view(&again), vkey) || !pd_str_starts(vkey, name) ||
        vkey.len <= name.len || vkey.data[name.len] != '+')
        st = pd_fail(err, PD_INVALID, "the verifier key of the party must be named \"%.*s\"",
                     pd_arg(name));
    pd_buf_clear(&again);
    return st;
}

enum pd_status key_act_commit(struct govern *g, const struct key_actor *actor, const char *law_verb,
                              struct act *act, struct pd_arena *arena,
                              const struct govern_outcome **out, struct pd_error *err) {
    struct law_case law = {.verb = pd_str_from(law_verb),
                           .party = actor->law,
                           .member = actor->member_id,
                           .resource_type = PD_STR("Party"),
                           .resource_id = actor->party,
                           .now = act->at};
    return act_govern(g, act, &law, arena, out, err);
}

/* ---- What the acts say of keys, brought about ---- */

static const struct sql NEWEST_DESTROYED = {
    .both = "SELECT id FROM key_destroyed ORDER BY destroyed_at DESC, id DESC LIMIT 1"};
static const struct sql ALL_DESTROYED = {
    .both = "SELECT id, act_id, destroyed_at FROM key_destroyed ORDER BY destroyed_at, id"};

/* An older key store lacks the last ones that were destroyed: so asking for the last one is enough.
 */
static enum pd_status is_behind(struct govern *g, bool *behind, struct pd_error *err) {
    struct store_rows *rows;
    bool has, is_destroyed = true;
    pd_id id;
    enum pd_status st = store_select(g->store, NEWEST_DESTROYED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && !pd_id_parse(store_str(rows, 0), &id))
        st = pd_fail(err, PD_INTERNAL, "the row of a destroyed key has no id");
    if (st == PD_OK && has)
        st = store_key_is_destroyed(g->store, id, &is_destroyed, NULL, err);
    store_rows_close(rows);
    *behind = st == PD_OK && !is_destroyed;
    return st;
}

static enum pd_status destroy_again(struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, ALL_DESTROYED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_id id, act;
        bool is_destroyed = false;
        if (!pd_id_parse(store_str(rows, 0), &id) || !pd_id_parse(store_str(rows, 1), &act))
            st = pd_fail(err, PD_INTERNAL, "the row of a destroyed key is damaged");
        if (st == PD_OK)
            st = store_key_is_destroyed(g->store, id, &is_destroyed, NULL, err);
        if (st == PD_OK && !is_destroyed)
            st = store_key_destroy(g->store, &id, 1, act, store_i64(rows, 2), err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

static const struct sql NEWEST_NODE_KEY = {
    .both = "SELECT vkey FROM signing_key WHERE holder = 'node' AND replaced_at IS NULL"};

static enum pd_status settle_node_key(struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    char wanted[STORE_FINGERPRINT_SIZE] = "";
    enum pd_status st = store_select(g->store, NEWEST_NODE_KEY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_str(rows, 0).len < sizeof(wanted))
        memcpy(wanted, store_str(rows, 0).data, store_str(rows, 0).len);
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    struct pd_error later = {0};
    st = store_node_key_settle(g->store, wanted[0] ? wanted : NULL, &later);
    /* While others write, the old key is in their memory; whoever comes next will do it. */
    return st == PD_OK || st == PD_CONFLICT ? PD_OK : pd_fail(err, st, "%s", later.text);
}

enum pd_status key_settle(struct govern *g, bool may_write, struct pd_error *err) {
    bool behind = false;
    enum pd_status st = is_behind(g, &behind, err);
    if (st == PD_OK && behind && !may_write)
        return pd_fail(
            err, PD_CONFLICT,
            "%s/keys.db is older than the acts: it holds keys that were destroyed since; "
            "polder job run --data %s destroys them again",
            store_folder(g->store), store_folder(g->store));
    if (st == PD_OK && behind)
        st = destroy_again(g, err);
    return st == PD_OK && may_write ? settle_node_key(g, err) : st;
}
