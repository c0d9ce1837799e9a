/* Identifiers that keep their form, and can't be anybody's. */
#include "protect/ff1.h"

#include <string.h>

enum { CELL_MAX = 256, CN_ID = 18, RANK_DIGITS = 14, SHIFT = 5 };

static const char *const NAMES[PROTECT_FORMAT_COUNT] = {"digits", "cn_id", "cn_mobile", "card"};

const char *protect_format_name(enum protect_format format) {
    return NAMES[format];
}

bool protect_format_parse(pd_str name, enum protect_format *out) {
    for (int i = 0; i < PROTECT_FORMAT_COUNT; i++)
        if (pd_str_is(name, NAMES[i])) {
            *out = (enum protect_format)i;
            return true;
        }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool crypt(struct protect_ff1 *ff1, pd_str tweak, uint16_t *digits, size_t count,
                  bool decrypt) {
    struct pd_error ignored;
    return (decrypt ? protect_ff1_decrypt(ff1, tweak, digits, count, &ignored)
                    : protect_ff1_encrypt(ff1, tweak, digits, count, &ignored)) == PD_OK;
}

/* ---- Digits where they stand ---- */

/* The digits from the nth on, but for the last `leave` of them, are replaced in `text`. */
static bool replace_digits(struct protect_ff1 *ff1, pd_str tweak, char *text, size_t len,
                           size_t keep, size_t leave, bool decrypt) {
    uint16_t digits[CELL_MAX];
    size_t count = 0, at = 0, seen = 0;
    for (size_t i = 0; i < len; i++)
        count += is_digit(text[i]);
    if (count < keep + leave)
        return false;
    size_t end = count - leave;
    for (size_t i = 0; i < len; i++)
        if (is_digit(text[i]) && seen++ >= keep && seen <= end)
            digits[at++] = (uint16_t)(text[i] - '0');
    if (!crypt(ff1, tweak, digits, at, decrypt))
        return false;
    at = seen = 0;
    for (size_t i = 0; i < len; i++)
        if (is_digit(text[i]) && seen++ >= keep && seen <= end)
            text[i] = (char)('0' + digits[at++]);
    return true;
}

static size_t only_digits(const char *text, size_t len, size_t places[CELL_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_digit(text[i]))
            places[n++] = i;
        else if (text[i] != ' ' && text[i] != '-')
            return 0;
    }
    return n;
}

/* ---- Payment cards ---- */

static int luhn(const char *text, const size_t *places, size_t count) {
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int d = text[places[count - 1 - i]] - '0';
        d = i % 2 == 0 ? 2 * d : d;
        sum += d > 9 ? d - 9 : d;
    }
    return (10 - sum % 10) % 10;
}

/* With a check digit that is right by `from`, and by SHIFT - from afterwards. */
static bool change_card(struct protect_ff1 *ff1, pd_str tweak, char *text, size_t len,
                        bool decrypt) {
    size_t places[CELL_MAX], n = only_digits(text, len, places);
    if (n < 13 || n > 19)
        return false;
    int is = text[places[n - 1]] - '0', right = luhn(text, places, n - 1);
    if (is != (decrypt ? (right + SHIFT) % 10 : right))
        return false;
    if (!replace_digits(ff1, tweak, text, len, 6, 1, decrypt))
        return false;
    right = luhn(text, places, n - 1);
    text[places[n - 1]] = (char)('0' + (decrypt ? right : (right + SHIFT) % 10));
    return true;
}

/* ---- Chinese resident ids ---- */

static int number_at(const char *text, size_t at, size_t count) {
    int n = 0;
    for (size_t i = 0; i < count; i++)
        n = 10 * n + (text[at + i] - '0');
    return n;
}

/* Days from 1 January 1900 to 31 December 2099. */
enum { DAYS = 73049, SEQUENCES = 1000, AREAS = 900000, AREA_FIRST = 100000 };
static const int64_t RANKS = (int64_t)AREAS * DAYS * SEQUENCES;

static int64_t first_day(void) {
    pd_time t = 0;
    (void)pd_civil_time((struct pd_civil){1900, 1, 1, 0, 0, 0, 0}, &t);
    return t / PD_DAY;
}

static bool rank_of(const char *text, int64_t *out) {
    pd_time t;
    int year = number_at(text, 6, 4), area = number_at(text, 0, 6);
    struct pd_civil c = {year, number_at(text, 10, 2), number_at(text, 12, 2), 0, 0, 0, 0};
    if (year < 1900 || year > 2099 || area < AREA_FIRST ||
        !pd_civil_is_date(c.year, c.month, c.day) || !pd_civil_time(c, &t))
        return false;
    int64_t day = (t - first_day() * PD_DAY) / PD_DAY;
    *out = ((int64_t)(area - AREA_FIRST) * DAYS + day) * SEQUENCES + number_at(text, 14, 3);
    return true;
}

static void write_number(char *text, size_t at, size_t count, int n) {
    for (size_t i = count; i-- > 0; n /= 10)
        text[at + i] = (char)('0' + n % 10);
}

static void of_rank(int64_t rank, char *text) {
    struct pd_civil c = pd_time_civil((first_day() + rank / SEQUENCES % DAYS) * PD_DAY);
    write_number(text, 0, 6, (int)(rank / SEQUENCES / DAYS) + AREA_FIRST);
    write_number(text, 6, 4, c.year);
    write_number(text, 10, 2, c.month);
    write_number(text, 12, 2, c.day);
    write_number(text, 14, 3, (int)(rank % SEQUENCES));
}

/* GB 11643, ISO 7064 MOD 11-2: the value of the check character, 10 is X. */
static int check_value(const char *text) {
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const int values[11] = {1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2};
    int sum = 0;
    for (size_t i = 0; i < 17; i++)
        sum += weights[i] * (text[i] - '0');
    return values[sum % 11];
}

static bool change_cn_id(struct protect_ff1 *ff1, pd_str tweak, char *text, size_t len,
                         bool decrypt) {
    uint16_t digits[RANK_DIGITS];
    int64_t rank;
    if (len != CN_ID)
        return false;
    for (size_t i = 0; i < CN_ID - 1; i++)
        if (!is_digit(text[i]))
            return false;
    char last = text[CN_ID - 1];
    int is = last == 'X' || last == 'x' ? 10 : is_digit(last) ? last - '0' : -1;
    int right = check_value(text);
    if (is != (decrypt ? (right + SHIFT) % 11 : right) || !rank_of(text, &rank))
        return false;
    do { /* 1.5 times in the mean: 6.6e13 of 1e14 numbers are ranks */
        for (size_t i = RANK_DIGITS; i-- > 0; rank /= 10)
            digits[i] = (uint16_t)(rank % 10);
        if (!crypt(ff1, tweak, digits, RANK_DIGITS, decrypt))
            return false;
        rank = 0;
        for (size_t i = 0; i < RANK_DIGITS; i++)
            rank = 10 * rank + digits[i];
    } while (rank >= RANKS);
    of_rank(rank, text);
    int value = decrypt ? check_value(text) : (check_value(text) + SHIFT) % 11;
    text[CN_ID - 1] = value == 10 ? 'X' : (char)('0' + value);
    return true;
}

/* ---- Telephones ---- */

static bool change_mobile(struct protect_ff1 *ff1, pd_str tweak, char *text, size_t len,
                          bool decrypt) {
    size_t places[CELL_MAX], n = only_digits(text, len, places);
    return n == 11 && text[places[0]] == '1' &&
           replace_digits(ff1, tweak, text, len, 3, 0, decrypt);
}

/* ---- One cell ---- */

static bool change(struct protect_ff1 *ff1, enum protect_format format, unsigned keep, pd_str tweak,
                   pd_str cell, bool decrypt, struct pd_buf *out) {
    char text[CELL_MAX];
    bool done = false;
    cell = pd_str_trim(cell);
    if (cell.len == 0 || cell.len > sizeof(text))
        return false;
    memcpy(text, cell.data, cell.len);
    switch (format) {
    case PROTECT_FORMAT_DIGITS:
        done = replace_digits(ff1, tweak, text, cell.len, keep, 0, decrypt);
        break;
    case PROTECT_FORMAT_CN_ID:
        done = change_cn_id(ff1, tweak, text, cell.len, decrypt);
        break;
    case PROTECT_FORMAT_CN_MOBILE:
        done = change_mobile(ff1, tweak, text, cell.len, decrypt);
        break;
    case PROTECT_FORMAT_CARD:
        done = change_card(ff1, tweak, text, cell.len, decrypt);
        break;
    case PROTECT_FORMAT_COUNT:
        break;
    }
    if (done)
        pd_buf_add(out, text, cell.len);
    return done;
}

bool protect_format_encrypt(struct protect_ff1 *ff1, enum protect_format format, unsigned keep,
                            pd_str tweak, pd_str cell, struct pd_buf *out) {
    return change(ff1, format, keep, tweak, cell, false, out);
}

bool protect_format_decrypt(struct protect_ff1 *ff1, enum protect_format format, unsigned keep,
                            pd_str tweak, pd_str cell, struct pd_buf *out) {
    return change(ff1, format, keep, tweak, cell, true, out);
}
