/* inspect/: what is told of a column beyond type and role, and that it doesn't depend on how a
   table was cut into parts. */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW (INT64_C(1795000000) * PD_SECOND) /* 2026-11-18 */

/* Feeds cells of one row after the other; `columns` of them make a row. */
static struct inspector *inspector_of(const char *const *names, size_t columns) {
    pd_str views[8];
    for (size_t c = 0; c < columns; c++)
        views[c] = pd_str_from(names[c]);
    struct inspect_options options = {.now = NOW, .seed = 1};
    struct inspector *inspector = NULL;
    struct pd_error err = {0};
    if (inspector_new(views, columns, &options, &inspector, &err) != PD_OK)
        fail_msg("%s", err.text);
    return inspector;
}

static void feed_row(struct inspector *inspector, const char *const *cells, size_t columns) {
    char bytes[2048];
    struct table_cell views[8];
    size_t at = 0;
    for (size_t c = 0; c < columns; c++) {
        size_t len = strlen(cells[c]);
        assert_true(at + len < sizeof(bytes));
        memcpy(bytes + at, cells[c], len);
        views[c] = (struct table_cell){(uint32_t)at, (uint32_t)len};
        at += len;
    }
    struct table_batch batch = {.rows = 1,
                                .columns = columns,
                                .bytes = bytes,
                                .cells = views,
                                .row_step = columns,
                                .column_step = 1};
    struct pd_error err = {0};
    if (inspector_feed(inspector, &batch, &err) != PD_OK)
        fail_msg("%s", err.text);
}

struct result {
    struct pd_arena *arena;
    const struct inspection *inspection;
};

static struct result finish(struct inspector *inspector) {
    struct result r = {.arena = pd_arena_new((size_t)64 << 20)};
    struct pd_error err = {0};
    if (inspector_finish(inspector, r.arena, &r.inspection, &err) != PD_OK)
        fail_msg("%s", err.text);
    return r;
}

/* One column of the cells, up to a NULL. */
static struct result inspect_cells(const char *const *cells) {
    static const char *const name = "c";
    struct inspector *inspector = inspector_of(&name, 1);
    for (; *cells; cells++)
        feed_row(inspector, cells, 1);
    struct result r = finish(inspector);
    inspector_free(inspector);
    return r;
}

static void expect(pd_str got, const char *expected) {
    if (!pd_str_is(got, expected))
        fail_msg("got \"%.*s\", expected \"%s\"", pd_arg(got), expected);
}

static void sums_are_exact_to_the_last_digit(void **state) {
    (void)state;
    static const struct {
        const char *cells[6];
        const char *sum;
        bool is_exact;
    } rows[] = {
        {{"0.1", "0.2", "0.3"}, "0.6", true},
        {{"9223372036854775807", "9223372036854775807"}, "18446744073709551614", true},
        {{"1", "2.50", "-3.5"}, "0", true},
        {{"1e2", "0.01"}, "100.01", true},
        {{"1e40", "1"}, "9.9999999999999999998e+39", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r = inspect_cells(rows[i].cells);
        const struct inspect_column *c = &r.inspection->columns[0];
        assert_int_equal(c->sum_is_exact, rows[i].is_exact);
        if (rows[i].is_exact)
            expect(c->sum, rows[i].sum);
        else
            assert_true(c->sum.len > 0 && c->unbinned == 1);
        pd_arena_free(r.arena);
    }
}

static void a_histogram_counts_every_number(void **state) {
    (void)state;
    static const char *const cells[] = {"1", "2", "2", "3", "10", "", "19", NULL};
    struct result r = inspect_cells(cells);
    const struct inspect_column *c = &r.inspection->columns[0];
    assert_int_equal(c->bin_count, 19);
    expect(c->bins[0].from, "1");
    expect(c->bins[18].to, "20");
    assert_int_equal(c->bins[1].count, 2);
    uint64_t total = 0;
    for (size_t b = 0; b < c->bin_count; b++)
        total += c->bins[b].count;
    assert_int_equal(total, 6);
    pd_arena_free(r.arena);
}

static void days_show_their_rhythm_and_their_gaps(void **state) {
    (void)state;
    static const struct {
        int step; /* days; 0: months, -1: the last days of months */
        int count, left_out;
        const char *rhythm;
        uint64_t missing, longest;
    } rows[] = {
        {1, 60, 0, "daily", 0, 0},   {1, 60, 3, "daily", 3, 3},   {7, 40, 2, "weekly", 2, 2},
        {0, 24, 0, "monthly", 0, 0}, {0, 24, 2, "monthly", 2, 2}, {-1, 24, 1, "monthly", 1, 1},
        {3, 30, 0, "", 0, 0},
    };
    static const char *const name = "day";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct inspector *inspector = inspector_of(&name, 1);
        for (int n = 0; n < rows[i].count; n++) {
            if (n >= 10 && n < 10 + rows[i].left_out)
                continue;
            char text[PD_TIME_TEXT_SIZE];
            pd_time t = (20000 + n * rows[i].step) * PD_DAY;
            if (rows[i].step <= 0) {
                int month = n + (rows[i].step < 0); /* the day before the first of the next */
                struct pd_civil c = {.year = 2020 + month / 12, .month = month % 12 + 1, .day = 1};
                assert_true(pd_civil_time(c, &t));
                t += rows[i].step * PD_DAY;
            }
            pd_time_write(t, PD_TIME_DATE, text);
            const char *cell = text;
            feed_row(inspector, &cell, 1);
        }
        struct result r = finish(inspector);
        const struct inspect_column *c = &r.inspection->columns[0];
        if (strcmp(c->rhythm, rows[i].rhythm) != 0 || c->missing_periods != rows[i].missing ||
            c->longest_gap != rows[i].longest)
            fail_msg("row %zu: \"%s\", %llu missing, longest %llu", i, c->rhythm,
                     (unsigned long long)c->missing_periods, (unsigned long long)c->longest_gap);
        uint64_t total = 0;
        for (size_t b = 0; b < c->bin_count; b++)
            total += c->bins[b].count;
        assert_int_equal(total, rows[i].count - rows[i].left_out);
        pd_arena_free(r.arena);
        inspector_free(inspector);
    }
}

static void a_shape_shows_no_letter_and_no_digit(void **state) {
    (void)state;
    static const struct {
        const char *cell, *pattern;
    } rows[] = {
        {"AB-1234", "A{2}-9{4}"}, {"京A12345", "文A9{5}"},
        {"王小明", "文{3}"},      {"a.b@c.org", "a.a@a.a{3}"},
        {"Jürgen", "Axa{4}"},     {"  x  ", "a"},
        {"==", "={2}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const cells[] = {rows[i].cell, NULL};
        struct result r = inspect_cells(cells);
        assert_int_equal(r.inspection->columns[0].pattern_count, 1);
        expect(r.inspection->columns[0].patterns[0].text, rows[i].pattern);
        pd_arena_free(r.arena);
    }
    char longest[600];
    for (size_t i = 0; i < sizeof(longest) - 1; i++)
        longest[i] = i % 2 ? 'a' : '1';
    longest[sizeof(longest) - 1] = '\0';
    const char *const cells[] = {longest, NULL};
    struct result r = inspect_cells(cells);
    assert_true(pd_str_ends(r.inspection->columns[0].patterns[0].text, PD_STR("…")));
    pd_arena_free(r.arena);
}

static void text_tells_its_language_or_that_it_can_not(void **state) {
    (void)state;
    static const struct {
        const char *sentence;
        int times;
        const char *language;
    } rows[] = {
        {"the data of the department is published with a licence", 20, "en"},
        {"die Daten der Behörde werden mit einer Lizenz und ohne Gebühr für alle", 20, "de"},
        {"les données de la ville sont publiées pour les citoyens dans le cadre", 20, "fr"},
        {"los datos de la ciudad se publican para los ciudadanos", 20, "es"},
        {"数据由部门发布，单位按规定办理", 5, "zh-Hans"},
        {"資料由機關發布，單位依規定辦理", 5, "zh-Hant"},
        {"データを公開しています", 5, "ja"},
        {"데이터를 공개합니다", 5, "ko"},
        {"Bobby Jones", 40, ""},
        {"xqzt vbnm plkj wrtz", 40, ""},
    };
    static const char *const name = "c";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct inspector *inspector = inspector_of(&name, 1);
        for (int n = 0; n < rows[i].times; n++)
            feed_row(inspector, &rows[i].sentence, 1);
        struct result r = finish(inspector);
        if (strcmp(r.inspection->columns[0].language, rows[i].language) != 0)
            fail_msg("\"%s\": %s (%.*s)", rows[i].sentence, r.inspection->columns[0].language,
                     pd_arg(r.inspection->columns[0].language_evidence));
        pd_arena_free(r.arena);
        inspector_free(inspector);
    }
}

static void keys_and_equal_rows_are_counted(void **state) {
    (void)state;
    static const char *const names[] = {"id", "kind", "gap"};
    struct inspector *inspector = inspector_of(names, 3);
    for (int i = 0; i < 6000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d", i < 5988 ? i : i - 12);
        const char *cells[] = {id, i % 2 ? "a" : "b", i % 3 ? id : ""};
        feed_row(inspector, cells, 3);
    }
    struct result r = finish(inspector);
    assert_int_equal(r.inspection->distinct_rows.value, 5988);
    assert_true(r.inspection->distinct_rows.is_exact);
    assert_int_equal(r.inspection->columns[0].key,
                     INSPECT_MAYBE_KEY); /* twelve in 6,000: as estimated */
    assert_int_equal(r.inspection->columns[1].key, INSPECT_NO_KEY);
    assert_int_equal(r.inspection->columns[2].key, INSPECT_NO_KEY);
    pd_arena_free(r.arena);
    inspector_free(inspector);
    inspector = inspector_of(names, 1);
    for (int i = 0; i < 6000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d", i);
        const char *cell = id;
        feed_row(inspector, &cell, 1);
    }
    r = finish(inspector);
    assert_int_equal(r.inspection->columns[0].key, INSPECT_KEY);
    assert_true(r.inspection->columns[0].distinct.is_exact);
    pd_arena_free(r.arena);
    inspector_free(inspector);
}

/* ---- Parts ---- */

static const char *const NAMES[] = {"id", "amount", "day", "name", "note", "身份证号"};
enum { COLUMNS = 6 };

static void random_row(uint64_t *random, uint64_t i, struct inspector *a, struct inspector *b) {
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t r = *random >> 33;
    char id[24], amount[24], day[PD_TIME_TEXT_SIZE], note[64];
    snprintf(id, sizeof(id), "%llu", (unsigned long long)i);
    snprintf(amount, sizeof(amount), "%s%llu.%02llu", r % 5 ? "" : "-",
             (unsigned long long)(r % 100000), (unsigned long long)(r % 100));
    pd_time_write((int64_t)(18000 + r % 900) * PD_DAY, PD_TIME_DATE, day);
    snprintf(note, sizeof(note), "the %llu of the month", (unsigned long long)(r % 7000));
    const char *cells[] = {id,   r % 11 ? amount : "",
                           day,  r % 3 ? "王小明" : "Bobby Jones",
                           note, r % 2 ? "510104192202229779" : "1"};
    feed_row(a, cells, COLUMNS);
    feed_row(b, cells, COLUMNS);
}

/* All but quantiles and the most frequent of many, which keep to their bounds. */
static pd_str without_estimates(const struct inspection *inspection, struct pd_arena *arena) {
    struct inspection copy = *inspection;
    struct inspect_column *columns = pd_arena_array(arena, copy.column_count, sizeof(*columns));
    assert_non_null(columns);
    for (size_t i = 0; i < copy.column_count; i++) {
        columns[i] = inspection->columns[i];
        columns[i].quantile_count = 0;
        if (columns[i].top_bound > 0)
            columns[i].top_count = 0;
        columns[i].top_bound = 0;
    }
    copy.columns = columns;
    struct pd_buf out;
    struct pd_json w;
    struct pd_error err;
    pd_str text;
    pd_buf_init(&out, 0);
    pd_json_init(&w, &out, PD_JSON_PRETTY);
    inspection_write_json(&copy, true, &w);
    assert_int_equal(pd_json_finish(&w, arena, &text, &err), PD_OK);
    return text;
}

static struct inspector *reload(struct inspector *inspector) {
    struct pd_buf bytes, again;
    struct pd_error err = {0};
    struct inspector *loaded = NULL;
    pd_buf_init(&bytes, 0);
    pd_buf_init(&again, 0);
    assert_int_equal(inspector_save(inspector, &bytes, &err), PD_OK);
    if (inspector_load(pd_buf_view(&bytes), &loaded, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(inspector_save(loaded, &again, &err), PD_OK);
    assert_true(pd_str_eq(pd_buf_view(&bytes), pd_buf_view(&again)));
    pd_buf_clear(&bytes);
    pd_buf_clear(&again);
    inspector_free(inspector);
    return loaded;
}

static void merged_parts_tell_what_the_whole_tells(void **state) {
    (void)state;
    static const int sizes[] = {1, 50, 900, 9000};
    uint64_t random = 4;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        struct inspector *whole = inspector_of(NAMES, COLUMNS), *parts[4];
        for (size_t p = 0; p < 4; p++)
            parts[p] = inspector_of(NAMES, COLUMNS);
        for (int i = 0; i < sizes[s]; i++)
            random_row(&random, (uint64_t)i, whole, parts[(random >> 40) % 4]);
        struct pd_error err = {0};
        for (size_t p = 0; p < 4; p++)
            parts[p] = reload(parts[p]);
        for (size_t p = 1; p < 4; p++)
            if (inspector_merge(parts[0], parts[p], &err) != PD_OK)
                fail_msg("%s", err.text);
        struct result a = finish(whole), b = finish(parts[0]);
        pd_str x = without_estimates(a.inspection, a.arena);
        pd_str y = without_estimates(b.inspection, b.arena);
        if (!pd_str_eq(x, y))
            fail_msg("the whole:\n%.*s\nthe parts:\n%.*s", pd_arg(x), pd_arg(y));
        pd_arena_free(a.arena);
        pd_arena_free(b.arena);
        inspector_free(whole);
        for (size_t p = 0; p < 4; p++)
            inspector_free(parts[p]);
    }
}

/* With its checksum right, so that what follows is read. */
static void seal(struct pd_buf *bytes) {
    uint64_t sum = sketch_hash(bytes->data, bytes->len - 8, 0);
    for (int i = 0; i < 8; i++)
        bytes->data[bytes->len - 8 + (size_t)i] = (char)(sum >> (8 * i));
}

static void what_is_no_sketch_is_refused(void **state) {
    (void)state;
    struct inspector *inspector = inspector_of(NAMES, COLUMNS), *other = NULL;
    struct inspector *ignored = inspector_of(NAMES, COLUMNS);
    uint64_t random = 8;
    for (int i = 0; i < 30; i++)
        random_row(&random, (uint64_t)i, inspector, ignored);
    struct pd_buf bytes;
    struct pd_error err = {0};
    pd_buf_init(&bytes, 0);
    assert_int_equal(inspector_save(inspector, &bytes, &err), PD_OK);
    for (size_t cut = 0; cut < bytes.len; cut += 1 + cut / 50)
        assert_int_equal(inspector_load((pd_str){bytes.data, cut}, &other, &err), PD_INVALID);
    for (size_t i = 0; i + 8 < bytes.len; i += 1 + i / 400) {
        bytes.data[i] = (char)(bytes.data[i] ^ 1);
        assert_int_equal(inspector_load(pd_buf_view(&bytes), &other, &err), PD_INVALID);
        seal(&bytes);
        if (inspector_load(pd_buf_view(&bytes), &other, &err) == PD_OK) {
            struct result r = finish(other); /* another table, and whole */
            pd_arena_free(r.arena);
            inspector_free(other);
        }
        bytes.data[i] = (char)(bytes.data[i] ^ 1);
        seal(&bytes);
    }
    assert_int_equal(inspector_load(pd_buf_view(&bytes), &other, &err), PD_OK);
    inspector_free(other);
    pd_buf_clear(&bytes);
    inspector_free(inspector);
    inspector_free(ignored);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact_to_the_last_digit),
        cmocka_unit_test(a_histogram_counts_every_number),
        cmocka_unit_test(days_show_their_rhythm_and_their_gaps),
        cmocka_unit_test(a_shape_shows_no_letter_and_no_digit),
        cmocka_unit_test(text_tells_its_language_or_that_it_can_not),
        cmocka_unit_test(keys_and_equal_rows_are_counted),
        cmocka_unit_test(merged_parts_tell_what_the_whole_tells),
        cmocka_unit_test(what_is_no_sketch_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
