/*
 * The text of an HTML page: what stands between the tags, with white space as a browser shows it,
 * each block on a line of its own, cells of a table apart by tabs. Scripts, styles and templates
 * are no text. Not a parser of the HTML standard: whatever tag soup comes, text in it is found.
 */
#include "source/source_impl.h"
#include <stdio.h>
#include <string.h>

struct page {
    pd_str rest;
    struct pd_buf *out;
    bool has_space; /* white space was met that may have to be written before the next word */
    unsigned pre;   /* depth of pre and textarea, where white space counts */
};

/* ---- Tags ---- */

enum effect { INLINE, BLOCK, CELL, LINE, PRE, HIDDEN };

static enum effect effect_of(pd_str name) {
    static const struct {
        const char *name;
        enum effect effect;
    } tags[] = {
        {"address", BLOCK},    {"article", BLOCK}, {"aside", BLOCK},     {"blockquote", BLOCK},
        {"body", BLOCK},       {"br", LINE},       {"caption", BLOCK},   {"dd", BLOCK},
        {"div", BLOCK},        {"dl", BLOCK},      {"dt", BLOCK},        {"fieldset", BLOCK},
        {"figcaption", BLOCK}, {"figure", BLOCK},  {"footer", BLOCK},    {"form", BLOCK},
        {"h1", BLOCK},         {"h2", BLOCK},      {"h3", BLOCK},        {"h4", BLOCK},
        {"h5", BLOCK},         {"h6", BLOCK},      {"header", BLOCK},    {"hr", BLOCK},
        {"legend", BLOCK},     {"li", BLOCK},      {"main", BLOCK},      {"nav", BLOCK},
        {"ol", BLOCK},         {"option", BLOCK},  {"p", BLOCK},         {"pre", PRE},
        {"script", HIDDEN},    {"section", BLOCK}, {"style", HIDDEN},    {"table", BLOCK},
        {"tbody", BLOCK},      {"td", CELL},       {"template", HIDDEN}, {"textarea", PRE},
        {"tfoot", BLOCK},      {"th", CELL},       {"thead", BLOCK},     {"title", BLOCK},
        {"tr", BLOCK},         {"ul", BLOCK}};
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (pd_str_eq_ascii_case(name, pd_str_from(tags[i].name)))
            return tags[i].effect;
    return INLINE;
}

static char last_of(const struct pd_buf *out) {
    return out->len > 0 ? out->data[out->len - 1] : '\n';
}

static void end_line(struct page *p) {
    p->has_space = false;
    while (last_of(p->out) == '\t') {
        p->out->len--; /* cells without text at the end of a row */
        p->out->data[p->out->len] = '\0';
    }
    if (last_of(p->out) != '\n')
        pd_buf_char(p->out, '\n');
}

/* The end of a tag: '>' outside quotes. PD_NPOS: none, so that "<" is text. */
static size_t tag_end(pd_str tag) {
    char quote = 0;
    for (size_t i = 1; i < tag.len; i++) {
        char c = tag.data[i];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i;
    }
    return pd_str_find_char(tag, '>'); /* a quote that never ends is a slip, not a page of quote */
}

static bool is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Skips to the end tag of a hidden element, or the end of the page. */
static void skip_hidden(struct page *p, pd_str name) {
    while (p->rest.len > 0) {
        size_t at = pd_str_find(p->rest, PD_STR("</"));
        p->rest = pd_str_sub(p->rest, at == PD_NPOS ? p->rest.len : at + 2, SIZE_MAX);
        if (pd_str_eq_ascii_case(pd_str_sub(p->rest, 0, name.len), name) &&
            (p->rest.len == name.len || !is_letter(p->rest.data[name.len]))) {
            size_t end = pd_str_find_char(p->rest, '>');
            p->rest = pd_str_sub(p->rest, end == PD_NPOS ? p->rest.len : end + 1, SIZE_MAX);
            return;
        }
    }
}

static void take_tag(struct page *p, pd_str tag) {
    bool is_end = tag.len > 1 && tag.data[1] == '/';
    size_t from = is_end ? 2 : 1, n = from;
    while (n < tag.len && (is_letter(tag.data[n]) || (tag.data[n] >= '0' && tag.data[n] <= '9')))
        n++;
    pd_str name = pd_str_sub(tag, from, n - from);
    enum effect effect = effect_of(name);
    switch (effect) {
    case INLINE:
        break;
    case HIDDEN:
        if (!is_end)
            skip_hidden(p, name);
        break;
    case PRE:
        end_line(p);
        p->pre = is_end ? p->pre - (p->pre > 0) : p->pre + 1;
        break;
    case LINE:
        p->has_space = false;
        pd_buf_char(p->out, '\n');
        break;
    case CELL:
        p->has_space = false;
        if (is_end || (last_of(p->out) != '\n' && last_of(p->out) != '\t'))
            pd_buf_char(p->out, '\t'); /* many cells are never closed */
        break;
    case BLOCK:
        end_line(p);
        break;
    }
}

/* ---- Characters ---- */

static uint32_t named(pd_str name) {
    static const struct {
        const char *name;
        uint16_t code;
    } entities[] = {{"amp", '&'},      {"lt", '<'},        {"gt", '>'},        {"quot", '"'},
                    {"apos", '\''},    {"nbsp", 0xa0},     {"iexcl", 0xa1},    {"cent", 0xa2},
                    {"pound", 0xa3},   {"curren", 0xa4},   {"yen", 0xa5},      {"sect", 0xa7},
                    {"copy", 0xa9},    {"laquo", 0xab},    {"reg", 0xae},      {"deg", 0xb0},
                    {"plusmn", 0xb1},  {"sup2", 0xb2},     {"sup3", 0xb3},     {"micro", 0xb5},
                    {"para", 0xb6},    {"middot", 0xb7},   {"raquo", 0xbb},    {"frac14", 0xbc},
                    {"frac12", 0xbd},  {"frac34", 0xbe},   {"iquest", 0xbf},   {"Agrave", 0xc0},
                    {"Aacute", 0xc1},  {"Acirc", 0xc2},    {"Atilde", 0xc3},   {"Auml", 0xc4},
                    {"Aring", 0xc5},   {"AElig", 0xc6},    {"Ccedil", 0xc7},   {"Egrave", 0xc8},
                    {"Eacute", 0xc9},  {"Ecirc", 0xca},    {"Euml", 0xcb},     {"Igrave", 0xcc},
                    {"Iacute", 0xcd},  {"Icirc", 0xce},    {"Iuml", 0xcf},     {"Ntilde", 0xd1},
                    {"Ograve", 0xd2},  {"Oacute", 0xd3},   {"Ocirc", 0xd4},    {"Otilde", 0xd5},
                    {"Ouml", 0xd6},    {"times", 0xd7},    {"Oslash", 0xd8},   {"Ugrave", 0xd9},
                    {"Uacute", 0xda},  {"Ucirc", 0xdb},    {"Uuml", 0xdc},     {"szlig", 0xdf},
                    {"agrave", 0xe0},  {"aacute", 0xe1},   {"acirc", 0xe2},    {"atilde", 0xe3},
                    {"auml", 0xe4},    {"aring", 0xe5},    {"aelig", 0xe6},    {"ccedil", 0xe7},
                    {"egrave", 0xe8},  {"eacute", 0xe9},   {"ecirc", 0xea},    {"euml", 0xeb},
                    {"igrave", 0xec},  {"iacute", 0xed},   {"icirc", 0xee},    {"iuml", 0xef},
                    {"ntilde", 0xf1},  {"ograve", 0xf2},   {"oacute", 0xf3},   {"ocirc", 0xf4},
                    {"otilde", 0xf5},  {"ouml", 0xf6},     {"divide", 0xf7},   {"oslash", 0xf8},
                    {"ugrave", 0xf9},  {"uacute", 0xfa},   {"ucirc", 0xfb},    {"uuml", 0xfc},
                    {"yuml", 0xff},    {"OElig", 0x152},   {"oelig", 0x153},   {"Scaron", 0x160},
                    {"scaron", 0x161}, {"ndash", 0x2013},  {"mdash", 0x2014},  {"lsquo", 0x2018},
                    {"rsquo", 0x2019}, {"sbquo", 0x201a},  {"ldquo", 0x201c},  {"rdquo", 0x201d},
                    {"bdquo", 0x201e}, {"bull", 0x2022},   {"hellip", 0x2026}, {"ensp", 0x2002},
                    {"emsp", 0x2003},  {"thinsp", 0x2009}, {"euro", 0x20ac},   {"trade", 0x2122},
                    {"larr", 0x2190},  {"rarr", 0x2192},   {"le", 0x2264},     {"ge", 0x2265}};
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
        if (pd_str_is(name, entities[i].name))
            return entities[i].code;
    return 0;
}

/* "#8212" or "#x2014"; numbers 0x80 to 0x9f are those of Windows-1252, as browsers take them. */
static uint32_t numbered(pd_str digits) {
    static const uint16_t windows[32] = {
        0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
    bool is_hex = digits.len > 1 && (digits.data[1] | 0x20) == 'x';
    uint32_t code = 0;
    for (size_t i = is_hex ? 2 : 1; i < digits.len && code < 0x110000; i++) {
        char c = digits.data[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && !(is_hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
            return 0;
        code = code * (is_hex ? 16 : 10) + (uint32_t)(is_digit ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return code >= 0x80 && code < 0xa0 ? windows[code - 0x80] : code;
}

/* The character of a reference at the start of `text`, its length in `*used`; 0: it is none. */
static uint32_t reference(pd_str text, size_t *used) {
    size_t n = 1;
    while (n < text.len && n < 12 &&
           (is_letter(text.data[n]) || text.data[n] == '#' ||
            (text.data[n] >= '0' && text.data[n] <= '9')))
        n++;
    pd_str name = pd_str_sub(text, 1, n - 1);
    if (name.len == 0)
        return 0;
    uint32_t code = name.data[0] == '#' ? numbered(name) : named(name);
    *used = n + (n < text.len && text.data[n] == ';');
    return code;
}

static void add_space(struct page *p, char c) {
    if (p->pre > 0)
        pd_buf_char(p->out, c);
    else
        p->has_space = true;
}

static void flush_space(struct page *p) {
    char before = last_of(p->out);
    if (p->has_space && before != '\n' && before != '\t')
        pd_buf_char(p->out, ' ');
    p->has_space = false;
}

static void take_reference(struct page *p) {
    size_t used = 1;
    uint32_t code = reference(p->rest, &used);
    char utf8[4];
    size_t n = code > 0 ? pd_utf8_encode(code, utf8) : 0;
    if (n == 0) {
        flush_space(p);
        pd_buf_char(p->out, '&');
        used = 1;
    } else if (code == 0xa0 || code == ' ') {
        add_space(p, ' ');
    } else {
        flush_space(p);
        pd_buf_add(p->out, utf8, n);
    }
    p->rest = pd_str_sub(p->rest, used, SIZE_MAX);
}

/* ---- The page ---- */

/* What starts with '<': a comment, a declaration, a tag, or just that character. */
static void take_angle(struct page *p) {
    bool is_comment = pd_str_starts(p->rest, PD_STR("<!--"));
    char next = p->rest.len > 1 ? p->rest.data[1] : 0;
    size_t end = PD_NPOS;
    if (is_comment) {
        end = pd_str_find(pd_str_sub(p->rest, 4, SIZE_MAX), PD_STR("-->"));
        p->rest = pd_str_sub(p->rest, end == PD_NPOS ? p->rest.len : end + 7, SIZE_MAX);
        return;
    }
    if (is_letter(next) || next == '/' || next == '!' || next == '?')
        end = tag_end(p->rest);
    if (end == PD_NPOS) {
        flush_space(p);
        pd_buf_char(p->out, '<');
        p->rest = pd_str_sub(p->rest, 1, SIZE_MAX);
        return;
    }
    pd_str tag = pd_str_sub(p->rest, 0, end);
    p->rest = pd_str_sub(p->rest, end + 1, SIZE_MAX);
    if (next != '!' && next != '?')
        take_tag(p, tag);
}

enum pd_status source_html_text(pd_str page, struct pd_buf *out, struct pd_error *err) {
    struct page p = {.rest = page, .out = out};
    while (p.rest.len > 0 && !out->failed) {
        char c = p.rest.data[0];
        if (c == '<') {
            take_angle(&p);
            continue;
        }
        if (c == '&') {
            take_reference(&p);
            continue;
        }
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
            add_space(&p, c);
        } else {
            flush_space(&p);
            pd_buf_char(out, c);
        }
        p.rest = pd_str_sub(p.rest, 1, SIZE_MAX);
    }
    end_line(&p);
    return out->failed ? pd_fail(err, PD_LIMIT, "its text has more than %zu MiB", out->limit >> 20)
                       : PD_OK;
}

/* charset=... of a meta element, or encoding="..." of an XML declaration. */
bool source_html_charset(pd_str page, char out[64]) {
    static const pd_str marks[] = {PD_STR_INIT("charset="), PD_STR_INIT("encoding=")};
    pd_str head = pd_str_sub(page, 0, 4096);
    for (size_t i = 0; i < 2; i++) {
        size_t at = pd_str_find(head, marks[i]);
        if (at == PD_NPOS)
            continue;
        pd_str rest = pd_str_sub(head, at + marks[i].len, SIZE_MAX);
        size_t n = 0;
        for (size_t k = 0; k < rest.len && n < 63; k++) {
            char c = rest.data[k];
            if (c == '"' || c == '\'') {
                if (n > 0)
                    break;
                continue;
            }
            if (c == ' ' || c == '>' || c == ';' || c == '/' || c == '?' || c < 0)
                break;
            out[n++] = c;
        }
        out[n] = '\0';
        if (n > 0)
            return true;
    }
    return false;
}

enum pd_status source_html(pd_str bytes, const struct source_wanted *wanted,
                           const struct source_sink *sink, struct pd_error *err) {
    struct pd_buf page, text;
    char charset[64];
    const char *found = "UTF-8";
    (void)wanted;
    pd_buf_init(&page, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    pd_buf_init(&text, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    /* What a page says of itself counts unless it is UTF-8 all the same, as many are. */
    bool is_utf8 = pd_utf8_valid(bytes, NULL);
    enum pd_status st = PD_UNSUPPORTED;
    if (!is_utf8 && source_html_charset(bytes, charset)) {
        st = source_decode(charset, bytes, &page, err);
        found = charset;
    }
    if (st == PD_UNSUPPORTED)
        st = source_decode_unknown(bytes, &page, &found, err);
    if (st == PD_OK && !is_utf8)
        st = source_note(sink, err, "The page is not UTF-8; it was read as %s.", found);
    if (st == PD_OK)
        st = source_html_text(pd_buf_view(&page), &text, err);
    if (st == PD_OK)
        st = source_text_write(pd_buf_view(&text), sink, err);
    pd_buf_clear(&page);
    pd_buf_clear(&text);
    return st;
}
