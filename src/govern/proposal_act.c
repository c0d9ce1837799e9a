/* Where a proposal stands, and the acts by which those who made it move it. */
#include "govern/proposal_impl.h"

#include <stdio.h>
#include <string.h>

static const char *const STAGES[PROPOSAL_STAGE_COUNT] = {
    [PROPOSAL_DRAFT] = "draft",           [PROPOSAL_CONSULTATION] = "consultation",
    [PROPOSAL_FINAL] = "final",           [PROPOSAL_VOTE] = "vote",
    [PROPOSAL_TIED] = "tied",             [PROPOSAL_ADOPTED] = "adopted",
    [PROPOSAL_REJECTED] = "rejected",     [PROPOSAL_IN_FORCE] = "in_force",
    [PROPOSAL_REVIEW] = "review",         [PROPOSAL_WITHDRAWN] = "withdrawn",
    [PROPOSAL_STOPPED] = "stopped",
};

const char *proposal_stage_name(enum proposal_stage stage) {
    return STAGES[stage];
}

const char *govern_effect_name(enum govern_effect_on on) {
    static const char *const names[] = {[GOVERN_ON_INDIVIDUALS] = "individuals",
                                        [GOVERN_ON_BUSINESS] = "business",
                                        [GOVERN_ON_PUBLIC] = "public"};
    return names[on];
}

enum pd_status proposal_check_text(pd_str text, const char *what, size_t max,
                                   struct pd_error *err) {
    if (pd_str_trim(text).len == 0 || text.len > max || !pd_utf8_valid(text, NULL))
        return pd_fail(err, PD_USAGE, "%s must be 1 to %zu bytes of UTF-8", what, max);
    return PD_OK;
}

/* ---- Where it stands ---- */

static const struct sql FIND_NOW = {
    .both = "SELECT p.party_id, p.member_id, s.step, s.stage, s.until, s.why, t.revision, t.matter, "
            "t.text, t.hash FROM proposal p JOIN proposal_step s ON s.proposal_id = p.id JOIN "
            "proposal_text t ON t.proposal_id = p.id WHERE p.id = $1 ORDER BY s.step DESC, "
            "t.revision DESC LIMIT 1"};
static const struct sql FIND_IMPACT = {
    .both = "SELECT impact FROM proposal_step WHERE proposal_id = $1 AND impact IS NOT NULL ORDER "
            "BY step DESC LIMIT 1"};

static enum pd_status read_now(const struct store_rows *rows, struct pd_arena *arena,
                               struct proposal_now *out, struct pd_error *err) {
    out->party = pd_arena_str(arena, store_str(rows, 0));
    out->member = pd_arena_str(arena, store_str(rows, 1));
    out->step = store_i64(rows, 2);
    out->stage = PROPOSAL_STAGE_COUNT;
    for (int i = 0; i < PROPOSAL_STAGE_COUNT; i++)
        if (pd_str_is(store_str(rows, 3), STAGES[i]))
            out->stage = (enum proposal_stage)i;
    out->has_until = !store_is_null(rows, 4);
    out->until = store_i64(rows, 4);
    out->why = pd_arena_str(arena, store_str(rows, 5));
    out->revision = store_i64(rows, 6);
    out->matter = pd_arena_str(arena, store_str(rows, 7));
    out->text = pd_arena_str(arena, store_str(rows, 8));
    out->text_hash = pd_arena_str(arena, store_str(rows, 9));
    if (!out->party.data || !out->member.data || !out->why.data || !out->matter.data ||
        !out->text.data || !out->text_hash.data)
        return pd_fail_memory(err);
    crypto_hash hash = crypto_sha256(out->text.data, out->text.len);
    if (out->stage == PROPOSAL_STAGE_COUNT ||
        !pd_str_eq(govern_hash_text(&hash, arena), out->text_hash))
        return pd_fail(err, PD_INTERNAL, "the text of the proposal isn't the one that was filed");
    return PD_OK;
}

enum pd_status proposal_find_now(struct govern *g, pd_id id, struct pd_arena *arena,
                             struct proposal_now *out, struct pd_error *err) {
    struct proposal_now now = {.id = id, .id_text = govern_id_text(id, arena)};
    struct store_value values[] = {STORE_STR(now.id_text)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_NOW, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND,
                     "there is no proposal %.*s (polder proposal list names them)",
                     pd_arg(now.id_text));
    if (st == PD_OK)
        st = read_now(rows, arena, &now, err);
    store_rows_close(rows);
    if (st == PD_OK)
        st = store_select(g->store, FIND_IMPACT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    now.impact = st == PD_OK && has ? pd_arena_str(arena, store_str(rows, 0)) : PD_STR("");
    store_rows_close(rows);
    if (st == PD_OK && !now.impact.data)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        *out = now;
    return st;
}

enum pd_status proposal_check_stage(const struct proposal_now *now, unsigned stages,
                                    const char *what, struct pd_error *err) {
    if (stages & PROPOSAL_BIT(now->stage))
        return PD_OK;
    char list[200] = "";
    for (int i = 0; i < PROPOSAL_STAGE_COUNT; i++)
        if (stages >> i & 1u) {
            size_t used = strlen(list);
            snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", STAGES[i]);
        }
    return pd_fail(err, PD_CONFLICT,
                   "%s at the stage \"%s\" is refused: the charter's procedure lets it at %s", what,
                   STAGES[now->stage], list);
}

/* ---- Steps ---- */

static const struct sql INSERT_STEP = {
    .both = "INSERT INTO proposal_step (id, proposal_id, step, stage, until, why, impact, made_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
static const struct sql NEWEST_STEP = {
    .both = "SELECT MAX(step) FROM proposal_step WHERE proposal_id = $1"};

static enum pd_status check_newest(const struct proposal_step *step, struct govern *g,
                                   struct pd_error *err) {
    struct store_value values[] = {STORE_STR(step->from->id_text)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, NEWEST_STEP, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_i64(rows, 0) != step->from->step)
        st = pd_fail(err, PD_CONFLICT, "another step of the proposal was taken meanwhile");
    store_rows_close(rows);
    return st;
}

enum pd_status proposal_step_save(const struct proposal_step *step, struct govern *g,
                                  struct act *act, struct pd_error *err) {
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {
        STORE_STR(id),
        STORE_STR(step->from->id_text),
        STORE_I64(step->from->step + 1),
        STORE_STR(pd_str_from(STAGES[step->to])),
        step->has_until ? STORE_I64(step->until) : STORE_NONE,
        STORE_STR(step->why.data ? step->why : PD_STR("")),
        step->impact.len ? STORE_STR(step->impact) : STORE_NONE,
        STORE_I64(act->at),
    };
    enum pd_status st = step->from->step ? check_newest(step, g, err) : PD_OK;
    if (st == PD_OK)
        st = store_run(g->store, INSERT_STEP, values, 8, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "proposal_step", id, err);
    if (st == PD_OK && step->has_until)
        st = job_wake(g->store, JOBS_PROPOSAL, step->from->id_text, step->until, act->at, err);
    return st;
}

static const struct sql LIST_PARTY_IDS = {.both = "SELECT id FROM party ORDER BY id"};
static const struct sql INSERT_NOTICE = {
    .both = "INSERT INTO notice (id, act_id, party_id, proposal_id, what, made_at) VALUES ($1, $2, "
            "$3, $4, $5, $6)"};

enum pd_status proposal_notify(struct govern *g, struct act *act, pd_str proposal, const char *what,
                               struct pd_error *err) {
    struct store_rows *rows;
    pd_str *parties = NULL;
    size_t n = 0, room = 0;
    bool has;
    enum pd_status st = store_select(g->store, LIST_PARTY_IDS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        if (n == room) {
            pd_str *wider = pd_arena_array(act->arena, 2 * room + 16, sizeof(*wider));
            if (!wider) {
                st = pd_fail_memory(err);
                break;
            }
            if (n)
                memcpy(wider, parties, n * sizeof(*wider));
            parties = wider;
            room = 2 * room + 16;
        }
        parties[n++] = pd_arena_str(act->arena, store_str(rows, 0));
    }
    store_rows_close(rows);
    pd_str by = govern_id_text(act->id, act->arena);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        pd_str id = pd_arena_printf(act->arena, "%.*s/%.*s", pd_arg(by), pd_arg(parties[i]));
        struct store_value values[] = {STORE_STR(id),       STORE_STR(by),
                                       STORE_STR(parties[i]), STORE_STR(proposal),
                                       STORE_STR(pd_str_from(what)), STORE_I64(act->at)};
        st = store_run(g->store, INSERT_NOTICE, values, 6, NULL, err);
        if (st == PD_OK)
            st = act_wrote(g, act, "notice", id, err);
    }
    return st;
}

/* ---- Who acts ---- */

enum pd_status proposal_find_actor(struct govern *g, pd_str party, pd_str member,
                                   struct pd_arena *arena, struct proposal_actor *out,
                                   struct pd_error *err) {
    enum pd_status st = node_find_party(g, party, arena, &out->party, &out->vkey, err);
    return st == PD_OK ? node_find_member(g, party, member, arena, &out->member_id, NULL, err) : st;
}

enum pd_status proposal_sign(const struct proposal_actor *actor, pd_str private_key,
                             pd_str proposal, const crypto_hash *bound, struct act *act,
                             struct pd_arena *arena, struct pd_error *err) {
    char time[PD_TIME_TEXT_SIZE], hex[GOVERN_HEX_SIZE], id[PD_ID_TEXT_SIZE];
    if (!private_key.len)
        return PD_OK;
    pd_id_write(act->id, id);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    pd_hex_encode(bound->bytes, sizeof(bound->bytes), hex);
    pd_str text = pd_arena_printf(
        arena, "polder-proposal/v1\nact %s\n%s %.*s\nhash %s\nmember %.*s\ntime %s\n", id,
        ledger_verb_name(act->verb), pd_arg(proposal), hex, pd_arg(actor->member_id), time);
    if (!text.data)
        return pd_fail_memory(err);
    return attest_sign(actor->party.id, private_key, actor->vkey, text, act, err);
}

enum pd_status proposal_commit(struct govern *g, struct act *act, const char *verb,
                               const struct proposal_actor *actor, pd_str proposal,
                               struct pd_arena *arena, const struct govern_outcome **out,
                               struct pd_error *err) {
    struct law_case law = {.verb = pd_str_from(verb),
                           .party = actor->party,
                           .member = act->member,
                           .resource_type = PD_STR("Proposal"),
                           .resource_id = proposal,
                           .now = act->at};
    act->outcome = LEDGER_OUTCOME_PERMIT;
    return act_govern(g, act, &law, arena, out, err);
}

/* ---- Proposing ---- */

struct filing {
    const struct govern_proposing *given;
    struct proposal_now now; /* step 0: what is filed */
    struct proposal_actor actor;
    const struct council_charter *charter;
    pd_str title, effects, rollback_of;
    bool is_edit;
};

static const struct sql INSERT_PROPOSAL = {
    .both = "INSERT INTO proposal (id, act_id, party_id, member_id, title, effects, rollback_of, "
            "made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
static const struct sql INSERT_TEXT = {
    .both = "INSERT INTO proposal_text (id, proposal_id, revision, matter, text, hash) VALUES ($1, "
            "$2, $3, $4, $5, $6)"};
static const struct sql COUNT_OPEN = {
    .both = "SELECT COUNT(*) FROM proposal p JOIN proposal_step s ON s.proposal_id = p.id WHERE "
            "p.party_id = $1 AND s.stage IN ('draft', 'consultation', 'final', 'vote', 'tied') AND "
            "s.step = (SELECT MAX(x.step) FROM proposal_step x WHERE x.proposal_id = p.id)"};

/* Whoever floods the chambers with proposals keeps others from being read. */
static enum pd_status check_flood(const struct filing *f, struct govern *g, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(f->given->party)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, COUNT_OPEN, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_i64(rows, 0) >= f->charter->open_per_party)
        st = pd_fail(err, PD_LIMIT,
                     "\"%.*s\" has %lld undecided proposals, and the charter lets a party have "
                     "%u (open_per_party)",
                     pd_arg(f->given->party), (long long)store_i64(rows, 0),
                     f->charter->open_per_party);
    store_rows_close(rows);
    return st;
}

static enum pd_status save_text(const struct filing *f, struct govern *g, struct act *act,
                                struct pd_error *err) {
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {
        STORE_STR(id),           STORE_STR(f->now.id_text), STORE_I64(f->now.revision + 1),
        STORE_STR(f->now.matter), STORE_STR(f->now.text),    STORE_STR(f->now.text_hash)};
    enum pd_status st = store_run(g->store, INSERT_TEXT, values, 6, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "proposal_text", id, err) : st;
}

static enum pd_status save_proposal(void *context, struct govern *g, struct act *act,
                                    struct pd_error *err) {
    const struct filing *f = context;
    const struct proposal_step first = {.from = &f->now, .to = PROPOSAL_DRAFT};
    pd_str by = govern_id_text(act->id, act->arena);
    struct store_value values[] = {
        STORE_STR(f->now.id_text), STORE_STR(by),
        STORE_STR(f->given->party), STORE_STR(f->actor.member_id),
        STORE_STR(f->title),        STORE_STR(f->effects),
        f->rollback_of.len ? STORE_STR(f->rollback_of) : STORE_NONE,
        STORE_I64(act->at)};
    enum pd_status st = check_flood(f, g, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_PROPOSAL, values, 8, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "proposal", f->now.id_text, err);
    if (st == PD_OK)
        st = save_text(f, g, act, err);
    return st == PD_OK ? proposal_step_save(&first, g, act, err) : st;
}

/* An edit is a step too, to the same stage, so that nothing else can happen at the same time. */
static enum pd_status save_edit(void *context, struct govern *g, struct act *act,
                                struct pd_error *err) {
    const struct filing *f = context;
    const struct proposal_step same = {.from = &f->now,
                                       .to = f->now.stage,
                                       .has_until = f->now.has_until,
                                       .until = f->now.until};
    enum pd_status st = save_text(f, g, act, err);
    return st == PD_OK ? proposal_step_save(&same, g, act, err) : st;
}

static enum pd_status write_words(struct filing *f, struct pd_arena *arena, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    const struct govern_proposing *given = f->given;
    enum pd_status st = proposal_check_text(given->title, "the title", 500, err);
    if (st == PD_OK && !pd_str_is(given->language, "en") && !pd_str_is(given->language, "zh"))
        st = pd_fail(err, PD_USAGE, "the title's language must be en or zh");
    for (int i = 0; st == PD_OK && i < GOVERN_EFFECT_COUNT; i++) {
        char what[80];
        snprintf(what, sizeof(what), "the effects on %s, even if there are none,",
                 govern_effect_name((enum govern_effect_on)i));
        st = proposal_check_text(given->effects[i], what, 2000, err);
    }
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, 1 << 14);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_key_str(&w, given->language);
    pd_json_str(&w, given->title);
    pd_json_object_end(&w);
    st = pd_json_finish(&w, arena, &f->title, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    for (int i = 0; i < GOVERN_EFFECT_COUNT; i++)
        pd_json_member_str(&w, govern_effect_name((enum govern_effect_on)i), given->effects[i]);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, &f->effects, err);
}

/* The amendments as the proposal's text, once they have passed every gate that can be tried now. */
static enum pd_status write_text(struct govern *g, const struct govern_amendment *amendments,
                                 size_t count, struct pd_arena *arena, struct filing *f,
                                 struct pd_error *err) {
    struct proposal_candidate candidate = {.files = NULL};
    struct proposal_change *changes;
    const struct council_matter *matter;
    crypto_hash hash;
    size_t n = 0;
    pd_str *paths = pd_arena_array(arena, count ? count : 1, sizeof(*paths));
    enum pd_status st = paths ? govern_charter(g, arena, &f->charter, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = proposal_text_make(g, amendments, count, arena, &changes, &n, err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        paths[i] = changes[i].path;
    if (st == PD_OK)
        st = council_find_matter(f->charter, paths, n, &matter, err);
    if (st == PD_OK)
        st = proposal_candidate_make(g, changes, n, arena, &candidate, err);
    proposal_candidate_clear(&candidate);
    if (st == PD_OK)
        st = proposal_text_write(changes, n, arena, &f->now.text, &hash, err);
    if (st != PD_OK)
        return st;
    f->now.matter = matter->id;
    f->now.text_hash = govern_hash_text(&hash, arena);
    return f->now.text_hash.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status commit_text(struct govern *g, struct filing *f, struct act *act,
                                  pd_str private_key, struct pd_arena *arena,
                                  const struct govern_outcome **out, struct pd_error *err) {
    act->member = f->actor.member_id;
    act->has_object = true;
    act->object_kind = LEDGER_KIND_PROPOSAL;
    act->object_id = f->now.id;
    act->text.is_set = true;
    if (!pd_hex_decode(f->now.text_hash, act->text.value.bytes, sizeof(act->text.value.bytes)))
        return pd_fail(err, PD_INTERNAL, "the hash of the text is none");
    enum pd_status st =
        record_commit_text(act, LEDGER_FIELD_MEMBER, act->member, arena, err);
    if (st == PD_OK)
        st = proposal_sign(&f->actor, private_key, f->now.id_text, &act->text.value, act, arena,
                           err);
    return st == PD_OK
               ? proposal_commit(g, act, "propose", &f->actor, f->now.id_text, arena, out, err)
               : st;
}

enum pd_status govern_propose(struct govern *g, const struct govern_proposing *given,
                              struct pd_arena *arena, pd_id *id, const struct govern_outcome **out,
                              struct pd_error *err) {
    struct filing f = {.given = given, .rollback_of = PD_STR("")};
    struct act act = {.verb = LEDGER_PROPOSE,
                      .party = given->party,
                      .effect = save_proposal,
                      .context = &f};
    struct govern_amendment *undo = NULL;
    size_t count = given->amendment_count;
    enum pd_status st = proposal_find_actor(g, given->party, given->member, arena, &f.actor, err);
    if (st == PD_OK)
        st = write_words(&f, arena, err);
    if (st == PD_OK && given->rollback_of) {
        st = proposal_text_undo(g, *given->rollback_of, arena, &undo, &count, err);
        f.rollback_of = govern_id_text(*given->rollback_of, arena);
    }
    if (st == PD_OK)
        st = write_text(g, undo ? undo : given->amendments, count, arena, &f, err);
    if (st == PD_OK)
        st = check_flood(&f, g, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    f.now.id = crypto_id(act.at);
    f.now.id_text = govern_id_text(f.now.id, arena);
    st = f.now.id_text.data ? commit_text(g, &f, &act, given->private_key, arena, out, err)
                            : pd_fail_memory(err);
    if (st == PD_OK)
        *id = f.now.id;
    return st;
}

/* ---- Moving it ---- */

struct moving {
    struct proposal_step step;
    const char *told; /* every party is, of this stage; NULL: nobody */
};

static enum pd_status save_move(void *context, struct govern *g, struct act *act,
                                struct pd_error *err) {
    const struct moving *m = context;
    enum pd_status st = proposal_step_save(&m->step, g, act, err);
    return st == PD_OK && m->told ? proposal_notify(g, act, m->step.from->id_text, m->told, err)
                                  : st;
}

static const struct move {
    const char *what;
    unsigned from;
} MOVES[] = {
    [GOVERN_PROPOSAL_EDIT] = {"editing a proposal",
                              PROPOSAL_BIT(PROPOSAL_DRAFT) | PROPOSAL_BIT(PROPOSAL_CONSULTATION)},
    [GOVERN_PROPOSAL_CONSULT] = {"opening the consultation", PROPOSAL_BIT(PROPOSAL_DRAFT)},
    [GOVERN_PROPOSAL_WITHDRAW] = {"withdrawing a proposal",
                                  PROPOSAL_BIT(PROPOSAL_DRAFT) |
                                      PROPOSAL_BIT(PROPOSAL_CONSULTATION) |
                                      PROPOSAL_BIT(PROPOSAL_FINAL)},
};

enum pd_status govern_proposal_move(struct govern *g, const struct govern_proposal_moving *given,
                                    struct pd_arena *arena, const struct govern_outcome **out,
                                    struct pd_error *err) {
    const struct govern_proposing by = {.party = given->party, .member = given->member};
    struct filing f = {.given = &by};
    struct moving m = {.step = {.from = &f.now}};
    bool is_edit = given->move == GOVERN_PROPOSAL_EDIT;
    struct act act = {.verb = is_edit ? LEDGER_PROPOSE : LEDGER_ADVANCE,
                      .party = given->party,
                      .effect = is_edit ? save_edit : save_move,
                      .context = is_edit ? (void *)&f : (void *)&m};
    enum pd_status st = proposal_find_now(g, given->proposal, arena, &f.now, err);
    if (st == PD_OK)
        st = proposal_find_actor(g, given->party, given->member, arena, &f.actor, err);
    if (st == PD_OK && !pd_str_eq(f.now.party, given->party))
        st = pd_fail(err, PD_DENIED, "the proposal is that of \"%.*s\"; \"%.*s\" can't move it",
                     pd_arg(f.now.party), pd_arg(given->party));
    if (st == PD_OK)
        st = proposal_check_stage(&f.now, MOVES[given->move].from, MOVES[given->move].what, err);
    if (st == PD_OK && is_edit)
        st = write_text(g, given->amendments, given->amendment_count, arena, &f, err);
    else if (st == PD_OK)
        st = govern_charter(g, arena, &f.charter, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    m.step.to = PROPOSAL_WITHDRAWN;
    if (given->move == GOVERN_PROPOSAL_CONSULT) {
        m.step.to = PROPOSAL_CONSULTATION;
        m.step.has_until = true;
        m.step.until = act.at + f.charter->periods.consultation;
        m.told = proposal_stage_name(PROPOSAL_CONSULTATION);
    }
    return commit_text(g, &f, &act, given->private_key, arena, out, err);
}
