/* Tests src/protect/mondrian.h: parts satisfy what was asked, and are those of tests/mondrian.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protect/mondrian.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { COLUMNS = 3, WIDTH = COLUMNS + 1, ROWS_MAX = 400 };

static uint64_t state_of_random;

static uint32_t draw(uint32_t below) {
    state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state_of_random >> 33) % below;
}

struct drawn {
    struct protect_hierarchy hierarchies[COLUMNS];
    const struct protect_hierarchy *list[COLUMNS];
    uint32_t sensitive, codes[ROWS_MAX * WIDTH];
    uint64_t rows[ROWS_MAX];
};

static struct protect_microdata draw_table(struct drawn *d, const uint32_t *values,
                                           uint32_t sensitive, size_t rows) {
    for (size_t c = 0; c < COLUMNS; c++) {
        d->hierarchies[c] = (struct protect_hierarchy){.values = values[c]};
        d->list[c] = &d->hierarchies[c];
    }
    d->sensitive = sensitive;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < WIDTH; c++)
            d->codes[r * WIDTH + c] = draw(c < COLUMNS ? values[c] : sensitive);
    return (struct protect_microdata){.quasi_count = COLUMNS,
                                      .hierarchies = d->list,
                                      .sensitive_count = 1,
                                      .sensitive_sizes = &d->sensitive,
                                      .codes = d->codes,
                                      .count = rows};
}

/* ---- A plain recomputation gives the same ---- */

static void a_small_table_is_cut_as_the_script_cuts_it(void **state) {
    (void)state;
    static const struct {
        uint64_t l;
        uint32_t first[40], parts;
        double granularity;
    } cases[] = {
        {1,
         {0, 1, 0,  3, 1, 5, 6, 7,  8, 9, 1, 9, 6, 9,  6, 8, 7, 17, 5,  5,
          7, 1, 17, 1, 3, 8, 8, 27, 8, 7, 5, 5, 7, 27, 0, 5, 0, 27, 17, 3},
         10,
         0.20425093632958802},
        {3,
         {0, 1, 0, 3, 1, 5, 6, 7, 8, 6, 1, 6, 6, 6, 6, 8, 7, 3, 5, 5,
          7, 1, 3, 1, 3, 8, 8, 0, 8, 7, 5, 5, 7, 0, 0, 5, 0, 0, 3, 3},
         7,
         0.2698501872659176},
    };
    static const uint32_t VALUES[] = {90, 6, 2};
    struct drawn d;
    for (size_t i = 0; i < COUNT(cases); i++) {
        state_of_random = 7;
        struct protect_mondrian_task task = {
            .data = draw_table(&d, VALUES, 4, 40), .k = 3, .distinct_l = cases[i].l};
        struct protect_mondrian m;
        struct pd_error err = {0};
        assert_int_equal(PD_OK, protect_mondrian(&task, &m, &err));
        assert_int_equal(cases[i].parts, m.count);
        for (uint32_t r = 0; r < 40; r++) {
            uint32_t first = 0;
            while (m.part_of[first] != m.part_of[r])
                first++;
            assert_int_equal(cases[i].first[r], first);
        }
        assert_true(fabs(cases[i].granularity - m.granularity) < 1e-12);
        protect_mondrian_clear(&m);
    }
}

/* ---- What every result must be ---- */

static void assert_part_holds(const struct protect_mondrian_task *task,
                              const struct protect_mondrian *m, uint32_t part) {
    const struct protect_microdata *d = &task->data;
    uint32_t lowest[COLUMNS], highest[COLUMNS] = {0};
    uint64_t rows = 0, distinct = 0;
    bool seen[64] = {false};
    memset(lowest, 0xff, sizeof(lowest));
    for (size_t t = 0; t < d->count; t++) {
        if (m->part_of[t] != part)
            continue;
        const uint32_t *codes = d->codes + t * WIDTH;
        rows += d->rows ? d->rows[t] : 1;
        distinct += !seen[codes[COLUMNS]];
        seen[codes[COLUMNS]] = true;
        for (size_t c = 0; c < COLUMNS; c++) {
            lowest[c] = codes[c] < lowest[c] ? codes[c] : lowest[c];
            highest[c] = codes[c] > highest[c] ? codes[c] : highest[c];
        }
    }
    assert_int_equal(rows, m->rows[part]);
    assert_true(rows >= task->k && rows >= m->smallest && distinct >= task->distinct_l);
    for (size_t c = 0; c < COLUMNS; c++) {
        assert_int_equal(lowest[c], m->lowest[part * COLUMNS + c]);
        assert_int_equal(highest[c], m->highest[part * COLUMNS + c]);
    }
}

static bool overlap(const struct protect_mondrian *m, uint32_t a, uint32_t b) {
    for (size_t c = 0; c < COLUMNS; c++)
        if (m->highest[a * COLUMNS + c] < m->lowest[b * COLUMNS + c] ||
            m->highest[b * COLUMNS + c] < m->lowest[a * COLUMNS + c])
            return false;
    return true;
}

static void parts_satisfy_what_was_asked(void **state) {
    (void)state;
    struct drawn d;
    for (uint32_t i = 0; i < 200; i++) {
        state_of_random = i;
        uint32_t values[] = {1 + draw(3), 2 + draw(70), 2 + draw(100000)};
        size_t rows = 60 + draw(ROWS_MAX - 60);
        struct protect_mondrian_task task = {.data = draw_table(&d, values, 4 + draw(20), rows),
                                             .kind = i % 2 ? PROTECT_MONDRIAN_RELAXED
                                                           : PROTECT_MONDRIAN_STRICT,
                                             .k = 1 + draw(12),
                                             .distinct_l = draw(4)};
        for (size_t t = 0; t < rows; t++)
            d.rows[t] = draw(4); /* none, too */
        task.data.rows = i % 3 ? d.rows : NULL;
        struct protect_mondrian m;
        struct pd_error err = {0};
        assert_int_equal(PD_OK, protect_mondrian(&task, &m, &err));
        assert_true(m.granularity >= 0 && m.granularity <= 1);
        for (size_t t = 0; t < rows; t++)
            assert_true(task.data.rows && d.rows[t] == 0 ? m.part_of[t] == UINT32_MAX
                                                         : m.part_of[t] < m.count);
        for (uint32_t p = 0; p < m.count; p++) {
            assert_part_holds(&task, &m, p);
            for (uint32_t q = 0; q < p && task.kind == PROTECT_MONDRIAN_STRICT; q++)
                assert_false(overlap(&m, p, q));
        }
        protect_mondrian_clear(&m);
    }
}

/* 20 rows of one value and 44 of the next: with k = 24 only dividing the 44 gives two parts. */
static void ties_are_divided_where_that_is_allowed(void **state) {
    (void)state;
    struct drawn d = {.sensitive = 1};
    static const uint32_t VALUES[] = {2, 1, 1};
    struct protect_mondrian_task task = {.data = draw_table(&d, VALUES, 1, 64), .k = 24};
    struct protect_mondrian m;
    struct pd_error err = {0};
    for (size_t r = 0; r < 64; r++)
        d.codes[r * WIDTH] = r >= 20; /* 20 below, 44 at the median */
    assert_int_equal(PD_OK, protect_mondrian(&task, &m, &err));
    assert_int_equal(1, m.count);
    assert_true(m.discernibility == 64 * 64);
    protect_mondrian_clear(&m);
    task.k = 20; /* nothing lies after the median, but enough before it */
    assert_int_equal(PD_OK, protect_mondrian(&task, &m, &err));
    assert_int_equal(2, m.count);
    assert_int_equal(20, m.smallest);
    assert_true(m.granularity == 0);
    protect_mondrian_clear(&m);
    task.k = 24;
    task.kind = PROTECT_MONDRIAN_RELAXED;
    assert_int_equal(PD_OK, protect_mondrian(&task, &m, &err));
    assert_int_equal(2, m.count);
    assert_int_equal(32, m.smallest);
    protect_mondrian_clear(&m);
}

/* ---- What it refuses ---- */

static bool at_once(void *context, uint64_t finished, uint64_t rows) {
    (void)finished, (void)rows;
    ++*(int *)context;
    return true;
}

static void what_cannot_be_cut_is_refused(void **state) {
    (void)state;
    static const uint32_t VALUES[] = {5, 5, 5};
    struct drawn d;
    int asked = 0;
    struct protect_mondrian_task fine = {.data = draw_table(&d, VALUES, 3, 50), .k = 2};
    struct protect_mondrian_task no_k = fine, few_rows = fine, few_values = fine, no_column = fine,
                                 little = fine, stopped = fine, none = fine;
    no_k.k = 0;
    few_rows.k = 51;
    few_values.distinct_l = 4;
    no_column.distinct_l = 2;
    no_column.sensitive = 1;
    little.limit_bytes = protect_mondrian_bytes(&fine.data) - 1;
    stopped.is_cancelled = at_once;
    stopped.context = &asked;
    none.data.quasi_count = 0;
    const struct {
        const struct protect_mondrian_task *task;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {&no_k, PD_USAGE, "k must be at least 1"},
        {&few_rows, PD_INVALID, "the table has 50 rows, fewer than k=51"},
        {&few_values, PD_INVALID, "fewer than l=4 values"},
        {&no_column, PD_USAGE, "no sensitive column 1"},
        {&little, PD_LIMIT, "are allowed: name fewer quasi columns, or raise the limit"},
        {&stopped, PD_UNAVAILABLE, "was stopped with 0 of 50 rows"},
        {&none, PD_USAGE, "1 to 64 quasi columns"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct protect_mondrian m = {.count = 7};
        struct pd_error err = {0};
        assert_int_equal(cases[i].status, protect_mondrian(cases[i].task, &m, &err));
        if (!strstr(err.text, cases[i].words))
            fail_msg("\"%s\" doesn't say \"%s\"", err.text, cases[i].words);
        assert_int_equal(7, m.count);
    }
    assert_int_equal(1, asked);
    struct protect_mondrian m = {.count = 7};
    struct pd_error err = {0};
    d.codes[10 * WIDTH + 1] = 5;
    assert_int_equal(PD_INVALID, protect_mondrian(&fine, &m, &err));
    assert_non_null(strstr(err.text, "tuple 10 has the number 5 in column 1, of 5"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_table_is_cut_as_the_script_cuts_it),
        cmocka_unit_test(parts_satisfy_what_was_asked),
        cmocka_unit_test(ties_are_divided_where_that_is_allowed),
        cmocka_unit_test(what_cannot_be_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
