/*
 * Every finder at every place where it may be asked: slow, and without any of the tests by which
 * scan_look.c passes over text. Both find the same; tests/unit/detect_same_test.c holds them
 * against each other.
 */
#include "detect/scan_impl.h"

static void look_at_word(struct scan_window *w, size_t at) {
    scan_codes(w, at);
    scan_link(w, at);
    scan_host(w, at);
    scan_colons(w, at);
    scan_secrets(w, at);
    scan_western(w, at);
}

static void look_at_number(struct scan_window *w, size_t at) {
    scan_phones(w, at);
    if (w->types & DETECT_BIT(DETECT_DATE_OF_BIRTH))
        scan_births(w, at);
}

static void look_at_han(struct scan_window *w, size_t at) {
    if (w->types & DETECT_BIT(DETECT_PERSON_NAME))
        scan_han_name(w, at);
    if (w->types & DETECT_BIT(DETECT_ADDRESS))
        scan_han_address(w, at);
    if (w->types & DETECT_BIT(DETECT_CN_PLATE))
        scan_plate(w, at);
}

static void look_at(struct scan_window *w, size_t at) {
    struct scan_char c = scan_char_at(w->text, at);
    bool is_letter = detect_is_letter(c.ascii), is_digit = detect_is_digit(c.ascii);
    bool begins = (is_letter || is_digit) && !scan_is_word_before(w, at);
    unsigned char lead = (unsigned char)w->text.data[at];
    if (begins)
        look_at_word(w, at);
    if ((begins && is_digit) || c.ascii == '+' || c.ascii == '(')
        look_at_number(w, at);
    if ((begins || c.ascii == '-') && (w->types & DETECT_BIT(DETECT_COORDINATES)))
        scan_points(w, at);
    if (c.ascii == '-')
        scan_secrets(w, at);
    if (c.ascii == '@')
        scan_email(w, at);
    if (c.len == 3 && lead >= 0xe4 && lead <= 0xe9)
        look_at_han(w, at);
}

void scan_look_everywhere(struct scan_window *w) {
    enum { BEHIND = 320 }; /* an e-mail address is found at its @ */
    size_t end = w->visit_to;
    for (size_t at = w->visit_from; at < end && !w->failed; at += scan_char_at(w->text, at).len)
        look_at(w, at);
    size_t last = w->text.len - end > BEHIND ? end + BEHIND : w->text.len;
    for (size_t at = end; at < last && !w->failed; at++) {
        if (w->text.data[at] == '@')
            scan_email(w, at);
    }
}
