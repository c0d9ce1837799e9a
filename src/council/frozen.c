/* What is frozen when a vote opens: nothing of it can be changed afterwards without another hash.
 */
#include "council/council_impl.h"

#include <stdio.h>
#include <string.h>

enum { FROZEN_BYTES_MAX = 1 << 16, DEPTH_MAX = 8, NODE_MAX = 200 };

/* ---- Writing ---- */

static void write_chamber(const struct council_chamber *c, bool must_pass, struct pd_json *w) {
    pd_json_member_str(w, "id", c->id);
    pd_json_member_i64(w, "weight", c->weight);
    pd_json_member_text(w, "ballot", council_secrecy_names[c->secrecy]);
    pd_json_key(w, "quorum");
    council_write_quorum(&c->quorum, w);
    pd_json_member_bool(w, "must_pass", must_pass);
}

void council_frame_write(const struct council_frame *f, struct pd_json *w) {
    pd_json_object(w);
    pd_json_key(w, "method");
    council_write_method(&f->method, w);
    pd_json_key(w, "chambers");
    pd_json_array(w);
    for (size_t i = 0; i < f->chamber_count; i++) {
        pd_json_object(w);
        write_chamber(&f->chambers[i], (f->must_pass >> i & 1u) != 0, w);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_hash(struct pd_json *w, const char *key, const crypto_hash *hash) {
    pd_json_key(w, key);
    pd_json_hex(w, hash->bytes, sizeof(hash->bytes));
}

static void write_rolls(const struct council_frozen *f, struct pd_json *w) {
    pd_json_key(w, "chambers");
    pd_json_array(w);
    for (size_t i = 0; i < f->frame.chamber_count; i++) {
        pd_json_object(w);
        write_chamber(&f->frame.chambers[i], (f->frame.must_pass >> i & 1u) != 0, w);
        pd_json_key(w, "roll");
        pd_json_object(w);
        pd_json_member_i64(w, "count", f->rolls[i].count);
        write_hash(w, "hash", &f->rolls[i].hash);
        pd_json_object_end(w);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

enum pd_status council_frozen_write(const struct council_frozen *f, struct pd_arena *arena,
                                    pd_str *json, crypto_hash *hash, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, FROZEN_BYTES_MAX);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "council", 1);
    pd_json_member_str(&w, "node", f->node);
    pd_json_member_str(&w, "proposal", f->proposal);
    pd_json_member_str(&w, "matter", f->matter);
    write_hash(&w, "text", &f->text);
    write_hash(&w, "rules", &f->rules);
    write_hash(&w, "impact", &f->impact);
    pd_json_key(&w, "opens");
    pd_json_time(&w, f->opens);
    pd_json_key(&w, "closes");
    pd_json_time(&w, f->closes);
    pd_json_member_i64(&w, "standing", f->standing);
    pd_json_key(&w, "method");
    council_write_method(&f->frame.method, &w);
    write_rolls(f, &w);
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, json, err);
    if (st == PD_OK)
        *hash = crypto_sha256(json->data, json->len);
    return st;
}

/* ---- Reading ---- */

static enum pd_status read_roll(const struct council_reading *r, const char *place,
                                const json_t *value, struct council_roll *out) {
    static const char *const names[] = {"count", "hash", NULL};
    enum pd_status st = council_check_members(r, place, value, names);
    if (st == PD_OK)
        st = council_read_count(r, place, json_object_get(value, "count"), 0, COUNCIL_ROLL_MAX,
                                &out->count);
    return st == PD_OK ? council_read_hash(r, place, json_object_get(value, "hash"), &out->hash)
                       : st;
}

static enum pd_status read_chamber(const struct council_reading *r, size_t i, const json_t *value,
                                   struct council_frozen *out) {
    static const char *const names[] = {"id",        "weight", "ballot", "quorum",
                                        "must_pass", "roll",   NULL};
    struct council_chamber *c = &out->frame.chambers[i];
    char place[COUNCIL_PLACE_MAX];
    int secrecy = 0;
    snprintf(place, sizeof(place), "chambers[%zu]", i);
    enum pd_status st = council_check_members(r, place, value, names);
    if (st == PD_OK)
        st = council_read_id(r, place, json_object_get(value, "id"), &c->id);
    if (st == PD_OK)
        st = council_read_count(r, place, json_object_get(value, "weight"), 1, 1000, &c->weight);
    if (st == PD_OK)
        st = council_read_word(r, place, json_object_get(value, "ballot"), council_secrecy_names,
                               &secrecy);
    if (st == PD_OK)
        st = council_read_quorum(r, place, json_object_get(value, "quorum"), &c->quorum);
    if (st == PD_OK)
        st = read_roll(r, place, json_object_get(value, "roll"), &out->rolls[i]);
    c->secrecy = (enum council_secrecy)secrecy;
    if (json_is_true(json_object_get(value, "must_pass")))
        out->frame.must_pass |= 1u << i;
    return st;
}

static enum pd_status read_time(const struct council_reading *r, const char *place,
                                const json_t *value, pd_time *out) {
    if (!json_is_string(value) || !pd_time_parse(pd_str_from(json_string_value(value)), out))
        return council_refuse(r, place, "must be a time such as 2027-01-01T00:00:00Z");
    return PD_OK;
}

static enum pd_status read_frozen(const struct council_reading *r, const json_t *root,
                                  struct council_frozen *out) {
    static const char *const names[] = {"council", "node",     "proposal", "matter", "text",
                                        "rules",   "impact",   "opens",    "closes", "standing",
                                        "method",  "chambers", NULL};
    uint32_t one;
    enum pd_status st = council_check_members(r, "frozen", root, names);
#define GET(name) json_object_get(root, name)
    if (st == PD_OK)
        st = council_read_count(r, "council", GET("council"), 1, 1, &one);
    if (st == PD_OK)
        st = council_read_text(r, "node", GET("node"), NODE_MAX, &out->node);
    if (st == PD_OK)
        st = council_read_id(r, "proposal", GET("proposal"), &out->proposal);
    if (st == PD_OK)
        st = council_read_id(r, "matter", GET("matter"), &out->matter);
    if (st == PD_OK)
        st = council_read_hash(r, "text", GET("text"), &out->text);
    if (st == PD_OK)
        st = council_read_hash(r, "rules", GET("rules"), &out->rules);
    if (st == PD_OK)
        st = council_read_hash(r, "impact", GET("impact"), &out->impact);
    if (st == PD_OK)
        st = read_time(r, "opens", GET("opens"), &out->opens);
    if (st == PD_OK)
        st = read_time(r, "closes", GET("closes"), &out->closes);
    if (st == PD_OK)
        st = council_read_count(r, "standing", GET("standing"), 0, UINT32_MAX, &out->standing);
    if (st == PD_OK)
        st = council_read_method(r, "method", GET("method"), true, &out->frame.method);
    const json_t *chambers = GET("chambers");
    if (st == PD_OK && (!json_is_array(chambers) || json_array_size(chambers) == 0 ||
                        json_array_size(chambers) > COUNCIL_CHAMBERS_MAX))
        return council_refuse(r, "chambers", "must be a list of 1 to %d", COUNCIL_CHAMBERS_MAX);
    for (size_t i = 0; st == PD_OK && i < json_array_size(chambers); i++) {
        st = read_chamber(r, i, json_array_get(chambers, i), out);
        out->frame.chamber_count = i + 1;
    }
#undef GET
    return st == PD_OK
               ? council_check_method(r, "method", &out->frame.method, out->frame.chamber_count)
               : st;
}

enum pd_status council_frozen_parse(pd_str json, struct pd_arena *arena, struct council_frozen *out,
                                    struct pd_error *err) {
    struct council_reading r = {arena, err};
    struct council_frozen frozen = {.standing = 0};
    crypto_hash hash;
    pd_str again;
    json_t *root = NULL;
    enum pd_status st = pd_json_parse(json, FROZEN_BYTES_MAX, DEPTH_MAX, &root, err);
    if (st == PD_OK)
        st = read_frozen(&r, root, &frozen);
    json_decref(root);
    if (st == PD_OK)
        st = council_frozen_write(&frozen, arena, &again, &hash, err);
    if (st == PD_OK && !pd_str_eq(again, json))
        st = pd_fail(err, PD_INVALID, "what was frozen is not in its canonical form");
    if (st == PD_OK)
        *out = frozen;
    return st;
}

/* ---- Rolls ---- */

enum pd_status council_roll_hash(const pd_str *voters, size_t count, crypto_hash *out,
                                 struct pd_error *err) {
    struct crypto_sha256_state *state = crypto_sha256_new();
    enum pd_status st = state ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        if (i && pd_str_cmp(voters[i - 1], voters[i]) >= 0)
            st = pd_fail(err, PD_INVALID, "the roll names \"%.*s\" twice or out of order",
                         pd_arg(voters[i]));
        crypto_sha256_add(state, voters[i].data, voters[i].len);
        crypto_sha256_add(state, "\n", 1);
    }
    if (st == PD_OK)
        *out = crypto_sha256_end(state);
    crypto_sha256_free(state);
    return st;
}
