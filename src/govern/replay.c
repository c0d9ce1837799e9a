/* Replay: every recorded finding made again, under the rules that were in force at its act. */
#include "govern/growing.h"
#include "govern/past.h"

#include <stdlib.h>
#include <string.h>

struct replay {
    struct govern *g;
    struct pd_arena *arena;
    struct govern_replayed *out;
    pd_str rules_id; /* of `rules`, the set loaded last */
    struct law_rules *rules;
    enum govern_unread no_rules; /* why that set can't be used, or GOVERN_READ */
    pd_str why;
    struct growing_list differing, unread;
};

/* Cases come rules by rules: one set at a time is loaded, and each once. */
static enum pd_status turn_to_rules(struct replay *r, pd_str id, struct pd_error *err) {
    if (r->rules_id.data && pd_str_eq(r->rules_id, id))
        return PD_OK;
    law_rules_free(r->rules);
    r->rules = NULL;
    r->no_rules = GOVERN_READ;
    r->rules_id = pd_arena_str(r->arena, id);
    if (!r->rules_id.data)
        return pd_fail_memory(err);
    struct pd_error why = {0};
    enum pd_status st = node_find_rules(r->g, r->rules_id, &r->rules, &why);
    r->out->rules += st == PD_OK;
    if (st == PD_OK)
        return PD_OK;
    if (st != PD_NOT_FOUND && st != PD_INTERNAL && st != PD_INVALID && st != PD_LIMIT)
        return pd_fail(err, st, "%s", why.text);
    r->no_rules = st == PD_NOT_FOUND || st == PD_INTERNAL ? GOVERN_DAMAGED : GOVERN_NO_RULES;
    r->why = pd_arena_str(r->arena, pd_str_from(why.text));
    return r->why.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status set_aside(struct replay *r, const struct past *past,
                                enum govern_unread unread, pd_str why, struct pd_error *err) {
    struct govern_unread_act *a = growing_add(&r->unread, sizeof(*a), r->arena);
    if (!a)
        return pd_fail_memory(err);
    *a = (struct govern_unread_act){.act = past->act,
                                    .verb = pd_arena_str(r->arena, past->verb),
                                    .why = pd_arena_str(r->arena, why),
                                    .unread = unread};
    r->out->damaged_count += unread == GOVERN_DAMAGED;
    return a->verb.data && a->why.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status tell_difference(struct replay *r, const struct past *past,
                                      const struct verdict *then, const struct verdict *again,
                                      struct pd_error *err) {
    struct govern_differing *d = growing_add(&r->differing, sizeof(*d), r->arena);
    if (!d)
        return pd_fail_memory(err);
    *d = (struct govern_differing){
        .act = past->act, .verb = pd_arena_str(r->arena, past->verb), .rules = r->rules_id};
    if (!d->verb.data)
        return pd_fail_memory(err);
    return verdict_compare(then, again, r->arena, &d->difference, err);
}

static enum pd_status visit(void *context, const struct past *past, struct pd_arena *scratch,
                            struct pd_error *err) {
    struct replay *r = context;
    r->out->findings++;
    if (past->unread != GOVERN_READ)
        return set_aside(r, past, past->unread, past->why, err);
    enum pd_status st = turn_to_rules(r, past->rules, err);
    if (st == PD_OK && r->no_rules != GOVERN_READ)
        return set_aside(r, past, r->no_rules, r->why, err);
    struct verdict then = {0}, again = {0};
    const struct law_finding *finding;
    struct govern_difference difference;
    struct pd_error why = {0};
    if (st == PD_OK)
        st = verdict_read(past->finding, scratch, &then, &why);
    if (st == PD_OK)
        st = law_find(r->rules, &past->law, scratch, &finding, &why);
    if (st == PD_INTERNAL || st == PD_INVALID)
        return set_aside(r, past, GOVERN_DAMAGED, pd_str_from(why.text), err);
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = verdict_of(finding, scratch, &again, err);
    if (st == PD_OK)
        st = verdict_compare(&then, &again, scratch, &difference, err);
    if (st != PD_OK)
        return st;
    if (!verdict_is_same(&difference))
        return tell_difference(r, past, &then, &again, err);
    r->out->equal++;
    return PD_OK;
}

/* Ids sort by time. */
static int by_act(const void *a, const void *b) {
    const struct govern_differing *x = a, *y = b;
    return memcmp(x->act.bytes, y->act.bytes, sizeof(x->act.bytes));
}

static int by_unread_act(const void *a, const void *b) {
    const struct govern_unread_act *x = a, *y = b;
    return memcmp(x->act.bytes, y->act.bytes, sizeof(x->act.bytes));
}

enum pd_status govern_replay(struct govern *g, struct pd_arena *arena,
                             const struct govern_replayed **out, struct pd_error *err) {
    struct replay r = {.g = g, .arena = arena, .out = pd_arena_alloc(arena, sizeof(*r.out))};
    if (!r.out)
        return pd_fail_memory(err);
    enum pd_status st = past_each(g, PAST_BY_RULES, visit, &r, err);
    law_rules_free(r.rules);
    if (st != PD_OK)
        return st;
    if (r.differing.count)
        qsort(r.differing.items, r.differing.count, sizeof(struct govern_differing), by_act);
    if (r.unread.count)
        qsort(r.unread.items, r.unread.count, sizeof(struct govern_unread_act), by_unread_act);
    r.out->differing = r.differing.items;
    r.out->differing_count = r.differing.count;
    r.out->unread = r.unread.items;
    r.out->unread_count = r.unread.count;
    *out = r.out;
    return PD_OK;
}
