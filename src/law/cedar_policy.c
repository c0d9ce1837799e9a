/* Policies: annotations, scope, clauses; and the set that owns them. */
#include "law/cedar_parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source {
    pd_str name, text;
    const struct source *next;
};

struct law_policies {
    struct pd_arena *arena;
    const struct law_policy **list; /* in the order added */
    struct by_id {
        pd_str id;
        size_t index;
    } * sorted;
    size_t count;
    const struct source *sources;
};

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
static bool parse_scope_entity(struct law_parser *p, enum law_variable v, struct law_list *list) {
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
    if (slot)
        *slot = uid;
    return slot;
}

/** What stands behind `==` or `in`: an entity, a list of actions, or the variable's own slot. */
static bool parse_scope_target(struct law_parser *p, enum law_variable v, bool may_be_list,
                               struct law_scope *scope) {
    struct law_list list = {.item_size = sizeof(struct law_uid)};
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
            if (!parse_scope_entity(p, v, &list))
                return false;
            if (!law_token_accept(p, ","))
                break;
        }
        if (!law_token_expect(p, "]"))
            return false;
    } else if (!parse_scope_entity(p, v, &list)) {
        return false;
    } else {
        scope->is_single = true;
    }
    scope->entities = list.items;
    scope->entity_count = list.count;
    return true;
}

static bool parse_scope(struct law_parser *p, enum law_variable v, struct law_scope *scope) {
    char variable[16] = "";
    memcpy(variable, law_variable_names[v].data, law_variable_names[v].len);
    scope->place = p->token.place;
    if (!law_token_accept(p, variable)) {
        char what[48];
        snprintf(what, sizeof(what), "the variable `%s`", variable);
        return law_parser_expected(p, what);
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

static struct law_policy *parse_policy(struct law_parser *p) {
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
        law_parser_expected(p, "`permit` or `forbid`");
        return NULL;
    }
    if (!parse_scopes(p, policy) || !parse_clauses(p, policy))
        return NULL;
    if (!law_token_accept(p, ";")) {
        law_parser_expected(p, "`when`, `unless` or `;`");
        return NULL;
    }
    policy->text =
        pd_str_sub(p->text, policy->place.offset, p->consumed_end - policy->place.offset);
    return policy;
}

/* ---- The set ---- */

struct law_policies *law_policies_new(size_t limit_bytes) {
    struct law_policies *set = calloc(1, sizeof(*set));
    if (!set)
        return NULL;
    set->arena = pd_arena_new(limit_bytes);
    if (!set->arena) {
        free(set);
        return NULL;
    }
    return set;
}

void law_policies_free(struct law_policies *set) {
    if (!set)
        return;
    pd_arena_free(set->arena);
    free(set);
}

static int compare_ids(const void *a, const void *b) {
    const struct by_id *x = a, *y = b;
    int order = pd_str_cmp(x->id, y->id);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/** Names the new policies, and makes the set's lists as they will be with them. */
static bool join(struct law_parser *p, const struct law_policies *set, enum law_ids ids,
                 const struct law_list *added, struct law_policies *joined) {
    size_t count = set->count + added->count;
    joined->count = count;
    joined->list = pd_arena_array(p->arena, count, sizeof(*joined->list));
    joined->sorted = pd_arena_array(p->arena, count, sizeof(*joined->sorted));
    if (!joined->list || !joined->sorted)
        return law_parser_is_full(p);
    for (size_t i = 0; i < count; i++) {
        if (i < set->count) {
            joined->list[i] = set->list[i];
        } else {
            struct law_policy *policy = ((struct law_policy **)added->items)[i - set->count];
            if (!policy->id.data &&
                (ids == LAW_IDS_NUMBERED || !law_policy_annotation(policy, "id", &policy->id)))
                policy->id = pd_arena_printf(p->arena, "policy%zu", i);
            if (!policy->id.data)
                return law_parser_is_full(p);
            joined->list[i] = policy;
        }
        joined->sorted[i] = (struct by_id){joined->list[i]->id, i};
    }
    if (count > 1)
        qsort(joined->sorted, count, sizeof(*joined->sorted), compare_ids);
    for (size_t i = 1; i < count; i++) {
        const struct by_id *again = &joined->sorted[i];
        if (pd_str_eq(again->id, again[-1].id)) {
            const struct law_policy *first = joined->list[again[-1].index];
            return law_parser_fail(p, joined->list[again->index]->place,
                                   "there is a policy of id \"%.*s\" already, at %.*s:%u",
                                   pd_arg(again->id), pd_arg(first->name), first->place.line);
        }
    }
    return true;
}

static bool parse_policies(struct law_parser *p, void *context, struct law_list *policies,
                           struct law_list *links) {
    (void)context, (void)links; /* policy text has no links */
    law_parser_init(p, p->name, p->text, p->arena, p->err);
    while (p->status == PD_OK && p->token.kind != LAW_TOKEN_END) {
        struct law_policy *policy = parse_policy(p);
        struct law_policy **slot = policy ? law_list_add(p, policies) : NULL;
        if (!slot)
            return false;
        *slot = policy;
    }
    return p->status == PD_OK;
}

/** The template with its slots filled. What it borrows lives as long as the template. */
static struct law_policy *make_link(struct law_parser *p, const struct law_policies *set,
                                    const struct law_link *link) {
    const struct law_policy *template = law_policies_find(set, link->template_id, NULL);
    if (!template || !template->is_template) {
        law_parser_fail(p, link->place, "there is no template of id \"%.*s\"",
                        pd_arg(link->template_id));
        return NULL;
    }
    struct law_policy *policy = pd_arena_alloc(p->arena, sizeof(*policy));
    if (!policy) {
        law_parser_is_full(p);
        return NULL;
    }
    *policy = *template;
    policy->id = link->id;
    policy->template_id = template->id;
    policy->is_template = false;
    const struct law_uid *const given[] = {link->principal, link->resource};
    struct law_scope *const scopes[] = {&policy->principal, &policy->resource};
    for (size_t i = 0; i < 2; i++) {
        const char *slot = i == 0 ? "?principal" : "?resource";
        if (scopes[i]->has_slot != (given[i] != NULL)) {
            law_parser_fail(p, link->place,
                            given[i] ? "the template \"%.*s\" has no slot %s"
                                     : "the template \"%.*s\" needs an entity for its slot %s",
                            pd_arg(template->id), slot);
            return NULL;
        }
        if (given[i]) {
            scopes[i]->has_slot = false;
            scopes[i]->is_single = true;
            scopes[i]->entities = given[i];
            scopes[i]->entity_count = 1;
        }
    }
    return policy;
}

static bool join_links(struct law_parser *p, const struct law_list *links,
                       struct law_policies *joined) {
    struct law_list added = {.item_size = sizeof(struct law_policy *)};
    const struct law_link *list = links->items;
    for (size_t i = 0; i < links->count; i++) {
        struct law_policy *policy = make_link(p, joined, &list[i]);
        struct law_policy **slot = policy ? law_list_add(p, &added) : NULL;
        if (!slot)
            return false;
        *slot = policy;
    }
    const struct law_policies before = *joined;
    return added.count == 0 || join(p, &before, LAW_IDS_NUMBERED, &added, joined);
}

enum pd_status law_policies_add(struct law_policies *set, pd_str name, pd_str text,
                                enum law_ids ids,
                                bool (*read)(struct law_parser *p, void *context,
                                             struct law_list *policies, struct law_list *links),
                                void *context, struct pd_error *err) {
    if (text.len > LAW_TEXT_MAX)
        return pd_fail(err, PD_LIMIT, "%.*s: %zu bytes of policies; at most %d are read at once",
                       pd_arg(name), text.len, (int)LAW_TEXT_MAX);
    struct pd_mark mark = pd_arena_mark(set->arena);
    struct source *source = pd_arena_alloc(set->arena, sizeof(*source));
    if (!source)
        return pd_fail_memory(err);
    *source = (struct source){pd_arena_str(set->arena, name), pd_arena_str(set->arena, text),
                              set->sources};
    if (!source->name.data || !source->text.data) {
        pd_arena_reset(set->arena, mark);
        return pd_fail_memory(err);
    }
    struct law_parser p = {
        .name = source->name, .text = source->text, .arena = set->arena, .err = err};
    struct law_policies joined = {.arena = set->arena, .sources = source};
    struct law_list policies = {.item_size = sizeof(struct law_policy *)};
    struct law_list links = {.item_size = sizeof(struct law_link)};
    if (!read(&p, context, &policies, &links) || !join(&p, set, ids, &policies, &joined) ||
        !join_links(&p, &links, &joined)) {
        pd_arena_reset(set->arena, mark);
        return p.status;
    }
    *set = joined;
    return PD_OK;
}

enum pd_status law_policies_parse(struct law_policies *set, pd_str name, pd_str text,
                                  enum law_ids ids, struct pd_error *err) {
    return law_policies_add(set, name, text, ids, parse_policies, NULL, err);
}

static const struct law_uid *copy_uid(struct pd_arena *arena, const struct law_uid *uid) {
    struct law_uid *copy = uid ? pd_arena_alloc(arena, sizeof(*copy)) : NULL;
    if (copy)
        *copy = (struct law_uid){pd_arena_str(arena, uid->type), pd_arena_str(arena, uid->id)};
    return copy && copy->type.data && copy->id.data ? copy : NULL;
}

enum pd_status law_policies_link(struct law_policies *set, pd_str template_id, pd_str new_id,
                                 const struct law_uid *principal, const struct law_uid *resource,
                                 struct pd_error *err) {
    const struct law_policy *template = law_policies_find(set, template_id, NULL);
    if (!template)
        return pd_fail(err, PD_INVALID, "there is no template of id \"%.*s\"", pd_arg(template_id));
    struct pd_mark mark = pd_arena_mark(set->arena);
    struct law_link link = {.template_id = template->id,
                            .id = pd_arena_str(set->arena, new_id),
                            .principal = copy_uid(set->arena, principal),
                            .resource = copy_uid(set->arena, resource),
                            .place = template->place};
    pd_str text = PD_STR("");
    for (const struct source *s = set->sources; s; s = s->next)
        if (s->name.data == template->name.data)
            text = s->text;
    struct law_parser p = {.name = template->name, .text = text, .arena = set->arena, .err = err};
    struct law_list links = {&link, 1, 1, sizeof(link)};
    struct law_policies joined = *set;
    if (!link.id.data || (principal && !link.principal) || (resource && !link.resource))
        law_parser_is_full(&p);
    else
        join_links(&p, &links, &joined);
    if (p.status != PD_OK) {
        pd_arena_reset(set->arena, mark);
        return p.status;
    }
    *set = joined;
    return PD_OK;
}

size_t law_policies_count(const struct law_policies *set) {
    return set->count;
}

const struct law_policy *law_policies_get(const struct law_policies *set, size_t index) {
    return set->list[index];
}

const struct law_policy *law_policies_find(const struct law_policies *set, pd_str id,
                                           size_t *index) {
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(set->sorted[middle].id, id);
        if (order == 0) {
            if (index)
                *index = set->sorted[middle].index;
            return set->list[set->sorted[middle].index];
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
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

enum pd_status law_policy_fail(const struct law_policies *set, const struct law_policy *policy,
                               struct law_place place, struct pd_error *err, const char *format,
                               ...) {
    pd_str text = {NULL, 0};
    for (const struct source *s = set->sources; s; s = s->next)
        if (s->name.data == policy->name.data)
            text = s->text;
    va_list args;
    va_start(args, format);
    enum pd_status status = law_text_fail(err, policy->name, text, place, format, args);
    va_end(args);
    return status;
}
