/* What must hold of the rules before they decide anything: they read only what the registry and the
   schema know, exemptions come from no lower rank and in no circle. */
#include "law/finding_impl.h"

#include <stdio.h>

/* ---- Names that a policy reads ---- */

struct visitor {
    struct law_rules *rules;
    const struct law_rule *rule;
    struct law_read *reads;
    size_t count, capacity;
    struct law_complaints *complaints;
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
    v->status = law_complain(
        v->complaints, v->rule->policy->name,
        law_policy_fail(v->rules->policies, v->rule->policy, path->place, v->err, "%s", what),
        v->err);
}

struct law_hint law_threshold_hint(const struct law_rules *rules, pd_str name) {
    enum { NAMES_MAX = 256 };
    pd_str names[NAMES_MAX];
    size_t count = 0;
    for (; count < rules->threshold_count && count < NAMES_MAX; count++)
        names[count] = rules->thresholds[count].name;
    return law_hint(name, names, count);
}

static struct law_hint fact_hint(const struct law_rules *rules, pd_str name) {
    pd_str *names = pd_arena_array(rules->arena, rules->fact_count, sizeof(*names));
    for (size_t i = 0; names != NULL && i < rules->fact_count; i++)
        names[i] = rules->facts[i].name;
    return law_hint(name, names, names != NULL ? rules->fact_count : 0);
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
        refuse(v, path, "the registry knows no fact `%.*s`%s", pd_arg(name),
               fact_hint(rules, name).text);
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

/** Of a path to a party, the name at `nth` must be one of its attributes, and the last. */
static void check_party_attribute(struct visitor *v, const struct law_path *path, size_t nth,
                                  const char *who) {
    static const char attributes[] = "kind chamber country";
    if (path->count <= nth)
        return;
    if (!law_words_have(attributes, path->names[nth]))
        refuse(v, path, "%s has kind, chamber and country, and no `%.*s`%s", who,
               pd_arg(path->names[nth]), law_hint_word(path->names[nth], attributes).text);
    else if (path->count > nth + 1)
        refuse(v, path, "the %.*s of %s has no members", pd_arg(path->names[nth]), who);
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
            refuse(v, path, "the node has no threshold `%.*s`%s", pd_arg(path->names[2]),
                   law_threshold_hint(v->rules, path->names[2]).text);
    } else if (pd_str_is(part, "recipient")) {
        check_party_attribute(v, path, 2, "a recipient");
    } else if (!(pd_str_is(part, "member") || pd_str_is(part, "now"))) {
        refuse(v, path, "context has f, a, t, member, recipient and now, and no `%.*s`%s",
               pd_arg(part), law_hint_word(part, "member recipient now").text);
    } else if (path->count > 2) {
        refuse(v, path, "context.%.*s has no members", pd_arg(part));
    }
}

static bool visit(void *context, const struct law_path *path) {
    struct visitor *v = context;
    pd_str variable = path->names[0];
    if (pd_str_is(variable, "context"))
        visit_context(v, path);
    else if (pd_str_is(variable, "principal"))
        check_party_attribute(v, path, 1, "a principal");
    else if (path->count > 1 && (pd_str_is(variable, "action") || pd_str_is(variable, "resource")))
        refuse(v, path, "%.*s has no attributes: what is known of it are facts (context.f)",
               pd_arg(variable));
    return v->status == PD_OK;
}

/* The scope names things of the schema, in its namespace. */
static bool is_polder_type(pd_str type, pd_str *name) {
    pd_str prefix = PD_STR(LAW_NAMESPACE);
    *name = pd_str_starts(type, prefix) ? pd_str_sub(type, prefix.len, type.len - prefix.len)
                                        : (pd_str){NULL, 0};
    return name->len > 0;
}

static enum pd_status check_type(struct law_rules *rules, const struct law_policy *policy,
                                 struct law_place place, pd_str type, bool is_principal,
                                 struct pd_error *err) {
    pd_str name;
    bool is_polder = is_polder_type(type, &name);
    if (is_polder &&
        (is_principal ? pd_str_is(name, "Party") : law_code_is_known(LAW_CODE_NOUN, name)))
        return PD_OK;
    if (is_principal)
        return law_policy_fail(rules->policies, policy, place, err,
                               "a principal is a Polder::Party, and no %.*s", pd_arg(type));
    return law_policy_fail(
        rules->policies, policy, place, err,
        "a resource is one of the schema's nouns, such as Polder::Version, and "
        "no %.*s%s",
        pd_arg(type), law_hint_word(is_polder ? name : type, law_code_list(LAW_CODE_NOUN)).text);
}

static enum pd_status check_scope(struct law_rules *rules, const struct law_policy *policy,
                                  const struct law_scope *scope, bool is_principal,
                                  struct pd_error *err) {
    enum pd_status st = PD_OK;
    if (scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN)
        st = check_type(rules, policy, scope->type_place, scope->type, is_principal, err);
    for (size_t i = 0; i < scope->entity_count && st == PD_OK; i++)
        st =
            check_type(rules, policy, scope->entity_places ? scope->entity_places[i] : scope->place,
                       scope->entities[i].type, is_principal, err);
    return st;
}

/** Of all verbs and groups, each perhaps several times. */
static struct law_hint action_hint(pd_str id) {
    pd_str names[LAW_VERBS_MAX * (LAW_GROUPS_MAX + 1)];
    size_t count = 0;
    const struct law_verb *verb;
    for (size_t i = 0; (verb = law_verb_nth(i)) != NULL; i++) {
        names[count++] = pd_str_from(verb->name);
        for (size_t g = 0; g < LAW_GROUPS_MAX && verb->groups[g] != NULL; g++)
            names[count++] = pd_str_from(verb->groups[g]);
    }
    return law_hint(id, names, count);
}

static enum pd_status check_action(struct law_rules *rules, const struct law_policy *policy,
                                   size_t nth, struct pd_error *err) {
    const struct law_scope *scope = &policy->action;
    const struct law_uid *uid = &scope->entities[nth];
    struct law_place place = scope->entity_places ? scope->entity_places[nth] : scope->place;
    bool is_known = law_verb_find(uid->id) != PD_NPOS || law_verb_is_group(uid->id);
    if (is_known && pd_str_is(uid->type, LAW_NAMESPACE "Action"))
        return PD_OK;
    if (is_known)
        return law_policy_fail(rules->policies, policy, place, err,
                               "the schema has no action %.*s::\"%.*s\": did you mean "
                               "`" LAW_NAMESPACE "Action::\"%.*s\"`?",
                               pd_arg(uid->type), pd_arg(uid->id), pd_arg(uid->id));
    return law_policy_fail(rules->policies, policy, place, err,
                           "the schema has no action %.*s::\"%.*s\"%s", pd_arg(uid->type),
                           pd_arg(uid->id), action_hint(uid->id).text);
}

static enum pd_status check_scopes(struct law_rules *rules, const struct law_policy *policy,
                                   struct law_complaints *complaints, struct pd_error *err) {
    enum pd_status st = law_complain(
        complaints, policy->name, check_scope(rules, policy, &policy->principal, true, err), err);
    if (st == PD_OK)
        st = law_complain(complaints, policy->name,
                          check_scope(rules, policy, &policy->resource, false, err), err);
    for (size_t i = 0; i < policy->action.entity_count && st == PD_OK; i++)
        st = law_complain(complaints, policy->name, check_action(rules, policy, i, err), err);
    return st;
}

/* The facts that the rule reads, by name and each once. */
static enum pd_status list_facts(struct law_rules *rules, struct law_rule *rule,
                                 struct pd_error *err) {
    size_t *facts = pd_arena_array(rules->arena, rule->read_count, sizeof(*facts));
    size_t n = 0;
    if (facts == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < rule->read_count; i++) {
        size_t fact = rule->reads[i].fact;
        size_t at = n;
        while (at > 0 && pd_str_cmp(rules->facts[facts[at - 1]].name, rules->facts[fact].name) > 0)
            at--;
        if (at > 0 && facts[at - 1] == fact)
            continue;
        for (size_t j = n; j > at; j--)
            facts[j] = facts[j - 1];
        facts[at] = fact;
        n++;
    }
    rule->facts = facts;
    rule->fact_count = n;
    return PD_OK;
}

enum pd_status law_rule_read_paths(struct law_rules *rules, struct law_rule *rule,
                                   struct law_complaints *complaints, struct pd_error *err) {
    enum pd_status st = check_scopes(rules, rule->policy, complaints, err);
    if (st != PD_OK)
        return st;
    struct visitor v = {
        .rules = rules, .rule = rule, .complaints = complaints, .err = err, .status = PD_OK};
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
    return v.status != PD_OK ? v.status : list_facts(rules, rule, err);
}

/* ---- Exemptions ---- */

static struct law_place exempts_place(const struct law_policy *policy) {
    for (size_t i = 0; i < policy->annotation_count; i++)
        if (pd_str_is(policy->annotations[i].key, "exempts"))
            return policy->annotations[i].place;
    return policy->place;
}

/** What is wrong with exempting from the policy of an id; else its index. */
static enum pd_status find_exempted(struct law_rules *rules, const struct law_rule *rule, pd_str id,
                                    size_t *target, struct pd_error *err) {
    struct law_place place = exempts_place(rule->policy);
    if (law_policies_find(rules->policies, id, target) == NULL) {
        pd_str *ids = pd_arena_array(rules->arena, rules->count, sizeof(*ids));
        for (size_t i = 0; ids != NULL && i < rules->count; i++)
            ids[i] = rules->rules[i].voice.id;
        return law_policy_fail(rules->policies, rule->policy, place, err,
                               "@exempts: there is no policy `%.*s`%s", pd_arg(id),
                               law_hint(id, ids, ids != NULL ? rules->count : 0).text);
    }
    if (rules->rules[*target].voice.rank < rule->voice.rank)
        return law_policy_fail(rules->policies, rule->policy, place, err,
                               "@exempts: `%.*s` is of higher rank and can't be set aside here",
                               pd_arg(id));
    return PD_OK;
}

static enum pd_status read_exemption(struct law_rules *rules, struct law_rule *rule,
                                     struct law_complaints *complaints, struct pd_error *err) {
    pd_str rest;
    if (!law_policy_annotation(rule->policy, "exempts", &rest))
        return PD_OK;
    size_t *exempts = pd_arena_array(rules->arena, rest.len + 1, sizeof(*exempts));
    if (exempts == NULL)
        return pd_fail_memory(err);
    pd_str id, path = rule->policy->name;
    size_t n = 0, named = 0;
    while (pd_str_split(&rest, ' ', &id)) {
        size_t target;
        if (id.len == 0)
            continue;
        named++;
        enum pd_status st = find_exempted(rules, rule, id, &target, err);
        if (st == PD_OK)
            exempts[n++] = target;
        else if ((st = law_complain(complaints, path, st, err)) != PD_OK)
            return st;
    }
    if (named == 0)
        return law_complain(complaints, path,
                            law_policy_fail(rules->policies, rule->policy,
                                            exempts_place(rule->policy), err,
                                            "@exempts names nothing"),
                            err);
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
static enum pd_status order_exemptions(struct law_rules *rules, struct law_complaints *complaints,
                                       struct pd_error *err) {
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
            return law_complain(complaints, rules->rules[i].policy->name,
                                law_policy_fail(rules->policies, rules->rules[i].policy,
                                                exempts_place(rules->rules[i].policy), err,
                                                "@exempts: the exemptions go in a circle"),
                                err);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (rules->rules[order[i]].exempt_count > 0)
            order[kept++] = order[i];
    rules->exempt_order = order;
    rules->exempt_order_count = kept;
    return PD_OK;
}

enum pd_status law_exemptions_load(struct law_rules *rules, struct law_complaints *complaints,
                                   struct pd_error *err) {
    for (size_t i = 0; i < rules->count; i++) {
        enum pd_status st = read_exemption(rules, &rules->rules[i], complaints, err);
        if (st != PD_OK)
            return st;
    }
    enum pd_status st = reverse_exemptions(rules, err);
    return st != PD_OK ? st : order_exemptions(rules, complaints, err);
}
