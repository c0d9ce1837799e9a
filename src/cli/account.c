/* polder account invite, set-password, list, lock, unlock; polder token create, list, revoke. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum { PASSWORD_FILE_MAX = ACCOUNT_PASSWORD_MAX + 2 };

/* PARTY/NAME */
static enum pd_status parse_name(const char *text, pd_str *party, pd_str *member,
                                 struct pd_error *err) {
    pd_str all = pd_str_from(text);
    size_t slash = pd_str_find_char(all, '/');
    if (slash == PD_NPOS || slash == 0 || slash + 1 == all.len)
        return pd_fail(err, PD_USAGE, "\"%s\" must be a member as PARTY/NAME", text);
    *party = pd_str_sub(all, 0, slash);
    *member = pd_str_sub(all, slash + 1, all.len);
    return PD_OK;
}

static void day(pd_time time, char out[PD_TIME_TEXT_SIZE]) {
    pd_time_write(time, PD_TIME_MINUTES, out);
}

static void write_time(struct pd_json *w, const char *name, pd_time time) {
    pd_json_key(w, name);
    if (time)
        pd_json_time(w, time);
    else
        pd_json_null(w);
}

/* ---- Accounts ---- */

int cli_account_invite(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str party, member, code = {0};
    uint64_t days;
    char until[PD_TIME_TEXT_SIZE];
    pd_time now = pd_clock_now(&cli->clock);
    pd_buf_init(&out, 0);
    enum pd_status st = parse_name(pd_args_operand(args, 0), &party, &member, &err);
    if (st == PD_OK)
        st = cli_parse_count(args, "days", 7, &days, &err);
    if (st == PD_OK && days > 30)
        st = pd_fail(&err, PD_USAGE, "an invitation lasts 1 to 30 days");
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK)
        st = account_invite(govern_store(g), party, member, (pd_time)days * PD_DAY, now, cli->arena,
                            &code, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_member_str(&w, "code", code);
        write_time(&w, "expires_at", now + (pd_time)days * PD_DAY);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        day(now + (pd_time)days * PD_DAY, until);
        cli_say(&out, 0, 2, "%.*s/%.*s sets a password with this code, once, until %s. It isn't shown again.",
                pd_arg(party), pd_arg(member), until);
        cli_say(&out, 2, 4, "%.*s", pd_arg(code));
    }
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* From a file that only its owner may read, or the environment: never from an argument. */
static enum pd_status read_password(struct cli *cli, const struct pd_args *args, pd_str *out,
                                    struct pd_error *err) {
    const char *path = pd_args_get(args, "password-file"), *given = getenv("POLDER_PASSWORD");
    if (path) {
        enum pd_status st = cli_key_read(cli, path, out, err);
        while (st == PD_OK && out->len && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
            out->len--;
        return st;
    }
    if (!given)
        return pd_fail(err, PD_USAGE, "the password stands in a file (--password-file) or in the "
                                      "environment variable POLDER_PASSWORD");
    *out = pd_arena_str(cli->arena, pd_str_from(given));
    return out->data ? PD_OK : pd_fail_memory(err);
}

int cli_account_set_password(const struct pd_command *command, const struct pd_args *args,
                             void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str party, member, password = {0};
    pd_buf_init(&out, 0);
    enum pd_status st = parse_name(pd_args_operand(args, 0), &party, &member, &err);
    if (st == PD_OK)
        st = read_password(cli, args, &password, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK)
        st = account_set_password(govern_store(g), party, member, password,
                                  pd_clock_now(&cli->clock), &err);
    if (password.len)
        crypto_wipe((char *)(uintptr_t)password.data, password.len);
    if (st == PD_OK)
        cli_say(&out, 0, 2, "%.*s/%.*s has this password now; every session ended.", pd_arg(party),
                pd_arg(member));
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

static int set_lock(struct cli *cli, const struct pd_args *args, const char *command,
                    bool is_locked) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str party, member;
    pd_buf_init(&out, 0);
    enum pd_status st = parse_name(pd_args_operand(args, 0), &party, &member, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command, &g, &err);
    if (st == PD_OK)
        st = account_lock(govern_store(g), party, member, is_locked, &err);
    if (st == PD_OK)
        cli_say(&out, 0, 2, is_locked ? "%.*s/%.*s is locked; every session ended, and tokens don't count."
                                      : "%.*s/%.*s may sign in again.",
                pd_arg(party), pd_arg(member));
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_account_lock(const struct pd_command *command, const struct pd_args *args, void *context) {
    return set_lock(context, args, command->name, true);
}

int cli_account_unlock(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    return set_lock(context, args, command->name, false);
}

static void write_accounts(const struct account *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "accounts");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct account *a = &list[i];
        pd_json_object(&w);
        pd_json_member_str(&w, "party", a->party);
        pd_json_member_str(&w, "member", a->member);
        pd_json_member_bool(&w, "locked", a->is_locked);
        pd_json_member_bool(&w, "ended", a->has_ended);
        write_time(&w, "password_at", a->password_at);
        write_time(&w, "invited_until", a->invite_until);
        pd_json_member_i64(&w, "sessions", (int64_t)a->sessions);
        pd_json_member_i64(&w, "tokens", (int64_t)a->tokens);
        pd_json_member_i64(&w, "links", (int64_t)a->links);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_account_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct account *list = NULL;
    size_t count = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, command->name, &g, &err);
    if (st == PD_OK)
        st = account_list(govern_store(g), pd_str_from(pd_args_get(args, "party")),
                          pd_clock_now(&cli->clock), cli->arena, &list, &count, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_accounts(list, count, &out);
    for (size_t i = 0; st == PD_OK && !pd_args_has(args, "json") && i < count; i++) {
        const struct account *a = &list[i];
        cli_say(&out, 0, 2, "%.*s/%.*s: %s%s, sessions: %llu, tokens: %llu, links: %llu",
                pd_arg(a->party), pd_arg(a->member),
                a->has_ended   ? "ended"
                : a->is_locked ? "locked"
                               : "open",
                a->has_password     ? ""
                : a->invite_until ? ", invited"
                                    : ", no password",
                (unsigned long long)a->sessions, (unsigned long long)a->tokens,
                (unsigned long long)a->links);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- Tokens ---- */

static enum pd_status join_scopes(struct cli *cli, const struct pd_args *args, pd_str *out,
                                  struct pd_error *err) {
    pd_str all = PD_STR("");
    for (size_t i = 0; i < pd_args_count(args, "scope"); i++)
        all = pd_arena_printf(cli->arena, "%.*s%s%s", pd_arg(all), i ? " " : "",
                              pd_args_nth(args, "scope", i));
    *out = all;
    return all.data ? govern_scopes_check(all, err) : pd_fail_memory(err);
}

int cli_token_create(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str party, member, scopes, secret = {0};
    uint64_t days;
    pd_id id;
    char text[PD_ID_TEXT_SIZE], until[PD_TIME_TEXT_SIZE];
    pd_time now = pd_clock_now(&cli->clock);
    pd_buf_init(&out, 0);
    enum pd_status st = parse_name(pd_args_operand(args, 0), &party, &member, &err);
    if (st == PD_OK)
        st = join_scopes(cli, args, &scopes, &err);
    if (st == PD_OK)
        st = cli_parse_count(args, "days", 90, &days, &err);
    if (st == PD_OK && days > 366)
        st = pd_fail(&err, PD_USAGE, "a token lasts 1 to 366 days");
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK)
        st = account_token_make(govern_store(g), party, member,
                                pd_str_from(pd_args_get(args, "title")), scopes,
                                (pd_time)days * PD_DAY, now, cli->arena, &secret, &id, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "id");
        cli_json_id(&w, id);
        pd_json_member_str(&w, "token", secret);
        write_time(&w, "expires_at", now + (pd_time)days * PD_DAY);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        pd_id_write(id, text);
        day(now + (pd_time)days * PD_DAY, until);
        cli_say(&out, 0, 2, "The token %s, until %s. It isn't shown again.", text, until);
        cli_say(&out, 2, 4, "%.*s", pd_arg(secret));
    }
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

static void write_tokens(const struct account_token *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "tokens");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct account_token *t = &list[i];
        pd_json_object(&w);
        pd_json_key(&w, "id");
        cli_json_id(&w, t->id);
        pd_json_member_str(&w, "party", t->party);
        pd_json_member_str(&w, "member", t->member);
        pd_json_member_str(&w, "title", t->title);
        pd_json_member_str(&w, "scopes", t->scopes);
        write_time(&w, "made_at", t->made_at);
        write_time(&w, "expires_at", t->expires_at);
        write_time(&w, "used_at", t->used_at);
        write_time(&w, "revoked_at", t->revoked_at);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_token_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct account_token *list = NULL;
    size_t count = 0;
    struct pd_buf out;
    pd_time now = pd_clock_now(&cli->clock);
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, command->name, &g, &err);
    if (st == PD_OK)
        st = account_tokens(govern_store(g), pd_str_from(pd_args_get(args, "party")), (pd_str){0},
                            cli->arena, &list, &count, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_tokens(list, count, &out);
    for (size_t i = 0; st == PD_OK && !pd_args_has(args, "json") && i < count; i++) {
        const struct account_token *t = &list[i];
        char id[PD_ID_TEXT_SIZE], until[PD_TIME_TEXT_SIZE];
        pd_id_write(t->id, id);
        day(t->expires_at, until);
        cli_say(&out, 0, 2, "%s %.*s/%.*s \"%.*s\": %.*s; %s %s", id, pd_arg(t->party),
                pd_arg(t->member), pd_arg(t->title), pd_arg(t->scopes),
                t->revoked_at         ? "revoked, would have ended"
                : t->expires_at <= now ? "expired"
                                       : "until",
                until);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_token_revoke(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_id id;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &id, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK)
        st = account_token_revoke(govern_store(g), id, NULL, pd_clock_now(&cli->clock), &err);
    if (st == PD_OK)
        cli_say(&out, 0, 2, "The token is revoked.");
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
