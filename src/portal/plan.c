/*
 * Choosing a plan: one of the candidates of the curve of loss against risk, perhaps tightened column by
 * column, or a plan of one's own. What the form asks for becomes a plan as anybody could have written it;
 * the doorway judges it like any other.
 */
#include "portal/plan.h"

#include "portal/protection.h"

#include <jansson.h>
#include <string.h>

enum { OPTIONS_MAX = 8, COLUMNS_MAX = 60 };

/* ---- Steps in words ---- */

static pd_str width_text(struct page *page, struct protect_width w) {
    double value = (double)w.amount;
    for (int i = 0; i < w.decimals; i++)
        value /= 10;
    return pd_arena_printf(page->arena, "%.*f", w.decimals, value);
}

pd_str plan_step_words(struct page *page, const struct protect_step *step) {
    pd_str value = PD_STR("");
    switch (step->method) {
    case PROTECT_GENERALISE_DATE:
        value = page_code(page, "date_level", pd_str_from(protect_date_name(step->date)));
        break;
    case PROTECT_GENERALISE_NUMBER:
    case PROTECT_ROUND:
        value = width_text(page, step->width);
        break;
    case PROTECT_GENERALISE_TEXT:
        value = pd_arena_printf(page->arena, "%u", step->keep);
        break;
    case PROTECT_SHIFT_DATE:
        value = pd_arena_printf(page->arena, "%u", step->days);
        break;
    case PROTECT_GENERALISE_HIERARCHY:
        value = pd_arena_printf(page->arena, "%u (%.*s)", step->level, pd_arg(step->tree->name));
        break;
    default:
        break;
    }
    pd_str key = pd_arena_printf(page->arena, "method.%s", protect_method_name(step->method));
    const char *const names[] = {"value"};
    return key.data ? pages_say(page, key.data, names, &value, 1) : key;
}

static const struct protect_step *step_of(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; plan && i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return &plan->steps[i];
    return NULL;
}

/* ---- What a column can be tightened to ---- */

struct options {
    struct protect_step list[OPTIONS_MAX];
    size_t count;
};

static void add(struct options *o, struct protect_step step) {
    if (o->count < OPTIONS_MAX)
        o->list[o->count++] = step;
}

/* 1, 2, 5, 10, 20, 50, ...: as the search goes, too. */
static struct protect_width wider(struct protect_width w) {
    int64_t lead = w.amount;
    while (lead >= 10 && lead % 10 == 0)
        lead /= 10;
    if (w.decimals > 0 && lead >= 5) {
        w.amount = lead == 5 ? w.amount / 5 : w.amount;
        w.decimals--;
    } else {
        w.amount = lead == 2 ? w.amount / 2 * 5 : w.amount * 2;
    }
    return w;
}

static void add_numbers(struct options *o, struct protect_step step, bool is_new) {
    step.method = PROTECT_GENERALISE_NUMBER;
    if (is_new)
        step.width = (struct protect_width){5, 0};
    for (int i = 0; i < 4; i++) {
        step.width = wider(step.width);
        if (step.width.amount <= 0 || step.width.amount > 1000000000)
            return;
        add(o, step);
    }
}

static struct options find_options(const struct govern_case *c, size_t column) {
    const struct inspect_column *in = &c->before->inspection->columns[column];
    const struct protect_step *now = step_of(c->plan, column);
    struct protect_step step = now ? *now : (struct protect_step){.column = column};
    struct options o = {.count = 0};
    enum protect_method method = now ? now->method : PROTECT_KEEP;
    bool is_plain = method == PROTECT_KEEP && !in->is_formatted;
    if (method == PROTECT_DROP)
        return o;
    if (method == PROTECT_GENERALISE_DATE || (is_plain && in->type == INSPECT_DATE)) {
        step.method = PROTECT_GENERALISE_DATE;
        for (int date = now ? (int)now->date + 1 : PROTECT_MONTH; date <= PROTECT_SUPPRESSED; date++) {
            step.date = (enum protect_date)date;
            add(&o, step);
        }
    } else if (method == PROTECT_GENERALISE_NUMBER) {
        add_numbers(&o, step, false);
    } else if (is_plain && (in->type == INSPECT_INTEGER || in->type == INSPECT_DECIMAL) && in->role == INSPECT_QUASI) {
        step.whole = in->type == INSPECT_INTEGER;
        add_numbers(&o, step, true);
    } else if (method == PROTECT_GENERALISE_TEXT) {
        for (; step.keep > 0 && o.count + 1 < OPTIONS_MAX; add(&o, step))
            step.keep--;
    }
    add(&o, (struct protect_step){.column = column, .method = PROTECT_DROP});
    return o;
}

/* As the form names it: "generalise_date:decade". */
static pd_str value_of(struct page *page, const struct protect_step *step) {
    const char *method = protect_method_name(step->method);
    switch (step->method) {
    case PROTECT_GENERALISE_DATE:
        return pd_arena_printf(page->arena, "%s:%s", method, protect_date_name(step->date));
    case PROTECT_GENERALISE_NUMBER:
        return pd_arena_printf(page->arena, "%s:%.*s", method, pd_arg(width_text(page, step->width)));
    case PROTECT_GENERALISE_TEXT:
        return pd_arena_printf(page->arena, "%s:%u", method, step->keep);
    default:
        return pd_str_from(method);
    }
}

static pd_str field_of(struct page *page, size_t column) {
    pd_str name = pd_arena_printf(page->arena, "c-%zu", column);
    return name.data ? page_field(page, name.data) : PD_STR("");
}

/* ---- The form ---- */

static void put_column(struct page *page, struct template_value *list, const struct govern_case *c, size_t column) {
    struct options o = find_options(c, column);
    const struct protect_step kept = {.column = column}, *now = step_of(c->plan, column);
    pd_str chosen = field_of(page, column);
    if (!o.count)
        return;
    struct template_value *entry = template_push_map(&page->maker, list);
    template_put_number(&page->maker, entry, "nth", (int64_t)column);
    template_put_str(&page->maker, entry, "name", c->before->names[column]);
    template_put_str(&page->maker, entry, "now", plan_step_words(page, now ? now : &kept));
    struct template_value *choices = template_put_list(&page->maker, entry, "choices");
    for (size_t i = 0; i < o.count; i++) {
        struct template_value *choice = template_push_map(&page->maker, choices);
        pd_str value = value_of(page, &o.list[i]);
        template_put_str(&page->maker, choice, "value", value);
        template_put_str(&page->maker, choice, "text", plan_step_words(page, &o.list[i]));
        template_put_bool(&page->maker, choice, "is_chosen", pd_str_eq(value, chosen));
    }
}

static pd_str percent(struct page *page, double share) {
    return pd_arena_printf(page->arena, share > 0 && share < 0.01 ? "%.2f %%" : "%.1f %%", 100 * share);
}

void plan_put_choice(struct page *page, const struct govern_case *c) {
    struct template_value *choice = template_put_map(&page->maker, page->values, "choice");
    struct template_value *list = template_put_list(&page->maker, choice, "candidates");
    struct template_value *columns = template_put_list(&page->maker, choice, "columns");
    pd_str k = page_field(page, "k");
    for (size_t i = 0; i < c->candidate_count; i++) {
        const struct govern_candidate *point = &c->candidates[i];
        struct template_value *entry = template_push_map(&page->maker, list);
        pd_str value = pd_arena_printf(page->arena, "%llu", (unsigned long long)point->k);
        template_put_str(&page->maker, entry, "k", value);
        template_put_str(&page->maker, entry, "loss", percent(page, point->loss));
        template_put_str(&page->maker, entry, "left_out", percent(page, point->suppressed));
        template_put_str(&page->maker, entry, "highest", percent(page, point->highest));
        template_put_str(&page->maker, entry, "mean", percent(page, point->mean));
        template_put_bool(&page->maker, entry, "is_knee", i == c->chosen);
        template_put_bool(&page->maker, entry, "is_chosen", k.len ? pd_str_eq(k, value) : i == c->chosen);
    }
    template_put_bool(&page->maker, choice, "has_candidates", c->candidate_count > 0);
    for (size_t i = 0; i < c->before->inspection->column_count && i < COLUMNS_MAX; i++)
        put_column(page, columns, c, i);
    template_put_str(&page->maker, choice, "more", page_field(page, "more"));
    template_put_str(&page->maker, choice, "own", page_field(page, "own"));
}

/* ---- From the form to a plan ---- */

static bool is_stricter(const struct protect_step *step, const struct protect_step *than) {
    if (step->method == PROTECT_DROP || !than)
        return true;
    if (step->method != than->method)
        return false;
    switch (step->method) {
    case PROTECT_GENERALISE_DATE:
        return step->date > than->date;
    case PROTECT_GENERALISE_TEXT:
        return step->keep < than->keep;
    case PROTECT_GENERALISE_NUMBER: {
        int64_t a = step->width.amount, b = than->width.amount;
        for (int i = step->width.decimals; i < than->width.decimals; i++)
            a *= 10;
        for (int i = than->width.decimals; i < step->width.decimals; i++)
            b *= 10;
        return a > b;
    }
    default:
        return false;
    }
}

/* The candidate that the form chose, and how many rows are to be alike at least. */
static enum pd_status read_k(struct page *page, const struct govern_case *found, size_t *candidate, uint64_t *k,
                             struct pd_error *err) {
    pd_str chosen = page_field(page, "k"), more = page_field(page, "more");
    uint64_t wanted = 0, at_least = 0;
    *candidate = found->chosen;
    if (chosen.len && !pd_parse_u64(chosen, &wanted))
        return pd_fail_at(err, PD_INVALID, "k", "choose one of the candidates");
    if (more.len && (!pd_parse_u64(more, &at_least) || at_least < 2 || at_least > 1000000))
        return pd_fail_at(err, PD_INVALID, "more", "k is a whole number from 2 to 1,000,000");
    for (size_t i = 0; i < found->candidate_count; i++)
        if (at_least ? found->candidates[i].k <= at_least : found->candidates[i].k == wanted)
            *candidate = i;
    uint64_t own = found->candidates[*candidate].k;
    *k = at_least ? at_least : own;
    return PD_OK;
}

static enum pd_status base_plan(struct page *page, const struct govern_case *found, struct protect_plan *out,
                                struct pd_error *err) {
    const struct protect_plan *parsed;
    size_t candidate = 0;
    uint64_t k = 0;
    *out = *found->plan;
    if (!found->candidate_count)
        return PD_OK;
    enum pd_status st = read_k(page, found, &candidate, &k, err);
    if (st == PD_OK)
        st = protect_plan_parse(found->candidates[candidate].plan, found->before->names,
                                found->before->inspection->column_count, page->arena, &parsed, err);
    if (st == PD_OK) {
        *out = *parsed;
        out->k = k;
    }
    return st;
}

/* Models of columns that leave say nothing any more. */
static enum pd_status drop_models(struct page *page, struct protect_plan *plan, struct pd_error *err) {
    struct protect_plan_model *models = pd_arena_array(page->arena, plan->model_count + 1, sizeof(*models));
    size_t n = 0;
    if (!models)
        return pd_fail_memory(err);
    for (size_t m = 0; m < plan->model_count; m++) {
        const struct protect_step *step = step_of(plan, plan->models[m].sensitive);
        if (plan->models[m].kind == PROTECT_AVERAGE_RISK || !step || step->method != PROTECT_DROP)
            models[n++] = plan->models[m];
    }
    plan->models = models;
    plan->model_count = n;
    return PD_OK;
}

static enum pd_status tighten(struct page *page, const struct govern_case *found, struct protect_plan *plan,
                              struct pd_error *err) {
    size_t columns = found->before->inspection->column_count, n = 0;
    struct protect_step *steps = pd_arena_array(page->arena, columns + 1, sizeof(*steps));
    if (!steps)
        return pd_fail_memory(err);
    for (size_t c = 0; c < columns; c++) {
        const struct protect_step *step = step_of(plan, c);
        struct options o = c < COLUMNS_MAX ? find_options(found, c) : (struct options){.count = 0};
        pd_str wanted = c < COLUMNS_MAX ? field_of(page, c) : PD_STR("");
        for (size_t i = 0; wanted.len && i < o.count; i++)
            if (pd_str_eq(value_of(page, &o.list[i]), wanted) && is_stricter(&o.list[i], step))
                step = &o.list[i];
        if (step)
            steps[n++] = *step;
    }
    plan->steps = steps;
    plan->step_count = n;
    return drop_models(page, plan, err);
}

enum pd_status plan_compose(struct page *page, const struct govern_case *found, pd_str *out, struct pd_error *err) {
    struct protect_plan plan;
    struct pd_buf buf;
    struct pd_json w;
    pd_str own = page_field(page, "own");
    if (own.len) {
        *out = own;
        return PD_OK;
    }
    if (!found->has_plan)
        return pd_fail(err, PD_CONFLICT, "there is no plan that could be tightened");
    enum pd_status st = base_plan(page, found, &plan, err);
    if (st == PD_OK)
        st = tighten(page, found, &plan, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, PROTECT_PLAN_MAX_BYTES);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    st = protect_plan_write(&plan, found->before->names, found->before->inspection->column_count, &w, err);
    if (st == PD_OK)
        return pd_json_finish(&w, page->arena, out, err);
    pd_json_clear(&w);
    pd_buf_clear(&buf);
    return st;
}
