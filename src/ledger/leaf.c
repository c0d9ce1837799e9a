/* The leaf: what it may hold, and its one way of being written. */
#include "ledger/ledger_impl.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char ARTICLE_CHARACTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
enum { ARTICLE_MAX = 64 };

static bool is_article(pd_str id) {
    if (id.len == 0 || id.len > ARTICLE_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!memchr(ARTICLE_CHARACTERS, id.data[i], sizeof(ARTICLE_CHARACTERS) - 1))
            return false;
    return true;
}

/* C0, DEL and C1: a party's id is shown to people, and may not move their cursor. */
static bool has_control(pd_str text) {
    uint32_t c;
    for (size_t at = 0; at < text.len;) {
        at += pd_utf8_decode(text, at, &c);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            return true;
    }
    return false;
}

static enum pd_status check_party(pd_str party, struct pd_error *err) {
    if (party.len == 0 || party.len > LEDGER_PARTY_MAX)
        return pd_fail(err, PD_INVALID, "leaf member \"party\" has 1 to %d bytes, not %zu",
                       LEDGER_PARTY_MAX, party.len);
    if (!pd_utf8_valid(party, NULL) || has_control(party))
        return pd_fail(err, PD_INVALID,
                       "leaf member \"party\" is not UTF-8 without control characters");
    return PD_OK;
}

static bool is_of_dataset(enum ledger_kind kind) {
    static const bool of_dataset[LEDGER_KIND_COUNT] = {
        [LEDGER_KIND_DATASET] = true,      [LEDGER_KIND_VERSION] = true,
        [LEDGER_KIND_DISTRIBUTION] = true, [LEDGER_KIND_INTENT] = true,
        [LEDGER_KIND_FACT] = true,         [LEDGER_KIND_CASE] = true,
    };
    return of_dataset[kind];
}

static enum pd_status check_codes(const struct ledger_leaf *leaf, struct pd_error *err) {
    if ((unsigned)leaf->verb >= LEDGER_VERB_COUNT)
        return pd_fail(err, PD_INVALID, "leaf member \"verb\" has no code %d", (int)leaf->verb);
    if ((unsigned)leaf->outcome >= LEDGER_OUTCOME_COUNT)
        return pd_fail(err, PD_INVALID, "leaf member \"outcome\" has no code %d",
                       (int)leaf->outcome);
    if (!leaf->has_object)
        return PD_OK;
    if ((unsigned)leaf->object_kind >= LEDGER_KIND_COUNT)
        return pd_fail(err, PD_INVALID, "leaf member \"object\" has no kind %d",
                       (int)leaf->object_kind);
    if (ledger_verb_is_always_public(leaf->verb) && is_of_dataset(leaf->object_kind))
        return pd_fail(err, PD_INVALID,
                       "leaf member \"object\": \"%s\" is always public and may not name a %s",
                       ledger_verb_name(leaf->verb), ledger_kind_name(leaf->object_kind));
    return PD_OK;
}

static enum pd_status check_time(pd_time time, struct pd_error *err) {
    pd_time first = 0, last = 0;
    bool are_dates = pd_civil_time((struct pd_civil){.year = 1, .month = 1, .day = 1}, &first) &&
                     pd_civil_time((struct pd_civil){9999, 12, 31, 23, 59, 0, 0}, &last);
    if (!are_dates || time < first || time > last || time % (60 * PD_SECOND) != 0)
        return pd_fail(err, PD_INVALID,
                       "leaf member \"time\" is not a whole minute of the years 1 to 9999");
    return PD_OK;
}

int ledger_leaf_version(const struct ledger_leaf *leaf) {
    int verb = ledger_verb_since(leaf->verb);
    int kind = leaf->has_object ? ledger_kind_since(leaf->object_kind) : 1;
    int version = kind > verb ? kind : verb;
    for (int d = 0; d < LEDGER_DIGEST_COUNT; d++) {
        int digest = leaf->hashes[d].is_set ? ledger_digest_since((enum ledger_digest)d) : 1;
        version = digest > version ? digest : version;
    }
    return version;
}

static enum pd_status check_vkey(const struct ledger_leaf *leaf, struct pd_error *err) {
    if (!leaf->vkey.data)
        return PD_OK;
    if (leaf->verb != LEDGER_CREATE_KEY && leaf->verb != LEDGER_ROTATE_KEY)
        return pd_fail(
            err, PD_INVALID,
            "leaf member \"vkey\" goes with the verbs \"create_key\" and \"rotate_key\" only");
    struct ledger_vkey key;
    if (ledger_vkey_parse(leaf->vkey, &key, err) != PD_OK) {
        pd_wrap(err, "leaf member \"vkey\"");
        return PD_INVALID;
    }
    struct pd_buf again; /* one key has one text */
    pd_buf_init(&again, 2 * LEDGER_NOTE_MAX);
    ledger_vkey_write(&key, &again);
    bool is_canonical = pd_str_eq(pd_buf_view(&again), leaf->vkey);
    pd_buf_clear(&again);
    return is_canonical ? PD_OK
                        : pd_fail(err, PD_INVALID,
                                  "leaf member \"vkey\" is not in the form that Polder writes");
}

enum pd_status ledger_leaf_check(const struct ledger_leaf *leaf, struct pd_error *err) {
    enum pd_status st = check_codes(leaf, err);
    if (st == PD_OK)
        st = check_party(leaf->party, err);
    if (st == PD_OK)
        st = check_time(leaf->time, err);
    if (st != PD_OK)
        return st;
    if (leaf->article_count > LEDGER_ARTICLES_MAX)
        return pd_fail(err, PD_LIMIT, "leaf member \"articles\" has at most %d ids, not %zu",
                       LEDGER_ARTICLES_MAX, leaf->article_count);
    for (size_t i = 0; i < leaf->article_count; i++)
        if (!is_article(leaf->articles[i]))
            return pd_fail(
                err, PD_INVALID,
                "leaf member \"articles\": id %zu is not 1 to %d of a-z, 0-9, '_' and '.'", i + 1,
                ARTICLE_MAX);
    st = check_vkey(leaf, err);
    if (st != PD_OK || !leaf->has_log)
        return st;
    if (leaf->verb != LEDGER_ANCHOR && leaf->verb != LEDGER_PRUNE)
        return pd_fail(err, PD_INVALID,
                       "leaf member \"log\" goes with the verbs \"anchor\" and \"prune\" only");
    if (leaf->log_size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "leaf member \"log\": a log has at most 2^62 leaves");
    return ledger_check_origin(leaf->log_origin, err);
}

static void write_object(const struct ledger_leaf *leaf, struct pd_json *w) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(leaf->object_id, id);
    pd_json_key(w, "object");
    pd_json_object(w);
    pd_json_member_text(w, "kind", ledger_kind_name(leaf->object_kind));
    pd_json_member_text(w, "id", id);
    pd_json_object_end(w);
}

/* An object of the hashes that are set; nothing if none is. */
static void write_hashes(struct pd_json *w, const char *key,
                         const struct ledger_optional_hash *hashes, size_t count,
                         const char *(*name_of)(unsigned)) {
    bool is_open = false;
    for (unsigned i = 0; i < count; i++) {
        if (!hashes[i].is_set)
            continue;
        if (!is_open) {
            pd_json_key(w, key);
            pd_json_object(w);
            is_open = true;
        }
        pd_json_key(w, name_of(i));
        pd_json_hex(w, hashes[i].value.bytes, CRYPTO_HASH_SIZE);
    }
    if (is_open)
        pd_json_object_end(w);
}

static const char *digest_name(unsigned i) {
    return ledger_digest_name((enum ledger_digest)i);
}

static const char *field_name(unsigned i) {
    return ledger_field_name((enum ledger_field)i);
}

static void write_articles(const struct ledger_leaf *leaf, struct pd_json *w) {
    pd_json_key(w, "articles");
    pd_json_array(w);
    for (size_t i = 0; i < leaf->article_count; i++)
        pd_json_str(w, leaf->articles[i]);
    pd_json_array_end(w);
}

static void write_log(const struct ledger_leaf *leaf, struct pd_json *w) {
    char size[24];
    snprintf(size, sizeof(size), "%" PRIu64, leaf->log_size);
    pd_json_key(w, "log");
    pd_json_object(w);
    pd_json_member_str(w, "origin", leaf->log_origin);
    pd_json_member_text(w, "size", size);
    pd_json_key(w, "root");
    pd_json_hex(w, leaf->log_root.bytes, CRYPTO_HASH_SIZE);
    pd_json_object_end(w);
}

static void write_key(const struct ledger_leaf *leaf, struct pd_json *w) {
    pd_json_key(w, "key");
    pd_json_object(w);
    pd_json_key(w, "id");
    pd_json_hex(w, leaf->key_id, LEDGER_KEY_ID_SIZE);
    pd_json_key(w, "signature");
    pd_json_base64(w, leaf->key_signature, CRYPTO_SIGNATURE_SIZE);
    pd_json_object_end(w);
}

enum pd_status ledger_leaf_write(const struct ledger_leaf *leaf, struct pd_buf *out,
                                 struct pd_error *err) {
    enum pd_status st = ledger_leaf_check(leaf, err);
    if (st != PD_OK)
        return st;
    char act[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE];
    pd_id_write(leaf->act, act);
    pd_time_write(leaf->time, PD_TIME_MINUTES, time);
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_CANONICAL); /* which sorts the members */
    pd_json_object(&w);
    pd_json_member_i64(&w, "v", ledger_leaf_version(leaf));
    pd_json_member_text(&w, "act", act);
    pd_json_member_text(&w, "verb", ledger_verb_name(leaf->verb));
    pd_json_member_str(&w, "party", leaf->party);
    pd_json_member_text(&w, "time", time);
    pd_json_member_text(&w, "outcome", ledger_outcome_name(leaf->outcome));
    if (leaf->has_object)
        write_object(leaf, &w);
    write_hashes(&w, "hashes", leaf->hashes, LEDGER_DIGEST_COUNT, digest_name);
    write_hashes(&w, "commitments", leaf->commitments, LEDGER_FIELD_COUNT, field_name);
    if (leaf->article_count > 0)
        write_articles(leaf, &w);
    if (leaf->has_log)
        write_log(leaf, &w);
    if (leaf->has_key)
        write_key(leaf, &w);
    if (leaf->vkey.data)
        pd_json_member_str(&w, "vkey", leaf->vkey);
    pd_json_object_end(&w);
    pd_json_clear(&w);
    /* 64 articles and 17 hashes: far below LEDGER_ENTRY_MAX. */
    return pd_buf_check(out, err);
}

static void add_counted(struct pd_buf *buf, pd_str piece) {
    for (int shift = 24; shift >= 0; shift -= 8)
        pd_buf_char(buf, (char)(piece.len >> shift & 0xff));
    pd_buf_str(buf, piece);
}

enum pd_status ledger_commit(const uint8_t salt[32], pd_id act, enum ledger_field field,
                             pd_str value, crypto_hash *out, struct pd_error *err) {
    if ((unsigned)field >= LEDGER_FIELD_COUNT)
        return pd_fail(err, PD_INVALID, "no field of a leaf has the code %d", (int)field);
    char act_text[PD_ID_TEXT_SIZE];
    pd_id_write(act, act_text);
    struct pd_buf message;
    pd_buf_init(&message, 0); /* its default limit keeps lengths below 2^32 */
    add_counted(&message, pd_str_from(act_text));
    add_counted(&message, pd_str_from(ledger_field_name(field)));
    add_counted(&message, value);
    enum pd_status st = pd_buf_check(&message, err);
    if (st == PD_OK) {
        *out = crypto_hmac(salt, 32, message.data, message.len);
        crypto_wipe(message.data, message.len);
    }
    pd_buf_clear(&message);
    return st;
}
