/* What the files of polder protect share; never leaves the folder. */
#ifndef POLDER_CLI_PROTECT_H
#define POLDER_CLI_PROTECT_H

#include "cli/cli.h"

/** --k, --max-suppressed, --model and --hierarchy. PD_USAGE says what there is. */
PD_CHECK enum pd_status protect_words_read(struct cli *cli, const struct pd_args *args,
                                           struct govern_suggest_ask *out, struct pd_error *err);
/** --key: 64 hex digits in a file of the owner's alone; --new-key: makes one. *has: whether either
 * is given. The caller wipes `key`. */
PD_CHECK enum pd_status protect_words_key(struct cli *cli, const struct pd_args *args,
                                          uint8_t key[CRYPTO_KEY_SIZE], bool *has,
                                          struct pd_error *err);

void protect_tell_planned(const struct cli_report *r, const struct govern_planned *p,
                          const char *target, bool has_key);
void protect_tell_suggestion(const struct cli_report *r, const struct govern_suggestion *s,
                             const char *target);

#endif
