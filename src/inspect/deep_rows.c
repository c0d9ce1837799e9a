/* Rows that come again: counted exactly while their hashes fit, then by those of every 2nd, 4th,
   ... distinct row, so that each is either counted wholly or not at all (Wegman's adaptive
   sampling). */
#include "inspect/deep_impl.h"

#include <stdlib.h>
#include <string.h>

/* Slots of 16 bytes: 32 MiB, and as much again while a full table is refilled. */
enum { FIRST = 1 << 12, MOST = 1 << 21 };

static bool is_kept(uint64_t hash, unsigned skip) {
    return (hash & ((UINT64_C(1) << skip) - 1)) == 0;
}

/* The high bits, for the low ones choose what is kept. */
static struct deep_row *find(struct deep_row *slots, size_t capacity, uint64_t hash) {
    size_t i = (size_t)(hash >> 24) & (capacity - 1);
    while (slots[i].times != 0 && slots[i].hash != hash)
        i = (i + 1) & (capacity - 1);
    return &slots[i];
}

/* Into a table of `capacity` slots go those that are still kept. */
static bool refill(struct deep_rows *rows, size_t capacity) {
    struct deep_row *slots = calloc(capacity, sizeof(*slots));
    if (!slots)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < rows->capacity; i++) {
        const struct deep_row *row = &rows->slots[i];
        if (row->times == 0 || !is_kept(row->hash, rows->skip))
            continue;
        *find(slots, capacity, row->hash) = *row;
        used++;
    }
    free(rows->slots);
    *rows = (struct deep_rows){slots, used, capacity, rows->skip};
    return true;
}

/* No more than three quarters of the slots are used. */
static bool make_room(struct deep_rows *rows) {
    while ((rows->used + 1) * 4 > rows->capacity * 3) {
        size_t capacity = rows->capacity == 0 ? FIRST : rows->capacity * 2;
        if (capacity > MOST) {
            capacity = MOST;
            rows->skip++;
        }
        if (!refill(rows, capacity))
            return false;
    }
    return true;
}

bool deep_rows_add(struct deep_rows *rows, uint64_t hash, uint64_t row) {
    if (!is_kept(hash, rows->skip))
        return true;
    struct deep_row *slot = rows->capacity ? find(rows->slots, rows->capacity, hash) : NULL;
    if (slot && slot->times > 0) {
        slot->times += slot->times < UINT32_MAX;
        return true;
    }
    if (!make_room(rows))
        return false;
    if (!is_kept(hash, rows->skip))
        return true;
    *find(rows->slots, rows->capacity, hash) =
        (struct deep_row){hash, 1, row <= UINT32_MAX ? (uint32_t)row : 0};
    rows->used++;
    return true;
}

static bool comes_before(const struct inspect_repeat *a, const struct inspect_repeat *b) {
    return a->times != b->times ? a->times > b->times : a->row < b->row;
}

bool deep_rows_tell(const struct deep_rows *rows, struct pd_arena *arena,
                    struct inspect_relations *out) {
    struct inspect_repeat *shown = pd_arena_array(arena, INSPECT_REPEATS, sizeof(*shown));
    if (!shown)
        return false;
    size_t n = 0;
    uint64_t repeated = 0, groups = 0;
    for (size_t i = 0; i < rows->capacity; i++) {
        const struct deep_row *row = &rows->slots[i];
        if (row->times < 2)
            continue;
        repeated += row->times - 1;
        groups++;
        struct inspect_repeat one = {row->first, row->times};
        if (n == INSPECT_REPEATS && !comes_before(&one, &shown[n - 1]))
            continue;
        size_t at = n < INSPECT_REPEATS ? n++ : n - 1;
        for (; at > 0 && comes_before(&one, &shown[at - 1]); at--)
            shown[at] = shown[at - 1];
        shown[at] = one;
    }
    out->repeated_rows = repeated << rows->skip;
    out->repeat_groups = groups << rows->skip;
    out->repeats_are_exact = rows->skip == 0;
    out->repeats = shown;
    out->repeat_count = n;
    return true;
}

void deep_rows_clear(struct deep_rows *rows) {
    free(rows->slots);
    *rows = (struct deep_rows){0};
}
