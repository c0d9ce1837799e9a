/* The proposals, and the form for making one: choose files, change their texts. */
#include "portal/pages.h"

void portal_get_proposals(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_proposal *list;
    size_t count;
    if (!page_begin(&page, call, "proposals"))
        return;
    if (govern_proposals(call->g, NULL, page.arena, &list, &count, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct template_value *items = template_put_list(&page.maker, page.values, "proposals");
    for (size_t i = 0; i < count; i++)
        pages_put_proposal(&page, template_push_map(&page.maker, items), &list[i]);
    template_put_bool(&page.maker, page.values, "has_proposals", count > 0);
    page_title(&page, page_word(&page, "proposals.title"));
    page_send(&page, 200, "proposals");
}

/* ---- The form ---- */

/* A field of the form for the file of that number: "text-3". */
static pd_str numbered(struct page *page, const char *name, size_t nth) {
    return pd_arena_printf(page->arena, "%s-%zu", name, nth);
}

/* As it was sent: a file's text begins and ends as it does. */
static pd_str text_of(const struct page *page, const char *name) {
    pd_str value = PD_STR("");
    (void)serve_form(page->call, name, &value);
    return value;
}

static pd_str lines_as_stored(pd_str text, struct pd_arena *arena) {
    char *out = pd_arena_alloc(arena, text.len + 1);
    size_t n = 0;
    if (!out)
        return PD_STR("");
    for (size_t i = 0; i < text.len; i++) /* browsers send CR LF */
        if (text.data[i] != '\r')
            out[n++] = text.data[i];
    return (pd_str){out, n};
}

/* The proposal that is to be undone: of the address, or of the form that was sent. */
static pd_str undone_of(const struct page *page) {
    pd_str given = page_field(page, "rollback_of");
    return given.len ? given : page_query(page, "rollback");
}

static void put_files(struct page *page, const struct govern_amendment *files, size_t count) {
    struct template_value *list = template_put_list(&page->maker, page->values, "files");
    bool has_any = false;
    for (size_t i = 0; i < count; i++) {
        struct template_value *file = template_push_map(&page->maker, list);
        pd_str given = text_of(page, numbered(page, "text", i).data);
        bool is_chosen =
            page_query(page, numbered(page, "file", i).data).len > 0 || given.len > 0;
        has_any = has_any || is_chosen;
        template_put_number(&page->maker, file, "nth", (int64_t)i);
        template_put_str(&page->maker, file, "path", files[i].path);
        template_put_bool(&page->maker, file, "is_chosen", is_chosen);
        template_put_str(&page->maker, file, "text", given.len ? given : files[i].text);
        template_put_bool(&page->maker, file, "is_removed",
                          page_field(page, numbered(page, "remove", i).data).len > 0);
    }
    template_put_bool(&page->maker, page->values, "has_form", has_any || undone_of(page).len > 0);
}

/* What is to be undone is told; then there is no file to choose. */
static enum pd_status put_undone(struct page *page, struct pd_error *err) {
    const struct govern_proposal *undone;
    size_t count;
    pd_id id;
    if (!undone_of(page).len)
        return PD_OK;
    if (!pd_id_parse(undone_of(page), &id))
        return pd_fail(err, PD_NOT_FOUND, "there is no such proposal");
    enum pd_status st = govern_proposals(page->call->g, &id, page->arena, &undone, &count, err);
    if (st == PD_OK)
        pages_put_proposal(page, template_put_map(&page->maker, page->values, "undone"), undone);
    return st;
}

static void show_form(struct page *page, int status, const struct pd_error *why) {
    static const char *const given[] = {"title", "individuals", "business", "public"};
    struct pd_error err = {0};
    const struct govern_amendment *files;
    size_t count;
    if (govern_proposable(page->call->g, page->arena, &files, &count, &err) != PD_OK ||
        put_undone(page, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    if (why)
        pages_put_error(page, "proposals.refused", "", why->text);
    put_files(page, files, count);
    struct template_value *map = template_put_map(&page->maker, page->values, "given");
    for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
        template_put_str(&page->maker, map, given[i], page_field(page, given[i]));
    page_title(page, page_word(page, undone_of(page).len ? "proposals.undo" : "proposals.propose"));
    page_send(page, status, "propose");
}

void portal_get_propose(struct serve_call *call) {
    struct page page;
    if (page_begin(&page, call, "proposals") && pages_is_signed_in(&page))
        show_form(&page, 200, NULL);
}

void portal_post_propose(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_amendment *files;
    const struct govern_outcome *outcome = NULL;
    size_t count, n = 0;
    pd_id id, undone_id;
    if (!page_begin(&page, call, "proposals") || !pages_is_signed_in(&page))
        return;
    enum pd_status st = govern_proposable(call->g, page.arena, &files, &count, &err);
    struct govern_amendment *changes = pd_arena_array(page.arena, count + 1, sizeof(*changes));
    if (st == PD_OK && !changes)
        st = pd_fail_memory(&err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        pd_str path = page_field(&page, numbered(&page, "path", i).data);
        pd_str text = text_of(&page, numbered(&page, "text", i).data);
        bool is_removed = page_field(&page, numbered(&page, "remove", i).data).len > 0;
        if (path.len && (text.len || is_removed) && n < GOVERN_AMENDMENTS_MAX)
            changes[n++] = (struct govern_amendment){
                .path = path,
                .text = is_removed ? PD_STR("") : lines_as_stored(text, page.arena),
                .is_removed = is_removed};
    }
    pd_str undone = page_field(&page, "rollback_of");
    if (st == PD_OK && undone.len && !pd_id_parse(undone, &undone_id))
        st = pd_fail(&err, PD_NOT_FOUND, "there is no such proposal");
    struct govern_proposing p = {.party = call->who.party,
                                 .member = call->who.member,
                                 .title = page_field(&page, "title"),
                                 .language = page_has_han(page_field(&page, "title"))
                                                 ? PD_STR("zh")
                                                 : PD_STR("en"),
                                 .amendments = changes,
                                 .amendment_count = n,
                                 .rollback_of = undone.len ? &undone_id : NULL};
    for (int on = 0; on < GOVERN_EFFECT_COUNT; on++)
        p.effects[on] = page_field(&page, govern_effect_name((enum govern_effect_on)on));
    if (st == PD_OK)
        st = govern_propose(call->g, &p, page.arena, &id, &outcome, &err);
    if (st != PD_OK) {
        show_form(&page, pd_outcome_get(st)->http, &err);
        return;
    }
    char text[PD_ID_TEXT_SIZE];
    bool is_done = outcome->result == GOVERN_DONE;
    pd_id_write(is_done ? id : outcome->act_id, text);
    page_go(&page, pd_arena_printf(page.arena, "/%s/%s", is_done ? "proposals" : "acts", text));
}
