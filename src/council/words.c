/* The closed words of this room, and small values in text: periods, fractions. */
#include "council/council_impl.h"

const char *const council_secrecy_names[] = {
    [COUNCIL_ROLL_CALL] = "roll-call", [COUNCIL_PSEUDONYM] = "pseudonym", NULL};

static const char *const choices[COUNCIL_CHOICE_COUNT] = {
    [COUNCIL_YES] = "yes", [COUNCIL_NO] = "no", [COUNCIL_ABSTAIN] = "abstain"};

const char *council_choice_name(enum council_choice choice) {
    return choices[choice];
}

bool council_choice_parse(pd_str name, enum council_choice *out) {
    for (int i = 0; i < COUNCIL_CHOICE_COUNT; i++)
        if (pd_str_is(name, choices[i])) {
            *out = (enum council_choice)i;
            return true;
        }
    return false;
}

const char *council_outcome_name(enum council_outcome outcome) {
    static const char *const names[] = {[COUNCIL_REJECTED] = "rejected",
                                        [COUNCIL_ADOPTED] = "adopted",
                                        [COUNCIL_UNDECIDED] = "undecided"};
    return names[outcome];
}

bool council_period_parse(pd_str text, pd_time *out) {
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    enum { DAYS_MAX = 3660 };
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        pd_str unit = pd_str_from(units[i].unit);
        int64_t n, seconds;
        if (!pd_str_ends(text, unit) || text.len > 12 ||
            !pd_parse_i64(pd_str_sub(text, 0, text.len - unit.len), &n) || n < 0)
            continue;
        if (!pd_mul_i64(n, units[i].seconds, &seconds) || seconds > (int64_t)DAYS_MAX * 86400)
            return false;
        *out = seconds * PD_SECOND;
        return true;
    }
    return false;
}

bool council_fraction_parse(pd_str text, uint32_t max, struct council_fraction *out) {
    size_t slash = pd_str_find_char(text, '/');
    uint64_t num, den = 1;
    if (!pd_parse_u64(pd_str_sub(text, 0, slash == PD_NPOS ? text.len : slash), &num))
        return false;
    if (slash != PD_NPOS && !pd_parse_u64(pd_str_sub(text, slash + 1, text.len), &den))
        return false;
    if (den == 0 || den > COUNCIL_SHARE_MAX || num > COUNCIL_SHARE_MAX || num > max * den)
        return false;
    *out = (struct council_fraction){(uint32_t)num, (uint32_t)den};
    return true;
}
