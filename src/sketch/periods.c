/* When things happened: exact counts by hour, day, month or year, and which days have any. */
#include "sketch/sketch.h"

#include <stdlib.h>
#include <string.h>

#define HOUR (3600 * PD_SECOND)
enum { DAYS_STEP = 512 }; /* bits by which the window of days grows, downwards aligned to it */

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

void sketch_periods_init(struct sketch_periods *periods) {
    *periods = (struct sketch_periods){.unit = SKETCH_HOURS};
}

void sketch_periods_clear(struct sketch_periods *periods) {
    free(periods->counts);
    free(periods->days);
    sketch_periods_init(periods);
}

static int64_t month_of(pd_time t) {
    struct pd_civil c = pd_time_civil(t);
    return (int64_t)c.year * 12 + c.month - 1;
}

static int64_t index_of(pd_time t, enum sketch_unit unit) {
    switch (unit) {
    case SKETCH_HOURS:
        return floor_div(t, HOUR);
    case SKETCH_DAYS:
        return floor_div(t, PD_DAY);
    case SKETCH_MONTHS:
        return month_of(t);
    default:
        return pd_time_civil(t).year;
    }
}

pd_time sketch_period_start(enum sketch_unit unit, int64_t index) {
    pd_time t = 0;
    switch (unit) {
    case SKETCH_HOURS:
        return index * HOUR;
    case SKETCH_DAYS:
        return index * PD_DAY;
    case SKETCH_MONTHS:
        (void)pd_civil_time(
            (struct pd_civil){.year = (int)(index / 12), .month = (int)(index % 12) + 1, .day = 1},
            &t);
        return t;
    default:
        (void)pd_civil_time((struct pd_civil){.year = (int)index, .month = 1, .day = 1}, &t);
        return t;
    }
}

static int64_t span_most(enum sketch_unit unit) {
    return unit == SKETCH_YEARS ? SKETCH_YEARS_MOST : SKETCH_PERIODS;
}

/* The next coarser unit. */
static bool coarsen(struct sketch_periods *p) {
    enum sketch_unit unit = p->unit + 1;
    if (p->used > 0) {
        int64_t first = index_of(sketch_period_start(p->unit, p->first), unit);
        int64_t last = index_of(sketch_period_start(p->unit, p->first + p->used - 1), unit);
        uint64_t *counts = calloc((size_t)(last - first + 1), sizeof(*counts));
        if (!counts)
            return false;
        for (uint32_t i = 0; i < p->used; i++)
            counts[index_of(sketch_period_start(p->unit, p->first + i), unit) - first] +=
                p->counts[i];
        free(p->counts);
        p->counts = counts;
        p->first = first;
        p->used = p->capacity = (uint32_t)(last - first + 1);
    }
    p->unit = unit;
    return true;
}

static bool fits(const struct sketch_periods *p, int64_t index) {
    if (p->used == 0)
        return true;
    int64_t last = p->first + p->used - 1;
    int64_t low = index < p->first ? index : p->first, high = index > last ? index : last;
    return high - low < span_most(p->unit);
}

static bool count_at(struct sketch_periods *p, int64_t index, uint64_t count) {
    if (p->used == 0)
        p->first = index;
    uint32_t before = index < p->first ? (uint32_t)(p->first - index) : 0;
    uint32_t at = before > 0 ? 0 : (uint32_t)(index - p->first);
    uint32_t used = p->used + before > at + 1 ? p->used + before : at + 1;
    if (used > p->capacity) {
        uint32_t capacity = used < 16 ? 16 : used + used / 2;
        uint64_t *counts = realloc(p->counts, capacity * sizeof(*counts));
        if (!counts)
            return false;
        p->counts = counts;
        p->capacity = capacity;
    }
    if (before > 0) {
        memmove(p->counts + before, p->counts, p->used * sizeof(*p->counts));
        memset(p->counts, 0, before * sizeof(*p->counts));
        p->first = index;
    } else if (used > p->used) {
        memset(p->counts + p->used, 0, (used - p->used) * sizeof(*p->counts));
    }
    p->used = used;
    p->counts[at] += count;
    return true;
}

static bool count_period(struct sketch_periods *p, pd_time t, uint64_t count) {
    while (!fits(p, index_of(t, p->unit)))
        if (!coarsen(p))
            return false;
    return count_at(p, index_of(t, p->unit), count);
}

/* ---- Days ---- */

static bool has_bit(const uint64_t *bits, int64_t i) {
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static void drop_days(struct sketch_periods *p) {
    free(p->days);
    p->days = NULL;
    p->day_count = 0;
    p->days_overflow = true;
}

/* Widens the window of days so that it holds `day`. */
static bool cover(struct sketch_periods *p, int64_t day) {
    int64_t low = floor_div(day, DAYS_STEP) * DAYS_STEP, high = low + DAYS_STEP;
    if (p->day_count > 0) {
        low = low < p->first_day ? low : p->first_day;
        int64_t end = p->first_day + p->day_count;
        high = high > end ? high : end;
    }
    uint64_t *days = calloc((size_t)(high - low) / 64, sizeof(*days));
    if (!days)
        return false;
    if (p->day_count > 0)
        memcpy(days + (p->first_day - low) / 64, p->days, (size_t)p->day_count / 8);
    free(p->days);
    p->days = days;
    p->first_day = low;
    p->day_count = (uint32_t)(high - low);
    return true;
}

bool sketch_periods_mark_day(struct sketch_periods *p, int64_t day) {
    if (p->first_seen > p->last_seen) {
        p->first_seen = p->last_seen = day;
    } else {
        p->first_seen = day < p->first_seen ? day : p->first_seen;
        p->last_seen = day > p->last_seen ? day : p->last_seen;
    }
    if (p->last_seen - p->first_seen >= SKETCH_DAYS_MOST)
        drop_days(p);
    if (p->days_overflow)
        return true;
    if ((p->day_count == 0 || day < p->first_day || day >= p->first_day + p->day_count) &&
        !cover(p, day))
        return false;
    int64_t i = day - p->first_day;
    p->days[i / 64] |= UINT64_C(1) << i % 64;
    return true;
}

bool sketch_periods_has_day(const struct sketch_periods *p, int64_t day) {
    int64_t i = day - p->first_day;
    return p->day_count > 0 && i >= 0 && i < p->day_count && has_bit(p->days, i);
}

bool sketch_periods_add_times(struct sketch_periods *p, pd_time t, uint64_t times) {
    if (p->total == 0) {
        p->first_seen = 1; /* none yet */
        p->last_seen = 0;
    }
    p->total += times;
    return count_period(p, t, times) && sketch_periods_mark_day(p, floor_div(t, PD_DAY));
}

/* The civil year of a day since 1970 in the years 1 to 9999 (Hinnant, civil_from_days). */
static inline int64_t year_of_day(int64_t day) {
    uint32_t since = (uint32_t)(day + 719468), era = since / 146097, of_era = since % 146097;
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100); /* from March on */
    return (int64_t)era * 400 + year + (of_year >= 306);
}

/* Within what there is already of days and periods. */
static inline bool count_within(struct sketch_periods *p, pd_time t) {
    int64_t day = floor_div(t, PD_DAY), index;
    if (p->total == 0 || p->days_overflow || day < p->first_seen || day > p->last_seen ||
        day < p->first_day || day - p->first_day >= p->day_count)
        return false;
    if (p->unit == SKETCH_YEARS)
        index = year_of_day(day);
    else if (p->unit == SKETCH_DAYS)
        index = day;
    else
        index = index_of(t, p->unit);
    if (index < p->first || index - p->first >= p->used)
        return false;
    p->counts[index - p->first]++;
    p->days[(day - p->first_day) / 64] |= UINT64_C(1) << (day - p->first_day) % 64;
    p->total++;
    return true;
}

bool sketch_periods_add_all(struct sketch_periods *p, const pd_time *times, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!count_within(p, times[i]) && !sketch_periods_add(p, times[i]))
            return false;
    return true;
}

bool sketch_periods_add(struct sketch_periods *p, pd_time t) {
    return sketch_periods_add_times(p, t, 1);
}

bool sketch_periods_merge(struct sketch_periods *into, const struct sketch_periods *from) {
    if (from->total == 0)
        return true;
    if (into->total == 0) {
        into->first_seen = 1;
        into->last_seen = 0;
    }
    into->total += from->total;
    while (into->unit < from->unit)
        if (!coarsen(into))
            return false;
    for (uint32_t i = 0; i < from->used; i++) {
        pd_time t = sketch_period_start(from->unit, from->first + i);
        if (from->counts[i] > 0 && !count_period(into, t, from->counts[i]))
            return false;
    }
    if (from->days_overflow)
        drop_days(into);
    if (!sketch_periods_mark_day(into, from->first_seen) ||
        !sketch_periods_mark_day(into, from->last_seen))
        return false;
    for (int64_t i = 0; i < from->day_count; i++)
        if (has_bit(from->days, i) && !sketch_periods_mark_day(into, from->first_day + i))
            return false;
    return true;
}
