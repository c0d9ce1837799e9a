/* Duties that a viewer may see: of public acts, its own, and those that its acts started; by when they are due. */
#include "govern/catalogue_impl.h"

/* $1 viewer; $2, $3 behind this moment and clock; $4 how many; $5 debtor, $6 act, $7 state, $8 now. */
#define STATE                                                                                      \
    " AND ($7 = '' OR ($7 = 'overdue' AND c.state = 'running' AND c.due_at <= $8)"                  \
    " OR ($7 = 'due' AND c.state IN ('running', 'keep') AND c.due_at > $8)"                         \
    " OR ($7 = 'met' AND (c.state IN ('met', 'late') OR (c.state = 'keep' AND c.due_at <= $8))))"
#define ARM(whose, by)                                                                             \
    "SELECT c.clock_id, c.due_at FROM catalogue_clock c WHERE " whose by                            \
    " AND c.due_at >= $2 AND (c.due_at > $2 OR c.clock_id > $3)" STATE " ORDER BY c.due_at, c.clock_id LIMIT $4"
#define BY_NOTHING " AND $5 = '' AND $6 = ''"
#define BY_DEBTOR  " AND c.debtor_id = $5 AND $6 = ''"
#define BY_ACT     " AND c.act_id = $6 AND ($5 = '' OR c.debtor_id = $5)"
#define BY_OVERDUE                                                                                 \
    " AND c.state = 'running' AND c.due_at <= $8 AND ($5 = '' OR c.debtor_id = $5) AND ($6 = '' OR c.act_id = $6)"

#define PAGE(arms) "SELECT clock_id, due_at FROM (" arms ") u ORDER BY due_at, clock_id LIMIT $4"
#define PUBLIC_ONES(by) PAGE(ARM("c.is_public = 1 AND $1 <> ''", by))
#define AND_OWN(by)                                                                                \
    PAGE("SELECT * FROM (" ARM("c.is_public = 1", by) ") open_ones UNION ALL SELECT * FROM ("       \
         ARM("c.is_public = 0 AND c.party_id = $1", by) ") started UNION ALL SELECT * FROM ("       \
         ARM("c.is_public = 0 AND c.debtor_id = $1 AND c.party_id <> $1", by) ") owed")
#define ALL_OF(by)                                                                                 \
    PAGE("SELECT * FROM (" ARM("c.is_public = 1 AND $1 <> ''", by) ") open_ones UNION ALL SELECT * FROM (" \
         ARM("c.is_public = 0", by) ") other_ones")

enum by { CLOCKS_BY_NOTHING, CLOCKS_BY_DEBTOR, CLOCKS_BY_ACT, CLOCKS_BY_OVERDUE, CLOCKS_BY_COUNT };
static const struct sql LIST[CLOCKS_BY_COUNT][3] = {
    [CLOCKS_BY_NOTHING] = {{.both = PUBLIC_ONES(BY_NOTHING)}, {.both = AND_OWN(BY_NOTHING)}, {.both = ALL_OF(BY_NOTHING)}},
    [CLOCKS_BY_DEBTOR] = {{.both = PUBLIC_ONES(BY_DEBTOR)}, {.both = AND_OWN(BY_DEBTOR)}, {.both = ALL_OF(BY_DEBTOR)}},
    [CLOCKS_BY_ACT] = {{.both = PUBLIC_ONES(BY_ACT)}, {.both = AND_OWN(BY_ACT)}, {.both = ALL_OF(BY_ACT)}},
    [CLOCKS_BY_OVERDUE] = {{.both = PUBLIC_ONES(BY_OVERDUE)}, {.both = AND_OWN(BY_OVERDUE)}, {.both = ALL_OF(BY_OVERDUE)}},
};

struct listing {
    pd_str ids[CATALOGUE_PAGE_MAX];
    int64_t due[CATALOGUE_PAGE_MAX];
    size_t count, limit;
    bool has_more;
};

static enum pd_status take_clock(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    *done = l->has_more = l->count == l->limit;
    if (*done)
        return PD_OK;
    l->due[l->count] = store_i64(row->rows, 1);
    l->ids[l->count++] = catalogue_text(row, 0);
    return PD_OK;
}

/* "1764482400000000/0198..." : the moment, and the clock. */
static enum pd_status read_cursor(pd_str after, int64_t *due, pd_str *clock, struct pd_error *err) {
    pd_str rest = after, piece;
    pd_id id;
    *due = INT64_MIN;
    *clock = PD_STR("");
    if (!after.len)
        return PD_OK;
    if (pd_str_split(&rest, '/', &piece) && pd_parse_i64(piece, due) && rest.data &&
        pd_id_parse(rest, &id)) {
        *clock = rest;
        return PD_OK;
    }
    return pd_fail(err, PD_USAGE, "\"%.*s\" is no cursor: take the one that came with the page before",
                   pd_arg(pd_str_sub(after, 0, 80)));
}

static enum pd_status check_state(pd_str state, struct pd_error *err) {
    for (unsigned i = GOVERN_CLOCK_DUE; i <= GOVERN_CLOCK_OVERDUE; i++)
        if (!state.len || pd_str_is(state, govern_clock_state_name((enum govern_clock_state)i)))
            return PD_OK;
    return pd_fail(err, PD_USAGE, "a duty is due, met or overdue; never \"%.*s\"",
                   pd_arg(pd_str_sub(state, 0, 80)));
}

enum pd_status catalogue_clocks(struct govern *g, const struct catalogue_viewer *viewer,
                                const struct catalogue_clocks_query *query, struct pd_arena *arena,
                                struct catalogue_clocks *out, struct pd_error *err) {
    struct catalogue_page page = {.limit = query->page.limit};
    pd_str clock, unused, act = query->has_act ? govern_id_text(query->act, arena) : PD_STR("");
    int64_t due;
    struct listing *list = pd_arena_alloc(arena, sizeof(*list));
    if (!list || !act.data)
        return pd_fail_memory(err);
    enum pd_status st = catalogue_page_begin(&page, &unused, &list->limit, err);
    if (st == PD_OK)
        st = read_cursor(query->page.after, &due, &clock, err);
    if (st == PD_OK)
        st = check_state(query->state, err);
    struct govern_clock *items = st == PD_OK ? pd_arena_array(arena, list->limit, sizeof(*items)) : NULL;
    if (st == PD_OK && !items)
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_I64(due),
                                   STORE_STR(clock), STORE_I64((int64_t)list->limit + 1),
                                   STORE_STR(query->party), STORE_STR(act),
                                   STORE_STR(query->state), STORE_I64(pd_clock_now(&g->clock))};
    enum by by = query->has_act                       ? CLOCKS_BY_ACT
                 : query->party.len                   ? CLOCKS_BY_DEBTOR
                 : pd_str_is(query->state, "overdue") ? CLOCKS_BY_OVERDUE
                                                      : CLOCKS_BY_NOTHING;
    st = catalogue_each(g, LIST[by][viewer->sees_all ? 2 : viewer->party.len ? 1 : 0], values, 8,
                        arena, take_clock, list, err);
    for (size_t i = 0; st == PD_OK && i < list->count; i++) {
        const struct govern_clock *one;
        size_t count;
        st = clock_list(g, list->ids[i], arena, &one, &count, err);
        if (st == PD_OK && count != 1)
            st = pd_fail(err, PD_INTERNAL, "there is no clock %.*s", pd_arg(list->ids[i]));
        if (st == PD_OK)
            items[i] = *one;
    }
    if (st != PD_OK)
        return st;
    *out = (struct catalogue_clocks){.items = items, .count = list->count, .next = PD_STR("")};
    if (list->has_more)
        out->next = pd_arena_printf(arena, "%lld/%.*s", (long long)list->due[list->count - 1],
                                    pd_arg(list->ids[list->count - 1]));
    return out->next.data ? PD_OK : pd_fail_memory(err);
}
