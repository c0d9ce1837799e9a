/* Raising a demand, and backing one. */
#include "govern/demand.h"
#include "govern/case.h"

#include <string.h>

enum { PURPOSE_MAX = 1000 };
static const pd_str LABEL = PD_STR_INIT("demand.text");

static const char *const HOW_OFTEN[] = {"once",    "live",      "daily", "weekly",
                                        "monthly", "quarterly", "yearly"};
enum { HOW_OFTEN_COUNT = sizeof(HOW_OFTEN) / sizeof(*HOW_OFTEN) };

const char *govern_how_often(size_t n) {
    return n < HOW_OFTEN_COUNT ? HOW_OFTEN[n] : NULL;
}

/* ---- Whether something fits, and who answers ---- */

static enum pd_status check_words(const struct govern_demanding *given, struct pd_error *err) {
    bool is_known = false;
    for (size_t i = 0; i < HOW_OFTEN_COUNT; i++)
        is_known = is_known || pd_str_is(given->how_often, HOW_OFTEN[i]);
    enum pd_status st = case_check_text(given->need, "what is needed", GOVERN_NEED_MAX, err);
    if (st == PD_OK)
        st = case_check_text(given->purpose, "what it is for", PURPOSE_MAX, err);
    if (st == PD_OK && !is_known)
        st = pd_fail(err, PD_USAGE,
                     "\"%.*s\" doesn't say how often: there are once, live, daily, weekly, monthly, "
                     "quarterly, yearly",
                     pd_arg(pd_str_sub(given->how_often, 0, 40)));
    return st;
}

static pd_str words_of(pd_str map, struct pd_arena *arena) {
    pd_str text = pd_json_read_text(pd_json_find(map, "en"), arena);
    return text.data ? text : pd_json_read_text(pd_json_find(map, "zh"), arena);
}

static enum pd_status fail_fits(const struct govern_match *m, struct pd_arena *arena,
                                struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(m->dataset, id);
    return pd_fail(err, PD_CONFLICT,
                   "the catalogue has what may fit: \"%.*s\" of \"%.*s\" (%s), with %u%% of what is "
                   "asked for; if it isn't right, say so (--none-fits)",
                   pd_arg(words_of(m->title, arena)), pd_arg(m->party), id,
                   m->covered_permille / 10);
}

static const struct sql FIND_AUTHORITY = {
    .both = "SELECT id FROM party WHERE kind = 'authority' AND chamber = 'government' ORDER BY id LIMIT 1"};

static enum pd_status find_authority(struct govern *g, struct pd_arena *arena, pd_str *out,
                                     struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_AUTHORITY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        *out = pd_arena_str(arena, store_str(rows, 0));
        st = out->data ? PD_OK : pd_fail_memory(err);
    } else if (st == PD_OK) {
        st = pd_fail(err, PD_USAGE,
                     "nothing in the catalogue comes near, and this node has no coordinating "
                     "authority: who must answer? Name the party (--to)");
    }
    store_rows_close(rows);
    return st;
}

/* Who must answer: who was named, else who holds what comes nearest, else the coordinating authority. */
static enum pd_status find_responsible(struct govern *g, const struct govern_demanding *given,
                                       struct pd_arena *arena, pd_str *responsible,
                                       struct pd_error *err) {
    struct catalogue_viewer viewer = {.party = given->party};
    const struct govern_match *matches;
    size_t count;
    *responsible = given->responsible;
    enum pd_status st = govern_demand_match(g, &viewer, given->need, arena, &matches, &count, err);
    if (st != PD_OK)
        return st;
    if (count && matches[0].fits && !given->is_none_right)
        return fail_fits(&matches[0], arena, err);
    if (given->dataset.len || given->responsible.len)
        return PD_OK;
    for (size_t i = 0; i < count; i++)
        if (!matches[i].is_own) {
            *responsible = matches[i].party;
            return PD_OK;
        }
    return find_authority(g, arena, responsible, err);
}

/* ---- Raising it ---- */

struct demanding {
    const struct govern_demanding *given;
    pd_str sealed;
};

static enum pd_status seal_words(void *context, struct act *act, pd_str case_id,
                                 struct pd_arena *arena, struct pd_error *err) {
    struct demanding *d = context;
    struct pd_buf buf;
    struct pd_json w;
    pd_str json;
    (void)case_id;
    pd_buf_init(&buf, 1 << 15);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "need", d->given->need);
    pd_json_member_str(&w, "purpose", d->given->purpose);
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, &json, err);
    return st == PD_OK ? store_seal(&act->key, LABEL, json, arena, &d->sealed, err) : st;
}

static const struct sql INSERT_DEMAND = {
    .both = "INSERT INTO demand (id, act_id, how_often, is_sealed, key_id, sealed_text, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)"};

static enum pd_status save_demand(void *context, struct govern *g, struct act *act, pd_str case_id,
                                  struct pd_error *err) {
    const struct demanding *d = context;
    pd_str by = govern_id_text(act->id, act->arena), key = govern_id_text(act->key.id, act->arena);
    struct store_value values[] = {STORE_STR(case_id),
                                   STORE_STR(by),
                                   STORE_STR(d->given->how_often),
                                   STORE_I64(d->given->is_sealed),
                                   STORE_STR(key),
                                   STORE_BYTES(d->sealed),
                                   STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_DEMAND, values, 7, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "demand", case_id, err) : st;
}

enum pd_status govern_demand(struct govern *g, const struct govern_demanding *given,
                             struct pd_arena *arena, pd_id *id, const struct govern_outcome **out,
                             struct pd_error *err) {
    struct demanding d = {.given = given};
    struct case_more more = {seal_words, save_demand, &d};
    pd_str responsible;
    struct law_party party;
    enum pd_status st = check_words(given, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &party, NULL, err);
    if (st == PD_OK)
        st = find_responsible(g, given, arena, &responsible, err);
    if (st != PD_OK)
        return st;
    /* What stands in the thread, for who must answer. */
    pd_str subject = pd_arena_printf(arena, "%.*s\n\nFor: %.*s\nHow often: %.*s", pd_arg(given->need),
                                     pd_arg(given->purpose), pd_arg(given->how_often));
    if (!subject.data)
        return pd_fail_memory(err);
    struct govern_raising raising = {.kind = PD_STR("demand"),
                                     .party = given->party,
                                     .member = given->member,
                                     .dataset = given->dataset,
                                     .responsible = responsible,
                                     .subject = subject,
                                     .declared = given->declared,
                                     .declared_count = given->declared_count,
                                     .attested = given->attested,
                                     .attested_count = given->attested_count,
                                     .private_key = given->private_key,
                                     .evidence = given->evidence};
    return case_raise(g, &raising, &more, arena, id, out, err);
}

/* ---- Backing it ---- */

struct backing {
    const struct govern_backing *given;
    const struct govern_demand *demand;
    pd_str demand_id, member;
};

static const struct sql INSERT_BACKING = {
    .both = "INSERT INTO demand_backing (id, demand_id, party_id, member_id, made_at)"
            " VALUES ($1, $2, $3, $4, $5)"};
static const struct sql FIND_BACKING = {
    .both = "SELECT (SELECT COUNT(*) FROM demand_backing WHERE demand_id = $1 AND party_id = $2),"
            " (SELECT state FROM case_entry WHERE case_id = $1 ORDER BY made_at DESC, id DESC LIMIT 1)"};

/* It may have been answered, or backed, since it was read. */
static enum pd_status check_still(struct govern *g, const struct backing *b, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(b->demand_id), STORE_STR(b->given->party)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_BACKING, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || store_i64(rows, 0) != 0))
        st = pd_fail(err, PD_CONFLICT, "\"%.*s\" backs this demand already",
                     pd_arg(b->given->party));
    if (st == PD_OK && !pd_str_is(store_str(rows, 1), "raised") &&
        !pd_str_is(store_str(rows, 1), "escalated"))
        st = pd_fail(err, PD_CONFLICT, "this demand is %.*s: it can't be backed any more",
                     pd_arg(store_str(rows, 1)));
    store_rows_close(rows);
    return st;
}

static enum pd_status save_backing(void *context, struct govern *g, struct act *act,
                                   struct pd_error *err) {
    const struct backing *b = context;
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(id), STORE_STR(b->demand_id),
                                   STORE_STR(b->given->party), STORE_STR(b->member),
                                   STORE_I64(act->at)};
    enum pd_status st = check_still(g, b, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_BACKING, values, 5, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "demand_backing", id, err) : st;
}

static enum pd_status sign(const struct backing *b, pd_str vkey, struct act *act,
                           struct pd_arena *arena, struct pd_error *err) {
    char time[PD_TIME_TEXT_SIZE];
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_str text = pd_arena_printf(arena, "polder-backing/v1\ndemand %.*s\nmember %.*s\ntime %s\n",
                                  pd_arg(b->demand_id), pd_arg(b->member), time);
    return text.data ? attest_sign(b->given->party, b->given->private_key, vkey, text, act, err)
                     : pd_fail_memory(err);
}

static enum pd_status commit_backing(struct govern *g, struct backing *b,
                                     const struct law_party *party, pd_str vkey,
                                     struct pd_arena *arena, const struct govern_outcome **out,
                                     struct pd_error *err) {
    struct act act = {.verb = LEDGER_AGREE,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .party = b->given->party,
                      .member = b->member,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_CASE,
                      .object_id = b->given->demand,
                      .effect = save_backing,
                      .context = b};
    enum pd_status st = act_begin(g, &act, err);
    if (st == PD_OK && b->given->private_key.len)
        st = sign(b, vkey, &act, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, b->member, arena, err);
    if (st != PD_OK)
        return st;
    struct law_case law = {.verb = PD_STR("agree"),
                           .party = *party,
                           .resource_type = PD_STR("Case"),
                           .resource_id = b->demand_id,
                           .now = act.at};
    return act_govern(g, &act, &law, arena, out, err);
}

enum pd_status govern_demand_back(struct govern *g, const struct govern_backing *given,
                                  struct pd_arena *arena, const struct govern_outcome **out,
                                  struct pd_error *err) {
    struct backing b = {.given = given, .demand_id = govern_id_text(given->demand, arena)};
    struct catalogue_viewer viewer = {.party = given->party};
    struct law_party party;
    pd_str vkey;
    size_t count;
    enum pd_status st = b.demand_id.data ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &party, &vkey, err);
    if (st == PD_OK)
        st = node_find_member(g, given->party, given->member, arena, &b.member, NULL, err);
    if (st == PD_OK)
        st = govern_demands(g, &viewer, &given->demand, arena, &b.demand, &count, err);
    if (st == PD_OK && pd_str_eq(b.demand->raised->party, given->party))
        st = pd_fail(err, PD_CONFLICT, "\"%.*s\" raised this demand itself", pd_arg(given->party));
    if (st == PD_OK && !b.demand->is_readable)
        st = pd_fail(err, PD_DENIED,
                     "this demand is sealed until it is answered: only \"%.*s\" and \"%.*s\" know it",
                     pd_arg(b.demand->raised->party), pd_arg(b.demand->raised->responsible));
    return st == PD_OK ? commit_backing(g, &b, &party, vkey, arena, out, err) : st;
}
