/* The lawful alternative of least loss: one remedy of every forbid that stands, joined so that as
   little as can be is done or shown. */
#include "law/finding_impl.h"

#include <stdlib.h>

enum {
    THINGS_MAX = 64,       /* different things to do or show: bits of a choice */
    CHOICES_MAX = 512,     /* kept between two forbids: the best */
    ALTERNATIVES_MAX = 16, /* as the grammar of @remedy has it */
    MAKINGS_MAX = CHOICES_MAX * ALTERNATIVES_MAX
};

/* DESIGN, "Remedies": mask < generalise < drop a column < drop rows. */
static const struct {
    const char *kind;
    unsigned loss;
} losses[] = {
    {"mask", 1},       {"pseudonymise", 2}, {"generalise", 10}, {"kanon", 20},
    {"minimise", 100}, {"drop", 100},       {"aggregate", 400}, {"anonymise", 400},
};

unsigned law_obligation_loss(const struct law_obligation *o) {
    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
        if (pd_str_is(o->kind, losses[i].kind))
            return losses[i].loss;
    return 0;
}

/* A set of things, and what it costs. */
struct choice {
    uint64_t things;
    unsigned loss, count;
    size_t order;
};

enum wish { CHANGE, EVIDENCE, ANY };

struct search {
    const struct law_voice **forbids;
    size_t forbid_count;
    const struct law_obligation *things[THINGS_MAX]; /* one for each kind with its word */
    size_t thing_count;
    struct choice *list, *made;
    struct pd_arena *arena;
    struct pd_error *err;
};

static bool is_same_thing(const struct law_obligation *a, const struct law_obligation *b) {
    return pd_str_eq(a->kind, b->kind) &&
           pd_str_eq(law_obligation_word(a, 0), law_obligation_word(b, 0));
}

/* Columns that are left out need no other change. */
static bool covers(const struct law_obligation *whole, const struct law_obligation *part) {
    return pd_str_is(whole->kind, "drop") &&
           pd_str_eq(law_obligation_word(whole, 0), law_obligation_word(part, 0)) &&
           (pd_str_is(part->kind, "mask") || pd_str_is(part->kind, "pseudonymise") ||
            pd_str_is(part->kind, "generalise"));
}

static size_t find_thing(const struct search *s, const struct law_obligation *o) {
    size_t i = 0;
    while (i < s->thing_count && !is_same_thing(s->things[i], o))
        i++;
    return i;
}

static enum pd_status gather_things(struct search *s) {
    for (size_t f = 0; f < s->forbid_count; f++)
        for (size_t a = 0; a < s->forbids[f]->remedy_count; a++)
            for (size_t o = 0; o < s->forbids[f]->remedies[a].count; o++) {
                const struct law_obligation *thing = &s->forbids[f]->remedies[a].obligations[o];
                size_t at = find_thing(s, thing);
                if (at < s->thing_count)
                    continue;
                if (at == THINGS_MAX)
                    return pd_fail(s->err, PD_LIMIT, "the remedies name more than %d things",
                                   THINGS_MAX);
                s->things[s->thing_count++] = thing;
            }
    return PD_OK;
}

/* Whether an alternative is of the wished kinds; and the things that it asks for. */
static bool take(const struct search *s, const struct law_alternative *a, enum wish wish,
                 uint64_t *things) {
    *things = 0;
    for (size_t i = 0; i < a->count; i++) {
        enum law_obligation_class c = a->obligations[i].class_;
        if ((wish == CHANGE && c != LAW_BEFORE) || (wish == EVIDENCE && c != LAW_EVIDENCED) ||
            c == LAW_UNKNOWN || c == LAW_AFTER)
            return false;
        *things |= (uint64_t)1 << find_thing(s, &a->obligations[i]);
    }
    return true;
}

static bool is_covered(const struct search *s, const struct law_obligation *thing,
                       uint64_t things) {
    for (size_t i = 0; i < s->thing_count; i++)
        if ((things >> i & 1) && covers(s->things[i], thing))
            return true;
    return false;
}

static struct choice weigh(const struct search *s, uint64_t things, size_t order) {
    struct choice c = {.things = things, .order = order};
    for (size_t i = 0; i < s->thing_count; i++)
        if ((things >> i & 1) && !is_covered(s, s->things[i], things)) {
            c.loss += law_obligation_loss(s->things[i]);
            c.count++;
        }
    return c;
}

static int by_cost(const void *a, const void *b) {
    const struct choice *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Keeps the cheapest choices, and none that holds all of a cheaper one: what comes later only adds.
 */
static size_t keep_best(struct choice *made, size_t count, struct choice *list) {
    size_t n = 0;
    qsort(made, count, sizeof(*made), by_cost);
    for (size_t i = 0; i < count && n < CHOICES_MAX; i++) {
        bool is_new = true;
        for (size_t j = 0; j < n && is_new; j++)
            is_new = (list[j].things & ~made[i].things) != 0;
        if (is_new)
            list[n++] = made[i];
    }
    return n;
}

/* ---- From things to what is told ---- */

/* The alternative by which a choice answers a forbid: the first that asks for nothing else. */
static const struct law_alternative *answer(const struct search *s, const struct law_voice *forbid,
                                            enum wish wish, uint64_t chosen) {
    uint64_t things;
    for (size_t a = 0; a < forbid->remedy_count; a++)
        if (take(s, &forbid->remedies[a], wish, &things) && (things & ~chosen) == 0)
            return &forbid->remedies[a];
    return NULL;
}

static int by_loss(const void *a, const void *b) {
    const struct law_obligation *x = a, *y = b;
    unsigned x_loss = law_obligation_loss(x), y_loss = law_obligation_loss(y);
    return x_loss != y_loss ? (x_loss < y_loss ? -1 : 1) : pd_str_cmp(x->text, y->text);
}

static enum pd_status name_forbids(struct search *s, enum wish wish, uint64_t chosen,
                                   struct law_obligation *o) {
    pd_str list = {"", 0};
    for (size_t f = 0; f < s->forbid_count; f++) {
        const struct law_alternative *a = answer(s, s->forbids[f], wish, chosen);
        bool asks = false;
        for (size_t i = 0; a != NULL && i < a->count; i++)
            asks = asks || is_same_thing(&a->obligations[i], o) || covers(o, &a->obligations[i]);
        if (!asks)
            continue;
        list = pd_arena_printf(s->arena, "%.*s%s%.*s", pd_arg(list), list.len > 0 ? ", " : "",
                               pd_arg(s->forbids[f]->id));
        if (list.data == NULL)
            return pd_fail_memory(s->err);
    }
    o->policy_id = list;
    return PD_OK;
}

static enum pd_status tell(struct search *s, enum wish wish, const struct choice *best,
                           struct law_way *out) {
    size_t total = 0;
    for (size_t f = 0; f < s->forbid_count; f++)
        total += answer(s, s->forbids[f], wish, best->things)->count;
    const struct law_obligation **all = pd_arena_array(s->arena, total, sizeof(*all));
    if (all == NULL)
        return pd_fail_memory(s->err);
    size_t n = 0;
    for (size_t f = 0; f < s->forbid_count; f++) {
        const struct law_alternative *a = answer(s, s->forbids[f], wish, best->things);
        for (size_t i = 0; i < a->count; i++)
            if (!is_covered(s, &a->obligations[i], best->things))
                all[n++] = &a->obligations[i];
    }
    struct law_obligation *merged = NULL;
    size_t count = 0;
    enum pd_status st = law_obligations_merge(all, n, s->arena, &merged, &count, s->err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = name_forbids(s, wish, best->things, &merged[i]);
    if (st != PD_OK)
        return st;
    if (count > 1)
        qsort(merged, count, sizeof(*merged), by_loss);
    *out =
        (struct law_way){.obligations = merged, .count = count, .loss = best->loss, .exists = true};
    return PD_OK;
}

/* ---- The search ---- */

static enum pd_status find_way(struct search *s, enum wish wish, struct law_way *out) {
    size_t count = 1;
    *out = (struct law_way){0};
    s->list[0] = (struct choice){0};
    for (size_t f = 0; f < s->forbid_count; f++) {
        size_t n = 0;
        for (size_t a = 0; a < s->forbids[f]->remedy_count && a < ALTERNATIVES_MAX; a++) {
            uint64_t things;
            if (!take(s, &s->forbids[f]->remedies[a], wish, &things))
                continue;
            for (size_t i = 0; i < count; i++, n++)
                s->made[n] = weigh(s, s->list[i].things | things, n);
        }
        if (n == 0)
            return PD_OK;
        count = keep_best(s->made, n, s->list);
    }
    return s->forbid_count > 0 ? tell(s, wish, &s->list[0], out) : PD_OK;
}

enum pd_status law_ways_find(const struct law_finding *finding, struct pd_arena *arena,
                             struct law_ways *out, struct pd_error *err) {
    struct search s = {.arena = arena, .err = err};
    struct law_ways ways = {0};
    pd_str *beyond = pd_arena_array(arena, finding->voice_count, sizeof(*beyond));
    s.forbids = pd_arena_array(arena, finding->voice_count, sizeof(*s.forbids));
    s.list = pd_arena_array(arena, CHOICES_MAX, sizeof(*s.list));
    s.made = pd_arena_array(arena, MAKINGS_MAX, sizeof(*s.made));
    if (beyond == NULL || s.forbids == NULL || s.list == NULL || s.made == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < finding->voice_count; i++) {
        const struct law_voice *v = &finding->voices[i];
        if (v->role != LAW_FORBIDS || v->exempted_by.len > 0)
            continue;
        s.forbids[s.forbid_count++] = v;
        if (v->remedy_count == 0)
            beyond[ways.beyond_count++] = v->id;
    }
    ways.beyond = beyond;
    enum pd_status st = gather_things(&s);
    if (st == PD_OK)
        st = find_way(&s, CHANGE, &ways.change);
    if (st == PD_OK)
        st = find_way(&s, EVIDENCE, &ways.evidence);
    if (st == PD_OK)
        st = find_way(&s, ANY, &ways.least);
    if (st == PD_OK)
        *out = ways;
    return st;
}
