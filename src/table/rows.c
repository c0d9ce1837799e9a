/*
 * Whole rows at once, as long as there is nothing to think about: each has the header's number of
 * fields, quotes stand around whole cells only, and nothing is wrong. What is taken here is what
 * record.c would have made of it; at anything else the text is left to it.
 */
#include "table/table_impl.h"

enum {
    /* Behind the row that ends a batch nothing is taken, so no more than this is looked at. */
    LOOK_BEHIND = 1024,
    SPARSE_COLUMNS_LEAST = 3 /* see tail.c */
};

static bool is_between_records(const struct table_reader *r) {
    return r->place == TABLE_IN_PLAIN && r->fields == 0 && r->scanned == r->record_start;
}

/* Whether they may be taken here. If not, *refused is from where on to ask again. */
static bool may_take(const struct table_reader *r, size_t *refused) {
    bool may_ever = r->limits.cell_bytes >= TABLE_LOOK && r->limits.row_bytes >= TABLE_LOOK;
    *refused = !may_ever ? SIZE_MAX : is_between_records(r) ? r->scanned + TABLE_LOOK : r->scanned;
    return may_ever && r->has_header && is_between_records(r) && !r->after_cr && r->tail.count == 0;
}

/* How much to look at: whole blocks. */
static size_t look_bytes(const struct table_reader *r, size_t len) {
    size_t in_batch = r->scanned - r->batch_start, most = TABLE_LOOK;
    size_t left = in_batch < r->limits.batch_bytes ? r->limits.batch_bytes - in_batch : 0;
    if (most > left + LOOK_BEHIND)
        most = left + LOOK_BEHIND;
    if (most > len - r->scanned)
        most = len - r->scanned;
    return most / TABLE_BLOCK * TABLE_BLOCK;
}

/**
 * How many rows end in what was looked at; 0 if not all of it is plain. There are as many line
 * feeds as rows, and one where each row must end: so all other marks are separators.
 */
static size_t count_rows(const struct table_reader *r, const char *text) {
    const struct table_look *look = &r->look;
    const size_t columns = r->columns, rows = look->count / columns;
    const uint32_t *places = look->places;
    const bool has_returns = look->returns > 0;
    if (look->is_odd || look->feeds != rows || (has_returns && look->returns != rows) ||
        (r->encoding_is_open && !look->is_ascii))
        return 0;
    unsigned differs = 0;
    for (size_t i = 1; i <= rows; i++)
        differs |= (unsigned)(text[places[i * columns]] ^ '\n');
    for (size_t i = 1; i <= rows && columns == 1; i++) /* a line without a byte is none */
        differs |= places[i] - places[i - 1] - 1 <= has_returns;
    for (size_t i = 1; i <= rows && has_returns && differs == 0; i++)
        differs |= (unsigned)(text[places[i * columns] - 1] ^ '\r');
    return differs == 0 ? rows : 0;
}

/* So many of the rows belong to this batch: all, or those up to the one that makes it full. */
static size_t count_fitting(const struct table_reader *r, size_t rows, size_t return_bytes) {
    const uint32_t *places = r->look.places;
    size_t base = r->scanned - r->batch_start;
    if (rows > r->rows_room - r->rows)
        rows = r->rows_room - r->rows;
    if (base + places[rows * r->columns] - return_bytes < r->limits.batch_bytes)
        return rows;
    size_t i = 1;
    while (base + places[i * r->columns] - return_bytes < r->limits.batch_bytes)
        i++;
    return i;
}

/* A cell that begins with a quote ends with one, and has no other. */
static void unwrap(const char *bytes, char quote, struct table_cell *cells, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool is_quoted = bytes[cells[i].at] == quote;
        cells[i].at += is_quoted;
        cells[i].len -= 2U * is_quoted;
    }
}

/* Whether one of the rows may be a note below the table: only its first field has text, if any. */
static bool has_sparse_row(const struct table_reader *r, const struct table_cell *cells,
                           size_t rows) {
    const size_t columns = r->columns;
    if (columns < SPARSE_COLUMNS_LEAST || r->tail.is_off)
        return false;
    for (size_t i = 0; i < rows; i++, cells += columns) {
        size_t filled = columns;
        if (cells[filled - 1].len > 0)
            continue;
        while (filled > 1 && cells[filled - 1].len == 0)
            filled--;
        if (filled == 1)
            return true;
    }
    return false;
}

/* Writes the cells of the rows, which count only when `r->rows` says so. */
static bool write_cells(struct table_reader *r, const char *bytes, size_t rows,
                        size_t return_bytes) {
    const size_t columns = r->columns, n = rows * columns;
    struct table_cell *cells = r->cells + r->rows * columns;
    r->wide->cells(r->look.places, n, (uint32_t)(r->scanned - r->batch_start), cells);
    for (size_t i = columns; return_bytes > 0 && i <= n; i += columns)
        cells[i - 1].len--;
    if (r->look.has_quotes)
        unwrap(bytes, r->dialect.quote, cells, n);
    return !has_sparse_row(r, cells, rows);
}

/* The rows are written: `end` is the line feed of the last one. */
static enum pd_status end_rows(struct table_reader *r, size_t rows, size_t end, size_t return_bytes,
                               struct pd_error *err) {
    for (size_t i = 0; i < rows; i++)
        r->row_line[r->rows + i] = r->line + i;
    r->rows += rows;
    r->counts.rows += rows;
    r->line += rows - 1;
    r->dialect.line_ends |= return_bytes > 0 ? TABLE_CRLF : TABLE_LF;
    size_t text_end = end - return_bytes;
    bool is_full = r->rows == r->rows_room || text_end - r->batch_start >= r->limits.batch_bytes;
    enum pd_status status = is_full ? table_record_hand_out(r, text_end, err) : PD_OK;
    r->line++;
    r->scanned = end + 1;
    if (r->checked < r->scanned)
        r->checked = r->scanned;
    table_record_start(r, end + 1);
    return status;
}

enum pd_status table_rows_take(struct table_reader *r, size_t *refused, struct pd_error *err) {
    const char *text = r->lent != NULL ? r->lent : r->text;
    const size_t len = r->lent != NULL ? r->lent_len : r->len;
    enum pd_status status = PD_OK;
    while (status == PD_OK && may_take(r, refused)) {
        size_t n = look_bytes(r, len);
        *refused = r->scanned + n;
        if (n == 0)
            break;
        r->wide->look(text + r->scanned, n / TABLE_BLOCK, r->dialect.separator, r->dialect.quote,
                      &r->look);
        size_t rows = count_rows(r, text + r->scanned);
        size_t return_bytes = r->look.returns > 0 ? 1 : 0;
        if (rows > 0)
            rows = count_fitting(r, rows, return_bytes);
        if (rows == 0 || !write_cells(r, text + r->batch_start, rows, return_bytes))
            break;
        size_t end = r->scanned + r->look.places[rows * r->columns];
        status = end_rows(r, rows, end, return_bytes, err);
        r->is_ceded = r->rows == 0 && r->lent == NULL && r->decoder == NULL &&
                      r->len - r->batch_start <= r->lendable;
        if (r->is_ceded)
            break;
    }
    return status;
}
