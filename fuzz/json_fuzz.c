/* What parses can be written in every form, and its canonical form is a fixed point. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

/**
 * A whole double of 2^53 or more is written without fraction or exponent (ECMAScript's form), so it
 * is read back as an integer, which canonical mode writes as text, or is too large for one.
 */
static bool reads_back_as_double(json_t *value) {
    if (json_is_real(value))
        return fabs(json_real_value(value)) < 9007199254740992.0;
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) {
        if (!reads_back_as_double(item))
            return false;
    }
    const char *key;
    json_object_foreach(value, key, item) {
        if (!reads_back_as_double(item))
            return false;
    }
    return true;
}

static struct pd_buf written(const json_t *value, enum pd_json_mode mode) {
    struct pd_buf buf = {0};
    struct pd_json w;
    pd_json_init(&w, &buf, mode);
    pd_json_value(&w, value);
    pd_json_clear(&w);
    must(pd_buf_check(&buf, NULL) == PD_OK);
    return buf;
}

/* What jansson reads as a value that holds no others is read the same without it, and nothing else.
 */
static void read_as_scalar(pd_str text, const json_t *value) {
    struct pd_arena *arena = pd_arena_new((size_t)1 << 20);
    struct pd_json_scalar v;
    bool is_scalar = json_is_null(value) || json_is_boolean(value) || json_is_integer(value) ||
                     json_is_string(value);
    bool was_read = pd_json_read(text, arena, &v) == PD_OK;
    must(was_read == is_scalar);
    if (json_is_boolean(value))
        must(v.kind == PD_JSON_BOOL && v.boolean == json_is_true(value));
    if (json_is_integer(value))
        must(v.kind == PD_JSON_INTEGER && v.number == json_integer_value(value));
    if (json_is_string(value))
        must(v.kind == PD_JSON_TEXT &&
             pd_str_eq(v.text, (pd_str){json_string_value(value), json_string_length(value)}));
    pd_arena_free(arena);
}

/* The walk through an array or an object finds as many values as it has. */
static void walk(pd_str text, const json_t *value) {
    pd_str key;
    pd_str item;
    size_t count = 0;
    while (pd_json_next(&text, &key, &item))
        count++;
    if (json_is_array(value))
        must(count == json_array_size(value));
    if (json_is_object(value))
        must(count == json_object_size(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_error err = {0};
    json_t *value = NULL;
    enum pd_status st =
        pd_json_parse((pd_str){(const char *)data, size}, 1 << 16, PD_JSON_MAX_DEPTH, &value, &err);
    if (size < 1 << 16)
        read_as_scalar((pd_str){(const char *)data, size}, value);
    walk((pd_str){(const char *)data, size}, value);
    if (st != PD_OK) {
        must(!value && err.text[0] != '\0' && pd_utf8_valid(pd_str_from(err.text), NULL));
        return 0;
    }
    struct pd_buf canonical = written(value, PD_JSON_CANONICAL);
    must(pd_utf8_valid(pd_buf_view(&canonical), NULL));
    bool stays = reads_back_as_double(value);
    for (int mode = PD_JSON_COMPACT; mode <= PD_JSON_CANONICAL; mode++) {
        struct pd_buf text = written(value, (enum pd_json_mode)mode);
        json_t *again = NULL;
        if (stays) {
            must(pd_json_parse(pd_buf_view(&text), SIZE_MAX, PD_JSON_MAX_DEPTH, &again, &err) ==
                 PD_OK);
            struct pd_buf twice = written(again, PD_JSON_CANONICAL);
            must(pd_str_eq(pd_buf_view(&twice), pd_buf_view(&canonical)));
            pd_buf_clear(&twice);
            json_decref(again);
        }
        pd_buf_clear(&text);
    }
    pd_buf_clear(&canonical);
    json_decref(value);
    return 0;
}
