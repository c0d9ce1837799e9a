/* Vectors of values as batches of cells. */
#include "table/parquet_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_BYTES = 32 << 20, /* of text, unless one row has more */
    ROW_BYTES = 256 << 20,  /* as table_limits_default */
    WORDS_MAX = 1 << 16     /* entries of a dictionary that is written once */
};

/* A dictionary as text, kept while values refer to it. */
struct words {
    uint64_t id; /* 0: none */
    struct parquet_block bytes, cells;
    size_t len;
};

struct reading {
    struct table_parquet *parquet;
    const struct table_handler *handler;
    size_t columns;
    struct parquet_pen *pens;
    struct words *words;
    struct table_cell *cells; /* PARQUET_WINDOW for each column */
    struct table_parquet_vector *parts,
        *rest; /* of the vectors at hand: this batch; what follows */
    uint64_t lines[PARQUET_WINDOW];
    struct parquet_block text;
    size_t len;
    const struct table_parquet_wanted *wanted;
    uint64_t rows; /* handed out */
    uint8_t is_kept[PARQUET_WINDOW];
};

static size_t value_len(const struct table_parquet_column *c, const void *value) {
    return c->type == TABLE_PARQUET_BYTES ? ((const pd_str *)value)->len : c->width;
}

static const void *value_at(const struct table_parquet_vector *v, size_t i) {
    return parquet_vector_value(v, v->codes != NULL ? v->codes[i] : i);
}

/* ---- Text that is none ---- */

/* Whether all cells of `rows` are UTF-8 without zero bytes. They stand one after another, so that
   together they are if each begins where a character does. */
static bool is_utf8(const struct table_parquet *p, const char *bytes, size_t from, size_t to,
                    const struct table_cell *cells, size_t rows) {
    bool is_bad = false;
    if (table_text_check(p->wide, bytes + from, to - from, &is_bad) != to - from)
        return false;
    for (size_t r = 0; r < rows; r++)
        if (cells[r].len > 0 && ((unsigned char)bytes[cells[r].at] & 0xc0) == 0x80)
            return false;
    return true;
}

static bool is_clean(pd_str text) {
    return pd_utf8_valid(text, NULL) && pd_str_find_char(text, '\0') == PD_NPOS;
}

static enum pd_status fail_text(const struct table_parquet_column *c, const char *where,
                                uint64_t row, struct pd_error *err) {
    return pd_fail(err, PD_INVALID,
                   "column \"%.*s\", %s row %" PRIu64
                   ": its text is not UTF-8, or holds a zero byte; write the file again with text "
                   "that is",
                   pd_arg(c->name), where, row + 1);
}

/* Which row has the text that is none. */
static enum pd_status find_bad_text(const struct table_parquet_column *c, const char *bytes,
                                    const struct table_cell *cells, size_t rows, uint64_t first,
                                    struct pd_error *err) {
    size_t r = 0;
    while (r + 1 < rows && is_clean((pd_str){bytes + cells[r].at, cells[r].len}))
        r++;
    return fail_text(c, "in", first + r, err);
}

/* ---- Bytes that nobody says are text ---- */

static bool reads_as_text(pd_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return false;
    }
    return pd_utf8_valid(s, NULL);
}

struct look {
    bool is_text;
    uint64_t seen; /* the dictionary that was looked at */
};

/* Stops the scan at the first value that isn't text, with a status that nothing else returns. */
static enum pd_status look_at(void *context, const struct table_parquet_vectors *vectors,
                              struct pd_error *err) {
    (void)err;
    struct look *look = context;
    const struct table_parquet_vector *v = vectors->vector;
    bool is_seen = v->codes != NULL && v->dictionary_id == look->seen;
    size_t count = is_seen ? 0 : v->codes != NULL ? v->dictionary : v->count;
    for (size_t i = 0; look->is_text && i < count; i++) {
        const void *value = parquet_vector_value(v, i);
        look->is_text = reads_as_text(v->column->type == TABLE_PARQUET_BYTES
                                          ? *(const pd_str *)value
                                          : (pd_str){value, v->column->width});
    }
    look->seen = v->dictionary_id;
    return look->is_text ? PD_OK : PD_CONFLICT;
}

static enum pd_status settle_bytes(struct table_parquet *p, size_t column, struct pd_error *err) {
    struct table_parquet_column *c = &p->columns[column];
    bool is_open = c->meaning == TABLE_PARQUET_PLAIN &&
                   (c->type == TABLE_PARQUET_BYTES || c->type == TABLE_PARQUET_FIXED_BYTES);
    if (!is_open)
        return PD_OK;
    struct look look = {.is_text = true};
    struct table_parquet_wanted only = {.columns = &column, .column_count = 1};
    enum pd_status st = table_parquet_scan(p, &only, look_at, &look, err);
    c->meaning = look.is_text ? TABLE_PARQUET_TEXT : TABLE_PARQUET_BINARY;
    return st == PD_CONFLICT ? PD_OK : st;
}

/* ---- Dictionaries ---- */

static bool has_words(const struct table_parquet_vector *v) {
    return v->codes != NULL && v->dictionary <= WORDS_MAX;
}

/* The most bytes that `count` values take as text. PD_INVALID: a decimal that is none. */
static enum pd_status measure(const struct parquet_pen *pen, const struct table_parquet_vector *v,
                              size_t count, bool is_dictionary, size_t *out, struct pd_error *err) {
    size_t size = count * pen->fixed;
    bool is_decimal = v->column->meaning == TABLE_PARQUET_DECIMAL;
    if (pen->per_byte == 0 && !(is_decimal && v->column->type >= TABLE_PARQUET_BYTES)) {
        *out = size;
        return PD_OK;
    }
    for (size_t i = 0; i < count; i++) {
        size_t len =
            value_len(v->column, is_dictionary ? parquet_vector_value(v, i) : value_at(v, i));
        if (is_decimal && len > PARQUET_DECIMAL_MAX)
            return pd_fail(err, PD_INVALID, "column \"%.*s\": a decimal of %zu bytes",
                           pd_arg(v->column->name), len);
        if (len > PARQUET_CELL_MAX)
            return pd_fail(err, PD_LIMIT, "column \"%.*s\": a value has more than %zu MiB",
                           pd_arg(v->column->name), PARQUET_CELL_MAX >> 20);
        size += len * pen->per_byte;
    }
    *out = size;
    return PD_OK;
}

static enum pd_status make_words(struct reading *r, size_t column,
                                 const struct table_parquet_vector *v, uint64_t row,
                                 struct pd_error *err) {
    struct words *w = &r->words[column];
    const struct parquet_pen *pen = &r->pens[column];
    size_t most, size = v->dictionary * sizeof(struct table_cell);
    w->id = 0;
    enum pd_status st = measure(pen, v, v->dictionary, true, &most, err);
    if (st == PD_OK && most > UINT32_MAX / 2)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = parquet_block_need(r->parquet, &w->bytes, most + TABLE_BLOCK, err);
    if (st == PD_OK)
        st = parquet_block_need(r->parquet, &w->cells, size, err);
    if (st != PD_OK)
        return st;
    struct table_cell *cells = (struct table_cell *)(void *)w->cells.data;
    size_t at = 0;
    for (size_t i = 0; i < v->dictionary; i++) {
        size_t n = pen->write(v->column, parquet_vector_value(v, i), w->bytes.data + at);
        cells[i] = (struct table_cell){(uint32_t)at, (uint32_t)n};
        at += n;
    }
    if (pen->is_text && !is_utf8(r->parquet, w->bytes.data, 0, at, cells, v->dictionary))
        return fail_text(v->column, "in the dictionary from", row, err);
    w->len = at;
    w->id = v->dictionary_id;
    return PD_OK;
}

/* ---- A batch ---- */

/* Whether all words are copied into the batch, cells sharing them, rather than each value's. */
static bool are_shared(const struct words *w, size_t rows) {
    return w->len <= 16 * rows;
}

static enum pd_status measure_column(struct reading *r, size_t column,
                                     const struct table_parquet_vector *v, size_t rows,
                                     uint64_t row, size_t *out, struct pd_error *err) {
    struct words *w = &r->words[column];
    if (!has_words(v))
        return measure(&r->pens[column], v, v->count, false, out, err);
    if (w->id != v->dictionary_id) {
        enum pd_status st = make_words(r, column, v, row, err);
        if (st != PD_OK)
            return st;
    }
    *out = w->len;
    if (are_shared(w, rows))
        return PD_OK;
    const struct table_cell *cells = (const struct table_cell *)(const void *)w->cells.data;
    *out = 0;
    for (size_t i = 0; i < v->count; i++)
        *out += cells[v->codes[i]].len;
    return PD_OK;
}

/* Spreads the cells of values over the rows that have one. */
static void spread(struct table_cell *cells, const uint8_t *present, size_t rows, size_t count) {
    while (rows-- > 0)
        cells[rows] = present[rows] ? cells[--count] : (struct table_cell){0, 0};
}

/* The cells of all values, in cells[0 .. count). */
static void write_values(struct reading *r, size_t column, const struct table_parquet_vector *v,
                         size_t rows, struct table_cell *cells) {
    const struct parquet_pen *pen = &r->pens[column];
    const struct words *w = &r->words[column];
    const struct table_cell *words = (const struct table_cell *)(const void *)w->cells.data;
    char *bytes = r->text.data;
    size_t at = r->len;
    if (!has_words(v)) {
        for (size_t i = 0; i < v->count; i++) {
            size_t n = pen->write(v->column, value_at(v, i), bytes + at);
            cells[i] = (struct table_cell){(uint32_t)at, (uint32_t)n};
            at += n;
        }
    } else if (are_shared(w, rows)) {
        memcpy(bytes + at, w->bytes.data, w->len);
        for (size_t i = 0; i < v->count; i++) {
            struct table_cell word = words[v->codes[i]];
            cells[i] = (struct table_cell){(uint32_t)at + word.at, word.len};
        }
        at += w->len;
    } else {
        for (size_t i = 0; i < v->count; i++) {
            struct table_cell word = words[v->codes[i]];
            memcpy(bytes + at, w->bytes.data + word.at, word.len);
            cells[i] = (struct table_cell){(uint32_t)at, word.len};
            at += word.len;
        }
    }
    r->len = at;
}

static enum pd_status write_column(struct reading *r, size_t column,
                                   const struct table_parquet_vector *v, size_t rows, uint64_t row,
                                   struct pd_error *err) {
    struct table_cell *cells = r->cells + column * PARQUET_WINDOW;
    size_t from = r->len;
    write_values(r, column, v, rows, cells);
    bool is_checked = has_words(v) || !r->pens[column].is_text;
    bool is_well = is_checked || is_utf8(r->parquet, r->text.data, from, r->len, cells, v->count);
    if (v->present != NULL)
        spread(cells, v->present, rows, v->count);
    return is_well ? PD_OK : find_bad_text(v->column, r->text.data, cells, rows, row, err);
}

/* The most bytes that they take as text. */
static enum pd_status measure_batch(struct reading *r, const struct table_parquet_vector *parts,
                                    size_t rows, uint64_t row, size_t *out, struct pd_error *err) {
    size_t size = 0;
    for (size_t c = 0; c < r->columns; c++) {
        size_t more = 0;
        enum pd_status st = measure_column(r, c, &parts[c], rows, row, &more, err);
        if (st != PD_OK)
            return st;
        size += more;
    }
    *out = size;
    return PD_OK;
}

/* Moves the rows within all ranges to the front, and says how many there are. */
static size_t keep_within(struct reading *r, const struct table_parquet_vector *parts,
                          size_t rows) {
    size_t kept = rows, to = 0;
    memset(r->is_kept, 1, rows);
    for (size_t i = 0; i < r->wanted->range_count; i++) {
        const struct table_parquet_range *range = &r->wanted->ranges[i];
        kept = parquet_rows_within(parts[range->place].column, range, r->text.data,
                                   r->cells + range->place * PARQUET_WINDOW, r->is_kept, rows);
    }
    if (kept == rows)
        return rows;
    for (size_t from = 0; from < rows; from++) {
        if (!r->is_kept[from])
            continue;
        for (size_t c = 0; c < r->columns; c++)
            r->cells[c * PARQUET_WINDOW + to] = r->cells[c * PARQUET_WINDOW + from];
        r->lines[to++] = r->lines[from];
    }
    return kept;
}

static enum pd_status write_batch(struct reading *r, const struct table_parquet_vector *parts,
                                  size_t rows, uint64_t row, size_t size, struct pd_error *err) {
    if (size > ROW_BYTES) /* then it is one row */
        return pd_fail(err, PD_LIMIT, "row %" PRIu64 " has more than %d MiB", row + 1,
                       ROW_BYTES >> 20);
    enum pd_status st = parquet_block_need(r->parquet, &r->text, size + TABLE_BLOCK, err);
    r->len = 0;
    for (size_t c = 0; st == PD_OK && c < r->columns; c++)
        st = write_column(r, c, &parts[c], rows, row, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < rows; i++)
        r->lines[i] = row + i + 2;
    rows = keep_within(r, parts, rows);
    struct table_batch batch = {.rows = rows,
                                .columns = r->columns,
                                .bytes = r->text.data,
                                .cells = r->cells,
                                .row_step = 1,
                                .column_step = PARQUET_WINDOW,
                                .line = r->lines,
                                .first_row = r->rows};
    r->rows += rows;
    return rows > 0 && r->handler->batch != NULL
               ? r->handler->batch(r->handler->context, &batch, err)
               : PD_OK;
}

/* The first `rows` rows of what is left. */
static void choose_parts(struct reading *r, size_t rows, bool is_all) {
    for (size_t c = 0; c < r->columns; c++)
        r->parts[c] = is_all ? r->rest[c] : parquet_vector_part(&r->rest[c], 0, 0, rows);
}

/* A batch of as many of the rows that are left as fit into one: half of them, until they do. */
static enum pd_status take_some(struct reading *r, size_t left, uint64_t row, size_t *taken,
                                struct pd_error *err) {
    size_t rows = left, size = 0;
    enum pd_status st;
    for (;; rows = (rows + 1) / 2) {
        choose_parts(r, rows, rows == left);
        st = measure_batch(r, r->parts, rows, row, &size, err);
        if (st != PD_OK || rows == 1 || size <= BATCH_BYTES)
            break;
    }
    *taken = rows;
    return st == PD_OK ? write_batch(r, r->parts, rows, row, size, err) : st;
}

static enum pd_status take(void *context, const struct table_parquet_vectors *vectors,
                           struct pd_error *err) {
    struct reading *r = context;
    memcpy(r->rest, vectors->vector, r->columns * sizeof(*r->rest));
    enum pd_status st = PD_OK;
    for (size_t row = 0, rows = 0; st == PD_OK && row < vectors->rows; row += rows) {
        size_t left = vectors->rows - row;
        st = take_some(r, left, vectors->first_row + row, &rows, err);
        for (size_t c = 0; rows < left && c < r->columns; c++)
            r->rest[c] = parquet_vector_part(&r->rest[c], rows, r->parts[c].count, left - rows);
    }
    return st;
}

/* ---- The whole ---- */

static enum pd_status prepare(struct reading *r, const size_t *wanted, pd_str *names,
                              struct pd_error *err) {
    r->pens = calloc(r->columns, sizeof(*r->pens));
    r->words = calloc(r->columns, sizeof(*r->words));
    r->cells = calloc(r->columns, PARQUET_WINDOW * sizeof(*r->cells));
    r->parts = calloc(r->columns, sizeof(*r->parts));
    r->rest = calloc(r->columns, sizeof(*r->rest));
    if (r->pens == NULL || r->words == NULL || r->cells == NULL || r->parts == NULL ||
        r->rest == NULL)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < r->columns; i++) {
        size_t c = wanted != NULL ? wanted[i] : i;
        if (c >= r->parquet->column_count)
            return pd_fail(err, PD_USAGE, "there is no column %zu", c + 1);
        st = settle_bytes(r->parquet, c, err);
        names[i] = r->parquet->columns[c].name;
        r->pens[i] = parquet_pen_of(&r->parquet->columns[c]);
    }
    return st;
}

static void clear(struct reading *r) {
    for (size_t i = 0; r->words != NULL && i < r->columns; i++) {
        parquet_block_free(r->parquet, &r->words[i].bytes);
        parquet_block_free(r->parquet, &r->words[i].cells);
    }
    parquet_block_free(r->parquet, &r->text);
    free(r->pens);
    free(r->words);
    free(r->cells);
    free(r->parts);
    free(r->rest);
    free(r);
}

enum pd_status table_parquet_read(struct table_parquet *parquet,
                                  const struct table_parquet_wanted *wanted,
                                  const struct table_handler *handler, struct pd_error *err) {
    struct reading *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return pd_fail_memory(err);
    r->parquet = parquet;
    r->handler = handler;
    r->wanted = wanted;
    r->columns = wanted->columns != NULL ? wanted->column_count : parquet->column_count;
    pd_str *names = calloc(r->columns > 0 ? r->columns : 1, sizeof(*names));
    enum pd_status st =
        names != NULL ? prepare(r, wanted->columns, names, err) : pd_fail_memory(err);
    if (st == PD_OK && handler->header != NULL)
        st = handler->header(handler->context, names, r->columns, err);
    if (st == PD_OK)
        st = table_parquet_scan(parquet, wanted, take, r, err);
    free(names);
    clear(r);
    return st;
}
