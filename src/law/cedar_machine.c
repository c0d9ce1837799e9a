/*
 * The machine that runs conditions. It answers in the plain cases; at anything else, an unknown, an
 * operand that is not what it should be, a name that is not there, it leaves the policy to
 * cedar_eval.c. Nothing is allocated: what it needs was counted when the code was made.
 */
#include "law/cedar_eval.h"
#include "law/cedar_program.h"

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
    size_t low = 0, high = record->record.count;
    if (*guess < high && law_text_is_equal(members[*guess].name, name))
        return &members[*guess].value;
    while (high - low > 8) {
        size_t middle = low + (high - low) / 2;
        if (pd_str_cmp(members[middle].name, name) <= 0)
            low = middle;
        else
            high = middle;
    }
    for (size_t i = low; i < high; i++)
        if (law_text_is_equal(members[i].name, name)) {
            *guess = (uint32_t)i;
            return &members[i].value;
        }
    return NULL;
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

/** What stands at a path, or NULL. Looked up once in a request. */
static const struct law_value *look_up(struct law_machine *m, uint32_t path) {
    struct law_found *found = &m->found[path];
    if (found->round == m->round)
        return found->value;
    const struct law_step *step = &m->program->paths[path];
    const struct law_value *parent =
        look_up(m, step->parent); /* variables are there from the start */
    const struct law_value *record = parent ? attributes_of(&m->ev, parent) : NULL;
    found->value = record ? find_member(record, step->name, &found->guess) : NULL;
    found->round = m->round;
    return found->value;
}

/** Whether something is at the path, which is asked of what is at `base`. */
static bool has_path(struct law_machine *m, uint32_t path, uint32_t base, struct law_value *out) {
    const struct law_value *value = look_up(m, path);
    if (value) {
        *out = law_value_bool(true);
        return value->kind != LAW_VALUE_UNKNOWN;
    }
    /* Some step is missing: fine if that is a name that was asked for, of what may have names. */
    uint32_t missing = path, parent = m->program->paths[path].parent;
    while (missing != base && !look_up(m, parent)) {
        missing = parent;
        parent = m->program->paths[parent].parent;
    }
    *out = law_value_bool(false);
    return missing != base && may_have_attributes(look_up(m, parent));
}

static bool get(struct law_machine *m, const struct law_expression *e, struct law_value *v) {
    const struct law_value *record = attributes_of(&m->ev, v);
    const struct law_value *found = record ? law_value_find(record, e->names.list[0]) : NULL;
    if (!found || found->kind == LAW_VALUE_UNKNOWN)
        return false;
    *v = *found;
    return true;
}

static bool has(struct law_machine *m, const struct law_expression *e, struct law_value *v) {
    struct law_value at = *v;
    for (size_t i = 0; i < e->names.count; i++) {
        if (!may_have_attributes(&at))
            return false;
        const struct law_value *record = attributes_of(&m->ev, &at);
        const struct law_value *found = record ? law_value_find(record, e->names.list[i]) : NULL;
        *v = law_value_bool(found != NULL);
        if (!found)
            return true;
        at = *found;
    }
    return at.kind != LAW_VALUE_UNKNOWN;
}

/* ---- Operations: false leaves the policy to cedar_eval.c ---- */

/** Two records may hold unknowns: whether they are equal is then not for us to say. */
static bool equal(const struct law_value v[2], bool *out) {
    if (v[0].kind != v[1].kind) {
        *out = false;
        return true;
    }
    switch (v[0].kind) {
    case LAW_VALUE_BOOL:
        *out = v[0].boolean == v[1].boolean;
        return true;
    case LAW_VALUE_STRING:
        *out = law_text_is_equal(v[0].text, v[1].text);
        return true;
    case LAW_VALUE_ENTITY:
        *out = law_text_is_equal(v[0].entity->id, v[1].entity->id) &&
               law_text_is_equal(v[0].entity->type, v[1].entity->type);
        return true;
    case LAW_VALUE_RECORD:
    case LAW_VALUE_UNKNOWN:
        return false;
    default:
        *out = law_value_compare(&v[0], &v[1]) == 0;
        return true;
    }
}

static bool order(enum law_op op, const struct law_value v[2], bool *out) {
    if (v[0].kind != v[1].kind || !law_kind_is_ordered(v[0].kind))
        return false;
    int64_t a = v[0].number, b = v[1].number;
    *out = op == LAW_OP_LESS         ? a < b
           : op == LAW_OP_LESS_EQUAL ? a <= b
           : op == LAW_OP_GREATER    ? a > b
                                     : a >= b;
    return true;
}

static bool calculate(enum law_op op, struct law_value v[2]) {
    int64_t a = v[0].number, b = v[1].number;
    if (v[0].kind != LAW_VALUE_LONG || v[1].kind != LAW_VALUE_LONG)
        return false;
    return op == LAW_OP_ADD        ? pd_add_i64(a, b, &v[0].number)
           : op == LAW_OP_SUBTRACT ? pd_sub_i64(a, b, &v[0].number)
                                   : pd_mul_i64(a, b, &v[0].number);
}

static bool is_in(const struct law_evaluator *ev, const struct law_uid *uid,
                  const struct law_uid *ancestor) {
    return law_uid_is_equal(uid, ancestor) ||
           law_node_is_in(ev->entities, node_of(ev, uid), ancestor);
}

static bool member_of(struct law_machine *m, const struct law_value v[2], bool *out) {
    if (v[0].kind != LAW_VALUE_ENTITY)
        return false;
    if (v[1].kind == LAW_VALUE_ENTITY) {
        *out = is_in(&m->ev, v[0].entity, v[1].entity);
        return true;
    }
    if (v[1].kind != LAW_VALUE_SET)
        return false;
    *out = false;
    for (size_t i = 0; i < v[1].set.count; i++) {
        const struct law_value *item = &v[1].set.items[i];
        if (item->kind != LAW_VALUE_ENTITY)
            return false;
        *out = *out || is_in(&m->ev, v[0].entity, item->entity);
    }
    return true;
}

static bool tag(struct law_machine *m, enum law_op op, struct law_value v[2]) {
    if (v[0].kind != LAW_VALUE_ENTITY || v[1].kind != LAW_VALUE_STRING)
        return false;
    const struct law_value *tags = law_node_tags(node_of(&m->ev, v[0].entity));
    const struct law_value *found = tags ? law_value_find(tags, v[1].text) : NULL;
    if (found && found->kind == LAW_VALUE_UNKNOWN)
        return false;
    if (op == LAW_OP_HAS_TAG) {
        v[0] = law_value_bool(found != NULL);
        return true;
    }
    if (found)
        v[0] = *found;
    return found;
}

static bool call(const struct law_function *f, struct law_value *v) {
    struct law_value result;
    for (unsigned i = 0; i < f->arity; i++)
        if (v[i].kind != f->operands[i])
            return false;
    if (f->call(v, &result))
        return false;
    v[0] = result;
    return true;
}

/** The topmost values as a set, in order and each once, in the machine's own room for items. */
static bool make_set(struct law_machine *m, struct law_value *v, uint32_t count) {
    struct law_value *items = m->items + m->item_count;
    size_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t at = kept;
        if (v[i].kind == LAW_VALUE_RECORD)
            return false;
        while (at > 0 && law_value_compare(&items[at - 1], &v[i]) > 0)
            at--;
        if (at > 0 && law_value_compare(&items[at - 1], &v[i]) == 0)
            continue;
        memmove(&items[at + 1], &items[at], (kept - at) * sizeof(*items));
        items[at] = v[i];
        kept++;
    }
    m->item_count += count;
    v[0] = (struct law_value){.kind = LAW_VALUE_SET, .set = {items, kept}};
    return true;
}

/** Two operands, of which the result takes the first one's place. */
static bool combine(struct law_machine *m, const struct law_code *c, struct law_value v[2]) {
    bool answer;
    enum law_op op = (enum law_op)c->op;
    switch (op) {
    case LAW_OP_EQUAL:
    case LAW_OP_NOT_EQUAL:
        if (!equal(v, &answer))
            return false;
        answer = answer == (op == LAW_OP_EQUAL);
        break;
    case LAW_OP_LESS:
    case LAW_OP_LESS_EQUAL:
    case LAW_OP_GREATER:
    case LAW_OP_GREATER_EQUAL:
        if (!order(op, v, &answer))
            return false;
        break;
    case LAW_OP_ADD:
    case LAW_OP_SUBTRACT:
    case LAW_OP_MULTIPLY:
        return calculate(op, v);
    case LAW_OP_IN:
        if (!member_of(m, v, &answer))
            return false;
        break;
    case LAW_OP_CONTAINS:
        if (v[0].kind != LAW_VALUE_SET || v[1].kind == LAW_VALUE_RECORD)
            return false;
        answer = law_set_contains(&v[0], &v[1]);
        break;
    case LAW_OP_CONTAINS_ALL:
    case LAW_OP_CONTAINS_ANY:
        if (v[0].kind != LAW_VALUE_SET || v[1].kind != LAW_VALUE_SET)
            return false;
        answer = op == LAW_OP_CONTAINS_ALL ? law_set_shared(&v[0], &v[1]) == v[1].set.count
                                           : law_set_shared(&v[0], &v[1]) > 0;
        break;
    case LAW_OP_HAS_TAG:
    case LAW_OP_GET_TAG:
        return tag(m, op, v);
    case LAW_OP_CALL_2:
        return call(c->function, v);
    default:
        return false;
    }
    v[0] = law_value_bool(answer);
    return true;
}

/** One operand, whose place the result takes. */
static bool change(struct law_machine *m, const struct law_code *c, struct law_value *v) {
    switch ((enum law_op)c->op) {
    case LAW_OP_BOOL:
        return v->kind == LAW_VALUE_BOOL;
    case LAW_OP_NOT:
        if (v->kind != LAW_VALUE_BOOL)
            return false;
        v->boolean = !v->boolean;
        return true;
    case LAW_OP_NEGATE:
        return v->kind == LAW_VALUE_LONG && pd_sub_i64(0, v->number, &v->number);
    case LAW_OP_LIKE:
        if (v->kind != LAW_VALUE_STRING)
            return false;
        *v = law_value_bool(
            law_text_is_like(v->text, c->expression->names.list, c->expression->names.count));
        return true;
    case LAW_OP_IS:
        if (v->kind != LAW_VALUE_ENTITY)
            return false;
        *v = law_value_bool(law_text_is_equal(v->entity->type, c->expression->type));
        return true;
    case LAW_OP_IS_EMPTY:
        if (v->kind != LAW_VALUE_SET)
            return false;
        *v = law_value_bool(v->set.count == 0);
        return true;
    case LAW_OP_GET:
        return get(m, c->expression, v);
    case LAW_OP_HAS:
        return has(m, c->expression, v);
    case LAW_OP_CALL_1:
        return call(c->function, v);
    default:
        return false;
    }
}

enum law_run law_machine_run(struct law_machine *m, uint32_t start) {
    const struct law_code *code = m->program->code;
    struct law_value *top = m->stack; /* the first free place */
    const struct law_value *found;
    for (const struct law_code *c = code + start;; c++) {
        switch ((enum law_op)c->op) {
        case LAW_OP_CONSTANT:
            *top++ = *c->constant;
            break;
        case LAW_OP_PATH:
            found = look_up(m, c->number);
            if (!found || found->kind == LAW_VALUE_UNKNOWN)
                return LAW_RUN_LEFT;
            *top++ = *found;
            break;
        case LAW_OP_HAS_PATH:
            if (!has_path(m, c->number, (uint32_t)c->base, top++))
                return LAW_RUN_LEFT;
            break;
        case LAW_OP_IF_FALSE:
        case LAW_OP_IF_TRUE:
            if (top[-1].kind != LAW_VALUE_BOOL)
                return LAW_RUN_LEFT;
            if (top[-1].boolean == (c->op == LAW_OP_IF_TRUE))
                c = code + c->number - 1;
            else
                top--;
            break;
        case LAW_OP_UNLESS:
            if (top[-1].kind != LAW_VALUE_BOOL)
                return LAW_RUN_LEFT;
            if (!(--top)->boolean)
                c = code + c->number - 1;
            break;
        case LAW_OP_GO:
            c = code + c->number - 1;
            break;
        case LAW_OP_IS_OR_GO:
            if (top[-1].kind != LAW_VALUE_ENTITY)
                return LAW_RUN_LEFT;
            if (!law_text_is_equal(top[-1].entity->type, c->expression->type)) {
                top[-1] = law_value_bool(false);
                c = code + c->number - 1;
            }
            break;
        case LAW_OP_SET:
            if (!make_set(m, top - c->number, c->number))
                return LAW_RUN_LEFT;
            top -= (int)c->number - 1;
            break;
        case LAW_OP_LEAVE:
            return LAW_RUN_LEFT;
        case LAW_OP_END:
            if (top[-1].kind != LAW_VALUE_BOOL)
                return LAW_RUN_LEFT;
            return top[-1].boolean ? LAW_RUN_TRUE : LAW_RUN_FALSE;
        default:
            if (c->op >= LAW_OP_EQUAL ? !combine(m, c, --top - 1) : !change(m, c, top - 1))
                return LAW_RUN_LEFT;
            break;
        }
    }
}
