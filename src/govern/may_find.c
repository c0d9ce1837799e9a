/* Whose a thing is, and who takes part in it: what the rules of access ask of it. */
#include "govern/govern_impl.h"
#include "govern/may.h"

#include <string.h>

enum { CONCERNED_MOST = 64 };

/* The first query gives holder and whether the public knows of it; the second, further parties. */
static const struct kind {
    const char *name, *type; /* as asked for; as the rules see it */
    struct sql row, parties;
} KINDS[] = {
    {"Dataset", "Dataset",
     {.both = "SELECT x.party_id, (SELECT COUNT(*) FROM version v JOIN distribution d"
              " ON d.version_id = v.id WHERE v.dataset_id = x.id AND d.disclosed_to = 'public')"
              " FROM dataset x WHERE x.id = $1"},
     {.both = "SELECT DISTINCT d.disclosed_to FROM version v JOIN distribution d"
              " ON d.version_id = v.id WHERE v.dataset_id = $1 AND d.disclosed_to <> 'public'"
              " LIMIT 64"}},
    {"Version", "Version",
     {.both = "SELECT x.party_id, (SELECT COUNT(*) FROM distribution d WHERE d.version_id = v.id"
              " AND d.disclosed_to = 'public') FROM version v JOIN dataset x ON x.id = v.dataset_id"
              " WHERE v.id = $1"},
     {.both = "SELECT DISTINCT disclosed_to FROM distribution WHERE version_id = $1"
              " AND disclosed_to <> 'public' LIMIT 64"}},
    {"Distribution", "Distribution",
     {.both = "SELECT x.party_id, (SELECT COUNT(*) FROM distribution o WHERE o.id = d.id"
              " AND o.disclosed_to = 'public') FROM distribution d"
              " JOIN version v ON v.id = d.version_id JOIN dataset x ON x.id = v.dataset_id"
              " WHERE d.id = $1"},
     {.both = "SELECT disclosed_to FROM distribution WHERE id = $1 AND disclosed_to <> 'public'"}},
    {"Intent", "Intent",
     {.both = "SELECT party_id FROM intent WHERE id = $1"},
     {.both = "SELECT DISTINCT party_id FROM fact WHERE intent_id = $1 LIMIT 64"}},
    {"Case", "Case",
     {.both = "SELECT responsible_id FROM cases WHERE id = $1"},
     {.both = "SELECT party_id FROM cases WHERE id = $1 UNION"
              " SELECT party_id FROM case_entry WHERE case_id = $1 LIMIT 64"}},
    {"Act", "Node",
     {.both = "SELECT a.party_id, (SELECT COUNT(*) FROM leaf l WHERE l.act_id = a.id"
              " AND l.log = 'public') FROM act a WHERE a.id = $1"},
     {.both = "SELECT d.disclosed_to FROM act_row r JOIN distribution d ON d.id = r.row_id"
              " WHERE r.act_id = $1 AND r.table_name = 'distribution'"
              " AND d.disclosed_to <> 'public' UNION"
              " SELECT c.party_id FROM case_entry e JOIN cases c ON c.id = e.case_id"
              " WHERE e.act_id = $1 UNION"
              " SELECT c.responsible_id FROM case_entry e JOIN cases c ON c.id = e.case_id"
              " WHERE e.act_id = $1 LIMIT 64"}},
    {"Party", "Party",
     {.both = "SELECT id, 1 FROM party WHERE id = $1"},
     {.both = "SELECT id FROM party WHERE id = $1 AND id <> $1"}},
};

static const struct kind *find_kind(const char *type) {
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++)
        if (strcmp(KINDS[i].name, type) == 0)
            return &KINDS[i];
    return NULL;
}

static enum pd_status find_row(struct govern *g, const struct kind *kind, pd_str id,
                               struct pd_arena *arena, struct govern_resource *r,
                               struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, kind->row, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no such %s here", kind->type);
    if (st == PD_OK) {
        r->holder = pd_arena_str(arena, store_str(rows, 0));
        r->is_disclosed = store_columns(rows) > 1 && store_i64(rows, 1) > 0;
        st = r->holder.data ? PD_OK : pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status find_parties(struct govern *g, const struct kind *kind, pd_str id,
                                   struct pd_arena *arena, struct govern_resource *r,
                                   struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    pd_str *parties = pd_arena_array(arena, CONCERNED_MOST, sizeof(*parties));
    enum pd_status st = parties ? store_select(g->store, kind->parties, values, 1, &rows, err)
                                : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has &&
           r->concerned_count < CONCERNED_MOST) {
        pd_str party = pd_arena_str(arena, store_str(rows, 0));
        if (!party.data) {
            st = pd_fail_memory(err);
            break;
        }
        parties[r->concerned_count++] = party;
    }
    store_rows_close(rows);
    r->concerned = parties;
    return st;
}

enum pd_status govern_resource_find(struct govern *g, const char *type, pd_str id,
                                    struct pd_arena *arena, struct govern_resource *out,
                                    struct pd_error *err) {
    const struct kind *kind = find_kind(type);
    if (!kind)
        return pd_fail(err, PD_INVALID, "the rules of access know no \"%s\"", type);
    if (!pd_utf8_valid(id, NULL) || pd_str_find_char(id, '\0') != PD_NPOS)
        return pd_fail(err, PD_NOT_FOUND, "there is no such %s here", kind->type);
    struct govern_resource r = {.type = kind->type, .id = pd_arena_str(arena, id)};
    enum pd_status st = r.id.data ? find_row(g, kind, id, arena, &r, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = find_parties(g, kind, id, arena, &r, err);
    if (st == PD_OK)
        *out = r;
    return st;
}
