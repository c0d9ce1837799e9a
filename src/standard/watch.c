/* A checker that is watched: which checks the row at hand fails, and whether it is a row that was
 * there before. */
#include "standard/repair_impl.h"

#include <string.h>

enum { ROWS_BYTES = 512 << 20 };

static void on_fail(void *context, size_t check) {
    struct watch *w = context;
    if (w->failing_count < w->checker->count)
        w->failing[w->failing_count++] = check;
}

static bool has_keys(const struct standard *s) {
    bool has = s->key_count > 0;
    for (size_t i = 0; i < s->field_count; i++)
        has |= s->fields[i].is_unique;
    return has;
}

enum pd_status watch_init(struct watch *w, const struct standard *standard,
                          const struct standard_options *options, struct pd_error *err) {
    enum pd_status st = standard_checker_new(standard, options, &w->checker, err);
    if (st != PD_OK)
        return st;
    w->failing = pd_arena_array(w->checker->arena, w->checker->count, sizeof(*w->failing));
    w->rows_left = ROWS_BYTES;
    pd_buf_init(&w->whole, 0);
    if (has_keys(standard))
        w->rows = key_set_new(options->seed, &w->rows_left);
    if (!w->failing || (has_keys(standard) && !w->rows))
        return pd_fail_memory(err);
    w->checker->on_fail = on_fail;
    w->checker->context = w;
    return PD_OK;
}

void watch_clear(struct watch *w) {
    standard_checker_free(w->checker);
    key_set_free(w->rows);
    pd_buf_clear(&w->whole);
}

/* Beyond the limit of memory no row is told to be there again: it isn't known. */
static void look_back(struct watch *w, const struct table_batch *batch, size_t row) {
    pd_buf_reset(&w->whole);
    for (size_t c = 0; c < batch->columns; c++) {
        pd_str cell = table_cell_text(batch, c, row);
        pd_buf_add(&w->whole, &cell.len, sizeof(cell.len));
        pd_buf_str(&w->whole, cell);
    }
    w->is_again = !w->whole.failed && key_set_add(w->rows, pd_buf_view(&w->whole), batch->line[row],
                                                  &w->first_line) == KEY_SEEN;
}

void watch_row(struct watch *w, const struct table_batch *batch, size_t row) {
    w->failing_count = 0;
    w->is_again = false;
    if (w->rows)
        look_back(w, batch, row);
    check_row(w->checker, batch, row);
    w->has_failed |= w->checker->key.failed;
}

size_t watch_repeats(const struct watch *w) {
    for (size_t i = 0; w->is_again && i < w->failing_count; i++) {
        enum check_kind kind = w->checker->checks[w->failing[i]].kind;
        if (kind == CHECK_UNIQUE || kind == CHECK_KEY)
            return w->failing[i];
    }
    return PD_NPOS;
}

bool watch_fails(const struct watch *w, size_t field) {
    const struct standard_checker *c = w->checker;
    for (size_t i = 0; i < w->failing_count; i++) {
        const struct check *check = &c->checks[w->failing[i]];
        if (check->kind == CHECK_RULE) {
            const struct rule *rule = &c->standard->rules[check->n];
            for (size_t f = 0; f < rule->count; f++)
                if (rule->fields[f] == field)
                    return true;
        } else if (check->kind == CHECK_KEY) {
            const struct key *key = &c->standard->keys[check->n];
            for (size_t f = 0; f < key->count; f++)
                if (key->fields[f] == field)
                    return true;
        } else if (check->kind >= CHECK_TYPE && check->kind < CHECK_KEY && check->n == field) {
            return true;
        }
    }
    return false;
}
