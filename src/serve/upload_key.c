/*
 * The keys of uploads. Each file has its own, which stands in its row wrapped by a key of the key
 * store: over PostgreSQL the rows are elsewhere, and what opens a file never leaves the folder.
 *
 * Wrapped: the id of the wrapping key, then the file's key as store_seal has it, with the upload's id
 * bound to it, so that rows can't be swapped.
 */
#include "serve/serve_impl.h"

#include <string.h>

enum { ID_SIZE = sizeof(((pd_id *)NULL)->bytes) };

static const struct sql NEWEST = {
    .both = "SELECT seal_key FROM upload ORDER BY made_at DESC LIMIT 1"};

/* That of the newest upload, so that there is a new one only when all were forgotten. */
static enum pd_status find_wrapping(struct store *store, pd_time now, struct store_key *out,
                                    struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    pd_id id;
    enum pd_status st = store_select(store, NEWEST, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    pd_str wrapped = st == PD_OK && has ? store_str(rows, 0) : PD_STR("");
    bool is_known = wrapped.len > CRYPTO_KEY_SIZE;
    if (is_known)
        memcpy(id.bytes, wrapped.data, ID_SIZE);
    store_rows_close(rows);
    if (st == PD_OK && is_known && store_key_find(store, id, out, NULL) == PD_OK)
        return PD_OK;
    return st == PD_OK ? store_key_new(store, "upload", now, out, err) : st;
}

static pd_str label_of(pd_str upload, struct pd_arena *arena) {
    return pd_arena_printf(arena, "upload.key %.*s", pd_arg(upload));
}

enum pd_status serve_upload_key_wrap(struct store *store, pd_str upload, const uint8_t *key,
                                     pd_time now, struct pd_arena *arena, pd_str *out,
                                     struct pd_error *err) {
    struct store_key wrapping;
    pd_str sealed, label = label_of(upload, arena);
    enum pd_status st = label.data ? find_wrapping(store, now, &wrapping, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    st = store_seal(&wrapping, label, (pd_str){(const char *)key, CRYPTO_KEY_SIZE}, arena, &sealed,
                    err);
    char *bytes = st == PD_OK ? pd_arena_alloc(arena, ID_SIZE + sealed.len) : NULL;
    if (st == PD_OK && !bytes)
        st = pd_fail_memory(err);
    if (st == PD_OK) {
        memcpy(bytes, wrapping.id.bytes, ID_SIZE);
        memcpy(bytes + ID_SIZE, sealed.data, sealed.len);
        *out = (pd_str){bytes, ID_SIZE + sealed.len};
    }
    crypto_wipe(&wrapping, sizeof(wrapping));
    return st;
}

enum pd_status serve_upload_key_open(struct store *store, pd_str upload, pd_str wrapped,
                                     struct pd_arena *arena, uint8_t *key, struct pd_error *err) {
    struct store_key wrapping;
    pd_id id;
    pd_str plain, label = label_of(upload, arena);
    if (wrapped.len <= CRYPTO_KEY_SIZE)
        return pd_fail(err, PD_NOT_FOUND,
                       "this upload is of an older Polder, which kept its key otherwise: send the file again");
    memcpy(id.bytes, wrapped.data, ID_SIZE);
    enum pd_status st = label.data ? store_key_find(store, id, &wrapping, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    st = store_unseal(&wrapping, label, pd_str_sub(wrapped, ID_SIZE, wrapped.len), arena, &plain,
                      err);
    crypto_wipe(&wrapping, sizeof(wrapping));
    if (st == PD_OK && plain.len != CRYPTO_KEY_SIZE)
        st = pd_fail(err, PD_INTERNAL, "the key of the upload %.*s is damaged", pd_arg(upload));
    if (st == PD_OK)
        memcpy(key, plain.data, CRYPTO_KEY_SIZE);
    return st;
}
