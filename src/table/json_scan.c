/* The grammar of JSON (RFC 8259) as a machine that takes one byte after the other. */
#include "table/json_impl.h"

enum {
    IN_VALUE, /* a value must come; at depth 0 perhaps nothing more */
    IN_FIRST_ELEMENT,
    IN_FIRST_KEY,
    IN_NEXT_KEY,
    IN_COLON,
    IN_NEXT, /* a comma or the end of the container */
    IN_STRING,
    IN_ESCAPE,
    IN_HEX,
    IN_LITERAL,
    IN_MINUS, /* the places within a number */
    IN_ZERO,
    IN_WHOLE,
    IN_POINT,
    IN_FRACTION,
    IN_E,
    IN_E_SIGN,
    IN_EXPONENT
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool json_scan_in_object(const struct json_scan *scan) {
    return (scan->objects >> (scan->depth - 1) & 1) != 0;
}

bool json_scan_in_objects(const struct json_scan *scan, unsigned depth) {
    uint64_t all = depth >= JSON_DEPTH ? UINT64_MAX : ((uint64_t)1 << depth) - 1;
    return (scan->objects & all) == all;
}

static enum json_event wrong(struct json_scan *scan, const char *why) {
    scan->wrong = why;
    return JSON_WRONG;
}

/* A value has ended: at depth 0 the next one may begin. */
static void end_value(struct json_scan *scan) {
    scan->state = scan->depth == 0 ? IN_VALUE : IN_NEXT;
}

static enum json_event open(struct json_scan *scan, char c) {
    if (scan->depth == JSON_DEPTH)
        return wrong(scan, "nested deeper than 64 levels");
    uint64_t bit = (uint64_t)1 << scan->depth;
    scan->objects = c == '{' ? scan->objects | bit : scan->objects & ~bit;
    scan->depth++;
    scan->state = c == '{' ? IN_FIRST_KEY : IN_FIRST_ELEMENT;
    return JSON_OPEN;
}

static enum json_event close(struct json_scan *scan, char c) {
    if (scan->depth == 0 || json_scan_in_object(scan) != (c == '}'))
        return wrong(scan, "a closing bracket that closes nothing");
    scan->depth--;
    end_value(scan);
    return JSON_CLOSE;
}

static enum json_event begin_string(struct json_scan *scan, bool is_key) {
    scan->state = IN_STRING;
    scan->is_key = is_key;
    scan->key_len = 0;
    return is_key ? JSON_NOTHING : JSON_VALUE;
}

static enum json_event begin_value(struct json_scan *scan, char c) {
    switch (c) {
    case '{':
    case '[':
        return open(scan, c);
    case '"':
        return begin_string(scan, false);
    case 't':
        scan->literal = "rue";
        break;
    case 'f':
        scan->literal = "alse";
        break;
    case 'n':
        scan->literal = "ull";
        break;
    case '-':
        scan->state = IN_MINUS;
        return JSON_VALUE;
    default:
        if (!is_digit(c))
            return wrong(scan, "a value is missing (a text in quotes, a number, true, false, null, "
                               "{ or [)");
        scan->state = c == '0' ? IN_ZERO : IN_WHOLE;
        return JSON_VALUE;
    }
    scan->state = IN_LITERAL;
    return JSON_VALUE;
}

static enum json_event in_string(struct json_scan *scan, char c) {
    if (c == '\\') {
        scan->state = IN_ESCAPE;
    } else if ((unsigned char)c < 0x20) {
        return wrong(scan, "a control character within a text; write it as an escape such as \\n");
    } else if (c == '"') {
        if (scan->is_key) {
            scan->state = IN_COLON;
            return JSON_KEY;
        }
        end_value(scan);
        return JSON_NOTHING;
    }
    if (scan->is_key && scan->keeps_keys && scan->key_len < sizeof(scan->key))
        scan->key[scan->key_len++] = c;
    return JSON_NOTHING;
}

static enum json_event in_escape(struct json_scan *scan, char c) {
    static const char known[] = "\"\\/bfnrt";
    if (c == 'u') {
        scan->state = IN_HEX;
        scan->hex = 4;
        return JSON_NOTHING;
    }
    for (const char *k = known; *k != '\0'; k++) {
        if (*k != c)
            continue;
        scan->state = IN_STRING;
        return JSON_NOTHING;
    }
    return wrong(scan, "an unknown escape within a text");
}

static enum json_event in_hex(struct json_scan *scan, char c) {
    if (!is_hex(c))
        return wrong(scan, "an escape \\u that four hexadecimal digits do not follow");
    if (--scan->hex == 0)
        scan->state = IN_STRING;
    return JSON_NOTHING;
}

static enum json_event in_literal(struct json_scan *scan, char c) {
    if (c != *scan->literal)
        return wrong(scan, "a word that is not true, false or null");
    if (*++scan->literal == '\0')
        end_value(scan);
    return JSON_NOTHING;
}

static enum json_event between(struct json_scan *scan, char c) {
    switch (scan->state) {
    case IN_VALUE:
        return begin_value(scan, c);
    case IN_FIRST_ELEMENT:
        return c == ']' ? close(scan, c) : begin_value(scan, c);
    case IN_FIRST_KEY:
        if (c == '}')
            return close(scan, c);
        return c == '"' ? begin_string(scan, true) : wrong(scan, "a key in quotes is missing");
    case IN_NEXT_KEY:
        return c == '"' ? begin_string(scan, true) : wrong(scan, "a key in quotes is missing");
    case IN_COLON:
        if (c != ':')
            return wrong(scan, "the colon after a key is missing");
        scan->state = IN_VALUE;
        return JSON_NOTHING;
    default:
        if (c == '}' || c == ']')
            return close(scan, c);
        if (c != ',')
            return wrong(scan, "a comma or the end of the list or object is missing");
        scan->state = json_scan_in_object(scan) ? IN_NEXT_KEY : IN_VALUE;
        return JSON_NOTHING;
    }
}

/* Where a number goes on to; -1: here it has ended; -2: here it must not end. */
static int next_in_number(int state, char c) {
    bool is_e = c == 'e' || c == 'E', is_end = is_space(c) || c == ',' || c == ']' || c == '}';
    switch (state) {
    case IN_MINUS:
        return c == '0' ? IN_ZERO : is_digit(c) ? IN_WHOLE : -2;
    case IN_ZERO:
    case IN_WHOLE:
        if (state == IN_WHOLE && is_digit(c))
            return IN_WHOLE;
        return c == '.' ? IN_POINT : is_e ? IN_E : is_end ? -1 : -2;
    case IN_POINT:
        return is_digit(c) ? IN_FRACTION : -2;
    case IN_FRACTION:
        return is_digit(c) ? IN_FRACTION : is_e ? IN_E : is_end ? -1 : -2;
    case IN_E:
        return is_digit(c) ? IN_EXPONENT : c == '+' || c == '-' ? IN_E_SIGN : -2;
    case IN_E_SIGN:
        return is_digit(c) ? IN_EXPONENT : -2;
    default:
        return is_digit(c) ? IN_EXPONENT : is_end ? -1 : -2;
    }
}

static enum json_event in_number(struct json_scan *scan, char c) {
    int next = next_in_number(scan->state, c);
    if (next == -2)
        return wrong(scan, "a number that is not written as in JSON");
    if (next >= 0) {
        scan->state = next;
        return JSON_NOTHING;
    }
    end_value(scan);
    return is_space(c) ? JSON_NOTHING : between(scan, c);
}

enum json_event json_scan_byte(struct json_scan *scan, char c) {
    switch (scan->state) {
    case IN_STRING:
        return in_string(scan, c);
    case IN_ESCAPE:
        if (scan->is_key && scan->keeps_keys && scan->key_len < sizeof(scan->key))
            scan->key[scan->key_len++] = c;
        return in_escape(scan, c);
    case IN_HEX:
        return in_hex(scan, c);
    case IN_LITERAL:
        return in_literal(scan, c);
    default:
        break;
    }
    if (scan->state >= IN_MINUS)
        return in_number(scan, c);
    return is_space(c) ? JSON_NOTHING : between(scan, c);
}

bool json_scan_is_whole(const struct json_scan *scan) {
    bool in_number = scan->state == IN_ZERO || scan->state == IN_WHOLE ||
                     scan->state == IN_FRACTION || scan->state == IN_EXPONENT;
    return scan->depth == 0 && (scan->state == IN_VALUE || in_number);
}
