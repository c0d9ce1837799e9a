/* The preview that is attached before a vote opens: what the proposal would decide otherwise in the
 * cases on record, and which published tables would fail the standards that it changes. */
#include "govern/proposal_impl.h"

#include <string.h>

enum { SHIFTS_SHOWN = 50, TABLES_SHOWN = 200 };

/* ---- Rules ---- */

static void write_said(const struct govern_difference *d, struct pd_json *w) {
    pd_json_key(w, "policies");
    pd_json_array(w);
    for (size_t i = 0; i < d->said_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "policy", d->said[i].policy);
        pd_json_member_str(w, "role", d->said[i].role);
        pd_json_member_bool(w, "gained", d->said[i].is_gained);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static enum pd_status write_rules(struct govern *g, const struct proposal_candidate *c,
                                  struct pd_arena *arena, struct pd_json *w,
                                  struct pd_error *err) {
    const struct govern_impact_question question = {.from = g->rules, .to = c->rules};
    const struct govern_impact *m;
    enum pd_status st = govern_impact(g, &question, arena, &m, err);
    if (st != PD_OK)
        return st;
    pd_json_object(w);
    pd_json_member_i64(w, "cases", (int64_t)m->cases);
    pd_json_member_i64(w, "same", (int64_t)m->same);
    pd_json_member_i64(w, "changed", (int64_t)m->changed_count);
    pd_json_member_i64(w, "unread", (int64_t)m->unread_count);
    pd_json_key(w, "shifts");
    pd_json_array(w);
    for (size_t i = 0; i < m->shift_count && i < SHIFTS_SHOWN; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "from", m->shifts[i].what->from);
        pd_json_member_str(w, "to", m->shifts[i].what->to);
        pd_json_member_i64(w, "cases", (int64_t)m->shifts[i].count);
        write_said(m->shifts[i].what, w);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
    return PD_OK;
}

/* ---- Standards ---- */

struct published {
    pd_str dataset, title, path;
};

static const struct sql LIST_PUBLISHED = {
    .both = "SELECT d.id, d.title, x.released_as FROM distribution x JOIN version v ON v.id = "
            "x.version_id JOIN dataset d ON d.id = v.dataset_id WHERE x.disclosed_to = 'public' AND "
            "x.released_as IS NOT NULL ORDER BY d.id, x.created_at DESC, x.id"};

/* The newest published table of each dataset. */
static enum pd_status list_published(struct govern *g, struct pd_arena *arena,
                                     struct published **out, size_t *count, struct pd_error *err) {
    struct store_rows *rows;
    struct published *list = pd_arena_array(arena, TABLES_SHOWN, sizeof(*list));
    enum pd_status st = list ? store_select(g->store, LIST_PUBLISHED, NULL, 0, &rows, err)
                             : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    size_t n = 0;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < TABLES_SHOWN) {
        if (n && pd_str_eq(list[n - 1].dataset, store_str(rows, 0)))
            continue;
        list[n] = (struct published){
            pd_arena_str(arena, store_str(rows, 0)), pd_arena_str(arena, store_str(rows, 1)),
            pd_arena_printf(arena, "%s/%.*s", store_folder(g->store), pd_arg(store_str(rows, 2)))};
        if (!list[n].dataset.data || !list[n].title.data || !list[n].path.data) {
            st = pd_fail_memory(err);
            break;
        }
        n++;
    }
    store_rows_close(rows);
    *out = list;
    *count = n;
    return st;
}

struct header {
    const struct standard *standard;
    bool is_concerned;
};

/* A table that has all of a standard's columns is one that it speaks of. Reading stops here. */
static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct header *h = context;
    size_t fields = standard_fields(h->standard), found = 0;
    for (size_t f = 0; f < fields; f++)
        for (size_t i = 0; i < count; i++)
            if (pd_str_eq(names[i], standard_field_name(h->standard, f))) {
                found++;
                break;
            }
    h->is_concerned = found == fields;
    return pd_fail(err, PD_UNSUPPORTED, "only the header is read");
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    (void)context;
    (void)batch;
    (void)err;
    return PD_OK;
}

static enum pd_status count_failing(struct govern *g, const struct standard *standard,
                                    const struct published *table, struct pd_arena *arena,
                                    uint64_t *rows, uint64_t *failing, struct pd_error *err) {
    struct source *source = NULL;
    struct standard_checker *checker = NULL;
    const struct standard_report *report = NULL;
    const struct govern_check check = {
        .standard = standard, .now = pd_clock_now(&g->clock), .arena = arena};
    enum pd_status st =
        source_open(table->path.data, -1, store_folder(g->store), 0, &source, err);
    if (st == PD_OK)
        st = govern_check_run(&check, source, &checker, &report, err);
    if (st == PD_OK) {
        *rows = report->rows;
        *failing = report->failed_rows;
    }
    standard_checker_free(checker);
    source_close(source);
    return st;
}

static bool is_concerned(struct govern *g, const struct standard *standard,
                         const struct published *table, struct pd_arena *arena) {
    struct header h = {standard, false};
    const struct table_handler handler = {&h, on_header, on_batch, NULL};
    struct source *source = NULL;
    struct pd_error none = {0};
    enum pd_status st =
        source_open(table->path.data, -1, store_folder(g->store), 0, &source, &none);
    if (st == PD_OK)
        st = reading_table(source, NULL, &handler, NULL, arena, NULL, &none);
    source_close(source);
    return st != PD_OK && h.is_concerned;
}

/* One table under the standard in force (if there is one) and under the proposed one. */
static void write_table(struct govern *g, const struct standard *was, const struct standard *is,
                        const struct published *table, struct pd_arena *arena, struct pd_json *w) {
    uint64_t rows = 0, before = 0, after = 0;
    struct pd_error why = {0};
    enum pd_status st = PD_OK;
    if (was)
        st = count_failing(g, was, table, arena, &rows, &before, &why);
    if (st == PD_OK)
        st = count_failing(g, is, table, arena, &rows, &after, &why);
    pd_json_object(w);
    pd_json_member_str(w, "dataset", table->dataset);
    pd_json_key(w, "title");
    pd_json_raw(w, table->title);
    if (st == PD_OK) {
        pd_json_member_i64(w, "rows", (int64_t)rows);
        pd_json_member_i64(w, "failing_before", (int64_t)before);
        pd_json_member_i64(w, "failing_after", (int64_t)after);
    } else {
        pd_json_member_text(w, "unread", why.text);
    }
    pd_json_object_end(w);
}

static enum pd_status write_standard(struct govern *g, const struct proposal_change *change,
                                     const struct published *tables, size_t count,
                                     struct pd_arena *arena, struct pd_json *w,
                                     struct pd_error *err) {
    const struct standard *was = NULL, *is = NULL;
    struct pd_error none = {0};
    pd_str name = proposal_standard_name(change->path), text;
    enum pd_status st = PD_OK;
    if (govern_standard_in_force(g, name, arena, &text, &none) == PD_OK)
        st = standard_parse(text, arena, &was, err);
    if (st == PD_OK && !change->is_removed)
        st = standard_parse(change->text, arena, &is, err);
    if (st != PD_OK)
        return st;
    pd_json_object(w);
    pd_json_member_str(w, "standard", name);
    pd_json_key(w, "tables");
    pd_json_array(w);
    for (size_t i = 0; is && i < count; i++) {
        struct pd_mark mark = pd_arena_mark(arena);
        if (is_concerned(g, was ? was : is, &tables[i], arena))
            write_table(g, was, is, &tables[i], arena, w);
        pd_arena_reset(arena, mark);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
    return PD_OK;
}

static enum pd_status write_standards(struct govern *g, const struct proposal_change *changes,
                                      size_t count, struct pd_arena *arena, struct pd_json *w,
                                      struct pd_error *err) {
    struct published *tables = NULL;
    size_t n = 0;
    enum pd_status st = list_published(g, arena, &tables, &n, err);
    pd_json_array(w);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        if (proposal_standard_name(changes[i].path).len)
            st = write_standard(g, &changes[i], tables, n, arena, w, err);
    pd_json_array_end(w);
    return st;
}

enum pd_status proposal_impact(struct govern *g, const struct proposal_candidate *c,
                               const struct proposal_change *changes, size_t count,
                               struct pd_arena *arena, pd_str *json, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    struct pd_error why = {0};
    enum pd_status st = PD_OK;
    struct pd_arena *scratch = pd_arena_new(GOVERN_ARENA_LIMIT);
    if (!scratch)
        return pd_fail_memory(err);
    pd_buf_init(&buf, (size_t)16 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "impact", 1);
    pd_json_member_str(&w, "rules", g->rules_id);
    if (c->rules) {
        pd_json_key(&w, "cases");
        st = write_rules(g, c, scratch, &w, &why);
    }
    if (st == PD_OK && c->has_standards) {
        pd_json_key(&w, "standards");
        st = write_standards(g, changes, count, scratch, &w, &why);
    }
    pd_json_object_end(&w);
    enum pd_status written = pd_json_finish(&w, arena, json, err);
    pd_arena_free(scratch);
    return st != PD_OK ? pd_fail(err, st, "%s", why.text) : written;
}
