/* The words of policy text: tokens, string escapes, patterns. */
#include "law/cedar_parser.h"

#include <stdio.h>
#include <string.h>

/* ---- Failing ---- */

static void stop(struct law_parser *p, enum pd_status status) {
    p->status = status;
    p->token = (struct law_token){LAW_TOKEN_END, {NULL, 0}, p->token.place};
}

bool law_parser_fail(struct law_parser *p, struct law_place place, const char *format, ...) {
    if (p->status != PD_OK)
        return false;
    va_list args;
    va_start(args, format);
    stop(p, law_text_fail(p->err, p->name, p->text, place, format, args));
    va_end(args);
    return false;
}

bool law_parser_expected(struct law_parser *p, const char *what) {
    if (p->token.kind == LAW_TOKEN_END)
        return law_parser_fail(p, p->token.place, "expected %s, but the text ends here", what);
    return law_parser_fail(p, p->token.place, "expected %s, found `%.*s`", what,
                           pd_arg(p->token.text));
}

bool law_parser_expected_word(struct law_parser *p, const char *what, const char *words) {
    if (p->token.kind != LAW_TOKEN_NAME)
        return law_parser_expected(p, what);
    return law_parser_fail(p, p->token.place, "expected %s, found `%.*s`%s", what,
                           pd_arg(p->token.text), law_hint_word(p->token.text, words).text);
}

bool law_parser_is_full(struct law_parser *p) {
    if (p->status == PD_OK)
        stop(p, pd_fail_memory(p->err));
    return false;
}

void *law_list_add(struct law_parser *p, struct law_list *list) {
    if (list->count == list->capacity) {
        size_t wider = list->capacity ? list->capacity * 2 : 4;
        void *items = pd_arena_array(p->arena, wider, list->item_size);
        if (!items) {
            law_parser_is_full(p);
            return NULL;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * list->item_size);
        list->items = items;
        list->capacity = wider;
    }
    return (char *)list->items + list->count++ * list->item_size;
}

/* ---- Tokens ---- */

static bool is_name_start(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/** Unicode's White_Space, which is what Cedar skips. */
static bool is_space(uint32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static void skip_space(struct law_parser *p) {
    size_t at = p->at.offset;
    while (at < p->text.len) {
        uint32_t c = 0;
        size_t length = pd_utf8_decode(p->text, at, &c);
        if (is_space(c)) {
            at += length;
        } else if (c == '/' && at + 1 < p->text.len && p->text.data[at + 1] == '/') {
            while (at < p->text.len && p->text.data[at] != '\n' && p->text.data[at] != '\r')
                at++;
        } else {
            break;
        }
    }
    p->at = law_place_advance(p->text, p->at, at);
}

/** The length of the string literal that starts at `at`; 0 if it does not end properly. */
static size_t string_length(pd_str text, size_t at) {
    for (size_t i = at + 1; i < text.len; i++) {
        if (text.data[i] == '"')
            return i + 1 - at;
        if (text.data[i] == '\\' && (++i >= text.len || text.data[i] == '\n'))
            return 0;
    }
    return 0;
}

static size_t punctuation_length(pd_str rest) {
    static const char *const longest_first[] = {
        "::", "==", "!=", "<=", ">=", "&&", "||", "(", ")", "{", "}", "[", "]", ",",
        ";",  ":",  ".",  "@",  "<",  ">",  "!",  "+", "-", "*", "/", "%", "=", "?"};
    for (size_t i = 0; i < sizeof(longest_first) / sizeof(longest_first[0]); i++)
        if (rest.data[0] == longest_first[i][0] &&
            pd_str_starts(rest, pd_str_from(longest_first[i])))
            return strlen(longest_first[i]);
    return 0;
}

static size_t name_length(pd_str rest) {
    size_t n = 0;
    while (n < rest.len && (is_name_start(rest.data[n]) || (n > 0 && is_digit(rest.data[n]))))
        n++;
    return n;
}

void law_token_next(struct law_parser *p) {
    p->consumed_end = p->at.offset;
    if (p->status != PD_OK)
        return;
    skip_space(p);
    struct law_place place = p->at;
    pd_str rest = pd_str_sub(p->text, place.offset, SIZE_MAX);
    enum law_token_kind kind = LAW_TOKEN_END;
    size_t length = 0;
    if (rest.len == 0) {
        kind = LAW_TOKEN_END;
    } else if (is_name_start(rest.data[0])) {
        kind = LAW_TOKEN_NAME;
        length = name_length(rest);
    } else if (is_digit(rest.data[0])) {
        kind = LAW_TOKEN_INTEGER;
        while (length < rest.len && is_digit(rest.data[length]))
            length++;
    } else if (rest.data[0] == '"') {
        kind = LAW_TOKEN_STRING;
        length = string_length(p->text, place.offset);
        if (length == 0) {
            law_parser_fail(p, place, "this string has no closing quote");
            return;
        }
    } else if (rest.data[0] == '?' && name_length(pd_str_sub(rest, 1, SIZE_MAX)) > 0) {
        kind = LAW_TOKEN_SLOT;
        length = 1 + name_length(pd_str_sub(rest, 1, SIZE_MAX));
    } else {
        kind = LAW_TOKEN_PUNCTUATION;
        length = punctuation_length(rest);
        if (length == 0) {
            uint32_t c = 0;
            size_t bytes = pd_utf8_decode(rest, 0, &c);
            law_parser_fail(p, place, "`%.*s` (U+%04X) has no meaning in Cedar", (int)bytes,
                            rest.data, (unsigned)c);
            return;
        }
    }
    p->token = (struct law_token){kind, pd_str_sub(rest, 0, length), place};
    p->at = law_place_advance(p->text, place, place.offset + length);
}

void law_parser_init(struct law_parser *p, pd_str name, pd_str text, struct pd_arena *arena,
                     struct pd_error *err) {
    *p = (struct law_parser){
        .name = name, .text = text, .at = LAW_PLACE_START, .arena = arena, .err = err};
    p->token.place = LAW_PLACE_START;
    size_t bad_at = 0;
    if (!pd_utf8_valid(text, &bad_at))
        law_parser_fail(p, law_place_advance(text, LAW_PLACE_START, bad_at),
                        "the text is not UTF-8 here");
    law_token_next(p);
}

bool law_token_is(const struct law_parser *p, const char *text) {
    /* Most questions are answered by the first character. */
    return (p->token.kind == LAW_TOKEN_NAME || p->token.kind == LAW_TOKEN_PUNCTUATION) &&
           p->token.text.data[0] == text[0] && pd_str_is(p->token.text, text);
}

bool law_token_accept(struct law_parser *p, const char *text) {
    if (!law_token_is(p, text))
        return false;
    law_token_next(p);
    return true;
}

bool law_token_expect(struct law_parser *p, const char *text) {
    if (law_token_accept(p, text))
        return true;
    char what[16];
    snprintf(what, sizeof(what), "`%s`", text);
    return law_parser_expected(p, what);
}

bool law_name_is_reserved(pd_str name) {
    static const char *const words[] = {"true", "false", "if",  "then", "else",
                                        "in",   "like",  "has", "is",   "__cedar"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (name.len > 0 && name.data[0] == words[i][0] && pd_str_is(name, words[i]))
            return true;
    return false;
}

bool law_token_name(struct law_parser *p, const char *what, pd_str *out) {
    if (p->token.kind != LAW_TOKEN_NAME)
        return law_parser_expected(p, what);
    if (law_name_is_reserved(p->token.text))
        return law_parser_fail(p, p->token.place,
                               "`%.*s` is a reserved word and cannot be %s as it stands",
                               pd_arg(p->token.text), what);
    *out = p->token.text;
    law_token_next(p);
    return true;
}

/* ---- Strings and patterns ---- */

static int hex_value(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/** Reads `{1-6 hex digits}`, underscores allowed behind the first; returns its length or 0. */
static size_t braced_code_point(pd_str s, uint32_t *out) {
    if (s.len == 0 || s.data[0] != '{')
        return 0;
    uint32_t value = 0;
    int digits = 0;
    for (size_t i = 1; i < s.len; i++) {
        if (s.data[i] == '}') {
            *out = value;
            return digits > 0 ? i + 1 : 0;
        }
        if (s.data[i] == '_' && digits > 0)
            continue;
        int digit = hex_value(s.data[i]);
        if (digit < 0 || ++digits > 6)
            return 0;
        value = value << 4 | (uint32_t)digit;
    }
    return 0;
}

/** Decodes what follows a backslash into `out`; returns its length in the source, 0 if invalid. */
static size_t unescape(pd_str s, char out[4], size_t *out_length) {
    static const char plain[][2] = {{'n', '\n'},  {'r', '\r'},  {'t', '\t'}, {'0', '\0'},
                                    {'\\', '\\'}, {'\'', '\''}, {'"', '"'}};
    *out_length = 1;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (s.data[0] == plain[i][0]) {
            out[0] = plain[i][1];
            return 1;
        }
    }
    if (s.data[0] == 'x' && s.len >= 3 && hex_value(s.data[1]) >= 0 && hex_value(s.data[1]) <= 7 &&
        hex_value(s.data[2]) >= 0) {
        out[0] = (char)(hex_value(s.data[1]) << 4 | hex_value(s.data[2]));
        return 3;
    }
    uint32_t code_point = 0;
    size_t braces =
        s.data[0] == 'u' ? braced_code_point(pd_str_sub(s, 1, SIZE_MAX), &code_point) : 0;
    *out_length = braces ? pd_utf8_encode(code_point, out) : 0;
    return *out_length ? 1 + braces : 0;
}

/**
 * Decodes the string literal that is the next token, and consumes it. With `pieces` it is a
 * pattern: a bare star ends a piece, `\*` is a star.
 */
static bool decode(struct law_parser *p, pd_str *out, struct law_list *pieces) {
    struct law_token token = p->token;
    pd_str raw = pd_str_sub(token.text, 1, token.text.len - 2);
    char *text = pd_arena_alloc(p->arena, raw.len); /* escapes only ever shrink */
    if (!text)
        return law_parser_is_full(p);
    size_t n = 0, piece_start = 0;
    for (size_t i = 0; i < raw.len;) {
        struct law_place place = token.place;
        if (raw.data[i] == '\r')
            return law_parser_fail(p, law_place_advance(p->text, place, place.offset + 1 + i),
                                   "a bare carriage return in a string: write \\r");
        if (pieces && raw.data[i] == '*') {
            pd_str *piece = law_list_add(p, pieces);
            if (!piece)
                return false;
            *piece = (pd_str){text + piece_start, n - piece_start};
            piece_start = n;
            i++;
        } else if (raw.data[i] != '\\') {
            text[n++] = raw.data[i++];
        } else if (pieces && raw.data[i + 1] == '*') {
            text[n++] = '*';
            i += 2;
        } else {
            char bytes[4];
            size_t length = 0;
            size_t used = unescape(pd_str_sub(raw, i + 1, SIZE_MAX), bytes, &length);
            if (used == 0)
                return law_parser_fail(p, law_place_advance(p->text, place, place.offset + 1 + i),
                                       "no such escape: there are \\n \\r \\t \\\\ \\0 \\' \\\" "
                                       "\\xHH (to 7F), \\u{1 to 6 hex digits}%s",
                                       pieces ? " and \\*" : "");
            memcpy(text + n, bytes, length);
            n += length;
            i += 1 + used;
        }
    }
    *out = (pd_str){text + piece_start, n - piece_start};
    law_token_next(p);
    return true;
}

bool law_token_string(struct law_parser *p, const char *what, pd_str *out) {
    if (p->token.kind != LAW_TOKEN_STRING)
        return law_parser_expected(p, what);
    pd_str raw = pd_str_sub(p->token.text, 1, p->token.text.len - 2);
    if (pd_str_find_char(raw, '\\') != PD_NPOS || pd_str_find_char(raw, '\r') != PD_NPOS)
        return decode(p, out, NULL);
    *out = raw;
    law_token_next(p);
    return true;
}

bool law_token_pattern(struct law_parser *p, const pd_str **pieces, size_t *count) {
    if (p->token.kind != LAW_TOKEN_STRING)
        return law_parser_expected(p, "a pattern in quotes behind `like`");
    struct law_list list = {.item_size = sizeof(pd_str)};
    pd_str last;
    if (!decode(p, &last, &list))
        return false;
    pd_str *piece = law_list_add(p, &list);
    if (!piece)
        return false;
    *piece = last;
    *pieces = list.items;
    *count = list.count;
    return true;
}
