/**
 * cli/: the command line. Reads options, opens what they name, asks govern/ and tells the answer.
 * Results go to stdout, everything else to stderr; exit codes are those of pd_outcome_get.
 */
#ifndef POLDER_CLI_H
#define POLDER_CLI_H

#include "govern/govern.h"

#include <stdio.h>

/** What every command gets; lives as long as the program. */
struct cli {
    struct pd_arena *arena;
    struct pd_clock clock;
    bool is_terminal; /* stderr is one: progress may be drawn */
    struct govern_progress progress;
    pd_time progress_began, progress_drawn; /* 0: not yet */
};

/** Every command of the program; ends in an entry without a name. */
extern const struct pd_command cli_commands[];
extern const char cli_about[];

/* ---- main.c, progress.c, file.c: the program and the world around it ---- */

/** Prints "polder: ..." and returns the exit code of the error's status. */
int cli_fail(const struct pd_error *err);
/** Writes a finished buffer to stdout and clears it. Exit code: 0, or that of a full disk. */
int cli_print(struct pd_buf *buf);
/** "polder govern, process 4711": what a second writer is told. */
const char *cli_holder(struct cli *cli, const char *command);
/** The country that the first of the law packs is named after ("cn": CN); empty for "eu" and
 * others. */
pd_str cli_usual_country(pd_str packs, struct pd_arena *arena);

/** Draws on a terminal's stderr once a reading takes longer than a moment; else does nothing. */
const struct govern_progress *cli_progress(struct cli *cli);
/** Wipes what was drawn; to be called before anything else is printed. */
void cli_progress_end(struct cli *cli);

/** Reads a whole file of at most `limit` bytes into the arena. PD_NOT_FOUND, PD_LIMIT, PD_IO. */
PD_CHECK enum pd_status cli_file_read(struct cli *cli, const char *path, size_t limit, pd_str *out,
                                      struct pd_error *err);
/** Writes a whole file; the bytes are on disk when this returns PD_OK. An old one is replaced. */
PD_CHECK enum pd_status cli_file_write(const char *path, pd_str bytes, struct pd_error *err);

/** An id as reports print it; PD_USAGE says what it must look like. */
PD_CHECK enum pd_status cli_parse_id(const char *text, pd_id *out, struct pd_error *err);
/** "NAME=VALUE", cut at the first '='. PD_USAGE. */
PD_CHECK enum pd_status cli_parse_fact(const char *text, pd_str *name, pd_str *value,
                                       struct pd_error *err);
/** "public" or "restricted"; NULL means public. PD_USAGE. */
PD_CHECK enum pd_status cli_parse_log(const char *text, enum ledger_log *out, struct pd_error *err);
/** The value of an option that counts something; absent: `otherwise`. PD_USAGE. */
PD_CHECK enum pd_status cli_parse_count(const struct pd_args *args, const char *option,
                                        uint64_t otherwise, uint64_t *out, struct pd_error *err);

/** Name and verifier key of one of the node's logs, in the arena. */
PD_CHECK enum pd_status cli_log_find(struct cli *cli, struct govern *g, enum ledger_log log,
                                     pd_str *origin, pd_str *vkey, struct pd_error *err);

/* ---- One function per command; each in the file of its noun ---- */

int cli_init(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_govern(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_inspect(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_detect(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_decide(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_format(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_check(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_verify(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_prove(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_fact_attest(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_clock_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_clock_meet(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_act_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_act_resume(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_demo_table(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_man(const struct pd_command *command, const struct pd_args *args, void *context);

/** Reads a file of --detectors; `*out` stays as it is where path is NULL. */
PD_CHECK enum pd_status cli_detectors_read(struct cli *cli, const char *path,
                                           struct detect_site **out, struct pd_error *err);

/* ---- text.c, table.c: text on a terminal ---- */

enum { CLI_WIDTH = 100 }; /* columns that prose and tables keep within */

/** Terminal columns that a text takes: East Asian wide characters two, combining ones none. */
size_t cli_width(pd_str text);
/** Appends text that may be hostile: what would steer a terminal or turn its writing becomes '?',
    line ends become spaces. */
void cli_text(struct pd_buf *out, pd_str text);
/** As cli_text, cut with an ellipsis to `columns`; returns the columns used. */
size_t cli_text_cut(struct pd_buf *out, pd_str text, size_t columns);
/** Appends a paragraph, wrapped to CLI_WIDTH: `indent` spaces before the first line, `hang` before
    the others. The text is made safe as by cli_text. */
void cli_paragraph(struct pd_buf *out, size_t indent, size_t hang, pd_str text);
PD_PRINTF(4, 5)
void cli_say(struct pd_buf *out, size_t indent, size_t hang, const char *format, ...);

/** 1234567 as "1,234,567"; 0.034 as "3.4%". They live in `arena`. */
pd_str cli_number(struct pd_arena *arena, uint64_t n);
pd_str cli_percent(struct pd_arena *arena, double share);
/** A word for the shell, quoted if it must be. */
pd_str cli_quote(struct pd_arena *arena, pd_str word);

struct cli_column {
    const char *title;
    bool is_number; /* aligned to the right */
    size_t widest;  /* longer cells are cut with an ellipsis; 0: never */
};
/** Appends a table; `cells` holds row after row. Columns that are empty in every row are left out.
 */
void cli_table(struct pd_buf *out, size_t indent, const struct cli_column *columns, size_t count,
               const pd_str *cells, size_t rows);

/* ---- words.c: what the law's own terms mean, for people ---- */

/** "at least 5 (t.k) ...": an obligation in words. rules: may be NULL, then thresholds stay names.
 */
void cli_word_obligation(struct pd_buf *out, const struct law_obligation *o,
                         const struct law_rules *rules);
/** "cn.pipl.13: Personal Information Protection Law, article 13 [statute, cn]" */
void cli_word_voice(struct pd_buf *out, const struct law_voice *voice);
/** "true", "12", "public_task" */
void cli_word_value(struct pd_buf *out, const struct law_scalar *value);

/* ---- report*.c: what govern/ found, for people; json.c: the same for machines ---- */

/** Where a report goes, and what it may look up. */
struct cli_report {
    struct pd_buf *out;
    struct pd_arena *arena;
    const struct law_rules *rules; /* NULL: suppliers of facts aren't named */
    const char *folder;            /* of the node, for the commands that come next */
};

enum cli_detail {
    CLI_SHAPE,      /* no value of any cell */
    CLI_STATISTICS, /* and statistics of columns that are neither text nor about a person */
    CLI_VALUES      /* and the most frequent values */
};
void cli_report_reading(const struct cli_report *r, const struct govern_reading *reading,
                        pd_str name, enum cli_detail detail);
void cli_report_finding(const struct cli_report *r, const struct law_finding *finding);
/** The chain of one case: what was found, each article that spoke, the plan, what remains. */
void cli_report_case(const struct cli_report *r, const struct govern_case *c, pd_str name);
/** path: of the source, for the command that resumes; empty for standard input. */
void cli_report_outcome(const struct cli_report *r, const struct govern_case *c,
                        const struct govern_outcome *o, pd_str path);
/** A duty on one line (wrapped): what, by which policy, until when, and how it stands. */
void cli_report_clock(const struct cli_report *r, const struct govern_clock *clock);
/** Receipt, place in the log; `what` names it: "The act". */
void cli_report_placed(const struct cli_report *r, const struct govern_outcome *o);

void cli_json_reading(struct pd_json *w, const struct govern_reading *reading, bool with_values);
PD_CHECK enum pd_status cli_json_case(struct pd_json *w, const struct govern_case *c,
                                      struct pd_error *err);
void cli_json_outcome(struct pd_json *w, const struct govern_outcome *o);
/** The whole answer of a command that is one act: {"polder":1,"outcome":...}. */
void cli_json_act(const struct govern_outcome *o, struct pd_buf *out);

/* ---- govern.c: shared by `govern` and `act resume` ---- */

struct cli_session {
    bool is_dry_run, is_json, is_yes;
    bool may_ask; /* stdin is a terminal and not the source */
    const char *folder;
};
/** Prepares, reports, asks for the signature, takes effect. Returns the exit code. */
int cli_carry_out(struct cli *cli, struct govern *g, struct source *source,
                  const struct govern_request *request, const pd_id *intent,
                  const struct cli_session *s);

#endif
