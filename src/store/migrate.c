/* Migrations: the numbered files of migrations/, all that are missing in one transaction. */
#include "store/store_impl.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Made by script/embed.py from migrations/, sorted by number. */
struct embedded_file {
    const char *path; /* NULL ends the list */
    const unsigned char *data;
    size_t len;
};
extern const struct embedded_file store_migrations[];

/* "migrations/0001_spine.sql" -> 1. The names are our own; -1 would be a misnamed file. */
static int64_t number_of(const struct embedded_file *file) {
    pd_str path = pd_str_from(file->path);
    size_t slash = pd_str_find_char(path, '/');
    int64_t number;
    if (slash == PD_NPOS || !pd_parse_i64(pd_str_sub(path, slash + 1, 4), &number))
        return -1;
    return number;
}

static int64_t newest(void) {
    int64_t number = -1;
    for (const struct embedded_file *file = store_migrations; file->path != NULL; file++)
        number = number_of(file);
    return number;
}

static const struct sql HAS_VERSIONS = {
    .sqlite = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
    .pg = "SELECT relname FROM pg_catalog.pg_class WHERE oid = to_regclass('schema_version')"};
static const struct sql FIND_VERSION = {.both = "SELECT MAX(version) FROM schema_version"};

enum pd_status store_version_find(struct store *store, int64_t *version, struct pd_error *err) {
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_select(store, HAS_VERSIONS, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    if (!has) {
        *version = -1;
        return PD_OK;
    }
    rows = NULL;
    st = store_select(store, FIND_VERSION, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK)
        *version = store_is_null(rows, 0) ? -1 : store_i64(rows, 0);
    store_rows_close(rows);
    return st;
}

static const struct sql ADD_VERSION = {
    .both = "INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)"};

/*
 * SQLite compares texts byte by byte. PostgreSQL would by the rules of a language, which change
 * with the operating system and spoil every index; so each column says COLLATE "C".
 */
static enum pd_status collate(pd_str script, char **out, struct pd_error *err) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    for (size_t at = 0; at < script.len;) {
        pd_str rest = pd_str_sub(script, at, script.len);
        size_t n = pd_str_find(rest, PD_STR(" TEXT"));
        size_t end = n == PD_NPOS ? rest.len : n + strlen(" TEXT");
        bool is_cast = n != PD_NPOS && n >= 2 && memcmp(rest.data + n - 2, "AS", 2) == 0;
        bool is_word = n != PD_NPOS && (end == rest.len || strchr(" ,)\n", rest.data[end]) != NULL);
        pd_buf_str(&buf, pd_str_sub(rest, 0, end));
        if (is_word && !is_cast)
            pd_buf_text(&buf, " COLLATE \"C\"");
        at += end;
    }
    pd_buf_char(&buf, '\0');
    enum pd_status st = pd_buf_check(&buf, err);
    *out = st == PD_OK ? strdup(buf.data) : NULL;
    pd_buf_clear(&buf);
    return st == PD_OK && *out == NULL ? pd_fail_memory(err) : st;
}

static enum pd_status apply(struct store *store, const struct embedded_file *file,
                            struct pd_error *err) {
    const struct store_driver *driver = store->db->driver;
    if (driver->dialect == STORE_SQLITE)
        return driver->script(store->db, (const char *)file->data, err);
    char *script = NULL;
    enum pd_status st = collate((pd_str){(const char *)file->data, file->len}, &script, err);
    if (st == PD_OK)
        st = driver->script(store->db, script, err);
    free(script);
    return st;
}

static const struct sql ADD_FOLDER = {.both = "INSERT INTO data_folder (id) VALUES ($1)"};

int64_t store_schema_newest(void) {
    return newest();
}

/* context: the version that was found. */
static enum pd_status apply_after(struct store *store, void *context, struct pd_error *err) {
    const int64_t *version = context;
    struct pd_clock clock = pd_clock_system();
    int64_t now = pd_clock_now(&clock);
    for (const struct embedded_file *file = store_migrations; file->path != NULL; file++) {
        if (number_of(file) <= *version || number_of(file) > store->schema_wanted)
            continue;
        struct store_value row[] = {STORE_I64(number_of(file)), STORE_I64(now)};
        enum pd_status st = apply(store, file, err);
        if (st == PD_OK)
            st = store_run(store, ADD_VERSION, row, 2, NULL, err);
        if (st != PD_OK) {
            pd_wrap(err, "%s", file->path);
            return st;
        }
    }
    if (*version >= 0 || store->place == NULL)
        return PD_OK;
    const struct store_value folder[] = {STORE_STR(pd_str_from(store->place->id))};
    return store_run(store, ADD_FOLDER, folder, 1, NULL, err);
}

enum pd_status store_version_check(const struct store *store, struct pd_error *err) {
    bool may_be_older = store->mode == STORE_CREATE || store->mode == STORE_UPGRADE ||
                        store->mode == STORE_REHEARSE;
    if (store->schema_found > newest())
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s was made by a newer Polder: its schema has version %" PRId64
                       ", this program knows versions up to %" PRId64 "; install the newer one",
                       store->folder, store->schema_found, newest());
    if (store->schema_wanted > newest())
        return pd_fail(err, PD_UNSUPPORTED,
                       "the backup was made by a newer Polder: its schema has version %" PRId64
                       ", this program knows versions up to %" PRId64 "; install the newer one",
                       store->schema_wanted, newest());
    if (store->schema_found < newest() && !may_be_older)
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s was made by an older Polder: its schema has version %" PRId64
                       ", this program needs version %" PRId64
                       "; bring it up to date with: polder upgrade --data %s",
                       store->folder, store->schema_found, newest(), store->folder);
    return PD_OK;
}

enum { LOCK_WAIT_MS = 60 * 1000 };
static const char LOCK[] = "migrate";

/* Over one PostgreSQL several may want to: the others wait, and then find that it is done. */
enum pd_status store_migrate(struct store *store, struct pd_error *err) {
    int64_t version = store->schema_found, found = version;
    if (version >= store->schema_wanted)
        return PD_OK;
    bool is_ours = false;
    enum pd_status st = store_lock(store, LOCK, LOCK_WAIT_MS, &is_ours, err);
    if (st == PD_OK && !is_ours)
        st = pd_fail(err, PD_CONFLICT,
                     "another process brings the database of %s up to date; try again when it ends",
                     store->folder);
    if (st == PD_OK)
        st = store_version_find(store, &found, err);
    /* A founder may have been overtaken by another one. */
    if (st == PD_OK && found != version && version < 0)
        st = store_place_compare(store, err);
    if (st == PD_OK && found < store->schema_wanted)
        st = store_transact(store, apply_after, &found, err);
    store_unlock(store, LOCK);
    return st;
}
