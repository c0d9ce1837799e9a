/* The insides of Parquet, shared by parquet*.c. Never leaves the folder.
 *
 * A file is row groups, a row group has a chunk for each column, a chunk is pages: perhaps one that
 * holds a dictionary, then some with values. Each column has a cursor that walks its pages; what it
 * decodes at a time is a window of at most PARQUET_WINDOW rows. Columns' pages end at different
 * rows, so a batch is as long as the shortest window.
 */
#ifndef POLDER_TABLE_PARQUET_IMPL_H
#define POLDER_TABLE_PARQUET_IMPL_H

#include "table/parquet_thrift.h"
#include "table/table_impl.h"

enum {
    PARQUET_WINDOW = 2048,
    PARQUET_COLUMNS_MAX = 20000,
    PARQUET_WINDOW_BYTES = 4 << 20, /* of values that are put together: what ends a window early */
    PARQUET_SLACK = 16              /* readable bytes behind what is decoded */
};
#define PARQUET_MEMORY     ((size_t)1 << 30)
#define PARQUET_FOOTER_MAX ((uint64_t)128 << 20)
#define PARQUET_CELL_MAX   ((size_t)64 << 20) /* as table_limits_default */

/* ---- parquet_footer.c: what a file says of itself ---- */

struct parquet_statistics {
    uint32_t has;
    pd_str max, min; /* of writers that compared as signed bytes */
    int64_t null_count;
    pd_str max_value, min_value;
};
enum parquet_codec {
    PARQUET_UNCOMPRESSED,
    PARQUET_SNAPPY,
    PARQUET_GZIP,
    PARQUET_LZO,
    PARQUET_BROTLI,
    PARQUET_LZ4_HADOOP,
    PARQUET_ZSTD,
    PARQUET_LZ4_RAW,
    PARQUET_CODEC_COUNT
};
struct parquet_chunk { /* ColumnMetaData */
    uint32_t has;
    int64_t type, codec, values, compressed_bytes, data_at, index_at, dictionary_at;
    struct parquet_statistics statistics;
};
struct parquet_group { /* RowGroup */
    uint32_t has;
    struct thrift_list chunks;
    int64_t rows;
};

struct table_parquet {
    struct table_parquet_input input;
    struct pd_arena *arena; /* of what the footer says */
    size_t memory, limit;   /* bytes held now for pages; may be held */
    uint64_t unpacked;      /* bytes that came out of pages in this scan */
    struct table_parquet_column *columns;
    size_t column_count;
    struct parquet_group *groups;
    size_t group_count;
    uint64_t rows;
    const struct table_wide *wide;
};
PD_CHECK enum pd_status parquet_footer_read(struct table_parquet *parquet, struct pd_error *err);
/* The chunks of a row group, one for each column of the file. */
PD_CHECK enum pd_status parquet_group_chunks(const struct table_parquet *parquet, size_t group,
                                             struct parquet_chunk *out, struct pd_error *err);

/* ---- parquet_codec.c ---- */

struct parquet_codecs; /* what decompressors keep between pages */
struct parquet_codecs *parquet_codecs_new(void);
void parquet_codecs_free(struct parquet_codecs *codecs); /* NULL is fine */
/* Exactly out_n bytes must come out. */
PD_CHECK enum pd_status parquet_decompress(struct parquet_codecs *codecs, int64_t codec, pd_str in,
                                           char *out, size_t out_n, struct pd_error *err);

/* Appends what is compressed; only codecs that parquet_codec_parse knows. */
PD_CHECK enum pd_status parquet_compress(enum parquet_codec codec, pd_str in, struct pd_buf *out,
                                         struct pd_error *err);
bool parquet_codec_parse(pd_str name, enum parquet_codec *out);

/* ---- parquet_bits.c: numbers in few bits ---- */

/* The hybrid of runs and bit-packed groups of 8. Reads past the end give failed. */
struct parquet_runs {
    const uint8_t *at, *end;
    unsigned width;  /* bits, 0 to 32 */
    uint32_t value;  /* of the run */
    uint64_t run;    /* values left of it */
    uint64_t packed; /* values left of bit-packed groups */
    unsigned bit;    /* of *at where the next one begins */
    bool failed;
};
struct parquet_runs parquet_runs_of(pd_str bytes, unsigned width);
/* The next n values; false: there are not so many. */
bool parquet_runs_read(struct parquet_runs *runs, uint32_t *out, size_t n);
/* The same of width 1, as bytes 0 and 1. */
bool parquet_runs_flags(struct parquet_runs *runs, uint8_t *out, size_t n);

/* DELTA_BINARY_PACKED. */
struct parquet_delta {
    const uint8_t *at, *end;
    uint64_t block, mini; /* values in a block; in one of its parts */
    uint64_t left;        /* values not read yet */
    uint64_t in_block, in_mini;
    const uint8_t *widths;
    const uint8_t *bits; /* of the part at hand */
    uint64_t bit;
    unsigned width, part, parts;
    uint64_t value, least;
    bool is_first, failed;
};
struct parquet_delta parquet_delta_of(pd_str bytes);
/* The next n values (out NULL: passes over them); false: there are not so many. */
bool parquet_delta_read(struct parquet_delta *delta, int64_t *out, size_t n);
/* Behind the last value, when all have been read. */
const uint8_t *parquet_delta_end(const struct parquet_delta *delta);

/* ---- parquet_page.c: a column's cursor ---- */

/* Memory that counts against the file's limit. */
struct parquet_block {
    char *data;
    size_t room;
};
PD_CHECK enum pd_status parquet_block_need(struct table_parquet *parquet,
                                           struct parquet_block *block, size_t n,
                                           struct pd_error *err);
void parquet_block_free(struct table_parquet *parquet, struct parquet_block *block);

enum parquet_encoding {
    PARQUET_PLAIN,
    PARQUET_PLAIN_DICTIONARY = 2,
    PARQUET_RLE,
    PARQUET_BIT_PACKED,
    PARQUET_DELTA_BINARY_PACKED,
    PARQUET_DELTA_LENGTH_BYTE_ARRAY,
    PARQUET_DELTA_BYTE_ARRAY,
    PARQUET_RLE_DICTIONARY,
    PARQUET_BYTE_STREAM_SPLIT
};

struct parquet_cursor {
    struct table_parquet *parquet;
    const struct table_parquet_column *column;
    struct parquet_chunk chunk;
    struct parquet_codecs *codecs;
    uint64_t at, end; /* in the file: the next page, the chunk's end */
    uint64_t left;    /* rows of the chunk that no page read so far holds */
    size_t read_ahead;

    struct parquet_block raw; /* of the file, from raw_at */
    uint64_t raw_at;
    size_t raw_len;
    struct parquet_block page; /* decompressed */

    /* The page at hand. */
    size_t page_rows; /* not decoded yet */
    enum parquet_encoding encoding;
    struct parquet_runs levels;
    pd_str rest;     /* PLAIN: what comes next; BYTE_STREAM_SPLIT: the whole */
    size_t split_at; /* BYTE_STREAM_SPLIT: the next value's number */
    struct parquet_runs codes;
    struct parquet_delta numbers, prefixes; /* lengths; and of DELTA_BYTE_ARRAY what is shared */
    struct pd_buf before;                   /* DELTA_BYTE_ARRAY: the last value */
    unsigned bit;                           /* PLAIN booleans: of the first byte of rest */

    /* The dictionary of the chunk: by type, as vectors have it. */
    struct parquet_block dictionary_bytes, dictionary;
    size_t dictionary_count;
    uint64_t dictionary_id; /* its place in the file; 0: there is none */

    /* The window: what was decoded, and where the next batch begins in it. */
    size_t window_rows, row, value;
    struct table_parquet_vector window; /* the whole of it */
    uint8_t present[PARQUET_WINDOW];
    uint32_t codes_room[PARQUET_WINDOW];
    struct parquet_block values; /* room for decoded values, by type */
    struct parquet_block joined; /* bytes of values that had to be put together */
};
PD_CHECK enum pd_status parquet_cursor_start(struct parquet_cursor *cursor,
                                             const struct parquet_chunk *chunk, uint64_t rows,
                                             struct pd_error *err);
void parquet_cursor_clear(struct parquet_cursor *cursor);
/* Fills an empty window from the page at hand or the next one. Rows must be left. */
PD_CHECK enum pd_status parquet_cursor_fill(struct parquet_cursor *cursor, struct pd_error *err);

/* parquet_values.c */
PD_CHECK enum pd_status parquet_values_begin(struct parquet_cursor *cursor, pd_str bytes,
                                             struct pd_error *err);
/* Decodes n values into the window, or fewer of DELTA_BYTE_ARRAY: *n says how many. */
PD_CHECK enum pd_status parquet_values_read(struct parquet_cursor *cursor, size_t *n,
                                            struct pd_error *err);
PD_CHECK enum pd_status parquet_dictionary_read(struct parquet_cursor *cursor, pd_str bytes,
                                                size_t count, struct pd_error *err);
/* Bytes that a value of the column's type takes in a window; and the most rows of one. */
size_t parquet_value_size(const struct table_parquet_column *column);
size_t parquet_window_rows(const struct table_parquet_column *column);

/* ---- parquet.c ---- */

/* Rows and values of a vector from the given ones on. */
struct table_parquet_vector parquet_vector_part(const struct table_parquet_vector *v, size_t row,
                                                size_t value, size_t rows);
/* Value i, or entry i of the dictionary: a pd_str of BYTES, else `width` bytes. */
const void *parquet_vector_value(const struct table_parquet_vector *v, size_t i);

/* ---- parquet_text.c: values as cells ---- */

enum {
    PARQUET_TEXT_MAX = 80,    /* of a number or a moment */
    PARQUET_DECIMAL_MAX = 256 /* bytes of a decimal */
};

/* How the values of a column become text. */
struct parquet_pen {
    size_t (*write)(const struct table_parquet_column *column, const void *value, char *out);
    bool is_text;    /* bytes as they are, to be checked */
    size_t fixed;    /* the most that a value takes, */
    size_t per_byte; /* and so much for each of its bytes */
};
struct parquet_pen parquet_pen_of(const struct table_parquet_column *column);

/* ---- parquet_range.c ---- */

/* PD_USAGE: a range of a column that isn't wanted, or with a bound that is none. */
PD_CHECK enum pd_status parquet_ranges_check(const struct table_parquet *parquet,
                                             const struct table_parquet_wanted *wanted,
                                             struct pd_error *err);
/* Whether statistics say that no value of the chunk lies within. */
bool parquet_group_is_outside(const struct table_parquet_column *column,
                              const struct parquet_chunk *chunk,
                              const struct table_parquet_range *range);
/* Clears is_kept of rows that don't; how many are left. */
size_t parquet_rows_within(const struct table_parquet_column *column,
                           const struct table_parquet_range *range, const char *bytes,
                           const struct table_cell *cells, uint8_t *is_kept, size_t rows);

/* ---- parquet_cells.c: cells as values ---- */

struct parquet_value {
    union {
        uint8_t boolean;
        int32_t int32;
        int64_t int64;
        double real;
        char fixed[16];
    } is;
};
/* The value of which the pen makes this cell again; false: the type has none. */
bool parquet_cell_value(const struct table_parquet_column *column, pd_str cell,
                        struct parquet_value *out);
/* Whether there are such types at all. */
bool parquet_cell_is_known(const struct table_parquet_column *column);

#endif
