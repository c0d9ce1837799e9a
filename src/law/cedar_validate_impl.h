/**
 * The inside of validation: types of expressions in one environment, that is for one type of
 * principal, one action, one type of resource.
 */
#ifndef POLDER_LAW_CEDAR_VALIDATE_IMPL_H
#define POLDER_LAW_CEDAR_VALIDATE_IMPL_H

#include "law/cedar_schema_impl.h"

/** What an expression is known to have: an attribute, or a tag under a key. */
struct law_capability {
    const struct law_expression *on;
    const struct law_expression *key; /* a tag's; NULL: an attribute */
    pd_str attribute;
    const struct law_capability *next;
};

/** Where the entity in a value comes from: whether it may be read from depends on it. */
struct law_reach {
    unsigned level;                         /* entities read from, one after the other, to get it */
    const struct law_expression *through;   /* the last of them */
    const struct law_reach *before;         /* where that one came from */
    const struct law_uid *literal;          /* it may be this one, which is written out; or NULL */
    const struct law_reach *const *members; /* of a record literal, by its type's attributes */
};

/** An expression's type (NULL: it has none, and the checker has failed), and what its truth shows.
 */
struct law_typing {
    const struct law_type *type;
    const struct law_capability *shown;
    const struct law_reach *reach; /* NULL: of the request itself */
};

/** What is wrong in one environment. */
struct law_fault {
    struct law_place place;
    pd_str message;
    bool is_level; /* the types are right, but it reads from too many entities */
};

struct law_checker {
    const struct law_schema *schema;
    struct pd_arena *arena;
    struct law_type principal, resource, action_type; /* the environment */
    size_t action;
    unsigned level_max;
    size_t steps_left; /* bounds the work on one policy */
    enum pd_status status;
    struct law_fault faults[LAW_PROBLEMS_MAX];
    size_t fault_count;
};

/** Notes what is wrong at a place of the policy, if there is room for it. */
PD_PRINTF(4, 5)
void law_checker_fault(struct law_checker *c, struct law_place place, bool is_level,
                       const char *format, ...);
/** Fails at a place of the policy, unless failed already. Returns NULL. */
PD_PRINTF(3, 4)
const struct law_type *law_checker_fail(struct law_checker *c, struct law_place place,
                                        const char *format, ...);
/** Types an expression of which `known` holds. */
struct law_typing law_checker_type(struct law_checker *c, const struct law_expression *e,
                                   const struct law_capability *known);

/* ---- Types (cedar_type.c) ---- */

extern const struct law_type law_type_bool, law_type_true, law_type_false, law_type_long,
    law_type_string, law_type_decimal, law_type_ip, law_type_datetime, law_type_duration;

static inline bool law_type_is_bool(const struct law_type *t) {
    return t->kind == LAW_TYPE_BOOL || t->kind == LAW_TYPE_TRUE || t->kind == LAW_TYPE_FALSE;
}
/** The type that takes in both, strictly; NULL if there is none or, with a failure, no room. */
const struct law_type *law_type_join(struct law_checker *c, const struct law_type *a,
                                     const struct law_type *b);
/** The type of a value as written in a policy; NULL on failure. */
const struct law_type *law_type_of_value(struct law_checker *c, struct law_place place,
                                         const struct law_value *v);
/** For messages: "Long", "Set<User>", "{a: Long, ...}". */
pd_str law_type_name(struct law_checker *c, const struct law_type *type);
/** Whether entities of one type may be in entities of another (each may be itself). */
bool law_schema_may_be_in(const struct law_schema *schema, pd_str type, pd_str ancestor);

/* ---- Levels (cedar_level.c) ---- */

/** The reach of a value as written in a policy. */
const struct law_reach *law_reach_of_value(struct law_checker *c, const struct law_value *v);
const struct law_reach *law_reach_of_record(struct law_checker *c,
                                            const struct law_reach *const *members);
/** The reach of a record's nth attribute. */
const struct law_reach *law_reach_member(const struct law_reach *reach, size_t nth);
/** The reach of what may be either; both are of `type`. */
const struct law_reach *law_reach_join(struct law_checker *c, const struct law_type *type,
                                       const struct law_reach *a, const struct law_reach *b);
/** Notes that `on`, an entity, is read from; a fault if it may not be. Returns what that reaches.
 */
const struct law_reach *law_level_read(struct law_checker *c, struct law_place place,
                                       const struct law_expression *on,
                                       const struct law_reach *reach);

/* ---- Capabilities (cedar_capability.c) ---- */

bool law_capability_is_known(struct law_checker *c, const struct law_capability *known,
                             const struct law_capability *wanted);
const struct law_capability *law_capability_add(struct law_checker *c,
                                                const struct law_capability *list,
                                                const struct law_capability *more);
const struct law_capability *law_capability_common(struct law_checker *c,
                                                   const struct law_capability *a,
                                                   const struct law_capability *b);

#endif
