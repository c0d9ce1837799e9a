/* One row against every constraint and rule. */
#include "standard/check_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static pd_str name_of(const struct standard_checker *checker, size_t field) {
    return checker->standard->fields[field].name;
}

void check_set_partial(struct standard_checker *checker, size_t check, const char *note) {
    struct standard_outcome *outcome = &checker->outcomes[check];
    outcome->is_partial = true;
    if (outcome->note.len == 0)
        outcome->note = pd_str_from(note);
}

/* ---- keys ---- */

static void check_seen(struct standard_checker *checker, size_t check, pd_str column,
                       const pd_str *cell) {
    struct standard_outcome *outcome = &checker->outcomes[check];
    uint64_t first = 0;
    enum key_answer answer = checker->key.failed
                                 ? KEY_FULL
                                 : key_set_add(checker->checks[check].seen,
                                               pd_buf_view(&checker->key), checker->line, &first);
    if (answer == KEY_FULL) {
        if (!outcome->is_partial)
            outcome->note =
                pd_arena_printf(checker->arena,
                                "from line %" PRIu64
                                " on it can't be told: the limit of memory for keys is reached",
                                checker->line);
        outcome->is_partial = true;
        return;
    }
    outcome->examined++;
    if (answer == KEY_SEEN)
        check_fail(checker, check, checker->line, column, cell,
                   "it is that of line %" PRIu64 " again", first);
}

void check_add_part(struct pd_buf *key, const struct value *value) {
    size_t start = key->len;
    pd_buf_add(key, &start, sizeof(start)); /* room for the length */
    value_key(value, key);
    if (!key->failed) {
        size_t len = key->len - start;
        memcpy(key->data + start, &len, sizeof(len));
    }
}

static void check_key(struct standard_checker *checker, size_t check) {
    const struct key *key = &checker->standard->keys[checker->checks[check].n];
    pd_buf_reset(&checker->key);
    for (size_t i = 0; i < key->count; i++) {
        enum cell_state state = checker->states[key->fields[i]];
        const struct value *value = &checker->values[key->fields[i]];
        if (state == CELL_ABSENT) {
            check_set_partial(checker, check, "it can't be told: the table lacks a column of it");
            return;
        }
        if (state == CELL_MISSING && key->is_primary) {
            checker->outcomes[check].examined++;
            check_fail(checker, check, checker->line, name_of(checker, key->fields[i]), NULL,
                       "a part of the primary key is missing");
            return;
        }
        if (state != CELL_FINE) /* wrong ones are told by their type */
            return;
        check_add_part(&checker->key, value);
    }
    check_seen(checker, check, name_of(checker, key->fields[0]),
               key->count == 1 ? &checker->values[key->fields[0]].text : NULL);
}

/* ---- rules ---- */

static const char *const operation_words[OPERATIONS] = {"is not below", "is above", "differs from",
                                                        "equals",       "is below", "is not above"};

static bool holds(enum operation operation, enum order order) {
    switch (operation) {
    case OP_LESS:
        return order == LESS;
    case OP_LESS_EQUAL:
        return order == LESS || order == EQUAL;
    case OP_EQUAL:
        return order == EQUAL;
    case OP_UNEQUAL:
        return order != EQUAL;
    case OP_MORE_EQUAL:
        return order == MORE || order == EQUAL;
    default:
        return order == MORE;
    }
}

static void check_compare(struct standard_checker *checker, size_t check, const struct rule *rule) {
    const struct value *a = &checker->values[rule->fields[0]];
    const struct value *b = &checker->values[rule->fields[1]];
    enum order order = value_compare(a, b);
    checker->outcomes[check].examined++;
    if (holds(rule->operation, order))
        return;
    pd_str left = name_of(checker, rule->fields[0]), right = name_of(checker, rule->fields[1]);
    if (order == UNORDERED)
        check_fail(checker, check, checker->line, left, &a->text,
                   "it can't be put in order with \"%.*s\": months differ in length",
                   pd_arg(right));
    else
        check_fail(checker, check, checker->line, left, &a->text, "it %s \"%.*s\"",
                   operation_words[rule->operation], pd_arg(right));
}

static void check_sum(struct standard_checker *checker, size_t check, const struct rule *rule) {
    enum { MOST_SCALE = 30 };
    size_t total = rule->fields[rule->count - 1];
    int64_t scale = decimal_scale(&rule->tolerance);
    __int128 sum = 0, wanted, part, tolerance, apart;
    for (size_t i = 0; i < rule->count; i++) {
        int64_t here = decimal_scale(&checker->values[rule->fields[i]].number);
        scale = here > scale ? here : scale;
    }
    bool is_exact = scale <= MOST_SCALE;
    for (size_t i = 0; is_exact && i + 1 < rule->count; i++)
        is_exact = decimal_units(&checker->values[rule->fields[i]].number, (int)scale, &part) &&
                   !__builtin_add_overflow(sum, part, &sum);
    is_exact = is_exact && decimal_units(&checker->values[total].number, (int)scale, &wanted) &&
               decimal_units(&rule->tolerance, (int)scale, &tolerance) &&
               !__builtin_sub_overflow(sum, wanted, &apart);
    if (!is_exact) {
        check_set_partial(
            checker, check,
            "rows whose numbers have too many digits to be added exactly are not counted");
        return;
    }
    checker->outcomes[check].examined++;
    if (apart > tolerance || apart < -tolerance)
        check_fail(checker, check, checker->line, name_of(checker, total),
                   &checker->values[total].text, "it is not the sum of its parts");
}

static int compare_texts(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

static bool is_listed(const struct rule *rule, pd_str cell) {
    return bsearch(&cell, rule->listed.list, rule->listed.count, sizeof(pd_str), compare_texts) !=
           NULL;
}

static void check_reference(struct standard_checker *checker, size_t check,
                            const struct rule *rule) {
    pd_str cell = checker->values[rule->fields[0]].text;
    checker->outcomes[check].examined++;
    if (!is_listed(rule, cell))
        check_fail(checker, check, checker->line, name_of(checker, rule->fields[0]), &cell,
                   "it is not in the reference list");
}

static void check_timely(struct standard_checker *checker, size_t check, const struct rule *rule) {
    const struct value *value = &checker->values[rule->fields[0]];
    pd_str name = name_of(checker, rule->fields[0]);
    int64_t last = rule->to.order + (rule->to.type == STANDARD_DATE ? PD_DAY - 1 : 0);
    checker->outcomes[check].examined++;
    if (rule->has_from && value->order < rule->from.order)
        check_fail(checker, check, checker->line, name, &value->text,
                   "it is before the period, which begins on %.*s", pd_arg(rule->from.text));
    else if (rule->has_to && value->order > last)
        check_fail(checker, check, checker->line, name, &value->text,
                   "it is after the period, which ends on %.*s", pd_arg(rule->to.text));
    else if (rule->has_days && value->order > checker->options.now + PD_DAY)
        check_fail(checker, check, checker->line, name, &value->text, "it lies in the future");
    else if (rule->has_days && (checker->options.now - value->order) / PD_DAY > rule->days)
        check_fail(checker, check, checker->line, name, &value->text,
                   "it is older than %" PRId64 " days", rule->days);
}

/* As Table Schema writes it, the derived value is read as one of the standard itself. */
bool check_derived(const struct standard_checker *checker, const struct rule *rule,
                   struct value *out, char room[DERIVED_SIZE]) {
    pd_str text = derived_read(rule->how, checker->values[rule->fields[0]].text, room);
    return text.len > 0 &&
           field_read_value(&checker->standard->fields[rule->fields[1]], text, out) == NULL;
}

static void check_derivation(struct standard_checker *checker, size_t check,
                             const struct rule *rule) {
    const struct value *value = &checker->values[rule->fields[1]];
    struct value wanted;
    char room[DERIVED_SIZE];
    if (!check_derived(checker, rule, &wanted, room))
        return; /* of an identifier that is none nothing follows */
    checker->outcomes[check].examined++;
    if (value_compare(value, &wanted) != EQUAL)
        check_fail(checker, check, checker->line, name_of(checker, rule->fields[1]), &value->text,
                   "it is not what \"%.*s\" says", pd_arg(name_of(checker, rule->fields[0])));
}

static void (*const rule_checks[RULE_KINDS])(struct standard_checker *, size_t,
                                             const struct rule *) = {
    [RULE_COMPARE] = check_compare,     [RULE_SUM] = check_sum,
    [RULE_REFERENCE] = check_reference, [RULE_TIMELY] = check_timely,
    [RULE_DERIVED] = check_derivation,
};

/* A rule speaks of rows in which all its values are there and of their types. */
static void check_rule(struct standard_checker *checker, size_t check) {
    const struct rule *rule = &checker->standard->rules[checker->checks[check].n];
    for (size_t i = 0; i < rule->count; i++) {
        enum cell_state state = checker->states[rule->fields[i]];
        if (state == CELL_ABSENT)
            check_set_partial(checker, check, "it can't be told: the table lacks a column of it");
        if (state != CELL_FINE)
            return;
    }
    rule_checks[rule->kind](checker, check, rule);
}

/* ---- fields ---- */

static int compare_values(const void *a, const void *b) {
    return (int)value_compare(a, b);
}

/* The list is sorted, but for durations, of which not every two have an order. */
static bool is_among(const struct value *value, const struct value *list, size_t count) {
    if (value->type != STANDARD_DURATION)
        return bsearch(value, list, count, sizeof(*list), compare_values) != NULL;
    for (size_t i = 0; i < count; i++)
        if (value_compare(value, &list[i]) == EQUAL)
            return true;
    return false;
}

static const char *judge_bound(enum bound bound, const struct field *f, const struct value *value) {
    static const struct {
        enum operation operation;
        const char *why;
    } bounds[BOUNDS] = {[MINIMUM] = {OP_MORE_EQUAL, "it is below the minimum"},
                        [MAXIMUM] = {OP_LESS_EQUAL, "it is above the maximum"},
                        [ABOVE] = {OP_MORE, "it is not above the minimum"},
                        [BELOW] = {OP_LESS, "it is not below the maximum"}};
    enum order order = value_compare(value, &f->bound[bound]);
    if (order == UNORDERED)
        return "it can't be put in order with the limit: months differ in length";
    return holds(bounds[bound].operation, order) ? NULL : bounds[bound].why;
}

/* Why a value of the right type doesn't do; NULL: it does. */
static const char *judge(enum check_kind kind, const struct field *f, const struct value *value) {
    switch (kind) {
    case CHECK_ENUM:
        return is_among(value, f->values, f->value_count) ? NULL
                                                          : "it is none of the values listed";
    case CHECK_CATEGORIES:
        return is_among(value, f->category_values, f->categories.count)
                   ? NULL
                   : "it is none of the categories";
    case CHECK_MIN_LENGTH:
        return value->length >= f->length[MIN_LENGTH] ? NULL : "it is too short";
    case CHECK_MAX_LENGTH:
        return value->length <= f->length[MAX_LENGTH] ? NULL : "it is too long";
    case CHECK_MINIMUM:
    case CHECK_MAXIMUM:
    case CHECK_ABOVE:
    case CHECK_BELOW:
        return judge_bound((enum bound)(kind - CHECK_MINIMUM), f, value);
    case CHECK_PATTERN:
        return pattern_is(f->pattern, value->text) ? NULL : "it doesn't match the pattern";
    case CHECK_JSON:
        return value_meets_schema(f, value) ? NULL : "it is not as its JSON schema says";
    default:
        return NULL;
    }
}

/* The first check of a field is that of its type, which says whether the others can be asked. */
static void check_field(struct standard_checker *checker, size_t check, pd_str cell) {
    size_t n = checker->checks[check].n;
    enum check_kind kind = checker->checks[check].kind;
    const struct field *f = &checker->standard->fields[n];
    struct value *value = &checker->values[n];
    struct standard_outcome *outcome = &checker->outcomes[check];
    const char *why = NULL;
    if (kind == CHECK_TYPE) {
        checker->states[n] = CELL_MISSING;
        if (value_is_missing(f, cell))
            return;
        why = value_read(f, cell, value);
        checker->states[n] = why ? CELL_WRONG : CELL_FINE;
    } else if (kind == CHECK_REQUIRED) {
        why = checker->states[n] == CELL_MISSING ? "a value is required" : NULL;
    } else if (checker->states[n] != CELL_FINE) {
        return;
    } else if (kind == CHECK_UNIQUE) {
        pd_buf_reset(&checker->key);
        value_key(value, &checker->key);
        check_seen(checker, check, f->name, &cell);
        return;
    } else {
        why = judge(kind, f, value);
    }
    outcome->examined++;
    if (why)
        check_fail(checker, check, checker->line, f->name, kind == CHECK_REQUIRED ? NULL : &cell,
                   "%s", why);
}

const char *check_cell(const struct standard_checker *checker, size_t field, pd_str cell) {
    const struct standard *s = checker->standard;
    const struct field *f = &s->fields[field];
    struct value value;
    if (value_is_missing(f, cell))
        return f->is_required ? "a value is required" : NULL;
    const char *why = value_read(f, cell, &value);
    for (size_t i = 0; !why && i < checker->count; i++) {
        const struct check *c = &checker->checks[i];
        if (c->kind >= CHECK_TYPE && c->kind < CHECK_KEY && c->n == field)
            why = judge(c->kind, f, &value);
        else if (c->kind == CHECK_RULE && s->rules[c->n].kind == RULE_REFERENCE &&
                 s->rules[c->n].fields[0] == field && !is_listed(&s->rules[c->n], cell))
            why = "it is not in the reference list";
    }
    return why;
}

void check_row(struct standard_checker *checker, const struct table_batch *batch, size_t row) {
    checker->line = batch->line[row];
    checker->row_fails = false;
    for (size_t i = 0; i < checker->count; i++) {
        const struct check *check = &checker->checks[i];
        if (check->kind >= CHECK_TYPE && check->kind < CHECK_KEY) {
            size_t column = checker->column[check->n];
            if (column != PD_NPOS)
                check_field(checker, i, table_cell_text(batch, column, row));
        } else if (check->kind == CHECK_KEY) {
            check_key(checker, i);
        } else if (check->kind == CHECK_REFERENCE) {
            check_reference_key(checker, i);
        } else if (check->kind == CHECK_RULE) {
            check_rule(checker, i);
        }
    }
    checker->report.rows++;
    checker->report.failed_rows += checker->row_fails;
}
