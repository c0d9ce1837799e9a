/* Where in a document something stands; and the usual ways to read its members, or to refuse them
 * with that place. The text is known to be JSON by then. */
#include "standard/standard_impl.h"

#include <string.h>

/* ---- walking ---- */

static size_t skip_space(pd_str s, size_t at) {
    while (at < s.len && strchr(" \t\r\n", s.data[at]))
        at++;
    return at;
}

static size_t skip_string(pd_str s, size_t at) {
    for (at++; at < s.len && s.data[at] != '"'; at++)
        at += s.data[at] == '\\';
    return at + 1;
}

static size_t skip_value(pd_str s, size_t at) {
    int depth = 0;
    for (at = skip_space(s, at); at < s.len;) {
        char c = s.data[at];
        if (c == '"') {
            at = skip_string(s, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if ((c == '}' || c == ']' || c == ',') && depth == 0) {
            return at;
        } else {
            depth -= c == '}' || c == ']';
            at++;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']'))
            return at;
    }
    return at;
}

/* Whether the quoted text, escapes and all, is the key. */
static bool is_key(pd_str quoted, const char *key) {
    json_t *text = json_loadb(quoted.data, quoted.len, JSON_DECODE_ANY, NULL);
    bool is = text && strcmp(json_string_value(text), key) == 0;
    json_decref(text);
    return is;
}

/* The member's value, or (is_name) its name; PD_NPOS: it isn't there. */
static size_t find_member(pd_str s, size_t at, const char *key, bool is_name) {
    at = skip_space(s, at);
    if (at >= s.len || s.data[at] != '{')
        return PD_NPOS;
    at = skip_space(s, at + 1);
    while (at < s.len && s.data[at] == '"') {
        size_t end = skip_string(s, at);
        size_t value = skip_space(s, skip_space(s, end) + 1);
        if (is_key(pd_str_sub(s, at, end - at), key))
            return is_name ? at : value;
        at = skip_space(s, skip_value(s, value));
        if (at < s.len && s.data[at] == ',')
            at = skip_space(s, at + 1);
    }
    return PD_NPOS;
}

static size_t find_item(pd_str s, size_t at, size_t index) {
    at = skip_space(s, at);
    if (at >= s.len || s.data[at] != '[')
        return PD_NPOS;
    at = skip_space(s, at + 1);
    for (size_t i = 0; i < index && at < s.len && s.data[at] != ']'; i++) {
        at = skip_space(s, skip_value(s, at));
        if (at < s.len && s.data[at] == ',')
            at = skip_space(s, at + 1);
    }
    return at < s.len ? at : PD_NPOS;
}

size_t where_is(pd_str json, const struct step *steps, size_t depth, const char *member) {
    size_t at = skip_space(json, 0);
    for (size_t i = 0; i < depth; i++) {
        size_t next = steps[i].key ? find_member(json, at, steps[i].key, false)
                                   : find_item(json, at, steps[i].index);
        if (next == PD_NPOS)
            return at;
        at = next;
    }
    size_t found = member ? find_member(json, at, member, true) : at;
    return found == PD_NPOS ? at : found;
}

/* ---- reading ---- */

void reading_enter(struct reading *r, const char *key) {
    if (r->depth < STEPS_MOST)
        r->steps[r->depth++] = (struct step){key, 0};
}

void reading_item(struct reading *r, size_t index) {
    if (r->depth < STEPS_MOST)
        r->steps[r->depth++] = (struct step){NULL, index};
}

void reading_leave(struct reading *r) {
    r->depth--;
}

/* "field \"age\", \"constraints\": " as far as the steps tell it. */
static void write_steps(const struct reading *r, const char *member, struct pd_buf *out) {
    for (size_t i = 0; i < r->depth; i++) {
        bool is_item = i + 1 < r->depth && r->steps[i].key && !r->steps[i + 1].key;
        if (is_item && i == 0 && strcmp(r->steps[i].key, "fields") == 0) {
            size_t n = r->steps[++i].index;
            pd_str name = n < r->standard->field_count ? r->standard->fields[n].name : (pd_str){0};
            pd_buf_printf(out, "field %zu", n + 1);
            if (name.len > 0)
                pd_buf_printf(out, " (\"%.*s\")", pd_arg(name));
            pd_buf_text(out, ", ");
        } else if (is_item) {
            pd_buf_printf(out, "%s %zu, ", r->steps[i].key, r->steps[i + 1].index + 1);
            i++;
        } else if (r->steps[i].key) {
            pd_buf_printf(out, "\"%s\", ", r->steps[i].key);
        }
    }
    if (member)
        pd_buf_printf(out, "\"%s\", ", member);
    if (out->len >= 2)
        out->len -= 2;
}

enum pd_status reading_refuse(struct reading *r, enum pd_status status, const char *member,
                              const char *format, ...) {
    size_t at = where_is(r->json, r->steps, r->depth, member), line = 1, start = 0;
    for (size_t i = 0; i < at && i < r->json.len; i++) {
        if (r->json.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    struct pd_buf place;
    char what[PD_ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    pd_buf_init(&place, 1 << 16);
    write_steps(r, member, &place);
    size_t column = pd_utf8_length(pd_str_sub(r->json, start, at - start)) + 1;
    pd_str words = pd_buf_view(&place);
    (void)pd_fail(r->err, status, "line %zu, column %zu%s%.*s: %s", line, column,
                  words.len ? ": " : "", pd_arg(words), what);
    pd_buf_clear(&place);
    return status;
}

enum pd_status reading_members(struct reading *r, const json_t *object, const char *const *names) {
    const char *key;
    json_t *value;
    size_t count = 0;
    while (names[count])
        count++;
    json_object_foreach((json_t *)object, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < count && !is_known; i++)
            is_known = strcmp(names[i], key) == 0;
        if (is_known)
            continue;
        const char *near = pd_nearest_name(key, names, count);
        if (near)
            return reading_refuse(r, PD_INVALID, key, "is not known here; do you mean \"%s\"?",
                                  near);
        return reading_refuse(r, PD_INVALID, key,
                              "is not known here; docs/reference/standards.md lists what is");
    }
    return PD_OK;
}

enum pd_status reading_text(struct reading *r, const json_t *object, const char *member,
                            pd_str *out) {
    const json_t *value = json_object_get(object, member);
    if (!value)
        return PD_OK;
    if (!json_is_string(value))
        return reading_refuse(r, PD_INVALID, member, "must be text in quotes");
    *out = pd_arena_str(r->arena, (pd_str){json_string_value(value), json_string_length(value)});
    return out->data ? PD_OK : pd_fail_memory(r->err);
}

enum pd_status reading_bool(struct reading *r, const json_t *object, const char *member,
                            bool *out) {
    const json_t *value = json_object_get(object, member);
    if (!value)
        return PD_OK;
    if (!json_is_boolean(value))
        return reading_refuse(r, PD_INVALID, member, "must be true or false, without quotes");
    *out = json_is_true(value);
    return PD_OK;
}

enum pd_status reading_scalar(struct reading *r, const json_t *value, const char *member,
                              pd_str *out) {
    if (json_is_string(value)) {
        *out =
            pd_arena_str(r->arena, (pd_str){json_string_value(value), json_string_length(value)});
    } else if (json_is_integer(value)) {
        *out = pd_arena_printf(r->arena, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        struct pd_json w;
        struct pd_buf buf;
        pd_buf_init(&buf, 0);
        pd_json_init(&w, &buf, PD_JSON_COMPACT);
        pd_json_double(&w, json_real_value(value));
        return pd_json_finish(&w, r->arena, out, r->err);
    } else if (json_is_boolean(value)) {
        *out = pd_arena_str(r->arena, json_is_true(value) ? PD_STR("true") : PD_STR("false"));
    } else {
        return reading_refuse(r, PD_INVALID, member, "must hold text or a number");
    }
    return out->data ? PD_OK : pd_fail_memory(r->err);
}

static size_t count_labels(const json_t *list) {
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        count += (json_object_get(item, "label") != NULL) +
                 json_array_size(json_object_get(item, "labels"));
    }
    return count;
}

struct naming {
    struct label *list;
    size_t count;
};

static enum pd_status add_label(struct reading *r, const json_t *text, pd_str code,
                                struct naming *names) {
    if (!json_is_string(text))
        return reading_refuse(r, PD_INVALID, "label", "must hold text");
    pd_str label =
        pd_arena_str(r->arena, (pd_str){json_string_value(text), json_string_length(text)});
    names->list[names->count++] = (struct label){label, code};
    return label.data ? PD_OK : pd_fail_memory(r->err);
}

/* An item may be an object with a value and a label (Table Schema: missingValues, categories). */
static enum pd_status read_item(struct reading *r, const json_t *item, bool several, pd_str *out,
                                struct naming *labels) {
    static const char *const one[] = {"value", "label", NULL}, *const more[] = {"value", "label",
                                                                                "labels", NULL};
    if (!json_is_object(item))
        return reading_scalar(r, item, NULL, out);
    enum pd_status st = reading_members(r, item, several ? more : one);
    const json_t *value = json_object_get(item, "value"), *label = json_object_get(item, "label");
    const json_t *list = json_object_get(item, "labels");
    if (st == PD_OK && !value)
        st = reading_refuse(r, PD_INVALID, NULL, "has an object without a \"value\"");
    if (st == PD_OK && list && !json_is_array(list))
        st = reading_refuse(r, PD_INVALID, "labels", "must be a list in brackets: [\"...\"]");
    if (st == PD_OK)
        st = reading_scalar(r, value, "value", out);
    if (st == PD_OK && label)
        st = add_label(r, label, *out, labels);
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++)
        st = add_label(r, json_array_get(list, i), *out, labels);
    return st;
}

enum pd_status reading_codes(struct reading *r, const json_t *object, const char *member,
                             bool several, struct texts *out, struct labels *labels) {
    const json_t *value = json_object_get(object, member);
    if (!value)
        return PD_OK;
    if (!json_is_array(value))
        return reading_refuse(r, PD_INVALID, member, "must be a list in brackets: [\"...\"]");
    size_t count = json_array_size(value);
    pd_str *list = pd_arena_array(r->arena, count + 1, sizeof(*list));
    struct naming names = {pd_arena_array(r->arena, count_labels(value) + 1, sizeof(*names.list)),
                           0};
    enum pd_status st = list && names.list ? PD_OK : pd_fail_memory(r->err);
    reading_enter(r, member);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        reading_item(r, i);
        st = read_item(r, json_array_get(value, i), several, &list[i], &names);
        reading_leave(r);
    }
    reading_leave(r);
    if (st != PD_OK)
        return st;
    *out = (struct texts){list, count};
    *labels = (struct labels){names.list, names.count};
    return PD_OK;
}

enum pd_status reading_texts(struct reading *r, const json_t *object, const char *member,
                             struct texts *out) {
    struct labels unused;
    return reading_codes(r, object, member, false, out, &unused);
}

enum pd_status reading_choice(struct reading *r, const json_t *object, const char *member,
                              const char *const *names, size_t count, int *out) {
    pd_str text = {0};
    enum pd_status st = reading_text(r, object, member, &text);
    if (st != PD_OK || !text.data)
        return st;
    for (size_t i = 0; i < count; i++) {
        if (pd_str_is(text, names[i])) {
            *out = (int)i;
            return PD_OK;
        }
    }
    const char *near = pd_nearest_name(text.data, names, count);
    struct pd_buf all;
    pd_buf_init(&all, 0);
    for (size_t i = 0; i < count; i++)
        pd_buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
    st = near ? reading_refuse(r, PD_INVALID, member, "\"%.*s\" is not known; do you mean \"%s\"?",
                               pd_arg(text), near)
              : reading_refuse(r, PD_INVALID, member, "\"%.*s\" is not known; it is one of %.*s",
                               pd_arg(text), pd_arg(pd_buf_view(&all)));
    pd_buf_clear(&all);
    return st;
}

enum pd_status reading_field_name(struct reading *r, const json_t *value, const char *member,
                                  size_t *out) {
    if (!json_is_string(value))
        return reading_refuse(r, PD_INVALID, member, "must be the name of a field, in quotes");
    pd_str name = {json_string_value(value), json_string_length(value)};
    *out = standard_find(r->standard, name);
    if (*out != PD_NPOS)
        return PD_OK;
    size_t count = r->standard->field_count;
    pd_str *names = pd_arena_array(r->arena, count + 1, sizeof(*names));
    if (!names)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < count; i++)
        names[i] = r->standard->fields[i].name;
    size_t near = pd_nearest(name, names, count);
    if (near != PD_NPOS)
        return reading_refuse(r, PD_INVALID, member,
                              "there is no field \"%.*s\"; do you mean \"%.*s\"?", pd_arg(name),
                              pd_arg(names[near]));
    return reading_refuse(r, PD_INVALID, member, "there is no field \"%.*s\"", pd_arg(name));
}
