/* A node's store with two parties and their members, and a clock that the test sets. */
#ifndef ACCOUNT_FIXTURE_H
#define ACCOUNT_FIXTURE_H

#include "account/account.h"
#include "store_fixture.h"

struct world {
    struct fixture f;
    pd_time now;
};

#define PASSWORD PD_STR("seven herons over mud")

static inline void put(struct fixture *f, const char *sql, const pd_str *texts, size_t count) {
    struct store_value values[4];
    for (size_t i = 0; i < count; i++)
        values[i] = STORE_STR(texts[i]);
    assert_ok(f, store_run(f->store, (struct sql){.both = sql}, values, count, NULL, &f->err));
}

static inline void put_member(struct fixture *f, const char *id, const char *party,
                              const char *name, const char *duties) {
    pd_str texts[] = {pd_str_from(id), pd_str_from(party), pd_str_from(name), pd_str_from(duties)};
    put(f, "INSERT INTO member (id, party_id, name, duties) VALUES ($1, $2, $3, $4)", texts, 4);
}

static inline int make_people(void **state) {
    struct world *w = calloc(1, sizeof(*w));
    void *made = NULL;
    if (!w || make_node(&made) != 0)
        return -1;
    w->f = *(struct fixture *)made;
    free(made);
    w->now = 1800000000 * PD_SECOND;
    for (size_t i = 0; i < 2; i++) {
        pd_str id[] = {pd_str_from(i ? "harbour" : "stats")};
        put(&w->f,
            "INSERT INTO party (id, title, chamber, kind, country, public_key, registered_at)"
            " VALUES ($1, '{}', 'government', 'state_organ', 'CN', '', 0)",
            id, 1);
    }
    put_member(&w->f, "m1", "stats", "li", "[\"steward\"]");
    put_member(&w->f, "m2", "stats", "wang", "[]");
    put_member(&w->f, "m3", "harbour", "li", "[\"owner\",\"supervisor\"]");
    *state = w;
    return 0;
}

static inline int remove_people(void **state) {
    struct world *w = *state;
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        return -1;
    *f = w->f;
    free(w);
    *state = f;
    return remove_node(state);
}

static inline struct account_session sign_in_from(struct world *w, const char *name, pd_str address,
                                                  pd_str cookie) {
    struct account_session s = {0};
    struct account_try given = {pd_str_from(name), PASSWORD, address, cookie};
    int64_t wait_s;
    assert_ok(&w->f, account_sign_in(w->f.store, &given, w->now, w->f.arena, &s, &wait_s,
                                     &w->f.err));
    assert_int_equal(wait_s, 0);
    return s;
}

static inline struct account_session sign_in(struct world *w, const char *name) {
    return sign_in_from(w, name, PD_STR("192.0.2.7"), PD_STR(""));
}

static inline void give_password(struct world *w, const char *party, const char *member) {
    assert_ok(&w->f, account_set_password(w->f.store, pd_str_from(party), pd_str_from(member),
                                          PASSWORD, w->now, &w->f.err));
}

static inline enum pd_status by_session(struct world *w, pd_str secret, struct account_who *who) {
    return account_by_session(w->f.store, secret, w->now, w->f.arena, who, &w->f.err);
}

static inline enum pd_status by_token(struct world *w, pd_str secret, struct account_who *who) {
    return account_by_token(w->f.store, secret, w->now, w->f.arena, who, &w->f.err);
}

static inline enum pd_status try_from(struct world *w, const char *name, const char *password,
                                      const char *address, int64_t *wait_s) {
    struct account_session s;
    struct account_try given = {pd_str_from(name), pd_str_from(password), pd_str_from(address),
                                PD_STR("")};
    return account_sign_in(w->f.store, &given, w->now, w->f.arena, &s, wait_s, &w->f.err);
}

#endif
