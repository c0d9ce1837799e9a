/* Keys that are destroyed, and another node key: what a process that dies in between leaves. */
#ifndef STORE_KEY_CASES_H
#define STORE_KEY_CASES_H

#include "store_fixture.h"
#include <sqlite3.h>

static pd_id act_id(void) {
    pd_id id;
    assert_true(pd_id_parse(PD_STR("01890a5d-ac96-774b-bcce-b302099a8057"), &id));
    return id;
}

/* The row as another program sees it. */
static size_t wrapped_of(struct fixture *f, pd_id id, uint8_t out[64]) {
    char path[600];
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    path_in(f, "keys.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT wrapped FROM key WHERE id = ?1", -1, &row, NULL), SQLITE_OK);
    sqlite3_bind_blob(row, 1, id.bytes, sizeof(id.bytes), SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    size_t n = (size_t)sqlite3_column_bytes(row, 0);
    memcpy(out, sqlite3_column_blob(row, 0), n < 64 ? n : 64);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return n;
}

static void a_destroyed_key_is_gone_from_every_byte_and_says_so(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), other = make_key(f), found;
    bool is_destroyed = true;
    uint8_t wrapped[64];
    char *bytes = malloc(1 << 20);
    assert_non_null(bytes);
    assert_ok(f, store_key_is_destroyed(f->store, key.id, &is_destroyed, NULL, &f->err));
    assert_false(is_destroyed);
    close_node(f);
    size_t n = wrapped_of(f, key.id, wrapped);
    assert_int_equal(n, 60);
    n = get_file(f, "keys.db", bytes, 1 << 20);
    assert_non_null(memmem(bytes, n, wrapped, 60));
    reopen(f, STORE_WRITE);
    assert_ok(f, store_key_destroy(f->store, &key.id, 1, act_id(), 86400 * PD_SECOND, &f->err));
    assert_fails(f, PD_NOT_FOUND,
                 "destroyed by the act 01890a5d-ac96-774b-bcce-b302099a8057 on 1970-01-02",
                 store_key_find(f->store, key.id, &found, &f->err));
    assert_ok(f, store_key_find(f->store, other.id, &found, &f->err));
    static const char *const names[] = {"keys.db", "keys.db-wal"};
    for (size_t i = 0; i < 2; i++) {
        n = get_file(f, names[i], bytes, 1 << 20);
        assert_null(memmem(bytes, n, wrapped + 12, 32));
    }
    /* Once more changes nothing: the first act stands. */
    assert_ok(f, store_key_destroy(f->store, &key.id, 1, other.id, 9, &f->err));
    struct store_destroyed by;
    assert_ok(f, store_key_is_destroyed(f->store, key.id, &is_destroyed, &by, &f->err));
    assert_true(is_destroyed && pd_id_eq(by.act, act_id()));
    free(bytes);
}

static size_t count_keys(struct fixture *f);

static enum pd_status count_one(void *context, const struct store_key_about *about,
                                struct pd_error *err) {
    (void)err;
    size_t *n = context;
    assert_true(about->purpose.len > 0);
    ++*n;
    return PD_OK;
}

static size_t count_keys(struct fixture *f) {
    size_t n = 0;
    assert_ok(f, store_keys_each(f->store, count_one, &n, &f->err));
    return n;
}

static void assert_found(struct fixture *f, const struct store_key *keys, size_t count) {
    struct store_key found;
    for (size_t i = 0; i < count; i++) {
        assert_ok(f, store_key_find(f->store, keys[i].id, &found, &f->err));
        assert_memory_equal(found.bytes, keys[i].bytes, sizeof(found.bytes));
    }
}

enum { MANY_KEYS = 600 }; /* more than are wrapped in one go */

static void another_node_key_wraps_every_key(void **state) {
    struct fixture *f = *state;
    struct store_key *keys = calloc(MANY_KEYS, sizeof(*keys));
    uint8_t before[32], after[32];
    char fingerprint[STORE_FINGERPRINT_SIZE], now[STORE_FINGERPRINT_SIZE];
    assert_non_null(keys);
    for (size_t i = 0; i < MANY_KEYS; i++)
        keys[i] = make_key(f);
    get_file(f, "node.key", (char *)before, sizeof(before));
    assert_ok(f, store_node_key_stage(f->store, fingerprint, &f->err));
    assert_found(f, keys, MANY_KEYS); /* staged changes nothing */
    assert_ok(f, store_node_key_settle(f->store, fingerprint, &f->err));
    store_node_key_current(f->store, now);
    assert_string_equal(now, fingerprint);
    assert_found(f, keys, MANY_KEYS);
    assert_int_equal(get_file(f, "node.key", (char *)after, sizeof(after)), 32);
    assert_memory_not_equal(before, after, 32);
    reopen(f, STORE_READ);
    assert_found(f, keys, MANY_KEYS);
    assert_int_equal(count_keys(f), MANY_KEYS);
    /* The old one opens nothing, and is refused before it is tried. */
    close_node(f);
    put_file(f, "node.key", (char *)before, 32);
    assert_not_opened(f, STORE_READ, PD_INTERNAL, "node.key is not the key that wraps keys.db");
    assert_not_opened(f, STORE_WRITE, PD_INTERNAL, "node.key is not the key that wraps keys.db");
    put_file(f, "node.key", (char *)after, 32);
    reopen(f, STORE_WRITE);
    assert_found(f, keys, MANY_KEYS);
    free(keys);
}

static bool is_there(struct fixture *f, const char *name) {
    char path[600];
    path_in(f, name, path);
    return access(path, F_OK) == 0;
}

/* Dies before the act: nothing named the staged key. */
static void a_staged_node_key_that_no_act_names_is_removed(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    char fingerprint[STORE_FINGERPRINT_SIZE], before[STORE_FINGERPRINT_SIZE],
        now[STORE_FINGERPRINT_SIZE];
    store_node_key_current(f->store, before);
    assert_ok(f, store_node_key_stage(f->store, fingerprint, &f->err));
    reopen(f, STORE_WRITE);
    assert_true(is_there(f, "node.key.next"));
    assert_ok(f, store_node_key_settle(f->store, NULL, &f->err));
    assert_false(is_there(f, "node.key.next"));
    store_node_key_current(f->store, now);
    assert_string_equal(now, before);
    assert_found(f, &key, 1);
}

/* Dies after the act, before or after the keys were wrapped anew. */
static void a_node_key_that_an_act_names_takes_its_place_at_the_next_opening(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    uint8_t old[32], next[32];
    char fingerprint[STORE_FINGERPRINT_SIZE], now[STORE_FINGERPRINT_SIZE], path[600];
    get_file(f, "node.key", (char *)old, sizeof(old));
    assert_ok(f, store_node_key_stage(f->store, fingerprint, &f->err));
    get_file(f, "node.key.next", (char *)next, sizeof(next));
    reopen(f, STORE_READ); /* a reader works with the old one */
    assert_found(f, &key, 1);
    reopen(f, STORE_WRITE);
    assert_ok(f, store_node_key_settle(f->store, fingerprint, &f->err));
    /* As if it had died between keys.db and the name of the file. */
    close_node(f);
    put_file(f, "node.key", (char *)old, 32);
    put_file(f, "node.key.next", (char *)next, 32);
    path_in(f, "node.key.next", path);
    assert_int_equal(chmod(path, 0600), 0);
    reopen(f, STORE_READ);
    assert_found(f, &key, 1);
    assert_true(is_there(f, "node.key.next"));
    reopen(f, STORE_WRITE);
    assert_found(f, &key, 1);
    assert_false(is_there(f, "node.key.next"));
    store_node_key_current(f->store, now);
    assert_string_equal(now, fingerprint);
}

static void a_key_that_does_not_unwrap_stops_the_rotation_and_is_named(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), broken = make_key(f);
    if (memcmp(key.id.bytes, broken.id.bytes, sizeof(key.id.bytes)) > 0) {
        struct store_key swap = key; /* made in the same moment, they come in any order */
        key = broken;
        broken = swap;
    }
    char fingerprint[STORE_FINGERPRINT_SIZE], now[STORE_FINGERPRINT_SIZE],
        before[STORE_FINGERPRINT_SIZE], id[PD_ID_TEXT_SIZE];
    pd_id_write(broken.id, id);
    close_node(f);
    meddle(f, "keys.db",
           "UPDATE key SET wrapped = zeroblob(60) WHERE id = (SELECT MAX(id) FROM key)");
    reopen(f, STORE_WRITE);
    store_node_key_current(f->store, before);
    assert_ok(f, store_node_key_stage(f->store, fingerprint, &f->err));
    assert_fails(f, PD_INTERNAL, id, store_node_key_settle(f->store, fingerprint, &f->err));
    store_node_key_current(f->store, now);
    assert_string_equal(now, before);
    assert_found(f, &key, 1);
    /* A destroyed key needs no wrapping: so there is a way out. */
    assert_ok(f, store_key_destroy(f->store, &broken.id, 1, act_id(), 1, &f->err));
    assert_ok(f, store_node_key_settle(f->store, fingerprint, &f->err));
    assert_found(f, &key, 1);
}

static void the_next_node_key_is_closed_to_others_too(void **state) {
    struct fixture *f = *state;
    char fingerprint[STORE_FINGERPRINT_SIZE], path[600];
    struct stat about;
    assert_ok(f, store_node_key_stage(f->store, fingerprint, &f->err));
    path_in(f, "node.key.next", path);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_fails(f, PD_DENIED, "node.key.next is open to other users",
                 store_node_key_settle(f->store, fingerprint, &f->err));
}

static void removed_files_are_gone_and_may_be_removed_again(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_writer *w;
    struct store_stored stored;
    uint64_t size;
    assert_ok(f, store_vault_create(f->store, &key, &w, &f->err));
    assert_ok(f, store_vault_write(w, "abc", 3, &f->err));
    assert_ok(f, store_vault_keep(w, &stored, &f->err));
    store_writer_free(w);
    for (int i = 0; i < 2; i++)
        assert_ok(f, store_vault_remove(f->store, stored.address, &f->err));
    assert_fails(f, PD_NOT_FOUND, "no file",
                 store_vault_check(f->store, stored.address, &size, &f->err));
    assert_ok(f, store_file_write(f->store, "open/a.csv", PD_STR("a"), &f->err));
    for (int i = 0; i < 2; i++)
        assert_ok(f, store_file_remove(f->store, "open/a.csv", &f->err));
    assert_false(is_there(f, "open/a.csv"));
    assert_ok(f, store_file_remove(f->store, "open/none/a.csv", &f->err));
    assert_fails(f, PD_INVALID, "belongs to the store",
                 store_file_remove(f->store, "node.key", &f->err));
}

#endif
