/* Which piece of a clause decided. The expression says what to evaluate, the tokens say where it
   stands: the two are walked side by side, so that expressions need not carry their extent. */
#include "law/trace.h"

#include "law/cedar_parser.h"

enum { PIECES_MAX = 4096 };

/* A token of the clause, and of a bracket the index of its partner. */
struct token {
    struct law_place place; /* in the clause's text */
    pd_str text;
    enum law_token_kind kind;
    size_t partner;
};
/* Tokens from `from` up to but not including `to`. */
struct range {
    size_t from, to;
};

struct tracer {
    const struct law_policy *policy;
    const struct law_clause *clause;
    const struct law_entities *entities;
    const struct law_request *request;
    struct pd_arena *arena;
    struct pd_error *err;
    struct token *tokens;
    size_t count;
};

/* ---- Tokens ---- */

static bool is_text(const struct token *t, const char *text) {
    return (t->kind == LAW_TOKEN_PUNCTUATION || t->kind == LAW_TOKEN_NAME) &&
           pd_str_is(t->text, text);
}
static bool is_opening(const struct token *t) {
    return is_text(t, "(") || is_text(t, "[") || is_text(t, "{");
}
static bool is_closing(const struct token *t) {
    return is_text(t, ")") || is_text(t, "]") || is_text(t, "}");
}

/* Brackets find their partners; the text was parsed before, so they match. */
static enum pd_status match_brackets(struct tracer *t) {
    size_t *open = pd_arena_array(t->arena, t->count, sizeof(*open));
    size_t depth = 0;
    if (!open)
        return pd_fail_memory(t->err);
    for (size_t i = 0; i < t->count; i++) {
        if (is_opening(&t->tokens[i])) {
            open[depth++] = i;
        } else if (is_closing(&t->tokens[i]) && depth > 0) {
            t->tokens[i].partner = open[--depth];
            t->tokens[open[depth]].partner = i;
        }
    }
    return PD_OK;
}

static enum pd_status read_tokens(struct tracer *t) {
    struct law_parser p;
    struct law_list list = {.item_size = sizeof(struct token)};
    law_parser_init(&p, t->policy->name, t->clause->text, t->arena, t->err);
    for (; p.token.kind != LAW_TOKEN_END; law_token_next(&p)) {
        struct token *slot = law_list_add(&p, &list);
        if (slot)
            *slot = (struct token){p.token.place, p.token.text, p.token.kind, 0};
    }
    if (p.status != PD_OK)
        return p.status;
    t->tokens = list.items;
    t->count = list.count;
    return match_brackets(t);
}

/* Takes away brackets around the whole, which expressions do not have. */
static struct range strip(const struct tracer *t, struct range r) {
    while (r.to > r.from + 1 && is_text(&t->tokens[r.from], "(") &&
           t->tokens[r.from].partner == r.to - 1)
        r = (struct range){r.from + 1, r.to - 1};
    return r;
}

/* ---- Cutting a range as an expression is built ---- */

/* At an operator that stands in no bracket of its own. False: not `wanted` pieces. */
static bool cut_at(const struct tracer *t, struct range r, const char *operator, size_t wanted,
                   struct range *pieces) {
    size_t n = 0;
    size_t from = r.from;
    for (size_t i = r.from; i < r.to; i++) {
        if (is_opening(&t->tokens[i])) {
            i = t->tokens[i].partner;
        } else if (is_text(&t->tokens[i], operator)) {
            if (n + 1 >= wanted)
                return false;
            pieces[n++] = (struct range){from, i};
            from = i + 1;
        }
    }
    pieces[n++] = (struct range){from, r.to};
    return n == wanted;
}

/* The word `then` or `else` of an `if` that was opened before `from`. */
static size_t find_word(const struct tracer *t, size_t from, size_t to, const char *word) {
    size_t open = 0;
    for (size_t i = from; i < to; i++) {
        if (is_opening(&t->tokens[i]))
            i = t->tokens[i].partner;
        else if (is_text(&t->tokens[i], "if"))
            open++;
        else if (is_text(&t->tokens[i], word) && open-- == 0)
            return i;
    }
    return to;
}

static bool cut_if(const struct tracer *t, struct range r, struct range pieces[3]) {
    if (r.from >= r.to || !is_text(&t->tokens[r.from], "if"))
        return false;
    size_t then = find_word(t, r.from + 1, r.to, "then");
    size_t otherwise = find_word(t, then + 1, r.to, "else");
    if (then >= r.to || otherwise >= r.to)
        return false;
    pieces[0] = (struct range){r.from + 1, then};
    pieces[1] = (struct range){then + 1, otherwise};
    pieces[2] = (struct range){otherwise + 1, r.to};
    return true;
}

/* The operands of an expression, where they stand. False: it has none to look into. */
static bool cut(const struct tracer *t, const struct law_expression *e, struct range r,
                struct range *pieces) {
    r = strip(t, r);
    switch (e->kind) {
    case LAW_EXPR_AND:
        return cut_at(t, r, "&&", e->operand_count, pieces);
    case LAW_EXPR_OR:
        return cut_at(t, r, "||", e->operand_count, pieces);
    case LAW_EXPR_IF:
        return cut_if(t, r, pieces);
    case LAW_EXPR_NOT:
        pieces[0] = (struct range){r.from + 1, r.to};
        return r.from < r.to && is_text(&t->tokens[r.from], "!");
    default:
        return false;
    }
}

/* ---- Values ---- */

/* An expression is evaluated as the one condition of a policy about everything. */
static enum pd_status evaluate(const struct tracer *t, const struct law_expression *e,
                               enum law_part_state *out) {
    static const enum law_part_state states[] = {[LAW_VERDICT_SATISFIED] = LAW_PART_HOLDS,
                                                 [LAW_VERDICT_NOT] = LAW_PART_FAILS,
                                                 [LAW_VERDICT_ERROR] = LAW_PART_ERRS,
                                                 [LAW_VERDICT_UNKNOWN] = LAW_PART_ERRS};
    struct pd_mark mark = pd_arena_mark(t->arena);
    const struct law_clause clause = {.body = e, .text = t->clause->text};
    const struct law_policy alone = {
        .id = t->policy->id, .name = t->policy->name, .clauses = &clause, .clause_count = 1};
    struct law_evaluation said;
    enum pd_status st =
        law_policy_evaluate(&alone, t->entities, t->request, t->arena, &said, t->err);
    if (st == PD_OK)
        *out = states[said.verdict];
    pd_arena_reset(t->arena, mark);
    return st;
}

static struct law_part part_of(const struct tracer *t, struct range r, enum law_part_state state) {
    const struct token *first = &t->tokens[r.from], *last = &t->tokens[r.to - 1];
    const struct law_place *start = &t->clause->place;
    size_t end = last->place.offset + last->text.len;
    struct law_part part = {.state = state, .place = first->place};
    part.text = pd_str_sub(t->clause->text, first->place.offset, end - first->place.offset);
    part.place.offset += start->offset;
    part.place.line += start->line - 1;
    part.place.column += first->place.line == 1 ? start->column - 1 : 0;
    return part;
}

/* ---- The decisive piece ---- */

/* Of an `if`: the condition where the branch that it led to is a constant, else the branch. */
static enum pd_status choose_branch(const struct tracer *t, const struct law_expression *e,
                                    size_t *out) {
    enum law_part_state condition;
    enum pd_status st = evaluate(t, e->operands[0], &condition);
    if (st != PD_OK)
        return st;
    size_t taken = condition == LAW_PART_HOLDS ? 1 : 2;
    bool is_condition = condition == LAW_PART_ERRS || e->operands[taken]->kind == LAW_EXPR_CONSTANT;
    *out = is_condition ? 0 : taken;
    return PD_OK;
}

/* Of a chain: the operand that ended it. A failure ends &&, what holds ends ||, an error both. */
static enum pd_status choose_link(const struct tracer *t, const struct law_expression *e,
                                  enum law_part_state value, size_t *out) {
    enum law_part_state ends = e->kind == LAW_EXPR_AND ? LAW_PART_FAILS : LAW_PART_HOLDS;
    for (size_t i = 0; i < e->operand_count; i++) {
        enum law_part_state operand;
        enum pd_status st = evaluate(t, e->operands[i], &operand);
        if (st != PD_OK)
            return st;
        if (operand == LAW_PART_ERRS || (operand == ends && value == ends)) {
            *out = i;
            return PD_OK;
        }
    }
    return PD_OK;
}

/* Which operand the value of an expression turns on; PD_NPOS: on all of them. */
static enum pd_status choose(const struct tracer *t, const struct law_expression *e,
                             enum law_part_state value, size_t *out) {
    *out = PD_NPOS;
    switch (e->kind) {
    case LAW_EXPR_AND:
    case LAW_EXPR_OR:
        return choose_link(t, e, value, out);
    case LAW_EXPR_IF:
        return choose_branch(t, e, out);
    case LAW_EXPR_NOT: {
        enum law_expression_kind inner = e->operands[0]->kind;
        if (inner == LAW_EXPR_AND || inner == LAW_EXPR_OR || inner == LAW_EXPR_IF)
            *out = 0;
        return PD_OK;
    }
    default:
        return PD_OK;
    }
}

static enum pd_status find_decisive(const struct tracer *t, const struct law_expression *e,
                                    struct range r, struct law_part *out) {
    for (;;) {
        enum law_part_state value;
        size_t chosen = PD_NPOS;
        enum pd_status st = evaluate(t, e, &value);
        if (st == PD_OK)
            st = choose(t, e, value, &chosen);
        if (st != PD_OK)
            return st;
        struct range *pieces = NULL;
        if (chosen != PD_NPOS && e->operand_count <= PIECES_MAX)
            pieces = pd_arena_array(t->arena, e->operand_count + 3, sizeof(*pieces));
        if (chosen == PD_NPOS || !pieces || !cut(t, e, r, pieces)) {
            *out = part_of(t, r, value);
            return PD_OK;
        }
        e = e->operands[chosen];
        r = pieces[chosen];
    }
}

static enum pd_status find_conjuncts(const struct tracer *t, struct range r,
                                     struct law_clause_account *out) {
    const struct law_expression *e = t->clause->body;
    bool is_chain = e->kind == LAW_EXPR_AND && e->operand_count <= PIECES_MAX;
    size_t n = is_chain ? e->operand_count : 1;
    struct range *pieces = pd_arena_array(t->arena, n, sizeof(*pieces));
    struct law_part *parts = pd_arena_array(t->arena, n, sizeof(*parts));
    if (!pieces || !parts)
        return pd_fail_memory(t->err);
    if (!is_chain || !cut(t, e, r, pieces)) {
        pieces[0] = r;
        n = 1;
    }
    bool is_over = false;
    for (size_t i = 0; i < n; i++) {
        enum law_part_state state = LAW_PART_UNREACHED;
        enum pd_status st = is_over ? PD_OK : evaluate(t, n > 1 ? e->operands[i] : e, &state);
        if (st != PD_OK)
            return st;
        is_over = is_over || state != LAW_PART_HOLDS;
        parts[i] = part_of(t, pieces[i], state);
    }
    out->conjuncts = parts;
    out->conjunct_count = n;
    return PD_OK;
}

enum pd_status law_clause_trace(const struct law_policy *policy, size_t clause,
                                const struct law_entities *entities,
                                const struct law_request *request, struct pd_arena *arena,
                                struct law_clause_account *out, struct pd_error *err) {
    struct tracer t = {.policy = policy,
                       .clause = &policy->clauses[clause],
                       .entities = entities,
                       .request = request,
                       .arena = arena,
                       .err = err};
    struct law_clause_account account = {.clause = t.clause};
    enum pd_status st = read_tokens(&t);
    if (st != PD_OK)
        return st;
    if (t.count < 4) /* when { x } */
        return pd_fail(err, PD_INTERNAL, "the clause of %.*s has no text", pd_arg(policy->id));
    struct range body = {2, t.count - 1};
    enum law_part_state value;
    st = evaluate(&t, t.clause->body, &value);
    if (st == PD_OK)
        st = find_decisive(&t, t.clause->body, body, &account.decisive);
    if (st == PD_OK)
        st = find_conjuncts(&t, body, &account);
    if (st != PD_OK)
        return st;
    account.body = part_of(&t, body, value);
    *out = account;
    return PD_OK;
}
