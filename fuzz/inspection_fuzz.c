/*
 * The bytes of an inspection that was saved elsewhere: what loads can be told, merged, and saved to
 * the same bytes. The checksum at the end is made right, or nothing would get past it.
 */
#include <stdlib.h>

#include "inspect/inspect.h"

static void tell(const struct inspector *inspector) {
    struct pd_error err;
    const struct inspection *found;
    struct pd_buf out = {0};
    struct pd_json w;
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    if (arena == NULL)
        abort();
    if (inspector_finish(inspector, arena, &found, &err) == PD_OK) {
        pd_json_init(&w, &out, PD_JSON_COMPACT);
        inspection_write_json(found, true, &w);
        pd_json_clear(&w);
        pd_buf_clear(&out);
    }
    pd_arena_free(arena);
}

static void check(struct inspector *a) {
    struct pd_error err;
    struct pd_buf again = {0};
    struct inspector *b = NULL;
    tell(a);
    if (inspector_save(a, &again, &err) != PD_OK)
        abort();
    /* What was loaded from other bytes that mean the same (a number written longer) is saved in one
       way only: so the second round must give the first one's bytes. */
    struct pd_buf third = {0};
    if (inspector_load(pd_buf_view(&again), &b, &err) != PD_OK ||
        inspector_save(b, &third, &err) != PD_OK ||
        !pd_str_eq(pd_buf_view(&again), pd_buf_view(&third)))
        abort();
    if (inspector_merge(a, b, &err) == PD_OK)
        tell(a);
    inspector_free(b);
    pd_buf_clear(&again);
    pd_buf_clear(&third);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8)
        return 0;
    struct pd_buf bytes = {0};
    struct pd_error err;
    struct inspector *inspector = NULL;
    pd_buf_add(&bytes, data, size - 8);
    sketch_save_fixed(&bytes, sketch_hash((const char *)data, size - 8, 0));
    if (inspector_load(pd_buf_view(&bytes), &inspector, &err) == PD_OK)
        check(inspector);
    inspector_free(inspector);
    pd_buf_clear(&bytes);
    return 0;
}
