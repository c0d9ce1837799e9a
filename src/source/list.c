/* Places with several tables: a folder, or a database named without a table. */
#include "source/source_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 4096 };

/* ---- A folder ---- */

static int compare(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

struct folder {
    const char *path;
    DIR *handle;
    struct pd_arena *arena;
    pd_str *found; /* locations */
    size_t count, folders, others;
};

static enum pd_status add_entry(struct folder *f, const char *name, struct pd_error *err) {
    struct stat about;
    if (name[0] == '.')
        return PD_OK;
    /* What may not even be looked at is listed: opening it says why. */
    if (fstatat(dirfd(f->handle), name, &about, 0) == 0 && !S_ISREG(about.st_mode)) {
        f->folders += S_ISDIR(about.st_mode);
        f->others += !S_ISDIR(about.st_mode);
        return PD_OK;
    }
    if (f->count == SOURCE_PARTS_MAX)
        return pd_fail(err, PD_LIMIT, "%s holds more than %d files", f->path, SOURCE_PARTS_MAX);
    bool has_slash = f->path[0] != '\0' && f->path[strlen(f->path) - 1] == '/';
    pd_str location = pd_arena_printf(f->arena, has_slash ? "%s%s" : "%s/%s", f->path, name);
    if (!location.data)
        return pd_fail_memory(err);
    f->found[f->count++] = location;
    return PD_OK;
}

static enum pd_status list_folder(struct folder *f, struct source_list *out, struct pd_error *err) {
    enum pd_status st = PD_OK;
    errno = 0;
    for (const struct dirent *entry; st == PD_OK && (entry = readdir(f->handle)) != NULL; errno = 0)
        st = add_entry(f, entry->d_name, err);
    if (st == PD_OK && errno != 0)
        st = pd_fail_errno(err, PD_IO, "list the folder %s", f->path);
    if (st == PD_OK && f->count == 0)
        st = pd_fail(err, PD_INVALID, "the folder %s holds no file", f->path);
    if (st != PD_OK)
        return st;
    qsort(f->found, f->count, sizeof(*f->found), compare);
    *out = (struct source_list){.locations = f->found, .count = f->count};
    pd_str *notes = pd_arena_array(f->arena, 2, sizeof(*notes));
    if (!notes)
        return pd_fail_memory(err);
    out->notes = notes;
    if (f->folders > 0)
        notes[out->note_count++] = pd_arena_printf(
            f->arena, "%zu folders within %s were passed over; name each to read it.", f->folders,
            f->path);
    if (f->others > 0)
        notes[out->note_count++] = pd_arena_printf(
            f->arena, "%zu entries of %s are no files (pipes, devices) and were passed over.",
            f->others, f->path);
    return PD_OK;
}

static enum pd_status open_folder(const char *path, struct pd_arena *arena, struct source_list *out,
                                  struct pd_error *err) {
    struct folder f = {.path = path, .arena = arena, .handle = opendir(path)};
    if (f.handle == NULL)
        return pd_fail_errno(err, errno == EACCES ? PD_DENIED : PD_IO, "list the folder %s", path);
    f.found = pd_arena_array(arena, SOURCE_PARTS_MAX, sizeof(*f.found));
    enum pd_status st = f.found ? list_folder(&f, out, err) : pd_fail_memory(err);
    closedir(f.handle);
    return st;
}

/* ---- A database ---- */

static enum pd_status no_data(void *context, const char *bytes, size_t n, struct pd_error *err) {
    (void)context, (void)bytes, (void)n, (void)err;
    return PD_OK;
}

static bool is_sqlite_file(const char *path) {
    char head[16];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t n = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;
    if (fd >= 0)
        close(fd);
    return n == (ssize_t)sizeof(head) && source_sniff((pd_str){head, (size_t)n}) == SOURCE_SQLITE;
}

static enum pd_status list_database(const struct source_address *a, const char *location,
                                    struct pd_arena *arena, struct source_list *out,
                                    struct pd_error *err) {
    struct source_intake intake = {.arena = arena};
    struct source_sink sink = source_intake_sink(&intake);
    sink.data = no_data;
    enum pd_status st =
        a->place == SOURCE_AT_POSTGRESQL ? source_postgresql_read(a, true, &sink, err)
        : a->place == SOURCE_AT_ODBC
            ? source_odbc_read(a, true, &sink, err)
            : source_reader_sqlite(a->path, (pd_str){NULL, 0}, false, true, &sink, err);
    if (st != PD_OK)
        return pd_wrap(err, "%s", location);
    if (intake.other_count == 0)
        return pd_fail(err, PD_INVALID, "%s: the database has no table that can be seen", location);
    pd_str *locations = pd_arena_array(arena, intake.other_count, sizeof(*locations));
    if (!locations)
        return pd_fail_memory(err);
    for (size_t i = 0; i < intake.other_count; i++) {
        locations[i] = source_location(pd_str_from(location), intake.others[i], false, arena);
        if (!locations[i].data)
            return pd_fail_memory(err);
    }
    *out = (struct source_list){.locations = locations, .count = intake.other_count};
    return PD_OK;
}

enum pd_status source_list(const char *location, struct pd_arena *arena, bool *has_many,
                           struct source_list *out, struct pd_error *err) {
    struct source_address a;
    struct stat about;
    *has_many = false;
    enum pd_status st = source_address_parse(location, arena, &a, err);
    if (st != PD_OK || a.part.len > 0 || a.is_query || a.place == SOURCE_AT_INPUT)
        return st;
    if (a.place == SOURCE_AT_FILE && stat(a.path, &about) == 0 && S_ISDIR(about.st_mode)) {
        *has_many = true;
        return open_folder(a.path, arena, out, err);
    }
    if (a.place == SOURCE_AT_FILE && !a.is_sqlite && !is_sqlite_file(a.path))
        return PD_OK;
    if (a.is_sqlite && !is_sqlite_file(a.path))
        return PD_OK; /* opening it says what it is instead */
    *has_many = true;
    return list_database(&a, location, arena, out, err);
}
