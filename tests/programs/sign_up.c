/* Gives a member of a node a password, for tests of pages: sign_up DATA PARTY MEMBER, the password on stdin. */
#include "account/account.h"
#include "govern/govern.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    char password[256] = "";
    if (argc != 4 || !fgets(password, sizeof(password), stdin))
        return 64;
    password[strcspn(password, "\n")] = '\0';
    struct pd_clock clock = pd_clock_system();
    enum pd_status st = govern_open(argv[1], STORE_WRITE, "a test", &clock, &g, &err);
    if (st == PD_OK)
        st = account_set_password(govern_store(g), pd_str_from(argv[2]), pd_str_from(argv[3]), pd_str_from(password),
                                  pd_clock_now(&clock), &err);
    govern_close(g);
    if (st != PD_OK)
        fprintf(stderr, "sign_up: %s\n", err.text);
    return pd_outcome_get(st)->exit_code;
}
