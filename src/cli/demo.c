/*
 * `polder demo table`: synthetic tables to try Polder with. Rows are made one by one and written as
 * they come, so that memory doesn't grow with the table. The first rows of a longer table are those
 * of a shorter one.
 */
#include "cli/cli.h"
#include "cli/demo_impl.h"

#include "table/table.h"

#include <inttypes.h>
#include <string.h>

enum { ROWS_MAX = 100000000, FIRST_ENTITIES = 100 };

static const char *const LANGUAGES[DEMO_LANGUAGE_COUNT] = {[DEMO_EN] = "en", [DEMO_ZH] = "zh"};

static enum pd_status find_kind(const char *name, const struct demo_kind **out,
                                struct pd_error *err) {
    const char *names[DEMO_KIND_COUNT];
    char list[128] = "";
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        names[i] = cli_demo_kinds[i].name;
        if (!strcmp(name, names[i])) {
            *out = &cli_demo_kinds[i];
            return PD_OK;
        }
        size_t at = strlen(list);
        snprintf(list + at, sizeof(list) - at, "%s%s", at > 0 ? ", " : "", names[i]);
    }
    const char *near = pd_nearest_name(name, names, DEMO_KIND_COUNT);
    return pd_fail(err, PD_USAGE, "there is no demo table \"%s\"%s%s%s; the kinds are: %s", name,
                   near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "", list);
}

static enum pd_status read_number(const struct pd_args *args, const char *option, uint64_t most,
                                  uint64_t *out, struct pd_error *err) {
    const char *text = pd_args_get(args, option);
    if (text && pd_parse_u64(pd_str_from(text), out) && *out <= most)
        return PD_OK;
    return pd_fail(err, PD_USAGE, "--%s=%s: must be a whole number from 0 to %" PRIu64, option,
                   text ? text : "", most);
}

static enum pd_status read_order(const struct pd_args *args, struct demo_order *out,
                                 struct pd_error *err) {
    enum pd_status st = find_kind(pd_args_operand(args, 0), &out->kind, err);
    if (st == PD_OK)
        st = read_number(args, "rows", ROWS_MAX, &out->rows, err);
    if (st == PD_OK)
        st = read_number(args, "seed", UINT64_MAX, &out->seed, err);
    const char *language = pd_args_get(args, "language");
    if (st != PD_OK || !language)
        return st;
    for (int i = 0; i < DEMO_LANGUAGE_COUNT; i++) {
        if (!strcmp(language, LANGUAGES[i])) {
            out->language = (enum demo_language)i;
            return PD_OK;
        }
    }
    return pd_fail(err, PD_USAGE, "--language=%s: demo tables are written in en or zh", language);
}

static enum pd_status write_to_stdout(void *context, const void *bytes, size_t n,
                                      struct pd_error *err) {
    (void)context;
    if (fwrite(bytes, 1, n, stdout) != n)
        return pd_fail_errno(err, PD_IO, "write the table to standard output");
    return PD_OK;
}

static void start_row(struct demo_row *row, const struct demo_order *order, uint64_t number) {
    const struct demo_kind *kind = order->kind;
    uint64_t place = (uint64_t)(kind - cli_demo_kinds) * 2;
    *row = (struct demo_row){.language = order->language, .seed = order->seed, .number = number};
    row->row = cli_demo_stream(order->seed, place, number);
    row->entity = number;
    if (kind->many > 0)
        row->entity =
            cli_demo_below(&row->row, FIRST_ENTITIES + (uint32_t)(number * kind->many / kind->per));
    row->life = cli_demo_stream(order->seed, place + 1, row->entity);
    kind->draw(row);
}

static enum pd_status write_row(struct demo_row *row, const struct demo_kind *kind,
                                struct table_writer *writer, struct pd_error *err) {
    pd_str cells[DEMO_COLUMNS_MAX];
    for (size_t c = 0; c < kind->column_count; c++) {
        const struct demo_column *column = &kind->columns[c];
        size_t start = row->used;
        if (cli_demo_below(&row->row, 1000) >= column->empty)
            column->put(row, column->what);
        cells[c] = (pd_str){row->bytes + start, row->used - start};
    }
    return table_write_row(writer, cells, kind->column_count, err);
}

enum pd_status cli_demo_write(const struct demo_order *order, struct table_writer *writer,
                              struct pd_error *err) {
    const struct demo_kind *kind = order->kind;
    pd_str headers[DEMO_COLUMNS_MAX];
    for (size_t c = 0; c < kind->column_count; c++)
        headers[c] = pd_str_from(kind->columns[c].header[order->language]);
    enum pd_status st = table_write_row(writer, headers, kind->column_count, err);
    for (uint64_t n = 0; n < order->rows && st == PD_OK; n++) {
        struct demo_row row;
        start_row(&row, order, n);
        st = write_row(&row, kind, writer, err);
    }
    return st == PD_OK ? table_writer_finish(writer, err) : st;
}

int cli_demo_table(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command, (void)context;
    struct pd_error err = {0};
    struct demo_order order = {.language = DEMO_EN};
    struct table_writer *writer = NULL;
    const struct table_sink sink = {.write = write_to_stdout};
    enum pd_status st = read_order(args, &order, &err);
    if (st == PD_OK)
        st = table_writer_new(NULL, &sink, &writer, &err);
    if (st == PD_OK)
        st = cli_demo_write(&order, writer, &err);
    if (st == PD_OK && fflush(stdout) != 0)
        st = pd_fail_errno(&err, PD_IO, "write the table to standard output");
    table_writer_free(writer);
    return st == PD_OK ? 0 : cli_fail(&err);
}
