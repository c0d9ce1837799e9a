/* In what rhythm a column's days follow each other, and where the rhythm is broken. */
#include "inspect/inspect_impl.h"

enum { STEPS_MOST = 32 }; /* longest step, in days, that counts as a rhythm of days */

/* Days since 1970 as 12 * year + month - 1 and the day of the month. */
static int64_t month_of(int64_t day, int *of_month, bool *is_last) {
    struct pd_civil c = pd_time_civil(day * PD_DAY), next = pd_time_civil((day + 1) * PD_DAY);
    *of_month = c.day;
    *is_last = next.month != c.month;
    return (int64_t)c.year * 12 + c.month - 1;
}

struct rhythm {
    int64_t step; /* in days, or in months */
    bool is_months;
    uint64_t days; /* on which something lies */
};

/* The step that most neighbours have: at least nine in ten of them make it a rhythm. */
static bool find_days(const struct sketch_periods *p, struct rhythm *out) {
    uint64_t steps[STEPS_MOST + 1] = {0}, count = 0;
    int64_t before = 0;
    for (int64_t day = p->first_seen; day <= p->last_seen; day++) {
        if (!sketch_periods_has_day(p, day))
            continue;
        if (count++ > 0 && day - before <= STEPS_MOST)
            steps[day - before]++;
        before = day;
    }
    out->days = count;
    out->is_months = false;
    out->step = 1;
    for (int64_t s = 2; s <= STEPS_MOST; s++)
        if (steps[s] > steps[out->step])
            out->step = s;
    return count >= 10 && (out->step == 1 || out->step == 7) &&
           steps[out->step] * 10 >= (count - 1) * 9;
}

/* Always the same day of the month, or always the last one: 1, 3 or 12 months apart. */
static bool find_months(const struct sketch_periods *p, struct rhythm *out) {
    uint64_t steps[13] = {0}, count = 0;
    int64_t before = 0;
    int same = 0;
    bool all_same = true, all_last = true;
    for (int64_t day = p->first_seen; day <= p->last_seen; day++) {
        if (!sketch_periods_has_day(p, day))
            continue;
        int of_month;
        bool is_last;
        int64_t month = month_of(day, &of_month, &is_last);
        if (count > 0 && month - before <= 12)
            steps[month - before]++;
        if (count++ == 0)
            same = of_month;
        all_same = all_same && of_month == same;
        all_last = all_last && is_last;
        before = month;
    }
    out->is_months = true;
    out->step = steps[3] > steps[1] ? 3 : 1;
    out->step = steps[12] > steps[out->step] ? 12 : out->step;
    return count >= 4 && (all_same || all_last) && steps[out->step] * 10 >= (count - 1) * 8;
}

static bool write_day(int64_t day, struct pd_arena *arena, pd_str *out) {
    char text[PD_TIME_TEXT_SIZE];
    pd_time_write(day * PD_DAY, PD_TIME_DATE, text);
    *out = pd_arena_str(arena, pd_str_from(text));
    return out->data != NULL;
}

bool inspect_gaps_tell(const struct sketch_periods *p, struct pd_arena *arena,
                       struct inspect_column *out) {
    struct rhythm rhythm;
    if (p->total == 0 || p->days_overflow)
        return true;
    bool is_found = find_days(p, &rhythm) || find_months(p, &rhythm);
    if (!is_found)
        return true;
    out->rhythm = rhythm.is_months ? (rhythm.step == 1   ? "monthly"
                                      : rhythm.step == 3 ? "quarterly"
                                                         : "yearly")
                                   : (rhythm.step == 1 ? "daily" : "weekly");
    int64_t before = 0, longest = 0, longest_from = 0, longest_to = 0;
    bool is_first = true;
    for (int64_t day = p->first_seen; day <= p->last_seen; day++) {
        if (!sketch_periods_has_day(p, day))
            continue;
        int unused;
        bool is_last;
        int64_t at = rhythm.is_months ? month_of(day, &unused, &is_last) : day;
        int64_t prior = is_first           ? at - rhythm.step
                        : rhythm.is_months ? month_of(before, &unused, &is_last)
                                           : before;
        int64_t missing = (at - prior + rhythm.step - 1) / rhythm.step - 1;
        if (missing > 0)
            out->missing_periods += (uint64_t)missing;
        if (missing > longest) {
            longest = missing;
            longest_from = before;
            longest_to = day;
        }
        before = day;
        is_first = false;
    }
    if (longest == 0)
        return true;
    out->longest_gap = (uint64_t)longest;
    return write_day(longest_from, arena, &out->gap_from) &&
           write_day(longest_to, arena, &out->gap_to);
}
