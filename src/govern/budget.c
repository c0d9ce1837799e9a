/* Budgets of privacy: agreed to, spent, and denied when they are used up. */
#include "govern/govern_impl.h"
#include "govern/growing.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define ATTO 1e18

/* ---- What is so ---- */

struct limit {
    bool is_there;
    int64_t epsilon_micro, delta_atto;
};
struct spent {
    int64_t answers, epsilon_micro, rho_nano, delta_atto, impure;
};

static const struct sql FIND_BUDGET = {
    .both = "SELECT epsilon_micro, delta_atto FROM privacy_budget WHERE dataset_id = $1 AND "
            "consumer_id = $2 ORDER BY id DESC LIMIT 1"};
static const struct sql SUM_SPENT = {
    .both = "SELECT COUNT(*), CAST(COALESCE(SUM(epsilon_micro), 0) AS BIGINT),"
            " CAST(COALESCE(SUM(rho_nano), 0) AS BIGINT),"
            " CAST(COALESCE(SUM(delta_atto), 0) AS BIGINT),"
            " CAST(COALESCE(SUM(CASE WHEN epsilon_micro = 0 THEN 1 ELSE 0 END), 0) AS BIGINT)"
            " FROM privacy_spend WHERE dataset_id = $1 AND consumer_id = $2"};

static enum pd_status find_limit(struct govern *g, pd_str dataset, pd_str consumer,
                                 struct limit *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(dataset), STORE_STR(consumer)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_BUDGET, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    *out = (struct limit){0};
    st = store_next(rows, &out->is_there, err);
    if (st == PD_OK && out->is_there) {
        out->epsilon_micro = store_i64(rows, 0);
        out->delta_atto = store_i64(rows, 1);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status find_spent(struct govern *g, pd_str dataset, pd_str consumer,
                                 struct spent *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(dataset), STORE_STR(consumer)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, SUM_SPENT, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK)
        *out = (struct spent){store_i64(rows, 0), store_i64(rows, 1), store_i64(rows, 2),
                              store_i64(rows, 3), store_i64(rows, 4)};
    store_rows_close(rows);
    return st;
}

/* The epsilon of all answers together, at the limit's delta: by adding up pure ones, or by zCDP. */
static double epsilon_of(const struct spent *s, double delta) {
    double left = delta - (double)s->delta_atto / ATTO;
    double pure = s->impure == 0 && left >= 0 ? (double)s->epsilon_micro / 1e6 : INFINITY;
    double zcdp = left > 0 ? protect_zcdp_epsilon((double)s->rho_nano / 1e9, left) : INFINITY;
    return s->answers == 0 ? 0 : fmin(pure, zcdp);
}

static bool is_within(const struct limit *limit, const struct spent *s) {
    double allowed = (double)limit->epsilon_micro / 1e6;
    return epsilon_of(s, (double)limit->delta_atto / ATTO) <= allowed * (1 + 1e-12);
}

/* ---- Who acts on what ---- */

static const struct sql FIND_OWNER = {.both = "SELECT party_id FROM dataset WHERE id = $1"};

struct acting {
    const struct govern_budget_actor *given;
    struct law_party party;
    pd_str vkey, member, dataset;
};

static enum pd_status check_dataset(struct govern *g, const struct acting *a,
                                    struct pd_error *err) {
    struct store_value values[] = {STORE_STR(a->dataset)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_OWNER, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st =
            pd_fail(err, PD_NOT_FOUND, "there is no dataset %.*s on this node", pd_arg(a->dataset));
    if (st == PD_OK && !pd_str_eq(store_str(rows, 0), a->given->party))
        st = pd_fail(err, PD_DENIED, "the dataset %.*s is of \"%.*s\", not of \"%.*s\"",
                     pd_arg(a->dataset), pd_arg(store_str(rows, 0)), pd_arg(a->given->party));
    store_rows_close(rows);
    return st;
}

static enum pd_status find_actor(struct govern *g, const struct govern_budget_actor *given,
                                 struct pd_arena *arena, struct acting *a, struct pd_error *err) {
    unsigned duties = 0;
    struct law_party consumer;
    *a = (struct acting){.given = given, .dataset = govern_id_text(given->dataset, arena)};
    if (!a->dataset.data)
        return pd_fail_memory(err);
    enum pd_status st = node_find_party(g, given->party, arena, &a->party, &a->vkey, err);
    if (st == PD_OK)
        st = node_find_member(g, given->party, given->member, arena, &a->member, &duties, err);
    if (st == PD_OK && !(duties & (NODE_OWNER | NODE_STEWARD)))
        st = pd_fail(err, PD_DENIED,
                     "%.*s has no right over budgets of %.*s: only a member with the duty owner or "
                     "steward may agree to them and spend them",
                     pd_arg(given->member), pd_arg(given->party));
    if (st == PD_OK && !pd_str_is(given->consumer, "public"))
        st = node_find_party(g, given->consumer, arena, &consumer, NULL, err);
    return st == PD_OK ? check_dataset(g, a, err) : st;
}

static enum pd_status begin(struct govern *g, const struct acting *a, pd_str words, struct act *act,
                            struct pd_arena *arena, struct pd_error *err) {
    act->party = a->given->party;
    act->member = a->member;
    act->has_object = true;
    act->object_kind = LEDGER_KIND_DATASET;
    act->object_id = a->given->dataset;
    enum pd_status st = act_begin(g, act, err);
    if (st != PD_OK)
        return st;
    char id[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE];
    pd_id_write(act->id, id);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_str text =
        pd_arena_printf(arena,
                        "polder-budget/v1\nact %s\ndataset %.*s\nconsumer %.*s\n%.*s\n"
                        "time %s\n",
                        id, pd_arg(a->dataset), pd_arg(a->given->consumer), pd_arg(words), time);
    if (!text.data)
        return pd_fail_memory(err);
    st = attest_sign(a->given->party, a->given->private_key, a->vkey, text, act, err);
    if (st == PD_OK)
        st = record_commit_text(act, LEDGER_FIELD_MEMBER, a->member, arena, err);
    return st == PD_OK
               ? record_commit_text(act, LEDGER_FIELD_RECIPIENT, a->given->consumer, arena, err)
               : st;
}

static struct law_case ask_law(const struct acting *a, const struct act *act) {
    return (struct law_case){.verb = PD_STR("agree"),
                             .party = a->party,
                             .member = a->member,
                             .resource_type = PD_STR("Party"),
                             .resource_id = a->given->party,
                             .now = act->at};
}

/* ---- Agreeing ---- */

struct agreeing {
    const struct acting *a;
    pd_str id;
    int64_t epsilon_micro, delta_atto;
};

static const struct sql INSERT_BUDGET = {
    .both = "INSERT INTO privacy_budget (id, dataset_id, consumer_id, epsilon_micro, delta_atto, "
            "member_id, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};

static enum pd_status save_budget(void *context, struct govern *g, struct act *act,
                                  struct pd_error *err) {
    const struct agreeing *n = context;
    struct store_value values[] = {STORE_STR(n->id),
                                   STORE_STR(n->a->dataset),
                                   STORE_STR(n->a->given->consumer),
                                   STORE_I64(n->epsilon_micro),
                                   STORE_I64(n->delta_atto),
                                   STORE_STR(n->a->member),
                                   STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_BUDGET, values, 7, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "privacy_budget", n->id, err) : st;
}

enum pd_status govern_budget_agree(struct govern *g, const struct govern_budget_actor *actor,
                                   uint64_t epsilon_micro, double delta, struct pd_arena *arena,
                                   const struct govern_outcome **out, struct pd_error *err) {
    struct acting a;
    if (epsilon_micro == 0 || epsilon_micro > 20000000)
        return pd_fail(err, PD_USAGE,
                       "a budget is an epsilon above 0 and at most 20, and 20 is hardly privacy: "
                       "between 1 and 4 is usual");
    if (!(delta >= 0 && delta < 1e-2))
        return pd_fail(err, PD_USAGE,
                       "a delta is at least 0 and below 0.01, and should be far below 1 / persons");
    enum pd_status st = find_actor(g, actor, arena, &a, err);
    if (st != PD_OK)
        return st;
    struct agreeing n = {
        .a = &a, .epsilon_micro = (int64_t)epsilon_micro, .delta_atto = (int64_t)(delta * ATTO)};
    struct act act = {
        .verb = LEDGER_AGREE, .outcome = LEDGER_OUTCOME_DONE, .effect = save_budget, .context = &n};
    pd_str words = pd_arena_printf(arena, "budget %lld %lld", (long long)n.epsilon_micro,
                                   (long long)n.delta_atto);
    st = words.data ? begin(g, &a, words, &act, arena, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_VALUE, words, arena, err);
    if (st != PD_OK)
        return st;
    n.id = govern_id_text(crypto_id(act.at), arena); /* ids ascend: the newest counts */
    struct law_case law = ask_law(&a, &act);
    return n.id.data ? act_govern(g, &act, &law, arena, out, err) : pd_fail_memory(err);
}

/* ---- Spending ---- */

struct spending {
    const struct acting *a;
    pd_str id;
    int64_t epsilon_micro, rho_nano, delta_atto;
    struct limit limit;
    struct spent after;
};

static const struct sql INSERT_SPEND = {
    .both = "INSERT INTO privacy_spend (id, dataset_id, consumer_id, epsilon_micro, rho_nano, "
            "delta_atto, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};

/* Sums and compares inside the transaction: two answers at once can't both take the last of it. */
static enum pd_status save_spend(void *context, struct govern *g, struct act *act,
                                 struct pd_error *err) {
    struct spending *s = context;
    pd_str dataset = s->a->dataset, consumer = s->a->given->consumer;
    struct spent before;
    enum pd_status st = find_limit(g, dataset, consumer, &s->limit, err);
    if (st == PD_OK && !s->limit.is_there)
        return pd_fail(err, PD_DENIED,
                       "\"%.*s\" has no budget for the dataset %.*s: its owner agrees to one with "
                       "polder stats agree",
                       pd_arg(consumer), pd_arg(dataset));
    if (st == PD_OK)
        st = find_spent(g, dataset, consumer, &before, err);
    if (st != PD_OK)
        return st;
    s->after = (struct spent){before.answers + 1, before.epsilon_micro + s->epsilon_micro,
                              before.rho_nano + s->rho_nano, before.delta_atto + s->delta_atto,
                              before.impure + (s->epsilon_micro == 0)};
    double delta = (double)s->limit.delta_atto / ATTO;
    if (!is_within(&s->limit, &s->after))
        return pd_fail(err, PD_DENIED,
                       "the budget of \"%.*s\" for the dataset %.*s is epsilon %g at delta %g: %g "
                       "of it is spent by %lld answers, and this one would bring it to %g",
                       pd_arg(consumer), pd_arg(dataset), (double)s->limit.epsilon_micro / 1e6,
                       delta, epsilon_of(&before, delta), (long long)before.answers,
                       epsilon_of(&s->after, delta));
    struct store_value values[] = {STORE_STR(s->id),       STORE_STR(dataset),
                                   STORE_STR(consumer),    STORE_I64(s->epsilon_micro),
                                   STORE_I64(s->rho_nano), STORE_I64(s->delta_atto),
                                   STORE_I64(act->at)};
    st = store_run(g->store, INSERT_SPEND, values, 7, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "privacy_spend", s->id, err) : st;
}

/* A denial is an act too, in the restricted log; why stands in its record. */
static enum pd_status record_denial(struct govern *g, const struct acting *a, pd_str words,
                                    pd_str detail, pd_str why, struct pd_arena *arena,
                                    const struct govern_outcome **out, struct pd_error *err) {
    struct act act = {.verb = LEDGER_DENY, .outcome = LEDGER_OUTCOME_DENY};
    struct govern_outcome *outcome = pd_arena_alloc(arena, sizeof(*outcome));
    pd_str pending;
    if (!outcome)
        return pd_fail_memory(err);
    enum pd_status st = begin(g, a, words, &act, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_EVIDENCE, why, arena, err);
    if (st != PD_OK)
        return st;
    struct law_case law = ask_law(a, &act);
    act.asked = &law;
    act.facts_hash = act_facts_hash(NULL, 0);
    st = law_find(g->rules, &law, arena, &act.finding, err);
    act.details[0] = (struct act_detail){"statistics", detail};
    act.details[1] = (struct act_detail){"denied", act.commitments[LEDGER_FIELD_EVIDENCE]};
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    if (st != PD_OK)
        return st;
    *outcome = (struct govern_outcome){.result = GOVERN_DENIED,
                                       .act_id = act.id,
                                       .receipt = act.receipt,
                                       .finding = act.finding,
                                       .pending = pending};
    *out = outcome;
    return act_placed(g, act.id, arena, &outcome->placed, err);
}

static enum pd_status spend(struct govern *g, struct spending *s, pd_str words, pd_str detail,
                            struct pd_arena *arena, const struct govern_outcome **out,
                            struct pd_error *err) {
    struct act act = {
        .verb = LEDGER_SPEND, .outcome = LEDGER_OUTCOME_PERMIT, .effect = save_spend, .context = s};
    enum pd_status st = begin(g, s->a, words, &act, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_VALUE, words, arena, err);
    if (st != PD_OK)
        return st;
    s->id = govern_id_text(crypto_id(act.at), arena);
    act.details[0] = (struct act_detail){"statistics", detail};
    struct law_case law = ask_law(s->a, &act);
    return s->id.data ? act_govern(g, &act, &law, arena, out, err) : pd_fail_memory(err);
}

enum pd_status govern_budget_spend(struct govern *g, const struct govern_budget_actor *actor,
                                   const struct protect_cost *cost, pd_str detail,
                                   struct pd_arena *arena, const struct govern_outcome **out,
                                   struct govern_budget *after, struct pd_error *err) {
    struct acting a;
    enum pd_status st = find_actor(g, actor, arena, &a, err);
    if (st != PD_OK)
        return st;
    struct spending s = {.a = &a,
                         .epsilon_micro = (int64_t)cost->epsilon_micro,
                         .rho_nano = (int64_t)cost->rho_nano,
                         .delta_atto = (int64_t)ceil(cost->delta * ATTO)};
    pd_str words = pd_arena_printf(arena, "spend %lld %lld %lld", (long long)s.epsilon_micro,
                                   (long long)s.rho_nano, (long long)s.delta_atto);
    if (!words.data)
        return pd_fail_memory(err);
    st = spend(g, &s, words, detail, arena, out, err);
    if (st == PD_DENIED && err) {
        struct pd_error later = {0};
        pd_str why = pd_arena_str(arena, pd_str_from(err->text));
        enum pd_status recorded = why.data
                                      ? record_denial(g, &a, words, detail, why, arena, out, &later)
                                      : pd_fail_memory(&later);
        return recorded == PD_OK ? st : pd_fail(err, recorded, "%s", later.text);
    }
    if (st == PD_OK) {
        double delta = (double)s.limit.delta_atto / ATTO;
        *after = (struct govern_budget){.dataset = a.dataset,
                                        .consumer = actor->consumer,
                                        .epsilon = (double)s.limit.epsilon_micro / 1e6,
                                        .delta = delta,
                                        .answers = (uint64_t)s.after.answers,
                                        .rho_nano = (uint64_t)s.after.rho_nano,
                                        .spent = epsilon_of(&s.after, delta)};
    }
    return st;
}

/* ---- What the bytes are ---- */

enum pd_status govern_budget_read(struct source *source, const struct govern_form *form,
                                  const struct table_handler *handler,
                                  const struct govern_progress *progress, struct pd_arena *arena,
                                  crypto_hash *content, struct pd_error *err) {
    return reading_table(source, form, handler, progress, arena, content, err);
}

static const struct sql LIST_INTENTS = {
    .both = "SELECT a.intent_id FROM version v"
            " JOIN act_row r ON r.table_name = 'version' AND r.row_id = v.id AND r.revision = 1"
            " JOIN act a ON a.id = r.act_id"
            " WHERE v.dataset_id = $1 AND a.intent_id IS NOT NULL ORDER BY v.id DESC"};

static enum pd_status list_intents(struct govern *g, pd_str dataset, struct pd_arena *arena,
                                   pd_id **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(dataset)};
    struct store_rows *rows;
    struct growing_list list = {0};
    bool has;
    enum pd_status st = store_select(g->store, LIST_INTENTS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_id id, *kept;
        if (!pd_id_parse(store_str(rows, 0), &id))
            continue;
        kept = growing_add(&list, sizeof(*kept), arena);
        if (!kept) {
            st = pd_fail_memory(err);
            break;
        }
        *kept = id;
    }
    *out = list.items;
    *count = list.count;
    store_rows_close(rows);
    return st;
}

enum pd_status govern_budget_check(struct govern *g, pd_id dataset, const crypto_hash *content,
                                   struct pd_arena *arena, struct pd_error *err) {
    pd_str id = govern_id_text(dataset, arena), hash = govern_hash_text(content, arena);
    pd_id *intents;
    size_t count;
    if (!id.data || !hash.data)
        return pd_fail_memory(err);
    enum pd_status st = list_intents(g, id, arena, &intents, &count, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < count; i++) {
        struct pd_error ignored;
        json_t *json = NULL;
        if (intent_open(g, intents[i], arena, &json, NULL, &ignored) != PD_OK)
            continue; /* its key was destroyed */
        const char *text = json_string_value(json_object_get(json, "content"));
        bool is = text && pd_str_is(hash, text);
        json_decref(json);
        if (is)
            return PD_OK;
    }
    return pd_fail(err, PD_CONFLICT,
                   "the file isn't what any version of the dataset %.*s was made from: a budget is "
                   "for that dataset alone",
                   pd_arg(id));
}

/* ---- All of them ---- */

static const struct sql LIST_BUDGETS = {
    .both = "SELECT b.dataset_id, d.title, b.consumer_id, b.epsilon_micro, b.delta_atto"
            " FROM privacy_budget b JOIN dataset d ON d.id = b.dataset_id"
            " WHERE (b.dataset_id = $1 OR $1 = '') AND NOT EXISTS (SELECT 1 FROM privacy_budget n"
            " WHERE n.dataset_id = b.dataset_id AND n.consumer_id = b.consumer_id AND n.id > b.id)"
            " ORDER BY b.dataset_id, b.consumer_id"};

enum pd_status govern_budget_list(struct govern *g, const pd_id *dataset, struct pd_arena *arena,
                                  const struct govern_budget **out, size_t *count,
                                  struct pd_error *err) {
    struct store_value values[] = {
        STORE_STR(dataset ? govern_id_text(*dataset, arena) : PD_STR(""))};
    struct growing_list list = {0};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_BUDGETS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_budget *b = growing_add(&list, sizeof(*b), arena);
        if (b)
            *b = (struct govern_budget){.dataset = pd_arena_str(arena, store_str(rows, 0)),
                                        .title = pd_arena_str(arena, store_str(rows, 1)),
                                        .consumer = pd_arena_str(arena, store_str(rows, 2)),
                                        .epsilon = (double)store_i64(rows, 3) / 1e6,
                                        .delta = (double)store_i64(rows, 4) / ATTO};
        if (!b || !b->dataset.data || !b->title.data || !b->consumer.data) {
            st = pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    struct govern_budget *all = list.items;
    for (size_t i = 0; st == PD_OK && i < list.count; i++) {
        struct spent s;
        st = find_spent(g, all[i].dataset, all[i].consumer, &s, err);
        all[i].answers = (uint64_t)s.answers;
        all[i].rho_nano = (uint64_t)s.rho_nano;
        all[i].spent = epsilon_of(&s, all[i].delta);
    }
    *out = all;
    *count = list.count;
    return st;
}
