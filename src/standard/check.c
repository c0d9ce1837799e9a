/* A checker: what it asks of a table, fed batch by batch, and what came out. */
#include "standard/check_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 256 << 20, TOLD_BYTES = 64 << 20, MOST_QUOTED = 80 };
#define CHECKS_LIMIT ((size_t)1 << 30)

/* ---- what is asked ---- */

static const struct {
    const char *name, *indicator;
} kinds[] = {
    [CHECK_HEADER] = {"fields", "0101"},
    [CHECK_SHAPE] = {"shape", "0102"},
    [CHECK_TYPE] = {"type", "0302"},
    [CHECK_REQUIRED] = {"required", "0201"},
    [CHECK_UNIQUE] = {"unique", "0304"},
    [CHECK_ENUM] = {"enum", "0302"},
    [CHECK_CATEGORIES] = {"categories", "0103"},
    [CHECK_MIN_LENGTH] = {"minLength", "0302"},
    [CHECK_MAX_LENGTH] = {"maxLength", "0302"},
    [CHECK_MINIMUM] = {"minimum", "0302"},
    [CHECK_MAXIMUM] = {"maximum", "0302"},
    [CHECK_ABOVE] = {"exclusiveMinimum", "0302"},
    [CHECK_BELOW] = {"exclusiveMaximum", "0302"},
    [CHECK_PATTERN] = {"pattern", "0302"},
    [CHECK_JSON] = {"jsonSchema", "0302"},
    [CHECK_KEY] = {"uniqueKeys", "0304"},
    [CHECK_REFERENCE] = {"foreignKeys", "0102"},
};

static bool is_asked(enum check_kind kind, const struct field *f) {
    switch (kind) {
    case CHECK_TYPE:
        return true;
    case CHECK_REQUIRED:
        return f->is_required;
    case CHECK_UNIQUE:
        return f->is_unique;
    case CHECK_ENUM:
        return f->has_enum;
    case CHECK_CATEGORIES:
        return f->category_values != NULL;
    case CHECK_MIN_LENGTH:
    case CHECK_MAX_LENGTH:
        return f->has_length[kind - CHECK_MIN_LENGTH];
    case CHECK_MINIMUM:
    case CHECK_MAXIMUM:
    case CHECK_ABOVE:
    case CHECK_BELOW:
        return f->has_bound[kind - CHECK_MINIMUM];
    case CHECK_PATTERN:
        return f->pattern != NULL;
    case CHECK_JSON:
        return f->json_schema != NULL;
    default:
        return false;
    }
}

static pd_str title_of(struct pd_arena *arena, enum check_kind kind, const struct field *f) {
    switch (kind) {
    case CHECK_TYPE:
        return pd_arena_printf(arena, "values are of type %s", standard_type_name(f->type));
    case CHECK_REQUIRED:
        return PD_STR("a value is there");
    case CHECK_UNIQUE:
        return PD_STR("no value occurs twice");
    case CHECK_ENUM:
        return pd_arena_printf(arena, "values are among %zu listed", f->value_count);
    case CHECK_CATEGORIES:
        return pd_arena_printf(arena, "values are among %zu categories", f->categories.count);
    case CHECK_MIN_LENGTH:
        return pd_arena_printf(arena, "length at least %zu", f->length[MIN_LENGTH]);
    case CHECK_MAX_LENGTH:
        return pd_arena_printf(arena, "length at most %zu", f->length[MAX_LENGTH]);
    case CHECK_MINIMUM:
        return pd_arena_printf(arena, "at least %.*s", pd_arg(f->bound[MINIMUM].text));
    case CHECK_MAXIMUM:
        return pd_arena_printf(arena, "at most %.*s", pd_arg(f->bound[MAXIMUM].text));
    case CHECK_ABOVE:
        return pd_arena_printf(arena, "above %.*s", pd_arg(f->bound[ABOVE].text));
    case CHECK_BELOW:
        return pd_arena_printf(arena, "below %.*s", pd_arg(f->bound[BELOW].text));
    case CHECK_JSON:
        return PD_STR("JSON within is as its schema says");
    default:
        return pd_arena_printf(arena, "matches %.*s", pd_arg(f->pattern_text));
    }
}

static struct standard_outcome *add(struct standard_checker *checker, enum check_kind kind,
                                    size_t n, pd_str field, const char *title) {
    struct standard_outcome *outcome = &checker->outcomes[checker->count];
    checker->checks[checker->count++] = (struct check){.kind = kind, .n = n};
    outcome->field = field;
    outcome->title = pd_str_from(title);
    outcome->check = pd_str_from(kinds[kind].name);
    outcome->indicator = indicator_get(kinds[kind].indicator);
    return outcome;
}

static bool needs_set(enum check_kind kind) {
    return kind == CHECK_UNIQUE || kind == CHECK_KEY || kind == CHECK_REFERENCE;
}

static bool add_checks(struct standard_checker *checker) {
    const struct standard *s = checker->standard;
    bool is_whole = true;
    add(checker, CHECK_HEADER, 0, (pd_str){0}, "the columns are those of the standard");
    add(checker, CHECK_SHAPE, 0, (pd_str){0}, "each record has as many fields as the header");
    for (size_t i = 0; i < s->field_count; i++)
        for (enum check_kind kind = CHECK_TYPE; kind < CHECK_KEY; kind++)
            if (is_asked(kind, &s->fields[i])) {
                struct standard_outcome *o = add(checker, kind, i, s->fields[i].name, NULL);
                o->title = title_of(checker->arena, kind, &s->fields[i]);
                is_whole &= o->title.data != NULL;
            }
    for (size_t i = 0; i < s->key_count; i++) {
        struct standard_outcome *o = add(checker, CHECK_KEY, i, (pd_str){0}, NULL);
        if (s->keys[i].is_primary)
            o->check = PD_STR("primaryKey");
        o->title = pd_arena_printf(checker->arena, "no two rows are equal in %.*s",
                                   pd_arg(s->keys[i].title));
        is_whole &= o->title.data != NULL;
    }
    for (size_t i = 0; i < s->foreign_count; i++) {
        pd_str resource = s->resources[s->foreign[i].resource];
        struct standard_outcome *o = add(checker, CHECK_REFERENCE, i, (pd_str){0}, NULL);
        o->title =
            pd_arena_printf(checker->arena, "%.*s is in %s%.*s", pd_arg(s->foreign[i].title),
                            resource.len ? "the table " : "the table itself", pd_arg(resource));
        is_whole &= o->title.data != NULL;
    }
    for (size_t i = 0; i < s->rule_count; i++) {
        struct standard_outcome *o = &checker->outcomes[checker->count];
        checker->checks[checker->count++] = (struct check){.kind = CHECK_RULE, .n = i};
        *o = (struct standard_outcome){.check = s->rules[i].name,
                                       .title = s->rules[i].title,
                                       .indicator = s->rules[i].indicator};
    }
    for (size_t i = 0; i < checker->count; i++)
        if (needs_set(checker->checks[i].kind)) {
            checker->checks[i].seen = key_set_new(checker->options.seed, &checker->key_bytes_left);
            is_whole &= checker->checks[i].seen != NULL;
        }
    return is_whole;
}

static size_t count_checks(const struct standard *s) {
    size_t count = 2 + s->key_count + s->foreign_count + s->rule_count;
    for (size_t i = 0; i < s->field_count; i++)
        for (enum check_kind kind = CHECK_TYPE; kind < CHECK_KEY; kind++)
            count += is_asked(kind, &s->fields[i]);
    return count;
}

enum pd_status standard_checker_new(const struct standard *standard,
                                    const struct standard_options *options,
                                    struct standard_checker **out, struct pd_error *err) {
    struct standard_checker *c = calloc(1, sizeof(*c));
    if (!c)
        return pd_fail_memory(err);
    size_t checks = count_checks(standard), fields = standard->field_count;
    c->standard = standard;
    c->options = *options;
    c->key_bytes_left = options->key_bytes ? options->key_bytes : KEY_BYTES;
    pd_buf_init(&c->key, 0);
    c->arena = pd_arena_new(CHECKS_LIMIT);
    c->told = pd_arena_new(options->told_bytes ? options->told_bytes : TOLD_BYTES);
    if (c->arena && c->told) {
        c->checks = pd_arena_array(c->arena, checks, sizeof(*c->checks));
        c->outcomes = pd_arena_array(c->arena, checks, sizeof(*c->outcomes));
        c->column = pd_arena_array(c->arena, fields, sizeof(*c->column));
        c->values = pd_arena_array(c->arena, fields, sizeof(*c->values));
        c->states = pd_arena_array(c->arena, fields, sizeof(*c->states));
    }
    if (!c->checks || !c->outcomes || !c->column || !c->values || !c->states || !add_checks(c)) {
        standard_checker_free(c);
        return pd_fail_memory(err);
    }
    *out = c;
    return PD_OK;
}

void standard_checker_free(struct standard_checker *checker) {
    if (!checker)
        return;
    for (size_t i = 0; i < checker->count; i++)
        key_set_free(checker->checks[i].seen);
    pd_buf_clear(&checker->key);
    pd_arena_free(checker->arena);
    pd_arena_free(checker->told);
    free(checker);
}

/* ---- failures ---- */

static pd_str cut(pd_str text) {
    size_t len = text.len < MOST_QUOTED ? text.len : MOST_QUOTED;
    while (len < text.len && len > 0 && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return pd_str_sub(text, 0, len);
}

void check_fail(struct standard_checker *checker, size_t check, uint64_t line, pd_str column,
                const pd_str *cell, const char *format, ...) {
    struct check *c = &checker->checks[check];
    struct standard_outcome *outcome = &checker->outcomes[check];
    checker->row_fails = true;
    checker->report.failures++;
    if (checker->on_fail)
        checker->on_fail(checker->context, check);
    if (outcome->failed++ >= STANDARD_SHOWN)
        return;
    if (!c->failures)
        c->failures = pd_arena_array(checker->told, STANDARD_SHOWN, sizeof(*c->failures));
    if (!c->failures)
        return;
    char why[400];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    pd_str quoted = cell && checker->options.with_values ? cut(*cell) : (pd_str){0};
    struct standard_failure f = {.line = line, .column = pd_arena_str(checker->told, column)};
    f.why = quoted.data ? pd_arena_printf(checker->told, "%s: \"%.*s\"%s", why, pd_arg(quoted),
                                          quoted.len < cell->len ? " ..." : "")
                        : pd_arena_str(checker->told, pd_str_from(why));
    outcome->failures = c->failures;
    if (f.why.data && f.column.data)
        c->failures[outcome->shown++] = f;
}

/* ---- the header ---- */

static void check_column(struct standard_checker *checker, const pd_str *names, size_t n,
                         bool *is_known) {
    const struct standard *s = checker->standard;
    struct standard_outcome *outcome = &checker->outcomes[0];
    bool may_have_more = s->match == MATCH_SUBSET || s->match == MATCH_PARTIAL;
    size_t field = standard_find(s, names[n]);
    *is_known = field != PD_NPOS;
    if (field == PD_NPOS) {
        outcome->examined += !may_have_more;
        if (!may_have_more)
            check_fail(checker, 0, 0, names[n], NULL, "column %zu is not in the standard", n + 1);
    } else if (checker->column[field] != PD_NPOS) {
        outcome->examined++;
        check_fail(checker, 0, 0, names[n], NULL, "column %zu has the name of column %zu again",
                   n + 1, checker->column[field] + 1);
    } else {
        checker->column[field] = n;
        if (s->match == MATCH_EXACT && field != n)
            check_fail(checker, 0, 0, names[n], NULL,
                       "it is column %zu; the standard has it as column %zu", n + 1, field + 1);
    }
}

enum pd_status standard_checker_header(struct standard_checker *checker, const pd_str *names,
                                       size_t count, struct pd_error *err) {
    const struct standard *s = checker->standard;
    struct standard_outcome *outcome = &checker->outcomes[0];
    bool may_have_fewer = s->match == MATCH_SUPERSET || s->match == MATCH_PARTIAL;
    bool has_any = false, is_known;
    for (size_t i = 0; i < s->field_count; i++)
        checker->column[i] = PD_NPOS;
    for (size_t i = 0; i < count; i++) {
        if (!pd_utf8_valid(names[i], NULL))
            return pd_fail(err, PD_INVALID, "the name of column %zu is not UTF-8", i + 1);
        check_column(checker, names, i, &is_known);
        has_any |= is_known;
    }
    for (size_t i = 0; i < s->field_count; i++) {
        bool is_lacking = checker->column[i] == PD_NPOS;
        outcome->examined += !is_lacking || !may_have_fewer;
        if (is_lacking && !may_have_fewer)
            check_fail(checker, 0, 0, s->fields[i].name, NULL, "the table lacks this column");
    }
    for (size_t c = 0; c < checker->count; c++) {
        const struct check *check = &checker->checks[c];
        if (check->kind >= CHECK_TYPE && check->kind < CHECK_KEY &&
            checker->column[check->n] == PD_NPOS)
            checker->outcomes[c].note = PD_STR("the table lacks the column");
    }
    if (!has_any && s->match != MATCH_EXACT && s->match != MATCH_EQUAL && outcome->failed == 0) {
        outcome->examined++;
        check_fail(checker, 0, 0, (pd_str){0}, NULL, "no column is one of the standard's");
    }
    return PD_OK;
}

/* ---- the rows ---- */

enum pd_status standard_checker_feed(struct standard_checker *checker,
                                     const struct table_batch *batch, struct pd_error *err) {
    for (size_t i = 0; i < checker->standard->field_count; i++)
        if (checker->column[i] != PD_NPOS && checker->column[i] >= batch->columns)
            return pd_fail(err, PD_USAGE, "a batch of %zu columns, after a header of more",
                           batch->columns);
    for (size_t row = 0; row < batch->rows; row++) {
        check_row(checker, batch, row);
        checker->outcomes[1].examined++;
    }
    return PD_OK;
}

void standard_checker_set_aside(struct standard_checker *checker, uint64_t line, size_t fields,
                                size_t columns) {
    checker->outcomes[1].examined++;
    checker->report.rows++;
    checker->report.failed_rows++;
    check_fail(checker, 1, line, (pd_str){"", 0}, NULL,
               "the record has %zu fields, the header %zu; nothing else of it was checked", fields,
               columns);
}

/* ---- the result ---- */

static enum pd_status write_scores(struct standard_checker *checker, struct pd_error *err) {
    struct standard_report *report = &checker->report;
    struct standard_score *scores =
        pd_arena_array(checker->arena, indicator_count, sizeof(*scores));
    if (!scores)
        return pd_fail_memory(err);
    report->score_count = 0;
    for (size_t i = 0; i < indicator_count; i++) {
        struct standard_score score = {.indicator = &indicators[i]};
        for (size_t c = 0; c < checker->count; c++) {
            const struct standard_outcome *o = &checker->outcomes[c];
            if (o->indicator != &indicators[i])
                continue;
            score.examined += o->examined;
            score.met += o->examined - o->failed;
            score.is_partial |= o->is_partial;
        }
        if (score.examined > 0)
            scores[report->score_count++] = score;
    }
    report->scores = scores;
    return PD_OK;
}

enum pd_status standard_checker_finish(struct standard_checker *checker,
                                       const struct standard_report **out, struct pd_error *err) {
    struct standard_report *report = &checker->report;
    enum pd_status st = write_scores(checker, err);
    report->outcomes = checker->outcomes;
    report->outcome_count = checker->count;
    for (size_t i = 0; i < checker->count; i++)
        report->is_partial |= checker->outcomes[i].is_partial;
    if (st == PD_OK)
        *out = report;
    return st;
}
