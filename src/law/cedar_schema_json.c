/* Schemas in JSON syntax, into the same declarations. */
#include "law/cedar_schema_impl.h"

/** What is known of where we are. */
struct reader {
    struct law_parser *p;
    struct law_list *out;
    pd_str space;
};

static bool fail_kind(struct law_parser *p, const struct law_json *at, const char *what) {
    return law_schema_fail(p, at->offset, "\"%.*s\" must be %s", pd_arg(at->name), what);
}

/** Annotations say nothing to the validator, but must be texts. */
static bool check_annotations(struct law_parser *p, const struct law_json *json) {
    if (json->kind != LAW_JSON_OBJECT)
        return fail_kind(p, json, "an object");
    for (size_t i = 0; i < json->list.count; i++)
        if (json->list.items[i].kind != LAW_JSON_STRING &&
            json->list.items[i].kind != LAW_JSON_NULL)
            return fail_kind(p, &json->list.items[i], "a string or null");
    return true;
}

/** Refuses members of an object that are not in `known` (which ends in NULL). */
static bool check_members(struct law_parser *p, const struct law_json *object,
                          const char *const *known) {
    if (object->kind != LAW_JSON_OBJECT)
        return fail_kind(p, object, "an object");
    size_t count = 0;
    while (known[count])
        count++;
    for (size_t i = 0; i < object->list.count; i++) {
        const struct law_json *item = &object->list.items[i];
        bool is_known = false;
        for (size_t j = 0; j < count; j++)
            is_known = is_known || pd_str_is(item->name, known[j]);
        if (pd_str_is(item->name, "annotations") && !check_annotations(p, item))
            return false;
        if (is_known)
            continue;
        pd_str given = pd_arena_str(p->arena, item->name);
        const char *nearest = given.data ? pd_nearest_name(given.data, known, count) : NULL;
        return law_schema_fail(p, item->offset, "no \"%.*s\" belongs here%s%s%s",
                               pd_arg(item->name), nearest ? ": did you mean \"" : "",
                               nearest ? nearest : "", nearest ? "\"?" : "");
    }
    return true;
}

static bool is_path(pd_str name) {
    pd_str cedar = PD_STR("__cedar::");
    return law_type_is_valid(pd_str_starts(name, cedar) ? pd_str_sub(name, cedar.len, SIZE_MAX)
                                                        : name);
}

static bool read_path(struct law_parser *p, const struct law_json *json, pd_str *out) {
    if (json->kind != LAW_JSON_STRING || !is_path(json->text))
        return law_schema_fail(p, json->offset, "a type is wanted here, such as \"A::B\"");
    *out = json->text;
    return true;
}

/** An array of type names; absent (NULL) counts as empty. */
static bool read_paths(struct law_parser *p, const struct law_json *json, struct law_names *out) {
    if (!json)
        return true;
    if (json->kind != LAW_JSON_ARRAY)
        return fail_kind(p, json, "an array of types");
    struct law_written_name *list = pd_arena_array(p->arena, json->list.count, sizeof(*list));
    if (!list)
        return law_parser_is_full(p);
    for (size_t i = 0; i < json->list.count; i++) {
        list[i].offset = json->list.items[i].offset;
        if (!read_path(p, &json->list.items[i], &list[i].name))
            return false;
    }
    *out = (struct law_names){list, json->list.count};
    return true;
}

/* ---- Types ---- */

static bool read_type(struct law_parser *p, const struct law_json *json, bool is_attribute,
                      struct law_written *out);

static bool read_record(struct law_parser *p, const struct law_json *json,
                        struct law_written *out) {
    const struct law_json *attributes = law_json_find(json, "attributes");
    const struct law_json *additional = law_json_find(json, "additionalAttributes");
    if (!attributes || attributes->kind != LAW_JSON_OBJECT)
        return law_schema_fail(p, json->offset, "a Record needs an object of \"attributes\"");
    if (additional && (additional->kind != LAW_JSON_BOOL || additional->boolean))
        return law_schema_fail(p, additional->offset,
                               "records are closed: \"additionalAttributes\" can only be false");
    size_t count = attributes->list.count;
    struct law_written_member *members = pd_arena_array(p->arena, count, sizeof(*members));
    if (!members)
        return law_parser_is_full(p);
    for (size_t i = 0; i < count; i++) {
        const struct law_json *item = &attributes->list.items[i];
        const struct law_json *required = law_json_find(item, "required");
        if (required && required->kind != LAW_JSON_BOOL)
            return fail_kind(p, required, "true or false");
        members[i].name = item->name;
        members[i].offset = item->offset;
        members[i].is_optional = required && !required->boolean;
        if (!read_type(p, item, true, &members[i].type))
            return false;
    }
    out->kind = LAW_WRITTEN_RECORD;
    out->members = members;
    out->member_count = count;
    return true;
}

static bool read_set(struct law_parser *p, const struct law_json *json, struct law_written *out) {
    const struct law_json *element = law_json_find(json, "element");
    struct law_written *type = pd_arena_alloc(p->arena, sizeof(*type));
    if (!type)
        return law_parser_is_full(p);
    if (!element)
        return law_schema_fail(p, json->offset, "a Set needs the type of its \"element\"");
    out->kind = LAW_WRITTEN_SET;
    out->element = type;
    return read_type(p, element, false, type);
}

/** The words that may be a "type", and which other members they take. */
static const struct form {
    const char *word;
    unsigned sorts; /* what "name" may stand for; 0: takes none */
    const char *builtin;
    const char *members[6];
} forms[] = {
    {"String", 0, "__cedar::String", {"type", "annotations", NULL}},
    {"Long", 0, "__cedar::Long", {"type", "annotations", NULL}},
    {"Boolean", 0, "__cedar::Bool", {"type", "annotations", NULL}},
    {"Set", 0, NULL, {"type", "element", "annotations", NULL}},
    {"Record", 0, NULL, {"type", "attributes", "additionalAttributes", "annotations", NULL}},
    {"Entity", LAW_NAME_ENTITY, NULL, {"type", "name", "annotations", NULL}},
    {"Extension", LAW_NAME_EXTENSION, NULL, {"type", "name", "annotations", NULL}},
    {"EntityOrCommon", LAW_NAME_ANY, NULL, {"type", "name", "annotations", NULL}},
};
static const struct form reference = {
    NULL, LAW_NAME_COMMON | LAW_NAME_BUILTIN, NULL, {"type", "annotations", NULL}};

static bool read_form(struct law_parser *p, const struct law_json *json, const struct form *form,
                      const struct law_json *word, bool is_attribute, struct law_written *out) {
    const char *members[7] = {0};
    size_t n = 0;
    for (; form->members[n]; n++)
        members[n] = form->members[n];
    if (is_attribute)
        members[n] = "required";
    *out = (struct law_written){
        .kind = LAW_WRITTEN_NAME, .offset = json->offset, .sorts = form->sorts};
    if (!check_members(p, json, members))
        return false;
    if (form->builtin) {
        out->sorts = LAW_NAME_BUILTIN;
        out->name = pd_str_from(form->builtin);
        return true;
    }
    if (form->word && form->sorts == 0)
        return pd_str_is(word->text, "Set") ? read_set(p, json, out) : read_record(p, json, out);
    const struct law_json *name = form->word ? law_json_find(json, "name") : word;
    if (!name)
        return law_schema_fail(p, json->offset, "\"%s\" needs a \"name\"", form->word);
    out->offset = name->offset;
    return read_path(p, name, &out->name);
}

static bool read_type(struct law_parser *p, const struct law_json *json, bool is_attribute,
                      struct law_written *out) {
    const struct law_json *word = law_json_find(json, "type");
    if (!word || word->kind != LAW_JSON_STRING)
        return law_schema_fail(p, json->offset, "a type is written {\"type\": \"...\"}");
    const struct form *form = &reference;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (pd_str_is(word->text, forms[i].word))
            form = &forms[i];
    return read_form(p, json, form, word, is_attribute, out);
}

/** Reads a type that may be absent; `*out` is then left. */
static bool keep_type(struct law_parser *p, const struct law_json *json,
                      const struct law_written **out) {
    if (!json)
        return true;
    struct law_written *type = pd_arena_alloc(p->arena, sizeof(*type));
    if (!type)
        return law_parser_is_full(p);
    *out = type;
    return read_type(p, json, false, type);
}

/* ---- Declarations ---- */

static bool read_ids(struct law_parser *p, const struct law_json *json, struct law_declaration *d) {
    if (json->kind != LAW_JSON_ARRAY || json->list.count == 0)
        return fail_kind(p, json, "an array of at least one id");
    pd_str *ids = pd_arena_array(p->arena, json->list.count, sizeof(*ids));
    if (!ids)
        return law_parser_is_full(p);
    for (size_t i = 0; i < json->list.count; i++) {
        if (json->list.items[i].kind != LAW_JSON_STRING)
            return law_schema_fail(p, json->list.items[i].offset, "an id must be a string");
        ids[i] = json->list.items[i].text;
    }
    d->is_enum = true;
    d->ids = ids;
    d->id_count = json->list.count;
    return true;
}

static bool read_entity(struct reader *r, const struct law_json *json, struct law_declaration *d) {
    static const char *const open[] = {"memberOfTypes", "shape", "tags", "annotations", NULL};
    static const char *const closed[] = {"enum", "annotations", NULL};
    const struct law_json *ids = law_json_find(json, "enum");
    d->kind = LAW_DECLARES_ENTITY;
    if (!check_members(r->p, json, ids ? closed : open))
        return false;
    if (ids)
        return read_ids(r->p, ids, d);
    return read_paths(r->p, law_json_find(json, "memberOfTypes"), &d->parents) &&
           keep_type(r->p, law_json_find(json, "shape"), &d->type) &&
           keep_type(r->p, law_json_find(json, "tags"), &d->tags);
}

static bool read_groups(struct law_parser *p, const struct law_json *json,
                        struct law_declaration *d) {
    static const char *const known[] = {"id", "type", NULL};
    if (json->kind != LAW_JSON_ARRAY)
        return fail_kind(p, json, "an array of actions");
    struct law_written_group *groups = pd_arena_array(p->arena, json->list.count, sizeof(*groups));
    if (!groups)
        return law_parser_is_full(p);
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *item = &json->list.items[i];
        if (!check_members(p, item, known))
            return false;
        const struct law_json *id = law_json_find(item, "id"), *type = law_json_find(item, "type");
        if (!id || id->kind != LAW_JSON_STRING)
            return law_schema_fail(p, item->offset, "an action is written {\"id\": \"...\"}");
        groups[i] = (struct law_written_group){{.id = id->text}, item->offset};
        if (type && !read_path(p, type, &groups[i].uid.type))
            return false;
    }
    d->groups = groups;
    d->group_count = json->list.count;
    return true;
}

static bool read_applies(struct law_parser *p, const struct law_json *json,
                         struct law_declaration *d) {
    static const char *const known[] = {"principalTypes", "resourceTypes", "context", NULL};
    if (json->kind == LAW_JSON_NULL)
        return true;
    if (!check_members(p, json, known))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (!law_json_find(json, known[i]))
            return law_schema_fail(p, json->offset, "\"appliesTo\" needs \"%s\"", known[i]);
    return read_paths(p, law_json_find(json, "principalTypes"), &d->principals) &&
           read_paths(p, law_json_find(json, "resourceTypes"), &d->resources) &&
           keep_type(p, law_json_find(json, "context"), &d->type);
}

static bool read_action(struct reader *r, const struct law_json *json, struct law_declaration *d) {
    static const char *const known[] = {"memberOf", "appliesTo", "attributes", "annotations", NULL};
    const struct law_json *groups = law_json_find(json, "memberOf");
    const struct law_json *applies = law_json_find(json, "appliesTo");
    const struct law_json *attributes = law_json_find(json, "attributes");
    d->kind = LAW_DECLARES_ACTION;
    if (!check_members(r->p, json, known))
        return false;
    if (attributes && attributes->kind != LAW_JSON_NULL)
        return law_schema_fail(r->p, attributes->offset, "actions have no attributes");
    return (!groups || groups->kind == LAW_JSON_NULL || read_groups(r->p, groups, d)) &&
           (!applies || read_applies(r->p, applies, d));
}

static bool read_common(struct reader *r, const struct law_json *json, struct law_declaration *d) {
    d->kind = LAW_DECLARES_COMMON;
    return keep_type(r->p, json, &d->type);
}

static bool read_each(struct reader *r, const struct law_json *object, bool is_action,
                      bool (*read)(struct reader *, const struct law_json *,
                                   struct law_declaration *)) {
    if (object->kind != LAW_JSON_OBJECT)
        return fail_kind(r->p, object, "an object");
    for (size_t i = 0; i < object->list.count; i++) {
        const struct law_json *item = &object->list.items[i];
        struct law_declaration d = {.space = r->space, .name = item->name, .offset = item->offset};
        if (!is_action &&
            (!law_type_is_valid(item->name) || pd_str_find_char(item->name, ':') != PD_NPOS))
            return law_schema_fail(r->p, item->offset, "\"%.*s\" is no name for a type",
                                   pd_arg(item->name));
        if (!read(r, item, &d) || !law_declaration_add(r->p, r->out, &d))
            return false;
    }
    return true;
}

static bool read_namespace(struct law_parser *p, const struct law_json *json,
                           struct law_list *out) {
    static const char *const known[] = {"entityTypes", "actions", "commonTypes", "annotations",
                                        NULL};
    struct reader r = {p, out, json->name};
    if (json->name.len > 0 && !law_type_is_valid(json->name))
        return law_schema_fail(p, json->offset, "\"%.*s\" is no name for a namespace",
                               pd_arg(json->name));
    if (!check_members(p, json, known))
        return false;
    const struct law_json *common = law_json_find(json, "commonTypes");
    const struct law_json *entities = law_json_find(json, "entityTypes");
    const struct law_json *actions = law_json_find(json, "actions");
    if (!entities || !actions)
        return law_schema_fail(p, json->offset, "a namespace needs \"%s\"",
                               entities ? "actions" : "entityTypes");
    return (!common || read_each(&r, common, false, read_common)) &&
           read_each(&r, entities, false, read_entity) && read_each(&r, actions, true, read_action);
}

bool law_schema_read_json(struct law_parser *p, struct law_list *out) {
    struct law_document document;
    p->status = law_json_parse(p->name, p->text, p->arena, &document, p->err);
    if (p->status != PD_OK)
        return false;
    const struct law_json *root = document.root;
    if (root->kind != LAW_JSON_OBJECT)
        return law_schema_fail(p, root->offset, "a schema is an object of namespaces");
    for (size_t i = 0; i < root->list.count; i++)
        if (!read_namespace(p, &root->list.items[i], out))
            return false;
    return true;
}
