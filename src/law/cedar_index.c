/*
 * Which scopes a request is in, without asking each. What scopes ask for are keys; the policies are
 * the leaves of a tree by action, resource and principal, and a request walks down the branches
 * whose keys it offers. A policy out of scope cannot speak and cannot err, so that leaving it out
 * changes no answer.
 */
#include "law/cedar_program.h"

#include <stdlib.h>
#include <string.h>

static const enum law_variable variables[LAW_LEVELS] = {LAW_ACTION, LAW_RESOURCE, LAW_PRINCIPAL};

static const struct law_scope *scope_of(const struct law_policy *policy, int level) {
    const struct law_scope *const scopes[] = {&policy->action, &policy->resource,
                                              &policy->principal};
    return scopes[level];
}

/* ---- Keys ---- */

static bool asks_for_type(const struct law_scope *scope) {
    return scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN;
}

/** Sorts the names and lists each once. */
static bool sort_names(struct law_key *list, size_t count, struct pd_arena *arena,
                       struct law_symbols *out) {
    if (count > 1)
        qsort(list, count, sizeof(*list), law_symbol_compare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || law_symbol_compare(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    *out = (struct law_symbols){.items = list, .item_size = sizeof(*list), .count = kept};
    return law_symbols_index(out, arena);
}

static const struct law_key *find_uid(const struct law_keys *keys, const struct law_uid *uid) {
    return law_symbols_find(&keys->uids, uid, law_hash_uid(uid));
}

static const struct law_key *find_type(const struct law_keys *keys, pd_str type) {
    const struct law_uid name = {.type = type};
    return law_symbols_find(&keys->types, &name, law_hash_type(type));
}

static void give_number(struct law_keys *keys, uint32_t *number) {
    if (*number == 0)
        *number = keys->count++;
}

/** `uids` and `types` are the lists that `keys` finds in. */
static void number_scope(struct law_keys *keys, struct law_key *uids, struct law_key *types,
                         const struct law_scope *scope) {
    if (asks_for_type(scope))
        give_number(keys, &types[find_type(keys, scope->type) - types].is);
    for (size_t i = 0; i < scope->entity_count; i++) {
        struct law_key *key = &uids[find_uid(keys, &scope->entities[i]) - uids];
        give_number(keys, scope->form == LAW_SCOPE_EQUAL ? &key->equal : &key->in);
        keys->has_in = keys->has_in || scope->form != LAW_SCOPE_EQUAL;
    }
}

/** All names in the scopes of one variable, and a number for each form in which it is asked for. */
static bool list_keys(const struct law_policies *policies, int level, struct pd_arena *arena,
                      struct law_keys *keys) {
    size_t count = law_policies_count(policies), uid_count = 0, type_count = 0;
    for (size_t i = 0; i < count; i++)
        uid_count += scope_of(law_policies_get(policies, i), level)->entity_count;
    struct law_key *uids = pd_arena_array(arena, uid_count, sizeof(*uids));
    struct law_key *types = pd_arena_array(arena, count, sizeof(*types));
    if (!uids || !types)
        return false;
    uid_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct law_scope *scope = scope_of(law_policies_get(policies, i), level);
        if (asks_for_type(scope))
            types[type_count++].symbol =
                (struct law_symbol){law_hash_type(scope->type), {.type = scope->type}};
        for (size_t j = 0; j < scope->entity_count; j++)
            uids[uid_count++].symbol =
                (struct law_symbol){law_hash_uid(&scope->entities[j]), scope->entities[j]};
    }
    if (!sort_names(uids, uid_count, arena, &keys->uids) ||
        !sort_names(types, type_count, arena, &keys->types))
        return false;
    keys->count = LAW_KEY_ANY + 1;
    for (size_t i = 0; i < count; i++)
        number_scope(keys, uids, types, scope_of(law_policies_get(policies, i), level));
    return true;
}

/** The key of a scope that the tree branches by; of an action in a list, the nth's. */
static uint32_t key_of(const struct law_keys *keys, const struct law_scope *scope, size_t nth) {
    switch (scope->form) {
    case LAW_SCOPE_ANY:
        break;
    case LAW_SCOPE_EQUAL:
        return find_uid(keys, &scope->entities[nth])->equal;
    case LAW_SCOPE_IN:
    case LAW_SCOPE_IS_IN:
        return find_uid(keys, &scope->entities[nth])->in;
    case LAW_SCOPE_IS:
        return find_type(keys, scope->type)->is;
    }
    return LAW_KEY_ANY;
}

/* ---- The tree ---- */

/** The way to a policy; one with several actions stands at the end of several. */
struct way {
    uint32_t keys[LAW_LEVELS];
    uint32_t policy;
};

static int compare_ways(const void *a, const void *b) {
    const struct way *x = a, *y = b;
    for (int level = 0; level < LAW_LEVELS; level++)
        if (x->keys[level] != y->keys[level])
            return x->keys[level] < y->keys[level] ? -1 : 1;
    return x->policy < y->policy ? -1 : x->policy > y->policy;
}

static size_t count_ways(const struct law_policy *policy) {
    if (policy->is_template)
        return 0;
    return policy->action.form == LAW_SCOPE_ANY ? 1 : policy->action.entity_count;
}

static struct way *list_ways(const struct law_policies *policies, const struct law_index *index,
                             struct pd_arena *arena, size_t *out_count) {
    size_t count = law_policies_count(policies), n = 0;
    for (size_t i = 0; i < count; i++)
        n += count_ways(law_policies_get(policies, i));
    struct way *ways = n < UINT32_MAX ? pd_arena_array(arena, n, sizeof(*ways)) : NULL;
    if (!ways)
        return NULL;
    n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct law_policy *policy = law_policies_get(policies, i);
        for (size_t j = 0; j < count_ways(policy); j++) {
            ways[n].policy = (uint32_t)i;
            for (int level = 0; level < LAW_LEVELS; level++)
                ways[n].keys[level] =
                    key_of(&index->keys[level], scope_of(policy, level), level == 0 ? j : 0);
            n++;
        }
    }
    if (n > 1)
        qsort(ways, n, sizeof(*ways), compare_ways);
    *out_count = n;
    return ways;
}

/** The first level at which two ways part; LAW_LEVELS: they end at one place. */
static int parting(const struct way *a, const struct way *b) {
    int level = 0;
    while (level < LAW_LEVELS && a->keys[level] == b->keys[level])
        level++;
    return level;
}

static bool grow_tree(const struct way *ways, size_t count, struct pd_arena *arena,
                      struct law_index *index) {
    struct law_branch *branches[LAW_LEVELS];
    uint32_t *policies = pd_arena_array(arena, count, sizeof(*policies));
    for (int level = 0; level < LAW_LEVELS; level++) {
        branches[level] = pd_arena_array(arena, count + 1, sizeof(*branches[level]));
        if (!branches[level] || !policies)
            return false;
        index->branches[level] = branches[level];
    }
    uint32_t n[LAW_LEVELS] = {0};
    for (size_t i = 0; i < count; i++) {
        int from = i == 0 ? 0 : parting(&ways[i - 1], &ways[i]);
        for (int level = from; level < LAW_LEVELS; level++)
            branches[level][n[level]++] = (struct law_branch){
                ways[i].keys[level], level + 1 < LAW_LEVELS ? n[level + 1] : (uint32_t)i};
        policies[i] = ways[i].policy;
    }
    for (int level = 0; level < LAW_LEVELS; level++) {
        branches[level][n[level]].first = level + 1 < LAW_LEVELS ? n[level + 1] : (uint32_t)count;
        index->branch_count[level] = n[level];
    }
    index->policies = policies;
    return true;
}

static bool list_also(const struct law_policies *policies, struct pd_arena *arena,
                      struct law_index *index) {
    size_t count = law_policies_count(policies);
    struct law_also *also = pd_arena_array(arena, count, sizeof(*also));
    if (!also)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct law_policy *policy = law_policies_get(policies, i);
        uint32_t *const types[LAW_LEVELS] = {NULL, &also[i].resource, &also[i].principal};
        for (int level = 1; level < LAW_LEVELS; level++) {
            const struct law_scope *scope = scope_of(policy, level);
            if (scope->form == LAW_SCOPE_IS_IN)
                *types[level] = find_type(&index->keys[level], scope->type)->is;
        }
    }
    index->also = also;
    return true;
}

bool law_index_build(const struct law_policies *policies, struct pd_arena *arena,
                     struct law_index *out) {
    for (int level = 0; level < LAW_LEVELS; level++)
        if (!list_keys(policies, level, arena, &out->keys[level]))
            return false;
    size_t count = 0;
    const struct way *ways = list_ways(policies, out, arena, &count);
    return ways && grow_tree(ways, count, arena, out) && list_also(policies, arena, out);
}

/* ---- Seeking ---- */

static void offer(struct law_machine *m, int level, uint32_t key) {
    struct law_offer *offers = &m->offers[level];
    if (key == LAW_KEY_ANY || offers->rounds[key] == m->round)
        return;
    offers->rounds[key] = m->round;
    offers->keys[offers->count++] = key;
}

static void offer_ancestors(struct law_machine *m, int level, const struct law_node *node) {
    const struct law_keys *keys = &m->program->index.keys[level];
    for (uint32_t i = 0; node && i < node->ancestor_count; i++) {
        const struct law_node *ancestor = law_entities_nth(m->ev.entities, node->ancestors[i]);
        const struct law_key *key =
            law_symbols_find(&keys->uids, &ancestor->symbol.uid, ancestor->symbol.hash);
        if (key)
            offer(m, level, key->in);
    }
}

static void make_offers(struct law_machine *m, int level) {
    enum law_variable v = variables[level];
    const struct law_keys *keys = &m->program->index.keys[level];
    const struct law_uid *uid = m->ev.variables[v].entity, type = {.type = uid->type};
    m->offers[level].count = 1; /* LAW_KEY_ANY, which stands there for good */
    m->offers[level].rounds[LAW_KEY_ANY] = m->round;
    const struct law_key *key = law_symbols_find(&keys->types, &type, m->ev.type_hashes[v]);
    if (key)
        offer(m, level, key->is);
    key = law_symbols_find(&keys->uids, uid, m->ev.hashes[v]);
    if (key) {
        offer(m, level, key->equal);
        offer(m, level, key->in);
    }
    if (keys->has_in)
        offer_ancestors(m, level, m->ev.nodes[v]);
}

static void take(struct law_machine *m, uint32_t first, uint32_t end) {
    const struct law_index *index = &m->program->index;
    for (uint32_t i = first; i < end; i++) {
        uint32_t policy = index->policies[i];
        const struct law_also *also = &index->also[policy];
        if (m->offers[1].rounds[also->resource] == m->round &&
            m->offers[2].rounds[also->principal] == m->round)
            m->candidates[policy / 64] |= (uint64_t)1 << policy % 64;
    }
}

static const struct law_branch *find_branch(const struct law_branch *list, uint32_t first,
                                            uint32_t end, uint32_t key) {
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (list[middle].key == key)
            return &list[middle];
        if (list[middle].key < key)
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

/** Down every branch whose key is offered: from the fewer, the branches or the offers. */
static void descend(struct law_machine *m, int level, uint32_t first, uint32_t end) {
    enum { SEARCH_COST = 8 }; /* looking a key up costs about as much as looking at so many */
    if (level == LAW_LEVELS) {
        take(m, first, end);
        return;
    }
    const struct law_branch *list = m->program->index.branches[level];
    const struct law_offer *offers = &m->offers[level];
    if (end - first <= SEARCH_COST * (size_t)offers->count) {
        for (const struct law_branch *b = list + first; b < list + end; b++)
            if (offers->rounds[b->key] == m->round)
                descend(m, level + 1, b->first, b[1].first);
        return;
    }
    for (uint32_t i = 0; i < offers->count; i++) {
        const struct law_branch *b = find_branch(list, first, end, offers->keys[i]);
        if (b)
            descend(m, level + 1, b->first, b[1].first);
    }
}

void law_index_seek(struct law_machine *m) {
    for (int level = 0; level < LAW_LEVELS; level++)
        make_offers(m, level);
    descend(m, 0, 0, m->program->index.branch_count[0]);
}
