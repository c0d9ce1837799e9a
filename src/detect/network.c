/* E-mail, network and device addresses, and links. */
#include "detect/detect_impl.h"

#include <string.h>

/* RFC 5322 3.2.3 atext, with any UTF-8 beyond ASCII (RFC 6531 3.3). */
static bool is_atext(char c) {
    if (detect_is_letter(c) || detect_is_digit(c) || (unsigned char)c >= 0x80)
        return true;
    return c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL;
}

static bool is_dot_atom(pd_str s) {
    char before = '.';
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '.' ? before == '.' : !is_atext(s.data[i]))
            return false;
        before = s.data[i];
    }
    return before != '.';
}

static bool is_label(pd_str label) {
    if (label.len < 1 || label.len > 63 || label.data[0] == '-' || label.data[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.data[i];
        if (!detect_is_letter(c) && !detect_is_digit(c) && c != '-' && (unsigned char)c < 0x80)
            return false;
    }
    return true;
}

/* The last label: letters only, or an internationalised name in either of its forms. */
static bool is_top_label(pd_str label) {
    if (pd_str_eq_ascii_case(pd_str_sub(label, 0, 4), PD_STR("xn--")))
        return label.len > 4;
    for (size_t i = 0; i < label.len; i++) {
        if (!detect_is_letter(label.data[i]) && (unsigned char)label.data[i] < 0x80)
            return false;
    }
    return label.len >= 2;
}

bool detect_email(pd_str s) {
    size_t at = pd_str_find_char(s, '@');
    if (s.len > 254 || at == PD_NPOS || at < 1 || at > 64 || !is_dot_atom(pd_str_sub(s, 0, at)))
        return false;
    if (!pd_utf8_valid(s, NULL))
        return false;
    pd_str rest = pd_str_sub(s, at + 1, s.len);
    if (rest.len == 0)
        return false;
    pd_str label = {0};
    size_t labels = 0;
    while (pd_str_split(&rest, '.', &label)) {
        if (!is_label(label))
            return false;
        labels++;
    }
    return labels >= 2 && is_top_label(label);
}

bool detect_ipv4(pd_str s) {
    if (s.len < 7 || s.len > 15)
        return false;
    size_t i = 0;
    for (int group = 0; group < 4; group++) {
        size_t start = i;
        int value = 0;
        for (; i < s.len && i - start < 3 && detect_is_digit(s.data[i]); i++)
            value = value * 10 + (s.data[i] - '0');
        size_t count = i - start;
        if (count == 0 || value > 255 || (count > 1 && s.data[start] == '0'))
            return false;
        if (group < 3 && (i >= s.len || s.data[i++] != '.'))
            return false;
    }
    return i == s.len;
}

static bool is_hex(char c) {
    return detect_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 4291 2.2: eight groups, one run of zero groups as "::", the last two as dotted decimal; a
   zone behind % (RFC 4007). "::" alone and "::1" are nobody's. */
bool detect_ipv6(pd_str s) {
    size_t zone = pd_str_find_char(s, '%');
    if (zone != PD_NPOS) {
        if (zone + 1 == s.len || s.len - zone > 32)
            return false;
        s = pd_str_sub(s, 0, zone);
    }
    if (s.len < 4)
        return false;
    int groups = 0;
    bool has_gap = false;
    size_t i = 0;
    if (s.data[0] == ':') {
        if (s.data[1] != ':')
            return false;
        has_gap = true;
        i = 2;
    }
    while (i < s.len) {
        size_t n = 0;
        while (i + n < s.len && n < 5 && is_hex(s.data[i + n]))
            n++;
        if (i + n < s.len && s.data[i + n] == '.') {
            if (!detect_ipv4(pd_str_sub(s, i, s.len)))
                return false;
            groups += 2;
            break;
        }
        if (n < 1 || n > 4)
            return false;
        groups++;
        i += n;
        if (i == s.len)
            break;
        if (s.data[i++] != ':' || i == s.len)
            return false;
        if (s.data[i] == ':') {
            if (has_gap)
                return false;
            has_gap = true;
            i++;
        }
    }
    return has_gap ? groups >= 2 && groups <= 7 : groups == 8;
}

/* EUI-48 as six pairs behind one kind of separator, or three fours behind dots. All zeros and all
   ones are no device's. */
bool detect_mac(pd_str s) {
    char separator = s.len == 17 ? s.data[2] : s.len == 14 ? '.' : 0;
    size_t size = s.len == 17 ? 2 : 4;
    if (s.len != 17 && s.len != 14)
        return false;
    if (s.len == 17 && separator != ':' && separator != '-')
        return false;
    bool is_zero = true, is_ones = true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (i % (size + 1) == size) {
            if (c != separator)
                return false;
            continue;
        }
        if (!is_hex(c))
            return false;
        is_zero = is_zero && c == '0';
        is_ones = is_ones && detect_upper(c) == 'F';
    }
    return !is_zero && !is_ones;
}

/* ---- links ---- */

/* Top-level domains that a bare host name is believed under: those of countries, which two letters
   are (but for endings that files carry more often), and the old general ones. */
static bool is_known_top(pd_str label) {
    static const char *const general[] = {"com",  "org",   "net",    "edu",  "gov",  "mil",
                                          "int",  "info",  "biz",    "name", "aero", "coop",
                                          "asia", "cloud", "online", "tech", "site", "eu"};
    static const char *const countries =
        " ac ad ae af ag al am ao ar at au az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by "
        "bz "
        "ca cd cf cg ch ci ck cl cm cn co cr cu cv cy cz de dj dk dm do dz ec ee eg er es et eu fi "
        "fj fk fm fo fr ga gb gd ge gh gi gl gm gn gp gq gr gt gu gw gy hk hn hr ht hu id ie il im "
        "in io iq ir is it je jm jo jp ke kg kh ki km kp kr kw ky kz la lb lc li lk lr ls lt lu lv "
        "ly ma mc me mg mh mk mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np "
        "nr nu nz om pa pe pf pg pk pn pr pt pw py qa re ro ru rw sa sb sc sd se sg si sk sl sm sn "
        "so sr st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz "
        "va vc ve vg vi vn vu wf ws ye za zm zw ";
    char padded[8] = " ";
    if (label.len == 2) {
        padded[1] = (char)(detect_upper(label.data[0]) - 'A' + 'a');
        padded[2] = (char)(detect_upper(label.data[1]) - 'A' + 'a');
        padded[3] = ' ';
        return detect_is_letter(label.data[0]) && detect_is_letter(label.data[1]) &&
               strstr(countries, padded) != NULL;
    }
    for (size_t i = 0; i < sizeof(general) / sizeof(general[0]); i++) {
        if (pd_str_eq_ascii_case(label, pd_str_from(general[i])))
            return true;
    }
    return pd_str_eq_ascii_case(pd_str_sub(label, 0, 4), PD_STR("xn--")) && label.len > 4;
}

/* Labels of a host name; the number of them, 0 if it is none. */
static size_t host_labels(pd_str host, pd_str *last) {
    size_t labels = 0;
    pd_str rest = host;
    if (host.len == 0 || host.len > 253)
        return 0;
    while (pd_str_split(&rest, '.', last)) {
        if (!is_label(*last))
            return 0;
        labels++;
    }
    return labels;
}

/* "www.example.org", "example.com", "data.gov.cn". Two labels under a country could be two words
   with a forgotten space: they need a longer or a lower-case one in front. */
bool detect_domain(pd_str s) {
    pd_str last = {0};
    size_t labels = host_labels(s, &last);
    if (labels < 2 || !is_top_label(last))
        return false;
    if (labels >= 3 && pd_str_eq_ascii_case(pd_str_sub(s, 0, 4), PD_STR("www.")))
        return true;
    if (!is_known_top(last) || detect_is_digit(s.data[0]))
        return false;
    bool has_letter_before = false;
    for (size_t i = 0; i + last.len + 1 < s.len; i++) {
        if ((unsigned char)s.data[i] >= 0x80)
            return false;
        has_letter_before = has_letter_before || detect_is_letter(s.data[i]);
    }
    for (size_t i = 0; i < last.len; i++) {
        if (last.data[i] >= 'A' && last.data[i] <= 'Z')
            return false;
    }
    return has_letter_before && (last.len > 2 || labels >= 3 || s.len >= 7);
}

/* Schemes of addresses that carry a name and a password in front of the host (RFC 3986 3.2.1), or
   a token behind it. */
static bool is_scheme(pd_str s) {
    if (s.len < 2 || s.len > 24 || !detect_is_letter(s.data[0]))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        char c = s.data[i];
        if (!detect_is_letter(c) && !detect_is_digit(c) && c != '+' && c != '-' && c != '.')
            return false;
    }
    return true;
}

static bool has_secret_parameter(pd_str query) {
    static const char *const names[] = {
        "token",      "access_token",    "key",           "api_key",     "apikey", "sig",
        "signature",  "password",        "passwd",        "pwd",         "secret", "auth",
        "access_key", "x-amz-signature", "client_secret", "accesskeyid", "sas"};
    pd_str pair;
    while (pd_str_split(&query, '&', &pair)) {
        size_t equals = pd_str_find_char(pair, '=');
        if (equals == PD_NPOS || pair.len - equals < 5)
            continue;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (pd_str_eq_ascii_case(pd_str_sub(pair, 0, equals), pd_str_from(names[i])))
                return true;
        }
    }
    return false;
}

/* A host: a name, a single label, an address, or an address in brackets; then perhaps a port. */
static bool is_host(pd_str s) {
    pd_str last;
    if (s.len > 2 && s.data[0] == '[') {
        size_t end = pd_str_find_char(s, ']');
        return end != PD_NPOS && detect_ipv6(pd_str_sub(s, 1, end - 1));
    }
    size_t colon = pd_str_find_char(s, ':');
    for (size_t i = colon == PD_NPOS ? s.len : colon + 1; i < s.len; i++) {
        if (!detect_is_digit(s.data[i]))
            return false;
    }
    s = pd_str_sub(s, 0, colon == PD_NPOS ? s.len : colon);
    if (s.len > 1 && s.data[s.len - 1] == '.')
        s.len--;
    return detect_ipv4(s) || host_labels(s, &last) > 0;
}

enum detect_url detect_url(pd_str s) {
    size_t at = pd_str_find(s, PD_STR("://"));
    if (at == PD_NPOS || !is_scheme(pd_str_sub(s, 0, at)))
        return DETECT_URL_NOT;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f)
            return DETECT_URL_NOT;
    }
    pd_str rest = pd_str_sub(s, at + 3, s.len);
    size_t end = 0;
    while (end < rest.len && !strchr("/?#", rest.data[end]))
        end++;
    pd_str authority = pd_str_sub(rest, 0, end), query = {0};
    size_t mark = pd_str_find_char(rest, '?');
    if (mark != PD_NPOS) {
        query = pd_str_sub(rest, mark + 1, rest.len);
        size_t hash = pd_str_find_char(query, '#');
        query = pd_str_sub(query, 0, hash == PD_NPOS ? query.len : hash);
    }
    size_t user_end = PD_NPOS;
    for (size_t i = 0; i < authority.len; i++) {
        if (authority.data[i] == '@')
            user_end = i;
    }
    pd_str host = authority, user = {0};
    if (user_end != PD_NPOS) {
        user = pd_str_sub(authority, 0, user_end);
        host = pd_str_sub(authority, user_end + 1, authority.len);
    }
    if (!is_host(host))
        return DETECT_URL_NOT;
    size_t colon = pd_str_find_char(user, ':');
    bool has_password = colon != PD_NPOS && colon + 1 < user.len;
    return has_password || has_secret_parameter(query) ? DETECT_URL_WITH_SECRET : DETECT_URL_PLAIN;
}
