/*
 * The records of an Excel 97-2003 workbook (MS-XLS, BIFF8): what stands before its sheets. A record
 * is a number, a length and so many bytes; what is longer goes on in CONTINUE records.
 */
#include "source/biff_impl.h"
#include <stdlib.h>
#include <string.h>

enum { SHEETS_MAX = 1024, STYLES_MAX = 65536, FORMATS_MAX = 4096, STRINGS_BYTES = 1 << 30 };

/* ---- Records ---- */

bool biff_next(struct biff_cursor *c, struct biff_record *out) {
    if (c->stream.len - c->at < 4)
        return false;
    size_t len = biff_u16(c->stream, c->at + 2);
    if (len > c->stream.len - c->at - 4)
        return false;
    *out = (struct biff_record){.id = biff_u16(c->stream, c->at),
                                .at = c->at,
                                .data = pd_str_sub(c->stream, c->at + 4, len)};
    c->at += 4 + len;
    return true;
}

/* ---- Text that may go on in the next record ---- */

/* The bytes of a record and those that continue it. */
struct pieces {
    struct biff_cursor *cursor; /* behind the record at hand */
    pd_str data;
    size_t at;
};

/* Goes on in the next CONTINUE; false: there is none. */
static bool go_on(struct pieces *p) {
    struct biff_cursor ahead = *p->cursor;
    struct biff_record next;
    if (!biff_next(&ahead, &next) || next.id != BIFF_CONTINUE)
        return false;
    *p->cursor = ahead;
    p->data = next.data;
    p->at = 0;
    return true;
}

static bool skip(struct pieces *p, size_t n) {
    while (n > p->data.len - p->at) {
        n -= p->data.len - p->at;
        if (!go_on(p))
            return false;
    }
    p->at += n;
    return true;
}

/* A number is never divided between records, but may begin the next one. */
static bool take(struct pieces *p, size_t bytes, uint32_t *out) {
    if (p->at == p->data.len && !go_on(p))
        return false;
    if (p->data.len - p->at < bytes)
        return false;
    *out = 0;
    for (size_t i = 0; i < bytes; i++)
        *out |= (uint32_t)(unsigned char)p->data.data[p->at + i] << (8 * i);
    p->at += bytes;
    return true;
}

static void add_unit(uint32_t unit, uint32_t *high, struct pd_buf *out) {
    char utf8[4];
    if (unit >= 0xdc00 && unit < 0xe000 && *high)
        unit = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
    else if (*high)
        pd_buf_text(out, "\xef\xbf\xbd");
    *high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (*high)
        return;
    size_t n = unit == 0 ? 0 : pd_utf8_encode(unit, utf8);
    if (n > 0)
        pd_buf_add(out, utf8, n);
    else
        pd_buf_text(out, "\xef\xbf\xbd");
}

/* So many characters, of one byte or two; where a record ends within them, the next one says anew
 * how wide they are. */
static bool take_chars(struct pieces *p, size_t count, bool is_wide, struct pd_buf *out) {
    uint32_t high = 0, unit;
    while (count > 0) {
        if (p->at == p->data.len) {
            if (!go_on(p) || !take(p, 1, &unit))
                return false;
            is_wide = unit & 1;
        }
        if (!take(p, is_wide ? 2 : 1, &unit))
            return false;
        add_unit(unit, &high, out);
        count--;
    }
    if (high)
        pd_buf_text(out, "\xef\xbf\xbd");
    return true;
}

/* XLUnicodeRichExtendedString (MS-XLS 2.5.293), which the plain string of 16 bits is a case of. */
static bool take_string(struct pieces *p, size_t length_bytes, struct pd_buf *out) {
    uint32_t count, flags, runs = 0, extra = 0;
    if (!take(p, length_bytes, &count) || !take(p, 1, &flags))
        return false;
    if ((flags & 8) && !take(p, 2, &runs))
        return false;
    if ((flags & 4) && !take(p, 4, &extra))
        return false;
    return take_chars(p, count, flags & 1, out) && skip(p, 4 * (size_t)runs) && skip(p, extra);
}

bool biff_string(struct biff_cursor *cursor, pd_str data, size_t at, size_t length_bytes,
                 struct pd_buf *out) {
    struct pieces p = {cursor, data, at};
    return at <= data.len && take_string(&p, length_bytes, out);
}

/* ---- Globals ---- */

static enum pd_status damaged(struct pd_error *err, const char *what) {
    return pd_fail(err, PD_INVALID, "its %s is cut off or damaged", what);
}

static enum pd_status read_strings(struct biff_book *book, struct biff_cursor *c, pd_str data,
                                   struct pd_error *err) {
    struct pieces p = {c, data, 0};
    uint32_t total, count;
    if (!take(&p, 4, &total) || !take(&p, 4, &count) || count > book->stream.len)
        return damaged(err, "table of strings");
    book->string_ends = calloc((size_t)count + 1, sizeof(*book->string_ends));
    if (!book->string_ends)
        return pd_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        size_t from = book->strings.len;
        if (!take_string(&p, 2, &book->strings))
            return damaged(err, "table of strings");
        if (book->strings.len - from > SOURCE_CELL_BYTES)
            return pd_fail(err, PD_LIMIT, "a string in it is longer than %d bytes",
                           SOURCE_CELL_BYTES);
        book->string_ends[book->string_count++] = book->strings.len;
    }
    return pd_buf_check(&book->strings, err);
}

pd_str biff_shared(const struct biff_book *book, size_t index) {
    size_t from = index > 0 ? book->string_ends[index - 1] : 0;
    return pd_str_sub(pd_buf_view(&book->strings), from, book->string_ends[index] - from);
}

static enum pd_status read_sheet(struct biff_book *book, struct biff_cursor *c, pd_str data,
                                 struct pd_error *err) {
    struct pd_buf name;
    if (data.len < 8)
        return damaged(err, "list of sheets");
    if (data.data[5] != 0) /* charts, macros: no tables */
        return PD_OK;
    if (book->sheet_count == SHEETS_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d sheets", SHEETS_MAX);
    pd_buf_init(&name, 4096);
    bool is = biff_string(c, data, 6, 1, &name);
    struct source_book_sheet *sheet = &book->sheets[book->sheet_count++];
    *sheet = (struct source_book_sheet){.name = pd_arena_str(book->arena, pd_buf_view(&name)),
                                        .is_hidden = (data.data[4] & 3) != 0,
                                        .at = biff_u32(data, 0)};
    pd_buf_clear(&name);
    return !is ? damaged(err, "list of sheets") : sheet->name.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status read_format(struct biff_book *book, struct biff_cursor *c, pd_str data,
                                  struct pd_error *err) {
    struct pd_buf code;
    if (data.len < 5 || book->format_count == FORMATS_MAX)
        return PD_OK;
    pd_buf_init(&code, 1 << 16);
    bool is = biff_string(c, data, 2, 2, &code);
    book->formats[book->format_count++] =
        (struct biff_format){biff_u16(data, 0), source_number_format(pd_buf_view(&code))};
    pd_buf_clear(&code);
    return is ? PD_OK : damaged(err, "list of formats");
}

/* Formats come before the cell formats that name them. */
static enum pd_status read_style(struct biff_book *book, pd_str data, struct pd_error *err) {
    if (data.len < 4)
        return damaged(err, "list of cell formats");
    if (book->style_count == STYLES_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d cell formats", STYLES_MAX);
    unsigned format = biff_u16(data, 2);
    enum source_number is = source_number_builtin(format);
    for (size_t i = 0; i < book->format_count; i++)
        if (book->formats[i].id == format)
            is = book->formats[i].is;
    book->styles[book->style_count++] = is;
    return PD_OK;
}

static enum pd_status read_global(struct biff_book *book, struct biff_cursor *c,
                                  const struct biff_record *r, struct pd_error *err) {
    switch (r->id) {
    case BIFF_FILEPASS:
        return pd_fail(err, PD_UNSUPPORTED,
                       "it is encrypted: remove the password (save it without one) and name that "
                       "copy");
    case BIFF_1904:
        book->is_1904 = r->data.len >= 2 && biff_u16(r->data, 0) == 1;
        return PD_OK;
    case BIFF_OBPROJ:
        book->has_macros = true;
        return PD_OK;
    case BIFF_FORMAT:
        return read_format(book, c, r->data, err);
    case BIFF_XF:
        return read_style(book, r->data, err);
    case BIFF_BOUNDSHEET:
        return read_sheet(book, c, r->data, err);
    case BIFF_SST:
        return book->string_ends ? PD_OK : read_strings(book, c, r->data, err);
    default:
        return PD_OK;
    }
}

enum pd_status biff_load(struct biff_book *book, struct pd_error *err) {
    struct biff_cursor c = {book->stream, 0};
    struct biff_record r;
    pd_buf_init(&book->strings, STRINGS_BYTES);
    book->sheets = pd_arena_array(book->arena, SHEETS_MAX, sizeof(*book->sheets));
    book->styles = pd_arena_array(book->arena, STYLES_MAX, sizeof(*book->styles));
    book->formats = pd_arena_array(book->arena, FORMATS_MAX, sizeof(*book->formats));
    if (!book->sheets || !book->styles || !book->formats)
        return pd_fail_memory(err);
    if (!biff_next(&c, &r) || r.id != BIFF_BOF || r.data.len < 4)
        return damaged(err, "workbook");
    if (biff_u16(r.data, 0) != 0x0600)
        return pd_fail(err, PD_UNSUPPORTED,
                       "it is a workbook of Excel 5 or 95, which is not read: open it in a "
                       "spreadsheet program and save it as XLSX, ODS or CSV");
    bool has_end = false;
    enum pd_status st = PD_OK;
    while (st == PD_OK && !has_end && biff_next(&c, &r)) {
        has_end = r.id == BIFF_EOF;
        st = read_global(book, &c, &r, err);
    }
    if (st == PD_OK && !has_end)
        return damaged(err, "workbook");
    if (st == PD_OK && book->sheet_count == 0)
        st = pd_fail(err, PD_INVALID, "it has no sheet with cells");
    return st;
}

void biff_clear(struct biff_book *book) {
    pd_buf_clear(&book->strings);
    free(book->string_ends);
}
