/**
 * Acts for the tests of the writer: each attests a fact for one intent, in five rows, under the
 * rules in force.
 */
#ifndef POLDER_TESTS_WRITER_FIXTURE_H
#define POLDER_TESTS_WRITER_FIXTURE_H

#include "govern/govern_impl.h"

struct attesting {
    struct act act;
    struct law_case law;
    struct law_fact fact;
    pd_id intent;
    pd_str id, sealed;
    bool fails;                       /* after its row was written */
    void (*meanwhile)(void *context); /* in the transaction; NULL: nothing */
    void *context;
};

static enum pd_status attesting_gather(void *context, struct govern *g, struct pd_arena *arena,
                                       const struct law_fact **facts, size_t *count,
                                       struct pd_error *err) {
    struct attesting *a = context;
    (void)g, (void)arena, (void)err;
    *facts = &a->fact;
    *count = 1;
    return PD_OK;
}

static enum pd_status attesting_save(void *context, struct govern *g, struct act *act,
                                     struct pd_error *err) {
    static const struct sql INSERT = {.both = "INSERT INTO fact (id, intent_id, name, party_id, "
                                              "made_at, expires_at, bound_to, key_id, sealed_value)"
                                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
    struct attesting *a = context;
    struct store_value values[] = {STORE_STR(a->id),
                                   STORE_STR(govern_id_text(a->intent, act->arena)),
                                   STORE_STR(PD_STR("third_party_consent")),
                                   STORE_STR(act->party),
                                   STORE_I64(act->at),
                                   STORE_I64(0),
                                   STORE_STR(PD_STR("")),
                                   STORE_STR(govern_id_text(act->key.id, act->arena)),
                                   STORE_BYTES(a->sealed)};
    enum pd_status st = store_run(g->store, INSERT, values, 9, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "fact", a->id, err);
    if (st == PD_OK && a->meanwhile)
        a->meanwhile(a->context);
    return st == PD_OK && a->fails ? pd_fail(err, PD_CONFLICT, "this one is bad") : st;
}

/* Begins it and asks the law; then it may be committed. */
static enum pd_status attesting_begin(struct govern *g, pd_id intent, struct pd_arena *arena,
                                      struct attesting **out, struct pd_error *err) {
    struct attesting *a = pd_arena_alloc(arena, sizeof(*a));
    if (!a)
        return pd_fail_memory(err);
    *a = (struct attesting){.act = {.verb = LEDGER_ATTEST,
                                    .outcome = LEDGER_OUTCOME_PERMIT,
                                    .party = PD_STR("transport"),
                                    .intent = &a->intent,
                                    .has_object = true,
                                    .object_kind = LEDGER_KIND_FACT,
                                    .effect = attesting_save,
                                    .gather = attesting_gather,
                                    .is_fixed = true,
                                    .context = a,
                                    .arena = arena},
                            .fact = {.name = PD_STR("purpose"),
                                     .value = {.kind = LAW_STRING, .text = PD_STR("statistics")},
                                     .by = PD_STR("transport")},
                            .intent = intent};
    enum pd_status st = act_begin(g, &a->act, err);
    if (st != PD_OK)
        return st;
    a->law = (struct law_case){
        .verb = PD_STR("attest"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .resource_type = PD_STR("Intent"),
        .resource_id = PD_STR("intent"),
        .facts = &a->fact,
        .fact_count = 1,
        .now = a->act.at};
    a->act.law = &a->law;
    a->act.facts_hash = act_facts_hash(&a->fact, 1);
    a->act.object_id = crypto_id(a->act.at);
    a->id = govern_id_text(a->act.object_id, arena);
    st = law_find(g->rules, &a->law, arena, &a->act.finding, err);
    if (st == PD_OK)
        st = store_seal(&a->act.key, PD_STR("fact.value"), PD_STR("{\"value\":true}"), arena,
                        &a->sealed, err);
    *out = a;
    return st;
}

#endif
