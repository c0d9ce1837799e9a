/**
 * For those who write the law and those who ask why: cases that the packs are tested by, the
 * coverage of the law's own rows, what decided in one case, and what two sets of rules have apart.
 * Part of law/law.h, which includes it last.
 */
#ifndef POLDER_LAW_STUDY_H
#define POLDER_LAW_STUDY_H

#include "law/law.h"

/* ---- Packs and policies ---- */

/** A folder of the rules, as its manifest describes it. */
struct law_pack {
    pd_str folder, jurisdiction;
    enum law_rank rank;
    pd_time as_of; /* midnight of the day as of which its law was read */
};
size_t law_rules_pack_count(const struct law_rules *rules);
const struct law_pack *law_rules_pack_nth(const struct law_rules *rules, size_t n);  /* by folder */
const struct law_pack *law_rules_pack(const struct law_rules *rules, pd_str folder); /* or NULL */
/** Every policy of the rules, in the order of their files. */
const struct law_policies *law_rules_policies(const struct law_rules *rules);
/** By its id. PD_NOT_FOUND names the nearest one. */
PD_CHECK enum pd_status law_rules_find_policy(const struct law_rules *rules, pd_str id,
                                              struct pd_arena *arena, const struct law_policy **out,
                                              struct pd_error *err);
/** Whether a policy stands in a folder of the rules: "cn" for one of cn/pipl.cedar. */
bool law_policy_is_of(const struct law_policy *policy, pd_str folder);

/* ---- Cases: a page that says where each policy speaks and where it does not ---- */

/** One side of a row: an act and the facts with which it is judged. */
struct law_case_side {
    pd_str act, facts; /* as written; an act left empty is that of the other side */
    bool is_left_out;  /* "-": nothing is said of this side */
    struct law_case question;
};
struct law_case_row {
    pd_str policy_id;
    struct law_place place; /* of the row's first cell */
    struct law_case_side speaks, silent;
};

/**
 * Reads the rows of every table of a Markdown page whose header is
 * `| policy | speaks at | with the facts | silent at | with the facts |`:
 *   act  = VERB "by" KIND ["in" COUNTRY] ["to" KIND ["in" COUNTRY]] ["as of" DATE]
 *   fact = NAME "=" VALUE ":" CLASS, separated by commas
 * The second act may be empty (the same act) or only "as of DATE" (the same act on that day); "-"
 * leaves a side out. Without a date the act happens on the day as of which the pack was read.
 * COUNTRY is otherwise what the page says in the words "the parties are in XX", or else the one
 * that the pack is named after.
 *
 * path: "cn/CASES.md"; its folder is the pack. rows live in `arena` and borrow `text`.
 * PD_INVALID with "PATH:LINE:COLUMN: ...", the source line and a caret: no such table, an unknown
 * policy, verb, kind, fact, value, class, date; PD_LIMIT.
 */
PD_CHECK enum pd_status law_cases_parse(const struct law_rules *rules, pd_str path, pd_str text,
                                        struct pd_arena *arena, const struct law_case_row **out,
                                        size_t *count, struct pd_error *err);

struct law_case_result {
    const struct law_finding *speaks, *silent; /* NULL: that side is left out */
    bool speaks_holds, silent_holds;           /* as the row says, or left out */
};
/** Decides both sides. A policy speaks if its voice is in the finding, exempted or not. */
PD_CHECK enum pd_status law_case_row_check(const struct law_rules *rules,
                                           const struct law_case_row *row, struct pd_arena *arena,
                                           struct law_case_result *out, struct pd_error *err);

/* ---- Coverage: the rows of the law, and the policies that decide them ---- */

struct law_coverage_row {
    pd_str id, article, stage, status, why_none;
    const pd_str *policies;
    size_t policy_count;
    struct law_place place;
};
/**
 * Reads the rows of every table of a Markdown page whose header is
 * `| row | law, article | stage | status | policies | why none |`; policies are ids separated by
 * spaces. Rows live in `arena` and borrow `text`. As law_cases_parse besides.
 */
PD_CHECK enum pd_status law_rows_parse(pd_str path, pd_str text, struct pd_arena *arena,
                                       const struct law_coverage_row **out, size_t *count,
                                       struct pd_error *err);

struct law_coverage {
    const struct law_coverage_row *rows; /* those given */
    size_t count, with_policy, from_memory;
    size_t policies; /* of the folder */
    /** "PATH:LINE:COLUMN: ...": an unknown or repeated policy, a repeated row, a row with neither
        policy nor reason, a policy that no row names. */
    const pd_str *problems;
    size_t problem_count;
};
PD_CHECK enum pd_status law_coverage_make(const struct law_rules *rules, pd_str path,
                                          const struct law_coverage_row *rows, size_t count,
                                          struct pd_arena *arena, struct law_coverage *out,
                                          struct pd_error *err);

/* ---- Explanation: what decided in one case ---- */

enum law_part_state {
    LAW_PART_HOLDS,
    LAW_PART_FAILS,
    LAW_PART_ERRS,
    LAW_PART_UNREACHED /* what stands before it decided */
};
/** A piece of a policy's conditions, and what it came to in the case. */
struct law_part {
    pd_str text; /* as written */
    struct law_place place;
    enum law_part_state state;
};
/** A clause that was evaluated: of one that keeps its policy silent, those behind it were not. */
struct law_clause_account {
    const struct law_clause *clause;
    bool keeps_silent;
    struct law_part body;
    /** The smallest piece that the body's value turns on: of `a && b` the first that fails, of
        `a || b` the first that holds, of an `if` its condition or the branch that was taken. */
    struct law_part decisive;
    const struct law_part *conjuncts; /* what `&&` joins; the body alone if it joins nothing */
    size_t conjunct_count;
};
/** A fact that a policy asks for, and what was said of it. */
struct law_fact_account {
    const struct law_fact_kind *kind;
    const struct law_used_fact *used; /* what entered; else what was ignored; NULL: nothing said */
    bool needs_vouching; /* asked for as context.a, and what entered is only declared or measured;
                            where no case is: asked for as context.a */
    size_t clause;       /* the first that asks */
};
struct law_account {
    const struct law_policy *policy;
    struct law_voice
        voice;   /* as in the finding; of a silent policy with the role that it would have */
    bool speaks; /* exempted or not; an error speaks too */
    const struct law_clause_account *clauses;
    size_t clause_count;
    const struct law_fact_account
        *facts; /* of a silent policy: those of the clause that keeps it so */
    size_t fact_count;
    /** A forbid that stands: the facts whose supply could make it silent, by itself or by an
     * exemption. */
    const struct law_fact_kind *const *tipping;
    size_t tipping_count;
};

/** The cheapest way to answer every forbid that stands: one alternative of each, joined. */
struct law_way {
    const struct law_obligation *obligations; /* policy_id: all that it answers, "a, b" */
    size_t count;
    unsigned loss;
    bool exists;
};
struct law_ways {
    struct law_way change;   /* done to the data alone */
    struct law_way evidence; /* shown alone, with the fewest things to show */
    struct law_way least;    /* whatever the kinds: the least loss, then the fewest things */
    const pd_str *beyond;    /* forbids that stand and name no remedy: no way exists */
    size_t beyond_count;
};
/** What a kind of obligation costs the data: mask < generalise < drop a column < drop rows; 0 if it
    is not done to data. */
unsigned law_obligation_loss(const struct law_obligation *o);
PD_CHECK enum pd_status law_ways_find(const struct law_finding *finding, struct pd_arena *arena,
                                      struct law_ways *out, struct pd_error *err);

struct law_explanation {
    const struct law_finding *finding;
    const struct law_account *accounts; /* who spoke, in the finding's order; then who is silent */
    size_t count, spoke;
    struct law_ways ways;
};
/**
 * Decides as law_find does, and accounts for each policy that spoke and each that a clause kept
 * silent which asks for a fact. Everything lives in `arena` or borrows from `rules` and `c`.
 */
PD_CHECK enum pd_status law_explain(const struct law_rules *rules, const struct law_case *c,
                                    struct pd_arena *arena, struct law_explanation *out,
                                    struct pd_error *err);

/** The facts that a policy asks for, in the order written, each once. `used` is NULL in all. */
PD_CHECK enum pd_status law_policy_facts(const struct law_rules *rules,
                                         const struct law_policy *policy, struct pd_arena *arena,
                                         const struct law_fact_account **out, size_t *count,
                                         struct pd_error *err);
/** The policies that it takes out of a finding, or (`from` true) that take it out. Ascending
   indices of law_rules_policies; they borrow from the rules. */
const size_t *law_policy_exemptions(const struct law_rules *rules, const struct law_policy *policy,
                                    bool from, size_t *count);

/* ---- Difference: what two sets of rules have apart ---- */

/** One thing that is otherwise; `before` is empty for what came, `after` for what went. */
struct law_difference {
    /** Of a policy: "effect", "principal", "action", "resource", "when", "unless", "@KEY". Of a
       pack "jurisdiction", "rank", "as_of"; of a threshold "value"; of a fact the member's name; of
       a calendar "zone", "knows", "works" or "off". */
    pd_str what;
    pd_str before, after; /* conditions as written, with comments; else in one line */
};
enum law_change_kind { LAW_ADDED, LAW_REMOVED, LAW_CHANGED };
enum law_noun { LAW_PACK, LAW_POLICY, LAW_THRESHOLD, LAW_FACT, LAW_CALENDAR };
struct law_change {
    enum law_noun noun;
    enum law_change_kind kind;
    pd_str id;
    pd_str file;   /* of a policy: where it stands (removed: stood), "cn/pipl.cedar" */
    unsigned line; /* ... */
    const struct law_difference *differences; /* LAW_CHANGED; and the value of an added threshold */
    size_t count;
};
/**
 * Compares what decides: layout, comments, the order of policies and of their conditions, and which
 * file of a pack a policy stands in make no difference. By noun, then by id. Everything lives in
 * `arena` or borrows from the rules. PD_LIMIT.
 */
PD_CHECK enum pd_status law_rules_compare(const struct law_rules *before,
                                          const struct law_rules *after, struct pd_arena *arena,
                                          const struct law_change **out, size_t *count,
                                          struct pd_error *err);

#endif
