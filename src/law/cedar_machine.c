/*
 * The machine that runs conditions. It answers in the plain cases; at anything else, an unknown, an
 * operand that is not what it should be, a name that is not there, it leaves the policy to
 * cedar_eval.c. Nothing is allocated: what it needs was counted when the code was made.
 */
#include "law/cedar_eval.h"
#include "law/cedar_program.h"

#include <stddef.h>

/* ---- Names ---- */

static const struct law_node *node_of(const struct law_evaluator *ev, const struct law_uid *uid) {
    for (int i = 0; i < LAW_CONTEXT; i++)
        if (uid == ev->variables[i].entity)
            return ev->nodes[i];
    return law_entities_find(ev->entities, uid);
}

/** A member; `*guess` is where one of its name stood before, in a record that may be like this one.
 */
static const struct law_value *find_member(const struct law_value *record, pd_str name,
                                           uint32_t *guess) {
    const struct law_member *members = record->record.members;
    if (*guess < record->record.count && law_text_is_equal(members[*guess].name, name))
        return &members[*guess].value;
    const struct law_value *found = law_value_find(record, name);
    if (found) {
        const char *member = (const char *)found - offsetof(struct law_member, value);
        *guess = (uint32_t)((const struct law_member *)(const void *)member - members);
    }
    return found;
}

/** The record in which attributes of `v` are; NULL: it has none, or is nothing that could have. */
static const struct law_value *attributes_of(const struct law_evaluator *ev,
                                             const struct law_value *v) {
    if (v->kind == LAW_VALUE_RECORD)
        return v;
    return v->kind == LAW_VALUE_ENTITY ? law_node_attributes(node_of(ev, v->entity)) : NULL;
}

static bool may_have_attributes(const struct law_value *v) {
    return v->kind == LAW_VALUE_RECORD || v->kind == LAW_VALUE_ENTITY;
}

static const struct law_value *look_further(struct law_machine *m, uint32_t path);

/** What stands at a path, or NULL. Looked up once in a request. */
static inline const struct law_value *look_up(struct law_machine *m, uint32_t path) {
    const struct law_found *found = &m->found[path];
    return found->round == m->round ? found->value : look_further(m, path);
}

static const struct law_value *look_further(struct law_machine *m, uint32_t path) {
    struct law_found *found = &m->found[path];
    const struct law_step *step = &m->program->paths[path];
    const struct law_value *parent = look_up(m, step->parent); /* variables are there all along */
    const struct law_value *record = parent ? attributes_of(&m->ev, parent) : NULL;
    found->value = record ? find_member(record, step->name, &found->guess) : NULL;
    found->round = m->round;
    return found->value;
}

/** A step of the path is missing: fine if its name was asked for, of what may have names. */
static bool lacks_path(struct law_machine *m, uint32_t path, uint32_t base) {
    uint32_t missing = path, parent = m->program->paths[path].parent;
    while (missing != base && !look_up(m, parent)) {
        missing = parent;
        parent = m->program->paths[parent].parent;
    }
    return missing != base && may_have_attributes(look_up(m, parent));
}

static const struct law_value *get(struct law_machine *m, const struct law_expression *e,
                                   const struct law_value *v) {
    const struct law_value *record = attributes_of(&m->ev, v);
    const struct law_value *found = record ? law_value_find(record, e->names.list[0]) : NULL;
    return found && found->kind != LAW_VALUE_UNKNOWN ? found : NULL;
}

/* ---- Truth ---- */

static const struct law_value truths[] = {{.kind = LAW_VALUE_BOOL, .boolean = false},
                                          {.kind = LAW_VALUE_BOOL, .boolean = true}};

enum { NEITHER = -1 }; /* true nor false: not for the machine to say */

static int has_path(struct law_machine *m, uint32_t path, uint32_t base) {
    const struct law_value *value = look_up(m, path);
    if (value)
        return value->kind == LAW_VALUE_UNKNOWN ? NEITHER : 1;
    return lacks_path(m, path, base) ? 0 : NEITHER;
}

static int has(struct law_machine *m, const struct law_expression *e, const struct law_value *v) {
    for (size_t i = 0; i < e->names.count; i++) {
        if (!may_have_attributes(v))
            return NEITHER;
        const struct law_value *record = attributes_of(&m->ev, v);
        v = record ? law_value_find(record, e->names.list[i]) : NULL;
        if (!v)
            return 0;
    }
    return v->kind == LAW_VALUE_UNKNOWN ? NEITHER : 1;
}

/** Two records may hold unknowns: whether they are equal is then not for us to say. */
static inline int equal(const struct law_value *a, const struct law_value *b) {
    if (a->kind != b->kind)
        return 0;
    switch (a->kind) {
    case LAW_VALUE_BOOL:
        return a->boolean == b->boolean;
    case LAW_VALUE_STRING:
        return law_text_is_equal(a->text, b->text);
    case LAW_VALUE_ENTITY:
        return law_text_is_equal(a->entity->id, b->entity->id) &&
               law_text_is_equal(a->entity->type, b->entity->type);
    case LAW_VALUE_RECORD:
    case LAW_VALUE_UNKNOWN:
        return NEITHER;
    default:
        return law_value_compare(a, b) == 0;
    }
}

static inline int order(enum law_op op, const struct law_value *a, const struct law_value *b) {
    if (a->kind != b->kind || !law_kind_is_ordered(a->kind))
        return NEITHER;
    switch (op) {
    case LAW_OP_LESS:
        return a->number < b->number;
    case LAW_OP_LESS_EQUAL:
        return a->number <= b->number;
    case LAW_OP_GREATER:
        return a->number > b->number;
    default:
        return a->number >= b->number;
    }
}

static int is_in(const struct law_evaluator *ev, const struct law_uid *uid,
                 const struct law_uid *ancestor) {
    return law_uid_is_equal(uid, ancestor) ||
           law_node_is_in(ev->entities, node_of(ev, uid), ancestor);
}

static int member_of(struct law_machine *m, const struct law_value *a, const struct law_value *b) {
    if (a->kind != LAW_VALUE_ENTITY)
        return NEITHER;
    if (b->kind == LAW_VALUE_ENTITY)
        return is_in(&m->ev, a->entity, b->entity);
    if (b->kind != LAW_VALUE_SET)
        return NEITHER;
    int answer = 0;
    for (size_t i = 0; i < b->set.count; i++) {
        const struct law_value *item = &b->set.items[i];
        if (item->kind != LAW_VALUE_ENTITY)
            return NEITHER;
        answer = answer || is_in(&m->ev, a->entity, item->entity);
    }
    return answer;
}

static inline int contains(enum law_op op, const struct law_value *a, const struct law_value *b) {
    if (a->kind != LAW_VALUE_SET)
        return NEITHER;
    if (op == LAW_OP_CONTAINS)
        return b->kind == LAW_VALUE_RECORD ? NEITHER : law_set_contains(a, b);
    if (b->kind != LAW_VALUE_SET)
        return NEITHER;
    size_t shared = law_set_shared(a, b);
    return op == LAW_OP_CONTAINS_ALL ? shared == b->set.count : shared > 0;
}

/** The tag, or NULL. False: what is asked has no tags, or the tag is unknown. */
static bool look_up_tag(struct law_machine *m, const struct law_value *a, const struct law_value *b,
                        const struct law_value **out) {
    if (a->kind != LAW_VALUE_ENTITY || b->kind != LAW_VALUE_STRING)
        return false;
    const struct law_value *tags = law_node_tags(node_of(&m->ev, a->entity));
    *out = tags ? law_value_find(tags, b->text) : NULL;
    return !*out || (*out)->kind != LAW_VALUE_UNKNOWN;
}

static int has_tag(struct law_machine *m, const struct law_value *a, const struct law_value *b) {
    const struct law_value *found;
    return look_up_tag(m, a, b, &found) ? found != NULL : NEITHER;
}

/* ---- Operations: NULL leaves the policy to cedar_eval.c; `cell` is room for the result ---- */

static const struct law_value *calculate(enum law_op op, const struct law_value *a,
                                         const struct law_value *b, struct law_value *cell) {
    int64_t n;
    if (a->kind != LAW_VALUE_LONG || b->kind != LAW_VALUE_LONG)
        return NULL;
    bool fits = op == LAW_OP_ADD        ? pd_add_i64(a->number, b->number, &n)
                : op == LAW_OP_SUBTRACT ? pd_sub_i64(a->number, b->number, &n)
                                        : pd_mul_i64(a->number, b->number, &n);
    *cell = law_value_long(n);
    return fits ? cell : NULL;
}

static const struct law_value *find_tag(struct law_machine *m, const struct law_value *a,
                                        const struct law_value *b) {
    const struct law_value *found;
    return look_up_tag(m, a, b, &found) ? found : NULL;
}

static const struct law_value *call(const struct law_function *f, const struct law_value *a,
                                    const struct law_value *b, struct law_value *cell) {
    const struct law_value operands[] = {*a, b ? *b : *a};
    for (unsigned i = 0; i < f->arity; i++)
        if (operands[i].kind != f->operands[i])
            return NULL;
    return f->call(operands, cell) ? NULL : cell;
}

/** The topmost values as a set, in order and each once, in the machine's own room for items. */
static const struct law_value *make_set(struct law_machine *m, const struct law_value *const *v,
                                        uint32_t count, struct law_value *cell) {
    struct law_value *items = m->items + m->item_count;
    size_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t at = kept;
        if (v[i]->kind == LAW_VALUE_RECORD)
            return NULL;
        while (at > 0 && law_value_compare(&items[at - 1], v[i]) > 0)
            at--;
        if (at > 0 && law_value_compare(&items[at - 1], v[i]) == 0)
            continue;
        memmove(&items[at + 1], &items[at], (kept - at) * sizeof(*items));
        items[at] = *v[i];
        kept++;
    }
    m->item_count += count;
    *cell = (struct law_value){.kind = LAW_VALUE_SET, .set = {items, kept}};
    return cell;
}

/** What pushes a value but those that law_machine_run pushes itself. */
static const struct law_value *make(struct law_machine *m, const struct law_instruction *c,
                                    const struct law_value *a, const struct law_value *b,
                                    struct law_value *cell) {
    enum law_op op = (enum law_op)c->op;
    switch (op) {
    case LAW_OP_GET:
        return get(m, c->expression, a);
    case LAW_OP_NEGATE:
        if (a->kind != LAW_VALUE_LONG || a->number == INT64_MIN)
            return NULL;
        *cell = law_value_long(-a->number);
        return cell;
    case LAW_OP_ADD:
    case LAW_OP_SUBTRACT:
    case LAW_OP_MULTIPLY:
        return calculate(op, a, b, cell);
    case LAW_OP_GET_TAG:
        return find_tag(m, a, b);
    case LAW_OP_CALL_1:
    case LAW_OP_CALL_2:
        return call(c->function, a, b, cell);
    default:
        return NULL;
    }
}

/** What is true or false, of one operand or two. */
static inline int judge(struct law_machine *m, const struct law_instruction *c,
                        const struct law_value *a, const struct law_value *b) {
    int truth;
    enum law_op op = (enum law_op)c->op;
    switch (op) {
    case LAW_OP_TEST:
        return a->kind == LAW_VALUE_BOOL ? a->boolean : NEITHER;
    case LAW_OP_HAS:
        return has(m, c->expression, a);
    case LAW_OP_LIKE:
        if (a->kind != LAW_VALUE_STRING)
            return NEITHER;
        return law_text_is_like(a->text, c->expression->names.list, c->expression->names.count);
    case LAW_OP_IS:
        if (a->kind != LAW_VALUE_ENTITY)
            return NEITHER;
        return law_text_is_equal(a->entity->type, c->expression->type);
    case LAW_OP_IS_EMPTY:
        return a->kind == LAW_VALUE_SET ? a->set.count == 0 : NEITHER;
    case LAW_OP_EQUAL:
        return equal(a, b);
    case LAW_OP_NOT_EQUAL:
        truth = equal(a, b);
        return truth < 0 ? NEITHER : !truth;
    case LAW_OP_LESS:
    case LAW_OP_LESS_EQUAL:
    case LAW_OP_GREATER:
    case LAW_OP_GREATER_EQUAL:
        return order(op, a, b);
    case LAW_OP_IN:
        return member_of(m, a, b);
    case LAW_OP_CONTAINS:
    case LAW_OP_CONTAINS_ALL:
    case LAW_OP_CONTAINS_ANY:
        return contains(op, a, b);
    case LAW_OP_HAS_TAG:
        return has_tag(m, a, b);
    default:
        return NEITHER;
    }
}

static inline const struct law_value *value_at(struct law_machine *m, uint32_t path) {
    const struct law_value *v = look_up(m, path);
    return v && v->kind != LAW_VALUE_UNKNOWN ? v : NULL;
}

static inline bool has_two_operands(enum law_op op) {
    return op >= LAW_OP_EQUAL || (op >= LAW_OP_ADD && op <= LAW_OP_CALL_2);
}

enum law_run law_machine_run(struct law_machine *m, size_t policy) {
    const struct law_instruction *code = m->program->code;
    const struct law_value **top = m->stack; /* the first free place */
    const struct law_value *a, *b;
    int truth;
    m->item_count = 0;
    for (const struct law_instruction *c = code + m->program->entries[policy].start;; c++) {
        enum law_op op = (enum law_op)c->op;
        switch (op) {
        case LAW_OP_SATISFIED:
        case LAW_OP_STOP:
            m->clause = c->number;
            return op == LAW_OP_STOP ? LAW_RUN_NOT : LAW_RUN_SATISFIED;
        case LAW_OP_LEAVE:
            return LAW_RUN_LEFT;
        case LAW_OP_GO:
            c = code + c->number - 1;
            continue;
        case LAW_OP_CONSTANT:
            *top++ = c->constant;
            continue;
        case LAW_OP_PATH:
            if (!(a = value_at(m, c->path)))
                return LAW_RUN_LEFT;
            *top++ = a;
            continue;
        case LAW_OP_SET:
            top -= c->number;
            if (!(*top = make_set(m, top, c->number, &m->cells[top - m->stack])))
                return LAW_RUN_LEFT;
            top++;
            continue;
        case LAW_OP_IS_OR_GO:
            if (top[-1]->kind != LAW_VALUE_ENTITY)
                return LAW_RUN_LEFT;
            if (!law_text_is_equal(top[-1]->entity->type, c->expression->type)) {
                top--;
                c = code + c->number - 1;
            }
            continue;
        case LAW_OP_HAS_PATH:
            truth = has_path(m, c->path, c->base);
            break;
        default:
            b = NULL;
            if (has_two_operands(op))
                b = op != LAW_OP_CALL_2 && c->constant ? c->constant : *--top;
            a = c->path == LAW_PATH_NONE ? *--top : value_at(m, c->path);
            if (!a)
                return LAW_RUN_LEFT;
            if (op < LAW_OP_HAS_PATH) {
                if (!(*top = make(m, c, a, b, &m->cells[top - m->stack])))
                    return LAW_RUN_LEFT;
                top++;
                continue;
            }
            truth = judge(m, c, a, b);
            break;
        }
        if (truth < 0)
            return LAW_RUN_LEFT;
        if (c->then == LAW_THEN_PUSH)
            *top++ = &truths[truth];
        else if (truth == (c->then == LAW_THEN_GO_IF_TRUE))
            c = code + c->number - 1;
    }
}
