/*
 * Cells that look alike are judged alike: the shape of a cell, its length in characters, how it is
 * read, and which detectors it can concern all follow from the classes of its bytes. So they are
 * found out for the first cell of each look and remembered, and a cell only has its bytes classed,
 * sixteen at once.
 */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUDGET = 1 << 14, /* looks, over all columns: 4 MiB */
    MOST = 1 << 9,    /* of a column */
    LEAST = 8,
    WIDE = 16, /* bytes classed at once */
    LONGEST = 4 * WIDE
};

/* ---- Classes: digits as 9, capitals as A, small letters as a; ideographs as E4 80 80; other ASCII
   as it is ---- */

typedef uint8_t wide __attribute__((vector_size(WIDE)));

static inline wide within(wide v, uint8_t first, uint8_t count) {
    return (wide)(v - first < count);
}

/* *strange: other characters than ASCII and those from U+4000 to U+9FFF. */
static inline wide classes_of(wide v, wide *strange) {
    wide digit = within(v, '0', 10), capital = within(v, 'A', 26), small = within(v, 'a', 26);
    wide lead = within(v, 0xe4, 6), rest = within(v, 0x80, 0x40), high = within(v, 0xc0, 0x40);
    *strange |= high & ~lead;
    return (digit & '9') | (capital & 'A') | (small & 'a') | (lead & 0xe4) | (rest & 0x80) |
           (v & ~(digit | capital | small | lead | rest));
}

static inline wide load(const char *p) {
    wide v;
    memcpy(&v, p, WIDE);
    return v;
}

/* Up to sixteen bytes, in loads that overlap and never reach beyond them; the rest is zero. */
static inline wide load_few(pd_str cell) {
    uint64_t words[2] = {0, 0};
    if (cell.len >= 8) {
        memcpy(&words[0], cell.data, 8);
        memcpy(&words[1], cell.data + cell.len - 8, 8);
    } else if (cell.len >= 4) {
        uint32_t low, high;
        memcpy(&low, cell.data, 4);
        memcpy(&high, cell.data + cell.len - 4, 4);
        words[0] = low | (uint64_t)high << 32;
    } else {
        const unsigned char *p = (const unsigned char *)cell.data;
        words[0] = p[0] | (uint64_t)p[cell.len / 2] << 8 | (uint64_t)p[cell.len - 1] << 16;
    }
    wide v;
    memcpy(&v, words, WIDE);
    return v;
}

/* The classes of a cell's bytes; with its length, no two looks have one key. False if it is longer
   than LONGEST or has strange characters, which are not remembered. */
static inline bool make_key(pd_str cell, uint64_t key[8]) {
    wide v[4] = {{0}}, strange = {0};
    if (cell.len > LONGEST)
        return false;
    if (cell.len <= WIDE) {
        v[0] = classes_of(load_few(cell), &strange);
    } else {
        v[0] = classes_of(load(cell.data), &strange);
        v[1] = classes_of(load(cell.data + cell.len - WIDE), &strange);
        if (cell.len > 2 * WIDE) {
            v[2] = classes_of(load(cell.data + WIDE), &strange);
            v[3] = classes_of(load(cell.data + cell.len - 2 * WIDE), &strange);
        }
    }
    uint64_t any[2];
    memcpy(any, &strange, sizeof(any));
    memcpy(key, v, LONGEST);
    return (any[0] | any[1]) == 0;
}

static inline uint32_t hash_of(const uint64_t key[8], size_t len) {
    static const uint64_t odd[8] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xbf58476d1ce4e5b9),
                                    UINT64_C(0x94d049bb133111eb), UINT64_C(0xd6e8feb86659fd93),
                                    UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db),
                                    UINT64_C(0x8ebc6af09c88c6e3), UINT64_C(0x589965cc75374cc3)};
    size_t words = len <= WIDE ? 2 : len <= 2 * WIDE ? 4 : 8;
    uint64_t h = len * odd[7];
    for (size_t i = 0; i < words; i++)
        h += (key[i] ^ key[i] >> 32) * odd[i];
    return (uint32_t)(h >> 32);
}

/* ---- Looks ---- */

struct inspect_shapes {
    struct inspect_shape *shapes;
    struct inspect_shape *last; /* mostly the next looks like it */
    uint32_t count, block;
};

/* NULL when out of memory, which costs time only. */
struct inspect_shapes *inspect_shapes_new(size_t columns) {
    uint32_t count = LEAST;
    while (count < MOST && count * 2 <= BUDGET / columns)
        count *= 2;
    struct inspect_shapes *table = calloc(1, sizeof(*table));
    if (!table)
        return NULL;
    table->count = count;
    table->shapes = calloc(count, sizeof(*table->shapes));
    if (!table->shapes) {
        free(table);
        return NULL;
    }
    return table;
}

void inspect_shapes_free(struct inspect_shapes *table) {
    if (!table)
        return;
    free(table->shapes);
    free(table);
}

/* What the classes say of a cell's characters. */
struct makeup {
    size_t digits, capitals, small, ideographs, spaces, high;
    size_t leading; /* digits in front */
};

static struct makeup makeup_of(pd_str cell) {
    struct makeup m = {0};
    for (size_t i = 0; i < cell.len; i++) {
        unsigned char c = (unsigned char)cell.data[i];
        m.digits += c >= '0' && c <= '9';
        m.capitals += c >= 'A' && c <= 'Z';
        m.small += c >= 'a' && c <= 'z';
        m.ideographs += c >= 0xe4;
        m.spaces += c == ' ';
        m.high += c >= 0x80;
        m.leading += m.leading == i && c >= '0' && c <= '9';
    }
    return m;
}

/* See inspect_value_of. */
static enum inspect_reading reading_of(pd_str cell, const struct makeup *m) {
    unsigned char first = (unsigned char)cell.data[0];
    if (m->leading == cell.len)
        return cell.len <= 18 ? READ_DIGITS : READ_ANY;
    if (cell.len == 10 && m->digits == 8 && m->leading == 4 && cell.data[4] == '-' &&
        cell.data[7] == '-')
        return READ_DATE;
    if (first >= 0xe4)
        return READ_HAN;
    bool could_be_truth = cell.len >= 2 && cell.len <= 5;
    return m->leading > 0 || first == '-' || could_be_truth ? READ_ANY : READ_TEXT;
}

/* See inspect_ways_read: a number has at most one ideograph (for a currency) and no capitals but
   those of one, a date begins with at most two digits. */
static bool could_be_way(pd_str cell, const struct makeup *m) {
    if (cell.len < 2 || cell.len > 40 || m->leading == cell.len)
        return false;
    bool could_be_date = m->leading > 0 && m->leading <= 2;
    bool could_be_number = m->digits > 0 && m->small == 0 && m->ideographs <= 1 &&
                           (m->capitals == 0 || m->capitals == 2 || m->capitals == 3);
    return could_be_date || could_be_number;
}

static void fill(struct inspect_shape *shape, pd_str cell, detect_bits mask, uint64_t seed) {
    char text[INSPECT_PATTERN_SIZE];
    pd_str pattern = inspect_pattern_of(cell, text);
    memcpy(shape->pattern, pattern.data, pattern.len);
    shape->pattern_len = (uint8_t)pattern.len;
    shape->pattern_hash = sketch_hash(pattern.data, pattern.len, seed);
    shape->in_patterns = SKETCH_NOWHERE;
    shape->characters = 0;
    shape->is_masked = false;
    for (size_t i = 0; i < cell.len; i++) {
        shape->characters += ((unsigned char)cell.data[i] & 0xc0) != 0x80;
        shape->is_masked = shape->is_masked || cell.data[i] == '*';
    }
    struct makeup makeup = makeup_of(cell);
    shape->reading = reading_of(cell, &makeup);
    shape->could_be_word = inspect_null_could_be(cell);
    shape->could_be_way = could_be_way(cell, &makeup);
    shape->is_plain_ascii = makeup.high == 0 && makeup.spaces < 2;
    shape->latin = (uint16_t)(makeup.capitals + makeup.small);
    shape->plan = detect_plan_make(cell, mask);
}

static inline bool is_same(const struct inspect_shape *shape, const uint64_t key[8], size_t len) {
    if (shape->len != len)
        return false;
    uint64_t differs = (shape->key[0] ^ key[0]) | (shape->key[1] ^ key[1]);
    if (len > WIDE)
        differs |= (shape->key[2] ^ key[2]) | (shape->key[3] ^ key[3]);
    if (len > 2 * WIDE)
        differs |= (shape->key[4] ^ key[4]) | (shape->key[5] ^ key[5]) | (shape->key[6] ^ key[6]) |
                   (shape->key[7] ^ key[7]);
    return differs == 0;
}

uint32_t inspect_shapes_begin(struct inspect_shapes *table) {
    if (++table->block == 0) /* after 2^32 blocks the oldest numbers would come again */
        memset(table->shapes, 0, table->count * sizeof(*table->shapes));
    return table->block;
}

static inline struct inspect_shape *take(struct inspect_shapes *table, struct inspect_shape *shape,
                                         uint16_t *count) {
    if (shape->block != table->block) {
        shape->block = table->block;
        shape->ordinal = (*count)++;
    }
    return table->last = shape;
}

struct inspect_shape *inspect_shape_of(struct inspect_shapes *table, pd_str cell, detect_bits mask,
                                       uint64_t seed, uint16_t *count) {
    uint64_t key[8];
    if (!make_key(cell, key))
        return NULL;
    if (table->last && is_same(table->last, key, cell.len))
        return take(table, table->last, count);
    struct inspect_shape *shape = &table->shapes[hash_of(key, cell.len) & (table->count - 1)];
    if (is_same(shape, key, cell.len))
        return take(table, shape, count);
    if (shape->len > 0 && shape->block == table->block)
        return NULL; /* two of one block in one place */
    memcpy(shape->key, key, sizeof(key));
    shape->len = (uint32_t)cell.len;
    fill(shape, cell, mask, seed);
    return take(table, shape, count);
}
