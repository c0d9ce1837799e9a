/* Calendars: whatever the bytes, a refusal with a sentence, or a calendar by which terms end after
   they begin. The first line is a term. */
#include "law/law.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size}, term = {NULL, 0};
    (void)pd_str_split(&text, '\n', &term);
    struct pd_arena *arena = pd_arena_new((size_t)4 << 20);
    if (arena == NULL)
        return 0;
    const struct law_calendar *calendar = NULL;
    struct pd_error err = {PD_OK, ""};
    enum pd_status st = law_calendar_parse(PD_STR("x.json"), text, arena, &calendar, &err);
    check((st == PD_OK) == (calendar != NULL));
    check(st == PD_OK || (err.status == st && err.text[0] != '\0'));
    for (int64_t day = -1000; day < 40000; day += 4999) {
        pd_time due, start = day * PD_DAY + 17;
        st = law_term_due(calendar, start, term, &due, &err);
        check(st == PD_OK ? due >= start : st == PD_INVALID || st == PD_NOT_FOUND);
    }
    pd_arena_free(arena);
    return 0;
}
