/*
 * Who fails to sign in waits before the next try is looked at, longer each time. Three counts, each
 * bounded: of one account from one address, of one address, of one account from anywhere. The last
 * would let a stranger keep somebody out by failing all the time; so it doesn't bind an address from
 * which that account was signed in lately. Names that nobody has are counted like others.
 */
#include "account/account_impl.h"

#include <arpa/inet.h>

#define FORGET_AFTER   PD_DAY
#define FAMILIAR_FOR   (30 * PD_DAY)
#define NAME_PAIR      "pair"
#define NAME_ADDRESS   "address"
#define NAME_ACCOUNT   "account"

/* Failures that cost nothing, and the longest wait in seconds; the first wait is a second. */
static const struct count {
    int64_t free, longest_s;
} PAIR = {3, 900}, ADDRESS = {20, 60}, ACCOUNT = {10, 30};

/* ---- What a try is held against ---- */

static const struct sql FIND_KEY = {.both = "SELECT value FROM account_setting WHERE name = 'key'"};
static const struct sql ADD_KEY = {.both = "INSERT INTO account_setting (name, value)"
                                           " VALUES ('key', $1) ON CONFLICT (name) DO NOTHING"};

static enum pd_status find_key(struct store *store, pd_id *id, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, FIND_KEY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !pd_id_parse(store_str(rows, 0), id)))
        st = PD_NOT_FOUND;
    store_rows_close(rows);
    return st;
}

/* The key of the HMACs; made when it is needed first. */
static enum pd_status the_key(struct store *store, pd_time now, struct store_key *out,
                              struct pd_error *err) {
    pd_id id;
    char text[PD_ID_TEXT_SIZE];
    enum pd_status st = find_key(store, &id, err);
    if (st == PD_NOT_FOUND) {
        st = store_key_new(store, "account", now, out, err);
        if (st != PD_OK)
            return st;
        pd_id_write(out->id, text);
        struct store_value values[] = {STORE_STR(pd_str_from(text))};
        st = store_run(store, ADD_KEY, values, 1, NULL, err);
        if (st == PD_OK && (st = find_key(store, &id, err)) == PD_NOT_FOUND)
            st = pd_fail(err, PD_INTERNAL, "the key of the accounts was written and isn't there");
    }
    return st == PD_OK ? store_key_find(store, id, out, err) : st;
}

/* Of IPv6 the network of 64 bits: whoever has one address there has all of them. */
static pd_str network_of(pd_str address, char room[64]) {
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN] = "";
    if (address.len < sizeof(text))
        memcpy(text, address.data ? address.data : "", address.len);
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return address;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        return pd_str_from(inet_ntop(AF_INET, v6.s6_addr + 12, room, 64));
    memset(v6.s6_addr + 8, 0, 8);
    return pd_str_from(inet_ntop(AF_INET6, &v6, room, 64));
}

static void hash_of(const struct store_key *key, const char *kind, pd_str a, pd_str b,
                    char out[SECRET_HASH_SIZE]) {
    struct pd_buf buf;
    pd_buf_init(&buf, 1 << 16);
    pd_buf_printf(&buf, "%s:%zu:", kind, a.len);
    pd_buf_str(&buf, a);
    pd_buf_str(&buf, b);
    crypto_hash hash = crypto_hmac(key->bytes, sizeof(key->bytes), buf.data, buf.len);
    pd_buf_clear(&buf);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), out);
}

enum pd_status throttle_make(struct store *store, pd_str name, pd_str address, pd_time now,
                             struct throttle *out, struct pd_error *err) {
    struct store_key key;
    char room[64];
    pd_str network = network_of(pd_str_sub(address, 0, 200), room), none = PD_STR("");
    enum pd_status st = the_key(store, now, &key, err);
    if (st != PD_OK)
        return st;
    hash_of(&key, NAME_PAIR, name, network, out->pair);
    hash_of(&key, NAME_ADDRESS, network, none, out->address);
    hash_of(&key, NAME_ACCOUNT, name, none, out->name);
    if (name.len == 0)
        out->name[0] = '\0'; /* of no account: nothing to count */
    crypto_wipe(&key, sizeof(key));
    return PD_OK;
}

/* ---- Waiting ---- */

static const struct sql FIND_WAIT = {
    .both = "SELECT MAX(wait_until) FROM account_throttle WHERE subject = $1 OR subject = $2 OR"
            " (subject = $3 AND NOT EXISTS (SELECT 1 FROM account_familiar f"
            " WHERE f.subject = $1 AND f.forget_at > $4))"};

enum pd_status throttle_wait(struct store *store, const struct throttle *t, pd_time now,
                             int64_t *wait_s, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(t->pair)),
                                   STORE_STR(pd_str_from(t->address)),
                                   STORE_STR(pd_str_from(t->name)), STORE_I64(now)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, FIND_WAIT, values, 4, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK) {
        pd_time until = has ? store_i64(rows, 0) : 0;
        /* A clock that was set back must not make anybody wait longer than was meant. */
        int64_t wait = until > now ? (until - now + PD_SECOND - 1) / PD_SECOND : 0;
        *wait_s = wait < PAIR.longest_s ? wait : PAIR.longest_s;
    }
    store_rows_close(rows);
    return st;
}

/* ---- Counting ---- */

struct telling {
    const struct throttle *t;
    pd_time now;
    int64_t *wait_s;
};

static const struct sql FIND_COUNT = {
    .both = "SELECT failures FROM account_throttle WHERE subject = $1 AND forget_at > $2"};
static const struct sql SAVE_COUNT = {
    .both = "INSERT INTO account_throttle (subject, failures, wait_until, forget_at)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT (subject) DO UPDATE SET"
            " failures = excluded.failures, wait_until = excluded.wait_until,"
            " forget_at = excluded.forget_at"};
static const struct sql FORGET = {
    .both = "DELETE FROM account_throttle WHERE subject = $1 OR forget_at <= $2"};
static const struct sql REMEMBER = {
    .both = "INSERT INTO account_familiar (subject, forget_at) VALUES ($1, $2)"
            " ON CONFLICT (subject) DO UPDATE SET forget_at = excluded.forget_at"};

static int64_t wait_after(const struct count *c, int64_t failures) {
    int64_t wait = 1;
    if (failures <= c->free)
        return 0;
    for (int64_t i = c->free + 1; i < failures && wait < c->longest_s; i++)
        wait *= 2;
    return wait < c->longest_s ? wait : c->longest_s;
}

static enum pd_status add(struct store *store, const char *subject, const struct count *c,
                          pd_time now, int64_t *wait_s, struct pd_error *err) {
    struct store_value find[] = {STORE_STR(pd_str_from(subject)), STORE_I64(now)};
    struct store_rows *rows;
    bool has;
    if (!*subject)
        return PD_OK;
    enum pd_status st = store_select(store, FIND_COUNT, find, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    int64_t failures = st == PD_OK && has ? store_i64(rows, 0) + 1 : 1;
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    int64_t wait = wait_after(c, failures);
    struct store_value save[] = {STORE_STR(pd_str_from(subject)), STORE_I64(failures),
                                 STORE_I64(now + wait * PD_SECOND), STORE_I64(now + FORGET_AFTER)};
    if (wait > *wait_s)
        *wait_s = wait;
    return store_run(store, SAVE_COUNT, save, 4, NULL, err);
}

static enum pd_status count_failure(struct store *store, void *context, struct pd_error *err) {
    const struct telling *told = context;
    struct store_value old[] = {STORE_STR(PD_STR("")), STORE_I64(told->now)};
    *told->wait_s = 0;
    enum pd_status st = store_run(store, FORGET, old, 2, NULL, err);
    if (st == PD_OK)
        st = add(store, told->t->pair, &PAIR, told->now, told->wait_s, err);
    if (st == PD_OK)
        st = add(store, told->t->address, &ADDRESS, told->now, told->wait_s, err);
    int64_t of_account = 0; /* what it is depends on where one comes from: not told */
    return st == PD_OK ? add(store, told->t->name, &ACCOUNT, told->now, &of_account, err) : st;
}

static enum pd_status count_success(struct store *store, void *context, struct pd_error *err) {
    const struct telling *told = context;
    const char *subjects[] = {told->t->pair, told->t->name};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < 2; i++) {
        struct store_value values[] = {STORE_STR(pd_str_from(subjects[i])), STORE_I64(told->now)};
        st = store_run(store, FORGET, values, 2, NULL, err);
    }
    struct store_value familiar[] = {STORE_STR(pd_str_from(told->t->pair)),
                                     STORE_I64(told->now + FAMILIAR_FOR)};
    return st == PD_OK ? store_run(store, REMEMBER, familiar, 2, NULL, err) : st;
}

enum pd_status throttle_told(struct store *store, const struct throttle *t, bool worked,
                             pd_time now, int64_t *wait_s, struct pd_error *err) {
    struct telling told = {t, now, wait_s};
    return store_transact(store, worked ? count_success : count_failure, &told, err);
}
