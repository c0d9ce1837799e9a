/* How a file is written: which byte separates its fields, told from the first records. */
#include "table/table_impl.h"

#include <stdio.h>
#include <string.h>

/* The rarer a character is in names, prose and numbers, the more its regularity proves: so this
   order decides between candidates that fit equally ("1,5;2,5" is two decimal numbers). */
static const struct candidate {
    char separator;
    const char *name;
} candidates[] = {{'\t', "tab"}, {'|', "vertical bar"}, {';', "semicolon"}, {',', "comma"}};

enum { RECORDS_LOOKED_AT = 1000 };

/* How well one candidate explains the sample. */
struct fit {
    size_t records;
    size_t header_fields;
    size_t as_header;   /* records with as many fields as the first */
    size_t common;      /* the majority's number of fields, if there is a majority */
    size_t with_common; /* records with that many */
    size_t score;       /* 0 to 1000 */
};

/* Counts the fields of the sample's records; the quotes are read as record.c reads them. */
static size_t count_fields(pd_str sample, bool is_whole, char separator, char quote,
                           size_t fields[RECORDS_LOOKED_AT]) {
    enum table_place place = TABLE_IN_PLAIN;
    size_t records = 0, separators = 0, record_start = 0, cell_start = 0, quote_at = 0;
    for (size_t i = 0; i < sample.len && records < RECORDS_LOOKED_AT; i++) {
        char c = sample.data[i];
        if (place == TABLE_IN_QUOTES) {
            if (c == quote) {
                place = TABLE_AFTER_QUOTE;
                quote_at = i;
            }
            continue;
        }
        if (c == quote && place == TABLE_AFTER_QUOTE && i == quote_at + 1) {
            place = TABLE_IN_QUOTES;
        } else if (c == quote && i == cell_start) {
            place = TABLE_IN_QUOTES;
        } else if (c == separator) {
            separators++;
            cell_start = i + 1;
            place = TABLE_IN_PLAIN;
        } else if (c == '\n' || c == '\r') {
            if (i > record_start)
                fields[records++] = separators + 1;
            separators = 0;
            record_start = cell_start = i + 1;
            place = TABLE_IN_PLAIN;
        }
    }
    if (is_whole && records < RECORDS_LOOKED_AT && record_start < sample.len)
        fields[records++] = separators + 1;
    return records;
}

static struct fit measure_fit(pd_str sample, bool is_whole, char separator, char quote) {
    size_t fields[RECORDS_LOOKED_AT];
    struct fit fit = {.records = count_fields(sample, is_whole, separator, quote, fields)};
    if (fit.records == 0)
        return fit;
    fit.header_fields = fields[0];
    /* Majority vote: what more than half of the records have survives the cancelling. */
    size_t votes = 0;
    for (size_t i = 0; i < fit.records; i++) {
        if (votes == 0)
            fit.common = fields[i];
        votes = fields[i] == fit.common ? votes + 1 : votes - 1;
    }
    for (size_t i = 0; i < fit.records; i++) {
        fit.as_header += fields[i] == fit.header_fields;
        fit.with_common += fields[i] == fit.common;
    }
    /* A header of one field above regular rows of several is a title, or not this separator:
       it counts half, and only if the rows are very regular. */
    if (fit.header_fields > 1)
        fit.score = 1000 * fit.as_header / fit.records;
    else if (fit.common > 1 && fit.with_common * 10 >= fit.records * 8)
        fit.score = 500 * fit.with_common / fit.records;
    return fit;
}

size_t table_dialect_bom(pd_str text) {
    size_t at = 0;
    while (text.len - at >= 3 && memcmp(text.data + at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    return at;
}

void table_dialect_find(pd_str sample, bool is_whole, struct table_dialect *dialect) {
    size_t bom = table_dialect_bom(sample);
    dialect->has_bom = bom > 0;
    sample = pd_str_sub(sample, bom, sample.len - bom);
    if (dialect->separator != 0) {
        snprintf(dialect->evidence, sizeof(dialect->evidence), "the separator was given");
        return;
    }
    struct fit best = {0};
    const char *name = NULL;
    dialect->separator = ',';
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        struct fit fit = measure_fit(sample, is_whole, candidates[i].separator, dialect->quote);
        if (fit.score <= best.score)
            continue;
        best = fit;
        dialect->separator = candidates[i].separator;
        name = candidates[i].name;
    }
    if (name == NULL)
        snprintf(dialect->evidence, sizeof(dialect->evidence),
                 "no separator divides the records regularly, so comma as in RFC 4180");
    else if (best.header_fields > 1)
        snprintf(dialect->evidence, sizeof(dialect->evidence),
                 "%s: %zu of the first %zu records have %zu fields like the header", name,
                 best.as_header, best.records, best.header_fields);
    else
        snprintf(dialect->evidence, sizeof(dialect->evidence),
                 "%s: %zu of the first %zu records have %zu fields, but the header has one", name,
                 best.with_common, best.records, best.common);
}

enum pd_status table_dialect_check(struct table_dialect *dialect, struct pd_error *err) {
    if (dialect->quote == 0)
        dialect->quote = '"';
    const char bytes[] = {dialect->separator, dialect->quote};
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool is_ascii = ((unsigned char)bytes[i] & 0x80) == 0;
        if (bytes[i] == '\n' || bytes[i] == '\r' || (!is_ascii && bytes[i] != TABLE_NONE))
            return pd_fail(err, PD_USAGE,
                           "byte 0x%02X cannot be a %s: use an ASCII character that is not a "
                           "line end",
                           (unsigned)(unsigned char)bytes[i], i == 0 ? "separator" : "quote");
    }
    if (dialect->separator == dialect->quote && dialect->separator != TABLE_NONE)
        return pd_fail(err, PD_USAGE, "separator and quote are both '%c': they must differ",
                       dialect->quote);
    return PD_OK;
}
