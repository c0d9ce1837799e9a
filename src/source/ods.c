/*
 * OpenDocument spreadsheets (OpenDocument 1.3 part 3, 9 tables, 19.385 office:value-type). Rows and
 * cells say how often they repeat: the empty rest of a sheet is one row, repeated a million times.
 */
#include "source/source_impl.h"
#include <stdio.h>
#include <string.h>

enum { SHEETS_MAX = 1024, HIDDEN_STYLES_MAX = 256, NAME_MAX_BYTES = 4096 };

enum kind { NONE, FLOAT, PERCENT, DATE, TIME, BOOLEAN, STRING, WRONG };

struct ods {
    struct source_archive *archive;
    struct pd_arena *arena;
    size_t content; /* the entry content.xml */
    struct source_sheet *sheets;
    size_t sheet_count;
    pd_str *hidden_styles;
    size_t hidden_count;
};

/* ---- Which sheets there are ---- */

struct listing {
    struct ods *ods;
    unsigned depth; /* of tables: one within a cell is no sheet */
    pd_str style;   /* of tables, at hand */
};

static pd_str keep(struct pd_arena *arena, const char *text) {
    pd_str s = pd_str_from(text ? text : "");
    return pd_arena_str(arena, pd_str_sub(s, 0, NAME_MAX_BYTES));
}

static bool is_hidden_style(const struct ods *o, pd_str name) {
    for (size_t i = 0; i < o->hidden_count; i++)
        if (pd_str_eq(o->hidden_styles[i], name))
            return true;
    return false;
}

static enum pd_status list_table(struct listing *l, const char *const *attributes,
                                 struct pd_error *err) {
    struct ods *o = l->ods;
    if (l->depth++ > 0)
        return PD_OK;
    if (o->sheet_count == SHEETS_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d sheets", SHEETS_MAX);
    pd_str style = pd_str_from(source_xml_get(attributes, "style-name"));
    struct source_sheet *sheet = &o->sheets[o->sheet_count++];
    sheet->name = keep(o->arena, source_xml_get(attributes, "name"));
    sheet->is_hidden = is_hidden_style(o, style);
    return sheet->name.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status on_list_start(void *context, const char *name, const char *const *attributes,
                                    struct pd_error *err) {
    struct listing *l = context;
    struct ods *o = l->ods;
    if (strcmp(name, "style") == 0) {
        l->style = keep(o->arena, source_xml_get(attributes, "name"));
        return l->style.data ? PD_OK : pd_fail_memory(err);
    }
    const char *display = source_xml_get(attributes, "display");
    if (strcmp(name, "table-properties") == 0 && display && strcmp(display, "false") == 0 &&
        o->hidden_count < HIDDEN_STYLES_MAX)
        o->hidden_styles[o->hidden_count++] = l->style;
    return strcmp(name, "table") == 0 ? list_table(l, attributes, err) : PD_OK;
}

static enum pd_status on_list_end(void *context, const char *name, struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    if (strcmp(name, "table") == 0 && l->depth > 0)
        l->depth--;
    return PD_OK;
}

/* ---- Cells ---- */

struct sheet {
    size_t wanted, seen; /* the sheet's place; tables met */
    pd_str name;
    struct source_rows *rows;
    struct source_sheet_counts *counts;
    unsigned table_depth, aside_depth; /* tables; annotations, pictures and the like in a cell */
    bool is_here, is_in_cell, is_in_paragraph;
    uint64_t row, row_repeat, column, cell_repeat;
    enum kind kind;
    bool has_formula, has_text;
    unsigned paragraphs;
    char value[SOURCE_NUMBER_SIZE * 4]; /* what the attributes say */
    size_t value_len;
    bool is_long; /* a string in an attribute, longer than `value` */
    struct pd_buf text;
};

static uint64_t repeated(const char *const *attributes, const char *name) {
    const char *text = source_xml_get(attributes, name);
    uint64_t n = 1;
    return text != NULL && pd_parse_u64(pd_str_from(text), &n) && n > 0 ? n : 1;
}

static void set_value(struct sheet *s, const char *text) {
    pd_str value = pd_str_from(text ? text : "");
    if (s->kind == STRING) {
        s->is_long = text != NULL;
        pd_buf_str(&s->text, value);
        return;
    }
    s->value_len = value.len < sizeof(s->value) ? value.len : 0; /* no number is that long */
    memcpy(s->value, value.data ? value.data : "", s->value_len);
}

static enum pd_status start_cell(struct sheet *s, bool is_covered, const char *const *attributes) {
    static const struct {
        const char *type, *attribute;
        enum kind kind;
    } kinds[] = {{"float", "value", FLOAT},         {"currency", "value", FLOAT},
                 {"percentage", "value", PERCENT},  {"date", "date-value", DATE},
                 {"time", "time-value", TIME},      {"boolean", "boolean-value", BOOLEAN},
                 {"string", "string-value", STRING}};
    pd_buf_reset(&s->text);
    s->cell_repeat = repeated(attributes, "number-columns-repeated");
    s->is_in_cell = true;
    s->is_in_paragraph = s->has_text = s->is_long = false;
    s->paragraphs = 0;
    s->kind = NONE;
    s->value_len = 0;
    const char *formula = source_xml_get(attributes, "formula");
    s->has_formula = formula != NULL;
    if (is_covered)
        return PD_OK; /* hidden below a merged cell; what it holds is kept by the form, shown by
                         none */
    s->counts->merged += repeated(attributes, "number-columns-spanned") > 1 ||
                         repeated(attributes, "number-rows-spanned") > 1;
    /* The extension's type tells an error; the standard one then says string. */
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *colon = strrchr(attributes[i], ':');
        if (strcmp(colon ? colon + 1 : attributes[i], "value-type") != 0)
            continue;
        if (strcmp(attributes[i + 1], "error") == 0) {
            s->kind = WRONG;
            return PD_OK;
        }
        for (size_t k = 0; s->kind == NONE && k < sizeof(kinds) / sizeof(kinds[0]); k++)
            if (strcmp(attributes[i + 1], kinds[k].type) == 0) {
                s->kind = kinds[k].kind;
                set_value(s, source_xml_get(attributes, kinds[k].attribute));
            }
    }
    return PD_OK;
}

/* "PT26H03M04.5S" as 26:03:04.500 (ISO 8601 duration, as XML Schema restricts it). */
static pd_str write_time(pd_str duration, char room[SOURCE_NUMBER_SIZE]) {
    double days = 0, n = 0;
    bool is_time = false;
    if (!pd_str_starts(duration, PD_STR("P")))
        return duration;
    for (size_t i = 1, from = 1; i < duration.len; i++) {
        char c = duration.data[i];
        if ((c >= '0' && c <= '9') || c == '.')
            continue;
        double unit = c == 'D'              ? 1
                      : c == 'H'            ? 1. / 24
                      : c == 'M' && is_time ? 1. / 1440
                      : c == 'S'            ? 1. / 86400
                                            : 0;
        is_time = is_time || c == 'T';
        if (c != 'T' && (unit == 0 || !pd_parse_double(pd_str_sub(duration, from, i - from), &n)))
            return duration;
        days += c == 'T' ? 0 : n * unit;
        from = i + 1;
    }
    size_t n_written = source_serial_write(days, SOURCE_ELAPSED, false, room);
    return n_written ? (pd_str){room, n_written} : duration;
}

static pd_str cell_value(struct sheet *s, char room[SOURCE_NUMBER_SIZE]) {
    pd_str value = {s->value, s->value_len}, text = pd_buf_view(&s->text);
    switch (s->kind) {
    case FLOAT:
        return source_sheet_number(value, SOURCE_PLAIN, false, s->counts, room);
    case PERCENT:
        return source_sheet_number(value, SOURCE_PERCENT, false, s->counts, room);
    case DATE:
        s->counts->dates++;
        return value;
    case TIME:
        s->counts->dates++;
        return write_time(value, room);
    case BOOLEAN:
        return value;
    case WRONG:
        s->counts->errors++;
        return text;
    case STRING:
    case NONE:
        break;
    }
    return text;
}

static enum pd_status end_cell(struct sheet *s, bool is_covered, struct pd_error *err) {
    char room[SOURCE_NUMBER_SIZE];
    pd_str value = is_covered ? (pd_str){NULL, 0} : cell_value(s, room);
    s->is_in_cell = false;
    s->counts->formulas += s->has_formula && value.len > 0;
    s->counts->formulas_without += s->has_formula && value.len == 0 && s->kind == NONE;
    enum pd_status st = PD_OK;
    if (value.len > 0 && s->cell_repeat > SOURCE_SHEET_COLUMNS)
        return pd_fail(err, PD_LIMIT, "sheet \"%.*s\", row %llu: a cell is repeated %llu times",
                       pd_arg(s->name), (unsigned long long)s->row + 1,
                       (unsigned long long)s->cell_repeat);
    for (uint64_t i = 0; st == PD_OK && value.len > 0 && i < s->cell_repeat; i++)
        st = source_rows_cell(s->rows, (size_t)(s->column + i), value, err);
    s->column = s->cell_repeat > SOURCE_SHEET_COLUMNS || s->column > SOURCE_SHEET_COLUMNS
                    ? SOURCE_SHEET_COLUMNS
                    : s->column + s->cell_repeat;
    return st == PD_OK ? PD_OK
                       : pd_wrap(err, "sheet \"%.*s\", row %llu", pd_arg(s->name),
                                 (unsigned long long)s->row + 1);
}

/* ---- Text within a cell ---- */

/* Spaces as an element: <text:s text:c="3"/>. */
static void start_inline(struct sheet *s, const char *name, const char *const *attributes) {
    if (strcmp(name, "s") == 0) {
        uint64_t n = repeated(attributes, "c");
        for (uint64_t i = 0; i < n && i < SOURCE_CELL_BYTES && !s->text.failed; i++)
            pd_buf_char(&s->text, ' ');
    } else if (strcmp(name, "tab") == 0) {
        pd_buf_char(&s->text, '\t');
    } else if (strcmp(name, "line-break") == 0) {
        pd_buf_char(&s->text, '\n');
    }
}

/* Notes of the author, and what floats above the cells, are no part of its value. */
static bool is_aside(const char *name) {
    return strcmp(name, "annotation") == 0 || strcmp(name, "frame") == 0 ||
           strcmp(name, "shapes") == 0 || strcmp(name, "custom-shape") == 0 ||
           strcmp(name, "g") == 0;
}

static enum pd_status start_in_cell(struct sheet *s, const char *name,
                                    const char *const *attributes, struct pd_error *err) {
    if (strcmp(name, "p") == 0) {
        if (s->paragraphs++ > 0 && !s->is_long)
            pd_buf_char(&s->text, '\n');
        s->is_in_paragraph = true;
    } else if (s->is_in_paragraph && !s->is_long) {
        start_inline(s, name, attributes);
    }
    return s->text.failed ? pd_fail(err, PD_LIMIT, "sheet \"%.*s\", row %llu: a cell is too long",
                                    pd_arg(s->name), (unsigned long long)s->row + 1)
                          : PD_OK;
}

/* ---- Elements ---- */

static enum pd_status on_start(void *context, const char *name, const char *const *attributes,
                               struct pd_error *err) {
    struct sheet *s = context;
    if (strcmp(name, "table") == 0) {
        s->is_here = s->table_depth == 0 ? s->seen++ == s->wanted : s->is_here;
        s->table_depth++;
        return PD_OK;
    }
    if (!s->is_here || s->table_depth != 1)
        return PD_OK;
    if (s->aside_depth > 0 || is_aside(name)) {
        s->aside_depth++;
        return PD_OK;
    }
    if (s->is_in_cell)
        return start_in_cell(s, name, attributes, err);
    bool is_covered = strcmp(name, "covered-table-cell") == 0;
    if (is_covered || strcmp(name, "table-cell") == 0)
        return start_cell(s, is_covered, attributes);
    const char *visibility = source_xml_get(attributes, "visibility");
    bool is_hidden = visibility != NULL && strcmp(visibility, "visible") != 0;
    if (strcmp(name, "table-row") == 0) {
        s->row_repeat = repeated(attributes, "number-rows-repeated");
        s->column = 0;
        s->counts->hidden_rows +=
            is_hidden && s->row_repeat < SOURCE_SHEET_ROWS / 2 ? s->row_repeat : 0;
    } else if (strcmp(name, "table-column") == 0 && is_hidden) {
        uint64_t n = repeated(attributes, "number-columns-repeated");
        s->counts->hidden_columns += n < 512 ? n : 0; /* more is the unused right edge */
    }
    return PD_OK;
}

static enum pd_status end_row(struct sheet *s, struct pd_error *err) {
    enum pd_status st = source_rows_end(s->rows, s->row, s->row_repeat, err);
    /* Beyond the last row there may be no more values; source_rows_end says so if there are. */
    s->row = s->row_repeat > SOURCE_SHEET_ROWS || s->row > SOURCE_SHEET_ROWS
                 ? SOURCE_SHEET_ROWS
                 : s->row + s->row_repeat;
    return st == PD_OK ? PD_OK : pd_wrap(err, "sheet \"%.*s\"", pd_arg(s->name));
}

static enum pd_status on_end(void *context, const char *name, struct pd_error *err) {
    struct sheet *s = context;
    if (strcmp(name, "table") == 0) {
        s->table_depth -= s->table_depth > 0;
        s->is_here = s->is_here && s->table_depth > 0;
        return PD_OK;
    }
    if (!s->is_here || s->table_depth != 1)
        return PD_OK;
    if (s->aside_depth > 0) {
        s->aside_depth--;
        return PD_OK;
    }
    bool is_covered = strcmp(name, "covered-table-cell") == 0;
    if (s->is_in_cell && (is_covered || strcmp(name, "table-cell") == 0))
        return end_cell(s, is_covered, err);
    if (strcmp(name, "p") == 0)
        s->is_in_paragraph = false;
    return strcmp(name, "table-row") == 0 ? end_row(s, err) : PD_OK;
}

/* Runs of blanks count as one, and none at the start of a paragraph (part 3, 6.1.2). */
static enum pd_status on_text(void *context, const char *text, size_t n, struct pd_error *err) {
    struct sheet *s = context;
    if (!s->is_in_paragraph || s->aside_depth > 0 || s->is_long || !s->is_here)
        return PD_OK;
    for (size_t i = 0; i < n; i++) {
        bool is_blank = text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r';
        char before = s->text.len > 0 ? s->text.data[s->text.len - 1] : '\n';
        if (!is_blank)
            pd_buf_char(&s->text, text[i]);
        else if (before != ' ' && before != '\n' && before != '\t')
            pd_buf_char(&s->text, ' ');
    }
    return s->text.failed ? pd_fail(err, PD_LIMIT, "sheet \"%.*s\", row %llu: a cell is too long",
                                    pd_arg(s->name), (unsigned long long)s->row + 1)
                          : PD_OK;
}

static enum pd_status read_sheet(void *context, size_t sheet, struct source_rows *rows,
                                 struct source_sheet_counts *counts, struct pd_error *err) {
    struct ods *o = context;
    struct sheet s = {
        .wanted = sheet, .name = o->sheets[sheet].name, .rows = rows, .counts = counts};
    struct source_xml xml = {&s, on_start, on_end, on_text};
    pd_buf_init(&s.text, SOURCE_CELL_BYTES);
    enum pd_status st = source_xml_entry(o->archive, o->content, &xml, err);
    pd_buf_clear(&s.text);
    return st;
}

/* ---- The file ---- */

static enum pd_status on_manifest(void *context, const char *name, const char *const *attributes,
                                  struct pd_error *err) {
    (void)attributes, (void)err;
    bool *is_encrypted = context;
    *is_encrypted = *is_encrypted || strcmp(name, "encryption-data") == 0;
    return PD_OK;
}

enum pd_status source_open_document(struct source_archive *archive, size_t *content,
                                    struct pd_error *err) {
    bool is_encrypted = false;
    struct source_xml xml = {.context = &is_encrypted, .start = on_manifest};
    size_t manifest = source_archive_find(archive, PD_STR("META-INF/manifest.xml"));
    enum pd_status st =
        manifest == SIZE_MAX ? PD_OK : source_xml_entry(archive, manifest, &xml, err);
    if (st == PD_OK && is_encrypted)
        return pd_fail(err, PD_UNSUPPORTED,
                       "it is encrypted: remove the password (save it without one) and name that "
                       "copy");
    *content = source_archive_find(archive, PD_STR("content.xml"));
    if (st == PD_OK && *content == SIZE_MAX)
        st = pd_fail(err, PD_INVALID, "it holds no content.xml: it is damaged");
    return st;
}

static enum pd_status write_ods(struct ods *o, const struct source_wanted *wanted,
                                const struct source_sink *sink, struct pd_error *err) {
    o->sheets = pd_arena_array(o->arena, SHEETS_MAX, sizeof(*o->sheets));
    o->hidden_styles = pd_arena_array(o->arena, HIDDEN_STYLES_MAX, sizeof(*o->hidden_styles));
    if (o->sheets == NULL || o->hidden_styles == NULL)
        return pd_fail_memory(err);
    struct listing l = {.ods = o};
    struct source_xml xml = {.context = &l, .start = on_list_start, .end = on_list_end};
    enum pd_status st = source_open_document(o->archive, &o->content, err);
    if (st == PD_OK)
        st = source_xml_entry(o->archive, o->content, &xml, err);
    if (st == PD_OK && o->sheet_count == 0)
        st = pd_fail(err, PD_INVALID, "it has no sheet");
    struct source_sheets sheets = {o->sheets, o->sheet_count, o, read_sheet};
    return st == PD_OK ? source_sheets_write(&sheets, wanted, sink, err) : st;
}

enum pd_status source_ods(pd_str bytes, const struct source_wanted *wanted,
                          const struct source_sink *sink, struct pd_error *err) {
    struct ods o = {.arena = pd_arena_new((size_t)64 << 20)};
    enum pd_status st = o.arena ? source_archive_open(bytes, &o.archive, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = write_ods(&o, wanted, sink, err);
    source_archive_close(o.archive);
    pd_arena_free(o.arena);
    return st;
}
