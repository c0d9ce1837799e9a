/* Signing in and out, and what a member sees of the own account. Passwords are never shown, kept or
 * logged. */
#include "portal/pages.h"

#include <string.h>

static struct store *store_of(const struct page *page) {
    return govern_store(page->call->g);
}

static pd_str field(const struct page *page, const char *name) {
    pd_str value = PD_STR("");
    (void)serve_form(page->call, name, &value);
    return value;
}

void pages_put_error(struct page *page, const char *key, const char *field_id,
                     const char *detail) {
    struct template_value *error = template_put_map(&page->maker, page->values, "error");
    template_put_str(&page->maker, error, "text", page_word(page, key));
    if (field_id[0])
        template_put_text(&page->maker, error, "field", field_id);
    template_put_str(&page->maker, error, "detail",
                     pd_arena_str(page->arena, pd_str_from(detail ? detail : "")));
}

static pd_str cookie_of(const struct page *page) {
    return account_cookie_find(http_header(page->call->request, "Cookie"),
                               serve_is_plain(page->call->serve));
}

static void set_cookie(struct page *page, pd_str secret) {
    http_add_header(page->call->response, "Set-Cookie",
                    account_cookie_write(secret, serve_is_plain(page->call->serve), page->arena));
}

/* Where to go afterwards: a path of this language only, so that nobody is sent to another site;
 * of letters that a cookie may hold. */
pd_str pages_way_back(struct page *page, pd_str wanted) {
    pd_str root = pd_arena_printf(page->arena, "/%s/", page->language);
    bool is_ours = pd_str_starts(wanted, root) && wanted.len < 500;
    for (size_t i = 0; i < wanted.len; i++)
        is_ours = is_ours && wanted.data[i] > 0x20 && wanted.data[i] < 0x7f &&
                  !strchr("\\;,\"", wanted.data[i]);
    return is_ours ? wanted : pd_str_sub(root, 0, 3);
}

/* The form's own copy of a password, once it is used. */
static void wipe(pd_str secret) {
    if (secret.len)
        crypto_wipe((char *)(uintptr_t)secret.data, secret.len);
}

/* ---- Signing in ---- */

void pages_show_sign_in(struct page *page, int status, pd_str to) {
    struct pd_error err = {0};
    if (pages_put_providers(page, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    template_put_str(&page->maker, page->values, "to", to);
    template_put_str(&page->maker, page->values, "to_query", page_encode(page, to));
    page_title(page, page_word(page, "sign_in.title"));
    page_send(page, status, "sign_in");
}

void portal_get_sign_in(struct serve_call *call) {
    struct page page;
    if (page_begin(&page, call, ""))
        pages_show_sign_in(&page, 200, pages_way_back(&page, page_query(&page, "to")));
}

void portal_post_sign_in(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct account_session session;
    int64_t wait_s = 0;
    if (!page_begin(&page, call, ""))
        return;
    pd_str to = pages_way_back(&page, field(&page, "to"));
    struct account_try given = {.name = pd_str_trim(field(&page, "name")),
                                .password = field(&page, "password"),
                                .address = serve_address(call),
                                .cookie = cookie_of(&page)};
    enum pd_status st =
        account_sign_in(store_of(&page), &given, call->now, page.arena, &session, &wait_s, &err);
    wipe(given.password);
    if (st == PD_OK) {
        serve_redirect(call, to);
        set_cookie(&page, session.secret);
    } else if (st == PD_DENIED) {
        pages_put_error(&page, wait_s > 0 ? "sign_in.wait" : "sign_in.wrong", "name", NULL);
        template_put_str(&page.maker, page.values, "given_name", given.name);
        pages_show_sign_in(&page, wait_s > 0 ? 429 : 401, to);
    } else {
        page_fail(&page, &err);
    }
}

void portal_post_sign_out(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    if (!page_begin(&page, call, ""))
        return;
    if (account_sign_out(store_of(&page), cookie_of(&page), &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    page_go(&page, PD_STR(""));
    set_cookie(&page, PD_STR(""));
}

/* ---- Invitations ---- */

void pages_show_invitation(struct page *page, int status) {
    struct pd_error err = {0};
    if (pages_put_providers(page, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    page_title(page, page_word(page, "invitation.title"));
    page_send(page, status, "invitation");
}

void portal_get_invitation(struct serve_call *call) {
    struct page page;
    if (page_begin(&page, call, ""))
        pages_show_invitation(&page, 200);
}

void portal_post_invitation(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct account_session session;
    int64_t wait_s = 0;
    if (!page_begin(&page, call, ""))
        return;
    pd_str code = pd_str_trim(field(&page, "code")), password = field(&page, "password");
    if (field(&page, "provider").len) {
        pages_begin_invited(&page, field(&page, "provider"), code);
        return;
    }
    enum pd_status st = account_redeem(store_of(&page), code, password, serve_address(call),
                                       call->now, page.arena, &session, &wait_s, &err);
    wipe(password);
    if (st == PD_OK) {
        page_go(&page, PD_STR(""));
        set_cookie(&page, session.secret);
    } else if (st == PD_DENIED) {
        pages_put_error(&page, wait_s > 0 ? "sign_in.wait" : "invitation.wrong", "code", NULL);
        pages_show_invitation(&page, wait_s > 0 ? 429 : 403);
    } else if (st == PD_INVALID) {
        pages_put_error(&page, "account.wrong", "password", err.text);
        template_put_str(&page.maker, page.values, "given_code", code);
        pages_show_invitation(&page, 400);
    } else {
        page_fail(&page, &err);
    }
}

/* ---- The account ---- */

static enum pd_status put_sessions(struct page *page, struct pd_error *err) {
    const struct account_open *open;
    size_t count;
    enum pd_status st = account_sessions(store_of(page), page->call->who.account_id,
                                         page->call->now, page->arena, &open, &count, err);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, "sessions");
    for (size_t i = 0; i < count; i++) {
        struct template_value *entry = template_push_map(&page->maker, list);
        page_put_code(page, entry, "how", "how", open[i].how);
        page_put_time(page, entry, "made", open[i].made_at);
        page_put_time(page, entry, "expires", open[i].expires_at);
    }
    return PD_OK;
}

static void show_account(struct page *page, int status) {
    struct pd_error err = {0};
    const struct account_who *who = &page->call->who;
    if (put_sessions(page, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    struct template_value *duties = template_put_list(&page->maker, page->values, "duties");
    for (size_t i = 0; i < who->duty_count; i++)
        page_put_code(page, template_push_map(&page->maker, duties), "text", "duty",
                      who->duties[i]);
    template_put_bool(&page->maker, page->values, "has_duties", who->duty_count > 0);
    page_put_party(page, page->values, "own", who->party);
    page_title(page, page_word(page, "account.title"));
    page_send(page, status, "account");
}

/* Whoever isn't signed in is sent to do so, and comes back. */
bool pages_is_signed_in(struct page *page) {
    if (page->call->is_known && page->call->who.how == ACCOUNT_BY_SESSION)
        return true;
    page_go(page, pd_arena_printf(page->arena, "/sign-in?to=%.*s",
                                  pd_arg(page_encode(page, page->call->request->path))));
    return false;
}

void portal_get_account(struct serve_call *call) {
    struct page page;
    if (!page_begin(&page, call, "") || !pages_is_signed_in(&page))
        return;
    template_put_bool(&page.maker, page.values, "is_changed", page_query(&page, "changed").len > 0);
    show_account(&page, 200);
}

void portal_post_everywhere(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    if (!page_begin(&page, call, "") || !pages_is_signed_in(&page))
        return;
    if (account_sign_out_everywhere(store_of(&page), call->who.account_id, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    page_go(&page, PD_STR(""));
    set_cookie(&page, PD_STR(""));
}

void portal_post_password(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct account_session session;
    int64_t wait_s = 0;
    if (!page_begin(&page, call, "") || !pages_is_signed_in(&page))
        return;
    pd_str old = field(&page, "old"), new = field(&page, "new");
    enum pd_status st =
        account_change_password(store_of(&page), &call->who, old, new, serve_address(call),
                                call->now, page.arena, &session, &wait_s, &err);
    wipe(old);
    wipe(new);
    if (st == PD_OK) {
        page_go(&page, PD_STR("/account?changed=1"));
        set_cookie(&page, session.secret);
    } else if (st == PD_DENIED || st == PD_INVALID) {
        pages_put_error(&page, wait_s > 0 ? "sign_in.wait" : "account.wrong",
                  st == PD_INVALID ? "new" : "old", st == PD_INVALID ? err.text : NULL);
        show_account(&page, st == PD_INVALID ? 400 : 403);
    } else {
        page_fail(&page, &err);
    }
}
