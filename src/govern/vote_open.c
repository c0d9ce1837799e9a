/* Opening a vote: rolls, method, text and times are frozen, and their hash goes into the public log. */
#include "govern/proposal_impl.h"
#include "govern/shard.h"

#include <stdlib.h>
#include <string.h>

enum { ROLLS_MAX_BYTES = 256 << 20 };

/* ---- The rolls ---- */

pd_str vote_pseudonym(const struct store_key *key, pd_str member, struct pd_arena *arena) {
    enum { PSEUDONYM_BYTES = 16 };
    char hex[2 * PSEUDONYM_BYTES + 1];
    crypto_hash hash = crypto_hmac(key->bytes, sizeof(key->bytes), member.data, member.len);
    pd_hex_encode(hash.bytes, PSEUDONYM_BYTES, hex);
    return pd_arena_printf(arena, "p-%s", hex);
}

/* A party for which nobody can act any more has no vote, and doesn't weigh on the quorum. */
static const struct sql LIST_PARTIES_OF = {
    .both = "SELECT p.id FROM party p WHERE p.chamber = $1 AND ($2 = '' OR p.kind = $2) AND EXISTS"
            " (SELECT 1 FROM member m WHERE m.party_id = p.id AND NOT EXISTS"
            " (SELECT 1 FROM member_end x WHERE x.id = m.id)) ORDER BY p.id"};
static const struct sql LIST_MEMBERS_OF = {
    .both = "SELECT m.id FROM member m JOIN party p ON p.id = m.party_id WHERE p.chamber = $1 AND NOT EXISTS (SELECT 1 FROM member_end x WHERE x.id = m.id) AND "
            "($2 = '' OR p.kind = $2) ORDER BY m.id"};

static int by_text(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

struct roll {
    pd_str *voters;
    size_t count;
    pd_str text;
    crypto_hash hash;
};

static enum pd_status read_voters(struct govern *g, const struct council_chamber *chamber,
                                  pd_str party_kind, const struct store_key *key,
                                  struct pd_arena *arena, struct roll *out, struct pd_error *err) {
    bool is_secret = chamber->secrecy == COUNCIL_PSEUDONYM, has;
    struct store_value values[] = {STORE_STR(chamber->id), STORE_STR(party_kind)};
    struct store_rows *rows;
    size_t room = 0;
    enum pd_status st = store_select(g->store, is_secret ? LIST_MEMBERS_OF : LIST_PARTIES_OF, values,
                                     2, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        if (out->count == room) {
            pd_str *wider = pd_arena_array(arena, 2 * room + 64, sizeof(*wider));
            if (!wider) {
                st = pd_fail_memory(err);
                break;
            }
            if (out->count)
                memcpy(wider, out->voters, out->count * sizeof(*wider));
            out->voters = wider;
            room = 2 * room + 64;
        }
        pd_str voter = is_secret ? vote_pseudonym(key, store_str(rows, 0), arena)
                                 : pd_arena_str(arena, store_str(rows, 0));
        if (!voter.data) {
            st = pd_fail_memory(err);
            break;
        }
        out->voters[out->count++] = voter;
    }
    store_rows_close(rows);
    if (st == PD_OK && out->count)
        qsort(out->voters, out->count, sizeof(*out->voters), by_text);
    return st;
}

static enum pd_status make_roll(struct govern *g, const struct council_chamber *chamber,
                                pd_str party_kind, const struct store_key *key,
                                struct pd_arena *arena, struct roll *out, struct pd_error *err) {
    struct pd_buf text;
    *out = (struct roll){.count = 0};
    enum pd_status st = read_voters(g, chamber, party_kind, key, arena, out, err);
    if (st == PD_OK)
        st = council_roll_hash(out->voters, out->count, &out->hash, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&text, ROLLS_MAX_BYTES);
    for (size_t i = 0; i < out->count; i++) {
        pd_buf_str(&text, out->voters[i]);
        pd_buf_char(&text, '\n');
    }
    st = pd_buf_check(&text, err);
    out->text = out->count ? pd_arena_str(arena, pd_buf_view(&text)) : PD_STR("");
    pd_buf_clear(&text);
    return st == PD_OK && !out->text.data ? pd_fail_memory(err) : st;
}

/* ---- Freezing ---- */

struct opening {
    const struct proposal_now *now;
    struct proposal_step step;
    struct council_frozen frozen;
    struct roll rolls[COUNCIL_CHAMBERS_MAX];
    struct store_key key; /* of the pseudonyms */
    pd_str json;
    crypto_hash hash;
};

static const struct sql INSERT_VOTE = {
    .both = "INSERT INTO vote (id, act_id, frozen, hash, key_id, opens_at, closes_at) VALUES ($1, "
            "$2, $3, $4, $5, $6, $7)"};
static const struct sql INSERT_ROLL = {
    .both = "INSERT INTO vote_roll (id, proposal_id, chamber, voters, hash) VALUES ($1, $2, $3, $4, "
            "$5)"};
static const struct sql INSERT_VOTER = {
    .both = "INSERT INTO vote_voter (proposal_id, chamber, voter) VALUES ($1, $2, $3)"};

static enum pd_status save_roll(const struct opening *o, size_t i, struct govern *g,
                                struct act *act, struct pd_error *err) {
    const struct roll *roll = &o->rolls[i];
    pd_str chamber = o->frozen.frame.chambers[i].id;
    pd_str id = pd_arena_printf(act->arena, "%.*s/%.*s", pd_arg(o->now->id_text), pd_arg(chamber));
    struct store_value values[] = {STORE_STR(id), STORE_STR(o->now->id_text), STORE_STR(chamber),
                                   STORE_STR(roll->text),
                                   STORE_STR(govern_hash_text(&roll->hash, act->arena))};
    enum pd_status st = store_run(g->store, INSERT_ROLL, values, 5, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "vote_roll", id, err);
    for (size_t v = 0; st == PD_OK && v < roll->count; v++) {
        struct store_value voter[] = {STORE_STR(o->now->id_text), STORE_STR(chamber),
                                      STORE_STR(roll->voters[v])};
        st = store_run(g->store, INSERT_VOTER, voter, 3, NULL, err);
    }
    return st;
}

static enum pd_status save_opening(void *context, struct govern *g, struct act *act,
                                   struct pd_error *err) {
    const struct opening *o = context;
    struct store_value values[] = {STORE_STR(o->now->id_text),
                                   STORE_STR(govern_id_text(act->id, act->arena)),
                                   STORE_STR(o->json),
                                   STORE_STR(govern_hash_text(&o->hash, act->arena)),
                                   STORE_STR(govern_id_text(o->key.id, act->arena)),
                                   STORE_I64(o->frozen.opens),
                                   STORE_I64(o->frozen.closes)};
    enum pd_status st = proposal_step_save(&o->step, g, act, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_VOTE, values, 7, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "vote", o->now->id_text, err);
    for (size_t i = 0; st == PD_OK && i < o->frozen.frame.chamber_count; i++)
        st = save_roll(o, i, g, act, err);
    return st == PD_OK
               ? proposal_notify(g, act, o->now->id_text, proposal_stage_name(PROPOSAL_VOTE), err)
               : st;
}

static const struct council_matter *find_matter(const struct council_charter *charter, pd_str id) {
    for (size_t i = 0; i < charter->matter_count; i++)
        if (pd_str_eq(charter->matters[i].id, id))
            return &charter->matters[i];
    return NULL;
}

/* Method, chambers and rolls, as the charter and the parties are at this moment. */
/*
 * The seed of a tie is the root of a checkpoint that nobody could know before. A node that no witnesses
 * watch makes its checkpoints alone, and could try one act after the other until a root suits it: then a
 * tie fails, and what is frozen says so.
 */
static enum pd_status settle_ties_by(struct govern *g, struct council_method *method,
                                     struct pd_arena *arena, struct pd_error *err) {
    struct govern_policy policy;
    bool is_witnessed;
    enum pd_status st = govern_policy_find(g, arena, &policy, &is_witnessed, err);
    if (st == PD_OK && !is_witnessed)
        method->tie = COUNCIL_TIE_FAILS;
    return st;
}

static enum pd_status freeze(struct govern *g, struct opening *o, struct pd_arena *arena,
                             struct pd_error *err) {
    const struct council_charter *charter;
    struct council_frozen *z = &o->frozen;
    int64_t open, standing;
    size_t seated = 0;
    enum pd_status st = govern_charter(g, arena, &charter, err);
    if (st == PD_OK)
        st = objection_count(g, o->now->id_text, &open, &standing, err);
    if (st != PD_OK)
        return st;
    const struct council_matter *matter = find_matter(charter, o->now->matter);
    if (!matter)
        return pd_fail(err, PD_CONFLICT, "the charter has no matter \"%.*s\" any more",
                       pd_arg(o->now->matter));
    council_frame_make(charter, matter, standing > 0, &z->frame);
    st = settle_ties_by(g, &z->frame.method, arena, err);
    z->standing = (uint32_t)standing;
    z->matter = matter->id;
    /* By consent nobody votes: that no objection stands has been seen. */
    z->closes = z->opens +
                (z->frame.method.kind == COUNCIL_CONSENT ? 0 : charter->periods.vote);
    for (size_t i = 0; st == PD_OK && i < z->frame.chamber_count; i++) {
        st = make_roll(g, &z->frame.chambers[i], z->frame.method.party_kind, &o->key, arena,
                       &o->rolls[i], err);
        z->rolls[i] = (struct council_roll){(uint32_t)o->rolls[i].count, o->rolls[i].hash};
        seated += o->rolls[i].count > 0;
    }
    if (st == PD_OK && z->frame.method.kind != COUNCIL_CONSENT &&
        seated < z->frame.method.needed)
        return pd_fail(err, PD_CONFLICT,
                       "%u chambers must pass it, and only %zu have anybody on their roll",
                       z->frame.method.needed, seated);
    return st;
}

enum pd_status vote_open(struct govern *g, const struct proposal_now *now, pd_str impact,
                         struct pd_arena *arena, struct pd_error *err) {
    struct opening o = {.now = now};
    struct act act = {.verb = LEDGER_OPEN_VOTE,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_PROPOSAL,
                      .object_id = now->id,
                      .effect = save_opening,
                      .context = &o};
    struct council_frozen *z = &o.frozen;
    pd_str pending;
    enum pd_status st = shard_find_keeper(g, arena, &act.party, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = store_key_new(g->store, "vote", act.at, &o.key, err);
    if (st != PD_OK)
        return st;
    z->node = g->origin;
    z->proposal = now->id_text;
    z->impact = crypto_sha256(impact.data, impact.len);
    z->opens = act.at - act.at % PD_SECOND;
    if (!pd_hex_decode(now->text_hash, z->text.bytes, sizeof(z->text.bytes)) ||
        !pd_hex_decode(g->rules_id, z->rules.bytes, sizeof(z->rules.bytes)))
        return pd_fail(err, PD_INTERNAL, "the hash of text or rules is none");
    st = freeze(g, &o, arena, err);
    if (st == PD_OK)
        st = council_frozen_write(z, arena, &o.json, &o.hash, err);
    o.step = (struct proposal_step){.from = now,
                                    .to = PROPOSAL_VOTE,
                                    .has_until = true,
                                    .until = z->closes,
                                    .impact = impact};
    act.text = (struct ledger_optional_hash){true, z->text};
    act.frozen = (struct ledger_optional_hash){true, o.hash};
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    crypto_wipe(&o.key, sizeof(o.key));
    return st;
}

/* ---- Reading ---- */

static const struct sql FIND_VOTE = {
    .both = "SELECT frozen, hash, key_id, opens_at, closes_at FROM vote WHERE id = $1"};

enum pd_status vote_find(struct govern *g, pd_str proposal, struct pd_arena *arena,
                         struct vote_row *out, bool *found, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(proposal)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_VOTE, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, found, err);
    if (st == PD_OK && *found) {
        *out = (struct vote_row){.frozen = pd_arena_str(arena, store_str(rows, 0)),
                                 .hash = pd_arena_str(arena, store_str(rows, 1)),
                                 .opens = store_i64(rows, 3),
                                 .closes = store_i64(rows, 4)};
        if (!out->frozen.data || !out->hash.data)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 2), &out->key_id))
            st = pd_fail(err, PD_INTERNAL, "the key of a vote has no id");
    }
    store_rows_close(rows);
    if (st != PD_OK || !*found)
        return st;
    crypto_hash hash = crypto_sha256(out->frozen.data, out->frozen.len);
    return pd_str_eq(govern_hash_text(&hash, arena), out->hash)
               ? PD_OK
               : pd_fail(err, PD_INTERNAL, "what was frozen of the vote was changed");
}

static const struct sql FIND_ROLL = {.both = "SELECT voters FROM vote_roll WHERE id = $1"};

static enum pd_status split_roll(pd_str text, struct pd_arena *arena, pd_str **out, size_t *count,
                                 struct pd_error *err) {
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    pd_str *list = pd_arena_array(arena, n ? n : 1, sizeof(*list)), rest = text, line;
    if (!list)
        return pd_fail_memory(err);
    *count = 0;
    while (*count < n && pd_str_split(&rest, '\n', &line))
        list[(*count)++] = line;
    *out = list;
    return PD_OK;
}

enum pd_status vote_roll(struct govern *g, pd_str proposal, pd_str chamber, struct pd_arena *arena,
                         pd_str **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(
        pd_arena_printf(arena, "%.*s/%.*s", pd_arg(proposal), pd_arg(chamber)))};
    struct store_rows *rows;
    bool has;
    pd_str text = {0};
    enum pd_status st = store_select(g->store, FIND_ROLL, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_INTERNAL, "the vote has no roll of \"%.*s\"", pd_arg(chamber));
    if (st == PD_OK) {
        text = pd_arena_str(arena, store_str(rows, 0));
        if (!text.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st == PD_OK ? split_roll(text, arena, out, count, err) : st;
}
