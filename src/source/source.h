/**
 * source/: where data lives, read as the bytes of one table, or of text.
 *
 * A source can be read several times (inspect, try a remedy, write the result) and says so if it
 * changed in between. Plain text is read where it lies. Whatever has to be unpacked or parsed first
 * (compressed files, spreadsheets, databases, documents) is parsed once, at opening, and what came
 * out is kept in a sealed spool: so every reading sees the same moment. Hostile forms are parsed in
 * a process of their own that can open no file and no socket (sandbox.c); the parsers themselves
 * (source_extract) take bytes and give bytes.
 */
#ifndef POLDER_SOURCE_H
#define POLDER_SOURCE_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "table/table.h"

struct source;

/**
 * Opens one table.
 *
 * location: one of
 *   FILE or FILE#PART     plain text, or any form of source_forms; PART names a sheet of a
 *                         spreadsheet, a file in a ZIP archive or a table of a SQLite database. A
 * '#' that is part of a file's name counts as such.
 *   - or -#PART           standard input (`input_fd`), in any of these forms but a database
 *   sqlite:FILE#TABLE     the same as FILE#TABLE, insisting on the form
 *   postgresql://...#SCHEMA.TABLE    or #query=SELECT ...; so also for the other databases
 *   odbc:DSN#TABLE
 * spool_folder: where sealed, unlinked temporary files are made when one is needed.
 * limit_bytes: of the file and of what is read from it; 0: none but the ones of
 * docs/reference/forms.md.
 *
 * PD_USAGE: a location that can't be understood, or that holds a password; PD_NOT_FOUND: no such
 * file, sheet, table (names those that there are); PD_DENIED (no permission, says whose);
 * PD_INVALID: a directory, a device, an empty file, a damaged or hostile one; PD_UNSUPPORTED: a
 * form that is not read, or encrypted; PD_LIMIT; PD_CONFLICT: changed while it was parsed;
 * PD_UNAVAILABLE: a database or a program needed for the form is not there; PD_IO.
 */
PD_CHECK enum pd_status source_open(const char *location, int input_fd, const char *spool_folder,
                                    uint64_t limit_bytes, struct source **out,
                                    struct pd_error *err);
/**
 * Opens the text of a document: plain text, HTML, e-mail, DOCX, ODT, PDF (by pdftotext, and by
 * tesseract for pages that are pictures), pictures of pages; and of every sheet of a spreadsheet.
 * What is read is UTF-8 without NUL, lines ended by LF. Otherwise as source_open.
 */
PD_CHECK enum pd_status source_open_text(const char *location, int input_fd,
                                         const char *spool_folder, uint64_t limit_bytes,
                                         struct source **out, struct pd_error *err);
void source_close(struct source *source);
/** The last segment of the path and the part, or "standard input", or a database without host. */
pd_str source_name(const struct source *source);
/** The location as it can be opened again (an absolute path, with the part that was asked for), or
 * empty for standard input. Holds no password. */
pd_str source_path(const struct source *source);
/** Bytes that one reading gives. */
uint64_t source_size(const struct source *source);

/** What was found there. Everything lives as long as the source. */
struct source_about {
    const char *code;     /* "text", "xlsx", ...: of what is inside, as in source_forms */
    const char *words;    /* the same for people: "an Excel workbook (XLSX)" */
    bool is_canonical;    /* UTF-8, comma, double quotes, LF: made by Polder from another form */
    bool is_made;         /* of another source, by source_maker_end: a header, then rows, no more */
    pd_str part;          /* the sheet, table or file that is read; empty: there are no parts */
    const pd_str *others; /* parts that are not read */
    size_t other_count;
    const pd_str *notes; /* sentences that whoever uses the table should know */
    size_t note_count;
};
const struct source_about *source_describe(const struct source *source);
/** How the stream is written, if that is known; NULL: it is to be found. */
const struct table_dialect *source_dialect(const struct source *source);

/** Makes a source of what this program writes, of another one: canonical CSV with a header, kept as
 * what is read from standard input is. */
struct source_maker;
PD_CHECK enum pd_status source_maker_new(const struct source *of, const char *spool_folder,
                                         struct source_maker **out, struct pd_error *err);
PD_CHECK enum pd_status source_maker_write(struct source_maker *maker, const void *bytes, size_t n,
                                           struct pd_error *err);
/** how: "repaired", behind the name. The source lives on its own; its location is that of the other
 * one. The maker is of no more use. */
PD_CHECK enum pd_status source_maker_end(struct source_maker *maker, const char *how,
                                         struct source **out, struct pd_error *err);
void source_maker_free(struct source_maker *maker); /* NULL is fine */

/** A place with several tables, one by one: what can be given to source_open. */
struct source_list {
    const pd_str *locations;
    size_t count;
    const pd_str *notes; /* what was passed over, and why */
    size_t note_count;
};
/**
 * The tables of a folder (its files in the order of their names, hidden ones and folders left out)
 * or of a database named without a table. `*has_many` false: the location is one table, and `out`
 * untouched. Results live in `arena`. As source_open; PD_LIMIT over 10,000 tables.
 */
PD_CHECK enum pd_status source_list(const char *location, struct pd_arena *arena, bool *has_many,
                                    struct source_list *out, struct pd_error *err);
/** FILE and PART as one location; `query`: the part is a query of a database. */
pd_str source_location(pd_str place, pd_str part, bool is_query, struct pd_arena *arena);

/** Starts reading from the first byte again. */
PD_CHECK enum pd_status source_rewind(struct source *source, struct pd_error *err);
/** *n in: room; out: bytes read, 0 at the end (never past the size at open). PD_IO. */
PD_CHECK enum pd_status source_read(struct source *source, void *out, size_t *n,
                                    struct pd_error *err);
/**
 * Feeds the whole source to `feed` in pieces from the start; `progress` (may be NULL) is called
 * about every 8 MiB and at the end. Returns what `feed` returned if that is not PD_OK. At the end
 * PD_CONFLICT "changed while it was read" if size, time or content hash differ from an earlier
 * whole reading. `*content` (may be NULL): SHA-256 of all bytes.
 */
PD_CHECK enum pd_status source_each(struct source *source,
                                    enum pd_status (*feed)(void *context, const char *bytes,
                                                           size_t n, struct pd_error *err),
                                    void (*progress)(void *context, uint64_t done, uint64_t size),
                                    void *context, crypto_hash *content, struct pd_error *err);

/* ---- The forms, and their parsers on bytes ---- */

enum source_form {
    SOURCE_TEXT, /* what nothing else claims */
    SOURCE_HTML,
    SOURCE_EMAIL,
    SOURCE_GZIP,
    SOURCE_ZSTD,
    SOURCE_ZIP, /* an archive that is none of the next four */
    SOURCE_XLSX,
    SOURCE_XLS, /* also what other old Office document it may turn out to be */
    SOURCE_ODS,
    SOURCE_DOCX,
    SOURCE_ODT,
    SOURCE_PARQUET,
    SOURCE_SQLITE,
    SOURCE_POSTGRESQL,
    SOURCE_ODBC,
    SOURCE_PDF,
    SOURCE_PICTURE,
    SOURCE_REFUSED, /* known, and not read: source_form_refusal says what to do */
    SOURCE_FORM_COUNT
};
/** "xlsx"; and "an Excel workbook (XLSX)". */
const char *source_form_code(enum source_form form);
const char *source_form_words(enum source_form form);

/** What the first bytes say; `head` should hold 4 KiB if there are as many. SOURCE_ZIP also for the
 * forms that are archives. */
enum source_form source_sniff(pd_str head);

/** Where a parser puts what it finds. */
enum source_tale {
    SOURCE_TELLS_FORM,      /* a code */
    SOURCE_TELLS_PART,      /* the part that is read */
    SOURCE_TELLS_OTHER,     /* a part that is not */
    SOURCE_TELLS_NOTE,      /* a sentence */
    SOURCE_TELLS_CANONICAL, /* the stream is canonical CSV */
    SOURCE_TALE_COUNT
};
struct source_sink {
    void *context;
    enum pd_status (*data)(void *context, const char *bytes, size_t n, struct pd_error *err);
    enum pd_status (*tell)(void *context, enum source_tale tale, pd_str text, struct pd_error *err);
};
struct source_wanted {
    bool as_text; /* the text of a document rather than one table */
    pd_str part;  /* empty: the first that will do */
};
/**
 * Parses bytes of any form that needs no other program into the sink: what the sandboxed reader
 * runs, and what fuzzers run without it. No I/O. The sink's first failure is returned.
 */
PD_CHECK enum pd_status source_extract(pd_str bytes, const struct source_wanted *wanted,
                                       const struct source_sink *sink, struct pd_error *err);

/* ---- The sandboxed reader ---- */

/** Whether this process was started by source/ to be its reader: then main must do nothing but
 * return source_reader_run. A program that opens anything but plain text needs this in its main. */
bool source_is_reader(int argc, char *const *argv);
int source_reader_run(int argc, char **argv);

enum source_cage {
    SOURCE_CAGE_BYTES, /* reads and writes what is open already; nothing else */
    SOURCE_CAGE_FILES, /* may also open files, for reading only */
    SOURCE_CAGE_TOOL   /* as FILES, and may become another program, and have threads */
};
/**
 * Shuts this process in, for ever and for all that it starts: no network, no signals to others, no
 * writing to files, bounded memory and processor time. What is refused gets EPERM; opening a
 * socket or tracing a process kills. PD_UNAVAILABLE: the kernel can't.
 */
PD_CHECK enum pd_status source_cage_enter(enum source_cage cage, struct pd_error *err);

#endif
