/* Where a person is: looked for in the index of every stored file, by keyed hashes of the person's
 * identifiers. And asking for the erasure, which changes nothing yet. */
#include "govern/erase.h"
#include "govern/growing.h"
#include "govern/past.h"

#include <jansson.h>
#include <string.h>

/* ---- The person ---- */

static enum pd_status read_person(const struct govern_erasing *e, struct pd_arena *arena,
                                  struct erase_person *out, struct pd_error *err) {
    out->count = 0;
    if (e->identifier_count == 0 || e->identifier_count > ERASE_IDENTIFIERS_MAX)
        return pd_fail(err, PD_USAGE, "give 1 to %d identifiers of the person, a line each",
                       ERASE_IDENTIFIERS_MAX);
    for (size_t i = 0; i < e->identifier_count; i++) {
        char normal[PERSON_IDENTIFIER_MAX];
        size_t len;
        /* The sentence never repeats what was given. */
        if (!pd_utf8_valid(e->identifiers[i], NULL) ||
            !person_normal(e->identifiers[i], normal, &len) || len < 4)
            return pd_fail(err, PD_USAGE,
                           "identifier %zu must have 4 to %d letters or digits (UTF-8): a number "
                           "of an identity card, a telephone, a passport, an address of e-mail",
                           i + 1, PERSON_IDENTIFIER_MAX);
        out->normal[out->count] = pd_arena_str(arena, (pd_str){normal, len});
        crypto_wipe(normal, sizeof(normal));
        if (!out->normal[out->count++].data)
            return pd_fail_memory(err);
    }
    return PD_OK;
}

/* ---- Looking ---- */

static const struct sql LIST_INDEXES = {
    .both = "SELECT p.id, p.version_id, v.dataset_id, s.party_id, s.title, p.key_id, p.hash_key_id,"
            " p.address, p.sealed_columns, d.address, d.disclosed_to, d.released_as, "
            "d.row_count, v.original_address, v.row_count FROM person_index p JOIN version v ON "
            "v.id = p.version_id JOIN dataset s ON s.id = v.dataset_id LEFT JOIN distribution d ON "
            "d.id = p.id WHERE p.key_id NOT IN (SELECT id FROM key_destroyed)"
            " AND ($1 = '' OR s.id = $1 OR s.title = $2 OR s.title = $3) ORDER BY p.id"};

static enum pd_status read_index(const struct store_rows *rows, struct pd_arena *arena,
                                 struct erase_holding *h, struct pd_error *err) {
    h->is_original = store_is_null(rows, 9);
    pd_str *texts[] = {&h->id, &h->version, &h->dataset, &h->party, &h->title};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *texts[i] = pd_arena_str(arena, store_str(rows, i));
        if (!texts[i]->data)
            return pd_fail_memory(err);
    }
    h->disclosed_to = pd_arena_str(arena, store_str(rows, 10));
    h->released_as = pd_arena_str(arena, store_str(rows, 11));
    h->rows_in_all = (uint64_t)store_i64(rows, h->is_original ? 14 : 12);
    h->columns_json = pd_arena_str(arena, store_str(rows, 8)); /* sealed yet */
    if (!h->disclosed_to.data || !h->released_as.data || !h->columns_json.data)
        return pd_fail_memory(err);
    if (!pd_id_parse(store_str(rows, 5), &h->key_id) ||
        !pd_id_parse(store_str(rows, 6), &h->hash_key_id) ||
        !pd_hex_decode(store_str(rows, 7), h->index_address.bytes, CRYPTO_HASH_SIZE) ||
        !pd_hex_decode(store_str(rows, h->is_original ? 13 : 9), h->address.bytes,
                       CRYPTO_HASH_SIZE))
        return pd_fail(err, PD_INTERNAL, "the index of persons of %.*s is damaged", pd_arg(h->id));
    return PD_OK;
}

struct looking {
    const struct erase_person *person;
    uint8_t hashes[ERASE_IDENTIFIERS_MAX][PERSON_HASH_SIZE];
    struct erase_rows *rows;
};

static enum pd_status on_entry(void *context, const uint8_t *hash, uint64_t place,
                               struct pd_error *err) {
    struct looking *l = context;
    for (size_t i = 0; i < l->person->count; i++)
        if (memcmp(hash, l->hashes[i], PERSON_HASH_SIZE) == 0)
            return erase_rows_add(l->rows, place, err);
    return PD_OK;
}

static enum pd_status look(struct govern *g, const struct erase_person *person,
                           struct erase_holding *h, struct pd_arena *arena, struct pd_error *err) {
    struct store_key key, hash_key;
    struct looking l = {.person = person, .rows = &h->rows};
    bool is_gone = false;
    /* A restored database may know less than the key store: what can't be read holds nobody. */
    enum pd_status st = store_key_is_destroyed(g->store, h->key_id, &is_gone, NULL, err);
    if (st == PD_OK && !is_gone)
        st = store_key_find(g->store, h->key_id, &key, err);
    if (st != PD_OK || is_gone)
        return st;
    st = store_key_find(g->store, h->hash_key_id, &hash_key, err);
    if (st == PD_OK) {
        for (size_t i = 0; i < person->count; i++)
            person_hash(&hash_key, person->normal[i], l.hashes[i]);
        st = person_index_each(g, &key, h->index_address, on_entry, &l, err);
    }
    if (st == PD_OK && h->rows.count)
        st = store_unseal(&key, PD_STR("person_index.columns"), h->columns_json, arena,
                          &h->columns_json, err);
    crypto_wipe(&key, sizeof(key));
    crypto_wipe(&hash_key, sizeof(hash_key));
    return st;
}

static enum pd_status title_json(pd_str title, const char *language, struct pd_arena *arena,
                                 pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 14);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, language, title);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

enum pd_status erase_find(struct govern *g, const struct erase_person *person, pd_str dataset,
                          struct pd_arena *arena, struct erase_holding **out, size_t *count,
                          struct pd_error *err) {
    struct growing_list list = {0};
    struct store_rows *rows = NULL;
    pd_str en = {0}, zh = {0};
    bool has;
    enum pd_status st = title_json(dataset, "en", arena, &en, err);
    if (st == PD_OK)
        st = title_json(dataset, "zh", arena, &zh, err);
    struct store_value values[] = {STORE_STR(dataset), STORE_STR(en), STORE_STR(zh)};
    if (st == PD_OK)
        st = store_select(g->store, LIST_INDEXES, values, 3, &rows, err);
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct erase_holding *h = growing_add(&list, sizeof(*h), arena);
        st = h ? read_index(rows, arena, h, err) : pd_fail_memory(err);
        if (st == PD_OK)
            st = look(g, person, h, arena, err);
        if (st == PD_OK && h->rows.count == 0)
            list.count--; /* nobody that we look for */
    }
    store_rows_close(rows);
    if (st != PD_OK) {
        erase_holdings_clear(list.items, list.count);
        return st;
    }
    *out = list.items;
    *count = list.count;
    return PD_OK;
}

void erase_holdings_clear(struct erase_holding *holdings, size_t count) {
    for (size_t i = 0; holdings && i < count; i++)
        erase_rows_clear(&holdings[i].rows);
}

/* ---- What is told ---- */

static enum pd_status tell_columns(const struct erase_holding *h, struct pd_arena *arena,
                                   struct govern_held *out, struct pd_error *err) {
    json_t *json = NULL;
    enum pd_status st = pd_json_parse(h->columns_json, (size_t)4 << 20, 8, &json, err);
    if (st != PD_OK)
        return st;
    const json_t *list = json_object_get(json, "columns");
    size_t n = json_array_size(list);
    pd_str *columns = pd_arena_array(arena, n + 1, sizeof(*columns));
    for (size_t i = 0; columns && i < n; i++) {
        const json_t *v = json_array_get(list, i);
        columns[i] = pd_arena_str(arena, json_is_string(v)
                                             ? (pd_str){json_string_value(v), json_string_length(v)}
                                             : PD_STR("?"));
    }
    json_decref(json);
    out->columns = columns;
    out->column_count = n;
    return columns ? PD_OK : pd_fail_memory(err);
}

static enum pd_status tell(const struct erase_holding *h, struct pd_arena *arena,
                           struct govern_held *out, struct pd_error *err) {
    *out = (struct govern_held){.id = h->id,
                                .version = h->version,
                                .dataset = h->dataset,
                                .party = h->party,
                                .title = h->title,
                                .is_original = h->is_original,
                                .disclosed_to = h->disclosed_to,
                                .released_as = h->released_as,
                                .rows_in_all = h->rows_in_all,
                                .row_count = h->rows.count};
    uint64_t *rows = pd_arena_array(arena, h->rows.count + 1, sizeof(*rows));
    if (!rows)
        return pd_fail_memory(err);
    if (h->rows.count)
        memcpy(rows, h->rows.list, h->rows.count * sizeof(*rows));
    out->rows = rows;
    return tell_columns(h, arena, out, err);
}

static enum pd_status find_for(struct govern *g, const struct govern_erasing *e,
                               struct pd_arena *arena, struct erase_person *person,
                               struct govern_held **held, size_t *count, struct pd_error *err) {
    struct erase_holding *holdings = NULL;
    size_t n = 0;
    enum pd_status st = read_person(e, arena, person, err);
    if (st == PD_OK)
        st = erase_find(g, person, e->dataset, arena, &holdings, &n, err);
    struct govern_held *list = NULL;
    if (st == PD_OK) {
        list = pd_arena_array(arena, n + 1, sizeof(*list));
        st = list ? PD_OK : pd_fail_memory(err);
    }
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = tell(&holdings[i], arena, &list[i], err);
    erase_holdings_clear(holdings, n);
    *held = list;
    *count = n;
    return st;
}

enum pd_status govern_erase_find(struct govern *g, const struct govern_erasing *erasing,
                                 struct pd_arena *arena, const struct govern_held **out,
                                 size_t *count, struct pd_error *err) {
    struct erase_person person;
    struct govern_held *held = NULL;
    enum pd_status st = find_for(g, erasing, arena, &person, &held, count, err);
    *out = held;
    return st;
}

/* ---- Asking ---- */

static enum pd_status write_request(const struct govern_erasing *e,
                                    const struct erase_person *person, struct pd_arena *arena,
                                    pd_str *json, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 18);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "request", 1);
    pd_json_member_str(&w, "dataset", e->dataset);
    pd_json_member_str(&w, "reason", e->reason);
    pd_json_key(&w, "person");
    pd_json_array(&w);
    for (size_t i = 0; i < person->count; i++)
        pd_json_str(&w, person->normal[i]);
    pd_json_array_end(&w);
    pd_json_key(&w, "facts");
    pd_json_array(&w);
    for (size_t i = 0; i < e->fact_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "name", e->facts[i].name);
        pd_json_member_str(&w, "value", e->facts[i].value);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

/* What the law refuses is on record, as any refusal is: by the leaf's salted commitments, not by
 * name. */
static enum pd_status record_denial(struct govern *g, const struct key_actor *actor,
                                    const struct law_case *law, const struct law_finding *finding,
                                    struct pd_arena *arena, struct pd_error *err) {
    struct act act = {.verb = LEDGER_DENY,
                      .outcome = LEDGER_OUTCOME_DENY,
                      .party = actor->party,
                      .member = actor->member_id,
                      .asked = law,
                      .finding = finding,
                      .facts_hash = act_facts_hash(law->facts, law->fact_count)};
    pd_str pending;
    enum pd_status st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, actor->member_id, arena, err);
    return st == PD_OK ? act_commit(g, &act, arena, &pending, err) : st;
}

enum { REASON_MAX = 2000, DUTIES = NODE_STEWARD | NODE_OWNER | NODE_SUPERVISOR };

enum pd_status govern_erase_ask(struct govern *g, const struct govern_erasing *e,
                                struct pd_arena *arena, pd_id *request,
                                const struct govern_outcome **out, struct pd_error *err) {
    struct key_actor actor = {
        .party = e->party, .member = e->member, .private_key = e->private_key};
    struct erase_person person;
    struct govern_held *held = NULL;
    size_t count = 0, own = 0;
    pd_str json;
    pd_str version = PD_STR("");
    if (e->reason.len == 0 || e->reason.len > REASON_MAX || !pd_utf8_valid(e->reason, NULL))
        return pd_fail(err, PD_USAGE, "say why (--reason): 1 to %d bytes of UTF-8", REASON_MAX);
    enum pd_status st = key_actor_find(g, &actor, DUTIES, arena, err);
    if (st == PD_OK)
        st = find_for(g, e, arena, &person, &held, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        if (pd_str_eq(held[i].party, e->party) && own++ == 0)
            version = held[i].version;
    if (st == PD_OK && own == 0)
        return pd_fail(err, PD_NOT_FOUND,
                       count ? "only other parties hold this person here, and they must ask"
                             : "no stored file of this node holds these identifiers");
    struct law_case law;
    const struct law_finding *finding;
    if (st == PD_OK)
        st = erase_judge(g, &actor.law, actor.member_id, version, e->facts, e->fact_count,
                         pd_clock_now(&g->clock), arena, &law, &finding, err);
    if (st != PD_OK)
        return st;
    st = erase_check(finding, arena, err);
    if (st == PD_DENIED) {
        struct pd_error later = {0};
        if (record_denial(g, &actor, &law, finding, arena, &later) != PD_OK)
            return pd_fail(err, later.status, "%s", later.text);
    }
    if (st == PD_OK)
        st = write_request(e, &person, arena, &json, err);
    return st == PD_OK ? key_request_ask(g, &actor, "erase", json, NULL, arena, request, out, err)
                       : st;
}
