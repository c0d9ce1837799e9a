/*
 * Restoring a backup: rows and files into a place that is no node yet, verified there, and moved
 * into its own only then. What the rest of the world knows of the logs is put beside them, so that
 * the node never signs what contradicts it (floor.c).
 */
#include "govern/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct restore {
    const struct govern_restore_order *order;
    const struct pd_clock *clock;
    struct pd_arena *arena;
    struct backup_folder *folder;
    const struct backup_manifest *manifest;
    struct backup_keys keys;
    uint8_t node_key[CRYPTO_KEY_SIZE];
    struct restore_place place;
    struct restore_asked asked;
    struct tomb *destroyed; /* sorted by id */
    size_t destroyed_count, destroyed_room;
    struct govern_restored *out;
};

/* ---- What opens it ---- */

static enum pd_status read_node_key(struct restore *r, struct pd_error *err) {
    const char *path = r->order->node_key;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (fd < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open the node key %s",
                             path);
    enum pd_status st = PD_OK;
    uint8_t bytes[CRYPTO_KEY_SIZE + 1];
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        st = pd_fail(err, PD_INVALID, "the node key %s is not a file", path);
    else if ((about.st_mode & 077) != 0)
        st =
            pd_fail(err, PD_DENIED,
                    "the node key %s is open to other users (mode %04o), and it opens every sealed "
                    "file; run: chmod 600 %s",
                    path, (unsigned)(about.st_mode & 07777), path);
    else if (read(fd, bytes, sizeof(bytes)) != CRYPTO_KEY_SIZE)
        st = pd_fail(err, PD_INVALID, "the node key %s is not a file of %d bytes", path,
                     CRYPTO_KEY_SIZE);
    close(fd);
    if (st == PD_OK)
        memcpy(r->node_key, bytes, sizeof(r->node_key));
    crypto_wipe(bytes, sizeof(bytes));
    return st;
}

/* A backup of keys that has expired is removed: it may hold keys that were destroyed since. */
static enum pd_status check_keys(struct restore *r, struct pd_error *err) {
    const struct backup_keys *k = &r->keys;
    char mark[STORE_FINGERPRINT_SIZE], until[PD_TIME_TEXT_SIZE];
    if (!pd_str_eq(k->origin, r->manifest->origin) || !pd_str_eq(k->node, r->manifest->node))
        return pd_fail(err, PD_DENIED, "%.*s holds the keys of another node, \"%.*s\"",
                       pd_arg(k->path), pd_arg(k->origin));
    pd_time_write(k->expires_at, PD_TIME_SECONDS, until);
    if (pd_clock_now(r->clock) >= k->expires_at) {
        enum pd_status st = backup_keys_remove(k, err);
        return st != PD_OK
                   ? st
                   : pd_fail(err, PD_DENIED,
                             "%.*s could be used until %s, and was removed: keys may have been "
                             "destroyed since. Without keys the public record can still be "
                             "restored (--without-keys)",
                             pd_arg(k->path), until);
    }
    store_node_key_fingerprint(r->node_key, mark);
    if (strcmp(mark, k->node_key) != 0)
        return pd_fail(err, PD_DENIED,
                       "%.*s was wrapped by the node key %s, and %s is %s; give the node key that "
                       "the node had when they were saved",
                       pd_arg(k->path), k->node_key, r->order->node_key, mark);
    return PD_OK;
}

/* ---- Keys that were destroyed, also after this backup ---- */

struct tomb {
    pd_id id, act; /* id first: tombs are compared by it, with an id */
    pd_time at;
};

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, sizeof(pd_id));
}

static bool is_destroyed(const void *context, pd_id id) {
    const struct restore *r = context;
    return r->destroyed_count && bsearch(&id, r->destroyed, r->destroyed_count,
                                         sizeof(*r->destroyed), compare_ids) != NULL;
}

/* Where in a line the tomb's parts stand. */
struct tombs {
    struct restore *r;
    size_t id, act, at;
};

static bool read_tomb(const struct tombs *t, const json_t *line, struct tomb *out) {
    const char *id = json_string_value(json_array_get(line, t->id));
    const char *act = json_string_value(json_array_get(line, t->act));
    const json_t *at = json_array_get(line, t->at);
    out->at = json_is_integer(at) ? json_integer_value(at) : -1;
    return id && act && out->at >= 0 && pd_id_parse(pd_str_from(id), &out->id) &&
           pd_id_parse(pd_str_from(act), &out->act);
}

static enum pd_status add_destroyed(void *context, pd_str line, struct pd_error *err) {
    struct tombs *t = context;
    struct restore *r = t->r;
    json_t *json = NULL;
    struct tomb tomb;
    enum pd_status st = pd_json_parse(line, (size_t)1 << 20, 4, &json, err);
    if (st == PD_OK && !read_tomb(t, json, &tomb))
        st = pd_fail(err, PD_INTERNAL, "the backup's list of destroyed keys is damaged");
    json_decref(json);
    if (st == PD_OK && r->destroyed_count == r->destroyed_room) {
        size_t room = r->destroyed_room ? 2 * r->destroyed_room : 256;
        struct tomb *grown = realloc(r->destroyed, room * sizeof(*grown));
        if (!grown)
            return pd_fail_memory(err);
        r->destroyed = grown;
        r->destroyed_room = room;
    }
    if (st == PD_OK)
        r->destroyed[r->destroyed_count++] = tomb;
    return st;
}

/* The key store says so too: of the acts that destroyed them some may be missing. */
static enum pd_status bury(const struct restore *r, struct store *store, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < r->destroyed_count; i++)
        st = store_key_destroy(store, &r->destroyed[i].id, 1, r->destroyed[i].act,
                               r->destroyed[i].at, err);
    return st;
}

/* This backup's and every later one's: a key that was destroyed stays so, whatever is restored. */
static enum pd_status find_destroyed(struct restore *r, struct pd_error *err) {
    const pd_str *names;
    size_t count = 0, ignored;
    enum pd_status st = backup_list(r->folder, r->arena, &names, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        const struct backup_manifest *m;
        if (pd_str_cmp(names[i], r->manifest->name) < 0)
            continue;
        st = backup_load(r->folder, names[i], r->arena, &m, err);
        const struct backup_part *part = st == PD_OK ? backup_find_part(m, "key_destroyed") : NULL;
        struct tombs tombs = {.r = r};
        for (size_t c = 0; part && c < part->column_count; c++)
            *(pd_str_is(part->columns[c], "id")             ? &tombs.id
              : pd_str_is(part->columns[c], "act_id")       ? &tombs.act
              : pd_str_is(part->columns[c], "destroyed_at") ? &tombs.at
                                                            : &ignored) = c;
        if (part)
            st = backup_lines(r->folder, part, add_destroyed, &tombs, err);
    }
    if (r->destroyed_count)
        qsort(r->destroyed, r->destroyed_count, sizeof(*r->destroyed), compare_ids);
    return st;
}

/* ---- Filling the place ---- */

static enum pd_status place_files(struct restore *r, struct pd_error *err) {
    static const struct {
        const char *section;
        unsigned rights, dir_rights;
    } sections[] = {{"vault", 0400, 0700}, {"ledger", 0644, 0755}};
    int fd = open(r->place.staging.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open %s", r->place.staging.data);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < 2; i++) {
        const struct backup_part *part = backup_find_part(r->manifest, sections[i].section);
        if (!part)
            continue;
        st = backup_files_place(r->folder, part, fd, sections[i].rights, sections[i].dir_rights,
                                err);
        r->out->files += part->lines;
    }
    close(fd);
    return st;
}

static enum pd_status fill(struct restore *r, struct pd_error *err) {
    struct store *store = NULL;
    enum pd_status st =
        store_make(r->place.staging.data, r->order->database, "polder restore", r->manifest->schema,
                   r->order->keys ? r->node_key : NULL, &store, err);
    if (st == PD_OK)
        st = backup_rows_load(store, r->folder, r->manifest, err);
    if (st == PD_OK && r->order->keys)
        st = backup_keys_load(store, &r->keys, is_destroyed, r, &r->out->keys, err);
    if (st == PD_OK && r->order->keys)
        st = bury(r, store, err);
    store_close(store);
    if (st == PD_OK && r->order->keys)
        r->out->keys_destroyed = r->keys.keys - r->out->keys;
    return st == PD_OK ? place_files(r, err) : st;
}

/* ---- What is known of the logs elsewhere ---- */

struct known_log {
    pd_str name, folder, origin, vkey_text, checkpoint;
    struct ledger_vkey vkey;
    uint64_t size;
    bool is_published; /* all of it */
    pd_str floor;      /* the largest checkpoint that is known */
    uint64_t floor_size;
};

static const struct sql LIST_LOGS = {.both = "SELECT name, origin, vkey, size, published_size, "
                                             "checkpoint, folder FROM log ORDER BY name"};

static enum pd_status list_logs(struct govern *g, struct pd_arena *arena, struct known_log **out,
                                size_t *count, struct pd_error *err) {
    enum { LOGS_MOST = 1000 };
    struct known_log *logs = pd_arena_array(arena, LOGS_MOST, sizeof(*logs));
    struct store_rows *rows;
    if (!logs)
        return pd_fail_memory(err);
    enum pd_status st = store_select(g->store, LIST_LOGS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    size_t n = 0;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < LOGS_MOST) {
        struct known_log *log = &logs[n++];
        log->name = pd_arena_str(arena, store_str(rows, 0));
        log->origin = pd_arena_str(arena, store_str(rows, 1));
        log->vkey_text = pd_arena_str(arena, store_str(rows, 2));
        log->checkpoint = pd_arena_str(arena, store_str(rows, 5));
        log->folder = pd_arena_str(arena, store_str(rows, 6));
        log->size = (uint64_t)store_i64(rows, 3);
        log->is_published = store_i64(rows, 4) == store_i64(rows, 3);
        st = log->vkey_text.data && log->checkpoint.data && log->folder.data
                 ? ledger_vkey_parse(log->vkey_text, &log->vkey, err)
                 : pd_fail_memory(err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    *out = logs;
    *count = n;
    return st;
}

static const struct sql LIST_LEAVES = {
    .both = "SELECT bytes FROM leaf WHERE log = $1 AND leaf_index < $2 ORDER BY leaf_index"};

/* A smaller checkpoint that others hold must be a beginning of the log. */
static enum pd_status check_beginning(struct govern *g, const struct known_log *log,
                                      const struct ledger_checkpoint *known, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log->name), STORE_I64((int64_t)known->size)};
    struct ledger_edge edge = {0};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_LEAVES, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        crypto_hash hash;
        st = ledger_hash_leaf(store_str(rows, 0), &hash, err);
        if (st == PD_OK)
            st = ledger_edge_append(&edge, &hash, err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    crypto_hash root = ledger_edge_root(&edge);
    if (st == PD_OK && edge.size == known->size &&
        memcmp(root.bytes, known->root.bytes, sizeof(root.bytes)) != 0)
        st = pd_fail(err, PD_INTERNAL,
                     "the %.*s log of the backup is not the one whose checkpoint of %" PRIu64
                     " leaves is known elsewhere: one of the two was forged, or the node has "
                     "forked; keep both",
                     pd_arg(log->name), known->size);
    return st;
}

/* is_ours: of a log that must be there; else a note of another log is passed over. */
static enum pd_status take_note(struct restore *r, struct govern *g, struct known_log *logs,
                                size_t count, pd_str note, bool is_ours, struct pd_error *err) {
    pd_str rest = note, origin = {0};
    (void)pd_str_split(&rest, '\n', &origin);
    for (size_t i = 0; i < count; i++) {
        struct known_log *log = &logs[i];
        struct ledger_checkpoint known;
        if (!pd_str_eq(origin, log->origin))
            continue;
        const struct integrate_log signed_by = {
            .name = log->name, .origin = log->origin, .vkey = log->vkey};
        enum pd_status st = integrate_verify_note(g, &signed_by, note, r->arena, &known, err);
        if (st != PD_OK)
            return pd_wrap(err, "a checkpoint of the %.*s log", pd_arg(log->name));
        if (known.size <= log->size)
            return known.size ? check_beginning(g, log, &known, err) : PD_OK;
        if (known.size > log->floor_size) {
            log->floor = pd_arena_str(r->arena, note);
            log->floor_size = known.size;
        }
        return log->floor.data ? PD_OK : pd_fail_memory(err);
    }
    return is_ours
               ? pd_fail(err, PD_INVALID,
                         "the witnessed checkpoint is of \"%.*s\", which is no log of this node",
                         pd_arg(origin))
               : PD_OK;
}

/* Every backup in the folder is a witness too: what it saw signed, was signed. */
static enum pd_status take_manifests(struct restore *r, struct govern *g, struct known_log *logs,
                                     size_t count, struct pd_error *err) {
    const pd_str *names;
    size_t n = 0, i;
    enum pd_status st = backup_list(r->folder, r->arena, &names, &n, err);
    for (size_t b = 0; st == PD_OK && b < n; b++) {
        const struct backup_manifest *m;
        const json_t *log;
        st = backup_load(r->folder, names[b], r->arena, &m, err);
        if (st != PD_OK)
            break;
        json_array_foreach(json_object_get(m->facts, "logs"), i, log) {
            const json_t *note = json_object_get(log, "checkpoint");
            if (st == PD_OK && json_is_string(note))
                st = take_note(r, g, logs, count,
                               (pd_str){json_string_value(note), json_string_length(note)}, false,
                               err);
        }
    }
    return st;
}

/* What a witness shows counts if our own key signed it; else it hasn't answered. */
static enum pd_status take_shown(struct restore *r, struct govern *g, struct known_log *logs,
                                 size_t count, struct pd_error *err) {
    const struct known_log *log = NULL;
    enum pd_status st = PD_OK;
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(logs[i].name, "public"))
            log = &logs[i];
    for (size_t i = 0; log && st == PD_OK && i < r->asked.count; i++) {
        struct govern_restore_witness *w = &r->asked.witnesses[i];
        const struct integrate_log signed_by = {
            .name = log->name, .origin = log->origin, .vkey = log->vkey};
        struct ledger_checkpoint shown;
        struct pd_error why = {0};
        if (!r->asked.notes[i].len)
            continue;
        if (integrate_verify_note(g, &signed_by, r->asked.notes[i], r->arena, &shown, &why) ==
            PD_OK) {
            w->size = shown.size;
            st = take_note(r, g, logs, count, r->asked.notes[i], true, err);
            continue;
        }
        w->has_answered = false;
        w->why = pd_arena_printf(r->arena, "what it shows isn't signed by this log's key: %s",
                                 why.text);
    }
    r->out->witnesses = r->asked.witnesses;
    r->out->witness_count = r->asked.count;
    return st == PD_OK ? restore_asked_check(&r->asked, r->arena, err) : st;
}

static enum pd_status put_note(struct govern *g, const struct known_log *log, const char *file,
                               pd_str note, struct pd_arena *arena, struct pd_error *err) {
    pd_str path = pd_arena_printf(arena, "ledger/%.*s/%s", pd_arg(log->folder), file);
    return path.data ? store_file_write(g->store, path.data, note, err) : pd_fail_memory(err);
}

static enum pd_status set_floors(struct restore *r, struct govern *g, struct pd_error *err) {
    struct known_log *logs = NULL;
    size_t count = 0;
    enum pd_status st = list_logs(g, r->arena, &logs, &count, err);
    if (st == PD_OK)
        st = take_manifests(r, g, logs, count, err);
    for (size_t i = 0; st == PD_OK && i < r->order->witnessed_count; i++)
        st = take_note(r, g, logs, count, r->order->witnessed[i], true, err);
    if (st == PD_OK)
        st = take_shown(r, g, logs, count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        /* What was signed at that moment and not yet published is signed no more, only shown. */
        if (!logs[i].is_published)
            st = integrate_publish(g, logs[i].name, r->arena, err);
        else
            st = put_note(g, &logs[i], "checkpoint", logs[i].checkpoint, r->arena, err);
        if (st == PD_OK && logs[i].floor_size)
            st = put_note(g, &logs[i], "floor", logs[i].floor, r->arena, err);
    }
    return st;
}

/* ---- Published files, from the vault again ---- */

static const struct sql LIST_RELEASED = {
    .both = "SELECT d.address, d.key_id, d.released_as FROM distribution d JOIN outbox o"
            " ON o.distribution_id = d.id WHERE o.done_at IS NOT NULL AND d.released_as IS NOT "
            "NULL ORDER BY d.id"};

static enum pd_status release_one(struct restore *r, struct govern *g, struct store_rows *rows,
                                  struct pd_error *err) {
    crypto_hash address;
    pd_id key_id;
    struct store_key key;
    struct pd_error why = {0};
    pd_str path = pd_arena_str(r->arena, store_str(rows, 2));
    if (!path.data)
        return pd_fail_memory(err);
    if (!pd_hex_decode(store_str(rows, 0), address.bytes, sizeof(address.bytes)) ||
        !pd_id_parse(store_str(rows, 1), &key_id)) {
        r->out->unreleased++; /* verify names the damaged row */
        return PD_OK;
    }
    enum pd_status st = store_key_find(g->store, key_id, &key, &why);
    if (st == PD_OK)
        st = store_file_release(g->store, &key, address, path.data, &why);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_IO || st == PD_LIMIT)
        return pd_fail(err, st, "%s", why.text);
    r->out->unreleased += st != PD_OK;
    return PD_OK;
}

static const struct sql COUNT_RELEASED = {
    .both = "SELECT COUNT(*) FROM outbox WHERE done_at IS NOT NULL"};
static const struct sql UNRELEASE = {.both = "UPDATE outbox SET done_at = NULL"};

/* Without keys nothing is released: the outbox says so, as before it ever was. */
static enum pd_status unrelease(struct store *store, void *context, struct pd_error *err) {
    struct restore *r = context;
    struct store_rows *rows;
    bool has = false;
    enum pd_status st = store_select(store, COUNT_RELEASED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    r->out->unreleased = st == PD_OK && has ? (size_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st == PD_OK ? store_run(store, UNRELEASE, NULL, 0, NULL, err) : st;
}

static enum pd_status release_all(struct restore *r, struct govern *g, struct pd_error *err) {
    if (!r->out->has_keys)
        return store_transact(g->store, unrelease, r, err);
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_RELEASED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        if ((st = release_one(r, g, rows, err)) != PD_OK)
            break;
    store_rows_close(rows);
    return st;
}

/* ---- Whose it is, by its own signature ---- */

static const struct sql FIND_VKEY = {.both = "SELECT id, origin, receipt_vkey FROM node"};

static enum pd_status check_signature(struct restore *r, struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_VKEY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    pd_str vkey_text = {0};
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        vkey_text = pd_arena_str(r->arena, store_str(rows, 2));
        if (!pd_str_eq(store_str(rows, 0), r->manifest->node) ||
            !pd_str_eq(store_str(rows, 1), r->manifest->origin))
            st = pd_fail(err, PD_DENIED,
                         "the backup says that it is of \"%.*s\", but its database is of another "
                         "node",
                         pd_arg(r->manifest->origin));
    }
    store_rows_close(rows);
    r->out->is_signed = r->manifest->signature.len > 0;
    if (st == PD_OK && !r->out->is_signed && !r->order->accepts_flaws)
        st = pd_fail(err, PD_DENIED,
                     "the backup %.*s is not signed by the node: either it lacked its key, or "
                     "somebody took the signature away to change the backup; --despite-flaws "
                     "restores it all the same",
                     pd_arg(r->manifest->name));
    if (st != PD_OK || !r->out->is_signed)
        return st;
    struct ledger_vkey vkey;
    struct ledger_note *note = pd_arena_alloc(r->arena, sizeof(*note));
    pd_str text =
        backup_signed_text(r->manifest->origin, r->manifest->name, r->manifest->text, r->arena);
    if (!note || !text.data || !vkey_text.data)
        return pd_fail_memory(err);
    struct pd_error why = {0};
    if (ledger_vkey_parse(vkey_text, &vkey, &why) != PD_OK ||
        ledger_note_parse(r->manifest->signature, note, &why) != PD_OK ||
        !pd_str_eq(note->text, text) || ledger_note_verify(note, &vkey, 1, &why) != PD_OK)
        return pd_fail(err, PD_DENIED,
                       "the signature of the backup %.*s does not hold: its manifest is not what "
                       "the node wrote (%s)",
                       pd_arg(r->manifest->name), why.text[0] ? why.text : "it is of another text");
    return PD_OK;
}

/* ---- Restoring ---- */

static enum pd_status complete(struct restore *r, struct govern *g, struct pd_error *err) {
    struct govern_restored *out = r->out;
    struct pd_error later = {0};
    out->schema_to = store_schema_newest();
    enum pd_status st = check_signature(r, g, err);
    if (st == PD_OK)
        st = set_floors(r, g, err);
    if (st == PD_OK)
        st = release_all(r, g, err);
    if (st == PD_OK)
        st = govern_find_gaps(g, r->arena, &out->gaps, &out->gap_count, err);
    /* What was pending at the moment of the backup; if it can't be done now, it is later. */
    if (st == PD_OK && !out->gap_count && out->has_keys)
        st = govern_integrate(g, &later) == PD_IO ? pd_fail(err, PD_IO, "%s", later.text) : PD_OK;
    /* By the handle at hand: no other one could be opened on what doesn't count yet. */
    struct govern_verify_options options = {.threads = 1, .without_keys = !out->has_keys};
    if (st == PD_OK)
        st = govern_verify(g, &options, r->arena, &out->verified, err);
    if (st == PD_OK)
        out->acts = out->verified->acts;
    return st;
}

static enum pd_status restore(struct restore *r, struct pd_error *err) {
    struct govern *g = NULL;
    enum pd_status st = find_destroyed(r, err);
    if (st == PD_OK)
        st = restore_place_open(r->order->to, r->arena, &r->place, err);
    if (st != PD_OK)
        return st;
    st = fill(r, err);
    if (st == PD_OK)
        st = govern_open(r->place.staging.data, STORE_UPGRADE, "polder restore", r->clock, &g, err);
    if (st == PD_OK)
        st = complete(r, g, err);
    govern_close(g);
    struct pd_error why = {0};
    if (st == PD_OK && (!r->out->verified->flaw_count || r->order->accepts_flaws)) {
        st = restore_place_keep(&r->place, err);
        r->out->is_in_place = st == PD_OK;
    } else if (restore_place_clear(&r->place, &why) != PD_OK && st == PD_OK) {
        st = pd_fail(err, PD_IO, "%s", why.text);
    }
    restore_place_close(&r->place);
    return st;
}

enum pd_status govern_restore(const struct govern_restore_order *order,
                              const struct pd_clock *clock, struct pd_arena *arena,
                              const struct govern_restored **out, struct pd_error *err) {
    struct restore r = {.order = order, .clock = clock, .arena = arena, .place = {.fd = -1}};
    r.out = pd_arena_alloc(arena, sizeof(*r.out));
    if (!r.out)
        return pd_fail_memory(err);
    enum pd_status st =
        backup_open(order->from, BACKUP_READ, PD_STR(""), PD_STR(""), &r.folder, err);
    if (st == PD_OK)
        st = backup_load(r.folder, order->at, arena, &r.manifest, err);
    if (st == PD_OK && order->keys)
        st = read_node_key(&r, err);
    if (st == PD_OK && order->keys)
        st = backup_keys_find(order->keys, arena, &r.keys, err);
    if (st == PD_OK && order->keys)
        st = check_keys(&r, err);
    r.asked.is_enough = order->witnessed_count > 0;
    if (st == PD_OK && order->keys && !order->asks_no_witness) /* else it never signs, or may */
        st = restore_ask(r.folder, r.manifest, arena, &r.asked, err);
    if (st == PD_OK) {
        r.out->name = r.manifest->name;
        r.out->origin = r.manifest->origin;
        r.out->made_at = r.manifest->made_at;
        r.out->schema_from = r.manifest->schema;
        r.out->has_keys = order->keys != NULL;
        st = restore(&r, err);
    }
    if (st == PD_OK) /* the manifest's texts go with the folder */
        r.out->origin = pd_arena_str(arena, r.out->origin);
    crypto_wipe(r.node_key, sizeof(r.node_key));
    free(r.destroyed);
    backup_close(r.folder);
    if (st == PD_OK)
        *out = r.out;
    return st;
}
