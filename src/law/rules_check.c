/* What must hold of the rules before they decide anything: they read only what the registry and the
   schema know, exemptions come from no lower rank and in no circle; and the index by verb. */
#include "law/finding_impl.h"

#include <stdio.h>

/* ---- Names that a policy reads ---- */

struct visitor {
    struct law_rules *rules;
    const struct law_rule *rule;
    struct law_read *reads;
    size_t count, capacity;
    struct pd_error *err;
    enum pd_status status;
};

PD_PRINTF(3, 4)
static void refuse(struct visitor *v, const struct law_path *path, const char *format, ...) {
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    v->status =
        law_policy_fail(v->rules->policies, v->rule->policy, path->place, v->err, "%s", what);
}

size_t law_clause_of(const struct law_policy *policy, struct law_place place) {
    size_t clause = 0;
    while (clause + 1 < policy->clause_count &&
           policy->clauses[clause + 1].place.offset <= place.offset)
        clause++;
    return clause;
}

static void visit_fact(struct visitor *v, const struct law_path *path) {
    const struct law_rules *rules = v->rules;
    pd_str name = path->names[2];
    size_t fact = law_registry_find(rules, name);
    if (fact == PD_NPOS) {
        char given[64] = "";
        for (size_t i = 0; i < name.len && i + 1 < sizeof(given); i++)
            given[i] = name.data[i];
        const char *near = pd_nearest_name(given, rules->fact_names, rules->fact_count);
        refuse(v, path, "the registry knows no fact \"%.*s\"%s%s%s", pd_arg(name),
               near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
               near != NULL ? "\"?" : "");
        return;
    }
    const struct law_fact_kind *kind = &rules->facts[fact];
    if (pd_str_is(path->names[1], "a") && !law_fact_accepts(kind, LAW_ATTESTED) &&
        !law_fact_accepts(kind, LAW_DERIVED)) {
        refuse(v, path, "%.*s is never attested or derived: read it as context.f.%.*s",
               pd_arg(name), pd_arg(name));
        return;
    }
    if (path->count > 3) {
        refuse(v, path, "the fact %.*s has no members", pd_arg(name));
        return;
    }
    if (v->count < v->capacity)
        v->reads[v->count] = (struct law_read){fact, law_clause_of(v->rule->policy, path->place)};
    v->count++;
}

static bool is_party_attribute(pd_str name) {
    return pd_str_is(name, "kind") || pd_str_is(name, "chamber") || pd_str_is(name, "country");
}

static void visit_context(struct visitor *v, const struct law_path *path) {
    pd_str part = path->count > 1 ? path->names[1] : (pd_str){NULL, 0};
    bool is_facts = pd_str_is(part, "f") || pd_str_is(part, "a");
    int64_t number;
    if (is_facts && path->count > 2) {
        visit_fact(v, path);
    } else if (is_facts || (path->count == 2 && pd_str_is(part, "t")) || path->count == 1) {
        refuse(v, path, "facts and thresholds are read one by one, as context.f.NAME");
    } else if (pd_str_is(part, "t")) {
        if (path->count > 3 || !law_rules_threshold(v->rules, path->names[2], &number))
            refuse(v, path, "the node has no threshold \"%.*s\"", pd_arg(path->names[2]));
    } else if (pd_str_is(part, "recipient")) {
        if (path->count > 3 || (path->count == 3 && !is_party_attribute(path->names[2])))
            refuse(v, path, "a recipient has kind, chamber and country");
    } else if (path->count > 2 || !(pd_str_is(part, "member") || pd_str_is(part, "now"))) {
        refuse(v, path, "context has f, a, t, member, recipient and now; not \"%.*s\"",
               pd_arg(part));
    }
}

static bool visit(void *context, const struct law_path *path) {
    struct visitor *v = context;
    pd_str variable = path->names[0];
    if (pd_str_is(variable, "context"))
        visit_context(v, path);
    else if (pd_str_is(variable, "principal")) {
        if (path->count > 2 || (path->count == 2 && !is_party_attribute(path->names[1])))
            refuse(v, path, "a principal has kind, chamber and country");
    } else if (path->count > 1 &&
               (pd_str_is(variable, "action") || pd_str_is(variable, "resource"))) {
        refuse(v, path, "%.*s has no attributes: what is known of it are facts (context.f)",
               pd_arg(variable));
    }
    return v->status == PD_OK;
}

/* The scope names things of the schema, in its namespace. */
static bool is_polder_type(pd_str type, pd_str *name) {
    pd_str prefix = PD_STR(LAW_NAMESPACE);
    *name = pd_str_starts(type, prefix) ? pd_str_sub(type, prefix.len, type.len - prefix.len)
                                        : (pd_str){NULL, 0};
    return name->len > 0;
}

static bool scope_is_known(const struct law_scope *scope, bool is_principal) {
    pd_str name;
    if ((scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN) &&
        !(is_polder_type(scope->type, &name) &&
          (is_principal ? pd_str_is(name, "Party") : law_code_is_known(LAW_CODE_NOUN, name))))
        return false;
    for (size_t i = 0; i < scope->entity_count; i++)
        if (!is_polder_type(scope->entities[i].type, &name) ||
            !(is_principal ? pd_str_is(name, "Party") : law_code_is_known(LAW_CODE_NOUN, name)))
            return false;
    return true;
}

static enum pd_status check_scopes(struct law_rules *rules, const struct law_policy *policy,
                                   struct pd_error *err) {
    if (!scope_is_known(&policy->principal, true))
        return law_policy_fail(rules->policies, policy, policy->principal.place, err,
                               "a principal is a Polder::Party");
    if (!scope_is_known(&policy->resource, false))
        return law_policy_fail(rules->policies, policy, policy->resource.place, err,
                               "a resource is one of the schema's nouns, such as Polder::Version");
    for (size_t i = 0; i < policy->action.entity_count; i++) {
        const struct law_uid *uid = &policy->action.entities[i];
        if (!pd_str_is(uid->type, LAW_NAMESPACE "Action") ||
            (law_verb_find(uid->id) == PD_NPOS && !law_verb_is_group(uid->id)))
            return law_policy_fail(rules->policies, policy, policy->action.place, err,
                                   "the schema has no action %.*s::\"%.*s\"", pd_arg(uid->type),
                                   pd_arg(uid->id));
    }
    return PD_OK;
}

enum pd_status law_rule_read_paths(struct law_rules *rules, struct law_rule *rule,
                                   struct pd_error *err) {
    enum pd_status st = check_scopes(rules, rule->policy, err);
    if (st != PD_OK)
        return st;
    struct visitor v = {.rules = rules, .rule = rule, .err = err, .status = PD_OK};
    law_policy_visit_paths(rule->policy, visit, &v); /* counts */
    if (v.status != PD_OK)
        return v.status;
    v.reads = pd_arena_array(rules->arena, v.count, sizeof(*v.reads));
    if (v.reads == NULL)
        return pd_fail_memory(err);
    v.capacity = v.count;
    v.count = 0;
    law_policy_visit_paths(rule->policy, visit, &v); /* fills */
    rule->reads = v.reads;
    rule->read_count = v.count;
    return v.status;
}

/* ---- Exemptions ---- */

static struct law_place exempts_place(const struct law_policy *policy) {
    for (size_t i = 0; i < policy->annotation_count; i++)
        if (pd_str_is(policy->annotations[i].key, "exempts"))
            return policy->annotations[i].place;
    return policy->place;
}

static enum pd_status read_exemption(struct law_rules *rules, struct law_rule *rule,
                                     struct pd_error *err) {
    pd_str rest;
    if (!law_policy_annotation(rule->policy, "exempts", &rest))
        return PD_OK;
    struct law_place place = exempts_place(rule->policy);
    size_t *exempts = pd_arena_array(rules->arena, rest.len + 1, sizeof(*exempts));
    if (exempts == NULL)
        return pd_fail_memory(err);
    pd_str id;
    size_t n = 0;
    while (pd_str_split(&rest, ' ', &id)) {
        size_t target;
        if (id.len == 0)
            continue;
        if (law_policies_find(rules->policies, id, &target) == NULL)
            return law_policy_fail(rules->policies, rule->policy, place, err,
                                   "@exempts: there is no policy \"%.*s\"", pd_arg(id));
        if (rules->rules[target].voice.rank < rule->voice.rank)
            return law_policy_fail(
                rules->policies, rule->policy, place, err,
                "@exempts: \"%.*s\" is of higher rank and can't be set aside here", pd_arg(id));
        exempts[n++] = target;
    }
    if (n == 0)
        return law_policy_fail(rules->policies, rule->policy, place, err, "@exempts names nothing");
    rule->exempts = exempts;
    rule->exempt_count = n;
    return PD_OK;
}

static enum pd_status reverse_exemptions(struct law_rules *rules, struct pd_error *err) {
    for (size_t i = 0; i < rules->count; i++)
        for (size_t j = 0; j < rules->rules[i].exempt_count; j++)
            rules->rules[rules->rules[i].exempts[j]].exempted_by_count++;
    size_t **lists = pd_arena_array(rules->arena, rules->count, sizeof(*lists));
    if (lists == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < rules->count; i++) {
        struct law_rule *rule = &rules->rules[i];
        lists[i] = pd_arena_array(rules->arena, rule->exempted_by_count, sizeof(*lists[i]));
        if (lists[i] == NULL)
            return pd_fail_memory(err);
        rule->exempted_by = lists[i];
        rule->exempted_by_count = 0;
    }
    for (size_t i = 0; i < rules->count; i++)
        for (size_t j = 0; j < rules->rules[i].exempt_count; j++) {
            size_t target = rules->rules[i].exempts[j];
            lists[target][rules->rules[target].exempted_by_count++] = i;
        }
    return PD_OK;
}

/* Kahn's order: a rule comes after all that may exempt it. Who is left over stands in a circle. */
static enum pd_status order_exemptions(struct law_rules *rules, struct pd_error *err) {
    size_t *order = pd_arena_array(rules->arena, rules->count, sizeof(*order));
    size_t *waiting = pd_arena_array(rules->arena, rules->count, sizeof(*waiting));
    if (order == NULL || waiting == NULL)
        return pd_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < rules->count; i++) {
        waiting[i] = rules->rules[i].exempted_by_count;
        if (waiting[i] == 0)
            order[n++] = i;
    }
    for (size_t done = 0; done < n; done++) {
        const struct law_rule *rule = &rules->rules[order[done]];
        for (size_t j = 0; j < rule->exempt_count; j++)
            if (--waiting[rule->exempts[j]] == 0)
                order[n++] = rule->exempts[j];
    }
    for (size_t i = 0; i < rules->count && n < rules->count; i++)
        if (waiting[i] > 0 && rules->rules[i].exempt_count > 0)
            return law_policy_fail(rules->policies, rules->rules[i].policy,
                                   exempts_place(rules->rules[i].policy), err,
                                   "@exempts: the exemptions go in a circle");
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (rules->rules[order[i]].exempt_count > 0)
            order[kept++] = order[i];
    rules->exempt_order = order;
    rules->exempt_order_count = kept;
    return PD_OK;
}

enum pd_status law_exemptions_load(struct law_rules *rules, struct pd_error *err) {
    for (size_t i = 0; i < rules->count; i++) {
        enum pd_status st = read_exemption(rules, &rules->rules[i], err);
        if (st != PD_OK)
            return st;
    }
    enum pd_status st = reverse_exemptions(rules, err);
    return st != PD_OK ? st : order_exemptions(rules, err);
}

/* ---- The index ---- */

static bool takes_verb(const struct law_policy *policy, const struct law_verb *verb) {
    const struct law_scope *scope = &policy->action;
    if (scope->form == LAW_SCOPE_ANY)
        return true;
    for (size_t i = 0; i < scope->entity_count; i++)
        if (scope->form == LAW_SCOPE_EQUAL ? pd_str_is(scope->entities[i].id, verb->name)
                                           : law_verb_is_in(verb, scope->entities[i].id))
            return true;
    return false;
}

enum pd_status law_index_make(struct law_rules *rules, struct pd_error *err) {
    const struct law_verb *verb;
    for (size_t v = 0; (verb = law_verb_nth(v)) != NULL; v++) {
        size_t *list = pd_arena_array(rules->arena, rules->count, sizeof(*list));
        if (list == NULL)
            return pd_fail_memory(err);
        size_t n = 0;
        for (size_t i = 0; i < rules->count; i++)
            if (takes_verb(rules->rules[i].policy, verb))
                list[n++] = i;
        rules->by_verb[v] = (struct law_verb_index){.rules = list, .count = n};
    }
    return PD_OK;
}
