/* Entities and contexts under a schema: escapes may be left out, and every value has its type. */
#include "law/cedar_schema_impl.h"

#include <string.h>

struct reader {
    const struct law_document *document;
    const struct law_schema *schema;
    struct pd_arena *arena;
    struct pd_error *err;
};

static enum pd_status read(const struct reader *r, const struct law_json *json,
                           const struct law_type *type, struct law_value *out);

/** Whether the schema knows the entity: its type and, of an enum, its id; an action. */
static enum pd_status check_uid(const struct reader *r, const struct law_json *json,
                                const struct law_uid *uid) {
    size_t index = law_schema_find_kind(r->schema, uid->type);
    const struct law_entity_kind *kind = index == PD_NPOS ? NULL : &r->schema->kinds[index];
    bool is_known = kind ? !kind->is_enum : law_schema_find_action(r->schema, uid) != PD_NPOS;
    for (size_t i = 0; kind && !is_known && i < kind->id_count; i++)
        is_known = pd_str_eq(kind->ids[i], uid->id);
    if (is_known)
        return PD_OK;
    return law_json_fail(r->document, json, r->err, "the schema has no %.*s::\"%.*s\"",
                         pd_arg(uid->type), pd_arg(uid->id));
}

static enum pd_status read_entity(const struct reader *r, const struct law_json *json,
                                  const struct law_type *type, struct law_value *out) {
    struct law_uid *uid = pd_arena_alloc(r->arena, sizeof(*uid));
    if (!uid)
        return pd_fail_memory(r->err);
    enum pd_status st = law_json_uid(r->document, json, uid, r->err);
    if (st == PD_OK && !pd_str_eq(uid->type, type->entity))
        return law_json_fail(r->document, json, r->err, "the schema wants an entity %.*s here",
                             pd_arg(type->entity));
    if (st == PD_OK)
        st = check_uid(r, json, uid);
    *out = law_value_entity(uid);
    return st;
}

static enum pd_status read_set(const struct reader *r, const struct law_json *json,
                               const struct law_type *type, struct law_value *out) {
    if (json->kind != LAW_JSON_ARRAY)
        return law_json_fail(r->document, json, r->err, "the schema wants a set here");
    struct law_value *items = pd_arena_array(r->arena, json->list.count, sizeof(*items));
    if (!items)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < json->list.count; i++) {
        enum pd_status st = read(r, &json->list.items[i], type->element, &items[i]);
        if (st != PD_OK)
            return st;
    }
    return law_value_set(r->arena, items, json->list.count, out, r->err);
}

static enum pd_status read_record(const struct reader *r, const struct law_json *json,
                                  const struct law_type *type, struct law_value *out) {
    if (json->kind != LAW_JSON_OBJECT)
        return law_json_fail(r->document, json, r->err, "the schema wants a record here");
    size_t count = json->list.count;
    struct law_member *members = pd_arena_array(r->arena, count, sizeof(*members));
    if (!members)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < count; i++) {
        const struct law_json *item = &json->list.items[i];
        const struct law_attribute *attribute = law_type_attribute(type, item->name);
        if (!attribute)
            return law_json_fail(r->document, item, r->err, "the schema has no `%.*s` here",
                                 pd_arg(item->name));
        members[i].name = item->name;
        enum pd_status st = read(r, item, attribute->type, &members[i].value);
        if (st != PD_OK)
            return st;
    }
    *out = (struct law_value){.kind = LAW_VALUE_RECORD, .record = {members, count}};
    for (size_t i = 0; i < type->attributes.count; i++) {
        const struct law_attribute *attribute = &type->attributes.list[i];
        if (!attribute->is_optional && !law_value_find(out, attribute->name))
            return law_json_fail(r->document, json, r->err, "`%.*s` is missing here",
                                 pd_arg(attribute->name));
    }
    return PD_OK;
}

/** A bare string stands for `function("...")`; `{"fn","arg"}` may stand without its escape. */
static enum pd_status read_extension(const struct reader *r, const struct law_json *json,
                                     const char *function, struct law_value *out) {
    if (json->kind == LAW_JSON_STRING) {
        struct pd_error why = {0};
        return law_value_extension(function, json->text, out, &why) == PD_OK
                   ? PD_OK
                   : law_json_fail(r->document, json, r->err, "%s", why.text);
    }
    if (!law_json_find(json, "fn"))
        return law_json_value(r->document, json, r->arena, out, r->err);
    struct law_json *call = pd_arena_alloc(r->arena, sizeof(*call));
    struct law_json *escaped = pd_arena_alloc(r->arena, sizeof(*escaped));
    if (!call || !escaped)
        return pd_fail_memory(r->err);
    *call = *json;
    call->name = PD_STR("__extn");
    *escaped = *json;
    escaped->list.items = call;
    escaped->list.count = 1;
    return law_json_value(r->document, escaped, r->arena, out, r->err);
}

static const struct {
    enum law_value_kind kind;
    const char *function;
} plain[] = {
    [LAW_TYPE_BOOL] = {LAW_VALUE_BOOL, NULL},
    [LAW_TYPE_LONG] = {LAW_VALUE_LONG, NULL},
    [LAW_TYPE_STRING] = {LAW_VALUE_STRING, NULL},
    [LAW_TYPE_DECIMAL] = {LAW_VALUE_DECIMAL, "decimal"},
    [LAW_TYPE_IP] = {LAW_VALUE_IP, "ip"},
    [LAW_TYPE_DATETIME] = {LAW_VALUE_DATETIME, "datetime"},
    [LAW_TYPE_DURATION] = {LAW_VALUE_DURATION, "duration"},
};

static enum pd_status read(const struct reader *r, const struct law_json *json,
                           const struct law_type *type, struct law_value *out) {
    if (type->kind == LAW_TYPE_ENTITY)
        return read_entity(r, json, type, out);
    if (type->kind == LAW_TYPE_SET)
        return read_set(r, json, type, out);
    if (type->kind == LAW_TYPE_RECORD)
        return read_record(r, json, type, out);
    const char *function = plain[type->kind].function;
    enum pd_status st = function ? read_extension(r, json, function, out)
                                 : law_json_value(r->document, json, r->arena, out, r->err);
    if (st == PD_OK && out->kind != plain[type->kind].kind)
        return law_json_fail(r->document, json, r->err, "the schema wants %s here, not %s",
                             law_kind_name(plain[type->kind].kind), law_kind_name(out->kind));
    return st;
}

/* ---- Entities ---- */

static enum pd_status read_tags(const struct reader *r, const struct law_json *json,
                                const struct law_type *type, struct law_value *out) {
    if (json->kind != LAW_JSON_OBJECT || (!type && json->list.count > 0))
        return law_json_fail(r->document, json, r->err, "the schema has no tags for this entity");
    struct law_member *members = pd_arena_array(r->arena, json->list.count, sizeof(*members));
    if (!members)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < json->list.count; i++) {
        members[i].name = json->list.items[i].name;
        enum pd_status st = read(r, &json->list.items[i], type, &members[i].value);
        if (st != PD_OK)
            return st;
    }
    *out = (struct law_value){.kind = LAW_VALUE_RECORD, .record = {members, json->list.count}};
    return PD_OK;
}

enum pd_status law_schema_read_record(const struct law_schema *schema,
                                      const struct law_document *document,
                                      const struct law_json *json, const struct law_uid *uid,
                                      struct pd_arena *arena, struct law_value *out,
                                      struct pd_error *err) {
    static const struct law_type empty = {.kind = LAW_TYPE_RECORD, .size = 1};
    const struct reader r = {document, schema, arena, err};
    enum pd_status st = check_uid(&r, json, uid);
    size_t index = law_schema_find_kind(schema, uid->type);
    const struct law_entity_kind *kind = index == PD_NPOS ? NULL : &schema->kinds[index];
    if (st != PD_OK)
        return st;
    if (pd_str_is(json->name, "tags"))
        return read_tags(&r, json, kind ? kind->tags : NULL, out);
    return read_record(&r, json, kind ? kind->shape : &empty, out);
}

bool law_schema_allows_parent(const struct law_schema *schema, const struct law_uid *child,
                              const struct law_uid *parent) {
    size_t kind = law_schema_find_kind(schema, child->type);
    size_t above = law_schema_find_kind(schema, parent->type);
    if (kind != PD_NPOS)
        return above != PD_NPOS && law_indices_has(&schema->kinds[kind].ancestors, above);
    kind = law_schema_find_action(schema, child);
    above = law_schema_find_action(schema, parent);
    return kind != PD_NPOS && above != PD_NPOS &&
           law_indices_has(&schema->actions[kind].ancestors, above);
}

/* ---- Requests ---- */

enum pd_status law_schema_read_request(const struct law_schema *schema,
                                       const struct law_document *document,
                                       const struct law_json *context, struct pd_arena *arena,
                                       struct law_request *request, struct pd_error *err) {
    const struct reader r = {document, schema, arena, err};
    size_t index = law_schema_find_action(schema, &request->action);
    if (index == PD_NPOS)
        return law_json_fail(document, context, err, "the schema has no action \"%.*s\"",
                             pd_arg(request->action.id));
    const struct law_action_kind *action = &schema->actions[index];
    const struct law_uid *const uids[] = {&request->principal, &request->resource};
    const struct law_indices *const types[] = {&action->principals, &action->resources};
    for (size_t i = 0; i < 2; i++) {
        size_t kind = law_schema_find_kind(schema, uids[i]->type);
        if (kind == PD_NPOS || !law_indices_has(types[i], kind))
            return law_json_fail(
                document, context, err, "the action \"%.*s\" has no %s of type %.*s",
                pd_arg(request->action.id), i ? "resource" : "principal", pd_arg(uids[i]->type));
        enum pd_status st = check_uid(&r, context, uids[i]);
        if (st != PD_OK)
            return st;
    }
    return read_record(&r, context, action->context, &request->context);
}

/* ---- Texts ---- */

enum pd_status law_schema_parse_entities(const struct law_schema *schema, pd_str name, pd_str json,
                                         struct pd_arena *arena, const struct law_entities **out,
                                         struct pd_error *err) {
    struct law_document document;
    enum pd_status st = law_json_parse(name, json, arena, &document, err);
    return st == PD_OK ? law_entities_from_json(&document, schema, arena, out, err) : st;
}

enum pd_status law_schema_parse_context(const struct law_schema *schema, pd_str name, pd_str json,
                                        struct pd_arena *arena, struct law_request *request,
                                        struct pd_error *err) {
    struct law_document document;
    enum pd_status st = law_json_parse(name, json, arena, &document, err);
    return st == PD_OK
               ? law_schema_read_request(schema, &document, document.root, arena, request, err)
               : st;
}
