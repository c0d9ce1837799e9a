/**
 * Moments are microseconds since 1970-01-01 UTC; RFC 3339 exists only at the edge. Ids sort by time.
 */
#ifndef POLDER_BASE_TIME_H
#define POLDER_BASE_TIME_H

#include "base/str.h"

typedef int64_t pd_time;
#define PD_SECOND ((pd_time)1000000)
#define PD_DAY (86400 * PD_SECOND)

/** Where "now" comes from: injected, so that tests choose it. */
struct pd_clock {
    pd_time (*now)(void *context);
    void *context;
};
pd_time pd_clock_now(const struct pd_clock *clock);
/** The machine's real-time clock. */
struct pd_clock pd_clock_system(void);

struct pd_civil {
    int year; /* proleptic Gregorian */
    int month, day;
    int hour, minute, second, microsecond;
};
struct pd_civil pd_time_civil(pd_time t);
/** Checks every field (years 1 to 9999, no leap second); false if it is not a real date. */
bool pd_civil_time(struct pd_civil civil, pd_time *out);
bool pd_civil_is_date(int year, int month, int day);
/** 0 = Monday .. 6 = Sunday */
int pd_time_weekday(pd_time t);

enum { PD_TIME_TEXT_SIZE = 40 };
enum pd_time_form { PD_TIME_MICROS, PD_TIME_SECONDS, PD_TIME_MINUTES, PD_TIME_DATE };
/** "2026-11-23T19:01:34.000001Z", "...:34Z", "...:01Z" (minute: "2026-11-23T19:01Z"), "2026-11-23". */
void pd_time_write(pd_time t, enum pd_time_form form, char out[PD_TIME_TEXT_SIZE]);
/**
 * RFC 3339 date-time with 0 to 6 fraction digits and Z or an offset, in the years 0001 to 9999. Reads
 * all that pd_time_write writes: without seconds, or a date alone (midnight UTC), too.
 */
bool pd_time_parse(pd_str text, pd_time *out);

/** RFC 9562 UUID version 7: 48 bits of milliseconds, then random; so keys are time-ordered. */
typedef struct pd_id {
    uint8_t bytes[16];
} pd_id;
enum { PD_ID_TEXT_SIZE = 37 };
/** random: 10 bytes from a good source (crypto_random). */
pd_id pd_id_make(pd_time now, const uint8_t random[10]);
void pd_id_write(pd_id id, char out[PD_ID_TEXT_SIZE]); /* lower case, hyphens */
bool pd_id_parse(pd_str text, pd_id *out);       /* either case; any version of UUID */
bool pd_id_eq(pd_id a, pd_id b);

#endif
