/* A source: opened with a sentence for whatever is wrong with it, read as often as needed. */
#include "source/source_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, PROGRESS_STEP = 8 << 20 };

struct source {
    char *path; /* absolute; NULL for standard input */
    char *name;
    int fd;                     /* a file, or -1 */
    struct source_spool *spool; /* standard input, or NULL */
    uint64_t size;
    struct timespec modified;
    uint64_t offset;
    bool was_read; /* whole, once; then `content` is its hash */
    crypto_hash content;
};

/* ---- Opening ---- */

static void user_name(uid_t id, char *out, size_t size) {
    struct passwd entry, *found = NULL;
    char text[1024];
    if (getpwuid_r(id, &entry, text, sizeof(text), &found) == 0 && found != NULL)
        snprintf(out, size, "%s", entry.pw_name);
    else
        snprintf(out, size, "user %u", (unsigned)id);
}

static enum pd_status refuse_access(const char *path, struct pd_error *err) {
    struct stat about;
    char me[64], owner[64];
    user_name(geteuid(), me, sizeof(me));
    if (stat(path, &about) != 0)
        return pd_fail(err, PD_DENIED, "%s: %s may not enter a folder on the way to it", path, me);
    user_name(about.st_uid, owner, sizeof(owner));
    return pd_fail(err, PD_DENIED,
                   "%s may not be read by %s: it belongs to %s and has mode %04o; ask %s for read "
                   "permission",
                   path, me, owner, (unsigned)(about.st_mode & 07777), owner);
}

static enum pd_status refuse_path(const char *path, struct pd_error *err) {
    switch (errno) {
    case ENOENT:
        return pd_fail(err, PD_NOT_FOUND, "there is no file %s",
                       path[0] != '\0' ? path : "with an empty name");
    case ENOTDIR:
        return pd_fail(err, PD_NOT_FOUND, "there is no file %s: a part of its path is not a folder",
                       path);
    case EACCES:
    case EPERM:
        return refuse_access(path, err);
    case ELOOP:
    case ENAMETOOLONG:
        return pd_fail_errno(err, PD_INVALID, "%s", path);
    default:
        return pd_fail_errno(err, PD_IO, "open %s", path);
    }
}

static enum pd_status refuse_kind(const char *path, mode_t mode, struct pd_error *err) {
    if (S_ISDIR(mode))
        return pd_fail(err, PD_INVALID,
                       "%s is a folder; a folder of files as one source is a later form: name one "
                       "file in it",
                       path);
    if (S_ISFIFO(mode))
        return pd_fail(err, PD_INVALID,
                       "%s is a pipe, which can be read only once; give it as standard input: - < "
                       "%s",
                       path, path);
    return pd_fail(err, PD_INVALID, "%s is a device or a socket, not a file", path);
}

static enum pd_status look_at(struct source *s, const char *path, uint64_t limit_bytes,
                              struct pd_error *err) {
    struct stat about;
    if (fstat(s->fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s", path);
    if (!S_ISREG(about.st_mode))
        return refuse_kind(path, about.st_mode, err);
    s->size = (uint64_t)about.st_size;
    s->modified = about.st_mtim;
    if (limit_bytes != 0 && s->size > limit_bytes)
        return pd_fail(err, PD_LIMIT, "%s has %" PRIu64 " bytes; at most %" PRIu64 " are read",
                       path, s->size, limit_bytes);
    return PD_OK;
}

static enum pd_status open_file(struct source *s, const char *path, uint64_t limit_bytes,
                                struct pd_error *err) {
    s->path = realpath(path, NULL);
    if (s->path == NULL)
        return refuse_path(path, err);
    const char *slash = strrchr(path, '/');
    s->name = strdup(slash ? slash + 1 : path);
    if (s->name == NULL)
        return pd_fail_memory(err);
    /* NONBLOCK: opening a pipe must not wait for somebody to write into it. */
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (s->fd < 0 && errno == ENXIO)
        return pd_fail(err, PD_INVALID, "%s is a device or a socket, not a file", path);
    if (s->fd < 0)
        return refuse_path(path, err);
    return look_at(s, path, limit_bytes, err);
}

static enum pd_status open_input(struct source *s, int input_fd, const char *spool_folder,
                                 uint64_t limit_bytes, struct pd_error *err) {
    s->name = strdup("standard input");
    if (s->name == NULL)
        return pd_fail_memory(err);
    enum pd_status st = source_spool_fill(input_fd, spool_folder, limit_bytes, &s->spool, err);
    if (st == PD_OK)
        s->size = source_spool_size(s->spool);
    return st;
}

enum pd_status source_open(const char *path, int input_fd, const char *spool_folder,
                           uint64_t limit_bytes, struct source **out, struct pd_error *err) {
    struct source *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return pd_fail_memory(err);
    s->fd = -1;
    enum pd_status st = strcmp(path, "-") == 0
                            ? open_input(s, input_fd, spool_folder, limit_bytes, err)
                            : open_file(s, path, limit_bytes, err);
    if (st == PD_OK && s->size == 0)
        st = pd_fail(err, PD_INVALID, "%s is empty (0 bytes)", s->spool ? s->name : path);
    if (st != PD_OK) {
        source_close(s);
        return st;
    }
    *out = s;
    return PD_OK;
}

void source_close(struct source *source) {
    if (source == NULL)
        return;
    if (source->fd >= 0)
        close(source->fd);
    source_spool_free(source->spool);
    free(source->path);
    free(source->name);
    free(source);
}

pd_str source_name(const struct source *source) {
    return pd_str_from(source->name);
}

pd_str source_path(const struct source *source) {
    return pd_str_from(source->path);
}

uint64_t source_size(const struct source *source) {
    return source->size;
}

/* ---- Reading ---- */

enum pd_status source_rewind(struct source *source, struct pd_error *err) {
    (void)err; /* a form of source that must ask again can fail here */
    source->offset = 0;
    return PD_OK;
}

/* A file is read to the size it had at open: one that grows would otherwise pass every limit. */
static enum pd_status read_file(struct source *s, void *out, size_t *n, struct pd_error *err) {
    uint64_t left = s->size - s->offset;
    size_t want = left < *n ? (size_t)left : *n;
    ssize_t got;
    do
        got = pread(s->fd, out, want, (off_t)s->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return pd_fail_errno(err, PD_IO, "read %s at byte %" PRIu64, s->path, s->offset);
    *n = (size_t)got;
    return PD_OK;
}

enum pd_status source_read(struct source *source, void *out, size_t *n, struct pd_error *err) {
    enum pd_status st = source->spool
                            ? source_spool_read(source->spool, source->offset, out, n, err)
                            : read_file(source, out, n, err);
    if (st == PD_OK)
        source->offset += *n;
    return st;
}

static enum pd_status check_unchanged(struct source *s, const crypto_hash *content,
                                      struct pd_error *err) {
    static const char ADVICE[] = "read it again when nobody writes to it";
    struct stat about;
    if (s->fd >= 0 && fstat(s->fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s", s->path);
    if (s->fd >= 0 && ((uint64_t)about.st_size != s->size || s->offset != s->size))
        return pd_fail(err, PD_CONFLICT,
                       "%s changed while it was read (%" PRIu64 " bytes, now %" PRIu64 "); %s",
                       s->name, s->size, (uint64_t)about.st_size, ADVICE);
    bool is_touched = s->fd >= 0 && (about.st_mtim.tv_sec != s->modified.tv_sec ||
                                     about.st_mtim.tv_nsec != s->modified.tv_nsec);
    if (is_touched || (s->was_read && !crypto_equal(content, &s->content, sizeof(*content))))
        return pd_fail(err, PD_CONFLICT, "%s changed while it was read (same size, %s); %s",
                       s->name, is_touched ? "written to since" : "other content", ADVICE);
    return PD_OK;
}

typedef enum pd_status feed_function(void *context, const char *bytes, size_t n,
                                     struct pd_error *err);

static enum pd_status feed_all(struct source *s, feed_function *feed,
                               void (*progress)(void *context, uint64_t done, uint64_t size),
                               void *context, struct crypto_sha256_state *hash, char *piece,
                               struct pd_error *err) {
    uint64_t told = 0;
    enum pd_status st = source_rewind(s, err);
    while (st == PD_OK) {
        size_t n = PIECE;
        st = source_read(s, piece, &n, err);
        if (st != PD_OK || n == 0)
            break;
        crypto_sha256_add(hash, piece, n);
        st = feed(context, piece, n, err);
        bool is_time = s->offset - told >= PROGRESS_STEP || s->offset == s->size;
        if (st == PD_OK && progress != NULL && is_time) {
            progress(context, s->offset, s->size);
            told = s->offset;
        }
    }
    return st;
}

enum pd_status source_each(struct source *source,
                           enum pd_status (*feed)(void *context, const char *bytes, size_t n,
                                                  struct pd_error *err),
                           void (*progress)(void *context, uint64_t done, uint64_t size),
                           void *context, crypto_hash *content, struct pd_error *err) {
    char *piece = malloc(PIECE);
    struct crypto_sha256_state *hash = crypto_sha256_new();
    enum pd_status st = piece && hash ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = feed_all(source, feed, progress, context, hash, piece, err);
    if (st == PD_OK) {
        crypto_hash found = crypto_sha256_end(hash);
        st = check_unchanged(source, &found, err);
        if (st == PD_OK) {
            source->was_read = true;
            source->content = found;
            if (content != NULL)
                *content = found;
        }
    }
    crypto_sha256_free(hash);
    free(piece);
    return st;
}
