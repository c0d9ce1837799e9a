/* The receipts of acts: signed promises that their leaves will be in the log, one signature for all
 * that are committed together. */
#include "govern/govern_impl.h"

#include <string.h>

static const struct sql FIND_RECEIPT_KEY = {.both = "SELECT receipt_key_id FROM node"};

static enum pd_status load_receipt_key(struct govern *g, struct pd_error *err) {
    static const uint8_t none[CRYPTO_KEY_SIZE];
    if (memcmp(g->receipt_key.bytes, none, sizeof(none)) != 0)
        return PD_OK;
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_RECEIPT_KEY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    pd_id id;
    st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !pd_id_parse(store_str(rows, 0), &id)))
        st = pd_fail(err, PD_INTERNAL, "the node names no key for receipts");
    store_rows_close(rows);
    return st == PD_OK ? store_key_find(g->store, id, &g->receipt_key, err) : st;
}

void receipt_forget_key(struct govern *g) {
    crypto_wipe(&g->receipt_key, sizeof(g->receipt_key));
    crypto_wipe(&g->receipt_signer, sizeof(g->receipt_signer));
}

/* The key that signs, made once: that takes as long as to sign. */
static enum pd_status signing_key(struct govern *g, const struct ledger_skey **out,
                                  struct pd_error *err) {
    enum pd_status st = load_receipt_key(g, err);
    if (st == PD_OK && !g->receipt_signer.name.len) {
        pd_str name = pd_arena_printf(g->arena, "%.*s/receipts", pd_arg(g->origin));
        st = name.data ? ledger_skey_make(name, g->receipt_key.bytes, &g->receipt_signer, err)
                       : pd_fail_memory(err);
    }
    *out = &g->receipt_signer;
    return st;
}

enum pd_status receipt_sign(struct govern *g, pd_str text, struct pd_arena *arena, pd_str *note,
                            struct pd_error *err) {
    const struct ledger_skey *key;
    struct pd_buf buf;
    enum pd_status st = signing_key(g, &key, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, LEDGER_NOTE_MAX);
    st = ledger_note_sign(text, key, 1, &buf, err);
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    pd_str signed_ = st == PD_OK ? pd_arena_str(arena, pd_buf_view(&buf)) : (pd_str){0};
    pd_buf_clear(&buf);
    if (st != PD_OK)
        return st;
    *note = signed_;
    return signed_.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status receipt_promise(const struct govern *g, struct act *act, struct pd_error *err) {
    crypto_hash hash;
    enum pd_status st = ledger_hash_leaf(act->leaf, &hash, err);
    if (st != PD_OK)
        return st;
    char id[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE], base64[48];
    pd_id_write(act->id, id);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_base64_encode(hash.bytes, sizeof(hash.bytes), base64);
    act->promise = pd_arena_printf(act->arena, "act %s\n%s %s\nlog %.*s/%.*s\nleaf %s\ntime %s\n", id,
                                   ledger_verb_name(act->verb), ledger_outcome_name(act->outcome),
                                   pd_arg(g->origin), pd_arg(leaf_log(act)), base64, time);
    return act->promise.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status receipts_make(struct govern *g, struct act *const *acts, size_t count,
                             struct pd_arena *arena, struct pd_error *err) {
    const struct ledger_skey *key;
    pd_str *lines = pd_arena_array(arena, count, sizeof(*lines));
    pd_str *receipts = pd_arena_array(arena, count, sizeof(*receipts));
    enum pd_status st = lines && receipts ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = signing_key(g, &key, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < count; i++)
        lines[i] = acts[i]->promise;
    st = ledger_promises_sign(lines, count, key, arena, receipts, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        acts[i]->receipt = pd_arena_str(acts[i]->arena, receipts[i]);
        st = acts[i]->receipt.data ? PD_OK : pd_fail_memory(err);
    }
    return st;
}
