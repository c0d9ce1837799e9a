/* Small files that must be whole and on disk before anybody hears of them. */
#include "witness/witness_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 128 };

enum pd_status witness_file_read(int dir_fd, const char *name, size_t limit, struct pd_arena *arena,
                                 pd_str *out, struct pd_error *err) {
    struct stat about;
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open \"%s\"", name);
    enum pd_status st = PD_OK;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        st = pd_fail(err, PD_IO, "\"%s\" is no regular file", name);
    else if ((uint64_t)about.st_size > limit)
        st = pd_fail(err, PD_LIMIT, "\"%s\" has more than %zu bytes", name, limit);
    char *bytes = st == PD_OK ? pd_arena_alloc(arena, (size_t)about.st_size + 1) : NULL;
    if (st == PD_OK && !bytes)
        st = pd_fail_memory(err);
    size_t done = 0, size = st == PD_OK ? (size_t)about.st_size : 0;
    while (st == PD_OK && done < size) {
        ssize_t n = read(fd, bytes + done, size - done);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            st = pd_fail_errno(err, PD_IO, "read \"%s\"", name);
        done += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (st == PD_OK)
        *out = (pd_str){bytes, done};
    return st;
}

static enum pd_status write_all(int fd, pd_str bytes, struct pd_error *err) {
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(fd, bytes.data + done, bytes.len - done);
        if (n < 0 && errno != EINTR)
            return pd_fail_errno(err, PD_IO, "write");
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0 ? PD_OK : pd_fail_errno(err, PD_IO, "write to disk");
}

enum pd_status witness_file_write(int dir_fd, const char *name, int rights, pd_str bytes,
                                  struct pd_error *err) {
    char beside[NAME_SIZE];
    int length = snprintf(beside, sizeof(beside), "%s.new", name);
    if (length < 0 || length >= NAME_SIZE)
        return pd_fail(err, PD_INVALID, "\"%s\" is too long a name", name);
    int fd = openat(dir_fd, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                    (mode_t)rights);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "make \"%s\"", beside);
    enum pd_status st = write_all(fd, bytes, err);
    if (close(fd) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "close");
    if (st == PD_OK && renameat(dir_fd, beside, dir_fd, name) != 0)
        st = pd_fail_errno(err, PD_IO, "put it in place");
    /* The name too must survive a power cut, or the old state would come back. */
    if (st == PD_OK && fsync(dir_fd) != 0)
        st = pd_fail_errno(err, PD_IO, "write the folder to disk");
    return st == PD_OK ? st : pd_wrap(err, "\"%s\"", name);
}

enum pd_status witness_dir_make(int parent_fd, const char *name, int rights, struct pd_error *err) {
    if (mkdirat(parent_fd, name, (mode_t)rights) != 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make the folder \"%s\"", name);
    if (fsync(parent_fd) != 0)
        return pd_fail_errno(err, PD_IO, "make the folder \"%s\" durable", name);
    return PD_OK;
}

enum pd_status witness_dir_open(int parent_fd, const char *name, int *fd, struct pd_error *err) {
    int opened = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (opened < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open the folder \"%s\"",
                             name);
    *fd = opened;
    return PD_OK;
}

size_t witness_dir_count(int parent_fd, const char *name, pd_str suffix) {
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    size_t count = 0;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += pd_str_ends(pd_str_from(entry->d_name), suffix);
    closedir(dir);
    return count;
}
