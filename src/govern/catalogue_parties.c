/* The parties, and how many members of each have which duty. Who they are, only the party itself learns. */
#include "govern/catalogue_impl.h"

#include <string.h>

static const char *const DUTIES[CATALOGUE_DUTY_COUNT] = {
    [CATALOGUE_STEWARD] = "steward", [CATALOGUE_OWNER] = "owner",       [CATALOGUE_SUPERVISOR] = "supervisor",
    [CATALOGUE_SYSTEM] = "system",   [CATALOGUE_SECURITY] = "security", [CATALOGUE_AUDIT] = "audit"};

const char *catalogue_duty_name(enum catalogue_duty duty) {
    return DUTIES[duty];
}

/* Who has ended is no member any more. */
#define ACTS " AND NOT EXISTS (SELECT 1 FROM member_end e WHERE e.id = m.id)"
/* All of a party's members are counted in one look: "4/1/1/1/0/0/0". */
#define WITH_DUTY(duty)                                                                            \
    " || '/' || CAST(COALESCE(SUM(CASE WHEN m.duties LIKE '%\"" duty "\"%' THEN 1 ELSE 0 END), 0) AS TEXT)"
#define MEMBERS                                                                                    \
    " (SELECT CAST(COUNT(*) AS TEXT)" WITH_DUTY("steward") WITH_DUTY("owner") WITH_DUTY("supervisor") \
    WITH_DUTY("system") WITH_DUTY("security") WITH_DUTY("audit")                                    \
    " FROM member m WHERE m.party_id = p.id" ACTS "),"
#define IS_PARTY "$1 NOT IN ('" CATALOGUE_ALL "', '" CATALOGUE_PUBLIC "')"
/* $1: the viewer. A party sees what everybody sees as well, and what is open of its own once. A title that nobody gave
 * is {}. */
#define PARTIES                                                                                    \
    "SELECT p.id, p.title, p.chamber, p.kind, p.country, p.public_key, p.registered_at,"            \
    MEMBERS                                                                                         \
    " (SELECT COUNT(*) FROM catalogue_seen s WHERE s.viewer = $1 AND s.party_id = p.id)"            \
    " + (SELECT COUNT(*) FROM catalogue_seen s WHERE " IS_PARTY " AND s.viewer = '" CATALOGUE_PUBLIC "'" \
    " AND s.party_id = p.id)"                                                                       \
    " - (SELECT COUNT(*) FROM catalogue_seen s WHERE " IS_PARTY " AND s.viewer = $1 AND s.party_id = p.id" \
    " AND s.openness = 'open')"                                                                     \
    " FROM party p WHERE "
static const struct sql LIST = {.both = PARTIES "p.id > $2 AND ($3 = '' OR p.chamber = $3) ORDER BY p.id LIMIT $4"};
static const struct sql FIND = {.both = PARTIES "p.id = $2"};

struct listing {
    struct catalogue_party *items;
    size_t count, limit;
    bool has_more;
};

static void read_counts(pd_str text, struct catalogue_party *p) {
    pd_str piece;
    for (size_t i = 0; i <= CATALOGUE_DUTY_COUNT && pd_str_split(&text, '/', &piece); i++)
        (void)pd_parse_u64(piece, i ? &p->with_duty[i - 1] : &p->members);
}

static enum pd_status take_party(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    *done = l->has_more = l->count == l->limit;
    if (*done)
        return PD_OK;
    struct catalogue_party *p = &l->items[l->count++];
    *p = (struct catalogue_party){.id = catalogue_text(row, 0),
                                  .title = catalogue_text(row, 1),
                                  .chamber = catalogue_text(row, 2),
                                  .kind = catalogue_text(row, 3),
                                  .country = catalogue_text(row, 4),
                                  .vkey = catalogue_text(row, 5),
                                  .registered_at = store_i64(row->rows, 6),
                                  .datasets = (uint64_t)store_i64(row->rows, 8)};
    read_counts(store_str(row->rows, 7), p);
    if (pd_str_is(p->title, "{}"))
        p->title = p->id;
    return PD_OK;
}

enum pd_status catalogue_parties(struct govern *g, const struct catalogue_viewer *viewer,
                                 const struct catalogue_parties_query *query, struct pd_arena *arena,
                                 struct catalogue_parties *out, struct pd_error *err) {
    struct catalogue_page page = {.limit = query->page.limit};
    struct listing list = {0};
    pd_str unused;
    enum pd_status st = catalogue_page_begin(&page, &unused, &list.limit, err);
    list.items = st == PD_OK ? pd_arena_array(arena, list.limit, sizeof(*list.items)) : NULL;
    if (st == PD_OK && !list.items)
        st = pd_fail_memory(err);
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)),
                                   STORE_STR(query->page.after), STORE_STR(query->chamber),
                                   STORE_I64((int64_t)list.limit + 1)};
    if (st == PD_OK)
        st = catalogue_each(g, LIST, values, 4, arena, take_party, &list, err);
    if (st == PD_OK)
        *out = (struct catalogue_parties){
            list.items, list.count,
            list.has_more ? list.items[list.count - 1].id : PD_STR("")};
    return st;
}

/* ---- Its members, for itself ---- */

static const struct sql LIST_MEMBERS = {
    .both = "SELECT m.id, m.name, m.duties FROM member m WHERE m.party_id = $1" ACTS " ORDER BY m.name LIMIT $2"};

struct people {
    struct catalogue_member *items;
    size_t count;
};

static enum pd_status take_member(void *context, struct catalogue_row *row, bool *done,
                                  struct pd_error *err) {
    struct people *people = context;
    struct catalogue_member *m = &people->items[people->count++];
    pd_str duties = store_str(row->rows, 2);
    pd_str *names = pd_arena_array(row->arena, CATALOGUE_DUTY_COUNT, sizeof(*names));
    if (!names)
        return pd_fail_memory(err);
    *m = (struct catalogue_member){
        .id = catalogue_text(row, 0), .name = catalogue_text(row, 1), .duties = names};
    for (size_t d = 0; d < CATALOGUE_DUTY_COUNT; d++) {
        char quoted[32] = "\"";
        strcat(strcat(quoted, DUTIES[d]), "\"");
        if (pd_str_find(duties, pd_str_from(quoted)) != PD_NPOS)
            names[m->duty_count++] = pd_str_from(DUTIES[d]);
    }
    *done = people->count == CATALOGUE_PAGE_MAX;
    return PD_OK;
}

enum pd_status catalogue_party_find(struct govern *g, const struct catalogue_viewer *viewer, pd_str id,
                                    struct pd_arena *arena, struct catalogue_party *out,
                                    struct pd_error *err) {
    struct catalogue_party found;
    struct listing list = {.items = &found, .limit = 1};
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_STR(id)};
    enum pd_status st = catalogue_each(g, FIND, values, 2, arena, take_party, &list, err);
    if (st == PD_OK && list.count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no party \"%.*s\" here", pd_arg(pd_str_sub(id, 0, 128)));
    if (st != PD_OK)
        return st;
    if (viewer->sees_all || (viewer->party.len && pd_str_eq(viewer->party, id))) {
        struct people people = {pd_arena_array(arena, CATALOGUE_PAGE_MAX, sizeof(*people.items)), 0};
        struct store_value of[] = {STORE_STR(id), STORE_I64(CATALOGUE_PAGE_MAX)};
        if (!people.items)
            return pd_fail_memory(err);
        st = catalogue_each(g, LIST_MEMBERS, of, 2, arena, take_member, &people, err);
        found.people = people.items;
        found.people_count = people.count;
    }
    if (st == PD_OK)
        *out = found;
    return st;
}

static const struct sql FIND_TITLE = {.both = "SELECT title FROM party WHERE id = $1"};

static enum pd_status take_title(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    (void)err;
    pd_str title = catalogue_text(row, 0);
    *(pd_str *)context = pd_str_is(title, "{}") ? PD_STR("") : title;
    *done = true;
    return PD_OK;
}

enum pd_status catalogue_party_title(struct govern *g, pd_str id, struct pd_arena *arena,
                                     pd_str *title, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    *title = PD_STR("");
    return catalogue_each(g, FIND_TITLE, values, 1, arena, take_title, title, err);
}
