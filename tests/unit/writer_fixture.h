/**
 * Acts for the tests of the writer, and for what is measured of it: each attests a fact for one
 * intent, under the rules in force, which find three facts.
 */
#ifndef POLDER_TESTS_WRITER_FIXTURE_H
#define POLDER_TESTS_WRITER_FIXTURE_H

#include "govern/govern_impl.h"

struct attesting {
    struct act act;
    struct law_case law;
    struct law_fact facts[3];
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
    *facts = a->facts;
    *count = sizeof(a->facts) / sizeof(*a->facts);
    return PD_OK;
}

static enum pd_status attesting_save(void *context, struct govern *g, struct act *act,
                                     struct pd_error *err) {
    static const struct act_insertion FACT = {
        "fact",
        {.both = "INSERT INTO fact (bound_to, expires_at, id, intent_id, key_id, made_at, name, "
                 "party_id, sealed_value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"},
        {"bound_to", "expires_at", "id", "intent_id", "key_id", "made_at", "name", "party_id",
         "sealed_value"}};
    struct attesting *a = context;
    const struct store_value values[] = {STORE_STR(PD_STR("")),
                                         STORE_I64(0),
                                         STORE_STR(a->id),
                                         STORE_STR(govern_id_text(a->intent, act->arena)),
                                         STORE_STR(govern_id_text(act->key.id, act->arena)),
                                         STORE_I64(act->at),
                                         STORE_STR(PD_STR("third_party_consent")),
                                         STORE_STR(act->party),
                                         STORE_BYTES(a->sealed)};
    enum pd_status st = act_insert(g, act, &FACT, a->id, values, err);
    if (st == PD_OK && a->meanwhile)
        a->meanwhile(a->context);
    return st == PD_OK && a->fails ? pd_fail(err, PD_CONFLICT, "this one is bad") : st;
}

#define ATTESTING_VALUE                                                                            \
    "{\"evidence\":\"a letter\",\"name\":\"third_party_consent\",\"signature\":"                     \
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\","   \
    "\"value\":true}"

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
                            .facts = {{.name = PD_STR("purpose"),
                                       .value = {.kind = LAW_STRING, .text = PD_STR("statistics")},
                                       .by = PD_STR("transport")},
                                      {.name = PD_STR("legal_basis"),
                                       .value = {.kind = LAW_STRING, .text = PD_STR("public_task")},
                                       .by = PD_STR("transport")},
                                      {.name = PD_STR("is_commercial_confidential"),
                                       .value = {.kind = LAW_BOOL},
                                       .by = PD_STR("transport")}},
                            .intent = intent};
    enum pd_status st = act_begin(g, &a->act, err);
    if (st != PD_OK)
        return st;
    a->law = (struct law_case){
        .verb = PD_STR("attest"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .resource_type = PD_STR("Intent"),
        .resource_id = PD_STR("intent"),
        .facts = a->facts,
        .fact_count = sizeof(a->facts) / sizeof(*a->facts),
        .now = a->act.at};
    a->act.law = &a->law;
    a->act.facts_hash = act_facts_hash(a->facts, a->law.fact_count);
    a->act.object_id = crypto_id(a->act.at);
    a->id = govern_id_text(a->act.object_id, arena);
    st = law_find(g->rules, &a->law, arena, &a->act.finding, err);
    if (st == PD_OK)
        st = store_seal(&a->act.key, PD_STR("fact.value"), PD_STR(ATTESTING_VALUE), arena,
                        &a->sealed, err);
    a->act.commitments[LEDGER_FIELD_VALUE] = PD_STR("{\"name\":\"x\",\"value\":true}");
    *out = a;
    return st;
}

#endif
