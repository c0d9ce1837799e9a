/*
 * fault.so: loaded before the C library (LD_PRELOAD), it makes one call to the system fail, or the
 * process end there. What counts are calls that write or make durable, below one folder.
 *
 *     POLDER_FAULT=CALLS:N:HOW   the Nth of these calls, from 1; CALLS: names joined by '+', or
 * "all" HOW: an errno by name (ENOSPC, EIO, ...) once; with a '+' behind it from then on; "kill":
 * the process is killed; "short": a write writes half, and then the disk is full; "count": nothing
 * happens POLDER_FAULT_UNDER=DIR     only files below DIR (real path) POLDER_FAULT_LOG=FILE gets a
 * line for each call that was made to fail, or at the end of the process the number of calls
 * ("count")
 */
/* Both names of each call, with and without 64, are wanted here. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- What was asked for ---- */

static struct {
    bool is_read, is_on;
    char calls[128], under[PATH_MAX], log[PATH_MAX];
    long n, seen;
    int error; /* 0: kill, short or count */
    bool stays, kills, cuts;
} fault;

static const struct {
    const char *name;
    int number;
} ERRORS[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS}};

static void copy(char *out, size_t size, const char *text) {
    snprintf(out, size, "%s", text ? text : "");
}

static void read_how(const char *how) {
    fault.kills = strcmp(how, "kill") == 0;
    fault.cuts = strcmp(how, "short") == 0;
    fault.stays = how[0] != '\0' && how[strlen(how) - 1] == '+';
    for (size_t i = 0; i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++)
        if (strncmp(how, ERRORS[i].name, strlen(ERRORS[i].name)) == 0)
            fault.error = ERRORS[i].number;
    if (fault.cuts)
        fault.error = ENOSPC;
}

static void read_order(void) {
    const char *text = getenv("POLDER_FAULT");
    fault.is_read = true;
    if (!text)
        return;
    char order[128];
    copy(order, sizeof(order), text);
    char *n = strchr(order, ':'), *how = n ? strchr(n + 1, ':') : NULL;
    if (!how)
        return;
    *n++ = *how++ = '\0';
    copy(fault.calls, sizeof(fault.calls), order);
    copy(fault.under, sizeof(fault.under), getenv("POLDER_FAULT_UNDER"));
    copy(fault.log, sizeof(fault.log), getenv("POLDER_FAULT_LOG"));
    fault.n = atol(n);
    read_how(how);
    fault.is_on = true;
}

/* ---- The calls as they are ---- */

#define REAL(type, name, ...)                                                                      \
    static type (*real_##name)(__VA_ARGS__);                                                       \
    if (!real_##name)                                                                              \
    real_##name = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static void tell(const char *call, const char *path) {
    char line[PATH_MAX + 64];
    if (!fault.log[0])
        return;
    REAL(int, open, const char *, int, ...);
    REAL(ssize_t, write, int, const void *, size_t);
    int fd = real_open(fault.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int n = snprintf(line, sizeof(line), "%s %s\n", call, path);
    if (fd >= 0 && n > 0)
        (void)!real_write(fd, line, (size_t)n);
    if (fd >= 0)
        close(fd);
}

__attribute__((destructor)) static void tell_count(void) {
    char number[32];
    if (!fault.is_on || fault.error || fault.kills)
        return;
    snprintf(number, sizeof(number), "%ld", fault.seen);
    tell("count", number);
}

/* ---- Whether it is this one ---- */

static bool is_named(const char *call) {
    if (strcmp(fault.calls, "all") == 0)
        return true;
    size_t n = strlen(call);
    for (const char *at = fault.calls; (at = strstr(at, call)) != NULL; at += n)
        if ((at == fault.calls || at[-1] == '+') && (at[n] == '\0' || at[n] == '+'))
            return true;
    return false;
}

static bool is_below(const char *path) {
    size_t n = strlen(fault.under);
    return n == 0 || (strncmp(path, fault.under, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

static bool path_of_fd(int fd, char out[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    if (n <= 0)
        return false;
    out[n] = '\0';
    return out[0] == '/';
}

static bool path_at(int dir, const char *name, char out[PATH_MAX]) {
    char folder[PATH_MAX];
    if (name[0] == '/') {
        copy(out, PATH_MAX, name);
        return true;
    }
    if (dir == AT_FDCWD ? !getcwd(folder, sizeof(folder)) : !path_of_fd(dir, folder))
        return false;
    int n = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return n > 0 && n < PATH_MAX;
}

/* True: the call fails, with errno set. */
static bool strikes(const char *call, const char *path) {
    if (!fault.is_read)
        read_order();
    if (!fault.is_on || !is_named(call) || !is_below(path))
        return false;
    long n = ++fault.seen;
    bool is_it = n == fault.n || (fault.stays && n > fault.n);
    if (!is_it || (!fault.error && !fault.kills))
        return false;
    tell(call, path);
    if (fault.kills)
        kill(getpid(), SIGKILL);
    errno = fault.error;
    return true;
}

static bool strikes_fd(const char *call, int fd) {
    int before = errno;
    char path[PATH_MAX];
    bool is_it = path_of_fd(fd, path) && strikes(call, path);
    if (!is_it)
        errno = before;
    return is_it;
}

static bool strikes_at(const char *call, int dir, const char *name) {
    int before = errno;
    char path[PATH_MAX];
    bool is_it = path_at(dir, name, path) && strikes(call, path);
    if (!is_it)
        errno = before;
    return is_it;
}

/* ---- Writing ---- */

ssize_t write(int fd, const void *bytes, size_t n);
ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (!strikes_fd("write", fd))
        return real_write(fd, bytes, n);
    return fault.cuts && n > 1 ? real_write(fd, bytes, n / 2) : -1;
}

static ssize_t strike_pwrite(ssize_t (*real)(int, const void *, size_t, off_t), int fd,
                             const void *bytes, size_t n, off_t at) {
    if (!strikes_fd("write", fd))
        return real(fd, bytes, n, at);
    return fault.cuts && n > 1 ? real(fd, bytes, n / 2, at) : -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at);
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    return strike_pwrite(real_pwrite, fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off_t);
    return strike_pwrite(real_pwrite64, fd, bytes, n, at);
}

int ftruncate(int fd, off_t size);
int ftruncate(int fd, off_t size) {
    REAL(int, ftruncate, int, off_t);
    return strikes_fd("truncate", fd) ? -1 : real_ftruncate(fd, size);
}

int ftruncate64(int fd, off_t size);
int ftruncate64(int fd, off_t size) {
    REAL(int, ftruncate64, int, off_t);
    return strikes_fd("truncate", fd) ? -1 : real_ftruncate64(fd, size);
}

/* ---- Making durable ---- */

int fsync(int fd);
int fsync(int fd) {
    REAL(int, fsync, int);
    return strikes_fd("fsync", fd) ? -1 : real_fsync(fd);
}

int fdatasync(int fd);
int fdatasync(int fd) {
    REAL(int, fdatasync, int);
    return strikes_fd("fsync", fd) ? -1 : real_fdatasync(fd);
}

int syncfs(int fd);
int syncfs(int fd) {
    REAL(int, syncfs, int);
    return strikes_fd("fsync", fd) ? -1 : real_syncfs(fd);
}

/* ---- Names ---- */

int rename(const char *from, const char *to);
int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    return strikes_at("rename", AT_FDCWD, to) ? -1 : real_rename(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to);
int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    return strikes_at("rename", to_dir, to) ? -1 : real_renameat(from_dir, from, to_dir, to);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    REAL(int, linkat, int, const char *, int, const char *, int);
    return strikes_at("rename", to_dir, to) ? -1 : real_linkat(from_dir, from, to_dir, to, flags);
}

int mkdir(const char *path, mode_t rights);
int mkdir(const char *path, mode_t rights) {
    REAL(int, mkdir, const char *, mode_t);
    return strikes_at("open", AT_FDCWD, path) ? -1 : real_mkdir(path, rights);
}

int mkdirat(int dir, const char *path, mode_t rights);
int mkdirat(int dir, const char *path, mode_t rights) {
    REAL(int, mkdirat, int, const char *, mode_t);
    return strikes_at("open", dir, path) ? -1 : real_mkdirat(dir, path, rights);
}

/* ---- Opening for writing ---- */

static bool is_for_writing(int flags) {
    return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

#define RIGHTS(flags, last)                                                                        \
    mode_t rights = 0;                                                                             \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list args;                                                                              \
        va_start(args, last);                                                                      \
        rights = (mode_t)va_arg(args, int);                                                        \
        va_end(args);                                                                              \
    }

int open(const char *path, int flags, ...);
int open(const char *path, int flags, ...) {
    REAL(int, open, const char *, int, ...);
    RIGHTS(flags, flags)
    bool is_it = is_for_writing(flags) && strikes_at("open", AT_FDCWD, path);
    return is_it ? -1 : real_open(path, flags, rights);
}

int open64(const char *path, int flags, ...);
int open64(const char *path, int flags, ...) {
    REAL(int, open64, const char *, int, ...);
    RIGHTS(flags, flags)
    bool is_it = is_for_writing(flags) && strikes_at("open", AT_FDCWD, path);
    return is_it ? -1 : real_open64(path, flags, rights);
}

int openat(int dir, const char *path, int flags, ...);
int openat(int dir, const char *path, int flags, ...) {
    REAL(int, openat, int, const char *, int, ...);
    RIGHTS(flags, flags)
    bool is_it = is_for_writing(flags) && strikes_at("open", dir, path);
    return is_it ? -1 : real_openat(dir, path, flags, rights);
}

int openat64(int dir, const char *path, int flags, ...);
int openat64(int dir, const char *path, int flags, ...) {
    REAL(int, openat64, int, const char *, int, ...);
    RIGHTS(flags, flags)
    bool is_it = is_for_writing(flags) && strikes_at("open", dir, path);
    return is_it ? -1 : real_openat64(dir, path, flags, rights);
}
