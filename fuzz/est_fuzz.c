/*
 * Policies as JSON, and the layout of policies. JSON that is read is written so that it reads as
 * the same; text that parses is formatted once and for all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "law/cedar.h"

enum { ROOM = 64 << 20 };

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "broken promise, line %d: %s\n", __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** Reads what was written of `set`, and writes it again. */
static void check_same(const struct law_policies *set) {
    struct pd_buf first, second;
    struct pd_error err = {0};
    pd_buf_init(&first, ROOM);
    pd_buf_init(&second, ROOM);
    law_policies_write_json(set, &first);
    struct law_policies *again = law_policies_new(ROOM);
    REQUIRE(again && !first.failed);
    enum pd_status st = law_policies_parse_json(again, PD_STR("again"), pd_buf_view(&first), &err);
    if (st == PD_OK) {
        law_policies_write_json(again, &second);
        REQUIRE(pd_str_eq(pd_buf_view(&first), pd_buf_view(&second)));
    } else { /* policy text may nest deeper than JSON, and needs less room */
        REQUIRE(st == PD_LIMIT || pd_str_find(pd_str_from(err.text), PD_STR("deep")) != PD_NPOS);
    }
    law_policies_free(again);
    pd_buf_clear(&first);
    pd_buf_clear(&second);
}

static void check_layout(pd_str text) {
    struct pd_buf first, second;
    pd_buf_init(&first, ROOM);
    pd_buf_init(&second, ROOM);
    if (law_policies_format(PD_STR("p"), text, &first, NULL) == PD_OK) {
        REQUIRE(law_policies_format(PD_STR("q"), pd_buf_view(&first), &second, NULL) == PD_OK);
        REQUIRE(pd_str_eq(pd_buf_view(&first), pd_buf_view(&second)));
    }
    pd_buf_clear(&first);
    pd_buf_clear(&second);
}

/** The formatted text means what the text did: as JSON it is the same. */
static void check_meaning(const struct law_policies *set, pd_str text) {
    struct pd_buf layout, before, after;
    pd_buf_init(&layout, ROOM);
    pd_buf_init(&before, ROOM);
    pd_buf_init(&after, ROOM);
    struct law_policies *again = law_policies_new(ROOM);
    REQUIRE(again && law_policies_format(PD_STR("p"), text, &layout, NULL) == PD_OK);
    REQUIRE(law_policies_parse(again, PD_STR("q"), pd_buf_view(&layout), LAW_IDS_NUMBERED, NULL) ==
            PD_OK);
    law_policies_write_json(set, &before);
    law_policies_write_json(again, &after);
    REQUIRE(pd_str_eq(pd_buf_view(&before), pd_buf_view(&after)));
    law_policies_free(again);
    pd_buf_clear(&layout);
    pd_buf_clear(&before);
    pd_buf_clear(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size};
    struct pd_error err = {0};
    struct law_policies *set = law_policies_new(ROOM);
    REQUIRE(set);
    if (law_policies_parse_json(set, PD_STR("j"), text, &err) == PD_OK)
        check_same(set);
    else
        REQUIRE(err.text[0] != '\0' && pd_utf8_valid(pd_str_from(err.text), NULL) &&
                law_policies_count(set) == 0);
    law_policies_free(set);
    set = law_policies_new(ROOM);
    REQUIRE(set);
    check_layout(text);
    if (law_policies_parse(set, PD_STR("t"), text, LAW_IDS_NUMBERED, &err) == PD_OK) {
        check_same(set);
        check_meaning(set, text);
    }
    law_policies_free(set);
    return 0;
}
