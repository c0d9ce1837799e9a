/* A site's own detectors: read from JSON, and applied to cells and windows of text. */
#include "detect/scan_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_BYTES = 1 << 20,
    MOST_WEIGHTS = 64,
    MOST_TERMS = 32,
    MOST_TERM = 64,
    MOST_CELL = 254,
    MOST_TITLE = 200
};

struct weighting {
    int weights[MOST_WEIGHTS];
    size_t count;
    int modulus;
    char check[MOST_WEIGHTS * 2];
};

struct detector {
    struct detect_info info; /* its texts belong to the site's arena */
    struct detect_pattern *pattern;
    bool (*check)(const char *s, size_t len);
    bool takes_letters; /* else digits only, and X at the end */
    struct weighting weighting;
    char strip[16]; /* characters that the check doesn't see */
    const char *terms[MOST_TERMS];
    size_t term_count;
};

struct detect_site {
    struct pd_arena *arena;
    struct detector *list;
    size_t count;
};

/* ---- named checks ---- */

static const struct validator {
    const char *name;
    bool (*check)(const char *s, size_t len);
    bool takes_letters;
    double chance;
} validators[] = {
    {"none", NULL, true, 0},
    {"luhn", detect_luhn, true, 0.1},
    {"mod97", detect_mod_97, true, 1.0 / 97},
    {"mod11-2", detect_mod_11_2, false, 1.0 / 11},
    {"mod11-10", detect_mod_11_10, false, 0.1},
    {"mod37-36", detect_mod_37_36, true, 1.0 / 36},
    {"verhoeff", detect_verhoeff, false, 0.1},
    {"damm", detect_damm, false, 0.1},
    {"ean", detect_ean, false, 0.1},
};

static bool passes(const struct detector *d, pd_str text) {
    char code[MOST_CELL];
    size_t len = 0;
    if (!d->check && d->weighting.count == 0)
        return true;
    for (size_t i = 0; i < text.len && len < sizeof(code); i++) {
        char c = text.data[i];
        if (c != '\0' && strchr(d->strip, c))
            continue;
        bool is_last_x = detect_upper(c) == 'X' && i + 1 == text.len && d->check == detect_mod_11_2;
        if (!detect_is_digit(c) && !is_last_x && !(d->takes_letters && detect_is_letter(c)))
            return false;
        code[len++] = detect_upper(c);
    }
    if (len < 2)
        return false;
    if (d->check)
        return d->check(code, len);
    const struct weighting *w = &d->weighting;
    if (len != w->count + 1)
        return false;
    int rest = detect_weigh(code, w->weights, w->count) % w->modulus;
    return (size_t)rest < strlen(w->check) && w->check[rest] == code[len - 1];
}

/* ---- where in the file something stands: the text is known to be JSON by then ---- */

static size_t skip_string(pd_str json, size_t at) {
    for (at++; at < json.len && json.data[at] != '"'; at++)
        at += json.data[at] == '\\';
    return at + 1;
}

/* The offset of a member of the n-th detector, or of the detector if it lacks it. */
static size_t locate(pd_str json, size_t n, const char *member) {
    size_t seen = 0, object = 0;
    int depth = 0;
    bool in_list = false;
    for (size_t at = 0; at < json.len;) {
        char c = json.data[at];
        if (c == '"') {
            size_t end = skip_string(json, at);
            pd_str key = pd_str_sub(json, at + 1, end - at - 2);
            if (depth == 1 && pd_str_is(key, "detectors"))
                in_list = true;
            if (in_list && depth == 3 && seen == n + 1 && member && pd_str_is(key, member))
                return at;
            at = end;
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
            if (in_list && depth == 3 && c == '{' && seen++ == n)
                object = at;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        at++;
    }
    return object;
}

struct reading {
    pd_str json;
    struct detect_site *site;
    size_t n; /* the detector being read */
    struct pd_error *err;
};

static enum pd_status refuse(const struct reading *r, enum pd_status status, const char *member,
                             const char *what) {
    size_t at = locate(r->json, r->n, member), line = 1, start = 0;
    for (size_t i = 0; i < at; i++) {
        if (r->json.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    size_t column = pd_utf8_length(pd_str_sub(r->json, start, at - start)) + 1;
    return pd_fail(r->err, status, "line %zu, column %zu: detector %zu%s%s%s: %s", line, column,
                   r->n + 1, member ? ", \"" : "", member ? member : "", member ? "\"" : "", what);
}

/* ---- members ---- */

static enum pd_status read_text(const struct reading *r, json_t *object, const char *member,
                                const char *otherwise, const char **out) {
    json_t *value = json_object_get(object, member);
    if (!value && otherwise) {
        *out = otherwise;
        return PD_OK;
    }
    if (!json_is_string(value) || json_string_length(value) == 0 ||
        strlen(json_string_value(value)) != json_string_length(value))
        return refuse(r, PD_INVALID, member, "a text belongs here");
    if (json_string_length(value) > MOST_TITLE && strcmp(member, "pattern") != 0)
        return refuse(r, PD_LIMIT, member, "it is longer than 200 bytes");
    pd_str copy = pd_arena_str(r->site->arena, pd_str_from(json_string_value(value)));
    if (!copy.data)
        return pd_fail_memory(r->err);
    *out = copy.data;
    return PD_OK;
}

static enum pd_status read_name(const struct reading *r, json_t *object, struct detector *d) {
    enum detect_type built_in;
    enum pd_status st = read_text(r, object, "name", NULL, &d->info.name);
    if (st != PD_OK)
        return st;
    pd_str name = pd_str_from(d->info.name);
    bool is_plain = name.len >= 2 && name.len <= 40 && name.data[0] >= 'a' && name.data[0] <= 'z';
    for (size_t i = 0; i < name.len; i++)
        is_plain = is_plain && ((name.data[i] >= 'a' && name.data[i] <= 'z') ||
                                detect_is_digit(name.data[i]) || name.data[i] == '_');
    if (!is_plain)
        return refuse(r, PD_INVALID, "name",
                      "a name is 2 to 40 of a-z, 0-9 and _, and starts with a letter");
    if (detect_info_find(name, &built_in))
        return refuse(r, PD_INVALID, "name", "a detector of the program is called so");
    for (size_t i = 0; i < r->n; i++) {
        if (pd_str_is(name, r->site->list[i].info.name))
            return refuse(r, PD_INVALID, "name", "another detector of the file is called so");
    }
    return PD_OK;
}

static enum pd_status read_pattern(const struct reading *r, json_t *object, struct detector *d) {
    const char *text = NULL;
    struct pd_error why = {0};
    json_t *ignore = json_object_get(object, "ignore_case");
    if (ignore && !json_is_boolean(ignore))
        return refuse(r, PD_INVALID, "ignore_case", "true or false belongs here");
    enum pd_status st = read_text(r, object, "pattern", NULL, &text);
    if (st == PD_OK) {
        st = detect_pattern_new(pd_str_from(text), json_is_true(ignore), &d->pattern, &why);
        if (st != PD_OK)
            return refuse(r, st, "pattern", why.text);
    }
    return st;
}

static enum pd_status read_weighting(const struct reading *r, json_t *object, struct detector *d) {
    json_t *weights = json_object_get(object, "weights"), *value;
    json_int_t modulus = json_integer_value(json_object_get(object, "modulus"));
    const char *check = json_string_value(json_object_get(object, "check"));
    size_t n;
    if (json_object_size(object) != 3 || !json_is_array(weights) || !check)
        return refuse(r, PD_INVALID, "validator",
                      "weights (a list), modulus (a number) and check (a text) belong in it");
    if (json_array_size(weights) < 1 || json_array_size(weights) > MOST_WEIGHTS)
        return refuse(r, PD_LIMIT, "validator", "1 to 64 weights are possible");
    if (modulus < 2 || modulus > 97 || strlen(check) != (size_t)modulus)
        return refuse(r, PD_INVALID, "validator",
                      "the modulus is 2 to 97, and check has one character for each remainder");
    json_array_foreach(weights, n, value) {
        if (!json_is_integer(value) || json_integer_value(value) < -1000 ||
            json_integer_value(value) > 1000)
            return refuse(r, PD_INVALID, "validator", "a weight is a number from -1000 to 1000");
        /* A negative weight is its positive remainder. */
        json_int_t weight = json_integer_value(value) % modulus;
        d->weighting.weights[n] = (int)(weight < 0 ? weight + modulus : weight);
    }
    d->weighting.count = json_array_size(weights);
    d->weighting.modulus = (int)modulus;
    for (size_t i = 0; i < (size_t)modulus; i++)
        d->weighting.check[i] = detect_upper(check[i]);
    d->takes_letters = true;
    d->info.chance = 1.0 / (double)modulus;
    d->info.has_check_digit = true;
    return PD_OK;
}

static enum pd_status read_validator(const struct reading *r, json_t *object, struct detector *d) {
    json_t *value = json_object_get(object, "validator");
    const char *strip = NULL;
    enum pd_status st = read_text(r, object, "strip", " -./", &strip);
    if (st != PD_OK)
        return st;
    if (strlen(strip) >= sizeof(d->strip))
        return refuse(r, PD_LIMIT, "strip", "it has more than 15 characters");
    memcpy(d->strip, strip, strlen(strip) + 1);
    if (!value)
        return PD_OK;
    if (json_is_object(value))
        return read_weighting(r, value, d);
    for (size_t i = 0; json_is_string(value) && i < sizeof(validators) / sizeof(validators[0]);
         i++) {
        if (strcmp(json_string_value(value), validators[i].name) != 0)
            continue;
        d->check = validators[i].check;
        d->takes_letters = validators[i].takes_letters;
        d->info.chance = validators[i].chance;
        d->info.has_check_digit = validators[i].check != NULL;
        return PD_OK;
    }
    return refuse(
        r, PD_INVALID, "validator",
        "known are none, luhn, mod97, mod11-2, mod11-10, mod37-36, verhoeff, damm, ean, or "
        "{\"weights\", \"modulus\", \"check\"}");
}

static enum pd_status read_context(const struct reading *r, json_t *object, struct detector *d) {
    json_t *list = json_object_get(object, "context"), *value;
    size_t n;
    if (!list)
        return PD_OK;
    if (!json_is_array(list) || json_array_size(list) > MOST_TERMS)
        return refuse(r, PD_INVALID, "context", "a list of at most 32 texts belongs here");
    json_array_foreach(list, n, value) {
        if (!json_is_string(value) || json_string_length(value) == 0 ||
            json_string_length(value) > MOST_TERM)
            return refuse(r, PD_INVALID, "context", "a term is a text of 1 to 64 bytes");
        /* Terms are compared with names made comparable, and so have to be made so too. */
        struct detect_name made = detect_name_make(pd_str_from(json_string_value(value)));
        pd_str term = pd_str_trim((pd_str){made.text, made.len});
        pd_str copy = pd_arena_str(r->site->arena, term);
        if (!copy.data)
            return pd_fail_memory(r->err);
        if (copy.len == 0)
            return refuse(r, PD_INVALID, "context", "a term has letters or digits");
        d->terms[d->term_count++] = copy.data;
    }
    return PD_OK;
}

/* One of a list of words; `found` is its place. */
static bool read_word(json_t *value, const char *const *words, size_t count, size_t *found) {
    for (size_t i = 0; json_is_string(value) && i < count; i++) {
        if (strcmp(json_string_value(value), words[i]) == 0) {
            *found = i;
            return true;
        }
    }
    return false;
}

static enum pd_status read_meaning(const struct reading *r, json_t *object, struct detector *d) {
    static const char *const roles[] = {"none", "direct", "quasi"}; /* as enum detect_hint */
    static const char *const needs[] = {"nothing", "majority", "context"};
    static const enum detect_need need_of[] = {DETECT_ALONE, DETECT_MAJORITY, DETECT_NAMED};
    json_t *need = json_object_get(object, "needs"), *role = json_object_get(object, "role");
    json_t *personal = json_object_get(object, "personal");
    json_t *chance = json_object_get(object, "chance");
    json_t *category = json_object_get(object, "category");
    size_t found = 0;
    if (!json_is_string(category) ||
        !detect_category_find(pd_str_from(json_string_value(category)), &d->info.category))
        return refuse(r, PD_INVALID, "category",
                      "known are identity, organisation, contact, network, birth, finance, device, "
                      "vehicle, place, address, name, secret, pseudonym");
    if (!read_word(role, roles, DETECT_HINT_COUNT, &found))
        return refuse(r, PD_INVALID, "role", "known are direct, quasi, none");
    d->info.hint = (enum detect_hint)found;
    found = 0;
    if (need && !read_word(need, needs, sizeof(needs) / sizeof(needs[0]), &found))
        return refuse(r, PD_INVALID, "needs", "known are nothing, majority, context");
    d->info.need = need_of[found];
    if (d->info.need == DETECT_NAMED && d->term_count == 0)
        return refuse(r, PD_INVALID, "needs", "it needs context, and has no words of context");
    if (personal && !json_is_boolean(personal))
        return refuse(r, PD_INVALID, "personal", "true or false belongs here");
    d->info.is_personal = personal ? json_is_true(personal) : d->info.hint != DETECT_NONE;
    if (chance &&
        (!json_is_number(chance) || json_number_value(chance) < 0 || json_number_value(chance) > 1))
        return refuse(r, PD_INVALID, "chance", "a number from 0 to 1 belongs here");
    if (chance)
        d->info.chance = json_number_value(chance);
    return PD_OK;
}

static enum pd_status read_detector(const struct reading *r, json_t *object) {
    static const char *const members[] = {
        "name",    "title", "standard", "pattern", "ignore_case", "strip",  "validator",
        "context", "needs", "category", "role",    "personal",    "chance", "note"};
    struct detector *d = &r->site->list[r->n];
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return refuse(r, PD_INVALID, NULL, "a detector is an object");
    json_object_foreach(object, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
            is_known = is_known || strcmp(key, members[i]) == 0;
        if (!is_known) {
            const char *near = pd_nearest_name(key, members, sizeof(members) / sizeof(members[0]));
            char what[160];
            snprintf(what, sizeof(what),
                     near ? "it is not known; do you mean \"%s\"?" : "it is not known",
                     near ? near : "");
            return refuse(r, PD_INVALID, key, what);
        }
    }
    enum pd_status st = read_name(r, object, d);
    if (st == PD_OK)
        st = read_text(r, object, "title", d->info.name, &d->info.title);
    if (st == PD_OK)
        st = read_text(r, object, "standard", "the site's own", &d->info.standard);
    d->info.rule = "the pattern and check of the site's file";
    if (st == PD_OK)
        st = read_pattern(r, object, d);
    if (st == PD_OK)
        st = read_validator(r, object, d);
    if (st == PD_OK)
        st = read_context(r, object, d);
    return st == PD_OK ? read_meaning(r, object, d) : st;
}

static enum pd_status read_file(struct reading *r, json_t *root) {
    json_t *list = json_object_get(root, "detectors"), *object;
    json_t *version = json_object_get(root, "polder_detectors");
    if (!json_is_object(root) || !json_is_integer(version) || json_integer_value(version) != 1 ||
        !json_is_array(list) || json_object_size(root) != 2)
        return pd_fail(r->err, PD_INVALID,
                       "line 1, column 1: the file is {\"polder_detectors\": 1, \"detectors\": "
                       "[...]}");
    if (json_array_size(list) < 1 || json_array_size(list) > DETECT_SITE_MOST)
        return pd_fail(r->err, PD_LIMIT, "the file has %zu detectors; 1 to %d are possible",
                       json_array_size(list), DETECT_SITE_MOST);
    r->site->list = calloc(json_array_size(list), sizeof(*r->site->list));
    if (!r->site->list)
        return pd_fail_memory(r->err);
    r->site->count = json_array_size(list);
    json_array_foreach(list, r->n, object) {
        enum pd_status st = read_detector(r, object);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

enum pd_status detect_site_new(pd_str json, struct detect_site **out, struct pd_error *err) {
    json_t *root = NULL;
    struct detect_site *site = calloc(1, sizeof(*site));
    if (!site)
        return pd_fail_memory(err);
    site->arena = pd_arena_new(2 * MOST_BYTES);
    enum pd_status st = site->arena ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = pd_json_parse(json, MOST_BYTES, 8, &root, err);
    struct reading r = {.json = json, .site = site, .err = err};
    if (st == PD_OK)
        st = read_file(&r, root);
    json_decref(root);
    if (st == PD_OK)
        *out = site;
    else
        detect_site_free(site);
    return st;
}

void detect_site_free(struct detect_site *site) {
    if (!site)
        return;
    for (size_t i = 0; i < site->count; i++)
        detect_pattern_free(site->list[i].pattern);
    free(site->list);
    pd_arena_free(site->arena);
    free(site);
}

size_t detect_site_count(const struct detect_site *site) {
    return site ? site->count : 0;
}

const struct detect_info *detect_site_info(const struct detect_site *site, size_t n) {
    return &site->list[n].info;
}

/* ---- applying ---- */

uint64_t detect_site_cell(const struct detect_site *site, pd_str cell, uint64_t mask) {
    char narrowed[MOST_CELL];
    uint64_t found = 0;
    cell = pd_str_trim(cell);
    if (cell.len == 0 || cell.len > MOST_CELL)
        return 0;
    cell = detect_narrow(cell, narrowed);
    for (size_t i = 0; i < site->count; i++) {
        const struct detector *d = &site->list[i];
        bool is_wanted = d->info.need != DETECT_NAMED || (mask >> i & 1);
        if (is_wanted && detect_pattern_is(d->pattern, cell) && passes(d, cell))
            found |= (uint64_t)1 << i;
    }
    return found;
}

static const char *find_term(const struct detector *d, const struct detect_name *name) {
    for (size_t i = 0; i < d->term_count; i++) {
        if (detect_name_has(name, d->terms[i]))
            return d->terms[i];
    }
    return NULL;
}

uint64_t detect_site_context(const struct detect_site *site, const struct detect_name *name) {
    uint64_t found = 0;
    for (size_t i = 0; i < site->count; i++) {
        if (find_term(&site->list[i], name))
            found |= (uint64_t)1 << i;
    }
    return found;
}

static void judge(struct scan_window *w, const struct detector *d, size_t start, size_t end) {
    enum { BEFORE = 60, BEHIND = 30 };
    struct detect_name before = scan_words_before(w, start, BEFORE);
    const char *word = find_term(d, &before);
    if (!word) {
        struct detect_name behind = scan_words_behind(w, end, BEHIND);
        word = find_term(d, &behind);
    }
    if (d->info.need == DETECT_NAMED && !word)
        return;
    enum detect_confidence confidence = word                                    ? DETECT_HIGH
                                        : !detect_stands_alone(&d->info, false) ? DETECT_LOW
                                        : d->info.has_check_digit               ? DETECT_HIGH
                                                                                : DETECT_MEDIUM;
    scan_add_info(w, start, end, &d->info, confidence,
                  d->info.has_check_digit ? "a right check digit" : "its form", word);
}

void scan_site(struct scan_window *w) {
    const struct detect_site *site = w->options->site;
    uint64_t wanted =
        (w->options->types | w->options->site_types) != 0 ? w->options->site_types : UINT64_MAX;
    for (size_t i = 0; i < site->count; i++) {
        const struct detector *d = &site->list[i];
        size_t at = w->from, start, end;
        while ((wanted >> i & 1) && at < w->to &&
               detect_pattern_find(d->pattern, w->text, at, w->to, &start, &end)) {
            if (passes(d, pd_str_sub(w->text, start, end - start)))
                judge(w, d, start, end);
            at = end;
        }
    }
}
