/* A version made of another one by repairs that a steward agreed to: what must be so before the law
 * is asked, and where the new version comes from. */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <string.h>

enum { REPAIR_KEPT_BYTES = 16 << 20 };

/* ---- Who agreed, and to what ---- */

static enum pd_status check_agreement(struct govern_run *run,
                                      const struct standard_repair_file *file,
                                      struct pd_error *err) {
    bool may = false;
    size_t agreed = 0;
    for (size_t i = 0; i < file->repairs.count; i++)
        agreed += file->repairs.list[i].is_agreed;
    if (agreed == 0)
        return pd_fail(err, PD_USAGE,
                       "the file of repairs agrees to nothing: set \"agreed\": true in the groups "
                       "that are right (or polder standard repair --agree)");
    if (file->agreed_by.len == 0)
        return pd_fail(err, PD_USAGE,
                       "the file of repairs doesn't say who agreed: \"agreed_by\" must name the "
                       "member");
    if (!pd_str_eq(file->agreed_by, run->request.member))
        return pd_fail(
            err, PD_DENIED,
            "%.*s agreed to these repairs, and %.*s acts: only who agreed may carry them "
            "out",
            pd_arg(file->agreed_by), pd_arg(run->request.member));
    enum pd_status st = govern_may_sign(run->g, run->request.party, run->request.member, &may, err);
    if (st == PD_OK && !may)
        st = pd_fail(err, PD_DENIED,
                     "%.*s may not agree to repairs for %.*s: only a member with the duty steward "
                     "may",
                     pd_arg(run->request.member), pd_arg(run->request.party));
    return st;
}

/* ---- The version that was repaired ---- */

static const struct sql FIND_VERSIONS = {
    .both = "SELECT r.row_id, a.intent_id FROM version v"
            " JOIN dataset d ON d.id = v.dataset_id"
            " JOIN act_row r ON r.table_name = 'version' AND r.row_id = v.id AND r.revision = 1"
            " JOIN act a ON a.id = r.act_id"
            " WHERE d.party_id = $1 AND d.title = $2 ORDER BY v.id DESC"};

struct candidate {
    pd_str version;
    pd_id intent;
};

static enum pd_status list_versions(struct govern_run *run, struct candidate **out, size_t *count,
                                    struct pd_error *err) {
    pd_str title;
    struct store_rows *rows;
    size_t room = 0;
    *out = NULL;
    *count = 0;
    enum pd_status st = effect_title(&run->request, run->arena, &title, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(run->request.party), STORE_STR(title)};
    st = store_select(run->g->store, FIND_VERSIONS, values, 2, &rows, err);
    bool has = st == PD_OK;
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        if (*count == room) {
            room = room ? 2 * room : 16;
            struct candidate *grown = pd_arena_array(run->arena, room, sizeof(*grown));
            if (!grown) {
                st = pd_fail_memory(err);
                break;
            }
            if (*count > 0)
                memcpy(grown, *out, *count * sizeof(*grown));
            *out = grown;
        }
        struct candidate *c = &(*out)[*count];
        c->version = pd_arena_str(run->arena, store_str(rows, 0));
        *count += pd_id_parse(store_str(rows, 1), &c->intent);
    }
    store_rows_close(rows);
    return st;
}

/* What the version's source held, as its intent says. A key that was destroyed leaves it unknown.
 */
static bool is_of_content(struct govern_run *run, const struct candidate *c, pd_str content) {
    struct pd_error ignored;
    json_t *json = NULL;
    if (intent_open(run->g, c->intent, run->arena, &json, NULL, &ignored) != PD_OK)
        return false;
    const char *text = json_string_value(json_object_get(json, "content"));
    bool is = text && pd_str_is(content, text);
    json_decref(json);
    return is;
}

static enum pd_status find_from(struct govern_run *run, const struct govern_repair *repair,
                                pd_str content, pd_str *out, struct pd_error *err) {
    struct candidate *list;
    size_t count;
    pd_str wanted = repair->has_from ? govern_id_text(repair->from, run->arena) : PD_STR("");
    enum pd_status st = list_versions(run, &list, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        if ((wanted.len > 0 && !pd_str_eq(list[i].version, wanted)) ||
            !is_of_content(run, &list[i], content))
            continue;
        *out = list[i].version;
        return PD_OK;
    }
    if (st != PD_OK)
        return st;
    if (wanted.len > 0)
        return pd_fail(err, PD_NOT_FOUND,
                       "%.*s is no version of \"%.*s\" that was made from these bytes",
                       pd_arg(wanted), pd_arg(run->request.title));
    return pd_fail(err, PD_NOT_FOUND,
                   "no version of \"%.*s\" was made from %.*s as it is, so there is nothing that "
                   "repairs could start from: govern it first (--for store keeps the original)",
                   pd_arg(run->request.title), pd_arg(source_name(run->source)));
}

/* ---- Before the law is asked ---- */

static enum pd_status read_texts(struct govern_run *run, const struct govern_repair *repair,
                                 struct govern_mended *m, const struct standard **standard,
                                 struct standard_repair_file *file, struct pd_error *err) {
    if (repair->file.len > REPAIR_KEPT_BYTES)
        return pd_fail(err, PD_LIMIT,
                       "the file of repairs has more than %d MiB, which is what is kept with a "
                       "version: carry them out in several turns",
                       REPAIR_KEPT_BYTES >> 20);
    if (standard_parse(repair->standard, run->arena, standard, err) != PD_OK)
        return pd_wrap(err, "the standard");
    if (standard_repair_parse(repair->file, run->arena, file, err) != PD_OK)
        return pd_wrap(err, "the file of repairs");
    m->standard_hash = crypto_sha256(repair->standard.data, repair->standard.len);
    m->repair_hash = crypto_sha256(repair->file.data, repair->file.len);
    m->standard = pd_arena_str(run->arena, standard_name(*standard));
    run->repair_text = pd_arena_str(run->arena, repair->file);
    if (!m->standard.data || !run->repair_text.data)
        return pd_fail_memory(err);
    if (!pd_str_eq(govern_hash_text(&m->standard_hash, run->arena), file->standard_hash))
        return pd_fail(
            err, PD_CONFLICT,
            "the repairs were proposed by another standard, or by another wording of it; "
            "look for repairs again");
    m->agreed_by = file->agreed_by;
    return check_agreement(run, file, err);
}

/* Where rows that are neither source nor version are kept while the table is read. */
static const char *spool_folder(struct govern_run *run) {
    return pd_arena_printf(run->arena, "%s/staging", store_folder(run->g->store)).data;
}

static enum pd_status mend(struct govern_run *run, const struct standard *standard,
                           const struct standard_repair_file *file, struct govern_mended *m,
                           struct pd_error *err) {
    struct govern_check check = {.standard = standard,
                                 .form = &run->request.form,
                                 .now = pd_clock_now(&run->g->clock),
                                 .progress = run->progress,
                                 .arena = run->arena};
    const char *spool = spool_folder(run);
    crypto_hash content;
    if (!spool)
        return pd_fail_memory(err);
    enum pd_status st = govern_check_run(&check, run->source, &run->checkers[0], &m->was, err);
    if (st == PD_OK)
        st = govern_repairs_apply(&check, run->source, &file->repairs, spool, &run->mended,
                                  &m->done, &content, err);
    if (st != PD_OK)
        return st;
    pd_hex_encode(content.bytes, sizeof(content.bytes), run->original);
    if (!pd_str_is(file->source_hash, run->original))
        return pd_fail(err, PD_CONFLICT,
                       "%.*s isn't the table for which the repairs were proposed: its content "
                       "differs; look for repairs again",
                       pd_arg(source_name(run->source)));
    check.form = NULL;
    return govern_check_run(&check, run->mended, &run->checkers[1], &m->is, err);
}

enum pd_status repair_prepare(struct govern_run *run, const struct govern_repair *repair,
                              struct pd_error *err) {
    struct govern_mended *m = pd_arena_alloc(run->arena, sizeof(*m));
    const struct standard *standard = NULL;
    struct standard_repair_file file;
    if (!m)
        return pd_fail_memory(err);
    enum pd_status st = read_texts(run, repair, m, &standard, &file, err);
    if (st == PD_OK)
        st = mend(run, standard, &file, m, err);
    if (st == PD_OK)
        st = find_from(run, repair, pd_str_from(run->original), &m->from_version, err);
    if (st != PD_OK)
        return st;
    run->source = run->mended;
    run->result.mended = m;
    return PD_OK;
}

/* ---- With the version ---- */

enum pd_status repair_stage(struct govern_run *run, const struct store_key *key, pd_str *sealed,
                            struct pd_error *err) {
    if (!run->result.mended)
        return PD_OK;
    return store_seal(key, PD_STR("lineage.repair"), run->repair_text, run->arena, sealed, err);
}

static const struct sql INSERT_LINEAGE = {
    .both = "INSERT INTO lineage (id, from_version_id, how, standard_hash, repair_hash, agreed_by,"
            " done, failures_before, failures_after, key_id, sealed_repair, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};

enum pd_status repair_save(struct govern_run *run, struct govern *g, struct act *act,
                           pd_str version, pd_id key, pd_str sealed, struct pd_error *err) {
    const struct govern_mended *m = run->result.mended;
    if (!m)
        return PD_OK;
    struct store_value values[] = {STORE_STR(version),
                                   STORE_STR(m->from_version),
                                   STORE_STR(PD_STR("repair")),
                                   STORE_STR(govern_hash_text(&m->standard_hash, act->arena)),
                                   STORE_STR(govern_hash_text(&m->repair_hash, act->arena)),
                                   STORE_STR(run->member_id),
                                   STORE_I64((int64_t)m->done),
                                   STORE_I64((int64_t)m->was->failures),
                                   STORE_I64((int64_t)m->is->failures),
                                   STORE_STR(govern_id_text(key, act->arena)),
                                   STORE_BYTES(sealed),
                                   STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_LINEAGE, values, 12, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "lineage", version, err) : st;
}

void repair_write(const struct govern_run *run, struct pd_json *w) {
    const struct govern_mended *m = run->result.mended;
    pd_json_object(w);
    pd_json_member_text(w, "how", "repair");
    pd_json_member_str(w, "from_version", m->from_version);
    pd_json_member_str(w, "standard", m->standard);
    pd_json_key(w, "standard_hash");
    pd_json_hex(w, m->standard_hash.bytes, sizeof(m->standard_hash.bytes));
    pd_json_key(w, "repair_hash");
    pd_json_hex(w, m->repair_hash.bytes, sizeof(m->repair_hash.bytes));
    pd_json_member_str(w, "agreed_by", m->agreed_by);
    pd_json_member_i64(w, "done", (int64_t)m->done);
    pd_json_member_i64(w, "failures_before", (int64_t)m->was->failures);
    pd_json_member_i64(w, "failures_after", (int64_t)m->is->failures);
    pd_json_object_end(w);
}
