/**
 * Parquet (parquet.apache.org/docs/file-format) as a table: flat schemas, every encoding and codec
 * that the format names but LZO and Brotli, read column by column in bounded memory. A column that
 * is nested or repeated is refused by name. Part of table.h, which includes it.
 *
 * Everything in a file is a claim: lengths, counts, offsets and statistics are checked or bounded
 * before they are used, and statistics never stand in for values that were asked for.
 */
#ifndef POLDER_TABLE_PARQUET_H
#define POLDER_TABLE_PARQUET_H

#include "base/base.h"

struct table_handler;
struct table_batch;

/** Where the file's bytes come from; any offset, in any order. */
struct table_parquet_input {
    void *context;
    uint64_t size;
    /** Exactly n bytes, which lie within `size`. */
    enum pd_status (*read)(void *context, uint64_t offset, void *out, size_t n,
                           struct pd_error *err);
};
/** Of bytes in memory, which must live as long as what reads them: `bytes` itself, too. */
struct table_parquet_input table_parquet_input_of(const pd_str *bytes);

/** How values are stored. */
enum table_parquet_type {
    TABLE_PARQUET_BOOLEAN,
    TABLE_PARQUET_INT32,
    TABLE_PARQUET_INT64,
    TABLE_PARQUET_INT96, /* nanoseconds of the day, and a Julian day: a moment */
    TABLE_PARQUET_FLOAT,
    TABLE_PARQUET_DOUBLE,
    TABLE_PARQUET_BYTES,
    TABLE_PARQUET_FIXED_BYTES,
    TABLE_PARQUET_TYPE_COUNT
};

/** What they mean. */
enum table_parquet_meaning {
    TABLE_PARQUET_PLAIN, /* what the type says; bytes: table_parquet_read makes them TEXT or BINARY
                          */
    TABLE_PARQUET_TEXT,  /* STRING, ENUM, JSON */
    TABLE_PARQUET_UNSIGNED,
    TABLE_PARQUET_DECIMAL,
    TABLE_PARQUET_DATE,
    TABLE_PARQUET_TIME,
    TABLE_PARQUET_TIMESTAMP,
    TABLE_PARQUET_INTERVAL,
    TABLE_PARQUET_UUID,
    TABLE_PARQUET_FLOAT16,
    TABLE_PARQUET_BINARY /* BSON, geometries */
};

struct table_parquet_column {
    pd_str name;
    enum table_parquet_type type;
    size_t width; /* bytes of each value; 0: they differ */
    enum table_parquet_meaning meaning;
    bool is_optional; /* may lack values */
    bool is_utc;      /* times */
    unsigned digits;  /* after the point: of decimals; of the second of times: 3, 6 or 9 */
};

struct table_parquet;

/**
 * Opens a file and reads what it says of itself. limit_bytes: memory for all of it; 0: 1 GiB.
 * input: copied.
 * PD_INVALID: damaged, cut off; PD_UNSUPPORTED: nested (names the column), encrypted, in several
 * files; PD_LIMIT: more than 20,000 columns, out of memory; and whatever `read` returns.
 */
PD_CHECK enum pd_status table_parquet_open(const struct table_parquet_input *input,
                                           size_t limit_bytes, struct table_parquet **out,
                                           struct pd_error *err);
void table_parquet_close(struct table_parquet *parquet); /* NULL is fine */

size_t table_parquet_columns(const struct table_parquet *parquet);
/** Lives as long as `parquet`. */
const struct table_parquet_column *table_parquet_column(const struct table_parquet *parquet,
                                                        size_t column);
uint64_t table_parquet_rows(const struct table_parquet *parquet); /* as the file says */
size_t table_parquet_groups(const struct table_parquet *parquet); /* row groups */

/** Rows in which a cell lies between bounds, both included; an empty bound is none. Bounds are
 * written as cells are: numbers are compared as such, everything else letter by letter, which for
 * dates and times is their order. A missing value lies nowhere. */
struct table_parquet_range {
    size_t place; /* of the column among those that are wanted */
    pd_str least, most;
};

/** What is wanted of a file; zeroed: everything. Columns that aren't wanted are not read, nor row
 * groups that by their statistics hold no row within all ranges. */
struct table_parquet_wanted {
    const size_t *columns; /* by number, in the order in which they are to come; NULL: all */
    size_t column_count;
    const struct table_parquet_range *ranges;
    size_t range_count;
};

/** Values of one column, for some rows that follow one another. */
struct table_parquet_vector {
    const struct table_parquet_column *column;
    const uint8_t *present; /* by row: 1 if it has a value, 0 if not; NULL: all have */
    size_t count;           /* of values: as many as rows that have one */
    const uint32_t *codes;  /* not NULL: value i is the codes[i]-th of a dictionary */
    size_t dictionary;      /* then: how many there are in it */
    uint64_t dictionary_id; /* of one column the same: the same dictionary */
    union {                 /* of values, or of the dictionary; by the column's type */
        const uint8_t *booleans;
        const int32_t *int32;
        const int64_t *int64;
        const float *floats;
        const double *doubles;
        const pd_str *bytes;
        const char *fixed; /* width bytes each; INT96 and FIXED_BYTES */
    } values;
};
struct table_parquet_vectors {
    size_t rows;
    uint64_t first_row;
    size_t columns;
    const struct table_parquet_vector *vector;
};

/**
 * Hands out values as they are stored, without copying more than must be; of a row group that may
 * hold rows within the ranges all rows. What is passed is borrowed for the call; a status other
 * than PD_OK stops the reading and is returned. PD_INVALID and PD_UNSUPPORTED name column and row
 * group.
 */
PD_CHECK enum pd_status table_parquet_scan(
    struct table_parquet *parquet, const struct table_parquet_wanted *wanted,
    enum pd_status (*take)(void *context, const struct table_parquet_vectors *vectors,
                           struct pd_error *err),
    void *context, struct pd_error *err);

/**
 * Hands out the table as table_reader does: the header, then batches of cells as text, written as
 * docs/reference/forms.md says. A line of a batch is its row's number, the header's being 1. Bytes
 * that the file doesn't say to be text are looked at first: they are if all values of the column
 * are. PD_INVALID also for text that is not UTF-8 or holds a zero byte.
 */
PD_CHECK enum pd_status table_parquet_read(struct table_parquet *parquet,
                                           const struct table_parquet_wanted *wanted,
                                           const struct table_handler *handler,
                                           struct pd_error *err);

/* ---- Writing ---- */

struct table_sink;

/**
 * Finds types for a table's columns: of each the narrowest from which every cell comes back as it
 * is written (so 007 and 1.50 beside 1.5 are text); an empty cell is a value that is missing. `add`
 * is given all rows; `get` fills as many columns, named by `names`, which must live as long.
 */
struct table_parquet_types;
PD_CHECK enum pd_status table_parquet_types_new(size_t columns, struct table_parquet_types **out,
                                                struct pd_error *err);
void table_parquet_types_add(struct table_parquet_types *types, const struct table_batch *batch);
void table_parquet_types_get(const struct table_parquet_types *types, const pd_str *names,
                             struct table_parquet_column *out);
void table_parquet_types_free(struct table_parquet_types *types); /* NULL is fine */

/**
 * Writes a Parquet file in one pass: pages of the first version with checksums, dictionaries where
 * values repeat, statistics of each row group. Holds one row group in memory.
 *
 * columns: of types that table_parquet_types finds; copied. codec: "zstd", "snappy", "gzip", "lz4"
 * or "none". group_rows: of a row group, 0 or at most 122,880; one of 64 MiB of text ends earlier.
 * PD_USAGE: another codec or type. write: PD_INVALID: a cell that its column's type can't hold; the
 * sink's status. After a failure the writer is of no more use.
 */
struct table_parquet_writer;
PD_CHECK enum pd_status table_parquet_writer_new(const struct table_parquet_column *columns,
                                                 size_t count, pd_str codec, size_t group_rows,
                                                 const struct table_sink *sink,
                                                 struct table_parquet_writer **out,
                                                 struct pd_error *err);
PD_CHECK enum pd_status table_parquet_write_batch(struct table_parquet_writer *writer,
                                                  const struct table_batch *batch,
                                                  struct pd_error *err);
PD_CHECK enum pd_status table_parquet_writer_finish(struct table_parquet_writer *writer,
                                                    struct pd_error *err);
void table_parquet_writer_free(struct table_parquet_writer *writer); /* NULL is fine */

#endif
