/* How a CSV file is written: which byte separates its fields, told from the first records. */
#include "table/table_impl.h"

#include <stdio.h>
#include <string.h>

/* The rarer a character is in names, prose and numbers, the more its regularity proves: so this
   order decides between candidates that fit equally ("1,5;2,5" is two decimal numbers). */
static const struct candidate {
    char separator;
    const char *name;
    bool is_rare; /* divides only if every record agrees, and the others divide nothing */
} candidates[] = {{'\t', "tab", false},
                  {'|', "vertical bar", false},
                  {';', "semicolon", false},
                  {',', "comma", false},
                  {'\x1f', "unit separator", true},
                  {'\x01', "control character 01", true},
                  {'^', "circumflex", true},
                  {'~', "tilde", true},
                  {':', "colon", true}};
enum {
    CANDIDATES = sizeof(candidates) / sizeof(candidates[0]),
    RECORDS_LOOKED_AT = 1000,
    RARE_RECORDS = 3 /* at least, for a rare separator */
};

const struct table_dialect table_dialect_written = {.form = TABLE_CSV,
                                                    .encoding = TABLE_UTF_8,
                                                    .separator = ',',
                                                    .quote = '"',
                                                    .header = TABLE_HEADER_FIRST,
                                                    .first_line = 1,
                                                    .is_exact = true};

const char *table_form_name(enum table_form form) {
    static const char *const names[TABLE_FORM_COUNT] = {
        [TABLE_FORM_FIND] = "",
        [TABLE_CSV] = "csv",
        [TABLE_JSON] = "json",
        [TABLE_JSON_LINES] = "jsonl",
    };
    return names[form];
}

bool table_form_parse(pd_str name, enum table_form *out) {
    for (int f = TABLE_FORM_FIND + 1; f < TABLE_FORM_COUNT; f++) {
        if (!pd_str_eq_ascii_case(name, pd_str_from(table_form_name((enum table_form)f))))
            continue;
        *out = (enum table_form)f;
        return true;
    }
    return false;
}

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
    /* A header that is longer than the sample has separators all the same. */
    if ((is_whole || records == 0) && records < RECORDS_LOOKED_AT && record_start < sample.len)
        fields[records++] = separators + 1;
    return records;
}

static struct fit measure_fit(pd_str sample, bool is_whole, char separator, char quote,
                              size_t fields[RECORDS_LOOKED_AT]) {
    struct fit fit = {0};
    if (pd_str_find_char(sample, separator) == PD_NPOS) /* most stand nowhere and divide nothing */
        return fit;
    fit.records = count_fields(sample, is_whole, separator, quote, fields);
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
    /* Records of one field above regular rows of several are titles, or not of this separator:
       they count half, and only if the rows are very regular. */
    size_t titles = 0;
    while (titles * 2 < fit.records && fields[titles] == 1)
        titles++;
    size_t rest = fit.records - titles;
    if (fit.header_fields > 1)
        fit.score = 1000 * fit.as_header / fit.records;
    else if (fit.common > 1 && fit.with_common * 10 >= rest * 8)
        fit.score = 500 * fit.with_common / rest;
    return fit;
}

/* ---- Quotes ---- */

/* Cells in apostrophes, and no double quote anywhere: then the apostrophe is the quote. */
static char find_quote(pd_str sample, char separator) {
    size_t cells = 0, quoted = 0, start = 0;
    if (separator == TABLE_NONE || pd_str_find_char(sample, '"') != PD_NPOS ||
        pd_str_find_char(sample, '\'') == PD_NPOS)
        return '"';
    for (size_t i = 0; i <= sample.len; i++) {
        char c = i < sample.len ? sample.data[i] : '\n';
        if (c != separator && c != '\n' && c != '\r')
            continue;
        size_t n = i - start;
        cells += n > 0;
        quoted += n >= 2 && sample.data[start] == '\'' && sample.data[i - 1] == '\'';
        start = i + 1;
    }
    return quoted >= 4 && quoted * 2 >= cells ? '\'' : '"';
}

/* ---- The separator ---- */

/* "sep=;" on a line of its own, which Excel reads and writes. Returns the length of the line. */
static size_t find_said(pd_str sample, char *separator) {
    pd_str said = pd_str_sub(sample, 0, 4);
    if (sample.len < 6 || !pd_str_eq_ascii_case(said, PD_STR("sep=")))
        return 0;
    char c = sample.data[4], end = sample.data[5];
    if ((end != '\n' && end != '\r') || c == '\n' || c == '\r' || c == '"' ||
        ((unsigned char)c & 0x80) != 0)
        return 0;
    *separator = c;
    return end == '\r' && sample.len > 6 && sample.data[6] == '\n' ? 7 : 6;
}

static bool is_better(const struct candidate *candidate, const struct fit *fit,
                      const struct fit *best) {
    if (!candidate->is_rare)
        return fit->score > best->score;
    /* In a table that nothing else divides. */
    return best->score == 0 && fit->score == 1000 && fit->records >= RARE_RECORDS &&
           fit->header_fields > 1;
}

/* Records that the separator found doesn't divide as the header, but another one does. */
static size_t count_mixed(pd_str sample, bool is_whole, const struct table_dialect *dialect,
                          const struct fit *best, const size_t *fields, const char **name) {
    size_t most = 0, other[RECORDS_LOOKED_AT];
    size_t wanted = best->header_fields > 1 ? best->header_fields : best->common;
    for (size_t i = 0; i < CANDIDATES; i++) {
        const struct candidate *c = &candidates[i];
        if (c->is_rare || c->separator == dialect->separator)
            continue;
        struct fit fit = measure_fit(sample, is_whole, c->separator, dialect->quote, other);
        size_t n = 0;
        for (size_t k = 0; k < fit.records && fit.records == best->records; k++)
            n += fields[k] != wanted && other[k] == wanted;
        if (n <= most)
            continue;
        most = n;
        *name = c->name;
    }
    return most;
}

static void tell_separator(pd_str sample, bool is_whole, struct table_dialect *d,
                           const struct fit *best, const char *name, const size_t *fields) {
    int n;
    if (name == NULL) {
        snprintf(d->evidence, sizeof(d->evidence),
                 "no separator divides the records regularly, so comma as in RFC 4180");
        return;
    }
    if (best->header_fields > 1)
        n = snprintf(d->evidence, sizeof(d->evidence),
                     "%s: %zu of the first %zu records have %zu fields like the first", name,
                     best->as_header, best->records, best->header_fields);
    else
        n = snprintf(d->evidence, sizeof(d->evidence),
                     "%s: %zu of the first %zu records have %zu fields, but the first has one",
                     name, best->with_common, best->records, best->common);
    const char *other = NULL;
    size_t mixed = count_mixed(sample, is_whole, d, best, fields, &other);
    if (mixed > 0 && n > 0 && (size_t)n < sizeof(d->evidence))
        snprintf(d->evidence + n, sizeof(d->evidence) - (size_t)n,
                 "; %zu others would have them with the separator %s: the file mixes separators",
                 mixed, other);
}

static void find_separator(pd_str sample, bool is_whole, struct table_dialect *dialect) {
    struct fit best = {0};
    size_t fields[RECORDS_LOOKED_AT], best_fields[RECORDS_LOOKED_AT];
    const char *name = NULL;
    dialect->separator = ',';
    for (size_t i = 0; i < CANDIDATES; i++) {
        struct fit fit =
            measure_fit(sample, is_whole, candidates[i].separator, dialect->quote, fields);
        if (!is_better(&candidates[i], &fit, &best))
            continue;
        best = fit;
        memcpy(best_fields, fields, fit.records * sizeof(fields[0]));
        dialect->separator = candidates[i].separator;
        name = candidates[i].name;
    }
    tell_separator(sample, is_whole, dialect, &best, name, best_fields);
}

size_t table_dialect_bom(pd_str text) {
    size_t at = 0;
    while (text.len - at >= 3 && memcmp(text.data + at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    return at;
}

uint64_t table_dialect_find(pd_str sample, bool is_whole, struct table_dialect *dialect) {
    bool quote_is_given = dialect->quote != 0;
    if (!quote_is_given)
        dialect->quote = '"';
    char said = 0;
    size_t said_length = find_said(sample, &said);
    if (said_length > 0 && (dialect->separator == 0 || dialect->separator == said)) {
        dialect->separator = said;
        snprintf(dialect->evidence, sizeof(dialect->evidence),
                 "the file says so in its first line, sep=%c", said >= ' ' ? said : '?');
        sample = pd_str_sub(sample, said_length, sample.len - said_length);
    } else if (dialect->separator != 0) {
        snprintf(dialect->evidence, sizeof(dialect->evidence), "the separator was given");
    } else {
        find_separator(sample, is_whole, dialect);
    }
    if (!quote_is_given)
        dialect->quote = find_quote(sample, dialect->separator);
    if (dialect->quote == dialect->separator)
        dialect->quote = TABLE_NONE;
    return said_length > 0 ? 2 : 1;
}

enum pd_status table_dialect_check(struct table_dialect *dialect, struct pd_error *err) {
    const char bytes[] = {dialect->separator, dialect->quote};
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool is_ascii = ((unsigned char)bytes[i] & 0x80) == 0;
        if (bytes[i] == '\n' || bytes[i] == '\r' || (!is_ascii && bytes[i] != TABLE_NONE))
            return pd_fail(err, PD_USAGE,
                           "byte 0x%02X cannot be a %s: use an ASCII character that is not a "
                           "line end",
                           (unsigned)(unsigned char)bytes[i], i == 0 ? "separator" : "quote");
    }
    char quote = dialect->quote == 0 ? '"' : dialect->quote;
    if (dialect->separator == quote && dialect->separator != TABLE_NONE)
        return pd_fail(err, PD_USAGE, "separator and quote are both '%c': they must differ", quote);
    return PD_OK;
}
