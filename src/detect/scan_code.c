/* Identifiers of letters and digits in running text: words, and neighbours that may belong to them.
 */
#include "detect/scan_impl.h"

#include <string.h>

enum { MOST_GROUPS = 10, MOST_SPAN = 60, MOST_WORD = 40, MOST_WIDTH = 3 /* bytes */ };

/* What makes up a code: starts and ends of words that single separators join. */
struct span {
    size_t start[MOST_GROUPS], end[MOST_GROUPS];
    size_t digits[MOST_GROUPS], letters[MOST_GROUPS];
    size_t count;
};

static bool is_joint(char c) {
    return c == ' ' || c == '-' || c == '.' || c == '/';
}

static struct span read_span(const struct scan_window *w, size_t at) {
    struct span s = {0};
    size_t characters = 0;
    while (s.count < MOST_GROUPS && at < w->text.len && characters < MOST_SPAN) {
        size_t n = s.count, word = 0;
        s.start[n] = at;
        while (at < w->text.len && word <= MOST_WORD) {
            struct scan_char c = scan_char_at(w->text, at);
            bool is_digit = detect_is_digit(c.ascii);
            if (!is_digit && !detect_is_letter(c.ascii))
                break;
            s.digits[n] += is_digit;
            s.letters[n] += !is_digit;
            at += c.len;
            word++;
        }
        if (word == 0 || word > MOST_WORD)
            break;
        s.end[n] = at;
        s.count++;
        characters += word + 1;
        /* A longer word of letters is a word, no part of a code. */
        if (s.digits[n] == 0 && s.letters[n] > 4) {
            s.count -= n > 0;
            break;
        }
        if (at >= w->text.len)
            break;
        struct scan_char c = scan_char_at(w->text, at);
        if (!is_joint(c.ascii))
            break;
        at += c.len;
    }
    return s;
}

/* Whether digits go on beside a place, joined by something that numbers are written with. */
static bool goes_on_before(const struct scan_window *w, size_t at) {
    if (at < 2)
        return false;
    char c = w->text.data[at - 1];
    return (c == '-' || c == '.' || c == ',') && detect_is_digit(w->text.data[at - 2]);
}

static bool goes_on_at(const struct scan_window *w, size_t at) {
    if (at + 1 >= w->text.len)
        return false;
    char c = w->text.data[at];
    return (c == '-' || c == '.' || c == ',') && detect_is_digit(w->text.data[at + 1]);
}

static void judge_all(struct scan_window *w, size_t start, size_t end, struct detect_hits hits) {
    for (detect_bits bits = hits.sure | hits.weak; bits != 0; bits &= bits - 1) {
        int type = __builtin_ctzll(bits);
        scan_judge(w, start, end, (enum detect_type)type, (hits.weak >> type & 1) != 0);
    }
}

void scan_codes(struct scan_window *w, size_t at) {
    static const detect_bits others =
        DETECT_BIT(DETECT_EMAIL) | DETECT_BIT(DETECT_PHONE) | DETECT_BIT(DETECT_URL) |
        DETECT_BIT(DETECT_URL_CREDENTIALS) | DETECT_BIT(DETECT_SECRET) |
        DETECT_BIT(DETECT_COORDINATES) | DETECT_BIT(DETECT_DATE_OF_BIRTH) |
        DETECT_BIT(DETECT_PERSON_NAME) | DETECT_BIT(DETECT_ADDRESS) | DETECT_BIT(DETECT_IPV6);
    if (!scan_has_digits(w, at, MOST_WIDTH * (MOST_SPAN + MOST_WORD + 2), 4) ||
        goes_on_before(w, at))
        return;
    struct span s = read_span(w, at);
    size_t digits = 0;
    for (size_t n = 0; n < s.count; n++) {
        digits += s.digits[n];
        if (digits < 4 || goes_on_at(w, s.end[n]) || scan_is_word_at(w, s.end[n]))
            continue;
        pd_str text = pd_str_sub(w->text, at, s.end[n] - at);
        judge_all(w, at, s.end[n], detect_cell(text, w->types & ~others, w->options->today));
        /* D879363(9) */
        if (n == 0 && s.end[n] + 3 <= w->text.len && w->text.data[s.end[n]] == '(' &&
            detect_hk_bracketed(pd_str_sub(w->text, at, s.end[n] + 3 - at)))
            scan_add(w, at, s.end[n] + 3, DETECT_HK_ID, false, DETECT_HIGH, "a right check digit",
                     NULL);
    }
}

/* The longest of the texts that start at `at`, are made of `allowed` and end in a character that
   may be last, and of which `is` holds. */
static size_t longest(const struct scan_window *w, size_t at, const char *allowed, size_t most,
                      bool (*is)(pd_str text, bool *is_weak), bool *is_weak) {
    size_t end = at;
    while (end < w->text.len && end - at < most) {
        struct scan_char c = scan_char_at(w->text, end);
        bool is_sign = c.len > 1 && pd_str_find(pd_str_from(allowed),
                                                pd_str_sub(w->text, end, c.len)) != PD_NPOS;
        if (!is_sign && (c.ascii == '\0' || !strchr(allowed, c.ascii)))
            break;
        end += c.len;
    }
    for (; end > at; end = scan_before(w->text, end)) {
        char last = w->text.data[end - 1];
        bool may_end = detect_is_digit(last) || detect_is_letter(last) || last == ')';
        if (may_end && !scan_is_word_at(w, end) && !goes_on_at(w, end) &&
            is(pd_str_sub(w->text, at, end - at), is_weak))
            return end;
    }
    return 0;
}

static bool is_phone(pd_str s, bool *is_weak) {
    enum detect_match match = detect_phone(s);
    *is_weak = match == DETECT_WEAK;
    return match != DETECT_NO;
}

void scan_phones(struct scan_window *w, size_t at) {
    enum { MOST = 32, DIGITS = 7 };
    bool is_weak;
    if (!scan_has_digits(w, at, MOST + 3, DIGITS) || goes_on_before(w, at) ||
        (at > 0 && strchr("+(", w->text.data[at]) && scan_is_word_before(w, at)))
        return;
    size_t end = longest(w, at, "0123456789 ()-./+x", MOST, is_phone, &is_weak);
    if (end > 0)
        scan_judge(w, at, end, DETECT_PHONE, is_weak);
}

void scan_births(struct scan_window *w, size_t at) {
    enum { LEAST = 6, MOST = 24, DIGITS = 4 };
    if (!scan_has_digits(w, at, MOST + 3, DIGITS) || goes_on_before(w, at))
        return;
    size_t end = at;
    while (end < w->text.len && end - at < MOST) {
        struct scan_char c = scan_char_at(w->text, end);
        pd_str character = pd_str_sub(w->text, end, c.len);
        bool is_sign =
            pd_str_is(character, "年") || pd_str_is(character, "月") || pd_str_is(character, "日");
        if (!detect_is_digit(c.ascii) && c.ascii != '-' && c.ascii != '/' && c.ascii != '.' &&
            !is_sign)
            break;
        end += c.len;
    }
    while (end > at && strchr("-/.", w->text.data[end - 1]))
        end--;
    pd_str text = pd_str_sub(w->text, at, end - at);
    if (text.len >= LEAST && !scan_is_word_at(w, end) &&
        detect_date_of_birth(text, w->options->today))
        scan_judge(w, at, end, DETECT_DATE_OF_BIRTH, false);
}

static bool is_point(pd_str s, bool *is_weak) {
    *is_weak = false;
    return detect_coordinates(s);
}

void scan_points(struct scan_window *w, size_t at) {
    bool is_weak;
    if (!scan_has_digits(w, at, 64 + 3, 2) || scan_is_word_before(w, at) || goes_on_before(w, at))
        return;
    char c = w->text.data[at];
    if (c == 'g' && !pd_str_starts(pd_str_sub(w->text, at, 4), PD_STR("geo:")))
        return;
    if ((c == 'P' || c == 'p') &&
        !pd_str_eq_ascii_case(pd_str_sub(w->text, at, 5), PD_STR("point")))
        return;
    size_t end =
        longest(w, at, "0123456789.,;+- ()°º′'’″\"”NSEWgeo:POINTpoint", 64, is_point, &is_weak);
    if (end == 0)
        return;
    detect_bits against;
    const char *word = scan_context(w, at, end, DETECT_BIT(DETECT_COORDINATES), &against);
    scan_add(w, at, end, DETECT_COORDINATES, false, word ? DETECT_HIGH : DETECT_MEDIUM, "its form",
             word);
}
