/* What the files of backup/ share and nobody else sees. */
#ifndef POLDER_BACKUP_IMPL_H
#define POLDER_BACKUP_IMPL_H

#include "backup/backup.h"

struct backup_folder {
    char *path; /* as given */
    int fd, lock_fd;
    enum backup_mode mode;
    struct pd_arena *arena;
    pd_str origin, node;
    struct json_t **manifests; /* to be freed with the folder */
    size_t manifest_count;
};

enum {
    BACKUP_LINE_MAX = 64 << 20,
    BACKUP_PIECE_AIM = 1 << 20,  /* bytes of lines in a piece, on average */
    BACKUP_PIECE_MOST = 8 << 20, /* cut after the line that reaches it */
    BACKUP_MANIFEST_MAX = 512 << 20,
    BACKUP_PATH_SIZE = 7 + 2 + 1 + 62 + 1 /* "pieces/", "ab", "/", 62 digits, NUL */
};

/* ---- piece.c ---- */

void backup_piece_path(const crypto_hash *hash, char out[BACKUP_PATH_SIZE]);
/* PD_NOT_FOUND; what is there has this size, or it isn't there. */
bool backup_piece_is_there(const struct backup_folder *folder, const crypto_hash *hash,
                           uint64_t size);
/* Writes bytes that are in memory. Not made durable. */
PD_CHECK enum pd_status backup_piece_put(struct backup_folder *folder, const crypto_hash *hash,
                                         pd_str bytes, struct pd_error *err);
PD_CHECK enum pd_status backup_piece_put_file(struct backup_folder *folder, int fd,
                                              const char *path, const crypto_hash *expected,
                                              crypto_hash *hash, uint64_t *size, bool *is_new,
                                              struct pd_error *err);
/* The whole piece, which is what its name says; `buf` is cleared before. */
PD_CHECK enum pd_status backup_piece_read(const struct backup_folder *folder,
                                          const crypto_hash *hash, uint64_t size,
                                          struct pd_buf *buf, struct pd_error *err);
/* Hashes a piece as it lies on the disk: not from memory, as far as the system lets us. */
PD_CHECK enum pd_status backup_piece_check(const struct backup_folder *folder,
                                           const crypto_hash *hash, uint64_t size,
                                           struct pd_error *err);

/* A set of hashes that grows, and is sorted once. */
struct backup_set {
    crypto_hash *hashes;
    size_t count, room;
};
PD_CHECK enum pd_status backup_set_add(struct backup_set *set, const crypto_hash *hash,
                                       struct pd_error *err);
void backup_set_sort(struct backup_set *set);
bool backup_set_has(const struct backup_set *set, const crypto_hash *hash); /* a sorted one */
void backup_set_clear(struct backup_set *set);
/* Removes every piece that isn't in the sorted set. */
PD_CHECK enum pd_status backup_pieces_keep(struct backup_folder *folder,
                                           const struct backup_set *set, struct backup_tally *freed,
                                           struct pd_error *err);

/* ---- folder.c ---- */

/* Writes a file durably: temporary name, fsync, rename, fsync of the folder. */
PD_CHECK enum pd_status backup_file_put(struct backup_folder *folder, const char *path,
                                        pd_str bytes, struct pd_error *err);
PD_CHECK enum pd_status backup_file_get(const struct backup_folder *folder, const char *path,
                                        size_t limit, struct pd_arena *arena, pd_str *out,
                                        struct pd_error *err);
PD_CHECK enum pd_status backup_sync(const struct backup_folder *folder, const char *path,
                                    struct pd_error *err);

/* ---- check.c ---- */

/* Adds everything that a backup consists of. */
PD_CHECK enum pd_status backup_collect(struct backup_folder *folder,
                                       const struct backup_manifest *m, struct backup_set *set,
                                       struct pd_error *err);
/* Removes pieces that no backup has. */
PD_CHECK enum pd_status backup_sweep(struct backup_folder *folder, struct backup_tally *freed,
                                     struct pd_error *err);

/* ---- section.c ---- */

/* An open section, being cut into pieces. */
struct backup_writer {
    struct backup_folder *folder;
    char name[BACKUP_NAME_SIZE];
    pd_time made_at;
    struct pd_buf lines; /* of the piece that is being filled */
    uint64_t line_count; /* in it */
    uint64_t section_lines;
    struct pd_buf text;  /* "sections" of the manifest */
    struct pd_json json; /* writes there */
    bool is_in_section;
    struct backup_set fresh; /* pieces that were written now */
    uint64_t *fresh_sizes;
    size_t fresh_room;
    struct backup_tally tally;
};

#endif
