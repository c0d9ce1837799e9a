/* What all spreadsheets have in common: which sheet is read, and what must be said of its cells. */
#include "source/source_impl.h"
#include <inttypes.h>
#include <string.h>

/* ---- Numbers ---- */

/* An integer of 16 digits or more has lost its last ones: a spreadsheet keeps 15. */
static bool is_beyond_precision(pd_str text) {
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.')
            return false;
        digits += text.data[i] >= '0' && text.data[i] <= '9';
    }
    return digits > 15;
}

pd_str source_sheet_number(pd_str stored, enum source_number kind, bool is_1904,
                           struct source_sheet_counts *counts, char room[SOURCE_NUMBER_SIZE]) {
    double value;
    bool is_number = pd_parse_double(stored, &value);
    if (is_number && kind == SOURCE_MAYBE_DATE)
        kind = value < 1 ? SOURCE_TIME : SOURCE_DATE;
    if (is_number && kind != SOURCE_PLAIN && kind != SOURCE_PERCENT) {
        size_t n = source_serial_write(value, kind, is_1904, room);
        counts->dates += n > 0;
        counts->odd_dates += n == 0;
        if (n > 0)
            return (pd_str){room, n};
    }
    counts->percents += kind == SOURCE_PERCENT;
    size_t n = is_number ? source_number_write(stored, room) : 0;
    pd_str text = n > 0 ? (pd_str){room, n} : stored;
    counts->long_numbers += is_number && is_beyond_precision(text);
    return text;
}

/* ---- Sentences ---- */

enum pd_status source_sheet_tell(const struct source_sheet_counts *counts,
                                 const struct source_sink *sink, struct pd_error *err) {
    const struct {
        const char *what;
        uint64_t n;
        const char *how;
    } tales[] = {
        {"Dates and times", counts->dates,
         "written as ISO 8601, as the formats of their cells say"},
        {"Cells formatted as dates that hold none", counts->odd_dates,
         "their number stands as it is stored"},
        {"Percentages", counts->percents, "given as fractions, as they are stored (25% is 0.25)"},
        {"Formulas", counts->formulas, "taken by the values stored with them; none was run"},
        {"Formulas without a stored value", counts->formulas_without, "their cells are empty"},
        {"Errors such as #N/A or #DIV/0!", counts->errors, "they stand instead of a value"},
        {"Merged groups of cells", counts->merged,
         "the value stands in the first cell, the others are empty"},
        {"Columns hidden in the sheet", counts->hidden_columns, "read all the same"},
        {"Rows hidden in the sheet", counts->hidden_rows, "read all the same"},
        {"Numbers of more than 15 digits", counts->long_numbers,
         "a spreadsheet can't keep them, so their last digits are wrong (identifiers must be "
         "text)"},
    };
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < sizeof(tales) / sizeof(tales[0]); i++)
        if (tales[i].n > 0)
            st = source_note(sink, err, "%s: %" PRIu64 "; %s.", tales[i].what, tales[i].n,
                             tales[i].how);
    return st;
}

/* ---- Which sheet ---- */

static enum pd_status measure(const struct source_sheets *sheets, size_t sheet,
                              struct pd_error *err) {
    struct source_rows rows;
    struct source_sheet_counts counts = {0};
    source_rows_init(&rows, NULL, 0);
    enum pd_status st = sheets->read(sheets->context, sheet, &rows, &counts, err);
    sheets->list[sheet].width = rows.width;
    sheets->list[sheet].filled = rows.filled;
    source_rows_clear(&rows);
    return st;
}

static enum pd_status find_named(const struct source_sheets *sheets, pd_str name, size_t *chosen,
                                 struct pd_error *err) {
    struct pd_buf names;
    pd_buf_init(&names, 600);
    size_t told = 0;
    for (size_t i = 0; i < sheets->count; i++) {
        if (pd_str_eq(sheets->list[i].name, name)) {
            *chosen = i;
            pd_buf_clear(&names);
            return measure(sheets, i, err);
        }
        if (names.len + sheets->list[i].name.len < 500 && ++told)
            pd_buf_printf(&names, "%s\"%.*s\"", i ? ", " : "", pd_arg(sheets->list[i].name));
    }
    enum pd_status st =
        pd_fail(err, PD_NOT_FOUND, "it has no sheet \"%.*s\"; it has %.*s%s", pd_arg(name),
                pd_arg(pd_buf_view(&names)), told < sheets->count ? " and more" : "");
    pd_buf_clear(&names);
    return st;
}

/* The first visible sheet with two rows or more; else the first visible one with anything. */
static enum pd_status find_table(const struct source_sheets *sheets, size_t *chosen,
                                 struct pd_error *err) {
    size_t some = SIZE_MAX;
    for (size_t i = 0; i < sheets->count; i++) {
        if (sheets->list[i].is_hidden)
            continue;
        enum pd_status st = measure(sheets, i, err);
        if (st != PD_OK)
            return st;
        if (sheets->list[i].filled > 0 && some == SIZE_MAX)
            some = i;
        if (sheets->list[i].filled > 1) {
            *chosen = i;
            return PD_OK;
        }
    }
    *chosen = some;
    return some != SIZE_MAX
               ? PD_OK
               : pd_fail(err, PD_INVALID, "none of its %zu sheets that are visible holds a value",
                         sheets->count);
}

static enum pd_status write_sheet(const struct source_sheets *sheets, size_t sheet,
                                  const struct source_sink *sink, struct pd_error *err) {
    struct source_rows rows;
    struct source_sheet_counts counts = {0};
    source_rows_init(&rows, sink, sheets->list[sheet].width);
    enum pd_status st = sheets->read(sheets->context, sheet, &rows, &counts, err);
    source_rows_clear(&rows);
    return st == PD_OK ? source_sheet_tell(&counts, sink, err) : st;
}

static enum pd_status write_all(const struct source_sheets *sheets, const struct source_sink *sink,
                                struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < sheets->count; i++) {
        st = measure(sheets, i, err);
        if (st == PD_OK && sheets->list[i].is_hidden)
            st = source_note(sink, err, "The sheet \"%.*s\" is hidden; it is read all the same.",
                             pd_arg(sheets->list[i].name));
        if (st == PD_OK)
            st = write_sheet(sheets, i, sink, err);
    }
    return st;
}

enum pd_status source_sheets_write(const struct source_sheets *sheets,
                                   const struct source_wanted *wanted,
                                   const struct source_sink *sink, struct pd_error *err) {
    if (wanted->as_text && wanted->part.len == 0)
        return write_all(sheets, sink, err);
    size_t chosen = 0;
    enum pd_status st = wanted->part.len > 0 ? find_named(sheets, wanted->part, &chosen, err)
                                             : find_table(sheets, &chosen, err);
    if (st == PD_OK && sheets->list[chosen].filled == 0)
        st = pd_fail(err, PD_INVALID, "its sheet \"%.*s\" is empty",
                     pd_arg(sheets->list[chosen].name));
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_CANONICAL, (pd_str){NULL, 0}, err);
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_PART, sheets->list[chosen].name, err);
    for (size_t i = 0; st == PD_OK && i < sheets->count; i++) {
        if (i == chosen)
            continue;
        st = sink->tell(sink->context, SOURCE_TELLS_OTHER, sheets->list[i].name, err);
        if (st == PD_OK && sheets->list[i].is_hidden)
            st = source_note(sink, err, "The sheet \"%.*s\" is hidden.",
                             pd_arg(sheets->list[i].name));
    }
    return st == PD_OK ? write_sheet(sheets, chosen, sink, err) : st;
}

enum pd_status source_book_write(const struct source_book_sheet *list, size_t count,
                                 bool has_macros, const struct source_sheets *readers,
                                 struct pd_arena *arena, const struct source_wanted *wanted,
                                 const struct source_sink *sink, struct pd_error *err) {
    struct source_sheets sheets = *readers;
    sheets.count = count;
    sheets.list = pd_arena_array(arena, count, sizeof(*sheets.list));
    if (sheets.list == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        sheets.list[i].name = list[i].name;
        sheets.list[i].is_hidden = list[i].is_hidden;
    }
    enum pd_status st = source_sheets_write(&sheets, wanted, sink, err);
    if (st == PD_OK && has_macros)
        st = source_note(sink, err, "The workbook holds macros; none was run.");
    return st;
}
