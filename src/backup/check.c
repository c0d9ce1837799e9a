/* Looking after backups: reading one again, and forgetting old ones. */
#include "backup/backup_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The sections whose lines name files that are pieces of their own. */
static const char *const FILE_SECTIONS[] = {"vault", "ledger"};
enum { FILE_SECTION_COUNT = sizeof(FILE_SECTIONS) / sizeof(FILE_SECTIONS[0]) };

/* ---- Everything that a backup consists of ---- */

struct walk {
    struct pd_arena *arena;
    struct pd_mark mark;
    enum pd_status (*body)(void *context, const crypto_hash *hash, uint64_t size,
                           struct pd_error *err);
    void *context;
};

static enum pd_status walk_entry(void *context, pd_str line, struct pd_error *err) {
    struct walk *walk = context;
    struct backup_entry entry;
    pd_arena_reset(walk->arena, walk->mark);
    enum pd_status st = backup_entry_parse(line, walk->arena, &entry, err);
    return st == PD_OK ? walk->body(walk->context, &entry.hash, entry.size, err) : st;
}

/* Pieces of lines, then the files that these name. */
static enum pd_status walk_all(struct backup_folder *f, const struct backup_manifest *m,
                               struct walk *walk, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t p = 0; p < m->part_count; p++)
        for (size_t i = 0; st == PD_OK && i < m->parts[p].piece_count; i++)
            st = walk->body(walk->context, &m->parts[p].pieces[i].hash, m->parts[p].pieces[i].size,
                            err);
    walk->arena = pd_arena_new((size_t)128 << 20);
    if (!walk->arena)
        return pd_fail_memory(err);
    walk->mark = pd_arena_mark(walk->arena);
    for (size_t i = 0; st == PD_OK && i < FILE_SECTION_COUNT; i++) {
        const struct backup_part *part = backup_find_part(m, FILE_SECTIONS[i]);
        if (part)
            st = backup_lines(f, part, walk_entry, walk, err);
    }
    pd_arena_free(walk->arena);
    return st;
}

/* ---- Reading again ---- */

struct checking {
    const struct backup_folder *folder;
    void (*flaw)(void *context, const char *what);
    void *context;
    struct backup_tally *tally;
    bool is_damaged;
};

static enum pd_status check_one(void *context, const crypto_hash *hash, uint64_t size,
                                struct pd_error *err) {
    struct checking *c = context;
    (void)err;
    struct pd_error why = {0};
    c->tally->pieces++;
    c->tally->bytes += size;
    if (backup_piece_check(c->folder, hash, size, &why) != PD_OK) {
        c->is_damaged = true;
        c->flaw(c->context, why.text);
    }
    return PD_OK;
}

enum pd_status backup_check(struct backup_folder *f, const struct backup_manifest *m,
                            void (*flaw)(void *context, const char *what), void *context,
                            struct backup_tally *tally, struct pd_error *err) {
    *tally = (struct backup_tally){0};
    struct checking c = {f, flaw, context, tally, false};
    struct walk walk = {.body = check_one, .context = &c};
    enum pd_status st = walk_all(f, m, &walk, err);
    /* A list of files that is damaged was named above; what it lists can't be looked for. */
    return st == PD_INTERNAL && c.is_damaged ? PD_OK : st;
}

/* ---- Forgetting ---- */

static enum pd_status collect_one(void *context, const crypto_hash *hash, uint64_t size,
                                  struct pd_error *err) {
    (void)size;
    return backup_set_add(context, hash, err);
}

enum pd_status backup_collect(struct backup_folder *f, const struct backup_manifest *m,
                              struct backup_set *set, struct pd_error *err) {
    struct walk walk = {.body = collect_one, .context = set};
    return walk_all(f, m, &walk, err);
}

enum pd_status backup_sweep(struct backup_folder *f, struct backup_tally *freed,
                            struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)2 << 30);
    if (!arena)
        return pd_fail_memory(err);
    const pd_str *names;
    size_t count = 0;
    struct backup_set set = {0};
    enum pd_status st = backup_list(f, arena, &names, &count, err);
    struct pd_mark mark = pd_arena_mark(arena);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        const struct backup_manifest *m;
        st = backup_load(f, names[i], arena, &m, err);
        if (st == PD_OK)
            st = backup_collect(f, m, &set, err);
        pd_arena_reset(arena, mark);
    }
    backup_set_sort(&set);
    if (st == PD_OK)
        st = backup_pieces_keep(f, &set, freed, err);
    else
        pd_wrap(err, "nothing was removed, since a backup that stays can't be read");
    backup_set_clear(&set);
    pd_arena_free(arena);
    return st;
}

enum pd_status backup_prune(struct backup_folder *f, uint64_t keep, struct pd_arena *arena,
                            size_t *forgotten, struct backup_tally *freed, struct pd_error *err) {
    const pd_str *names;
    size_t count = 0;
    if (keep < 1)
        return pd_fail(err, PD_USAGE, "at least one backup is kept");
    *forgotten = 0;
    *freed = (struct backup_tally){0};
    enum pd_status st = backup_list(f, arena, &names, &count, err);
    if (st != PD_OK || count <= keep)
        return st;
    /* The manifests go first: pieces without one are no backup, a manifest without pieces would
       look like one. A sweep that is cut off is finished by the next one to write. */
    st = backup_file_put(f, "unfinished", PD_STR("prune"), err);
    for (size_t i = 0; st == PD_OK && i < count - keep; i++) {
        char path[128];
        snprintf(path, sizeof(path), "backups/%.*s.json", pd_arg(names[i]));
        if (unlinkat(f->fd, path, 0) != 0)
            st = pd_fail_errno(err, PD_IO, "remove %s/%s", f->path, path);
        snprintf(path, sizeof(path), "backups/%.*s.sig", pd_arg(names[i]));
        if (st == PD_OK && unlinkat(f->fd, path, 0) != 0 && errno != ENOENT)
            st = pd_fail_errno(err, PD_IO, "remove %s/%s", f->path, path);
        *forgotten += st == PD_OK;
    }
    if (st == PD_OK)
        st = backup_sync(f, "backups", err);
    if (st == PD_OK)
        st = backup_sweep(f, freed, err);
    if (st == PD_OK && unlinkat(f->fd, "unfinished", 0) != 0)
        st = pd_fail_errno(err, PD_IO, "remove %s/unfinished", f->path);
    return st;
}
