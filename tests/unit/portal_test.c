/* The portal's parts: what is built in can be used. */
#include "portal/portal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void texts_and_templates_are_whole(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
    struct pd_error err = {0};
    if (portal_check(arena, &err) != PD_OK)
        fail_msg("%s", err.text);
    pd_arena_free(arena);
}

static void routes_are_distinct_and_pages_are_pages(void **state) {
    (void)state;
    size_t count;
    const struct serve_route *routes = portal_routes(&count);
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(routes[i].handle);
        assert_true(routes[i].path[0] == '/');
        if (strstr(routes[i].path, "{language}"))
            assert_true(routes[i].flags & SERVE_PAGE);
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(routes[i].path, routes[j].path) == 0 &&
                         strcmp(routes[i].method, routes[j].method) == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_templates_are_whole),
        cmocka_unit_test(routes_are_distinct_and_pages_are_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
