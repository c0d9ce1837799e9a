/* Writing a backup: lines are cut into pieces, new pieces are made durable and read again, and the
 * manifest makes it count. */
#include "backup/backup_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 2026-11-29T22-30-18.000001Z: sorts by time, and is a file name anywhere. */
static void write_name(pd_time now, char out[BACKUP_NAME_SIZE]) {
    char time[PD_TIME_TEXT_SIZE];
    pd_time_write(now, PD_TIME_MICROS, time);
    snprintf(out, BACKUP_NAME_SIZE, "%.32s", time);
    for (char *c = out; *c; c++)
        if (*c == ':')
            *c = '-';
}

static bool read_name(pd_str name, pd_time *out) {
    enum { HOUR_END = 13, MINUTE_END = 16 };
    char time[BACKUP_NAME_SIZE];
    if (name.len >= sizeof(time) || name.len <= MINUTE_END)
        return false;
    snprintf(time, sizeof(time), "%.*s", pd_arg(name));
    time[HOUR_END] = time[MINUTE_END] = ':';
    return pd_time_parse(pd_str_from(time), out);
}

/* The newest backup is the last to be made, whatever the clock says: it may have been set back. */
static enum pd_status choose_time(struct backup_folder *folder, pd_time *now,
                                  struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    const pd_str *names;
    size_t count = 0;
    pd_time newest;
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = backup_list(folder, arena, &names, &count, err);
    if (st == PD_OK && count && read_name(names[count - 1], &newest) && newest >= *now)
        *now = newest + 1;
    pd_arena_free(arena);
    return st;
}

enum pd_status backup_begin(struct backup_folder *folder, pd_time now, struct backup_writer **out,
                            struct pd_error *err) {
    enum pd_status st = choose_time(folder, &now, err);
    struct backup_writer *w = st == PD_OK ? calloc(1, sizeof(*w)) : NULL;
    if (st == PD_OK && !w)
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    w->folder = folder;
    w->made_at = now;
    write_name(now, w->name);
    pd_buf_init(&w->lines, BACKUP_PIECE_MOST + BACKUP_LINE_MAX + 1);
    pd_buf_init(&w->text, BACKUP_MANIFEST_MAX);
    pd_json_init(&w->json, &w->text, PD_JSON_COMPACT);
    pd_json_array(&w->json);
    st = backup_file_put(folder, "unfinished", pd_str_from(w->name), err);
    if (st != PD_OK) {
        backup_writer_free(w);
        return st;
    }
    *out = w;
    return PD_OK;
}

void backup_writer_free(struct backup_writer *w) {
    if (!w)
        return;
    pd_json_clear(&w->json);
    pd_buf_clear(&w->text);
    pd_buf_clear(&w->lines);
    backup_set_clear(&w->fresh);
    free(w->fresh_sizes);
    free(w);
}

const char *backup_name(const struct backup_writer *w) {
    return w->name;
}

struct backup_tally backup_written(const struct backup_writer *w) {
    return w->tally;
}

/* ---- Pieces ---- */

static enum pd_status remember(struct backup_writer *w, const crypto_hash *hash, uint64_t size,
                               struct pd_error *err) {
    if (w->fresh.count == w->fresh_room) {
        size_t room = w->fresh_room ? 2 * w->fresh_room : 1024, bytes;
        uint64_t *grown =
            pd_mul(room, sizeof(*grown), &bytes) ? realloc(w->fresh_sizes, bytes) : NULL;
        if (!grown)
            return pd_fail_memory(err);
        w->fresh_sizes = grown;
        w->fresh_room = room;
    }
    w->fresh_sizes[w->fresh.count] = size;
    w->tally.new_pieces++;
    w->tally.new_bytes += size;
    return backup_set_add(&w->fresh, hash, err);
}

static void count(struct backup_writer *w, uint64_t size) {
    w->tally.pieces++;
    w->tally.bytes += size;
}

static enum pd_status end_piece(struct backup_writer *w, struct pd_error *err) {
    enum pd_status st = pd_buf_check(&w->lines, err);
    if (st != PD_OK || w->line_count == 0)
        return st;
    crypto_hash hash = crypto_sha256(w->lines.data, w->lines.len);
    if (!backup_piece_is_there(w->folder, &hash, w->lines.len)) {
        st = backup_piece_put(w->folder, &hash, pd_buf_view(&w->lines), err);
        if (st == PD_OK)
            st = remember(w, &hash, w->lines.len, err);
    }
    if (st != PD_OK)
        return st;
    count(w, w->lines.len);
    pd_json_object(&w->json);
    pd_json_key(&w->json, "piece");
    pd_json_hex(&w->json, hash.bytes, sizeof(hash.bytes));
    pd_json_member_i64(&w->json, "size", (int64_t)w->lines.len);
    pd_json_member_i64(&w->json, "lines", (int64_t)w->line_count);
    pd_json_object_end(&w->json);
    w->section_lines += w->line_count;
    w->line_count = 0;
    pd_buf_reset(&w->lines);
    return PD_OK;
}

enum pd_status backup_file(struct backup_writer *w, int fd, const char *path,
                           const crypto_hash *expected, crypto_hash *hash, uint64_t *size,
                           struct pd_error *err) {
    off_t end = lseek(fd, 0, SEEK_END);
    if (expected && end >= 0 && backup_piece_is_there(w->folder, expected, (uint64_t)end)) {
        *hash = *expected;
        *size = (uint64_t)end;
        count(w, *size);
        return PD_OK;
    }
    bool is_new = false;
    enum pd_status st =
        backup_piece_put_file(w->folder, fd, path, expected, hash, size, &is_new, err);
    if (st == PD_OK && is_new)
        st = remember(w, hash, *size, err);
    if (st == PD_OK)
        count(w, *size);
    return st;
}

bool backup_has(const struct backup_writer *w, const crypto_hash *hash, uint64_t *size) {
    char path[BACKUP_PATH_SIZE];
    struct stat about;
    struct pd_error why = {0};
    backup_piece_path(hash, path);
    if (fstatat(w->folder->fd, path, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    *size = (uint64_t)about.st_size;
    return backup_piece_check(w->folder, hash, *size, &why) == PD_OK;
}

/* ---- Sections ---- */

enum pd_status backup_section(struct backup_writer *w, pd_str name, const pd_str *columns,
                              size_t column_count, struct pd_error *err) {
    if (w->is_in_section)
        return pd_fail(err, PD_INTERNAL, "a section of the backup is open already");
    w->is_in_section = true;
    w->section_lines = w->line_count = 0;
    pd_json_object(&w->json);
    pd_json_member_str(&w->json, "section", name);
    pd_json_key(&w->json, "columns");
    pd_json_array(&w->json);
    for (size_t i = 0; i < column_count; i++)
        pd_json_str(&w->json, columns[i]);
    pd_json_array_end(&w->json);
    pd_json_key(&w->json, "pieces");
    pd_json_array(&w->json);
    return PD_OK;
}

/* Whether a piece ends after this line: by chance, the better the longer the line is, so that a
 * piece has BACKUP_PIECE_AIM bytes on average. The dice are the line's own hash, so that the same
 * lines fall the same way whatever stands before them. */
static bool ends_piece(pd_str line) {
    crypto_hash hash = crypto_sha256(line.data, line.len);
    uint32_t dice = 0;
    for (int i = 0; i < 4; i++)
        dice = dice << 8 | hash.bytes[i];
    uint64_t limit = ((uint64_t)line.len << 32) / BACKUP_PIECE_AIM;
    return dice < limit;
}

enum pd_status backup_line(struct backup_writer *w, pd_str line, struct pd_error *err) {
    if (line.len > BACKUP_LINE_MAX)
        return pd_fail(err, PD_LIMIT, "a line of %zu bytes is too long for a backup (at most %d)",
                       line.len, BACKUP_LINE_MAX);
    pd_buf_str(&w->lines, line);
    pd_buf_char(&w->lines, '\n');
    w->line_count++;
    if (w->lines.len >= BACKUP_PIECE_MOST || ends_piece(line))
        return end_piece(w, err);
    return pd_buf_check(&w->lines, err);
}

enum pd_status backup_section_end(struct backup_writer *w, struct pd_error *err) {
    enum pd_status st = end_piece(w, err);
    pd_json_array_end(&w->json);
    pd_json_member_i64(&w->json, "lines", (int64_t)w->section_lines);
    pd_json_object_end(&w->json);
    w->is_in_section = false;
    return st == PD_OK ? pd_buf_check(&w->text, err) : st;
}

enum pd_status backup_entry_add(struct backup_writer *w, const struct backup_entry *entry,
                                struct pd_error *err) {
    struct pd_buf line;
    struct pd_json json;
    pd_buf_init(&line, BACKUP_LINE_MAX);
    pd_json_init(&json, &line, PD_JSON_COMPACT);
    pd_json_array(&json);
    pd_json_str(&json, entry->path);
    pd_json_hex(&json, entry->hash.bytes, sizeof(entry->hash.bytes));
    pd_json_i64(&json, (int64_t)entry->size);
    pd_json_array_end(&json);
    pd_json_clear(&json);
    enum pd_status st = pd_buf_check(&line, err);
    if (st == PD_OK)
        st = backup_line(w, pd_buf_view(&line), err);
    pd_buf_clear(&line);
    return st;
}

/* ---- The end ---- */

/* One flush for all pieces: some ten thousand small files, each flushed alone, would take minutes.
 * What was written is then read again, from the disk as far as the system lets us. */
static enum pd_status make_durable(struct backup_writer *w, struct pd_error *err) {
    const struct backup_folder *f = w->folder;
    if (syncfs(f->fd) != 0)
        return pd_fail_errno(err, PD_IO, "make the pieces in %s durable", f->path);
    for (size_t i = 0; i < w->fresh.count; i++) {
        enum pd_status st = backup_piece_check(f, &w->fresh.hashes[i], w->fresh_sizes[i], err);
        if (st != PD_OK) {
            pd_wrap(err, "the backup was written, but reads back otherwise");
            return st;
        }
    }
    return PD_OK;
}

enum pd_status backup_seal(struct backup_writer *w, int64_t schema, pd_str facts,
                           struct pd_arena *arena, pd_str *manifest, struct pd_error *err) {
    enum pd_status st = make_durable(w, err);
    pd_json_array_end(&w->json);
    if (st == PD_OK)
        st = pd_buf_check(&w->text, err);
    if (st != PD_OK)
        return st;
    struct pd_buf buf;
    struct pd_json json;
    pd_buf_init(&buf, BACKUP_MANIFEST_MAX);
    pd_json_init(&json, &buf, PD_JSON_COMPACT);
    pd_json_object(&json);
    pd_json_member_i64(&json, "polder_backup", 1);
    pd_json_member_text(&json, "name", w->name);
    pd_json_key(&json, "made_at");
    pd_json_time(&json, w->made_at);
    pd_json_member_str(&json, "origin", w->folder->origin);
    pd_json_member_str(&json, "node", w->folder->node);
    pd_json_member_i64(&json, "schema", schema);
    pd_json_key(&json, "facts");
    pd_json_raw(&json, facts.len ? facts : PD_STR("{}"));
    pd_json_key(&json, "sections");
    pd_json_raw(&json, pd_buf_view(&w->text));
    pd_json_object_end(&json);
    pd_buf_char(&buf, '\n');
    return pd_json_finish(&json, arena, manifest, err);
}

enum pd_status backup_commit(struct backup_writer *w, pd_str manifest, pd_str signature,
                             struct pd_error *err) {
    struct backup_folder *f = w->folder;
    char path[128];
    enum pd_status st = PD_OK;
    snprintf(path, sizeof(path), "backups/%s.sig", w->name);
    if (signature.len)
        st = backup_file_put(f, path, signature, err);
    snprintf(path, sizeof(path), "backups/%s.json", w->name);
    if (st == PD_OK)
        st = backup_file_put(f, path, manifest, err);
    if (st == PD_OK && unlinkat(f->fd, "unfinished", 0) != 0)
        st = pd_fail_errno(err, PD_IO, "remove %s/unfinished", f->path);
    return st;
}
