/* Keys and tokens that open something: by the head and alphabet that their issuers gave them. */
#include "detect/detect_impl.h"

#include <string.h>

enum alphabet { UPPER_BASE_32, LOWER_OR_DIGIT, ALNUM, URL_SAFE, DASHED, HEX };

static bool is_in(enum alphabet alphabet, char c) {
    bool is_digit = detect_is_digit(c), is_lower = c >= 'a' && c <= 'z';
    bool is_upper = c >= 'A' && c <= 'Z';
    switch (alphabet) {
    case UPPER_BASE_32:
        return is_upper || (c >= '2' && c <= '7');
    case LOWER_OR_DIGIT:
        return is_lower || is_digit;
    case ALNUM:
        return is_lower || is_upper || is_digit;
    case URL_SAFE:
        return is_lower || is_upper || is_digit || c == '_' || c == '-';
    case DASHED:
        return is_lower || is_upper || is_digit || c == '-';
    case HEX:
        return is_digit || (c >= 'a' && c <= 'f');
    }
    return false;
}

static const struct {
    const char *head;
    size_t least, most; /* characters behind it */
    enum alphabet alphabet;
} tokens[] = {
    {"AKIA", 16, 16, UPPER_BASE_32}, /* Amazon: long-lived, temporary, bearer, context */
    {"ASIA", 16, 16, UPPER_BASE_32},
    {"ABIA", 16, 16, UPPER_BASE_32},
    {"ACCA", 16, 16, UPPER_BASE_32},
    {"LTAI", 12, 26, ALNUM}, /* Alibaba Cloud */
    {"AKID", 32, 36, ALNUM}, /* Tencent Cloud */
    {"ghp_", 36, 36, ALNUM}, /* GitHub: personal, OAuth, user, server, refresh */
    {"gho_", 36, 36, ALNUM},
    {"ghu_", 36, 36, ALNUM},
    {"ghs_", 36, 36, ALNUM},
    {"ghr_", 36, 36, ALNUM},
    {"github_pat_", 82, 82, URL_SAFE},
    {"glpat-", 20, 20, URL_SAFE}, /* GitLab */
    {"AIza", 35, 35, URL_SAFE},   /* Google */
    {"GOCSPX-", 28, 28, URL_SAFE},
    {"xoxb-", 20, 80, DASHED}, /* Slack: bot, user, app, refresh, legacy */
    {"xoxp-", 20, 80, DASHED},
    {"xoxa-", 20, 80, DASHED},
    {"xoxr-", 20, 80, DASHED},
    {"xoxs-", 20, 80, DASHED},
    {"sk_live_", 16, 99, ALNUM}, /* Stripe */
    {"rk_live_", 16, 99, ALNUM},
    {"sk-ant-", 80, 120, URL_SAFE}, /* model services */
    {"npm_", 36, 36, ALNUM},
    {"pypi-AgEIcHlwaS5vcmc", 50, 200, URL_SAFE},
    {"dop_v1_", 64, 64, HEX}, /* DigitalOcean */
    {"shpat_", 32, 32, HEX},  /* Shopify */
    {"hf_", 34, 34, ALNUM},
};

bool detect_may_begin_secret(const char *two) {
    /* By the first character: those that can be the second. */
    static const char *const seconds[128] = {
        ['A'] = "KSBCI", ['L'] = "T", ['g'] = "hil", ['G'] = "O", ['x'] = "o",
        ['s'] = "kh",    ['r'] = "k", ['n'] = "p",   ['p'] = "y", ['d'] = "o",
        ['h'] = "f",     ['e'] = "y", ['-'] = "-"};
    const char *possible = (unsigned char)two[0] < 128 ? seconds[(unsigned char)two[0]] : NULL;
    for (; possible && *possible; possible++) {
        if (*possible == two[1])
            return true;
    }
    return false;
}

static bool is_token(pd_str s) {
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        pd_str head = pd_str_from(tokens[i].head);
        if (!pd_str_starts(s, head))
            continue;
        size_t n = s.len - head.len;
        bool passed = n >= tokens[i].least && n <= tokens[i].most;
        for (size_t k = head.len; passed && k < s.len; k++)
            passed = is_in(tokens[i].alphabet, s.data[k]);
        if (passed)
            return true;
    }
    return false;
}

/* RFC 7519: three parts in URL-safe base 64, of which the first two are JSON objects ("ey"). */
static bool is_web_token(pd_str s) {
    pd_str part, rest = s;
    size_t parts = 0;
    while (pd_str_split(&rest, '.', &part)) {
        bool is_object = pd_str_starts(part, PD_STR("ey"));
        if (part.len < 8 || (parts < 2 && !is_object))
            return false;
        for (size_t i = 0; i < part.len; i++) {
            if (!is_in(URL_SAFE, part.data[i]))
                return false;
        }
        parts++;
    }
    return parts == 3;
}

/* RFC 7468, the kinds that are private. */
static bool is_private_key(pd_str s) {
    return pd_str_starts(s, PD_STR("-----BEGIN ")) && pd_str_find(s, PD_STR("PRIVATE KEY")) < 40 &&
           pd_str_find(s, PD_STR("-----END ")) != PD_NPOS;
}

bool detect_secret(pd_str s) {
    if (s.len < 16 || s.len > 8192 || !detect_may_begin_secret(s.data))
        return false;
    return is_token(s) || (s.data[0] == 'e' && is_web_token(s)) ||
           (s.data[0] == '-' && is_private_key(s));
}
