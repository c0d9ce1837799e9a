/** Renders: walks the nodes with a stack of values, the innermost last. */
#include "template/template_impl.h"

struct indentation {
    pd_str text;
    const struct indentation *outer;
};
struct renderer {
    const struct template_value *stack[TEMPLATE_DEPTH_MAX + 2];
    size_t height;
    size_t steps;
    template_finder *find;
    void *find_context;
    struct pd_buf *out;
    struct pd_error *err;
};

/** The value that a name means here: its first part anywhere on the stack, the rest within that. */
static const struct template_value *resolve(const struct renderer *r, pd_str name) {
    if (pd_str_is(name, "."))
        return r->stack[r->height - 1];
    pd_str part;
    if (!pd_str_split(&name, '.', &part))
        return NULL;
    const struct template_value *value = NULL;
    for (size_t i = r->height; i-- && !value;)
        value = template_get(r->stack[i], part);
    while (value && pd_str_split(&name, '.', &part))
        value = template_get(value, part);
    return value;
}

static bool is_true(const struct template_value *value) {
    if (!value)
        return false;
    switch (value->kind) {
    case TEMPLATE_NULL:
    case TEMPLATE_FALSE:
        return false;
    case TEMPLATE_TEXT:
        return value->text.len > 0;
    case TEMPLATE_LIST:
        return value->first != NULL;
    default:
        return true;
    }
}

static void write_indentation(struct pd_buf *out, const struct indentation *indentation) {
    if (!indentation)
        return;
    write_indentation(out, indentation->outer);
    pd_buf_str(out, indentation->text);
}

/** Texts of a partial that stands indented are indented line by line; values aren't. */
static void write_text(struct pd_buf *out, const struct template_node *node,
                       const struct indentation *indentation) {
    if (!indentation) {
        pd_buf_str(out, node->text);
        return;
    }
    pd_str rest = node->text;
    bool starts_line = node->starts_line;
    do {
        size_t end = pd_str_find_char(rest, '\n');
        size_t len = end == PD_NPOS ? rest.len : end + 1;
        if (starts_line)
            write_indentation(out, indentation);
        pd_buf_add(out, rest.data, len);
        rest = pd_str_sub(rest, len, rest.len);
        starts_line = true;
    } while (rest.len);
}

static void write_value(struct pd_buf *out, const struct template_value *value, bool is_raw) {
    if (!value)
        return;
    if (value->kind == TEMPLATE_TEXT && is_raw)
        pd_buf_str(out, value->text);
    else if (value->kind == TEMPLATE_TEXT)
        template_escape(out, value->text);
    else if (value->kind == TEMPLATE_TRUE || value->kind == TEMPLATE_FALSE)
        pd_buf_text(out, value->kind == TEMPLATE_TRUE ? "true" : "false");
}

static enum pd_status render(struct renderer *r, const struct template *template, size_t from,
                             size_t to, int depth, const struct indentation *indentation);

static enum pd_status render_with(struct renderer *r, const struct template *template, size_t at,
                                  int depth, const struct template_value *value,
                                  const struct indentation *indentation) {
    r->stack[r->height++] = value;
    enum pd_status st =
        render(r, template, at + 1, template->nodes[at].end, depth + 1, indentation);
    r->height--;
    return st;
}

static enum pd_status render_section(struct renderer *r, const struct template *template, size_t at,
                                     int depth, const struct indentation *indentation) {
    const struct template_value *value = resolve(r, template->nodes[at].text);
    if (!is_true(value))
        return PD_OK;
    if (value->kind != TEMPLATE_LIST)
        return render_with(r, template, at, depth, value, indentation);
    enum pd_status st = PD_OK;
    for (const struct template_value *item = value->first; item && st == PD_OK; item = item->next)
        st = render_with(r, template, at, depth, item, indentation);
    return st;
}

static enum pd_status render_partial(struct renderer *r, const struct template_node *node,
                                     int depth, const struct indentation *outer) {
    const struct template *partial = r->find ? r->find(r->find_context, node->text) : NULL;
    if (!partial)
        return PD_OK;
    struct indentation inner = {node->indentation, outer};
    return render(r, partial, 0, partial->count, depth + 1, node->indentation.len ? &inner : outer);
}

static enum pd_status render(struct renderer *r, const struct template *template, size_t from,
                             size_t to, int depth, const struct indentation *indentation) {
    if (depth > TEMPLATE_DEPTH_MAX)
        return pd_fail(r->err, PD_LIMIT, "sections and partials are more than %d deep",
                       TEMPLATE_DEPTH_MAX);
    enum pd_status st = PD_OK;
    for (size_t at = from; at < to && st == PD_OK;) {
        const struct template_node *node = &template->nodes[at];
        if (++r->steps > TEMPLATE_STEPS_MAX || r->out->failed)
            return pd_fail(r->err, PD_LIMIT, "a page becomes too long");
        switch (node->kind) {
        case NODE_TEXT:
            write_text(r->out, node, indentation);
            break;
        case NODE_VALUE:
        case NODE_RAW:
            write_value(r->out, resolve(r, node->text), node->kind == NODE_RAW);
            break;
        case NODE_SECTION:
            st = render_section(r, template, at, depth, indentation);
            break;
        case NODE_INVERTED:
            if (!is_true(resolve(r, node->text)))
                st = render(r, template, at + 1, node->end, depth + 1, indentation);
            break;
        case NODE_PARTIAL:
            st = render_partial(r, node, depth, indentation);
            break;
        }
        at = node->end ? node->end : at + 1;
    }
    return st;
}

enum pd_status template_render(const struct template *template, const struct template_value *values,
                               const struct template_maker *maker, template_finder *find,
                               void *find_context, struct pd_buf *out, struct pd_error *err) {
    if (maker && maker->failed)
        return pd_fail_memory(err);
    struct renderer r = {.stack = {values},
                         .height = 1,
                         .find = find,
                         .find_context = find_context,
                         .out = out,
                         .err = err};
    enum pd_status st = render(&r, template, 0, template->count, 0, NULL);
    return st == PD_OK ? pd_buf_check(out, err) : st;
}

void template_escape(struct pd_buf *out, pd_str text) {
    static const char *const REFERENCES[128] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        const char *reference = c < 128 ? REFERENCES[c] : NULL;
        if (!reference)
            continue;
        pd_buf_add(out, text.data + from, i - from);
        pd_buf_text(out, reference);
        from = i + 1;
    }
    pd_buf_add(out, text.data + from, text.len - from);
}
