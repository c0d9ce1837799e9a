/*
 * The search for a plan: of everything that the law would accept, what loses least of the table at
 * hand, all remedies together; where groups are made, at the knee of the curve of loss against
 * risk. Each is carried out without keeping the result, inspected, attacked, and the law is asked
 * about that.
 */
#include "govern/plan_impl.h"

#include <stdlib.h>
#include <string.h>

static bool is_identity(const struct protect_plan *plan) {
    return plan->step_count == 0 && plan->k == 0 && plan->sample.millionths == 0;
}

struct trial {
    const struct govern_reading *after;
    const struct law_finding *finding;
    struct protect_report report;
    pd_str *attests;
    size_t attest_count;
    bool is_enough;
    pd_str contradiction; /* what the output says against its plan, which is then not enough */
};

/* Runs the source through the plan without keeping the result, inspects that, asks the law of it,
   and holds it against the plan. */
static enum pd_status try_plan(struct govern_run *run, struct trial *t, struct pd_error *err) {
    struct govern_case *c = &run->result;
    struct reading_plan plan = {&run->remedy.plan, c->before, run->classes, run->pseudonym_key,
                                NULL};
    struct govern_reading *after;
    struct protect_risk risk;
    enum pd_status st =
        reading_apply(run->source, &plan, NULL, pd_clock_now(&run->g->clock), run->progress,
                      run->arena, &after, &t->report, &run->output, err);
    if (st != PD_OK || after->inspection->rows == 0)
        return st;
    pd_hex_encode(run->output.bytes, sizeof(run->output.bytes), run->output_hex);
    st = reading_output_risk(run->source, &plan, run->progress, run->arena, after, err);
    if (st == PD_OK)
        st = attack_release(run, &plan, after, err);
    if (st != PD_OK)
        return st;
    bool is_transformed = !is_identity(&run->remedy.plan);
    t->after = after;
    st = prepare_judge(run, after, is_transformed, &t->finding, t->attests, &t->attest_count,
                       &t->is_enough, err);
    if (st == PD_OK && t->is_enough && is_transformed) {
        st = plan_contradiction(&plan, run->source, after, run->progress, run->arena, &risk,
                                &t->contradiction, err);
        t->is_enough = t->contradiction.len == 0;
    }
    return st;
}

/* What the table stands at is no plan for it: too few rows for k, or nothing would be left. */
static enum pd_status try_remedy(struct govern_run *run, const struct remedy_plan *plan,
                                 struct trial *t, struct pd_error *err) {
    struct govern_case *c = &run->result;
    struct pd_error why = {0};
    run->remedy = *plan;
    enum pd_status st = protect_plan_check(&plan->plan, c->before->names,
                                           c->before->inspection->column_count, &why);
    if (st == PD_INVALID)
        return PD_OK;
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = try_plan(run, t, err);
    return st == PD_DENIED ? PD_OK : st; /* what stays is over the average risk allowed */
}

static void accept(struct govern_run *run, const struct trial *t) {
    struct govern_case *c = &run->result;
    c->has_plan = true;
    c->plan = &run->remedy.plan;
    c->after = t->after;
    c->finding_after = t->finding;
    c->attests = t->attests;
    c->attest_count = t->attest_count;
    c->rows_suppressed = t->report.suppressed;
    c->rows_unsampled = t->report.unsampled;
}

/* ---- The candidates, weighed ---- */

/* One that the law would accept, with what it loses at the least k that the rules let. */
struct option {
    struct remedy_plan plan;
    struct plan_curve *curve; /* NULL: it makes no groups */
    double loss;
    size_t order;
};

struct options {
    struct option *list;
    size_t count;
};

static bool is_same_aim(const struct protect_plan *a, const struct protect_plan *b) {
    bool same = a->k == b->k && a->model_count == b->model_count;
    for (size_t m = 0; same && m < a->model_count; m++)
        same = a->models[m].kind == b->models[m].kind &&
               a->models[m].sensitive == b->models[m].sensitive;
    return same;
}

/* The curve of an option's aim, with its first point; many options share one. */
static enum pd_status find_curve(struct govern_run *run, const struct options *all,
                                 struct option *o, struct pd_error *err) {
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].curve && is_same_aim(&all->list[i].plan.aim, &o->plan.aim)) {
            o->curve = all->list[i].curve;
            return PD_OK;
        }
    o->curve = pd_arena_alloc(run->arena, sizeof(*o->curve));
    struct protect_plan *aim = pd_arena_alloc(run->arena, sizeof(*aim));
    if (!o->curve || !aim)
        return pd_fail_memory(err);
    *aim = o->plan.aim;
    *o->curve = (struct plan_curve){
        .target = {.plan = aim, .kinds = o->plan.kinds, .max_suppressed = o->plan.max_suppressed},
        .classes = run->classes,
        .progress = run->progress};
    return plan_curve_point(o->curve, aim->k, run->arena, err);
}

/* Quasi columns as the search measured them, others by the law's own scale; and the rows left out.
 */
static double weigh(const struct option *o) {
    const struct remedy_plan *p = &o->plan;
    double sum = 0, gone = o->curve ? o->curve->candidates[0].suppressed : 0;
    for (size_t c = 0; c < p->columns; c++)
        sum += remedy_stated_loss(p->base[c].method);
    for (size_t i = 0; o->curve && i < p->aim.quasi_count; i++) {
        double stated = remedy_stated_loss(p->base[p->aim.quasi[i]].method);
        double measured = o->curve->found[0]->columns[i].loss;
        sum += measured > stated ? measured - stated : 0;
    }
    return 1 - (1 - sum / (double)p->columns) * (1 - gone);
}

static int by_loss(const void *a, const void *b) {
    const struct option *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static enum pd_status weigh_all(struct govern_run *run, struct options *out, struct pd_error *err) {
    struct remedy_candidate *candidates;
    size_t count = 0;
    enum pd_status st = remedy_candidates(run->result.finding, run->result.before, run->arena,
                                          &candidates, &count, err);
    if (st == PD_OK && !(out->list = pd_arena_array(run->arena, count + 1, sizeof(*out->list))))
        st = pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        struct option o = {.order = i};
        struct pd_error why = {0};
        enum pd_status made = remedy_plan(run->g, &candidates[i], run->result.before, run->classes,
                                          run->arena, &o.plan, &why);
        if (made == PD_OK && o.plan.aim.quasi_count > 0)
            made = find_curve(run, out, &o, &why);
        if (made == PD_INVALID)
            continue; /* too few rows for k, or the models can't be reached */
        if (made != PD_OK)
            return pd_fail(err, made, "%s", why.text);
        o.loss = weigh(&o);
        out->list[out->count++] = o;
    }
    if (st == PD_OK)
        qsort(out->list, out->count, sizeof(*out->list), by_loss);
    return st;
}

/* ---- The search ---- */

static enum pd_status try_point(struct govern_run *run, struct option *o, size_t point,
                                struct trial *t, struct pd_error *err) {
    enum pd_status st = remedy_settle(&o->plan, o->curve->found[point],
                                      o->curve->candidates[point].k, run->arena, err);
    return st == PD_OK ? try_remedy(run, &o->plan, t, err) : st;
}

/* The knee of its curve first; where what comes of it isn't enough, the least that the rules let.
 */
static enum pd_status try_option(struct govern_run *run, struct option *o, struct trial *t,
                                 struct pd_error *err) {
    if (!o->curve)
        return try_remedy(run, &o->plan, t, err);
    enum pd_status st =
        plan_curve_draw(o->curve, run->result.before->inspection->rows, run->arena, err);
    if (st == PD_OK)
        st = try_point(run, o, o->curve->chosen, t, err);
    if (st == PD_OK && !t->is_enough && o->curve->chosen > 0) {
        o->curve->chosen = 0;
        st = try_point(run, o, 0, t, err);
    }
    return st;
}

static enum pd_status write_candidate(struct govern_run *run, const struct remedy_plan *plan,
                                      pd_str *out, struct pd_error *err) {
    const struct govern_reading *before = run->result.before;
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, PROTECT_PLAN_MAX_BYTES);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    enum pd_status st =
        protect_plan_write(&plan->plan, before->names, before->inspection->column_count, &w, err);
    if (st == PD_OK)
        return pd_json_finish(&w, run->arena, out, err);
    pd_json_clear(&w);
    pd_buf_clear(&buf);
    return st;
}

static bool keeps_a_column(const struct protect_plan *plan, size_t columns) {
    for (size_t c = 0; c < columns; c++)
        if (protect_plan_keeps(plan, c))
            return true;
    return false;
}

/* Each point of the curve as a plan that a steward can take instead; one that leaves nothing is
 * none. */
static enum pd_status write_candidates(struct govern_run *run, const struct option *o,
                                       struct pd_error *err) {
    struct govern_case *c = &run->result;
    enum pd_status st = PD_OK;
    size_t kept = 0;
    for (size_t i = 0; st == PD_OK && i < c->candidate_count; i++) {
        struct remedy_plan point = o->plan;
        c->candidates[kept] = c->candidates[i];
        st = remedy_settle(&point, o->curve->found[i], c->candidates[i].k, run->arena, err);
        if (st != PD_OK ||
            !keeps_a_column(&point.plan, run->result.before->inspection->column_count))
            continue;
        st = write_candidate(run, &point, &c->candidates[kept].plan, err);
        if (i == o->curve->chosen)
            c->chosen = kept;
        kept++;
    }
    c->candidate_count = kept;
    return st;
}

/* What the rules demand, so that a plan of somebody's own can be held against it. */
static enum pd_status keep_demanded(struct govern_run *run, const struct option *o,
                                    struct pd_error *err) {
    struct remedy_plan least = o->plan;
    enum pd_status st = PD_OK;
    if (o->curve) {
        struct govern_case *c = &run->result;
        st = remedy_settle(&least, o->curve->found[0], o->curve->candidates[0].k, run->arena, err);
        memcpy(c->candidates, o->curve->candidates, sizeof(c->candidates));
        c->candidate_count = o->curve->count;
        c->chosen = o->curve->chosen;
        if (st == PD_OK)
            st = write_candidates(run, o, err);
    }
    run->demanded = least.plan;
    return st;
}

/* ---- Counts instead of records ---- */

/* Of the plan that stands in the run. */
static enum pd_status weigh_loss(struct govern_run *run, struct pd_error *err) {
    struct govern_case *c = &run->result;
    const struct reading_plan plan = {&run->remedy.plan, c->before, run->classes,
                                      run->pseudonym_key, NULL};
    double mean = 0, rows = (double)c->before->inspection->rows;
    enum pd_status st = plan_cost(&plan, c->after, run->arena, &c->costs, &mean, err);
    double gone = (double)(c->rows_suppressed + c->rows_unsampled) / rows;
    if (st == PD_OK)
        c->total_loss = 1 - (1 - mean) * (1 - gone);
    return st;
}

/* What records may lose before counts are proposed in their place, in percent; the chambers may add
   a number of their own to the node's thresholds. No statute states one. */
enum { RECORD_LOSS_PERCENT = 50 };

static double record_limit(const struct govern_run *run) {
    int64_t percent = RECORD_LOSS_PERCENT;
    (void)law_rules_threshold(run->g->rules, PD_STR("max_record_loss_percent"), &percent);
    return percent < 0 ? 0 : percent > 100 ? 1 : (double)percent / 100;
}

/* What counts can be told by: quasi columns that no remedy changes by itself. */
struct counting {
    size_t *quasi, count;
    enum protect_kind *kinds;
    const struct protect_found *found;
    struct protect_plan plan;
};

static enum pd_status begin_counting(const struct govern_run *run, const struct option *o,
                                     struct counting *c, struct pd_error *err) {
    const struct remedy_plan *p = &o->plan;
    struct protect_plan_model *models =
        pd_arena_array(run->arena, p->aim.model_count + 1, sizeof(*models));
    c->quasi = pd_arena_array(run->arena, p->aim.quasi_count + 1, sizeof(*c->quasi));
    c->kinds = pd_arena_array(run->arena, p->aim.quasi_count + 1, sizeof(*c->kinds));
    if (!c->quasi || !c->kinds || !models)
        return pd_fail_memory(err);
    for (size_t i = 0; i < p->aim.quasi_count; i++) {
        if (p->base[p->aim.quasi[i]].method != PROTECT_KEEP)
            continue;
        c->quasi[c->count] = p->aim.quasi[i];
        c->kinds[c->count++] = p->kinds[i];
    }
    c->plan =
        (struct protect_plan){.k = o->curve->candidates[o->curve->chosen].k, .models = models};
    for (size_t m = 0; m < p->aim.model_count; m++) /* nothing is told of sensitive columns */
        if (p->aim.models[m].kind == PROTECT_AVERAGE_RISK)
            models[c->plan.model_count++] = p->aim.models[m];
    return PD_OK;
}

static size_t worst_column(const struct counting *c) {
    size_t worst = 0;
    for (size_t i = 1; i < c->count; i++)
        if (c->found->columns[i].loss > c->found->columns[worst].loss)
            worst = i;
    return worst;
}

/* Counts by fewer columns are finer in each: the column that loses most goes, until none loses more
   than the limit. c->found is NULL if none is left. */
static enum pd_status choose_columns(struct govern_run *run, const struct option *o, double limit,
                                     struct counting *c, struct pd_error *err) {
    for (size_t i = 0; i < o->plan.aim.quasi_count; i++)
        protect_classes_spare(run->classes, o->plan.aim.quasi[i]);
    for (; c->count > 0; c->count--) {
        struct plan_curve curve = {.target = {.plan = &c->plan,
                                              .kinds = c->kinds,
                                              .max_suppressed = o->plan.max_suppressed},
                                   .classes = run->classes,
                                   .progress = run->progress};
        c->plan.quasi = c->quasi;
        c->plan.quasi_count = c->count;
        enum pd_status st = plan_curve_point(&curve, c->plan.k, run->arena, err);
        if (st != PD_OK)
            return st;
        c->found = curve.found[0];
        size_t worst = worst_column(c);
        if (c->found->columns[worst].loss <= limit)
            return PD_OK;
        c->found = NULL;
        for (size_t i = worst; i + 1 < c->count; i++) {
            c->quasi[i] = c->quasi[i + 1];
            c->kinds[i] = c->kinds[i + 1];
        }
    }
    return PD_OK;
}

/* A name for the counts that no column has. */
static pd_str count_name(const struct govern_reading *before) {
    static const char *const names[] = {"count", "rows", "number_of_rows", "rows_of_this_group"};
    size_t n = sizeof(names) / sizeof(names[0]), i = 0;
    for (bool is_free = false; !is_free && i < n - 1; i += !is_free) {
        is_free = true;
        for (size_t c = 0; c < before->inspection->column_count; c++)
            is_free = is_free && !pd_str_is(before->names[c], names[i]);
    }
    return pd_str_from(names[i]);
}

static enum pd_status try_counts(struct govern_run *run, const struct option *o, double limit,
                                 struct trial *t, struct pd_error *err) {
    struct counting c = {0};
    enum pd_status st = begin_counting(run, o, &c, err);
    if (st == PD_OK)
        st = choose_columns(run, o, limit, &c, err);
    if (st == PD_INVALID || (st == PD_OK && !c.found))
        return PD_OK; /* nothing to count by */
    struct remedy_plan p = o->plan;
    p.plan = c.plan;
    if (st == PD_OK) {
        p.plan.steps = c.found->steps;
        p.plan.step_count = c.found->step_count;
        p.plan.aggregate = count_name(run->result.before);
        st = try_remedy(run, &p, t, err);
    }
    return st;
}

/* What a trial leaves in the run, beside what accept takes. */
struct kept {
    struct remedy_plan remedy;
    crypto_hash output;
    char output_hex[GOVERN_HEX_SIZE];
    const struct facts *facts_after;
};

static struct kept keep(const struct govern_run *run) {
    struct kept k = {run->remedy, run->output, {0}, run->facts_after};
    memcpy(k.output_hex, run->output_hex, sizeof(k.output_hex));
    return k;
}

static void put_back(struct govern_run *run, const struct kept *k) {
    run->remedy = k->remedy;
    run->output = k->output;
    run->facts_after = k->facts_after;
    memcpy(run->output_hex, k->output_hex, sizeof(run->output_hex));
}

/*
 * For all to read, counts are proposed where records would lose too much; under an agreement
 * records are. The records that were found are in run->remedy and run->result.
 */
static enum pd_status consider_counts(struct govern_run *run, const struct option *o,
                                      struct pd_error *err) {
    struct govern_case *c = &run->result;
    struct trial t = {.attests = pd_arena_array(run->arena, PREPARE_SIGNABLE_MAX, sizeof(pd_str))};
    struct govern_choice *choice = &c->choice;
    if (!o->curve)
        return PD_OK;
    enum pd_status st = t.attests ? weigh_loss(run, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    choice->records_loss = c->total_loss;
    choice->limit = record_limit(run);
    if (!pd_str_is(run->request.verb, "open"))
        choice->why = GOVERN_RECORDS_UNDER_AGREEMENT;
    else if (c->total_loss <= choice->limit)
        choice->why = GOVERN_RECORDS_LOSE_LITTLE;
    else if (run->request.records)
        choice->why = GOVERN_RECORDS_WANTED;
    else
        choice->why = GOVERN_COUNTS;
    if (choice->why != GOVERN_COUNTS)
        return PD_OK;
    struct kept records = keep(run);
    st = try_counts(run, o, choice->limit, &t, err);
    if (st == PD_OK && t.is_enough) {
        accept(run, &t);
        return PD_OK;
    }
    choice->why = GOVERN_NO_COUNTS;
    put_back(run, &records);
    return st;
}

enum pd_status prepare_search(struct govern_run *run, struct pd_error *err) {
    struct options options = {0};
    struct trial t = {.attests = pd_arena_array(run->arena, PREPARE_SIGNABLE_MAX, sizeof(pd_str))};
    enum pd_status st = t.attests ? weigh_all(run, &options, err) : pd_fail_memory(err);
    size_t i = 0;
    for (; st == PD_OK && i < options.count; i++) {
        st = try_option(run, &options.list[i], &t, err);
        if (t.is_enough)
            break;
    }
    if (st == PD_OK && t.is_enough)
        st = keep_demanded(run, &options.list[i], err);
    if (st == PD_OK && t.is_enough) {
        accept(run, &t);
        st = consider_counts(run, &options.list[i], err);
    }
    return st;
}

/* A steward's own plan in the place of what was found. */
enum pd_status prepare_given(struct govern_run *run, struct pd_error *err) {
    struct govern_case *c = &run->result;
    struct trial t = {.attests = pd_arena_array(run->arena, PREPARE_SIGNABLE_MAX, sizeof(pd_str))};
    enum pd_status st = t.attests ? plan_given(run, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = try_plan(run, &t, err);
    if (st != PD_OK)
        return pd_wrap(err, "the plan given");
    if (t.contradiction.len > 0)
        return pd_fail(err, PD_DENIED, "the plan given is refused by its own output: %.*s",
                       pd_arg(t.contradiction));
    if (t.is_enough) {
        accept(run, &t);
        c->is_given = true;
        c->choice = (struct govern_choice){.why = GOVERN_NO_CHOICE};
        return PD_OK;
    }
    if (!t.after)
        return pd_fail(err, PD_INVALID, "the plan given leaves no row");
    return pd_fail(err, PD_DENIED, "the plan given isn't what the law demands: %.*s%s",
                   pd_arg(t.finding->reason),
                   c->has_plan ? "; without --plan one is found that is" : "");
}

/* ---- What it costs ---- */

enum pd_status prepare_weigh(struct govern_run *run, struct pd_error *err) {
    struct govern_case *c = &run->result;
    const struct reading_plan plan = {&run->remedy.plan, c->before, run->classes,
                                      run->pseudonym_key, NULL};
    enum pd_status st = weigh_loss(run, err);
    if (st != PD_OK)
        return st;
    return plan_others(run->source, &plan, c->after, run->progress, run->arena, &c->others,
                       &c->other_count, err);
}
