/**
 * table/: turns byte streams into batches of cells that are views, and rows back into bytes.
 *
 * Reads CSV as RFC 4180 defines it and as real files are: any encoding of `enum table_encoding`,
 * separators , ; tab | and others, line ends LF, CRLF or lone CR (also mixed), byte order marks,
 * titles above the header or no header at all, quoted line ends, text after a closing quote. Reads
 * JSON as records: JSON Lines, an array, or an object that holds one. What is not given is found
 * from the first bytes, and the evidence is told. The caller feeds bytes in pieces of any size;
 * results do not depend on how the input was cut. Text is decoded and checked to be UTF-8 without
 * NUL where it enters, so that every cell handed out may be trusted.
 *
 * No I/O, no globals. A reader or writer belongs to one thread at a time.
 */
#ifndef POLDER_TABLE_H
#define POLDER_TABLE_H

#include "base/base.h"
#include "table/parquet.h"

/** A cell: `len` bytes from `at` in the batch's bytes. len 0 is an empty cell, quoted or not. */
struct table_cell {
    uint32_t at;
    uint32_t len;
};

/** Some rows; everything in it is the reader's, and valid during the callback only. */
struct table_batch {
    size_t rows, columns;           /* rows >= 1, columns >= 1 */
    const char *bytes;              /* the cells' text, UTF-8, quotes removed */
    const struct table_cell *cells; /* see table_cell_at */
    size_t row_step, column_step;   /* in cells, from one row or column to the next */
    const uint64_t *line;           /* line[r]: physical line (1-based) where r starts */
    uint64_t first_row;             /* 0-based index of row 0 in the table */
};

/** Where one cell is; column < columns and row < rows. */
static inline struct table_cell table_cell_at(const struct table_batch *batch, size_t column,
                                              size_t row) {
    return batch->cells[row * batch->row_step + column * batch->column_step];
}

/** Its text. */
static inline pd_str table_cell_text(const struct table_batch *batch, size_t column, size_t row) {
    struct table_cell cell = table_cell_at(batch, column, row);
    return (pd_str){batch->bytes + cell.at, cell.len};
}

/** Why a record is not a row. */
enum table_aside {
    TABLE_RAGGED, /* its number of fields is not the header's: never shifted, never guessed */
    TABLE_NOTE    /* below the last row: text in its first field only, as no row before it */
};

struct table_set_aside {
    enum table_aside why;
    uint64_t line;    /* physical line (1-based) where the record starts */
    size_t fields;    /* how many it has */
    size_t columns;   /* how many the header has */
    pd_str excerpt;   /* the first bytes as written (at most 200), cut at a character */
    size_t raw_bytes; /* the whole record's length as written, without its line end */
};

/**
 * Who receives what is read. Any function may be NULL. What is passed is borrowed for the call.
 * A status other than PD_OK stops the reading; table_feed or table_finish returns it with `err` as
 * the function left it.
 */
struct table_handler {
    void *context;
    /** Once, before anything else. The names are as written: perhaps blank (all of them where the
        file has no header), perhaps duplicated; see table_names_unique. */
    enum pd_status (*header)(void *context, const pd_str *names, size_t count,
                             struct pd_error *err);
    enum pd_status (*batch)(void *context, const struct table_batch *batch, struct pd_error *err);
    /** Called when the record is met, which may be before the batch with earlier rows. */
    enum pd_status (*set_aside)(void *context, const struct table_set_aside *record,
                                struct pd_error *err);
};

/** Which of the processor's instructions may be used; what comes out doesn't depend on it. */
enum table_instructions {
    TABLE_INSTRUCTIONS_FIND, /* what it has */
    TABLE_INSTRUCTIONS_PLAIN /* those of every processor */
};

/** Bounds on what one input may cost. A zero means the default. */
struct table_limits {
    size_t columns;    /* header fields; default 20,000 */
    size_t cell_bytes; /* one cell as written, quotes included; default 64 MiB */
    size_t row_bytes;  /* one record as written; default 256 MiB, at most 1 GiB */
    size_t
        batch_bytes; /* a batch ends with the row that reaches it; default 256 KiB, at most 1 GiB */
    size_t sample_bytes; /* input held back to find the dialect; default 256 KiB, 64 B to 1 GiB */
    size_t held_bytes;   /* JSON kept until its columns are known; default 64 MiB, at most 1 GiB */
    enum table_instructions instructions;
};
extern const struct table_limits table_limits_default;

/** Which line ends were met outside quotes; a set of bits. */
enum table_line_ends { TABLE_LF = 1, TABLE_CRLF = 2, TABLE_CR = 4 };

/** As separator: the table has one column. As quote: quotes are ordinary text. */
#define TABLE_NONE '\xff' /* a byte that UTF-8 never contains */

/** How records are written. */
enum table_form {
    TABLE_FORM_FIND,
    TABLE_CSV,
    TABLE_JSON,       /* an array of objects, or an object that holds one such array */
    TABLE_JSON_LINES, /* objects, one after the other */
    TABLE_FORM_COUNT
};
const char *table_form_name(enum table_form form); /* "csv" "json" "jsonl"; "" for find */
bool table_form_parse(pd_str name, enum table_form *out);

/** How characters are written. Those from TABLE_ISO_8859_2 on are read when given, never found. */
enum table_encoding {
    TABLE_ENCODING_FIND,
    TABLE_UTF_8,
    TABLE_UTF_16LE,
    TABLE_UTF_16BE,
    TABLE_UTF_32LE, /* these two are found by their byte order mark only */
    TABLE_UTF_32BE,
    TABLE_GB18030, /* and GBK, GB 2312, which it contains */
    TABLE_BIG5,
    TABLE_WINDOWS_1252, /* and Latin-1, of whose control characters no table makes use */
    TABLE_ISO_8859_2,
    TABLE_ISO_8859_15,
    TABLE_WINDOWS_1250,
    TABLE_WINDOWS_1251,
    TABLE_WINDOWS_1253,
    TABLE_WINDOWS_1254,
    TABLE_KOI8_R,
    TABLE_MACINTOSH,
    TABLE_IBM437,
    TABLE_IBM850,
    TABLE_BIG5_HKSCS,
    TABLE_SHIFT_JIS,
    TABLE_EUC_JP,
    TABLE_EUC_KR,
    TABLE_ENCODING_COUNT
};
const char *table_encoding_name(enum table_encoding encoding); /* "Windows-1252"; "" for find */
/** By name or by another one that is in use ("gbk", "latin1", "cp1252"), in any case. */
bool table_encoding_parse(pd_str name, enum table_encoding *out);
/** The encoding of the first bytes of a text, by the evidence that a reader goes by.
 * TABLE_ENCODING_FIND: it can't be told. is_whole: nothing follows. */
enum table_encoding table_encoding_guess(pd_str sample, bool is_whole);

/** Whether the first record of the table names its columns. */
enum table_header { TABLE_HEADER_FIND, TABLE_HEADER_FIRST, TABLE_HEADER_NONE };

enum { TABLE_EVIDENCE_BYTES = 400, TABLE_PATH_BYTES = 256 };

/**
 * How a file is written. A zeroed struct given to a reader means "find it"; what is not zero in it
 * is taken as given. What a reader found, given to another one, makes that read the same way.
 */
struct table_dialect {
    enum table_form form;
    enum table_encoding encoding;
    char separator;     /* CSV: ASCII; 0 = find it */
    char quote;         /* CSV: ASCII; 0 = find it */
    bool has_bom;       /* found; as given: a writer writes one */
    unsigned line_ends; /* enum table_line_ends, as met so far; a writer uses CRLF if that is set */
    enum table_header header;
    uint64_t first_line; /* CSV: physical line where the table begins, header included; 0 = find */
    uint8_t header_records; /* CSV: whose names are joined to one header; 0 = one */
    bool is_exact; /* CSV: every record is a row; no notes are looked for below the table */
    char records[TABLE_PATH_BYTES]; /* JSON: the member that holds the records, "a.b" for one within
                                       another; "" = find it, or the array is the whole */
    const pd_str *names;            /* JSON: the columns, in order; as given copied, as found the
                                       reader's; NULL = find them */
    size_t name_count;
    /* Found: a sentence each for people, NUL-terminated, and never a cell of the table. */
    char evidence[TABLE_EVIDENCE_BYTES]; /* form and separator */
    char encoding_evidence[TABLE_EVIDENCE_BYTES];
    char header_evidence[TABLE_EVIDENCE_BYTES];
};
/** How a table_writer writes by default, so that nothing is left to be found in what it wrote. */
extern const struct table_dialect table_dialect_written;

struct table_counts {
    uint64_t rows;        /* accepted, also those not yet handed out in a batch */
    uint64_t set_aside;   /* records with another number of fields than the header */
    uint64_t notes;       /* records below the table that are notes, not rows */
    uint64_t titles;      /* records above the header, passed over */
    uint64_t trimmed;     /* rows with empty fields beyond the header's, read without them */
    uint64_t blank_lines; /* lines without a byte, skipped */
    uint64_t lines;       /* physical lines begun, those within quotes included */
    uint64_t bytes;       /* fed */
};

struct table_reader;

/**
 * A reader of one table.
 *
 * JSON records may differ in their keys, so the columns are known only when all have been seen: up
 * to limits.held_bytes the reader keeps the text and hands out header and rows at the end. Beyond
 * that, and if the columns were not given, it calls the handler never: table_reader_needs_again
 * is true after table_finish, and a second reader that is given this one's dialect reads the rows.
 *
 * limits, given: may be NULL; copied. handler: copied.
 * Returns PD_OK; PD_USAGE for limits or a dialect out of range; PD_LIMIT when out of memory.
 */
PD_CHECK enum pd_status table_reader_new(const struct table_limits *limits,
                                         const struct table_dialect *given,
                                         const struct table_handler *handler,
                                         struct table_reader **out, struct pd_error *err);

/**
 * Takes the next `n` bytes (may be 0, then `bytes` may be NULL). The bytes are copied.
 *
 * PD_INVALID: a NUL byte, text that is not in its encoding, an encoding that cannot be told, JSON
 * that is not well-formed; says line, column (byte in the line as UTF-8, from 1) and what to do.
 * PD_LIMIT: names the limit and the place. After any failure the reader takes no more: only
 * table_reader_free and the getters remain. Rows after the last complete batch are not handed out
 * when reading fails.
 */
PD_CHECK enum pd_status table_feed(struct table_reader *reader, const void *bytes, size_t n,
                                   struct pd_error *err);

/**
 * The input is complete: hands out what is left. A header without rows is a valid table.
 *
 * PD_INVALID: empty input, a quote that was never closed (names the line where it opened), a
 * character cut off at the end; otherwise as table_feed.
 */
PD_CHECK enum pd_status table_finish(struct table_reader *reader, struct pd_error *err);

void table_reader_free(struct table_reader *reader); /* NULL is fine */

/**
 * Settled from the first callback on; but the encoding of a file that begins with ASCII only, when
 * the first other character is met.
 */
const struct table_dialect *table_reader_dialect(const struct table_reader *reader);
bool table_reader_needs_again(const struct table_reader *reader); /* see table_reader_new */
struct table_counts table_reader_counts(const struct table_reader *reader);

/**
 * Names by which columns can be told apart: the first of equal names stays, later ones become
 * "name_2", "name_3"; a blank one becomes "column_3" after its place. A made name never equals one
 * that the file has: counting goes on until it is free.
 *
 * names, count: as given to the header callback; two names are equal byte for byte; blank means
 *               nothing but spaces and tabs.
 * out:          `count` views, changed ones allocated in `arena`, others as they were in `names`;
 *               unspecified on failure.
 * Returns the number of changed names in `*changed` (may be NULL); PD_LIMIT when out of memory.
 */
PD_CHECK enum pd_status table_names_unique(const pd_str *names, size_t count,
                                           struct pd_arena *arena, pd_str *out, size_t *changed,
                                           struct pd_error *err);

/** Where written bytes go. */
struct table_sink {
    void *context;
    enum pd_status (*write)(void *context, const void *bytes, size_t n, struct pd_error *err);
};
/** Appends to `buf`; a full buffer is PD_LIMIT. */
struct table_sink table_sink_buf(struct pd_buf *buf);

struct table_writer;

/**
 * Writes RFC 4180: cells are quoted when they hold the separator, a quote or a line end (and where
 * a bare cell would be lost: the only cell of a row and empty, or starting with a byte order mark).
 * What is written from UTF-8 without NUL reads back the same under the same dialect.
 *
 * dialect: NULL or zeroed means comma, double quote, LF, no mark. Copied.
 * Returns PD_OK; PD_USAGE for a dialect that cannot be written; PD_LIMIT when out of memory.
 */
PD_CHECK enum pd_status table_writer_new(const struct table_dialect *dialect,
                                         const struct table_sink *sink, struct table_writer **out,
                                         struct pd_error *err);

/**
 * Writes one record; the first one (the header, when there is one) settles the number of columns.
 * PD_USAGE for another number of cells, or none; the sink's status. After a failure of the sink the
 * writer is of no more use.
 */
PD_CHECK enum pd_status table_write_row(struct table_writer *writer, const pd_str *cells, size_t n,
                                        struct pd_error *err);
PD_CHECK enum pd_status table_write_batch(struct table_writer *writer,
                                          const struct table_batch *batch, struct pd_error *err);
/** Hands what is still held to the sink. Needed once at the end. */
PD_CHECK enum pd_status table_writer_finish(struct table_writer *writer, struct pd_error *err);
void table_writer_free(struct table_writer *writer); /* NULL is fine */

#endif
