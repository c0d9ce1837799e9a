/* Upgrades: the database is brought up to date, verified, and put back if that finds flaws. */
#include "govern/govern_impl.h"

#include <inttypes.h>

static const struct sql COUNT_ACTS = {.both = "SELECT COUNT(*) FROM act"};

static enum pd_status count_acts(struct store *store, uint64_t *out, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(store, COUNT_ACTS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has = false;
    st = store_next(rows, &has, err);
    *out = st == PD_OK && has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

/* By the handle at hand: no other one could be opened on what doesn't count yet. */
static const struct govern_verify_options ALONE = {.threads = 1};

enum pd_status govern_upgrade(const char *folder, const char *database, bool is_rehearsal,
                              bool accepts_flaws, const char *holder, const struct pd_clock *clock,
                              struct pd_arena *arena, const struct govern_upgraded **out,
                              struct pd_error *err) {
    struct govern_upgraded *done = pd_arena_alloc(arena, sizeof(*done));
    struct govern *g = NULL;
    if (!done)
        return pd_fail_memory(err);
    pd_time start = pd_clock_now(clock);
    enum pd_status st = govern_open_at(
        folder, database, is_rehearsal ? STORE_REHEARSE : STORE_UPGRADE, holder, clock, &g, err);
    if (st != PD_OK)
        return st;
    pd_time migrated = pd_clock_now(clock);
    done->from = store_schema_found(g->store);
    done->to = store_schema_newest();
    done->took_migrating = migrated - start;
    st = count_acts(g->store, &done->acts, err);
    if (st == PD_OK && done->from < done->to) {
        st = govern_verify(g, &ALONE, arena, &done->verified, err);
        done->took_verifying = pd_clock_now(clock) - migrated;
        /* What can't be verified isn't kept either. */
        bool is_bad = st != PD_OK || (done->verified->flaw_count > 0 && !accepts_flaws);
        if (is_bad && !is_rehearsal) {
            struct pd_error why = {0};
            enum pd_status undone = store_upgrade_undo(g->store, &why);
            if (undone != PD_OK)
                st = pd_fail(err, undone, "the upgrade has flaws, and could not be undone: %s",
                             why.text);
            done->is_undone = true;
        }
    }
    govern_close(g);
    if (st == PD_OK)
        *out = done;
    return st;
}

static enum pd_status check_no_acts_since(struct govern *g, struct store *before,
                                          struct pd_error *err) {
    uint64_t then = 0, now = 0;
    enum pd_status st = count_acts(before, &then, err);
    if (st == PD_OK)
        st = count_acts(g->store, &now, err);
    if (st == PD_OK && now != then)
        st = pd_fail(err, PD_CONFLICT,
                     "%" PRIu64 " acts were recorded since the upgrade and would be lost; the "
                     "database stays as it is. If the new program must not be used, restore them "
                     "with it elsewhere from a backup",
                     now - then);
    return st;
}

enum pd_status govern_upgrade_back(const char *folder, const char *database, const char *holder,
                                   const struct pd_clock *clock, int64_t *from, int64_t *to,
                                   struct pd_error *err) {
    struct govern *g = NULL;
    struct store *before = NULL;
    enum pd_status st = govern_open_at(folder, database, STORE_WRITE, holder, clock, &g, err);
    if (st != PD_OK)
        return st;
    st = store_open_before(folder, &before, err);
    if (st == PD_OK && store_schema_found(before) >= store_schema_found(g->store))
        st = pd_fail(err, PD_CONFLICT, "%s is not from before an upgrade: there is nothing to undo",
                     "upgrade/before.db");
    if (st == PD_OK)
        st = check_no_acts_since(g, before, err);
    if (st == PD_OK) {
        *from = store_schema_found(g->store);
        *to = store_schema_found(before);
    }
    store_close(before);
    if (st == PD_OK)
        st = store_upgrade_undo(g->store, err);
    govern_close(g);
    return st;
}
