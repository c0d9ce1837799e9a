/**
 * store/: where a node's state rests. One SQL text for two drivers (SQLite and PostgreSQL),
 * migrations, the vault of sealed files, and the key store.
 *
 * A data folder (DESIGN, "Store and scale"):
 *     DIR/polder.db   governed and operational tables      DIR/keys.db    the key store, of its own
 *     DIR/database    instead of polder.db: where in PostgreSQL the tables are
 *     DIR/vault/      sealed, content-addressed files      DIR/node.key   wraps every key (0600)
 *     DIR/ledger/     checkpoints and tiles, public         DIR/lock       held by the one writer
 *     DIR/open/       distributions released to the public DIR/staging/   what no act has claimed
 *
 * A `struct store` belongs to one thread at a time. Its folder is made for its owner alone (0700).
 */
#ifndef POLDER_STORE_H
#define POLDER_STORE_H

#include "base/base.h"
#include "crypto/crypto.h"

/* ---- The folder ---- */

struct store;

enum store_mode {
    STORE_READ,    /* readers always work */
    STORE_WRITE,   /* one writer at a time */
    STORE_CREATE,  /* makes the folder (or fills an empty one); refuses one that has a node already
                    */
    STORE_UPGRADE, /* as STORE_WRITE, and brings an older schema up to date (see below) */
    STORE_BESIDE,  /* writes too, in a process that holds the lock by another handle of the folder */
    STORE_REHEARSE /* as STORE_READ, but of a copy of the database that was brought up to date, and
                      that is gone when the store is closed */
};

/**
 * Opens a data folder: takes the writer's lock, checks the version, runs migrations (STORE_CREATE
 * and STORE_UPGRADE), opens both databases (WAL, synchronous=FULL, foreign keys on), clears old
 * staging.
 *
 * holder: words for the lock file, told to whoever is refused ("polder govern, process 4711").
 * PD_NOT_FOUND: no node there (says to run polder init). PD_CONFLICT: locked, says by whom.
 * PD_UNSUPPORTED: made by a newer Polder, or by an older one (says to run polder upgrade); says
 * both versions. PD_CONFLICT for STORE_CREATE on a node. PD_INVALID: STORE_CREATE where other files
 * lie, or not a folder. PD_DENIED: the folder or node.key is open to other users. PD_IO:
 * permission, disk full. PD_INTERNAL: a database file or node.key is damaged. A STORE_CREATE that
 * was cut off may be repeated.
 *
 * STORE_UPGRADE copies a database of SQLite to upgrade/before.db before it changes anything, and
 * migrates in one transaction. Over PostgreSQL whoever asks for it has made a backup before.
 */
PD_CHECK enum pd_status store_open(const char *folder, enum store_mode mode, const char *holder,
                                   struct store **out, struct pd_error *err);
/**
 * The same, with the tables in PostgreSQL: several processes may then write over one folder, each
 * transaction being as if alone (SERIALIZABLE). Vault, keys and ledger stay in the folder.
 *
 * database: postgresql://..., never with a password (libpq looks for it in PGPASSWORD, PGPASSFILE
 * and service files). STORE_CREATE writes it to DIR/database; later it is needed only if the
 * database has moved, and holds for this opening alone. NULL: as the folder says.
 * PD_USAGE: not such a location. PD_NOT_FOUND: no such database. PD_DENIED: it doesn't let us in.
 * PD_UNAVAILABLE: no server answers. PD_UNSUPPORTED: not in UTF-8, or the server is too old.
 * PD_CONFLICT: the database is of another folder, or the folder has a polder.db.
 */
PD_CHECK enum pd_status store_open_at(const char *folder, const char *database,
                                      enum store_mode mode, const char *holder, struct store **out,
                                      struct pd_error *err);
void store_close(struct store *store);
/**
 * Lets no other process write over the folder from here on, or refuses with PD_CONFLICT if one
 * does: for what changes it under everybody, such as another node key. With SQLite the one writer
 * always is alone. share() lets the others in again, as closing does. Only with STORE_WRITE.
 */
PD_CHECK enum pd_status store_hold_alone(struct store *store, struct pd_error *err);
PD_CHECK enum pd_status store_share(struct store *store, struct pd_error *err);
/**
 * Has a STORE_BESIDE handle take turns with `first`, which holds the lock: a transaction waits
 * until that of another such handle is over, where SQLite would sleep and look again. Each handle
 * is one thread's at a time. Call it before threads use `first`; `first` is closed last. PD_LIMIT:
 * memory.
 */
PD_CHECK enum pd_status store_take_turns(struct store *store, struct store *first,
                                         struct pd_error *err);
/**
 * Copies what SQLite's log of writes has gathered into the database, if it is much: nobody waits for
 * it, and whoever commits needn't do it. For a thread that works beside that one, now and then; its
 * own commits leave it to this. Over PostgreSQL nothing. A failure costs nothing: what isn't copied
 * is in the log, durably.
 */
PD_CHECK enum pd_status store_relieve(struct store *store, struct pd_error *err);
/** The folder's path as given to store_open; borrowed. */
const char *store_folder(const struct store *store);
/** The schema's version as it was found, and the newest that this program knows. */
int64_t store_schema_found(const struct store *store);
int64_t store_schema_newest(void);

/**
 * Makes a folder for a node that is to be filled from a backup: as store_open_at with STORE_CREATE,
 * with the tables as they were in version `schema` of the schema, and this node key (NULL: a new
 * one).
 * PD_UNSUPPORTED: no such version, this program is older.
 */
PD_CHECK enum pd_status store_make(const char *folder, const char *database, const char *holder,
                                   int64_t schema, const uint8_t node_key[CRYPTO_KEY_SIZE],
                                   struct store **out, struct pd_error *err);
/**
 * Puts upgrade/before.db in the place of the database, in one transaction. The store was opened
 * with STORE_WRITE or STORE_UPGRADE and may only be closed afterwards. PD_NOT_FOUND: there is none.
 */
PD_CHECK enum pd_status store_upgrade_undo(struct store *store, struct pd_error *err);
/** Opens upgrade/before.db for looking at, as if it were the database; rows only. PD_NOT_FOUND. */
PD_CHECK enum pd_status store_open_before(const char *folder, struct store **out,
                                          struct pd_error *err);

/* ---- SQL ---- */

/**
 * One text for both dialects, or one each where they differ. Placeholders are $1, $2, ...
 *
 * What PostgreSQL asks of a text for both: a value has the type that it is given with (BIGINT,
 * TEXT, BYTEA; NULL has none), and the sum of BIGINTs is none: CAST(SUM(n) AS BIGINT). Texts are
 * compared byte by byte on both, but NULLs come first on SQLite and last on PostgreSQL.
 */
struct sql {
    const char *both, *sqlite, *pg;
};

struct store_value {
    enum store_type { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BLOB } type;
    int64_t number;
    pd_str bytes;
};
#define STORE_I64(n)   ((struct store_value){.type = STORE_INT, .number = (n)})
#define STORE_STR(s)   ((struct store_value){.type = STORE_TEXT, .bytes = (s)})
#define STORE_BYTES(s) ((struct store_value){.type = STORE_BLOB, .bytes = (s)})
#define STORE_NONE     ((struct store_value){.type = STORE_NULL})

/**
 * Runs one statement that returns no rows. `$n` is bound to values[n-1] by name, so a parameter may
 * be used twice; every value must be used. `changed` (rows) may be NULL. Prepared statements are
 * kept. PD_CONFLICT: a constraint refused it (the text names it); PD_IO: disk full; PD_UNAVAILABLE:
 * the database asks to retry, or can't be reached (the next use connects again); PD_DENIED: opened
 * with STORE_READ; PD_LIMIT: memory; PD_INVALID: a text that is not UTF-8 or holds a zero;
 * PD_INTERNAL: the database is damaged, or the statement is wrong.
 *
 * Within a transaction, what failed may have ended it (on PostgreSQL it always has): a body that
 * wants to go on puts a savepoint before the statement.
 */
PD_CHECK enum pd_status store_run(struct store *store, struct sql sql,
                                  const struct store_value *values, size_t count, int64_t *changed,
                                  struct pd_error *err);

/** An open cursor; close it before the transaction ends. `values` are copied; errors as store_run.
 * PD_LIMIT: on PostgreSQL, other statements ran in its transaction while very many rows were left.
 */
struct store_rows;
PD_CHECK enum pd_status store_select(struct store *store, struct sql sql,
                                     const struct store_value *values, size_t count,
                                     struct store_rows **out, struct pd_error *err);
/** Steps to the next row; `*has` false after the last. */
PD_CHECK enum pd_status store_next(struct store_rows *rows, bool *has, struct pd_error *err);
size_t store_columns(const struct store_rows *rows);
const char *store_column_name(const struct store_rows *rows, size_t column);
/** Values of the current row; views are valid until the next step or close. */
struct store_value store_column(const struct store_rows *rows, size_t column);
int64_t store_i64(const struct store_rows *rows, size_t column); /* an integer; 0 for NULL */
pd_str store_str(const struct store_rows *rows, size_t column);  /* text or blob; empty for NULL */
bool store_is_null(const struct store_rows *rows, size_t column);
void store_rows_close(struct store_rows *rows); /* NULL is fine */

/**
 * Runs `body` in one transaction (SQLite: BEGIN IMMEDIATE; PostgreSQL: SERIALIZABLE), commits if it
 * returns PD_OK, rolls back otherwise; tries up to 10 times what the database asks to retry, so
 * `body` must be repeatable. Transactions do not nest (an inner call is a bug: assert). With
 * STORE_READ `body` sees one snapshot. Returns what `body` returned, or what the commit said.
 * PD_UNAVAILABLE from PostgreSQL when the connection is lost during the commit: the error then says
 * that nobody knows whether it stands.
 */
PD_CHECK enum pd_status store_transact(struct store *store,
                                       enum pd_status (*body)(struct store *store, void *context,
                                                              struct pd_error *err),
                                       void *context, struct pd_error *err);
bool store_in_transaction(const struct store *store);

/**
 * Savepoints within a transaction; they nest. `undo` returns to the newest one and forgets it, so
 * that the transaction goes on as if nothing had been tried since; PD_UNAVAILABLE from it means
 * that the database wants the whole transaction again: the body must return it.
 */
PD_CHECK enum pd_status store_savepoint(struct store *store, struct pd_error *err);
PD_CHECK enum pd_status store_savepoint_release(struct store *store, struct pd_error *err);
PD_CHECK enum pd_status store_savepoint_undo(struct store *store, struct pd_error *err);

/**
 * A lock by name among all who use the database, for work that one at a time should do; outside a
 * transaction. With SQLite the one writer has every lock. With PostgreSQL it ends with the
 * connection that took it, however that ends: ask again before each round (asking for what one
 * holds is well). wait_ms: how long to wait for whoever holds it. Errors as store_run.
 */
PD_CHECK enum pd_status store_lock(struct store *store, const char *name, int64_t wait_ms,
                                   bool *got, struct pd_error *err);
void store_unlock(struct store *store, const char *name);
/** Whether other processes may write at the same time (PostgreSQL). */
bool store_is_shared(const struct store *store);

/* ---- Keys ---- */

/** A key of the key store: 32 random bytes under a time-ordered id, wrapped by the node key. */
struct store_key {
    pd_id id;
    uint8_t bytes[CRYPTO_KEY_SIZE];
};
/**
 * Makes and durably writes a key before anything uses it (an orphan key is harmless).
 * purpose: "version", "record", "log", "party", ...; kept in clear beside the wrapped key.
 * The caller wipes `out` (crypto_wipe) when done. Errors as store_run.
 */
PD_CHECK enum pd_status store_key_new(struct store *store, const char *purpose, pd_time now,
                                      struct store_key *out, struct pd_error *err);
/** A key that is not in the store yet. */
struct store_key store_key_make(pd_time now);
/** Writes keys that were made so, all of them durably or none, by one wait for the disk. */
PD_CHECK enum pd_status store_keys_add(struct store *store, const char *purpose, pd_time now,
                                       const struct store_key *keys, size_t count,
                                       struct pd_error *err);
/** PD_NOT_FOUND if there is none, or it was destroyed (then says by which act and when);
 * PD_INTERNAL if it does not unwrap. */
PD_CHECK enum pd_status store_key_find(struct store *store, pd_id id, struct store_key *out,
                                       struct pd_error *err);
/** The same for several, in one look at the key store; all of them or (wiped) none. */
PD_CHECK enum pd_status store_keys_find(struct store *store, const pd_id *ids, size_t count,
                                        struct store_key *out, struct pd_error *err);

/** All keys of the key store, in the order of their ids. `about` lives until `visit` returns, whose
 * failure ends the walk. */
struct store_key_about {
    pd_id id;
    pd_str purpose;
    pd_time made_at;
};
PD_CHECK enum pd_status store_keys_each(struct store *store,
                                        enum pd_status (*visit)(void *context,
                                                                const struct store_key_about *about,
                                                                struct pd_error *err),
                                        void *context, struct pd_error *err);

/**
 * Destroys keys, all or none: their rows are overwritten, and it is kept that they were destroyed,
 * when, and by which act. Keys that are not there count as destroyed from then on. To be called
 * once the act stands, and again whenever the key store was exchanged for an older one.
 */
PD_CHECK enum pd_status store_key_destroy(struct store *store, const pd_id *ids, size_t count,
                                          pd_id act, pd_time at, struct pd_error *err);
struct store_destroyed {
    pd_id act;
    pd_time at;
};
/** `out` may be NULL. */
PD_CHECK enum pd_status store_key_is_destroyed(struct store *store, pd_id id, bool *is_destroyed,
                                               struct store_destroyed *out, struct pd_error *err);

/**
 * Another node key, in two steps with an act between them. stage: makes node.key.next durable,
 * which changes nothing yet. settle: with the fingerprint that stage gave, wraps all keys anew in
 * one transaction and puts the file in the place of node.key; with any other (or NULL) a staged one
 * is removed. To be called after the act and at each opening by a writer: whatever was cut off is
 * then finished. From stage to settle no other process may write (store_hold_alone): PD_CONFLICT if
 * one does. PD_INTERNAL: a key does not unwrap (names it), and nothing has changed.
 */
enum { STORE_FINGERPRINT_SIZE = 16 + 1 };
PD_CHECK enum pd_status store_node_key_stage(struct store *store,
                                             char fingerprint[STORE_FINGERPRINT_SIZE],
                                             struct pd_error *err);
PD_CHECK enum pd_status store_node_key_settle(struct store *store, const char *wanted,
                                              struct pd_error *err);
/** Of the node key in use: tells two keys apart, and nothing of either. */
void store_node_key_current(const struct store *store, char out[STORE_FINGERPRINT_SIZE]);
void store_node_key_fingerprint(const uint8_t key[CRYPTO_KEY_SIZE],
                                char out[STORE_FINGERPRINT_SIZE]);

/** A key as it rests: wrapped by the node key, useless without it. */
struct store_wrapped {
    pd_id id;
    pd_str purpose;
    pd_time made_at;
    pd_str bytes;
};
/** Every key of the key store, in the order of ids. `body` gets views. */
PD_CHECK enum pd_status store_keys_wrapped(struct store *store,
                                           enum pd_status (*body)(void *context,
                                                                  const struct store_wrapped *key,
                                                                  struct pd_error *err),
                                           void *context, struct pd_error *err);
/**
 * Adds keys as store_keys_wrapped gave them, all or none; `next` says `*has` = false at the end.
 * PD_DENIED: one was wrapped by another node key.
 */
PD_CHECK enum pd_status store_keys_load(struct store *store,
                                        enum pd_status (*next)(void *context,
                                                               struct store_wrapped *key, bool *has,
                                                               struct pd_error *err),
                                        void *context, struct pd_error *err);
/** Whether keys.db agrees in itself (its tables with their indices); `*what` empty, or what
 * doesn't, in `arena`. */
PD_CHECK enum pd_status store_keys_check(struct store *store, struct pd_arena *arena, pd_str *what,
                                         struct pd_error *err);

/**
 * Seals a small record (at most 16 MiB) under a key, with `label` bound as associated data, for a
 * BLOB column: random nonce || ciphertext || tag. PD_LIMIT: too large.
 * unseal: PD_INTERNAL if altered, of another key or of another label.
 */
PD_CHECK enum pd_status store_seal(const struct store_key *key, pd_str label, pd_str plain,
                                   struct pd_arena *arena, pd_str *out, struct pd_error *err);
PD_CHECK enum pd_status store_unseal(const struct store_key *key, pd_str label, pd_str sealed,
                                     struct pd_arena *arena, pd_str *out, struct pd_error *err);

/* ---- The vault ---- */

/**
 * A file in the vault is sealed in chunks (AES-256-GCM; key derived per file by HKDF from the
 * version's key and a random file salt; chunk number and a last-chunk flag in the nonce or
 * associated data, so that cutting, swapping and appending are found). Its address is SHA-256 of
 * what is stored. Writing goes to staging/; keep() fsyncs, renames into vault/ and fsyncs the
 * folder: after keep it is durable, and harmless if the act that wanted it never commits.
 */
struct store_writer;
PD_CHECK enum pd_status store_vault_create(struct store *store, const struct store_key *key,
                                           struct store_writer **out, struct pd_error *err);
/** PD_IO: disk full; the writer can then only be freed. */
PD_CHECK enum pd_status store_vault_write(struct store_writer *w, const void *bytes, size_t n,
                                          struct pd_error *err);
struct store_stored {
    crypto_hash address;
    uint64_t stored_bytes; /* as on disk */
    uint64_t plain_bytes;
};
/** Ends the file and keeps it. The writer is used up whatever happens (free it all the same). */
PD_CHECK enum pd_status store_vault_keep(struct store_writer *w, struct store_stored *out,
                                         struct pd_error *err);
void store_writer_free(struct store_writer *w); /* deletes what was not kept; NULL is fine */

struct store_reader;
/**
 * Compares all stored bytes with the address before it gives any out, so that another file sealed
 * under the same key can't stand in its place. PD_NOT_FOUND; PD_INTERNAL (at open or while reading)
 * if altered or of another key, naming the file and, while reading, the offset; PD_UNSUPPORTED: of
 * a newer Polder.
 */
PD_CHECK enum pd_status store_vault_open(struct store *store, const struct store_key *key,
                                         crypto_hash address, struct store_reader **out,
                                         struct pd_error *err);
/** *n in: room; out: bytes read, 0 at the end. Every byte given out was verified. */
PD_CHECK enum pd_status store_vault_read(struct store_reader *r, void *out, size_t *n,
                                         struct pd_error *err);
void store_reader_free(struct store_reader *r);
/** Hashes the stored bytes again: PD_INTERNAL if they are not what the address says. No key needed.
 */
PD_CHECK enum pd_status store_vault_check(struct store *store, crypto_hash address,
                                          uint64_t *stored_bytes, struct pd_error *err);

/** Removes a vault file durably; one that is not there is no failure. */
PD_CHECK enum pd_status store_vault_remove(struct store *store, crypto_hash address,
                                           struct pd_error *err);
/**
 * Every file in the vault, whether an act names it or not, opened for reading (the caller's
 * business is not to close it). PD_INTERNAL: there is one whose name is no address.
 */
PD_CHECK enum pd_status store_vault_each(struct store *store,
                                         enum pd_status (*body)(void *context, int fd,
                                                                const crypto_hash *address,
                                                                struct pd_error *err),
                                         void *context, struct pd_error *err);

/* ---- Plain files of the folder ---- */

/** Every regular file below a folder of the data folder ("ledger"), with its path below the data
 * folder, in no order; folders at most 16 deep. One that vanishes meanwhile is left out. */
PD_CHECK enum pd_status store_files_each(struct store *store, const char *below,
                                         enum pd_status (*body)(void *context, int fd,
                                                                const char *path,
                                                                struct pd_error *err),
                                         void *context, struct pd_error *err);

/** What lies in one folder of the data folder ("open"), not below it; links aren't followed. Nothing
 * if there is no such folder; PD_INVALID: it is a link, or a file. */
enum store_entry { STORE_FILE, STORE_FOLDER, STORE_LINK, STORE_OTHER };
PD_CHECK enum pd_status store_folder_list(struct store *store, const char *folder,
                                          enum pd_status (*body)(void *context, const char *name,
                                                                 enum store_entry kind,
                                                                 struct pd_error *err),
                                          void *context, struct pd_error *err);

/**
 * Writes a whole file below the folder durably: temporary file, fsync, rename, fsync of the
 * directory; makes missing directories. path: relative, no "..", at most 255 bytes a segment and
 * 1024 in all, not one of the store's own files (databases, node.key, lock, vault/, staging/), no
 * symbolic link on the way. PD_INVALID: the path; PD_IO. These files are not sealed; those below
 * ledger/ and open/ get the rights of public files, others those of their owner alone (0600).
 */
PD_CHECK enum pd_status store_file_write(struct store *store, const char *path, pd_str bytes,
                                         struct pd_error *err);
/** Reads a file below the folder into `arena`, at most `limit` bytes. PD_NOT_FOUND; PD_LIMIT. */
PD_CHECK enum pd_status store_file_read(struct store *store, const char *path, size_t limit,
                                        struct pd_arena *arena, pd_str *out, struct pd_error *err);
/** SHA-256 of a file below the folder, of any size. PD_NOT_FOUND; PD_IO. */
PD_CHECK enum pd_status store_file_hash(struct store *store, const char *path, crypto_hash *out,
                                        struct pd_error *err);
/** Removes a plain file below the folder durably; one that is not there is no failure. */
PD_CHECK enum pd_status store_file_remove(struct store *store, const char *path,
                                          struct pd_error *err);
/** Removes a folder below ledger/ or open/ with all that is in it, durably; PD_OK also if there is
 * none. PD_INVALID: the path; PD_IO. */
PD_CHECK enum pd_status store_files_remove(struct store *store, const char *path,
                                           struct pd_error *err);
/** Unseals a vault file into a plain file below the folder, durably and at once (rename). */
PD_CHECK enum pd_status store_file_release(struct store *store, const struct store_key *key,
                                           crypto_hash address, const char *path,
                                           struct pd_error *err);

#endif
