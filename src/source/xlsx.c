/* The sheets of an Excel workbook (ECMA-376 part 1, 18.3). */
#include "source/source_impl.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum kind { NUMBER, SHARED, INLINE, TEXT, BOOLEAN, ERROR, DATE };

struct sheet {
    struct source_book *book;
    pd_str name;
    struct source_rows *rows;
    struct source_sheet_counts *counts;
    /* where we are */
    uint64_t row, last_row; /* 1-based; 0: none yet */
    size_t column;          /* 1-based, of the cell at hand; the last one between cells */
    bool is_in_cell, is_in_value, has_formula, has_value;
    unsigned phonetic;
    enum kind kind;
    enum source_number number;
    struct pd_buf text, plain;
};

/* ---- References ---- */

/* "AB12": column and row from 1; false if it is no such thing. */
static bool parse_reference(const char *text, size_t *column, uint64_t *row) {
    size_t c = 0;
    uint64_t r = 0;
    const char *at = text;
    for (; *at >= 'A' && *at <= 'Z' && c < SOURCE_SHEET_COLUMNS * 2; at++)
        c = c * 26 + (size_t)(*at - 'A' + 1);
    for (; *at >= '0' && *at <= '9' && r < SOURCE_SHEET_ROWS * 2; at++)
        r = r * 10 + (uint64_t)(*at - '0');
    *column = c;
    *row = r;
    return *at == '\0' && c > 0 && r > 0;
}

static void write_reference(const struct sheet *s, char out[16]) {
    char letters[8];
    size_t n = 0, written = 0;
    for (size_t c = s->column; c > 0 && n < sizeof(letters); c = (c - 1) / 26)
        letters[n++] = (char)('A' + (c - 1) % 26);
    while (n > 0)
        out[written++] = letters[--n];
    out[written] = '\0';
}

PD_PRINTF(4, 5)
static enum pd_status fail_at(const struct sheet *s, struct pd_error *err, enum pd_status status,
                              const char *format, ...) {
    char column[16], words[256];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    write_reference(s, column);
    return pd_fail(err, status, "sheet \"%.*s\", cell %s%llu: %s", pd_arg(s->name), column,
                   (unsigned long long)s->row, words);
}

/* ---- Cells ---- */

static enum kind kind_of(const char *type) {
    static const struct {
        const char *name;
        enum kind kind;
    } kinds[] = {{"n", NUMBER}, {"s", SHARED}, {"inlineStr", INLINE}, {"str", TEXT}, {"b", BOOLEAN},
                 {"e", ERROR},  {"d", DATE}};
    for (size_t i = 0; type != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(type, kinds[i].name) == 0)
            return kinds[i].kind;
    return NUMBER;
}

static enum pd_status start_cell(struct sheet *s, const char *const *attributes,
                                 struct pd_error *err) {
    const char *reference = source_xml_get(attributes, "r");
    const char *style = source_xml_get(attributes, "s");
    size_t column = s->column + 1;
    uint64_t row = s->row, index = 0;
    if (reference != NULL && !parse_reference(reference, &column, &row))
        return fail_at(s, err, PD_INVALID, "after it stands a cell with no place; it is damaged");
    bool is_forward = column > s->column && row == s->row;
    s->column = column;
    if (column > SOURCE_SHEET_COLUMNS || !is_forward)
        return fail_at(s, err, PD_INVALID, "it is out of its place; the sheet is damaged");
    s->is_in_cell = true;
    s->has_formula = s->has_value = false;
    s->kind = kind_of(source_xml_get(attributes, "t"));
    s->number = SOURCE_PLAIN;
    if (style != NULL && pd_parse_u64(pd_str_from(style), &index) && index < s->book->style_count)
        s->number = s->book->styles[index];
    pd_buf_reset(&s->text);
    return PD_OK;
}

static enum pd_status shared_string(struct sheet *s, pd_str *value, struct pd_error *err) {
    uint64_t index;
    if (!pd_parse_u64(pd_str_trim(*value), &index) || index >= s->book->string_count)
        return fail_at(s, err, PD_INVALID, "it names string %.*s of %zu; the file is damaged",
                       pd_arg(pd_str_sub(*value, 0, 20)), s->book->string_count);
    *value = source_book_string(s->book, index);
    return PD_OK;
}

static enum pd_status end_cell(struct sheet *s, struct pd_error *err) {
    char room[SOURCE_NUMBER_SIZE];
    pd_str value = pd_buf_view(&s->text);
    enum pd_status st = PD_OK;
    s->is_in_cell = false;
    if (s->has_formula && s->kind == NUMBER && value.len == 0)
        s->has_value = false; /* <v/>: nobody has worked it out yet */
    s->counts->formulas += s->has_formula && s->has_value;
    s->counts->formulas_without += s->has_formula && !s->has_value;
    if (!s->has_value)
        return PD_OK;
    switch (s->kind) {
    case SHARED:
        st = shared_string(s, &value, err);
        break;
    case BOOLEAN:
        value = pd_str_is(pd_str_trim(value), "1") || pd_str_is(value, "true") ? PD_STR("true")
                                                                               : PD_STR("false");
        break;
    case ERROR:
        s->counts->errors++;
        break;
    case NUMBER:
        if (s->rows->sink == NULL)
            break; /* only measured */
        value =
            source_sheet_number(pd_str_trim(value), s->number, s->book->is_1904, s->counts, room);
        break;
    case INLINE:
    case TEXT:
        pd_buf_reset(&s->plain);
        source_book_unescape(&s->plain, value);
        value = pd_buf_view(&s->plain);
        break;
    case DATE:
        break;
    }
    if (st == PD_OK && s->plain.failed)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = source_rows_cell(s->rows, s->column - 1, value, err);
    return st;
}

/* ---- Elements ---- */

static enum pd_status start_row(struct sheet *s, const char *const *attributes,
                                struct pd_error *err) {
    const char *number = source_xml_get(attributes, "r");
    const char *hidden = source_xml_get(attributes, "hidden");
    s->row = s->last_row + 1;
    s->column = 0;
    if (number != NULL && !pd_parse_u64(pd_str_from(number), &s->row))
        return pd_fail(err, PD_INVALID, "sheet \"%.*s\": a row has the number \"%s\"",
                       pd_arg(s->name), number);
    if (s->row <= s->last_row || s->row > SOURCE_SHEET_ROWS)
        return pd_fail(
            err, PD_INVALID, "sheet \"%.*s\": row %llu follows row %llu; the sheet is damaged",
            pd_arg(s->name), (unsigned long long)s->row, (unsigned long long)s->last_row);
    s->last_row = s->row;
    s->counts->hidden_rows += hidden != NULL && hidden[0] == '1';
    return PD_OK;
}

static void note_columns(struct sheet *s, const char *const *attributes) {
    const char *hidden = source_xml_get(attributes, "hidden");
    const char *from = source_xml_get(attributes, "min"), *to = source_xml_get(attributes, "max");
    uint64_t first = 0, last = 0;
    /* "All the columns from here on" is how a sheet's right edge is hidden: nothing stands there.
     */
    if (hidden != NULL && hidden[0] == '1' && from && to &&
        pd_parse_u64(pd_str_from(from), &first) && pd_parse_u64(pd_str_from(to), &last) &&
        first <= last && last < SOURCE_SHEET_COLUMNS)
        s->counts->hidden_columns += last - first + 1;
}

static enum pd_status on_start(void *context, const char *name, const char *const *attributes,
                               struct pd_error *err) {
    struct sheet *s = context;
    if (s->is_in_cell) {
        s->phonetic += strcmp(name, "rPh") == 0;
        s->has_formula = s->has_formula || strcmp(name, "f") == 0;
        s->is_in_value = strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && s->phonetic == 0);
        s->has_value = s->has_value || s->is_in_value;
        return PD_OK;
    }
    if (strcmp(name, "c") == 0 && s->row > 0)
        return start_cell(s, attributes, err);
    if (strcmp(name, "row") == 0)
        return start_row(s, attributes, err);
    if (strcmp(name, "col") == 0)
        note_columns(s, attributes);
    s->counts->merged += strcmp(name, "mergeCell") == 0;
    return PD_OK;
}

static enum pd_status on_end(void *context, const char *name, struct pd_error *err) {
    struct sheet *s = context;
    s->is_in_value = false;
    if (strcmp(name, "rPh") == 0 && s->phonetic > 0)
        s->phonetic--;
    if (s->is_in_cell && strcmp(name, "c") == 0)
        return end_cell(s, err);
    if (strcmp(name, "row") == 0 && s->row > 0)
        return source_rows_end(s->rows, s->row - 1, 1, err);
    return PD_OK;
}

static enum pd_status on_text(void *context, const char *text, size_t n, struct pd_error *err) {
    struct sheet *s = context;
    if (s->is_in_value)
        pd_buf_add(&s->text, text, n);
    return s->text.failed
               ? fail_at(s, err, PD_LIMIT, "it is longer than %d bytes", SOURCE_CELL_BYTES)
               : PD_OK;
}

static enum pd_status read_sheet(void *context, size_t sheet, struct source_rows *rows,
                                 struct source_sheet_counts *counts, struct pd_error *err) {
    struct source_book *book = context;
    struct sheet s = {
        .book = book, .name = book->sheets[sheet].name, .rows = rows, .counts = counts};
    struct source_xml xml = {&s, on_start, on_end, on_text};
    pd_buf_init(&s.text, SOURCE_CELL_BYTES);
    pd_buf_init(&s.plain, SOURCE_CELL_BYTES);
    enum pd_status st = source_xml_entry(book->archive, book->sheets[sheet].at, &xml, err);
    pd_buf_clear(&s.text);
    pd_buf_clear(&s.plain);
    return st;
}

/* ---- The workbook ---- */

enum pd_status source_xlsx(pd_str bytes, const struct source_wanted *wanted,
                           const struct source_sink *sink, struct pd_error *err) {
    struct source_book book = {.arena = pd_arena_new((size_t)64 << 20)};
    struct source_sheets readers = {.context = &book, .read = read_sheet};
    enum pd_status st =
        book.arena ? source_archive_open(bytes, &book.archive, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = source_book_load(&book, err);
    if (st == PD_OK)
        st = source_book_write(book.sheets, book.sheet_count, book.has_macros, &readers, book.arena,
                               wanted, sink, err);
    source_book_clear(&book);
    source_archive_close(book.archive);
    pd_arena_free(book.arena);
    return st;
}
