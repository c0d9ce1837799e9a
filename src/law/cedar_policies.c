/* Sets of policies: what they are made from, ids, links of templates. */
#include "law/cedar_parser.h"

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

/**
 * Names the new policies, and makes the set's lists as they will be with them. False: out of room,
 * or `*again` of the new ones has an id that is taken.
 */
static bool join(struct law_parser *p, const struct law_policies *set, enum law_ids ids,
                 const struct law_list *added, struct law_policies *joined, size_t *again_at) {
    *again_at = PD_NPOS;
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
            *again_at = again->index - set->count;
            return law_parser_fail(p, joined->list[again->index]->place,
                                   "there is a policy of id \"%.*s\" already, at %.*s:%u",
                                   pd_arg(again->id), pd_arg(first->name), first->place.line);
        }
    }
    return true;
}

/* ---- Going on behind an error ---- */

/** Tells of a failure; true if what follows may be read all the same. */
static bool forgive(struct law_parser *p) {
    struct law_refusals *r = p->refusals;
    if (!r || p->status != PD_INVALID || r->is_over)
        return false;
    r->is_any = true;
    r->is_over = !r->refused(r->context, p->err);
    p->status = PD_OK;
    p->depth = 0;
    return true;
}

/** Whether the next token begins a policy, to judge by its line. */
static bool is_at_policy(const struct law_parser *p) {
    size_t start = p->token.place.offset;
    while (start > 0 && (p->text.data[start - 1] == ' ' || p->text.data[start - 1] == '\t'))
        start--;
    return (start == 0 || p->text.data[start - 1] == '\n') &&
           (law_token_is(p, "@") || law_token_is(p, "permit") || law_token_is(p, "forbid"));
}

/** Consumes what may belong to the policy that began at `start`, from the token that was wrong. */
static void skip_policy(struct law_parser *p, size_t start) {
    struct pd_error ignored;
    struct pd_error *err = p->err;
    bool is_behind = false;
    p->err = &ignored;
    p->at = p->token.place;
    for (law_token_next(p); p->status != PD_OK || p->token.kind != LAW_TOKEN_END;
         law_token_next(p)) {
        if (p->status != PD_OK) { /* no token: of an open string the line, else the character */
            bool is_string = p->text.data[p->at.offset] == '"';
            size_t line = pd_str_find_char(pd_str_sub(p->text, p->at.offset, SIZE_MAX), '\n');
            uint32_t c;
            size_t length = pd_utf8_decode(p->text, p->at.offset, &c);
            p->status = PD_OK;
            p->at = law_place_advance(p->text, p->at,
                                      is_string && line != PD_NPOS ? p->at.offset + line
                                                                   : p->at.offset + length);
            continue;
        }
        if (is_behind || (p->token.place.offset > start && is_at_policy(p)))
            break;
        is_behind = law_token_is(p, ";");
    }
    p->err = err;
}

static bool parse_policies(struct law_parser *p, void *context, struct law_list *policies,
                           struct law_list *links) {
    (void)context, (void)links; /* policy text has no links */
    size_t bad_at;
    struct law_refusals *refusals = p->refusals;
    law_parser_init(p, p->name, p->text, p->arena, p->err);
    p->refusals = pd_utf8_valid(p->text, &bad_at) ? refusals : NULL;
    while (p->status != PD_OK || p->token.kind != LAW_TOKEN_END) {
        size_t start = p->token.place.offset;
        struct law_policy *policy = p->status == PD_OK ? law_parse_policy(p) : NULL;
        struct law_policy **slot = policy ? law_list_add(p, policies) : NULL;
        if (slot)
            *slot = policy;
        else if (!forgive(p))
            return false;
        else if (p->refusals->is_over)
            break;
        else
            skip_policy(p, start);
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
            scopes[i]->entity_places = NULL;
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
    size_t again;
    return added.count == 0 || join(p, &before, LAW_IDS_NUMBERED, &added, joined, &again);
}

/** Joins the policies but for those whose id is taken, if their refusal ends only themselves. */
static bool join_each(struct law_parser *p, const struct law_policies *set, enum law_ids ids,
                      struct law_list *added, struct law_policies *joined) {
    size_t again;
    while (!join(p, set, ids, added, joined, &again)) {
        if (again == PD_NPOS || !forgive(p))
            return false;
        struct law_policy **list = added->items;
        added->count--;
        memmove(&list[again], &list[again + 1],
                (added->count - again) * sizeof(struct law_policy *));
    }
    return true;
}

static enum pd_status add(struct law_policies *set, pd_str name, pd_str text, enum law_ids ids,
                          bool (*read)(struct law_parser *p, void *context,
                                       struct law_list *policies, struct law_list *links),
                          void *context, struct law_refusals *refusals, struct pd_error *err) {
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
    struct law_parser p = {.name = source->name,
                           .text = source->text,
                           .arena = set->arena,
                           .err = err,
                           .refusals = refusals};
    struct law_policies joined = {.arena = set->arena, .sources = source};
    struct law_list policies = {.item_size = sizeof(struct law_policy *)};
    struct law_list links = {.item_size = sizeof(struct law_link)};
    if (!read(&p, context, &policies, &links) || !join_each(&p, set, ids, &policies, &joined) ||
        !join_links(&p, &links, &joined)) {
        pd_arena_reset(set->arena, mark);
        return p.status;
    }
    *set = joined;
    return PD_OK;
}

enum pd_status law_policies_add(struct law_policies *set, pd_str name, pd_str text,
                                enum law_ids ids,
                                bool (*read)(struct law_parser *p, void *context,
                                             struct law_list *policies, struct law_list *links),
                                void *context, struct pd_error *err) {
    return add(set, name, text, ids, read, context, NULL, err);
}

enum pd_status law_policies_parse(struct law_policies *set, pd_str name, pd_str text,
                                  enum law_ids ids, struct pd_error *err) {
    return add(set, name, text, ids, parse_policies, NULL, NULL, err);
}

enum pd_status law_policies_parse_each(struct law_policies *set, pd_str name, pd_str text,
                                       enum law_ids ids,
                                       bool (*refused)(void *context, const struct pd_error *why),
                                       void *context, struct pd_error *err) {
    struct law_refusals refusals = {.refused = refused, .context = context};
    struct pd_error first = {0};
    enum pd_status st = add(set, name, text, ids, parse_policies, NULL, &refusals, &first);
    if (st == PD_INVALID) /* as a whole: it isn't UTF-8 */
        refused(context, &first);
    if (st != PD_OK)
        return pd_fail(err, st, "%s", first.text);
    return refusals.is_any
               ? pd_fail(err, PD_INVALID, "%.*s: not all policies can be read", pd_arg(name))
               : PD_OK;
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
