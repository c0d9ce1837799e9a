/* What the tests of source/ share: archives made of XML texts, and what a parser made of bytes. */
#ifndef POLDER_SOURCE_FIXTURE_H
#define POLDER_SOURCE_FIXTURE_H

#include "source/source.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* ---- Making archives ---- */

struct entry {
    const char *name;
    pd_str content;
};

static inline pd_str make_zip(const struct entry *entries, size_t count, const char *password) {
    zip_error_t why;
    zip_source_t *buffer = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = zip_open_from_source(buffer, ZIP_CREATE | ZIP_TRUNCATE, &why);
    assert_non_null(zip);
    zip_source_keep(buffer);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *from =
            zip_source_buffer(zip, entries[i].content.data, entries[i].content.len, 0);
        zip_int64_t at = zip_file_add(zip, entries[i].name, from, ZIP_FL_ENC_UTF_8);
        assert_true(at >= 0);
        if (password != NULL)
            assert_int_equal(
                zip_file_set_encryption(zip, (zip_uint64_t)at, ZIP_EM_AES_256, password), 0);
    }
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t about;
    assert_int_equal(zip_source_stat(buffer, &about), 0);
    char *bytes = malloc(about.size + 1);
    assert_non_null(bytes);
    assert_int_equal(zip_source_open(buffer), 0);
    assert_int_equal(zip_source_read(buffer, bytes, about.size), (zip_int64_t)about.size);
    zip_source_close(buffer);
    zip_source_free(buffer);
    return (pd_str){bytes, about.size};
}

static inline void free_bytes(pd_str bytes) {
    free((char *)(uintptr_t)bytes.data);
}

/* ---- What came out ---- */

struct result {
    enum pd_status status;
    struct pd_error err;
    struct pd_buf data, told; /* told: "part: X\nnote: Y\n..." */
};

static enum pd_status keep_data(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct result *r = context;
    pd_buf_add(&r->data, bytes, n);
    return pd_buf_check(&r->data, err);
}

static enum pd_status keep_tale(void *context, enum source_tale tale, pd_str text,
                                struct pd_error *err) {
    static const char *const names[] = {"form", "part", "other", "note", "canonical"};
    struct result *r = context;
    pd_buf_printf(&r->told, "%s: %.*s\n", names[tale], pd_arg(text));
    return pd_buf_check(&r->told, err);
}

static inline struct result extract(pd_str bytes, bool as_text, const char *part) {
    struct result r = {0};
    struct source_sink sink = {&r, keep_data, keep_tale};
    struct source_wanted wanted = {as_text, pd_str_from(part)};
    r.status = source_extract(bytes, &wanted, &sink, &r.err);
    return r;
}

static inline void result_clear(struct result *r) {
    pd_buf_clear(&r->data);
    pd_buf_clear(&r->told);
}

static inline void assert_gives(struct result *r, const char *expected) {
    if (r->status != PD_OK)
        fail_msg("status %d: %s", (int)r->status, r->err.text);
    assert_string_equal(r->data.data ? r->data.data : "", expected);
}

static inline void assert_tells(const struct result *r, const char *words) {
    if (r->told.data == NULL || strstr(r->told.data, words) == NULL)
        fail_msg("\"%s\" is not told, but: %s", words, r->told.data ? r->told.data : "nothing");
}

static inline void assert_refused(const struct result *r, enum pd_status status,
                                  const char *words) {
    if (r->status != status || strstr(r->err.text, words) == NULL)
        fail_msg("status %d, \"%s\"; expected %d, \"%s\"", (int)r->status, r->err.text, (int)status,
                 words);
}

/* ---- A workbook ---- */

#define XLSX_MAIN "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define XLSX_TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

struct workbook {
    const char *properties; /* of the workbook: "date1904=\"1\"" */
    const char *sheets[3];  /* content of each worksheet element; ends in NULL */
    const char *states[3];  /* "hidden" or NULL */
    const char *strings;    /* content of sst */
    const char *styles;     /* content of styleSheet */
};

/* Sheets are called A, B and C. */
static inline pd_str make_workbook(const struct workbook *w) {
    struct pd_buf book = {0}, relations = {0}, sheets[3] = {0}, strings = {0}, styles = {0};
    struct entry entries[8];
    size_t n = 0;
    char names[3][40];
    pd_buf_printf(&book, "<workbook " XLSX_MAIN " xmlns:r=\"r\"><workbookPr %s/><sheets>",
                  w->properties ? w->properties : "");
    pd_buf_text(&relations, "<Relationships>");
    for (size_t i = 0; i < 3 && w->sheets[i] != NULL; i++) {
        pd_buf_printf(&book, "<sheet name=\"%c\" sheetId=\"%zu\" r:id=\"rId%zu\" state=\"%s\"/>",
                      (char)('A' + i), i + 1, i, w->states[i] ? w->states[i] : "visible");
        pd_buf_printf(&relations,
                      "<Relationship Id=\"rId%zu\" Type=\"" XLSX_TYPE
                      "worksheet\" Target=\"worksheets/sheet%zu.xml\"/>",
                      i, i);
        pd_buf_printf(&sheets[i], "<worksheet " XLSX_MAIN ">%s</worksheet>", w->sheets[i]);
        snprintf(names[i], sizeof(names[i]), "xl/worksheets/sheet%zu.xml", i);
        entries[n++] = (struct entry){names[i], pd_buf_view(&sheets[i])};
    }
    pd_buf_text(&book, "</sheets></workbook>");
    pd_buf_text(&relations, "</Relationships>");
    pd_buf_printf(&strings, "<sst " XLSX_MAIN ">%s</sst>", w->strings ? w->strings : "");
    pd_buf_printf(&styles, "<styleSheet " XLSX_MAIN ">%s</styleSheet>", w->styles ? w->styles : "");
    entries[n++] = (struct entry){"xl/workbook.xml", pd_buf_view(&book)};
    entries[n++] = (struct entry){"xl/_rels/workbook.xml.rels", pd_buf_view(&relations)};
    entries[n++] = (struct entry){"xl/sharedStrings.xml", pd_buf_view(&strings)};
    entries[n++] = (struct entry){"xl/styles.xml", pd_buf_view(&styles)};
    pd_str zip = make_zip(entries, n, NULL);
    pd_buf_clear(&book);
    pd_buf_clear(&relations);
    pd_buf_clear(&strings);
    pd_buf_clear(&styles);
    for (size_t i = 0; i < 3; i++)
        pd_buf_clear(&sheets[i]);
    return zip;
}

#endif
