/* Migrations: the numbered files of migrations/, all that are missing in one transaction. */
#include "store/store_impl.h"
#include <inttypes.h>

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
    .sqlite = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"};
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

static enum pd_status apply_after(struct store *store, void *context, struct pd_error *err) {
    const int64_t *version = context;
    struct pd_clock clock = pd_clock_system();
    int64_t now = pd_clock_now(&clock);
    for (const struct embedded_file *file = store_migrations; file->path != NULL; file++) {
        if (number_of(file) <= *version)
            continue;
        struct store_value row[] = {STORE_I64(number_of(file)), STORE_I64(now)};
        enum pd_status st = store_db_script(store->db, (const char *)file->data, err);
        if (st == PD_OK)
            st = store_run(store, ADD_VERSION, row, 2, NULL, err);
        if (st != PD_OK) {
            pd_wrap(err, "%s", file->path);
            return st;
        }
    }
    return PD_OK;
}

enum pd_status store_migrate(struct store *store, int64_t version, struct pd_error *err) {
    if (version > newest())
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s was made by a newer Polder: its schema has version %" PRId64
                       ", this program knows versions up to %" PRId64 "; install the newer one",
                       store->folder, version, newest());
    if (version == newest())
        return PD_OK;
    if (store->mode == STORE_READ)
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s was made by an older Polder: its schema has version %" PRId64
                       ", this program needs version %" PRId64
                       "; run a command that writes to bring it up to date",
                       store->folder, version, newest());
    return store_transact(store, apply_after, &version, err);
}
