/* Reading backups: the list of them, their manifests, and the lines and files that these name. */
#include "backup/backup_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The list ---- */

static int compare_names(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

enum pd_status backup_list(struct backup_folder *f, struct pd_arena *arena, const pd_str **names,
                           size_t *count, struct pd_error *err) {
    enum { MOST = 100000 };
    int fd = openat(f->fd, "backups", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return pd_fail_errno(err, PD_IO, "list %s/backups", f->path);
    }
    pd_str *list = pd_arena_array(arena, MOST, sizeof(*list));
    enum pd_status st = list ? PD_OK : pd_fail_memory(err);
    size_t n = 0;
    const struct dirent *entry;
    while (st == PD_OK && n < MOST && (entry = readdir(dir)) != NULL) {
        pd_str file = pd_str_from(entry->d_name), ending = PD_STR(".json");
        if (!pd_str_ends(file, ending) || file.len >= BACKUP_NAME_SIZE + ending.len)
            continue;
        list[n] = pd_arena_str(arena, pd_str_sub(file, 0, file.len - ending.len));
        if (!list[n++].data)
            st = pd_fail_memory(err);
    }
    closedir(dir);
    if (st == PD_OK) {
        qsort(list, n, sizeof(*list), compare_names);
        *names = list;
        *count = n;
    }
    return st;
}

/* ---- A manifest ---- */

static pd_str text_member(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
}

static bool count_member(const json_t *object, const char *name, uint64_t *out) {
    const json_t *v = json_object_get(object, name);
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        return false;
    *out = (uint64_t)json_integer_value(v);
    return true;
}

static bool parse_pieces(const json_t *list, struct pd_arena *arena, struct backup_part *part) {
    size_t n = json_array_size(list);
    struct backup_piece *pieces = pd_arena_array(arena, n ? n : 1, sizeof(*pieces));
    uint64_t lines = 0;
    if (!json_is_array(list) || !pieces)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *piece = json_array_get(list, i);
        if (!pd_hex_decode(text_member(piece, "piece"), pieces[i].hash.bytes, CRYPTO_HASH_SIZE) ||
            !count_member(piece, "size", &pieces[i].size) ||
            !count_member(piece, "lines", &pieces[i].lines))
            return false;
        lines += pieces[i].lines;
    }
    part->pieces = pieces;
    part->piece_count = n;
    return lines == part->lines;
}

static bool parse_columns(const json_t *list, struct pd_arena *arena, struct backup_part *part) {
    size_t n = json_array_size(list);
    pd_str *columns = pd_arena_array(arena, n ? n : 1, sizeof(*columns));
    if (!json_is_array(list) || !columns)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_array_get(list, i);
        if (!json_is_string(name))
            return false;
        columns[i] = (pd_str){json_string_value(name), json_string_length(name)};
    }
    part->columns = columns;
    part->column_count = n;
    return true;
}

static bool parse_sections(const json_t *list, struct pd_arena *arena, struct backup_manifest *m) {
    size_t n = json_array_size(list);
    m->parts = pd_arena_array(arena, n ? n : 1, sizeof(*m->parts));
    if (!json_is_array(list) || !m->parts)
        return false;
    m->part_count = n;
    for (size_t i = 0; i < n; i++) {
        const json_t *section = json_array_get(list, i);
        struct backup_part *part = &m->parts[i];
        part->name = text_member(section, "section");
        if (!part->name.len || !count_member(section, "lines", &part->lines) ||
            !parse_columns(json_object_get(section, "columns"), arena, part) ||
            !parse_pieces(json_object_get(section, "pieces"), arena, part))
            return false;
    }
    return true;
}

static bool parse(const json_t *json, struct pd_arena *arena, struct backup_manifest *m) {
    uint64_t schema;
    m->origin = text_member(json, "origin");
    m->node = text_member(json, "node");
    m->facts = json_object_get(json, "facts");
    if (!pd_str_eq(text_member(json, "name"), m->name) || !m->origin.len || !m->node.len ||
        !json_is_object(m->facts) || !count_member(json, "schema", &schema) ||
        !pd_time_parse(text_member(json, "made_at"), &m->made_at))
        return false;
    m->schema = (int64_t)schema;
    return parse_sections(json_object_get(json, "sections"), arena, m);
}

/* The parsed text is borrowed from by the manifest, and is the folder's to free. */
static enum pd_status own(struct backup_folder *f, json_t *json, struct pd_error *err) {
    size_t size;
    json_t **grown =
        pd_mul(f->manifest_count + 1, sizeof(json_t *), &size) ? realloc(f->manifests, size) : NULL;
    if (!grown) {
        json_decref(json);
        return pd_fail_memory(err);
    }
    f->manifests = grown;
    f->manifests[f->manifest_count++] = json;
    return PD_OK;
}

static enum pd_status load(struct backup_folder *f, struct pd_arena *arena,
                           struct backup_manifest *m, struct pd_error *err) {
    char path[128];
    json_t *json = NULL;
    snprintf(path, sizeof(path), "backups/%.*s.json", pd_arg(m->name));
    enum pd_status st = backup_file_get(f, path, BACKUP_MANIFEST_MAX, arena, &m->text, err);
    if (st == PD_OK)
        st = pd_json_parse(m->text, BACKUP_MANIFEST_MAX, 16, &json, err);
    if (st == PD_INVALID)
        st = pd_fail(err, PD_INTERNAL, "%s/%s is damaged", f->path, path);
    if (st == PD_OK)
        st = own(f, json, err);
    if (st != PD_OK)
        return st;
    uint64_t form = 0;
    if (count_member(json, "polder_backup", &form) && form > 1)
        return pd_fail(err, PD_UNSUPPORTED, "%s/%s is of a newer form", f->path, path);
    if (form != 1 || !parse(json, arena, m))
        return pd_fail(err, PD_INTERNAL, "%s/%s is damaged: it is no manifest of a backup", f->path,
                       path);
    if (!pd_str_eq(m->origin, f->origin) || !pd_str_eq(m->node, f->node))
        return pd_fail(err, PD_DENIED, "%s/%s is the backup of another node, \"%.*s\"", f->path,
                       path, pd_arg(m->origin));
    snprintf(path, sizeof(path), "backups/%.*s.sig", pd_arg(m->name));
    st = backup_file_get(f, path, 64 << 10, arena, &m->signature, err);
    return st == PD_NOT_FOUND ? PD_OK : st;
}

enum pd_status backup_load(struct backup_folder *f, pd_str name, struct pd_arena *arena,
                           const struct backup_manifest **out, struct pd_error *err) {
    const pd_str *names;
    size_t count = 0;
    enum pd_status st = backup_list(f, arena, &names, &count, err);
    if (st != PD_OK)
        return st;
    if (!count)
        return pd_fail(err, PD_NOT_FOUND, "%s holds no complete backup yet", f->path);
    struct backup_manifest *m = pd_arena_alloc(arena, sizeof(*m));
    if (!m)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(names[i], name) || (!name.len && i == count - 1))
            m->name = names[i];
    if (!m->name.len)
        return pd_fail(err, PD_NOT_FOUND, "%s holds no backup \"%.*s\"; the newest of %zu is %.*s",
                       f->path, pd_arg(name), count, pd_arg(names[count - 1]));
    st = load(f, arena, m, err);
    if (st == PD_OK)
        *out = m;
    return st;
}

const struct backup_part *backup_find_part(const struct backup_manifest *m, const char *name) {
    for (size_t i = 0; i < m->part_count; i++)
        if (pd_str_is(m->parts[i].name, name))
            return &m->parts[i];
    return NULL;
}

/* ---- What it names ---- */

enum pd_status backup_lines(struct backup_folder *f, const struct backup_part *part,
                            enum pd_status (*body)(void *context, pd_str line,
                                                   struct pd_error *err),
                            void *context, struct pd_error *err) {
    struct pd_buf buf;
    enum pd_status st = PD_OK;
    pd_buf_init(&buf, BACKUP_PIECE_MOST + BACKUP_LINE_MAX + 2);
    for (size_t i = 0; st == PD_OK && i < part->piece_count; i++) {
        const struct backup_piece *piece = &part->pieces[i];
        st = backup_piece_read(f, &piece->hash, piece->size, &buf, err);
        pd_str rest = pd_buf_view(&buf), line;
        for (uint64_t n = 0; st == PD_OK && n < piece->lines; n++) {
            if (pd_str_split(&rest, '\n', &line))
                st = body(context, line, err);
            else
                st = pd_fail(err, PD_INTERNAL, "a piece of \"%.*s\" has too few lines",
                             pd_arg(part->name));
        }
    }
    pd_buf_clear(&buf);
    return st;
}

enum pd_status backup_entry_parse(pd_str line, struct pd_arena *arena, struct backup_entry *out,
                                  struct pd_error *err) {
    json_t *json = NULL;
    enum pd_status st = pd_json_parse(line, BACKUP_LINE_MAX, 2, &json, err);
    const json_t *path = json_array_get(json, 0), *hash = json_array_get(json, 1),
                 *size = json_array_get(json, 2);
    if (st == PD_OK &&
        (!json_is_string(path) || !json_is_string(hash) || !json_is_integer(size) ||
         json_integer_value(size) < 0 ||
         !pd_hex_decode(pd_str_from(json_string_value(hash)), out->hash.bytes, CRYPTO_HASH_SIZE)))
        st = pd_fail(err, PD_INTERNAL, "a line of the backup's files is damaged");
    if (st == PD_OK) {
        out->path =
            pd_arena_str(arena, (pd_str){json_string_value(path), json_string_length(path)});
        out->size = (uint64_t)json_integer_value(size);
        if (!out->path.data)
            st = pd_fail_memory(err);
    }
    json_decref(json);
    return st;
}
