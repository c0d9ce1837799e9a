/*
 * Another key in the place of one: of a log, of receipts, of a party, of the node. The new key is
 * durable before the act that names it; the act's leaf announces it in the public log. What was
 * signed with the old one stays verifiable: its row says from when to when it was used.
 */
#include "govern/key.h"

#include <string.h>

struct rotating {
    struct key_actor actor;
    struct key_change change;
};

/* ---- The new key ---- */

static enum pd_status write_vkey(pd_str name, const uint8_t seed[CRYPTO_SEED_SIZE],
                                 struct ledger_skey *key, struct pd_arena *arena, pd_str *vkey,
                                 struct pd_error *err) {
    enum pd_status st = ledger_skey_make(name, seed, key, err);
    if (st != PD_OK)
        return st;
    struct ledger_vkey public_half = ledger_skey_public(key);
    struct pd_buf text;
    pd_buf_init(&text, 4096);
    ledger_vkey_write(&public_half, &text);
    *vkey = pd_arena_str(arena, pd_buf_view(&text));
    pd_buf_clear(&text);
    return vkey->data ? PD_OK : pd_fail_memory(err);
}

/* In the key store: the same random bytes are the seed of the signing key. */
static enum pd_status make_stored(struct govern *g, struct key_change *r, const char *purpose,
                                  pd_str name, struct pd_arena *arena, struct pd_error *err) {
    struct ledger_skey key;
    enum pd_status st = store_key_new(g->store, purpose, pd_clock_now(&g->clock), &r->key, err);
    if (st != PD_OK)
        return st;
    st = write_vkey(name, r->key.bytes, &key, arena, &r->new_vkey, err);
    crypto_wipe(&key, sizeof(key));
    r->new_id = govern_id_text(r->key.id, arena);
    return st;
}

enum pd_status key_change_party(struct govern *g, struct key_change *r, struct pd_arena *arena,
                                struct pd_error *err) {
    uint8_t seed[CRYPTO_SEED_SIZE];
    struct ledger_skey key;
    crypto_random(seed, sizeof(seed));
    pd_str name = pd_arena_printf(arena, "%.*s/party/%.*s", pd_arg(g->origin), pd_arg(r->old.name));
    enum pd_status st =
        name.data ? write_vkey(name, seed, &key, arena, &r->new_vkey, err) : pd_fail_memory(err);
    crypto_wipe(seed, sizeof(seed));
    if (st != PD_OK)
        return st;
    /* A file of its own, so that the old key is there until the act stands. */
    char id[2 * LEDGER_KEY_ID_SIZE + 1];
    pd_hex_encode(key.id, sizeof(key.id), id);
    r->file = pd_arena_printf(arena, "keys/%.*s.%s.key", pd_arg(r->old.name), id);
    struct pd_buf text;
    pd_buf_init(&text, 4096);
    ledger_skey_write(&key, &text);
    pd_buf_char(&text, '\n');
    st = pd_buf_check(&text, err);
    if (st == PD_OK)
        st = r->file.data
                 ? store_file_write(g->store, r->file.data, pd_buf_view(&text), err)
                 : pd_fail_memory(err);
    if (text.data)
        crypto_wipe(text.data, text.capacity);
    pd_buf_clear(&text);
    crypto_wipe(&key, sizeof(key));
    r->new_id = govern_id_text(crypto_id(pd_clock_now(&g->clock)), arena);
    return st;
}

static enum pd_status make_node(struct govern *g, struct key_change *r, struct pd_arena *arena,
                                struct pd_error *err) {
    char fingerprint[STORE_FINGERPRINT_SIZE];
    enum pd_status st = store_node_key_stage(g->store, fingerprint, err);
    if (st != PD_OK)
        return st;
    r->new_vkey = pd_arena_str(arena, pd_str_from(fingerprint));
    r->new_id = govern_id_text(crypto_id(pd_clock_now(&g->clock)), arena);
    return PD_OK;
}

static enum pd_status make_new(struct govern *g, struct key_change *r, struct pd_arena *arena,
                               struct pd_error *err) {
    enum pd_status st = PD_OK;
    pd_str receipts = pd_arena_printf(arena, "%.*s/receipts", pd_arg(g->origin));
    switch (r->old.of) {
    case KEY_OF_LOG:
        st = make_stored(g, r, "log", r->old.origin, arena, err);
        break;
    case KEY_OF_RECEIPTS:
        st = make_stored(g, r, "receipts", receipts, arena, err);
        break;
    case KEY_OF_PARTY:
        st = key_change_party(g, r, arena, err);
        break;
    default:
        st = make_node(g, r, arena, err);
    }
    return st == PD_OK && (!r->new_id.data || !r->new_vkey.data) ? pd_fail_memory(err) : st;
}

/* ---- The rows ---- */

static const struct sql INSERT_KEY = {
    .both = "INSERT INTO signing_key (id, holder, vkey, since, made_by, from_size)"
            " VALUES ($1, $2, $3, $4, $5, $6)"};
static const struct sql REPLACE_KEY = {
    .both = "UPDATE signing_key SET replaced_at = $2, replaced_by = $3 WHERE id = $1 AND "
            "replaced_at IS NULL"};

static enum pd_status save_old(struct key_change *r, struct govern *g, struct act *act,
                               struct pd_error *err) {
    enum pd_status st = PD_OK;
    bool is_log = r->old.of == KEY_OF_LOG;
    r->old_id = r->old.id;
    if (!r->old_id.len) { /* the first one gets its row now that there is a second */
        r->old_id =
            r->old.key_id.len ? r->old.key_id : govern_id_text(crypto_id(r->old.since), act->arena);
        struct store_value first[] = {STORE_STR(r->old_id),
                                      STORE_STR(r->old.holder),
                                      STORE_STR(r->old.vkey),
                                      STORE_I64(r->old.since),
                                      STORE_NONE,
                                      is_log ? STORE_I64(0) : STORE_NONE};
        st = store_run(g->store, INSERT_KEY, first, 6, NULL, err);
    }
    struct store_value replaced[] = {STORE_STR(r->old_id), STORE_I64(act->at),
                                     STORE_STR(govern_id_text(act->id, act->arena))};
    int64_t changed = 0;
    if (st == PD_OK)
        st = store_run(g->store, REPLACE_KEY, replaced, 3, &changed, err);
    if (st == PD_OK && changed != 1)
        st = pd_fail(err, PD_CONFLICT, "the key of %.*s was replaced meanwhile",
                     pd_arg(r->old.holder));
    return st == PD_OK ? act_wrote(g, act, "signing_key", r->old_id, err) : st;
}

static const struct sql SET_PARTY = {
    .both = "UPDATE party SET public_key = $2 WHERE id = $1 AND public_key = $3"};
static const struct sql SET_RECEIPTS = {
    .both = "UPDATE node SET receipt_key_id = $2, receipt_vkey = $3 WHERE receipt_key_id = $1"};
static const struct sql FIND_NODE_ID = {.both = "SELECT id FROM node"};

static enum pd_status save_party(struct key_change *r, struct govern *g, struct act *act,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(r->old.name), STORE_STR(r->new_vkey),
                                   STORE_STR(r->old.vkey)};
    int64_t changed = 0;
    enum pd_status st = store_run(g->store, SET_PARTY, values, 3, &changed, err);
    if (st == PD_OK && changed != 1)
        st = pd_fail(err, PD_CONFLICT, "the key of %.*s was replaced meanwhile",
                     pd_arg(r->old.holder));
    return st == PD_OK ? act_wrote(g, act, "party", r->old.name, err) : st;
}

static enum pd_status save_receipts(struct key_change *r, struct govern *g, struct act *act,
                                    struct pd_error *err) {
    struct store_value values[] = {STORE_STR(r->old.key_id), STORE_STR(r->new_id),
                                   STORE_STR(r->new_vkey)};
    int64_t changed = 0;
    enum pd_status st = store_run(g->store, SET_RECEIPTS, values, 3, &changed, err);
    if (st == PD_OK && changed != 1)
        st = pd_fail(err, PD_CONFLICT, "the key of receipts was replaced meanwhile");
    struct store_rows *rows = NULL;
    bool has = false;
    pd_str id = {0};
    if (st == PD_OK)
        st = store_select(g->store, FIND_NODE_ID, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        id = pd_arena_str(act->arena, store_str(rows, 0));
    store_rows_close(rows);
    /* The receipt of this act is the first that the new key signs. */
    receipt_forget_key(g);
    return st == PD_OK ? act_wrote(g, act, "node", id, err) : st;
}

enum pd_status key_change_save(struct key_change *r, struct govern *g, struct act *act,
                               struct pd_error *err) {
    enum pd_status st = save_old(r, g, act, err);
    if (st != PD_OK)
        return st;
    bool is_log = r->old.of == KEY_OF_LOG;
    struct store_value row[] = {STORE_STR(r->new_id),
                                STORE_STR(r->old.holder),
                                STORE_STR(r->new_vkey),
                                STORE_I64(act->at),
                                STORE_STR(govern_id_text(act->id, act->arena)),
                                is_log ? STORE_I64(r->old.size) : STORE_NONE};
    st = store_run(g->store, INSERT_KEY, row, 6, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "signing_key", r->new_id, err);
    if (st != PD_OK)
        return st;
    switch (r->old.of) {
    case KEY_OF_LOG:
        return integrate_take_key(g, r->old.name, r->new_id, r->new_vkey, r->old.size, act->arena,
                                  err);
    case KEY_OF_RECEIPTS:
        return save_receipts(r, g, act, err);
    case KEY_OF_PARTY:
        return save_party(r, g, act, err);
    default:
        return PD_OK;
    }
}

/* ---- The act ---- */

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct rotating *r = context;
    return key_change_save(&r->change, g, act, err);
}

/* What could not join the transaction. */
static enum pd_status complete(struct govern *g, const struct key_change *r, struct pd_error *err) {
    if (r->old.of == KEY_OF_NODE) {
        char wanted[STORE_FINGERPRINT_SIZE] = "";
        memcpy(wanted, r->new_vkey.data, r->new_vkey.len);
        return store_node_key_settle(g->store, wanted, err);
    }
    if (r->old.of == KEY_OF_PARTY)
        return PD_OK;
    return integrate_republish(g, r->old.of == KEY_OF_LOG ? r->old.name : PD_STR("public"), err);
}

void key_change_give_up(struct govern *g, const struct key_change *r, struct pd_arena *arena) {
    struct pd_error none = {0};
    struct key_current now;
    receipt_forget_key(g); /* the node's own is loaded again */
    enum pd_status st = key_current_find(g, r->old.holder, arena, &now, &none);
    if (st != PD_OK || (r->new_id.len && pd_str_eq(now.id, r->new_id)))
        return;
    if (r->file.len)
        st = store_file_remove(g->store, r->file.data, &none);
    if (st == PD_OK && r->old.of == KEY_OF_NODE)
        st = key_settle(g, true, &none);
    (void)st;
}

enum pd_status key_change_tell(const struct key_change *c, const struct govern_outcome *outcome,
                               const struct pd_error *later, struct pd_arena *arena,
                               const struct govern_rotated **out, struct pd_error *err) {
    struct govern_rotated *r = pd_arena_alloc(arena, sizeof(*r));
    if (!r)
        return pd_fail_memory(err);
    *r = (struct govern_rotated){.holder = c->old.holder,
                                 .old_id = c->old_id,
                                 .old_vkey = c->old.vkey,
                                 .vkey = c->new_vkey,
                                 .file = c->file,
                                 .outcome = outcome};
    if (later)
        r->unfinished = pd_arena_str(arena, pd_str_from(later->text));
    *out = r;
    return PD_OK;
}

static enum pd_status check_signers(struct govern *g, const struct key_change *r,
                                    struct pd_error *err) {
    pd_id ids[INTEGRATE_SIGNERS_MAX];
    size_t count = 0;
    if (r->old.of != KEY_OF_LOG)
        return PD_OK;
    enum pd_status st = integrate_signers(g, r->old.name, ids, &count, err);
    if (st == PD_OK && count == INTEGRATE_SIGNERS_MAX)
        st = pd_fail(err, PD_CONFLICT,
                     "%d keys sign the checkpoints of this log already; destroy an old one first",
                     INTEGRATE_SIGNERS_MAX);
    return st;
}

enum pd_status govern_key_rotate(struct govern *g, const struct govern_rotation *rotation,
                                 struct pd_arena *arena, const struct govern_rotated **out,
                                 struct pd_error *err) {
    struct rotating r = {.actor = {.party = rotation->party,
                                   .member = rotation->member,
                                   .private_key = rotation->private_key}};
    struct key_change *c = &r.change;
    const struct govern_outcome *outcome;
    enum pd_status st = key_current_find(g, rotation->holder, arena, &c->old, err);
    if (st == PD_OK)
        st = key_actor_find(g, &r.actor, NODE_STEWARD | NODE_OWNER | NODE_SUPERVISOR, arena, err);
    if (st == PD_OK)
        st = check_signers(g, c, err);
    if (st == PD_OK && c->old.of == KEY_OF_PARTY && !pd_str_eq(c->old.name, rotation->party))
        st = pd_fail(err, PD_DENIED, "only \"%.*s\" itself replaces its key", pd_arg(c->old.name));
    if (st == PD_OK)
        st = make_new(g, c, arena, err);
    struct act act = {.verb = LEDGER_ROTATE_KEY,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .is_disclosed = true,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_KEY,
                      .effect = save,
                      .context = &r};
    pd_str words = {0};
    if (st == PD_OK) {
        act.vkey = c->old.of == KEY_OF_NODE ? (pd_str){0} : c->new_vkey;
        words = pd_arena_printf(arena, "rotate %.*s\nold %.*s\nnew %.*s", pd_arg(c->old.holder),
                                pd_arg(c->old.vkey), pd_arg(c->new_vkey));
        if (!words.data || !pd_id_parse(c->new_id, &act.object_id))
            st = pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = key_act_begin(g, &r.actor, words, &act, arena, err);
    if (st == PD_OK)
        st = key_act_commit(g, &r.actor, "register", &act, arena, &outcome, err);
    crypto_wipe(&c->key, sizeof(c->key));
    if (st != PD_OK) {
        key_change_give_up(g, c, arena);
        return st;
    }
    struct pd_error later = {0};
    st = complete(g, c, &later);
    return key_change_tell(c, outcome, st == PD_OK ? NULL : &later, arena, out, err);
}
