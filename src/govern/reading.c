/* One reading of a source: its table, what inspection finds, and the risk over its quasi columns.
 */
#include "govern/person.h"

#include <stdio.h>
#include <string.h>

#define READING_CLASSES_LIMIT ((size_t)4 << 30)
#define READING_RISK_BYTES    ((size_t)96 << 20)

struct reading {
    pd_time now;
    const struct govern_progress *progress;
    const char *doing;
    struct pd_arena *arena;
    struct govern_reading *out;
    struct inspector *inspector;
    struct protect_classes *classes;
    struct inspect_deep *deep;
    struct table_reader *reader;
    struct pd_buf *sketch; /* NULL: not wanted */
    unsigned threads;
};

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct reading *r = context;
    pd_str *unique = pd_arena_array(r->arena, count, sizeof(*unique));
    if (!unique)
        return pd_fail_memory(err);
    enum pd_status st = table_names_unique(names, count, r->arena, unique, NULL, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) { /* unchanged names are the reader's */
        unique[i] = pd_arena_str(r->arena, unique[i]);
        if (!unique[i].data)
            st = pd_fail_memory(err);
    }
    struct inspect_options options = {.now = r->now, .site = r->out->site, .threads = r->threads};
    if (st == PD_OK)
        st = inspector_new(unique, count, &options, &r->inspector, err);
    r->out->names = unique;
    return st;
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct reading *r = context;
    return inspector_feed(r->inspector, batch, err);
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)err;
    struct reading *r = context;
    size_t n = r->out->set_aside_shown;
    if (n < GOVERN_SET_ASIDE_SHOWN) {
        r->out->set_aside[n] = (struct govern_set_aside){record->why, record->line, record->fields};
        r->out->set_aside_shown++;
    }
    if (record->why == TABLE_RAGGED)
        inspector_set_aside(r->inspector, 1);
    return PD_OK;
}

static enum pd_status on_class_batch(void *context, const struct table_batch *batch,
                                     struct pd_error *err) {
    return protect_classes_feed(context, batch, err);
}

static enum pd_status on_deep_batch(void *context, const struct table_batch *batch,
                                    struct pd_error *err) {
    struct reading *r = context;
    return inspect_deep_feed(r->deep, batch, err);
}

static enum pd_status feed(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct reading *r = context;
    return table_feed(r->reader, bytes, n, err);
}

static void tell(void *context, uint64_t done, uint64_t size) {
    struct reading *r = context;
    if (r->progress)
        r->progress->tell(r->progress->context, r->doing, done, size);
}

/* What the reader found, so that it can be given to another when this one is gone. */
static enum pd_status keep_dialect(struct reading *r, struct pd_error *err) {
    struct table_dialect *d = &r->out->dialect;
    *d = *table_reader_dialect(r->reader);
    if (!d->names)
        return PD_OK;
    pd_str *names = pd_arena_array(r->arena, d->name_count + 1, sizeof(*names));
    if (!names)
        return pd_fail_memory(err);
    for (size_t i = 0; i < d->name_count; i++) {
        names[i] = pd_arena_str(r->arena, d->names[i]);
        if (!names[i].data)
            return pd_fail_memory(err);
    }
    d->names = names;
    return PD_OK;
}

/* Runs the whole source through a table reader; *again: only its columns are known now. */
static enum pd_status run_once(struct reading *r, struct source *source,
                               const struct table_handler *handler,
                               const struct table_dialect *given, crypto_hash *content, bool *again,
                               struct pd_error *err) {
    enum pd_status st = table_reader_new(NULL, given, handler, &r->reader, err);
    if (st == PD_OK)
        st = source_each(source, feed, tell, r, content, err);
    if (st == PD_OK)
        st = table_finish(r->reader, err);
    if (st == PD_OK) {
        r->out->counts = table_reader_counts(r->reader);
        *again = table_reader_needs_again(r->reader);
        st = keep_dialect(r, err);
    }
    table_reader_free(r->reader);
    r->reader = NULL;
    return st;
}

/* Reads the whole source; errors name the file. */
static enum pd_status run(struct reading *r, struct source *source,
                          const struct table_handler *handler, const struct table_dialect *given,
                          crypto_hash *content, struct pd_error *err) {
    bool again = false;
    enum pd_status st = run_once(r, source, handler, given, content, &again, err);
    if (st != PD_OK || !again)
        return st;
    /* What only the first reading saw of it, it tells. */
    struct table_dialect found = r->out->dialect;
    crypto_hash first = *content;
    st = run_once(r, source, handler, &found, content, &again, err);
    if (st == PD_OK && memcmp(first.bytes, content->bytes, sizeof(first.bytes)) != 0)
        st = pd_fail(err, PD_CONFLICT, "changed while it was read; govern it again");
    r->out->dialect = found;
    return st;
}

enum pd_status reading_quasi(const struct inspection *inspection, struct pd_arena *arena,
                             size_t **columns, size_t *count, struct pd_error *err) {
    *columns = pd_arena_array(arena, inspection->column_count, sizeof(**columns));
    if (!*columns)
        return pd_fail_memory(err);
    *count = 0;
    for (size_t i = 0; i < inspection->column_count; i++)
        if (inspection->columns[i].role == INSPECT_QUASI)
            (*columns)[(*count)++] = i;
    return PD_OK;
}

enum pd_status reading_again(struct source *source, const struct govern_reading *reading,
                             const struct table_handler *handler, const char *doing,
                             const struct govern_progress *progress, struct pd_arena *arena,
                             struct pd_error *err) {
    struct govern_reading scratch = {0};
    struct reading r = {.progress = progress, .doing = doing, .arena = arena, .out = &scratch};
    crypto_hash content;
    enum pd_status st = run(&r, source, handler, &reading->dialect, &content, err);
    if (st == PD_OK && memcmp(content.bytes, reading->content.bytes, sizeof(content.bytes)) != 0)
        st = pd_fail(err, PD_CONFLICT, "changed while it was read; govern it again");
    return st;
}

/* The second reading, for a table with quasi columns: how many rows share each combination of them.
 */
enum pd_status reading_classes(struct source *source, const struct govern_reading *reading,
                               const struct govern_progress *progress, struct pd_arena *arena,
                               struct protect_classes **out, struct pd_error *err) {
    size_t *columns = NULL, count = 0;
    struct protect_classes *classes = NULL;
    enum pd_status st = reading_quasi(reading->inspection, arena, &columns, &count, err);
    if (st == PD_OK)
        st = protect_classes_new(columns, count, READING_CLASSES_LIMIT, &classes, err);
    struct table_handler handler = {.context = classes, .batch = on_class_batch};
    if (st == PD_OK)
        st = reading_again(source, reading, &handler, "counting classes", progress, arena, err);
    if (st == PD_OK)
        *out = classes;
    else
        protect_classes_free(classes);
    return st;
}

/* What is known of how the stream is written: what was said, and what the source itself knows. */
static enum pd_status settle_given(struct source *source, const struct govern_form *form,
                                   struct table_dialect *given, struct pd_error *err) {
    const struct table_dialect *known = source_dialect(source);
    enum pd_status st = govern_form_parse(form, given, err);
    if (st != PD_OK || !known)
        return st;
    if (given->encoding || given->separator || given->quote || given->form > TABLE_CSV)
        return pd_fail(err, PD_USAGE, "it is %s: of how it is written, only --header can be said",
                       source_describe(source)->words);
    struct table_dialect said = *given;
    *given = table_dialect_written;
    given->separator = known->separator;
    given->quote = known->quote;
    /* A database names its columns, as does Parquet; on a sheet titles and notes may stand around
       them. */
    static const char *const naming[] = {"sqlite", "postgresql", "odbc", "parquet"};
    given->is_exact = false;
    for (size_t i = 0; i < sizeof(naming) / sizeof(naming[0]); i++)
        given->is_exact = given->is_exact || strcmp(source_describe(source)->code, naming[i]) == 0;
    if (source_describe(source)->is_made) {
        given->is_exact = true;
        return said.header ? pd_fail(err, PD_USAGE,
                                     "of a table that Polder made itself, nothing "
                                     "can be said of how it is written")
                           : PD_OK;
    }
    if (!given->is_exact || said.header) {
        given->header = said.header;
        given->first_line = said.first_line;
    }
    return PD_OK;
}

/* How rows and columns go together, in one reading more. */
static enum pd_status read_deep(struct source *source, const struct reading *first,
                                struct pd_error *err) {
    struct govern_reading scratch = {0}, *out = first->out;
    struct reading r = {.progress = first->progress,
                        .doing = "comparing rows and columns",
                        .arena = first->arena,
                        .out = &scratch};
    struct table_handler handler = {.context = &r, .batch = on_deep_batch};
    crypto_hash content;
    enum pd_status st = inspect_deep_new(out->inspection, 0, &r.deep, err);
    if (st == PD_OK)
        st = run(&r, source, &handler, &out->dialect, &content, err);
    if (st == PD_OK && memcmp(content.bytes, out->content.bytes, sizeof(content.bytes)) != 0)
        st = pd_fail(err, PD_CONFLICT, "changed while it was read; inspect it again");
    if (st == PD_OK)
        st = inspect_deep_finish(r.deep, r.arena, &out->relations, err);
    inspect_deep_free(r.deep);
    return st;
}

/* ---- How exposed rows are: combinations of quasi columns, by shares if they are very many ---- */

struct counting {
    struct protect_classes *classes;
    uint64_t rows; /* seen */
};

static enum pd_status on_risk_batch(void *context, const struct table_batch *batch,
                                    struct pd_error *err) {
    struct counting *counting = context;
    counting->rows += batch->rows;
    return protect_classes_feed(counting->classes, batch, err);
}

/* *rows: how many were seen, all or until there was no room for more. */
static enum pd_status add_share(struct source *source, struct reading *r, const size_t *columns,
                                size_t count, size_t bytes, const struct protect_share *share,
                                uint64_t *rows, struct pd_error *err) {
    struct counting counting = {0};
    struct protect_risk risk;
    enum pd_status st = protect_classes_new(columns, count, bytes, &counting.classes, err);
    if (st != PD_OK)
        return st;
    protect_classes_share(counting.classes, share);
    struct table_handler handler = {.context = &counting, .batch = on_risk_batch};
    st = reading_again(source, r->out, &handler, "counting classes", r->progress, r->arena, err);
    if (st == PD_OK)
        st = protect_risk(counting.classes, NULL, 0, &risk, err);
    if (st == PD_OK)
        protect_risk_add(&r->out->risk, &risk);
    *rows = counting.rows;
    protect_classes_free(counting.classes);
    return st;
}

static enum pd_status read_risk(struct source *source, struct reading *r, size_t bytes,
                                struct pd_error *err) {
    enum { SHARES_MOST = 1000 };
    struct protect_share share = {.count = 1};
    size_t *columns = NULL, count = 0;
    crypto_random(share.key, sizeof(share.key));
    enum pd_status st = reading_quasi(r->out->inspection, r->arena, &columns, &count, err);
    while (st == PD_OK) {
        uint64_t rows = 0;
        r->out->risk = (struct protect_risk){0};
        for (share.n = 0; st == PD_OK && share.n < share.count; share.n++)
            st = add_share(source, r, columns, count, bytes, &share, &rows, err);
        if (st != PD_LIMIT || rows == 0 || share.count == SHARES_MOST)
            break;
        /* As many as would have done if the rest is like what there was room for, and some more. */
        double wanted = 1 + 1.25 * share.count * (double)r->out->inspection->rows / (double)rows;
        share.count = wanted < SHARES_MOST ? (uint32_t)wanted : SHARES_MOST;
        st = PD_OK;
    }
    return st;
}

static enum pd_status read_all(struct source *source, const struct govern_form *form,
                               struct reading *r, struct pd_error *err) {
    struct table_dialect given;
    struct table_handler handler = {
        .context = r, .header = on_header, .batch = on_batch, .set_aside = on_set_aside};
    enum pd_status st = settle_given(source, form, &given, err);
    if (st == PD_OK)
        st = run(r, source, &handler, &given, &r->out->content, err);
    const struct source_about *about = source_describe(source);
    if (st == PD_OK && about->is_canonical) /* the reader knows only that it was told */
        snprintf(r->out->dialect.evidence, sizeof(r->out->dialect.evidence), "made %s %s",
                 about->is_made ? "by repairs of" : "from the cells of", about->words);
    if (st == PD_OK)
        st = inspector_finish(r->inspector, r->arena, &r->out->inspection, err);
    if (st == PD_OK && r->sketch)
        st = inspector_save(r->inspector, r->sketch, err);
    if (st == PD_OK)
        r->out->quasi_columns = r->out->inspection->facts.quasi_columns;
    if (st == PD_OK && form && form->is_deep)
        st = read_deep(source, r, err);
    if (st != PD_OK || r->out->quasi_columns == 0 || r->out->inspection->rows == 0)
        return st;
    r->out->has_risk = true;
    bool is_bounded = form && form->risk_bytes > 0;
    return read_risk(source, r, is_bounded ? form->risk_bytes : READING_RISK_BYTES, err);
}

static enum pd_status read_table(struct source *source, const struct govern_form *form,
                                 const struct table_handler *handler,
                                 const struct govern_progress *progress, struct pd_arena *arena,
                                 struct govern_reading *out, struct pd_error *err) {
    struct reading r = {.progress = progress, .doing = "checking", .arena = arena, .out = out};
    struct table_dialect given;
    enum pd_status st = settle_given(source, form, &given, err);
    if (st == PD_OK)
        st = run(&r, source, handler, &given, &out->content, err);
    if (st != PD_OK) {
        pd_str name = source_name(source);
        return pd_wrap(err, "%.*s", pd_arg(name));
    }
    return PD_OK;
}

enum pd_status reading_table(struct source *source, const struct govern_form *form,
                             const struct table_handler *handler,
                             const struct govern_progress *progress, struct pd_arena *arena,
                             crypto_hash *content, struct pd_error *err) {
    struct govern_reading scratch = {0};
    enum pd_status st = read_table(source, form, handler, progress, arena, &scratch, err);
    if (st == PD_OK && content)
        *content = scratch.content;
    return st;
}

enum pd_status govern_read_table(struct source *source, const struct govern_form *form,
                                 const struct table_handler *handler,
                                 const struct govern_progress *progress, struct pd_arena *arena,
                                 struct table_counts *counts, struct pd_error *err) {
    struct govern_reading scratch = {0};
    enum pd_status st = read_table(source, form, handler, progress, arena, &scratch, err);
    if (st == PD_OK && counts)
        *counts = scratch.counts;
    return st;
}

void govern_use_detectors(struct govern *g, const struct detect_site *site) {
    g->site = site;
}

enum pd_status govern_read(struct source *source, const struct govern_form *form,
                           const struct detect_site *site, pd_time now,
                           const struct govern_progress *progress, struct pd_arena *arena,
                           struct pd_buf *sketch, const struct govern_reading **out,
                           struct pd_error *err) {
    struct govern_reading *reading = pd_arena_alloc(arena, sizeof(*reading));
    if (!reading)
        return pd_fail_memory(err);
    reading->site = site;
    struct reading r = {.now = now,
                        .progress = progress,
                        .doing = "inspecting",
                        .arena = arena,
                        .out = reading,
                        .sketch = sketch,
                        .threads = form ? form->threads : 1};
    enum pd_status st = read_all(source, form, &r, err);
    inspector_free(r.inspector);
    if (st != PD_OK)
        return pd_wrap(err, "%.*s", pd_arg(source_name(source)));
    *out = reading;
    return PD_OK;
}

enum pd_status govern_read_merged(const struct inspector *inspector, size_t parts,
                                  struct pd_arena *arena, const struct govern_reading **out,
                                  struct pd_error *err) {
    struct govern_reading *reading = pd_arena_alloc(arena, sizeof(*reading));
    size_t count = inspector_columns(inspector);
    pd_str *names = pd_arena_array(arena, count, sizeof(*names));
    if (!reading || !names)
        return pd_fail_memory(err);
    enum pd_status st = inspector_finish(inspector, arena, &reading->inspection, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < count; i++)
        names[i] = reading->inspection->columns[i].name;
    reading->names = names; /* unique: they were, in each part */
    reading->merged = parts;
    reading->counts.set_aside = reading->inspection->set_aside;
    reading->quasi_columns = reading->inspection->facts.quasi_columns;
    snprintf(reading->dialect.evidence, sizeof(reading->dialect.evidence),
             "merged from %zu sketch%s; the table itself was not read", parts,
             parts == 1 ? "" : "es");
    *out = reading;
    return PD_OK;
}

/* ---- Reading what a plan made of it ---- */

struct output {
    struct protect_apply *apply;
    struct table_writer *writer;
    const struct table_sink *sink; /* further use of the bytes, or NULL */
    struct table_reader *reader;   /* inspects what is written, as a stranger would read it */
    struct crypto_sha256_state *hash;
    struct table_reader *input;
    const struct govern_progress *progress;
};

static enum pd_status on_written(void *context, const void *bytes, size_t n, struct pd_error *err) {
    struct output *o = context;
    crypto_sha256_add(o->hash, bytes, n);
    enum pd_status st = o->reader ? table_feed(o->reader, bytes, n, err) : PD_OK;
    if (st == PD_OK && o->sink)
        st = o->sink->write(o->sink->context, bytes, n, err);
    return st;
}

static enum pd_status on_input(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct output *o = context;
    return protect_apply_feed(o->apply, batch, err);
}

static enum pd_status feed_input(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct output *o = context;
    return table_feed(o->input, bytes, n, err);
}

static void tell_output(void *context, uint64_t done, uint64_t size) {
    struct output *o = context;
    if (o->progress)
        o->progress->tell(o->progress->context, "applying the plan", done, size);
}

static enum pd_status on_stays(void *context, const struct table_batch *batch, size_t row,
                               uint64_t place, struct pd_error *err) {
    return person_index_row(context, batch, row, place, err);
}

static enum pd_status push(struct output *o, struct source *source, const struct reading_plan *p,
                           struct protect_report *report, struct pd_error *err) {
    struct table_sink sink = {.context = o, .write = on_written};
    struct table_handler input = {.context = o, .batch = on_input};
    enum pd_status st = table_writer_new(NULL, &sink, &o->writer, err);
    if (st == PD_OK)
        st = protect_apply_new(p->plan, p->before->names, p->before->inspection->column_count,
                               p->classes, p->key, o->writer, &o->apply, err);
    if (st == PD_OK && p->persons)
        protect_apply_watch(o->apply, on_stays, p->persons);
    if (st == PD_OK)
        st = table_reader_new(NULL, &p->before->dialect, &input, &o->input, err);
    crypto_hash content;
    if (st == PD_OK)
        st = source_each(source, feed_input, tell_output, o, &content, err);
    if (st == PD_OK && memcmp(content.bytes, p->before->content.bytes, sizeof(content.bytes)) != 0)
        st = pd_fail(err, PD_CONFLICT, "changed while it was read; govern it again");
    if (st == PD_OK)
        st = table_finish(o->input, err);
    if (st == PD_OK)
        st = protect_apply_finish(o->apply, report, err);
    return st == PD_OK ? table_writer_finish(o->writer, err) : st;
}

enum pd_status reading_apply(struct source *source, const struct reading_plan *plan,
                             const struct table_sink *sink, pd_time now,
                             const struct govern_progress *progress, struct pd_arena *arena,
                             struct govern_reading **after, struct protect_report *report,
                             crypto_hash *content, struct pd_error *err) {
    struct govern_reading *reading = pd_arena_alloc(arena, sizeof(*reading));
    struct reading r = {.now = now, .arena = arena, .out = reading};
    struct table_handler handler = {
        .context = &r, .header = on_header, .batch = on_batch, .set_aside = on_set_aside};
    struct output o = {.sink = sink, .progress = progress, .hash = crypto_sha256_new()};
    enum pd_status st = reading && o.hash ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        reading->site = plan->before->site;
    if (st == PD_OK && after)
        st = table_reader_new(NULL, &table_dialect_written, &handler, &o.reader, err);
    if (st == PD_OK)
        st = push(&o, source, plan, report, err);
    if (st == PD_OK && after)
        st = table_finish(o.reader, err);
    if (st == PD_OK && after) {
        reading->counts = table_reader_counts(o.reader);
        reading->dialect = *table_reader_dialect(o.reader);
        st = inspector_finish(r.inspector, arena, &reading->inspection, err);
    }
    if (st == PD_OK)
        reading->content = crypto_sha256_end(o.hash);
    protect_apply_free(o.apply);
    table_writer_free(o.writer);
    table_reader_free(o.input);
    table_reader_free(o.reader);
    crypto_sha256_free(o.hash);
    inspector_free(r.inspector);
    if (st != PD_OK)
        return pd_wrap(err, "%.*s", pd_arg(source_name(source)));
    *content = reading->content;
    if (after)
        *after = reading;
    return PD_OK;
}

/* ---- The risk that an output still carries ---- */

static enum pd_status feed_output(void *context, const void *bytes, size_t n,
                                  struct pd_error *err) {
    struct reading *r = context;
    return table_feed(r->reader, bytes, n, err);
}

enum pd_status reading_output(struct source *source, const struct reading_plan *plan,
                              const struct govern_reading *after,
                              const struct table_handler *handler,
                              const struct govern_progress *progress, struct pd_arena *arena,
                              struct pd_error *err) {
    struct reading r = {0};
    struct table_sink sink = {.context = &r, .write = feed_output};
    struct protect_report report;
    crypto_hash content;
    enum pd_status st = table_reader_new(NULL, &after->dialect, handler, &r.reader, err);
    if (st == PD_OK)
        st = reading_apply(source, plan, &sink, 0, progress, arena, NULL, &report, &content, err);
    if (st == PD_OK)
        st = table_finish(r.reader, err);
    table_reader_free(r.reader);
    return st;
}

/*
 * The columns of a role in the output: those that inspection finds there, and those that had it in
 * the source and stay. "2020-2024" is no date of birth to a detector, and narrows down a person all
 * the same.
 */
enum pd_status reading_output_columns(const struct reading_plan *plan,
                                      const struct inspection *after, enum inspect_role role,
                                      struct pd_arena *arena, size_t **columns, size_t *count,
                                      struct pd_error *err) {
    const struct inspection *before = plan->before->inspection;
    size_t *list = pd_arena_array(arena, after->column_count, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    size_t n = 0, at = 0;
    for (size_t i = 0; i < before->column_count && at < after->column_count; i++) {
        if (!protect_plan_keeps(plan->plan, i))
            continue;
        if (before->columns[i].role == role || after->columns[at].role == role)
            list[n++] = at;
        at++;
    }
    *columns = list;
    *count = n;
    return PD_OK;
}

enum pd_status reading_output_risk(struct source *source, const struct reading_plan *plan,
                                   const struct govern_progress *progress, struct pd_arena *arena,
                                   struct govern_reading *after, struct pd_error *err) {
    size_t *columns = NULL, count = 0;
    enum pd_status st = reading_output_columns(plan, after->inspection, INSPECT_QUASI, arena,
                                               &columns, &count, err);
    after->quasi_columns = count;
    if (st != PD_OK || count == 0 || after->inspection->rows == 0)
        return st;
    struct protect_classes *classes = NULL;
    st = protect_classes_new(columns, count, READING_CLASSES_LIMIT, &classes, err);
    struct table_handler handler = {.context = classes, .batch = on_class_batch};
    if (st == PD_OK && plan->plan->aggregate.len > 0)
        protect_classes_weigh(classes, after->inspection->column_count - 1);
    if (st == PD_OK)
        st = reading_output(source, plan, after, &handler, progress, arena, err);
    if (st == PD_OK)
        st = protect_risk(classes, NULL, 0, &after->risk, err);
    if (st == PD_OK)
        after->has_risk = true;
    protect_classes_free(classes);
    return st;
}
