/* From names to what they mean: RFC 24's rules of scope, and the types that are written with them.
 */
#include "law/cedar_schema_impl.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    struct law_type type;
} builtins[] = {
    {"Bool", {LAW_TYPE_BOOL, 1, {{0}}}},         {"Long", {LAW_TYPE_LONG, 1, {{0}}}},
    {"String", {LAW_TYPE_STRING, 1, {{0}}}},     {"decimal", {LAW_TYPE_DECIMAL, 1, {{0}}}},
    {"ipaddr", {LAW_TYPE_IP, 1, {{0}}}},         {"datetime", {LAW_TYPE_DATETIME, 1, {{0}}}},
    {"duration", {LAW_TYPE_DURATION, 1, {{0}}}},
};

/** `Long` and `__cedar::Long`. */
static const struct law_type *find_builtin(pd_str name) {
    pd_str cedar = PD_STR("__cedar::");
    if (pd_str_starts(name, cedar))
        name = pd_str_sub(name, cedar.len, SIZE_MAX);
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
        if (pd_str_is(name, builtins[i].name))
            return &builtins[i].type;
    return NULL;
}

static struct law_declaration *find_full(const struct law_resolver *r,
                                         enum law_declaration_kind kind, pd_str full) {
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct law_declaration *d = &r->list[middle];
        int order = d->kind != kind ? (d->kind < kind ? -1 : 1) : pd_str_cmp(d->full, full);
        if (order == 0)
            return d;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct law_declaration *law_resolver_find(const struct law_resolver *r,
                                          enum law_declaration_kind kind, pd_str space,
                                          pd_str name) {
    if (space.len > 0 && pd_str_find_char(name, ':') == PD_NPOS) {
        struct pd_mark mark = pd_arena_mark(r->p->arena);
        pd_str full = law_name_join(r->p, space, name);
        struct law_declaration *d = full.data ? find_full(r, kind, full) : NULL;
        pd_arena_reset(r->p->arena, mark);
        if (d)
            return d;
    }
    return find_full(r, kind, name);
}

bool law_resolver_unknown(const struct law_resolver *r, enum law_declaration_kind kind,
                          size_t offset, pd_str name) {
    static const char *const whats[] = {"type", "entity type", "action"};
    const size_t builtin_count = sizeof(builtins) / sizeof(builtins[0]);
    pd_str *names = pd_arena_array(r->p->arena, r->count + builtin_count, sizeof(*names));
    if (!names)
        return law_parser_is_full(r->p);
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        enum law_declaration_kind k = r->list[i].kind;
        if (k == kind || (kind == LAW_DECLARES_COMMON && k == LAW_DECLARES_ENTITY))
            names[count++] = r->list[i].full;
    }
    for (size_t i = 0; kind == LAW_DECLARES_COMMON && i < builtin_count; i++)
        names[count++] = pd_str_from(builtins[i].name);
    return law_schema_fail(r->p, offset, "there is no %s `%.*s`%s", whats[kind], pd_arg(name),
                           law_hint(name, names, count).text);
}

/* ---- Types ---- */

static struct law_type *make_type(struct law_resolver *r, enum law_type_kind kind, size_t offset,
                                  size_t size) {
    if (size > LAW_TYPE_SIZE_MAX) {
        law_schema_fail(r->p, offset, "this type has more than %d parts", (int)LAW_TYPE_SIZE_MAX);
        return NULL;
    }
    struct law_type *type = pd_arena_alloc(r->p->arena, sizeof(*type));
    if (!type)
        law_parser_is_full(r->p);
    else
        *type = (struct law_type){.kind = kind, .size = size};
    return type;
}

static const struct law_type *resolve_common(struct law_resolver *r, struct law_declaration *d,
                                             size_t offset, unsigned depth) {
    if (d->resolved)
        return d->resolved;
    if (d->is_open) {
        law_schema_fail(r->p, offset, "the type %.*s is made of itself", pd_arg(d->full));
        return NULL;
    }
    d->is_open = true;
    d->resolved = law_resolver_type(r, d->space, d->type, depth);
    d->is_open = false;
    return d->resolved;
}

bool law_resolver_common(struct law_resolver *r, struct law_declaration *d) {
    return resolve_common(r, d, d->offset, 0) != NULL;
}

/** Whether `type` is that of a namespace's actions, which may be named as a type too. */
static bool has_actions(const struct law_resolver *r, pd_str type) {
    if (!pd_str_is(type, "Action") && !pd_str_ends(type, PD_STR("::Action")))
        return false;
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].kind == LAW_DECLARES_ACTION && pd_str_eq(r->list[i].action.type, type))
            return true;
    return false;
}

/** One candidate of what a name means; NULL also when it means nothing (then the parser is well).
 */
static const struct law_type *resolve_as(struct law_resolver *r, const struct law_written *w,
                                         pd_str full, unsigned depth) {
    struct law_declaration *d =
        w->sorts & LAW_NAME_COMMON ? find_full(r, LAW_DECLARES_COMMON, full) : NULL;
    if (d)
        return resolve_common(r, d, w->offset, depth);
    if (!(w->sorts & LAW_NAME_ENTITY))
        return NULL;
    d = find_full(r, LAW_DECLARES_ENTITY, full);
    if (!d && !has_actions(r, full))
        return NULL;
    struct law_type *type = make_type(r, LAW_TYPE_ENTITY, w->offset, 1);
    if (type)
        type->entity = full;
    return type;
}

static const struct law_type *resolve_name(struct law_resolver *r, pd_str space,
                                           const struct law_written *w, unsigned depth) {
    const struct law_type *type = NULL;
    if (space.len > 0 && pd_str_find_char(w->name, ':') == PD_NPOS) {
        pd_str full = law_name_join(r->p, space, w->name);
        type = full.data ? resolve_as(r, w, full, depth) : NULL;
    }
    if (!type && r->p->status == PD_OK)
        type = resolve_as(r, w, w->name, depth);
    if (!type && r->p->status == PD_OK && w->sorts & LAW_NAME_BUILTIN)
        type = find_builtin(w->name);
    if (w->sorts & LAW_NAME_EXTENSION) {
        type = pd_str_find_char(w->name, ':') == PD_NPOS ? find_builtin(w->name) : NULL;
        type = type && type->kind >= LAW_TYPE_DECIMAL ? type : NULL;
    }
    if (!type)
        law_resolver_unknown(r,
                             w->sorts & LAW_NAME_COMMON ? LAW_DECLARES_COMMON : LAW_DECLARES_ENTITY,
                             w->offset, w->name);
    return type;
}

struct named { /* an attribute, and where it was written */
    struct law_attribute attribute;
    size_t offset;
};

static int compare_named(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    int order = pd_str_cmp(x->attribute.name, y->attribute.name);
    return order ? order : x->offset < y->offset ? -1 : x->offset > y->offset;
}

static const struct law_type *resolve_record(struct law_resolver *r, pd_str space,
                                             const struct law_written *w, unsigned depth) {
    size_t size = 1;
    struct named *found = pd_arena_array(r->p->arena, w->member_count, sizeof(*found));
    struct law_attribute *list = pd_arena_array(r->p->arena, w->member_count, sizeof(*list));
    if (!found || !list) {
        law_parser_is_full(r->p);
        return NULL;
    }
    for (size_t i = 0; i < w->member_count; i++) {
        const struct law_written_member *member = &w->members[i];
        const struct law_type *type = law_resolver_type(r, space, &member->type, depth + 1);
        if (!type)
            return NULL;
        found[i] = (struct named){{member->name, member->is_optional, type}, member->offset};
        size += type->size; /* each at most LAW_TYPE_SIZE_MAX, and at most 2^24 of them */
    }
    if (w->member_count > 1)
        qsort(found, w->member_count, sizeof(*found), compare_named);
    for (size_t i = 0; i < w->member_count; i++) {
        list[i] = found[i].attribute;
        if (i > 0 && pd_str_eq(list[i].name, list[i - 1].name)) {
            law_schema_fail(r->p, found[i].offset, "the record has `%.*s` already",
                            pd_arg(list[i].name));
            return NULL;
        }
    }
    struct law_type *record = make_type(r, LAW_TYPE_RECORD, w->offset, size);
    if (record) {
        record->attributes.list = list;
        record->attributes.count = w->member_count;
    }
    return record;
}

const struct law_type *law_resolver_type(struct law_resolver *r, pd_str space,
                                         const struct law_written *w, unsigned depth) {
    if (depth == LAW_NESTING_MAX) {
        law_schema_fail(r->p, w->offset, "this type nests more than %d deep", LAW_NESTING_MAX);
        return NULL;
    }
    if (w->kind == LAW_WRITTEN_NAME)
        return resolve_name(r, space, w, depth + 1);
    if (w->kind == LAW_WRITTEN_RECORD)
        return resolve_record(r, space, w, depth);
    const struct law_type *element = law_resolver_type(r, space, w->element, depth + 1);
    struct law_type *set =
        element ? make_type(r, LAW_TYPE_SET, w->offset, element->size + 1) : NULL;
    if (set)
        set->element = element;
    return set;
}
