/* Intents: an act asked for, as it rests until facts and duties let it take effect. */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { INTENT_BYTES_MAX = 1 << 20 };

enum pd_status intent_write(const struct govern_run *run, struct pd_arena *arena, pd_str *json,
                            struct pd_error *err) {
    const struct govern_request *r = &run->request;
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, INTENT_BYTES_MAX);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "request", 1);
    pd_json_member_str(&w, "verb", r->verb);
    pd_json_member_str(&w, "party", r->party);
    pd_json_member_str(&w, "member", r->member);
    pd_json_member_str(&w, "recipient", r->recipient);
    pd_json_member_str(&w, "title", r->title);
    pd_json_member_str(&w, "language", r->language);
    if (r->other_title.len) {
        pd_json_member_str(&w, "other_title", r->other_title);
        pd_json_member_str(&w, "other_language", r->other_language);
    }
    pd_json_member_str(&w, "purpose", r->purpose);
    pd_json_member_str(&w, "basis", r->basis);
    pd_json_member_str(&w, "content", pd_str_from(run->content));
    pd_json_member_str(&w, "source", source_path(run->source));
    if (run->result.mended)
        pd_json_member_str(&w, "repair", govern_hash_text(&run->result.mended->repair_hash, arena));
    pd_json_key(&w, "form"); /* what was said of how the file is written */
    pd_json_object(&w);
    for (size_t i = 0; form_word_name(i); i++)
        if (form_word_get(&r->form, i).len)
            pd_json_member_str(&w, form_word_name(i), form_word_get(&r->form, i));
    pd_json_object_end(&w);
    pd_json_key(&w, "facts");
    pd_json_array(&w);
    for (size_t i = 0; i < r->declared_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "name", r->declared[i].name);
        pd_json_member_str(&w, "value", r->declared[i].value);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

static const struct sql FIND_INTENT = {
    .both = "SELECT state, key_id, sealed_request, party_id FROM intent WHERE id = $1"};

/* The request as JSON; the caller frees it. `state` may be NULL. */
enum pd_status intent_open(struct govern *g, pd_id intent, struct pd_arena *arena, json_t **out,
                           pd_str *state, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(intent, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_INTENT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    pd_id key_id;
    struct store_key key;
    pd_str plain = {0};
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no intent %s on this node", id);
    if (st == PD_OK && state) {
        *state = pd_arena_str(arena, store_str(rows, 0));
        if (!state->data)
            st = pd_fail_memory(err);
    }
    if (st == PD_OK && !pd_id_parse(store_str(rows, 1), &key_id))
        st = pd_fail(err, PD_INTERNAL, "the intent %s names no key", id);
    if (st == PD_OK)
        st = store_key_find(g->store, key_id, &key, err);
    if (st == PD_OK) {
        st = store_unseal(&key, PD_STR("intent.request"), store_str(rows, 2), arena, &plain, err);
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    return st == PD_OK ? pd_json_parse(plain, INTENT_BYTES_MAX, 8, out, err) : st;
}

static pd_str member_of(const json_t *json, const char *name, struct pd_arena *arena) {
    const json_t *v = json_object_get(json, name);
    return pd_arena_str(arena, json_is_string(v)
                                   ? (pd_str){json_string_value(v), json_string_length(v)}
                                   : PD_STR(""));
}

enum pd_status intent_load(struct govern_run *run, pd_id intent, pd_str *content,
                           pd_str *repair_hash, struct pd_error *err) {
    json_t *json = NULL;
    pd_str state;
    enum pd_status st = intent_open(run->g, intent, run->arena, &json, &state, err);
    if (st != PD_OK)
        return st;
    if (!pd_str_is(state, "open")) {
        json_decref(json);
        return pd_fail(err, PD_CONFLICT, "this intent is %.*s already", pd_arg(state));
    }
    const json_t *facts = json_object_get(json, "facts");
    size_t n = json_array_size(facts);
    struct govern_declared *declared = pd_arena_array(run->arena, n + 1, sizeof(*declared));
    run->intent_id = intent;
    run->request = (struct govern_request){.verb = member_of(json, "verb", run->arena),
                                           .party = member_of(json, "party", run->arena),
                                           .member = member_of(json, "member", run->arena),
                                           .recipient = member_of(json, "recipient", run->arena),
                                           .title = member_of(json, "title", run->arena),
                                           .language = member_of(json, "language", run->arena),
                                           .other_title = member_of(json, "other_title", run->arena),
                                           .other_language =
                                               member_of(json, "other_language", run->arena),
                                           .purpose = member_of(json, "purpose", run->arena),
                                           .basis = member_of(json, "basis", run->arena),
                                           .declared = declared,
                                           .declared_count = n};
    *content = member_of(json, "content", run->arena);
    *repair_hash = member_of(json, "repair", run->arena);
    for (size_t i = 0; form_word_name(i); i++)
        form_word_set(&run->request.form, i,
                      member_of(json_object_get(json, "form"), form_word_name(i), run->arena));
    for (size_t i = 0; declared && i < n; i++) {
        declared[i].name = member_of(json_array_get(facts, i), "name", run->arena);
        declared[i].value = member_of(json_array_get(facts, i), "value", run->arena);
    }
    json_decref(json);
    return declared && content->data ? PD_OK : pd_fail_memory(err);
}

enum pd_status govern_intent_source(struct govern *g, pd_id intent, struct pd_arena *arena,
                                    pd_str *path, struct pd_error *err) {
    json_t *json = NULL;
    enum pd_status st = intent_open(g, intent, arena, &json, NULL, err);
    if (st != PD_OK)
        return st;
    *path = member_of(json, "source", arena);
    json_decref(json);
    return path->data ? PD_OK : pd_fail_memory(err);
}

static const struct sql FIND_RECORD = {
    .both = "SELECT key_id, sealed_record FROM act"
            " WHERE id = (SELECT MIN(id) FROM act WHERE intent_id = $1)"};

/* The measured ones of a record's facts, which this program wrote and sealed. */
static void read_measured(pd_str recorded, struct pd_arena *arena, struct facts *out) {
    pd_str key, object, text;
    out->count = 0;
    while (out->count < FACTS_MAX && pd_json_next(&recorded, &key, &object)) {
        struct law_fact *fact = &out->list[out->count];
        *fact = (struct law_fact){.class_ = LAW_MEASURED};
        bool is_measured = false, has_value = false;
        while (pd_json_next(&object, &key, &text))
            if (pd_str_is(key, "name"))
                fact->name = pd_json_read_text(text, arena);
            else if (pd_str_is(key, "class"))
                is_measured =
                    pd_str_is(pd_json_read_text(text, arena), law_class_name(LAW_MEASURED));
            else if (pd_str_is(key, "value"))
                has_value = facts_read_value(text, arena, &fact->value) == PD_OK;
        out->count += fact->name.len > 0 && is_measured && has_value;
    }
}

enum pd_status intent_measured(struct govern *g, pd_id intent, struct pd_arena *arena,
                               struct facts *out, struct pd_error *err) {
    pd_str id = govern_id_text(intent, arena), plain = {0};
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows = NULL;
    bool has = false;
    pd_id key_id;
    struct store_key key;
    enum pd_status st = store_select(g->store, FIND_RECORD, values, 1, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !pd_id_parse(store_str(rows, 0), &key_id)))
        st = pd_fail(err, PD_INTERNAL, "no act recorded the intent %.*s", pd_arg(id));
    if (st == PD_OK)
        st = store_key_find(g->store, key_id, &key, err);
    if (st == PD_OK) {
        st = store_unseal(&key, PD_STR("act.record"), store_str(rows, 1), arena, &plain, err);
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    /* The finding beside them is many times as long, and not needed here. */
    pd_str recorded = pd_json_find(plain, "facts");
    if (st == PD_OK)
        read_measured(recorded, arena, out);
    return st;
}

/* ---- Saving ---- */

static const struct sql INSERT_INTENT = {
    .both = "INSERT INTO intent (id, verb, party_id, member_id, state, idempotency_key, "
            "request_hash, key_id,"
            " sealed_request, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct sql CLOSE_INTENT = {
    .both = "UPDATE intent SET state = $2 WHERE id = $1 AND state = 'open'"};

static pd_str hash_request(const struct store_key *key, pd_str json, struct pd_arena *arena) {
    char hex[GOVERN_HEX_SIZE];
    crypto_hash hash = crypto_hmac(key->bytes, sizeof(key->bytes), json.data, json.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    return pd_arena_str(arena, pd_str_from(hex));
}

enum pd_status intent_save(struct govern_run *run, struct govern *g, struct act *act,
                           const char *state, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE], key[PD_ID_TEXT_SIZE];
    pd_id_write(run->intent_id, id);
    pd_id_write(act->key.id, key);
    enum pd_status st;
    if (run->is_resumed) {
        struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(pd_str_from(state))};
        int64_t changed;
        st = store_run(g->store, CLOSE_INTENT, values, 2, &changed, err);
        if (st == PD_OK && changed != 1)
            st = pd_fail(err, PD_CONFLICT, "the intent %s was closed meanwhile", id);
        return st == PD_OK ? act_wrote(g, act, "intent", pd_str_from(id), err) : st;
    }
    pd_str json, sealed;
    st = intent_write(run, act->arena, &json, err);
    if (st == PD_OK)
        st = store_seal(&act->key, PD_STR("intent.request"), json, act->arena, &sealed, err);
    if (st != PD_OK)
        return st;
    const struct govern_request *r = &run->request;
    struct store_value values[] = {STORE_STR(pd_str_from(id)),
                                   STORE_STR(r->verb),
                                   STORE_STR(r->party),
                                   STORE_STR(run->member_id),
                                   STORE_STR(pd_str_from(state)),
                                   r->idempotency_key.len ? STORE_STR(r->idempotency_key)
                                                          : STORE_NONE,
                                   STORE_STR(hash_request(&act->key, json, act->arena)),
                                   STORE_STR(pd_str_from(key)),
                                   STORE_BYTES(sealed),
                                   STORE_I64(act->at)};
    st = store_run(g->store, INSERT_INTENT, values, 10, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "intent", pd_str_from(id), err) : st;
}

/* ---- Asking again ---- */

static const struct sql FIND_BY_KEY = {
    .both = "SELECT i.id, i.request_hash, i.key_id, a.id, a.receipt, i.state FROM intent i JOIN "
            "act a ON a.intent_id = i.id"
            " WHERE i.party_id = $1 AND i.idempotency_key = $2 ORDER BY a.id DESC LIMIT 1"};

static enum pd_status compare(struct govern_run *run, struct store_rows *rows,
                              struct pd_error *err) {
    pd_id key_id;
    struct store_key key;
    if (!pd_id_parse(store_str(rows, 2), &key_id))
        return pd_fail(err, PD_INTERNAL, "an intent names no key");
    pd_str json;
    enum pd_status st = store_key_find(run->g->store, key_id, &key, err);
    if (st == PD_OK)
        st = intent_write(run, run->arena, &json, err);
    if (st == PD_OK && !pd_str_eq(hash_request(&key, json, run->arena), store_str(rows, 1)))
        st = pd_fail(err, PD_CONFLICT, "the idempotency key \"%.*s\" was used for another request",
                     pd_arg(run->request.idempotency_key));
    crypto_wipe(&key, sizeof(key));
    return st;
}

enum pd_status intent_repeat(struct govern_run *run, struct govern_outcome *out, bool *found,
                             struct pd_error *err) {
    *found = false;
    if (run->is_resumed || !run->request.idempotency_key.len)
        return PD_OK;
    struct store_value values[] = {STORE_STR(run->request.party),
                                   STORE_STR(run->request.idempotency_key)};
    struct store_rows *rows;
    enum pd_status st = store_select(run->g->store, FIND_BY_KEY, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, found, err);
    if (st == PD_OK && *found)
        st = compare(run, rows, err);
    if (st == PD_OK && *found) {
        pd_str state = store_str(rows, 5);
        out->repeated = true;
        out->result = pd_str_is(state, "done")     ? GOVERN_DONE
                      : pd_str_is(state, "denied") ? GOVERN_DENIED
                                                   : GOVERN_LEFT_OPEN;
        out->receipt = pd_arena_str(run->arena, store_str(rows, 4));
        out->finding = run->result.finding;
        if (!pd_id_parse(store_str(rows, 0), &out->intent_id) ||
            !pd_id_parse(store_str(rows, 3), &out->act_id))
            st = pd_fail(err, PD_INTERNAL, "the row of an intent is damaged");
        else if (!out->receipt.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    if (st == PD_OK && *found)
        st = integrate_placed(run->g, out->act_id, run->arena, &out->placed, err);
    return st;
}
