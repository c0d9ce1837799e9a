/*
 * Reads a table as table/ does and prints what came of it, for comparison with other readers: a
 * line of JSON for the header, one for each row, one for the rest: table_rows FILE [PIECE]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/table.h"

struct print {
    struct pd_buf out;
    size_t titles, notes;
};

static void print_cells(struct print *p, const pd_str *cells, size_t count) {
    struct pd_json w;
    pd_json_init(&w, &p->out, PD_JSON_COMPACT);
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++)
        pd_json_str(&w, cells[i]);
    pd_json_array_end(&w);
    pd_json_clear(&w);
    pd_buf_char(&p->out, '\n');
    if (p->out.len < 1 << 20)
        return;
    fwrite(p->out.data, 1, p->out.len, stdout);
    pd_buf_reset(&p->out);
}

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    (void)err;
    print_cells(context, names, count);
    return PD_OK;
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    pd_str *cells = calloc(batch->columns, sizeof(*cells));
    if (!cells)
        return pd_fail_memory(err);
    for (size_t r = 0; r < batch->rows; r++) {
        for (size_t c = 0; c < batch->columns; c++)
            cells[c] = table_cell_text(batch, c, r);
        print_cells(context, cells, batch->columns);
    }
    free(cells);
    return PD_OK;
}

/* The whole file in pieces; again with what was found, if JSON is too long for one reading. */
static enum pd_status read_file(FILE *file, size_t piece, struct print *p,
                                const struct table_dialect *given, struct pd_error *err) {
    const struct table_handler handler = {.context = p, .header = on_header, .batch = on_batch};
    struct table_reader *reader = NULL;
    char *bytes = malloc(piece);
    enum pd_status st =
        bytes ? table_reader_new(NULL, given, &handler, &reader, err) : pd_fail_memory(err);
    size_t n = 0;
    rewind(file);
    while (st == PD_OK && (n = fread(bytes, 1, piece, file)) > 0)
        st = table_feed(reader, bytes, n, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    if (st == PD_OK && table_reader_needs_again(reader)) {
        st = read_file(file, piece, p, table_reader_dialect(reader), err);
    } else if (st == PD_OK) {
        const struct table_dialect *d = table_reader_dialect(reader);
        struct table_counts counts = table_reader_counts(reader);
        struct pd_json w;
        pd_json_init(&w, &p->out, PD_JSON_COMPACT);
        pd_json_object(&w);
        pd_json_member_text(&w, "form", table_form_name(d->form));
        pd_json_member_text(&w, "encoding", table_encoding_name(d->encoding));
        pd_json_member_i64(&w, "separator", d->separator);
        pd_json_member_bool(&w, "has_header", d->header != TABLE_HEADER_NONE);
        pd_json_member_i64(&w, "first_line", (int64_t)d->first_line);
        pd_json_member_i64(&w, "header_records", d->header_records);
        pd_json_member_i64(&w, "rows", (int64_t)counts.rows);
        pd_json_member_i64(&w, "set_aside", (int64_t)counts.set_aside);
        pd_json_member_i64(&w, "notes", (int64_t)counts.notes);
        pd_json_member_i64(&w, "titles", (int64_t)counts.titles);
        pd_json_member_i64(&w, "trimmed", (int64_t)counts.trimmed);
        pd_json_member_text(&w, "evidence", d->evidence);
        pd_json_member_text(&w, "encoding_evidence", d->encoding_evidence);
        pd_json_member_text(&w, "header_evidence", d->header_evidence);
        pd_json_object_end(&w);
        pd_json_clear(&w);
        pd_buf_char(&p->out, '\n');
        fwrite(p->out.data, 1, p->out.len, stdout);
    }
    table_reader_free(reader);
    free(bytes);
    return st;
}

int main(int argc, char **argv) {
    struct pd_error err = {0};
    struct print p = {0};
    FILE *file = argc >= 2 ? fopen(argv[1], "rb") : NULL;
    size_t piece = argc >= 3 ? (size_t)strtoul(argv[2], NULL, 10) : 65536;
    if (!file || piece == 0)
        return fprintf(stderr, "usage: table_rows FILE [PIECE]\n"), 64;
    pd_buf_init(&p.out, 0);
    enum pd_status st = read_file(file, piece, &p, NULL, &err);
    fclose(file);
    pd_buf_clear(&p.out);
    if (st != PD_OK)
        fprintf(stderr, "%s\n", err.text);
    return pd_outcome_get(st)->exit_code;
}
