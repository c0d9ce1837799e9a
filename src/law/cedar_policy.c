/* One policy: annotations, scope, clauses. */
#include "law/cedar_parser.h"

#include <stdio.h>
#include <string.h>

/* ---- One policy ---- */

static bool parse_annotations(struct law_parser *p, struct law_policy *policy) {
    struct law_list list = {.item_size = sizeof(struct law_annotation)};
    while (law_token_is(p, "@")) {
        struct law_annotation annotation = {.value = PD_STR(""), .place = p->token.place};
        law_token_next(p);
        if (p->token.kind != LAW_TOKEN_NAME) /* reserved words may be keys */
            return law_parser_expected(p, "the annotation's name behind `@`");
        annotation.key = p->token.text;
        law_token_next(p);
        annotation.is_bare = !law_token_accept(p, "(");
        if (!annotation.is_bare &&
            (!law_token_string(p, "the annotation's value in quotes", &annotation.value) ||
             !law_token_expect(p, ")")))
            return false;
        const struct law_annotation *earlier = list.items;
        for (size_t i = 0; i < list.count; i++)
            if (pd_str_eq(earlier[i].key, annotation.key))
                return law_parser_fail(p, annotation.place, "this policy has @%.*s already",
                                       pd_arg(annotation.key));
        if (list.count == LAW_ANNOTATIONS_MAX)
            return law_parser_fail(p, annotation.place, "a policy has at most %d annotations",
                                   LAW_ANNOTATIONS_MAX);
        struct law_annotation *slot = law_list_add(p, &list);
        if (!slot)
            return false;
        *slot = annotation;
    }
    policy->annotations = list.items;
    policy->annotation_count = list.count;
    return true;
}

/** An entity, which for the action must be of a type `Action` or `A::B::Action`. */
static bool parse_scope_entity(struct law_parser *p, enum law_variable v, struct law_list *list,
                               struct law_list *places) {
    struct law_place place = p->token.place;
    struct law_uid uid;
    if (!law_parse_path(p, (struct law_token){0}, &uid))
        return false;
    if (!uid.id.data)
        return law_parser_expected(p, "`::` and an id in quotes, to name one entity");
    if (v == LAW_ACTION && !pd_str_is(uid.type, "Action") &&
        !pd_str_ends(uid.type, PD_STR("::Action")))
        return law_parser_fail(p, place, "an action is of type Action, not %.*s", pd_arg(uid.type));
    struct law_uid *slot = law_list_add(p, list);
    struct law_place *at = law_list_add(p, places);
    if (!slot || !at)
        return false;
    *slot = uid;
    *at = place;
    return true;
}

/** What stands behind `==` or `in`: an entity, a list of actions, or the variable's own slot. */
static bool parse_scope_target(struct law_parser *p, enum law_variable v, bool may_be_list,
                               struct law_scope *scope) {
    struct law_list list = {.item_size = sizeof(struct law_uid)};
    struct law_list places = {.item_size = sizeof(struct law_place)};
    if (p->token.kind == LAW_TOKEN_SLOT) {
        pd_str name = pd_str_sub(p->token.text, 1, SIZE_MAX);
        if (v == LAW_ACTION || !pd_str_eq(name, law_variable_names[v]))
            return law_parser_fail(p, p->token.place, "the slot `?%.*s` cannot stand for the %.*s",
                                   pd_arg(name), pd_arg(law_variable_names[v]));
        scope->has_slot = true;
        law_token_next(p);
        return true;
    }
    if (may_be_list && law_token_accept(p, "[")) {
        while (!law_token_is(p, "]")) {
            if (!parse_scope_entity(p, v, &list, &places))
                return false;
            if (!law_token_accept(p, ","))
                break;
        }
        if (!law_token_expect(p, "]"))
            return false;
    } else if (!parse_scope_entity(p, v, &list, &places)) {
        return false;
    } else {
        scope->is_single = true;
    }
    scope->entities = list.items;
    scope->entity_count = list.count;
    scope->entity_places = places.items;
    return true;
}

static bool parse_scope(struct law_parser *p, enum law_variable v, struct law_scope *scope) {
    char variable[16] = "";
    memcpy(variable, law_variable_names[v].data, law_variable_names[v].len);
    scope->place = p->token.place;
    if (!law_token_accept(p, variable)) {
        char what[48];
        snprintf(what, sizeof(what), "the variable `%s`", variable);
        return law_parser_expected_word(p, what, variable);
    }
    if (law_token_accept(p, "==")) {
        scope->form = LAW_SCOPE_EQUAL;
        return parse_scope_target(p, v, false, scope);
    }
    if (law_token_accept(p, "in")) {
        scope->form = LAW_SCOPE_IN;
        return parse_scope_target(p, v, v == LAW_ACTION, scope);
    }
    if (!law_token_is(p, "is"))
        return true;
    struct law_place place = p->token.place;
    if (v == LAW_ACTION)
        return law_parser_fail(p, place, "an action has no `is`: write `==` or `in`");
    law_token_next(p);
    struct law_uid path;
    struct law_place type_place = p->token.place;
    if (!law_parse_path(p, (struct law_token){0}, &path))
        return false;
    if (path.id.data)
        return law_parser_fail(p, type_place, "`is` asks for a type: write `is %.*s`",
                               pd_arg(path.type));
    scope->form = LAW_SCOPE_IS;
    scope->type = path.type;
    scope->type_place = type_place;
    if (!law_token_accept(p, "in"))
        return true;
    scope->form = LAW_SCOPE_IS_IN;
    return parse_scope_target(p, v, false, scope);
}

static bool parse_scopes(struct law_parser *p, struct law_policy *policy) {
    struct law_scope *const scopes[] = {&policy->principal, &policy->action, &policy->resource};
    if (!law_token_expect(p, "("))
        return false;
    for (int v = 0; v < 3; v++) {
        if (!parse_scope(p, (enum law_variable)v, scopes[v]))
            return false;
        policy->is_template |= scopes[v]->has_slot;
        if (v < 2 && !law_token_expect(p, ","))
            return false;
    }
    law_token_accept(p, ",");
    return law_token_expect(p, ")");
}

static bool parse_clauses(struct law_parser *p, struct law_policy *policy) {
    struct law_list list = {.item_size = sizeof(struct law_clause)};
    while (law_token_is(p, "when") || law_token_is(p, "unless")) {
        struct law_clause clause = {.is_unless = law_token_is(p, "unless"),
                                    .place = p->token.place};
        law_token_next(p);
        if (!law_token_expect(p, "{"))
            return false;
        clause.body = law_parse_expression(p);
        if (!clause.body || !law_token_expect(p, "}"))
            return false;
        clause.text =
            pd_str_sub(p->text, clause.place.offset, p->consumed_end - clause.place.offset);
        struct law_clause *slot = law_list_add(p, &list);
        if (!slot)
            return false;
        *slot = clause;
    }
    policy->clauses = list.items;
    policy->clause_count = list.count;
    return true;
}

struct law_policy *law_parse_policy(struct law_parser *p) {
    struct law_policy *policy = pd_arena_alloc(p->arena, sizeof(*policy));
    if (!policy) {
        law_parser_is_full(p);
        return NULL;
    }
    policy->name = p->name;
    policy->place = p->token.place;
    if (!parse_annotations(p, policy))
        return NULL;
    policy->effect = law_token_is(p, "forbid") ? LAW_EFFECT_FORBID : LAW_EFFECT_PERMIT;
    if (!law_token_accept(p, "permit") && !law_token_accept(p, "forbid")) {
        law_parser_expected_word(p, "`permit` or `forbid`", "permit forbid");
        return NULL;
    }
    if (!parse_scopes(p, policy) || !parse_clauses(p, policy))
        return NULL;
    if (!law_token_accept(p, ";")) {
        law_parser_expected_word(p, "`when`, `unless` or `;`", "when unless");
        return NULL;
    }
    policy->text =
        pd_str_sub(p->text, policy->place.offset, p->consumed_end - policy->place.offset);
    return policy;
}

bool law_policy_annotation(const struct law_policy *policy, const char *key, pd_str *out) {
    for (size_t i = 0; i < policy->annotation_count; i++) {
        if (pd_str_is(policy->annotations[i].key, key)) {
            if (out)
                *out = policy->annotations[i].value;
            return true;
        }
    }
    return false;
}
