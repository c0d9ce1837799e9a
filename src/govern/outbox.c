/* The outbox: what can't join a transaction and is released after the act stands. */
#include "govern/govern_impl.h"

static const struct sql QUEUE = {.both = "INSERT INTO outbox (distribution_id) VALUES ($1)"};

enum pd_status integrate_queue(struct govern *g, pd_str distribution, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(distribution)};
    return store_run(g->store, QUEUE, values, 1, NULL, err);
}

static const struct sql NEXT_RELEASE = {
    .both = "SELECT d.id, d.address, d.key_id, d.released_as FROM outbox o JOIN distribution d"
            " ON d.id = o.distribution_id WHERE o.done_at IS NULL ORDER BY d.id LIMIT 1"};
static const struct sql RELEASED = {
    .both = "UPDATE outbox SET done_at = $2 WHERE distribution_id = $1"};

struct release {
    pd_str id, path;
    pd_time now;
};

static enum pd_status mark_released(struct store *store, void *context, struct pd_error *err) {
    const struct release *r = context;
    struct store_value values[] = {STORE_STR(r->id), STORE_I64(r->now)};
    return store_run(store, RELEASED, values, 2, NULL, err);
}

enum pd_status outbox_release_next(struct govern *g, struct pd_arena *arena, bool *more,
                                   struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, NEXT_RELEASE, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    struct release r = {.now = pd_clock_now(&g->clock)};
    crypto_hash address;
    pd_id key_id;
    st = store_next(rows, more, err);
    if (st == PD_OK && *more) {
        r.id = pd_arena_str(arena, store_str(rows, 0));
        r.path = pd_arena_str(arena, store_str(rows, 3));
        if (!r.id.data || !r.path.data)
            st = pd_fail_memory(err);
        else if (!pd_hex_decode(store_str(rows, 1), address.bytes, sizeof(address.bytes)) ||
                 !pd_id_parse(store_str(rows, 2), &key_id))
            st = pd_fail(err, PD_INTERNAL, "the row of distribution %.*s is damaged", pd_arg(r.id));
    }
    store_rows_close(rows);
    if (st != PD_OK || !*more)
        return st;
    struct store_key key;
    st = store_key_find(g->store, key_id, &key, err);
    if (st == PD_OK)
        st = store_file_release(g->store, &key, address, r.path.data, err);
    crypto_wipe(&key, sizeof(key));
    return st == PD_OK ? store_transact(g->store, mark_released, &r, err) : st;
}
