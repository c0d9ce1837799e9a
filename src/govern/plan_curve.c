/*
 * The curve of loss against risk, by k, and its knee: before it much risk is saved for little loss,
 * beyond it little for much.
 */
#include "govern/plan_impl.h"

#include <math.h>

static bool tell_search(void *context, uint64_t checked, uint64_t nodes) {
    const struct govern_progress *progress = context;
    progress->tell_search(progress->context, checked, nodes);
    return false;
}

static void tell_memory(void *context, size_t bytes) {
    const struct govern_progress *progress = context;
    if (progress->tell_memory)
        progress->tell_memory(progress->context, bytes);
}

enum pd_status plan_curve_point(struct plan_curve *curve, uint64_t k, struct pd_arena *arena,
                                struct pd_error *err) {
    struct protect_plan plan = *curve->target.plan;
    struct protect_target target = curve->target;
    const struct protect_found *found;
    struct protect_risk risk;
    plan.k = k;
    target.plan = &plan;
    target.is_cancelled = curve->progress && curve->progress->tell_search ? tell_search : NULL;
    target.tell_memory = target.is_cancelled ? tell_memory : NULL;
    target.context = (void *)(uintptr_t)curve->progress;
    enum pd_status st = protect_search_for(curve->classes, &target, arena, &found, err);
    if (st == PD_OK) {
        plan.steps = found->steps;
        plan.step_count = found->step_count;
        st = protect_risk(curve->classes, &plan, 0, &risk, err);
    }
    if (st != PD_OK)
        return st;
    double gone = risk.suppressed_share;
    curve->found[curve->count] = found;
    curve->candidates[curve->count++] =
        (struct govern_candidate){.k = k,
                                  .loss = found->loss,
                                  .bound = found->bound,
                                  .suppressed = gone,
                                  .total = 1 - (1 - found->loss) * (1 - gone),
                                  .highest = risk.highest,
                                  .mean = risk.mean,
                                  .is_proven = found->is_proven};
    return PD_OK;
}

static size_t dropped(const struct protect_found *found) {
    size_t n = 0;
    for (size_t i = 0; i < found->step_count; i++)
        n += found->steps[i].method == PROTECT_DROP;
    return n;
}

/* Where more columns have to go than the rules demand, the curve has left what was asked about. */
static size_t same_columns(const struct plan_curve *curve) {
    size_t n = 1;
    while (n < curve->count && dropped(curve->found[n]) <= dropped(curve->found[0]))
        n++;
    return n;
}

/*
 * The point farthest below the line from the cheapest plan to the dearest; of equals the safest. Risk
 * goes by its logarithm, since half of it is half of it wherever one stands.
 */
static size_t find_knee(const struct govern_candidate *list, size_t count) {
    const struct govern_candidate *first = &list[0], *last = &list[count - 1];
    double loss = last->total - first->total, risk = log(first->highest) - log(last->highest);
    double best = 0;
    size_t knee = 0;
    if (!(loss > 0) || !(risk > 0)) /* more protection for nothing */
        return count - 1;
    for (size_t i = 1; i + 1 < count; i++) {
        double gained = (log(first->highest) - log(list[i].highest)) / risk;
        double lost = (list[i].total - first->total) / loss;
        if (gained - lost >= best) {
            best = gained - lost;
            knee = i;
        }
    }
    return knee;
}

enum pd_status plan_curve_draw(struct plan_curve *curve, uint64_t rows, struct pd_arena *arena,
                               struct pd_error *err) {
    static const uint64_t factors[GOVERN_CANDIDATES_MAX] = {1, 2, 3, 4, 6, 10, 20, 40};
    uint64_t least = curve->target.plan->k;
    enum pd_status st = curve->count ? PD_OK : plan_curve_point(curve, least, arena, err);
    for (size_t i = curve->count; st == PD_OK && i < GOVERN_CANDIDATES_MAX; i++) {
        struct pd_error why = {0};
        if (factors[i] > rows / least)
            break;
        enum pd_status point = plan_curve_point(curve, factors[i] * least, arena, &why);
        if (point == PD_UNAVAILABLE)
            st = pd_fail(err, point, "%s", why.text);
        if (point != PD_OK)
            break; /* what can't be reached ends the curve */
    }
    if (st == PD_OK)
        curve->chosen = find_knee(curve->candidates, same_columns(curve));
    return st;
}
