/* Tables of a line or two, repaired through the public header. */
#ifndef POLDER_REPAIR_FIXTURE_H
#define POLDER_REPAIR_FIXTURE_H

#include "standard_fixture.h"

struct repairing {
    struct pd_arena *arena;
    const struct standard *standard;
    struct standard_authority *authority;
    struct standard_repairer *repairer;
    struct standard_mender *mender;
    struct standard_repairs repairs;
    struct standard_repair *list; /* the same, to be agreed to */
    struct table_writer *writer;
    struct pd_buf out;
    const char *key;
    uint64_t done;
};

static const uint64_t no_seed[2] = {1, 2};

static enum pd_status take_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct repairing *r = context;
    return standard_repairer_header(r->repairer, names, count, err);
}
static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct repairing *r = context;
    return standard_repairer_feed(r->repairer, batch, err);
}
static enum pd_status believe_header(void *context, const pd_str *names, size_t count,
                                     struct pd_error *err) {
    struct repairing *r = context;
    return standard_authority_new(names, count, pd_str_from(r->key), pd_str_from(r->key), no_seed,
                                  &r->authority, err);
}
static enum pd_status believe_batch(void *context, const struct table_batch *batch,
                                    struct pd_error *err) {
    struct repairing *r = context;
    return standard_authority_feed(r->authority, batch, err);
}
static enum pd_status mend_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct repairing *r = context;
    return standard_mender_header(r->mender, names, count, err);
}
static enum pd_status mend_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct repairing *r = context;
    return standard_mender_feed(r->mender, batch, err);
}
static enum pd_status mended_row(void *context, const pd_str *cells, size_t count,
                                 struct pd_error *err) {
    struct repairing *r = context;
    return table_write_row(r->writer, cells, count, err);
}

static enum pd_status read_csv(struct table_handler handler, pd_str csv, struct pd_error *err) {
    struct table_dialect given = table_dialect_written;
    struct table_reader *reader = NULL;
    enum pd_status st = table_reader_new(NULL, &given, &handler, &reader, err);
    if (st == PD_OK)
        st = table_feed(reader, csv.data, csv.len, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    table_reader_free(reader);
    return st;
}

static struct standard_options options_now(void) {
    struct standard_options o = {.seed = {1, 2}};
    assert_true(pd_time_parse(PD_STR("2026-06-15T12:00:00Z"), &o.now));
    return o;
}

/* believed: an authoritative table with its key, or NULL. */
static inline struct repairing propose(const char *json, pd_str csv, const char *believed,
                                       const char *key) {
    struct repairing r = {.arena = pd_arena_new((size_t)64 << 20), .key = key};
    struct pd_error err = {0};
    struct standard_options options = options_now();
    pd_buf_init(&r.out, 0);
    if (standard_parse(pd_str_from(json), r.arena, &r.standard, &err) != PD_OK)
        fail_msg("%s", err.text);
    if (believed && read_csv((struct table_handler){&r, believe_header, believe_batch, NULL},
                             pd_str_from(believed), &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(standard_repairer_new(r.standard, &options, r.authority, &r.repairer, &err),
                     PD_OK);
    if (read_csv((struct table_handler){&r, take_header, take_batch, NULL}, csv, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(standard_repairer_finish(r.repairer, &r.repairs, &err), PD_OK);
    r.list = pd_arena_array(r.arena, r.repairs.count + 1, sizeof(*r.list));
    if (r.repairs.count > 0)
        memcpy(r.list, r.repairs.list, r.repairs.count * sizeof(*r.list));
    r.repairs.list = r.list;
    return r;
}

static inline void agree_all(struct repairing *r) {
    for (size_t i = 0; i < r->repairs.count; i++)
        r->list[i].is_agreed = r->list[i].confidence != STANDARD_OPEN;
}

/* The mended table as CSV stands in `out`. */
static inline enum pd_status apply(struct repairing *r, pd_str csv, struct pd_error *err) {
    struct table_sink sink = table_sink_buf(&r->out);
    struct standard_options options = options_now();
    pd_buf_reset(&r->out);
    assert_int_equal(table_writer_new(NULL, &sink, &r->writer, err), PD_OK);
    assert_int_equal(
        standard_mender_new(r->standard, &options, &r->repairs, mended_row, r, &r->mender, err),
        PD_OK);
    enum pd_status st =
        read_csv((struct table_handler){r, mend_header, mend_batch, NULL}, csv, err);
    if (st == PD_OK)
        st = standard_mender_finish(r->mender, &r->done, err);
    if (st == PD_OK)
        st = table_writer_finish(r->writer, err);
    standard_mender_free(r->mender);
    table_writer_free(r->writer);
    r->mender = NULL;
    r->writer = NULL;
    return st;
}

static inline void finish(struct repairing *r) {
    standard_repairer_free(r->repairer);
    standard_authority_free(r->authority);
    pd_buf_clear(&r->out);
    pd_arena_free(r->arena);
}

#endif
