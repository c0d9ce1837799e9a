/*
 * Signs in by a provider without a server, for tests/blackbox/oidc.test.mjs:
 *     sign_in_oidc FOLDER begin PROVIDER REDIRECT_URI [INVITATION]     the address to go to, and the flow's secret
 *     sign_in_oidc FOLDER finish CODE STATE ISS SECRET                 PARTY/NAME of who signed in
 */
#include "account/account.h"

#include <stdio.h>
#include <string.h>

static enum pd_status begin(struct store *store, struct pd_arena *arena, char **args, int count,
                            struct pd_error *err) {
    struct account_flow flow;
    struct pd_clock clock = pd_clock_system();
    pd_str invitation = pd_str_from(count > 2 ? args[2] : "");
    enum pd_status st = account_oidc_begin(store, pd_str_from(args[0]), pd_str_from(args[1]),
                                           invitation, pd_clock_now(&clock), arena, &flow, err);
    if (st == PD_OK)
        printf("%.*s\n%.*s\n", pd_arg(flow.url), pd_arg(flow.secret));
    return st;
}

static enum pd_status finish(struct store *store, struct pd_arena *arena, char **args,
                             struct pd_error *err) {
    struct account_session s;
    struct account_who who;
    struct pd_clock clock = pd_clock_system();
    pd_time now = pd_clock_now(&clock);
    enum pd_status st =
        account_oidc_finish(store, pd_str_from(args[0]), pd_str_from(args[1]), pd_str_from(args[2]),
                            pd_str_from(args[3]), PD_STR(""), now, arena, &s, err);
    if (st == PD_OK) /* and the session that began is one */
        st = account_by_session(store, s.secret, now, arena, &who, err);
    if (st == PD_OK)
        printf("%.*s/%.*s\n", pd_arg(who.party), pd_arg(who.member));
    return st;
}

int main(int argc, char **argv) {
    struct pd_error err = {0};
    struct store *store = NULL;
    struct pd_arena *arena = pd_arena_new(16 << 20);
    enum pd_status st = arena && argc >= 5 ? store_open(argv[1], STORE_WRITE, "sign_in_oidc", &store, &err)
                                           : pd_fail(&err, PD_USAGE, "FOLDER begin|finish ...");
    if (st == PD_OK && strcmp(argv[2], "begin") == 0)
        st = begin(store, arena, argv + 3, argc - 3, &err);
    else if (st == PD_OK && argc == 7)
        st = finish(store, arena, argv + 3, &err);
    if (st != PD_OK)
        fprintf(stderr, "%s\n", err.text);
    store_close(store);
    pd_arena_free(arena);
    return st == PD_OK ? 0 : pd_outcome_get(st)->exit_code;
}
