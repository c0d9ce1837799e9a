/* Impact: every recorded case decided under two sets of rules, and what changes between them. */
#include "govern/growing.h"
#include "govern/past.h"

#include <pthread.h>
#include <stdlib.h>

/* Cases are read by one thread and decided by another, a group after the other, so that what comes of it is the same
 * as if one did both. Only the second one touches what is made of them. */
struct impact {
    const struct govern_impact_question *question;
    struct pd_arena *arena;
    struct govern_impact *out;
    struct growing_list changed, unread;

    struct pd_arena *scratch; /* of a decision */
    enum pd_status status;    /* of the first one that failed */
    struct pd_error err;

    pthread_t decider;
    bool has_decider; /* else whoever reads decides */
    pthread_mutex_t mutex;
    pthread_cond_t turn;
    const struct past *cases; /* to be decided; NULL: none, or they are decided */
    size_t count;
    bool is_over;
};

static enum pd_status set_aside(struct impact *m, const struct past *past, struct pd_error *err) {
    struct govern_unread_act *a = growing_add(&m->unread, sizeof(*a), m->arena);
    if (!a)
        return pd_fail_memory(err);
    *a = (struct govern_unread_act){.act = past->act,
                                    .verb = pd_arena_str(m->arena, past->verb),
                                    .why = pd_arena_str(m->arena, past->why),
                                    .unread = past->unread};
    return a->verb.data && a->why.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status decide(const struct law_rules *rules, const struct law_case *c,
                             struct pd_arena *scratch, struct verdict *out, struct pd_error *err) {
    const struct law_finding *finding;
    enum pd_status st = law_find(rules, c, scratch, &finding, err);
    return st == PD_OK ? verdict_of(finding, scratch, out, err) : st;
}

static enum pd_status decide_both(struct impact *m, const struct past *past, struct pd_error *err) {
    struct pd_arena *scratch = m->scratch;
    if (past->unread != GOVERN_READ)
        return set_aside(m, past, err);
    m->out->cases++;
    struct law_case c = past->law;
    if (m->question->at)
        c.now = m->question->at;
    struct verdict from, to;
    struct govern_difference difference;
    char act[PD_ID_TEXT_SIZE];
    enum pd_status st = decide(m->question->from, &c, scratch, &from, err);
    if (st == PD_OK)
        st = decide(m->question->to, &c, scratch, &to, err);
    if (st != PD_OK) {
        pd_id_write(past->act, act);
        return pd_wrap(err, "the case of the act %s", act);
    }
    st = verdict_compare(&from, &to, scratch, &difference, err);
    if (st != PD_OK || verdict_is_same(&difference)) {
        m->out->same += st == PD_OK;
        return st;
    }
    struct govern_changed *changed = growing_add(&m->changed, sizeof(*changed), m->arena);
    if (!changed)
        return pd_fail_memory(err);
    changed->act = past->act;
    /* The verb that was asked about: of a denial the one denied. */
    changed->verb = pd_arena_str(m->arena, past->law.verb);
    changed->party = pd_arena_str(m->arena, past->party);
    if (!changed->verb.data || !changed->party.data)
        return pd_fail_memory(err);
    return verdict_compare(&from, &to, m->arena, &changed->difference, err);
}

/* ---- One reads, another decides ---- */

static void decide_group(struct impact *m, const struct past *cases, size_t count) {
    for (size_t i = 0; m->status == PD_OK && i < count; i++) {
        struct pd_mark mark = pd_arena_mark(m->scratch);
        m->status = decide_both(m, &cases[i], &m->err);
        pd_arena_reset(m->scratch, mark);
    }
}

static void *run(void *context) {
    struct impact *m = context;
    pthread_mutex_lock(&m->mutex);
    while (!m->is_over) {
        if (!m->cases) {
            pthread_cond_wait(&m->turn, &m->mutex);
            continue;
        }
        pthread_mutex_unlock(&m->mutex);
        decide_group(m, m->cases, m->count);
        pthread_mutex_lock(&m->mutex);
        m->cases = NULL;
        pthread_cond_broadcast(&m->turn);
    }
    pthread_mutex_unlock(&m->mutex);
    return NULL;
}

/* Waits for the group before, and hands over this one (or none). */
static enum pd_status visit(void *context, const struct past *cases, size_t count,
                            struct pd_error *err) {
    struct impact *m = context;
    pthread_mutex_lock(&m->mutex);
    while (m->cases)
        pthread_cond_wait(&m->turn, &m->mutex);
    enum pd_status st = m->status;
    bool is_handed = st == PD_OK && count && m->has_decider;
    if (is_handed) {
        m->cases = cases;
        m->count = count;
        pthread_cond_broadcast(&m->turn);
    }
    pthread_mutex_unlock(&m->mutex);
    if (st == PD_OK && count && !is_handed) {
        decide_group(m, cases, count);
        st = m->status;
    }
    return st == PD_OK ? PD_OK : pd_fail(err, st, "%s", m->err.text);
}

static enum pd_status decide_all(struct impact *m, struct govern *g, struct pd_error *err) {
    m->scratch = pd_arena_new((size_t)256 << 20);
    if (!m->scratch)
        return pd_fail_memory(err);
    pthread_mutex_init(&m->mutex, NULL);
    pthread_cond_init(&m->turn, NULL);
    m->has_decider = pthread_create(&m->decider, NULL, run, m) == 0;
    enum pd_status st = past_cases(g, visit, m, err);
    pthread_mutex_lock(&m->mutex);
    m->is_over = true;
    pthread_cond_broadcast(&m->turn);
    pthread_mutex_unlock(&m->mutex);
    if (m->has_decider)
        pthread_join(m->decider, NULL);
    pthread_cond_destroy(&m->turn);
    pthread_mutex_destroy(&m->mutex);
    pd_arena_free(m->scratch);
    return st;
}

/* ---- Changes of one kind, together ---- */

/* A change of one case, or one obligation of it, on the way to its group. */
struct piece {
    const struct govern_difference *difference;
    const struct govern_owed *owed;
    size_t at;
};

static int compare_shift(const struct govern_difference *a, const struct govern_difference *b) {
    int order = pd_str_cmp(a->from, b->from);
    if (!order)
        order = pd_str_cmp(a->to, b->to);
    if (!order && a->said_count != b->said_count)
        order = a->said_count < b->said_count ? -1 : 1;
    for (size_t i = 0; !order && i < a->said_count; i++) {
        order = verdict_compare_said(&a->said[i], &b->said[i]);
        if (!order)
            order = (int)a->said[i].is_gained - (int)b->said[i].is_gained;
    }
    return order;
}

static int same_shift(const struct piece *a, const struct piece *b) {
    return compare_shift(a->difference, b->difference);
}

static int same_duty(const struct piece *a, const struct piece *b) {
    int order = verdict_compare_owed(a->owed, b->owed);
    return order ? order : (int)a->owed->is_gained - (int)b->owed->is_gained;
}

static int by_shift(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    int order = same_shift(x, y);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_duty(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    int order = same_duty(x, y);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Changed outcomes before changed grounds. */
static int by_shift_size(const void *a, const void *b) {
    const struct govern_shift *x = a, *y = b;
    bool stays_x = pd_str_eq(x->what->from, x->what->to),
         stays_y = pd_str_eq(y->what->from, y->what->to);
    if (stays_x != stays_y)
        return stays_x ? 1 : -1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return compare_shift(x->what, y->what);
}

static int by_duty_size(const void *a, const void *b) {
    const struct govern_duty_shift *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int order = verdict_compare_owed(x->what, y->what);
    return order ? order : (int)x->what->is_gained - (int)y->what->is_gained;
}

/* The indices of the pieces [first, first + count), in their order. */
static size_t *indices(const struct piece *pieces, size_t first, size_t count,
                       struct pd_arena *arena) {
    size_t *list = pd_arena_array(arena, count, sizeof(*list));
    for (size_t i = 0; list && i < count; i++)
        list[i] = pieces[first + i].at;
    return list;
}

static size_t run_length(const struct piece *pieces, size_t first, size_t count,
                         int (*compare)(const struct piece *, const struct piece *)) {
    size_t n = 1;
    while (first + n < count && compare(&pieces[first], &pieces[first + n]) == 0)
        n++;
    return n;
}

static enum pd_status group_shifts(struct impact *m, struct pd_error *err) {
    const struct govern_changed *changed = m->changed.items;
    size_t count = m->changed.count;
    struct piece *pieces = pd_arena_array(m->arena, count ? count : 1, sizeof(*pieces));
    struct growing_list shifts = {0};
    if (!pieces)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        pieces[i] = (struct piece){.difference = &changed[i].difference, .at = i};
    qsort(pieces, count, sizeof(*pieces), by_shift);
    for (size_t i = 0, n; i < count; i += n) {
        n = run_length(pieces, i, count, same_shift);
        struct govern_shift *shift = growing_add(&shifts, sizeof(*shift), m->arena);
        if (!shift)
            return pd_fail_memory(err);
        *shift = (struct govern_shift){pieces[i].difference, indices(pieces, i, n, m->arena), n};
        if (!shift->cases)
            return pd_fail_memory(err);
    }
    if (shifts.count)
        qsort(shifts.items, shifts.count, sizeof(struct govern_shift), by_shift_size);
    m->out->shifts = shifts.items;
    m->out->shift_count = shifts.count;
    return PD_OK;
}

/* A refusal owes nothing: what it would have owed counts neither as gained nor as lost. */
static size_t owed_by(const struct govern_difference *d) {
    const char *deny = law_outcome_name(LAW_DENY);
    return pd_str_is(d->from, deny) || pd_str_is(d->to, deny) ? 0 : d->owed_count;
}

static enum pd_status group_duties(struct impact *m, struct pd_error *err) {
    const struct govern_changed *changed = m->changed.items;
    size_t count = 0, n = 0;
    for (size_t i = 0; i < m->changed.count; i++)
        count += owed_by(&changed[i].difference);
    struct piece *pieces = pd_arena_array(m->arena, count ? count : 1, sizeof(*pieces));
    struct growing_list duties = {0};
    if (!pieces)
        return pd_fail_memory(err);
    for (size_t i = 0; i < m->changed.count; i++)
        for (size_t j = 0; j < owed_by(&changed[i].difference); j++)
            pieces[n++] = (struct piece){.owed = &changed[i].difference.owed[j], .at = i};
    qsort(pieces, count, sizeof(*pieces), by_duty);
    for (size_t i = 0; i < count; i += n) {
        n = run_length(pieces, i, count, same_duty);
        struct govern_duty_shift *shift = growing_add(&duties, sizeof(*shift), m->arena);
        if (!shift)
            return pd_fail_memory(err);
        *shift = (struct govern_duty_shift){pieces[i].owed, indices(pieces, i, n, m->arena), n};
        if (!shift->cases)
            return pd_fail_memory(err);
    }
    if (duties.count)
        qsort(duties.items, duties.count, sizeof(struct govern_duty_shift), by_duty_size);
    m->out->duties = duties.items;
    m->out->duty_count = duties.count;
    return PD_OK;
}

enum pd_status govern_impact(struct govern *g, const struct govern_impact_question *question,
                             struct pd_arena *arena, const struct govern_impact **out,
                             struct pd_error *err) {
    struct impact m = {
        .question = question, .arena = arena, .out = pd_arena_alloc(arena, sizeof(*m.out))};
    if (!m.out)
        return pd_fail_memory(err);
    enum pd_status st = decide_all(&m, g, err);
    if (st == PD_OK)
        st = group_shifts(&m, err);
    if (st == PD_OK)
        st = group_duties(&m, err);
    if (st != PD_OK)
        return st;
    m.out->changed = m.changed.items;
    m.out->changed_count = m.changed.count;
    m.out->unread = m.unread.items;
    m.out->unread_count = m.unread.count;
    *out = m.out;
    return PD_OK;
}
