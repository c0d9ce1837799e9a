/* Plain files below the folder: what is public, and released distributions. */
#include "store/store_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENT_LIMIT = 255, PATH_LIMIT = 1024, COPY_SIZE = 64 * 1024 };

/* ---- Paths ---- */

/* What is published may be read by a web server that is let in; the rest is the owner's alone. */
static bool is_public(const char *path) {
    pd_str text = pd_str_from(path);
    return pd_str_starts(text, PD_STR("ledger/")) || pd_str_starts(text, PD_STR("open/"));
}

static mode_t rights_of(const char *path) {
    return is_public(path) ? 0644 : 0600;
}

static bool is_own(pd_str first) {
    static const char *const names[] = {"lock",    "node.key", "node.key.next", "vault",
                                        "staging", "database", "upgrade",       "restoring"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (pd_str_is(first, names[i]))
            return true;
    return pd_str_starts(first, PD_STR("polder.db")) || pd_str_starts(first, PD_STR("keys.db"));
}

static enum pd_status check_path(const char *path, struct pd_error *err) {
    pd_str rest = pd_str_from(path), segment;
    if (rest.len == 0 || rest.len > PATH_LIMIT)
        return pd_fail(err, PD_INVALID, "a path below the data folder has 1 to %d bytes, not %zu",
                       PATH_LIMIT, rest.len);
    bool first = true;
    while (pd_str_split(&rest, '/', &segment)) {
        const char *wrong = NULL;
        if (segment.len == 0)
            wrong = "has an empty segment";
        else if (pd_str_is(segment, ".") || pd_str_is(segment, ".."))
            wrong = "has a segment \".\" or \"..\"";
        else if (segment.len > SEGMENT_LIMIT)
            wrong = "has a segment of more than 255 bytes";
        else if (first && is_own(segment))
            wrong = "belongs to the store itself";
        if (wrong != NULL)
            return pd_fail(err, PD_INVALID, "the path \"%s\" %s", path, wrong);
        first = false;
    }
    return PD_OK;
}

enum pd_status store_check_public(const char *path, struct pd_error *err) {
    enum pd_status st = check_path(path, err);
    if (st == PD_OK && !is_public(path))
        st = pd_fail(err, PD_INVALID, "the path \"%s\" is not below ledger/ or open/", path);
    return st;
}

/* Makes a directory and its name durable; one that exists is fine. */
static enum pd_status make_dir(int parent_fd, const char *name, mode_t rights,
                               struct pd_error *err) {
    if (mkdirat(parent_fd, name, rights) != 0)
        return errno == EEXIST ? PD_OK : pd_fail_errno(err, PD_IO, "make the folder \"%s\"", name);
    if (fsync(parent_fd) != 0)
        return pd_fail_errno(err, PD_IO, "make the folder \"%s\" durable", name);
    return PD_OK;
}

/* rights: of a directory that is missing; 0: don't make it. */
static enum pd_status enter(int *fd, const char *name, mode_t rights, struct pd_error *err) {
    if (rights != 0) {
        enum pd_status st = make_dir(*fd, name, rights, err);
        if (st != PD_OK)
            return st;
    }
    int next = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (next < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open the folder \"%s\"",
                             name);
    close(*fd);
    *fd = next;
    return PD_OK;
}

enum pd_status store_parent_open(struct store *store, const char *path, bool make, int *dir_fd,
                                 const char **name, struct pd_error *err) {
    int fd = fcntl(store->folder_fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open %s", store->folder);
    mode_t rights = !make ? 0 : is_public(path) ? 0755 : 0700;
    const char *at = path, *slash;
    while ((slash = strchr(at, '/')) != NULL) {
        char segment[SEGMENT_LIMIT + 1] = {0};
        memcpy(segment, at, (size_t)(slash - at)); /* callers checked the lengths */
        enum pd_status st = enter(&fd, segment, rights, err);
        if (st != PD_OK) {
            close(fd);
            pd_wrap(err, "%s/%s", store->folder, path);
            return st;
        }
        at = slash + 1;
    }
    *dir_fd = fd;
    *name = at;
    return PD_OK;
}

/* ---- Reading ---- */

enum pd_status store_plain_open(struct store *store, const char *path, int *fd, uint64_t *size,
                                struct pd_error *err) {
    int dir_fd;
    const char *name;
    enum pd_status st = store_parent_open(store, path, false, &dir_fd, &name, err);
    if (st != PD_OK)
        return st;
    /* NONBLOCK: a pipe in the place of a file must not hold us up. */
    int opened = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat about;
    if (opened < 0 && errno == ENOENT)
        st = pd_fail(err, PD_NOT_FOUND, "there is no file %s/%s", store->folder, path);
    else if (opened < 0 || fstat(opened, &about) != 0)
        st = pd_fail_errno(err, PD_IO, "open %s/%s", store->folder, path);
    else if (!S_ISREG(about.st_mode))
        st = pd_fail(err, PD_IO, "%s/%s is not a regular file", store->folder, path);
    close(dir_fd);
    if (st != PD_OK) {
        if (opened >= 0)
            close(opened);
        return st;
    }
    *fd = opened;
    *size = (uint64_t)about.st_size;
    return PD_OK;
}

enum pd_status store_read_at(int fd, const char *path, uint64_t offset, void *out, size_t *n,
                             struct pd_error *err) {
    size_t done = 0;
    while (done < *n) {
        ssize_t got = pread(fd, (char *)out + done, *n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return pd_fail_errno(err, PD_IO, "read %s at byte %" PRIu64, path, offset + done);
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *n = done;
    return PD_OK;
}

enum pd_status store_file_read(struct store *store, const char *path, size_t limit,
                               struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    int fd;
    uint64_t size;
    enum pd_status st = check_path(path, err);
    if (st == PD_OK)
        st = store_plain_open(store, path, &fd, &size, err);
    if (st != PD_OK)
        return st;
    char *bytes = NULL;
    size_t n = 0;
    if (size > limit) {
        st = pd_fail(err, PD_LIMIT, "%s/%s has %" PRIu64 " bytes; at most %zu are read",
                     store->folder, path, size, limit);
    } else {
        n = (size_t)size;
        bytes = pd_arena_alloc(arena, n + 1); /* a zero behind it, for callers with C libraries */
        st = bytes ? store_read_at(fd, path, 0, bytes, &n, err) : pd_fail_memory(err);
    }
    close(fd);
    if (st == PD_OK)
        *out = (pd_str){bytes, n};
    return st;
}

enum pd_status store_file_hash(struct store *store, const char *path, crypto_hash *out,
                               struct pd_error *err) {
    int fd;
    uint64_t size;
    enum pd_status st = check_path(path, err);
    if (st == PD_OK)
        st = store_plain_open(store, path, &fd, &size, err);
    if (st != PD_OK)
        return st;
    enum { PIECE = 1 << 18 };
    struct crypto_sha256_state *state = crypto_sha256_new();
    char *piece = malloc(PIECE);
    if (!state || !piece)
        st = pd_fail_memory(err);
    for (uint64_t at = 0; st == PD_OK && at < size;) {
        size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;
        st = store_read_at(fd, path, at, piece, &n, err);
        if (st == PD_OK)
            crypto_sha256_add(state, piece, n);
        at += n;
    }
    if (st == PD_OK)
        *out = crypto_sha256_end(state);
    close(fd);
    free(piece);
    crypto_sha256_free(state);
    return st;
}

/* ---- Writing ---- */

static enum pd_status place(struct store *store, struct store_temp *temp, const char *path,
                            struct pd_error *err) {
    int dir_fd;
    const char *name;
    enum pd_status st = store_parent_open(store, path, true, &dir_fd, &name, err);
    if (st != PD_OK)
        return st;
    st = store_temp_place(store, temp, dir_fd, name, err);
    close(dir_fd);
    return st;
}

enum pd_status store_file_write(struct store *store, const char *path, pd_str bytes,
                                struct pd_error *err) {
    struct store_temp temp = {.fd = -1};
    enum pd_status st = check_path(path, err);
    if (st == PD_OK)
        st = store_temp_open(store, rights_of(path), &temp, err);
    if (st == PD_OK)
        st = store_temp_write(&temp, bytes.data, bytes.len, err);
    if (st == PD_OK)
        st = place(store, &temp, path, err);
    store_temp_discard(store, &temp);
    if (st != PD_OK)
        pd_wrap(err, "write %s/%s", store->folder, path);
    return st;
}

enum pd_status store_plain_remove(struct store *store, const char *path, struct pd_error *err) {
    int dir_fd;
    const char *name;
    enum pd_status st = store_parent_open(store, path, false, &dir_fd, &name, err);
    if (st == PD_NOT_FOUND)
        return PD_OK;
    if (st != PD_OK)
        return st;
    if (unlinkat(dir_fd, name, 0) != 0 && errno != ENOENT)
        st = pd_fail_errno(err, PD_IO, "remove %s/%s", store->folder, path);
    else if (fsync(dir_fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make the removal of %s/%s durable", store->folder, path);
    close(dir_fd);
    return st;
}

enum pd_status store_file_remove(struct store *store, const char *path, struct pd_error *err) {
    enum pd_status st = check_path(path, err);
    return st == PD_OK ? store_plain_remove(store, path, err) : st;
}

static enum pd_status copy(struct store_reader *from, struct store_temp *to, struct pd_error *err) {
    char piece[COPY_SIZE];
    for (;;) {
        size_t n = sizeof(piece);
        enum pd_status st = store_vault_read(from, piece, &n, err);
        if (st != PD_OK || n == 0)
            return st;
        st = store_temp_write(to, piece, n, err);
        if (st != PD_OK)
            return st;
    }
}

enum pd_status store_file_release(struct store *store, const struct store_key *key,
                                  crypto_hash address, const char *path, struct pd_error *err) {
    struct store_reader *from = NULL;
    struct store_temp temp = {.fd = -1};
    enum pd_status st = check_path(path, err);
    if (st == PD_OK)
        st = store_vault_open(store, key, address, &from, err);
    if (st == PD_OK)
        st = store_temp_open(store, rights_of(path), &temp, err);
    if (st == PD_OK)
        st = copy(from, &temp, err);
    if (st == PD_OK)
        st = place(store, &temp, path, err);
    store_temp_discard(store, &temp);
    store_reader_free(from);
    if (st != PD_OK)
        pd_wrap(err, "release %s/%s", store->folder, path);
    return st;
}
