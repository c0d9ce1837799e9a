/*
 * From bytes of some form to the stream of a table or a text: looks at the first bytes, unpacks one
 * level of compression, and hands what lies inside to the parser of its form.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <unistd.h>

enum { HEAD = 4096, PIECE = 1 << 16 };

enum mode { UNDECIDED, PASSES, GATHERS, INFLATES };

struct extraction {
    const struct source_wanted *wanted;
    const struct source_sink *sink;
    enum mode mode;
    enum source_form form;
    struct pd_buf gathered; /* the head while undecided; everything where a parser needs it */
    struct source_inflate *inflate;
    struct extraction *inner; /* of what is inflated */
    bool is_inner;
};

static void clear(struct extraction *x) {
    pd_buf_clear(&x->gathered);
    source_inflate_free(x->inflate);
    x->inflate = NULL;
}

static enum pd_status add(struct extraction *x, const char *bytes, size_t n, struct pd_error *err);
static enum pd_status end(struct extraction *x, struct pd_error *err);

static enum pd_status add_inner(void *context, const char *bytes, size_t n, struct pd_error *err) {
    return add(context, bytes, n, err);
}

/* ---- Deciding ---- */

static enum pd_status decide(struct extraction *x, struct pd_error *err) {
    pd_str head = pd_buf_view(&x->gathered);
    x->form = source_sniff(head);
    bool is_packed = x->form == SOURCE_GZIP || x->form == SOURCE_ZSTD;
    if (is_packed && x->is_inner)
        return pd_fail(err, PD_UNSUPPORTED,
                       "it is compressed twice; unpack it once and name what comes out");
    if (is_packed) {
        x->mode = INFLATES;
        enum pd_status st = source_inflate_new(x->form, &x->inflate, err);
        return st == PD_OK ? source_inflate_feed(x->inflate, head, add_inner, x->inner, err) : st;
    }
    if (x->form == SOURCE_TEXT && !x->wanted->as_text) {
        if (x->wanted->part.len > 0)
            return pd_fail(err, PD_NOT_FOUND, "it is one table, without a part named \"%.*s\"",
                           pd_arg(x->wanted->part));
        x->mode = PASSES;
        enum pd_status st = x->sink->tell(x->sink->context, SOURCE_TELLS_FORM, PD_STR("text"), err);
        return st == PD_OK ? x->sink->data(x->sink->context, head.data, head.len, err) : st;
    }
    x->mode = GATHERS;
    return PD_OK;
}

static enum pd_status gather(struct extraction *x, const char *bytes, size_t n,
                             struct pd_error *err) {
    pd_buf_add(&x->gathered, bytes, n);
    if (x->gathered.failed)
        return pd_fail(err, PD_LIMIT,
                       "it is larger than %d MiB, and must lie in memory whole to be read as %s",
                       SOURCE_WHOLE_MIB, source_form_words(x->form));
    return PD_OK;
}

static enum pd_status add(struct extraction *x, const char *bytes, size_t n, struct pd_error *err) {
    switch (x->mode) {
    case PASSES:
        return x->sink->data(x->sink->context, bytes, n, err);
    case INFLATES:
        return source_inflate_feed(x->inflate, (pd_str){bytes, n}, add_inner, x->inner, err);
    case GATHERS:
        return gather(x, bytes, n, err);
    case UNDECIDED:
        break;
    }
    enum pd_status st = gather(x, bytes, n, err);
    return st == PD_OK && x->gathered.len >= HEAD ? decide(x, err) : st;
}

/* ---- The end of the input ---- */

enum pd_status source_extract_form(enum source_form form, pd_str bytes,
                                   const struct source_wanted *wanted,
                                   const struct source_sink *sink, struct pd_error *err) {
    static source_parser *const parsers[SOURCE_FORM_COUNT] = {
        [SOURCE_TEXT] = source_plain,     [SOURCE_HTML] = source_html,
        [SOURCE_EMAIL] = source_email,    [SOURCE_XLSX] = source_xlsx,
        [SOURCE_XLS] = source_xls,        [SOURCE_ODS] = source_ods,
        [SOURCE_DOCX] = source_docx,      [SOURCE_ODT] = source_odt,
        [SOURCE_PARQUET] = source_parquet};
    static const bool is_document[SOURCE_FORM_COUNT] = {
        [SOURCE_HTML] = true, [SOURCE_EMAIL] = true, [SOURCE_DOCX] = true,
        [SOURCE_ODT] = true,  [SOURCE_PDF] = true,   [SOURCE_PICTURE] = true};
    if (form == SOURCE_REFUSED)
        return source_refuse_form(bytes, err);
    if (is_document[form] && !wanted->as_text)
        return pd_fail(err, PD_UNSUPPORTED, "it is %s, not a table: polder detect reads its text%s",
                       source_form_words(form),
                       form == SOURCE_HTML ? "; a table in a page can be copied into a spreadsheet "
                                             "and saved as XLSX, ODS or CSV"
                                           : "");
    if (parsers[form] == NULL)
        return pd_fail(err, PD_UNSUPPORTED, "it is %s within another form; unpack it first",
                       source_form_words(form));
    enum pd_status st =
        sink->tell(sink->context, SOURCE_TELLS_FORM, pd_str_from(source_form_code(form)), err);
    return st == PD_OK ? parsers[form](bytes, wanted, sink, err) : st;
}

/* One file of a ZIP archive: the one that was named, or the only one. */
static enum pd_status choose_entry(struct source_archive *archive,
                                   const struct source_wanted *wanted,
                                   const struct source_sink *sink, size_t *chosen,
                                   struct pd_error *err) {
    size_t files = 0, only = SIZE_MAX, count = source_archive_count(archive);
    for (size_t i = 0; i < count; i++) {
        pd_str name = source_archive_name(archive, i);
        bool is_noise = pd_str_ends(name, PD_STR("/")) || pd_str_starts(name, PD_STR("__MACOSX/"));
        if (is_noise)
            continue;
        files++;
        only = wanted->part.len == 0 || pd_str_eq(wanted->part, name) ? i : only;
    }
    if (wanted->part.len > 0 && only == SIZE_MAX)
        return pd_fail(err, PD_NOT_FOUND, "the archive holds no file \"%.*s\"",
                       pd_arg(wanted->part));
    if (files == 0)
        return pd_fail(err, PD_INVALID, "the archive holds no file");
    if (files > 1 && wanted->part.len == 0) {
        pd_str first = source_archive_name(archive, only);
        return pd_fail(err, PD_INVALID,
                       "the archive holds %zu files; name one of them, such as #%.*s", files,
                       pd_arg(first));
    }
    *chosen = only;
    return sink->tell(sink->context, SOURCE_TELLS_PART, source_archive_name(archive, only), err);
}

static enum pd_status extract_entry(struct source_archive *archive,
                                    const struct source_wanted *wanted,
                                    const struct source_sink *sink, struct pd_error *err) {
    size_t chosen = 0;
    struct source_wanted inside = {wanted->as_text, {NULL, 0}};
    struct extraction inner = {.wanted = &inside, .sink = sink, .is_inner = true};
    pd_buf_init(&inner.gathered, (size_t)SOURCE_WHOLE_MIB * SOURCE_MIB);
    enum pd_status st = choose_entry(archive, wanted, sink, &chosen, err);
    if (st == PD_OK)
        st = source_archive_each(archive, chosen, add_inner, &inner, err);
    if (st == PD_OK)
        st = end(&inner, err);
    clear(&inner);
    return st;
}

static enum pd_status extract_archive(struct extraction *x, pd_str bytes, struct pd_error *err) {
    struct source_archive *archive;
    enum source_form form;
    enum pd_status st = source_archive_open(bytes, &archive, err);
    if (st != PD_OK)
        return st;
    st = source_archive_form(archive, &form, err);
    if (st == PD_OK && form == SOURCE_ZIP)
        st = x->is_inner ? pd_fail(err, PD_UNSUPPORTED,
                                   "it is an archive within another form; unpack it once first")
                         : extract_entry(archive, x->wanted, x->sink, err);
    source_archive_close(archive);
    if (st != PD_OK || form == SOURCE_ZIP)
        return st;
    return source_extract_form(form, bytes, x->wanted, x->sink, err);
}

static enum pd_status end(struct extraction *x, struct pd_error *err) {
    enum pd_status st = x->mode == UNDECIDED ? decide(x, err) : PD_OK;
    if (st != PD_OK || x->mode == PASSES)
        return st;
    if (x->mode == INFLATES) {
        st = source_inflate_end(x->inflate, err);
        return st == PD_OK ? end(x->inner, err) : st;
    }
    pd_str bytes = pd_buf_view(&x->gathered);
    return x->form == SOURCE_ZIP ? extract_archive(x, bytes, err)
                                 : source_extract_form(x->form, bytes, x->wanted, x->sink, err);
}

/* ---- Doors ---- */

typedef enum pd_status more_function(void *context, char *room, size_t *n, struct pd_error *err);

static enum pd_status run(more_function *more, void *context, const struct source_wanted *wanted,
                          const struct source_sink *sink, struct pd_error *err) {
    struct extraction inner = {.wanted = wanted, .sink = sink, .is_inner = true};
    struct extraction outer = {.wanted = wanted, .sink = sink, .inner = &inner};
    pd_buf_init(&outer.gathered, (size_t)SOURCE_WHOLE_MIB * SOURCE_MIB);
    pd_buf_init(&inner.gathered, (size_t)SOURCE_WHOLE_MIB * SOURCE_MIB);
    char piece[PIECE];
    enum pd_status st = PD_OK;
    size_t n = sizeof(piece);
    while (st == PD_OK && n > 0) {
        n = sizeof(piece);
        st = more(context, piece, &n, err);
        if (st == PD_OK && n > 0)
            st = add(&outer, piece, n, err);
    }
    if (st == PD_OK)
        st = end(&outer, err);
    clear(&outer);
    clear(&inner);
    return st;
}

static enum pd_status more_of_file(void *context, char *room, size_t *n, struct pd_error *err) {
    const int *fd = context;
    ssize_t got;
    do
        got = read(*fd, room, *n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return pd_fail_errno(err, PD_IO, "read it");
    *n = (size_t)got;
    return PD_OK;
}

enum pd_status source_extract_stream(int fd, const struct source_wanted *wanted,
                                     const struct source_sink *sink, struct pd_error *err) {
    uint64_t size;
    if (source_is_parquet_file(fd, &size))
        return source_parquet_file(fd, size, wanted, sink, err);
    return run(more_of_file, &fd, wanted, sink, err);
}

static enum pd_status more_of_bytes(void *context, char *room, size_t *n, struct pd_error *err) {
    pd_str *rest = context;
    (void)err;
    *n = rest->len < *n ? rest->len : *n;
    for (size_t i = 0; i < *n; i++)
        room[i] = rest->data[i];
    *rest = pd_str_sub(*rest, *n, SIZE_MAX);
    return PD_OK;
}

enum pd_status source_extract(pd_str bytes, const struct source_wanted *wanted,
                              const struct source_sink *sink, struct pd_error *err) {
    return run(more_of_bytes, &bytes, wanted, sink, err);
}
