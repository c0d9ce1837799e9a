/*
 * Signing in by a password, or by the code of an invitation. Whatever is wrong, the same work is
 * done and the same answer given: nobody learns by asking who has an account.
 */
#include "account/account_impl.h"

static enum pd_status too_soon(int64_t wait_s, struct pd_error *err) {
    return pd_fail(err, PD_DENIED, "too many tries; the next one in %lld seconds",
                   (long long)wait_s);
}

struct beginning {
    const struct account_row *row;
    pd_str cookie;
    pd_str encoded;  /* a password to save; empty: none */
    const char *how; /* as session_begin */
    const char *invite; /* the hash of the invitation that is used up; NULL: none */
    pd_time now;
    struct pd_arena *arena;
    struct account_session *out;
};

static enum pd_status begin(struct store *store, void *context, struct pd_error *err) {
    const struct beginning *b = context;
    enum pd_status st = PD_OK;
    if (b->invite) { /* once: of two who use it at the same time, one finds it gone */
        struct account_row again;
        st = account_row_find(store, ACCOUNT_OF_INVITE, pd_str_from(b->invite), b->now, b->arena,
                              &again, err);
    }
    if (st == PD_OK && b->encoded.len)
        st = password_save(store, b->row->id_text, b->encoded, b->now, err);
    return st == PD_OK ? session_begin(store, b->row, b->how, b->cookie, b->now, b->arena, b->out,
                                       err)
                       : st;
}

static const struct sql REHASH = {.both = "UPDATE account SET password = $2 WHERE id = $1"};

/* Written with other parameters than now: anew, since we have it at hand. */
static void freshen(struct store *store, const struct account_row *row, pd_str password) {
    char encoded[CRYPTO_PASSWORD_SIZE];
    if (crypto_password_is_current(row->password) ||
        crypto_password_hash(password, encoded, NULL) != PD_OK)
        return;
    struct store_value values[] = {STORE_STR(row->id_text), STORE_STR(pd_str_from(encoded))};
    (void)!store_run(store, REHASH, values, 2, NULL, NULL);
}

/* The row of that name if it may sign in; else one of nobody, whose password nothing is. */
static enum pd_status find_or_nobody(struct store *store, pd_str name, pd_time now,
                                     struct pd_arena *arena, struct account_row *row,
                                     struct pd_error *err) {
    *row = (struct account_row){.password = PD_STR("")};
    enum pd_status st = account_row_find(store, ACCOUNT_OF_NAME, name, now, arena, row, err);
    if (st != PD_OK && st != PD_NOT_FOUND)
        return st;
    if (row->is_locked || row->has_ended)
        row->password = PD_STR("");
    return PD_OK;
}

enum pd_status account_sign_in(struct store *store, const struct account_try *given, pd_time now,
                               struct pd_arena *arena, struct account_session *out, int64_t *wait_s,
                               struct pd_error *err) {
    struct throttle t;
    struct account_row row;
    bool is = false;
    *wait_s = 0;
    if (given->name.len > ACCOUNT_NAME_MAX || given->password.len > ACCOUNT_PASSWORD_MAX ||
        !pd_utf8_valid(given->name, NULL) || pd_str_find_char(given->name, '\0') != PD_NPOS)
        return pd_fail(err, PD_DENIED, "name and password don't belong together");
    enum pd_status st = throttle_make(store, given->name, given->address, now, &t, err);
    if (st == PD_OK)
        st = throttle_wait(store, &t, now, wait_s, err);
    if (st == PD_OK && *wait_s)
        return too_soon(*wait_s, err);
    if (st == PD_OK)
        st = find_or_nobody(store, given->name, now, arena, &row, err);
    if (st == PD_OK)
        st = password_is(row.password, given->password, &is, err);
    if (st == PD_OK)
        st = throttle_told(store, &t, is, now, wait_s, err);
    if (st == PD_OK && !is)
        return pd_fail(err, PD_DENIED, "name and password don't belong together");
    if (st != PD_OK)
        return st;
    freshen(store, &row, given->password);
    struct beginning b = {.row = &row,
                          .cookie = given->cookie,
                          .how = "password",
                          .now = now,
                          .arena = arena,
                          .out = out};
    return store_transact(store, begin, &b, err);
}

enum pd_status account_redeem(struct store *store, pd_str code, pd_str password, pd_str address,
                              pd_time now, struct pd_arena *arena, struct account_session *out,
                              int64_t *wait_s, struct pd_error *err) {
    char hash[SECRET_HASH_SIZE], encoded[CRYPTO_PASSWORD_SIZE];
    struct throttle t;
    struct account_row row = {0};
    *wait_s = 0;
    enum pd_status st = throttle_make(store, PD_STR(""), address, now, &t, err);
    if (st == PD_OK)
        st = throttle_wait(store, &t, now, wait_s, err);
    if (st == PD_OK && *wait_s)
        return too_soon(*wait_s, err);
    if (st != PD_OK)
        return st;
    st = secret_code_hash(code, hash)
             ? account_row_find(store, ACCOUNT_OF_INVITE, pd_str_from(hash), now, arena, &row, err)
             : PD_NOT_FOUND;
    if (st != PD_OK && st != PD_NOT_FOUND)
        return st;
    bool is = st == PD_OK && !row.is_locked && !row.has_ended;
    if (!is) {
        st = throttle_told(store, &t, false, now, wait_s, err);
        return st != PD_OK ? st
                           : pd_fail(err, PD_DENIED,
                                     "this code is not one that waits: it was mistyped, used, or "
                                     "has expired; ask for another");
    }
    st = password_check(password, row.party, row.member, err);
    if (st == PD_OK)
        st = crypto_password_hash(password, encoded, err);
    struct beginning b = {.row = &row,
                          .cookie = PD_STR(""),
                          .encoded = pd_str_from(encoded),
                          .how = "invitation",
                          .invite = hash,
                          .now = now,
                          .arena = arena,
                          .out = out};
    if (st == PD_OK)
        st = store_transact(store, begin, &b, err);
    return st == PD_NOT_FOUND ? pd_fail(err, PD_DENIED, "this code was used meanwhile") : st;
}
