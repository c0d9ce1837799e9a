/* Closing a vote: every ballot is opened and counted, and what that takes is bound by the leaf, so that
 * anybody can do it again. */
#include "govern/growing.h"
#include "govern/proposal_impl.h"
#include "govern/shard.h"
#include "govern/witnessed.h"

#include <stdio.h>
#include <string.h>

enum { LINES_MAX_BYTES = 1 << 30 };

/* ---- Opening the ballots ---- */

/* By the order of their ids, from the start: sorting a million sealed ballots takes as long as opening them. The plus
 * keeps SQLite from the index by proposal, which has another order. */
static const struct sql LIST_BALLOTS = {
    .sqlite = "SELECT id, key_id, sealed_value FROM ballot WHERE +proposal_id = $1 ORDER BY id",
    .pg = "SELECT id, key_id, sealed_value FROM ballot WHERE proposal_id = $1 ORDER BY id"};

/* Ballots are opened in groups, whose keys are looked up at once: that alone takes as long as the rest. */
enum { GROUP = 256 };
struct opening {
    struct govern *g;
    struct council_box *box;
    struct pd_buf *lines;
    struct crypto_sha256_state *hash; /* of all lines */
    bool are_kept;                    /* else `lines` holds those of one group */
    size_t ballots;
    enum pd_status (*visit)(void *context, const struct vote_opened *opened, struct pd_error *err);
    void *context;
    struct pd_arena *scratch;
    pd_id acts[GROUP], keys[GROUP];
    struct store_key found[GROUP];
    pd_str sealed[GROUP];
    size_t count;
};

/* {"act":ID,"ballot":{...},"salt":HEX}, which opens the commitment in the act's leaf. */
static void add_line(struct pd_buf *lines, const struct vote_opened *o) {
    char act[PD_ID_TEXT_SIZE], hex[2 * GOVERN_SALT_SIZE + 1];
    pd_id_write(o->act, act);
    pd_hex_encode(o->salt, GOVERN_SALT_SIZE, hex);
    pd_buf_text(lines, "{\"act\":\"");
    pd_buf_text(lines, act);
    pd_buf_text(lines, "\",\"ballot\":");
    pd_buf_str(lines, o->json);
    pd_buf_text(lines, ",\"salt\":\"");
    pd_buf_text(lines, hex);
    pd_buf_text(lines, "\"}\n");
}

static enum pd_status open_one(struct opening *o, size_t i, struct pd_error *err) {
    uint8_t salt[GOVERN_SALT_SIZE];
    struct council_ballot ballot;
    struct vote_opened opened = {o->ballots, o->acts[i], salt, PD_STR(""), &ballot};
    enum pd_status st = store_unseal(&o->found[i], PD_STR("ballot.value"), o->sealed[i],
                                     o->scratch, &opened.json, err);
    if (st == PD_OK)
        st = leaf_salt(&o->found[i], LEDGER_FIELD_VALUE, salt, err);
    if (st == PD_OK)
        st = council_ballot_parse(opened.json, o->scratch, &ballot, err);
    if (st == PD_OK && o->visit)
        st = o->visit(o->context, &opened, err);
    if (st != PD_OK)
        return st;
    add_line(o->lines, &opened);
    o->ballots++;
    return council_box_add(o->box, ballot.chamber, ballot.voter, opened.act, ballot.choice, err);
}

static enum pd_status open_group(struct opening *o, struct pd_error *err) {
    enum pd_status st =
        o->count ? store_keys_find(o->g->store, o->keys, o->count, o->found, err) : PD_OK;
    if (st != PD_OK)
        return pd_wrap(err, "a key of the ballots");
    size_t start = o->lines->len;
    for (size_t i = 0; st == PD_OK && i < o->count; i++)
        st = open_one(o, i, err);
    crypto_wipe(o->found, sizeof(o->found));
    o->count = 0;
    if (st == PD_OK)
        st = pd_buf_check(o->lines, err);
    if (st != PD_OK || o->lines->len == start)
        return st;
    crypto_sha256_add(o->hash, o->lines->data + start, o->lines->len - start);
    if (!o->are_kept)
        pd_buf_reset(o->lines);
    return PD_OK;
}

static enum pd_status take_ballot(struct opening *o, const struct store_rows *rows,
                                  struct pd_error *err) {
    size_t i = o->count++;
    o->sealed[i] = pd_arena_str(o->scratch, store_str(rows, 2));
    if (!o->sealed[i].data)
        return pd_fail_memory(err);
    return pd_id_parse(store_str(rows, 0), &o->acts[i]) &&
                   pd_id_parse(store_str(rows, 1), &o->keys[i])
               ? PD_OK
               : pd_fail(err, PD_INTERNAL, "a ballot has no id");
}

static enum pd_status open_all(struct opening *o, pd_str proposal, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(proposal)};
    struct store_rows *rows;
    struct pd_mark mark = pd_arena_mark(o->scratch);
    bool has;
    enum pd_status st = store_select(o->g->store, LIST_BALLOTS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        st = take_ballot(o, rows, err);
        if (st == PD_OK && o->count == GROUP) {
            st = open_group(o, err);
            pd_arena_reset(o->scratch, mark);
        }
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st == PD_OK ? open_group(o, err) : st;
}

static enum pd_status fill_box(struct govern *g, pd_str proposal, struct council_box *box,
                               struct pd_buf *lines, bool are_kept, crypto_hash *hash,
                               enum pd_status (*visit)(void *context,
                                                       const struct vote_opened *opened,
                                                       struct pd_error *err),
                               void *context, size_t *ballots, struct pd_error *err) {
    struct pd_arena *scratch = pd_arena_new((size_t)4 << 20);
    struct opening *o = scratch ? pd_arena_alloc(scratch, sizeof(*o)) : NULL;
    enum pd_status st = o ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK) {
        o->g = g;
        o->box = box;
        o->lines = lines;
        o->are_kept = are_kept;
        o->hash = crypto_sha256_new();
        o->visit = visit;
        o->context = context;
        o->scratch = scratch;
        st = o->hash ? open_all(o, proposal, err) : pd_fail_memory(err);
        if (st == PD_OK)
            *hash = crypto_sha256_end(o->hash);
        crypto_sha256_free(o->hash);
        *ballots = o->ballots;
    }
    pd_arena_free(scratch);
    return st;
}

enum pd_status vote_open_ballots(struct govern *g, pd_str proposal,
                                 const struct council_frozen *frozen, struct pd_arena *arena,
                                 enum pd_status (*visit)(void *context,
                                                         const struct vote_opened *opened,
                                                         struct pd_error *err),
                                 void *context, pd_str *lines, crypto_hash *hash,
                                 struct council_count *counts, size_t *ballots,
                                 struct pd_error *err) {
    pd_str *rolls[COUNCIL_CHAMBERS_MAX] = {NULL};
    size_t sizes[COUNCIL_CHAMBERS_MAX] = {0};
    struct pd_buf text;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < frozen->frame.chamber_count; i++) {
        crypto_hash roll;
        pd_str chamber = frozen->frame.chambers[i].id;
        st = vote_roll(g, proposal, chamber, arena, &rolls[i], &sizes[i], err);
        if (st == PD_OK)
            st = council_roll_hash(rolls[i], sizes[i], &roll, err);
        if (st == PD_OK && (sizes[i] != frozen->rolls[i].count ||
                            memcmp(roll.bytes, frozen->rolls[i].hash.bytes, sizeof(roll)) != 0))
            st = pd_fail(err, PD_INTERNAL,
                         "the roll of \"%.*s\" was changed after the vote opened", pd_arg(chamber));
    }
    if (st != PD_OK)
        return st;
    struct council_box *box =
        council_box_new(&frozen->frame, (const pd_str *const *)rolls, sizes);
    pd_buf_init(&text, LINES_MAX_BYTES);
    *ballots = 0;
    st = box ? fill_box(g, proposal, box, &text, lines != NULL, hash, visit, context, ballots, err)
             : pd_fail_memory(err);
    if (st == PD_OK && counts)
        council_box_count(box, counts);
    if (st == PD_OK && lines) {
        *lines = text.len ? pd_arena_str(arena, pd_buf_view(&text)) : PD_STR("");
        if (!lines->data)
            st = pd_fail_memory(err);
    }
    council_box_free(box);
    pd_buf_clear(&text);
    return st;
}

/* ---- Closing ---- */

struct closing {
    const struct proposal_now *now;
    struct proposal_step step;
    struct council_frozen frozen;
    struct council_count counts[COUNCIL_CHAMBERS_MAX];
    struct council_result result;
    size_t ballots;
    crypto_hash ballots_hash;
    pd_str json;
    bool is_settling;
    uint64_t seed_size; /* settling: of the checkpoint; and its root and text */
    crypto_hash seed_root;
    pd_str checkpoint;
};

static const struct sql INSERT_RESULT = {
    .both = "INSERT INTO vote_result (id, proposal_id, result, ballots, made_at) VALUES ($1, $2, "
            "$3, $4, $5)"};
static const struct sql COUNT_BALLOTS = {
    .both = "SELECT COUNT(*) FROM ballot WHERE proposal_id = $1"};

/* A ballot that began in time may have been written after we opened the others. */
static enum pd_status check_count(const struct closing *c, struct govern *g,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(c->now->id_text)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, COUNT_BALLOTS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && (size_t)store_i64(rows, 0) != c->ballots)
        st = pd_fail(err, PD_UNAVAILABLE, "a ballot came in while the others were counted");
    store_rows_close(rows);
    return st;
}

static enum pd_status save_closing(void *context, struct govern *g, struct act *act,
                                   struct pd_error *err) {
    const struct closing *c = context;
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(id), STORE_STR(c->now->id_text), STORE_STR(c->json),
                                   STORE_STR(govern_hash_text(&c->ballots_hash, act->arena)),
                                   STORE_I64(act->at)};
    enum pd_status st = check_count(c, g, err);
    if (st == PD_OK)
        st = proposal_step_save(&c->step, g, act, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_RESULT, values, 5, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "vote_result", id, err);
    return st == PD_OK ? proposal_notify(g, act, c->now->id_text,
                                         proposal_stage_name(c->step.to), err)
                       : st;
}

static enum pd_status write_result(struct closing *c, struct pd_arena *arena,
                                   struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 17);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "result", 1);
    pd_json_member_str(&w, "proposal", c->now->id_text);
    pd_json_member_i64(&w, "ballots", (int64_t)c->ballots);
    pd_json_key(&w, "count");
    council_result_write(&c->frozen.frame, c->counts, &c->result, &w);
    if (c->is_settling) {
        char size[24];
        snprintf(size, sizeof(size), "%llu", (unsigned long long)c->seed_size);
        pd_json_key(&w, "seed");
        pd_json_object(&w);
        pd_json_member_text(&w, "size", size);
        pd_json_key(&w, "root");
        pd_json_hex(&w, c->seed_root.bytes, sizeof(c->seed_root.bytes));
        pd_json_member_str(&w, "checkpoint", c->checkpoint);
        pd_json_object_end(&w);
    }
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, &c->json, err);
}

/* What comes of the outcome, and when the next step is due. */
static enum pd_status plan_step(struct govern *g, struct closing *c, pd_time at,
                                struct pd_arena *arena, struct pd_error *err) {
    static const enum proposal_stage stages[] = {[COUNCIL_REJECTED] = PROPOSAL_REJECTED,
                                                 [COUNCIL_ADOPTED] = PROPOSAL_ADOPTED,
                                                 [COUNCIL_UNDECIDED] = PROPOSAL_TIED};
    const struct council_charter *charter;
    enum pd_status st = govern_charter(g, arena, &charter, err);
    if (st != PD_OK)
        return st;
    c->step = (struct proposal_step){.from = c->now, .to = stages[c->result.outcome]};
    c->step.has_until = c->step.to != PROPOSAL_REJECTED;
    c->step.until = c->step.to == PROPOSAL_ADOPTED ? at + charter->periods.in_force : at;
    return PD_OK;
}

static enum pd_status count(struct govern *g, struct closing *c, struct pd_arena *arena,
                            struct pd_error *err) {
    struct vote_row vote;
    bool found;
    enum pd_status st = vote_find(g, c->now->id_text, arena, &vote, &found, err);
    if (st == PD_OK && !found)
        st = pd_fail(err, PD_INTERNAL, "the proposal has no vote");
    if (st == PD_OK)
        st = council_frozen_parse(vote.frozen, arena, &c->frozen, err);
    if (st == PD_OK)
        st = vote_open_ballots(g, c->now->id_text, &c->frozen, arena, NULL, NULL, NULL,
                               &c->ballots_hash, c->counts, &c->ballots, err);
    if (st != PD_OK)
        return st;
    crypto_hash frozen = crypto_sha256(vote.frozen.data, vote.frozen.len);
    if (!c->is_settling)
        return council_decide(&c->frozen.frame, c->counts, &c->result, err);
    crypto_hash seed = council_seed(&c->seed_root, &frozen);
    return council_settle(&c->frozen.frame, c->counts, &seed, &c->result, err);
}

static enum pd_status close_it(struct govern *g, struct closing *c, struct pd_arena *arena,
                               struct pd_error *err) {
    struct act act = {.verb = LEDGER_CLOSE_VOTE,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_PROPOSAL,
                      .object_id = c->now->id,
                      .effect = save_closing,
                      .context = c};
    pd_str pending;
    enum pd_status st = shard_find_keeper(g, arena, &act.party, err);
    if (st == PD_OK)
        st = count(g, c, arena, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = plan_step(g, c, act.at, arena, err);
    if (st == PD_OK)
        st = write_result(c, arena, err);
    if (st != PD_OK)
        return st;
    act.text = (struct ledger_optional_hash){true, c->frozen.text};
    act.frozen.is_set = act.ballots.is_set = act.result.is_set = true;
    pd_str json;
    st = council_frozen_write(&c->frozen, arena, &json, &act.frozen.value, err);
    act.ballots.value = c->ballots_hash;
    act.result.value = crypto_sha256(c->json.data, c->json.len);
    return st == PD_OK ? act_commit(g, &act, arena, &pending, err) : st;
}

enum pd_status vote_close(struct govern *g, const struct proposal_now *now, struct pd_arena *arena,
                          struct pd_error *err) {
    struct closing c = {.now = now};
    return close_it(g, &c, arena, err);
}

/* ---- Settling a tie ---- */

static const struct sql FIND_CLOSE = {
    .both = "SELECT id FROM vote_result WHERE proposal_id = $1 ORDER BY id LIMIT 1"};

/* Where the leaf of the close stands; size 0: not integrated yet. */
static enum pd_status find_close(struct govern *g, const struct proposal_now *now,
                                 struct pd_arena *arena, struct govern_placed *out,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(now->id_text)};
    struct store_rows *rows;
    bool has;
    pd_id act = {{0}};
    enum pd_status st = store_select(g->store, FIND_CLOSE, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !pd_id_parse(store_str(rows, 0), &act)))
        st = pd_fail(err, PD_INTERNAL, "a tie without a close");
    store_rows_close(rows);
    return st == PD_OK ? integrate_placed(g, act, arena, out, err) : st;
}

/* The first checkpoint behind the close that a quorum of witnesses cosigned: the one on record, which no other
 * replaces before the ties that it covers are settled (vote_settle_ties, vote_ties_wait). If the node is asked to do
 * without witnesses meanwhile, the tie waits until it has some again. */
static enum pd_status find_seed(struct govern *g, struct closing *c, uint64_t index,
                                struct pd_arena *arena, bool *found, struct pd_error *err) {
    struct govern_policy policy;
    bool is_witnessed;
    *found = false;
    enum pd_status st = govern_policy_find(g, arena, &policy, &is_witnessed, err);
    if (st == PD_OK && is_witnessed)
        st = witnessed_largest(g, WITNESSED_QUORUM, arena, &c->seed_size, &c->checkpoint, err);
    if (st != PD_OK || !is_witnessed)
        return st;
    /* The second line is the size, the third the root (C2SP tlog-checkpoint). */
    pd_str rest = c->checkpoint, line;
    uint8_t root[33]; /* what 44 characters may decode to */
    size_t n = 0;
    for (int i = 0; i < 3 && pd_str_split(&rest, '\n', &line); i++) {
        if (i == 1 && !pd_parse_u64(line, &c->seed_size))
            return pd_fail(err, PD_INTERNAL, "the checkpoint has no size");
        if (i == 2)
            *found = line.len == 44 && pd_base64_decode(line, root, &n) &&
                     n == CRYPTO_HASH_SIZE && c->seed_size > index;
    }
    if (*found)
        memcpy(c->seed_root.bytes, root, CRYPTO_HASH_SIZE);
    return PD_OK;
}

enum pd_status vote_settle(struct govern *g, const struct proposal_now *now, struct pd_arena *arena,
                           bool *done, struct pd_error *err) {
    struct closing c = {.now = now, .is_settling = true};
    struct govern_placed placed;
    *done = false;
    enum pd_status st = find_close(g, now, arena, &placed, err);
    if (st == PD_OK && placed.size)
        st = find_seed(g, &c, placed.index, arena, done, err);
    return st == PD_OK && *done ? close_it(g, &c, arena, err) : st;
}

/* ---- Which checkpoint is the first ---- */

static const struct sql LIST_TIED = {
    .both = "SELECT s.proposal_id FROM proposal_step s WHERE s.stage = 'tied' AND s.step = (SELECT "
            "MAX(x.step) FROM proposal_step x WHERE x.proposal_id = s.proposal_id)"};

static enum pd_status list_tied(struct govern *g, struct pd_arena *arena,
                                struct growing_list *ids, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_TIED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_id *id = growing_add(ids, sizeof(*id), arena);
        if (!id)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), id))
            st = pd_fail(err, PD_INTERNAL, "a tied proposal has no id");
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

/* any: whether `each` said so of one of them. */
static enum pd_status each_tie(struct govern *g,
                               enum pd_status (*each)(struct govern *g,
                                                      const struct proposal_now *now,
                                                      struct pd_arena *arena, bool *done,
                                                      struct pd_error *err),
                               bool *any, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    struct growing_list ids = {0};
    enum pd_status st = arena ? list_tied(g, arena, &ids, err) : pd_fail_memory(err);
    *any = false;
    for (size_t i = 0; st == PD_OK && i < ids.count; i++) {
        struct proposal_now now;
        bool done = false;
        st = proposal_find_now(g, ((const pd_id *)ids.items)[i], arena, &now, err);
        if (st == PD_OK && now.stage == PROPOSAL_TIED)
            st = each(g, &now, arena, &done, err);
        *any = *any || done;
    }
    pd_arena_free(arena);
    return st;
}

enum pd_status vote_settle_ties(struct govern *g, struct pd_error *err) {
    bool any;
    return each_tie(g, vote_settle, &any, err);
}

static enum pd_status is_covered(struct govern *g, const struct proposal_now *now,
                                 struct pd_arena *arena, bool *done, struct pd_error *err) {
    struct govern_placed placed;
    uint64_t size = 0;
    enum pd_status st = find_close(g, now, arena, &placed, err);
    if (st == PD_OK)
        st = witnessed_largest(g, WITNESSED_QUORUM, arena, &size, NULL, err);
    *done = st == PD_OK && placed.size && size > placed.index;
    return st;
}

enum pd_status vote_ties_wait(struct govern *g, bool *wait, struct pd_error *err) {
    return each_tie(g, is_covered, wait, err);
}
