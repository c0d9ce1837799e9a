/* Where names, and addresses behind words, are looked for: western and Chinese. */
#include "detect/scan_look.h"

#include <limits.h>
#include <string.h>

/* ---- western names, and addresses behind words ---- */

#define AS(letter) ((uint32_t)1 << ((letter)&31))

/* By the last two letters of the words before a name or an address: the letters that can stand
   before these, a space apart or not. Of a word of one letter the first is a space. */
static const uint32_t before_addresses[1024] = {
    [PAIR('i', 's')] = AS('s'), /* address is */
    [PAIR('s', 's')] = AS('e'),
    [PAIR('a', 't')] = AS('s') | AS('e') | AS('d') | AS('g'), /* lives at, live at, located at */
    [PAIR('t', 'o')] = AS('t') | AS('n') | AS('p'),           /* sent to, return to, ship to */
    [PAIR('i', 'n')] = AS('d'),                               /* lived in */
    [PAIR('o', 'n')] = AS('s'),                               /* lives on */
    [PAIR('s', 'e')] = AS('s'),                               /* adresse */
    [PAIR('f', 't')] = AS('i'),                               /* anschrift */
};
static const uint32_t before_names[1024] = {
    [PAIR('i', 's')] = AS('e'), /* name is */
    [PAIR('e', 'd')] = AS('m') | AS('l') | AS('n'),
    [PAIR('m', 'e')] = AS('l') | AS('s') | AS('a'), /* call me, name */
    [PAIR('a', 'm')] = AS('i'),
    [PAIR(' ', 'm')] = AS('i'),
    [PAIR('a', 'r')] = AS('e'), /* dear */
    [PAIR('h', 'i')] = ~UINT32_C(0),
    [PAIR('l', 'o')] = AS('l'),
    [PAIR('o', 'n')] = AS('s'), /* person */
    [PAIR('t', 'o')] = AS('k'), /* speak to */
    [PAIR('y', 's')] = AS('a'), /* says */
    [PAIR('b', 'y')] = AS('d') | AS('n'),
    [PAIR('a', 's')] = AS('n'), /* known as */
    [PAIR('i', 'm')] = AS('h'),
    [PAIR('e', 'r')] = AS('h'),
};

/* Whether words that are told by their last three letters may end before `at`. What isn't ASCII may
   be anything, but a Chinese character is no letter of theirs. */
static bool may_follow(const struct scan_window *w, size_t at, const uint32_t *thirds) {
    enum { MOST = 40 };
    uint64_t letters = UNTIL(w, letter, at);
    uint64_t all = letters | UNTIL(w, digit, at) | UNTIL(w, high, at);
    if (all == 0)
        return false;
    size_t back = (size_t)__builtin_clzll(all) + 1;
    const char *last = w->text.data + at - back;
    if (is_beyond_ascii(last[0])) {
        size_t end = at - back + 1, start = scan_before(w->text, end);
        return !detect_is_han(w->text.data + start, end - start);
    }
    if (back > MOST || !detect_is_letter(last[0]))
        return false;
    if (at == back)
        return false;
    if (is_beyond_ascii(last[-1]))
        return true;
    bool is_two = detect_is_letter(last[-1]);
    uint32_t possible = thirds[PAIR(is_two ? last[-1] : ' ', last[0])];
    if (possible == 0 || possible == ~UINT32_C(0))
        return possible != 0;
    uint64_t rest = all << back << is_two;
    if (rest == 0)
        return true;
    char third = last[-1 - is_two - __builtin_clzll(rest)];
    return is_beyond_ascii(third) || (detect_is_letter(third) && (possible >> (third & 31) & 1));
}

/* By the first letter of titles: their lengths. */
static const uint16_t titles[32] = {
    ['d' & 31] = 1 << 2 | 1 << 6,
    ['f' & 31] = 1 << 4,
    ['h' & 31] = 1 << 4,
    ['l' & 31] = 1 << 4,
    ['m' & 31] = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6,
    ['p' & 31] = 1 << 4 | 1 << 9,
    ['s' & 31] = 1 << 3,
};

/* A name stands behind a title and a space: whether a title may end before `at`. */
void scan_look_title(struct scan_window *w, size_t at) {
    if (at < 3 || w->text.data[at - 1] != ' ' || !wants(w, DETECT_PERSON_NAME))
        return;
    size_t end = at - 1;
    end -= w->text.data[end - 1] == '.';
    uint64_t others = ~UNTIL(w, letter, end);
    size_t len = others ? (size_t)__builtin_clzll(others) : 64;
    if (len < 2 || len > 9)
        return;
    const char *word = w->text.data + end - len;
    bool has_length = titles[word[0] & 31] >> len & 1;
    if (!has_length && len == 2 && end >= 6 && is_beyond_ascii(word[-1]))
        len = 6; /* señor */
    else if (!has_length)
        return;
    size_t start = end - len;
    if (scan_is_title(pd_str_sub(w->text, start, len)) && is_wanted(w, start) &&
        begins_word(w, start))
        scan_name(w, start);
}

/* Words that begin streets ("Via", "Rue") or units ("Apt"). */
static const uint16_t street_heads[1024] = {
    [PAIR('a', 'l')] = 1 << 3,          [PAIR('a', 'p')] = 1 << 3 | 1 << 9,
    [PAIR('a', 'v')] = 1 << 6 | 1 << 7, [PAIR('b', 'o')] = 1 << 9,
    [PAIR('b', 'u')] = 1 << 7,          [PAIR('c', 'a')] = 1 << 5 | 1 << 6,
    [PAIR('c', 'h')] = 1 << 6,          [PAIR('c', 'o')] = 1 << 5,
    [PAIR('f', 'l')] = 1 << 4,          [PAIR('l', 'a')] = 1 << 5,
    [PAIR('p', 'a')] = 1 << 5,          [PAIR('p', 'i')] = 1 << 6,
    [PAIR('p', 'l')] = 1 << 5,          [PAIR('r', 'o')] = 1 << 4,
    [PAIR('r', 'u')] = 1 << 3,          [PAIR('s', 't')] = 1 << 3 | 1 << 6,
    [PAIR('s', 'u')] = 1 << 5,          [PAIR('t', 'r')] = 1 << 8,
    [PAIR('u', 'l')] = 1 << 2 | 1 << 5, [PAIR('u', 'n')] = 1 << 4,
    [PAIR('v', 'i')] = 1 << 3 | 1 << 5,
};

/* "N39°54′", "S 12°": a degree sign within a few bytes. */
static bool could_be_degrees(const struct scan_window *w, size_t at) {
    enum { NEAR = 40 };
    size_t next = at + 1;
    while (byte_at(w, next) == ' ')
        next++;
    char c = byte_at(w, next);
    if (!detect_is_digit(c) && c != '+' && c != '-')
        return false;
    return memchr(w->text.data + next, 0xc2, pd_str_sub(w->text, next, NEAR).len) != NULL;
}

void scan_look_capital(struct scan_window *w, size_t at) {
    enum { STREET = 120 };
    if (at > 0 && is_beyond_ascii(w->text.data[at - 1]) && !begins_word(w, at))
        return;
    size_t n = run_of(FROM(w, letter, at));
    const char *text = w->text.data + at;
    scan_look_title(w, at);
    if (!is_wanted(w, at))
        return;
    if (wants(w, DETECT_ADDRESS) && is_of_length(street_heads, text, n) &&
        scan_has_digits(w, at, STREET, 1))
        scan_street(w, at);
    if (wants(w, DETECT_PERSON_NAME) && n >= 1 &&
        (detect_may_be_given_name(text, n) || may_follow(w, at, before_names)))
        scan_name(w, at);
    if ((text[0] == 'N' || text[0] == 'S') && wants(w, DETECT_COORDINATES) &&
        could_be_degrees(w, at))
        scan_points(w, at);
}

/* The word behind the letters that end at `at`. */
void scan_look_behind(struct scan_window *w, size_t at) {
    enum { MOST = 24, LONGEST = 140 };
    const char *last = w->text.data + at;
    char third = at < 3 ? 's' : detect_is_letter(last[-2]) ? last[-2] : last[-3];
    bool is_other = at >= 3 && detect_is_letter(third) &&
                    !(before_addresses[PAIR(last[-1], last[0])] >> (third & 31) & 1);
    if (is_other) /* most are: "nation" */
        return;
    uint64_t words = (FROM(w, letter, at + 1) | FROM(w, digit, at + 1)) & first_bits(MOST);
    if (words == 0)
        return;
    size_t next = at + 1 + (size_t)__builtin_ctzll(words);
    if (is_wanted(w, next) && may_follow(w, next, before_addresses) && begins_word(w, next) &&
        scan_has_digits(w, next, LONGEST, 1))
        scan_introduced(w, next);
}

/* ---- Chinese ---- */

/* Whether the two characters at the front may begin a division's name; the table has them. */
static bool could_be_division(const char *text) {
    const unsigned char *c = (const unsigned char *)text;
    unsigned pair = (unsigned)(c[1] << 9 ^ c[2] << 6 ^ c[4] << 4 ^ c[5]) % 32768u;
    return (detect_division_pairs[pair / 64] >> pair % 64 & 1) != 0;
}

/* Chinese characters, of which most begin nothing. */
void scan_look_han(struct scan_window *w, size_t at) {
    const char *text = w->text.data + at;
    size_t left = w->text.len - at;
    if (!is_wanted(w, at) || !detect_is_han(text, left))
        return;
    unsigned character = detect_character_at(text, left), ends = UINT_MAX;
    bool follows_han = at >= 3 && detect_is_han(text - 3, 3);
    if (follows_han)
        ends = detect_character_at(text - 3, 3);
    if ((character & (DETECT_FAMILY | DETECT_FAMILY_PAIR)) && (ends & DETECT_ENDS_NAME) &&
        wants(w, DETECT_PERSON_NAME) &&
        (!follows_han || scan_may_be_introduced(w, at, DETECT_ENDS_NAME)))
        scan_han_name(w, at);
    bool may_be_division = (character & DETECT_DIVISION_1) && left >= 6 &&
                           (detect_character_at(text + 3, left - 3) & DETECT_DIVISION_2) &&
                           could_be_division(text);
    if (wants(w, DETECT_ADDRESS) &&
        (may_be_division ||
         ((ends & DETECT_ENDS_ADDRESS) && scan_may_be_introduced(w, at, DETECT_ENDS_ADDRESS))))
        scan_han_address(w, at);
    if (left > 3 && detect_is_letter(text[3]) && wants(w, DETECT_CN_PLATE))
        scan_plate(w, at);
}
