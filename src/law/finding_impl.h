/* Shared by the files of the finding (registry, obligation, rules, finding); never leaves the room.
 */
#ifndef POLDER_LAW_FINDING_IMPL_H
#define POLDER_LAW_FINDING_IMPL_H

#include "law/cedar_impl.h"
#include "law/law.h"

#define LAW_NAMESPACE "Polder::"

enum { LAW_VERBS_MAX = 64, LAW_GROUPS_MAX = 4, LAW_RULES_BYTES_MAX = 64 << 20 };
struct law_program;

/* ---- vocabulary.c: the closed lists that the schema states too ---- */

struct law_verb {
    const char *name;
    const char *groups[LAW_GROUPS_MAX]; /* all of them, ends in NULL */
};
const struct law_verb *law_verb_nth(size_t n); /* NULL behind the last */
size_t law_verb_find(pd_str name);             /* PD_NPOS if there is none */
const char *law_verb_nearest(pd_str given);    /* the verb that may have been meant, or NULL */
bool law_verb_is_in(const struct law_verb *verb, pd_str name_or_group);
bool law_verb_is_group(pd_str name);
enum law_code { LAW_CODE_PARTY_KIND, LAW_CODE_CHAMBER, LAW_CODE_NOUN };
bool law_code_is_known(enum law_code list, pd_str value);
/** The whole list, separated by spaces, for messages and tests. */
const char *law_code_list(enum law_code list);

/* ---- Rules ---- */

struct law_threshold {
    pd_str name;
    int64_t value;
};

/** A fact that a policy reads, and in which of its clauses. */
struct law_read {
    size_t fact;
    size_t clause;
};

/** What the finding knows of a policy beyond Cedar. */
struct law_rule {
    const struct law_policy *policy;
    struct law_voice voice;             /* all but role, exempted_by and message */
    bool is_duty;                       /* its id ends in ".duty": obliges without permitting */
    pd_time effective;                  /* INT64_MIN: always was */
    pd_time expires;                    /* INT64_MAX: does not */
    const struct law_alternative *duty; /* @obligation, or NULL */
    const size_t *exempts;              /* rules that it takes out of a finding */
    size_t exempt_count;
    const size_t *exempted_by; /* rules that may take it out */
    size_t exempted_by_count;
    const struct law_read *reads;
    size_t read_count;
    const size_t *facts; /* the facts among them, by name, each once */
    size_t fact_count;
};

struct law_rules {
    struct pd_arena *arena;
    struct law_policies *policies;
    struct law_fact_kind *facts;      /* in the registry's order */
    const char **fact_names;          /* the same, for pd_nearest_name */
    const size_t *fact_order;         /* by name in byte order */
    const struct law_uid **code_uids; /* per fact: its codes as entities, in their order */
    size_t fact_count;
    struct law_threshold *thresholds;
    size_t threshold_count;
    struct law_value threshold_record; /* context.t */
    const struct law_calendar **calendars;
    size_t calendar_count;
    struct law_pack *packs; /* by folder */
    size_t pack_count;
    struct law_rule *rules; /* by the policy's index in `policies` */
    size_t count;
    const size_t
        *exempt_order; /* exempting rules: who may be exempted comes after who may exempt it */
    size_t exempt_order_count;
    const struct law_program *program; /* of `policies` */
};

/* ---- complaint.c ---- */

struct law_complaint {
    pd_str path, text;     /* "PATH:LINE:COLUMN: ..." */
    unsigned line, column; /* 0: it has no place */
    size_t nth;
};
struct law_complaints {
    struct pd_arena *arena;
    struct law_complaint *items;
    size_t count, capacity;
};
/**
 * Takes a refusal of something in `path`, of which the loading is to go on: PD_OK then. Other
 * failures come back, and without a list (NULL) every one.
 */
PD_CHECK enum pd_status law_complain(struct law_complaints *list, pd_str path, enum pd_status st,
                                     struct pd_error *err);
/** Their texts, by file and place. */
PD_CHECK enum pd_status law_complaints_list(struct law_complaints *list, const pd_str **out,
                                            struct pd_error *err);

/* ---- registry.c ---- */

PD_CHECK enum pd_status law_registry_load(struct law_rules *rules, pd_str path, pd_str text,
                                          struct pd_error *err);
PD_CHECK enum pd_status law_thresholds_load(struct law_rules *rules, pd_str path, pd_str text,
                                            struct pd_error *err);
/** All but the folder. */
PD_CHECK enum pd_status law_manifest_parse(struct pd_arena *arena, pd_str path, pd_str text,
                                           struct law_pack *out, struct pd_error *err);
/** PD_NPOS if unknown. */
size_t law_registry_find(const struct law_rules *rules, pd_str name);
/** Whether a value is of the fact's type and codes. */
bool law_scalar_is_of(const struct law_scalar *value, const struct law_fact_kind *kind);

static inline bool law_fact_accepts(const struct law_fact_kind *kind, enum law_class c) {
    return (kind->accepts >> c & 1) != 0;
}

/* ---- rules_check.c: names, exemptions ---- */

/** The clause in which something stands: the last one that begins before it. */
size_t law_clause_of(const struct law_policy *policy, struct law_place place);
/** The threshold that was perhaps meant: ": did you mean `x`?", or "". */
struct law_hint law_threshold_hint(const struct law_rules *rules, pd_str name);
/** Checks every name that the policy reads and fills rule->reads. */
PD_CHECK enum pd_status law_rule_read_paths(struct law_rules *rules, struct law_rule *rule,
                                            struct law_complaints *complaints,
                                            struct pd_error *err);
PD_CHECK enum pd_status law_exemptions_load(struct law_rules *rules,
                                            struct law_complaints *complaints,
                                            struct pd_error *err);

/* ---- obligation.c ---- */

/** What an evidenced obligation asks of a fact; value empty: that it is true. False if none does.
 */
bool law_obligation_evidence(const struct law_obligation *o, pd_str *fact, pd_str *value);
/** The kind of the vocabulary that was perhaps meant: ": did you mean `x`?", or "". */
struct law_hint law_obligation_hint(pd_str kind);
/** The facts that evidence may name, one after the other; NULL behind the last. */
const char *law_evidence_fact_nth(size_t n);
/** Puts the node's numbers where an argument says t.NAME; false names the unknown threshold. */
bool law_obligation_resolve(struct law_obligation *o, const struct law_rules *rules,
                            pd_str *unknown);

/* ---- obligation_merge.c ---- */

/** Same kind and words once, the strictest parameter; the order of first mention stays. */
PD_CHECK enum pd_status law_obligations_merge(const struct law_obligation *const *list,
                                              size_t count, struct pd_arena *arena,
                                              struct law_obligation **out, size_t *out_count,
                                              struct pd_error *err);

/* ---- finding_case.c: from a case to what Cedar evaluates ---- */

struct law_question {
    const struct law_rules *rules;
    const struct law_case *c;
    struct pd_arena *arena;
    struct law_used_fact *used;     /* one per fact of the case */
    size_t *kinds;                  /* the same: its kind in the registry, or PD_NPOS */
    const struct law_fact **chosen; /* per fact kind: the one that enters, or NULL */
    size_t chosen_count;            /* those that are not NULL */
    const struct law_entities *entities;
    struct law_request request;
    size_t verb;
};
/** Chooses the facts that enter and builds the request. PD_INVALID: not a case of the schema. */
PD_CHECK enum pd_status law_question_make(const struct law_rules *rules, const struct law_case *c,
                                          struct pd_arena *arena, struct law_question *q,
                                          struct pd_error *err);
/** Its context with some facts unknown, if they are missing and may still be supplied; `facts` by
    name. */
PD_CHECK enum pd_status law_question_open(const struct law_question *q, const size_t *facts,
                                          size_t count, struct law_value *context,
                                          struct pd_error *err);

/* ---- finding_open.c ---- */

/**
 * Whether what a rule says could change if somebody supplied missing facts, and which of them could
 * bring that about (alone or with others), as indices into the registry. count 0: it could not.
 */
PD_CHECK enum pd_status law_question_depends(const struct law_question *q,
                                             const struct law_rule *rule, const size_t **facts,
                                             size_t *count, struct pd_error *err);

/* ---- calendar.c ---- */

/** What a calendar knows, in days since 1970-01-01 in its zone, which is `offset` microseconds
 * ahead. */
struct law_calendar_span {
    int64_t first, last, offset;
};
struct law_calendar_span law_calendar_span(const struct law_calendar *calendar);
bool law_calendar_works(const struct law_calendar *calendar, int64_t day); /* one that it knows */

/* ---- diff_policy.c ---- */

/** Differences found so far, in the arena. */
struct law_differences {
    struct pd_arena *arena;
    struct law_difference *list;
    size_t count, capacity;
};
/** `what` outlives the list; false when the arena is full. */
bool law_differences_add(struct law_differences *d, pd_str what, pd_str before, pd_str after);
/** As above, if the texts differ; a text without data could not be made, as the arena was full. */
bool law_differences_compare(struct law_differences *d, const char *what, pd_str before,
                             pd_str after);
/** What is otherwise in a policy of the same id. False when the arena is full. */
bool law_differences_of_policies(struct law_differences *d, const struct law_policy *before,
                                 const struct law_policy *after);

#endif
