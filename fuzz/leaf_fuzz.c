/* Leaves: what is accepted is written again as the same bytes. */
#include "ledger/ledger.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str bytes = {(const char *)data, size};
    struct ledger_leaf leaf;
    struct pd_error err;
    struct pd_buf buf = {0};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    if (!arena)
        return 0;
    if (ledger_leaf_parse(bytes, arena, &leaf, &err) == PD_OK &&
        (ledger_leaf_write(&leaf, &buf, &err) != PD_OK || !pd_str_eq(pd_buf_view(&buf), bytes)))
        abort();
    pd_buf_clear(&buf);
    pd_arena_free(arena);
    return 0;
}
