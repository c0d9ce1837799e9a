/* Policies and sets of them in Cedar's JSON policy format: reading. */
#include "law/cedar_est.h"

#include <stdlib.h>

static int compare_offsets(const void *a, const void *b) {
    const struct law_json *const *x = a, *const *y = b;
    return (*x)->offset < (*y)->offset ? -1 : (*x)->offset > (*y)->offset;
}

/** An object's members in the order written; NULL when the arena is full. */
static const struct law_json **as_written(struct law_est_reader *r, const struct law_json *object) {
    size_t count = object->list.count;
    const struct law_json **members = pd_arena_array(r->p->arena, count + 1, sizeof(*members));
    if (!members) {
        law_parser_is_full(r->p);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        members[i] = &object->list.items[i];
    qsort(members, count, sizeof(*members), compare_offsets);
    return members;
}

static pd_str text_of(const struct law_est_reader *r, const struct law_json *json) {
    return pd_str_sub(r->p->text, json->offset, json->end - json->offset);
}

/* ---- Policies ---- */

/** The one of "entity", "slot" and (of an action) "entities" that is there. */
static bool read_target(struct law_est_reader *r, const struct law_json *at, enum law_variable v,
                        const struct law_json *const m[3], struct law_scope *scope) {
    const struct law_json *entity = m[0], *slot = m[1], *entities = m[2];
    if (!!entity + !!slot + !!entities != 1)
        return law_est_refuse(r, at,
                              "expected one of \"entity\" and \"slot\" (or \"entities\", of an "
                              "action behind \"in\")");
    if (slot) {
        pd_str name = PD_STR("");
        if (!law_est_string(r, slot, "a slot", &name))
            return false;
        if (v == LAW_ACTION || name.len == 0 || name.data[0] != '?' ||
            !pd_str_eq(pd_str_sub(name, 1, SIZE_MAX), law_variable_names[v]))
            return law_est_refuse(r, slot, "the slot \"%.*s\" cannot stand for the %.*s",
                                  pd_arg(name), pd_arg(law_variable_names[v]));
        scope->has_slot = true;
        return true;
    }
    if (entities && entities->kind != LAW_JSON_ARRAY)
        return law_est_refuse(r, entities, "\"entities\" is an array");
    size_t count = entities ? entities->list.count : 1;
    struct law_uid *uids = pd_arena_array(r->p->arena, count + 1, sizeof(*uids));
    if (!uids)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < count; i++) {
        const struct law_json *item = entities ? &entities->list.items[i] : entity;
        if (!law_est_uid(r, item, &uids[i]))
            return false;
        if (v == LAW_ACTION && !pd_str_is(uids[i].type, "Action") &&
            !pd_str_ends(uids[i].type, PD_STR("::Action")))
            return law_est_refuse(r, item, "an action is of type Action, not %.*s",
                                  pd_arg(uids[i].type));
    }
    scope->is_single = !entities;
    scope->entities = uids;
    scope->entity_count = count;
    return true;
}

static bool read_scope_is(struct law_est_reader *r, const struct law_json *type,
                          const struct law_json *in, enum law_variable v, struct law_scope *scope) {
    static const struct law_est_members shape = {0, 2, {"entity", "slot"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX] = {0};
    scope->form = in ? LAW_SCOPE_IS_IN : LAW_SCOPE_IS;
    if (v == LAW_ACTION)
        return law_est_refuse(r, type, "an action has no \"is\"");
    return law_est_type(r, type, &scope->type) &&
           (!in || (law_est_take(r, in, &shape, m) && read_target(r, in, v, m, scope)));
}

static bool read_scope(struct law_est_reader *r, const struct law_json *json, enum law_variable v,
                       struct law_scope *scope) {
    static const struct law_est_members shape = {
        1, 6, {"op", "entity", "slot", "entities", "entity_type", "in"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    pd_str op = PD_STR("");
    scope->place = law_est_place(r, json);
    if (!law_est_take(r, json, &shape, m) || !law_est_string(r, m[0], "\"op\"", &op))
        return false;
    bool has_target = m[1] || m[2] || m[3], is_typed = m[4] != NULL, has_in = m[5] != NULL;
    if (pd_str_is(op, "All") && !has_target && !is_typed && !has_in)
        return true;
    if (pd_str_is(op, "is") && is_typed && !has_target)
        return read_scope_is(r, m[4], m[5], v, scope);
    bool is_equal = pd_str_is(op, "==");
    if ((!is_equal && !pd_str_is(op, "in")) || is_typed || has_in ||
        (m[3] && (is_equal || v != LAW_ACTION)))
        return law_est_refuse(
            r, json,
            "a scope is {\"op\": \"All\"}, {\"op\": \"==\" or \"in\", \"entity\" or "
            "\"slot\"}, {\"op\": \"is\", \"entity_type\", \"in\"?}, and of an action "
            "{\"op\": \"in\", \"entities\"}");
    scope->form = is_equal ? LAW_SCOPE_EQUAL : LAW_SCOPE_IN;
    return read_target(r, json, v, &m[1], scope);
}

static bool is_annotation_key(pd_str key) {
    for (size_t i = 0; i < key.len; i++) {
        char c = key.data[i];
        bool is_letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return key.len > 0;
}

static bool read_annotations(struct law_est_reader *r, const struct law_json *json,
                             struct law_policy *policy) {
    if (json->kind != LAW_JSON_OBJECT || json->list.count > LAW_ANNOTATIONS_MAX)
        return law_est_refuse(r, json, "annotations are an object of at most %d members",
                              LAW_ANNOTATIONS_MAX);
    const struct law_json **members = as_written(r, json);
    struct law_annotation *list = pd_arena_array(r->p->arena, json->list.count + 1, sizeof(*list));
    if (!members || !list)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *member = members[i];
        bool is_bare = member->kind == LAW_JSON_NULL;
        if (!is_bare && member->kind != LAW_JSON_STRING)
            return law_est_refuse(r, member, "an annotation's value is a string or null");
        if (!is_annotation_key(member->name))
            return law_est_refuse(r, member,
                                  "\"%.*s\" is no name of an annotation: letters, digits, _",
                                  pd_arg(member->name));
        list[i] = (struct law_annotation){.key = member->name,
                                          .value = is_bare ? PD_STR("") : member->text,
                                          .is_bare = is_bare,
                                          .place = law_est_place(r, member)};
    }
    policy->annotations = list;
    policy->annotation_count = json->list.count;
    return true;
}

static bool read_conditions(struct law_est_reader *r, const struct law_json *json,
                            struct law_policy *policy) {
    static const struct law_est_members shape = {2, 2, {"kind", "body"}};
    if (json->kind != LAW_JSON_ARRAY)
        return law_est_refuse(r, json, "\"conditions\" is an array");
    struct law_clause *clauses =
        pd_arena_array(r->p->arena, json->list.count + 1, sizeof(*clauses));
    if (!clauses)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *item = &json->list.items[i], *m[LAW_EST_MEMBERS_MAX];
        pd_str kind = PD_STR("");
        if (!law_est_take(r, item, &shape, m) || !law_est_string(r, m[0], "\"kind\"", &kind))
            return false;
        bool is_unless = pd_str_is(kind, "unless");
        if (!is_unless && !pd_str_is(kind, "when"))
            return law_est_refuse(r, m[0], "\"kind\" is \"when\" or \"unless\"");
        clauses[i] = (struct law_clause){.is_unless = is_unless,
                                         .text = text_of(r, item),
                                         .place = law_est_place(r, item),
                                         .body = law_est_expression(r, m[1])};
        if (!clauses[i].body)
            return false;
    }
    policy->clauses = clauses;
    policy->clause_count = json->list.count;
    return true;
}

static struct law_policy *read_policy(struct law_est_reader *r, const struct law_json *json,
                                      pd_str id) {
    static const struct law_est_members shape = {
        5, 6, {"effect", "principal", "action", "resource", "conditions", "annotations"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    pd_str effect = PD_STR("");
    struct law_policy *policy = pd_arena_alloc(r->p->arena, sizeof(*policy));
    if (!policy) {
        law_parser_is_full(r->p);
        return NULL;
    }
    *policy = (struct law_policy){
        .id = id, .name = r->p->name, .text = text_of(r, json), .place = law_est_place(r, json)};
    if (!law_est_take(r, json, &shape, m) || !law_est_string(r, m[0], "\"effect\"", &effect))
        return NULL;
    policy->effect = pd_str_is(effect, "forbid") ? LAW_EFFECT_FORBID : LAW_EFFECT_PERMIT;
    if (policy->effect == LAW_EFFECT_PERMIT && !pd_str_is(effect, "permit")) {
        law_est_refuse(r, m[0], "\"effect\" is \"permit\" or \"forbid\"");
        return NULL;
    }
    struct law_scope *const scopes[] = {&policy->principal, &policy->action, &policy->resource};
    for (int v = 0; v < 3; v++) {
        if (!read_scope(r, m[1 + v], (enum law_variable)v, scopes[v]))
            return NULL;
        policy->is_template |= scopes[v]->has_slot;
    }
    return read_conditions(r, m[4], policy) && (!m[5] || read_annotations(r, m[5], policy)) ? policy
                                                                                            : NULL;
}

/* ---- Sets ---- */

static bool add(struct law_parser *p, struct law_list *list, struct law_policy *policy) {
    struct law_policy **slot = policy ? law_list_add(p, list) : NULL;
    if (slot)
        *slot = policy;
    return slot != NULL;
}

static bool read_policies(struct law_est_reader *r, const struct law_json *json, bool are_templates,
                          struct law_list *out) {
    if (json->kind != LAW_JSON_OBJECT)
        return law_est_refuse(r, json, "expected an object: policies by their ids");
    const struct law_json **members = as_written(r, json);
    for (size_t i = 0; members && i < json->list.count; i++) {
        struct law_policy *policy = read_policy(r, members[i], members[i]->name);
        if (!add(r->p, out, policy))
            return false;
        if (policy->is_template != are_templates)
            return law_est_refuse(r, members[i],
                                  are_templates
                                      ? "a template needs a slot; this is a static policy"
                                      : "a static policy has no slot; this is a template");
    }
    return members != NULL;
}

static bool read_links(struct law_est_reader *r, const struct law_json *json,
                       struct law_list *out) {
    static const struct law_est_members shape = {3, 3, {"templateId", "newId", "values"}};
    static const struct law_est_members slots = {0, 2, {"?principal", "?resource"}};
    if (json->kind != LAW_JSON_ARRAY)
        return law_est_refuse(r, json, "\"templateLinks\" is an array");
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *item = &json->list.items[i];
        const struct law_json *m[LAW_EST_MEMBERS_MAX], *values[LAW_EST_MEMBERS_MAX];
        struct law_link link = {.place = law_est_place(r, item)};
        if (!law_est_take(r, item, &shape, m) ||
            !law_est_string(r, m[0], "\"templateId\"", &link.template_id) ||
            !law_est_string(r, m[1], "\"newId\"", &link.id) ||
            !law_est_take(r, m[2], &slots, values))
            return false;
        struct law_uid *uids = pd_arena_array(r->p->arena, 2, sizeof(*uids));
        if (!uids)
            return law_parser_is_full(r->p);
        if ((values[0] && !law_est_uid(r, values[0], &uids[0])) ||
            (values[1] && !law_est_uid(r, values[1], &uids[1])))
            return false;
        link.principal = values[0] ? &uids[0] : NULL;
        link.resource = values[1] ? &uids[1] : NULL;
        struct law_link *slot = law_list_add(r->p, out);
        if (!slot)
            return false;
        *slot = link;
    }
    return true;
}

static bool read_document(struct law_parser *p, void *context, struct law_list *policies,
                          struct law_list *links) {
    static const struct law_est_members shape = {
        0, 3, {"staticPolicies", "templates", "templateLinks"}};
    (void)context; /* the ids stand in the document */
    struct law_est_reader r;
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    return law_est_start(&r, p) && law_est_take(&r, r.document.root, &shape, m) &&
           (!m[0] || read_policies(&r, m[0], false, policies)) &&
           (!m[1] || read_policies(&r, m[1], true, policies)) &&
           (!m[2] || read_links(&r, m[2], links));
}

static bool read_single(struct law_parser *p, void *context, struct law_list *policies,
                        struct law_list *links) {
    (void)links; /* one policy has none */
    struct law_est_reader r;
    pd_str id = pd_arena_str(p->arena, *(const pd_str *)context);
    if (!id.data)
        return law_parser_is_full(p);
    return law_est_start(&r, p) && add(p, policies, read_policy(&r, r.document.root, id));
}

enum pd_status law_policies_parse_json(struct law_policies *set, pd_str name, pd_str json,
                                       struct pd_error *err) {
    return law_policies_add(set, name, json, LAW_IDS_NUMBERED, read_document, NULL, err);
}

enum pd_status law_policy_parse_json(struct law_policies *set, pd_str id, pd_str name, pd_str json,
                                     struct pd_error *err) {
    return law_policies_add(set, name, json, LAW_IDS_NUMBERED, read_single, &id, err);
}
