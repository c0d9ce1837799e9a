/*
 * The text of word processors' documents: DOCX (ECMA-376 part 1, 17) and ODT (OpenDocument 1.3 part
 * 3, 5). A paragraph is a line, a row of a table is a line with tabs between its cells. Headers,
 * footers, notes, comments and tracked deletions count as well: they are in the file, whoever gets
 * it.
 */
#include "source/source_impl.h"
#include <string.h>

enum action { NOTHING, PARAGRAPH, CELL, ROW, TEXT, DELETED, TAB, BREAK, SPACES, HYPHEN, SKIP };

struct element {
    const char *name;
    enum action action;
};

static const struct element DOCX[] = {
    {"p", PARAGRAPH},          {"tc", CELL},      {"tr", ROW},   {"t", TEXT},
    {"delText", DELETED},      {"tab", TAB},      {"br", BREAK}, {"cr", BREAK},
    {"noBreakHyphen", HYPHEN}, {"pPr", SKIP},     {"rPr", SKIP}, {"tblPr", SKIP},
    {"sectPr", SKIP},          {"Fallback", SKIP} /* what Choice says, for older programs */};

static const struct element ODT[] = {{"p", PARAGRAPH},
                                     {"h", PARAGRAPH},
                                     {"table-cell", CELL},
                                     {"table-row", ROW},
                                     {"s", SPACES},
                                     {"tab", TAB},
                                     {"line-break", BREAK},
                                     {"deletion", DELETED},
                                     {"note-citation", SKIP},
                                     {"covered-table-cell", SKIP},
                                     {"automatic-styles", SKIP},
                                     {"font-face-decls", SKIP},
                                     {"forms", SKIP},
                                     {"sequence-decls", SKIP},
                                     {"scripts", SKIP}};

struct document {
    const struct element *elements;
    size_t element_count;
    bool is_odt; /* then text counts within paragraphs, and blanks fold */
    struct pd_buf out;
    unsigned paragraph, cell, text, skip; /* depths */
    bool has_cell;                        /* the row at hand has a cell already */
    bool has_paragraph;                   /* the cell at hand has a paragraph already */
    uint64_t deletions;
};

static enum action action_of(const struct document *d, const char *name) {
    for (size_t i = 0; i < d->element_count; i++)
        if (strcmp(name, d->elements[i].name) == 0)
            return d->elements[i].action;
    return NOTHING;
}

static void end_line(struct document *d) {
    if (d->out.len > 0 && d->out.data[d->out.len - 1] != '\n')
        pd_buf_char(&d->out, '\n');
}

/* A paragraph within a paragraph (a text box, a note) begins a line; within a cell it needs a
 * space. */
static void start_paragraph(struct document *d) {
    if (d->cell == 0 && d->paragraph > 0)
        end_line(d);
    if (d->cell > 0 && d->has_paragraph)
        pd_buf_char(&d->out, ' ');
    d->has_paragraph = true;
    d->paragraph++;
}

static void start_cell(struct document *d) {
    if (d->cell++ > 0)
        return; /* of a table within a cell */
    if (d->has_cell)
        pd_buf_char(&d->out, '\t');
    d->has_cell = true;
    d->has_paragraph = false;
}

static void add_spaces(struct document *d, const char *const *attributes) {
    const char *text = source_xml_get(attributes, "c");
    uint64_t n = 1;
    if (text != NULL && !pd_parse_u64(pd_str_from(text), &n))
        n = 1;
    for (uint64_t i = 0; i < n && i < 4096; i++)
        pd_buf_char(&d->out, ' ');
}

/* Elements that stand for a character; in a cell all white space is a space. */
static void add_mark(struct document *d, enum action action, const char *const *attributes) {
    bool is_in_cell = d->cell > 0;
    if (action == SPACES)
        add_spaces(d, attributes);
    else if (action == HYPHEN)
        pd_buf_char(&d->out, '-');
    else
        pd_buf_char(&d->out, is_in_cell ? ' ' : action == TAB ? '\t' : '\n');
}

static enum pd_status check(const struct document *d, struct pd_error *err) {
    return d->out.failed ? pd_fail(err, PD_LIMIT, "its text has more than %d MiB", SOURCE_TEXT_MIB)
                         : PD_OK;
}

static enum pd_status on_start(void *context, const char *name, const char *const *attributes,
                               struct pd_error *err) {
    struct document *d = context;
    enum action action = action_of(d, name);
    if (d->skip > 0 || action == SKIP) {
        d->skip++;
        return PD_OK;
    }
    switch (action) {
    case PARAGRAPH:
        start_paragraph(d);
        break;
    case CELL:
        start_cell(d);
        break;
    case ROW:
        if (d->cell == 0) {
            end_line(d);
            d->has_cell = false;
        }
        break;
    case DELETED:
        d->deletions++;
        d->text += !d->is_odt;
        break;
    case TEXT:
        d->text++;
        break;
    case TAB:
    case BREAK:
    case SPACES:
    case HYPHEN:
        if (d->paragraph > 0)
            add_mark(d, action, attributes);
        break;
    case NOTHING:
    case SKIP:
        break;
    }
    return check(d, err);
}

static enum pd_status on_end(void *context, const char *name, struct pd_error *err) {
    struct document *d = context;
    if (d->skip > 0) {
        d->skip--;
        return PD_OK;
    }
    switch (action_of(d, name)) {
    case PARAGRAPH:
        d->paragraph -= d->paragraph > 0;
        if (d->cell == 0)
            pd_buf_char(&d->out, '\n');
        break;
    case CELL:
        d->cell -= d->cell > 0;
        break;
    case ROW:
        if (d->cell == 0)
            pd_buf_char(&d->out, '\n');
        break;
    case DELETED:
        d->text -= d->text > 0 && !d->is_odt;
        break;
    case TEXT:
        d->text -= d->text > 0;
        break;
    case NOTHING:
    case TAB:
    case BREAK:
    case SPACES:
    case HYPHEN:
    case SKIP:
        break;
    }
    return check(d, err);
}

static enum pd_status on_text(void *context, const char *text, size_t n, struct pd_error *err) {
    struct document *d = context;
    if (d->skip > 0 || (d->is_odt ? d->paragraph == 0 : d->text == 0))
        return PD_OK;
    for (size_t i = 0; i < n; i++) {
        bool is_blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t';
        char before = d->out.len > 0 ? d->out.data[d->out.len - 1] : '\n';
        bool is_folded = before == ' ' || before == '\n' || before == '\t';
        if (!d->is_odt)
            pd_buf_char(&d->out, text[i] == '\n' || text[i] == '\r' ? ' ' : text[i]);
        else if (!is_blank)
            pd_buf_char(&d->out, text[i]);
        else if (!is_folded)
            pd_buf_char(&d->out, ' ');
    }
    return check(d, err);
}

static enum pd_status read_part(struct document *d, struct source_archive *archive, size_t entry,
                                struct pd_error *err) {
    struct source_xml xml = {d, on_start, on_end, on_text};
    return source_xml_entry(archive, entry, &xml, err);
}

static enum pd_status write_document(struct document *d, const struct source_sink *sink,
                                     struct pd_error *err) {
    enum pd_status st = PD_OK;
    if (d->deletions > 0)
        st = source_note(
            sink, err, "%llu tracked deletions are still in the file; their text is part of this.",
            (unsigned long long)d->deletions);
    return st == PD_OK ? source_text_write(pd_buf_view(&d->out), sink, err) : st;
}

/* ---- DOCX ---- */

/* word/header1.xml and the like, in the order of the archive. */
static bool is_side_part(pd_str name) {
    static const char *const starts[] = {"word/header", "word/footer", "word/footnotes.",
                                         "word/endnotes.", "word/comments."};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        if (pd_str_starts(name, pd_str_from(starts[i])) && pd_str_ends(name, PD_STR(".xml")))
            return true;
    return false;
}

/* The body: where it usually is, or wherever a part of that type is. */
static size_t find_body(struct source_archive *archive) {
    size_t entry = source_archive_find(archive, PD_STR("word/document.xml"));
    for (size_t i = 0; entry == SIZE_MAX && i < source_archive_count(archive); i++) {
        pd_str name = source_archive_name(archive, i);
        if (pd_str_starts(name, PD_STR("word/document")) && pd_str_ends(name, PD_STR(".xml")))
            entry = i;
    }
    return entry;
}

enum pd_status source_docx(pd_str bytes, const struct source_wanted *wanted,
                           const struct source_sink *sink, struct pd_error *err) {
    struct document d = {.elements = DOCX, .element_count = sizeof(DOCX) / sizeof(DOCX[0])};
    struct source_archive *archive = NULL;
    (void)wanted;
    pd_buf_init(&d.out, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = source_archive_open(bytes, &archive, err);
    size_t body = st == PD_OK ? find_body(archive) : SIZE_MAX;
    if (st == PD_OK && body == SIZE_MAX)
        st = pd_fail(err, PD_INVALID, "it holds no document: it is damaged");
    if (st == PD_OK)
        st = read_part(&d, archive, body, err);
    for (size_t i = 0; st == PD_OK && i < source_archive_count(archive); i++)
        if (is_side_part(source_archive_name(archive, i))) {
            end_line(&d);
            st = read_part(&d, archive, i, err);
        }
    if (st == PD_OK)
        st = write_document(&d, sink, err);
    source_archive_close(archive);
    pd_buf_clear(&d.out);
    return st;
}

/* ---- ODT ---- */

enum pd_status source_odt(pd_str bytes, const struct source_wanted *wanted,
                          const struct source_sink *sink, struct pd_error *err) {
    struct document d = {
        .elements = ODT, .element_count = sizeof(ODT) / sizeof(ODT[0]), .is_odt = true};
    struct source_archive *archive = NULL;
    size_t content = 0;
    (void)wanted;
    pd_buf_init(&d.out, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = source_archive_open(bytes, &archive, err);
    if (st == PD_OK)
        st = source_open_document(archive, &content, err);
    if (st == PD_OK)
        st = read_part(&d, archive, content, err);
    size_t styles = st == PD_OK ? source_archive_find(archive, PD_STR("styles.xml")) : SIZE_MAX;
    if (styles != SIZE_MAX) /* headers and footers */
        st = read_part(&d, archive, styles, err);
    if (st == PD_OK)
        st = write_document(&d, sink, err);
    source_archive_close(archive);
    pd_buf_clear(&d.out);
    return st;
}
