/* Rows are taken many at once where nothing is to be thought about: that must not show. */
#include "unit/table_fixture.h"

/* A reader that may not hold cells of this length looks at each record by itself: the oracle. */
enum { SHORT_CELL = 4096, ROWS = 3000, COLUMNS = 4 };

static uint64_t next_number(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* What stands in a table now and then, beside rows with nothing to them. */
static const char *const odd_rows[] = {
    "\"a,b\",c,\"\",d\n",
    "\"x\"\"y\",c,,d\n",
    "\"two\nlines\",c,,d\n",
    "\"two\r\nlines\",c,,d\r\n",
    "too,few\n",
    "one,too,many,of,them\n",
    "an,empty,one,behind,\n",
    "\n",
    "\r\n",
    "a,lone,return,here\rand,one,row,more\n",
    "mixed,line,ends,here\r\n",
    "5\" wide,b,c,d\n",
    "\"closed\" early,b,c,d\n",
    "a,b,c,\n",
    "alone,,,\n",
    "Source: a note below the table,,,\n",
    ",,,\n",
    "\xE9\xBE\x8D,\xF0\x9F\x98\x80,\xC3\xA9,\xE0\xA4\x95\n",
};
enum { ODD_ROWS = sizeof(odd_rows) / sizeof(odd_rows[0]) };

/* What no text has. */
static const struct {
    const char *bytes;
    size_t n;
} wrong_bytes[] = {{"", 1},
                   {"\xFF", 1},
                   {"\x80", 1},
                   {"\xE9\xBE", 2},
                   {"\xC0\x80", 2},
                   {"\xED\xA0\x80", 3},
                   {"\xF4\x90\x80\x80", 4},
                   {"\xE0\x80\x80", 3}};
enum { WRONG_BYTES = sizeof(wrong_bytes) / sizeof(wrong_bytes[0]) };

struct table_plan {
    const char *line_end;
    bool is_quoted, is_chinese;
    unsigned odd_in; /* of so many rows one is odd; 0: none */
};

static void put_row(struct pd_buf *text, const struct table_plan *plan, uint64_t *seed) {
    const char *quote = plan->is_quoted ? "\"" : "";
    for (int c = 0; c < COLUMNS; c++) {
        unsigned length = (unsigned)next_number(seed) % (c == COLUMNS - 1 ? 40 : 20);
        pd_buf_text(text, c > 0 ? "," : "");
        pd_buf_text(text, quote);
        for (unsigned i = 0; i < length + (c == 0); i++)
            pd_buf_text(text, plan->is_chinese && next_number(seed) % 3 > 0 ? "\xE6\xB0\xB4" : "7");
        pd_buf_text(text, quote);
    }
    pd_buf_text(text, plan->line_end);
}

static struct pd_buf make_table(const struct table_plan *plan, uint64_t seed) {
    struct pd_buf text = {0};
    pd_buf_printf(&text, "name,b,c,d%s", plan->line_end);
    for (int i = 0; i < ROWS; i++) {
        if (plan->odd_in > 0 && next_number(&seed) % plan->odd_in == 0)
            pd_buf_text(&text, odd_rows[next_number(&seed) % ODD_ROWS]);
        else
            put_row(&text, plan, &seed);
    }
    return text;
}

static void check_alike(pd_str text) {
    static const size_t batches[] = {500, 4000, 60000};
    static const size_t pieces[] = {SIZE_MAX / 2, 20000, 977};
    for (size_t b = 0; b < sizeof(batches) / sizeof(batches[0]); b++) {
        struct table_limits closely = {
            .batch_bytes = batches[b], .sample_bytes = 1000, .cell_bytes = SHORT_CELL};
        struct reading wanted = read_pieces(text, SIZE_MAX / 2, &closely, NULL);
        for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
            for (int plain = 0; plain < 2; plain++) {
                struct table_limits limits = {.batch_bytes = batches[b],
                                              .sample_bytes = 1000,
                                              .instructions = plain ? TABLE_INSTRUCTIONS_PLAIN
                                                                    : TABLE_INSTRUCTIONS_FIND};
                struct reading got = read_pieces(text, pieces[p], &limits, NULL);
                assert_same(&wanted, &got);
                assert_int_equal(wanted.counts.lines, got.counts.lines);
                assert_int_equal(wanted.counts.trimmed, got.counts.trimmed);
                assert_int_equal(wanted.counts.notes, got.counts.notes);
                assert_int_equal(wanted.dialect.line_ends, got.dialect.line_ends);
                if (wanted.status == PD_OK)
                    assert_int_equal(got.counts.bytes, text.len);
                reading_clear(&got);
            }
        }
        reading_clear(&wanted);
    }
}

static const struct table_plan plans[] = {
    {"\n", false, false, 0},   {"\n", false, true, 0},   {"\r\n", false, true, 0},
    {"\n", true, true, 0},     {"\r\n", true, false, 0}, {"\n", false, true, 500},
    {"\r\n", true, true, 300}, {"\n", true, false, 50},  {"\n", false, false, 7},
    {"\r", false, true, 0},
};
enum { PLANS = sizeof(plans) / sizeof(plans[0]) };

static void many_rows_at_once_are_each_by_itself(void **state) {
    (void)state;
    for (size_t i = 0; i < PLANS; i++) {
        struct pd_buf text = make_table(&plans[i], i);
        assert_true(text.len > 60000);
        check_alike(pd_buf_view(&text));
        pd_buf_clear(&text);
    }
}

static void what_is_wrong_is_found_where_it_is(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (size_t i = 0; i < WRONG_BYTES; i++) {
        struct pd_buf text = make_table(&plans[i % 4], 100 + i);
        size_t at = 30000 + (size_t)next_number(&seed) % 1000;
        assert_true(at + 8 < text.len);
        memcpy(text.data + at, wrong_bytes[i].bytes, wrong_bytes[i].n);
        memcpy(text.data + at + wrong_bytes[i].n, "abc", 3);
        struct reading reading = read_pieces(pd_buf_view(&text), SIZE_MAX / 2, NULL, NULL);
        assert_int_equal(reading.status, PD_INVALID);
        reading_clear(&reading);
        check_alike(pd_buf_view(&text));
        pd_buf_clear(&text);
    }
}

/* The tables that the shared data has, each as often as makes many blocks. */
static void real_tables_repeated_read_alike(void **state) {
    (void)state;
    static const char *const paths[] = {
        "catalogue/csv/ch/01_04_prenom.csv",           "catalogue/csv/fr/joconde.csv",
        "catalogue/csv/messytables/excel_pasting.csv", "catalogue/csv/cn/nbs/总人口.gbk.csv",
        "catalogue/csv/tw/yilan_catalogue_big5.csv",   "privacy/frictionless/countries.csv",
    };
    size_t found = 0;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        pd_str file = load_shared(paths[i]);
        if (file.data == NULL)
            continue;
        struct pd_buf text = {0};
        do
            pd_buf_str(&text, pd_str_sub(file, 0, 100000));
        while (text.len < 50000 && file.len > 0);
        check_alike(pd_buf_view(&text));
        pd_buf_clear(&text);
        free((void *)(uintptr_t)file.data);
        found++;
    }
    if (found == 0)
        skip();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_rows_at_once_are_each_by_itself),
        cmocka_unit_test(what_is_wrong_is_found_where_it_is),
        cmocka_unit_test(real_tables_repeated_read_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
