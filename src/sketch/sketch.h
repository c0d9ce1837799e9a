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
 * A 64-bit hash: sixteen bytes at a time, folded by their 128-bit product (as wyhash does). Fast
 * and well mixed, and not cryptographic: where those who fill the columns may want to deceive, give
 * a seed they can't know. Sketches merge only if their hashes had the same seed. The value doesn't
 * depend on the machine's byte order.
 */
uint64_t sketch_hash(const void *bytes, size_t n, uint64_t seed);
/** Of each text; sooner than one by one. */
void sketch_hash_all(const pd_str *texts, size_t count, uint64_t seed, uint64_t *out);

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
enum {
    SKETCH_DISTINCT_EXACT = 4096,
    SKETCH_DISTINCT_MOST = 1 << 20, /* 16 MiB */
    SKETCH_HLL_BITS = 14
};
#define SKETCH_DISTINCT_BOUND 0.02436

struct sketch_distinct {
    uint64_t *slots; /* open addressing; 0 is empty, the hash 0 is kept as has_zero */
    uint8_t *registers;
    uint32_t used, capacity;
    uint32_t exact_limit, unique_limit;
    bool has_zero;
    uint64_t added;
};
/**
 * exact_limit: how many are counted exactly, at most SKETCH_DISTINCT_MOST; 0:
 * SKETCH_DISTINCT_EXACT. unique_limit: how many while no value came twice, so that a key can be
 * told; at least the former. What comes out depends on the values alone, not on their order nor on
 * how they were parted.
 */
void sketch_distinct_init(struct sketch_distinct *sketch, uint32_t exact_limit,
                          uint32_t unique_limit);
void sketch_distinct_clear(struct sketch_distinct *sketch);
PD_CHECK bool sketch_distinct_add(struct sketch_distinct *sketch, uint64_t hash);
/** Each of them; sooner than one by one. */
PD_CHECK bool sketch_distinct_add_all(struct sketch_distinct *sketch, const uint64_t *hashes,
                                      size_t count);
/** As if a value that has been added were added `times` more. */
PD_CHECK bool sketch_distinct_again(struct sketch_distinct *sketch, uint64_t times);
struct sketch_count sketch_distinct_get(const struct sketch_distinct *sketch);
/** No value came twice, for certain. */
bool sketch_distinct_is_unique(const struct sketch_distinct *sketch);
PD_CHECK bool sketch_distinct_merge(struct sketch_distinct *into,
                                    const struct sketch_distinct *from);

/* ---- quantiles: KLL with a sampler ---- */

/*
 * Karnin, Lang, Liberty 2016. With k = 256 the rank of an answer is off by more than
 * 2.296 / k^0.9723 = 1.05 % of the rows less than once in a hundred answers, also after merging. Of
 * many values only one of each 2^s is taken, drawn by the seed, so that at least 2^16 are: that
 * adds at most 2.576 / (2 * 2^8) = 0.50 %, together sqrt(1.05^2 + 0.50^2) = 1.16 %. Promised is
 * what k = 200 without a sampler would be off by.
 */
enum { SKETCH_KLL_K = 256, SKETCH_KLL_LEVELS = 60, SKETCH_KLL_SAMPLED_BITS = 16 };
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
    uint32_t sampled;        /* s: of 2^s values one is taken, into level s */
    uint64_t passed, chosen; /* of the 2^s at hand: how many there were, which is taken */
    double taken; /* stands for those that passed: the chosen one, before it comes the last */
};
void sketch_quantiles_init(struct sketch_quantiles *sketch, uint64_t seed);
void sketch_quantiles_clear(struct sketch_quantiles *sketch);
/** NaN is ignored. */
PD_CHECK bool sketch_quantiles_add(struct sketch_quantiles *sketch, double value);
/** Each of them; sooner than one by one. */
PD_CHECK bool sketch_quantiles_add_all(struct sketch_quantiles *sketch, const double *values,
                                       size_t count);
PD_CHECK bool sketch_quantiles_merge(struct sketch_quantiles *into,
                                     const struct sketch_quantiles *from);
/** One more, empty level on top. Only for what fills the levels itself. */
PD_CHECK bool sketch_quantiles_widen(struct sketch_quantiles *sketch);

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

/*
 * Misra, Gries 1982, pruned to half by the median count (Anderson et al. 2017). With m entries and
 * n rows a count is short by at most `bound` <= 2n/m + 1, never too high; what occurs more often
 * than that is not missed.
 *
 * Once there were more values than entries, a value gets an entry when it comes for the second time
 * within a nursery: m/2 values that came once, of which hashes alone are kept. When it is full it
 * is emptied, each of them is short by one, and m/2 rows are gone: the same balance as in a prune.
 * So a column of ever new values costs little. A prune leaves m/16 of the values that it would
 * forget, with the count one, which is not too high: examples of what the column holds.
 */
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
    uint64_t bound;    /* what has been pruned from every count; 0 = all counts are exact */
    uint32_t turn;     /* how often it was pruned: where a value stands holds during one turn */
    uint64_t *nursery; /* hash table; 0 is empty */
    uint32_t nursery_used, nursery_slots;
};
/** limit: entries kept, 8 .. SKETCH_FREQUENT_ENTRIES; 0 means the latter. */
void sketch_frequent_init(struct sketch_frequent *sketch, uint32_t limit);
void sketch_frequent_clear(struct sketch_frequent *sketch);
/** hash: of the whole text; tells values apart. `text` is copied. */
PD_CHECK bool sketch_frequent_add(struct sketch_frequent *sketch, uint64_t hash, pd_str text);
/** Where a value stands, so that it is counted again without a search. */
struct sketch_place {
    uint32_t at, turn;
};
#define SKETCH_NOWHERE ((struct sketch_place){0, UINT32_MAX})
/** As sketch_frequent_add; tells where the value stands now, SKETCH_NOWHERE if it has no entry. */
PD_CHECK bool sketch_frequent_place(struct sketch_frequent *sketch, uint64_t hash, pd_str text,
                                    struct sketch_place *place);
/** Counts the value at a place so many times more; false if it may stand there no longer. */
static inline bool sketch_frequent_again(struct sketch_frequent *sketch, struct sketch_place place,
                                         uint64_t times) {
    if (place.turn != sketch->turn)
        return false;
    sketch->values[place.at].count += times;
    return true;
}
/** Whether the next value may take from every count: whoever counts later has to do it now. */
static inline bool sketch_frequent_is_full(const struct sketch_frequent *sketch) {
    return sketch->used == sketch->limit;
}
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

/* ---- exact sums of decimals ---- */

__extension__ typedef __int128 sketch_int;

/** A decimal number without rounding: digits / 10^scale, |digits| < 10^18, 0 <= scale <= 18. */
struct sketch_decimal {
    int64_t digits;
    int scale;
};
/** Optional '-', digits, optional fraction and exponent. False if it is none, or needs more digits.
 */
bool sketch_decimal_parse(pd_str text, struct sketch_decimal *out);
double sketch_decimal_value(struct sketch_decimal d);
/** 10^n for 0 <= n <= 18, else 0. */
int64_t sketch_power_of_ten(int n);

enum { SKETCH_SUM_SCALES = 19, SKETCH_SUM_TEXT_SIZE = 64 };
/** Zeroed is the empty sum. Exact while rounded == 0, however many values and in whatever order. */
struct sketch_sum {
    sketch_int parts[SKETCH_SUM_SCALES]; /* by scale; 2^63 values can't overflow one */
    double rest;                         /* values with more digits than are kept */
    uint64_t count, rounded;             /* exact values, and those in `rest` */
};
void sketch_sum_add(struct sketch_sum *sum, struct sketch_decimal value);
/** As if it were added so many times; so below. */
void sketch_sum_add_times(struct sketch_sum *sum, struct sketch_decimal value, uint64_t times);
void sketch_sum_add_integers(struct sketch_sum *sum, const int64_t *values, size_t count);
void sketch_sum_add_rounded(struct sketch_sum *sum, double value);
void sketch_sum_merge(struct sketch_sum *into, const struct sketch_sum *from);
/** The exact part in decimal digits, without needless zeros; returns its length. */
size_t sketch_sum_write(const struct sketch_sum *sum, char out[SKETCH_SUM_TEXT_SIZE]);
long double sketch_sum_value(const struct sketch_sum *sum);

/* ---- how numbers lie: exact counts in at most 200 bins, whose width grows by tens ---- */

/* The same values give the same bins in whatever order and parts they come. */
#define SKETCH_BINS_INDEX_MOST INT64_C(1000000000000000) /* 10^15: a double tells such apart */
enum { SKETCH_BINS = 200, SKETCH_BINS_FINEST = -18, SKETCH_EDGE_TEXT_SIZE = 48 };
struct sketch_bins {
    uint64_t *
        counts; /* SKETCH_BINS of them; counts[i] lie in [first + i, first + i + 1) * 10^exponent */
    int64_t first;
    uint32_t used;
    int exponent;
};
void sketch_bins_init(struct sketch_bins *bins);
void sketch_bins_clear(struct sketch_bins *bins);
PD_CHECK bool sketch_bins_add(struct sketch_bins *bins, struct sketch_decimal value);
PD_CHECK bool sketch_bins_add_times(struct sketch_bins *bins, struct sketch_decimal value,
                                    uint64_t times);
PD_CHECK bool sketch_bins_add_integers(struct sketch_bins *bins, const int64_t *values,
                                       size_t count);
PD_CHECK bool sketch_bins_merge(struct sketch_bins *into, const struct sketch_bins *from);

struct sketch_edge { /* index * 10^exponent */
    int64_t index;
    int exponent;
};
struct sketch_bin {
    struct sketch_edge from, to; /* [from, to) */
    uint64_t count;
};
/** At most `most` bins of one width, 1, 2 or 5 times a power of ten and at least `least` (0: any),
    from the lowest to the highest value; empty ones between them included. Returns how many. */
size_t sketch_bins_get(const struct sketch_bins *bins, size_t most, double least,
                       struct sketch_bin *out);
size_t sketch_edge_write(struct sketch_edge edge, char out[SKETCH_EDGE_TEXT_SIZE]);

/* ---- when things happened: exact counts by hour, day, month or year, and the days with any ----
 */

enum sketch_unit { SKETCH_HOURS, SKETCH_DAYS, SKETCH_MONTHS, SKETCH_YEARS };
enum { SKETCH_PERIODS = 400, SKETCH_YEARS_MOST = 10000, SKETCH_DAYS_MOST = 146097 /* 400 years */ };
struct sketch_periods {
    uint64_t *counts; /* of the units first, first + 1, ...: hours or days since 1970, 12 * year +
                         month - 1, or years */
    int64_t first;
    uint32_t used, capacity;
    enum sketch_unit unit; /* the finest in which all lie within SKETCH_PERIODS */
    uint64_t *days;        /* a bit per day from first_day on */
    int64_t first_day;     /* since 1970 */
    uint32_t day_count;    /* bits */
    int64_t first_seen, last_seen;
    bool days_overflow; /* they lie more than SKETCH_DAYS_MOST apart: not kept */
    uint64_t total;
};
void sketch_periods_init(struct sketch_periods *periods);
void sketch_periods_clear(struct sketch_periods *periods);
/** t: in the years 1 to 9999. */
PD_CHECK bool sketch_periods_add(struct sketch_periods *periods, pd_time t);
PD_CHECK bool sketch_periods_add_all(struct sketch_periods *periods, const pd_time *times,
                                     size_t count);
/** times: at least 1. */
PD_CHECK bool sketch_periods_add_times(struct sketch_periods *periods, pd_time t, uint64_t times);
PD_CHECK bool sketch_periods_merge(struct sketch_periods *into, const struct sketch_periods *from);
bool sketch_periods_has_day(const struct sketch_periods *periods, int64_t day);
pd_time sketch_period_start(enum sketch_unit unit, int64_t index);
/** Only for what knows its counts already. */
PD_CHECK bool sketch_periods_mark_day(struct sketch_periods *periods, int64_t day);

/* ---- sketches as bytes, so that parts of a table can be inspected in different places ---- */

/** Append to `out`; false when out of memory or over its limit. The same sketch, the same bytes. */
PD_CHECK bool sketch_distinct_save(const struct sketch_distinct *sketch, struct pd_buf *out);
PD_CHECK bool sketch_frequent_save(const struct sketch_frequent *sketch, struct pd_buf *out);
PD_CHECK bool sketch_quantiles_save(const struct sketch_quantiles *sketch, struct pd_buf *out);
PD_CHECK bool sketch_sum_save(const struct sketch_sum *sketch, struct pd_buf *out);
PD_CHECK bool sketch_bins_save(const struct sketch_bins *sketch, struct pd_buf *out);
PD_CHECK bool sketch_periods_save(const struct sketch_periods *sketch, struct pd_buf *out);
void sketch_save_u64(struct pd_buf *out, uint64_t n);   /* varint */
void sketch_save_i64(struct pd_buf *out, int64_t n);    /* varint, zigzag */
void sketch_save_fixed(struct pd_buf *out, uint64_t n); /* 8 bytes, little-endian */
void sketch_save_double(struct pd_buf *out, double d);
void sketch_save_text(struct pd_buf *out, pd_str text);

/** Bytes that may be hostile. After a failure every load fails, and numbers are zero. */
struct sketch_input {
    const char *at, *end;
    bool failed; /* not what was saved, or out of memory */
};
/** On success *out is to be cleared as any; on failure it is untouched. */
PD_CHECK bool sketch_distinct_load(struct sketch_input *in, struct sketch_distinct *out);
PD_CHECK bool sketch_frequent_load(struct sketch_input *in, struct sketch_frequent *out);
PD_CHECK bool sketch_quantiles_load(struct sketch_input *in, struct sketch_quantiles *out);
PD_CHECK bool sketch_sum_load(struct sketch_input *in, struct sketch_sum *out);
PD_CHECK bool sketch_bins_load(struct sketch_input *in, struct sketch_bins *out);
PD_CHECK bool sketch_periods_load(struct sketch_input *in, struct sketch_periods *out);
uint64_t sketch_load_u64(struct sketch_input *in);
int64_t sketch_load_i64(struct sketch_input *in);
uint64_t sketch_load_fixed(struct sketch_input *in);
double sketch_load_double(struct sketch_input *in);
bool sketch_load_bool(struct sketch_input *in);
/** Borrowed, valid UTF-8, at most `most` bytes; empty on failure. */
pd_str sketch_load_text(struct sketch_input *in, size_t most);
/** Borrowed; NULL on failure. */
const char *sketch_load_bytes(struct sketch_input *in, size_t n);

#endif
