/* Dates in the orders and separators that registers use, for dates of birth. */
#include "detect/detect_impl.h"

enum { MAX_PARTS = 3 };

/* Numbers with what stands between them: "1985年3月9日" is {1985, 3, 9}, widths {4, 1, 1}. */
struct parts {
    int value[MAX_PARTS];
    size_t width[MAX_PARTS];
    int count;
    char separator; /* '-' '/' '.', or 'c' for 年 月 日 */
};

static bool take_number(pd_str *s, int *value, size_t *width) {
    *value = 0;
    size_t n = 0;
    while (n < s->len && n < 8 && detect_is_digit(s->data[n]))
        *value = *value * 10 + (s->data[n++] - '0');
    *width = n;
    *s = pd_str_sub(*s, n, s->len);
    return n > 0;
}

static bool take(pd_str *s, pd_str what) {
    if (!pd_str_starts(*s, what))
        return false;
    *s = pd_str_sub(*s, what.len, s->len);
    return true;
}

static bool take_chinese(pd_str *s, struct parts *p) {
    static const pd_str marks[MAX_PARTS] = {PD_STR_INIT("年"), PD_STR_INIT("月"),
                                            PD_STR_INIT("日")};
    p->separator = 'c';
    while (take(s, marks[p->count - 1])) {
        if (p->count == MAX_PARTS || s->len == 0)
            return true;
        if (!take_number(s, &p->value[p->count], &p->width[p->count]))
            return false;
        p->count++;
    }
    return false;
}

/* The parts at the front of `*s`; what follows them (a time) stays. */
static bool take_parts(pd_str *s, struct parts *p) {
    if (!take_number(s, &p->value[0], &p->width[0]))
        return false;
    p->count = 1;
    if (s->len == 0)
        return true;
    if ((unsigned char)s->data[0] >= 0x80)
        return take_chinese(s, p);
    char separator = s->data[0];
    if (separator != '-' && separator != '/' && separator != '.')
        return false;
    p->separator = separator;
    while (p->count < MAX_PARTS && s->len > 0 && s->data[0] == separator) {
        *s = pd_str_sub(*s, 1, s->len);
        if (!take_number(s, &p->value[p->count], &p->width[p->count]))
            return false;
        p->count++;
    }
    return p->count > 1;
}

static bool is_midnight(pd_str s) {
    static const pd_str forms[] = {PD_STR_INIT(""),          PD_STR_INIT("00:00:00"),
                                   PD_STR_INIT("0:00:00"),   PD_STR_INIT("00:00"),
                                   PD_STR_INIT("0:00"),      PD_STR_INIT("00:00:00.0"),
                                   PD_STR_INIT("00:00:00Z"), PD_STR_INIT("00:00:00.000")};
    if (s.len > 0 && (s.data[0] == ' ' || s.data[0] == 'T'))
        s = pd_str_sub(s, 1, s.len);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (pd_str_eq(s, forms[i]))
            return true;
    }
    return false;
}

/* "1985-03-09", as most are; false if it is written otherwise. */
static bool read_plain(pd_str s, int *year, int *month, int *day) {
    unsigned strange = s.len != 10 || s.data[4] != '-' || s.data[7] != '-';
    if (strange)
        return false;
    static const uint8_t places[8] = {0, 1, 2, 3, 5, 6, 8, 9};
    for (int i = 0; i < 8; i++)
        strange |= !detect_is_digit(s.data[places[i]]);
    *year = detect_number(s.data, 4);
    *month = detect_number(s.data + 5, 2);
    *day = detect_number(s.data + 8, 2);
    return !strange;
}

bool detect_date_of_birth(pd_str s, int today) {
    int year, month, day;
    if (read_plain(s, &year, &month, &day))
        return detect_is_birth_day(year, month, day, today);
    struct parts p = {0};
    if (!take_parts(&s, &p) || !is_midnight(s))
        return false;
    int a = p.value[0], b = p.value[1], c = p.value[2];
    if (p.count == 1) { /* yyyymmdd or yyyymm */
        if (p.width[0] == 8)
            return detect_is_birth_day(a / 10000, a / 100 % 100, a % 100, today);
        return p.width[0] == 6 && detect_is_birth_day(a / 100, a % 100, 1, today);
    }
    if (p.width[0] == 4 && p.width[1] <= 2 && p.width[2] <= 2)
        return detect_is_birth_day(a, b, p.count == 2 ? 1 : c, today);
    /* Day or month first: either order may be meant, one that exists is enough. */
    if (p.count != 3 || p.separator == 'c' || p.width[2] != 4 || p.width[0] > 2 || p.width[1] > 2)
        return false;
    return detect_is_birth_day(c, b, a, today) || detect_is_birth_day(c, a, b, today);
}
