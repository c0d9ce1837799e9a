/* Attacks on a table that is to be released, with what is beside it. */
#include "govern/attack_impl.h"

#include <stdlib.h>
#include <string.h>

enum { USUAL_K = 5 };

/* ---- Counting the rows of some columns ---- */

static enum pd_status fail_missing(const struct attack_count *c, pd_str name, struct pd_error *err) {
    struct pd_buf list;
    pd_buf_init(&list, 400);
    for (size_t i = 0; i < c->name_count; i++)
        pd_buf_printf(&list, "%s%.*s", i ? ", " : "", pd_arg(c->names[i]));
    pd_str names = pd_buf_view(&list);
    enum pd_status st = pd_fail(err, PD_NOT_FOUND, "there is no column \"%.*s\"; there are: %.*s",
                                pd_arg(name), pd_arg(names));
    pd_buf_clear(&list);
    return st;
}

/* The very name, or one that differs in case only. */
static size_t find_name(const pd_str *names, size_t count, pd_str name) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(names[i], name))
            return i;
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq_ascii_case(names[i], name))
            return i;
    return SIZE_MAX;
}

size_t attack_count_place(const struct attack_count *c, pd_str name) {
    size_t column = find_name(c->names, c->name_count, name);
    for (size_t i = 0; i < c->count; i++)
        if (c->columns[i] == column)
            return i;
    return SIZE_MAX;
}

/* Those of the wanted columns that the table has, in its order. */
static enum pd_status resolve(struct attack_count *c, struct pd_error *err) {
    c->count = 0;
    for (size_t w = 0; w < c->wanted_count; w++) {
        size_t column = find_name(c->names, c->name_count, c->wanted[w]), at = c->count;
        if (column == SIZE_MAX && c->is_strict)
            return fail_missing(c, c->wanted[w], err);
        if (column == SIZE_MAX || at == GOVERN_ATTACK_COLUMNS_MAX)
            continue;
        while (at > 0 && c->columns[at - 1] > column)
            at--;
        if (at > 0 && c->columns[at - 1] == column)
            continue; /* two names for one */
        memmove(c->columns + at + 1, c->columns + at, (c->count - at) * sizeof(*c->columns));
        c->columns[at] = column;
        c->count++;
    }
    return PD_OK;
}

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct attack_count *c = context;
    c->names = pd_arena_array(c->arena, count, sizeof(*c->names));
    if (!c->names)
        return pd_fail_memory(err);
    enum pd_status st = table_names_unique(names, count, c->arena, c->names, NULL, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) { /* unchanged names are the reader's */
        c->names[i] = pd_arena_str(c->arena, c->names[i]);
        if (!c->names[i].data)
            st = pd_fail_memory(err);
    }
    c->name_count = count;
    if (st == PD_OK)
        st = resolve(c, err);
    protect_classes_free(c->classes); /* a table that is read again */
    c->classes = NULL;
    return st != PD_OK || c->count == 0
               ? st
               : protect_classes_new(c->columns, c->count, c->limit_bytes, &c->classes, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct attack_count *c = context;
    return c->classes ? protect_classes_feed(c->classes, batch, err) : PD_OK;
}

struct table_handler attack_count_handler(struct attack_count *c) {
    return (struct table_handler){.context = c, .header = on_header, .batch = on_batch};
}

static enum pd_status count(struct attack_count *c, struct source *source,
                            const struct govern_form *form, const struct govern_progress *progress,
                            struct pd_error *err) {
    struct table_handler handler = attack_count_handler(c);
    enum pd_status st = reading_table(source, form, &handler, progress, c->arena, NULL, err);
    if (st != PD_OK) {
        protect_classes_free(c->classes);
        c->classes = NULL;
    }
    return st;
}

/* ---- One attacked table ---- */

enum pd_status attack_begin(struct attacking *a, const struct govern_attack_ask *ask,
                            struct pd_arena *arena, struct pd_error *err) {
    *a = (struct attacking){.ask = ask,
                            .arena = arena,
                            .items = pd_arena_array(arena, ATTACK_ITEMS_MAX, sizeof(*a->items)),
                            .notes = pd_arena_array(arena, ATTACK_NOTES_MAX, sizeof(*a->notes))};
    return a->items && a->notes ? PD_OK : pd_fail_memory(err);
}

void attack_end(struct attacking *a, struct govern_attacks *out) {
    a->out.items = a->items;
    a->out.notes = a->notes;
    *out = a->out;
}

enum pd_status attack_add(struct attacking *a, const struct govern_attacked *item,
                          struct pd_error *err) {
    if (a->out.count == ATTACK_ITEMS_MAX)
        return pd_fail(err, PD_LIMIT, "more than %d attacks at once: name fewer tables or columns",
                       ATTACK_ITEMS_MAX);
    a->items[a->out.count++] = *item;
    if (item->attack.risk > a->out.worst)
        a->out.worst = item->attack.risk;
    return PD_OK;
}

void attack_note(struct attacking *a, pd_str text) {
    if (a->out.note_count < ATTACK_NOTES_MAX && text.data)
        a->notes[a->out.note_count++] = text;
}

/* Columns of the attacked table by which a person is found, in its order, and where each stands in another table too. */
struct meeting {
    pd_str names[GOVERN_ATTACK_COLUMNS_MAX];
    size_t mine[GOVERN_ATTACK_COLUMNS_MAX], theirs[GOVERN_ATTACK_COLUMNS_MAX];
    size_t count;
};

static void meet_by(const struct attacking *a, pd_str name, const struct attack_count *other,
                    struct meeting *m) {
    size_t mine = attack_count_place(&a->table, name), at = m->count;
    size_t theirs = other ? attack_count_place(other, name) : 0;
    if (mine == SIZE_MAX || theirs == SIZE_MAX)
        return;
    for (; at > 0 && m->mine[at - 1] > mine; at--) {
        m->names[at] = m->names[at - 1];
        m->mine[at] = m->mine[at - 1];
        m->theirs[at] = m->theirs[at - 1];
    }
    m->names[at] = name;
    m->mine[at] = mine;
    m->theirs[at] = theirs;
    m->count++;
}

/* other: NULL for the table alone. */
static void meet(const struct attacking *a, const struct attack_count *other, bool with_joins,
                 struct meeting *m) {
    m->count = 0;
    for (size_t i = 0; i < a->out.known_count; i++)
        meet_by(a, a->out.known[i], other, m);
    for (size_t i = 0; with_joins && i < a->join_count; i++)
        meet_by(a, a->joins[i], other, m);
}

enum pd_status attack_alone(struct attacking *a, struct pd_error *err) {
    struct meeting m;
    struct govern_attacked item = {.column = PD_STR(""), .other = PD_STR(""), .table = PD_STR("")};
    meet(a, NULL, false, &m);
    struct protect_known known = {m.mine, m.count};
    enum pd_status st = protect_attack_single_out(a->table.classes, known, &item.attack, err);
    if (st == PD_OK)
        st = attack_add(a, &item, err);
    for (size_t i = 0; st == PD_OK && i < a->out.sensitive_count; i++) {
        item.column = a->out.sensitive[i];
        st = protect_attack_infer(a->table.classes, known, attack_count_place(&a->table, item.column),
                                  &item.attack, err);
        if (st == PD_OK)
            st = attack_add(a, &item, err);
    }
    return st;
}

/* ---- What the plan did to a column ---- */

/* What anybody can do to a value of another table; NULL: nothing, or it takes a key. */
static const struct protect_step *step_of(const struct attacking *a, pd_str name) {
    static const bool is_keyed[PROTECT_METHOD_COUNT] = {[PROTECT_KEEP] = true,
                                                        [PROTECT_PSEUDONYM] = true,
                                                        [PROTECT_FORMAT_PRESERVING] = true,
                                                        [PROTECT_SHIFT_DATE] = true};
    for (size_t i = 0; a->plan && i < a->plan->step_count; i++)
        if (pd_str_eq_ascii_case(a->plan_names[a->plan->steps[i].column], name))
            return is_keyed[a->plan->steps[i].method] ? NULL : &a->plan->steps[i];
    return NULL;
}

/* ---- With another table ---- */

static enum pd_status compare(struct attacking *a, const struct attack_beside *with,
                              const struct meeting *m, struct pd_error *err) {
    struct protect_known mine = {m->mine, m->count}, theirs = {m->theirs, m->count};
    uint64_t k = a->ask->k ? a->ask->k : USUAL_K;
    struct govern_attacked item = {.other = with->name, .table = with->table};
    const struct protect_step *steps[GOVERN_ATTACK_COLUMNS_MAX];
    for (size_t i = 0; i < m->count; i++)
        steps[i] = step_of(a, m->names[i]);
    size_t tried = 0;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < a->out.sensitive_count; i++) {
        item.column = a->out.sensitive[i];
        size_t then = attack_count_place(with->count, item.column);
        if (then == SIZE_MAX)
            continue;
        st = protect_attack_compare(a->table.classes, mine, attack_count_place(&a->table, item.column),
                                    with->count->classes, theirs, then, steps, k, &item.attack, err);
        if (st == PD_OK)
            st = attack_add(a, &item, err);
        tried++;
    }
    if (st != PD_OK || tried > 0)
        return st;
    item.column = PD_STR("");
    st = protect_attack_compare(a->table.classes, mine, SIZE_MAX, with->count->classes, theirs,
                                SIZE_MAX, steps, k, &item.attack, err);
    return st == PD_OK ? attack_add(a, &item, err) : st;
}

static enum pd_status link_rows(struct attacking *a, const struct attack_beside *with,
                                const struct meeting *m, struct pd_error *err) {
    const struct protect_step *steps[GOVERN_ATTACK_COLUMNS_MAX];
    bool is_used[GOVERN_ATTACK_COLUMNS_MAX];
    struct govern_attacked item = {.column = PD_STR(""), .other = with->name, .table = with->table};
    pd_str *by = pd_arena_array(a->arena, m->count, sizeof(*by));
    if (!by)
        return pd_fail_memory(err);
    for (size_t i = 0; i < m->count; i++)
        steps[i] = step_of(a, m->names[i]);
    enum pd_status st = protect_attack_link(
        a->table.classes, (struct protect_known){m->mine, m->count}, with->count->classes,
        (struct protect_known){m->theirs, m->count}, steps, is_used, &item.attack, err);
    for (size_t i = 0; st == PD_OK && i < m->count; i++)
        if (is_used[i])
            by[item.by_count++] = m->names[i];
    item.by = by;
    return st == PD_OK ? attack_add(a, &item, err) : st;
}

enum pd_status attack_beside(struct attacking *a, const struct attack_beside *with,
                             struct pd_error *err) {
    struct meeting m;
    meet(a, with->count, !with->is_before, &m);
    if (m.count > 0)
        return with->is_before ? compare(a, with, &m, err) : link_rows(a, with, &m, err);
    if (a->out.known_count == 0)
        return PD_OK; /* there is nobody to be found: only joins */
    attack_note(a, pd_arena_printf(
                       a->arena,
                       "%.*s has no column by which a person of this table could be found in it",
                       pd_arg(with->name)));
    return PD_OK;
}

static enum pd_status attack_with(struct attacking *a, const struct govern_attack_other *with,
                                  const struct govern_progress *progress, struct pd_error *err) {
    struct attack_count other = {
        .arena = a->arena, .wanted = a->table.wanted, .wanted_count = a->table.wanted_count};
    struct attack_beside beside = {&other, with->is_before,
                                   pd_arena_str(a->arena, source_name(with->source)), PD_STR("")};
    enum pd_status st = count(&other, with->source, NULL, progress, err);
    if (st == PD_OK)
        st = attack_beside(a, &beside, err);
    protect_classes_free(other.classes);
    return st;
}

/* ---- With the plan ---- */

/* 5, 10, 20, 100, 200 ... of whole numbers, 0.1, 0.2, 1, 2, 10 ... of others: see protect/ladder.c.
 */
static struct protect_step finer_width(struct protect_step step) {
    struct protect_width *w = &step.width;
    int64_t lead = w->amount;
    while (lead % 10 == 0)
        lead /= 10;
    if (lead == 2)
        w->amount /= 2;
    else if (lead == 1 && w->amount == 10 && step.whole)
        w->amount = 5;
    else if (lead == 1 && w->amount >= 10)
        w->amount /= 5;
    else if (lead == 1 && !step.whole && w->decimals < PROTECT_MAX_DECIMALS)
        *w = (struct protect_width){2, w->decimals + 1};
    else
        step.method = PROTECT_KEEP;
    return step;
}

/* What the search would have taken before this step. */
static struct protect_step finer(const struct protect_step *step) {
    struct protect_step f = *step;
    switch (step->method) {
    case PROTECT_GENERALISE_DATE:
        f.date = step->date - 1;
        if (f.date == PROTECT_DAY)
            f.method = PROTECT_KEEP;
        return f;
    case PROTECT_GENERALISE_TEXT:
        f.keep = step->keep + 1;
        return f;
    case PROTECT_GENERALISE_NUMBER:
        return finer_width(f);
    default:
        f.method = PROTECT_KEEP;
        return f;
    }
}

/* Each column a step finer in turn: the worst of what that tells. */
enum pd_status attack_minimal(struct attacking *a, const struct attack_count *original,
                              size_t sensitive, uint64_t l, struct pd_error *err) {
    const struct protect_step *coarse[GOVERN_ATTACK_COLUMNS_MAX], *fine[GOVERN_ATTACK_COLUMNS_MAX];
    struct govern_attacked worst = {
        .attack = {.kind = PROTECT_ATTACK_MINIMALITY, .baseline = 1 / (double)l},
        .column = a->out.sensitive[sensitive],
        .other = PD_STR(""),
        .table = PD_STR("")};
    struct meeting m;
    meet(a, original, false, &m); /* a plan keeps the order of the columns */
    struct protect_known known = {m.theirs, m.count};
    size_t position = attack_count_place(original, worst.column);
    if (m.count == 0 || position == SIZE_MAX)
        return PD_OK;
    for (size_t i = 0; i < m.count; i++)
        coarse[i] = step_of(a, m.names[i]);
    protect_attack_rate(&worst.attack);
    for (size_t i = 0; i < m.count; i++) {
        if (!coarse[i])
            continue;
        struct protect_step less = finer(coarse[i]);
        struct protect_attack attack;
        memcpy(fine, coarse, m.count * sizeof(const struct protect_step *));
        fine[i] = &less;
        enum pd_status st =
            protect_attack_minimal(original->classes, known, position, coarse, fine, l, &attack, err);
        if (st != PD_OK)
            return st;
        if (attack.risk > worst.attack.risk ||
            (attack.risk >= worst.attack.risk && attack.attempts > worst.attack.attempts))
            worst.attack = attack;
    }
    return attack_add(a, &worst, err);
}

static enum pd_status attack_plan(struct attacking *a, const struct govern_progress *progress,
                                  struct pd_error *err) {
    struct attack_count original = {.arena = a->arena,
                                    .wanted = a->table.wanted,
                                    .wanted_count = a->table.wanted_count,
                                    .is_strict = true};
    enum pd_status st = count(&original, a->ask->original, NULL, progress, err);
    if (st == PD_OK) {
        st = protect_plan_parse(a->ask->plan, original.names, original.name_count, a->arena, &a->plan,
                                err);
        a->plan_names = original.names;
        if (st != PD_OK)
            st = pd_wrap(err, "the plan");
    }
    if (st == PD_OK && a->ask->l == 0 && a->out.sensitive_count)
        attack_note(a, PD_STR("that loss was minimised tells nothing of sensitive values: the search "
                              "looked at rows only (--l says otherwise)"));
    for (size_t i = 0; st == PD_OK && a->ask->l && i < a->out.sensitive_count; i++)
        st = attack_minimal(a, &original, i, a->ask->l, err);
    protect_classes_free(original.classes);
    return st;
}

/* ---- All of it ---- */

/* Names that differ in case only are one. */
static size_t add_names(pd_str *names, size_t n, const pd_str *more, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool is_new = n < GOVERN_ATTACK_COLUMNS_MAX;
        for (size_t j = 0; j < n; j++)
            is_new = is_new && !pd_str_eq_ascii_case(names[j], more[i]);
        if (is_new)
            names[n++] = more[i];
    }
    return n;
}

enum pd_status attack_choose(struct attacking *a, const struct govern_attack_ask *ask,
                             const pd_str *joins, size_t join_count, struct pd_error *err) {
    if (ask->known_count + ask->sensitive_count + join_count > GOVERN_ATTACK_COLUMNS_MAX)
        return pd_fail(err, PD_LIMIT, "an attack takes at most %d columns: name those that matter",
                       GOVERN_ATTACK_COLUMNS_MAX);
    pd_str *names = pd_arena_array(a->arena, GOVERN_ATTACK_COLUMNS_MAX, sizeof(*names));
    if (!names)
        return pd_fail_memory(err);
    size_t known = add_names(names, 0, ask->known, ask->known_count);
    size_t sensitive = add_names(names, known, ask->sensitive, ask->sensitive_count);
    size_t all = add_names(names, sensitive, joins, join_count);
    a->out.known = names;
    a->out.known_count = known;
    a->out.sensitive = names + known;
    a->out.sensitive_count = sensitive - known;
    a->joins = names + sensitive;
    a->join_count = all - sensitive;
    a->table = (struct attack_count){
        .arena = a->arena, .wanted = names, .wanted_count = all, .is_strict = true};
    return PD_OK;
}

/* The columns of a role, where none were named. */
static enum pd_status of_role(const struct govern_reading *reading, enum inspect_role role,
                              struct pd_arena *arena, const pd_str **out, size_t *count,
                              struct pd_error *err) {
    size_t columns = reading->inspection->column_count;
    pd_str *names = pd_arena_array(arena, columns, sizeof(*names));
    if (!names)
        return pd_fail_memory(err);
    *count = 0;
    for (size_t i = 0; i < columns; i++)
        if (reading->inspection->columns[i].role == role)
            names[(*count)++] = reading->names[i];
    *out = names;
    return PD_OK;
}

static enum pd_status choose(struct attacking *a, const struct govern_reading *reading,
                             struct pd_error *err) {
    struct govern_attack_ask named = *a->ask;
    enum pd_status st = PD_OK;
    if (!named.known_count)
        st = of_role(reading, INSPECT_QUASI, a->arena, &named.known, &named.known_count, err);
    if (st == PD_OK && !named.sensitive_count)
        st = of_role(reading, INSPECT_SENSITIVE, a->arena, &named.sensitive, &named.sensitive_count, err);
    return st == PD_OK ? attack_choose(a, &named, NULL, 0, err) : st;
}

static enum pd_status check(const struct govern_attack_ask *ask, struct pd_error *err) {
    if (!ask->original != !ask->plan.len)
        return pd_fail(err, PD_USAGE, "a plan and the table that it was made for go together");
    if (ask->l && !ask->plan.len)
        return pd_fail(err, PD_USAGE,
                       "minimality needs the plan and the table that it was made for");
    if (ask->l == 1 || ask->k == 1)
        return pd_fail(err, PD_USAGE, "k and l are at least 2");
    return PD_OK;
}

enum pd_status govern_attack(const struct govern_attack_ask *ask, pd_time now,
                             const struct govern_progress *progress, struct pd_arena *arena,
                             struct govern_attacks *out, struct pd_error *err) {
    struct attacking a;
    const struct govern_reading *reading = NULL;
    enum pd_status st = check(ask, err);
    if (st == PD_OK)
        st = attack_begin(&a, ask, arena, err);
    if (st == PD_OK && !(ask->known_count && ask->sensitive_count))
        st = govern_read(ask->source, ask->form, NULL, now, progress, arena, NULL, &reading, err);
    if (st == PD_OK)
        st = choose(&a, reading, err);
    if (st == PD_OK && a.out.known_count)
        st = count(&a.table, ask->source, ask->form, progress, err);
    if (st == PD_OK && a.out.known_count) {
        st = attack_alone(&a, err);
        if (st == PD_OK && ask->plan.len)
            st = attack_plan(&a, progress, err);
        for (size_t i = 0; st == PD_OK && i < ask->other_count; i++)
            st = attack_with(&a, &ask->others[i], progress, err);
        protect_classes_free(a.table.classes);
    }
    if (st == PD_OK)
        attack_end(&a, out);
    return st;
}
