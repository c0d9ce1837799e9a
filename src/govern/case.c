/* Cases: their kinds and steps as tables, their thread, and how they are read. */
#include "govern/case.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* ---- The tables ---- */

static const struct case_kind KINDS[] = {
    /* A person asks for what is held about them. */
    {"access", LEDGER_REQUEST_ACCESS, {"subject_request"}},
    {"demand", LEDGER_REQUEST_ACCESS, {NULL}}, /* somebody needs data */
    {"objection", LEDGER_REQUEST_ACCESS, {"subject_request"}},
    {"correction", LEDGER_REQUEST_ACCESS, {"correction_request"}},
    {"withdrawal", LEDGER_REVOKE, {"consent_withdrawn", "subject_request"}}, /* of consent */
    {"incident", LEDGER_REGISTER, {"is_breach"}},
};
enum { KIND_COUNT = sizeof(KINDS) / sizeof(KINDS[0]) };

#define UNDECIDED (1u << CASE_RAISED | 1u << CASE_ESCALATED)
static const struct case_step STEPS[CASE_STEP_COUNT] = {
    [GOVERN_CASE_ANSWER] = {"answer", LEDGER_ANSWER, "answer", UNDECIDED, CASE_ANSWERED,
                            CASE_BY_RESPONSIBLE, true, false, "answer"},
    [GOVERN_CASE_REFUSE] = {"refuse", LEDGER_DECIDE, "answer", UNDECIDED, CASE_REFUSED,
                            CASE_BY_RESPONSIBLE, true, true, "answer"},
    [GOVERN_CASE_WITHDRAW] = {"withdraw", LEDGER_REVOKE, "revoke", UNDECIDED, CASE_WITHDRAWN,
                              CASE_BY_RAISER, false, false, ""},
    [CASE_STEP_RAISE] = {.name = "raise", .to = CASE_RAISED, .by = CASE_BY_RAISER},
    [CASE_STEP_ESCALATE] = {.name = "escalate",
                            .verb = LEDGER_REGISTER,
                            .from = 1u << CASE_RAISED,
                            .to = CASE_ESCALATED,
                            .by = CASE_BY_NODE},
};

static const char *const STATES[CASE_STATE_COUNT] = {[CASE_RAISED] = "raised",
                                                     [CASE_ANSWERED] = "answered",
                                                     [CASE_REFUSED] = "refused",
                                                     [CASE_WITHDRAWN] = "withdrawn",
                                                     [CASE_ESCALATED] = "escalated"};

const struct case_step *case_step_get(size_t step) {
    return &STEPS[step];
}

const char *case_state_name(enum case_state state) {
    return STATES[state];
}

bool case_state_parse(pd_str name, enum case_state *out) {
    for (int i = 0; i < CASE_STATE_COUNT; i++)
        if (pd_str_is(name, STATES[i])) {
            *out = (enum case_state)i;
            return true;
        }
    return false;
}

enum pd_status case_kind_find(pd_str name, const struct case_kind **out, struct pd_error *err) {
    const char *names[KIND_COUNT];
    char given[32], list[128] = "";
    for (size_t i = 0; i < KIND_COUNT; i++) {
        names[i] = KINDS[i].name;
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", names[i]);
        if (pd_str_is(name, names[i])) {
            *out = &KINDS[i];
            return PD_OK;
        }
    }
    snprintf(given, sizeof(given), "%.*s", pd_arg(name));
    const char *near = pd_nearest_name(given, names, KIND_COUNT);
    return pd_fail(err, PD_USAGE, "there is no kind of case \"%.*s\"%s%s%s; there are %s",
                   pd_arg(name), near ? "; did you mean \"" : "", near ? near : "",
                   near ? "\"?" : "", list);
}

enum pd_status case_check_text(pd_str text, const char *what, size_t max, struct pd_error *err) {
    if (text.len == 0 || text.len > max || !pd_utf8_valid(text, NULL))
        return pd_fail(err, PD_USAGE, "%s must be 1 to %zu bytes of UTF-8", what, max);
    return PD_OK;
}

/* ---- The thread ---- */

enum pd_status case_entry_seal(struct case_entry *e, struct act *act, struct pd_arena *arena,
                               struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "case", e->case_id);
    pd_json_member_text(&w, "step", e->step->name);
    pd_json_member_str(&w, "text", e->text);
    if (e->step->is_grounded) {
        pd_json_member_str(&w, "ground", e->ground);
        pd_json_member_str(&w, "appeal", e->appeal);
    }
    if (act->is_signed) {
        pd_json_key(&w, "signature");
        pd_json_base64(&w, act->signature, sizeof(act->signature));
    }
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, &act->commitments[LEDGER_FIELD_EVIDENCE], err);
    return st == PD_OK ? store_seal(&act->key, PD_STR("case_entry.text"),
                                    act->commitments[LEDGER_FIELD_EVIDENCE], arena, &e->sealed, err)
                       : st;
}

static const struct sql FIND_STATE = {.both = "SELECT state, made_at FROM case_entry WHERE case_id "
                                              "= $1 ORDER BY made_at DESC, id DESC LIMIT 1"};
static const struct act_insertion ENTRY = {
    "case_entry",
    {.both = "INSERT INTO case_entry (act_id, case_id, id, key_id, made_at, member_id, party_id, "
             "sealed_text, state, step) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"},
    {"act_id", "case_id", "id", "key_id", "made_at", "member_id", "party_id", "sealed_text", "state",
     "step"}};

/* Two who decide at once: the second finds the state that the first left. */
static enum pd_status check_state(struct govern *g, const struct case_entry *e,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(e->case_id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_STATE, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    char date[PD_TIME_TEXT_SIZE];
    enum case_state state = CASE_RAISED;
    st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !case_state_parse(store_str(rows, 0), &state)))
        st = pd_fail(err, PD_INTERNAL, "the case %.*s has no thread", pd_arg(e->case_id));
    if (st == PD_OK && !(e->step->from >> state & 1)) {
        pd_time_write(store_i64(rows, 1), PD_TIME_MINUTES, date);
        st = pd_fail(err, PD_CONFLICT, "this case is %s since %s", STATES[state], date);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status case_entry_save(const struct case_entry *e, struct govern *g, struct act *act,
                               struct pd_error *err) {
    enum pd_status st = e->step->from ? check_state(g, e, err) : PD_OK;
    if (st != PD_OK)
        return st;
    pd_str id = govern_id_text(crypto_id(act->at), act->arena),
           by = govern_id_text(act->id, act->arena), key = govern_id_text(act->key.id, act->arena);
    struct store_value values[] = {STORE_STR(by),
                                   STORE_STR(e->case_id),
                                   STORE_STR(id),
                                   STORE_STR(key),
                                   STORE_I64(act->at),
                                   act->member.len ? STORE_STR(act->member) : STORE_NONE,
                                   STORE_STR(act->party),
                                   STORE_BYTES(e->sealed),
                                   STORE_STR(pd_str_from(STATES[e->step->to])),
                                   STORE_STR(pd_str_from(e->step->name))};
    return act_insert(g, act, &ENTRY, id, values, err);
}

/* ---- Reading ---- */

static const struct sql FIND_BY_ACT = {.both = "SELECT id FROM cases WHERE act_id = $1"};

enum pd_status case_of_act(struct govern *g, pd_id act, pd_id *out, bool *found,
                           struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_BY_ACT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    *found = st == PD_OK && has && pd_id_parse(store_str(rows, 0), out);
    store_rows_close(rows);
    return st;
}

static pd_str text_of(const json_t *json, const char *name, struct pd_arena *arena) {
    const json_t *v = json_object_get(json, name);
    return pd_arena_str(arena, json_is_string(v)
                                   ? (pd_str){json_string_value(v), json_string_length(v)}
                                   : PD_STR(""));
}

/* The text of an entry; one whose key was destroyed is erased, and the thread stands. */
static enum pd_status open_text(struct govern *g, const struct store_rows *rows,
                                struct pd_arena *arena, struct govern_entry *e,
                                struct pd_error *err) {
    pd_id key_id;
    struct store_key key;
    struct pd_error why = {0};
    pd_str plain;
    json_t *json = NULL;
    if (!pd_id_parse(store_str(rows, 6), &key_id))
        return pd_fail(err, PD_INTERNAL, "an entry of a case names no key");
    enum pd_status st = store_key_find(g->store, key_id, &key, &why);
    e->is_erased = st == PD_NOT_FOUND;
    e->text = e->ground = e->appeal = PD_STR("");
    if (e->is_erased)
        return PD_OK;
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = store_unseal(&key, PD_STR("case_entry.text"), store_str(rows, 7), arena, &plain, err);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_OK)
        st = pd_json_parse(plain, 1 << 16, 4, &json, err);
    if (st != PD_OK)
        return st;
    e->text = text_of(json, "text", arena);
    e->ground = text_of(json, "ground", arena);
    e->appeal = text_of(json, "appeal", arena);
    json_decref(json);
    return e->text.data && e->ground.data && e->appeal.data ? PD_OK : pd_fail_memory(err);
}

static const struct sql LIST_ENTRIES = {
    .both = "SELECT e.act_id, e.step, e.state, e.party_id, m.name, e.made_at, e.key_id, "
            "e.sealed_text FROM case_entry e LEFT JOIN member m ON m.id = e.member_id"
            " WHERE e.case_id = $1 ORDER BY e.made_at, e.id"};
static const struct sql COUNT_ENTRIES = {.both =
                                             "SELECT COUNT(*) FROM case_entry WHERE case_id = $1"};

static enum pd_status count_rows(struct govern *g, struct sql sql, const struct store_value *value,
                                 size_t *out, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, sql, value, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *out = st == PD_OK && has ? (size_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

static enum pd_status read_thread(struct govern *g, pd_str id, struct pd_arena *arena,
                                  struct govern_raised *c, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    size_t n = 0, room;
    enum pd_status st = count_rows(g, COUNT_ENTRIES, values, &room, err);
    struct govern_entry *list =
        st == PD_OK ? pd_arena_array(arena, room ? room : 1, sizeof(*list)) : NULL;
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = store_select(g->store, LIST_ENTRIES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < room) {
        struct govern_entry *e = &list[n++];
        *e = (struct govern_entry){.step = pd_arena_str(arena, store_str(rows, 1)),
                                   .state = pd_arena_str(arena, store_str(rows, 2)),
                                   .party = pd_arena_str(arena, store_str(rows, 3)),
                                   .member = pd_arena_str(arena, store_str(rows, 4)),
                                   .at = store_i64(rows, 5)};
        if (!e->step.data || !e->state.data || !e->party.data || !e->member.data)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), &e->act_id))
            st = pd_fail(err, PD_INTERNAL, "an entry of a case names no act");
        else
            st = open_text(g, rows, arena, e, err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    c->entries = list;
    c->entry_count = n;
    return st;
}

static const struct sql LIST_ANSWERABLE = {
    .both = "SELECT name, duties FROM member WHERE party_id = $1 ORDER BY name"};
static const struct sql COUNT_MEMBERS = {.both = "SELECT COUNT(*) FROM member WHERE party_id = $1"};

/* Who answers is computed from duty: the owners of the responsible party, else its stewards. */
static enum pd_status read_answerable(struct govern *g, struct pd_arena *arena,
                                      struct govern_raised *c, struct pd_error *err) {
    static const char *const duties[] = {"\"owner\"", "\"steward\""};
    struct store_value values[] = {STORE_STR(c->responsible)};
    size_t room;
    enum pd_status st = count_rows(g, COUNT_MEMBERS, values, &room, err);
    pd_str *names = st == PD_OK ? pd_arena_array(arena, room ? room : 1, sizeof(*names)) : NULL;
    if (st == PD_OK && !names)
        st = pd_fail_memory(err);
    for (size_t d = 0; st == PD_OK && d < 2 && c->answerable_count == 0; d++) {
        struct store_rows *rows;
        bool has;
        st = store_select(g->store, LIST_ANSWERABLE, values, 1, &rows, err);
        if (st != PD_OK)
            return st;
        while ((st = store_next(rows, &has, err)) == PD_OK && has && c->answerable_count < room)
            if (pd_str_find(store_str(rows, 1), pd_str_from(duties[d])) != PD_NPOS)
                names[c->answerable_count++] = pd_arena_str(arena, store_str(rows, 0));
        store_rows_close(rows);
    }
    c->answerable = names;
    return st;
}

static enum pd_status read_clocks(struct govern *g, struct pd_arena *arena, struct govern_raised *c,
                                  struct pd_error *err) {
    char act[PD_ID_TEXT_SIZE];
    enum case_state state;
    pd_id_write(c->act_id, act);
    enum pd_status st = clock_list(g, pd_str_from(act), arena, &c->clocks, &c->clock_count, err);
    bool is_undecided = case_state_parse(c->state, &state) && (UNDECIDED >> state & 1);
    for (size_t i = 0; st == PD_OK && i < c->clock_count && is_undecided; i++)
        c->is_overdue = c->is_overdue || c->clocks[i].state == GOVERN_CLOCK_OVERDUE;
    return st;
}

static const struct sql LIST_CASES = {
    .both = "SELECT k.id, k.act_id, k.kind, k.party_id, k.responsible_id, k.dataset_id, d.title,"
            " k.raised_at, (SELECT e.state FROM case_entry e WHERE e.case_id = k.id"
            " ORDER BY e.made_at DESC, e.id DESC LIMIT 1)"
            " FROM cases k LEFT JOIN dataset d ON d.id = k.dataset_id"
            " WHERE $1 = '' OR k.id = $1 ORDER BY k.raised_at, k.id"};
static const struct sql COUNT_CASES = {.both =
                                           "SELECT COUNT(*) FROM cases WHERE $1 = '' OR id = $1"};

static enum pd_status read_case(struct govern *g, const struct store_rows *rows,
                                struct pd_arena *arena, struct govern_raised *c,
                                struct pd_error *err) {
    *c = (struct govern_raised){.kind = pd_arena_str(arena, store_str(rows, 2)),
                                .party = pd_arena_str(arena, store_str(rows, 3)),
                                .responsible = pd_arena_str(arena, store_str(rows, 4)),
                                .dataset = pd_arena_str(arena, store_str(rows, 5)),
                                .dataset_title = pd_arena_str(arena, store_str(rows, 6)),
                                .raised_at = store_i64(rows, 7),
                                .state = pd_arena_str(arena, store_str(rows, 8))};
    if (!c->kind.data || !c->party.data || !c->responsible.data || !c->dataset.data ||
        !c->dataset_title.data || !c->state.data)
        return pd_fail_memory(err);
    if (!pd_id_parse(store_str(rows, 0), &c->id) || !pd_id_parse(store_str(rows, 1), &c->act_id))
        return pd_fail(err, PD_INTERNAL, "the row of a case is damaged");
    enum pd_status st = read_answerable(g, arena, c, err);
    if (st == PD_OK)
        st = read_clocks(g, arena, c, err);
    return st == PD_OK ? read_thread(g, store_str(rows, 0), arena, c, err) : st;
}

enum pd_status govern_cases(struct govern *g, const pd_id *id, struct pd_arena *arena,
                            const struct govern_raised **out, size_t *count, struct pd_error *err) {
    char text[PD_ID_TEXT_SIZE] = "";
    if (id)
        pd_id_write(*id, text);
    struct store_value values[] = {STORE_STR(pd_str_from(text))};
    struct store_rows *rows;
    size_t n = 0, room;
    enum pd_status st = count_rows(g, COUNT_CASES, values, &room, err);
    if (st == PD_OK && id && room == 0)
        return pd_fail(err, PD_NOT_FOUND, "there is no case %s (polder case list names them)",
                       text);
    struct govern_raised *list =
        st == PD_OK ? pd_arena_array(arena, room ? room : 1, sizeof(*list)) : NULL;
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = store_select(g->store, LIST_CASES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < room) {
        st = read_case(g, rows, arena, &list[n++], err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}
