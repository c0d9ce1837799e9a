/* The way back, for whoever holds the key: formats and shifts of dates. */
#include "protect/protect_impl.h"

#include <stdlib.h>

struct protect_undo {
    const pd_str *names;
    size_t count; /* of columns of the output */
    size_t *from; /* of each its column in the table */
    struct protect_hand *hands; /* per column of the output; step NULL: it stays */
    size_t *person;             /* of a shifted date: where in the output its person stands */
    struct table_writer *writer;
    struct pd_buf made;
    pd_str *cells;
    struct protect_undone report;
};

static bool is_undone(const struct protect_step *step) {
    return step != NULL && (step->method == PROTECT_FORMAT_PRESERVING ||
                            step->method == PROTECT_SHIFT_DATE);
}

/* Whose date it is must be known as it was: kept, or encrypted by the same key. */
static enum pd_status find_person(const struct protect_undo *u, size_t column,
                                  const struct protect_step *step,
                                  const struct protect_step *const *step_of, size_t *out,
                                  struct pd_error *err) {
    const struct protect_step *person = step_of[step->person];
    for (size_t i = 0; i < u->count; i++) {
        if (u->from[i] != step->person ||
            (person != NULL && person->method != PROTECT_FORMAT_PRESERVING))
            continue;
        *out = i;
        return PD_OK;
    }
    return pd_fail(err, PD_INVALID,
                   "the dates of \"%.*s\" can't go back: they were shifted by \"%.*s\", which isn't told "
                   "in this table as it was",
                   pd_arg(u->names[column]), pd_arg(u->names[step->person]));
}

static enum pd_status prepare(struct protect_undo *u, const struct protect_plan *plan,
                              size_t columns, const struct protect_step *const *step_of,
                              const uint8_t *key, struct pd_error *err) {
    size_t undone = 0;
    u->from = calloc(columns + 1, sizeof(*u->from));
    u->person = calloc(columns + 1, sizeof(*u->person));
    u->hands = calloc(columns + 1, sizeof(*u->hands));
    u->cells = calloc(columns + 1, sizeof(*u->cells));
    if (!u->from || !u->person || !u->hands || !u->cells)
        return pd_fail_memory(err);
    for (size_t c = 0; c < columns; c++)
        if (protect_plan_keeps(plan, c))
            u->from[u->count++] = c;
    for (size_t i = 0; i < u->count; i++) {
        const struct protect_step *step = step_of[u->from[i]];
        if (!is_undone(step))
            continue;
        enum pd_status st =
            protect_hand_open(&u->hands[i], step, u->names[u->from[i]], key, err);
        u->hands[i].undoes = true;
        if (st == PD_OK && step->method == PROTECT_SHIFT_DATE)
            st = find_person(u, u->from[i], step, step_of, &u->person[i], err);
        if (st != PD_OK)
            return st;
        undone++;
    }
    if (undone > 0)
        return PD_OK;
    return pd_fail(err, PD_INVALID,
                   "nothing that this plan does can be undone: only formats that were kept and dates that "
                   "were shifted go back, by their key");
}

static enum pd_status write_names(struct protect_undo *u, struct pd_error *err) {
    for (size_t i = 0; i < u->count; i++)
        u->cells[i] = u->names[u->from[i]];
    return table_write_row(u->writer, u->cells, u->count, err);
}

enum pd_status protect_undo_new(const struct protect_plan *plan, const pd_str *names,
                                size_t columns, const uint8_t *key, struct table_writer *writer,
                                struct protect_undo **out, struct pd_error *err) {
    const struct protect_step **step_of = NULL;
    struct protect_undo *u = calloc(1, sizeof(*u));
    if (u == NULL)
        return pd_fail_memory(err);
    u->names = names;
    u->writer = writer;
    pd_buf_init(&u->made, 1 << 30);
    enum pd_status st = protect_plan_resolve(plan, names, columns, &step_of, err);
    if (st == PD_OK)
        st = prepare(u, plan, columns, step_of, key, err);
    if (st == PD_OK)
        st = write_names(u, err);
    free(step_of);
    if (st != PD_OK) {
        protect_undo_free(u);
        return st;
    }
    *out = u;
    return PD_OK;
}

void protect_undo_free(struct protect_undo *u) {
    if (u == NULL)
        return;
    for (size_t i = 0; u->hands != NULL && i < u->count; i++)
        protect_hand_close(&u->hands[i]);
    pd_buf_clear(&u->made);
    free(u->from);
    free(u->person);
    free(u->hands);
    free(u->cells);
    free(u);
}

/* One cell, behind what stands in `made`. */
static enum pd_status undo_cell(struct protect_undo *u, const struct table_batch *batch, size_t r,
                                size_t c, pd_str person, struct pd_error *err) {
    const struct protect_hand *hand = &u->hands[c];
    pd_str cell = table_cell_text(batch, c, r);
    if (cell.len == 0)
        return PD_OK;
    if (pd_str_is(cell, "*")) {
        pd_buf_char(&u->made, '*');
        u->report.lost++;
        return PD_OK;
    }
    if (protect_hand_cell(hand, person, cell, &u->made) != PROTECT_CHANGED)
        return pd_fail(err, PD_INVALID,
                       "row %llu (line %llu), column \"%.*s\": this plan and key didn't make what stands "
                       "there; is it the right key?",
                       (unsigned long long)(batch->first_row + r + 1),
                       (unsigned long long)batch->line[r], pd_arg(u->names[u->from[c]]));
    if (hand->step->method == PROTECT_SHIFT_DATE)
        u->report.dates++;
    else
        u->report.formats++;
    return PD_OK;
}

/* The person as it was, by which a date was shifted. */
static enum pd_status person_of(struct protect_undo *u, const struct table_batch *batch, size_t r,
                                size_t c, struct pd_buf *out, struct pd_error *err) {
    size_t at = u->person[c];
    pd_str cell = table_cell_text(batch, at, r);
    if (u->hands[at].step == NULL || cell.len == 0) {
        pd_buf_str(out, cell);
        return PD_OK;
    }
    size_t begins = u->made.len;
    struct protect_undone before = u->report;
    enum pd_status st = undo_cell(u, batch, r, at, (pd_str){0}, err);
    if (st == PD_OK)
        pd_buf_str(out, pd_str_sub(pd_buf_view(&u->made), begins, u->made.len));
    u->made.len = begins;
    u->report = before;
    return st;
}

static enum pd_status undo_row(struct protect_undo *u, const struct table_batch *batch, size_t r,
                               struct pd_error *err) {
    struct pd_buf person;
    enum pd_status st = PD_OK;
    pd_buf_init(&person, 1 << 20);
    pd_buf_reset(&u->made);
    for (size_t c = 0; st == PD_OK && c < u->count; c++) {
        u->cells[c] = table_cell_text(batch, c, r);
        if (u->hands[c].step == NULL)
            continue;
        pd_buf_reset(&person);
        if (u->hands[c].step->method == PROTECT_SHIFT_DATE)
            st = person_of(u, batch, r, c, &person, err);
        size_t begins = u->made.len;
        if (st == PD_OK)
            st = undo_cell(u, batch, r, c, pd_buf_view(&person), err);
        u->cells[c] = (pd_str){NULL, u->made.len - begins};
    }
    size_t at = 0; /* made cells stand in one buffer, which may have moved while it grew */
    for (size_t c = 0; c < u->count; c++) {
        if (u->cells[c].data != NULL)
            continue;
        u->cells[c].data = u->made.data == NULL ? "" : u->made.data + at;
        at += u->cells[c].len;
    }
    if (st == PD_OK && (u->made.failed || person.failed))
        st = pd_fail_memory(err);
    pd_buf_clear(&person);
    u->report.rows++;
    return st == PD_OK ? table_write_row(u->writer, u->cells, u->count, err) : st;
}

enum pd_status protect_undo_feed(struct protect_undo *u, const struct table_batch *batch,
                                 struct pd_error *err) {
    if (batch->columns != u->count)
        return pd_fail(err, PD_INVALID,
                       "the plan makes tables of %zu columns, and this one has %zu", u->count,
                       batch->columns);
    for (size_t r = 0; r < batch->rows; r++) {
        enum pd_status st = undo_row(u, batch, r, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

struct protect_undone protect_undo_report(const struct protect_undo *u) {
    return u->report;
}
