/* Cases: those in which a viewer takes part, and of everybody's those that are overdue. */
#include "govern/catalogue_impl.h"
#include "govern/case.h"

/* $1 viewer; $2 now. Whether a case is decided is what its newest entry says. */
#define COLUMNS                                                                                    \
    "SELECT k.id, k.kind, k.party_id, k.responsible_id, k.dataset_id, d.title, k.raised_at,"       \
    " (SELECT e.state FROM case_entry e WHERE e.case_id = k.id ORDER BY e.made_at DESC, e.id DESC" \
    " LIMIT 1) AS state,"                                                                          \
    " (SELECT MIN(c.due_at) FROM catalogue_clock c WHERE c.act_id = k.act_id"                      \
    " AND c.state = 'running') AS due_at, k.act_id FROM cases k LEFT JOIN dataset d ON d.id = k.dataset_id"
#define IS_UNDECIDED "state IN ('raised', 'escalated')"

/* $3 behind this case; $4 how many; $5 1: undecided ones only; $6 in this state. */
#define NEWEST(whose)                                                                              \
    "SELECT * FROM (SELECT * FROM (" COLUMNS " WHERE " whose                                       \
    " AND k.id < $3) every WHERE ($5 = 0 OR " IS_UNDECIDED ") AND ($6 = '' OR state = $6)"         \
    " ORDER BY id DESC LIMIT $4) part"
static const struct sql OWN = {
    .both = "SELECT * FROM (" NEWEST("k.party_id = $1") " UNION ALL " NEWEST(
        "k.responsible_id = $1 AND k.party_id <> $1") ") both_arms WHERE $2 >= 0"
                                                      " ORDER BY id DESC LIMIT $4"};
static const struct sql ALL = {.both = NEWEST("$1 <> '' AND $2 >= 0") " ORDER BY id DESC"};

/* By the clocks that are overdue, of which there are few; each case once. */
static const struct sql OVERDUE = {
    .both = "SELECT * FROM (" COLUMNS " WHERE k.act_id IN (SELECT c.act_id FROM catalogue_clock c"
            " WHERE c.is_public IN (0, 1) AND c.state = 'running' AND c.due_at <= $2)) late"
            " WHERE " IS_UNDECIDED " AND $1 <> '' ORDER BY due_at, id LIMIT $3"};

struct reading {
    const struct catalogue_viewer *viewer;
    struct catalogue_case *items;
    pd_time now;
    size_t count, limit;
    bool has_more;
};

static enum pd_status take_case(void *context, struct catalogue_row *row, bool *done,
                                struct pd_error *err) {
    struct reading *r = context;
    (void)err;
    *done = r->has_more = r->count == r->limit;
    if (*done)
        return PD_OK;
    pd_str mine = r->viewer->party, party = catalogue_text(row, 2);
    struct catalogue_case c = {.kind = catalogue_text(row, 1),
                               .responsible = catalogue_text(row, 3),
                               .raised_at = store_i64(row->rows, 6),
                               .state = catalogue_text(row, 7)};
    bool answers = mine.len && pd_str_eq(c.responsible, mine);
    bool is_undecided = pd_str_is(c.state, "raised") || pd_str_is(c.state, "escalated");
    c.due_at = store_is_null(row->rows, 8) ? INT64_MAX : store_i64(row->rows, 8);
    c.has_due = is_undecided && c.due_at != INT64_MAX;
    c.is_overdue = c.has_due && c.due_at <= r->now;
    c.is_to_answer = answers && is_undecided;
    c.is_viewers = r->viewer->sees_all || answers || (mine.len && pd_str_eq(party, mine));
    c.party = c.dataset = c.dataset_title = PD_STR("");
    if (c.is_viewers) {
        c.id = catalogue_id(row, 0);
        c.act_id = catalogue_id(row, 9);
        c.party = party;
        c.dataset = catalogue_text(row, 4);
        c.dataset_title = catalogue_text(row, 5);
    }
    r->items[r->count++] = c;
    return PD_OK;
}

enum pd_status catalogue_cases(struct govern *g, const struct catalogue_viewer *viewer,
                               const struct catalogue_cases_query *query, struct pd_arena *arena,
                               struct catalogue_cases *out, struct pd_error *err) {
    pd_str after;
    struct reading r = {.viewer = viewer, .now = pd_clock_now(&g->clock)};
    enum case_state state;
    if (query->state.len && !case_state_parse(query->state, &state))
        return pd_fail(err, PD_USAGE, "state is raised, escalated, answered, refused or withdrawn");
    enum pd_status st = catalogue_page_begin(&query->page, &after, &r.limit, err);
    r.items = st == PD_OK ? pd_arena_array(arena, r.limit, sizeof(*r.items)) : NULL;
    if (st == PD_OK && !r.items)
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    int64_t room = (int64_t)r.limit + 1;
    pd_str name = catalogue_viewer_name(viewer);
    struct store_value newest[] = {STORE_STR(name), STORE_I64(r.now), STORE_STR(after),
                                   STORE_I64(room), STORE_I64(query->only_waiting),
                                   STORE_STR(query->state)};
    struct store_value overdue[] = {STORE_STR(name), STORE_I64(r.now), STORE_I64(room)};
    bool is_overdue = query->which == CATALOGUE_CASES_OVERDUE;
    if (is_overdue)
        st = catalogue_each(g, OVERDUE, overdue, 3, arena, take_case, &r, err);
    else
        st = catalogue_each(g, viewer->sees_all ? ALL : OWN, newest, 6, arena, take_case, &r, err);
    if (st != PD_OK)
        return st;
    *out = (struct catalogue_cases){
        .items = r.items, .count = r.count, .next = PD_STR(""), .has_more = r.has_more};
    if (r.has_more && !is_overdue)
        out->next = govern_id_text(r.items[r.count - 1].id, arena);
    return out->next.data ? PD_OK : pd_fail_memory(err);
}
