/* Values: order and equality, sets, records. */
#include "law/cedar_impl.h"

#include <stdlib.h>
#include <string.h>

bool law_uid_is_equal(const struct law_uid *a, const struct law_uid *b) {
    return pd_str_eq(a->id, b->id) && pd_str_eq(a->type, b->type);
}

bool law_type_is_valid(pd_str type) {
    pd_str name;
    if (type.len == 0 || type.data[type.len - 1] == ':')
        return false;
    for (pd_str rest = type; rest.data;) {
        size_t colon = pd_str_find_char(rest, ':');
        name = pd_str_sub(rest, 0, colon == PD_NPOS ? rest.len : colon);
        for (size_t i = 0; i < name.len; i++) {
            char c = name.data[i];
            bool is_letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!is_letter && !(i > 0 && c >= '0' && c <= '9'))
                return false;
        }
        if (name.len == 0 || law_name_is_reserved(name))
            return false;
        if (colon == PD_NPOS)
            return true;
        if (colon + 1 >= rest.len || rest.data[colon + 1] != ':')
            return false;
        rest = pd_str_sub(rest, colon + 2, SIZE_MAX);
    }
    return false;
}

const char *law_kind_name(enum law_value_kind kind) {
    static const char *const names[] = {
        [LAW_VALUE_BOOL] = "a Bool",         [LAW_VALUE_LONG] = "a Long",
        [LAW_VALUE_STRING] = "a String",     [LAW_VALUE_ENTITY] = "an entity",
        [LAW_VALUE_SET] = "a set",           [LAW_VALUE_RECORD] = "a record",
        [LAW_VALUE_DECIMAL] = "a decimal",   [LAW_VALUE_IP] = "an ipaddr",
        [LAW_VALUE_DATETIME] = "a datetime", [LAW_VALUE_DURATION] = "a duration",
        [LAW_VALUE_UNKNOWN] = "an unknown",
    };
    return names[kind];
}

static int compare_numbers(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

static int compare_ips(const struct law_value *a, const struct law_value *b) {
    if (a->ip_is_v6 != b->ip_is_v6)
        return a->ip_is_v6 ? 1 : -1;
    int order = memcmp(a->ip_address, b->ip_address, sizeof(a->ip_address));
    return order ? order : a->ip_prefix - b->ip_prefix;
}

static int compare_sets(const struct law_value *a, const struct law_value *b) {
    if (a->set.count != b->set.count)
        return a->set.count < b->set.count ? -1 : 1;
    for (size_t i = 0; i < a->set.count; i++) {
        int order = law_value_compare(&a->set.items[i], &b->set.items[i]);
        if (order)
            return order;
    }
    return 0;
}

static int compare_records(const struct law_value *a, const struct law_value *b) {
    if (a->record.count != b->record.count)
        return a->record.count < b->record.count ? -1 : 1;
    for (size_t i = 0; i < a->record.count; i++) {
        const struct law_member *x = &a->record.members[i], *y = &b->record.members[i];
        int order = pd_str_cmp(x->name, y->name);
        if (order == 0)
            order = law_value_compare(&x->value, &y->value);
        if (order)
            return order;
    }
    return 0;
}

/** Keeps the order total; whether two unknowns are equal is for the evaluator to say. */
static int compare_names(const struct law_value *a, const struct law_value *b) {
    if (a->unknown.count != b->unknown.count)
        return a->unknown.count < b->unknown.count ? -1 : 1;
    int order = 0;
    for (size_t i = 0; i < a->unknown.count && order == 0; i++)
        order = pd_str_cmp(a->unknown.names[i], b->unknown.names[i]);
    return order;
}

int law_value_compare(const struct law_value *a, const struct law_value *b) {
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case LAW_VALUE_BOOL:
        return a->boolean - b->boolean;
    case LAW_VALUE_LONG:
    case LAW_VALUE_DECIMAL:
    case LAW_VALUE_DATETIME:
    case LAW_VALUE_DURATION:
        return compare_numbers(a->number, b->number);
    case LAW_VALUE_STRING:
        return pd_str_cmp(a->text, b->text);
    case LAW_VALUE_ENTITY: {
        int order = pd_str_cmp(a->entity->id, b->entity->id);
        return order ? order : pd_str_cmp(a->entity->type, b->entity->type);
    }
    case LAW_VALUE_IP:
        return compare_ips(a, b);
    case LAW_VALUE_SET:
        return compare_sets(a, b);
    case LAW_VALUE_RECORD:
        return compare_records(a, b);
    case LAW_VALUE_UNKNOWN:
        return compare_names(a, b);
    }
    return 0;
}

const struct law_value *law_value_find(const struct law_value *record, pd_str name) {
    if (record->kind != LAW_VALUE_RECORD)
        return NULL;
    const struct law_member *members = record->record.members;
    size_t low = 0, high = record->record.count;
    while (high - low > 8) { /* few are found sooner by looking at each one's length */
        size_t middle = low + (high - low) / 2;
        if (pd_str_cmp(members[middle].name, name) <= 0)
            low = middle;
        else
            high = middle;
    }
    for (size_t i = low; i < high; i++)
        if (law_text_is_equal(members[i].name, name))
            return &members[i].value;
    return NULL;
}

bool law_value_has_unknown(const struct law_value *v) {
    if (v->kind != LAW_VALUE_RECORD)
        return v->kind == LAW_VALUE_UNKNOWN;
    for (size_t i = 0; i < v->record.count; i++)
        if (law_value_has_unknown(&v->record.members[i].value))
            return true;
    return false;
}

/* ---- Building ---- */

static int compare_items(const void *a, const void *b) {
    return law_value_compare(a, b);
}

enum pd_status law_value_set(struct pd_arena *arena, const struct law_value *items, size_t count,
                             struct law_value *out, struct pd_error *err) {
    struct law_value unknown = {.kind = LAW_VALUE_BOOL};
    for (size_t i = 0; i < count; i++)
        if (law_value_has_unknown(&items[i]) && !law_unknown_join(arena, &unknown, &items[i]))
            return pd_fail_memory(err);
    if (unknown.kind == LAW_VALUE_UNKNOWN) {
        *out = unknown;
        return PD_OK;
    }
    struct law_value *sorted = pd_arena_array(arena, count, sizeof(*sorted));
    if (!sorted)
        return pd_fail_memory(err);
    if (count > 0)
        memcpy(sorted, items, count * sizeof(*sorted));
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), compare_items);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || law_value_compare(&sorted[kept - 1], &sorted[i]) != 0)
            sorted[kept++] = sorted[i];
    *out = (struct law_value){.kind = LAW_VALUE_SET, .set = {sorted, kept}};
    return PD_OK;
}

static int compare_members(const void *a, const void *b) {
    const struct law_member *x = a, *y = b;
    return pd_str_cmp(x->name, y->name);
}

enum pd_status law_value_record(struct pd_arena *arena, const struct law_member *members,
                                size_t count, struct law_value *out, struct pd_error *err) {
    struct law_member *sorted = pd_arena_array(arena, count, sizeof(*sorted));
    if (!sorted)
        return pd_fail_memory(err);
    if (count > 0)
        memcpy(sorted, members, count * sizeof(*sorted));
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), compare_members);
    for (size_t i = 1; i < count; i++)
        if (pd_str_eq(sorted[i].name, sorted[i - 1].name))
            return pd_fail(err, PD_INVALID, "the record has \"%.*s\" twice",
                           pd_arg(sorted[i].name));
    *out = (struct law_value){.kind = LAW_VALUE_RECORD, .record = {sorted, count}};
    return PD_OK;
}

enum pd_status law_value_extension(const char *function, pd_str text, struct law_value *out,
                                   struct pd_error *err) {
    const struct law_function *f = law_function_find(pd_str_from(function));
    if (!f || f->is_method)
        return pd_fail(err, PD_INVALID,
                       "\"%s\" makes no value; decimal, ip, datetime and duration do", function);
    struct law_value operand = law_value_string(text), value;
    const char *wrong = f->call(&operand, &value);
    if (wrong)
        return pd_fail(err, PD_INVALID, "%s(\"%.*s\"): %s", function, pd_arg(text), wrong);
    *out = value;
    return PD_OK;
}

/* ---- Unknowns ---- */

/** Merges the sorted names of two unknowns. */
static bool merge_names(struct pd_arena *arena, struct law_value *a, const struct law_value *b) {
    size_t i = 0, j = 0, n = 0;
    pd_str *names = pd_arena_array(arena, a->unknown.count + b->unknown.count, sizeof(*names));
    if (!names)
        return false;
    while (i < a->unknown.count || j < b->unknown.count) {
        int order = i == a->unknown.count   ? 1
                    : j == b->unknown.count ? -1
                                            : pd_str_cmp(a->unknown.names[i], b->unknown.names[j]);
        names[n++] = order <= 0 ? a->unknown.names[i] : b->unknown.names[j];
        i += order <= 0;
        j += order >= 0;
    }
    a->unknown.names = names;
    a->unknown.count = n;
    return true;
}

bool law_unknown_join(struct pd_arena *arena, struct law_value *a, const struct law_value *b) {
    if (b->kind == LAW_VALUE_RECORD) {
        for (size_t i = 0; i < b->record.count; i++)
            if (!law_unknown_join(arena, a, &b->record.members[i].value))
                return false;
        return true;
    }
    if (b->kind != LAW_VALUE_UNKNOWN || a == b)
        return true;
    if (a->kind == LAW_VALUE_UNKNOWN)
        return merge_names(arena, a, b);
    *a = *b;
    return true;
}
