/* What the files of store/ share and nobody else sees. */
#ifndef POLDER_STORE_IMPL_H
#define POLDER_STORE_IMPL_H

#include "store/store.h"
#include <sys/types.h>

struct store {
    char *folder; /* as given */
    int folder_fd;
    int lock_fd; /* -1 for readers */
    enum store_mode mode;
    int64_t schema_found; /* -1: none, before it was made */
    int64_t schema_wanted;
    const uint8_t *given_node_key; /* of a node that is being made; NULL: a new one */
    char *rehearsal;               /* path of the copy, removed at the end; NULL: none */
    struct store_turn *turn; /* whose write it is, of the handles of one process; or NULL */
    bool owns_turn;
    struct store_db *db, *keys;
    struct store_place *place;         /* where `db` is, if not in the folder; else NULL */
    uint8_t node_key[CRYPTO_KEY_SIZE]; /* that wraps the keys of keys.db */
};

/* ---- The drivers (sqlite.c, pg.c): twins behind one table of functions ---- */

/* What every connection has, at the start of the driver's own struct. */
struct store_db {
    const struct store_driver *driver;
    const char *name; /* for errors: "polder.db" */
    bool writable;
    bool began;
    bool asks_retry; /* a failure since the last begin was a request to try the whole again */
    size_t open_rows, open_rows_at_begin;
};
/* Likewise a cursor. */
struct store_rows {
    struct store_db *db;
    bool has_row;
};

struct store_driver {
    enum store_dialect { STORE_SQLITE, STORE_POSTGRESQL } dialect;
    void (*close)(struct store_db *db);
    /* Several statements without parameters. */
    enum pd_status (*script)(struct store_db *db, const char *script, struct pd_error *err);
    enum pd_status (*run)(struct store_db *db, const char *sql, const struct store_value *values,
                          size_t count, int64_t *changed, struct pd_error *err);
    enum pd_status (*select)(struct store_db *db, const char *sql, const struct store_value *values,
                             size_t count, struct store_rows **out, struct pd_error *err);
    enum pd_status (*next)(struct store_rows *rows, bool *has, struct pd_error *err);
    void (*rows_close)(struct store_rows *rows);
    size_t (*columns)(const struct store_rows *rows);
    const char *(*column_name)(const struct store_rows *rows, size_t column);
    struct store_value (*column)(const struct store_rows *rows, size_t column);
    enum pd_status (*begin)(struct store_db *db, struct pd_error *err);
    /* On failure the transaction is still to be rolled back. */
    enum pd_status (*commit)(struct store_db *db, struct pd_error *err);
    void (*rollback)(struct store_db *db);
    /* A lock among all who use the database; NULL: only one can write, so it has every lock. */
    enum pd_status (*lock)(struct store_db *db, const char *name, bool *got, struct pd_error *err);
    void (*unlock)(struct store_db *db, const char *name);
};

struct store_db_options {
    const char *name; /* for errors: "polder.db" */
    bool writable;
    bool secure_delete; /* overwrite what is deleted */
    unsigned cache_kib; /* pages that are kept in memory, at most; 0: as SQLite likes (2 MiB) */
};
/* The file must exist; making it, with its rights, is the folder's business. */
PD_CHECK enum pd_status store_sqlite_open(const char *path, struct store_db_options options,
                                          struct store_db **out, struct pd_error *err);
/* place: outlives the connection. PD_DENIED, PD_NOT_FOUND, PD_UNAVAILABLE, PD_UNSUPPORTED. */
PD_CHECK enum pd_status store_pg_open(const struct store_place *place, bool writable,
                                      struct store_db **out, struct pd_error *err);
/* Of SQLite (sqlite.c): store_relieve. */
PD_CHECK enum pd_status store_sqlite_relieve(struct store_db *db, struct pd_error *err);
/* Of SQLite (sqlite.c): copies the whole database, as it is at one moment, to a file; durable. */
PD_CHECK enum pd_status store_sqlite_copy_out(struct store_db *db, const char *path,
                                              struct pd_error *err);
/* Replaces all of the database by that of a file, in one transaction. */
PD_CHECK enum pd_status store_sqlite_copy_in(struct store_db *db, const char *path,
                                             struct pd_error *err);

/* ---- What is said to either (store.c) ---- */

void store_db_close(struct store_db *db); /* NULL is fine */
PD_CHECK enum pd_status store_db_run(struct store_db *db, struct sql sql,
                                     const struct store_value *values, size_t count,
                                     int64_t *changed, struct pd_error *err);
PD_CHECK enum pd_status store_db_select(struct store_db *db, struct sql sql,
                                        const struct store_value *values, size_t count,
                                        struct store_rows **out, struct pd_error *err);
/* Runs one statement outside a transaction, again and again while the database asks for it. */
PD_CHECK enum pd_status store_db_run_patiently(struct store_db *db, struct sql sql,
                                               const struct store_value *values, size_t count,
                                               int64_t *changed, struct pd_error *err);

void store_turn_free(struct store *store); /* if it owns it */

/* ---- Where the database is (place.c) ---- */

struct store_place {
    char *location;           /* postgresql://..., without a password */
    char id[PD_ID_TEXT_SIZE]; /* of the data folder; the database knows it too */
};
/* PD_INTERNAL: not of that form. location: stands in for the one that is written. */
PD_CHECK enum pd_status store_place_parse(pd_str text, const char *location,
                                          struct store_place **out, struct pd_error *err);
/* Reads DIR/database into *out, NULL if there is none. `location` stands in for the one written
   there, and without a file makes a new place that is not written yet; it may be NULL. PD_USAGE: it
   is no location of PostgreSQL (that it holds no password, store_pg_open checks). */
PD_CHECK enum pd_status store_place_load(struct store *store, const char *location,
                                         struct store_place **out, struct pd_error *err);
PD_CHECK enum pd_status store_place_save(struct store *store, struct pd_error *err);
void store_place_free(struct store_place *place);
/* PD_CONFLICT: the database is of another data folder. */
PD_CHECK enum pd_status store_place_compare(struct store *store, struct pd_error *err);

/* ---- Migrations (migrate.c) ---- */

/* *version: -1 if there is no schema at all. */
PD_CHECK enum pd_status store_version_find(struct store *store, int64_t *version,
                                           struct pd_error *err);
/* Refuses a newer version, and an older one too unless it is to be brought up to date. */
PD_CHECK enum pd_status store_version_check(const struct store *store, struct pd_error *err);
/* From schema_found to schema_wanted. */
PD_CHECK enum pd_status store_migrate(struct store *store, struct pd_error *err);

/* ---- Upgrades (upgrade.c) ---- */

/* upgrade/NAME of the folder, to be freed; the folder upgrade/ is made. */
PD_CHECK enum pd_status store_upgrade_path(const struct store *store, const char *name, char **out,
                                           struct pd_error *err);
/* The copy that makes a way back. */
PD_CHECK enum pd_status store_upgrade_prepare(struct store *store, struct pd_error *err);
/* Puts a copy, open for writing, in the place of the database that is open for reading. */
PD_CHECK enum pd_status store_upgrade_rehearse(struct store *store, struct pd_error *err);

/* ---- Keys (keys.c, node_key.c) ---- */

enum { STORE_WRAPPED_SIZE = CRYPTO_NONCE_SIZE + CRYPTO_KEY_SIZE + CRYPTO_TAG_SIZE };
/* nonce || AES-256-GCM of the key's bytes, its id bound. */
void store_key_wrap(const uint8_t node_key[CRYPTO_KEY_SIZE], const struct store_key *key,
                    uint8_t out[STORE_WRAPPED_SIZE]);
/* key->id in, key->bytes out. PD_INTERNAL. */
PD_CHECK enum pd_status store_key_unwrap(const uint8_t node_key[CRYPTO_KEY_SIZE], pd_str wrapped,
                                         struct store_key *key, struct pd_error *err);
/* Makes node.key unless there is one. */
PD_CHECK enum pd_status store_node_key_make(struct store *store, struct pd_error *err);
PD_CHECK enum pd_status store_node_key_load(struct store *store, struct pd_error *err);
/* Once keys.db is open: takes the one of node.key and node.key.next that wraps its keys. */
PD_CHECK enum pd_status store_node_key_choose(struct store *store, struct pd_error *err);
PD_CHECK enum pd_status store_keys_lay_out(struct store *store, struct pd_error *err);
/* One transaction of keys.db; what it overwrote is overwritten on disk when this returns. */
PD_CHECK enum pd_status store_keys_transact(struct store *store,
                                            enum pd_status (*body)(struct store *store,
                                                                   const void *context,
                                                                   struct pd_error *err),
                                            const void *context, struct pd_error *err);

/* ---- Files on their way (staging.c) ---- */

enum { STORE_TEMP_NAME_SIZE = 8 + 32 + 1 }; /* "staging/", 16 random bytes in hex, NUL */
struct store_temp {
    int fd; /* -1: none */
    char name[STORE_TEMP_NAME_SIZE];
};
PD_CHECK enum pd_status store_temp_open(struct store *store, mode_t rights, struct store_temp *temp,
                                        struct pd_error *err);
PD_CHECK enum pd_status store_temp_write(struct store_temp *temp, const void *bytes, size_t n,
                                         struct pd_error *err);
/* Makes the content durable; the file stays in staging. */
PD_CHECK enum pd_status store_temp_sync(struct store_temp *temp, struct pd_error *err);
/* Syncs, renames to dir_fd/name and syncs that directory. The temp is used up if that succeeds. */
PD_CHECK enum pd_status store_temp_place(struct store *store, struct store_temp *temp, int dir_fd,
                                         const char *name, struct pd_error *err);
void store_temp_discard(struct store *store, struct store_temp *temp);
PD_CHECK enum pd_status store_staging_clear(struct store *store, struct pd_error *err);

/* ---- Paths (files.c) ---- */

/* PD_INVALID unless it is a path that may be published: below ledger/ or open/. */
PD_CHECK enum pd_status store_check_public(const char *path, struct pd_error *err);
/*
 * Opens the directory in which `path` lies, one segment after the other and never through a
 * symbolic link. make: makes what is missing, durably. *name: the last segment, borrowed from
 * `path`.
 */
PD_CHECK enum pd_status store_parent_open(struct store *store, const char *path, bool make,
                                          int *dir_fd, const char **name, struct pd_error *err);
/* Removes a file below the folder, durably. */
PD_CHECK enum pd_status store_plain_remove(struct store *store, const char *path,
                                           struct pd_error *err);
/* Opens a regular file below the folder for reading. PD_NOT_FOUND. */
PD_CHECK enum pd_status store_plain_open(struct store *store, const char *path, int *fd,
                                         uint64_t *size, struct pd_error *err);
/* Reads up to n bytes at an offset; *n less than asked only at the end of the file. */
PD_CHECK enum pd_status store_read_at(int fd, const char *path, uint64_t offset, void *out,
                                      size_t *n, struct pd_error *err);

#endif
