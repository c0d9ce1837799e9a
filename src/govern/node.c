/* The node: opening it, and the law in force. */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct sql FIND_NODE = {.both = "SELECT origin, jurisdiction FROM node"};

enum pd_status node_load(struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_NODE, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(
            err, PD_NOT_FOUND,
            "\"%s\" holds no node yet: its founding was not completed; run polder init again",
            store_folder(g->store));
    if (st == PD_OK) {
        g->origin = pd_arena_str(g->arena, store_str(rows, 0));
        g->jurisdiction = pd_arena_str(g->arena, store_str(rows, 1));
        if (!g->origin.data || !g->jurisdiction.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

/* All but the rules. */
static enum pd_status open_node(const char *folder, const char *database, enum store_mode mode,
                                const char *holder, const struct pd_clock *clock,
                                struct govern **out, struct pd_error *err) {
    struct govern *g = calloc(1, sizeof(*g));
    if (!g)
        return pd_fail_memory(err);
    g->clock = *clock;
    g->arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    enum pd_status st = g->arena ? store_open_at(folder, database, mode, holder, &g->store, err)
                                 : pd_fail_memory(err);
    if (st == PD_OK)
        st = node_load(g, err);
    if (st != PD_OK) {
        govern_close(g);
        return st;
    }
    *out = g;
    return PD_OK;
}

enum pd_status govern_open(const char *folder, enum store_mode mode, const char *holder,
                           const struct pd_clock *clock, struct govern **out,
                           struct pd_error *err) {
    return govern_open_at(folder, NULL, mode, holder, clock, out, err);
}

static enum pd_status open_with(const char *folder, const char *database, enum store_mode mode,
                                const char *holder, const struct pd_clock *clock,
                                struct rules_shelf *shelf, struct govern **out,
                                struct pd_error *err) {
    struct govern *g = NULL;
    bool is_reading = mode == STORE_READ || mode == STORE_REHEARSE;
    enum pd_status st = open_node(folder, database, mode, holder, clock, &g, err);
    if (st == PD_OK) {
        g->shelf = shelf;
        st = is_reading ? key_settle(g, false, err) : key_finish(g, err);
    }
    if (st == PD_OK)
        st = node_load_rules(g, NULL, err);
    if (st == PD_OK && !is_reading)
        st = floor_load(g, err);
    if (st != PD_OK) {
        govern_close(g);
        return st;
    }
    *out = g;
    return PD_OK;
}

enum pd_status govern_open_at(const char *folder, const char *database, enum store_mode mode,
                              const char *holder, const struct pd_clock *clock, struct govern **out,
                              struct pd_error *err) {
    return open_with(folder, database, mode, holder, clock, NULL, out, err);
}

enum pd_status node_open_beside(const char *folder, const char *database,
                                const struct pd_clock *clock, struct rules_shelf *shelf,
                                struct govern **out, struct pd_error *err) {
    return open_with(folder, database, STORE_BESIDE, "", clock, shelf, out, err);
}

enum pd_status govern_open_to_verify(const char *folder, const char *database,
                                     const struct pd_clock *clock, struct govern **out,
                                     struct pd_error *err) {
    struct govern *g = NULL;
    struct pd_error why = {0};
    enum pd_status st = open_node(folder, database, STORE_READ, "polder verify", clock, &g, err);
    if (st != PD_OK)
        return st;
    st = node_load_rules(g, NULL, &why);
    if (st == PD_OK || st == PD_INTERNAL || st == PD_INVALID || st == PD_LIMIT) {
        *out = g; /* without the rules, if need be: that they don't load will be told of those who
                     name them */
        return PD_OK;
    }
    govern_close(g);
    return pd_fail(err, st, "%s", why.text);
}

void govern_close(struct govern *g) {
    if (!g)
        return;
    for (struct retired *r = g->retired; r && !g->shelf; r = r->next)
        law_rules_free(r->rules);
    if (!g->shelf)
        law_rules_free(g->rules);
    law_rules_free(g->access);
    receipt_forget_key(g);
    store_close(g->store);
    pd_arena_free(g->arena);
    free(g);
}

const struct law_rules *govern_rules(const struct govern *g) {
    return g->rules;
}

pd_str govern_jurisdiction(const struct govern *g) {
    return g->jurisdiction;
}

struct store *govern_store(const struct govern *g) {
    return g->store;
}

pd_time govern_clock_behind(const struct govern *g) {
    return g->clock_behind;
}

/* ---- The law in force ---- */

static enum pd_status parse_rules(pd_str json, pd_str id, struct pd_arena *arena,
                                  struct law_rules **out, struct pd_error *err) {
    json_t *files = NULL;
    enum pd_status st = pd_json_parse(json, 64 << 20, 4, &files, err);
    if (st != PD_OK)
        return pd_wrap(err, "rules %.12s", id.data);
    size_t count = json_object_size(files), n = 0;
    struct law_file *list = pd_arena_array(arena, count ? count : 1, sizeof(*list));
    const char *path;
    json_t *text;
    if (!list)
        st = pd_fail_memory(err);
    json_object_foreach(files, path, text) {
        if (list && json_is_string(text))
            list[n++] = (struct law_file){pd_str_from(path),
                                          {json_string_value(text), json_string_length(text)}};
    }
    if (st == PD_OK)
        st = law_rules_reopen(list, n, out, err);
    json_decref(files);
    return st == PD_OK ? PD_OK : pd_wrap(err, "the node's rules %.12s", id.data);
}

static const struct sql FIND_RULES_BY_ID = {.both = "SELECT files FROM rules WHERE id = $1"};

/* law_rules keeps its own copy of the texts; the list of files is scratch. */
static enum pd_status read_rules(struct govern *g, pd_str id, bool is_hashed,
                                 struct law_rules **out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_RULES_BY_ID, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    struct pd_mark mark = pd_arena_mark(g->arena);
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "the node keeps no rules %.12s", id.data);
    pd_str files = st == PD_OK ? store_str(rows, 0) : PD_STR("");
    if (st == PD_OK && is_hashed) {
        crypto_hash hash = crypto_sha256(files.data, files.len);
        if (!pd_str_eq(govern_hash_text(&hash, g->arena), id))
            st = pd_fail(err, PD_INTERNAL, "the texts of the rules %.*s are not those of that hash",
                         pd_arg(pd_str_sub(id, 0, 12)));
    }
    if (st == PD_OK)
        st = parse_rules(files, id, g->arena, out, err);
    pd_arena_reset(g->arena, mark);
    store_rows_close(rows);
    return st;
}

enum pd_status node_find_rules(struct govern *g, pd_str id, struct law_rules **out,
                               struct pd_error *err) {
    return read_rules(g, id, true, out, err);
}

/* The files apart from the id: they are large, and every act asks whether its rules still hold. */
/* Of act 0, or of the newest vote: which may bring back what was in force before. */
static const struct sql FIND_RULES = {
    .both = "SELECT r.id FROM (SELECT id, in_force_at, '' AS by_act FROM rules UNION ALL "
            "SELECT rules_id, in_force_at, id FROM enactment) AS r WHERE r.in_force_at <= $1 "
            "ORDER BY r.in_force_at DESC, r.by_act DESC, r.id LIMIT 1"};

/* Of the shelf, if they are there. */
static enum pd_status take_rules(struct govern *g, pd_str id, struct law_rules **out,
                                 struct pd_error *err) {
    struct law_rules *found = g->shelf ? rules_shelf_find(g->shelf, id) : NULL, *fresh = NULL;
    if (found) {
        *out = found;
        return PD_OK;
    }
    enum pd_status st = read_rules(g, id, false, &fresh, err);
    if (st != PD_OK || !g->shelf) {
        *out = fresh;
        return st;
    }
    *out = rules_shelf_put(g->shelf, id, fresh);
    if (*out)
        return PD_OK;
    law_rules_free(fresh);
    return pd_fail_memory(err);
}

enum pd_status node_load_rules(struct govern *g, bool *changed, struct pd_error *err) {
    struct store_rows *rows;
    struct store_value now[] = {STORE_I64(pd_clock_now(&g->clock))};
    enum pd_status st = store_select(g->store, FIND_RULES, now, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_INTERNAL, "the node has no rules in force");
    bool is_new = st == PD_OK && !pd_str_eq(store_str(rows, 0), g->rules_id);
    if (is_new) {
        struct law_rules *fresh = NULL;
        pd_str id = pd_arena_str(g->arena, store_str(rows, 0));
        st = id.data ? take_rules(g, id, &fresh, err) : pd_fail_memory(err);
        struct retired *old = st == PD_OK ? pd_arena_alloc(g->arena, sizeof(*old)) : NULL;
        if (st == PD_OK && !old) {
            if (!g->shelf)
                law_rules_free(fresh);
            st = pd_fail_memory(err);
        }
        if (st == PD_OK) {
            *old = (struct retired){g->rules, g->retired};
            g->retired = old;
            g->rules = fresh;
            g->rules_id = id;
        }
    }
    store_rows_close(rows);
    if (changed)
        *changed = is_new && st == PD_OK;
    return st;
}

/* The id of a set of rules is the hash of its canonical JSON {path: text}. */
enum pd_status node_rules_json(const struct law_file *files, size_t count, struct pd_arena *arena,
                               pd_str *json, char id[GOVERN_HEX_SIZE], struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 64 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    for (size_t i = 0; i < count; i++) {
        pd_json_key_str(&w, files[i].path);
        pd_json_str(&w, files[i].text);
    }
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, json, err);
    if (st == PD_OK) {
        crypto_hash hash = crypto_sha256(json->data, json->len);
        pd_hex_encode(hash.bytes, sizeof(hash.bytes), id);
    }
    return st;
}
