/* Clocks: duties that are due after an act. They start in its transaction, run by the calendar of
 * the policy that imposes them, and are met by an act of their own. */
#include "govern/case.h"
#include "govern/growing.h"

#include <string.h>

/* ---- When a duty is due ---- */

/* The first part of a policy's id is its jurisdiction; the node's own rules go by the days of the
 * node's first pack. */
static const struct law_calendar *calendar_of(const struct law_rules *rules, pd_str jurisdictions,
                                              pd_str policy_id) {
    pd_str rest = policy_id, jurisdiction;
    if (!pd_str_split(&rest, '.', &jurisdiction))
        return NULL;
    if (pd_str_is(jurisdiction, "node")) {
        rest = jurisdictions;
        if (!pd_str_split(&rest, ',', &jurisdiction))
            return NULL;
    }
    return law_rules_calendar(rules, pd_str_trim(jurisdiction));
}

/* An obligation without a period has neither a date nor a reason for having none. */
enum pd_status clock_find_due(const struct law_rules *rules, pd_str jurisdictions,
                              const struct law_obligation *o, struct govern_clock *clock,
                              struct pd_arena *arena, struct pd_error *err) {
    static const char *const terms[] = {"within", "keep", "every"};
    pd_str term = PD_STR("");
    for (size_t t = 0; t < sizeof(terms) / sizeof(*terms) && !term.len; t++)
        term = law_obligation_value(o, terms[t]);
    clock->is_keep = law_obligation_value(o, "keep").len > 0;
    if (!term.len)
        return PD_OK;
    struct pd_error why = {0};
    if (law_term_due(calendar_of(rules, jurisdictions, clock->policy_id), clock->starts_at, term,
                     &clock->due, &why) == PD_OK) {
        clock->has_due = true;
        return PD_OK;
    }
    clock->why = pd_arena_str(arena, pd_str_from(why.text));
    return clock->why.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status set_due(const struct govern *g, const struct law_obligation *o,
                              struct govern_clock *clock, struct pd_arena *arena,
                              struct pd_error *err) {
    return clock_find_due(g->rules, g->jurisdiction, o, clock, arena, err);
}

/* ---- Starting ---- */

static const struct act_insertion CLOCK = {
    "clock",
    {.both = "INSERT INTO clock (act_id, due_at, id, obligation, policy_id, starts_at)"
             " VALUES ($1, $2, $3, $4, $5, $6)"},
    {"act_id", "due_at", "id", "obligation", "policy_id", "starts_at"}};

static enum pd_status start(struct govern *g, struct act *act, pd_str act_id,
                            const struct law_obligation *o, struct govern_clock *clock,
                            struct pd_error *err) {
    *clock = (struct govern_clock){.id = crypto_id(act->at),
                                   .act_id = act->id,
                                   .party = act->debtor.len ? act->debtor : act->party,
                                   .policy_id = o->policy_id,
                                   .obligation = o->text,
                                   .starts_at = act->at};
    enum pd_status st = set_due(g, o, clock, act->arena, err);
    if (st != PD_OK)
        return st;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(clock->id, id);
    const struct store_value values[] = {
        STORE_STR(act_id),          clock->has_due ? STORE_I64(clock->due) : STORE_NONE,
        STORE_STR(pd_str_from(id)), STORE_STR(o->text),
        STORE_STR(o->policy_id),    STORE_I64(act->at)};
    st = act_insert(g, act, &CLOCK, pd_str_from(id), values, err);
    return st == PD_OK ? jobs_watch_clock(g, clock, act->at, err) : st;
}

enum pd_status clock_start(struct govern *g, struct act *act, pd_str act_id, struct pd_error *err) {
    size_t n = 0, count = act->law && act->finding ? act->finding->obligation_count : 0;
    struct govern_clock *clocks = pd_arena_array(act->arena, count ? count : 1, sizeof(*clocks));
    if (!clocks)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct law_obligation *o = &act->finding->obligations[i];
        if (o->class_ != LAW_AFTER)
            continue;
        enum pd_status st = start(g, act, act_id, o, &clocks[n++], err);
        if (st != PD_OK)
            return st;
    }
    act->clocks = clocks;
    act->clock_count = n;
    return PD_OK;
}

/* ---- Reading ---- */

#define CLOCKS                                                                                     \
    "SELECT c.id, c.act_id, COALESCE(k.responsible_id, a.party_id), c.policy_id, "                 \
    "c.obligation, c.starts_at, c.due_at, m.met_at, m.act_id, o.noted_at"                          \
    " FROM clock c JOIN act a ON a.id = c.act_id LEFT JOIN cases k ON k.act_id = c.act_id"         \
    " LEFT JOIN clock_met m ON m.id = c.id LEFT JOIN clock_overdue o ON o.id = c.id"
#define IN_ORDER " ORDER BY c.starts_at, c.policy_id, c.obligation, c.id"
static const struct sql LIST_CLOCKS = {.both = CLOCKS IN_ORDER};
/* Of its own, so that indices find them. */
static const struct sql LIST_CLOCKS_OF = {.both = CLOCKS " WHERE c.act_id = $1 OR c.id = $1" IN_ORDER};

static enum govern_clock_state state_of(const struct govern_clock *clock, pd_time now) {
    if (clock->is_met)
        return GOVERN_CLOCK_MET;
    if (!clock->has_due || now < clock->due)
        return GOVERN_CLOCK_DUE;
    /* What was to be kept until then needs nobody's answer. */
    return clock->is_keep ? GOVERN_CLOCK_MET : GOVERN_CLOCK_OVERDUE;
}

static enum pd_status read_row(struct govern *g, const struct store_rows *rows,
                               struct pd_arena *arena, struct govern_clock *clock,
                               struct pd_error *err) {
    *clock = (struct govern_clock){.party = pd_arena_str(arena, store_str(rows, 2)),
                                   .policy_id = pd_arena_str(arena, store_str(rows, 3)),
                                   .obligation = pd_arena_str(arena, store_str(rows, 4)),
                                   .starts_at = store_i64(rows, 5)};
    if (!clock->party.data || !clock->policy_id.data || !clock->obligation.data)
        return pd_fail_memory(err);
    const struct law_alternative *parsed = NULL;
    size_t count = 0;
    struct pd_error why = {0};
    if (!pd_id_parse(store_str(rows, 0), &clock->id) ||
        !pd_id_parse(store_str(rows, 1), &clock->act_id) ||
        law_obligations_parse(clock->obligation, false, arena, &parsed, &count, &why) != PD_OK ||
        parsed[0].count == 0)
        return pd_fail(err, PD_INTERNAL, "the row of the clock %.*s is damaged",
                       pd_arg(store_str(rows, 0)));
    /* A date that was not known when the clock started is looked for in the calendar of today. */
    enum pd_status st = set_due(g, &parsed[0].obligations[0], clock, arena, err);
    if (st != PD_OK)
        return st;
    if (!store_is_null(rows, 6)) {
        clock->has_due = true;
        clock->due = store_i64(rows, 6);
        clock->why = PD_STR("");
    }
    clock->is_met = !store_is_null(rows, 7);
    if (clock->is_met) {
        clock->met_at = store_i64(rows, 7);
        if (!pd_id_parse(store_str(rows, 8), &clock->met_by))
            return pd_fail(err, PD_INTERNAL, "the clock was met by an act without an id");
    }
    clock->is_noted = !store_is_null(rows, 9);
    clock->noted_at = store_i64(rows, 9);
    clock->state = state_of(clock, pd_clock_now(&g->clock));
    return PD_OK;
}

enum pd_status clock_list(struct govern *g, pd_str id, struct pd_arena *arena,
                          const struct govern_clock **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st =
        store_select(g->store, id.len ? LIST_CLOCKS_OF : LIST_CLOCKS, values, id.len ? 1 : 0, &rows, err);
    if (st != PD_OK)
        return st;
    struct growing_list list = {0};
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_clock *clock = growing_add(&list, sizeof(*clock), arena);
        st = clock ? read_row(g, rows, arena, clock, err) : pd_fail_memory(err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list.items;
    *count = list.count;
    return PD_OK;
}

enum pd_status govern_clocks(struct govern *g, bool only_overdue, struct pd_arena *arena,
                             const struct govern_clock **out, size_t *count, struct pd_error *err) {
    const struct govern_clock *all;
    size_t n, kept = 0;
    enum pd_status st = clock_list(g, PD_STR(""), arena, &all, &n, err);
    if (st != PD_OK)
        return st;
    struct govern_clock *list = pd_arena_array(arena, n ? n : 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!only_overdue || all[i].state == GOVERN_CLOCK_OVERDUE)
            list[kept++] = all[i];
    *out = list;
    *count = kept;
    return PD_OK;
}

const char *govern_clock_state_name(enum govern_clock_state state) {
    static const char *const names[] = {
        [GOVERN_CLOCK_DUE] = "due", [GOVERN_CLOCK_MET] = "met", [GOVERN_CLOCK_OVERDUE] = "overdue"};
    return names[state];
}

void govern_clock_write(const struct govern_clock *clock, struct pd_json *w) {
    char id[PD_ID_TEXT_SIZE];
    pd_json_object(w);
    pd_id_write(clock->id, id);
    pd_json_member_text(w, "clock", id);
    pd_id_write(clock->act_id, id);
    pd_json_member_text(w, "act", id);
    pd_json_member_str(w, "party", clock->party);
    pd_json_member_str(w, "policy", clock->policy_id);
    pd_json_member_str(w, "obligation", clock->obligation);
    pd_json_key(w, "due");
    if (clock->has_due)
        pd_json_time(w, clock->due);
    else
        pd_json_null(w);
    if (clock->why.len)
        pd_json_member_str(w, "why", clock->why);
    pd_json_member_text(w, "state", govern_clock_state_name(clock->state));
    if (clock->is_noted) {
        pd_json_key(w, "noted_at");
        pd_json_time(w, clock->noted_at);
    }
    if (clock->is_met) {
        pd_json_key(w, "met_at");
        pd_json_time(w, clock->met_at);
        pd_id_write(clock->met_by, id);
        pd_json_member_text(w, "met_by", id);
    }
    pd_json_object_end(w);
}

/* ---- Meeting a duty ---- */

static const struct sql INSERT_MET = {
    .both = "INSERT INTO clock_met (id, act_id, met_at, key_id, sealed_evidence)"
            " VALUES ($1, $2, $3, $4, $5)"};

enum pd_status clock_save_met(struct govern *g, struct act *act, pd_id id, pd_str evidence,
                              struct pd_error *err) {
    pd_str clock = govern_id_text(id, act->arena), by = govern_id_text(act->id, act->arena),
           key = govern_id_text(act->key.id, act->arena), sealed;
    enum pd_status st =
        store_seal(&act->key, PD_STR("clock_met.evidence"), evidence, act->arena, &sealed, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(clock), STORE_STR(by), STORE_I64(act->at),
                                   STORE_STR(key), STORE_BYTES(sealed)};
    st = store_run(g->store, INSERT_MET, values, 5, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "clock_met", clock, err) : st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct govern_meeting *given = context;
    return clock_save_met(g, act, given->clock_id, act->commitments[LEDGER_FIELD_EVIDENCE], err);
}

static enum pd_status find_clock(struct govern *g, pd_id id, struct pd_arena *arena,
                                 const struct govern_clock **out, struct pd_error *err) {
    size_t count;
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    enum pd_status st = clock_list(g, pd_str_from(text), arena, out, &count, err);
    if (st == PD_OK && (count != 1 || !pd_id_eq((*out)->id, id)))
        return pd_fail(err, PD_NOT_FOUND, "there is no clock %s (polder clock list names them)",
                       text);
    return st;
}

static enum pd_status check(const struct govern_clock *clock, const struct govern_meeting *given,
                            struct pd_error *err) {
    char date[PD_TIME_TEXT_SIZE];
    if (!pd_str_eq(clock->party, given->party))
        return pd_fail(err, PD_DENIED, "the duty is that of \"%.*s\"; \"%.*s\" can't answer for it",
                       pd_arg(clock->party), pd_arg(given->party));
    if (clock->is_met) {
        pd_time_write(clock->met_at, PD_TIME_MINUTES, date);
        return pd_fail(err, PD_CONFLICT, "this duty was met on %s", date);
    }
    if (clock->is_keep)
        return pd_fail(err, PD_CONFLICT,
                       "\"%.*s\" is a duty to keep: it ends with its term and needs no answer",
                       pd_arg(clock->obligation));
    if (given->evidence.len == 0 || given->evidence.len > 2000)
        return pd_fail(err, PD_USAGE,
                       "an answer needs evidence: 1 to 2,000 bytes that say how the duty was met");
    return PD_OK;
}

/* What the party signs: one line each, so that it can be read. */
static enum pd_status sign(const struct govern_meeting *given, struct act *act,
                           struct pd_arena *arena, pd_str vkey, struct pd_error *err) {
    char clock[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE], hex[GOVERN_HEX_SIZE];
    pd_id_write(given->clock_id, clock);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    crypto_hash evidence = crypto_sha256(given->evidence.data, given->evidence.len);
    pd_hex_encode(evidence.bytes, sizeof(evidence.bytes), hex);
    pd_str text = pd_arena_printf(arena, "polder-answer/v1\nclock %s\nevidence %s\ntime %s\n",
                                  clock, hex, time);
    if (!text.data)
        return pd_fail_memory(err);
    return attest_sign(given->party, given->private_key, vkey, text, act, err);
}

static enum pd_status write_evidence(const struct govern_meeting *given, const struct act *act,
                                     struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    char clock[PD_ID_TEXT_SIZE];
    pd_id_write(given->clock_id, clock);
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_text(&w, "clock", clock);
    pd_json_member_str(&w, "evidence", given->evidence);
    pd_json_key(&w, "signature");
    pd_json_base64(&w, act->signature, sizeof(act->signature));
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

static const struct sql FIND_INTENT = {.both = "SELECT intent_id FROM act WHERE id = $1"};

static enum pd_status find_intent(struct govern *g, pd_id act, pd_id *out, bool *found,
                                  struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_INTENT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    *found = st == PD_OK && has && !store_is_null(rows, 0) && pd_id_parse(store_str(rows, 0), out);
    store_rows_close(rows);
    return st;
}

/* What the answer is about: the intent whose act started the clock, or the case that it raised. */
static enum pd_status find_object(struct govern *g, const struct govern_clock *clock,
                                  struct act *act, pd_id *intent, struct pd_error *err) {
    bool has_intent = false, has_case = false;
    enum pd_status st = find_intent(g, clock->act_id, intent, &has_intent, err);
    act->intent = has_intent ? intent : NULL;
    act->object_kind = LEDGER_KIND_INTENT;
    act->object_id = *intent;
    if (st == PD_OK && !has_intent)
        st = case_of_act(g, clock->act_id, &act->object_id, &has_case, err);
    if (has_case)
        act->object_kind = LEDGER_KIND_CASE;
    act->has_object = has_intent || has_case;
    return st;
}

enum pd_status govern_clock_meet(struct govern *g, const struct govern_meeting *given,
                                 struct pd_arena *arena, const struct govern_outcome **out,
                                 struct pd_error *err) {
    struct govern_meeting copy = *given;
    const struct govern_clock *clock = NULL;
    struct law_party party;
    pd_str vkey;
    pd_id intent = {{0}};
    struct act act = {.verb = LEDGER_ANSWER,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .party = given->party,
                      .effect = save,
                      .context = &copy};
    enum pd_status st = find_clock(g, given->clock_id, arena, &clock, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &party, &vkey, err);
    if (st == PD_OK)
        st = check(clock, given, err);
    if (st == PD_OK)
        st = find_object(g, clock, &act, &intent, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    st = sign(given, &act, arena, vkey, err);
    if (st == PD_OK)
        st = write_evidence(given, &act, arena, &act.commitments[LEDGER_FIELD_EVIDENCE], err);
    struct law_case law = {.verb = PD_STR("answer"),
                           .party = party,
                           .resource_type = PD_STR("Intent"),
                           .resource_id = PD_STR("intent"),
                           .now = act.at};
    return st == PD_OK ? act_govern(g, &act, &law, arena, out, err) : st;
}
