/* What can be called on decimal, ipaddr, datetime and duration. One row is one function. */
#include "law/cedar_impl.h"

#include <string.h>

enum { DAY_MS = 86400000 };
static const char too_far[] = "the result does not fit into 64 bits of milliseconds";

static const char *decimal(const struct law_value *v, struct law_value *out) {
    return law_decimal_parse(v[0].text, out);
}
static const char *ip(const struct law_value *v, struct law_value *out) {
    return law_ip_parse(v[0].text, out);
}
static const char *datetime(const struct law_value *v, struct law_value *out) {
    return law_datetime_parse(v[0].text, out);
}
static const char *duration(const struct law_value *v, struct law_value *out) {
    return law_duration_parse(v[0].text, out);
}

static const char *less_than(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(v[0].number < v[1].number);
    return NULL;
}
static const char *less_than_or_equal(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(v[0].number <= v[1].number);
    return NULL;
}
static const char *greater_than(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(v[0].number > v[1].number);
    return NULL;
}
static const char *greater_than_or_equal(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(v[0].number >= v[1].number);
    return NULL;
}

/** Whether every address of range `a` lies in range `b`. */
static bool is_within(const struct law_value *a, const struct law_value *b) {
    if (a->ip_is_v6 != b->ip_is_v6 || a->ip_prefix < b->ip_prefix)
        return false;
    size_t whole = b->ip_prefix / 8, bits = b->ip_prefix % 8;
    if (memcmp(a->ip_address, b->ip_address, whole) != 0)
        return false;
    return bits == 0 || (a->ip_address[whole] ^ b->ip_address[whole]) >> (8 - bits) == 0;
}

static const char *is_ipv4(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(!v[0].ip_is_v6);
    return NULL;
}
static const char *is_ipv6(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(v[0].ip_is_v6);
    return NULL;
}
static const char *is_loopback(const struct law_value *v, struct law_value *out) {
    static const struct law_value v4 = {.kind = LAW_VALUE_IP, .ip_prefix = 8, .ip_address = {127}};
    static const struct law_value v6 = {
        .kind = LAW_VALUE_IP, .ip_is_v6 = true, .ip_prefix = 128, .ip_address = {[15] = 1}};
    *out = law_value_bool(is_within(&v[0], &v4) || is_within(&v[0], &v6));
    return NULL;
}
static const char *is_multicast(const struct law_value *v, struct law_value *out) {
    static const struct law_value v4 = {.kind = LAW_VALUE_IP, .ip_prefix = 4, .ip_address = {224}};
    static const struct law_value v6 = {
        .kind = LAW_VALUE_IP, .ip_is_v6 = true, .ip_prefix = 8, .ip_address = {0xFF}};
    *out = law_value_bool(is_within(&v[0], &v4) || is_within(&v[0], &v6));
    return NULL;
}
static const char *is_in_range(const struct law_value *v, struct law_value *out) {
    *out = law_value_bool(is_within(&v[0], &v[1]));
    return NULL;
}

static const char *offset(const struct law_value *v, struct law_value *out) {
    int64_t ms;
    if (!pd_add_i64(v[0].number, v[1].number, &ms))
        return too_far;
    *out = law_value_datetime(ms);
    return NULL;
}
static const char *duration_since(const struct law_value *v, struct law_value *out) {
    int64_t ms;
    if (!pd_sub_i64(v[0].number, v[1].number, &ms))
        return too_far;
    *out = law_value_duration(ms);
    return NULL;
}
/** Milliseconds since the midnight before, also for moments before 1970. */
static int64_t time_of_day(int64_t ms) {
    int64_t rest = ms % DAY_MS;
    return rest < 0 ? rest + DAY_MS : rest;
}
static const char *to_date(const struct law_value *v, struct law_value *out) {
    int64_t ms;
    if (!pd_sub_i64(v[0].number, time_of_day(v[0].number), &ms))
        return too_far;
    *out = law_value_datetime(ms);
    return NULL;
}
static const char *to_time(const struct law_value *v, struct law_value *out) {
    *out = law_value_duration(time_of_day(v[0].number));
    return NULL;
}
static const char *to_milliseconds(const struct law_value *v, struct law_value *out) {
    *out = law_value_long(v[0].number);
    return NULL;
}
static const char *to_seconds(const struct law_value *v, struct law_value *out) {
    *out = law_value_long(v[0].number / 1000);
    return NULL;
}
static const char *to_minutes(const struct law_value *v, struct law_value *out) {
    *out = law_value_long(v[0].number / 60000);
    return NULL;
}
static const char *to_hours(const struct law_value *v, struct law_value *out) {
    *out = law_value_long(v[0].number / 3600000);
    return NULL;
}
static const char *to_days(const struct law_value *v, struct law_value *out) {
    *out = law_value_long(v[0].number / DAY_MS);
    return NULL;
}

#define STRING   LAW_VALUE_STRING
#define DECIMAL  LAW_VALUE_DECIMAL
#define IP       LAW_VALUE_IP
#define DATETIME LAW_VALUE_DATETIME
#define DURATION LAW_VALUE_DURATION

static const struct law_function functions[] = {
    {"decimal", false, 1, {STRING}, decimal},
    {"ip", false, 1, {STRING}, ip},
    {"datetime", false, 1, {STRING}, datetime},
    {"duration", false, 1, {STRING}, duration},
    {"lessThan", true, 2, {DECIMAL, DECIMAL}, less_than},
    {"lessThanOrEqual", true, 2, {DECIMAL, DECIMAL}, less_than_or_equal},
    {"greaterThan", true, 2, {DECIMAL, DECIMAL}, greater_than},
    {"greaterThanOrEqual", true, 2, {DECIMAL, DECIMAL}, greater_than_or_equal},
    {"isIpv4", true, 1, {IP}, is_ipv4},
    {"isIpv6", true, 1, {IP}, is_ipv6},
    {"isLoopback", true, 1, {IP}, is_loopback},
    {"isMulticast", true, 1, {IP}, is_multicast},
    {"isInRange", true, 2, {IP, IP}, is_in_range},
    {"offset", true, 2, {DATETIME, DURATION}, offset},
    {"durationSince", true, 2, {DATETIME, DATETIME}, duration_since},
    {"toDate", true, 1, {DATETIME}, to_date},
    {"toTime", true, 1, {DATETIME}, to_time},
    {"toMilliseconds", true, 1, {DURATION}, to_milliseconds},
    {"toSeconds", true, 1, {DURATION}, to_seconds},
    {"toMinutes", true, 1, {DURATION}, to_minutes},
    {"toHours", true, 1, {DURATION}, to_hours},
    {"toDays", true, 1, {DURATION}, to_days},
};

const struct law_function *law_function_find(pd_str name) {
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (pd_str_is(name, functions[i].name))
            return &functions[i];
    return NULL;
}

const struct law_function *law_function_nth(size_t n) {
    return n < sizeof(functions) / sizeof(functions[0]) ? &functions[n] : NULL;
}
