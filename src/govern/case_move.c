/* Raising a case, deciding it, withdrawing it: each an act. */
#include "govern/case.h"

#include <string.h>

/* ---- What is raised, and to whom ---- */

static const struct sql FIND_DATASET = {
    .both = "SELECT id, party_id FROM dataset WHERE id = $1 OR title = $2 OR title = $3 ORDER BY "
            "id LIMIT 2"};

/* {"en":"Trips"}, as the title of a dataset is kept. */
static enum pd_status title_json(pd_str title, const char *language, struct pd_arena *arena,
                                 pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 14);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, language, title);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

static enum pd_status find_dataset(struct govern *g, pd_str name, struct pd_arena *arena,
                                   pd_str *id, pd_str *owner, struct pd_error *err) {
    pd_str en, zh;
    enum pd_status st = case_check_text(name, "the dataset's id or title", 500, err);
    if (st == PD_OK)
        st = title_json(name, "en", arena, &en, err);
    if (st == PD_OK)
        st = title_json(name, "zh", arena, &zh, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(name), STORE_STR(en), STORE_STR(zh)};
    struct store_rows *rows;
    st = store_select(g->store, FIND_DATASET, values, 3, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "this node has no dataset with the id or title \"%.*s\"",
                     pd_arg(name));
    if (st == PD_OK) {
        *id = pd_arena_str(arena, store_str(rows, 0));
        *owner = pd_arena_str(arena, store_str(rows, 1));
        st = id->data && owner->data ? store_next(rows, &has, err) : pd_fail_memory(err);
    }
    if (st == PD_OK && has)
        st = pd_fail(err, PD_CONFLICT,
                     "several parties have a dataset \"%.*s\": of \"%.*s\" it is %.*s, of "
                     "\"%.*s\" %.*s; name it by its id",
                     pd_arg(name), pd_arg(*owner), pd_arg(*id), pd_arg(store_str(rows, 1)),
                     pd_arg(store_str(rows, 0)));
    store_rows_close(rows);
    return st;
}

struct raising {
    const struct govern_raising *given;
    const struct case_more *more; /* or NULL */
    const struct case_kind *kind;
    struct law_party party, responsible;
    pd_str vkey, member, dataset;
    pd_str id;
    struct facts *facts;
    struct case_entry entry;
};

/* Who must answer: who was named; else who holds the dataset; an incident, who reports it. */
static enum pd_status find_responsible(struct govern *g, struct raising *r, struct pd_arena *arena,
                                       struct pd_error *err) {
    pd_str owner = PD_STR(""), who = r->given->responsible;
    enum pd_status st = PD_OK;
    r->dataset = PD_STR("");
    if (r->given->dataset.len)
        st = find_dataset(g, r->given->dataset, arena, &r->dataset, &owner, err);
    if (!who.len)
        who = owner.len || r->kind->verb != LEDGER_REGISTER ? owner : r->given->party;
    if (st == PD_OK && !who.len)
        return pd_fail(err, PD_USAGE,
                       "who must answer? Name a dataset of this node (--dataset), or the party "
                       "(--to)");
    return st == PD_OK ? node_find_party(g, who, arena, &r->responsible, NULL, err) : st;
}

/* ---- Its facts ---- */

static bool is_given(const struct facts *set, pd_str name) {
    for (size_t i = 0; i < set->count; i++)
        if (pd_str_eq(set->list[i].name, name))
            return true;
    return false;
}

static enum pd_status add_fact(struct govern *g, struct raising *r, const struct govern_declared *d,
                               enum law_class class_, struct pd_arena *arena,
                               struct pd_error *err) {
    struct law_fact fact = {.name = d->name, .class_ = class_, .by = r->given->party};
    enum pd_status st = law_fact_parse(g->rules, d->name, d->value, arena, &fact.value, err);
    if (st != PD_OK)
        return st;
    const struct law_fact_kind *kind = law_rules_fact(g->rules, d->name);
    if (is_given(r->facts, d->name))
        return pd_fail(err, PD_USAGE, "the fact \"%.*s\" is given twice", pd_arg(d->name));
    if (r->facts->count == FACTS_MAX)
        return pd_fail(err, PD_LIMIT, "a case may have at most %d facts", FACTS_MAX);
    if (class_ == LAW_ATTESTED) {
        fact.evidence = r->given->evidence;
        /* Who asks is the recipient of what is asked for. */
        if (!attest_may(kind, &r->party, r->responsible.id, r->given->party))
            return pd_fail(err, PD_DENIED,
                           "\"%.*s\" may not attest %.*s of a case that \"%.*s\" "
                           "answers",
                           pd_arg(r->given->party), pd_arg(d->name), pd_arg(r->responsible.id));
    }
    fact.at = pd_clock_now(&g->clock);
    r->facts->list[r->facts->count++] = fact;
    return PD_OK;
}

/* What the raising party says, attested or declared; and what the kind of case says by itself. */
static enum pd_status gather_facts(struct govern *g, struct raising *r, struct pd_arena *arena,
                                   struct pd_error *err) {
    const struct govern_raising *given = r->given;
    enum pd_status st = PD_OK;
    r->facts = pd_arena_alloc(arena, sizeof(*r->facts));
    if (!r->facts)
        return pd_fail_memory(err);
    if (given->attested_count && !given->private_key.len)
        return pd_fail(err, PD_USAGE, "attested facts are signed: --key is missing");
    if (given->attested_count)
        st = case_check_text(given->evidence, "the evidence of attested facts", 2000, err);
    for (size_t i = 0; st == PD_OK && i < given->attested_count; i++)
        st = add_fact(g, r, &given->attested[i], LAW_ATTESTED, arena, err);
    for (size_t i = 0; st == PD_OK && i < given->declared_count; i++)
        st = add_fact(g, r, &given->declared[i], LAW_DECLARED, arena, err);
    for (size_t i = 0; st == PD_OK && i < CASE_FACTS_MAX && r->kind->facts[i]; i++) {
        struct govern_declared own = {pd_str_from(r->kind->facts[i]), PD_STR("true")};
        if (law_rules_fact(g->rules, own.name) && !is_given(r->facts, own.name))
            st = add_fact(g, r, &own, LAW_DECLARED, arena, err);
    }
    return st;
}

/* ---- Raising ---- */

static const struct act_insertion CASE = {
    "cases",
    {.both = "INSERT INTO cases (act_id, dataset_id, id, kind, party_id, raised_at, responsible_id)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7)"},
    {"act_id", "dataset_id", "id", "kind", "party_id", "raised_at", "responsible_id"}};

static enum pd_status save_case(void *context, struct govern *g, struct act *act,
                                struct pd_error *err) {
    const struct raising *r = context;
    pd_str by = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(by),
                                   r->dataset.len ? STORE_STR(r->dataset) : STORE_NONE,
                                   STORE_STR(r->id),
                                   STORE_STR(pd_str_from(r->kind->name)),
                                   STORE_STR(r->given->party),
                                   STORE_I64(act->at),
                                   STORE_STR(r->responsible.id)};
    enum pd_status st = act_insert(g, act, &CASE, r->id, values, err);
    if (st == PD_OK)
        st = case_entry_save(&r->entry, g, act, err);
    return st == PD_OK && r->more ? r->more->save(r->more->context, g, act, r->id, err) : st;
}

/* What a party signs: one line each, so that it can be read. Texts, and the facts that it gives,
 * are hashed. */
static enum pd_status sign(const struct case_entry *e, const struct facts *facts, pd_str party,
                           pd_str private_key, pd_str vkey, struct act *act, struct pd_arena *arena,
                           struct pd_error *err) {
    char time[PD_TIME_TEXT_SIZE], hex[GOVERN_HEX_SIZE], facts_hex[GOVERN_HEX_SIZE];
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_str all =
        pd_arena_printf(arena, "%zu:%.*s%zu:%.*s%zu:%.*s", e->text.len, pd_arg(e->text),
                        e->ground.len, pd_arg(e->ground), e->appeal.len, pd_arg(e->appeal));
    if (!all.data)
        return pd_fail_memory(err);
    crypto_hash hash = crypto_sha256(all.data, all.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    hash = act_facts_hash(facts ? facts->list : NULL, facts ? facts->count : 0);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), facts_hex);
    pd_str text = pd_arena_printf(
        arena, "polder-case/v1\ncase %.*s\nstep %s\nmember %.*s\ntexts %s\nfacts %s\ntime %s\n",
        pd_arg(e->case_id), e->step->name, pd_arg(act->member), hex, facts_hex, time);
    if (!text.data)
        return pd_fail_memory(err);
    return attest_sign(party, private_key, vkey, text, act, err);
}

/* A case that the law refuses: on record, as any refusal is. */
static enum pd_status record_denial(struct govern *g, struct raising *r, const struct law_case *law,
                                    const struct law_finding *finding, struct pd_arena *arena,
                                    const struct govern_outcome **out, struct pd_error *err) {
    struct govern_outcome *outcome = pd_arena_alloc(arena, sizeof(*outcome));
    if (!outcome)
        return pd_fail_memory(err);
    struct act act = {.verb = LEDGER_DENY,
                      .outcome = LEDGER_OUTCOME_DENY,
                      .party = r->given->party,
                      .member = r->member,
                      .asked = law,
                      .finding = finding,
                      .facts_hash = act_facts_hash(law->facts, law->fact_count)};
    pd_str pending;
    enum pd_status st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, r->member, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_TITLE, r->given->subject, arena, err);
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    if (st != PD_OK)
        return st;
    *outcome = (struct govern_outcome){.result = GOVERN_DENIED,
                                       .act_id = act.id,
                                       .receipt = act.receipt,
                                       .finding = finding,
                                       .pending = pending};
    *out = outcome;
    return integrate_placed(g, act.id, arena, &outcome->placed, err);
}

/* "request_complete (who supplies it), ..." */
static enum pd_status fail_open(const struct law_finding *f, struct pd_arena *arena,
                                struct pd_error *err) {
    enum { NAMED_MAX = 6 };
    pd_str list = PD_STR("");
    size_t named = 0;
    for (size_t i = 0; i < f->missing_count && named < NAMED_MAX; i++) {
        const struct law_fact_kind *kind = f->missing[i].fact;
        bool is_new = true;
        for (size_t j = 0; j < i; j++)
            is_new = is_new && f->missing[j].fact != kind;
        if (is_new)
            list = pd_arena_printf(arena, "%.*s%s%.*s (%.*s)", pd_arg(list), named++ ? ", " : "",
                                   pd_arg(kind->name), pd_arg(kind->supplier));
    }
    for (size_t i = 0; i < f->obligation_count; i++)
        if (f->obligations[i].class_ == LAW_EVIDENCED && !f->obligations[i].discharged)
            list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), named++ ? ", " : "",
                                   pd_arg(f->obligations[i].fact));
    return pd_fail(err, PD_OPEN, "%.*s Give them with --fact, or with --attest and --key: %.*s",
                   pd_arg(f->reason), pd_arg(list));
}

static enum pd_status raise_case(struct govern *g, struct raising *r, const struct law_case *law,
                                 struct pd_arena *arena, const struct govern_outcome **out,
                                 pd_id *id, struct pd_error *err) {
    const struct govern_raising *given = r->given;
    pd_id object = crypto_id(law->now);
    r->id = govern_id_text(object, arena);
    r->entry = (struct case_entry){.case_id = r->id,
                                   .step = case_step_get(CASE_STEP_RAISE),
                                   .text = given->subject,
                                   .ground = PD_STR(""),
                                   .appeal = PD_STR("")};
    struct law_case asked = *law;
    if (!asked.resource_id.len)
        asked.resource_id = r->id;
    struct act act = {.verb = r->kind->verb,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .party = given->party,
                      .member = r->member,
                      .debtor = r->responsible.id,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_CASE,
                      .object_id = object,
                      .effect = save_case,
                      .is_fixed = true,
                      .context = r};
    enum pd_status st = r->id.data ? act_begin(g, &act, err) : pd_fail_memory(err);
    if (st == PD_OK && given->private_key.len)
        st = sign(&r->entry, r->facts, given->party, given->private_key, r->vkey, &act, arena, err);
    if (st == PD_OK)
        st = case_entry_seal(&r->entry, &act, arena, err);
    if (st == PD_OK && r->more)
        st = r->more->prepare(r->more->context, &act, r->id, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, r->member, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_RECIPIENT, r->responsible.id, arena, err);
    if (st == PD_OK)
        st = act_govern(g, &act, &asked, arena, out, err);
    if (st == PD_OK)
        *id = object;
    return st;
}

/* Who raises what, and what the law says of it. */
static enum pd_status ask(struct govern *g, struct raising *r, struct pd_arena *arena,
                          struct law_case *law, const struct law_finding **finding,
                          struct pd_error *err) {
    const struct govern_raising *given = r->given;
    enum pd_status st = case_kind_find(given->kind, &r->kind, err);
    if (st == PD_OK)
        st = case_check_text(given->subject, "the subject", CASE_TEXT_MAX, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &r->party, &r->vkey, err);
    if (st == PD_OK)
        st = node_find_member(g, given->party, given->member, arena, &r->member, NULL, err);
    if (st == PD_OK)
        st = find_responsible(g, r, arena, err);
    if (st == PD_OK)
        st = gather_facts(g, r, arena, err);
    if (st != PD_OK)
        return st;
    *law = (struct law_case){.verb = pd_str_from(ledger_verb_name(r->kind->verb)),
                             .party = r->party,
                             .resource_type = r->dataset.len ? PD_STR("Dataset") : PD_STR("Case"),
                             .resource_id = r->dataset,
                             .facts = r->facts->list,
                             .fact_count = r->facts->count,
                             .now = pd_clock_now(&g->clock)};
    return law_find(g->rules, law, arena, finding, err);
}

enum pd_status govern_case_ask(struct govern *g, const struct govern_raising *raising,
                               struct pd_arena *arena, const struct law_finding **out,
                               struct pd_error *err) {
    struct raising r = {.given = raising};
    struct law_case law;
    return ask(g, &r, arena, &law, out, err);
}

enum pd_status govern_case_raise(struct govern *g, const struct govern_raising *given,
                                 struct pd_arena *arena, pd_id *id,
                                 const struct govern_outcome **out, struct pd_error *err) {
    return case_raise(g, given, NULL, arena, id, out, err);
}

enum pd_status case_raise(struct govern *g, const struct govern_raising *given,
                          const struct case_more *more, struct pd_arena *arena, pd_id *id,
                          const struct govern_outcome **out, struct pd_error *err) {
    struct raising r = {.given = given, .more = more};
    struct law_case law;
    const struct law_finding *finding;
    enum pd_status st = ask(g, &r, arena, &law, &finding, err);
    if (st != PD_OK)
        return st;
    if (finding->outcome == LAW_DENY)
        return record_denial(g, &r, &law, finding, arena, out, err);
    if (!act_evidence_is_complete(finding))
        return fail_open(finding, arena, err);
    return raise_case(g, &r, &law, arena, out, id, err);
}

/* ---- Answering, refusing, withdrawing ---- */

struct moving {
    const struct govern_moving *given;
    const struct govern_raised *raised;
    struct case_entry entry;
};

/* The duties that the step meets, those that nobody met before. */
static enum pd_status meet_duties(struct govern *g, struct act *act, const struct moving *m,
                                  struct pd_error *err) {
    const char *kind = m->entry.step->meets;
    enum pd_status st = PD_OK;
    for (size_t i = 0; kind && i < m->raised->clock_count && st == PD_OK; i++) {
        const struct govern_clock *c = &m->raised->clocks[i];
        pd_str name = pd_str_sub(c->obligation, 0, pd_str_find_char(c->obligation, '('));
        if (!c->is_met && !c->is_keep && (!*kind || pd_str_is(name, kind)))
            st = clock_save_met(g, act, c->id, act->commitments[LEDGER_FIELD_EVIDENCE], err);
    }
    return st;
}

static enum pd_status save_move(void *context, struct govern *g, struct act *act,
                                struct pd_error *err) {
    const struct moving *m = context;
    enum pd_status st = case_entry_save(&m->entry, g, act, err);
    return st == PD_OK ? meet_duties(g, act, m, err) : st;
}

static enum pd_status check_move(const struct moving *m, unsigned duties, struct pd_error *err) {
    const struct govern_moving *given = m->given;
    const struct case_step *step = m->entry.step;
    pd_str whose = step->by == CASE_BY_RAISER ? m->raised->party : m->raised->responsible;
    if (!pd_str_eq(given->party, whose))
        return pd_fail(err, PD_DENIED, "to %s this case is for \"%.*s\", not for \"%.*s\"",
                       step->name, pd_arg(whose), pd_arg(given->party));
    if (step->is_decision && !(duties & (NODE_OWNER | NODE_STEWARD)))
        return pd_fail(err, PD_DENIED,
                       "%.*s has no right to decide cases for %.*s: only a member with the duty "
                       "owner or steward may",
                       pd_arg(given->member), pd_arg(given->party));
    if (step->is_decision && !given->private_key.len)
        return pd_fail(err, PD_USAGE, "a decision is signed: --key is missing");
    enum pd_status st = step->is_decision || given->text.len
                            ? case_check_text(given->text, "the text", CASE_TEXT_MAX, err)
                            : PD_OK;
    if (st == PD_OK && step->is_grounded)
        st = case_check_text(given->ground, "the statutory ground", CASE_GROUND_MAX, err);
    if (st == PD_OK && step->is_grounded)
        st = case_check_text(given->appeal, "the way to appeal", CASE_GROUND_MAX, err);
    return st;
}

static enum pd_status move_case(struct govern *g, struct moving *m, const struct law_party *party,
                                pd_str vkey, pd_str member, struct pd_arena *arena,
                                const struct govern_outcome **out, struct pd_error *err) {
    const struct case_step *step = m->entry.step;
    struct act act = {.verb = step->verb,
                      .outcome =
                          step->to == CASE_REFUSED ? LEDGER_OUTCOME_DENY : LEDGER_OUTCOME_PERMIT,
                      .party = m->given->party,
                      .member = member,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_CASE,
                      .object_id = m->raised->id,
                      .effect = save_move,
                      .context = m};
    enum pd_status st = act_begin(g, &act, err);
    if (st == PD_OK && m->given->private_key.len)
        st = sign(&m->entry, NULL, m->given->party, m->given->private_key, vkey, &act, arena, err);
    if (st == PD_OK)
        st = case_entry_seal(&m->entry, &act, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, member, arena, err);
    if (st != PD_OK)
        return st;
    struct law_case law = {.verb = pd_str_from(step->asked),
                           .party = *party,
                           .resource_type = PD_STR("Case"),
                           .resource_id = m->entry.case_id,
                           .now = act.at};
    return act_govern(g, &act, &law, arena, out, err);
}

enum pd_status govern_case_move(struct govern *g, const struct govern_moving *given,
                                struct pd_arena *arena, const struct govern_outcome **out,
                                struct pd_error *err) {
    struct moving m = {.given = given,
                       .entry = {.case_id = govern_id_text(given->case_id, arena),
                                 .step = case_step_get((size_t)given->move),
                                 .text = given->text,
                                 .ground = given->ground,
                                 .appeal = given->appeal}};
    struct law_party party;
    pd_str vkey, member;
    unsigned duties = 0;
    size_t count;
    enum pd_status st = m.entry.case_id.data ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = govern_cases(g, &given->case_id, arena, &m.raised, &count, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &party, &vkey, err);
    if (st == PD_OK)
        st = node_find_member(g, given->party, given->member, arena, &member, &duties, err);
    if (st == PD_OK)
        st = check_move(&m, duties, err);
    return st == PD_OK ? move_case(g, &m, &party, vkey, member, arena, out, err) : st;
}
