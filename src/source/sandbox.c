/*
 * The cage of whoever parses hostile bytes. Its bars, from the outside in: no new privileges,
 * limits of memory, processor time and files, and a seccomp filter of system calls by name. A call
 * that an honest library might try in vain (to look for a file, say) gets EPERM; what only an
 * intruder tries kills.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif
#ifndef HAS_SHADOW_MEMORY
#define HAS_SHADOW_MEMORY                                                                          \
    0 /* the address sanitizer reserves terabytes, which no limit would allow */
#endif

/* What the parser of bytes in memory needs, and the allocator and C library below it. */
static const char *const BYTES[] = {"read",
                                    "write",
                                    "writev",
                                    "close",
                                    "lseek",
                                    "brk",
                                    "mmap",
                                    "munmap",
                                    "mremap",
                                    "madvise",
                                    "mprotect",
                                    "futex",
                                    "rt_sigaction",
                                    "rt_sigprocmask",
                                    "rt_sigreturn",
                                    "sigaltstack",
                                    "clock_gettime",
                                    "clock_nanosleep",
                                    "nanosleep",
                                    "gettimeofday",
                                    "getrandom",
                                    "sched_yield",
                                    "sched_getaffinity",
                                    "getpid",
                                    "gettid",
                                    "tgkill",
                                    "sysinfo",
                                    "getrusage",
                                    "restart_syscall",
                                    "exit",
                                    "exit_group",
                                    "fstat",
                                    "set_robust_list",
                                    "rseq",
                                    "getuid",
                                    "geteuid",
                                    "getgid",
                                    "getegid",
                                    "uname",
                                    "poll"};

/* What reading files needs besides. Opening for writing is not among it: see add_open. */
static const char *const FILES[] = {
    "stat",     "lstat",      "newfstatat", "statx",      "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getcwd",     "getdents64", "fcntl",  "pread64",   "preadv",
    "readv",    "statfs",     "fstatfs",    "fadvise64",  "flock",  "dup",       "dup2",
    "dup3",     "pipe",       "pipe2",      "ioctl",      "getppid"};

/* What another program needs to start: its loader, its threads. */
static const char *const TOOL[] = {"execve",
                                   "arch_prctl",
                                   "set_tid_address",
                                   "prlimit64",
                                   "clone",
                                   "clone3",
                                   "getpgrp",
                                   "sched_setaffinity",
                                   "sched_getparam",
                                   "sched_getscheduler",
                                   "prctl",
                                   "wait4",
                                   "membarrier",
                                   "clock_getres",
                                   "get_mempolicy",
                                   "sched_get_priority_max",
                                   "sched_get_priority_min",
                                   "sched_setscheduler",
                                   "umask",
                                   "getresuid",
                                   "getresgid",
                                   "gettid",
                                   "rt_sigtimedwait",
                                   "eventfd2"};

/* What only an intruder tries. */
static const char *const DEADLY[] = {"socket",
                                     "socketpair",
                                     "connect",
                                     "bind",
                                     "listen",
                                     "accept",
                                     "accept4",
                                     "ptrace",
                                     "mount",
                                     "bpf",
                                     "keyctl",
                                     "init_module",
                                     "setns",
                                     "unshare",
                                     "chroot",
                                     "userfaultfd",
                                     "process_vm_readv",
                                     "process_vm_writev",
                                     "perf_event_open",
                                     "io_uring_setup",
                                     "open_by_handle_at",
                                     "kexec_load",
                                     "pivot_root"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A name that this machine's kernel has no call for is none to be allowed. */
static int add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names,
                   size_t count) {
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < count; i++) {
        int call = seccomp_syscall_resolve_name(names[i]);
        if (call != __NR_SCMP_ERROR)
            failed = seccomp_rule_add(filter, action, call, 0);
        if (failed == -EEXIST || failed == -EDOM)
            failed = 0;
    }
    return failed;
}

/* Opening a file for reading, and nothing that makes or cuts one. */
static int add_open(scmp_filter_ctx filter) {
    const uint64_t mask = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, mask, O_RDONLY));
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, mask, O_RDONLY));
    return failed == -EDOM ? 0 : failed;
}

static int build_filter(scmp_filter_ctx filter, enum source_cage cage) {
    int failed = add_all(filter, SCMP_ACT_ALLOW, BYTES, COUNT(BYTES));
    if (failed == 0)
        failed = add_all(filter, SCMP_ACT_KILL_PROCESS, DEADLY, COUNT(DEADLY));
    if (failed == 0 && cage != SOURCE_CAGE_BYTES)
        failed = add_all(filter, SCMP_ACT_ALLOW, FILES, COUNT(FILES));
    if (failed == 0 && cage != SOURCE_CAGE_BYTES)
        failed = add_open(filter);
    if (failed == 0 && cage == SOURCE_CAGE_TOOL)
        failed = add_all(filter, SCMP_ACT_ALLOW, TOOL, COUNT(TOOL));
    return failed == 0 ? seccomp_load(filter) : failed;
}

static int set_limit(__rlimit_resource_t what, rlim_t most) {
    struct rlimit limit = {most, most}, now;
    if (getrlimit(what, &now) == 0 && now.rlim_max < most)
        limit = (struct rlimit){now.rlim_max, now.rlim_max};
    return setrlimit(what, &limit);
}

enum pd_status source_cage_enter(enum source_cage cage, struct pd_error *err) {
    tzset(); /* later it would want to open a file */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        (cage != SOURCE_CAGE_TOOL && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) ||
        set_limit(RLIMIT_CORE, 0) != 0 || set_limit(RLIMIT_FSIZE, 0) != 0 ||
        set_limit(RLIMIT_CPU, SOURCE_CPU_SECONDS) != 0 || set_limit(RLIMIT_NOFILE, 64) != 0 ||
        (!HAS_SHADOW_MEMORY && set_limit(RLIMIT_AS, (rlim_t)SOURCE_MEMORY_MIB * SOURCE_MIB) != 0))
        return pd_fail_errno(err, PD_UNAVAILABLE, "limit the reader of untrusted files");
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int failed = filter == NULL ? -ENOMEM : build_filter(filter, cage);
    seccomp_release(filter);
    if (failed != 0) {
        errno = -failed;
        return pd_fail_errno(err, PD_UNAVAILABLE,
                             "shut in the reader of untrusted files (seccomp of the kernel)");
    }
    return PD_OK;
}
