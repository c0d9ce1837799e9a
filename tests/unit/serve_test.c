/*
 * serve/: what is kept of answers, the tables of routes, the document that is made of them, the
 * keys of uploads.
 */
#include "api/api.h"
#include "http/http_impl.h"
#include "portal/portal.h"
#include "serve/serve_impl.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- The cache ---- */

static const pd_time NOW = 1000 * PD_SECOND;
static const struct serve_taken PLAIN = {0}, PACKED = {.gzip = true};

static void keep_at(struct serve_cache *cache, const char *path, const char *query, const char *language,
                    uint64_t version, pd_str body) {
    struct serve_key key = {pd_str_from(path), pd_str_from(query), pd_str_from(language)};
    struct http_response response = {0};
    http_respond(&response, 200, "text/plain", body);
    serve_cache_keep(cache, &key, version, NOW, &response, path);
}

/* The status of what is found; 0: nothing. */
static unsigned find(struct serve_cache *cache, const char *path, const char *query, const char *language,
                     const struct serve_taken *taken, pd_time now) {
    struct serve_key key = {pd_str_from(path), pd_str_from(query), pd_str_from(language)};
    const char *label = NULL;
    struct http_ready *ready = serve_cache_find(cache, &key, taken, now, &label);
    unsigned status = ready ? ready->status : 0;
    if (ready)
        assert_string_equal(label, path);
    http_ready_let_go(ready);
    return status;
}

static void open_cache(struct serve_cache *cache, size_t bytes) {
    struct pd_error err = {0};
    memset(cache, 0, sizeof(*cache));
    assert_int_equal(serve_cache_open(cache, bytes, &err), PD_OK);
}

static void an_answer_is_found_by_all_that_it_depends_on(void **unused) {
    (void)unused;
    struct serve_cache cache;
    open_cache(&cache, 1 << 20);
    keep_at(&cache, "/a", "b", "en", 0, PD_STR("one"));
    assert_int_equal(find(&cache, "/a", "b", "en", &PLAIN, NOW), 200);
    static const char *const others[][3] = {
        {"/a", "b", "zh"}, {"/a", "", "en"}, {"/ab", "", "en"}, {"/a", "bc", "en"}, {"/", "ab", "en"}, {"/a", "b", ""}};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(find(&cache, others[i][0], others[i][1], others[i][2], &PLAIN, NOW), 0);
    assert_int_equal(cache.hits, 1);
    assert_int_equal(cache.misses, COUNT(others));
    serve_cache_close(&cache);
    serve_cache_close(&cache); /* twice is fine */
}

static void what_was_made_before_an_act_is_not_given_after_it(void **unused) {
    (void)unused;
    struct serve_cache cache;
    open_cache(&cache, 1 << 20);
    keep_at(&cache, "/a", "", "en", 0, PD_STR("before"));
    serve_cache_turn(&cache);
    assert_int_equal(find(&cache, "/a", "", "en", &PLAIN, NOW), 0);
    keep_at(&cache, "/a", "", "en", 0, PD_STR("read before, kept after")); /* an act came between */
    assert_int_equal(find(&cache, "/a", "", "en", &PLAIN, NOW), 0);
    keep_at(&cache, "/a", "", "en", 1, PD_STR("after"));
    assert_int_equal(find(&cache, "/a", "", "en", &PLAIN, NOW), 200);
    pd_time last = NOW + SERVE_CACHE_SECONDS * PD_SECOND - 1;
    assert_int_equal(find(&cache, "/a", "", "en", &PLAIN, last), 200);
    assert_int_equal(find(&cache, "/a", "", "en", &PLAIN, last + 1), 0);
    serve_cache_close(&cache);
}

static void who_has_it_already_is_told_so_in_either_form(void **unused) {
    (void)unused;
    struct serve_cache cache;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    char text[4096];
    memset(text, 'x', sizeof(text));
    pd_str body = {text, sizeof(text)}, tag = serve_tag(body, arena);
    open_cache(&cache, 1 << 20);
    keep_at(&cache, "/a", "", "en", 0, body);
    const struct serve_taken cases[] = {
        {.if_none_match = tag},
        {.if_none_match = pd_arena_printf(arena, "W/%.*s", pd_arg(tag))},
        {.if_none_match = pd_arena_printf(arena, "\"other\", %.*s", pd_arg(tag))},
        {.if_none_match = PD_STR("*"), .gzip = true},
        {.if_none_match = pd_arena_printf(arena, "%.*s-gzip\"", (int)(tag.len - 1), tag.data), .gzip = true}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(find(&cache, "/a", "", "en", &cases[i], NOW), 304);
    const struct serve_taken other = {.if_none_match = PD_STR("\"other\"")};
    assert_int_equal(find(&cache, "/a", "", "en", &other, NOW), 200);
    assert_int_equal(find(&cache, "/a", "", "en", &PACKED, NOW), 200);
    serve_cache_close(&cache);
    pd_arena_free(arena);
}

static void a_full_cache_lets_go_and_never_grows_beyond_its_bound(void **unused) {
    (void)unused;
    enum { MOST = 256 << 10 };
    static char text[64 << 10];
    struct serve_cache cache;
    char path[32];
    open_cache(&cache, MOST);
    keep_at(&cache, "/large", "", "en", 0, (pd_str){text, sizeof(text)}); /* above an eighth */
    assert_int_equal(find(&cache, "/large", "", "en", &PLAIN, NOW), 0);
    for (int i = 0; i < 500; i++) {
        static char kept[500][32];
        sprintf(path, "/%d", i);
        memcpy(kept[i], path, sizeof(path));
        keep_at(&cache, kept[i], "", "en", 0, (pd_str){text, 1000});
        assert_true(cache.bytes <= MOST);
        assert_int_equal(find(&cache, kept[i], "", "en", &PLAIN, NOW), 200);
    }
    keep_at(&cache, "/again", "", "en", 0, PD_STR("1"));
    size_t bytes = cache.bytes;
    keep_at(&cache, "/again", "", "en", 0, PD_STR("2")); /* instead of the first */
    assert_int_equal(cache.bytes, bytes);
    serve_cache_close(&cache);
}

/* ---- The tables ---- */

static size_t all_tables(struct serve_table tables[3]) {
    tables[0] = *serve_own_table();
    tables[1].routes = api_routes(&tables[1].count);
    tables[2].routes = portal_routes(&tables[2].count);
    return 3;
}

static bool is_action(const char *name) {
    for (size_t i = 0; govern_may_nth(i); i++)
        if (strcmp(govern_may_nth(i), name) == 0)
            return true;
    return false;
}

static void check_route(const struct serve_route *r) {
    bool is_safe = strcmp(r->method, "GET") == 0;
    if (r->path[0] != '/' || !r->handle)
        fail_msg("%s %s", r->method, r->path);
    if (r->action && !is_action(r->action))
        fail_msg("%s %s asks for \"%s\", which nobody can ask for", r->method, r->path, r->action);
    if ((r->flags & SERVE_CACHED) && !is_safe)
        fail_msg("%s %s is kept, and changes something", r->method, r->path);
    if ((r->flags & SERVE_QUICK) && (r->action || r->doc || !is_safe))
        fail_msg("%s %s is answered without a handle, and needs one", r->method, r->path);
    if (is_safe && (r->body_max || (r->flags & (SERVE_FORM | SERVE_UPLOAD))))
        fail_msg("GET %s takes a body", r->path);
    if (r->doc && r->doc->body && (!r->body_max || (r->flags & SERVE_FORM)))
        fail_msg("%s %s documents JSON that it doesn't take", r->method, r->path);
    if (strncmp(r->path, "/api/v1/", 8) == 0 && !r->doc)
        fail_msg("%s %s isn't documented", r->method, r->path);
}

static void every_route_is_whole_and_stands_once(void **unused) {
    (void)unused;
    struct serve_table tables[3];
    const struct serve_route *seen[512];
    size_t count = 0;
    for (size_t t = 0; t < all_tables(tables); t++)
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct serve_route *r = &tables[t].routes[i];
            check_route(r);
            for (size_t k = 0; k < count; k++) {
                if (strcmp(seen[k]->path, r->path) == 0 && strcmp(seen[k]->method, r->method) == 0)
                    fail_msg("%s %s stands twice", r->method, r->path);
                if (seen[k]->doc && r->doc && strcmp(seen[k]->doc->id, r->doc->id) == 0)
                    fail_msg("%s names two operations", r->doc->id);
            }
            assert_true(count < COUNT(seen));
            seen[count++] = r;
        }
    assert_true(count > 60);
}

/* ---- OpenAPI ---- */

static json_t *make_document(void) {
    struct serve_table tables[3];
    struct serve serve = {.config = {.tables = NULL}};
    struct http_route routes[512];
    size_t n = 0;
    for (size_t t = 0; t < all_tables(tables); t++)
        for (size_t i = 0; i < tables[t].count; i++)
            routes[n++] = (struct http_route){.own = &tables[t].routes[i]};
    serve.routes = routes;
    serve.route_count = n;
    struct http_response response = {0};
    struct pd_arena *arena = pd_arena_new(16 << 20);
    struct serve_call call = {.serve = &serve, .response = &response, .arena = arena};
    serve_get_openapi(&call);
    assert_int_equal(response.status, 200);
    json_error_t why;
    json_t *document = json_loadb(response.body.data, response.body.len, JSON_REJECT_DUPLICATES, &why);
    if (!document)
        fail_msg("%s", why.text);
    pd_arena_free(arena);
    return document;
}

static void check_operation(const json_t *document, const struct serve_route *r) {
    char method[16] = "";
    for (size_t i = 0; r->method[i]; i++)
        method[i] = (char)(r->method[i] | 0x20);
    const json_t *o = json_object_get(json_object_get(json_object_get(document, "paths"), r->path), method);
    if (!o)
        fail_msg("%s %s isn't in the document", r->method, r->path);
    assert_string_equal(json_string_value(json_object_get(o, "operationId")), r->doc->id);
    size_t in_path = 0, want = 0, i;
    const json_t *parameter;
    json_array_foreach(json_object_get(o, "parameters"), i, parameter)
        in_path += strcmp(json_string_value(json_object_get(parameter, "in")), "path") == 0;
    for (const char *at = r->path; (at = strchr(at, '{')); at++)
        want++;
    assert_int_equal(in_path, want);
    assert_true(json_object_get(json_object_get(o, "responses"), "default") != NULL);
    if (!r->doc->body)
        return;
    const json_t *schema = json_object_get(
        json_object_get(json_object_get(json_object_get(o, "requestBody"), "content"), "application/json"), "schema");
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    for (const struct serve_field *f = r->doc->body; f->name; f++) {
        const json_t *property = json_object_get(json_object_get(schema, "properties"), f->name);
        if (!property)
            fail_msg("%s of %s isn't in the document", f->name, r->doc->id);
        bool has_schema = f->type == SERVE_JSON; /* of its own: the document refers to it */
        assert_int_equal(json_is_array(json_object_get(property, "enum")), f->values != NULL && !has_schema);
        const char *at = json_string_value(json_object_get(property, "$ref"));
        assert_true(has_schema ? at && strcmp(at, f->values) == 0 : !at);
    }
}

static void the_document_says_all_that_the_table_says(void **unused) {
    (void)unused;
    struct serve_table tables[3];
    json_t *document = make_document();
    assert_string_equal(json_string_value(json_object_get(document, "openapi")), "3.1.0");
    size_t operations = 0;
    for (size_t t = 0; t < all_tables(tables); t++)
        for (size_t i = 0; i < tables[t].count; i++)
            if (tables[t].routes[i].doc) {
                check_operation(document, &tables[t].routes[i]);
                operations++;
            }
    assert_true(operations > 25);
    json_decref(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_found_by_all_that_it_depends_on),
        cmocka_unit_test(what_was_made_before_an_act_is_not_given_after_it),
        cmocka_unit_test(who_has_it_already_is_told_so_in_either_form),
        cmocka_unit_test(a_full_cache_lets_go_and_never_grows_beyond_its_bound),
        cmocka_unit_test(every_route_is_whole_and_stands_once),
        cmocka_unit_test(the_document_says_all_that_the_table_says),
    };
    return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
