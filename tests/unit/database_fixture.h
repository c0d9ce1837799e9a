/*
 * Which database a test's nodes use: SQLite, or PostgreSQL if POLDER_TEST_DATABASE says where one
 * is (tests/postgres.py starts one). Every test gets a database of its own there.
 */
#ifndef DATABASE_FIXTURE_H
#define DATABASE_FIXTURE_H

#include "crypto/crypto.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "postgresql://USER@HOST/NAME" of a database from which others are made; NULL: SQLite. */
static inline const char *database_server(void) {
    const char *server = getenv("POLDER_TEST_DATABASE");
    return server != NULL && server[0] != '\0' ? server : NULL;
}

/* Runs statements at `location`, past Polder; the first value of the last answer, to be freed. */
static inline char *database_ask(const char *location, const char *statements) {
    PGconn *handle = PQconnectdb(location);
    PQclear(PQexec(handle, "SET client_min_messages = warning"));
    PGresult *result = PQexec(handle, statements);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", statements, PQerrorMessage(handle));
    char *answer = PQntuples(result) > 0 ? strdup(PQgetvalue(result, 0, 0)) : NULL;
    PQclear(result);
    PQfinish(handle);
    return answer;
}

static inline void database_meddle(const char *location, const char *statements) {
    free(database_ask(location, statements));
}

enum { DATABASE_SIZE = 400 };

/* With POLDER_TEST_RETRIES every other leaf is refused as the database refuses what others changed
   at once: each act is then tried twice, and must be done once. */
static const char REFUSALS[] =
    "CREATE SEQUENCE leaf_count;"
    "CREATE FUNCTION refuse_leaf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "  IF nextval('public.leaf_count') % 2 = 1 THEN"
    "    RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;"
    "  RETURN NEW; END $$;"
    "CREATE FUNCTION watch_leaf() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
    "  IF to_regclass('leaf') IS NOT NULL AND NOT EXISTS"
    "      (SELECT FROM pg_trigger WHERE tgname = 'refuse_leaf') THEN"
    "    CREATE TRIGGER refuse_leaf BEFORE INSERT ON leaf"
    "      FOR EACH ROW EXECUTE FUNCTION refuse_leaf(); END IF; END $$;"
    "CREATE EVENT TRIGGER watch_leaf ON ddl_command_end WHEN TAG IN ('CREATE TABLE')"
    "  EXECUTE FUNCTION watch_leaf()";

/* Makes a database, a copy of `original` unless that is NULL, and says where it is. */
static inline void database_make(const char *original, char out[DATABASE_SIZE]) {
    const char *server = database_server();
    uint8_t random[8];
    char name[2 * sizeof(random) + 1], statement[200];
    crypto_random(random, sizeof(random));
    pd_hex_encode(random, sizeof(random), name);
    snprintf(statement, sizeof(statement), "CREATE DATABASE t%s TEMPLATE %s STRATEGY file_copy",
             name, original ? strrchr(original, '/') + 1 : "template0");
    database_meddle(server, statement);
    snprintf(out, DATABASE_SIZE, "%.*s/t%s", (int)(strrchr(server, '/') - server), server, name);
    const char *retries = getenv("POLDER_TEST_RETRIES");
    if (original == NULL && retries != NULL && retries[0] != '\0')
        database_meddle(out, REFUSALS);
}

static inline void database_drop(const char *location) {
    char statement[200];
    snprintf(statement, sizeof(statement), "DROP DATABASE %s WITH (FORCE)",
             strrchr(location, '/') + 1);
    database_meddle(database_server(), statement);
}

/* For the founding of a node: a new database, or NULL for SQLite. `room` must last. */
static inline const char *database_new(char room[DATABASE_SIZE]) {
    room[0] = '\0';
    if (database_server() == NULL)
        return NULL;
    database_make(NULL, room);
    return room;
}

/* The folder `copy` was copied from one whose database is `original`: gives it one of its own. */
static inline void database_copy(const char *copy, const char *original, char out[DATABASE_SIZE]) {
    char path[DATABASE_SIZE], id[64];
    database_make(original, out);
    snprintf(path, sizeof(path), "%s/database", copy);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*s %63s", id), 1);
    assert_non_null(freopen(path, "w", f));
    fprintf(f, "%s\n%s\n", out, id);
    assert_int_equal(fclose(f), 0);
}

#endif
