/* Savepoints, locks by name, and what only PostgreSQL does: several writers, connections that end,
 * rows that come as they are read. Included by store_test.c. */
#ifndef STORE_TRANSACTION_CASES_H
#define STORE_TRANSACTION_CASES_H

#include "store_fixture.h"
#include <sys/wait.h>

static enum pd_status insert_named(struct store *store, const char *name, struct pd_error *err) {
    const struct store_value v[] = {STORE_STR(pd_str_from(name))};
    return store_run(store, (struct sql){"INSERT INTO t (a) VALUES ($1)"}, v, 1, NULL, err);
}

/* ---- Savepoints ---- */

static enum pd_status try_and_go_on(struct store *store, void *context, struct pd_error *err) {
    struct fixture *f = context;
    assert_ok(f, insert_named(store, "one", &f->err));
    assert_ok(f, store_savepoint(store, &f->err));
    assert_ok(f, insert_named(store, "two", &f->err));
    assert_ok(f, store_savepoint(store, &f->err)); /* within the other */
    assert_fails(f, PD_CONFLICT, "t", insert_named(store, "one", &f->err));
    assert_ok(f, store_savepoint_undo(store, &f->err));
    assert_ok(f, insert_named(store, "three", &f->err));
    assert_ok(f, store_savepoint_release(store, &f->err));
    assert_ok(f, store_savepoint(store, &f->err));
    assert_ok(f, insert_named(store, "four", &f->err));
    assert_ok(f, store_savepoint_undo(store, &f->err));
    (void)err;
    return PD_OK;
}

static void a_savepoint_undoes_what_came_after_it_and_no_more(void **state) {
    struct fixture *f = *state;
    assert_ok(f, store_transact(f->store, try_and_go_on, f, &f->err));
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 3);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t WHERE a = 'four'"), 0);
}

/* What the server is to fail with, once or always; told by a function of its own. */
static void let_fail(struct fixture *f) {
    database_meddle(
        f->database,
        "CREATE SEQUENCE failed; CREATE FUNCTION fail(state text, times bigint) RETURNS bigint"
        " LANGUAGE plpgsql AS $$ BEGIN IF nextval('failed') <= times THEN RAISE EXCEPTION"
        " 'so it is' USING ERRCODE = state, DETAIL = 'Key (a)=(secret) exists'; END IF;"
        " RETURN 1; END $$");
}

static enum pd_status fail_with(struct store *store, const char *state, int64_t times,
                                struct pd_error *err) {
    const struct store_value v[] = {STORE_STR(pd_str_from(state)), STORE_I64(times)};
    struct store_rows *rows = NULL;
    enum pd_status st = store_select(store, (struct sql){"SELECT fail($1, $2)"}, v, 2, &rows, err);
    store_rows_close(rows);
    return st;
}

static enum pd_status fail_in_a_savepoint(struct store *store, void *context,
                                          struct pd_error *err) {
    int *calls = context;
    ++*calls;
    enum pd_status st = store_savepoint(store, err);
    if (st == PD_OK && fail_with(store, "40001", 1, err) != PD_OK)
        return store_savepoint_undo(store, err);
    return st;
}

static void a_savepoint_does_not_swallow_what_the_database_wants_again(void **state) {
    struct fixture *f = *state;
    int calls = 0;
    only_on(POSTGRESQL);
    let_fail(f);
    assert_ok(f, store_transact(f->store, fail_in_a_savepoint, &calls, &f->err));
    assert_int_equal(calls, 2);
}

/* ---- Locks ---- */

static void a_lock_is_held_by_one_until_it_lets_go_or_ends(void **state) {
    struct fixture *f = *state;
    struct store *other;
    bool got = false;
    reopen(f, STORE_WRITE); /* a founder would be alone */
    assert_ok(f, store_lock(f->store, "office", 0, &got, &f->err));
    assert_true(got);
    assert_ok(f, store_lock(f->store, "office", 0, &got, &f->err)); /* again is well */
    assert_true(got);
    if (is_postgresql()) {
        assert_ok(f, store_open(f->folder, STORE_WRITE, "other", &other, &f->err));
        assert_ok(f, store_lock(other, "office", 30, &got, &f->err));
        assert_false(got);
        assert_ok(f, store_lock(other, "archive", 0, &got, &f->err));
        assert_true(got);
        store_unlock(f->store, "office");
        assert_ok(f, store_lock(other, "office", 0, &got, &f->err));
        assert_true(got);
        store_close(other);
        assert_ok(f, store_lock(f->store, "archive", 5000, &got, &f->err));
        assert_true(got);
    }
    store_unlock(f->store, "office");
    store_unlock(f->store, "office");
}

/* ---- What the server says ---- */

static void what_the_server_says_has_the_same_meaning_as_with_sqlite(void **state) {
    static const struct {
        const char *state;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"23505", PD_CONFLICT, "so it is"},
        {"23503", PD_CONFLICT, "so it is"},
        {"53100", PD_IO, "make room"},
        {"58030", PD_IO, "so it is"},
        {"53200", PD_LIMIT, "so it is"},
        {"54000", PD_LIMIT, "so it is"},
        {"53300", PD_UNAVAILABLE, "connections"},
        {"57P01", PD_UNAVAILABLE, "when it is up"},
        {"42501", PD_DENIED, "lacks a right"},
        {"25006", PD_DENIED, "so it is"},
        {"22021", PD_INVALID, "so it is"},
        {"XX001", PD_INTERNAL, "restore it"},
        {"P0001", PD_INTERNAL, "so it is"},
    };
    struct fixture *f = *state;
    only_on(POSTGRESQL);
    let_fail(f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_fails(f, cases[i].status, cases[i].words,
                     fail_with(f->store, cases[i].state, INT64_MAX, &f->err));
        assert_null(strstr(f->err.text, "secret")); /* details quote values */
    }
    assert_fails(f, PD_UNAVAILABLE, "try again", fail_with(f->store, "40P01", INT64_MAX, &f->err));
    database_meddle(f->database, "SELECT setval('failed', 1)");
    assert_ok(f, fail_with(f->store, "40001", 3, &f->err)); /* a statement of its own is repeated */
    const struct store_value bad[] = {STORE_STR(PD_STR("\xff"))};
    assert_fails(
        f, PD_INVALID, "UTF8",
        store_run(f->store, (struct sql){"INSERT INTO t (a) VALUES ($1)"}, bad, 1, NULL, &f->err));
    struct store_rows *rows;
    assert_fails(f, PD_INTERNAL, "cast it to BIGINT",
                 store_select(f->store, (struct sql){"SELECT SUM(id) AS s FROM t"}, NULL, 0, &rows,
                              &f->err));
}

/* ---- Several writers ---- */

struct skew {
    struct fixture *f;
    struct store *other;
    int calls;
};

static enum pd_status count_and_add(struct store *store, const char *name, struct fixture *f) {
    char text[40];
    snprintf(text, sizeof(text), "%s %d", name,
             (int)number_from(f, store, "SELECT count(*) FROM t"));
    return insert_named(store, text, &f->err);
}

static enum pd_status add_beside(struct store *store, void *context, struct pd_error *err) {
    (void)err;
    return count_and_add(store, "beside", ((struct skew *)context)->f);
}

static enum pd_status add_while_another_adds(struct store *store, void *context,
                                             struct pd_error *err) {
    struct skew *s = context;
    (void)number_from(s->f, store, "SELECT count(*) FROM t");
    if (s->calls++ == 0)
        assert_ok(s->f, store_transact(s->other, add_beside, s, &s->f->err));
    enum pd_status st = count_and_add(store, "mine", s->f);
    if (st != PD_OK)
        *err = s->f->err;
    return st;
}

static void transactions_are_as_if_one_came_after_the_other(void **state) {
    struct fixture *f = *state;
    struct skew s = {.f = f};
    only_on(POSTGRESQL);
    reopen(f, STORE_WRITE);
    assert_ok(f, store_open(f->folder, STORE_WRITE, "other", &s.other, &f->err));
    assert_ok(f, store_transact(f->store, add_while_another_adds, &s, &f->err));
    store_close(s.other);
    assert_int_equal(s.calls, 2);
    assert_int_equal(
        number_from(f, f->store, "SELECT count(*) FROM t WHERE a IN ('beside 0', 'mine 1')"), 2);
}

static void writers_share_a_folder_and_a_founder_shares_it_with_nobody(void **state) {
    struct fixture *f = *state;
    struct store *other;
    char path[600];
    only_on(POSTGRESQL);
    reopen(f, STORE_WRITE);
    put_file(f, "staging/in-use", "x", 1);
    assert_ok(f, store_open(f->folder, STORE_WRITE, "other", &other, &f->err));
    path_in(f, "staging/in-use", path);
    assert_int_equal(access(path, F_OK), 0); /* the first one may be about to keep it */
    assert_not_opened(f, STORE_CREATE, PD_CONFLICT, "in use by the test");
    /* What changes the folder under everybody is done alone. */
    assert_fails(f, PD_CONFLICT, "must be done alone", store_hold_alone(f->store, &f->err));
    store_close(other);
    assert_ok(f, store_hold_alone(f->store, &f->err));
    other = NULL;
    pid_t child = fork(); /* a lock is that of a process' open file */
    if (child == 0) {
        struct pd_error err = {0};
        enum pd_status st = store_open(f->folder, STORE_WRITE, "other", &other, &err);
        _exit(st == PD_CONFLICT && strstr(err.text, "in use by the test") != NULL ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_ok(f, store_share(f->store, &f->err));
    assert_ok(f, store_open(f->folder, STORE_WRITE, "other", &other, &f->err));
    store_close(other);
    reopen(f, STORE_WRITE);
    assert_int_equal(access(path, F_OK), -1);
}

/* ---- Connections that end ---- */

static void end_connections(const struct fixture *f) {
    database_meddle(f->database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                 " WHERE pid <> pg_backend_pid() AND datname = current_database()");
}

static enum pd_status lose_it(struct store *store, void *context, struct pd_error *err) {
    enum pd_status st = insert_named(store, "lost", err);
    end_connections(context);
    return st == PD_OK ? insert_named(store, "more", err) : st;
}

static enum pd_status add_one(struct store *store, void *context, struct pd_error *err) {
    return insert_named(store, context, err);
}

static void a_connection_that_ended_is_made_again(void **state) {
    struct fixture *f = *state;
    char name[] = "kept";
    only_on(POSTGRESQL);
    /* While nobody used it: the next transaction doesn't notice. */
    end_connections(f);
    assert_ok(f, store_transact(f->store, add_one, name, &f->err));
    /* In the midst of a transaction: that one is undone. */
    assert_fails(f, PD_UNAVAILABLE, "connection was lost",
                 store_transact(f->store, lose_it, f, &f->err));
    assert_false(store_in_transaction(f->store));
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 1);
    /* Outside one: the next use connects again. */
    end_connections(f);
    assert_fails(f, PD_UNAVAILABLE, "connection was lost", insert_named(f->store, "x", &f->err));
    assert_ok(f, insert_named(f->store, "y", &f->err));
}

static void a_lock_is_lost_with_its_connection(void **state) {
    struct fixture *f = *state;
    struct store *other;
    bool got = false;
    only_on(POSTGRESQL);
    assert_ok(f, store_open(f->folder, STORE_READ, "other", &other, &f->err));
    assert_ok(f, store_lock(f->store, "office", 0, &got, &f->err));
    end_connections(f);
    assert_fails(f, PD_UNAVAILABLE, "lost", store_lock(other, "office", 0, &got, &f->err));
    assert_ok(f, store_lock(other, "office", 0, &got, &f->err));
    assert_true(got);
    assert_fails(f, PD_UNAVAILABLE, "lost", insert_named(f->store, "x", &f->err));
    assert_ok(f, store_lock(f->store, "office", 0, &got, &f->err));
    assert_false(got);
    store_close(other);
}

static void a_commit_that_nobody_confirmed_is_called_so(void **state) {
    struct fixture *f = *state;
    char name[] = "perhaps";
    only_on(POSTGRESQL);
    database_meddle(f->database,
                    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
                    " FOR EACH ROW EXECUTE FUNCTION die()");
    assert_fails(f, PD_UNAVAILABLE, "lost during a commit",
                 store_transact(f->store, add_one, name, &f->err));
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 0);
}

/* ---- Rows as they come ---- */

enum { MANY = 3000 };

/* Reads all rows, and for each asks another statement. */
static int64_t read_beside(struct fixture *f, struct store *store) {
    struct store_rows *outer, *second;
    int64_t seen = 0;
    bool has;
    const struct sql all = {"SELECT id FROM t ORDER BY id"},
                     one = {"SELECT a FROM t WHERE id = $1"};
    assert_ok(f, store_select(store, all, NULL, 0, &outer, &f->err));
    assert_ok(f, store_select(store, all, NULL, 0, &second, &f->err));
    while (store_next(outer, &has, &f->err) == PD_OK && has) {
        const struct store_value v[] = {STORE_I64(store_i64(outer, 0))};
        struct store_rows *rows;
        assert_ok(f, store_select(store, one, v, 1, &rows, &f->err));
        assert_ok(f, store_next(rows, &has, &f->err));
        assert_true(has);
        assert_true(pd_str_starts(store_str(rows, 0), PD_STR("row")));
        store_rows_close(rows);
        if (++seen == 10) /* in no snapshot that was taken before */
            database_meddle(f->database, "INSERT INTO t (a) VALUES ('late')");
    }
    assert_ok(f, store_next(second, &has, &f->err));
    store_rows_close(second); /* in its midst */
    store_rows_close(outer);
    return seen;
}

static enum pd_status read_beside_in_one(struct store *store, void *context, struct pd_error *err) {
    (void)err;
    assert_int_equal(read_beside(context, store), MANY);
    return PD_OK;
}

static void rows_come_as_they_are_read_while_others_are_asked_for(void **state) {
    struct fixture *f = *state;
    struct store *reader;
    only_on(POSTGRESQL);
    char fill[200];
    snprintf(fill, sizeof(fill),
             "DELETE FROM t; INSERT INTO t (a) SELECT 'row ' || i FROM generate_series(1, %d) i",
             MANY);
    database_meddle(f->database, fill);
    assert_int_equal(read_beside(f, f->store), MANY);
    database_meddle(f->database, fill);
    assert_ok(f, store_transact(f->store, read_beside_in_one, f, &f->err));
    database_meddle(f->database, fill);
    assert_ok(f, store_open(f->folder, STORE_READ, "reader", &reader, &f->err));
    assert_ok(f, store_transact(reader, read_beside_in_one, f, &f->err));
    assert_int_equal(number_from(f, reader, "SELECT count(*) FROM t"), MANY + 1);
    store_close(reader);
}

static enum pd_status ask_beside_too_much(struct store *store, void *context,
                                          struct pd_error *err) {
    struct store_rows *many = NULL, *rows = NULL;
    (void)context;
    enum pd_status st = store_select(
        store, (struct sql){"SELECT repeat('x', 20000) FROM generate_series(1, 30000)"}, NULL, 0,
        &many, err);
    if (st == PD_OK)
        st = store_select(store, (struct sql){"SELECT 1"}, NULL, 0, &rows, err);
    store_rows_close(rows);
    store_rows_close(many);
    return st;
}

static void rows_that_wait_for_others_have_a_limit(void **state) {
    struct fixture *f = *state;
    only_on(POSTGRESQL);
    assert_fails(f, PD_LIMIT, "MiB of rows",
                 store_transact(f->store, ask_beside_too_much, NULL, &f->err));
}

/* ---- Order ---- */

static void texts_are_ordered_by_their_bytes_whatever_the_language_of_the_database(void **state) {
    struct fixture *f = *state;
    char statement[300];
    only_on(POSTGRESQL);
    database_new(f->database);
    database_meddle(f->database, "SELECT 1");
    const char *name = strrchr(f->database, '/') + 1;
    snprintf(statement, sizeof(statement), "DROP DATABASE %s", name);
    database_meddle(database_server(), statement);
    snprintf(statement, sizeof(statement),
             "CREATE DATABASE %s TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'", name);
    database_meddle(database_server(), statement);
    char *first = database_ask(f->database, "SELECT min(x) FROM (VALUES ('a'), ('B')) v (x)");
    assert_string_equal(first, "a");
    free(first);
    assert_ok(f, open_new(f));
    run(f, "INSERT INTO data_folder (id) VALUES ('a'), ('B')");
    struct store_rows *rows;
    bool has;
    assert_ok(f, store_select(f->store,
                              (struct sql){"SELECT id FROM data_folder WHERE id > '9' ORDER BY id"},
                              NULL, 0, &rows, &f->err));
    assert_ok(f, store_next(rows, &has, &f->err));
    assert_true(has && pd_str_is(store_str(rows, 0), "B"));
    store_rows_close(rows);
}

#endif
