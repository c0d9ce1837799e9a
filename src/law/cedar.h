/**
 * The Cedar policy language (version 4.5), natively: policies, values, entities, authorization.
 *
 * The rest of Polder reads this through law/law.h. The semantics are those of Cedar's formal model
 * (cedar-spec, Spec/Evaluator and Spec/Authorizer); what text is accepted follows its grammar.
 * Beyond Cedar stands one thing: a value may be *unknown*, and evaluation is then three-valued, so
 * that a finding can tell "no" from "not yet" (see LAW_VALUE_UNKNOWN).
 *
 * Policy sets and entity stores do not change once built and may then be shared between threads.
 * Schemas and validation: cedar_schema.h.
 */
#ifndef POLDER_LAW_CEDAR_H
#define POLDER_LAW_CEDAR_H

#include "base/base.h"

enum {
    LAW_NESTING_MAX = 512,       /* expressions within expressions, in text; brackets in JSON too */
    LAW_ANNOTATIONS_MAX = 256,   /* of one policy */
    LAW_TEXT_MAX = 16 << 20,     /* bytes of one policy text */
    LAW_ENTITIES_MAX = 256 << 20 /* bytes of one entities document */
};

/* ---- Values ---- */

/** An entity's name: `Polder::Party::"stats"` has the type `Polder::Party` and the id `stats`. */
struct law_uid {
    pd_str type;
    pd_str id;
};
bool law_uid_is_equal(const struct law_uid *a, const struct law_uid *b);
/** Whether `type` is a path of identifiers, `A::B::C`, none of them reserved. */
bool law_type_is_valid(pd_str type);

enum law_value_kind {
    LAW_VALUE_BOOL,
    LAW_VALUE_LONG,
    LAW_VALUE_STRING,
    LAW_VALUE_ENTITY,
    LAW_VALUE_SET,
    LAW_VALUE_RECORD,
    LAW_VALUE_DECIMAL,
    LAW_VALUE_IP,
    LAW_VALUE_DATETIME,
    LAW_VALUE_DURATION,
    /**
     * Not there now, and could be supplied with any value or not at all. As a record's member it
     * makes `has` and access unknown; operators hand it on in Kleene's manner: `false && u` and
     * `u && false` are false, `true || u` is true, `if u then 1 else 1` is 1, `u && error` is u.
     */
    LAW_VALUE_UNKNOWN
};

/** A small value that travels by copy; what it points to lives where it was made. */
struct law_value {
    enum law_value_kind kind;
    bool ip_is_v6;
    uint8_t ip_prefix; /* bits: 0..32 or 0..128 */
    union {
        bool boolean;
        int64_t number; /* long; decimal in 1/10000; datetime and duration in milliseconds */
        pd_str text;
        const struct law_uid *entity;
        uint8_t ip_address[16]; /* network order; v4 is in the first four, the rest zero */
        struct {
            const struct law_value *items; /* in law_value_compare's order, each once */
            size_t count;
        } set;
        struct {
            const struct law_member *members; /* by name in byte order, each once */
            size_t count;
        } record;
        struct {
            const pd_str *names; /* whose supply it depends on: sorted, each once */
            size_t count;
        } unknown;
    };
};
struct law_member {
    pd_str name;
    struct law_value value;
};

static inline struct law_value law_value_bool(bool b) {
    return (struct law_value){.kind = LAW_VALUE_BOOL, .boolean = b};
}
static inline struct law_value law_value_long(int64_t n) {
    return (struct law_value){.kind = LAW_VALUE_LONG, .number = n};
}
static inline struct law_value law_value_string(pd_str s) {
    return (struct law_value){.kind = LAW_VALUE_STRING, .text = s};
}
static inline struct law_value law_value_entity(const struct law_uid *uid) {
    return (struct law_value){.kind = LAW_VALUE_ENTITY, .entity = uid};
}
/** Milliseconds since 1970-01-01 UTC. */
static inline struct law_value law_value_datetime(int64_t ms) {
    return (struct law_value){.kind = LAW_VALUE_DATETIME, .number = ms};
}
static inline struct law_value law_value_duration(int64_t ms) {
    return (struct law_value){.kind = LAW_VALUE_DURATION, .number = ms};
}
/** `name` is borrowed, and is what evaluations list, e.g. "is_personal". */
static inline struct law_value law_value_unknown(const pd_str *name) {
    return (struct law_value){.kind = LAW_VALUE_UNKNOWN, .unknown = {name, 1}};
}

/**
 * A set of `items` (copied into `arena`, sorted, duplicates dropped). If an item is or holds an
 * unknown, the whole set is unknown. PD_LIMIT.
 */
PD_CHECK enum pd_status law_value_set(struct pd_arena *arena, const struct law_value *items,
                                      size_t count, struct law_value *out, struct pd_error *err);
/** A record of `members` (copied, sorted). PD_INVALID names a repeated name; PD_LIMIT. */
PD_CHECK enum pd_status law_value_record(struct pd_arena *arena, const struct law_member *members,
                                         size_t count, struct law_value *out, struct pd_error *err);
/**
 * What `decimal("...")`, `ip("...")`, `datetime("...")` or `duration("...")` gives.
 * PD_INVALID names the form that was expected.
 */
PD_CHECK enum pd_status law_value_extension(const char *function, pd_str text,
                                            struct law_value *out, struct pd_error *err);

/** A total order that agrees with Cedar's `==` (0 = equal); kinds first, then content. */
int law_value_compare(const struct law_value *a, const struct law_value *b);
/** A record's member, or NULL. */
const struct law_value *law_value_find(const struct law_value *record, pd_str name);

/**
 * Parses Cedar's JSON form of a value: `{"__entity":{"type","id"}}`, `{"__extn":{"fn","arg"}}` and
 * `{"__extn":{"fn","args":[...]}}` are escapes; null, fractions and repeated keys are refused.
 *
 * name: for messages, e.g. "context".
 * Returns PD_OK; PD_INVALID with "NAME:LINE:COLUMN: ...", the source line and a caret; PD_LIMIT.
 */
PD_CHECK enum pd_status law_value_parse_json(pd_str name, pd_str json, struct pd_arena *arena,
                                             struct law_value *out, struct pd_error *err);

/* ---- Policies ---- */

/** Where something stands in its text. Lines and columns from 1; a column is one code point. */
struct law_place {
    size_t offset; /* bytes from the start of the text */
    unsigned line;
    unsigned column;
};

enum law_effect { LAW_EFFECT_PERMIT, LAW_EFFECT_FORBID };

struct law_annotation {
    pd_str key;
    pd_str value; /* empty for a bare @key */
    bool is_bare; /* @key, not @key("") */
    struct law_place place;
};

enum law_scope_form {
    LAW_SCOPE_ANY,   /* principal */
    LAW_SCOPE_EQUAL, /* principal == entities[0] */
    LAW_SCOPE_IN,   /* principal in one of the entities; only an action may have several, or none */
    LAW_SCOPE_IS,   /* principal is type */
    LAW_SCOPE_IS_IN /* principal is type in entities[0] */
};
struct law_scope {
    enum law_scope_form form;
    pd_str type;
    const struct law_uid *entities;
    size_t entity_count;
    bool is_single; /* IN: one entity stands there, not a list in brackets */
    bool has_slot;  /* a `?principal` or `?resource` stands instead of entities[0] */
    struct law_place place;
    struct law_place type_place;           /* IS, IS_IN */
    const struct law_place *entity_places; /* one per entity; NULL: not from text, or linked */
};

struct law_expression;
struct law_clause {
    bool is_unless; /* otherwise: when */
    pd_str text;    /* the whole clause as written, from `when` to `}` */
    struct law_place place;
    const struct law_expression *body;
};

struct law_policy {
    pd_str id;
    enum law_effect effect;
    const struct law_annotation *annotations; /* in the order written */
    size_t annotation_count;
    struct law_scope principal, action, resource;
    const struct law_clause *clauses; /* in the order written */
    size_t clause_count;
    bool is_template;   /* has a slot: is never evaluated */
    pd_str template_id; /* of a linked policy; else empty. Its text and places are the template's */
    pd_str name;        /* of the text that it came from */
    pd_str text;        /* as written, from the first annotation to `;` */
    struct law_place place;
};

/** A policy set: owns its policies and a copy of their texts. */
struct law_policies;

/** limit_bytes: for everything in the set. NULL when out of memory. */
struct law_policies *law_policies_new(size_t limit_bytes);
void law_policies_free(struct law_policies *set);

/** Where ids come from. Numbering goes on through all texts of a set. */
enum law_ids {
    LAW_IDS_NUMBERED,  /* policy0, policy1, ... */
    LAW_IDS_ANNOTATED, /* from @id("..."); numbered where there is none */
};

/**
 * Adds the policies of one text. On failure the set is as it was.
 *
 * name:  for messages and law_policy.name, e.g. "cn/pipl.cedar".
 * Returns PD_OK; PD_INVALID with "NAME:LINE:COLUMN: what is wrong", the source line, and a caret
 * under the place, each on its line (also for an id that the set has already); PD_LIMIT.
 */
PD_CHECK enum pd_status law_policies_parse(struct law_policies *set, pd_str name, pd_str text,
                                           enum law_ids ids, struct pd_error *err);

/**
 * As law_policies_parse, but a policy that is wrong ends only itself: its error goes to `refused`,
 * and the reading goes on where the next policy seems to begin. The good policies are added, also
 * if PD_INVALID is returned, which says that there was an error. `refused` returns false when it
 * has heard enough; what was good up to there is added.
 */
PD_CHECK enum pd_status
law_policies_parse_each(struct law_policies *set, pd_str name, pd_str text, enum law_ids ids,
                        bool (*refused)(void *context, const struct pd_error *why), void *context,
                        struct pd_error *err);

/**
 * Adds a policy `new_id`: the template `template_id` of the set with entities for its slots, which
 * are copied. An entity is NULL exactly where the template has no slot. It copies the set's list:
 * for thousands of links, law_policies_parse_json.
 * PD_INVALID: no such template, a slot left over or not there, an id that the set has; PD_LIMIT.
 */
PD_CHECK enum pd_status law_policies_link(struct law_policies *set, pd_str template_id,
                                          pd_str new_id, const struct law_uid *principal,
                                          const struct law_uid *resource, struct pd_error *err);

/**
 * Adds the policies of a document in Cedar's JSON policy format:
 * `{"staticPolicies": {ID: POLICY}, "templates": {ID: POLICY}, "templateLinks": [{"templateId",
 * "newId", "values": {"?principal": {"type", "id"}}}]}`, each member optional. Links may name
 * templates that the set had before. On failure the set is as it was. Brackets nest at most
 * LAW_NESTING_MAX deep, of which an expression takes two or three. Texts and places of the
 * policies are those of the JSON.
 * PD_INVALID with "NAME:LINE:COLUMN: ...", the source line and a caret; PD_LIMIT.
 */
PD_CHECK enum pd_status law_policies_parse_json(struct law_policies *set, pd_str name, pd_str json,
                                                struct pd_error *err);
/** Adds one policy or template, written as JSON, under this id. As law_policies_parse_json. */
PD_CHECK enum pd_status law_policy_parse_json(struct law_policies *set, pd_str id, pd_str name,
                                              pd_str json, struct pd_error *err);
/**
 * Appends a policy or template in Cedar's JSON policy format, without white space; what was written
 * as a set, record or call of decimal and so on is written so. Reading it gives the same bytes
 * again when it is written. Check `out` once at the end.
 */
void law_policy_write_json(const struct law_policy *policy, struct pd_buf *out);
/** Appends the document that law_policies_parse_json reads; policies in the set's order. */
void law_policies_write_json(const struct law_policies *set, struct pd_buf *out);

/**
 * Appends the text in one layout: an annotation a line, scope and clauses on a line each if they
 * fit in 100 columns, one blank line between policies. Only white space changes, and comments keep
 * their place, so that the policies mean what they did; formatting the result gives it again.
 * PD_INVALID as law_policies_parse; PD_LIMIT. On failure `out` is as it was, unless it is full.
 */
PD_CHECK enum pd_status law_policies_format(pd_str name, pd_str text, struct pd_buf *out,
                                            struct pd_error *err);

size_t law_policies_count(const struct law_policies *set);
const struct law_policy *law_policies_get(const struct law_policies *set, size_t index);
/** NULL if there is none of this id; `*index` may be NULL. */
const struct law_policy *law_policies_find(const struct law_policies *set, pd_str id,
                                           size_t *index);

/** The value of @key; false if the policy has no such annotation. `out` may be NULL. */
bool law_policy_annotation(const struct law_policy *policy, const char *key, pd_str *out);

/**
 * Fills `err` as law_policies_parse does, for a place in the policy's own text: a rule that the
 * caller checks ("no such fact") reads like one that Cedar checks. Returns PD_INVALID.
 */
PD_PRINTF(5, 6)
enum pd_status law_policy_fail(const struct law_policies *set, const struct law_policy *policy,
                               struct law_place place, struct pd_error *err, const char *format,
                               ...);

/** A chain of names read from a variable: `context.f.k` is {"context", "f", "k"}. */
struct law_path {
    const pd_str *names;
    size_t count;
    bool is_has; /* the last name is asked for by `has`, not read */
    struct law_place place;
};
/**
 * Calls `visit` for each longest chain in the policy's clauses, in the order written, until it
 * returns false. `e has a.b` counts as `e has a` and `e.a has b`. A record that is used whole
 * (`context.f == x`) shows as the chain that ends at it.
 */
void law_policy_visit_paths(const struct law_policy *policy,
                            bool (*visit)(void *context, const struct law_path *path),
                            void *context);

/* ---- Entities ---- */

struct law_entity {
    struct law_uid uid;
    const struct law_uid *parents;
    size_t parent_count;
    struct law_value attributes; /* a record; zeroed (kind LAW_VALUE_BOOL) counts as {} */
    struct law_value tags;       /* likewise */
};

/** A store with all ancestors computed; lives in the arena it was made in. */
struct law_entities;

/**
 * Makes a store of `list`, whose strings and values are borrowed.
 * PD_INVALID names an entity given twice, one that is its own ancestor, an invalid type; PD_LIMIT.
 */
PD_CHECK enum pd_status law_entities_make(const struct law_entity *list, size_t count,
                                          struct pd_arena *arena, const struct law_entities **out,
                                          struct pd_error *err);
/**
 * Parses `[{"uid":{"type","id"},"attrs":{},"parents":[],"tags":{}}, ...]`; a uid may also be
 * `{"__entity":{...}}`, `tags` may be absent, other fields are refused. As law_entities_make
 * besides; PD_INVALID with "NAME:LINE:COLUMN: ...", the source line and a caret.
 */
PD_CHECK enum pd_status law_entities_parse(pd_str name, pd_str json, struct pd_arena *arena,
                                           const struct law_entities **out, struct pd_error *err);
size_t law_entities_count(const struct law_entities *entities);

/* ---- Authorization ---- */

struct law_request {
    struct law_uid principal, action, resource;
    struct law_value context; /* a record; zeroed counts as {} */
};

enum law_verdict {
    LAW_VERDICT_SATISFIED,
    LAW_VERDICT_NOT,    /* out of scope, or a clause speaks against it */
    LAW_VERDICT_ERROR,  /* could not be evaluated: see message */
    LAW_VERDICT_UNKNOWN /* depends on values that are unknown */
};

/** What one policy says to one request. */
struct law_evaluation {
    enum law_verdict verdict;
    bool in_scope;
    size_t clause;          /* NOT, ERROR: the clause at which it ended; otherwise clause_count */
    pd_str message;         /* ERROR: one sentence, with NAME:LINE:COLUMN */
    struct law_place place; /* ERROR */
    const pd_str *unknown;  /* UNKNOWN: names whose supply could matter, sorted, each once */
    size_t unknown_count;
};

/**
 * Evaluates one policy. A template is never in scope.
 * `*out` lives in `arena` or borrows from the arguments. Returns PD_OK whatever the verdict;
 * PD_LIMIT when the arena is full, PD_INVALID for a context that is no record.
 */
PD_CHECK enum pd_status law_policy_evaluate(const struct law_policy *policy,
                                            const struct law_entities *entities,
                                            const struct law_request *request,
                                            struct pd_arena *arena, struct law_evaluation *out,
                                            struct pd_error *err);

struct law_answer {
    bool is_allowed;
    const size_t *reasons; /* determining policies: satisfied permits if allowed, else forbids */
    size_t reason_count;
    const size_t *satisfied; /* every satisfied policy, permits and forbids alike */
    size_t satisfied_count;
    struct law_policy_error {
        size_t policy;
        pd_str message;
    } * errors; /* policies that could not be evaluated */
    size_t error_count;
    const size_t *unknown; /* policies that depend on unknown values: they count as not satisfied */
    size_t unknown_count;
};

/**
 * Cedar's authorization: allowed iff a permit is satisfied and no forbid is. A policy that errs is
 * skipped and listed, so **a caller that must fail closed denies when error_count > 0**.
 * Numbers are indices into `policies`, ascending. As law_policy_evaluate besides.
 * entities: NULL is the empty store.
 */
PD_CHECK enum pd_status law_authorize(const struct law_policies *policies,
                                      const struct law_entities *entities,
                                      const struct law_request *request, struct pd_arena *arena,
                                      struct law_answer *out, struct pd_error *err);

/*
 * The same, fast. law_authorize asks every policy; a program is a policy set indexed by action,
 * resource and principal, with its conditions compiled, which asks only those whose scopes the
 * request is in. The answers are the same.
 */

/** A policy set made ready. Immutable: threads may share it. */
struct law_program;
/**
 * Compiles and indexes the policies that the set has now. `*out` lives in `arena` and borrows from
 * the set, to which nothing may be added as long as it is used. PD_LIMIT when the arena is full.
 */
PD_CHECK enum pd_status law_program_make(const struct law_policies *policies,
                                         struct pd_arena *arena, const struct law_program **out,
                                         struct pd_error *err);

/** Room to decide in, used again for each decision: one for each thread. */
struct law_scratch;
/** `*out` lives in `arena` and borrows `program`. PD_LIMIT. */
PD_CHECK enum pd_status law_scratch_make(const struct law_program *program, struct pd_arena *arena,
                                         struct law_scratch **out, struct pd_error *err);

/**
 * As law_authorize. `*out` lives in `scratch` until its next decision.
 *
 * arena: for the messages of errors and for what depends on unknowns. A decision in which no
 *        policy errs, depends on an unknown or writes a record `{...}` of what it read takes
 *        nothing from it, and never from the heap.
 */
PD_CHECK enum pd_status law_decide(struct law_scratch *scratch, const struct law_entities *entities,
                                   const struct law_request *request, struct pd_arena *arena,
                                   struct law_answer *out, struct pd_error *err);

#endif
