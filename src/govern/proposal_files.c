/* The files that may be proposed to be changed, and what a proposal was made against: for faces. */
#include "govern/growing.h"
#include "govern/proposal_impl.h"

static enum pd_status add(struct growing_list *list, pd_str path, pd_str text, struct pd_arena *arena,
                          struct pd_error *err) {
    struct govern_amendment *a = growing_add(list, sizeof(*a), arena);
    if (!a)
        return pd_fail_memory(err);
    *a = (struct govern_amendment){.path = path, .text = text};
    return PD_OK;
}

static bool is_open_to_change(const struct council_charter *charter, pd_str path) {
    const struct council_matter *matter;
    struct pd_error none = {0};
    return council_find_matter(charter, &path, 1, &matter, &none) == PD_OK;
}

enum pd_status govern_proposable(struct govern *g, struct pd_arena *arena,
                                 const struct govern_amendment **out, size_t *count,
                                 struct pd_error *err) {
    const struct council_charter *charter;
    struct law_file *files = NULL;
    struct growing_list list = {.count = 0};
    size_t n = 0;
    pd_str name, text;
    enum pd_status st = govern_charter(g, arena, &charter, err);
    if (st == PD_OK)
        st = node_rules_files(g, g->rules_id, arena, &files, &n, err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        if (is_open_to_change(charter, files[i].path))
            st = add(&list, files[i].path, files[i].text, arena, err);
    for (size_t i = 0; st == PD_OK && govern_standard_bundled(i, &name, &text); i++) {
        pd_str path = pd_arena_printf(arena, "standards/%.*s.json", pd_arg(name));
        if (!path.data)
            return pd_fail_memory(err);
        if (!is_open_to_change(charter, path))
            continue;
        st = govern_standard_in_force(g, name, arena, &text, err);
        if (st == PD_OK)
            st = add(&list, path, text, arena, err);
        else if (st == PD_NOT_FOUND) /* a vote took it out of force */
            st = PD_OK;
    }
    *out = list.items;
    *count = list.count;
    return st;
}

static bool is_of_hash(pd_str text, pd_str hex, struct pd_arena *arena) {
    crypto_hash hash = crypto_sha256(text.data, text.len);
    return pd_str_eq(govern_hash_text(&hash, arena), hex);
}

/* Rules are few: a founding, and one for each change. */
static const struct sql LIST_RULES = {.both = "SELECT id FROM rules ORDER BY id"};
static const struct sql FIND_STANDARD = {
    .both = "SELECT text FROM enacted_standard WHERE name = $1 AND hash = $2 LIMIT 1"};

static enum pd_status find_in_rules(struct govern *g, pd_str path, pd_str base,
                                    struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_RULES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while (st == PD_OK && !out->data && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct law_file *files;
        size_t n;
        pd_str id = pd_arena_str(arena, store_str(rows, 0));
        st = id.data ? node_rules_files(g, id, arena, &files, &n, err) : pd_fail_memory(err);
        for (size_t i = 0; st == PD_OK && i < n; i++)
            if (pd_str_eq(files[i].path, path) && is_of_hash(files[i].text, base, arena))
                *out = files[i].text;
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status find_in_standards(struct govern *g, pd_str name, pd_str base,
                                        struct pd_arena *arena, pd_str *out,
                                        struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name), STORE_STR(base)};
    struct store_rows *rows;
    pd_str bundled, text;
    bool has;
    enum pd_status st = store_select(g->store, FIND_STANDARD, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        *out = pd_arena_str(arena, store_str(rows, 0));
    store_rows_close(rows);
    for (size_t i = 0; st == PD_OK && !out->data && govern_standard_bundled(i, &bundled, &text); i++)
        if (pd_str_eq(bundled, name) && is_of_hash(text, base, arena))
            *out = text;
    return st;
}

enum pd_status govern_proposal_base(struct govern *g, pd_str path, pd_str base,
                                    struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    pd_str name = proposal_standard_name(path), found = {0};
    enum pd_status st = name.len ? find_in_standards(g, name, base, arena, &found, err)
                                 : find_in_rules(g, path, base, arena, &found, err);
    if (st == PD_OK && !found.data)
        st = pd_fail(err, PD_NOT_FOUND, "the node keeps no text of \"%.*s\" of that hash",
                     pd_arg(path));
    if (st == PD_OK)
        *out = found;
    return st;
}
