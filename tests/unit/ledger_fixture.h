/**
 * What the tests of ledger/ share: ledger_test.c, ledger_notes.h, ledger_leaves.h.
 */
#ifndef POLDER_TESTS_LEDGER_FIXTURE_H
#define POLDER_TESTS_LEDGER_FIXTURE_H

#include "ledger/ledger.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void assert_ok(enum pd_status st, const struct pd_error *err) {
    if (st != PD_OK)
        fail_msg("status %d: %s", (int)st, err->text);
}

static void assert_fails(enum pd_status st, enum pd_status wanted, const struct pd_error *err,
                         const char *words) {
    assert_int_equal(st, wanted);
    if (!strstr(err->text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, err->text);
}

#endif
