/* The numbers behind a drawing as files: every picture can be had as CSV and JSON. */
#include "portal/pages.h"

#include <string.h>

static void write_cell(struct pd_buf *out, pd_str cell) {
    bool is_formula = cell.len && strchr("=+-@\t\r", cell.data[0]) != NULL;
    double number;
    if (is_formula && pd_parse_double(cell, &number))
        is_formula = false;
    bool quotes = is_formula;
    for (size_t i = 0; i < cell.len; i++)
        quotes = quotes || strchr(",\"\r\n", cell.data[i]);
    if (!quotes) {
        pd_buf_str(out, cell);
        return;
    }
    pd_buf_text(out, is_formula ? "\"'" : "\"");
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '"')
            pd_buf_char(out, '"');
        pd_buf_char(out, cell.data[i]);
    }
    pd_buf_char(out, '"');
}

static void write_csv(struct pd_buf *out, const struct pages_table *table) {
    for (size_t c = 0; c < table->columns; c++)
        pd_buf_printf(out, "%s%s", c ? "," : "", table->names[c]);
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        pd_buf_text(out, i % table->columns ? "," : "\r\n");
        write_cell(out, table->cells[i]);
    }
    pd_buf_text(out, "\r\n");
}

static void write_json(struct pd_buf *out, const struct pages_table *table) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_COMPACT);
    pd_json_array(&w);
    for (size_t row = 0; row < table->rows; row++) {
        pd_json_object(&w);
        for (size_t c = 0; c < table->columns; c++) {
            pd_str cell = table->cells[row * table->columns + c];
            int64_t whole;
            double share;
            pd_json_key(&w, table->names[c]);
            if (pd_parse_i64(cell, &whole) && cell.len < 16)
                pd_json_i64(&w, whole);
            else if (pd_str_find_char(cell, '.') != PD_NPOS && cell.len < 16 && pd_parse_double(cell, &share))
                pd_json_double(&w, share);
            else
                pd_json_str(&w, cell);
        }
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_clear(&w);
}

pd_str pages_table_text(struct page *page, const struct pages_table *table, bool is_csv) {
    struct pd_buf out;
    pd_buf_init(&out, 8 << 20);
    if (!table->cells)
        out.failed = true;
    else if (is_csv)
        write_csv(&out, table);
    else
        write_json(&out, table);
    pd_str text = out.failed ? (pd_str){NULL, 0} : pd_arena_str(page->arena, pd_buf_view(&out));
    pd_buf_clear(&out);
    return text;
}

void pages_send_table(struct page *page, const struct pages_table *table) {
    struct serve_call *call = page->call;
    bool is_csv = pd_str_ends(call->request->path, PD_STR(".csv"));
    struct pd_error err = {0};
    if (!is_csv && !pd_str_ends(call->request->path, PD_STR(".json"))) {
        portal_refuse(call, 404, "");
        return;
    }
    pd_str text = pages_table_text(page, table, is_csv);
    if (!text.data) {
        (void)pd_fail_memory(&err);
        page_fail(page, &err);
        return;
    }
    http_respond(call->response, 200, is_csv ? "text/csv; charset=utf-8" : "application/json",
                 text);
    if (call->is_known)
        http_add_header(call->response, "Cache-Control", PD_STR("private, no-store"));
}
