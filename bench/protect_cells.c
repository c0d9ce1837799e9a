/*
 * bench_protect_cells [MEGABYTES [METHOD]]: how fast a table is protected, cell by cell, on one
 * core.
 *
 * A table of persons (CSV, made from a fixed seed) lies in memory, is read by table/, carried
 * through protect_apply and written to nowhere, once for each method; `read and write` keeps all
 * columns, so that what the methods add can be seen. Then single values: keyed pseudonyms that no
 * cache knows, and FF1 of nine digits.
 *
 * Prints name TAB milliseconds of processor TAB what came out.
 */
#include "bench.h"
#include "crypto/crypto.h"
#include "protect/ff1.h"
#include "protect/protect.h"

#include <inttypes.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { COLUMNS = 8, VALUES = 2000000 };
static const pd_str NAMES[COLUMNS] = {
    PD_STR_INIT("id"),       PD_STR_INIT("name"),  PD_STR_INIT("born"),   PD_STR_INIT("age"),
    PD_STR_INIT("postcode"), PD_STR_INIT("phone"), PD_STR_INIT("income"), PD_STR_INIT("note")};
static const uint8_t KEY[CRYPTO_KEY_SIZE] = {1, 2, 3};

static uint64_t state_of_random = 1;
static unsigned draw(unsigned below) {
    state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(state_of_random >> 33) % below;
}

static void make_table(size_t bytes, struct pd_buf *out) {
    static const char *const GIVEN[] = {"Anna", "Bram", "Chen Wei", "Dilnoza", "Erik", "Fatima"},
                             *const FAMILY[] = {"Jansen", "de Vries", "Li", "Kowalski", "Yilmaz"};
    char line[256];
    pd_buf_init(out, 0);
    pd_buf_text(out, "id,name,born,age,postcode,phone,income,note\n");
    for (unsigned id = 100000000; out->len < bytes; id += 1 + draw(9)) {
        unsigned year = 1930 + draw(90);
        snprintf(line, sizeof(line),
                 "%u,%s %s,%u-%02u-%02u,%u,%06u,138%08u,%u.%02u,asked for a permit in ward %u\n",
                 id, GIVEN[draw(COUNT(GIVEN))], FAMILY[draw(COUNT(FAMILY))], year, 1 + draw(12),
                 1 + draw(28), 2025 - year, draw(1000000), draw(100000000), 900 + draw(90000),
                 draw(100), draw(40));
        pd_buf_text(out, line);
    }
    if (out->failed)
        exit(71);
}

/* ---- A whole table ---- */

static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    return protect_apply_feed(context, batch, err);
}

static enum pd_status write_nowhere(void *context, const void *data, size_t n,
                                    struct pd_error *err) {
    (void)data, (void)err;
    *(uint64_t *)context += n;
    return PD_OK;
}

static void carry(const char *what, pd_str csv, const struct protect_step *steps, size_t count) {
    const struct protect_plan plan = {.steps = steps, .step_count = count};
    struct pd_error err = {0};
    struct protect_report report;
    struct protect_apply *apply;
    struct table_writer *writer;
    struct table_reader *reader;
    uint64_t written = 0;
    const struct table_sink sink = {.context = &written, .write = write_nowhere};
    double before = bench_cpu_seconds();
    bench_must(table_writer_new(NULL, &sink, &writer, &err), &err);
    bench_must(protect_apply_new(&plan, NAMES, COLUMNS, NULL, KEY, writer, &apply, &err), &err);
    const struct table_handler handler = {.context = apply, .batch = take_batch};
    bench_must(table_reader_new(NULL, NULL, &handler, &reader, &err), &err);
    bench_must(table_feed(reader, csv.data, csv.len, &err), &err);
    bench_must(table_finish(reader, &err), &err);
    bench_must(protect_apply_finish(apply, &report, &err), &err);
    bench_must(table_writer_finish(writer, &err), &err);
    double seconds = bench_cpu_seconds() - before;
    printf("%s\t%.1f\t%.0f MB/s of table, %" PRIu64 " rows, %" PRIu64 " not of their type\n", what,
           seconds * 1e3, (double)csv.len / seconds / 1e6, report.rows_out, report.not_of_type);
    protect_apply_free(apply);
    table_reader_free(reader);
    table_writer_free(writer);
}

static const struct protect_step MASK[] = {{.column = 1, .method = PROTECT_MASK},
                                           {.column = 5, .method = PROTECT_MASK}};
static const struct protect_step GENERALISE[] = {
    {.column = 2, .method = PROTECT_GENERALISE_DATE, .date = PROTECT_YEAR},
    {.column = 3, .method = PROTECT_GENERALISE_NUMBER, .width = {10, 0}, .whole = true},
    {.column = 4, .method = PROTECT_GENERALISE_TEXT, .keep = 3},
    {.column = 6, .method = PROTECT_ROUND, .width = {100, 0}}};
static const struct protect_step PSEUDONYM[] = {{.column = 0, .method = PROTECT_PSEUDONYM}};
static const struct protect_step FORMAT[] = {
    {.column = 0, .method = PROTECT_FORMAT_PRESERVING, .format = PROTECT_FORMAT_DIGITS}};

static const struct {
    const char *what;
    const struct protect_step *steps;
    size_t count;
} METHODS[] = {
    {"read and write", NULL, 0},
    {"mask 2 of 8 columns", MASK, COUNT(MASK)},
    {"generalise 4 of 8 columns", GENERALISE, COUNT(GENERALISE)},
    {"dates, 1 of 8 columns", GENERALISE, 1},
    {"numbers, 1 of 8 columns", GENERALISE + 1, 1},
    {"prefixes, 1 of 8 columns", GENERALISE + 2, 1},
    {"round, 1 of 8 columns", GENERALISE + 3, 1},
    {"pseudonym, 1 of 8 columns", PSEUDONYM, COUNT(PSEUDONYM)},
    {"format-preserving, 1 of 8 columns", FORMAT, COUNT(FORMAT)},
};

/* ---- Single values ---- */

static void say_values(const char *what, double seconds) {
    printf("%s\t%.1f\t%.2f million values/s\n", what, seconds * 1e3, VALUES / seconds / 1e6);
}

/* Nine columns' worth of applying would hide it: the cells of one column, one row each. */
static void pseudonyms(void) {
    struct pd_buf csv;
    char line[32];
    pd_buf_init(&csv, 0);
    pd_buf_text(&csv, "id\n");
    for (unsigned i = 0; i < VALUES; i++) {
        snprintf(line, sizeof(line), "%09u\n", i * 37 % 1000000000);
        pd_buf_text(&csv, line);
    }
    static const pd_str ID[] = {PD_STR_INIT("id")};
    static const struct protect_step KEEP_NONE[] = {{.column = 0, .method = PROTECT_PSEUDONYM}};
    double seconds[2];
    for (int with = 0; with < 2; with++) {
        const struct protect_plan plan = {.steps = KEEP_NONE, .step_count = (size_t)with};
        struct pd_error err = {0};
        struct protect_apply *apply;
        struct table_writer *writer;
        struct table_reader *reader;
        uint64_t written = 0;
        const struct table_sink sink = {.context = &written, .write = write_nowhere};
        double before = bench_cpu_seconds();
        bench_must(table_writer_new(NULL, &sink, &writer, &err), &err);
        bench_must(protect_apply_new(&plan, ID, 1, NULL, KEY, writer, &apply, &err), &err);
        const struct table_handler handler = {.context = apply, .batch = take_batch};
        bench_must(table_reader_new(NULL, NULL, &handler, &reader, &err), &err);
        bench_must(table_feed(reader, csv.data, csv.len, &err), &err);
        bench_must(table_finish(reader, &err), &err);
        seconds[with] = bench_cpu_seconds() - before;
        protect_apply_free(apply);
        table_reader_free(reader);
        table_writer_free(writer);
    }
    pd_buf_clear(&csv);
    say_values("pseudonyms of a column, read and written", seconds[1]);
    say_values("pseudonyms, reading and writing taken off", seconds[1] - seconds[0]);
}

static void ff1(void) {
    struct pd_error err = {0};
    struct protect_ff1 *ff1;
    uint16_t digits[9] = {0};
    bench_must(protect_ff1_new(KEY, sizeof(KEY), 10, &ff1, &err), &err);
    double before = bench_cpu_seconds();
    for (unsigned i = 0; i < VALUES; i++) {
        digits[i % COUNT(digits)] = (uint16_t)(i % 10);
        bench_must(protect_ff1_encrypt(ff1, (pd_str){0}, digits, COUNT(digits), &err), &err);
    }
    say_values("FF1, nine digits, AES-256", bench_cpu_seconds() - before);
    protect_ff1_free(ff1);
}

int main(int argc, char **argv) {
    struct pd_buf csv;
    make_table((argc > 1 ? strtoull(argv[1], NULL, 10) : 50) * 1000000, &csv);
    for (size_t i = 0; i < COUNT(METHODS); i++)
        if (argc < 3 || strstr(METHODS[i].what, argv[2]))
            carry(METHODS[i].what, pd_buf_view(&csv), METHODS[i].steps, METHODS[i].count);
    pd_buf_clear(&csv);
    if (argc < 3) {
        pseudonyms();
        ff1();
    }
    return 0;
}
