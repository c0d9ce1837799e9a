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
#include "detect/scan_look.h"

#include <string.h>

enum { CHUNK = 64 /* blocks whose marks are made together */ };

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

/* Whether = or : stands before, perhaps with quotes and spaces between, or something in full width.
 */
static bool is_behind_equals(const struct scan_window *w, size_t at) {
    enum { MOST = 6 };
    for (size_t n = 1; n <= MOST && n <= at; n++) {
        char c = w->text.data[at - n];
        if (c == '=' || c == ':' || is_beyond_ascii(c))
            return true;
        if (c != ' ' && c != '"' && c != '\'')
            return false;
    }
    return false;
}

/* Behind = or : a row of at least eight characters of tokens may be a password if it has a digit.
 */
static void look_for_password(struct scan_window *w, size_t at) {
    size_t len = run_of(FROM(w, token, at));
    bool has_digit = len == 64 || (FROM(w, digit, at) & first_bits(len)) != 0;
    if (has_digit && is_behind_equals(w, at) && is_wanted(w, at) && begins_word(w, at))
        scan_secrets(w, at);
}

/* At least sixteen: a token of a known head. */
static void look_for_token(struct scan_window *w, size_t at) {
    if (detect_may_begin_secret(w->text.data + at) && is_wanted(w, at) && begins_word(w, at))
        scan_secrets(w, at);
}

/* Its address begins before it: the last place where one may begin isn't the last for an @. */
static void look_at_sign(struct scan_window *w, size_t at) {
    if (at >= w->visit_from)
        scan_email(w, at);
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
    uint64_t equals = marks->equals | b->full, last = carry->equals;
    carry->equals = equals;
    if ((equals | last) == 0)
        return 0;
    for (int n = 1; n <= 8; n *= 2) { /* each bit and the fifteen above it */
        equals |= equals << n | last >> (64 - n);
        last |= last << n;
    }
    return equals << 1 | last >> 63 | equals << 5 | last >> 59;
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
    at_each(w, base, starts & b->digit, scan_look_number);
    at_each(w, base, mixed, scan_look_mixed);
    at_each(w, base, starts & marks->upper, scan_look_capital);
    at_each(w, base, marks->phrase & ~(letters_on | b->digit >> 1 | b[1].digit << 63),
            scan_look_behind);
    at_each(w, base, marks->open, scan_look_open);
    at_each(w, base, marks->dash, scan_look_dash);
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
        at_each(w, base, b->full, scan_look_full);
        at_each(w, base, marks->han, scan_look_han);
        at_each(w, base, marks->accent, scan_look_title);
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
