/* BM25 over weighted fields. */
#include "match/match.h"

#include <math.h>
#include <stdlib.h>

/* Robertson's usual values; the weights are those of reference collections of short metadata. */
static const double K1 = 1.2, B = 0.75;
static const struct field {
    const char *name;
    double weight;
} FIELDS[MATCH_FIELD_COUNT] = {[MATCH_TITLE] = {"title", 4},
                               [MATCH_COLUMNS] = {"columns", 3},
                               [MATCH_TAGS] = {"terms", 2},
                               [MATCH_TEXT] = {"text", 1}};

const char *match_field_name(enum match_field field) {
    return (unsigned)field < MATCH_FIELD_COUNT ? FIELDS[field].name : "";
}

enum { QUERY_TERMS_MAX = 64 }; /* each once; further ones are not looked at */

struct query {
    pd_str terms[QUERY_TERMS_MAX];
    size_t count;
    size_t with[QUERY_TERMS_MAX]; /* documents that have it */
    double idf[QUERY_TERMS_MAX];
};

/* What a document has of the query. */
struct found {
    double length; /* weighted */
    double frequency[QUERY_TERMS_MAX];
    unsigned fields[QUERY_TERMS_MAX]; /* bit per field */
};

static size_t find_term(const struct query *q, pd_str term) {
    for (size_t i = 0; i < q->count; i++)
        if (pd_str_eq(q->terms[i], term))
            return i;
    return PD_NPOS;
}

static enum pd_status read_query(pd_str text, struct pd_arena *arena, struct query *q,
                                 struct pd_error *err) {
    pd_str *terms;
    size_t count;
    enum pd_status st = match_terms(text, arena, &terms, &count, err);
    for (size_t i = 0; st == PD_OK && i < count && q->count < QUERY_TERMS_MAX; i++)
        if (find_term(q, terms[i]) == PD_NPOS)
            q->terms[q->count++] = terms[i];
    return st;
}

static enum pd_status read_document(const struct match_document *d, struct query *q,
                                    struct pd_arena *arena, struct found *out,
                                    struct pd_error *err) {
    *out = (struct found){0};
    for (int f = 0; f < MATCH_FIELD_COUNT; f++) {
        struct pd_mark mark = pd_arena_mark(arena);
        pd_str *terms;
        size_t count;
        enum pd_status st = match_terms(d->fields[f], arena, &terms, &count, err);
        if (st != PD_OK)
            return st;
        out->length += FIELDS[f].weight * (double)count;
        for (size_t i = 0; i < count; i++) {
            size_t t = find_term(q, terms[i]);
            if (t == PD_NPOS)
                continue;
            out->frequency[t] += FIELDS[f].weight;
            out->fields[t] |= 1u << f;
        }
        pd_arena_reset(arena, mark);
    }
    for (size_t t = 0; t < q->count; t++)
        q->with[t] += out->fields[t] != 0;
    return PD_OK;
}

/* The sum goes by the terms in their order, so that it is the same everywhere. */
static enum pd_status judge(const struct query *q, const struct found *f, double average,
                            struct pd_arena *arena, struct match_hit *hit, struct pd_error *err) {
    struct match_word *words = pd_arena_array(arena, q->count, sizeof(*words));
    double all = 0, there = 0;
    if (!words)
        return pd_fail_memory(err);
    for (size_t t = 0; t < q->count; t++) {
        double tf = f->frequency[t];
        words[t] = (struct match_word){.term = q->terms[t], .is_there = f->fields[t] != 0,
                                       .field = MATCH_FIELD_COUNT};
        all += q->idf[t];
        if (!words[t].is_there)
            continue;
        there += q->idf[t];
        for (int k = MATCH_FIELD_COUNT; k-- > 0;)
            if (f->fields[t] >> k & 1)
                words[t].field = (enum match_field)k;
        hit->score += q->idf[t] * tf * (K1 + 1) / (tf + K1 * (1 - B + B * f->length / average));
    }
    hit->covered_permille = (unsigned)(1000 * (there / all) + 0.5);
    hit->words = words;
    hit->word_count = q->count;
    return PD_OK;
}

static int compare_hits(const void *a, const void *b) {
    const struct match_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->document < y->document ? -1 : x->document > y->document;
}

enum pd_status match_rank(const struct match_document *documents, size_t count, size_t total,
                          pd_str query, size_t limit, struct pd_arena *arena,
                          const struct match_hit **out, size_t *found, struct pd_error *err) {
    struct query *q = pd_arena_alloc(arena, sizeof(*q));
    struct found *list = pd_arena_array(arena, count ? count : 1, sizeof(*list));
    struct match_hit *hits = pd_arena_array(arena, count ? count : 1, sizeof(*hits));
    if (!q || !list || !hits)
        return pd_fail_memory(err);
    enum pd_status st = read_query(query, arena, q, err);
    double length = 0;
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        st = read_document(&documents[i], q, arena, &list[i], err);
        length += list[i].length;
    }
    if (total < count)
        total = count;
    for (size_t t = 0; t < q->count; t++)
        q->idf[t] = log1p(((double)(total - q->with[t]) + 0.5) / ((double)q->with[t] + 0.5));
    size_t n = 0;
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        bool has_any = false;
        for (size_t t = 0; t < q->count; t++)
            has_any = has_any || list[i].fields[t];
        if (!has_any)
            continue;
        hits[n] = (struct match_hit){.document = i};
        st = judge(q, &list[i], length / (double)count, arena, &hits[n++], err);
    }
    if (st != PD_OK)
        return st;
    qsort(hits, n, sizeof(*hits), compare_hits);
    *out = hits;
    *found = n < limit ? n : limit;
    return PD_OK;
}
