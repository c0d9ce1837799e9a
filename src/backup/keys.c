/*
 * The keys' own backup: one file of JSON lines. The first says whose keys they are and until when
 * it may be used, the last how many there are and the hash of all before it.
 */
#include "backup/backup_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_LINE_MAX = 4096 };

/* ---- Writing ---- */

struct saving {
    FILE *file;
    const char *path;
    struct crypto_sha256_state *hash; /* NULL: of the last line */
    uint64_t keys;
};

/* Ends the JSON in `w` as a line. */
static enum pd_status put_line(struct saving *s, struct pd_json *w, struct pd_buf *buf,
                               struct pd_error *err) {
    pd_json_clear(w);
    pd_buf_char(buf, '\n');
    enum pd_status st = pd_buf_check(buf, err);
    if (st == PD_OK && fwrite(buf->data, 1, buf->len, s->file) != buf->len)
        st = pd_fail_errno(err, PD_IO, "write %s", s->path);
    if (st == PD_OK && s->hash)
        crypto_sha256_add(s->hash, buf->data, buf->len);
    pd_buf_clear(buf);
    return st;
}

static enum pd_status put_header(struct saving *s, const struct backup_keys *keys,
                                 struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, KEY_LINE_MAX);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder_keys", 1);
    pd_json_member_str(&w, "origin", keys->origin);
    pd_json_member_str(&w, "node", keys->node);
    pd_json_member_str(&w, "backup", keys->backup);
    pd_json_key(&w, "made_at");
    pd_json_time(&w, keys->made_at);
    pd_json_key(&w, "expires_at");
    pd_json_time(&w, keys->expires_at);
    pd_json_member_text(&w, "node_key", keys->node_key);
    pd_json_object_end(&w);
    return put_line(s, &w, &buf, err);
}

static enum pd_status put_key(void *context, const struct store_wrapped *key,
                              struct pd_error *err) {
    struct saving *s = context;
    struct pd_buf buf;
    struct pd_json w;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(key->id, id);
    pd_buf_init(&buf, KEY_LINE_MAX);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_array(&w);
    pd_json_text(&w, id);
    pd_json_str(&w, key->purpose);
    pd_json_i64(&w, key->made_at);
    pd_json_base64(&w, key->bytes.data, key->bytes.len);
    pd_json_array_end(&w);
    s->keys++;
    return put_line(s, &w, &buf, err);
}

static enum pd_status put_end(struct saving *s, struct pd_error *err) {
    crypto_hash hash = crypto_sha256_end(s->hash);
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, KEY_LINE_MAX);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_i64(&w, "keys", (int64_t)s->keys);
    pd_json_key(&w, "sha256");
    pd_json_hex(&w, hash.bytes, sizeof(hash.bytes));
    pd_json_object_end(&w);
    crypto_sha256_free(s->hash);
    s->hash = NULL;
    return put_line(s, &w, &buf, err);
}

static enum pd_status write_keys(struct store *store, const char *path,
                                 const struct backup_keys *keys, struct pd_error *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct saving s = {.file = fd < 0 ? NULL : fdopen(fd, "wb"), .path = path};
    if (!s.file) {
        if (fd >= 0)
            close(fd);
        return pd_fail_errno(err, PD_IO, "make %s", path);
    }
    s.hash = crypto_sha256_new();
    enum pd_status st = s.hash ? put_header(&s, keys, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = store_keys_wrapped(store, put_key, &s, err);
    if (st == PD_OK)
        st = put_end(&s, err);
    if (st == PD_OK && (fflush(s.file) != 0 || fsync(fd) != 0))
        st = pd_fail_errno(err, PD_IO, "make %s durable", path);
    crypto_sha256_free(s.hash);
    if (fclose(s.file) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "close %s", path);
    return st;
}

/* ---- Reading ---- */

static pd_str member(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
}

static enum pd_status read_header(pd_str line, const char *path, struct pd_arena *arena,
                                  struct backup_keys *out, struct pd_error *err) {
    json_t *json = NULL;
    if (pd_json_parse(line, KEY_LINE_MAX, 2, &json, err) != PD_OK)
        return pd_fail(err, PD_INTERNAL, "%s is damaged: its first line is no header", path);
    json_int_t form = json_integer_value(json_object_get(json, "polder_keys"));
    pd_str mark = member(json, "node_key");
    out->origin = pd_arena_str(arena, member(json, "origin"));
    out->node = pd_arena_str(arena, member(json, "node"));
    out->backup = pd_arena_str(arena, member(json, "backup"));
    out->path = pd_arena_str(arena, pd_str_from(path));
    enum pd_status st = PD_OK;
    if (form > 1)
        st = pd_fail(err, PD_UNSUPPORTED, "%s is of a newer form", path);
    else if (form != 1 || mark.len != STORE_FINGERPRINT_SIZE - 1 ||
             !pd_time_parse(member(json, "made_at"), &out->made_at) ||
             !pd_time_parse(member(json, "expires_at"), &out->expires_at))
        st = pd_fail(err, PD_INTERNAL, "%s is damaged: its first line is no header", path);
    else if (!out->origin.data || !out->node.data || !out->path.data)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        memcpy(out->node_key, mark.data, mark.len + 1);
    json_decref(json);
    return st;
}

static bool is_end(pd_str line, uint64_t keys, const crypto_hash *hash) {
    json_t *json = NULL;
    struct pd_error why = {0};
    crypto_hash said;
    if (pd_json_parse(line, KEY_LINE_MAX, 2, &json, &why) != PD_OK)
        return false;
    bool is = json_integer_value(json_object_get(json, "keys")) == (json_int_t)keys &&
              pd_hex_decode(member(json, "sha256"), said.bytes, sizeof(said.bytes)) &&
              memcmp(said.bytes, hash->bytes, sizeof(said.bytes)) == 0;
    json_decref(json);
    return is;
}

/* The whole file: header, count and hash. A line is hashed once the next shows it isn't the last.
 */
static enum pd_status read_whole(const char *path, struct pd_arena *arena, struct backup_keys *out,
                                 struct pd_error *err) {
    FILE *file = fopen(path, "rbe");
    if (!file)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open %s", path);
    struct crypto_sha256_state *hash = crypto_sha256_new();
    char line[KEY_LINE_MAX], before[KEY_LINE_MAX] = "";
    enum pd_status st = hash ? PD_OK : pd_fail_memory(err);
    uint64_t lines = 0;
    while (st == PD_OK && fgets(line, sizeof(line), file)) {
        crypto_sha256_add(hash, before, strlen(before));
        if (lines++ == 0)
            st = read_header(pd_str_trim(pd_str_from(line)), path, arena, out, err);
        memcpy(before, line, sizeof(before));
    }
    if (st == PD_OK && ferror(file))
        st = pd_fail_errno(err, PD_IO, "read %s", path);
    fclose(file);
    if (st == PD_OK) {
        crypto_hash found = crypto_sha256_end(hash);
        out->keys = lines >= 2 ? lines - 2 : 0;
        if (lines < 2 || !is_end(pd_str_trim(pd_str_from(before)), out->keys, &found))
            st = pd_fail(
                err, PD_INTERNAL,
                "%s is damaged or was cut off: its last line is not the hash of the others", path);
    }
    crypto_sha256_free(hash);
    return st;
}

static bool is_keys_file(pd_str name) {
    return pd_str_starts(name, PD_STR("keys-")) && pd_str_ends(name, PD_STR(".jsonl"));
}

/* The file whose name sorts last; empty: there is none. */
static enum pd_status find_newest(const char *dir, struct pd_arena *arena, pd_str *out,
                                  struct pd_error *err) {
    DIR *list = opendir(dir);
    if (!list)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "list %s", dir);
    pd_str newest = {0};
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (entry = readdir(list)) != NULL) {
        pd_str name = pd_str_from(entry->d_name);
        if (!is_keys_file(name) || (newest.data && pd_str_cmp(name, newest) < 0))
            continue;
        newest = pd_arena_str(arena, name);
        if (!newest.data)
            st = pd_fail_memory(err);
    }
    closedir(list);
    *out = newest;
    return st;
}

enum pd_status backup_keys_find(const char *dir, struct pd_arena *arena, struct backup_keys *out,
                                struct pd_error *err) {
    pd_str name = {0};
    enum pd_status st = find_newest(dir, arena, &name, err);
    if (st == PD_OK && !name.len)
        st = pd_fail(err, PD_NOT_FOUND, "%s holds no backup of keys (keys-....jsonl)", dir);
    pd_str path = st == PD_OK ? pd_arena_printf(arena, "%s/%.*s", dir, pd_arg(name)) : (pd_str){0};
    if (st == PD_OK && !path.data)
        st = pd_fail_memory(err);
    return st == PD_OK ? read_whole(path.data, arena, out, err) : st;
}

enum pd_status backup_keys_remove(const struct backup_keys *keys, struct pd_error *err) {
    return unlink(keys->path.data) == 0
               ? PD_OK
               : pd_fail_errno(err, PD_IO, "remove %.*s", pd_arg(keys->path));
}

/* ---- One at a time ---- */

static enum pd_status sync_dir(const char *dir, struct pd_error *err) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum pd_status st = PD_OK;
    if (fd < 0 || fsync(fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make %s durable", dir);
    if (fd >= 0)
        close(fd);
    return st;
}

/* An older one may hold keys that were destroyed since. */
static enum pd_status remove_older(const char *dir, pd_str kept, struct pd_error *err) {
    DIR *list = opendir(dir);
    if (!list)
        return pd_fail_errno(err, PD_IO, "list %s", dir);
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (entry = readdir(list)) != NULL) {
        pd_str name = pd_str_from(entry->d_name);
        if (!is_keys_file(name) || pd_str_eq(name, kept))
            continue;
        if (unlinkat(dirfd(list), entry->d_name, 0) != 0)
            st = pd_fail_errno(err, PD_IO, "remove the older backup of keys %s/%s", dir,
                               entry->d_name);
    }
    closedir(list);
    return st;
}

static enum pd_status check_owner(const char *dir, const struct backup_keys *keys,
                                  struct pd_arena *arena, struct pd_error *err) {
    struct backup_keys there;
    struct pd_error why = {0};
    enum pd_status st = backup_keys_find(dir, arena, &there, &why);
    if (st == PD_NOT_FOUND || st == PD_INTERNAL) /* a damaged one is replaced */
        return PD_OK;
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    if (pd_str_eq(there.origin, keys->origin) && pd_str_eq(there.node, keys->node))
        return PD_OK;
    return pd_fail(err, PD_DENIED,
                   "%s holds the keys of another node, \"%.*s\"; each node has a folder for the "
                   "backup of its keys",
                   dir, pd_arg(there.origin));
}

/* ---- Loading ---- */

struct keys_loading {
    FILE *file;
    const char *path;
    uint64_t left, loaded;
    bool (*is_destroyed)(const void *context, pd_id id);
    const void *context;
    json_t *json; /* of the line that was given out last */
    uint8_t bytes[KEY_LINE_MAX];
};

static enum pd_status read_key(struct keys_loading *l, struct store_wrapped *key,
                               struct pd_error *err) {
    char line[KEY_LINE_MAX];
    json_decref(l->json);
    l->json = NULL;
    if (!fgets(line, sizeof(line), l->file))
        return pd_fail_errno(err, PD_IO, "read %s", l->path);
    enum pd_status st =
        pd_json_parse(pd_str_trim(pd_str_from(line)), KEY_LINE_MAX, 2, &l->json, err);
    const json_t *id = json_array_get(l->json, 0), *purpose = json_array_get(l->json, 1),
                 *made_at = json_array_get(l->json, 2), *bytes = json_array_get(l->json, 3);
    size_t n = 0;
    if (st != PD_OK || !json_is_string(id) || !json_is_string(purpose) ||
        !json_is_integer(made_at) || !json_is_string(bytes) ||
        !pd_id_parse(pd_str_from(json_string_value(id)), &key->id) ||
        !pd_base64_decode(pd_str_from(json_string_value(bytes)), l->bytes, &n))
        return pd_fail(err, PD_INTERNAL, "%s is damaged: a line is no key", l->path);
    key->purpose = pd_str_from(json_string_value(purpose));
    key->made_at = json_integer_value(made_at);
    key->bytes = (pd_str){(const char *)l->bytes, n};
    return PD_OK;
}

static enum pd_status next_key(void *context, struct store_wrapped *key, bool *has,
                               struct pd_error *err) {
    struct keys_loading *l = context;
    *has = false;
    while (!*has && l->left > 0) {
        l->left--;
        enum pd_status st = read_key(l, key, err);
        if (st != PD_OK)
            return st;
        *has = !l->is_destroyed(l->context, key->id);
    }
    l->loaded += *has;
    return PD_OK;
}

enum pd_status backup_keys_load(struct store *store, const struct backup_keys *keys,
                                bool (*is_destroyed)(const void *context, pd_id id),
                                const void *context, uint64_t *loaded, struct pd_error *err) {
    char mark[STORE_FINGERPRINT_SIZE], line[KEY_LINE_MAX];
    store_node_key_current(store, mark);
    if (strcmp(mark, keys->node_key) != 0)
        return pd_fail(err, PD_DENIED,
                       "the keys in %.*s were wrapped by the node key %s, and this is %s; give the "
                       "node key that the node had when they were saved",
                       pd_arg(keys->path), keys->node_key, mark);
    struct keys_loading l = {.path = keys->path.data,
                             .left = keys->keys,
                             .is_destroyed = is_destroyed,
                             .context = context};
    l.file = fopen(l.path, "rbe");
    if (!l.file)
        return pd_fail_errno(err, PD_IO, "open %s", l.path);
    enum pd_status st = fgets(line, sizeof(line), l.file)
                            ? store_keys_load(store, next_key, &l, err)
                            : pd_fail_errno(err, PD_IO, "read %s", l.path);
    json_decref(l.json);
    fclose(l.file);
    *loaded = l.loaded;
    return st;
}

/* ---- Saving ---- */

/* Keys vanish by being destroyed only. A key store that lost some was damaged, and what it holds
 * must not take the place of the backup that still has them. */
static enum pd_status check_none_lost(struct store *store, const char *dir, struct pd_arena *arena,
                                      struct pd_error *err) {
    struct backup_keys before = {0};
    struct pd_error why = {0};
    enum pd_status st = backup_keys_find(dir, arena, &before, &why);
    if (st == PD_NOT_FOUND || st == PD_INTERNAL)
        return PD_OK; /* there is none, or a damaged one, which is replaced */
    struct keys_loading l = {.path = before.path.data, .left = before.keys};
    char line[KEY_LINE_MAX];
    l.file = st == PD_OK ? fopen(l.path, "rbe") : NULL;
    if (!l.file || !fgets(line, sizeof(line), l.file))
        st = pd_fail_errno(err, PD_IO, "read %s/keys-....jsonl", dir);
    uint64_t lost = 0;
    while (st == PD_OK && l.left > 0) {
        struct store_wrapped wrapped;
        struct store_key key;
        l.left--;
        st = read_key(&l, &wrapped, err);
        if (st != PD_OK)
            break;
        bool is_gone = false;
        if (store_key_find(store, wrapped.id, &key, &why) == PD_NOT_FOUND) {
            st = store_key_is_destroyed(store, wrapped.id, &is_gone, NULL, err);
            lost += st == PD_OK && !is_gone;
        }
        crypto_wipe(&key, sizeof(key));
    }
    json_decref(l.json);
    if (l.file)
        fclose(l.file);
    if (st == PD_OK && lost > 0)
        st = pd_fail(
            err, PD_INTERNAL,
            "the key store lacks %llu keys that nobody destroyed and that %.*s has: keys.db "
            "was damaged or exchanged. That backup stays; restore the node with it",
            (unsigned long long)lost, pd_arg(before.path));
    return st;
}

enum pd_status backup_keys_save(struct store *store, const char *dir, struct backup_keys *keys,
                                struct pd_arena *arena, struct pd_error *err) {
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make the folder for keys %s", dir);
    enum pd_status st = check_owner(dir, keys, arena, err);
    if (st != PD_OK)
        return st;
    store_node_key_current(store, keys->node_key);
    pd_str name = pd_arena_printf(arena, "keys-%.*s.jsonl", pd_arg(keys->backup));
    pd_str path = pd_arena_printf(arena, "%s/%.*s", dir, pd_arg(name));
    pd_str making = pd_arena_printf(arena, "%s/keys.new", dir);
    if (!name.data || !path.data || !making.data)
        return pd_fail_memory(err);
    st = write_keys(store, making.data, keys, err);
    struct backup_keys read = {0};
    if (st == PD_OK)
        st = read_whole(making.data, arena, &read, err);
    if (st == PD_OK)
        st = check_none_lost(store, dir, arena, err);
    if (st == PD_OK && rename(making.data, path.data) != 0)
        st = pd_fail_errno(err, PD_IO, "rename %.*s", pd_arg(making));
    if (st != PD_OK) {
        unlink(making.data);
        return st;
    }
    keys->keys = read.keys;
    keys->path = path;
    st = sync_dir(dir, err);
    return st == PD_OK ? remove_older(dir, name, err) : st;
}
