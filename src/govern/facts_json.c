/* Facts as JSON: what a finding is bound to, and what a record keeps so that it can be made again.
 */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdlib.h>

static const char *const types[] = {
    [LAW_BOOL] = "bool", [LAW_LONG] = "long", [LAW_STRING] = "string"};

static int by_fact(const void *a, const void *b) {
    const struct law_fact *x = *(const struct law_fact *const *)a,
                          *y = *(const struct law_fact *const *)b;
    int order = pd_str_cmp(x->name, y->name);
    if (!order)
        order = (int)x->class_ - (int)y->class_;
    if (!order)
        order = pd_str_cmp(x->by, y->by);
    return order ? order : pd_str_cmp(x->refused, y->refused);
}

static void write_value(const struct law_scalar *value, struct pd_json *w) {
    if (value->kind == LAW_BOOL)
        pd_json_bool(w, value->boolean);
    else if (value->kind == LAW_LONG)
        pd_json_i64(w, value->number);
    else
        pd_json_str(w, value->text);
}

static void write_moment(struct pd_json *w, const char *key, pd_time at) {
    char text[PD_TIME_TEXT_SIZE];
    pd_time_write(at, PD_TIME_MICROS, text);
    pd_json_member_text(w, key, text);
}

void facts_write(const struct law_fact *facts, size_t count, enum facts_form form,
                 struct pd_json *w) {
    const struct law_fact *sorted[256];
    size_t n = count < 256 ? count : 256;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &facts[i];
    qsort(sorted, n, sizeof(*sorted), by_fact);
    pd_json_array(w);
    for (size_t i = 0; i < n; i++) {
        const struct law_fact *f = sorted[i];
        pd_json_object(w);
        pd_json_member_str(w, "name", f->name);
        pd_json_key(w, "value");
        write_value(&f->value, w);
        pd_json_member_text(w, "class", law_class_name(f->class_));
        pd_json_member_str(w, "by", f->by);
        if (form == FACTS_WHOLE) {
            /* Canonical JSON writes numbers beyond 2^53 as texts. */
            pd_json_member_text(w, "type", types[f->value.kind]);
            write_moment(w, "at", f->at);
            if (f->expires)
                write_moment(w, "expires", f->expires);
        } else if (f->expires) {
            pd_json_key(w, "expires");
            pd_json_time(w, f->expires);
        }
        if (f->evidence.len)
            pd_json_member_str(w, "evidence", f->evidence);
        if (f->refused.len)
            pd_json_member_str(w, "refused", f->refused);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

/* ---- Reading ---- */

static pd_str text_of(const json_t *json, const char *name) {
    const json_t *v = json_object_get(json, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
}

enum pd_status facts_parse_value(const json_t *json, struct pd_arena *arena,
                                 struct law_scalar *out) {
    const json_t *value = json_object_get(json, "value");
    if (json_is_boolean(value))
        *out = (struct law_scalar){.kind = LAW_BOOL, .boolean = json_is_true(value)};
    else if (json_is_integer(value))
        *out = (struct law_scalar){.kind = LAW_LONG, .number = json_integer_value(value)};
    else if (json_is_string(value))
        *out = (struct law_scalar){.kind = LAW_STRING,
                                   .text = pd_arena_str(arena, text_of(json, "value"))};
    else
        return PD_INVALID;
    return PD_OK;
}

/* The same of a text that this program wrote. */
enum pd_status facts_read_value(pd_str text, struct pd_arena *arena, struct law_scalar *out) {
    struct pd_json_scalar v;
    if (pd_json_read(text, arena, &v) != PD_OK)
        return PD_INVALID;
    if (v.kind == PD_JSON_BOOL)
        *out = (struct law_scalar){.kind = LAW_BOOL, .boolean = v.boolean};
    else if (v.kind == PD_JSON_INTEGER)
        *out = (struct law_scalar){.kind = LAW_LONG, .number = v.number};
    else if (v.kind == PD_JSON_TEXT)
        *out = (struct law_scalar){.kind = LAW_STRING, .text = v.text};
    else
        return PD_INVALID;
    return PD_OK;
}

/* What both forms of reading have found of a fact; `value` as it stands, before a number beyond 2^53 is one. */
static enum pd_status finish_fact(struct law_fact *f, pd_str class_, pd_str at, pd_str expires,
                                  pd_str type, bool has_value) {
    if (!f->name.data || !f->by.data || !f->evidence.data || !f->refused.data)
        return PD_LIMIT;
    bool ok = has_value && f->name.len && law_class_parse(class_, &f->class_) &&
              pd_time_parse(at, &f->at) && (!expires.len || pd_time_parse(expires, &f->expires));
    if (ok && pd_str_is(type, types[LAW_LONG]) && f->value.kind == LAW_STRING) {
        pd_str digits = f->value.text;
        f->value = (struct law_scalar){.kind = LAW_LONG};
        ok = pd_parse_i64(digits, &f->value.number);
    }
    return ok && pd_str_is(type, types[f->value.kind]) ? PD_OK : PD_INVALID;
}

enum pd_status facts_read(const json_t *json, struct pd_arena *arena, struct law_fact *out) {
    struct law_fact f = {.name = pd_arena_str(arena, text_of(json, "name")),
                         .by = pd_arena_str(arena, text_of(json, "by")),
                         .evidence = pd_arena_str(arena, text_of(json, "evidence")),
                         .refused = pd_arena_str(arena, text_of(json, "refused"))};
    bool has_value = facts_parse_value(json, arena, &f.value) == PD_OK;
    enum pd_status st = finish_fact(&f, text_of(json, "class"), text_of(json, "at"),
                                    text_of(json, "expires"), text_of(json, "type"), has_value);
    if (st == PD_OK)
        *out = f;
    return st;
}

enum pd_status facts_read_text(pd_str json, struct pd_arena *arena, struct law_fact *out) {
    enum { NAME, BY, EVIDENCE, REFUSED, CLASS, AT, EXPIRES, TYPE, VALUE, COUNT };
    static const char *const names[COUNT] = {
        [NAME] = "name", [BY] = "by", [EVIDENCE] = "evidence", [REFUSED] = "refused",
        [CLASS] = "class", [AT] = "at", [EXPIRES] = "expires", [TYPE] = "type", [VALUE] = "value"};
    pd_str v[COUNT];
    struct law_fact f = {0};
    pd_json_find_all(json, names, COUNT, v);
    for (size_t i = 0; i < VALUE; i++)
        v[i] = v[i].data ? pd_json_read_text(v[i], arena) : PD_STR("");
    f.name = v[NAME];
    f.by = v[BY];
    f.evidence = v[EVIDENCE];
    f.refused = v[REFUSED];
    bool has_value = v[VALUE].data && facts_read_value(v[VALUE], arena, &f.value) == PD_OK;
    enum pd_status st = finish_fact(&f, v[CLASS], v[AT], v[EXPIRES], v[TYPE], has_value);
    if (st == PD_OK)
        *out = f;
    return st;
}
