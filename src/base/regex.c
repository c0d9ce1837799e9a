/* Regular expressions, written out and run. */
#include "base/regex.h"

#include <string.h>

enum { VISITS_MOST = 100000 };
enum operation { SET, SPLIT, JUMP, EDGE, MATCH };

/* ---- Writing out ---- */

struct writing {
    const struct pd_regex_node *nodes;
    struct pd_regex_step *steps;
    size_t count, most;
    size_t visits; /* of nodes: repeated nothing makes no step, but takes time */
    bool is_too_long;
};

static size_t put(struct writing *w, enum operation operation, size_t a) {
    if (w->count == w->most) {
        w->is_too_long = true;
        return 0;
    }
    w->steps[w->count] = (struct pd_regex_step){(uint16_t)operation, (uint16_t)a, 0};
    return w->count++;
}

static void set_split(struct writing *w, size_t split) {
    w->steps[split].a = (uint16_t)(split + 1);
    w->steps[split].b = (uint16_t)w->count;
}

static void write_node(struct writing *w, uint16_t n);

/* A piece that may be passed over; is_loop: and come back to. */
static void write_optional(struct writing *w, uint16_t n, bool is_loop) {
    size_t split = put(w, SPLIT, 0);
    write_node(w, n);
    if (is_loop)
        put(w, JUMP, split);
    set_split(w, split);
}

static void write_either(struct writing *w, const struct pd_regex_node *node) {
    size_t split = put(w, SPLIT, 0);
    write_node(w, node->a);
    size_t jump = put(w, JUMP, 0);
    set_split(w, split);
    write_node(w, node->b);
    w->steps[jump].a = (uint16_t)w->count;
}

/* As deep as the tree, which the length of the expression bounds. */
static void write_node(struct writing *w, uint16_t n) {
    w->is_too_long = w->is_too_long || ++w->visits > VISITS_MOST;
    if (w->is_too_long)
        return;
    const struct pd_regex_node *node = &w->nodes[n];
    switch ((enum pd_regex_kind)node->kind) {
    case PD_REGEX_EMPTY:
        return;
    case PD_REGEX_SET:
        put(w, SET, node->a);
        return;
    case PD_REGEX_JOIN:
        write_node(w, node->a);
        write_node(w, node->b);
        return;
    case PD_REGEX_EITHER:
        write_either(w, node);
        return;
    case PD_REGEX_REPEAT:
        for (int i = 0; i < node->least && !w->is_too_long; i++)
            write_node(w, node->a);
        if (node->most < 0)
            write_optional(w, node->a, true);
        for (int i = node->least; i < node->most && !w->is_too_long; i++)
            write_optional(w, node->a, false);
        return;
    }
}

bool pd_regex_write(const struct pd_regex_node *nodes, uint16_t root, bool has_edges,
                    struct pd_regex_step *steps, size_t most, size_t *count) {
    struct writing w = {.nodes = nodes, .steps = steps, .most = most};
    if (has_edges)
        put(&w, EDGE, 0);
    write_node(&w, root);
    if (has_edges)
        put(&w, EDGE, 0);
    put(&w, MATCH, 0);
    *count = w.count;
    return !w.is_too_long;
}

/* ---- Running ---- */

/* Threads in the order of their starts, one for each step at most. */
struct threads {
    size_t count;
    uint16_t at[PD_REGEX_STEPS_MOST];
    uint16_t place[PD_REGEX_STEPS_MOST]; /* where in `at` a step may stand */
    size_t start[PD_REGEX_STEPS_MOST];
};

static bool is_word(pd_str text, size_t at) {
    unsigned char c = at < text.len ? (unsigned char)text.data[at] : 0;
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/* Adds the step and all that are reached from it without a character. */
static void add_thread(const struct pd_regex *regex, struct threads *threads, size_t first,
                       size_t start, pd_str text, size_t at) {
    uint16_t stack[2 * PD_REGEX_STEPS_MOST];
    size_t depth = 0;
    stack[depth++] = (uint16_t)first;
    while (depth > 0) {
        uint16_t n = stack[--depth];
        size_t place = threads->place[n];
        if (place < threads->count && threads->at[place] == n)
            continue;
        threads->place[n] = (uint16_t)threads->count;
        threads->at[threads->count] = n;
        threads->start[threads->count++] = start;
        const struct pd_regex_step *step = &regex->steps[n];
        bool is_within = at > 0 && is_word(text, at - 1) && is_word(text, at);
        if (step->operation == SPLIT)
            stack[depth++] = step->b;
        if (step->operation == SPLIT || step->operation == JUMP)
            stack[depth++] = step->a;
        else if (step->operation == EDGE && !is_within)
            stack[depth++] = (uint16_t)(n + 1);
    }
}

/* A character, or one byte that is none. */
static size_t read_character(pd_str text, size_t at, uint32_t *c) {
    unsigned char lead = (unsigned char)text.data[at];
    size_t len = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    *c = lead < 0x80 ? lead : 0xfffd;
    if (len == 1 || at + len > text.len || !pd_utf8_valid(pd_str_sub(text, at, len), NULL))
        return 1;
    return pd_utf8_decode(text, at, c);
}

/* Runs from `from`; matches start before `to`. whole: only one that is the text from end to end. */
static bool run(const struct pd_regex *regex, pd_str text, size_t from, size_t to, bool whole,
                size_t *start, size_t *end) {
    struct threads lists[2], *now = &lists[0], *then = &lists[1];
    bool has_match = false;
    memset(lists[0].place, 0, regex->count * sizeof(lists[0].place[0]));
    memset(lists[1].place, 0, regex->count * sizeof(lists[1].place[0]));
    now->count = then->count = 0;
    for (size_t at = from;;) {
        if (!has_match && at < to)
            add_thread(regex, now, 0, at, text, at);
        if (now->count == 0 && (has_match || at >= to))
            break;
        uint32_t c = 0;
        size_t len = at < text.len ? read_character(text, at, &c) : 0;
        then->count = 0;
        for (size_t t = 0; t < now->count; t++) {
            const struct pd_regex_step *step = &regex->steps[now->at[t]];
            if (has_match && now->start[t] > *start)
                break;
            bool is_short = !regex->longest || at + len - now->start[t] <= regex->longest;
            if (step->operation == MATCH && (!whole || at == text.len)) {
                has_match = true;
                *start = now->start[t];
                *end = at;
            } else if (step->operation == SET && len > 0 && is_short &&
                       regex->is_in(regex->context, step->a, c)) {
                add_thread(regex, then, (size_t)(now->at[t] + 1), now->start[t], text, at + len);
            }
        }
        if (len == 0)
            break;
        struct threads *other = now;
        now = then;
        then = other;
        at += len;
    }
    return has_match;
}

bool pd_regex_is(const struct pd_regex *regex, pd_str text) {
    size_t start, end;
    return run(regex, text, 0, 1, true, &start, &end);
}

bool pd_regex_find(const struct pd_regex *regex, pd_str text, size_t from, size_t to, size_t *start,
                   size_t *end) {
    return run(regex, text, from, to, false, start, end);
}
