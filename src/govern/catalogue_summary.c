/* The node in numbers: each is counted in an index or in a table of few rows. */
#include "govern/catalogue_impl.h"

#define COUNT(from) "(SELECT COUNT(*) FROM " from ")"
#define SIZES(kind) "(SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM log WHERE kind = '" kind "')"
/* Of both, so that the index of states serves. */
#define CLOCKS(condition) COUNT("catalogue_clock WHERE is_public IN (0, 1) AND " condition)

static const struct sql SUMMARY = {
    .both = "SELECT n.origin, n.jurisdiction, n.created_at, " SIZES("public") ", " SIZES("restricted") ", "
            "(SELECT CAST(COALESCE(SUM(" LEAF_PENDING("g.name", "g.size") "), 0) AS BIGINT) FROM log g)" ", "
            COUNT("catalogue_seen WHERE viewer = '" CATALOGUE_ALL "'") ", "
            COUNT("catalogue_seen WHERE viewer = '" CATALOGUE_PUBLIC "'") ", "
            COUNT("party") ", "
            COUNT("member m WHERE NOT EXISTS (SELECT 1 FROM member_end e WHERE e.id = m.id)") ", "
            CLOCKS("state = 'met'") " + " CLOCKS("state = 'keep' AND due_at <= $1") ", "
            CLOCKS("state = 'late'") ", " CLOCKS("state = 'running' AND due_at <= $1") ", "
            CLOCKS("state = 'running' AND due_at > $1") " + " CLOCKS("state = 'keep' AND due_at > $1") ", "
            COUNT("intent WHERE state = 'open'") ", "
            "(SELECT made_at FROM act ORDER BY id DESC LIMIT 1), "
            "(SELECT a.made_at FROM log g JOIN leaf l ON l.log = g.name AND l.leaf_index = g.size - 1"
            " JOIN act a ON a.id = l.act_id WHERE g.name = 'public')"
            " FROM node n"};

static enum pd_status take_summary(void *context, struct catalogue_row *row, bool *done,
                                   struct pd_error *err) {
    (void)err;
    const struct store_rows *r = row->rows;
    *(struct catalogue_summary *)context =
        (struct catalogue_summary){.origin = catalogue_text(row, 0),
                                   .jurisdiction = catalogue_text(row, 1),
                                   .founded_at = store_i64(r, 2),
                                   .acts = (uint64_t)(store_i64(r, 3) + store_i64(r, 4)),
                                   .public_leaves = (uint64_t)store_i64(r, 3),
                                   .restricted_leaves = (uint64_t)store_i64(r, 4),
                                   .pending = (uint64_t)store_i64(r, 5),
                                   .datasets = (uint64_t)store_i64(r, 6),
                                   .open_datasets = (uint64_t)store_i64(r, 7),
                                   .parties = (uint64_t)store_i64(r, 8),
                                   .members = (uint64_t)store_i64(r, 9),
                                   .duties_met = (uint64_t)store_i64(r, 10),
                                   .duties_late = (uint64_t)store_i64(r, 11),
                                   .duties_overdue = (uint64_t)store_i64(r, 12),
                                   .duties_running = (uint64_t)store_i64(r, 13),
                                   .open_intents = (uint64_t)store_i64(r, 14),
                                   .newest_act_at = store_i64(r, 15),
                                   .has_checkpoint = !store_is_null(r, 16),
                                   .checkpoint_at = store_i64(r, 16)};
    *done = true;
    return PD_OK;
}

enum pd_status catalogue_summary(struct govern *g, struct pd_arena *arena,
                                 struct catalogue_summary *out, struct pd_error *err) {
    struct store_value values[] = {STORE_I64(pd_clock_now(&g->clock))};
    struct catalogue_summary found = {0};
    enum pd_status st = catalogue_each(g, SUMMARY, values, 1, arena, take_summary, &found, err);
    if (st == PD_OK && !found.founded_at)
        st = pd_fail(err, PD_INTERNAL, "the node has no row");
    if (st == PD_OK)
        *out = found;
    return st;
}
