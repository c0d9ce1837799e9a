/*
 * The layout of policy text. It works on tokens, not on the tree: what is written stays written
 * (brackets, numbers, escapes, comments), only the space between changes.
 *
 * A stretch of an expression stands on one line if it fits. Otherwise it is cut where it binds
 * least: `if`, `||`, `&&`; then inside its brackets. A comment at a line's end stays behind its
 * word, and one on a line of its own stays before the word that follows.
 */
#include "law/cedar_parser.h"

#include <string.h>

enum {
    WIDTH = 100,   /* columns */
    INDENT = 4,    /* columns */
    HANG_MAX = 60, /* columns up to which what stands in brackets is aligned with the bracket */
    MEMORY_MAX = 1 << 30, /* bytes, for the words of one text */
    CLOSING_MAX = 3       /* columns kept free for what follows: ` &&`, `),` */
};

struct comment {
    pd_str text; /* from the slashes, without space at the end */
    bool is_after_blank;
};
struct word {
    enum law_token_kind kind;
    pd_str text;
    bool is_spaced;                      /* a space stands before it when both are on one line */
    bool is_after_blank;                 /* a blank line stood before it */
    size_t comment_start, comment_count; /* before it, each on its own line */
    pd_str trailing;                     /* comment behind it on its line, or empty */
    size_t partner;                      /* of an opening bracket: its closing one */
    size_t end;                          /* columns from the text's first word, all on one line */
    size_t comments_end;                 /* comments so far, its own included */
};

struct layout {
    struct law_parser p;
    struct law_list words, comments;
    struct word *word; /* of `words` */
    struct pd_buf *out;
    size_t column;
    bool must_break; /* a comment ended the line */
};

/* ---- Words ---- */

static bool is_text(const struct word *w, const char *text) {
    return w->kind != LAW_TOKEN_STRING && pd_str_is(w->text, text);
}

static bool is_any(const struct word *w, const char *const *texts) {
    for (; *texts; texts++)
        if (is_text(w, *texts))
            return true;
    return false;
}

static const char *const openers[] = {"(", "[", "{", NULL};
static const char *const closers[] = {")", "]", "}", NULL};

/** Whether an operand ends here: a sign behind it is a minus, a bracket an index or call. */
static bool is_operand_end(const struct word *w) {
    static const char *const words[] = {"if", "then", "else", "in", "like", "has", "is", NULL};
    return w->kind == LAW_TOKEN_NAME ? !is_any(w, words)
                                     : w->kind != LAW_TOKEN_PUNCTUATION || is_any(w, closers);
}

static bool is_spaced(const struct word *before, const struct word *sign, const struct word *w) {
    static const char *const tight_before[] = {")", "]", "}", ",", ";", ":", ".", "::", NULL};
    static const char *const tight_after[] = {"(", "[", "{", ".", "::", "@", "!", NULL};
    if (!before || is_any(w, tight_before) || is_any(before, tight_after))
        return false;
    if (is_text(before, "-") && (!sign || !is_operand_end(sign)))
        return false; /* `-x` */
    if (sign && is_text(sign, "@"))
        return false; /* `@key(` */
    if (is_text(w, "("))
        return !is_operand_end(before) || is_text(before, "permit") || is_text(before, "forbid");
    return !is_text(w, "[") || !is_operand_end(before);
}

/** Notes the comments in the space before the next token; `previous` NULL at the start. */
static bool add_comments(struct layout *l, pd_str gap, struct word *previous, struct word *next) {
    size_t lines = 0;
    next->comment_start = l->comments.count;
    for (size_t i = 0; i < gap.len;) {
        if (gap.data[i] != '/') {
            lines += gap.data[i++] == '\n';
            continue;
        }
        size_t end = i;
        while (end < gap.len && gap.data[end] != '\n' && gap.data[end] != '\r')
            end++;
        pd_str text = pd_str_sub(gap, i, end - i);
        while (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t')
            text.len--;
        i = end;
        if (lines == 0 && previous && previous->trailing.len == 0) {
            previous->trailing = text;
            continue;
        }
        struct comment *slot = law_list_add(&l->p, &l->comments);
        if (!slot)
            return false;
        *slot = (struct comment){text, lines > 1};
        next->comment_count++;
        lines = 0;
    }
    next->is_after_blank = lines > 1;
    return true;
}

/** Reads all tokens, the end included, and what stands between them. */
static bool read_words(struct layout *l) {
    size_t end = 0;
    for (bool is_last = false; !is_last; law_token_next(&l->p)) {
        struct law_token token = l->p.token;
        is_last = token.kind == LAW_TOKEN_END;
        size_t start = is_last ? l->p.text.len : token.place.offset;
        struct word word = {.kind = token.kind, .text = is_last ? PD_STR("") : token.text};
        struct word *words = l->words.items;
        size_t n = l->words.count;
        struct word *before = n > 0 ? &words[n - 1] : NULL;
        if (l->p.status != PD_OK ||
            !add_comments(l, pd_str_sub(l->p.text, end, start - end), before, &word))
            return false;
        word.is_spaced = is_spaced(before, n > 1 ? &words[n - 2] : NULL, &word);
        word.end = (before ? before->end : 0) + word.is_spaced + pd_utf8_length(word.text);
        word.comments_end =
            (before ? before->comments_end + (before->trailing.len > 0) : 0) + word.comment_count;
        end = start + word.text.len;
        struct word *slot = law_list_add(&l->p, &l->words);
        if (!slot)
            return false;
        *slot = word;
    }
    l->word = l->words.items;
    return true;
}

/** Pairs the brackets, which match: the text was parsed. */
static bool pair_brackets(struct layout *l) {
    struct law_list open = {.item_size = sizeof(size_t)};
    for (size_t i = 0; i < l->words.count; i++) {
        if (is_any(&l->word[i], openers)) {
            size_t *slot = law_list_add(&l->p, &open);
            if (!slot)
                return false;
            *slot = i;
        } else if (is_any(&l->word[i], closers)) {
            l->word[((size_t *)open.items)[--open.count]].partner = i;
        }
    }
    return true;
}

/* ---- Writing ---- */

static void write_line_end(struct layout *l) {
    if (l->column > 0)
        pd_buf_char(l->out, '\n');
    l->column = 0;
    l->must_break = false;
}

static void write_text(struct layout *l, pd_str text, size_t indent) {
    for (; l->column == 0 && indent > 0; indent--)
        pd_buf_char(l->out, ' ');
    pd_buf_str(l->out, text);
    l->column = 1; /* the caller that needs more counts it */
}

/** Writes one word with its comments. `indent`: where it begins if it begins a line. */
static void write_word(struct layout *l, size_t i, size_t indent) {
    const struct word *w = &l->word[i];
    const struct comment *comments = l->comments.items;
    if (l->must_break || w->comment_count > 0)
        write_line_end(l);
    for (size_t c = 0; c < w->comment_count; c++) {
        write_text(l, comments[w->comment_start + c].text, indent);
        write_line_end(l);
    }
    size_t column = l->column > 0 ? l->column : indent;
    if (l->column > 0 && w->is_spaced) {
        pd_buf_char(l->out, ' ');
        column++;
    }
    write_text(l, w->text, indent);
    l->column = column + pd_utf8_length(w->text);
    if (w->trailing.len > 0) {
        pd_buf_char(l->out, ' ');
        pd_buf_str(l->out, w->trailing);
        l->must_break = true;
    }
}

/** Columns of the words [from, to) on one line, the space before the first not counted. */
static size_t width_of(const struct layout *l, size_t from, size_t to) {
    const struct word *first = &l->word[from];
    return l->word[to - 1].end - first->end + pd_utf8_length(first->text);
}

/** Whether comments stand between the words [from, to). */
static bool has_comments(const struct layout *l, size_t from, size_t to) {
    const struct word *first = &l->word[from], *last = &l->word[to - 1];
    return last->comments_end > first->comments_end;
}

static bool fits(const struct layout *l, size_t from, size_t to, size_t indent) {
    bool begins_line = l->column == 0 || l->must_break || l->word[from].comment_count > 0;
    size_t column = begins_line ? indent : l->column + 1;
    return from == to ||
           (!has_comments(l, from, to) && column + width_of(l, from, to) + CLOSING_MAX <= WIDTH);
}

static void write_words(struct layout *l, size_t from, size_t to, size_t indent) {
    for (; from < to; from++)
        write_word(l, from, indent);
}

/* ---- Expressions ---- */

/** The next of `texts` in [from, to) outside of inner brackets; `to` if there is none. */
static size_t find_outside(const struct layout *l, size_t from, size_t to,
                           const char *const *texts) {
    while (from < to && !is_any(&l->word[from], texts))
        from = is_any(&l->word[from], openers) ? l->word[from].partner + 1 : from + 1;
    return from;
}

static void write_expression(struct layout *l, size_t from, size_t to, size_t indent);

/** Each operand on a line; but `x has a &&` keeps beside it what it guards, if that fits. */
static void write_chain(struct layout *l, size_t from, size_t to, const char *const *operator,
                        size_t indent) {
    static const char *const has[] = {"has", NULL};
    bool guards = false;
    while (from < to) {
        size_t end = find_outside(l, from, to, operator);
        if (l->column > indent && !(guards && fits(l, from, end, indent)))
            write_line_end(l);
        guards = find_outside(l, from, end, has) < end && fits(l, from, end, indent);
        write_expression(l, from, end, indent);
        if (end < to)
            write_word(l, end++, indent);
        from = end;
    }
}

/** `if a`, `then b`, `else c`, each on a line. */
static void write_if(struct layout *l, size_t from, size_t to, size_t indent) {
    static const char *const words[] = {"if", "then", "else", NULL};
    while (from < to) {
        size_t inner = 0; /* ifs that have not come to their else */
        size_t end = from + 1;
        for (; end < to; end++) {
            end = find_outside(l, end, to, words);
            if (end == to || (inner == 0 && !is_text(&l->word[end], "if")))
                break;
            if (is_text(&l->word[end], "if"))
                inner++;
            else if (is_text(&l->word[end], "else"))
                inner--;
        }
        bool is_else = is_text(&l->word[from], "else");
        write_word(l, from, indent);
        write_expression(l, from + 1, is_else ? to : end, indent + INDENT);
        from = is_else ? to : end;
        if (from < to)
            write_line_end(l);
    }
}

/** What stands in brackets, item by item, as many on a line as fit. */
static void write_items(struct layout *l, size_t from, size_t to, size_t indent) {
    static const char *const comma[] = {",", NULL};
    while (from < to) {
        size_t end = find_outside(l, from, to, comma);
        if (!fits(l, from, end, indent) && l->column > indent)
            write_line_end(l);
        write_expression(l, from, end, indent);
        if (end < to)
            write_word(l, end++, indent);
        from = end;
    }
}

/** A bracket that does not fit on the line, at `open`. */
static void write_bracket(struct layout *l, size_t open, size_t indent) {
    size_t close = l->word[open].partner;
    write_word(l, open, indent);
    size_t inner = l->column;
    bool hangs = inner <= HANG_MAX && !l->must_break;
    if (!hangs) {
        inner = indent + INDENT;
        write_line_end(l);
    }
    write_items(l, open + 1, close, inner);
    if (!hangs)
        write_line_end(l);
    write_word(l, close, hangs ? inner - 1 : indent);
}

static void write_expression(struct layout *l, size_t from, size_t to, size_t indent) {
    static const char *const or [] = {"||", NULL}, *const and[] = {"&&", NULL};
    if (fits(l, from, to, indent)) {
        write_words(l, from, to, indent);
        return;
    }
    if (is_text(&l->word[from], "if")) {
        write_if(l, from, to, indent);
        return;
    }
    if (find_outside(l, from, to, or) < to) {
        write_chain(l, from, to, or, indent);
        return;
    }
    if (find_outside(l, from, to, and) < to) {
        write_chain(l, from, to, and, indent);
        return;
    }
    while (from < to) {
        bool is_open = is_any(&l->word[from], openers);
        size_t end = is_open ? l->word[from].partner + 1 : from + 1;
        if (is_open && !fits(l, from, end, indent))
            write_bracket(l, from, indent);
        else
            write_words(l, from, end, indent);
        from = end;
    }
}

/* ---- Policies ---- */

/** The scope: on one line, or a line for each of its three. */
static size_t write_scope(struct layout *l, size_t from) {
    static const char *const comma[] = {",", NULL};
    size_t open = from + 1, close = l->word[open].partner;
    if (fits(l, from, close + 1, 0)) {
        write_words(l, from, close + 1, 0);
        return close + 1;
    }
    write_words(l, from, open + 1, 0);
    for (size_t at = open + 1; at < close;) {
        size_t end = find_outside(l, at, close, comma);
        write_line_end(l);
        write_expression(l, at, end, INDENT);
        if (end < close)
            write_word(l, end++, INDENT);
        at = end;
    }
    write_line_end(l);
    write_word(l, close, 0);
    return close + 1;
}

/** `when { ... }`, in one line or with its braces apart. */
static size_t write_clause(struct layout *l, size_t from) {
    size_t open = from + 1, close = l->word[open].partner;
    bool is_flat = width_of(l, from, close + 1) + 2 + 1 <= WIDTH &&
                   !has_comments(l, from, close + 1) && l->word[from].trailing.len == 0;
    write_line_end(l);
    write_word(l, from, 0);
    write_word(l, open, 0);
    if (is_flat) {
        pd_buf_char(l->out, ' ');
        l->column++;
        write_words(l, open + 1, close, 0);
        pd_buf_char(l->out, ' ');
        l->column++;
    } else {
        write_line_end(l);
        write_expression(l, open + 1, close, INDENT);
        write_line_end(l);
    }
    write_word(l, close, 0);
    return close + 1;
}

/** `@key("value")` */
static size_t write_annotation(struct layout *l, size_t from) {
    size_t end = is_text(&l->word[from + 2], "(") ? l->word[from + 2].partner + 1 : from + 2;
    write_words(l, from, end, 0);
    write_line_end(l);
    return end;
}

/** The comments before a policy, with the blank lines between them. */
static void write_heading(struct layout *l, struct word *first) {
    const struct comment *comments = l->comments.items;
    for (size_t c = 0; c < first->comment_count; c++) {
        const struct comment *comment = &comments[first->comment_start + c];
        if (comment->is_after_blank && c > 0)
            pd_buf_char(l->out, '\n');
        write_text(l, comment->text, 0);
        write_line_end(l);
    }
    if (first->is_after_blank && first->comment_count > 0 && first->kind != LAW_TOKEN_END)
        pd_buf_char(l->out, '\n');
    first->comment_count = 0;
}

static void write_policies(struct layout *l) {
    size_t at = 0;
    for (;;) {
        struct word *first = &l->word[at];
        bool is_end = first->kind == LAW_TOKEN_END;
        if (at > 0 && (!is_end || first->comment_count > 0))
            pd_buf_char(l->out, '\n');
        write_heading(l, first);
        if (is_end)
            return;
        while (is_text(&l->word[at], "@"))
            at = write_annotation(l, at);
        at = write_scope(l, at);
        while (!is_text(&l->word[at], ";"))
            at = write_clause(l, at);
        write_word(l, at++, 0);
        write_line_end(l);
    }
}

enum pd_status law_policies_format(pd_str name, pd_str text, struct pd_buf *out,
                                   struct pd_error *err) {
    struct law_policies *set = law_policies_new(MEMORY_MAX);
    if (!set)
        return pd_fail_memory(err);
    enum pd_status st = law_policies_parse(set, name, text, LAW_IDS_NUMBERED, err);
    law_policies_free(set);
    if (st != PD_OK)
        return st;
    struct pd_arena *arena = pd_arena_new(MEMORY_MAX);
    if (!arena)
        return pd_fail_memory(err);
    struct layout l = {.words = {.item_size = sizeof(struct word)},
                       .comments = {.item_size = sizeof(struct comment)},
                       .out = out};
    law_parser_init(&l.p, name, text, arena, err);
    if (read_words(&l) && pair_brackets(&l)) {
        write_policies(&l);
        st = pd_buf_check(out, err);
    } else {
        st = l.p.status;
    }
    pd_arena_free(arena);
    return st;
}
