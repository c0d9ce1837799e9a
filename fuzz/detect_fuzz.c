/* Any bytes as a cell and as a column's name: answers stay consistent with one another. */
#include "detect/detect.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size};
    struct detect_hits all = detect_cell(text, DETECT_ALL, 20260701);
    must((all.sure & all.weak) == 0);
    must(((all.sure | all.weak) & ~all.shaped) == 0);
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        enum detect_match one = detect_value((enum detect_type)t, text, 20260701);
        must((one == DETECT_SURE) == ((all.sure & DETECT_BIT(t)) != 0));
    }
    struct detect_name name = detect_name_make(text);
    must(name.len < sizeof(name.text) && name.text[name.len] == '\0');
    must(name.text[0] == ' ' && name.text[name.len - 1] == ' ');
    struct detect_name again = detect_name_make((pd_str){name.text, name.len});
    must(again.len <= sizeof(again.text));
    must((detect_mask(&name) & ~DETECT_ALL) == 0);
    return 0;
}
