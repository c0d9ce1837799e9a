/* Repairs: what is proposed for a cell, and that carrying it out does just what was shown. */
#include "repair_fixture.h"

#include <stdlib.h>

/* ---- One cell ---- */

struct cell_case {
    const char *field;          /* members of it behind its name */
    const char *before, *after; /* after "a|b": open, with these choices; NULL: nothing is known */
    const char *method;
    enum standard_confidence confidence;
};

#define ENUM(values) "\"type\":\"string\",\"constraints\":{\"enum\":[" values "]}"
#define PATTERN(p)   "\"type\":\"string\",\"constraints\":{\"pattern\":\"" p "\"}"
#define C STANDARD_CERTAIN
#define L STANDARD_LIKELY
#define O STANDARD_OPEN

static const struct cell_case cells[] = {
    {"\"type\":\"integer\"", " 12 ", "12", "trim", C},
    {"\"type\":\"integer\"",
     "\xe3\x80\x80"
     "12\xc2\xa0",
     "12", "trim", C},
    {"\"type\":\"integer\"", "１２", "12", "width", C},
    {"\"type\":\"integer\"", "1,234", "1234", "number", C},
    {"\"type\":\"integer\"", "1.234", "1234", "number", O},
    {"\"type\":\"integer\"", "12.00", "12", "number", C},
    {"\"type\":\"integer\"", "12.5", NULL, NULL, C},
    {"\"type\":\"integer\"", "1,23", NULL, NULL, C},
    {"\"type\":\"integer\"", "(1,234)", "-1234", "number", L},
    {"\"type\":\"integer\"", "5-", "-5", "number", L},
    {"\"type\":\"integer\"", "−5", "-5", "number", C},
    {"\"type\":\"number\"", "1,234.5", "1234.5", "number", C},
    {"\"type\":\"number\"", "1.234,5", "1234.5", "number", C},
    {"\"type\":\"number\"", "1 234.5", "1234.5", "number", C},
    {"\"type\":\"number\"", "12,5", "12.5", "number", C},
    {"\"type\":\"number\"", "1,234", "1.234|1234", "number", O},
    {"\"type\":\"number\",\"decimalChar\":\",\"", "1,234.5", "1234,5", "number", C},
    {"\"type\":\"number\",\"unit\":\"元\"", "12.5万元", "125000", "unit", C},
    {"\"type\":\"number\",\"unit\":\"kg\"", "250 g", "0.25", "unit", C},
    {"\"type\":\"number\",\"unit\":\"kg\"", "1,5 t", "1500", "unit", C},
    {"\"type\":\"number\",\"unit\":\"km\"", "5 m2", NULL, NULL, C},
    {"\"type\":\"number\",\"unit\":\"m\"", "0.05km", "50", "unit", C},
    {"\"type\":\"number\",\"unit\":\"m\"", "5 mm", "0.005", "unit", C},
    {"\"type\":\"number\"", "12.5万元", "12.5|125000", "unit", O},
    {"\"type\":\"number\"", "15%", "15|0.15", "unit", O},
    {"\"type\":\"boolean\"", "Yes", "true", "boolean", C},
    {"\"type\":\"boolean\"", "否", "false", "boolean", C},
    {"\"type\":\"boolean\"", "maybe", NULL, NULL, C},
    {"\"type\":\"date\"", "2024/3/9", "2024-03-09", "date", C},
    {"\"type\":\"date\"", "2024年3月9日", "2024-03-09", "date", C},
    {"\"type\":\"date\"", "20240309", "2024-03-09", "date", C},
    {"\"type\":\"date\"", "2024-03-09 00:00:00", "2024-03-09", "date", C},
    {"\"type\":\"date\"", "2024-03-09 10:00", "2024-03-09", "date", L},
    {"\"type\":\"date\"", "13/04/1999", "1999-04-13", "date", C},
    {"\"type\":\"date\"", "03/04/1999", "1999-04-03|1999-03-04", "date", O},
    {"\"type\":\"date\"", "04/04/1999", "1999-04-04", "date", C},
    {"\"type\":\"date\"", "9 Mar 2024", "2024-03-09", "date", C},
    {"\"type\":\"date\"", "45360", "2024-03-09|2028-03-10", "date", O},
    {"\"type\":\"date\"", "2024-02-30", NULL, NULL, C},
    {"\"type\":\"date\"", "soon", NULL, NULL, C},
    {"\"type\":\"date\",\"format\":\"%d.%m.%Y\"", "2024-03-09", "09.03.2024", "date", C},
    {"\"type\":\"datetime\"", "2024-03-09 10:30", "2024-03-09T10:30:00", "date", C},
    {"\"type\":\"datetime\"", "2024-03-09", "2024-03-09T00:00:00", "date", O},
    {"\"type\":\"time\"", "9:05", "09:05:00", "date", C},
    {"\"type\":\"yearmonth\"", "2024年3月", "2024-03", "date", C},
    {"\"type\":\"yearmonth\"", "2024-03-09", "2024-03", "date", L},
    {"\"type\":\"year\"", "2024年", "2024", "date", C},
    {"\"type\":\"date\"", "N/A", "", "missing", L},
    {"\"type\":\"date\",\"constraints\":{\"required\":true}", "N/A", NULL, NULL, C},
    {"\"type\":\"date\"", "  ", "", "trim", C},
    {ENUM("\"Open\",\"Shut\""), "open", "Open", "case", C},
    {ENUM("\"Open\",\"Shut\""), "ＯＰＥＮ", "Open", "case", C},
    {ENUM("\"Kept\",\"Killed\""), "Kelt", "Kept", "spelling", L},
    {ENUM("\"kept\",\"kelp\""), "kelt", "kept|kelp", "spelling", O},
    {ENUM("\"approved\",\"rejected\""), "aproved", "approved", "spelling", L},
    {ENUM("\"approved\",\"rejected\""), "appoved ", "approved", "spelling", L},
    {ENUM("\"approved\",\"rejected\""), "withdrawn", NULL, NULL, C},
    {ENUM("\"110101\",\"110102\""), "110103", NULL, NULL, C},
    {ENUM("\"01\",\"02\""), "1", "01", "zeros", L},
    {ENUM("\"110000\",\"120000\""), "11", "110000", "zeros", L},
    {ENUM("\"110101\",\"110102\""), "110101.0", "110101", "spreadsheet", L},
    {ENUM("\"区\",\"县\""), "市", NULL, NULL, C},
    {"\"type\":\"string\",\"categories\":[{\"value\":\"1\",\"label\":\"男\"},{\"value\":\"2\","
     "\"label\":\"女\"}]",
     "男 ", "1", "label", C},
    {PATTERN("[0-9]{6}"), "1101", "001101", "zeros", L},
    {PATTERN("[0-9]{3,6}"), "11", "011|0011|00011|000011", "zeros", O},
    {PATTERN("[0-9]{6}"), "'110101", "110101", "spreadsheet", C},
    {PATTERN("[0-9]{6}"), "110101.0", "110101", "spreadsheet", L},
    {PATTERN("[A-Z]{3}"), "abc", "ABC", "case", L},
    {PATTERN("[0-9]{11}"), "138-0013 8000", "13800138000", "marks", L},
    {PATTERN("[0-9]{11}"), "none at all", NULL, NULL, C},
    {"\"type\":\"integer\",\"constraints\":{\"maximum\":100}", "1,234", NULL, NULL, C},
};

static void expect_cell(const struct cell_case *c) {
    char json[600], csv[300], wanted[300] = "";
    snprintf(json, sizeof(json), "{\"fields\":[{\"name\":\"a\",%s},{\"name\":\"b\"}]}", c->field);
    snprintf(csv, sizeof(csv), "a,b\n\"%s\",x\n", c->before);
    struct repairing r = propose(json, pd_str_from(csv), NULL, NULL);
    if (!c->after) {
        if (r.repairs.count != 0 || r.repairs.unmended != 1)
            fail_msg("%s: \"%s\": something is proposed: %.*s", c->field, c->before,
                     pd_arg(r.repairs.count ? r.list[0].after : PD_STR("")));
        finish(&r);
        return;
    }
    if (r.repairs.count != 1)
        fail_msg("%s: \"%s\": nothing is proposed", c->field, c->before);
    const struct standard_repair *one = &r.list[0];
    for (size_t i = 0; i < one->choice_count; i++)
        snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%.*s", i ? "|" : "",
                 pd_arg(one->choices[i]));
    if (one->choice_count == 0)
        snprintf(wanted, sizeof(wanted), "%.*s", pd_arg(one->after));
    if (strcmp(wanted, c->after) != 0 || one->confidence != c->confidence ||
        (c->confidence != O && strcmp(standard_method_name(one->method), c->method) != 0))
        fail_msg("%s: \"%s\": \"%s\" by %s, %s", c->field, c->before, wanted,
                 standard_method_name(one->method), standard_confidence_name(one->confidence));
    assert_true(one->why.len > 0);
    assert_true((one->confidence == O) == (one->after.data == NULL));
    finish(&r);
}

static void a_failing_cell_gets_what_it_can_only_mean(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        expect_cell(&cells[i]);
}

/* ---- Rows, names, other sources ---- */

static const char PEOPLE[] =
    "{\"fieldsMatch\":\"partial\",\"fields\":[{\"name\":\"id\",\"constraints\":{\"required\":true}}"
    ","
    "{\"name\":\"sex\",\"type\":\"string\",\"constraints\":{\"required\":true}},"
    "{\"name\":\"born\",\"type\":\"date\",\"titles\":{\"zh\":\"出生日期\"},"
    "\"constraints\":{\"required\":true}}],"
    "\"primaryKey\":\"id\",\"rules\":[{\"name\":\"sex\",\"rule\":\"reference\",\"field\":\"sex\","
    "\"values\":[{\"value\":\"1\",\"labels\":[\"男\",\"male\"]},{\"value\":\"2\",\"label\":\"女\"}]"
    "},"
    "{\"name\":\"born\",\"rule\":\"derived\",\"from\":\"id\",\"field\":\"born\","
    "\"how\":\"cn-id-birth\"}]}";

static const struct standard_repair *find(const struct repairing *r, uint64_t row,
                                          const char *column) {
    for (size_t i = 0; i < r->repairs.count; i++)
        if (r->list[i].row == row && pd_str_is(r->list[i].column, column))
            return &r->list[i];
    fail_msg("no repair of row %d, %s", (int)row, column);
    return NULL;
}

static void only_a_row_that_is_equal_in_all_cells_is_dropped(void **state) {
    (void)state;
    pd_str csv = PD_STR("id,sex,born\n1,1,2000-01-01\n1,1,2000-01-01\n1,2,2000-01-01\n");
    struct repairing r = propose(PEOPLE, csv, NULL, NULL);
    struct pd_error err = {0};
    assert_int_equal(r.repairs.count, 1);
    assert_int_equal(r.list[0].row, 2);
    assert_int_equal(r.list[0].method, STANDARD_DROP);
    assert_int_equal(r.repairs.unmended, 1);
    agree_all(&r);
    assert_int_equal(apply(&r, csv, &err), PD_OK);
    assert_true(pd_str_is(pd_buf_view(&r.out), "id,sex,born\n1,1,2000-01-01\n1,2,2000-01-01\n"));
    finish(&r);
}

static void a_column_of_another_name_is_the_field_that_it_must_be(void **state) {
    (void)state;
    pd_str csv = PD_STR("ID ,Ｓｅｘ,出生日期,other\n1,男,2000/1/1,x\n");
    struct repairing r = propose(PEOPLE, csv, NULL, NULL);
    struct pd_error err = {0};
    assert_int_equal(find(&r, 0, "ID ")->confidence, C);
    assert_int_equal(find(&r, 0, "Ｓｅｘ")->confidence, C);
    assert_int_equal(find(&r, 0, "出生日期")->confidence, L);
    assert_int_equal(find(&r, 1, "出生日期")->method, STANDARD_MOMENT);
    agree_all(&r);
    assert_int_equal(apply(&r, csv, &err), PD_OK);
    assert_true(pd_str_is(pd_buf_view(&r.out), "id,sex,born,other\n1,1,2000-01-01,x\n"));
    finish(&r);
}

static void an_identifier_says_when_somebody_was_born_and_a_contradiction_is_open(void **state) {
    (void)state;
    pd_str csv = PD_STR("id,sex,born\n11010519491231002X,1,\n11010519491231002X,2,1949-12-30\n");
    struct repairing r = propose(PEOPLE, csv, NULL, NULL);
    assert_true(pd_str_is(find(&r, 1, "born")->after, "1949-12-31"));
    assert_int_equal(find(&r, 1, "born")->confidence, C);
    assert_int_equal(find(&r, 2, "born")->confidence, O);
    finish(&r);
}

static void an_authoritative_table_fills_what_is_missing(void **state) {
    (void)state;
    pd_str csv = PD_STR("id,sex,born\na,,\nb,x,2000-01-01\nc,1,\nd,,2000-01-01\ne,女,2000-01-01\n");
    struct repairing r = propose(PEOPLE, csv,
                                 "id,born,sex\na,1990-05-05,2\nb,2000-01-01,2\nc,never,1\n"
                                 "d,2000-01-01,1\nd,2000-01-01,2\ne,2000-01-01,1\n",
                                 "id");
    assert_true(pd_str_is(find(&r, 1, "sex")->after, "2"));
    assert_int_equal(find(&r, 1, "sex")->method, STANDARD_FILL);
    assert_true(pd_str_is(find(&r, 1, "born")->after, "1990-05-05"));
    assert_int_equal(find(&r, 2, "sex")->confidence, L); /* it replaces what somebody wrote */
    /* c: what it says is no date; d: it contradicts itself; e: it and the cell say different things
     */
    assert_int_equal(find(&r, 5, "sex")->confidence, O);
    assert_int_equal(find(&r, 5, "sex")->choice_count, 2);
    assert_int_equal(r.repairs.count, 4);
    assert_int_equal(r.repairs.unmended, 2);
    finish(&r);
}

/* ---- Carrying out ---- */

static const struct {
    const char *json; /* of the file's groups */
    enum pd_status status;
    const char *says;
} wrong[] = {
    {"{\"row\":1,\"before\":\"2\",\"after\":\"3\"}", PD_INVALID, "meets the standard"},
    {"{\"row\":2,\"before\":\"y\",\"after\":\"3\"}", PD_CONFLICT, "before"},
    {"{\"row\":2,\"before\":\"x\",\"after\":\"z\"}", PD_INVALID, "would fail, too"},
    {"{\"row\":9,\"before\":\"x\",\"after\":\"3\"}", PD_CONFLICT, "no such row"},
    {"{\"row\":2,\"before\":\"x\",\"after\":\"3\"},{\"row\":2,\"before\":\"x\",\"after\":\"4\"}",
     PD_CONFLICT, "two repairs are of one cell"},
    {"{\"row\":2,\"before\":\"x\"}", PD_INVALID, "group 1, repair 1: is agreed to"},
    {"{\"row\":2,\"befor\":\"x\",\"after\":\"3\"}", PD_INVALID, "do you mean \"before\""},
    {"{\"before\":\"x\",\"after\":\"3\"}", PD_INVALID, "lacks \"row\""},
    {"{\"row\":-2,\"before\":\"x\",\"after\":\"3\"}", PD_INVALID, "whole number"},
    {"7", PD_INVALID, "object in braces"},
};

static void what_a_person_wrote_is_held_against_table_and_standard(void **state) {
    (void)state;
    static const char STANDARD[] = "{\"fields\":[{\"name\":\"a\",\"type\":\"integer\"}]}";
    static const char HASH[] = "0000000000000000000000000000000000000000000000000000000000000000";
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char json[1000];
        pd_str csv = PD_STR("a\n2\nx\n");
        struct pd_error err = {0};
        struct standard_repair_file file;
        snprintf(
            json, sizeof(json),
            "{\"polder_repairs\":1,\"standard\":{\"sha256\":\"%s\"},\"source\":{\"sha256\":"
            "\"%s\"},\"agreed_by\":\"ann\",\"groups\":[{\"column\":\"a\",\"check\":\"type\","
            "\"method\":\"chosen\",\"confidence\":\"open\",\"agreed\":true,\"repairs\":[%s]}]}",
            HASH, HASH, wrong[i].json);
        struct repairing r = propose(STANDARD, csv, NULL, NULL);
        enum pd_status st = standard_repair_parse(pd_str_from(json), r.arena, &file, &err);
        if (st == PD_OK) {
            r.repairs = file.repairs;
            st = apply(&r, csv, &err);
        }
        if (st != wrong[i].status || !strstr(err.text, wrong[i].says))
            fail_msg("%s: %d, %s", wrong[i].json, st, err.text);
        finish(&r);
    }
}

static void a_file_of_repairs_is_read_as_it_was_written(void **state) {
    (void)state;
    pd_str csv = PD_STR("id,Sex,born\n1,男,2000/1/1\n1,男,2000/1/1\n2,1,03/04/1999\n");
    struct repairing r = propose(PEOPLE, csv, NULL, NULL);
    struct standard_repair_file file = {.standard_name = PD_STR("people"),
                                        .source_name = PD_STR("t.csv"),
                                        .agreed_by = PD_STR("ann"),
                                        .repairs = r.repairs},
                                read;
    char hash[65];
    memset(hash, 'a', 64);
    hash[64] = '\0';
    file.standard_hash = file.source_hash = pd_str_from(hash);
    agree_all(&r);
    r.list[1].is_agreed = !r.list[1].is_agreed;
    pd_str texts[2];
    for (int turn = 0; turn < 2; turn++) {
        struct pd_buf buf;
        struct pd_json w;
        struct pd_error err = {0};
        pd_buf_init(&buf, 0);
        pd_json_init(&w, &buf, PD_JSON_PRETTY);
        standard_repair_write(turn ? &read : &file, &w);
        assert_int_equal(pd_json_finish(&w, r.arena, &texts[turn], &err), PD_OK);
        if (standard_repair_parse(texts[turn], r.arena, &read, &err) != PD_OK)
            fail_msg("%s", err.text);
    }
    assert_true(pd_str_eq(texts[0], texts[1]));
    assert_int_equal(read.repairs.count, r.repairs.count);
    for (size_t i = 0; i < read.repairs.count; i++) {
        assert_int_equal(read.repairs.list[i].row, r.list[i].row);
        assert_int_equal(read.repairs.list[i].is_agreed, r.list[i].is_agreed);
        assert_true(pd_str_eq(read.repairs.list[i].after, r.list[i].after));
    }
    finish(&r);
}

/* ---- Properties, over tables of cells that go wrong in every way ---- */

static const char MIXED[] =
    "{\"fields\":[{\"name\":\"id\",\"type\":\"string\",\"constraints\":{\"required\":true,"
    "\"pattern\":\"[0-9A-Z]{3,6}\"}},{\"name\":\"n\",\"type\":\"number\",\"unit\":\"kg\","
    "\"constraints\":{\"minimum\":0}},{\"name\":\"d\",\"type\":\"date\"},"
    "{\"name\":\"c\",\"type\":\"string\",\"constraints\":{\"enum\":[\"Open\",\"Shut\",\"Half-"
    "open\"]}},"
    "{\"name\":\"b\",\"type\":\"boolean\"}],\"primaryKey\":[\"id\"]}";

static const char *const pool[5][12] = {
    {"A01", "B02", "C03", "a04", " D05", "12", "1", "Ｅ０６", "F-07", "", "F08", "A01"},
    {"1", "2.5", "1,234", "1,234.5", "250 g", "−3", "x", " 7 ", "", "N/A", "1e3", "(4)"},
    {"2024-01-02", "2024/1/2", "03/04/2024", "13/04/2024", "2024年1月2日", "", "n/a", "soon",
     "45360", " 2024-01-02", "2024-02-30", "20240102"},
    {"Open", "open", "Shut", "shutt", "Half-opne", "", "?", "OPEN ", "half open", "Shut", "Opened",
     "Open"},
    {"true", "yes", "否", "1", "maybe", "", "Y", "FALSE", "no", "null", " true", "0"}};

static uint64_t next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static pd_str make_table(struct pd_arena *arena, uint64_t seed) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    pd_buf_text(&buf, "id,n,d,c,b\n");
    for (size_t row = 0; row < 40; row++)
        for (size_t c = 0; c < 5; c++)
            pd_buf_printf(&buf, "\"%s\"%s", pool[c][next(&seed) % 12], c == 4 ? "\n" : ",");
    pd_str out = pd_arena_str(arena, pd_buf_view(&buf));
    pd_buf_clear(&buf);
    return out;
}

/* The cells of a table, row after row. */
struct grid {
    struct pd_arena *arena;
    pd_str cells[4096];
    size_t count;
};

static enum pd_status keep_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct grid *g = context;
    (void)err;
    for (size_t r = 0; r < batch->rows; r++)
        for (size_t c = 0; c < batch->columns; c++)
            g->cells[g->count++] = pd_arena_str(g->arena, table_cell_text(batch, c, r));
    return PD_OK;
}

static void cells_of(pd_str csv, struct grid *out) {
    struct pd_error err = {0};
    out->count = 0;
    assert_int_equal(read_csv((struct table_handler){out, NULL, keep_batch, NULL}, csv, &err),
                     PD_OK);
}

/* What was shown, done by hand: the cells that must come out. */
static void expect_as_shown(const struct repairing *r, struct grid *before,
                            const struct grid *after) {
    static const char *const names[] = {"id", "n", "d", "c", "b"};
    bool is_dropped[1000] = {false};
    for (size_t i = 0; i < r->repairs.count; i++) {
        const struct standard_repair *one = &r->list[i];
        if (!one->is_agreed)
            continue;
        if (one->method == STANDARD_DROP) {
            is_dropped[one->row - 1] = true;
            continue;
        }
        for (size_t c = 0; c < 5; c++)
            if (pd_str_is(one->column, names[c])) {
                pd_str *cell = &before->cells[5 * (one->row - 1) + c];
                assert_true(pd_str_eq(*cell, one->before));
                *cell = one->after;
            }
    }
    size_t at = 0;
    for (size_t row = 0; row < before->count / 5; row++)
        for (size_t c = 0; !is_dropped[row] && c < 5; c++)
            assert_true(pd_str_eq(after->cells[at++], before->cells[5 * row + c]));
    assert_int_equal(at, after->count);
}

static uint64_t failures_of(pd_str csv) {
    struct checking c = begin(MIXED, (struct standard_options){0});
    run_table(&c, csv.data);
    uint64_t failures = c.report->failures;
    end(&c);
    return failures;
}

static void applied_is_what_was_shown_and_nothing_is_repaired_twice(void **state) {
    (void)state;
    struct grid *before = calloc(1, sizeof(*before)), *after = calloc(1, sizeof(*after));
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
        pd_str table = make_table(arena, seed);
        uint64_t failures = failures_of(table);
        size_t last = SIZE_MAX;
        before->arena = after->arena = arena;
        for (int turn = 0; turn < 4; turn++) {
            struct repairing r = propose(MIXED, table, NULL, NULL);
            struct pd_error err = {0};
            size_t agreed = 0;
            agree_all(&r);
            for (size_t i = 0; i < r.repairs.count; i++)
                agreed += r.list[i].is_agreed;
            if (apply(&r, table, &err) != PD_OK)
                fail_msg("seed %d: %s", (int)seed, err.text);
            assert_int_equal(r.done, agreed);
            cells_of(table, before);
            cells_of(pd_buf_view(&r.out), after);
            expect_as_shown(&r, before, after);
            /* A later turn may only drop rows that repairs have made equal, or mend ones that a
             * dropped row stood before. */
            assert_true(agreed < last || agreed == 0);
            last = agreed;
            table = pd_arena_str(arena, pd_buf_view(&r.out));
            finish(&r);
        }
        assert_int_equal(last, 0);
        assert_true(failures_of(table) < failures);
        pd_arena_free(arena);
    }
    free(before);
    free(after);
}

static void what_nobody_agreed_to_stays(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
    pd_str table = make_table(arena, 7);
    struct grid *before = calloc(1, sizeof(*before)), *after = calloc(1, sizeof(*after));
    struct repairing r = propose(MIXED, table, NULL, NULL);
    struct pd_error err = {0};
    before->arena = after->arena = arena;
    assert_true(r.repairs.count > 0);
    assert_int_equal(apply(&r, table, &err), PD_OK);
    cells_of(table, before);
    cells_of(pd_buf_view(&r.out), after);
    expect_as_shown(&r, before, after);
    assert_int_equal(r.done, 0);
    finish(&r);
    free(before);
    free(after);
    pd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_cell_gets_what_it_can_only_mean),
        cmocka_unit_test(only_a_row_that_is_equal_in_all_cells_is_dropped),
        cmocka_unit_test(a_column_of_another_name_is_the_field_that_it_must_be),
        cmocka_unit_test(an_identifier_says_when_somebody_was_born_and_a_contradiction_is_open),
        cmocka_unit_test(an_authoritative_table_fills_what_is_missing),
        cmocka_unit_test(what_a_person_wrote_is_held_against_table_and_standard),
        cmocka_unit_test(a_file_of_repairs_is_read_as_it_was_written),
        cmocka_unit_test(applied_is_what_was_shown_and_nothing_is_repaired_twice),
        cmocka_unit_test(what_nobody_agreed_to_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
