/* The acts that a viewer may see: those of the public log, and its own. */
#include "govern/catalogue_impl.h"

/* What an act is about is told to whoever may see that dataset. $1: the viewer. */
#define SHOWN                                                                                      \
    "SELECT a.id, a.verb, a.party_id, a.outcome, a.made_at, c.is_public, l.log,"                       \
    " CASE WHEN l.leaf_index < (SELECT size FROM log WHERE name = l.log) THEN l.leaf_index END,"       \
    " COALESCE(a.intent_id, ''), COALESCE(d.id, ''), COALESCE(d.title, '') FROM "
#define JOINED                                                                                     \
    " JOIN act a ON a.id = c.act_id JOIN leaf l ON l.act_id = c.act_id"                             \
    " LEFT JOIN dataset d ON d.id = c.dataset_id AND EXISTS (SELECT 1 FROM catalogue_seen s WHERE"  \
    " s.dataset_id = d.id AND s.viewer IN ($1, '" CATALOGUE_PUBLIC "'))"

/* Of one log (is_public), by what the index of that name knows; further conditions look at each row. */
#define ARM(is_public, by, own)                                                                    \
    "SELECT c.act_id, c.is_public, c.dataset_id FROM catalogue_act c WHERE c.is_public = " is_public \
    " AND c.act_id < $2" by own " ORDER BY c.act_id DESC LIMIT $3"
#define BY_NOTHING " AND $4 = '' AND $5 = '' AND $6 = ''"
#define BY_VERB    " AND c.verb = $5 AND ($4 = '' OR c.party_id = $4) AND $6 = ''"
#define BY_PARTY   " AND c.party_id = $4 AND ($5 = '' OR c.verb = $5) AND $6 = ''"
#define BY_DATASET " AND c.dataset_id = $6 AND ($4 = '' OR c.party_id = $4) AND ($5 = '' OR c.verb = $5)"
#define OWN        " AND c.party_id = $1"

#define PAGE(arms) SHOWN "(" arms ") c" JOINED " ORDER BY c.act_id DESC LIMIT $3"
#define EVERYBODYS(by) PAGE(ARM("1", by, ""))
#define BOTH(by, own)                                                                              \
    PAGE("SELECT * FROM (" ARM("1", by, "") ") open_ones UNION ALL SELECT * FROM (" ARM("0", by, own) ") other_ones")

enum by { ACTS_BY_NOTHING, ACTS_BY_VERB, ACTS_BY_PARTY, ACTS_BY_DATASET, ACTS_BY_COUNT };
enum whose { ACTS_PUBLIC, ACTS_AND_OWN, ACTS_ALL, ACTS_WHOSE_COUNT };
static const struct sql LIST[ACTS_BY_COUNT][ACTS_WHOSE_COUNT] = {
    [ACTS_BY_NOTHING] = {{.both = EVERYBODYS(BY_NOTHING)}, {.both = BOTH(BY_NOTHING, OWN)}, {.both = BOTH(BY_NOTHING, "")}},
    [ACTS_BY_VERB] = {{.both = EVERYBODYS(BY_VERB)}, {.both = BOTH(BY_VERB, OWN)}, {.both = BOTH(BY_VERB, "")}},
    [ACTS_BY_PARTY] = {{.both = EVERYBODYS(BY_PARTY)}, {.both = BOTH(BY_PARTY, OWN)}, {.both = BOTH(BY_PARTY, "")}},
    [ACTS_BY_DATASET] = {{.both = EVERYBODYS(BY_DATASET)}, {.both = BOTH(BY_DATASET, OWN)}, {.both = BOTH(BY_DATASET, "")}},
};
static const struct sql FIND = {
    .both = SHOWN "catalogue_act c" JOINED " WHERE c.act_id = $2 AND (c.is_public = 1 OR c.party_id = $1 OR $1 = '" CATALOGUE_ALL
            "')"};

struct listing {
    const struct catalogue_viewer *viewer;
    struct catalogue_act *items;
    size_t count, limit;
    bool has_more;
};

static enum pd_status take_act(void *context, struct catalogue_row *row, bool *done,
                               struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    *done = l->has_more = l->count == l->limit;
    if (*done)
        return PD_OK;
    struct catalogue_act *a = &l->items[l->count++];
    *a = (struct catalogue_act){.id = catalogue_id(row, 0),
                                .verb = catalogue_text(row, 1),
                                .party = catalogue_text(row, 2),
                                .outcome = catalogue_text(row, 3),
                                .made_at = store_i64(row->rows, 4),
                                .is_public = store_i64(row->rows, 5) == 1,
                                .log = catalogue_text(row, 6),
                                .is_pending = store_is_null(row->rows, 7),
                                .index = (uint64_t)store_i64(row->rows, 7),
                                .dataset = catalogue_text(row, 9),
                                .dataset_title = catalogue_text(row, 10)};
    bool is_own = l->viewer->sees_all || (l->viewer->party.len && pd_str_eq(l->viewer->party, a->party));
    a->intent = is_own ? catalogue_text(row, 8) : PD_STR("");
    return PD_OK;
}

enum pd_status catalogue_acts(struct govern *g, const struct catalogue_viewer *viewer,
                              const struct catalogue_acts_query *query, struct pd_arena *arena,
                              struct catalogue_acts *out, struct pd_error *err) {
    pd_str after, dataset = query->has_dataset ? govern_id_text(query->dataset, arena) : PD_STR("");
    struct listing list = {.viewer = viewer};
    enum pd_status st = catalogue_page_begin(&query->page, &after, &list.limit, err);
    list.items = st == PD_OK ? pd_arena_array(arena, list.limit, sizeof(*list.items)) : NULL;
    if (st == PD_OK && (!list.items || !dataset.data))
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    enum by by = query->has_dataset ? ACTS_BY_DATASET
                 : query->party.len ? ACTS_BY_PARTY
                 : query->verb.len  ? ACTS_BY_VERB
                                    : ACTS_BY_NOTHING;
    enum whose whose = query->only_public                            ? ACTS_PUBLIC
                       : viewer->sees_all                            ? ACTS_ALL
                       : viewer->party.len                           ? ACTS_AND_OWN
                                                                     : ACTS_PUBLIC;
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_STR(after),
                                   STORE_I64((int64_t)list.limit + 1), STORE_STR(query->party),
                                   STORE_STR(query->verb), STORE_STR(dataset)};
    st = catalogue_each(g, LIST[by][whose], values, 6, arena, take_act, &list, err);
    *out = (struct catalogue_acts){.items = list.items, .count = list.count, .next = PD_STR("")};
    if (st == PD_OK && list.has_more)
        out->next = govern_id_text(list.items[list.count - 1].id, arena);
    return st == PD_OK && !out->next.data ? pd_fail_memory(err) : st;
}

enum pd_status catalogue_act_find(struct govern *g, const struct catalogue_viewer *viewer, pd_id id,
                                  struct pd_arena *arena, struct catalogue_act *out,
                                  struct pd_error *err) {
    pd_str text = govern_id_text(id, arena);
    struct catalogue_act found;
    struct listing list = {.viewer = viewer, .items = &found, .limit = 1};
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_STR(text)};
    enum pd_status st = catalogue_each(g, FIND, values, 2, arena, take_act, &list, err);
    if (st == PD_OK && list.count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act %.*s here", pd_arg(text));
    if (st == PD_OK)
        *out = found;
    return st;
}

/* Who made it: of a version or distribution the act that wrote its row; of a dataset the newest with a plan. */
static const struct sql FIND_OF = {
    .both = SHOWN "catalogue_act c" JOINED
                  " WHERE c.act_id IN (SELECT r.act_id FROM act_row r WHERE r.row_id = $2 AND r.revision = 1"
                  " AND r.table_name IN ('version', 'distribution') UNION SELECT n.act_id FROM catalogue_act n JOIN act p"
                  " ON p.id = n.act_id WHERE n.dataset_id = $2 AND COALESCE(p.plan_hash, '') <> '' AND p.verb <> 'deny')"
                  " AND (c.is_public = 1 OR c.party_id = $1 OR $1 = '" CATALOGUE_ALL "') ORDER BY c.act_id DESC LIMIT 1"};

enum pd_status catalogue_act_of(struct govern *g, const struct catalogue_viewer *viewer, pd_id id,
                                struct pd_arena *arena, struct catalogue_act *out,
                                struct pd_error *err) {
    struct catalogue_act found;
    struct listing list = {.viewer = viewer, .items = &found, .limit = 1};
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_STR(govern_id_text(id, arena))};
    enum pd_status st = catalogue_act_find(g, viewer, id, arena, out, err);
    if (st != PD_NOT_FOUND)
        return st;
    st = catalogue_each(g, FIND_OF, values, 2, arena, take_act, &list, err);
    if (st == PD_OK && list.count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act with a plan of %.*s here", pd_arg(values[1].bytes));
    if (st == PD_OK)
        *out = found;
    return st;
}
