/* source/: workbooks of Excel 97-2003, made here record by record. */
#include "source_fixture.h"

/* ---- Making ---- */

static void put16(struct pd_buf *b, unsigned n) {
    pd_buf_char(b, (char)(n & 0xff));
    pd_buf_char(b, (char)(n >> 8 & 0xff));
}

static void put32(struct pd_buf *b, uint32_t n) {
    put16(b, n & 0xffff);
    put16(b, n >> 16);
}

static void put_double(struct pd_buf *b, double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    put32(b, (uint32_t)bits);
    put32(b, (uint32_t)(bits >> 32));
}

static void record(struct pd_buf *stream, unsigned id, const struct pd_buf *data) {
    put16(stream, id);
    put16(stream, (unsigned)data->len);
    pd_buf_str(stream, pd_buf_view(data));
}

static void begin_cell(struct pd_buf *b, unsigned row, unsigned column, unsigned style) {
    pd_buf_reset(b);
    put16(b, row);
    put16(b, column);
    put16(b, style);
}

static void bof(struct pd_buf *stream, unsigned version, unsigned kind) {
    struct pd_buf b = {0};
    put16(&b, version);
    put16(&b, kind);
    put32(&b, 0);
    record(stream, 0x809, &b);
    pd_buf_clear(&b);
}

static void sst_cell(struct pd_buf *stream, unsigned row, unsigned column, uint32_t string) {
    struct pd_buf b = {0};
    begin_cell(&b, row, column, 0);
    put32(&b, string);
    record(stream, 0xfd, &b);
    pd_buf_clear(&b);
}

static void rk_cell(struct pd_buf *stream, unsigned row, unsigned column, unsigned style,
                    uint32_t rk) {
    struct pd_buf b = {0};
    begin_cell(&b, row, column, style);
    put32(&b, rk);
    record(stream, 0x27e, &b);
    pd_buf_clear(&b);
}

/* Strings 0 to 3: "name", "näme" (one byte a letter), "中文", and one that goes on, in wider
 * letters, in the record that continues it. */
static void strings(struct pd_buf *stream) {
    struct pd_buf b = {0};
    put32(&b, 4);
    put32(&b, 4);
    put16(&b, 4);
    pd_buf_add(&b, "\0name", 5);
    put16(&b, 4);
    pd_buf_add(&b, "\0n\xe4me", 5);
    put16(&b, 2);
    pd_buf_add(&b, "\x01\x2d\x4e\x87\x65", 5);
    put16(&b, 5);
    pd_buf_add(&b, "\x08\x01\x00xy", 5); /* of one run of formatting */
    record(stream, 0xfc, &b);
    pd_buf_reset(&b);
    pd_buf_add(&b, "\x01\x2d\x4ez\0\x87\x65", 7);
    put32(&b, 0);
    record(stream, 0x3c, &b);
    pd_buf_clear(&b);
}

struct options {
    unsigned version; /* 0x600 */
    bool is_encrypted, is_1904, has_no_sheet, has_bad_string;
    size_t cut; /* bytes off the end of the stream */
};

/* Styles: 0 general, 1 a built-in date, 2 a date by its own format, 3 percent. */
static void globals(struct pd_buf *stream, const struct options *o, size_t sheet_at) {
    struct pd_buf b = {0};
    static const unsigned formats[] = {0, 14, 170, 10};
    bof(stream, o->version, 5);
    if (o->is_encrypted) {
        put16(&b, 1);
        record(stream, 0x2f, &b);
    }
    pd_buf_reset(&b);
    put16(&b, o->is_1904);
    record(stream, 0x22, &b);
    pd_buf_reset(&b);
    put16(&b, 170);
    put16(&b, 10);
    pd_buf_add(&b, "\0yyyy/mm/dd", 11);
    record(stream, 0x41e, &b);
    for (size_t i = 0; i < 4; i++) {
        pd_buf_reset(&b);
        put16(&b, 0);
        put16(&b, formats[i]);
        put32(&b, 0);
        record(stream, 0xe0, &b);
    }
    pd_buf_reset(&b);
    put32(&b, (uint32_t)sheet_at);
    put16(&b, 0);
    pd_buf_add(&b, "\x03\0One", 5);
    if (!o->has_no_sheet)
        record(stream, 0x85, &b);
    strings(stream);
    pd_buf_reset(&b);
    record(stream, 0x0a, &b);
    pd_buf_clear(&b);
}

static void formula(struct pd_buf *stream, unsigned row, unsigned column, const char *result) {
    struct pd_buf b = {0};
    begin_cell(&b, row, column, 0);
    pd_buf_add(&b, result, 8);
    put16(&b, 0);
    put32(&b, 0);
    record(stream, 0x06, &b);
    pd_buf_clear(&b);
}

static void sheet(struct pd_buf *stream, const struct options *o) {
    struct pd_buf b = {0};
    bof(stream, o->version, 0x10);
    /* The second row first: order in the file is not order in the sheet. */
    begin_cell(&b, 1, 0, 0);
    put_double(&b, 0.1);
    record(stream, 0x203, &b);
    rk_cell(stream, 1, 1, 0, (uint32_t)(-5) << 2 | 2);
    rk_cell(stream, 1, 2, 0, 12345u << 2 | 3); /* a hundredth */
    rk_cell(stream, 1, 3, 1, 45360u << 2 | 2);
    rk_cell(stream, 1, 4, 3, 25u << 2 | 3);
    for (unsigned c = 0; c < 4; c++)
        sst_cell(stream, 0, c, o->has_bad_string ? 9 : c);
    pd_buf_reset(&b);
    put16(&b, 0);
    put16(&b, 4);
    put16(&b, 0);
    put32(&b, 7u << 2 | 2);
    put16(&b, 2);
    put32(&b, 45361u << 2 | 2);
    put16(&b, 5);
    record(stream, 0xbd, &b);
    formula(stream, 2, 0, "\0\0\0\0\0\0\xff\xff");
    pd_buf_reset(&b);
    put16(&b, 2);
    pd_buf_add(&b, "\0ok", 3);
    record(stream, 0x207, &b);
    formula(stream, 2, 1, "\1\0\1\0\0\0\xff\xff");
    formula(stream, 2, 2, "\2\0\x2a\0\0\0\xff\xff");
    formula(stream, 2, 3, "\3\0\0\0\0\0\xff\xff");
    formula(stream, 2, 4, "\0\0\0\0\0\0\xf0\x3f");
    begin_cell(&b, 3, 0, 0);
    pd_buf_add(&b, "\1\0", 2);
    record(stream, 0x205, &b);
    pd_buf_reset(&b);
    record(stream, 0x0a, &b);
    pd_buf_clear(&b);
}

/* One stream in a compound file: sector 0 its table, sector 1 its directory, the stream behind. */
static pd_str compound(const char *name, pd_str stream) {
    struct pd_buf b = {0};
    size_t sectors = (stream.len + 511) / 512, n = strlen(name);
    pd_buf_add(&b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    while (b.len < 0x18)
        pd_buf_char(&b, 0);
    put16(&b, 0x3e);
    put16(&b, 3);
    put16(&b, 0xfffe);
    put16(&b, 9);
    put16(&b, 6);
    while (b.len < 0x2c)
        pd_buf_char(&b, 0);
    put32(&b, 1);
    put32(&b, 1); /* directory */
    put32(&b, 0);
    put32(&b, 0); /* no stream is small */
    put32(&b, 0xfffffffe);
    put32(&b, 0);
    put32(&b, 0xfffffffe);
    put32(&b, 0);
    put32(&b, 0);
    while (b.len < 512)
        put32(&b, 0xffffffff);
    put32(&b, 0xfffffffd);
    put32(&b, 0xfffffffe);
    for (size_t i = 0; i < sectors; i++)
        put32(&b, i + 1 == sectors ? 0xfffffffe : (uint32_t)i + 3);
    while (b.len < 1024)
        put32(&b, 0xffffffff);
    for (int entry = 0; entry < 2; entry++) {
        const char *called = entry ? name : "Root Entry";
        size_t start = b.len, length = entry ? n : 10;
        for (size_t i = 0; i < length; i++)
            put16(&b, (unsigned char)called[i]);
        while (b.len < start + 64)
            pd_buf_char(&b, 0);
        put16(&b, (unsigned)(2 * length + 2));
        pd_buf_char(&b, entry ? 2 : 5);
        while (b.len < start + 116)
            pd_buf_char(&b, 0);
        put32(&b, entry ? 2 : 0xfffffffe);
        put32(&b, entry ? (uint32_t)stream.len : 0);
        put32(&b, 0);
    }
    while (b.len < 1536)
        pd_buf_char(&b, 0);
    pd_buf_str(&b, stream);
    while (b.len % 512)
        pd_buf_char(&b, 0);
    return (pd_str){b.data, b.len};
}

static pd_str make_book(struct options o) {
    struct pd_buf stream = {0};
    o.version = o.version ? o.version : 0x600;
    globals(&stream, &o, 0);
    size_t at = stream.len;
    pd_buf_reset(&stream);
    globals(&stream, &o, at);
    sheet(&stream, &o);
    pd_str book = compound("Workbook", pd_str_sub(pd_buf_view(&stream), 0, stream.len - o.cut));
    pd_buf_clear(&stream);
    return book;
}

/* ---- Facts ---- */

static void cells_of_every_kind_give_what_is_shown(void **state) {
    (void)state;
    pd_str book = make_book((struct options){0});
    struct result r = extract(book, false, NULL);
    assert_gives(&r, "name,näme,中文,xy中z文,7,2024-03-10\n"
                     "0.1,-5,123.45,2024-03-09,0.25,\n"
                     "ok,true,#N/A,,1,\n"
                     "true,,,,,\n");
    assert_tells(&r, "form: xls");
    assert_tells(&r, "part: One");
    assert_tells(&r, "Dates and times: 2;");
    assert_tells(&r, "Formulas: 5;");
    assert_tells(&r, "Percentages: 1;");
    result_clear(&r);
    free_bytes(book);
}

static void days_count_from_1904_where_the_workbook_says_so(void **state) {
    (void)state;
    pd_str book = make_book((struct options){.is_1904 = true});
    struct result r = extract(book, false, NULL);
    assert_int_equal(r.status, PD_OK);
    assert_non_null(strstr(r.data.data, "2028-03-10"));
    result_clear(&r);
    free_bytes(book);
}

static void a_damaged_or_other_file_is_refused_with_a_sentence(void **state) {
    (void)state;
    static const struct {
        struct options options;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {{.is_encrypted = true}, PD_UNSUPPORTED, "encrypted: remove the password"},
        {{.version = 0x500}, PD_UNSUPPORTED, "Excel 5 or 95"},
        {{.has_no_sheet = true}, PD_INVALID, "no sheet"},
        {{.has_bad_string = true}, PD_INVALID, "sheet \"One\", row 1, column 1"},
        {{.cut = 10}, PD_INVALID, "sheet \"One\" is cut off"},
        {{.cut = 400}, PD_INVALID, "cut off"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pd_str book = make_book(cases[i].options);
        struct result r = extract(book, false, NULL);
        assert_refused(&r, cases[i].status, cases[i].words);
        result_clear(&r);
        free_bytes(book);
    }
    static const struct {
        const char *stream, *words;
    } others[] = {
        {"WordDocument", "an old Word document (DOC), which is not read: save it as DOCX"},
        {"EncryptedPackage", "an encrypted Office document"},
        {"PowerPoint Document", "an old PowerPoint document"},
        {"Book", "Excel 5 or 95"},
        {"Other", "an old Office document"}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        pd_str file = compound(others[i].stream, PD_STR("x"));
        struct result r = extract(file, false, NULL);
        assert_refused(&r, PD_UNSUPPORTED, others[i].words);
        result_clear(&r);
        free_bytes(file);
    }
}

/* Each byte of the first sectors turned to every of a few values: an answer or a refusal, at once.
 */
static void no_byte_of_its_tables_makes_it_loop_or_fall(void **state) {
    (void)state;
    static const unsigned char values[] = {0, 1, 2, 0xfe, 0xff};
    pd_str book = make_book((struct options){0});
    char *bytes = (char *)(uintptr_t)book.data;
    for (size_t at = 8; at < book.len; at++) {
        char was = bytes[at];
        for (size_t v = 0; v < sizeof(values); v++) {
            bytes[at] = (char)values[v];
            struct result r = extract(book, false, NULL);
            assert_true(r.status == PD_OK || r.err.text[0] != '\0');
            result_clear(&r);
        }
        bytes[at] = was;
    }
    for (size_t len = 8; len + 512 < book.len; len += 37) {
        struct result r = extract((pd_str){book.data, len}, false, NULL);
        assert_int_not_equal(r.status, PD_OK);
        result_clear(&r);
    }
    free_bytes(book);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_every_kind_give_what_is_shown),
        cmocka_unit_test(days_count_from_1904_where_the_workbook_says_so),
        cmocka_unit_test(a_damaged_or_other_file_is_refused_with_a_sentence),
        cmocka_unit_test(no_byte_of_its_tables_makes_it_loop_or_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
