/*
 * A stored file, written again without the rows of a person. First it is read for the rows that
 * stay, and their classes counted; then it is read once more, and what stays is written, hashed and
 * inspected as a stranger would read it. What was promised of the smallest class holds for the new
 * file too: rows of classes that the removal made too small go as well.
 */
#include "govern/erase.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define REWRITE_CLASSES_LIMIT ((size_t)2 << 30)

/* ---- Row numbers ---- */

enum pd_status erase_rows_add(struct erase_rows *rows, uint64_t row, struct pd_error *err) {
    if (rows->count && rows->list[rows->count - 1] == row)
        return PD_OK;
    if (rows->count == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;
        uint64_t *longer = realloc(rows->list, room * sizeof(*longer));
        if (!longer)
            return pd_fail_memory(err);
        rows->list = longer;
        rows->room = room;
    }
    rows->list[rows->count++] = row;
    return PD_OK;
}

uint64_t erase_rows_below(const struct erase_rows *rows, uint64_t row) {
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->list[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool erase_rows_has(const struct erase_rows *rows, uint64_t row) {
    uint64_t at = erase_rows_below(rows, row);
    return at < rows->count && rows->list[at] == row;
}

void erase_rows_clear(struct erase_rows *rows) {
    free(rows->list);
    *rows = (struct erase_rows){0};
}

/* ---- Which rows stay ---- */

struct pass {
    struct rewrite *w;
    struct pd_arena *arena;
    struct table_reader *reader;
    enum pd_status (*take)(struct pass *p, const struct table_batch *kept, struct pd_error *err);
    const pd_str *names; /* of the file's columns */
    size_t columns;
    uint64_t *places; /* of the kept rows of this batch, in the old file */
    size_t room;
    struct table_cell *cells; /* of the kept ones, row by row */
    uint64_t *lines;
    uint64_t rows; /* seen */
    struct protect_classes *classes;
    size_t *quasi; /* columns by number */
    size_t quasi_count;
    struct protect_plan plan; /* of the new file: what is left out of it */
    /* of the second pass */
    struct protect_apply *apply;
    struct table_writer *writer;
    struct store_writer *vault;
    struct crypto_sha256_state *hash;
    struct table_reader *output;
    struct inspector *inspector;
    uint64_t next; /* the old row that would be written next, if it stays */
};

/* Whether a cell is, or quotes, one of the person's identifiers. */
static bool quotes_person(const struct erase_person *person, pd_str cell) {
    char normal[PERSON_IDENTIFIER_MAX];
    size_t len;
    bool is_short = person_normal(cell, normal, &len);
    for (size_t i = 0; i < person->count; i++) {
        pd_str id = person->normal[i];
        enum { QUOTED_MIN = 6 }; /* shorter ones occur by chance */
        if (is_short && pd_str_eq((pd_str){normal, len}, id))
            return true;
        if (id.len >= QUOTED_MIN && cell.len > id.len &&
            ((is_short && pd_str_find((pd_str){normal, len}, id) != PD_NPOS) ||
             pd_str_find(cell, id) != PD_NPOS))
            return true;
    }
    return false;
}

static bool stays(const struct pass *p, const struct table_batch *batch, size_t row) {
    if (erase_rows_has(&p->w->holding->rows, batch->first_row + row))
        return false;
    for (size_t c = 0; p->w->person && c < batch->columns; c++)
        if (quotes_person(p->w->person, table_cell_text(batch, c, row)))
            return false;
    return true;
}

static enum pd_status make_room(struct pass *p, size_t rows, struct pd_error *err) {
    if (rows <= p->room)
        return PD_OK;
    uint64_t *places = realloc(p->places, rows * sizeof(*places));
    if (places)
        p->places = places;
    uint64_t *lines = realloc(p->lines, rows * sizeof(*lines));
    if (lines)
        p->lines = lines;
    size_t count, size;
    bool fits = pd_mul(rows, p->columns, &count) && pd_mul(count, sizeof(*p->cells), &size);
    struct table_cell *cells = fits ? realloc(p->cells, size) : NULL;
    if (cells)
        p->cells = cells;
    if (!places || !lines || !cells)
        return pd_fail_memory(err);
    p->room = rows;
    return PD_OK;
}

/* The batch without the rows that go. */
static enum pd_status on_rows(void *context, const struct table_batch *batch,
                              struct pd_error *err) {
    struct pass *p = context;
    enum pd_status st = make_room(p, batch->rows, err);
    if (st != PD_OK)
        return st;
    size_t n = 0;
    for (size_t r = 0; r < batch->rows; r++) {
        if (!stays(p, batch, r))
            continue;
        p->places[n] = batch->first_row + r;
        p->lines[n] = batch->line[r];
        for (size_t c = 0; c < p->columns; c++)
            p->cells[n * p->columns + c] = table_cell_at(batch, c, r);
        n++;
    }
    p->rows = batch->first_row + batch->rows;
    if (n == 0)
        return PD_OK;
    struct table_batch kept = {.rows = n,
                               .columns = p->columns,
                               .bytes = batch->bytes,
                               .cells = p->cells,
                               .row_step = p->columns,
                               .column_step = 1,
                               .line = p->lines,
                               .first_row = batch->first_row};
    return p->take(p, &kept, err);
}

static void clear_batch(struct pass *p) {
    free(p->cells);
    free(p->places);
    free(p->lines);
    p->cells = NULL;
    p->places = p->lines = NULL;
    p->room = 0;
}

static enum pd_status on_names(void *context, const pd_str *names, size_t count,
                               struct pd_error *err) {
    struct pass *p = context;
    pd_str *unique = pd_arena_array(p->arena, count, sizeof(*unique));
    if (!unique)
        return pd_fail_memory(err);
    enum pd_status st = table_names_unique(names, count, p->arena, unique, NULL, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        unique[i] = pd_arena_str(p->arena, unique[i]);
        if (!unique[i].data)
            st = pd_fail_memory(err);
    }
    p->names = unique;
    p->columns = count;
    return st;
}

/* ---- Reading the old file ---- */

enum { PIECE = 1 << 16 };

static enum pd_status feed_vault(struct pass *p, struct pd_error *err) {
    struct store_reader *from = NULL;
    char *piece = malloc(PIECE);
    enum pd_status st =
        piece ? store_vault_open(p->w->g->store, p->w->old_key, p->w->holding->address, &from, err)
              : pd_fail_memory(err);
    size_t n = PIECE;
    while (st == PD_OK && n > 0) {
        n = PIECE;
        st = store_vault_read(from, piece, &n, err);
        if (st == PD_OK && n > 0)
            st = table_feed(p->reader, piece, n, err);
    }
    if (st == PD_OK)
        st = table_finish(p->reader, err);
    if (piece)
        crypto_wipe(piece, PIECE);
    free(piece);
    store_reader_free(from);
    return st;
}

static enum pd_status read_dialect(const struct erase_holding *h, struct pd_arena *arena,
                                   struct table_dialect *out, struct pd_error *err) {
    struct govern_form form = {0};
    json_t *json = NULL;
    if (!h->is_original) {
        *out = table_dialect_written;
        return PD_OK;
    }
    enum pd_status st = pd_json_parse(h->columns_json, (size_t)4 << 20, 8, &json, err);
    for (size_t i = 0; st == PD_OK && form_word_name(i); i++) {
        const json_t *v = json_object_get(json_object_get(json, "form"), form_word_name(i));
        if (json_is_string(v))
            form_word_set(
                &form, i,
                pd_arena_str(arena, (pd_str){json_string_value(v), json_string_length(v)}));
    }
    json_decref(json);
    return st == PD_OK ? govern_form_parse(&form, out, err) : st;
}

/* What the reader found, when it is gone. */
static enum pd_status keep_dialect(struct pass *p, struct table_dialect *out,
                                   struct pd_error *err) {
    *out = *table_reader_dialect(p->reader);
    pd_str *names = pd_arena_array(p->arena, out->name_count + 1, sizeof(*names));
    if (!names)
        return pd_fail_memory(err);
    for (size_t i = 0; out->names && i < out->name_count; i++) {
        names[i] = pd_arena_str(p->arena, out->names[i]);
        if (!names[i].data)
            return pd_fail_memory(err);
    }
    out->names = out->names ? names : NULL;
    return PD_OK;
}

static enum pd_status run_once(struct pass *p, struct table_dialect *dialect, bool *again,
                               struct pd_error *err) {
    struct table_handler handler = {.context = p, .header = on_names, .batch = on_rows};
    enum pd_status st = table_reader_new(NULL, dialect, &handler, &p->reader, err);
    if (st == PD_OK)
        st = feed_vault(p, err);
    *again = st == PD_OK && table_reader_needs_again(p->reader);
    if (*again)
        st = keep_dialect(p, dialect, err);
    table_reader_free(p->reader);
    p->reader = NULL;
    return st;
}

/* Long JSON tells its columns only at its end: then it is read twice. */
static enum pd_status run_pass(struct pass *p, const struct table_dialect *dialect,
                               struct pd_error *err) {
    struct table_dialect given = *dialect;
    bool again = false;
    enum pd_status st = run_once(p, &given, &again, err);
    if (st == PD_OK && again)
        st = run_once(p, &given, &again, err);
    clear_batch(p);
    return st;
}

/* ---- The first pass: classes ---- */

static enum pd_status find_quasi(struct pass *p, struct pd_error *err) {
    p->quasi = pd_arena_array(p->arena, p->columns + 1, sizeof(*p->quasi));
    if (!p->quasi)
        return pd_fail_memory(err);
    for (size_t c = 0; c < p->columns; c++)
        for (size_t i = 0; i < p->w->quasi_count; i++)
            if (pd_str_eq(p->names[c], p->w->quasi[i])) {
                p->quasi[p->quasi_count++] = c;
                break;
            }
    return PD_OK;
}

/* The models whose column is still there. */
static enum pd_status find_models(struct pass *p, struct pd_error *err) {
    const struct rewrite *w = p->w;
    struct protect_plan_model *models =
        pd_arena_array(p->arena, w->model_count + 1, sizeof(*models));
    if (!models)
        return pd_fail_memory(err);
    p->plan = (struct protect_plan){.quasi = p->quasi,
                                    .quasi_count = p->quasi_count,
                                    .k = p->quasi_count && w->k > 1 ? w->k : 0,
                                    .models = models};
    for (size_t m = 0; p->plan.k && m < w->model_count; m++)
        for (size_t c = 0; c < p->columns; c++)
            if (pd_str_eq(p->names[c], w->sensitive[m])) {
                struct protect_plan_model *model = &models[p->plan.model_count++];
                *model = w->models[m];
                model->sensitive = c;
                break;
            }
    return PD_OK;
}

static enum pd_status count_classes(struct pass *p, const struct table_batch *kept,
                                    struct pd_error *err) {
    enum pd_status st = PD_OK;
    if (!p->quasi) {
        size_t *columns = NULL, count = 0;
        st = find_quasi(p, err);
        if (st == PD_OK)
            st = find_models(p, err);
        if (st == PD_OK)
            st = protect_plan_counted(&p->plan, p->arena, &columns, &count, err);
        if (st == PD_OK && p->quasi_count)
            st = protect_classes_new(columns, count, REWRITE_CLASSES_LIMIT, &p->classes, err);
    }
    return st == PD_OK && p->classes ? protect_classes_feed(p->classes, kept, err) : st;
}

/* ---- The second pass: writing ---- */

static enum pd_status on_output_header(void *context, const pd_str *names, size_t count,
                                       struct pd_error *err) {
    struct pass *p = context;
    struct inspect_options options = {.now = p->w->now, .site = p->w->g->site};
    pd_str *copy = pd_arena_array(p->arena, count + 1, sizeof(*copy));
    if (!copy)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        copy[i] = pd_arena_str(p->arena, names[i]);
    ((struct govern_reading *)(uintptr_t)p->w->after)->names = copy;
    return inspector_new(copy, count, &options, &p->inspector, err);
}

static enum pd_status on_output_rows(void *context, const struct table_batch *batch,
                                     struct pd_error *err) {
    struct pass *p = context;
    return inspector_feed(p->inspector, batch, err);
}

static enum pd_status on_bytes(void *context, const void *bytes, size_t n, struct pd_error *err) {
    struct pass *p = context;
    crypto_sha256_add(p->hash, bytes, n);
    enum pd_status st = table_feed(p->output, bytes, n, err);
    return st == PD_OK ? store_vault_write(p->vault, bytes, n, err) : st;
}

/* Rows between the last one written and this one are gone. */
static enum pd_status note_removed(struct pass *p, uint64_t until, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (; st == PD_OK && p->next < until; p->next++)
        st = erase_rows_add(&p->w->removed, p->next, err);
    return st;
}

static enum pd_status on_stays(void *context, const struct table_batch *batch, size_t row,
                               uint64_t place, struct pd_error *err) {
    (void)batch, (void)place;
    struct pass *p = context;
    enum pd_status st = note_removed(p, p->places[row], err);
    p->next = p->places[row] + 1;
    return st;
}

static enum pd_status write_rows(struct pass *p, const struct table_batch *kept,
                                 struct pd_error *err) {
    return protect_apply_feed(p->apply, kept, err);
}

static enum pd_status begin_writing(struct pass *p, const struct protect_plan *plan,
                                    struct pd_error *err) {
    struct table_sink sink = {.context = p, .write = on_bytes};
    struct table_handler output = {
        .context = p, .header = on_output_header, .batch = on_output_rows};
    p->hash = crypto_sha256_new();
    enum pd_status st = p->hash ? store_vault_create(p->w->g->store, p->w->new_key, &p->vault, err)
                                : pd_fail_memory(err);
    if (st == PD_OK)
        st = table_reader_new(NULL, &table_dialect_written, &output, &p->output, err);
    if (st == PD_OK)
        st = table_writer_new(NULL, &sink, &p->writer, err);
    if (st == PD_OK)
        st = protect_apply_new(plan, p->names, p->columns, p->classes, NULL, p->writer, &p->apply,
                               err);
    if (st == PD_OK)
        protect_apply_watch(p->apply, on_stays, p);
    return st;
}

static enum pd_status end_writing(struct pass *p, struct pd_error *err) {
    struct rewrite *w = p->w;
    struct protect_report report;
    struct govern_reading *after = (struct govern_reading *)(uintptr_t)w->after;
    enum pd_status st = protect_apply_finish(p->apply, &report, err);
    if (st == PD_OK)
        st = table_writer_finish(p->writer, err);
    if (st == PD_OK)
        st = table_finish(p->output, err);
    if (st == PD_OK)
        st = note_removed(p, p->rows, err);
    if (st == PD_OK)
        st = store_vault_keep(p->vault, &w->file, err);
    if (st == PD_OK)
        st = inspector_finish(p->inspector, p->arena, &after->inspection, err);
    if (st != PD_OK)
        return st;
    w->content = after->content = crypto_sha256_end(p->hash);
    after->dialect = table_dialect_written;
    w->rows_in = p->rows;
    w->for_k = report.suppressed;
    return PD_OK;
}

static void free_pass(struct pass *p) {
    protect_apply_free(p->apply);
    table_writer_free(p->writer);
    table_reader_free(p->output);
    store_writer_free(p->vault);
    crypto_sha256_free(p->hash);
    inspector_free(p->inspector);
    protect_classes_free(p->classes);
    clear_batch(p);
}

static enum pd_status measure_risk(const struct pass *p, const struct protect_plan *plan,
                                   struct govern_reading *after, struct pd_error *err) {
    after->quasi_columns = p->quasi_count;
    if (!p->classes || after->inspection->rows == 0)
        return PD_OK;
    after->has_risk = true;
    return protect_risk(p->classes, plan->k ? plan : NULL, 0, &after->risk, err);
}

enum pd_status rewrite_file(struct rewrite *w, struct pd_arena *arena, struct pd_error *err) {
    struct pass p = {.w = w, .arena = arena, .take = count_classes};
    struct govern_reading *after = pd_arena_alloc(arena, sizeof(*after));
    struct table_dialect dialect;
    if (!after)
        return pd_fail_memory(err);
    after->site = w->g->site;
    w->after = after;
    enum pd_status st = read_dialect(w->holding, arena, &dialect, err);
    if (st == PD_OK)
        st = run_pass(&p, &dialect, err);
    if (st == PD_OK)
        st = begin_writing(&p, &p.plan, err);
    p.take = write_rows;
    p.rows = 0;
    if (st == PD_OK)
        st = run_pass(&p, &dialect, err);
    if (st == PD_OK)
        st = end_writing(&p, err);
    if (st == PD_OK)
        st = measure_risk(&p, &p.plan, after, err);
    free_pass(&p);
    return st == PD_OK ? PD_OK : pd_wrap(err, "the stored file of %.*s", pd_arg(w->holding->id));
}
