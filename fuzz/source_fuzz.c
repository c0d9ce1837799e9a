/* Every parser of source/ on bytes: no crash, no text that isn't UTF-8 in what is told, bounded
 * output. */
#include <stdlib.h>

#include "source/source.h"

/* Small, so that a target that only writes is stopped soon. */
enum { OUT_MAX = 16 << 20 };

struct output {
    size_t n;
    bool is_canonical, is_text;
    struct pd_buf text; /* of a document, which must be UTF-8 as a whole */
};

static enum pd_status take(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct output *out = context;
    out->n += n;
    if (out->n > OUT_MAX)
        return pd_fail(err, PD_LIMIT, "enough");
    if (out->is_text || out->is_canonical)
        pd_buf_add(&out->text, bytes, n);
    return PD_OK;
}

static enum pd_status tell(void *context, enum source_tale tale, pd_str text,
                           struct pd_error *err) {
    struct output *out = context;
    (void)err;
    if (tale >= SOURCE_TALE_COUNT || !pd_utf8_valid(text, NULL))
        abort();
    out->is_canonical = out->is_canonical || tale == SOURCE_TELLS_CANONICAL;
    return PD_OK;
}

static enum pd_status no_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)context, (void)record, (void)err;
    abort();
}

/* Canonical CSV is a table whose rows all have the width of the first. */
static void check_table(pd_str text) {
    struct pd_error err = {0};
    struct table_reader *reader;
    struct table_handler handler = {.set_aside = no_set_aside};
    struct table_dialect dialect = {.separator = ',', .quote = '"'};
    if (table_reader_new(NULL, &dialect, &handler, &reader, &err) != PD_OK)
        abort();
    enum pd_status st = table_feed(reader, text.data, text.len, &err);
    if (st == PD_OK)
        st = table_finish(reader, &err);
    if (st != PD_OK && st != PD_LIMIT)
        abort();
    table_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses what is wanted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    struct source_wanted wanted = {.as_text = (data[0] & 1) != 0,
                                   .part = (data[0] & 2) != 0 ? PD_STR("A") : PD_STR("")};
    struct output out = {.is_text = wanted.as_text};
    struct source_sink sink = {&out, take, tell};
    struct pd_error err = {0};
    enum pd_status st =
        source_extract((pd_str){(const char *)data + 1, size - 1}, &wanted, &sink, &err);
    if (st != PD_OK && err.text[0] == '\0')
        abort(); /* a refusal is a sentence */
    pd_str text = pd_buf_view(&out.text);
    if (st == PD_OK && out.is_text && !pd_utf8_valid(text, NULL))
        abort();
    if (st == PD_OK && out.is_canonical && !out.is_text)
        check_table(text);
    pd_buf_clear(&out.text);
    return 0;
}
