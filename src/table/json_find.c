/* Whether a text is JSON, and of which form: told from how it begins. */
#include "table/json_impl.h"

#include <stdio.h>
#include <string.h>

static size_t skip_spaces(pd_str text, size_t at) {
    while (at < text.len && strchr(" \t\r\n", text.data[at]) != NULL && text.data[at] != '\0')
        at++;
    return at;
}

/* What the first value of a text is. */
struct first {
    size_t end;         /* behind it, or 0 if it goes beyond the text */
    bool holds_records; /* an object with a list of objects, perhaps in an object within it */
};

static struct first look_at_first(pd_str text, size_t at) {
    struct first out = {0};
    struct json_scan scan = {0};
    unsigned list = 0; /* depth of a list whose first element comes */
    for (; at < text.len; at++) {
        bool in_objects = json_scan_in_objects(&scan, scan.depth);
        switch (json_scan_byte(&scan, text.data[at])) {
        case JSON_OPEN:
            if (json_scan_in_object(&scan))
                out.holds_records = out.holds_records || (list > 0 && scan.depth == list + 1);
            list = !json_scan_in_object(&scan) && in_objects ? scan.depth : 0;
            break;
        case JSON_CLOSE:
            list = 0;
            if (scan.depth > 0)
                break;
            out.end = at + 1;
            return out;
        case JSON_VALUE:
            list = 0;
            break;
        case JSON_WRONG:
            return out;
        default:
            break;
        }
    }
    return out;
}

static void tell(struct table_dialect *d, const char *what) {
    snprintf(d->evidence, sizeof(d->evidence), "%s", what);
}

void table_json_find(pd_str sample, bool is_whole, struct table_dialect *dialect) {
    if (dialect->form != TABLE_FORM_FIND) {
        if (dialect->form != TABLE_CSV)
            tell(dialect,
                 dialect->form == TABLE_JSON ? "JSON, as was given" : "JSON Lines, as was given");
        return;
    }
    dialect->form = TABLE_CSV;
    size_t at = skip_spaces(sample, 0);
    size_t next = at < sample.len ? skip_spaces(sample, at + 1) : at;
    if (next >= sample.len)
        return;
    char a = sample.data[at], b = sample.data[next];
    if (a == '[' && (b == '{' || b == ']')) {
        dialect->form = TABLE_JSON;
        tell(dialect, "JSON: a list of records");
        return;
    }
    if (a != '{' || (b != '"' && b != '}'))
        return;
    struct first first = look_at_first(sample, at);
    bool ends_all = is_whole && skip_spaces(sample, first.end) == sample.len;
    if (first.end > 0 && !(ends_all && first.holds_records)) {
        dialect->form = TABLE_JSON_LINES;
        tell(dialect, "JSON Lines: one record after the other");
        return;
    }
    dialect->form = TABLE_JSON;
    tell(dialect, "JSON: an object that holds a list of records");
}
