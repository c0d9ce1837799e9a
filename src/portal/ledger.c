/* The ledger: what is signed, who watches, and the newest acts. */
#include "portal/pages.h"
#include "portal/portal_parts.h"

static void put_logs(struct page *page, const struct govern_log *logs, size_t count) {
    struct template_value *list = template_put_list(&page->maker, page->values, "logs");
    for (size_t i = 0; i < count; i++) {
        struct template_value *log = template_push_map(&page->maker, list);
        template_put_str(&page->maker, log, "name", logs[i].name);
        page_put_number(page, log, "size", logs[i].size);
        template_put_str(&page->maker, log, "vkey", logs[i].vkey);
        if (logs[i].is_anchored)
            template_put_str(&page->maker, log, "anchored",
                             pd_arena_printf(page->arena, "%.*s, %.*s",
                                             pd_arg(page_number(page, logs[i].anchored)),
                                             pd_arg(page_date(page, logs[i].anchored_at))));
    }
}

static enum pd_status put_checkpoint(struct page *page, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str text;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    enum pd_status st = govern_log_write(page->call->g, PD_STR("public"), UINT64_MAX, 0, &w, err);
    if (st != PD_OK) {
        pd_json_clear(&w);
        pd_buf_clear(&buf);
        return st;
    }
    if ((st = pd_json_finish(&w, page->arena, &text, err)) != PD_OK)
        return st;
    pd_str checkpoint = pd_json_read_text(pd_json_find(text, "checkpoint"), page->arena);
    if (checkpoint.len)
        template_put_str(&page->maker, page->values, "checkpoint", checkpoint);
    return PD_OK;
}

/* The keys that a stranger checks with, as verify.html takes them: a line each. */
static enum pd_status put_keys(struct page *page, struct pd_error *err) {
    const struct govern_keys *keys;
    struct pd_buf lines;
    enum pd_status st = govern_keys_list(page->call->g, page->arena, &keys, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&lines, 1 << 16);
    for (size_t i = 0; i < keys->key_count; i++)
        if (pd_str_is(keys->keys[i].holder, "receipts") ||
            pd_str_is(keys->keys[i].holder, "log/public"))
            pd_buf_printf(&lines, "%.*s\n", pd_arg(keys->keys[i].vkey));
    template_put_str(&page->maker, page->values, "keys",
                     pd_arena_str(page->arena, pd_buf_view(&lines)));
    pd_buf_clear(&lines);
    return PD_OK;
}

static enum pd_status put_witnesses(struct page *page, struct pd_error *err) {
    struct govern_witnessing w;
    enum pd_status st = govern_witnessing(page->call->g, page->arena, &w, err);
    if (st != PD_OK || !w.has_policy)
        return st;
    page_put_number(page, page->values, "count", w.count);
    page_put_number(page, page->values, "witnessed", w.witnessed);
    return PD_OK;
}

void portal_get_ledger(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_log *logs;
    struct catalogue_summary summary;
    size_t count;
    if (!page_begin(&page, call, "ledger"))
        return;
    enum pd_status st = govern_logs(call->g, page.arena, &logs, &count, &err);
    if (st == PD_OK)
        st = catalogue_summary(call->g, page.arena, &summary, &err);
    if (st == PD_OK)
        st = put_checkpoint(&page, &err);
    if (st == PD_OK)
        st = put_witnesses(&page, &err);
    if (st == PD_OK)
        st = put_keys(&page, &err);
    struct catalogue_acts_query query = {.only_public = true, .page = {.limit = 10}};
    if (st == PD_OK)
        st = pages_put_acts(&page, &query, NULL, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    put_logs(&page, logs, count);
    struct template_value *state = template_put_map(&page.maker, page.values, "state");
    template_put_bool(&page.maker, state, "has", summary.has_checkpoint);
    template_put_text(&page.maker, state, "kind", summary.has_checkpoint ? "good" : "wait");
    page_put_number(&page, state, "leaves", count ? logs[0].size : 0);
    if (summary.pending)
        page_put_number(&page, state, "pending", summary.pending);
    const struct portal_part *checker = portal_part_find(PD_STR("verify.html"));
    if (checker)
        template_put_text(&page.maker, page.values, "page_hash", checker->sha256);
    page_title(&page, page_word(&page, "ledger.title"));
    page_send(&page, 200, "ledger");
}
