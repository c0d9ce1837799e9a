/*
 * Takes bytes in pieces of any size, settles how they are written, decodes them, checks that they
 * are text, and lets record.c or json.c find records.
 */
#include "table/encoding_impl.h"
#include "table/json_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copied, checked and scanned together, small enough to stay in the processor's cache. */
enum {
    PIECE_BYTES = 64 * 1024,
    CLOSE_BYTES = 2 * TABLE_LOOK,
    SAMPLE_LEAST = 64,
    GIBIBYTE = 1 << 30
};

const struct table_limits table_limits_default = {.columns = 20000,
                                                  .cell_bytes = (size_t)64 << 20,
                                                  .row_bytes = (size_t)256 << 20,
                                                  .batch_bytes = (size_t)256 << 10,
                                                  .sample_bytes = (size_t)256 << 10,
                                                  .held_bytes = (size_t)64 << 20};

/* Upper bounds keep every offset within a batch below 2^32. */
static enum pd_status settle_limits(struct table_limits *limits, const struct table_limits *given,
                                    struct pd_error *err) {
    static const struct table_limits zero = {0};
    const struct table_limits *from = given != NULL ? given : &zero;
    const struct {
        const char *name;
        size_t given, standard, least, most;
        size_t *out;
    } rows[] = {
        {"columns", from->columns, table_limits_default.columns, 1, GIBIBYTE, &limits->columns},
        {"cell_bytes", from->cell_bytes, table_limits_default.cell_bytes, 1, GIBIBYTE,
         &limits->cell_bytes},
        {"row_bytes", from->row_bytes, table_limits_default.row_bytes, 1, GIBIBYTE,
         &limits->row_bytes},
        {"batch_bytes", from->batch_bytes, table_limits_default.batch_bytes, 1, GIBIBYTE,
         &limits->batch_bytes},
        {"sample_bytes", from->sample_bytes, table_limits_default.sample_bytes, SAMPLE_LEAST,
         GIBIBYTE, &limits->sample_bytes},
        {"held_bytes", from->held_bytes, table_limits_default.held_bytes, 1, GIBIBYTE,
         &limits->held_bytes},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t value = rows[i].given != 0 ? rows[i].given : rows[i].standard;
        if (value < rows[i].least || value > rows[i].most)
            return pd_fail(err, PD_USAGE, "limit %s is %zu; it must be from %zu to %zu",
                           rows[i].name, value, rows[i].least, rows[i].most);
        *rows[i].out = value;
    }
    return PD_OK;
}

/* What was given; nothing that only a finding has. Its names become the reader's own. */
static enum pd_status settle_dialect(struct table_dialect *dialect,
                                     const struct table_dialect *given, struct pd_error *err) {
    if (given == NULL)
        return PD_OK;
    *dialect = (struct table_dialect){.form = given->form,
                                      .encoding = given->encoding,
                                      .separator = given->separator,
                                      .quote = given->quote,
                                      .header = given->header,
                                      .first_line = given->first_line,
                                      .header_records = given->header_records,
                                      .is_exact = given->is_exact};
    memcpy(dialect->records, given->records, sizeof(dialect->records));
    enum pd_status status = table_dialect_check(dialect, err);
    if (status != PD_OK || given->names == NULL)
        return status;
    dialect->name_count = given->name_count;
    return table_names_copy(given->names, given->name_count, &dialect->names, err);
}

enum pd_status table_reader_new(const struct table_limits *limits,
                                const struct table_dialect *given,
                                const struct table_handler *handler, struct table_reader **out,
                                struct pd_error *err) {
    struct table_limits settled;
    enum pd_status status = settle_limits(&settled, limits, err);
    if (status != PD_OK)
        return status;
    struct table_dialect dialect = {0};
    status = settle_dialect(&dialect, given, err);
    if (status != PD_OK)
        return status;
    struct table_reader *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        free((void *)(uintptr_t)dialect.names);
        return pd_fail_memory(err);
    }
    r->limits = settled;
    r->limits.instructions = limits != NULL ? limits->instructions : TABLE_INSTRUCTIONS_FIND;
    r->wide = table_wide_get(r->limits.instructions);
    r->dialect = dialect;
    r->handler = *handler;
    r->phase = TABLE_SAMPLING;
    r->tail.is_off = dialect.is_exact;
    r->line = r->record_line = 1;
    *out = r;
    return PD_OK;
}

void table_reader_free(struct table_reader *reader) {
    if (reader == NULL)
        return;
    free(reader->text);
    free(reader->cells);
    free(reader->row_line);
    for (size_t c = 0; c < reader->name_count; c++)
        free((void *)(uintptr_t)reader->names[c].data);
    free(reader->names);
    free((void *)(uintptr_t)reader->dialect.names);
    table_decoder_free(reader->decoder);
    table_json_free(reader->json);
    free(reader);
}

const struct table_dialect *table_reader_dialect(const struct table_reader *reader) {
    return &reader->dialect;
}

bool table_reader_needs_again(const struct table_reader *reader) {
    return reader->json != NULL && table_json_needs_again(reader->json);
}

struct table_counts table_reader_counts(const struct table_reader *reader) {
    struct table_counts counts = reader->counts;
    bool has_begun = reader->text_at + reader->scanned > reader->line_at;
    counts.lines = reader->line - (has_begun ? 0 : 1);
    return counts;
}

void table_reader_place(const struct table_reader *r, size_t at, uint64_t *line, uint64_t *column) {
    uint64_t line_at = r->line_at;
    *line = r->line;
    for (size_t i = r->scanned; i < at; i++) {
        char c = r->text[i];
        if (c != '\n' && c != '\r')
            continue;
        bool is_second_half = c == '\n' && i > 0 && r->text[i - 1] == '\r';
        if (!is_second_half)
            ++*line;
        line_at = r->text_at + i + 1;
    }
    *column = r->text_at + at - line_at + 1;
}

/* Positions count from `n` bytes further on. */
static void drop_to(struct table_reader *r, size_t n) {
    r->text_at += n;
    r->checked -= n;
    r->scanned -= n;
    r->record_start -= n;
    r->cell_start -= n;
    r->quote_at = r->quote_at > n ? r->quote_at - n : 0;
    for (size_t i = 0; i < r->tail.count; i++) {
        r->tail.start[i] -= n;
        r->tail.end[i] -= n;
    }
    r->batch_start = 0;
}

/* Forgets what was handed out. Called once per piece, so what is left to move is short: it came
   with the last piece, or belongs to a batch or record that is larger than one. */
static void drop_handed_out(struct table_reader *r) {
    size_t n = r->batch_start;
    if (n == 0)
        return;
    memmove(r->text, r->text + n, r->len - n);
    r->len -= n;
    drop_to(r, n);
}

static enum pd_status make_room(struct table_reader *r, size_t n, struct pd_error *err) {
    size_t needed = r->len + n + TABLE_BLOCK;
    if (needed <= r->room)
        return PD_OK;
    size_t room = needed + needed / 2;
    char *text = realloc(r->text, room);
    if (text == NULL)
        return pd_fail_memory(err);
    r->text = text;
    r->room = room;
    return PD_OK;
}

static enum pd_status append(struct table_reader *r, const char *bytes, size_t n, bool is_last,
                             struct pd_error *err) {
    drop_handed_out(r);
    enum pd_status status = make_room(r, r->decoder != NULL ? table_decoder_room(n) : n, err);
    if (status != PD_OK)
        return status;
    if (r->decoder != NULL) {
        r->is_undecodable = !table_decode(r->decoder, bytes, n, is_last, r->text, &r->len);
    } else if (n > 0) {
        memcpy(r->text + r->len, bytes, n);
        r->len += n;
    }
    /* Blocks are read whole: what lies behind the end is defined, and not looked at. */
    memset(r->text + r->len, 0, TABLE_BLOCK);
    return PD_OK;
}

/* ---- The encoding ---- */

/**
 * Decodes what was held back, all behind `checked`. *sample: in: how many bytes of it were the
 * sample; out: how many the sample's text has, so that later findings don't depend on how the input
 * was cut.
 */
static enum pd_status decode_held(struct table_reader *r, size_t *sample, bool is_last,
                                  struct pd_error *err) {
    enum pd_status status = table_decoder_new(r->dialect.encoding, &r->decoder, err);
    if (status != PD_OK)
        return status;
    if (!r->encoding_is_given)
        table_decoder_watch(r->decoder);
    drop_handed_out(r);
    size_t at = r->checked, n = r->len - at, first = *sample < n ? *sample : n;
    char *held = malloc(n + 1);
    if (held == NULL)
        return pd_fail_memory(err);
    memcpy(held, r->text + at, n);
    r->len = at;
    status = append(r, held, first, is_last && first == n, err);
    *sample = r->len - at;
    if (status == PD_OK && first < n && !r->is_undecodable)
        status = append(r, held + first, n - first, is_last, err);
    free(held);
    return status;
}

static const char *given_encoding(struct table_reader *r) {
    snprintf(r->dialect.encoding_evidence, sizeof(r->dialect.encoding_evidence), "%s, as was given",
             table_encoding_name(r->dialect.encoding));
    return r->dialect.encoding_evidence;
}

/* The encoding of the first bytes: given, marked, or found. *sample as for decode_held. */
static enum pd_status settle_encoding(struct table_reader *r, size_t *sample, bool is_last,
                                      bool is_whole, struct pd_error *err) {
    struct table_dialect *d = &r->dialect;
    pd_str text = {r->text, *sample};
    enum table_encoding marked;
    bool is_marked = table_encoding_mark(text, &marked) > 0;
    bool is_other_end = is_marked && ((d->encoding == TABLE_UTF_16LE && marked == TABLE_UTF_16BE) ||
                                      (d->encoding == TABLE_UTF_32LE && marked == TABLE_UTF_32BE));
    if (is_other_end) /* "utf-16" says nothing of which byte comes first; the mark does */
        d->encoding = marked;
    r->encoding_is_given = d->encoding != TABLE_ENCODING_FIND;
    if (r->encoding_is_given) {
        given_encoding(r);
    } else if (is_marked) {
        d->encoding = marked;
        snprintf(d->encoding_evidence, sizeof(d->encoding_evidence),
                 "%s: the file begins with its byte order mark", table_encoding_name(marked));
    } else {
        struct table_encoding_finding found;
        enum pd_status status = table_encoding_find(text, true, is_whole, 1, 1, &found, err);
        if (status != PD_OK)
            return status;
        d->encoding = found.encoding;
        r->encoding_is_open = found.is_open;
        memcpy(d->encoding_evidence, found.evidence, sizeof(found.evidence));
    }
    if (d->encoding != TABLE_UTF_8)
        return decode_held(r, sample, is_last, err);
    bool bad;
    *sample = table_text_check(r->wide, r->text, *sample, &bad);
    return PD_OK;
}

/**
 * The file was ASCII until r->checked, which all encodings that are found without a mark have in
 * common; everything until there has been scanned. What follows decides, once there is enough of
 * it.
 */
static enum pd_status settle_late(struct table_reader *r, bool is_last, struct pd_error *err) {
    size_t rest = r->len - r->checked;
    if (rest == 0 || (rest < r->limits.sample_bytes && !is_last))
        return PD_OK;
    r->encoding_is_open = false;
    size_t sample = rest < r->limits.sample_bytes ? rest : r->limits.sample_bytes;
    uint64_t line, column;
    table_reader_place(r, r->checked, &line, &column);
    /* A few letters before tell what stands beside the first one. */
    size_t before = r->checked - r->record_start < 4 ? r->checked - r->record_start : 4;
    if (before >= column) /* the record's line, not the one before */
        before = (size_t)column - 1;
    pd_str text = {r->text + r->checked - before, sample + before};
    struct table_encoding_finding found;
    enum pd_status status = table_encoding_find(text, false, is_last && sample == rest, line,
                                                column - before, &found, err);
    if (status != PD_OK)
        return status;
    r->dialect.encoding = found.encoding;
    snprintf(r->dialect.encoding_evidence, sizeof(r->dialect.encoding_evidence),
             "%.280s (ASCII until line %" PRIu64 ")", found.evidence, line);
    return found.encoding == TABLE_UTF_8 ? PD_OK : decode_held(r, &sample, is_last, err);
}

/* ---- Form, separator, header ---- */

static enum pd_status start_reading(struct table_reader *r, bool is_last, struct pd_error *err) {
    size_t n = r->len < r->limits.sample_bytes ? r->len : r->limits.sample_bytes;
    bool is_whole = is_last && n == r->len;
    enum pd_status status = settle_encoding(r, &n, is_last, is_whole, err);
    if (status != PD_OK)
        return status;
    pd_str sample = {r->text, n};
    size_t bom = table_dialect_bom(sample);
    r->dialect.has_bom = bom > 0;
    sample = pd_str_sub(sample, bom, n - bom);
    r->checked = r->scanned = r->record_start = r->cell_start = bom;
    r->line_at = bom;
    r->phase = TABLE_READING;
    table_json_find(sample, is_whole, &r->dialect);
    if (r->dialect.form != TABLE_CSV)
        return table_json_new(r, err);
    uint64_t least_line = table_dialect_find(sample, is_whole, &r->dialect);
    return table_layout_find(sample, is_whole, least_line, &r->dialect, err);
}

/* The error for what stands behind the last good character, if anything does. */
static enum pd_status check_rest(struct table_reader *r, bool bad, bool is_last,
                                 struct pd_error *err) {
    bool is_cut = is_last && r->checked < r->len;
    if (!bad && !is_cut && !r->is_undecodable)
        return PD_OK;
    uint64_t line, column;
    table_reader_place(r, r->checked, &line, &column);
    if (!bad && !is_cut)
        return table_decoder_fail(r->decoder, line, column, r->dialect.encoding_evidence, err);
    return table_text_fail(r->text + r->checked, r->len - r->checked, line, column,
                           r->dialect.encoding_evidence, err);
}

static enum pd_status scan(struct table_reader *r, size_t pause, struct pd_error *err) {
    return r->json != NULL ? table_json_scan(r, err) : table_record_scan(r, pause, err);
}

/* Checks the text until there, and scans it until the pause. */
static enum pd_status look_closely(struct table_reader *r, size_t until, size_t pause, bool is_last,
                                   bool *bad, struct pd_error *err) {
    size_t n = until > r->checked ? until - r->checked : 0;
    if (!r->encoding_is_open) {
        r->checked += table_text_check(r->wide, r->text + r->checked, n, bad);
        return scan(r, pause, err);
    }
    r->checked += table_text_ascii(r->wide, r->text + r->checked, n);
    enum pd_status status = scan(r, pause, err);
    return status == PD_OK && r->checked < until && r->scanned == r->checked
               ? settle_late(r, is_last, err)
               : status;
}

/**
 * Checks and scans what has been appended. All depends on offsets in the input only, never on how
 * it was cut: so a wrong byte stops the reader after everything before it has been read.
 */
static enum pd_status take_text(struct table_reader *r, bool is_last, struct pd_error *err) {
    enum pd_status status = PD_OK;
    if (r->phase == TABLE_SAMPLING) {
        if (r->len == 0 || (r->len < r->limits.sample_bytes && !is_last))
            return PD_OK;
        status = start_reading(r, is_last, err);
    }
    bool bad = false, goes_on = r->phase == TABLE_READING;
    while (status == PD_OK && goes_on) {
        size_t pause = SIZE_MAX, until = r->len, scanned = r->scanned, checked = r->checked;
        if (r->json == NULL) {
            status = table_rows_take(r, &pause, err);
            if (status != PD_OK || r->is_ceded)
                return status;
            if (until - r->scanned > CLOSE_BYTES)
                until = r->scanned + CLOSE_BYTES;
        }
        bool was_open = r->encoding_is_open;
        status = look_closely(r, until, pause, is_last, &bad, err);
        bool has_moved = r->scanned > scanned || r->checked > checked;
        goes_on = was_open != r->encoding_is_open ||
                  (r->json == NULL && has_moved && r->scanned < (bad ? r->checked : r->len));
    }
    if (status != PD_OK || r->encoding_is_open)
        return status;
    return check_rest(r, bad, is_last, err);
}

/**
 * Reads the caller's bytes where they are, as far as that goes: from the last batch's end in `text`
 * on, which they end with. *from, *n: in: what follows the text; out: what is still to be fed.
 */
static enum pd_status read_lent(struct table_reader *r, const char **from, size_t *n,
                                struct pd_error *err) {
    drop_handed_out(r);
    size_t again = r->len, refused;
    r->lent = *from - again;
    r->lent_len = *n + again;
    r->len = r->lendable = 0;
    r->checked = r->scanned;
    enum pd_status status = table_rows_take(r, &refused, err);
    r->counts.bytes += r->scanned - again;
    *from = r->lent + r->scanned;
    *n = r->lent_len - r->scanned;
    const char *kept = r->lent + r->batch_start;
    r->lent = NULL;
    drop_to(r, r->batch_start);
    return status == PD_OK ? append(r, kept, r->scanned, false, err) : status;
}

enum pd_status table_feed(struct table_reader *reader, const void *bytes, size_t n,
                          struct pd_error *err) {
    if (reader->phase == TABLE_ENDED)
        return pd_fail(err, PD_USAGE, "the table reader has ended: it takes no more input");
    const size_t batch_bytes = reader->limits.batch_bytes;
    const size_t most = batch_bytes < PIECE_BYTES ? batch_bytes : PIECE_BYTES;
    const char *from = bytes;
    while (n > 0) {
        size_t piece = n < most ? n : most;
        enum pd_status status = append(reader, from, piece, false, err);
        reader->counts.bytes += piece;
        from += piece;
        n -= piece;
        bool is_enough = n >= batch_bytes && reader->decoder == NULL;
        reader->lendable = is_enough ? (size_t)(from - (const char *)bytes) : 0;
        reader->is_ceded = false;
        if (status == PD_OK)
            status = take_text(reader, false, err);
        if (status == PD_OK && reader->is_ceded)
            status = read_lent(reader, &from, &n, err);
        if (status != PD_OK) {
            reader->phase = TABLE_ENDED;
            return status;
        }
    }
    return PD_OK;
}

enum pd_status table_finish(struct table_reader *reader, struct pd_error *err) {
    if (reader->phase == TABLE_ENDED)
        return pd_fail(err, PD_USAGE, "the table reader has ended: it cannot finish again");
    enum pd_status status = PD_OK;
    if (reader->decoder != NULL) /* what is pending there */
        status = append(reader, NULL, 0, true, err);
    if (status == PD_OK)
        status = take_text(reader, true, err);
    if (status == PD_OK)
        status = reader->json != NULL ? table_json_finish(reader, err)
                                      : table_record_finish(reader, err);
    reader->phase = TABLE_ENDED;
    return status;
}
