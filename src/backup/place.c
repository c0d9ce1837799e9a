/* Putting a backup's files into a folder. */
#include "backup/backup_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct placing {
    struct backup_folder *folder;
    int dir_fd;
    unsigned rights, dir_rights;
    struct pd_arena *arena;
    struct pd_mark mark;
};

/* The manifest is signed, and still no path of it leads out of the folder. */
static bool is_safe(pd_str path) {
    pd_str rest = path, segment;
    if (path.len > 1000 ||
        (!pd_str_starts(path, PD_STR("vault/")) && !pd_str_starts(path, PD_STR("ledger/"))))
        return false;
    while (pd_str_split(&rest, '/', &segment))
        if (!segment.len || segment.len > 255 || pd_str_is(segment, ".") ||
            pd_str_is(segment, "..") || pd_str_find_char(segment, '\0') != PD_NPOS)
            return false;
    return true;
}

static enum pd_status make_parents(const struct placing *p, const char *path,
                                   struct pd_error *err) {
    char parent[1024];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
        if (mkdirat(p->dir_fd, parent, (mode_t)p->dir_rights) != 0 && errno != EEXIST)
            return pd_fail_errno(err, PD_IO, "make the folder \"%s\"", parent);
    }
    return PD_OK;
}

static enum pd_status place_one(void *context, pd_str line, struct pd_error *err) {
    struct placing *p = context;
    struct backup_entry entry;
    pd_arena_reset(p->arena, p->mark);
    enum pd_status st = backup_entry_parse(line, p->arena, &entry, err);
    if (st == PD_OK && !is_safe(entry.path))
        st = pd_fail(err, PD_INTERNAL, "the backup names a file that may not be: \"%.*s\"",
                     pd_arg(entry.path));
    if (st == PD_OK)
        st = make_parents(p, entry.path.data, err);
    if (st == PD_OK)
        st = backup_copy_out(p->folder, &entry.hash, p->dir_fd, entry.path.data, p->rights, err);
    return st;
}

enum pd_status backup_files_place(struct backup_folder *folder, const struct backup_part *part,
                                  int dir_fd, unsigned rights, unsigned dir_rights,
                                  struct pd_error *err) {
    struct placing p = {folder, dir_fd, rights, dir_rights, pd_arena_new((size_t)128 << 20), {0}};
    if (!p.arena)
        return pd_fail_memory(err);
    p.mark = pd_arena_mark(p.arena);
    enum pd_status st = backup_lines(folder, part, place_one, &p, err);
    pd_arena_free(p.arena);
    return st;
}

enum pd_status backup_sync_all(int dir_fd, const char *path, struct pd_error *err) {
    return syncfs(dir_fd) == 0 ? PD_OK
                               : pd_fail_errno(err, PD_IO, "make what is in %s durable", path);
}
