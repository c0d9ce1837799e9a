/* Passwords: which ones do, set by whom, changed by their owners. */
#include "account/account_impl.h"

/* NIST SP 800-63B, 5.1.1.2: length counts, rules of composition don't; what everybody tries first
 * doesn't do. */
static bool is_plain_run(pd_str s) {
    int step = s.len > 1 ? s.data[1] - s.data[0] : 0;
    if (step < -1 || step > 1)
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (s.data[i] - s.data[i - 1] != step)
            return false;
    return true;
}

/* One short piece, over and over. */
static bool is_repeated(pd_str s) {
    for (size_t piece = 1; piece <= 4 && piece < s.len; piece++)
        if (memcmp(s.data, s.data + piece, s.len - piece) == 0)
            return true;
    return false;
}

enum pd_status password_check(pd_str password, pd_str party, pd_str member, struct pd_error *err) {
    if (password.len > ACCOUNT_PASSWORD_MAX)
        return pd_fail(err, PD_INVALID, "a password has at most %d bytes", ACCOUNT_PASSWORD_MAX);
    if (!pd_utf8_valid(password, NULL))
        return pd_fail(err, PD_INVALID, "a password is a text (UTF-8)");
    if (pd_utf8_length(password) < ACCOUNT_PASSWORD_MIN)
        return pd_fail(err, PD_INVALID, "a password has at least %d characters",
                       ACCOUNT_PASSWORD_MIN);
    bool is_name = (party.len > 3 && pd_str_starts(password, party) &&
                    password.len < party.len + 4) ||
                   (member.len > 3 && pd_str_starts(password, member) &&
                    password.len < member.len + 4);
    if (is_name || is_repeated(password) || is_plain_run(password))
        return pd_fail(err, PD_INVALID,
                       "this password is among the first that anybody would try; a few words that "
                       "don't belong together are easy to keep and hard to guess");
    return PD_OK;
}

enum pd_status password_is(pd_str encoded, pd_str password, bool *is, struct pd_error *err) {
    return crypto_password_is(encoded, password, is, err);
}

/* ---- Setting ---- */

struct setting {
    pd_str party, member, encoded;
    pd_time now;
    struct pd_arena *arena;
};

static const struct sql SET = {
    .both = "UPDATE account SET password = $2, password_at = $3, invite_hash = '', invite_until = 0"
            " WHERE id = $1"};

enum pd_status password_save(struct store *store, pd_str account, pd_str encoded, pd_time now,
                             struct pd_error *err) {
    struct store_value values[] = {STORE_STR(account), STORE_STR(encoded), STORE_I64(now)};
    enum pd_status st = store_run(store, SET, values, 3, NULL, err);
    return st == PD_OK ? session_end_all(store, account, err) : st;
}

static enum pd_status set(struct store *store, void *context, struct pd_error *err) {
    const struct setting *s = context;
    pd_str id;
    enum pd_status st = account_ensure(store, s->party, s->member, s->now, s->arena, &id, err);
    return st == PD_OK ? password_save(store, id, s->encoded, s->now, err) : st;
}

enum pd_status account_set_password(struct store *store, pd_str party, pd_str member,
                                    pd_str password, pd_time now, struct pd_error *err) {
    char encoded[CRYPTO_PASSWORD_SIZE];
    enum pd_status st = password_check(password, party, member, err);
    if (st == PD_OK)
        st = crypto_password_hash(password, encoded, err);
    if (st != PD_OK)
        return st;
    struct setting s = {party, member, pd_str_from(encoded), now, pd_arena_new(1 << 20)};
    st = s.arena ? store_transact(store, set, &s, err) : pd_fail_memory(err);
    pd_arena_free(s.arena);
    return st;
}

/* ---- Changing: whoever is signed in ---- */

struct changing {
    const struct account_row *row;
    pd_str encoded;
    pd_time now;
    struct pd_arena *arena;
    struct account_session *out;
};

static enum pd_status change(struct store *store, void *context, struct pd_error *err) {
    const struct changing *c = context;
    enum pd_status st = password_save(store, c->row->id_text, c->encoded, c->now, err);
    return st == PD_OK ? session_begin(store, c->row, "password", PD_STR(""), c->now, c->arena,
                                       c->out, err)
                       : st;
}

/* The old password is asked for as at sign-in: a browser left alone is not enough. */
static enum pd_status check_old(struct store *store, const struct account_row *row, pd_str password,
                                pd_str address, pd_time now, struct pd_arena *arena,
                                int64_t *wait_s, struct pd_error *err) {
    struct throttle t;
    bool is = false;
    pd_str name =
        pd_arena_printf(arena, "%.*s/%.*s", pd_arg(row->party), pd_arg(row->member));
    enum pd_status st = name.data ? throttle_make(store, name, address, now, &t, err)
                                  : pd_fail_memory(err);
    if (st == PD_OK)
        st = throttle_wait(store, &t, now, wait_s, err);
    if (st == PD_OK && *wait_s)
        return pd_fail(err, PD_DENIED, "too many tries; the next one in %lld seconds",
                       (long long)*wait_s);
    if (st == PD_OK)
        st = password_is(row->password, password, &is, err);
    if (st == PD_OK)
        st = throttle_told(store, &t, is, now, wait_s, err);
    return st != PD_OK || is ? st : pd_fail(err, PD_DENIED, "the old password is another one");
}

enum pd_status account_change_password(struct store *store, const struct account_who *who,
                                       pd_str old_password, pd_str new_password, pd_str address,
                                       pd_time now, struct pd_arena *arena,
                                       struct account_session *out, int64_t *wait_s,
                                       struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE], encoded[CRYPTO_PASSWORD_SIZE];
    struct account_row row;
    *wait_s = 0;
    if (who->how != ACCOUNT_BY_SESSION)
        return pd_fail(err, PD_DENIED, "a password is changed by a person, not with a token");
    pd_id_write(who->account_id, id);
    enum pd_status st =
        account_row_find(store, ACCOUNT_OF_ID, pd_str_from(id), now, arena, &row, err);
    if (st == PD_OK)
        st = check_old(store, &row, old_password, address, now, arena, wait_s, err);
    if (st == PD_OK)
        st = password_check(new_password, row.party, row.member, err);
    if (st == PD_OK)
        st = crypto_password_hash(new_password, encoded, err);
    struct changing c = {&row, pd_str_from(encoded), now, arena, out};
    return st == PD_OK ? store_transact(store, change, &c, err) : st;
}
