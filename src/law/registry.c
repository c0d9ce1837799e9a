/* The registry of facts (law/facts.json), a folder's manifest and the node's thresholds: the JSON
   side of the rules. Every refusal names the file and the member. */
#include "law/finding_impl.h"

#include <jansson.h>

enum { JSON_BYTES_MAX = 4 << 20, JSON_DEPTH_MAX = 8, FACTS_MAX = 1024, LIST_MAX = 64 };

/* ---- Reading members, with the place in the words of an error ---- */

struct reader {
    struct pd_arena *arena;
    pd_str path;
    char where[160]; /* "facts[3] is_personal" */
    struct pd_error *err;
};

PD_PRINTF(2, 3) static enum pd_status refuse(const struct reader *r, const char *format, ...) {
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return pd_fail(r->err, PD_INVALID, "%.*s: %s%s%s", pd_arg(r->path), r->where,
                   r->where[0] != '\0' ? ": " : "", what);
}

static enum pd_status read_text(const struct reader *r, const json_t *object, const char *key,
                                pd_str *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || json_string_length(value) == 0)
        return refuse(r, "\"%s\" must be a string that is not empty", key);
    pd_str text = {json_string_value(value), json_string_length(value)};
    *out = pd_arena_str(r->arena, text);
    return out->data != NULL ? PD_OK : pd_fail_memory(r->err);
}

/* {"en": "...", "zh": "..."} */
static enum pd_status read_language_map(const struct reader *r, const json_t *object,
                                        const char *key, pd_str *en, pd_str *zh) {
    const json_t *map = json_object_get(object, key);
    if (!json_is_object(map))
        return refuse(r, "\"%s\" must be an object with \"en\" and \"zh\"", key);
    enum pd_status st = read_text(r, map, "en", en);
    return st != PD_OK ? st : read_text(r, map, "zh", zh);
}

static enum pd_status read_list(const struct reader *r, const json_t *object, const char *key,
                                const pd_str **out, size_t *count) {
    const json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > LIST_MAX)
        return refuse(r, "\"%s\" must be a list of at most %d words", key, LIST_MAX);
    pd_str *words = pd_arena_array(r->arena, n, sizeof(*words));
    if (words == NULL)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item) || json_string_length(item) == 0)
            return refuse(r, "\"%s\" must hold words only", key);
        pd_str word = {json_string_value(item), json_string_length(item)};
        words[i] = pd_arena_str(r->arena, word);
        if (words[i].data == NULL)
            return pd_fail_memory(r->err);
    }
    *out = words;
    *count = n;
    return PD_OK;
}

/* Refuses a member that is not in the list, so that a misspelt one can't be passed over. */
static enum pd_status check_members(const struct reader *r, json_t *object,
                                    const char *const *known, size_t known_count) {
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        bool found = false;
        for (size_t i = 0; i < known_count && !found; i++)
            found = pd_str_is(pd_str_from(key), known[i]);
        if (!found)
            return refuse(r, "unknown member \"%.64s\"", key);
    }
    return PD_OK;
}
#define KNOWN(...)                                                                                 \
    (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static enum pd_status read_document(const struct reader *r, pd_str text, const char *version_key,
                                    json_t **out) {
    json_t *document = NULL;
    if (pd_json_parse(text, JSON_BYTES_MAX, JSON_DEPTH_MAX, &document, r->err) != PD_OK)
        return pd_wrap(r->err, "%.*s", pd_arg(r->path));
    const json_t *version = json_object_get(document, version_key);
    enum pd_status st = PD_OK;
    if (!json_is_integer(version))
        st = refuse(r, "must be an object with \"%s\": 1", version_key);
    else if (json_integer_value(version) != 1)
        st = pd_fail(r->err, PD_UNSUPPORTED,
                     "%.*s: \"%s\" is of a version that this Polder does not know", pd_arg(r->path),
                     version_key);
    if (st != PD_OK) {
        json_decref(document);
        return st;
    }
    *out = document;
    return PD_OK;
}

/* ---- The registry ---- */

static const char *const class_names[LAW_CLASS_COUNT] = {
    [LAW_DECLARED] = "declared",
    [LAW_ATTESTED] = "attested",
    [LAW_DERIVED] = "derived",
    [LAW_MEASURED] = "measured",
};

const char *law_class_name(enum law_class c) {
    return (unsigned)c < LAW_CLASS_COUNT ? class_names[c] : "unknown";
}

bool law_class_parse(pd_str name, enum law_class *out) {
    for (int i = 0; i < LAW_CLASS_COUNT; i++)
        if (pd_str_is(name, class_names[i])) {
            *out = (enum law_class)i;
            return true;
        }
    return false;
}

static enum pd_status read_classes(const struct reader *r, const json_t *object, const char *key,
                                   unsigned *out) {
    const pd_str *words = NULL;
    size_t count = 0;
    enum pd_status st = read_list(r, object, key, &words, &count);
    if (st != PD_OK)
        return st;
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        enum law_class c;
        if (!law_class_parse(words[i], &c))
            return refuse(r, "\"%s\": \"%.*s\" is no class; declared, attested, derived, measured",
                          key, pd_arg(words[i]));
        *out |= 1U << c;
    }
    return *out != 0 ? PD_OK : refuse(r, "\"%s\" names no class", key);
}

static enum pd_status read_type(const struct reader *r, const json_t *object,
                                struct law_fact_kind *kind) {
    pd_str type;
    enum pd_status st = read_text(r, object, "type", &type);
    if (st != PD_OK)
        return st;
    bool is_code = pd_str_is(type, "code");
    if (is_code || pd_str_is(type, "string"))
        kind->type = LAW_STRING;
    else if (pd_str_is(type, "bool"))
        kind->type = LAW_BOOL;
    else if (pd_str_is(type, "long"))
        kind->type = LAW_LONG;
    else
        return refuse(r, "\"type\" is one of bool, long, string, code; not \"%.*s\"", pd_arg(type));
    if (!is_code)
        return PD_OK;
    st = read_text(r, object, "code_type", &kind->code_type);
    if (st == PD_OK && !law_type_is_valid(kind->code_type))
        st = refuse(r, "\"code_type\" must be a name of the schema");
    if (st == PD_OK)
        st = read_list(r, object, "codes", &kind->codes, &kind->code_count);
    if (st == PD_OK && kind->code_count == 0)
        st = refuse(r, "\"codes\" is empty");
    return st;
}

static bool is_one_of(pd_str word, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(word, list[i]))
            return true;
    return false;
}

static enum pd_status read_fact(const struct reader *r, json_t *object,
                                struct law_fact_kind *kind) {
    enum pd_status st =
        check_members(r, object,
                      KNOWN("name", "type", "code_type", "codes", "accepts", "accepts_false",
                            "attesters", "bound", "title", "supplier"));
    if (st == PD_OK)
        st = read_type(r, object, kind);
    if (st == PD_OK)
        st = read_classes(r, object, "accepts", &kind->accepts);
    if (st != PD_OK)
        return st;
    kind->accepts_false = kind->accepts;
    if (json_object_get(object, "accepts_false") != NULL) {
        st = read_classes(r, object, "accepts_false", &kind->accepts_false);
        if (st == PD_OK && (kind->type != LAW_BOOL || (kind->accepts_false & ~kind->accepts) != 0))
            st = refuse(r, "\"accepts_false\" narrows \"accepts\" of a bool");
    }
    if (st == PD_OK)
        st = read_list(r, object, "attesters", &kind->attesters, &kind->attester_count);
    if (st == PD_OK)
        st = read_text(r, object, "bound", &kind->bound);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < kind->attester_count; i++)
        if (!is_one_of(kind->attesters[i], KNOWN("steward", "holder", "recipient", "authority")))
            return refuse(r, "\"attesters\" are steward, holder, recipient, authority");
    if (law_fact_accepts(kind, LAW_ATTESTED) != (kind->attester_count > 0))
        return refuse(r, "a fact has attesters if and only if it accepts attested ones");
    if (!is_one_of(kind->bound, KNOWN("bytes", "dataset", "purpose", "party")))
        return refuse(r, "\"bound\" is one of bytes, dataset, purpose, party");
    st = read_language_map(r, object, "title", &kind->title, &kind->title_zh);
    return st != PD_OK
               ? st
               : read_language_map(r, object, "supplier", &kind->supplier, &kind->supplier_zh);
}

static bool is_fact_name(pd_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool is_letter = c >= 'a' && c <= 'z';
        if (!is_letter && (i == 0 || (c != '_' && !(c >= '0' && c <= '9'))))
            return false;
    }
    return name.len > 0;
}

static enum pd_status read_facts(struct reader *r, const json_t *list, struct law_rules *rules) {
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n == 0 || n > FACTS_MAX)
        return refuse(r, "\"facts\" must be a list of 1 to %d facts", FACTS_MAX);
    rules->facts = pd_arena_array(r->arena, n, sizeof(*rules->facts));
    rules->fact_names = pd_arena_array(r->arena, n, sizeof(*rules->fact_names));
    if (rules->facts == NULL || rules->fact_names == NULL)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < n; i++) {
        struct law_fact_kind kind = {.accepts = 0};
        snprintf(r->where, sizeof(r->where), "facts[%zu]", i);
        enum pd_status st = read_text(r, json_array_get(list, i), "name", &kind.name);
        if (st != PD_OK)
            return st;
        snprintf(r->where, sizeof(r->where), "facts[%zu] %.100s", i, kind.name.data);
        if (!is_fact_name(kind.name))
            return refuse(r,
                          "a name is lower case letters, digits and _, and begins with a letter");
        if (law_registry_find(rules, kind.name) != PD_NPOS)
            return refuse(r, "is registered twice");
        st = read_fact(r, json_array_get(list, i), &kind);
        if (st != PD_OK)
            return st;
        rules->facts[i] = kind;
        rules->fact_names[i] = kind.name.data;
        rules->fact_count = i + 1;
    }
    return PD_OK;
}

enum pd_status law_registry_load(struct law_rules *rules, pd_str path, pd_str text,
                                 struct pd_error *err) {
    struct reader r = {.arena = rules->arena, .path = path, .err = err};
    json_t *document = NULL;
    enum pd_status st = read_document(&r, text, "registry", &document);
    if (st != PD_OK)
        return st;
    st = check_members(&r, document, KNOWN("registry", "facts"));
    if (st == PD_OK)
        st = read_facts(&r, json_object_get(document, "facts"), rules);
    json_decref(document);
    return st;
}

size_t law_registry_find(const struct law_rules *rules, pd_str name) {
    for (size_t i = 0; i < rules->fact_count; i++)
        if (pd_str_eq(rules->facts[i].name, name))
            return i;
    return PD_NPOS;
}

const struct law_fact_kind *law_rules_fact(const struct law_rules *rules, pd_str name) {
    size_t i = law_registry_find(rules, name);
    return i == PD_NPOS ? NULL : &rules->facts[i];
}

size_t law_rules_fact_count(const struct law_rules *rules) {
    return rules->fact_count;
}

const struct law_fact_kind *law_rules_fact_nth(const struct law_rules *rules, size_t n) {
    return n < rules->fact_count ? &rules->facts[n] : NULL;
}

/* ---- Manifest and thresholds ---- */

enum pd_status law_manifest_parse(struct pd_arena *arena, pd_str path, pd_str text,
                                  struct law_pack *out, struct pd_error *err) {
    static const char *const ranks[] = {
        [LAW_STATUTE] = "statute", [LAW_DELEGATED] = "delegated", [LAW_NODE] = "node"};
    struct reader r = {.arena = arena, .path = path, .err = err};
    struct law_pack manifest = {.rank = LAW_STATUTE};
    json_t *document = NULL;
    pd_str rank, title, title_zh, as_of;
    enum pd_status st = read_document(&r, text, "manifest", &document);
    if (st != PD_OK)
        return st;
    st = check_members(&r, document, KNOWN("manifest", "jurisdiction", "rank", "title", "as_of"));
    if (st == PD_OK)
        st = read_text(&r, document, "jurisdiction", &manifest.jurisdiction);
    if (st == PD_OK)
        st = read_language_map(&r, document, "title", &title, &title_zh);
    if (st == PD_OK)
        st = read_text(&r, document, "as_of", &as_of);
    if (st == PD_OK && (as_of.len != 10 || !pd_time_parse(as_of, &manifest.as_of)))
        st = refuse(&r, "\"as_of\" must be a date such as 2026-11-23");
    if (st == PD_OK)
        st = read_text(&r, document, "rank", &rank);
    json_decref(document);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
        if (pd_str_is(rank, ranks[i])) {
            manifest.rank = (enum law_rank)i;
            *out = manifest;
            return PD_OK;
        }
    return refuse(&r, "\"rank\" is one of statute, delegated, node; not \"%.*s\"", pd_arg(rank));
}

static enum pd_status read_threshold(struct reader *r, const char *name, json_t *value,
                                     struct law_threshold *out) {
    snprintf(r->where, sizeof(r->where), "%.100s", name);
    pd_str en, zh;
    enum pd_status st = check_members(r, value, KNOWN("value", "title", "why"));
    const json_t *number = json_object_get(value, "value");
    if (st == PD_OK && (!json_is_integer(number) || json_integer_value(number) < 0))
        st = refuse(r, "\"value\" must be a whole number from 0");
    if (st == PD_OK)
        st = read_language_map(r, value, "title", &en, &zh);
    if (st == PD_OK)
        st = read_language_map(r, value, "why", &en, &zh);
    if (st != PD_OK)
        return st;
    out->name = pd_arena_str(r->arena, pd_str_from(name));
    out->value = json_integer_value(number);
    return out->name.data != NULL ? PD_OK : pd_fail_memory(r->err);
}

static enum pd_status read_thresholds(struct reader *r, json_t *document, struct law_rules *rules) {
    size_t n = json_object_size(document);
    rules->thresholds = pd_arena_array(r->arena, n, sizeof(*rules->thresholds));
    struct law_member *members = pd_arena_array(r->arena, n, sizeof(*members));
    if (rules->thresholds == NULL || members == NULL)
        return pd_fail_memory(r->err);
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach(document, key, value) {
        if (pd_str_is(pd_str_from(key), "thresholds"))
            continue;
        struct law_threshold *t = &rules->thresholds[count];
        enum pd_status st = read_threshold(r, key, value, t);
        if (st != PD_OK)
            return st;
        members[count] = (struct law_member){t->name, law_value_long(t->value)};
        count++;
    }
    rules->threshold_count = count;
    return law_value_record(r->arena, members, count, &rules->threshold_record, r->err);
}

enum pd_status law_thresholds_load(struct law_rules *rules, pd_str path, pd_str text,
                                   struct pd_error *err) {
    struct reader r = {.arena = rules->arena, .path = path, .err = err};
    json_t *document = NULL;
    enum pd_status st = read_document(&r, text, "thresholds", &document);
    if (st != PD_OK)
        return st;
    st = read_thresholds(&r, document, rules);
    json_decref(document);
    return st;
}

bool law_rules_threshold(const struct law_rules *rules, pd_str name, int64_t *out) {
    for (size_t i = 0; i < rules->threshold_count; i++)
        if (pd_str_eq(rules->thresholds[i].name, name)) {
            *out = rules->thresholds[i].value;
            return true;
        }
    return false;
}
