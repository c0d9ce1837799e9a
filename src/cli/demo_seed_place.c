/*
 * Where the synthetic province is made. A node waits for the disk at each act, some ten times, and a year of acts would spend
 * its time so. But until the whole folder is there nothing is promised to anybody: it is made in memory, copied, and the disk is
 * waited for once, before the folder gets its name. Cut off, there is no node.
 */
#include "cli/demo_seed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DEPTH_MAX = 16, PATH_SIZE = 4096 };
static const uint64_t ROOM = (uint64_t)512 << 20;
static const char MEMORY[] = "/dev/shm";

static bool has_room(const char *path) {
    struct statvfs at;
    return statvfs(path, &at) == 0 && access(path, W_OK) == 0 && (uint64_t)at.f_bavail * at.f_frsize >= ROOM;
}

enum pd_status seed_place_make(const char *target, char path[256], struct pd_error *err) {
    int n = has_room(MEMORY) ? snprintf(path, 256, "%s/polder-seed-XXXXXX", MEMORY)
                             : snprintf(path, 256, "%s.seed-XXXXXX", target);
    if (n < 0 || n >= 256)
        return pd_fail(err, PD_LIMIT, "the path %s is too long", target);
    if (!mkdtemp(path))
        return pd_fail_errno(err, PD_IO, "make %s", path);
    return PD_OK;
}

static enum pd_status copy_bytes(int from, int to, const char *path, struct pd_error *err) {
    char bytes[1 << 16];
    ssize_t n;
    while ((n = read(from, bytes, sizeof(bytes))) > 0)
        for (ssize_t done = 0, k; done < n; done += k)
            if ((k = write(to, bytes + done, (size_t)(n - done))) < 0)
                return pd_fail_errno(err, PD_IO, "write %s", path);
    return n < 0 ? pd_fail_errno(err, PD_IO, "copy to %s", path) : PD_OK;
}

static enum pd_status copy_file(int from_folder, int to_folder, const char *name, mode_t mode, struct pd_error *err) {
    int from = openat(from_folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC),
        to = openat(to_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777);
    enum pd_status st = from >= 0 && to >= 0 ? copy_bytes(from, to, name, err) : pd_fail_errno(err, PD_IO, "copy %s", name);
    if (from >= 0)
        close(from);
    if (to >= 0 && close(to) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "write %s", name);
    return st;
}

/* Takes both folders' descriptors over. */
static enum pd_status copy_folder(int from, int to, int depth, struct pd_error *err) {
    DIR *list = from < 0 || to < 0 ? NULL : fdopendir(from);
    enum pd_status st = list ? PD_OK : pd_fail_errno(err, PD_IO, "copy a folder of the demo");
    const struct dirent *entry;
    while (st == PD_OK && (entry = readdir(list))) {
        struct stat about;
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, ".."))
            continue;
        if (fstatat(from, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            st = pd_fail_errno(err, PD_IO, "look at %s", name);
        else if (S_ISREG(about.st_mode))
            st = copy_file(from, to, name, about.st_mode, err);
        else if (!S_ISDIR(about.st_mode) || depth == DEPTH_MAX)
            st = pd_fail(err, PD_INVALID, "%s is no file", name);
        else if (mkdirat(to, name, about.st_mode & 0777) != 0)
            st = pd_fail_errno(err, PD_IO, "make the folder %s", name);
        else
            st = copy_folder(openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                             openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), depth + 1, err);
    }
    if (list)
        closedir(list);
    else if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return st;
}

static enum pd_status sync_all(const char *path, struct pd_error *err) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum pd_status st = fd >= 0 && syncfs(fd) == 0 ? PD_OK : pd_fail_errno(err, PD_IO, "wait for the disk of %s", path);
    if (fd >= 0)
        close(fd);
    return st;
}

enum pd_status seed_place_move(const char *from, const char *target, struct pd_error *err) {
    char copy[PATH_SIZE], parent[PATH_SIZE];
    int n = snprintf(copy, sizeof(copy), "%s.copy-XXXXXX", target);
    snprintf(parent, sizeof(parent), "%s", target);
    char *slash = strrchr(parent, '/');
    if (n < 0 || (size_t)n >= sizeof(copy) || !slash)
        return pd_fail(err, PD_LIMIT, "the path %s is too long", target);
    slash[slash == parent] = '\0';
    if (!mkdtemp(copy)) /* 0700, as a data folder is */
        return pd_fail_errno(err, PD_IO, "make %s", copy);
    enum pd_status st = copy_folder(open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                    open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0, err);
    if (st == PD_OK)
        st = sync_all(copy, err);
    /* An empty folder of that name is replaced; anything else isn't. */
    if (st == PD_OK && rename(copy, target) != 0)
        st = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                 ? pd_fail(err, PD_INVALID, "%s holds something; the demo fills an empty folder only", target)
                 : pd_fail_errno(err, PD_IO, "name %s", target);
    if (st == PD_OK)
        st = sync_all(parent, err);
    else
        seed_place_remove(copy);
    return st;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at) {
    (void)about, (void)kind, (void)at;
    return remove(path);
}

void seed_place_remove(const char *path) {
    (void)nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}
