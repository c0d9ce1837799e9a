/* Repairs as a file that people read, change and agree to. */
#include "standard/repair_impl.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH = 8, GROUPS_MOST = 100000 };

/* ---- Writing: what is of one column, check and way stands together ---- */

static bool is_of_group(const struct standard_repair *a, const struct standard_repair *b) {
    return a->method == b->method && a->confidence == b->confidence &&
           pd_str_eq(a->column, b->column) && pd_str_eq(a->check, b->check) &&
           (a->row == 0) == (b->row == 0);
}

static void member_u64(struct pd_json *w, const char *key, uint64_t value) {
    pd_json_key(w, key);
    pd_json_u64(w, value);
}

static void write_repair(const struct standard_repair *r, bool group_agreed, struct pd_json *w) {
    pd_json_object(w);
    if (r->row > 0) {
        member_u64(w, "row", r->row);
        member_u64(w, "line", r->line);
    }
    if (r->method != STANDARD_DROP) {
        pd_json_member_str(w, "before", r->before);
        pd_json_key(w, "after");
        if (r->after.data)
            pd_json_str(w, r->after);
        else
            pd_json_null(w);
    }
    if (r->choice_count > 0) {
        pd_json_key(w, "choices");
        pd_json_array(w);
        for (size_t i = 0; i < r->choice_count; i++)
            pd_json_str(w, r->choices[i]);
        pd_json_array_end(w);
    }
    pd_json_member_str(w, "why", r->why);
    if (r->is_agreed != group_agreed)
        pd_json_member_bool(w, "agreed", r->is_agreed);
    pd_json_object_end(w);
}

static void write_group(const struct standard_repairs *repairs, size_t first, bool *is_written,
                        struct pd_json *w) {
    const struct standard_repair *group = &repairs->list[first];
    pd_json_object(w);
    pd_json_member_str(w, "column", group->column);
    pd_json_member_str(w, "check", group->check);
    pd_json_member_text(w, "method", standard_method_name(group->method));
    pd_json_member_text(w, "confidence", standard_confidence_name(group->confidence));
    pd_json_member_bool(w, "agreed", group->is_agreed);
    pd_json_key(w, "repairs");
    pd_json_array(w);
    for (size_t i = first; i < repairs->count; i++) {
        if (is_written[i] || !is_of_group(&repairs->list[i], group))
            continue;
        is_written[i] = true;
        write_repair(&repairs->list[i], group->is_agreed, w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

void standard_repair_write(const struct standard_repair_file *file, struct pd_json *w) {
    const struct standard_repairs *repairs = &file->repairs;
    bool *is_written = calloc(repairs->count + 1, sizeof(*is_written));
    pd_json_object(w);
    pd_json_member_i64(w, "polder_repairs", 1);
    pd_json_key(w, "standard");
    pd_json_object(w);
    pd_json_member_str(w, "name", file->standard_name);
    pd_json_member_str(w, "sha256", file->standard_hash);
    pd_json_object_end(w);
    pd_json_key(w, "source");
    pd_json_object(w);
    pd_json_member_str(w, "name", file->source_name);
    pd_json_member_str(w, "sha256", file->source_hash);
    pd_json_object_end(w);
    pd_json_member_str(w, "agreed_by", file->agreed_by);
    pd_json_key(w, "groups");
    pd_json_array(w);
    for (size_t i = 0; is_written && i < repairs->count; i++)
        if (!is_written[i])
            write_group(repairs, i, is_written, w);
    pd_json_array_end(w);
    member_u64(w, "unmended", repairs->unmended);
    member_u64(w, "left_out", repairs->left_out);
    pd_json_object_end(w);
    if (!is_written)
        w->buf->failed = true;
    free(is_written);
}

/* ---- Reading: a person may have changed anything ---- */

struct parsing {
    struct pd_arena *arena;
    struct pd_error *err;
    size_t group, entry; /* from 1; 0: not within one */
};

PD_PRINTF(2, 3)
static enum pd_status refuse(struct parsing *p, const char *format, ...) {
    char why[300], place[100] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    if (p->entry)
        snprintf(place, sizeof(place), "group %zu, repair %zu: ", p->group, p->entry);
    else if (p->group)
        snprintf(place, sizeof(place), "group %zu: ", p->group);
    return pd_fail(p->err, PD_INVALID, "%s%s", place, why);
}

static enum pd_status check_members(struct parsing *p, const json_t *object,
                                    const char *const *names, size_t count) {
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return refuse(p, "must be an object in braces");
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < count; i++)
            is_known |= strcmp(key, names[i]) == 0;
        if (is_known)
            continue;
        const char *near = pd_nearest_name(key, names, count);
        return refuse(p, "\"%s\" is not known%s%s%s", key, near ? "; do you mean \"" : "",
                      near ? near : "", near ? "\"?" : "");
    }
    return PD_OK;
}

static enum pd_status read_text(struct parsing *p, const json_t *object, const char *member,
                                bool is_needed, pd_str *out) {
    const json_t *value = json_object_get(object, member);
    if (!value && is_needed)
        return refuse(p, "lacks \"%s\"", member);
    if (!value || json_is_null(value))
        return PD_OK;
    if (!json_is_string(value))
        return refuse(p, "\"%s\" must be text in quotes", member);
    *out = pd_arena_str(p->arena, (pd_str){json_string_value(value), json_string_length(value)});
    return out->data ? PD_OK : pd_fail_memory(p->err);
}

static enum pd_status read_bool(struct parsing *p, const json_t *object, const char *member,
                                bool *out) {
    const json_t *value = json_object_get(object, member);
    if (value && !json_is_boolean(value))
        return refuse(p, "\"%s\" must be true or false", member);
    *out = value ? json_is_true(value) : *out;
    return PD_OK;
}

static enum pd_status read_number(struct parsing *p, const json_t *object, const char *member,
                                  uint64_t *out) {
    const json_t *value = json_object_get(object, member);
    if (value && (!json_is_integer(value) || json_integer_value(value) < 0))
        return refuse(p, "\"%s\" must be a whole number from 0", member);
    *out = value ? (uint64_t)json_integer_value(value) : *out;
    return PD_OK;
}

static enum pd_status read_name(struct parsing *p, const json_t *object, const char *member,
                                const char *const *names, size_t count, int *out) {
    pd_str text = {0};
    enum pd_status st = read_text(p, object, member, true, &text);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(text, names[i])) {
            *out = (int)i;
            return PD_OK;
        }
    return refuse(p, "\"%s\": \"%.*s\" is not known", member, pd_arg(text));
}

static enum pd_status read_choices(struct parsing *p, const json_t *object,
                                   struct standard_repair *out) {
    const json_t *list = json_object_get(object, "choices");
    pd_str *choices = pd_arena_array(p->arena, json_array_size(list) + 1, sizeof(*choices));
    if (!choices)
        return pd_fail_memory(p->err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_string(one))
            return refuse(p, "\"choices\" must be texts");
        choices[i] =
            pd_arena_str(p->arena, (pd_str){json_string_value(one), json_string_length(one)});
        if (!choices[i].data)
            return pd_fail_memory(p->err);
    }
    out->choices = choices;
    out->choice_count = json_array_size(list);
    return PD_OK;
}

static enum pd_status read_repair(struct parsing *p, const json_t *object,
                                  const struct standard_repair *group,
                                  struct standard_repair *out) {
    static const char *const names[] = {"row",     "line", "before", "after",
                                        "choices", "why",  "agreed"};
    *out = *group;
    enum pd_status st = check_members(p, object, names, sizeof(names) / sizeof(names[0]));
    if (st == PD_OK)
        st = read_number(p, object, "row", &out->row);
    if (st == PD_OK)
        st = read_number(p, object, "line", &out->line);
    if (st == PD_OK)
        st = read_text(p, object, "before", group->method != STANDARD_DROP, &out->before);
    if (st == PD_OK)
        st = read_text(p, object, "after", false, &out->after);
    if (st == PD_OK)
        st = read_text(p, object, "why", false, &out->why);
    if (st == PD_OK)
        st = read_choices(p, object, out);
    if (st == PD_OK)
        st = read_bool(p, object, "agreed", &out->is_agreed);
    if (st != PD_OK)
        return st;
    if (out->row == 0 && out->method != STANDARD_RENAME)
        return refuse(p, "lacks \"row\", the number of the row from 1");
    if (out->method != STANDARD_DROP && out->is_agreed && !out->after.data)
        return refuse(p, "is agreed to, and \"after\" says no value: put one of \"choices\" there, "
                         "or another that is right");
    if (out->method != STANDARD_DROP && !out->column.len)
        return refuse(p, "lacks a \"column\" in its group");
    if (out->confidence == STANDARD_OPEN && out->after.data)
        out->method = STANDARD_CHOSEN;
    return PD_OK;
}

struct parsed {
    struct standard_repair *list;
    size_t count;
};

static enum pd_status read_group(struct parsing *p, const json_t *object, struct parsed *out) {
    static const char *const names[] = {"column",     "check",  "method",
                                        "confidence", "agreed", "repairs"};
    struct standard_repair group = {0};
    const char *methods[STANDARD_METHOD_COUNT], *levels[STANDARD_CONFIDENCE_COUNT];
    int method = 0, confidence = 0;
    for (int i = 0; i < STANDARD_METHOD_COUNT; i++)
        methods[i] = standard_method_name((enum standard_method)i);
    for (int i = 0; i < STANDARD_CONFIDENCE_COUNT; i++)
        levels[i] = standard_confidence_name((enum standard_confidence)i);
    enum pd_status st = check_members(p, object, names, sizeof(names) / sizeof(names[0]));
    if (st == PD_OK)
        st = read_text(p, object, "column", true, &group.column);
    if (st == PD_OK)
        st = read_text(p, object, "check", true, &group.check);
    if (st == PD_OK)
        st = read_name(p, object, "method", methods, STANDARD_METHOD_COUNT, &method);
    if (st == PD_OK)
        st = read_name(p, object, "confidence", levels, STANDARD_CONFIDENCE_COUNT, &confidence);
    if (st == PD_OK)
        st = read_bool(p, object, "agreed", &group.is_agreed);
    const json_t *list = json_object_get(object, "repairs");
    if (st == PD_OK && !json_is_array(list))
        st = refuse(p, "lacks \"repairs\", a list in brackets");
    group.method = (enum standard_method)method;
    group.confidence = (enum standard_confidence)confidence;
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++) {
        p->entry = i + 1;
        st = read_repair(p, json_array_get(list, i), &group, &out->list[out->count++]);
    }
    p->entry = 0;
    return st;
}

/* By row; those of one row in the order of the file. */
struct placed {
    struct standard_repair repair;
    size_t at;
};

static int compare_placed(const void *a, const void *b) {
    const struct placed *x = a, *y = b;
    if (x->repair.row != y->repair.row)
        return x->repair.row < y->repair.row ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static enum pd_status sort_repairs(struct parsed *all, struct pd_error *err) {
    struct placed *list = calloc(all->count + 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i < all->count; i++)
        list[i] = (struct placed){all->list[i], i};
    qsort(list, all->count, sizeof(*list), compare_placed);
    for (size_t i = 0; i < all->count; i++)
        all->list[i] = list[i].repair;
    free(list);
    return PD_OK;
}

static enum pd_status read_groups(struct parsing *p, const json_t *root,
                                  struct standard_repairs *out) {
    const json_t *groups = json_object_get(root, "groups");
    size_t total = 0;
    if (!json_is_array(groups))
        return refuse(p, "lacks \"groups\", a list in brackets");
    for (size_t i = 0; i < json_array_size(groups); i++)
        total += json_array_size(json_object_get(json_array_get(groups, i), "repairs"));
    if (total > STANDARD_REPAIRS_MOST)
        return pd_fail(p->err, PD_LIMIT, "it has %zu repairs; %d are read", total,
                       STANDARD_REPAIRS_MOST);
    struct parsed all = {pd_arena_array(p->arena, total + 1, sizeof(*all.list)), 0};
    enum pd_status st = all.list ? PD_OK : pd_fail_memory(p->err);
    for (size_t i = 0; st == PD_OK && i < json_array_size(groups); i++) {
        p->group = i + 1;
        st = read_group(p, json_array_get(groups, i), &all);
    }
    p->group = 0;
    if (st == PD_OK)
        st = sort_repairs(&all, p->err);
    out->list = all.list;
    out->count = all.count;
    return st;
}

static enum pd_status read_about(struct parsing *p, const json_t *root, const char *member,
                                 pd_str *name, pd_str *hash) {
    static const char *const names[] = {"name", "sha256"};
    uint8_t bytes[32];
    const json_t *about = json_object_get(root, member);
    if (!about)
        return refuse(p, "lacks \"%s\"", member);
    enum pd_status st = check_members(p, about, names, 2);
    if (st == PD_OK)
        st = read_text(p, about, "name", false, name);
    if (st == PD_OK)
        st = read_text(p, about, "sha256", true, hash);
    if (st == PD_OK && !pd_hex_decode(*hash, bytes, sizeof(bytes)))
        st = refuse(p, "\"%s\": \"sha256\" must be 64 hexadecimal digits", member);
    return st;
}

enum pd_status standard_repair_parse(pd_str json, struct pd_arena *arena,
                                     struct standard_repair_file *out, struct pd_error *err) {
    static const char *const names[] = {"$schema",   "polder_repairs", "standard", "source",
                                        "agreed_by", "groups",         "unmended", "left_out"};
    json_t *root = NULL;
    struct parsing p = {.arena = arena, .err = err};
    *out = (struct standard_repair_file){0};
    enum pd_status st = pd_json_parse(json, STANDARD_REPAIR_BYTES_MOST, DEPTH, &root, err);
    if (st == PD_OK)
        st = check_members(&p, root, names, sizeof(names) / sizeof(names[0]));
    if (st == PD_OK && json_integer_value(json_object_get(root, "polder_repairs")) != 1)
        st = refuse(&p, "this is no file of repairs, which begins with \"polder_repairs\": 1");
    if (st == PD_OK)
        st = read_about(&p, root, "standard", &out->standard_name, &out->standard_hash);
    if (st == PD_OK)
        st = read_about(&p, root, "source", &out->source_name, &out->source_hash);
    if (st == PD_OK)
        st = read_text(&p, root, "agreed_by", false, &out->agreed_by);
    if (st == PD_OK)
        st = read_groups(&p, root, &out->repairs);
    if (st == PD_OK)
        st = read_number(&p, root, "unmended", &out->repairs.unmended);
    if (st == PD_OK)
        st = read_number(&p, root, "left_out", &out->repairs.left_out);
    json_decref(root);
    return st;
}
