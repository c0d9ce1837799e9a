/* Rows whose cells lie between bounds: what statistics say of whole row groups, and each cell of
 * itself. */
#include "table/parquet_impl.h"

#include <math.h>
#include <string.h>

/* ---- The order of cells ---- */

static bool is_number(const struct table_parquet_column *c) {
    bool is_plain = c->meaning == TABLE_PARQUET_PLAIN || c->meaning == TABLE_PARQUET_UNSIGNED;
    return c->meaning == TABLE_PARQUET_DECIMAL || c->meaning == TABLE_PARQUET_FLOAT16 ||
           (is_plain && c->type >= TABLE_PARQUET_INT32 && c->type <= TABLE_PARQUET_DOUBLE &&
            c->type != TABLE_PARQUET_INT96);
}

static bool is_real(const struct table_parquet_column *c) {
    return c->type == TABLE_PARQUET_FLOAT || c->type == TABLE_PARQUET_DOUBLE ||
           c->meaning == TABLE_PARQUET_FLOAT16;
}

/* Digits before the point, without zeros in front. */
static pd_str whole_part(pd_str number) {
    size_t point = pd_str_find_char(number, '.');
    pd_str whole = pd_str_sub(number, 0, point == PD_NPOS ? number.len : point);
    while (whole.len > 0 && whole.data[0] == '0')
        whole = pd_str_sub(whole, 1, SIZE_MAX);
    return whole;
}

/* Decimal numbers without exponents, of any length; the sign is gone. */
static int compare_digits(pd_str a, pd_str b) {
    pd_str wa = whole_part(a), wb = whole_part(b);
    if (wa.len != wb.len)
        return wa.len < wb.len ? -1 : 1;
    int order = pd_str_cmp(wa, wb);
    if (order != 0)
        return order;
    size_t pa = pd_str_find_char(a, '.'), pb = pd_str_find_char(b, '.');
    pd_str fa = pa == PD_NPOS ? PD_STR("") : pd_str_sub(a, pa + 1, SIZE_MAX),
           fb = pb == PD_NPOS ? PD_STR("") : pd_str_sub(b, pb + 1, SIZE_MAX);
    for (size_t i = 0; i < fa.len || i < fb.len; i++) {
        char x = i < fa.len ? fa.data[i] : '0', y = i < fb.len ? fb.data[i] : '0';
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static bool is_zero(pd_str number) {
    for (size_t i = 0; i < number.len; i++)
        if (number.data[i] >= '1' && number.data[i] <= '9')
            return false;
    return true;
}

static int compare_numbers(pd_str a, pd_str b) {
    bool is_a = pd_str_starts(a, PD_STR("-")) && !is_zero(a),
         is_b = pd_str_starts(b, PD_STR("-")) && !is_zero(b);
    if (is_a != is_b)
        return is_a ? -1 : 1;
    int order = compare_digits(pd_str_sub(a, a.data[0] == '-', SIZE_MAX),
                               pd_str_sub(b, b.data[0] == '-', SIZE_MAX));
    return is_a ? -order : order;
}

static double real_of(pd_str cell) {
    double value = (double)NAN;
    if (pd_str_is(cell, "inf") || pd_str_is(cell, "-inf"))
        return cell.data[0] == '-' ? (double)-INFINITY : (double)INFINITY;
    return pd_parse_double(cell, &value) ? value : (double)NAN;
}

/* Whether a <= b. Moments are written such that the order of their letters is theirs. */
static bool is_in_order(const struct table_parquet_column *c, pd_str a, pd_str b) {
    if (is_real(c))
        return real_of(a) <= real_of(b);
    return (is_number(c) ? compare_numbers(a, b) : pd_str_cmp(a, b)) <= 0;
}

static bool is_within(const struct table_parquet_column *c, const struct table_parquet_range *range,
                      pd_str cell) {
    return cell.len > 0 && (range->least.len == 0 || is_in_order(c, range->least, cell)) &&
           (range->most.len == 0 || is_in_order(c, cell, range->most));
}

static bool is_bound(const struct table_parquet_column *c, pd_str bound) {
    double value;
    if (bound.len == 0 || !is_number(c))
        return true;
    bool has_exponent =
        pd_str_find_char(bound, 'e') != PD_NPOS || pd_str_find_char(bound, 'E') != PD_NPOS;
    return pd_parse_double(bound, &value) && (is_real(c) || !has_exponent);
}

enum pd_status parquet_ranges_check(const struct table_parquet *parquet,
                                    const struct table_parquet_wanted *wanted,
                                    struct pd_error *err) {
    for (size_t i = 0; i < wanted->range_count; i++) {
        const struct table_parquet_range *range = &wanted->ranges[i];
        size_t count = wanted->columns != NULL ? wanted->column_count : parquet->column_count;
        if (range->place >= count)
            return pd_fail(err, PD_USAGE, "a range is of column %zu of %zu that are read",
                           range->place + 1, count);
        size_t column = wanted->columns != NULL ? wanted->columns[range->place] : range->place;
        const struct table_parquet_column *c =
            column < parquet->column_count ? &parquet->columns[column] : NULL;
        if (c == NULL || !is_bound(c, range->least) || !is_bound(c, range->most))
            return pd_fail(err, PD_USAGE, "column \"%.*s\" holds numbers, and a bound is none",
                           pd_arg(c != NULL ? c->name : PD_STR("")));
    }
    return PD_OK;
}

/* ---- Row groups ---- */

/* A value of the statistics as a cell. Empty: it can't be trusted to be one. */
static pd_str stated(const struct table_parquet_column *c, pd_str value, char *room, size_t size) {
    struct parquet_pen pen = parquet_pen_of(c);
    bool is_bytes = c->type == TABLE_PARQUET_BYTES;
    if (value.data == NULL || (!is_bytes && value.len != c->width) ||
        c->type == TABLE_PARQUET_INT96 || pen.fixed + pen.per_byte * value.len > size ||
        value.len > PARQUET_DECIMAL_MAX)
        return PD_STR("");
    const void *at = is_bytes ? (const void *)&value : value.data;
    return (pd_str){room, pen.write(c, at, room)};
}

bool parquet_group_is_outside(const struct table_parquet_column *column,
                              const struct parquet_chunk *chunk,
                              const struct table_parquet_range *range) {
    char rooms[2][4096];
    const struct parquet_statistics *s = &chunk->statistics;
    pd_str least = stated(column, s->min_value, rooms[0], sizeof(rooms[0])),
           most = stated(column, s->max_value, rooms[1], sizeof(rooms[1]));
    bool is_nan = is_real(column) && (isnan(real_of(least)) || isnan(real_of(most)));
    if (least.len == 0 || most.len == 0 || is_nan)
        return false;
    return (range->most.len > 0 && !is_in_order(column, least, range->most)) ||
           (range->least.len > 0 && !is_in_order(column, range->least, most));
}

/* ---- Rows ---- */

size_t parquet_rows_within(const struct table_parquet_column *column,
                           const struct table_parquet_range *range, const char *bytes,
                           const struct table_cell *cells, uint8_t *is_kept, size_t rows) {
    size_t kept = 0;
    for (size_t r = 0; r < rows; r++) {
        is_kept[r] =
            is_kept[r] && is_within(column, range, (pd_str){bytes + cells[r].at, cells[r].len});
        kept += is_kept[r];
    }
    return kept;
}
