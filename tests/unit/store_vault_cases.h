/* The vault and the key store: what was sealed comes back whole or not at all. */
#ifndef STORE_VAULT_CASES_H
#define STORE_VAULT_CASES_H

#include "store_fixture.h"

enum { CHUNK = 65536, TAG = 16, HEADER = 40, FILE_ROOM = 4 * CHUNK };

static struct store_key make_key(struct fixture *f) {
    struct store_key key;
    assert_ok(f, store_key_new(f->store, "version", 1, &key, &f->err));
    return key;
}

static struct store_stored keep(struct fixture *f, const struct store_key *key, const char *bytes,
                                size_t n, size_t piece) {
    struct store_writer *w;
    struct store_stored stored;
    assert_ok(f, store_vault_create(f->store, key, &w, &f->err));
    for (size_t at = 0; at < n; at += piece) {
        size_t take = n - at < piece ? n - at : piece;
        assert_ok(f, store_vault_write(w, bytes + at, take, &f->err));
    }
    assert_ok(f, store_vault_keep(w, &stored, &f->err));
    store_writer_free(w);
    return stored;
}

static enum pd_status read_all(struct fixture *f, const struct store_key *key, crypto_hash address,
                               char *out, size_t room, size_t *total) {
    struct store_reader *r = NULL;
    enum pd_status st = store_vault_open(f->store, key, address, &r, &f->err);
    *total = 0;
    while (st == PD_OK) {
        size_t n = room - *total < 1000 ? room - *total : 1000;
        st = store_vault_read(r, out + *total, &n, &f->err);
        if (st != PD_OK || n == 0)
            break;
        *total += n;
    }
    store_reader_free(r);
    return st;
}

static void vault_name(crypto_hash address, char out[80]) {
    char hex[65];
    pd_hex_encode(address.bytes, 32, hex);
    snprintf(out, 80, "vault/%.2s/%s", hex, hex + 2);
}

/* What an intruder can do who knows the form but not the key: any bytes, under their own hash. */
static crypto_hash plant(const struct fixture *f, const char *bytes, size_t n) {
    crypto_hash address = crypto_sha256(bytes, n);
    char name[80], path[600];
    vault_name(address, name);
    path_in(f, name, path);
    *strrchr(path, '/') = '\0';
    mkdir(path, 0700);
    put_file(f, name, bytes, n);
    return address;
}

static char *sample(size_t n) {
    char *bytes = malloc(n + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 + i / 251);
    return bytes;
}

static void vault_gives_back_every_size(void **state) {
    static const size_t sizes[] = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7};
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    char *back = malloc(FILE_ROOM), *stored_bytes = malloc(FILE_ROOM);
    assert_true(back != NULL && stored_bytes != NULL);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *bytes = sample(sizes[i]), name[80];
        size_t n;
        uint64_t checked;
        struct store_stored stored = keep(f, &key, bytes, sizes[i], i % 2 ? 999 : FILE_ROOM);
        size_t chunks = sizes[i] == 0 ? 1 : (sizes[i] + CHUNK - 1) / CHUNK;
        assert_int_equal(stored.plain_bytes, sizes[i]);
        assert_int_equal(stored.stored_bytes, HEADER + sizes[i] + chunks * TAG);
        assert_ok(f, read_all(f, &key, stored.address, back, FILE_ROOM, &n));
        assert_int_equal(n, sizes[i]);
        assert_memory_equal(back, bytes, n);
        assert_ok(f, store_vault_check(f->store, stored.address, &checked, &f->err));
        assert_int_equal(checked, stored.stored_bytes);
        vault_name(stored.address, name);
        n = get_file(f, name, stored_bytes, FILE_ROOM);
        crypto_hash hash = crypto_sha256(stored_bytes, n);
        assert_memory_equal(hash.bytes, stored.address.bytes, 32);
        free(bytes);
    }
    free(stored_bytes);
    free(back);
}

static void equal_files_have_addresses_that_tell_nothing(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_stored a = keep(f, &key, "same", 4, 4), b = keep(f, &key, "same", 4, 4);
    assert_memory_not_equal(a.address.bytes, b.address.bytes, 32);
}

/* Reads a planted file; it must not give out a wrong ending as a good one. */
static void assert_refused(struct fixture *f, const struct store_key *key, const char *bytes,
                           size_t n, char *back) {
    size_t total;
    crypto_hash address = plant(f, bytes, n);
    f->err = (struct pd_error){0};
    enum pd_status st = read_all(f, key, address, back, FILE_ROOM, &total);
    assert_true(st == PD_INTERNAL || st == PD_UNSUPPORTED);
    assert_non_null(strstr(f->err.text, "vault/"));
}

static void a_flipped_bit_anywhere_is_found(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_stored stored = keep(f, &key, "name;born\nAnna;1980\n", 20, 20);
    char bytes[HEADER + 20 + TAG], back[FILE_ROOM], name[80], path[600];
    vault_name(stored.address, name);
    path_in(f, name, path);
    assert_int_equal(get_file(f, name, bytes, sizeof(bytes)), sizeof(bytes));
    assert_int_equal(chmod(path, 0600), 0);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        size_t n;
        bytes[i] ^= 1;
        put_file(f, name, bytes, sizeof(bytes));
        assert_fails(f, PD_INTERNAL, "vault/",
                     read_all(f, &key, stored.address, back, sizeof(back), &n));
        assert_fails(f, PD_INTERNAL, "vault/",
                     store_vault_check(f->store, stored.address, NULL, &f->err));
        assert_refused(f, &key, bytes, sizeof(bytes), back);
        bytes[i] ^= 1;
    }
    put_file(f, name, bytes, sizeof(bytes));
    size_t n;
    assert_ok(f, read_all(f, &key, stored.address, back, sizeof(back), &n));
}

static void a_file_cut_anywhere_is_refused(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_stored stored = keep(f, &key, "name;born\n", 10, 10);
    char bytes[HEADER + 10 + TAG], back[FILE_ROOM], name[80];
    vault_name(stored.address, name);
    get_file(f, name, bytes, sizeof(bytes));
    for (size_t n = 0; n < sizeof(bytes); n++)
        assert_refused(f, &key, bytes, n, back);
}

static void chunks_can_not_be_moved_dropped_or_added(void **state) {
    enum { SEALED = CHUNK + TAG, LAST = 100 + TAG, ALL = HEADER + 2 * SEALED + LAST };
    /* Which pieces make up the forged file: 0, 1, 2 are the chunks of the true one. */
    static const char *const orders[] = {"102", "01", "02", "12", "0", "2", "0112", "0122", "012x"};
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    char *plain = sample(2 * CHUNK + 100), *bytes = malloc(ALL), *forged = malloc(2 * ALL),
         *back = malloc(FILE_ROOM), name[80];
    assert_true(bytes != NULL && forged != NULL && back != NULL);
    struct store_stored stored = keep(f, &key, plain, 2 * CHUNK + 100, CHUNK);
    vault_name(stored.address, name);
    assert_int_equal(get_file(f, name, bytes, ALL), ALL);
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        size_t n = HEADER;
        memcpy(forged, bytes, HEADER);
        for (const char *at = orders[i]; *at != '\0'; at++) {
            size_t chunk = *at == 'x' ? 0 : (size_t)(*at - '0');
            size_t length = *at == 'x' ? 1 : chunk == 2 ? LAST : SEALED;
            memcpy(forged + n, bytes + HEADER + chunk * SEALED, length);
            n += length;
        }
        assert_refused(f, &key, forged, n, back);
    }
    assert_non_null(strstr(f->err.text, "chunk at byte"));
    free(back);
    free(forged);
    free(bytes);
    free(plain);
}

static void a_vault_file_opens_with_its_own_key_only(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), other = make_key(f);
    struct store_stored stored = keep(f, &key, "secret", 6, 6);
    char back[100];
    size_t n;
    assert_fails(f, PD_INTERNAL, "does not open",
                 read_all(f, &other, stored.address, back, sizeof(back), &n));
}

/* Both are sealed under the key of one version: only the address tells them apart. */
static void a_file_can_not_stand_in_for_another_of_its_version(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_stored masked = keep(f, &key, "masked", 6, 6), raw = keep(f, &key, "raw", 3, 3);
    char from[80], to[80], from_path[600], to_path[600], back[100];
    size_t n;
    vault_name(raw.address, from);
    vault_name(masked.address, to);
    path_in(f, from, from_path);
    path_in(f, to, to_path);
    assert_int_equal(rename(from_path, to_path), 0);
    assert_fails(f, PD_INTERNAL, "exchanged",
                 read_all(f, &key, masked.address, back, sizeof(back), &n));
}

static void a_vault_file_of_a_newer_form_is_named_so(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    char bytes[HEADER + TAG] = "POLDERV\2", back[100];
    size_t n;
    crypto_hash address = plant(f, bytes, sizeof(bytes));
    assert_fails(f, PD_UNSUPPORTED, "version 2",
                 read_all(f, &key, address, back, sizeof(back), &n));
}

static void a_vault_file_that_is_not_there_is_not_found(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_reader *r = NULL;
    crypto_hash address = crypto_sha256("x", 1);
    assert_fails(f, PD_NOT_FOUND, "vault/", store_vault_open(f->store, &key, address, &r, &f->err));
    assert_fails(f, PD_NOT_FOUND, "vault/", store_vault_check(f->store, address, NULL, &f->err));
}

static void a_writer_that_is_not_kept_leaves_nothing(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_writer *w;
    char path[600];
    assert_ok(f, store_vault_create(f->store, &key, &w, &f->err));
    assert_ok(f, store_vault_write(w, "abc", 3, &f->err));
    store_writer_free(w);
    path_in(f, "staging", path);
    assert_int_equal(rmdir(path), 0); /* works only if it is empty */
    assert_int_equal(mkdir(path, 0700), 0);
}

static void a_kept_writer_takes_no_more(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    struct store_writer *w;
    struct store_stored stored;
    assert_ok(f, store_vault_create(f->store, &key, &w, &f->err));
    assert_ok(f, store_vault_keep(w, &stored, &f->err));
    assert_fails(f, PD_IO, "has ended", store_vault_write(w, "abc", 3, &f->err));
    assert_fails(f, PD_IO, "has ended", store_vault_keep(w, &stored, &f->err));
    store_writer_free(w);
}

/* ---- Keys and records ---- */

static void a_key_is_found_again_after_reopening(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), found;
    reopen(f, STORE_READ);
    assert_ok(f, store_key_find(f->store, key.id, &found, &f->err));
    assert_memory_equal(found.bytes, key.bytes, sizeof(key.bytes));
    key.id.bytes[15] ^= 1;
    assert_fails(f, PD_NOT_FOUND, "has no key", store_key_find(f->store, key.id, &found, &f->err));
    assert_fails(f, PD_DENIED, "keys.db", store_key_new(f->store, "late", 1, &found, &f->err));
}

static void keys_do_not_open_with_another_node_key(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), found;
    close_node(f);
    put_file(f, "node.key", "0123456789abcdef0123456789abcdef", 32);
    reopen(f, STORE_READ);
    assert_fails(f, PD_INTERNAL, "does not open",
                 store_key_find(f->store, key.id, &found, &f->err));
}

static void the_key_store_never_holds_a_key_in_clear(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    static const char *const names[] = {"keys.db", "keys.db-wal"};
    char *bytes = malloc(1 << 20);
    assert_non_null(bytes);
    for (size_t i = 0; i < 2; i++) {
        size_t n = get_file(f, names[i], bytes, 1 << 20);
        assert_null(memmem(bytes, n, key.bytes, sizeof(key.bytes)));
    }
    free(bytes);
}

static void records_open_only_as_they_were_sealed(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), other = make_key(f);
    pd_str sealed, plain;
    assert_ok(f, store_seal(&key, PD_STR("fact/1"), PD_STR("42"), f->arena, &sealed, &f->err));
    assert_int_equal(sealed.len, 12 + 2 + 16);
    assert_ok(f, store_unseal(&key, PD_STR("fact/1"), sealed, f->arena, &plain, &f->err));
    assert_true(pd_str_is(plain, "42"));
    assert_fails(f, PD_INTERNAL, "fact/2",
                 store_unseal(&key, PD_STR("fact/2"), sealed, f->arena, &plain, &f->err));
    assert_fails(f, PD_INTERNAL, "fact/1",
                 store_unseal(&other, PD_STR("fact/1"), sealed, f->arena, &plain, &f->err));
    for (size_t i = 0; i < sealed.len; i++) {
        char altered[30];
        memcpy(altered, sealed.data, sealed.len);
        altered[i] ^= 1;
        assert_fails(f, PD_INTERNAL, "fact/1",
                     store_unseal(&key, PD_STR("fact/1"), (pd_str){altered, sealed.len}, f->arena,
                                  &plain, &f->err));
        assert_fails(f, PD_INTERNAL, "fact/1",
                     store_unseal(&key, PD_STR("fact/1"), (pd_str){sealed.data, i}, f->arena,
                                  &plain, &f->err));
    }
}

static void a_record_has_a_limit(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f);
    size_t size = ((size_t)16 << 20) + 1;
    char *bytes = calloc(1, size);
    assert_non_null(bytes);
    pd_str sealed;
    assert_fails(f, PD_LIMIT, "16777216 bytes",
                 store_seal(&key, PD_STR("x"), (pd_str){bytes, size}, f->arena, &sealed, &f->err));
    free(bytes);
}

#endif
