/*
 * Most columns repeat themselves. What a value is, which detectors it concerns and where it stands
 * in the sketches is found out once and remembered; when it comes again it is only counted, and
 * told of when the batch ends, by how often it came. Where the order of cells matters (the most
 * frequent values when some are forgotten, quantiles, rounded sums) it is told of in its turn. So
 * the state is the same, bit for bit, as if each cell had been looked at by itself.
 */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUDGET = 1 << 16, /* values, over all columns: 15 MiB */
    MOST = 1 << 10,   /* of a column */
    LEAST = 16,
    PROBES = 4,   /* neighbours that are looked at */
    WINDOW = 2048 /* cells after which it is decided whether remembering pays */
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
    bool is_word, has_turn, has_order;
    uint32_t placed; /* of these, how often it was counted among values and patterns */
};

struct inspect_seen_table {
    struct mark *marks;
    struct inspect_seen *values; /* what each of them is */
    double *orders;              /* where each stands, if it has_order */
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
    table->orders = calloc(count + PROBES, sizeof(*table->orders));
    table->touched = calloc(count + INSPECT_BLOCK, sizeof(*table->touched));
    if (!table->marks || !table->values || !table->orders || !table->touched) {
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
    free(table->orders);
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

static inline uint32_t index_of(const struct inspect_seen_table *table, const struct key *key) {
    uint64_t mixed = (key->words[0] ^ (key->words[1] << 23 | key->words[1] >> 41) ^ key->len) *
                     UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) >> table->shift;
}

static inline bool is_same(const struct mark *mark, const struct key *key) {
    return mark->words[0] == key->words[0] && mark->words[1] == key->words[1] &&
           mark->len == key->len;
}

/* ---- Counting values that came again ---- */

/* Among values and patterns, neither of which has forgotten it. */
static void place(struct inspect_state *state, struct mark *mark) {
    uint32_t n = mark->times - mark->placed;
    mark->placed = mark->times;
    if (n == 0 || mark->is_word)
        return;
    (void)sketch_frequent_again(&state->frequent, mark->in_frequent, n);
    (void)sketch_frequent_again(&state->measure.patterns, mark->in_patterns, n);
}

/* Before one of them forgets. */
static void place_touched(struct inspect_state *state) {
    for (uint32_t i = 0; i < state->seen->touched_count; i++)
        place(state, &state->seen->marks[state->seen->touched[i]]);
}

static bool count_times(struct inspect_state *state, struct mark *mark) {
    const struct inspect_seen *seen = &state->seen->values[mark - state->seen->marks];
    place(state, mark);
    uint64_t n = mark->times;
    mark->times = mark->placed = 0;
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

/* ---- A block of cells, one below the other ---- */

enum what { EMPTY, AGAIN, LATE /* came again, and has lost its place */, FRESH };

struct block {
    size_t count;
    uint8_t what[INSPECT_BLOCK];
    uint32_t mark[INSPECT_BLOCK]; /* of those that came again */
    pd_str cells[INSPECT_BLOCK];  /* trimmed */
    struct key keys[INSPECT_BLOCK];
    size_t again, late, turns; /* how many; turns: that are told of in their turn */
    size_t orders;             /* that stand somewhere in the order */
    size_t words;              /* that say that there is no value, and are to be remembered */
    uint8_t word_at[INSPECT_BLOCK];
    int16_t word[INSPECT_BLOCK];
    struct inspect_fresh fresh;
    struct inspect_state *state;
};

/* Most have nothing around them. */
static inline pd_str trimmed(pd_str cell) {
    bool is_trimmed = cell.len > 0 && (unsigned char)cell.data[0] > ' ' &&
                      (unsigned char)cell.data[cell.len - 1] > ' ';
    return is_trimmed || cell.len == 0 ? cell : pd_str_trim(cell);
}

static void take_cells(struct block *block, const struct table_batch *batch, size_t column,
                       size_t first) {
    for (size_t i = 0; i < block->count; i++)
        block->cells[i] = trimmed(table_cell_text(batch, column, first + i));
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

static void add_fresh(struct block *block, size_t i) {
    block->what[i] = FRESH;
    block->fresh.at[block->fresh.count] = (uint8_t)i;
    block->fresh.cells[block->fresh.count++] = block->cells[i];
}

/* Looks the cells up; counts those that are found, but for what needs its turn. */
static bool look_up(struct block *block, struct inspect_state *state, uint64_t seed,
                    uint64_t *hashes) {
    struct inspect_seen_table *table = state->seen;
    const uint32_t values_turn = state->frequent.turn, patterns_turn = state->measure.patterns.turn;
    if (table->touched_count > table->count && !count_touched(state))
        return false;
    for (size_t i = 0; i < block->count; i++)
        if (block->cells[i].len > 0)
            block->keys[i] = make_key(block->cells[i], seed);
    for (size_t i = 0; i < block->count; i++) {
        bool found;
        block->what[i] = EMPTY;
        hashes[i] = 0;
        if (block->cells[i].len == 0)
            continue;
        struct mark *mark = find(table, index_of(table, &block->keys[i]), &block->keys[i], &found);
        if (!found) {
            add_fresh(block, i);
            continue;
        }
        block->mark[i] = (uint32_t)(mark - table->marks);
        if (mark->times++ == 0) {
            mark->text = block->cells[i].data;
            table->touched[table->touched_count++] = block->mark[i];
        }
        hashes[i] = mark->hash;
        bool is_late = !mark->is_word && (mark->in_frequent.turn != values_turn ||
                                          mark->in_patterns.turn != patterns_turn);
        block->what[i] = is_late ? LATE : AGAIN;
        block->again++;
        block->late += is_late;
        block->turns += mark->has_turn;
        block->orders += mark->has_order;
    }
    return true;
}

static void take_all_as_fresh(struct block *block, uint64_t *hashes) {
    for (size_t i = 0; i < block->count; i++) {
        block->what[i] = EMPTY;
        hashes[i] = 0;
        if (block->cells[i].len > 0)
            add_fresh(block, i);
    }
}

/* ---- What depends on the order of cells ---- */

/* One of those that came again, among values and patterns. */
static bool place_again(struct inspect_state *state, struct mark *mark, pd_str cell,
                        uint64_t seed) {
    if (mark->is_word)
        return true;
    if (!sketch_frequent_again(&state->frequent, mark->in_frequent, 1) &&
        !sketch_frequent_place(&state->frequent, mark->hash, cell, &mark->in_frequent))
        return false;
    return sketch_frequent_again(&state->measure.patterns, mark->in_patterns, 1) ||
           inspect_measure_add_pattern(&state->measure, cell, seed, &mark->in_patterns);
}

static bool place_fresh(struct inspect_state *state, const struct inspect_fresh *fresh, size_t i,
                        uint64_t seed, struct sketch_place places[2]) {
    struct inspect_shape *shape = fresh->shapes[i];
    if (!sketch_frequent_place(&state->frequent, fresh->hashes[i], fresh->cells[i], &places[0]))
        return false;
    if (!shape)
        return inspect_measure_add_pattern(&state->measure, fresh->cells[i], seed, &places[1]);
    if (!inspect_measure_add_shape(&state->measure, shape, 1))
        return false;
    places[1] = shape->in_patterns;
    return true;
}

/* Whether a value or a pattern may be forgotten in this block. */
static bool could_forget(const struct inspect_state *state, const struct block *block) {
    const struct sketch_frequent *values = &state->frequent, *patterns = &state->measure.patterns;
    size_t new_patterns = block->late;
    for (size_t i = 0; i < block->fresh.count; i++) {
        const struct inspect_shape *shape = block->fresh.shapes[i];
        new_patterns += !shape || shape->in_patterns.turn != patterns->turn;
    }
    return values->used + block->late + block->fresh.count > values->limit ||
           patterns->used + new_patterns > patterns->limit;
}

/* Those that came again are counted later, unless they lost their place; all of them at once, in
   their turn, if somebody may lose it here. */
static bool place_block(struct inspect_state *state, struct block *block, uint64_t seed,
                        struct sketch_place places[][2]) {
    struct inspect_seen_table *table = state->seen;
    bool has_later = block->again > 0 || (table && table->touched_count > 0);
    bool is_careful = has_later && could_forget(state, block);
    for (size_t i = 0; i < block->count && block->again > 0; i++) {
        bool is_placed_here = block->what[i] == LATE || (is_careful && block->what[i] == AGAIN);
        if (is_placed_here)
            table->marks[block->mark[i]].placed++;
    }
    if (is_careful)
        place_touched(state);
    if (block->late == 0 && !is_careful) {
        for (size_t k = 0; k < block->fresh.count; k++)
            if (!place_fresh(state, &block->fresh, k, seed, places[k]))
                return false;
        return true;
    }
    size_t k = 0;
    for (size_t i = 0; i < block->count; i++) {
        bool is_next = k < block->fresh.count && block->fresh.at[k] == i;
        bool is_again = block->what[i] == LATE || (is_careful && block->what[i] == AGAIN);
        if (is_next && !place_fresh(state, &block->fresh, k, seed, places[k]))
            return false;
        if (is_again && !place_again(state, &table->marks[block->mark[i]], block->cells[i], seed))
            return false;
        k += is_next;
    }
    return true;
}

/* The numbers or moments of the block, in order. */
static bool add_orders(struct inspect_state *state, const struct block *block) {
    double orders[INSPECT_BLOCK];
    size_t count = 0, k = 0;
    inspect_state_settle_order(state);
    if (state->has_no_order)
        return true;
    for (size_t i = 0; i < block->count; i++) {
        if (k < block->fresh.count && block->fresh.at[k] == i) {
            const struct inspect_value *value = &block->fresh.values[k++];
            if (inspect_is_number(value->type) || inspect_is_moment(value->type))
                orders[count++] = inspect_order_of(value);
        } else if ((block->what[i] == AGAIN || block->what[i] == LATE) &&
                   state->seen->marks[block->mark[i]].has_order) {
            orders[count++] = state->seen->orders[block->mark[i]];
        }
    }
    return sketch_quantiles_add_all(&state->quantiles, orders, count);
}

static bool add_turns(struct inspect_state *state, const struct block *block) {
    size_t k = 0;
    for (size_t i = 0; i < block->count; i++) {
        struct inspect_seen seen;
        if (k < block->fresh.count && block->fresh.at[k] == i)
            seen = inspect_fresh_seen(&block->fresh, k++);
        else if (block->what[i] == AGAIN || block->what[i] == LATE)
            seen = state->seen->values[block->mark[i]];
        else
            continue;
        if (seen.word < 0 && !inspect_state_add_turn(state, &seen, block->cells[i]))
            return false;
    }
    return true;
}

/* ---- Remembering ---- */

/* Where the value goes, whatever was there; NULL if it is there already, or when out of memory. */
static struct mark *make_mark(struct block *block, size_t i, uint64_t hash, bool *ok) {
    struct inspect_seen_table *table = block->state->seen;
    const struct key *key = &block->keys[i];
    bool found;
    struct mark *mark = find(table, index_of(table, key), key, &found);
    if (found)
        return NULL;
    *ok = mark->times == 0 || count_times(block->state, mark);
    *mark = (struct mark){
        .words = {key->words[0], key->words[1]}, .len = key->len, .hash = hash, .is_word = true};
    return *ok ? mark : NULL;
}

static bool remember_fresh(struct block *block, struct sketch_place places[][2]) {
    const struct inspect_fresh *fresh = &block->fresh;
    struct inspect_seen_table *table = block->state->seen;
    bool ok = true;
    for (size_t k = 0; ok && k < fresh->count; k++) {
        struct mark *mark = make_mark(block, fresh->at[k], fresh->hashes[k], &ok);
        if (!mark)
            continue;
        struct inspect_seen *seen = &table->values[mark - table->marks];
        *seen = inspect_fresh_seen(fresh, k);
        mark->is_word = false;
        mark->in_frequent = places[k][0];
        mark->in_patterns = places[k][1];
        mark->has_turn = seen->is_in_ways || seen->is_rounded;
        mark->has_order =
            inspect_is_number(seen->value.type) || inspect_is_moment(seen->value.type);
        table->orders[mark - table->marks] = inspect_order_of(&seen->value);
    }
    return ok;
}

static bool remember_words(struct block *block, const uint64_t *hashes) {
    bool ok = true;
    for (size_t n = 0; ok && n < block->words; n++) {
        size_t i = block->word_at[n];
        struct mark *mark = make_mark(block, i, hashes[i], &ok);
        if (mark)
            block->state->seen->values[mark - block->state->seen->marks] =
                (struct inspect_seen){.word = block->word[n]};
    }
    return ok;
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

/* ---- Feeding ---- */

static void note_word(void *context, uint8_t at, int word) {
    struct block *block = context;
    block->word_at[block->words] = at;
    block->word[block->words++] = (int16_t)word;
}

static bool feed_fresh(struct inspect_state *state, const struct inspector *inspector,
                       struct block *block, uint64_t *hashes) {
    struct inspect_fresh *fresh = &block->fresh;
    sketch_hash_all(fresh->cells, fresh->count, inspector->seed, fresh->hashes);
    for (size_t k = 0; k < fresh->count; k++)
        hashes[fresh->at[k]] = fresh->hashes[k];
    inspect_fresh_begin(fresh, state, inspector->seed, note_word, block);
    return inspect_fresh_add(fresh, state, inspector);
}

static bool feed_block(struct inspect_state *state, const struct inspector *inspector,
                       struct block *block, bool is_remembered, uint64_t *hashes) {
    struct sketch_place places[INSPECT_BLOCK][2];
    struct inspect_fresh *fresh = &block->fresh;
    block->state = state;
    block->again = block->late = block->turns = block->orders = block->words = 0;
    fresh->count = 0;
    if (!is_remembered)
        take_all_as_fresh(block, hashes);
    else if (!look_up(block, state, inspector->seed, hashes))
        return false;
    state->kinds[INSPECT_EMPTY] += block->count - block->again - fresh->count;
    if (is_remembered)
        state->seen->found += (uint32_t)block->again;
    if (fresh->count > 0 && !feed_fresh(state, inspector, block, hashes))
        return false;
    if ((fresh->count > 0 || block->late > 0) &&
        !place_block(state, block, inspector->seed, places))
        return false;
    bool has_turns = block->turns > 0;
    for (size_t k = 0; k < fresh->count; k++)
        has_turns = has_turns || (fresh->flags[k] & (FRESH_IN_WAYS | FRESH_ROUNDED)) != 0;
    if (has_turns && !add_turns(state, block))
        return false;
    if ((fresh->count > 0 || block->orders > 0) && !add_orders(state, block))
        return false;
    return !is_remembered || (remember_words(block, hashes) && remember_fresh(block, places));
}

/* Each cell by itself. */
static bool feed_plainly(struct inspect_state *state, const struct table_batch *batch,
                         size_t column, const struct inspector *inspector, uint64_t *hashes) {
    for (size_t r = 0; r < batch->rows; r++) {
        pd_str cell = pd_str_trim(table_cell_text(batch, column, r));
        hashes[r] = 0;
        if (cell.len == 0) {
            state->kinds[INSPECT_EMPTY]++;
            continue;
        }
        hashes[r] = sketch_hash(cell.data, cell.len, inspector->seed);
        if (!inspect_state_add(state, cell, hashes[r], inspector->today, inspector->seed))
            return false;
    }
    return true;
}

bool inspect_state_feed(struct inspect_state *state, const struct table_batch *batch, size_t column,
                        const struct inspector *inspector, uint64_t *hashes, uint64_t *cost) {
    struct block block;
    *cost = batch->rows;
    if (inspector->forgets)
        return feed_plainly(state, batch, column, inspector, hashes);
    if (!state->seen)
        state->seen = table_new(batch->columns);
    if (!state->shapes)
        state->shapes = inspect_shapes_new(batch->columns);
    for (size_t r = 0; r < batch->rows; r += INSPECT_BLOCK) {
        block.count = batch->rows - r < INSPECT_BLOCK ? batch->rows - r : INSPECT_BLOCK;
        bool is_remembered = is_remembering(state->seen, block.count);
        take_cells(&block, batch, column, r);
        if (!feed_block(state, inspector, &block, is_remembered, hashes + r))
            return false;
        for (size_t i = 0; i < block.count && !is_remembered; i++)
            *cost += block.cells[i].len;
    }
    return !state->seen || count_touched(state);
}
