/* Where the law of a node comes from: the packs in the program, or a folder of the same layout. */
#include "govern/bundled.h"
#include "govern/govern_impl.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULE_FILES_MAX = 512, RULE_FILE_BYTES_MAX = 16 << 20 };

static bool is_among(pd_str name, pd_str jurisdictions) {
    pd_str rest = jurisdictions, wanted;
    while (pd_str_split(&rest, ',', &wanted))
        if (pd_str_eq(pd_str_trim(wanted), name))
            return true;
    return false;
}

static const pd_str SCHEMA = PD_STR_INIT("polder.cedarschema");

/* facts.json, the schema and the node's own rules belong to every set of rules; of the
 * jurisdictions, and of their calendars, those asked for. */
static bool is_wanted(pd_str path, pd_str jurisdictions) {
    static const pd_str calendars = PD_STR_INIT("calendars/"), json = PD_STR_INIT(".json");
    if (pd_str_starts(path, calendars) && pd_str_ends(path, json) &&
        path.len > calendars.len + json.len)
        return is_among(pd_str_sub(path, calendars.len, path.len - calendars.len - json.len),
                        jurisdictions);
    if (pd_str_is(path, "facts.json") || pd_str_eq(path, SCHEMA))
        return true;
    bool is_rule =
        pd_str_ends(path, PD_STR(".cedar")) || pd_str_ends(path, PD_STR("/manifest.json"));
    if (pd_str_starts(path, PD_STR("node/")))
        return is_rule || pd_str_is(path, "node/thresholds.json") ||
               pd_str_is(path, "node/charter.json") || pd_str_is(path, "node/CASES.md");
    size_t slash = pd_str_find_char(path, '/');
    if (!is_rule || slash == PD_NPOS)
        return false;
    return is_among(pd_str_sub(path, 0, slash), jurisdictions);
}

/* Every jurisdiction asked for must have a manifest among the files. */
static enum pd_status check_complete(pd_str jurisdictions, const struct law_file *files,
                                     size_t count, const char *where, struct pd_error *err) {
    pd_str rest = jurisdictions, wanted;
    while (pd_str_split(&rest, ',', &wanted)) {
        wanted = pd_str_trim(wanted);
        bool found = false;
        for (size_t i = 0; i < count && !found; i++) {
            pd_str path = files[i].path;
            found = pd_str_starts(path, wanted) &&
                    pd_str_eq(pd_str_sub(path, wanted.len, path.len), PD_STR("/manifest.json"));
        }
        if (!found || wanted.len == 0)
            return pd_fail(
                err, PD_NOT_FOUND,
                "there is no law pack \"%.*s\" %s (a pack is a folder with manifest.json)",
                pd_arg(wanted), where);
    }
    return PD_OK;
}

static int by_path(const void *a, const void *b) {
    return pd_str_cmp(((const struct law_file *)a)->path, ((const struct law_file *)b)->path);
}

/* The path of an embedded file among the rules: without the folder of the project that it is in. */
static pd_str rule_path(const struct embedded_file *f) {
    pd_str path = pd_str_from(f->path);
    return pd_str_sub(path, pd_str_find_char(path, '/') + 1, path.len);
}

/* Calendars are facts rather than law, and the schema says what this program gives the law to read:
 * a folder of rules that has none takes that of the program. */
static enum pd_status add_missing(pd_str jurisdictions, struct law_file *files, size_t *count,
                                  struct pd_error *err) {
    for (const struct embedded_file *f = bundled_law; f->path; f++) {
        pd_str path = rule_path(f);
        bool is_for_all = pd_str_starts(path, PD_STR("calendars/")) || pd_str_eq(path, SCHEMA);
        bool found = !is_for_all || !is_wanted(path, jurisdictions);
        for (size_t i = 0; i < *count && !found; i++)
            found = pd_str_eq(files[i].path, path);
        if (found)
            continue;
        if (*count == RULE_FILES_MAX)
            return pd_fail(err, PD_LIMIT, "the rules and calendars are more than %d files",
                           RULE_FILES_MAX);
        files[(*count)++] = (struct law_file){path, {(const char *)f->data, f->len}};
    }
    return PD_OK;
}

enum pd_status govern_bundled_rules(pd_str jurisdictions, struct pd_arena *arena,
                                    const struct law_file **out, size_t *count,
                                    struct pd_error *err) {
    struct law_file *files = pd_arena_array(arena, RULE_FILES_MAX, sizeof(*files));
    if (!files)
        return pd_fail_memory(err);
    size_t n = 0;
    for (const struct embedded_file *f = bundled_law; f->path; f++) {
        pd_str path = rule_path(f);
        if (is_wanted(path, jurisdictions) && n < RULE_FILES_MAX)
            files[n++] = (struct law_file){path, {(const char *)f->data, f->len}};
    }
    if (check_complete(jurisdictions, files, n, "in this program", err) != PD_OK)
        return err ? err->status : PD_NOT_FOUND;
    qsort(files, n, sizeof(*files), by_path);
    *out = files;
    *count = n;
    return PD_OK;
}

static enum pd_status read_file(const char *path, struct pd_arena *arena, pd_str *out,
                                struct pd_error *err) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open \"%s\"", path);
    struct pd_buf buf;
    pd_buf_init(&buf, RULE_FILE_BYTES_MAX);
    char piece[8192];
    size_t n;
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
        pd_buf_add(&buf, piece, n);
    enum pd_status st =
        ferror(f) ? pd_fail_errno(err, PD_IO, "read \"%s\"", path) : pd_buf_check(&buf, err);
    fclose(f);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, pd_buf_view(&buf));
        if (!out->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

/* One level: "" for the top folder, "cn" for a pack. */
static enum pd_status read_folder(const char *folder, const char *pack, pd_str jurisdictions,
                                  struct pd_arena *arena, struct law_file *files, size_t *count,
                                  struct pd_error *err) {
    pd_str full = pd_arena_printf(arena, "%s/%s", folder, pack);
    if (!full.data)
        return pd_fail_memory(err);
    DIR *dir = opendir(full.data);
    if (!dir)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO,
                             "open the folder of rules \"%s\"", full.data);
    enum pd_status st = PD_OK;
    for (struct dirent *entry; st == PD_OK && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        pd_str path = pd_arena_printf(arena, "%s%s%s", pack, *pack ? "/" : "", entry->d_name);
        if (!path.data) {
            st = pd_fail_memory(err);
        } else if (is_wanted(path, jurisdictions)) {
            if (*count == RULE_FILES_MAX) {
                st = pd_fail(err, PD_LIMIT, "\"%s\" holds more than %d files of rules", folder,
                             RULE_FILES_MAX);
                break;
            }
            pd_str whole = pd_arena_printf(arena, "%s/%s", folder, path.data);
            files[*count].path = path;
            st = whole.data ? read_file(whole.data, arena, &files[*count].text, err)
                            : pd_fail_memory(err);
            (*count)++;
        }
    }
    closedir(dir);
    return st;
}

enum pd_status govern_folder_rules(const char *folder, pd_str jurisdictions, struct pd_arena *arena,
                                   const struct law_file **out, size_t *count,
                                   struct pd_error *err) {
    struct law_file *files = pd_arena_array(arena, RULE_FILES_MAX, sizeof(*files));
    if (!files)
        return pd_fail_memory(err);
    size_t n = 0;
    enum pd_status st = read_folder(folder, "", jurisdictions, arena, files, &n, err);
    if (st == PD_OK)
        st = read_folder(folder, "node", jurisdictions, arena, files, &n, err);
    struct pd_error none = {0};
    if (st == PD_OK &&
        read_folder(folder, "calendars", jurisdictions, arena, files, &n, &none) != PD_OK &&
        none.status != PD_NOT_FOUND)
        st = pd_fail(err, none.status, "%s", none.text);
    pd_str rest = jurisdictions, wanted;
    while (st == PD_OK && pd_str_split(&rest, ',', &wanted)) {
        wanted = pd_arena_str(arena, pd_str_trim(wanted));
        if (!wanted.data)
            return pd_fail_memory(err);
        if (wanted.len == 0 || pd_str_find_char(wanted, '/') != PD_NPOS || wanted.data[0] == '.')
            return pd_fail(err, PD_INVALID, "\"%.*s\" is no name of a law pack", pd_arg(wanted));
        if (!pd_str_is(wanted, "node"))
            st = read_folder(folder, wanted.data, jurisdictions, arena, files, &n, err);
    }
    if (st == PD_OK)
        st = check_complete(jurisdictions, files, n, "in that folder", err);
    if (st == PD_OK)
        st = add_missing(jurisdictions, files, &n, err);
    if (st != PD_OK)
        return st;
    qsort(files, n, sizeof(*files), by_path);
    *out = files;
    *count = n;
    return PD_OK;
}
