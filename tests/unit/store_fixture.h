/* A node in a temporary folder for each test of store/, and what the tests say about it. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "database_fixture.h"
#include "store/store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char root[256];               /* temporary */
    char folder[300];             /* the node, in it */
    char database[DATABASE_SIZE]; /* where its tables are; empty: in the folder */
    struct store *store;
    struct pd_arena *arena;
    struct pd_error err;
};

#define assert_ok(f, call)                                                                         \
    do {                                                                                           \
        (f)->err = (struct pd_error){0};                                                           \
        if ((call) != PD_OK)                                                                       \
            fail_msg("%s: %s", #call, (f)->err.text);                                              \
    } while (0)

/* `words` must stand in the sentence. */
#define assert_fails(f, expected, words, call)                                                     \
    do {                                                                                           \
        (f)->err = (struct pd_error){0};                                                           \
        enum pd_status st_ = (call);                                                               \
        if (st_ != (expected) || (f)->err.status != (expected) ||                                  \
            strstr((f)->err.text, (words)) == NULL)                                                \
            fail_msg("%s: status %d, \"%s\"; expected %d, \"%s\"", #call, (int)st_, (f)->err.text, \
                     (int)(expected), (words));                                                    \
    } while (0)

static inline void path_in(const struct fixture *f, const char *name, char out[600]) {
    snprintf(out, 600, "%s/%s", f->folder, name);
}

static inline int remove_one(const char *path, const struct stat *about, int kind,
                             struct FTW *where) {
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static inline int make_root(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    const char *tmp = getenv("TMPDIR");
    if (f == NULL)
        return -1;
    snprintf(f->root, sizeof(f->root), "%.200s/polder-store-XXXXXX", tmp ? tmp : "/tmp");
    if (mkdtemp(f->root) == NULL)
        return -1;
    snprintf(f->folder, sizeof(f->folder), "%s/node", f->root);
    f->arena = pd_arena_new((size_t)64 << 20);
    *state = f;
    return f->arena ? 0 : -1;
}

static inline bool is_postgresql(void) {
    return database_server() != NULL;
}

static inline enum pd_status open_new(struct fixture *f) {
    const char *database = f->database[0] ? f->database : NULL;
    return store_open_at(f->folder, database ? database : database_new(f->database), STORE_CREATE,
                         "the test", &f->store, &f->err);
}

static inline int make_node(void **state) {
    if (make_root(state) != 0)
        return -1;
    struct fixture *f = *state;
    if (open_new(f) == PD_OK)
        return 0;
    fprintf(stderr, "%s\n", f->err.text);
    return -1;
}

static inline int remove_node(void **state) {
    struct fixture *f = *state;
    store_close(f->store);
    pd_arena_free(f->arena);
    if (f->database[0] != '\0')
        database_drop(f->database);
    int st = nftw(f->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return st;
}

static inline void close_node(struct fixture *f) {
    store_close(f->store);
    f->store = NULL;
}

static inline void reopen(struct fixture *f, enum store_mode mode) {
    close_node(f);
    assert_ok(f, store_open(f->folder, mode, "the test", &f->store, &f->err));
}

static inline void run(struct fixture *f, const char *text) {
    assert_ok(f, store_run(f->store, (struct sql){.both = text}, NULL, 0, NULL, &f->err));
}

static inline int64_t number_from(struct fixture *f, struct store *store, const char *text) {
    struct store_rows *rows = NULL;
    bool has = false;
    assert_ok(f, store_select(store, (struct sql){.both = text}, NULL, 0, &rows, &f->err));
    assert_ok(f, store_next(rows, &has, &f->err));
    assert_true(has);
    int64_t number = store_i64(rows, 0);
    store_rows_close(rows);
    return number;
}

static inline mode_t mode_of(const struct fixture *f, const char *name) {
    char path[600];
    struct stat about;
    path_in(f, name, path);
    assert_int_equal(stat(path, &about), 0);
    return about.st_mode & 07777;
}

/* Writes a file as it is, past the store. */
static inline void put_file(const struct fixture *f, const char *name, const void *bytes,
                            size_t n) {
    char path[600];
    path_in(f, name, path);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static inline size_t get_file(const struct fixture *f, const char *name, void *out, size_t room) {
    char path[600];
    path_in(f, name, path);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t n = fread(out, 1, room, in);
    fclose(in);
    return n;
}

#endif
