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
    BUDGET = 1 << 16, /* values, over all columns: 15 MiB */
    MOST = 1 << 10,   /* of a column */
    LEAST = 16,
    PROBES = 4,    /* neighbours that are looked at */
    WINDOW = 2048, /* cells after which it is decided whether remembering pays */
    BLOCK = 64     /* cells that are looked up together, so that memory is waited for once */
};

struct key {
    uint64_t words[2];
    uint32_t len; /* of the text; 0: none is remembered here */
};

/* What is needed when a value comes again: one line of the processor's cache. */
struct mark {
    uint64_t words[2], hash;
    const char *text; /* in the batch at hand, if times > 0 */
    struct sketch_place in_frequent, in_patterns;
    uint32_t len, times; /* how often it came again and was not counted yet */
    bool is_word, has_turn;
};

struct inspect_seen_table {
    struct mark *marks;
    struct inspect_seen *values; /* what each of them is */
    uint32_t *touched;           /* those that came again since the batch began */
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
    table->marks = calloc(count + PROBES, sizeof(*table->marks));
    table->values = calloc(count + PROBES, sizeof(*table->values));
    table->touched = calloc(count, sizeof(*table->touched));
    if (!table->marks || !table->values || !table->touched) {
        inspect_seen_free(table);
        return NULL;
    }
    return table;
}

void inspect_seen_free(struct inspect_seen_table *table) {
    if (!table)
        return;
    free(table->marks);
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
static inline struct key make_key(pd_str cell, uint64_t seed) {
    uint32_t len = cell.len > UINT32_MAX ? UINT32_MAX : (uint32_t)cell.len;
    if (cell.len > 16)
        return (struct key){{sketch_hash(cell.data, cell.len, seed), 0}, len};
    if (cell.len >= 8)
        return (struct key){{load(cell.data), load(cell.data + cell.len - 8)}, len};
    if (cell.len >= 4) {
        uint32_t low, high;
        memcpy(&low, cell.data, 4);
        memcpy(&high, cell.data + cell.len - 4, 4);
        return (struct key){{low, high}, len};
    }
    const unsigned char *p = (const unsigned char *)cell.data;
    return (struct key){
        {p[0] | (uint64_t)p[cell.len / 2] << 8 | (uint64_t)p[cell.len - 1] << 16, 0}, len};
}

static inline uint64_t hash_of(pd_str cell, const struct key *key, uint64_t seed) {
    return key->len > 16 ? key->words[0] : sketch_hash(cell.data, cell.len, seed);
}

static inline uint32_t index_of(const struct inspect_seen_table *table, const struct key *key) {
    uint64_t mixed = (key->words[0] ^ (key->words[1] << 23 | key->words[1] >> 41) ^ key->len) *
                     UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) >> table->shift;
}

static inline bool is_same(const struct mark *mark, const struct key *key) {
    return mark->words[0] == key->words[0] && mark->words[1] == key->words[1] &&
           mark->len == key->len;
}

/* ---- Counting a value again ---- */

/* What doesn't depend on the order of cells. */
static bool count_times(struct inspect_state *state, struct mark *mark) {
    const struct inspect_seen *seen = &state->seen->values[mark - state->seen->marks];
    uint64_t n = mark->times;
    mark->times = 0;
    if (mark->is_word) {
        state->words[seen->word] += n;
        return true;
    }
    inspect_state_count_hits(state, seen, n);
    return inspect_measure_again(&state->measure, seen, (pd_str){mark->text, mark->len}, n) &&
           sketch_distinct_again(&state->distinct, n);
}

static bool count_touched(struct inspect_state *state) {
    struct inspect_seen_table *table = state->seen;
    bool ok = true;
    for (uint32_t i = 0; ok && i < table->touched_count; i++) {
        struct mark *mark = &table->marks[table->touched[i]];
        ok = mark->times == 0 || count_times(state, mark);
    }
    table->touched_count = 0;
    return ok;
}

/* What depends on the order of cells. */
static bool count_again(struct inspect_state *state, struct mark *mark, pd_str cell,
                        uint64_t seed) {
    if (mark->is_word)
        return true;
    if (!sketch_frequent_again(&state->frequent, mark->in_frequent) &&
        !sketch_frequent_place(&state->frequent, mark->hash, cell, &mark->in_frequent))
        return false;
    if (!sketch_frequent_again(&state->measure.patterns, mark->in_patterns) &&
        !inspect_measure_add_pattern(&state->measure, cell, seed, &mark->in_patterns))
        return false;
    return !mark->has_turn ||
           inspect_state_add_turn(state, &state->seen->values[mark - state->seen->marks], cell);
}

static bool touch(struct inspect_state *state, const struct mark *mark) {
    struct inspect_seen_table *table = state->seen;
    if (table->touched_count == table->count && !count_touched(state))
        return false;
    table->touched[table->touched_count++] = (uint32_t)(mark - table->marks);
    return true;
}

/* ---- Feeding ---- */

/* Some cells of a column, one below the other. */
struct block {
    size_t count;
    pd_str cells[BLOCK]; /* trimmed */
    struct key keys[BLOCK];
    uint32_t at[BLOCK];
    uint64_t fresh[BLOCK]; /* hashes of values that are not in the set of distinct ones yet */
    size_t fresh_count;
};

static bool add(struct inspect_state *state, pd_str cell, const struct inspector *inspector,
                struct block *block, struct inspect_seen *seen) {
    if (!inspect_state_add(state, cell, inspector->today, inspector->seed, seen))
        return false;
    if (seen->word < 0)
        block->fresh[block->fresh_count++] = seen->hash;
    return true;
}

/* The value's place: where it is, or where it is to go. */
static inline struct mark *find(struct inspect_seen_table *table, uint32_t at,
                                const struct key *key, bool *found) {
    struct mark *first = &table->marks[at];
    for (struct mark *mark = first; mark < first + PROBES; mark++) {
        *found = is_same(mark, key);
        if (*found || mark->len == 0)
            return mark;
    }
    return first;
}

static bool feed_remembering(struct inspect_state *state, const struct inspector *inspector,
                             struct block *block, size_t i, uint64_t *hash) {
    struct inspect_seen_table *table = state->seen;
    const struct key *key = &block->keys[i];
    pd_str cell = block->cells[i];
    bool found;
    struct mark *mark = find(table, block->at[i], key, &found);
    if (found) {
        table->found++;
        if (mark->times++ == 0) {
            mark->text = cell.data;
            if (!touch(state, mark))
                return false;
        }
        *hash = mark->hash;
        return count_again(state, mark, cell, inspector->seed);
    }
    if (mark->times > 0 && !count_times(state, mark))
        return false;
    struct inspect_seen *seen = &table->values[mark - table->marks];
    *hash = seen->hash = hash_of(cell, key, inspector->seed);
    mark->len = 0; /* until it is whole */
    if (!add(state, cell, inspector, block, seen))
        return false;
    *mark = (struct mark){.words = {key->words[0], key->words[1]},
                          .len = key->len,
                          .hash = seen->hash,
                          .in_frequent = seen->in_frequent,
                          .in_patterns = seen->in_patterns,
                          .is_word = seen->word >= 0,
                          .has_turn = seen->word < 0 && seen->has_turn};
    return true;
}

static bool feed_once(struct inspect_state *state, const struct inspector *inspector,
                      struct block *block, size_t i, uint64_t *hash) {
    struct inspect_seen once;
    *hash = once.hash = hash_of(block->cells[i], &block->keys[i], inspector->seed);
    return add(state, block->cells[i], inspector, block, &once);
}

/* Most have nothing around them. */
static inline pd_str trimmed(pd_str cell) {
    bool is_trimmed = cell.len > 0 && (unsigned char)cell.data[0] > ' ' &&
                      (unsigned char)cell.data[cell.len - 1] > ' ';
    return is_trimmed || cell.len == 0 ? cell : pd_str_trim(cell);
}

/* Trims the cells, and asks for the memory where their values may be. */
static void begin_block(struct block *block, const struct inspect_seen_table *table,
                        const struct table_batch *batch, size_t column, size_t first,
                        uint64_t seed) {
    block->fresh_count = 0;
    for (size_t i = 0; i < block->count; i++) {
        pd_str cell = trimmed(table_cell_text(batch, column, first + i));
        block->cells[i] = cell;
        if (cell.len == 0)
            continue;
        block->keys[i] = make_key(cell, seed);
        if (!table)
            continue;
        block->at[i] = index_of(table, &block->keys[i]);
        __builtin_prefetch(&table->marks[block->at[i]], 1);
    }
}

/* Whether to look the next cells up: of few that are found, remembering costs more than it saves.
 */
static bool is_remembering(struct inspect_seen_table *table, size_t cells) {
    if (!table)
        return false;
    if (table->tries >= WINDOW) {
        if (table->found * 4 < table->tries)
            table->rest = 7 * WINDOW;
        table->tries = table->found = 0;
    }
    bool is_resting = table->rest > 0;
    if (is_resting)
        table->rest -= cells < table->rest ? (uint32_t)cells : table->rest;
    else
        table->tries += (uint32_t)cells;
    return !is_resting;
}

static bool feed_block(struct inspect_state *state, const struct inspector *inspector,
                       struct block *block, bool is_remembered, uint64_t *hashes) {
    bool ok = true;
    for (size_t i = 0; ok && i < block->count; i++) {
        if (block->cells[i].len == 0) {
            state->kinds[INSPECT_EMPTY]++;
            hashes[i] = 0;
        } else if (is_remembered) {
            ok = feed_remembering(state, inspector, block, i, &hashes[i]);
        } else {
            ok = feed_once(state, inspector, block, i, &hashes[i]);
        }
    }
    return ok && sketch_distinct_add_all(&state->distinct, block->fresh, block->fresh_count);
}

bool inspect_state_feed(struct inspect_state *state, const struct table_batch *batch, size_t column,
                        const struct inspector *inspector, uint64_t *hashes, uint64_t *cost) {
    struct block block;
    if (!state->seen && !inspector->forgets)
        state->seen = table_new(batch->columns);
    if (!state->shapes && !inspector->forgets)
        state->shapes = inspect_shapes_new(batch->columns);
    *cost = batch->rows;
    for (size_t r = 0; r < batch->rows; r += BLOCK) {
        block.count = batch->rows - r < BLOCK ? batch->rows - r : BLOCK;
        bool is_remembered = is_remembering(state->seen, block.count);
        begin_block(&block, is_remembered ? state->seen : NULL, batch, column, r, inspector->seed);
        if (!feed_block(state, inspector, &block, is_remembered, hashes + r))
            return false;
        for (size_t i = 0; i < block.count && !is_remembered; i++)
            *cost += block.cells[i].len;
    }
    return !state->seen || count_touched(state);
}
