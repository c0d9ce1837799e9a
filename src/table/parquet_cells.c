/* Cells as values: what type a column can be given without losing how its cells are written. */
#include "table/parquet_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- Parsers: each may take more than it should, since what it gives is written again ---- */

typedef bool (*parser)(const struct table_parquet_column *column, pd_str cell,
                       struct parquet_value *out);

static bool parse_boolean(const struct table_parquet_column *c, pd_str cell,
                          struct parquet_value *out) {
    (void)c;
    out->is.boolean = pd_str_is(cell, "true");
    return true;
}

static bool parse_integer(const struct table_parquet_column *c, pd_str cell,
                          struct parquet_value *out) {
    (void)c;
    return pd_parse_i64(cell, &out->is.int64);
}

/* Digits with the point left out. */
static bool parse_decimal(const struct table_parquet_column *c, pd_str cell,
                          struct parquet_value *out) {
    char digits[20];
    size_t point = pd_str_find_char(cell, '.');
    if (point == PD_NPOS || cell.len - 1 - point != c->digits || cell.len - 1 >= sizeof(digits))
        return false;
    memcpy(digits, cell.data, point);
    memcpy(digits + point, cell.data + point + 1, c->digits);
    return pd_parse_i64((pd_str){digits, cell.len - 1}, &out->is.int64);
}

static bool parse_double(const struct table_parquet_column *c, pd_str cell,
                         struct parquet_value *out) {
    (void)c;
    return cell.len <= 32 && pd_parse_double(cell, &out->is.real);
}

/* So many digits at a place of the cell, and behind them the letter. */
static bool take_digits(pd_str cell, size_t at, size_t n, char behind, unsigned *out) {
    unsigned value = 0;
    if (cell.len < at + n || (behind != 0 && (cell.len == at + n || cell.data[at + n] != behind)))
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (cell.data[i] < '0' || cell.data[i] > '9')
            return false;
        value = value * 10 + (unsigned)(cell.data[i] - '0');
    }
    *out = value;
    return true;
}

static bool take_date(pd_str cell, int64_t *days) {
    unsigned year, month, day;
    if (!take_digits(cell, 0, 4, '-', &year) || !take_digits(cell, 5, 2, '-', &month) ||
        !take_digits(cell, 8, 2, 0, &day) || !pd_civil_is_date((int)year, (int)month, (int)day))
        return false;
    pd_time time;
    if (!pd_civil_time((struct pd_civil){.year = (int)year, .month = (int)month, .day = (int)day},
                       &time))
        return false;
    *days = time / PD_DAY - (time % PD_DAY < 0);
    return true;
}

/* hh:mm:ss and at most six digits of a second, in microseconds; `zone` is what follows. */
static bool take_clock(pd_str cell, int64_t *units, pd_str *zone) {
    unsigned hour, minute, second, fraction = 0;
    if (!take_digits(cell, 0, 2, ':', &hour) || !take_digits(cell, 3, 2, ':', &minute) ||
        !take_digits(cell, 6, 2, 0, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    size_t at = 8, digits = 0;
    if (at < cell.len && cell.data[at] == '.')
        for (at++; at < cell.len && digits < 6 && cell.data[at] >= '0' && cell.data[at] <= '9';
             at++, digits++)
            fraction = fraction * 10 + (unsigned)(cell.data[at] - '0');
    for (; digits < 6; digits++)
        fraction *= 10;
    *units = ((int64_t)hour * 3600 + minute * 60 + second) * 1000000 + fraction;
    *zone = pd_str_sub(cell, at, SIZE_MAX);
    return true;
}

static bool parse_date(const struct table_parquet_column *c, pd_str cell,
                       struct parquet_value *out) {
    int64_t days;
    (void)c;
    if (cell.len != 10 || !take_date(cell, &days))
        return false;
    out->is.int32 = (int32_t)days;
    return true;
}

static bool parse_time(const struct table_parquet_column *c, pd_str cell,
                       struct parquet_value *out) {
    pd_str zone;
    (void)c;
    return take_clock(cell, &out->is.int64, &zone) && zone.len == 0;
}

static bool parse_timestamp(const struct table_parquet_column *c, pd_str cell,
                            struct parquet_value *out) {
    int64_t days, units;
    pd_str zone;
    if (cell.len < 19 || !take_date(cell, &days) ||
        !take_clock(pd_str_sub(cell, 11, SIZE_MAX), &units, &zone) ||
        !pd_str_is(zone, c->is_utc ? "+00" : ""))
        return false;
    out->is.int64 = days * PD_DAY + units;
    return true;
}

static bool parse_uuid(const struct table_parquet_column *c, pd_str cell,
                       struct parquet_value *out) {
    char hex[32];
    size_t n = 0;
    (void)c;
    if (cell.len != 36)
        return false;
    for (size_t i = 0; i < cell.len; i++)
        if (cell.data[i] != '-') {
            if (n == sizeof(hex))
                return false;
            hex[n++] = cell.data[i];
        }
    return n == sizeof(hex) && pd_hex_decode((pd_str){hex, n}, out->is.fixed, 16);
}

/* ---- The types, the likeliest first ---- */

static const struct candidate {
    struct table_parquet_column column;
    parser parse;
} CANDIDATES[] = {
    {{.type = TABLE_PARQUET_INT64, .width = 8}, parse_integer},
    {{.type = TABLE_PARQUET_BOOLEAN, .width = 1}, parse_boolean},
    {{.type = TABLE_PARQUET_INT32, .width = 4, .meaning = TABLE_PARQUET_DATE}, parse_date},
    {{.type = TABLE_PARQUET_INT64, .width = 8, .meaning = TABLE_PARQUET_TIME, .digits = 6},
     parse_time},
    {{.type = TABLE_PARQUET_INT64, .width = 8, .meaning = TABLE_PARQUET_TIMESTAMP, .digits = 6},
     parse_timestamp},
    {{.type = TABLE_PARQUET_INT64,
      .width = 8,
      .meaning = TABLE_PARQUET_TIMESTAMP,
      .digits = 6,
      .is_utc = true},
     parse_timestamp},
    {{.type = TABLE_PARQUET_FIXED_BYTES, .width = 16, .meaning = TABLE_PARQUET_UUID}, parse_uuid},
    {{.type = TABLE_PARQUET_INT64, .width = 8, .meaning = TABLE_PARQUET_DECIMAL}, parse_decimal},
    {{.type = TABLE_PARQUET_DOUBLE, .width = 8}, parse_double},
};
enum { CANDIDATES_COUNT = sizeof(CANDIDATES) / sizeof(CANDIDATES[0]) };

static parser find_parser(const struct table_parquet_column *column) {
    for (size_t i = 0; i < CANDIDATES_COUNT; i++)
        if (CANDIDATES[i].column.type == column->type &&
            CANDIDATES[i].column.meaning == column->meaning)
            return CANDIDATES[i].parse;
    return NULL;
}

bool parquet_cell_is_known(const struct table_parquet_column *column) {
    return find_parser(column) != NULL;
}

bool parquet_cell_value(const struct table_parquet_column *column, pd_str cell,
                        struct parquet_value *out) {
    parser parse = find_parser(column);
    char text[PARQUET_TEXT_MAX + 20];
    if (parse == NULL || cell.len >= sizeof(text) || !parse(column, cell, out))
        return false;
    struct parquet_pen pen = parquet_pen_of(column);
    pd_str again = {text, pen.write(column, &out->is, text)};
    return pd_str_eq(again, cell);
}

/* ---- What types a table's columns can have ---- */

struct table_parquet_types {
    size_t count;
    struct guess {
        unsigned open;   /* candidates that all cells so far fit; by bit */
        unsigned digits; /* after the point, of the first cell that has one */
        bool has_cell;
    } guesses[];
};

enum pd_status table_parquet_types_new(size_t columns, struct table_parquet_types **out,
                                       struct pd_error *err) {
    size_t size;
    if (!pd_mul(columns, sizeof(struct guess), &size))
        return pd_fail_memory(err);
    struct table_parquet_types *types = calloc(1, sizeof(*types) + size);
    if (types == NULL)
        return pd_fail_memory(err);
    types->count = columns;
    for (size_t i = 0; i < columns; i++)
        types->guesses[i].open = (1U << CANDIDATES_COUNT) - 1;
    *out = types;
    return PD_OK;
}

void table_parquet_types_free(struct table_parquet_types *types) {
    free(types);
}

static void look_at(struct guess *g, pd_str cell) {
    if (cell.len == 0)
        return;
    if (!g->has_cell) {
        size_t point = pd_str_find_char(cell, '.');
        size_t digits = point == PD_NPOS ? 0 : cell.len - 1 - point;
        g->has_cell = true;
        g->digits = digits > 0 && digits < 18 ? (unsigned)digits : 0;
    }
    for (unsigned i = 0; i < CANDIDATES_COUNT; i++) {
        struct parquet_value value;
        struct table_parquet_column column = CANDIDATES[i].column;
        if ((g->open & 1U << i) == 0)
            continue;
        if (column.meaning == TABLE_PARQUET_DECIMAL)
            column.digits = g->digits;
        bool is_whole = column.meaning == TABLE_PARQUET_DECIMAL && g->digits == 0;
        if (is_whole || !parquet_cell_value(&column, cell, &value))
            g->open &= ~(1U << i);
    }
}

void table_parquet_types_add(struct table_parquet_types *types, const struct table_batch *batch) {
    for (size_t c = 0; c < types->count && c < batch->columns; c++)
        for (size_t r = 0; r < batch->rows && types->guesses[c].open != 0; r++)
            look_at(&types->guesses[c], table_cell_text(batch, c, r));
}

void table_parquet_types_get(const struct table_parquet_types *types, const pd_str *names,
                             struct table_parquet_column *out) {
    for (size_t c = 0; c < types->count; c++) {
        const struct guess *g = &types->guesses[c];
        out[c] = (struct table_parquet_column){.type = TABLE_PARQUET_BYTES,
                                               .meaning = TABLE_PARQUET_TEXT};
        for (unsigned i = CANDIDATES_COUNT; g->has_cell && i-- > 0;)
            if ((g->open & 1U << i) != 0)
                out[c] = CANDIDATES[i].column;
        if (out[c].meaning == TABLE_PARQUET_DECIMAL)
            out[c].digits = g->digits;
        out[c].name = names[c];
        out[c].is_optional = true;
    }
}
