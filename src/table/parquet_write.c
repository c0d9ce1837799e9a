/* Writes a table as Parquet: row groups, of each column a chunk of pages of the first version, with
 * a dictionary where values repeat; then what the file says of itself. */
#include "table/parquet_impl.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    GROUP_ROWS = 122880,
    GROUP_BYTES = 64 << 20, /* of values: what ends a row group early */
    PAGE_ROWS = 20000,
    PAGE_BYTES = 1 << 20,
    WORDS_MAX = 1 << 15, /* of a dictionary */
    WORDS_BYTES = 1 << 20,
    STATISTIC_BYTES = 64 /* longer ones are left out */
};
#define BUFFER_MAX ((size_t)1 << 30)

/* A column of the row group at hand. */
struct kept {
    struct table_parquet_column about;
    struct pd_buf name;
    struct pd_buf bytes;   /* of values, one after another */
    struct pd_buf ends;    /* of BYTES: uint32_t each */
    struct pd_buf present; /* by row */
    size_t count;          /* of values */
};

struct table_parquet_writer {
    struct table_sink sink;
    enum parquet_codec codec;
    size_t group_rows, columns, rows, bytes; /* of the row group at hand */
    uint64_t at, all_rows;                   /* in the file */
    size_t groups;
    struct pd_buf footer; /* the row groups so far */
    struct pd_buf page, packed, head;
    uint32_t *slots, *codes; /* of a dictionary that is tried */
    struct kept *kept;
};

/* ---- Beginning ---- */

static enum pd_status put(struct table_parquet_writer *w, const struct pd_buf *buf,
                          struct pd_error *err) {
    enum pd_status st = pd_buf_check(buf, err);
    if (st == PD_OK && buf->len > 0)
        st = w->sink.write(w->sink.context, buf->data, buf->len, err);
    w->at += buf->len;
    return st;
}

static bool is_writable(const struct table_parquet_column *c) {
    struct parquet_value value;
    return (c->type == TABLE_PARQUET_BYTES && c->meaning == TABLE_PARQUET_TEXT) ||
           (c->type < TABLE_PARQUET_TYPE_COUNT && parquet_cell_is_known(c) && c->width > 0 &&
            c->width <= sizeof(value.is));
}

static enum pd_status begin(struct table_parquet_writer *w,
                            const struct table_parquet_column *columns, struct pd_error *err) {
    struct pd_buf *buffers[] = {&w->footer, &w->page, &w->packed, &w->head};
    for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
        pd_buf_init(buffers[i], BUFFER_MAX);
    for (size_t i = 0; i < w->columns; i++) {
        struct kept *k = &w->kept[i];
        k->about = columns[i];
        struct pd_buf *own[] = {&k->name, &k->bytes, &k->ends, &k->present};
        for (size_t b = 0; b < sizeof(own) / sizeof(own[0]); b++)
            pd_buf_init(own[b], BUFFER_MAX);
        if (!is_writable(&columns[i]))
            return pd_fail(err, PD_USAGE, "column \"%.*s\" is of a type that is not written",
                           pd_arg(columns[i].name));
        pd_buf_str(&k->name, columns[i].name);
        k->about.name = pd_buf_view(&k->name);
        k->about.is_optional = true;
    }
    pd_buf_text(&w->head, "PAR1");
    enum pd_status st = put(w, &w->head, err);
    pd_buf_reset(&w->head);
    return st;
}

enum pd_status table_parquet_writer_new(const struct table_parquet_column *columns, size_t count,
                                        pd_str codec, size_t group_rows,
                                        const struct table_sink *sink,
                                        struct table_parquet_writer **out, struct pd_error *err) {
    enum parquet_codec chosen;
    if (!parquet_codec_parse(codec, &chosen))
        return pd_fail(err, PD_USAGE, "compression \"%.*s\": zstd, snappy, gzip, lz4 or none",
                       pd_arg(codec));
    if (count == 0 || count > PARQUET_COLUMNS_MAX)
        return pd_fail(err, PD_USAGE, "a table of %zu columns", count);
    struct table_parquet_writer *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return pd_fail_memory(err);
    w->sink = *sink;
    w->codec = chosen;
    w->columns = count;
    w->group_rows = group_rows != 0 && group_rows < GROUP_ROWS ? group_rows : GROUP_ROWS;
    w->kept = calloc(count, sizeof(*w->kept));
    w->slots = malloc(2 * WORDS_MAX * sizeof(*w->slots));
    w->codes = malloc(GROUP_ROWS * sizeof(*w->codes));
    enum pd_status st =
        w->kept && w->slots && w->codes ? begin(w, columns, err) : pd_fail_memory(err);
    if (st != PD_OK) {
        table_parquet_writer_free(w);
        return st;
    }
    *out = w;
    return PD_OK;
}

void table_parquet_writer_free(struct table_parquet_writer *writer) {
    if (writer == NULL)
        return;
    for (size_t i = 0; writer->kept != NULL && i < writer->columns; i++) {
        struct kept *k = &writer->kept[i];
        pd_buf_clear(&k->name);
        pd_buf_clear(&k->bytes);
        pd_buf_clear(&k->ends);
        pd_buf_clear(&k->present);
    }
    pd_buf_clear(&writer->footer);
    pd_buf_clear(&writer->page);
    pd_buf_clear(&writer->packed);
    pd_buf_clear(&writer->head);
    free(writer->kept);
    free(writer->slots);
    free(writer->codes);
    free(writer);
}

/* ---- Values of the row group ---- */

/* The bytes of value i. */
static pd_str value_of(const struct kept *k, size_t i) {
    if (k->about.type != TABLE_PARQUET_BYTES)
        return (pd_str){k->bytes.data + i * k->about.width, k->about.width};
    const uint32_t *ends = (const uint32_t *)(const void *)k->ends.data;
    uint32_t from = i > 0 ? ends[i - 1] : 0;
    return (pd_str){k->bytes.data + from, ends[i] - from};
}

static enum pd_status keep(struct kept *k, pd_str cell, struct pd_error *err) {
    struct parquet_value value = {{0}};
    pd_buf_char(&k->present, cell.len > 0);
    if (cell.len == 0)
        return PD_OK;
    if (k->about.type == TABLE_PARQUET_BYTES) {
        pd_buf_str(&k->bytes, cell);
        uint32_t end = (uint32_t)k->bytes.len;
        pd_buf_add(&k->ends, &end, sizeof(end));
    } else if (parquet_cell_value(&k->about, cell, &value)) {
        pd_buf_add(&k->bytes, &value.is, k->about.width);
    } else {
        return pd_fail(err, PD_INVALID, "column \"%.*s\": \"%.*s\" does not fit its type",
                       pd_arg(k->about.name), pd_arg(pd_str_sub(cell, 0, 40)));
    }
    k->count++;
    return PD_OK;
}

/* ---- Dictionaries ---- */

struct chunk {
    uint64_t from, dictionary_at, data_at;
    uint64_t raw, packed; /* bytes, heads of pages included */
    size_t words;         /* of the dictionary; 0: there is none */
};

static uint64_t hash_of(pd_str s) {
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ s.len;
    for (size_t i = 0; i < s.len; i += 8) {
        uint64_t word = 0;
        memcpy(&word, s.data + i, s.len - i < 8 ? s.len - i : 8);
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    return h;
}

/* Numbers the values: codes[i] is the place of value i among those that differ, whose first places
   stand in `first`. false: they repeat too little. */
static bool number_values(struct table_parquet_writer *w, const struct kept *k, uint32_t *first,
                          size_t *words) {
    const size_t mask = 2 * WORDS_MAX - 1;
    size_t count = 0, bytes = 0;
    if (k->about.type == TABLE_PARQUET_BOOLEAN || k->count == 0)
        return false;
    memset(w->slots, 0xff, 2 * WORDS_MAX * sizeof(*w->slots));
    for (size_t i = 0; i < k->count; i++) {
        pd_str value = value_of(k, i);
        size_t slot = (size_t)hash_of(value) & mask;
        while (w->slots[slot] != UINT32_MAX &&
               !pd_str_eq(value_of(k, first[w->slots[slot]]), value))
            slot = (slot + 1) & mask;
        if (w->slots[slot] == UINT32_MAX) {
            bytes += value.len;
            if (count == WORDS_MAX || bytes > WORDS_BYTES || (i > 1000 && count > i / 2))
                return false;
            w->slots[slot] = (uint32_t)count;
            first[count++] = (uint32_t)i;
        }
        w->codes[i] = w->slots[slot];
    }
    *words = count;
    return count <= k->count / 2;
}

/* ---- Pages ---- */

static void put_uint32(struct pd_buf *out, size_t value) {
    uint32_t n = (uint32_t)value;
    pd_buf_add(out, &n, sizeof(n));
}

static void put_plain(struct pd_buf *out, const struct kept *k, size_t i) {
    pd_str value = value_of(k, i);
    if (k->about.type == TABLE_PARQUET_BYTES)
        put_uint32(out, value.len);
    pd_buf_str(out, value);
}

/* A run of one value, or groups of 8 bit-packed ones. */
static void put_runs(struct pd_buf *out, const uint32_t *values, const uint8_t *flags, size_t n,
                     unsigned width) {
    uint32_t first = n == 0 ? 0 : values != NULL ? values[0] : flags[0];
    bool is_run = true;
    for (size_t i = 0; i < n && is_run; i++)
        is_run = (values != NULL ? values[i] : flags[i]) == first;
    size_t groups = (n + 7) / 8;
    uint64_t head = is_run ? (uint64_t)n << 1 : (uint64_t)groups << 1 | 1;
    for (; head >= 0x80; head >>= 7)
        pd_buf_char(out, (char)(unsigned char)(head | 0x80));
    pd_buf_char(out, (char)head);
    if (is_run) {
        pd_buf_add(out, &first, (width + 7) / 8);
        return;
    }
    uint64_t word = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < groups * 8; i++) {
        uint64_t value = i >= n ? 0 : values != NULL ? values[i] : flags[i];
        word |= value << bits;
        for (bits += width; bits >= 8; bits -= 8, word >>= 8)
            pd_buf_char(out, (char)(unsigned char)word);
    }
}

static void put_levels(struct pd_buf *out, const struct kept *k, size_t row, size_t rows) {
    size_t from = out->len;
    put_uint32(out, 0);
    put_runs(out, NULL, (const uint8_t *)k->present.data + row, rows, 1);
    uint32_t n = (uint32_t)(out->len - from - sizeof(n));
    if (!out->failed)
        memcpy(out->data + from, &n, sizeof(n));
}

static void put_bits(struct pd_buf *out, const struct kept *k, size_t value, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        unsigned byte = 0;
        for (size_t b = 0; b < 8 && i + b < n; b++)
            byte |= (k->bytes.data[value + i + b] != 0 ? 1U : 0) << b;
        pd_buf_char(out, (char)(unsigned char)byte);
    }
}

static unsigned width_of(size_t words) {
    unsigned width = 0;
    while (words > (size_t)1 << width)
        width++;
    return width;
}

/* Compresses w->page and writes it behind its head. type: 0 data, 2 dictionary. */
static enum pd_status put_page(struct table_parquet_writer *w, struct chunk *chunk, int type,
                               size_t values, int encoding, struct pd_error *err) {
    enum pd_status st = pd_buf_check(&w->page, err);
    pd_buf_reset(&w->packed);
    if (st == PD_OK)
        st = parquet_compress(w->codec, pd_buf_view(&w->page), &w->packed, err);
    if (st != PD_OK)
        return st;
    uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)w->packed.data, w->packed.len);
    struct thrift_writer t = {.out = &w->head};
    pd_buf_reset(&w->head);
    thrift_write_struct(&t, 0);
    thrift_write_integer(&t, 1, 32, type);
    thrift_write_integer(&t, 2, 32, (int64_t)w->page.len);
    thrift_write_integer(&t, 3, 32, (int64_t)w->packed.len);
    thrift_write_integer(&t, 4, 32, (int32_t)crc);
    thrift_write_struct(&t, type == 0 ? 5 : 7);
    thrift_write_integer(&t, 1, 32, (int64_t)values);
    thrift_write_integer(&t, 2, 32, encoding);
    if (type == 0) {
        thrift_write_integer(&t, 3, 32, PARQUET_RLE);
        thrift_write_integer(&t, 4, 32, PARQUET_RLE);
    }
    thrift_write_end(&t);
    thrift_write_end(&t);
    chunk->raw += w->head.len + w->page.len;
    chunk->packed += w->head.len + w->packed.len;
    st = put(w, &w->head, err);
    return st == PD_OK ? put(w, &w->packed, err) : st;
}

static enum pd_status put_dictionary(struct table_parquet_writer *w, const struct kept *k,
                                     struct chunk *chunk, const uint32_t *first,
                                     struct pd_error *err) {
    chunk->dictionary_at = w->at;
    pd_buf_reset(&w->page);
    for (size_t i = 0; i < chunk->words; i++)
        put_plain(&w->page, k, first[i]);
    return put_page(w, chunk, 2, chunk->words, PARQUET_PLAIN, err);
}

/* Rows from `row`, whose first value is `value`, until a page is full. */
static enum pd_status put_data(struct table_parquet_writer *w, const struct kept *k,
                               struct chunk *chunk, size_t *row, size_t *value,
                               struct pd_error *err) {
    size_t rows = 0, values = 0, bytes = 0;
    while (*row + rows < w->rows && rows < PAGE_ROWS && bytes < PAGE_BYTES) {
        if (k->present.data[*row + rows] != 0)
            bytes += value_of(k, *value + values++).len;
        rows++;
    }
    pd_buf_reset(&w->page);
    put_levels(&w->page, k, *row, rows);
    if (chunk->words > 0) {
        unsigned width = width_of(chunk->words);
        pd_buf_char(&w->page, (char)width);
        put_runs(&w->page, w->codes + *value, NULL, values, width);
    } else if (k->about.type == TABLE_PARQUET_BOOLEAN) {
        put_bits(&w->page, k, *value, values);
    } else {
        for (size_t i = 0; i < values; i++)
            put_plain(&w->page, k, *value + i);
    }
    *row += rows;
    *value += values;
    return put_page(w, chunk, 0, rows, chunk->words > 0 ? PARQUET_RLE_DICTIONARY : PARQUET_PLAIN,
                    err);
}

/* ---- Least and greatest ---- */

static int compare(const struct table_parquet_column *c, pd_str a, pd_str b) {
    if (c->type == TABLE_PARQUET_INT64) {
        int64_t x, y;
        memcpy(&x, a.data, sizeof(x));
        memcpy(&y, b.data, sizeof(y));
        return (x > y) - (x < y);
    }
    if (c->type == TABLE_PARQUET_INT32) {
        int32_t x, y;
        memcpy(&x, a.data, sizeof(x));
        memcpy(&y, b.data, sizeof(y));
        return (x > y) - (x < y);
    }
    if (c->type == TABLE_PARQUET_DOUBLE) {
        double x, y;
        memcpy(&x, a.data, sizeof(x));
        memcpy(&y, b.data, sizeof(y));
        return (x > y) - (x < y);
    }
    return pd_str_cmp(a, b);
}

static void put_statistics(struct thrift_writer *t, const struct kept *k, size_t rows) {
    pd_str least = {NULL, 0}, most = {NULL, 0};
    for (size_t i = 0; i < k->count; i++) {
        pd_str value = value_of(k, i);
        least = i == 0 || compare(&k->about, value, least) < 0 ? value : least;
        most = i == 0 || compare(&k->about, value, most) > 0 ? value : most;
    }
    /* Zero has two forms, which compare as equal: the least is the negative one. */
    double zero = 0, negative = -zero, value;
    if (k->about.type == TABLE_PARQUET_DOUBLE && k->count > 0) {
        memcpy(&value, least.data, sizeof(value));
        least = value == 0 ? (pd_str){(const char *)&negative, sizeof(negative)} : least;
        memcpy(&value, most.data, sizeof(value));
        most = value == 0 ? (pd_str){(const char *)&zero, sizeof(zero)} : most;
    }
    thrift_write_struct(t, 12);
    thrift_write_integer(t, 3, 64, (int64_t)(rows - k->count));
    if (k->count > 0 && least.len <= STATISTIC_BYTES && most.len <= STATISTIC_BYTES) {
        thrift_write_bytes(t, 5, most);
        thrift_write_bytes(t, 6, least);
        thrift_write_boolean(t, 7, true);
        thrift_write_boolean(t, 8, true);
    }
    thrift_write_end(t);
}

/* ---- Chunks and row groups ---- */

static void put_chunk_about(struct table_parquet_writer *w, struct thrift_writer *t,
                            const struct kept *k, const struct chunk *chunk) {
    thrift_write_struct(t, 0);
    thrift_write_integer(t, 2, 64, 0);
    thrift_write_struct(t, 3);
    thrift_write_integer(t, 1, 32, (int64_t)k->about.type);
    thrift_write_list(t, 2, THRIFT_OF_INTEGERS, chunk->words > 0 ? 3 : 2);
    thrift_write_element(t, PARQUET_PLAIN);
    thrift_write_element(t, PARQUET_RLE);
    if (chunk->words > 0)
        thrift_write_element(t, PARQUET_RLE_DICTIONARY);
    thrift_write_list(t, 3, THRIFT_OF_BYTES, 1);
    thrift_write_element_bytes(t, k->about.name);
    thrift_write_integer(t, 4, 32, (int64_t)w->codec);
    thrift_write_integer(t, 5, 64, (int64_t)w->rows);
    thrift_write_integer(t, 6, 64, (int64_t)chunk->raw);
    thrift_write_integer(t, 7, 64, (int64_t)chunk->packed);
    thrift_write_integer(t, 9, 64, (int64_t)chunk->data_at);
    if (chunk->words > 0)
        thrift_write_integer(t, 11, 64, (int64_t)chunk->dictionary_at);
    put_statistics(t, k, w->rows);
    thrift_write_end(t);
    thrift_write_end(t);
}

static enum pd_status put_chunk(struct table_parquet_writer *w, struct kept *k,
                                struct thrift_writer *t, uint64_t *raw, struct pd_error *err) {
    struct chunk chunk = {.from = w->at};
    uint32_t *first = malloc(WORDS_MAX * sizeof(*first));
    if (first == NULL)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    if (number_values(w, k, first, &chunk.words))
        st = put_dictionary(w, k, &chunk, first, err);
    else
        chunk.words = 0;
    free(first);
    chunk.data_at = w->at;
    for (size_t row = 0, value = 0; st == PD_OK && row < w->rows;)
        st = put_data(w, k, &chunk, &row, &value, err);
    if (st == PD_OK)
        put_chunk_about(w, t, k, &chunk);
    *raw += chunk.raw;
    return st;
}

static enum pd_status end_group(struct table_parquet_writer *w, struct pd_error *err) {
    struct thrift_writer t = {.out = &w->footer};
    uint64_t raw = 0;
    enum pd_status st = PD_OK;
    if (w->rows == 0)
        return PD_OK;
    thrift_write_struct(&t, 0);
    thrift_write_list(&t, 1, THRIFT_OF_STRUCTS, w->columns);
    for (size_t i = 0; st == PD_OK && i < w->columns; i++) {
        struct kept *k = &w->kept[i];
        st = pd_buf_check(&k->present, err);
        if (st == PD_OK)
            st = pd_buf_check(&k->bytes, err);
        if (st == PD_OK)
            st = pd_buf_check(&k->ends, err);
        if (st == PD_OK)
            st = put_chunk(w, k, &t, &raw, err);
        pd_buf_reset(&k->bytes);
        pd_buf_reset(&k->ends);
        pd_buf_reset(&k->present);
        k->count = 0;
    }
    thrift_write_integer(&t, 2, 64, (int64_t)raw);
    thrift_write_integer(&t, 3, 64, (int64_t)w->rows);
    thrift_write_end(&t);
    w->all_rows += w->rows;
    w->groups++;
    w->rows = w->bytes = 0;
    return st == PD_OK ? pd_buf_check(&w->footer, err) : st;
}

enum pd_status table_parquet_write_batch(struct table_parquet_writer *writer,
                                         const struct table_batch *batch, struct pd_error *err) {
    struct table_parquet_writer *w = writer;
    if (batch->columns != w->columns)
        return pd_fail(err, PD_USAGE, "rows of %zu cells for a table of %zu columns",
                       batch->columns, w->columns);
    enum pd_status st = PD_OK;
    for (size_t r = 0; st == PD_OK && r < batch->rows; r++) {
        for (size_t c = 0; st == PD_OK && c < w->columns; c++) {
            pd_str cell = table_cell_text(batch, c, r);
            st = keep(&w->kept[c], cell, err);
            w->bytes += cell.len + sizeof(uint32_t);
        }
        w->rows++;
        if (st == PD_OK && (w->rows == w->group_rows || w->bytes >= GROUP_BYTES))
            st = end_group(w, err);
    }
    return st;
}

/* ---- The end ---- */

/* What a column's values mean, in the older way and in the newer one. */
static void put_meaning(struct thrift_writer *t, const struct table_parquet_column *c) {
    static const struct {
        int converted, logical;
    } names[] = {[TABLE_PARQUET_TEXT] = {0, 1},       [TABLE_PARQUET_DECIMAL] = {5, 5},
                 [TABLE_PARQUET_DATE] = {6, 6},       [TABLE_PARQUET_TIME] = {8, 7},
                 [TABLE_PARQUET_TIMESTAMP] = {10, 8}, [TABLE_PARQUET_UUID] = {-1, 14}};
    enum { DIGITS_MOST = 18, MICROSECONDS = 2 };
    if (c->meaning == TABLE_PARQUET_PLAIN)
        return;
    /* The older way knows moments in UTC only. */
    bool is_local =
        (c->meaning == TABLE_PARQUET_TIMESTAMP || c->meaning == TABLE_PARQUET_TIME) && !c->is_utc;
    if (names[c->meaning].converted >= 0 && !is_local)
        thrift_write_integer(t, 6, 32, names[c->meaning].converted);
    if (c->meaning == TABLE_PARQUET_DECIMAL) {
        thrift_write_integer(t, 7, 32, c->digits);
        thrift_write_integer(t, 8, 32, DIGITS_MOST);
    }
    thrift_write_struct(t, 10);
    thrift_write_struct(t, (unsigned)names[c->meaning].logical);
    if (c->meaning == TABLE_PARQUET_DECIMAL) {
        thrift_write_integer(t, 1, 32, c->digits);
        thrift_write_integer(t, 2, 32, DIGITS_MOST);
    } else if (c->meaning == TABLE_PARQUET_TIME || c->meaning == TABLE_PARQUET_TIMESTAMP) {
        thrift_write_boolean(t, 1, c->is_utc);
        thrift_write_struct(t, 2);
        thrift_write_struct(t, MICROSECONDS);
        thrift_write_end(t);
        thrift_write_end(t);
    }
    thrift_write_end(t);
    thrift_write_end(t);
}

static void put_schema(struct table_parquet_writer *w, struct thrift_writer *t) {
    thrift_write_list(t, 2, THRIFT_OF_STRUCTS, w->columns + 1);
    thrift_write_struct(t, 0);
    thrift_write_bytes(t, 4, PD_STR("table"));
    thrift_write_integer(t, 5, 32, (int64_t)w->columns);
    thrift_write_end(t);
    for (size_t i = 0; i < w->columns; i++) {
        const struct table_parquet_column *c = &w->kept[i].about;
        thrift_write_struct(t, 0);
        thrift_write_integer(t, 1, 32, (int64_t)c->type);
        if (c->type == TABLE_PARQUET_FIXED_BYTES)
            thrift_write_integer(t, 2, 32, (int64_t)c->width);
        thrift_write_integer(t, 3, 32, 1);
        thrift_write_bytes(t, 4, c->name);
        put_meaning(t, c);
        thrift_write_end(t);
    }
}

enum pd_status table_parquet_writer_finish(struct table_parquet_writer *writer,
                                           struct pd_error *err) {
    struct table_parquet_writer *w = writer;
    enum pd_status st = end_group(w, err);
    if (st != PD_OK)
        return st;
    struct thrift_writer t = {.out = &w->head};
    pd_buf_reset(&w->head);
    thrift_write_struct(&t, 0);
    thrift_write_integer(&t, 1, 32, 2);
    put_schema(w, &t);
    thrift_write_integer(&t, 3, 64, (int64_t)w->all_rows);
    thrift_write_list(&t, 4, THRIFT_OF_STRUCTS, w->groups);
    pd_buf_str(&w->head, pd_buf_view(&w->footer));
    thrift_write_bytes(&t, 6, PD_STR("polder version " POLDER_VERSION));
    thrift_write_list(&t, 7, THRIFT_OF_STRUCTS, w->columns);
    for (size_t i = 0; i < w->columns; i++) { /* in the order of the type */
        thrift_write_struct(&t, 0);
        thrift_write_struct(&t, 1);
        thrift_write_end(&t);
        thrift_write_end(&t);
    }
    thrift_write_end(&t);
    if (w->head.len > PARQUET_FOOTER_MAX)
        return pd_fail(err, PD_LIMIT, "what the file says of itself takes more than %u MiB",
                       (unsigned)(PARQUET_FOOTER_MAX >> 20));
    put_uint32(&w->head, w->head.len);
    pd_buf_text(&w->head, "PAR1");
    return put(w, &w->head, err);
}
