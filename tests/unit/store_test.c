/* store/: one writer, whole transactions, a folder that is refused rather than guessed at. */
#include "store_fixture.h"
#include "store_vault_cases.h"
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Does to the tables or to keys.db what Polder itself never would. */
static void meddle(const struct fixture *f, const char *name, const char *script) {
    char path[600];
    sqlite3 *db;
    if (f->database[0] != '\0' && strcmp(name, "polder.db") == 0) {
        database_meddle(f->database, script);
        return;
    }
    path_in(f, name, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, script, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* What is about one database only. */
#define only_on(kind)                                                                              \
    do {                                                                                           \
        if (is_postgresql() != (kind))                                                             \
            skip();                                                                                \
    } while (0)
enum { SQLITE = false, POSTGRESQL = true };

static void assert_not_opened(struct fixture *f, enum store_mode mode, enum pd_status status,
                              const char *words) {
    struct store *store = NULL;
    assert_fails(f, status, words, store_open(f->folder, mode, "the test", &store, &f->err));
    assert_null(store);
}

/* ---- The folder ---- */

static void a_new_folder_is_closed_to_others(void **state) {
    struct fixture *f = *state;
    assert_int_equal(mode_of(f, "."), 0700);
    const char *const names[] = {is_postgresql() ? "database" : "polder.db", "keys.db", "node.key",
                                 "lock"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(mode_of(f, names[i]), 0600);
    assert_string_equal(store_folder(f->store), f->folder);
}

static void create_refuses_a_node_and_leaves_it_alone(void **state) {
    struct fixture *f = *state;
    char key[32], path[600];
    get_file(f, "node.key", key, sizeof(key));
    close_node(f);
    assert_not_opened(f, STORE_CREATE, PD_CONFLICT, "holds a node already");
    /* A node that lost its key must not be given a new one. */
    path_in(f, "node.key", path);
    assert_int_equal(unlink(path), 0);
    assert_not_opened(f, STORE_CREATE, PD_CONFLICT, "holds a node already");
    assert_int_equal(access(path, F_OK), -1);
    assert_not_opened(f, STORE_WRITE, PD_INTERNAL, "node.key is missing");
}

static void create_refuses_a_folder_with_other_files(void **state) {
    struct fixture *f = *state;
    assert_int_equal(mkdir(f->folder, 0700), 0);
    put_file(f, "thesis.odt", "x", 1);
    assert_not_opened(f, STORE_CREATE, PD_INVALID, "thesis.odt");
}

static void a_create_that_was_cut_off_can_be_repeated(void **state) {
    struct fixture *f = *state;
    assert_int_equal(mkdir(f->folder, 0700), 0);
    if (is_postgresql()) {
        char text[DATABASE_SIZE + 50];
        snprintf(text, sizeof(text), "%s\n0196f7f2-2f8e-7c0e-9d5e-0d6f2b3c4d5e\n",
                 database_new(f->database));
        put_file(f, "database", text, strlen(text));
    } else {
        put_file(f, "polder.db", "", 0);
    }
    put_file(f, "lock", "polder init", 11);
    assert_not_opened(f, STORE_WRITE, PD_NOT_FOUND, "polder init");
    assert_ok(f, store_open(f->folder, STORE_CREATE, "the test", &f->store, &f->err));
    reopen(f, STORE_WRITE);
}

static void a_missing_node_says_how_to_make_one(void **state) {
    struct fixture *f = *state;
    assert_not_opened(f, STORE_READ, PD_NOT_FOUND, "polder init --data");
    assert_int_equal(mkdir(f->folder, 0700), 0);
    assert_not_opened(f, STORE_WRITE, PD_NOT_FOUND, "polder init --data");
    assert_int_equal(rmdir(f->folder), 0); /* nothing was left in it, no lock either */
    FILE *file = fopen(f->folder, "w");
    assert_non_null(file);
    fclose(file);
    assert_not_opened(f, STORE_READ, PD_INVALID, "not a folder");
}

static void rights_that_let_others_in_are_refused(void **state) {
    struct fixture *f = *state;
    char path[600];
    path_in(f, "node.key", path);
    close_node(f);
    assert_int_equal(chmod(path, 0640), 0);
    assert_not_opened(f, STORE_READ, PD_DENIED, "chmod 600");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chmod(f->folder, 0770), 0);
    assert_not_opened(f, STORE_READ, PD_DENIED, "chmod 700");
    assert_int_equal(chmod(f->folder, 0755), 0);
    reopen(f, STORE_READ);
}

static void damaged_files_are_named(void **state) {
    struct fixture *f = *state;
    char bytes[4096];
    close_node(f);
    put_file(f, "node.key", "short", 5);
    assert_not_opened(f, STORE_READ, PD_INTERNAL, "node.key is not a file of 32 bytes");
    if (is_postgresql()) {
        put_file(f, "database", "postgresql://", 13);
        assert_not_opened(f, STORE_READ, PD_INTERNAL, "restore it from a backup");
        return;
    }
    memset(bytes, 'x', sizeof(bytes));
    put_file(f, "polder.db", bytes, sizeof(bytes));
    assert_not_opened(f, STORE_WRITE, PD_INTERNAL, "polder.db");
    assert_not_opened(f, STORE_READ, PD_INTERNAL, "restore it from a backup");
}

/* Commits something and then holds the lock in another process until it is killed. */
static pid_t start_holder(const struct fixture *f) {
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *store;
        struct pd_error err;
        const struct sql text = {"CREATE TABLE held (x INT)"};
        alarm(60);
        if (store_open(f->folder, STORE_WRITE, "polder govern,\nprocess 4711", &store, &err) !=
                PD_OK ||
            store_run(store, text, NULL, 0, NULL, &err) != PD_OK || write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void a_second_writer_hears_who_the_first_is(void **state) {
    struct fixture *f = *state;
    only_on(SQLITE);
    close_node(f);
    pid_t holder = start_holder(f);
    assert_not_opened(f, STORE_WRITE, PD_CONFLICT, "polder govern,; a data folder");
    assert_not_opened(f, STORE_CREATE, PD_CONFLICT, "in use by");
    reopen(f, STORE_READ); /* readers always work */
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM held"), 0);
    close_node(f);
    assert_int_equal(kill(holder, SIGKILL), 0);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void a_writer_that_is_killed_leaves_its_commits_and_no_lock(void **state) {
    struct fixture *f = *state;
    close_node(f);
    pid_t holder = start_holder(f);
    assert_int_equal(kill(holder, SIGKILL), 0);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    reopen(f, STORE_READ); /* recovers the log, although it only reads */
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM held"), 0);
    reopen(f, STORE_WRITE);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM held"), 0);
}

static void opening_clears_what_no_act_has_claimed(void **state) {
    struct fixture *f = *state;
    char path[600];
    put_file(f, "staging/left", "x", 1);
    path_in(f, "staging/left", path);
    struct store *reader;
    assert_ok(f, store_open(f->folder, STORE_READ, "", &reader, &f->err));
    store_close(reader);
    assert_int_equal(access(path, F_OK), 0); /* a reader clears nothing: a writer may need it */
    reopen(f, STORE_WRITE);
    assert_int_equal(access(path, F_OK), -1);
}

/* ---- Versions ---- */

static void a_newer_version_is_refused(void **state) {
    struct fixture *f = *state;
    close_node(f);
    meddle(f, "polder.db", "INSERT INTO schema_version VALUES (4711, 0)");
    assert_not_opened(f, STORE_WRITE, PD_UNSUPPORTED, "version 4711");
    assert_non_null(strstr(f->err.text, "up to "));
    assert_not_opened(f, STORE_READ, PD_UNSUPPORTED, "newer Polder");
}

/* Appends a migration to a script, and that it ran. */
static void add_migration(const char *path, int version, char *script, size_t size) {
    size_t n = strlen(script);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    n += fread(script + n, 1, size - n - 1, in);
    fclose(in);
    snprintf(script + n, size - n, "\nINSERT INTO schema_version VALUES (%d, 0);\n", version);
}

enum { SCRIPT_SIZE = 1 << 16, OLDEST_IN_POSTGRESQL = 6 };

/* A node as the oldest Polder left it that knew this database. */
static void make_old(struct fixture *f) {
    static char script[SCRIPT_SIZE];
    char path[600];
    script[0] = '\0';
    close_node(f);
    if (!is_postgresql()) {
        add_migration("migrations/0000_store.sql", 0, script, sizeof(script));
        path_in(f, "polder.db", path);
        assert_int_equal(unlink(path), 0);
        meddle(f, "polder.db", script);
        return;
    }
    char *folder = database_ask(f->database, "SELECT id FROM data_folder");
    database_meddle(f->database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    glob_t found;
    assert_int_equal(glob("migrations/*.sql", 0, NULL, &found), 0);
    for (int i = 0; i <= OLDEST_IN_POSTGRESQL; i++)
        add_migration(found.gl_pathv[i], i, script, sizeof(script));
    globfree(&found);
    size_t n = strlen(script);
    snprintf(script + n, sizeof(script) - n, "INSERT INTO data_folder VALUES ('%s');", folder);
    database_meddle(f->database, script);
    free(folder);
}

static void an_older_version_is_brought_up_to_date_only_if_that_was_asked_for(void **state) {
    struct fixture *f = *state;
    int64_t newest = number_from(f, f->store, "SELECT MAX(version) FROM schema_version");
    if (is_postgresql() && newest == OLDEST_IN_POSTGRESQL)
        skip();
    make_old(f);
    assert_not_opened(f, STORE_READ, PD_UNSUPPORTED, "older Polder");
    assert_not_opened(f, STORE_WRITE, PD_UNSUPPORTED, "polder upgrade --data");
    reopen(f, STORE_UPGRADE);
    assert_true(store_schema_found(f->store) < newest);
    assert_int_equal(number_from(f, f->store, "SELECT MAX(version) FROM schema_version"), newest);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM act"), 0);
    reopen(f, STORE_WRITE);
    assert_int_equal(store_schema_found(f->store), newest);
}

static void a_rehearsal_changes_nothing_and_leaves_nothing(void **state) {
    struct fixture *f = *state;
    char path[600];
    if (is_postgresql())
        skip(); /* a node there is copied by a backup */
    make_old(f);
    meddle(f, "polder.db", "CREATE TABLE mine (id TEXT PRIMARY KEY); INSERT INTO mine VALUES ('x')");
    reopen(f, STORE_REHEARSE);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM act"), 0);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM mine"), 1);
    path_in(f, "upgrade/rehearsal.db", path);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(mode_of(f, "upgrade/rehearsal.db"), 0600);
    close_node(f);
    assert_int_equal(access(path, F_OK), -1);
    assert_not_opened(f, STORE_WRITE, PD_UNSUPPORTED, "schema has version 0");
}

static void an_upgrade_can_be_undone(void **state) {
    struct fixture *f = *state;
    struct store *before = NULL;
    if (is_postgresql())
        skip(); /* a node there is copied by a backup */
    make_old(f);
    meddle(f, "polder.db", "CREATE TABLE mine (id TEXT PRIMARY KEY); INSERT INTO mine VALUES ('x')");
    reopen(f, STORE_UPGRADE);
    assert_int_equal(mode_of(f, "upgrade/before.db"), 0600);
    assert_ok(f, store_open_before(f->folder, &before, &f->err));
    assert_int_equal(store_schema_found(before), 0);
    store_close(before);
    run(f, "DELETE FROM mine");
    /* Who reads meanwhile sees one of the two, whole. */
    struct store *reader = NULL;
    assert_ok(f, store_open(f->folder, STORE_READ, "", &reader, &f->err));
    assert_ok(f, store_upgrade_undo(f->store, &f->err));
    assert_int_equal(number_from(f, reader, "SELECT count(*) FROM mine"), 1);
    store_close(reader);
    close_node(f);
    assert_not_opened(f, STORE_WRITE, PD_UNSUPPORTED, "schema has version 0");
    reopen(f, STORE_UPGRADE);
}

static void a_folder_can_be_made_as_an_older_program_would(void **state) {
    struct fixture *f = *state;
    uint8_t key[CRYPTO_KEY_SIZE], found[CRYPTO_KEY_SIZE];
    char mark[STORE_FINGERPRINT_SIZE], made[STORE_FINGERPRINT_SIZE];
    memset(key, 7, sizeof(key));
    assert_fails(f, PD_UNSUPPORTED, "newer Polder",
                 store_make(f->folder, NULL, "the test", 4711, key, &f->store, &f->err));
    assert_ok(f, store_make(f->folder, NULL, "the test", 3, key, &f->store, &f->err));
    assert_int_equal(number_from(f, f->store, "SELECT MAX(version) FROM schema_version"), 3);
    store_node_key_fingerprint(key, mark);
    store_node_key_current(f->store, made);
    assert_string_equal(mark, made);
    get_file(f, "node.key", found, sizeof(found));
    assert_memory_equal(key, found, sizeof(key));
    close_node(f);
    assert_not_opened(f, STORE_READ, PD_UNSUPPORTED, "schema has version 3");
}

static void migrations_apply_all_or_none(void **state) {
    struct fixture *f = *state;
    /* The last table of the spine stands in the way. */
    if (is_postgresql()) {
        database_meddle(database_new(f->database), "CREATE TABLE outbox (x INT)");
        assert_fails(f, PD_INTERNAL, "migrations/0001_spine.sql", open_new(f));
        meddle(f, "polder.db", "CREATE TABLE schema_version (x INT); CREATE TABLE party (x INT)");
        return;
    }
    assert_ok(f, open_new(f));
    make_old(f);
    meddle(f, "polder.db", "CREATE TABLE outbox (x)");
    assert_not_opened(f, STORE_UPGRADE, PD_INTERNAL, "migrations/0001_spine.sql");
    meddle(f, "polder.db", "SELECT * FROM schema_version; CREATE TABLE party (x)");
}

/* ---- Statements ---- */

static int make_table(void **state) {
    if (make_node(state) != 0)
        return -1;
    struct fixture *f = *state;
    run(f,
        is_postgresql()
            ? "CREATE TABLE t (id BIGINT GENERATED BY DEFAULT AS IDENTITY (START 100) PRIMARY KEY,"
              " a TEXT UNIQUE, b BYTEA, up BIGINT REFERENCES t)"
            : "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b BLOB, up INT REFERENCES "
              "t)");
    return 0;
}

static void values_of_every_type_come_back(void **state) {
    struct fixture *f = *state;
    const struct sql put = {.both = "INSERT INTO t (id, a, b, up) VALUES ($1, $2, $3, $4)"};
    const struct store_value given[] = {STORE_I64(INT64_MIN), STORE_STR(PD_STR("z \xe4\xbd\xa0")),
                                        STORE_BYTES(PD_STR("\0\xff")), STORE_NONE};
    int64_t changed = 0;
    assert_ok(f, store_run(f->store, put, given, 4, &changed, &f->err));
    assert_int_equal(changed, 1);
    const struct store_value empty[] = {STORE_I64(2), STORE_STR(((pd_str){NULL, 0})),
                                        STORE_BYTES(((pd_str){NULL, 0})), STORE_NONE};
    assert_ok(f, store_run(f->store, put, empty, 4, NULL, &f->err));

    /* PostgreSQL has no text with a zero in it. */
    const struct store_value zero[] = {STORE_I64(3), STORE_STR(PD_STR("z\0z")), STORE_NONE,
                                       STORE_NONE};
    assert_fails(f, PD_INVALID, "zero byte", store_run(f->store, put, zero, 4, NULL, &f->err));

    struct store_rows *rows;
    bool has;
    assert_ok(f, store_select(f->store, (struct sql){"SELECT * FROM t ORDER BY id"}, NULL, 0, &rows,
                              &f->err));
    assert_int_equal(store_columns(rows), 4);
    assert_string_equal(store_column_name(rows, 2), "b");
    assert_ok(f, store_next(rows, &has, &f->err));
    assert_true(has);
    for (size_t i = 0; i < 4; i++) {
        struct store_value v = store_column(rows, i);
        assert_int_equal(v.type, given[i].type);
        assert_int_equal(v.number, given[i].number);
        assert_true(pd_str_eq(v.bytes, given[i].bytes));
    }
    assert_true(store_is_null(rows, 3));
    assert_int_equal(store_i64(rows, 3), 0);
    assert_int_equal(store_str(rows, 3).len, 0);
    assert_ok(f, store_next(rows, &has, &f->err));
    assert_true(has);
    assert_int_equal(store_column(rows, 1).type, STORE_TEXT); /* empty, but not NULL */
    assert_int_equal(store_column(rows, 2).type, STORE_BLOB);
    assert_ok(f, store_next(rows, &has, &f->err));
    assert_false(has);
    store_rows_close(rows);
}

static void parameters_are_bound_by_number_not_place(void **state) {
    struct fixture *f = *state;
    struct store_rows *rows;
    bool has;
    const struct store_value v[] = {STORE_STR(PD_STR("one")), STORE_STR(PD_STR("two"))};
    assert_ok(f,
              store_select(f->store, (struct sql){"SELECT $2 || $1 || $2"}, v, 2, &rows, &f->err));
    assert_ok(f, store_next(rows, &has, &f->err));
    assert_true(pd_str_is(store_str(rows, 0), "twoonetwo"));
    store_rows_close(rows);
}

static void wrong_statements_are_refused(void **state) {
    static const struct {
        const char *text;
        size_t values;
        const char *words, *pg_words; /* NULL: the same */
    } cases[] = {
        {"DELETE FROM t WHERE id = $1", 0, "uses 1 parameters, 0 values", NULL},
        {"DELETE FROM t", 1, "uses 0 parameters, 1 values", NULL},
        {"DELETE FROM t WHERE id = $2", 1, "$2 is not $1 to $1", NULL},
        {"DELETE FROM t WHERE a = '$1' -- $1", 1, "uses 0 parameters, 1 values", NULL},
        {"DELETE FROM t WHERE id = ?", 1, "is not $1", "uses 0 parameters"},
        {"DELETE FROM t WHERE id = :a", 1, ":a is not $1", "uses 0 parameters"},
        {"DELETE FROM t; DELETE FROM t", 0, "not one SQL statement", "multiple commands"},
        {"-- nothing", 0, "not one SQL statement", NULL},
        {"SELECT 1", 0, "store_select", NULL},
        {"DELETE FROM nowhere", 0, "no such table: nowhere", "\"nowhere\" does not exist"},
        /* "x" is a name, never a text */
        {"DELETE FROM t WHERE a = \"x\"", 0, "no such column", "column \"x\" does not exist"},
    };
    struct fixture *f = *state;
    const struct store_value v[] = {STORE_I64(1)};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *pg_words = cases[i].pg_words ? cases[i].pg_words : cases[i].words;
        assert_fails(
            f, PD_INTERNAL, is_postgresql() ? pg_words : cases[i].words,
            store_run(f->store, (struct sql){cases[i].text}, v, cases[i].values, NULL, &f->err));
    }
}

static void constraints_are_conflicts_that_name_themselves(void **state) {
    struct fixture *f = *state;
    run(f, "INSERT INTO t (id, a) VALUES (1, 'x')");
    assert_fails(f, PD_CONFLICT,
                 is_postgresql() ? "unique constraint \"t_a_key\""
                                 : "UNIQUE constraint failed: t.a",
                 store_run(f->store, (struct sql){"INSERT INTO t (a) VALUES ('x')"}, NULL, 0, NULL,
                           &f->err));
    assert_fails(f, PD_CONFLICT, is_postgresql() ? "\"t_up_fkey\"" : "FOREIGN KEY",
                 store_run(f->store, (struct sql){"INSERT INTO t (up) VALUES (99)"}, NULL, 0, NULL,
                           &f->err));
}

static void changed_counts_the_rows_of_this_statement(void **state) {
    struct fixture *f = *state;
    int64_t changed = 9;
    run(f, "INSERT INTO t (id) VALUES (1), (2), (3)");
    assert_ok(
        f, store_run(f->store, (struct sql){"CREATE TABLE u (x INT)"}, NULL, 0, &changed, &f->err));
    assert_int_equal(changed, 0);
    assert_ok(f, store_run(f->store, (struct sql){"DELETE FROM t WHERE id > 1"}, NULL, 0, &changed,
                           &f->err));
    assert_int_equal(changed, 2);
}

static void one_statement_may_be_open_more_often_than_statements_are_kept(void **state) {
    enum { CURSORS = 70 };
    struct fixture *f = *state;
    struct store_rows *rows[CURSORS];
    bool has;
    run(f, "INSERT INTO t (id) VALUES (1), (2)");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < CURSORS; i++) {
            const struct store_value v[] = {STORE_I64(i)};
            const struct sql text = {"SELECT $1, id FROM t ORDER BY id"};
            assert_ok(f, store_select(f->store, text, v, 1, &rows[i], &f->err));
            assert_ok(f, store_next(rows[i], &has, &f->err));
        }
        for (int i = 0; i < CURSORS; i++) {
            assert_int_equal(store_i64(rows[i], 0), i);
            assert_ok(f, store_next(rows[i], &has, &f->err));
            assert_int_equal(store_i64(rows[i], 1), 2);
            store_rows_close(rows[i]);
        }
    }
}

static void more_texts_than_are_kept_still_run(void **state) {
    struct fixture *f = *state;
    enum { TEXTS = 300 };
    for (int i = 0; i < 2 * TEXTS; i++) {
        char text[40];
        snprintf(text, sizeof(text), "SELECT %d", i % TEXTS);
        assert_int_equal(number_from(f, f->store, text), i % TEXTS);
    }
}

/* ---- Transactions ---- */

struct attempt {
    int calls;
    enum pd_status answer;
};

static enum pd_status add_and_answer(struct store *store, void *context, struct pd_error *err) {
    struct attempt *attempt = context;
    attempt->calls++;
    assert_true(store_in_transaction(store));
    enum pd_status st =
        store_run(store, (struct sql){"INSERT INTO t (a) VALUES ('x')"}, NULL, 0, NULL, err);
    if (st == PD_OK && attempt->answer != PD_OK)
        st = pd_fail(err, attempt->answer, "the body says no");
    return st;
}

static void a_body_that_fails_is_rolled_back(void **state) {
    struct fixture *f = *state;
    struct attempt attempt = {.answer = PD_DENIED};
    assert_fails(f, PD_DENIED, "the body says no",
                 store_transact(f->store, add_and_answer, &attempt, &f->err));
    assert_false(store_in_transaction(f->store));
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 0);
    attempt.answer = PD_OK;
    assert_ok(f, store_transact(f->store, add_and_answer, &attempt, &f->err));
    reopen(f, STORE_READ);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 1);
}

static void only_the_database_can_ask_to_retry(void **state) {
    struct fixture *f = *state;
    struct attempt attempt = {.answer = PD_UNAVAILABLE};
    assert_fails(f, PD_UNAVAILABLE, "the body says no",
                 store_transact(f->store, add_and_answer, &attempt, &f->err));
    assert_int_equal(attempt.calls, 1);
}

static enum pd_status go_on_after_a_rollback(struct store *store, void *context,
                                             struct pd_error *err) {
    (void)context;
    /* Some errors make SQLite do this by itself. */
    enum pd_status st = store_run(store, (struct sql){"ROLLBACK"}, NULL, 0, NULL, err);
    if (st == PD_OK)
        st = store_run(store, (struct sql){"INSERT INTO t (a) VALUES ('y')"}, NULL, 0, NULL, err);
    return st;
}

static void a_transaction_that_was_undone_takes_no_more(void **state) {
    struct fixture *f = *state;
    assert_fails(f, PD_IO, "undone",
                 store_transact(f->store, go_on_after_a_rollback, NULL, &f->err));
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 0);
}

static void *release_later(void *context) {
    struct timespec wait = {.tv_sec = 1, .tv_nsec = 400000000}; /* longer than one attempt waits */
    nanosleep(&wait, NULL);
    sqlite3_exec(context, "COMMIT", NULL, NULL, NULL);
    return NULL;
}

static void the_runner_waits_for_another_connection(void **state) {
    struct fixture *f = *state;
    only_on(SQLITE);
    struct attempt attempt = {0};
    char path[600];
    sqlite3 *other;
    pthread_t thread;
    path_in(f, "polder.db", path);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_fails(f, PD_UNAVAILABLE, "try again",
                 store_run(f->store, (struct sql){"DELETE FROM t"}, NULL, 0, NULL, &f->err));
    assert_int_equal(pthread_create(&thread, NULL, release_later, other), 0);
    assert_ok(f, store_transact(f->store, add_and_answer, &attempt, &f->err));
    assert_int_equal(attempt.calls, 1);
    pthread_join(thread, NULL);
    sqlite3_close(other);
}

static enum pd_status read_twice(struct store *store, void *context, struct pd_error *err) {
    struct fixture *f = context;
    (void)err;
    assert_int_equal(number_from(f, store, "SELECT count(*) FROM t"), 1);
    run(f, "INSERT INTO t (id) VALUES (2)"); /* f->store is the writer beside it */
    assert_int_equal(number_from(f, store, "SELECT count(*) FROM t"), 1);
    return PD_OK;
}

static long size_of(const struct fixture *f, const char *name) {
    char path[600];
    struct stat st;
    path_in(f, name, path);
    assert_int_equal(stat(path, &st), 0);
    return (long)st.st_size;
}

static void what_the_log_of_writes_gathered_is_copied_when_it_is_much(void **state) {
    struct fixture *f = *state;
    enum { MEGABYTE = 1 << 20 };
    static char bytes[MEGABYTE];
    const struct store_value values[] = {STORE_BYTES(((pd_str){bytes, MEGABYTE}))};
    only_on(SQLITE);
    assert_ok(f, store_relieve(f->store, &f->err));
    long before = size_of(f, "polder.db");
    for (int i = 0; i < 10; i++) {
        assert_ok(f, store_relieve(f->store, &f->err));
        if (i < 7)
            assert_int_equal(size_of(f, "polder.db"), before);
        assert_ok(f, store_run(f->store, (struct sql){"INSERT INTO t (b) VALUES ($1)"}, values, 1,
                               NULL, &f->err));
    }
    assert_ok(f, store_relieve(f->store, &f->err));
    assert_true(size_of(f, "polder.db") >= before + 7L * MEGABYTE);
    reopen(f, STORE_READ);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t WHERE length(b) = 1048576"), 10);
}

static void a_reader_sees_one_state_beside_the_writer(void **state) {
    struct fixture *f = *state;
    struct store *reader;
    assert_ok(f, store_open(f->folder, STORE_READ, "", &reader, &f->err));
    run(f, "INSERT INTO t (id) VALUES (1)");
    assert_ok(f, store_transact(reader, read_twice, f, &f->err));
    assert_int_equal(number_from(f, reader, "SELECT count(*) FROM t"), 2);
    assert_fails(f, PD_DENIED, is_postgresql() ? "read-only transaction" : "readonly",
                 store_run(reader, (struct sql){"DELETE FROM t"}, NULL, 0, NULL, &f->err));
    struct store_writer *w;
    struct store_key key = {0};
    assert_fails(f, PD_DENIED, "reading only", store_vault_create(reader, &key, &w, &f->err));
    assert_fails(f, PD_DENIED, "reading only",
                 store_file_write(reader, "open/x", PD_STR("x"), &f->err));
    store_close(reader);
}

#include "store_transaction_cases.h"

/* ---- Disk full ---- */

static enum pd_status add_much(struct store *store, void *context, struct pd_error *err) {
    const struct store_value v[] = {STORE_BYTES(((pd_str){context, 1 << 20}))};
    return store_run(store, (struct sql){"INSERT INTO t (b) VALUES ($1)"}, v, 1, NULL, err);
}

/* In a process of its own, because the limit can't be taken back. Exit status: the step that
 * failed. */
static int fill_the_disk(struct fixture *f) {
    struct rlimit small = {512 * 1024, 512 * 1024};
    char *much = calloc(1, 1 << 20);
    struct store_writer *w = NULL;
    struct store_key key = {0};
    struct pd_error err = {0};
    signal(SIGXFSZ, SIG_IGN);
    alarm(60);
    if (much == NULL || setrlimit(RLIMIT_FSIZE, &small) != 0 ||
        store_open(f->folder, STORE_WRITE, "filler", &f->store, &err) != PD_OK)
        return 1;
    if (!is_postgresql() && (store_transact(f->store, add_much, much, &err) != PD_IO ||
                             strstr(err.text, "File too large") == NULL))
        return 2;
    if (store_file_write(f->store, "open/x", (pd_str){much, 1 << 20}, &err) != PD_IO)
        return 3;
    if (store_vault_create(f->store, &key, &w, &err) != PD_OK ||
        store_vault_write(w, much, 1 << 20, &err) != PD_IO ||
        strstr(err.text, "File too large") == NULL)
        return 4;
    store_writer_free(w);
    /* What fits still works. */
    struct attempt attempt = {0};
    if (store_transact(f->store, add_and_answer, &attempt, &err) != PD_OK)
        return 5;
    close_node(f);
    free(much);
    return 0;
}

static void a_full_disk_leaves_the_state_as_it_was(void **state) {
    struct fixture *f = *state;
    run(f, "INSERT INTO t (id) VALUES (1)");
    assert_ok(f, store_file_write(f->store, "open/x", PD_STR("before"), &f->err));
    close_node(f);
    pid_t child = fork();
    if (child == 0)
        _exit(fill_the_disk(f));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    char path[600];
    path_in(f, "staging", path);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    reopen(f, STORE_WRITE);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t WHERE b IS NOT NULL"), 0);
    assert_int_equal(number_from(f, f->store, "SELECT count(*) FROM t"), 2);
    pd_str bytes;
    assert_ok(f, store_file_read(f->store, "open/x", 100, f->arena, &bytes, &f->err));
    assert_true(pd_str_is(bytes, "before"));
}

/* ---- Plain files ---- */

static void files_are_written_whole_and_read_within_limits(void **state) {
    struct fixture *f = *state;
    pd_str bytes;
    assert_ok(f, store_file_write(f->store, "ledger/tile/0/x001/234", PD_STR("first"), &f->err));
    assert_ok(f, store_file_write(f->store, "ledger/tile/0/x001/234", PD_STR("2nd"), &f->err));
    assert_ok(f, store_file_read(f->store, "ledger/tile/0/x001/234", 3, f->arena, &bytes, &f->err));
    assert_true(pd_str_is(bytes, "2nd"));
    assert_fails(f, PD_LIMIT, "at most 2",
                 store_file_read(f->store, "ledger/tile/0/x001/234", 2, f->arena, &bytes, &f->err));
    assert_fails(f, PD_NOT_FOUND, "ledger/none",
                 store_file_read(f->store, "ledger/none", 9, f->arena, &bytes, &f->err));
    assert_fails(f, PD_NOT_FOUND, "ledger/no/ne",
                 store_file_read(f->store, "ledger/no/ne", 9, f->arena, &bytes, &f->err));
    assert_fails(f, PD_IO, "not a regular file",
                 store_file_read(f->store, "ledger/tile", 9, f->arena, &bytes, &f->err));
}

static void what_is_not_published_is_the_owners_alone(void **state) {
    struct fixture *f = *state;
    mode_t before = umask(022);
    assert_ok(f, store_file_write(f->store, "keys/transport.key", PD_STR("k"), &f->err));
    assert_ok(f, store_file_write(f->store, "open/a/t.csv", PD_STR("t"), &f->err));
    umask(before);
    assert_int_equal(mode_of(f, "keys"), 0700);
    assert_int_equal(mode_of(f, "keys/transport.key"), 0600);
    assert_int_equal(mode_of(f, "open/a"), 0755);
    assert_int_equal(mode_of(f, "open/a/t.csv"), 0644);
}

static void paths_out_of_the_folder_are_refused(void **state) {
    static char long_segment[300], long_path[1200];
    static const char *const paths[] = {
        "",          "/etc/passwd", "..",         "../x",        "open/../../x",
        "open/..",   "open//x",     "open/",      "./x",         "open/./x",
        "node.key",  "polder.db",   "lock",       "keys.db-wal", "vault/ab",
        "staging/x", "lock/x",      long_segment, long_path};
    struct fixture *f = *state;
    memset(long_segment, 'a', 256);
    for (size_t i = 0; i < 1100; i++)
        long_path[i] = i % 100 == 99 ? '/' : 'a';
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        pd_str bytes;
        struct store_key key = {0};
        assert_fails(f, PD_INVALID, "path",
                     store_file_write(f->store, paths[i], PD_STR("x"), &f->err));
        assert_fails(f, PD_INVALID, "path",
                     store_file_read(f->store, paths[i], 100, f->arena, &bytes, &f->err));
        assert_fails(f, PD_INVALID, "path",
                     store_file_release(f->store, &key, (crypto_hash){{0}}, paths[i], &f->err));
    }
}

static void links_are_not_followed(void **state) {
    struct fixture *f = *state;
    char link[600], secret[600];
    pd_str bytes;
    path_in(f, "open/out", link);
    assert_int_equal(symlink(f->root, link), 0);
    assert_fails(f, PD_IO, "out", store_file_write(f->store, "open/out/x", PD_STR("x"), &f->err));
    path_in(f, "node.key", secret);
    path_in(f, "open/key", link);
    assert_int_equal(symlink(secret, link), 0);
    assert_fails(f, PD_IO, "open/key",
                 store_file_read(f->store, "open/key", 100, f->arena, &bytes, &f->err));
    /* Writing puts a file in the place of the link. */
    assert_ok(f, store_file_write(f->store, "open/key", PD_STR("x"), &f->err));
    char key[40];
    assert_int_equal(get_file(f, "node.key", key, sizeof(key)), 32);
}

static void release_unseals_all_or_nothing(void **state) {
    struct fixture *f = *state;
    struct store_key key = make_key(f), other = make_key(f);
    enum { SIZE = 2 * CHUNK + 5 };
    char *bytes = sample(SIZE);
    struct store_stored stored = keep(f, &key, bytes, SIZE, SIZE);
    pd_str back;
    assert_ok(f, store_file_write(f->store, "open/t.csv", PD_STR("old"), &f->err));
    assert_fails(f, PD_INTERNAL, "release",
                 store_file_release(f->store, &other, stored.address, "open/t.csv", &f->err));
    assert_ok(f, store_file_read(f->store, "open/t.csv", 9, f->arena, &back, &f->err));
    assert_true(pd_str_is(back, "old"));
    assert_ok(f, store_file_release(f->store, &key, stored.address, "open/t.csv", &f->err));
    assert_ok(f, store_file_read(f->store, "open/t.csv", SIZE, f->arena, &back, &f->err));
    assert_true(pd_str_eq(back, (pd_str){bytes, SIZE}));
    free(bytes);
}

static void swapped_keys_are_found(void **state) {
    struct fixture *f = *state;
    struct store_key a = make_key(f), found;
    make_key(f);
    close_node(f);
    meddle(f, "keys.db",
           "UPDATE key SET wrapped = (SELECT k.wrapped FROM key AS k WHERE k.id <> key.id)");
    reopen(f, STORE_READ);
    assert_fails(f, PD_INTERNAL, "key ", store_key_find(f->store, a.id, &found, &f->err));
    close_node(f);
    meddle(f, "keys.db", "UPDATE key SET wrapped = x'00'");
    reopen(f, STORE_READ);
    assert_fails(f, PD_INTERNAL, "1 bytes", store_key_find(f->store, a.id, &found, &f->err));
}

#include "store_key_cases.h"

#define in_root(test)  cmocka_unit_test_setup_teardown(test, make_root, remove_node)
#define in_node(test)  cmocka_unit_test_setup_teardown(test, make_node, remove_node)
#define in_table(test) cmocka_unit_test_setup_teardown(test, make_table, remove_node)

int main(void) {
    const struct CMUnitTest tests[] = {
        in_node(a_new_folder_is_closed_to_others),
        in_node(create_refuses_a_node_and_leaves_it_alone),
        in_root(create_refuses_a_folder_with_other_files),
        in_root(a_create_that_was_cut_off_can_be_repeated),
        in_root(a_missing_node_says_how_to_make_one),
        in_node(rights_that_let_others_in_are_refused),
        in_node(damaged_files_are_named),
        in_node(a_second_writer_hears_who_the_first_is),
        in_node(a_writer_that_is_killed_leaves_its_commits_and_no_lock),
        in_node(opening_clears_what_no_act_has_claimed),
        in_node(a_newer_version_is_refused),
        in_node(an_older_version_is_brought_up_to_date_only_if_that_was_asked_for),
        in_node(a_rehearsal_changes_nothing_and_leaves_nothing),
        in_node(an_upgrade_can_be_undone),
        in_root(a_folder_can_be_made_as_an_older_program_would),
        in_root(migrations_apply_all_or_none),
        in_table(values_of_every_type_come_back),
        in_table(parameters_are_bound_by_number_not_place),
        in_table(wrong_statements_are_refused),
        in_table(constraints_are_conflicts_that_name_themselves),
        in_table(changed_counts_the_rows_of_this_statement),
        in_table(one_statement_may_be_open_more_often_than_statements_are_kept),
        in_node(more_texts_than_are_kept_still_run),
        in_table(a_body_that_fails_is_rolled_back),
        in_table(only_the_database_can_ask_to_retry),
        in_table(a_transaction_that_was_undone_takes_no_more),
        in_table(the_runner_waits_for_another_connection),
        in_table(what_the_log_of_writes_gathered_is_copied_when_it_is_much),
        in_table(a_reader_sees_one_state_beside_the_writer),
        in_table(a_savepoint_undoes_what_came_after_it_and_no_more),
        in_table(a_savepoint_does_not_swallow_what_the_database_wants_again),
        in_table(a_lock_is_held_by_one_until_it_lets_go_or_ends),
        in_table(what_the_server_says_has_the_same_meaning_as_with_sqlite),
        in_table(transactions_are_as_if_one_came_after_the_other),
        in_node(writers_share_a_folder_and_a_founder_shares_it_with_nobody),
        in_table(a_connection_that_ended_is_made_again),
        in_table(a_lock_is_lost_with_its_connection),
        in_table(a_commit_that_nobody_confirmed_is_called_so),
        in_table(rows_come_as_they_are_read_while_others_are_asked_for),
        in_table(rows_that_wait_for_others_have_a_limit),
        in_root(texts_are_ordered_by_their_bytes_whatever_the_language_of_the_database),
        in_table(a_full_disk_leaves_the_state_as_it_was),
        in_node(files_are_written_whole_and_read_within_limits),
        in_node(what_is_not_published_is_the_owners_alone),
        in_node(paths_out_of_the_folder_are_refused),
        in_node(links_are_not_followed),
        in_node(release_unseals_all_or_nothing),
        in_node(vault_gives_back_every_size),
        in_node(equal_files_have_addresses_that_tell_nothing),
        in_node(a_flipped_bit_anywhere_is_found),
        in_node(a_file_cut_anywhere_is_refused),
        in_node(chunks_can_not_be_moved_dropped_or_added),
        in_node(a_vault_file_opens_with_its_own_key_only),
        in_node(a_file_can_not_stand_in_for_another_of_its_version),
        in_node(a_vault_file_of_a_newer_form_is_named_so),
        in_node(a_vault_file_that_is_not_there_is_not_found),
        in_node(a_writer_that_is_not_kept_leaves_nothing),
        in_node(a_kept_writer_takes_no_more),
        in_node(a_key_is_found_again_after_reopening),
        in_node(keys_do_not_open_with_another_node_key),
        in_node(swapped_keys_are_found),
        in_node(the_key_store_never_holds_a_key_in_clear),
        in_node(a_destroyed_key_is_gone_from_every_byte_and_says_so),
        in_node(another_node_key_wraps_every_key),
        in_node(a_staged_node_key_that_no_act_names_is_removed),
        in_node(a_node_key_that_an_act_names_takes_its_place_at_the_next_opening),
        in_node(a_key_that_does_not_unwrap_stops_the_rotation_and_is_named),
        in_node(the_next_node_key_is_closed_to_others_too),
        in_node(removed_files_are_gone_and_may_be_removed_again),
        in_node(records_open_only_as_they_were_sealed),
        in_node(a_record_has_a_limit),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
