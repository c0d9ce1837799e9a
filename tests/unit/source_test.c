/* source/: whatever is wrong with an input is said before it is read, or after it changed. */
#include "source/source.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536 }; /* of the spool */

struct fixture {
    char root[256];
    char file[300]; /* "table.csv" in it */
    struct source *source;
    struct pd_error err;
};

#define assert_ok(f, call)                                                                         \
    do {                                                                                           \
        (f)->err = (struct pd_error){0};                                                           \
        if ((call) != PD_OK)                                                                       \
            fail_msg("%s: %s", #call, (f)->err.text);                                              \
    } while (0)

#define assert_fails(f, expected, words, call)                                                     \
    do {                                                                                           \
        (f)->err = (struct pd_error){0};                                                           \
        enum pd_status st_ = (call);                                                               \
        if (st_ != (expected) || strstr((f)->err.text, (words)) == NULL)                           \
            fail_msg("%s: status %d, \"%s\"; expected %d, \"%s\"", #call, (int)st_, (f)->err.text, \
                     (int)(expected), (words));                                                    \
    } while (0)

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    const char *tmp = getenv("TMPDIR");
    if (f == NULL)
        return -1;
    snprintf(f->root, sizeof(f->root), "%.200s/polder-source-XXXXXX", tmp ? tmp : "/tmp");
    if (mkdtemp(f->root) == NULL)
        return -1;
    snprintf(f->file, sizeof(f->file), "%s/table.csv", f->root);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    source_close(f->source);
    unlink(f->file);
    int st = rmdir(f->root); /* fails if a test, or a spool, left something */
    free(f);
    return st;
}

static void put(const struct fixture *f, const char *mode, const char *bytes, size_t n) {
    FILE *out = fopen(f->file, mode);
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static enum pd_status open_path(struct fixture *f, const char *path, uint64_t limit) {
    return source_open(path, -1, f->root, limit, &f->source, &f->err);
}

static char *sample(size_t n) {
    char *bytes = malloc(n + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 + i / 251);
    return bytes;
}

/* ---- Feeding ---- */

struct gathered {
    struct pd_buf bytes;
    int pieces;
    uint64_t done[8];
    size_t told;
    struct fixture *append_to; /* writes to the file once, while it is read */
};

static enum pd_status gather(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct gathered *g = context;
    pd_buf_add(&g->bytes, bytes, n);
    if (g->append_to != NULL && g->pieces == 0)
        put(g->append_to, "ab", "more", 4);
    g->pieces++;
    return pd_buf_check(&g->bytes, err);
}

static void note_progress(void *context, uint64_t done, uint64_t size) {
    struct gathered *g = context;
    assert_true(done <= size && g->told < 8);
    g->done[g->told++] = done;
}

static enum pd_status read_once(struct fixture *f, crypto_hash *content) {
    struct gathered g = {0};
    enum pd_status st = source_each(f->source, gather, NULL, &g, content, &f->err);
    pd_buf_clear(&g.bytes);
    return st;
}

static void assert_reads_twice(struct fixture *f, const char *bytes, size_t n) {
    crypto_hash expected = crypto_sha256(bytes, n), content;
    for (int pass = 0; pass < 2; pass++) {
        struct gathered g = {0};
        assert_ok(f, source_each(f->source, gather, NULL, &g, &content, &f->err));
        assert_int_equal(g.bytes.len, n);
        assert_memory_equal(g.bytes.data, bytes, n);
        assert_memory_equal(content.bytes, expected.bytes, 32);
        pd_buf_clear(&g.bytes);
    }
}

/* ---- Files ---- */

static void a_file_is_read_as_often_as_needed(void **state) {
    struct fixture *f = *state;
    char *bytes = sample(600000), real[PATH_MAX], piece[10];
    put(f, "wb", bytes, 600000);
    assert_ok(f, open_path(f, f->file, 600000));
    assert_true(pd_str_is(source_name(f->source), "table.csv"));
    assert_non_null(realpath(f->file, real));
    assert_true(pd_str_is(source_path(f->source), real));
    assert_int_equal(source_size(f->source), 600000);
    assert_reads_twice(f, bytes, 600000);
    size_t n = sizeof(piece);
    assert_ok(f, source_read(f->source, piece, &n, &f->err));
    assert_int_equal(n, 0); /* at the end */
    assert_ok(f, source_rewind(f->source, &f->err));
    n = sizeof(piece);
    assert_ok(f, source_read(f->source, piece, &n, &f->err));
    assert_int_equal(n, sizeof(piece));
    assert_memory_equal(piece, bytes, n);
    free(bytes);
}

static void a_relative_path_is_found_again(void **state) {
    struct fixture *f = *state;
    char before[PATH_MAX], real[PATH_MAX];
    put(f, "wb", "a\n", 2);
    assert_non_null(realpath(f->file, real));
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(f->root), 0);
    enum pd_status st = open_path(f, "./table.csv", 0);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(st, PD_OK);
    assert_true(pd_str_is(source_path(f->source), real));
    assert_ok(f, read_once(f, NULL));
}

static void what_is_no_readable_file_is_refused_with_a_reason(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *path; /* NULL: the fixture's own file, of 5 bytes */
        uint64_t limit;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"/nonexistent/t.csv", 0, PD_NOT_FOUND, "there is no file /nonexistent/t.csv"},
        {"", 0, PD_NOT_FOUND, "empty name"},
        {"/dev/null/t.csv", 0, PD_NOT_FOUND, "not a folder"},
        {"/", 0, PD_INVALID, "/ is a folder: name one file in it"},
        {"/dev/null", 0, PD_INVALID, "device"},
        {"/proc/self/status", 0, PD_INVALID, "/proc/self/status is empty (0 bytes)"},
        {NULL, 4, PD_LIMIT, "has 5 bytes; at most 4"},
    };
    put(f, "wb", "12345", 5);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = cases[i].path ? cases[i].path : f->file;
        assert_fails(f, cases[i].status, cases[i].words, open_path(f, path, cases[i].limit));
        assert_null(f->source);
    }
}

static void a_pipe_does_not_hold_us_up(void **state) {
    struct fixture *f = *state;
    assert_int_equal(mkfifo(f->file, 0600), 0);
    assert_fails(f, PD_INVALID, "is a pipe", open_path(f, f->file, 0));
}

static void an_empty_file_is_named(void **state) {
    struct fixture *f = *state;
    put(f, "wb", "", 0);
    assert_fails(f, PD_INVALID, "table.csv is empty (0 bytes)", open_path(f, f->file, 0));
}

static void a_file_of_somebody_else_says_whose_it_is(void **state) {
    struct fixture *f = *state;
    bool is_root = geteuid() == 0;
    put(f, "wb", "a\n", 2);
    assert_int_equal(chmod(f->file, is_root ? 0600 : 0), 0);
    assert_int_equal(chmod(f->root, 0755), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0); /* rights don't bind root */
    enum pd_status st = open_path(f, f->file, 0);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(st, PD_DENIED);
    assert_non_null(
        strstr(f->err.text, is_root ? "it belongs to root and has mode 0600" : "has mode 0000"));
}

static void a_folder_that_may_not_be_entered_is_denied(void **state) {
    struct fixture *f = *state;
    if (geteuid() != 0)
        skip(); /* an owner always may enter a folder that it can also remove */
    put(f, "wb", "a\n", 2);
    assert_int_equal(seteuid(65534), 0);
    enum pd_status st = open_path(f, f->file, 0);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(st, PD_DENIED);
    assert_non_null(strstr(f->err.text, "may not enter a folder"));
}

/* ---- Changes ---- */

static void a_file_that_grows_while_it_is_read_is_a_conflict(void **state) {
    struct fixture *f = *state;
    struct gathered g = {.append_to = f};
    put(f, "wb", "12345", 5);
    assert_ok(f, open_path(f, f->file, 5));
    assert_fails(f, PD_CONFLICT, "changed while it was read (5 bytes, now 9)",
                 source_each(f->source, gather, NULL, &g, NULL, &f->err));
    assert_int_equal(g.bytes.len, 5); /* never more than the limit that was checked */
    pd_buf_clear(&g.bytes);
}

static void a_file_that_shrinks_is_a_conflict(void **state) {
    struct fixture *f = *state;
    put(f, "wb", "12345", 5);
    assert_ok(f, open_path(f, f->file, 0));
    assert_int_equal(truncate(f->file, 3), 0);
    assert_fails(f, PD_CONFLICT, "now 3", read_once(f, NULL));
}

static void a_file_written_between_two_readings_is_a_conflict(void **state) {
    struct fixture *f = *state;
    struct stat about;
    put(f, "wb", "12345", 5);
    assert_ok(f, open_path(f, f->file, 0));
    assert_int_equal(stat(f->file, &about), 0);
    assert_ok(f, read_once(f, NULL));
    put(f, "r+b", "12344", 5);
    struct timespec later[2] = {about.st_mtim, {.tv_sec = about.st_mtim.tv_sec + 1}};
    assert_int_equal(utimensat(AT_FDCWD, f->file, later, 0), 0);
    assert_fails(f, PD_CONFLICT, "written to since", read_once(f, NULL));
    /* Even if somebody sets the time back, the content tells. */
    struct timespec same[2] = {about.st_mtim, about.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, f->file, same, 0), 0);
    assert_fails(f, PD_CONFLICT, "other content", read_once(f, NULL));
    put(f, "r+b", "12345", 5);
    assert_int_equal(utimensat(AT_FDCWD, f->file, same, 0), 0);
    assert_ok(f, read_once(f, NULL));
}

/* ---- What is told ---- */

static enum pd_status refuse(void *context, const char *bytes, size_t n, struct pd_error *err) {
    (void)bytes;
    ++*(int *)context;
    return pd_fail(err, PD_INVALID, "line %zu", n);
}

static void what_the_feed_says_is_returned_as_it_is(void **state) {
    struct fixture *f = *state;
    int calls = 0;
    put(f, "wb", "12345", 5);
    assert_ok(f, open_path(f, f->file, 0));
    assert_fails(f, PD_INVALID, "line 5",
                 source_each(f->source, refuse, NULL, &calls, NULL, &f->err));
    assert_string_equal(f->err.text, "line 5");
    assert_int_equal(calls, 1);
}

static void progress_comes_every_8_mib_and_at_the_end(void **state) {
    struct fixture *f = *state;
    struct gathered g = {0};
    put(f, "wb", "x", 1);
    assert_int_equal(truncate(f->file, 20 << 20), 0);
    assert_ok(f, open_path(f, f->file, 0));
    assert_ok(f, source_each(f->source, gather, note_progress, &g, NULL, &f->err));
    static const uint64_t expected[] = {8 << 20, 16 << 20, 20 << 20};
    assert_int_equal(g.told, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(g.done[i], expected[i]);
    pd_buf_clear(&g.bytes);
}

/* ---- Standard input ---- */

struct input {
    int fd;
    const char *bytes;
    size_t n;
};

/* In small pieces, so that reads come back short. */
static void *write_input(void *context) {
    struct input *in = context;
    for (size_t at = 0; at < in->n;) {
        size_t take = in->n - at < 5000 ? in->n - at : 5000;
        ssize_t written = write(in->fd, in->bytes + at, take);
        if (written < 0)
            break; /* refused over the limit: the reader has gone */
        at += (size_t)written;
    }
    close(in->fd);
    return NULL;
}

static enum pd_status spool(struct fixture *f, const char *bytes, size_t n, uint64_t limit,
                            int flags) {
    int ends[2];
    pthread_t thread;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, flags), 0);
    struct input in = {ends[1], bytes, n};
    assert_int_equal(pthread_create(&thread, NULL, write_input, &in), 0);
    enum pd_status st = source_open("-", ends[0], f->root, limit, &f->source, &f->err);
    char rest[4096];
    if (flags == 0) /* lets the writer end; a refused one would otherwise get SIGPIPE */
        while (read(ends[0], rest, sizeof(rest)) > 0)
            continue;
    pthread_join(thread, NULL);
    close(ends[0]);
    return st;
}

static void standard_input_of_every_size_is_read_again(void **state) {
    static const size_t sizes[] = {1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *bytes = sample(sizes[i]);
        assert_ok(f, spool(f, bytes, sizes[i], sizes[i], i % 2 ? O_NONBLOCK : 0));
        assert_true(pd_str_is(source_name(f->source), "standard input"));
        assert_int_equal(source_path(f->source).len, 0);
        assert_int_equal(source_size(f->source), sizes[i]);
        assert_reads_twice(f, bytes, sizes[i]);
        source_close(f->source);
        f->source = NULL;
        free(bytes);
    }
}

static void standard_input_has_limits(void **state) {
    struct fixture *f = *state;
    char *bytes = sample(2 * CHUNK);
    assert_fails(f, PD_LIMIT, "more than 100 bytes", spool(f, bytes, 2 * CHUNK, 100, 0));
    assert_fails(f, PD_LIMIT, "more than 65537 bytes", spool(f, bytes, 2 * CHUNK, CHUNK + 1, 0));
    assert_fails(f, PD_INVALID, "standard input is empty (0 bytes)", spool(f, "", 0, 0, 0));
    assert_fails(f, PD_IO, "read standard input", open_path(f, "-", 0));
    assert_fails(f, PD_IO, "spool file in /nonexistent",
                 source_open("-", 0, "/nonexistent", 0, &f->source, &f->err));
    free(bytes);
}

/* The spool's descriptor: the one file of this process that lay in the folder and has no name. */
static void find_spool(const struct fixture *f, char out[64]) {
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    const struct dirent *entry;
    out[0] = '\0';
    while ((entry = readdir(dir)) != NULL) {
        char path[64], target[PATH_MAX] = "";
        snprintf(path, sizeof(path), "/proc/self/fd/%.10s", entry->d_name);
        if (readlink(path, target, sizeof(target) - 1) > 0 &&
            strncmp(target, f->root, strlen(f->root)) == 0)
            snprintf(out, 64, "%s", path);
    }
    closedir(dir);
    assert_string_not_equal(out, "");
}

static void a_spool_has_no_name_and_no_clear_text(void **state) {
    struct fixture *f = *state;
    static const char text[] = "name;born\nAnna;1980-01-01\n";
    char path[64], stored[200];
    assert_ok(f, spool(f, text, sizeof(text), 0, 0));
    DIR *dir = opendir(f->root);
    assert_non_null(dir);
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        assert_int_equal(entry->d_name[0], '.');
    closedir(dir);
    find_spool(f, path);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t n = fread(stored, 1, sizeof(stored), in);
    fclose(in);
    assert_int_equal(n, sizeof(text) + 16);
    assert_null(memmem(stored, n, "Anna", 4));
}

static void an_altered_spool_is_found(void **state) {
    struct fixture *f = *state;
    char path[64], *bytes = sample(CHUNK + 10);
    crypto_hash content;
    assert_ok(f, spool(f, bytes, CHUNK + 10, 0, 0));
    find_spool(f, path);
    assert_ok(f, read_once(f, &content)); /* its last chunk is now the one in memory */
    char byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, 100), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 100), 1);
    assert_fails(f, PD_INTERNAL, "spool file", read_once(f, &content));
    assert_int_equal(ftruncate(fd, 50), 0);
    assert_fails(f, PD_INTERNAL, "cut off", read_once(f, &content));
    close(fd);
    free(bytes);
}

#define fact(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        fact(a_file_is_read_as_often_as_needed),
        fact(a_relative_path_is_found_again),
        fact(what_is_no_readable_file_is_refused_with_a_reason),
        fact(a_pipe_does_not_hold_us_up),
        fact(an_empty_file_is_named),
        fact(a_file_of_somebody_else_says_whose_it_is),
        fact(a_folder_that_may_not_be_entered_is_denied),
        fact(a_file_that_grows_while_it_is_read_is_a_conflict),
        fact(a_file_that_shrinks_is_a_conflict),
        fact(a_file_written_between_two_readings_is_a_conflict),
        fact(what_the_feed_says_is_returned_as_it_is),
        fact(progress_comes_every_8_mib_and_at_the_end),
        fact(standard_input_of_every_size_is_read_again),
        fact(standard_input_has_limits),
        fact(a_spool_has_no_name_and_no_clear_text),
        fact(an_altered_spool_is_found),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
