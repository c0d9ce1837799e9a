/* Positions in a text, and messages that show them. */
#include "law/cedar_impl.h"

#include <stdio.h>
#include <string.h>

enum { EXCERPT_MAX = 160 }; /* bytes of a source line that a message shows */

struct law_place law_place_advance(pd_str text, struct law_place from, size_t offset) {
    for (size_t i = from.offset; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            from.line++;
            from.column = 1;
        } else if (((unsigned char)text.data[i] & 0xC0) != 0x80) {
            from.column++;
        }
    }
    from.offset = offset;
    return from;
}

/** The part of the line around `offset` that a message shows; whole characters only. */
static pd_str excerpt(pd_str text, size_t offset) {
    size_t start = offset, end = offset;
    while (start > 0 && text.data[start - 1] != '\n' && offset - start < EXCERPT_MAX / 2)
        start--;
    while (end < text.len && text.data[end] != '\n' && end - start < EXCERPT_MAX)
        end++;
    while (start < offset && ((unsigned char)text.data[start] & 0xC0) == 0x80)
        start++;
    while (end > offset && end < text.len && ((unsigned char)text.data[end] & 0xC0) == 0x80)
        end--;
    return pd_str_sub(text, start, end - start);
}

/** Whether a terminal gives a character two columns (the East Asian wide ones). */
static bool is_wide(uint32_t c) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
                  {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                  {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/** Blanks as wide as `shown`, so that the caret stands under its character. */
static void write_pad(pd_str shown, char out[EXCERPT_MAX * 3 + 1]) {
    size_t n = 0;
    for (size_t at = 0; at < shown.len;) {
        uint32_t c = 0;
        at += pd_utf8_decode(shown, at, &c);
        const char *blank = c == '\t' ? "\t" : is_wide(c) ? "\xE3\x80\x80" : " ";
        memcpy(out + n, blank, strlen(blank));
        n += strlen(blank);
    }
    out[n] = '\0';
}

enum pd_status law_text_fail(struct pd_error *err, pd_str name, pd_str text, struct law_place place,
                             const char *format, va_list args) {
    char message[512];
    int wanted = vsnprintf(message, sizeof(message), format, args);
    if (wanted >= (int)sizeof(message)) { /* cut between characters */
        size_t end = sizeof(message) - 1;
        while (end > 0 && ((unsigned char)message[end - 1] & 0xC0) == 0x80)
            end--;
        message[end > 0 ? end - 1 : 0] = '\0';
    }
    size_t offset = place.offset < text.len ? place.offset : text.len;
    pd_str line = text.len ? excerpt(text, offset) : (pd_str){"", 0};
    /* No control character reaches a terminal, and no broken character the error's text. */
    bool is_utf8 = pd_utf8_valid(line, NULL);
    char shown[EXCERPT_MAX + 1];
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.data[i];
        bool is_control = (c < 0x20 && c != '\t') || c == 0x7F;
        shown[i] = is_control ? ' ' : c >= 0x80 && !is_utf8 ? '?' : (char)c;
    }
    shown[line.len] = '\0';
    char pad[EXCERPT_MAX * 3 + 1];
    size_t before = text.len ? (size_t)(text.data + offset - line.data) : 0;
    write_pad(pd_str_sub((pd_str){shown, line.len}, 0, before), pad);
    return pd_fail(err, PD_INVALID, "%.*s:%u:%u: %s\n    %s\n    %s^", pd_arg(name), place.line,
                   place.column, message, shown, pad);
}
