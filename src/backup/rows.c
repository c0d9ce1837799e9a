/*
 * The rows of a database, found by its catalogue and told in a form that belongs to neither
 * driver: a JSON array per row, in the order of the columns; numbers, texts, null, and
 * {"b":"base64"} for bytes. Ordered by primary key, so that the same rows are the same lines.
 */
#include "backup/backup_impl.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MOST = 1000, COLUMNS_MOST = 200 };

struct table {
    pd_str name;
    pd_str *columns;
    pd_str *types;
    int64_t *keys; /* place in the primary key, from 1; 0: not in it */
    size_t count;
};

/* ---- The catalogue ---- */

/* data_folder says where the tables are, and would be wrong elsewhere. */
static const struct sql LIST_TABLES = {
    .sqlite = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' "
              "ESCAPE '!' AND name <> 'data_folder' ORDER BY rowid",
    .pg = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace "
          "WHERE c.relkind = 'r' AND s.nspname = current_schema() AND c.relname <> 'data_folder' "
          "ORDER BY c.oid"};

static const struct sql LIST_COLUMNS = {
    .sqlite = "SELECT name, pk, type FROM pragma_table_info($1) ORDER BY cid",
    .pg = "SELECT a.attname::text, COALESCE((SELECT k.n FROM unnest(i.indkey::int2[]) WITH "
          "ORDINALITY AS k (num, n) WHERE k.num = a.attnum), 0), format_type(a.atttypid, NULL) "
          "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace s ON "
          "s.oid = c.relnamespace LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
          "WHERE c.relname = $1 AND s.nspname = current_schema() AND a.attnum > 0 AND NOT "
          "a.attisdropped ORDER BY a.attnum"};

static enum pd_status load_columns(struct store *store, struct pd_arena *arena, struct table *t,
                                   struct pd_error *err) {
    struct store_value values[] = {STORE_STR(t->name)};
    struct store_rows *rows;
    t->columns = pd_arena_array(arena, COLUMNS_MOST, sizeof(*t->columns));
    t->types = pd_arena_array(arena, COLUMNS_MOST, sizeof(*t->types));
    t->keys = pd_arena_array(arena, COLUMNS_MOST, sizeof(*t->keys));
    if (!t->columns || !t->types || !t->keys)
        return pd_fail_memory(err);
    enum pd_status st = store_select(store, LIST_COLUMNS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has, has_key = false;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && t->count < COLUMNS_MOST) {
        t->columns[t->count] = pd_arena_str(arena, store_str(rows, 0));
        t->types[t->count] = pd_arena_str(arena, store_str(rows, 2));
        t->keys[t->count] = store_i64(rows, 1);
        has_key = has_key || t->keys[t->count] > 0;
        if (!t->columns[t->count].data || !t->types[t->count].data)
            st = pd_fail_memory(err);
        t->count++;
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st == PD_OK && !has_key)
        st = pd_fail(err, PD_INTERNAL, "the table \"%.*s\" has no primary key to order it by",
                     pd_arg(t->name));
    return st;
}

static enum pd_status load_tables(struct store *store, struct pd_arena *arena,
                                  struct table **tables, size_t *count, struct pd_error *err) {
    struct table *list = pd_arena_array(arena, TABLES_MOST, sizeof(*list));
    struct store_rows *rows;
    if (!list)
        return pd_fail_memory(err);
    enum pd_status st = store_select(store, LIST_TABLES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    size_t n = 0;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < TABLES_MOST) {
        list[n].name = pd_arena_str(arena, store_str(rows, 0));
        if (!list[n++].name.data) {
            st = pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = load_columns(store, arena, &list[i], err);
    *tables = list;
    *count = n;
    return st;
}

/* ---- Statements that are made from it ---- */

static void write_name(struct pd_buf *out, pd_str name) {
    pd_buf_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        pd_buf_char(out, name.data[i]);
        if (name.data[i] == '"')
            pd_buf_char(out, '"');
    }
    pd_buf_char(out, '"');
}

static void write_names(struct pd_buf *out, const pd_str *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        pd_buf_text(out, i ? ", " : "");
        write_name(out, names[i]);
    }
}

/* PostgreSQL would sort texts by the rules of a language, and differently on each machine. */
static void write_order(struct pd_buf *out, const struct table *t, bool is_pg) {
    pd_buf_text(out, " ORDER BY ");
    for (int64_t place = 1, more = 1; more; place++) {
        more = 0;
        for (size_t i = 0; i < t->count; i++) {
            if (t->keys[i] != place)
                continue;
            pd_buf_text(out, place > 1 ? ", " : "");
            write_name(out, t->columns[i]);
            if (is_pg && pd_str_is(t->types[i], "text"))
                pd_buf_text(out, " COLLATE \"C\"");
            more = 1;
        }
    }
}

static enum pd_status finish(struct pd_buf *text, struct pd_arena *arena, const char **out,
                             struct pd_error *err) {
    enum pd_status st = pd_buf_check(text, err);
    pd_str copy = st == PD_OK ? pd_arena_str(arena, pd_buf_view(text)) : (pd_str){0};
    if (st == PD_OK && !copy.data)
        st = pd_fail_memory(err);
    *out = copy.data;
    pd_buf_clear(text);
    return st;
}

static enum pd_status select_text(const struct table *t, bool is_pg, struct pd_arena *arena,
                                  const char **out, struct pd_error *err) {
    struct pd_buf text;
    pd_buf_init(&text, 1 << 20);
    pd_buf_text(&text, "SELECT ");
    write_names(&text, t->columns, t->count);
    pd_buf_text(&text, " FROM ");
    write_name(&text, t->name);
    write_order(&text, t, is_pg);
    return finish(&text, arena, out, err);
}

static enum pd_status insert_text(const struct backup_part *part, struct pd_arena *arena,
                                  const char **out, struct pd_error *err) {
    struct pd_buf text;
    pd_buf_init(&text, 1 << 20);
    pd_buf_text(&text, "INSERT INTO ");
    write_name(&text, part->name);
    pd_buf_text(&text, " (");
    write_names(&text, part->columns, part->column_count);
    pd_buf_text(&text, ") VALUES (");
    for (size_t i = 0; i < part->column_count; i++)
        pd_buf_printf(&text, "%s$%zu", i ? ", " : "", i + 1);
    pd_buf_char(&text, ')');
    return finish(&text, arena, out, err);
}

static enum pd_status delete_text(pd_str table, struct pd_arena *arena, const char **out,
                                  struct pd_error *err) {
    struct pd_buf text;
    pd_buf_init(&text, 1 << 20);
    pd_buf_text(&text, "DELETE FROM ");
    write_name(&text, table);
    return finish(&text, arena, out, err);
}

/* ---- Saving ---- */

/* Texts that JSON can't carry as they are: damaged ones, which a backup must not change. */
static bool is_plain(pd_str text) {
    return pd_utf8_valid(text, NULL) && pd_str_find_char(text, '\0') == PD_NPOS;
}

static void write_value(struct pd_json *w, struct store_value v) {
    switch (v.type) {
    case STORE_NULL:
        pd_json_null(w);
        return;
    case STORE_INT:
        pd_json_i64(w, v.number);
        return;
    case STORE_TEXT:
        if (is_plain(v.bytes)) {
            pd_json_str(w, v.bytes);
            return;
        }
        break;
    case STORE_BLOB:
        break;
    }
    pd_json_object(w);
    pd_json_key(w, v.type == STORE_BLOB ? "b" : "t");
    pd_json_base64(w, v.bytes.data, v.bytes.len);
    pd_json_object_end(w);
}

static enum pd_status save_row(struct store_rows *rows, struct backup_writer *w,
                               struct pd_buf *line, struct pd_error *err) {
    struct pd_json json;
    pd_buf_reset(line);
    pd_json_init(&json, line, PD_JSON_COMPACT);
    pd_json_array(&json);
    for (size_t c = 0; c < store_columns(rows); c++)
        write_value(&json, store_column(rows, c));
    pd_json_array_end(&json);
    pd_json_clear(&json);
    enum pd_status st = pd_buf_check(line, err);
    return st == PD_OK ? backup_line(w, pd_buf_view(line), err) : st;
}

static enum pd_status save_table(struct store *store, const struct table *t,
                                 struct backup_writer *w, struct pd_arena *arena,
                                 struct pd_error *err) {
    struct sql sql = {0};
    struct store_rows *rows;
    enum pd_status st = select_text(t, false, arena, &sql.sqlite, err);
    if (st == PD_OK)
        st = select_text(t, true, arena, &sql.pg, err);
    if (st == PD_OK)
        st = backup_section(w, t->name, t->columns, t->count, err);
    if (st != PD_OK)
        return st;
    st = store_select(store, sql, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    struct pd_buf line;
    pd_buf_init(&line, BACKUP_LINE_MAX + 1);
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        if ((st = save_row(rows, w, &line, err)) != PD_OK)
            break;
    pd_buf_clear(&line);
    store_rows_close(rows);
    return st == PD_OK ? backup_section_end(w, err) : st;
}

enum pd_status backup_rows_save(struct store *store, struct backup_writer *w,
                                struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    struct table *tables;
    size_t count = 0;
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = load_tables(store, arena, &tables, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        st = save_table(store, &tables[i], w, arena, err);
        if (st != PD_OK)
            pd_wrap(err, "the table \"%.*s\"", pd_arg(tables[i].name));
    }
    pd_arena_free(arena);
    return st;
}

/* ---- Loading ---- */

struct loading {
    struct store *store;
    struct backup_folder *folder;
    const struct backup_part *part;
    struct sql insert;
    struct pd_arena *arena;
    struct pd_mark mark;
};

static enum pd_status read_value(const json_t *v, struct pd_arena *arena, struct store_value *out,
                                 struct pd_error *err) {
    if (json_is_null(v)) {
        *out = STORE_NONE;
    } else if (json_is_integer(v)) {
        *out = STORE_I64(json_integer_value(v));
    } else if (json_is_string(v)) {
        *out = STORE_STR(((pd_str){json_string_value(v), json_string_length(v)}));
    } else {
        const json_t *bytes = json_object_get(v, "b"), *text = json_object_get(v, "t");
        const json_t *coded = bytes ? bytes : text;
        if (!json_is_string(coded))
            return pd_fail(err, PD_INTERNAL, "a row of the backup has a value of no known form");
        pd_str base64 = {json_string_value(coded), json_string_length(coded)};
        size_t n;
        char *plain = pd_arena_alloc(arena, 3 * (base64.len / 4) + 1);
        if (!plain)
            return pd_fail_memory(err);
        if (!pd_base64_decode(base64, plain, &n))
            return pd_fail(err, PD_INTERNAL, "a row of the backup has bytes that are no base64");
        *out = bytes ? STORE_BYTES(((pd_str){plain, n})) : STORE_STR(((pd_str){plain, n}));
    }
    return PD_OK;
}

static enum pd_status load_row(void *context, pd_str line, struct pd_error *err) {
    struct loading *l = context;
    struct store_value values[COLUMNS_MOST];
    json_t *json = NULL;
    pd_arena_reset(l->arena, l->mark);
    enum pd_status st = pd_json_parse(line, BACKUP_LINE_MAX, 4, &json, err);
    if (st == PD_OK && json_array_size(json) != l->part->column_count)
        st = pd_fail(err, PD_INTERNAL, "a row of the backup has %zu values for %zu columns",
                     json_array_size(json), l->part->column_count);
    for (size_t i = 0; st == PD_OK && i < l->part->column_count; i++)
        st = read_value(json_array_get(json, i), l->arena, &values[i], err);
    if (st == PD_OK)
        st = store_run(l->store, l->insert, values, l->part->column_count, NULL, err);
    json_decref(json);
    return st;
}

static enum pd_status load_rows(struct store *store, void *context, struct pd_error *err) {
    (void)store;
    struct loading *l = context;
    return backup_lines(l->folder, l->part, load_row, l, err);
}

static enum pd_status load_table(struct loading *l, struct pd_error *err) {
    enum pd_status st = insert_text(l->part, l->arena, &l->insert.both, err);
    l->mark = pd_arena_mark(l->arena);
    if (st == PD_OK)
        st = store_transact(l->store, load_rows, l, err);
    if (st != PD_OK)
        pd_wrap(err, "the table \"%.*s\"", pd_arg(l->part->name));
    return st;
}

struct emptying {
    const struct table *tables;
    size_t count;
    struct pd_arena *arena;
};

/* What migrations put in is in the backup too, or was taken out since. */
static enum pd_status empty_all(struct store *store, void *context, struct pd_error *err) {
    const struct emptying *e = context;
    enum pd_status st = PD_OK;
    for (size_t i = e->count; st == PD_OK && i > 0; i--) {
        struct sql sql = {0};
        st = delete_text(e->tables[i - 1].name, e->arena, &sql.both, err);
        if (st == PD_OK)
            st = store_run(store, sql, NULL, 0, NULL, err);
    }
    return st;
}

static enum pd_status check_table(const struct table *tables, size_t count,
                                  const struct backup_part *part, struct pd_error *err) {
    const struct table *table = NULL;
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(tables[i].name, part->name))
            table = &tables[i];
    if (!table)
        return pd_fail(err, PD_INVALID, "the backup has a table \"%.*s\" that this program lacks",
                       pd_arg(part->name));
    bool is_same = table->count == part->column_count;
    for (size_t i = 0; is_same && i < table->count; i++)
        is_same = pd_str_eq(table->columns[i], part->columns[i]);
    return is_same ? PD_OK
                   : pd_fail(err, PD_INVALID,
                             "the columns of \"%.*s\" in the backup are not those of this program",
                             pd_arg(part->name));
}

enum pd_status backup_rows_load(struct store *store, struct backup_folder *folder,
                                const struct backup_manifest *m, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)512 << 20);
    if (!arena)
        return pd_fail_memory(err);
    struct emptying emptying = {.arena = arena};
    struct table *tables = NULL;
    enum pd_status st = load_tables(store, arena, &tables, &emptying.count, err);
    emptying.tables = tables;
    for (size_t i = 0; st == PD_OK && i < m->part_count; i++)
        if (m->parts[i].column_count)
            st = check_table(tables, emptying.count, &m->parts[i], err);
    if (st == PD_OK)
        st = store_transact(store, empty_all, &emptying, err);
    struct pd_mark mark = pd_arena_mark(arena);
    for (size_t i = 0; st == PD_OK && i < m->part_count; i++) {
        if (!m->parts[i].column_count)
            continue;
        struct loading l = {.store = store, .folder = folder, .part = &m->parts[i], .arena = arena};
        st = load_table(&l, err);
        pd_arena_reset(arena, mark);
    }
    pd_arena_free(arena);
    return st;
}
