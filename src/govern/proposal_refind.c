/* An intent that was open when the rules changed: the law is asked again, with what was attested since,
 * and the answer is on record for who asked. The data isn't read again; going on with it does that. */
#include "govern/past.h"
#include "govern/proposal_impl.h"

#include <jansson.h>

struct again {
    struct govern *g;
    pd_str content; /* of the source, to which attestations may be bound */
    struct pd_arena *arena;
};

/* The facts of then, but attested ones as they stand today. */
static enum pd_status facts_of_today(const struct again *a, const struct past *past, pd_time now,
                                     struct facts **out, struct pd_error *err) {
    struct facts *set = pd_arena_alloc(a->arena, sizeof(*set));
    if (!set)
        return pd_fail_memory(err);
    for (size_t i = 0; i < past->law.fact_count && set->count < FACTS_MAX; i++)
        if (past->law.facts[i].class_ != LAW_ATTESTED)
            set->list[set->count++] = past->law.facts[i];
    *out = set;
    return facts_add_attested(a->g, past->intent, a->content, now, a->arena, set, err);
}

static enum pd_status ask(void *context, const struct past *past, struct pd_arena *scratch,
                          struct pd_error *err) {
    struct again *a = context;
    struct facts *set = NULL;
    (void)scratch;
    if (past->unread != GOVERN_READ)
        return PD_OK; /* what was erased can't be asked about */
    struct law_case c = past->law;
    struct act act = {.verb = LEDGER_INTEND,
                      .outcome = LEDGER_OUTCOME_OPEN,
                      .party = pd_arena_str(a->arena, past->party),
                      .intent = &past->intent,
                      .asked = &c,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_INTENT,
                      .object_id = past->intent};
    pd_str pending;
    enum pd_status st = act_begin(a->g, &act, err);
    if (st == PD_OK)
        st = facts_of_today(a, past, act.at, &set, err);
    if (st != PD_OK)
        return st;
    c.now = act.at;
    c.facts = set->list;
    c.fact_count = set->count;
    act.facts_hash = act_facts_hash(c.facts, c.fact_count);
    st = law_find(a->g->rules, &c, a->arena, &act.finding, err);
    return st == PD_OK ? act_commit(a->g, &act, a->arena, &pending, err) : st;
}

static const struct sql NEWEST_INTEND = {
    .both = "SELECT a.id, a.rules_hash FROM act a JOIN intent i ON i.id = a.intent_id WHERE i.id = "
            "$1 AND i.state = 'open' AND a.verb = 'intend' ORDER BY a.id DESC LIMIT 1"};

/* The newest finding of an intent, unless it was made under the rules in force, or it is settled. */
static enum pd_status find_newest(struct govern *g, pd_str intent, struct pd_arena *arena,
                                  pd_str *act, bool *is_due, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(intent)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, NEWEST_INTEND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *is_due = st == PD_OK && has && !pd_str_eq(store_str(rows, 1), g->rules_id);
    if (*is_due) {
        *act = pd_arena_str(arena, store_str(rows, 0));
        if (!act->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status read_content(struct govern *g, pd_str intent, struct again *a,
                                   struct pd_error *err) {
    json_t *json = NULL;
    pd_id id;
    if (!pd_id_parse(intent, &id))
        return pd_fail(err, PD_INTERNAL, "\"%.*s\" is no intent", pd_arg(intent));
    enum pd_status st = intent_open(g, id, a->arena, &json, NULL, err);
    if (st == PD_OK) {
        const char *content = json_string_value(json_object_get(json, "content"));
        a->content = pd_arena_str(a->arena, pd_str_from(content ? content : ""));
        if (!a->content.data)
            st = pd_fail_memory(err);
    }
    json_decref(json);
    return st;
}

enum pd_status proposal_run_refind(void *context, pd_str subject, pd_time now, pd_time *again,
                                   struct pd_error *err) {
    (void)now;
    (void)again;
    struct govern *g = context;
    struct again a = {.g = g, .arena = pd_arena_new(GOVERN_ARENA_LIMIT)};
    struct pd_error none = {0};
    pd_str act;
    bool is_due = false;
    enum pd_status st = a.arena ? node_load_rules(g, NULL, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = find_newest(g, subject, a.arena, &act, &is_due, err);
    if (st == PD_OK && is_due && read_content(g, subject, &a, &none) != PD_OK)
        is_due = none.status != PD_NOT_FOUND; /* its key was destroyed: it can't be asked about */
    if (st == PD_OK && is_due)
        st = none.status == PD_OK ? past_find(g, act, ask, &a, err)
                                  : pd_fail(err, none.status, "%s", none.text);
    pd_arena_free(a.arena);
    return st;
}
