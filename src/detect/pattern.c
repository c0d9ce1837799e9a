/*
 * Patterns of a site's own detectors: parsed into a tree, written out as instructions, run with all
 * threads at once (Thompson 1968, as Pike did it). There is nothing to go back to, so no text and
 * no pattern takes more than their product in time.
 */
#include "detect/detect_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_PATTERN = 1000,
    MOST_CODE = 1024, /* instructions */
    MOST_RANGES = 512,
    MOST_NODES = 1024,
    MOST_DEPTH = 32,
    MOST_REPEAT = 255,
    MOST_MATCH = 254 /* bytes */
};

struct range {
    uint32_t from, to;
};

/* SET: a character out of ranges[a .. b). SPLIT: go on at a, and at b. */
enum operation { SET, SPLIT, JUMP, EDGE, MATCH };
struct instruction {
    uint8_t operation;
    bool is_negated;
    uint16_t a, b;
};

struct detect_pattern {
    struct instruction code[MOST_CODE];
    size_t length;
    struct range ranges[MOST_RANGES];
    size_t range_count;
};

/* ---- parsing ---- */

enum node_kind { EMPTY, CHARACTERS, JOIN, EITHER, REPEAT };
struct node {
    enum node_kind kind;
    uint16_t a, b; /* children, or ranges */
    bool is_negated;
    int least, most; /* REPEAT; most < 0: any number */
};

struct parser {
    pd_str text;
    size_t at;
    int depth;
    bool ignore_case;
    struct detect_pattern *pattern;
    struct node nodes[MOST_NODES];
    size_t count;
    size_t visits; /* of nodes while writing out: repeated nothing makes no code, but takes time */
    struct pd_error *err;
    enum pd_status status;
};

static uint16_t stop(struct parser *p, enum pd_status status, const char *what) {
    if (p->status == PD_OK)
        p->status = pd_fail(p->err, status, "at its character %zu: %s",
                            pd_utf8_length(pd_str_sub(p->text, 0, p->at)) + 1, what);
    return 0;
}

static uint16_t add_node(struct parser *p, struct node node) {
    if (p->status != PD_OK)
        return 0;
    if (p->count == MOST_NODES)
        return stop(p, PD_LIMIT, "it has too many parts");
    p->nodes[p->count] = node;
    return (uint16_t)p->count++;
}

static bool is_more(const struct parser *p) {
    return p->status == PD_OK && p->at < p->text.len;
}

static char front(const struct parser *p) {
    return p->at < p->text.len ? p->text.data[p->at] : '\0';
}

static uint32_t take_character(struct parser *p) {
    uint32_t c = 0;
    if (p->at < p->text.len)
        p->at += pd_utf8_decode(p->text, p->at, &c);
    return c;
}

static void add_range(struct parser *p, uint32_t from, uint32_t to) {
    struct detect_pattern *pattern = p->pattern;
    if (pattern->range_count + 2 > MOST_RANGES) {
        stop(p, PD_LIMIT, "it has too many characters in brackets");
        return;
    }
    pattern->ranges[pattern->range_count++] = (struct range){from, to};
    uint32_t lower_from = from | 0x20, lower_to = to | 0x20;
    bool is_letters = lower_from >= 'a' && lower_to <= 'z' && from < 0x80 && to < 0x80 &&
                      (from & 0x20) == (to & 0x20);
    if (p->ignore_case && is_letters)
        pattern->ranges[pattern->range_count++] = (struct range){from ^ 0x20, to ^ 0x20};
}

/* \d \w \s as ranges; false if the letter is none of them. */
static bool add_named(struct parser *p, uint32_t letter) {
    if (letter == 'd') {
        add_range(p, '0', '9');
    } else if (letter == 'w') {
        add_range(p, '0', '9');
        add_range(p, 'A', 'Z');
        add_range(p, 'a', 'z');
        add_range(p, '_', '_');
    } else if (letter == 's') {
        add_range(p, ' ', ' ');
        add_range(p, '\t', '\r');
    } else {
        return false;
    }
    return true;
}

static bool is_alnum(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Behind a backslash: a mark stands for itself; letters and digits have no other meanings. */
static uint32_t take_escaped(struct parser *p) {
    if (!is_more(p))
        return stop(p, PD_INVALID, "a backslash at the end stands for nothing");
    uint32_t c = take_character(p);
    if (c == 't')
        return '\t';
    if (is_alnum(c)) {
        p->at--;
        return stop(p, PD_INVALID, "\\d, \\w, \\s, \\t and a backslash before a mark are known");
    }
    return c;
}

static uint16_t parse_brackets(struct parser *p) {
    struct node node = {.kind = CHARACTERS, .a = (uint16_t)p->pattern->range_count};
    if (front(p) == '^') {
        node.is_negated = true;
        p->at++;
    }
    bool is_first = true;
    while (is_more(p) && (front(p) != ']' || is_first)) {
        is_first = false;
        uint32_t from = take_character(p);
        if (from == '\\') {
            if (is_more(p) && add_named(p, (unsigned char)front(p))) {
                p->at++;
                continue;
            }
            from = take_escaped(p);
        }
        uint32_t to = from;
        if (front(p) == '-' && p->at + 1 < p->text.len && p->text.data[p->at + 1] != ']') {
            p->at++;
            to = take_character(p);
            if (to == '\\')
                to = take_escaped(p);
            if (to < from)
                return stop(p, PD_INVALID, "the range in brackets runs backwards");
        }
        add_range(p, from, to);
    }
    if (front(p) != ']')
        return stop(p, PD_INVALID, "a bracket [ isn't closed");
    p->at++;
    node.b = (uint16_t)p->pattern->range_count;
    return add_node(p, node);
}

static uint16_t parse_either(struct parser *p);

static uint16_t parse_one(struct parser *p) {
    struct node node = {.kind = CHARACTERS, .a = (uint16_t)p->pattern->range_count};
    uint32_t c = take_character(p);
    switch (c) {
    case '(': {
        if (pd_str_starts(pd_str_sub(p->text, p->at, 2), PD_STR("?:")))
            p->at += 2;
        if (++p->depth > MOST_DEPTH)
            return stop(p, PD_LIMIT, "brackets are nested too deep");
        uint16_t inner = parse_either(p);
        p->depth--;
        if (p->status == PD_OK && front(p) != ')')
            return stop(p, PD_INVALID, "a bracket ( isn't closed");
        p->at++;
        return inner;
    }
    case '[':
        return parse_brackets(p);
    case '*':
    case '+':
    case '?':
    case '{':
        p->at--;
        return stop(p, PD_INVALID, "there is nothing to repeat");
    case '^':
    case '$':
        p->at--;
        return stop(p, PD_INVALID, "^ and $ aren't needed: a match never starts inside a word");
    case '.':
        node.is_negated = true; /* of nothing, but for the line end */
        add_range(p, '\n', '\n');
        break;
    case '\\':
        if (is_more(p) && add_named(p, (unsigned char)front(p)))
            p->at++;
        else
            c = take_escaped(p), add_range(p, c, c);
        break;
    default:
        add_range(p, c, c);
    }
    node.b = (uint16_t)p->pattern->range_count;
    return add_node(p, node);
}

static int take_count(struct parser *p) {
    int n = 0;
    if (!detect_is_digit(front(p))) {
        stop(p, PD_INVALID, "a number belongs here");
        return 0;
    }
    while (detect_is_digit(front(p))) {
        n = n * 10 + (front(p) - '0');
        p->at++;
        if (n > MOST_REPEAT) {
            stop(p, PD_LIMIT, "it repeats more than 255 times");
            return 0;
        }
    }
    return n;
}

static uint16_t parse_repeat(struct parser *p) {
    uint16_t inner = parse_one(p);
    while (is_more(p) && strchr("*+?{", front(p))) {
        struct node node = {.kind = REPEAT, .a = inner, .least = 0, .most = -1};
        char c = front(p);
        p->at++;
        if (c == '+') {
            node.least = 1;
        } else if (c == '?') {
            node.most = 1;
        } else if (c == '{') {
            node.least = node.most = take_count(p);
            if (front(p) == ',') {
                p->at++;
                node.most = front(p) == '}' ? -1 : take_count(p);
            }
            if (p->status == PD_OK && front(p) != '}')
                return stop(p, PD_INVALID, "a brace { isn't closed");
            p->at++;
            if (node.most >= 0 && node.most < node.least)
                return stop(p, PD_INVALID, "it asks for more than it allows");
        }
        inner = add_node(p, node);
    }
    return inner;
}

static uint16_t parse_join(struct parser *p) {
    uint16_t left = add_node(p, (struct node){.kind = EMPTY});
    while (is_more(p) && front(p) != '|' && front(p) != ')') {
        uint16_t right = parse_repeat(p);
        left = add_node(p, (struct node){.kind = JOIN, .a = left, .b = right});
    }
    return left;
}

static uint16_t parse_either(struct parser *p) {
    uint16_t left = parse_join(p);
    while (is_more(p) && front(p) == '|') {
        p->at++;
        uint16_t right = parse_join(p);
        left = add_node(p, (struct node){.kind = EITHER, .a = left, .b = right});
    }
    return left;
}

/* ---- writing out ---- */

static size_t put(struct parser *p, enum operation operation, size_t a, size_t b) {
    struct detect_pattern *pattern = p->pattern;
    if (pattern->length == MOST_CODE) {
        stop(p, PD_LIMIT, "written out it has more than 1,024 steps: repeat less");
        return 0;
    }
    pattern->code[pattern->length] =
        (struct instruction){(uint8_t)operation, false, (uint16_t)a, (uint16_t)b};
    return pattern->length++;
}

static void write_node(struct parser *p, uint16_t n);

static void write_repeat(struct parser *p, const struct node *node) {
    struct instruction *code = p->pattern->code;
    for (int i = 0; i < node->least && p->status == PD_OK; i++)
        write_node(p, node->a);
    if (node->most < 0) {
        size_t split = put(p, SPLIT, 0, 0);
        write_node(p, node->a);
        put(p, JUMP, split, 0);
        code[split].a = (uint16_t)(split + 1);
        code[split].b = (uint16_t)p->pattern->length;
    }
    for (int i = node->least; i < node->most && p->status == PD_OK; i++) {
        size_t split = put(p, SPLIT, 0, 0);
        write_node(p, node->a);
        code[split].a = (uint16_t)(split + 1);
        code[split].b = (uint16_t)p->pattern->length;
    }
}

/* As deep as the tree, which the length of the pattern bounds. */
static void write_node(struct parser *p, uint16_t n) {
    enum { MOST_VISITS = 100000 };
    if (p->status == PD_OK && ++p->visits > MOST_VISITS)
        stop(p, PD_LIMIT, "written out it is too long: repeat less");
    if (p->status != PD_OK)
        return;
    const struct node *node = &p->nodes[n];
    struct instruction *code = p->pattern->code;
    switch (node->kind) {
    case EMPTY:
        return;
    case CHARACTERS: {
        size_t at = put(p, SET, node->a, node->b);
        code[at].is_negated = node->is_negated;
        return;
    }
    case JOIN:
        write_node(p, node->a);
        write_node(p, node->b);
        return;
    case EITHER: {
        size_t split = put(p, SPLIT, 0, 0);
        write_node(p, node->a);
        size_t jump = put(p, JUMP, 0, 0);
        code[split].a = (uint16_t)(split + 1);
        code[split].b = (uint16_t)p->pattern->length;
        write_node(p, node->b);
        code[jump].a = (uint16_t)p->pattern->length;
        return;
    }
    case REPEAT:
        write_repeat(p, node);
        return;
    }
}

enum pd_status detect_pattern_new(pd_str text, bool ignore_case, struct detect_pattern **out,
                                  struct pd_error *err) {
    if (text.len == 0 || text.len > MOST_PATTERN)
        return pd_fail(err, text.len ? PD_LIMIT : PD_INVALID,
                       "a pattern has 1 to 1,000 bytes, this one has %zu", text.len);
    if (!pd_utf8_valid(text, NULL))
        return pd_fail(err, PD_INVALID, "it is not UTF-8");
    struct parser *p = calloc(1, sizeof(*p));
    struct detect_pattern *pattern = calloc(1, sizeof(*pattern));
    if (!p || !pattern) {
        free(p);
        free(pattern);
        return pd_fail_memory(err);
    }
    p->text = text;
    p->ignore_case = ignore_case;
    p->pattern = pattern;
    p->err = err;
    uint16_t root = parse_either(p);
    if (p->status == PD_OK && p->at < text.len)
        stop(p, PD_INVALID, "a bracket ) was never opened");
    put(p, EDGE, 0, 0);
    write_node(p, root);
    put(p, EDGE, 0, 0);
    put(p, MATCH, 0, 0);
    enum pd_status st = p->status;
    free(p);
    if (st == PD_OK && detect_pattern_is(pattern, PD_STR("")))
        st = pd_fail(err, PD_INVALID, "it matches nothing at all, and so is everywhere");
    if (st == PD_OK)
        *out = pattern;
    else
        free(pattern);
    return st;
}

void detect_pattern_free(struct detect_pattern *pattern) {
    free(pattern);
}

/* ---- running ---- */

/* Threads in the order of their starts, one for each instruction at most. */
struct threads {
    size_t count;
    uint16_t at[MOST_CODE];
    size_t start[MOST_CODE];
    uint16_t place[MOST_CODE]; /* where in `at` an instruction may stand */
};

static bool is_word(pd_str text, size_t at) {
    return at < text.len && (is_alnum((unsigned char)text.data[at]) || text.data[at] == '_');
}

/* Adds the instruction and all that are reached from it without a character. */
static void add_thread(const struct detect_pattern *pattern, struct threads *threads, size_t first,
                       size_t start, pd_str text, size_t at) {
    uint16_t stack[2 * MOST_CODE];
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
        const struct instruction *i = &pattern->code[n];
        if (i->operation == SPLIT) {
            stack[depth++] = i->b;
            stack[depth++] = i->a;
        } else if (i->operation == JUMP) {
            stack[depth++] = i->a;
        } else if (i->operation == EDGE &&
                   !(at > 0 && is_word(text, at - 1) && is_word(text, at))) {
            stack[depth++] = (uint16_t)(n + 1);
        }
    }
}

static bool is_in_set(const struct detect_pattern *pattern, const struct instruction *i,
                      uint32_t c) {
    for (uint16_t r = i->a; r < i->b; r++) {
        if (c >= pattern->ranges[r].from && c <= pattern->ranges[r].to)
            return !i->is_negated;
    }
    return i->is_negated;
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
static bool run(const struct detect_pattern *pattern, pd_str text, size_t from, size_t to,
                bool whole, size_t *start, size_t *end) {
    struct threads lists[2], *now = &lists[0], *then = &lists[1];
    bool has_match = false;
    memset(lists[0].place, 0, sizeof(lists[0].place));
    memset(lists[1].place, 0, sizeof(lists[1].place));
    now->count = then->count = 0;
    for (size_t at = from;;) {
        if (!has_match && at < to)
            add_thread(pattern, now, 0, at, text, at);
        if (now->count == 0 && (has_match || at >= to))
            break;
        uint32_t c = 0;
        size_t len = at < text.len ? read_character(text, at, &c) : 0;
        then->count = 0;
        for (size_t t = 0; t < now->count; t++) {
            const struct instruction *i = &pattern->code[now->at[t]];
            if (has_match && now->start[t] > *start)
                break;
            if (i->operation == MATCH && (!whole || at == text.len)) {
                has_match = true;
                *start = now->start[t];
                *end = at;
            } else if (i->operation == SET && len > 0 && at + len - now->start[t] <= MOST_MATCH &&
                       is_in_set(pattern, i, c)) {
                add_thread(pattern, then, (size_t)(now->at[t] + 1), now->start[t], text, at + len);
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

bool detect_pattern_is(const struct detect_pattern *pattern, pd_str text) {
    size_t start, end;
    if (text.len > MOST_MATCH)
        return false;
    return run(pattern, text, 0, 1, true, &start, &end) && start == 0;
}

bool detect_pattern_find(const struct detect_pattern *pattern, pd_str text, size_t from, size_t to,
                         size_t *start, size_t *end) {
    return run(pattern, text, from, to, false, start, end);
}
