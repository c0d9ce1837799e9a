/* The finding: every policy of the packs, the worked example, what is refused when rules load,
   exemptions, duties, and what fails closed. */
#include "finding_fixture.h"
#include "finding_outcomes.h"
#include "finding_refusals.h"
#include "finding_schema.h"

/* ---- Every policy: cases in which it speaks and cases in which it does not (law/PACK/CASES.md)
 * ---- */

/* Cuts a row of a Markdown table into trimmed cells; the first is what stands before the first bar.
 */
static void cut_row(pd_str row, pd_str *cells, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!pd_str_split(&row, '|', &cells[i]))
            fail_msg("too few cells: %.*s", pd_arg(row));
        cells[i] = pd_str_trim(cells[i]);
    }
}

/* The rows of a pack's cases, read by rules that hold the pack. */
static const struct law_case_row *read_cases(const struct law_rules *by, pd_str pack,
                                             struct pd_arena *arena, size_t *count) {
    struct pd_error err = {PD_OK, ""};
    const struct law_case_row *rows = NULL;
    char path[64];
    snprintf(path, sizeof(path), "%.*s/CASES.md", pd_arg(pack));
    if (law_cases_parse(by, pd_str_from(path), file_text(path), arena, &rows, count, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_true(*count > 0);
    return rows;
}

static void check_cases(const struct law_rules *by, pd_str pack) {
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    size_t count = 0;
    const struct law_case_row *rows = read_cases(by, pack, arena, &count);
    for (size_t i = 0; i < count; i++) {
        struct pd_error err = {PD_OK, ""};
        struct law_case_result got;
        struct pd_mark mark = pd_arena_mark(arena);
        if (law_case_row_check(by, &rows[i], arena, &got, &err) != PD_OK)
            fail_msg("%s", err.text);
        if (!got.speaks_holds)
            fail_msg("%.*s is silent at: %.*s; %.*s", pd_arg(rows[i].policy_id),
                     pd_arg(rows[i].speaks.act), pd_arg(rows[i].speaks.facts));
        if (!got.silent_holds)
            fail_msg("%.*s speaks at: %.*s; %.*s", pd_arg(rows[i].policy_id),
                     pd_arg(rows[i].silent.act), pd_arg(rows[i].silent.facts));
        pd_arena_reset(arena, mark);
    }
    pd_arena_free(arena);
}

static void each_policy_speaks_where_its_article_does_and_only_there(void **state) {
    (void)state;
    pd_str packs[PACKS_MAX];
    size_t count = list_packs(packs);
    assert_true(count >= 2);
    for (size_t i = 0; i < count; i++) {
        struct law_rules *made = load_pack(packs[i]);
        check_cases(made, packs[i]);
        check_cases(made, PD_STR("node"));
        law_rules_free(made);
    }
}

/* Calls for each @id("...") of the packs. */
static size_t for_each_policy(void (*call)(pd_str id, pd_str text)) {
    size_t count = 0;
    for (size_t i = 0; i < file_count; i++) {
        pd_str rest = files[i].text;
        if (!pd_str_ends(files[i].path, PD_STR(".cedar")))
            continue;
        for (size_t at; (at = pd_str_find(rest, PD_STR("@id(\""))) != PD_NPOS; count++) {
            rest = pd_str_sub(rest, at, rest.len);
            size_t end = pd_str_find(rest, PD_STR(";\n"));
            pd_str id = pd_str_sub(rest, 5, rest.len);
            id.len = pd_str_find_char(id, '"');
            assert_true(end != PD_NPOS);
            call(id, pd_str_sub(rest, 0, end + 2));
            rest = pd_str_sub(rest, end + 2, rest.len);
        }
    }
    return count;
}

static struct law_rules *every_pack; /* as load_all gives it, while policies are gone through */

static void check_has_case(pd_str id, pd_str text) {
    (void)text;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    size_t count = 0;
    bool found = false;
    const struct law_case_row *rows =
        read_cases(every_pack, pd_str_sub(id, 0, pd_str_find_char(id, '.')), arena, &count);
    for (size_t i = 0; i < count; i++)
        found |= pd_str_eq(rows[i].policy_id, id);
    if (!found)
        fail_msg("no case for %.*s", pd_arg(id));
    pd_arena_free(arena);
}

static pd_str law_manual;

/* A row of the tables of policies has five cells; other tables of the manual name policies too. */
static void check_documented(pd_str id, pd_str text) {
    (void)text;
    char cell[200];
    snprintf(cell, sizeof(cell), "| %.*s | ", pd_arg(id));
    pd_str manual = law_manual;
    size_t rows = 0;
    for (pd_str line; pd_str_split(&manual, '\n', &line);) {
        size_t bars = 0;
        for (size_t i = 0; i < line.len; i++)
            bars += line.data[i] == '|';
        rows += bars == 6 && pd_str_starts(line, pd_str_from(cell));
    }
    if (rows != 1)
        fail_msg("docs/law.md lists %.*s in %zu rows of its tables of policies", pd_arg(id), rows);
}

static void check_annotations(pd_str id, pd_str text) {
    static const char *const wanted[] = {"@law(\"",   "@article(\"",  "@jurisdiction(\"",
                                         "@title(\"", "@title_zh(\"", "@source(\"",
                                         "@v(\""};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (pd_str_find(text, pd_str_from(wanted[i])) == PD_NPOS)
            fail_msg("%.*s has no %s", pd_arg(id), wanted[i]);
    bool forbids = pd_str_find(text, PD_STR("\nforbid (")) != PD_NPOS;
    bool is_duty = pd_str_ends(id, PD_STR(".duty"));
    if (forbids != (pd_str_find(text, PD_STR("@remedy(\"")) != PD_NPOS))
        fail_msg("%.*s: a forbid has a @remedy, nothing else has", pd_arg(id));
    if (is_duty != (pd_str_find(text, PD_STR("@obligation(\"")) != PD_NPOS))
        fail_msg("%.*s: a duty has an @obligation, nothing else has", pd_arg(id));
    if (pd_str_find(text, PD_STR("!(context.f has")) != PD_NPOS)
        fail_msg("%.*s: a negated guard", pd_arg(id));
}

/* Every pack at once, as a node has them that answers to several laws. */
static struct law_rules *load_all(void) {
    struct pd_error err = {PD_OK, ""};
    struct law_rules *all = NULL;
    if (law_rules_new(files, file_count, &all, &err) != PD_OK)
        fail_msg("%s", err.text);
    return all;
}

static void every_policy_has_a_case_its_annotations_and_a_row_in_the_manual(void **state) {
    (void)state;
    every_pack = load_all();
    assert_int_equal(for_each_policy(check_has_case), law_rules_count(every_pack));
    law_rules_free(every_pack);
    for_each_policy(check_annotations);
    law_manual = read_file("docs/law.md");
    for_each_policy(check_documented);
}

/* ---- The worked example: every row of law/EXAMPLE.md ---- */

static struct pd_buf picked; /* the policies of the example, as the packs have them */
static void pick_policy(pd_str id, pd_str text) {
    static const char *const ids[] = {"cn.pipl.25", "cn.gds.14", "cn.cbdf.5", "cn.pipl.38",
                                      "cn.cbdf.7"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (pd_str_is(id, ids[i]))
            pd_buf_str(&picked, text);
}

/* Whether `list` ("a, b") names exactly the things for which `has` is true, `count` of them. */
static void check_names(pd_str list, size_t count, bool (*has)(const struct law_finding *, pd_str),
                        const struct law_finding *f, pd_str row) {
    size_t named = 0;
    pd_str name;
    while (list.len > 0 && pd_str_split(&list, ',', &name)) {
        if (!has(f, pd_str_trim(name)))
            fail_msg("\"%.*s\" is not there: %.*s", pd_arg(pd_str_trim(name)), pd_arg(row));
        named++;
    }
    if (named != count)
        fail_msg("%zu named, %zu there: %.*s", named, count, pd_arg(row));
}

static bool has_voice(const struct law_finding *f, pd_str id) {
    return voice_of(f, id) != NULL;
}

static size_t count_missing_facts(const struct law_finding *f) {
    size_t count = 0;
    for (size_t i = 0; i < f->missing_count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen |= f->missing[j].fact == f->missing[i].fact;
        count += !seen;
    }
    return count;
}

static void check_example_row(const struct law_rules *example, pd_str row) {
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    pd_str cells[7];
    cut_row(row, cells, 7);
    const struct law_finding *f =
        decide(example, make_case(example, cells[1], cells[2], arena), arena);
    if (!pd_str_is(cells[3], law_outcome_name(f->outcome)))
        fail_msg("%s (%.*s): %.*s", law_outcome_name(f->outcome), pd_arg(f->reason), pd_arg(row));
    /* The base permit speaks in every row and is not named. */
    check_names(cells[4], f->voice_count - 1, has_voice, f, row);
    check_names(cells[5], count_missing_facts(f), is_missing, f, row);
    pd_arena_free(arena);
}

static void the_worked_example_is_what_happens(void **state) {
    (void)state;
    struct pd_error err = {PD_OK, ""};
    struct law_rules *example = NULL;
    pd_buf_init(&picked, 0);
    for_each_policy(pick_policy);
    const struct law_file some[] = {
        {PD_STR("facts.json"), file_text("facts.json")},
        {PD_STR("cn/manifest.json"), file_text("cn/manifest.json")},
        {PD_STR("cn/example.cedar"), pd_buf_view(&picked)},
        {PD_STR("node/manifest.json"), file_text("node/manifest.json")},
        {PD_STR("node/thresholds.json"), file_text("node/thresholds.json")},
        {PD_STR("node/base.cedar"), file_text("node/base.cedar")},
    };
    if (law_rules_new(some, sizeof(some) / sizeof(some[0]), &example, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(law_rules_count(example), 5 + 3);
    pd_str text = file_text("EXAMPLE.md");
    size_t checked = 0;
    for (pd_str line; pd_str_split(&text, '\n', &line);) {
        if (pd_str_find(line, PD_STR(" by ")) == PD_NPOS || !pd_str_starts(line, PD_STR("| ")))
            continue;
        check_example_row(example, line);
        checked++;
    }
    assert_int_equal(checked, 17);
    law_rules_free(example);
    pd_buf_clear(&picked);
}

/* ---- The whole packs ---- */

static void a_table_without_persons_is_published_on_its_stewards_word_alone(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    const struct law_finding *f =
        find_in(rules, "open by state_organ",
                "holds_identifiers=false:measured, quasi_columns=0:measured, rows=31:measured, "
                "sensitive_columns=0:measured, is_personal=false:attested",
                arena);
    assert_int_equal(f->outcome, LAW_PERMIT);
    assert_pd_str(owed(f, arena), "publish(catalogue) fee_cap(0)");
    assert_true(used_of(f, "is_personal")->decisive);
    assert_true(used_of(f, "holds_identifiers")->decisive);
    assert_false(used_of(f, "rows")->decisive);
    f = find_in(rules, "open by state_organ",
                "holds_identifiers=false:measured, quasi_columns=0:measured", arena);
    assert_int_equal(f->outcome, LAW_OPEN);
    assert_true(is_missing(f, PD_STR("is_personal")));
    assert_false(is_missing(f, PD_STR("holds_identifiers")));
    pd_arena_free(arena);
}

static void a_table_without_persons_is_published_so_under_the_law_of_the_union_too(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *eu = load_pack(PD_STR("eu"));
    static const char MEASURED[] =
        "holds_identifiers=false:measured, quasi_columns=0:measured, rows=31:measured, "
        "sensitive_columns=0:measured";
    char signed_facts[300];
    snprintf(signed_facts, sizeof(signed_facts), "%s, is_personal=false:attested", MEASURED);
    const struct law_finding *f = find_in(eu, "open by state_organ", signed_facts, arena);
    assert_int_equal(f->outcome, LAW_PERMIT);
    assert_pd_str(owed(f, arena), "publish(catalogue;format=open) fee_cap(marginal costs) "
                                  "publish(licence=standard open licence)");
    f = find_in(eu, "open by state_organ", MEASURED, arena);
    assert_int_equal(f->outcome, LAW_OPEN);
    assert_true(is_missing(f, PD_STR("is_personal")));
    law_rules_free(eu);
    pd_arena_free(arena);
}

static void what_an_asker_merely_declares_discloses_no_persons(void **state) {
    (void)state;
    static const char *const packs[] = {"cn", "eu"};
    static const char *const acts[] = {"open by state_organ",
                                       "open by company",
                                       "share by state_organ to agency",
                                       "share by company to company",
                                       "transfer by state_organ to company in US",
                                       "transfer by company to foreign_authority in US"};
    static const char FACTS[] =
        "holds_identifiers=false:measured, quasi_columns=0:measured, is_personal=false:declared, "
        "is_sensitive=false:declared, subject_under_14=false:declared, is_criminal=false:declared, "
        "high_risk=false:declared, legal_basis=public_task:declared, purpose=planning:declared, "
        "same_purpose=true:declared, purpose_in_statutory_duties=true:declared, "
        "purpose_kind=statistics:declared, recipient_is_processor=false:declared, "
        "level=general:declared";
    for (size_t p = 0; p < sizeof(packs) / sizeof(packs[0]); p++) {
        struct law_rules *made = load_pack(pd_str_from(packs[p]));
        for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
            struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
            if (find_in(made, acts[i], FACTS, arena)->outcome == LAW_PERMIT)
                fail_msg("%s permits: %s", packs[p], acts[i]);
            pd_arena_free(arena);
        }
        law_rules_free(made);
    }
}

static void a_raw_table_of_persons_is_not_published_and_the_remedies_are_named(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    const struct law_finding *f =
        find_in(rules, "open by state_organ",
                "holds_identifiers=true:measured, quasi_columns=3:measured, k=1:measured, "
                "is_personal=true:derived, separate_consent=false:attested",
                arena);
    assert_int_equal(f->outcome, LAW_DENY);
    const struct law_voice *voice = voice_of(f, PD_STR("cn.pipl.25"));
    assert_non_null(voice);
    assert_int_equal(voice->remedy_count, 2);
    assert_int_equal(voice->remedies[0].count, 2);
    assert_pd_str(voice->remedies[0].obligations[0].text, "drop(direct)");
    assert_pd_str(law_obligation_word(&voice->remedies[0].obligations[0], 0), "direct");
    assert_pd_str(voice->remedies[0].obligations[1].text, "kanon(quasi;k=t.k)");
    assert_pd_str(law_obligation_value(&voice->remedies[0].obligations[1], "k"), "5");
    assert_int_equal(voice->remedies[0].obligations[1].class_, LAW_BEFORE);
    assert_pd_str(voice->remedies[1].obligations[0].fact, "separate_consent");
    assert_non_null(voice_of(f, PD_STR("node.release.identifiers")));
    assert_non_null(voice_of(f, PD_STR("node.release.k")));
    pd_arena_free(arena);
}

static void with_separate_consent_the_nodes_own_rules_do_not_stand_in_the_way(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    const struct law_finding *f = find_in(
        rules, "open by state_organ",
        "holds_identifiers=true:measured, quasi_columns=3:measured, k=1:measured, "
        "is_personal=true:derived, separate_consent=true:attested, legal_basis=consent:declared, "
        "purpose=transparency:declared, is_sensitive=false:declared, subject_under_14=false:declared, "
        "purpose_in_statutory_duties=true:declared, impact_assessment=true:attested",
        arena);
    assert_pd_str(f->reason, "Permitted: no rule forbids it.");
    assert_int_equal(f->outcome, LAW_PERMIT);
    assert_pd_str(owed(f, arena), "publish(catalogue) fee_cap(0) record(keep=3y)");
    assert_true(used_of(f, "purpose")->decisive);
    assert_int_equal(used_of(f, "purpose")->fact->class_, LAW_DECLARED);
    assert_true(used_of(f, "separate_consent")->decisive);
    pd_arena_free(arena);
}

static void sharing_between_departments_owes_notice_and_the_record(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    static const char FACTS[] =
        "holds_identifiers=true:measured, identifiers_needed=true:attested, "
        "is_personal=true:derived, legal_basis=public_task:attested, purpose=benefits:declared, "
        "is_sensitive=false:declared, "
        "subject_under_14=false:declared, purpose_in_statutory_duties=true:declared, "
        "impact_assessment=true:attested, contract=true:derived, secrecy_review=true:attested, "
        "head_approval=true:attested, catalogue_complete=true:derived, "
        "share_class=unconditional:derived";
    const struct law_finding *f = find_in(rules, "share by state_organ to agency", FACTS, arena);
    assert_int_equal(f->outcome, LAW_PERMIT);
    assert_pd_str(owed(f, arena), "record(keep=3y) notice");
    assert_int_equal(f->obligations[1].class_, LAW_EVIDENCED);
    assert_pd_str(f->obligations[1].fact, "notice_given");
    assert_false(f->obligations[1].discharged);
    char more[1000];
    snprintf(more, sizeof(more), "%s, notice_given=true:attested", FACTS);
    f = find_in(rules, "share by state_organ to agency", more, arena);
    assert_true(f->obligations[1].discharged);
    pd_arena_free(arena);
}

/* ---- Which facts enter ---- */

static void facts_that_do_not_count_are_listed_with_the_reason(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct law_scalar value;
        enum law_class class_;
        pd_time expires;
        const char *ignored;
    } cases[] = {
        {"is_personal",
         {.kind = LAW_BOOL},
         LAW_DECLARED,
         0,
         "it is only declared; to be false it must be attested"},
        {"is_personal",
         {.kind = LAW_BOOL},
         LAW_DERIVED,
         0,
         "it is only derived; to be false it must be attested"},
        {"is_personal", {.kind = LAW_BOOL}, LAW_ATTESTED, 0, ""},
        {"is_personal", {.kind = LAW_BOOL}, LAW_ATTESTED, 1, "it expired at 1970-01-01T00:00:00Z"},
        {"is_personal",
         {.kind = LAW_LONG, .number = 0},
         LAW_ATTESTED,
         0,
         "its value is not of the registered type"},
        {"is_human",
         {.kind = LAW_BOOL},
         LAW_ATTESTED,
         0,
         "the registry knows no fact of this name"},
        {"level",
         {.kind = LAW_STRING, .text = PD_STR_INIT("secret")},
         LAW_ATTESTED,
         0,
         "its value is none of the registered codes"},
        {"k",
         {.kind = LAW_LONG, .number = 9},
         LAW_ATTESTED,
         0,
         "it is only attested; it must be measured"},
        {"share_class",
         {.kind = LAW_STRING, .text = PD_STR_INIT("none")},
         LAW_DECLARED,
         0,
         "it is only declared; it must be attested or derived"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct law_case *c = make_case(rules, PD_STR("open by company"), PD_STR(""), arena);
        const struct law_fact fact = {.name = pd_str_from(cases[i].name),
                                      .value = cases[i].value,
                                      .class_ = cases[i].class_,
                                      .expires = cases[i].expires};
        c->facts = &fact;
        c->fact_count = 1;
        const struct law_finding *f = decide(rules, c, arena);
        assert_int_equal(f->fact_count, 1);
        assert_pd_str(f->facts[0].ignored, cases[i].ignored);
        assert_int_equal(voice_of(f, PD_STR("cn.pipl.25")) == NULL, cases[i].ignored[0] == '\0');
        pd_arena_free(arena);
    }
}

static void a_fact_expires_at_its_moment_and_not_before(void **state) {
    (void)state;
    static const struct {
        pd_time expires;
        bool enters;
    } cases[] = {{NOW + 1, true}, {NOW, false}, {NOW - 1, false}, {0, true}};
    for (size_t i = 0; i < 4; i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct law_case *c = make_case(rules, PD_STR("open by company"), PD_STR(""), arena);
        const struct law_fact fact = {
            .name = PD_STR("is_personal"), .class_ = LAW_ATTESTED, .expires = cases[i].expires};
        c->facts = &fact;
        c->fact_count = 1;
        const struct law_finding *f = decide(rules, c, arena);
        assert_int_equal(f->facts[0].ignored.len == 0, cases[i].enters);
        pd_arena_free(arena);
    }
}

static void of_several_facts_of_one_name_the_stronger_then_the_later_enters(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_case *c = make_case(
        rules, PD_STR("open by company"),
        PD_STR("level=core:declared, level=general:attested, level=important:attested"), arena);
    const struct law_finding *f = decide(rules, c, arena);
    assert_pd_str(f->facts[0].ignored, "a fact of a class that goes before it was given");
    assert_pd_str(f->facts[1].ignored, "a later one was given");
    assert_pd_str(f->facts[2].ignored, "");
    assert_null(voice_of(f, PD_STR("cn.dsl.21")));
    assert_non_null(voice_of(f, PD_STR("node.release.level")));
    pd_arena_free(arena);
}

static void a_fact_in_words_is_read_by_the_registry(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
        const char *error; /* NULL: it is read */
    } cases[] = {
        {"is_personal", "false", NULL},
        {"k", "-3", NULL},
        {"level", "core", NULL},
        {"purpose", "planning of school routes", NULL},
        {"is_personl", "true",
         "the registry knows no fact \"is_personl\"; did you mean \"is_personal\"?"},
        {"is_personal", "no", "is_personal is true or false; not \"no\""},
        {"k", "five", "k is a whole number; not \"five\""},
        {"level", "secret", "level is one of general, important, core; not \"secret\""},
        {"purpose", "", "purpose is a text of 1 to 2000 bytes; this has 0"},
        {"purpose", "a\xff", "purpose: byte 2 is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err = {PD_OK, ""};
        struct law_scalar out;
        enum pd_status st = law_fact_parse(rules, pd_str_from(cases[i].name),
                                           pd_str_from(cases[i].value), arena, &out, &err);
        assert_int_equal(st, cases[i].error == NULL ? PD_OK : PD_INVALID);
        if (cases[i].error != NULL)
            assert_string_equal(err.text, cases[i].error);
        pd_arena_free(arena);
    }
}

static void a_case_that_the_schema_lacks_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *verb, *kind, *chamber, *type, *error;
    } cases[] = {
        {"opn", "company", "", "Version", "unknown verb \"opn\"; did you mean \"open\"?"},
        {"open", "person", "", "Version",
         "the party is of unknown kind \"person\"; kinds: state_organ agency authority company "
         "association group researcher foreign_authority"},
        {"open", "company", "nobility", "Version",
         "the party is of unknown chamber \"nobility\"; chambers: government enterprise industry "
         "public"},
        {"open", "company", "industry", "File",
         "unknown resource type \"File\"; types: Party Dataset Version Distribution Source "
         "Standard "
         "Agreement Case Proposal Intent Right Goal Service Errand "
         "Member Node"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err = {PD_OK, ""};
        const struct law_finding *f = NULL;
        struct law_case c = {.verb = pd_str_from(cases[i].verb),
                             .party = {.id = PD_STR("p"),
                                       .kind = pd_str_from(cases[i].kind),
                                       .chamber = pd_str_from(cases[i].chamber)},
                             .resource_type = pd_str_from(cases[i].type),
                             .now = NOW};
        assert_int_equal(law_find(rules, &c, arena, &f, &err), PD_INVALID);
        assert_string_equal(err.text, cases[i].error);
        assert_null(f);
        pd_arena_free(arena);
    }
}

/* ---- Outcomes ---- */

static void the_outcome_follows_from_who_speaks(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        const struct row_outcome *o = &outcomes[i];
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err;
        struct law_rules *made = NULL;
        /* As a node has them that took them up before: what is new is refused for less. */
        if (take_rules(law_rules_reopen, o->statute, o->node, &made, &err) != PD_OK)
            fail_msg("%s: %s", o->what, err.text);
        const struct law_finding *f = find_in(made, o->act, o->facts, arena);
        if (f->outcome != o->outcome || !pd_str_is(f->reason, o->reason))
            fail_msg("%s: %s, %.*s", o->what, law_outcome_name(f->outcome), pd_arg(f->reason));
        law_rules_free(made);
        pd_arena_free(arena);
    }
}

static void an_erring_policy_is_listed_with_its_message(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct pd_error err;
    struct law_rules *made = NULL;
    assert_int_equal(load_rules(POLICY("cn.x", "",
                                       "forbid (principal, action, resource) when "
                                       "{ context.f.rows > 0 };"),
                                BASE, &made, &err),
                     PD_OK);
    const struct law_finding *f = find_in(made, "open by company", "", arena);
    const struct law_voice *voice = voice_of(f, PD_STR("cn.x"));
    assert_non_null(voice);
    assert_int_equal(voice->role, LAW_ERRS);
    assert_true(pd_str_starts(voice->message, PD_STR("cn/s.cedar:1:")));
    law_rules_free(made);
    pd_arena_free(arena);
}

static void obligations_are_merged_to_the_strictest(void **state) {
    (void)state;
    static const struct {
        const char *first, *second, *merged;
    } cases[] = {
        {"record(keep=3y)", "record(keep=5y)", "record(keep=5y)"},
        {"answer(within=20wd)", "answer(within=10wd)", "answer(within=10wd)"},
        {"answer(within=20wd)", "answer(within=10d)", "answer(within=20wd) answer(within=10d)"},
        {"notice", "notice", "notice"},
        {"notify(authority)", "notify(persons)", "notify(authority) notify(persons)"},
        {"notify(authority)", "notify(authority;within=72h)", "notify(authority;within=72h)"},
        {"kanon(quasi;k=3)", "kanon(quasi;k=t.k)", "kanon(quasi;k=t.k)"},
        {"kanon(quasi;k=9)", "kanon(quasi;k=t.k)", "kanon(quasi;k=9)"},
        {"delete(at=retention_end)", "delete(at=purpose_end)",
         "delete(at=retention_end) delete(at=purpose_end)"},
        {"mask(direct)+record(keep=3y)", "record(keep=1y)+log(keep=6m)",
         "mask(direct) record(keep=3y) log(keep=6m)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err;
        struct law_rules *made = NULL;
        char text[600];
        snprintf(text, sizeof(text),
                 "@id(\"cn.a.duty\") @obligation(\"%s\") permit (principal, action, resource);\n"
                 "@id(\"cn.b.duty\") @obligation(\"%s\") permit (principal, action, resource);\n",
                 cases[i].first, cases[i].second);
        if (load_rules(text, BASE, &made, &err) != PD_OK)
            fail_msg("%s", err.text);
        const struct law_finding *f = find_in(made, "open by company", "", arena);
        assert_int_equal(f->outcome, LAW_PERMIT);
        assert_pd_str(owed(f, arena), cases[i].merged);
        law_rules_free(made);
        pd_arena_free(arena);
    }
}

static void evidence_discharges_what_it_evidences(void **state) {
    (void)state;
    static const struct {
        const char *obligation, *facts;
        bool discharged;
    } cases[] = {
        {"consent(separate)", "separate_consent=true:attested", true},
        {"consent(separate)", "separate_consent=false:attested", false},
        {"consent(separate)", "consent=true:attested", false},
        {"localise(CN)", "store_country=CN:declared", true},
        {"localise(CN)", "store_country=SG:declared", false},
        {"contract(standard)", "export_gateway=standard_contract:attested", true},
        {"contract(standard)", "export_gateway=certification:attested", false},
        {"record(keep=3y)", "", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err;
        struct law_rules *made = NULL;
        char text[300];
        snprintf(text, sizeof(text),
                 "@id(\"cn.a.duty\") @obligation(\"%s\") permit (principal, action, resource);\n",
                 cases[i].obligation);
        if (load_rules(text, BASE, &made, &err) != PD_OK)
            fail_msg("%s", err.text);
        const struct law_finding *f = find_in(made, "open by company", cases[i].facts, arena);
        assert_int_equal(f->obligation_count, 1);
        assert_int_equal(f->obligations[0].discharged, cases[i].discharged);
        law_rules_free(made);
        pd_arena_free(arena);
    }
}

/* ---- What does not load ---- */

static void wrong_policies_are_refused_with_their_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct pd_error err;
        struct law_rules *made = NULL;
        enum pd_status st = load_rules(refusals[i].statute, refusals[i].node, &made, &err);
        if (st != PD_INVALID ||
            strncmp(err.text, refusals[i].place, strlen(refusals[i].place)) != 0 ||
            strstr(err.text, refusals[i].what) == NULL || strchr(err.text, '^') == NULL)
            fail_msg("row %zu, \"%s%s\": %s", i, refusals[i].place, refusals[i].what, err.text);
        assert_null(made);
    }
}

static void wrong_files_are_refused_by_name(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
        struct law_file some[FILES_MAX + 1];
        struct pd_error err = {PD_OK, ""};
        struct law_rules *made = NULL;
        size_t n = 0;
        for (size_t j = 0; j < file_count; j++)
            if (!pd_str_is(files[j].path, bad_files[i].path))
                some[n++] = files[j];
        some[n++] =
            (struct law_file){pd_str_from(bad_files[i].path), pd_str_from(bad_files[i].text)};
        enum pd_status st = law_rules_new(some, n, &made, &err);
        if (st == PD_OK || strncmp(err.text, bad_files[i].error, strlen(bad_files[i].error)) != 0)
            fail_msg("\"%s\": %s", bad_files[i].error, err.text);
        assert_null(made);
    }
}

static void rules_without_a_registry_or_given_twice_are_refused(void **state) {
    (void)state;
    struct pd_error err = {PD_OK, ""};
    struct law_rules *made = NULL;
    assert_int_equal(law_rules_new(files, 0, &made, &err), PD_INVALID);
    assert_string_equal(err.text, "facts.json: the registry of facts is missing");
    const struct law_file twice[] = {files[0], files[0]};
    assert_int_equal(law_rules_new(twice, 2, &made, &err), PD_INVALID);
    assert_non_null(strstr(err.text, ": given twice"));
}

/* ---- The record of a finding ---- */

static void the_json_of_a_finding_does_not_depend_on_the_order_of_files(void **state) {
    (void)state;
    struct law_file turned[FILES_MAX];
    struct pd_error err = {PD_OK, ""};
    struct law_rules *other = NULL;
    for (size_t i = 0; i < file_count; i++)
        turned[i] = files[file_count - 1 - i];
    assert_int_equal(law_rules_new(turned, file_count, &other, &err), PD_OK);
    struct law_rules *all = load_all();
    const struct law_rules *both[] = {all, other};
    struct pd_buf text[2];
    for (size_t i = 0; i < 2; i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_json w;
        pd_buf_init(&text[i], 0);
        pd_json_init(&w, &text[i], PD_JSON_COMPACT);
        law_finding_write(
            find_in(both[i], "open by state_organ", "is_personal=true:declared", arena), &w);
        pd_json_clear(&w);
        assert_false(text[i].failed);
        pd_arena_free(arena);
    }
    assert_string_equal(text[0].data, text[1].data);
    static const char START[] =
        "{\"finding\":1,\"outcome\":\"open\",\"reason\":\"Not yet: facts that";
    if (strncmp(text[0].data, START, strlen(START)) != 0)
        fail_msg("%.200s", text[0].data);
    assert_non_null(
        strstr(text[0].data, "{\"name\":\"is_personal\",\"value\":true,\"class\":\"declared\""));
    pd_buf_clear(&text[0]);
    pd_buf_clear(&text[1]);
    law_rules_free(other);
    law_rules_free(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_speaks_where_its_article_does_and_only_there),
        cmocka_unit_test(every_policy_has_a_case_its_annotations_and_a_row_in_the_manual),
        cmocka_unit_test(the_schema_records_hold_exactly_the_registered_facts),
        cmocka_unit_test(the_schema_enums_are_the_registered_codes),
        cmocka_unit_test(the_schema_has_the_verbs_and_nouns_of_the_engine),
        cmocka_unit_test(each_evidenced_obligation_has_its_fact_in_the_registry),
        cmocka_unit_test(the_worked_example_is_what_happens),
        cmocka_unit_test(a_table_without_persons_is_published_on_its_stewards_word_alone),
        cmocka_unit_test(a_table_without_persons_is_published_so_under_the_law_of_the_union_too),
        cmocka_unit_test(what_an_asker_merely_declares_discloses_no_persons),
        cmocka_unit_test(a_raw_table_of_persons_is_not_published_and_the_remedies_are_named),
        cmocka_unit_test(with_separate_consent_the_nodes_own_rules_do_not_stand_in_the_way),
        cmocka_unit_test(sharing_between_departments_owes_notice_and_the_record),
        cmocka_unit_test(facts_that_do_not_count_are_listed_with_the_reason),
        cmocka_unit_test(a_fact_expires_at_its_moment_and_not_before),
        cmocka_unit_test(of_several_facts_of_one_name_the_stronger_then_the_later_enters),
        cmocka_unit_test(a_fact_in_words_is_read_by_the_registry),
        cmocka_unit_test(a_case_that_the_schema_lacks_is_refused),
        cmocka_unit_test(the_outcome_follows_from_who_speaks),
        cmocka_unit_test(an_erring_policy_is_listed_with_its_message),
        cmocka_unit_test(obligations_are_merged_to_the_strictest),
        cmocka_unit_test(evidence_discharges_what_it_evidences),
        cmocka_unit_test(wrong_policies_are_refused_with_their_place),
        cmocka_unit_test(wrong_files_are_refused_by_name),
        cmocka_unit_test(rules_without_a_registry_or_given_twice_are_refused),
        cmocka_unit_test(the_json_of_a_finding_does_not_depend_on_the_order_of_files),
    };
    return cmocka_run_group_tests(tests, load_packs, drop_packs);
}
