/*
 * Makes acts with given facts, for tests of dossiers: make_acts DATA < CASES
 *
 * Each line of CASES is a JSON object: {"verb", "party": {"id", "kind", "chamber", "country"},
 * "recipient": the same or null, "facts": [{"name", "value": text, "class"}]}. The law of the node
 * is asked; what it permits becomes an act of that verb, what it refuses a denial, the rest an
 * intent. Prints {"act", "outcome"} for each. No file is read: what a file would be measured to be
 * is among the facts.
 */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS = 128 };

static void must(enum pd_status st, const struct pd_error *err) {
    if (st == PD_OK)
        return;
    fprintf(stderr, "make_acts: %s\n", err->text);
    exit(pd_outcome_get(st)->exit_code);
}

static pd_str text_of(const json_t *json, const char *name, struct pd_arena *arena) {
    const char *text = json_string_value(json_object_get(json, name));
    return pd_arena_str(arena, pd_str_from(text ? text : ""));
}

static struct law_party party_of(const json_t *json, struct pd_arena *arena) {
    return (struct law_party){.id = text_of(json, "id", arena),
                              .kind = text_of(json, "kind", arena),
                              .chamber = text_of(json, "chamber", arena),
                              .country = text_of(json, "country", arena)};
}

static size_t read_facts(struct govern *g, const json_t *list, pd_str by, struct pd_arena *arena,
                         struct law_fact *out) {
    struct pd_error err = {0};
    size_t i, n = 0;
    const json_t *item;
    json_array_foreach(list, i, item) {
        struct law_fact *f = &out[n];
        *f = (struct law_fact){.name = text_of(item, "name", arena), .by = by, .at = 1000000};
        if (n == FACTS || !law_class_parse(text_of(item, "class", arena), &f->class_))
            exit(65);
        if (!law_rules_fact(g->rules, f->name))
            continue; /* this law has no such fact */
        must(law_fact_parse(g->rules, f->name, text_of(item, "value", arena), arena, &f->value,
                            &err),
             &err);
        if (f->class_ == LAW_ATTESTED)
            f->evidence = PD_STR("signature of the plan");
        n++;
    }
    return n;
}

static void make_act(struct govern *g, const json_t *json, struct pd_arena *arena) {
    struct pd_error err = {0};
    struct law_fact *facts = pd_arena_array(arena, FACTS, sizeof(*facts));
    struct law_party recipient = party_of(json_object_get(json, "recipient"), arena);
    struct act act = {.is_disclosed = true, .has_object = true};
    struct law_case law = {.verb = text_of(json, "verb", arena),
                           .party = party_of(json_object_get(json, "party"), arena),
                           .recipient = recipient.id.len ? &recipient : NULL,
                           .resource_type = PD_STR("Distribution"),
                           .facts = facts};
    act.party = law.party.id;
    must(act_begin(g, &act, &err), &err);
    law.fact_count = read_facts(g, json_object_get(json, "facts"), law.party.id, arena, facts);
    law.now = act.at;
    act.object_id = crypto_id(act.at);
    law.resource_id = govern_id_text(act.object_id, arena);
    must(law_find(g->rules, &law, arena, &act.finding, &err), &err);
    act.facts_hash = act_facts_hash(facts, law.fact_count);
    bool is_permit = act_evidence_is_complete(act.finding);
    for (size_t i = 0; i < act.finding->obligation_count; i++)
        is_permit = is_permit && act.finding->obligations[i].class_ != LAW_BEFORE;
    if (is_permit && ledger_verb_parse(law.verb, &act.verb)) {
        act.law = &law;
        act.outcome = LEDGER_OUTCOME_PERMIT;
        act.object_kind = LEDGER_KIND_DISTRIBUTION;
    } else {
        bool is_denied = act.finding->outcome == LAW_DENY;
        act.asked = &law;
        act.verb = is_denied ? LEDGER_DENY : LEDGER_INTEND;
        act.outcome = is_denied ? LEDGER_OUTCOME_DENY : LEDGER_OUTCOME_OPEN;
        act.object_kind = LEDGER_KIND_INTENT;
    }
    pd_str pending;
    char id[PD_ID_TEXT_SIZE];
    must(act_commit(g, &act, arena, &pending, &err), &err);
    pd_id_write(act.id, id);
    printf("{\"act\":\"%s\",\"outcome\":\"%s\"}\n", id, law_outcome_name(act.finding->outcome));
}

int main(int argc, char **argv) {
    struct pd_clock clock = pd_clock_system();
    struct pd_error err = {0};
    struct govern *g;
    char *line = NULL;
    size_t room = 0;
    if (argc != 2)
        return 64;
    must(govern_open(argv[1], STORE_WRITE, "make_acts", &clock, &g, &err), &err);
    while (getline(&line, &room, stdin) > 0) {
        json_t *json = NULL;
        struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
        must(pd_json_parse(pd_str_from(line), 1 << 20, 16, &json, &err), &err);
        make_act(g, json, arena);
        json_decref(json);
        pd_arena_free(arena);
    }
    free(line);
    govern_close(g);
    return 0;
}
