/* Excel 97-2003 workbooks from inside: biff.c reads what stands before the sheets, xls.c a sheet.
 */
#ifndef POLDER_SOURCE_BIFF_IMPL_H
#define POLDER_SOURCE_BIFF_IMPL_H

#include "source/source_impl.h"

enum biff_id { /* MS-XLS 2.3 */
               BIFF_FORMULA = 0x006,
               BIFF_EOF = 0x00a,
               BIFF_1904 = 0x022,
               BIFF_FILEPASS = 0x02f,
               BIFF_CONTINUE = 0x03c,
               BIFF_COLINFO = 0x07d,
               BIFF_BOUNDSHEET = 0x085,
               BIFF_MULRK = 0x0bd,
               BIFF_OBPROJ = 0x0d3,
               BIFF_RSTRING = 0x0d6,
               BIFF_XF = 0x0e0,
               BIFF_MERGECELLS = 0x0e5,
               BIFF_SST = 0x0fc,
               BIFF_LABELSST = 0x0fd,
               BIFF_NUMBER = 0x203,
               BIFF_LABEL = 0x204,
               BIFF_BOOLERR = 0x205,
               BIFF_STRING = 0x207,
               BIFF_ROW = 0x208,
               BIFF_RK = 0x27e,
               BIFF_FORMAT = 0x41e,
               BIFF_BOF = 0x809
};

struct biff_cursor {
    pd_str stream;
    size_t at;
};
struct biff_record {
    unsigned id;
    size_t at; /* in the stream */
    pd_str data;
};
/** false: the stream ends, or is cut off. */
bool biff_next(struct biff_cursor *cursor, struct biff_record *out);
/** Appends the string at `at` of a record's data as UTF-8; its length takes 1 or 2 bytes. cursor:
 * stands behind the record, and moves on over what continues it. false: it is cut off. */
bool biff_string(struct biff_cursor *cursor, pd_str data, size_t at, size_t length_bytes,
                 struct pd_buf *out);

struct biff_book {
    pd_str stream;
    struct pd_arena *arena;
    bool is_1904, has_macros;
    struct source_book_sheet *sheets;
    size_t sheet_count;
    enum source_number *styles; /* by index of XF */
    size_t style_count;
    struct biff_format {
        unsigned id;
        enum source_number is;
    } * formats;
    size_t format_count;
    struct pd_buf strings; /* shared ones, one after another */
    size_t *string_ends;
    size_t string_count;
};
PD_CHECK enum pd_status biff_load(struct biff_book *book, struct pd_error *err);
void biff_clear(struct biff_book *book);
pd_str biff_shared(const struct biff_book *book, size_t index);

static inline unsigned biff_u16(pd_str s, size_t at) {
    return (unsigned)(unsigned char)s.data[at] | (unsigned)(unsigned char)s.data[at + 1] << 8;
}
static inline uint32_t biff_u32(pd_str s, size_t at) {
    return biff_u16(s, at) | (uint32_t)biff_u16(s, at + 2) << 16;
}

#endif
