/* Casting a ballot: an act of its own, to which the public log commits. Nobody learns from the ledger
 * how anybody voted until the vote is closed. */
#include "govern/proposal_impl.h"

#include <string.h>

struct casting {
    const struct govern_voting *given;
    struct proposal_actor actor;
    pd_str proposal, sealed;
    struct vote_row vote;
    struct council_ballot ballot;
    bool is_secret;
    int64_t turn;
};

static const struct sql FIND_STAGE = {
    .both = "SELECT stage FROM proposal_step WHERE proposal_id = $1 ORDER BY step DESC LIMIT 1"};
static const struct sql FIND_VOTER = {
    .both = "SELECT voter FROM vote_voter WHERE proposal_id = $1 AND chamber = $2 AND voter = $3"};
static const struct sql FIND_TURN = {
    .both = "SELECT COALESCE(MAX(turn), 0) FROM ballot WHERE proposal_id = $1 AND chamber = $2 AND "
            "voter = $3"};
static const struct sql INSERT_BALLOT = {
    .both = "INSERT INTO ballot (id, proposal_id, chamber, voter, turn, key_id, sealed_value, "
            "made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};

static enum pd_status ask(struct govern *g, struct sql sql, const struct store_value *values,
                          size_t count, bool *has, int64_t *number, bool *is_vote,
                          struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, has, err);
    if (st == PD_OK && *has && number)
        *number = store_i64(rows, 0);
    if (st == PD_OK && is_vote)
        *is_vote = *has && pd_str_is(store_str(rows, 0), proposal_stage_name(PROPOSAL_VOTE));
    store_rows_close(rows);
    return st;
}

/* Late, without right, or twice: seen in the transaction, where nothing can come between. */
static enum pd_status check_right(struct casting *c, struct govern *g, const struct act *act,
                                  struct pd_error *err) {
    const struct store_value who[] = {STORE_STR(c->proposal), STORE_STR(c->ballot.chamber),
                                      STORE_STR(c->ballot.voter)};
    bool has, is_vote = false;
    enum pd_status st = ask(g, FIND_STAGE, who, 1, &has, NULL, &is_vote, err);
    char closes[PD_TIME_TEXT_SIZE];
    pd_time_write(c->vote.closes, PD_TIME_SECONDS, closes);
    if (st == PD_OK && (!is_vote || act->at >= c->vote.closes))
        return pd_fail(err, PD_CONFLICT,
                       "the vote is closed (charter: periods.vote); it was open until %s", closes);
    if (st == PD_OK)
        st = ask(g, FIND_VOTER, who, 3, &has, NULL, NULL, err);
    if (st == PD_OK && !has)
        return pd_fail(err, PD_DENIED,
                       "%s is not on the roll of the chamber \"%.*s\", which was frozen when the "
                       "vote opened",
                       c->is_secret ? "this member" : "this party", pd_arg(c->ballot.chamber));
    if (st == PD_OK)
        st = ask(g, FIND_TURN, who, 3, &has, &c->turn, NULL, err);
    if (st == PD_OK && c->turn > 0 && !c->is_secret)
        return pd_fail(err, PD_CONFLICT,
                       "\"%.*s\" has voted: an organisation votes once, by name (charter: ballot "
                       "\"roll-call\")",
                       pd_arg(c->ballot.voter));
    return st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct casting *c = context;
    enum pd_status st = check_right(c, g, act, err);
    if (st != PD_OK)
        return st;
    c->turn++;
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(c->proposal),
                                   STORE_STR(c->ballot.chamber),
                                   STORE_STR(c->ballot.voter),
                                   STORE_I64(c->turn),
                                   STORE_STR(govern_id_text(act->key.id, act->arena)),
                                   STORE_BYTES(c->sealed),
                                   STORE_I64(act->at)};
    st = store_run(g->store, INSERT_BALLOT, values, 8, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "ballot", id, err) : st;
}

static const struct council_chamber *find_chamber(const struct council_frame *f, pd_str id) {
    for (size_t i = 0; i < f->chamber_count; i++)
        if (pd_str_eq(f->chambers[i].id, id))
            return &f->chambers[i];
    return NULL;
}

/* As whom the member votes: for its party by name, or for itself by a pseudonym. */
static enum pd_status find_voter(struct govern *g, struct casting *c, struct pd_arena *arena,
                                 struct pd_error *err) {
    struct council_frozen *frozen = pd_arena_alloc(arena, sizeof(*frozen));
    struct store_key key;
    enum pd_status st = frozen ? council_frozen_parse(c->vote.frozen, arena, frozen, err)
                               : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    const struct council_chamber *chamber =
        find_chamber(&frozen->frame, c->actor.party.chamber);
    if (!chamber)
        return pd_fail(err, PD_DENIED,
                       "the chamber \"%.*s\" has no vote on this (charter: the method \"%.*s\")",
                       pd_arg(c->actor.party.chamber), pd_arg(frozen->frame.method.id));
    c->ballot.chamber = chamber->id;
    c->is_secret = chamber->secrecy == COUNCIL_PSEUDONYM;
    c->ballot.voter = c->actor.party.id;
    if (!c->is_secret)
        return PD_OK;
    st = store_key_find(g->store, c->vote.key_id, &key, err);
    if (st != PD_OK)
        return pd_wrap(err, "the key of the vote's pseudonyms");
    c->ballot.voter = vote_pseudonym(&key, c->actor.member_id, arena);
    crypto_wipe(&key, sizeof(key));
    return c->ballot.voter.data ? PD_OK : pd_fail_memory(err);
}

/* A ballot by name is signed over the commitment rather than the choice: three choices are soon
 * tried. */
static enum pd_status sign(const struct casting *c, struct act *act, struct pd_arena *arena,
                           struct pd_error *err) {
    char commitment[GOVERN_HEX_SIZE], id[PD_ID_TEXT_SIZE];
    crypto_hash hash;
    if (c->is_secret || !c->given->private_key.len)
        return PD_OK;
    enum pd_status st = leaf_commitment(act, LEDGER_FIELD_VALUE, &hash, err);
    if (st != PD_OK)
        return st;
    pd_id_write(act->id, id);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), commitment);
    pd_str text =
        pd_arena_printf(arena, "polder-ballot/v1\nact %s\nfrozen %.*s\nballot %s\n", id,
                        pd_arg(c->vote.hash), commitment);
    if (!text.data)
        return pd_fail_memory(err);
    return attest_sign(c->actor.party.id, c->given->private_key, c->actor.vkey, text, act, err);
}

static enum pd_status prepare(struct govern *g, struct casting *c, struct pd_arena *arena,
                              struct pd_error *err) {
    bool found;
    c->proposal = govern_id_text(c->given->proposal, arena);
    enum pd_status st =
        proposal_find_actor(g, c->given->party, c->given->member, arena, &c->actor, err);
    if (st == PD_OK)
        st = vote_find(g, c->proposal, arena, &c->vote, &found, err);
    if (st == PD_OK && !found) {
        struct proposal_now now;
        st = proposal_find_now(g, c->given->proposal, arena, &now, err);
        return st == PD_OK ? proposal_check_stage(&now, PROPOSAL_BIT(PROPOSAL_VOTE), "voting", err)
                           : st;
    }
    if (st == PD_OK)
        st = find_voter(g, c, arena, err);
    if (st == PD_OK && !c->is_secret && !c->given->private_key.len && !c->given->is_vouched)
        st = pd_fail(err, PD_USAGE, "an organisation's ballot is signed: --key is missing");
    c->ballot.proposal = c->proposal;
    c->ballot.choice = c->given->choice;
    if (st == PD_OK && !pd_hex_decode(c->vote.hash, c->ballot.frozen.bytes,
                                      sizeof(c->ballot.frozen.bytes)))
        st = pd_fail(err, PD_INTERNAL, "the hash of the vote is none");
    return st;
}

enum pd_status govern_vote(struct govern *g, const struct govern_voting *given,
                           struct pd_arena *arena, const struct govern_voted **out,
                           struct pd_error *err) {
    struct casting c = {.given = given};
    struct act act = {.verb = LEDGER_VOTE,
                      .party = given->party,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_PROPOSAL,
                      .object_id = given->proposal,
                      .effect = save,
                      .context = &c,
                      .is_fixed = true};
    struct govern_voted *voted = pd_arena_alloc(arena, sizeof(*voted));
    enum pd_status st = voted ? prepare(g, &c, arena, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    pd_str *value = &act.commitments[LEDGER_FIELD_VALUE];
    act.frozen = (struct ledger_optional_hash){true, c.ballot.frozen};
    /* Of a ballot by pseudonym the act doesn't say which member cast it. */
    act.member = c.is_secret ? PD_STR("") : c.actor.member_id;
    st = council_ballot_write(&c.ballot, arena, value, err);
    if (st == PD_OK)
        st = store_seal(&act.key, PD_STR("ballot.value"), *value, arena, &c.sealed, err);
    if (st == PD_OK)
        st = sign(&c, &act, arena, err);
    if (st == PD_OK)
        st = proposal_commit(g, &act, "vote", &c.actor, c.proposal, arena, &voted->outcome, err);
    if (st != PD_OK)
        return st;
    voted->chamber = c.ballot.chamber;
    voted->voter = c.ballot.voter;
    voted->turn = (uint64_t)c.turn;
    *out = voted;
    return PD_OK;
}
