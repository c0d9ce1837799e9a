/*
 * Conditions as code for a machine with a stack. Where only the truth of an expression matters it
 * becomes a test that goes on here or elsewhere, so that most conditions push nothing. What is read
 * by name from principal, action, resource or context is a path with a number, so that one decision
 * looks each up once, however many policies read it.
 */
#include "law/cedar_program.h"

#include <string.h>

struct compiler {
    struct pd_arena *arena;
    struct law_instruction *code;
    uint32_t count, capacity;
    struct law_step *paths;
    uint32_t *sorted; /* paths by parent and name */
    uint32_t path_count;
    int height, highest; /* of the stack, in the policy at hand */
    uint32_t items;      /* of the sets that it makes */
    bool is_full;
    struct law_instruction lost; /* where to write what there is no room for */
};

/* ---- Code ---- */

/** `growth`: of the stack. Somewhere of no consequence when the arena is full. */
static struct law_instruction *emit(struct compiler *c, enum law_op op, int growth) {
    if (c->count == c->capacity) {
        uint32_t capacity = c->capacity ? c->capacity * 2 : 64;
        struct law_instruction *wider = c->capacity < UINT32_MAX / 4
                                            ? pd_arena_array(c->arena, capacity, sizeof(*wider))
                                            : NULL;
        if (!wider) {
            c->is_full = true;
            c->lost = (struct law_instruction){.op = LAW_OP_LEAVE};
            return &c->lost;
        }
        if (c->count > 0)
            memcpy(wider, c->code, c->count * sizeof(*wider));
        c->code = wider;
        c->capacity = capacity;
    }
    c->height += growth;
    if (c->height > c->highest)
        c->highest = c->height;
    struct law_instruction *code = &c->code[c->count++];
    *code =
        (struct law_instruction){.op = (uint8_t)op, .then = LAW_THEN_PUSH, .path = LAW_PATH_NONE};
    return code;
}

/** A place further on, and the last of the instructions that go there, each of which has the one
 * before. */
struct label {
    uint32_t last;
};
#define LABEL ((struct label){UINT32_MAX})

/** The instruction that was emitted last goes there. */
static void go_to(struct compiler *c, struct label *label) {
    if (c->is_full)
        return;
    c->code[c->count - 1].number = label->last;
    label->last = c->count - 1;
}

/** The place is here. */
static void place(struct compiler *c, struct label *label) {
    while (label->last != UINT32_MAX && !c->is_full) {
        struct law_instruction *code = &c->code[label->last];
        label->last = code->number;
        code->number = c->count;
    }
}

static void compile(struct compiler *c, const struct law_expression *e);
static void test(struct compiler *c, const struct law_expression *e, bool go_if,
                 struct label *label);

/* ---- Paths ---- */

static int compare_step(const struct law_step *step, uint32_t parent, pd_str name) {
    if (step->parent != parent)
        return step->parent < parent ? -1 : 1;
    return pd_str_cmp(step->name, name);
}

/** The path of `name` behind `parent`. False when there are too many: then it has no number. */
static bool number_path(struct compiler *c, uint32_t parent, pd_str name, uint32_t *out) {
    uint32_t low = 0, high = c->path_count - LAW_VARIABLE_COUNT;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_step(&c->paths[c->sorted[middle]], parent, name);
        if (order == 0) {
            *out = c->sorted[middle];
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (c->path_count == LAW_PATHS_MAX)
        return false;
    uint32_t known = c->path_count - LAW_VARIABLE_COUNT;
    memmove(&c->sorted[low + 1], &c->sorted[low], (known - low) * sizeof(*c->sorted));
    c->sorted[low] = c->path_count;
    c->paths[c->path_count] = (struct law_step){parent, name};
    *out = c->path_count++;
    return true;
}

/** Whether the expression is a variable, or names read from one: then as a path. */
static bool find_path(struct compiler *c, const struct law_expression *e, uint32_t *out) {
    if (e->kind == LAW_EXPR_VARIABLE) {
        *out = e->variable;
        return true;
    }
    return e->kind == LAW_EXPR_GET && find_path(c, e->operands[0], out) &&
           number_path(c, *out, e->names.list[0], out);
}

static void push_path(struct compiler *c, uint32_t path) {
    emit(c, LAW_OP_PATH, 1)->path = (uint16_t)path;
}

static void compile_get(struct compiler *c, const struct law_expression *e) {
    uint32_t path;
    if (find_path(c, e, &path)) {
        push_path(c, path);
        return;
    }
    compile(c, e->operands[0]);
    emit(c, LAW_OP_GET, 0)->expression = e;
}

/* ---- Values ---- */

/** `e is T in x`: what x is matters only if e is a T. */
static void compile_is_in(struct compiler *c, const struct law_expression *e) {
    static const struct law_value no = {.kind = LAW_VALUE_BOOL};
    struct label other = LABEL, end = LABEL;
    compile(c, e->operands[0]);
    emit(c, LAW_OP_IS_OR_GO, 0)->expression = e;
    go_to(c, &other);
    compile(c, e->operands[1]);
    emit(c, LAW_OP_IN, -1);
    emit(c, LAW_OP_GO, -1); /* the other way begins lower */
    go_to(c, &end);
    place(c, &other);
    emit(c, LAW_OP_CONSTANT, 1)->constant = &no;
    place(c, &end);
}

static void compile_set(struct compiler *c, const struct law_expression *e) {
    if (e->operand_count > LAW_ITEMS_MAX) {
        emit(c, LAW_OP_LEAVE, 1);
        return;
    }
    for (size_t i = 0; i < e->operand_count; i++)
        compile(c, e->operands[i]);
    emit(c, LAW_OP_SET, 1 - (int)e->operand_count)->number = (uint32_t)e->operand_count;
    c->items += (uint32_t)e->operand_count;
}

static void compile_call(struct compiler *c, const struct law_expression *e) {
    if (e->operand_count != e->function->arity || e->operand_count > LAW_ARITY_MAX) {
        emit(c, LAW_OP_LEAVE, 1);
        return;
    }
    for (size_t i = 0; i < e->operand_count; i++)
        compile(c, e->operands[i]);
    if (e->operand_count == 1)
        emit(c, LAW_OP_CALL_1, 0)->function = e->function;
    else
        emit(c, LAW_OP_CALL_2, -1)->function = e->function;
}

static void compile_if(struct compiler *c, const struct law_expression *e) {
    struct label otherwise = LABEL, end = LABEL;
    test(c, e->operands[0], false, &otherwise);
    compile(c, e->operands[1]);
    emit(c, LAW_OP_GO, -1);
    go_to(c, &end);
    place(c, &otherwise);
    compile(c, e->operands[2]);
    place(c, &end);
}

/** What can be tested, as a value. */
static void compile_truth(struct compiler *c, const struct law_expression *e) {
    static const struct law_value truths[] = {{.kind = LAW_VALUE_BOOL, .boolean = false},
                                              {.kind = LAW_VALUE_BOOL, .boolean = true}};
    struct label no = LABEL, end = LABEL;
    test(c, e, false, &no);
    emit(c, LAW_OP_CONSTANT, 1)->constant = &truths[true];
    emit(c, LAW_OP_GO, -1);
    go_to(c, &end);
    place(c, &no);
    emit(c, LAW_OP_CONSTANT, 1)->constant = &truths[false];
    place(c, &end);
}

/** The operation of an expression whose operands are evaluated one after the other. */
static enum law_op plain_op(enum law_expression_kind kind) {
    static const enum law_op ops[] = {
        [LAW_EXPR_NEGATE] = LAW_OP_NEGATE,
        [LAW_EXPR_EQUAL] = LAW_OP_EQUAL,
        [LAW_EXPR_NOT_EQUAL] = LAW_OP_NOT_EQUAL,
        [LAW_EXPR_LESS] = LAW_OP_LESS,
        [LAW_EXPR_LESS_EQUAL] = LAW_OP_LESS_EQUAL,
        [LAW_EXPR_GREATER] = LAW_OP_GREATER,
        [LAW_EXPR_GREATER_EQUAL] = LAW_OP_GREATER_EQUAL,
        [LAW_EXPR_ADD] = LAW_OP_ADD,
        [LAW_EXPR_SUBTRACT] = LAW_OP_SUBTRACT,
        [LAW_EXPR_MULTIPLY] = LAW_OP_MULTIPLY,
        [LAW_EXPR_IN] = LAW_OP_IN,
        [LAW_EXPR_LIKE] = LAW_OP_LIKE,
        [LAW_EXPR_CONTAINS] = LAW_OP_CONTAINS,
        [LAW_EXPR_CONTAINS_ALL] = LAW_OP_CONTAINS_ALL,
        [LAW_EXPR_CONTAINS_ANY] = LAW_OP_CONTAINS_ANY,
        [LAW_EXPR_IS_EMPTY] = LAW_OP_IS_EMPTY,
        [LAW_EXPR_HAS_TAG] = LAW_OP_HAS_TAG,
        [LAW_EXPR_GET_TAG] = LAW_OP_GET_TAG,
    };
    size_t count = sizeof(ops) / sizeof(ops[0]);
    return (size_t)kind < count && ops[kind] != LAW_OP_SATISFIED ? ops[kind] : LAW_OP_LEAVE;
}

/** Of two operands the first may stay at its path, the second in the policy: neither is pushed. */
static void compile_pair(struct compiler *c, const struct law_expression *e, enum law_op op,
                         int results) {
    const struct law_expression *second = e->operands[1];
    bool is_constant = second->kind == LAW_EXPR_CONSTANT;
    uint32_t path;
    bool is_path = is_constant && find_path(c, e->operands[0], &path);
    if (!is_path)
        compile(c, e->operands[0]);
    if (!is_constant)
        compile(c, second);
    struct law_instruction *code = emit(c, op, results - !is_path - !is_constant);
    code->constant = is_constant ? &second->constant : NULL;
    if (is_path)
        code->path = (uint16_t)path;
}

/** `results`: how many it pushes; one as a value, none as a test. */
static void compile_plain(struct compiler *c, const struct law_expression *e, int results) {
    enum law_op op = plain_op(e->kind);
    if (op == LAW_OP_LEAVE) {
        emit(c, op, 1);
    } else if (e->operand_count == 2) {
        compile_pair(c, e, op, results);
    } else {
        compile(c, e->operands[0]);
        emit(c, op, results - 1)->expression = e;
    }
}

static void compile(struct compiler *c, const struct law_expression *e) {
    switch (e->kind) {
    case LAW_EXPR_CONSTANT:
        emit(c, LAW_OP_CONSTANT, 1)->constant = &e->constant;
        return;
    case LAW_EXPR_VARIABLE:
        push_path(c, e->variable);
        return;
    case LAW_EXPR_GET:
        compile_get(c, e);
        return;
    case LAW_EXPR_AND:
    case LAW_EXPR_OR:
    case LAW_EXPR_NOT:
    case LAW_EXPR_HAS:
        compile_truth(c, e);
        return;
    case LAW_EXPR_IF:
        compile_if(c, e);
        return;
    case LAW_EXPR_IS:
        if (e->operand_count == 2)
            compile_is_in(c, e);
        else
            compile_truth(c, e);
        return;
    case LAW_EXPR_SET:
        compile_set(c, e);
        return;
    case LAW_EXPR_CALL:
        compile_call(c, e);
        return;
    default:
        compile_plain(c, e, 1);
        return;
    }
}

/* ---- Tests: go on elsewhere if the expression is `go_if`, else here ---- */

/** The instruction emitted last is the test. */
static void go_on(struct compiler *c, bool go_if, struct label *label) {
    if (c->is_full)
        return;
    c->code[c->count - 1].then = go_if ? LAW_THEN_GO_IF_TRUE : LAW_THEN_GO_IF_FALSE;
    go_to(c, label);
}

/** One operand can decide a chain, a false one `&&` and a true one `||`; else the last does. */
static void test_chain(struct compiler *c, const struct law_expression *e, bool go_if,
                       struct label *label) {
    bool deciding = e->kind == LAW_EXPR_OR;
    size_t last = e->operand_count - 1;
    struct label decided = LABEL;
    for (size_t i = 0; i < last; i++)
        test(c, e->operands[i], deciding, go_if == deciding ? label : &decided);
    test(c, e->operands[last], go_if, label);
    place(c, &decided);
}

static void test_if(struct compiler *c, const struct law_expression *e, bool go_if,
                    struct label *label) {
    struct label otherwise = LABEL, end = LABEL;
    test(c, e->operands[0], false, &otherwise);
    test(c, e->operands[1], go_if, label);
    emit(c, LAW_OP_GO, 0);
    go_to(c, &end);
    place(c, &otherwise);
    test(c, e->operands[2], go_if, label);
    place(c, &end);
}

static void test_has(struct compiler *c, const struct law_expression *e) {
    uint32_t base, path;
    bool is_path = find_path(c, e->operands[0], &base);
    path = is_path ? base : 0;
    for (size_t i = 0; is_path && i < e->names.count; i++)
        is_path = number_path(c, path, e->names.list[i], &path);
    if (is_path) {
        struct law_instruction *code = emit(c, LAW_OP_HAS_PATH, 0);
        code->path = (uint16_t)path;
        code->base = base;
        return;
    }
    compile(c, e->operands[0]);
    emit(c, LAW_OP_HAS, -1)->expression = e;
}

static void test(struct compiler *c, const struct law_expression *e, bool go_if,
                 struct label *label) {
    switch (e->kind) {
    case LAW_EXPR_AND:
    case LAW_EXPR_OR:
        test_chain(c, e, go_if, label);
        return;
    case LAW_EXPR_NOT:
        test(c, e->operands[0], !go_if, label);
        return;
    case LAW_EXPR_IF:
        test_if(c, e, go_if, label);
        return;
    case LAW_EXPR_HAS:
        test_has(c, e);
        break;
    case LAW_EXPR_IS:
        if (e->operand_count == 2) {
            compile_is_in(c, e);
            emit(c, LAW_OP_TEST, -1);
        } else {
            compile(c, e->operands[0]);
            emit(c, LAW_OP_IS, -1)->expression = e;
        }
        break;
    default:
        if (plain_op(e->kind) >= LAW_OP_TEST) {
            compile_plain(c, e, 0);
        } else {
            compile(c, e);
            emit(c, LAW_OP_TEST, -1);
        }
        break;
    }
    go_on(c, go_if, label);
}

/* ---- Policies ---- */

static void compile_clauses(struct compiler *c, const struct law_policy *policy) {
    size_t count = policy->clause_count;
    struct label *against = pd_arena_array(c->arena, count, sizeof(*against));
    if (!against) {
        c->is_full = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        against[i] = LABEL;
        test(c, policy->clauses[i].body, policy->clauses[i].is_unless, &against[i]);
    }
    emit(c, LAW_OP_SATISFIED, 0)->number = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        place(c, &against[i]);
        emit(c, LAW_OP_STOP, 0)->number = (uint32_t)i;
    }
}

static void compile_policy(struct compiler *c, const struct law_policy *policy,
                           struct law_program *program, struct law_entry *out) {
    *out = (struct law_entry){c->count, policy->effect == LAW_EFFECT_FORBID};
    c->items = 0;
    c->height = c->highest = 0;
    if (policy->is_template || policy->clause_count > UINT32_MAX)
        emit(c, LAW_OP_LEAVE, 0);
    else
        compile_clauses(c, policy);
    if (c->highest > LAW_STACK_MAX) {
        c->count = out->start;
        emit(c, LAW_OP_LEAVE, 0);
        return;
    }
    if ((uint32_t)c->highest > program->stack_size)
        program->stack_size = (uint32_t)c->highest;
    if (c->items > program->item_count)
        program->item_count = c->items;
}

bool law_program_compile(struct law_program *program, struct pd_arena *arena) {
    struct compiler c = {.arena = arena, .path_count = LAW_VARIABLE_COUNT};
    size_t count = program->policy_count;
    struct law_entry *entries = pd_arena_array(arena, count, sizeof(*entries));
    c.paths = pd_arena_array(arena, LAW_PATHS_MAX, sizeof(*c.paths));
    c.sorted = pd_arena_array(arena, LAW_PATHS_MAX, sizeof(*c.sorted));
    if (!entries || !c.paths || !c.sorted)
        return false;
    for (size_t i = 0; i < count && !c.is_full; i++)
        compile_policy(&c, law_policies_get(program->policies, i), program, &entries[i]);
    program->paths = c.paths;
    program->path_count = c.path_count;
    program->code = c.code;
    program->entries = entries;
    return !c.is_full;
}
