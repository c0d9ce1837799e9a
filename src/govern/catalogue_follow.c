/*
 * What the catalogue keeps of an act for quick reading, in the act's transaction: who may see it and what it is about, how
 * duties stand, which datasets somebody may see, and by which words they are found. All of it follows from governed rows.
 */
#include "govern/catalogue_impl.h"

#include <string.h>

/* ---- A dataset ---- */

struct entry {
    bool found;
    pd_str grade;
    int64_t rows, columns, changed_at;
};

static enum pd_status take_entry(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    struct entry *e = context;
    (void)err;
    *e = (struct entry){.found = true,
                        .grade = catalogue_text(row, 0),
                        .rows = store_i64(row->rows, 1),
                        .columns = store_i64(row->rows, 2),
                        .changed_at = store_i64(row->rows, 3)};
    *done = true;
    return PD_OK;
}

/* To its own party: the newest version; where all were erased, the last of those. */
static const struct sql NEWEST_VERSION = {
    .both = "SELECT v.grade, v.row_count, v.column_count, v.created_at FROM version v"
            " LEFT JOIN replacement r ON r.id = v.id WHERE v.dataset_id = $1"
            " ORDER BY CASE WHEN r.id IS NULL THEN 0 ELSE 1 END, v.id DESC LIMIT 1"};
/* To others: the newest distribution that is there. */
static const struct sql NEWEST_DISTRIBUTION = {
    .both = "SELECT COALESCE(i.grade, ''), x.row_count, COALESCE(i.column_count, v.column_count), x.created_at"
            " FROM version v JOIN distribution x ON x.version_id = v.id LEFT JOIN inspection i ON i.id = x.id"
            " WHERE v.dataset_id = $1 AND x.disclosed_to IN ('public', $2)"
            " AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = x.id)"
            " ORDER BY v.id DESC, x.id DESC LIMIT 1"};
static const struct sql IS_DISCLOSED = {
    .both = "SELECT '', CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM version v JOIN distribution x ON x.version_id = v.id"
            " WHERE v.dataset_id = $1 AND ($2 = '' OR x.disclosed_to = $2)"
            " AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = x.id) LIMIT 1"};
static const struct sql FORGET_SEEN = {
    .both = "DELETE FROM catalogue_seen WHERE viewer = $1 AND dataset_id = $2"};
static const struct sql SAVE_SEEN = {
    .both = "INSERT INTO catalogue_seen (viewer, dataset_id, party_id, openness, grade, row_count, column_count, changed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};

struct following {
    struct govern *g;
    struct pd_arena *arena;
    pd_str dataset, owner, title;
    bool is_public, is_shared; /* somebody has a distribution of it that is there */
};

static enum pd_status find_entry(struct following *f, struct sql sql, pd_str what,
                                 bool has_two, struct entry *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(f->dataset), STORE_STR(what)};
    *out = (struct entry){0};
    return catalogue_each(f->g, sql, values, has_two ? 2 : 1, f->arena, take_entry, out, err);
}

static enum pd_status enter_for(struct following *f, pd_str viewer, struct pd_error *err) {
    struct entry e;
    bool is_own = pd_str_eq(viewer, f->owner) || pd_str_is(viewer, CATALOGUE_ALL);
    enum pd_status st = is_own ? find_entry(f, NEWEST_VERSION, PD_STR(""), false, &e, err)
                               : find_entry(f, NEWEST_DISTRIBUTION, viewer, true, &e, err);
    struct store_value old[] = {STORE_STR(viewer), STORE_STR(f->dataset)};
    if (st == PD_OK)
        st = store_run(f->g->store, FORGET_SEEN, old, 2, NULL, err);
    if (st != PD_OK || !e.found)
        return st;
    enum catalogue_openness openness = f->is_public                ? CATALOGUE_OPEN
                                       : f->is_shared || !is_own ? CATALOGUE_SHARED
                                                                   : CATALOGUE_HELD;
    struct store_value values[] = {STORE_STR(viewer),
                                   STORE_STR(f->dataset),
                                   STORE_STR(f->owner),
                                   STORE_STR(pd_str_from(catalogue_openness_name(openness))),
                                   STORE_STR(e.grade),
                                   STORE_I64(e.rows),
                                   STORE_I64(e.columns),
                                   STORE_I64(e.changed_at)};
    return store_run(f->g->store, SAVE_SEEN, values, 8, NULL, err);
}

/* ---- Its words ---- */

static const struct sql PUBLIC_INSPECTION = {
    .both = "SELECT i.key_id, i.sealed_inspection FROM version v JOIN distribution x ON x.version_id = v.id"
            " JOIN inspection i ON i.id = x.id WHERE v.dataset_id = $1 AND x.disclosed_to = 'public'"
            " AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = x.id)"
            " ORDER BY v.id DESC, x.id DESC LIMIT 1"};

struct words {
    struct following *f;
    struct catalogue_terms *terms;
};

static enum pd_status take_columns(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct words *w = context;
    pd_str json, column;
    bool is_there;
    *done = true;
    enum pd_status st = catalogue_unseal(w->f->g, store_str(row->rows, 0), EFFECT_OF_DISTRIBUTION,
                                         store_str(row->rows, 1), w->f->arena, &json, &is_there, err);
    pd_str columns = pd_json_find(json, "columns"), none;
    while (st == PD_OK && pd_json_next(&columns, &none, &column))
        st = catalogue_terms_add(w->terms, pd_json_read_text(pd_json_find(column, "name"), w->f->arena), err);
    return st;
}

static const struct sql FORGET_TERMS = {.both = "DELETE FROM catalogue_term WHERE dataset_id = $1"};
static const struct sql SAVE_TERM = {
    .both = "INSERT INTO catalogue_term (dataset_id, term) VALUES ($1, $2)"};

static enum pd_status enter_words(struct following *f, struct pd_error *err) {
    struct catalogue_terms *terms = pd_arena_alloc(f->arena, sizeof(*terms));
    struct words words = {f, terms};
    struct store_value values[] = {STORE_STR(f->dataset), STORE_NONE};
    if (!terms)
        return pd_fail_memory(err);
    terms->arena = f->arena;
    enum pd_status st = catalogue_terms_add_title(terms, f->title, err);
    if (st == PD_OK && f->is_public)
        st = catalogue_each(f->g, PUBLIC_INSPECTION, values, 1, f->arena, take_columns, &words, err);
    if (st == PD_OK)
        st = store_run(f->g->store, FORGET_TERMS, values, 1, NULL, err);
    for (size_t i = 0; st == PD_OK && i < terms->count; i++) {
        values[1] = STORE_STR(terms->list[i]);
        st = store_run(f->g->store, SAVE_TERM, values, 2, NULL, err);
    }
    return st;
}

/* ---- Entering it ---- */

static const struct sql FIND_DATASET = {
    .both = "SELECT party_id, title FROM dataset WHERE id = $1"};
static const struct sql LIST_VIEWERS = {
    .both = "SELECT viewer FROM catalogue_seen WHERE dataset_id = $1 AND viewer NOT LIKE '/%'"};
static const struct sql LIST_RECIPIENTS = {
    .both = "SELECT DISTINCT x.disclosed_to FROM version v JOIN distribution x ON x.version_id = v.id"
            " WHERE v.dataset_id = $1 AND x.disclosed_to <> 'public'"};

static enum pd_status take_dataset(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct following *f = context;
    (void)err;
    f->owner = catalogue_text(row, 0);
    f->title = catalogue_text(row, 1);
    *done = true;
    return PD_OK;
}

enum { VIEWERS_MAX = 4096 }; /* parties that have a share of one dataset */
struct viewers {
    pd_str list[VIEWERS_MAX];
    size_t count;
};

static void add_viewer(struct viewers *v, pd_str name) {
    for (size_t i = 0; i < v->count; i++)
        if (pd_str_eq(v->list[i], name))
            return;
    if (v->count < VIEWERS_MAX && name.len)
        v->list[v->count++] = name;
}

static enum pd_status take_viewer(void *context, struct catalogue_row *row, bool *done,
                                  struct pd_error *err) {
    (void)err;
    add_viewer(context, catalogue_text(row, 0));
    *done = ((struct viewers *)context)->count == VIEWERS_MAX;
    return PD_OK;
}

/* Enters a dataset anew for everybody who may see it; `recipient`: somebody who may be new among them. */
static enum pd_status enter(struct govern *g, pd_str dataset, pd_str recipient, bool is_first,
                            struct pd_arena *arena, struct pd_error *err) {
    struct following f = {.g = g, .arena = arena, .dataset = dataset};
    struct store_value values[] = {STORE_STR(dataset)};
    struct viewers *viewers = pd_arena_alloc(arena, sizeof(*viewers));
    struct entry e;
    if (!viewers)
        return pd_fail_memory(err);
    enum pd_status st = catalogue_each(g, FIND_DATASET, values, 1, arena, take_dataset, &f, err);
    if (st != PD_OK || !f.owner.len)
        return st;
    st = find_entry(&f, IS_DISCLOSED, PD_STR("public"), true, &e, err);
    f.is_public = e.found;
    if (st == PD_OK)
        st = find_entry(&f, IS_DISCLOSED, PD_STR(""), true, &e, err);
    f.is_shared = e.found;
    add_viewer(viewers, PD_STR(CATALOGUE_PUBLIC));
    add_viewer(viewers, PD_STR(CATALOGUE_ALL));
    add_viewer(viewers, f.owner);
    if (!pd_str_is(recipient, "public"))
        add_viewer(viewers, recipient);
    if (st == PD_OK)
        st = catalogue_each(g, is_first ? LIST_RECIPIENTS : LIST_VIEWERS, values, 1, arena, take_viewer, viewers, err);
    for (size_t i = 0; st == PD_OK && i < viewers->count; i++)
        st = enter_for(&f, viewers->list[i], err);
    return st == PD_OK ? enter_words(&f, err) : st;
}

/* ---- Following an act ---- */

static const struct sql OF_VERSION = {
    .both = "SELECT dataset_id, '' FROM version WHERE id = $1"};
static const struct sql OF_DISTRIBUTION = {
    .both = "SELECT v.dataset_id, x.disclosed_to FROM distribution x JOIN version v ON v.id = x.version_id"
            " WHERE x.id = $1"};
static const struct sql OF_CASE = {
    .both = "SELECT COALESCE(dataset_id, ''), '' FROM cases WHERE id = $1"};
static const struct sql OF_ENTRY = {
    .both = "SELECT COALESCE(k.dataset_id, ''), '' FROM case_entry e JOIN cases k ON k.id = e.case_id"
            " WHERE e.id = $1"};

/* The rows by which an act is about a dataset. `enters`: what is to be seen of it changes. */
static const struct about {
    const char *table;
    const struct sql *dataset;
    bool enters;
} ABOUT[] = {
    {"distribution", &OF_DISTRIBUTION, true}, {"version", &OF_VERSION, true},
    {"replacement", &OF_DISTRIBUTION, true},  {"replacement", &OF_VERSION, true},
    {"cases", &OF_CASE, false},               {"case_entry", &OF_ENTRY, false},
};

struct subject {
    pd_str dataset, recipient;
    bool enters;
};

static enum pd_status take_subject(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct subject *s = context;
    (void)err;
    s->dataset = catalogue_text(row, 0);
    s->recipient = catalogue_text(row, 1);
    *done = true;
    return PD_OK;
}

static enum pd_status find_subject(struct govern *g, const struct act *act, struct subject *out,
                                   struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t a = 0; a < sizeof(ABOUT) / sizeof(*ABOUT); a++)
        for (const struct act_written *w = act->rows; w; w = w->next) {
            if (strcmp(w->table, ABOUT[a].table) != 0)
                continue;
            struct store_value values[] = {STORE_STR(w->id)};
            st = catalogue_each(g, *ABOUT[a].dataset, values, 1, act->arena, take_subject, out, err);
            if (st != PD_OK || out->dataset.len) {
                out->enters = ABOUT[a].enters;
                return st;
            }
        }
    return st;
}

static const struct sql SAVE_ACT = {
    .both = "INSERT INTO catalogue_act (act_id, is_public, party_id, verb, dataset_id) VALUES ($1, $2, $3, $4, $5)"};
static const struct sql SAVE_CLOCK = {
    .both = "INSERT INTO catalogue_clock (clock_id, act_id, is_public, party_id, debtor_id, state, due_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)"};
static const struct sql MEET_CLOCK = {
    .both = "UPDATE catalogue_clock SET state = CASE WHEN $2 < due_at THEN 'met' ELSE 'late' END WHERE clock_id = $1"};

static enum pd_status follow_clocks(struct govern *g, const struct act *act, pd_str id,
                                    int64_t is_public, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < act->clock_count; i++) {
        const struct govern_clock *c = &act->clocks[i];
        struct store_value values[] = {STORE_STR(govern_id_text(c->id, act->arena)),
                                       STORE_STR(id),
                                       STORE_I64(is_public),
                                       STORE_STR(act->party),
                                       STORE_STR(c->party),
                                       STORE_STR(c->is_keep ? PD_STR("keep") : PD_STR("running")),
                                       STORE_I64(c->has_due ? c->due : INT64_MAX)};
        st = store_run(g->store, SAVE_CLOCK, values, 7, NULL, err);
    }
    for (const struct act_written *w = act->rows; st == PD_OK && w; w = w->next)
        if (strcmp(w->table, "clock_met") == 0) {
            struct store_value values[] = {STORE_STR(w->id), STORE_I64(act->at)};
            st = store_run(g->store, MEET_CLOCK, values, 2, NULL, err);
        }
    return st;
}

enum pd_status catalogue_follow(struct govern *g, const struct act *act, pd_str id,
                                struct pd_error *err) {
    struct subject about = {0};
    int64_t is_public = ledger_log_of(act->verb, act->is_disclosed) == LEDGER_PUBLIC;
    enum pd_status st = find_subject(g, act, &about, err);
    struct store_value values[] = {STORE_STR(id), STORE_I64(is_public), STORE_STR(act->party),
                                   STORE_STR(pd_str_from(ledger_verb_name(act->verb))),
                                   about.dataset.len ? STORE_STR(about.dataset) : STORE_NONE};
    if (st == PD_OK)
        st = store_run(g->store, SAVE_ACT, values, 5, NULL, err);
    if (st == PD_OK)
        st = follow_clocks(g, act, id, is_public, err);
    return st == PD_OK && about.enters
               ? enter(g, about.dataset, about.recipient, false, act->arena, err)
               : st;
}

/* ---- Datasets from before ---- */

struct entering {
    struct govern *g;
    struct pd_arena *arena;
    pd_str dataset;
};

static enum pd_status enter_first(struct store *store, void *context, struct pd_error *err) {
    struct entering *e = context;
    (void)store;
    return enter(e->g, e->dataset, PD_STR(""), true, e->arena, err);
}

enum pd_status catalogue_run(void *context, pd_str subject, pd_time now, pd_time *again,
                             struct pd_error *err) {
    struct entering e = {context, pd_arena_new((size_t)64 << 20), subject};
    (void)now;
    (void)again;
    enum pd_status st = e.arena ? store_transact(e.g->store, enter_first, &e, err) : pd_fail_memory(err);
    pd_arena_free(e.arena);
    return st;
}
