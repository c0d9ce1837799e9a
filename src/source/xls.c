/*
 * The sheets of an Excel 97-2003 workbook (MS-XLS, BIFF8). Cells may stand in any order, so they
 * are listed first, then written row by row.
 */
#include "source/biff_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a cell's record stands; of MULRK one of several. */
struct cell {
    uint32_t row;
    uint16_t column, style;
    uint16_t nth; /* of MULRK */
    size_t at;    /* of the record */
};

struct sheet {
    const struct biff_book *book;
    pd_str name;
    struct source_sheet_counts *counts;
    struct cell *cells;
    size_t count, room;
};

static enum pd_status damaged(const struct sheet *s, uint32_t row, size_t column,
                              struct pd_error *err) {
    return pd_fail(err, PD_INVALID,
                   "sheet \"%.*s\", row %u, column %zu: the cell is cut off or damaged",
                   pd_arg(s->name), row + 1, column + 1);
}

/* ---- Listing ---- */

static enum pd_status add_cell(struct sheet *s, const struct cell *cell, struct pd_error *err) {
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 1024;
        struct cell *grown = realloc(s->cells, room * sizeof(*grown));
        if (!grown)
            return pd_fail_memory(err);
        s->cells = grown;
        s->room = room;
    }
    s->cells[s->count++] = *cell;
    return PD_OK;
}

static enum pd_status list_cell(struct sheet *s, const struct biff_record *r,
                                struct pd_error *err) {
    if (r->data.len < 6)
        return damaged(s, 0, 0, err);
    struct cell cell = {.row = biff_u16(r->data, 0),
                        .column = (uint16_t)biff_u16(r->data, 2),
                        .style = (uint16_t)biff_u16(r->data, 4),
                        .at = r->at};
    if (r->id != BIFF_MULRK)
        return add_cell(s, &cell, err);
    size_t several = (r->data.len - 6) / 6;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < several; i++) {
        cell.style = (uint16_t)biff_u16(r->data, 4 + 6 * i);
        cell.nth = (uint16_t)i;
        st = add_cell(s, &cell, err);
        cell.column++;
    }
    return st;
}

static void note(struct sheet *s, const struct biff_record *r) {
    if (r->id == BIFF_MERGECELLS && r->data.len >= 2)
        s->counts->merged += biff_u16(r->data, 0);
    if (r->id == BIFF_ROW && r->data.len >= 14)
        s->counts->hidden_rows += (biff_u16(r->data, 12) & 0x20) != 0;
    if (r->id != BIFF_COLINFO || r->data.len < 10 || !(biff_u16(r->data, 8) & 1))
        return;
    unsigned first = biff_u16(r->data, 0), last = biff_u16(r->data, 2);
    if (first <= last && last < 255) /* up to the edge: how a sheet's right side is hidden */
        s->counts->hidden_columns += last - first + 1;
}

static enum pd_status list_cells(struct sheet *s, size_t at, struct pd_error *err) {
    struct biff_cursor c = {s->book->stream, at};
    struct biff_record r;
    size_t depth = 0; /* charts within a sheet have records of their own */
    if (at >= c.stream.len || !biff_next(&c, &r) || r.id != BIFF_BOF)
        return pd_fail(err, PD_INVALID, "its sheet \"%.*s\" is missing in the file",
                       pd_arg(s->name));
    enum pd_status st = PD_OK;
    while (st == PD_OK && biff_next(&c, &r)) {
        if (r.id == BIFF_EOF && depth == 0)
            return PD_OK;
        depth += r.id == BIFF_BOF;
        depth -= r.id == BIFF_EOF;
        if (depth > 0)
            continue;
        switch (r.id) {
        case BIFF_LABELSST:
        case BIFF_LABEL:
        case BIFF_RSTRING:
        case BIFF_NUMBER:
        case BIFF_RK:
        case BIFF_MULRK:
        case BIFF_BOOLERR:
        case BIFF_FORMULA:
            st = list_cell(s, &r, err);
            break;
        default:
            note(s, &r);
        }
    }
    return st == PD_OK ? pd_fail(err, PD_INVALID, "its sheet \"%.*s\" is cut off", pd_arg(s->name))
                       : st;
}

static int compare_cells(const void *a, const void *b) {
    const struct cell *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* ---- Values ---- */

static pd_str number_text(const struct sheet *s, const struct cell *cell, double value,
                          char room[2 * SOURCE_NUMBER_SIZE]) {
    enum source_number kind =
        cell->style < s->book->style_count ? s->book->styles[cell->style] : SOURCE_PLAIN;
    char *stored = room + SOURCE_NUMBER_SIZE;
    int n = snprintf(stored, SOURCE_NUMBER_SIZE, "%.17g", value);
    return source_sheet_number((pd_str){stored, (size_t)n}, kind, s->book->is_1904, s->counts,
                               room);
}

static double double_at(pd_str data, size_t at) {
    double value;
    uint64_t bits = biff_u32(data, at) | (uint64_t)biff_u32(data, at + 4) << 32;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* RkNumber (MS-XLS 2.5.217): 30 bits of an integer or of a double, perhaps of a hundredth. */
static double rk_value(uint32_t rk) {
    double value;
    if (rk & 2) {
        value = (double)((int32_t)rk >> 2);
    } else {
        uint64_t bits = (uint64_t)(rk & ~UINT32_C(3)) << 32;
        memcpy(&value, &bits, sizeof(value));
    }
    return rk & 1 ? value / 100 : value;
}

static pd_str error_text(unsigned code) {
    static const struct {
        unsigned code;
        const char *text;
    } errors[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0f, "#VALUE!"}, {0x17, "#REF!"},
                  {0x1d, "#NAME?"}, {0x24, "#NUM!"},   {0x2a, "#N/A"},    {0x2b, "#GETTING_DATA"}};
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].code == code)
            return pd_str_from(errors[i].text);
    return PD_STR("#ERROR");
}

static pd_str truth(unsigned is) {
    return is ? PD_STR("true") : PD_STR("false");
}

/* The value that a formula had when it was stored; text stands in the next STRING. */
static bool formula_value(struct sheet *s, const struct cell *cell, struct biff_cursor *c,
                          pd_str data, struct pd_buf *text, char room[2 * SOURCE_NUMBER_SIZE],
                          pd_str *out) {
    struct biff_record next;
    *out = (pd_str){"", 0};
    if (data.len < 14)
        return false;
    s->counts->formulas++;
    if (biff_u16(data, 12) != 0xffff) {
        *out = number_text(s, cell, double_at(data, 6), room);
        return true;
    }
    unsigned value = (unsigned char)data.data[8];
    switch (data.data[6]) {
    case 0:
        for (int i = 0; i < 4; i++) { /* perhaps behind the formula of a group */
            if (!biff_next(c, &next))
                return false;
            if (next.id == BIFF_STRING) {
                bool is = biff_string(c, next.data, 0, 2, text);
                *out = pd_buf_view(text);
                return is;
            }
        }
        return false;
    case 1:
        *out = truth(value);
        return true;
    case 2:
        s->counts->errors++;
        *out = error_text(value);
        return true;
    default:
        return true; /* text of no character */
    }
}

static bool cell_value(struct sheet *s, const struct cell *cell, struct pd_buf *text,
                       char room[2 * SOURCE_NUMBER_SIZE], pd_str *out) {
    struct biff_cursor c = {s->book->stream, cell->at};
    struct biff_record r;
    if (!biff_next(&c, &r))
        return false;
    pd_str data = r.data;
    pd_buf_reset(text);
    switch (r.id) {
    case BIFF_LABELSST:
        if (data.len < 10 || biff_u32(data, 6) >= s->book->string_count)
            return false;
        *out = biff_shared(s->book, biff_u32(data, 6));
        return true;
    case BIFF_LABEL:
    case BIFF_RSTRING:
        if (!biff_string(&c, data, 6, 2, text))
            return false;
        *out = pd_buf_view(text);
        return true;
    case BIFF_NUMBER:
        if (data.len < 14)
            return false;
        *out = number_text(s, cell, double_at(data, 6), room);
        return true;
    case BIFF_RK:
        if (data.len < 10)
            return false;
        *out = number_text(s, cell, rk_value(biff_u32(data, 6)), room);
        return true;
    case BIFF_MULRK:
        *out = number_text(s, cell, rk_value(biff_u32(data, 6 + 6 * (size_t)cell->nth)), room);
        return true;
    case BIFF_BOOLERR:
        if (data.len < 8)
            return false;
        s->counts->errors += data.data[7] != 0;
        *out = data.data[7] ? error_text((unsigned char)data.data[6])
                            : truth((unsigned char)data.data[6]);
        return true;
    default:
        return formula_value(s, cell, &c, data, text, room, out);
    }
}

/* ---- Rows ---- */

static enum pd_status write_cells(struct sheet *s, struct source_rows *rows, struct pd_error *err) {
    struct pd_buf text;
    char room[2 * SOURCE_NUMBER_SIZE];
    pd_str value;
    enum pd_status st = PD_OK;
    pd_buf_init(&text, SOURCE_CELL_BYTES);
    for (size_t i = 0; st == PD_OK && i < s->count; i++) {
        const struct cell *cell = &s->cells[i];
        bool is_last = i + 1 == s->count || cell[1].row != cell->row;
        bool is_again = !is_last && cell[1].column == cell->column; /* the later one counts */
        if (!is_again && !cell_value(s, cell, &text, room, &value))
            st = damaged(s, cell->row, cell->column, err);
        if (st == PD_OK && text.failed)
            st = pd_fail(err, PD_LIMIT, "sheet \"%.*s\", row %u: a cell is longer than %d bytes",
                         pd_arg(s->name), cell->row + 1, SOURCE_CELL_BYTES);
        if (st == PD_OK && !is_again)
            st = source_rows_cell(rows, cell->column, value, err);
        if (st == PD_OK && is_last)
            st = source_rows_end(rows, cell->row, 1, err);
    }
    pd_buf_clear(&text);
    return st;
}

static enum pd_status read_sheet(void *context, size_t sheet, struct source_rows *rows,
                                 struct source_sheet_counts *counts, struct pd_error *err) {
    const struct biff_book *book = context;
    struct sheet s = {.book = book, .name = book->sheets[sheet].name, .counts = counts};
    enum pd_status st = list_cells(&s, book->sheets[sheet].at, err);
    if (st == PD_OK && s.count > 0) {
        qsort(s.cells, s.count, sizeof(*s.cells), compare_cells);
        st = write_cells(&s, rows, err);
    }
    free(s.cells);
    return st;
}

/* ---- The workbook ---- */

enum pd_status source_xls(pd_str bytes, const struct source_wanted *wanted,
                          const struct source_sink *sink, struct pd_error *err) {
    struct biff_book book = {.arena = pd_arena_new((size_t)64 << 20)};
    struct pd_buf stream, directory;
    pd_buf_init(&stream, bytes.len + 1);
    pd_buf_init(&directory, bytes.len + 512);
    struct source_sheets readers = {.context = &book, .read = read_sheet};
    enum pd_status st = book.arena
                            ? source_compound_read(bytes, "Workbook", &stream, &directory, err)
                            : pd_fail_memory(err);
    if (st == PD_NOT_FOUND)
        st = source_refuse_compound(pd_buf_view(&directory), err);
    book.stream = pd_buf_view(&stream);
    if (st == PD_OK)
        st = biff_load(&book, err);
    if (st == PD_OK)
        st = source_book_write(book.sheets, book.sheet_count, book.has_macros, &readers, book.arena,
                               wanted, sink, err);
    biff_clear(&book);
    pd_buf_clear(&stream);
    pd_buf_clear(&directory);
    pd_arena_free(book.arena);
    return st;
}
