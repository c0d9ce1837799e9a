/*
 * Obligations in words: "answer(within=20wd)" is "answer within 20 working days". What is shown by a
 * fact is said by that fact's title; what has no words here is shown as the rule writes it.
 */
#include "portal/pages.h"
#include "portal/portal_parts.h"

static bool is_zh(const struct page *page) {
    return page->language[0] == 'z';
}

/* A text that may be missing: empty then. */
static pd_str find_word(struct page *page, const char *set, pd_str a, pd_str b) {
    const struct portal_text *text = portal_text_find(pd_arena_printf(
        page->arena, "%s.%.*s%s%.*s", set, pd_arg(a), b.len ? "_" : "", pd_arg(b)));
    return !text ? PD_STR("") : is_zh(page) ? text->zh : text->en;
}

static pd_str join(struct page *page, pd_str a, const char *between, pd_str b) {
    return a.len && b.len ? pd_arena_printf(page->arena, "%.*s%s%.*s", pd_arg(a), between, pd_arg(b))
           : a.len        ? a
                          : b;
}

/* "20wd" -> "20 working days", "20个工作日". */
static pd_str term(struct page *page, pd_str text) {
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    pd_str count = pd_str_sub(text, 0, digits), unit = pd_str_sub(text, digits, text.len);
    bool is_one = pd_str_is(count, "1");
    pd_str word = find_word(page, is_one ? "term_one" : "term", unit, PD_STR(""));
    return word.len && count.len ? join(page, count, is_zh(page) ? "" : " ", word) : text;
}

static pd_str threshold(struct page *page, pd_str k) {
    int64_t value;
    if (pd_str_starts(k, PD_STR("t.")) &&
        law_rules_threshold(govern_rules(page->call->g), pd_str_sub(k, 2, k.len), &value))
        return pd_arena_printf(page->arena, "%lld", (long long)value);
    return k;
}

/* What a fact shows. */
static pd_str shown(struct page *page, const struct law_obligation *o) {
    pd_str title = pages_fact_title(page, o->fact);
    return o->fact_value.len ? join(page, title, ": ", page_code(page, "code", o->fact_value))
                             : title;
}

static pd_str done(struct page *page, const struct law_obligation *o) {
    pd_str word = law_obligation_word(o, 0), k = law_obligation_value(o, "k");
    const char *space = is_zh(page) ? "" : " ";
    pd_str whole = find_word(page, "obligation", o->kind, word);
    pd_str kind = find_word(page, "obligation", o->kind, PD_STR(""));
    if (k.len && whole.len)
        return join(page, join(page, whole, space, threshold(page, k)), space,
                    find_word(page, "obligation_k", o->kind, PD_STR("")));
    if (whole.len || !kind.len)
        return whole;
    pd_str what = find_word(page, "obligation_word", word, PD_STR(""));
    return join(page, kind, space, what.len ? what : word);
}

static pd_str with_terms(struct page *page, const struct law_obligation *o, pd_str said) {
    static const char *const TERMS[] = {"within", "keep", "every"};
    const char *space = is_zh(page) ? "" : " ";
    for (size_t i = 0; i < sizeof(TERMS) / sizeof(TERMS[0]); i++) {
        pd_str value = law_obligation_value(o, TERMS[i]), name = pd_str_from(TERMS[i]);
        if (!value.len)
            continue;
        pd_str text = join(page, find_word(page, "obligation_before", name, PD_STR("")), space,
                           term(page, value));
        text = join(page, text, "", find_word(page, "obligation_after", name, PD_STR("")));
        said = join(page, said, is_zh(page) ? "\xef\xbc\x8c" : " ", text);
    }
    pd_str at = law_obligation_value(o, "at");
    if (at.len)
        said = join(page, said, is_zh(page) ? "\xef\xbc\x8c" : " ",
                    find_word(page, "obligation_at", at, PD_STR("")));
    static const char *const OTHERS[] = {"licence", "format"};
    for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
        said = join(page, said, is_zh(page) ? "\xef\xbc\x8c" : ", ",
                    law_obligation_value(o, OTHERS[i]));
    return said;
}

static pd_str one(struct page *page, const struct law_obligation *o) {
    pd_str said = o->fact.len ? shown(page, o) : done(page, o);
    return said.len ? with_terms(page, o, said) : o->text;
}

pd_str pages_obligation(struct page *page, pd_str text) {
    const struct law_alternative *ways;
    struct pd_error err;
    size_t count;
    pd_str all = PD_STR("");
    if (!text.len || law_obligations_parse(text, true, page->arena, &ways, &count, &err) != PD_OK)
        return text;
    for (size_t w = 0; w < count; w++) {
        pd_str way = PD_STR("");
        for (size_t i = 0; i < ways[w].count; i++)
            way = join(page, way, is_zh(page) ? "\xef\xbc\x8c\xe5\xb9\xb6" : ", and ",
                       one(page, &ways[w].obligations[i]));
        all = join(page, all, is_zh(page) ? "\xef\xbc\x9b\xe6\x88\x96\xef\xbc\x9a" : "; or: ", way);
    }
    return all;
}
