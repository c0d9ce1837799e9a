/* The registry of facts (law/facts.json), a folder's manifest and the node's thresholds: the JSON
   side of the rules. Every refusal names the place and the member. */
#include "law/finding_impl.h"

#include <stdio.h>

enum { JSON_BYTES_MAX = 4 << 20, FACTS_MAX = 1024, LIST_MAX = 64 };

/* ---- Reading members, with the place of what is wrong ---- */

struct reader {
    struct pd_arena *arena;
    struct law_document document;
    pd_str subject; /* the fact or threshold that is read, for messages */
    struct pd_error *err;
};

PD_PRINTF(3, 4)
static enum pd_status refuse(const struct reader *r, const struct law_json *at, const char *format,
                             ...) {
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return law_json_fail(&r->document, at, r->err, "%.*s%s%s",
                         pd_arg(pd_str_sub(r->subject, 0, 100)), r->subject.len > 0 ? ": " : "",
                         what);
}

/** The member, or where it is missing: the object. */
static const struct law_json *member_or(const struct law_json *object, const char *key) {
    const struct law_json *member =
        object->kind == LAW_JSON_OBJECT ? law_json_find(object, key) : NULL;
    return member != NULL ? member : object;
}

static enum pd_status read_text(const struct reader *r, const struct law_json *object,
                                const char *key, pd_str *out) {
    const struct law_json *value = member_or(object, key);
    if (value == object || value->kind != LAW_JSON_STRING || value->text.len == 0)
        return refuse(r, value, "\"%s\" must be a string that is not empty", key);
    *out = pd_arena_str(r->arena, value->text);
    return out->data != NULL ? PD_OK : pd_fail_memory(r->err);
}

/* {"en": "...", "zh": "..."} */
static enum pd_status read_language_map(const struct reader *r, const struct law_json *object,
                                        const char *key, pd_str *en, pd_str *zh) {
    const struct law_json *map = member_or(object, key);
    if (map == object || map->kind != LAW_JSON_OBJECT)
        return refuse(r, map, "\"%s\" must be an object with \"en\" and \"zh\"", key);
    enum pd_status st = read_text(r, map, "en", en);
    return st != PD_OK ? st : read_text(r, map, "zh", zh);
}

static enum pd_status read_list(const struct reader *r, const struct law_json *object,
                                const char *key, const pd_str **out, size_t *count) {
    const struct law_json *list = member_or(object, key);
    if (list == object || list->kind != LAW_JSON_ARRAY || list->list.count > LIST_MAX)
        return refuse(r, list, "\"%s\" must be a list of at most %d words", key, LIST_MAX);
    size_t n = list->list.count;
    pd_str *words = pd_arena_array(r->arena, n, sizeof(*words));
    if (words == NULL)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < n; i++) {
        const struct law_json *item = &list->list.items[i];
        if (item->kind != LAW_JSON_STRING || item->text.len == 0)
            return refuse(r, item, "\"%s\" must hold words only", key);
        words[i] = pd_arena_str(r->arena, item->text);
        if (words[i].data == NULL)
            return pd_fail_memory(r->err);
    }
    *out = words;
    *count = n;
    return PD_OK;
}

/* Refuses a member that is not in the list, so that a misspelt one can't be passed over. */
static enum pd_status check_members(const struct reader *r, const struct law_json *object,
                                    const char *known) {
    if (object->kind != LAW_JSON_OBJECT)
        return refuse(r, object, "must be an object with %s", known);
    for (size_t i = 0; i < object->list.count; i++) {
        const struct law_json *item = &object->list.items[i];
        if (!law_words_have(known, item->name))
            return refuse(r, item, "unknown member \"%.*s\"%s", pd_arg(item->name),
                          law_hint_word(item->name, known).text);
    }
    return PD_OK;
}

/** Of one of `words`; `what` names the member in the message. */
static enum pd_status refuse_word(const struct reader *r, const struct law_json *at,
                                  const char *what, const char *words, pd_str word) {
    return refuse(r, at, "\"%s\" is one of %s; not \"%.*s\"%s", what, words, pd_arg(word),
                  law_hint_word(word, words).text);
}

static enum pd_status read_document(struct reader *r, pd_str path, pd_str text,
                                    const char *version_key) {
    if (text.len > JSON_BYTES_MAX)
        return pd_fail(r->err, PD_LIMIT, "%.*s: %zu bytes; at most %d", pd_arg(path), text.len,
                       (int)JSON_BYTES_MAX);
    enum pd_status st = law_json_parse(path, text, r->arena, &r->document, r->err);
    if (st != PD_OK)
        return st;
    const struct law_json *version = member_or(r->document.root, version_key);
    if (version == r->document.root || version->kind != LAW_JSON_INTEGER)
        return refuse(r, version, "must be an object with \"%s\": 1", version_key);
    if (version->integer == 1)
        return PD_OK;
    st = refuse(r, version, "\"%s\" is of a version that this Polder does not know", version_key);
    r->err->status = PD_UNSUPPORTED;
    return st == PD_INVALID ? PD_UNSUPPORTED : st;
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

static enum pd_status read_classes(const struct reader *r, const struct law_json *object,
                                   const char *key, unsigned *out) {
    const pd_str *words = NULL;
    size_t count = 0;
    enum pd_status st = read_list(r, object, key, &words, &count);
    if (st != PD_OK)
        return st;
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        enum law_class c;
        if (!law_class_parse(words[i], &c))
            return refuse_word(r, &member_or(object, key)->list.items[i], key,
                               "declared attested derived measured", words[i]);
        *out |= 1U << c;
    }
    return *out != 0 ? PD_OK : refuse(r, member_or(object, key), "\"%s\" names no class", key);
}

static enum pd_status read_type(const struct reader *r, const struct law_json *object,
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
        return refuse_word(r, member_or(object, "type"), "type", "bool long string code", type);
    if (!is_code)
        return PD_OK;
    st = read_text(r, object, "code_type", &kind->code_type);
    if (st == PD_OK && !law_type_is_valid(kind->code_type))
        st =
            refuse(r, member_or(object, "code_type"), "\"code_type\" must be a name of the schema");
    if (st == PD_OK)
        st = read_list(r, object, "codes", &kind->codes, &kind->code_count);
    if (st == PD_OK && kind->code_count == 0)
        st = refuse(r, member_or(object, "codes"), "\"codes\" is empty");
    return st;
}

static enum pd_status read_attesters(const struct reader *r, const struct law_json *object,
                                     struct law_fact_kind *kind) {
    static const char roles[] = "steward holder recipient authority";
    const struct law_json *at = member_or(object, "attesters");
    enum pd_status st = read_list(r, object, "attesters", &kind->attesters, &kind->attester_count);
    for (size_t i = 0; st == PD_OK && i < kind->attester_count; i++)
        if (!law_words_have(roles, kind->attesters[i]))
            return refuse_word(r, &at->list.items[i], "attesters", roles, kind->attesters[i]);
    if (st == PD_OK && law_fact_accepts(kind, LAW_ATTESTED) != (kind->attester_count > 0))
        return refuse(r, at, "a fact has attesters if and only if it accepts attested ones");
    return st;
}

static enum pd_status read_accepts(const struct reader *r, const struct law_json *object,
                                   struct law_fact_kind *kind) {
    enum pd_status st = read_classes(r, object, "accepts", &kind->accepts);
    kind->accepts_false = kind->accepts;
    if (st != PD_OK || law_json_find(object, "accepts_false") == NULL)
        return st;
    st = read_classes(r, object, "accepts_false", &kind->accepts_false);
    if (st == PD_OK && (kind->type != LAW_BOOL || (kind->accepts_false & ~kind->accepts) != 0))
        return refuse(r, member_or(object, "accepts_false"),
                      "\"accepts_false\" narrows \"accepts\" of a bool");
    return st;
}

static enum pd_status read_fact(const struct reader *r, const struct law_json *object,
                                struct law_fact_kind *kind) {
    static const char bounds[] = "bytes dataset purpose party";
    enum pd_status st =
        check_members(r, object,
                      "name type code_type codes accepts accepts_false attesters bound title "
                      "supplier");
    if (st == PD_OK)
        st = read_type(r, object, kind);
    if (st == PD_OK)
        st = read_accepts(r, object, kind);
    if (st == PD_OK)
        st = read_attesters(r, object, kind);
    if (st == PD_OK)
        st = read_text(r, object, "bound", &kind->bound);
    if (st == PD_OK && !law_words_have(bounds, kind->bound))
        st = refuse_word(r, member_or(object, "bound"), "bound", bounds, kind->bound);
    if (st == PD_OK)
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

static enum pd_status read_facts(struct reader *r, struct law_rules *rules) {
    const struct law_json *list = member_or(r->document.root, "facts");
    size_t n = list->list.count;
    if (list->kind != LAW_JSON_ARRAY || n == 0 || n > FACTS_MAX)
        return refuse(r, list, "\"facts\" must be a list of 1 to %d facts", FACTS_MAX);
    rules->facts = pd_arena_array(r->arena, n, sizeof(*rules->facts));
    rules->fact_names = pd_arena_array(r->arena, n, sizeof(*rules->fact_names));
    if (rules->facts == NULL || rules->fact_names == NULL)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < n; i++) {
        const struct law_json *object = &list->list.items[i];
        struct law_fact_kind kind = {.accepts = 0};
        r->subject = (pd_str){NULL, 0};
        enum pd_status st = read_text(r, object, "name", &kind.name);
        if (st != PD_OK)
            return st;
        r->subject = kind.name;
        if (!is_fact_name(kind.name))
            return refuse(r, member_or(object, "name"),
                          "a name is lower case letters, digits and _, and begins with a letter");
        for (size_t j = 0; j < i; j++)
            if (pd_str_eq(rules->facts[j].name, kind.name))
                return refuse(r, member_or(object, "name"), "is registered twice");
        st = read_fact(r, object, &kind);
        if (st != PD_OK)
            return st;
        rules->facts[i] = kind;
        rules->fact_names[i] = kind.name.data;
        rules->fact_count = i + 1;
    }
    return PD_OK;
}

/* Insertion in order: a registry has some hundred names, and is read once. */
static size_t *order_names(struct reader *r, const struct law_rules *rules) {
    size_t *order = pd_arena_array(r->arena, rules->fact_count, sizeof(*order));
    for (size_t i = 0; order != NULL && i < rules->fact_count; i++) {
        size_t at = i;
        for (; at > 0; at--) {
            if (pd_str_cmp(rules->facts[order[at - 1]].name, rules->facts[i].name) < 0)
                break;
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    return order;
}

/* Each code as the entity that policies compare with. */
static enum pd_status make_codes(struct reader *r, struct law_rules *rules) {
    rules->code_uids = pd_arena_array(r->arena, rules->fact_count, sizeof(*rules->code_uids));
    if (rules->code_uids == NULL)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < rules->fact_count; i++) {
        const struct law_fact_kind *kind = &rules->facts[i];
        if (kind->codes == NULL)
            continue;
        struct law_uid *uids = pd_arena_array(r->arena, kind->code_count, sizeof(*uids));
        pd_str type = pd_arena_printf(r->arena, "%s%.*s", LAW_NAMESPACE, pd_arg(kind->code_type));
        if (uids == NULL || type.data == NULL)
            return pd_fail_memory(r->err);
        for (size_t j = 0; j < kind->code_count; j++)
            uids[j] = (struct law_uid){type, kind->codes[j]};
        rules->code_uids[i] = uids;
    }
    return PD_OK;
}

enum pd_status law_registry_load(struct law_rules *rules, pd_str path, pd_str text,
                                 struct pd_error *err) {
    struct reader r = {.arena = rules->arena, .err = err};
    enum pd_status st = read_document(&r, path, text, "registry");
    if (st == PD_OK)
        st = check_members(&r, r.document.root, "registry facts");
    if (st == PD_OK)
        st = read_facts(&r, rules);
    /* Of a registry that is refused too: a check may go on with the facts that were read. */
    rules->fact_order = order_names(&r, rules);
    if (st == PD_OK && rules->fact_order == NULL)
        st = pd_fail_memory(err);
    return st == PD_OK ? make_codes(&r, rules) : st;
}

size_t law_registry_find(const struct law_rules *rules, pd_str name) {
    size_t low = 0;
    size_t high = rules->fact_order != NULL ? rules->fact_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(rules->facts[rules->fact_order[middle]].name, name);
        if (order == 0)
            return rules->fact_order[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
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
    struct reader r = {.arena = arena, .err = err};
    struct law_pack manifest = {.rank = LAW_STATUTE};
    pd_str rank, title, title_zh, as_of;
    enum pd_status st = read_document(&r, path, text, "manifest");
    if (st != PD_OK)
        return st;
    const struct law_json *root = r.document.root;
    st = check_members(&r, root, "manifest jurisdiction rank title as_of");
    if (st == PD_OK)
        st = read_text(&r, root, "jurisdiction", &manifest.jurisdiction);
    if (st == PD_OK)
        st = read_language_map(&r, root, "title", &title, &title_zh);
    if (st == PD_OK)
        st = read_text(&r, root, "as_of", &as_of);
    if (st == PD_OK && (as_of.len != 10 || !pd_time_parse(as_of, &manifest.as_of)))
        st = refuse(&r, member_or(root, "as_of"), "\"as_of\" must be a date such as 2026-11-23");
    if (st == PD_OK)
        st = read_text(&r, root, "rank", &rank);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
        if (pd_str_is(rank, ranks[i])) {
            manifest.rank = (enum law_rank)i;
            *out = manifest;
            return PD_OK;
        }
    return refuse_word(&r, member_or(root, "rank"), "rank", "statute delegated node", rank);
}

static enum pd_status read_threshold(struct reader *r, const struct law_json *value,
                                     struct law_threshold *out) {
    pd_str en, zh;
    r->subject = value->name;
    enum pd_status st = check_members(r, value, "value title why");
    const struct law_json *number = member_or(value, "value");
    if (st == PD_OK && (number->kind != LAW_JSON_INTEGER || number->integer < 0))
        st = refuse(r, number, "\"value\" must be a whole number from 0");
    if (st == PD_OK)
        st = read_language_map(r, value, "title", &en, &zh);
    if (st == PD_OK)
        st = read_language_map(r, value, "why", &en, &zh);
    if (st != PD_OK)
        return st;
    out->name = pd_arena_str(r->arena, value->name);
    out->value = number->integer;
    return out->name.data != NULL ? PD_OK : pd_fail_memory(r->err);
}

static enum pd_status read_thresholds(struct reader *r, struct law_rules *rules) {
    const struct law_json *root = r->document.root;
    size_t n = root->list.count;
    rules->thresholds = pd_arena_array(r->arena, n, sizeof(*rules->thresholds));
    struct law_member *members = pd_arena_array(r->arena, n, sizeof(*members));
    if (rules->thresholds == NULL || members == NULL)
        return pd_fail_memory(r->err);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (pd_str_is(root->list.items[i].name, "thresholds"))
            continue;
        struct law_threshold *t = &rules->thresholds[count];
        enum pd_status st = read_threshold(r, &root->list.items[i], t);
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
    struct reader r = {.arena = rules->arena, .err = err};
    enum pd_status st = read_document(&r, path, text, "thresholds");
    return st == PD_OK ? read_thresholds(&r, rules) : st;
}

bool law_rules_threshold(const struct law_rules *rules, pd_str name, int64_t *out) {
    for (size_t i = 0; i < rules->threshold_count; i++)
        if (pd_str_eq(rules->thresholds[i].name, name)) {
            *out = rules->thresholds[i].value;
            return true;
        }
    return false;
}
