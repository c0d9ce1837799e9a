/*
 * Conditions as code for a machine with a stack. What a condition reads by name from principal,
 * action, resource or context is a path with a number, so that one decision looks each up once,
 * however many policies read it.
 */
#include "law/cedar_program.h"

#include <string.h>

struct compiler {
    struct pd_arena *arena;
    struct law_code *code;
    uint32_t count, capacity;
    struct law_step *paths;
    uint32_t *sorted; /* paths by parent and name */
    uint32_t path_count;
    uint32_t items; /* of the sets of the policy at hand */
    bool is_full;
    struct law_code lost; /* what there was no room for */
};

/* ---- Code ---- */

/** The place of the new instruction; one that is never run when the arena is full. */
static struct law_code *emit(struct compiler *c, enum law_op op) {
    if (c->count == c->capacity) {
        uint32_t capacity = c->capacity ? c->capacity * 2 : 64;
        struct law_code *wider = c->capacity < UINT32_MAX / 4
                                     ? pd_arena_array(c->arena, capacity, sizeof(*wider))
                                     : NULL;
        if (!wider) {
            c->is_full = true;
            return &c->lost;
        }
        if (c->count > 0)
            memcpy(wider, c->code, c->count * sizeof(*wider));
        c->code = wider;
        c->capacity = capacity;
    }
    c->code[c->count] = (struct law_code){.op = op};
    return &c->code[c->count++];
}

static void compile(struct compiler *c, const struct law_expression *e);

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

static void compile_get(struct compiler *c, const struct law_expression *e) {
    uint32_t path;
    if (find_path(c, e, &path)) {
        emit(c, LAW_OP_PATH)->number = path;
        return;
    }
    compile(c, e->operands[0]);
    emit(c, LAW_OP_GET)->expression = e;
}

static void compile_has(struct compiler *c, const struct law_expression *e) {
    uint32_t base, path;
    bool is_path = find_path(c, e->operands[0], &base);
    path = is_path ? base : 0;
    for (size_t i = 0; i < e->names.count && is_path; i++)
        is_path = number_path(c, path, e->names.list[i], &path);
    if (is_path) {
        struct law_code *has = emit(c, LAW_OP_HAS_PATH);
        has->number = path;
        has->base = base;
        return;
    }
    compile(c, e->operands[0]);
    emit(c, LAW_OP_HAS)->expression = e;
}

/* ---- Expressions ---- */

/** Each operand but the last may decide, and then the others are passed over. */
static void compile_chain(struct compiler *c, const struct law_expression *e) {
    enum law_op op = e->kind == LAW_EXPR_AND ? LAW_OP_IF_FALSE : LAW_OP_IF_TRUE;
    uint32_t last = UINT32_MAX; /* the jumps are listed in their own targets until it is known */
    for (size_t i = 0; i < e->operand_count; i++) {
        compile(c, e->operands[i]);
        if (i + 1 == e->operand_count)
            break;
        emit(c, op)->number = last;
        last = c->count - 1;
    }
    emit(c, LAW_OP_BOOL);
    while (last != UINT32_MAX && !c->is_full) {
        uint32_t before = c->code[last].number;
        c->code[last].number = c->count;
        last = before;
    }
}

static void compile_if(struct compiler *c, const struct law_expression *e) {
    compile(c, e->operands[0]);
    uint32_t guard = c->count;
    emit(c, LAW_OP_UNLESS);
    compile(c, e->operands[1]);
    uint32_t end = c->count;
    emit(c, LAW_OP_GO);
    uint32_t otherwise = c->count;
    compile(c, e->operands[2]);
    if (c->is_full)
        return;
    c->code[guard].number = otherwise;
    c->code[end].number = c->count;
}

static void compile_is(struct compiler *c, const struct law_expression *e) {
    compile(c, e->operands[0]);
    if (e->operand_count == 1) {
        emit(c, LAW_OP_IS)->expression = e;
        return;
    }
    uint32_t test = c->count;
    emit(c, LAW_OP_IS_OR_GO)->expression = e;
    compile(c, e->operands[1]);
    emit(c, LAW_OP_IN);
    if (!c->is_full)
        c->code[test].number = c->count;
}

static void compile_set(struct compiler *c, const struct law_expression *e) {
    if (e->operand_count > LAW_ITEMS_MAX) {
        emit(c, LAW_OP_LEAVE);
        return;
    }
    for (size_t i = 0; i < e->operand_count; i++)
        compile(c, e->operands[i]);
    emit(c, LAW_OP_SET)->number = (uint32_t)e->operand_count;
    c->items += (uint32_t)e->operand_count;
}

static void compile_call(struct compiler *c, const struct law_expression *e) {
    if (e->operand_count != e->function->arity || e->operand_count > LAW_ARITY_MAX) {
        emit(c, LAW_OP_LEAVE);
        return;
    }
    for (size_t i = 0; i < e->operand_count; i++)
        compile(c, e->operands[i]);
    emit(c, e->operand_count == 1 ? LAW_OP_CALL_1 : LAW_OP_CALL_2)->function = e->function;
}

/** What is nothing but its operands, one after the other, and an operation. */
static enum law_op plain_op(enum law_expression_kind kind) {
    static const enum law_op ops[] = {
        [LAW_EXPR_NOT] = LAW_OP_NOT,
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
    return (size_t)kind < count && ops[kind] != LAW_OP_END ? ops[kind] : LAW_OP_LEAVE;
}

static void compile(struct compiler *c, const struct law_expression *e) {
    switch (e->kind) {
    case LAW_EXPR_CONSTANT:
        emit(c, LAW_OP_CONSTANT)->constant = &e->constant;
        return;
    case LAW_EXPR_VARIABLE:
        emit(c, LAW_OP_PATH)->number = e->variable;
        return;
    case LAW_EXPR_GET:
        compile_get(c, e);
        return;
    case LAW_EXPR_HAS:
        compile_has(c, e);
        return;
    case LAW_EXPR_AND:
    case LAW_EXPR_OR:
        compile_chain(c, e);
        return;
    case LAW_EXPR_IF:
        compile_if(c, e);
        return;
    case LAW_EXPR_IS:
        compile_is(c, e);
        return;
    case LAW_EXPR_SET:
        compile_set(c, e);
        return;
    case LAW_EXPR_CALL:
        compile_call(c, e);
        return;
    default:
        break;
    }
    enum law_op op = plain_op(e->kind);
    for (size_t i = 0; i < e->operand_count && op != LAW_OP_LEAVE; i++)
        compile(c, e->operands[i]);
    emit(c, op)->expression = e;
}

/* ---- Clauses ---- */

/** By how much the stack grows. Behind a jump it is as high on both ways. */
static int growth(const struct law_code *code) {
    switch (code->op) {
    case LAW_OP_CONSTANT:
    case LAW_OP_PATH:
    case LAW_OP_HAS_PATH:
    case LAW_OP_LEAVE:
        return 1;
    case LAW_OP_IF_FALSE:
    case LAW_OP_IF_TRUE:
    case LAW_OP_UNLESS:
    case LAW_OP_GO: /* behind it stands the other branch, which begins as high as this one did */
    case LAW_OP_END:
        return -1;
    case LAW_OP_SET:
        return 1 - (int)code->number;
    default:
        return code->op >= LAW_OP_EQUAL ? -1 : 0;
    }
}

static uint32_t highest(const struct law_code *code, uint32_t count) {
    int height = 0, most = 0;
    for (uint32_t i = 0; i < count; i++) {
        height += growth(&code[i]);
        if (height > most)
            most = height;
    }
    return (uint32_t)most;
}

static void compile_clause(struct compiler *c, const struct law_clause *clause,
                           struct law_program *program, struct law_condition *out) {
    *out = (struct law_condition){c->count, clause->is_unless};
    compile(c, clause->body);
    emit(c, LAW_OP_END);
    if (c->is_full)
        return;
    uint32_t height = highest(c->code + out->start, c->count - out->start);
    if (height > LAW_STACK_MAX) {
        c->count = out->start;
        emit(c, LAW_OP_LEAVE);
    } else if (height > program->stack_size) {
        program->stack_size = height;
    }
}

bool law_program_compile(struct law_program *program, struct pd_arena *arena) {
    const struct law_policies *policies = program->policies;
    struct compiler c = {.arena = arena, .path_count = LAW_VARIABLE_COUNT};
    size_t count = program->policy_count, clauses = 0;
    for (size_t i = 0; i < count; i++)
        clauses += law_policies_get(policies, i)->clause_count;
    struct law_condition *conditions = pd_arena_array(arena, clauses, sizeof(*conditions));
    uint32_t *first = pd_arena_array(arena, count + 1, sizeof(*first));
    c.paths = pd_arena_array(arena, LAW_PATHS_MAX, sizeof(*c.paths));
    c.sorted = pd_arena_array(arena, LAW_PATHS_MAX, sizeof(*c.sorted));
    if (!conditions || !first || !c.paths || !c.sorted || clauses > UINT32_MAX)
        return false;
    uint32_t n = 0;
    for (size_t i = 0; i < count && !c.is_full; i++) {
        const struct law_policy *policy = law_policies_get(policies, i);
        first[i] = n;
        c.items = 0;
        for (size_t j = 0; j < policy->clause_count && !policy->is_template; j++)
            compile_clause(&c, &policy->clauses[j], program, &conditions[n++]);
        if (c.items > program->item_count)
            program->item_count = c.items;
    }
    first[count] = n;
    program->paths = c.paths;
    program->path_count = c.path_count;
    program->code = c.code;
    program->conditions = conditions;
    program->first_condition = first;
    return !c.is_full;
}
