/* Parquet by table/'s public header: seeds of every encoding, codec and meaning
 * (fuzz/parquet_seeds.py says what is in them), what is written and read again, and what is
 * damaged. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table/table.h"

static void read_seed(const char *name, struct pd_buf *out) {
    char path[200];
    snprintf(path, sizeof(path), "fuzz/corpus/parquet/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char piece[4096];
    size_t n;
    pd_buf_init(out, 0);
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
        pd_buf_add(out, piece, n);
    fclose(f);
}

/* ---- A table as text: cells apart by '|', rows by line ends ---- */

struct reading {
    struct pd_buf text;
    struct table_parquet_types *types;
    struct table_parquet_writer *writer;
    uint64_t rows;
    bool are_lines_free; /* some rows were passed over */
};

static enum pd_status take_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct reading *r = context;
    (void)err;
    for (size_t i = 0; i < count; i++)
        pd_buf_printf(&r->text, "%s%.*s", i ? "|" : "", pd_arg(names[i]));
    pd_buf_char(&r->text, '\n');
    return PD_OK;
}

static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct reading *r = context;
    assert_int_equal(batch->first_row, r->rows);
    for (size_t i = 0; i < batch->rows; i++) {
        assert_true(r->are_lines_free || batch->line[i] == r->rows + i + 2);
        for (size_t c = 0; c < batch->columns; c++)
            pd_buf_printf(&r->text, "%s%.*s", c ? "|" : "", pd_arg(table_cell_text(batch, c, i)));
        pd_buf_char(&r->text, '\n');
    }
    r->rows += batch->rows;
    if (r->types != NULL)
        table_parquet_types_add(r->types, batch);
    return r->writer != NULL ? table_parquet_write_batch(r->writer, batch, err) : PD_OK;
}

static enum pd_status read_table(pd_str bytes, const struct table_parquet_wanted *wanted,
                                 size_t limit, struct reading *r, struct pd_error *err) {
    struct table_parquet_input input = table_parquet_input_of(&bytes);
    struct table_parquet *parquet;
    struct table_handler handler = {r, take_header, take_batch, NULL};
    struct table_parquet_wanted all = {0};
    enum pd_status st = table_parquet_open(&input, limit, &parquet, err);
    if (st != PD_OK)
        return st;
    st = table_parquet_read(parquet, wanted ? wanted : &all, &handler, err);
    table_parquet_close(parquet);
    return st;
}

static void must_read(pd_str bytes, struct reading *r) {
    struct pd_error err = {0};
    if (read_table(bytes, NULL, 0, r, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* The line of a row, 0: the header. */
static pd_str line_of(const struct reading *r, size_t row) {
    pd_str rest = pd_buf_view(&r->text), line = {NULL, 0};
    for (size_t i = 0; i <= row; i++)
        assert_true(pd_str_split(&rest, '\n', &line));
    return line;
}

static void assert_line(const struct reading *r, size_t row, const char *wanted) {
    pd_str line = line_of(r, row);
    if (!pd_str_is(line, wanted))
        fail_msg("row %zu is\n%.*s, not\n%s", row, pd_arg(line), wanted);
}

/* ---- What is read ---- */

static void every_encoding_gives_the_values_that_were_encoded(void **state) {
    (void)state;
    static const char *const seeds[] = {"each_v1", "each_v2"};
    for (size_t s = 0; s < 2; s++) {
        struct pd_buf bytes;
        struct reading r = {.rows = 0};
        read_seed(seeds[s], &bytes);
        must_read(pd_buf_view(&bytes), &r);
        assert_int_equal(r.rows, 20);
        for (int i = 0; i < 20; i++) {
            char line[600], text[24], old[24], runs[8], delta[16], single[24], split[40],
                digits[40];
            bool is_gap = i % 5 == 3;
            int64_t number = (int64_t)i * i * 1000003 - 7, fixed = i * 99 - 500;
            snprintf(text, sizeof(text), "word%d", i / 2);
            snprintf(old, sizeof(old), "%" PRId64, number);
            snprintf(runs, sizeof(runs), "%s", i % 3 == 0 ? "true" : "false");
            snprintf(delta, sizeof(delta), "%d", i * 37 % 100 - 50);
            snprintf(single, sizeof(single), "%d.%s", i / 4,
                     (const char *const[]){"0", "25", "5", "75"}[i % 4]);
            snprintf(digits, sizeof(digits), "\\x%016" PRIx64, (uint64_t)fixed);
            snprintf(split, sizeof(split), "%s", is_gap ? "" : digits);
            snprintf(line, sizeof(line), "%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s",
                     is_gap ? "" : text, is_gap ? "" : text, is_gap ? "" : old, runs,
                     is_gap ? "" : runs, is_gap ? "" : delta, old, is_gap ? "" : text, text,
                     is_gap ? "" : single, single, delta, split, digits);
            assert_line(&r, (size_t)i + 1, line);
        }
        pd_buf_clear(&r.text);
        pd_buf_clear(&bytes);
    }
}

static void every_codec_gives_the_same(void **state) {
    (void)state;
    static const char *const seeds[] = {"hadoop", "lz4", "gzip", "zstd"};
    struct reading first = {.rows = 0};
    for (size_t s = 0; s < 4; s++) {
        struct pd_buf bytes;
        struct reading r = {.rows = 0};
        read_seed(seeds[s], &bytes);
        must_read(pd_buf_view(&bytes), &r);
        assert_line(&r, 0, "text|dict|old");
        assert_line(&r, 5, "word2|word2|16000041");
        if (s == 0)
            first = r;
        else
            assert_true(pd_str_eq(pd_buf_view(&r.text), pd_buf_view(&first.text)));
        if (s > 0)
            pd_buf_clear(&r.text);
        pd_buf_clear(&bytes);
    }
    pd_buf_clear(&first.text);
}

static void values_are_written_as_what_they_mean(void **state) {
    (void)state;
    struct pd_buf bytes;
    struct reading r = {.rows = 0};
    read_seed("meant", &bytes);
    must_read(pd_buf_view(&bytes), &r);
    assert_line(&r, 0,
                "decimal|decimal9|fixed|day|clock|clock_ms|moment|nano|old_moment|interval|uuid|"
                "half|unsigned|json|bytes|nothing");
    assert_line(&r, 1,
                "-5.00|-5.0|-0.0500|1969-11-12|00:00:00+00|00:00:00|1969-12-31 23:59:59.993|"
                "1969-12-31 23:59:59.999999993+00|1970-01-01 00:00:00|PT0S|"
                "00010203-0405-0607-0809-0a0b0c0d0e0f|-2.5|4294967246|{\"a\":1}|"
                "\\xfffffffffffffe0c|");
    assert_line(&r, 5,
                "-1.04|-0.2|-0.0104|1969-12-30|04:26:40.000004+00|04:26:40.004|"
                "1970-01-01 04:26:40.041|1970-01-01 00:00:00.016000041+00|1970-01-05 01:06:40|"
                "P4M8DT4M6S|04050607-0809-0a0b-0c0d-0e0f10111213|1.5|4294967294|{\"a\":1}|"
                "\\xffffffffffffff98|");
    pd_buf_clear(&r.text);
    pd_buf_clear(&bytes);
}

static void row_groups_follow_one_another_and_none_is_a_table_too(void **state) {
    (void)state;
    struct pd_buf bytes;
    struct reading r = {.rows = 0}, none = {.rows = 0};
    read_seed("groups", &bytes);
    must_read(pd_buf_view(&bytes), &r);
    assert_int_equal(r.rows, 60);
    assert_true(pd_str_eq(line_of(&r, 3), line_of(&r, 23)));
    pd_buf_clear(&bytes);
    read_seed("none", &bytes);
    must_read(pd_buf_view(&bytes), &none);
    assert_int_equal(none.rows, 0);
    assert_line(&none, 0, "text|dict");
    pd_buf_clear(&r.text);
    pd_buf_clear(&none.text);
    pd_buf_clear(&bytes);
}

static void only_the_columns_that_are_wanted_are_read(void **state) {
    (void)state;
    struct pd_buf bytes;
    struct reading r = {.rows = 0}, whole = {.rows = 0};
    struct pd_error err = {0};
    const size_t columns[] = {2, 0};
    struct table_parquet_wanted wanted = {.columns = columns, .column_count = 2};
    read_seed("groups", &bytes);
    /* What isn't wanted may be damaged: the dictionary of the second column begins at 175. */
    memset(bytes.data + 175, 0xff, 8);
    pd_str view = pd_buf_view(&bytes);
    assert_int_equal(read_table(view, &wanted, 0, &r, &err), PD_OK);
    assert_line(&r, 0, "old|text");
    assert_line(&r, 5, "16000041|word2");
    assert_int_equal(read_table(view, NULL, 0, &whole, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "column \"dict\", row group 1: "));
    wanted.columns = (const size_t[]){7};
    wanted.column_count = 1;
    assert_int_equal(read_table(view, &wanted, 0, &whole, &err), PD_USAGE);
    pd_buf_clear(&r.text);
    pd_buf_clear(&whole.text);
    pd_buf_clear(&bytes);
}

static void rows_are_those_within_the_bounds(void **state) {
    (void)state;
    static const struct {
        size_t place;
        const char *least, *most, *first; /* the first row, NULL: none */
        uint64_t rows;
    } cases[] = {{0, "2", "", "2|b|2.25|2021-03-05|false", 2},
                 {0, "", "1", "1|a|1.50|2021-03-04|true", 1},
                 {0, "2.5", "3.9", NULL, 0},
                 {0, "5", "", NULL, 0},
                 {1, "b", "", "2|b|2.25|2021-03-05|false", 1},
                 {2, "1.5", "1.500", "1|a|1.50|2021-03-04|true", 1},
                 {2, "-1", "0.2", "4|a|0.10|2020-01-01|true", 1},
                 {3, "", "2020-12-31", "4|a|0.10|2020-01-01|true", 1},
                 {4, "true", "", "1|a|1.50|2021-03-04|true", 2}};
    struct pd_buf bytes;
    struct pd_error err = {0};
    read_seed("written_none", &bytes);
    pd_str view = pd_buf_view(&bytes);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading r = {.are_lines_free = true};
        struct table_parquet_range range = {cases[i].place, pd_str_from(cases[i].least),
                                            pd_str_from(cases[i].most)};
        struct table_parquet_wanted wanted = {.ranges = &range, .range_count = 1};
        assert_int_equal(read_table(view, &wanted, 0, &r, &err), PD_OK);
        assert_int_equal(r.rows, cases[i].rows);
        if (cases[i].first != NULL)
            assert_line(&r, 1, cases[i].first);
        pd_buf_clear(&r.text);
    }
    struct reading r = {.rows = 0};
    struct table_parquet_range words = {0, PD_STR("a"), PD_STR("")},
                               beyond = {9, PD_STR("1"), PD_STR("")};
    struct table_parquet_wanted wanted = {.ranges = &words, .range_count = 1};
    assert_int_equal(read_table(view, &wanted, 0, &r, &err), PD_USAGE);
    wanted.ranges = &beyond;
    assert_int_equal(read_table(view, &wanted, 0, &r, &err), PD_USAGE);
    pd_buf_clear(&r.text);
    pd_buf_clear(&bytes);
}

static void memory_has_the_limit_that_is_given(void **state) {
    (void)state;
    struct pd_buf bytes;
    struct reading r = {.rows = 0};
    struct pd_error err = {0};
    read_seed("each_v1", &bytes);
    assert_int_equal(read_table(pd_buf_view(&bytes), NULL, 4096, &r, &err), PD_LIMIT);
    assert_non_null(strstr(err.text, "memory"));
    pd_buf_clear(&r.text);
    pd_buf_clear(&bytes);
}

/* ---- What is damaged ---- */

static void try_damaged(pd_str bytes) {
    struct reading r = {.rows = 0};
    struct pd_error err = {0};
    /* Of its own size, so that reading past its end is seen. */
    char *copy = malloc(bytes.len > 0 ? bytes.len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.len);
    pd_buf_init(&r.text, 1 << 24);
    enum pd_status st = read_table((pd_str){copy, bytes.len}, NULL, (size_t)64 << 20, &r, &err);
    if (st != PD_OK)
        assert_true(err.text[0] != '\0');
    pd_buf_clear(&r.text);
    free(copy);
}

static void whatever_is_cut_off_or_changed_is_a_table_or_a_sentence(void **state) {
    (void)state;
    static const char *const seeds[] = {"each_v1", "each_v2", "meant", "groups", "hadoop", "gzip"};
    uint32_t seed = 1;
    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        struct pd_buf bytes;
        read_seed(seeds[s], &bytes);
        for (size_t n = 0; n < bytes.len; n += 7)
            try_damaged((pd_str){bytes.data, n});
        for (size_t i = 0; i < 1500; i++) {
            seed = seed * 1664525 + 1013904223;
            size_t at = (seed >> 8) % bytes.len;
            char was = bytes.data[at];
            bytes.data[at] ^= (char)(1 << (seed & 7));
            try_damaged(pd_buf_view(&bytes));
            bytes.data[at] = was;
        }
        pd_buf_clear(&bytes);
    }
}

/* ---- What is written ---- */

static const char CSV[] =
    "id,name,code,price,real,flag,day,time,moment,utc,uuid,none\n"
    "1,Ann,007,1.50,0.1,true,2021-03-04,05:06:07,2021-03-04 05:06:07.25,2021-03-04 05:06:07+00,"
    "28522fd5-650b-4265-b163-1ea9935f936a,\n"
    "-9223372036854775808,\"a,\"\"b\"\"\",12,-0.05,1e+20,false,1969-12-31,23:59:59.000001,"
    "0001-01-01 00:00:00,1969-12-31 23:59:59.5+00,00000000-0000-0000-0000-000000000000,\n"
    ",,,,,,,,,,,\n"
    "9223372036854775807,\xE6\x9D\x8E,12,100.00,-0.0,true,9999-12-31,00:00:00,"
    "9999-12-31 23:59:59.999999,2000-02-29 12:00:00+00,ffffffff-ffff-ffff-ffff-ffffffffffff,\n";

static void read_csv(const char *text, struct reading *r) {
    struct table_reader *reader;
    struct table_handler handler = {r, take_header, take_batch, NULL};
    struct pd_error err = {0};
    assert_int_equal(table_reader_new(NULL, &table_dialect_written, &handler, &reader, &err),
                     PD_OK);
    assert_int_equal(table_feed(reader, text, strlen(text), &err), PD_OK);
    assert_int_equal(table_finish(reader, &err), PD_OK);
    table_reader_free(reader);
}

static void names_of(const struct reading *r, pd_str *names, size_t count) {
    pd_str rest = line_of(r, 0);
    for (size_t i = 0; i < count; i++)
        assert_true(pd_str_split(&rest, '|', &names[i]));
}

enum { COLUMNS = 12 };

static void columns_get_the_types_that_keep_their_cells(void **state) {
    (void)state;
    static const struct {
        enum table_parquet_type type;
        enum table_parquet_meaning meaning;
    } wanted[COLUMNS] = {{TABLE_PARQUET_INT64, TABLE_PARQUET_PLAIN},
                         {TABLE_PARQUET_BYTES, TABLE_PARQUET_TEXT},
                         {TABLE_PARQUET_BYTES, TABLE_PARQUET_TEXT},
                         {TABLE_PARQUET_INT64, TABLE_PARQUET_DECIMAL},
                         {TABLE_PARQUET_DOUBLE, TABLE_PARQUET_PLAIN},
                         {TABLE_PARQUET_BOOLEAN, TABLE_PARQUET_PLAIN},
                         {TABLE_PARQUET_INT32, TABLE_PARQUET_DATE},
                         {TABLE_PARQUET_INT64, TABLE_PARQUET_TIME},
                         {TABLE_PARQUET_INT64, TABLE_PARQUET_TIMESTAMP},
                         {TABLE_PARQUET_INT64, TABLE_PARQUET_TIMESTAMP},
                         {TABLE_PARQUET_FIXED_BYTES, TABLE_PARQUET_UUID},
                         {TABLE_PARQUET_BYTES, TABLE_PARQUET_TEXT}};
    static const char *const odd[] = {"+1",
                                      "01",
                                      "-0",
                                      "1.",
                                      ".5",
                                      "1e5",
                                      "1.10",
                                      "TRUE",
                                      "2021-02-29",
                                      "2021-3-4",
                                      "24:00:00",
                                      "05:06:07.10",
                                      "2021-03-04T05:06:07",
                                      "9223372036854775808",
                                      "28522FD5-650b-4265-b163-1ea9935f936a",
                                      " 1",
                                      "nan",
                                      "0x10"};
    struct reading r = {.rows = 0};
    struct pd_error err = {0};
    assert_int_equal(table_parquet_types_new(COLUMNS, &r.types, &err), PD_OK);
    read_csv(CSV, &r);
    pd_str names[COLUMNS];
    struct table_parquet_column columns[COLUMNS];
    names_of(&r, names, COLUMNS);
    table_parquet_types_get(r.types, names, columns);
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_int_equal(columns[i].type, wanted[i].type);
        assert_int_equal(columns[i].meaning, wanted[i].meaning);
    }
    assert_int_equal(columns[3].digits, 2);
    assert_false(columns[8].is_utc);
    assert_true(columns[9].is_utc);
    table_parquet_types_free(r.types);
    pd_buf_clear(&r.text);
    /* Alone each of these is text: two cells, so that a decimal's digits don't save it. */
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        char text[100];
        struct reading alone = {.rows = 0};
        snprintf(text, sizeof(text), "c\n%s\n7\n", odd[i]);
        assert_int_equal(table_parquet_types_new(1, &alone.types, &err), PD_OK);
        read_csv(text, &alone);
        pd_str name = PD_STR("c");
        struct table_parquet_column column;
        table_parquet_types_get(alone.types, &name, &column);
        if (column.type != TABLE_PARQUET_BYTES)
            fail_msg("%s is taken for type %d", odd[i], column.type);
        table_parquet_types_free(alone.types);
        pd_buf_clear(&alone.text);
    }
}

/* Writes a table, `times` over, and reads it again. */
static void write_and_read(const char *csv, size_t columns_count, const char *codec,
                           size_t group_rows, struct reading *again) {
    struct reading first = {.rows = 0}, second = {.rows = 0};
    struct pd_error err = {0};
    pd_str names[COLUMNS];
    struct table_parquet_column columns[COLUMNS];
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct table_sink sink = table_sink_buf(&out);
    assert_int_equal(table_parquet_types_new(columns_count, &first.types, &err), PD_OK);
    read_csv(csv, &first);
    names_of(&first, names, columns_count);
    table_parquet_types_get(first.types, names, columns);
    assert_int_equal(table_parquet_writer_new(columns, columns_count, pd_str_from(codec),
                                              group_rows, &sink, &second.writer, &err),
                     PD_OK);
    read_csv(csv, &second);
    assert_int_equal(table_parquet_writer_finish(second.writer, &err), PD_OK);
    must_read(pd_buf_view(&out), again);
    if (!pd_str_eq(pd_buf_view(&first.text), pd_buf_view(&again->text)))
        fail_msg("%s: %.*s", codec, pd_arg(pd_buf_view(&again->text)));
    table_parquet_writer_free(second.writer);
    table_parquet_types_free(first.types);
    pd_buf_clear(&first.text);
    pd_buf_clear(&second.text);
    pd_buf_clear(&out);
}

static const char *const codecs[] = {"none", "snappy", "gzip", "zstd", "lz4"};

static void what_is_written_is_read_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
        for (size_t rows = 0; rows < 3; rows++) {
            struct reading again = {.rows = 0};
            write_and_read(CSV, COLUMNS, codecs[i], rows, &again);
            assert_int_equal(again.rows, 4);
            pd_buf_clear(&again.text);
        }
}

/* Pages, row groups and dictionaries end at different rows. */
static void long_tables_too(void **state) {
    (void)state;
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    pd_buf_text(&csv, "n,word,many,gap,flag,real\n");
    for (int i = 0; i < 70000; i++) {
        pd_buf_printf(&csv, "%d,w%d,%d-%d,", i * 7 - 1000, i % 9, i, i * 31 % 977);
        if (i % 3 != 0)
            pd_buf_printf(&csv, "%d", i % 100);
        pd_buf_printf(&csv, ",%s,%.6g\n", i % 7 < 3 ? "true" : "false", i / 8.0 + 0.5);
    }
    for (size_t i = 0; i < 2; i++) {
        struct reading again = {.rows = 0};
        write_and_read(csv.data, 6, codecs[i], i == 0 ? 0 : 4999, &again);
        assert_int_equal(again.rows, 70000);
        pd_buf_clear(&again.text);
    }
    pd_buf_clear(&csv);
}

static void what_can_not_be_written_is_refused(void **state) {
    (void)state;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct table_sink sink = table_sink_buf(&out);
    struct table_parquet_column column = {
        .name = PD_STR_INIT("c"), .type = TABLE_PARQUET_INT64, .width = 8};
    struct pd_error err = {0};
    struct reading r = {.rows = 0};
    assert_int_equal(
        table_parquet_writer_new(&column, 1, PD_STR("brotli"), 0, &sink, &r.writer, &err),
        PD_USAGE);
    column.type = TABLE_PARQUET_INT96;
    assert_int_equal(
        table_parquet_writer_new(&column, 1, PD_STR("none"), 0, &sink, &r.writer, &err), PD_USAGE);
    assert_non_null(strstr(err.text, "column \"c\""));
    column.type = TABLE_PARQUET_INT64;
    assert_int_equal(
        table_parquet_writer_new(&column, 1, PD_STR("none"), 0, &sink, &r.writer, &err), PD_OK);
    struct table_cell cell = {0, 3};
    uint64_t line = 2;
    struct table_batch batch = {.rows = 1,
                                .columns = 1,
                                .bytes = "1.5",
                                .cells = &cell,
                                .row_step = 1,
                                .column_step = 1,
                                .line = &line};
    assert_int_equal(table_parquet_write_batch(r.writer, &batch, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "\"1.5\" does not fit"));
    table_parquet_writer_free(r.writer);
    pd_buf_clear(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_encoding_gives_the_values_that_were_encoded),
        cmocka_unit_test(every_codec_gives_the_same),
        cmocka_unit_test(values_are_written_as_what_they_mean),
        cmocka_unit_test(row_groups_follow_one_another_and_none_is_a_table_too),
        cmocka_unit_test(only_the_columns_that_are_wanted_are_read),
        cmocka_unit_test(rows_are_those_within_the_bounds),
        cmocka_unit_test(memory_has_the_limit_that_is_given),
        cmocka_unit_test(whatever_is_cut_off_or_changed_is_a_table_or_a_sentence),
        cmocka_unit_test(columns_get_the_types_that_keep_their_cells),
        cmocka_unit_test(what_is_written_is_read_the_same),
        cmocka_unit_test(long_tables_too),
        cmocka_unit_test(what_can_not_be_written_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
