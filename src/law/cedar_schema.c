/* The schema as a whole: what is declared, who may be in whom, what applies to what. */
#include "law/cedar_schema_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- Shared by both readers ---- */

bool law_schema_fail(struct law_parser *p, size_t offset, const char *format, ...) {
    if (p->status != PD_OK)
        return false;
    va_list args;
    va_start(args, format);
    p->status = law_text_fail(p->err, p->name, p->text,
                              law_place_advance(p->text, LAW_PLACE_START, offset), format, args);
    p->token = (struct law_token){LAW_TOKEN_END, {NULL, 0}, p->token.place};
    va_end(args);
    return false;
}

/** Byte by byte: an action's id may hold U+0000, where printf would stop. */
static pd_str join(struct law_parser *p, pd_str first, pd_str between, pd_str last) {
    const pd_str parts[] = {first, between, last};
    char *text = pd_arena_alloc(p->arena, first.len + between.len + last.len + 1);
    if (!text) {
        law_parser_is_full(p);
        return (pd_str){NULL, 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].len > 0)
            memcpy(text + n, parts[i].data, parts[i].len);
        n += parts[i].len;
    }
    return (pd_str){text, n};
}

pd_str law_name_join(struct law_parser *p, pd_str space, pd_str name) {
    return join(p, space, space.len ? PD_STR("::") : PD_STR(""), name);
}

/** Words that mean something of their own where a type stands. */
static bool is_type_word(pd_str name) {
    static const char *const words[] = {"Bool", "Boolean", "Entity", "Extension",
                                        "Long", "Record",  "Set",    "String"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (pd_str_is(name, words[i]))
            return true;
    return false;
}

bool law_declaration_add(struct law_parser *p, struct law_list *list,
                         const struct law_declaration *declaration) {
    if (list->count == LAW_DECLARATIONS_MAX)
        return law_schema_fail(p, declaration->offset, "a schema declares at most %d things",
                               (int)LAW_DECLARATIONS_MAX);
    if (declaration->kind == LAW_DECLARES_COMMON && is_type_word(declaration->name))
        return law_schema_fail(p, declaration->offset, "%.*s is a word of Cedar's own",
                               pd_arg(declaration->name));
    if (declaration->kind == LAW_DECLARES_ENTITY && pd_str_is(declaration->name, "Action"))
        return law_schema_fail(p, declaration->offset, "Action is the type of actions");
    struct law_declaration *slot = law_list_add(p, list);
    if (!slot)
        return false;
    *slot = *declaration;
    slot->full = law_name_join(p, slot->space,
                               slot->kind == LAW_DECLARES_ACTION ? PD_STR("Action") : slot->name);
    if (slot->full.data && slot->kind == LAW_DECLARES_ACTION) {
        slot->action = (struct law_uid){slot->full, slot->name};
        slot->full = join(p, slot->full, PD_STR("::\""), slot->name);
    }
    return slot->full.data != NULL;
}

/* ---- Looking up ---- */

static int compare_uids(const struct law_uid *a, const struct law_uid *b) {
    int order = pd_str_cmp(a->type, b->type);
    return order ? order : pd_str_cmp(a->id, b->id);
}

size_t law_schema_find_kind(const struct law_schema *schema, pd_str type) {
    size_t low = 0, high = schema->kind_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(schema->kinds[middle].name, type);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return PD_NPOS;
}

size_t law_schema_find_action(const struct law_schema *schema, const struct law_uid *uid) {
    size_t low = 0, high = schema->action_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_uids(&schema->actions[middle].uid, uid);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return PD_NPOS;
}

static int compare_indices(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

bool law_indices_has(const struct law_indices *indices, size_t index) {
    uint32_t key = (uint32_t)index;
    return indices->count > 0 &&
           bsearch(&key, indices->list, indices->count, sizeof(key), compare_indices);
}

const struct law_attribute *law_type_attribute(const struct law_type *record, pd_str name) {
    size_t low = 0, high = record->attributes.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct law_attribute *attribute = &record->attributes.list[middle];
        int order = pd_str_cmp(attribute->name, name);
        if (order == 0)
            return attribute;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t law_schema_type_count(const struct law_schema *schema) {
    return schema->kind_count;
}

size_t law_schema_action_count(const struct law_schema *schema) {
    return schema->action_count;
}

/* ---- Declarations in order ---- */

static int compare_declarations(const void *a, const void *b) {
    const struct law_declaration *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int order = pd_str_cmp(x->full, y->full);
    return order ? order : x->offset < y->offset ? -1 : x->offset > y->offset;
}

/** Whether a declaration in a namespace would hide one outside of any (RFC 70 forbids it). */
static bool is_hiding(const struct law_resolver *r, const struct law_declaration *d) {
    pd_str none = PD_STR("");
    if (d->space.len == 0)
        return false;
    if (d->kind != LAW_DECLARES_ACTION)
        return law_resolver_find(r, LAW_DECLARES_COMMON, none, d->name) ||
               law_resolver_find(r, LAW_DECLARES_ENTITY, none, d->name);
    pd_str bare = join(r->p, PD_STR("Action"), PD_STR("::\""), d->name);
    return bare.data && law_resolver_find(r, LAW_DECLARES_ACTION, none, bare);
}

/** Sorts, and refuses what is declared twice or hides another. */
static bool order_declarations(struct law_resolver *r) {
    if (r->count > 1)
        qsort(r->list, r->count, sizeof(*r->list), compare_declarations);
    for (size_t i = 0; i < r->count; i++) {
        const struct law_declaration *d = &r->list[i];
        if (i > 0 && d[-1].kind == d->kind && pd_str_eq(d[-1].full, d->full))
            return law_schema_fail(r->p, d->offset, "`%.*s` is declared already", pd_arg(d->name));
        if (is_hiding(r, d))
            return law_schema_fail(r->p, d->offset,
                                   "`%.*s` would hide the one outside of any namespace",
                                   pd_arg(d->name));
    }
    return r->p->status == PD_OK;
}

/* ---- Ancestors ---- */

/** Scratch for walks: one mark and one place per thing. */
struct walk {
    uint8_t *seen;
    uint32_t *found;
};

/** Everything that can be reached from `start` along `parents`, in ascending order. */
static bool reach(struct law_parser *p, const struct walk *walk, const struct law_indices *parents,
                  size_t count, uint32_t start, struct law_indices *out) {
    size_t n = 0;
    uint32_t at = start;
    if (count > 0)
        memset(walk->seen, 0, count);
    for (size_t next = 0;; at = walk->found[next++]) {
        for (size_t i = 0; i < parents[at].count; i++) {
            uint32_t parent = parents[at].list[i];
            if (!walk->seen[parent])
                walk->found[n++] = parent;
            walk->seen[parent] = 1;
        }
        if (next == n)
            break;
    }
    uint32_t *list = pd_arena_array(p->arena, n, sizeof(*list));
    if (!list)
        return law_parser_is_full(p);
    if (n > 0)
        memcpy(list, walk->found, n * sizeof(*list));
    if (n > 1)
        qsort(list, n, sizeof(*list), compare_indices);
    *out = (struct law_indices){list, n};
    return true;
}

/* ---- The model ---- */

struct builder {
    struct law_resolver r;
    struct law_schema *schema;
    struct law_indices *kind_parents, *action_parents;
    struct walk walk;
};

static int compare_actions(const void *a, const void *b) {
    const struct law_action_kind *x = a, *y = b;
    return compare_uids(&x->uid, &y->uid);
}

static bool number(struct builder *b) {
    struct law_resolver *r = &b->r;
    struct law_schema *schema = b->schema;
    schema->kinds = pd_arena_array(r->p->arena, r->count, sizeof(*schema->kinds));
    schema->actions = pd_arena_array(r->p->arena, r->count, sizeof(*schema->actions));
    b->kind_parents = pd_arena_array(r->p->arena, r->count, sizeof(*b->kind_parents));
    b->action_parents = pd_arena_array(r->p->arena, r->count, sizeof(*b->action_parents));
    b->walk.seen = pd_arena_alloc(r->p->arena, r->count);
    b->walk.found = pd_arena_array(r->p->arena, r->count, sizeof(*b->walk.found));
    if (!schema->kinds || !schema->actions || !b->kind_parents || !b->action_parents ||
        !b->walk.seen || !b->walk.found)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < r->count; i++) {
        struct law_declaration *d = &r->list[i];
        if (d->kind == LAW_DECLARES_ENTITY) {
            d->index = schema->kind_count;
            schema->kinds[schema->kind_count++].name = d->full;
        } else if (d->kind == LAW_DECLARES_ACTION) {
            schema->actions[schema->action_count++].uid = d->action;
        }
    }
    if (schema->action_count > 1)
        qsort(schema->actions, schema->action_count, sizeof(*schema->actions), compare_actions);
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].kind == LAW_DECLARES_ACTION)
            r->list[i].index = law_schema_find_action(schema, &r->list[i].action);
    return true;
}

/** The entity types that a list of names means. */
static bool index_types(struct builder *b, pd_str space, const struct law_names *names,
                        struct law_indices *out) {
    uint32_t *list = pd_arena_array(b->r.p->arena, names->count, sizeof(*list));
    if (!list)
        return law_parser_is_full(b->r.p);
    size_t n = 0;
    for (size_t i = 0; i < names->count; i++) {
        const struct law_written_name *name = &names->list[i];
        const struct law_declaration *d =
            law_resolver_find(&b->r, LAW_DECLARES_ENTITY, space, name->name);
        if (!d)
            return b->r.p->status == PD_OK &&
                   law_resolver_unknown(&b->r, LAW_DECLARES_ENTITY, name->offset, name->name);
        list[n++] = (uint32_t)d->index;
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), compare_indices);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    *out = (struct law_indices){list, kept};
    return true;
}

/** A group stands in the namespace that it is named in, or outside of any. */
static size_t find_group(struct builder *b, pd_str space, const struct law_written_group *group) {
    struct law_uid uid = group->uid;
    bool is_bare = !uid.type.data || pd_str_is(uid.type, "Action");
    size_t index = PD_NPOS;
    if (is_bare) {
        uid.type = law_name_join(b->r.p, space, PD_STR("Action"));
        index = uid.type.data ? law_schema_find_action(b->schema, &uid) : PD_NPOS;
    }
    if (index == PD_NPOS) {
        uid.type = group->uid.type.data ? group->uid.type : PD_STR("Action");
        index = law_schema_find_action(b->schema, &uid);
    }
    return index;
}

static bool index_groups(struct builder *b, const struct law_declaration *d) {
    uint32_t *list = pd_arena_array(b->r.p->arena, d->group_count, sizeof(*list));
    if (!list)
        return law_parser_is_full(b->r.p);
    for (size_t i = 0; i < d->group_count; i++) {
        size_t index = find_group(b, d->space, &d->groups[i]);
        if (index == PD_NPOS)
            return law_schema_fail(b->r.p, d->groups[i].offset,
                                   "there is no action \"%.*s\" to be in",
                                   pd_arg(d->groups[i].uid.id));
        list[i] = (uint32_t)index;
    }
    b->action_parents[d->index] = (struct law_indices){list, d->group_count};
    return true;
}

/** A type that must be a record; the empty one if nothing is written. */
static const struct law_type *resolve_record(struct builder *b, pd_str space,
                                             const struct law_written *written, const char *what) {
    static const struct law_type empty = {.kind = LAW_TYPE_RECORD, .size = 1};
    const struct law_type *type = written ? law_resolver_type(&b->r, space, written, 0) : &empty;
    if (type && type->kind != LAW_TYPE_RECORD) {
        law_schema_fail(b->r.p, written->offset, "%s must be a record", what);
        return NULL;
    }
    return type;
}

static bool build_entity(struct builder *b, const struct law_declaration *d) {
    struct law_entity_kind *kind = &b->schema->kinds[d->index];
    kind->is_enum = d->is_enum;
    kind->ids = d->ids;
    kind->id_count = d->id_count;
    kind->shape = resolve_record(b, d->space, d->type, "an entity's shape");
    if (!kind->shape || (d->tags && !(kind->tags = law_resolver_type(&b->r, d->space, d->tags, 0))))
        return false;
    return index_types(b, d->space, &d->parents, &b->kind_parents[d->index]);
}

static bool build_action(struct builder *b, const struct law_declaration *d) {
    struct law_action_kind *action = &b->schema->actions[d->index];
    action->context = resolve_record(b, d->space, d->type, "the context");
    return action->context && index_types(b, d->space, &d->principals, &action->principals) &&
           index_types(b, d->space, &d->resources, &action->resources) && index_groups(b, d);
}

static bool close_ancestors(struct builder *b) {
    struct law_schema *s = b->schema;
    for (size_t i = 0; i < s->kind_count; i++)
        if (!reach(b->r.p, &b->walk, b->kind_parents, s->kind_count, (uint32_t)i,
                   &s->kinds[i].ancestors))
            return false;
    for (size_t i = 0; i < b->r.count; i++) {
        const struct law_declaration *d = &b->r.list[i];
        if (d->kind != LAW_DECLARES_ACTION)
            continue;
        struct law_action_kind *action = &s->actions[d->index];
        if (!reach(b->r.p, &b->walk, b->action_parents, s->action_count, (uint32_t)d->index,
                   &action->ancestors))
            return false;
        if (law_indices_has(&action->ancestors, d->index))
            return law_schema_fail(b->r.p, d->offset, "the action \"%.*s\" is in itself",
                                   pd_arg(d->name));
    }
    return true;
}

static bool build(struct builder *b) {
    struct law_resolver *r = &b->r;
    if (!order_declarations(r) || !number(b))
        return false;
    for (size_t i = 0; i < r->count; i++) {
        const struct law_declaration *d = &r->list[i];
        bool is_built = d->kind == LAW_DECLARES_ENTITY   ? build_entity(b, d)
                        : d->kind == LAW_DECLARES_ACTION ? build_action(b, d)
                                                         : law_resolver_common(r, &r->list[i]);
        if (!is_built)
            return false;
    }
    return close_ancestors(b);
}

enum pd_status law_schema_parse(pd_str name, pd_str text, enum law_schema_form form,
                                struct pd_arena *arena, const struct law_schema **out,
                                struct pd_error *err) {
    if (text.len > LAW_TEXT_MAX)
        return pd_fail(err, PD_LIMIT, "%.*s: %zu bytes of schema; at most %d are read at once",
                       pd_arg(name), text.len, (int)LAW_TEXT_MAX);
    struct law_parser p = {.name = name, .text = text, .arena = arena, .err = err};
    struct law_list list = {.item_size = sizeof(struct law_declaration)};
    if (form == LAW_SCHEMA_CEDAR)
        law_parser_init(&p, name, text, arena, err);
    bool is_read = form == LAW_SCHEMA_CEDAR ? law_schema_read_text(&p, &list)
                                            : law_schema_read_json(&p, &list);
    if (!is_read)
        return p.status;
    struct builder b = {.r = {&p, list.items, list.count}};
    b.schema = pd_arena_alloc(arena, sizeof(*b.schema));
    if (!b.schema)
        return pd_fail_memory(err);
    if (!build(&b))
        return p.status;
    *out = b.schema;
    return PD_OK;
}
