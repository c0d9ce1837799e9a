/* What one policy says to a request, and what all of them together decide. */
#include "law/cedar_impl.h"

#include <string.h>

enum pd_status law_evaluator_init(struct law_evaluator *ev, const struct law_entities *entities,
                                  const struct law_request *request, struct pd_arena *arena,
                                  struct pd_error *err) {
    static const struct law_value empty = {.kind = LAW_VALUE_RECORD};
    const struct law_uid *uids[] = {&request->principal, &request->action, &request->resource};
    struct law_value context = request->context;
    if (context.kind != LAW_VALUE_RECORD && context.kind != LAW_VALUE_BOOL)
        return pd_fail(err, PD_INVALID, "the context must be a record, but is %s",
                       law_kind_name(context.kind));
    ev->entities = entities;
    ev->arena = arena;
    ev->policy = NULL;
    ev->is_full = false;
    ev->message = (pd_str){NULL, 0};
    ev->failed_at = NULL;
    for (int v = 0; v < LAW_CONTEXT; v++) {
        ev->variables[v] = law_value_entity(uids[v]);
        ev->type_hashes[v] = law_hash_type(uids[v]->type);
        ev->hashes[v] = law_hash_id(ev->type_hashes[v], uids[v]->id);
        ev->nodes[v] = law_entities_find_hashed(entities, uids[v], ev->hashes[v]);
    }
    ev->variables[LAW_CONTEXT] = context.kind == LAW_VALUE_RECORD ? context : empty;
    return PD_OK;
}

static bool is_in_any(const struct law_evaluator *ev, enum law_variable v,
                      const struct law_scope *scope) {
    const struct law_uid *uid = ev->variables[v].entity;
    for (size_t i = 0; i < scope->entity_count; i++)
        if (law_uid_is_equal(uid, &scope->entities[i]) ||
            law_node_is_in(ev->entities, ev->nodes[v], &scope->entities[i]))
            return true;
    return false;
}

static bool is_in_scope(const struct law_evaluator *ev, enum law_variable v,
                        const struct law_scope *scope) {
    const struct law_uid *uid = ev->variables[v].entity;
    switch (scope->form) {
    case LAW_SCOPE_ANY:
        return true;
    case LAW_SCOPE_EQUAL:
        return law_uid_is_equal(uid, &scope->entities[0]);
    case LAW_SCOPE_IN:
        return is_in_any(ev, v, scope);
    case LAW_SCOPE_IS:
        return pd_str_eq(uid->type, scope->type);
    case LAW_SCOPE_IS_IN:
        return pd_str_eq(uid->type, scope->type) && is_in_any(ev, v, scope);
    }
    return false;
}

/**
 * The clauses are one long `&&`: the first that speaks against the policy ends it, and an error
 * behind an unknown is not certain to be reached.
 */
bool law_evaluator_hear(struct law_evaluator *ev, struct law_evaluation *out) {
    const struct law_policy *policy = ev->policy;
    struct law_value unknown = {.kind = LAW_VALUE_BOOL};
    for (size_t i = 0; i < policy->clause_count; i++) {
        const struct law_clause *clause = &policy->clauses[i];
        struct law_value v;
        if (law_expression_evaluate(ev, clause->body, &v)) {
            if (v.kind == LAW_VALUE_BOOL && v.boolean != clause->is_unless)
                continue;
            if (v.kind == LAW_VALUE_UNKNOWN) {
                if (!law_unknown_join(ev->arena, &unknown, &v))
                    return false;
                continue;
            }
            if (v.kind == LAW_VALUE_BOOL) {
                *out = (struct law_evaluation){
                    .verdict = LAW_VERDICT_NOT, .in_scope = true, .clause = i};
                return true;
            }
            ev->failed_at = clause->body;
            ev->message =
                pd_arena_printf(ev->arena, "%.*s:%u:%u: a condition must be a Bool, but this is %s",
                                pd_arg(policy->name), clause->body->place.line,
                                clause->body->place.column, law_kind_name(v.kind));
            ev->is_full = !ev->message.data;
        }
        if (ev->is_full)
            return false;
        if (unknown.kind != LAW_VALUE_UNKNOWN) {
            *out = (struct law_evaluation){.verdict = LAW_VERDICT_ERROR,
                                           .in_scope = true,
                                           .clause = i,
                                           .message = ev->message,
                                           .place = ev->failed_at->place};
            return true;
        }
    }
    *out = (struct law_evaluation){
        .verdict = LAW_VERDICT_SATISFIED, .in_scope = true, .clause = policy->clause_count};
    if (unknown.kind == LAW_VALUE_UNKNOWN) {
        out->verdict = LAW_VERDICT_UNKNOWN;
        out->unknown = unknown.unknown.names;
        out->unknown_count = unknown.unknown.count;
    }
    return true;
}

bool law_evaluator_is_in_scope(const struct law_evaluator *ev, const struct law_policy *policy) {
    return !policy->is_template && is_in_scope(ev, LAW_ACTION, &policy->action) &&
           is_in_scope(ev, LAW_RESOURCE, &policy->resource) &&
           is_in_scope(ev, LAW_PRINCIPAL, &policy->principal);
}

static bool evaluate_policy(struct law_evaluator *ev, const struct law_policy *policy,
                            struct law_evaluation *out) {
    if (!law_evaluator_is_in_scope(ev, policy)) {
        *out = (struct law_evaluation){.verdict = LAW_VERDICT_NOT};
        return true;
    }
    ev->policy = policy;
    return law_evaluator_hear(ev, out);
}

enum pd_status law_policy_evaluate(const struct law_policy *policy,
                                   const struct law_entities *entities,
                                   const struct law_request *request, struct pd_arena *arena,
                                   struct law_evaluation *out, struct pd_error *err) {
    struct law_evaluator ev;
    struct law_evaluation evaluation;
    enum pd_status st = law_evaluator_init(&ev, entities, request, arena, err);
    if (st != PD_OK)
        return st;
    if (!evaluate_policy(&ev, policy, &evaluation))
        return pd_fail_memory(err);
    *out = evaluation;
    return PD_OK;
}

/* ---- All together ---- */

/** False when the arena is full. */
static bool append(struct pd_arena *arena, struct law_tally_list *list, const void *item,
                   size_t item_size) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        void *wider = pd_arena_array(arena, capacity, item_size);
        if (!wider)
            return false;
        if (list->count > 0)
            memcpy(wider, list->items, list->count * item_size);
        list->items = wider;
        list->capacity = capacity;
    }
    memcpy((char *)list->items + list->count++ * item_size, item, item_size);
    return true;
}

bool law_tally_add(struct law_tally *tally, struct pd_arena *arena, size_t index, bool is_forbid,
                   const struct law_evaluation *e) {
    const struct law_policy_error error = {index, e->message};
    switch (e->verdict) {
    case LAW_VERDICT_NOT:
        return true;
    case LAW_VERDICT_ERROR:
        return append(arena, &tally->errors, &error, sizeof(error));
    case LAW_VERDICT_UNKNOWN:
        return append(arena, &tally->unknown, &index, sizeof(index));
    case LAW_VERDICT_SATISFIED:
        break;
    }
    if (is_forbid && !append(arena, &tally->forbids, &index, sizeof(index)))
        return false;
    return append(arena, &tally->satisfied, &index, sizeof(index));
}

struct law_answer law_tally_answer(const struct law_tally *tally) {
    bool is_forbidden = tally->forbids.count > 0;
    const struct law_tally_list *reasons = is_forbidden ? &tally->forbids : &tally->satisfied;
    return (struct law_answer){
        .is_allowed = !is_forbidden && tally->satisfied.count > 0,
        .reasons = reasons->items,
        .reason_count = reasons->count,
        .satisfied = tally->satisfied.items,
        .satisfied_count = tally->satisfied.count,
        .errors = tally->errors.items,
        .error_count = tally->errors.count,
        .unknown = tally->unknown.items,
        .unknown_count = tally->unknown.count,
    };
}

enum pd_status law_authorize(const struct law_policies *policies,
                             const struct law_entities *entities, const struct law_request *request,
                             struct pd_arena *arena, struct law_answer *out, struct pd_error *err) {
    struct law_evaluator ev;
    enum pd_status st = law_evaluator_init(&ev, entities, request, arena, err);
    if (st != PD_OK)
        return st;
    struct law_tally tally = {0};
    size_t count = law_policies_count(policies);
    for (size_t i = 0; i < count; i++) {
        const struct law_policy *policy = law_policies_get(policies, i);
        bool is_forbid = policy->effect == LAW_EFFECT_FORBID;
        struct law_evaluation e;
        if (!evaluate_policy(&ev, policy, &e) || !law_tally_add(&tally, arena, i, is_forbid, &e))
            return pd_fail_memory(err);
    }
    *out = law_tally_answer(&tally);
    return PD_OK;
}
