/**
 * The reader's insides, shared by reader.c (bytes in), record.c (records out), text.c (checks) and
 * dialect.c (how the file is written). Never leaves the folder.
 *
 * Input is copied once, into `text`, and cells are views into it: a cell whose written form differs
 * from its value (doubled quotes) is shortened in place when its record is accepted.
 */
#ifndef POLDER_TABLE_IMPL_H
#define POLDER_TABLE_IMPL_H

#include "table/table.h"

enum {
    TABLE_BLOCK = 64,         /* bytes looked at together; text has this much room behind its end */
    TABLE_EXCERPT_BYTES = 200 /* of a record that is set aside */
};

/** Where the reader stands within a cell. */
enum table_place {
    TABLE_IN_PLAIN,   /* at its start, or in unquoted text */
    TABLE_IN_QUOTES,  /* after the opening quote */
    TABLE_AFTER_QUOTE /* after a quote that closes, unless another quote follows at once */
};

enum table_phase {
    TABLE_SAMPLING, /* input is held back until the dialect can be found */
    TABLE_READING,
    TABLE_ENDED /* finished or failed */
};

struct table_reader {
    struct table_limits limits;
    struct table_dialect dialect;
    struct table_handler handler;
    struct table_counts counts;
    enum table_phase phase;

    /* Bytes not yet handed out. Positions below are offsets in `text`. */
    char *text;
    size_t len, room;
    uint64_t text_at;   /* offset of text[0] in the input */
    size_t checked;     /* up to here it is UTF-8 without NUL, ending at a character's end */
    size_t scanned;     /* up to here records have been found; <= checked */
    size_t batch_start; /* cells' `at` counts from here */
    size_t record_start;
    size_t cell_start;
    size_t quote_at; /* TABLE_AFTER_QUOTE: the quote */

    /* The record being read. */
    enum table_place place;
    bool has_quotes;  /* a cell of this record is quoted */
    bool after_cr;    /* the last record ended in CR: LF at record_start belongs to it */
    size_t fields;    /* cells completed */
    uint64_t line;    /* physical line at `scanned`, from 1 */
    uint64_t line_at; /* offset of its first byte in the input */
    uint64_t record_line;
    uint64_t quote_line, quote_column; /* where the last quoted cell opened */

    /* The batch being filled. Until the header is known: one row, growing columns. */
    bool has_header;
    size_t columns;
    size_t rows, rows_room;
    size_t stride; /* cells from one column to the next */
    struct table_cell *cells;
    const struct table_cell **column;
    uint64_t *row_line;
    uint64_t first_row;
};

/**
 * Bit i is set if byte i of the 64 at `block` is the separator, the quote, LF or CR. The hot loop's
 * one question: it lets the reader skip over plain text without looking at each byte.
 */
uint64_t table_text_marks(const char *block, char separator, char quote);

/**
 * Length of the longest prefix that is UTF-8 without NUL; a character cut off at the end is left
 * out and not an error. `*bad` tells if a wrong byte stands there.
 */
size_t table_text_check(const char *text, size_t n, bool *bad);

/** The error for what table_text_check stopped at, `column` bytes into physical line `line`. */
enum pd_status table_text_fail(const char *at, size_t n, uint64_t input_at, uint64_t line,
                               uint64_t column, struct pd_error *err);

/** Line and column (from 1) of an offset in `text` that is >= scanned. */
void table_reader_place(const struct table_reader *r, size_t at, uint64_t *line, uint64_t *column);

/** Finds records in text[scanned .. checked). */
enum pd_status table_record_scan(struct table_reader *r, struct pd_error *err);
/** Ends the last record, if the input does not end in a line end, and hands out the last batch. */
enum pd_status table_record_finish(struct table_reader *r, struct pd_error *err);

/** PD_USAGE if separator or quote cannot serve; fills in the default quote. */
enum pd_status table_dialect_check(struct table_dialect *dialect, struct pd_error *err);
/** Settles mark, separator and evidence from the first bytes. is_whole: there is no more. */
void table_dialect_find(pd_str sample, bool is_whole, struct table_dialect *dialect);

/** Number of bytes of byte order marks at the start; some files have two. */
size_t table_dialect_bom(pd_str text);

#endif
