/* Numbers, times, titles and codes as the page's language writes them. */
#include "portal/page.h"
#include "portal/portal_parts.h"

#include <jansson.h>
#include <string.h>

static bool is_zh(const struct page *page) {
    return page->language[0] == 'z';
}

pd_str page_word(struct page *page, const char *key) {
    const struct portal_text *text = portal_text_find(pd_str_from(key));
    if (text)
        return is_zh(page) ? text->zh : text->en;
    const char *last = strrchr(key, '.');
    return pd_str_from(last ? last + 1 : key);
}

pd_str page_code(struct page *page, const char *set, pd_str code) {
    pd_str key = pd_arena_printf(page->arena, "%s.%.*s", set, pd_arg(code));
    const struct portal_text *text = portal_text_find(key);
    return !text ? code : is_zh(page) ? text->zh : text->en;
}

pd_str page_number(struct page *page, uint64_t n) {
    char digits[32], out[48];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), at = 0;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    return pd_arena_str(page->arena, (pd_str){out, (size_t)at});
}

pd_str page_bytes(struct page *page, uint64_t n) {
    static const char *const UNITS[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)n;
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < sizeof(UNITS) / sizeof(UNITS[0])) {
        value /= 1000;
        unit++;
    }
    return pd_arena_printf(page->arena, unit && value < 10 ? "%.1f %s" : "%.0f %s", value,
                           UNITS[unit]);
}

pd_str page_date(struct page *page, pd_time t) {
    struct pd_civil c = pd_time_civil(t);
    if (is_zh(page))
        return pd_arena_printf(page->arena, "%d\xe5\xb9\xb4%d\xe6\x9c\x88%d\xe6\x97\xa5", c.year,
                               c.month, c.day);
    static const char *const MONTHS[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    return pd_arena_printf(page->arena, "%d %s %d", c.day, MONTHS[c.month - 1], c.year);
}

void page_put_number(struct page *page, struct template_value *map, const char *key, uint64_t n) {
    template_put_str(&page->maker, map, key, page_number(page, n));
}

void page_put_time(struct page *page, struct template_value *map, const char *key, pd_time t) {
    char iso[PD_TIME_TEXT_SIZE];
    struct pd_civil c = pd_time_civil(t);
    pd_time_write(t, PD_TIME_SECONDS, iso);
    struct template_value *time = template_put_map(&page->maker, map, key);
    template_put_str(&page->maker, time, "iso", pd_arena_str(page->arena, pd_str_from(iso)));
    template_put_str(&page->maker, time, "date", page_date(page, t));
    template_put_str(&page->maker, time, "time",
                     pd_arena_printf(page->arena, "%02d:%02d UTC", c.hour, c.minute));
}

/* A title is a language map, or (a party's, which nobody gave) a text. */
static bool read_title(struct page *page, pd_str title, pd_str *text, pd_str *language) {
    json_t *map = NULL;
    struct pd_error err;
    if (!title.len || title.data[0] != '{' || pd_json_parse(title, 1 << 16, 4, &map, &err) != PD_OK)
        return false;
    const char *wanted = is_zh(page) ? "zh" : "en", *found = NULL, *key;
    json_t *value;
    json_object_foreach(map, key, value) if (json_is_string(value) &&
                                             (!found || strncmp(key, wanted, 2) == 0)) found = key;
    if (found) {
        *text =
            pd_arena_str(page->arena, pd_str_from(json_string_value(json_object_get(map, found))));
        *language = pd_arena_str(page->arena, pd_str_from(found));
    }
    json_decref(map);
    return found != NULL;
}

void page_put_title(struct page *page, struct template_value *map, const char *key, pd_str title) {
    pd_str text = title, language = PD_STR("");
    (void)read_title(page, title, &text, &language);
    struct template_value *value = template_put_map(&page->maker, map, key);
    template_put_str(&page->maker, value, "text", text);
    if (language.len && strncmp(language.data, page->language, 2) != 0)
        template_put_str(&page->maker, value, "lang", language);
}

void page_put_id(struct page *page, struct template_value *map, const char *key, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    template_put_str(&page->maker, map, key, pd_arena_str(page->arena, pd_str_from(text)));
}

void page_put_code(struct page *page, struct template_value *map, const char *key, const char *set,
                   pd_str code) {
    template_put_str(&page->maker, map, key, page_code(page, set, code));
}

void page_put_tag(struct page *page, struct template_value *map, const char *key, const char *kind,
                  pd_str text) {
    struct template_value *tag = template_put_map(&page->maker, map, key);
    template_put_text(&page->maker, tag, "kind", kind);
    template_put_str(&page->maker, tag, "text", text);
}

struct template_value *page_json(struct page *page, const json_t *json) {
    struct template_value *value;
    const char *key;
    json_t *item;
    size_t i;
    switch (json ? json_typeof(json) : JSON_NULL) {
    case JSON_OBJECT:
        value = template_new(&page->maker, TEMPLATE_MAP);
        json_object_foreach((json_t *)(uintptr_t)json, key, item)
            template_put(&page->maker, value, pd_arena_str(page->arena, pd_str_from(key)),
                         page_json(page, item));
        return value;
    case JSON_ARRAY:
        value = template_new(&page->maker, TEMPLATE_LIST);
        json_array_foreach(json, i, item) template_push(&page->maker, value, page_json(page, item));
        return value;
    case JSON_STRING:
        value = template_new(&page->maker, TEMPLATE_TEXT);
        if (value)
            value->text = pd_arena_str(page->arena,
                                       (pd_str){json_string_value(json), json_string_length(json)});
        return value;
    case JSON_INTEGER:
    case JSON_REAL:
        value = template_new(&page->maker, TEMPLATE_TEXT);
        if (value)
            value->text =
                json_is_integer(json)
                    ? pd_arena_printf(page->arena, "%lld", (long long)json_integer_value(json))
                    : pd_arena_printf(page->arena, "%.10g", json_real_value(json));
        return value;
    case JSON_TRUE:
        return template_new(&page->maker, TEMPLATE_TRUE);
    case JSON_FALSE:
        return template_new(&page->maker, TEMPLATE_FALSE);
    default:
        return template_new(&page->maker, TEMPLATE_NULL);
    }
}

pd_str page_encode(struct page *page, pd_str text) {
    static const char SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *out = pd_arena_alloc(page->arena, 3 * text.len + 1);
    size_t n = 0;
    if (!out)
        return PD_STR("");
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c && strchr(SAFE, c)) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = "0123456789ABCDEF"[c >> 4];
            out[n++] = "0123456789ABCDEF"[c & 15];
        }
    }
    return (pd_str){out, n};
}

pd_str page_query(const struct page *page, const char *name) {
    pd_str value = PD_STR("");
    (void)http_query(page->call->request, name, &value);
    return value;
}

bool page_id(struct page *page, const char *name, pd_id *out) {
    if (pd_id_parse(http_param(page->call->request, name), out))
        return true;
    portal_refuse(page->call, 404, "");
    return false;
}

void page_put_next(struct page *page, const char *path, const char *query, pd_str next) {
    if (next.len)
        template_put_str(&page->maker, page->values, "next",
                         pd_arena_printf(page->arena, "/%s%s?%s%safter=%.*s", page->language, path,
                                         query, query[0] ? "&" : "",
                                         pd_arg(page_encode(page, next))));
}

bool page_has_han(pd_str text) {
    uint32_t c;
    for (size_t at = 0; at < text.len;) {
        at += pd_utf8_decode(text, at, &c);
        if (c >= 0x4e00 && c <= 0x9fff)
            return true;
    }
    return false;
}

/* ---- Forms ---- */

pd_str page_field(const struct page *page, const char *name) {
    pd_str value = PD_STR("");
    (void)serve_form(page->call, name, &value);
    return pd_str_trim(value);
}

void page_put_choices(struct page *page, const char *key, const char *set,
                      const char *const *values, size_t count, pd_str given) {
    struct template_value *list = template_put_list(&page->maker, page->values, key);
    for (size_t i = 0; i < count; i++) {
        struct template_value *choice = template_push_map(&page->maker, list);
        pd_str value = pd_str_from(values[i]);
        template_put_str(&page->maker, choice, "value", value);
        template_put_str(&page->maker, choice, "text", page_code(page, set, value));
        template_put_bool(&page->maker, choice, "is_chosen",
                          given.len ? pd_str_eq(value, given) : i == 0);
    }
}
