/* Tests of protect/attack.h: tables whose attacks can be counted by hand, and all deals enumerated.
 */
#include "protect_fixture.h"

#include <math.h>

#include "protect/attack.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static const size_t ALL[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
static const size_t FIRST[] = {0, 1};
static const struct protect_known TWO = {FIRST, 2}, ONE = {FIRST, 1};

static struct protect_classes *table_of(const char *csv, size_t columns) {
    return count_classes(pd_str_from(csv), ALL, columns);
}

static const char WARD[] = "age,town,illness\n"
                           "30,a,flu\n30,a,flu\n30,a,flu\n"
                           "40,a,flu\n40,a,cold\n"
                           "50,b,cold\n";

/* ---- One table ---- */

static void a_person_is_singled_out_by_what_is_known(void **state) {
    (void)state;
    struct protect_classes *t = table_of(WARD, 3);
    struct protect_attack a;
    struct pd_error err;
    assert_int_equal(protect_attack_single_out(t, TWO, &a, &err), PD_OK);
    assert_string_equal(protect_attack_name(a.kind), "singling_out");
    assert_int_equal(a.attempts, 6);
    NEAR(a.hits, 3); /* three classes */
    assert_int_equal(a.certain, 1);
    NEAR(a.rate, 0.5);
    NEAR(a.baseline, 1.0 / 6);
    NEAR(a.risk, (0.5 - 1.0 / 6) / (1 - 1.0 / 6));
    /* Wilson's interval of 3 in 6, as tables print it. */
    assert_true(fabs(a.low - 0.1876) < 5e-5 && fabs(a.high - 0.8124) < 5e-5);
    protect_classes_free(t);
}

static void a_class_of_one_illness_gives_it_away(void **state) {
    (void)state;
    struct protect_classes *t = table_of(WARD, 3);
    struct protect_attack a;
    struct pd_error err;
    assert_int_equal(protect_attack_infer(t, TWO, 2, &a, &err), PD_OK);
    NEAR(a.hits, 3 + 1 + 1);
    assert_int_equal(a.certain, 4);
    NEAR(a.baseline, 4.0 / 6);
    NEAR(a.risk, (5.0 / 6 - 4.0 / 6) / (1 - 4.0 / 6));
    protect_classes_free(t);
}

static void what_can_t_be_attacked_is_refused(void **state) {
    (void)state;
    struct protect_classes *t = table_of(WARD, 3), *empty;
    struct protect_attack a;
    struct pd_error err;
    static const size_t beyond[] = {0, 9}, twice[] = {1, 1};
    assert_int_equal(protect_attack_single_out(t, (struct protect_known){beyond, 2}, &a, &err),
                     PD_USAGE);
    assert_int_equal(protect_attack_single_out(t, (struct protect_known){twice, 2}, &a, &err),
                     PD_USAGE);
    assert_int_equal(protect_attack_single_out(t, (struct protect_known){beyond, 0}, &a, &err),
                     PD_USAGE);
    assert_int_equal(protect_attack_infer(t, TWO, 1, &a, &err), PD_USAGE);
    assert_int_equal(protect_attack_infer(t, TWO, 3, &a, &err), PD_USAGE);
    assert_int_equal(protect_attack_link(t, TWO, t, ONE, NULL, NULL, &a, &err), PD_USAGE);
    assert_int_equal(protect_attack_compare(t, TWO, 2, t, TWO, 2, NULL, 1, &a, &err), PD_USAGE);
    assert_int_equal(protect_classes_new(ALL, 3, 0, &empty, &err), PD_OK);
    assert_int_equal(protect_attack_single_out(empty, TWO, &a, &err), PD_INVALID);
    protect_classes_free(empty);
    protect_classes_free(t);
}

/* ---- Two tables ---- */

static void rows_of_two_tables_meet_where_they_are_alike(void **state) {
    (void)state;
    struct protect_classes *t = table_of(WARD, 3);
    struct protect_classes *other = table_of("town,age,name\n"
                                             "a,30,x\na,30,y\n" /* two of three */
                                             "b,50,z\n"         /* one of one */
                                             "c,60,q\n",        /* nobody */
                                             3);
    static const size_t with[] = {1, 0};
    struct protect_attack a;
    struct pd_error err;
    assert_int_equal(
        protect_attack_link(t, TWO, other, (struct protect_known){with, 2}, NULL, NULL, &a, &err), PD_OK);
    NEAR(a.hits, 2.0 / 3 + 1);
    assert_int_equal(a.certain, 1);
    assert_int_equal(a.attempts, 6);
    NEAR(a.baseline, 4.0 / 6 / 6);
    protect_classes_free(other);

    /* What the release made of a column is done to the other table first. */
    struct protect_classes *bands = table_of("age,town\n30-39,a\n30-39,a\n50-59,b\n", 2);
    other = table_of("town,age\na,34\nb,51\nb,57\n", 2);
    const struct protect_step band = {
        .column = 0, .method = PROTECT_GENERALISE_NUMBER, .width = {10, 0}, .whole = true};
    const struct protect_step *steps[] = {&band, NULL};
    assert_int_equal(
        protect_attack_link(bands, TWO, other, (struct protect_known){with, 2}, steps, NULL, &a, &err),
        PD_OK);
    NEAR(a.hits, 0.5 + 0.5);
    assert_int_equal(a.certain, 0);
    protect_classes_free(other);

    /* Or stands in it already. */
    other = table_of("town,age\na,30-39\nb,51\nb,57\n", 2);
    assert_int_equal(
        protect_attack_link(bands, TWO, other, (struct protect_known){with, 2}, steps, NULL, &a, &err),
        PD_OK);
    NEAR(a.hits, 0.5 + 0.5);
    protect_classes_free(other);
    protect_classes_free(bands);
    protect_classes_free(t);
}

static void a_column_without_a_common_value_is_not_matched_by(void **state) {
    (void)state;
    struct protect_classes *t = table_of(WARD, 3);
    struct protect_classes *other = table_of("town,age\nA,50\nB,30\n", 2); /* towns by other names */
    static const size_t with[] = {1, 0};
    struct protect_attack a;
    struct pd_error err;
    bool is_used[2];
    assert_int_equal(
        protect_attack_link(t, TWO, other, (struct protect_known){with, 2}, NULL, is_used, &a, &err), PD_OK);
    assert_true(is_used[0] && !is_used[1]);
    NEAR(a.hits, 1.0 / 3 + 1);
    protect_classes_free(other);

    other = table_of("town,age\nA,1\nB,2\n", 2);
    assert_int_equal(
        protect_attack_link(t, TWO, other, (struct protect_known){with, 2}, NULL, is_used, &a, &err), PD_OK);
    assert_true(!is_used[0] && !is_used[1]);
    NEAR(a.hits, 0);
    NEAR(a.risk, 0);
    assert_int_equal(a.attempts, 6);
    protect_classes_free(other);
    protect_classes_free(t);
}

static void who_came_between_two_versions_is_seen(void **state) {
    (void)state;
    struct protect_classes *now = table_of(WARD, 3);
    struct protect_classes *then =
        table_of("illness,age,town\nflu,30,a\nflu,30,a\nflu,40,a\ncold,40,a\ncold,50,b\n", 3);
    static const size_t known[] = {1, 2};
    struct protect_attack a;
    struct pd_error err;
    assert_int_equal(
        protect_attack_compare(now, TWO, 2, then, (struct protect_known){known, 2}, 0, NULL, 5, &a, &err),
        PD_OK);
    assert_int_equal(a.attempts, 1);
    assert_int_equal(a.certain, 1); /* one row came, with flu */
    NEAR(a.hits, 1);
    NEAR(a.baseline, 4.0 / 6);
    assert_int_equal(protect_attack_compare(now, TWO, SIZE_MAX, then,
                                            (struct protect_known){known, 2}, SIZE_MAX, NULL, 5, &a,
                                            &err),
                     PD_OK);
    NEAR(a.hits, 1);
    NEAR(a.baseline, 1.0 / 6);
    assert_int_equal(protect_attack_compare(now, TWO, 2, now, TWO, 2, NULL, 5, &a, &err), PD_OK);
    assert_int_equal(a.attempts, 0);
    NEAR(a.risk, 0);
    protect_classes_free(then);

    /* Three came to a class, of whom two have one illness; five or more hide each other. */
    then = table_of("age,town,illness\n40,a,flu\n40,a,cold\n50,b,cold\n", 3);
    assert_int_equal(protect_attack_compare(now, TWO, 2, then, TWO, 2, NULL, 4, &a, &err), PD_OK);
    assert_int_equal(a.attempts, 3);
    assert_int_equal(a.certain, 3);
    assert_int_equal(protect_attack_compare(now, TWO, 2, then, TWO, 2, NULL, 3, &a, &err), PD_OK);
    NEAR(a.hits, 0);
    protect_classes_free(then);
    protect_classes_free(now);
}

/* ---- Minimality ---- */

/* Ages 1 and 2 in one class of the release, the eighties in another, which is diverse. */
static const char PATIENTS[] = "age,illness\n"
                               "1,hiv\n1,hiv\n"
                               "2,flu\n2,cold\n2,gout\n2,ache\n"
                               "81,flu\n82,cold\n81,cold\n82,flu\n";
static const char TIED[] = "age,illness\n1,hiv\n1,hiv\n2,flu\n2,cold\n2,flu\n2,cold\n";
static const struct protect_step BAND = {
    .column = 0, .method = PROTECT_GENERALISE_NUMBER, .width = {10, 0}, .whole = true};
static const struct protect_step *const COARSE[] = {&BAND}, *const FINE[] = {NULL};

/* All ways to deal the rows of a value out to parts of these sizes, one by one. */
struct all_ways {
    size_t parts;
    int size[4], cap[4];
    double violating, of_part[4];
};

static double choose(int n, int k) {
    double c = 1;
    for (int i = 1; i <= k; i++)
        c = c * (n - k + i) / i;
    return c;
}

static void deal_out(struct all_ways *w, size_t part, int left, double ways, bool is_diverse,
                     int *x) {
    if (part < w->parts) {
        for (x[part] = 0; x[part] <= w->size[part] && x[part] <= left; x[part]++)
            deal_out(w, part + 1, left - x[part], ways * choose(w->size[part], x[part]),
                     is_diverse && x[part] <= w->cap[part], x);
        return;
    }
    if (left > 0 || is_diverse)
        return;
    w->violating += ways;
    for (size_t i = 0; i < w->parts; i++)
        w->of_part[i] += ways * x[i];
}

static void knowing_that_loss_was_minimised_tells_more(void **state) {
    (void)state;
    struct protect_classes *t = table_of(PATIENTS, 2);
    struct protect_attack a;
    struct pd_error err;
    assert_int_equal(protect_attack_minimal(t, ONE, 1, COARSE, FINE, 2, &a, &err), PD_OK);
    /* Only the two of age 1 can have shared an illness, and only hiv has two rows. */
    assert_int_equal(a.attempts, 2);
    assert_int_equal(a.certain, 2);
    NEAR(a.hits, 2);
    NEAR(a.baseline, 0.5);
    NEAR(a.risk, 1);
    protect_classes_free(t);

    /* Three illnesses with two rows each: they share one, but which? */
    t = table_of(TIED, 2);
    assert_int_equal(protect_attack_minimal(t, ONE, 1, COARSE, FINE, 2, &a, &err), PD_OK);
    assert_int_equal(a.attempts, 2);
    assert_int_equal(a.certain, 0);
    NEAR(a.hits, 2.0 / 3);
    NEAR(a.risk, 0);
    assert_int_equal(protect_attack_minimal(t, ONE, 1, COARSE, FINE, 1, &a, &err), PD_USAGE);
    protect_classes_free(t);
}

/* Parts of 3 and 4 rows, of which one value has 2 and 1; the rest are all different. */
static void chances_are_those_of_all_ways_to_deal(void **state) {
    (void)state;
    static const int size[] = {3, 4}, with[] = {2, 1};
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    pd_buf_add(&csv, "age,illness\n", 12);
    for (int part = 0, other = 0; part < 2; part++)
        for (int i = 0; i < size[part]; i++)
            pd_buf_printf(&csv, i < with[part] ? "%d,hiv\n" : "%d,other %d\n", part + 1, other++);
    struct protect_classes *t = count_classes(pd_buf_view(&csv), ALL, 2);
    struct all_ways w = {.parts = 2, .size = {3, 4}, .cap = {1, 2}};
    int x[4];
    deal_out(&w, 0, 3, 1, true, x);
    double hits = 0;
    uint64_t attempts = 0;
    for (int part = 0; part < 2; part++)
        if (w.of_part[part] / w.violating / size[part] > 0.5) {
            attempts += (uint64_t)size[part];
            hits += with[part];
        }
    assert_int_equal(attempts, 3);
    struct protect_attack a;
    struct pd_error err;
    assert_int_equal(protect_attack_minimal(t, ONE, 1, COARSE, FINE, 2, &a, &err), PD_OK);
    assert_int_equal(a.attempts, attempts);
    NEAR(a.hits, hits);
    protect_classes_free(t);
    pd_buf_clear(&csv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_singled_out_by_what_is_known),
        cmocka_unit_test(a_class_of_one_illness_gives_it_away),
        cmocka_unit_test(what_can_t_be_attacked_is_refused),
        cmocka_unit_test(rows_of_two_tables_meet_where_they_are_alike),
        cmocka_unit_test(a_column_without_a_common_value_is_not_matched_by),
        cmocka_unit_test(who_came_between_two_versions_is_seen),
        cmocka_unit_test(knowing_that_loss_was_minimised_tells_more),
        cmocka_unit_test(chances_are_those_of_all_ways_to_deal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
