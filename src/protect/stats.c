/* Statistics with differential privacy: rows are bounded per person and added up. */
#include "protect/stats_impl.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT ((size_t)1 << 30)
#define ARENA_LIMIT   ((size_t)256 << 20)

enum pd_status stats_fail_limit(const struct protect_stats *stats, struct pd_error *err) {
    return pd_fail(err, PD_LIMIT,
                   "the groups and persons need more than the %zu bytes allowed: group by less, or "
                   "raise the limit",
                   stats->budget.limit);
}

/* ---- Groups ---- */

enum pd_status stats_reserve(struct protect_stats *stats, struct pd_error *err) {
    if (stats->groups.count <= stats->tally_capacity)
        return PD_OK;
    size_t wanted = stats->tally_capacity ? 2 * stats->tally_capacity : 64, old, size;
    if (wanted < stats->groups.count)
        wanted = stats->groups.count;
    if (!pd_mul(wanted, stats->part_count * sizeof(*stats->tallies), &size))
        return stats_fail_limit(stats, err);
    old = stats->tally_capacity * stats->part_count * sizeof(*stats->tallies);
    void *moved = protect_budget_resize(&stats->budget, stats->tallies, old, size);
    if (!moved)
        return stats_fail_limit(stats, err);
    stats->tallies = moved;
    memset((char *)moved + old, 0, size - old);
    stats->tally_capacity = wanted;
    return PD_OK;
}

/* The number of a stated or found group, by the texts of its keys. */
static bool add_group(struct protect_stats *stats, const pd_str *keys, uint32_t *out) {
    for (size_t i = 0; i < stats->ask.group_count; i++)
        if (!protect_values_add(&stats->keys[i], &stats->budget, stats->seed, keys[i], 0,
                                &stats->row[i]))
            return false;
    return protect_tuples_add(&stats->groups, &stats->budget, stats->seed, stats->row, 0, out);
}

static enum pd_status state_group(struct protect_stats *stats, const pd_str *keys,
                                  struct pd_error *err) {
    uint32_t id, before = stats->groups.count;
    if (!add_group(stats, keys, &id))
        return stats_fail_limit(stats, err);
    if (stats->groups.count == before)
        return pd_fail(err, PD_USAGE, "the group \"%.*s\" is stated twice", pd_arg(keys[0]));
    return PD_OK;
}

/* Groups of bands alone are all combinations of them. */
static enum pd_status state_bands(struct protect_stats *stats, struct pd_error *err) {
    size_t columns = stats->ask.group_count, all = 1;
    for (size_t i = 0; i < columns; i++)
        if (!pd_mul(all, (size_t)stats->bands[i], &all) || all > PROTECT_STATED_GROUPS_MAX)
            return pd_fail(err, PD_USAGE, "the bands make more than %d groups",
                           PROTECT_STATED_GROUPS_MAX);
    enum pd_status st = PD_OK;
    for (size_t n = 0; st == PD_OK && n < all; n++) {
        pd_str keys[PROTECT_GROUP_COLUMNS_MAX];
        size_t starts[PROTECT_GROUP_COLUMNS_MAX + 1], rest = n;
        uint64_t band[PROTECT_GROUP_COLUMNS_MAX];
        for (size_t i = columns; i-- > 0; rest /= (size_t)stats->bands[i])
            band[i] = rest % stats->bands[i];
        pd_buf_reset(&stats->text);
        for (size_t i = 0; i < columns; i++) {
            starts[i] = stats->text.len;
            stats_band_write(&stats->ask.groups[i], stats->bands[i], band[i], &stats->text);
        }
        starts[columns] = stats->text.len;
        if ((st = pd_buf_check(&stats->text, err)) != PD_OK)
            return st;
        for (size_t i = 0; i < columns; i++)
            keys[i] = pd_str_sub(pd_buf_view(&stats->text), starts[i], starts[i + 1] - starts[i]);
        st = state_group(stats, keys, err);
    }
    stats->ask.stated_count = st == PD_OK ? all : 0;
    return st;
}

static enum pd_status state_groups(struct protect_stats *stats, struct pd_error *err) {
    const struct protect_stats_ask *ask = &stats->ask;
    enum pd_status st = PD_OK;
    if (ask->group_count == 0) { /* one group, of all rows */
        uint32_t id;
        if (!add_group(stats, NULL, &id))
            return stats_fail_limit(stats, err);
    }
    for (size_t i = 0; st == PD_OK && i < ask->stated_count; i++)
        st = state_group(stats, &ask->stated[i * ask->group_count], err);
    bool all_banded = ask->group_count > 0 && ask->stated_count == 0;
    for (size_t i = 0; i < ask->group_count; i++)
        all_banded = all_banded && ask->groups[i].is_banded;
    if (st == PD_OK && all_banded)
        st = state_bands(stats, err);
    return st == PD_OK ? stats_reserve(stats, err) : st;
}

/* ---- New and free ---- */

static bool copy_ask(struct protect_stats *stats, const struct protect_stats_ask *ask) {
    struct protect_group_column *groups =
        pd_arena_array(stats->arena, ask->group_count + 1, sizeof(*groups));
    struct protect_measure *measures =
        pd_arena_array(stats->arena, ask->measure_count + 1, sizeof(*measures));
    size_t texts;
    if (!groups || !measures || !pd_mul(ask->stated_count, ask->group_count, &texts))
        return false;
    pd_str *stated = pd_arena_array(stats->arena, texts + 1, sizeof(*stated));
    if (!stated)
        return false;
    if (ask->group_count)
        memcpy(groups, ask->groups, ask->group_count * sizeof(*groups));
    if (ask->measure_count)
        memcpy(measures, ask->measures, ask->measure_count * sizeof(*measures));
    for (size_t i = 0; i < texts; i++)
        if (!(stated[i] = pd_arena_str(stats->arena, ask->stated[i])).data)
            return false;
    stats->ask = *ask;
    stats->ask.groups = groups;
    stats->ask.measures = measures;
    stats->ask.stated = stated;
    return true;
}

static enum pd_status begin(struct protect_stats *stats, const struct protect_stats_ask *ask,
                            const pd_str *names, struct pd_error *err) {
    if (ask->group_count > PROTECT_GROUP_COLUMNS_MAX || ask->measure_count > PROTECT_MEASURES_MAX ||
        ask->stated_count > PROTECT_STATED_GROUPS_MAX)
        return pd_fail(err, PD_USAGE, "at most %d columns, %d statistics and %d groups can be",
                       PROTECT_GROUP_COLUMNS_MAX, PROTECT_MEASURES_MAX, PROTECT_STATED_GROUPS_MAX);
    stats->arena = pd_arena_new(ARENA_LIMIT);
    if (!stats->arena || !copy_ask(stats, ask))
        return pd_fail_memory(err);
    stats->budget.limit = ask->limit_bytes ? ask->limit_bytes : DEFAULT_LIMIT;
    crypto_random(&stats->seed, sizeof(stats->seed));
    pd_buf_init(&stats->text, 0);
    stats->groups.width = ask->group_count ? ask->group_count : 1;
    stats->pairs.width = 2;
    stats->members.width = 1;
    stats->keys = pd_arena_array(stats->arena, stats->groups.width, sizeof(*stats->keys));
    stats->row = pd_arena_array(stats->arena, stats->groups.width, sizeof(*stats->row));
    if (!stats->keys || !stats->row)
        return pd_fail_memory(err);
    bool all_banded = ask->group_count > 0 && ask->stated_count == 0;
    for (size_t i = 0; i < ask->group_count; i++)
        all_banded = all_banded && ask->groups[i].is_banded;
    stats->ask.stated_count = all_banded ? 1 : ask->stated_count; /* until they are */
    enum pd_status st = stats_check(stats, names, err);
    stats->ask.stated_count = ask->stated_count;
    return st == PD_OK ? state_groups(stats, err) : st;
}

enum pd_status protect_stats_new(const struct protect_stats_ask *ask, const pd_str *names,
                                 size_t columns, struct protect_stats **out, struct pd_error *err) {
    struct protect_stats *stats = calloc(1, sizeof(*stats));
    if (!stats)
        return pd_fail_memory(err);
    stats->columns = columns;
    enum pd_status st = begin(stats, ask, names, err);
    if (st != PD_OK)
        protect_stats_free(stats);
    else
        *out = stats;
    return st;
}

void protect_stats_free(struct protect_stats *stats) {
    if (!stats)
        return;
    for (size_t i = 0; i < stats->tally_capacity * stats->part_count; i++)
        free(stats->tallies[i].below);
    free(stats->tallies);
    protect_values_clear(&stats->persons);
    for (size_t i = 0; stats->keys && i < stats->groups.width; i++)
        protect_values_clear(&stats->keys[i]);
    protect_tuples_clear(&stats->groups);
    protect_tuples_clear(&stats->pairs);
    protect_tuples_clear(&stats->members);
    pd_buf_clear(&stats->text);
    pd_arena_free(stats->arena);
    free(stats);
}

/* ---- Rows ---- */

static int64_t held_within(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

/* The text by which a cell of a group column is compared; false: it is of no band. */
static bool key_text(struct protect_stats *stats, size_t i, pd_str cell, pd_str *out) {
    const struct protect_group_column *g = &stats->ask.groups[i];
    int64_t value;
    if (!g->is_banded) {
        *out = cell;
        return true;
    }
    if (!protect_number_read(cell, g->decimals, &value))
        return false;
    uint64_t band = (uint64_t)((held_within(value, g->low, g->high) - g->low) / g->width);
    if (band >= stats->bands[i])
        band = stats->bands[i] - 1;
    pd_buf_reset(&stats->text);
    stats_band_write(g, stats->bands[i], band, &stats->text);
    *out = pd_buf_view(&stats->text);
    return true;
}

/* The group of a row. False: of none that is stated, or memory is used up (`*is_full`). */
static bool find_group(struct protect_stats *stats, const struct table_batch *batch, size_t row,
                       uint32_t *out, bool *is_full) {
    bool is_stated = stats->ask.stated_count > 0 || stats->ask.group_count == 0;
    for (size_t i = 0; i < stats->ask.group_count; i++) {
        pd_str text;
        if (!key_text(stats, i, table_cell_text(batch, stats->ask.groups[i].column, row), &text))
            return false;
        if (is_stated) {
            if (!protect_values_find(&stats->keys[i], stats->seed, text, &stats->row[i]))
                return false;
        } else if (!protect_values_add(&stats->keys[i], &stats->budget, stats->seed, text, 0,
                                       &stats->row[i])) {
            *is_full = true;
            return false;
        }
    }
    if (is_stated)
        return protect_tuples_find(&stats->groups, stats->seed, stats->row, out);
    *is_full = !protect_tuples_add(&stats->groups, &stats->budget, stats->seed, stats->row, 0, out);
    return !*is_full;
}

/* Whether the row counts: one of the person's first rows in one of the person's first groups. */
static bool is_within_bounds(struct protect_stats *stats, pd_str person, uint32_t group,
                             bool *is_full) {
    const struct protect_stats_ask *ask = &stats->ask;
    uint32_t who, pair[2], found, member;
    if (!ask->has_person)
        return true;
    *is_full = true;
    if (!protect_values_add(&stats->persons, &stats->budget, stats->seed, person, 1, &who) ||
        !protect_tuples_add(&stats->members, &stats->budget, stats->seed, &who, 0, &member))
        return false;
    pair[0] = who;
    pair[1] = group;
    bool is_new = !protect_tuples_find(&stats->pairs, stats->seed, pair, &found);
    if (is_new && stats->members.rows[member] >= ask->groups_per_person) {
        *is_full = false;
        return false;
    }
    if (!protect_tuples_add(&stats->pairs, &stats->budget, stats->seed, pair, 1, &found))
        return false;
    *is_full = false;
    if (is_new)
        stats->members.rows[member]++;
    return stats->pairs.rows[found] <= ask->rows_per_group;
}

static int64_t to_grid(int64_t value, int64_t step) {
    int64_t half = step / 2;
    return (value < 0 ? value - half : value + half) / step;
}

static bool tally_quantile(struct protect_stats *stats, const struct protect_measure *m,
                           struct stats_tally *tally, int64_t value) {
    if (!tally->below) {
        size_t size = (size_t)m->steps * sizeof(*tally->below);
        tally->below = protect_budget_resize(&stats->budget, NULL, 0, size);
        if (!tally->below)
            return false;
        memset(tally->below, 0, size);
    }
    stats_wide at = (stats_wide)(value - m->low) * m->steps / (m->high - m->low);
    tally->below[at >= m->steps ? m->steps - 1 : (size_t)at]++;
    return true;
}

static bool tally_row(struct protect_stats *stats, const struct table_batch *batch, size_t row,
                      uint32_t group) {
    for (size_t i = 0; i < stats->part_count; i++) {
        const struct stats_part *part = &stats->parts[i];
        const struct protect_measure *m = &part->measure;
        struct stats_tally *tally = &stats->tallies[(size_t)group * stats->part_count + i];
        int64_t value;
        if (m->statistic == PROTECT_COUNT) {
            tally->sum++;
            continue;
        }
        if (!protect_number_read(table_cell_text(batch, m->column, row), m->decimals, &value))
            continue;
        value = held_within(value, m->low, m->high);
        if (m->statistic == PROTECT_QUANTILE) {
            if (!tally_quantile(stats, m, tally, value))
                return false;
            continue;
        }
        tally->sum += to_grid(value - part->middle, part->step);
        tally->count++;
    }
    return true;
}

enum pd_status protect_stats_feed(struct protect_stats *stats, const struct table_batch *batch,
                                  struct pd_error *err) {
    if (batch->columns != stats->columns)
        return pd_fail(err, PD_USAGE, "the rows have %zu columns, not %zu", batch->columns,
                       stats->columns);
    for (size_t row = 0; row < batch->rows; row++) {
        uint32_t group = 0;
        bool is_full = false;
        if (stats->ask.group_count > 0 && !find_group(stats, batch, row, &group, &is_full)) {
            if (is_full)
                return stats_fail_limit(stats, err);
            continue;
        }
        enum pd_status st = stats_reserve(stats, err);
        if (st != PD_OK)
            return st;
        pd_str person =
            stats->ask.has_person ? table_cell_text(batch, stats->ask.person, row) : (pd_str){0};
        if (!is_within_bounds(stats, person, group, &is_full)) {
            if (is_full)
                return stats_fail_limit(stats, err);
            continue;
        }
        if (!tally_row(stats, batch, row, group))
            return stats_fail_limit(stats, err);
    }
    return PD_OK;
}
