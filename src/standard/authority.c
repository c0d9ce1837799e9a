/* A table that is believed: its rows by key, held whole. */
#include "standard/repair_impl.h"

#include <stdlib.h>
#include <string.h>

#define AUTHORITY_LIMIT ((size_t)1 << 30)
enum { KEYS_BYTES = 512 << 20, FIRST_ROWS = 1024 };

struct row {
    const pd_str *cells;
    bool is_contradicted; /* another row has this key and says something else */
};

struct standard_authority {
    struct pd_arena *arena;
    struct key_set *keys; /* a key's "line" is the number of its row */
    size_t keys_left;
    pd_str as;
    pd_str *names;
    size_t count, key;
    struct row *rows;
    size_t row_count, room;
};

enum pd_status standard_authority_new(const pd_str *names, size_t count, pd_str key, pd_str as,
                                      const uint64_t seed[2], struct standard_authority **out,
                                      struct pd_error *err) {
    struct standard_authority *a = calloc(1, sizeof(*a));
    if (!a)
        return pd_fail_memory(err);
    a->arena = pd_arena_new(AUTHORITY_LIMIT);
    a->keys_left = KEYS_BYTES;
    a->keys = key_set_new(seed, &a->keys_left);
    a->names = a->arena ? pd_arena_array(a->arena, count + 1, sizeof(*a->names)) : NULL;
    a->as = a->arena ? pd_arena_str(a->arena, as) : (pd_str){0};
    a->count = count;
    a->key = PD_NPOS;
    enum pd_status st = a->keys && a->names && a->as.data ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        a->names[i] = pd_arena_str(a->arena, names[i]);
        if (!a->names[i].data)
            st = pd_fail_memory(err);
        if (pd_str_eq(names[i], key))
            a->key = i;
    }
    if (st == PD_OK && a->key == PD_NPOS) {
        size_t near = pd_nearest(key, names, count);
        st = pd_fail(err, PD_NOT_FOUND, "the authoritative table has no column \"%.*s\"%s%.*s%s",
                     pd_arg(key), near != PD_NPOS ? "; do you mean \"" : "",
                     near != PD_NPOS ? (int)names[near].len : 0,
                     near != PD_NPOS ? names[near].data : "", near != PD_NPOS ? "\"?" : "");
    }
    if (st != PD_OK) {
        standard_authority_free(a);
        return st;
    }
    *out = a;
    return PD_OK;
}

void standard_authority_free(struct standard_authority *authority) {
    if (!authority)
        return;
    key_set_free(authority->keys);
    pd_arena_free(authority->arena);
    free(authority->rows);
    free(authority);
}

static bool is_same(const struct standard_authority *a, const struct row *row,
                    const struct table_batch *batch, size_t n) {
    for (size_t c = 0; c < a->count; c++)
        if (!pd_str_eq(row->cells[c], table_cell_text(batch, c, n)))
            return false;
    return true;
}

static bool add_row(struct standard_authority *a, const struct table_batch *batch, size_t n) {
    if (a->row_count == a->room) {
        size_t room = a->room ? 2 * a->room : FIRST_ROWS, size;
        struct row *rows = pd_mul(room, sizeof(*rows), &size) ? realloc(a->rows, size) : NULL;
        if (!rows)
            return false;
        a->rows = rows;
        a->room = room;
    }
    pd_str *cells = pd_arena_array(a->arena, a->count, sizeof(*cells));
    for (size_t c = 0; cells && c < a->count; c++) {
        cells[c] = pd_arena_str(a->arena, table_cell_text(batch, c, n));
        if (!cells[c].data)
            return false;
    }
    a->rows[a->row_count++] = (struct row){.cells = cells};
    return cells != NULL;
}

enum pd_status standard_authority_feed(struct standard_authority *authority,
                                       const struct table_batch *batch, struct pd_error *err) {
    struct standard_authority *a = authority;
    for (size_t r = 0; r < batch->rows; r++) {
        pd_str key = fold_trim(table_cell_text(batch, a->key, r));
        uint64_t first = 0;
        enum key_answer answer =
            key.len ? key_set_add(a->keys, key, a->row_count, &first) : KEY_SEEN;
        if (key.len == 0)
            continue; /* a row that nobody can ask for */
        if (answer == KEY_FULL || (answer == KEY_NEW && !add_row(a, batch, r)))
            return pd_fail(err, PD_LIMIT,
                           "the authoritative table takes more than %zu MiB of memory",
                           AUTHORITY_LIMIT >> 20);
        if (answer == KEY_SEEN && !is_same(a, &a->rows[first], batch, r))
            a->rows[first].is_contradicted = true;
    }
    return PD_OK;
}

enum authority_answer authority_ask(const struct standard_authority *authority, pd_str key,
                                    pd_str column, pd_str *out) {
    uint64_t row;
    key = fold_trim(key);
    if (!key_set_find(authority->keys, key, &row))
        return AUTHORITY_SILENT;
    if (authority->rows[row].is_contradicted)
        return AUTHORITY_CONTRADICTS_ITSELF;
    for (size_t c = 0; c < authority->count; c++)
        if (pd_str_eq(authority->names[c], column)) {
            *out = authority->rows[row].cells[c];
            return AUTHORITY_SAYS;
        }
    return AUTHORITY_SILENT;
}

pd_str authority_key(const struct standard_authority *authority) {
    return authority->as;
}
