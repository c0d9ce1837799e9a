/* Inspecting a table that a test writes as CSV. */
#ifndef POLDER_INSPECT_FIXTURE_H
#define POLDER_INSPECT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/inspect.h"

/* 2026-07-01 */
#define NOW ((pd_time)1782864000 * PD_SECOND)

/* ---- feeding ---- */

struct feeding {
    struct inspector *inspector;
    struct inspect_options options;
};

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct feeding *f = context;
    return inspector_new(names, count, &f->options, &f->inspector, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    return inspector_feed(((struct feeding *)context)->inspector, batch, err);
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)record;
    (void)err;
    inspector_set_aside(((struct feeding *)context)->inspector, 1);
    return PD_OK;
}

/* An inspector that has read the whole text as CSV. */
static struct inspector *read_csv(pd_str csv) {
    struct feeding f = {.options = {.now = NOW, .seed = 1}};
    struct table_handler handler = {&f, on_header, on_batch, on_set_aside};
    struct table_reader *reader = NULL;
    struct pd_error err = {0};
    if (table_reader_new(NULL, NULL, &handler, &reader, &err) != PD_OK ||
        table_feed(reader, csv.data, csv.len, &err) != PD_OK || table_finish(reader, &err) != PD_OK)
        fail_msg("%s", err.text);
    table_reader_free(reader);
    return f.inspector;
}

struct result {
    struct pd_arena *arena;
    const struct inspection *inspection;
};

static struct result finish(struct inspector *inspector) {
    struct result result = {.arena = pd_arena_new((size_t)64 << 20)};
    struct pd_error err = {0};
    if (inspector_finish(inspector, result.arena, &result.inspection, &err) != PD_OK)
        fail_msg("%s", err.text);
    return result;
}

static inline struct result inspect_csv(const char *csv) {
    struct inspector *inspector = read_csv(pd_str_from(csv));
    struct result result = finish(inspector);
    inspector_free(inspector);
    return result;
}

static inline const struct inspect_column *column_of(const struct inspection *inspection,
                                                     const char *name) {
    for (size_t i = 0; i < inspection->column_count; i++) {
        if (pd_str_is(inspection->columns[i].name, name))
            return &inspection->columns[i];
    }
    fail_msg("no column \"%s\"", name);
    return NULL;
}

#endif
