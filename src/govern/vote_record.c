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
    enum pd_status st = find_closed(g, proposal, arena, &c, err);
    if (st == PD_OK)
        st = council_frozen_parse(c.vote.frozen, arena, &frozen, err);
    if (st == PD_OK)
        st = vote_open_ballots(g, c.now.id_text, &frozen, arena, &record.ballots, NULL, &ballots,
                               err);
    if (st != PD_OK)
        return st;
    crypto_hash hash = crypto_sha256(record.ballots.data, record.ballots.len);
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

static const struct sql LIST_LEAVES = {
    .both = "SELECT l.bytes FROM leaf l JOIN act a ON a.id = l.act_id WHERE l.log = 'public' AND "
            "a.verb IN ('open_vote', 'vote', 'close_vote') ORDER BY l.act_id"};

static enum pd_status add_cast(struct recounting *r, const struct ledger_leaf *leaf,
                               struct pd_error *err) {
    if (r->cast_count == r->cast_room) {
        size_t room = 2 * r->cast_room + 1024, bytes;
        struct cast *wider =
            pd_mul(room, sizeof(*wider), &bytes) ? realloc(r->casts, bytes) : NULL;
        if (!wider)
            return pd_fail_memory(err);
        r->casts = wider;
        r->cast_room = room;
    }
    if (!leaf->commitments[LEDGER_FIELD_VALUE].is_set)
        return pd_fail(err, PD_INTERNAL, "a vote's leaf commits to no ballot");
    r->casts[r->cast_count++] =
        (struct cast){leaf->act, leaf->commitments[LEDGER_FIELD_VALUE].value};
    return PD_OK;
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
    if (r->has_close || !r->has_open)
        return pd_fail(err, PD_INTERNAL, "the log has a ballot outside of the vote");
    return add_cast(r, leaf, err);
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
        *leaf = (struct ledger_leaf){.verb = LEDGER_VOTE};
        st = ledger_leaf_parse(store_str(rows, 0), scratch, leaf, err);
        if (st == PD_OK)
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

/* One line of the opened ballots against the leaf that stands in its place. */
static enum pd_status count_line(struct recounting *r, struct council_box *box, pd_str line,
                                 size_t n, struct pd_arena *scratch, struct pd_error *err) {
    pd_str ballot_json = pd_json_find(line, "ballot");
    pd_str act = pd_json_read_text(pd_json_find(line, "act"), scratch);
    pd_str salt_hex = pd_json_read_text(pd_json_find(line, "salt"), scratch);
    uint8_t salt[GOVERN_SALT_SIZE];
    struct council_ballot ballot;
    crypto_hash commitment;
    pd_id id;
    if (!pd_id_parse(act, &id) || !pd_hex_decode(salt_hex, salt, sizeof(salt)))
        return pd_fail(err, PD_INTERNAL, "line %zu of the ballots is none", n + 1);
    enum pd_status st = council_ballot_parse(ballot_json, scratch, &ballot, err);
    if (st == PD_OK)
        st = ledger_commit(salt, id, LEDGER_FIELD_VALUE, ballot_json, &commitment, err);
    if (st != PD_OK)
        return st;
    if (n >= r->cast_count || !pd_id_eq(r->casts[n].act, id) ||
        !same(&r->casts[n].commitment, &commitment))
        return pd_fail(err, PD_INTERNAL, "the ballot %.*s isn't what its leaf commits to",
                       pd_arg(act));
    if (!same(&ballot.frozen, &r->frozen_hash) ||
        !pd_str_eq(ballot.proposal, r->closed->now.id_text))
        return pd_fail(err, PD_INTERNAL, "the ballot %.*s is of another vote", pd_arg(act));
    return council_box_add(box, ballot.chamber, ballot.voter, id, ballot.choice, err);
}

static enum pd_status count_lines(struct recounting *r, struct council_box *box, pd_str lines,
                                  struct pd_error *err) {
    struct pd_arena *scratch = pd_arena_new((size_t)1 << 20);
    enum pd_status st = scratch ? PD_OK : pd_fail_memory(err);
    pd_str rest = lines, line;
    size_t n = 0;
    struct pd_mark mark = {0};
    if (scratch)
        mark = pd_arena_mark(scratch);
    while (st == PD_OK && pd_str_split(&rest, '\n', &line) && line.len) {
        st = count_line(r, box, line, n++, scratch, err);
        pd_arena_reset(scratch, mark);
    }
    pd_arena_free(scratch);
    if (st == PD_OK && n != r->cast_count)
        st = pd_fail(err, PD_INTERNAL, "the log has %zu ballots, and %zu were opened",
                     r->cast_count, n);
    return st;
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
    pd_str *rolls[COUNCIL_CHAMBERS_MAX] = {NULL}, lines;
    size_t sizes[COUNCIL_CHAMBERS_MAX] = {0}, opened;
    pd_str id = r->closed->now.id_text;
    crypto_hash root;
    /* Opening them checks the rolls against the frozen hashes. */
    enum pd_status st = vote_open_ballots(r->g, id, &r->frozen, r->arena, &lines, NULL, &opened, err);
    for (size_t i = 0; st == PD_OK && i < r->frozen.frame.chamber_count; i++)
        st = vote_roll(r->g, id, r->frozen.frame.chambers[i].id, r->arena, &rolls[i], &sizes[i],
                       err);
    if (st != PD_OK)
        return st;
    crypto_hash hash = crypto_sha256(lines.data, lines.len);
    if (!same(&hash, &r->ballots_hash))
        return pd_fail(err, PD_INTERNAL, "the ballots aren't those that the log says");
    struct council_box *box =
        council_box_new(&r->frozen.frame, (const pd_str *const *)rolls, sizes);
    st = box ? count_lines(r, box, lines, err) : pd_fail_memory(err);
    if (st == PD_OK) {
        council_box_count(box, out->counts);
        crypto_hash seed;
        if (find_seed(r->closed->result, r->arena, &root)) {
            seed = council_seed(&root, &r->frozen_hash);
            st = council_settle(&r->frozen.frame, out->counts, &seed, &out->result, err);
        } else {
            st = council_decide(&r->frozen.frame, out->counts, &out->result, err);
        }
    }
    council_box_free(box);
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
