#include <jansson.h>

#include "base/json.h"

enum { LARGEST_MAX_DEPTH = 512 };

/**
 * Refuses deep nesting before jansson, which recurses, sees it; and zero bytes, which it takes for
 * the end of the text.
 */
static enum pd_status check_depth(pd_str text, int max_depth, struct pd_error *err) {
    int depth = 0;
    bool in_string = false;
    size_t line = 1, line_at = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\0')
            return pd_fail(err, PD_INVALID, "line %zu, column %zu: a zero byte is no JSON", line,
                           pd_utf8_length(pd_str_sub(text, line_at, i - line_at)) + 1);
        if (c == '\n') {
            line++;
            line_at = i + 1;
        } else if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth)
                return pd_fail(
                    err, PD_LIMIT, "line %zu, column %zu: JSON is nested deeper than %d levels",
                    line, pd_utf8_length(pd_str_sub(text, line_at, i - line_at)) + 1, max_depth);
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return PD_OK;
}

enum pd_status pd_json_parse(pd_str text, size_t max_bytes, int max_depth, struct json_t **out,
                             struct pd_error *err) {
    if (text.len > max_bytes)
        return pd_fail(err, PD_LIMIT, "JSON of %zu bytes is over the limit of %zu bytes", text.len,
                       max_bytes);
    if (pd_str_trim(text).len == 0)
        return pd_fail(err, PD_INVALID, "line 1, column 1: expected JSON, found nothing");
    if (max_depth > LARGEST_MAX_DEPTH)
        max_depth = LARGEST_MAX_DEPTH;
    enum pd_status st = check_depth(text, max_depth, err);
    if (st != PD_OK)
        return st;
    json_error_t error;
    json_t *value = json_loadb(text.data, text.len,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value) {
        *out = value;
        return PD_OK;
    }
    if (json_error_code(&error) == json_error_out_of_memory)
        return pd_fail_memory(err);
    return pd_fail(err, PD_INVALID, "line %d, column %d: %s", error.line, error.column, error.text);
}

static void write_object(struct pd_json *w, json_t *object) {
    pd_json_object(w);
    for (void *at = json_object_iter(object); at && !w->buf->failed;
         at = json_object_iter_next(object, at)) {
        pd_json_key(w, json_object_iter_key(at));
        pd_json_value(w, json_object_iter_value(at));
    }
    pd_json_object_end(w);
}

static void write_array(struct pd_json *w, const json_t *array) {
    pd_json_array(w);
    for (size_t i = 0; i < json_array_size(array) && !w->buf->failed; i++)
        pd_json_value(w, json_array_get(array, i));
    pd_json_array_end(w);
}

/* Recursion ends at PD_JSON_MAX_DEPTH, where the writer fails. */
void pd_json_value(struct pd_json *w, const struct json_t *value) {
    if (w->buf->failed)
        return;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        /* jansson's iterators only read, though they take a pointer to what may change. */
        write_object(w, (json_t *)(uintptr_t)value);
        break;
    case JSON_ARRAY:
        write_array(w, value);
        break;
    case JSON_STRING:
        pd_json_str(w, (pd_str){json_string_value(value), json_string_length(value)});
        break;
    case JSON_INTEGER:
        pd_json_i64(w, json_integer_value(value));
        break;
    case JSON_REAL:
        pd_json_double(w, json_real_value(value));
        break;
    case JSON_TRUE:
        pd_json_bool(w, true);
        break;
    case JSON_FALSE:
        pd_json_bool(w, false);
        break;
    case JSON_NULL:
        pd_json_null(w);
        break;
    }
}
