/*
 * Which shard of the restricted log an act's leaf goes to: the one of the period in which it was
 * made. A shard is a log of its own, with an origin and a key of its own (C2SP tlog-policy refuses
 * two logs with one public key); the first act of a period makes it.
 */
#include "govern/shard.h"

#include "job/job.h"

#include <stdio.h>
#include <string.h>

/* ---- Periods ---- */

enum { MONTH = 1, QUARTER = 3, HALF = 6, YEAR = 12 };

static pd_time month_start(int64_t months_since_zero) {
    pd_time t = 0;
    struct pd_civil civil = {.year = (int)(months_since_zero / YEAR),
                             .month = (int)(months_since_zero % YEAR) + 1,
                             .day = 1};
    (void)pd_civil_time(civil, &t); /* of years that pd_time_civil gave, or one later */
    return t;
}

struct shard_period shard_period_of(pd_time at, int64_t months) {
    struct pd_civil c = pd_time_civil(at);
    int length = months < QUARTER ? MONTH : months < HALF ? QUARTER : months < YEAR ? HALF : YEAR;
    int part = (c.month - 1) / length;
    int64_t first = (int64_t)c.year * YEAR + part * length;
    struct shard_period p = {.starts = month_start(first), .ends = month_start(first + length)};
    if (length == MONTH)
        snprintf(p.name, sizeof(p.name), "restricted/%04d-%02d", c.year % 10000, c.month);
    else if (length == YEAR)
        snprintf(p.name, sizeof(p.name), "restricted/%04d", c.year % 10000);
    else
        snprintf(p.name, sizeof(p.name), "restricted/%04d-%c%c", c.year % 10000,
                 length == QUARTER ? 'q' : 'h', "1234"[part % 4]);
    return p;
}

pd_time shard_add_months(pd_time at, int64_t months) {
    enum { YEARS_MAX = 9999 };
    struct pd_civil c = pd_time_civil(at);
    if (months > YEARS_MAX * YEAR)
        months = YEARS_MAX * YEAR;
    int64_t month = (int64_t)c.year * YEAR + c.month - 1 + months;
    pd_time t;
    c.year = month / YEAR > YEARS_MAX ? YEARS_MAX : (int)(month / YEAR);
    c.month = (int)(month % YEAR) + 1;
    while (!pd_civil_is_date(c.year, c.month, c.day) && c.day > 1)
        c.day--;
    return pd_civil_time(c, &t) ? t : INT64_MAX;
}

/* A node founded before there were these thresholds has rules without them. */
enum { DEFAULT_SHARD_MONTHS = 1, DEFAULT_KEEP_MONTHS = 36 };

static int64_t threshold(const struct govern *g, pd_str name, int64_t otherwise) {
    int64_t value;
    return g->rules && law_rules_threshold(g->rules, name, &value) ? value : otherwise;
}

int64_t shard_keep_months(const struct govern *g) {
    return threshold(g, PD_STR("restricted_keep_months"), DEFAULT_KEEP_MONTHS);
}

/* ---- The shard of an act ---- */

static const struct sql FIND_SHARD = {.both = "SELECT pruned_at FROM log WHERE name = $1"};

static enum pd_status find_shard(struct govern *g, struct act_shard *shard, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(shard->name))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_SHARD, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && !store_is_null(rows, 0))
        st = pd_fail(err, PD_DENIED,
                     "the clock says that it is in the period of the log %s, which was pruned: the "
                     "machine's clock is wrong; nothing is recorded until it is set",
                     shard->name);
    shard->is_new = st == PD_OK && !has;
    store_rows_close(rows);
    return st;
}

static const struct sql FIND_DAY = {.both = "SELECT id FROM job WHERE kind = '" JOBS_ANCHOR
                                            "' AND subject = $1"};

static enum pd_status find_day(struct govern *g, struct act_shard *shard, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(shard->day))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_DAY, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    shard->is_new_day = st == PD_OK && !has;
    store_rows_close(rows);
    return st;
}

/* What was found to be there once is there for good: the next acts of the day don't ask again. */
enum pd_status shard_prepare(struct govern *g, pd_time at, struct act_shard *out,
                             struct pd_error *err) {
    struct shard_period period =
        shard_period_of(at, threshold(g, PD_STR("restricted_shard_months"), DEFAULT_SHARD_MONTHS));
    struct act_shard shard = {.starts = period.starts, .ends = period.ends};
    char day[PD_TIME_TEXT_SIZE];
    pd_time_write(at, PD_TIME_DATE, day);
    memcpy(shard.name, period.name, sizeof(shard.name));
    memcpy(shard.day, day, sizeof(shard.day) - 1);
    enum pd_status st = PD_OK;
    if (strcmp(shard.name, g->known_shard) != 0) {
        st = find_shard(g, &shard, err);
        if (st == PD_OK && shard.is_new)
            st = store_key_new(g->store, "log", at, &shard.key, err);
        if (st == PD_OK && !shard.is_new)
            memcpy(g->known_shard, shard.name, sizeof(g->known_shard));
    }
    if (st == PD_OK && strcmp(shard.day, g->known_day) != 0) {
        st = find_day(g, &shard, err);
        if (st == PD_OK && !shard.is_new_day)
            memcpy(g->known_day, shard.day, sizeof(g->known_day));
    }
    if (st == PD_OK)
        *out = shard;
    return st;
}

/* Inside the transaction of the act. Another process may have been first: then its key counts. */
enum pd_status shard_open(struct govern *g, const struct act_shard *shard, struct pd_arena *arena,
                          struct pd_error *err) {
    if (!shard->is_new)
        return PD_OK;
    return logs_add(g, pd_str_from(shard->name), &shard->key, shard->starts, shard->ends, arena,
                    err);
}

/* When the day is over, the public log is told where the shards stand. */
enum pd_status shard_watch_day(struct govern *g, const struct act_shard *shard, pd_time at,
                               struct pd_error *err) {
    if (!shard->is_new_day)
        return PD_OK;
    pd_time midnight = at - ((at % PD_DAY) + PD_DAY) % PD_DAY + PD_DAY;
    return job_add(g->store, JOBS_ANCHOR, pd_str_from(shard->day), midnight, at, err);
}
