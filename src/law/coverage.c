/* Coverage (ROWS.md): each row of the law's reference with the policies that decide it, or why none
   can; and each policy with a row. */
#include "law/finding_impl.h"
#include "law/markdown.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = 65536 };

static const char *const HEADER[] = {"row",    "law, article", "stage",
                                     "status", "policies",     "why none"};
enum { ROW, ARTICLE, STAGE, STATUS, POLICIES, WHY_NONE, COLUMNS };

static enum pd_status read_row(const struct law_page *page, const struct law_cell *cells,
                               struct pd_arena *arena, struct law_coverage_row *out) {
    pd_str rest = cells[POLICIES].text;
    size_t most = rest.len / 2 + 1;
    pd_str *policies = pd_arena_array(arena, most, sizeof(*policies));
    if (policies == NULL)
        return pd_fail_memory(page->err);
    if (cells[ROW].text.len == 0)
        return law_page_fail(page, &cells[ROW], cells[ROW].text, "a row begins with its id");
    *out = (struct law_coverage_row){.id = cells[ROW].text,
                                     .article = cells[ARTICLE].text,
                                     .stage = cells[STAGE].text,
                                     .status = cells[STATUS].text,
                                     .why_none = cells[WHY_NONE].text,
                                     .policies = policies,
                                     .place = cells[ROW].place};
    for (pd_str id; (id = law_cell_word(&rest)).len > 0; out->policy_count++)
        policies[out->policy_count] = id;
    return PD_OK;
}

enum pd_status law_rows_parse(pd_str path, pd_str text, struct pd_arena *arena,
                              const struct law_coverage_row **out, size_t *count,
                              struct pd_error *err) {
    struct law_page page;
    struct law_cell cells[COLUMNS];
    size_t most = 1;
    size_t n = 0;
    bool found;
    enum pd_status st = law_page_open(&page, path, text, HEADER, COLUMNS, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < text.len && most < ROWS_MAX; i++)
        most += text.data[i] == '\n';
    struct law_coverage_row *rows = pd_arena_array(arena, most, sizeof(*rows));
    if (rows == NULL)
        return pd_fail_memory(err);
    while ((st = law_page_next(&page, cells, &found)) == PD_OK && found) {
        if (n == ROWS_MAX)
            return law_page_fail(&page, &cells[ROW], cells[ROW].text, "more than %d rows",
                                 ROWS_MAX);
        st = read_row(&page, cells, arena, &rows[n]);
        if (st != PD_OK)
            return st;
        n++;
    }
    if (st != PD_OK)
        return st;
    *out = rows;
    *count = n;
    return PD_OK;
}

/* ---- Against the rules ---- */

struct examiner {
    const struct law_rules *rules;
    pd_str path, folder;
    struct pd_arena *arena;
    bool *is_named; /* per policy */
    pd_str *problems;
    size_t count, capacity;
};

PD_PRINTF(3, 4)
static bool complain(struct examiner *x, struct law_place place, const char *format, ...) {
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (x->count == x->capacity) {
        size_t wider = x->capacity * 2 + 16;
        pd_str *problems = pd_arena_array(x->arena, wider, sizeof(*problems));
        if (problems == NULL)
            return false;
        for (size_t i = 0; i < x->count; i++)
            problems[i] = x->problems[i];
        x->problems = problems;
        x->capacity = wider;
    }
    x->problems[x->count] = place.line > 0
                                ? pd_arena_printf(x->arena, "%.*s:%u:%u: %s", pd_arg(x->path),
                                                  place.line, place.column, what)
                                : pd_arena_printf(x->arena, "%.*s: %s", pd_arg(x->path), what);
    return x->problems[x->count++].data != NULL;
}

static bool examine_row(struct examiner *x, const struct law_coverage_row *row) {
    bool ok = true;
    const struct law_policy *policy;
    struct pd_error found;
    if (row->policy_count == 0 && row->why_none.len == 0)
        ok = complain(x, row->place, "%.*s has neither a policy nor a reason why none decides it",
                      pd_arg(row->id));
    for (size_t i = 0; i < row->policy_count && ok; i++) {
        pd_str id = row->policies[i];
        bool is_repeated = false;
        for (size_t j = 0; j < i && !is_repeated; j++)
            is_repeated = pd_str_eq(row->policies[j], id);
        if (is_repeated) {
            ok = complain(x, row->place, "%.*s names %.*s twice", pd_arg(row->id), pd_arg(id));
        } else if (law_rules_find_policy(x->rules, id, x->arena, &policy, &found) != PD_OK) {
            ok = complain(x, row->place, "%.*s: %s", pd_arg(row->id), found.text);
        } else {
            size_t index = 0;
            (void)law_policies_find(x->rules->policies, id, &index);
            x->is_named[index] = true;
        }
    }
    return ok;
}

static int by_id(const void *a, const void *b) {
    const struct law_coverage_row *x = *(const struct law_coverage_row *const *)a;
    const struct law_coverage_row *y = *(const struct law_coverage_row *const *)b;
    int order = pd_str_cmp(x->id, y->id);
    return order != 0 ? order : x < y ? -1 : x > y;
}

static bool examine_ids(struct examiner *x, const struct law_coverage_row *rows, size_t count) {
    const struct law_coverage_row **sorted = pd_arena_array(x->arena, count, sizeof(*sorted));
    bool ok = sorted != NULL;
    for (size_t i = 0; ok && i < count; i++)
        sorted[i] = &rows[i];
    if (ok && count > 1)
        qsort(sorted, count, sizeof(*sorted), by_id);
    for (size_t i = 1; ok && i < count; i++)
        if (pd_str_eq(sorted[i - 1]->id, sorted[i]->id))
            ok = complain(x, sorted[i]->place, "%.*s stands in line %u already",
                          pd_arg(sorted[i]->id), sorted[i - 1]->place.line);
    return ok;
}

enum pd_status law_coverage_make(const struct law_rules *rules, pd_str path,
                                 const struct law_coverage_row *rows, size_t count,
                                 struct pd_arena *arena, struct law_coverage *out,
                                 struct pd_error *err) {
    struct examiner x = {.rules = rules, .path = path, .arena = arena};
    struct law_coverage coverage = {.rows = rows, .count = count};
    x.folder = pd_str_sub(path, 0, pd_str_find_char(path, '/'));
    x.is_named = pd_arena_array(arena, rules->count, sizeof(*x.is_named));
    bool ok = x.is_named != NULL && examine_ids(&x, rows, count);
    for (size_t i = 0; ok && i < count; i++) {
        ok = examine_row(&x, &rows[i]);
        coverage.with_policy += rows[i].policy_count > 0;
        coverage.from_memory += pd_str_find(rows[i].status, PD_STR("from memory")) != PD_NPOS;
    }
    for (size_t i = 0; ok && i < rules->count; i++) {
        const struct law_policy *policy = rules->rules[i].policy;
        if (!law_policy_is_of(policy, x.folder))
            continue;
        coverage.policies++;
        if (!x.is_named[i])
            ok = complain(&x, (struct law_place){0}, "no row names the policy %.*s (%.*s:%u)",
                          pd_arg(policy->id), pd_arg(policy->name), policy->place.line);
    }
    if (!ok)
        return pd_fail_memory(err);
    coverage.problems = x.problems;
    coverage.problem_count = x.count;
    *out = coverage;
    return PD_OK;
}
