/* Where codes, telephone numbers, births, points and streets with a number are looked for. */
#include "detect/scan_look.h"

#include <string.h>

/* ---- codes ---- */

/* Whether a byte may begin a character that stands for one of ASCII: EF BC, E3 80, C2 A0. */
static bool may_be_narrowed(char c) {
    return c == (char)0xef || c == (char)0xe3 || c == (char)0xc2;
}

/* How codes of several groups begin: by the lengths of the first two, a bit for each that the third
   can have, the lowest if there need be none (the groupings of cell.c; telephone numbers behind
   0086). VAT numbers are grouped anyhow. */
static const uint16_t third_groups[8][16] = {
    [2] = {[2] = 1 << 2, [3] = 1 << 3, [6] = 1 << 1 | 1 << 6 | 1 << 9},
    [3] = {[2] = 1 << 4, [3] = 1 << 3 | 1 << 4, [4] = 1 << 4},
    [4] = {[3] = 1 << 4, [4] = 1 << 4 | 1 << 5, [5] = 1 << 1, [6] = 1 << 4 | 1 << 5, [11] = 1},
    [6] = {[2] = 1 << 6, [6] = 1 << 3, [7] = 1, [8] = 1 << 3 | 1 << 4, [13] = 1},
    [7] = {[4] = 1 << 4},
};

/* Whether letters and digits begin in groups as a code can: only pairs and fours have letters. */
static bool begins_as_groups(uint64_t alnums, uint64_t digits, size_t first, size_t len) {
    size_t second = run_of(alnums >> (first + 1));
    if (first >= 8 || second >= 16)
        return false;
    size_t end = first + 1 + second, third = end < len ? run_of(alnums >> (end + 1)) : 0;
    unsigned thirds = third_groups[first][second];
    if (!(thirds & 1) && (third >= 16 || !(thirds >> third & 1)))
        return false;
    uint64_t letters = alnums & ~digits & first_bits(end);
    return letters == 0 || (first == 2 && second != 3) || (first == 4 && second == 4);
}

/* Whether scan_codes can find something there: four digits, and eight letters and digits or an IPv4
   address, in a row of groups. */
static bool could_be_code(const struct scan_window *w, size_t at) {
    enum { DIGITS = 4, LEAST = 8, VAT_DIGITS = 6 };
    uint64_t digits = FROM(w, digit, at), alnums = digits | FROM(w, letter, at);
    uint64_t joints = FROM(w, joint, at);
    size_t len = run_of(alnums | (joints & (alnums >> 1 | UINT64_C(1) << 63)));
    if (len == 64 || may_be_narrowed(byte_at(w, at + len)) ||
        (joints >> len & 1 && may_be_narrowed(byte_at(w, at + len + 1))))
        return true;
    if (!has_bits(digits & first_bits(len), DIGITS))
        return false;
    size_t first = run_of(alnums);
    if (first >= LEAST || byte_at(w, at + first) == '(') /* D879363(9) */
        return true;
    if (first == len)
        return false;
    const char *text = w->text.data + at;
    bool is_dotted = first <= 3 && text[first] == '.';
    return (is_dotted && has_bits(joints & first_bits(len), 3)) ||
           (begins_as_groups(alnums, digits, first, len) &&
            has_bits(alnums & first_bits(len), LEAST)) ||
           (detect_may_be_vat(text[0], text[first == 1 ? 2 : 1]) &&
            has_bits(digits & first_bits(len), VAT_DIGITS));
}

static void look_for_codes(struct scan_window *w, size_t at) {
    if (is_wanted(w, at) && could_be_code(w, at))
        scan_codes(w, at);
}

/* A word with digits begins at `at`: short words of letters before it may belong to a code. */
static void look_for_heads(struct scan_window *w, size_t at) {
    enum { MOST_GROUPS = 10, MOST_LETTERS = 4 };
    for (int n = 1; n < MOST_GROUPS && at > 1; n++) {
        size_t end = at - 1;
        if (is_beyond_ascii(w->text.data[end]))
            end = scan_before(w->text, at);
        char joint = scan_char_at(w->text, end).ascii;
        if (joint != ' ' && joint != '-' && joint != '.' && joint != '/')
            return;
        uint64_t others = ~UNTIL(w, letter, end);
        size_t letters = others ? (size_t)__builtin_clzll(others) : 64;
        if (letters == 0 || letters > MOST_LETTERS || !begins_word(w, end - letters))
            return;
        at = end - letters;
        look_for_codes(w, at);
    }
}

static void look_at_digits(struct scan_window *w, size_t at) {
    look_for_codes(w, at);
    if (at > 0 && (UNTIL(w, joint, at) >> 63 || is_beyond_ascii(w->text.data[at - 1])))
        look_for_heads(w, at);
}

/* ---- what begins with a digit, a sign or a bracket ---- */

static void look_for_phone(struct scan_window *w, size_t at) {
    enum { MOST = 32, DIGITS = 7 };
    uint64_t digits = FROM(w, digit, at);
    size_t len = run_of(digits | FROM(w, dial, at));
    if (has_bits(digits & first_bits(len < MOST ? len : MOST), DIGITS))
        scan_phones(w, at);
}

/* Forms by what stands behind the first `n` digits: yyyymmdd, yyyymm; or a mark and more digits,
   and where the year is last a second mark. */
static bool could_be_birth(const struct scan_window *w, size_t at, size_t n) {
    char mark = byte_at(w, at + n);
    if (n == 6 || n == 8 || (n <= 4 && mark == (char)0xe5))
        return true;
    if ((n != 4 && n > 2) || (mark != '-' && mark != '/' && mark != '.'))
        return false;
    size_t second = run_of(FROM(w, digit, at) >> (n + 1));
    return second >= 1 && second <= 2 && (n == 4 || byte_at(w, at + n + 1 + second) == mark);
}

/* Three decimals, or a degree sign (C2 B0, C2 BA) behind a number of `n` digits. */
static bool could_be_point(const struct scan_window *w, size_t at, size_t n) {
    enum { LEAST_DECIMALS = 3 };
    if (n > 3)
        return false;
    if (byte_at(w, at + n) == '.') {
        size_t decimals = run_of(FROM(w, digit, at + n + 1));
        if (decimals >= LEAST_DECIMALS)
            return true;
        n += 1 + decimals;
    }
    return byte_at(w, at + n) == (char)0xc2;
}

/* What stands between the words of a street. */
static bool ends_street_word(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == ';' || c == '(' ||
           c == ')' || c == '<' || c == '>' || c == '"';
}

/* "14 Crown Street": two more words with a capital or a digit behind the number. */
static bool could_begin_street(const struct scan_window *w, size_t at, size_t n) {
    enum { MOST_DIGITS = 5, MOST = 120 };
    size_t end = at + n;
    if (n > MOST_DIGITS)
        return false;
    for (int words = 0; words < 2; words++, end++) {
        while (end - at < MOST && !ends_street_word(byte_at(w, end)))
            end++;
        char next = byte_at(w, end + 1);
        if (byte_at(w, end) != ' ' || (!is_name_capital(next) && !detect_is_digit(next)))
            return false;
    }
    return true;
}

/* Words at the end of streets (detect_is_street_word). */
static const uint16_t street_ends[1024] = {
    [PAIR('a', 'l')] = 1 << 5,
    [PAIR('a', 'v')] = 1 << 6 | 1 << 3,
    [PAIR('b', 'l')] = 1 << 4,
    [PAIR('b', 'o')] = 1 << 9,
    [PAIR('c', 'i')] = 1 << 6 | 1 << 3,
    [PAIR('c', 'l')] = 1 << 5,
    [PAIR('c', 'o')] = 1 << 5,
    [PAIR('c', 'r')] = 1 << 8,
    [PAIR('c', 't')] = 1 << 2,
    [PAIR('d', 'r')] = 1 << 5 | 1 << 2,
    [PAIR('g', 'a')] = 1 << 7,
    [PAIR('g', 'r')] = 1 << 5,
    [PAIR('h', 'i')] = 1 << 7 | 1 << 4,
    [PAIR('h', 'w')] = 1 << 3,
    [PAIR('l', 'a')] = 1 << 4,
    [PAIR('l', 'n')] = 1 << 2,
    [PAIR('l', 'o')] = 1 << 4,
    [PAIR('m', 'e')] = 1 << 4,
    [PAIR('p', 'a')] = 1 << 7 | 1 << 4,
    [PAIR('p', 'i')] = 1 << 4,
    [PAIR('p', 'k')] = 1 << 4,
    [PAIR('p', 'l')] = 1 << 5,
    [PAIR('q', 'u')] = 1 << 4,
    [PAIR('r', 'd')] = 1 << 2,
    [PAIR('r', 'o')] = 1 << 4 | 1 << 3,
    [PAIR('s', 'q')] = 1 << 6 | 1 << 2,
    [PAIR('s', 't')] = 1 << 7 | 1 << 6 | 1 << 2,
    [PAIR('t', 'e')] = 1 << 7,
    [PAIR('t', 'r')] = 1 << 5 | 1 << 3,
    [PAIR('w', 'a')] = 1 << 4 | 1 << 3,
};

/* The last two bytes of compounds that are streets (detect_is_street_compound), a bit for each. */
static const bool compound_ends[1024] = {
    [PAIR('a', 'n')] = true, [PAIR('a', 't')] = true, [PAIR('c', 'a')] = true,
    [PAIR('d', 'e')] = true, [PAIR('e', 'e')] = true, [PAIR('e', 'g')] = true,
    [PAIR('e', 'j')] = true, [PAIR('e', 'l')] = true, [PAIR('e', 'n')] = true,
    [PAIR('e', 'r')] = true, [PAIR('e', 't')] = true, [PAIR('h', 't')] = true,
    [PAIR('i', 'e')] = true, [PAIR('i', 'n')] = true, [PAIR('j', 'a')] = true,
    [PAIR('m', 'm')] = true, [PAIR('s', 'e')] = true, [PAIR('t', 'a')] = true,
    [PAIR('t', 'u')] = true, [PAIR('t', 'z')] = true, [PAIR(0x9f, 'e')] = true, /* ß */
};

/* "Main Street 14", "Hauptstraße 5": the word before the number is a kind of street; the first of
   its words may begin within what looks like one word, as in "an-der-Hauptstraße". */
static bool could_end_street(const struct scan_window *w, size_t at) {
    enum { MOST = 60, SHORT = 3 };
    if (at < 3 || w->text.data[at - 1] != ' ')
        return false;
    size_t end = at - 1, start = end;
    while (end > 2 && (w->text.data[end - 1] == '.' || w->text.data[end - 1] == ','))
        end--;
    uint64_t others = ~UNTIL(w, letter, end);
    size_t letters = others ? (size_t)__builtin_clzll(others) : 64;
    const char *last = w->text.data + end - 1;
    bool is_compound = letters > 0 && compound_ends[PAIR(last[-1], last[0])];
    if (!is_compound && !is_of_length(street_ends, last + 1 - letters, letters))
        return false;
    bool has_capital = false;
    for (; start > 0 && at - start < MOST && !ends_street_word(w->text.data[start - 1]); start--)
        has_capital = has_capital || is_name_capital(w->text.data[start - 1]);
    pd_str word = pd_str_sub(w->text, start, start < end ? end - start : 0);
    return at - start == MOST || (has_capital && detect_is_street_compound(word)) ||
           ((has_capital || word.len <= SHORT) && detect_is_street_word(word));
}

/* All words with a capital that a street with this number could begin with. */
static void look_back_for_street(struct scan_window *w, size_t number) {
    enum { MOST = 120 };
    size_t limit = number > MOST ? number - MOST : 0;
    for (size_t at = number; at > limit; at--) {
        char c = w->text.data[at - 1];
        if (c == '\n' || c == '\0')
            return;
        if (c >= 'A' && c <= 'Z' && is_wanted(w, at - 1) && begins_word(w, at - 1))
            scan_street(w, at - 1);
    }
}

/* Whether there is enough for a code, a telephone number, a birth or a point: four digits in a row
   of what these are made of, or something beyond ASCII behind it. */
static bool has_enough_digits(const struct scan_window *w, size_t at, uint64_t digits) {
    enum { LEAST = 4 };
    size_t len = run_of(FROM(w, word, at) | FROM(w, dial, at));
    return len == 64 || has_bits(digits & first_bits(len), LEAST) ||
           is_beyond_ascii(w->text.data[at + len]);
}

void scan_look_number(struct scan_window *w, size_t at) {
    uint64_t digits = FROM(w, digit, at);
    size_t n = run_of(digits);
    if (at > 0 && is_beyond_ascii(w->text.data[at - 1]) && !begins_word(w, at))
        return;
    if (wants(w, DETECT_ADDRESS)) {
        if (could_end_street(w, at))
            look_back_for_street(w, at);
        if (could_begin_street(w, at, n) && is_wanted(w, at))
            scan_street(w, at);
    }
    if (!has_enough_digits(w, at, digits))
        return;
    look_at_digits(w, at);
    if (!is_wanted(w, at))
        return;
    look_for_phone(w, at);
    if (wants(w, DETECT_DATE_OF_BIRTH) && could_be_birth(w, at, n))
        scan_births(w, at);
    if (wants(w, DETECT_COORDINATES) && could_be_point(w, at, n))
        scan_points(w, at);
}

/* A word that begins with letters has its first digit at `at`. */
void scan_look_mixed(struct scan_window *w, size_t at) {
    enum { MOST_WORD = 41 };
    size_t start = at;
    while (start > 0 && at - start < MOST_WORD && detect_is_letter(w->text.data[start - 1]))
        start--;
    if (begins_word(w, start))
        look_at_digits(w, start);
}

void scan_look_open(struct scan_window *w, size_t at) {
    if (is_wanted(w, at))
        look_for_phone(w, at);
    if (w->text.data[at] != '(' || !wants(w, DETECT_COORDINATES))
        return;
    size_t end = at; /* POINT (30 10) */
    while (end > 0 && at - end < 64 && w->text.data[end - 1] == ' ')
        end--;
    if (end >= 5 && pd_str_eq_ascii_case(pd_str_sub(w->text, end - 5, 5), PD_STR("point")) &&
        is_wanted(w, end - 5) && begins_word(w, end - 5))
        scan_points(w, end - 5);
}

void scan_look_dash(struct scan_window *w, size_t at) {
    if (!is_wanted(w, at))
        return;
    if (w->text.data[at + 1] == '-')
        scan_secrets(w, at);
    else if (wants(w, DETECT_COORDINATES) &&
             could_be_point(w, at + 1, run_of(FROM(w, digit, at + 1))))
        scan_points(w, at);
}

/* ---- full width ---- */

/* A full-width letter or digit, which may be part of a code, begin a street, or end words that
   introduce something. */
void scan_look_full(struct scan_window *w, size_t at) {
    struct scan_char c = scan_char_at(w->text, at);
    bool is_word = detect_is_letter(c.ascii) || detect_is_digit(c.ascii);
    if (c.ascii == '@' && is_wanted(w, at))
        scan_email(w, at);
    if (!is_word)
        return;
    if (!scan_is_word_before(w, at)) {
        if (is_wanted(w, at)) {
            scan_codes(w, at);
            scan_western(w, at);
        }
        look_for_heads(w, at);
    } else if (at > 0 && !is_beyond_ascii(w->text.data[at - 1])) {
        size_t start = at;
        while (start > 0 && (detect_is_letter(w->text.data[start - 1]) ||
                             detect_is_digit(w->text.data[start - 1])))
            start--;
        if (start < at && begins_word(w, start)) {
            if (is_wanted(w, start))
                scan_codes(w, start);
            look_for_heads(w, start);
        }
    }
    uint64_t words = FROM(w, letter, at + c.len) | FROM(w, digit, at + c.len);
    size_t rest = run_of(words);
    words = rest < 64 ? words & ~first_bits(rest) : 0;
    size_t next = at + c.len + (words ? (size_t)__builtin_ctzll(words) : 0);
    if (words != 0 && is_wanted(w, next) && begins_word(w, next))
        scan_western(w, next);
}
