/* Clocks: each duty that a finding leaves behind has one, with the date that the calendar gives;
 * that it was met or became overdue is an act. */
#include "govern/verify_impl.h"

static const struct sql LIST_CLOCKS = {
    .both = "SELECT id, act_id, policy_id, obligation, starts_at, due_at FROM clock"
            " WHERE act_id > $1 AND act_id <= $2 ORDER BY act_id, id"};
enum { ID, ACT, POLICY, OBLIGATION, STARTS, DUE };

enum pd_status verify_clocks_open(struct verifier *v, const struct verify_task *task,
                                  struct verify_clocks *out, struct pd_error *err) {
    struct store_value range[] = {STORE_STR(task->after), STORE_STR(task->until)};
    enum pd_status st = store_select(v->g->store, LIST_CLOCKS, range, 2, &out->rows, err);
    return st == PD_OK ? store_next(out->rows, &out->has, err) : st;
}

/* The duty of the finding that the clock is of; NULL: there is none that wasn't taken yet. */
static const struct law_obligation *find_duty(const struct law_finding *finding, bool *taken,
                                              const struct store_rows *rows) {
    for (size_t i = 0; finding && i < finding->obligation_count; i++) {
        const struct law_obligation *o = &finding->obligations[i];
        if (o->class_ == LAW_AFTER && !taken[i] &&
            pd_str_eq(o->policy_id, store_str(rows, POLICY)) &&
            pd_str_eq(o->text, store_str(rows, OBLIGATION))) {
            taken[i] = true;
            return o;
        }
    }
    return NULL;
}

static enum pd_status check_clock(struct verifier *v, const struct verify_act *a,
                                  const struct law_finding *finding, const struct law_rules *rules,
                                  bool *taken, const struct store_rows *rows,
                                  struct pd_error *err) {
    pd_str id = store_str(rows, ID);
    const struct law_obligation *o = find_duty(finding, taken, rows);
    if (!o) {
        verify_flaw(v, "clock", id, "the act %.*s left no duty \"%.*s\" by %.*s", pd_arg(a->id),
                    pd_arg(store_str(rows, OBLIGATION)), pd_arg(store_str(rows, POLICY)));
        return PD_OK;
    }
    struct govern_clock clock = {.policy_id = o->policy_id, .starts_at = a->at};
    enum pd_status st = clock_find_due(rules, v->g->jurisdiction, o, &clock, v->scratch, err);
    if (st != PD_OK)
        return st;
    bool has_due = !store_is_null(rows, DUE);
    if (store_i64(rows, STARTS) != a->at)
        verify_flaw(v, "clock", id, "it doesn't start with its act");
    if (has_due != clock.has_due || (has_due && store_i64(rows, DUE) != clock.due))
        verify_flaw(v, "clock", id, "its date is not the one that the calendar gives");
    return PD_OK;
}

enum pd_status verify_clocks_next(struct verifier *v, struct verify_clocks *clocks,
                                  const struct verify_act *a, bool is_decided,
                                  const struct law_finding *finding, const struct law_rules *rules,
                                  struct pd_error *err) {
    /* What was refused, or is left open, left no duties: the finding is on record as the reason. */
    bool is_effective = !pd_str_is(a->verb, "deny") && !pd_str_is(a->verb, "intend");
    size_t count = finding && is_effective ? finding->obligation_count : 0;
    bool *taken = pd_arena_array(v->scratch, count ? count : 1, sizeof(*taken));
    enum pd_status st = taken ? PD_OK : pd_fail_memory(err);
    /* Both walks go by the same ids; a clock of no act was told with its row. */
    while (st == PD_OK && clocks->has && pd_str_cmp(store_str(clocks->rows, ACT), a->id) <= 0) {
        bool is_its = pd_str_eq(store_str(clocks->rows, ACT), a->id);
        v->found.clocks++;
        if (is_its && is_decided)
            st = check_clock(v, a, is_effective ? finding : NULL, rules, taken, clocks->rows, err);
        if (st == PD_OK)
            st = store_next(clocks->rows, &clocks->has, err);
    }
    for (size_t i = 0; st == PD_OK && i < count; i++)
        if (finding->obligations[i].class_ == LAW_AFTER && !taken[i])
            verify_flaw(v, "clock", a->id, "the duty \"%.*s\" that it left by %.*s has no clock",
                        pd_arg(finding->obligations[i].text),
                        pd_arg(finding->obligations[i].policy_id));
    return st;
}

/* ---- Met and overdue ---- */

static const struct sql MET_BY_NO_ACT = {
    .both = "SELECT m.id FROM clock_met m LEFT JOIN act a ON a.id = m.act_id LEFT JOIN clock c ON"
            " c.id = m.id WHERE a.id IS NULL OR c.id IS NULL OR a.made_at <> m.met_at"
            " OR a.verb NOT IN ('answer', 'decide', 'revoke') OR m.met_at < c.starts_at"};
static const struct sql OVERDUE_BY_NO_ACT = {
    .both = "SELECT o.id FROM clock_overdue o LEFT JOIN act a ON a.id = o.act_id LEFT JOIN clock c"
            " ON c.id = o.id WHERE a.id IS NULL OR c.id IS NULL OR a.made_at <> o.noted_at"
            " OR a.verb <> 'register'"};

enum pd_status verify_clock_states(struct verifier *v, const struct verify_task *task,
                                   struct pd_error *err) {
    (void)task;
    enum pd_status st =
        verify_none_of(v, MET_BY_NO_ACT, NULL, 0, "clock",
                       "that the duty was met is not what an act of then says", err);
    return st == PD_OK
               ? verify_none_of(v, OVERDUE_BY_NO_ACT, NULL, 0, "clock",
                                "that the duty was overdue is not what an act of then says", err)
               : st;
}
