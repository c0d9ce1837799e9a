/* Types: which takes in which, and how they are called. */
#include "law/cedar_validate_impl.h"

#include <stdio.h>

#define PLAIN(name, kind_) const struct law_type name = {.kind = kind_, .size = 1}
PLAIN(law_type_bool, LAW_TYPE_BOOL);
PLAIN(law_type_true, LAW_TYPE_TRUE);
PLAIN(law_type_false, LAW_TYPE_FALSE);
PLAIN(law_type_long, LAW_TYPE_LONG);
PLAIN(law_type_string, LAW_TYPE_STRING);
PLAIN(law_type_decimal, LAW_TYPE_DECIMAL);
PLAIN(law_type_ip, LAW_TYPE_IP);
PLAIN(law_type_datetime, LAW_TYPE_DATETIME);
PLAIN(law_type_duration, LAW_TYPE_DURATION);

static struct law_type *make(struct law_checker *c, enum law_type_kind kind) {
    struct law_type *type = pd_arena_alloc(c->arena, sizeof(*type));
    if (!type) {
        c->status = c->status == PD_OK ? PD_LIMIT : c->status;
        return NULL;
    }
    *type = (struct law_type){.kind = kind, .size = 1};
    return type;
}

/** The same attributes, required in both or optional in both. */
static const struct law_type *join_records(struct law_checker *c, const struct law_type *a,
                                           const struct law_type *b) {
    size_t count = a->attributes.count;
    if (count != b->attributes.count)
        return NULL;
    struct law_attribute *list = pd_arena_array(c->arena, count, sizeof(*list));
    struct law_type *record = make(c, LAW_TYPE_RECORD);
    if (!list || !record)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const struct law_attribute *x = &a->attributes.list[i], *y = &b->attributes.list[i];
        if (!pd_str_eq(x->name, y->name) || x->is_optional != y->is_optional)
            return NULL;
        list[i] = *x;
        list[i].type = law_type_join(c, x->type, y->type);
        if (!list[i].type)
            return NULL;
    }
    record->attributes.list = list;
    record->attributes.count = count;
    return record;
}

const struct law_type *law_type_join(struct law_checker *c, const struct law_type *a,
                                     const struct law_type *b) {
    if (a == b)
        return a;
    if (c->steps_left == 0)
        return NULL;
    c->steps_left--;
    if (law_type_is_bool(a) && law_type_is_bool(b))
        return a->kind == b->kind ? a : &law_type_bool;
    if (a->kind != b->kind)
        return NULL;
    if (a->kind == LAW_TYPE_ENTITY)
        return pd_str_eq(a->entity, b->entity) ? a : NULL;
    if (a->kind == LAW_TYPE_RECORD)
        return join_records(c, a, b);
    if (a->kind != LAW_TYPE_SET)
        return a;
    const struct law_type *element = law_type_join(c, a->element, b->element);
    struct law_type *set = element ? make(c, LAW_TYPE_SET) : NULL;
    if (set)
        set->element = element;
    return set;
}

/* ---- Of values ---- */

static const struct law_type *type_of_set(struct law_checker *c, struct law_place place,
                                          const struct law_value *v) {
    if (v->set.count == 0)
        return law_checker_fail(c, place, "the type of an empty set cannot be told");
    const struct law_type *element = law_type_of_value(c, place, &v->set.items[0]);
    for (size_t i = 1; element && i < v->set.count; i++) {
        const struct law_type *other = law_type_of_value(c, place, &v->set.items[i]);
        const struct law_type *joined = other ? law_type_join(c, element, other) : NULL;
        if (other && !joined)
            return law_checker_fail(c, place, "a set holds one type, not both %.*s and %.*s",
                                    pd_arg(law_type_name(c, element)),
                                    pd_arg(law_type_name(c, other)));
        element = joined;
    }
    struct law_type *set = element ? make(c, LAW_TYPE_SET) : NULL;
    if (set)
        set->element = element;
    return set;
}

static const struct law_type *type_of_record(struct law_checker *c, struct law_place place,
                                             const struct law_value *v) {
    struct law_attribute *list = pd_arena_array(c->arena, v->record.count, sizeof(*list));
    struct law_type *record = make(c, LAW_TYPE_RECORD);
    if (!list || !record)
        return NULL;
    for (size_t i = 0; i < v->record.count; i++) {
        list[i].name = v->record.members[i].name;
        list[i].type = law_type_of_value(c, place, &v->record.members[i].value);
        if (!list[i].type)
            return NULL;
    }
    record->attributes.list = list;
    record->attributes.count = v->record.count;
    return record;
}

static const struct law_type *type_of_entity(struct law_checker *c, struct law_place place,
                                             const struct law_uid *uid) {
    if (law_schema_find_kind(c->schema, uid->type) == PD_NPOS &&
        law_schema_find_action(c->schema, uid) == PD_NPOS)
        return law_checker_fail(c, place, "the schema has no %.*s", pd_arg(uid->type));
    struct law_type *type = make(c, LAW_TYPE_ENTITY);
    if (type)
        type->entity = uid->type;
    return type;
}

const struct law_type *law_type_of_value(struct law_checker *c, struct law_place place,
                                         const struct law_value *v) {
    static const struct law_type *const plain[] = {
        [LAW_VALUE_LONG] = &law_type_long,
        [LAW_VALUE_STRING] = &law_type_string,
        [LAW_VALUE_DECIMAL] = &law_type_decimal,
        [LAW_VALUE_IP] = &law_type_ip,
        [LAW_VALUE_DATETIME] = &law_type_datetime,
        [LAW_VALUE_DURATION] = &law_type_duration,
        [LAW_VALUE_UNKNOWN] = NULL, /* never stands in a policy */
    };
    switch (v->kind) {
    case LAW_VALUE_BOOL:
        return v->boolean ? &law_type_true : &law_type_false;
    case LAW_VALUE_SET:
        return type_of_set(c, place, v);
    case LAW_VALUE_RECORD:
        return type_of_record(c, place, v);
    case LAW_VALUE_ENTITY:
        return type_of_entity(c, place, v->entity);
    default:
        return plain[v->kind];
    }
}

/* ---- Names ---- */

pd_str law_type_name(struct law_checker *c, const struct law_type *type) {
    static const char *const names[] = {
        [LAW_TYPE_BOOL] = "Bool",         [LAW_TYPE_TRUE] = "Bool",
        [LAW_TYPE_FALSE] = "Bool",        [LAW_TYPE_LONG] = "Long",
        [LAW_TYPE_STRING] = "String",     [LAW_TYPE_DECIMAL] = "decimal",
        [LAW_TYPE_IP] = "ipaddr",         [LAW_TYPE_DATETIME] = "datetime",
        [LAW_TYPE_DURATION] = "duration", [LAW_TYPE_ENTITY] = "an entity",
        [LAW_TYPE_SET] = "Set",           [LAW_TYPE_RECORD] = "a record",
    };
    pd_str name = pd_str_from(names[type->kind]);
    if (type->kind == LAW_TYPE_ENTITY)
        return type->entity;
    if (type->kind == LAW_TYPE_SET) {
        /* pd_arg looks at its argument more than once, and sets nest. */
        pd_str element = law_type_name(c, type->element);
        name = pd_arena_printf(c->arena, element.len < 100 ? "Set<%.*s>" : "%.*s", pd_arg(element));
    }
    if (type->kind == LAW_TYPE_RECORD && type->attributes.count > 0)
        name =
            pd_arena_printf(c->arena, "a record of `%.*s`%s", pd_arg(type->attributes.list[0].name),
                            type->attributes.count > 1 ? " and more" : "");
    return name;
}

bool law_schema_may_be_in(const struct law_schema *schema, pd_str type, pd_str ancestor) {
    if (pd_str_eq(type, ancestor))
        return true;
    size_t kind = law_schema_find_kind(schema, type);
    size_t other = law_schema_find_kind(schema, ancestor);
    return kind != PD_NPOS && other != PD_NPOS &&
           law_indices_has(&schema->kinds[kind].ancestors, other);
}
