/** Values for templates: small trees in an arena. */
#include "template/template_impl.h"

struct template_value *template_new(struct template_maker *maker, enum template_kind kind) {
    struct template_value *value =
        maker->failed ? NULL : pd_arena_alloc(maker->arena, sizeof(*value));
    if (!value) {
        maker->failed = true;
        return NULL;
    }
    value->kind = kind;
    return value;
}

static void append(struct template_value *parent, struct template_value *value) {
    if (parent->last)
        parent->last->next = value;
    else
        parent->first = value;
    parent->last = value;
}

void template_put(struct template_maker *maker, struct template_value *map, pd_str key,
                  struct template_value *value) {
    if (maker->failed || !map || !value)
        return;
    value->key = key;
    append(map, value);
}

void template_push(struct template_maker *maker, struct template_value *list,
                   struct template_value *value) {
    if (!maker->failed && list && value)
        append(list, value);
}

static struct template_value *text_value(struct template_maker *maker, pd_str text) {
    struct template_value *value = template_new(maker, TEMPLATE_TEXT);
    if (value)
        value->text = text;
    return value;
}

void template_put_str(struct template_maker *maker, struct template_value *map, const char *key,
                      pd_str text) {
    template_put(maker, map, pd_str_from(key), text_value(maker, text));
}

void template_put_text(struct template_maker *maker, struct template_value *map, const char *key,
                       const char *zero_terminated) {
    template_put_str(maker, map, key, pd_str_from(zero_terminated));
}

void template_put_number(struct template_maker *maker, struct template_value *map, const char *key,
                         int64_t number) {
    pd_str text = pd_arena_printf(maker->arena, "%lld", (long long)number);
    maker->failed = maker->failed || !text.data;
    template_put_str(maker, map, key, text);
}

void template_put_bool(struct template_maker *maker, struct template_value *map, const char *key,
                       bool value) {
    template_put(maker, map, pd_str_from(key),
                 template_new(maker, value ? TEMPLATE_TRUE : TEMPLATE_FALSE));
}

struct template_value *template_put_map(struct template_maker *maker, struct template_value *map,
                                        const char *key) {
    struct template_value *value = template_new(maker, TEMPLATE_MAP);
    template_put(maker, map, pd_str_from(key), value);
    return value;
}

struct template_value *template_put_list(struct template_maker *maker, struct template_value *map,
                                         const char *key) {
    struct template_value *value = template_new(maker, TEMPLATE_LIST);
    template_put(maker, map, pd_str_from(key), value);
    return value;
}

struct template_value *template_push_map(struct template_maker *maker,
                                         struct template_value *list) {
    struct template_value *value = template_new(maker, TEMPLATE_MAP);
    template_push(maker, list, value);
    return value;
}

void template_push_str(struct template_maker *maker, struct template_value *list, pd_str text) {
    template_push(maker, list, text_value(maker, text));
}

const struct template_value *template_get(const struct template_value *map, pd_str key) {
    const struct template_value *found = NULL;
    if (map && map->kind == TEMPLATE_MAP)
        for (const struct template_value *v = map->first; v; v = v->next)
            if (pd_str_eq(v->key, key))
                found = v;
    return found;
}
