/* What a proposal changes: paths of the rules and standards, each with what it was made for. */
#include "govern/bundled.h"
#include "govern/proposal_impl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_DEPTH = 4 };

/* ---- The rules as files ---- */

static const struct sql FIND_FILES = {.both = "SELECT files FROM rules WHERE id = $1"};

static enum pd_status copy_files(pd_str json, struct pd_arena *arena, struct law_file **out,
                                 size_t *count, struct pd_error *err) {
    json_t *root = NULL, *text;
    const char *path;
    enum pd_status st = pd_json_parse(json, (size_t)64 << 20, TEXT_DEPTH, &root, err);
    if (st != PD_OK)
        return st;
    size_t n = 0;
    struct law_file *files = pd_arena_array(arena, json_object_size(root) + 1, sizeof(*files));
    if (!files)
        st = pd_fail_memory(err);
    json_object_foreach(root, path, text) {
        if (st != PD_OK || !json_is_string(text))
            continue;
        files[n].path = pd_arena_str(arena, pd_str_from(path));
        files[n].text = pd_arena_str(
            arena, (pd_str){json_string_value(text), json_string_length(text)});
        if (!files[n].path.data || !files[n].text.data)
            st = pd_fail_memory(err);
        n++;
    }
    json_decref(root);
    *out = files;
    *count = n;
    return st;
}

enum pd_status node_rules_files(struct govern *g, pd_str id, struct pd_arena *arena,
                                struct law_file **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_FILES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "the node keeps no rules %.12s", id.data);
    if (st == PD_OK) {
        crypto_hash hash = crypto_sha256(store_str(rows, 0).data, store_str(rows, 0).len);
        pd_str hex = govern_hash_text(&hash, arena);
        if (!pd_str_eq(hex, id))
            st = pd_fail(err, PD_INTERNAL, "the texts of the rules %.12s are not those of that hash",
                         id.data);
    }
    if (st == PD_OK)
        st = copy_files(store_str(rows, 0), arena, out, count, err);
    store_rows_close(rows);
    return st;
}

/* ---- Standards in force ---- */

pd_str proposal_standard_name(pd_str path) {
    static const pd_str folder = PD_STR_INIT("standards/"), end = PD_STR_INIT(".json");
    if (!pd_str_starts(path, folder) || !pd_str_ends(path, end) ||
        path.len <= folder.len + end.len)
        return PD_STR("");
    return pd_str_sub(path, folder.len, path.len - folder.len - end.len);
}

static const struct sql FIND_STANDARD = {
    .both = "SELECT text, hash FROM enacted_standard WHERE name = $1 ORDER BY in_force_at DESC, id "
            "DESC LIMIT 1"};
static const struct sql FIND_STANDARD_BEFORE = {
    .both = "SELECT text, hash FROM enacted_standard WHERE name = $1 AND enactment_id < $2 ORDER BY "
            "in_force_at DESC, id DESC LIMIT 1"};

/* The one that was voted last, perhaps before an enactment; else the program's. Without data: none. */
static enum pd_status find_standard(struct govern *g, pd_str name, pd_str before,
                                    struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name), STORE_STR(before)};
    struct store_rows *rows;
    bool is_before = before.len > 0, has;
    pd_str bundled, text;
    *out = (pd_str){0};
    enum pd_status st = store_select(g->store, is_before ? FIND_STANDARD_BEFORE : FIND_STANDARD,
                                     values, is_before ? 2 : 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_str(rows, 0).len) {
        *out = pd_arena_str(arena, store_str(rows, 0));
        crypto_hash hash = crypto_sha256(out->data, out->len);
        if (!out->data)
            st = pd_fail_memory(err);
        else if (!pd_str_eq(govern_hash_text(&hash, arena), store_str(rows, 1)))
            st = pd_fail(err, PD_INTERNAL, "the standard \"%.*s\" isn't the one that was voted",
                         pd_arg(name));
    }
    store_rows_close(rows);
    for (size_t n = 0; st == PD_OK && !has && govern_standard_bundled(n, &bundled, &text); n++)
        if (pd_str_eq(bundled, name))
            *out = text;
    return st;
}

enum pd_status govern_standard_in_force(struct govern *g, pd_str name, struct pd_arena *arena,
                                        pd_str *text, struct pd_error *err) {
    enum pd_status st = find_standard(g, name, PD_STR(""), arena, text, err);
    if (st == PD_OK && !text->data)
        st = pd_fail(err, PD_NOT_FOUND, "no standard \"%.*s\" is in force", pd_arg(name));
    return st;
}

/* ---- Texts ---- */

/* What stands at a path now. Without data: nothing. */
static enum pd_status find_current(struct govern *g, const struct law_file *files, size_t count,
                                   pd_str path, struct pd_arena *arena, pd_str *out,
                                   struct pd_error *err) {
    *out = (pd_str){0};
    pd_str standard = proposal_standard_name(path);
    if (standard.len)
        return find_standard(g, standard, PD_STR(""), arena, out, err);
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(files[i].path, path))
            *out = files[i].text;
    return PD_OK;
}

static enum pd_status bind(struct govern *g, const struct law_file *files, size_t count,
                           const struct govern_amendment *a, struct pd_arena *arena,
                           struct proposal_change *out, bool *is_changed,
                           struct pd_error *err) {
    pd_str current;
    enum pd_status st = find_current(g, files, count, a->path, arena, &current, err);
    if (st != PD_OK)
        return st;
    if (!pd_utf8_valid(a->text, NULL) || !pd_utf8_valid(a->path, NULL))
        return pd_fail(err, PD_INVALID, "\"%.*s\" is not UTF-8", pd_arg(a->path));
    if (a->is_removed && !current.data)
        return pd_fail(err, PD_INVALID, "\"%.*s\" can't be removed: nothing is in force there",
                       pd_arg(a->path));
    *is_changed = a->is_removed || !current.data || !pd_str_eq(current, a->text);
    if (!*is_changed)
        return PD_OK;
    *out = (struct proposal_change){
        .path = pd_arena_str(arena, a->path),
        .is_removed = a->is_removed,
        .text = a->is_removed ? PD_STR("") : pd_arena_str(arena, a->text),
        .base = PD_STR("")};
    if (current.data) {
        crypto_hash hash = crypto_sha256(current.data, current.len);
        out->base = govern_hash_text(&hash, arena);
    }
    return out->path.data && out->text.data && out->base.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status proposal_text_make(struct govern *g, const struct govern_amendment *amendments,
                                  size_t count, struct pd_arena *arena,
                                  struct proposal_change **out, size_t *changed,
                                  struct pd_error *err) {
    struct law_file *files;
    size_t n, bytes = 0, kept = 0;
    if (count == 0 || count > GOVERN_AMENDMENTS_MAX)
        return pd_fail(err, PD_USAGE, "a proposal changes 1 to %d files, not %zu",
                       GOVERN_AMENDMENTS_MAX, count);
    struct proposal_change *changes = pd_arena_array(arena, count, sizeof(*changes));
    enum pd_status st = changes ? node_rules_files(g, g->rules_id, arena, &files, &n, err)
                                : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        bytes += amendments[i].text.len;
        for (size_t j = 0; j < i; j++)
            if (pd_str_eq(amendments[i].path, amendments[j].path))
                return pd_fail(err, PD_INVALID, "\"%.*s\" is there twice",
                               pd_arg(amendments[i].path));
        if (bytes > GOVERN_PROPOSAL_BYTES_MAX)
            return pd_fail(err, PD_LIMIT, "a proposal has at most %d bytes",
                           GOVERN_PROPOSAL_BYTES_MAX);
        bool is_changed = false;
        st = bind(g, files, n, &amendments[i], arena, &changes[kept], &is_changed, err);
        kept += is_changed;
    }
    if (st == PD_OK && kept == 0)
        return pd_fail(err, PD_INVALID, "the proposal changes nothing: all of it is in force so");
    *changed = kept;
    *out = changes;
    return st;
}

enum pd_status proposal_text_write(const struct proposal_change *changes, size_t count,
                                   struct pd_arena *arena, pd_str *json, crypto_hash *hash,
                                   struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 8 * (size_t)GOVERN_PROPOSAL_BYTES_MAX);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    for (size_t i = 0; i < count; i++) {
        pd_json_key_str(&w, changes[i].path);
        pd_json_object(&w);
        pd_json_key(&w, "base");
        if (changes[i].base.len)
            pd_json_str(&w, changes[i].base);
        else
            pd_json_null(&w);
        pd_json_key(&w, "text");
        if (changes[i].is_removed)
            pd_json_null(&w);
        else
            pd_json_str(&w, changes[i].text);
        pd_json_object_end(&w);
    }
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, json, err);
    if (st == PD_OK)
        *hash = crypto_sha256(json->data, json->len);
    return st;
}

static pd_str copy_text(const json_t *value, struct pd_arena *arena) {
    return json_is_string(value)
               ? pd_arena_str(arena, (pd_str){json_string_value(value), json_string_length(value)})
               : PD_STR("");
}

enum pd_status proposal_text_parse(pd_str json, struct pd_arena *arena,
                                   struct proposal_change **out, size_t *count,
                                   struct pd_error *err) {
    json_t *root = NULL, *value;
    const char *path;
    size_t n = 0;
    enum pd_status st =
        pd_json_parse(json, 8 * (size_t)GOVERN_PROPOSAL_BYTES_MAX, TEXT_DEPTH, &root, err);
    if (st != PD_OK)
        return pd_wrap(err, "the text of the proposal");
    struct proposal_change *list = pd_arena_array(arena, json_object_size(root) + 1, sizeof(*list));
    if (!list)
        st = pd_fail_memory(err);
    json_object_foreach(root, path, value) {
        if (st != PD_OK)
            continue;
        list[n] = (struct proposal_change){
            .path = pd_arena_str(arena, pd_str_from(path)),
            .base = copy_text(json_object_get(value, "base"), arena),
            .is_removed = json_is_null(json_object_get(value, "text")),
            .text = copy_text(json_object_get(value, "text"), arena)};
        if (!list[n].path.data || !list[n].base.data || !list[n].text.data)
            st = pd_fail_memory(err);
        n++;
    }
    json_decref(root);
    *out = list;
    *count = n;
    return st;
}

/* ---- Rollback ---- */

static const struct sql FIND_ENACTED = {
    .both = "SELECT e.id, e.was_id, t.text FROM enactment e JOIN proposal_text t ON t.proposal_id = "
            "e.proposal_id WHERE e.proposal_id = $1 ORDER BY t.revision DESC LIMIT 1"};

static enum pd_status undo_one(struct govern *g, const struct law_file *was, size_t count,
                               pd_str enactment, pd_str path, struct pd_arena *arena,
                               struct govern_amendment *out, struct pd_error *err) {
    pd_str text = {0}, standard = proposal_standard_name(path);
    enum pd_status st = PD_OK;
    if (standard.len)
        st = find_standard(g, standard, enactment, arena, &text, err);
    for (size_t i = 0; !standard.len && i < count; i++)
        if (pd_str_eq(was[i].path, path))
            text = was[i].text;
    *out = (struct govern_amendment){
        .path = path, .is_removed = !text.data, .text = text.data ? text : PD_STR("")};
    return st;
}

enum pd_status proposal_text_undo(struct govern *g, pd_id proposal, struct pd_arena *arena,
                                  struct govern_amendment **out, size_t *count,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(govern_id_text(proposal, arena))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_ENACTED, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_CONFLICT,
                     "only what a proposal brought into force can be rolled back; %.*s didn't",
                     pd_arg(values[0].bytes));
    pd_str enactment = {0}, was_id = {0}, text = {0};
    if (st == PD_OK) {
        enactment = pd_arena_str(arena, store_str(rows, 0));
        was_id = pd_arena_str(arena, store_str(rows, 1));
        text = pd_arena_str(arena, store_str(rows, 2));
        if (!enactment.data || !was_id.data || !text.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    struct law_file *was = NULL;
    struct proposal_change *changes = NULL;
    size_t files = 0, n = 0;
    if (st == PD_OK)
        st = node_rules_files(g, was_id, arena, &was, &files, err);
    if (st == PD_OK)
        st = proposal_text_parse(text, arena, &changes, &n, err);
    struct govern_amendment *list =
        st == PD_OK ? pd_arena_array(arena, n + 1, sizeof(*list)) : NULL;
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = undo_one(g, was, files, enactment, changes[i].path, arena, &list[i], err);
    *out = list;
    *count = n;
    return st;
}
