/* Terms of texts in English and Chinese, and ranks against values worked out apart (BM25 over weighted
 * fields, by another program). */
#include "match/match.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pd_arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = pd_arena_new((size_t)64 << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    pd_arena_free(arena);
    return 0;
}

static const char *joined(const char *text) {
    static char out[4096];
    pd_str *terms;
    size_t count, used = 0;
    assert_int_equal(match_terms(pd_str_from(text), arena, &terms, &count, NULL), PD_OK);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%.*s", i ? " " : "",
                                 pd_arg(terms[i]));
    return out;
}

static void texts_become_terms(void **state) {
    (void)state;
    static const struct {
        const char *text, *terms;
    } cases[] = {
        {"Bus stops of the city, with their positions", "bus stop city position"},
        {"stop_id;BIRTH-date", "stop id birth date"},
        {"companies classes statuses", "company classe statuse"}, /* the S stemmer is mild */
        {"goes bus less ss is", "goes bus less ss"},
        {"公交站点的位置", "公交 交站 站点 位置"},
        {"不动产登记数据", "不动 动产 产登 登记"},
        {"需要每小时的PM10数据", "小时 pm10"},
        {"区", "区"},
        {"车", "车"},
        {"ＡＢＣ　Ｄ１", "abc d1"}, /* full width */
        {"é É", "é é"},
        {"", ""},
        {"数据 data the 的", ""},
        {"\xff\xfe", ""},
        {" ,;\n\t", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(joined(cases[i].text), cases[i].terms);
}

static void a_long_text_is_folded_in_pieces_between_characters(void **state) {
    (void)state;
    char text[6000] = "", word[32];
    for (int i = 0; i < 400; i++) {
        snprintf(word, sizeof(word), "word%03dx ", i);
        strcat(text, word);
    }
    pd_str *terms;
    size_t count;
    assert_int_equal(match_terms(pd_str_from(text), arena, &terms, &count, NULL), PD_OK);
    assert_int_equal(count, 400);
    for (int i = 0; i < 400; i++) {
        snprintf(word, sizeof(word), "word%03dx", i);
        assert_true(pd_str_is(terms[i], word));
    }
    text[0] = '\0';
    for (int i = 0; i < 1000; i++)
        strcat(text, "站");
    assert_int_equal(match_terms(pd_str_from(text), arena, &terms, &count, NULL), PD_OK);
    /* 512 bytes hold 170 characters: at each of the five cuts one pair is missing. */
    assert_int_equal(count, 999 - 5);
}

struct expected {
    const char *query;
    size_t total, best;
    double score;
    unsigned covered;
    size_t found;
};

static void check_ranks(const struct match_document *documents, size_t count,
                        const struct expected *e, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct match_hit *hits;
        size_t found;
        assert_int_equal(match_rank(documents, count, e[i].total, pd_str_from(e[i].query), 10,
                                    arena, &hits, &found, NULL),
                         PD_OK);
        assert_int_equal(found, e[i].found);
        if (!found)
            continue;
        assert_int_equal(hits[0].document, e[i].best);
        assert_true(fabs(hits[0].score - e[i].score) < 1e-6);
        assert_int_equal(hits[0].covered_permille, e[i].covered);
    }
}

#define DOCUMENT(title, columns, terms, text)                                                      \
    { {PD_STR_INIT(title), PD_STR_INIT(columns), PD_STR_INIT(terms), PD_STR_INIT(text)} }

static const struct match_document ENGLISH[] = {
    DOCUMENT("Bus stops of Shenzhen", "stop_id lat lon", "", ""),
    DOCUMENT("Bus trips by month", "route boardings", "上车人次", ""),
    DOCUMENT("Air quality", "station pm10", "", "hourly, by bus and station"),
};
static const struct match_document CHINESE[] = {
    DOCUMENT("公交站点", "", "", ""), DOCUMENT("不动产登记", "", "", ""),
    DOCUMENT("医保参保", "", "", ""), DOCUMENT("低保户", "", "", ""), DOCUMENT("机动车", "", "", ""),
};

static void ranks_are_the_formula_s(void **state) {
    (void)state;
    static const struct expected english[] = {
        {"bus stop", 3, 0, 2.042368, 1000, 3},
        {"bus boardings tariff", 100, 1, 12.051984, 588, 3},
        {"fish", 3, 0, 0, 0, 0},
        {"", 3, 0, 0, 0, 0},
    };
    static const struct expected chinese[] = {
        {"不动产", 5, 1, 4.368068, 1000, 1},
        {"登记", 5, 1, 2.184034, 1000, 1},
        {"公交站点的位置", 5, 0, 6.952163, 626, 1},
        {"数据", 5, 0, 0, 0, 0},
    };
    check_ranks(ENGLISH, 3, english, 4);
    check_ranks(CHINESE, 5, chinese, 4);
}

static void a_hit_says_why(void **state) {
    (void)state;
    const struct match_hit *hits;
    size_t found;
    assert_int_equal(match_rank(ENGLISH, 3, 3, PD_STR("bus, 上车, stations, tariff"), 10, arena,
                                &hits, &found, NULL),
                     PD_OK);
    assert_int_equal(found, 3);
    for (size_t i = 0; i < found; i++) {
        assert_int_equal(hits[i].word_count, 4);
        assert_false(hits[i].words[3].is_there);
        assert_true(hits[i].words[0].is_there);
        if (hits[i].document == 1) {
            assert_true(hits[i].words[1].is_there);
            assert_int_equal(hits[i].words[1].field, MATCH_TAGS);
        }
        if (hits[i].document == 2) {
            assert_int_equal(hits[i].words[0].field, MATCH_TEXT);
            assert_int_equal(hits[i].words[2].field, MATCH_COLUMNS);
        }
    }
}

static void equals_keep_their_order_and_the_limit_holds(void **state) {
    (void)state;
    struct match_document same[30];
    const struct match_hit *hits;
    size_t found;
    for (size_t i = 0; i < 30; i++)
        same[i] = CHINESE[i % 5];
    assert_int_equal(match_rank(same, 30, 30, PD_STR("不动产"), 4, arena, &hits, &found, NULL), PD_OK);
    assert_int_equal(found, 4);
    for (size_t i = 0; i < found; i++)
        assert_int_equal(hits[i].document, 1 + 5 * i);
    assert_int_equal(match_rank(NULL, 0, 0, PD_STR("x"), 4, arena, &hits, &found, NULL), PD_OK);
    assert_int_equal(found, 0);
}

static void a_full_arena_is_said(void **state) {
    (void)state;
    struct pd_arena *small = pd_arena_new(4096);
    struct pd_error err = {0};
    const struct match_hit *hits;
    size_t found = 7;
    assert_int_equal(match_rank(ENGLISH, 3, 3, PD_STR("bus"), 4, small, &hits, &found, &err), PD_LIMIT);
    assert_int_equal(found, 7);
    pd_arena_free(small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_terms),
        cmocka_unit_test(a_long_text_is_folded_in_pieces_between_characters),
        cmocka_unit_test(ranks_are_the_formula_s),
        cmocka_unit_test(a_hit_says_why),
        cmocka_unit_test(equals_keep_their_order_and_the_limit_holds),
        cmocka_unit_test(a_full_arena_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
