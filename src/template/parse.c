/**
 * Reads a template. Sections, partials, comments and delimiters that stand alone on a line take the
 * whole line with them, as the specification asks.
 */
#include "template/template_impl.h"

#include <string.h>

struct parser {
    pd_str text;
    size_t at;   /* what isn't read yet */
    size_t from; /* where the text begins that is no node yet */
    bool line;   /* `from` is where a line begins */
    pd_str open, close;
    struct pd_arena *arena;
    struct template_node *nodes;
    size_t count, capacity;
    size_t sections[TEMPLATE_DEPTH_MAX]; /* those that are open */
    size_t depth;
    struct pd_error *err;
};

/** What a tag is, by its first character. */
struct sigil {
    char first;
    char last; /* stands before the closing delimiter; 0: nothing */
    enum {
        TAG_VALUE,
        TAG_RAW,
        TAG_SECTION,
        TAG_INVERTED,
        TAG_END,
        TAG_PARTIAL,
        TAG_COMMENT,
        TAG_DELIMITERS
    } kind;
    bool may_stand_alone;
};
static const struct sigil SIGILS[] = {
    {'{', '}', TAG_RAW, false},   {'&', 0, TAG_RAW, false},         {'#', 0, TAG_SECTION, true},
    {'^', 0, TAG_INVERTED, true}, {'/', 0, TAG_END, true},          {'>', 0, TAG_PARTIAL, true},
    {'!', 0, TAG_COMMENT, true},  {'=', '=', TAG_DELIMITERS, true},
};
static const struct sigil PLAIN = {0, 0, TAG_VALUE, false};

struct tag {
    const struct sigil *sigil;
    size_t start, end; /* in the text, with its delimiters */
    pd_str content;    /* trimmed */
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static pd_str trim(pd_str s) {
    while (s.len && is_space(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len && is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

static size_t find_from(pd_str text, size_t from, pd_str needle) {
    size_t at = pd_str_find(pd_str_sub(text, from, text.len), needle);
    return at == PD_NPOS ? PD_NPOS : from + at;
}

static size_t line_at(const struct parser *p, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += p->text.data[i] == '\n';
    return line;
}

static struct template_node *add(struct parser *p, enum template_node_kind kind, pd_str text) {
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 32;
        struct template_node *grown = pd_arena_array(p->arena, capacity, sizeof(*grown));
        if (!grown)
            return NULL;
        if (p->count)
            memcpy(grown, p->nodes, p->count * sizeof(*grown));
        p->nodes = grown;
        p->capacity = capacity;
    }
    struct template_node *node = &p->nodes[p->count++];
    *node = (struct template_node){.kind = kind, .text = text};
    return node;
}

static bool add_line_text(struct parser *p, pd_str text, bool starts_line) {
    struct template_node *node = add(p, NODE_TEXT, text);
    if (node)
        node->starts_line = starts_line;
    return node;
}

/**
 * The text up to `to` becomes a node. Where a tag begins a line that isn't its own, an empty text
 * stands before it, so that there is something to indent.
 */
static bool add_text(struct parser *p, size_t to, bool is_alone) {
    pd_str text = pd_str_sub(p->text, p->from, to - p->from);
    bool ends_line = text.len ? text.data[text.len - 1] == '\n' : p->line;
    if (text.len && !add_line_text(p, text, p->line))
        return false;
    return is_alone || !ends_line || add_line_text(p, PD_STR(""), true);
}

/** Finds the next tag; false: there is none, or (p->err is set) it has no end. */
static bool next_tag(struct parser *p, struct tag *tag, enum pd_status *status) {
    *status = PD_OK;
    size_t start = find_from(p->text, p->at, p->open);
    if (start == PD_NPOS)
        return false;
    size_t inside = start + p->open.len;
    const struct sigil *sigil = &PLAIN;
    for (size_t i = 0; i < sizeof(SIGILS) / sizeof(SIGILS[0]) && inside < p->text.len; i++)
        if (SIGILS[i].first == p->text.data[inside])
            sigil = &SIGILS[i];
    if (sigil->first)
        inside++;
    size_t end = find_from(p->text, inside, p->close);
    if (sigil->last) /* "}}}" ends {{{x}}}, "=}}" ends {{=x=}} */
        while (end != PD_NPOS && !(end > inside && p->text.data[end - 1] == sigil->last))
            end = find_from(p->text, end + 1, p->close);
    if (end == PD_NPOS) {
        *status = pd_fail(p->err, PD_INVALID, "line %zu: the tag that begins here has no end",
                          line_at(p, start));
        return false;
    }
    size_t last = sigil->last ? end - 1 : end;
    *tag = (struct tag){sigil, start, end + p->close.len,
                        trim(pd_str_sub(p->text, inside, last - inside))};
    return true;
}

/** Whether nothing else stands on the tag's line; then [*start, *end) is the line with its end. */
static bool stands_alone(const struct parser *p, const struct tag *tag, size_t *start,
                         size_t *end) {
    const char *text = p->text.data;
    size_t from = tag->start, to = tag->end;
    while (from && (text[from - 1] == ' ' || text[from - 1] == '\t'))
        from--;
    if (from && text[from - 1] != '\n')
        return false;
    while (to < p->text.len && (text[to] == ' ' || text[to] == '\t'))
        to++;
    if (to + 1 < p->text.len && text[to] == '\r' && text[to + 1] == '\n')
        to++;
    if (to < p->text.len && text[to] != '\n')
        return false;
    *start = from;
    *end = to < p->text.len ? to + 1 : to;
    return true;
}

static enum pd_status set_delimiters(struct parser *p, const struct tag *tag) {
    pd_str open = {tag->content.data, 0}, close = tag->content;
    while (open.len < tag->content.len && !is_space(open.data[open.len]))
        open.len++;
    close = trim(pd_str_sub(tag->content, open.len, tag->content.len));
    bool is_fit = open.len && close.len && pd_str_find_char(open, '=') == PD_NPOS &&
                  pd_str_find_char(close, '=') == PD_NPOS;
    for (size_t i = 0; i < close.len; i++)
        is_fit = is_fit && !is_space(close.data[i]);
    if (!is_fit)
        return pd_fail(p->err, PD_INVALID,
                       "line %zu: delimiters are two words without \"=\", as in {{=<%% %%>=}}",
                       line_at(p, tag->start));
    p->open = open;
    p->close = close;
    return PD_OK;
}

static enum pd_status check_name(struct parser *p, const struct tag *tag) {
    pd_str name = tag->content;
    if (!name.len)
        return pd_fail(p->err, PD_INVALID, "line %zu: a tag without a name",
                       line_at(p, tag->start));
    for (size_t i = 0; i < name.len; i++)
        if (is_space(name.data[i]) || strchr("<$*@{}&#^/>!=", name.data[i]))
            return pd_fail(p->err, PD_INVALID, "line %zu: \"%.*s\" is no name",
                           line_at(p, tag->start), pd_arg(pd_str_sub(name, 0, 64)));
    return PD_OK;
}

static enum pd_status open_section(struct parser *p, const struct tag *tag,
                                   enum template_node_kind kind) {
    if (p->depth == TEMPLATE_DEPTH_MAX)
        return pd_fail(p->err, PD_INVALID, "line %zu: sections are more than %d deep",
                       line_at(p, tag->start), TEMPLATE_DEPTH_MAX);
    if (!add(p, kind, tag->content))
        return pd_fail_memory(p->err);
    p->sections[p->depth++] = p->count - 1;
    return PD_OK;
}

static enum pd_status close_section(struct parser *p, const struct tag *tag) {
    if (!p->depth)
        return pd_fail(p->err, PD_INVALID, "line %zu: \"%.*s\" ends here and never began",
                       line_at(p, tag->start), pd_arg(pd_str_sub(tag->content, 0, 64)));
    struct template_node *section = &p->nodes[p->sections[p->depth - 1]];
    if (!pd_str_eq(section->text, tag->content))
        return pd_fail(p->err, PD_INVALID,
                       "line %zu: \"%.*s\" ends here, but \"%.*s\" is still open",
                       line_at(p, tag->start), pd_arg(pd_str_sub(tag->content, 0, 64)),
                       pd_arg(pd_str_sub(section->text, 0, 64)));
    section->end = p->count;
    p->depth--;
    return PD_OK;
}

static enum pd_status take_tag(struct parser *p, const struct tag *tag, pd_str indentation) {
    if (tag->sigil->kind == TAG_COMMENT)
        return PD_OK;
    if (tag->sigil->kind == TAG_DELIMITERS)
        return set_delimiters(p, tag);
    enum pd_status st = check_name(p, tag);
    if (st != PD_OK)
        return st;
    struct template_node *node = NULL;
    switch (tag->sigil->kind) {
    case TAG_SECTION:
        return open_section(p, tag, NODE_SECTION);
    case TAG_INVERTED:
        return open_section(p, tag, NODE_INVERTED);
    case TAG_END:
        return close_section(p, tag);
    case TAG_PARTIAL:
        node = add(p, NODE_PARTIAL, tag->content);
        if (node)
            node->indentation = indentation;
        break;
    default:
        node = add(p, tag->sigil->kind == TAG_RAW ? NODE_RAW : NODE_VALUE, tag->content);
    }
    return node ? PD_OK : pd_fail_memory(p->err);
}

static enum pd_status parse(struct parser *p) {
    struct tag tag;
    enum pd_status st;
    while (next_tag(p, &tag, &st)) {
        size_t start = tag.start, end = tag.end;
        bool is_alone = tag.sigil->may_stand_alone && stands_alone(p, &tag, &start, &end);
        pd_str indentation = pd_str_sub(p->text, start, tag.start - start);
        if (!add_text(p, start, is_alone))
            return pd_fail_memory(p->err);
        if ((st = take_tag(p, &tag, indentation)) != PD_OK)
            return st;
        p->from = p->at = end;
        p->line = is_alone;
    }
    if (st != PD_OK)
        return st;
    if (p->from < p->text.len && !add_text(p, p->text.len, true))
        return pd_fail_memory(p->err);
    if (p->depth)
        return pd_fail(p->err, PD_INVALID, "the section \"%.*s\" has no end",
                       pd_arg(pd_str_sub(p->nodes[p->sections[p->depth - 1]].text, 0, 64)));
    return PD_OK;
}

enum pd_status template_parse(pd_str text, struct pd_arena *arena, const struct template **out,
                              struct pd_error *err) {
    if (text.len > TEMPLATE_BYTES_MAX)
        return pd_fail(err, PD_LIMIT, "a template of %zu bytes; at most %d are read", text.len,
                       TEMPLATE_BYTES_MAX);
    struct parser p = {.text = text,
                       .line = true,
                       .open = PD_STR("{{"),
                       .close = PD_STR("}}"),
                       .arena = arena,
                       .err = err};
    enum pd_status st = parse(&p);
    if (st != PD_OK)
        return st;
    struct template *template = pd_arena_alloc(arena, sizeof(*template));
    if (!template)
        return pd_fail_memory(err);
    *template = (struct template){p.nodes, p.count};
    *out = template;
    return PD_OK;
}

void template_uses(const struct template *template,
                   void (*each)(void *context, enum template_use use, pd_str name), void *context) {
    static const enum template_use USES[] = {
        [NODE_VALUE] = TEMPLATE_USES_VALUE,     [NODE_RAW] = TEMPLATE_USES_RAW,
        [NODE_SECTION] = TEMPLATE_USES_SECTION, [NODE_INVERTED] = TEMPLATE_USES_SECTION,
        [NODE_PARTIAL] = TEMPLATE_USES_PARTIAL,
    };
    for (size_t i = 0; i < template->count; i++)
        if (template->nodes[i].kind != NODE_TEXT)
            each(context, USES[template->nodes[i].kind], template->nodes[i].text);
}

pd_str template_plain(const struct template *template) {
    if (template->count == 0)
        return PD_STR("");
    bool is_plain = template->count == 1 && template->nodes[0].kind == NODE_TEXT;
    return is_plain ? template->nodes[0].text : (pd_str){NULL, 0};
}
