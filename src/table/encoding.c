/* The encodings by name, and which one a file is in: by marks, by form, by what its text says. */
#include "table/encoding_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct encoding {
    const char *name;
    const char *icu;        /* the converter's name; NULL: none is needed */
    const char *aliases[6]; /* lower case */
} encodings[TABLE_ENCODING_COUNT] = {
    [TABLE_ENCODING_FIND] = {"", NULL, {NULL}},
    [TABLE_UTF_8] = {"UTF-8", NULL, {"utf8"}},
    [TABLE_UTF_16LE] = {"UTF-16LE", "UTF-16LE", {"utf-16", "utf16", "utf16le", "unicode"}},
    [TABLE_UTF_16BE] = {"UTF-16BE", "UTF-16BE", {"utf16be"}},
    [TABLE_UTF_32LE] = {"UTF-32LE", "UTF-32LE", {"utf-32", "utf32", "utf32le"}},
    [TABLE_UTF_32BE] = {"UTF-32BE", "UTF-32BE", {"utf32be"}},
    [TABLE_GB18030] = {"GB18030", "gb18030", {"gbk", "gb2312", "gb-2312", "cp936", "euc-cn"}},
    [TABLE_BIG5] = {"Big5", "windows-950-2000", {"big-5", "cp950", "windows-950"}},
    [TABLE_WINDOWS_1252] = {"Windows-1252",
                            "windows-1252",
                            {"cp1252", "iso-8859-1", "latin1", "latin-1", "ansi"}},
    [TABLE_ISO_8859_2] = {"ISO-8859-2", "ISO-8859-2", {"latin2", "latin-2"}},
    [TABLE_ISO_8859_15] = {"ISO-8859-15", "ISO-8859-15", {"latin9", "latin-9"}},
    [TABLE_WINDOWS_1250] = {"Windows-1250", "windows-1250", {"cp1250"}},
    [TABLE_WINDOWS_1251] = {"Windows-1251", "windows-1251", {"cp1251"}},
    [TABLE_WINDOWS_1253] = {"Windows-1253", "windows-1253", {"cp1253"}},
    [TABLE_WINDOWS_1254] = {"Windows-1254", "windows-1254", {"cp1254"}},
    [TABLE_KOI8_R] = {"KOI8-R", "KOI8-R", {NULL}},
    [TABLE_MACINTOSH] = {"Macintosh", "macintosh", {"macroman", "mac-roman"}},
    [TABLE_IBM437] = {"IBM437", "ibm-437", {"cp437"}},
    [TABLE_IBM850] = {"IBM850", "ibm-850", {"cp850"}},
    [TABLE_BIG5_HKSCS] = {"Big5-HKSCS", "Big5-HKSCS", {"hkscs"}},
    [TABLE_SHIFT_JIS] = {"Shift_JIS", "ibm-943_P15A-2003", {"shift-jis", "sjis", "cp932"}},
    [TABLE_EUC_JP] = {"EUC-JP", "EUC-JP", {NULL}},
    [TABLE_EUC_KR] = {"EUC-KR", "windows-949", {"cp949", "uhc"}},
};

const char *table_encoding_name(enum table_encoding encoding) {
    return encodings[encoding].name;
}

const char *table_encoding_converter(enum table_encoding encoding) {
    return encodings[encoding].icu;
}

bool table_encoding_parse(pd_str name, enum table_encoding *out) {
    for (int e = TABLE_ENCODING_FIND + 1; e < TABLE_ENCODING_COUNT; e++) {
        bool is_it = pd_str_eq_ascii_case(name, pd_str_from(encodings[e].name));
        for (size_t a = 0; a < 6 && encodings[e].aliases[a] != NULL && !is_it; a++)
            is_it = pd_str_eq_ascii_case(name, pd_str_from(encodings[e].aliases[a]));
        if (!is_it)
            continue;
        *out = (enum table_encoding)e;
        return true;
    }
    return false;
}

size_t table_encoding_mark(pd_str text, enum table_encoding *out) {
    static const struct {
        enum table_encoding encoding;
        pd_str mark;
    } marks[] = {
        {TABLE_UTF_8, PD_STR_INIT("\xEF\xBB\xBF")},
        {TABLE_UTF_32LE, PD_STR_INIT("\xFF\xFE\0\0")}, /* before UTF-16LE, which it begins with */
        {TABLE_UTF_32BE, PD_STR_INIT("\0\0\xFE\xFF")},
        {TABLE_UTF_16LE, PD_STR_INIT("\xFF\xFE")},
        {TABLE_UTF_16BE, PD_STR_INIT("\xFE\xFF")},
        {TABLE_GB18030, PD_STR_INIT("\x84\x31\x95\x33")},
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (!pd_str_starts(text, marks[i].mark))
            continue;
        *out = marks[i].encoding;
        return marks[i].mark.len;
    }
    return 0;
}

/* ---- UTF-16 without a mark ---- */

/* ASCII is half of any table: separators, digits, line ends. In UTF-16 it stands beside a zero. */
static enum table_encoding find_utf16(pd_str sample, uint64_t *pairs, uint64_t *ascii) {
    uint64_t little = 0, big = 0;
    const unsigned char *p = (const unsigned char *)sample.data;
    for (size_t i = 0; i + 1 < sample.len; i += 2) {
        unsigned char a = p[i], b = p[i + 1];
        little += b == 0 && (a == '\t' || a == '\n' || a == '\r' || (a >= ' ' && a < 0x7F));
        big += a == 0 && (b == '\t' || b == '\n' || b == '\r' || (b >= ' ' && b < 0x7F));
    }
    *pairs = sample.len / 2;
    *ascii = little > big ? little : big;
    uint64_t other = little > big ? big : little;
    if (*ascii < 2 || *ascii * 20 < *pairs || other * 10 > *ascii)
        return TABLE_ENCODING_FIND;
    return little > big ? TABLE_UTF_16LE : TABLE_UTF_16BE;
}

/* ---- Lines that are UTF-8, and lines that are not ---- */

enum { LINES_NAMED = 8 };

static const struct table_wide *any(void) {
    return table_wide_get(TABLE_INSTRUCTIONS_FIND);
}

struct lines {
    uint64_t utf8, other; /* of the lines with a byte beyond ASCII */
    uint64_t utf8_at[LINES_NAMED], other_at[LINES_NAMED];
    bool has_long; /* a character of three bytes or more in a line that is UTF-8 */
};

static void take_line(struct lines *lines, pd_str line, uint64_t number) {
    size_t high = 0;
    while (high < line.len && (unsigned char)line.data[high] < 0x80)
        high++;
    if (high == line.len)
        return;
    bool bad;
    size_t good = table_text_check(any(), line.data, line.len, &bad);
    if (good == line.len) {
        if (lines->utf8 < LINES_NAMED)
            lines->utf8_at[lines->utf8] = number;
        lines->utf8++;
        for (size_t i = high; i < line.len; i++)
            lines->has_long = lines->has_long || (unsigned char)line.data[i] >= 0xE0;
    } else {
        if (lines->other < LINES_NAMED)
            lines->other_at[lines->other] = number;
        lines->other++;
    }
}

static struct lines count_lines(pd_str sample, bool is_whole, uint64_t first_line) {
    struct lines lines = {0};
    size_t start = 0;
    uint64_t number = first_line;
    for (size_t i = 0; i < sample.len; i++) {
        char c = sample.data[i];
        if (c != '\n' && c != '\r')
            continue;
        take_line(&lines, pd_str_sub(sample, start, i - start), number);
        if (c == '\r' && i + 1 < sample.len && sample.data[i + 1] == '\n')
            i++;
        start = i + 1;
        number++;
    }
    pd_str last = pd_str_sub(sample, start, sample.len - start);
    if (!is_whole) { /* a character may be cut off at the end of the sample */
        bool bad;
        size_t good = table_text_check(any(), last.data, last.len, &bad);
        if (!bad)
            last.len = good;
    }
    take_line(&lines, last, number);
    return lines;
}

static void write_lines(const uint64_t *at, uint64_t count, char *out, size_t size) {
    size_t used = 0;
    for (uint64_t i = 0; i < count && i < LINES_NAMED && used + 24 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%" PRIu64, i > 0 ? ", " : "", at[i]);
    if (count > LINES_NAMED)
        snprintf(out + used, size - used, " and %" PRIu64 " more", count - LINES_NAMED);
}

/* ---- The finding ---- */

struct candidate {
    enum table_encoding encoding;
    struct table_plausible found;
};

static struct candidate find_best(pd_str sample, double *second) {
    static const enum table_encoding tried[] = {TABLE_WINDOWS_1252, TABLE_GB18030, TABLE_BIG5};
    struct candidate best = {TABLE_ENCODING_FIND, {0}};
    *second = 0;
    for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
        struct table_plausible found = table_plausible_get(sample, tried[i]);
        if (found.score > best.found.score) {
            *second = best.found.score;
            best = (struct candidate){tried[i], found};
        } else if (found.score > *second) {
            *second = found.score;
        }
    }
    return best;
}

/* Below this a reading is noise; between the best and the next there must be a clear distance. */
static const double PLAUSIBLE = 0.58, DISTANCE = 0.12;

static enum pd_status fail_mixed(const struct lines *lines, const struct candidate *best,
                                 struct pd_error *err) {
    char utf8[256] = "", other[256] = "";
    write_lines(lines->utf8_at, lines->utf8, utf8, sizeof(utf8));
    write_lines(lines->other_at, lines->other, other, sizeof(other));
    bool is_plausible = best->found.score >= PLAUSIBLE;
    return pd_fail(err, PD_INVALID,
                   "the file mixes encodings: line %s %s not UTF-8%s%s, while line %s %s; save it "
                   "in one encoding, or say which one to read it in, for example --encoding=%s",
                   other, lines->other == 1 ? "is" : "are", is_plausible ? ", but reads as " : "",
                   is_plausible ? table_encoding_name(best->encoding) : "", utf8,
                   lines->utf8 == 1 ? "is" : "are",
                   is_plausible ? table_encoding_name(best->encoding) : "windows-1252");
}

static enum pd_status fail_unknown(pd_str sample, size_t wrong, const struct candidate *best,
                                   uint64_t line, uint64_t column, struct pd_error *err) {
    return pd_fail(err, PD_INVALID,
                   "line %" PRIu64 ", column %" PRIu64
                   ": byte 0x%02X is not UTF-8, and the text makes no sense as Windows-1252, "
                   "GB18030 or Big5 either (the best, %s, explains %.0f%%); say its encoding, for "
                   "example --encoding=windows-1251",
                   line, column, (unsigned)(unsigned char)sample.data[wrong],
                   best->encoding != TABLE_ENCODING_FIND ? table_encoding_name(best->encoding)
                                                         : "Windows-1252",
                   best->found.score * 100);
}

static void tell_best(const struct candidate *best, bool is_valid_utf8,
                      struct table_encoding_finding *out) {
    const struct table_plausible *f = &best->found;
    const char *unlike =
        is_valid_utf8 ? ", and as UTF-8 it would be unlikely letters" : ", and it is not UTF-8";
    if (best->encoding == TABLE_WINDOWS_1252)
        snprintf(out->evidence, sizeof(out->evidence),
                 "%s: %" PRIu64 " of %" PRIu64
                 " characters beyond ASCII stand where Western text has them%s",
                 table_encoding_name(best->encoding), f->expected, f->characters, unlike);
    else
        snprintf(out->evidence, sizeof(out->evidence),
                 "%s: %" PRIu64 " of %" PRIu64 " characters beyond ASCII are common Chinese ones%s",
                 table_encoding_name(best->encoding), f->expected, f->characters, unlike);
}

/* Text of two-byte characters only may be UTF-8 by accident: some pairs of GB18030 are. */
static bool is_accident(pd_str sample, const struct lines *lines, struct candidate *best) {
    if (lines->utf8 == 0 || lines->utf8 > 20 || lines->has_long)
        return false;
    double second;
    *best = find_best(sample, &second);
    return (best->encoding == TABLE_GB18030 || best->encoding == TABLE_BIG5) &&
           best->found.score >= 0.8 && table_plausible_utf8(sample) < 0.5;
}

static void where(pd_str text, uint64_t first_line, uint64_t first_column, size_t at,
                  uint64_t *line, uint64_t *column) {
    *line = first_line;
    *column = first_column + at;
    for (size_t i = 0; i < at; i++) {
        char c = text.data[i];
        if (c != '\n' && c != '\r')
            continue;
        if (!(c == '\n' && i > 0 && text.data[i - 1] == '\r'))
            ++*line;
        *column = at - i;
    }
}

enum pd_status table_encoding_find(pd_str sample, bool is_start, bool is_whole, uint64_t line,
                                   uint64_t column, struct table_encoding_finding *out,
                                   struct pd_error *err) {
    *out = (struct table_encoding_finding){.encoding = TABLE_UTF_8};
    bool bad;
    size_t good = table_text_check(any(), sample.data, sample.len, &bad);
    bool is_utf8 = !bad && (!is_whole || good == sample.len);
    if (!is_utf8 && memchr(sample.data, '\0', sample.len) != NULL) {
        uint64_t pairs, ascii;
        /* After a stretch of ASCII a zero is just wrong. */
        enum table_encoding found =
            is_start ? find_utf16(sample, &pairs, &ascii) : TABLE_ENCODING_FIND;
        if (found == TABLE_ENCODING_FIND) { /* the check of UTF-8 names the byte */
            snprintf(out->evidence, sizeof(out->evidence),
                     "it holds NUL bytes, so it is hardly a text file");
            return PD_OK;
        }
        out->encoding = found;
        snprintf(out->evidence, sizeof(out->evidence),
                 "%s: %" PRIu64 " of the first %" PRIu64
                 " pairs of bytes are ASCII beside a zero, without a byte order mark",
                 table_encoding_name(found), ascii, pairs);
        return PD_OK;
    }
    struct lines lines = count_lines(sample, is_whole, line);
    struct candidate best = {0};
    if (is_utf8 && !is_accident(sample, &lines, &best)) {
        out->is_open = lines.utf8 == 0 && good == sample.len;
        snprintf(out->evidence, sizeof(out->evidence),
                 out->is_open ? "ASCII, which UTF-8 contains"
                              : "UTF-8: every byte beyond ASCII belongs to a character of it, in "
                                "%" PRIu64 " lines",
                 lines.utf8);
        return PD_OK;
    }
    double second = 0;
    if (!is_utf8)
        best = find_best(sample, &second);
    /* A line of Western text is never UTF-8 by accident; one of Chinese text is now and then, but
       hardly ever with a character of three bytes. */
    bool is_chinese = best.encoding == TABLE_GB18030 || best.encoding == TABLE_BIG5;
    bool is_sure = is_chinese && best.found.score >= 0.8 && !lines.has_long;
    bool is_mixed = !is_utf8 && lines.utf8 > 0 && lines.other > 0 && !is_sure;
    if (is_mixed)
        return fail_mixed(&lines, &best, err);
    if (best.found.score < PLAUSIBLE || best.found.score - second < DISTANCE) {
        if (!bad) { /* nothing is wrong but that the last character is cut off */
            snprintf(out->evidence, sizeof(out->evidence), "every byte before it is UTF-8");
            return PD_OK;
        }
        uint64_t at_line, at_column;
        where(sample, line, column, good, &at_line, &at_column);
        return fail_unknown(sample, good, &best, at_line, at_column, err);
    }
    out->encoding = best.encoding;
    tell_best(&best, is_utf8, out);
    return PD_OK;
}

enum table_encoding table_encoding_guess(pd_str sample, bool is_whole) {
    struct table_encoding_finding found;
    struct pd_error unused;
    bool bad;
    enum table_encoding marked;
    if (table_encoding_mark(sample, &marked) > 0)
        return marked;
    if (table_encoding_find(sample, true, is_whole, 1, 1, &found, &unused) != PD_OK)
        return TABLE_ENCODING_FIND;
    bool is_whole_text = table_text_check(any(), sample.data, sample.len, &bad) == sample.len || !bad;
    return found.encoding == TABLE_UTF_8 && !is_whole_text ? TABLE_ENCODING_FIND : found.encoding;
}
