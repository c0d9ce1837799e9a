/* The datasets that a viewer may see, in pages, the newest first; by words, party, grade, openness. */
#include "govern/catalogue_impl.h"

#include <string.h>

static const char *const OPENNESS[CATALOGUE_OPENNESS_COUNT] = {
    [CATALOGUE_HELD] = "held", [CATALOGUE_SHARED] = "shared", [CATALOGUE_OPEN] = "open"};

const char *catalogue_openness_name(enum catalogue_openness openness) {
    return OPENNESS[openness];
}

bool catalogue_openness_parse(pd_str name, enum catalogue_openness *out) {
    for (unsigned i = 0; i < CATALOGUE_OPENNESS_COUNT; i++)
        if (pd_str_is(name, OPENNESS[i])) {
            *out = (enum catalogue_openness)i;
            return true;
        }
    return false;
}

/* ---- The query ---- */

/* A word of the search is a range of terms: those that begin with it. */
#define TERM_IN(low, high) "t.term >= " low " AND t.term < " high
#define HAS_TERM(low, high)                                                                        \
    " AND (" low " = '' OR EXISTS (SELECT 1 FROM catalogue_term t WHERE t.dataset_id = s.dataset_id" \
    " AND " TERM_IN(low, high) "))"
/* Either each dataset is looked at whether it has the rarest word, or the word says which to look at. */
#define BY_DATASET HAS_TERM("$7", "$8")
#define BY_WORD    " AND s.dataset_id IN (SELECT t.dataset_id FROM catalogue_term t WHERE " TERM_IN("$7", "$8") ")"

#define ARM(of, by, first)                                                                         \
    "SELECT s.dataset_id, s.party_id, s.openness, s.grade, s.row_count, s.column_count, s.changed_at" \
    " FROM catalogue_seen s WHERE " of " AND s.dataset_id < $2" by                                 \
    " AND ($4 = '' OR s.grade = $4) AND ($5 = '' OR s.openness = $5)" first                        \
    HAS_TERM("$9", "$10") HAS_TERM("$11", "$12") HAS_TERM("$13", "$14") HAS_TERM("$15", "$16")     \
    HAS_TERM("$17", "$18") " ORDER BY s.dataset_id DESC LIMIT $6"
#define WITH_TITLES(arms)                                                                          \
    "SELECT u.dataset_id, u.party_id, u.openness, u.grade, u.row_count, u.column_count, u.changed_at," \
    " d.title, d.created_at FROM (" arms ") u JOIN dataset d ON d.id = u.dataset_id"               \
    " ORDER BY u.dataset_id DESC LIMIT $6"
#define ONE(by, first) WITH_TITLES(ARM("s.viewer = $1", by, first))
/* Of its own, so that the index of parties serves. */
#define ANY_PARTY " AND $3 = ''"
#define ONE_PARTY " AND s.party_id = $3"
/* What a party sees of its own accord says all; the rest is what everybody sees. */
#define TWO(by, first)                                                                             \
    WITH_TITLES("SELECT * FROM (" ARM("s.viewer = $1", by, first) ") own UNION ALL SELECT * FROM ("    \
                ARM("s.viewer = '" CATALOGUE_PUBLIC "' AND NOT EXISTS (SELECT 1 FROM catalogue_seen o" \
                    " WHERE o.viewer = $1 AND o.dataset_id = s.dataset_id)", by, first) ") others")

static const struct sql LIST[2][2][2] = {
    {{{.both = ONE(ANY_PARTY, BY_DATASET)}, {.both = ONE(ANY_PARTY, BY_WORD)}},
     {{.both = ONE(ONE_PARTY, BY_DATASET)}, {.both = ONE(ONE_PARTY, BY_WORD)}}},
    {{{.both = TWO(ANY_PARTY, BY_DATASET)}, {.both = TWO(ANY_PARTY, BY_WORD)}},
     {{.both = TWO(ONE_PARTY, BY_DATASET)}, {.both = TWO(ONE_PARTY, BY_WORD)}}},
};

enum { RARE = 500 }; /* datasets that a word may have to say which are looked at */
static const struct sql COUNT_TERM = {
    .both = "SELECT COUNT(*) FROM (SELECT 1 FROM catalogue_term t WHERE " TERM_IN("$1", "$2") " LIMIT $3) few"};

struct search {
    struct catalogue_terms terms;
    struct store_value ranges[2 * CATALOGUE_WORDS_MAX];
    bool is_rare; /* the first word is */
};

static enum pd_status take_count(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    (void)err;
    *(int64_t *)context = store_i64(row->rows, 0);
    *done = true;
    return PD_OK;
}

/* The words as ranges, the rarest one first. */
static enum pd_status read_search(struct govern *g, pd_str text, struct pd_arena *arena,
                                  struct search *out, struct pd_error *err) {
    out->terms.arena = arena;
    out->terms.is_search = true;
    text = pd_str_sub(text, 0, CATALOGUE_SEARCH_MAX);
    while (text.len && !pd_utf8_valid(text, NULL) && CATALOGUE_SEARCH_MAX - text.len < 4)
        text.len--; /* a character that was cut */
    enum pd_status st = catalogue_terms_add(&out->terms, text, err);
    int64_t least = RARE + 1;
    for (size_t i = 0; st == PD_OK && i < CATALOGUE_WORDS_MAX; i++) {
        pd_str low = i < out->terms.count ? out->terms.list[i] : PD_STR("");
        pd_str high = low.len ? pd_arena_printf(arena, "%.*s\xf4\x8f\xbf\xbf", pd_arg(low)) : low;
        struct store_value range[] = {STORE_STR(low), STORE_STR(high), STORE_I64(RARE + 1)};
        int64_t count = RARE + 1;
        if (!high.data)
            return pd_fail_memory(err);
        if (low.len)
            st = catalogue_each(g, COUNT_TERM, range, 3, arena, take_count, &count, err);
        memcpy(&out->ranges[2 * i], range, 2 * sizeof(*range));
        if (count < least) {
            least = count;
            struct store_value first[2];
            memcpy(first, out->ranges, sizeof(first));
            memcpy(out->ranges, range, sizeof(first));
            memcpy(&out->ranges[2 * i], first, sizeof(first));
        }
    }
    out->is_rare = least <= RARE;
    return st;
}

/* ---- The page ---- */

struct listing {
    struct catalogue_dataset *items;
    size_t count, limit;
    bool has_more;
};

static enum pd_status take_dataset(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    *done = l->has_more = l->count == l->limit;
    if (*done)
        return PD_OK;
    struct catalogue_dataset *d = &l->items[l->count++];
    *d = (struct catalogue_dataset){.id = catalogue_id(row, 0),
                                    .party = catalogue_text(row, 1),
                                    .grade = catalogue_text(row, 3),
                                    .rows = (uint64_t)store_i64(row->rows, 4),
                                    .columns = (uint64_t)store_i64(row->rows, 5),
                                    .changed_at = store_i64(row->rows, 6),
                                    .title = catalogue_text(row, 7),
                                    .created_at = store_i64(row->rows, 8)};
    row->failed = !catalogue_openness_parse(store_str(row->rows, 2), &d->openness) || row->failed;
    return PD_OK;
}

enum pd_status catalogue_datasets(struct govern *g, const struct catalogue_viewer *viewer,
                                  const struct catalogue_datasets_query *query,
                                  struct pd_arena *arena, struct catalogue_datasets *out,
                                  struct pd_error *err) {
    pd_str after, name = catalogue_viewer_name(viewer);
    struct listing list = {0};
    enum catalogue_openness openness;
    struct search *search = pd_arena_alloc(arena, sizeof(*search));
    if (!search)
        return pd_fail_memory(err);
    if (query->openness.len && !catalogue_openness_parse(query->openness, &openness))
        return pd_fail(err, PD_USAGE, "there are datasets that are held, shared, open; none \"%.*s\"",
                       pd_arg(pd_str_sub(query->openness, 0, 80)));
    enum pd_status st = catalogue_page_begin(&query->page, &after, &list.limit, err);
    if (st == PD_OK)
        st = read_search(g, query->search, arena, search, err);
    list.items = st == PD_OK ? pd_arena_array(arena, list.limit, sizeof(*list.items)) : NULL;
    if (st == PD_OK && !list.items)
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    *out = (struct catalogue_datasets){.items = list.items, .next = PD_STR("")};
    if (query->search.len && search->terms.count == 0) /* nothing but signs */
        return PD_OK;
    struct store_value values[6 + 2 * CATALOGUE_WORDS_MAX] = {
        STORE_STR(name),         STORE_STR(after),           STORE_STR(query->party),
        STORE_STR(query->grade), STORE_STR(query->openness), STORE_I64((int64_t)list.limit + 1)};
    memcpy(values + 6, search->ranges, sizeof(search->ranges));
    bool is_party = !viewer->sees_all && viewer->party.len;
    st = catalogue_each(g, LIST[is_party][query->party.len > 0][search->is_rare], values,
                        sizeof(values) / sizeof(*values), arena, take_dataset, &list, err);
    out->count = list.count;
    if (st == PD_OK && list.has_more)
        out->next = govern_id_text(list.items[list.count - 1].id, arena);
    return st == PD_OK && !out->next.data ? pd_fail_memory(err) : st;
}
