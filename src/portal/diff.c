/* What a text changes in another, line by line, with some lines around. */
#include "portal/pages.h"

#include <string.h>

enum {
    LINES_MAX = 20000,    /* of a text; longer ones are shown as they are to be */
    CELLS_MAX = 4000000,  /* of the table of common lines; beyond, what differs is shown as replaced */
    AROUND = 3,           /* lines shown before and behind a change */
    SHOWN_MAX = 600
};

struct lines {
    pd_str *list;
    size_t count;
};

/* '=' in both, '-' in the old one only, '+' in the new one only. */
struct edit {
    char sign;
    pd_str text;
};
struct edits {
    struct edit *list;
    size_t count;
};

static bool split(pd_str text, struct pd_arena *arena, struct lines *out) {
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    if (n > LINES_MAX || !(out->list = pd_arena_array(arena, n, sizeof(*out->list))))
        return false;
    pd_str line;
    out->count = 0;
    while (text.len && pd_str_split(&text, '\n', &line))
        out->list[out->count++] = line;
    return true;
}

static void add(struct edits *e, char sign, pd_str text) {
    e->list[e->count++] = (struct edit){sign, text};
}

/* The longest common subsequence, by the table of its lengths from each place on. */
static bool compare(const pd_str *a, size_t n, const pd_str *b, size_t m, struct pd_arena *arena,
                    struct edits *e) {
    size_t i = 0, j = 0, width = m + 1;
    uint16_t *length = (n + 1) * width <= CELLS_MAX
                           ? pd_arena_array(arena, (n + 1) * width, sizeof(*length))
                           : NULL;
    for (size_t x = n; length && x-- > 0;)
        for (size_t y = m; y-- > 0;) {
            uint16_t down = length[(x + 1) * width + y], right = length[x * width + y + 1];
            length[x * width + y] = pd_str_eq(a[x], b[y])
                                        ? (uint16_t)(length[(x + 1) * width + y + 1] + 1)
                                    : down >= right ? down
                                                    : right;
        }
    while (length && i < n && j < m) {
        if (pd_str_eq(a[i], b[j])) {
            add(e, '=', a[i++]);
            j++;
        } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
            add(e, '-', a[i++]);
        } else {
            add(e, '+', b[j++]);
        }
    }
    while (i < n)
        add(e, '-', a[i++]);
    while (j < m)
        add(e, '+', b[j++]);
    return true;
}

static bool edit(pd_str old_text, pd_str new_text, struct pd_arena *arena, struct edits *e) {
    struct lines a, b;
    if (!split(old_text, arena, &a) || !split(new_text, arena, &b))
        return false;
    e->list = pd_arena_array(arena, a.count + b.count + 1, sizeof(*e->list));
    if (!e->list)
        return false;
    size_t from = 0, behind = 0;
    while (from < a.count && from < b.count && pd_str_eq(a.list[from], b.list[from]))
        add(e, '=', a.list[from++]);
    while (behind < a.count - from && behind < b.count - from &&
           pd_str_eq(a.list[a.count - 1 - behind], b.list[b.count - 1 - behind]))
        behind++;
    bool done = compare(a.list + from, a.count - from - behind, b.list + from,
                        b.count - from - behind, arena, e);
    for (size_t i = a.count - behind; i < a.count; i++)
        add(e, '=', a.list[i]);
    return done;
}

static bool is_near(const struct edits *e, size_t at) {
    size_t from = at > AROUND ? at - AROUND : 0;
    for (size_t i = from; i <= at + AROUND && i < e->count; i++)
        if (e->list[i].sign != '=')
            return true;
    return false;
}

void pages_put_diff(struct page *page, struct template_value *map, pd_str old_text,
                    pd_str new_text) {
    struct template_value *list = template_put_list(&page->maker, map, "lines");
    struct edits e = {0};
    size_t shown = 0, added = 0, removed = 0, at;
    bool is_gap = false;
    if (!edit(old_text, new_text, page->arena, &e)) {
        template_put_bool(&page->maker, map, "is_too_long", true);
        return;
    }
    for (at = 0; at < e.count; at++) {
        added += e.list[at].sign == '+';
        removed += e.list[at].sign == '-';
        if (!is_near(&e, at) || shown >= SHOWN_MAX) {
            is_gap = true;
            continue;
        }
        struct template_value *line = template_push_map(&page->maker, list);
        template_put_bool(&page->maker, line, "is_gap", is_gap && shown > 0);
        template_put_bool(&page->maker, line, "is_added", e.list[at].sign == '+');
        template_put_bool(&page->maker, line, "is_removed", e.list[at].sign == '-');
        template_put_str(&page->maker, line, "text", e.list[at].text);
        is_gap = false;
        shown++;
    }
    page_put_number(page, map, "added", added);
    page_put_number(page, map, "removed", removed);
    template_put_bool(&page->maker, map, "is_cut", shown >= SHOWN_MAX);
}
