/* Standards and tables in a line each, checked through the public header. */
#ifndef POLDER_STANDARD_FIXTURE_H
#define POLDER_STANDARD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "standard/standard.h"

struct checking {
    struct pd_arena *arena;
    const struct standard *standard;
    struct standard_checker *checker;
    struct table_reader *reader;
    const struct standard_report *report;
};

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct checking *c = context;
    return standard_checker_header(c->checker, names, count, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct checking *c = context;
    return standard_checker_feed(c->checker, batch, err);
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)err;
    struct checking *c = context;
    standard_checker_set_aside(c->checker, record->line, record->fields, record->columns);
    return PD_OK;
}

/* Now is 2026-06-15T12:00:00Z. */
static inline struct checking begin(const char *json, struct standard_options options) {
    struct checking c = {.arena = pd_arena_new((size_t)64 << 20)};
    struct pd_error err = {0};
    assert_true(pd_time_parse(PD_STR("2026-06-15T12:00:00Z"), &options.now));
    if (standard_parse(pd_str_from(json), c.arena, &c.standard, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(standard_checker_new(c.standard, &options, &c.checker, &err), PD_OK);
    return c;
}

static inline void run_table(struct checking *c, const char *csv) {
    struct pd_error err = {0};
    struct table_dialect given = {.form = TABLE_CSV,
                                  .encoding = TABLE_UTF_8,
                                  .separator = ',',
                                  .quote = '"',
                                  .header = TABLE_HEADER_FIRST,
                                  .first_line = 1,
                                  .header_records = 1,
                                  .is_exact = true};
    struct table_handler handler = {c, on_header, on_batch, on_set_aside};
    assert_int_equal(table_reader_new(NULL, &given, &handler, &c->reader, &err), PD_OK);
    if (table_feed(c->reader, csv, strlen(csv), &err) != PD_OK ||
        table_finish(c->reader, &err) != PD_OK)
        fail_msg("%s", err.text);
    table_reader_free(c->reader);
    assert_int_equal(standard_checker_finish(c->checker, &c->report, &err), PD_OK);
}

static inline void end(struct checking *c) {
    standard_checker_free(c->checker);
    pd_arena_free(c->arena);
}

static inline const struct standard_outcome *outcome_of(const struct checking *c, const char *field,
                                                        const char *check) {
    for (size_t i = 0; i < c->report->outcome_count; i++)
        if (pd_str_is(c->report->outcomes[i].field, field) &&
            pd_str_is(c->report->outcomes[i].check, check))
            return &c->report->outcomes[i];
    fail_msg("no check %s of \"%s\"", check, field);
    return NULL;
}

#endif
