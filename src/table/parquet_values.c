/* The encodings of values. */
#include "table/parquet_impl.h"

#include <limits.h>
#include <string.h>

size_t parquet_value_size(const struct table_parquet_column *column) {
    return column->type == TABLE_PARQUET_BYTES ? sizeof(pd_str) : column->width;
}

/* Values of one width lie in a window one after another, however wide. */
size_t parquet_window_rows(const struct table_parquet_column *column) {
    size_t most = PARQUET_WINDOW_BYTES / parquet_value_size(column);
    return most == 0 ? 1 : most < PARQUET_WINDOW ? most : PARQUET_WINDOW;
}

static enum pd_status fail_short(struct pd_error *err) {
    return pd_fail(err, PD_INVALID, "a page has fewer values than it says; the file is damaged");
}

/* Points the window's values to where they are, by type. */
static void set_values(struct table_parquet_vector *v, const void *values) {
    switch (v->column->type) {
    case TABLE_PARQUET_BOOLEAN:
        v->values.booleans = values;
        break;
    case TABLE_PARQUET_INT32:
        v->values.int32 = values;
        break;
    case TABLE_PARQUET_INT64:
        v->values.int64 = values;
        break;
    case TABLE_PARQUET_FLOAT:
        v->values.floats = values;
        break;
    case TABLE_PARQUET_DOUBLE:
        v->values.doubles = values;
        break;
    case TABLE_PARQUET_BYTES:
        v->values.bytes = values;
        break;
    case TABLE_PARQUET_INT96:
    case TABLE_PARQUET_FIXED_BYTES:
    case TABLE_PARQUET_TYPE_COUNT:
        v->values.fixed = values;
        break;
    }
}

/* ---- PLAIN ---- */

/* Values of bytes, each behind its length. */
static bool read_bytes(pd_str *rest, pd_str *out, size_t n) {
    const char *at = rest->data;
    size_t left = rest->len;
    for (size_t i = 0; i < n; i++) {
        uint32_t len;
        if (left < sizeof(len))
            return false;
        memcpy(&len, at, sizeof(len));
        at += sizeof(len);
        left -= sizeof(len);
        if (len > left)
            return false;
        out[i] = (pd_str){at, len};
        at += len;
        left -= len;
    }
    *rest = (pd_str){at, left};
    return true;
}

static bool read_bits(struct parquet_cursor *c, uint8_t *out, size_t n) {
    if (n > c->rest.len * 8 - c->bit)
        return false;
    const uint8_t *at = (const uint8_t *)c->rest.data;
    size_t bit = c->bit;
    for (size_t i = 0; i < n; i++, bit++)
        out[i] = at[bit >> 3] >> (bit & 7) & 1;
    c->rest = pd_str_sub(c->rest, bit >> 3, SIZE_MAX);
    c->bit = (unsigned)(bit & 7);
    return true;
}

static enum pd_status plain(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    void *room = c->values.data;
    bool is_well = true;
    if (c->column->type == TABLE_PARQUET_BYTES) {
        is_well = read_bytes(&c->rest, room, *n);
    } else if (c->column->type == TABLE_PARQUET_BOOLEAN) {
        is_well = read_bits(c, room, *n);
    } else {
        size_t size = c->column->width * *n;
        is_well = size <= c->rest.len;
        if (is_well && size > 0)
            memcpy(room, c->rest.data, size);
        c->rest = pd_str_sub(c->rest, size, SIZE_MAX);
    }
    set_values(&c->window, room);
    return is_well ? PD_OK : fail_short(err);
}

static enum pd_status begin_plain(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    (void)err;
    c->rest = bytes;
    c->bit = 0;
    return PD_OK;
}

/* ---- Dictionaries ---- */

enum pd_status parquet_dictionary_read(struct parquet_cursor *cursor, pd_str bytes, size_t count,
                                       struct pd_error *err) {
    struct parquet_cursor *c = cursor;
    c->dictionary_count = count;
    if (c->column->type == TABLE_PARQUET_BOOLEAN)
        return pd_fail(err, PD_INVALID, "truth values have a dictionary; the file is damaged");
    size_t size, least = c->column->type == TABLE_PARQUET_BYTES ? 4 : c->column->width;
    if (!pd_mul(count, least, &size) || size > bytes.len)
        return fail_short(err);
    if (!pd_mul(count, parquet_value_size(c->column), &size))
        return pd_fail_memory(err);
    enum pd_status st = parquet_block_need(c->parquet, &c->dictionary, size, err);
    if (st != PD_OK)
        return st;
    if (c->column->type != TABLE_PARQUET_BYTES) {
        memcpy(c->dictionary.data, bytes.data, size);
        return PD_OK;
    }
    void *out = c->dictionary.data;
    return read_bytes(&bytes, out, count) ? PD_OK : fail_short(err);
}

static enum pd_status begin_codes(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    if (c->dictionary_id == 0)
        return pd_fail(err, PD_INVALID, "a page refers to a dictionary, and there is none");
    /* Nothing stands in a page without values. */
    unsigned width = bytes.len > 0 ? (unsigned char)bytes.data[0] : 0;
    c->codes = parquet_runs_of(pd_str_sub(bytes, 1, SIZE_MAX), width);
    return width <= 32 ? PD_OK
                       : pd_fail(err, PD_INVALID,
                                 "a page's codes have %u bits; the file is damaged", width);
}

static enum pd_status codes(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    if (!parquet_runs_read(&c->codes, c->codes_room, *n))
        return fail_short(err);
    uint32_t most = 0;
    for (size_t i = 0; i < *n; i++)
        most = c->codes_room[i] > most ? c->codes_room[i] : most;
    if (*n > 0 && most >= c->dictionary_count)
        return pd_fail(
            err, PD_INVALID,
            "a page refers to entry %u of a dictionary that has %zu; the file is damaged", most + 1,
            c->dictionary_count);
    c->window.codes = c->codes_room;
    c->window.dictionary = c->dictionary_count;
    c->window.dictionary_id = c->dictionary_id;
    set_values(&c->window, c->dictionary.data);
    return PD_OK;
}

/* ---- RLE: truth values ---- */

static enum pd_status begin_flags(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    uint32_t len = 0;
    if (bytes.len >= sizeof(len))
        memcpy(&len, bytes.data, sizeof(len));
    if (len > bytes.len - (bytes.len >= sizeof(len) ? sizeof(len) : 0))
        return fail_short(err);
    c->codes = parquet_runs_of(pd_str_sub(bytes, sizeof(len), len), 1);
    return PD_OK;
}

static enum pd_status flags(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    void *room = c->values.data;
    set_values(&c->window, room);
    return parquet_runs_flags(&c->codes, room, *n) ? PD_OK : fail_short(err);
}

/* ---- Differences ---- */

static enum pd_status check_delta(const struct parquet_cursor *c, const struct parquet_delta *d,
                                  struct pd_error *err) {
    return !d->failed && d->left <= c->page_rows
               ? PD_OK
               : pd_fail(err, PD_INVALID, "a page of differences is damaged");
}

static enum pd_status begin_delta(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    c->numbers = parquet_delta_of(bytes);
    return bytes.len > 0 ? check_delta(c, &c->numbers, err) : PD_OK;
}

static enum pd_status delta(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    int64_t numbers[PARQUET_WINDOW];
    if (*n > 0 && !parquet_delta_read(&c->numbers, numbers, *n))
        return fail_short(err);
    void *room = c->values.data;
    if (c->column->type == TABLE_PARQUET_INT64) {
        memcpy(room, numbers, *n * sizeof(*numbers));
    } else {
        int32_t *out = room;
        for (size_t i = 0; i < *n; i++)
            out[i] = (int32_t)(uint32_t)(uint64_t)numbers[i];
    }
    set_values(&c->window, room);
    return PD_OK;
}

/* Lengths, all of them, and behind them the bytes. */
static enum pd_status begin_lengths(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    c->numbers = parquet_delta_of(bytes);
    c->rest = (pd_str){bytes.data, 0};
    if (bytes.len == 0)
        return PD_OK;
    enum pd_status st = check_delta(c, &c->numbers, err);
    struct parquet_delta all = c->numbers;
    if (st == PD_OK && !parquet_delta_read(&all, NULL, (size_t)all.left))
        st = pd_fail(err, PD_INVALID, "lengths of values are damaged");
    if (st == PD_OK)
        c->rest = pd_str_sub(bytes, (size_t)((const char *)parquet_delta_end(&all) - bytes.data),
                             SIZE_MAX);
    return st;
}

static enum pd_status lengths(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    int64_t numbers[PARQUET_WINDOW];
    if (*n > 0 && !parquet_delta_read(&c->numbers, numbers, *n))
        return fail_short(err);
    pd_str *out = (pd_str *)(void *)c->values.data;
    for (size_t i = 0; i < *n; i++) {
        if (numbers[i] < 0 || (uint64_t)numbers[i] > c->rest.len)
            return fail_short(err);
        out[i] = pd_str_sub(c->rest, 0, (size_t)numbers[i]);
        c->rest = pd_str_sub(c->rest, out[i].len, SIZE_MAX);
    }
    set_values(&c->window, out);
    return PD_OK;
}

/* How many bytes each value shares with the one before it, and then the rest of each as above. */
static enum pd_status begin_prefixes(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    pd_buf_init(&c->before, PARQUET_CELL_MAX);
    pd_buf_reset(&c->before);
    enum pd_status st = begin_lengths(c, bytes, err);
    c->prefixes = c->numbers;
    return st == PD_OK ? begin_lengths(c, c->rest, err) : st;
}

static enum pd_status fail_prefix(struct pd_error *err) {
    return pd_fail(err, PD_INVALID, "values that share their beginnings are damaged");
}

/* Puts values together in c->joined until there are n, or PARQUET_WINDOW_BYTES are used. */
static enum pd_status prefixes(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    enum pd_status st = parquet_block_need(c->parquet, &c->joined, PARQUET_WINDOW_BYTES, err);
    if (st != PD_OK)
        return st;
    const bool is_fixed = c->column->type == TABLE_PARQUET_FIXED_BYTES;
    pd_str *out = (pd_str *)(void *)c->values.data, before = pd_buf_view(&c->before);
    size_t used = 0, i = 0;
    for (; i < *n; i++) {
        struct parquet_delta prefix = c->prefixes, suffix = c->numbers;
        int64_t shared, own;
        if (!parquet_delta_read(&prefix, &shared, 1) || !parquet_delta_read(&suffix, &own, 1) ||
            shared < 0 || own < 0 || (uint64_t)shared > before.len || (uint64_t)own > c->rest.len)
            return fail_prefix(err);
        size_t len = (size_t)shared + (size_t)own;
        if (len > PARQUET_WINDOW_BYTES)
            return pd_fail(err, PD_LIMIT, "a value has more than %d MiB",
                           PARQUET_WINDOW_BYTES >> 20);
        if (is_fixed && len != c->column->width)
            return fail_prefix(err);
        if (len > PARQUET_WINDOW_BYTES - used)
            break;
        char *to = c->joined.data + used;
        if (shared > 0)
            memcpy(to, before.data, (size_t)shared);
        if (own > 0)
            memcpy(to + shared, c->rest.data, (size_t)own);
        c->rest = pd_str_sub(c->rest, (size_t)own, SIZE_MAX);
        c->prefixes = prefix;
        c->numbers = suffix;
        before = (pd_str){to, len};
        if (!is_fixed)
            out[i] = before;
        used += len;
    }
    /* The next window's room is this one's. */
    struct pd_buf last;
    pd_buf_init(&last, PARQUET_CELL_MAX);
    pd_buf_str(&last, before);
    pd_buf_clear(&c->before);
    c->before = last;
    *n = i;
    if (is_fixed)
        set_values(&c->window, c->joined.data);
    else
        set_values(&c->window, out);
    return pd_buf_check(&c->before, err);
}

/* ---- BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, ... ---- */

static enum pd_status begin_split(struct parquet_cursor *c, pd_str bytes, struct pd_error *err) {
    c->rest = bytes;
    c->split_at = 0;
    if (bytes.len % c->column->width != 0)
        return fail_short(err);
    return PD_OK;
}

static enum pd_status split(struct parquet_cursor *c, size_t *n, struct pd_error *err) {
    const size_t width = c->column->width, stride = c->rest.len / width;
    if (*n > stride - c->split_at)
        return fail_short(err);
    char *room = c->values.data;
    for (size_t b = 0; b < width; b++) {
        const char *from = c->rest.data + b * stride + c->split_at;
        for (size_t i = 0; i < *n; i++)
            room[i * width + b] = from[i];
    }
    c->split_at += *n;
    set_values(&c->window, room);
    return PD_OK;
}

/* ---- Which is used when ---- */

enum {
    FOR_BOOLEAN = 1 << TABLE_PARQUET_BOOLEAN,
    FOR_INTEGERS = 1 << TABLE_PARQUET_INT32 | 1 << TABLE_PARQUET_INT64,
    FOR_BYTES = 1 << TABLE_PARQUET_BYTES,
    FOR_FIXED = 1 << TABLE_PARQUET_FIXED_BYTES,
    FOR_FLOATS = 1 << TABLE_PARQUET_FLOAT | 1 << TABLE_PARQUET_DOUBLE,
    FOR_ALL = 0xff
};

static const struct encoding {
    enum pd_status (*begin)(struct parquet_cursor *c, pd_str bytes, struct pd_error *err);
    enum pd_status (*read)(struct parquet_cursor *c, size_t *n, struct pd_error *err);
    unsigned types;
} ENCODINGS[] = {
    [PARQUET_PLAIN] = {begin_plain, plain, FOR_ALL},
    [PARQUET_PLAIN_DICTIONARY] = {begin_codes, codes, FOR_ALL},
    [PARQUET_RLE] = {begin_flags, flags, FOR_BOOLEAN},
    [PARQUET_DELTA_BINARY_PACKED] = {begin_delta, delta, FOR_INTEGERS},
    [PARQUET_DELTA_LENGTH_BYTE_ARRAY] = {begin_lengths, lengths, FOR_BYTES},
    [PARQUET_DELTA_BYTE_ARRAY] = {begin_prefixes, prefixes, FOR_BYTES | FOR_FIXED},
    [PARQUET_RLE_DICTIONARY] = {begin_codes, codes, FOR_ALL},
    [PARQUET_BYTE_STREAM_SPLIT] = {begin_split, split, FOR_INTEGERS | FOR_FLOATS | FOR_FIXED},
};

enum pd_status parquet_values_begin(struct parquet_cursor *cursor, pd_str bytes,
                                    struct pd_error *err) {
    const struct encoding *e = &ENCODINGS[cursor->encoding];
    if (e->begin == NULL || (e->types & 1U << cursor->column->type) == 0)
        return pd_fail(err, PD_INVALID,
                       "a page is encoded (%d) as no values of its type are; the file is damaged",
                       (int)cursor->encoding);
    return e->begin(cursor, bytes, err);
}

enum pd_status parquet_values_read(struct parquet_cursor *cursor, size_t *n, struct pd_error *err) {
    return ENCODINGS[cursor->encoding].read(cursor, n, err);
}
