/* Validating policies: what they name, and their types in every environment. */
#include "law/cedar_validate_impl.h"

#include <stdio.h>
#include <string.h>

struct validation {
    const struct law_policies *policies;
    const struct law_schema *schema;
    struct pd_arena *arena;   /* the caller's: problems */
    struct pd_arena *scratch; /* emptied for each environment */
    size_t policy;
    size_t steps_left;
    unsigned level_max;
    struct list {
        struct law_problem *items;
        size_t count, capacity;
    } problems, levels; /* of the policy: added if it has no other problem */
    size_t text_start;  /* where the problems of the policy's text begin */
    enum pd_status status;
    struct pd_error *err;
};

static bool is_over(const struct validation *v) {
    return v->status != PD_OK || v->problems.count - v->text_start >= LAW_PROBLEMS_MAX;
}

static bool is_reported(const struct validation *v, const struct list *list,
                        struct law_place place) {
    for (size_t i = list->count; i > 0 && list->items[i - 1].policy == v->policy; i--)
        if (list->items[i - 1].place.offset == place.offset)
            return true;
    return false;
}

static void add_to(struct validation *v, struct list *list, const struct law_problem *problem) {
    if (list->count == list->capacity) {
        size_t wider = list->capacity ? list->capacity * 2 : LAW_PROBLEMS_MAX;
        struct law_problem *items = pd_arena_array(v->arena, wider, sizeof(*items));
        if (!items) {
            v->status = pd_fail_memory(v->err);
            return;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = wider;
    }
    list->items[list->count++] = *problem;
}

static void add_message(struct validation *v, struct list *list, struct law_place place,
                        const char *message) {
    struct pd_error text = {0};
    const struct law_policy *policy = law_policies_get(v->policies, v->policy);
    bool is_full = list == &v->levels && list->count == LAW_PROBLEMS_MAX;
    if (is_over(v) || is_full || is_reported(v, list, place))
        return;
    law_policy_fail(v->policies, policy, place, &text, "%s", message);
    struct law_problem problem = {v->policy, place, pd_arena_str(v->arena, pd_str_from(text.text))};
    if (!problem.message.data)
        v->status = pd_fail_memory(v->err);
    else
        add_to(v, list, &problem);
}

static void add_problem(struct validation *v, struct law_place place, const char *message) {
    add_message(v, &v->problems, place, message);
}

/* ---- Names ---- */

static void add_unknown(struct validation *v, struct law_place place, const char *what, pd_str name,
                        const pd_str *known, size_t count) {
    char message[400];
    if (is_over(v) || is_reported(v, &v->problems, place)) /* to look for the nearest takes time */
        return;
    snprintf(message, sizeof(message), "the schema has no %s `%.*s`%s", what,
             (int)(name.len > 120 ? 120 : name.len), name.data ? name.data : "",
             law_hint(name, known, count).text);
    add_problem(v, place, message);
}

static bool is_action_type(pd_str type) {
    return pd_str_is(type, "Action") || pd_str_ends(type, PD_STR("::Action"));
}

static void check_type(struct validation *v, struct law_place place, pd_str type) {
    const struct law_schema *s = v->schema;
    if (law_schema_find_kind(s, type) != PD_NPOS)
        return;
    for (size_t i = 0; is_action_type(type) && i < s->action_count; i++)
        if (pd_str_eq(s->actions[i].uid.type, type))
            return;
    struct pd_mark mark = pd_arena_mark(v->scratch);
    pd_str *known = pd_arena_array(v->scratch, s->kind_count, sizeof(*known));
    for (size_t i = 0; known && i < s->kind_count; i++)
        known[i] = s->kinds[i].name;
    add_unknown(v, place, "entity type", type, known, known ? s->kind_count : 0);
    pd_arena_reset(v->scratch, mark);
}

static void check_uid(struct validation *v, struct law_place place, const struct law_uid *uid) {
    const struct law_schema *s = v->schema;
    if (is_action_type(uid->type)) {
        if (law_schema_find_action(s, uid) != PD_NPOS)
            return;
        struct pd_mark mark = pd_arena_mark(v->scratch);
        pd_str *known = pd_arena_array(v->scratch, s->action_count, sizeof(*known));
        for (size_t i = 0; known && i < s->action_count; i++)
            known[i] = s->actions[i].uid.id;
        add_unknown(v, place, "action", uid->id, known, known ? s->action_count : 0);
        pd_arena_reset(v->scratch, mark);
        return;
    }
    size_t index = law_schema_find_kind(s, uid->type);
    if (index == PD_NPOS) {
        check_type(v, place, uid->type);
        return;
    }
    const struct law_entity_kind *kind = &s->kinds[index];
    bool is_known = !kind->is_enum;
    for (size_t i = 0; !is_known && i < kind->id_count; i++)
        is_known = pd_str_eq(kind->ids[i], uid->id);
    if (!is_known)
        add_unknown(v, place, "id of its enum", uid->id, kind->ids, kind->id_count);
}

static void check_value(struct validation *v, struct law_place place,
                        const struct law_value *value) {
    if (value->kind == LAW_VALUE_ENTITY)
        check_uid(v, place, value->entity);
    for (size_t i = 0; value->kind == LAW_VALUE_SET && i < value->set.count; i++)
        check_value(v, place, &value->set.items[i]);
    for (size_t i = 0; value->kind == LAW_VALUE_RECORD && i < value->record.count; i++)
        check_value(v, place, &value->record.members[i].value);
}

static void check_expression(struct validation *v, const struct law_expression *e) {
    if (e->kind == LAW_EXPR_CONSTANT && e->operand_count == 0) /* else its operands say it */
        check_value(v, e->place, &e->constant);
    if (e->kind == LAW_EXPR_IS)
        check_type(v, e->place, e->type);
    for (size_t i = 0; i < e->operand_count; i++)
        check_expression(v, e->operands[i]);
}

static void check_names(struct validation *v, const struct law_policy *policy) {
    const struct law_scope *const scopes[] = {&policy->principal, &policy->action,
                                              &policy->resource};
    for (size_t i = 0; i < 3; i++) {
        const struct law_scope *scope = scopes[i];
        if (scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN)
            check_type(v, scope->type_place.line ? scope->type_place : scope->place, scope->type);
        for (size_t j = 0; j < scope->entity_count; j++)
            check_uid(v, scope->entity_places ? scope->entity_places[j] : scope->place,
                      &scope->entities[j]);
        for (size_t j = 1; j < scope->entity_count; j++)
            if (!pd_str_eq(scope->entities[j].type, scope->entities[0].type))
                add_problem(v, scope->place,
                            "a list holds actions of one namespace: write a policy for each");
    }
    for (size_t i = 0; i < policy->clause_count; i++)
        check_expression(v, policy->clauses[i].body);
}

/* ---- Environments ---- */

/** Whether a scope lets entities of a type through; of a slot it may. */
static bool may_hold(const struct law_schema *s, const struct law_scope *scope, pd_str type) {
    bool is_type = pd_str_eq(scope->type, type);
    const struct law_uid *entity = scope->has_slot ? NULL : scope->entities;
    switch (scope->form) {
    case LAW_SCOPE_ANY:
        return true;
    case LAW_SCOPE_EQUAL:
        return !entity || pd_str_eq(entity->type, type);
    case LAW_SCOPE_IN:
        return !entity || law_schema_may_be_in(s, type, entity->type);
    case LAW_SCOPE_IS:
        return is_type;
    case LAW_SCOPE_IS_IN:
        return is_type && (!entity || law_schema_may_be_in(s, type, entity->type));
    }
    return false;
}

static bool may_be_action(const struct law_schema *s, const struct law_scope *scope,
                          size_t action) {
    if (scope->form == LAW_SCOPE_ANY)
        return true;
    for (size_t i = 0; i < scope->entity_count; i++) {
        size_t named = law_schema_find_action(s, &scope->entities[i]);
        if (named == action || (scope->form == LAW_SCOPE_IN && named != PD_NPOS &&
                                law_indices_has(&s->actions[action].ancestors, named)))
            return true;
    }
    return false;
}

/** Types the clauses one after the other, as they are evaluated; each may be wrong. */
static void check_clauses(struct law_checker *c, const struct law_policy *policy) {
    const struct law_capability *known = NULL;
    bool is_wrong = false;
    for (size_t i = 0; i < policy->clause_count; i++) {
        const struct law_clause *clause = &policy->clauses[i];
        struct law_typing t = law_checker_type(c, clause->body, known);
        if (t.type && !law_type_is_bool(t.type))
            t.type =
                law_checker_fail(c, clause->body->place, "a condition must be a Bool, not %.*s",
                                 pd_arg(law_type_name(c, t.type)));
        if (!t.type && c->status != PD_INVALID)
            return;
        is_wrong = is_wrong || !t.type;
        c->status = PD_OK;
        if (t.type && t.type->kind == (clause->is_unless ? LAW_TYPE_TRUE : LAW_TYPE_FALSE))
            break; /* the rest is never evaluated */
        /* Of a wrong condition that is no chain of `&&` it isn't known what it was to show. */
        if (!t.type && !clause->is_unless && clause->body->kind != LAW_EXPR_AND)
            break;
        if (!clause->is_unless)
            known = law_capability_add(c, known, t.shown);
    }
    if (is_wrong && c->status == PD_OK)
        c->status = PD_INVALID;
}

/** `in` in a scope reads from the entity (an action has its groups from the store too). */
static void check_scope_levels(struct law_checker *c, const struct law_policy *policy) {
    const struct law_scope *const scopes[] = {&policy->principal, &policy->action,
                                              &policy->resource};
    static const struct law_expression variables[] = {
        {.kind = LAW_EXPR_VARIABLE, .variable = LAW_PRINCIPAL},
        {.kind = LAW_EXPR_VARIABLE, .variable = LAW_ACTION},
        {.kind = LAW_EXPR_VARIABLE, .variable = LAW_RESOURCE},
    };
    for (size_t i = 0; i < 3; i++)
        if (scopes[i]->form == LAW_SCOPE_IN || scopes[i]->form == LAW_SCOPE_IS_IN)
            law_level_read(c, scopes[i]->place, &variables[i], NULL);
}

/** What was found in one environment, which is named where the types are wrong in it. */
static void add_faults(struct validation *v, const struct law_checker *c) {
    char message[700];
    pd_str id = v->schema->actions[c->action].uid.id;
    for (size_t i = 0; i < c->fault_count; i++) {
        snprintf(message, sizeof(message), "%.*s (for %.*s, \"%.*s\", %.*s)",
                 pd_arg(c->faults[i].message), pd_arg(pd_str_sub(c->principal.entity, 0, 50)),
                 pd_arg(pd_str_sub(id, 0, 50)), pd_arg(pd_str_sub(c->resource.entity, 0, 50)));
        add_message(v, c->faults[i].is_level ? &v->levels : &v->problems, c->faults[i].place,
                    message);
    }
}

static void check_environment(struct validation *v, const struct law_policy *policy,
                              size_t principal, size_t action, size_t resource) {
    const struct law_schema *s = v->schema;
    struct pd_mark mark = pd_arena_mark(v->scratch);
    struct law_checker c = {.schema = s,
                            .arena = v->scratch,
                            .principal = {.kind = LAW_TYPE_ENTITY, .size = 1},
                            .resource = {.kind = LAW_TYPE_ENTITY, .size = 1},
                            .action_type = {.kind = LAW_TYPE_ENTITY, .size = 1},
                            .action = action,
                            .level_max = v->level_max,
                            .steps_left = v->steps_left};
    c.principal.entity = s->kinds[principal].name;
    c.resource.entity = s->kinds[resource].name;
    c.action_type.entity = s->actions[action].uid.type;
    if (c.steps_left > 0) {
        check_scope_levels(&c, policy);
        check_clauses(&c, policy);
    } else {
        c.status = PD_LIMIT;
    }
    c.steps_left -= c.steps_left > 0;
    v->steps_left = c.steps_left;
    add_faults(v, &c);
    pd_arena_reset(v->scratch, mark);
    if (c.status != PD_OK && c.status != PD_INVALID && v->status == PD_OK)
        v->status =
            pd_fail(v->err, PD_LIMIT, "policy %.*s is too large to validate against this schema",
                    pd_arg(policy->id));
}

/** Each environment that the scope allows; returns whether there was one. */
static bool check_environments(struct validation *v, const struct law_policy *policy) {
    const struct law_schema *s = v->schema;
    bool is_any = false;
    for (size_t a = 0; a < s->action_count; a++) {
        const struct law_action_kind *action = &s->actions[a];
        if (!may_be_action(s, &policy->action, a))
            continue;
        for (size_t i = 0; i < action->principals.count; i++) {
            uint32_t principal = action->principals.list[i];
            if (!may_hold(s, &policy->principal, s->kinds[principal].name))
                continue;
            for (size_t j = 0; j < action->resources.count && !is_over(v); j++) {
                uint32_t resource = action->resources.list[j];
                if (!may_hold(s, &policy->resource, s->kinds[resource].name))
                    continue;
                is_any = true;
                check_environment(v, policy, principal, a, resource);
            }
        }
    }
    return is_any;
}

static void check_policy(struct validation *v) {
    const struct law_policy *policy = law_policies_get(v->policies, v->policy);
    size_t before = v->problems.count;
    v->steps_left = LAW_VALIDATION_STEPS_MAX;
    v->levels.count = 0;
    check_names(v, policy);
    if (!check_environments(v, policy) && v->problems.count == before)
        add_problem(v, policy->place,
                    "no action of the schema applies to this principal and this resource");
    bool is_valid = v->problems.count == before;
    for (size_t i = 0; is_valid && i < v->levels.count && !is_over(v); i++)
        add_to(v, &v->problems, &v->levels.items[i]);
}

enum pd_status law_validate(const struct law_policies *policies, const struct law_schema *schema,
                            unsigned level_max, struct pd_arena *arena,
                            const struct law_problem **out, size_t *count, struct pd_error *err) {
    enum { SCRATCH_MAX = 256 << 20 };
    struct validation v = {
        .policies = policies, .schema = schema, .arena = arena, .level_max = level_max, .err = err};
    const char *text = NULL;
    v.scratch = pd_arena_new(SCRATCH_MAX);
    if (!v.scratch)
        return pd_fail_memory(err);
    for (; v.policy < law_policies_count(policies) && v.status == PD_OK; v.policy++) {
        const char *name = law_policies_get(policies, v.policy)->name.data;
        if (name != text)
            v.text_start = v.problems.count;
        text = name;
        if (!is_over(&v))
            check_policy(&v);
    }
    pd_arena_free(v.scratch);
    if (v.status != PD_OK)
        return v.status;
    *out = v.problems.items;
    *count = v.problems.count;
    return PD_OK;
}
