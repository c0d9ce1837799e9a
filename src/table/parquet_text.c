/* A value as text, the way it stands in a cell (docs/reference/forms.md). */
#include "table/parquet_impl.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef size_t (*pen)(const struct table_parquet_column *column, const void *value, char *out);

/* ---- Digits ---- */

static const char PAIRS[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

static size_t put_unsigned(uint64_t value, char *out) {
    char digits[20];
    size_t at = sizeof(digits);
    while (value >= 100) {
        at -= 2;
        memcpy(digits + at, PAIRS + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(digits + at, PAIRS + value * 2, 2);
    } else {
        digits[--at] = (char)('0' + value);
    }
    memcpy(out, digits + at, sizeof(digits) - at);
    return sizeof(digits) - at;
}

static size_t put_signed(int64_t value, char *out) {
    if (value >= 0)
        return put_unsigned((uint64_t)value, out);
    out[0] = '-';
    return 1 + put_unsigned(0 - (uint64_t)value, out + 1);
}

static void put_pair(unsigned value, char *out) {
    memcpy(out, PAIRS + (size_t)value * 2, 2);
}

static int32_t as_int32(const void *value) {
    int32_t n;
    memcpy(&n, value, sizeof(n));
    return n;
}

static int64_t as_int64(const void *value) {
    int64_t n;
    memcpy(&n, value, sizeof(n));
    return n;
}

/* An INT32 or INT64. */
static int64_t as_integer(const struct table_parquet_column *c, const void *value) {
    return c->type == TABLE_PARQUET_INT32 ? as_int32(value) : as_int64(value);
}

static size_t write_boolean(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    bool is_true = *(const uint8_t *)value != 0;
    memcpy(out, is_true ? "true" : "false", is_true ? 4 : 5);
    return is_true ? 4 : 5;
}

static size_t write_int32(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    return put_signed(as_int32(value), out);
}

static size_t write_int64(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    return put_signed(as_int64(value), out);
}

static size_t write_unsigned(const struct table_parquet_column *c, const void *value, char *out) {
    bool is_short = c->type == TABLE_PARQUET_INT32;
    return put_unsigned(is_short ? (uint32_t)as_int32(value) : (uint64_t)as_int64(value), out);
}

/* ---- Floating point: the fewest digits that are this value and no other ---- */

/* Digits of d.ddd x 10^power, placed: with a point always, so that 1.0 is not taken for a count. */
static size_t place_digits(const char *digits, size_t n, int power, char *out) {
    size_t at = 0;
    if (power < -4 || power >= 16) {
        out[at++] = digits[0];
        if (n > 1) {
            out[at++] = '.';
            memcpy(out + at, digits + 1, n - 1);
            at += n - 1;
        }
        return at + (size_t)snprintf(out + at, 8, "e%+03d", power);
    }
    if (power < 0) {
        memcpy(out, "0.000", 5);
        at = (size_t)(1 - power);
        memcpy(out + at, digits, n);
        return at + n;
    }
    size_t whole = (size_t)power + 1;
    for (size_t i = 0; i < whole; i++)
        out[at++] = i < n ? digits[i] : '0';
    out[at++] = '.';
    if (n <= whole)
        out[at++] = '0';
    else
        memcpy(out + at, digits + whole, n - whole);
    return n <= whole ? at : at + n - whole;
}

/* Values of few decimals, which most are. n / 10^k, n being below `most`, is rounded once in double
   precision, and no other decimal of as many digits (15; 6 of single precision) is the same value:
   the smallest k has the fewest digits. Rounding twice, to single precision, can't mislead: what
   has 6 digits is never so near to the middle between two of its values. */
static size_t put_short(double value, bool is_single, char *out) {
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    const double most = is_single ? 1e6 : 1e15;
    for (unsigned k = 0; k < sizeof(powers) / sizeof(powers[0]); k++) {
        double scaled = value * powers[k];
        if (!(scaled < most - 1))
            return 0;
        uint64_t n = (uint64_t)(scaled + 0.5);
        double again = (double)n / powers[k];
        if (is_single ? (float)again != (float)value : again != value)
            continue;
        uint64_t unit = (uint64_t)powers[k], fraction = n % unit;
        size_t at = put_unsigned(n / unit, out);
        out[at++] = '.';
        if (k == 0)
            out[at++] = '0';
        while ((unit /= 10) > 0)
            out[at++] = (char)('0' + fraction / unit % 10);
        return at;
    }
    return 0;
}

static size_t put_special(double value, char *out) {
    const char *text = isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    size_t n = strlen(text);
    memcpy(out, text, n);
    return n;
}

/* Digits are tried from as many as always come back from the type. */
static size_t put_long(double value, bool is_single, char *out) {
    char text[40], digits[20];
    for (int precision = is_single ? 5 : 14; precision < (is_single ? 9 : 17); precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        bool is_same = is_single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
        if (is_same)
            break;
    }
    size_t n = 0;
    char *exponent = strchr(text, 'e');
    for (const char *c = text; c < exponent; c++)
        if (*c != '.')
            digits[n++] = *c;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return place_digits(digits, n, atoi(exponent + 1), out);
}

static size_t put_double(double value, bool is_single, char *out) {
    if (!isfinite(value))
        return put_special(value, out);
    size_t at = 0;
    if (signbit(value)) {
        out[at++] = '-';
        value = -value;
    }
    size_t n = value == 0 || value >= 1e-4 ? put_short(value, is_single, out + at) : 0;
    return at + (n > 0 ? n : put_long(value, is_single, out + at));
}

static size_t write_float(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    float f;
    memcpy(&f, value, sizeof(f));
    return put_double(f, true, out);
}

static size_t write_double(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    double d;
    memcpy(&d, value, sizeof(d));
    return put_double(d, false, out);
}

/* IEEE 754 binary16. */
static size_t write_float16(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    const uint8_t *b = value;
    unsigned bits = b[0] | (unsigned)b[1] << 8, exponent = bits >> 10 & 31, fraction = bits & 1023;
    double d = exponent == 31  ? (fraction != 0 ? (double)NAN : (double)INFINITY)
               : exponent == 0 ? ldexp(fraction, -24)
                               : ldexp(1024 + fraction, (int)exponent - 25);
    return put_double((bits >> 15) != 0 ? -d : d, true, out);
}

/* ---- Decimals ---- */

/* Digits with the point `scale` of them from the end. */
static size_t place_point(bool is_negative, const char *digits, size_t n, unsigned scale,
                          char *out) {
    size_t at = 0;
    if (is_negative)
        out[at++] = '-';
    if (n <= scale) {
        out[at++] = '0';
        if (scale > 0)
            out[at++] = '.';
        for (size_t i = n; i < scale; i++)
            out[at++] = '0';
        memcpy(out + at, digits, n);
        return at + n;
    }
    memcpy(out + at, digits, n - scale);
    at += n - scale;
    if (scale > 0) {
        out[at++] = '.';
        memcpy(out + at, digits + (n - scale), scale);
        at += scale;
    }
    return at;
}

static size_t write_short_decimal(const struct table_parquet_column *c, const void *value,
                                  char *out) {
    int64_t n = as_integer(c, value);
    char digits[24];
    size_t count = put_unsigned(n < 0 ? 0 - (uint64_t)n : (uint64_t)n, digits);
    return place_point(n < 0, digits, count, c->digits, out);
}

/* Big-endian two's complement, of any length: divided by 10^9 until nothing is left. */
static size_t put_long_decimal(pd_str bytes, unsigned scale, char *out) {
    enum { LIMBS_MAX = PARQUET_DECIMAL_MAX / 4 };
    uint32_t limbs[LIMBS_MAX] = {0}; /* the lowest first */
    const uint8_t *b = (const uint8_t *)bytes.data;
    bool is_negative = bytes.len > 0 && b[0] >= 0x80;
    size_t count = 0;
    uint32_t carry = is_negative ? 1 : 0;
    for (size_t i = 0; i < bytes.len; i++) {
        uint32_t byte = b[bytes.len - 1 - i];
        byte = is_negative ? (~byte & 0xff) + carry : byte;
        carry = is_negative ? byte >> 8 : 0;
        limbs[i / 4] |= (byte & 0xff) << i % 4 * 8;
        count = i / 4 + 1;
    }
    char digits[LIMBS_MAX * 10 + 10];
    size_t at = sizeof(digits);
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    while (count > 0) {
        uint64_t rest = 0;
        for (size_t i = count; i-- > 0;) {
            rest = rest << 32 | limbs[i];
            limbs[i] = (uint32_t)(rest / 1000000000);
            rest %= 1000000000;
        }
        while (count > 0 && limbs[count - 1] == 0)
            count--;
        for (int i = 0; i < 9 && (count > 0 || rest > 0); i++, rest /= 10)
            digits[--at] = (char)('0' + rest % 10);
    }
    if (at == sizeof(digits))
        digits[--at] = '0';
    return place_point(is_negative, digits + at, sizeof(digits) - at, scale, out);
}

static size_t write_bytes_decimal(const struct table_parquet_column *c, const void *value,
                                  char *out) {
    pd_str bytes =
        c->type == TABLE_PARQUET_BYTES ? *(const pd_str *)value : (pd_str){value, c->width};
    return put_long_decimal(bytes, c->digits, out);
}

/* ---- Times ---- */

/* Days from 1970-01-01 in the proleptic Gregorian calendar. Years that have not four digits are
   written with a sign, as ISO 8601 has it. */
static size_t put_date(int64_t days, char *out) {
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned day_of_era = (unsigned)(shifted - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_shifted = (5 * day_of_year + 2) / 153;
    unsigned day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    unsigned month = month_shifted < 10 ? month_shifted + 3 : month_shifted - 9;
    int64_t year = (int64_t)year_of_era + era * 400 + (month <= 2);
    size_t at = 4;
    if (year >= 0 && year <= 9999) {
        put_pair((unsigned)(year / 100), out);
        put_pair((unsigned)(year % 100), out + 2);
    } else {
        at = (size_t)sprintf(out, "%+05" PRId64, year);
    }
    out[at] = '-';
    put_pair(month, out + at + 1);
    out[at + 3] = '-';
    put_pair(day, out + at + 4);
    return at + 6;
}

/* A fraction of a second in so many digits, without zeros at its end. */
static size_t put_fraction(uint64_t fraction, unsigned digits, char *out) {
    if (fraction == 0)
        return 0;
    out[0] = '.';
    for (size_t i = digits; i > 0; i--, fraction /= 10)
        out[i] = (char)('0' + fraction % 10);
    size_t n = digits;
    while (out[n] == '0')
        n--;
    return n + 1;
}

static int64_t units_of(unsigned digits) {
    return digits == 3 ? 1000 : digits == 6 ? 1000000 : 1000000000;
}

/* A time of day in units of a second. */
static size_t put_clock(uint64_t units, unsigned digits, char *out) {
    uint64_t per_second = (uint64_t)units_of(digits);
    unsigned seconds = (unsigned)(units / per_second);
    put_pair(seconds / 3600, out);
    out[2] = ':';
    put_pair(seconds / 60 % 60, out + 3);
    out[5] = ':';
    put_pair(seconds % 60, out + 6);
    return 8 + put_fraction(units % per_second, digits, out + 8);
}

static size_t put_zone(bool is_utc, char *out) {
    if (is_utc)
        memcpy(out, "+00", 3);
    return is_utc ? 3 : 0;
}

static size_t write_date(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    return put_date(as_int32(value), out);
}

/* What is no time of day stands as its number. */
static size_t write_time(const struct table_parquet_column *c, const void *value, char *out) {
    int64_t units = as_integer(c, value);
    if (units < 0 || units > 86400 * units_of(c->digits))
        return put_signed(units, out);
    size_t n = put_clock((uint64_t)units, c->digits, out);
    return n + put_zone(c->is_utc, out + n);
}

static size_t put_moment(int64_t days, uint64_t units, unsigned digits, bool is_utc, char *out) {
    size_t n = put_date(days, out);
    out[n++] = ' ';
    n += put_clock(units, digits, out + n);
    return n + put_zone(is_utc, out + n);
}

static size_t write_timestamp(const struct table_parquet_column *c, const void *value, char *out) {
    int64_t units = as_int64(value), per_day = 86400 * units_of(c->digits);
    int64_t days = units / per_day, rest = units % per_day;
    if (rest < 0) {
        rest += per_day;
        days--;
    }
    return put_moment(days, (uint64_t)rest, c->digits, c->is_utc, out);
}

/* Nanoseconds of the day, and a Julian day, whose 2440588th was 1970-01-01. */
static size_t write_int96(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    const uint64_t per_day = UINT64_C(86400000000000);
    uint64_t nanoseconds;
    uint32_t day;
    memcpy(&nanoseconds, value, 8);
    memcpy(&day, (const char *)value + 8, 4);
    int64_t days = (int64_t)day - 2440588 + (int64_t)(nanoseconds / per_day);
    return put_moment(days, nanoseconds % per_day, 9, false, out);
}

/* Months, days and milliseconds, as an ISO 8601 duration: P1Y2M3DT4H5M6.5S. */
static size_t write_interval(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    uint32_t n[3];
    memcpy(n, value, sizeof(n));
    const uint32_t parts[] = {n[0] / 12, n[0] % 12, n[1], n[2] / 3600000, n[2] / 60000 % 60};
    static const char letters[] = "YMDHM";
    uint32_t ms = n[2] % 60000;
    size_t at = 0;
    out[at++] = 'P';
    for (size_t i = 0; i < 5; i++) {
        if (i == 3 && n[2] > 0)
            out[at++] = 'T';
        if (parts[i] > 0) {
            at += put_unsigned(parts[i], out + at);
            out[at++] = letters[i];
        }
    }
    if (ms > 0) {
        at += put_unsigned(ms / 1000, out + at);
        at += put_fraction(ms % 1000, 3, out + at);
        out[at++] = 'S';
    }
    if (at == 1)
        at += (size_t)sprintf(out + at, "T0S");
    return at;
}

/* ---- Bytes ---- */

static size_t write_uuid(const struct table_parquet_column *c, const void *value, char *out) {
    (void)c;
    char hex[33];
    pd_hex_encode(value, 16, hex);
    static const size_t ends[] = {8, 12, 16, 20, 32};
    size_t at = 0, from = 0;
    for (size_t i = 0; i < 5; i++) {
        if (i > 0)
            out[at++] = '-';
        memcpy(out + at, hex + from, ends[i] - from);
        at += ends[i] - from;
        from = ends[i];
    }
    return at;
}

static pd_str bytes_of(const struct table_parquet_column *c, const void *value) {
    return c->type == TABLE_PARQUET_BYTES ? *(const pd_str *)value : (pd_str){value, c->width};
}

/* As PostgreSQL writes them, and source_write_binary. Nothing is nothing. */
static size_t write_binary(const struct table_parquet_column *c, const void *value, char *out) {
    pd_str bytes = bytes_of(c, value);
    if (bytes.len == 0)
        return 0;
    memcpy(out, "\\x", 2);
    pd_hex_encode(bytes.data, bytes.len, out + 2);
    return 2 + 2 * bytes.len;
}

static size_t write_text(const struct table_parquet_column *c, const void *value, char *out) {
    pd_str bytes = bytes_of(c, value);
    if (bytes.len > 0)
        memcpy(out, bytes.data, bytes.len);
    return bytes.len;
}

/* ---- Which is used when ---- */

static const pen TYPES[TABLE_PARQUET_TYPE_COUNT] = {
    [TABLE_PARQUET_BOOLEAN] = write_boolean, [TABLE_PARQUET_INT32] = write_int32,
    [TABLE_PARQUET_INT64] = write_int64,     [TABLE_PARQUET_INT96] = write_int96,
    [TABLE_PARQUET_FLOAT] = write_float,     [TABLE_PARQUET_DOUBLE] = write_double,
    [TABLE_PARQUET_BYTES] = write_binary,    [TABLE_PARQUET_FIXED_BYTES] = write_binary};

static const pen MEANINGS[] = {[TABLE_PARQUET_PLAIN] = NULL,
                               [TABLE_PARQUET_TEXT] = write_text,
                               [TABLE_PARQUET_UNSIGNED] = write_unsigned,
                               [TABLE_PARQUET_DECIMAL] = write_short_decimal,
                               [TABLE_PARQUET_DATE] = write_date,
                               [TABLE_PARQUET_TIME] = write_time,
                               [TABLE_PARQUET_TIMESTAMP] = write_timestamp,
                               [TABLE_PARQUET_INTERVAL] = write_interval,
                               [TABLE_PARQUET_UUID] = write_uuid,
                               [TABLE_PARQUET_FLOAT16] = write_float16,
                               [TABLE_PARQUET_BINARY] = write_binary};

struct parquet_pen parquet_pen_of(const struct table_parquet_column *column) {
    bool is_bytes =
        column->type == TABLE_PARQUET_BYTES || column->type == TABLE_PARQUET_FIXED_BYTES;
    struct parquet_pen p = {.write = MEANINGS[column->meaning], .fixed = PARQUET_TEXT_MAX};
    if (p.write == NULL)
        p.write = TYPES[column->type];
    if (column->meaning == TABLE_PARQUET_DECIMAL) {
        p.fixed += column->digits;
        if (is_bytes) {
            p.write = write_bytes_decimal;
            p.fixed += 3 * PARQUET_DECIMAL_MAX;
        }
    }
    p.is_text = p.write == write_text;
    if (p.is_text || p.write == write_binary) {
        p.per_byte = p.is_text ? 1 : 2;
        p.fixed = 3; /* \x and what ends hexadecimal digits */
    }
    return p;
}
