/* Points on the earth, as pairs of decimals, degrees and minutes, geo: URIs or well-known text. */
#include "detect/detect_impl.h"

#include <string.h>

enum { LEAST_DECIMALS = 3 }; /* a hundred metres; fewer name a town */

static void skip_spaces(pd_str *s) {
    while (s->len > 0 && s->data[0] == ' ')
        *s = pd_str_sub(*s, 1, s->len);
}

static bool take(pd_str *s, const char *what) {
    pd_str w = pd_str_from(what);
    if (!pd_str_starts(*s, w))
        return false;
    *s = pd_str_sub(*s, w.len, s->len);
    return true;
}

/* "-116.4074": up to three digits and `*decimals` behind the point. */
static bool take_decimal(pd_str *s, double *value, size_t *decimals) {
    size_t n = 0, point = 0;
    if (s->len > 0 && (s->data[0] == '-' || s->data[0] == '+'))
        n++;
    size_t start = n;
    while (n < s->len && detect_is_digit(s->data[n]))
        n++;
    if (n == start || n - start > 3)
        return false;
    *decimals = 0;
    if (n < s->len && s->data[n] == '.') {
        point = n++;
        while (n < s->len && detect_is_digit(s->data[n]))
            n++;
        *decimals = n - point - 1;
        if (*decimals == 0 || *decimals > 18)
            return false;
    }
    size_t from = s->data[0] == '+';
    if (!pd_parse_double(pd_str_sub(*s, from, n - from), value))
        return false;
    *s = pd_str_sub(*s, n, s->len);
    return true;
}

static bool is_point(double latitude, double longitude) {
    return latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180;
}

/* "39.9042,116.4074", "(39.9042, 116.4074)", either order where one of the two can't be a latitude
 */
static bool is_pair(pd_str s) {
    double a, b;
    size_t decimals_a, decimals_b;
    bool has_bracket = take(&s, "(");
    if (!take_decimal(&s, &a, &decimals_a))
        return false;
    bool has_separator = take(&s, ",") || take(&s, ";");
    size_t before = s.len;
    skip_spaces(&s);
    if (!has_separator && before == s.len)
        return false;
    if (!take_decimal(&s, &b, &decimals_b) || (has_bracket && !take(&s, ")")) || s.len > 0)
        return false;
    return decimals_a >= LEAST_DECIMALS && decimals_b >= LEAST_DECIMALS &&
           (is_point(a, b) || is_point(b, a));
}

/* RFC 5870 */
static bool is_geo_uri(pd_str s) {
    double latitude, longitude;
    size_t decimals;
    return take(&s, "geo:") && take_decimal(&s, &latitude, &decimals) && take(&s, ",") &&
           take_decimal(&s, &longitude, &decimals) && is_point(latitude, longitude) &&
           (s.len == 0 || s.data[0] == ',' || s.data[0] == ';');
}

/* OGC 06-103r4: longitude first */
static bool is_well_known_text(pd_str s) {
    double latitude, longitude;
    size_t decimals;
    if (!pd_str_eq_ascii_case(pd_str_sub(s, 0, 5), PD_STR("POINT")))
        return false;
    s = pd_str_sub(s, 5, s.len);
    skip_spaces(&s);
    if (!take(&s, "("))
        return false;
    skip_spaces(&s);
    if (!take_decimal(&s, &longitude, &decimals))
        return false;
    skip_spaces(&s);
    if (!take_decimal(&s, &latitude, &decimals))
        return false;
    skip_spaces(&s);
    return take(&s, ")") && s.len == 0 && is_point(latitude, longitude);
}

/* 52°22′N, 39°54'15.2"N, N39°54′ */
static bool take_degrees(pd_str *s, const char *letters, double most) {
    double value, part;
    size_t decimals;
    bool has_letter = s->len > 0 && s->data[0] != '\0' && strchr(letters, s->data[0]);
    if (has_letter)
        *s = pd_str_sub(*s, 1, s->len);
    skip_spaces(s);
    if (!take_decimal(s, &value, &decimals) || value < 0 || value > most ||
        !(take(s, "°") || take(s, "º")))
        return false;
    skip_spaces(s);
    if (take_decimal(s, &part, &decimals)) {
        if (part < 0 || part >= 60 || !(take(s, "′") || take(s, "'") || take(s, "’")))
            return false;
        skip_spaces(s);
        if (take_decimal(s, &part, &decimals) &&
            (part < 0 || part >= 60 ||
             !(take(s, "″") || take(s, "\"") || take(s, "”") || take(s, "''"))))
            return false;
    }
    skip_spaces(s);
    if (has_letter)
        return true;
    if (s->len == 0 || s->data[0] == '\0' || !strchr(letters, s->data[0]))
        return false;
    *s = pd_str_sub(*s, 1, s->len);
    return true;
}

static bool is_degrees(pd_str s) {
    if (!take_degrees(&s, "NS", 90))
        return false;
    take(&s, ",");
    skip_spaces(&s);
    return take_degrees(&s, "EW", 180) && s.len == 0;
}

bool detect_coordinates(pd_str s) {
    if (s.len == 0 || (unsigned char)s.data[0] >= 0x80)
        return false; /* all begin with a digit, a sign, a bracket or a letter */
    return is_pair(s) || is_geo_uri(s) || is_well_known_text(s) || is_degrees(s);
}
