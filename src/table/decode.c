/* Decodes bytes of another encoding to UTF-8, piece by piece, with ICU's converters. */
#include "table/encoding_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucnv.h>

enum { UNITS = 1024, WRONG_BYTES = 8 };

struct table_decoder {
    UConverter *icu;
    enum table_encoding encoding;
    UChar lead; /* half a character of UTF-16 that waits for the other half, or 0 */
    bool is_cut;
    bool is_watched; /* for characters of UTF-8, see table_decoder_watch */
    bool is_mixed;
    unsigned char last;
    unsigned char wrong[WRONG_BYTES];
    int8_t wrong_count;
};

enum pd_status table_decoder_new(enum table_encoding encoding, struct table_decoder **out,
                                 struct pd_error *err) {
    struct table_decoder *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return pd_fail_memory(err);
    UErrorCode code = U_ZERO_ERROR;
    d->encoding = encoding;
    d->icu = ucnv_open(table_encoding_converter(encoding), &code);
    if (U_SUCCESS(code)) /* the default would replace what is wrong, silently */
        ucnv_setToUCallBack(d->icu, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &code);
    if (U_FAILURE(code)) {
        table_decoder_free(d);
        if (code == U_MEMORY_ALLOCATION_ERROR)
            return pd_fail_memory(err);
        return pd_fail(err, PD_UNSUPPORTED,
                       "this machine's ICU cannot read %s (%s): convert the file to UTF-8 first",
                       table_encoding_name(encoding), u_errorName(code));
    }
    *out = d;
    return PD_OK;
}

void table_decoder_free(struct table_decoder *decoder) {
    if (decoder == NULL)
        return;
    if (decoder->icu != NULL)
        ucnv_close(decoder->icu);
    free(decoder);
}

void table_decoder_watch(struct table_decoder *decoder) {
    decoder->is_watched = decoder->encoding == TABLE_WINDOWS_1252;
}

/* How many bytes stand before the second one of a character like "é" in UTF-8; n if there is none.
   In Windows-1252 it would be an Ã or Â before a sign that no word has. */
static size_t find_utf8(struct table_decoder *d, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool is_second = (d->last == 0xC2 || d->last == 0xC3) && c >= 0x80 && c <= 0xBF;
        if (is_second) {
            d->is_mixed = true;
            d->wrong[0] = d->last;
            d->wrong[1] = c;
            d->wrong_count = 2;
            return i;
        }
        d->last = c;
    }
    return n;
}

size_t table_decoder_room(size_t n) {
    /* At most three bytes come of one, and of what is pending a few more. */
    return 3 * n + 64;
}

static void append_unit(struct table_decoder *d, UChar unit, char *out, size_t *len) {
    uint32_t point = unit;
    if (d->lead != 0 && U16_IS_TRAIL(unit))
        point = (uint32_t)U16_GET_SUPPLEMENTARY(d->lead, unit);
    d->lead = 0;
    if (U16_IS_LEAD(unit)) {
        d->lead = unit;
        return;
    }
    char bytes[4];
    size_t n = pd_utf8_encode(point, bytes);
    for (size_t i = 0; i < n; i++)
        out[(*len)++] = bytes[i];
}

bool table_decode(struct table_decoder *decoder, const char *bytes, size_t n, bool is_last,
                  char *out, size_t *len) {
    static const char nothing[1] = "";
    if (decoder->is_watched && n > 0)
        n = find_utf8(decoder, bytes, n);
    const char *from = n > 0 ? bytes : nothing, *end = from + n;
    for (;;) {
        UChar units[UNITS];
        UChar *to = units;
        UErrorCode code = U_ZERO_ERROR;
        ucnv_toUnicode(decoder->icu, &to, units + UNITS, &from, end, NULL, is_last, &code);
        for (const UChar *unit = units; unit < to; unit++)
            append_unit(decoder, *unit, out, len);
        if (code == U_BUFFER_OVERFLOW_ERROR)
            continue;
        if (U_SUCCESS(code))
            return !decoder->is_mixed;
        UErrorCode ignored = U_ZERO_ERROR;
        decoder->is_cut = code == U_TRUNCATED_CHAR_FOUND;
        decoder->wrong_count = WRONG_BYTES;
        ucnv_getInvalidChars(decoder->icu, (char *)decoder->wrong, &decoder->wrong_count, &ignored);
        if (U_FAILURE(ignored))
            decoder->wrong_count = 0;
        return false;
    }
}

enum pd_status table_decoder_fail(const struct table_decoder *decoder, uint64_t line,
                                  uint64_t column, const char *evidence, struct pd_error *err) {
    char wrong[3 * WRONG_BYTES + 1] = "";
    for (int i = 0; i < decoder->wrong_count; i++)
        snprintf(wrong + 3 * i, sizeof(wrong) - (size_t)(3 * i), " %02X", decoder->wrong[i]);
    const char *name = table_encoding_name(decoder->encoding);
    if (decoder->is_mixed)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ", column %" PRIu64
                       ": bytes%s are a character of UTF-8, in a file that was read as %s (%s): it "
                       "mixes encodings; save it in one, or have them read as they are with "
                       "--encoding=windows-1252",
                       line, column - 2, wrong, name, evidence);
    if (decoder->is_cut)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ", column %" PRIu64
                       ": the input ends within a character of %s (bytes%s): it was cut off, or is "
                       "in another encoding (%s)",
                       line, column, name, wrong, evidence);
    return pd_fail(err, PD_INVALID,
                   "line %" PRIu64 ", column %" PRIu64
                   ": bytes%s are no character of %s, in which the file was read (%s); if it is in "
                   "another encoding, say which, for example --encoding=windows-1252; if it mixes "
                   "two, save it in one",
                   line, column, wrong, name, evidence);
}
