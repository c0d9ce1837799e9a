/*
 * Patterns of a site's own detectors: read into a tree, which base/ writes out and runs.
 */
#include "detect/detect_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_PATTERN = 1000,
    MOST_CODE = 1024, /* steps */
    MOST_RANGES = 512,
    MOST_NODES = 1024,
    MOST_DEPTH = 32,
    MOST_REPEAT = 255,
    MOST_MATCH = 254 /* bytes */
};

struct range {
    uint32_t from, to;
};
struct set {
    uint16_t from, to; /* ranges */
    bool is_negated;
};

struct detect_pattern {
    struct pd_regex regex;
    struct pd_regex_step steps[MOST_CODE];
    struct range ranges[MOST_RANGES];
    size_t range_count;
    struct set sets[MOST_NODES];
    size_t set_count;
};

/* ---- parsing ---- */

struct parser {
    pd_str text;
    size_t at;
    int depth;
    bool ignore_case;
    struct detect_pattern *pattern;
    struct pd_regex_node nodes[MOST_NODES];
    size_t count;
    struct pd_error *err;
    enum pd_status status;
};

static uint16_t stop(struct parser *p, enum pd_status status, const char *what) {
    if (p->status == PD_OK)
        p->status = pd_fail(p->err, status, "at its character %zu: %s",
                            pd_utf8_length(pd_str_sub(p->text, 0, p->at)) + 1, what);
    return 0;
}

static uint16_t add_node(struct parser *p, struct pd_regex_node node) {
    if (p->status != PD_OK)
        return 0;
    if (p->count == MOST_NODES)
        return stop(p, PD_LIMIT, "it has too many parts");
    p->nodes[p->count] = node;
    return (uint16_t)p->count++;
}

/* A node of the ranges that were read since `set` was begun. */
static uint16_t add_set(struct parser *p, struct set set) {
    struct detect_pattern *pattern = p->pattern;
    if (p->status != PD_OK)
        return 0;
    if (pattern->set_count == MOST_NODES)
        return stop(p, PD_LIMIT, "it has too many parts");
    set.to = (uint16_t)pattern->range_count;
    pattern->sets[pattern->set_count] = set;
    return add_node(
        p, (struct pd_regex_node){.kind = PD_REGEX_SET, .a = (uint16_t)pattern->set_count++});
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
    struct set set = {.from = (uint16_t)p->pattern->range_count};
    if (front(p) == '^') {
        set.is_negated = true;
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
    return add_set(p, set);
}

static uint16_t parse_either(struct parser *p);

static uint16_t parse_one(struct parser *p) {
    struct set set = {.from = (uint16_t)p->pattern->range_count};
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
        set.is_negated = true; /* of nothing, but for the line end */
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
    return add_set(p, set);
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
        struct pd_regex_node node = {.kind = PD_REGEX_REPEAT, .a = inner, .least = 0, .most = -1};
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
    uint16_t left = add_node(p, (struct pd_regex_node){.kind = PD_REGEX_EMPTY});
    while (is_more(p) && front(p) != '|' && front(p) != ')') {
        uint16_t right = parse_repeat(p);
        left = add_node(p, (struct pd_regex_node){.kind = PD_REGEX_JOIN, .a = left, .b = right});
    }
    return left;
}

static uint16_t parse_either(struct parser *p) {
    uint16_t left = parse_join(p);
    while (is_more(p) && front(p) == '|') {
        p->at++;
        uint16_t right = parse_join(p);
        left = add_node(p, (struct pd_regex_node){.kind = PD_REGEX_EITHER, .a = left, .b = right});
    }
    return left;
}

/* ---- running ---- */

static bool is_in(const void *context, uint16_t n, uint32_t c) {
    const struct detect_pattern *pattern = context;
    const struct set *set = &pattern->sets[n];
    for (uint16_t r = set->from; r < set->to; r++)
        if (c >= pattern->ranges[r].from && c <= pattern->ranges[r].to)
            return !set->is_negated;
    return set->is_negated;
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
    pattern->regex = (struct pd_regex){
        .steps = pattern->steps, .is_in = is_in, .context = pattern, .longest = MOST_MATCH};
    if (p->status == PD_OK &&
        !pd_regex_write(p->nodes, root, true, pattern->steps, MOST_CODE, &pattern->regex.count))
        stop(p, PD_LIMIT, "written out it has more than 1,024 steps: repeat less");
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

bool detect_pattern_is(const struct detect_pattern *pattern, pd_str text) {
    return text.len <= MOST_MATCH && pd_regex_is(&pattern->regex, text);
}

bool detect_pattern_find(const struct detect_pattern *pattern, pd_str text, size_t from, size_t to,
                         size_t *start, size_t *end) {
    return pd_regex_find(&pattern->regex, text, from, to, start, end);
}
