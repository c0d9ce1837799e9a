/* Addresses of the network in running text, and keys that open something. */
#include "detect/scan_impl.h"

#include <math.h>
#include <string.h>

static bool is_atext(char c) {
    return detect_is_letter(c) || detect_is_digit(c) ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

/* A letter of a script that is written without spaces: it doesn't belong to what stands beside it.
 */
static bool is_wide(pd_str text, size_t at) {
    return (unsigned char)text.data[at] >= 0xe2;
}

/* Where the local part begins. An ASCII one ends at the first other letter of a wide script;
   without one the letters of that script are the local part (RFC 6531). */
static size_t local_start(pd_str text, size_t at) {
    enum { MOST_LOCAL = 64 };
    size_t start = at;
    bool is_ascii = true;
    while (start > 0 && at - start < MOST_LOCAL) {
        size_t before = scan_before(text, start);
        struct scan_char c = scan_char_at(text, before);
        bool is_plain = c.len == 1 && is_atext(c.ascii);
        bool is_other = c.ascii == 0 && c.len > 1;
        if (start == at)
            is_ascii = is_plain || !is_wide(text, before);
        if (!is_plain && !(is_other && is_ascii != is_wide(text, before)))
            break;
        /* U+3000..U+303F and U+FF00 on are punctuation. */
        if (is_other && is_wide(text, before) &&
            ((unsigned char)text.data[before] < 0xe4 || (unsigned char)text.data[before] > 0xe9))
            break;
        start = before;
    }
    while (start < at && strchr(".'`=/|{}?&*", text.data[start]) && text.data[start] != '\0')
        start++;
    return start;
}

static size_t domain_end(pd_str text, size_t at) {
    size_t end = at;
    bool is_ascii = at < text.len && (unsigned char)text.data[at] < 0x80;
    while (end < text.len) {
        struct scan_char c = scan_char_at(text, end);
        unsigned char lead = (unsigned char)text.data[end];
        bool is_plain = c.len == 1 && (detect_is_letter(c.ascii) || detect_is_digit(c.ascii) ||
                                       c.ascii == '.' || c.ascii == '-');
        bool is_other = !is_ascii && c.ascii == 0 && lead >= 0xe4 && lead <= 0xed;
        if (!is_plain && !is_other)
            break;
        end += c.len;
    }
    while (end > at && (text.data[end - 1] == '.' || text.data[end - 1] == '-'))
        end--;
    return end;
}

void scan_email(struct scan_window *w, size_t at) {
    size_t start = local_start(w->text, at), end = domain_end(w->text, at + 1);
    if (start == at || end == at + 1 || scan_is_word_at(w, end))
        return;
    /* "to:a@b.org" and "x=a@b.org" begin behind the mark. */
    while (start < at && !detect_email(pd_str_sub(w->text, start, end - start)))
        start += scan_char_at(w->text, start).len;
    if (start < at)
        scan_judge(w, start, end, DETECT_EMAIL, false);
}

/* ---- links, host names, addresses of the network ---- */

static size_t link_end(pd_str text, size_t at) {
    enum { MOST_LINK = 2048 };
    size_t end = at;
    while (end < text.len && end - at < MOST_LINK) {
        unsigned char c = (unsigned char)text.data[end];
        if (c <= ' ' || c >= 0x7f || strchr("<>\"'`{}|\\^", (char)c))
            break;
        end++;
    }
    while (end > at && strchr(".,;:!?)]", text.data[end - 1])) {
        bool closes = text.data[end - 1] == ')' &&
                      pd_str_find_char(pd_str_sub(text, at, end - at), '(') != PD_NPOS;
        bool is_address = text.data[end - 1] == ']';
        if (closes || is_address)
            break;
        end--;
    }
    return end;
}

void scan_link(struct scan_window *w, size_t at) {
    size_t scheme = at;
    while (scheme < w->text.len && scheme - at < 24 &&
           (detect_is_letter(w->text.data[scheme]) || detect_is_digit(w->text.data[scheme]) ||
            (scheme > at && strchr("+-.", w->text.data[scheme]) && w->text.data[scheme])))
        scheme++;
    if (!pd_str_starts(pd_str_sub(w->text, scheme, 3), PD_STR("://")))
        return;
    size_t end = link_end(w->text, at);
    enum detect_url url = detect_url(pd_str_sub(w->text, at, end - at));
    if (url == DETECT_URL_WITH_SECRET)
        scan_judge(w, at, end, DETECT_URL_CREDENTIALS, false);
    else if (url == DETECT_URL_PLAIN)
        scan_judge(w, at, end, DETECT_URL, false);
}

void scan_host(struct scan_window *w, size_t at) {
    char before = at > 0 ? w->text.data[at - 1] : ' ';
    if (before == '@' || before == '/' || before == '.' || before == '-' || before == '\\')
        return;
    size_t end = domain_end(w->text, at);
    bool has_more = end < w->text.len && (w->text.data[end] == '@' || w->text.data[end] == '_' ||
                                          w->text.data[end] == '(');
    if (end - at <= 253 && !has_more && !scan_is_word_at(w, end) &&
        pd_str_find_char(pd_str_sub(w->text, at, end - at), '.') != PD_NPOS &&
        detect_domain(pd_str_sub(w->text, at, end - at)))
        scan_judge(w, at, end, DETECT_URL, false);
}

static bool is_hex(char c) {
    return detect_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Hex digits and colons: an IPv6 address needs three groups here, since "a::b" is also code. */
void scan_colons(struct scan_window *w, size_t at) {
    enum { MOST = 64 };
    size_t end = at, colons = 0, groups = 0;
    bool in_group = false;
    char before = at > 0 ? w->text.data[at - 1] : ' ';
    if (before == ':' || before == '.')
        return;
    while (end < w->text.len && end - at < MOST &&
           (is_hex(w->text.data[end]) || w->text.data[end] == ':' || w->text.data[end] == '.')) {
        colons += w->text.data[end] == ':';
        groups += !in_group && is_hex(w->text.data[end]);
        in_group = is_hex(w->text.data[end]);
        end++;
    }
    if (colons < 2 || groups < 3)
        return;
    size_t stop = end;
    if (end < w->text.len && w->text.data[end] == '%') {
        stop++;
        while (scan_is_word_at(w, stop) && stop < w->text.len && stop - end < 17)
            stop++;
        if (stop == end + 1)
            stop = end;
    } else {
        while (stop > at && !is_hex(w->text.data[stop - 1]))
            stop--;
    }
    pd_str text = pd_str_sub(w->text, at, stop - at);
    if (scan_is_word_at(w, stop))
        return;
    if (detect_mac(text))
        scan_judge(w, at, stop, DETECT_MAC, false);
    else if (detect_ipv6(text))
        scan_judge(w, at, stop, DETECT_IPV6, false);
}

/* ---- keys and tokens ---- */

static double entropy(pd_str s) {
    unsigned counts[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < s.len; i++)
        counts[(unsigned char)s.data[i]]++;
    for (size_t i = 0; i < 256; i++) {
        double share = (double)counts[i] / (double)s.len;
        if (counts[i] > 0)
            bits -= share * log2(share);
    }
    return bits;
}

/* A private key from its first line to its last, as far as one finding may reach. */
static void find_private_key(struct scan_window *w, size_t at) {
    enum { MOST_KEY = 8192 };
    pd_str rest = pd_str_sub(w->text, at, MOST_KEY);
    size_t end = pd_str_find(rest, PD_STR("-----END "));
    if (end == PD_NPOS)
        return;
    pd_str tail = pd_str_sub(rest, end + 9, rest.len);
    size_t close = pd_str_find(tail, PD_STR("-----"));
    if (close == PD_NPOS || close > 64)
        return;
    size_t len = end + 9 + close + 5;
    if (detect_secret(pd_str_sub(rest, 0, len)))
        scan_judge(w, at, at + len, DETECT_SECRET, false);
}

/* What follows "password=", "api_key: '", "密码：": long and mixed enough to be one. */
static void find_named_secret(struct scan_window *w, size_t at, size_t end) {
    enum { LEAST = 8, MOST = 200, NEAR = 24 };
    pd_str text = pd_str_sub(w->text, at, end - at);
    size_t digits = 0, uppers = 0, lowers = 0;
    if (text.len < LEAST || text.len > MOST)
        return;
    /* The word stands right before, with a mark between. */
    size_t mark = at;
    bool has_mark = false;
    while (mark > 0 && at - mark < 6) {
        size_t before = scan_before(w->text, mark);
        char c = scan_char_at(w->text, before).ascii;
        if (c == '\0' || !strchr("=:\"' ", c))
            break;
        has_mark = has_mark || c == '=' || c == ':';
        mark = before;
    }
    if (!has_mark)
        return;
    for (size_t i = 0; i < text.len; i++) {
        digits += detect_is_digit(text.data[i]);
        uppers += text.data[i] >= 'A' && text.data[i] <= 'Z';
        lowers += text.data[i] >= 'a' && text.data[i] <= 'z';
    }
    size_t from = mark > NEAR ? mark - NEAR : 0;
    if (digits == 0 || uppers + lowers == 0 ||
        !(scan_types_near(w, from, mark - from) & DETECT_BIT(DETECT_SECRET)) ||
        entropy(text) < 2.75)
        return;
    struct detect_name words = scan_words_before(w, mark, NEAR);
    const char *word = detect_context_word(&words, DETECT_BIT(DETECT_SECRET));
    if (word)
        scan_add(w, at, end, DETECT_SECRET, false, DETECT_MEDIUM, "it looks random", word);
}

/* What tokens hold: see scan_block. */
static bool is_token_mark(char c) {
    return c != '\0' && strchr("_-.+/=!@#$%^&*~", c) != NULL;
}

void scan_secrets(struct scan_window *w, size_t at) {
    if (w->text.data[at] == '-') {
        if (pd_str_starts(pd_str_sub(w->text, at, 11), PD_STR("-----BEGIN ")))
            find_private_key(w, at);
        return;
    }
    enum { LEAST = 8, MOST = 2048 };
    size_t end = at;
    while (end < w->text.len && end - at <= MOST) {
        char c = w->text.data[end];
        if (!detect_is_letter(c) && !detect_is_digit(c) && !is_token_mark(c))
            break;
        end++;
    }
    if (end - at > MOST || end - at < LEAST)
        return;
    size_t whole = end;
    while (end > at && strchr(".=/", w->text.data[end - 1]))
        end--;
    if (detect_secret(pd_str_sub(w->text, at, end - at))) {
        scan_judge(w, at, end, DETECT_SECRET, false);
        return;
    }
    /* A token may end before a mark that passwords may hold. */
    size_t plain = at;
    while (plain < end && (scan_is_word_at(w, plain) || w->text.data[plain] == '-'))
        plain++;
    if (plain < end && detect_secret(pd_str_sub(w->text, at, plain - at)))
        scan_judge(w, at, plain, DETECT_SECRET, false);
    while (whole > at && strchr(".,;", w->text.data[whole - 1]))
        whole--;
    find_named_secret(w, at, whole);
}
