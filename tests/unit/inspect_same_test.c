/* inspect/: the report and what is saved are the same for every number of threads, batch size and
   set of instructions, and whether or not values are remembered. */
#include <stdlib.h>
#include <string.h>

#include "inspect_fixture.h"

struct way {
    unsigned threads;
    bool forgets;
    size_t batch_bytes;
    enum table_instructions instructions;
};

struct feeding_so {
    struct inspector *inspector;
    const struct way *way;
};

static enum pd_status on_header_so(void *context, const pd_str *names, size_t count,
                                   struct pd_error *err) {
    struct feeding_so *f = context;
    struct inspect_options options = {
        .now = NOW, .seed = 3, .threads = f->way->threads, .forgets = f->way->forgets};
    return inspector_new(names, count, &options, &f->inspector, err);
}

static enum pd_status on_batch_so(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    return inspector_feed(((struct feeding_so *)context)->inspector, batch, err);
}

/* All that is known of the text, or the sentence that says why nothing is; the caller clears it. */
static struct pd_buf report_of(pd_str text, const struct way *way) {
    struct feeding_so f = {.way = way};
    struct table_handler handler = {&f, on_header_so, on_batch_so, NULL};
    struct table_limits limits = {.batch_bytes = way->batch_bytes,
                                  .instructions = way->instructions};
    struct table_reader *reader = NULL;
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    assert_int_equal(table_reader_new(&limits, NULL, &handler, &reader, &err), PD_OK);
    enum pd_status st = table_feed(reader, text.data, text.len, &err);
    if (st == PD_OK)
        st = table_finish(reader, &err);
    table_reader_free(reader);
    if (st == PD_OK) {
        struct result r = finish(f.inspector);
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_COMPACT);
        inspection_write_json(r.inspection, true, &w);
        pd_json_clear(&w);
        assert_int_equal(inspector_save(f.inspector, &out, &err), PD_OK);
        pd_arena_free(r.arena);
    } else {
        pd_buf_printf(&out, "%s", err.text);
    }
    inspector_free(f.inspector);
    return out;
}

static void expect_same(pd_str text) {
    static const struct way first = {.forgets = true, .instructions = TABLE_INSTRUCTIONS_PLAIN};
    static const struct way others[] = {
        {.threads = 1},
        {.threads = 1, .instructions = TABLE_INSTRUCTIONS_PLAIN},
        {.threads = 2},
        {.threads = 3, .batch_bytes = 5000},
        {.threads = 7, .batch_bytes = 100},
        {.threads = 7, .forgets = true},
        {.batch_bytes = 1},
        {.batch_bytes = 60000},
    };
    struct pd_buf expected = report_of(text, &first);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct pd_buf got = report_of(text, &others[i]);
        if (got.len != expected.len || memcmp(got.data, expected.data, got.len) != 0)
            fail_msg("way %zu says\n%.400s\ninstead of\n%.400s", i, got.data, expected.data);
        pd_buf_clear(&got);
    }
    pd_buf_clear(&expected);
}

/* ---- Tables of cells that say different things, drawn by splitmix64 ---- */

static uint64_t draw(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static const char *const cells[] = {"510104192202229779",
                                    "93440103BP1WXPPN8W",
                                    "13800009887",
                                    "+86 166 0000 0456",
                                    "王小明",
                                    "欧阳娜娜",
                                    "Bobby Jones",
                                    "广东省深圳市南山区科技路12号3栋402室",
                                    "14 Crown Street",
                                    "1985-03-09",
                                    "2026年3月9日",
                                    "09/03/1985",
                                    "1.234,5",
                                    "1,234.50",
                                    "-17",
                                    "0.00000000000000000001",
                                    "12345678901234567890",
                                    "a.b@example.org",
                                    "https://u:p@h.example/",
                                    "192.0.2.1",
                                    "2001:db8::1",
                                    "京A12345",
                                    "N/A",
                                    "-",
                                    "",
                                    "  x  ",
                                    "true",
                                    "是",
                                    "07:30",
                                    "DE89370400440532013000",
                                    "NZ",
                                    "AKIAQ2W3E4R5T6Y7U2I3",
                                    "５１０",
                                    "***",
                                    "39.9042 116.4074",
                                    "3.25 %",
                                    "1e400",
                                    "x\xE2\x80\xA6y",
                                    "\xF0\x9F\x98\x80",
                                    "Приве́т",
                                    "5.000"};
enum { CELLS = sizeof(cells) / sizeof(cells[0]) };

static void make_table(struct pd_buf *out, uint64_t seed, size_t rows) {
    enum { COLUMNS = 6 };
    uint64_t state = seed;
    size_t first[COLUMNS], span[COLUMNS];
    bool changes[COLUMNS];
    pd_buf_printf(out, "身份证号,name,phone,date of birth,amount,地址");
    for (size_t c = 0; c < COLUMNS; c++) {
        first[c] = draw(&state) % CELLS;
        span[c] = 1 + draw(&state) % (draw(&state) % 2 ? CELLS : 3);
        changes[c] = draw(&state) % 2;
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            const char *cell = cells[(first[c] + draw(&state) % span[c]) % CELLS];
            size_t at = out->len + 2;
            pd_buf_printf(out, "%s\"%s\"", c ? "," : "\n", cell);
            for (; changes[c] && at < out->len; at++)
                if (out->data[at] >= '0' && out->data[at] <= '9' && draw(&state) % 3 == 0)
                    out->data[at] = (char)('0' + draw(&state) % 10);
        }
    }
}

static void a_report_does_not_depend_on_how_it_was_made(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct pd_buf table;
        pd_buf_init(&table, 0);
        make_table(&table, seed, seed % 4 == 0 ? 6000 : 300);
        expect_same((pd_str){table.data, table.len});
        pd_buf_clear(&table);
    }
}

/* Bytes are changed anywhere: quotes, line ends, and what is no UTF-8, whose place is told. */
static void what_is_wrong_is_told_the_same(void **state) {
    (void)state;
    static const char bytes[] = {'"',    ',',    '\n',   '\r',   '\0', '\x80',
                                 '\xc3', '\xe4', '\xed', '\xf4', 'x'};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed * 77;
        struct pd_buf table;
        pd_buf_init(&table, 0);
        make_table(&table, seed, 80);
        for (uint64_t n = draw(&random) % 4; n < 4; n++)
            table.data[draw(&random) % table.len] = bytes[draw(&random) % sizeof(bytes)];
        expect_same((pd_str){table.data, table.len});
        pd_buf_clear(&table);
    }
}

static void more_threads_than_there_may_be_are_refused(void **state) {
    (void)state;
    const pd_str names[] = {PD_STR_INIT("a"), PD_STR_INIT("b")};
    struct inspect_options options = {.threads = INSPECT_THREADS_MOST + 1};
    struct inspector *inspector = NULL;
    struct pd_error err = {0};
    assert_int_equal(inspector_new(names, 2, &options, &inspector, &err), PD_USAGE);
    assert_non_null(strstr(err.text, "at most 64"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_does_not_depend_on_how_it_was_made),
        cmocka_unit_test(what_is_wrong_is_told_the_same),
        cmocka_unit_test(more_threads_than_there_may_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
