/** Cases that somebody raises, for a responsible party to answer. */
#ifndef POLDER_GOVERN_RAISING_H
#define POLDER_GOVERN_RAISING_H

#include "govern/govern.h"

struct govern_raising {
    pd_str kind; /* "access", "demand", "objection", "correction", "withdrawal", "incident" */
    pd_str party, member;
    pd_str dataset;     /* id or title of one of the node; may be empty */
    pd_str responsible; /* party; empty: the dataset's */
    pd_str subject;     /* what it is about: 1 to 4,000 bytes */
    const struct govern_declared *declared, *attested;
    size_t declared_count, attested_count;
    pd_str private_key; /* text of the party's key file; needed for attested facts, else may be
                           empty */
    pd_str evidence;    /* of the attested facts: 1 to 2,000 bytes */
};
/**
 * Raises a case: an act of the raising party, in the restricted log, whose duties (to answer within
 * a period) the responsible party owes. What the law refuses is recorded as a denial
 * (GOVERN_DENIED, and
 * `*id` is not set).
 * PD_OPEN says which facts are missing, and records nothing; PD_NOT_FOUND; PD_USAGE; PD_INVALID;
 * PD_DENIED: not the party's key, or no right to attest; PD_CONFLICT: several datasets of that
 * title.
 */
PD_CHECK enum pd_status govern_case_raise(struct govern *g, const struct govern_raising *raising,
                                          struct pd_arena *arena, pd_id *id,
                                          const struct govern_outcome **out, struct pd_error *err);

/** What the law says of raising it, without acting: what is missing, what it rests on. Errors as
 * above, but PD_OPEN. */
PD_CHECK enum pd_status govern_case_ask(struct govern *g, const struct govern_raising *raising,
                                        struct pd_arena *arena, const struct law_finding **out,
                                        struct pd_error *err);

enum govern_case_move { GOVERN_CASE_ANSWER, GOVERN_CASE_REFUSE, GOVERN_CASE_WITHDRAW };
struct govern_moving {
    enum govern_case_move move;
    pd_id case_id;
    pd_str party, member;
    pd_str private_key; /* text of the party's key file; answer and refuse need it */
    pd_str text;        /* the answer, the reasons: 1 to 4,000 bytes; to withdraw it may be empty */
    pd_str ground,
        appeal; /* refuse only: the statutory ground, and the way to appeal; 1 to 1,000 bytes */
};
/**
 * Answers, refuses or withdraws a case. An answer and a refusal are decisions: of the responsible
 * party, by a member who is its owner or steward, signed with its key; they meet the duty to
 * answer. A withdrawal, by who raised it, ends all duties of the case. PD_NOT_FOUND; PD_DENIED: not
 * theirs to do, or not the key; PD_CONFLICT: it is decided; PD_USAGE.
 */
PD_CHECK enum pd_status govern_case_move(struct govern *g, const struct govern_moving *moving,
                                         struct pd_arena *arena, const struct govern_outcome **out,
                                         struct pd_error *err);

struct govern_raised {
    pd_id id, act_id;   /* the act that raised it */
    pd_str kind, state; /* "raised", "answered", "refused", "withdrawn", "escalated" */
    pd_str party, responsible;
    const pd_str *answerable; /* members of the responsible party: its owners, else its stewards */
    size_t answerable_count;
    pd_str dataset, dataset_title; /* empty: of none; the title is a language map */
    pd_time raised_at;
    const struct govern_clock *clocks; /* duties of the case */
    size_t clock_count;
    bool is_overdue; /* one of them is, and the case is undecided */
    const struct govern_entry {
        pd_id act_id;
        pd_str step, state, party, member;
        pd_time at;
        bool is_erased; /* the key of its text was destroyed */
        pd_str text, ground, appeal;
    } * entries; /* the thread, in its order */
    size_t entry_count;
};
/** All cases of the node, or the one of that id (PD_NOT_FOUND), in the order they were raised. */
PD_CHECK enum pd_status govern_cases(struct govern *g, const pd_id *id, struct pd_arena *arena,
                                     const struct govern_raised **out, size_t *count,
                                     struct pd_error *err);
/** One JSON object. */
void govern_case_write(const struct govern_raised *raised, struct pd_json *w);

#endif
