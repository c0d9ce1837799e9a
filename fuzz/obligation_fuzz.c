/* The little language of @obligation and @remedy: whatever the bytes, a refusal or a list that
   holds its promises and reads back from what was written. */
#include "law/law.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_obligation(const struct law_obligation *o) {
    const struct law_alternative *again = NULL;
    size_t count = 0;
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    if (arena == NULL)
        return;
    check(o->kind.len > 0 && o->argument_count <= LAW_ARGUMENTS_MAX);
    check((o->class_ == LAW_EVIDENCED) == (o->fact.len > 0));
    check(!o->discharged);
    for (size_t i = 0; i < o->argument_count; i++)
        check(o->arguments[i].value.len > 0);
    check(law_obligations_parse(o->text, false, arena, &again, &count, NULL) == PD_OK);
    check(count == 1 && again[0].count == 1);
    check(again[0].obligations[0].argument_count == o->argument_count);
    check(again[0].obligations[0].class_ == o->class_);
    pd_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bool allow_alternatives = size > 0 && (data[0] & 1) != 0;
    pd_str text = {(const char *)data + (size > 0), size - (size > 0)};
    const struct law_alternative *list = NULL;
    size_t count = 0;
    struct pd_error err = {PD_OK, ""};
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    if (arena == NULL)
        return 0;
    enum pd_status st = law_obligations_parse(text, allow_alternatives, arena, &list, &count, &err);
    check(st == PD_OK || (err.status == st && err.text[0] != '\0'));
    if (st == PD_OK) {
        check(allow_alternatives || count == 1);
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < list[i].count; j++)
                check_obligation(&list[i].obligations[j]);
    }
    pd_arena_free(arena);
    return 0;
}
