/* Tests of protect_search, run by protect_test.c. */
#ifndef POLDER_PROTECT_SEARCH_CASES_H
#define POLDER_PROTECT_SEARCH_CASES_H

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "protect_fixture.h"
static const enum protect_kind ADULT_KINDS[] = {
    PROTECT_KIND_TEXT, PROTECT_KIND_NUMBER, PROTECT_KIND_TEXT, PROTECT_KIND_TEXT, PROTECT_KIND_TEXT,
    PROTECT_KIND_TEXT, PROTECT_KIND_TEXT,   PROTECT_KIND_TEXT, PROTECT_KIND_TEXT};
static const size_t ADULT_COLUMNS[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
static const pd_str ADULT_NAMES[] = {PD_STR_INIT("sex"),         PD_STR_INIT("age"),
                                     PD_STR_INIT("race"),        PD_STR_INIT("marital-status"),
                                     PD_STR_INIT("education"),   PD_STR_INIT("native-country"),
                                     PD_STR_INIT("workclass"),   PD_STR_INIT("occupation"),
                                     PD_STR_INIT("salary-class")};

/* What the plan leaves, counted anew over the columns of the output that were quasi columns. */
static struct protect_risk recount(const struct protect_plan *plan, size_t columns, pd_str csv) {
    size_t quasi[16], n = 0, at = 0;
    for (size_t c = 0, q = 0; c < columns; c++) {
        bool is_dropped = false;
        for (size_t s = 0; s < plan->step_count; s++)
            is_dropped =
                is_dropped || (plan->steps[s].column == c && plan->steps[s].method == PROTECT_DROP);
        bool is_quasi = q < plan->quasi_count && plan->quasi[q] == c;
        if (is_quasi && !is_dropped)
            quasi[n++] = at;
        q += is_quasi ? 1 : 0;
        at += is_dropped ? 0 : 1;
    }
    struct protect_classes *classes = count_classes(csv, quasi, n);
    struct protect_risk risk;
    struct pd_error err;
    assert_int_equal(protect_risk(classes, NULL, plan->k, &risk, &err), PD_OK);
    protect_classes_free(classes);
    return risk;
}

/* Whether the rows in small classes stay within the limit when column c takes `step`. */
static bool is_allowed_with(const struct protect_classes *classes, const struct protect_plan *plan,
                            const struct protect_step *step, double share) {
    struct protect_step steps[16];
    size_t n = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].column != step->column)
            steps[n++] = plan->steps[i];
    }
    steps[n++] = *step;
    struct protect_plan changed = *plan;
    changed.steps = steps;
    changed.step_count = n;
    struct protect_risk risk;
    struct pd_error err;
    assert_int_equal(protect_risk(classes, &changed, 0, &risk, &err), PD_OK);
    return (double)risk.suppressed <= share * (double)(risk.rows + risk.suppressed);
}

static void search_reaches_k_on_adult_and_nothing_is_coarser_than_needed(void **state) {
    (void)state;
    static const struct {
        uint64_t k;
        double share;
    } cases[] = {{2, 0}, {5, 0.04}, {5, 0.1}, {100, 0.1}, {30162, 0}};
    struct pd_buf file, out;
    pd_str csv = shared_file("privacy/arx/adult.csv", &file);
    struct protect_classes *classes = count_classes(csv, ADULT_COLUMNS, 9);
    struct pd_arena *arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct protect_found *found, *again;
        struct pd_error err;
        assert_int_equal(
            protect_search(classes, ADULT_KINDS, cases[i].k, cases[i].share, arena, &found, &err),
            PD_OK);
        assert_int_equal(
            protect_search(classes, ADULT_KINDS, cases[i].k, cases[i].share, arena, &again, &err),
            PD_OK);
        assert_memory_equal(found->columns, again->columns, 9 * sizeof(*found->columns));
        assert_true((double)found->suppressed <= cases[i].share * 30162);

        const struct protect_plan plan = {found->steps, found->step_count, ADULT_COLUMNS, 9,
                                          cases[i].k};
        struct protect_risk risk;
        assert_int_equal(protect_risk(classes, &plan, cases[i].k, &risk, &err), PD_OK);
        assert_int_equal(risk.suppressed, found->suppressed);
        assert_true(risk.smallest >= cases[i].k);
        print_message(
            "k=%" PRIu64 " s=%.2f: loss %.4f, %" PRIu64 " rows out, mean risk %.6f, %zu tried\n",
            cases[i].k, cases[i].share, found->loss, found->suppressed, risk.mean, found->tried);
        for (size_t c = 0; c < 9; c++) {
            const struct protect_found_step *column = &found->columns[c];
            assert_true(column->loss >= 0 && column->loss <= 1);
            assert_true((column->step.method == PROTECT_DROP) == (column->loss == 1));
            const struct protect_step keep = {.column = c};
            if (column->step.method == PROTECT_DROP)
                assert_false(is_allowed_with(classes, &plan, &keep, cases[i].share));
        }
        if (found->step_count == 9 && found->loss == 1)
            continue; /* all dropped: not a table */
        struct protect_report report;
        assert_int_equal(apply_plan(&plan, ADULT_NAMES, 9, classes, csv, &out, &report, &err),
                         PD_OK);
        assert_int_equal(report.rows_in, 30162);
        assert_int_equal(report.rows_out, risk.rows);
        assert_int_equal(report.suppressed, risk.suppressed);
        struct protect_risk after = recount(&plan, 9, pd_buf_view(&out));
        assert_int_equal(after.smallest, risk.smallest);
        assert_int_equal(after.classes, risk.classes);
        assert_int_equal(after.below_k, 0);
        pd_buf_clear(&out);
    }
    pd_arena_free(arena);
    protect_classes_free(classes);
    pd_buf_clear(&file);
}

/* A table of 3,000 rows with all kinds of columns, the same at every call. */
static void write_crowd(struct pd_buf *csv) {
    uint32_t x = 1;
    pd_buf_init(csv, 0);
    pd_buf_text(csv, "who,born,code,income,when\n");
    for (int i = 0; i < 3000; i++) {
        uint32_t r[8];
        for (int j = 0; j < 8; j++) {
            x = x * 1664525u + 1013904223u;
            r[j] = x >> 8;
        }
        pd_buf_printf(csv, "p%d,%u/%u/%u,%06u,%u.%02u,2024-%02u-01 %02u:00:00\n", i,
                      1950 + r[0] % 50, 1 + r[1] % 12, 1 + r[2] % 28, 100000 + r[3] % 400,
                      r[4] % 5000, r[5] % 100, 1 + r[6] % 3, r[7] % 24);
    }
    pd_buf_text(csv, "q1,unknown,,n/a,soon\nq2,unknown,,n/a,soon\nq3,,,100000000000000000.,\n");
}

/* The next finer rung of a date or of a code of six digits; numbers have other rungs. */
static bool make_finer(const struct protect_step *step, enum protect_kind kind,
                       struct protect_step *finer) {
    *finer = *step;
    if (step->method == PROTECT_DROP && kind == PROTECT_KIND_CODE) {
        finer->method = PROTECT_GENERALISE_TEXT;
        finer->keep = 1;
    } else if (step->method == PROTECT_DROP && kind == PROTECT_KIND_DATE) {
        finer->method = PROTECT_GENERALISE_DATE;
        finer->date = PROTECT_DECADE;
    } else if (step->method == PROTECT_GENERALISE_TEXT) {
        finer->keep++;
    } else if (step->method == PROTECT_GENERALISE_DATE && step->date > PROTECT_HOUR) {
        finer->date = (enum protect_date)(step->date - 1);
    } else {
        return false;
    }
    return true;
}

static void every_ladder_ends_in_k_anonymous_output(void **state) {
    (void)state;
    static const size_t quasi[] = {1, 2, 3, 4};
    static const pd_str names[] = {PD_STR_INIT("who"), PD_STR_INIT("born"), PD_STR_INIT("code"),
                                   PD_STR_INIT("income"), PD_STR_INIT("when")};
    static const enum protect_kind kinds[] = {PROTECT_KIND_DATE, PROTECT_KIND_CODE,
                                              PROTECT_KIND_NUMBER, PROTECT_KIND_DATE};
    static const struct {
        uint64_t k;
        double share;
    } cases[] = {{2, 0.1}, {3, 0.02}, {10, 0.1}, {50, 0.05}};
    struct pd_buf csv, out;
    write_crowd(&csv);
    struct protect_classes *classes = count_classes(pd_buf_view(&csv), quasi, 4);
    struct pd_arena *arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct protect_found *found;
        struct pd_error err;
        assert_int_equal(
            protect_search(classes, kinds, cases[i].k, cases[i].share, arena, &found, &err), PD_OK);
        struct protect_step steps[5] = {{.column = 0, .method = PROTECT_DROP}};
        for (size_t s = 0; s < found->step_count; s++)
            steps[s + 1] = found->steps[s];
        const struct protect_plan plan = {steps, found->step_count + 1, quasi, 4, cases[i].k};
        struct protect_report report;
        assert_int_equal(
            apply_plan(&plan, names, 5, classes, pd_buf_view(&csv), &out, &report, &err), PD_OK);
        assert_int_equal(report.suppressed, found->suppressed);
        assert_true(report.suppressed <= (uint64_t)(cases[i].share * 3003));
        struct protect_risk after = recount(&plan, 5, pd_buf_view(&out));
        assert_true(after.smallest >= cases[i].k && after.rows == report.rows_out);
        print_message("k=%" PRIu64 ": loss %.4f after %zu tried\n", cases[i].k, found->loss,
                      found->tried);
        assert_true(found->loss > 0 && found->loss < 1);
        for (size_t c = 0; c < found->column_count; c++) {
            struct protect_step finer;
            if (make_finer(&found->columns[c].step, kinds[c], &finer))
                assert_false(is_allowed_with(classes, &plan, &finer, cases[i].share));
        }
        pd_buf_clear(&out);
    }
    pd_arena_free(arena);
    protect_classes_free(classes);
    pd_buf_clear(&csv);
}

static void search_keeps_what_is_safe_already(void **state) {
    (void)state;
    static const size_t columns[] = {0, 1};
    static const enum protect_kind kinds[] = {PROTECT_KIND_NUMBER, PROTECT_KIND_TEXT};
    struct protect_classes *classes =
        count_classes(PD_STR("a,b\n1,x\n1,x\n2,y\n2,y\n"), columns, 2);
    struct pd_arena *arena = pd_arena_new(1 << 16);
    const struct protect_found *found;
    struct pd_error err;
    assert_int_equal(protect_search(classes, kinds, 2, 0, arena, &found, &err), PD_OK);
    assert_int_equal(found->step_count, 0);
    assert_true(found->loss == 0);
    assert_int_equal(found->columns[1].step.method, PROTECT_KEEP);
    pd_arena_free(arena);
    protect_classes_free(classes);
}

static void search_stops_at_the_memory_limit(void **state) {
    (void)state;
    static const size_t column[] = {0};
    static const enum protect_kind kinds[] = {PROTECT_KIND_CODE};
    struct pd_buf csv;
    size_t refused = 0, ended = 0;
    pd_buf_init(&csv, 0);
    pd_buf_text(&csv, "code,x\n");
    for (int i = 0; i < 3000; i++)
        pd_buf_printf(&csv, "%d,1\n", 100000000 + i * 297011);
    for (size_t limit = 100000; limit < 1000000; limit += 20000) {
        struct taker taker = {0};
        assert_int_equal(protect_classes_new(column, 1, limit, &taker.classes, &taker.err), PD_OK);
        if (read_table(pd_buf_view(&csv), &taker) == PD_OK) {
            struct pd_arena *arena = pd_arena_new(1 << 16);
            const struct protect_found *found;
            enum pd_status status =
                protect_search(taker.classes, kinds, 5, 0.1, arena, &found, &taker.err);
            ended += status == PD_OK ? 1 : 0;
            refused += status == PD_LIMIT ? 1 : 0;
            if (status == PD_LIMIT)
                assert_non_null(strstr(taker.err.text, "the search needs more than"));
            pd_arena_free(arena);
        }
        protect_classes_free(taker.classes);
    }
    pd_buf_clear(&csv);
    assert_true(refused > 0 && ended > 0);
}

static bool stop_at(void *context, uint64_t checked, uint64_t nodes) {
    (void)nodes;
    return checked >= *(uint64_t *)context;
}

/* Five columns of codes, a lattice of some ten thousand nodes: with room for the classes but not for it
   there is the best effort, and its distance; and either way of searching stops when asked. */
static void a_lattice_too_large_for_memory_gets_the_best_effort(void **state) {
    (void)state;
    static const size_t columns[] = {0, 1, 2, 3, 4};
    static const enum protect_kind kinds[] = {PROTECT_KIND_CODE, PROTECT_KIND_CODE, PROTECT_KIND_CODE,
                                              PROTECT_KIND_CODE, PROTECT_KIND_CODE};
    const struct protect_plan plan = {.quasi = columns, .quasi_count = 5, .k = 3};
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    pd_buf_text(&csv, "a,b,c,d,e\n");
    for (int i = 0; i < 200; i++)
        pd_buf_printf(&csv, "%06d,%06d,%06d,%06d,%06d\n", i * 7919 % 1000000, i % 4 * 300000 + i % 50,
                      i * 104729 % 1000000, i % 7 * 111111, i * 611953 % 999999);
    double least = 0;
    for (int is_little = 0; is_little < 2; is_little++) {
        struct taker taker = {0};
        struct pd_arena *arena = pd_arena_new(1 << 18);
        const struct protect_found *found;
        struct protect_target target = {.plan = &plan, .kinds = kinds, .max_suppressed = 0.1};
        assert_int_equal(protect_classes_new(columns, 5, is_little ? 200000 : 0, &taker.classes,
                                             &taker.err),
                         PD_OK);
        assert_int_equal(read_table(pd_buf_view(&csv), &taker), PD_OK);
        if (protect_search_for(taker.classes, &target, arena, &found, &taker.err) != PD_OK)
            fail_msg("%s", taker.err.text);
        assert_int_equal(found->is_proven, !is_little);
        least = is_little ? least : found->loss;
        assert_true(found->bound <= least + 1e-9 && found->loss >= least - 1e-9);
        uint64_t after[] = {1, 3};
        for (size_t i = 0; i < COUNT(after) && found->tried > 3; i++) {
            target.is_cancelled = stop_at;
            target.context = &after[i];
            assert_int_equal(protect_search_for(taker.classes, &target, arena, &found, &taker.err),
                             PD_UNAVAILABLE);
            assert_non_null(strstr(taker.err.text, "the search was stopped"));
        }
        pd_arena_free(arena);
        protect_classes_free(taker.classes);
    }
    pd_buf_clear(&csv);
}

static void search_refuses_what_cannot_be(void **state) {
    (void)state;
    static const size_t columns[] = {0};
    static const enum protect_kind kinds[] = {PROTECT_KIND_TEXT};
    static const struct {
        uint64_t k;
        double share;
        enum pd_status status;
        const char *says;
    } cases[] = {
        {4, 0, PD_INVALID, "cannot reach k=4: the table has only 3 rows"},
        {1, 0, PD_USAGE, "at least 2"},
        {0, 0, PD_USAGE, "at least 2"},
        {2, -0.1, PD_USAGE, "between 0 and 1"},
        {2, 1.1, PD_USAGE, "between 0 and 1"},
        {2, NAN, PD_USAGE, "between 0 and 1"},
    };
    struct protect_classes *classes = count_classes(PD_STR("a,b\n1,1\n2,1\n3,1\n"), columns, 1);
    struct pd_arena *arena = pd_arena_new(1 << 16);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct protect_found *found = NULL;
        struct pd_error err;
        assert_int_equal(
            protect_search(classes, kinds, cases[i].k, cases[i].share, arena, &found, &err),
            cases[i].status);
        assert_non_null(strstr(err.text, cases[i].says));
        assert_null(found);
    }
    pd_arena_free(arena);
    protect_classes_free(classes);
}

#endif
