/* Any bytes as running text: cut in two ways, the findings are the same and cover the text. */
#include "detect/detect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

struct seen {
    struct pd_buf text;
    uint64_t findings, sum;
};

static enum pd_status on_text(void *context, pd_str text, struct pd_error *err) {
    (void)err;
    pd_buf_str(&((struct seen *)context)->text, text);
    return PD_OK;
}

static enum pd_status on_finding(void *context, const struct detect_finding *f,
                                 struct pd_error *err) {
    struct seen *seen = context;
    (void)err;
    must(f->text.len > 0 && f->text.len <= 8192 && f->offset == seen->text.len);
    must(f->line >= 1 && f->column >= 1 && f->proof != NULL);
    seen->findings++;
    seen->sum = seen->sum * 31 + f->offset * 7 + f->text.len + (uint64_t)f->type +
                (uint64_t)f->confidence + f->line + f->column;
    pd_buf_str(&seen->text, f->text);
    return PD_OK;
}

static void scan(pd_str text, size_t piece, struct seen *seen) {
    struct detect_scan_options options = {.today = 20260701};
    struct detect_scan_handler handler = {seen, on_text, on_finding};
    struct detect_scanner *scanner = NULL;
    struct pd_error err = {0};
    must(detect_scanner_new(&options, &handler, &scanner, &err) == PD_OK);
    for (size_t at = 0; at < text.len; at += piece) {
        pd_str part = pd_str_sub(text, at, piece);
        must(detect_scanner_feed(scanner, part.data, part.len, &err) == PD_OK);
    }
    must(detect_scanner_finish(scanner, &err) == PD_OK);
    detect_scanner_free(scanner);
}

/* The first byte says how often the rest is repeated, so that small inputs reach several blocks. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    struct pd_buf text;
    pd_buf_init(&text, 0);
    size_t times = 1 + (data[0] > 250 ? 70000 / size : data[0] % 4u);
    for (size_t i = 0; i < times; i++)
        pd_buf_add(&text, data + 1, size - 1);
    struct seen one = {0}, two = {0};
    pd_buf_init(&one.text, 0);
    pd_buf_init(&two.text, 0);
    scan(pd_buf_view(&text), text.len, &one);
    scan(pd_buf_view(&text), 1 + data[1], &two);
    must(pd_str_eq(pd_buf_view(&one.text), pd_buf_view(&text)));
    must(pd_str_eq(pd_buf_view(&two.text), pd_buf_view(&text)));
    must(one.findings == two.findings && one.sum == two.sum);
    pd_buf_clear(&one.text);
    pd_buf_clear(&two.text);
    pd_buf_clear(&text);
    return 0;
}
