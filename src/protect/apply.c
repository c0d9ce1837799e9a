/* The second pass: rows of small classes stay out, the other rows are written cell by cell. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROW_BYTES = 1 << 30 };

struct protect_apply {
    const pd_str *names;
    size_t columns;
    const struct protect_step **step_of; /* per column; NULL keeps */
    struct protect_hand *hands;          /* per column */
    struct protect_sample sample;
    const struct protect_classes *classes;
    struct table_writer *writer;
    uint8_t key[CRYPTO_KEY_SIZE];
    bool *stays;    /* per raw tuple of the classes */
    uint64_t *left; /* per raw tuple: rows that have not come yet */
    uint32_t *row;  /* room for one raw tuple */
    struct pd_buf made;
    pd_str *cells; /* room for one row of the output */
    struct protect_report report;
    const struct protect_plan *plan;
    enum pd_status (*written)(void *context, const struct table_batch *batch, size_t row,
                              uint64_t place, struct pd_error *err); /* NULL: nobody watches */
    void *watcher;
};

static bool is_method(const struct protect_step *step, enum protect_method method) {
    return step != NULL && step->method == method;
}

static enum pd_status open_hands(struct protect_apply *a, const uint8_t *key,
                                 struct pd_error *err) {
    if (a->sample.millionths > 0 && key == NULL)
        return pd_fail(err, PD_USAGE, "a sample needs a key to be drawn by");
    if (key != NULL)
        memcpy(a->key, key, sizeof(a->key));
    a->hands = calloc(a->columns, sizeof(*a->hands));
    enum pd_status status = a->hands == NULL ? pd_fail_memory(err) : PD_OK;
    for (size_t c = 0; status == PD_OK && c < a->columns; c++)
        status = protect_hand_open(&a->hands[c], a->step_of[c], a->names[c],
                                   key == NULL ? NULL : a->key, err);
    return status;
}

static enum pd_status decide_who_stays(struct protect_apply *a, const struct protect_plan *plan,
                                       struct pd_error *err) {
    size_t n = a->classes->tuples.count;
    struct protect_tuples made = {0};
    uint32_t *group_of = calloc(n + 1, sizeof(*group_of));
    a->stays = calloc(n + 1, sizeof(*a->stays));
    a->left = calloc(n + 1, sizeof(*a->left));
    a->row = calloc(a->classes->column_count, sizeof(*a->row));
    enum pd_status status = PD_OK;
    if (group_of == NULL || a->stays == NULL || a->left == NULL || a->row == NULL)
        status = pd_fail_memory(err);
    else
        status = protect_classes_group_by_plan(a->classes, plan, &made, group_of, err);
    bool *group_stays = status == PD_OK ? calloc((size_t)made.count + 1, sizeof(bool)) : NULL;
    if (status == PD_OK)
        status = group_stays == NULL
                     ? pd_fail_memory(err)
                     : protect_plan_judge(a->classes, plan, &made, group_of, group_stays, err);
    for (size_t t = 0; status == PD_OK && t < n; t++) {
        a->stays[t] = group_stays[group_of[t]];
        a->left[t] = a->classes->tuples.rows[t];
    }
    protect_tuples_clear(&made);
    free(group_stays);
    free(group_of);
    return status;
}

static enum pd_status write_header(struct protect_apply *a, struct pd_error *err) {
    size_t n = 0;
    for (size_t c = 0; c < a->columns; c++) {
        if (protect_plan_keeps(a->plan, c))
            a->cells[n++] = a->names[c];
    }
    a->report.columns_dropped = a->columns - n;
    if (a->plan->aggregate.len > 0)
        a->cells[n++] = a->plan->aggregate;
    return table_write_row(a->writer, a->cells, n, err);
}

enum pd_status protect_apply_new(const struct protect_plan *plan, const pd_str *names,
                                 size_t columns, const struct protect_classes *classes,
                                 const uint8_t *key, struct table_writer *writer,
                                 struct protect_apply **out, struct pd_error *err) {
    if (plan->k > 0 && classes == NULL)
        return pd_fail(err, PD_USAGE,
                       "k=%" PRIu64 " needs the classes of the quasi columns, counted beforehand",
                       plan->k);
    struct protect_apply *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return pd_fail_memory(err);
    a->names = names;
    a->columns = columns;
    a->classes = plan->k > 0 ? classes : NULL;
    a->writer = writer;
    a->plan = plan;
    a->sample = plan->sample;
    pd_buf_init(&a->made, MAX_ROW_BYTES);
    enum pd_status status = protect_plan_resolve(plan, names, columns, &a->step_of, err);
    if (status == PD_OK)
        status = open_hands(a, key, err);
    if (status == PD_OK && a->classes != NULL)
        status = decide_who_stays(a, plan, err);
    if (status == PD_OK) {
        a->cells = calloc(columns + 1, sizeof(*a->cells)); /* one for the counts */
        status = a->cells == NULL ? pd_fail_memory(err) : write_header(a, err);
    }
    if (status != PD_OK) {
        protect_apply_free(a);
        return status;
    }
    *out = a;
    return PD_OK;
}

void protect_apply_free(struct protect_apply *a) {
    if (a == NULL)
        return;
    crypto_wipe(a->key, sizeof(a->key));
    pd_buf_clear(&a->made);
    for (size_t c = 0; a->hands != NULL && c < a->columns; c++)
        protect_hand_close(&a->hands[c]);
    free(a->hands);
    free(a->step_of);
    free(a->stays);
    free(a->left);
    free(a->row);
    free(a->cells);
    free(a);
}

/* Whether a row's class is large enough; it must be one of the rows that were counted. */
static enum pd_status look_up(struct protect_apply *a, const struct table_batch *batch, size_t r,
                              bool *stays, struct pd_error *err) {
    const struct protect_classes *k = a->classes;
    bool is_known = true;
    uint32_t tuple = 0;
    for (size_t c = 0; is_known && c < k->column_count; c++) {
        pd_str text = table_cell_text(batch, k->columns[c], r);
        is_known = protect_values_find(&k->values[c], k->seed, text, &a->row[c]);
    }
    is_known = is_known && protect_tuples_find(&k->tuples, k->seed, a->row, &tuple);
    if (!is_known || a->left[tuple] == 0)
        return pd_fail(err, PD_CONFLICT,
                       "row %" PRIu64 " (line %" PRIu64 ") was not there when the classes were "
                       "counted: the table has changed; count again",
                       batch->first_row + r + 1, batch->line[r]);
    a->left[tuple]--;
    *stays = a->stays[tuple];
    return PD_OK;
}

static void count_effect(struct protect_report *report, enum protect_method method,
                         enum protect_effect effect) {
    if (effect == PROTECT_NOT_ITS_TYPE)
        report->not_of_type++;
    if (effect != PROTECT_CHANGED)
        return;
    if (method == PROTECT_MASK)
        report->masked++;
    else if (method == PROTECT_PSEUDONYM || method == PROTECT_FORMAT_PRESERVING)
        report->pseudonyms++;
    else
        report->generalised++;
}

static enum pd_status fail_cell(const struct protect_apply *a, const struct table_batch *batch,
                                size_t c, size_t r, enum protect_effect effect,
                                struct pd_error *err) {
    pd_str name = a->names[c], cell = table_cell_text(batch, c, r);
    unsigned long long row = batch->first_row + r + 1, line = batch->line[r];
    if (effect == PROTECT_NO_ROW)
        return pd_fail(err, PD_INVALID,
                       "row %llu (line %llu), column \"%.*s\": the hierarchy \"%.*s\" has no row for "
                       "the value \"%.*s\"; add one, or mend the value",
                       row, line, pd_arg(name), pd_arg(a->step_of[c]->tree->name), pd_arg(cell));
    return pd_fail(err, PD_INVALID,
                   "row %llu (line %llu), column \"%.*s\": fewer than 6 digits are left to encrypt, "
                   "and of less than a million values whoever knows some pairs finds the others; "
                   "keep fewer digits, or use a pseudonym or a generalisation instead",
                   row, line, pd_arg(name));
}

/* Made cells stand in one buffer, which may move while it grows: views are taken afterwards. */
static enum pd_status write_row(struct protect_apply *a, const struct table_batch *batch, size_t r,
                                struct pd_error *err) {
    size_t n = 0, at = 0;
    pd_buf_reset(&a->made);
    for (size_t c = 0; c < a->columns; c++) {
        const struct protect_step *step = a->step_of[c];
        pd_str text = table_cell_text(batch, c, r);
        if (is_method(step, PROTECT_DROP))
            continue;
        if (step == NULL || step->method == PROTECT_KEEP) {
            a->cells[n++] = text;
            continue;
        }
        size_t before = a->made.len;
        pd_str person = step->method == PROTECT_SHIFT_DATE
                            ? table_cell_text(batch, step->person, r)
                            : (pd_str){0};
        enum protect_effect effect = protect_hand_cell(&a->hands[c], person, text, &a->made);
        if (effect == PROTECT_NO_ROW || effect == PROTECT_TOO_FEW_DIGITS)
            return fail_cell(a, batch, c, r, effect, err);
        count_effect(&a->report, step->method, effect);
        a->cells[n++] = (pd_str){NULL, a->made.len - before};
    }
    if (a->made.failed)
        return pd_fail(err, PD_LIMIT,
                       "row %" PRIu64 " (line %" PRIu64 ") does not fit in %d bytes once protected",
                       batch->first_row + r + 1, batch->line[r], MAX_ROW_BYTES);
    for (size_t i = 0; i < n; i++) {
        if (a->cells[i].data == NULL) {
            a->cells[i].data = a->made.data == NULL ? "" : a->made.data + at;
            at += a->cells[i].len;
        }
    }
    uint64_t place = a->report.rows_out++;
    enum pd_status status = table_write_row(a->writer, a->cells, n, err);
    return status == PD_OK && a->written ? a->written(a->watcher, batch, r, place, err) : status;
}

void protect_apply_watch(struct protect_apply *a,
                         enum pd_status (*written)(void *context, const struct table_batch *batch,
                                                   size_t row, uint64_t place,
                                                   struct pd_error *err),
                         void *context) {
    a->written = written;
    a->watcher = context;
}

enum pd_status protect_apply_feed(struct protect_apply *a, const struct table_batch *batch,
                                  struct pd_error *err) {
    if (batch->columns != a->columns)
        return pd_fail(err, PD_USAGE, "the plan is for %zu columns, the table has %zu", a->columns,
                       batch->columns);
    for (size_t r = 0; r < batch->rows; r++) {
        bool stays = true;
        enum pd_status status = PD_OK;
        a->report.rows_in++;
        if (!protect_sample_takes(&a->sample, a->key, batch, r)) {
            a->report.unsampled++;
            continue;
        }
        if (a->classes != NULL)
            status = look_up(a, batch, r, &stays, err);
        if (status == PD_OK && stays && a->plan->aggregate.len == 0)
            status = write_row(a, batch, r, err);
        if (status != PD_OK)
            return status;
        a->report.suppressed += stays ? 0 : 1;
    }
    return PD_OK;
}

enum pd_status protect_apply_finish(struct protect_apply *a, struct protect_report *out,
                                    struct pd_error *err) {
    uint64_t taken = a->report.rows_in - a->report.unsampled;
    if (a->classes != NULL && taken != a->classes->rows)
        return pd_fail(err, PD_CONFLICT,
                       "%" PRIu64 " rows came, but %" PRIu64
                       " were counted: the table has changed; count again",
                       taken, a->classes->rows);
    enum pd_status status =
        a->plan->aggregate.len > 0
            ? protect_aggregate_write(a->plan, a->classes, a->writer, &a->report.rows_out, err)
            : PD_OK;
    if (status == PD_OK)
        *out = a->report;
    return status;
}
