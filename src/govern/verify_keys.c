/* Keys that rows name open, or were destroyed by an act; those that sign are the ones that the node
 * shows to others. */
#include "govern/verify_impl.h"

#include <string.h>

static const struct sql FIND_DESTROYED = {.both = "SELECT act_id FROM key_destroyed WHERE id = $1"};

/*
 * Whether an act destroyed the key: then what it sealed is gone, as it should be. A node restored
 * from an older backup lacks acts, and knows it; of those the key store speaks alone.
 */
static enum pd_status verify_key_is_destroyed(struct verifier *v, pd_id key, pd_str id,
                                              bool *is_destroyed, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, FIND_DESTROYED, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, is_destroyed, err);
    store_rows_close(rows);
    if (st != PD_OK || *is_destroyed)
        return st;
    const struct govern_gap *gaps;
    size_t count = 0;
    st = store_key_is_destroyed(v->g->store, key, is_destroyed, NULL, err);
    if (st == PD_OK && *is_destroyed)
        st = govern_find_gaps(v->g, v->scratch, &gaps, &count, err);
    *is_destroyed = *is_destroyed && count > 0;
    return st;
}

enum pd_status verify_key(struct verifier *v, pd_str id, pd_str where, struct store_key *out,
                          enum verify_key *state, struct pd_error *err) {
    pd_id key_id;
    struct store_key key = {0};
    struct pd_error why = {0};
    *state = VERIFY_KEY_FLAWED;
    if (!pd_id_parse(id, &key_id)) {
        verify_flaw(v, "key", where, "it names \"%.*s\", which is no key", pd_arg(id));
        return PD_OK;
    }
    v->found.keys++;
    enum pd_status st = store_key_find(v->g->store, key_id, &key, &why);
    if (st == PD_OK)
        *state = VERIFY_KEY_OPENS;
    if (st == PD_OK && out)
        *out = key;
    crypto_wipe(&key, sizeof(key));
    if (st == PD_NOT_FOUND) {
        bool is_destroyed;
        st = verify_key_is_destroyed(v, key_id, id, &is_destroyed, err);
        if (st != PD_OK)
            return st;
        if (is_destroyed || v->options->without_keys)
            *state = VERIFY_KEY_DESTROYED;
        else
            verify_flaw(v, "key", where,
                        "the key store has no key %.*s, and no act destroyed it: what it sealed "
                        "can't be opened",
                        pd_arg(id));
        return PD_OK;
    }
    if (st == PD_INTERNAL) {
        verify_flaw(v, "key", where, "%s", why.text);
        return PD_OK;
    }
    return st == PD_OK ? PD_OK : pd_fail(err, st, "%s", why.text);
}

/* ---- Those that sign ---- */

static const struct sql SIGNERS = {
    .both = "SELECT origin, key_id, vkey FROM log UNION ALL"
            " SELECT origin || '/receipts', receipt_key_id, receipt_vkey FROM node"};

static void compare(struct verifier *v, pd_str name, const struct store_key *key, pd_str text) {
    struct ledger_skey signer;
    struct ledger_vkey shown;
    struct pd_error why = {0};
    enum pd_status st = ledger_skey_make(name, key->bytes, &signer, &why);
    if (st == PD_OK)
        st = ledger_vkey_parse(text, &shown, &why);
    if (st != PD_OK) {
        verify_flaw(v, "key", name, "%s", why.text);
        return;
    }
    struct ledger_vkey own = ledger_skey_public(&signer);
    crypto_wipe(&signer, sizeof(signer));
    if (memcmp(own.public_key, shown.public_key, sizeof(own.public_key)) != 0 ||
        memcmp(own.id, shown.id, sizeof(own.id)) != 0 || !pd_str_eq(own.name, shown.name))
        verify_flaw(v, "key", name, "the key that signs is not the one that others are shown");
}

enum pd_status verify_signers(struct verifier *v, const struct verify_task *task,
                              struct pd_error *err) {
    (void)task;
    struct store_rows *rows;
    pd_str what;
    enum pd_status st = store_keys_check(v->g->store, v->scratch, &what, err);
    if (st != PD_OK)
        return st;
    if (what.len)
        verify_flaw(v, "database", PD_STR("keys.db"), "%.*s", pd_arg(what));
    st = store_select(v->g->store, SIGNERS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct store_key key = {0};
        enum verify_key state;
        st = verify_key(v, store_str(rows, 1), store_str(rows, 0), &key, &state, err);
        if (st != PD_OK)
            break;
        if (state == VERIFY_KEY_OPENS)
            compare(v, store_str(rows, 0), &key, store_str(rows, 2));
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    return st;
}

/* ---- Destroyed ones ---- */

static const struct sql LIST_DESTROYED = {.both = "SELECT id, act_id FROM key_destroyed"};

enum pd_status verify_destroyed(struct verifier *v, const struct verify_task *task,
                                struct pd_error *err) {
    (void)task;
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, LIST_DESTROYED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct store_key key = {0};
        struct pd_error why = {0};
        pd_id id;
        if (!pd_id_parse(store_str(rows, 0), &id) ||
            store_key_find(v->g->store, id, &key, &why) != PD_NOT_FOUND)
            verify_flaw(v, "key", store_str(rows, 0),
                        "the act %.*s destroyed this key, and the key store still has it",
                        pd_arg(store_str(rows, 1)));
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    return st;
}
