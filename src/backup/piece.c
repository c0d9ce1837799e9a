/* Pieces: files that are named by what is in them, so that one that is there need not be copied. */
#include "backup/backup_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_SIZE = 256 * 1024 };
static const char INCOMING[] = "pieces/incoming"; /* one writer: one name is enough */

void backup_piece_path(const crypto_hash *hash, char out[BACKUP_PATH_SIZE]) {
    char hex[BACKUP_HEX_SIZE];
    pd_hex_encode(hash->bytes, sizeof(hash->bytes), hex);
    snprintf(out, BACKUP_PATH_SIZE, "pieces/%.2s/%s", hex, hex + 2);
}

bool backup_piece_is_there(const struct backup_folder *folder, const crypto_hash *hash,
                           uint64_t size) {
    char path[BACKUP_PATH_SIZE];
    struct stat about;
    backup_piece_path(hash, path);
    return fstatat(folder->fd, path, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode) &&
           (uint64_t)about.st_size == size;
}

/* ---- Writing ---- */

static enum pd_status open_incoming(struct backup_folder *f, int *fd, struct pd_error *err) {
    *fd = openat(f->fd, INCOMING, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *fd < 0 ? pd_fail_errno(err, PD_IO, "make %s/%s", f->path, INCOMING) : PD_OK;
}

static enum pd_status write_all(int fd, const char *name, const void *bytes, size_t n,
                                struct pd_error *err) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t written = write(fd, at, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return pd_fail_errno(err, PD_IO, "write %s", name);
        at += written;
        n -= (size_t)written;
    }
    return PD_OK;
}

/* Gives what came in its name; whoever had that name was damaged (another size), or is the same. */
static enum pd_status place(struct backup_folder *f, const crypto_hash *hash,
                            struct pd_error *err) {
    char path[BACKUP_PATH_SIZE], dir[16];
    backup_piece_path(hash, path);
    snprintf(dir, sizeof(dir), "%.9s", path);
    if (mkdirat(f->fd, dir, 0700) != 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make %s/%s", f->path, dir);
    if (renameat(f->fd, INCOMING, f->fd, path) != 0)
        return pd_fail_errno(err, PD_IO, "rename to %s/%s", f->path, path);
    return PD_OK;
}

enum pd_status backup_piece_put(struct backup_folder *f, const crypto_hash *hash, pd_str bytes,
                                struct pd_error *err) {
    int fd;
    enum pd_status st = open_incoming(f, &fd, err);
    if (st != PD_OK)
        return st;
    st = write_all(fd, INCOMING, bytes.data, bytes.len, err);
    close(fd);
    return st == PD_OK ? place(f, hash, err) : st;
}

/* Reads a file to its end, perhaps copying it, and hashes it. */
static enum pd_status pump(int from, const char *path, int to, const char *to_name,
                           crypto_hash *hash, uint64_t *size, struct pd_error *err) {
    struct crypto_sha256_state *state = crypto_sha256_new();
    char *piece = malloc(COPY_SIZE);
    enum pd_status st = state && piece ? PD_OK : pd_fail_memory(err);
    uint64_t at = 0;
    while (st == PD_OK) {
        ssize_t n = pread(from, piece, COPY_SIZE, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            st = pd_fail_errno(err, PD_IO, "read %s at byte %" PRIu64, path, at);
        if (n <= 0)
            break;
        crypto_sha256_add(state, piece, (size_t)n);
        if (to >= 0)
            st = write_all(to, to_name, piece, (size_t)n, err);
        at += (uint64_t)n;
    }
    if (st == PD_OK) {
        *hash = crypto_sha256_end(state);
        *size = at;
    }
    free(piece);
    crypto_sha256_free(state);
    return st;
}

enum pd_status backup_piece_put_file(struct backup_folder *f, int fd, const char *path,
                                     const crypto_hash *expected, crypto_hash *hash, uint64_t *size,
                                     bool *is_new, struct pd_error *err) {
    int to;
    enum pd_status st = open_incoming(f, &to, err);
    if (st != PD_OK)
        return st;
    st = pump(fd, path, to, INCOMING, hash, size, err);
    close(to);
    if (st == PD_OK && expected && memcmp(hash->bytes, expected->bytes, sizeof(hash->bytes)) != 0)
        st = pd_fail(err, PD_INTERNAL,
                     "%s: its %" PRIu64 " bytes are not those that its name stands for; it was "
                     "damaged or exchanged",
                     path, *size);
    *is_new = st == PD_OK && !backup_piece_is_there(f, hash, *size);
    if (*is_new)
        return place(f, hash, err);
    unlinkat(f->fd, INCOMING, 0);
    return st;
}

/* ---- Reading ---- */

static enum pd_status open_piece(const struct backup_folder *f, const crypto_hash *hash,
                                 char path[BACKUP_PATH_SIZE], int *fd, struct pd_error *err) {
    backup_piece_path(hash, path);
    *fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0 && errno == ENOENT)
        return pd_fail(err, PD_INTERNAL, "%s/%s is missing from the backups", f->path, path);
    return *fd < 0 ? pd_fail_errno(err, PD_IO, "open %s/%s", f->path, path) : PD_OK;
}

static enum pd_status compare(const struct backup_folder *f, const char *path,
                              const crypto_hash *expected, uint64_t expected_size,
                              const crypto_hash *found, uint64_t size, struct pd_error *err) {
    if (size == expected_size && memcmp(found->bytes, expected->bytes, sizeof(found->bytes)) == 0)
        return PD_OK;
    return pd_fail(err, PD_INTERNAL,
                   "%s/%s is damaged: its %" PRIu64 " bytes are not those that its name stands for",
                   f->path, path, size);
}

enum pd_status backup_piece_read(const struct backup_folder *f, const crypto_hash *hash,
                                 uint64_t size, struct pd_buf *buf, struct pd_error *err) {
    char path[BACKUP_PATH_SIZE];
    int fd;
    if (size > BACKUP_PIECE_MOST + BACKUP_LINE_MAX)
        return pd_fail(err, PD_LIMIT, "a piece of lines of %" PRIu64 " bytes is too large", size);
    enum pd_status st = open_piece(f, hash, path, &fd, err);
    if (st != PD_OK)
        return st;
    pd_buf_reset(buf);
    char *bytes = pd_buf_reserve(buf, (size_t)size + 1);
    if (!bytes)
        st = pd_fail_memory(err);
    size_t done = 0;
    while (st == PD_OK && done <= size) { /* one byte more than it should have would show */
        ssize_t n = pread(fd, bytes + done, (size_t)size + 1 - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            st = pd_fail_errno(err, PD_IO, "read %s/%s", f->path, path);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
    if (st != PD_OK)
        return st;
    buf->len += done;
    crypto_hash found = crypto_sha256(bytes, done);
    return compare(f, path, hash, size, &found, done, err);
}

enum pd_status backup_piece_check(const struct backup_folder *f, const crypto_hash *hash,
                                  uint64_t size, struct pd_error *err) {
    char path[BACKUP_PATH_SIZE];
    int fd;
    crypto_hash found;
    uint64_t found_size = 0;
    enum pd_status st = open_piece(f, hash, path, &fd, err);
    if (st != PD_OK)
        return st;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    st = pump(fd, path, -1, "", &found, &found_size, err);
    close(fd);
    return st == PD_OK ? compare(f, path, hash, size, &found, found_size, err) : st;
}

enum pd_status backup_copy_out(struct backup_folder *f, const crypto_hash *hash, int dir_fd,
                               const char *name, unsigned rights, struct pd_error *err) {
    char path[BACKUP_PATH_SIZE];
    int from, to;
    crypto_hash found;
    uint64_t size = 0;
    enum pd_status st = open_piece(f, hash, path, &from, err);
    if (st != PD_OK)
        return st;
    to = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)rights);
    if (to < 0)
        st = pd_fail_errno(err, PD_IO, "make the file \"%s\"", name);
    if (st == PD_OK)
        st = pump(from, path, to, name, &found, &size, err);
    if (st == PD_OK)
        st = compare(f, path, hash, size, &found, size, err);
    close(from);
    if (to >= 0 && close(to) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "write the file \"%s\"", name);
    return st;
}

/* ---- Sets ---- */

enum pd_status backup_set_add(struct backup_set *set, const crypto_hash *hash,
                              struct pd_error *err) {
    if (set->count == set->room) {
        size_t room = set->room ? 2 * set->room : 1024, size;
        crypto_hash *grown =
            pd_mul(room, sizeof(*grown), &size) ? realloc(set->hashes, size) : NULL;
        if (!grown)
            return pd_fail_memory(err);
        set->hashes = grown;
        set->room = room;
    }
    set->hashes[set->count++] = *hash;
    return PD_OK;
}

static int compare_hashes(const void *a, const void *b) {
    return memcmp(a, b, sizeof(crypto_hash));
}

void backup_set_sort(struct backup_set *set) {
    if (set->count)
        qsort(set->hashes, set->count, sizeof(*set->hashes), compare_hashes);
}

bool backup_set_has(const struct backup_set *set, const crypto_hash *hash) {
    return set->count &&
           bsearch(hash, set->hashes, set->count, sizeof(*set->hashes), compare_hashes) != NULL;
}

void backup_set_clear(struct backup_set *set) {
    free(set->hashes);
    *set = (struct backup_set){0};
}

/* ---- Forgetting ---- */

/* The pieces of one folder, "pieces/ab". */
static enum pd_status keep_in(struct backup_folder *f, const char *dir_path, const char *first,
                              const struct backup_set *set, struct backup_tally *freed,
                              struct pd_error *err) {
    int fd = openat(f->fd, dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return pd_fail_errno(err, PD_IO, "list %s/%s", f->path, dir_path);
    }
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (entry = readdir(dir)) != NULL) {
        char hex[BACKUP_HEX_SIZE + 8];
        crypto_hash hash;
        struct stat about;
        snprintf(hex, sizeof(hex), "%.2s%.68s", first, entry->d_name);
        if (!pd_hex_decode(pd_str_from(hex), hash.bytes, sizeof(hash.bytes)) ||
            backup_set_has(set, &hash) || fstatat(fd, entry->d_name, &about, 0) != 0)
            continue; /* what isn't ours is left alone */
        if (unlinkat(fd, entry->d_name, 0) != 0)
            st = pd_fail_errno(err, PD_IO, "remove %s/%s/%s", f->path, dir_path, entry->d_name);
        freed->pieces++;
        freed->bytes += (uint64_t)about.st_size;
    }
    closedir(dir);
    return st;
}

enum pd_status backup_pieces_keep(struct backup_folder *f, const struct backup_set *set,
                                  struct backup_tally *freed, struct pd_error *err) {
    *freed = (struct backup_tally){0};
    for (int i = 0; i < 256; i++) {
        char path[16];
        snprintf(path, sizeof(path), "pieces/%02x", i);
        if (faccessat(f->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        enum pd_status st = keep_in(f, path, path + 7, set, freed, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}
