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

/** The curve of loss against risk, and how risk would move if another column were known; of a plan that is
 * suggested, and of one that a node found. Nothing without points. */
void protect_tell_curve(const struct cli_report *r, const struct govern_candidate *list,
                        size_t count, size_t chosen);
void protect_tell_others(const struct cli_report *r, const pd_str *names,
                         const struct govern_other *others, size_t count);
void protect_tell_planned(const struct cli_report *r, const struct govern_planned *p,
                          const char *target, bool has_key);
void protect_tell_suggestion(const struct cli_report *r, const struct govern_suggestion *s,
                             const char *target);

#endif
