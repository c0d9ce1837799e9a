/* Cases, in pages: those that the viewer's party raised or has to answer, the newest first. */
#include "govern/catalogue_impl.h"
#include "govern/case.h"

#define IDS(of)                                                                                    \
    "SELECT k.id FROM cases k WHERE " of " AND k.id < $2 AND ($3 = '' OR $3 ="                     \
    " (SELECT e.state FROM case_entry e WHERE e.case_id = k.id ORDER BY e.made_at DESC, e.id DESC" \
    " LIMIT 1)) ORDER BY k.id DESC LIMIT $4"
static const struct sql LIST = {
    .both = "SELECT id FROM (SELECT id FROM (" IDS("k.party_id = $1") ") raised UNION ALL SELECT id"
            " FROM (" IDS("k.responsible_id = $1 AND k.party_id <> $1") ") owed) u"
            " ORDER BY id DESC LIMIT $4"};
static const struct sql LIST_ALL = {.both = IDS("$1 <> ''")};

struct listing {
    struct pd_arena *arena;
    pd_id ids[CATALOGUE_PAGE_MAX + 1];
    size_t count;
};

static enum pd_status take_id(void *context, struct catalogue_row *row, bool *done,
                              struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    l->ids[l->count++] = catalogue_id(row, 0);
    *done = l->count == CATALOGUE_PAGE_MAX + 1;
    return PD_OK;
}

static enum pd_status check_state(pd_str state, struct pd_error *err) {
    enum case_state found;
    return !state.len || case_state_parse(state, &found)
               ? PD_OK
               : pd_fail(err, PD_USAGE,
                         "state is raised, escalated, answered, refused or withdrawn");
}

/* By its id, not by its place: while a page is read, more may be raised. */
static enum pd_status read_all(struct govern *g, const struct listing *l, size_t count,
                               struct govern_raised *items, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        const struct govern_raised *one;
        size_t n;
        st = govern_cases(g, &l->ids[i], l->arena, &one, &n, err);
        if (st == PD_OK)
            items[i] = one[0];
    }
    return st;
}

enum pd_status catalogue_cases(struct govern *g, const struct catalogue_viewer *viewer,
                               const struct catalogue_cases_query *query, struct pd_arena *arena,
                               struct catalogue_cases *out, struct pd_error *err) {
    struct listing l = {.arena = arena};
    pd_str after;
    size_t limit;
    enum pd_status st = check_state(query->state, err);
    if (st == PD_OK)
        st = catalogue_page_begin(&query->page, &after, &limit, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_STR(after),
                                   STORE_STR(query->state), STORE_I64((int64_t)limit + 1)};
    st = catalogue_each(g, viewer->sees_all ? LIST_ALL : LIST, values, 4, arena, take_id, &l, err);
    size_t count = l.count < limit ? l.count : limit;
    struct govern_raised *items = pd_arena_array(arena, count ? count : 1, sizeof(*items));
    if (st == PD_OK && !items)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = read_all(g, &l, count, items, err);
    if (st != PD_OK)
        return st;
    *out = (struct catalogue_cases){.items = items, .count = count, .next = PD_STR("")};
    if (l.count > limit)
        out->next = govern_id_text(l.ids[count - 1], arena);
    return l.count > limit && !out->next.data ? pd_fail_memory(err) : PD_OK;
}
