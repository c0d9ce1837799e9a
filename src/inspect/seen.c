/*
 * Most columns repeat themselves. What a value is, which detectors it concerns and where it stands
 * in the sketches is found out once and remembered; when it comes again it is only counted. What
 * depends on the order of cells (quantiles, most frequent values, rounded sums) is told of each
 * cell at once; everything else when the batch ends, by how often the value came. So the state is
 * the same, bit for bit, as if each cell had been looked at.
 */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUDGET = 1 << 17, /* values, over all columns: 20 MiB */
    MOST = 1 << 14,   /* of a column */
    LEAST = 16,
    PROBES = 4,   /* neighbours that are looked at */
    WINDOW = 2048 /* cells after which it is decided whether remembering pays */
};

struct inspect_seen_table {
    struct inspect_seen *values;
    uint32_t *touched; /* those that came again since the batch began */
    uint32_t count, touched_count;
    unsigned shift;
    uint32_t tries, found; /* in this window */
    uint32_t rest;         /* cells that are not looked up, since the last window found few */
};

/* NULL when out of memory, which costs time only. */
static struct inspect_seen_table *table_new(size_t columns) {
    uint32_t count = LEAST;
    while (count < MOST && count * 2 <= BUDGET / columns)
        count *= 2;
    struct inspect_seen_table *table = calloc(1, sizeof(*table));
    if (!table)
        return NULL;
    table->count = count;
    table->shift = (unsigned)__builtin_clz(count) + 1;
    table->values = calloc(count + PROBES, sizeof(*table->values));
    table->touched = calloc(count, sizeof(*table->touched));
    if (!table->values || !table->touched) {
        inspect_seen_free(table);
        return NULL;
    }
    return table;
}

void inspect_seen_free(struct inspect_seen_table *table) {
    if (!table)
        return;
    free(table->values);
    free(table->touched);
    free(table);
}

/* ---- Keys: the bytes of a cell of up to 16, the hash of a longer one ---- */

static inline uint64_t load(const char *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

/* cell: not empty. Loads overlap and never reach beyond it; with the length, no two have one key.
 */
static inline void make_key(pd_str cell, uint64_t seed, struct inspect_seen *out) {
    out->len = cell.len > UINT32_MAX ? UINT32_MAX : (uint32_t)cell.len;
    if (cell.len > 16) {
        out->key[0] = out->hash = sketch_hash(cell.data, cell.len, seed);
        out->key[1] = 0;
    } else if (cell.len >= 8) {
        out->key[0] = load(cell.data);
        out->key[1] = load(cell.data + cell.len - 8);
    } else if (cell.len >= 4) {
        uint32_t low, high;
        memcpy(&low, cell.data, 4);
        memcpy(&high, cell.data + cell.len - 4, 4);
        out->key[0] = low;
        out->key[1] = high;
    } else {
        const unsigned char *p = (const unsigned char *)cell.data;
        out->key[0] = p[0] | (uint64_t)p[cell.len / 2] << 8 | (uint64_t)p[cell.len - 1] << 16;
        out->key[1] = 0;
    }
}

static inline uint32_t index_of(const struct inspect_seen_table *table,
                                const struct inspect_seen *v) {
    uint64_t mixed =
        (v->key[0] ^ (v->key[1] << 23 | v->key[1] >> 41) ^ v->len) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) >> table->shift;
}

static inline bool is_same(const struct inspect_seen *a, const struct inspect_seen *b) {
    return a->key[0] == b->key[0] && a->key[1] == b->key[1] && a->len == b->len;
}

/* ---- Counting a value again ---- */

/* What doesn't depend on the order of cells. */
static bool count_times(struct inspect_state *state, struct inspect_seen *v) {
    uint64_t n = v->times;
    v->times = 0;
    if (v->word >= 0) {
        state->words[v->word] += n;
        return true;
    }
    inspect_state_count_hits(state, v, n);
    return inspect_measure_again(&state->measure, v, n) &&
           sketch_distinct_again(&state->distinct, n);
}

static bool count_touched(struct inspect_state *state) {
    struct inspect_seen_table *table = state->seen;
    bool ok = true;
    for (uint32_t i = 0; ok && i < table->touched_count; i++) {
        struct inspect_seen *v = &table->values[table->touched[i]];
        ok = v->times == 0 || count_times(state, v);
    }
    table->touched_count = 0;
    return ok;
}

/* What depends on the order of cells. */
static bool count_again(struct inspect_state *state, struct inspect_seen *v, pd_str cell,
                        uint64_t seed) {
    if (v->word >= 0)
        return true;
    if (!sketch_frequent_again(&state->frequent, v->in_frequent) &&
        !sketch_frequent_place(&state->frequent, v->hash, cell, &v->in_frequent))
        return false;
    if (!sketch_frequent_again(&state->measure.patterns, v->in_patterns) &&
        !inspect_measure_add_pattern(&state->measure, cell, seed, &v->in_patterns))
        return false;
    return !v->has_turn || inspect_state_add_turn(state, v, cell);
}

/* The value's place: where it is, or where it is to go. */
static inline struct inspect_seen *find(struct inspect_seen_table *table,
                                        const struct inspect_seen *wanted, bool *found) {
    struct inspect_seen *first = &table->values[index_of(table, wanted)];
    for (struct inspect_seen *v = first; v < first + PROBES; v++) {
        if (is_same(v, wanted)) {
            *found = true;
            return v;
        }
        if (v->len == 0) {
            *found = false;
            return v;
        }
    }
    *found = false;
    return first;
}

static bool touch(struct inspect_state *state, const struct inspect_seen *v) {
    struct inspect_seen_table *table = state->seen;
    if (table->touched_count == table->count && !count_touched(state))
        return false;
    table->touched[table->touched_count++] = (uint32_t)(v - table->values);
    return true;
}

/* Whether to look the next window up: of few that are found, remembering costs more than it saves.
 */
static void end_window(struct inspect_seen_table *table) {
    if (table->found * 4 < table->tries)
        table->rest = 7 * WINDOW;
    table->tries = table->found = 0;
}

static bool feed_remembering(struct inspect_state *state, pd_str cell, int today, uint64_t seed,
                             uint64_t *hash) {
    struct inspect_seen_table *table = state->seen;
    struct inspect_seen wanted;
    bool found;
    if (++table->tries == WINDOW)
        end_window(table);
    make_key(cell, seed, &wanted);
    struct inspect_seen *v = find(table, &wanted, &found);
    if (found) {
        table->found++;
        if (v->times++ == 0) {
            v->text = cell.data;
            if (!touch(state, v))
                return false;
        }
        *hash = v->hash;
        return count_again(state, v, cell, seed);
    }
    if (v->times > 0 && !count_times(state, v))
        return false;
    *v = wanted;
    v->times = 0;
    bool ok = inspect_state_add(state, cell, today, seed, v);
    *hash = v->hash;
    return ok;
}

/* Most have nothing around them. */
static inline pd_str trimmed(pd_str cell) {
    bool is_trimmed = cell.len > 0 && (unsigned char)cell.data[0] > ' ' &&
                      (unsigned char)cell.data[cell.len - 1] > ' ';
    return is_trimmed || cell.len == 0 ? cell : pd_str_trim(cell);
}

bool inspect_state_feed(struct inspect_state *state, const struct table_batch *batch, size_t column,
                        const struct inspector *inspector, uint64_t *hashes, uint64_t *cost) {
    uint64_t bytes = 0;
    if (!state->seen && !inspector->forgets)
        state->seen = table_new(batch->columns);
    const struct table_cell *cells = batch->column[column];
    for (size_t r = 0; r < batch->rows; r++) {
        pd_str cell = trimmed((pd_str){batch->bytes + cells[r].at, cells[r].len});
        bool ok = true;
        if (cell.len == 0) {
            state->kinds[INSPECT_EMPTY]++;
            hashes[r] = 0;
        } else if (state->seen && state->seen->rest == 0) {
            ok = feed_remembering(state, cell, inspector->today, inspector->seed, &hashes[r]);
        } else {
            struct inspect_seen once;
            make_key(cell, inspector->seed, &once);
            ok = inspect_state_add(state, cell, inspector->today, inspector->seed, &once);
            hashes[r] = once.hash;
            bytes += cell.len;
            if (state->seen)
                state->seen->rest--;
        }
        if (!ok)
            return false;
    }
    *cost = bytes + batch->rows;
    return !state->seen || count_touched(state);
}
