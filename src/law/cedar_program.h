/**
 * A policy set made ready: which policies' scopes a request is in (cedar_index.c), their conditions
 * as code (cedar_compile.c), and the machine that runs it (cedar_machine.c).
 *
 * The machine knows the plain cases only: no unknowns, no errors, nothing to be written. Whatever
 * else it meets it leaves to cedar_eval.c, which evaluates the policy from its beginning, so that
 * there is one account of what a condition means when something is wrong with it.
 */
#ifndef POLDER_LAW_CEDAR_PROGRAM_H
#define POLDER_LAW_CEDAR_PROGRAM_H

#include "law/cedar_impl.h"

/* ---- Scopes ---- */

/**
 * What a scope can ask of a variable, as numbers: to be an entity, to be in one, or to be of a
 * type. A request offers keys, and is in the scopes all of whose keys it offers. LAW_KEY_ANY is
 * always offered.
 */
enum { LAW_KEY_ANY = 0 };
struct law_key {
    struct law_symbol symbol;
    uint32_t equal; /* its number as `== uid`; or 0: no scope asks for it so */
    uint32_t in;    /* as `in uid` */
    uint32_t is;    /* as `is type` */
};
struct law_keys {
    struct law_symbols uids, types; /* of struct law_key */
    uint32_t count;                 /* numbers are below it */
    bool has_in;                    /* some scope asks what the variable is in */
};

/** A key, and where what is behind it begins in the next level's list; it ends where the next
 * begins. */
struct law_branch {
    uint32_t key;
    uint32_t first;
};
/** Action, then resource, then principal: the levels of a tree whose leaves are policies. */
enum { LAW_LEVELS = 3 };
struct law_index {
    struct law_keys keys[LAW_LEVELS];              /* by level */
    const struct law_branch *branches[LAW_LEVELS]; /* siblings by key; one more behind the last */
    uint32_t branch_count[LAW_LEVELS];
    const uint32_t *policies;
    /** Per policy: the types that `is T in uid` asks for besides, as keys of resource, principal.
     */
    const struct law_also { uint32_t resource, principal; } * also;
};

PD_CHECK bool law_index_build(const struct law_policies *policies, struct pd_arena *arena,
                              struct law_index *out);

/* ---- Conditions ---- */

enum law_op {
    LAW_OP_SATISFIED, /* no clause spoke against the policy */
    LAW_OP_STOP,      /* this clause did */
    LAW_OP_LEAVE,     /* to cedar_eval.c */
    LAW_OP_GO,
    LAW_OP_CONSTANT,
    LAW_OP_PATH, /* push what stands at a path */
    LAW_OP_GET,  /* from here on: the operand's place takes the result */
    LAW_OP_NEGATE,
    LAW_OP_CALL_1,
    LAW_OP_ADD,
    LAW_OP_SUBTRACT,
    LAW_OP_MULTIPLY,
    LAW_OP_GET_TAG,
    LAW_OP_CALL_2,
    LAW_OP_SET,      /* of the topmost `number` values */
    LAW_OP_IS_OR_GO, /* if of another type, drop it and go on elsewhere; else keep the entity */
    LAW_OP_HAS_PATH, /* from here on: true or false, with which is done what `then` says */
    LAW_OP_TEST,     /* one operand, from here on */
    LAW_OP_HAS,
    LAW_OP_LIKE,
    LAW_OP_IS,
    LAW_OP_IS_EMPTY,
    LAW_OP_EQUAL, /* two operands, from here on */
    LAW_OP_NOT_EQUAL,
    LAW_OP_LESS,
    LAW_OP_LESS_EQUAL,
    LAW_OP_GREATER,
    LAW_OP_GREATER_EQUAL,
    LAW_OP_IN,
    LAW_OP_CONTAINS,
    LAW_OP_CONTAINS_ALL,
    LAW_OP_CONTAINS_ANY,
    LAW_OP_HAS_TAG
};

enum law_then { LAW_THEN_GO_IF_FALSE, LAW_THEN_GO_IF_TRUE, LAW_THEN_PUSH };

enum { LAW_PATH_NONE = UINT16_MAX };
struct law_instruction {
    uint8_t op;
    uint8_t then;
    uint16_t path;   /* HAS_PATH, PATH; others: of the first operand, or NONE: it is on the stack */
    uint32_t number; /* where to go on; how many; which clause */
    union {
        const struct law_value *constant; /* the second operand, or NULL: it is on the stack */
        const struct law_expression *expression; /* LIKE, IS, HAS, GET: its names or type */
        const struct law_function *function;
        uint32_t base; /* HAS_PATH: the path whose value must be there to be asked */
    };
};

/** Numbers of paths: the four variables, then what is read from them by name. */
struct law_step {
    uint32_t parent; /* a path of a lower number */
    pd_str name;
};
enum {
    LAW_PATHS_MAX = 4096, /* more are read name by name each time */
    LAW_STACK_MAX = 1024, /* values; a policy that needs more is left to cedar_eval.c */
    LAW_ITEMS_MAX = 16    /* of a set that is made while evaluating */
};

struct law_program {
    const struct law_policies *policies;
    size_t policy_count;
    struct law_index index;
    const struct law_step *paths;
    uint32_t path_count;
    const struct law_instruction *code;
    const struct law_entry { /* per policy */
        uint32_t start;      /* in the code */
        bool is_forbid;
    } * entries;
    uint32_t stack_size; /* values */
    uint32_t item_count; /* items of all sets that one policy may make */
};

PD_CHECK bool law_program_compile(struct law_program *program, struct pd_arena *arena);

/* ---- Deciding ---- */

/** What was found at a path in the request at hand, and where to look first in the next one. */
struct law_found {
    uint32_t round; /* as law_machine.round; otherwise it wasn't looked for */
    uint32_t guess; /* its place among the members of the record that it was found in last */
    const struct law_value *value; /* NULL: nothing there */
};
/** The keys that the request at hand offers. */
struct law_offer {
    uint32_t *rounds; /* per key: as law_machine.round, if offered */
    uint32_t *keys;   /* those offered, LAW_KEY_ANY the first */
    uint32_t count, capacity;
};
struct law_machine {
    const struct law_program *program;
    struct law_evaluator ev; /* the request at hand */
    uint32_t round;
    struct law_offer offers[LAW_LEVELS];
    uint64_t *candidates; /* a bit per policy; all zero between requests */
    struct law_found *found;
    const struct law_value **stack;
    struct law_value *cells; /* per place of the stack, for a value made there */
    struct law_value *items; /* of sets made while evaluating */
    uint32_t item_count;
    size_t clause; /* at which the last policy ended */
};

PD_CHECK bool law_machine_init(struct law_machine *machine, const struct law_program *program,
                               struct pd_arena *arena);
/**
 * Takes a request up: afterwards `candidates` are the policies whose scopes it is in. `arena` is
 * for what the machine leaves to cedar_eval.c. PD_INVALID: the context is no record.
 */
PD_CHECK enum pd_status law_machine_begin(struct law_machine *machine,
                                          const struct law_entities *entities,
                                          const struct law_request *request, struct pd_arena *arena,
                                          struct pd_error *err);
size_t law_machine_count(const struct law_machine *machine); /* of the candidates */
/** The lowest candidate, which then is none any more; PD_NPOS: there is none. `*word` from 0. */
size_t law_machine_next(struct law_machine *machine, size_t *word);
enum law_run { LAW_RUN_NOT, LAW_RUN_SATISFIED, LAW_RUN_LEFT /* to cedar_eval.c */ };
/** What a policy says whose scope the request is in; `machine->clause` as law_evaluation.clause. */
enum law_run law_machine_run(struct law_machine *machine, size_t policy);
/** The same by cedar_eval.c. False when the arena is full. */
PD_CHECK bool law_machine_hear(struct law_machine *machine, size_t policy,
                               struct law_evaluation *out);

/** Fills `machine->offers` and `machine->candidates` (cedar_index.c). */
void law_index_seek(struct law_machine *machine);

#endif
