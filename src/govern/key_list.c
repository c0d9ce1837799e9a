/* Which keys there are and were, and what can't be read without one. */
#include "govern/growing.h"
#include "govern/key.h"
#include "govern/past.h"

#include <string.h>

/* ---- Signing keys ---- */

/* Holders that never changed their key have no row: their first key stands elsewhere. */
static const struct sql LIST_SIGNING = {
    .both =
        "SELECT id, holder, vkey, since, replaced_at, from_size, to_size, destroyed_at,"
        " destroyed_by, made_by FROM signing_key"
        " UNION ALL SELECT key_id, 'log/' || name, vkey, (SELECT created_at FROM node), NULL, 0,"
        " NULL, NULL, NULL, NULL FROM log WHERE 'log/' || name NOT IN (SELECT holder FROM "
        "signing_key)"
        " UNION ALL SELECT receipt_key_id, 'receipts', receipt_vkey, created_at, NULL, NULL, "
        "NULL, NULL, NULL, NULL FROM node WHERE 'receipts' NOT IN (SELECT holder FROM "
        "signing_key)"
        " UNION ALL SELECT '', 'party/' || id, public_key, registered_at, NULL, NULL, NULL, "
        "NULL, NULL, NULL FROM party WHERE 'party/' || id NOT IN (SELECT holder FROM "
        "signing_key)"
        " UNION ALL SELECT '', 'node', '', created_at, NULL, NULL, NULL, NULL, NULL, NULL"
        " FROM node WHERE 'node' NOT IN (SELECT holder FROM signing_key)"
        " ORDER BY 2, 4, 1"};

static enum pd_status read_signing(struct govern *g, struct store_rows *rows,
                                   struct pd_arena *arena, struct govern_key *k,
                                   struct pd_error *err) {
    *k = (struct govern_key){.id = pd_arena_str(arena, store_str(rows, 0)),
                             .holder = pd_arena_str(arena, store_str(rows, 1)),
                             .vkey = pd_arena_str(arena, store_str(rows, 2)),
                             .since = store_i64(rows, 3),
                             .is_current = store_is_null(rows, 4),
                             .replaced_at = store_i64(rows, 4),
                             .has_sizes = !store_is_null(rows, 5),
                             .from_size = (uint64_t)store_i64(rows, 5),
                             .to_size = (uint64_t)store_i64(rows, 6),
                             .destroyed_at = store_i64(rows, 7),
                             .destroyed_by = pd_arena_str(arena, store_str(rows, 8)),
                             .made_by = pd_arena_str(arena, store_str(rows, 9))};
    k->signs = k->is_current || (k->has_sizes && store_is_null(rows, 6));
    if (pd_str_is(k->holder, "node") && k->is_current && !k->vkey.len) {
        char fingerprint[STORE_FINGERPRINT_SIZE];
        store_node_key_current(g->store, fingerprint);
        k->vkey = pd_arena_str(arena, pd_str_from(fingerprint));
    }
    return k->id.data && k->holder.data && k->vkey.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status list_signing(struct govern *g, struct pd_arena *arena, struct growing_list *list,
                                   struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_SIGNING, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_key *k = growing_add(list, sizeof(*k), arena);
        st = k ? read_signing(g, rows, arena, k, err) : pd_fail_memory(err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

static const struct sql PARTY_AT = {
    .both = "SELECT vkey FROM signing_key WHERE holder = 'party/' || $1 AND since <= $2"
            " ORDER BY since DESC LIMIT 1"};

enum pd_status govern_party_vkey(struct govern *g, pd_str party, pd_time at, struct pd_arena *arena,
                                 pd_str *vkey, struct pd_error *err) {
    struct law_party found;
    enum pd_status st = node_find_party(g, party, arena, &found, vkey, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(party), STORE_I64(at)};
    struct store_rows *rows;
    bool has;
    st = store_select(g->store, PARTY_AT, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        *vkey = pd_arena_str(arena, store_str(rows, 0));
        if (!vkey->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st; /* without a row it never changed: the one of today */
}

/* ---- Sealing keys ---- */

struct listing {
    struct pd_arena *arena;
    struct growing_list list;
};

static enum pd_status add_sealing(void *context, const struct store_key_about *about,
                                  struct pd_error *err) {
    struct listing *l = context;
    if (pd_str_is(about->purpose, "log") || pd_str_is(about->purpose, "receipts"))
        return PD_OK;
    struct govern_sealing *k = growing_add(&l->list, sizeof(*k), l->arena);
    if (!k)
        return pd_fail_memory(err);
    *k = (struct govern_sealing){.id = about->id,
                                 .purpose = pd_arena_str(l->arena, about->purpose),
                                 .made_at = about->made_at};
    return k->purpose.data ? PD_OK : pd_fail_memory(err);
}

static const struct sql LIST_DESTROYED = {
    .both =
        "SELECT id, purpose, act_id, destroyed_at FROM key_destroyed ORDER BY destroyed_at, id"};

static enum pd_status add_destroyed(struct govern *g, struct listing *l, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_DESTROYED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_sealing *k = growing_add(&l->list, sizeof(*k), l->arena);
        st = k ? PD_OK : pd_fail_memory(err);
        if (st == PD_OK && !pd_id_parse(store_str(rows, 0), &k->id))
            st = pd_fail(err, PD_INTERNAL, "the row of a destroyed key has no id");
        if (st != PD_OK)
            break;
        k->purpose = pd_arena_str(l->arena, store_str(rows, 1));
        k->destroyed_by = pd_arena_str(l->arena, store_str(rows, 2));
        k->destroyed_at = store_i64(rows, 3);
        k->is_destroyed = true;
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_keys_list(struct govern *g, struct pd_arena *arena,
                                const struct govern_keys **out, struct pd_error *err) {
    struct growing_list signing = {0};
    struct listing sealing = {.arena = arena};
    struct govern_keys *keys = pd_arena_alloc(arena, sizeof(*keys));
    if (!keys)
        return pd_fail_memory(err);
    enum pd_status st = list_signing(g, arena, &signing, err);
    if (st == PD_OK)
        st = store_keys_each(g->store, add_sealing, &sealing, err);
    if (st == PD_OK)
        st = add_destroyed(g, &sealing, err);
    if (st != PD_OK)
        return st;
    *keys =
        (struct govern_keys){signing.items, signing.count, sealing.list.items, sealing.list.count};
    *out = keys;
    return PD_OK;
}

/* ---- What is lost with a key ---- */

/* The key of whatever has this id. */
static const struct sql FIND_KEY_OF = {.both =
                                           "SELECT key_id FROM version WHERE id = $1"
                                           " UNION SELECT key_id FROM distribution WHERE id = $1"
                                           " UNION SELECT key_id FROM act WHERE id = $1"
                                           " UNION SELECT key_id FROM intent WHERE id = $1"
                                           " UNION SELECT key_id FROM fact WHERE id = $1"
                                           " UNION SELECT key_id FROM case_entry WHERE id = $1"
                                           " UNION SELECT key_id FROM key_request WHERE id = $1"};
static const struct sql LIST_LOST = {
    .both =
        "SELECT 'version', v.id, d.title, v.row_count FROM version v JOIN dataset d ON d.id = "
        "v.dataset_id WHERE v.key_id = $1"
        " UNION ALL SELECT 'distribution', id, disclosed_to, row_count FROM distribution WHERE "
        "key_id = $1"
        " UNION ALL SELECT 'act', id, verb, 0 FROM act WHERE key_id = $1"
        " UNION ALL SELECT 'intent', id, verb, 0 FROM intent WHERE key_id = $1"
        " UNION ALL SELECT 'fact', id, name, 0 FROM fact WHERE key_id = $1"
        " UNION ALL SELECT 'duty', id, 'evidence', 0 FROM clock_met WHERE key_id = $1"
        " UNION ALL SELECT 'case', id, step, 0 FROM case_entry WHERE key_id = $1"
        " UNION ALL SELECT 'request', id, kind, 0 FROM key_request WHERE key_id = $1"
        " UNION ALL SELECT 'repairs', id, how, done FROM lineage WHERE key_id = $1"
        " UNION ALL SELECT 'pseudonyms', id, name, 0 FROM pseudonym_key WHERE id = $1"
        " UNION ALL SELECT 'pseudonymised', u.id, d.disclosed_to, d.row_count FROM pseudonym_use u "
        "JOIN distribution d ON d.id = u.id WHERE u.key_id = $1"
        " UNION ALL SELECT 'log', id, holder, 0 FROM signing_key WHERE id = $1 AND holder LIKE "
        "'log/%'"
        " UNION ALL SELECT 'receipts', id, holder, 0 FROM signing_key WHERE id = $1 AND holder = "
        "'receipts'"};
static const struct sql COUNT_FILES = {
    .both = "SELECT (SELECT COUNT(*) FROM distribution WHERE key_id = $1) + (SELECT COUNT(*) FROM "
            "version WHERE key_id = $1 AND original_address IS NOT NULL) + (SELECT COUNT(*) FROM "
            "person_index WHERE key_id = $1)"};
static const struct sql IN_USE = {
    .both = "SELECT 'the log ' || name || ' signs' FROM log WHERE key_id = $1"
            " UNION ALL SELECT 'receipts are signed' FROM node WHERE receipt_key_id = $1"};

static const char *lost_kind(pd_str kind) {
    static const char *const kinds[] = {"version", "distribution", "act",    "intent",
                                        "fact",    "duty",         "case",   "request",
                                        "log",     "receipts",     "repairs", "pseudonyms", "pseudonymised"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (pd_str_is(kind, kinds[i]))
            return kinds[i];
    return "";
}

static enum pd_status first_text(struct govern *g, struct sql sql, pd_str id,
                                 struct pd_arena *arena, pd_str *out, bool *has,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, sql, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, has, err);
    if (st == PD_OK && *has) {
        struct store_value v = store_column(rows, 0);
        *out = v.type == STORE_INT ? pd_arena_printf(arena, "%lld", (long long)v.number)
                                   : pd_arena_str(arena, v.bytes);
        if (!out->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status list_lost(struct govern *g, pd_str key, struct pd_arena *arena,
                                struct govern_loss *loss, struct pd_error *err) {
    struct growing_list list = {0};
    struct store_value values[] = {STORE_STR(key)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_LOST, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_lost *l = growing_add(&list, sizeof(*l), arena);
        if (!l) {
            st = pd_fail_memory(err);
            break;
        }
        *l = (struct govern_lost){.kind = lost_kind(store_str(rows, 0)),
                                  .id = pd_arena_str(arena, store_str(rows, 1)),
                                  .name = pd_arena_str(arena, store_str(rows, 2)),
                                  .rows = (uint64_t)store_i64(rows, 3)};
        if (strcmp(l->kind, "distribution") == 0 && pd_str_is(l->name, "public"))
            loss->is_disclosed = true;
    }
    store_rows_close(rows);
    loss->lost = list.items;
    loss->lost_count = list.count;
    return st;
}

struct purpose {
    pd_id id;
    char text[32];
    bool found;
};

static enum pd_status find_purpose(void *context, const struct store_key_about *about,
                                   struct pd_error *err) {
    (void)err;
    struct purpose *p = context;
    if (pd_id_eq(about->id, p->id)) {
        p->found = true;
        size_t n =
            about->purpose.len < sizeof(p->text) - 1 ? about->purpose.len : sizeof(p->text) - 1;
        memcpy(p->text, about->purpose.data, n);
        p->text[n] = '\0';
    }
    return PD_OK;
}

static enum pd_status find_key(struct govern *g, pd_id id, struct pd_arena *arena, pd_id *key,
                               pd_str *purpose, struct pd_error *err) {
    pd_str text = govern_id_text(id, arena), found = {0};
    bool has = false;
    enum pd_status st = text.data ? first_text(g, FIND_KEY_OF, text, arena, &found, &has, err)
                                  : pd_fail_memory(err);
    *key = id;
    if (st == PD_OK && has && !pd_id_parse(found, key))
        st = pd_fail(err, PD_INTERNAL, "the row of %.*s names no key", pd_arg(text));
    pd_str words = PD_STR("");
    if (st == PD_OK)
        st = key_destroyed_words(g, govern_id_text(*key, arena), arena, &words, err);
    if (st == PD_OK && words.len)
        st = pd_fail(err, PD_CONFLICT, "that key was %.*s", pd_arg(words));
    struct purpose p = {.id = *key};
    if (st == PD_OK)
        st = store_keys_each(g->store, find_purpose, &p, err);
    if (st == PD_OK && !p.found && !has)
        st = pd_fail(err, PD_NOT_FOUND,
                     "%.*s is no key of this node's key store, and nothing that one of them seals",
                     pd_arg(text));
    if (st != PD_OK)
        return st;
    *purpose = pd_arena_str(arena, p.found ? pd_str_from(p.text) : PD_STR("lost"));
    return purpose->data ? PD_OK : pd_fail_memory(err);
}

enum pd_status govern_key_loss(struct govern *g, pd_id id, struct pd_arena *arena,
                               const struct govern_loss **out, struct pd_error *err) {
    struct govern_loss *loss = pd_arena_alloc(arena, sizeof(*loss));
    if (!loss)
        return pd_fail_memory(err);
    pd_str key, used = {0}, files = {0};
    bool is_used = false, has = false;
    int64_t count = 0;
    enum pd_status st = find_key(g, id, arena, &loss->key, &loss->purpose, err);
    if (st != PD_OK)
        return st;
    key = govern_id_text(loss->key, arena);
    st = first_text(g, IN_USE, key, arena, &used, &is_used, err);
    if (st == PD_OK && is_used)
        st = pd_fail(err, PD_CONFLICT,
                     "%.*s with this key; put another in its place first (polder key rotate)",
                     pd_arg(used));
    if (st == PD_OK)
        st = list_lost(g, key, arena, loss, err);
    if (st == PD_OK)
        st = first_text(g, COUNT_FILES, key, arena, &files, &has, err);
    if (st == PD_OK && pd_parse_i64(files, &count))
        loss->files = (size_t)count;
    if (st == PD_OK)
        *out = loss;
    return st;
}
