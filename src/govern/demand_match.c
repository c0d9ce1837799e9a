/* What the catalogue has that answers a need, and what the law says of each for whoever asks. */
#include "govern/catalogue_impl.h"
#include "govern/demand.h"
#include "govern/past.h"

#include <string.h>

enum {
    CANDIDATES_MAX = 400,   /* datasets that share a word with a need, and are ranked */
    WORDS_MAX = 32,         /* of a need that are looked up; further ones are only ranked by */
    COLUMNS_BYTES_MAX = 8000 /* of the names of one dataset's columns */
};

/* ---- What standards call columns ---- */

/* Calls `visit` for each field of the standards in the program: its name, and its titles, a line each. */
struct vocabulary {
    enum pd_status (*visit)(struct vocabulary *v, pd_str name, pd_str titles, struct pd_error *err);
    struct pd_arena *arena;
    void *context;
};

static enum pd_status visit_fields(struct vocabulary *v, struct pd_error *err) {
    pd_str name, text;
    enum pd_status st = PD_OK;
    for (size_t n = 0; st == PD_OK && govern_standard_bundled(n, &name, &text); n++) {
        pd_str fields = pd_json_find(text, "fields"), key, field;
        while (st == PD_OK && pd_json_next(&fields, &key, &field)) {
            struct pd_mark mark = pd_arena_mark(v->arena);
            pd_str titles = pd_json_find(field, "titles"), title, joined = PD_STR("");
            while (titles.len && pd_json_next(&titles, &key, &title))
                joined = pd_arena_printf(v->arena, "%.*s%.*s\n", pd_arg(joined),
                                         pd_arg(pd_json_read_text(title, v->arena)));
            name = pd_json_read_text(pd_json_find(field, "name"), v->arena);
            st = name.data && joined.data ? v->visit(v, name, joined, err) : pd_fail_memory(err);
            pd_arena_reset(v->arena, mark);
        }
    }
    return st;
}

/* ---- Candidates ---- */

struct candidate {
    pd_str id, party, title;
    enum catalogue_openness openness;
    pd_str columns, terms; /* names, and what standards call them */
};

struct search {
    struct govern *g;
    const struct catalogue_viewer *viewer;
    struct pd_arena *arena, *scratch;
    pd_str name; /* of the viewer, as catalogue_seen has it */
    pd_str words[WORDS_MAX];
    size_t word_count;
    pd_str *need; /* its terms */
    size_t need_count;
    struct candidate list[CANDIDATES_MAX];
    size_t count;
    uint64_t total;
    struct candidate *reading;
};

static void add_word(struct search *s, pd_str word) {
    for (size_t i = 0; i < s->word_count; i++)
        if (pd_str_eq(s->words[i], word))
            return;
    if (s->word_count < WORDS_MAX && word.len)
        s->words[s->word_count++] = word;
}

static bool is_needed(const struct search *s, pd_str term) {
    for (size_t i = 0; i < s->need_count; i++)
        if (pd_str_eq(s->need[i], term))
            return true;
    return false;
}

/* Whoever asks for 出生日期 asks for a column birth_date, too: a field of which the need names all of the
 * title in one language. */
static enum pd_status widen(struct vocabulary *v, pd_str name, pd_str titles, struct pd_error *err) {
    struct search *s = v->context;
    pd_str *terms, title;
    size_t count;
    bool is_named = false;
    enum pd_status st = PD_OK;
    while (st == PD_OK && pd_str_split(&titles, '\n', &title)) {
        size_t has = 0;
        st = match_terms(title, v->arena, &terms, &count, err);
        for (size_t i = 0; st == PD_OK && i < count; i++)
            has += is_needed(s, terms[i]);
        is_named = is_named || (st == PD_OK && count && has == count);
    }
    if (st != PD_OK || !is_named)
        return st;
    st = match_terms(name, v->arena, &terms, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        pd_str copy = pd_arena_str(s->arena, terms[i]);
        if (!copy.data)
            return pd_fail_memory(err);
        add_word(s, copy);
    }
    return st;
}

static enum pd_status take_candidate(void *context, struct catalogue_row *row, bool *done,
                                     struct pd_error *err) {
    struct search *s = context;
    (void)err;
    pd_str id = store_str(row->rows, 0);
    for (size_t i = 0; i < s->count; i++)
        if (pd_str_eq(s->list[i].id, id))
            return PD_OK;
    struct candidate *c = &s->list[s->count++];
    *c = (struct candidate){.id = catalogue_text(row, 0),
                            .party = catalogue_text(row, 1),
                            .title = catalogue_text(row, 3),
                            .columns = PD_STR(""),
                            .terms = PD_STR("")};
    row->failed = !catalogue_openness_parse(store_str(row->rows, 2), &c->openness) || row->failed;
    *done = s->count == CANDIDATES_MAX;
    return PD_OK;
}

/* What a party sees of its own accord says all; the rest is what everybody sees. */
static const struct sql FIND_CANDIDATES = {
    .both = "SELECT s.dataset_id, s.party_id, s.openness, d.title FROM catalogue_term t"
            " JOIN catalogue_seen s ON s.dataset_id = t.dataset_id"
            " JOIN dataset d ON d.id = s.dataset_id"
            " WHERE t.term >= $1 AND t.term < $2 AND s.viewer IN ($3, '" CATALOGUE_PUBLIC "')"
            " ORDER BY CASE WHEN s.viewer = $3 THEN 0 ELSE 1 END, s.dataset_id DESC LIMIT $4"};
static const struct sql COUNT_SEEN = {
    .both = "SELECT COUNT(*) FROM (SELECT DISTINCT dataset_id FROM catalogue_seen"
            " WHERE viewer IN ($1, '" CATALOGUE_PUBLIC "')) seen"};

static enum pd_status take_total(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    struct search *s = context;
    (void)err;
    s->total = (uint64_t)store_i64(row->rows, 0);
    *done = true;
    return PD_OK;
}

static enum pd_status find_candidates(struct search *s, struct pd_error *err) {
    struct store_value seen[] = {STORE_STR(s->name)};
    enum pd_status st = catalogue_each(s->g, COUNT_SEEN, seen, 1, s->arena, take_total, s, err);
    for (size_t i = 0; st == PD_OK && i < s->word_count && s->count < CANDIDATES_MAX; i++) {
        /* The catalogue keeps words as they stand: a plural begins as its singular, but for the y. */
        pd_str low = s->words[i];
        if (low.len > 3 && low.data[low.len - 1] == 'y')
            low.len--;
        pd_str high = pd_arena_printf(s->arena, "%.*s\xf4\x8f\xbf\xbf", pd_arg(low));
        struct store_value values[] = {STORE_STR(low), STORE_STR(high), STORE_STR(s->name),
                                       STORE_I64(2 * CANDIDATES_MAX)};
        st = high.data ? catalogue_each(s->g, FIND_CANDIDATES, values, 4, s->arena, take_candidate,
                                        s, err)
                       : pd_fail_memory(err);
    }
    return st;
}

/* ---- Their columns ---- */

static const struct sql PUBLIC_INSPECTION = {
    .both = "SELECT i.key_id, i.sealed_inspection FROM version v JOIN distribution x ON x.version_id = v.id"
            " JOIN inspection i ON i.id = x.id WHERE v.dataset_id = $1 AND x.disclosed_to IN ('public', $2)"
            " AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = x.id)"
            " ORDER BY v.id DESC, x.id DESC LIMIT 1"};

static enum pd_status take_columns(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct search *s = context;
    pd_str json = PD_STR(""), column, none;
    bool is_there = false;
    *done = true;
    enum pd_status st = catalogue_unseal(s->g, store_str(row->rows, 0), EFFECT_OF_DISTRIBUTION,
                                         store_str(row->rows, 1), s->scratch, &json, &is_there, err);
    if (st != PD_OK || !is_there)
        return st;
    struct pd_buf names;
    pd_buf_init(&names, COLUMNS_BYTES_MAX);
    pd_str columns = pd_json_find(json, "columns");
    while (pd_json_next(&columns, &none, &column)) {
        pd_str name = pd_json_read_text(pd_json_find(column, "name"), s->scratch);
        pd_buf_add(&names, name.data, name.len);
        pd_buf_char(&names, '\n');
    }
    /* Names that don't fit are left out: a table with so many is found by the others. */
    s->reading->columns = pd_arena_str(s->arena, pd_buf_view(&names));
    pd_buf_clear(&names);
    return s->reading->columns.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status name_columns(struct vocabulary *v, pd_str name, pd_str titles,
                                   struct pd_error *err) {
    struct search *s = v->context;
    for (size_t i = 0; i < s->count; i++) {
        struct candidate *c = &s->list[i];
        pd_str rest = c->columns, line;
        while (pd_str_split(&rest, '\n', &line))
            if (pd_str_eq_ascii_case(line, name)) {
                c->terms = pd_arena_printf(s->arena, "%.*s\n%.*s", pd_arg(c->terms), pd_arg(titles));
                break;
            }
        if (!c->terms.data)
            return pd_fail_memory(err);
    }
    return PD_OK;
}

static enum pd_status read_columns(struct search *s, struct pd_error *err) {
    struct vocabulary vocabulary = {name_columns, s->scratch, s};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < s->count; i++) {
        struct pd_mark mark = pd_arena_mark(s->scratch);
        struct store_value values[] = {STORE_STR(s->list[i].id), STORE_STR(s->viewer->party)};
        s->reading = &s->list[i];
        st = catalogue_each(s->g, PUBLIC_INSPECTION, values, 2, s->scratch, take_columns, s, err);
        pd_arena_reset(s->scratch, mark);
    }
    return st == PD_OK ? visit_fields(&vocabulary, err) : st;
}

/* ---- What the law says ---- */

static const struct sql NEWEST_ACT = {
    .both = "SELECT act_id FROM catalogue_act WHERE dataset_id = $1 AND verb IN ('open', 'share', 'store')"
            " ORDER BY act_id DESC LIMIT 1"};

struct asking {
    struct govern *g;
    struct pd_arena *arena;
    const struct law_party *asker;
    const char *dataset;
    const struct law_finding *finding;
};

/* Of the facts of that act those that are about the data: what was said of its purpose, or by whom it was
 * received, says nothing about this asker. */
static enum pd_status ask_law(void *context, const struct past *past, struct pd_arena *scratch,
                              struct pd_error *err) {
    struct asking *a = context;
    (void)scratch;
    if (past->unread != GOVERN_READ)
        return PD_OK;
    struct law_fact *facts =
        pd_arena_array(a->arena, past->law.fact_count ? past->law.fact_count : 1, sizeof(*facts));
    size_t n = 0;
    if (!facts)
        return pd_fail_memory(err);
    for (size_t i = 0; i < past->law.fact_count; i++) {
        const struct law_fact *f = &past->law.facts[i];
        const struct law_fact_kind *kind = law_rules_fact(a->g->rules, f->name);
        if (!kind || (!pd_str_is(kind->bound, "bytes") && !pd_str_is(kind->bound, "dataset")))
            continue;
        struct law_fact *copy = &facts[n++];
        *copy = *f;
        copy->name = kind->name;
        copy->by = pd_arena_str(a->arena, f->by);
        copy->evidence = pd_arena_str(a->arena, f->evidence);
        copy->refused = pd_arena_str(a->arena, f->refused);
        if (copy->value.kind == LAW_STRING)
            copy->value.text = pd_arena_str(a->arena, copy->value.text);
    }
    struct law_party *holder = pd_arena_alloc(a->arena, sizeof(*holder));
    if (!holder)
        return pd_fail_memory(err);
    enum pd_status st = node_find_party(a->g, past->party, a->arena, holder, NULL, err);
    struct law_case law = {.verb = PD_STR("share"),
                           .party = *holder,
                           .recipient = a->asker,
                           .resource_type = PD_STR("Dataset"),
                           .resource_id = pd_str_from(a->dataset),
                           .facts = facts,
                           .fact_count = n,
                           .now = pd_clock_now(&a->g->clock)};
    return st == PD_OK ? law_find(a->g->rules, &law, a->arena, &a->finding, err) : st;
}

static enum pd_status take_act(void *context, struct catalogue_row *row, bool *done,
                               struct pd_error *err) {
    (void)err;
    *(pd_str *)context = catalogue_text(row, 0);
    *done = true;
    return PD_OK;
}

static enum pd_status find_for(struct search *s, const struct law_party *asker,
                               struct govern_match *m, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_str act = PD_STR("");
    pd_id_write(m->dataset, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    enum pd_status st = catalogue_each(s->g, NEWEST_ACT, values, 1, s->arena, take_act, &act, err);
    if (st != PD_OK || !act.len)
        return st;
    pd_str kept = pd_arena_str(s->arena, pd_str_from(id));
    struct asking a = {s->g, s->arena, asker, kept.data, NULL};
    st = kept.data ? past_find(s->g, act, ask_law, &a, err) : pd_fail_memory(err);
    m->finding = a.finding;
    return st;
}

/* ---- The answer ---- */

static enum pd_status make_matches(struct search *s, const struct match_hit *hits, size_t n,
                                   struct govern_match *list, struct pd_error *err) {
    struct law_party *asker = pd_arena_alloc(s->arena, sizeof(*asker));
    enum pd_status st = asker ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK && s->viewer->party.len)
        st = node_find_party(s->g, s->viewer->party, s->arena, asker, NULL, err);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        const struct candidate *c = &s->list[hits[i].document];
        struct govern_match *m = &list[i];
        *m = (struct govern_match){.party = c->party,
                                   .title = c->title,
                                   .openness = c->openness,
                                   .is_own = pd_str_eq(c->party, s->viewer->party),
                                   .covered_permille = hits[i].covered_permille,
                                   .fits = hits[i].covered_permille >= MATCH_FITS_PERMILLE,
                                   .words = hits[i].words,
                                   .word_count = hits[i].word_count};
        if (!pd_id_parse(c->id, &m->dataset))
            return pd_fail(err, PD_INTERNAL, "a dataset has no id");
        if (s->viewer->party.len && !m->is_own)
            st = find_for(s, asker, m, err);
    }
    return st;
}

static enum pd_status rank(struct search *s, pd_str need, const struct govern_match **out,
                           size_t *count, struct pd_error *err) {
    struct match_document *documents =
        pd_arena_array(s->arena, s->count ? s->count : 1, sizeof(*documents));
    const struct match_hit *hits;
    size_t found = 0;
    if (!documents)
        return pd_fail_memory(err);
    for (size_t i = 0; i < s->count; i++) {
        pd_str title = s->list[i].title, key, value, joined = PD_STR("");
        while (joined.data && pd_json_next(&title, &key, &value))
            joined = pd_arena_printf(s->arena, "%.*s\n%.*s", pd_arg(joined),
                                     pd_arg(pd_json_read_text(value, s->arena)));
        if (!joined.data)
            return pd_fail_memory(err);
        documents[i] = (struct match_document){
            {joined, s->list[i].columns, s->list[i].terms, s->list[i].party}};
    }
    enum pd_status st = match_rank(documents, s->count, (size_t)s->total, need, GOVERN_MATCHES_MAX,
                                   s->arena, &hits, &found, err);
    struct govern_match *list =
        st == PD_OK ? pd_arena_array(s->arena, found ? found : 1, sizeof(*list)) : NULL;
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = make_matches(s, hits, found, list, err);
    if (st == PD_OK) {
        *out = list;
        *count = found;
    }
    return st;
}

enum { SCRATCH = 64 << 20 };

enum pd_status govern_demand_match(struct govern *g, const struct catalogue_viewer *viewer,
                                   pd_str need, struct pd_arena *arena,
                                   const struct govern_match **out, size_t *count,
                                   struct pd_error *err) {
    if (need.len == 0 || need.len > GOVERN_NEED_MAX || !pd_utf8_valid(need, NULL))
        return pd_fail(err, PD_USAGE, "what is needed must be said in 1 to %d bytes of UTF-8",
                       GOVERN_NEED_MAX);
    struct search *s = pd_arena_alloc(arena, sizeof(*s));
    struct pd_arena *scratch = pd_arena_new(SCRATCH);
    enum pd_status st = s && scratch ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK) {
        s->g = g;
        s->viewer = viewer;
        s->arena = arena;
        s->scratch = scratch;
        s->name = catalogue_viewer_name(viewer);
        st = match_terms(need, arena, &s->need, &s->need_count, err);
    }
    for (size_t i = 0; st == PD_OK && i < s->need_count; i++)
        add_word(s, s->need[i]);
    if (st == PD_OK) {
        struct vocabulary vocabulary = {widen, scratch, s};
        st = visit_fields(&vocabulary, err);
    }
    if (st == PD_OK)
        st = find_candidates(s, err);
    if (st == PD_OK)
        st = read_columns(s, err);
    if (st == PD_OK)
        st = rank(s, need, out, count, err);
    pd_arena_free(scratch);
    return st;
}

/* ---- Writing ---- */

static void write_words(const struct govern_match *m, bool is_there, struct pd_json *w) {
    for (size_t i = 0; i < m->word_count; i++) {
        const struct match_word *word = &m->words[i];
        if (word->is_there != is_there)
            continue;
        if (!is_there) {
            pd_json_str(w, word->term);
            continue;
        }
        pd_json_object(w);
        pd_json_member_str(w, "term", word->term);
        pd_json_member_text(w, "in", match_field_name(word->field));
        pd_json_object_end(w);
    }
}

void govern_match_write(const struct govern_match *m, struct pd_json *w) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(m->dataset, id);
    pd_json_object(w);
    pd_json_member_text(w, "dataset", id);
    pd_json_member_str(w, "party", m->party);
    pd_json_key(w, "title");
    pd_json_raw(w, m->title);
    pd_json_member_text(w, "openness", catalogue_openness_name(m->openness));
    pd_json_member_bool(w, "own", m->is_own);
    pd_json_member_i64(w, "covered_permille", (int64_t)m->covered_permille);
    pd_json_member_bool(w, "fits", m->fits);
    pd_json_key(w, "matched");
    pd_json_array(w);
    write_words(m, true, w);
    pd_json_array_end(w);
    pd_json_key(w, "missing");
    pd_json_array(w);
    write_words(m, false, w);
    pd_json_array_end(w);
    pd_json_key(w, "finding");
    if (m->finding)
        law_finding_write(m->finding, w);
    else
        pd_json_null(w);
    pd_json_object_end(w);
}
