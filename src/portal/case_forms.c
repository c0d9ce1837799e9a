/*
 * Raising a case, answering, refusing and withdrawing one: forms that need no script. Where the law
 * wants facts to raise it, the same form comes back and asks for them. A decision is signed with the
 * party's key, which is used once and wiped.
 */
#include "portal/pages.h"

#include <string.h>

static const char *const KINDS[] = {"demand",     "access",     "correction",
                                    "objection", "withdrawal", "incident"};
enum { KIND_COUNT = sizeof(KINDS) / sizeof(KINDS[0]), GIVEN_MAX = 32 };

/* What the form holds, or before it was sent, the address: ?kind=demand&dataset=ID. */
static pd_str given(const struct page *page, const char *name) {
    bool is_post = strcmp(page->call->request->method, "POST") == 0;
    return is_post ? page_field(page, name) : page_query(page, name);
}

static void wipe(pd_str secret) {
    if (secret.len)
        crypto_wipe((char *)(uintptr_t)secret.data, secret.len);
}

/* ---- The form ---- */

static void put_kinds(struct page *page) {
    struct template_value *list = template_put_list(&page->maker, page->values, "kinds");
    pd_str chosen = given(page, "kind");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct template_value *entry = template_push_map(&page->maker, list);
        pd_str kind = pd_str_from(KINDS[i]);
        template_put_str(&page->maker, entry, "value", kind);
        template_put_str(&page->maker, entry, "text", page_code(page, "case_kind", kind));
        template_put_str(&page->maker, entry, "about", page_code(page, "case_about", kind));
        template_put_bool(&page->maker, entry, "is_chosen",
                          chosen.len ? pd_str_eq(kind, chosen) : i == 0);
    }
}

/* The name of a fact's field: "d." before it declares, "a." attests. */
static const char *fact_field(struct page *page, bool attests, pd_str name) {
    return pd_arena_printf(page->arena, "%s%.*s", attests ? "a." : "d.", pd_arg(name)).data;
}

/* The facts that the law still wants to know, and those that were given, to be changed. */
static void put_facts(struct page *page, const struct law_finding *finding) {
    const struct law_rules *rules = govern_rules(page->call->g);
    struct template_value *list = template_put_list(&page->maker, page->values, "facts");
    bool attests_any = false;
    for (size_t i = 0; i < law_rules_fact_count(rules); i++) {
        const struct law_fact_kind *kind = law_rules_fact_nth(rules, i);
        bool attests = !(kind->accepts & 1u << LAW_DECLARED) && kind->accepts & 1u << LAW_ATTESTED;
        const char *name = fact_field(page, attests, kind->name);
        bool is_wanted = name && page_field(page, name).len;
        for (size_t m = 0; finding && m < finding->missing_count; m++)
            is_wanted = is_wanted || finding->missing[m].fact == kind;
        for (size_t o = 0; finding && o < finding->obligation_count; o++)
            is_wanted = is_wanted || (finding->obligations[o].class_ == LAW_EVIDENCED &&
                                      !finding->obligations[o].discharged &&
                                      pd_str_eq(finding->obligations[o].fact, kind->name));
        if (!name || !is_wanted)
            continue;
        pages_put_fact(page, list, kind, pd_str_from(name), page_field(page, name));
        attests_any = attests_any || attests;
    }
    template_put_bool(&page->maker, page->values, "has_facts", list && list->first);
    template_put_bool(&page->maker, page->values, "attests", attests_any);
}

static void show_raise(struct page *page, int status, const struct law_finding *finding) {
    struct pd_error err = {0};
    if (pages_put_parties(page, "parties", "cases.of_dataset", given(page, "responsible"), &err) !=
        PD_OK) {
        page_fail(page, &err);
        return;
    }
    put_kinds(page);
    put_facts(page, finding);
    struct template_value *map = template_put_map(&page->maker, page->values, "given");
    static const char *const NAMES[] = {"dataset", "subject", "evidence"};
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
        template_put_str(&page->maker, map, NAMES[i], given(page, NAMES[i]));
    page_title(page, page_word(page, "cases.raise"));
    page_send(page, status, "case_new");
}

void portal_get_case_new(struct serve_call *call) {
    struct page page;
    if (page_begin(&page, call, "cases") && pages_is_signed_in(&page))
        show_raise(&page, 200, NULL);
}

/* ---- Raising ---- */

/* A dataset that the member may see, by its id or its title: what is hidden isn't found by raising
 * cases about it. */
static enum pd_status find_dataset(struct page *page, pd_str name, pd_str *out,
                                   struct pd_error *err) {
    enum { LOOKED_AT = 100 };
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_datasets found;
    struct catalogue_one one;
    char text[PD_ID_TEXT_SIZE];
    pd_id id;
    *out = PD_STR("");
    if (!name.len)
        return PD_OK;
    if (pd_id_parse(name, &id)) {
        *out = name;
        return catalogue_dataset_find(page->call->g, &viewer, id,
                                      &(struct catalogue_page){.limit = 1}, page->arena, &one, err);
    }
    struct catalogue_datasets_query query = {.search = name, .page = {.limit = LOOKED_AT}};
    enum pd_status st =
        catalogue_datasets(page->call->g, &viewer, &query, page->arena, &found, err);
    for (size_t i = 0; st == PD_OK && i < found.count; i++) {
        struct template_value *map = template_put_map(&page->maker, page->values, "looked_at");
        page_put_title(page, map, "title", found.items[i].title);
        const struct template_value *title =
            template_get(template_get(map, PD_STR("title")), PD_STR("text"));
        if (!title || !pd_str_eq(title->text, name))
            continue;
        if (out->len)
            return pd_fail(err, PD_CONFLICT,
                           "several datasets have that title: go to the one that you mean, and "
                           "raise the case from there");
        pd_id_write(found.items[i].id, text);
        *out = pd_arena_str(page->arena, pd_str_from(text));
    }
    return st == PD_OK && !out->len
               ? pd_fail(err, PD_NOT_FOUND,
                         "no dataset that you may see has that title: leave the field empty, and "
                         "choose who must answer")
               : st;
}

static size_t read_facts(struct page *page, bool attests, struct govern_declared *out) {
    const struct law_rules *rules = govern_rules(page->call->g);
    size_t n = 0;
    for (size_t i = 0; i < law_rules_fact_count(rules) && n < GIVEN_MAX; i++) {
        const struct law_fact_kind *kind = law_rules_fact_nth(rules, i);
        const char *name = fact_field(page, attests, kind->name);
        pd_str value = name ? page_field(page, name) : PD_STR("");
        if (value.len)
            out[n++] = (struct govern_declared){kind->name, value};
    }
    return n;
}

/* Which field an error is about, so that the summary leads there. */
static const char *field_of(const struct page *page, const struct pd_error *err) {
    pd_str text = pd_str_from(err->text);
    if (err->status == PD_OPEN)
        return "facts";
    if (pd_str_find(text, PD_STR("dataset")) != PD_NPOS && page_field(page, "dataset").len)
        return "dataset";
    return pd_str_find(text, PD_STR("must answer")) != PD_NPOS ? "responsible" : "subject";
}

static void refuse_raise(struct page *page, const struct govern_raising *r,
                         const struct pd_error *why) {
    struct pd_error err;
    const struct law_finding *finding = NULL;
    bool is_open = why->status == PD_OPEN;
    int status = is_open ? 422 : pd_outcome_get(why->status)->http;
    if (status >= 500) {
        page_fail(page, why);
        return;
    }
    if (is_open && govern_case_ask(page->call->g, r, page->arena, &finding, &err) != PD_OK)
        finding = NULL;
    pages_put_error(page, is_open ? "cases.open" : "cases.wrong", field_of(page, why),
                    is_open ? NULL : why->text);
    show_raise(page, status, finding);
}

void portal_post_case(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct govern_declared declared[GIVEN_MAX], attested[GIVEN_MAX];
    const struct govern_outcome *outcome = NULL;
    char text[PD_ID_TEXT_SIZE] = "", act[PD_ID_TEXT_SIZE];
    pd_id id;
    if (!page_begin(&page, call, "cases") || !pages_is_signed_in(&page))
        return;
    struct govern_raising r = {.kind = page_field(&page, "kind"),
                               .party = call->who.party,
                               .member = call->who.member,
                               .responsible = page_field(&page, "responsible"),
                               .subject = page_field(&page, "subject"),
                               .declared = declared,
                               .attested = attested,
                               .private_key = page_field(&page, "key"),
                               .evidence = page_field(&page, "evidence")};
    r.declared_count = read_facts(&page, false, declared);
    r.attested_count = read_facts(&page, true, attested);
    enum pd_status st = find_dataset(&page, page_field(&page, "dataset"), &r.dataset, &err);
    if (st == PD_OK)
        st = govern_case_raise(call->g, &r, page.arena, &id, &outcome, &err);
    if (st != PD_OK) {
        refuse_raise(&page, &r, &err);
    } else {
        pd_id_write(outcome->act_id, act);
        if (outcome->result == GOVERN_DONE)
            pd_id_write(id, text);
        page_go(&page, outcome->result == GOVERN_DONE
                           ? pd_arena_printf(page.arena, "/cases/%s?done=%s", text, act)
                           : pd_arena_printf(page.arena, "/acts/%s", act));
    }
    wipe(r.private_key);
}

/* ---- Deciding ---- */

static const struct move {
    const char *name;
    enum govern_case_move move;
    const char *action; /* that the rules of access are asked about; NULL: none */
} MOVES[] = {{"answer", GOVERN_CASE_ANSWER, "answer_case"},
             {"refuse", GOVERN_CASE_REFUSE, "answer_case"},
             {"withdraw", GOVERN_CASE_WITHDRAW, NULL}};

static const struct move *find_move(pd_str name) {
    for (size_t i = 0; i < sizeof(MOVES) / sizeof(MOVES[0]); i++)
        if (pd_str_is(name, MOVES[i].name))
            return &MOVES[i];
    return NULL;
}

/* The case again, with what was wrong, and what was written. */
static void refuse_move(struct page *page, pd_id id, const struct move *move,
                        const struct pd_error *why) {
    struct pd_error err;
    struct govern_resource resource;
    const struct govern_raised *found;
    int status = pd_outcome_get(why->status)->http;
    if (status >= 500 || pages_find_case(page, id, &resource, &found, &err) != PD_OK) {
        page_fail(page, why);
        return;
    }
    bool is_key = pd_str_find(pd_str_from(why->text), PD_STR("key")) != PD_NPOS;
    pages_put_error(
        page, "cases.not_done",
        pd_arena_printf(page->arena, "%s-%s", is_key ? "key" : "text", move->name).data, why->text);
    template_put_bool(&page->maker, page->values,
                      move->move == GOVERN_CASE_REFUSE ? "refuse_open" : "other_open", true);
    struct template_value *map = template_put_map(
        &page->maker, page->values,
        move->move == GOVERN_CASE_REFUSE ? "refusing" : "answering");
    template_put_str(&page->maker, map, "text", page_field(page, "text"));
    template_put_str(&page->maker, map, "ground", page_field(page, "ground"));
    template_put_str(&page->maker, map, "appeal", page_field(page, "appeal"));
    pages_show_case(page, status, found, &resource);
}

void portal_post_move(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct govern_resource resource;
    const struct govern_raised *found;
    const struct govern_outcome *outcome = NULL;
    char text[PD_ID_TEXT_SIZE], act[PD_ID_TEXT_SIZE];
    struct govern_moving m = {.party = call->who.party, .member = call->who.member};
    if (!page_begin(&page, call, "cases") || !pages_is_signed_in(&page) ||
        !page_id(&page, "id", &m.case_id))
        return;
    const struct move *move = find_move(page_field(&page, "do"));
    if (!move) {
        portal_refuse(call, 400, "choose what is to be done with the case");
        return;
    }
    m.move = move->move;
    m.text = page_field(&page, "text");
    m.private_key = page_field(&page, "key");
    if (m.move == GOVERN_CASE_REFUSE) {
        m.ground = page_field(&page, "ground");
        m.appeal = page_field(&page, "appeal");
    }
    enum pd_status st = pages_find_case(&page, m.case_id, &resource, &found, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        wipe(m.private_key);
        return;
    }
    if (move->action)
        st = govern_must(call->g, serve_asker(call), move->action, &resource, page.arena, NULL,
                         &err);
    if (st == PD_OK)
        st = govern_case_move(call->g, &m, page.arena, &outcome, &err);
    wipe(m.private_key);
    if (st != PD_OK) {
        refuse_move(&page, m.case_id, move, &err);
        return;
    }
    pd_id_write(m.case_id, text);
    pd_id_write(outcome->act_id, act);
    page_go(&page, pd_arena_printf(page.arena, "/cases/%s?done=%s", text, act));
}
