/* An inspection in progress as bytes, and back: parts of a table may be inspected in different
   places and merged. The bytes hold cells (extremes, frequent values), so they are as confidential
   as these. */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

static const char MAGIC[] = "polder inspection sketch 4\n";
enum {
    MAGIC_LEN = sizeof(MAGIC) - 1,
    MAGIC_VERSION = MAGIC_LEN - 2, /* where the number of the version stands */
    NAME_MOST = 1 << 20
};

/* ---- Out ---- */

static void save_kept(const struct inspect_kept *kept, struct pd_buf *out) {
    pd_buf_char(out, kept->data ? 1 : 0);
    if (kept->data)
        sketch_save_text(out, (pd_str){kept->data, kept->len});
}

static void save_long_double(struct pd_buf *out, long double d) {
    /* An int64 or a double: as the sum of two doubles it is kept exactly. */
    double high = (double)d;
    sketch_save_double(out, high);
    sketch_save_double(out, (double)(d - (long double)high));
}

static void save_hits(const uint64_t *hits, struct pd_buf *out) {
    for (int t = 0; t < DETECT_TYPE_COUNT; t++)
        sketch_save_u64(out, hits[t]);
}

static bool save_state(const struct inspect_state *s, struct pd_buf *out);

static bool save_ways(const struct inspect_ways *ways, struct pd_buf *out) {
    pd_buf_char(out, ways ? 1 : 0);
    if (!ways)
        return true;
    const uint64_t counts[] = {ways->cells, ways->numbers, ways->percent, ways->money,
                               ways->currencies};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        sketch_save_u64(out, counts[i]);
    for (int w = 0; w < WAY_COUNT; w++) {
        sketch_save_u64(out, ways->fits[w]);
        sketch_save_u64(out, ways->only[w]);
        if (ways->fits[w] > 0 && !save_state(ways->as[w], out))
            return false;
    }
    return true;
}

static bool save_state(const struct inspect_state *s, struct pd_buf *out) {
    sketch_save_text(out, inspect_state_name(s));
    for (int t = 0; t < INSPECT_TYPE_COUNT; t++)
        sketch_save_u64(out, s->kinds[t]);
    sketch_save_u64(out, s->masked);
    save_hits(s->sure, out);
    save_hits(s->weak, out);
    save_hits(s->shaped, out);
    sketch_save_u64(out, s->min_length);
    sketch_save_u64(out, s->max_length);
    save_long_double(out, s->min_number);
    save_long_double(out, s->max_number);
    sketch_save_i64(out, s->min_time);
    sketch_save_i64(out, s->max_time);
    const struct inspect_kept *kept[] = {&s->min_text,        &s->max_text,
                                         &s->min_number_text, &s->max_number_text,
                                         &s->min_time_text,   &s->max_time_text};
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        save_kept(kept[i], out);
    pd_buf_char(out, s->has_no_order ? 1 : 0);
    for (int w = 0; w < INSPECT_NULL_FORMS; w++)
        sketch_save_u64(out, s->words[w]);
    const uint64_t counts[] = {s->codes, s->big, s->partial, s->unusual, s->threes};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        sketch_save_u64(out, counts[i]);
    return save_ways(s->ways, out) && sketch_distinct_save(&s->distinct, out) &&
           sketch_frequent_save(&s->frequent, out) && sketch_quantiles_save(&s->quantiles, out) &&
           inspect_measure_save(&s->measure, out);
}

enum pd_status inspector_save(const struct inspector *inspector, struct pd_buf *out,
                              struct pd_error *err) {
    if (detect_site_count(inspector->site) > 0)
        return pd_fail(err, PD_USAGE,
                       "a sketch holds nothing of a site's own detectors; leave them out");
    const size_t start = out->len;
    pd_buf_add(out, MAGIC, MAGIC_LEN);
    sketch_save_u64(out, DETECT_TYPE_COUNT); /* a program with other detectors can't merge */
    sketch_save_u64(out, inspector->count);
    sketch_save_u64(out, inspector->rows);
    sketch_save_u64(out, inspector->set_aside);
    sketch_save_fixed(out, inspector->seed);
    sketch_save_u64(out, (uint64_t)inspector->today);
    bool is_saved = sketch_distinct_save(&inspector->row_set, out);
    for (size_t i = 0; is_saved && i < inspector->count; i++)
        is_saved = save_state(&inspector->states[i], out);
    if (!is_saved || out->failed)
        return pd_fail_memory(err);
    sketch_save_fixed(out, sketch_hash(out->data + start, out->len - start, 0));
    return out->failed ? pd_fail_memory(err) : PD_OK;
}

/* ---- In ---- */

static void load_kept(struct sketch_input *in, struct inspect_kept *kept) {
    if (!sketch_load_bool(in))
        return;
    pd_str text = sketch_load_text(in, SKETCH_TEXT_BYTES);
    if (!in->failed && !(kept->data = malloc(SKETCH_TEXT_BYTES)))
        in->failed = true;
    if (in->failed)
        return;
    memcpy(kept->data, text.data, text.len);
    kept->len = (uint16_t)text.len;
}

static long double load_long_double(struct sketch_input *in) {
    long double high = sketch_load_double(in);
    return high + sketch_load_double(in);
}

static void load_hits(struct sketch_input *in, uint64_t *hits) {
    for (int t = 0; t < DETECT_TYPE_COUNT; t++)
        hits[t] = sketch_load_u64(in);
}

/* Whole sketches come in the place of the empty ones; limits must be those of this many columns. */
static bool load_sketches(struct sketch_input *in, struct inspect_state *s) {
    struct sketch_distinct distinct;
    struct sketch_frequent frequent;
    struct sketch_quantiles quantiles;
    if (!sketch_distinct_load(in, &distinct))
        return false;
    bool holds = distinct.exact_limit == s->distinct.exact_limit &&
                 distinct.unique_limit == s->distinct.unique_limit;
    sketch_distinct_clear(&s->distinct);
    s->distinct = distinct;
    if (!sketch_frequent_load(in, &frequent))
        return false;
    holds = holds && frequent.limit == s->frequent.limit;
    sketch_frequent_clear(&s->frequent);
    s->frequent = frequent;
    if (!sketch_quantiles_load(in, &quantiles))
        return false;
    sketch_quantiles_clear(&s->quantiles);
    s->quantiles = quantiles;
    return holds;
}

/* What the counts say must be there is there: a column, or one way to read some of its cells. */
static bool is_whole(const struct inspect_state *s, uint64_t rows, bool is_way) {
    uint64_t filled = 0, cells = 0;
    for (int t = 0; t < INSPECT_TYPE_COUNT; t++)
        if (__builtin_add_overflow(cells, s->kinds[t], &cells))
            return false;
    filled = cells - s->kinds[INSPECT_EMPTY];
    uint64_t plain = filled;
    for (int w = 0; w < INSPECT_NULL_FORMS; w++)
        if (__builtin_add_overflow(cells, s->words[w], &cells))
            return false;
    if (s->ways && (__builtin_add_overflow(cells, s->ways->cells, &cells) ||
                    __builtin_add_overflow(filled, s->ways->cells, &filled)))
        return false;
    if (is_way)
        filled = 0; /* its texts are those of the column */
    bool numbers = s->kinds[INSPECT_INTEGER] > 0 || s->kinds[INSPECT_DECIMAL] > 0;
    bool moments =
        s->kinds[INSPECT_DATE] > 0 || s->kinds[INSPECT_DATETIME] > 0 || s->kinds[INSPECT_TIME] > 0;
    return cells == rows && (filled > 0) == (s->min_text.data != NULL) &&
           (filled > 0) == (s->max_text.data != NULL) &&
           numbers == (s->min_number_text.data != NULL) &&
           numbers == (s->max_number_text.data != NULL) &&
           moments == (s->min_time_text.data != NULL) &&
           moments == (s->max_time_text.data != NULL) &&
           (s->has_no_order || s->quantiles.count == plain);
}

static bool load_values(struct sketch_input *in, struct inspect_state *s, uint64_t rows,
                        bool is_way);

/* Each way has a state of its own, in which all cells that it explains have a kind. */
static bool load_ways(struct sketch_input *in, struct inspect_state *s) {
    if (!sketch_load_bool(in))
        return !in->failed;
    s->ways = calloc(1, sizeof(*s->ways));
    if (!s->ways)
        return false;
    struct inspect_ways *ways = s->ways;
    uint64_t currencies = 0;
    uint64_t *counts[] = {&ways->cells, &ways->numbers, &ways->percent, &ways->money, &currencies};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        *counts[i] = sketch_load_u64(in);
    ways->currencies = (unsigned)currencies;
    bool holds = currencies <= UINT32_MAX && ways->cells > 0 && ways->numbers <= ways->cells &&
                 ways->percent <= ways->cells && ways->money <= ways->cells;
    uint64_t only = 0;
    for (int w = 0; holds && w < WAY_COUNT; w++) {
        ways->fits[w] = sketch_load_u64(in);
        ways->only[w] = sketch_load_u64(in);
        only += ways->only[w];
        holds = !in->failed && ways->fits[w] <= ways->cells && ways->only[w] <= ways->fits[w] &&
                only <= ways->cells;
        if (!holds || ways->fits[w] == 0)
            continue;
        struct inspect_state *child = inspect_ways_follow(s, (enum inspect_way)w);
        pd_str name = sketch_load_text(in, NAME_MOST);
        holds = child && !in->failed && pd_str_eq(name, inspect_state_name(s)) &&
                load_values(in, child, ways->fits[w], true);
    }
    return holds;
}

static bool load_state(struct sketch_input *in, struct inspect_state *s, size_t columns,
                       uint64_t seed, uint64_t rows) {
    pd_str name = sketch_load_text(in, NAME_MOST);
    return !in->failed && inspect_state_init(s, name, columns, seed, NULL) &&
           load_values(in, s, rows, false);
}

static bool load_values(struct sketch_input *in, struct inspect_state *s, uint64_t rows,
                        bool is_way) {
    for (int t = 0; t < INSPECT_TYPE_COUNT; t++)
        s->kinds[t] = sketch_load_u64(in);
    s->masked = sketch_load_u64(in);
    load_hits(in, s->sure);
    load_hits(in, s->weak);
    load_hits(in, s->shaped);
    s->min_length = sketch_load_u64(in);
    s->max_length = sketch_load_u64(in);
    s->min_number = load_long_double(in);
    s->max_number = load_long_double(in);
    s->min_time = sketch_load_i64(in);
    s->max_time = sketch_load_i64(in);
    struct inspect_kept *kept[] = {&s->min_text,        &s->max_text,      &s->min_number_text,
                                   &s->max_number_text, &s->min_time_text, &s->max_time_text};
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        load_kept(in, kept[i]);
    s->has_no_order = sketch_load_bool(in);
    for (int w = 0; w < INSPECT_NULL_FORMS; w++)
        s->words[w] = sketch_load_u64(in);
    uint64_t *counts[] = {&s->codes, &s->big, &s->partial, &s->unusual, &s->threes};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        *counts[i] = sketch_load_u64(in);
    return !in->failed && (is_way ? !sketch_load_bool(in) : load_ways(in, s)) &&
           load_sketches(in, s) && inspect_measure_load(in, &s->measure) &&
           is_whole(s, rows, is_way);
}

static enum pd_status refuse_damaged(struct pd_error *err) {
    return pd_fail(err, PD_INVALID,
                   "is an inspection sketch that was cut off or changed; write it again with "
                   "polder inspect --sketch");
}

static enum pd_status refuse_version(struct pd_error *err) {
    return pd_fail(err, PD_INVALID,
                   "is an inspection sketch of another version of the program, whose detectors or "
                   "counts are others; write it again with this one's polder inspect --sketch");
}

/* Any version's, and then this one's, whole. */
static enum pd_status check_frame(pd_str bytes, struct pd_error *err) {
    if (!pd_str_starts(bytes, (pd_str){MAGIC, MAGIC_VERSION}))
        return pd_fail(err, PD_INVALID,
                       "is no inspection sketch; polder inspect TABLE --sketch=FILE writes one");
    size_t shown = bytes.len < MAGIC_LEN ? bytes.len : MAGIC_LEN;
    if (!pd_str_starts((pd_str){MAGIC, MAGIC_LEN}, pd_str_sub(bytes, 0, shown)))
        return refuse_version(err);
    if (bytes.len < MAGIC_LEN + 8)
        return refuse_damaged(err);
    const size_t body = bytes.len - 8;
    struct sketch_input sum = {bytes.data + body, bytes.data + bytes.len, false};
    return sketch_load_fixed(&sum) == sketch_hash(bytes.data, body, 0) ? PD_OK
                                                                       : refuse_damaged(err);
}

enum pd_status inspector_load(pd_str bytes, struct inspector **out, struct pd_error *err) {
    enum pd_status st = check_frame(bytes, err);
    if (st != PD_OK)
        return st;
    const size_t body = bytes.len - 8;
    struct sketch_input in = {bytes.data + MAGIC_LEN, bytes.data + body, false};
    if (sketch_load_u64(&in) != DETECT_TYPE_COUNT)
        return refuse_version(err);
    uint64_t columns = sketch_load_u64(&in);
    if (in.failed || columns == 0 || columns > INSPECT_COLUMNS_MOST || columns > body)
        return refuse_damaged(err);
    struct inspector *i = calloc(1, sizeof(*i));
    if (!i || !(i->states = calloc((size_t)columns, sizeof(*i->states)))) {
        inspector_free(i);
        return pd_fail_memory(err);
    }
    i->rows = sketch_load_u64(&in);
    i->set_aside = sketch_load_u64(&in);
    i->seed = sketch_load_fixed(&in);
    uint64_t today = sketch_load_u64(&in);
    i->today = today <= 99991231 ? (int)today : 0;
    bool holds = sketch_distinct_load(&in, &i->row_set) && i->row_set.added == i->rows;
    for (size_t c = 0; holds && c < columns; c++) {
        holds = load_state(&in, &i->states[c], (size_t)columns, i->seed, i->rows);
        i->count++; /* also one that failed is to be cleared */
    }
    if (!holds || in.at != in.end) {
        inspector_free(i);
        return refuse_damaged(err);
    }
    *out = i;
    return PD_OK;
}
