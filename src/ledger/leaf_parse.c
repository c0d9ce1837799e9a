/*
 * Reading a leaf that somebody else wrote. Each member is checked, unknown ones are refused, and in
 * the end the leaf is written again and must give the same bytes: one act has one leaf.
 */
#include "ledger/ledger_impl.h"
#include <jansson.h>
#include <string.h>

enum { DEPTH_MAX = 4 };

/* What is being read into. */
struct reading {
    struct ledger_leaf *leaf;
    int64_t version;
    struct pd_arena *arena;
    struct pd_error *err;
};

static pd_str text_of(const json_t *value) {
    return (pd_str){json_string_value(value), json_string_length(value)};
}

static enum pd_status fail_form(const char *member, const char *wanted, struct pd_error *err) {
    return pd_fail(err, PD_INVALID, "leaf member \"%s\" is not %s", member, wanted);
}

/* The place of a text in a table of names, or `count`. */
static unsigned find_name(const json_t *value, const char *(*name_of)(unsigned), unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (json_is_string(value) && pd_str_is(text_of(value), name_of(i)))
            return i;
    return count;
}

static const char *outcome_name(unsigned i) {
    return ledger_outcome_name((enum ledger_outcome)i);
}

static const char *kind_name(unsigned i) {
    return ledger_kind_name((enum ledger_kind)i);
}

static const char *digest_name(unsigned i) {
    return ledger_digest_name((enum ledger_digest)i);
}

static const char *field_name(unsigned i) {
    return ledger_field_name((enum ledger_field)i);
}

static enum pd_status copy_text(struct reading *r, const char *member, const json_t *value,
                                pd_str *out) {
    if (!json_is_string(value))
        return fail_form(member, "a string", r->err);
    pd_str copy = pd_arena_str(r->arena, text_of(value));
    if (!copy.data)
        return pd_fail_memory(r->err);
    *out = copy;
    return PD_OK;
}

/* Exactly the named members, all of them. */
static bool has_exactly(const json_t *object, const char *const *names, size_t count) {
    if (!json_is_object(object) || json_object_size(object) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!json_object_get(object, names[i]))
            return false;
    return true;
}

static enum pd_status read_version(struct reading *r, const json_t *value) {
    if (!json_is_integer(value))
        return fail_form("v", "an integer", r->err);
    r->version = json_integer_value(value);
    if (r->version < 1 || r->version > LEDGER_LEAF_NEWEST)
        return pd_fail(r->err, PD_UNSUPPORTED,
                       "leaf member \"v\": schema version %lld; this Polder reads versions 1 to %d",
                       (long long)r->version, LEDGER_LEAF_NEWEST);
    return PD_OK;
}

static enum pd_status read_act(struct reading *r, const json_t *value) {
    if (!json_is_string(value) || !pd_id_parse(text_of(value), &r->leaf->act))
        return fail_form("act", "a UUID", r->err);
    return PD_OK;
}

static enum pd_status read_verb(struct reading *r, const json_t *value) {
    if (!json_is_string(value) || !ledger_verb_parse(text_of(value), &r->leaf->verb))
        return fail_form("verb", "a verb of the schema", r->err);
    return PD_OK;
}

static enum pd_status read_party(struct reading *r, const json_t *value) {
    return copy_text(r, "party", value, &r->leaf->party);
}

/* "2026-11-23T19:01Z". RFC 3339 wants seconds, which a leaf must not have, so they are put in. */
static enum pd_status read_time(struct reading *r, const json_t *value) {
    enum { MINUTES = 16 };
    pd_str text = json_is_string(value) ? text_of(value) : (pd_str){0};
    char full[MINUTES + sizeof(":00Z")];
    if (text.len != MINUTES + 1 || text.data[MINUTES] != 'Z')
        return fail_form("time", "a UTC minute such as 2026-11-23T19:01Z", r->err);
    memcpy(full, text.data, MINUTES);
    memcpy(full + MINUTES, ":00Z", sizeof(":00Z"));
    if (!pd_time_parse(pd_str_from(full), &r->leaf->time))
        return fail_form("time", "a UTC minute such as 2026-11-23T19:01Z", r->err);
    return PD_OK;
}

static enum pd_status read_outcome(struct reading *r, const json_t *value) {
    unsigned i = find_name(value, outcome_name, LEDGER_OUTCOME_COUNT);
    if (i == LEDGER_OUTCOME_COUNT)
        return fail_form("outcome", "permit, deny, open or done", r->err);
    r->leaf->outcome = (enum ledger_outcome)i;
    return PD_OK;
}

static enum pd_status read_object(struct reading *r, const json_t *value) {
    static const char *const members[] = {"kind", "id"};
    const json_t *id = json_object_get(value, "id");
    unsigned kind = find_name(json_object_get(value, "kind"), kind_name, LEDGER_KIND_COUNT);
    if (!has_exactly(value, members, 2) || kind == LEDGER_KIND_COUNT || !json_is_string(id) ||
        !pd_id_parse(text_of(id), &r->leaf->object_id))
        return fail_form("object", "an object of a known \"kind\" and an \"id\" (UUID)", r->err);
    r->leaf->has_object = true;
    r->leaf->object_kind = (enum ledger_kind)kind;
    return PD_OK;
}

static enum pd_status read_hash_table(struct reading *r, const char *member, const json_t *value,
                                      struct ledger_optional_hash *hashes,
                                      const char *(*name_of)(unsigned), unsigned count) {
    if (!json_is_object(value))
        return fail_form(member, "an object", r->err);
    size_t found = 0;
    for (unsigned i = 0; i < count; i++) {
        const json_t *hash = json_object_get(value, name_of(i));
        if (!hash)
            continue;
        if (!json_is_string(hash) ||
            !pd_hex_decode(text_of(hash), hashes[i].value.bytes, CRYPTO_HASH_SIZE))
            return pd_fail(r->err, PD_INVALID, "leaf member \"%s.%s\" is not 64 hex digits", member,
                           name_of(i));
        hashes[i].is_set = true;
        found++;
    }
    if (found != json_object_size(value))
        return pd_fail(r->err, PD_INVALID,
                       "leaf member \"%s\" has a name that the schema doesn't know", member);
    return PD_OK;
}

static enum pd_status read_hashes(struct reading *r, const json_t *value) {
    return read_hash_table(r, "hashes", value, r->leaf->hashes, digest_name, LEDGER_DIGEST_COUNT);
}

static enum pd_status read_commitments(struct reading *r, const json_t *value) {
    return read_hash_table(r, "commitments", value, r->leaf->commitments, field_name,
                           LEDGER_FIELD_COUNT);
}

static enum pd_status read_articles(struct reading *r, const json_t *value) {
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > LEDGER_ARTICLES_MAX)
        return fail_form("articles", "an array of at most 64 policy ids", r->err);
    for (size_t i = 0; i < count; i++) {
        enum pd_status st =
            copy_text(r, "articles", json_array_get(value, i), &r->leaf->articles[i]);
        if (st != PD_OK)
            return st;
    }
    r->leaf->article_count = count;
    return PD_OK;
}

static enum pd_status read_log(struct reading *r, const json_t *value) {
    static const char *const members[] = {"origin", "size", "root"};
    const json_t *size = json_object_get(value, "size");
    const json_t *root = json_object_get(value, "root");
    if (!has_exactly(value, members, 3) || !json_is_string(size) || !json_is_string(root) ||
        !pd_hex_decode(text_of(root), r->leaf->log_root.bytes, CRYPTO_HASH_SIZE))
        return fail_form("log", "an object of \"origin\", \"size\" (a string) and \"root\"",
                         r->err);
    enum pd_status st =
        ledger_parse_count(text_of(size), "leaf member \"log\": size", &r->leaf->log_size, r->err);
    if (st != PD_OK)
        return st;
    r->leaf->has_log = true;
    return copy_text(r, "log", json_object_get(value, "origin"), &r->leaf->log_origin);
}

static enum pd_status read_key(struct reading *r, const json_t *value) {
    static const char *const members[] = {"id", "signature"};
    enum { SIGNATURE_BASE64 = 88 };
    const json_t *id = json_object_get(value, "id");
    const json_t *signature = json_object_get(value, "signature");
    uint8_t bytes[3 * (SIGNATURE_BASE64 / 4)];
    size_t n;
    if (!has_exactly(value, members, 2) || !json_is_string(id) || !json_is_string(signature) ||
        !pd_hex_decode(text_of(id), r->leaf->key_id, LEDGER_KEY_ID_SIZE) ||
        json_string_length(signature) != SIGNATURE_BASE64 ||
        !pd_base64_decode(text_of(signature), bytes, &n) || n != CRYPTO_SIGNATURE_SIZE)
        return fail_form("key", "an object of \"id\" (8 hex digits) and \"signature\" (64 bytes)",
                         r->err);
    memcpy(r->leaf->key_signature, bytes, CRYPTO_SIGNATURE_SIZE);
    r->leaf->has_key = true;
    return PD_OK;
}

static enum pd_status read_vkey(struct reading *r, const json_t *value) {
    return copy_text(r, "vkey", value, &r->leaf->vkey);
}

static const struct member {
    const char *name;
    bool is_required;
    enum pd_status (*read)(struct reading *r, const json_t *value);
} members[] = {
    /* The version comes first: of another one no member can be judged. */
    {"v", true, read_version},          {"act", true, read_act},
    {"verb", true, read_verb},          {"party", true, read_party},
    {"time", true, read_time},          {"outcome", true, read_outcome},
    {"object", false, read_object},     {"hashes", false, read_hashes},
    {"articles", false, read_articles}, {"commitments", false, read_commitments},
    {"log", false, read_log},           {"key", false, read_key},
    {"vkey", false, read_vkey},
};
enum { MEMBER_COUNT = sizeof(members) / sizeof(members[0]) };

static enum pd_status refuse_unknown(json_t *json, struct pd_error *err) {
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value) {
        bool is_known = false;
        for (size_t i = 0; i < MEMBER_COUNT && !is_known; i++)
            is_known = strcmp(members[i].name, name) == 0;
        if (!is_known)
            return pd_fail(err, PD_INVALID, "leaf member \"%.40s\" is not in the schema", name);
    }
    return PD_OK;
}

static enum pd_status read_members(struct reading *r, json_t *json) {
    if (!json_is_object(json))
        return pd_fail(r->err, PD_INVALID, "a leaf is a JSON object");
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        const json_t *value = json_object_get(json, members[i].name);
        if (!value && members[i].is_required)
            return pd_fail(r->err, PD_INVALID, "leaf member \"%s\" is missing", members[i].name);
        enum pd_status st = value ? members[i].read(r, value) : PD_OK;
        if (st != PD_OK)
            return st;
    }
    return refuse_unknown(json, r->err);
}

/* The same bytes must come out again. */
static enum pd_status check_canonical(const struct ledger_leaf *leaf, pd_str bytes,
                                      struct pd_error *err) {
    struct pd_buf again;
    pd_buf_init(&again, 2 * LEDGER_ENTRY_MAX);
    enum pd_status st = ledger_leaf_write(leaf, &again, err);
    if (st == PD_OK && !pd_str_eq(pd_buf_view(&again), bytes)) {
        size_t at = 0;
        while (at < again.len && at < bytes.len && again.data[at] == bytes.data[at])
            at++;
        st = pd_fail(
            err, PD_INVALID,
            "the leaf is not in its canonical form (RFC 8785, lower-case ids and hashes, no "
            "empty members): see byte %zu",
            at + 1);
    }
    pd_buf_clear(&again);
    return st;
}

enum pd_status ledger_leaf_parse(pd_str bytes, struct pd_arena *arena, struct ledger_leaf *out,
                                 struct pd_error *err) {
    if (bytes.len > LEDGER_ENTRY_MAX)
        return pd_fail(err, PD_LIMIT, "the leaf has %zu bytes; %d are the limit", bytes.len,
                       LEDGER_ENTRY_MAX);
    json_t *json = NULL;
    struct ledger_leaf leaf = {0};
    struct reading r = {.leaf = &leaf, .arena = arena, .err = err};
    enum pd_status st = pd_json_parse(bytes, LEDGER_ENTRY_MAX, DEPTH_MAX, &json, err);
    if (st == PD_OK)
        st = read_members(&r, json);
    if (st == PD_OK && r.version != ledger_leaf_version(&leaf))
        st = pd_fail(err, PD_INVALID,
                     "leaf member \"v\": a leaf of this verb and object is of schema version %d",
                     ledger_leaf_version(&leaf));
    if (st == PD_OK)
        st = check_canonical(&leaf, bytes, err);
    json_decref(json);
    if (st == PD_OK)
        *out = leaf;
    return st;
}
