/* Which names policies read: for callers that check them against what they will be given. */
#include "law/cedar_impl.h"

struct walk {
    bool (*visit)(void *context, const struct law_path *path);
    void *context;
    pd_str names[LAW_NESTING_MAX + 1]; /* no chain is longer: each access adds to the height */
};

/** Fills the walk's names with the chain that ends at `e`; 0 if it does not start at a variable. */
static size_t chain_length(struct walk *walk, const struct law_expression *e) {
    size_t length = 1;
    const struct law_expression *base = e;
    for (; base->kind == LAW_EXPR_GET; base = base->operands[0])
        length++;
    if (base->kind != LAW_EXPR_VARIABLE)
        return 0;
    size_t at = length;
    for (; e->kind == LAW_EXPR_GET; e = e->operands[0])
        walk->names[--at] = e->names.list[0];
    walk->names[0] = law_variable_names[base->variable];
    return length;
}

/** `base has a.b` asks for each step of the way. */
static bool visit_has(struct walk *walk, const struct law_expression *has, size_t base_length) {
    for (size_t i = 0; i < has->names.count; i++) {
        walk->names[base_length + i] = has->names.list[i];
        struct law_path path = {walk->names, base_length + i + 1, true,
                                has->names.places ? has->names.places[i] : has->place};
        if (!walk->visit(walk->context, &path))
            return false;
    }
    return true;
}

static bool walk_expression(struct walk *walk, const struct law_expression *e) {
    size_t length = chain_length(walk, e->kind == LAW_EXPR_HAS ? e->operands[0] : e);
    if (length > 0 && e->kind == LAW_EXPR_HAS)
        return visit_has(walk, e, length);
    if (length > 0) {
        struct law_path path = {walk->names, length, false, e->place};
        return walk->visit(walk->context, &path);
    }
    for (size_t i = 0; i < e->operand_count; i++)
        if (!walk_expression(walk, e->operands[i]))
            return false;
    return true;
}

void law_policy_visit_paths(const struct law_policy *policy,
                            bool (*visit)(void *context, const struct law_path *path),
                            void *context) {
    struct walk walk = {.visit = visit, .context = context};
    for (size_t i = 0; i < policy->clause_count; i++)
        if (!walk_expression(&walk, policy->clauses[i].body))
            return;
}
