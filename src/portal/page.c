/*
 * From values to a page. Templates are found by their names, and texts as partials too
 * ("t.home.title"), so that a text may hold values, which are escaped where they stand.
 */
#include "portal/page.h"
#include "portal/portal_parts.h"

#include <string.h>

enum { PAGE_BYTES_MAX = 4 << 20 };

struct page_part {
    pd_str name;
    const struct template *template;
    struct page_part *next;
};

static const struct template *find_part(void *context, pd_str name) {
    struct page *page = context;
    for (struct page_part *p = page->parts; p; p = p->next)
        if (pd_str_eq(p->name, name))
            return p->template;
    pd_str source = {NULL, 0};
    if (pd_str_starts(name, PD_STR("t."))) {
        const struct portal_text *text = portal_text_find(pd_str_sub(name, 2, name.len));
        source = !text ? source : page->language[0] == 'z' ? text->zh : text->en;
    } else {
        const struct portal_part *part =
            portal_part_find(pd_arena_printf(page->arena, "%.*s.mustache", pd_arg(name)));
        source = part ? part->data : source;
    }
    struct page_part *part = pd_arena_alloc(page->arena, sizeof(*part));
    struct pd_error err;
    if (!source.data || !part ||
        template_parse(source, page->arena, &part->template, &err) != PD_OK)
        return NULL; /* the tests parse every part, so that only the arena can fail */
    part->name = name;
    part->next = page->parts;
    page->parts = part;
    return part->template;
}

/* ---- What every page shows ---- */

static const struct {
    const char *section, *path, *text;
} NAVIGATION[] = {
    {"datasets", "/datasets", "nav.datasets"}, {"publish", "/publish", "nav.publish"},
    {"demands", "/demands", "nav.demands"},    {"proposals", "/proposals", "nav.proposals"},
    {"intents", "/intents", "nav.intents"},    {"cases", "/cases", "nav.cases"},
    {"rules", "/rules", "nav.rules"},
    {"ledger", "/ledger", "nav.ledger"},       {"parties", "/parties", "nav.parties"},
};

static void put_navigation(struct page *page, const char *section) {
    struct template_value *list = template_put_list(&page->maker, page->values, "navigation");
    for (size_t i = 0; i < sizeof(NAVIGATION) / sizeof(NAVIGATION[0]); i++) {
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_text(&page->maker, entry, "path", NAVIGATION[i].path);
        template_put_str(&page->maker, entry, "text", page_word(page, NAVIGATION[i].text));
        template_put_bool(&page->maker, entry, "is_here",
                          strcmp(NAVIGATION[i].section, section) == 0);
    }
}

static void put_languages(struct page *page) {
    bool is_zh = page->language[0] == 'z';
    pd_str path = page->call->request->path;
    size_t rest = path.len >= 3 ? 3 : path.len;
    bool has_prefix = pd_str_starts(path, PD_STR("/en")) || pd_str_starts(path, PD_STR("/zh"));
    bool is_get = strcmp(page->call->request->method, "GET") == 0;
    pd_str same = has_prefix && is_get ? pd_str_sub(path, rest, path.len) : PD_STR("");
    template_put_text(&page->maker, page->values, "lang", is_zh ? "zh-Hans" : "en");
    template_put_text(&page->maker, page->values, "root", is_zh ? "/zh" : "/en");
    template_put_text(&page->maker, page->values, "other_lang", is_zh ? "en" : "zh-Hans");
    template_put_text(&page->maker, page->values, "other_name",
                      is_zh ? "English" : "\xe4\xb8\xad\xe6\x96\x87");
    template_put_str(&page->maker, page->values, "other_path",
                     pd_arena_printf(page->arena, "/%s%.*s", is_zh ? "en" : "zh", pd_arg(same)));
}

static void begin(struct page *page, struct serve_call *call, const char *language,
                  const char *section) {
    *page = (struct page){
        .call = call, .language = language, .arena = call->arena, .maker = {.arena = call->arena}};
    page->values = template_new(&page->maker, TEMPLATE_MAP);
    put_languages(page);
    put_navigation(page, section);
    const struct portal_part *styles = portal_part_find(PD_STR("polder.css"));
    template_put_str(&page->maker, page->values, "styles",
                     pd_arena_printf(page->arena, "%.16s", styles ? styles->sha256 : ""));
    if (!call->is_known)
        return;
    struct template_value *who = template_put_map(&page->maker, page->values, "who");
    template_put_str(&page->maker, who, "party", call->who.party);
    template_put_str(&page->maker, who, "member", call->who.member);
    template_put_str(&page->maker, page->values, "csrf", call->who.csrf);
}

bool page_begin(struct page *page, struct serve_call *call, const char *section) {
    pd_str language = http_param(call->request, "language");
    bool is_zh = pd_str_is(language, "zh");
    if (!is_zh && !pd_str_is(language, "en")) {
        portal_refuse(call, 404, "");
        return false;
    }
    begin(page, call, is_zh ? "zh" : "en", section);
    return true;
}

void page_begin_anywhere(struct page *page, struct serve_call *call) {
    pd_str path = call->request->path;
    const char *language = pd_str_starts(path, PD_STR("/zh/"))   ? "zh"
                           : pd_str_starts(path, PD_STR("/en/")) ? "en"
                                                                 : call->language;
    begin(page, call, language && language[0] == 'z' ? "zh" : "en", "");
}

void page_title(struct page *page, pd_str title) {
    template_put_str(&page->maker, page->values, "title", title);
}

/* ---- Sending ---- */

static void add_headers(struct serve_call *call) {
    http_add_header(
        call->response, "Content-Security-Policy",
        PD_STR("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
               "base-uri 'none'; frame-ancestors 'none'"));
    http_add_header(call->response, "Referrer-Policy", PD_STR("same-origin"));
    http_add_header(call->response, "Cross-Origin-Opener-Policy", PD_STR("same-origin"));
    if (call->is_known)
        http_add_header(call->response, "Cache-Control", PD_STR("private, no-store"));
    http_add_header(call->response, "Vary", PD_STR("Cookie"));
}

void page_send(struct page *page, int status, const char *name) {
    struct pd_error err = {0};
    struct pd_buf out;
    const struct template *template = find_part(page, pd_str_from(name));
    pd_str html = {NULL, 0};
    pd_buf_init(&out, PAGE_BYTES_MAX);
    enum pd_status st =
        template
            ? template_render(template, page->values, &page->maker, find_part, page, &out, &err)
            : pd_fail(&err, PD_INTERNAL, "the template \"%s\" can't be used", name);
    if (st == PD_OK) {
        html = pd_arena_str(page->arena, pd_buf_view(&out));
        if (!html.data)
            st = pd_fail_memory(&err);
    }
    pd_buf_clear(&out);
    if (st != PD_OK) { /* a refusal can't be a page then */
        http_fail(page->call->request, page->call->response, &err);
        return;
    }
    http_respond(page->call->response, status, "text/html; charset=utf-8", html);
    add_headers(page->call);
}

void page_fail(struct page *page, const struct pd_error *err) {
    portal_refuse(page->call, pd_outcome_get(err->status)->http, err->text);
}

void page_go(struct page *page, pd_str path) {
    serve_redirect(page->call,
                   pd_arena_printf(page->arena, "/%s%.*s", page->language, pd_arg(path)));
}

/* ---- Refusals ---- */

void portal_refuse(struct serve_call *call, int status, const char *detail) {
    static const struct {
        int status;
        const char *key;
    } TITLES[] = {
        {400, "problem.bad"},       {401, "problem.sign_in"},  {403, "problem.denied"},
        {404, "problem.not_found"}, {409, "problem.conflict"}, {412, "problem.conflict"},
        {413, "problem.too_large"}, {429, "problem.too_many"}, {503, "problem.unavailable"}};
    struct page page;
    const char *key = status >= 500 ? "problem.ours" : "problem.bad";
    for (size_t i = 0; i < sizeof(TITLES) / sizeof(TITLES[0]); i++)
        if (TITLES[i].status == status)
            key = TITLES[i].key;
    page_begin_anywhere(&page, call);
    page_title(&page, page_word(&page, key));
    template_put_number(&page.maker, page.values, "status", status);
    pd_str text = pd_arena_str(page.arena, pd_str_from(detail ? detail : ""));
    if (status != 404)
        template_put_str(&page.maker, page.values, "detail", text);
    template_put_bool(&page.maker, page.values, "is_not_found", status == 404);
    template_put_bool(&page.maker, page.values, "is_ours", status >= 500);
    template_put_bool(&page.maker, page.values, "may_sign_in",
                      !call->is_known && (status == 401 || status == 403));
    page_send(&page, status, "problem");
}
