/* Connections to PostgreSQL: made alike, made again when lost, and what their failures mean. */
#include "store/pg_impl.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { OLDEST_SERVER = 120000 /* 12: pg_export_snapshot, hashtextextended, as we use them */ };

enum pd_status pg_library_load(struct pg_library *pq, struct pd_error *err) {
    /* Never closed: what it brings along has work left for the end of the process. */
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    bool has_all = library != NULL;
#define PG_LOAD(name)                                                                              \
    has_all = has_all && (pq->name = (__typeof__(&name))dlsym(library, #name)) != NULL;
    PG_FUNCTIONS(PG_LOAD)
#undef PG_LOAD
    return has_all ? PD_OK
                   : pd_fail(err, PD_UNAVAILABLE,
                             "a node in PostgreSQL takes the library libpq.so.5 (package libpq5), "
                             "which is not installed");
}

/* ---- Errors ---- */

enum { WORDS_SIZE = 600 };

/* What a server says may be several lines. */
static pd_str one_line(const char *text, char room[WORDS_SIZE]) {
    size_t n = 0;
    for (const char *c = text; *c != '\0' && n + 1 < WORDS_SIZE; c++) {
        bool is_break = *c == '\n' || *c == '\t';
        if (is_break && (n == 0 || room[n - 1] == ' '))
            continue;
        room[n++] = is_break ? ' ' : *c;
    }
    while (n > 0 && room[n - 1] == ' ')
        n--;
    return (pd_str){room, n};
}

static const struct meaning {
    const char *state; /* the start of a SQLSTATE; the first that fits counts */
    enum pd_status status;
    bool asks_retry;
    const char *advice;
} meanings[] = {
    {"40", PD_UNAVAILABLE, true, ": others changed the same at once; try again"},
    {"55P03", PD_UNAVAILABLE, true, ": another program holds it; try again"},
    {"23", PD_CONFLICT, false, ""},
    {"25006", PD_DENIED, false, ""},
    {"25P02", PD_IO, false, ""}, /* see pg_failed */
    {"42501", PD_DENIED, false, ": the user of the database lacks a right; ask its owner"},
    {"42", PD_INTERNAL, false, ""},
    {"53100", PD_IO, false, ": make room and try again"},
    {"58", PD_IO, false, ""},
    {"53200", PD_LIMIT, false, ""},
    {"53300", PD_UNAVAILABLE, false, ": try again later, or let it have more connections"},
    {"54", PD_LIMIT, false, ""},
    {"57014", PD_UNAVAILABLE, false, ""},
    {"57", PD_UNAVAILABLE, false, ": try again when it is up"},
    {"08", PD_UNAVAILABLE, false, ""},
    {"22021", PD_INVALID, false, ""}, /* not UTF-8 */
    {"XX001", PD_INTERNAL, false, ": the database is damaged; restore it from a backup"},
    {"XX002", PD_INTERNAL, false, ": the database is damaged; rebuild its index"},
    {"", PD_INTERNAL, false, ""},
};

bool pg_link_is_lost(const struct pg_db *db, const struct pg_link *link) {
    return link->handle == NULL || db->pq.PQstatus(link->handle) != CONNECTION_OK;
}

enum pd_status pg_failed(struct pg_db *db, const struct pg_link *link, const PGresult *result,
                         const char *sql, struct pd_error *err) {
    char room[WORDS_SIZE];
    const char *state = result ? db->pq.PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    /* Never the detail: it quotes the values. */
    const char *words = result ? db->pq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    pd_str why = one_line(words ? words : db->pq.PQerrorMessage(link->handle), room);
    if (pg_link_is_lost(db, link))
        return pd_fail(err, PD_UNAVAILABLE,
                       "%s: the connection was lost (%.*s); what was not committed is undone: try "
                       "again when the database is up",
                       db->base.name, pd_arg(why));
    if (state == NULL)
        return pd_fail(err, PD_INTERNAL, "%s: %.*s", db->base.name, pd_arg(why));
    if (strcmp(state, "25P02") == 0)
        return pd_fail(err, PD_IO, "%s: an earlier failure has undone this transaction",
                       db->base.name);
    const struct meaning *m = meanings;
    while (strncmp(state, m->state, strlen(m->state)) != 0)
        m++;
    if (m->asks_retry)
        db->base.asks_retry = true;
    enum pd_status st =
        pd_fail(err, m->status, "%s: %.*s%s", db->base.name, pd_arg(why), m->advice);
    if (st == PD_INTERNAL && sql != NULL)
        pd_wrap(err, "in the statement \"%.120s\"", sql);
    return st;
}

static enum pd_status refuse_connection(struct pg_db *db, const struct pg_link *link,
                                        struct pd_error *err) {
    const char *name = db->base.name;
    char room[WORDS_SIZE];
    pd_str why = one_line(db->pq.PQerrorMessage(link->handle), room);
    if (db->pq.PQconnectionNeedsPassword(link->handle))
        return pd_fail(err, PD_DENIED,
                       "%s: the server asks for a password: put it into PGPASSWORD, or into the "
                       "file that PGPASSFILE names",
                       name);
    static const struct {
        const char *words; /* of a server that speaks English; else only the last one fits */
        enum pd_status status;
        const char *advice;
    } reasons[] = {
        {"authentication failed", PD_DENIED, ""},
        {"pg_hba.conf", PD_DENIED, ""},
        {"permission denied for database", PD_DENIED, ""},
        {"not permitted to log in", PD_DENIED, ""},
        {"role ", PD_DENIED, ""}, /* ... does not exist */
        {"database ", PD_NOT_FOUND,
         "; make it with: createdb --encoding=UTF8 --template=template0"},
        {"", PD_UNAVAILABLE,
         "; start the server, or say with --database where the database is now"},
    };
    size_t i = 0;
    while (pd_str_find(why, pd_str_from(reasons[i].words)) == PD_NPOS ||
           (reasons[i].words[0] != '\0' && i >= 4 &&
            pd_str_find(why, PD_STR("does not exist")) == PD_NPOS))
        i++;
    return pd_fail(err, reasons[i].status, "%s: the database can't be opened (%.*s)%s", name,
                   pd_arg(why), reasons[i].advice);
}

/* ---- Connecting ---- */

/* A location is told in errors and kept in the folder. What is wrong with it is not told in libpq's
   words, which quote it. */
enum pd_status pg_location_check(const struct pg_library *pq, const char *location,
                                 struct pd_error *err) {
    static const char *const SECRETS[] = {"password", "sslpassword"};
    char *why = NULL;
    PQconninfoOption *parsed = pq->PQconninfoParse(location, &why);
    pq->PQfreemem(why);
    if (parsed == NULL)
        return pd_fail(err, PD_USAGE,
                       "the location of the database can't be understood; write "
                       "postgresql://[USER@]HOST[:PORT]/NAME");
    enum pd_status st = PD_OK;
    for (const PQconninfoOption *o = parsed; o->keyword != NULL; o++)
        for (size_t i = 0; i < sizeof(SECRETS) / sizeof(SECRETS[0]); i++)
            if (strcmp(o->keyword, SECRETS[i]) == 0 && o->val != NULL && o->val[0] != '\0')
                st = pd_fail(err, PD_USAGE,
                             "the location of the database is seen by others and kept: put the "
                             "password into PGPASSWORD or the file that PGPASSFILE names instead");
    pq->PQconninfoFree(parsed);
    return st;
}

enum pd_status pg_command(struct pg_db *db, struct pg_link *link, const char *sql, PGresult **out,
                          struct pd_error *err) {
    PGresult *result = db->pq.PQexec(link->handle, sql);
    ExecStatusType status = db->pq.PQresultStatus(result);
    enum pd_status st = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
                            ? PD_OK
                            : pg_failed(db, link, result, NULL, err);
    if (st == PD_OK && out != NULL)
        *out = result;
    else
        db->pq.PQclear(result);
    return st;
}

static void ignore_notice(void *context, const PGresult *result) {
    (void)context, (void)result;
}

/* However the server and the user are set up, a statement means the same and a commit is on disk.
 */
#define SETTINGS                                                                                   \
    "SET standard_conforming_strings = on; SET jit = off;"                                         \
    "SELECT set_config('synchronous_commit', 'on', false)"                                         \
    " WHERE current_setting('synchronous_commit') = 'off';"

static enum pd_status configure(struct pg_db *db, struct pg_link *link, struct pd_error *err) {
    /* A sequential scan would lock its whole table against the writers beside us, so that a writer
       reads small tables too by their indices. */
    static const char WRITER[] = SETTINGS "SET default_transaction_isolation = 'serializable';"
                                          "SET enable_seqscan = off";
    /* A standby knows no serializable transactions. */
    static const char READER[] = SETTINGS "SET default_transaction_isolation = 'repeatable read';"
                                          "SET default_transaction_read_only = on";
    int version = db->pq.PQserverVersion(link->handle);
    const char *encoding = db->pq.PQparameterStatus(link->handle, "server_encoding");
    if (version < OLDEST_SERVER)
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s: the server is PostgreSQL %d; it must be %d or newer", db->base.name,
                       version / 10000, OLDEST_SERVER / 10000);
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s: the database has the encoding %s; make one with: createdb "
                       "--encoding=UTF8 --template=template0",
                       db->base.name, encoding ? encoding : "?");
    bool is_writer = db->base.writable && link == &db->links[0];
    return pg_command(db, link, is_writer ? WRITER : READER, NULL, err);
}

enum pd_status pg_link_ready(struct pg_db *db, struct pg_link *link, struct pd_error *err) {
    if (!pg_link_is_lost(db, link))
        return PD_OK;
    pg_link_close(db, link);
    /* Later ones win over what the location says; those before it are defaults. */
    const char *names[] = {"connect_timeout", "keepalives_idle", "keepalives_interval",
                           "keepalives_count", "tcp_user_timeout", "fallback_application_name",
                           "dbname", "client_encoding", NULL};
    const char *values[] = {"15", "60", "10", "6", "60000", "polder", db->place->location, "UTF8", NULL};
    link->kept = calloc(PG_KEPT, sizeof(*link->kept));
    if (link->kept == NULL)
        return pd_fail_memory(err);
    link->handle = db->pq.PQconnectdbParams(names, values, 1);
    enum pd_status st = PD_OK;
    if (link->handle == NULL)
        st = pd_fail_memory(err);
    else if (db->pq.PQstatus(link->handle) != CONNECTION_OK)
        st = refuse_connection(db, link, err);
    if (st == PD_OK) {
        db->pq.PQsetNoticeReceiver(link->handle, ignore_notice, NULL);
        st = configure(db, link, err);
    }
    if (st != PD_OK)
        pg_link_close(db, link);
    return st;
}

void pg_link_close(struct pg_db *db, struct pg_link *link) {
    for (size_t i = 0; i < link->kept_count; i++)
        free(link->kept[i].text);
    free(link->kept);
    if (link->handle != NULL)
        db->pq.PQfinish(link->handle);
    *link = (struct pg_link){0};
    if (link != &db->links[0])
        return;
    for (size_t i = 0; i < PG_LOCKS; i++) { /* they ended with the connection */
        free(db->locks[i]);
        db->locks[i] = NULL;
    }
}
