/**
 * backup/: copies of a node that outlive its machine. A folder of backups holds one node's:
 *
 *     DIR/polder-backups   whose they are                DIR/lock      held by the one writer
 *     DIR/pieces/ab/...    named by the SHA-256 of what is in them, written once
 *     DIR/backups/NAME     manifest (JSON) and NAME.sig (a note signed by the node)
 *     DIR/unfinished       there while a backup is being written, or was cut off
 *
 * A backup is its manifest: sections of lines, which lie in pieces. Where lines are cut into pieces
 * depends on the lines alone, so that lines that were there last time are in pieces that are there
 * already. A row of a table is a line; so is the name of a file, whose content is a piece of its
 * own. The room knows no governed table: what belongs into a backup is govern's to say.
 */
#ifndef POLDER_BACKUP_H
#define POLDER_BACKUP_H

#include "base/base.h"
#include "store/store.h"

enum { BACKUP_NAME_SIZE = 40, BACKUP_HEX_SIZE = 2 * CRYPTO_HASH_SIZE + 1 };

/* ---- The folder ---- */

struct backup_folder;
enum backup_mode { BACKUP_READ, BACKUP_WRITE };

/**
 * Opens a folder of backups. BACKUP_WRITE makes it (its parent must exist; an empty one may be
 * there), takes its lock and removes what a backup that was cut off left behind.
 *
 * origin, node: whose backups they must be; empty: whoever's. PD_NOT_FOUND: no such folder;
 * PD_INVALID: it holds something else; PD_DENIED: it holds the backups of another node;
 * PD_CONFLICT: locked; PD_UNSUPPORTED: of a newer Polder; PD_IO.
 */
PD_CHECK enum pd_status backup_open(const char *path, enum backup_mode mode, pd_str origin,
                                    pd_str node, struct backup_folder **out, struct pd_error *err);
void backup_close(struct backup_folder *folder); /* NULL is fine */
pd_str backup_origin(const struct backup_folder *folder);
pd_str backup_node(const struct backup_folder *folder);

/* ---- Writing a backup ---- */

struct backup_writer;
/** Memory: a piece, and 100 bytes for each piece that is written. The folder is open for writing.
 */
PD_CHECK enum pd_status backup_begin(struct backup_folder *folder, pd_time now,
                                     struct backup_writer **out, struct pd_error *err);
/** columns: of a table's rows; none for other lines. Sections come one after the other. */
PD_CHECK enum pd_status backup_section(struct backup_writer *w, pd_str name, const pd_str *columns,
                                       size_t count, struct pd_error *err);
/** line: without its LF, of at most 64 MiB. */
PD_CHECK enum pd_status backup_line(struct backup_writer *w, pd_str line, struct pd_error *err);
PD_CHECK enum pd_status backup_section_end(struct backup_writer *w, struct pd_error *err);
/**
 * Keeps the content of an open file as a piece, unless it is there. expected: its hash if that is
 * known, so that what is there need not be read; NULL: it isn't. PD_INTERNAL: another hash.
 */
PD_CHECK enum pd_status backup_file(struct backup_writer *w, int fd, const char *path,
                                    const crypto_hash *expected, crypto_hash *hash, uint64_t *size,
                                    struct pd_error *err);
/**
 * Makes all pieces durable, reads the new ones again, and writes the manifest: `facts` (members of
 * a JSON object, without the braces; may be empty) and the sections. The text is in `arena`; the
 * backup counts only once it is committed.
 */
PD_CHECK enum pd_status backup_seal(struct backup_writer *w, int64_t schema, pd_str facts,
                                    struct pd_arena *arena, pd_str *manifest, struct pd_error *err);
/** signature: the note of NAME.sig; empty: none. */
PD_CHECK enum pd_status backup_commit(struct backup_writer *w, pd_str manifest, pd_str signature,
                                      struct pd_error *err);
const char *backup_name(const struct backup_writer *w);
/** Whether a piece is in the folder, and whole; its size. */
bool backup_has(const struct backup_writer *w, const crypto_hash *hash, uint64_t *size);
struct backup_tally {
    uint64_t pieces, bytes;         /* that the backup consists of */
    uint64_t new_pieces, new_bytes; /* of these, written now */
};
struct backup_tally backup_written(const struct backup_writer *w);
void backup_writer_free(struct backup_writer *w);

/* ---- Reading backups ---- */

struct backup_piece {
    crypto_hash hash;
    uint64_t size, lines;
};
struct backup_manifest {
    pd_str name;
    pd_time made_at;
    pd_str origin, node;
    int64_t schema; /* version of the database's tables */
    pd_str text;    /* all of it, as it was signed */
    pd_str signature;
    struct backup_part {
        pd_str name;
        const pd_str *columns;
        size_t column_count;
        uint64_t lines;
        const struct backup_piece *pieces;
        size_t piece_count;
    } * parts;
    size_t part_count;
    struct json_t *facts; /* the whole object; borrowed, lives as long as the folder is open */
};
/** Names of all backups, oldest first, in `arena`. */
PD_CHECK enum pd_status backup_list(struct backup_folder *folder, struct pd_arena *arena,
                                    const pd_str **names, size_t *count, struct pd_error *err);
/** name: empty for the newest. PD_NOT_FOUND names what there is; PD_INTERNAL: damaged. */
PD_CHECK enum pd_status backup_load(struct backup_folder *folder, pd_str name,
                                    struct pd_arena *arena, const struct backup_manifest **out,
                                    struct pd_error *err);
/** NULL if there is no such section. */
const struct backup_part *backup_find_part(const struct backup_manifest *m, const char *name);
/** Every line in its order; each piece is compared with its hash before a line of it is given. */
PD_CHECK enum pd_status backup_lines(struct backup_folder *folder, const struct backup_part *part,
                                     enum pd_status (*body)(void *context, pd_str line,
                                                            struct pd_error *err),
                                     void *context, struct pd_error *err);
/** Copies a piece to a new file, comparing its hash. Not made durable. */
PD_CHECK enum pd_status backup_copy_out(struct backup_folder *folder, const crypto_hash *hash,
                                        int dir_fd, const char *name, unsigned rights,
                                        struct pd_error *err);

/**
 * Copies the files of a section below a folder, with these rights and those of their folders.
 * Paths are relative and below one of `vault` and `ledger`, else PD_INTERNAL. Not made durable.
 */
PD_CHECK enum pd_status backup_files_place(struct backup_folder *folder,
                                           const struct backup_part *part, int dir_fd,
                                           unsigned rights, unsigned dir_rights,
                                           struct pd_error *err);
/** Makes everything on the file system of a folder durable. */
PD_CHECK enum pd_status backup_sync_all(int dir_fd, const char *path, struct pd_error *err);

/** Lines of the sections "vault" and "ledger": ["path", "hash", size]. */
struct backup_entry {
    pd_str path;
    crypto_hash hash;
    uint64_t size;
};
PD_CHECK enum pd_status backup_entry_parse(pd_str line, struct pd_arena *arena,
                                           struct backup_entry *out, struct pd_error *err);
PD_CHECK enum pd_status backup_entry_add(struct backup_writer *w, const struct backup_entry *entry,
                                         struct pd_error *err);

/* ---- Looking after backups ---- */

/** Reads everything that a backup consists of again. Flaws are told one by one. */
PD_CHECK enum pd_status backup_check(struct backup_folder *folder, const struct backup_manifest *m,
                                     void (*flaw)(void *context, const char *what), void *context,
                                     struct backup_tally *tally, struct pd_error *err);
/** Forgets all but the newest `keep` backups (at least 1), and the pieces that no other has. */
PD_CHECK enum pd_status backup_prune(struct backup_folder *folder, uint64_t keep,
                                     struct pd_arena *arena, size_t *forgotten,
                                     struct backup_tally *freed, struct pd_error *err);

/* ---- Keys (keys.c): a backup of their own, elsewhere, and not for long ---- */

/**
 * What destroys a key must not be undone by a backup of it. So there is one backup of the keys at a
 * time, always the newest: keys only come or are destroyed, so it serves every backup of the rest.
 * It says until when it may be used. Every key in it is wrapped by the node key, which isn't there.
 */
struct backup_keys {
    pd_str origin, node;
    pd_str backup;                  /* name of the backup that was made with it */
    char node_key[STORE_FINGERPRINT_SIZE]; /* which one wrapped them */
    pd_time made_at, expires_at;
    uint64_t keys;
    pd_str path;
};
/**
 * Writes DIR/keys-NAME.jsonl durably, reads it again, and removes the older ones of this node.
 * keys: all but node_key, keys and path are given. PD_DENIED: DIR holds keys of another node;
 * PD_INTERNAL: the key store lacks keys that the older backup has and nobody destroyed, so that one
 * stays.
 */
PD_CHECK enum pd_status backup_keys_save(struct store *store, const char *dir,
                                         struct backup_keys *keys, struct pd_arena *arena,
                                         struct pd_error *err);
/** The newest that is there, its whole content checked. PD_NOT_FOUND; PD_INTERNAL: damaged. */
PD_CHECK enum pd_status backup_keys_find(const char *dir, struct pd_arena *arena,
                                         struct backup_keys *out, struct pd_error *err);
/** Adds them to a key store that has the node key, but for those that `is_destroyed` knows of.
 * PD_DENIED: wrapped by another node key. */
PD_CHECK enum pd_status backup_keys_load(struct store *store, const struct backup_keys *keys,
                                         bool (*is_destroyed)(const void *context, pd_id id),
                                         const void *context, uint64_t *loaded,
                                         struct pd_error *err);
/** Removes a backup of keys. */
PD_CHECK enum pd_status backup_keys_remove(const struct backup_keys *keys, struct pd_error *err);

/* ---- Rows (rows.c): a database by its catalogue, the same on SQLite and PostgreSQL ---- */

/** A section for each table, in the order in which they were made; rows by primary key. Inside a
 * transaction of the caller's, which is the moment of the backup. */
PD_CHECK enum pd_status backup_rows_save(struct store *store, struct backup_writer *w,
                                         struct pd_error *err);
/** Replaces the rows of every table, in transactions of its own. The tables must be those of the
 * backup: PD_INVALID if one, or a column, is missing. */
PD_CHECK enum pd_status backup_rows_load(struct store *store, struct backup_folder *folder,
                                         const struct backup_manifest *m, struct pd_error *err);

#endif
