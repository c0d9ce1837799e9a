/* What is public of a vote that closed, and counting it again from the public log. */
#include "govern/proposal_impl.h"

#include <stdlib.h>
#include <string.h>

static const struct sql FIND_RESULT = {
    .both = "SELECT result, ballots FROM vote_result WHERE proposal_id = $1 ORDER BY id DESC LIMIT "
            "1"};

struct closed {
    struct proposal_now now;
    struct vote_row vote;
    pd_str result, ballots_hash;
};

static enum pd_status find_closed(struct govern *g, pd_id proposal, struct pd_arena *arena,
                                  struct closed *out, struct pd_error *err) {
    struct store_rows *rows;
    bool has = false;
    enum pd_status st = proposal_find_now(g, proposal, arena, &out->now, err);
    if (st == PD_OK)
        st = vote_find(g, out->now.id_text, arena, &out->vote, &has, err);
    if (st == PD_OK && !has)
        return pd_fail(err, PD_CONFLICT, "there was no vote on the proposal yet");
    struct store_value values[] = {STORE_STR(out->now.id_text)};
    if (st == PD_OK)
        st = store_select(g->store, FIND_RESULT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_CONFLICT,
                     "the vote isn't closed: until then nobody is told how it stands");
    if (st == PD_OK) {
        out->result = pd_arena_str(arena, store_str(rows, 0));
        out->ballots_hash = pd_arena_str(arena, store_str(rows, 1));
        if (!out->result.data || !out->ballots_hash.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status write_rolls(struct govern *g, pd_str proposal,
                                  const struct council_frozen *frozen, struct pd_arena *arena,
                                  pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    struct pd_error why = {0};
    enum pd_status st = PD_OK;
    pd_buf_init(&buf, (size_t)512 << 20);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    for (size_t i = 0; st == PD_OK && i < frozen->frame.chamber_count; i++) {
        pd_str *voters;
        size_t count;
        st = vote_roll(g, proposal, frozen->frame.chambers[i].id, arena, &voters, &count, &why);
        pd_json_key_str(&w, frozen->frame.chambers[i].id);
        pd_json_array(&w);
        for (size_t v = 0; st == PD_OK && v < count; v++)
            pd_json_str(&w, voters[v]);
        pd_json_array_end(&w);
    }
    pd_json_object_end(&w);
    enum pd_status written = pd_json_finish(&w, arena, out, err);
    return st == PD_OK ? written : pd_fail(err, st, "%s", why.text);
}

enum pd_status govern_vote_record(struct govern *g, pd_id proposal, struct pd_arena *arena,
                                  struct govern_vote_record *out, struct pd_error *err) {
    struct closed c;
    struct council_frozen frozen;
    struct govern_vote_record record = {.frozen = PD_STR("")};
    size_t ballots;
    crypto_hash hash;
    enum pd_status st = find_closed(g, proposal, arena, &c, err);
    if (st == PD_OK)
        st = council_frozen_parse(c.vote.frozen, arena, &frozen, err);
    if (st == PD_OK)
        st = vote_open_ballots(g, c.now.id_text, &frozen, arena, NULL, NULL, &record.ballots, &hash,
                               NULL, &ballots, err);
    if (st != PD_OK)
        return st;
    if (!pd_str_eq(govern_hash_text(&hash, arena), c.ballots_hash))
        return pd_fail(err, PD_INTERNAL, "the ballots aren't those that were counted at the close");
    record.frozen = c.vote.frozen;
    record.text = c.now.text;
    record.impact = c.now.impact;
    record.result = c.result;
    st = write_rolls(g, c.now.id_text, &frozen, arena, &record.rolls, err);
    if (st == PD_OK)
        *out = record;
    return st;
}

/* ---- Counting again ---- */

/* A leaf "vote" of the public log: what it commits to. */
struct cast {
    pd_id act;
    crypto_hash commitment;
};
struct recounting {
    struct govern *g;
    struct pd_arena *arena;
    const struct closed *closed;
    struct council_frozen frozen;
    crypto_hash frozen_hash, text_hash, ballots_hash, result_hash; /* as the leaves have them */
    bool has_open, has_close;
    struct cast *casts;
    size_t cast_count, cast_room;
};

/* What each is about, its bytes say. The plus keeps SQLite from the index by place in the log, which has another
 * order. */
static const struct sql LIST_LEAVES = {
    .sqlite = "SELECT bytes FROM leaf WHERE +log = 'public' ORDER BY act_id",
    .pg = "SELECT bytes FROM leaf WHERE log = 'public' ORDER BY act_id"};

static enum pd_status add_cast(struct recounting *r, pd_id act, const crypto_hash *commitment,
                               struct pd_error *err) {
    if (r->has_close || !r->has_open)
        return pd_fail(err, PD_INTERNAL, "the log has a ballot outside of the vote");
    if (r->cast_count == r->cast_room) {
        size_t room = 2 * r->cast_room + 1024, bytes;
        struct cast *wider =
            pd_mul(room, sizeof(*wider), &bytes) ? realloc(r->casts, bytes) : NULL;
        if (!wider)
            return pd_fail_memory(err);
        r->casts = wider;
        r->cast_room = room;
    }
    r->casts[r->cast_count++] = (struct cast){act, *commitment};
    return PD_OK;
}

/* The leaf of a ballot, walked through: a recount reads a million of them. Those that open and close votes are then
 * read whole. */
static enum pd_status take_vote(struct recounting *r, pd_str bytes, bool *is_frame,
                                struct pd_error *err) {
    static const char *const names[] = {"verb", "object", "act", "commitments"};
    pd_str v[4], id;
    pd_id act;
    crypto_hash commitment;
    pd_json_find_all(bytes, names, 4, v);
    *is_frame = pd_str_is(v[0], "\"open_vote\"") || pd_str_is(v[0], "\"close_vote\"");
    if (!pd_str_is(v[0], "\"vote\""))
        return PD_OK;
    static const char *const parts[] = {"kind", "id"};
    pd_str part[2];
    pd_json_find_all(v[1], parts, 2, part);
    id = part[1];
    if (!pd_str_is(part[0], "\"proposal\"") || id.len < 2 ||
        !pd_str_eq(pd_str_sub(id, 1, id.len - 2), r->closed->now.id_text))
        return PD_OK;
    pd_str value = pd_json_find(v[3], "value");
    if (v[2].len < 2 || !pd_id_parse(pd_str_sub(v[2], 1, v[2].len - 2), &act) || value.len < 2 ||
        !pd_hex_decode(pd_str_sub(value, 1, value.len - 2), commitment.bytes,
                       sizeof(commitment.bytes)))
        return pd_fail(err, PD_INTERNAL, "a vote's leaf commits to no ballot");
    return add_cast(r, act, &commitment, err);
}

static enum pd_status take_leaf(struct recounting *r, const struct ledger_leaf *leaf,
                                struct pd_error *err) {
    if (!leaf->has_object || leaf->object_kind != LEDGER_KIND_PROPOSAL ||
        !pd_id_eq(leaf->object_id, r->closed->now.id))
        return PD_OK;
    if (leaf->verb == LEDGER_OPEN_VOTE && r->has_open)
        return pd_fail(err, PD_INTERNAL, "the log opens the vote twice");
    if (leaf->verb == LEDGER_OPEN_VOTE) {
        r->has_open = true;
        r->frozen_hash = leaf->hashes[LEDGER_DIGEST_FROZEN].value;
        r->text_hash = leaf->hashes[LEDGER_DIGEST_TEXT].value;
        return PD_OK;
    }
    if (leaf->verb == LEDGER_CLOSE_VOTE) { /* of a tie there are two: the settled one counts */
        r->has_close = true;
        r->ballots_hash = leaf->hashes[LEDGER_DIGEST_BALLOTS].value;
        r->result_hash = leaf->hashes[LEDGER_DIGEST_RESULT].value;
        return PD_OK;
    }
    return PD_OK;
}

static enum pd_status read_leaves(struct recounting *r, struct pd_error *err) {
    struct store_rows *rows;
    struct pd_arena *scratch = pd_arena_new((size_t)1 << 20);
    struct ledger_leaf *leaf = scratch ? pd_arena_alloc(scratch, sizeof(*leaf)) : NULL;
    bool has;
    enum pd_status st = leaf ? store_select(r->g->store, LIST_LEAVES, NULL, 0, &rows, err)
                             : pd_fail_memory(err);
    if (st != PD_OK) {
        pd_arena_free(scratch);
        return st;
    }
    struct pd_mark mark = pd_arena_mark(scratch);
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        bool is_frame = false;
        st = take_vote(r, store_str(rows, 0), &is_frame, err);
        if (st == PD_OK && is_frame)
            st = ledger_leaf_parse(store_str(rows, 0), scratch, leaf, err);
        if (st == PD_OK && is_frame)
            st = take_leaf(r, leaf, err);
        if (st != PD_OK)
            break;
        pd_arena_reset(scratch, mark);
    }
    store_rows_close(rows);
    pd_arena_free(scratch);
    return st;
}

static bool same(const crypto_hash *a, const crypto_hash *b) {
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* A ballot as it is opened against the leaf that stands in its place. */
static enum pd_status check_opened(void *context, const struct vote_opened *o,
                                   struct pd_error *err) {
    const struct recounting *r = context;
    char act[PD_ID_TEXT_SIZE];
    crypto_hash commitment;
    enum pd_status st =
        ledger_commit(o->salt, o->act, LEDGER_FIELD_VALUE, o->json, &commitment, err);
    if (st != PD_OK)
        return st;
    pd_id_write(o->act, act);
    if (o->nth >= r->cast_count || !pd_id_eq(r->casts[o->nth].act, o->act) ||
        !same(&r->casts[o->nth].commitment, &commitment))
        return pd_fail(err, PD_INTERNAL, "the ballot %s isn't what its leaf commits to", act);
    if (!same(&o->ballot->frozen, &r->frozen_hash) ||
        !pd_str_eq(o->ballot->proposal, r->closed->now.id_text))
        return pd_fail(err, PD_INTERNAL, "the ballot %s is of another vote", act);
    return PD_OK;
}

/* Text, frozen vote and rolls against the hashes in the leaves. */
static enum pd_status check_hashes(struct recounting *r, struct pd_error *err) {
    const struct closed *c = r->closed;
    crypto_hash frozen = crypto_sha256(c->vote.frozen.data, c->vote.frozen.len);
    crypto_hash text = crypto_sha256(c->now.text.data, c->now.text.len);
    crypto_hash result = crypto_sha256(c->result.data, c->result.len);
    if (!r->has_open || !r->has_close)
        return pd_fail(err, PD_INTERNAL, "the public log doesn't open and close the vote");
    if (!same(&frozen, &r->frozen_hash))
        return pd_fail(err, PD_INTERNAL, "what was frozen isn't what the log says");
    if (!same(&text, &r->text_hash) || !same(&text, &r->frozen.text))
        return pd_fail(err, PD_INTERNAL, "the text isn't the one that was voted on");
    if (!same(&result, &r->result_hash))
        return pd_fail(err, PD_INTERNAL, "the result isn't the one that the log says");
    return PD_OK;
}

/* The root that settled a tie, from the result whose hash stands in the log. */
static bool find_seed(pd_str result, struct pd_arena *arena, crypto_hash *root) {
    pd_str seed = pd_json_find(result, "seed");
    pd_str hex = seed.len ? pd_json_read_text(pd_json_find(seed, "root"), arena) : (pd_str){0};
    return hex.len && pd_hex_decode(hex, root->bytes, sizeof(root->bytes));
}

static enum pd_status compare(struct recounting *r, struct govern_recount *out,
                              struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str again;
    pd_buf_init(&buf, 1 << 17);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    council_result_write(&r->frozen.frame, out->counts, &out->result, &w);
    enum pd_status st = pd_json_finish(&w, r->arena, &again, err);
    if (st != PD_OK)
        return st;
    out->agrees = pd_str_eq(again, pd_json_find(r->closed->result, "count"));
    out->differs = out->agrees ? PD_STR("") : PD_STR("the count that was recorded is another");
    return PD_OK;
}

static enum pd_status recount(struct recounting *r, struct govern_recount *out,
                              struct pd_error *err) {
    size_t opened = 0;
    crypto_hash root, hash;
    /* Opening them checks the rolls against the frozen hashes. */
    enum pd_status st = vote_open_ballots(r->g, r->closed->now.id_text, &r->frozen, r->arena,
                                          check_opened, r, NULL, &hash, out->counts, &opened, err);
    if (st != PD_OK)
        return st;
    if (opened != r->cast_count)
        return pd_fail(err, PD_INTERNAL, "the log has %zu ballots, and %zu were opened",
                       r->cast_count, opened);
    if (!same(&hash, &r->ballots_hash))
        return pd_fail(err, PD_INTERNAL, "the ballots aren't those that the log says");
    if (find_seed(r->closed->result, r->arena, &root)) {
        crypto_hash seed = council_seed(&root, &r->frozen_hash);
        st = council_settle(&r->frozen.frame, out->counts, &seed, &out->result, err);
    } else {
        st = council_decide(&r->frozen.frame, out->counts, &out->result, err);
    }
    out->ballots = r->cast_count;
    return st == PD_OK ? compare(r, out, err) : st;
}

enum pd_status govern_vote_recount(struct govern *g, pd_id proposal, struct pd_arena *arena,
                                   const struct govern_recount **out, struct pd_error *err) {
    struct closed c;
    struct recounting r = {.g = g, .arena = arena, .closed = &c};
    struct govern_recount *done = pd_arena_alloc(arena, sizeof(*done));
    enum pd_status st = done ? find_closed(g, proposal, arena, &c, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = council_frozen_parse(c.vote.frozen, arena, &r.frozen, err);
    if (st == PD_OK)
        st = read_leaves(&r, err);
    if (st == PD_OK)
        st = check_hashes(&r, err);
    if (st == PD_OK)
        st = recount(&r, done, err);
    free(r.casts);
    if (st != PD_OK)
        return st;
    done->frozen = r.frozen;
    *out = done;
    return PD_OK;
}

void govern_recount_write(const struct govern_recount *r, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_str(w, "proposal", r->frozen.proposal);
    pd_json_member_i64(w, "ballots", (int64_t)r->ballots);
    pd_json_key(w, "count");
    council_result_write(&r->frozen.frame, r->counts, &r->result, w);
    pd_json_member_bool(w, "agrees", r->agrees);
    if (!r->agrees)
        pd_json_member_str(w, "differs", r->differs);
    pd_json_object_end(w);
}
