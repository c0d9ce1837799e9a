/* Looks for repairs: a checker that tells of each failure, and for each what could be done. */
#include "standard/repair_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REPAIRS_LIMIT ((size_t)1 << 30)
enum { SCRATCH_BYTES = 64 << 20, ROWS_BYTES = 256 << 20 };

static const char *const confidence_names[STANDARD_CONFIDENCE_COUNT] = {"certain", "likely",
                                                                        "open"};
static const char *const method_names[STANDARD_METHOD_COUNT] = {
    [STANDARD_TRIM] = "trim",         [STANDARD_WIDTH] = "width",
    [STANDARD_CASE] = "case",         [STANDARD_MARKS] = "marks",
    [STANDARD_ZEROS] = "zeros",       [STANDARD_SPREADSHEET] = "spreadsheet",
    [STANDARD_MISSING] = "missing",   [STANDARD_BOOLEAN_WORD] = "boolean",
    [STANDARD_MOMENT] = "date",       [STANDARD_GROUPS] = "number",
    [STANDARD_UNIT] = "unit",         [STANDARD_LABEL] = "label",
    [STANDARD_SPELLING] = "spelling", [STANDARD_DERIVED_VALUE] = "derived",
    [STANDARD_FILL] = "fill",         [STANDARD_RENAME] = "rename",
    [STANDARD_DROP] = "drop",         [STANDARD_CHOSEN] = "chosen",
};

const char *standard_confidence_name(enum standard_confidence confidence) {
    return confidence_names[confidence];
}

const char *standard_method_name(enum standard_method method) {
    return method_names[method];
}

/* Dates of a column whose order of day and month can be told from themselves. */
struct orders {
    uint64_t day_first, month_first;
};

struct standard_repairer {
    struct watch watch;
    const struct standard_authority *authority;
    struct pd_arena *arena, *scratch;
    pd_str *names; /* of the table's columns */
    size_t columns, key_column;
    struct standard_repair *list;
    size_t count, room;
    struct orders *orders; /* by field */
    bool *is_done;         /* fields of the row at hand */
    uint64_t unmended, left_out;
    bool has_failed;
};

enum pd_status standard_repairer_new(const struct standard *standard,
                                     const struct standard_options *options,
                                     const struct standard_authority *authority,
                                     struct standard_repairer **out, struct pd_error *err) {
    struct standard_repairer *r = calloc(1, sizeof(*r));
    if (!r)
        return pd_fail_memory(err);
    r->authority = authority;
    r->key_column = PD_NPOS;
    r->arena = pd_arena_new(REPAIRS_LIMIT);
    r->scratch = pd_arena_new(SCRATCH_BYTES);
    if (r->arena) {
        r->orders = pd_arena_array(r->arena, standard->field_count, sizeof(*r->orders));
        r->is_done = pd_arena_array(r->arena, standard->field_count, sizeof(*r->is_done));
    }
    enum pd_status st = r->orders && r->is_done && r->scratch ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = watch_init(&r->watch, standard, options, err);
    if (st != PD_OK) {
        standard_repairer_free(r);
        return st;
    }
    *out = r;
    return PD_OK;
}

void standard_repairer_free(struct standard_repairer *repairer) {
    if (!repairer)
        return;
    watch_clear(&repairer->watch);
    pd_arena_free(repairer->arena);
    pd_arena_free(repairer->scratch);
    free(repairer->list);
    free(repairer);
}

/* ---- The list ---- */

static bool has_room(struct standard_repairer *r) {
    if (r->count == STANDARD_REPAIRS_MOST) {
        r->left_out++;
        return false;
    }
    if (r->count < r->room)
        return true;
    size_t room = r->room ? 2 * r->room : 256;
    struct standard_repair *list = realloc(r->list, room * sizeof(*list));
    if (!list) {
        r->has_failed = true;
        return false;
    }
    r->list = list;
    r->room = room;
    return true;
}

static pd_str keep(struct standard_repairer *r, pd_str text) {
    pd_str kept = pd_arena_str(r->arena, text);
    r->has_failed |= !kept.data;
    return kept;
}

static void add(struct standard_repairer *r, const struct standard_repair *repair) {
    if (has_room(r))
        r->list[r->count++] = *repair;
}

/* ---- The header ---- */

static bool is_called(struct standard_repairer *r, pd_str name, pd_str title) {
    struct pd_buf a, b;
    pd_buf_init(&a, 0);
    pd_buf_init(&b, 0);
    fold_all(name, &a);
    fold_all(title, &b);
    bool is = a.len > 0 && pd_str_eq(pd_buf_view(&a), pd_buf_view(&b));
    r->has_failed |= a.failed || b.failed;
    pd_buf_clear(&a);
    pd_buf_clear(&b);
    return is;
}

/* The one field that a column of this name must be; PD_NPOS: none, or several. */
static size_t find_called(struct standard_repairer *r, pd_str name, bool *is_title) {
    const struct standard *s = r->watch.checker->standard;
    size_t found = PD_NPOS;
    for (int pass = 0; pass < 2 && found == PD_NPOS; pass++) {
        *is_title = pass == 1;
        for (size_t i = 0; i < s->field_count; i++) {
            const struct field *f = &s->fields[i];
            bool is = pass == 0 ? is_called(r, name, f->name)
                                : is_called(r, name, f->title) || is_called(r, name, f->title_en) ||
                                      is_called(r, name, f->title_zh);
            if (is && found != PD_NPOS)
                return PD_NPOS;
            found = is ? i : found;
        }
    }
    return found;
}

/* Columns under another name are read as the fields that they must be: else nothing of them could
 * be told. */
static void rename_columns(struct standard_repairer *r, const pd_str *names, size_t count,
                           pd_str *renamed) {
    const struct standard *s = r->watch.checker->standard;
    bool *is_taken = r->is_done;
    memset(is_taken, 0, s->field_count * sizeof(*is_taken));
    for (size_t i = 0; i < count; i++) {
        size_t field = standard_find(s, names[i]);
        renamed[i] = names[i];
        if (field != PD_NPOS)
            is_taken[field] = true;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_title = false;
        if (standard_find(s, names[i]) != PD_NPOS)
            continue;
        size_t field = find_called(r, names[i], &is_title);
        if (field == PD_NPOS || is_taken[field])
            continue;
        is_taken[field] = true;
        renamed[i] = s->fields[field].name;
        add(r, &(struct standard_repair){
                   .column = keep(r, names[i]),
                   .check = PD_STR("fields"),
                   .method = STANDARD_RENAME,
                   .confidence = is_title ? STANDARD_LIKELY : STANDARD_CERTAIN,
                   .before = keep(r, names[i]),
                   .after = keep(r, renamed[i]),
                   .why = is_title ? PD_STR("it is the title of this field")
                                   : PD_STR("the field's name but for case, width and blanks")});
    }
}

enum pd_status standard_repairer_header(struct standard_repairer *repairer, const pd_str *names,
                                        size_t count, struct pd_error *err) {
    struct standard_repairer *r = repairer;
    for (size_t i = 0; i < count; i++)
        if (!pd_utf8_valid(names[i], NULL))
            return pd_fail(err, PD_INVALID, "the name of column %zu is not UTF-8", i + 1);
    r->names = pd_arena_array(r->arena, count + 1, sizeof(*r->names));
    pd_str *renamed = pd_arena_array(r->arena, count + 1, sizeof(*renamed));
    if (!r->names || !renamed)
        return pd_fail_memory(err);
    r->columns = count;
    for (size_t i = 0; i < count; i++)
        r->names[i] = keep(r, names[i]);
    rename_columns(r, r->names, count, renamed);
    for (size_t i = 0; i < count && r->authority; i++)
        if (pd_str_eq(renamed[i], authority_key(r->authority)) ||
            pd_str_eq(r->names[i], authority_key(r->authority)))
            r->key_column = i;
    if (r->authority && r->key_column == PD_NPOS)
        return pd_fail(err, PD_NOT_FOUND,
                       "the table has no column \"%.*s\" by which rows could be found in the "
                       "authoritative one",
                       pd_arg(authority_key(r->authority)));
    return r->has_failed ? pd_fail_memory(err)
                         : standard_checker_header(r->watch.checker, renamed, count, err);
}

/* ---- One cell ---- */

/* What another field of the row, or the authoritative table, says. */
static void ask_others(struct standard_repairer *r, struct proposal *p,
                       const struct table_batch *batch, size_t row) {
    const struct standard_checker *c = r->watch.checker;
    const struct standard *s = c->standard;
    const struct field *f = proposal_field(p);
    bool is_missing = value_is_missing(f, p->cell);
    for (size_t i = 0; i < s->rule_count; i++) {
        char room[DERIVED_SIZE];
        struct value value;
        const struct rule *rule = &s->rules[i];
        if (rule->kind != RULE_DERIVED || rule->fields[1] != p->field ||
            c->states[rule->fields[0]] != CELL_FINE || !check_derived(c, rule, &value, room))
            continue;
        struct pd_buf buf;
        pd_buf_init(&buf, 0);
        bool is_moment = f->type == STANDARD_DATE || f->type == STANDARD_DATETIME;
        bool is_written = is_moment ? moment_write(f, value.order, &buf) : false;
        proposal_offer(p, is_written ? pd_buf_view(&buf) : pd_str_from(room),
                       STANDARD_DERIVED_VALUE, is_missing ? STANDARD_CERTAIN : STANDARD_OPEN,
                       is_missing ? "the identifier in the same row says so"
                                  : "the identifier in the same row says so, and the cell doesn't");
        pd_buf_clear(&buf);
    }
    pd_str said, key;
    if (!r->authority || c->column[p->field] == r->key_column)
        return;
    key = table_cell_text(batch, r->key_column, row);
    pd_str column = r->names[c->column[p->field]];
    enum authority_answer answer = authority_ask(r->authority, key, f->name, &said);
    if (answer == AUTHORITY_SILENT)
        answer = authority_ask(r->authority, key, column, &said);
    if (answer == AUTHORITY_SAYS)
        proposal_offer(p, said, STANDARD_FILL, is_missing ? STANDARD_CERTAIN : STANDARD_LIKELY,
                       "the authoritative table says so");
}

/* "3/4/2024": the order of day and month is told by other cells of the column, if at all. */
static void note_order(struct standard_repairer *r, const struct proposal *p) {
    int first = 0, second = 0, seen = 0;
    for (size_t i = 0; i < p->base.len && seen < 2; i++) {
        char c = p->base.data[i];
        bool is_mark = c == '/' || c == '-' || c == '.';
        if (c >= '0' && c <= '9' && first < 1000 && second < 1000)
            *(seen ? &second : &first) = (seen ? second : first) * 10 + (c - '0');
        else if (is_mark)
            seen++;
        else
            return;
    }
    r->orders[p->field].day_first += seen == 2 && first > 12 && first <= 31 && second <= 12;
    r->orders[p->field].month_first += seen == 2 && second > 12 && second <= 31 && first <= 12;
}

static void settle(struct standard_repairer *r, const struct proposal *p, uint64_t row,
                   pd_str check) {
    const struct standard_checker *c = r->watch.checker;
    const struct choice *only = &p->choices[0];
    bool is_settled = p->count == 1 && !p->has_more && only->confidence != STANDARD_OPEN;
    if (p->count == 0) {
        r->unmended++;
        return;
    }
    struct standard_repair repair = {.row = row,
                                     .line = c->line,
                                     .column = r->names[c->column[p->field]],
                                     .check = check,
                                     .method = only->method,
                                     .confidence = only->confidence,
                                     .before = keep(r, p->cell),
                                     .why = keep(r, only->why)};
    if (is_settled) {
        repair.after = keep(r, only->text);
    } else {
        pd_str *choices = pd_arena_array(r->arena, p->count, sizeof(*choices));
        for (size_t i = 0; choices && i < p->count; i++)
            choices[i] = keep(r, p->choices[i].text);
        r->has_failed |= !choices;
        repair.confidence = STANDARD_OPEN;
        repair.choices = choices;
        repair.choice_count = p->count;
        if (p->count > 1)
            repair.why = PD_STR("it can be read in several ways");
    }
    add(r, &repair);
}

static void propose(struct standard_repairer *r, const struct table_batch *batch, size_t row,
                    size_t field, size_t check, bool by_itself) {
    const struct standard_checker *c = r->watch.checker;
    if (r->is_done[field] || c->column[field] == PD_NPOS)
        return;
    r->is_done[field] = true;
    struct pd_mark mark = pd_arena_mark(r->scratch);
    struct proposal p = {.checker = c,
                         .arena = r->scratch,
                         .field = field,
                         .cell = table_cell_text(batch, c->column[field], row)};
    if (by_itself)
        proposal_find(&p);
    if (p.count == 1 && p.choices[0].method == STANDARD_MOMENT)
        note_order(r, &p);
    ask_others(r, &p, batch, row);
    settle(r, &p, batch->first_row + row + 1, c->outcomes[check].check);
    r->has_failed |= p.has_failed;
    pd_arena_reset(r->scratch, mark);
}

/* ---- One row ---- */

/* A rule between fields doesn't say which of them is wrong: only another table can. */
static void mend_rule(struct standard_repairer *r, const struct table_batch *batch, size_t row,
                      size_t check) {
    const struct rule *rule = &r->watch.checker->standard->rules[r->watch.checker->checks[check].n];
    if (rule->kind == RULE_REFERENCE) {
        propose(r, batch, row, rule->fields[0], check, true);
    } else if (rule->kind == RULE_DERIVED) {
        propose(r, batch, row, rule->fields[1], check, false);
    } else if (r->authority) {
        for (size_t i = 0; i < rule->count; i++)
            propose(r, batch, row, rule->fields[i], check, false);
    } else {
        r->unmended++;
    }
}

static void mend_row(struct standard_repairer *r, const struct table_batch *batch, size_t row) {
    const struct standard_checker *c = r->watch.checker;
    size_t again = watch_repeats(&r->watch);
    if (again != PD_NPOS) {
        add(r, &(struct standard_repair){
                   .row = batch->first_row + row + 1,
                   .line = c->line,
                   .check = c->outcomes[again].check,
                   .method = STANDARD_DROP,
                   .confidence = STANDARD_CERTAIN,
                   .why = pd_arena_printf(r->arena, "the row of line %" PRIu64 " again, all of it",
                                          r->watch.first_line)});
        return;
    }
    memset(r->is_done, 0, c->standard->field_count * sizeof(*r->is_done));
    for (size_t i = 0; i < r->watch.failing_count; i++) {
        size_t check = r->watch.failing[i];
        enum check_kind kind = c->checks[check].kind;
        if (kind == CHECK_RULE)
            mend_rule(r, batch, row, check);
        else if (kind == CHECK_UNIQUE || kind == CHECK_KEY || kind == CHECK_REFERENCE)
            r->unmended++;
        else if (kind >= CHECK_TYPE)
            propose(r, batch, row, c->checks[check].n, check, true);
    }
}

enum pd_status standard_repairer_feed(struct standard_repairer *repairer,
                                      const struct table_batch *batch, struct pd_error *err) {
    for (size_t row = 0; row < batch->rows; row++) {
        watch_row(&repairer->watch, batch, row);
        if (repairer->watch.failing_count > 0)
            mend_row(repairer, batch, row);
        if (repairer->has_failed || repairer->watch.has_failed)
            return pd_fail(err, PD_LIMIT, "the repairs of this table take too much memory");
    }
    return PD_OK;
}

/* ---- The result ---- */

/* What the column's other dates say of the order of day and month: a person decides. */
static void tell_orders(struct standard_repairer *r, struct standard_repair *repair) {
    const struct standard_checker *c = r->watch.checker;
    for (size_t f = 0; f < c->standard->field_count; f++) {
        const struct orders *o = &r->orders[f];
        if (c->column[f] == PD_NPOS || !pd_str_eq(r->names[c->column[f]], repair->column))
            continue;
        repair->why = pd_arena_printf(
            r->arena,
            "the order of day and month can't be told; of the column's other failing dates %" PRIu64
            " can only be day first, %" PRIu64 " only month first",
            o->day_first, o->month_first);
        r->has_failed |= !repair->why.data;
        return;
    }
}

enum pd_status standard_repairer_finish(struct standard_repairer *repairer,
                                        struct standard_repairs *out, struct pd_error *err) {
    struct standard_repairer *r = repairer;
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].confidence == STANDARD_OPEN && r->list[i].method == STANDARD_MOMENT &&
            r->list[i].choice_count == 2 && r->list[i].before.len > 5)
            tell_orders(r, &r->list[i]);
    if (r->has_failed)
        return pd_fail_memory(err);
    *out = (struct standard_repairs){r->list, r->count, r->unmended, r->left_out};
    return PD_OK;
}
