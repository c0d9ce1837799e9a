/* Running text without what identifies: each finding of detect/ becomes its type in brackets. */
#include "detect/detect.h"
#include "protect/protect_impl.h"

enum { ALL_DAYS = 99991231 }; /* an engine has no clock: a date of birth may lie on any day */

static enum pd_status on_text(void *context, pd_str text, struct pd_error *err) {
    (void)err;
    pd_buf_str(context, text);
    return PD_OK;
}

static enum pd_status on_finding(void *context, const struct detect_finding *finding,
                                 struct pd_error *err) {
    (void)err;
    pd_buf_printf(context, "[%s]", finding->info->name);
    return PD_OK;
}

bool protect_redact(pd_str cell, struct pd_buf *out) {
    struct detect_scan_options options = {.today = ALL_DAYS, .least = DETECT_MEDIUM};
    struct detect_scan_handler handler = {.context = out, .text = on_text, .finding = on_finding};
    struct detect_scanner *scanner = NULL;
    struct pd_error ignored;
    size_t before = out->len;
    enum pd_status st = detect_scanner_new(&options, &handler, &scanner, &ignored);
    if (st == PD_OK)
        st = detect_scanner_feed(scanner, cell.data, cell.len, &ignored);
    if (st == PD_OK)
        st = detect_scanner_finish(scanner, &ignored);
    detect_scanner_free(scanner);
    if (st != PD_OK && !out->failed)
        out->len = before; /* half of a text is not safer than none */
    return st == PD_OK;
}
