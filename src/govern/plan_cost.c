/* What a plan costs in use, and how its risk would move if another column were known. */
#include "govern/plan_impl.h"

#include <math.h>

#define OTHER_CLASSES_LIMIT ((size_t)256 << 20) /* each; a column of more combinations is left out */

static const struct protect_step *step_of(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return &plan->steps[i];
    return NULL;
}

static bool is_quasi(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->quasi_count; i++)
        if (plan->quasi[i] == column)
            return true;
    return false;
}

/* By how many values there are: of 1,000 values that become 10 a third of the digits stays. */
static double by_distinct(const struct govern_cost *cost) {
    double before = (double)cost->distinct_before, after = (double)cost->distinct_after;
    if (before <= 1 || after >= before)
        return 0;
    return after <= 1 ? 1 : 1 - log(after) / log(before);
}

enum pd_status plan_cost(const struct reading_plan *plan, const struct govern_reading *after,
                         struct pd_arena *arena, const struct govern_cost **out, double *mean,
                         struct pd_error *err) {
    const struct inspection *before = plan->before->inspection;
    struct govern_cost *costs = pd_arena_array(arena, before->column_count + 1, sizeof(*costs));
    enum pd_status st = costs ? PD_OK : pd_fail_memory(err);
    double sum = 0;
    for (size_t c = 0, at = 0; st == PD_OK && c < before->column_count; c++) {
        const struct protect_step *step = step_of(plan->plan, c);
        bool stays = protect_plan_keeps(plan->plan, c);
        struct govern_cost *cost = &costs[c];
        struct pd_error ignored = {0};
        cost->distinct_before = before->columns[c].distinct.value;
        if (stays && at < after->inspection->column_count)
            cost->distinct_after = after->inspection->columns[at++].distinct.value;
        cost->is_counted =
            step && plan->classes && is_quasi(plan->plan, c) &&
            protect_step_loss(plan->classes, step, &cost->loss, &ignored) == PD_OK;
        if (!stays)
            cost->loss = 1;
        else if (step && !cost->is_counted)
            cost->loss = by_distinct(cost);
        sum += cost->loss;
    }
    if (st == PD_OK) {
        *out = costs;
        *mean = before->column_count ? sum / (double)before->column_count : 0;
    }
    return st;
}

/* ---- If one more column were known ---- */

struct others {
    struct protect_classes *classes[GOVERN_OTHERS_MAX]; /* NULL: too many combinations */
    struct govern_other *found;
    size_t count;
};

static enum pd_status feed_others(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    struct others *o = context;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < o->count; i++) {
        struct pd_error why = {0};
        if (!o->classes[i])
            continue;
        st = protect_classes_feed(o->classes[i], batch, &why);
        if (st == PD_LIMIT) {
            protect_classes_free(o->classes[i]);
            o->classes[i] = NULL;
            st = PD_OK;
        } else if (st != PD_OK) {
            st = pd_fail(err, st, "%s", why.text);
        }
    }
    return st;
}

/* The columns of the output that aren't among its quasi ones, each with these. */
static enum pd_status begin_others(const struct reading_plan *plan, const size_t *quasi,
                                   size_t quasi_count, struct pd_arena *arena, struct others *o,
                                   struct pd_error *err) {
    const struct inspection *in = plan->before->inspection;
    for (size_t c = 0, at = 0; c < in->column_count && o->count < GOVERN_OTHERS_MAX; c++) {
        if (!protect_plan_keeps(plan->plan, c))
            continue;
        size_t place = at++, n = 0, i = o->count;
        size_t *list = pd_arena_array(arena, quasi_count + 1, sizeof(*list));
        bool is_quasi_too = false;
        for (size_t q = 0; list && q < quasi_count; q++) {
            is_quasi_too = is_quasi_too || quasi[q] == place;
            if (n == q && quasi[q] > place)
                list[n++] = place;
            list[n++] = quasi[q];
        }
        if (list && n == quasi_count)
            list[n] = place;
        if (!list)
            return pd_fail_memory(err);
        if (is_quasi_too || in->columns[c].role == INSPECT_DIRECT)
            continue;
        enum pd_status st = protect_classes_new(list, quasi_count + 1, OTHER_CLASSES_LIMIT,
                                                &o->classes[i], err);
        if (st != PD_OK)
            return st;
        o->found[o->count++].column = c;
    }
    return PD_OK;
}

enum pd_status plan_others(struct source *source, const struct reading_plan *plan,
                           const struct govern_reading *after,
                           const struct govern_progress *progress, struct pd_arena *arena,
                           const struct govern_other **out, size_t *count, struct pd_error *err) {
    struct others o = {.found = pd_arena_array(arena, GOVERN_OTHERS_MAX, sizeof(*o.found))};
    struct table_handler handler = {.context = &o, .batch = feed_others};
    size_t n = 0, *quasi = NULL, quasi_count = 0;
    enum pd_status st = o.found ? reading_output_columns(plan, after->inspection, INSPECT_QUASI,
                                                         arena, &quasi, &quasi_count, err)
                                : pd_fail_memory(err);
    if (st == PD_OK && quasi_count > 0 && after->inspection->rows > 0)
        st = begin_others(plan, quasi, quasi_count, arena, &o, err);
    if (st == PD_OK && o.count > 0)
        st = reading_output(source, plan, after, &handler, progress, arena, err);
    for (size_t i = 0; st == PD_OK && i < o.count; i++) {
        struct protect_risk risk;
        if (!o.classes[i])
            continue;
        st = protect_risk(o.classes[i], NULL, 0, &risk, err);
        o.found[n++] = (struct govern_other){.column = o.found[i].column,
                                             .smallest = risk.smallest,
                                             .unique_share = risk.unique_share,
                                             .mean = risk.mean};
    }
    for (size_t i = 0; i < o.count; i++)
        protect_classes_free(o.classes[i]);
    if (st == PD_OK) {
        *out = o.found;
        *count = n;
    }
    return st;
}

/* ---- As JSON ---- */

void govern_curve_write(const struct govern_candidate *list, size_t count, size_t chosen,
                        struct pd_json *w) {
    pd_json_key(w, "candidates");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct govern_candidate *c = &list[i];
        pd_json_object(w);
        pd_json_member_i64(w, "k", (int64_t)c->k);
        pd_json_member_double(w, "loss", c->loss);
        pd_json_member_double(w, "bound", c->bound);
        pd_json_member_bool(w, "proven", c->is_proven);
        pd_json_member_double(w, "suppressed", c->suppressed);
        pd_json_member_double(w, "highest", c->highest);
        pd_json_member_double(w, "mean", c->mean);
        pd_json_member_bool(w, "chosen", i == chosen);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

void govern_others_write(const pd_str *names, const struct govern_other *others, size_t count,
                         struct pd_json *w) {
    pd_json_key(w, "others");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "column", names[others[i].column]);
        pd_json_member_i64(w, "smallest", (int64_t)others[i].smallest);
        pd_json_member_double(w, "unique_share", others[i].unique_share);
        pd_json_member_double(w, "mean", others[i].mean);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

const char *govern_choice_name(enum govern_choice_why why) {
    static const char *const names[] = {[GOVERN_NO_CHOICE] = NULL,
                                        [GOVERN_RECORDS_LOSE_LITTLE] = "records_lose_little",
                                        [GOVERN_RECORDS_UNDER_AGREEMENT] = "records_under_agreement",
                                        [GOVERN_RECORDS_WANTED] = "records_wanted",
                                        [GOVERN_NO_COUNTS] = "no_counts",
                                        [GOVERN_COUNTS] = "counts"};
    return names[why];
}

static void write_choice(const struct govern_choice *choice, struct pd_json *w) {
    pd_json_key(w, "choice");
    if (choice->why == GOVERN_NO_CHOICE) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_member_text(w, "why", govern_choice_name(choice->why));
    pd_json_member_double(w, "records_loss", choice->records_loss);
    pd_json_member_double(w, "limit", choice->limit);
    pd_json_object_end(w);
}

void govern_cost_write(const struct govern_case *c, struct pd_json *w) {
    write_choice(&c->choice, w);
    pd_json_member_double(w, "total_loss", c->total_loss);
    pd_json_key(w, "losses");
    pd_json_array(w);
    for (size_t i = 0; i < c->before->inspection->column_count; i++) {
        const struct govern_cost *cost = &c->costs[i];
        pd_json_object(w);
        pd_json_member_str(w, "column", c->before->names[i]);
        pd_json_member_double(w, "loss", cost->loss);
        pd_json_member_text(w, "by", cost->is_counted ? "entropy" : "distinct");
        pd_json_member_i64(w, "distinct_before", (int64_t)cost->distinct_before);
        pd_json_member_i64(w, "distinct_after", (int64_t)cost->distinct_after);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_member_bool(w, "given", c->is_given);
    govern_curve_write(c->candidates, c->candidate_count, c->is_given ? GOVERN_CANDIDATES_MAX : c->chosen, w);
    govern_others_write(c->before->names, c->others, c->other_count, w);
}
