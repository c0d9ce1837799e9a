/* What the tests of protect/ share: tables in, classes and protected tables out. */
#ifndef POLDER_PROTECT_FIXTURE_H
#define POLDER_PROTECT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "protect/protect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t KEY[CRYPTO_KEY_SIZE] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                             11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                             22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* ---- Fixtures ---- */

/* The text of one file of the shared data; skips the test when it is absent. */
static inline pd_str shared_file(const char *path, struct pd_buf *buf) {
    const char *root = getenv("POLDER_SHARED_DATA");
    char full[1024], piece[65536];
    snprintf(full, sizeof(full), "%s/%s", root ? root : "../shared/data", path);
    FILE *file = fopen(full, "rb");
    if (file == NULL) {
        print_message("skipped: %s is not there\n", full);
        skip();
    }
    pd_buf_init(buf, 0);
    for (size_t n; (n = fread(piece, 1, sizeof(piece), file)) > 0;)
        pd_buf_add(buf, piece, n);
    fclose(file);
    assert_false(buf->failed);
    return pd_buf_view(buf);
}

/* Who takes the batches of one reading, and what happened. */
struct taker {
    struct protect_classes *classes;
    struct protect_apply *apply;
    enum pd_status status;
    struct pd_error err;
};

static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct taker *taker = context;
    if (taker->classes != NULL)
        return protect_classes_feed(taker->classes, batch, err);
    return protect_apply_feed(taker->apply, batch, err);
}

/* Reads a table in small batches into the taker's classes or apply. */
static enum pd_status read_table(pd_str csv, struct taker *taker) {
    const struct table_limits limits = {.batch_bytes = 4096};
    const struct table_handler handler = {.context = taker, .batch = take_batch};
    struct table_reader *reader;
    assert_int_equal(table_reader_new(&limits, NULL, &handler, &reader, &taker->err), PD_OK);
    taker->status = table_feed(reader, csv.data, csv.len, &taker->err);
    if (taker->status == PD_OK)
        taker->status = table_finish(reader, &taker->err);
    table_reader_free(reader);
    return taker->status;
}

static struct protect_classes *count_classes(pd_str csv, const size_t *columns, size_t count) {
    struct taker taker = {0};
    assert_int_equal(protect_classes_new(columns, count, 0, &taker.classes, &taker.err), PD_OK);
    if (read_table(csv, &taker) != PD_OK)
        fail_msg("%s", taker.err.text);
    return taker.classes;
}

/* The table under a plan; `out` is cleared by the caller. */
static inline enum pd_status apply_plan(const struct protect_plan *plan, const pd_str *names,
                                 size_t columns, const struct protect_classes *classes, pd_str csv,
                                 struct pd_buf *out, struct protect_report *report,
                                 struct pd_error *err) {
    struct taker taker = {0};
    struct table_writer *writer;
    pd_buf_init(out, 0);
    struct table_sink sink = table_sink_buf(out);
    assert_int_equal(table_writer_new(NULL, &sink, &writer, err), PD_OK);
    enum pd_status status =
        protect_apply_new(plan, names, columns, classes, KEY, writer, &taker.apply, err);
    if (status == PD_OK) {
        status = read_table(csv, &taker);
        *err = taker.err;
    }
    if (status == PD_OK)
        status = protect_apply_finish(taker.apply, report, err);
    if (status == PD_OK)
        status = table_writer_finish(writer, err);
    protect_apply_free(taker.apply);
    table_writer_free(writer);
    return status;
}

static const char PEOPLE[] = "id,born,age,postcode,note\n"
                             "a1,1985-03-09,38,518057,=1+1\n"
                             "a2,1985-04-01,39,518057,\"x,y\"\n"
                             "a3,1985-05-05,31,518000,\n"
                             "a4,1985-12-31,35,518001,z\n"
                             "a5,1990-01-01,20,100000,z\n"
                             "a6,not known,21,100000,z\n";
static const pd_str PEOPLE_NAMES[] = {PD_STR_INIT("id"), PD_STR_INIT("born"), PD_STR_INIT("age"),
                                      PD_STR_INIT("postcode"), PD_STR_INIT("note")};
static const size_t PEOPLE_QUASI[] = {1, 2, 3};
static const struct protect_step PEOPLE_STEPS[] = {
    {.column = 3, .method = PROTECT_GENERALISE_TEXT, .keep = 3},
    {.column = 0, .method = PROTECT_PSEUDONYM},
    {.column = 1, .method = PROTECT_GENERALISE_DATE, .date = PROTECT_YEAR},
    {.column = 2, .method = PROTECT_GENERALISE_NUMBER, .width = {10, 0}, .whole = true},
};
static const struct protect_plan PEOPLE_PLAN = {.steps = PEOPLE_STEPS,
                                                .step_count = COUNT(PEOPLE_STEPS),
                                                .quasi = PEOPLE_QUASI,
                                                .quasi_count = COUNT(PEOPLE_QUASI),
                                                .k = 2};

static inline pd_str people(void) {
    return pd_str_from(PEOPLE);
}

#endif
