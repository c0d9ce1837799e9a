/* Sessions: begun at sign-in, found by their cookies, made anew when rights change, ended. */
#include "account/account_impl.h"

#define USED_EVERY (60 * PD_SECOND) /* so often use is recorded, and so long an old cookie lasts */

static const pd_str NOTHING = PD_STR_INIT("");

bool account_has_duty(const struct account_who *who, const char *duty) {
    for (size_t i = 0; i < who->duty_count; i++)
        if (pd_str_is(who->duties[i], duty))
            return true;
    return false;
}

bool account_in_scope(const struct account_who *who, pd_str action) {
    pd_str rest = who->scopes, scope;
    if (who->how == ACCOUNT_BY_SESSION)
        return true;
    while (rest.len && pd_str_split(&rest, ' ', &scope))
        if (pd_str_eq(scope, action))
            return true;
    return false;
}

/* ---- Beginning ---- */

static const struct sql END = {
    .both = "DELETE FROM account_session WHERE token_hash = $1 OR old_hash = $1"};
static const struct sql BEGIN = {
    .both = "INSERT INTO account_session (id, account_id, token_hash, old_hash, old_until, duties, "
            "how, made_at, used_at, expires_at) VALUES ($1, $2, $3, '', 0, $4, $5, $6, $6, $7)"};

static enum pd_status end_one(struct store *store, pd_str secret, struct pd_error *err) {
    char hash[SECRET_HASH_SIZE];
    if (!secret_is(secret, ""))
        return PD_OK;
    secret_hash(secret, hash);
    struct store_value values[] = {STORE_STR(pd_str_from(hash))};
    return store_run(store, END, values, 1, NULL, err);
}

/* A cookie that came from outside is never taken over: what begins here has a secret of its own, so
 * that nobody can fix it beforehand. */
enum pd_status session_begin(struct store *store, const struct account_row *account,
                             const char *how, pd_str cookie, pd_time now, struct pd_arena *arena,
                             struct account_session *out, struct pd_error *err) {
    char hash[SECRET_HASH_SIZE], id[PD_ID_TEXT_SIZE];
    struct account_session s = {.secret = secret_make("", arena)};
    struct account_who *who = &s.who;
    *who = (struct account_who){.account_id = account->id,
                                .credential_id = crypto_id(now),
                                .member_id = account->member_id,
                                .party = account->party,
                                .member = account->member,
                                .how = ACCOUNT_BY_SESSION,
                                .scopes = NOTHING,
                                .cookie = NOTHING,
                                .expires_at = now + ACCOUNT_SESSION_LONG};
    if (!s.secret.data)
        return pd_fail_memory(err);
    enum pd_status st =
        account_duties_parse(account->duties, arena, &who->duties, &who->duty_count, err);
    if (st == PD_OK)
        st = end_one(store, cookie, err);
    if (st != PD_OK)
        return st;
    who->csrf = account_csrf_make(s.secret, arena);
    secret_hash(s.secret, hash);
    pd_id_write(who->credential_id, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)),   STORE_STR(account->id_text),
                                   STORE_STR(pd_str_from(hash)), STORE_STR(account->duties),
                                   STORE_STR(pd_str_from(how)),  STORE_I64(now),
                                   STORE_I64(who->expires_at)};
    st = who->csrf.data ? store_run(store, BEGIN, values, 7, NULL, err) : pd_fail_memory(err);
    if (st == PD_OK)
        *out = s;
    return st;
}

/* ---- Finding ---- */

static const struct sql FIND = {
    .both = "SELECT s.id, s.account_id, s.token_hash, s.duties, s.used_at, s.expires_at, "
            "s.old_until, m.id, m.party_id, m.name, m.duties FROM account_session s"
            " JOIN account a ON a.id = s.account_id JOIN member m ON m.id = a.member_id"
            " WHERE (s.token_hash = $1 OR s.old_hash = $1) AND a.is_locked = 0"
            " AND NOT EXISTS (SELECT 1 FROM member_end e WHERE e.id = m.id)"};

struct found {
    pd_str id, duties, duties_then;
    bool is_old; /* came with the cookie before the last one */
    pd_time used_at;
};

static enum pd_status read_session(struct store_rows *rows, const char *hash, pd_time now,
                                   struct pd_arena *arena, struct account_who *who,
                                   struct found *f, struct pd_error *err) {
    f->is_old = !pd_str_is(store_str(rows, 2), hash);
    f->used_at = store_i64(rows, 4);
    who->expires_at = store_i64(rows, 5);
    if (who->expires_at <= now || f->used_at + ACCOUNT_SESSION_IDLE <= now ||
        (f->is_old && store_i64(rows, 6) <= now))
        return pd_fail(err, PD_NOT_FOUND, "the session is over; sign in again");
    f->id = pd_arena_str(arena, store_str(rows, 0));
    f->duties_then = pd_arena_str(arena, store_str(rows, 3));
    f->duties = pd_arena_str(arena, store_str(rows, 10));
    who->member_id = pd_arena_str(arena, store_str(rows, 7));
    who->party = pd_arena_str(arena, store_str(rows, 8));
    who->member = pd_arena_str(arena, store_str(rows, 9));
    if (!f->id.data || !f->duties_then.data || !f->duties.data || !who->member_id.data ||
        !who->party.data || !who->member.data)
        return pd_fail_memory(err);
    if (!pd_id_parse(f->id, &who->credential_id) ||
        !pd_id_parse(store_str(rows, 1), &who->account_id))
        return pd_fail(err, PD_INTERNAL, "the row of a session has no id");
    return account_duties_parse(f->duties, arena, &who->duties, &who->duty_count, err);
}

static const struct sql TOUCH = {.both = "UPDATE account_session SET used_at = $2 WHERE id = $1"};
/* Only of the cookie that was looked at: of two requests at once one makes it anew. */
static const struct sql ROTATE = {
    .both = "UPDATE account_session SET token_hash = $2, old_hash = $3, old_until = $4, "
            "duties = $5, used_at = $6 WHERE id = $1 AND token_hash = $3"};

/* What can't be written costs the asker nothing now: the session ends the sooner. */
static void keep_use(struct store *store, const struct found *f, const char *hash, pd_time now,
                     struct pd_arena *arena, struct account_who *who) {
    struct store_value touch[] = {STORE_STR(f->id), STORE_I64(now)};
    if (f->is_old || pd_str_eq(f->duties, f->duties_then)) {
        if (f->used_at + USED_EVERY <= now)
            (void)!store_run(store, TOUCH, touch, 2, NULL, NULL);
        return;
    }
    char fresh[SECRET_HASH_SIZE];
    int64_t changed = 0;
    pd_str secret = secret_make("", arena);
    if (!secret.data)
        return;
    secret_hash(secret, fresh);
    struct store_value rotate[] = {STORE_STR(f->id),
                                   STORE_STR(pd_str_from(fresh)),
                                   STORE_STR(pd_str_from(hash)),
                                   STORE_I64(now + USED_EVERY),
                                   STORE_STR(f->duties),
                                   STORE_I64(now)};
    if (store_run(store, ROTATE, rotate, 6, &changed, NULL) == PD_OK && changed == 1)
        who->cookie = secret;
}

enum pd_status account_by_session(struct store *store, pd_str secret, pd_time now,
                                  struct pd_arena *arena, struct account_who *out,
                                  struct pd_error *err) {
    char hash[SECRET_HASH_SIZE];
    struct account_who who = {.how = ACCOUNT_BY_SESSION, .scopes = NOTHING, .cookie = NOTHING};
    struct found f = {0};
    struct store_rows *rows;
    bool has;
    if (!secret_is(secret, ""))
        return pd_fail(err, PD_NOT_FOUND, "there is no such session; sign in");
    secret_hash(secret, hash);
    struct store_value values[] = {STORE_STR(pd_str_from(hash))};
    enum pd_status st = store_select(store, FIND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no such session; sign in");
    if (st == PD_OK)
        st = read_session(rows, hash, now, arena, &who, &f, err);
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    keep_use(store, &f, hash, now, arena, &who);
    who.csrf = account_csrf_make(who.cookie.len ? who.cookie : secret, arena);
    if (!who.csrf.data)
        return pd_fail_memory(err);
    *out = who;
    return PD_OK;
}

/* ---- Ending ---- */

enum pd_status account_sign_out(struct store *store, pd_str secret, struct pd_error *err) {
    return end_one(store, secret, err);
}

static const struct sql END_ALL = {.both = "DELETE FROM account_session WHERE account_id = $1"};

enum pd_status session_end_all(struct store *store, pd_str account, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(account)};
    return store_run(store, END_ALL, values, 1, NULL, err);
}

enum pd_status account_sign_out_everywhere(struct store *store, pd_id account,
                                           struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(account, id);
    return session_end_all(store, pd_str_from(id), err);
}

/* ---- Listing ---- */

static const struct sql LIST = {
    .both = "SELECT id, how, made_at, used_at, expires_at FROM account_session"
            " WHERE account_id = $1 AND expires_at > $2 AND used_at > $3 ORDER BY id DESC LIMIT 200"};

enum pd_status account_sessions(struct store *store, pd_id account, pd_time now,
                                struct pd_arena *arena, const struct account_open **out,
                                size_t *count, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    enum { MOST = 200 };
    struct account_open *list = pd_arena_array(arena, MOST, sizeof(*list));
    struct store_rows *rows;
    size_t n = 0;
    bool has;
    if (!list)
        return pd_fail_memory(err);
    pd_id_write(account, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_I64(now),
                                   STORE_I64(now - ACCOUNT_SESSION_IDLE)};
    enum pd_status st = store_select(store, LIST, values, 3, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < MOST) {
        struct account_open *o = &list[n++];
        *o = (struct account_open){.how = pd_arena_str(arena, store_str(rows, 1)),
                                   .made_at = store_i64(rows, 2),
                                   .used_at = store_i64(rows, 3),
                                   .expires_at = store_i64(rows, 4)};
        if (!o->how.data || !pd_id_parse(store_str(rows, 0), &o->id)) {
            st = o->how.data ? pd_fail(err, PD_INTERNAL, "the row of a session has no id")
                             : pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}
