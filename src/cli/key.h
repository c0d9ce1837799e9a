/* What key.c and key_create.c share. Never leaves the folder. */
#ifndef POLDER_CLI_KEY_H
#define POLDER_CLI_KEY_H

#include "cli/step.h"

/** What a party's new key changes, said before. */
void cli_key_tell_renewing(const struct cli_report *r, const struct govern_renewing *renewing);
/** "renewing": the same for machines. */
void cli_key_write_renewing(struct pd_json *w, const struct govern_renewing *renewing);
/** That a party asked, and how another one agrees. */
void cli_key_asked(const struct cli_report *r, pd_str party, const pd_id *request,
                   const struct govern_outcome *outcome);

#endif
