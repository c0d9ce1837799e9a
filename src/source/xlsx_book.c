/*
 * A workbook besides its sheets (ECMA-376 part 1, 18.2 workbook, 18.4 shared strings, 18.8 styles):
 * which sheets there are and where, what the cells' formats mean, the strings that cells share.
 * Elements are known by their local names, so that the strict and the transitional form are one.
 */
#include "source/source_impl.h"
#include <stdlib.h>
#include <string.h>

enum { SHEETS_MAX = 1024, STYLES_MAX = 65536, STRINGS_BYTES = 1 << 30, RELATIONS_MAX = 8192 };

/* ---- Relations: the archive's map from ids to entries (ECMA-376 part 2, 9.3) ---- */

struct relation {
    pd_str id, type, target; /* target: an entry's name */
};

struct relations {
    struct pd_arena *arena;
    pd_str folder; /* of the part whose relations these are, "xl/" */
    struct relation list[RELATIONS_MAX];
    size_t count;
};

static pd_str keep(struct pd_arena *arena, const char *text) {
    return pd_arena_str(arena, pd_str_from(text ? text : ""));
}

static enum pd_status on_relation(void *context, const char *name, const char *const *attributes,
                                  struct pd_error *err) {
    struct relations *r = context;
    const char *target = source_xml_get(attributes, "Target");
    const char *mode = source_xml_get(attributes, "TargetMode");
    if (strcmp(name, "Relationship") != 0 || target == NULL || r->count == RELATIONS_MAX ||
        (mode != NULL && strcmp(mode, "External") == 0))
        return PD_OK;
    struct relation *one = &r->list[r->count++];
    pd_str folder = target[0] == '/' ? (pd_str){NULL, 0} : r->folder;
    one->id = keep(r->arena, source_xml_get(attributes, "Id"));
    one->type = keep(r->arena, source_xml_get(attributes, "Type"));
    one->target = pd_arena_printf(r->arena, "%.*s%s", pd_arg(folder), target);
    return one->target.data && one->type.data && one->id.data ? PD_OK : pd_fail_memory(err);
}

/* The relations of the part `of`; none if it has no file of them. */
static enum pd_status load_relations(struct source_book *book, pd_str of, struct relations **out,
                                     struct pd_error *err) {
    struct relations *r = pd_arena_alloc(book->arena, sizeof(*r));
    if (r == NULL)
        return pd_fail_memory(err);
    size_t slash = 0;
    for (size_t i = 0; i < of.len; i++)
        slash = of.data[i] == '/' ? i + 1 : slash;
    r->arena = book->arena;
    r->folder = pd_str_sub(of, 0, slash);
    pd_str name = pd_arena_printf(book->arena, "%.*s_rels/%.*s.rels", pd_arg(r->folder),
                                  pd_arg(pd_str_sub(of, slash, SIZE_MAX)));
    struct source_xml xml = {.context = r, .start = on_relation};
    size_t entry = source_archive_find(book->archive, name);
    *out = r;
    return entry == SIZE_MAX ? PD_OK : source_xml_entry(book->archive, entry, &xml, err);
}

static const struct relation *find_type(const struct relations *r, const char *suffix) {
    for (size_t i = 0; i < r->count; i++)
        if (pd_str_ends(r->list[i].type, pd_str_from(suffix)))
            return &r->list[i];
    return NULL;
}

/* The entry of a relation of that type, or of the usual name where none says so. */
static size_t find_part(const struct source_book *book, const struct relations *r,
                        const char *suffix, const char *usual) {
    const struct relation *one = find_type(r, suffix);
    size_t entry = one ? source_archive_find(book->archive, one->target) : SIZE_MAX;
    return entry != SIZE_MAX ? entry : source_archive_find(book->archive, pd_str_from(usual));
}

/* ---- workbook.xml ---- */

struct workbook {
    struct source_book *book;
    const struct relations *relations;
};

static bool is_true(const char *value) {
    return value != NULL &&
           (strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "on") == 0);
}

static enum pd_status add_sheet(struct workbook *w, const char *const *attributes,
                                struct pd_error *err) {
    struct source_book *b = w->book;
    /* r:id; a sheet has no other attribute of that name (its number is sheetId). */
    const char *id = source_xml_get(attributes, "id");
    const char *state = source_xml_get(attributes, "state");
    if (b->sheet_count == SHEETS_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d sheets", SHEETS_MAX);
    for (size_t i = 0; id != NULL && i < w->relations->count; i++) {
        const struct relation *r = &w->relations->list[i];
        if (!pd_str_is(r->id, id) || !pd_str_ends(r->type, PD_STR("/worksheet")))
            continue; /* sheets of charts and dialogs hold no table */
        struct source_book_sheet *sheet = &b->sheets[b->sheet_count++];
        sheet->name = keep(b->arena, source_xml_get(attributes, "name"));
        sheet->is_hidden = state != NULL && strcmp(state, "visible") != 0;
        sheet->at = source_archive_find(b->archive, r->target);
        if (sheet->at == SIZE_MAX)
            return pd_fail(err, PD_INVALID, "its sheet \"%.*s\" is missing in the file",
                           pd_arg(sheet->name));
        return sheet->name.data ? PD_OK : pd_fail_memory(err);
    }
    return PD_OK;
}

static enum pd_status on_workbook(void *context, const char *name, const char *const *attributes,
                                  struct pd_error *err) {
    struct workbook *w = context;
    if (strcmp(name, "workbookPr") == 0)
        w->book->is_1904 = is_true(source_xml_get(attributes, "date1904"));
    return strcmp(name, "sheet") == 0 ? add_sheet(w, attributes, err) : PD_OK;
}

/* ---- styles.xml ---- */

struct styles {
    struct source_book *book;
    bool is_in_cells; /* within cellXfs */
    struct number_format {
        unsigned id;
        enum source_number is;
    } formats[4096];
    size_t format_count;
};

static unsigned to_number(const char *text) {
    int64_t n = 0;
    return text != NULL && pd_parse_i64(pd_str_from(text), &n) && n >= 0 && n < 1 << 30
               ? (unsigned)n
               : 0;
}

static enum source_number format_of(const struct styles *s, unsigned id) {
    for (size_t i = 0; i < s->format_count; i++)
        if (s->formats[i].id == id)
            return s->formats[i].is;
    return source_number_builtin(id);
}

static enum pd_status on_style(void *context, const char *name, const char *const *attributes,
                               struct pd_error *err) {
    struct styles *s = context;
    struct source_book *b = s->book;
    if (strcmp(name, "numFmt") == 0 && s->format_count < 4096) {
        const char *code = source_xml_get(attributes, "formatCode");
        s->formats[s->format_count++] =
            (struct number_format){to_number(source_xml_get(attributes, "numFmtId")),
                                   source_number_format(pd_str_from(code ? code : ""))};
    } else if (strcmp(name, "cellXfs") == 0) {
        s->is_in_cells = true;
    } else if (strcmp(name, "xf") == 0 && s->is_in_cells) {
        if (b->style_count == STYLES_MAX)
            return pd_fail(err, PD_LIMIT, "it has more than %d cell formats", STYLES_MAX);
        b->styles[b->style_count++] =
            format_of(s, to_number(source_xml_get(attributes, "numFmtId")));
    }
    return PD_OK;
}

static enum pd_status on_style_end(void *context, const char *name, struct pd_error *err) {
    struct styles *s = context;
    (void)err;
    if (strcmp(name, "cellXfs") == 0)
        s->is_in_cells = false;
    return PD_OK;
}

/* ---- sharedStrings.xml ---- */

struct strings {
    struct source_book *book;
    struct pd_buf text; /* of the string at hand */
    bool is_in_text;
    unsigned phonetic; /* depth within rPh: how it is read aloud is no part of it */
};

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code point of "_xHHHH_" at the start, if it is one that text may have; else 0. */
static uint32_t escaped(pd_str s) {
    if (s.len < 7 || s.data[0] != '_' || s.data[1] != 'x' || s.data[6] != '_')
        return 0;
    uint32_t c = 0;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(s.data[i]);
        if (digit < 0)
            return 0;
        c = c * 16 + (uint32_t)digit;
    }
    bool is_text = c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
    return is_text ? c : 0;
}

void source_book_unescape(struct pd_buf *out, pd_str text) {
    while (text.len > 0) {
        size_t at = pd_str_find(text, PD_STR("_x"));
        if (at == PD_NPOS) {
            pd_buf_str(out, text);
            return;
        }
        pd_buf_str(out, pd_str_sub(text, 0, at));
        text = pd_str_sub(text, at, SIZE_MAX);
        char utf8[4];
        uint32_t c = escaped(text);
        size_t n = c != 0 ? pd_utf8_encode(c, utf8) : 0;
        if (n > 0)
            pd_buf_add(out, utf8, n);
        else
            pd_buf_str(out, pd_str_sub(text, 0, 1));
        text = pd_str_sub(text, n > 0 ? 7 : 1, SIZE_MAX);
    }
}

static enum pd_status end_string(struct strings *s, struct pd_error *err) {
    struct source_book *b = s->book;
    if (b->string_count == b->string_room) {
        size_t room = b->string_room ? 2 * b->string_room : 1024;
        uint64_t *grown = realloc(b->string_ends, room * sizeof(*grown));
        if (grown == NULL)
            return pd_fail_memory(err);
        b->string_ends = grown;
        b->string_room = room;
    }
    source_book_unescape(&b->strings, pd_buf_view(&s->text));
    pd_buf_reset(&s->text);
    b->string_ends[b->string_count++] = b->strings.len;
    return pd_buf_check(&b->strings, err);
}

static enum pd_status on_string_start(void *context, const char *name,
                                      const char *const *attributes, struct pd_error *err) {
    struct strings *s = context;
    (void)attributes, (void)err;
    s->phonetic += strcmp(name, "rPh") == 0;
    s->is_in_text = strcmp(name, "t") == 0 && s->phonetic == 0;
    return PD_OK;
}

static enum pd_status on_string_end(void *context, const char *name, struct pd_error *err) {
    struct strings *s = context;
    s->is_in_text = false;
    if (strcmp(name, "rPh") == 0 && s->phonetic > 0)
        s->phonetic--;
    return strcmp(name, "si") == 0 ? end_string(s, err) : PD_OK;
}

static enum pd_status on_string_text(void *context, const char *text, size_t n,
                                     struct pd_error *err) {
    struct strings *s = context;
    if (s->is_in_text)
        pd_buf_add(&s->text, text, n);
    return s->text.failed
               ? pd_fail(err, PD_LIMIT, "a string in it is longer than %d bytes", SOURCE_CELL_BYTES)
               : PD_OK;
}

pd_str source_book_string(const struct source_book *book, size_t index) {
    uint64_t from = index > 0 ? book->string_ends[index - 1] : 0;
    return pd_str_sub(pd_buf_view(&book->strings), from, book->string_ends[index] - from);
}

/* ---- All of it ---- */

static enum pd_status load_workbook(struct source_book *book, struct relations **relations,
                                    struct pd_error *err) {
    struct relations *root;
    enum pd_status st = load_relations(book, PD_STR(""), &root, err);
    if (st != PD_OK)
        return st;
    size_t entry = find_part(book, root, "/officeDocument", "xl/workbook.xml");
    if (entry == SIZE_MAX)
        return pd_fail(err, PD_INVALID, "it holds no workbook: it is damaged");
    st = load_relations(book, source_archive_name(book->archive, entry), relations, err);
    struct workbook w = {book, *relations};
    struct source_xml xml = {.context = &w, .start = on_workbook};
    return st == PD_OK ? source_xml_entry(book->archive, entry, &xml, err) : st;
}

static enum pd_status load_styles(struct source_book *book, const struct relations *relations,
                                  struct pd_error *err) {
    struct styles *s = pd_arena_alloc(book->arena, sizeof(*s));
    size_t entry = find_part(book, relations, "/styles", "xl/styles.xml");
    if (s == NULL)
        return pd_fail_memory(err);
    s->book = book;
    struct source_xml xml = {.context = s, .start = on_style, .end = on_style_end};
    return entry == SIZE_MAX ? PD_OK : source_xml_entry(book->archive, entry, &xml, err);
}

static enum pd_status load_strings(struct source_book *book, const struct relations *relations,
                                   struct pd_error *err) {
    size_t entry = find_part(book, relations, "/sharedStrings", "xl/sharedStrings.xml");
    if (entry == SIZE_MAX)
        return PD_OK;
    struct strings s = {.book = book};
    pd_buf_init(&s.text, SOURCE_CELL_BYTES);
    struct source_xml xml = {&s, on_string_start, on_string_end, on_string_text};
    enum pd_status st = source_xml_entry(book->archive, entry, &xml, err);
    pd_buf_clear(&s.text);
    return st;
}

enum pd_status source_book_load(struct source_book *book, struct pd_error *err) {
    pd_buf_init(&book->strings, STRINGS_BYTES);
    book->sheets = pd_arena_array(book->arena, SHEETS_MAX, sizeof(*book->sheets));
    book->styles = pd_arena_array(book->arena, STYLES_MAX, sizeof(*book->styles));
    if (book->sheets == NULL || book->styles == NULL)
        return pd_fail_memory(err);
    struct relations *relations = NULL;
    enum pd_status st = load_workbook(book, &relations, err);
    if (st == PD_OK)
        st = load_styles(book, relations, err);
    if (st == PD_OK)
        st = load_strings(book, relations, err);
    if (st == PD_OK)
        book->has_macros = find_type(relations, "/vbaProject") != NULL;
    if (st == PD_OK && book->sheet_count == 0)
        st = pd_fail(err, PD_INVALID, "it has no sheet with cells");
    return st;
}

void source_book_clear(struct source_book *book) {
    pd_buf_clear(&book->strings);
    free(book->string_ends);
}
