/**
 * protect/ff1.h: format-preserving encryption, NIST SP 800-38G, method FF1. What has n digits of a
 * radix becomes other n digits, and back, under a key and a tweak. FF3 is not offered: it was
 * withdrawn. Domains of less than a million values are refused (revision 1 of the standard), since
 * whoever has a few pairs finds the others: for those a keyed pseudonym or a generalisation is
 * right.
 */
#ifndef POLDER_PROTECT_FF1_H
#define POLDER_PROTECT_FF1_H

#include "base/base.h"

enum {
    PROTECT_FF1_DIGITS_MAX = 256, /* the arithmetic is quadratic */
    PROTECT_FF1_TWEAK_MAX = 256,
    PROTECT_FF1_DOMAIN_MIN = 1000000
};

/** A key and a radix. Not for several threads at a time. */
struct protect_ff1;

/**
 * key_size: 16, 24 or 32 bytes (AES). radix: 2 to 65536. The key is copied, and wiped by free.
 * PD_USAGE for another size or radix; PD_LIMIT.
 */
PD_CHECK enum pd_status protect_ff1_new(const uint8_t *key, size_t key_size, uint32_t radix,
                                        struct protect_ff1 **out, struct pd_error *err);
void protect_ff1_free(struct protect_ff1 *ff1); /* NULL is fine */

/**
 * digits: `count` of them, each below the radix; changed in place.
 * PD_INVALID: fewer than a million values (radix^count), more digits or tweak than the limits, a
 * digit that is none; the digits are then untouched.
 */
PD_CHECK enum pd_status protect_ff1_encrypt(struct protect_ff1 *ff1, pd_str tweak, uint16_t *digits,
                                            size_t count, struct pd_error *err);
PD_CHECK enum pd_status protect_ff1_decrypt(struct protect_ff1 *ff1, pd_str tweak, uint16_t *digits,
                                            size_t count, struct pd_error *err);

/* ---- Identifiers that keep their form (ff1_cell.c) ---- */

enum protect_format {
    /** The ASCII digits of the cell are one number, all but the first `keep`; the rest stays. */
    PROTECT_FORMAT_DIGITS,
    /** A Chinese resident id (GB 11643), 18 characters with a valid check character: area, date and
        sequence are encrypted together, dates stay dates, and the check character is the right one
        moved on by a fixed step: so the result has the form of an id and is nobody's. */
    PROTECT_FORMAT_CN_ID,
    /** A Chinese mobile number of 11 digits from 1: the first three stay. */
    PROTECT_FORMAT_CN_MOBILE,
    /** A payment card of 13 to 19 digits with a valid check digit (ISO/IEC 7812): the first six
       stay, and the check digit is moved on as above: no payment system takes the result. */
    PROTECT_FORMAT_CARD,
    PROTECT_FORMAT_COUNT
};
const char *protect_format_name(enum protect_format format); /* "cn_id" */
bool protect_format_parse(pd_str name, enum protect_format *out);

/**
 * Appends what becomes of the cell. ff1: of radix 10. False, and nothing is appended: the cell
 * isn't of that format, or holds too few digits (its domain would be below a million).
 */
bool protect_format_encrypt(struct protect_ff1 *ff1, enum protect_format format, unsigned keep,
                            pd_str tweak, pd_str cell, struct pd_buf *out);
/** The way back, with the same key, format, keep and tweak. False: it wasn't made by it. */
bool protect_format_decrypt(struct protect_ff1 *ff1, enum protect_format format, unsigned keep,
                            pd_str tweak, pd_str cell, struct pd_buf *out);

#endif
