/*
 * Plans come from storage and peers, cells from anybody: the first line of the input is read as a
 * plan, the rest is a cell. An accepted plan reads back the same; no step runs wild on the cell.
 */
#include <stdlib.h>

#include "protect/protect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const pd_str NAMES[] = {PD_STR_INIT("id"), PD_STR_INIT("born"), PD_STR_INIT("age"),
                               PD_STR_INIT("postcode"), PD_STR_INIT("note")};
enum { COLUMNS = sizeof(NAMES) / sizeof(NAMES[0]) };

static void write_plan(const struct protect_plan *plan, struct pd_buf *out) {
    struct pd_json w;
    struct pd_error err;
    pd_buf_init(out, 0);
    pd_json_init(&w, out, PD_JSON_CANONICAL);
    if (protect_plan_write(plan, NAMES, COLUMNS, &w, &err) != PD_OK)
        abort();
    pd_json_clear(&w);
}

static void check_plan(const struct protect_plan *plan, struct pd_arena *arena) {
    const struct protect_plan *again;
    struct pd_buf first, second;
    struct pd_error err;
    write_plan(plan, &first);
    if (protect_plan_parse(pd_buf_view(&first), NAMES, COLUMNS, arena, &again, &err) != PD_OK)
        abort();
    write_plan(again, &second);
    if (!pd_str_eq(pd_buf_view(&first), pd_buf_view(&second)))
        abort();
    pd_buf_clear(&first);
    pd_buf_clear(&second);
}

/* Any cell becomes valid text; a prefix of a prefix is the same prefix. */
static void check_cell(const struct protect_step *step, pd_str cell) {
    static const uint8_t key[CRYPTO_KEY_SIZE] = {1};
    struct pd_buf once, twice;
    pd_buf_init(&once, 0);
    pd_buf_init(&twice, 0);
    (void)protect_cell(step, NAMES[step->column], key, cell, &once);
    if (once.failed || !pd_utf8_valid(pd_buf_view(&once), NULL))
        abort();
    (void)protect_cell(step, NAMES[step->column], key, pd_buf_view(&once), &twice);
    if (step->method == PROTECT_GENERALISE_TEXT &&
        !pd_str_eq(pd_buf_view(&once), pd_buf_view(&twice)))
        abort();
    pd_buf_clear(&once);
    pd_buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size};
    size_t line = pd_str_find_char(text, '\n');
    pd_str cell = line == PD_NPOS ? (pd_str){0} : pd_str_sub(text, line + 1, size);
    const struct protect_plan *plan;
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    enum pd_status status =
        protect_plan_parse(pd_str_sub(text, 0, line), NAMES, COLUMNS, arena, &plan, &err);
    if (status == PD_OK) {
        check_plan(plan, arena);
        for (size_t i = 0; i < plan->step_count && pd_utf8_valid(cell, NULL); i++)
            check_cell(&plan->steps[i], cell);
    } else if (err.text[0] == '\0') {
        abort();
    }
    pd_arena_free(arena);
    return 0;
}
