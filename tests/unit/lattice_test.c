/* Tests src/protect/lattice.h: the search against counting every node, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protect/lattice.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { COLUMNS = 4, ROWS_MAX = 300, VALUES_MAX = 12, LEVELS = 4 };

/* ---- Small tables drawn at random, the same at every run ---- */

static uint64_t state_of_random;

static uint32_t draw(uint32_t below) {
    state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state_of_random >> 33) % below;
}

struct drawn {
    uint32_t maps[COLUMNS + 1][LEVELS][VALUES_MAX], sizes[COLUMNS + 1][LEVELS];
    const uint32_t *map_list[COLUMNS + 1][LEVELS];
    struct protect_hierarchy hierarchies[COLUMNS + 1]; /* the last one of the sensitive column */
    const struct protect_hierarchy *list[COLUMNS];
    uint32_t codes[ROWS_MAX * (COLUMNS + 1)];
    uint64_t rows[ROWS_MAX];
    uint32_t sensitive_size;
    double costs[COLUMNS][LEVELS];
    const double *cost_list[COLUMNS];
};

/* Each level joins some of the groups of the one below; the last one joins all. */
static void draw_hierarchy(struct drawn *d, size_t column, uint32_t values, uint32_t levels) {
    uint32_t joined[VALUES_MAX];
    for (uint32_t l = 0; l < levels; l++) {
        uint32_t size = 0;
        bool is_last = l + 1 == levels && l > 0;
        for (uint32_t g = 0; l > 0 && g < d->sizes[column][l - 1]; g++)
            joined[g] = is_last || (g > 0 && draw(2)) ? (size ? size - 1 : size++) : size++;
        for (uint32_t v = 0; v < values; v++)
            d->maps[column][l][v] = l == 0 ? v : joined[d->maps[column][l - 1][v]];
        d->sizes[column][l] = l == 0 ? values : size;
        d->map_list[column][l] = d->maps[column][l];
    }
    d->hierarchies[column] = (struct protect_hierarchy){
        .values = values, .levels = levels, .maps = d->map_list[column], .sizes = d->sizes[column]};
}

static struct protect_microdata draw_table(struct drawn *d, bool has_sensitive, size_t rows) {
    uint32_t values[COLUMNS + 1];
    for (size_t c = 0; c <= COLUMNS; c++) {
        values[c] = 2 + draw(VALUES_MAX - 2);
        draw_hierarchy(d, c, values[c], 2 + draw(LEVELS - 1));
        if (c < COLUMNS) {
            d->list[c] = &d->hierarchies[c];
            d->cost_list[c] = d->costs[c];
            for (uint32_t l = 0; l < LEVELS; l++)
                d->costs[c][l] = (l ? d->costs[c][l - 1] : 0) + draw(10);
        }
    }
    size_t width = COLUMNS + has_sensitive;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < width; c++)
            d->codes[r * width + c] = draw(1 + draw(values[c]));
        d->rows[r] = draw(4); /* none, too */
    }
    d->sensitive_size = values[COLUMNS];
    return (struct protect_microdata){.quasi_count = COLUMNS,
                                      .hierarchies = d->list,
                                      .sensitive_count = has_sensitive,
                                      .sensitive_sizes = &d->sensitive_size,
                                      .codes = d->codes,
                                      .rows = d->rows,
                                      .count = rows};
}

/* ---- The search and counting every node give the same ---- */

static bool next_node(const struct protect_task *task, uint8_t *levels) {
    for (size_t c = COLUMNS; c-- > 0; levels[c] = 0)
        if (++levels[c] < task->data.hierarchies[c]->levels)
            return true;
    return false;
}

static uint32_t height_of(const uint8_t *levels) {
    uint32_t sum = 0;
    for (size_t c = 0; c < COLUMNS; c++)
        sum += levels[c];
    return sum;
}

/* Nodes come in the order of their levels, the first column's last: the first of equals wins. */
static void count_every_node(const struct protect_task *task, struct protect_optimum *best) {
    uint8_t levels[COLUMNS] = {0};
    struct protect_node node;
    struct pd_error err = {0};
    *best = (struct protect_optimum){0};
    do {
        assert_int_equal(PD_OK, protect_node_evaluate(task, levels, &node, &err));
        best->nodes++;
        bool is_better =
            node.is_feasible &&
            (!best->is_found || node.loss < best->node.loss ||
             (node.loss == best->node.loss && height_of(levels) < height_of(best->levels)));
        if (!is_better)
            continue;
        best->is_found = true;
        best->node = node;
        memcpy(best->levels, levels, sizeof(levels));
    } while (next_node(task, levels));
}

static void assert_same(const struct protect_task *task) {
    struct protect_optimum expected, found;
    struct pd_error err = {0};
    count_every_node(task, &expected);
    assert_int_equal(PD_OK, protect_optimum(task, &found, &err));
    assert_int_equal(expected.nodes, found.nodes);
    assert_int_equal(expected.is_found, found.is_found);
    if (!found.is_found)
        return;
    const char *model = protect_model_name(task->models[0].kind);
    if (memcmp(expected.levels, found.levels, COLUMNS) != 0)
        fail_msg("%s, %s, suppression %g: loss %.17g instead of %.17g", model,
                 protect_loss_name(task->loss), task->max_suppressed, found.node.loss,
                 expected.node.loss);
    assert_true(expected.node.loss == found.node.loss);
    assert_int_equal(expected.node.suppressed, found.node.suppressed);
    assert_int_equal(expected.node.classes, found.node.classes);
    assert_int_equal(expected.node.smallest, found.node.smallest);
}

static void draw_model(const struct drawn *d, enum protect_model_kind kind,
                       struct protect_model *out) {
    static const double THRESHOLDS[PROTECT_MODEL_KIND_COUNT][3] = {
        [PROTECT_K_ANONYMITY] = {2, 5, 40},         [PROTECT_DISTINCT_L] = {2, 3, 4},
        [PROTECT_ENTROPY_L] = {1.5, 2, 3},          [PROTECT_ENTROPY_L_GRASSBERGER] = {1.5, 2, 3},
        [PROTECT_RECURSIVE_L] = {2, 2, 3},          [PROTECT_T_EQUAL] = {0.1, 0.3, 0.5},
        [PROTECT_T_ORDERED] = {0.05, 0.1, 0.3},     [PROTECT_T_HIERARCHICAL] = {0.05, 0.2, 0.4},
        [PROTECT_BETA_BASIC] = {0.5, 1, 3},         [PROTECT_BETA_ENHANCED] = {0.5, 1, 3},
        [PROTECT_AVERAGE_RISK] = {0.01, 0.05, 0.2},
    };
    *out = (struct protect_model){.kind = kind,
                                  .threshold = THRESHOLDS[kind][draw(3)],
                                  .c = 1 + draw(4),
                                  .hierarchy = &d->hierarchies[COLUMNS]};
}

static void the_search_finds_what_counting_every_node_finds(void **state) {
    (void)state;
    static const double SUPPRESSED[] = {0, 0.03, 0.1, 0.5};
    struct drawn *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    for (int kind = 0; kind < PROTECT_MODEL_KIND_COUNT; kind++)
        for (int loss = 0; loss < PROTECT_LOSS_COUNT; loss++)
            for (size_t i = 0; i < 4; i++) {
                struct protect_model models[2];
                state_of_random = (uint64_t)(kind * 1000 + loss * 10) + i;
                bool has_sensitive =
                    (kind != PROTECT_K_ANONYMITY && kind != PROTECT_AVERAGE_RISK) || draw(2);
                struct protect_task task = {
                    .data = draw_table(d, has_sensitive, 20 + draw(ROWS_MAX - 20)),
                    .models = models,
                    .model_count = 1 + draw(2),
                    .max_suppressed = SUPPRESSED[draw(COUNT(SUPPRESSED))],
                    .loss = (enum protect_loss)loss,
                    .losses = d->cost_list};
                draw_model(d, (enum protect_model_kind)kind, &models[0]);
                draw_model(d, PROTECT_K_ANONYMITY, &models[1]);
                assert_same(&task);
            }
    free(d);
}

/* ---- What it refuses ---- */

/* Eight values in two columns, four rows: {0,0}, {1,0}, {2,1}, {3,1}. */
static const uint32_t PAIRS[] = {0, 0, 1, 1}, SAME[] = {0, 1, 2, 3}, ALL[] = {0, 0, 0, 0};
static const uint32_t *const PAIR_MAPS[] = {SAME, PAIRS, ALL};
static const uint32_t PAIR_SIZES[] = {4, 2, 1};
static const struct protect_hierarchy BY_PAIRS = {
    .values = 4, .levels = 3, .maps = PAIR_MAPS, .sizes = PAIR_SIZES};
static const struct protect_hierarchy *const ONE_COLUMN[] = {&BY_PAIRS};
static const uint32_t FOUR_ROWS[] = {0, 1, 2, 3};
static const struct protect_model TWO = {.kind = PROTECT_K_ANONYMITY, .threshold = 2};

static struct protect_task four_rows(void) {
    return (struct protect_task){
        .data = {.quasi_count = 1, .hierarchies = ONE_COLUMN, .codes = FOUR_ROWS, .count = 4},
        .models = &TWO,
        .model_count = 1};
}

static void a_table_of_pairs_is_joined_in_pairs(void **state) {
    (void)state;
    struct protect_task task = four_rows();
    struct protect_optimum found;
    struct pd_error err = {0};
    assert_int_equal(PD_OK, protect_optimum(&task, &found, &err));
    assert_true(found.is_found);
    assert_int_equal(1, found.levels[0]);
    assert_int_equal(2, found.node.smallest);
    assert_true(found.node.loss == 4); /* one bit a row */
}

static void assert_refused(const struct protect_task *task, enum pd_status expected,
                           const char *words) {
    struct protect_optimum found = {.nodes = 7};
    struct pd_error err = {0};
    assert_int_equal(expected, protect_optimum(task, &found, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" doesn't say \"%s\"", err.text, words);
    assert_int_equal(7, found.nodes);
}

static bool at_once(void *context, uint64_t checked, uint64_t nodes) {
    (void)context, (void)checked, (void)nodes;
    return true;
}

static void what_cannot_be_searched_is_refused(void **state) {
    (void)state;
    struct protect_model model = TWO;
    struct protect_task task = four_rows();
    task.model_count = 0;
    assert_refused(&task, PD_USAGE, "a model");
    task = four_rows();
    task.models = &model;
    model.threshold = 0.5;
    assert_refused(&task, PD_USAGE, "k_anonymity has a threshold from 1");
    model.threshold = NAN;
    assert_refused(&task, PD_USAGE, "threshold");
    model = (struct protect_model){.kind = PROTECT_T_EQUAL, .threshold = 0.1};
    assert_refused(&task, PD_USAGE, "sensitive column 0, of 0");
    task = four_rows();
    task.max_suppressed = 1.5;
    assert_refused(&task, PD_USAGE, "between 0 and 1");
    task = four_rows();
    task.is_cancelled = at_once;
    assert_refused(&task, PD_UNAVAILABLE, "stopped");
    task = four_rows();
    task.limit_bytes = 64;
    assert_refused(&task, PD_LIMIT, "");
    task.limit_bytes = protect_optimum_bytes(&task.data) - 1;
    assert_refused(&task, PD_LIMIT, "");
    task = four_rows();
    task.loss = PROTECT_LOSS_COUNT;
    assert_refused(&task, PD_USAGE, "no loss");
    static const uint32_t FAR[] = {0, 1, 2, 9};
    task = four_rows();
    task.data.codes = FAR;
    assert_refused(&task, PD_INVALID, "tuple 3 has the number 9 in column 0, of 4");
    static const uint64_t MANY[] = {UINT32_MAX, 1, 0, 0};
    task = four_rows();
    task.data.rows = MANY;
    assert_refused(&task, PD_LIMIT, "rows");
}

static void levels_that_do_not_nest_are_refused(void **state) {
    (void)state;
    static const uint32_t CROSS[] = {0, 1, 0, 1};
    static const uint32_t *const MAPS[] = {SAME, PAIRS, CROSS};
    static const uint32_t SIZES[] = {4, 2, 2};
    struct protect_hierarchy crossed = {.values = 4, .levels = 3, .maps = MAPS, .sizes = SIZES};
    struct pd_error err = {0};
    assert_int_equal(PD_INVALID, protect_hierarchy_check(&crossed, &err));
    assert_non_null(strstr(err.text, "do not nest"));
    assert_int_equal(PD_OK, protect_hierarchy_check(&BY_PAIRS, &err));
    crossed.levels = 0;
    assert_int_equal(PD_INVALID, protect_hierarchy_check(&crossed, &err));
}

/* ---- Hierarchies from rows ---- */

static void a_hierarchy_is_made_of_its_rows(void **state) {
    (void)state;
    const pd_str cells[] = {PD_STR("a"), PD_STR("x"), PD_STR("*"), PD_STR("b"), PD_STR("y"),
                            PD_STR("*"), PD_STR("c"), PD_STR("x"), PD_STR("*")};
    const pd_str values[] = {PD_STR("c"), PD_STR("b")};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct protect_hierarchy *h;
    struct pd_error err = {0};
    assert_int_equal(PD_OK, protect_hierarchy_make(cells, 3, 3, values, 2, arena, &h, &err));
    assert_int_equal(2, h->values);
    assert_int_equal(3, h->levels);
    assert_int_equal(2, h->sizes[1]);
    assert_int_equal(1, h->sizes[2]);
    assert_true(pd_str_is(h->labels[1][h->maps[1][0]], "x"));
    assert_int_equal(PD_OK, protect_hierarchy_check(h, &err));
    pd_arena_free(arena);
}

static void bad_rows_of_a_hierarchy_are_named(void **state) {
    (void)state;
    static const struct {
        const char *cells[9];
        const char *words;
    } CASES[] = {
        {{"a", "x", "*", "b", "y", "*", "b", "y", "*"}, "no row for the value \"c\""},
        {{"c", "x", "*", "b", "y", "*", "c", "y", "*"}, "rows 1 and 3"},
        {{"c", "x", "1", "b", "x", "2", "b", "x", "2"}, "agree on \"x\""},
    };
    const pd_str values[] = {PD_STR("c"), PD_STR("b")};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        pd_str cells[9];
        for (size_t c = 0; c < 9; c++)
            cells[c] = pd_str_from(CASES[i].cells[c]);
        struct pd_arena *arena = pd_arena_new(1 << 20);
        const struct protect_hierarchy *h = NULL;
        struct pd_error err = {0};
        assert_int_equal(PD_INVALID,
                         protect_hierarchy_make(cells, 3, 3, values, 2, arena, &h, &err));
        if (!strstr(err.text, CASES[i].words))
            fail_msg("\"%s\" doesn't say \"%s\"", err.text, CASES[i].words);
        assert_null(h);
        pd_arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_finds_what_counting_every_node_finds),
        cmocka_unit_test(a_table_of_pairs_is_joined_in_pairs),
        cmocka_unit_test(what_cannot_be_searched_is_refused),
        cmocka_unit_test(levels_that_do_not_nest_are_refused),
        cmocka_unit_test(a_hierarchy_is_made_of_its_rows),
        cmocka_unit_test(bad_rows_of_a_hierarchy_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
