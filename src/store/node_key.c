/*
 * node.key, which wraps every key of keys.db; and how another takes its place. The next one waits
 * in node.key.next until an act stands that says so; then all keys are wrapped anew in one
 * transaction of keys.db, and only then is the file renamed. Which of the two wraps is said by
 * keys.db itself, so that a process that dies at any point leaves the old one or the new one, never
 * a mixture.
 */
#include "store/store_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The file ---- */

/* Written in staging and linked in place: there is never half a key, and link() never replaces one.
 */
enum pd_status store_node_key_make(struct store *store, struct pd_error *err) {
    struct store_temp temp;
    uint8_t bytes[CRYPTO_KEY_SIZE];
    enum pd_status st = store_temp_open(store, 0600, &temp, err);
    if (st != PD_OK)
        return st;
    if (store->given_node_key)
        memcpy(bytes, store->given_node_key, sizeof(bytes));
    else
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

static enum pd_status check_file(const struct store *store, const char *name, int fd,
                                 struct pd_error *err) {
    struct stat about;
    if (fstat(fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s/%s", store->folder, name);
    if (!S_ISREG(about.st_mode) || about.st_size != CRYPTO_KEY_SIZE)
        return pd_fail(err, PD_INTERNAL,
                       "%s/%s is not a file of %d bytes; restore it from its backup", store->folder,
                       name, CRYPTO_KEY_SIZE);
    if ((about.st_mode & 077) != 0)
        return pd_fail(err, PD_DENIED,
                       "%s/%s is open to other users (mode %04o), and it opens every sealed "
                       "file; run: chmod 600 %s/%s",
                       store->folder, name, (unsigned)(about.st_mode & 07777), store->folder, name);
    return PD_OK;
}

/* PD_NOT_FOUND: there is no such file. */
static enum pd_status load_key(const struct store *store, const char *name,
                               uint8_t out[CRYPTO_KEY_SIZE], struct pd_error *err) {
    int fd = openat(store->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open %s/%s",
                             store->folder, name);
    size_t n = CRYPTO_KEY_SIZE;
    enum pd_status st = check_file(store, name, fd, err);
    if (st == PD_OK)
        st = store_read_at(fd, name, 0, out, &n, err);
    if (st == PD_OK && n != CRYPTO_KEY_SIZE)
        st = pd_fail(err, PD_IO, "%s/%s changed while it was read", store->folder, name);
    close(fd);
    return st;
}

enum pd_status store_node_key_load(struct store *store, struct pd_error *err) {
    enum pd_status st = load_key(store, "node.key", store->node_key, err);
    return st != PD_NOT_FOUND
               ? st
               : pd_fail(err, PD_INTERNAL,
                         "%s/node.key is missing; without it nothing sealed can be read: restore "
                         "it from its backup",
                         store->folder);
}

/* ---- Which of two ---- */

static const char NEXT[] = "node.key.next";

void store_node_key_fingerprint(const uint8_t key[CRYPTO_KEY_SIZE],
                                char out[STORE_FINGERPRINT_SIZE]) {
    static const char LABEL[] = "polder node key 1";
    crypto_hash hash = crypto_hmac(key, CRYPTO_KEY_SIZE, LABEL, sizeof(LABEL) - 1);
    pd_hex_encode(hash.bytes, (STORE_FINGERPRINT_SIZE - 1) / 2, out);
}

void store_node_key_current(const struct store *store, char out[STORE_FINGERPRINT_SIZE]) {
    store_node_key_fingerprint(store->node_key, out);
}

static const struct sql FIND_WRAPPING = {.both =
                                             "SELECT value FROM keystore WHERE name = 'node_key'"};
static const struct sql HAS_KEYSTORE = {
    .sqlite = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'keystore'"};
static const struct sql SET_WRAPPING = {
    .both = "INSERT INTO keystore (name, value) VALUES ('node_key', $1)"
            " ON CONFLICT (name) DO UPDATE SET value = $1"};

static enum pd_status find_text(struct store *store, struct sql sql,
                                char out[STORE_FINGERPRINT_SIZE], struct pd_error *err) {
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_db_select(store->keys, sql, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK)
        snprintf(out, STORE_FINGERPRINT_SIZE, "%.*s", has ? (int)store_str(rows, 0).len : 0,
                 has ? store_str(rows, 0).data : "");
    store_rows_close(rows);
    return st;
}

/* What keys.db says of who wraps its keys; empty: it was never another than the first. */
static enum pd_status find_wrapping(struct store *store, char out[STORE_FINGERPRINT_SIZE],
                                    struct pd_error *err) {
    char table[STORE_FINGERPRINT_SIZE];
    enum pd_status st = find_text(store, HAS_KEYSTORE, table, err);
    out[0] = '\0';
    return st == PD_OK && table[0] ? find_text(store, FIND_WRAPPING, out, err) : st;
}

static enum pd_status place_next(struct store *store, struct pd_error *err) {
    if (renameat(store->folder_fd, NEXT, store->folder_fd, "node.key") != 0)
        return pd_fail_errno(err, PD_IO, "rename %s/%s to node.key", store->folder, NEXT);
    if (fsync(store->folder_fd) != 0)
        return pd_fail_errno(err, PD_IO, "make %s/node.key durable", store->folder);
    return PD_OK;
}

enum pd_status store_node_key_choose(struct store *store, struct pd_error *err) {
    char wrapping[STORE_FINGERPRINT_SIZE], own[STORE_FINGERPRINT_SIZE];
    uint8_t next[CRYPTO_KEY_SIZE];
    enum pd_status st = find_wrapping(store, wrapping, err);
    store_node_key_current(store, own);
    if (st != PD_OK || !wrapping[0] || strcmp(wrapping, own) == 0)
        return st;
    struct pd_error why = {0};
    st = load_key(store, NEXT, next, &why);
    if (st != PD_OK && st != PD_NOT_FOUND)
        return pd_fail(err, st, "%s", why.text);
    if (st == PD_OK) {
        store_node_key_fingerprint(next, own);
        if (strcmp(wrapping, own) == 0) {
            memcpy(store->node_key, next, sizeof(next));
            crypto_wipe(next, sizeof(next));
            return store->lock_fd < 0 ? PD_OK : place_next(store, err);
        }
        crypto_wipe(next, sizeof(next));
    }
    return pd_fail(err, PD_INTERNAL,
                   "%s/node.key is not the key that wraps keys.db (that has the fingerprint %s); "
                   "the two belong together: restore both from one backup",
                   store->folder, wrapping);
}

/* ---- Another one ---- */

enum pd_status store_node_key_stage(struct store *store, char fingerprint[STORE_FINGERPRINT_SIZE],
                                    struct pd_error *err) {
    uint8_t bytes[CRYPTO_KEY_SIZE];
    struct store_temp temp;
    /* Another writer would go on wrapping with the old key, or clear the new one away. */
    enum pd_status st = store_hold_alone(store, err);
    if (st == PD_OK)
        st = store_temp_open(store, 0600, &temp, err);
    if (st != PD_OK)
        return st;
    crypto_random(bytes, sizeof(bytes));
    store_node_key_fingerprint(bytes, fingerprint);
    st = store_temp_write(&temp, bytes, sizeof(bytes), err);
    crypto_wipe(bytes, sizeof(bytes));
    if (st == PD_OK)
        st = store_temp_place(store, &temp, store->folder_fd, NEXT, err);
    store_temp_discard(store, &temp);
    return st;
}

enum { REWRAP_BATCH = 256 };
struct wrapped {
    pd_id id;
    uint8_t bytes[STORE_WRAPPED_SIZE];
};
static const struct sql LIST_WRAPPED = {
    .both = "SELECT id, wrapped FROM key WHERE id > $1 ORDER BY id LIMIT 256"};
static const struct sql SET_WRAPPED = {.both = "UPDATE key SET wrapped = $2 WHERE id = $1"};

/* The next keys behind `after`, wrapped anew in memory. */
static enum pd_status rewrap_some(struct store *store, const uint8_t next[CRYPTO_KEY_SIZE],
                                  pd_str after, struct wrapped list[REWRAP_BATCH], size_t *count,
                                  struct pd_error *err) {
    const struct store_value values[] = {STORE_BYTES(after)};
    struct store_rows *rows = NULL;
    bool has;
    *count = 0;
    enum pd_status st = store_db_select(store->keys, LIST_WRAPPED, values, 1, &rows, err);
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct store_key key;
        pd_str id = store_str(rows, 0);
        if (id.len != sizeof(key.id.bytes)) {
            st = pd_fail(err, PD_INTERNAL, "keys.db: the id of a key has %zu bytes", id.len);
            break;
        }
        memcpy(key.id.bytes, id.data, id.len);
        st = store_key_unwrap(store->node_key, store_str(rows, 1), &key, err);
        if (st == PD_OK) {
            list[*count].id = key.id;
            store_key_wrap(next, &key, list[(*count)++].bytes);
        } else {
            char text[PD_ID_TEXT_SIZE];
            pd_id_write(key.id, text);
            pd_wrap(err, "key %s, which must be restored or destroyed first", text);
        }
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status rewrap_all(struct store *store, const void *context, struct pd_error *err) {
    const uint8_t *next = context;
    struct wrapped list[REWRAP_BATCH];
    pd_id last = {0};
    size_t count = 0;
    enum pd_status st = PD_OK;
    do {
        pd_str after = {(const char *)last.bytes, sizeof(last.bytes)};
        st = rewrap_some(store, next, after, list, &count, err);
        for (size_t i = 0; st == PD_OK && i < count; i++) {
            last = list[i].id;
            const struct store_value row[] = {
                STORE_BYTES(((pd_str){(const char *)last.bytes, sizeof(last.bytes)})),
                STORE_BYTES(((pd_str){(const char *)list[i].bytes, STORE_WRAPPED_SIZE}))};
            st = store_db_run(store->keys, SET_WRAPPED, row, 2, NULL, err);
        }
    } while (st == PD_OK && count == REWRAP_BATCH);
    char fingerprint[STORE_FINGERPRINT_SIZE];
    store_node_key_fingerprint(next, fingerprint);
    const struct store_value name[] = {STORE_STR(pd_str_from(fingerprint))};
    return st == PD_OK ? store_db_run(store->keys, SET_WRAPPING, name, 1, NULL, err) : st;
}

static enum pd_status take_next(struct store *store, const uint8_t next[CRYPTO_KEY_SIZE],
                                struct pd_error *err) {
    enum pd_status st = store_keys_transact(store, rewrap_all, next, err);
    if (st != PD_OK)
        return st;
    memcpy(store->node_key, next, CRYPTO_KEY_SIZE);
    return place_next(store, err);
}

enum pd_status store_node_key_settle(struct store *store, const char *wanted,
                                     struct pd_error *err) {
    uint8_t next[CRYPTO_KEY_SIZE];
    struct pd_error why = {0};
    enum pd_status st = load_key(store, NEXT, next, &why);
    if (st == PD_NOT_FOUND)
        return PD_OK;
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    char fingerprint[STORE_FINGERPRINT_SIZE];
    store_node_key_fingerprint(next, fingerprint);
    st = store_hold_alone(store, err);
    if (st == PD_OK && wanted && strcmp(wanted, fingerprint) == 0)
        st = take_next(store, next, err);
    else if (st == PD_OK &&
             unlinkat(store->folder_fd, NEXT, 0) != 0) /* no act says that it is to be used */
        st = pd_fail_errno(err, PD_IO, "remove %s/%s", store->folder, NEXT);
    crypto_wipe(next, sizeof(next));
    return st == PD_OK ? store_share(store, err) : st;
}
