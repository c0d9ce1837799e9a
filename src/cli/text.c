/* Text on a terminal: how wide it is, what of it is safe to print, where its lines break. */
#include "cli/cli.h"

#include <stdarg.h>
#include <string.h>

/* ---- Widths ---- */

struct range {
    uint32_t first, last;
};

/* Unicode TR11: blocks whose characters are Wide or Fullwidth. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
/* Marks that stand on the character before them. */
static const struct range combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},   {0x0e34, 0x0e3a},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},   {0x302a, 0x302d},
    {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};
/* What steers the terminal or turns the direction of the writing. */
static const struct range unsafe[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb},
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}
#define IS_IN(c, ranges) is_in((c), (ranges), sizeof(ranges) / sizeof((ranges)[0]))

static size_t width_of(uint32_t c) {
    if (c < 0x300)
        return 1;
    return IS_IN(c, combining) ? 0 : IS_IN(c, wide) ? 2 : 1;
}

/** One character made safe. Bytes that are no UTF-8 count one by one. */
struct glyph {
    size_t bytes; /* of the source */
    size_t columns;
    pd_str shown;
};

static struct glyph glyph_at(pd_str text, size_t at) {
    /* A character is checked alone, since text from the command line need not be UTF-8. */
    pd_str shortest = pd_str_sub(text, at, 1);
    size_t n = 1;
    while (n <= 4 && !pd_utf8_valid(pd_str_sub(text, at, n), NULL))
        n++;
    if (n > 4 || at + n > text.len)
        return (struct glyph){1, 1, PD_STR("?")};
    uint32_t c;
    (void)pd_utf8_decode(pd_str_sub(text, at, n), 0, &c);
    if (c == '\n' || c == '\r' || c == '\t')
        return (struct glyph){n, 1, PD_STR(" ")};
    if (IS_IN(c, unsafe))
        return (struct glyph){n, 1, PD_STR("?")};
    return (struct glyph){n, width_of(c), n == 1 ? shortest : pd_str_sub(text, at, n)};
}

size_t cli_width(pd_str text) {
    size_t columns = 0;
    for (size_t at = 0; at < text.len;) {
        struct glyph g = glyph_at(text, at);
        columns += g.columns;
        at += g.bytes;
    }
    return columns;
}

void cli_text(struct pd_buf *out, pd_str text) {
    for (size_t at = 0; at < text.len;) {
        struct glyph g = glyph_at(text, at);
        pd_buf_str(out, g.shown);
        at += g.bytes;
    }
}

size_t cli_text_cut(struct pd_buf *out, pd_str text, size_t columns) {
    bool is_cut = cli_width(text) > columns;
    size_t used = 0, room = is_cut ? columns - 1 : columns;
    for (size_t at = 0; at < text.len;) {
        struct glyph g = glyph_at(text, at);
        if (used + g.columns > room)
            break;
        pd_buf_str(out, g.shown);
        used += g.columns;
        at += g.bytes;
    }
    if (is_cut) {
        pd_buf_text(out, "…");
        used++;
    }
    return used;
}

/* ---- Paragraphs ---- */

static void spaces(struct pd_buf *out, size_t n) {
    while (n-- > 0)
        pd_buf_char(out, ' ');
}

/* Punctuation that doesn't begin a line. */
static bool is_closing(struct glyph g) {
    static const char *const closing[] = {"，", "。", "、", "；", "：", "）", "》",
                                          "”",  ")",  ",",  ".",  ";",  ":"};
    for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
        if (pd_str_is(g.shown, closing[i]))
            return true;
    return false;
}

/* The next piece that a line may not break inside: a word, or one wide character with the narrow
   ones that cling to it. */
static pd_str next_piece(pd_str text, size_t at) {
    size_t end = at;
    while (end < text.len && text.data[end] != ' ' && text.data[end] != '\n') {
        struct glyph g = glyph_at(text, end);
        if (g.columns == 2 && end > at)
            break;
        end += g.bytes;
        if (g.columns != 2)
            continue;
        while (end < text.len && is_closing(glyph_at(text, end)))
            end += glyph_at(text, end).bytes;
        break;
    }
    return pd_str_sub(text, at, end - at);
}

void cli_paragraph(struct pd_buf *out, size_t indent, size_t hang, pd_str text) {
    cli_paragraph_within(out, indent, hang, CLI_WIDTH, text);
}

void cli_paragraph_within(struct pd_buf *out, size_t indent, size_t hang, size_t width,
                          pd_str text) {
    spaces(out, indent);
    size_t column = indent;
    bool is_line_begun = false, has_space = false;
    for (size_t at = 0; at < text.len;) {
        if (text.data[at] == ' ' || text.data[at] == '\n') {
            has_space = is_line_begun;
            at++;
            continue;
        }
        pd_str piece = next_piece(text, at);
        size_t columns = cli_width(piece);
        if (is_line_begun && column + has_space + columns > width) {
            pd_buf_char(out, '\n');
            spaces(out, hang);
            column = hang;
            has_space = false;
        }
        spaces(out, has_space);
        cli_text(out, piece);
        column += has_space + columns;
        is_line_begun = true;
        has_space = false;
        at += piece.len;
    }
    pd_buf_char(out, '\n');
}

void cli_say(struct pd_buf *out, size_t indent, size_t hang, const char *format, ...) {
    char small[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n < sizeof(small)) {
        cli_paragraph(out, indent, hang, (pd_str){small, (size_t)n});
        return;
    }
    struct pd_buf text;
    pd_buf_init(&text, 1 << 20);
    char *room = pd_buf_reserve(&text, (size_t)n + 1);
    if (room) {
        va_start(args, format);
        vsnprintf(room, (size_t)n + 1, format, args);
        va_end(args);
        cli_paragraph(out, indent, hang, (pd_str){room, (size_t)n});
    } else {
        out->failed = true;
    }
    pd_buf_clear(&text);
}

/* ---- Numbers and words ---- */

pd_str cli_number(struct pd_arena *arena, uint64_t n) {
    char digits[24], grouped[32];
    int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            grouped[used++] = ',';
        grouped[used++] = digits[i];
    }
    return pd_arena_str(arena, (pd_str){grouped, used});
}

pd_str cli_percent(struct pd_arena *arena, double share) {
    double percent = share * 100;
    if (percent > 0 && percent < 0.1)
        return PD_STR("less than 0.1%");
    bool is_whole = percent == (double)(int)percent;
    return pd_arena_printf(arena, "%.*f%%", is_whole ? 0 : 1, percent);
}

pd_str cli_quote(struct pd_arena *arena, pd_str word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:@%+,=";
    bool is_plain = word.len > 0;
    for (size_t i = 0; i < word.len && is_plain; i++)
        is_plain = word.data[i] != '\0' && strchr(plain, word.data[i]) != NULL;
    if (is_plain)
        return word;
    struct pd_buf quoted;
    pd_buf_init(&quoted, 1 << 20);
    pd_buf_char(&quoted, '\'');
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] == '\'')
            pd_buf_text(&quoted, "'\\''");
        else
            pd_buf_char(&quoted, word.data[i]);
    pd_buf_char(&quoted, '\'');
    pd_str result = quoted.failed ? (pd_str){0} : pd_arena_str(arena, pd_buf_view(&quoted));
    pd_buf_clear(&quoted);
    return result;
}
