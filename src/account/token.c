/* API tokens: made once, shown once, kept as a hash, with scopes and an end. */
#include "account/account_impl.h"

#define PREFIX     "polder_"
#define USED_EVERY (60 * PD_SECOND)

/* ---- Making ---- */

static enum pd_status check_words(pd_str title, pd_str scopes, pd_time lifetime,
                                  struct pd_error *err) {
    pd_str rest = scopes, word;
    if (lifetime <= 0 || lifetime > ACCOUNT_TOKEN_LONGEST)
        return pd_fail(err, PD_INVALID, "a token lasts from a moment to 366 days");
    if (title.len == 0 || title.len > ACCOUNT_TITLE_MAX || !pd_utf8_valid(title, NULL))
        return pd_fail(err, PD_INVALID, "the title of a token is a text of 1 to %d bytes",
                       ACCOUNT_TITLE_MAX);
    for (size_t i = 0; i < title.len; i++)
        if ((unsigned char)title.data[i] < 0x20 || title.data[i] == 0x7f)
            return pd_fail(err, PD_INVALID, "the title of a token is one line");
    if (scopes.len == 0 || scopes.len > ACCOUNT_SCOPES_MAX)
        return pd_fail(err, PD_INVALID, "a token has scopes: actions, at most %d bytes of them",
                       ACCOUNT_SCOPES_MAX);
    while (pd_str_split(&rest, ' ', &word)) {
        bool is_word = word.len > 0;
        for (size_t i = 0; i < word.len; i++)
            is_word = is_word && ((word.data[i] >= 'a' && word.data[i] <= 'z') ||
                                  word.data[i] == '_');
        if (!is_word)
            return pd_fail(err, PD_INVALID, "\"%.*s\" is no scope: they are names of actions",
                           pd_arg(word));
    }
    return PD_OK;
}

struct making {
    pd_str name, title, scopes, hash;
    pd_id id;
    pd_time now, lifetime;
    struct pd_arena *arena;
};

static const struct sql COUNT = {.both = "SELECT COUNT(*) FROM account_token WHERE account_id = $1"
                                         " AND revoked_at = 0 AND expires_at > $2"};
static const struct sql ADD = {
    .both = "INSERT INTO account_token (id, account_id, title, token_hash, scopes, made_at, "
            "expires_at, used_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)"};

static enum pd_status check_count(struct store *store, pd_str account, pd_time now,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(account), STORE_I64(now)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, COUNT, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_i64(rows, 0) >= ACCOUNT_TOKENS_MAX)
        st = pd_fail(err, PD_LIMIT, "this account has %d tokens already; revoke one",
                     ACCOUNT_TOKENS_MAX);
    store_rows_close(rows);
    return st;
}

static enum pd_status make(struct store *store, void *context, struct pd_error *err) {
    const struct making *m = context;
    char id[PD_ID_TEXT_SIZE];
    struct account_row row;
    enum pd_status st = account_row_find(store, ACCOUNT_OF_NAME, m->name, m->now, m->arena, &row,
                                         err);
    if (st == PD_OK && (row.is_locked || row.has_ended))
        st = pd_fail(err, PD_NOT_FOUND, "this account is locked, or its member has ended");
    if (st == PD_OK)
        st = check_count(store, row.id_text, m->now, err);
    if (st != PD_OK)
        return st;
    pd_id_write(m->id, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(row.id_text),
                                   STORE_STR(m->title),        STORE_STR(m->hash),
                                   STORE_STR(m->scopes),       STORE_I64(m->now),
                                   STORE_I64(m->now + m->lifetime)};
    return store_run(store, ADD, values, 7, NULL, err);
}

enum pd_status account_token_make(struct store *store, pd_str party, pd_str member, pd_str title,
                                  pd_str scopes, pd_time lifetime, pd_time now,
                                  struct pd_arena *arena, pd_str *secret, pd_id *id,
                                  struct pd_error *err) {
    char hash[SECRET_HASH_SIZE];
    enum pd_status st = check_words(title, scopes, lifetime, err);
    if (st != PD_OK)
        return st;
    pd_str fresh = secret_make(PREFIX, arena);
    struct making m = {.name = pd_arena_printf(arena, "%.*s/%.*s", pd_arg(party), pd_arg(member)),
                       .title = title,
                       .scopes = scopes,
                       .id = crypto_id(now),
                       .now = now,
                       .lifetime = lifetime,
                       .arena = arena};
    if (!fresh.data || !m.name.data)
        return pd_fail_memory(err);
    secret_hash(fresh, hash);
    m.hash = pd_str_from(hash);
    st = store_transact(store, make, &m, err);
    if (st != PD_OK)
        return st;
    *secret = fresh;
    *id = m.id;
    return PD_OK;
}

/* ---- Finding ---- */

static const struct sql FIND = {
    .both = "SELECT t.id, t.account_id, t.scopes, t.expires_at, t.used_at, m.id, m.party_id, "
            "m.name, m.duties FROM account_token t JOIN account a ON a.id = t.account_id"
            " JOIN member m ON m.id = a.member_id"
            " WHERE t.token_hash = $1 AND t.revoked_at = 0 AND t.expires_at > $2"
            " AND a.is_locked = 0 AND NOT EXISTS (SELECT 1 FROM member_end e WHERE e.id = m.id)"};
static const struct sql TOUCH = {.both = "UPDATE account_token SET used_at = $2 WHERE id = $1"};

static enum pd_status read_token(struct store_rows *rows, struct pd_arena *arena,
                                 struct account_who *who, pd_str *id, pd_time *used_at,
                                 struct pd_error *err) {
    *id = pd_arena_str(arena, store_str(rows, 0));
    *used_at = store_i64(rows, 4);
    *who = (struct account_who){.how = ACCOUNT_BY_TOKEN,
                                .scopes = pd_arena_str(arena, store_str(rows, 2)),
                                .expires_at = store_i64(rows, 3),
                                .member_id = pd_arena_str(arena, store_str(rows, 5)),
                                .party = pd_arena_str(arena, store_str(rows, 6)),
                                .member = pd_arena_str(arena, store_str(rows, 7)),
                                .csrf = PD_STR(""),
                                .cookie = PD_STR("")};
    if (!id->data || !who->scopes.data || !who->member_id.data || !who->party.data ||
        !who->member.data)
        return pd_fail_memory(err);
    if (!pd_id_parse(*id, &who->credential_id) ||
        !pd_id_parse(store_str(rows, 1), &who->account_id))
        return pd_fail(err, PD_INTERNAL, "the row of a token has no id");
    return account_duties_parse(store_str(rows, 8), arena, &who->duties, &who->duty_count, err);
}

enum pd_status account_by_token(struct store *store, pd_str secret, pd_time now,
                                struct pd_arena *arena, struct account_who *out,
                                struct pd_error *err) {
    char hash[SECRET_HASH_SIZE];
    struct account_who who;
    struct store_rows *rows;
    pd_str id = {0};
    pd_time used_at = 0;
    bool has;
    if (!secret_is(secret, PREFIX))
        return pd_fail(err, PD_NOT_FOUND, "this is no token of this node");
    secret_hash(secret, hash);
    struct store_value values[] = {STORE_STR(pd_str_from(hash)), STORE_I64(now)};
    enum pd_status st = store_select(store, FIND, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "this token is unknown, revoked or has expired");
    if (st == PD_OK)
        st = read_token(rows, arena, &who, &id, &used_at, err);
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    struct store_value touch[] = {STORE_STR(id), STORE_I64(now)};
    if (used_at + USED_EVERY <= now)
        (void)!store_run(store, TOUCH, touch, 2, NULL, NULL); /* a reader records no use */
    *out = who;
    return PD_OK;
}

/* ---- Listing ---- */

static const struct sql LIST = {
    .both = "SELECT t.id, m.party_id, m.name, t.title, t.scopes, t.made_at, t.expires_at, "
            "t.used_at, t.revoked_at FROM account_token t JOIN account a ON a.id = t.account_id"
            " JOIN member m ON m.id = a.member_id"
            " WHERE ($1 = '' OR m.party_id = $1) AND ($2 = '' OR m.name = $2)"
            " ORDER BY m.party_id, m.name, t.id"};

static enum pd_status read_listed(struct store_rows *rows, struct pd_arena *arena,
                                  struct account_token *t, struct pd_error *err) {
    pd_str *texts[] = {&t->party, &t->member, &t->title, &t->scopes};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *texts[i] = pd_arena_str(arena, store_str(rows, 1 + i));
        if (!texts[i]->data)
            return pd_fail_memory(err);
    }
    t->made_at = store_i64(rows, 5);
    t->expires_at = store_i64(rows, 6);
    t->used_at = store_i64(rows, 7);
    t->revoked_at = store_i64(rows, 8);
    return pd_id_parse(store_str(rows, 0), &t->id)
               ? PD_OK
               : pd_fail(err, PD_INTERNAL, "the row of a token has no id");
}

enum pd_status account_tokens(struct store *store, pd_str party, pd_str member,
                              struct pd_arena *arena, const struct account_token **out,
                              size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party.data ? party : PD_STR("")),
                                   STORE_STR(member.data ? member : PD_STR(""))};
    size_t n = 0, room = 16;
    struct account_token *list = pd_arena_array(arena, room, sizeof(*list));
    struct store_rows *rows;
    bool has;
    enum pd_status st = list ? store_select(store, LIST, values, 2, &rows, err)
                             : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        if (n == room) {
            struct account_token *more = pd_arena_array(arena, 2 * room, sizeof(*more));
            st = more ? PD_OK : pd_fail_memory(err);
            if (!more)
                break;
            memcpy(more, list, n * sizeof(*more));
            list = more;
            room *= 2;
        }
        if ((st = read_listed(rows, arena, &list[n++], err)) != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}

/* ---- Revoking ---- */

static const struct sql REVOKE = {
    .both = "UPDATE account_token SET revoked_at = CASE WHEN revoked_at = 0 THEN $2 ELSE revoked_at"
            " END WHERE id = $1 AND ($3 = '' OR account_id = $3)"};

enum pd_status account_token_revoke(struct store *store, pd_id id, const pd_id *account,
                                    pd_time now, struct pd_error *err) {
    char text[PD_ID_TEXT_SIZE], owner[PD_ID_TEXT_SIZE] = "";
    int64_t changed = 0;
    pd_id_write(id, text);
    if (account)
        pd_id_write(*account, owner);
    struct store_value values[] = {STORE_STR(pd_str_from(text)), STORE_I64(now),
                                   STORE_STR(pd_str_from(owner))};
    enum pd_status st = store_run(store, REVOKE, values, 3, &changed, err);
    return st == PD_OK && changed == 0 ? pd_fail(err, PD_NOT_FOUND, "there is no token %s", text)
                                       : st;
}
