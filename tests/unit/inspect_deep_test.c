/* inspect/: the second reading. tests/deep_peer.py computes the same of whole tables; here is what
   depends on batches and bounds, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include "inspect_fixture.h"

/* ---- Batches whose cells are drawn from a hundred numbers ---- */

enum { NUMBERS = 100, WIDE = 64 };
static const char digits[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                             "34353637383940414243444546474849505152535455565758596061626364656667"
                             "6869707172737475767778798081828384858687888990919293949596979899";

/* Column 0 is row / 100 % 100, column 1 row / 10,000; each of the others goes with row % 100. */
static unsigned number_at(size_t row, size_t column) {
    if (column == 0)
        return (unsigned)(row / NUMBERS % NUMBERS);
    if (column == 1)
        return (unsigned)(row / (NUMBERS * NUMBERS) % NUMBERS);
    return (unsigned)((row * (20 * column + 1) + column) % NUMBERS);
}

typedef enum pd_status feed_function(void *to, const struct table_batch *batch,
                                     struct pd_error *err);

static void feed(size_t rows, size_t columns, size_t each, feed_function *to, void *context) {
    struct table_cell *cells = calloc(each * columns, sizeof(*cells));
    uint64_t *line = calloc(each, sizeof(*line));
    struct pd_error err = {0};
    assert_non_null(cells);
    assert_non_null(line);
    for (size_t at = 0; at < rows; at += each) {
        size_t n = rows - at < each ? rows - at : each;
        for (size_t c = 0; c < columns; c++)
            for (size_t r = 0; r < n; r++)
                cells[c * each + r] = (struct table_cell){2 * number_at(at + r, c), 2};
        struct table_batch batch = {n, columns, digits, cells, 1, each, line, at};
        if (to(context, &batch, &err) != PD_OK)
            fail_msg("%s", err.text);
    }
    free(cells);
    free(line);
}

static enum pd_status feed_first(void *to, const struct table_batch *batch, struct pd_error *err) {
    return inspector_feed(to, batch, err);
}

static enum pd_status feed_deep(void *to, const struct table_batch *batch, struct pd_error *err) {
    return inspect_deep_feed(to, batch, err);
}

/* A first reading of so many rows and columns, the rows counted rather than read. */
static struct inspection *first_of(struct pd_arena *arena, size_t rows, size_t columns) {
    struct inspection *first = pd_arena_alloc(arena, sizeof(*first));
    struct inspect_column *c = pd_arena_array(arena, columns, sizeof(*c));
    assert_non_null(first);
    assert_non_null(c);
    for (size_t i = 0; i < columns; i++)
        c[i] = (struct inspect_column){.name = PD_STR("c"),
                                       .type = INSPECT_INTEGER,
                                       .distinct = {NUMBERS, true, 0},
                                       .role = i < 3 ? INSPECT_QUASI : INSPECT_OTHER};
    *first = (struct inspection){.rows = rows, .columns = c, .column_count = columns};
    return first;
}

static struct pd_buf told(size_t rows, size_t columns, size_t each, uint64_t *compared) {
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    struct pd_error err = {0};
    struct inspect_deep *deep = NULL;
    const struct inspect_relations *found = NULL;
    pd_str names[WIDE];
    assert_int_equal(inspect_deep_new(first_of(arena, rows, columns), 5, &deep, &err), PD_OK);
    feed(rows, columns, each, feed_deep, deep);
    if (inspect_deep_finish(deep, arena, &found, &err) != PD_OK)
        fail_msg("%s", err.text);
    for (size_t c = 0; c < columns; c++)
        names[c] = pd_arena_printf(arena, "c%zu", c);
    struct pd_buf out;
    struct pd_json w;
    pd_buf_init(&out, 0);
    pd_json_init(&w, &out, PD_JSON_COMPACT);
    inspect_relations_write_json(found, names, &w);
    pd_json_clear(&w);
    *compared = found->rows_compared;
    inspect_deep_free(deep);
    pd_arena_free(arena);
    return out;
}

static void expect_same_told(size_t rows, size_t columns, size_t a, size_t b, uint64_t *compared) {
    struct pd_buf x = told(rows, columns, a, compared), y = told(rows, columns, b, compared);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.data, y.data, x.len);
    pd_buf_clear(&x);
    pd_buf_clear(&y);
}

static void what_is_told_does_not_depend_on_batches(void **state) {
    (void)state;
    uint64_t compared;
    expect_same_told(3000, 5, 1, 1700, &compared);
    assert_int_equal(compared, 3000);
}

static void of_more_rows_than_fit_some_are_compared(void **state) {
    (void)state;
    uint64_t compared;
    expect_same_told(210000, WIDE, 3000, 65536, &compared);
    assert_in_range(compared, 102900, 107100); /* half of them, within 2 % */
}

/* The rows 0 .. 999,999 differ in the first three columns together, and in no two of them. */
static void rows_are_counted_however_many_there_are(void **state) {
    (void)state;
    enum { ROWS = 30000 };
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    struct pd_error err = {0};
    struct inspector *inspector = NULL;
    struct inspect_options options = {.now = NOW, .seed = 1};
    const pd_str names[3] = {PD_STR_INIT("a"), PD_STR_INIT("b"), PD_STR_INIT("c")};
    const struct inspection *first;
    const struct inspect_relations *found;
    struct inspect_deep *deep;
    assert_int_equal(inspector_new(names, 3, &options, &inspector, &err), PD_OK);
    feed(ROWS, 3, 1000, feed_first, inspector);
    assert_int_equal(inspector_finish(inspector, arena, &first, &err), PD_OK);
    assert_int_equal(inspect_deep_new(first, 9, &deep, &err), PD_OK);
    feed(ROWS, 3, 777, feed_deep, deep);
    assert_int_equal(inspect_deep_finish(deep, arena, &found, &err), PD_OK);
    assert_int_equal(found->repeated_rows, 0);
    assert_true(found->repeats_are_exact);
    assert_int_equal(found->key_count, 1);
    assert_int_equal(found->keys[0].count, 3);
    assert_int_equal(found->dependency_count, 0);
    assert_int_equal(found->pair_count, 0); /* "07" is no number, and a hundred no categories */
    inspect_deep_free(deep);
    inspector_free(inspector);
    pd_arena_free(arena);
}

/* 1,700,000 different rows are more than are counted one by one; 200,000 of them come again. */
static void of_many_different_rows_some_are_counted(void **state) {
    (void)state;
    enum { DIFFERENT = 1700000, ROWS = 1900000, EACH = 50000, LENGTH = 7 };
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    struct pd_error err = {0};
    struct inspect_deep *deep;
    const struct inspect_relations *found;
    char *bytes = malloc(EACH * LENGTH);
    struct table_cell *cells = malloc(EACH * sizeof(*cells));
    assert_non_null(bytes);
    assert_non_null(cells);
    assert_int_equal(inspect_deep_new(first_of(arena, ROWS, 1), 5, &deep, &err), PD_OK);
    for (size_t at = 0; at < ROWS; at += EACH) {
        for (size_t r = 0; r < EACH; r++) {
            size_t n = (at + r) % DIFFERENT;
            cells[r] = (struct table_cell){(uint32_t)(r * LENGTH), LENGTH};
            for (size_t i = 0; i < LENGTH; i++, n /= 10)
                bytes[r * LENGTH + i] = (char)('0' + n % 10);
        }
        struct table_batch batch = {.rows = EACH,
                                    .columns = 1,
                                    .bytes = bytes,
                                    .cells = cells,
                                    .row_step = 1,
                                    .column_step = 1};
        assert_int_equal(inspect_deep_feed(deep, &batch, &err), PD_OK);
    }
    assert_int_equal(inspect_deep_finish(deep, arena, &found, &err), PD_OK);
    assert_false(found->repeats_are_exact);
    assert_true(found->repeated_rows > 190000 && found->repeated_rows < 210000);
    assert_true(found->rows_compared <= INSPECT_DEEP_ROWS);
    free(bytes);
    free(cells);
    inspect_deep_free(deep);
    pd_arena_free(arena);
}

static void another_table_is_refused(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    struct pd_error err = {0};
    struct inspect_deep *deep;
    const struct inspect_relations *found = NULL;
    assert_int_equal(inspect_deep_new(first_of(arena, 10, 3), 0, &deep, &err), PD_OK);
    feed(9, 3, 9, feed_deep, deep);
    assert_int_equal(inspect_deep_finish(deep, arena, &found, &err), PD_CONFLICT);
    assert_null(found);
    struct table_batch batch = {.rows = 1, .columns = 2};
    assert_int_equal(inspect_deep_feed(deep, &batch, &err), PD_USAGE);
    inspect_deep_free(deep);
    inspect_deep_free(NULL);
    pd_arena_free(arena);
}

static void a_table_without_rows_has_nothing_to_tell(void **state) {
    (void)state;
    uint64_t compared;
    struct pd_buf out = told(0, 3, 1, &compared);
    assert_int_equal(compared, 0);
    assert_true(pd_str_find(pd_buf_view(&out), PD_STR("\"keys\":[]")) != PD_NPOS);
    pd_buf_clear(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_does_not_depend_on_batches),
        cmocka_unit_test(of_more_rows_than_fit_some_are_compared),
        cmocka_unit_test(rows_are_counted_however_many_there_are),
        cmocka_unit_test(of_many_different_rows_some_are_counted),
        cmocka_unit_test(another_table_is_refused),
        cmocka_unit_test(a_table_without_rows_has_nothing_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
