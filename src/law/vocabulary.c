/* The closed lists of the schema (law/polder.cedarschema) that the engine needs: verbs in groups by
   stage, kinds of party, chambers, nouns. tests/unit/finding_test.c compares them with the schema.
 */
#include "law/finding_impl.h"

static const struct law_verb verbs[] = {
    {"collect", {"handle", "process"}},
    {"store", {"handle", "process"}},
    {"use", {"handle", "process"}},
    {"delete", {"process"}},
    {"share", {"disclose", "handle", "process"}},
    {"open", {"disclose", "handle", "process"}},
    {"transfer", {"disclose", "handle", "process"}},
    {"request_access", {NULL}},
    {"register", {"govern"}},
    {"propose", {"govern"}},
    {"vote", {"govern"}},
    {"enact", {"govern"}},
    {"answer", {"govern"}},
    {"agree", {"govern"}},
    {"revoke", {"govern"}},
    {"attest", {"govern"}},
    {"read_catalogue", {"access"}},
    {"read_dataset", {"access"}},
    {"read_data", {"access"}},
    {"read_intent", {"access"}},
    {"read_case", {"access"}},
    {"read_acts", {"access"}},
    {"read_members", {"access"}},
    {"read_audit", {"access"}},
    {"upload", {"access"}},
    {"ask_finding", {"access"}},
    {"make_intent", {"access"}},
    {"sign_plan", {"access"}},
    {"attest_fact", {"access"}},
    {"raise_case", {"access"}},
    {"answer_case", {"access"}},
    {"take_part", {"access"}},
    {"cast_ballot", {"access"}},
    {"meet_duty", {"access"}},
    {"manage_account", {"access"}},
    {"manage_tokens", {"access"}},
    {"administer_accounts", {"access"}},
    {"administer_system", {"access"}},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))
_Static_assert(VERB_COUNT <= (size_t)LAW_VERBS_MAX, "lists of verbs have a place for every one");

static const char *const lists[] = {
    [LAW_CODE_PARTY_KIND] =
        "state_organ agency authority company association group researcher foreign_authority",
    [LAW_CODE_CHAMBER] = "government enterprise industry public",
    [LAW_CODE_NOUN] = ("Party Dataset Version Distribution Source Standard Agreement Case Proposal "
                       "Intent Right Goal Service Errand Member Node"),
};

const struct law_verb *law_verb_nth(size_t n) {
    return n < VERB_COUNT ? &verbs[n] : NULL;
}

size_t law_verb_find(pd_str name) {
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (pd_str_is(name, verbs[i].name))
            return i;
    return PD_NPOS;
}

const char *law_verb_nearest(pd_str given) {
    const char *names[VERB_COUNT];
    char text[64] = "";
    for (size_t i = 0; i < VERB_COUNT; i++)
        names[i] = verbs[i].name;
    for (size_t i = 0; i < given.len && i + 1 < sizeof(text); i++)
        text[i] = given.data[i];
    return pd_nearest_name(text, names, VERB_COUNT);
}

bool law_verb_is_in(const struct law_verb *verb, pd_str name_or_group) {
    if (pd_str_is(name_or_group, verb->name))
        return true;
    for (size_t i = 0; i < LAW_GROUPS_MAX && verb->groups[i] != NULL; i++)
        if (pd_str_is(name_or_group, verb->groups[i]))
            return true;
    return false;
}

bool law_verb_is_group(pd_str name) {
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (!pd_str_is(name, verbs[i].name) && law_verb_is_in(&verbs[i], name))
            return true;
    return false;
}

bool law_code_is_known(enum law_code list, pd_str value) {
    return law_words_have(lists[list], value);
}

const char *law_code_list(enum law_code list) {
    return lists[list];
}
