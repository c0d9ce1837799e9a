/* Evaluation of what needs the store: membership, attributes, tags. */
#include "law/cedar_eval.h"

/* ---- Entities ---- */

/** The entity in the store, or NULL. The request's own were looked up beforehand. */
static const struct law_node *node_of(const struct law_evaluator *ev, const struct law_uid *uid) {
    for (int i = 0; i < LAW_CONTEXT; i++)
        if (uid == ev->variables[i].entity)
            return ev->nodes[i];
    return law_entities_find(ev->entities, uid);
}

static bool is_in(const struct law_evaluator *ev, const struct law_uid *uid,
                  const struct law_uid *ancestor) {
    return law_uid_is_equal(uid, ancestor) ||
           law_node_is_in(ev->entities, node_of(ev, uid), ancestor);
}

static bool evaluate_membership(struct law_evaluator *ev, const struct law_expression *e,
                                const struct law_value v[2], struct law_value *out) {
    if (v[0].kind != LAW_VALUE_ENTITY ||
        (v[1].kind != LAW_VALUE_ENTITY && v[1].kind != LAW_VALUE_SET)) {
        if (v[0].kind == LAW_VALUE_ENTITY && v[1].kind != LAW_VALUE_UNKNOWN)
            return law_eval_unfit(ev, e->operands[1], &v[1], "an entity or a set of entities", out);
        return law_eval_unfit_pair(ev, e, v, LAW_VALUE_ENTITY, LAW_VALUE_ENTITY, out);
    }
    if (v[1].kind == LAW_VALUE_ENTITY) {
        *out = law_value_bool(is_in(ev, v[0].entity, v[1].entity));
        return true;
    }
    bool is_found = false;
    for (size_t i = 0; i < v[1].set.count; i++) {
        const struct law_value *item = &v[1].set.items[i];
        if (item->kind != LAW_VALUE_ENTITY)
            return law_eval_fail(ev, e->operands[1],
                                 "behind `in` stands a set with %s in it, not of "
                                 "entities only",
                                 law_kind_name(item->kind));
        is_found = is_found || is_in(ev, v[0].entity, item->entity);
    }
    *out = law_value_bool(is_found);
    return true;
}

bool law_eval_in(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out) {
    struct law_value v[2];
    return law_eval_pair(ev, e, v) && evaluate_membership(ev, e, v, out);
}

/** `x is T in y` is `x is T && x in y`, with x evaluated once. */
bool law_eval_is(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out) {
    struct law_value v[2];
    if (!law_expression_evaluate(ev, e->operands[0], &v[0]))
        return false;
    if (v[0].kind != LAW_VALUE_ENTITY)
        return law_eval_unfit(ev, e->operands[0], &v[0], "an entity", out);
    bool is_of_type = pd_str_eq(v[0].entity->type, e->type);
    if (!is_of_type || e->operand_count == 1) {
        *out = law_value_bool(is_of_type);
        return true;
    }
    return law_expression_evaluate(ev, e->operands[1], &v[1]) && evaluate_membership(ev, e, v, out);
}

/* ---- Attributes and tags ---- */

/** The record in which an attribute of `v` is looked for; NULL for an entity that is not there. */
static bool attributes_of(struct law_evaluator *ev, const struct law_expression *at,
                          const struct law_value *v, const struct law_value **out) {
    if (v->kind == LAW_VALUE_RECORD) {
        *out = v;
        return true;
    }
    if (v->kind != LAW_VALUE_ENTITY)
        return law_eval_fail(ev, at, "this must be a record or an entity, but is %s",
                             law_kind_name(v->kind));
    *out = law_node_attributes(node_of(ev, v->entity));
    return true;
}

bool law_eval_has(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out) {
    struct law_value v;
    if (!law_expression_evaluate(ev, e->operands[0], &v))
        return false;
    for (size_t i = 0; i < e->names.count; i++) {
        if (v.kind == LAW_VALUE_UNKNOWN) {
            *out = v;
            return true;
        }
        const struct law_value *record = NULL, *found;
        if (!attributes_of(ev, e->operands[0], &v, &record))
            return false;
        found = record ? law_value_find(record, e->names.list[i]) : NULL;
        if (!found) {
            *out = law_value_bool(false);
            return true;
        }
        v = *found;
    }
    *out = v.kind == LAW_VALUE_UNKNOWN ? v : law_value_bool(true);
    return true;
}

static bool entity_missing(struct law_evaluator *ev, const struct law_expression *at,
                           const struct law_uid *uid) {
    return law_eval_fail(ev, at, "the entity %.*s::\"%.*s\" is not there", pd_arg(uid->type),
                         pd_arg(uid->id));
}

bool law_eval_get(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out) {
    struct law_value v;
    if (!law_expression_evaluate(ev, e->operands[0], &v))
        return false;
    if (v.kind == LAW_VALUE_UNKNOWN) {
        *out = v;
        return true;
    }
    const struct law_value *record = NULL;
    if (!attributes_of(ev, e->operands[0], &v, &record))
        return false;
    if (!record)
        return entity_missing(ev, e->operands[0], v.entity);
    const struct law_value *found = law_value_find(record, e->names.list[0]);
    if (!found)
        return law_eval_fail(ev, e, "there is no attribute `%.*s`: ask with `has` first",
                             pd_arg(e->names.list[0]));
    *out = *found;
    return true;
}

bool law_eval_tag(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out) {
    struct law_value v[2];
    if (!law_eval_pair(ev, e, v))
        return false;
    if (v[0].kind != LAW_VALUE_ENTITY || v[1].kind != LAW_VALUE_STRING)
        return law_eval_unfit_pair(ev, e, v, LAW_VALUE_ENTITY, LAW_VALUE_STRING, out);
    const struct law_value *tags = law_node_tags(node_of(ev, v[0].entity));
    const struct law_value *found = tags ? law_value_find(tags, v[1].text) : NULL;
    if (found && found->kind == LAW_VALUE_UNKNOWN)
        *out = *found;
    else if (e->kind == LAW_EXPR_HAS_TAG)
        *out = law_value_bool(found != NULL);
    else if (found)
        *out = *found;
    else if (!tags)
        return entity_missing(ev, e->operands[0], v[0].entity);
    else
        return law_eval_fail(ev, e, "there is no tag \"%.*s\": ask with `hasTag` first",
                             pd_arg(v[1].text));
    return true;
}
