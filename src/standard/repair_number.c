/* Numbers as people write them: groups, decimal commas, units; what can be read in two ways is
 * offered in both. */
#include "standard/repair_impl.h"

#include <string.h>

/* ---- Units: those that a power of ten takes into each other ---- */

static const struct unit {
    const char *name;
    char kind; /* of quantity */
    int power; /* of ten, against the others of its kind */
} units[] = {
    {"元", 'c', 0},       {"￥", 'c', 0},     {"¥", 'c', 0},      {"rmb", 'c', 0},
    {"cny", 'c', 0},      {"千元", 'c', 3},   {"万元", 'c', 4},   {"百万元", 'c', 6},
    {"千万元", 'c', 7},   {"亿元", 'c', 8},   {"$", 'd', 0},      {"usd", 'd', 0},
    {"€", 'e', 0},        {"eur", 'e', 0},    {"£", 'p', 0},      {"gbp", 'p', 0},
    {"mg", 'm', -6},      {"毫克", 'm', -6},  {"g", 'm', -3},     {"克", 'm', -3},
    {"kg", 'm', 0},       {"公斤", 'm', 0},   {"千克", 'm', 0},   {"t", 'm', 3},
    {"吨", 'm', 3},       {"万吨", 'm', 7},   {"mm", 'l', -3},    {"毫米", 'l', -3},
    {"cm", 'l', -2},      {"厘米", 'l', -2},  {"m", 'l', 0},      {"米", 'l', 0},
    {"km", 'l', 3},       {"公里", 'l', 3},   {"千米", 'l', 3},   {"m2", 'a', 0},
    {"m²", 'a', 0},       {"㎡", 'a', 0},     {"平方米", 'a', 0}, {"ha", 'a', 4},
    {"公顷", 'a', 4},     {"km2", 'a', 6},    {"km²", 'a', 6},    {"平方公里", 'a', 6},
    {"万平方米", 'a', 4}, {"ml", 'v', -3},    {"毫升", 'v', -3},  {"l", 'v', 0},
    {"升", 'v', 0},       {"m3", 'v', 3},     {"m³", 'v', 3},     {"立方米", 'v', 3},
    {"w", 'w', 0},        {"kw", 'w', 3},     {"千瓦", 'w', 3},   {"mw", 'w', 6},
    {"wh", 'h', 0},       {"kwh", 'h', 3},    {"度", 'h', 3},     {"千瓦时", 'h', 3},
    {"mwh", 'h', 6},      {"‰", 'r', -3},     {"%", 'r', -2},     {"1", 'r', 0},
    {"人", 'n', 0},       {"万人", 'n', 4},   {"µg/m3", 'q', -6}, {"µg/m³", 'q', -6},
    {"μg/m³", 'q', -6},   {"μg/m3", 'q', -6}, {"mg/m3", 'q', -3}, {"mg/m³", 'q', -3},
};

static const struct unit *find_unit(pd_str name) {
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (pd_str_eq_ascii_case(name, pd_str_from(units[i].name)))
            return &units[i];
    return NULL;
}

/* ---- Digits ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void decimal_shift(pd_str decimal, int power, struct pd_buf *out) {
    size_t point = pd_str_find_char(decimal, '.');
    bool has_sign = decimal.len > 0 && !is_digit(decimal.data[0]) && decimal.data[0] != '.';
    struct pd_buf digits;
    pd_buf_init(&digits, 0);
    for (size_t i = has_sign; i < decimal.len; i++)
        if (decimal.data[i] != '.')
            pd_buf_char(&digits, decimal.data[i]);
    long whole = (long)(point == PD_NPOS ? decimal.len : point) - has_sign + power;
    long count = (long)digits.len, first = 0;
    while (first < count && first < whole - 1 && digits.data[first] == '0')
        first++;
    while (power < 0 && count > whole && count > 0 && digits.data[count - 1] == '0')
        count--;
    if (has_sign)
        pd_buf_char(out, decimal.data[0]);
    if (whole <= 0)
        pd_buf_char(out, '0');
    for (long i = first; i < (whole > count ? whole : count); i++) {
        if (i == (whole > 0 ? whole : 0) && i < count)
            pd_buf_char(out, '.');
        for (long zeros = i == 0 && whole < 0 && i < count ? -whole : 0; zeros > 0; zeros--)
            pd_buf_char(out, '0');
        pd_buf_char(out, i < count ? digits.data[i] : '0');
    }
    out->failed |= digits.failed;
    pd_buf_clear(&digits);
}

/* Whether groups of three stand between the marks, as in 1,234,567: up to `end`. */
static bool is_grouped(pd_str s, char mark) {
    size_t first = pd_str_find_char(s, mark), since = 0;
    if (first == PD_NPOS || first == 0 || first > 3)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == mark) {
            if (i != first && since != 3)
                return false;
            since = 0;
        } else if (is_digit(s.data[i])) {
            since++;
        } else {
            return false;
        }
    }
    return since == 3;
}

static size_t count_of(pd_str s, char c) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.data[i] == c;
    return n;
}

/* A number with one of the ways to write it settled. */
struct way {
    char text[2][80];
    size_t count;
};

static void add_way(struct way *w, pd_str whole, char group, pd_str fraction) {
    char *out = w->text[w->count];
    size_t n = 0;
    if (whole.len + fraction.len + 2 > sizeof(w->text[0]))
        return;
    for (size_t i = 0; i < whole.len; i++)
        if (whole.data[i] != group)
            out[n++] = whole.data[i];
    if (fraction.len > 0)
        out[n++] = '.';
    memcpy(out + n, fraction.len ? fraction.data : "", fraction.len);
    out[n + fraction.len] = '\0';
    w->count++;
}

static bool all_digits(pd_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.data[i]))
            return false;
    return s.len > 0;
}

/* The readings of digits and marks, without sign: as groups, as a fraction, or as either. */
static void read_ways(pd_str s, struct way *w) {
    static const char marks[] = {',', '.'};
    static const char groups[] = {' ', '\'', '_'};
    char last = '\0';
    for (size_t i = 0; i < sizeof(groups); i++) {
        size_t point = pd_str_find_char(s, '.');
        pd_str whole = point == PD_NPOS ? s : pd_str_sub(s, 0, point);
        if (is_grouped(whole, groups[i]))
            add_way(w, whole, groups[i],
                    point == PD_NPOS ? (pd_str){"", 0} : pd_str_sub(s, point + 1, s.len));
    }
    if (w->count > 0)
        return;
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] == ',' || s.data[i] == '.')
            last = s.data[i];
    if (last == '\0') {
        if (all_digits(s))
            add_way(w, s, '\0', (pd_str){"", 0});
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        char point = marks[i], group = marks[1 - i];
        size_t at = pd_str_find_char(s, point);
        pd_str whole = pd_str_sub(s, 0, at == PD_NPOS ? s.len : at);
        pd_str fraction = at == PD_NPOS ? (pd_str){"", 0} : pd_str_sub(s, at + 1, s.len);
        bool has_groups = pd_str_find_char(whole, group) != PD_NPOS;
        bool is_whole = has_groups ? is_grouped(whole, group) : all_digits(whole);
        bool is_fraction = at == PD_NPOS ? has_groups : all_digits(fraction);
        if (count_of(s, point) <= 1 && is_whole && is_fraction)
            add_way(w, whole, group, fraction);
    }
}

/* ---- Offering ---- */

struct number {
    struct proposal *p;
    bool is_negative, has_unit;
    const struct unit *from;
    enum standard_confidence confidence;
    const char *why;
};

static void offer(const struct number *n, const char *digits, int power, const char *why) {
    const struct field *f = proposal_field(n->p);
    struct pd_buf shifted, out;
    pd_buf_init(&shifted, 0);
    pd_buf_init(&out, 0);
    if (n->is_negative)
        pd_buf_char(&shifted, '-');
    decimal_shift(pd_str_from(digits), power, &shifted);
    pd_str text = pd_buf_view(&shifted);
    size_t point = pd_str_find_char(text, '.');
    if (f->type == STANDARD_INTEGER && point != PD_NPOS) { /* 12.00 is 12, 12.5 stays what it is */
        size_t end = text.len;
        while (end > point + 1 && text.data[end - 1] == '0')
            end--;
        text.len = end == point + 1 ? point : text.len;
    }
    bool is_whole = pd_str_find_char(text, '.') == PD_NPOS;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.')
            pd_buf_str(&out, f->decimal_char);
        else
            pd_buf_char(&out, text.data[i]);
    }
    if (is_whole || f->decimal_char.len > 0)
        proposal_offer(n->p, pd_buf_view(&out), n->has_unit ? STANDARD_UNIT : STANDARD_GROUPS,
                       n->confidence, why);
    n->p->has_failed |= shifted.failed || out.failed;
    pd_buf_clear(&shifted);
    pd_buf_clear(&out);
}

static void offer_ways(struct number *n, const struct way *w) {
    const struct field *f = proposal_field(n->p);
    const struct unit *to = find_unit(f->unit);
    for (size_t i = 0; i < w->count; i++) {
        if (!n->has_unit) {
            offer(n, w->text[i], 0,
                  n->why ? n->why : "the number without marks between its digits");
        } else if (n->from && to && n->from->kind == to->kind) {
            offer(n, w->text[i], n->from->power - to->power,
                  n->from->power == to->power ? "the unit is that of the field"
                                              : "changed to the unit of the field");
        } else if (!f->unit.len) {
            /* Without a unit in the standard, nobody knows what the field counts in. */
            n->confidence = STANDARD_OPEN;
            offer(n, w->text[i], 0, "the standard doesn't say the unit of the field");
            if (n->from && n->from->power != 0)
                offer(n, w->text[i], n->from->power,
                      "the standard doesn't say the unit of the field");
        }
    }
}

static bool is_number_char(char c) {
    return is_digit(c) || c == '.' || c == ',' || c == ' ' || c == '\'' || c == '_';
}

static void take_minus(pd_str *s, bool *is_negative) {
    static const pd_str minus[] = {PD_STR_INIT("-"), PD_STR_INIT("−"), PD_STR_INIT("–")};
    for (size_t i = 0; i < 3; i++)
        if (pd_str_starts(*s, minus[i])) {
            *is_negative = true;
            *s = pd_str_sub(*s, minus[i].len, s->len);
            return;
        }
    if (pd_str_starts(*s, PD_STR("+")))
        *s = pd_str_sub(*s, 1, s->len);
}

void repair_number(struct proposal *p) {
    struct number n = {.p = p, .confidence = STANDARD_CERTAIN};
    struct way w = {.count = 0};
    pd_str s = p->base;
    take_minus(&s, &n.is_negative);
    if (!n.is_negative && s.len > 2 && s.data[0] == '(' && s.data[s.len - 1] == ')') {
        n.is_negative = true; /* as accountants write what is owed */
        n.confidence = STANDARD_LIKELY;
        n.why = "a number in parentheses is negative where accounts are kept";
        s = pd_str_sub(s, 1, s.len - 2);
    }
    size_t from = 0, to = s.len;
    while (from < s.len && !is_digit(s.data[from]))
        from++;
    while (to > from && !is_digit(s.data[to - 1]))
        to--;
    if (from == to)
        return;
    pd_str before = fold_trim(pd_str_sub(s, 0, from)), behind = pd_str_sub(s, to, s.len);
    pd_str digits = pd_str_sub(s, from, to - from), name = behind;
    /* A unit may hold digits: 5 m2 */
    for (size_t i = 0; i < digits.len; i++)
        if (!is_number_char(digits.data[i])) {
            name = pd_str_sub(s, from + i, s.len);
            digits = pd_str_sub(digits, 0, i);
            break;
        }
    digits = fold_trim(digits);
    name = fold_trim(name);
    if (name.len > 0 && before.len > 0)
        return;
    if (pd_str_is(name, "-") && before.len == 0 && !n.is_negative) {
        n.is_negative = true;
        n.confidence = STANDARD_LIKELY;
        n.why = "the minus stands behind the number";
        name.len = 0;
    }
    n.has_unit = name.len + before.len > 0;
    n.from = find_unit(name.len ? name : before);
    read_ways(digits, &w);
    if (n.has_unit && !n.from &&
        !pd_str_eq_ascii_case(name.len ? name : before, proposal_field(p)->unit))
        return;
    if (n.has_unit && !n.from) { /* a unit that nobody knows but the standard */
        n.has_unit = false;
        n.why = "the unit is that of the field";
    }
    if (proposal_field(p)->type == STANDARD_INTEGER && !n.has_unit &&
        count_of(digits, '.') == 1 && is_grouped(digits, '.'))
        n.confidence = STANDARD_OPEN; /* 1.234: a thousand or one and a bit, in a whole number */
    offer_ways(&n, &w);
}
