/*
 * Where finders are sent: at places where what they look for can begin, as bits tell. Each test
 * here is a condition that no finding of its kind can do without; the finders themselves decide.
 *
 * | What                        | Where it is tried                                               |
 * | --------------------------- | --------------------------------------------------------------- |
 * | codes                       | words with a digit, four digits and eight characters in a row   |
 * |                             | of groups; short words of letters before such a word            |
 * | telephone numbers           | seven digits in a row of their characters, from a digit, + or ( |
 * | births                      | a digit that a date can begin with                              |
 * | points                      | three decimals or a degree sign behind a number; geo: POINT (   |
 * | e-mail                      | @                                                               |
 * | links, host names           | "://"; a dot between a word and two letters                     |
 * | MAC, IPv6                   | "::" or five colons in a row of hex digits                      |
 * | keys and tokens             | sixteen characters in a row; eight with a digit behind = or :   |
 * | names                       | a capital: a given name, or letters before it that can end a    |
 * |                             | title or words that introduce a name                            |
 * | streets                     | a number with a capital behind it, or a kind of street before   |
 * |                             | it; a word that begins streets or units of buildings            |
 * | addresses behind words      | a word behind letters in which such words end                   |
 * | Chinese names and addresses | family names and divisions; behind words that can introduce one |
 * | number plates               | a Chinese character before a letter                             |
 */
#include "detect/scan_impl.h"

#include <limits.h>
#include <string.h>

enum { CHUNK = 64 /* blocks whose marks are made together */ };

/* Whether finders may be sent there. */
static bool is_wanted(const struct scan_window *w, size_t at) {
    return at >= w->visit_from && at < w->visit_to;
}

static bool wants(const struct scan_window *w, enum detect_type type) {
    return (w->types & DETECT_BIT(type)) != 0;
}

/* Of one class, the 64 bytes from `at` on, and those before it (the highest bit is the last). */
#define FROM(w, class_, at)                                                                        \
    ((w)->blocks[(at) / 64].class_ >> (at) % 64 | (w)->blocks[(at) / 64 + 1].class_                \
                                                      << 1 << (63 - (at) % 64))
#define UNTIL(w, class_, at)                                                                       \
    ((w)->blocks[(at) / 64].class_ << 1 << (63 - (at) % 64) |                                      \
     (w)->blocks[(ptrdiff_t)((at) / 64) - 1].class_ >> (at) % 64)

static size_t run_of(uint64_t bits) {
    return ~bits ? (size_t)__builtin_ctzll(~bits) : 64;
}

static uint64_t first_bits(size_t n) {
    return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

static size_t count_bits(uint64_t bits) {
    return (size_t)__builtin_popcountll(bits);
}

/* A byte; zero behind the end. */
static char byte_at(const struct scan_window *w, size_t at) {
    return at < w->text.len ? w->text.data[at] : '\0';
}

static bool is_beyond_ascii(char c) {
    return (unsigned char)c >= 0x80;
}

/* A letter or digit at which a word begins. */
static bool begins_word(const struct scan_window *w, size_t at) {
    return (detect_is_letter(w->text.data[at]) || detect_is_digit(w->text.data[at])) &&
           !scan_is_word_before(w, at);
}

/* ---- codes ---- */

/* Whether a byte may begin a character that stands for one of ASCII: EF BC, E3 80, C2 A0. */
static bool may_be_narrowed(char c) {
    return c == (char)0xef || c == (char)0xe3 || c == (char)0xc2;
}

/* Whether scan_codes can find something there: four digits, and eight letters and digits or an IPv4
   address, in a row of groups. A longer word of letters ends it. */
static bool could_be_code(const struct scan_window *w, size_t at) {
    enum { LEAST_DIGITS = 4, LEAST = 8, MOST_LETTERS = 4 };
    uint64_t digits = FROM(w, digit, at), alnums = digits | FROM(w, letter, at);
    uint64_t joints = FROM(w, joint, at);
    size_t len = run_of(alnums | (joints & (alnums >> 1 | UINT64_C(1) << 63)));
    if (len == 64 || may_be_narrowed(byte_at(w, at + len)) ||
        (joints >> len & 1 && may_be_narrowed(byte_at(w, at + len + 1))))
        return true;
    if (count_bits(digits & first_bits(len)) < LEAST_DIGITS)
        return false;
    size_t word = run_of(alnums);
    if (byte_at(w, at + word) == '(')
        return true; /* D879363(9) */
    size_t end = 0;
    while (end < len) {
        size_t n = run_of(alnums >> end);
        if (n > MOST_LETTERS && (digits >> end & first_bits(n)) == 0)
            break;
        end += n + 1;
    }
    end = end < len ? end : len;
    size_t count = count_bits(digits & first_bits(end));
    size_t characters = count_bits(alnums & first_bits(end));
    bool could_be_ipv4 =
        word <= 3 && byte_at(w, at + word) == '.' && count_bits(joints & first_bits(end)) >= 3;
    return count >= LEAST_DIGITS && (characters >= LEAST || could_be_ipv4);
}

static void look_for_codes(struct scan_window *w, size_t at) {
    if (is_wanted(w, at) && could_be_code(w, at))
        scan_codes(w, at);
}

/* A word with digits begins at `at`: short words of letters before it may belong to a code. */
static void look_for_heads(struct scan_window *w, size_t at) {
    enum { MOST_GROUPS = 10, MOST_LETTERS = 4 };
    for (int n = 1; n < MOST_GROUPS && at > 0; n++) {
        size_t end = scan_before(w->text, at);
        char joint = scan_char_at(w->text, end).ascii;
        if (joint != ' ' && joint != '-' && joint != '.' && joint != '/')
            return;
        size_t start = end;
        while (start > 0 && end - start <= MOST_LETTERS &&
               detect_is_letter(w->text.data[start - 1]))
            start--;
        if (start == end || end - start > MOST_LETTERS || !begins_word(w, start))
            return;
        look_for_codes(w, start);
        at = start;
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
    if (count_bits(digits & first_bits(len < MOST ? len : MOST)) >= DIGITS)
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

static bool is_name_capital(char c) {
    return (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0xc3;
}

/* What stands between the words of a street. */
static bool ends_street_word(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == ';' || c == '(' ||
           c == ')' || c == '<' || c == '>' || c == '"';
}

/* "14 Crown Street": a capital or another number behind the number. */
static bool could_begin_street(const struct scan_window *w, size_t at, size_t n) {
    enum { MOST_DIGITS = 5, MOST = 120 };
    size_t end = at + n;
    if (n > MOST_DIGITS)
        return false;
    while (end - at < MOST && !ends_street_word(byte_at(w, end)))
        end++;
    char next = byte_at(w, end + 1);
    return byte_at(w, end) == ' ' && (is_name_capital(next) || detect_is_digit(next));
}

/* "Main Street 14", "Hauptstraße 5": the word before the number is a kind of street; the first of
   its words may begin within what looks like one word, as in "an-der-Hauptstraße". */
static bool could_end_street(const struct scan_window *w, size_t at) {
    enum { MOST = 60, SHORT = 4 };
    if (at < 2 || w->text.data[at - 1] != ' ')
        return false;
    size_t end = at - 1, start = end;
    bool has_capital = false;
    for (; start > 0 && end - start < MOST && !ends_street_word(w->text.data[start - 1]); start--)
        has_capital = has_capital || is_name_capital(w->text.data[start - 1]);
    pd_str word = pd_str_sub(w->text, start, end - start);
    if (word.len == MOST)
        return true;
    return (has_capital && detect_is_street_compound(word)) ||
           (word.len > 0 && (is_name_capital(word.data[0]) || word.len <= SHORT) &&
            detect_is_street_word(word));
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

static void look_at_number(struct scan_window *w, size_t at) {
    size_t n = run_of(FROM(w, digit, at));
    if (is_beyond_ascii(w->text.data[at - (at > 0)]) && !begins_word(w, at))
        return;
    look_at_digits(w, at);
    if (wants(w, DETECT_ADDRESS) && could_end_street(w, at))
        look_back_for_street(w, at);
    if (!is_wanted(w, at))
        return;
    look_for_phone(w, at);
    if (wants(w, DETECT_DATE_OF_BIRTH) && could_be_birth(w, at, n))
        scan_births(w, at);
    if (wants(w, DETECT_COORDINATES) && could_be_point(w, at, n))
        scan_points(w, at);
    if (wants(w, DETECT_ADDRESS) && could_begin_street(w, at, n))
        scan_street(w, at);
}

/* A word that begins with letters has its first digit at `at`. */
static void look_at_mixed(struct scan_window *w, size_t at) {
    enum { MOST_WORD = 41 };
    size_t start = at;
    while (start > 0 && at - start < MOST_WORD && detect_is_letter(w->text.data[start - 1]))
        start--;
    if (begins_word(w, start))
        look_at_digits(w, start);
}

static void look_at_open(struct scan_window *w, size_t at) {
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

static void look_at_dash(struct scan_window *w, size_t at) {
    if (!is_wanted(w, at))
        return;
    if (w->text.data[at + 1] == '-')
        scan_secrets(w, at);
    else if (wants(w, DETECT_COORDINATES) &&
             could_be_point(w, at + 1, run_of(FROM(w, digit, at + 1))))
        scan_points(w, at);
}

/* ---- networks and keys ---- */

static bool is_hex(char c) {
    return detect_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "::", or five colons, in the row of hex digits, colons and dots that has one at `at`. */
static void look_for_colons(struct scan_window *w, size_t at) {
    enum { MOST = 64, MANY = 5 };
    size_t start = at, end = at, colons = 0;
    bool is_double = false;
    while (end < w->text.len && end - at < MOST &&
           (is_hex(w->text.data[end]) || w->text.data[end] == ':' || w->text.data[end] == '.')) {
        bool is_colon = w->text.data[end] == ':';
        is_double = is_double || (is_colon && w->text.data[end + 1] == ':');
        colons += is_colon;
        end++;
    }
    if (!is_double && colons < MANY)
        return;
    while (start > 0 && at - start < MOST &&
           (is_hex(w->text.data[start - 1]) || w->text.data[start - 1] == '.'))
        start--;
    if (is_wanted(w, start) && begins_word(w, start))
        scan_colons(w, start);
}

/* Each word from which a scheme can reach to the "://" at `at`. */
static void look_for_link(struct scan_window *w, size_t at) {
    enum { MOST_SCHEME = 24 };
    for (size_t start = at; start > 0 && at - start < MOST_SCHEME; start--) {
        char c = w->text.data[start - 1];
        if (!detect_is_letter(c) && !detect_is_digit(c) && c != '+' && c != '-' && c != '.')
            return;
        if (detect_is_letter(c) && is_wanted(w, start - 1) && begins_word(w, start - 1))
            scan_link(w, start - 1);
    }
}

static void look_at_colon(struct scan_window *w, size_t at) {
    const char *c = w->text.data + at;
    if (c[1] == '/' && c[2] == '/')
        look_for_link(w, at);
    if (at > 0 && is_hex(c[-1]) && (is_hex(c[1]) || c[1] == ':'))
        look_for_colons(w, at);
    if (at >= 3 && memcmp(c - 3, "geo", 3) == 0 && wants(w, DETECT_COORDINATES) &&
        is_wanted(w, at - 3) && begins_word(w, at - 3))
        scan_points(w, at - 3);
}

/* A host name that has the dot at `at`: it begins where its characters do. */
static void look_for_host(struct scan_window *w, size_t at) {
    enum { MOST_HOST = 253 };
    size_t start = at;
    while (start > 0 && at - start < MOST_HOST) {
        char c = w->text.data[start - 1];
        if (!detect_is_letter(c) && !detect_is_digit(c) && c != '.' && c != '-')
            break;
        start--;
    }
    if (start < at && is_wanted(w, start) && begins_word(w, start) && w->host_at != start) {
        w->host_at = start; /* the next dot may be of the same */
        scan_host(w, start);
    }
}

/* Behind = or : a row of at least eight characters of tokens may be a password if it has a digit.
 */
static void look_for_password(struct scan_window *w, size_t at) {
    size_t len = run_of(FROM(w, token, at));
    bool has_digit = len == 64 || (FROM(w, digit, at) & first_bits(len)) != 0;
    if (has_digit && is_wanted(w, at) && begins_word(w, at))
        scan_secrets(w, at);
}

/* At least sixteen: a token of a known head. */
static void look_for_token(struct scan_window *w, size_t at) {
    if (detect_may_begin_secret(w->text.data[at]) && is_wanted(w, at) && begins_word(w, at))
        scan_secrets(w, at);
}

/* Its address begins before it: the last place where one may begin isn't the last for an @. */
static void look_at_sign(struct scan_window *w, size_t at) {
    if (at >= w->visit_from)
        scan_email(w, at);
}

/* ---- western names, and addresses behind words ---- */

enum { NAMES = 1, ADDRESSES = 2 };

/* The last letters of the words before a name or an address, and the letter before these: NAMES and
   ADDRESSES. `last` is a space for a word of one letter. */
static unsigned phrases_of(char third, char second, char last) {
#define ANY(letters) (strchr(letters, third) != NULL && third != '\0')
    switch ((second | 0x20) << 8 | (last | 0x20)) {
    case 'i' << 8 | 's':
        return (ANY("e") ? NAMES : 0u) | (ANY("s") ? ADDRESSES : 0u);
    case 's' << 8 | 's':
        return ANY("e") ? ADDRESSES : 0;
    case 'a' << 8 | 't':
        return ANY("sedg") ? ADDRESSES : 0;
    case 't' << 8 | 'o':
        return (ANY("k") ? NAMES : 0u) | (ANY("tnp") ? ADDRESSES : 0u);
    case 'i' << 8 | 'n':
        return ANY("d") ? ADDRESSES : 0;
    case 'o' << 8 | 'n':
        return ANY("s") ? NAMES | ADDRESSES : 0;
    case 's' << 8 | 'e':
        return ANY("s") ? ADDRESSES : 0;
    case 'f' << 8 | 't':
        return ANY("i") ? ADDRESSES : 0;
    case 'e' << 8 | 'd':
        return ANY("mln") ? NAMES : 0;
    case 'm' << 8 | 'e':
        return ANY("lsa") ? NAMES : 0;
    case 'a' << 8 | 'm':
    case ' ' << 8 | 'm':
        return ANY("i") ? NAMES : 0;
    case 'a' << 8 | 'r':
        return ANY("e") ? NAMES : 0;
    case 'h' << 8 | 'i':
        return NAMES;
    case 'l' << 8 | 'o':
        return ANY("l") ? NAMES : 0;
    case 'y' << 8 | 's':
        return ANY("a") ? NAMES : 0;
    case 'b' << 8 | 'y':
        return ANY("dn") ? NAMES : 0;
    case 'a' << 8 | 's':
        return ANY("n") ? NAMES : 0;
    case 'i' << 8 | 'm':
    case 'e' << 8 | 'r':
        return ANY("h") ? NAMES : 0;
    }
#undef ANY
    return 0;
}

/* Which phrases may end before `at`: their last three letters, with whatever stands between words.
   What isn't ASCII may be anything, but a Chinese character is no letter of theirs. */
static unsigned phrases_before(const struct scan_window *w, size_t at) {
    enum { MOST = 40 };
    uint64_t letters = UNTIL(w, letter, at), others = UNTIL(w, digit, at) | UNTIL(w, high, at);
    uint64_t both = letters | others;
    if (both == 0)
        return 0;
    size_t back = (size_t)__builtin_clzll(both) + 1;
    char last = w->text.data[at - back];
    if (is_beyond_ascii(last)) {
        size_t end = at - back + 1, start = scan_before(w->text, end);
        return detect_is_han(w->text.data + start, end - start) ? 0 : NAMES | ADDRESSES;
    }
    if (back > MOST || !detect_is_letter(last))
        return 0;
    if (at > back && is_beyond_ascii(w->text.data[at - back - 1]))
        return NAMES | ADDRESSES;
    bool is_two = letters << back >> 63;
    char second = is_two ? w->text.data[at - back - 1] : ' ';
    back += is_two;
    uint64_t rest = both << back;
    if (rest == 0)
        return phrases_of('e', second, last) | phrases_of('i', second, last) ? NAMES | ADDRESSES
                                                                             : 0;
    char third = w->text.data[at - back - 1 - (size_t)__builtin_clzll(rest)];
    if (is_beyond_ascii(third))
        return NAMES | ADDRESSES;
    return phrases_of((char)(third | 0x20), second, last);
}

/* A name stands behind a title and a space: whether a title may end before `at`, and where it
   begins. */
static void look_for_title(struct scan_window *w, size_t at) {
    enum { MOST = 10 };
    if (at < 3 || w->text.data[at - 1] != ' ' || !wants(w, DETECT_PERSON_NAME))
        return;
    size_t end = at - 1;
    end -= w->text.data[end - 1] == '.';
    size_t start = end;
    while (start > 0 && end - start < MOST && detect_is_letter(w->text.data[start - 1]))
        start--;
    if (end - start == 2 && start >= 4 && is_beyond_ascii(w->text.data[start - 1]) &&
        !scan_is_title(pd_str_sub(w->text, start, 2)))
        start -= 4; /* señor */
    if (end - start < 2 || end - start == MOST)
        return;
    if (scan_is_title(pd_str_sub(w->text, start, end - start)) && is_wanted(w, start) &&
        begins_word(w, start))
        scan_name(w, start);
}

/* Words that begin streets ("Via", "Rue") or units ("Apt"), by their first two letters: the lengths
   that they have. */
#define PAIR(a, b) (((a)&31) << 5 | ((b)&31))
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

static void look_at_capital(struct scan_window *w, size_t at) {
    enum { STREET = 120 };
    if (is_beyond_ascii(w->text.data[at - (at > 0)]) && !begins_word(w, at))
        return;
    size_t n = run_of(FROM(w, letter, at));
    const char *text = w->text.data + at;
    look_for_title(w, at);
    if (!is_wanted(w, at))
        return;
    if (wants(w, DETECT_ADDRESS) && n < 16 && n >= 2 &&
        (street_heads[PAIR(text[0], text[1])] >> n & 1) && scan_has_digits(w, at, STREET, 1))
        scan_street(w, at);
    if (wants(w, DETECT_PERSON_NAME) && n >= 1 &&
        (detect_may_be_given_name(text, n) || (phrases_before(w, at) & NAMES)))
        scan_name(w, at);
    if ((text[0] == 'N' || text[0] == 'S') && wants(w, DETECT_COORDINATES) &&
        could_be_degrees(w, at))
        scan_points(w, at);
}

/* The word behind the letters that end at `at`. */
static void look_behind_phrase(struct scan_window *w, size_t at) {
    enum { MOST = 24, LONGEST = 140 };
    uint64_t words = (FROM(w, letter, at + 1) | FROM(w, digit, at + 1)) & first_bits(MOST);
    if (words == 0)
        return;
    size_t next = at + 1 + (size_t)__builtin_ctzll(words);
    if (is_wanted(w, next) && (phrases_before(w, next) & ADDRESSES) && begins_word(w, next) &&
        scan_has_digits(w, next, LONGEST, 1))
        scan_introduced(w, next);
}

/* ---- beyond ASCII ---- */

/* A full-width letter or digit, which may be part of a code, begin a street, or end words that
   introduce something. */
static void look_at_full(struct scan_window *w, size_t at) {
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

/* Whether the words before `at` may introduce a name or an address: what ends there is a character
   in which such words end (or a mark: 是), or no Chinese one. */
static bool could_be_introduced(const struct scan_window *w, size_t at, unsigned ends) {
    enum { MOST = 30 };
    for (size_t end = at; end > 0 && at - end < MOST;) {
        size_t start = scan_before(w->text, end);
        struct scan_char c = scan_char_at(w->text, start);
        unsigned char lead = (unsigned char)w->text.data[start];
        if (detect_is_han(w->text.data + start, end - start))
            return (detect_character_at(w->text.data + start, end - start) & ends) != 0;
        if (detect_is_letter(c.ascii))
            return true;
        if (detect_is_digit(c.ascii))
            return false;
        if (c.ascii == 0 && lead >= 0xc3 && lead != 0xe2 && lead != 0xe3)
            return true;
        if (lead == 0xe3 && (unsigned char)w->text.data[start + 1] > 0x80)
            return true; /* kana; E3 80 are marks */
        end = start;
    }
    return false;
}

/* Chinese characters, of which most begin nothing. */
static void look_at_han(struct scan_window *w, size_t at) {
    const char *text = w->text.data + at;
    size_t left = w->text.len - at;
    if (!is_wanted(w, at) || !detect_is_han(text, left))
        return;
    unsigned character = detect_character_at(text, left), ends = UINT_MAX;
    bool follows_han = at >= 3 && detect_is_han(text - 3, 3);
    if (follows_han)
        ends = detect_character_at(text - 3, 3);
    if ((character & (DETECT_FAMILY | DETECT_FAMILY_PAIR)) && (ends & DETECT_ENDS_NAME) &&
        wants(w, DETECT_PERSON_NAME))
        scan_han_name(w, at);
    bool may_be_division = (character & DETECT_DIVISION_1) && left >= 6 &&
                           (detect_character_at(text + 3, left - 3) & DETECT_DIVISION_2);
    if (wants(w, DETECT_ADDRESS) &&
        (may_be_division || (follows_han ? (ends & DETECT_ENDS_ADDRESS) != 0
                                         : could_be_introduced(w, at, DETECT_ENDS_ADDRESS))))
        scan_han_address(w, at);
    if (left > 3 && detect_is_letter(text[3]) && wants(w, DETECT_CN_PLATE))
        scan_plate(w, at);
}

/* ---- the walk ---- */

/* Looks at the place of each bit; `base` is that of the lowest. */
static inline void at_each(struct scan_window *w, size_t base, uint64_t bits,
                           void (*look)(struct scan_window *w, size_t at)) {
    for (; bits != 0; bits &= bits - 1)
        look(w, base + (size_t)__builtin_ctzll(bits));
}

/* What reaches over the ends of blocks on the way. */
struct carry {
    uint64_t letters; /* a row of letters from the start of a word goes on: 0 or 1 */
    uint64_t equals;  /* of the block before */
};

/* Of the rows of 1, those that are so long from a place on, in powers of two up to 16. */
static uint64_t rows_of(uint64_t bits, uint64_t next, int len) {
    for (int n = 1; n < len; n *= 2) {
        uint64_t shifted = bits >> n | next << (64 - n);
        next &= next >> n; /* exact as far as it is used */
        bits &= shifted;
    }
    return bits;
}

/* The places at most twenty bytes behind = or :, or behind what may be one in full width: six
   characters of three bytes. */
static uint64_t behind_equals(const struct scan_marks *marks, const struct scan_block *b,
                              struct carry *carry) {
    enum { MOST = 20 };
    uint64_t equals = marks->equals | b->full, last = carry->equals, behind = 0;
    carry->equals = equals;
    if ((equals | last) != 0) {
        for (int n = 1; n <= MOST; n++)
            behind |= equals << n | last >> (64 - n);
    }
    return behind;
}

static void look_at_block(struct scan_window *w, size_t base, const struct scan_marks *marks,
                          struct carry *carry) {
    const struct scan_block *b = &w->blocks[(ptrdiff_t)(base / SCAN_BLOCK)];
    uint64_t alnum = b->letter | b->digit;
    uint64_t starts = alnum & ~(b->word << 1 | b[-1].word >> 63);
    uint64_t letters_on = b->letter >> 1 | b[1].letter << 63;
    /* Rows of letters that begin words, added to themselves, carry into the bit behind them. */
    uint64_t sum, row_starts = starts & b->letter;
    bool over = __builtin_add_overflow(b->letter, row_starts, &sum);
    over = __builtin_add_overflow(sum, carry->letters, &sum) || over;
    carry->letters = over;
    uint64_t mixed = sum & ~b->letter & b->digit;
    at_each(w, base, starts & b->digit, look_at_number);
    at_each(w, base, mixed, look_at_mixed);
    at_each(w, base, starts & marks->upper, look_at_capital);
    at_each(w, base, marks->phrase & ~(letters_on | b->digit >> 1 | b[1].digit << 63),
            look_behind_phrase);
    at_each(w, base, marks->open, look_at_open);
    at_each(w, base, marks->dash, look_at_dash);
    at_each(w, base, marks->colon, look_at_colon);
    at_each(w, base, marks->at, look_at_sign);
    at_each(w, base,
            marks->dot & (alnum << 1 | (b[-1].letter | b[-1].digit) >> 63) & letters_on &
                (b->letter >> 2 | b[1].letter << 62),
            look_for_host);
    uint64_t eight = starts & rows_of(b->token, b[1].token, 8);
    at_each(w, base, eight & behind_equals(marks, b, carry), look_for_password);
    at_each(w, base, eight & rows_of(b->token, b[1].token, 16), look_for_token);
    if (b->high != 0) {
        at_each(w, base, b->full, look_at_full);
        at_each(w, base, marks->han, look_at_han);
        at_each(w, base, marks->accent, look_for_title);
    }
}

void scan_look(struct scan_window *w) {
    enum { BEFORE = 64, BEHIND = 320 }; /* from where on and how far what is found can be told */
    struct scan_marks marks[CHUNK];
    struct carry carry = {0};
    size_t from = w->visit_from > BEFORE ? w->visit_from - BEFORE : 0;
    size_t end = w->text.len - w->visit_to > BEHIND ? w->visit_to + BEHIND : w->text.len;
    size_t last = (end + SCAN_BLOCK - 1) / SCAN_BLOCK;
    w->host_at = SIZE_MAX;
    for (size_t n = from / SCAN_BLOCK; n < last && !w->failed;) {
        size_t count = last - n < CHUNK ? last - n : CHUNK;
        w->bits->marks(w->text.data + n * SCAN_BLOCK, count, marks);
        for (size_t i = 0; i < count && !w->failed; i++, n++)
            look_at_block(w, n * SCAN_BLOCK, &marks[i], &carry);
    }
}
