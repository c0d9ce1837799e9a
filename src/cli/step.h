/* What two parties do together: one asks, another agrees, the first may withdraw. Without --yes a
 * step is only shown (exit status 75). Never leaves the folder. */
#ifndef POLDER_CLI_STEP_H
#define POLDER_CLI_STEP_H

#include "cli/cli.h"

struct cli_step {
    struct cli *cli;
    struct govern *g;
    struct govern_destruction d; /* id: of the operand; who acts; why */
    bool may;                    /* --yes */
};
struct cli_step_kind {
    const char *name;   /* of the command */
    bool needs_no_yes;  /* nothing is lost by it */
    bool has_reason;    /* --reason */
    enum pd_status (*take)(struct cli_step *step, void *state, struct pd_error *err);
    void (*tell)(const struct cli_report *r, const struct cli_step *step, const void *state);
    void (*write)(struct pd_json *w, const struct cli_step *step, const void *state);
};
/** Reads id, actor and key, opens the node, takes the step, tells what came of it. Exit code. */
int cli_step_run(struct cli *cli, const struct pd_args *args, const struct cli_step_kind *kind,
                 void *state);
/** Closes the node and prints; 75 if there is something still to do. Exit code. */
int cli_step_end(struct cli *cli, struct govern *g, enum pd_status st, bool has_written,
                 bool is_done, struct pd_buf *out, const struct pd_error *err);
/** {"polder":1, ...what `write` says...} as a document of its own. */
void cli_step_write(const struct cli_step_kind *kind, const struct cli_step *step,
                    const void *state, struct pd_buf *out);
/** "request": its id or null; "outcome": of an act or null. */
void cli_step_write_request(struct pd_json *w, const pd_id *request);
void cli_step_write_outcome(struct pd_json *w, const struct govern_outcome *outcome);
/** key withdraw, erase withdraw. */
int cli_step_withdraw(struct cli *cli, const struct pd_args *args, bool of_person);

#endif
