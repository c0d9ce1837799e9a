/*
 * A standard, a table and a file of repairs, divided by NUL. Repairs that are proposed can be
 * carried out, all but those that are open, and leave no more failures of cells than there were; a
 * file of repairs from anybody is refused with a reason, or carried out, or conflicts.
 */
#include <stdlib.h>

#include "standard/standard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct standard_repairer *repairer;
    struct standard_mender *mender;
};

static enum pd_status propose_header(void *context, const pd_str *names, size_t count,
                                     struct pd_error *err) {
    struct run *r = context;
    return standard_repairer_header(r->repairer, names, count, err);
}
static enum pd_status propose_batch(void *context, const struct table_batch *batch,
                                    struct pd_error *err) {
    struct run *r = context;
    return standard_repairer_feed(r->repairer, batch, err);
}
static enum pd_status mend_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct run *r = context;
    return standard_mender_header(r->mender, names, count, err);
}
static enum pd_status mend_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct run *r = context;
    return standard_mender_feed(r->mender, batch, err);
}
static enum pd_status on_row(void *context, const pd_str *cells, size_t count,
                             struct pd_error *err) {
    (void)context, (void)err;
    for (size_t i = 0; i < count; i++)
        if (!pd_utf8_valid(cells[i], NULL))
            abort();
    return PD_OK;
}

/* Names are made unique, as whoever feeds a table does. */
struct unique {
    struct run *run;
    struct pd_arena *arena;
    enum pd_status (*header)(void *, const pd_str *, size_t, struct pd_error *);
    enum pd_status (*batch)(void *, const struct table_batch *, struct pd_error *);
};
static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct unique *u = context;
    pd_str *unique = pd_arena_array(u->arena, count, sizeof(*unique));
    enum pd_status st = unique ? table_names_unique(names, count, u->arena, unique, NULL, err)
                               : pd_fail_memory(err);
    return st == PD_OK ? u->header(u->run, unique, count, err) : st;
}
static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct unique *u = context;
    return u->batch(u->run, batch, err);
}

static enum pd_status read_table(struct unique *u, pd_str csv, struct pd_error *err) {
    struct table_handler handler = {u, on_header, on_batch, NULL};
    struct table_reader *reader = NULL;
    if (table_reader_new(NULL, &table_dialect_written, &handler, &reader, err) != PD_OK)
        abort();
    enum pd_status st = table_feed(reader, csv.data, csv.len, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    table_reader_free(reader);
    return st;
}

static enum pd_status carry_out(const struct standard *standard, struct pd_arena *arena,
                                const struct standard_repairs *repairs, pd_str csv,
                                uint64_t *done) {
    struct standard_options options = {.key_bytes = 1 << 16};
    struct run run = {0};
    struct unique mending = {&run, arena, mend_header, mend_batch};
    struct pd_error err = {0};
    if (standard_mender_new(standard, &options, repairs, on_row, NULL, &run.mender, &err) != PD_OK)
        abort();
    enum pd_status st = read_table(&mending, csv, &err);
    if (st == PD_OK)
        st = standard_mender_finish(run.mender, done, &err);
    if (st != PD_OK && err.text[0] == '\0')
        abort();
    standard_mender_free(run.mender);
    return st;
}

static void propose(const struct standard *standard, struct pd_arena *arena, pd_str csv) {
    struct standard_options options = {.key_bytes = 1 << 16};
    struct run run = {0};
    struct unique proposing = {&run, arena, propose_header, propose_batch};
    struct standard_repairs repairs;
    struct pd_error err = {0};
    uint64_t done = 0;
    size_t agreed = 0;
    if (standard_repairer_new(standard, &options, NULL, &run.repairer, &err) != PD_OK)
        abort();
    if (read_table(&proposing, csv, &err) == PD_OK &&
        standard_repairer_finish(run.repairer, &repairs, &err) == PD_OK) {
        struct standard_repair *list = pd_arena_array(arena, repairs.count + 1, sizeof(*list));
        if (list) {
            for (size_t i = 0; i < repairs.count; i++) {
                list[i] = repairs.list[i];
                list[i].is_agreed = list[i].confidence != STANDARD_OPEN;
                agreed += list[i].is_agreed;
            }
            repairs.list = list;
            if (carry_out(standard, arena, &repairs, csv, &done) != PD_OK || done != agreed)
                abort();
        }
    }
    standard_repairer_free(run.repairer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str rest = {(const char *)data, size}, parts[3] = {{"", 0}, {"", 0}, {"", 0}};
    for (size_t i = 0; i < 3 && pd_str_split(&rest, '\0', &parts[i]); i++)
        continue;
    const struct standard *standard = NULL;
    struct standard_repair_file file;
    struct pd_error err = {0};
    uint64_t done;
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    if (standard_parse(parts[0], arena, &standard, &err) == PD_OK) {
        propose(standard, arena, parts[1]);
        enum pd_status st = standard_repair_parse(parts[2], arena, &file, &err);
        if (st != PD_OK && err.text[0] == '\0')
            abort();
        if (st == PD_OK)
            (void)carry_out(standard, arena, &file.repairs, parts[1], &done);
    }
    pd_arena_free(arena);
    return 0;
}
