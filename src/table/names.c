/* Names by which columns can be told apart, whatever the header says. */
#include "table/table_impl.h"

#include <stdlib.h>
#include <string.h>

/* One name of the header. Sorted by name and place, so equal names stand together. */
struct entry {
    pd_str name;
    size_t place;
    size_t next; /* first of equals: the number to try next */
};

struct maker {
    const pd_str *names;
    size_t count;
    struct entry *sorted;
    struct pd_arena *arena;
};

static int compare_entries(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int order = pd_str_cmp(x->name, y->name);
    if (order != 0)
        return order;
    return (x->place > y->place) - (x->place < y->place);
}

static bool is_blank(pd_str name) {
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] != ' ' && name.data[i] != '\t')
            return false;
    return true;
}

/* The first entry of that name, or NULL. */
static struct entry *find_entry(const struct maker *maker, pd_str name) {
    size_t low = 0, high = maker->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pd_str_cmp(maker->sorted[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == maker->count || !pd_str_eq(maker->sorted[low].name, name))
        return NULL;
    return &maker->sorted[low];
}

/**
 * Whether a blank column takes the name "column_<number>" by right of its place. No other two made
 * names can meet: what stands before the last "_" and the number behind it tell them apart.
 */
static bool is_taken_by_blank(const struct maker *maker, pd_str base, size_t number) {
    return pd_str_is(base, "column") && number <= maker->count &&
           is_blank(maker->names[number - 1]);
}

/* Counts on from `*next` until "base_<number>" is free; nothing is tried twice for one base. */
static pd_str make_name(const struct maker *maker, pd_str base, size_t *next) {
    for (;;) {
        size_t number = (*next)++;
        struct pd_mark mark = pd_arena_mark(maker->arena);
        pd_str made = pd_arena_printf(maker->arena, "%.*s_%zu", pd_arg(base), number);
        if (made.data == NULL)
            return made;
        if (find_entry(maker, made) == NULL && !is_taken_by_blank(maker, base, number))
            return made;
        pd_arena_reset(maker->arena, mark);
    }
}

/* "column_3", or "column_3_2" and on if the file has a column of that name. */
static pd_str make_blank_name(const struct maker *maker, size_t place) {
    pd_str made = pd_arena_printf(maker->arena, "column_%zu", place + 1);
    if (made.data == NULL)
        return made;
    struct entry *same = find_entry(maker, made);
    return same == NULL ? made : make_name(maker, made, &same->next);
}

enum pd_status table_names_unique(const pd_str *names, size_t count, struct pd_arena *arena,
                                  pd_str *out, size_t *changed, struct pd_error *err) {
    struct maker maker = {.names = names, .count = count, .arena = arena};
    maker.sorted = calloc(count > 0 ? count : 1, sizeof(*maker.sorted));
    if (maker.sorted == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        maker.sorted[i] = (struct entry){.name = names[i], .place = i, .next = 2};
    qsort(maker.sorted, count, sizeof(*maker.sorted), compare_entries);
    enum pd_status status = PD_OK;
    size_t made = 0;
    for (size_t i = 0; i < count && status == PD_OK; i++) {
        struct entry *first = find_entry(&maker, names[i]);
        bool blank = is_blank(names[i]);
        if (!blank && first->place == i) {
            out[i] = names[i];
            continue;
        }
        out[i] = blank ? make_blank_name(&maker, i) : make_name(&maker, names[i], &first->next);
        if (out[i].data == NULL)
            status = pd_fail_memory(err);
        made++;
    }
    if (status == PD_OK && changed != NULL)
        *changed = made;
    free(maker.sorted);
    return status;
}

enum pd_status table_names_copy(const pd_str *names, size_t count, const pd_str **out,
                                struct pd_error *err) {
    size_t size, total = 0;
    for (size_t i = 0; i < count; i++)
        total += names[i].len;
    pd_str *copy = NULL;
    if (pd_mul(count + 1, sizeof(*copy), &size))
        copy = malloc(size + total);
    if (copy == NULL)
        return pd_fail_memory(err);
    char *text = (char *)copy + size;
    for (size_t i = 0; i < count; i++) {
        copy[i] = (pd_str){text, names[i].len};
        if (names[i].len > 0)
            memcpy(text, names[i].data, names[i].len);
        text += names[i].len;
    }
    *out = copy;
    return PD_OK;
}
