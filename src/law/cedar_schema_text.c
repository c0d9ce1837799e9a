/* Schemas in Cedar's own syntax, into declarations. */
#include "law/cedar_schema_impl.h"

enum { ANNOTATIONS_MAX = 256 };

/** Annotations say nothing to the validator, but must be well formed. */
static bool skip_annotations(struct law_parser *p) {
    pd_str keys[ANNOTATIONS_MAX];
    size_t count = 0;
    while (law_token_is(p, "@")) {
        struct law_place place = p->token.place;
        pd_str value;
        law_token_next(p);
        if (p->token.kind != LAW_TOKEN_NAME)
            return law_parser_expected(p, "the annotation's name behind `@`");
        for (size_t i = 0; i < count; i++)
            if (pd_str_eq(keys[i], p->token.text))
                return law_parser_fail(p, place, "@%.*s stands here already",
                                       pd_arg(p->token.text));
        if (count == ANNOTATIONS_MAX)
            return law_parser_fail(p, place, "at most %d annotations may stand together",
                                   ANNOTATIONS_MAX);
        keys[count++] = p->token.text;
        law_token_next(p);
        if (law_token_accept(p, "(") &&
            (!law_token_string(p, "the annotation's value in quotes", &value) ||
             !law_token_expect(p, ")")))
            return false;
    }
    return p->status == PD_OK;
}

/** A name as it stands or in quotes. */
static bool read_name(struct law_parser *p, const char *what, struct law_written_name *out) {
    out->offset = p->token.place.offset;
    return p->token.kind == LAW_TOKEN_STRING ? law_token_string(p, what, &out->name)
                                             : law_token_name(p, what, &out->name);
}

/** `A::B`; also `__cedar::Long`, which always means the builtin. */
static bool read_path(struct law_parser *p, struct law_written_name *out) {
    static const pd_str cedar = PD_STR_INIT("__cedar");
    struct law_uid uid;
    out->offset = p->token.place.offset;
    if (p->token.kind == LAW_TOKEN_NAME && pd_str_eq(p->token.text, cedar)) {
        pd_str name;
        law_token_next(p);
        if (!law_token_expect(p, "::") || !law_token_name(p, "a type of Cedar's", &name))
            return false;
        out->name = law_name_join(p, cedar, name);
        return out->name.data != NULL;
    }
    if (!law_parse_path(p, (struct law_token){0}, &uid))
        return false;
    if (uid.id.data)
        return law_schema_fail(p, out->offset, "a type is wanted here, not an entity: write %.*s",
                               pd_arg(uid.type));
    out->name = uid.type;
    return true;
}

/** One path, or a list of them in square brackets. */
static bool read_paths(struct law_parser *p, struct law_names *out) {
    struct law_list list = {.item_size = sizeof(struct law_written_name)};
    bool is_list = law_token_accept(p, "[");
    while (!is_list || !law_token_is(p, "]")) {
        struct law_written_name path, *slot;
        if (!read_path(p, &path) || !(slot = law_list_add(p, &list)))
            return false;
        *slot = path;
        if (!is_list || !law_token_accept(p, ","))
            break;
    }
    if (is_list && !law_token_expect(p, "]"))
        return false;
    *out = (struct law_names){list.items, list.count};
    return true;
}

/* ---- Types ---- */

static bool read_type(struct law_parser *p, struct law_written *out);

static bool read_record(struct law_parser *p, struct law_written *out) {
    struct law_list list = {.item_size = sizeof(struct law_written_member)};
    *out = (struct law_written){.kind = LAW_WRITTEN_RECORD, .offset = p->token.place.offset};
    if (!law_token_expect(p, "{"))
        return false;
    while (!law_token_is(p, "}")) {
        struct law_written_member member = {0}, *slot;
        struct law_written_name name;
        if (!skip_annotations(p) || !read_name(p, "an attribute name", &name))
            return false;
        member.name = name.name;
        member.offset = name.offset;
        member.is_optional = law_token_accept(p, "?");
        if (!law_token_expect(p, ":") || !read_type(p, &member.type) ||
            !(slot = law_list_add(p, &list)))
            return false;
        *slot = member;
        if (!law_token_accept(p, ","))
            break;
    }
    out->members = list.items;
    out->member_count = list.count;
    return law_token_expect(p, "}");
}

static bool read_set(struct law_parser *p, struct law_written *out) {
    struct law_written *element = pd_arena_alloc(p->arena, sizeof(*element));
    if (!element)
        return law_parser_is_full(p);
    *out = (struct law_written){
        .kind = LAW_WRITTEN_SET, .offset = p->token.place.offset, .element = element};
    law_token_next(p);
    return law_token_expect(p, "<") && read_type(p, element) && law_token_expect(p, ">");
}

static bool read_type(struct law_parser *p, struct law_written *out) {
    if (p->depth == LAW_NESTING_MAX)
        return law_parser_fail(p, p->token.place, "this type nests more than %d deep",
                               LAW_NESTING_MAX);
    p->depth++;
    bool is_read;
    struct law_written_name path;
    if (law_token_is(p, "{")) {
        is_read = read_record(p, out);
    } else if (law_token_is(p, "Set")) {
        is_read = read_set(p, out);
    } else {
        is_read = read_path(p, &path);
        if (is_read)
            *out = (struct law_written){.kind = LAW_WRITTEN_NAME,
                                        .offset = path.offset,
                                        .sorts = LAW_NAME_ANY,
                                        .name = path.name};
    }
    p->depth--;
    return is_read;
}

/** A type in the arena, where a declaration can point to it; NULL on failure. */
static const struct law_written *keep_type(struct law_parser *p) {
    struct law_written *type = pd_arena_alloc(p->arena, sizeof(*type));
    if (!type)
        law_parser_is_full(p);
    return type && read_type(p, type) ? type : NULL;
}

/* ---- Declarations ---- */

/** Adds one declaration per name, alike in all else. */
static bool add_each(struct law_parser *p, struct law_declaration *d, const struct law_list *names,
                     struct law_list *out) {
    const struct law_written_name *list = names->items;
    for (size_t i = 0; i < names->count; i++) {
        d->name = list[i].name;
        d->offset = list[i].offset;
        if (!law_declaration_add(p, out, d))
            return false;
    }
    return true;
}

static bool read_ids(struct law_parser *p, struct law_declaration *d) {
    struct law_list list = {.item_size = sizeof(pd_str)};
    d->is_enum = true;
    if (!law_token_expect(p, "["))
        return false;
    do {
        pd_str id, *slot;
        if (!law_token_string(p, "an entity id in quotes", &id) || !(slot = law_list_add(p, &list)))
            return false;
        *slot = id;
    } while (law_token_accept(p, ","));
    d->ids = list.items;
    d->id_count = list.count;
    return law_token_expect(p, "]");
}

/** One name or several with commas; `may_be_quoted` for actions. */
static bool read_names(struct law_parser *p, const char *what, bool may_be_quoted,
                       struct law_list *out) {
    *out = (struct law_list){.item_size = sizeof(struct law_written_name)};
    do {
        struct law_written_name name = {.offset = p->token.place.offset}, *slot;
        bool is_read =
            may_be_quoted ? read_name(p, what, &name) : law_token_name(p, what, &name.name);
        if (!is_read || !(slot = law_list_add(p, out)))
            return false;
        *slot = name;
    } while (law_token_accept(p, ","));
    return true;
}

static bool read_entity(struct law_parser *p, struct law_declaration *d, struct law_list *out) {
    struct law_list names;
    d->kind = LAW_DECLARES_ENTITY;
    if (!read_names(p, "an entity type", false, &names))
        return false;
    if (law_token_accept(p, "enum"))
        return read_ids(p, d) && law_token_expect(p, ";") && add_each(p, d, &names, out);
    if (law_token_accept(p, "in") && !read_paths(p, &d->parents))
        return false;
    if (law_token_accept(p, "=") || law_token_is(p, "{")) {
        struct law_written *shape = pd_arena_alloc(p->arena, sizeof(*shape));
        if (!shape)
            return law_parser_is_full(p);
        if (!read_record(p, shape))
            return false;
        d->type = shape;
    }
    if (law_token_accept(p, "tags") && !(d->tags = keep_type(p)))
        return false;
    if (!law_token_accept(p, ";"))
        return law_parser_expected(p, d->tags ? "`;`" : "`in`, `=`, `tags`, `enum` or `;`");
    return add_each(p, d, &names, out);
}

/** `"id"`, `id` or `A::Action::"id"`. */
static bool read_group(struct law_parser *p, struct law_written_group *out) {
    struct law_token first = p->token;
    *out = (struct law_written_group){.offset = first.place.offset};
    if (first.kind == LAW_TOKEN_STRING)
        return law_token_string(p, "an action", &out->uid.id);
    if (!law_parse_path(p, (struct law_token){0}, &out->uid))
        return false;
    if (out->uid.id.data)
        return true;
    if (!pd_str_eq(out->uid.type, first.text))
        return law_parser_expected(p, "`::` and an action's id in quotes");
    out->uid = (struct law_uid){.id = first.text};
    return true;
}

static bool read_groups(struct law_parser *p, struct law_declaration *d) {
    struct law_list list = {.item_size = sizeof(struct law_written_group)};
    bool is_list = law_token_accept(p, "[");
    do {
        struct law_written_group group, *slot;
        if (!read_group(p, &group) || !(slot = law_list_add(p, &list)))
            return false;
        *slot = group;
    } while (is_list && law_token_accept(p, ","));
    d->groups = list.items;
    d->group_count = list.count;
    return !is_list || law_token_expect(p, "]");
}

static bool read_applies(struct law_parser *p, struct law_declaration *d) {
    size_t offset = p->token.place.offset;
    bool has_principal = false, has_resource = false;
    if (!law_token_expect(p, "{"))
        return false;
    while (!law_token_is(p, "}")) {
        struct law_token word = p->token;
        bool is_principal = law_token_is(p, "principal");
        bool *has = is_principal ? &has_principal : &has_resource;
        if (law_token_accept(p, "context")) {
            if (d->type)
                return law_parser_fail(p, word.place, "the context is declared already");
            if (!law_token_expect(p, ":") || !(d->type = keep_type(p)))
                return false;
        } else if (law_token_accept(p, "principal") || law_token_accept(p, "resource")) {
            struct law_names *types = is_principal ? &d->principals : &d->resources;
            if (*has)
                return law_parser_fail(p, word.place, "the %.*s is declared already",
                                       pd_arg(word.text));
            *has = true;
            if (!law_token_expect(p, ":") || !read_paths(p, types))
                return false;
            if (types->count == 0)
                return law_parser_fail(p, word.place,
                                       "an action that applies to nothing has no `appliesTo`");
        } else {
            return law_parser_expected(p, "`principal`, `resource` or `context`");
        }
        if (!law_token_accept(p, ","))
            break;
    }
    if (law_token_is(p, "}") && (!has_principal || !has_resource))
        return law_schema_fail(p, offset, "`appliesTo` must name the types of %s",
                               has_principal ? "the resource" : "the principal");
    return law_token_expect(p, "}");
}

static bool read_action(struct law_parser *p, struct law_declaration *d, struct law_list *out) {
    struct law_list names;
    d->kind = LAW_DECLARES_ACTION;
    if (!read_names(p, "an action's id", true, &names))
        return false;
    if (law_token_accept(p, "in") && !read_groups(p, d))
        return false;
    if (law_token_accept(p, "appliesTo") && !read_applies(p, d))
        return false;
    if (law_token_accept(p, "attributes") &&
        (!law_token_expect(p, "{") || !law_token_expect(p, "}")))
        return false;
    if (!law_token_accept(p, ";"))
        return law_parser_expected(p, "`in`, `appliesTo` or `;`");
    return add_each(p, d, &names, out);
}

static bool read_common(struct law_parser *p, struct law_declaration *d, struct law_list *out) {
    d->kind = LAW_DECLARES_COMMON;
    d->offset = p->token.place.offset;
    return law_token_name(p, "a type's name", &d->name) && law_token_expect(p, "=") &&
           (d->type = keep_type(p)) && law_token_expect(p, ";") && law_declaration_add(p, out, d);
}

/** Behind its annotations. */
static bool read_declaration(struct law_parser *p, pd_str space, struct law_list *out) {
    struct law_declaration d = {.space = space};
    if (law_token_accept(p, "entity"))
        return read_entity(p, &d, out);
    if (law_token_accept(p, "action"))
        return read_action(p, &d, out);
    if (law_token_accept(p, "type"))
        return read_common(p, &d, out);
    return law_parser_expected(p, space.len ? "`entity`, `action`, `type` or `}`"
                                            : "`entity`, `action`, `type` or `namespace`");
}

static bool read_namespace(struct law_parser *p, struct law_list *spaces, struct law_list *out) {
    struct law_uid path;
    struct law_place place = p->token.place;
    if (!law_parse_path(p, (struct law_token){0}, &path))
        return false;
    const pd_str *earlier = spaces->items;
    for (size_t i = 0; i < spaces->count; i++)
        if (pd_str_eq(earlier[i], path.type))
            return law_parser_fail(p, place, "the namespace %.*s is there already: put both in one",
                                   pd_arg(path.type));
    pd_str *slot = law_list_add(p, spaces);
    if (!slot)
        return false;
    *slot = path.type;
    if (path.id.data || spaces->count > LAW_DECLARATIONS_MAX / 4)
        return law_parser_fail(p, place,
                               path.id.data ? "a namespace is a path, not an entity"
                                            : "there are too many namespaces");
    if (!law_token_expect(p, "{"))
        return false;
    while (!law_token_is(p, "}"))
        if (!skip_annotations(p) || !read_declaration(p, path.type, out))
            return false;
    return law_token_expect(p, "}");
}

bool law_schema_read_text(struct law_parser *p, struct law_list *out) {
    struct law_list spaces = {.item_size = sizeof(pd_str)};
    while (p->status == PD_OK && p->token.kind != LAW_TOKEN_END) {
        if (!skip_annotations(p))
            return false;
        if (!(law_token_accept(p, "namespace") ? read_namespace(p, &spaces, out)
                                               : read_declaration(p, PD_STR(""), out)))
            return false;
    }
    return p->status == PD_OK;
}
