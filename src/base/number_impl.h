/**
 * Private to base/: how a double is written in JSON.
 */
#ifndef POLDER_BASE_NUMBER_IMPL_H
#define POLDER_BASE_NUMBER_IMPL_H

#include <stddef.h>

enum { PD_NUMBER_TEXT_SIZE = 32 };

/**
 * Writes a finite double with the fewest digits that read back the same, in the form of
 * ECMAScript's Number::toString (RFC 8785 section 3.2.2.3), whatever the locale. Returns the length
 * without NUL.
 */
size_t pd_number_write(double d, char out[PD_NUMBER_TEXT_SIZE]);

#endif
