/* What the files of source/ share and nobody else sees. */
#ifndef POLDER_SOURCE_IMPL_H
#define POLDER_SOURCE_IMPL_H

#include "source/source.h"

/* Bounds on what one source may cost (docs/reference/forms.md). */
enum {
    SOURCE_MIB = 1 << 20,
    SOURCE_TEXT_MIB = 256,    /* text of one document */
    SOURCE_MEMORY_MIB = 3072, /* of the reader */
    SOURCE_CPU_SECONDS = 900, /* of the reader */
    SOURCE_WHOLE_MIB = 512,   /* of a form that must lie in memory whole */
    SOURCE_FREE_MIB = 256,    /* may come out of however little */
    SOURCE_RATIO_MAX = 250,   /* beyond that: bytes out per byte in */
    SOURCE_CELL_BYTES = 1 << 20,
    SOURCE_TALES_BYTES = 1 << 20,
    SOURCE_PARTS_MAX = 10000,
    SOURCE_NOTES_MAX = 100
};
#define SOURCE_WALL_MS   (UINT64_C(1800) * 1000)
#define SOURCE_OUT_BYTES (UINT64_C(64) << 30) /* what a source may unpack to */

/* ---- spool.c ---- */

/* Bytes that are not to be found by others, sealed in an unlinked file: read as often as needed,
 * nothing is left afterwards. */
struct source_spool;

PD_CHECK enum pd_status source_spool_new(const char *folder, struct source_spool **out,
                                         struct pd_error *err);
/* Appends; source_spool_end makes what was added readable, and no more can be added. */
PD_CHECK enum pd_status source_spool_add(struct source_spool *spool, const void *bytes, size_t n,
                                         struct pd_error *err);
PD_CHECK enum pd_status source_spool_end(struct source_spool *spool, struct pd_error *err);
/* Reads input_fd to its end. PD_LIMIT over limit_bytes (0: none); PD_IO. */
PD_CHECK enum pd_status source_spool_fill(int input_fd, const char *folder, uint64_t limit_bytes,
                                          struct source_spool **out, struct pd_error *err);
uint64_t source_spool_size(const struct source_spool *spool);
/* *n in: room; out: bytes read from `offset`, 0 at the end. PD_INTERNAL if the file was altered. */
PD_CHECK enum pd_status source_spool_read(struct source_spool *spool, uint64_t offset, void *out,
                                          size_t *n, struct pd_error *err);
void source_spool_free(struct source_spool *spool); /* NULL is fine */

/* ---- location.c ---- */

enum source_place { SOURCE_AT_FILE, SOURCE_AT_INPUT, SOURCE_AT_POSTGRESQL, SOURCE_AT_ODBC };

/* A location taken apart; its texts live in the arena. */
struct source_address {
    enum source_place place;
    bool is_sqlite;   /* sqlite: was said */
    const char *path; /* of a file, as given; the URL without its part; the DSN */
    pd_str part;      /* without '#' and "query=" */
    bool is_query;
};
PD_CHECK enum pd_status source_address_parse(const char *location, struct pd_arena *arena,
                                             struct source_address *out, struct pd_error *err);

/* ---- sniff.c ---- */

/* Whether the form needs parsing before it is bytes of a table. */
bool source_form_is_parsed(enum source_form form);
/* For SOURCE_REFUSED: PD_UNSUPPORTED and what to do instead. */
PD_CHECK enum pd_status source_refuse_form(pd_str head, struct pd_error *err);
/* A sentence if the extension of `name` promises another form than this; else empty. */
pd_str source_mismatch(pd_str name, enum source_form form, struct pd_arena *arena);
/* PD_INVALID: the name promises a form that these first bytes, which look like text to
 * source_sniff, are not, and text they aren't either. */
PD_CHECK enum pd_status source_check_promise(pd_str name, pd_str head, struct pd_error *err);
enum source_form source_form_of_code(pd_str code); /* SOURCE_FORM_COUNT: none */

/* ---- What opening gathers ---- */

/* Notes and bytes of one opening; turns into source_about. */
struct source_intake {
    struct pd_arena *arena;
    struct source_spool *spool;
    uint64_t limit, size;
    uint64_t input_size; /* of what it is made from; 0: nothing that could be a bomb */
    enum source_form form;
    bool has_form, is_canonical;
    pd_str part;
    pd_str *others, *notes;
    size_t other_count, note_count, told_bytes;
};
struct source_sink source_intake_sink(struct source_intake *intake);
PD_PRINTF(3, 4)
enum pd_status source_note(const struct source_sink *sink, struct pd_error *err, const char *format,
                           ...);

/* ---- reader.c: the parent's side of the sandboxed reader ---- */

/* The input of a reader: a descriptor of a file, or a spool. */
struct source_input {
    int fd; /* -1: the spool */
    struct source_spool *spool;
};
/* Runs source_extract in the reader. */
PD_CHECK enum pd_status source_reader_extract(const struct source_input *input,
                                              const struct source_wanted *wanted,
                                              const struct source_sink *sink, struct pd_error *err);
/* Reads a SQLite file in the reader. list_only: tells its tables and views as other parts. */
PD_CHECK enum pd_status source_reader_sqlite(const char *path, pd_str part, bool is_query,
                                             bool list_only, const struct source_sink *sink,
                                             struct pd_error *err);

/* What a program in the sandbox answered. */
struct source_tool {
    const char *program;      /* a path or a name found in /usr/bin */
    const char *const *args;  /* ends in NULL */
    int exit_code;            /* out */
    struct pd_buf complaints; /* out: what it wrote to stderr, up to 4 KiB */
};
/* PD_UNAVAILABLE: the program is not installed. Another exit code than 0 is no failure here. */
PD_CHECK enum pd_status source_reader_tool(struct source_tool *tool,
                                           const struct source_input *input,
                                           enum pd_status (*take)(void *context, const char *bytes,
                                                                  size_t n, struct pd_error *err),
                                           void *context, struct pd_error *err);

/* ---- frame.c: what the reader and its parent say to each other ---- */

struct source_frames; /* the parent's decoder */
enum { SOURCE_FRAME_MAX = 1 << 16, SOURCE_FRAME_HEAD = 5 };
/* The reader's side. */
struct source_answer {
    int fd;
    size_t held;
    char bytes[SOURCE_FRAME_MAX]; /* of the stream, not written yet */
};
struct source_sink source_answer_sink(struct source_answer *answer);
PD_CHECK enum pd_status source_answer_end(struct source_answer *answer, enum pd_status status,
                                          const struct pd_error *what, struct pd_error *err);
struct source_frames *source_frames_new(const struct source_sink *sink);
PD_CHECK enum pd_status source_frames_take(void *frames, const char *bytes, size_t n,
                                           struct pd_error *err);
/* Whether the last frame came; then the reader's own status, with its words in `err`. */
bool source_frames_ended(const struct source_frames *frames, enum pd_status *status,
                         struct pd_error *err);
void source_frames_free(struct source_frames *frames);

/* ---- Parsers: bytes in, sink out ---- */

/* extract.c: a stream that is decompressed, fed in pieces; finds out what is inside. */
PD_CHECK enum pd_status source_extract_stream(int fd, const struct source_wanted *wanted,
                                              const struct source_sink *sink, struct pd_error *err);
PD_CHECK enum pd_status source_extract_form(enum source_form form, pd_str bytes,
                                            const struct source_wanted *wanted,
                                            const struct source_sink *sink, struct pd_error *err);

/* Counts what comes out against what went in. */
struct source_ratio {
    uint64_t in, out;
};
PD_CHECK enum pd_status source_ratio_check(const struct source_ratio *ratio, struct pd_error *err);

/* inflate.c: gzip (RFC 1952, several members) and zstd (RFC 8878, several frames). */
struct source_inflate;
PD_CHECK enum pd_status source_inflate_new(enum source_form form, struct source_inflate **out,
                                           struct pd_error *err);
PD_CHECK enum pd_status source_inflate_feed(struct source_inflate *inflate, pd_str bytes,
                                            enum pd_status (*take)(void *context, const char *bytes,
                                                                   size_t n, struct pd_error *err),
                                            void *context, struct pd_error *err);
PD_CHECK enum pd_status source_inflate_end(struct source_inflate *inflate, struct pd_error *err);
void source_inflate_free(struct source_inflate *inflate);

/* archive.c: a ZIP archive in memory (libzip). */
struct source_archive;
PD_CHECK enum pd_status source_archive_open(pd_str bytes, struct source_archive **out,
                                            struct pd_error *err);
void source_archive_close(struct source_archive *archive);
size_t source_archive_count(const struct source_archive *archive);
pd_str source_archive_name(const struct source_archive *archive, size_t index);
/* SIZE_MAX: none of that name (compared with ASCII case folded, a leading '/' ignored). */
size_t source_archive_find(const struct source_archive *archive, pd_str name);
/* Inflates one entry to `take`; what all entries give together is bounded. */
PD_CHECK enum pd_status source_archive_each(struct source_archive *archive, size_t index,
                                            enum pd_status (*take)(void *context, const char *bytes,
                                                                   size_t n, struct pd_error *err),
                                            void *context, struct pd_error *err);
/* What the archive is: XLSX, ODS, DOCX, ODT, ZIP or REFUSED (then `err` says what). */
PD_CHECK enum pd_status source_archive_form(struct source_archive *archive, enum source_form *form,
                                            struct pd_error *err);

/* xml.c: expat with bounds. No entities, no DTD; names come without prefix. */
struct source_xml {
    void *context;
    /* name: local; attribute values are looked up with source_xml_get. NULL functions are skipped.
     */
    enum pd_status (*start)(void *context, const char *name, const char *const *attributes,
                            struct pd_error *err);
    enum pd_status (*end)(void *context, const char *name, struct pd_error *err);
    enum pd_status (*text)(void *context, const char *text, size_t n, struct pd_error *err);
};
/* The value of an attribute by its local name; NULL if it isn't there. */
const char *source_xml_get(const char *const *attributes, const char *name);
PD_CHECK enum pd_status source_xml_entry(struct source_archive *archive, size_t index,
                                         const struct source_xml *handler, struct pd_error *err);

/* rows.c: rows of a sheet, measured and then written as canonical CSV. */
struct source_rows {
    const struct source_sink *sink; /* NULL: measure only */
    uint64_t next;                  /* 0-based row that comes next */
    size_t width;                   /* columns used; measured, or as given */
    uint64_t filled;                /* rows with a cell that isn't empty */
    struct pd_buf line;             /* the row at hand, as CSV */
    size_t at;                      /* columns of it that are in `line` */
    bool has_value;                 /* one of them isn't empty */
};
enum { SOURCE_SHEET_COLUMNS = 16384 };
#define SOURCE_SHEET_ROWS UINT64_C(1048576)
void source_rows_init(struct source_rows *rows, const struct source_sink *sink, size_t width);
void source_rows_clear(struct source_rows *rows);
/* A cell of the row at hand; columns from 0, ascending. */
PD_CHECK enum pd_status source_rows_cell(struct source_rows *rows, size_t column, pd_str text,
                                         struct pd_error *err);
/* The row at hand is complete: row `at` (0-based, ascending), `repeat` times. */
PD_CHECK enum pd_status source_rows_end(struct source_rows *rows, uint64_t at, uint64_t repeat,
                                        struct pd_error *err);

/* number.c: what a number in a sheet means. */
enum source_number {
    SOURCE_PLAIN,
    SOURCE_DATE,
    SOURCE_TIME,
    SOURCE_DATETIME,
    SOURCE_ELAPSED,
    SOURCE_PERCENT,
    SOURCE_MAYBE_DATE
};
enum source_number source_number_format(pd_str code);      /* ECMA-376 18.8.31 */
enum source_number source_number_builtin(unsigned format); /* ECMA-376 18.8.30 */
enum { SOURCE_NUMBER_SIZE = 64 };
/* Digits as people write them, at most 15 significant ones; 0: the text itself, which is whole, or
 * no number. */
size_t source_number_write(pd_str stored, char out[SOURCE_NUMBER_SIZE]);
/* A serial date as ISO 8601; 0: there is no such date. */
size_t source_serial_write(double serial, enum source_number kind, bool is_1904,
                           char out[SOURCE_NUMBER_SIZE]);

/* What the notes about a sheet count. */
struct source_sheet_counts {
    uint64_t dates, formulas, formulas_without, errors, percents, merged, hidden_columns,
        hidden_rows, long_numbers, odd_dates;
};
/* The sentences that follow from the counts. */
PD_CHECK enum pd_status source_sheet_tell(const struct source_sheet_counts *counts,
                                          const struct source_sink *sink, struct pd_error *err);
/* A stored number as text under the format of its cell; `room` for what must be made. */
pd_str source_sheet_number(pd_str stored, enum source_number kind, bool is_1904,
                           struct source_sheet_counts *counts, char room[SOURCE_NUMBER_SIZE]);

/* A spreadsheet as its reader sees it: sheets, and how to read one into rows. */
struct source_sheet {
    pd_str name;
    bool is_hidden;
    size_t width;    /* measured */
    uint64_t filled; /* measured */
};
struct source_sheets {
    struct source_sheet *list;
    size_t count;
    void *context;
    enum pd_status (*read)(void *context, size_t sheet, struct source_rows *rows,
                           struct source_sheet_counts *counts, struct pd_error *err);
};
/* Chooses the sheet (or, as text, takes all), tells of it and writes it. */
PD_CHECK enum pd_status source_sheets_write(const struct source_sheets *sheets,
                                            const struct source_wanted *wanted,
                                            const struct source_sink *sink, struct pd_error *err);

/* A sheet as the workbook lists it. */
struct source_book_sheet {
    pd_str name;
    bool is_hidden;
    size_t at; /* its entry in the archive; of XLS its place in the stream */
};
/* Writes a sheet of a workbook of Excel (source_sheets_write), and tells of its macros. */
PD_CHECK enum pd_status source_book_write(const struct source_book_sheet *list, size_t count,
                                          bool has_macros, const struct source_sheets *readers,
                                          struct pd_arena *arena,
                                          const struct source_wanted *wanted,
                                          const struct source_sink *sink, struct pd_error *err);

/* xlsx_book.c: the parts of a workbook besides its sheets. */
struct source_book {
    struct source_archive *archive;
    struct pd_arena *arena;
    bool is_1904, has_macros;
    struct source_book_sheet *sheets;
    size_t sheet_count;
    enum source_number *styles; /* by index of cellXfs */
    size_t style_count;
    struct pd_buf strings; /* shared strings, one after another */
    uint64_t *string_ends;
    size_t string_count, string_room;
};
PD_CHECK enum pd_status source_book_load(struct source_book *book, struct pd_error *err);
void source_book_clear(struct source_book *book);
pd_str source_book_string(const struct source_book *book, size_t index);
/* Appends text with its _xHHHH_ escapes (ECMA-376 part 1, 22.9.2.19) undone. */
void source_book_unescape(struct pd_buf *out, pd_str text);

/* compound.c: appends the stream of that name of an OLE compound file, and its directory.
 * PD_NOT_FOUND: it has none of the name; then the directory tells what it is. */
PD_CHECK enum pd_status source_compound_read(pd_str bytes, const char *name, struct pd_buf *out,
                                             struct pd_buf *directory, struct pd_error *err);
/* sniff.c: PD_UNSUPPORTED: what old Office document a directory is of, and what to do instead. */
PD_CHECK enum pd_status source_refuse_compound(pd_str directory, struct pd_error *err);

/* ods.c: whether an OpenDocument file can be read at all, and its entry content.xml. */
PD_CHECK enum pd_status source_open_document(struct source_archive *archive, size_t *content,
                                             struct pd_error *err);

/* Readers of one form each. */
typedef enum pd_status source_parser(pd_str bytes, const struct source_wanted *wanted,
                                     const struct source_sink *sink, struct pd_error *err);
source_parser source_xlsx, source_xls, source_ods, source_docx, source_odt, source_html,
    source_email, source_plain, source_parquet;

/* parquet.c: a file that can be read at any place needn't lie in memory. */
bool source_is_parquet_file(int fd, uint64_t *size);
PD_CHECK enum pd_status source_parquet_file(int fd, uint64_t size,
                                            const struct source_wanted *wanted,
                                            const struct source_sink *sink, struct pd_error *err);

/* ---- Databases: the whole of one table or query, as canonical CSV ---- */

/* A writer of records into the sink's stream; tells that it is canonical. To be freed by
 * table_writer_free. */
PD_CHECK enum pd_status source_records_new(const struct source_sink *sink,
                                           struct table_writer **out, struct pd_error *err);
/* A database was named without a table: the only one there is, or PD_USAGE with their names. */
PD_CHECK enum pd_status source_only_table(const pd_str *names, size_t count, pd_str *only,
                                          struct pd_error *err);
/* A server's database, connected: its tables and views by name, a statement that gives all of one,
 * the rows of a statement (which ends in zero). */
struct source_database {
    void *context;
    enum pd_status (*list)(void *context, pd_str **names, size_t *count, struct pd_error *err);
    enum pd_status (*select)(void *context, pd_str table, pd_str *sql, struct pd_error *err);
    enum pd_status (*run)(void *context, pd_str sql, struct pd_error *err);
};
/* The part that the address names, or the only one there is; list_only: their names alone. */
PD_CHECK enum pd_status source_database_read(const struct source_database *database,
                                             const struct source_address *address, bool list_only,
                                             const struct source_sink *sink, struct pd_error *err);
/* Bytes as "\\x" and hexadecimal digits, as PostgreSQL writes them. */
void source_write_binary(struct pd_buf *out, const void *bytes, size_t n);

PD_CHECK enum pd_status source_sqlite_read(const char *path, pd_str part, bool is_query,
                                           bool list_only, const struct source_sink *sink,
                                           struct pd_error *err);
PD_CHECK enum pd_status source_postgresql_read(const struct source_address *address, bool list_only,
                                               const struct source_sink *sink,
                                               struct pd_error *err);
PD_CHECK enum pd_status source_odbc_read(const struct source_address *address, bool list_only,
                                         const struct source_sink *sink, struct pd_error *err);

/* ---- Text of documents ---- */

/* plain.c: charsets by ICU. */
/* Appends bytes of the named character set as UTF-8; what isn't of it becomes U+FFFD.
 * PD_UNSUPPORTED: there is no such set. */
PD_CHECK enum pd_status source_decode(const char *charset, pd_str bytes, struct pd_buf *out,
                                      struct pd_error *err);
/* Appends bytes of a character set that nobody names, found by evidence; its name in `*charset`. */
PD_CHECK enum pd_status source_decode_unknown(pd_str bytes, struct pd_buf *out,
                                              const char **charset, struct pd_error *err);
/* Hands UTF-8 to the sink: line ends as LF, NUL as a space, what isn't UTF-8 as U+FFFD. */
PD_CHECK enum pd_status source_text_write(pd_str text, const struct source_sink *sink,
                                          struct pd_error *err);

/* html.c */
/* Appends the text of a page in UTF-8 that people would see. */
PD_CHECK enum pd_status source_html_text(pd_str page, struct pd_buf *out, struct pd_error *err);
/* The character set that a page names for itself in its first bytes; false: none. */
bool source_html_charset(pd_str page, char out[64]);

/* ---- document.c: forms read by other programs ---- */

PD_CHECK enum pd_status source_pdf_text(const struct source_input *input,
                                        const struct source_sink *sink, struct pd_error *err);
PD_CHECK enum pd_status source_picture_text(const struct source_input *input,
                                            const struct source_sink *sink, struct pd_error *err);

#endif
