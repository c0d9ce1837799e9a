/* JSON that came in, held against what the route's doc says of it: unknown members are refused by
 * name, and so is what is of another type, too long or missing. */
#include "serve/serve_impl.h"

#include <jansson.h>
#include <string.h>

enum { DEPTH_MAX = 8, TEXT_DEFAULT = 1000, LIST_DEFAULT = 100 };

static const struct serve_field *field_of(const struct serve_field *fields, const char *name) {
    for (const struct serve_field *f = fields; f && f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static bool is_listed(const char *values, const char *text) {
    pd_str rest = pd_str_from(values), word;
    while (pd_str_split(&rest, ' ', &word))
        if (pd_str_is(word, text))
            return true;
    return false;
}

static enum pd_status check_text(const struct serve_field *f, const json_t *v, size_t most, struct pd_error *err) {
    pd_id id;
    pd_time time;
    if (!json_is_string(v))
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is a text", f->name);
    pd_str text = {json_string_value(v), json_string_length(v)};
    if (text.len > most)
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" has at most %zu bytes", f->name, most);
    if (memchr(text.data, 0, text.len))
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" holds a zero", f->name);
    if (f->type == SERVE_ID && !pd_id_parse(text, &id))
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is an id, such as 0190b3a2-7c11-7000-8000-000000000000", f->name);
    if (f->type == SERVE_TIME && !pd_time_parse(text, &time))
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is a time of RFC 3339, such as 2026-11-30T00:00:00Z", f->name);
    if (f->values && !is_listed(f->values, text.data))
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is one of: %s", f->name, f->values);
    return PD_OK;
}

static enum pd_status check_texts(const struct serve_field *f, const json_t *v, struct pd_error *err) {
    size_t most = f->max ? f->max : LIST_DEFAULT;
    if (!json_is_array(v) || json_array_size(v) > most)
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is a list of at most %zu texts", f->name, most);
    for (size_t i = 0; i < json_array_size(v); i++) {
        enum pd_status st = check_text(f, json_array_get(v, i), TEXT_DEFAULT, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

static enum pd_status check_map(const struct serve_field *f, json_t *v, struct pd_error *err) {
    const char *name;
    json_t *value;
    if (!json_is_object(v) || json_object_size(v) > LIST_DEFAULT)
        return pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is an object of at most %d texts", f->name, LIST_DEFAULT);
    json_object_foreach(v, name, value) {
        enum pd_status st = check_text(f, value, f->max ? f->max : TEXT_DEFAULT, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

static enum pd_status check(const struct serve_field *f, json_t *v, struct pd_error *err) {
    switch (f->type) {
    case SERVE_TEXT:
    case SERVE_ID:
    case SERVE_TIME:
        return check_text(f, v, f->max ? f->max : TEXT_DEFAULT, err);
    case SERVE_TEXTS:
        return check_texts(f, v, err);
    case SERVE_TEXT_MAP:
        return check_map(f, v, err);
    case SERVE_BOOL:
        return json_is_boolean(v) ? PD_OK : pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is true or false", f->name);
    case SERVE_INTEGER:
        return json_is_integer(v) && json_integer_value(v) >= 0 &&
                       (!f->max || json_integer_value(v) <= (json_int_t)f->max)
                   ? PD_OK
                   : pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is a whole number from 0", f->name);
    case SERVE_JSON:
        return json_is_object(v) ? PD_OK : pd_fail_at(err, PD_USAGE, f->name, "\"%s\" is an object", f->name);
    case SERVE_ANY:
        break;
    }
    return PD_OK;
}

static enum pd_status check_all(const struct serve_field *fields, json_t *body, struct pd_error *err) {
    const char *name;
    json_t *value;
    if (!json_is_object(body))
        return pd_fail(err, PD_USAGE, "the body is a JSON object");
    json_object_foreach(body, name, value) {
        const struct serve_field *f = field_of(fields, name);
        if (!f)
            return pd_fail(err, PD_USAGE, "there is no member \"%s\" here", name);
        enum pd_status st = check(f, value, err);
        if (st != PD_OK)
            return st;
    }
    for (const struct serve_field *f = fields; f && f->name; f++)
        if (f->is_required && !json_object_get(body, f->name))
            return pd_fail_at(err, PD_USAGE, f->name, "the member \"%s\" is missing", f->name);
    return PD_OK;
}

static bool is_json(pd_str type) {
    pd_str name = pd_str_trim(pd_str_sub(type, 0, pd_str_find_char(type, ';')));
    return pd_str_eq_ascii_case(name, PD_STR("application/json"));
}

bool serve_body(struct serve_call *call, struct json_t **out) {
    struct pd_error err = {0};
    json_t *body = NULL;
    if (!is_json(http_header(call->request, "Content-Type"))) {
        serve_problem(call, 415, "the body is JSON: Content-Type: application/json");
        return false;
    }
    enum pd_status st =
        pd_json_parse(call->request->body, call->route->body_max, DEPTH_MAX, &body, &err);
    if (st == PD_OK)
        st = check_all(call->route->doc->body, body, &err);
    if (st == PD_OK) {
        *out = body;
        return true;
    }
    json_decref(body);
    serve_fail(call, &err);
    return false;
}

pd_str serve_text(const struct json_t *body, const char *name) {
    const json_t *v = json_object_get(body, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : PD_STR("");
}
