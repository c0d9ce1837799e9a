/*
 * The key store. keys.db holds keys wrapped by node.key, so that either file alone opens nothing;
 * destroying a row erases what it sealed, in backups too. That a key was destroyed, when and by
 * which act, is kept: the row of a destroyed key never comes back.
 */
#include "store/store_impl.h"
#include <inttypes.h>
#include <string.h>

enum {
    WRAPPED_SIZE = STORE_WRAPPED_SIZE,
    PURPOSE_LIMIT = 64,
    RECORD_LIMIT = 16 << 20,
    SEAL_OVERHEAD = CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE
};

/* ---- keys.db ---- */

/* Times are microseconds since 1970-01-01 UTC; ids are 16 bytes (UUIDv7). */
static const char LAY_OUT[] =
    "CREATE TABLE IF NOT EXISTS key ("
    " id BLOB PRIMARY KEY NOT NULL,"
    " purpose TEXT NOT NULL,"
    " made_at BIGINT NOT NULL,"
    " wrapped BLOB NOT NULL);" /* nonce || AES-256-GCM by node.key */
    "CREATE TABLE IF NOT EXISTS destroyed ("
    " id BLOB PRIMARY KEY NOT NULL,"
    " act TEXT NOT NULL," /* that destroyed it */
    " at BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS keystore (" /* node_key: fingerprint of the key that wraps */
    " name TEXT PRIMARY KEY NOT NULL,"
    " value TEXT NOT NULL);";

enum pd_status store_keys_lay_out(struct store *store, struct pd_error *err) {
    return store->keys->driver->script(store->keys, LAY_OUT, err);
}

static enum pd_status transact(struct store *store,
                               enum pd_status (*body)(struct store *store, const void *context,
                                                      struct pd_error *err),
                               const void *context, struct pd_error *err) {
    struct store_db *db = store->keys;
    enum pd_status st = db->driver->begin(db, err);
    if (st != PD_OK)
        return st;
    db->began = true;
    st = body(store, context, err);
    if (st == PD_OK)
        st = db->driver->commit(db, err);
    if (st != PD_OK)
        db->driver->rollback(db);
    db->began = false;
    return st;
}

enum pd_status store_keys_transact(struct store *store,
                                   enum pd_status (*body)(struct store *store, const void *context,
                                                          struct pd_error *err),
                                   const void *context, struct pd_error *err) {
    struct store_db *db = store->keys;
    enum pd_status st = transact(store, body, context, err);
    /* What was overwritten in the database still stands in its log, until that is emptied. */
    return st == PD_OK ? db->driver->script(db, "PRAGMA wal_checkpoint(TRUNCATE)", err) : st;
}

static pd_str id_bytes(const pd_id *id) {
    return (pd_str){(const char *)id->bytes, sizeof(id->bytes)};
}

/* The id is bound, so that one key can't be passed off as another by swapping rows. */
void store_key_wrap(const uint8_t node_key[CRYPTO_KEY_SIZE], const struct store_key *key,
                    uint8_t out[STORE_WRAPPED_SIZE]) {
    crypto_random(out, CRYPTO_NONCE_SIZE);
    crypto_seal(node_key, out, id_bytes(&key->id), key->bytes, sizeof(key->bytes),
                out + CRYPTO_NONCE_SIZE);
}

enum pd_status store_key_unwrap(const uint8_t node_key[CRYPTO_KEY_SIZE], pd_str wrapped,
                                struct store_key *key, struct pd_error *err) {
    const uint8_t *bytes = (const uint8_t *)wrapped.data;
    if (wrapped.len != WRAPPED_SIZE)
        return pd_fail(err, PD_INTERNAL, "has %zu bytes instead of %d", wrapped.len, WRAPPED_SIZE);
    return crypto_open(node_key, bytes, id_bytes(&key->id), bytes + CRYPTO_NONCE_SIZE,
                       WRAPPED_SIZE - CRYPTO_NONCE_SIZE, key->bytes, err);
}

static const struct sql ADD_KEY = {
    .both = "INSERT INTO key (id, purpose, made_at, wrapped) VALUES ($1, $2, $3, $4)"};

struct store_key store_key_make(pd_time now) {
    struct store_key key = {.id = crypto_id(now)};
    crypto_random(key.bytes, sizeof(key.bytes));
    return key;
}

/* Alone it may be tried again; inside a transaction that is the affair of the whole. */
static enum pd_status add_key(struct store *store, const char *purpose, pd_time now,
                              const struct store_key *key, bool is_alone, struct pd_error *err) {
    if (strlen(purpose) > PURPOSE_LIMIT)
        return pd_fail(err, PD_INVALID, "a key's purpose has at most %d bytes", PURPOSE_LIMIT);
    uint8_t wrapped[WRAPPED_SIZE];
    store_key_wrap(store->node_key, key, wrapped);
    const struct store_value row[] = {
        STORE_BYTES(id_bytes(&key->id)), STORE_STR(pd_str_from(purpose)), STORE_I64(now),
        STORE_BYTES(((pd_str){(const char *)wrapped, sizeof(wrapped)}))};
    return is_alone ? store_db_run_patiently(store->keys, ADD_KEY, row, 4, NULL, err)
                    : store_db_run(store->keys, ADD_KEY, row, 4, NULL, err);
}

enum pd_status store_key_new(struct store *store, const char *purpose, pd_time now,
                             struct store_key *out, struct pd_error *err) {
    struct store_key key = store_key_make(now);
    enum pd_status st = add_key(store, purpose, now, &key, true, err);
    if (st == PD_OK)
        *out = key;
    crypto_wipe(&key, sizeof(key));
    return st;
}

struct adding {
    const char *purpose;
    pd_time now;
    const struct store_key *keys;
    size_t count;
};

static enum pd_status add_all(struct store *store, const void *context, struct pd_error *err) {
    const struct adding *adding = context;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < adding->count; i++)
        st = add_key(store, adding->purpose, adding->now, &adding->keys[i], false, err);
    return st;
}

enum pd_status store_keys_add(struct store *store, const char *purpose, pd_time now,
                              const struct store_key *keys, size_t count, struct pd_error *err) {
    const struct adding adding = {purpose, now, keys, count};
    return transact(store, add_all, &adding, err); /* nothing is overwritten */
}

/* ---- Destroyed keys ---- */

static const struct sql FIND_DESTROYED = {.both = "SELECT act, at FROM destroyed WHERE id = $1"};

enum pd_status store_key_is_destroyed(struct store *store, pd_id id, bool *is_destroyed,
                                      struct store_destroyed *out, struct pd_error *err) {
    const struct store_value values[] = {STORE_BYTES(id_bytes(&id))};
    struct store_rows *rows = NULL;
    enum pd_status st = store_db_select(store->keys, FIND_DESTROYED, values, 1, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, is_destroyed, err);
    if (st == PD_OK && *is_destroyed && out) {
        out->at = store_i64(rows, 1);
        if (!pd_id_parse(store_str(rows, 0), &out->act))
            st = pd_fail(err, PD_INTERNAL, "keys.db: a destroyed key names no act");
    }
    store_rows_close(rows);
    return st;
}

static const struct sql DELETE_KEY = {.both = "DELETE FROM key WHERE id = $1"};
static const struct sql ADD_DESTROYED = {
    .both = "INSERT INTO destroyed (id, act, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"};

struct destroying {
    const pd_id *ids;
    size_t count;
    pd_id act;
    pd_time at;
};

static enum pd_status destroy(struct store *store, const void *context, struct pd_error *err) {
    const struct destroying *d = context;
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(d->act, text);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < d->count; i++) {
        const struct store_value values[] = {STORE_BYTES(id_bytes(&d->ids[i])),
                                             STORE_STR(pd_str_from(text)), STORE_I64(d->at)};
        st = store_db_run(store->keys, ADD_DESTROYED, values, 3, NULL, err);
        if (st == PD_OK)
            st = store_db_run(store->keys, DELETE_KEY, values, 1, NULL, err);
    }
    return st;
}

enum pd_status store_key_destroy(struct store *store, const pd_id *ids, size_t count, pd_id act,
                                 pd_time at, struct pd_error *err) {
    const struct destroying d = {ids, count, act, at};
    return store_keys_transact(store, destroy, &d, err);
}

/* ---- Finding and listing ---- */

static const struct sql FIND_KEY = {.both = "SELECT wrapped FROM key WHERE id = $1"};

static enum pd_status fail_missing(struct store *store, pd_id id, struct pd_error *err) {
    char text[PD_ID_TEXT_SIZE], act[PD_ID_TEXT_SIZE], day[PD_TIME_TEXT_SIZE];
    bool is_destroyed = false;
    struct store_destroyed by;
    pd_id_write(id, text);
    enum pd_status st = store_key_is_destroyed(store, id, &is_destroyed, &by, err);
    if (st != PD_OK)
        return st;
    if (!is_destroyed)
        return pd_fail(err, PD_NOT_FOUND,
                       "the key store has no key %s; restore keys.db from its backup", text);
    pd_id_write(by.act, act);
    pd_time_write(by.at, PD_TIME_SECONDS, day);
    return pd_fail(err, PD_NOT_FOUND, "the key %s was destroyed by the act %s on %.10s", text, act,
                   day);
}

enum pd_status store_key_find(struct store *store, pd_id id, struct store_key *out,
                              struct pd_error *err) {
    const struct store_value values[] = {STORE_BYTES(id_bytes(&id))};
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_db_select(store->keys, FIND_KEY, values, 1, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = fail_missing(store, id, err);
    if (st == PD_OK) {
        struct store_key key = {.id = id};
        char text[PD_ID_TEXT_SIZE];
        pd_id_write(id, text);
        /* The same bytes as a text aren't what was written. */
        st = store_column(rows, 0).type == STORE_BLOB
                 ? store_key_unwrap(store->node_key, store_str(rows, 0), &key, err)
                 : pd_fail(err, PD_INTERNAL, "is stored as another type than it was written");
        if (st == PD_OK)
            *out = key;
        else
            pd_wrap(err, "key %s", text);
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    return st;
}

static const struct sql LIST_KEYS = {.both = "SELECT id, purpose, made_at FROM key ORDER BY id"};

enum pd_status store_keys_each(struct store *store,
                               enum pd_status (*visit)(void *context,
                                                       const struct store_key_about *about,
                                                       struct pd_error *err),
                               void *context, struct pd_error *err) {
    struct store_rows *rows = NULL;
    bool has;
    enum pd_status st = store_db_select(store->keys, LIST_KEYS, NULL, 0, &rows, err);
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct store_key_about about = {.purpose = store_str(rows, 1),
                                        .made_at = store_i64(rows, 2)};
        pd_str id = store_str(rows, 0);
        if (id.len != sizeof(about.id.bytes)) {
            st = pd_fail(err, PD_INTERNAL, "keys.db: the id of a key has %zu bytes", id.len);
            break;
        }
        memcpy(about.id.bytes, id.data, id.len);
        st = visit(context, &about, err);
    }
    store_rows_close(rows);
    return st;
}

static const struct sql BEGIN = {.sqlite = "BEGIN"};
static const struct sql END = {.sqlite = "COMMIT"};

/* Each SELECT of its own would lock and unlock the file, which takes as long as finding a key. */
enum pd_status store_keys_find(struct store *store, const pd_id *ids, size_t count,
                               struct store_key *out, struct pd_error *err) {
    if (count == 1)
        return store_key_find(store, ids[0], out, err);
    enum pd_status st = store_db_run(store->keys, BEGIN, NULL, 0, NULL, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = store_key_find(store, ids[i], &out[i], err);
    struct pd_error *own = st == PD_OK ? err : NULL; /* the first failure is the one to tell */
    enum pd_status ended = store_db_run(store->keys, END, NULL, 0, NULL, own);
    st = st == PD_OK ? ended : st;
    if (st != PD_OK)
        crypto_wipe(out, count * sizeof(*out));
    return st;
}

static const struct sql KEYS_INTEGRITY = {.both = "PRAGMA integrity_check(1)"};

enum pd_status store_keys_check(struct store *store, struct pd_arena *arena, pd_str *what,
                                struct pd_error *err) {
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_db_select(store->keys, KEYS_INTEGRITY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    pd_str line = has ? store_str(rows, 0) : PD_STR("");
    *what = pd_arena_str(arena, pd_str_is(line, "ok") ? PD_STR("") : line);
    if (st == PD_OK && !what->data)
        st = pd_fail_memory(err);
    store_rows_close(rows);
    return st;
}

/* ---- Sealed records ---- */

/* Records, files and the salts of commitments each get keys of their own from the one stored. */
static void record_key(const struct store_key *key, uint8_t out[CRYPTO_KEY_SIZE]) {
    crypto_hkdf(key->bytes, sizeof(key->bytes), PD_STR(""), PD_STR("polder record 1"), out,
                CRYPTO_KEY_SIZE);
}

enum pd_status store_seal(const struct store_key *key, pd_str label, pd_str plain,
                          struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    if (plain.len > RECORD_LIMIT)
        return pd_fail(err, PD_LIMIT, "a sealed record has at most %d bytes, not %zu", RECORD_LIMIT,
                       plain.len);
    uint8_t *sealed = pd_arena_alloc(arena, plain.len + SEAL_OVERHEAD);
    if (sealed == NULL)
        return pd_fail_memory(err);
    uint8_t own[CRYPTO_KEY_SIZE];
    record_key(key, own);
    crypto_random(sealed, CRYPTO_NONCE_SIZE);
    crypto_seal(own, sealed, label, plain.data, plain.len, sealed + CRYPTO_NONCE_SIZE);
    crypto_wipe(own, sizeof(own));
    *out = (pd_str){(const char *)sealed, plain.len + SEAL_OVERHEAD};
    return PD_OK;
}

enum pd_status store_unseal(const struct store_key *key, pd_str label, pd_str sealed,
                            struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    if (sealed.len < SEAL_OVERHEAD || sealed.len > RECORD_LIMIT + SEAL_OVERHEAD)
        return pd_fail(err, PD_INTERNAL, "%.*s: a sealed record has %d to %d bytes, not %zu",
                       pd_arg(label), SEAL_OVERHEAD, RECORD_LIMIT + SEAL_OVERHEAD, sealed.len);
    size_t length = sealed.len - SEAL_OVERHEAD;
    char *plain = pd_arena_alloc(arena, length + 1); /* a zero behind it, as in pd_arena_str */
    if (plain == NULL)
        return pd_fail_memory(err);
    const uint8_t *bytes = (const uint8_t *)sealed.data;
    uint8_t own[CRYPTO_KEY_SIZE];
    record_key(key, own);
    enum pd_status st = crypto_open(own, bytes, label, bytes + CRYPTO_NONCE_SIZE,
                                    sealed.len - CRYPTO_NONCE_SIZE, plain, err);
    crypto_wipe(own, sizeof(own));
    if (st == PD_OK)
        *out = (pd_str){plain, length};
    else
        pd_wrap(err, "%.*s", pd_arg(label));
    return st;
}
