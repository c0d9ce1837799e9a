/* Tests src/table/ through its public header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/table.h"
#include "table_cases.h"
#include "table_fixture.h"

static void reading_gives_the_cells_the_file_has(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
        const struct good_case *c = &good_cases[i];
        struct reading reading = read_text(c->text);
        if (reading.status != PD_OK || strcmp(text_of(&reading.rows), c->rows) != 0)
            print_message("case: %s: %s\n", c->what, reading.err.text);
        assert_int_equal(reading.status, PD_OK);
        assert_string_equal(text_of(&reading.header), c->header);
        assert_string_equal(text_of(&reading.rows), c->rows);
        assert_string_equal(text_of(&reading.aside), c->aside);
        reading_clear(&reading);
    }
}

static void a_wrong_file_is_refused_with_place_and_remedy(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
        const struct bad_case *c = &bad_cases[i];
        pd_str text = {c->text, c->len != 0 ? c->len : strlen(c->text)};
        struct reading whole = read_pieces(text, SIZE_MAX / 2, NULL, NULL);
        struct reading bytes = read_pieces(text, 1, NULL, NULL);
        if (whole.status != PD_INVALID)
            print_message("case: %s: %s\n", c->what, whole.err.text);
        assert_int_equal(whole.status, PD_INVALID);
        for (size_t k = 0; k < 3 && c->says[k] != NULL; k++)
            if (strstr(whole.err.text, c->says[k]) == NULL)
                fail_msg("%s: \"%s\" lacks \"%s\"", c->what, whole.err.text, c->says[k]);
        assert_same(&whole, &bytes);
        reading_clear(&whole);
        reading_clear(&bytes);
    }
}

static void pieces_of_any_size_read_alike(void **state) {
    (void)state;
    static const size_t pieces[] = {1, 2, 3, 7, 63, 64, 65};
    const struct table_limits small = {.batch_bytes = 5, .sample_bytes = 64};
    for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
        /* Long enough to leave the sample behind. */
        struct pd_buf text = {0};
        pd_buf_text(&text, good_cases[i].text);
        for (int k = 0; k < 20; k++)
            pd_buf_text(&text, "\n\"q\r\nq\",z\"\n");
        struct reading whole = read_pieces(pd_buf_view(&text), SIZE_MAX / 2, &small, NULL);
        assert_int_equal(whole.status, PD_OK);
        for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
            struct reading cut = read_pieces(pd_buf_view(&text), pieces[k], &small, NULL);
            assert_same(&whole, &cut);
            reading_clear(&cut);
        }
        reading_clear(&whole);
        pd_buf_clear(&text);
    }
}

static void rows_before_a_late_wrong_byte_depend_on_nothing_else(void **state) {
    (void)state;
    const struct table_limits small = {.batch_bytes = 50, .sample_bytes = 64};
    struct pd_buf text = {0};
    pd_buf_text(&text, "a,b\n");
    for (int k = 0; k < 100; k++)
        pd_buf_printf(&text, "%d,\xE6\xB0\xB4\n", k);
    pd_buf_text(&text, "x,\xE6\xB0,y\n1,2\n");
    struct reading whole = read_pieces(pd_buf_view(&text), SIZE_MAX / 2, &small, NULL);
    struct reading bytes = read_pieces(pd_buf_view(&text), 1, &small, NULL);
    assert_int_equal(whole.status, PD_INVALID);
    assert_non_null(strstr(whole.err.text, "line 102, column 3"));
    assert_true(whole.batches > 5);
    assert_same(&whole, &bytes);
    reading_clear(&whole);
    reading_clear(&bytes);
    pd_buf_clear(&text);
}

static void counts_and_line_ends_are_what_was_met(void **state) {
    (void)state;
    struct reading reading = read_text("a,b\r\n1,\"x\ny\"\r\n\r\n1\r2,3\n4,5");
    assert_int_equal(reading.status, PD_OK);
    assert_int_equal(reading.counts.rows, 3);
    assert_int_equal(reading.counts.set_aside, 1);
    assert_int_equal(reading.counts.blank_lines, 1);
    assert_int_equal(reading.counts.lines, 7);
    assert_int_equal(reading.counts.bytes, 25);
    assert_int_equal(reading.dialect.line_ends, TABLE_LF | TABLE_CRLF | TABLE_CR);
    reading_clear(&reading);
    reading = read_text("a\r\nb\r\n");
    assert_int_equal(reading.counts.lines, 2);
    assert_int_equal(reading.dialect.line_ends, TABLE_CRLF);
    reading_clear(&reading);
}

static void the_separator_is_found_from_regularity(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char separator;
        const char *evidence;
    } cases[] = {
        {"a,b\n1,2\n", ',', "comma: 2 of the first 2 records have 2 fields"},
        {"a;b\n1,1;2\n1,2;3\n", ';', "semicolon: 3 of the first 3"},
        {"1,5;2,5;3,5\n1,5;2,5;3,5\n", ';', "semicolon"},
        {"a,b;c\n\"1;2\",x\n", ',', "comma: 2 of the first 2"},
        {"a,b\n\"1;\n;2\",x\n3,4\n", ',', "comma: 3 of the first 3"},
        {"Title\na;b\n1;2\n1;2\n3;4\n5;6\n", ';', "but the first has one"},
        {"sep=|\na|b,c\n1|2,3\n", '|', "sep=|"},
        {"a^b\n1^2\n3^4\n", '^', "circumflex: 3 of the first 3"},
        {"time\n10:15\n11:30\n", ',', "no separator"},
        {"a;b\n1;2\n3;4\n5,6\n7;8\n", ';',
         "1 others would have them with the separator comma: the file mixes separators"},
        {"word\nx\ny\n", ',', "no separator"},
        {"a\tb\n1\t2,3\n", '\t', "tab"},
        {"a|b|c\n1|2|3\n", '|', "vertical bar"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read_text(cases[i].text);
        assert_int_equal(reading.dialect.separator, cases[i].separator);
        assert_non_null(strstr(reading.dialect.evidence, cases[i].evidence));
        reading_clear(&reading);
    }
}

static void a_given_dialect_is_used(void **state) {
    (void)state;
    const struct table_dialect colon = {.separator = ':', .quote = '\''};
    struct reading reading = read_pieces(PD_STR("a:b\n'1:1':\"2\n"), 5, NULL, &colon);
    assert_string_equal(text_of(&reading.rows), "2 [1:1][\"2]\n");
    reading_clear(&reading);
    const struct table_dialect single = {.separator = TABLE_NONE, .quote = TABLE_NONE};
    reading = read_pieces(PD_STR("a\nx,y;\"z\n"), 5, NULL, &single);
    assert_string_equal(text_of(&reading.rows), "2 [x,y;\"z]\n");
    reading_clear(&reading);
}

static void unusable_dialects_and_limits_are_refused(void **state) {
    (void)state;
    static const struct {
        struct table_dialect dialect;
        struct table_limits limits;
        const char *says;
    } cases[] = {
        {{.separator = '\n'}, {0}, "0x0A cannot be a separator"},
        {{.separator = ',', .quote = '\x80'}, {0}, "0x80 cannot be a quote"},
        {{.separator = '"'}, {0}, "must differ"},
        {{0}, {.sample_bytes = 10}, "limit sample_bytes is 10"},
        {{0}, {.row_bytes = (size_t)1 << 31}, "limit row_bytes"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read_pieces(PD_STR("a"), 1, &cases[i].limits, &cases[i].dialect);
        assert_int_equal(reading.status, PD_USAGE);
        assert_non_null(strstr(reading.err.text, cases[i].says));
    }
}

static struct pd_buf wide_header(size_t columns) {
    struct pd_buf text = {0};
    for (int line = 0; line < 2; line++)
        for (size_t c = 0; c < columns; c++)
            pd_buf_text(&text, c + 1 < columns ? "x," : "x\n");
    return text;
}

static void columns_have_a_limit_that_names_itself(void **state) {
    (void)state;
    struct pd_buf text = wide_header(5000);
    struct reading reading = read_pieces(pd_buf_view(&text), 4096, NULL, NULL);
    assert_int_equal(reading.status, PD_OK);
    assert_int_equal(reading.columns, 5000);
    assert_int_equal(reading.counts.rows, 1);
    reading_clear(&reading);
    pd_buf_clear(&text);
    text = wide_header(100000);
    reading = read_pieces(pd_buf_view(&text), 4096, NULL, NULL);
    assert_int_equal(reading.status, PD_LIMIT);
    assert_non_null(strstr(reading.err.text, "100000 columns"));
    assert_non_null(strstr(reading.err.text, "20000"));
    reading_clear(&reading);
    pd_buf_clear(&text);
}

static void a_cell_of_ten_megabytes_is_read_whole(void **state) {
    (void)state;
    const size_t size = (size_t)10 << 20;
    struct pd_buf text = {0};
    pd_buf_text(&text, "a,b\n1,\"");
    char *room = pd_buf_reserve(&text, size);
    assert_non_null(room);
    memset(room, 'x', size);
    memcpy(room + size / 2, "\"\"", 2);
    text.len += size;
    pd_buf_text(&text, "\"\n2,y\n");
    struct reading reading = read_pieces(pd_buf_view(&text), 100000, NULL, NULL);
    assert_int_equal(reading.status, PD_OK);
    assert_int_equal(reading.counts.rows, 2);
    /* "2 [1][" + cell + "]\n" + "3 [2][y]\n", the doubled quote being one byte now */
    assert_int_equal(reading.rows.len, 6 + size - 1 + 2 + 9);
    reading_clear(&reading);
    pd_buf_clear(&text);
}

static void long_cells_and_rows_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct table_limits limits;
        const char *says;
    } cases[] = {
        {"a,b\n1,12345678901\n", {.cell_bytes = 10}, "line 2, column 3"},
        {"a,b\n1,\"x\n\n\n\n\n\n\n\n\n\n\n\n\n", {.cell_bytes = 10}, "is its quote closed?"},
        {"a,b\n1234567890,1234567890\n", {.row_bytes = 20}, "line 2: the record"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pd_str text = pd_str_from(cases[i].text);
        struct reading whole = read_pieces(text, SIZE_MAX / 2, &cases[i].limits, NULL);
        struct reading bytes = read_pieces(text, 1, &cases[i].limits, NULL);
        assert_int_equal(whole.status, PD_LIMIT);
        assert_non_null(strstr(whole.err.text, cases[i].says));
        assert_same(&whole, &bytes);
        reading_clear(&whole);
        reading_clear(&bytes);
    }
}

static void an_excerpt_is_cut_at_a_character(void **state) {
    (void)state;
    struct pd_buf text = {0};
    pd_buf_text(&text, "a,b\n1,2\n");
    for (int i = 0; i < 100; i++)
        pd_buf_text(&text, "\xE6\xB0\xB4");
    struct reading reading = read_pieces(pd_buf_view(&text), 11, NULL, NULL);
    assert_int_equal(reading.status, PD_OK);
    /* 66 characters of three bytes are the most that fit into 200. */
    assert_int_equal(reading.aside.len, strlen("3 1/2 300 <>\n") + 198);
    assert_true(pd_utf8_valid(pd_buf_view(&reading.aside), NULL));
    reading_clear(&reading);
    pd_buf_clear(&text);
}

/* Blank lines and ragged records alone must neither fill memory nor shift what follows. */
static void a_long_stretch_without_rows_costs_no_memory(void **state) {
    (void)state;
    struct reading reading = {0};
    const struct table_handler handler = {&reading, note_header, note_batch, NULL};
    struct table_reader *reader;
    const struct table_limits limits = {.sample_bytes = 64};
    assert_int_equal(table_reader_new(&limits, NULL, &handler, &reader, &reading.err), PD_OK);
    assert_int_equal(table_feed(reader, "a,b\n", 4, &reading.err), PD_OK);
    static char lines[1 << 16];
    memset(lines, '\n', sizeof(lines));
    for (size_t i = 0; i + 4 <= sizeof(lines) / 2; i += 4)
        memcpy(lines + i, "xyz\n", 4);
    for (int i = 0; i < 64; i++)
        assert_int_equal(table_feed(reader, lines, sizeof(lines), &reading.err), PD_OK);
    assert_int_equal(table_feed(reader, "1,2\n", 4, &reading.err), PD_OK);
    assert_int_equal(table_finish(reader, &reading.err), PD_OK);
    struct table_counts counts = table_reader_counts(reader);
    assert_int_equal(counts.set_aside, 64 * (sizeof(lines) / 8));
    assert_int_equal(counts.blank_lines, 64 * (sizeof(lines) / 2));
    char expected[64];
    snprintf(expected, sizeof(expected), "%" PRIu64 " [1][2]\n", counts.lines);
    assert_string_equal(text_of(&reading.rows), expected);
    table_reader_free(reader);
    reading_clear(&reading);
}

static enum pd_status refuse_batch(void *context, const struct table_batch *batch,
                                   struct pd_error *err) {
    (void)context;
    return pd_fail(err, PD_DENIED, "%zu rows are not wanted", batch->rows);
}

static void a_handler_stops_the_reading_for_good(void **state) {
    (void)state;
    const struct table_handler handler = {.batch = refuse_batch};
    struct table_reader *reader;
    struct pd_error err = {0};
    assert_int_equal(table_reader_new(NULL, NULL, &handler, &reader, &err), PD_OK);
    assert_int_equal(table_feed(reader, "a\n1\n2\n", 6, &err), PD_OK);
    assert_int_equal(table_finish(reader, &err), PD_DENIED);
    assert_string_equal(err.text, "2 rows are not wanted");
    assert_int_equal(table_feed(reader, "3\n", 2, &err), PD_USAGE);
    assert_int_equal(table_finish(reader, &err), PD_USAGE);
    table_reader_free(reader);
    table_reader_free(NULL);
}

static enum pd_status check_row_numbers(void *context, const struct table_batch *batch,
                                        struct pd_error *err) {
    uint64_t *next = context;
    if (batch->first_row != *next)
        return pd_fail(err, PD_INTERNAL, "row %" PRIu64, batch->first_row);
    for (size_t r = 0; r < batch->rows; r++) {
        uint64_t value;
        if (!pd_parse_u64(table_cell_text(batch, 1, r), &value) || value != *next ||
            batch->line[r] != value + 2)
            return pd_fail(err, PD_INTERNAL, "row %" PRIu64, *next);
        ++*next;
    }
    return PD_OK;
}

static void batches_continue_each_other(void **state) {
    (void)state;
    struct pd_buf text = {0};
    pd_buf_text(&text, "a,n\n");
    for (int i = 0; i < 300000; i++)
        pd_buf_printf(&text, "\"\"\"%d\",%d\n", i * 7, i);
    uint64_t next = 0;
    const struct table_handler handler = {.context = &next, .batch = check_row_numbers};
    struct table_reader *reader;
    struct pd_error err = {0};
    assert_int_equal(table_reader_new(NULL, NULL, &handler, &reader, &err), PD_OK);
    assert_int_equal(table_feed(reader, text.data, text.len, &err), PD_OK);
    assert_int_equal(table_finish(reader, &err), PD_OK);
    assert_int_equal(next, 300000);
    table_reader_free(reader);
    pd_buf_clear(&text);
}

static void names_become_unique_and_never_meet(void **state) {
    (void)state;
    static const struct {
        size_t count;
        const char *names[6], *expected[6];
        size_t changed;
    } cases[] = {
        {3, {"a", "b", "c"}, {"a", "b", "c"}, 0},
        {4, {"name", "name", "", "name"}, {"name", "name_2", "column_3", "name_3"}, 3},
        {4, {"a", "a", "a_2", "a"}, {"a", "a_3", "a_2", "a_4"}, 2},
        {4, {"column", "", "column", " "}, {"column", "column_2", "column_3", "column_4"}, 3},
        {4, {"column", "column", "", "\t"}, {"column", "column_2", "column_3", "column_4"}, 3},
        {3, {"column_2", "", "column_2"}, {"column_2", "column_2_2", "column_2_3"}, 2},
    };
    struct pd_arena *arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pd_str names[6], out[6];
        for (size_t k = 0; k < cases[i].count; k++)
            names[k] = pd_str_from(cases[i].names[k]);
        size_t changed;
        struct pd_error err = {0};
        assert_int_equal(table_names_unique(names, cases[i].count, arena, out, &changed, &err),
                         PD_OK);
        for (size_t k = 0; k < cases[i].count; k++)
            if (!pd_str_is(out[k], cases[i].expected[k]))
                fail_msg("case %zu: %.*s is not %s", i, pd_arg(out[k]), cases[i].expected[k]);
        assert_int_equal(changed, cases[i].changed);
    }
    pd_arena_free(arena);
}

static void many_equal_names_become_unique_within_memory(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    pd_str *names = calloc(COUNT, sizeof(*names)), *out = calloc(COUNT, sizeof(*out));
    assert_non_null(names);
    assert_non_null(out);
    for (size_t i = 0; i < COUNT; i++)
        names[i] = PD_STR("a");
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    assert_int_equal(table_names_unique(names, COUNT, arena, out, NULL, &err), PD_OK);
    assert_true(pd_str_is(out[COUNT - 1], "a_20000"));
    pd_arena_free(arena);
    arena = pd_arena_new(4096);
    assert_int_equal(table_names_unique(names, COUNT, arena, out, NULL, &err), PD_LIMIT);
    pd_arena_free(arena);
    free(names);
    free(out);
}

static void the_writer_quotes_what_needs_it_and_no_more(void **state) {
    (void)state;
    static const struct {
        struct table_dialect dialect;
        size_t columns;
        const char *cells[4];
        const char *expected;
    } cases[] = {
        {{0}, 2, {"a", "b", "1", "2"}, "a,b\n1,2\n"},
        {{0}, 2, {"a,b", "c\"d", "e\nf", "g\rh"}, "\"a,b\",\"c\"\"d\"\n\"e\nf\",\"g\rh\"\n"},
        {{0}, 2, {"", " x ", "\"", "a;b"}, ", x \n\"\"\"\",a;b\n"},
        {{0}, 1, {"a", "", "b", ""}, "a\n\"\"\nb\n\"\"\n"},
        {{0},
         1,
         {"\xEF\xBB\xBF"
          "a",
          "b", "c", "d"},
         "\"\xEF\xBB\xBF"
         "a\"\nb\nc\nd\n"},
        {{.separator = ';', .line_ends = TABLE_CRLF, .has_bom = true},
         2,
         {"a,b", "c;d", "1", "2"},
         "\xEF\xBB\xBF"
         "a,b;\"c;d\"\r\n1;2\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_buf out = {0};
        struct pd_error err = {0};
        const struct table_sink sink = table_sink_buf(&out);
        struct table_writer *writer;
        assert_int_equal(table_writer_new(&cases[i].dialect, &sink, &writer, &err), PD_OK);
        for (size_t at = 0; at < 4; at += cases[i].columns) {
            pd_str cells[4];
            for (size_t c = 0; c < cases[i].columns; c++)
                cells[c] = pd_str_from(cases[i].cells[at + c]);
            assert_int_equal(table_write_row(writer, cells, cases[i].columns, &err), PD_OK);
        }
        assert_int_equal(table_writer_finish(writer, &err), PD_OK);
        assert_string_equal(text_of(&out), cases[i].expected);
        table_writer_free(writer);
        pd_buf_clear(&out);
    }
}

static void the_writer_refuses_what_could_not_be_read_back(void **state) {
    (void)state;
    struct pd_buf out = {0};
    struct pd_error err = {0};
    const struct table_sink sink = table_sink_buf(&out);
    const pd_str cells[] = {PD_STR("a"), PD_STR("b\nc")};
    struct table_writer *writer;
    assert_int_equal(table_writer_new(NULL, &sink, &writer, &err), PD_OK);
    assert_int_equal(table_write_row(writer, cells, 0, &err), PD_USAGE);
    assert_int_equal(table_write_row(writer, cells, 2, &err), PD_OK);
    assert_int_equal(table_write_row(writer, cells, 1, &err), PD_USAGE);
    assert_non_null(strstr(err.text, "record 2 has 1 cells; the table has 2 columns"));
    table_writer_free(writer);
    const struct table_dialect bare = {.quote = TABLE_NONE};
    assert_int_equal(table_writer_new(&bare, &sink, &writer, &err), PD_OK);
    assert_int_equal(table_write_row(writer, cells, 2, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "record 1, column 2"));
    table_writer_free(writer);
    const struct table_dialect single = {.separator = TABLE_NONE};
    assert_int_equal(table_writer_new(&single, &sink, &writer, &err), PD_OK);
    assert_int_equal(table_write_row(writer, cells, 2, &err), PD_USAGE);
    table_writer_free(writer);
    pd_buf_clear(&out);
}

static void a_full_sink_is_reported(void **state) {
    (void)state;
    struct pd_buf out = {.limit = 1000};
    struct pd_error err = {0};
    const struct table_sink sink = table_sink_buf(&out);
    struct table_writer *writer;
    assert_int_equal(table_writer_new(NULL, &sink, &writer, &err), PD_OK);
    const pd_str cell = PD_STR("0123456789");
    enum pd_status status = PD_OK;
    for (int i = 0; i < 20000 && status == PD_OK; i++)
        status = table_write_row(writer, &cell, 1, &err);
    assert_int_equal(status, PD_LIMIT);
    table_writer_free(writer);
    pd_buf_clear(&out);
}

static enum pd_status write_header(void *context, const pd_str *names, size_t count,
                                   struct pd_error *err) {
    return table_write_row(context, names, count, err);
}

static enum pd_status write_batch(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    return table_write_batch(context, batch, err);
}

/* Reads and writes; the result must read the same. */
static void assert_round_trip(pd_str text, const struct reading *first) {
    struct pd_buf out = {0};
    struct pd_error err = {0};
    const struct table_sink sink = table_sink_buf(&out);
    struct table_dialect dialect = table_dialect_written;
    dialect.separator = '|';
    dialect.line_ends = TABLE_CRLF;
    struct table_writer *writer;
    assert_int_equal(table_writer_new(&dialect, &sink, &writer, &err), PD_OK);
    const struct table_handler handler = {writer, write_header, write_batch, NULL};
    struct table_reader *reader;
    assert_int_equal(table_reader_new(NULL, &first->dialect, &handler, &reader, &err), PD_OK);
    assert_int_equal(table_feed(reader, text.data, text.len, &err), PD_OK);
    assert_int_equal(table_finish(reader, &err), PD_OK);
    assert_int_equal(table_writer_finish(writer, &err), PD_OK);
    table_reader_free(reader);
    table_writer_free(writer);
    struct reading again = read_pieces(pd_buf_view(&out), 1000, NULL, &dialect);
    assert_int_equal(again.status, PD_OK);
    assert_string_equal(text_of(&again.header), text_of(&first->header));
    assert_int_equal(again.counts.rows, first->counts.rows);
    assert_int_equal(again.counts.set_aside, 0);
    reading_clear(&again);
    pd_buf_clear(&out);
}

static void what_is_written_reads_back_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
        struct reading first = read_text(good_cases[i].text);
        assert_round_trip(pd_str_from(good_cases[i].text), &first);
        reading_clear(&first);
    }
}

/* Real files, read in place. */

static void real_files_have_the_counts_of_an_independent_reader(void **state) {
    (void)state;
    size_t read = 0;
    for (size_t i = 0; i < sizeof(real_files) / sizeof(real_files[0]); i++) {
        const struct real_file *f = &real_files[i];
        pd_str text = load_shared(f->path);
        if (text.data == NULL)
            continue;
        struct reading reading = read_pieces(text, 4097, NULL, NULL);
        if (reading.status != PD_OK || reading.counts.rows != f->rows)
            print_message("%s: %s\n", f->path, reading.err.text);
        assert_int_equal(reading.status, PD_OK);
        assert_int_equal(reading.dialect.separator, f->separator);
        assert_int_equal(reading.columns, f->columns);
        assert_int_equal(reading.counts.rows, f->rows);
        assert_int_equal(reading.counts.set_aside, f->set_aside);
        assert_round_trip(text, &reading);
        reading_clear(&reading);
        free((void *)(uintptr_t)text.data);
        read++;
    }
    if (read == 0) {
        print_message("skipped: no shared data (set POLDER_SHARED_DATA)\n");
        skip();
    }
}

/* The copies of the files named *_crlf have lost their CRs on the way: gives them back. */
static pd_str with_crlf(pd_str text) {
    struct pd_buf out = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n' && (i == 0 || text.data[i - 1] != '\r'))
            pd_buf_char(&out, '\r');
        pd_buf_char(&out, text.data[i]);
    }
    free((void *)(uintptr_t)text.data);
    return pd_buf_view(&out);
}

/* csv-spectrum: each CSV file has its rows as a JSON array of objects. */
struct spectrum {
    json_t *expected;
    char *names[16];
    size_t rows;
};

static enum pd_status take_spectrum_names(void *context, const pd_str *names, size_t count,
                                          struct pd_error *err) {
    struct spectrum *spectrum = context;
    (void)err;
    assert_true(count <= 16);
    for (size_t c = 0; c < count; c++)
        spectrum->names[c] = strndup(names[c].data, names[c].len);
    return PD_OK;
}

static enum pd_status compare_spectrum_rows(void *context, const struct table_batch *batch,
                                            struct pd_error *err) {
    struct spectrum *spectrum = context;
    (void)err;
    for (size_t r = 0; r < batch->rows; r++, spectrum->rows++) {
        json_t *row = json_array_get(spectrum->expected, spectrum->rows);
        assert_int_equal(json_object_size(row), batch->columns);
        for (size_t c = 0; c < batch->columns; c++) {
            const char *value = json_string_value(json_object_get(row, spectrum->names[c]));
            assert_non_null(value);
            assert_true(pd_str_is(table_cell_text(batch, c, r), value));
        }
    }
    return PD_OK;
}

static void csv_spectrum_reads_as_its_json_says(void **state) {
    (void)state;
    static const char *const names[] = {
        "comma_in_quotes",
        "empty",
        "empty_crlf",
        "escaped_quotes",
        "json",
        "newlines",
        "newlines_crlf",
        "quotes_and_newlines",
        "simple",
        "simple_crlf",
        "utf8",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[256];
        snprintf(path, sizeof(path), "privacy/csv-spectrum/csvs/%s.csv", names[i]);
        pd_str text = load_shared(path);
        if (text.data == NULL) {
            print_message("skipped: no shared data (set POLDER_SHARED_DATA)\n");
            skip();
        }
        if (strstr(names[i], "_crlf") != NULL)
            text = with_crlf(text);
        snprintf(path, sizeof(path), "privacy/csv-spectrum/json/%s.json", names[i]);
        pd_str json = load_shared(path);
        assert_non_null(json.data);
        struct spectrum spectrum = {.expected = json_loadb(json.data, json.len, 0, NULL)};
        assert_non_null(spectrum.expected);
        const struct table_handler handler = {&spectrum, take_spectrum_names, compare_spectrum_rows,
                                              NULL};
        struct table_reader *reader;
        struct pd_error err = {0};
        assert_int_equal(table_reader_new(NULL, NULL, &handler, &reader, &err), PD_OK);
        assert_int_equal(table_feed(reader, text.data, text.len, &err), PD_OK);
        assert_int_equal(table_finish(reader, &err), PD_OK);
        assert_int_equal(spectrum.rows, json_array_size(spectrum.expected));
        table_reader_free(reader);
        json_decref(spectrum.expected);
        for (size_t c = 0; c < 16; c++)
            free(spectrum.names[c]);
        free((void *)(uintptr_t)text.data);
        free((void *)(uintptr_t)json.data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_gives_the_cells_the_file_has),
        cmocka_unit_test(a_wrong_file_is_refused_with_place_and_remedy),
        cmocka_unit_test(pieces_of_any_size_read_alike),
        cmocka_unit_test(rows_before_a_late_wrong_byte_depend_on_nothing_else),
        cmocka_unit_test(counts_and_line_ends_are_what_was_met),
        cmocka_unit_test(the_separator_is_found_from_regularity),
        cmocka_unit_test(a_given_dialect_is_used),
        cmocka_unit_test(unusable_dialects_and_limits_are_refused),
        cmocka_unit_test(columns_have_a_limit_that_names_itself),
        cmocka_unit_test(a_cell_of_ten_megabytes_is_read_whole),
        cmocka_unit_test(long_cells_and_rows_are_refused_with_their_place),
        cmocka_unit_test(an_excerpt_is_cut_at_a_character),
        cmocka_unit_test(a_long_stretch_without_rows_costs_no_memory),
        cmocka_unit_test(a_handler_stops_the_reading_for_good),
        cmocka_unit_test(batches_continue_each_other),
        cmocka_unit_test(names_become_unique_and_never_meet),
        cmocka_unit_test(many_equal_names_become_unique_within_memory),
        cmocka_unit_test(the_writer_quotes_what_needs_it_and_no_more),
        cmocka_unit_test(the_writer_refuses_what_could_not_be_read_back),
        cmocka_unit_test(a_full_sink_is_reported),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(real_files_have_the_counts_of_an_independent_reader),
        cmocka_unit_test(csv_spectrum_reads_as_its_json_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
