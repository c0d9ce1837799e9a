/* A standard from its JSON: Table Schema's own members, then the rules. */
#include "standard/standard_impl.h"

#include <stdlib.h>
#include <string.h>

const char *const match_names[MATCHES] = {"exact", "equal", "subset", "superset", "partial"};

enum { MOST_RULES = 10000, JSON_DEPTH = 32 };

static const char *const root_members[] = {
    "$schema",    "name",       "title",       "titles", "description", "version",
    "homepage",   "sources",    "licenses",    "fields", "fieldsMatch", "missingValues",
    "primaryKey", "uniqueKeys", "foreignKeys", "rules",  NULL};

pd_str standard_name(const struct standard *standard) {
    return standard->name;
}

pd_str standard_title(const struct standard *standard, const char *language) {
    return strcmp(language, "zh") == 0 ? standard->title_zh : standard->title_en;
}

size_t standard_fields(const struct standard *standard) {
    return standard->field_count;
}

pd_str standard_field_name(const struct standard *standard, size_t field) {
    return standard->fields[field].name;
}

enum standard_type standard_field_type(const struct standard *standard, size_t field) {
    return standard->fields[field].type;
}

/* ---- fields ---- */

struct named {
    pd_str name;
    size_t field;
};

static int compare_named(const void *a, const void *b) {
    return pd_str_cmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

size_t standard_find(const struct standard *standard, pd_str name) {
    size_t low = 0, high = standard->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(name, standard->fields[standard->by_name[middle]].name);
        if (order == 0)
            return standard->by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return PD_NPOS;
}

static enum pd_status sort_names(struct reading *r) {
    struct standard *s = r->standard;
    struct named *list = pd_arena_array(r->arena, s->field_count + 1, sizeof(*list));
    size_t *by_name = pd_arena_array(r->arena, s->field_count + 1, sizeof(*by_name));
    if (!list || !by_name)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < s->field_count; i++)
        list[i] = (struct named){s->fields[i].name, i};
    qsort(list, s->field_count, sizeof(*list), compare_named);
    for (size_t i = 0; i < s->field_count; i++) {
        by_name[i] = list[i].field;
        if (i == 0 || !pd_str_eq(list[i].name, list[i - 1].name))
            continue;
        size_t later = list[i].field > list[i - 1].field ? list[i].field : list[i - 1].field;
        reading_item(r, later);
        enum pd_status st = reading_refuse(r, PD_INVALID, "name", "two fields have this name");
        reading_leave(r);
        return st;
    }
    s->by_name = by_name;
    return PD_OK;
}

static enum pd_status read_fields(struct reading *r, const json_t *root) {
    const json_t *list = json_object_get(root, "fields");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0)
        return reading_refuse(r, PD_INVALID, list ? "fields" : NULL,
                              "a standard must have \"fields\", a list of at least one");
    if (count > STANDARD_FIELDS_MOST)
        return reading_refuse(r, PD_LIMIT, "fields", "has %zu fields; 20,000 are read", count);
    r->standard->fields = pd_arena_array(r->arena, count, sizeof(struct field));
    if (!r->standard->fields)
        return pd_fail_memory(r->err);
    enum pd_status st = PD_OK;
    reading_enter(r, "fields");
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        reading_item(r, i);
        r->standard->field_count++;
        st = parse_field(r, json_array_get(list, i), &r->standard->fields[i]);
        reading_leave(r);
    }
    if (st == PD_OK)
        st = sort_names(r);
    reading_leave(r);
    return st;
}

/* ---- keys ---- */

static enum pd_status read_key(struct reading *r, const json_t *value, const char *member,
                               struct key *out) {
    bool is_one = json_is_string(value);
    size_t count = is_one ? 1 : json_array_size(value);
    if (count == 0)
        return reading_refuse(r, PD_INVALID, member,
                              "must be the name of a field, or a list of such names");
    size_t *fields = pd_arena_array(r->arena, count, sizeof(*fields));
    struct pd_buf title;
    pd_buf_init(&title, 0);
    enum pd_status st = fields ? PD_OK : pd_fail_memory(r->err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        st = reading_field_name(r, is_one ? value : json_array_get(value, i), member, &fields[i]);
        for (size_t j = 0; st == PD_OK && j < i; j++)
            if (fields[j] == fields[i])
                st = reading_refuse(r, PD_INVALID, member, "names a field twice");
        if (st == PD_OK)
            pd_buf_printf(&title, "%s%.*s", i ? ", " : "",
                          pd_arg(r->standard->fields[fields[i]].name));
    }
    *out = (struct key){.fields = fields, .count = count};
    if (st == PD_OK)
        out->title = pd_arena_str(r->arena, pd_buf_view(&title));
    if (st == PD_OK && !out->title.data)
        st = pd_fail_memory(r->err);
    pd_buf_clear(&title);
    return st;
}

static enum pd_status read_keys(struct reading *r, const json_t *root) {
    const json_t *primary = json_object_get(root, "primaryKey");
    const json_t *unique = json_object_get(root, "uniqueKeys");
    if (unique && !json_is_array(unique))
        return reading_refuse(r, PD_INVALID, "uniqueKeys", "must be a list of lists of names");
    size_t count = json_array_size(unique);
    struct key *keys = pd_arena_array(r->arena, count + 1, sizeof(*keys));
    enum pd_status st = keys ? PD_OK : pd_fail_memory(r->err);
    r->standard->keys = keys;
    if (st == PD_OK && primary) {
        st = read_key(r, primary, "primaryKey", keys);
        keys->is_primary = true;
        r->standard->key_count++;
    }
    reading_enter(r, "uniqueKeys");
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        reading_item(r, i);
        st = read_key(r, json_array_get(unique, i), NULL, &keys[r->standard->key_count++]);
        reading_leave(r);
    }
    reading_leave(r);
    return st;
}

/* ---- references ---- */

/* Their names; as many as `count`. */
static enum pd_status read_theirs(struct reading *r, const json_t *value, size_t count,
                                  struct foreign *out) {
    bool is_one = json_is_string(value);
    if ((is_one ? 1 : json_array_size(value)) != count)
        return reading_refuse(r, PD_INVALID, "fields",
                              "must name as many columns as \"fields\" of the key, which are %zu",
                              count);
    pd_str *theirs = pd_arena_array(r->arena, count, sizeof(*theirs));
    if (!theirs)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = is_one ? value : json_array_get(value, i);
        if (!json_is_string(one))
            return reading_refuse(r, PD_INVALID, "fields", "must hold names in quotes");
        theirs[i] =
            pd_arena_str(r->arena, (pd_str){json_string_value(one), json_string_length(one)});
        if (!theirs[i].data)
            return pd_fail_memory(r->err);
        if (r->standard->resources[out->resource].len == 0 &&
            standard_find(r->standard, theirs[i]) == PD_NPOS)
            return reading_refuse(r, PD_INVALID, "fields",
                                  "names \"%.*s\", which is no field of this standard",
                                  pd_arg(theirs[i]));
    }
    out->theirs = theirs;
    return PD_OK;
}

static size_t find_resource(struct reading *r, pd_str name, pd_str *resources) {
    struct standard *s = r->standard;
    for (size_t i = 0; i < s->resource_count; i++)
        if (pd_str_eq(resources[i], name))
            return i;
    resources[s->resource_count] = name;
    return s->resource_count++;
}

static enum pd_status read_foreign(struct reading *r, const json_t *object, pd_str *resources,
                                   struct foreign *out) {
    static const char *const members[] = {"fields", "reference", NULL}, *const of_reference[] = {
                                                                            "resource", "fields",
                                                                            NULL};
    struct key key;
    pd_str resource = {"", 0};
    if (!json_is_object(object))
        return reading_refuse(r, PD_INVALID, NULL, "must be an object in braces");
    enum pd_status st = reading_members(r, object, members);
    if (st == PD_OK)
        st = read_key(r, json_object_get(object, "fields"), "fields", &key);
    if (st != PD_OK)
        return st;
    const json_t *reference = json_object_get(object, "reference");
    if (!json_is_object(reference))
        return reading_refuse(r, PD_INVALID, reference ? "reference" : NULL,
                              "a foreign key must have \"reference\", an object in braces");
    out->fields = key.fields;
    out->count = key.count;
    out->title = key.title;
    reading_enter(r, "reference");
    st = reading_members(r, reference, of_reference);
    if (st == PD_OK)
        st = reading_text(r, reference, "resource", &resource);
    if (st == PD_OK) {
        out->resource = find_resource(r, resource, resources);
        st = read_theirs(r, json_object_get(reference, "fields"), key.count, out);
    }
    reading_leave(r);
    return st;
}

static enum pd_status read_references(struct reading *r, const json_t *root) {
    const json_t *list = json_object_get(root, "foreignKeys");
    size_t count = json_array_size(list);
    if (!list)
        return PD_OK;
    if (!json_is_array(list))
        return reading_refuse(r, PD_INVALID, "foreignKeys", "must be a list in brackets");
    if (count > MOST_RULES)
        return reading_refuse(r, PD_LIMIT, "foreignKeys", "has %zu keys; 10,000 are read", count);
    struct foreign *foreign = pd_arena_array(r->arena, count + 1, sizeof(*foreign));
    pd_str *resources = pd_arena_array(r->arena, count + 1, sizeof(*resources));
    enum pd_status st = foreign && resources ? PD_OK : pd_fail_memory(r->err);
    r->standard->foreign = foreign;
    r->standard->resources = resources;
    reading_enter(r, "foreignKeys");
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        reading_item(r, i);
        st = read_foreign(r, json_array_get(list, i), resources, &foreign[i]);
        reading_leave(r);
    }
    reading_leave(r);
    r->standard->foreign_count = count;
    return st;
}

size_t standard_resources(const struct standard *standard) {
    return standard->resource_count;
}

pd_str standard_resource(const struct standard *standard, size_t resource) {
    return standard->resources[resource];
}

/* ---- rules ---- */

static enum pd_status read_rules(struct reading *r, const json_t *root) {
    const json_t *list = json_object_get(root, "rules");
    size_t count = json_array_size(list);
    if (!list)
        return PD_OK;
    if (!json_is_array(list))
        return reading_refuse(r, PD_INVALID, "rules", "must be a list in brackets");
    if (count > MOST_RULES)
        return reading_refuse(r, PD_LIMIT, "rules", "has %zu rules; 10,000 are read", count);
    struct rule *rules = pd_arena_array(r->arena, count + 1, sizeof(*rules));
    enum pd_status st = rules ? PD_OK : pd_fail_memory(r->err);
    reading_enter(r, "rules");
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        reading_item(r, i);
        st = parse_rule(r, json_array_get(list, i), &rules[i]);
        for (size_t j = 0; st == PD_OK && j < i; j++)
            if (pd_str_eq(rules[i].name, rules[j].name))
                st = reading_refuse(r, PD_INVALID, "name", "two rules have this name");
        reading_leave(r);
    }
    reading_leave(r);
    r->standard->rules = rules;
    r->standard->rule_count = count;
    return st;
}

/* ---- the whole ---- */

static enum pd_status read_titles(struct reading *r, const json_t *root) {
    const json_t *titles = json_object_get(root, "titles");
    struct standard *s = r->standard;
    enum pd_status st = reading_text(r, root, "name", &s->name);
    if (st == PD_OK)
        st = reading_text(r, root, "version", &s->version);
    if (st == PD_OK)
        st = reading_text(r, root, "title", &s->title_en);
    if (st != PD_OK || !titles)
        return st;
    if (!json_is_object(titles))
        return reading_refuse(r, PD_INVALID, "titles",
                              "must be an object of languages: {\"en\": \"...\", \"zh\": \"...\"}");
    reading_enter(r, "titles");
    st = reading_text(r, titles, "en", &s->title_en);
    if (st == PD_OK)
        st = reading_text(r, titles, "zh", &s->title_zh);
    reading_leave(r);
    return st;
}

static enum pd_status read_root(struct reading *r, const json_t *root) {
    static const pd_str nothing[] = {PD_STR_INIT("")};
    int match = MATCH_EXACT;
    if (!json_is_object(root))
        return reading_refuse(r, PD_INVALID, NULL, "a standard is an object in braces");
    r->missing = (struct texts){nothing, 1};
    enum pd_status st = reading_members(r, root, root_members);
    if (st == PD_OK)
        st = read_titles(r, root);
    if (st == PD_OK)
        st = reading_texts(r, root, "missingValues", &r->missing);
    if (st == PD_OK)
        st = read_fields(r, root);
    if (st == PD_OK)
        st = reading_choice(r, root, "fieldsMatch", match_names, MATCHES, &match);
    r->standard->match = (enum match)match;
    if (st == PD_OK)
        st = read_keys(r, root);
    if (st == PD_OK)
        st = read_references(r, root);
    return st == PD_OK ? read_rules(r, root) : st;
}

enum pd_status standard_parse(pd_str json, struct pd_arena *arena, const struct standard **out,
                              struct pd_error *err) {
    json_t *root = NULL;
    struct standard *standard = pd_arena_alloc(arena, sizeof(*standard));
    if (!standard)
        return pd_fail_memory(err);
    if (pd_str_starts(json, PD_STR("\xef\xbb\xbf")))
        json = pd_str_sub(json, 3, json.len);
    enum pd_status st = pd_json_parse(json, STANDARD_BYTES_MOST, JSON_DEPTH, &root, err);
    struct reading r = {.json = json, .arena = arena, .standard = standard, .err = err};
    if (st == PD_OK)
        st = read_root(&r, root);
    json_decref(root);
    if (st == PD_OK)
        *out = standard;
    return st;
}
