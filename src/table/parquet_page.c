/* A column's cursor: pages found, checked, unpacked, and decoded a window at a time. */
#include "table/parquet_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- Memory ---- */

enum pd_status parquet_block_need(struct table_parquet *parquet, struct parquet_block *block,
                                  size_t n, struct pd_error *err) {
    if (n <= block->room && block->data != NULL)
        return PD_OK;
    size_t room = n < 512 ? 512 : n, others = parquet->memory - block->room;
    if (room > parquet->limit - others)
        return pd_fail(err, PD_LIMIT,
                       "its pages take more than %zu MiB of memory: write it with smaller pages or "
                       "row groups",
                       parquet->limit >> 20);
    free(block->data);
    *block = (struct parquet_block){malloc(room), room};
    parquet->memory = others + room;
    return block->data != NULL ? PD_OK : pd_fail_memory(err);
}

void parquet_block_free(struct table_parquet *parquet, struct parquet_block *block) {
    free(block->data);
    parquet->memory -= block->room;
    *block = (struct parquet_block){NULL, 0};
}

/* ---- Headers of pages ---- */

struct data_page {
    uint32_t has;
    int64_t values, encoding, levels_encoding;
};
struct data_page_2 {
    uint32_t has;
    int64_t values, nulls, rows, encoding, levels_bytes, repetition_bytes;
    bool is_compressed;
};
struct page_header {
    uint32_t has;
    int64_t type, bytes, compressed, crc;
    struct data_page data, dictionary; /* a dictionary's: values and encoding */
    struct data_page_2 data_2;
};
enum { PAGE_DATA, PAGE_INDEX, PAGE_DICTIONARY, PAGE_DATA_2 };

static const struct thrift_field DATA_FIELDS[] = {
    {1, THRIFT_INTEGER, offsetof(struct data_page, values), NULL},
    {2, THRIFT_INTEGER, offsetof(struct data_page, encoding), NULL},
    {3, THRIFT_INTEGER, offsetof(struct data_page, levels_encoding), NULL}};
static const struct thrift_field DICTIONARY_FIELDS[] = {
    {1, THRIFT_INTEGER, offsetof(struct data_page, values), NULL},
    {2, THRIFT_INTEGER, offsetof(struct data_page, encoding), NULL}};
static const struct thrift_field DATA_2_FIELDS[] = {
    {1, THRIFT_INTEGER, offsetof(struct data_page_2, values), NULL},
    {2, THRIFT_INTEGER, offsetof(struct data_page_2, nulls), NULL},
    {3, THRIFT_INTEGER, offsetof(struct data_page_2, rows), NULL},
    {4, THRIFT_INTEGER, offsetof(struct data_page_2, encoding), NULL},
    {5, THRIFT_INTEGER, offsetof(struct data_page_2, levels_bytes), NULL},
    {6, THRIFT_INTEGER, offsetof(struct data_page_2, repetition_bytes), NULL},
    {7, THRIFT_BOOLEAN, offsetof(struct data_page_2, is_compressed), NULL}};
static const struct thrift_shape DATA = {DATA_FIELDS, COUNT(DATA_FIELDS)},
                                 DICTIONARY = {DICTIONARY_FIELDS, COUNT(DICTIONARY_FIELDS)},
                                 DATA_2 = {DATA_2_FIELDS, COUNT(DATA_2_FIELDS)};
static const struct thrift_field HEADER_FIELDS[] = {
    {1, THRIFT_INTEGER, offsetof(struct page_header, type), NULL},
    {2, THRIFT_INTEGER, offsetof(struct page_header, bytes), NULL},
    {3, THRIFT_INTEGER, offsetof(struct page_header, compressed), NULL},
    {4, THRIFT_INTEGER, offsetof(struct page_header, crc), NULL},
    {5, THRIFT_STRUCT, offsetof(struct page_header, data), &DATA},
    {7, THRIFT_STRUCT, offsetof(struct page_header, dictionary), &DICTIONARY},
    {8, THRIFT_STRUCT, offsetof(struct page_header, data_2), &DATA_2}};
static const struct thrift_shape HEADER = {HEADER_FIELDS, COUNT(HEADER_FIELDS)};

/* ---- Bytes of the chunk ---- */

enum { HEADER_LOOK = 1 << 10, HEADER_MAX = 16 << 20 };

/* n bytes of the chunk from `at`, in c->raw; they must be in it. */
static enum pd_status need_raw(struct parquet_cursor *c, uint64_t at, size_t n, pd_str *out,
                               struct pd_error *err) {
    bool is_there = at >= c->raw_at && at - c->raw_at <= c->raw_len &&
                    n <= c->raw_len - (size_t)(at - c->raw_at);
    if (!is_there) {
        uint64_t left = c->end - at;
        size_t ahead = n > c->read_ahead ? n : c->read_ahead;
        ahead = ahead > left ? (size_t)left : ahead;
        enum pd_status st = parquet_block_need(c->parquet, &c->raw, ahead + PARQUET_SLACK, err);
        c->raw_len = 0;
        if (st == PD_OK)
            st = c->parquet->input.read(c->parquet->input.context, at, c->raw.data, ahead, err);
        if (st != PD_OK)
            return st;
        memset(c->raw.data + ahead, 0, PARQUET_SLACK);
        c->raw_at = at;
        c->raw_len = ahead;
    }
    *out = (pd_str){c->raw.data + (at - c->raw_at), n};
    return PD_OK;
}

static enum pd_status fail_damaged(struct pd_error *err) {
    return pd_fail(err, PD_INVALID, "the head of a page is damaged");
}

/* The next page's head; c->at then is where its bytes begin. Most are small: those of pages with
   statistics of long values aren't. */
static enum pd_status read_header(struct parquet_cursor *c, struct page_header *h,
                                  struct pd_error *err) {
    for (uint64_t look = HEADER_LOOK;; look *= 4) {
        uint64_t left = c->end - c->at;
        pd_str bytes;
        bool is_all = look >= left;
        enum pd_status st = need_raw(c, c->at, (size_t)(is_all ? left : look), &bytes, err);
        if (st != PD_OK)
            return st;
        *h = (struct page_header){.data_2.is_compressed = true};
        struct thrift_reader r = thrift_reader_of(bytes);
        thrift_read(&r, &HEADER, h);
        if (r.failed && !is_all && look < HEADER_MAX)
            continue;
        uint64_t head = (uint64_t)((const char *)r.at - bytes.data);
        if (r.failed || h->bytes < 0 || h->bytes > INT32_MAX || h->compressed < 0 ||
            (uint64_t)h->compressed > left - head)
            return fail_damaged(err);
        c->at += head;
        return PD_OK;
    }
}

static enum pd_status check_crc(const struct page_header *h, pd_str bytes, struct pd_error *err) {
    if ((h->has & THRIFT_HAS(4)) == 0)
        return PD_OK;
    uLong found = crc32_z(0, (const Bytef *)bytes.data, bytes.len);
    return (uint32_t)found == (uint32_t)h->crc
               ? PD_OK
               : pd_fail(err, PD_INVALID, "the checksum of a page is wrong; the file is damaged");
}

/* ---- Kinds of pages ---- */

/* A page of a few bytes may promise a gigabyte, and a file has room for many such pages. */
static enum pd_status count_unpacked(struct table_parquet *p, size_t n, struct pd_error *err) {
    enum { FREE = 256 << 20, RATIO = 250 };
    p->unpacked += n;
    return p->unpacked <= FREE || (p->unpacked - FREE) / RATIO <= p->input.size
               ? PD_OK
               : pd_fail(err, PD_LIMIT,
                         "more than %d times its size comes out of its pages: it is damaged or "
                         "hostile",
                         RATIO);
}

/* `packed` as h says, into `block` behind `head` bytes that are there as they are. What isn't
   compressed stays where it is. */
static enum pd_status unpack(struct parquet_cursor *c, pd_str packed, size_t n,
                             struct parquet_block *block, pd_str *out, struct pd_error *err) {
    if (c->chunk.codec == PARQUET_UNCOMPRESSED && block == &c->page) {
        *out = packed;
        return packed.len == n ? PD_OK : fail_damaged(err);
    }
    enum pd_status st = count_unpacked(c->parquet, n, err);
    if (st == PD_OK)
        st = parquet_block_need(c->parquet, block, n + PARQUET_SLACK, err);
    if (st == PD_OK)
        st = parquet_decompress(c->codecs, c->chunk.codec, packed, block->data, n, err);
    if (st != PD_OK)
        return st;
    memset(block->data + n, 0, PARQUET_SLACK);
    *out = (pd_str){block->data, n};
    return PD_OK;
}

static enum pd_status take_dictionary(struct parquet_cursor *c, const struct page_header *h,
                                      pd_str packed, struct pd_error *err) {
    const struct data_page *d = &h->dictionary;
    bool is_plain = d->encoding == PARQUET_PLAIN || d->encoding == PARQUET_PLAIN_DICTIONARY;
    if ((h->has & THRIFT_HAS(7)) == 0 || d->values < 0 || !is_plain || c->dictionary_id != 0)
        return fail_damaged(err);
    pd_str bytes;
    enum pd_status st = unpack(c, packed, (size_t)h->bytes, &c->dictionary_bytes, &bytes, err);
    if (st == PD_OK)
        st = parquet_dictionary_read(c, bytes, (size_t)d->values, err);
    c->dictionary_id = c->at;
    return st;
}

static uint32_t little_endian(const char *at) {
    uint32_t n;
    memcpy(&n, at, sizeof(n));
    return n;
}

static enum pd_status begin_page(struct parquet_cursor *c, int64_t values, int64_t encoding,
                                 pd_str levels, pd_str bytes, struct pd_error *err) {
    if (values < 0 || (uint64_t)values > c->left)
        return pd_fail(err, PD_INVALID,
                       "its pages hold more rows than the row group; it is damaged");
    if (encoding < 0 || encoding > PARQUET_BYTE_STREAM_SPLIT)
        return pd_fail(err, PD_UNSUPPORTED,
                       "a page is encoded in a way that is not known (%" PRId64 ")", encoding);
    c->left -= (uint64_t)values;
    c->page_rows = (size_t)values;
    c->encoding = (enum parquet_encoding)encoding;
    c->levels = parquet_runs_of(levels, 1);
    return parquet_values_begin(c, bytes, err);
}

static enum pd_status take_data(struct parquet_cursor *c, const struct page_header *h,
                                pd_str packed, struct pd_error *err) {
    pd_str bytes, levels = {"", 0};
    if ((h->has & THRIFT_HAS(5)) == 0)
        return fail_damaged(err);
    enum pd_status st = unpack(c, packed, (size_t)h->bytes, &c->page, &bytes, err);
    if (st != PD_OK)
        return st;
    if (c->column->is_optional) {
        if (h->data.levels_encoding != PARQUET_RLE)
            return pd_fail(err, PD_UNSUPPORTED,
                           "which values are missing is encoded in a way that is no longer in use");
        if (bytes.len < 4 || little_endian(bytes.data) > bytes.len - 4)
            return fail_damaged(err);
        levels = pd_str_sub(bytes, 4, little_endian(bytes.data));
        bytes = pd_str_sub(bytes, 4 + levels.len, SIZE_MAX);
    }
    return begin_page(c, h->data.values, h->data.encoding, levels, bytes, err);
}

/* Levels stand before what is compressed, and the head says their lengths: those of repetition, of
   which a flat column needs none, and those of missing values. */
static enum pd_status take_data_2(struct parquet_cursor *c, const struct page_header *h,
                                  pd_str packed, struct pd_error *err) {
    const struct data_page_2 *d = &h->data_2;
    int64_t both;
    if ((h->has & THRIFT_HAS(8)) == 0 || d->levels_bytes < 0 || d->repetition_bytes < 0 ||
        !pd_add_i64(d->levels_bytes, d->repetition_bytes, &both) || (uint64_t)both > packed.len ||
        both > h->bytes || (d->rows != 0 && d->rows != d->values))
        return fail_damaged(err);
    pd_str levels = pd_str_sub(packed, (size_t)d->repetition_bytes, (size_t)d->levels_bytes),
           bytes = pd_str_sub(packed, (size_t)both, SIZE_MAX);
    enum pd_status st = PD_OK;
    if (d->is_compressed)
        st = unpack(c, bytes, (size_t)(h->bytes - both), &c->page, &bytes, err);
    return st == PD_OK ? begin_page(c, d->values, d->encoding, levels, bytes, err) : st;
}

/* Reads pages until one has rows. */
static enum pd_status next_page(struct parquet_cursor *c, struct pd_error *err) {
    struct page_header h;
    pd_str packed;
    enum pd_status st = PD_OK;
    while (st == PD_OK && c->page_rows == 0) {
        if (c->at >= c->end)
            return pd_fail(err, PD_INVALID, "it has fewer values than rows; it is damaged");
        st = read_header(c, &h, err);
        if (st == PD_OK)
            st = need_raw(c, c->at, (size_t)h.compressed, &packed, err);
        if (st == PD_OK)
            st = check_crc(&h, packed, err);
        if (st != PD_OK)
            return st;
        c->at += (uint64_t)h.compressed;
        if (h.type == PAGE_DATA)
            st = take_data(c, &h, packed, err);
        else if (h.type == PAGE_DATA_2)
            st = take_data_2(c, &h, packed, err);
        else if (h.type == PAGE_DICTIONARY)
            st = take_dictionary(c, &h, packed, err);
        else if (h.type != PAGE_INDEX)
            st = pd_fail(err, PD_UNSUPPORTED, "it has a page of an unknown kind");
    }
    return st;
}

/* ---- The cursor ---- */

enum pd_status parquet_cursor_start(struct parquet_cursor *cursor,
                                    const struct parquet_chunk *chunk, uint64_t rows,
                                    struct pd_error *err) {
    struct parquet_cursor *c = cursor;
    c->chunk = *chunk;
    c->at = (uint64_t)chunk->data_at;
    /* Old writers forgot the head of the dictionary's page when they counted. */
    enum { FORGOTTEN = 100 };
    c->end = c->at + (uint64_t)chunk->compressed_bytes + FORGOTTEN;
    if (c->end > c->parquet->input.size)
        c->end = c->parquet->input.size;
    c->left = rows;
    c->page_rows = c->window_rows = c->row = c->value = c->raw_len = 0;
    c->dictionary_id = 0;
    c->dictionary_count = 0;
    if (c->codecs == NULL)
        c->codecs = parquet_codecs_new();
    if (c->codecs == NULL)
        return pd_fail_memory(err);
    size_t room = parquet_value_size(c->column) * parquet_window_rows(c->column);
    return parquet_block_need(c->parquet, &c->values, room, err);
}

void parquet_cursor_clear(struct parquet_cursor *cursor) {
    struct parquet_block *blocks[] = {
        &cursor->raw,        &cursor->page,   &cursor->dictionary_bytes,
        &cursor->dictionary, &cursor->values, &cursor->joined};
    for (size_t i = 0; i < COUNT(blocks); i++)
        parquet_block_free(cursor->parquet, blocks[i]);
    pd_buf_clear(&cursor->before);
    parquet_codecs_free(cursor->codecs);
    cursor->codecs = NULL;
}

/* Which rows of the window have values; how many have. */
static bool read_levels(struct parquet_cursor *c, size_t rows, size_t *values) {
    c->window.present = NULL;
    *values = rows;
    if (!c->column->is_optional)
        return true;
    if (!parquet_runs_flags(&c->levels, c->present, rows))
        return false;
    size_t sum = 0;
    for (size_t i = 0; i < rows; i++)
        sum += c->present[i];
    *values = sum;
    c->window.present = sum < rows ? c->present : NULL;
    return true;
}

enum pd_status parquet_cursor_fill(struct parquet_cursor *cursor, struct pd_error *err) {
    struct parquet_cursor *c = cursor;
    enum pd_status st = c->page_rows == 0 ? next_page(c, err) : PD_OK;
    if (st != PD_OK)
        return st;
    size_t rows = parquet_window_rows(c->column), wanted;
    rows = c->page_rows < rows ? c->page_rows : rows;
    struct parquet_runs levels = c->levels;
    c->window = (struct table_parquet_vector){.column = c->column};
    if (!read_levels(c, rows, &wanted))
        return pd_fail(err, PD_INVALID, "which values are missing is damaged");
    size_t values = wanted;
    st = parquet_values_read(c, &values, err);
    if (st != PD_OK)
        return st;
    if (values < wanted) { /* the window ends with the last value that was read */
        size_t seen = 0;
        for (rows = 0; seen < values; rows++)
            seen += c->window.present != NULL ? c->present[rows] : 1;
        c->levels = levels;
        if (!read_levels(c, rows, &wanted))
            return pd_fail(err, PD_INTERNAL, "the same levels read twice differ");
    }
    c->page_rows -= rows;
    c->window_rows = rows;
    c->window.count = values;
    c->row = c->value = 0;
    return PD_OK;
}
