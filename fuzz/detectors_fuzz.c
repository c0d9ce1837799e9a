/* A file of detectors, then behind a zero byte a cell and text for them: whatever loads neither
   crashes nor runs away. */
#include "detect/detect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum pd_status on_finding(void *context, const struct detect_finding *f,
                                 struct pd_error *err) {
    (void)err;
    if (f->type != DETECT_SITE || f->text.len == 0)
        abort();
    ++*(size_t *)context;
    return PD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
    pd_str json = {(const char *)data, zero ? (size_t)(zero - data) : size}, text = {0};
    if (zero)
        text = (pd_str){(const char *)zero + 1, size - json.len - 1};
    struct detect_site *site = NULL;
    struct pd_error err = {0};
    if (detect_site_new(json, &site, &err) != PD_OK) {
        if (err.text[0] == '\0')
            abort();
        return 0;
    }
    size_t found = 0;
    struct detect_name name = detect_name_make(text);
    uint64_t bits = detect_site_cell(site, text, detect_site_context(site, &name));
    if (detect_site_count(site) < DETECT_SITE_MOST && (bits >> detect_site_count(site)) != 0)
        abort();
    struct detect_scan_options options = {.site = site, .site_types = UINT64_MAX};
    struct detect_scan_handler handler = {&found, NULL, on_finding};
    struct detect_scanner *scanner = NULL;
    if (detect_scanner_new(&options, &handler, &scanner, &err) != PD_OK ||
        detect_scanner_feed(scanner, text.data, text.len, &err) != PD_OK ||
        detect_scanner_finish(scanner, &err) != PD_OK)
        abort();
    detect_scanner_free(scanner);
    detect_site_free(site);
    return 0;
}
