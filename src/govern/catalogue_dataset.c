/* One dataset: its versions, what of each was given out, where it comes from, what was found in it. */
#include "govern/catalogue_impl.h"

#include <string.h>

/* ---- What the viewer may see of it ---- */

struct one {
    struct govern *g;
    struct pd_arena *arena;
    pd_str viewer, id;
    bool is_own; /* of the viewer, or it sees all */
    struct catalogue_one *out;
    struct catalogue_version *versions;
    size_t limit;
    bool found, has_more;
};

static const struct sql FIND = {
    .both = "SELECT d.id, d.party_id, s.openness, s.grade, s.row_count, s.column_count, s.changed_at, d.title,"
            " d.created_at FROM catalogue_seen s JOIN dataset d ON d.id = s.dataset_id"
            " WHERE s.dataset_id = $1 AND s.viewer IN ($2, '" CATALOGUE_PUBLIC "')"
            " ORDER BY CASE WHEN s.viewer = $2 THEN 0 ELSE 1 END LIMIT 1"};

static enum pd_status take_dataset(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct one *o = context;
    (void)err;
    struct catalogue_dataset *d = &o->out->dataset;
    *d = (struct catalogue_dataset){.id = catalogue_id(row, 0),
                                    .party = catalogue_text(row, 1),
                                    .grade = catalogue_text(row, 3),
                                    .rows = (uint64_t)store_i64(row->rows, 4),
                                    .columns = (uint64_t)store_i64(row->rows, 5),
                                    .changed_at = store_i64(row->rows, 6),
                                    .title = catalogue_text(row, 7),
                                    .created_at = store_i64(row->rows, 8)};
    row->failed = !catalogue_openness_parse(store_str(row->rows, 2), &d->openness) || row->failed;
    o->found = *done = true;
    return PD_OK;
}

/* ---- Versions ---- */

/* $3: 1 for whom all of them are to be seen. */
#define SEEN                                                                                       \
    " WHERE v.dataset_id = $1 AND ($3 = 1 OR EXISTS (SELECT 1 FROM distribution x WHERE x.version_id = v.id" \
    " AND x.disclosed_to IN ('public', $2)))"
static const struct sql COUNT_VERSIONS = {.both = "SELECT COUNT(*) FROM version v" SEEN};
static const struct sql LIST_VERSIONS = {
    .both = "SELECT v.id, v.created_at, v.row_count, v.column_count, v.byte_count, v.grade, v.original_address, r.act_id,"
            " c.is_public FROM version v LEFT JOIN act_row r ON r.table_name = 'version' AND r.row_id = v.id"
            " AND r.revision = 1 LEFT JOIN catalogue_act c ON c.act_id = r.act_id" SEEN
            " AND v.id < $4 ORDER BY v.id DESC LIMIT $5"};

static enum pd_status take_count(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    (void)err;
    *(uint64_t *)context = (uint64_t)store_i64(row->rows, 0);
    *done = true;
    return PD_OK;
}

static enum pd_status take_version(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct one *o = context;
    (void)err;
    *done = o->has_more = o->out->count == o->limit;
    if (*done)
        return PD_OK;
    struct catalogue_version *v = &o->versions[o->out->count++];
    *v = (struct catalogue_version){.id = catalogue_id(row, 0),
                                    .created_at = store_i64(row->rows, 1),
                                    .is_whole = o->is_own,
                                    .grade = PD_STR(""),
                                    .act = PD_STR("")};
    if (o->is_own) {
        v->rows = (uint64_t)store_i64(row->rows, 2);
        v->columns = (uint64_t)store_i64(row->rows, 3);
        v->bytes = (uint64_t)store_i64(row->rows, 4);
        v->grade = catalogue_text(row, 5);
        v->has_original = !store_is_null(row->rows, 6);
    }
    if (o->is_own || store_i64(row->rows, 8) == 1)
        v->act = catalogue_text(row, 7);
    return PD_OK;
}

/* ---- Distributions ---- */

#define DISTRIBUTION                                                                               \
    "SELECT x.id, x.form, x.row_count, x.byte_count, x.disclosed_to, x.plain_hash, x.released_as,"  \
    " COALESCE(i.grade, ''), i.key_id, x.created_at, r.id, r.successor_id, r.rows_removed, k.id"    \
    " FROM distribution x LEFT JOIN inspection i ON i.id = x.id"                                    \
    " LEFT JOIN replacement r ON r.id = x.id LEFT JOIN key_destroyed k ON k.id = i.key_id"
static const struct sql LIST_DISTRIBUTIONS = {
    .both = DISTRIBUTION " WHERE x.version_id = $1 AND ($3 = 1 OR x.disclosed_to IN ('public', $2)) ORDER BY x.id"};
static const struct sql COUNT_DISTRIBUTIONS = {
    .both = "SELECT COUNT(*) FROM distribution WHERE version_id = $1"};

struct distributions {
    struct catalogue_distribution *items;
    uint64_t count, room;
};

static enum pd_status take_distribution(void *context, struct catalogue_row *row, bool *done,
                                        struct pd_error *err) {
    struct distributions *list = context;
    (void)err;
    struct catalogue_distribution *d = &list->items[list->count++];
    *d = (struct catalogue_distribution){.id = catalogue_id(row, 0),
                                         .form = catalogue_text(row, 1),
                                         .rows = (uint64_t)store_i64(row->rows, 2),
                                         .bytes = (uint64_t)store_i64(row->rows, 3),
                                         .disclosed_to = catalogue_text(row, 4),
                                         .plain_hash = catalogue_text(row, 5),
                                         .grade = catalogue_text(row, 7),
                                         .has_inspection = !store_is_null(row->rows, 8) &&
                                                           store_is_null(row->rows, 13),
                                         .created_at = store_i64(row->rows, 9),
                                         .is_withdrawn = !store_is_null(row->rows, 10),
                                         .successor = catalogue_text(row, 11),
                                         .rows_removed = (uint64_t)store_i64(row->rows, 12)};
    d->is_public = pd_str_is(d->disclosed_to, "public");
    d->released_as = d->is_withdrawn ? PD_STR("") : catalogue_text(row, 6);
    *done = list->count == list->room;
    return PD_OK;
}

static enum pd_status read_distributions(struct one *o, struct catalogue_version *v,
                                         struct pd_error *err) {
    struct distributions list = {0};
    struct store_value values[] = {STORE_STR(govern_id_text(v->id, o->arena)), STORE_STR(o->viewer),
                                   STORE_I64(o->is_own)};
    enum pd_status st = catalogue_each(o->g, COUNT_DISTRIBUTIONS, values, 1, o->arena, take_count,
                                       &list.room, err);
    if (st != PD_OK || list.room == 0)
        return st;
    list.items = pd_arena_array(o->arena, (size_t)list.room, sizeof(*list.items));
    if (!list.items)
        return pd_fail_memory(err);
    st = catalogue_each(o->g, LIST_DISTRIBUTIONS, values, 3, o->arena, take_distribution, &list, err);
    v->distributions = list.items;
    v->distribution_count = (size_t)list.count;
    return st;
}

/* ---- Lineage ---- */

static const struct sql FIND_LINEAGE = {
    .both = "SELECT l.from_version_id, l.how, l.standard_hash, l.repair_hash, COALESCE(m.name, ''), l.done,"
            " l.failures_before, l.failures_after FROM lineage l LEFT JOIN member m ON m.id = l.agreed_by"
            " WHERE l.id = $1"};

static enum pd_status take_lineage(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    struct catalogue_lineage **out = context;
    struct catalogue_lineage *l = pd_arena_alloc(row->arena, sizeof(*l));
    if (!l)
        return pd_fail_memory(err);
    *l = (struct catalogue_lineage){.from = catalogue_id(row, 0),
                                    .how = catalogue_text(row, 1),
                                    .standard_hash = catalogue_text(row, 2),
                                    .repair_hash = catalogue_text(row, 3),
                                    .agreed_by = catalogue_text(row, 4),
                                    .done = (uint64_t)store_i64(row->rows, 5),
                                    .failures_before = (uint64_t)store_i64(row->rows, 6),
                                    .failures_after = (uint64_t)store_i64(row->rows, 7)};
    *out = l;
    *done = true;
    return PD_OK;
}

static enum pd_status read_lineage(struct one *o, struct catalogue_version *v,
                                   struct pd_error *err) {
    struct catalogue_lineage *found = NULL;
    struct store_value values[] = {STORE_STR(govern_id_text(v->id, o->arena))};
    enum pd_status st = catalogue_each(o->g, FIND_LINEAGE, values, 1, o->arena, take_lineage, &found, err);
    if (found && !o->is_own)
        found->agreed_by = PD_STR("");
    v->lineage = found;
    return st;
}

/* ---- Together ---- */

static enum pd_status read_versions(struct one *o, pd_str after, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(o->id), STORE_STR(o->viewer), STORE_I64(o->is_own),
                                   STORE_STR(after), STORE_I64((int64_t)o->limit + 1)};
    enum pd_status st = catalogue_each(o->g, COUNT_VERSIONS, values, 3, o->arena, take_count,
                                       &o->out->version_count, err);
    if (st == PD_OK)
        st = catalogue_each(o->g, LIST_VERSIONS, values, 5, o->arena, take_version, o, err);
    for (size_t i = 0; st == PD_OK && i < o->out->count; i++) {
        st = read_distributions(o, &o->versions[i], err);
        if (st == PD_OK)
            st = read_lineage(o, &o->versions[i], err);
    }
    return st;
}

static bool is_own(const struct catalogue_viewer *viewer, pd_str party) {
    return viewer->sees_all || (viewer->party.len && pd_str_eq(viewer->party, party));
}

enum pd_status catalogue_dataset_find(struct govern *g, const struct catalogue_viewer *viewer,
                                      pd_id id, const struct catalogue_page *versions,
                                      struct pd_arena *arena, struct catalogue_one *out,
                                      struct pd_error *err) {
    pd_str after;
    struct catalogue_one one = {.next = PD_STR("")};
    struct one o = {.g = g,
                    .arena = arena,
                    .viewer = catalogue_viewer_name(viewer),
                    .id = govern_id_text(id, arena),
                    .out = &one};
    struct store_value values[] = {STORE_STR(o.id), STORE_STR(o.viewer)};
    enum pd_status st = catalogue_page_begin(versions, &after, &o.limit, err);
    o.versions = st == PD_OK ? pd_arena_array(arena, o.limit, sizeof(*o.versions)) : NULL;
    if (st == PD_OK && (!o.versions || !o.id.data))
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = catalogue_each(g, FIND, values, 2, arena, take_dataset, &o, err);
    if (st == PD_OK && !o.found)
        st = pd_fail(err, PD_NOT_FOUND, "there is no dataset %.*s here", pd_arg(o.id));
    if (st != PD_OK)
        return st;
    o.is_own = is_own(viewer, one.dataset.party);
    one.versions = o.versions;
    st = read_versions(&o, after, err);
    if (st == PD_OK && o.has_more)
        one.next = govern_id_text(o.versions[one.count - 1].id, arena);
    if (st == PD_OK && !one.next.data)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        *out = one;
    return st;
}

/* ---- What was found in it ---- */

/* Of a distribution its own, of a version that of the source. */
static const struct sql FIND_INSPECTION = {
    .both = "SELECT i.key_id, i.sealed_inspection, '" EFFECT_OF_DISTRIBUTION "' FROM distribution x"
            " JOIN inspection i ON i.id = x.id JOIN version v ON v.id = x.version_id JOIN dataset d ON d.id = v.dataset_id"
            " WHERE x.id = $1 AND (x.disclosed_to IN ('public', $2) OR d.party_id = $2 OR $2 = '" CATALOGUE_ALL "')"
            " UNION ALL SELECT v.key_id, v.sealed_inspection, '" EFFECT_OF_VERSION "' FROM version v"
            " JOIN dataset d ON d.id = v.dataset_id WHERE v.id = $1 AND (d.party_id = $2 OR $2 = '" CATALOGUE_ALL "')"};

struct inspecting {
    struct govern *g;
    pd_str json;
    bool found;
};

static enum pd_status take_inspection(void *context, struct catalogue_row *row, bool *done,
                                      struct pd_error *err) {
    struct inspecting *i = context;
    pd_str label = catalogue_text(row, 2);
    *done = true;
    return row->failed ? PD_OK
                       : catalogue_unseal(i->g, store_str(row->rows, 0), label.data,
                                          store_str(row->rows, 1), row->arena, &i->json, &i->found, err);
}

enum pd_status catalogue_inspection(struct govern *g, const struct catalogue_viewer *viewer, pd_id id,
                                    struct pd_arena *arena, pd_str *json, struct pd_error *err) {
    pd_str text = govern_id_text(id, arena);
    struct inspecting i = {.g = g};
    struct store_value values[] = {STORE_STR(text), STORE_STR(catalogue_viewer_name(viewer))};
    enum pd_status st = catalogue_each(g, FIND_INSPECTION, values, 2, arena, take_inspection, &i, err);
    if (st == PD_OK && !i.found)
        st = pd_fail(err, PD_NOT_FOUND, "there is no inspection of %.*s here", pd_arg(text));
    if (st == PD_OK)
        *json = i.json;
    return st;
}

/* ---- Which dataset ---- */

static const struct sql FIND_OF = {
    .both = "SELECT v.dataset_id FROM version v JOIN dataset d ON d.id = v.dataset_id WHERE"
            " (v.id = $1 OR v.id = (SELECT x.version_id FROM distribution x WHERE x.id = $1)) AND (d.party_id = $2 OR"
            " $2 = '" CATALOGUE_ALL "' OR EXISTS (SELECT 1 FROM distribution x WHERE x.version_id = v.id AND"
            " x.disclosed_to IN ('public', $2) AND (x.id = $1 OR v.id = $1)))"};

struct of {
    pd_id id;
    bool found;
};

static enum pd_status take_of(void *context, struct catalogue_row *row, bool *done,
                              struct pd_error *err) {
    (void)err;
    *(struct of *)context = (struct of){catalogue_id(row, 0), true};
    *done = true;
    return PD_OK;
}

enum pd_status catalogue_dataset_of(struct govern *g, const struct catalogue_viewer *viewer, pd_id id,
                                    pd_id *dataset, struct pd_error *err) {
    char text[PD_ID_TEXT_SIZE];
    struct of of = {0};
    pd_id_write(id, text);
    struct store_value values[] = {STORE_STR(pd_str_from(text)), STORE_STR(catalogue_viewer_name(viewer))};
    enum pd_status st = catalogue_each(g, FIND_OF, values, 2, NULL, take_of, &of, err);
    if (st == PD_OK && !of.found)
        st = pd_fail(err, PD_NOT_FOUND, "there is no version or distribution %s here", text);
    if (st == PD_OK)
        *dataset = of.id;
    return st;
}

/* ---- Its bytes ---- */

static const struct sql FIND_FILE = {
    .both = "SELECT x.key_id, x.address, x.byte_count FROM distribution x JOIN version v ON v.id = x.version_id"
            " JOIN dataset d ON d.id = v.dataset_id WHERE x.id = $1 AND (x.disclosed_to IN ('public', $2)"
            " OR d.party_id = $2 OR $2 = '" CATALOGUE_ALL "')"
            " AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = x.id)"};

struct file {
    pd_id key;
    crypto_hash address;
    uint64_t bytes;
    bool found;
};

static enum pd_status take_file(void *context, struct catalogue_row *row, bool *done,
                                struct pd_error *err) {
    struct file *f = context;
    (void)err;
    f->key = catalogue_id(row, 0);
    f->bytes = (uint64_t)store_i64(row->rows, 2);
    f->found = true;
    row->failed = !pd_hex_decode(store_str(row->rows, 1), f->address.bytes, sizeof(f->address.bytes)) || row->failed;
    *done = true;
    return PD_OK;
}

/* Stored as it came: for its own party alone, auditors excluded. */
static const struct sql FIND_ORIGINAL = {
    .both = "SELECT v.key_id, v.original_address, v.byte_count FROM version v JOIN dataset d ON d.id = v.dataset_id"
            " WHERE v.id = $1 AND v.original_address IS NOT NULL AND d.party_id = $2"};

static enum pd_status open_file(struct govern *g, struct sql find, pd_id id, pd_str viewer,
                                const char *noun, struct store_reader **out, uint64_t *bytes,
                                struct pd_error *err) {
    char text[PD_ID_TEXT_SIZE];
    struct file f = {0};
    struct store_key key;
    pd_id_write(id, text);
    struct store_value values[] = {STORE_STR(pd_str_from(text)), STORE_STR(viewer)};
    enum pd_status st = catalogue_each(g, find, values, 2, NULL, take_file, &f, err);
    if (st == PD_OK && !f.found)
        st = pd_fail(err, PD_NOT_FOUND, "there is no %s %s here", noun, text);
    if (st == PD_OK)
        st = store_key_find(g->store, f.key, &key, err);
    if (st != PD_OK)
        return st;
    st = store_vault_open(g->store, &key, f.address, out, err);
    crypto_wipe(&key, sizeof(key));
    *bytes = f.bytes;
    return st;
}

enum pd_status catalogue_file_open(struct govern *g, const struct catalogue_viewer *viewer,
                                   pd_id distribution, struct store_reader **out, uint64_t *bytes,
                                   struct pd_error *err) {
    return open_file(g, FIND_FILE, distribution, catalogue_viewer_name(viewer), "distribution", out,
                     bytes, err);
}

enum pd_status catalogue_original_open(struct govern *g, pd_str party, pd_id version,
                                       struct store_reader **out, uint64_t *bytes,
                                       struct pd_error *err) {
    return open_file(g, FIND_ORIGINAL, version, party, "version with its original", out, bytes, err);
}
