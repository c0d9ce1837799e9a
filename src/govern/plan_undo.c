/* A table that a plan made goes back as far as its key can take it. */
#include "govern/plan_impl.h"

#include <jansson.h>

enum { DEPTH_MAX = 8 };

struct undoing {
    pd_str text;
    const uint8_t *key;
    struct pd_arena *arena;
    struct table_writer *writer;
    struct protect_undo *undo;
    struct govern_undone *out;
};

/* The name of the column of the table that had this number, if the plan dropped it. */
static const char *dropped_name(const json_t *steps, size_t column) {
    const json_t *step;
    size_t i;
    json_array_foreach(steps, i, step) {
        const char *method = json_string_value(json_object_get(step, "method"));
        if (method && pd_str_is(pd_str_from(method), protect_method_name(PROTECT_DROP)) &&
            json_integer_value(json_object_get(step, "column")) == (json_int_t)column)
            return json_string_value(json_object_get(step, "name"));
    }
    return NULL;
}

/* The columns of the table that the plan was for: those at hand, and between them the dropped ones. */
static enum pd_status table_names(const struct undoing *u, const pd_str *names, size_t count,
                                  const pd_str **out, size_t *out_count, struct pd_error *err) {
    json_t *root = NULL;
    enum pd_status st = pd_json_parse(u->text, PROTECT_PLAN_MAX_BYTES, DEPTH_MAX, &root, err);
    if (st != PD_OK)
        return st;
    const json_t *steps = json_object_get(root, "steps");
    size_t most = count + json_array_size(steps), n = 0, at = 0;
    pd_str *all = pd_arena_array(u->arena, most + 1, sizeof(*all));
    bool fits = all != NULL;
    while (fits && n < most) {
        const char *dropped = dropped_name(steps, n);
        if (!dropped && at == count)
            break;
        all[n] = pd_arena_str(u->arena, dropped ? pd_str_from(dropped) : names[at++]);
        fits = all[n++].data != NULL;
    }
    json_decref(root);
    *out = all;
    *out_count = n;
    return fits ? PD_OK : pd_fail_memory(err);
}

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct undoing *u = context;
    const pd_str *all = NULL;
    size_t n = 0;
    enum pd_status st = table_names(u, names, count, &all, &n, err);
    if (st == PD_OK)
        st = protect_plan_parse(u->text, all, n, u->arena, &u->out->plan, err);
    if (st == PD_OK && u->out->plan->aggregate.len > 0)
        st = pd_fail(err, PD_INVALID, "the plan made counts of rows, and nobody can go back from them");
    return st == PD_OK
               ? protect_undo_new(u->out->plan, all, n, u->key, u->writer, &u->undo, err)
               : st;
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct undoing *u = context;
    return protect_undo_feed(u->undo, batch, err);
}

enum pd_status govern_plan_undo(const struct govern_plan_table *table, pd_str text,
                                const uint8_t *key, const struct table_sink *sink,
                                struct pd_arena *arena, struct govern_undone *out,
                                struct pd_error *err) {
    struct undoing u = {.text = text, .key = key, .arena = arena, .out = out};
    const struct table_handler handler = {.context = &u, .header = on_header, .batch = on_batch};
    enum pd_status st = table_writer_new(NULL, sink, &u.writer, err);
    if (st == PD_OK)
        st = govern_read_table(table->source, table->form, &handler, table->progress, arena, NULL,
                               err);
    if (st == PD_OK)
        st = table_writer_finish(u.writer, err);
    if (st == PD_OK)
        out->report = protect_undo_report(u.undo);
    protect_undo_free(u.undo);
    table_writer_free(u.writer);
    return st;
}
