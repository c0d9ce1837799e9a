/* What the ledger learns of an act: its leaf. */
#include "govern/govern_impl.h"

#include <stdio.h>
#include <string.h>

/* The salt of a commitment derives from the record's key: destroying the key makes it unopenable
 * for ever. */
enum pd_status leaf_salt(const struct store_key *key, enum ledger_field field,
                         uint8_t salt[GOVERN_SALT_SIZE], struct pd_error *err) {
    char info[64];
    int n = snprintf(info, sizeof(info), "commitment %s", ledger_field_name(field));
    if (n < 0 || (size_t)n >= sizeof(info))
        return pd_fail(err, PD_INTERNAL, "the name of a field is too long");
    crypto_hkdf(key->bytes, sizeof(key->bytes), PD_STR("polder"), (pd_str){info, (size_t)n}, salt,
                GOVERN_SALT_SIZE);
    return PD_OK;
}

enum pd_status leaf_commitment(const struct act *act, enum ledger_field field, crypto_hash *out,
                               struct pd_error *err) {
    uint8_t salt[GOVERN_SALT_SIZE];
    enum pd_status st = leaf_salt(&act->key, field, salt, err);
    if (st == PD_OK)
        st = ledger_commit(salt, act->id, field, act->commitments[field], out, err);
    crypto_wipe(salt, sizeof(salt));
    return st;
}

static enum pd_status commit(const struct act *act, enum ledger_field field,
                             struct ledger_leaf *leaf, struct pd_error *err) {
    leaf->commitments[field].is_set = true;
    return leaf_commitment(act, field, &leaf->commitments[field].value, err);
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
    leaf->hashes[LEDGER_DIGEST_TEXT] = act->text;
    leaf->hashes[LEDGER_DIGEST_FROZEN] = act->frozen;
    leaf->hashes[LEDGER_DIGEST_BALLOTS] = act->ballots;
    leaf->hashes[LEDGER_DIGEST_RESULT] = act->result;
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
pd_str leaf_log(const struct act *act) {
    enum ledger_log log = ledger_log_of(act->verb, act->is_disclosed);
    return pd_str_from(log == LEDGER_PUBLIC ? integrate_log_name(log) : act->shard.name);
}

static const struct sql INSERT_LEAF = {
    .both = "INSERT INTO leaf (act_id, log, leaf_index, bytes) VALUES ($1, $2, $3, $4)"};
static const struct sql FIND_NEXT = {
    .both = "SELECT size, (SELECT MAX(leaf_index) FROM leaf WHERE log = $1) FROM log WHERE name = $1"};

/* Behind the leaves that the tree has, and behind those that wait for the next checkpoint. */
static enum pd_status find_next(struct govern *g, pd_str log, int64_t *next, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_NEXT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_INTERNAL, "the node has no log \"%.*s\"", pd_arg(log));
    if (st == PD_OK) {
        int64_t size = store_i64(rows, 0);
        bool has_newest = !store_is_null(rows, 1) && store_i64(rows, 1) >= size;
        *next = has_newest ? store_i64(rows, 1) + 1 : size;
    }
    store_rows_close(rows);
    return st;
}

/* The index of the next leaf of the log; none where others write meanwhile. */
static enum pd_status take_place(struct govern *g, pd_str log, struct leaf_places *places,
                                 struct store_value *out, struct pd_error *err) {
    struct leaf_place *of = places->of, *end = of + places->count;
    *out = STORE_NONE;
    if (store_is_shared(g->store))
        return PD_OK;
    while (of < end && !pd_str_eq(of->log, log))
        of++;
    if (of == places->of + sizeof(places->of) / sizeof(*of))
        return PD_OK; /* more logs than an hour has: the integrator gives it */
    if (of == end) {
        int64_t next;
        enum pd_status st = find_next(g, log, &next, err);
        if (st != PD_OK)
            return st;
        *of = (struct leaf_place){log, next};
        places->count++;
    }
    *out = STORE_I64(of->next);
    of->next++;
    return PD_OK;
}

enum pd_status leaf_insert(struct govern *g, const struct act *act, struct leaf_places *places,
                           struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act->id, id);
    pd_str log = leaf_log(act);
    struct store_value index;
    enum pd_status st = PD_OK;
    if (ledger_log_of(act->verb, act->is_disclosed) == LEDGER_RESTRICTED) {
        st = shard_open(g, &act->shard, act->arena, err);
        if (st == PD_OK)
            st = shard_watch_day(g, &act->shard, act->at, err);
    }
    if (st == PD_OK)
        st = take_place(g, log, places, &index, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(log), index,
                                   STORE_BYTES(act->leaf)};
    return store_run(g->store, INSERT_LEAF, values, 4, NULL, err);
}
