/**
 * sketch/: summaries of streams, small whatever the stream's length, that merge: the sketch of two
 * parts together is the merge of the parts' sketches. Each is exact while the data is small, and
 * every answer says whether it is, and otherwise how far off it may be.
 *
 * Embedded objects: `init` makes one empty without taking memory, it grows as needed, `clear` frees
 * (a zeroed struct is fine). An operation that returns false ran out of memory; what it added may
 * then be in the sketch in part or not at all. All is deterministic: same data, order and seed,
 * same answer.
 */
#ifndef POLDER_SKETCH_H
#define POLDER_SKETCH_H

#include "base/base.h"

/**
 * A 64-bit hash: eight bytes at a time, folded by the 128-bit product with odd constants. Fast and
 * well mixed, and not cryptographic: where those who fill the columns may want to deceive, give a
 * seed they can't know. Sketches merge only if their hashes had the same seed. The value doesn't
 * depend on the machine's byte order.
 */
uint64_t sketch_hash(const void *bytes, size_t n, uint64_t seed);

/** How many: the value, or an estimate that is off by more than `bound` less than 3 in 1,000 times.
 */
struct sketch_count {
    uint64_t value;
    bool is_exact;
    double bound; /* relative, 0.0244 = 2.44 %; 0 when exact */
};

/* ---- distinct values: the set of hashes, then HyperLogLog with 2^14 registers (16 KiB) ---- */

/* Flajolet et al. 2007, with the estimator of Ertl 2017; relative standard error 1.03896/sqrt(2^14)
   = 0.81 %, of which three are promised, also after merging. Two of n exact values share a 64-bit
   hash with odds n^2/2^65; that is neglected. */
enum { SKETCH_DISTINCT_EXACT = 4096, SKETCH_HLL_BITS = 14 };
#define SKETCH_DISTINCT_BOUND 0.02436

struct sketch_distinct {
    uint64_t *slots; /* open addressing; 0 is empty, the hash 0 is kept as has_zero */
    uint8_t *registers;
    uint32_t used, capacity;
    uint32_t exact_limit;
    bool has_zero;
};
/** exact_limit: how many are counted exactly, at most SKETCH_DISTINCT_EXACT; 0 means that. */
void sketch_distinct_init(struct sketch_distinct *sketch, uint32_t exact_limit);
void sketch_distinct_clear(struct sketch_distinct *sketch);
PD_CHECK bool sketch_distinct_add(struct sketch_distinct *sketch, uint64_t hash);
struct sketch_count sketch_distinct_get(const struct sketch_distinct *sketch);
PD_CHECK bool sketch_distinct_merge(struct sketch_distinct *into,
                                    const struct sketch_distinct *from);

/* ---- quantiles: KLL ---- */

/* Karnin, Lang, Liberty 2016. With k = 200 the rank of an answer is off by more than
   2.296 / k^0.9723 = 1.33 % of the rows less than once in a hundred answers, also after merging. */
enum { SKETCH_KLL_K = 200, SKETCH_KLL_LEVELS = 60 };
#define SKETCH_KLL_BOUND 0.0133

struct sketch_quantiles {
    struct sketch_level {
        double *items;
        uint32_t used, capacity;
    } * levels; /* an item of level h stands for 2^h values */
    uint32_t level_count;
    uint32_t used, capacity; /* items over all levels */
    uint64_t count;
    uint64_t random;
};
void sketch_quantiles_init(struct sketch_quantiles *sketch, uint64_t seed);
void sketch_quantiles_clear(struct sketch_quantiles *sketch);
/** NaN is ignored. */
PD_CHECK bool sketch_quantiles_add(struct sketch_quantiles *sketch, double value);
PD_CHECK bool sketch_quantiles_merge(struct sketch_quantiles *into,
                                     const struct sketch_quantiles *from);

struct sketch_quantile {
    double value;
    bool is_exact;
    double rank_bound; /* share of the rows by which the rank may be off; 0 when exact */
};
/**
 * For each of `count` shares (0..1, ascending or not): the smallest value such that at least that
 * share of all values is not above it. False when out of memory or if there are no values.
 */
PD_CHECK bool sketch_quantiles_get(const struct sketch_quantiles *sketch, const double *shares,
                                   size_t count, struct sketch_quantile *out);

/* ---- the most frequent values: counts, then Misra-Gries ---- */

/* Misra, Gries 1982, pruned to half by the median count (Anderson et al. 2017). With m entries and
   n rows a count is short by at most `bound` <= 2n/m, never too high; what occurs more often than
   that is not missed. */
enum { SKETCH_FREQUENT_ENTRIES = 1000, SKETCH_TEXT_BYTES = 128 };

struct sketch_value {
    uint64_t hash;
    uint64_t count;
    uint32_t at;  /* offset in the sketch's texts */
    uint16_t len; /* bytes kept, at most SKETCH_TEXT_BYTES, cut at a character */
    bool is_cut;
};
struct sketch_frequent {
    struct sketch_value *values;
    uint32_t *slots; /* hash table of index + 1 */
    uint32_t used, capacity, slot_count;
    uint32_t limit;
    char *texts;
    size_t texts_used, texts_capacity;
    uint64_t bound; /* what has been pruned from every count; 0 = all counts are exact */
};
/** limit: entries kept, 8 .. SKETCH_FREQUENT_ENTRIES; 0 means the latter. */
void sketch_frequent_init(struct sketch_frequent *sketch, uint32_t limit);
void sketch_frequent_clear(struct sketch_frequent *sketch);
/** hash: of the whole text; tells values apart. `text` is copied. */
PD_CHECK bool sketch_frequent_add(struct sketch_frequent *sketch, uint64_t hash, pd_str text);
PD_CHECK bool sketch_frequent_merge(struct sketch_frequent *into,
                                    const struct sketch_frequent *from);

struct sketch_frequency {
    pd_str text;    /* borrowed from the sketch until its next change */
    uint64_t count; /* the true count lies in count .. count + bound */
    bool is_cut;    /* the value is longer than what was kept */
};
/** The `limit` most frequent, most first, equal counts by text; returns how many there are. */
size_t sketch_frequent_top(const struct sketch_frequent *sketch, size_t limit,
                           struct sketch_frequency *out);

#endif
