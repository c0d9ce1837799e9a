/*
 * A backup of a node that works on. The database is read at one moment; what it names is in the
 * vault already then, and stays. So the order is: rows, vault, ledger, and last the keys, which
 * are a backup of their own, elsewhere.
 */
#include "govern/govern_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Where it may lie ---- */

/* The real path of a folder that may not be there yet, but whose parent is. */
static enum pd_status real_path(const char *path, char out[PATH_MAX], struct pd_error *err) {
    if (realpath(path, out))
        return PD_OK;
    char parent[PATH_MAX];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    size_t cut = n;
    while (cut > 0 && path[cut - 1] != '/')
        cut--;
    if (errno == ENOENT && n < sizeof(parent)) {
        snprintf(parent, sizeof(parent), "%.*s", cut ? (int)cut : 1, cut ? path : ".");
        if (realpath(parent, out)) {
            size_t used = strlen(out);
            snprintf(out + used, PATH_MAX - used, "/%.*s", (int)(n - cut), path + cut);
            return PD_OK;
        }
    }
    return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "find the folder %s", path);
}

static bool is_within(const char *inner, const char *outer) {
    size_t n = strlen(outer);
    return strncmp(inner, outer, n) == 0 && (inner[n] == '\0' || inner[n] == '/' || n == 1);
}

static enum pd_status check_places(const char *data, const char *to, const char *keys,
                                   struct pd_error *err) {
    char places[3][PATH_MAX];
    const char *const given[] = {data, to, keys};
    static const char *const words[] = {"the data folder", "the backups", "the backup of the keys"};
    size_t count = keys ? 3 : 2;
    for (size_t i = 0; i < count; i++) {
        enum pd_status st = real_path(given[i], places[i], err);
        if (st != PD_OK)
            return st;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (i != j && is_within(places[i], places[j]))
                return pd_fail(err, PD_USAGE,
                               "%s (%s) would lie within %s (%s), and be lost, kept or given away "
                               "together with it; choose folders apart, best on machines apart",
                               words[i], given[i], words[j], given[j]);
    return PD_OK;
}

static const struct sql FIND_ID = {.both = "SELECT id FROM node"};

enum pd_status backup_node_id(struct govern *g, struct pd_arena *arena, pd_str *out,
                              struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_ID, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has = false;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no node in the database");
    if (st == PD_OK) {
        *out = pd_arena_str(arena, store_str(rows, 0));
        if (!out->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

/* ---- The moment: what is read in one transaction ---- */

struct moment {
    struct govern *g;
    struct backup_writer *writer;
    struct pd_arena *arena;
    struct log_state {
        pd_str name, folder, origin, checkpoint;
        uint64_t size, published;
        bool is_published;
    } * logs;
    size_t log_count;
    struct named { /* addresses in the vault that the database names, sorted */
        crypto_hash hash;
        bool is_saved;
    } * named;
    size_t named_count;
    uint64_t acts;
    pd_str receipt_key;
};

static const struct sql LIST_LOGS = {
    .both = "SELECT name, origin, size, published_size, checkpoint, folder FROM log ORDER BY name"};
static const struct sql COUNT_ACTS = {.both = "SELECT COUNT(*) FROM act"};
/* A file whose key was destroyed may be gone, and is no loss. */
#define KEY_IS_THERE "key_id NOT IN (SELECT id FROM key_destroyed)"
#define NAMED                                                                                      \
    "SELECT address FROM distribution WHERE " KEY_IS_THERE                                         \
    " UNION ALL SELECT original_address FROM version WHERE original_address IS NOT NULL"           \
    " AND " KEY_IS_THERE " UNION ALL SELECT address FROM person_index WHERE " KEY_IS_THERE
static const struct sql COUNT_NAMED = {.both = "SELECT COUNT(*) FROM (" NAMED ") AS named"};
static const struct sql LIST_NAMED = {.both = NAMED};
static const struct sql FIND_SIGNER = {.both = "SELECT receipt_key_id FROM node"};

static enum pd_status count_rows(struct govern *g, struct sql sql, uint64_t *out,
                                 struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, sql, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has = false;
    st = store_next(rows, &has, err);
    *out = st == PD_OK && has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

static enum pd_status read_logs(struct moment *m, struct pd_error *err) {
    enum { LOGS_MOST = 1000 };
    struct store_rows *rows;
    m->logs = pd_arena_array(m->arena, LOGS_MOST, sizeof(*m->logs));
    if (!m->logs)
        return pd_fail_memory(err);
    enum pd_status st = store_select(m->g->store, LIST_LOGS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && m->log_count < LOGS_MOST) {
        struct log_state *log = &m->logs[m->log_count++];
        int64_t published = store_i64(rows, 3);
        log->name = pd_arena_str(m->arena, store_str(rows, 0));
        log->origin = pd_arena_str(m->arena, store_str(rows, 1));
        log->checkpoint = pd_arena_str(m->arena, store_str(rows, 4));
        log->folder = pd_arena_str(m->arena, store_str(rows, 5));
        log->size = (uint64_t)store_i64(rows, 2);
        log->is_published = published >= 0;
        log->published = published > 0 ? (uint64_t)published : 0;
        if (!log->name.data || !log->folder.data || !log->origin.data || !log->checkpoint.data) {
            st = pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    return st;
}

static int compare_named(const void *a, const void *b) {
    return memcmp(a, b, CRYPTO_HASH_SIZE);
}

static enum pd_status read_named(struct moment *m, struct pd_error *err) {
    uint64_t count = 0;
    struct store_rows *rows;
    enum pd_status st = count_rows(m->g, COUNT_NAMED, &count, err);
    if (st != PD_OK)
        return st;
    m->named = pd_arena_array(m->arena, count + 1, sizeof(*m->named));
    if (!m->named)
        return pd_fail_memory(err);
    st = store_select(m->g->store, LIST_NAMED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && m->named_count < count)
        if (pd_hex_decode(store_str(rows, 0), m->named[m->named_count].hash.bytes,
                          CRYPTO_HASH_SIZE))
            m->named_count++;
    store_rows_close(rows);
    qsort(m->named, m->named_count, sizeof(*m->named), compare_named);
    return st;
}

static enum pd_status read_signer(struct moment *m, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(m->g->store, FIND_SIGNER, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        m->receipt_key = pd_arena_str(m->arena, store_str(rows, 0));
        if (!m->receipt_key.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status read_moment(struct store *store, void *context, struct pd_error *err) {
    struct moment *m = context;
    enum pd_status st = read_logs(m, err);
    if (st == PD_OK)
        st = read_named(m, err);
    if (st == PD_OK)
        st = read_signer(m, err);
    if (st == PD_OK)
        st = count_rows(m->g, COUNT_ACTS, &m->acts, err);
    return st == PD_OK ? backup_rows_save(store, m->writer, err) : st;
}

/* ---- Files ---- */

struct filing {
    struct moment *moment;
    struct govern_backed_up *out;
    struct pd_arena *arena;
};

enum { VAULT_PATH_SIZE = 80 };

static void vault_path(const crypto_hash *address, char path[VAULT_PATH_SIZE]) {
    char hex[GOVERN_HEX_SIZE];
    pd_hex_encode(address->bytes, sizeof(address->bytes), hex);
    snprintf(path, VAULT_PATH_SIZE, "vault/%.2s/%s", hex, hex + 2);
}

static enum pd_status file_vault(void *context, int fd, const crypto_hash *address,
                                 struct pd_error *err) {
    struct filing *f = context;
    char path[VAULT_PATH_SIZE];
    struct backup_entry entry;
    struct pd_error why = {0};
    vault_path(address, path);
    enum pd_status st =
        backup_file(f->moment->writer, fd, path, address, &entry.hash, &entry.size, &why);
    if (st == PD_INTERNAL) /* damaged: looked for at the end, with those that are missing */
        return PD_OK;
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    struct named *named = bsearch(address, f->moment->named, f->moment->named_count,
                                  sizeof(*f->moment->named), compare_named);
    if (named)
        named->is_saved = true;
    entry.path = pd_str_from(path);
    return backup_entry_add(f->moment->writer, &entry, err);
}

/* "x001/234" and ".p/17" of a tile's path, or of none. */
static bool parse_tile(pd_str rest, int *level, uint64_t *index, unsigned *width) {
    pd_str segment;
    uint64_t n = 0;
    if (!pd_str_split(&rest, '/', &segment))
        return false;
    *level = LEDGER_ENTRIES;
    if (!pd_str_is(segment, "entries")) {
        if (!pd_parse_u64(segment, &n) || n > 63)
            return false;
        *level = (int)n;
    }
    *index = 0;
    *width = LEDGER_TILE_HASHES;
    while (pd_str_split(&rest, '/', &segment)) {
        bool is_last = !pd_str_starts(segment, PD_STR("x"));
        bool is_partial = is_last && pd_str_ends(segment, PD_STR(".p"));
        pd_str digits = pd_str_sub(segment, is_last ? 0 : 1, is_partial ? 3 : segment.len);
        if (digits.len != 3 || !pd_parse_u64(digits, &n) || *index > UINT64_MAX / 1000 - 1)
            return false;
        *index = *index * 1000 + n;
        if (is_partial && (!pd_str_split(&rest, '/', &segment) || !pd_parse_u64(segment, &n) ||
                           n < 1 || n >= LEDGER_TILE_HASHES))
            return false;
        if (is_partial)
            *width = (unsigned)n;
        if (is_last)
            return rest.data == NULL;
    }
    return false;
}

/* Whether a tree of so many leaves has this tile: later ones speak of acts that the backup lacks.
 */
static bool has_tile(uint64_t size, int level, uint64_t index, unsigned width) {
    uint64_t hashes = size;
    for (int i = 0; i < level; i++)
        hashes >>= 8;
    uint64_t full = hashes >> 8;
    return width == LEDGER_TILE_HASHES ? index < full : index == full && width == (hashes & 255);
}

/* What of ledger/ belongs to the moment. The checkpoint follows from the row of the log. */
static bool is_of_moment(const struct moment *m, const char *path) {
    pd_str rest = pd_str_from(path), segment;
    (void)pd_str_split(&rest, '/', &segment);
    if (!pd_str_split(&rest, '/', &segment) || rest.data == NULL)
        return true; /* ledger/receipts.vkey */
    for (size_t i = 0; i < m->log_count; i++) {
        const struct log_state *log = &m->logs[i];
        int level;
        uint64_t index;
        unsigned width;
        if (!pd_str_eq(segment, log->folder))
            continue;
        if (!pd_str_starts(rest, PD_STR("tile/")))
            return !pd_str_is(rest, "checkpoint");
        return parse_tile(pd_str_sub(rest, 5, rest.len), &level, &index, &width) &&
               has_tile(log->published, level, index, width);
    }
    return false; /* of a log that began since */
}

static enum pd_status file_ledger(void *context, int fd, const char *path, struct pd_error *err) {
    struct filing *f = context;
    struct backup_entry entry = {.path = pd_str_from(path)};
    if (!is_of_moment(f->moment, path))
        return PD_OK;
    enum pd_status st =
        backup_file(f->moment->writer, fd, path, NULL, &entry.hash, &entry.size, err);
    return st == PD_OK ? backup_entry_add(f->moment->writer, &entry, err) : st;
}

/* Named, but not in the vault as it should be: an older backup may have it whole. */
static enum pd_status find_missing(struct filing *f, struct pd_error *err) {
    struct moment *m = f->moment;
    pd_str *missing = pd_arena_array(f->arena, GOVERN_MISSING_SHOWN, sizeof(*missing));
    if (!missing)
        return pd_fail_memory(err);
    f->out->missing = missing;
    for (size_t i = 0; i < m->named_count; i++) {
        const struct named *named = &m->named[i];
        char path[VAULT_PATH_SIZE];
        if (named->is_saved || (i > 0 && compare_named(named, named - 1) == 0))
            continue;
        struct backup_entry entry = {.hash = named->hash};
        vault_path(&named->hash, path);
        entry.path = pd_str_from(path);
        if (backup_has(m->writer, &named->hash, &entry.size)) {
            enum pd_status st = backup_entry_add(m->writer, &entry, err);
            if (st != PD_OK)
                return st;
            f->out->kept_count++;
        } else if (f->out->missing_count++ < GOVERN_MISSING_SHOWN) {
            missing[f->out->missing_count - 1] = govern_hash_text(&named->hash, f->arena);
        }
    }
    return PD_OK;
}

static enum pd_status save_files(struct filing *f, struct pd_error *err) {
    struct moment *m = f->moment;
    enum pd_status st = backup_section(m->writer, PD_STR("vault"), NULL, 0, err);
    if (st == PD_OK)
        st = store_vault_each(m->g->store, file_vault, f, err);
    if (st == PD_OK)
        st = find_missing(f, err);
    if (st == PD_OK)
        st = backup_section_end(m->writer, err);
    if (st == PD_OK)
        st = backup_section(m->writer, PD_STR("ledger"), NULL, 0, err);
    if (st == PD_OK)
        st = store_files_each(m->g->store, "ledger", file_ledger, f, err);
    return st == PD_OK ? backup_section_end(m->writer, err) : st;
}

/* ---- The manifest and its signature ---- */

static enum pd_status write_facts(const struct moment *m, struct pd_arena *arena, pd_str *out,
                                  struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 16 << 20);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_i64(&w, "acts", (int64_t)m->acts);
    pd_json_key(&w, "logs");
    pd_json_array(&w);
    for (size_t i = 0; i < m->log_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "name", m->logs[i].name);
        pd_json_member_str(&w, "origin", m->logs[i].origin);
        pd_json_member_i64(&w, "size", (int64_t)m->logs[i].size);
        pd_json_member_str(&w, "checkpoint", m->logs[i].checkpoint);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

pd_str backup_signed_text(pd_str origin, pd_str name, pd_str manifest, struct pd_arena *arena) {
    char hex[GOVERN_HEX_SIZE];
    crypto_hash hash = crypto_sha256(manifest.data, manifest.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    return pd_arena_printf(arena, "polder backup 1\n%.*s\n%.*s\n%s\n", pd_arg(origin), pd_arg(name),
                           hex);
}

/* By the key of receipts: like them, a promise of the node. Without that key: unsigned. */
static enum pd_status sign(const struct moment *m, pd_str manifest, pd_str *signature,
                           struct pd_error *err) {
    pd_id id;
    struct store_key key;
    struct ledger_skey signer;
    struct pd_buf note;
    *signature = (pd_str){0};
    if (!pd_id_parse(m->receipt_key, &id))
        return pd_fail(err, PD_INTERNAL, "the row of the node is damaged: its key is no id");
    enum pd_status st = store_key_find(m->g->store, id, &key, err);
    if (st == PD_NOT_FOUND)
        return PD_OK;
    pd_str name = pd_arena_printf(m->arena, "%.*s/receipts", pd_arg(m->g->origin));
    pd_str text =
        backup_signed_text(m->g->origin, pd_str_from(backup_name(m->writer)), manifest, m->arena);
    pd_buf_init(&note, LEDGER_NOTE_MAX);
    if (st == PD_OK && (!name.data || !text.data))
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = ledger_skey_make(name, key.bytes, &signer, err);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_OK) {
        st = ledger_note_sign(text, &signer, 1, &note, err);
        crypto_wipe(&signer, sizeof(signer));
    }
    if (st == PD_OK) {
        *signature = pd_arena_str(m->arena, pd_buf_view(&note));
        if (!signature->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&note);
    return st;
}

static enum pd_status write_backup(struct moment *m, struct govern_backed_up *out,
                                   struct pd_error *err) {
    struct filing filing = {m, out, m->arena};
    pd_str facts, manifest, signature;
    enum pd_status st = store_transact(m->g->store, read_moment, m, err);
    if (st == PD_OK)
        st = save_files(&filing, err);
    if (st == PD_OK)
        st = write_facts(m, m->arena, &facts, err);
    if (st == PD_OK)
        st = backup_seal(m->writer, store_schema_newest(), facts, m->arena, &manifest, err);
    if (st == PD_OK)
        st = sign(m, manifest, &signature, err);
    if (st == PD_OK)
        st = backup_commit(m->writer, manifest, signature, err);
    if (st != PD_OK)
        return st;
    out->name = pd_arena_str(m->arena, pd_str_from(backup_name(m->writer)));
    out->tally = backup_written(m->writer);
    out->acts = m->acts;
    out->is_signed = signature.len > 0;
    return out->name.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status save_keys(struct govern *g, const struct govern_backup_order *order,
                                pd_str node, struct pd_arena *arena, struct govern_backed_up *out,
                                struct pd_error *err) {
    pd_time now = pd_clock_now(&g->clock);
    struct backup_keys *keys = pd_arena_alloc(arena, sizeof(*keys));
    if (!keys)
        return pd_fail_memory(err);
    *keys = (struct backup_keys){.origin = g->origin,
                                 .node = node,
                                 .backup = out->name,
                                 .made_at = now,
                                 .expires_at = now + (pd_time)order->keys_days * PD_DAY};
    enum pd_status st = backup_keys_save(g->store, order->keys, keys, arena, err);
    out->keys = keys;
    return st == PD_OK ? PD_OK
                       : pd_wrap(err, "the backup %.*s stands, but its keys were not saved",
                                 pd_arg(out->name));
}

enum pd_status govern_backup(struct govern *g, const struct govern_backup_order *order,
                             struct pd_arena *arena, const struct govern_backed_up **out,
                             struct pd_error *err) {
    struct govern_backed_up *done = pd_arena_alloc(arena, sizeof(*done));
    struct moment m = {.g = g, .arena = arena};
    struct backup_folder *folder = NULL;
    pd_str node = (pd_str){0};
    if (!done)
        return pd_fail_memory(err);
    enum pd_status st = check_places(store_folder(g->store), order->to, order->keys, err);
    if (st == PD_OK)
        st = backup_node_id(g, arena, &node, err);
    if (st == PD_OK)
        st = backup_open(order->to, BACKUP_WRITE, g->origin, node, &folder, err);
    if (st == PD_OK)
        st = backup_begin(folder, pd_clock_now(&g->clock), &m.writer, err);
    if (st == PD_OK)
        st = write_backup(&m, done, err);
    backup_writer_free(m.writer);
    if (st == PD_OK && order->keys)
        st = save_keys(g, order, node, arena, done, err);
    if (st == PD_OK && order->keep)
        st = backup_prune(folder, order->keep, arena, &done->forgotten, &done->freed, err);
    backup_close(folder);
    if (st == PD_OK)
        *out = done;
    return st;
}
