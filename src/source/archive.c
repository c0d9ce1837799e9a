/* ZIP archives in memory, and what kind of document one is. */
#include "source/source_impl.h"
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { PIECE = 1 << 16, ENTRIES_MAX = 65536 };

struct source_archive {
    zip_t *zip;
    size_t count;
    struct source_ratio ratio; /* of everything that was inflated so far */
};

enum pd_status source_archive_open(pd_str bytes, struct source_archive **out,
                                   struct pd_error *err) {
    zip_error_t why;
    zip_error_init(&why);
    struct source_archive *a = calloc(1, sizeof(*a));
    zip_source_t *source = a ? zip_source_buffer_create(bytes.data, bytes.len, 0, &why) : NULL;
    if (source == NULL) {
        free(a);
        return pd_fail_memory(err);
    }
    a->zip = zip_open_from_source(source, ZIP_RDONLY, &why);
    if (a->zip == NULL) {
        enum pd_status st = pd_fail(
            err, PD_INVALID, "its ZIP directory can't be read (%s): it is cut off or damaged",
            zip_error_strerror(&why));
        zip_error_fini(&why);
        zip_source_free(source);
        free(a);
        return st;
    }
    zip_error_fini(&why);
    a->count = (size_t)zip_get_num_entries(a->zip, 0);
    a->ratio.in = bytes.len;
    if (a->count > ENTRIES_MAX) {
        source_archive_close(a);
        return pd_fail(err, PD_LIMIT, "the archive has more than %d files", ENTRIES_MAX);
    }
    *out = a;
    return PD_OK;
}

void source_archive_close(struct source_archive *archive) {
    if (archive == NULL)
        return;
    zip_discard(archive->zip);
    free(archive);
}

size_t source_archive_count(const struct source_archive *archive) {
    return archive->count;
}

/* libzip gives names as UTF-8, whatever they were written in. */
pd_str source_archive_name(const struct source_archive *archive, size_t index) {
    const char *name = zip_get_name(archive->zip, index, 0);
    return pd_str_from(name ? name : "");
}

size_t source_archive_find(const struct source_archive *archive, pd_str name) {
    if (pd_str_starts(name, PD_STR("/")))
        name = pd_str_sub(name, 1, SIZE_MAX);
    for (size_t i = 0; i < archive->count; i++) {
        pd_str other = source_archive_name(archive, i);
        if (pd_str_starts(other, PD_STR("/")))
            other = pd_str_sub(other, 1, SIZE_MAX);
        if (pd_str_eq_ascii_case(name, other))
            return i;
    }
    return SIZE_MAX;
}

static enum pd_status refuse_entry(zip_error_t *why, pd_str name, struct pd_error *err) {
    int code = zip_error_code_zip(why);
    if (code == ZIP_ER_NOPASSWD || code == ZIP_ER_WRONGPASSWD || code == ZIP_ER_ENCRNOTSUPP)
        return pd_fail(err, PD_UNSUPPORTED,
                       "%.*s in it is encrypted: remove the password and name that copy",
                       pd_arg(name));
    return pd_fail(err, PD_INVALID, "%.*s in it can't be unpacked (%s): it is cut off or damaged",
                   pd_arg(name), zip_error_strerror(why));
}

enum pd_status source_archive_each(struct source_archive *archive, size_t index,
                                   enum pd_status (*take)(void *context, const char *bytes,
                                                          size_t n, struct pd_error *err),
                                   void *context, struct pd_error *err) {
    pd_str name = source_archive_name(archive, index);
    zip_file_t *file = zip_fopen_index(archive->zip, index, 0);
    if (file == NULL)
        return refuse_entry(zip_get_error(archive->zip), name, err);
    char *piece = malloc(PIECE);
    enum pd_status st = piece ? PD_OK : pd_fail_memory(err);
    while (st == PD_OK) {
        zip_int64_t got = zip_fread(file, piece, PIECE);
        if (got < 0)
            st = refuse_entry(zip_file_get_error(file), name, err);
        if (got <= 0)
            break;
        archive->ratio.out += (uint64_t)got;
        st = source_ratio_check(&archive->ratio, err);
        if (st == PD_OK)
            st = take(context, piece, (size_t)got, err);
    }
    free(piece);
    zip_fclose(file);
    return st;
}

/* ---- What it is ---- */

static enum pd_status add_bytes(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct pd_buf *buf = context;
    pd_buf_add(buf, bytes, n < buf->limit - buf->len ? n : buf->limit - buf->len);
    return pd_buf_check(buf, err);
}

/* The entry "mimetype" of an OpenDocument file (OpenDocument 1.3 part 2, 3.3). */
static enum pd_status open_document_form(pd_str mimetype, enum source_form *form,
                                         struct pd_error *err) {
    pd_str kind = pd_str_trim(mimetype);
    pd_str start = PD_STR("application/vnd.oasis.opendocument.");
    if (!pd_str_starts(kind, start)) {
        *form = SOURCE_ZIP;
        return PD_OK;
    }
    kind = pd_str_sub(kind, start.len, SIZE_MAX);
    if (pd_str_starts(kind, PD_STR("spreadsheet")))
        *form = SOURCE_ODS;
    else if (pd_str_starts(kind, PD_STR("text")))
        *form = SOURCE_ODT;
    else
        return pd_fail(err, PD_UNSUPPORTED, "it is an OpenDocument %.*s, which is not read",
                       pd_arg(kind));
    return PD_OK;
}

enum pd_status source_archive_form(struct source_archive *archive, enum source_form *form,
                                   struct pd_error *err) {
    static const struct {
        const char *entry;
        enum source_form form;
    } office[] = {{"xl/workbook.xml", SOURCE_XLSX},
                  {"word/document.xml", SOURCE_DOCX},
                  {"xl/workbook.bin", SOURCE_REFUSED},
                  {"ppt/presentation.xml", SOURCE_REFUSED}};
    size_t mimetype = source_archive_find(archive, PD_STR("mimetype"));
    if (mimetype != SIZE_MAX) {
        struct pd_buf text;
        pd_buf_init(&text, 256);
        enum pd_status st = source_archive_each(archive, mimetype, add_bytes, &text, err);
        if (st == PD_OK)
            st = open_document_form(pd_buf_view(&text), form, err);
        pd_buf_clear(&text);
        return st;
    }
    *form = SOURCE_ZIP;
    for (size_t i = 0; i < sizeof(office) / sizeof(office[0]); i++)
        if (source_archive_find(archive, pd_str_from(office[i].entry)) != SIZE_MAX) {
            *form = office[i].form;
            break;
        }
    if (*form == SOURCE_REFUSED)
        return pd_fail(err, PD_UNSUPPORTED,
                       "it is %s, which is not read: save it as XLSX, ODS or CSV (or its text as a "
                       "plain text file)",
                       source_archive_find(archive, PD_STR("ppt/presentation.xml")) != SIZE_MAX
                           ? "a PowerPoint document (PPTX)"
                           : "a binary Excel workbook (XLSB)");
    /* Some programs name the main part otherwise; then its type tells (ECMA-376 part 2, 10.1). */
    size_t types = source_archive_find(archive, PD_STR("[Content_Types].xml"));
    if (*form != SOURCE_ZIP || types == SIZE_MAX)
        return PD_OK;
    struct pd_buf text;
    pd_buf_init(&text, SOURCE_MIB);
    enum pd_status st = source_archive_each(archive, types, add_bytes, &text, err);
    if (st == PD_OK && pd_str_find(pd_buf_view(&text), PD_STR("sheet.main+xml")) != PD_NPOS)
        *form = SOURCE_XLSX;
    else if (st == PD_OK && pd_str_find(pd_buf_view(&text), PD_STR("document.main+xml")) != PD_NPOS)
        *form = SOURCE_DOCX;
    pd_buf_clear(&text);
    return st;
}
