/* The charter: who belongs to which chamber, and what each may decide. */
#include "council/council_impl.h"

#include <stdio.h>
#include <string.h>

enum { TITLE_MAX = 400, DEPTH_MAX = 8, OPEN_MAX = 1000, WEIGHT_MAX = 1000 };

static enum pd_status read_title(const struct council_reading *r, const char *place,
                                 const json_t *value, pd_str *en, pd_str *zh) {
    static const char *const names[] = {"en", "zh", NULL};
    enum pd_status st = council_check_members(r, place, value, names);
    if (st == PD_OK)
        st = council_read_text(r, place, json_object_get(value, "en"), TITLE_MAX, en);
    return st == PD_OK ? council_read_text(r, place, json_object_get(value, "zh"), TITLE_MAX, zh)
                       : st;
}

/* ---- Chambers ---- */

static enum pd_status read_chamber(const struct council_reading *r, size_t i, const json_t *value,
                                   struct council_charter *out) {
    static const char *const names[] = {"id", "title", "weight", "ballot", "quorum", NULL};
    /* What a party may be of (migrations/0001): a chamber that nobody can belong to decides
     * nothing. */
    static const char *const known[] = {"government", "enterprise", "industry", "public", NULL};
    struct council_chamber *c = &out->chambers[i];
    char place[COUNCIL_PLACE_MAX], at[COUNCIL_PLACE_MAX];
    int secrecy = 0, which;
    snprintf(place, sizeof(place), "chambers[%zu]", i);
    enum pd_status st = council_check_members(r, place, value, names);
    snprintf(at, sizeof(at), "%.100s.id", place);
    if (st == PD_OK)
        st = council_read_word(r, at, json_object_get(value, "id"), known, &which);
    if (st == PD_OK)
        st = council_read_id(r, at, json_object_get(value, "id"), &c->id);
    for (size_t j = 0; st == PD_OK && j < i; j++)
        if (pd_str_eq(out->chambers[j].id, c->id))
            st = council_refuse(r, at, "the chamber \"%.*s\" is there twice", pd_arg(c->id));
    snprintf(at, sizeof(at), "%.100s.title", place);
    if (st == PD_OK)
        st = read_title(r, at, json_object_get(value, "title"), &c->title, &c->title_zh);
    snprintf(at, sizeof(at), "%.100s.weight", place);
    if (st == PD_OK)
        st = council_read_count(r, at, json_object_get(value, "weight"), 1, WEIGHT_MAX, &c->weight);
    snprintf(at, sizeof(at), "%.100s.ballot", place);
    if (st == PD_OK)
        st = council_read_word(r, at, json_object_get(value, "ballot"), council_secrecy_names,
                               &secrecy);
    c->secrecy = (enum council_secrecy)secrecy;
    snprintf(at, sizeof(at), "%.100s.quorum", place);
    return st == PD_OK ? council_read_quorum(r, at, json_object_get(value, "quorum"), &c->quorum)
                       : st;
}

static enum pd_status check_list(const struct council_reading *r, const char *place,
                                 const json_t *list, size_t max) {
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > max)
        return council_refuse(r, place, "must be a list of 1 to %zu", max);
    return PD_OK;
}

static enum pd_status read_chambers(const struct council_reading *r, const json_t *list,
                                    struct council_charter *out) {
    enum pd_status st = check_list(r, "chambers", list, COUNCIL_CHAMBERS_MAX);
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++) {
        st = read_chamber(r, i, json_array_get(list, i), out);
        out->chamber_count = i + 1;
    }
    return st;
}

size_t council_find_chamber(const struct council_charter *charter, pd_str id) {
    for (size_t i = 0; i < charter->chamber_count; i++)
        if (pd_str_eq(charter->chambers[i].id, id))
            return i;
    return PD_NPOS;
}

/* ---- Methods ---- */

static size_t find_method(const struct council_charter *charter, const json_t *id) {
    for (size_t i = 0; i < charter->method_count; i++)
        if (json_is_string(id) && pd_str_is(charter->methods[i].id, json_string_value(id)))
            return i;
    return PD_NPOS;
}

static enum pd_status read_methods(const struct council_reading *r, const json_t *list,
                                   struct council_charter *out) {
    char place[COUNCIL_PLACE_MAX];
    enum pd_status st = check_list(r, "methods", list, COUNCIL_METHODS_MAX);
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++) {
        struct council_method *m = &out->methods[i];
        snprintf(place, sizeof(place), "methods[%zu]", i);
        st = council_read_method(r, place, json_array_get(list, i), false, m);
        if (st == PD_OK)
            st = council_check_method(r, place, m, out->chamber_count);
        if (st == PD_OK && m->chamber.len && council_find_chamber(out, m->chamber) == PD_NPOS)
            st = council_refuse(r, place, "there is no chamber \"%.*s\"", pd_arg(m->chamber));
        for (size_t j = 0; st == PD_OK && j < i; j++)
            if (pd_str_eq(out->methods[j].id, m->id))
                st = council_refuse(r, place, "the method \"%.*s\" is there twice", pd_arg(m->id));
        out->method_count = i + 1;
    }
    for (size_t i = 0; st == PD_OK && i < out->method_count; i++) {
        struct council_method *m = &out->methods[i];
        if (m->kind != COUNCIL_CONSENT)
            continue;
        snprintf(place, sizeof(place), "methods[%zu].otherwise", i);
        m->otherwise = find_method(out, json_object_get(json_array_get(list, i), "otherwise"));
        if (m->otherwise == PD_NPOS || out->methods[m->otherwise].kind == COUNCIL_CONSENT)
            st = council_refuse(r, place, "must name a method that votes");
    }
    return st;
}

/* ---- Matters ---- */

/* "node/x.json", "node/x*.cedar": no way out of the folder, at most one star, in the last part. */
static bool is_path(pd_str path) {
    size_t star = pd_str_find_char(path, '*'), slash = pd_str_find_char(path, '/');
    if (path.len == 0 || path.len > 200 || slash == PD_NPOS || slash == 0 ||
        pd_str_find(path, PD_STR("..")) != PD_NPOS || pd_str_find(path, PD_STR("//")) != PD_NPOS)
        return false;
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.data[i] <= 0x20 || path.data[i] == '\\' || path.data[i] == 0x7f)
            return false;
    if (star == PD_NPOS)
        return true;
    pd_str rest = pd_str_sub(path, star + 1, path.len);
    return pd_str_find_char(rest, '*') == PD_NPOS && pd_str_find_char(rest, '/') == PD_NPOS;
}

/* Statute is not voted on here: what stands outside of these folders follows the parliament. */
static bool is_in_reach(pd_str path) {
    static const char *const folders[] = {"node/", "delegated/", "standards/"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
        if (pd_str_starts(path, pd_str_from(folders[i])))
            return true;
    return false;
}

static enum pd_status read_paths(const struct council_reading *r, const char *place,
                                 const json_t *list, struct council_matter *out) {
    enum pd_status st = check_list(r, place, list, COUNCIL_PATHS_MAX);
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++) {
        st = council_read_text(r, place, json_array_get(list, i), 200, &out->paths[i]);
        if (st == PD_OK && !is_path(out->paths[i]))
            st = council_refuse(r, place, "\"%.*s\" is no path such as \"node/*.cedar\"",
                                pd_arg(out->paths[i]));
        if (st == PD_OK && !is_in_reach(out->paths[i]))
            st = council_refuse(r, place,
                                "\"%.*s\" is out of a charter's reach, which is node/, delegated/ "
                                "and standards/: statute follows the parliament",
                                pd_arg(out->paths[i]));
        out->path_count = i + 1;
    }
    return st;
}

static enum pd_status read_reserved(const struct council_reading *r, const char *place,
                                    const json_t *list, const struct council_charter *charter,
                                    struct council_matter *out) {
    enum pd_status st = check_list(r, place, list, COUNCIL_CHAMBERS_MAX);
    if (st == PD_OK && charter->methods[out->method].kind != COUNCIL_CHAMBERS)
        return council_refuse(r, place, "goes with matters that several chambers decide");
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++) {
        const json_t *id = json_array_get(list, i);
        size_t at = json_is_string(id)
                        ? council_find_chamber(charter, pd_str_from(json_string_value(id)))
                        : PD_NPOS;
        if (at == PD_NPOS)
            st = council_refuse(r, place, "must name chambers of the charter");
        else
            out->must_pass |= 1u << at;
    }
    return st;
}

static enum pd_status read_matter(const struct council_reading *r, size_t i, const json_t *value,
                                  struct council_charter *out) {
    static const char *const names[] = {"id", "method", "paths", "?reserved_to", NULL};
    struct council_matter *m = &out->matters[i];
    char place[COUNCIL_PLACE_MAX], at[COUNCIL_PLACE_MAX];
    snprintf(place, sizeof(place), "matters[%zu]", i);
    enum pd_status st = council_check_members(r, place, value, names);
    snprintf(at, sizeof(at), "%.100s.id", place);
    if (st == PD_OK)
        st = council_read_id(r, at, json_object_get(value, "id"), &m->id);
    if (st != PD_OK)
        return st;
    snprintf(at, sizeof(at), "%.100s.method", place);
    m->method = find_method(out, json_object_get(value, "method"));
    if (m->method == PD_NPOS)
        return council_refuse(r, at, "must name a method of the charter");
    snprintf(at, sizeof(at), "%.100s.paths", place);
    st = read_paths(r, at, json_object_get(value, "paths"), m);
    snprintf(at, sizeof(at), "%.100s.reserved_to", place);
    const json_t *reserved = json_object_get(value, "reserved_to");
    return st == PD_OK && reserved ? read_reserved(r, at, reserved, out, m) : st;
}

static enum pd_status read_matters(const struct council_reading *r, const json_t *list,
                                   struct council_charter *out) {
    enum pd_status st = check_list(r, "matters", list, COUNCIL_MATTERS_MAX);
    for (size_t i = 0; st == PD_OK && i < json_array_size(list); i++) {
        st = read_matter(r, i, json_array_get(list, i), out);
        out->matter_count = i + 1;
    }
    return st;
}

/* ---- The rest ---- */

static enum pd_status read_periods(const struct council_reading *r, const json_t *value,
                                   struct council_periods *out) {
    static const char *const names[] = {"consultation", "final",  "vote",
                                        "in_force",     "review", NULL};
    pd_time *const where[] = {&out->consultation, &out->final, &out->vote, &out->in_force,
                              &out->review};
    char place[COUNCIL_PLACE_MAX];
    enum pd_status st = council_check_members(r, "periods", value, names);
    for (size_t i = 0; st == PD_OK && names[i]; i++) {
        const json_t *text = json_object_get(value, names[i]);
        snprintf(place, sizeof(place), "periods.%s", names[i]);
        if (!json_is_string(text) ||
            !council_period_parse(pd_str_from(json_string_value(text)), where[i]))
            st = council_refuse(r, place,
                                "must be a period such as \"14d\", \"24h\", \"30min\" or "
                                "\"90s\", at most ten years");
    }
    if (st == PD_OK && out->vote == 0)
        st = council_refuse(r, "periods.vote", "must be longer than nothing");
    return st;
}

/* May be left out: then one member decides. */
static enum pd_status read_four_eyes(const struct council_reading *r, const json_t *value,
                                     uint32_t *out) {
    static const char *const names[] = {"open", "share"}; /* in the order of the bits */
    size_t i;
    const json_t *one;
    *out = 0;
    if (value && !json_is_array(value))
        return council_refuse(r, "four_eyes", "must be a list of \"open\" and \"share\"");
    json_array_foreach(value, i, one) {
        uint32_t bit = 0;
        for (size_t k = 0; json_is_string(one) && k < 2; k++)
            if (strcmp(json_string_value(one), names[k]) == 0)
                bit = 1u << k;
        if (!bit || (*out & bit))
            return council_refuse(r, "four_eyes", "must be a list of \"open\" and \"share\", each once");
        *out |= bit;
    }
    return PD_OK;
}

static enum pd_status read_charter(const struct council_reading *r, const json_t *root,
                                   struct council_charter *out) {
    static const char *const names[] = {"charter",  "preset",         "title",
                                        "chambers", "methods",        "matters",
                                        "periods",  "open_per_party", "?four_eyes", NULL};
    const json_t *version = json_is_object(root) ? json_object_get(root, "charter") : NULL;
    if (json_is_integer(version) && json_integer_value(version) > 1)
        return pd_fail(r->err, PD_UNSUPPORTED, "charter: version %lld; this Polder reads version 1",
                       (long long)json_integer_value(version));
    uint32_t one;
    enum pd_status st = council_check_members(r, "charter", root, names);
    if (st == PD_OK)
        st = council_read_count(r, "charter", version, 1, 1, &one);
    if (st == PD_OK)
        st = council_read_id(r, "preset", json_object_get(root, "preset"), &out->preset);
    if (st == PD_OK)
        st = read_title(r, "title", json_object_get(root, "title"), &out->title, &out->title_zh);
    if (st == PD_OK)
        st = read_chambers(r, json_object_get(root, "chambers"), out);
    if (st == PD_OK)
        st = read_methods(r, json_object_get(root, "methods"), out);
    if (st == PD_OK)
        st = read_matters(r, json_object_get(root, "matters"), out);
    if (st == PD_OK)
        st = read_periods(r, json_object_get(root, "periods"), &out->periods);
    if (st == PD_OK)
        st = council_read_count(r, "open_per_party", json_object_get(root, "open_per_party"), 1,
                                OPEN_MAX, &out->open_per_party);
    return st == PD_OK ? read_four_eyes(r, json_object_get(root, "four_eyes"), &out->four_eyes) : st;
}

enum pd_status council_charter_parse(pd_str json, struct pd_arena *arena,
                                     const struct council_charter **out, struct pd_error *err) {
    struct council_reading r = {arena, err};
    json_t *root = NULL;
    struct council_charter *charter = pd_arena_alloc(arena, sizeof(*charter));
    if (!charter)
        return pd_fail_memory(err);
    enum pd_status st = pd_json_parse(json, COUNCIL_CHARTER_BYTES_MAX, DEPTH_MAX, &root, err);
    if (st == PD_OK)
        st = read_charter(&r, root, charter);
    json_decref(root);
    if (st == PD_INVALID)
        return pd_wrap(err, "not of the form docs/reference/charter.schema.json");
    if (st == PD_OK)
        *out = charter;
    return st;
}
