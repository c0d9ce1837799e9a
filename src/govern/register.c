/* Registering: parties, members, their duties, and that they ended. One course for all four; what differs stands in a table. */
#include "govern/register.h"
#include "govern/key.h"

#include <stdio.h>
#include <string.h>

enum registers { REGISTERS_PARTY, REGISTERS_MEMBER, REGISTERS_DUTIES, REGISTERS_END };

struct registering {
    const struct govern_registrar *by;
    const struct govern_registering_party *party; /* of REGISTERS_PARTY */
    const struct govern_member *given;            /* of the others */
    enum registers what;
    struct law_party actor;
    pd_str actor_id;
    pd_str party_id;       /* that it is about */
    pd_str id, duties, vkey; /* of the row: the member's; its duties as JSON; the party's key */
    struct law_case law;
    struct pd_arena *arena;
};

/* ---- The facts, gathered anew inside the transaction ---- */

enum { FACTS_MOST = 4 + 2 * NODE_DUTY_COUNT };

/* Whether there is somebody else whose duty it is; else a steward may begin. */
static const struct sql COUNT_FOR_MEMBERS = {
    .both = "SELECT COUNT(*) FROM member m WHERE NOT EXISTS"
            " (SELECT 1 FROM member_end e WHERE e.id = m.id) AND (m.duties LIKE '%\"security\"%'"
            " OR (m.party_id = $1 AND m.duties LIKE '%\"owner\"%'))"};
static const struct sql COUNT_FOR_PARTIES = {
    .both = "SELECT COUNT(*) FROM member m JOIN party p ON p.id = m.party_id WHERE NOT EXISTS"
            " (SELECT 1 FROM member_end e WHERE e.id = m.id) AND (m.duties LIKE '%\"security\"%'"
            " OR (p.kind IN ('state_organ', 'agency', 'authority') AND"
            " (m.duties LIKE '%\"owner\"%' OR m.duties LIKE '%\"supervisor\"%')))"};

static enum pd_status registrar_exists(struct govern *g, const struct registering *r, bool *exists,
                                       struct pd_error *err) {
    struct store_value values[] = {STORE_STR(r->party_id)};
    bool is_party = r->what == REGISTERS_PARTY, has;
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, is_party ? COUNT_FOR_PARTIES : COUNT_FOR_MEMBERS,
                                     values, is_party ? 0 : 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *exists = st == PD_OK && has && store_i64(rows, 0) > 0;
    store_rows_close(rows);
    return st;
}

static struct law_fact derived(const char *name, bool value) {
    return (struct law_fact){.name = pd_str_from(name),
                             .value = {.kind = LAW_BOOL, .boolean = value},
                             .class_ = LAW_DERIVED,
                             .by = PD_STR("node")};
}

static bool would_have(const struct registering *r, const char *duty) {
    bool counts = r->what == REGISTERS_MEMBER || r->what == REGISTERS_DUTIES;
    for (size_t i = 0; counts && i < r->given->duty_count; i++)
        if (pd_str_is(r->given->duties[i], duty))
            return true;
    return false;
}

static enum pd_status gather(void *context, struct govern *g, struct pd_arena *arena,
                             const struct law_fact **out, size_t *count, struct pd_error *err) {
    static const char *const WORDS[] = {"party", "member", "duties", "end"};
    const struct registering *r = context;
    struct law_fact *facts = pd_arena_array(arena, FACTS_MOST, sizeof(*facts));
    unsigned duties = 0;
    bool exists = false;
    size_t n = 0;
    if (!facts)
        return pd_fail_memory(err);
    enum pd_status st =
        node_find_member(g, r->by->party, r->by->member, arena, NULL, &duties, err);
    if (st == PD_OK)
        st = registrar_exists(g, r, &exists, err);
    if (st != PD_OK)
        return st;
    facts[n++] =
        (struct law_fact){.name = PD_STR("registers"),
                          .value = {.kind = LAW_STRING, .text = pd_str_from(WORDS[r->what])},
                          .class_ = LAW_DERIVED,
                          .by = PD_STR("node")};
    facts[n++] = derived("is_own", pd_str_eq(r->by->party, r->party_id));
    facts[n++] = derived("registrar_exists", exists);
    for (size_t i = 0; i < NODE_DUTY_COUNT; i++) {
        facts[n++] = derived(node_duty_fact(i), duties >> i & 1);
        if (node_duty_given(i))
            facts[n++] = derived(node_duty_given(i), would_have(r, node_duty_name(i)));
    }
    *out = facts;
    *count = n;
    return PD_OK;
}

/* ---- The rows ---- */

static const struct sql FIND_PARTY = {.both = "SELECT 1 FROM party WHERE id = $1"};
static const struct sql INSERT_PARTY = {
    .both = "INSERT INTO party (id, title, chamber, kind, country, public_key, registered_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)"};
/* So that whoever traces the key finds the act that announces it (act 0 does for founders). */
static const struct sql INSERT_KEY = {
    .both = "INSERT INTO signing_key (id, holder, vkey, since, made_by) VALUES ($1, 'party/' || $2,"
            " $3, $4, $5)"};

static enum pd_status is_there(struct govern *g, struct sql sql, const struct store_value *values,
                               size_t count, bool *there, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, there, err);
    store_rows_close(rows);
    return st;
}

static enum pd_status save_party(struct registering *r, struct govern *g, struct act *act,
                                 struct pd_error *err) {
    const struct govern_registering_party *p = r->party;
    struct store_value find[] = {STORE_STR(p->id)};
    pd_str title = p->title.len ? p->title : PD_STR("{}"), key = govern_id_text(crypto_id(act->at), act->arena);
    bool there = false;
    enum pd_status st = is_there(g, FIND_PARTY, find, 1, &there, err);
    if (st == PD_OK && there)
        return pd_fail(err, PD_CONFLICT, "there is a party \"%.*s\" already", pd_arg(p->id));
    if (st != PD_OK)
        return st;
    struct store_value row[] = {STORE_STR(p->id),   STORE_STR(title),      STORE_STR(p->chamber),
                                STORE_STR(p->kind), STORE_STR(p->country), STORE_STR(r->vkey),
                                STORE_I64(act->at)};
    struct store_value key_row[] = {STORE_STR(key), STORE_STR(p->id), STORE_STR(r->vkey),
                                    STORE_I64(act->at),
                                    STORE_STR(govern_id_text(act->id, act->arena))};
    st = store_run(g->store, INSERT_PARTY, row, 7, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "party", p->id, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_KEY, key_row, 5, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "signing_key", key, err) : st;
}

static const struct sql FIND_NAME = {
    .both = "SELECT 1 FROM member WHERE party_id = $1 AND name = $2"};
static const struct sql INSERT_MEMBER = {
    .both = "INSERT INTO member (id, party_id, name, duties) VALUES ($1, $2, $3, $4)"};

static enum pd_status save_member(struct registering *r, struct govern *g, struct act *act,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(r->party_id), STORE_STR(r->given->name)};
    bool there = false;
    enum pd_status st = is_there(g, FIND_NAME, values, 2, &there, err);
    if (st == PD_OK && there)
        return pd_fail(err, PD_CONFLICT,
                       "\"%.*s\" has, or had, a member \"%.*s\"; names are not used again",
                       pd_arg(r->party_id), pd_arg(r->given->name));
    r->id = govern_id_text(crypto_id(act->at), act->arena);
    struct store_value row[] = {STORE_STR(r->id), STORE_STR(r->party_id),
                                STORE_STR(r->given->name), STORE_STR(r->duties)};
    if (st == PD_OK)
        st = store_run(g->store, INSERT_MEMBER, row, 4, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "member", r->id, err) : st;
}

static const struct sql SET_DUTIES = {.both = "UPDATE member SET duties = $2 WHERE id = $1"};

static enum pd_status save_duties(struct registering *r, struct govern *g, struct act *act,
                                  struct pd_error *err) {
    enum pd_status st =
        node_find_member(g, r->party_id, r->given->name, act->arena, &r->id, NULL, err);
    struct store_value values[] = {STORE_STR(r->id), STORE_STR(r->duties)};
    if (st == PD_OK)
        st = store_run(g->store, SET_DUTIES, values, 2, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "member", r->id, err) : st;
}

static const struct sql INSERT_END = {
    .both = "INSERT INTO member_end (id, ended_at) VALUES ($1, $2)"};

static enum pd_status save_end(struct registering *r, struct govern *g, struct act *act,
                               struct pd_error *err) {
    enum pd_status st = save_duties(r, g, act, err);
    struct store_value values[] = {STORE_STR(r->id), STORE_I64(act->at)};
    if (st == PD_OK)
        st = store_run(g->store, INSERT_END, values, 2, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "member_end", r->id, err) : st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    static enum pd_status (*const SAVES[])(struct registering *, struct govern *, struct act *,
                                           struct pd_error *) = {
        [REGISTERS_PARTY] = save_party,
        [REGISTERS_MEMBER] = save_member,
        [REGISTERS_DUTIES] = save_duties,
        [REGISTERS_END] = save_end,
    };
    struct registering *r = context;
    return SAVES[r->what](r, g, act, err);
}

/* ---- The course of it ---- */

/* What the leaf commits to of a member, and the record keeps. */
static enum pd_status member_json(const struct registering *r, struct pd_arena *arena, pd_str *out,
                                  struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "party", r->party_id);
    pd_json_member_str(&w, "name", r->given->name);
    pd_json_key(&w, "duties");
    pd_json_array(&w);
    for (size_t i = 0; r->what != REGISTERS_END && i < r->given->duty_count; i++)
        pd_json_str(&w, r->given->duties[i]);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

/* A node whose own rules know nothing of registering is asked under the program's besides. */
static enum pd_status ask_program(struct govern *g, const struct law_case *law,
                                  struct pd_arena *arena, struct pd_error *err) {
    const struct law_rules *rules;
    const struct law_finding *finding;
    enum pd_status st = may_rules(g, &rules, err);
    if (st == PD_OK && rules != g->rules)
        st = law_find(rules, law, arena, &finding, err);
    if (st != PD_OK || rules == g->rules || finding->outcome == LAW_PERMIT)
        return st;
    return pd_fail(err, PD_DENIED, "%.*s", pd_arg(finding->reason));
}

static enum pd_status run(struct govern *g, struct registering *r, struct pd_arena *arena,
                          const struct govern_outcome **out, struct pd_error *err) {
    const struct law_fact *facts;
    size_t count;
    bool is_party = r->what == REGISTERS_PARTY;
    enum pd_status st = node_find_party(g, r->by->party, arena, &r->actor, NULL, err);
    if (st == PD_OK)
        st = node_find_member(g, r->by->party, r->by->member, arena, &r->actor_id, NULL, err);
    if (st == PD_OK)
        st = gather(r, g, arena, &facts, &count, err);
    if (st != PD_OK)
        return st;
    r->law = (struct law_case){.verb = PD_STR("register"),
                               .party = r->actor,
                               .member = r->actor_id,
                               .resource_type = is_party ? PD_STR("Party") : PD_STR("Member"),
                               .resource_id = is_party ? r->party_id : PD_STR("member"),
                               .facts = facts,
                               .fact_count = count,
                               .now = pd_clock_now(&g->clock)};
    st = ask_program(g, &r->law, arena, err);
    if (st != PD_OK)
        return st;
    struct act act = {.verb = is_party ? LEDGER_CREATE_KEY : LEDGER_REGISTER,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .is_disclosed = is_party,
                      .party = r->by->party,
                      .member = r->actor_id,
                      .vkey = is_party ? r->vkey : PD_STR(""),
                      .gather = gather,
                      .effect = save,
                      .context = r};
    st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, r->actor_id, arena, err);
    if (st == PD_OK && !is_party) {
        st = member_json(r, arena, &act.commitments[LEDGER_FIELD_VALUE], err);
        act.details[0] = (struct act_detail){"member", act.commitments[LEDGER_FIELD_VALUE]};
    }
    return st == PD_OK ? act_govern(g, &act, &r->law, arena, out, err) : st;
}

static enum pd_status duties_json(const struct govern_member *m, bool is_ending,
                                  struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 4096);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_array(&w);
    for (size_t i = 0; i < NODE_DUTY_COUNT && !is_ending; i++)
        for (size_t j = 0; j < m->duty_count; j++)
            if (pd_str_is(m->duties[j], node_duty_name(i))) {
                pd_json_str(&w, m->duties[j]); /* each once, in one order */
                break;
            }
    pd_json_array_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

static enum pd_status register_member(struct govern *g, const struct govern_registrar *by,
                                      const struct govern_member *given, enum registers what,
                                      struct pd_arena *arena, const struct govern_outcome **out,
                                      struct pd_error *err) {
    struct registering r = {.by = by, .given = given, .what = what, .party_id = given->party};
    struct law_party party;
    enum pd_status st = what == REGISTERS_END ? PD_OK : node_check_member(given, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &party, NULL, err);
    if (st == PD_OK && what != REGISTERS_MEMBER)
        st = node_find_member(g, given->party, given->name, arena, &r.id, NULL, err);
    if (st == PD_OK)
        st = duties_json(given, what == REGISTERS_END, arena, &r.duties, err);
    return st == PD_OK ? run(g, &r, arena, out, err) : st;
}

enum pd_status govern_register_member(struct govern *g, const struct govern_registrar *by,
                                      const struct govern_member *given, struct pd_arena *arena,
                                      const struct govern_outcome **out, struct pd_error *err) {
    return register_member(g, by, given, REGISTERS_MEMBER, arena, out, err);
}

enum pd_status govern_member_duties(struct govern *g, const struct govern_registrar *by,
                                    const struct govern_member *given, struct pd_arena *arena,
                                    const struct govern_outcome **out, struct pd_error *err) {
    return register_member(g, by, given, REGISTERS_DUTIES, arena, out, err);
}

enum pd_status govern_member_end(struct govern *g, const struct govern_registrar *by,
                                 const struct govern_member *given, struct pd_arena *arena,
                                 const struct govern_outcome **out, struct pd_error *err) {
    return register_member(g, by, given, REGISTERS_END, arena, out, err);
}

/* Only the duties are asked of: nobody is there yet who could register. */
enum pd_status register_check_founder(struct govern *g, const struct govern_member *member,
                                      struct pd_arena *arena, struct pd_error *err) {
    struct law_fact facts[NODE_DUTY_COUNT + 1] = {derived("registrar_exists", false)};
    const struct registering r = {.given = member, .what = REGISTERS_MEMBER};
    const struct law_finding *finding;
    size_t n = 1;
    for (size_t i = 0; i < NODE_DUTY_COUNT; i++)
        if (node_duty_given(i))
            facts[n++] = derived(node_duty_given(i), would_have(&r, node_duty_name(i)));
    struct law_case law = {.verb = PD_STR("register"),
                           .party = {PD_STR("founder"), PD_STR("group"), PD_STR("public"), {0}},
                           .resource_type = PD_STR("Member"),
                           .resource_id = PD_STR("member"),
                           .facts = facts,
                           .fact_count = n,
                           .now = pd_clock_now(&g->clock)};
    enum pd_status st = law_find(g->rules, &law, arena, &finding, err);
    if (st != PD_OK || finding->outcome == LAW_PERMIT)
        return st;
    for (size_t i = 0; i < finding->voice_count; i++)
        if (pd_str_is(finding->voices[i].id, "node.members.separate"))
            return pd_fail(err, PD_DENIED, "the member \"%.*s\": %.*s (%.*s)", pd_arg(member->name),
                           pd_arg(finding->voices[i].title), pd_arg(finding->voices[i].id));
    return PD_OK; /* who may register is no question at a founding */
}

enum pd_status govern_register_party(struct govern *g, const struct govern_registrar *by,
                                     const struct govern_registering_party *given,
                                     struct pd_arena *arena, pd_str *vkey,
                                     const struct govern_outcome **out, struct pd_error *err) {
    struct registering r = {
        .by = by, .party = given, .what = REGISTERS_PARTY, .party_id = given->id};
    const struct govern_party party = {given->id, given->chamber, given->kind, given->country,
                                       given->title};
    struct store_value find[] = {STORE_STR(given->id)};
    bool there = false;
    enum pd_status st = node_check_party(&party, err);
    if (st == PD_OK)
        st = is_there(g, FIND_PARTY, find, 1, &there, err);
    if (st == PD_OK && there) /* before a key is made that would take the place of its own */
        st = pd_fail(err, PD_CONFLICT, "there is a party \"%.*s\" already", pd_arg(given->id));
    if (st == PD_OK && given->vkey.len)
        st = key_party_vkey_check(g, given->id, given->vkey, arena, err);
    r.vkey = given->vkey;
    if (st == PD_OK && !given->vkey.len)
        st = node_make_party_key(g, given->id, arena, &r.vkey, err);
    if (st == PD_OK)
        st = run(g, &r, arena, out, err);
    if (st == PD_OK && vkey)
        *vkey = r.vkey;
    return st;
}
