/* Asking the law: a question in the address, the answer above the form. Nothing is recorded. */
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

static const char *const VERBS[] = {"open", "share",   "transfer", "store",
                                    "use",  "collect", "delete"};
static const struct {
    const char *kind, *chamber;
} KINDS[] = {{"state_organ", "government"}, {"agency", "government"},
             {"authority", "government"},   {"company", "enterprise"},
             {"association", "industry"},   {"group", "public"},
             {"researcher", "public"}};
/* What people know of their data; the others the API and the command line can ask about. */
static const char *const FACTS[] = {"is_personal",
                                    "is_sensitive",
                                    "holds_identifiers",
                                    "quasi_columns",
                                    "k",
                                    "is_secret",
                                    "is_commercial_confidential",
                                    "level",
                                    "legal_basis",
                                    "purpose",
                                    "consent",
                                    "separate_consent"};
enum { FACT_COUNT = sizeof(FACTS) / sizeof(FACTS[0]) };

static void put_choice(struct page *page, struct template_value *list, pd_str value, pd_str text,
                       pd_str chosen) {
    struct template_value *choice = template_push_map(&page->maker, list);
    template_put_str(&page->maker, choice, "value", value);
    template_put_str(&page->maker, choice, "text", text);
    template_put_bool(&page->maker, choice, "is_chosen", pd_str_eq(value, chosen));
}

void pages_put_fact(struct page *page, struct template_value *list,
                    const struct law_fact_kind *kind, pd_str name, pd_str given) {
    struct template_value *fact = template_push_map(&page->maker, list);
    bool has_choices = kind->type == LAW_BOOL || kind->code_count > 0;
    template_put_str(&page->maker, fact, "name", name);
    template_put_str(&page->maker, fact, "title", pages_fact_title(page, kind->name));
    template_put_str(&page->maker, fact, "value", given);
    template_put_bool(&page->maker, fact, "has_choices", has_choices);
    template_put_bool(&page->maker, fact, "is_number", kind->type == LAW_LONG);
    if (!has_choices)
        return;
    struct template_value *choices = template_put_list(&page->maker, fact, "choices");
    put_choice(page, choices, PD_STR(""), page_word(page, "ask.unknown"), given);
    if (kind->type == LAW_BOOL) {
        put_choice(page, choices, PD_STR("true"), page_word(page, "ask.yes"), given);
        put_choice(page, choices, PD_STR("false"), page_word(page, "ask.no"), given);
    }
    for (size_t i = 0; i < kind->code_count; i++)
        put_choice(page, choices, kind->codes[i],
                   page_code(page, pd_str_is(kind->name, "legal_basis") ? "basis" : "code",
                             kind->codes[i]),
                   given);
}

static void put_form(struct page *page) {
    const struct law_rules *rules = govern_rules(page->call->g);
    struct template_value *verbs = template_put_list(&page->maker, page->values, "verbs");
    struct template_value *kinds = template_put_list(&page->maker, page->values, "kinds");
    struct template_value *recipients = template_put_list(&page->maker, page->values, "recipients");
    struct template_value *facts = template_put_list(&page->maker, page->values, "facts");
    for (size_t i = 0; i < sizeof(VERBS) / sizeof(VERBS[0]); i++)
        put_choice(page, verbs, pd_str_from(VERBS[i]),
                   page_code(page, "verb", pd_str_from(VERBS[i])), page_query(page, "verb"));
    put_choice(page, recipients, PD_STR(""), page_word(page, "ask.nobody"),
               page_query(page, "recipient"));
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        pd_str kind = pd_str_from(KINDS[i].kind);
        put_choice(page, kinds, kind, page_code(page, "kind", kind), page_query(page, "kind"));
        put_choice(page, recipients, kind, page_code(page, "kind", kind),
                   page_query(page, "recipient"));
    }
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct law_fact_kind *kind = law_rules_fact(rules, pd_str_from(FACTS[i]));
        if (kind)
            pages_put_fact(page, facts, kind, kind->name, page_query(page, FACTS[i]));
    }
}

/* A fact of the strongest class that it may have: the question is what would follow if it were so.
 */
static enum law_class strongest(const struct law_fact_kind *kind, bool is_false) {
    unsigned accepts = is_false ? kind->accepts_false : kind->accepts;
    static const enum law_class ORDER[] = {LAW_MEASURED, LAW_ATTESTED, LAW_DERIVED, LAW_DECLARED};
    for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++)
        if (accepts & 1u << ORDER[i])
            return ORDER[i];
    return LAW_DECLARED;
}

static enum pd_status read_facts(struct page *page, struct law_fact *facts, size_t *count,
                                 struct pd_error *err) {
    const struct law_rules *rules = govern_rules(page->call->g);
    *count = 0;
    for (size_t i = 0; i < FACT_COUNT; i++) {
        pd_str name = pd_str_from(FACTS[i]), value = pd_str_trim(page_query(page, FACTS[i]));
        const struct law_fact_kind *kind = law_rules_fact(rules, name);
        if (!value.len || !kind)
            continue;
        struct law_fact *fact = &facts[*count];
        *fact = (struct law_fact){.name = kind->name,
                                  .by = PD_STR("?"),
                                  .at = page->call->now,
                                  .class_ = strongest(kind, pd_str_is(value, "false"))};
        enum pd_status st = law_fact_parse(rules, name, value, page->arena, &fact->value, err);
        if (st != PD_OK)
            return st;
        (*count)++;
    }
    return PD_OK;
}

static struct law_party party_of(pd_str id, pd_str kind, pd_str country) {
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
        if (pd_str_is(kind, KINDS[i].kind))
            return (struct law_party){id, kind, pd_str_from(KINDS[i].chamber), country};
    return (struct law_party){id, kind, PD_STR(""), country};
}

/* The country that the node's packs are named after: "cn" -> CN. */
static pd_str country_of(struct page *page) {
    pd_str packs = govern_jurisdiction(page->call->g);
    if (packs.len < 2 || (packs.len > 2 && packs.data[2] != ',') ||
        pd_str_starts(packs, PD_STR("eu")))
        return PD_STR("");
    char code[2] = {(char)(packs.data[0] & ~0x20), (char)(packs.data[1] & ~0x20)};
    return pd_arena_str(page->arena, (pd_str){code, 2});
}

static enum pd_status answer(struct page *page, struct pd_error *err) {
    struct law_fact facts[FACT_COUNT];
    pd_str verb = page_query(page, "verb"), to = page_query(page, "recipient");
    pd_str country = country_of(page);
    struct law_party recipient = party_of(PD_STR("recipient"), to, country);
    bool discloses =
        pd_str_is(verb, "open") || pd_str_is(verb, "share") || pd_str_is(verb, "transfer");
    struct law_case c = {.verb = verb,
                         .party = party_of(PD_STR("asker"), page_query(page, "kind"), country),
                         .recipient = to.len ? &recipient : NULL,
                         .resource_type = discloses ? PD_STR("Distribution") : PD_STR("Version"),
                         .resource_id = PD_STR("asked-about"),
                         .facts = facts,
                         .now = page->call->now};
    const struct law_finding *finding;
    enum pd_status st = read_facts(page, facts, &c.fact_count, err);
    if (st == PD_OK)
        st = law_find(govern_rules(page->call->g), &c, page->arena, &finding, err);
    if (st != PD_OK)
        return st;
    struct pd_buf buf;
    struct pd_json w;
    pd_str text;
    json_t *json;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    law_finding_write(finding, &w);
    st = pd_json_finish(&w, page->arena, &text, err);
    if (st == PD_OK)
        st = pd_json_parse(text, 8 << 20, 32, &json, err);
    if (st != PD_OK)
        return st;
    pages_put_finding(page, template_put_map(&page->maker, page->values, "answer"), json);
    json_decref(json);
    return PD_OK;
}

void portal_get_ask(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    if (!page_begin(&page, call, ""))
        return;
    int status = 200;
    if (page_query(&page, "asked").len && answer(&page, &err) != PD_OK) {
        struct template_value *error = template_put_map(&page.maker, page.values, "error");
        template_put_str(&page.maker, error, "text", page_word(&page, "ask.bad"));
        template_put_str(&page.maker, error, "detail",
                         pd_arena_str(page.arena, pd_str_from(err.text)));
        status = 400;
    }
    put_form(&page);
    page_title(&page, page_word(&page, "ask.title"));
    page_send(&page, status, "ask");
}
