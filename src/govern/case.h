/**
 * What the files of a case share: its kinds, and the steps that it can take. Never leaves the
 * folder.
 */
#ifndef POLDER_GOVERN_CASE_H
#define POLDER_GOVERN_CASE_H

#include "govern/govern_impl.h"

enum case_state {
    CASE_RAISED,
    CASE_ANSWERED,
    CASE_REFUSED,
    CASE_WITHDRAWN,
    CASE_ESCALATED,
    CASE_STATE_COUNT
};
const char *case_state_name(enum case_state state);
bool case_state_parse(pd_str name, enum case_state *out);

enum { CASE_FACTS_MAX = 2, CASE_TEXT_MAX = 4000, CASE_GROUND_MAX = 1000 };

/** A kind of case: as which act it is raised, and which facts that declares. */
struct case_kind {
    const char *name;
    enum ledger_verb verb; /* which the law is asked about too */
    const char *facts[CASE_FACTS_MAX];
};
/** PD_USAGE names the kinds that there are. */
PD_CHECK enum pd_status case_kind_find(pd_str name, const struct case_kind **out,
                                       struct pd_error *err);

/** A step of a case: from which states, to which, by whom. */
struct case_step {
    const char *name;
    enum ledger_verb verb; /* of its act */
    const char *asked;     /* the verb that the law is asked about; NULL: it isn't */
    unsigned from;         /* bit per state */
    enum case_state to;
    enum case_actor { CASE_BY_RAISER, CASE_BY_RESPONSIBLE, CASE_BY_NODE } by;
    bool is_decision;  /* a named member's, signed with the party's key */
    bool is_grounded;  /* needs a statutory ground and the way to appeal */
    const char *meets; /* the kind of duty that it meets; "" all of the case, NULL none */
};
enum case_steps {
    CASE_STEP_RAISE = 3, /* behind the public ones, in the order of enum govern_case_move */
    CASE_STEP_ESCALATE,
    CASE_STEP_COUNT
};
const struct case_step *case_step_get(size_t step);

/** An entry on its way into the thread; its text is sealed under the key of the act. */
struct case_entry {
    pd_str case_id;
    const struct case_step *step;
    pd_str text, ground, appeal;
    pd_str sealed; /* made by case_entry_seal */
};
/** The entry as JSON, sealed, and committed to in the leaf; before the transaction. */
PD_CHECK enum pd_status case_entry_seal(struct case_entry *entry, struct act *act,
                                        struct pd_arena *arena, struct pd_error *err);
/** Writes its row, inside the transaction, once the state is one that the step starts from:
 * PD_CONFLICT.
 */
PD_CHECK enum pd_status case_entry_save(const struct case_entry *entry, struct govern *g,
                                        struct act *act, struct pd_error *err);
/** 1 to `max` bytes of UTF-8. PD_USAGE says what `what` must be. */
PD_CHECK enum pd_status case_check_text(pd_str text, const char *what, size_t max,
                                        struct pd_error *err);
/** What a kind of case keeps beside its thread. */
struct case_more {
    /** Seals what it keeps under the key of the act, before the transaction. */
    enum pd_status (*prepare)(void *context, struct act *act, pd_str case_id, struct pd_arena *arena,
                              struct pd_error *err);
    /** Writes its rows, inside the transaction, behind those of the case. */
    enum pd_status (*save)(void *context, struct govern *g, struct act *act, pd_str case_id,
                           struct pd_error *err);
    void *context;
};
/** govern_case_raise, with more. more: may be NULL. */
PD_CHECK enum pd_status case_raise(struct govern *g, const struct govern_raising *given,
                                   const struct case_more *more, struct pd_arena *arena, pd_id *id,
                                   const struct govern_outcome **out, struct pd_error *err);
/** The case that an act raised; `*found` false if it raised none. */
PD_CHECK enum pd_status case_of_act(struct govern *g, pd_id act, pd_id *out, bool *found,
                                    struct pd_error *err);

#endif
