/* The public face of the database, and the one function through which transactions run. */
#include "store/store_impl.h"
#include <assert.h>
#include <time.h>

enum { ATTEMPTS = 10, PAUSE_MS = 20 };

/* The text for the driver at hand. */
static const char *text_of(struct sql sql) {
    const char *text = sql.both ? sql.both : sql.sqlite;
    assert(text != NULL);
    return text;
}

enum pd_status store_run(struct store *store, struct sql sql, const struct store_value *values,
                         size_t count, int64_t *changed, struct pd_error *err) {
    return store_db_run(store->db, text_of(sql), values, count, changed, err);
}

enum pd_status store_select(struct store *store, struct sql sql, const struct store_value *values,
                            size_t count, struct store_rows **out, struct pd_error *err) {
    return store_db_select(store->db, text_of(sql), values, count, out, err);
}

bool store_in_transaction(const struct store *store) {
    return store_db_in_transaction(store->db);
}

static enum pd_status run_once(struct store *store,
                               enum pd_status (*body)(struct store *store, void *context,
                                                      struct pd_error *err),
                               void *context, struct pd_error *err) {
    enum pd_status st = store_db_begin(store->db, err);
    if (st != PD_OK)
        return st;
    st = body(store, context, err);
    if (st == PD_OK)
        st = store_db_commit(store->db, err);
    if (st != PD_OK)
        store_db_rollback(store->db);
    return st;
}

enum pd_status store_transact(struct store *store,
                              enum pd_status (*body)(struct store *store, void *context,
                                                     struct pd_error *err),
                              void *context, struct pd_error *err) {
    for (int attempt = 1;; attempt++) {
        enum pd_status st = run_once(store, body, context, err);
        /* A body may also find something else unavailable: that is its own affair. */
        if (st != PD_UNAVAILABLE || !store_db_asks_retry(store->db))
            return st;
        if (attempt == ATTEMPTS) {
            pd_wrap(err, "gave up after %d attempts", ATTEMPTS);
            return st;
        }
        struct timespec pause = {.tv_nsec = attempt * PAUSE_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
}

/* ---- Locks among processes ---- */

enum pd_status store_lock(struct store *store, const char *name, int wait_ms, bool *got,
                          struct pd_error *err) {
    (void)name, (void)wait_ms, (void)err;
    *got = store->mode != STORE_READ;
    return PD_OK;
}

void store_unlock(struct store *store, const char *name) {
    (void)store, (void)name;
}
