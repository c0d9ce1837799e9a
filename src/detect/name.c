/* What a column's name says, in whatever style it is written: card_no, cardNo, "Card No.", 卡号. */
#include "detect/detect.h"

#include <string.h>

enum { LIMIT = 250 };

enum letter_kind { NOTHING, LOWER, UPPER, NUMBER, LATIN, WIDE };

/* One character at the front of s: its kind, its bytes in lower case, and how much was read. */
struct letter {
    enum letter_kind kind;
    char bytes[4];
    size_t len;
    size_t read;
};

static struct letter ascii_letter(char c, size_t read) {
    struct letter l = {.bytes = {c}, .len = 1, .read = read};
    if (c >= 'a' && c <= 'z')
        l.kind = LOWER;
    else if (c >= 'A' && c <= 'Z')
        l.kind = UPPER;
    else if (c >= '0' && c <= '9')
        l.kind = NUMBER;
    if (l.kind == UPPER)
        l.bytes[0] = (char)(c - 'A' + 'a');
    return l;
}

static struct letter letter_at(pd_str s) {
    unsigned char c = (unsigned char)s.data[0];
    if (c < 0x80)
        return ascii_letter(s.data[0], 1);
    size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    if (len == 1 || len > s.len || !pd_utf8_valid(pd_str_sub(s, 0, len), NULL))
        return (struct letter){.read = 1};
    uint32_t code;
    pd_utf8_decode(s, 0, &code);
    if (code >= 0xff01 && code <= 0xff5e)
        return ascii_letter((char)(code - 0xff01 + '!'), len);
    bool is_mark = (code >= 0x2000 && code < 0x2e80) || (code >= 0x3000 && code < 0x3005) ||
                   (code >= 0x3007 && code < 0x3040) || code == 0xa0 || code == 0xfeff;
    struct letter l = {.kind = is_mark         ? NOTHING
                               : code < 0x2000 ? LATIN
                                               : WIDE,
                       .len = len,
                       .read = len};
    memcpy(l.bytes, s.data, len);
    return l;
}

/* Whether a new word begins between two letters; `after` decides "IPAddress" as "ip address". */
static bool is_break(enum letter_kind before, enum letter_kind now, enum letter_kind after) {
    if (before == NOTHING || before == now)
        return before == UPPER && now == UPPER && after == LOWER;
    if (before == WIDE || now == WIDE || before == NUMBER || now == NUMBER)
        return true;
    return before == LOWER && now == UPPER;
}

struct detect_name detect_name_make(pd_str column_name) {
    struct detect_name name = {.text = " ", .len = 1};
    enum letter_kind before = NOTHING;
    while (column_name.len > 0) {
        struct letter l = letter_at(column_name);
        column_name = pd_str_sub(column_name, l.read, column_name.len);
        enum letter_kind after = column_name.len > 0 ? letter_at(column_name).kind : NOTHING;
        if (name.len + l.len + 1 > LIMIT)
            break;
        if (name.text[name.len - 1] != ' ' &&
            (l.kind == NOTHING || is_break(before, l.kind, after)))
            name.text[name.len++] = ' ';
        if (l.kind != NOTHING) {
            memcpy(name.text + name.len, l.bytes, l.len);
            name.len += l.len;
        }
        before = l.kind;
    }
    if (name.text[name.len - 1] != ' ')
        name.text[name.len++] = ' ';
    return name;
}

bool detect_name_has(const struct detect_name *name, const char *term) {
    bool from_start = term[0] == '^';
    if (from_start)
        term++;
    size_t len = strlen(term);
    bool to_end = len > 0 && term[len - 1] == '$';
    if (to_end)
        len--;
    if (len == 0)
        return false;
    bool is_ascii = (unsigned char)term[0] < 0x80;
    const char *text = name->text, *end = name->text + name->len;
    for (const char *at = text; (at = memmem(at, (size_t)(end - at), term, len)) != NULL; at++) {
        /* The text begins and ends with a space, so a match has a byte on either side. */
        const char *after = at + len;
        if ((is_ascii || from_start) && at[-1] != ' ')
            continue;
        if (is_ascii && from_start && at != text + 1)
            continue;
        if (is_ascii && after[0] == 's')
            after++;
        if ((is_ascii || to_end) && after[0] != ' ')
            continue;
        if (!is_ascii || !to_end || after + 1 == end)
            return true;
    }
    return false;
}
