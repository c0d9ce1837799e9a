/* For finding_test.c: law/polder.cedarschema, the registry and the engine's lists say the same. */
#ifndef POLDER_TESTS_FINDING_SCHEMA_H
#define POLDER_TESTS_FINDING_SCHEMA_H

#include "finding_fixture.h"

static pd_str schema_record(const char *type) {
    char opening[64];
    snprintf(opening, sizeof(opening), "type %s = {\n", type);
    pd_str text = file_text("polder.cedarschema");
    size_t at = pd_str_find(text, pd_str_from(opening));
    assert_true(at != PD_NPOS);
    text = pd_str_sub(text, at + strlen(opening), text.len);
    return pd_str_sub(text, 0, pd_str_find(text, PD_STR("    };")));
}

static const char *schema_type(const struct law_fact_kind *kind, char out[64]) {
    static const char *const names[] = {
        [LAW_BOOL] = "Bool", [LAW_LONG] = "Long", [LAW_STRING] = "String"};
    if (kind->codes == NULL)
        return names[kind->type];
    snprintf(out, 64, "%.*s", pd_arg(kind->code_type));
    return out;
}

static void the_schema_records_hold_exactly_the_registered_facts(void **state) {
    (void)state;
    static const struct {
        const char *type;
        unsigned classes; /* the facts that accept one of these */
    } records[] = {
        {"Facts", 0xf},
        {"Attested", 1U << LAW_ATTESTED | 1U << LAW_DERIVED},
    };
    for (size_t r = 0; r < 2; r++) {
        pd_str record = schema_record(records[r].type);
        size_t lines = 0;
        size_t wanted = 0;
        for (size_t i = 0; i < record.len; i++)
            lines += record.data[i] == '\n';
        for (size_t i = 0; i < law_rules_fact_count(rules); i++) {
            const struct law_fact_kind *kind = law_rules_fact_nth(rules, i);
            char line[200];
            char code[64];
            if ((kind->accepts & records[r].classes) == 0)
                continue;
            snprintf(line, sizeof(line), "        %.*s?: %s,\n", pd_arg(kind->name),
                     schema_type(kind, code));
            if (pd_str_find(record, pd_str_from(line)) == PD_NPOS)
                fail_msg("%s: no line \"%s\"", records[r].type, line);
            wanted++;
        }
        assert_int_equal(lines, wanted);
    }
}

/* The quoted words of `entity NAME enum [...]`, joined by spaces. */
static pd_str schema_enum(const char *name, struct pd_arena *arena) {
    char opening[64];
    pd_str text = file_text("polder.cedarschema");
    snprintf(opening, sizeof(opening), "entity %s enum [", name);
    size_t at = pd_str_find(text, pd_str_from(opening));
    assert_true(at != PD_NPOS);
    text = pd_str_sub(text, at + strlen(opening), text.len);
    text.len = pd_str_find_char(text, ']');
    pd_str list = {"", 0};
    pd_str piece;
    for (bool inside = false; pd_str_split(&text, '"', &piece); inside = !inside)
        if (inside)
            list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), list.len > 0 ? " " : "",
                                   pd_arg(piece));
    return list;
}

static void the_schema_enums_are_the_registered_codes(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    assert_pd_str(schema_enum("PartyKind", arena), law_code_list(LAW_CODE_PARTY_KIND));
    assert_pd_str(schema_enum("Chamber", arena), law_code_list(LAW_CODE_CHAMBER));
    for (size_t i = 0; i < law_rules_fact_count(rules); i++) {
        const struct law_fact_kind *kind = law_rules_fact_nth(rules, i);
        pd_str list = {"", 0};
        if (kind->codes == NULL)
            continue;
        for (size_t c = 0; c < kind->code_count; c++)
            list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), c > 0 ? " " : "",
                                   pd_arg(kind->codes[c]));
        char name[64];
        snprintf(name, sizeof(name), "%.*s", pd_arg(kind->code_type));
        assert_pd_str(schema_enum(name, arena), list.data);
    }
    pd_arena_free(arena);
}

static void the_schema_has_the_verbs_and_nouns_of_the_engine(void **state) {
    (void)state;
    pd_str schema = file_text("polder.cedarschema");
    char text[100];
    for (size_t i = 0; law_verb_nth(i) != NULL; i++) {
        const struct law_verb *verb = law_verb_nth(i);
        bool found = false;
        pd_str rest = schema;
        pd_str line;
        while (!found && pd_str_split(&rest, '\n', &line)) {
            pd_str trimmed = pd_str_trim(line);
            size_t at = pd_str_find(trimmed, pd_str_from(verb->name));
            if (!pd_str_starts(trimmed, PD_STR("action ")) || at == PD_NPOS)
                continue;
            snprintf(text, sizeof(text), " in [%s]", verb->groups[0] ? verb->groups[0] : "");
            found = verb->groups[0] == NULL ? pd_str_find(trimmed, PD_STR(" in ")) == PD_NPOS
                                            : pd_str_ends(trimmed, pd_str_from(text));
        }
        if (!found)
            fail_msg("the schema has no action %s in its group", verb->name);
    }
    pd_str nouns = pd_str_from(law_code_list(LAW_CODE_NOUN));
    for (pd_str noun; pd_str_split(&nouns, ' ', &noun);) {
        snprintf(text, sizeof(text), "    entity %.*s", pd_arg(noun));
        assert_true(pd_str_find(schema, pd_str_from(text)) != PD_NPOS);
    }
}

static void each_evidenced_obligation_has_its_fact_in_the_registry(void **state) {
    (void)state;
    assert_non_null(law_evidence_fact_nth(0));
    for (size_t i = 0; law_evidence_fact_nth(i) != NULL; i++)
        if (law_rules_fact(rules, pd_str_from(law_evidence_fact_nth(i))) == NULL)
            fail_msg("no fact %s", law_evidence_fact_nth(i));
}

#endif
