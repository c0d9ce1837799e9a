/* Parties and members, as lists tell of them. */
#include "govern/govern_impl.h"
#include "govern/register.h"

#include <string.h>

/* A list in an arena that doubles; older ones stay, at most as much again. */
static void *grow(struct pd_arena *arena, void *list, size_t count, size_t *room, size_t size) {
    if (list && count < *room)
        return list;
    size_t more = list ? *room * 2 : 16;
    void *larger = pd_arena_array(arena, more, size);
    if (larger && list)
        memcpy(larger, list, count * size);
    *room = more;
    return larger;
}

static const struct sql LIST_PARTIES = {
    .both = "SELECT p.id, p.title, p.chamber, p.kind, p.country, p.public_key, p.registered_at,"
            " (SELECT COUNT(*) FROM member m WHERE m.party_id = p.id AND NOT EXISTS"
            " (SELECT 1 FROM member_end e WHERE e.id = m.id)) FROM party p ORDER BY p.id"};

enum pd_status govern_party_list(struct govern *g, struct pd_arena *arena,
                                 const struct govern_party_row **out, size_t *count,
                                 struct pd_error *err) {
    struct govern_party_row *list = NULL;
    struct store_rows *rows;
    size_t n = 0, room = 0;
    bool has;
    enum pd_status st = store_select(g->store, LIST_PARTIES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        list = grow(arena, list, n, &room, sizeof(*list));
        if (!list) {
            st = pd_fail_memory(err);
            break;
        }
        struct govern_party_row *p = &list[n++];
        pd_str *texts[] = {&p->id, &p->title, &p->chamber, &p->kind, &p->country, &p->vkey};
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
            *texts[i] = pd_arena_str(arena, store_str(rows, i));
            st = texts[i]->data ? st : pd_fail_memory(err);
        }
        p->registered_at = store_i64(rows, 6);
        p->members = (uint64_t)store_i64(rows, 7);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}

static const struct sql LIST_MEMBERS = {
    .both = "SELECT m.id, m.party_id, m.name, m.duties, e.ended_at FROM member m"
            " LEFT JOIN member_end e ON e.id = m.id WHERE ($1 = '' OR m.party_id = $1)"
            " ORDER BY m.party_id, m.name"};

enum pd_status govern_member_list(struct govern *g, pd_str party, struct pd_arena *arena,
                                  const struct govern_member_row **out, size_t *count,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party.data ? party : PD_STR(""))};
    struct govern_member_row *list = NULL;
    struct store_rows *rows;
    size_t n = 0, room = 0;
    bool has;
    enum pd_status st = store_select(g->store, LIST_MEMBERS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        list = grow(arena, list, n, &room, sizeof(*list));
        if (!list) {
            st = pd_fail_memory(err);
            break;
        }
        struct govern_member_row *m = &list[n++];
        pd_str *texts[] = {&m->id, &m->party, &m->name, &m->duties};
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
            *texts[i] = pd_arena_str(arena, store_str(rows, i));
            st = texts[i]->data ? st : pd_fail_memory(err);
        }
        m->ended_at = store_i64(rows, 4);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}
