/* What a file is, by its first bytes and never by its name. */
#include "source/source_impl.h"
#include <stdio.h>
#include <string.h>

/* ---- The forms ---- */

static const struct form {
    const char *code, *words;
    bool is_parsed;
} FORMS[] = {
    [SOURCE_TEXT] = {"text", "text", false},
    [SOURCE_HTML] = {"html", "an HTML page", true},
    [SOURCE_EMAIL] = {"email", "an e-mail message", true},
    [SOURCE_GZIP] = {"gzip", "a file compressed with gzip", true},
    [SOURCE_ZSTD] = {"zstd", "a file compressed with zstd", true},
    [SOURCE_ZIP] = {"zip", "a ZIP archive", true},
    [SOURCE_XLSX] = {"xlsx", "an Excel workbook (XLSX)", true},
    [SOURCE_XLS] = {"xls", "an Excel 97-2003 workbook (XLS)", true},
    [SOURCE_ODS] = {"ods", "an OpenDocument spreadsheet (ODS)", true},
    [SOURCE_DOCX] = {"docx", "a Word document (DOCX)", true},
    [SOURCE_ODT] = {"odt", "an OpenDocument text (ODT)", true},
    [SOURCE_PARQUET] = {"parquet", "a Parquet file", true},
    [SOURCE_SQLITE] = {"sqlite", "a SQLite database", true},
    [SOURCE_POSTGRESQL] = {"postgresql", "a PostgreSQL database", true},
    [SOURCE_ODBC] = {"odbc", "an ODBC database", true},
    [SOURCE_PDF] = {"pdf", "a PDF document", true},
    [SOURCE_PICTURE] = {"picture", "a picture", true},
    [SOURCE_REFUSED] = {"refused", "a form that is not read", true},
};

const char *source_form_code(enum source_form form) {
    return FORMS[form].code;
}

const char *source_form_words(enum source_form form) {
    return FORMS[form].words;
}

bool source_form_is_parsed(enum source_form form) {
    return FORMS[form].is_parsed;
}

enum source_form source_form_of_code(pd_str code) {
    for (int i = 0; i < SOURCE_FORM_COUNT; i++)
        if (pd_str_is(code, FORMS[i].code))
            return (enum source_form)i;
    return SOURCE_FORM_COUNT;
}

/* ---- First bytes ---- */

struct magic {
    size_t at;
    pd_str bytes;
    enum source_form form;
    const char *words, *advice; /* of what is refused */
};

#define MAGIC(at, bytes, form)                                                                     \
    { at, PD_STR_INIT(bytes), form, NULL, NULL }
#define REFUSED(at, bytes, words, advice)                                                          \
    { at, PD_STR_INIT(bytes), SOURCE_REFUSED, words, advice }
#define TO_XLSX "open it in a spreadsheet program and save it as XLSX, ODS or CSV"
#define UNPACK  "unpack it and name a file in it"

static const struct magic MAGICS[] = {
    MAGIC(0, "\x1f\x8b", SOURCE_GZIP),
    MAGIC(0, "\x28\xb5\x2f\xfd", SOURCE_ZSTD),
    MAGIC(0, "PK\x03\x04", SOURCE_ZIP),
    MAGIC(0, "PK\x05\x06", SOURCE_ZIP), /* an empty one */
    MAGIC(0, "SQLite format 3\0", SOURCE_SQLITE),
    MAGIC(0, "PAR1\x15", SOURCE_PARQUET), /* behind it stands the head of a page */
    MAGIC(0, "%PDF-", SOURCE_PDF),
    MAGIC(0, "\x89PNG\r\n\x1a\n", SOURCE_PICTURE),
    MAGIC(0, "\xff\xd8\xff", SOURCE_PICTURE),
    MAGIC(0, "II*\0", SOURCE_PICTURE),
    MAGIC(0, "MM\0*", SOURCE_PICTURE),
    REFUSED(0, "\x09\x08\x10\x00\x00\x06\x05\x00", "an old Excel workbook (XLS, BIFF)", TO_XLSX),
    REFUSED(0, "\x09\x00\x04\x00", "an old Excel sheet (XLS, BIFF)", TO_XLSX),
    REFUSED(0, "\x09\x02\x06\x00", "an old Excel sheet (XLS, BIFF)", TO_XLSX),
    REFUSED(0, "\x09\x04\x06\x00", "an old Excel sheet (XLS, BIFF)", TO_XLSX),
    REFUSED(0, "Obj\x01", "an Avro file", "export it as CSV"),
    REFUSED(0,
            "\xfd"
            "7zXZ\0",
            "a file compressed with xz", "unpack it with xz -d"),
    REFUSED(4, "1AY&SY", "a file compressed with bzip2", "unpack it with bzip2 -d"),
    REFUSED(0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    REFUSED(0, "Rar!\x1a\x07", "a RAR archive", UNPACK),
    REFUSED(257, "ustar\0", "a tar archive", UNPACK),
    REFUSED(257, "ustar  \0", "a tar archive", UNPACK),
    REFUSED(0, "{\\rtf", "an RTF document", "save it as DOCX, ODT or plain text"),
    REFUSED(4, "Standard Jet DB", "an Access database (MDB)", "export the table as CSV"),
    REFUSED(4, "Standard ACE DB", "an Access database (ACCDB)", "export the table as CSV"),
    REFUSED(0, "GIF8", "a GIF picture", "save it as PNG or JPEG"),
    REFUSED(0,
            "\x7f"
            "ELF",
            "a program", "it holds no table"),
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
static const pd_str OLE = PD_STR_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");

static const struct magic *find_magic(pd_str head) {
    for (size_t i = 0; i < COUNT(MAGICS); i++)
        if (pd_str_starts(pd_str_sub(head, MAGICS[i].at, SIZE_MAX), MAGICS[i].bytes))
            return &MAGICS[i];
    return NULL;
}

/* ---- Text that isn't plain ---- */

static pd_str skip_blank(pd_str head) {
    if (pd_str_starts(head, PD_STR("\xef\xbb\xbf")))
        head = pd_str_sub(head, 3, SIZE_MAX);
    return pd_str_trim(head);
}

static bool starts_ascii_case(pd_str s, const char *prefix) {
    pd_str p = pd_str_from(prefix);
    return pd_str_eq_ascii_case(pd_str_sub(s, 0, p.len), p);
}

static bool is_html(pd_str head) {
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body", "<table"};
    pd_str text = skip_blank(head);
    if (starts_ascii_case(text, "<?xml") && pd_str_find(text, PD_STR("<html")) != PD_NPOS)
        return true;
    for (size_t i = 0; i < COUNT(starts); i++)
        if (starts_ascii_case(text, starts[i]))
            return true;
    return false;
}

/* XML that is some form which is refused; NULL: not XML. */
static const struct magic *find_xml(pd_str head) {
    static const struct magic forms[] = {
        REFUSED(0, "Excel.Sheet", "an Excel 2003 XML workbook", TO_XLSX),
        REFUSED(0, "urn:schemas-microsoft-com:office:spreadsheet", "an Excel 2003 XML workbook",
                TO_XLSX),
        REFUSED(0, "opendocument:xmlns:office", "a flat OpenDocument file",
                "save it as ODS, ODT or CSV"),
        REFUSED(0, "", "an XML file", "save its table as CSV or JSON Lines"),
    };
    if (!starts_ascii_case(skip_blank(head), "<?xml"))
        return NULL;
    for (size_t i = 0;; i++)
        if (pd_str_find(head, forms[i].bytes) != PD_NPOS)
            return &forms[i];
}

/* A header line as RFC 5322 2.2 has it: a name of visible ASCII, a colon. */
static bool is_header_line(pd_str line, bool *is_telling) {
    static const char *const telling[] = {"from",         "received",    "message-id",
                                          "mime-version", "return-path", "delivered-to",
                                          "subject",      "date"};
    size_t colon = pd_str_find_char(line, ':');
    if (colon == 0 || colon == PD_NPOS || colon > 76)
        return false;
    pd_str name = pd_str_sub(line, 0, colon);
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 127)
            return false;
    for (size_t i = 0; i < COUNT(telling); i++)
        *is_telling = *is_telling || pd_str_eq_ascii_case(name, pd_str_from(telling[i]));
    return true;
}

/* An e-mail starts with headers, two of which only e-mail has. */
static bool is_email(pd_str head) {
    size_t telling = 0, lines = 0;
    pd_str rest = head, line;
    if (pd_str_starts(rest, PD_STR("From "))) /* one message of a mailbox */
        pd_str_split(&rest, '\n', &line);
    while (lines < 40 && pd_str_split(&rest, '\n', &line)) {
        bool is_telling = false, is_cut = rest.data == NULL && head.len >= 4096;
        line = pd_str_trim(line);
        if (line.len == 0 || is_cut)
            break;
        bool is_folded = lines > 0 && (line.data[-1] == ' ' || line.data[-1] == '\t');
        if (!is_folded && !is_header_line(line, &is_telling))
            return false;
        telling += is_telling;
        lines++;
    }
    return telling >= 2;
}

enum source_form source_sniff(pd_str head) {
    const struct magic *m = find_magic(head);
    if (m != NULL)
        return m->form;
    if (pd_str_starts(head, OLE))
        return SOURCE_XLS; /* its directory, perhaps at its end, says whether it is one */
    if (is_html(head))
        return SOURCE_HTML;
    if (find_xml(head) != NULL)
        return SOURCE_REFUSED;
    return is_email(head) ? SOURCE_EMAIL : SOURCE_TEXT;
}

/* ---- Refusals ---- */

/* An OLE compound file is a folder of streams whose names are UTF-16; the streams tell what it is.
 */
static const struct magic *find_ole(pd_str head) {
    static const struct magic forms[] = {
        REFUSED(0, "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e", "an encrypted Office document",
                "remove the password (save it without one) and name that copy"),
        REFUSED(0, "B\0o\0o\0k", "a workbook of Excel 5 or 95", TO_XLSX),
        REFUSED(0, "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t", "an old Word document (DOC)",
                "save it as DOCX or ODT"),
        REFUSED(0, "P\0o\0w\0e\0r\0P\0o\0i\0n\0t", "an old PowerPoint document (PPT)",
                "save its text as a plain text file"),
        REFUSED(0, "_\0_\0p\0r\0o\0p\0e\0r\0t\0i\0e\0s", "an Outlook message (MSG)",
                "save it as EML"),
        REFUSED(0, "", "an old Office document (OLE)", "save it in a newer form"),
    };
    for (size_t i = 0;; i++)
        if (pd_str_find(head, forms[i].bytes) != PD_NPOS)
            return &forms[i];
}

enum pd_status source_refuse_form(pd_str head, struct pd_error *err) {
    const struct magic *m = find_magic(head);
    if (m == NULL)
        m = find_xml(head);
    if (m == NULL || m->words == NULL)
        return pd_fail(err, PD_UNSUPPORTED, "it is of a form that is not read");
    return pd_fail(err, PD_UNSUPPORTED, "it is %s, which is not read: %s", m->words, m->advice);
}

enum pd_status source_refuse_compound(pd_str directory, struct pd_error *err) {
    const struct magic *m = find_ole(directory);
    return pd_fail(err, PD_UNSUPPORTED, "it is %s, which is not read: %s", m->words, m->advice);
}

/* ---- Names that promise something else ---- */

static const struct promise {
    const char *extension;
    enum source_form form;
} promises[] = {{".csv", SOURCE_TEXT},      {".tsv", SOURCE_TEXT},    {".txt", SOURCE_TEXT},
                {".json", SOURCE_TEXT},     {".jsonl", SOURCE_TEXT},  {".ndjson", SOURCE_TEXT},
                {".xlsx", SOURCE_XLSX},     {".xlsm", SOURCE_XLSX},   {".ods", SOURCE_ODS},
                {".docx", SOURCE_DOCX},     {".odt", SOURCE_ODT},     {".gz", SOURCE_GZIP},
                {".zst", SOURCE_ZSTD},      {".zip", SOURCE_ZIP},     {".pdf", SOURCE_PDF},
                {".html", SOURCE_HTML},     {".htm", SOURCE_HTML},    {".eml", SOURCE_EMAIL},
                {".xls", SOURCE_XLS},       {".doc", SOURCE_REFUSED}, {".parquet", SOURCE_PARQUET},
                {".sqlite", SOURCE_SQLITE}, {".png", SOURCE_PICTURE}, {".jpg", SOURCE_PICTURE}};

static const struct promise *find_promise(pd_str name) {
    for (size_t i = 0; i < COUNT(promises); i++) {
        pd_str extension = pd_str_from(promises[i].extension);
        pd_str tail = pd_str_sub(name, name.len - extension.len, SIZE_MAX);
        if (name.len > extension.len && pd_str_eq_ascii_case(tail, extension))
            return &promises[i];
    }
    return NULL;
}

pd_str source_mismatch(pd_str name, enum source_form form, struct pd_arena *arena) {
    const struct promise *p = find_promise(name);
    if (p == NULL || p->form == form)
        return PD_STR("");
    return pd_arena_printf(arena, "Its name ends in %s, but it is %s, and was read as such.",
                           p->extension, FORMS[form].words);
}

/* What text in any encoding has none of, but for UTF-16 and its kin, which have zeros beside ASCII
 * or a mark. */
static bool has_controls(pd_str head) {
    static const pd_str marks[] = {PD_STR_INIT("\xff\xfe"), PD_STR_INIT("\xfe\xff"),
                                   PD_STR_INIT("\0\0\xfe\xff")};
    for (size_t i = 0; i < COUNT(marks); i++)
        if (pd_str_starts(head, marks[i]))
            return false;
    if (table_encoding_guess(head, false) != TABLE_ENCODING_FIND)
        return false;
    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char)head.data[i];
        if (c < 0x09 || (c > 0x0d && c < 0x20 && c != 0x1a && c != 0x1b))
            return true;
    }
    return false;
}

enum pd_status source_check_promise(pd_str name, pd_str head, struct pd_error *err) {
    const struct promise *p = find_promise(name);
    if (p == NULL || !FORMS[p->form].is_parsed || !has_controls(head))
        return PD_OK;
    return pd_fail(
        err, PD_INVALID,
        "its name ends in %s, but it holds neither %s nor text: it is damaged, cut off at "
        "its start, encrypted, or something else",
        p->extension, p->form == SOURCE_REFUSED ? "what that promises" : FORMS[p->form].words);
}
