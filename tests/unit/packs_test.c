/* The packs of statute, read as a lawyer would: what no statement of an asker lifts, and what
   stands though everything else that the law asks for is there. */
#include "packs_fixture.h"

enum { TEXT_MAX = 4096, ROUNDS = 800, CASE_BYTES = 4 << 20 };

/* ---- Declarations alone ---- */

static uint64_t dice = 0x9E3779B97F4A7C15u; /* xorshift: the same numbers in every run */
static size_t throw_dice(size_t sides) {
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (size_t)(dice >> 16) % sides;
}

/* Some value that the registry accepts as declared, or as measured. */
static bool throw_fact(const struct law_fact_kind *kind, struct law_fact *out) {
    static const pd_str words[] = {PD_STR_INIT("planning"), PD_STR_INIT("CN"), PD_STR_INIT("NL")};
    *out = (struct law_fact){.name = kind->name, .by = PD_STR("test"), .at = NOW - PD_DAY};
    unsigned accepts = kind->accepts;
    if (kind->codes != NULL) {
        out->value = (struct law_scalar){.kind = LAW_STRING,
                                         .text = kind->codes[throw_dice(kind->code_count)]};
    } else if (kind->type == LAW_BOOL) {
        out->value = (struct law_scalar){.kind = LAW_BOOL, .boolean = throw_dice(2) == 1};
        accepts = out->value.boolean ? kind->accepts : kind->accepts_false;
    } else if (kind->type == LAW_LONG) {
        out->value = (struct law_scalar){.kind = LAW_LONG, .number = (int64_t)throw_dice(9)};
    } else {
        out->value = (struct law_scalar){.kind = LAW_STRING, .text = words[throw_dice(3)]};
    }
    out->class_ = accepts & 1u << LAW_MEASURED ? LAW_MEASURED : LAW_DECLARED;
    return (accepts & 1u << out->class_) != 0;
}

static void handle_on_declarations(const struct law_rules *made, pd_str country) {
    static const char *const verbs[] = {"collect", "store", "use", "share", "open", "transfer"};
    static const char *const kinds[] = {"state_organ", "agency", "authority",  "company",
                                        "association", "group",  "researcher", "foreign_authority"};
    struct pd_arena *arena = pd_arena_new(CASE_BYTES);
    struct law_fact *facts =
        pd_arena_array(arena, law_rules_fact_count(made), sizeof(struct law_fact));
    assert_non_null(facts);
    const struct law_party recipient = {.id = PD_STR("recipient"),
                                        .kind = pd_str_from(kinds[throw_dice(8)]),
                                        .country = throw_dice(2) == 0 ? country : PD_STR("US")};
    struct law_case c = {.verb = pd_str_from(verbs[throw_dice(6)]),
                         .party = {.id = PD_STR("holder"),
                                   .kind = pd_str_from(kinds[throw_dice(8)]),
                                   .country = country},
                         .recipient = throw_dice(4) > 0 ? &recipient : NULL,
                         .resource_type = PD_STR("Distribution"),
                         .resource_id = PD_STR("d"),
                         .facts = facts,
                         .now = NOW};
    for (size_t i = 0; i < law_rules_fact_count(made); i++)
        if (throw_dice(8) > 0 && throw_fact(law_rules_fact_nth(made, i), &facts[c.fact_count]))
            c.fact_count++;
    const struct law_finding *f = decide(made, &c, arena);
    if (f->outcome == LAW_PERMIT)
        fail_msg("%.*s by %.*s is permitted on what is declared", pd_arg(c.verb),
                 pd_arg(c.party.kind));
    pd_arena_free(arena);
}

/* ---- One protection against all else ---- */

/* What opens the doors of both packs: persons who agreed to everything, persons whom a law names,
   and a table in which nobody is. Each is a permit; with one change more it is none. */
#define PLAIN                                                                                      \
    "holds_identifiers=false:measured, quasi_columns=0:measured, purpose=planning:declared, "      \
    "purpose_in_statutory_duties=true:attested, impact_assessment=true:attested, "                 \
    "contract=true:attested, secrecy_review=true:attested, head_approval=true:attested, "          \
    "share_class=unconditional:derived, catalogue_complete=true:derived, "                         \
    "minimised=true:attested, same_data_shared=false:attested, is_ciio=false:attested, "           \
    "persons_exported_this_year=5:derived, sensitive_exported_this_year=5:derived, "               \
    "export_gateway=standard_contract:attested, high_risk=false:attested, "                        \
    "same_purpose=true:derived, recipient_is_processor=false:attested, "
#define AGREED                                                                                     \
    PLAIN "is_personal=true:derived, is_sensitive=true:derived, subject_under_14=true:derived, "   \
          "legal_basis=consent:attested, consent=true:attested, separate_consent=true:attested, "  \
          "explicit_consent=true:attested, guardian_consent=true:attested, is_criminal=false:"     \
          "declared, "
#define BY_LAW                                                                                     \
    PLAIN "is_personal=true:derived, is_sensitive=false:declared, subject_under_14=false:"         \
          "declared, legal_basis=public_task:attested, basis_in_law=true:attested, "               \
          "is_criminal=false:declared, "
#define NOBODY PLAIN "is_personal=false:attested, "

static const struct trap {
    const char *pack, *act, *base;
    const char
        *change; /* "NAME=VALUE:CLASS" in place of what the base says of it; "NAME" alone: gone */
    const char *speaks; /* the policy that must */
} traps[] = {
    /* Consent, and what takes its place */
    {"cn", "open by company", AGREED, "separate_consent", "cn.pipl.25"},
    {"cn", "open by state_organ", AGREED, "consent_withdrawn=true:derived", "cn.pipl.15"},
    {"cn", "use by company", BY_LAW, "legal_basis=contract:declared", "cn.pipl.13"},
    {"cn", "use by company", BY_LAW, "legal_basis=legitimate_interest:attested", "cn.pipl.13"},
    {"cn", "share by company to company", BY_LAW, "legal_basis=legal_duty:declared", "cn.pipl.23"},
    {"cn", "store by company", AGREED, "guardian_consent", "cn.pipl.31"},
    {"eu", "use by company", AGREED, "consent_withdrawn=true:declared", "eu.gdpr.7"},
    {"eu", "use by company", BY_LAW, "legal_basis=vital:declared", "eu.gdpr.6"},
    {"eu", "use by agency", BY_LAW, "basis_in_law", "eu.gdpr.6"},
    {"eu", "open by agency", AGREED, "explicit_consent", "eu.gdpr.9"},
    /* Purpose */
    {"cn", "open by state_organ", AGREED, "purpose", "cn.pipl.6"},
    {"cn", "use by agency", BY_LAW, "purpose_ended=true:declared", "cn.pipl.47.end"},
    {"cn", "use by state_organ", BY_LAW, "purpose_in_statutory_duties", "cn.pipl.34"},
    {"cn", "collect by state_organ", BY_LAW, "same_data_shared=false:declared", "cn.gds.19"},
    {"cn", "use by agency", BY_LAW,
     "obtained_by_sharing=true:derived, purpose_as_agreed=true:declared", "cn.gds.25"},
    {"cn", "share by agency to company", BY_LAW,
     "public_space_capture=true:declared, purpose_kind=public_security:declared", "cn.pipl.26"},
    {"eu", "transfer by company to company in US", AGREED, "purpose", "eu.gdpr.5.1b"},
    {"eu", "use by company", AGREED, "purpose_ended=true:derived", "eu.gdpr.17"},
    {"eu", "use by agency", AGREED,
     "obtained_data_act=true:derived, purpose_as_agreed=true:declared", "eu.da.19"},
    /* Who handles it for whom */
    {"cn", "share by company to company", AGREED,
     "recipient_is_processor=true:declared, contract=false:attested", "cn.pipl.21"},
    {"cn", "use by company", AGREED, "is_contractor=true:declared", "cn.dsl.40"},
    {"cn", "share by company to company", AGREED, "acts_as_processor=true:declared",
     "cn.pipl.21.processor"},
    {"cn", "share by state_organ to company", NOBODY,
     "recipient_is_processor=true:declared, head_approval=false:attested", "cn.dsl.40.entrust"},
    {"eu", "share by agency to company", BY_LAW,
     "recipient_is_processor=false:declared, contract=false:attested", "eu.gdpr.28"},
    {"eu", "use by company", AGREED, "acts_as_processor=true:declared", "eu.gdpr.28.processor"},
    /* Secrets and grades */
    {"cn", "transfer by company to company in SG", NOBODY, "is_secret=true:declared", "cn.dsl.53"},
    {"cn", "open by company", NOBODY, "level=important:declared", "cn.ogi.13"},
    {"cn", "share by state_organ to agency", NOBODY,
     "level=important:declared, purpose_in_statutory_duties=true:declared", "cn.ndsr.31"},
    {"cn", "share by state_organ to agency", NOBODY, "level=core:declared", "cn.dsl.21"},
    {"cn", "store by company", NOBODY, "level=important:declared, store_country=SG:derived",
     "cn.ndsr.37.store"},
    {"cn", "share by state_organ to company", NOBODY, "is_commercial_confidential=true:declared",
     "cn.dsl.38.keep"},
    {"cn", "share by agency to company", NOBODY, "share_class=none:derived", "cn.gds.14.none"},
    {"eu", "transfer by agency to agency in US", NOBODY, "is_secret=true:declared", "eu.dga.3"},
    {"eu", "share by agency to agency in US", NOBODY, "third_party_ip=true:declared", "eu.dga.5.3"},
    {"eu", "open by agency", BY_LAW,
     "is_sensitive=true:derived, special_ground=health_care:attested", "eu.gdpr.9"},
    {"eu", "share by authority to company", AGREED,
     "is_criminal=true:declared, purpose_in_statutory_duties=true:attested", "eu.gdpr.10"},
    /* Abroad */
    {"cn", "transfer by agency to company in SG", AGREED, "level=general:declared", "cn.pipl.36"},
    {"cn", "transfer by company to company in SG", AGREED, "export_gateway", "cn.pipl.38"},
    {"cn", "transfer by company to company in SG", AGREED,
     "persons_exported_this_year=1000000:derived", "cn.cbdf.7"},
    {"cn", "transfer by company to foreign_authority in US", NOBODY, "head_approval", "cn.dsl.36"},
    {"cn", "share by company to company in SG", NOBODY, "contract", "cn.pipl.38.share"},
    {"cn", "store by company", AGREED,
     "store_country=SG:derived, export_gateway=public_interest:attested", "cn.pipl.38.store"},
    {"eu", "transfer by company to company in US", AGREED, "export_gateway", "eu.gdpr.44"},
    {"eu", "transfer by company to company in US", AGREED,
     "export_gateway=binding_instrument:attested", "eu.gdpr.44"},
    {"eu", "transfer by agency to company in US", AGREED,
     "export_gateway=explicit_consent:attested", "eu.gdpr.44"},
    {"eu", "share by company to company in US", AGREED, "country_adequate=true:attested",
     "eu.gdpr.44.share"},
    {"eu", "store by company", AGREED, "store_country=US:derived, export_gateway=claims:attested",
     "eu.gdpr.44.store"},
    {"eu", "transfer by company to foreign_authority in US", AGREED, "contract", "eu.gdpr.48"},
    /* Machines and risk */
    {"cn", "use by company", BY_LAW,
     "automated_decision=true:declared, impact_assessment=false:attested", "cn.pipl.55.use"},
    {"cn", "share by company to company", AGREED, "impact_assessment", "cn.pipl.55"},
    {"eu", "use by company", BY_LAW,
     "automated_decision=true:declared, major_effect=false:declared", "eu.gdpr.22"},
    {"eu", "use by company", BY_LAW, "high_risk=false:declared, impact_assessment=false:attested",
     "eu.gdpr.35"},
    {"eu", "use by company", AGREED, "residual_high_risk=true:declared", "eu.gdpr.36"},
    {"eu", "use by company", AGREED, "minimised", "eu.gdpr.5.1c"},
};

static pd_str name_of(pd_str fact) {
    fact = pd_str_trim(fact);
    return pd_str_sub(fact, 0, pd_str_find_char(fact, '='));
}

static bool speaks_of(pd_str facts, pd_str name) {
    for (pd_str piece; facts.len > 0 && pd_str_split(&facts, ',', &piece);)
        if (pd_str_eq(name_of(piece), name))
            return true;
    return false;
}

/* The facts of `base` that `change` says nothing of, then those of `change` that have a value. */
static pd_str changed(pd_str base, pd_str change, struct pd_arena *arena) {
    char *text = pd_arena_alloc(arena, TEXT_MAX);
    assert_non_null(text);
    size_t n = 0;
    for (size_t part = 0; part < 2; part++) {
        pd_str rest = part == 0 ? base : change;
        for (pd_str piece; rest.len > 0 && pd_str_split(&rest, ',', &piece);) {
            piece = pd_str_trim(piece);
            bool is_kept = part == 0 ? !speaks_of(change, name_of(piece))
                                     : pd_str_find_char(piece, '=') != PD_NPOS;
            if (piece.len > 0 && is_kept)
                n += (size_t)snprintf(text + n, TEXT_MAX - n, "%s%.*s", n > 0 ? ", " : "",
                                      pd_arg(piece));
            assert_true(n < TEXT_MAX);
        }
    }
    return (pd_str){text, n};
}

/* Both whole packs, and what they say of an act with `base` changed. */
struct whole {
    struct law_rules *cn, *eu;
};
static const struct law_finding *find_changed(const struct whole *whole, const char *pack,
                                              const char *act, const char *base, const char *change,
                                              struct pd_arena *arena) {
    bool is_eu = strcmp(pack, "eu") == 0;
    const struct law_rules *made = is_eu ? whole->eu : whole->cn;
    pd_str facts = changed(pd_str_from(base), pd_str_from(change), arena);
    home_country = is_eu ? PD_STR("NL") : PD_STR("CN");
    return decide(made, make_case(made, pd_str_from(act), facts, arena), arena);
}

static int load_whole(void **state) {
    static struct whole whole;
    if (load_packs(state) != 0)
        return -1;
    whole = (struct whole){load_pack(PD_STR("cn")), load_pack(PD_STR("eu"))};
    *state = &whole;
    return 0;
}

static int drop_whole(void **state) {
    struct whole *whole = *state;
    law_rules_free(whole->cn);
    law_rules_free(whole->eu);
    return drop_packs(state);
}

static void nothing_is_done_with_persons_on_declarations_alone(void **state) {
    const struct whole *whole = *state;
    for (size_t i = 0; i < ROUNDS; i++) {
        handle_on_declarations(whole->cn, PD_STR("CN"));
        handle_on_declarations(whole->eu, PD_STR("NL"));
    }
}

static void one_protection_stands_though_all_else_is_there(void **state) {
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        const struct trap *trap = &traps[i];
        struct pd_arena *arena = pd_arena_new(CASE_BYTES);
        const struct law_finding *f =
            find_changed(*state, trap->pack, trap->act, trap->base, trap->change, arena);
        const struct law_voice *voice = voice_of(f, pd_str_from(trap->speaks));
        if (f->outcome == LAW_PERMIT || voice == NULL || voice->exempted_by.len > 0)
            fail_msg("%s with %s: %s, and %s is %s", trap->act, trap->change,
                     law_outcome_name(f->outcome), trap->speaks, voice ? "exempted" : "silent");
        pd_arena_free(arena);
    }
}

/* So that the traps are not sprung by something else: what they start from is permitted. */
static void with_all_that_the_law_asks_for_it_is_permitted(void **state) {
    static const struct {
        const char *pack, *act, *base, *more;
    } cases[] = {
        {"cn", "open by company", AGREED, ""},
        {"cn", "open by state_organ", AGREED, ""},
        {"cn", "use by company", AGREED, ""},
        {"cn", "use by company", BY_LAW, ""},
        {"cn", "use by agency", BY_LAW, ""},
        {"cn", "collect by state_organ", BY_LAW, ""},
        {"cn", "store by company", AGREED, "store_country=CN:derived"},
        {"cn", "store by company", NOBODY, ""},
        {"cn", "share by company to company", BY_LAW, ""},
        {"cn", "share by company to company", AGREED, ""},
        {"cn", "share by state_organ to company", NOBODY, ""},
        {"cn", "share by state_organ to agency", NOBODY, ""},
        {"cn", "open by company", NOBODY, ""},
        {"cn", "transfer by company to company in SG", AGREED, ""},
        {"cn", "transfer by company to company in SG", NOBODY, ""},
        {"cn", "transfer by agency to company in SG", AGREED, "security_assessment=true:attested"},
        {"eu", "open by agency", AGREED, ""},
        {"eu", "open by agency", BY_LAW, ""},
        {"eu", "use by company", AGREED, ""},
        {"eu", "use by company", BY_LAW, ""},
        {"eu", "store by company", AGREED, ""},
        {"eu", "share by agency to company", BY_LAW, ""},
        {"eu", "share by company to company", AGREED, ""},
        {"eu", "transfer by company to company in US", AGREED, ""},
        {"eu", "transfer by agency to agency in US", NOBODY, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(CASE_BYTES);
        const struct law_finding *f =
            find_changed(*state, cases[i].pack, cases[i].act, cases[i].base, cases[i].more, arena);
        if (f->outcome != LAW_PERMIT)
            fail_msg("%s, %s: %.*s", cases[i].pack, cases[i].act, pd_arg(f->reason));
        pd_arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_done_with_persons_on_declarations_alone),
        cmocka_unit_test(one_protection_stands_though_all_else_is_there),
        cmocka_unit_test(with_all_that_the_law_asks_for_it_is_permitted),
    };
    return cmocka_run_group_tests(tests, load_whole, drop_whole);
}
