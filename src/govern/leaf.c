/* What the ledger learns of an act: its leaf, and the receipt that promises it. */
#include "govern/govern_impl.h"

#include <stdio.h>
#include <string.h>

/* The salt of a commitment derives from the record's key: destroying the key makes it unopenable
 * for ever. */
static enum pd_status commit(const struct act *act, enum ledger_field field,
                             struct ledger_leaf *leaf, struct pd_error *err) {
    uint8_t salt[32];
    pd_str info = pd_arena_printf(act->arena, "commitment %s", ledger_field_name(field));
    if (!info.data)
        return pd_fail_memory(err);
    crypto_hkdf(act->key.bytes, sizeof(act->key.bytes), PD_STR("polder"), info, salt, sizeof(salt));
    leaf->commitments[field].is_set = true;
    enum pd_status st = ledger_commit(salt, act->id, field, act->commitments[field],
                                      &leaf->commitments[field].value, err);
    crypto_wipe(salt, sizeof(salt));
    return st;
}

/* The policies that decided, by id; of very many the first ones, since the finding names them all.
 */
static void name_articles(const struct act *act, struct ledger_leaf *leaf) {
    if (act->article.len)
        leaf->articles[leaf->article_count++] = act->article;
    for (size_t i = 0; act->finding && i < act->finding->voice_count; i++) {
        const struct law_voice *v = &act->finding->voices[i];
        if (leaf->article_count < LEDGER_ARTICLES_MAX && !v->exempted_by.len)
            leaf->articles[leaf->article_count++] = v->id;
    }
}

enum pd_status leaf_make(struct govern *g, const struct act *act, pd_str *bytes,
                         struct pd_error *err) {
    (void)g;
    struct ledger_leaf *leaf = pd_arena_alloc(act->arena, sizeof(*leaf));
    if (!leaf)
        return pd_fail_memory(err);
    *leaf = (struct ledger_leaf){.act = act->id,
                                 .verb = act->verb,
                                 .party = act->party,
                                 .time = act->at - act->at % (60 * PD_SECOND),
                                 .outcome = act->outcome,
                                 .has_object = act->has_object,
                                 .object_kind = act->object_kind,
                                 .object_id = act->object_id,
                                 .has_log = act->has_log,
                                 .log_origin = act->log_origin,
                                 .log_size = act->log_size,
                                 .log_root = act->log_root,
                                 .has_key = act->is_signed};
    memcpy(leaf->key_id, act->signer_id, sizeof(leaf->key_id));
    memcpy(leaf->key_signature, act->signature, sizeof(leaf->key_signature));
    leaf->hashes[LEDGER_DIGEST_RULES] = (struct ledger_optional_hash){true, act->rules_hash};
    leaf->hashes[LEDGER_DIGEST_VERSION] =
        (struct ledger_optional_hash){act->has_version_hash, act->version_hash};
    leaf->hashes[LEDGER_DIGEST_CHARTER] = act->charter;
    if (act->vkey.len)
        leaf->vkey = act->vkey;
    leaf->hashes[LEDGER_DIGEST_POLICY] = act->policy;
    name_articles(act, leaf);
    enum pd_status st = PD_OK;
    for (int f = 0; st == PD_OK && f < LEDGER_FIELD_COUNT; f++)
        if (act->commitments[f].data)
            st = commit(act, (enum ledger_field)f, leaf, err);
    struct pd_buf buf;
    pd_buf_init(&buf, LEDGER_ENTRY_MAX);
    if (st == PD_OK)
        st = ledger_leaf_write(leaf, &buf, err);
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *bytes = pd_arena_str(act->arena, pd_buf_view(&buf));
        if (!bytes->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

/* The name of the log that the leaf goes to: of the restricted one, of the shard. */
static pd_str log_of(const struct act *act) {
    enum ledger_log log = ledger_log_of(act->verb, act->is_disclosed);
    return pd_str_from(log == LEDGER_PUBLIC ? integrate_log_name(log) : act->shard.name);
}

static const struct sql INSERT_LEAF = {
    .both = "INSERT INTO leaf (act_id, log, bytes) VALUES ($1, $2, $3)"};

enum pd_status leaf_insert(struct govern *g, const struct act *act, pd_str bytes,
                           struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act->id, id);
    enum pd_status st = PD_OK;
    if (ledger_log_of(act->verb, act->is_disclosed) == LEDGER_RESTRICTED) {
        st = shard_open(g, &act->shard, act->arena, err);
        if (st == PD_OK)
            st = shard_watch_day(g, &act->shard, act->at, err);
    }
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(log_of(act)),
                                   STORE_BYTES(bytes)};
    return st == PD_OK ? store_run(g->store, INSERT_LEAF, values, 3, NULL, err) : st;
}

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

enum pd_status receipt_sign(struct govern *g, pd_str text, struct pd_arena *arena, pd_str *note,
                            struct pd_error *err) {
    struct ledger_skey key;
    enum pd_status st = load_receipt_key(g, err);
    if (st != PD_OK)
        return st;
    pd_str name = pd_arena_printf(arena, "%.*s/receipts", pd_arg(g->origin));
    st = name.data ? ledger_skey_make(name, g->receipt_key.bytes, &key, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    struct pd_buf buf;
    pd_buf_init(&buf, LEDGER_NOTE_MAX);
    st = ledger_note_sign(text, &key, 1, &buf, err);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *note = pd_arena_str(arena, pd_buf_view(&buf));
        if (!note->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

enum pd_status receipt_make(struct govern *g, const struct act *act, pd_str leaf, pd_str *note,
                            struct pd_error *err) {
    crypto_hash hash;
    enum pd_status st = ledger_hash_leaf(leaf, &hash, err);
    if (st != PD_OK)
        return st;
    char id[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE], base64[48];
    pd_id_write(act->id, id);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_base64_encode(hash.bytes, sizeof(hash.bytes), base64);
    pd_str text = pd_arena_printf(
        act->arena, "polder-receipt/v1\nact %s\n%s %s\nlog %.*s/%.*s\nleaf %s\ntime %s\n", id,
        ledger_verb_name(act->verb), ledger_outcome_name(act->outcome), pd_arg(g->origin),
        pd_arg(log_of(act)), base64, time);
    return text.data ? receipt_sign(g, text, act->arena, note, err) : pd_fail_memory(err);
}
