/**
 * The reader's insides, shared by reader.c (bytes in), rows.c, record.c and json.c (records out),
 * text.c (checks), dialect.c and layout.c (how the file is written). Never leaves the folder.
 *
 * Cells are views into `text`, where input is copied to: a cell whose written form differs from its
 * value (doubled quotes) is shortened in place when its record is accepted. Rows with nothing to
 * think about are read where the caller has them, as long as whole batches are (`lent`).
 */
#ifndef POLDER_TABLE_IMPL_H
#define POLDER_TABLE_IMPL_H

#include "table/table.h"

enum {
    TABLE_PLACES_OVER = 64,
    TABLE_BLOCK = 64, /* bytes looked at together; text has this much room behind its end */
    /* Bytes that are looked at in one pass, at most: so few vectors that a byte counts them. */
    TABLE_LOOK = 127 * TABLE_BLOCK,
    TABLE_CELLS_OVER = 8,
    TABLE_EXCERPT_BYTES = 200, /* of a record that is set aside */
    TABLE_TAIL_ROWS = 40       /* notes below a table, at most */
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

/* ---- wide.c: many bytes at once ---- */

/** What stands in a stretch of text that begins with a record, outside quotes. */
struct table_look {
    size_t count;   /* separators and line feeds */
    size_t feeds;   /* line feeds among them */
    size_t returns; /* carriage returns, but for one at the very end */
    bool is_ascii, has_quotes;
    /* NUL or what is not UTF-8 (a character may go on behind the end); a quote that doesn't open or
       close a whole cell; a line end within quotes. */
    bool is_odd;
    /* Where they are, ascending, from the second on; the first is one before the text. */
    uint32_t places[1 + TABLE_LOOK + TABLE_PLACES_OVER];
};

struct table_wide {
    const char *name;
    /** Looks at `blocks` blocks, at most TABLE_LOOK bytes. If it is odd, that is all it says. */
    void (*look)(const char *text, size_t blocks, char separator, char quote,
                 struct table_look *out);
    /**
     * The `n` cells that end at places[1 .. n], each beginning behind the one before, `base` bytes
     * on. `out` has room for TABLE_CELLS_OVER more.
     */
    void (*cells)(const uint32_t *places, size_t n, uint32_t base, struct table_cell *out);
    /**
     * Bit i of out[b] is set if byte 64 * b + i is the separator, the quote, LF or CR. The hot
     * loop's one question: it lets the reader skip plain text without looking at each byte.
     */
    void (*marks)(const char *text, size_t blocks, char separator, char quote, uint64_t *out);
    /**
     * The places of the bits that are set, ascending; returns how many. `out` has room for all
     * bits and TABLE_PLACES_OVER more.
     */
    size_t (*places)(const uint64_t *marks, size_t blocks, uint32_t *out);
    /** Length of a prefix that is ASCII without NUL; it may go on behind it. */
    size_t (*ascii)(const char *text, size_t n);
    /** Length of a prefix that is UTF-8 without NUL and ends at a character's end; likewise. */
    size_t (*utf8)(const char *text, size_t n);
};
const struct table_wide *table_wide_get(enum table_instructions instructions);

struct table_reader {
    struct table_limits limits;
    const struct table_wide *wide;
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

    /* The caller's bytes while they are read where they are, instead of `text`: rows.c */
    const char *lent;
    size_t lent_len;
    size_t lendable; /* so much of the end of `text` is still to be had there; 0: nothing */
    bool is_ceded;   /* a batch was handed out, and what follows should be read there */

    /* The record being read. */
    enum table_place place;
    bool has_quotes;  /* a cell of this record is quoted */
    bool has_extra;   /* a field beyond the header's is not empty */
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
    struct table_cell *cells; /* row by row */
    uint64_t *row_line;
    uint64_t first_row;
    pd_str *names; /* of the header's records so far, when it has several; each owned */
    size_t name_count;
    uint8_t header_records;

    /* The last rows of the batch, if they may be notes below the table: tail.c */
    struct table_tail {
        size_t count; /* rows */
        size_t notes; /* of these with text; the others are empty */
        bool is_off;  /* a row amid the table looks like a note, so none is told apart */
        size_t start[TABLE_TAIL_ROWS], end[TABLE_TAIL_ROWS]; /* offsets in `text` */
    } tail;

    struct table_decoder *decoder; /* NULL: the input is UTF-8 */
    bool encoding_is_given;
    bool encoding_is_open;   /* ASCII so far: the first other byte decides */
    bool is_undecodable;     /* bytes that are none of its characters follow `len` */
    struct table_json *json; /* NULL: CSV */
    struct table_look look;
};

/**
 * rows.c: takes whole rows from text[scanned ..] on, checked or not, as long as nothing needs a
 * closer look. *refused: up to here one is needed, and then to the end of the record.
 */
enum pd_status table_rows_take(struct table_reader *r, size_t *refused, struct pd_error *err);

/** tail.c: a row was added, which was text[start .. end). */
void table_tail_add(struct table_reader *r, size_t start, size_t end);
/** At the end of input: takes the notes out of the batch and tells of them. */
enum pd_status table_tail_finish(struct table_reader *r, struct pd_error *err);

/** record.c: hands out the first `rows` rows of the batch; the others begin the next one, at `end`
    or where the first of them does. */
enum pd_status table_record_hand_out(struct table_reader *r, size_t end, struct pd_error *err);
/** A record begins at `at`. */
void table_record_start(struct table_reader *r, size_t at);
/** Replaces the header's cells by room for a batch of r->columns columns. */
enum pd_status table_record_make_batch(struct table_reader *r, struct pd_error *err);

/**
 * Length of the longest prefix that is UTF-8 without NUL; a character cut off at the end is left
 * out and not an error. `*bad` tells if a wrong byte stands there.
 */
size_t table_text_check(const struct table_wide *wide, const char *text, size_t n, bool *bad);

/** Length of the longest prefix that is ASCII without NUL. */
size_t table_text_ascii(const struct table_wide *wide, const char *text, size_t n);

/**
 * The error for what table_text_check stopped at, `column` bytes into physical line `line`.
 * evidence: why the text was taken for UTF-8.
 */
enum pd_status table_text_fail(const char *at, size_t n, uint64_t line, uint64_t column,
                               const char *evidence, struct pd_error *err);

/** Line and column (from 1) of an offset in `text` that is >= scanned. */
void table_reader_place(const struct table_reader *r, size_t at, uint64_t *line, uint64_t *column);

/** Finds records in text[scanned .. checked), and stops where one begins behind `pause`. */
enum pd_status table_record_scan(struct table_reader *r, size_t pause, struct pd_error *err);
/** Ends the last record, if the input does not end in a line end, and hands out the last batch. */
enum pd_status table_record_finish(struct table_reader *r, struct pd_error *err);

/** PD_USAGE if separator or quote cannot serve; fills in the default quote. */
enum pd_status table_dialect_check(struct table_dialect *dialect, struct pd_error *err);
/**
 * Settles separator, quote and their evidence from the first text. is_whole: there is no more.
 * Returns the line where the table can begin at the earliest: 2 below a line such as "sep=;".
 */
uint64_t table_dialect_find(pd_str sample, bool is_whole, struct table_dialect *dialect);

/** Settles where the table begins and whether it has a header. */
enum pd_status table_layout_find(pd_str sample, bool is_whole, uint64_t least_line,
                                 struct table_dialect *dialect, struct pd_error *err);

/** A copy of names with their texts, in one block that free() frees. */
enum pd_status table_names_copy(const pd_str *names, size_t count, const pd_str **out,
                                struct pd_error *err);

/** Number of bytes of byte order marks at the start; some files have two. */
size_t table_dialect_bom(pd_str text);

#endif
