/* Templates: the specification's own tests, what is refused, and the limits. */
#include "template/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct template_value *value_of(struct template_maker *maker, const json_t *json) {
    if (json_is_string(json) || json_is_number(json)) {
        char digits[64] = "";
        if (json_is_integer(json))
            snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(json));
        else if (json_is_real(json))
            snprintf(digits, sizeof(digits), "%.15g", json_real_value(json));
        const char *text = json_is_string(json) ? json_string_value(json) : digits;
        struct template_value *value = template_new(maker, TEMPLATE_TEXT);
        value->text = pd_arena_str(maker->arena, pd_str_from(text));
        return value;
    }
    if (json_is_object(json)) {
        struct template_value *map = template_new(maker, TEMPLATE_MAP);
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)json, key, member)
            template_put(maker, map, pd_str_from(key), value_of(maker, member));
        return map;
    }
    if (json_is_array(json)) {
        struct template_value *list = template_new(maker, TEMPLATE_LIST);
        size_t i;
        json_t *item;
        json_array_foreach(json, i, item) template_push(maker, list, value_of(maker, item));
        return list;
    }
    return template_new(maker, json_is_true(json)    ? TEMPLATE_TRUE
                               : json_is_false(json) ? TEMPLATE_FALSE
                                                     : TEMPLATE_NULL);
}

struct partials {
    const json_t *texts;
    struct pd_arena *arena;
};
static const struct template *find(void *context, pd_str name) {
    const struct partials *partials = context;
    char key[256];
    snprintf(key, sizeof(key), "%.*s", pd_arg(name));
    const char *text = json_string_value(json_object_get(partials->texts, key));
    const struct template *template = NULL;
    struct pd_error err = {0};
    if (text && template_parse(pd_str_from(text), partials->arena, &template, &err) != PD_OK)
        fail_msg("%s: %s", text, err.text);
    return template;
}

static void run_one(const json_t *test) {
    const char *name = json_string_value(json_object_get(test, "name"));
    struct pd_arena *arena = pd_arena_new((size_t)4 << 20);
    struct template_maker maker = {.arena = arena};
    struct partials partials = {json_object_get(test, "partials"), arena};
    const struct template *template;
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (template_parse(pd_str_from(json_string_value(json_object_get(test, "template"))), arena,
                       &template, &err) != PD_OK ||
        template_render(template, value_of(&maker, json_object_get(test, "data")), &maker, find,
                        &partials, &out, &err) != PD_OK)
        fail_msg("%s: %s", name, err.text);
    const char *expected = json_string_value(json_object_get(test, "expected"));
    if (!pd_str_is(pd_buf_view(&out), expected))
        fail_msg("%s:\n%.*s\ninstead of\n%s", name, pd_arg(pd_buf_view(&out)), expected);
    pd_buf_clear(&out);
    pd_arena_free(arena);
}

static void the_specification_is_met(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t tests;
    } FILES[] = {{"comments", 12},  {"delimiters", 14}, {"interpolation", 42},
                 {"inverted", 22}, {"partials", 12},   {"sections", 34}};
    const char *root = getenv("POLDER_SHARED_DATA");
    if (!root) {
        print_message("skipped: no shared data (set POLDER_SHARED_DATA)\n");
        skip();
    }
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/mustache/%s.json", root, FILES[i].name);
        json_error_t bad;
        json_t *file = json_load_file(path, 0, &bad);
        if (!file)
            fail_msg("%s: %s", path, bad.text);
        json_t *tests = json_object_get(file, "tests"), *test;
        size_t at;
        assert_int_equal(json_array_size(tests), FILES[i].tests);
        json_array_foreach(tests, at, test) run_one(test);
        json_decref(file);
    }
}

static void what_is_no_template_is_refused_with_its_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } CASES[] = {
        {"a\n{{b", "line 2: the tag that begins here has no end"},
        {"{{{b}}", "line 1: the tag that begins here has no end"},
        {"{{=<% %>}}", "line 1: the tag that begins here has no end"},
        {"{{}}", "line 1: a tag without a name"},
        {"\n\n{{# }}", "line 3: a tag without a name"},
        {"{{a b}}", "\"a b\" is no name"},
        {"{{<parent}}{{/parent}}", "\"<parent\" is no name"},
        {"{{$block}}", "\"$block\" is no name"},
        {"{{#a}}\n{{/b}}", "line 2: \"b\" ends here, but \"a\" is still open"},
        {"{{/b}}", "line 1: \"b\" ends here and never began"},
        {"x{{#a}}", "the section \"a\" has no end"},
        {"{{=a=}}", "delimiters are two words"},
        {"{{=a b c=}}", "delimiters are two words"},
        {"{{=a= b=}}", "delimiters are two words"},
    };
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct template *template = NULL;
        struct pd_error err = {0};
        assert_int_equal(template_parse(pd_str_from(CASES[i].text), arena, &template, &err),
                         PD_INVALID);
        if (!strstr(err.text, CASES[i].says))
            fail_msg("%s: %s", CASES[i].text, err.text);
        assert_null(template);
    }
    pd_arena_free(arena);
}

static enum pd_status render_text(const char *text, template_finder *finder, size_t out_max,
                                  struct pd_arena *arena, struct pd_buf *out,
                                  struct pd_error *err) {
    const struct template *template;
    pd_buf_init(out, out_max);
    enum pd_status st = template_parse(pd_str_from(text), arena, &template, err);
    return st == PD_OK ? template_render(template, NULL, NULL, finder, arena, out, err) : st;
}

static const struct template *find_itself(void *context, pd_str name) {
    const struct template *template = NULL;
    struct pd_error err;
    const char *text = pd_str_is(name, "twice") ? "{{>twice}}{{>twice}}" : "{{^no}}x{{>once}}{{/no}}";
    return template_parse(pd_str_from(text), context, &template, &err) == PD_OK ? template : NULL;
}

static void what_never_ends_is_cut_off(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t out_max;
    } CASES[] = {{"{{>twice}}", 0}, {"{{>once}}", 0}, {"{{^no}}longer than allowed{{/no}}", 8}};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
        struct pd_buf out;
        struct pd_error err = {0};
        assert_int_equal(
            render_text(CASES[i].text, find_itself, CASES[i].out_max, arena, &out, &err), PD_LIMIT);
        assert_true(err.text[0]);
        pd_buf_clear(&out);
        pd_arena_free(arena);
    }
}

static void sections_have_a_depth(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new((size_t)4 << 20);
    for (int depth = TEMPLATE_DEPTH_MAX - 1; depth <= TEMPLATE_DEPTH_MAX + 1; depth++) {
        struct pd_buf text, out;
        struct pd_error err = {0};
        pd_buf_init(&text, 0);
        for (int i = 0; i < depth; i++)
            pd_buf_text(&text, "{{^a}}");
        pd_buf_text(&text, "deep");
        for (int i = 0; i < depth; i++)
            pd_buf_text(&text, "{{/a}}");
        enum pd_status st = render_text(text.data, NULL, 0, arena, &out, &err);
        assert_int_equal(st, depth <= TEMPLATE_DEPTH_MAX ? PD_OK : PD_INVALID);
        assert_true(st != PD_OK || pd_str_is(pd_buf_view(&out), "deep"));
        pd_buf_clear(&out);
        pd_buf_clear(&text);
    }
    pd_arena_free(arena);
}

static void a_full_arena_is_one_error_at_the_end(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(4096), *room = pd_arena_new(1 << 16);
    struct template_maker maker = {.arena = arena};
    struct template_value *map = template_new(&maker, TEMPLATE_MAP);
    for (int i = 0; i < 1000; i++)
        template_put_number(&maker, template_put_map(&maker, map, "n"), "i", i);
    assert_true(maker.failed);
    const struct template *template;
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    assert_int_equal(template_parse(PD_STR("x"), room, &template, &err), PD_OK);
    assert_int_equal(template_render(template, map, &maker, NULL, NULL, &out, &err), PD_LIMIT);
    pd_buf_clear(&out);
    pd_arena_free(room);
    pd_arena_free(arena);
}

static void markup_in_a_value_stays_text(void **state) {
    (void)state;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    template_escape(&out, PD_STR("<script>alert(\"1\" + '2')</script>&amp;\xe4\xb8\xad"));
    assert_true(pd_str_is(pd_buf_view(&out),
                          "&lt;script&gt;alert(&quot;1&quot; + &#39;2&#39;)&lt;/script&gt;&amp;amp;"
                          "\xe4\xb8\xad"));
    pd_buf_clear(&out);
}

static void count_use(void *context, enum template_use use, pd_str name) {
    size_t *counts = context;
    assert_true(name.len == 1);
    counts[use]++;
}

static void a_template_says_what_it_uses(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(1 << 16);
    const struct template *template;
    struct pd_error err = {0};
    size_t counts[4] = {0};
    assert_int_equal(
        template_parse(PD_STR("{{a}}{{{b}}}{{&c}}{{#d}}{{^e}}{{>f}}{{/e}}{{/d}}{{!g}}"), arena,
                       &template, &err),
        PD_OK);
    template_uses(template, count_use, counts);
    assert_int_equal(counts[TEMPLATE_USES_VALUE], 1);
    assert_int_equal(counts[TEMPLATE_USES_RAW], 2);
    assert_int_equal(counts[TEMPLATE_USES_SECTION], 2);
    assert_int_equal(counts[TEMPLATE_USES_PARTIAL], 1);
    assert_null(template_plain(template).data);
    assert_int_equal(template_parse(PD_STR("plain"), arena, &template, &err), PD_OK);
    assert_true(pd_str_is(template_plain(template), "plain"));
    pd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_specification_is_met),
        cmocka_unit_test(what_is_no_template_is_refused_with_its_line),
        cmocka_unit_test(what_never_ends_is_cut_off),
        cmocka_unit_test(sections_have_a_depth),
        cmocka_unit_test(a_full_arena_is_one_error_at_the_end),
        cmocka_unit_test(markup_in_a_value_stays_text),
        cmocka_unit_test(a_template_says_what_it_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
