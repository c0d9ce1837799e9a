/*
 * The parent's side of the sandboxed reader: starts it, gives it the bytes, takes its answer, and
 * turns whatever may befall it into a sentence. The reader is this same program, started anew, so
 * that its memory holds no key and its environment no password.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 16, ARGS_MAX = 24, COMPLAINTS_MAX = 4096 };

struct child {
    pid_t pid;
    int in, out, complaints; /* our ends; -1: none or closed */
    const struct source_input *input;
    uint64_t given; /* bytes of the spool written to `in` */
    char piece[PIECE];
    size_t piece_len, piece_at;
    struct pd_buf *said; /* what it wrote to stderr */
    bool is_late;
};

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- Starting ---- */

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Between fork and exec: only what a signal handler might do. */
static _Noreturn void become_reader(int in, int out, int complaints, char *const *args) {
    char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC0", path[] = "PATH=/usr/bin:/bin",
         threads[] = "OMP_THREAD_LIMIT=1";
    char *const environment[] = {locale, zone, path, threads, NULL};
    /* Above 2 first: an end that already is 0, 1 or 2 must not be overwritten by another. */
    in = fcntl(in, F_DUPFD, 3);
    out = fcntl(out, F_DUPFD, 3);
    complaints = fcntl(complaints, F_DUPFD, 3);
    if (in < 0 || out < 0 || complaints < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
        dup2(complaints, 2) < 0)
        _exit(127);
    close_range(3, ~0U, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    execve("/proc/self/exe", args, environment);
    _exit(127);
}

static enum pd_status start(struct child *c, const char *const *words, struct pd_error *err) {
    static char name[] = "polder-reader";
    char *args[ARGS_MAX + 2] = {name};
    int in[2] = {-1, -1}, out[2] = {-1, -1}, complaints[2] = {-1, -1};
    for (size_t i = 0; words[i] != NULL && i < ARGS_MAX; i++)
        args[i + 1] = (char *)(uintptr_t)words[i]; /* execve only reads them */
    bool by_pipe = c->input->fd < 0;
    /* A socket rather than a pipe on this side: writing to a reader that has gone raises no signal.
     */
    if ((by_pipe && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) ||
        pipe2(out, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "make a pipe to the reader");
        for (int i = 0; i < 2; i++) {
            close_fd(&in[i]);
            close_fd(&out[i]);
            close_fd(&complaints[i]);
        }
        return st;
    }
    c->pid = fork();
    if (c->pid == 0)
        become_reader(by_pipe ? in[0] : c->input->fd, out[1], complaints[1], args);
    enum pd_status st = c->pid > 0 ? PD_OK : pd_fail_errno(err, PD_IO, "start the reader");
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&complaints[1]);
    c->in = in[1];
    c->out = out[0];
    c->complaints = complaints[0];
    return st;
}

/* ---- Pumping ---- */

/* Writes what the pipe takes; closes it when the spool has been given, or nobody reads on. */
static enum pd_status give(struct child *c, struct pd_error *err) {
    if (c->piece_at == c->piece_len) {
        c->piece_len = sizeof(c->piece);
        c->piece_at = 0;
        enum pd_status st =
            source_spool_read(c->input->spool, c->given, c->piece, &c->piece_len, err);
        if (st != PD_OK || c->piece_len == 0) {
            close_fd(&c->in);
            return st;
        }
        c->given += c->piece_len;
    }
    ssize_t written = send(c->in, c->piece + c->piece_at, c->piece_len - c->piece_at,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0)
        c->piece_at += (size_t)written;
    else if (errno != EAGAIN && errno != EINTR)
        close_fd(&c->in); /* it has seen enough; its answer says whether that is well */
    return PD_OK;
}

typedef enum pd_status take_function(void *context, const char *bytes, size_t n,
                                     struct pd_error *err);

static enum pd_status take_answer(struct child *c, take_function *take, void *context,
                                  struct pd_error *err) {
    char bytes[PIECE];
    ssize_t got = read(c->out, bytes, sizeof(bytes));
    if (got > 0)
        return take(context, bytes, (size_t)got, err);
    if (got == 0 || errno != EINTR)
        close_fd(&c->out);
    return PD_OK;
}

static void take_complaints(struct child *c) {
    char bytes[1024];
    ssize_t got = read(c->complaints, bytes, sizeof(bytes));
    size_t room = COMPLAINTS_MAX > c->said->len ? COMPLAINTS_MAX - c->said->len : 0;
    if (got > 0)
        pd_buf_add(c->said, bytes, (size_t)got < room ? (size_t)got : room);
    else if (got == 0 || errno != EINTR)
        close_fd(&c->complaints);
}

static enum pd_status pump(struct child *c, take_function *take, void *context,
                           struct pd_error *err) {
    const uint64_t deadline = now_ms() + SOURCE_WALL_MS;
    enum pd_status st = PD_OK;
    while (st == PD_OK && (c->out >= 0 || c->complaints >= 0)) {
        uint64_t now = now_ms();
        if (now >= deadline) {
            c->is_late = true;
            break;
        }
        struct pollfd ends[] = {{.fd = c->out, .events = POLLIN},
                                {.fd = c->complaints, .events = POLLIN},
                                {.fd = c->in, .events = POLLOUT}};
        if (poll(ends, 3, (int)(deadline - now < 1000 ? deadline - now : 1000)) < 0 &&
            errno != EINTR)
            return pd_fail_errno(err, PD_IO, "wait for the reader");
        if (c->in >= 0 && ends[2].revents != 0)
            st = give(c, err);
        if (st == PD_OK && c->out >= 0 && ends[0].revents != 0)
            st = take_answer(c, take, context, err);
        if (c->complaints >= 0 && ends[1].revents != 0)
            take_complaints(c);
    }
    return st;
}

/* ---- Its end ---- */

static enum pd_status tell_signal(const struct child *c, int signal_number, struct pd_error *err) {
    static const char HOSTILE[] = "it is damaged or hostile";
    if (c->is_late)
        return pd_fail(err, PD_LIMIT, "reading it took longer than %" PRIu64 " minutes",
                       SOURCE_WALL_MS / 60000);
    switch (signal_number) {
    case SIGXCPU:
        return pd_fail(err, PD_LIMIT, "reading it took more than %d minutes of processor time",
                       SOURCE_CPU_SECONDS / 60);
    case SIGKILL:
        return pd_fail(err, PD_LIMIT,
                       "its reader was killed by the system, which may be short of memory");
    case SIGSYS:
        return pd_fail(err, PD_INVALID,
                       "its content made the reader try what the sandbox forbids: %s", HOSTILE);
    default:
        return pd_fail(err, PD_INVALID, "its content made the reader fail (%s): %s",
                       strsignal(signal_number), HOSTILE);
    }
}

/* Runs the words as the reader's arguments. *exit_code is untouched unless it exited by itself. */
static enum pd_status run(const char *const *words, const struct source_input *input,
                          take_function *take, void *context, struct pd_buf *complaints,
                          int *exit_code, struct pd_error *err) {
    struct child *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return pd_fail_memory(err);
    *c = (struct child){
        .pid = -1, .in = -1, .out = -1, .complaints = -1, .input = input, .said = complaints};
    if (input->fd >= 0)
        (void)lseek(input->fd, 0, SEEK_SET); /* shared with the reader; we ourselves use pread */
    enum pd_status st = start(c, words, err);
    if (st == PD_OK)
        st = pump(c, take, context, err);
    close_fd(&c->in);
    close_fd(&c->out);
    close_fd(&c->complaints);
    if (c->pid > 0) {
        int how = 0;
        if (st != PD_OK || c->is_late)
            kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &how, 0) < 0 && errno == EINTR)
            continue;
        if (st == PD_OK && (WIFSIGNALED(how) || c->is_late))
            st = tell_signal(c, WIFSIGNALED(how) ? WTERMSIG(how) : 0, err);
        else if (st == PD_OK)
            *exit_code = WEXITSTATUS(how);
    }
    free(c);
    return st;
}

static enum pd_status run_reader(const char *const *words, const struct source_input *input,
                                 const struct source_sink *sink, struct pd_error *err) {
    struct pd_buf complaints;
    pd_buf_init(&complaints, COMPLAINTS_MAX);
    struct source_frames *frames = source_frames_new(sink);
    int exit_code = 0;
    enum pd_status st = frames ? run(words, input, source_frames_take, frames, &complaints,
                                     &exit_code, err)
                               : pd_fail_memory(err),
                   told = PD_OK;
    if (st == PD_OK && !source_frames_ended(frames, &told, err))
        st = pd_fail(err, PD_INTERNAL, "the reader ended (exit status %d) without an answer%s%.*s",
                     exit_code, complaints.len ? ": " : "", pd_arg(pd_buf_view(&complaints)));
    else if (st == PD_OK)
        st = told;
    source_frames_free(frames);
    pd_buf_clear(&complaints);
    return st;
}

/* ---- What can be asked of it ---- */

static const char HIDDEN[] = "--sandboxed-reader";

/* A part as an argument ends in zero. */
static enum pd_status as_argument(pd_str text, char **out, struct pd_error *err) {
    *out = strndup(text.data ? text.data : "", text.len);
    return *out ? PD_OK : pd_fail_memory(err);
}

enum pd_status source_reader_extract(const struct source_input *input,
                                     const struct source_wanted *wanted,
                                     const struct source_sink *sink, struct pd_error *err) {
    char *part;
    enum pd_status st = as_argument(wanted->part, &part, err);
    if (st != PD_OK)
        return st;
    const char *words[] = {HIDDEN, "extract", wanted->as_text ? "text" : "table", part, NULL};
    st = run_reader(words, input, sink, err);
    free(part);
    return st;
}

enum pd_status source_reader_sqlite(const char *path, pd_str part, bool is_query, bool list_only,
                                    const struct source_sink *sink, struct pd_error *err) {
    char *argument;
    enum pd_status st = as_argument(part, &argument, err);
    if (st != PD_OK)
        return st;
    const char *how = list_only ? "list" : is_query ? "query" : "table";
    const char *words[] = {HIDDEN, "sqlite", how, path, argument, NULL};
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct source_input input = {nothing, NULL};
    st = nothing >= 0 ? run_reader(words, &input, sink, err)
                      : pd_fail_errno(err, PD_IO, "open /dev/null");
    close_fd(&nothing);
    free(argument);
    return st;
}

enum pd_status source_reader_tool(struct source_tool *tool, const struct source_input *input,
                                  take_function *take, void *context, struct pd_error *err) {
    char path[256];
    snprintf(path, sizeof(path), tool->program[0] == '/' ? "%s" : "/usr/bin/%s", tool->program);
    if (access(path, X_OK) != 0)
        return pd_fail(err, PD_UNAVAILABLE, "it takes the program %s, which is not installed",
                       path);
    const char *words[ARGS_MAX] = {HIDDEN, "tool", path};
    size_t n = 3;
    for (size_t i = 0; tool->args[i] != NULL && n < ARGS_MAX - 1; i++)
        words[n++] = tool->args[i];
    tool->exit_code = 0;
    return run(words, input, take, context, &tool->complaints, &tool->exit_code, err);
}

/* ---- The reader itself ---- */

bool source_is_reader(int argc, char *const *argv) {
    return argc > 2 && strcmp(argv[1], HIDDEN) == 0;
}

/* What follows the hidden word: a request of one of the functions above. */
static enum pd_status serve(int argc, char **argv, const struct source_sink *sink,
                            struct pd_error *err) {
    if (argc == 5 && strcmp(argv[2], "extract") == 0) {
        struct source_wanted wanted = {strcmp(argv[3], "text") == 0, pd_str_from(argv[4])};
        enum pd_status st = source_cage_enter(SOURCE_CAGE_BYTES, err);
        return st == PD_OK ? source_extract_stream(STDIN_FILENO, &wanted, sink, err) : st;
    }
    if (argc == 6 && strcmp(argv[2], "sqlite") == 0) {
        enum pd_status st = source_cage_enter(SOURCE_CAGE_FILES, err);
        return st == PD_OK ? source_sqlite_read(argv[4], pd_str_from(argv[5]),
                                                strcmp(argv[3], "query") == 0,
                                                strcmp(argv[3], "list") == 0, sink, err)
                           : st;
    }
    return pd_fail(err, PD_USAGE,
                   "this is how Polder starts its own reader; it takes no part in it");
}

int source_reader_run(int argc, char **argv) {
    struct pd_error err = {0};
    enum pd_status st;
    if (strcmp(argv[2], "tool") == 0 && argc > 3) {
        st = source_cage_enter(SOURCE_CAGE_TOOL, &err);
        if (st == PD_OK)
            execv(argv[3], argv + 3);
        dprintf(STDERR_FILENO, "%s\n", st == PD_OK ? strerror(errno) : err.text);
        _exit(126);
    }
    struct source_answer answer = {.fd = STDOUT_FILENO};
    struct source_sink sink = source_answer_sink(&answer);
    st = serve(argc, argv, &sink, &err);
    st = source_answer_end(&answer, st, &err, &err);
    _exit(st == PD_OK ? 0 : 1); /* no destructors: nothing here outlives the process */
}
