/* What is wrong with rules: the first of it ends their loading, or up to 20 of each file are kept.
 */
#include "law/finding_impl.h"

#include <stdlib.h>
#include <string.h>

/** Fills path, line and column from "PATH:LINE:COLUMN: ..."; zeros where a message has no place. */
static void read_place(struct law_complaint *c) {
    unsigned *const numbers[] = {&c->line, &c->column};
    size_t at = c->path.len + 1;
    for (size_t i = 0; i < 2; i++) {
        uint64_t number = 0;
        pd_str rest = pd_str_sub(c->text, at, SIZE_MAX);
        size_t colon = pd_str_find_char(rest, ':');
        if (colon == PD_NPOS || !pd_parse_u64(pd_str_sub(rest, 0, colon), &number)) {
            c->line = 0;
            return;
        }
        *numbers[i] = (unsigned)number;
        at += colon + 1;
    }
}

/** Whether to keep it: a place is complained of once, however many checks it fails. */
static bool is_wanted(const struct law_complaints *list, const struct law_complaint *c) {
    size_t of_file = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct law_complaint *other = &list->items[i];
        if (!pd_str_eq(other->path, c->path))
            continue;
        if (c->line > 0 && other->line == c->line && other->column == c->column)
            return false;
        of_file++;
    }
    return of_file < LAW_PROBLEMS_MAX;
}

enum pd_status law_complain(struct law_complaints *list, pd_str path, enum pd_status st,
                            struct pd_error *err) {
    if (list == NULL || (st != PD_INVALID && st != PD_UNSUPPORTED))
        return st;
    struct law_complaint c = {.path = path, .text = pd_str_from(err->text), .nth = list->count};
    read_place(&c);
    if (!is_wanted(list, &c))
        return PD_OK;
    if (list->count == list->capacity) {
        size_t wider = list->capacity > 0 ? list->capacity * 2 : LAW_PROBLEMS_MAX;
        struct law_complaint *items = pd_arena_array(list->arena, wider, sizeof(*items));
        if (items == NULL)
            return pd_fail_memory(err);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = wider;
    }
    c.path = pd_arena_str(list->arena, c.path);
    c.text = pd_arena_str(list->arena, c.text);
    if (c.path.data == NULL || c.text.data == NULL)
        return pd_fail_memory(err);
    list->items[list->count++] = c;
    *err = (struct pd_error){PD_OK, ""};
    return PD_OK;
}

static int compare(const void *a, const void *b) {
    const struct law_complaint *x = a, *y = b;
    int order = pd_str_cmp(x->path, y->path);
    if (order == 0)
        order = x->line < y->line ? -1 : x->line > y->line;
    if (order == 0)
        order = x->column < y->column ? -1 : x->column > y->column;
    return order != 0 ? order : x->nth < y->nth ? -1 : x->nth > y->nth;
}

enum pd_status law_complaints_list(struct law_complaints *list, const pd_str **out,
                                   struct pd_error *err) {
    pd_str *texts = pd_arena_array(list->arena, list->count, sizeof(*texts));
    if (texts == NULL)
        return pd_fail_memory(err);
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), compare);
    for (size_t i = 0; i < list->count; i++)
        texts[i] = list->items[i].text;
    *out = texts;
    return PD_OK;
}
