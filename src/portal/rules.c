/* The rules in force, article by article: first which laws there are, then one of them. */
#include "portal/pages.h"

#include <string.h>

static pd_str annotation(const struct law_policy *policy, const char *key) {
    pd_str value = PD_STR("");
    (void)law_policy_annotation(policy, key, &value);
    return value;
}

/* A law in an address: the file that it stands in, "cn/pipl.cedar" -> "cn-pipl". */
static pd_str path_of(struct page *page, const struct law_policy *policy) {
    pd_str name = policy->name;
    if (pd_str_ends(name, PD_STR(".cedar")))
        name.len -= 6;
    pd_str path = pd_arena_str(page->arena, name);
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] == '/')
            ((char *)(uintptr_t)path.data)[i] = '-';
    return path;
}

static pd_str law_name(const struct law_policy *policy) {
    pd_str law = annotation(policy, "law");
    return law.len ? law : policy->name;
}

/* Policies of one file follow each other. */
static size_t end_of_law(const struct law_policies *all, size_t from) {
    pd_str name = law_policies_get(all, from)->name;
    size_t to = from;
    while (to < law_policies_count(all) && pd_str_eq(law_policies_get(all, to)->name, name))
        to++;
    return to;
}

void portal_get_rules(struct serve_call *call) {
    struct page page;
    if (!page_begin(&page, call, "rules"))
        return;
    const struct law_policies *all = law_rules_policies(govern_rules(call->g));
    struct template_value *laws = template_put_list(&page.maker, page.values, "laws");
    size_t count = 0;
    for (size_t from = 0; from < law_policies_count(all); count++) {
        const struct law_policy *first = law_policies_get(all, from);
        size_t to = end_of_law(all, from);
        struct template_value *law = template_push_map(&page.maker, laws);
        template_put_str(&page.maker, law, "path", page_encode(&page, path_of(&page, first)));
        template_put_str(&page.maker, law, "name", page_code(&page, "law_title", law_name(first)));
        page_put_number(&page, law, "n", to - from);
        from = to;
    }
    page_put_number(&page, page.values, "total", law_policies_count(all));
    page_put_number(&page, page.values, "count", count);
    page_title(&page, page_word(&page, "rules.title"));
    page_send(&page, 200, "rules");
}

static void put_article(struct page *page, struct template_value *list,
                        const struct law_policy *policy) {
    struct template_value *article = template_push_map(&page->maker, list);
    pd_str zh = annotation(policy, "title_zh"), obligation = annotation(policy, "obligation");
    pd_str remedy = annotation(policy, "remedy");
    bool forbids = policy->effect == LAW_EFFECT_FORBID;
    const char *role = forbids ? "forbids" : obligation.len ? "duty" : "permits";
    template_put_str(&page->maker, article, "id", policy->id);
    template_put_str(&page->maker, article, "article", annotation(policy, "article"));
    template_put_str(&page->maker, article, "title",
                     page->language[0] == 'z' && zh.len ? zh : annotation(policy, "title"));
    page_put_tag(page, article, "role",
                 forbids          ? "bad"
                 : obligation.len ? "wait"
                                  : "good",
                 page_code(page, "voice", pd_str_from(role)));
    if (forbids)
        template_put_str(&page->maker, article, "about", page_word(page, "rules.forbid_about"));
    if (!pd_str_is(remedy, "none"))
        template_put_str(&page->maker, article, "remedy", pages_obligation(page, remedy));
    template_put_str(&page->maker, article, "obligation", pages_obligation(page, obligation));
    template_put_str(&page->maker, article, "text", policy->text);
    template_put_str(&page->maker, article, "source", annotation(policy, "source"));
}

void portal_get_law(struct serve_call *call) {
    struct page page;
    if (!page_begin(&page, call, "rules"))
        return;
    const struct law_rules *rules = govern_rules(call->g);
    const struct law_policies *all = law_rules_policies(rules);
    pd_str wanted = http_param(call->request, "law");
    size_t from = 0;
    while (from < law_policies_count(all) &&
           !pd_str_eq(path_of(&page, law_policies_get(all, from)), wanted))
        from = end_of_law(all, from);
    if (from == law_policies_count(all)) {
        portal_refuse(call, 404, "");
        return;
    }
    const struct law_policy *first = law_policies_get(all, from);
    size_t to = end_of_law(all, from);
    struct template_value *articles = template_put_list(&page.maker, page.values, "articles");
    for (size_t i = from; i < to; i++)
        put_article(&page, articles, law_policies_get(all, i));
    const struct law_pack *pack =
        law_rules_pack(rules, pd_str_sub(first->name, 0, pd_str_find_char(first->name, '/')));
    static const char *const RANKS[] = {
        [LAW_STATUTE] = "statute", [LAW_DELEGATED] = "delegated", [LAW_NODE] = "node"};
    if (pack) {
        page_put_code(&page, page.values, "rank", "rank", pd_str_from(RANKS[pack->rank]));
        page_put_time(&page, page.values, "as_of", pack->as_of);
    }
    template_put_str(&page.maker, page.values, "name", page_code(&page, "law_title", law_name(first)));
    page_put_number(&page, page.values, "n", to - from);
    page_title(&page, page_code(&page, "law_title", law_name(first)));
    page_send(&page, 200, "rules_law");
}

/* From the id of a rule, as findings name it, to its place. */
void portal_get_rule(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct law_policy *policy;
    if (!page_begin(&page, call, "rules"))
        return;
    pd_str id = http_param(call->request, "id");
    if (law_rules_find_policy(govern_rules(call->g), id, page.arena, &policy, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    page_go(&page, pd_arena_printf(page.arena, "/rules/%.*s#%.*s",
                                   pd_arg(page_encode(&page, path_of(&page, policy))),
                                   pd_arg(page_encode(&page, policy->id))));
}
