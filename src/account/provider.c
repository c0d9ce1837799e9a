/* Providers of OpenID Connect, and which member each of their subjects is. */
#include "account/account_impl.h"

static const pd_str LABEL = PD_STR_INIT("account_provider.secret");
enum { PROVIDERS_MOST = 32 };

/* ---- Setting up ---- */

static enum pd_status check(const struct account_provider *p, struct pd_error *err) {
    bool is_name = p->id.len > 0 && p->id.len <= 40;
    for (size_t i = 0; i < p->id.len; i++) {
        char c = p->id.data[i];
        is_name = is_name && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    if (!is_name)
        return pd_fail(err, PD_INVALID,
                       "the name of a provider is 1 to 40 of a-z, 0-9 and hyphens");
    bool is_https = pd_str_starts(p->issuer, PD_STR("https://"));
    if (!is_https && !(p->may_private && pd_str_starts(p->issuer, PD_STR("http://"))))
        return pd_fail(err, PD_INVALID, "the issuer \"%.*s\" must be an address with https",
                       pd_arg(p->issuer));
    if (p->issuer.len > 1000 || !pd_utf8_valid(p->issuer, NULL) || p->client_id.len == 0 ||
        p->client_id.len > 1000 || !pd_utf8_valid(p->client_id, NULL) || p->title.len > 200 ||
        !pd_utf8_valid(p->title, NULL) || p->client_secret.len > 4096)
        return pd_fail(err, PD_INVALID,
                       "issuer, client and title of a provider are texts, and not long ones");
    return PD_OK;
}

static const struct sql SAVE = {
    .both = "INSERT INTO account_provider (id, issuer, title, client_id, key_id, sealed_secret, "
            "may_private, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            " ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, title = excluded.title,"
            " client_id = excluded.client_id, key_id = excluded.key_id,"
            " sealed_secret = excluded.sealed_secret, may_private = excluded.may_private"};

enum pd_status account_provider_save(struct store *store, const struct account_provider *p,
                                     pd_time now, struct pd_arena *arena, struct pd_error *err) {
    struct store_key key;
    char key_id[PD_ID_TEXT_SIZE];
    pd_str sealed;
    enum pd_status st = check(p, err);
    if (st == PD_OK)
        st = store_key_new(store, "account", now, &key, err);
    if (st != PD_OK)
        return st;
    st = store_seal(&key, LABEL, p->client_secret, arena, &sealed, err);
    pd_id_write(key.id, key_id);
    crypto_wipe(&key, sizeof(key));
    struct store_value values[] = {STORE_STR(p->id),
                                   STORE_STR(p->issuer),
                                   STORE_STR(p->title.len ? p->title : p->id),
                                   STORE_STR(p->client_id),
                                   STORE_STR(pd_str_from(key_id)),
                                   STORE_BYTES(sealed),
                                   STORE_I64(p->may_private),
                                   STORE_I64(now)};
    return st == PD_OK ? store_run(store, SAVE, values, 8, NULL, err) : st;
}

/* ---- Finding ---- */

#define ROW                                                                                        \
    "SELECT id, issuer, title, client_id, may_private, key_id, sealed_secret FROM account_provider"
static const struct sql LIST = {.both = ROW " ORDER BY id LIMIT 32"};
static const struct sql FIND = {.both = ROW " WHERE id = $1"};

static enum pd_status read_row(struct store_rows *rows, struct pd_arena *arena,
                               struct account_provider *p, struct pd_error *err) {
    *p = (struct account_provider){.client_secret = PD_STR(""),
                                   .may_private = store_i64(rows, 4) != 0};
    pd_str *texts[] = {&p->id, &p->issuer, &p->title, &p->client_id};
    for (size_t i = 0; i < 4; i++) {
        *texts[i] = pd_arena_str(arena, store_str(rows, i));
        if (!texts[i]->data)
            return pd_fail_memory(err);
    }
    return PD_OK;
}

enum pd_status account_providers(struct store *store, struct pd_arena *arena,
                                 const struct account_provider **out, size_t *count,
                                 struct pd_error *err) {
    struct account_provider *list = pd_arena_array(arena, PROVIDERS_MOST, sizeof(*list));
    struct store_rows *rows;
    size_t n = 0;
    bool has;
    enum pd_status st = list ? store_select(store, LIST, NULL, 0, &rows, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < PROVIDERS_MOST)
        if ((st = read_row(rows, arena, &list[n++], err)) != PD_OK)
            break;
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}

enum pd_status provider_find(struct store *store, pd_str id, struct pd_arena *arena,
                             struct account_provider *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    struct store_key key;
    pd_str sealed = {0};
    pd_id key_id = {{0}};
    bool has;
    enum pd_status st = store_select(store, FIND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no provider \"%.*s\"", pd_arg(id));
    if (st == PD_OK)
        st = read_row(rows, arena, out, err);
    if (st == PD_OK) {
        sealed = pd_arena_str(arena, store_str(rows, 6));
        if (!sealed.data || !pd_id_parse(store_str(rows, 5), &key_id))
            st = pd_fail(err, PD_INTERNAL, "the row of a provider is damaged");
    }
    store_rows_close(rows);
    if (st == PD_OK)
        st = store_key_find(store, key_id, &key, err);
    if (st != PD_OK)
        return st;
    st = store_unseal(&key, LABEL, sealed, arena, &out->client_secret, err);
    crypto_wipe(&key, sizeof(key));
    return st;
}

static const struct sql REMOVE_FLOWS = {.both = "DELETE FROM account_flow WHERE provider_id = $1"};
static const struct sql REMOVE = {.both = "DELETE FROM account_provider WHERE id = $1"};

enum pd_status account_provider_remove(struct store *store, pd_str id, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    int64_t changed = 0;
    enum pd_status st = store_run(store, REMOVE_FLOWS, values, 1, NULL, err);
    if (st == PD_OK)
        st = store_run(store, REMOVE, values, 1, &changed, err);
    return st == PD_OK && changed == 0
               ? pd_fail(err, PD_NOT_FOUND, "there is no provider \"%.*s\"", pd_arg(id))
               : st;
}

/* ---- Links ---- */

static const struct sql FIND_LINK = {
    .both = "SELECT account_id FROM account_link WHERE issuer = $1 AND subject = $2"};
static const struct sql ADD_LINK = {
    .both = "INSERT INTO account_link (id, account_id, issuer, subject, made_at)"
            " VALUES ($1, $2, $3, $4, $5)"};
static const struct sql REMOVE_LINK = {
    .both = "DELETE FROM account_link WHERE issuer = $1 AND subject = $2"};

enum pd_status link_find(struct store *store, pd_str issuer, pd_str subject,
                         struct pd_arena *arena, pd_str *account, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(issuer), STORE_STR(subject)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, FIND_LINK, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "nobody here is linked to that");
    if (st == PD_OK) {
        *account = pd_arena_str(arena, store_str(rows, 0));
        st = account->data ? PD_OK : pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status link_add(struct store *store, pd_str account, pd_str issuer, pd_str subject,
                        pd_time now, struct pd_arena *arena, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_str other = {0};
    if (subject.len == 0 || subject.len > 255 || !pd_utf8_valid(subject, NULL))
        return pd_fail(err, PD_INVALID, "a subject is a text of 1 to 255 bytes");
    enum pd_status st = link_find(store, issuer, subject, arena, &other, err);
    if (st == PD_OK && !pd_str_eq(other, account))
        return pd_fail(err, PD_CONFLICT, "that subject is another member's already");
    if (st != PD_NOT_FOUND)
        return st;
    pd_id_write(crypto_id(now), id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(account),
                                   STORE_STR(issuer), STORE_STR(subject), STORE_I64(now)};
    return store_run(store, ADD_LINK, values, 5, NULL, err);
}

struct linking {
    pd_str issuer, subject, party, member;
    pd_time now;
    struct pd_arena *arena;
};

static enum pd_status add(struct store *store, void *context, struct pd_error *err) {
    const struct linking *l = context;
    pd_str id;
    enum pd_status st = account_ensure(store, l->party, l->member, l->now, l->arena, &id, err);
    return st == PD_OK ? link_add(store, id, l->issuer, l->subject, l->now, l->arena, err) : st;
}

enum pd_status account_link(struct store *store, pd_str provider, pd_str subject, pd_str party,
                            pd_str member, pd_time now, struct pd_error *err) {
    struct linking l = {{0}, subject, party, member, now, pd_arena_new(1 << 20)};
    struct account_provider p;
    enum pd_status st =
        l.arena ? provider_find(store, provider, l.arena, &p, err) : pd_fail_memory(err);
    if (st == PD_OK) {
        l.issuer = p.issuer;
        st = store_transact(store, add, &l, err);
    }
    pd_arena_free(l.arena);
    return st;
}

enum pd_status account_unlink(struct store *store, pd_str provider, pd_str subject,
                              struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(1 << 20);
    struct account_provider p = {0};
    int64_t changed = 0;
    enum pd_status st =
        arena ? provider_find(store, provider, arena, &p, err) : pd_fail_memory(err);
    struct store_value values[] = {STORE_STR(p.issuer), STORE_STR(subject)};
    if (st == PD_OK)
        st = store_run(store, REMOVE_LINK, values, 2, &changed, err);
    pd_arena_free(arena);
    return st == PD_OK && changed == 0
               ? pd_fail(err, PD_NOT_FOUND, "nobody here is linked to that")
               : st;
}
