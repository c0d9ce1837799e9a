/*
 * Reading what this program wrote, where building a tree of it would cost more than what is asked:
 * walking through members and items, and the values that hold no others. What is walked over is not
 * checked; what is read is, as strictly as pd_json_parse does.
 */
#include <string.h>

#include "base/json.h"

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(pd_str text, size_t at) {
    while (at < text.len && is_space(text.data[at]))
        at++;
    return at;
}

/** Whether the quote at `at` is one of the text: an odd number of backslashes stands before it. */
static bool is_escaped(pd_str text, size_t start, size_t at) {
    size_t from = at;
    while (from > start && text.data[from - 1] == '\\')
        from--;
    return (at - from) % 2 == 1;
}

/** Behind the string that begins at `at`, or the end of the text. */
static size_t skip_string(pd_str text, size_t at) {
    const size_t start = at + 1;
    for (at = start; at < text.len; at++) {
        const char *quote = memchr(text.data + at, '"', text.len - at);
        if (!quote)
            return text.len;
        at = (size_t)(quote - text.data);
        if (!is_escaped(text, start, at))
            return at + 1;
    }
    return text.len;
}

/** Behind the object or array that begins at `at`, or the end of the text. */
static size_t skip_nested(pd_str text, size_t at) {
    size_t depth = 0;
    while (at < text.len) {
        char c = text.data[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            break;
    }
    return at;
}

/** Behind the value that begins at `at`, or the end of the text. */
static size_t skip_value(pd_str text, size_t at) {
    while (at < text.len) {
        char c = text.data[at];
        if (c == '"')
            at = skip_string(text, at);
        else if (c == '{' || c == '[')
            at = skip_nested(text, at);
        else if (c == ',' || c == '}' || c == ']' || c == ':' || is_space(c))
            break;
        else
            at++;
    }
    return at;
}

bool pd_json_next(pd_str *rest, pd_str *key, pd_str *value) {
    pd_str text = *rest;
    size_t at = skip_space(text, 0);
    if (at == text.len || (text.data[at] != '{' && text.data[at] != '[' && text.data[at] != ','))
        return false;
    size_t start = skip_space(text, at + 1);
    size_t end = skip_value(text, start);
    if (end == start)
        return false;
    pd_str name = {0};
    size_t colon = skip_space(text, end);
    if (text.data[start] == '"' && colon < text.len && text.data[colon] == ':') {
        if (end - start < 2)
            return false;
        name = pd_str_sub(text, start + 1, end - start - 2);
        start = skip_space(text, colon + 1);
        end = skip_value(text, start);
    }
    *key = name;
    *value = pd_str_sub(text, start, end - start);
    *rest = pd_str_sub(text, end, text.len - end);
    return true;
}

void pd_json_find_all(pd_str object, const char *const *names, size_t count, pd_str *values) {
    size_t at = skip_space(object, 0), found = 0;
    for (size_t i = 0; i < count; i++)
        values[i] = (pd_str){NULL, 0};
    if (at == object.len || object.data[at] != '{')
        return;
    pd_str key;
    pd_str value;
    while (found < count && pd_json_next(&object, &key, &value) && key.data)
        for (size_t i = 0; i < count; i++)
            if (!values[i].data && pd_str_is(key, names[i])) {
                values[i] = value;
                found++;
            }
}

pd_str pd_json_find(pd_str object, const char *name) {
    pd_str value;
    pd_json_find_all(object, &name, 1, &value);
    return value;
}

/* ---- Values that hold no others ---- */

/** Four hexadecimal digits at `at`; PD_NPOS if they are none. */
static size_t read_unit(pd_str s, size_t at) {
    uint8_t bytes[2];
    if (at > s.len || s.len - at < 4 || !pd_hex_decode(pd_str_sub(s, at, 4), bytes, 2))
        return PD_NPOS;
    return (size_t)bytes[0] << 8 | bytes[1];
}

/** Reads the code point of a \u escape whose digits begin at `*at`: one unit, or a pair of them. */
static bool read_code_point(pd_str s, size_t *at, uint32_t *out) {
    size_t unit = read_unit(s, *at);
    if (unit == PD_NPOS)
        return false;
    *at += 4;
    *out = (uint32_t)unit;
    if (unit < 0xd800 || unit > 0xdbff)
        return true; /* a low one alone can't be encoded, which the caller sees */
    if (!pd_str_starts(pd_str_sub(s, *at, 2), PD_STR("\\u")))
        return false;
    size_t low = read_unit(s, *at + 2);
    if (low == PD_NPOS || low < 0xdc00 || low > 0xdfff)
        return false;
    *at += 6;
    *out = (uint32_t)(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    return true;
}

/** Reads the escape behind the backslash at `*at` - 1, and writes what it means. */
static size_t read_escape(pd_str s, size_t *at, char out[4]) {
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char c = *at < s.len ? s.data[(*at)++] : '\0';
    uint32_t code_point;
    if (c == 'u')
        return read_code_point(s, at, &code_point) ? pd_utf8_encode(code_point, out) : 0;
    const char *which = c ? strchr(escapes, c) : NULL;
    if (!which)
        return 0;
    out[0] = meanings[which - escapes];
    return 1;
}

/** What stands between the quotes. A text without escapes is a view of it. */
static bool read_string(pd_str inside, struct pd_arena *arena, pd_str *out) {
    if (!pd_utf8_valid(inside, NULL))
        return false;
    size_t plain = 0;
    while (plain < inside.len && inside.data[plain] != '\\' && inside.data[plain] != '"' &&
           (unsigned char)inside.data[plain] >= 0x20)
        plain++;
    if (plain == inside.len) {
        *out = inside;
        return true;
    }
    char *text = pd_arena_alloc(arena, inside.len);
    size_t n = 0;
    if (!text)
        return false;
    for (size_t at = 0; at < inside.len;) {
        char c = inside.data[at++];
        if (c == '"' || (unsigned char)c < 0x20)
            return false;
        if (c != '\\') {
            text[n++] = c;
            continue;
        }
        char decoded[4];
        size_t length = read_escape(inside, &at, decoded);
        if (length == 0)
            return false;
        memcpy(text + n, decoded, length); /* an escape is longer than what it means */
        n += length;
    }
    *out = (pd_str){text, n};
    return true;
}

/** Without leading zeros, as the grammar has it. */
static bool read_integer(pd_str text, int64_t *out) {
    pd_str digits = pd_str_sub(text, pd_str_starts(text, PD_STR("-")) ? 1 : 0, text.len);
    return !(digits.len > 1 && digits.data[0] == '0') && pd_parse_i64(text, out);
}

enum pd_status pd_json_read(pd_str text, struct pd_arena *arena, struct pd_json_scalar *out) {
    struct pd_json_scalar v = {.kind = PD_JSON_NULL};
    text = pd_str_trim(text);
    if (pd_str_is(text, "true") || pd_str_is(text, "false")) {
        v.kind = PD_JSON_BOOL;
        v.boolean = text.len == 4;
    } else if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"') {
        v.kind = PD_JSON_TEXT;
        if (!read_string(pd_str_sub(text, 1, text.len - 2), arena, &v.text))
            return PD_INVALID;
    } else if (read_integer(text, &v.number)) {
        v.kind = PD_JSON_INTEGER;
    } else if (!pd_str_is(text, "null")) {
        return PD_INVALID;
    }
    *out = v;
    return PD_OK;
}

pd_str pd_json_read_text(pd_str text, struct pd_arena *arena) {
    struct pd_json_scalar v;
    if (pd_json_read(text, arena, &v) != PD_OK || v.kind != PD_JSON_TEXT)
        return (pd_str){NULL, 0};
    return v.text;
}
