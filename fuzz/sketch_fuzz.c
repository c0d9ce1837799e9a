/* Sketches of inspections, whole by their sum whatever they hold: what loads is told, saved to
   bytes that load again, and merged with itself. */
#include "inspect/inspect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

/* The sum at the end is made right, so that what is damaged is found by looking at what it is. */
static struct inspector *load(const uint8_t *data, size_t size, bool is_given) {
    struct pd_buf bytes;
    struct pd_error err = {0};
    struct inspector *inspector = NULL;
    pd_buf_init(&bytes, 0);
    if (is_given) {
        pd_buf_add(&bytes, data, size);
    } else if (size >= 8) {
        pd_buf_add(&bytes, data, size - 8);
        sketch_save_fixed(&bytes, sketch_hash(bytes.data, bytes.len, 0));
    }
    if (inspector_load(pd_buf_view(&bytes), &inspector, &err) != PD_OK) {
        check(inspector == NULL && err.text[0] != '\0');
        check(err.status == PD_INVALID || err.status == PD_LIMIT);
    }
    pd_buf_clear(&bytes);
    return inspector;
}

/* Returns the rows told of. */
static uint64_t tell(const struct inspector *inspector) {
    struct pd_arena *arena = pd_arena_new((size_t)1 << 28);
    const struct inspection *told = NULL;
    struct pd_error err = {0};
    uint64_t rows = 0;
    check(arena != NULL);
    if (inspector_finish(inspector, arena, &told, &err) == PD_OK) {
        struct pd_buf out;
        struct pd_json json;
        pd_buf_init(&out, 0);
        pd_json_init(&json, &out, PD_JSON_COMPACT);
        inspection_write_json(told, true, &json);
        pd_json_clear(&json);
        check(told->column_count == inspector_columns(inspector));
        rows = told->rows;
        pd_buf_clear(&out);
    } else {
        check(err.status == PD_LIMIT);
    }
    pd_arena_free(arena);
    return rows;
}

/* What was loaded is saved as bytes that load, and are then saved the same. */
static void save(const struct inspector *inspector) {
    struct pd_buf once, again;
    struct pd_error err = {0};
    pd_buf_init(&once, 0);
    pd_buf_init(&again, 0);
    check(inspector_save(inspector, &once, &err) == PD_OK);
    struct inspector *loaded = load((const uint8_t *)once.data, once.len, true);
    check(loaded != NULL);
    check(inspector_save(loaded, &again, &err) == PD_OK);
    check(pd_str_eq(pd_buf_view(&once), pd_buf_view(&again)));
    inspector_free(loaded);
    pd_buf_clear(&once);
    pd_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct inspector *inspector = load(data, size, false), *same = load(data, size, false);
    struct pd_error err = {0};
    check((inspector == NULL) == (same == NULL));
    if (inspector) {
        uint64_t rows = tell(inspector);
        save(inspector);
        if (inspector_merge(inspector, same, &err) == PD_OK)
            check(tell(inspector) == 2 * rows || rows == 0);
        else
            check(err.status == PD_LIMIT);
    }
    inspector_free(inspector);
    inspector_free(same);
    return 0;
}
