/* Reads a stored plan. Plans are signed, so one meaning has one text: anything else is refused. */
#include "protect/plan_impl.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_DEPTH = 6 };

/* ---- The whole ---- */

static enum pd_status parse_quasi(const struct plan_parser *p, const json_t *array,
                                  struct protect_plan *plan) {
    static const char *const members[] = {"column", "name", NULL};
    if (!json_is_array(array))
        return pd_fail(p->err, PD_INVALID, "\"quasi\" must be an array");
    size_t n = json_array_size(array);
    size_t *quasi = pd_arena_array(p->arena, n, sizeof(*quasi));
    if (quasi == NULL)
        return pd_fail_memory(p->err);
    for (size_t i = 0; i < n; i++) {
        json_t *value = json_array_get(array, i);
        enum pd_status status = plan_members(p, value, members);
        if (status == PD_OK)
            status = plan_column(p, value, &quasi[i]);
        if (status != PD_OK) {
            pd_wrap(p->err, "quasi[%zu]", i);
            return status;
        }
    }
    plan->quasi = quasi;
    plan->quasi_count = n;
    return PD_OK;
}

/* ---- Hierarchies ---- */

static enum pd_status parse_tree(const struct plan_parser *p, json_t *value,
                                 const struct protect_value_tree **out) {
    static const char *const members[] = {"name", "rows", NULL};
    pd_str name;
    size_t cells = 0, n = 0;
    enum pd_status st = plan_members(p, value, members);
    if (st == PD_OK)
        st = plan_word(p, value, "name", PROTECT_SCOPE_MAX, &name);
    if (st != PD_OK)
        return st;
    const json_t *rows = json_object_get(value, "rows");
    if (!json_is_array(rows))
        return pd_fail(p->err, PD_INVALID, "\"rows\" must be an array");
    size_t count = json_array_size(rows);
    for (size_t r = 0; r < count; r++)
        cells += json_array_size(json_array_get(rows, r));
    pd_str *texts = pd_arena_array(p->arena, cells + 1, sizeof(*texts));
    size_t *widths = pd_arena_array(p->arena, count + 1, sizeof(*widths));
    if (!texts || !widths)
        return pd_fail_memory(p->err);
    for (size_t r = 0; r < count; r++) {
        const json_t *row = json_array_get(rows, r), *cell;
        size_t i;
        if (!json_is_array(row))
            return pd_fail(p->err, PD_INVALID, "rows[%zu] must be an array of texts", r);
        widths[r] = json_array_size(row);
        json_array_foreach(row, i, cell) {
            if (!json_is_string(cell))
                return pd_fail(p->err, PD_INVALID, "rows[%zu] must be an array of texts", r);
            texts[n] = pd_arena_str(
                p->arena, (pd_str){json_string_value(cell), json_string_length(cell)});
            if (!texts[n++].data)
                return pd_fail_memory(p->err);
        }
    }
    return protect_value_tree_make(name, texts, widths, count, p->arena, out, p->err);
}

static enum pd_status parse_trees(struct plan_parser *p, const json_t *array) {
    if (array == NULL)
        return PD_OK;
    size_t n = json_array_size(array);
    if (!json_is_array(array) || n == 0)
        return pd_fail(p->err, PD_INVALID, "\"hierarchies\" must be an array of at least one");
    const struct protect_value_tree **trees = pd_arena_array(p->arena, n, sizeof(*trees));
    if (trees == NULL)
        return pd_fail_memory(p->err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st = parse_tree(p, json_array_get(array, i), &trees[i]);
        for (size_t j = 0; st == PD_OK && j < i; j++)
            if (pd_str_eq(trees[i]->name, trees[j]->name))
                st = pd_fail(p->err, PD_INVALID, "the name \"%.*s\" comes twice",
                             pd_arg(trees[i]->name));
        if (st != PD_OK)
            return pd_wrap(p->err, "hierarchies[%zu]", i);
    }
    p->trees = trees;
    p->tree_count = n;
    return PD_OK;
}

/* ---- Models, sample ---- */

static enum pd_status parse_model(const struct plan_parser *p, json_t *value,
                                  struct protect_plan_model *out) {
    static const char *const of_table[] = {"model", "threshold", NULL};
    static const char *const of_column[] = {"column", "model", "name", "threshold", NULL};
    static const char *const recursive[] = {"c", "column", "model", "name", "threshold", NULL};
    static const char *const of_tree[] = {"column", "hierarchy", "model",
                                          "name",   "threshold", NULL};
    pd_str name;
    if (!json_is_object(value))
        return pd_fail(p->err, PD_INVALID, "expected an object");
    enum pd_status st = plan_text(p, value, "model", &name);
    if (st != PD_OK)
        return st;
    if (!protect_model_parse(name, &out->kind) || out->kind == PROTECT_K_ANONYMITY)
        return pd_fail(p->err, PD_INVALID, "there is no model \"%.*s\"", pd_arg(name));
    enum protect_model_kind kind = out->kind;
    st = plan_members(p, value,
                      kind == PROTECT_AVERAGE_RISK     ? of_table
                      : kind == PROTECT_RECURSIVE_L    ? recursive
                      : kind == PROTECT_T_HIERARCHICAL ? of_tree
                                                       : of_column);
    if (st == PD_OK && kind != PROTECT_AVERAGE_RISK)
        st = plan_column(p, value, &out->sensitive);
    if (st == PD_OK && kind == PROTECT_RECURSIVE_L)
        st = plan_decimal(p, value, "c", "\"3\"", &out->c);
    if (st == PD_OK && kind == PROTECT_T_HIERARCHICAL)
        st = plan_tree(p, value, &out->tree);
    return st == PD_OK ? plan_decimal(p, value, "threshold", "\"3\" or \"0.2\"", &out->threshold)
                       : st;
}

static enum pd_status parse_models(const struct plan_parser *p, const json_t *array,
                                   struct protect_plan *plan) {
    if (array == NULL)
        return PD_OK;
    size_t n = json_array_size(array);
    if (!json_is_array(array) || n == 0)
        return pd_fail(p->err, PD_INVALID, "\"models\" must be an array of at least one");
    struct protect_plan_model *models = pd_arena_array(p->arena, n, sizeof(*models));
    if (models == NULL)
        return pd_fail_memory(p->err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st = parse_model(p, json_array_get(array, i), &models[i]);
        if (st != PD_OK)
            return pd_wrap(p->err, "models[%zu]", i);
    }
    plan->models = models;
    plan->model_count = n;
    return PD_OK;
}

static enum pd_status parse_sample(const struct plan_parser *p, json_t *value,
                                   struct protect_sample *out) {
    static const char *const members[] = {"?person", "share", NULL};
    struct protect_width share;
    if (value == NULL)
        return PD_OK;
    enum pd_status st = plan_members(p, value, members);
    if (st == PD_OK)
        st = plan_decimal(p, value, "share", "\"0.1\"", &share);
    if (st == PD_OK &&
        (share.decimals < 1 || share.decimals > 6 || share.amount < 1 ||
         protect_width_value(share) >= 1))
        st = pd_fail(p->err, PD_INVALID,
                     "\"share\" must lie between 0 and 1, with at most 6 decimals");
    if (st == PD_OK && json_object_get(value, "person") != NULL) {
        out->by_person = true;
        st = plan_person(p, value, &out->person);
    }
    if (st != PD_OK)
        return pd_wrap(p->err, "\"sample\"");
    for (; share.decimals < 6; share.decimals++)
        share.amount *= 10;
    out->millionths = (uint32_t)share.amount;
    return PD_OK;
}

/* ---- Which table it is for ---- */

static size_t find_name(const pd_str *names, size_t count, pd_str name) {
    size_t i = 0;
    while (i < count && !pd_str_eq(names[i], name))
        i++;
    return i;
}

/* What a person would say of two rows of column names, a few at most. */
static enum pd_status tell_difference(const struct plan_parser *p, const pd_str *columns,
                                      size_t count) {
    enum { TOLD_MAX = 5 };
    struct pd_buf told;
    size_t n = 0;
    pd_buf_init(&told, 1024);
    for (size_t i = 0; i < count; i++) {
        size_t at = find_name(p->names, p->columns, columns[i]);
        if (at == i || n++ >= TOLD_MAX)
            continue;
        pd_buf_printf(&told, "%s\"%.*s\" ", told.len ? ", " : "", pd_arg(columns[i]));
        if (at == p->columns)
            pd_buf_text(&told, "is missing");
        else
            pd_buf_printf(&told, "is column %zu and was %zu", at, i);
    }
    for (size_t i = 0; i < p->columns; i++)
        if (find_name(columns, count, p->names[i]) == count && n++ < TOLD_MAX)
            pd_buf_printf(&told, "%s\"%.*s\" is new", told.len ? ", " : "", pd_arg(p->names[i]));
    if (n > TOLD_MAX)
        pd_buf_printf(&told, " and %zu more", n - TOLD_MAX);
    enum pd_status st =
        n == 0 ? PD_OK
               : pd_fail_at(p->err, PD_INVALID, "plan.columns",
                         "the plan is for another version of the table: %.*s; look whether it still "
                         "fits, or make a new plan",
                         pd_arg(pd_buf_view(&told)));
    pd_buf_clear(&told);
    return st;
}

static enum pd_status parse_table(const struct plan_parser *p, const json_t *root,
                                  struct protect_plan *plan) {
    const json_t *array = json_object_get(root, "columns"), *value;
    size_t n = json_array_size(array), i;
    if (json_object_get(root, "content") != NULL) {
        uint8_t bytes[CRYPTO_HASH_SIZE];
        enum pd_status st = plan_word(p, root, "content", 2 * CRYPTO_HASH_SIZE, &plan->content);
        if (st == PD_OK && !pd_hex_decode(plan->content, bytes, sizeof(bytes)))
            st = pd_fail(p->err, PD_INVALID, "\"content\" must be a SHA-256 in 64 hex digits");
        if (st != PD_OK)
            return st;
    }
    if (array == NULL)
        return PD_OK;
    if (!json_is_array(array))
        return pd_fail(p->err, PD_INVALID, "\"columns\" must be an array of names");
    pd_str *columns = pd_arena_array(p->arena, n + 1, sizeof(*columns));
    if (columns == NULL)
        return pd_fail_memory(p->err);
    json_array_foreach(array, i, value) {
        if (!json_is_string(value))
            return pd_fail(p->err, PD_INVALID, "\"columns\" must be an array of names");
        columns[i] =
            pd_arena_str(p->arena, (pd_str){json_string_value(value), json_string_length(value)});
        if (!columns[i].data)
            return pd_fail_memory(p->err);
    }
    plan->columns = columns;
    plan->column_count = n;
    return tell_difference(p, columns, n);
}

/* ---- All of it ---- */

/* What version 2 may say beside; trees come first, since steps and models name them. */
static enum pd_status parse_second(struct plan_parser *p, json_t *root,
                                   struct protect_plan *plan) {
    enum pd_status st = parse_table(p, root, plan);
    if (st == PD_OK && json_object_get(root, "aggregate") != NULL)
        st = plan_word(p, root, "aggregate", PROTECT_SCOPE_MAX, &plan->aggregate);
    if (st == PD_OK)
        st = parse_trees(p, json_object_get(root, "hierarchies"));
    if (st == PD_OK && json_object_get(root, "key") != NULL)
        st = plan_word(p, root, "key", PROTECT_SCOPE_MAX, &plan->key);
    if (st == PD_OK)
        st = parse_models(p, json_object_get(root, "models"), plan);
    if (st == PD_OK)
        st = parse_sample(p, json_object_get(root, "sample"), &plan->sample);
    plan->trees = p->trees;
    plan->tree_count = p->tree_count;
    return st;
}

static enum pd_status parse_plan(struct plan_parser *p, json_t *root, struct protect_plan *plan) {
    static const char *const first[] = {"k", "plan", "quasi", "steps", NULL};
    static const char *const second[] = {"?aggregate", "?columns", "?content", "?hierarchies", "k",     "?key", "?models",
                                         "plan",     "quasi",    "?sample",      "steps", NULL};
    int64_t version = 0, k = 0;
    /* The version first: a later plan may have members that are unknown here. */
    if (json_is_object(root) && json_object_get(root, "plan") != NULL) {
        enum pd_status status = plan_count(p, root, "plan", INT64_MAX, &version);
        if (status != PD_OK)
            return status;
        if (version < 1 || version > PROTECT_PLAN_VERSION)
            return pd_fail(p->err, version > PROTECT_PLAN_VERSION ? PD_UNSUPPORTED : PD_INVALID,
                           "the plan has version %" PRId64 ", this program reads version 1 to %d",
                           version, PROTECT_PLAN_VERSION);
    }
    p->version = (int)version;
    enum pd_status status = plan_members(p, root, version == 2 ? second : first);
    if (status == PD_OK)
        status = plan_count(p, root, "k", PROTECT_MAX_K, &k);
    if (status != PD_OK)
        return status;
    plan->k = (uint64_t)k;
    if (version == 2)
        status = parse_second(p, root, plan);
    if (status == PD_OK)
        status = parse_quasi(p, json_object_get(root, "quasi"), plan);
    if (status == PD_OK)
        status = plan_steps(p, json_object_get(root, "steps"), plan);
    if (status == PD_OK)
        status = protect_plan_check(plan, p->names, p->columns, p->err);
    return status;
}

enum pd_status protect_plan_parse(pd_str text, const pd_str *names, size_t columns,
                                  struct pd_arena *arena, const struct protect_plan **out,
                                  struct pd_error *err) {
    struct plan_parser p = {
        .names = names, .columns = columns, .arena = arena, .err = err};
    json_t *root;
    struct protect_plan *plan = pd_arena_alloc(arena, sizeof(*plan));
    if (plan == NULL)
        return pd_fail_memory(err);
    enum pd_status status = pd_json_parse(text, PROTECT_PLAN_MAX_BYTES, MAX_DEPTH, &root, err);
    if (status != PD_OK)
        return status;
    status = parse_plan(&p, root, plan);
    json_decref(root);
    if (status == PD_OK)
        *out = plan;
    return status;
}
