/*
 * The key store. keys.db holds keys wrapped by node.key, so that either file alone opens nothing;
 * destroying a row erases what it sealed, in backups too.
 */
#include "store/store_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WRAPPED_SIZE = CRYPTO_NONCE_SIZE + CRYPTO_KEY_SIZE + CRYPTO_TAG_SIZE,
    PURPOSE_LIMIT = 64,
    RECORD_LIMIT = 16 << 20,
    SEAL_OVERHEAD = CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE
};

/* ---- node.key ---- */

/* Written in staging and linked in place: there is never half a key, and link() never replaces one.
 */
enum pd_status store_node_key_make(struct store *store, struct pd_error *err) {
    struct store_temp temp;
    uint8_t bytes[CRYPTO_KEY_SIZE];
    enum pd_status st = store_temp_open(store, 0600, &temp, err);
    if (st != PD_OK)
        return st;
    crypto_random(bytes, sizeof(bytes));
    st = store_temp_write(&temp, bytes, sizeof(bytes), err);
    if (st == PD_OK)
        st = store_temp_sync(&temp, err);
    crypto_wipe(bytes, sizeof(bytes));
    if (st == PD_OK && linkat(store->folder_fd, temp.name, store->folder_fd, "node.key", 0) != 0 &&
        errno != EEXIST)
        st = pd_fail_errno(err, PD_IO, "make %s/node.key", store->folder);
    if (st == PD_OK && fsync(store->folder_fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make %s/node.key durable", store->folder);
    store_temp_discard(store, &temp);
    return st;
}

static enum pd_status check_node_key(const struct store *store, int fd, struct pd_error *err) {
    struct stat about;
    if (fstat(fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s/node.key", store->folder);
    if (!S_ISREG(about.st_mode) || about.st_size != CRYPTO_KEY_SIZE)
        return pd_fail(err, PD_INTERNAL,
                       "%s/node.key is not a file of %d bytes; restore it from its backup",
                       store->folder, CRYPTO_KEY_SIZE);
    if ((about.st_mode & 077) != 0)
        return pd_fail(err, PD_DENIED,
                       "%s/node.key is open to other users (mode %04o), and it opens every sealed "
                       "file; run: chmod 600 %s/node.key",
                       store->folder, (unsigned)(about.st_mode & 07777), store->folder);
    return PD_OK;
}

enum pd_status store_node_key_load(struct store *store, struct pd_error *err) {
    int fd = openat(store->folder_fd, "node.key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return pd_fail(err, PD_INTERNAL,
                       "%s/node.key is missing; without it nothing sealed can be read: restore it "
                       "from its backup",
                       store->folder);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open %s/node.key", store->folder);
    size_t n = sizeof(store->node_key);
    enum pd_status st = check_node_key(store, fd, err);
    if (st == PD_OK)
        st = store_read_at(fd, "node.key", 0, store->node_key, &n, err);
    if (st == PD_OK && n != sizeof(store->node_key))
        st = pd_fail(err, PD_IO, "%s/node.key changed while it was read", store->folder);
    close(fd);
    return st;
}

/* ---- keys.db ---- */

static const struct sql LAY_OUT = {
    .sqlite = "CREATE TABLE IF NOT EXISTS key ("
              " id BLOB PRIMARY KEY NOT NULL," /* UUIDv7, 16 bytes */
              " purpose TEXT NOT NULL,"
              " made_at BIGINT NOT NULL," /* microseconds since 1970-01-01 UTC */
              " wrapped BLOB NOT NULL)"}; /* nonce || AES-256-GCM by node.key */

enum pd_status store_keys_lay_out(struct store *store, struct pd_error *err) {
    return store_db_run(store->keys, LAY_OUT, NULL, 0, NULL, err);
}

static pd_str id_bytes(const pd_id *id) {
    return (pd_str){(const char *)id->bytes, sizeof(id->bytes)};
}

static const struct sql ADD_KEY = {
    .both = "INSERT INTO key (id, purpose, made_at, wrapped) VALUES ($1, $2, $3, $4)"};

enum pd_status store_key_new(struct store *store, const char *purpose, pd_time now,
                             struct store_key *out, struct pd_error *err) {
    if (strlen(purpose) > PURPOSE_LIMIT)
        return pd_fail(err, PD_INVALID, "a key's purpose has at most %d bytes", PURPOSE_LIMIT);
    struct store_key key = {.id = crypto_id(now)};
    crypto_random(key.bytes, sizeof(key.bytes));
    uint8_t wrapped[WRAPPED_SIZE];
    crypto_random(wrapped, CRYPTO_NONCE_SIZE);
    /* The id is bound, so that one key can't be passed off as another by swapping rows. */
    crypto_seal(store->node_key, wrapped, id_bytes(&key.id), key.bytes, sizeof(key.bytes),
                wrapped + CRYPTO_NONCE_SIZE);
    const struct store_value row[] = {
        STORE_BYTES(id_bytes(&key.id)), STORE_STR(pd_str_from(purpose)), STORE_I64(now),
        STORE_BYTES(((pd_str){(const char *)wrapped, sizeof(wrapped)}))};
    enum pd_status st = store_db_run_patiently(store->keys, ADD_KEY, row, 4, NULL, err);
    if (st == PD_OK)
        *out = key;
    crypto_wipe(&key, sizeof(key));
    return st;
}

static enum pd_status unwrap(const struct store *store, pd_str wrapped, struct store_key *key,
                             struct pd_error *err) {
    const uint8_t *bytes = (const uint8_t *)wrapped.data;
    if (wrapped.len != WRAPPED_SIZE)
        return pd_fail(err, PD_INTERNAL, "has %zu bytes instead of %d", wrapped.len, WRAPPED_SIZE);
    return crypto_open(store->node_key, bytes, id_bytes(&key->id), bytes + CRYPTO_NONCE_SIZE,
                       WRAPPED_SIZE - CRYPTO_NONCE_SIZE, key->bytes, err);
}

static const struct sql FIND_KEY = {.both = "SELECT wrapped FROM key WHERE id = $1"};

enum pd_status store_key_find(struct store *store, pd_id id, struct store_key *out,
                              struct pd_error *err) {
    const struct store_value values[] = {STORE_BYTES(id_bytes(&id))};
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_db_select(store->keys, FIND_KEY, values, 1, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "the key store has no key %s; perhaps it was destroyed",
                     text);
    if (st == PD_OK) {
        struct store_key key = {.id = id};
        st = unwrap(store, store_str(rows, 0), &key, err);
        if (st == PD_OK)
            *out = key;
        else
            pd_wrap(err, "key %s", text);
        crypto_wipe(&key, sizeof(key));
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
