/* Tables held against standards: the standards that come with the program, checking, finding and
 * carrying out repairs. Reads sources; writes nothing that is governed. */
#include "govern/bundled.h"
#include "govern/govern_impl.h"

#include <string.h>

/* ---- The standards in the program ---- */

static pd_str name_of(const struct embedded_file *file) {
    pd_str path = pd_str_from(file->path);
    size_t slash = 0;
    for (size_t i = 0; i < path.len; i++)
        slash = path.data[i] == '/' ? i + 1 : slash;
    path = pd_str_sub(path, slash, path.len);
    return pd_str_sub(path, 0, path.len - strlen(".json"));
}

bool govern_standard_bundled(size_t n, pd_str *name, pd_str *text) {
    for (size_t i = 0; i <= n; i++)
        if (bundled_standards[i].path == NULL)
            return false;
    *name = name_of(&bundled_standards[n]);
    *text = (pd_str){(const char *)bundled_standards[n].data, bundled_standards[n].len};
    return true;
}

/* ---- Checking ---- */

struct table_of {
    struct pd_arena *arena;
    struct standard_checker *checker;
    struct standard_repairer *repairer;
    struct standard_mender *mender;
    struct standard_authority *authority;
    const struct govern_authority *believed;
    const uint64_t *seed;
    size_t resource;
    struct table_writer *writer;
};

/* Columns are named as everywhere in the program: a second equal name, and a blank one, get their
 * own. */
static enum pd_status unique_names(struct table_of *t, const pd_str *names, size_t count,
                                   pd_str **out, struct pd_error *err) {
    *out = pd_arena_array(t->arena, count, sizeof(**out));
    return *out ? table_names_unique(names, count, t->arena, *out, NULL, err) : pd_fail_memory(err);
}

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct table_of *t = context;
    pd_str *unique;
    enum pd_status st = unique_names(t, names, count, &unique, err);
    return st == PD_OK ? standard_checker_header(t->checker, unique, count, err) : st;
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct table_of *t = context;
    return standard_checker_feed(t->checker, batch, err);
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)err;
    struct table_of *t = context;
    if (record->why == TABLE_RAGGED)
        standard_checker_set_aside(t->checker, record->line, record->fields, record->columns);
    return PD_OK;
}

static enum pd_status on_other_header(void *context, const pd_str *names, size_t count,
                                      struct pd_error *err) {
    struct table_of *t = context;
    pd_str *unique;
    enum pd_status st = unique_names(t, names, count, &unique, err);
    return st == PD_OK ? standard_checker_refer_header(t->checker, t->resource, unique, count, err)
                       : st;
}

static enum pd_status on_other_batch(void *context, const struct table_batch *batch,
                                     struct pd_error *err) {
    struct table_of *t = context;
    return standard_checker_refer_feed(t->checker, t->resource, batch, err);
}

/* The tables that foreign keys refer to, the table itself among them, are read first. */
static enum pd_status read_references(const struct govern_check *check, struct source *source,
                                      struct table_of *t, struct pd_error *err) {
    struct table_handler handler = {t, on_other_header, on_other_batch, NULL};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < standard_resources(check->standard); i++) {
        pd_str name = standard_resource(check->standard, i);
        t->resource = i;
        if (name.len == 0)
            st = reading_table(source, check->form, &handler, check->progress, check->arena, NULL,
                               err);
        for (size_t r = 0; st == PD_OK && r < check->reference_count; r++)
            if (name.len > 0 && pd_str_eq(check->references[r].name, name))
                st = reading_table(check->references[r].source, NULL, &handler, check->progress,
                                   check->arena, NULL, err);
    }
    return st;
}

static struct standard_options options_of(const struct govern_check *check) {
    struct standard_options options = {.now = check->now, .with_values = check->with_values};
    crypto_random(options.seed, sizeof(options.seed));
    return options;
}

enum pd_status govern_check_run(const struct govern_check *check, struct source *source,
                                struct standard_checker **out,
                                const struct standard_report **report, struct pd_error *err) {
    struct standard_options options = options_of(check);
    struct table_of t = {.arena = check->arena};
    struct table_handler handler = {&t, on_header, on_batch, on_set_aside};
    enum pd_status st = standard_checker_new(check->standard, &options, &t.checker, err);
    if (st == PD_OK)
        st = read_references(check, source, &t, err);
    if (st == PD_OK)
        st = reading_table(source, check->form, &handler, check->progress, check->arena, NULL, err);
    if (st == PD_OK)
        st = standard_checker_finish(t.checker, report, err);
    if (st == PD_OK)
        *out = t.checker;
    else
        standard_checker_free(t.checker);
    return st;
}

/* ---- Finding repairs ---- */

static enum pd_status on_believed_header(void *context, const pd_str *names, size_t count,
                                         struct pd_error *err) {
    struct table_of *t = context;
    pd_str *unique;
    enum pd_status st = unique_names(t, names, count, &unique, err);
    return st == PD_OK ? standard_authority_new(unique, count, t->believed->key, t->believed->as,
                                                t->seed, &t->authority, err)
                       : st;
}

static enum pd_status on_believed_batch(void *context, const struct table_batch *batch,
                                        struct pd_error *err) {
    struct table_of *t = context;
    return standard_authority_feed(t->authority, batch, err);
}

static enum pd_status on_repairs_header(void *context, const pd_str *names, size_t count,
                                        struct pd_error *err) {
    struct table_of *t = context;
    pd_str *unique;
    enum pd_status st = unique_names(t, names, count, &unique, err);
    return st == PD_OK ? standard_repairer_header(t->repairer, unique, count, err) : st;
}

static enum pd_status on_repairs_batch(void *context, const struct table_batch *batch,
                                       struct pd_error *err) {
    struct table_of *t = context;
    return standard_repairer_feed(t->repairer, batch, err);
}

enum pd_status govern_repairs_find(const struct govern_check *check, struct source *source,
                                   const struct govern_authority *believed,
                                   struct govern_repairs *out, struct pd_error *err) {
    struct standard_options options = options_of(check);
    struct table_of t = {.arena = check->arena, .believed = believed, .seed = options.seed};
    struct table_handler other = {&t, on_believed_header, on_believed_batch, NULL};
    struct table_handler handler = {&t, on_repairs_header, on_repairs_batch, NULL};
    enum pd_status st = PD_OK;
    *out = (struct govern_repairs){0};
    if (believed)
        st =
            reading_table(believed->source, NULL, &other, check->progress, check->arena, NULL, err);
    if (st == PD_OK)
        st = standard_repairer_new(check->standard, &options, t.authority, &t.repairer, err);
    if (st == PD_OK)
        st = reading_table(source, check->form, &handler, check->progress, check->arena,
                           &out->content, err);
    if (st == PD_OK)
        st = standard_repairer_finish(t.repairer, &out->repairs, err);
    out->repairer = t.repairer;
    out->authority = t.authority;
    if (st != PD_OK)
        govern_repairs_clear(out);
    return st;
}

void govern_repairs_clear(struct govern_repairs *repairs) {
    standard_repairer_free(repairs->repairer);
    standard_authority_free(repairs->authority);
    *repairs = (struct govern_repairs){0};
}

/* ---- Carrying them out ---- */

static enum pd_status on_mended_row(void *context, const pd_str *cells, size_t count,
                                    struct pd_error *err) {
    struct table_of *t = context;
    return table_write_row(t->writer, cells, count, err);
}

static enum pd_status on_mending_header(void *context, const pd_str *names, size_t count,
                                        struct pd_error *err) {
    struct table_of *t = context;
    pd_str *unique;
    enum pd_status st = unique_names(t, names, count, &unique, err);
    return st == PD_OK ? standard_mender_header(t->mender, unique, count, err) : st;
}

static enum pd_status on_mending_batch(void *context, const struct table_batch *batch,
                                       struct pd_error *err) {
    struct table_of *t = context;
    return standard_mender_feed(t->mender, batch, err);
}

static enum pd_status to_maker(void *context, const void *bytes, size_t n, struct pd_error *err) {
    return source_maker_write(context, bytes, n, err);
}

enum pd_status govern_repairs_apply(const struct govern_check *check, struct source *source,
                                    const struct standard_repairs *repairs,
                                    const char *spool_folder, struct source **mended,
                                    uint64_t *done, crypto_hash *content, struct pd_error *err) {
    struct standard_options options = options_of(check);
    struct table_of t = {.arena = check->arena};
    struct table_handler handler = {&t, on_mending_header, on_mending_batch, NULL};
    struct source_maker *maker = NULL;
    enum pd_status st = source_maker_new(source, spool_folder, &maker, err);
    struct table_sink sink = {.context = maker, .write = to_maker};
    if (st == PD_OK)
        st = table_writer_new(NULL, &sink, &t.writer, err);
    if (st == PD_OK)
        st = standard_mender_new(check->standard, &options, repairs, on_mended_row, &t, &t.mender,
                                 err);
    if (st == PD_OK)
        st = reading_table(source, check->form, &handler, check->progress, check->arena, content,
                           err);
    if (st == PD_OK)
        st = standard_mender_finish(t.mender, done, err);
    if (st == PD_OK)
        st = table_writer_finish(t.writer, err);
    if (st == PD_OK)
        st = source_maker_end(maker, "repaired", mended, err);
    standard_mender_free(t.mender);
    table_writer_free(t.writer);
    source_maker_free(maker);
    return st;
}
