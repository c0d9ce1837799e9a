/**
 * Checkpoints that this machine saw before, kept outside of any data folder: what finds a folder
 * that was rolled back or forked. One file for each log and key.
 */
#ifndef POLDER_CLI_SEEN_H
#define POLDER_CLI_SEEN_H

#include "cli/cli.h"

struct cli_seen {
    const char *folder; /* NULL: nowhere to keep them */
    pd_str *notes;      /* those read */
    size_t count;
    struct cli_seen_log {
        const char *path; /* of the log's file */
        bool had, is_kept;
        const char *fork; /* where the other statement was kept; or NULL */
    } * logs;             /* as govern_logs */
    size_t log_count;
    pd_str trouble; /* why they could not be kept; or empty */
};

/** Reads what was seen of the node's logs. folder: NULL for the usual one. PD_IO, PD_LIMIT: a file
 * is there and can't be read. */
PD_CHECK enum pd_status cli_seen_load(struct cli *cli, struct govern *g, const char *folder,
                                      struct cli_seen *out, struct pd_error *err);
/** Keeps the newest checkpoint of each log that is whole; of one that forked keeps both statements.
 */
void cli_seen_save(struct cli *cli, const struct govern_verified *v, struct cli_seen *seen);
void cli_seen_tell(const struct cli_seen *seen, struct pd_buf *out);
/** Member "seen" of a log: "first", "passed", "kept apart" or null. */
void cli_seen_write(const struct cli_seen *seen, size_t log, struct pd_json *w);

#endif
