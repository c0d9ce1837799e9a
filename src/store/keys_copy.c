/* Keys on their way to and from a backup of their own: always wrapped. */
#include "store/store_impl.h"
#include <string.h>

static pd_str bytes_of(const pd_id *id) {
    return (pd_str){(const char *)id->bytes, sizeof(id->bytes)};
}

static const struct sql LIST_KEYS = {
    .both = "SELECT id, purpose, made_at, wrapped FROM key ORDER BY id"};

enum pd_status store_keys_wrapped(struct store *store,
                               enum pd_status (*body)(void *context,
                                                      const struct store_wrapped *key,
                                                      struct pd_error *err),
                               void *context, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_db_select(store->keys, LIST_KEYS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct store_wrapped key = {.purpose = store_str(rows, 1),
                                    .made_at = store_i64(rows, 2),
                                    .bytes = store_str(rows, 3)};
        pd_str id = store_str(rows, 0);
        if (id.len != sizeof(key.id.bytes)) {
            st = pd_fail(err, PD_INTERNAL, "keys.db is damaged: a key's id has %zu bytes", id.len);
            break;
        }
        memcpy(key.id.bytes, id.data, id.len);
        if ((st = body(context, &key, err)) != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

static const struct sql PUT_KEY = {
    .both = "INSERT INTO key (id, purpose, made_at, wrapped) VALUES ($1, $2, $3, $4)"};

struct keys_loading {
    enum pd_status (*next)(void *context, struct store_wrapped *key, bool *has,
                           struct pd_error *err);
    void *context;
};

/* A key that doesn't open now never will: better said before anything depends on it. */
static enum pd_status put_key(struct store *store, const struct store_wrapped *wrapped,
                              struct pd_error *err) {
    struct store_key key = {.id = wrapped->id};
    struct pd_error why = {0};
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(key.id, id);
    enum pd_status st = store_key_unwrap(store->node_key, wrapped->bytes, &key, &why);
    crypto_wipe(&key, sizeof(key));
    if (st != PD_OK)
        return pd_fail(err, PD_DENIED, "the key %s is damaged, or wrapped by another node key", id);
    const struct store_value row[] = {STORE_BYTES(bytes_of(&wrapped->id)),
                                      STORE_STR(wrapped->purpose), STORE_I64(wrapped->made_at),
                                      STORE_BYTES(wrapped->bytes)};
    return store_db_run(store->keys, PUT_KEY, row, 4, NULL, err);
}

static enum pd_status load_all(struct store *store, const void *context, struct pd_error *err) {
    const struct keys_loading *l = context;
    enum pd_status st = PD_OK;
    for (bool has = true; st == PD_OK && has;) {
        struct store_wrapped key;
        st = l->next(l->context, &key, &has, err);
        if (st == PD_OK && has)
            st = put_key(store, &key, err);
    }
    return st;
}

enum pd_status store_keys_load(struct store *store,
                               enum pd_status (*next)(void *context, struct store_wrapped *key,
                                                      bool *has, struct pd_error *err),
                               void *context, struct pd_error *err) {
    const struct keys_loading l = {next, context};
    return store_keys_transact(store, load_all, &l, err);
}
