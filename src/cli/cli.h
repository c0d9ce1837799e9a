/**
 * cli/: the command line. Reads options, opens what they name, asks govern/ and tells the answer.
 * Results go to stdout, everything else to stderr; exit codes are those of pd_outcome_get.
 */
#ifndef POLDER_CLI_H
#define POLDER_CLI_H

#include "govern/govern.h"
#include "standard/standard.h"

#include <stdio.h>

/** What every command gets; lives as long as the program. */
struct cli {
    struct pd_arena *arena;
    struct pd_clock clock;
    bool is_terminal; /* stderr is one: progress may be drawn */
    struct govern_progress progress;
    pd_time progress_began, progress_drawn; /* 0: not yet */
    size_t search_bytes; /* that a search takes at least; 0: nobody said */
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
/** Opens the node that --data and --database name. As govern_open_at. */
PD_CHECK enum pd_status cli_open(struct cli *cli, const struct pd_args *args, enum store_mode mode,
                                 const char *command, struct govern **out, struct pd_error *err);
/**
 * Closes the node. If the command wrote, runs what is due before, since no server does; what goes
 * wrong with that is told on stderr and is no failure of the command. g: may be NULL.
 */
void cli_close_writer(struct cli *cli, struct govern *g, bool has_written);
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
/** The same, appended to a buffer that has the limit. */
PD_CHECK enum pd_status cli_file_load(const char *path, struct pd_buf *out, struct pd_error *err);
/** A private key's file, into the arena; the caller wipes it. PD_DENIED: other users may read it.
 */
PD_CHECK enum pd_status cli_key_read(struct cli *cli, const char *path, pd_str *out,
                                     struct pd_error *err);
/** Writes a whole file; the bytes are on disk when this returns PD_OK. An old one is replaced. */
PD_CHECK enum pd_status cli_file_write(const char *path, pd_str bytes, struct pd_error *err);
/** The same for what only its owner may read (mode 0600), whatever stood there before. An old file
 * is replaced when the new one is whole; what is no file (a pipe, /dev/stdout) is written to. */
PD_CHECK enum pd_status cli_file_write_private(const char *path, pd_str bytes,
                                               struct pd_error *err);

/** An id as reports print it; PD_USAGE says what it must look like. */
PD_CHECK enum pd_status cli_parse_id(const char *text, pd_id *out, struct pd_error *err);
/** "NAME=VALUE", cut at the first '='. PD_USAGE. */
PD_CHECK enum pd_status cli_parse_fact(const char *text, pd_str *name, pd_str *value,
                                       struct pd_error *err);
/** The value of an option that counts something; absent: `otherwise`. PD_USAGE. */
PD_CHECK enum pd_status cli_parse_count(const struct pd_args *args, const char *option,
                                        uint64_t otherwise, uint64_t *out, struct pd_error *err);

/** What the options say of how the file is written. */
struct govern_form cli_form(const struct pd_args *args);

/** The log that --log names, the public one without it; in the arena. PD_USAGE names those that
 * there are. */
PD_CHECK enum pd_status cli_log_find(struct cli *cli, struct govern *g, const struct pd_args *args,
                                     const struct govern_log **out, struct pd_error *err);
/** verify --proof: no node is needed. Exit code. */
int cli_verify_proof(struct cli *cli, const struct pd_args *args);

/* ---- One function per command; each in the file of its noun ---- */

int cli_init(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_govern(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_inspect(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_detect(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_decide(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_format(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_replay(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_impact(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_unlock(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_check(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_explain(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_diff(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_compare(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_test(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_law_coverage(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_dossier(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_verify(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_prove(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_logs(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_anchor(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_integrate(const struct pd_command *command, const struct pd_args *args,
                         void *context);
int cli_ledger_prune(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_fact_attest(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_clock_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_clock_meet(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_party_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_party_register(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_member_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_member_register(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_member_duties(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_member_end(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_invite(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_set_password(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_lock(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_unlock(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_provider(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_account_link(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_token_create(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_token_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_token_revoke(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_source_add(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_source_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_source_remove(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_case_raise(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_case_answer(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_case_refuse(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_case_withdraw(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_table_convert(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_propose(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_proposal_edit(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_proposal_consult(const struct pd_command *command, const struct pd_args *args,
                         void *context);
int cli_proposal_withdraw(const struct pd_command *command, const struct pd_args *args,
                          void *context);
int cli_proposal_object(const struct pd_command *command, const struct pd_args *args,
                        void *context);
int cli_proposal_answer(const struct pd_command *command, const struct pd_args *args,
                        void *context);
int cli_proposal_sustain(const struct pd_command *command, const struct pd_args *args,
                         void *context);
int cli_proposal_drop(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_proposal_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_proposal_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_proposal_run(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_proposal_record(const struct pd_command *command, const struct pd_args *args,
                        void *context);
int cli_proposal_notices(const struct pd_command *command, const struct pd_args *args,
                         void *context);
int cli_vote(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_recount(const struct pd_command *command, const struct pd_args *args,
                       void *context);
int cli_demand(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_demand_back(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_demand_match(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_demand_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_demand_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_case_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_case_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_policy(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_ledger_witness(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_witness_init(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_witness_add_log(const struct pd_command *command, const struct pd_args *args,
                        void *context);
int cli_witness_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_serve(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_witness_serve(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_erase(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_erase_agree(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_erase_withdraw(const struct pd_command *command, const struct pd_args *args,
                       void *context);
int cli_key_create(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_key_withdraw(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_key_pseudonym(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_key_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_key_rotate(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_key_destroy(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_key_agree(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_job_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_backup(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_backup_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_backup_check(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_restore(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_upgrade(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_job_run(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_act_show(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_act_resume(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_protect(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_attack(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_stats(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_stats_agree(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_stats_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_standard_check(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_standard_infer(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_standard_list(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_standard_repair(const struct pd_command *command, const struct pd_args *args,
                        void *context);
int cli_standard_diff(const struct pd_command *command, const struct pd_args *args, void *context);
int cli_demo_seed(const struct pd_command *command, const struct pd_args *args, void *context);
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
/** The same, wrapped to `width`; a word that is wider stands out. */
void cli_paragraph_within(struct pd_buf *out, size_t indent, size_t hang, size_t width,
                          pd_str text);
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

/**
 * Appends columns side by side (grid.c): a cell is any number of paragraphs, each ended by a line
 * feed, and wrapped to its column. Columns that do not fit beside each other come in blocks. A row
 * whose cells are all empty is left out.
 */
PD_CHECK enum pd_status cli_grid(struct pd_buf *out, struct pd_arena *arena, const pd_str *titles,
                                 size_t columns, const char *const *labels, const pd_str *cells,
                                 size_t rows, struct pd_error *err);

/* ---- words.c: what the law's own terms mean, for people ---- */

/** "at least 5 (t.k) ...": an obligation in words. rules: may be NULL, then thresholds stay names.
 */
void cli_word_obligation(struct pd_buf *out, const struct law_obligation *o,
                         const struct law_rules *rules);
/** "cn.pipl.13: Personal Information Protection Law, article 13 [statute, cn]" */
void cli_word_voice(struct pd_buf *out, const struct law_voice *voice);
/** " (from memory: check the text of the law)" if so it is; else nothing. */
void cli_word_memory(struct pd_buf *out, pd_str verified);
bool cli_is_from_memory(pd_str verified);
/** A piece of a policy on one line: comments left out, white space (not in strings) as one space.
 */
void cli_word_source(struct pd_buf *out, pd_str source);
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
/** How values lie, sums, gaps, shapes, languages, equal rows and keys. */
void cli_report_profile(const struct cli_report *r, const struct inspection *inspection,
                        bool with_values);
/** report_deep.c: how rows and columns go together; the reading has relations. */
void cli_report_deep(const struct cli_report *r, const struct govern_reading *reading);
struct cli_deep_output {
    void *context;
    void (*section)(void *context, const char *title); /* its lines follow */
    void (*line)(void *context, pd_str line);
};
/** The same as sentences, each section behind its title; the first line stands above them all. */
void cli_deep_tell(const struct govern_reading *reading, struct pd_arena *arena,
                   const struct cli_deep_output *to);
void cli_report_finding(const struct cli_report *r, const struct law_finding *finding);
/** Prints what was gathered in `line` as a paragraph, and clears it. */
void cli_paragraph_end(const struct cli_report *r, struct pd_buf *line, size_t indent, size_t hang);
/** The chain of one case: what was found, each article that spoke, the plan, what remains. */
void cli_report_case(const struct cli_report *r, const struct govern_case *c, pd_str name);
/** path: of the source, for the command that resumes; empty for standard input. */
void cli_report_outcome(const struct cli_report *r, const struct govern_case *c,
                        const struct govern_outcome *o, pd_str path);
/** A duty on one line (wrapped): what, by which policy, until when, and how it stands. */
void cli_report_clock(const struct cli_report *r, const struct govern_clock *clock);
/** Receipt, place in the log; `what` names it: "The act". */
void cli_report_placed(const struct cli_report *r, const struct govern_outcome *o);

/** html.c: the reading as one self-contained page. */
void cli_html_reading(const struct cli_report *r, const struct govern_reading *reading, pd_str name,
                      bool with_values);
void cli_json_reading(struct pd_json *w, const struct govern_reading *reading, bool with_values);
PD_CHECK enum pd_status cli_json_case(struct pd_json *w, const struct govern_case *c,
                                      struct pd_error *err);
void cli_json_outcome(struct pd_json *w, const struct govern_outcome *o);
/** A member with the list of attacks, as `polder attack --json` has it; null without any. */
/** The whole answer of a command that is one act: {"polder":1,"outcome":...}. */
void cli_json_act(const struct govern_outcome *o, struct pd_buf *out);

/* ---- deed.c: commands that are one act ---- */

/** The value of an option; empty if it isn't given. */
pd_str cli_option(const struct pd_args *args, const char *name);
/** The facts of an option NAME=VALUE that may be repeated. PD_USAGE. */
PD_CHECK enum pd_status cli_facts_read(struct cli *cli, const struct pd_args *args,
                                       const char *name, const struct govern_declared **out,
                                       size_t *count, struct pd_error *err);
/** The duties that a case left behind, and who owes them. */
void cli_report_owed(const struct cli_report *r, const struct govern_outcome *o);
struct cli_deed {
    const char *command; /* what holds the node, for a second writer */
    const char *noun;    /* what it is about: a member of the JSON answer, with the id */
    pd_str *private_key; /* where the text of --key goes; wiped afterwards */
    /** Acts; may set the id. */
    enum pd_status (*act)(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                          const struct govern_outcome **out, struct pd_error *err);
    void (*tell)(const struct cli_report *r, const void *context, pd_id id,
                 const struct govern_outcome *o);
    void (*write)(struct pd_json *w, const void *context); /* further members; may be NULL */
    void *context;
};
/**
 * Reads the key, opens the node, acts, tells; a denial is told as one, with its exit status. st, err:
 * of the reading of the other options; if it failed, that is told.
 */
int cli_deed_do(struct cli *cli, const struct pd_args *args, const struct cli_deed *deed, pd_id id,
                enum pd_status st, struct pd_error *err);

/* ---- law_past.c: recorded findings, shared by law replay, impact and unlock ---- */

enum { CLI_NAMED_MAX = 20 }; /* things of one kind that a report for people names */

/** "now speaks: cn.x.5 (forbids)", one line for each policy and obligation. */
void cli_say_difference(struct pd_buf *out, size_t indent, const struct govern_difference *d);
void cli_say_owed(struct pd_buf *out, size_t indent, const struct govern_owed *o);
/** "... and 3 more; --json names all", if there are. */
void cli_say_more(struct pd_buf *out, size_t indent, size_t shown, size_t count);
/** what: "can't be read" */
void cli_say_unread(struct pd_buf *out, const struct govern_unread_act *unread, size_t count,
                    const char *what);
/** Members from, to, policies, obligations of the object begun. */
void cli_json_difference(struct pd_json *w, const struct govern_difference *d);
/** Members obligation, policy, discharged, change of the object begun. */
void cli_json_owed(struct pd_json *w, const struct govern_owed *o);
/** The member "unread". */
void cli_json_unread(struct pd_json *w, const struct govern_unread_act *unread, size_t count);
void cli_json_id(struct pd_json *w, pd_id id);
/* ---- law_question.c: the rules and the act that law decide, explain, compare, ... ask about ----
 */

/** Rules to ask: of a node, of a folder, or of the program. */
struct cli_rules {
    struct govern *node;
    struct law_rules *own;
    const struct law_rules *rules;
    pd_str country; /* where parties are unless an option says it; may be empty */
};
/** By --data, or --law and --law-dir (default: the program's pack cn). */
PD_CHECK enum pd_status cli_rules_open(struct cli *cli, const struct pd_args *args,
                                       const char *command, struct cli_rules *out,
                                       struct pd_error *err);
/** folder: NULL for the packs in the program; packs: "cn,eu". The node's rules come with them. */
PD_CHECK enum pd_status cli_rules_of_packs(struct cli *cli, const char *folder, pd_str packs,
                                           struct cli_rules *out, struct pd_error *err);
PD_CHECK enum pd_status cli_rules_of_node(struct cli *cli, const struct pd_args *args,
                                          const char *command, struct cli_rules *out,
                                          struct pd_error *err);
/** A zeroed struct is fine. */
void cli_rules_close(struct cli_rules *rules);
/** The act that --for, --party-*, --recipient-*, --fact and --as-of tell. PD_USAGE, PD_INVALID. */
PD_CHECK enum pd_status cli_question(struct cli *cli, const struct pd_args *args,
                                     const struct cli_rules *rules, const struct law_case **out,
                                     struct pd_error *err);
/* ---- law_explain*.c, law_policy.c ---- */

/** One policy instead of an act: `law explain POLICY`. Returns the exit code. */
int cli_explain_policy(struct cli *cli, const struct pd_args *args);
/** The whole answer; is_all: with the policies that a fact keeps silent. */
void cli_json_explanation(const struct law_explanation *e, bool is_all, struct pd_buf *out);
/** The member "ways". */
void cli_json_ways(struct pd_json *w, const struct law_ways *ways);
/** A fact that a policy asks for, and what was said of it. */
void cli_json_fact_asked(struct pd_json *w, const struct law_fact_account *fact);

/* ---- ledger_policy.c ---- */

/** A policy of witnesses. PD_INVALID names the file and the line. */
PD_CHECK enum pd_status cli_policy_read(struct cli *cli, const char *path,
                                        const struct ledger_policy **out, struct pd_error *err);

/* ---- law_packs.c: a folder of law packs ---- */

/** The packs in a folder of rules, by name: "cn,eu"; without the node's own. {NULL, 0}: none. */
PD_CHECK enum pd_status cli_packs_list(struct cli *cli, const char *folder, pd_str *out,
                                       struct pd_error *err);

/** A page beside a pack's policies; `*path` is "cn/CASES.md". PD_NOT_FOUND if there is none. */
PD_CHECK enum pd_status cli_pack_page(struct cli *cli, const char *folder, pd_str pack,
                                      const char *name, pd_str *path, pd_str *text,
                                      struct pd_error *err);
/* ---- source.c: what is read ---- */

/** The first operand with --sheet, --table or --query appended as its part; in the arena. PD_USAGE.
 */
PD_CHECK enum pd_status cli_source_location(struct cli *cli, const struct pd_args *args,
                                            const char **location, struct pd_error *err);
/** The same for the operand of that number, from 0. */
PD_CHECK enum pd_status cli_source_operand(struct cli *cli, const struct pd_args *args, size_t n,
                                           const char **location, struct pd_error *err);
/** Whether it is standard input, so that nobody can be asked there. */
bool cli_source_is_input(const char *location);
/** Whether a file or standard input ("-", of which nothing is taken) begins as plain text in UTF-8,
 * so that it can be read where it lies. PD_INVALID: a folder. */
PD_CHECK enum pd_status cli_source_is_plain(const char *path, bool *is_plain, struct pd_error *err);
/** Form, part, and what must be known of them; nothing for plain text without notes. */
void cli_report_source(const struct cli_report *r, const struct source *source);
void cli_json_source(struct pd_json *w, const struct source *source);

/* ---- sketch.c: what was seen of parts of a table ---- */

/** Loads sketch files and merges them in the order given. Errors name the file. PD_INVALID: one is
 * no sketch, or of another table. The caller frees. notes: sentences on what looks like a mistake,
 * in the arena. */
PD_CHECK enum pd_status cli_sketch_merge(struct cli *cli, const struct pd_args *args,
                                         struct inspector **out, pd_str **notes, size_t *note_count,
                                         struct pd_error *err);

/* ---- standard.c: shared by the commands of standard ---- */

/** In the arena. PD_INVALID names the file. */
PD_CHECK enum pd_status cli_standard_read(struct cli *cli, const char *name,
                                          const struct standard **out, struct pd_error *err);
/** The same, as text. PD_NOT_FOUND: neither a file nor a standard in the program. */
PD_CHECK enum pd_status cli_standard_text(struct cli *cli, const char *name, pd_str *out,
                                          struct pd_error *err);
/** The table that an operand names. */
PD_CHECK enum pd_status cli_standard_open(struct cli *cli, const struct pd_args *args,
                                          size_t operand, struct source **out,
                                          struct pd_error *err);
/** How a table is checked, without references and without values. */
struct govern_check cli_standard_how(struct cli *cli, const struct standard *standard,
                                     const struct govern_form *form);
/** Opens the tables of --reference into it; cli_standard_close closes them, whatever happened. */
PD_CHECK enum pd_status cli_standard_references(struct cli *cli, const struct pd_args *args,
                                                const struct standard *standard,
                                                struct govern_check *check, struct pd_error *err);
void cli_standard_close(struct govern_check *check);

/* ---- standard_mended.c: what repairs did ---- */

/** The same check before and after: what was mended, what remains, what is new. */
void cli_report_mended(const struct cli_report *r, const struct standard_report *was,
                       const struct standard_report *is);
void cli_json_mended(struct pd_json *w, const struct standard_report *was,
                     const struct standard_report *is);

/* ---- govern.c: shared by `govern` and `act resume` ---- */

/** What became of one table of several. */
enum cli_told_what {
    CLI_TOLD_FAILED,
    CLI_TOLD_DONE,
    CLI_TOLD_REPEATED, /* under its idempotency key, by a command before this one */
    CLI_TOLD_DENIED,
    CLI_TOLD_OPEN,
    CLI_TOLD_COUNT
};
struct cli_told {
    pd_str name;
    enum cli_told_what what;
    int code;
    char why[PD_ERROR_TEXT_SIZE]; /* the error; else the id of the act, or of the intent */
};

struct cli_session {
    bool is_dry_run, is_json, is_yes;
    bool may_ask; /* stdin is a terminal and not the source */
    const char *folder;
    struct cli_told *told; /* of several tables: filled; NULL: it is the only one */
    struct pd_buf *json;   /* then JSON is appended there instead of printed */
};
/** An error of one table: on stderr, and in `told`. Returns its exit code. */
int cli_tell_failure(const struct cli_session *s, const struct pd_error *err);
/** An act for each table; the exit code is that of the first one that isn't done. */
int cli_govern_many(struct cli *cli, struct govern *g, const struct source_list *list,
                    const struct govern_request *request, const struct cli_session *s,
                    const char *spool, bool is_folder);
/** --standard, --repair and --from-version; none: `*out` stays as it is. */
PD_CHECK enum pd_status cli_repair_read(struct cli *cli, const struct pd_args *args,
                                        const struct govern_repair **out, struct pd_error *err);
/** Prepares, reports, asks for the signature, takes effect. Returns the exit code. */
int cli_carry_out(struct cli *cli, struct govern *g, struct source *source,
                  const struct govern_request *request, const pd_id *intent,
                  const struct cli_session *s);

#endif
