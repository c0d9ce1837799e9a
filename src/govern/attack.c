/* Attacks on a table that is to be released, with what is beside it. */
#include "govern/attack.h"
#include "govern/govern_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ITEMS_MAX = 256, NOTES_MAX = 64, USUAL_K = 5 };

/* ---- Counting the rows of some columns ---- */

/* Columns by name; those that aren't there are left out, or are an error. */
struct counting {
    struct pd_arena *arena;
    const pd_str *wanted;
    size_t wanted_count;
    bool is_strict;
    size_t position[GOVERN_ATTACK_COLUMNS_MAX]; /* of each wanted one among the classes' columns;
                                                   SIZE_MAX: not there */
    pd_str *names;                              /* of the whole table */
    size_t name_count;
    struct protect_classes *classes; /* NULL: none of them is there */
};

static enum pd_status fail_missing(const struct counting *c, pd_str name, struct pd_error *err) {
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

/* Of each wanted name its column; places are those among the ones that are there, in the table's
 * order. */
static enum pd_status resolve(struct counting *c, size_t *columns, size_t *count,
                              struct pd_error *err) {
    size_t at[GOVERN_ATTACK_COLUMNS_MAX], n = 0;
    for (size_t w = 0; w < c->wanted_count; w++) {
        at[w] = SIZE_MAX;
        for (size_t i = 0; i < c->name_count && at[w] == SIZE_MAX; i++)
            if (pd_str_eq_ascii_case(c->names[i], c->wanted[w]))
                at[w] = i;
        if (at[w] == SIZE_MAX && c->is_strict)
            return fail_missing(c, c->wanted[w], err);
    }
    for (size_t i = 0; i < c->name_count; i++) {
        bool is_wanted = false;
        for (size_t w = 0; w < c->wanted_count; w++)
            if (at[w] == i) {
                c->position[w] = n;
                is_wanted = true;
            }
        if (is_wanted)
            columns[n++] = i;
    }
    for (size_t w = 0; w < c->wanted_count; w++)
        if (at[w] == SIZE_MAX)
            c->position[w] = SIZE_MAX;
    *count = n;
    return PD_OK;
}

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct counting *c = context;
    size_t columns[GOVERN_ATTACK_COLUMNS_MAX], n = 0;
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
        st = resolve(c, columns, &n, err);
    protect_classes_free(c->classes); /* a table that is read again */
    c->classes = NULL;
    return st != PD_OK || n == 0 ? st : protect_classes_new(columns, n, 0, &c->classes, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct counting *c = context;
    return c->classes ? protect_classes_feed(c->classes, batch, err) : PD_OK;
}

static enum pd_status count(struct counting *c, struct source *source,
                            const struct govern_form *form, const struct govern_progress *progress,
                            struct pd_error *err) {
    struct table_handler handler = {.context = c, .header = on_header, .batch = on_batch};
    enum pd_status st = reading_table(source, form, &handler, progress, c->arena, NULL, err);
    if (st != PD_OK) {
        protect_classes_free(c->classes);
        c->classes = NULL;
    }
    return st;
}

/* ---- One attacked table ---- */

struct attacking {
    const struct govern_attack_ask *ask;
    struct pd_arena *arena;
    struct govern_attacks out;
    struct govern_attacked *items;
    pd_str *notes;
    struct counting table; /* wanted: the known columns, then the sensitive ones */
    size_t places[GOVERN_ATTACK_COLUMNS_MAX]; /* of the known ones, ascending */
    size_t order[GOVERN_ATTACK_COLUMNS_MAX];  /* which known one each of them is */
    const struct protect_step *steps[GOVERN_ATTACK_COLUMNS_MAX]; /* by known column; NULL keeps */
};

static enum pd_status add(struct attacking *a, const struct protect_attack *attack, pd_str column,
                          pd_str other, struct pd_error *err) {
    if (a->out.count == ITEMS_MAX)
        return pd_fail(err, PD_LIMIT, "more than %d attacks at once: name fewer tables or columns",
                       ITEMS_MAX);
    a->items[a->out.count++] = (struct govern_attacked){*attack, column, other};
    if (attack->risk > a->out.worst)
        a->out.worst = attack->risk;
    return PD_OK;
}

static void note(struct attacking *a, pd_str text) {
    if (a->out.note_count < NOTES_MAX && text.data)
        a->notes[a->out.note_count++] = text;
}

/* The known columns in the order of the table. */
static struct protect_known sort_known(struct attacking *a) {
    size_t n = a->out.known_count;
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && a->places[at - 1] > a->table.position[i]; at--) {
            a->places[at] = a->places[at - 1];
            a->order[at] = a->order[at - 1];
        }
        a->places[at] = a->table.position[i];
        a->order[at] = i;
    }
    return (struct protect_known){a->places, n};
}

static enum pd_status attack_alone(struct attacking *a, struct protect_known known,
                                   struct pd_error *err) {
    struct protect_attack attack;
    enum pd_status st = protect_attack_single_out(a->table.classes, known, &attack, err);
    if (st == PD_OK)
        st = add(a, &attack, PD_STR(""), PD_STR(""), err);
    for (size_t i = 0; st == PD_OK && i < a->out.sensitive_count; i++) {
        st = protect_attack_infer(a->table.classes, known,
                                  a->table.position[a->out.known_count + i], &attack, err);
        if (st == PD_OK)
            st = add(a, &attack, a->out.sensitive[i], PD_STR(""), err);
    }
    return st;
}

/* ---- With another table ---- */

struct pair {
    struct counting other;
    size_t mine[GOVERN_ATTACK_COLUMNS_MAX], theirs[GOVERN_ATTACK_COLUMNS_MAX];
    const struct protect_step *steps[GOVERN_ATTACK_COLUMNS_MAX];
    size_t count;
};

static void meet(const struct attacking *a, struct pair *p) {
    p->count = 0;
    for (size_t i = 0; i < a->out.known_count; i++) {
        size_t known = a->order[i];
        if (p->other.position[known] == SIZE_MAX)
            continue;
        p->mine[p->count] = a->places[i];
        p->theirs[p->count] = p->other.position[known];
        p->steps[p->count++] = a->steps[known];
    }
}

static enum pd_status compare(struct attacking *a, const struct pair *p, pd_str name,
                              struct pd_error *err) {
    struct protect_known mine = {p->mine, p->count}, theirs = {p->theirs, p->count};
    uint64_t k = a->ask->k ? a->ask->k : USUAL_K;
    struct protect_attack attack;
    size_t tried = 0;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < a->out.sensitive_count; i++) {
        size_t column = a->out.known_count + i, then = p->other.position[column];
        if (then == SIZE_MAX)
            continue;
        st = protect_attack_compare(a->table.classes, mine, a->table.position[column],
                                    p->other.classes, theirs, then, k, &attack, err);
        if (st == PD_OK)
            st = add(a, &attack, a->out.sensitive[i], name, err);
        tried++;
    }
    if (st != PD_OK || tried > 0)
        return st;
    st = protect_attack_compare(a->table.classes, mine, SIZE_MAX, p->other.classes, theirs,
                                SIZE_MAX, k, &attack, err);
    return st == PD_OK ? add(a, &attack, PD_STR(""), name, err) : st;
}

static enum pd_status attack_with(struct attacking *a, const struct govern_attack_other *with,
                                  const struct govern_progress *progress, struct pd_error *err) {
    struct pair p = {.other = {.arena = a->arena,
                               .wanted = a->table.wanted,
                               .wanted_count = a->table.wanted_count}};
    pd_str name = pd_arena_str(a->arena, source_name(with->source));
    struct protect_attack attack;
    enum pd_status st = count(&p.other, with->source, NULL, progress, err);
    if (st != PD_OK)
        return st;
    meet(a, &p);
    if (p.count == 0) {
        note(a, pd_arena_printf(
                    a->arena,
                    "%.*s has no column by which a person of this table could be found in it",
                    pd_arg(name)));
    } else if (with->is_before) {
        st = compare(a, &p, name, err);
    } else {
        st = protect_attack_link(a->table.classes, (struct protect_known){p.mine, p.count},
                                 p.other.classes, (struct protect_known){p.theirs, p.count},
                                 p.steps, &attack, err);
        if (st == PD_OK)
            st = add(a, &attack, PD_STR(""), name, err);
    }
    protect_classes_free(p.other.classes);
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
static enum pd_status attack_minimal(struct attacking *a, struct counting *original,
                                     pd_str sensitive, size_t position, struct pd_error *err) {
    const struct protect_step *coarse[GOVERN_ATTACK_COLUMNS_MAX], *fine[GOVERN_ATTACK_COLUMNS_MAX];
    size_t places[GOVERN_ATTACK_COLUMNS_MAX];
    struct protect_attack worst = {.kind = PROTECT_ATTACK_MINIMALITY,
                                   .baseline = 1 / (double)a->ask->l};
    for (size_t i = 0; i < a->out.known_count; i++) { /* the table's order, which a plan keeps */
        coarse[i] = a->steps[a->order[i]];
        places[i] = original->position[a->order[i]];
    }
    protect_attack_rate(&worst);
    for (size_t i = 0; i < a->out.known_count; i++) {
        if (!coarse[i])
            continue;
        struct protect_step less = finer(coarse[i]);
        struct protect_attack attack;
        memcpy(fine, coarse, sizeof(fine));
        fine[i] = &less;
        enum pd_status st = protect_attack_minimal(
            original->classes, (struct protect_known){places, a->out.known_count}, position, coarse,
            fine, a->ask->l, &attack, err);
        if (st != PD_OK)
            return st;
        if (attack.risk > worst.risk ||
            (attack.risk >= worst.risk && attack.attempts > worst.attempts))
            worst = attack;
    }
    return add(a, &worst, sensitive, PD_STR(""), err);
}

static enum pd_status read_plan(struct attacking *a, const struct counting *original,
                                struct pd_error *err) {
    const struct protect_plan *plan;
    enum pd_status st = protect_plan_parse(a->ask->plan, original->names, original->name_count,
                                           a->arena, &plan, err);
    if (st != PD_OK)
        return pd_wrap(err, "the plan");
    for (size_t i = 0; i < plan->step_count; i++)
        for (size_t k = 0; k < a->out.known_count; k++)
            if (pd_str_eq_ascii_case(original->names[plan->steps[i].column], a->out.known[k]) &&
                plan->steps[i].method != PROTECT_KEEP && plan->steps[i].method != PROTECT_PSEUDONYM)
                a->steps[k] = &plan->steps[i];
    return PD_OK;
}

static enum pd_status attack_plan(struct attacking *a, const struct govern_progress *progress,
                                  struct pd_error *err) {
    struct counting original = {.arena = a->arena,
                                .wanted = a->table.wanted,
                                .wanted_count = a->table.wanted_count,
                                .is_strict = true};
    enum pd_status st = count(&original, a->ask->original, NULL, progress, err);
    if (st == PD_OK)
        st = read_plan(a, &original, err);
    if (st == PD_OK && a->ask->l == 0 && a->out.sensitive_count)
        note(a, PD_STR("that loss was minimised tells nothing of sensitive values: the search "
                       "looked at rows only (--l says "
                       "otherwise)"));
    for (size_t i = 0; st == PD_OK && a->ask->l && i < a->out.sensitive_count; i++)
        st = attack_minimal(a, &original, a->out.sensitive[i],
                            original.position[a->out.known_count + i], err);
    protect_classes_free(original.classes);
    return st;
}

/* ---- All of it ---- */

/* The columns to attack with and for: those that were named, or those of a role. */
static enum pd_status choose(struct attacking *a, const struct govern_reading *reading,
                             struct pd_error *err) {
    const struct govern_attack_ask *ask = a->ask;
    pd_str *names = pd_arena_array(a->arena, GOVERN_ATTACK_COLUMNS_MAX, sizeof(*names));
    const pd_str *said[] = {ask->known, ask->sensitive};
    const size_t said_count[] = {ask->known_count, ask->sensitive_count};
    const enum inspect_role roles[] = {INSPECT_QUASI, INSPECT_SENSITIVE};
    size_t n = 0, counts[2] = {0, 0};
    if (!names)
        return pd_fail_memory(err);
    for (int part = 0; part < 2; part++) {
        size_t all = said_count[part] ? said_count[part] : reading->inspection->column_count;
        for (size_t i = 0; i < all; i++) {
            if (!said_count[part] && reading->inspection->columns[i].role != roles[part])
                continue;
            pd_str name = said_count[part] ? said[part][i] : reading->names[i];
            bool is_new = true;
            for (size_t j = 0; j < n; j++)
                is_new = is_new && !pd_str_eq_ascii_case(names[j], name);
            if (!is_new)
                continue;
            if (n == GOVERN_ATTACK_COLUMNS_MAX)
                return pd_fail(err, PD_LIMIT,
                               "an attack takes at most %d columns: name those that matter",
                               GOVERN_ATTACK_COLUMNS_MAX);
            names[n++] = name;
            counts[part]++;
        }
    }
    a->out.known = names;
    a->out.known_count = counts[0];
    a->out.sensitive = names + counts[0];
    a->out.sensitive_count = counts[1];
    a->table =
        (struct counting){.arena = a->arena, .wanted = names, .wanted_count = n, .is_strict = true};
    return PD_OK;
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
    struct attacking a = {.ask = ask,
                          .arena = arena,
                          .items = pd_arena_array(arena, ITEMS_MAX, sizeof(*a.items)),
                          .notes = pd_arena_array(arena, NOTES_MAX, sizeof(*a.notes))};
    const struct govern_reading *reading = NULL;
    enum pd_status st = a.items && a.notes ? check(ask, err) : pd_fail_memory(err);
    if (st == PD_OK && !(ask->known_count && ask->sensitive_count))
        st = govern_read(ask->source, ask->form, NULL, now, progress, arena, NULL, &reading, err);
    if (st == PD_OK)
        st = choose(&a, reading, err);
    if (st == PD_OK && a.out.known_count)
        st = count(&a.table, ask->source, ask->form, progress, err);
    if (st == PD_OK && a.out.known_count) {
        struct protect_known known = sort_known(&a);
        st = attack_alone(&a, known, err);
        if (st == PD_OK && ask->plan.len)
            st = attack_plan(&a, progress, err);
        for (size_t i = 0; st == PD_OK && i < ask->other_count; i++)
            st = attack_with(&a, &ask->others[i], progress, err);
        protect_classes_free(a.table.classes);
    }
    if (st != PD_OK)
        return st;
    a.out.items = a.items;
    a.out.notes = a.notes;
    *out = a.out;
    return PD_OK;
}

/* ---- Of what is to be opened ---- */

enum { BEFORE_MAX = 3 };

/* Names of the columns of a role: of the table as it came, or of what the plan made. */
static enum pd_status names_of(const struct govern_run *run, const struct reading_plan *plan,
                               const struct govern_reading *reading, enum inspect_role role,
                               const pd_str **out, size_t *count, struct pd_error *err) {
    size_t n = reading->inspection->column_count,
           *columns = pd_arena_array(run->arena, n, sizeof(*columns));
    pd_str *names = pd_arena_array(run->arena, n, sizeof(*names));
    if (!columns || !names)
        return pd_fail_memory(err);
    *count = 0;
    for (size_t i = 0; !plan && i < n; i++)
        if (reading->inspection->columns[i].role == role)
            columns[(*count)++] = i;
    enum pd_status st = plan ? reading_output_columns(plan, reading->inspection, role, run->arena,
                                                      &columns, count, err)
                             : PD_OK;
    for (size_t i = 0; st == PD_OK && i < *count; i++)
        names[i] = reading->names[columns[i]];
    *out = names;
    return st;
}

static const struct sql FIND_BEFORE = {
    .both = "SELECT d.released_as FROM distribution d JOIN version v ON v.id = d.version_id"
            " JOIN dataset s ON s.id = v.dataset_id"
            " WHERE s.party_id = $1 AND s.title = $2 AND d.released_as IS NOT NULL"
            " ORDER BY d.id DESC LIMIT 3"};

/* What of this dataset is open already; files that were withdrawn are gone, and are passed over. */
static enum pd_status find_before(struct govern_run *run, pd_str paths[BEFORE_MAX], size_t *count,
                                  struct pd_error *err) {
    pd_str title;
    struct store_rows *rows;
    bool has = false;
    *count = 0;
    enum pd_status st = effect_title(&run->request, run->arena, &title, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(run->request.party), STORE_STR(title)};
    st = store_select(run->g->store, FIND_BEFORE, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && *count < BEFORE_MAX) {
        pd_str path = pd_arena_printf(run->arena, "%s/%.*s", store_folder(run->g->store),
                                      pd_arg(store_str(rows, 0)));
        if (path.data && access(path.data, R_OK) == 0)
            paths[(*count)++] = path;
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status count_release(struct attacking *a, struct govern_run *run,
                                    const struct reading_plan *plan,
                                    const struct govern_reading *reading, struct pd_error *err) {
    struct counting *c = &a->table;
    struct table_handler handler = {.context = c, .header = on_header, .batch = on_batch};
    enum pd_status st =
        plan ? reading_output(run->source, plan, reading, &handler, run->progress, run->arena, err)
             : reading_again(run->source, reading, &handler, "attacking", run->progress, run->arena,
                             err);
    if (st != PD_OK) {
        protect_classes_free(c->classes);
        c->classes = NULL;
    }
    return st;
}

static enum pd_status attack_before(struct attacking *a, struct govern_run *run,
                                    struct pd_error *err) {
    pd_str paths[BEFORE_MAX];
    size_t count;
    enum pd_status st = find_before(run, paths, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        struct govern_attack_other with = {.is_before = true};
        st = source_open(paths[i].data, -1, store_folder(run->g->store), 0, &with.source, err);
        if (st == PD_OK)
            st = attack_with(a, &with, run->progress, err);
        source_close(with.source);
    }
    return st;
}

enum pd_status attack_release(struct govern_run *run, const struct reading_plan *plan,
                              struct govern_reading *reading, struct pd_error *err) {
    int64_t k = USUAL_K;
    if (!pd_str_is(run->request.verb, "open") || reading->inspection->rows == 0)
        return PD_OK;
    (void)law_rules_threshold(run->g->rules, PD_STR("k"), &k);
    struct govern_attack_ask ask = {.source = run->source, .k = k < 2 ? 2 : (uint64_t)k};
    enum pd_status st =
        names_of(run, plan, reading, INSPECT_QUASI, &ask.known, &ask.known_count, err);
    if (st == PD_OK)
        st = names_of(run, plan, reading, INSPECT_SENSITIVE, &ask.sensitive, &ask.sensitive_count,
                      err);
    if (st != PD_OK || !ask.known_count || !ask.sensitive_count)
        return st;
    struct govern_attacks *out = pd_arena_alloc(run->arena, sizeof(*out));
    struct attacking a = {.ask = &ask,
                          .arena = run->arena,
                          .items = pd_arena_array(run->arena, ITEMS_MAX, sizeof(*a.items)),
                          .notes = pd_arena_array(run->arena, NOTES_MAX, sizeof(*a.notes))};
    st = out && a.items && a.notes ? choose(&a, reading, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = count_release(&a, run, plan, reading, err);
    if (st == PD_OK) {
        st = attack_alone(&a, sort_known(&a), err);
        if (st == PD_OK)
            st = attack_before(&a, run, err);
        protect_classes_free(a.table.classes);
    }
    if (st != PD_OK)
        return st;
    a.out.items = a.items;
    a.out.notes = a.notes;
    *out = a.out;
    reading->attacks = out;
    return PD_OK;
}

uint64_t attack_percent(const struct govern_attacks *attacks) {
    double worst = 0;
    for (size_t i = 0; i < attacks->count; i++)
        if (attacks->items[i].attack.kind != PROTECT_ATTACK_SINGLING_OUT)
            worst = fmax(worst, attacks->items[i].attack.risk);
    return (uint64_t)ceil(worst * 100 - 1e-9);
}
