/* Text in whatever character set, as UTF-8 (ICU). */
#include "source/source_impl.h"
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/udata.h>

enum { PIECE = 1 << 15, SAMPLE = 1 << 16 };

/* ---- Decoding ---- */

/* Names that e-mail and pages use for what is really the larger set (WHATWG Encoding, 4.2). */
static const char *larger_set(const char *name) {
    static const char *const larger[][2] = {
        {"gb2312", "gb18030"},          {"gbk", "gb18030"},
        {"x-gbk", "gb18030"},           {"gb_2312-80", "gb18030"},
        {"iso-8859-1", "windows-1252"}, {"latin1", "windows-1252"},
        {"us-ascii", "windows-1252"},   {"ascii", "windows-1252"},
        {"iso-8859-9", "windows-1254"}};
    for (size_t i = 0; i < sizeof(larger) / sizeof(larger[0]); i++)
        if (pd_str_eq_ascii_case(pd_str_from(name), pd_str_from(larger[i][0])))
            return larger[i][1];
    return name;
}

enum pd_status source_decode(const char *charset, pd_str bytes, struct pd_buf *out,
                             struct pd_error *err) {
    UErrorCode code = U_ZERO_ERROR;
    udata_setFileAccess(UDATA_NO_FILES, &code); /* its tables are in the library */
    code = U_ZERO_ERROR;
    UConverter *from = ucnv_open(larger_set(charset), &code), *to = ucnv_open("UTF-8", &code);
    if (U_FAILURE(code)) {
        ucnv_close(from);
        ucnv_close(to);
        return pd_fail(err, PD_UNSUPPORTED, "its character set \"%.40s\" is not known", charset);
    }
    UChar middle[PIECE], *middle_from = middle, *middle_to = middle;
    char piece[PIECE];
    const char *source = bytes.data ? bytes.data : "", *end = source + bytes.len;
    bool is_first = true;
    do {
        char *target = piece;
        code = U_ZERO_ERROR;
        ucnv_convertEx(to, from, &target, piece + sizeof(piece), &source, end, middle, &middle_from,
                       &middle_to, middle + PIECE, is_first, true, &code);
        is_first = false;
        pd_buf_add(out, piece, (size_t)(target - piece));
    } while (code == U_BUFFER_OVERFLOW_ERROR && !out->failed);
    ucnv_close(from);
    ucnv_close(to);
    if (out->failed)
        return pd_fail(err, PD_LIMIT, "its text has more than %zu MiB", out->limit >> 20);
    return U_SUCCESS(code) ? PD_OK
                           : pd_fail(err, PD_INVALID, "it can't be read as %s (%s)", charset,
                                     u_errorName(code));
}

/* ---- Finding out ---- */

static const char *by_mark(pd_str bytes) {
    static const struct {
        pd_str mark;
        const char *charset;
    } marks[] = {{PD_STR_INIT("\xef\xbb\xbf"), "UTF-8"},
                 {PD_STR_INIT("\xff\xfe\0\0"), "UTF-32"},
                 {PD_STR_INIT("\0\0\xfe\xff"), "UTF-32"},
                 {PD_STR_INIT("\xff\xfe"), "UTF-16"},
                 {PD_STR_INIT("\xfe\xff"), "UTF-16"}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (pd_str_starts(bytes, marks[i].mark))
            return marks[i].charset;
    return NULL;
}

/* ASCII in UTF-16 has a NUL in every second byte. */
static const char *by_zeros(pd_str bytes) {
    size_t zeros[2] = {0, 0}, n = bytes.len < SAMPLE ? bytes.len : SAMPLE;
    for (size_t i = 0; i < n; i++)
        zeros[i % 2] += bytes.data[i] == '\0';
    if (n < 8 || (zeros[0] + zeros[1]) * 5 < n)
        return NULL;
    return zeros[0] > zeros[1] * 4 ? "UTF-16BE" : zeros[1] > zeros[0] * 4 ? "UTF-16LE" : NULL;
}

/* By the evidence that tables are read by, which knows lying files better than statistics do. */
static const char *by_evidence(pd_str bytes) {
    pd_str sample = pd_str_sub(bytes, 0, SAMPLE);
    enum table_encoding found = table_encoding_guess(sample, sample.len == bytes.len);
    return found == TABLE_ENCODING_FIND || found == TABLE_UTF_8 ? NULL : table_encoding_name(found);
}

/* The most likely of the sets that government files are written in: where there is too little text
 * for evidence. */
static const char *by_statistics(pd_str bytes) {
    static const char *const known[] = {"GB18030",   "Big5",   "windows-1252", "ISO-8859-1",
                                        "Shift_JIS", "EUC-JP", "EUC-KR"};
    UErrorCode code = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&code);
    const char *found = "windows-1252";
    int32_t count = 0;
    ucsdet_setText(detector, bytes.data, (int32_t)(bytes.len < SAMPLE ? bytes.len : SAMPLE), &code);
    const UCharsetMatch **matches = ucsdet_detectAll(detector, &count, &code);
    bool is_found = false;
    for (int32_t i = 0; U_SUCCESS(code) && i < count && !is_found; i++) {
        const char *name = ucsdet_getName(matches[i], &code);
        for (size_t k = 0; !is_found && k < sizeof(known) / sizeof(known[0]); k++)
            if (strcmp(name, known[k]) == 0) {
                found = known[k];
                is_found = true;
            }
    }
    ucsdet_close(detector);
    return found;
}

enum pd_status source_decode_unknown(pd_str bytes, struct pd_buf *out, const char **charset,
                                     struct pd_error *err) {
    *charset = by_mark(bytes);
    if (*charset == NULL)
        *charset = by_zeros(bytes);
    if (*charset == NULL && pd_utf8_valid(bytes, NULL)) {
        *charset = "UTF-8";
        pd_buf_str(out, bytes);
        return pd_buf_check(out, err);
    }
    if (*charset == NULL)
        *charset = by_evidence(bytes);
    if (*charset == NULL)
        *charset = by_statistics(bytes);
    if (strcmp(*charset, "UTF-8") == 0)
        bytes = pd_str_sub(bytes, 3, SIZE_MAX);
    return source_decode(*charset, bytes, out, err);
}

/* ---- Writing ---- */

static enum pd_status write_valid(pd_str text, const struct source_sink *sink,
                                  struct pd_error *err) {
    char piece[PIECE];
    size_t n = 0;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < text.len; i++) {
        char c = text.data[i];
        if (c == '\r') {
            if (i + 1 < text.len && text.data[i + 1] == '\n')
                continue;
            c = '\n';
        }
        piece[n++] = c == '\0' ? ' ' : c;
        if (n == sizeof(piece)) {
            st = sink->data(sink->context, piece, n, err);
            n = 0;
        }
    }
    return st == PD_OK && n > 0 ? sink->data(sink->context, piece, n, err) : st;
}

enum pd_status source_text_write(pd_str text, const struct source_sink *sink,
                                 struct pd_error *err) {
    if (pd_utf8_valid(text, NULL))
        return write_valid(text, sink, err);
    struct pd_buf mended;
    pd_buf_init(&mended, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = source_decode("UTF-8", text, &mended, err);
    if (st == PD_OK)
        st = write_valid(pd_buf_view(&mended), sink, err);
    pd_buf_clear(&mended);
    return st;
}

enum pd_status source_plain(pd_str bytes, const struct source_wanted *wanted,
                            const struct source_sink *sink, struct pd_error *err) {
    struct pd_buf text;
    const char *charset = NULL;
    (void)wanted;
    pd_buf_init(&text, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = source_decode_unknown(bytes, &text, &charset, err);
    size_t zero = pd_str_find_char(bytes, '\0');
    bool may_have_zeros = charset != NULL && pd_str_starts(pd_str_from(charset), PD_STR("UTF-")) &&
                          strcmp(charset, "UTF-8") != 0;
    if (st == PD_OK && zero != PD_NPOS && !may_have_zeros)
        st = pd_fail(err, PD_INVALID, "it is not text: a zero byte stands at offset %zu", zero);
    if (st == PD_OK && strcmp(charset, "UTF-8") != 0)
        st = source_note(sink, err, "The text is not UTF-8; it was read as %s.", charset);
    if (st == PD_OK)
        st = source_text_write(pd_buf_view(&text), sink, err);
    pd_buf_clear(&text);
    return st;
}
