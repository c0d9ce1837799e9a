/*
 * Templates and the values they show: the first line of the input is the value of "a" and "b", the
 * second the partial "p", the rest is the template. What is rendered without {{{ }}} never holds
 * markup that only the value has; rendering twice gives the same.
 */
#include <stdlib.h>
#include <string.h>

#include "template/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct template *find(void *context, pd_str name) {
    return pd_str_is(name, "p") ? context : NULL;
}

struct seen {
    bool is_raw;
};
static void look(void *context, enum template_use use, pd_str name) {
    struct seen *seen = context;
    if (!name.len)
        abort();
    seen->is_raw = seen->is_raw || use == TEMPLATE_USES_RAW;
}

static struct template_value *values(struct template_maker *maker, pd_str text) {
    struct template_value *map = template_new(maker, TEMPLATE_MAP);
    template_put_str(maker, map, "a", text);
    struct template_value *list = template_put_list(maker, map, "b");
    template_put_str(maker, template_push_map(maker, list), "c", text);
    template_push_str(maker, list, text);
    template_put_bool(maker, map, "yes", true);
    template_put_number(maker, map, "n", -1);
    return map;
}

static size_t count(pd_str text, char c) {
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == c;
    return n;
}

static void check(const struct template *template, const struct template *partial, pd_str value,
                  struct pd_arena *arena) {
    struct template_maker maker = {.arena = arena};
    struct pd_buf with, without;
    struct pd_error err = {0};
    struct seen seen = {false};
    template_uses(template, look, &seen);
    if (partial)
        template_uses(partial, look, &seen);
    pd_buf_init(&with, 1 << 16);
    pd_buf_init(&without, 1 << 16);
    void *context = (void *)(uintptr_t)partial;
    enum pd_status st =
        template_render(template, values(&maker, value), &maker, find, context, &with, &err);
    if (st != PD_OK && (st != PD_LIMIT || !err.text[0]))
        abort();
    /* A harmless value that is as true as the other. */
    enum pd_status same = template_render(template, values(&maker, PD_STR("v")), &maker, find,
                                          context, &without, &err);
    if (st == PD_OK && same == PD_OK && value.len && !seen.is_raw &&
        (count(pd_buf_view(&with), '<') != count(pd_buf_view(&without), '<') ||
         count(pd_buf_view(&with), '"') != count(pd_buf_view(&without), '"')))
        abort();
    pd_buf_clear(&with);
    pd_buf_clear(&without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str rest = {(const char *)data, size}, value = {0}, text = {0};
    if (!size)
        return 0;
    (void)pd_str_split(&rest, '\n', &value);
    if (!rest.data)
        rest = PD_STR("");
    (void)pd_str_split(&rest, '\n', &text);
    struct pd_arena *arena = pd_arena_new((size_t)8 << 20);
    const struct template *template, *partial = NULL;
    struct pd_error err = {0};
    if (template_parse(text, arena, &partial, &err) != PD_OK)
        partial = NULL;
    enum pd_status st = template_parse(rest.data ? rest : PD_STR(""), arena, &template, &err);
    if (st == PD_OK)
        check(template, partial, value, arena);
    else if (!err.text[0])
        abort();
    pd_arena_free(arena);
    return 0;
}
