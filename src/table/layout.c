/* Where the table begins: titles above it, its header, or none; told from the first records. */
#include "table/table_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECORDS = 200,      /* looked at */
    CELLS = 200000,     /* kept of them, all together */
    WIDE = 2000,        /* kept of one */
    HEADER_RECORDS = 4, /* at most, in one header */
    TITLES = 40         /* records above a header, at most */
};

struct record {
    uint64_t line;
    size_t fields, filled;
    size_t first, kept; /* of `cells` */
};

struct sheet {
    char separator, quote;
    pd_str *cells; /* as written, without the quotes around them */
    size_t cell_count, cell_room;
    struct record records[RECORDS];
    size_t count;
    size_t width; /* what most records have */
};

enum kind { IS_EMPTY, IS_VOID, IS_NUMBER, IS_TRUTH, IS_TEXT };

/* ---- Records of the sample ---- */

static bool keep_cell(struct sheet *s, struct record *record, pd_str cell) {
    record->fields++;
    if (cell.len > 1 && cell.data[0] == s->quote) {
        size_t n = cell.len - 1;
        cell = pd_str_sub(cell, 1, n > 0 && cell.data[n] == s->quote ? n - 1 : n);
    }
    cell = pd_str_trim(cell);
    record->filled += cell.len > 0;
    if (record->kept == WIDE || s->cell_count == CELLS)
        return true;
    if (s->cell_count == s->cell_room) {
        size_t room = s->cell_room == 0 ? 1024 : 2 * s->cell_room;
        pd_str *cells = realloc(s->cells, room * sizeof(*cells));
        if (cells == NULL)
            return false;
        s->cells = cells;
        s->cell_room = room;
    }
    s->cells[s->cell_count++] = cell;
    record->kept++;
    return true;
}

/* Where a cell's quotes leave off, as record.c takes them. */
static enum table_place take_quote(enum table_place place, bool is_next, bool is_first) {
    if (place == TABLE_IN_QUOTES)
        return TABLE_AFTER_QUOTE;
    if ((place == TABLE_AFTER_QUOTE && is_next) || is_first)
        return TABLE_IN_QUOTES;
    return place;
}

/* A record that the sample's end cuts off doesn't count. */
static bool read_sheet(struct sheet *s, pd_str sample, bool is_whole) {
    struct record record = {.line = 1};
    uint64_t line = 1;
    size_t start = 0, cell = 0, quote_at = 0, i = 0;
    enum table_place place = TABLE_IN_PLAIN;
    for (; i < sample.len && s->count < RECORDS && s->cell_count < CELLS; i++) {
        char c = sample.data[i];
        bool is_end = c == '\n' || c == '\r';
        bool is_second_half = c == '\n' && i > 0 && sample.data[i - 1] == '\r';
        bool was_open = place == TABLE_IN_QUOTES;
        if (c == s->quote) {
            place = take_quote(place, i == quote_at + 1, i == cell);
            quote_at = was_open ? i : quote_at;
            continue;
        }
        if (was_open) {
            line += is_end && !is_second_half;
            continue;
        }
        if (c != s->separator && !is_end)
            continue;
        place = TABLE_IN_PLAIN;
        if (is_second_half && i == start) {
            start = cell = i + 1;
            continue;
        }
        if ((c == s->separator || i > start) &&
            !keep_cell(s, &record, pd_str_sub(sample, cell, i - cell)))
            return false;
        cell = i + 1;
        if (!is_end)
            continue;
        if (i > start)
            s->records[s->count++] = record;
        start = i + 1;
        line++;
        record = (struct record){.line = line, .first = s->cell_count};
    }
    if (is_whole && i == sample.len && start < i && s->count < RECORDS) {
        if (!keep_cell(s, &record, pd_str_sub(sample, cell, i - cell)))
            return false;
        s->records[s->count++] = record;
    }
    return true;
}

/* The number of fields that more records have than any other; 0 if it is less than half. */
static size_t find_width(const struct sheet *s) {
    size_t best = 0, best_count = 0;
    for (size_t i = 0; i < s->count; i++) {
        size_t n = 0;
        for (size_t k = 0; k < s->count; k++)
            n += s->records[k].fields == s->records[i].fields;
        if (n > best_count) {
            best_count = n;
            best = s->records[i].fields;
        }
    }
    return best_count * 2 >= s->count ? best : 0;
}

static pd_str cell_of(const struct sheet *s, const struct record *record, size_t column) {
    return column < record->kept ? s->cells[record->first + column] : PD_STR("");
}

/* ---- What a cell is ---- */

static bool is_one_of(pd_str cell, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq_ascii_case(cell, pd_str_from(words[i])))
            return true;
    return false;
}

/* A number, an amount, a date, a time: nothing but digits and the signs between them. */
static bool is_figure(pd_str cell) {
    size_t digits = 0;
    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.data[i];
        if (c >= '0' && c <= '9')
            digits++;
        else if (c == '\0' || strchr("+-.,:/%$' TZ", c) == NULL)
            return false;
    }
    return digits > 0;
}

static enum kind kind_of(pd_str cell) {
    static const char *const voids[] = {"null", "n/a",     "na",   "-",   "--",   "none", "nil",
                                        "nan",  "unknown", "\\N",  "?",   ".",    "..",   "...",
                                        "无",   "空",      "未知", "***", "****", "*****"};
    static const char *const truths[] = {"true", "false", "yes", "no", "是", "否"};
    if (cell.len == 0)
        return IS_EMPTY;
    if (is_one_of(cell, voids, sizeof(voids) / sizeof(voids[0])))
        return IS_VOID;
    if (is_figure(cell))
        return IS_NUMBER;
    return is_one_of(cell, truths, sizeof(truths) / sizeof(truths[0])) ? IS_TRUTH : IS_TEXT;
}

/* ---- A column below a record ---- */

struct column {
    size_t filled, figures, same; /* `same` as the cell above */
    size_t shortest, longest;     /* of the figures */
};

static bool is_same_record(const struct sheet *s, const struct record *a, const struct record *b) {
    if (a->fields != b->fields)
        return false;
    for (size_t c = 0; c < a->kept && c < b->kept; c++)
        if (!pd_str_eq(cell_of(s, a, c), cell_of(s, b, c)))
            return false;
    return true;
}

static struct column look_below(const struct sheet *s, size_t at, size_t body, size_t column) {
    const struct record *top = &s->records[at];
    pd_str above = cell_of(s, top, column);
    struct column out = {.shortest = SIZE_MAX};
    for (size_t i = body; i < s->count; i++) {
        const struct record *record = &s->records[i];
        if (record->fields != s->width)
            continue;
        pd_str cell = cell_of(s, record, column);
        enum kind kind = kind_of(cell);
        if (kind == IS_EMPTY || kind == IS_VOID)
            continue;
        /* A header that is repeated within the file says nothing against itself. */
        if (pd_str_eq(cell, above) && is_same_record(s, top, record))
            continue;
        out.filled++;
        out.same += pd_str_eq(cell, above);
        if (kind != IS_NUMBER && kind != IS_TRUTH)
            continue;
        out.figures++;
        out.shortest = cell.len < out.shortest ? cell.len : out.shortest;
        out.longest = cell.len > out.longest ? cell.len : out.longest;
    }
    return out;
}

static bool is_figures(struct column column) {
    return column.filled > 0 && column.figures * 10 >= column.filled * 8;
}

/* 2000, 2001, 2002: names of columns as good as any; and what programs count columns by: 0, 1, 2.
 */
static bool is_counting(const struct sheet *s, const struct record *record) {
    int64_t last = 0;
    size_t n = 0;
    for (size_t c = 0; c < record->kept; c++) {
        int64_t value;
        pd_str cell = cell_of(s, record, c);
        if (!pd_parse_i64(cell, &value)) {
            if (kind_of(cell) == IS_NUMBER)
                return false;
            continue;
        }
        if (n > 0 && value != last + 1)
            return false;
        bool is_year = value >= 1800 && value <= 2200;
        if (n == 0 && !is_year && !(value == 0 && c == 1 && cell_of(s, record, 0).len == 0))
            return false;
        last = value;
        n++;
    }
    return n > 1;
}

/* How a record differs from what stands below it. */
struct contrast {
    size_t unlike; /* columns with text above figures */
    size_t like;   /* columns with a figure above figures of the same length */
    size_t again;  /* columns whose text comes again below, often */
};

static struct contrast look_at(const struct sheet *s, size_t at, size_t body) {
    struct contrast out = {0};
    const struct record *record = &s->records[at];
    bool counts = is_counting(s, record);
    for (size_t c = 0; c < record->kept; c++) {
        enum kind kind = kind_of(cell_of(s, record, c));
        if (kind == IS_EMPTY || kind == IS_VOID)
            continue;
        struct column column = look_below(s, at, body, c);
        size_t length = cell_of(s, record, c).len;
        if (kind == IS_TEXT || (kind == IS_TRUTH && column.same == 0)) {
            out.unlike += is_figures(column);
            out.again += column.same * 5 >= column.filled && column.same > 0;
        } else if (is_figures(column) && !counts) {
            out.like += length >= column.shortest && length <= column.longest;
        }
    }
    return out;
}

/* ---- Titles ---- */

static bool is_title_like(const struct sheet *s, const struct record *record) {
    if (record->fields == s->width)
        return s->width == 2 ? record->filled <= 1
                             : record->filled <= (s->width < 8 ? 1 : s->width / 4);
    return record->fields == 1 || (record->fields < s->width && record->filled * 2 <= s->width);
}

/* The record after the titles, or 0: a header that covers the table, and doesn't look like a row.
 */
static size_t skip_titles(const struct sheet *s) {
    size_t at = 0;
    bool is_padded = false;
    while (at < s->count && at < TITLES && is_title_like(s, &s->records[at])) {
        is_padded = is_padded || s->records[at].fields == s->width;
        at++;
    }
    if (at == 0 || at == s->count || at == TITLES || s->records[at].fields != s->width)
        return 0;
    size_t usual = 0, rows = 0;
    for (size_t i = at + 1; i < s->count; i++) {
        if (s->records[i].fields != s->width)
            continue;
        usual += s->records[i].filled;
        rows++;
    }
    struct contrast found = look_at(s, at, at + 1);
    bool covers = s->records[at].filled * 2 * rows >= usual;
    /* In two columns a title is a row with a gap as well: only a header that stands out decides. */
    bool stands_out = found.unlike > 0 && found.unlike >= found.like;
    if (is_padded && s->width == 2)
        return stands_out && covers ? at : 0;
    return covers && (rows > 0 || !is_padded) ? at : 0;
}

/* ---- The header ---- */

/* Text over figures, or names where the records above have none: then it is more of the header. */
static bool continues_header(const struct sheet *s, size_t header, size_t at) {
    const struct record *record = &s->records[at];
    if (record->fields != s->width || at + 1 >= s->count)
        return false;
    size_t over_figures = 0, added = 0;
    for (size_t c = 0; c < record->kept; c++) {
        enum kind kind = kind_of(cell_of(s, record, c));
        if (kind == IS_EMPTY)
            continue;
        if (kind != IS_TEXT && kind != IS_TRUTH) /* "No" is a name, too */
            return false;
        bool is_named = false;
        for (size_t h = header; h < at; h++)
            is_named = is_named || cell_of(s, &s->records[h], c).len > 0;
        bool is_over = is_figures(look_below(s, at, at + 1, c));
        if (is_named && !is_over)
            return false;
        over_figures += is_over;
        added += !is_named;
    }
    return over_figures >= 3 || (over_figures >= 1 && added == record->filled);
}

static size_t header_records(const struct sheet *s, size_t header) {
    size_t n = 1;
    while (n < HEADER_RECORDS && header + n < s->count && continues_header(s, header, header + n))
        n++;
    return n;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

static void tell(struct table_dialect *d, size_t header, const struct contrast *found,
                 size_t body_rows) {
    char above[160] = "";
    if (header > 0)
        snprintf(above, sizeof(above),
                 "the table begins at line %" PRIu64 ", below %zu record%s of titles; ",
                 d->first_line, header, plural(header));
    if (d->header == TABLE_HEADER_NONE && found->like > 0)
        snprintf(d->header_evidence, sizeof(d->header_evidence),
                 "%sno header: the first record has figures of the same kind as those below it in "
                 "%zu column%s, and text above figures in %zu",
                 above, found->like, plural(found->like), found->unlike);
    else if (d->header == TABLE_HEADER_NONE)
        snprintf(d->header_evidence, sizeof(d->header_evidence),
                 "%sno header: in %zu column%s the first record's text comes again and again below "
                 "it",
                 above, found->again, plural(found->again));
    else if (d->header_records > 1)
        snprintf(
            d->header_evidence, sizeof(d->header_evidence),
            "%sthe header is %u records, text above columns of figures; their names are joined",
            above, d->header_records);
    else if (found->unlike > 0)
        snprintf(d->header_evidence, sizeof(d->header_evidence),
                 "%sthe first record is the header: it has text above figures in %zu column%s",
                 above, found->unlike, plural(found->unlike));
    else
        snprintf(d->header_evidence, sizeof(d->header_evidence),
                 "%sthe first record is taken as the header: %s", above,
                 body_rows == 0 ? "there is no other to compare it with"
                                : "nothing in it looks like the rows below it");
}

static bool is_header(const struct contrast *found) {
    if (found->unlike > 0)
        return found->unlike >= found->like;
    return found->like == 0 && found->again == 0;
}

static void find_layout(struct table_dialect *d, struct sheet *s, uint64_t least_line) {
    size_t skipped = 0; /* a line such as sep=; */
    while (skipped < s->count && s->records[skipped].line < least_line)
        skipped++;
    s->count -= skipped;
    memmove(s->records, s->records + skipped, s->count * sizeof(s->records[0]));
    s->width = find_width(s);
    size_t header = s->width > 1 ? skip_titles(s) : 0;
    struct contrast found = {0};
    size_t rows = 0, records = 1;
    if (s->count > 0) {
        d->first_line = s->records[header].line;
        records = s->width > 1 ? header_records(s, header) : 1;
        found = look_at(s, header, header + records);
        rows = s->count - header - records;
    }
    if (d->header == TABLE_HEADER_NONE) {
        snprintf(d->header_evidence, sizeof(d->header_evidence), "no header, as was given");
        return;
    }
    bool is_regular = s->count > 0 && s->records[header].fields == s->width;
    /* One record alone is a header without rows, unless it is nothing but figures. */
    bool has = is_header(&found) || !is_regular;
    if (has && rows == 0 && s->count > 0 && s->records[header].filled > 0) {
        size_t figures = 0;
        for (size_t c = 0; c < s->records[header].kept; c++)
            figures += kind_of(cell_of(s, &s->records[header], c)) == IS_NUMBER;
        has = figures == 0 || is_counting(s, &s->records[header]);
        found.like = figures;
    }
    d->header = has ? TABLE_HEADER_FIRST : TABLE_HEADER_NONE;
    d->header_records = has ? (uint8_t)records : 0;
    tell(d, header, &found, rows);
}

enum pd_status table_layout_find(pd_str sample, bool is_whole, uint64_t least_line,
                                 struct table_dialect *dialect, struct pd_error *err) {
    if (dialect->first_line != 0) {
        if (dialect->header == TABLE_HEADER_FIND)
            dialect->header = TABLE_HEADER_FIRST;
        snprintf(dialect->header_evidence, sizeof(dialect->header_evidence),
                 dialect->header == TABLE_HEADER_NONE
                     ? "no header; the table begins at line %" PRIu64 ", as was given"
                     : "the header is at line %" PRIu64 ", as was given",
                 dialect->first_line);
        return PD_OK;
    }
    dialect->first_line = 1;
    struct sheet *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return pd_fail_memory(err);
    s->separator = dialect->separator;
    s->quote = dialect->quote;
    bool is_read = read_sheet(s, sample, is_whole);
    if (is_read)
        find_layout(dialect, s, least_line);
    free(s->cells);
    free(s);
    if (dialect->header == TABLE_HEADER_FIND)
        dialect->header = TABLE_HEADER_FIRST;
    return is_read ? PD_OK : pd_fail_memory(err);
}
