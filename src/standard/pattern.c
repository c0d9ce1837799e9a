/*
 * Regular expressions of XML Schema (part 2, appendix F), which match whole values: read into a
 * tree, which base/ writes out and runs. Of blocks and categories Unicode's are meant.
 */
#include "standard/standard_impl.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

enum {
    MOST_PATTERN = 4000,
    MOST_ITEMS = 2048,
    MOST_SETS = 1024,
    MOST_NODES = 4096,
    MOST_DEPTH = 32,
    MOST_REPEAT = 1000
};

enum item_kind { RANGE, CATEGORY, BLOCK, NAME_START, NAME };
struct item {
    uint8_t kind;
    bool is_negated;
    uint32_t from, to; /* BLOCK, CATEGORY: `from` is the code or the mask */
};
struct set {
    uint16_t from, to; /* items */
    bool is_negated;
    uint16_t minus; /* a set that is taken off, plus one; 0: none */
};

struct pattern {
    struct pd_regex regex;
    struct item *items;
    struct set *sets;
};

/* ---- reading ---- */

struct parser {
    pd_str text;
    size_t at;
    int depth;
    struct pd_regex_step steps[PD_REGEX_STEPS_MOST];
    struct item items[MOST_ITEMS];
    struct set sets[MOST_SETS];
    struct pd_regex_node nodes[MOST_NODES];
    size_t length, item_count, set_count, node_count;
    enum pd_status status;
    struct pd_error *err;
};

static uint16_t stop(struct parser *p, enum pd_status status, const char *what) {
    if (p->status == PD_OK)
        p->status = pd_fail(p->err, status, "at its character %zu: %s",
                            pd_utf8_length(pd_str_sub(p->text, 0, p->at)) + 1, what);
    return 0;
}

static bool is_more(const struct parser *p) {
    return p->status == PD_OK && p->at < p->text.len;
}

static char front(const struct parser *p) {
    return p->at < p->text.len ? p->text.data[p->at] : '\0';
}

static bool take(struct parser *p, char c) {
    bool is = is_more(p) && front(p) == c;
    p->at += is;
    return is;
}

static uint32_t take_character(struct parser *p) {
    uint32_t c = 0;
    if (p->at < p->text.len)
        p->at += pd_utf8_decode(p->text, p->at, &c);
    return c;
}

static uint16_t add_node(struct parser *p, struct pd_regex_node node) {
    if (p->status != PD_OK)
        return 0;
    if (p->node_count == MOST_NODES)
        return stop(p, PD_LIMIT, "it has too many parts");
    p->nodes[p->node_count] = node;
    return (uint16_t)p->node_count++;
}

static void add_item(struct parser *p, struct item item) {
    if (p->item_count == MOST_ITEMS)
        stop(p, PD_LIMIT, "it names too many characters");
    else
        p->items[p->item_count++] = item;
}

static void add_range(struct parser *p, uint32_t from, uint32_t to) {
    add_item(p, (struct item){.kind = RANGE, .from = from, .to = to});
}

/* \p{L}, \P{IsBasicLatin}; the p is taken. */
static void read_property(struct parser *p, bool is_negated) {
    char name[64] = "";
    size_t n = 0;
    if (!take(p, '{')) {
        stop(p, PD_INVALID, "\\p wants a name in braces: \\p{L}");
        return;
    }
    while (is_more(p) && front(p) != '}' && n + 1 < sizeof(name))
        name[n++] = p->text.data[p->at++];
    name[n] = '\0';
    bool is_block = pd_str_starts(pd_str_from(name), PD_STR("Is"));
    int32_t code = is_block           ? u_getPropertyValueEnum(UCHAR_BLOCK, name + 2)
                   : n == 1 || n == 2 ? u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, name)
                                      : UCHAR_INVALID_CODE;
    if (!take(p, '}') || code == UCHAR_INVALID_CODE || n == 0)
        stop(p, PD_INVALID, "\\p{...} names no category (L, Lu, Nd) and no block (IsBasicLatin)");
    else
        add_item(p, (struct item){.kind = is_block ? BLOCK : CATEGORY,
                                  .is_negated = is_negated,
                                  .from = (uint32_t)code});
}

/* \w is all but punctuation, separators and others. */
static const struct named {
    char letter;
    struct item item;
} named[] = {
    {'d', {.kind = CATEGORY, .from = U_GC_ND_MASK}},
    {'w', {.kind = CATEGORY, .from = U_GC_P_MASK | U_GC_Z_MASK | U_GC_C_MASK, .is_negated = true}},
    {'i', {.kind = NAME_START}},
    {'c', {.kind = NAME}},
};
static const uint32_t SPACES[] = {' ', '\t', '\n', '\r'};

/* What stands behind a backslash as a class of characters; false: it is one character. */
static bool read_class(struct parser *p) {
    char c = front(p), lower = (char)(c | 0x20);
    bool is_upper = c >= 'A' && c <= 'Z';
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (named[i].letter != lower || !((c >= 'a' && c <= 'z') || is_upper))
            continue;
        struct item item = named[i].item;
        item.is_negated ^= is_upper;
        add_item(p, item);
        p->at++;
        return true;
    }
    if (c == 's') {
        for (size_t i = 0; i < sizeof(SPACES) / sizeof(SPACES[0]); i++)
            add_range(p, SPACES[i], SPACES[i]);
    } else if (c == 'S') { /* the gaps between tab, line feed, return and space */
        add_range(p, 0, 8);
        add_range(p, 11, 12);
        add_range(p, 14, 31);
        add_range(p, 33, 0x10ffff);
    } else if (c == 'p' || c == 'P') {
        p->at++;
        read_property(p, c == 'P');
        return true;
    } else {
        return false;
    }
    p->at++;
    return true;
}

static uint32_t read_escaped(struct parser *p) {
    char c = front(p);
    if (c == 'n' || c == 'r' || c == 't') {
        p->at++;
        return c == 'n' ? '\n' : c == 'r' ? '\r' : '\t';
    }
    if (!is_more(p) || !strchr("\\|.-^?*+{}()[]$/\"'&,;:=!<>@#%~` ", c))
        return stop(
            p, PD_INVALID,
            "a backslash stands before a mark, or in \\n \\r \\t \\d \\w \\s \\i \\c \\p{L} "
            "(in capitals: not)");
    p->at++;
    return (unsigned char)c;
}

static void read_range(struct parser *p) {
    uint32_t from = take_character(p);
    if (from == '\\') {
        if (read_class(p))
            return;
        from = read_escaped(p);
    } else if (from == '[') {
        p->at--;
        stop(p, PD_INVALID,
             "a bracket within brackets is written \\[, or taken off: [a-z-[aeiou]]");
        return;
    }
    uint32_t to = from;
    bool is_range = front(p) == '-' && p->at + 1 < p->text.len && p->text.data[p->at + 1] != ']' &&
                    p->text.data[p->at + 1] != '[';
    if (is_range) {
        p->at++;
        to = take_character(p);
        if (to == '\\')
            to = read_escaped(p);
        if (to < from)
            stop(p, PD_INVALID, "the range in brackets runs backwards");
    }
    add_range(p, from, to);
}

static uint16_t add_set(struct parser *p, struct set set) {
    if (p->set_count == MOST_SETS)
        return stop(p, PD_LIMIT, "it has too many sets of characters");
    p->sets[p->set_count] = set;
    return (uint16_t)p->set_count++;
}

/* Behind the opening bracket; returns the set. */
static uint16_t read_brackets(struct parser *p) {
    struct set set = {.from = (uint16_t)p->item_count};
    if (++p->depth > MOST_DEPTH)
        return stop(p, PD_LIMIT, "brackets are nested too deep");
    set.is_negated = take(p, '^');
    if (front(p) == ']')
        return stop(p, PD_INVALID, "the brackets are empty; a ] itself is written \\]");
    bool has_minus = false;
    while (is_more(p) && front(p) != ']' && !has_minus) {
        has_minus = p->text.len - p->at > 1 && front(p) == '-' && p->text.data[p->at + 1] == '[' &&
                    p->item_count > set.from;
        if (!has_minus)
            read_range(p);
    }
    set.to = (uint16_t)p->item_count;
    if (has_minus && p->status == PD_OK) {
        p->at += 2;
        set.minus = (uint16_t)(read_brackets(p) + 1);
    }
    if (p->status == PD_OK && !take(p, ']'))
        return stop(p, PD_INVALID, "a bracket [ isn't closed");
    p->depth--;
    return add_set(p, set);
}

static uint16_t read_either(struct parser *p);

static uint16_t read_atom(struct parser *p) {
    struct set set = {.from = (uint16_t)p->item_count};
    uint32_t c = take_character(p);
    switch (c) {
    case '(': {
        if (++p->depth > MOST_DEPTH)
            return stop(p, PD_LIMIT, "brackets are nested too deep");
        if (front(p) == '?')
            return stop(p, PD_INVALID, "XML Schema has plain groups only: write (...)");
        uint16_t inner = read_either(p);
        p->depth--;
        return take(p, ')') ? inner : stop(p, PD_INVALID, "a bracket ( isn't closed");
    }
    case '[':
        return add_node(p, (struct pd_regex_node){.kind = PD_REGEX_SET, .a = read_brackets(p)});
    case '*':
    case '+':
    case '?':
    case '{':
        p->at--;
        return stop(p, PD_INVALID, "there is nothing to repeat");
    case '}':
    case ']':
        p->at--;
        return stop(p, PD_INVALID,
                    "it closes what was never opened; itself it is written \\} or \\]");
    case '^':
    case '$':
        p->at--;
        return stop(p, PD_INVALID,
                    "in XML Schema ^ and $ are no anchors: a pattern is of the whole value anyway. "
                    "Leave it out, or write \\^ or \\$ for the character itself");
    case '.':
        set.is_negated = true;
        add_range(p, '\n', '\n');
        add_range(p, '\r', '\r');
        break;
    case '\\':
        if (!is_more(p) || !read_class(p)) {
            c = read_escaped(p);
            add_range(p, c, c);
        }
        break;
    default:
        add_range(p, c, c);
    }
    set.to = (uint16_t)p->item_count;
    return add_node(p, (struct pd_regex_node){.kind = PD_REGEX_SET, .a = add_set(p, set)});
}

static int read_count(struct parser *p) {
    int n = 0;
    if (front(p) < '0' || front(p) > '9')
        stop(p, PD_INVALID, "a number belongs here");
    for (; is_more(p) && front(p) >= '0' && front(p) <= '9'; p->at++) {
        n = n * 10 + (front(p) - '0');
        if (n > MOST_REPEAT)
            return stop(p, PD_LIMIT, "it repeats more than 1,000 times");
    }
    return n;
}

static uint16_t read_repeat(struct parser *p) {
    struct pd_regex_node node = {.kind = PD_REGEX_REPEAT, .a = read_atom(p), .most = -1};
    if (!is_more(p) || !strchr("*+?{", front(p)))
        return node.a;
    char c = front(p);
    p->at++;
    if (c == '+') {
        node.least = 1;
    } else if (c == '?') {
        node.most = 1;
    } else if (c == '{') {
        node.least = node.most = read_count(p);
        if (take(p, ','))
            node.most = front(p) == '}' ? -1 : read_count(p);
        if (!take(p, '}'))
            return stop(p, PD_INVALID, "a brace { isn't closed");
        if (node.most >= 0 && node.most < node.least)
            return stop(p, PD_INVALID, "it asks for more than it allows");
    }
    if (is_more(p) && strchr("*+?{", front(p)))
        return stop(p, PD_INVALID,
                    "a repetition can't be repeated, and XML Schema knows no lazy one");
    return add_node(p, node);
}

static uint16_t read_join(struct parser *p) {
    uint16_t left = add_node(p, (struct pd_regex_node){.kind = PD_REGEX_EMPTY});
    while (is_more(p) && front(p) != '|' && front(p) != ')') {
        uint16_t right = read_repeat(p);
        left = add_node(p, (struct pd_regex_node){.kind = PD_REGEX_JOIN, .a = left, .b = right});
    }
    return left;
}

static uint16_t read_either(struct parser *p) {
    uint16_t left = read_join(p);
    while (take(p, '|')) {
        uint16_t right = read_join(p);
        left = add_node(p, (struct pd_regex_node){.kind = PD_REGEX_EITHER, .a = left, .b = right});
    }
    return left;
}

/* ---- characters ---- */

static bool is_name(uint32_t c, bool is_first) {
    return c == '_' || c == ':' || u_isalpha((UChar32)c) ||
           (!is_first && (c == '-' || c == '.' || c == 0xb7 || u_isdigit((UChar32)c) ||
                          (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) != 0));
}

static bool is_item(const struct item *item, uint32_t c) {
    bool is = false;
    switch ((enum item_kind)item->kind) {
    case RANGE:
        is = c >= item->from && c <= item->to;
        break;
    case CATEGORY:
        is = (U_GET_GC_MASK((UChar32)c) & item->from) != 0;
        break;
    case BLOCK:
        is = (uint32_t)ublock_getCode((UChar32)c) == item->from;
        break;
    case NAME_START:
    case NAME:
        is = is_name(c, item->kind == NAME_START);
        break;
    }
    return is != item->is_negated;
}

static bool is_in_set(const void *context, uint16_t n, uint32_t c) {
    const struct pattern *pattern = context;
    const struct set *set = &pattern->sets[n];
    bool is = false;
    for (size_t i = set->from; i < set->to && !is; i++)
        is = is_item(&pattern->items[i], c);
    is = is != set->is_negated;
    return is && !(set->minus && is_in_set(pattern, (uint16_t)(set->minus - 1u), c));
}

/* ---- the whole ---- */

static void *copy(struct pd_arena *arena, const void *from, size_t count, size_t size) {
    void *to = pd_arena_array(arena, count + 1, size);
    if (to && count > 0)
        memcpy(to, from, count * size);
    return to;
}

static enum pd_status keep(const struct parser *p, struct pd_arena *arena,
                           const struct pattern **out, struct pd_error *err) {
    struct pattern *pattern = pd_arena_alloc(arena, sizeof(*pattern));
    if (!pattern)
        return pd_fail_memory(err);
    pattern->regex =
        (struct pd_regex){.steps = copy(arena, p->steps, p->length, sizeof(p->steps[0])),
                          .count = p->length,
                          .is_in = is_in_set,
                          .context = pattern};
    pattern->items = copy(arena, p->items, p->item_count, sizeof(p->items[0]));
    pattern->sets = copy(arena, p->sets, p->set_count, sizeof(p->sets[0]));
    if (!pattern->regex.steps || !pattern->items || !pattern->sets)
        return pd_fail_memory(err);
    *out = pattern;
    return PD_OK;
}

enum pd_status pattern_parse(pd_str text, struct pd_arena *arena, const struct pattern **out,
                             struct pd_error *err) {
    if (text.len > MOST_PATTERN)
        return pd_fail(err, PD_LIMIT, "it has %zu bytes; 4,000 are read", text.len);
    if (!pd_utf8_valid(text, NULL))
        return pd_fail(err, PD_INVALID, "it is not UTF-8");
    struct parser *p = calloc(1, sizeof(*p));
    if (!p)
        return pd_fail_memory(err);
    p->text = text;
    p->err = err;
    uint16_t root = read_either(p);
    if (p->status == PD_OK && p->at < text.len)
        stop(p, PD_INVALID, "a bracket ) was never opened");
    if (p->status == PD_OK &&
        !pd_regex_write(p->nodes, root, false, p->steps, PD_REGEX_STEPS_MOST, &p->length))
        stop(p, PD_LIMIT, "written out it has more than 4,096 steps: repeat less");
    enum pd_status st = p->status == PD_OK ? keep(p, arena, out, err) : p->status;
    free(p);
    return st;
}

bool pattern_is(const struct pattern *pattern, pd_str text) {
    return pd_regex_is(&pattern->regex, text);
}
