/* For study_test.c: one small pack with the rules of a node, made in the test. */
#ifndef POLDER_TESTS_STUDY_FIXTURE_H
#define POLDER_TESTS_STUDY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "law/law.h"

enum { ARENA_BYTES = 64 << 20 };

static const char REGISTRY[] =
    "{\"registry\":1,\"facts\":["
    "{\"name\":\"is_personal\",\"type\":\"bool\",\"accepts\":[\"declared\",\"attested\","
    "\"derived\"],\"accepts_false\":[\"attested\"],\"attesters\":[\"steward\"],\"bound\":\"bytes\","
    "\"title\":{\"en\":\"About persons\",\"zh\":\"个人\"},\"supplier\":{\"en\":\"the steward\","
    "\"zh\":\"管理员\"}},"
    "{\"name\":\"consent\",\"type\":\"bool\",\"accepts\":[\"attested\"],\"attesters\":[\"holder\"],"
    "\"bound\":\"purpose\",\"title\":{\"en\":\"Consent\",\"zh\":\"同意\"},\"supplier\":{\"en\":"
    "\"the department\",\"zh\":\"部门\"}},"
    "{\"name\":\"separate_consent\",\"type\":\"bool\",\"accepts\":[\"attested\"],\"attesters\":"
    "[\"holder\"],\"bound\":\"purpose\",\"title\":{\"en\":\"Separate "
    "consent\",\"zh\":\"单独同意\"},"
    "\"supplier\":{\"en\":\"the department\",\"zh\":\"部门\"}},"
    "{\"name\":\"purpose\",\"type\":\"string\",\"accepts\":[\"declared\"],\"attesters\":[],"
    "\"bound\":\"purpose\",\"title\":{\"en\":\"Purpose\",\"zh\":\"目的\"},\"supplier\":{\"en\":"
    "\"whoever asks\",\"zh\":\"申请人\"}},"
    "{\"name\":\"k\",\"type\":\"long\",\"accepts\":[\"measured\"],\"attesters\":[],\"bound\":"
    "\"bytes\",\"title\":{\"en\":\"k\",\"zh\":\"k\"},\"supplier\":{\"en\":\"inspection\",\"zh\":"
    "\"检查\"}}]}";
#define MANIFEST(jurisdiction, rank, as_of)                                                        \
    "{\"manifest\":1,\"jurisdiction\":\"" jurisdiction "\",\"rank\":\"" rank "\","                 \
    "\"title\":{\"en\":\"t\",\"zh\":\"t\"},\"as_of\":\"" as_of "\"}"
static const char THRESHOLDS[] = "{\"thresholds\":1,\"k\":{\"value\":5,\"title\":{\"en\":\"k\","
                                 "\"zh\":\"k\"},\"why\":{\"en\":\"w\",\"zh\":\"w\"}}}";
static const char NODE[] = "@id(\"node.base\") permit (principal, action, resource);\n";

/* The registry, a node and the pack "nl" of these policies, read as of 2026-06-01. */
static struct law_rules *rules_of(const char *statute) {
    struct pd_error err = {PD_OK, ""};
    struct law_rules *rules = NULL;
    const struct law_file some[] = {
        {PD_STR("facts.json"), pd_str_from(REGISTRY)},
        {PD_STR("node/thresholds.json"), pd_str_from(THRESHOLDS)},
        {PD_STR("node/manifest.json"), pd_str_from(MANIFEST("node", "node", "2026-01-01"))},
        {PD_STR("node/n.cedar"), pd_str_from(NODE)},
        {PD_STR("nl/manifest.json"), pd_str_from(MANIFEST("nl", "statute", "2026-06-01"))},
        {PD_STR("nl/s.cedar"), pd_str_from(statute)},
    };
    if (law_rules_new(some, sizeof(some) / sizeof(some[0]), &rules, &err) != PD_OK)
        fail_msg("%s", err.text);
    return rules;
}

#define assert_pd_str(actual, expected)                                                            \
    do {                                                                                           \
        pd_str actual_ = (actual);                                                                 \
        if (!pd_str_is(actual_, (expected)))                                                       \
            fail_msg("\"%.*s\" is not \"%s\"", pd_arg(actual_), (expected));                       \
    } while (0)

#define assert_starts(text, expected)                                                              \
    do {                                                                                           \
        if (strncmp((text), (expected), strlen(expected)) != 0)                                    \
            fail_msg("\"%s\" does not begin with \"%s\"", (text), (expected));                     \
    } while (0)

#endif
