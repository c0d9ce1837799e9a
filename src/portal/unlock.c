/* What stands between requests and their data, by what would let most of them through. */
#include "portal/pages.h"

static const char *const KINDS[] = {[GOVERN_BY_ARTICLE] = "unlock.article",
                                    [GOVERN_BY_FACT] = "unlock.fact",
                                    [GOVERN_BY_CHANGE] = "unlock.change",
                                    [GOVERN_BY_SIGNATURE] = "unlock.signature"};

static void put_block(struct page *page, struct template_value *list,
                      const struct govern_block *block) {
    struct template_value *entry = template_push_map(&page->maker, list);
    bool is_zh = page->language[0] == 'z';
    pd_str title = block->name;
    if (block->kind == GOVERN_BY_FACT)
        title = pages_fact_title(page, block->name);
    else if (block->kind == GOVERN_BY_CHANGE)
        title = pages_obligation(page, block->name);
    else if (block->article)
        title = is_zh && block->article->title_zh.len ? block->article->title_zh
                                                      : block->article->title;
    template_put_str(&page->maker, entry, "title", title.len ? title : block->name);
    if (block->kind == GOVERN_BY_SIGNATURE)
        page_put_party(page, entry, "party", block->name);
    template_put_str(&page->maker, entry, "kind", page_word(page, KINDS[block->kind]));
    page_put_number(page, entry, "blocked", block->blocked.cases);
    if (block->unlocked.cases)
        page_put_number(page, entry, "unlocked", block->unlocked.cases);
    if (block->kind == GOVERN_BY_FACT && block->fact)
        template_put_str(&page->maker, entry, "who_can",
                         is_zh && block->fact->supplier_zh.len ? block->fact->supplier_zh
                                                               : block->fact->supplier);
    if (block->kind == GOVERN_BY_ARTICLE)
        template_put_str(&page->maker, entry, "rule", block->name);
}

void portal_get_unlock(struct serve_call *call) {
    enum { SHOWN = 20 };
    struct page page;
    struct pd_error err = {0};
    const struct govern_blocks *blocks;
    if (!page_begin(&page, call, ""))
        return;
    if (govern_unlock_lately(call->g, page.arena, &blocks, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct template_value *list = template_put_list(&page.maker, page.values, "blocks");
    for (size_t i = 0; i < blocks->block_count && i < SHOWN; i++)
        put_block(&page, list, &blocks->blocks[i]);
    template_put_bool(&page.maker, page.values, "has_blocks", blocks->block_count > 0);
    if (blocks->waiting.cases)
        page_put_number(&page, page.values, "waiting", blocks->waiting.cases);
    page_put_time(&page, page.values, "at", blocks->at);
    page_put_number(&page, page.values, "rows", blocks->waiting.rows);
    if (blocks->passing.cases)
        page_put_number(&page, page.values, "passing", blocks->passing.cases);
    page_title(&page, page_word(&page, "unlock.title"));
    page_send(&page, 200, "unlock");
}
