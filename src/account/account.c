/* Accounts: found, made by an invitation or by whoever holds the folder, locked. */
#include "account/account_impl.h"

#include <jansson.h>

enum { DUTIES_MOST = 32 };

enum pd_status account_duties_parse(pd_str json, struct pd_arena *arena, const pd_str **out,
                                    size_t *count, struct pd_error *err) {
    json_t *list = NULL;
    enum pd_status st = pd_json_parse(json, 4096, 2, &list, err);
    if (st != PD_OK)
        return pd_wrap(err, "the duties of a member");
    size_t n = json_array_size(list);
    pd_str *duties = pd_arena_array(arena, n ? n : 1, sizeof(*duties));
    if (!duties)
        st = pd_fail_memory(err);
    else if (n > DUTIES_MOST || !json_is_array(list))
        st = pd_fail(err, PD_INTERNAL, "the duties of a member are no list of at most %d",
                     DUTIES_MOST);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        duties[i] = pd_arena_str(arena, pd_str_from(word));
        if (!duties[i].data)
            st = pd_fail_memory(err);
    }
    json_decref(list);
    if (st != PD_OK)
        return st;
    *out = duties;
    *count = n;
    return PD_OK;
}

/* ---- Finding ---- */

#define ROW                                                                                        \
    "SELECT a.id, m.id, m.party_id, m.name, a.password, m.duties, a.is_locked,"                    \
    " (SELECT COUNT(*) FROM member_end e WHERE e.id = m.id) FROM account a"                        \
    " JOIN member m ON m.id = a.member_id WHERE "
static const struct sql FIND_BY_NAME = {.both = ROW "m.party_id = $1 AND m.name = $2"};
static const struct sql FIND_BY_ID = {.both = ROW "a.id = $1"};
static const struct sql FIND_BY_INVITE = {.both = ROW
                                          "a.invite_hash = $1 AND a.invite_until > $2"};

static enum pd_status read_row(struct store_rows *rows, struct pd_arena *arena,
                               struct account_row *out, struct pd_error *err) {
    struct account_row r = {0};
    pd_str *texts[] = {&r.id_text, &r.member_id, &r.party, &r.member, &r.password, &r.duties};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *texts[i] = pd_arena_str(arena, store_str(rows, i));
        if (!texts[i]->data)
            return pd_fail_memory(err);
    }
    r.is_locked = store_i64(rows, 6) != 0;
    r.has_ended = store_i64(rows, 7) != 0;
    if (!pd_id_parse(r.id_text, &r.id))
        return pd_fail(err, PD_INTERNAL, "the row of an account has no id");
    *out = r;
    return PD_OK;
}

enum pd_status account_row_find(struct store *store, enum account_key by, pd_str value, pd_time now,
                                struct pd_arena *arena, struct account_row *out,
                                struct pd_error *err) {
    size_t slash = pd_str_find_char(value, '/');
    pd_str party = pd_str_sub(value, 0, slash == PD_NPOS ? 0 : slash);
    pd_str member = pd_str_sub(value, slash == PD_NPOS ? 0 : slash + 1, value.len);
    const struct {
        struct sql sql;
        struct store_value values[2];
        size_t count;
    } ways[] = {
        [ACCOUNT_OF_NAME] = {FIND_BY_NAME, {STORE_STR(party), STORE_STR(member)}, 2},
        [ACCOUNT_OF_ID] = {FIND_BY_ID, {STORE_STR(value)}, 1},
        [ACCOUNT_OF_INVITE] = {FIND_BY_INVITE, {STORE_STR(value), STORE_I64(now)}, 2},
    };
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, ways[by].sql, ways[by].values, ways[by].count, &rows,
                                     err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no such account");
    if (st == PD_OK)
        st = read_row(rows, arena, out, err);
    store_rows_close(rows);
    return st;
}

/* ---- Making ---- */

static const struct sql FIND_MEMBER = {
    .both = "SELECT id FROM member WHERE party_id = $1 AND name = $2"
            " AND NOT EXISTS (SELECT 1 FROM member_end e WHERE e.id = member.id)"};
static const struct sql ADD = {
    .both = "INSERT INTO account (id, member_id, password, password_at, invite_hash, invite_until, "
            "is_locked, made_at) VALUES ($1, $2, '', 0, '', 0, 0, $3)"
            " ON CONFLICT (member_id) DO NOTHING"};

static enum pd_status find_member(struct store *store, pd_str party, pd_str member,
                                  struct pd_arena *arena, pd_str *id, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party), STORE_STR(member)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, FIND_MEMBER, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND,
                     "the party \"%.*s\" has no member \"%.*s\"; polder member list tells who there "
                     "is",
                     pd_arg(party), pd_arg(member));
    if (st == PD_OK) {
        *id = pd_arena_str(arena, store_str(rows, 0));
        st = id->data ? PD_OK : pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static pd_str full_name(pd_str party, pd_str member, struct pd_arena *arena) {
    return pd_arena_printf(arena, "%.*s/%.*s", pd_arg(party), pd_arg(member));
}

enum pd_status account_ensure(struct store *store, pd_str party, pd_str member, pd_time now,
                              struct pd_arena *arena, pd_str *id, struct pd_error *err) {
    char fresh[PD_ID_TEXT_SIZE];
    pd_str of = {0}, name = full_name(party, member, arena);
    struct account_row row;
    enum pd_status st =
        name.data ? find_member(store, party, member, arena, &of, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    pd_id_write(crypto_id(now), fresh);
    struct store_value values[] = {STORE_STR(pd_str_from(fresh)), STORE_STR(of), STORE_I64(now)};
    st = store_run(store, ADD, values, 3, NULL, err);
    if (st == PD_OK)
        st = account_row_find(store, ACCOUNT_OF_NAME, name, now, arena, &row, err);
    if (st == PD_OK)
        *id = row.id_text;
    return st;
}

/* ---- Inviting ---- */

struct inviting {
    pd_str party, member;
    pd_time now, until;
    const char *hash;
    struct pd_arena *arena;
};

static const struct sql INVITE = {
    .both = "UPDATE account SET invite_hash = $2, invite_until = $3 WHERE id = $1"};

static enum pd_status invite(struct store *store, void *context, struct pd_error *err) {
    const struct inviting *i = context;
    pd_str id;
    enum pd_status st = account_ensure(store, i->party, i->member, i->now, i->arena, &id, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(id), STORE_STR(pd_str_from(i->hash)),
                                   STORE_I64(i->until)};
    return store_run(store, INVITE, values, 3, NULL, err);
}

enum pd_status account_invite(struct store *store, pd_str party, pd_str member, pd_time lifetime,
                              pd_time now, struct pd_arena *arena, pd_str *code,
                              struct pd_error *err) {
    char hash[SECRET_HASH_SIZE];
    if (lifetime <= 0 || lifetime > 30 * PD_DAY)
        return pd_fail(err, PD_INVALID, "an invitation lasts from a moment to 30 days");
    pd_str fresh = secret_code_make(arena);
    if (!fresh.data)
        return pd_fail_memory(err);
    if (!secret_code_hash(fresh, hash))
        return pd_fail(err, PD_INTERNAL, "a code that was just made is none");
    struct inviting i = {party, member, now, now + lifetime, hash, arena};
    enum pd_status st = store_transact(store, invite, &i, err);
    if (st == PD_OK)
        *code = fresh;
    return st;
}

/* ---- Locking ---- */

struct locking {
    pd_str name;
    bool is_locked;
    struct pd_arena *arena;
};

static const struct sql LOCK = {.both = "UPDATE account SET is_locked = $2 WHERE id = $1"};

static enum pd_status lock(struct store *store, void *context, struct pd_error *err) {
    const struct locking *l = context;
    struct account_row row;
    enum pd_status st = account_row_find(store, ACCOUNT_OF_NAME, l->name, 0, l->arena, &row, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(row.id_text), STORE_I64(l->is_locked)};
    st = store_run(store, LOCK, values, 2, NULL, err);
    return st == PD_OK && l->is_locked ? session_end_all(store, row.id_text, err) : st;
}

enum pd_status account_lock(struct store *store, pd_str party, pd_str member, bool is_locked,
                            struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(1 << 20);
    struct locking l = {.is_locked = is_locked, .arena = arena};
    if (arena)
        l.name = full_name(party, member, arena);
    enum pd_status st = l.name.data ? store_transact(store, lock, &l, err) : pd_fail_memory(err);
    pd_arena_free(arena);
    return st == PD_NOT_FOUND ? pd_fail(err, st, "\"%.*s\" of \"%.*s\" has no account",
                                        pd_arg(member), pd_arg(party))
                              : st;
}

/* ---- Clearing up ---- */

enum pd_status account_sweep(struct store *store, pd_time now, struct pd_error *err) {
    static const struct sql SWEEPS[] = {
        {.both = "DELETE FROM account_session WHERE expires_at <= $1"},
        {.both = "DELETE FROM account_flow WHERE expires_at <= $1"},
        {.both = "DELETE FROM account_throttle WHERE forget_at <= $1"},
        {.both = "DELETE FROM account_familiar WHERE forget_at <= $1"},
    };
    struct store_value values[] = {STORE_I64(now)};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < sizeof(SWEEPS) / sizeof(*SWEEPS); i++)
        st = store_run(store, SWEEPS[i], values, 1, NULL, err);
    return st;
}
