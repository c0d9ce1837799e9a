/**
 * Bytes to text: which encoding (encoding.c, plausible.c), and its decoding (decode.c). Never
 * leaves the folder.
 */
#ifndef POLDER_TABLE_ENCODING_IMPL_H
#define POLDER_TABLE_ENCODING_IMPL_H

#include "table/table_impl.h"

/** Name of ICU's converter, or NULL where none is needed. */
const char *table_encoding_converter(enum table_encoding encoding);

/** Length of the byte order mark that `text` begins with and whose it is; 0 if there is none. */
size_t table_encoding_mark(pd_str text, enum table_encoding *out);

struct table_encoding_finding {
    enum table_encoding encoding;
    bool is_open; /* nothing but ASCII: later bytes decide */
    char evidence[TABLE_EVIDENCE_BYTES];
};

/**
 * Which encoding explains the sample, by evidence; UTF-8 also where a NUL byte says that it is not
 * text at all. is_start: the file begins here, and may be UTF-16; otherwise ASCII stands before.
 * is_whole: nothing follows. line, column: where the sample begins.
 * PD_INVALID: none does, or it mixes two; says which lines.
 */
enum pd_status table_encoding_find(pd_str sample, bool is_start, bool is_whole, uint64_t line,
                                   uint64_t column, struct table_encoding_finding *out,
                                   struct pd_error *err);

/** How well a reading of bytes in an encoding makes sense. */
struct table_plausible {
    double score;                  /* 0..1 */
    uint64_t characters, expected; /* beyond ASCII; of these, where or what one expects */
};
/** encoding: TABLE_WINDOWS_1252, TABLE_GB18030 or TABLE_BIG5. */
struct table_plausible table_plausible_get(pd_str sample, enum table_encoding encoding);
/** text: UTF-8, perhaps cut off at the end. 1 where neighbouring letters are of one script. */
double table_plausible_utf8(pd_str text);

struct table_decoder;
/** PD_UNSUPPORTED if the machine's ICU lacks the converter. */
enum pd_status table_decoder_new(enum table_encoding encoding, struct table_decoder **out,
                                 struct pd_error *err);
void table_decoder_free(struct table_decoder *decoder);
/** Windows-1252 that was found, not given: a character of UTF-8 within it will be refused, since
    there every byte is a character and nothing else would tell that a file mixes the two. */
void table_decoder_watch(struct table_decoder *decoder);
/** Room that the text of `n` bytes needs, with what is pending. */
size_t table_decoder_room(size_t n);
/**
 * Appends the text of the bytes to `out`, which has that room; `*len` grows. False at bytes that
 * are no characters of the encoding: what stands before them has been appended, and
 * table_decoder_fail tells of them. is_last: nothing may be pending afterwards.
 */
bool table_decode(struct table_decoder *decoder, const char *bytes, size_t n, bool is_last,
                  char *out, size_t *len);
enum pd_status table_decoder_fail(const struct table_decoder *decoder, uint64_t line,
                                  uint64_t column, const char *evidence, struct pd_error *err);

#endif
