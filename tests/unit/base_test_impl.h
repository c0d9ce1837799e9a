/**
 * Part of base_test.c: what all its parts use.
 */
#ifndef POLDER_TESTS_BASE_TEST_IMPL_H
#define POLDER_TESTS_BASE_TEST_IMPL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void assert_str(pd_str s, const char *expected) {
    if (!pd_str_is(s, expected))
        fail_msg("\"%.*s\" is not \"%s\"", pd_arg(s), expected);
}

#endif
