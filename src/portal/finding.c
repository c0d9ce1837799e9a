/* A finding as a page shows it: the answer, then the articles, then the facts. */
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

static pd_str text_of(struct page *page, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? pd_arena_str(page->arena, pd_str_from(json_string_value(value)))
                                 : PD_STR("");
}

/* {"en": ..., "zh": ...}: the page's language, else the other. */
static pd_str title_of(struct page *page, const json_t *object) {
    const json_t *title = json_object_get(object, "title");
    pd_str own = text_of(page, title, page->language);
    return own.len ? own : text_of(page, title, page->language[0] == 'z' ? "en" : "zh");
}

pd_str pages_fact_title(struct page *page, pd_str name) {
    const struct law_fact_kind *kind = law_rules_fact(govern_rules(page->call->g), name);
    if (!kind)
        return name;
    return page->language[0] == 'z' && kind->title_zh.len ? kind->title_zh : kind->title;
}

static void put_voices(struct page *page, struct template_value *map, const json_t *voices,
                       const char *role, const char *key, const char *has_key) {
    struct template_value *list = template_put_list(&page->maker, map, key);
    size_t i;
    json_t *voice;
    json_array_foreach(voices, i, voice) {
        if (!pd_str_is(text_of(page, voice, "role"), role))
            continue;
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_str(&page->maker, entry, "id", text_of(page, voice, "id"));
        page_put_code(page, entry, "law", "law_title", text_of(page, voice, "law"));
        /* A node's own rules are called by their purpose, which the title says better. */
        bool has_article = !pd_str_is(text_of(page, voice, "rank"), "node");
        template_put_str(&page->maker, entry, "article",
                         has_article ? text_of(page, voice, "article") : PD_STR(""));
        template_put_str(&page->maker, entry, "title", title_of(page, voice));
        template_put_str(&page->maker, entry, "exempted_by", text_of(page, voice, "exempted_by"));
        page_put_code(page, entry, "rank", "rank", text_of(page, voice, "rank"));
    }
    template_put_bool(&page->maker, map, has_key, list && list->first);
}

/* One fact may be missing for several rules: it is named once. */
static bool is_named_before(struct page *page, const json_t *list, size_t before, pd_str name) {
    for (size_t i = 0; i < before; i++)
        if (pd_str_eq(text_of(page, json_array_get(list, i), "fact"), name))
            return true;
    return false;
}

static void put_missing(struct page *page, struct template_value *map, const json_t *missing) {
    struct template_value *list = template_put_list(&page->maker, map, "missing");
    size_t i;
    json_t *item;
    json_array_foreach(missing, i, item) {
        pd_str name = text_of(page, item, "fact");
        if (is_named_before(page, missing, i, name))
            continue;
        const struct law_fact_kind *kind = law_rules_fact(govern_rules(page->call->g), name);
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_str(&page->maker, entry, "name", name);
        template_put_str(&page->maker, entry, "title", pages_fact_title(page, name));
        if (kind)
            template_put_str(&page->maker, entry, "supplier",
                             page->language[0] == 'z' && kind->supplier_zh.len ? kind->supplier_zh
                                                                               : kind->supplier);
    }
    template_put_bool(&page->maker, map, "has_missing", list && list->first);
}

static pd_str value_text(struct page *page, const json_t *value) {
    if (json_is_boolean(value))
        return page_word(page, json_is_true(value) ? "ask.yes" : "ask.no");
    if (json_is_integer(value))
        return pd_arena_printf(page->arena, "%lld", (long long)json_integer_value(value));
    return json_is_string(value) ? pd_arena_str(page->arena, pd_str_from(json_string_value(value)))
                                 : PD_STR("");
}

static void put_facts(struct page *page, struct template_value *map, const json_t *facts) {
    struct template_value *list = template_put_list(&page->maker, map, "facts");
    size_t i;
    json_t *fact;
    json_array_foreach(facts, i, fact) {
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_str(&page->maker, entry, "title",
                         pages_fact_title(page, text_of(page, fact, "name")));
        template_put_str(&page->maker, entry, "value",
                         value_text(page, json_object_get(fact, "value")));
        page_put_code(page, entry, "class", "class", text_of(page, fact, "class"));
        template_put_str(&page->maker, entry, "by", text_of(page, fact, "by"));
    }
    template_put_bool(&page->maker, map, "has_facts", list && list->first);
}

void pages_put_finding(struct page *page, struct template_value *map, const json_t *finding) {
    static const struct {
        const char *outcome, *kind, *key;
    } OUTCOMES[] = {{"permit", "good", "finding.permit"},
                    {"deny", "bad", "finding.deny"},
                    {"open", "wait", "finding.open"}};
    pd_str outcome = text_of(page, finding, "outcome");
    for (size_t i = 0; i < sizeof(OUTCOMES) / sizeof(OUTCOMES[0]); i++)
        if (pd_str_is(outcome, OUTCOMES[i].outcome)) {
            template_put_text(&page->maker, map, "kind", OUTCOMES[i].kind);
            template_put_str(&page->maker, map, "sentence", page_word(page, OUTCOMES[i].key));
        }
    template_put_str(&page->maker, map, "reason", PD_STR("")); /* not that of the page around it */
    const json_t *voices = json_object_get(finding, "voices");
    put_voices(page, map, voices, "forbids", "forbids", "has_forbids");
    put_voices(page, map, voices, "permits", "permits", "has_permits");
    put_voices(page, map, voices, "duty", "duties", "has_duties");
    put_missing(page, map, json_object_get(finding, "missing"));
    put_facts(page, map, json_object_get(finding, "facts"));
}
