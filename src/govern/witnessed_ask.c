/*
 * Asking the witnesses: all at once, each with the growth since what it cosigned last, and once
 * more where one answers with another size. What they answer is believed only as far as it is
 * signed: a size that a witness merely claims changes nothing; a checkpoint that it shows, signed
 * by this log's own key, does.
 */
#include "govern/proposal_impl.h"
#include "govern/witnessed.h"

#include "net/net.h"

#include <string.h>

enum {
    ASK_TIMEOUT_MS = 2000,
    ASK_GRACE_MS = 150, /* for the others, once there is a quorum */
    ANSWER_MAX = LEDGER_NOTE_MAX + 4096
};
#define REST_AFTER_FAILURE (30 * PD_SECOND)
#define ASK_AGAIN          (3600 * PD_SECOND) /* those that lag behind the quorum */

struct asked {
    const struct ledger_policy_key *witness;
    pd_str vkey;
    struct witnessed_row row;
    bool is_due;    /* to be asked in this round, or the next */
    bool must_show; /* what it says contradicts us: let it show what was signed */
    pd_str shown;   /* signed by our key, and contradicts us; or empty */
    uint64_t shown_size;
    bool is_fork; /* shown is no part of our tree; else it is of a larger tree than ours */
};

struct govern_round {
    struct pd_arena *arena;
    struct govern *g; /* of the asking; not used for saving */
    struct govern_policy policy;
    struct integrate_log log;
    struct ledger_checkpoint checkpoint;
    pd_str text; /* of the checkpoint, without signatures */
    struct ledger_tiles tiles;
    struct integrate_tiles where;
    struct asked *asked;
    size_t count;
    struct net *net;
    struct net_call *calls;
    size_t *of_call; /* whose call it is */
    size_t call_count;
};

/* ---- Before ---- */

static enum pd_status write_vkey(const struct ledger_vkey *key, struct pd_arena *arena, pd_str *out,
                                 struct pd_error *err) {
    struct pd_buf text;
    pd_buf_init(&text, 4096);
    ledger_vkey_write(key, &text);
    *out = pd_arena_str(arena, pd_buf_view(&text));
    pd_buf_clear(&text);
    return out->data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status load_witnesses(struct govern_round *r, bool is_hurried,
                                     struct pd_error *err) {
    const struct ledger_policy *policy = r->policy.policy;
    pd_time now = pd_clock_now(&r->g->clock);
    r->count = policy->witness_count;
    r->asked = pd_arena_array(r->arena, r->count ? r->count : 1, sizeof(*r->asked));
    r->calls = pd_arena_array(r->arena, r->count ? r->count : 1, sizeof(*r->calls));
    r->of_call = pd_arena_array(r->arena, r->count ? r->count : 1, sizeof(*r->of_call));
    enum pd_status st = r->asked && r->calls && r->of_call ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < r->count; i++) {
        struct asked *a = &r->asked[i];
        *a = (struct asked){.witness = &policy->witnesses[i]};
        st = write_vkey(&a->witness->key, r->arena, &a->vkey, err);
        if (st == PD_OK)
            st = witnessed_row_find(r->g, a->vkey, r->arena, &a->row, err);
        bool has_it = a->row.size == r->checkpoint.size && a->row.line.len > 0;
        /* It cosigned a larger one than this round is about: another process is ahead of us; or
         * this is an older copy, and then it is asked from nothing, to see what it knows. */
        if (a->row.size > r->checkpoint.size) {
            has_it = true;
            a->row.size = is_hurried ? a->row.size : 0;
            a->row.line = is_hurried ? a->row.line : PD_STR("");
        }
        /* Whoever has time asks all of them: one that knows a larger tree says so only then. */
        has_it = has_it && is_hurried;
        bool rests = is_hurried && a->row.failed_at && now < a->row.failed_at + REST_AFTER_FAILURE;
        a->is_due = !has_it && !rests;
    }
    return st;
}

/* False: there is nothing to ask about. */
static enum pd_status load_log(struct govern_round *r, bool *has_tree, struct pd_error *err) {
    struct ledger_note note;
    enum pd_status st = integrate_log_load(r->g, PD_STR("public"), r->arena, &r->log, err);
    if (st == PD_OK)
        st = ledger_note_parse(r->log.checkpoint, &note, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(note.text, &r->checkpoint, err);
    if (st != PD_OK)
        return st;
    r->text = note.text;
    r->where = (struct integrate_tiles){r->g, r->log.folder};
    r->tiles = (struct ledger_tiles){
        .size = r->log.published, .fetch = integrate_fetch, .context = &r->where};
    /* What isn't published yet has no tiles to prove it from; its own round comes after. */
    *has_tree =
        r->log.is_published && r->log.published == r->checkpoint.size && r->checkpoint.size > 0;
    return PD_OK;
}

static enum pd_status open_net(struct govern_round *r, struct pd_error *err) {
    struct net_rules rules = net_rules_default();
    rules.may_http = r->policy.may_http;
    rules.may_private = r->policy.may_private;
    rules.timeout_ms = ASK_TIMEOUT_MS;
    rules.answer_max = ANSWER_MAX;
    rules.redirects_max = 0;
    return net_open(&rules, &r->net, err);
}

/* ---- One round of requests ---- */

static pd_str url_of(const struct govern_round *r, const struct asked *a, const char *path) {
    pd_str base = a->witness->url;
    if (pd_str_ends(base, PD_STR("/")))
        base.len--;
    return pd_arena_printf(r->arena, "%.*s/%s", pd_arg(base), path);
}

static enum pd_status write_request(struct govern_round *r, const struct asked *a, pd_str *out,
                                    struct pd_error *err) {
    struct ledger_request *request = pd_arena_alloc(r->arena, sizeof(*request));
    struct ledger_reader reader = ledger_tiles_reader(&r->tiles);
    struct pd_buf body;
    if (!request)
        return pd_fail_memory(err);
    *request = (struct ledger_request){.old_size = a->row.size, .note = r->log.checkpoint};
    enum pd_status st = PD_OK;
    if (a->row.size > 0)
        st = ledger_prove_consistency(&reader, a->row.size, r->checkpoint.size, &request->proof,
                                      err);
    pd_buf_init(&body, LEDGER_REQUEST_MAX);
    if (st == PD_OK)
        st = ledger_request_write(request, &body, err);
    if (st == PD_OK) {
        *out = pd_arena_str(r->arena, pd_buf_view(&body));
        st = out->data ? PD_OK : pd_fail_memory(err);
    }
    pd_buf_clear(&body);
    return st;
}

static bool is_enough(void *context, const struct net_call *calls, size_t count) {
    const struct govern_round *r = context;
    bool signed_by[LEDGER_POLICY_MAX] = {false};
    for (size_t i = 0; i < r->count; i++)
        signed_by[i] = r->asked[i].row.size == r->checkpoint.size && r->asked[i].row.line.len > 0;
    for (size_t c = 0; c < count; c++)
        if (calls[c].http == 200)
            signed_by[r->of_call[c]] = true;
    return r->policy.policy->quorum != LEDGER_NO_NODE &&
           ledger_policy_is_met(r->policy.policy, signed_by);
}

static enum pd_status send(struct govern_round *r, struct pd_error *err) {
    struct net_until until = {is_enough, r, ASK_GRACE_MS};
    enum pd_status st = PD_OK;
    r->call_count = 0;
    for (size_t i = 0; st == PD_OK && i < r->count; i++) {
        struct asked *a = &r->asked[i];
        if (!a->is_due)
            continue;
        struct net_call *call = &r->calls[r->call_count];
        *call = (struct net_call){.url = url_of(r, a, "add-checkpoint"), .is_post = true};
        st = call->url.data ? write_request(r, a, &call->body, err) : pd_fail_memory(err);
        r->of_call[r->call_count++] = i;
    }
    if (st == PD_OK && r->call_count > 0)
        st = net_call_all(r->net, r->calls, r->call_count, &until, r->arena, err);
    return st;
}

/* ---- What they answered ---- */

static void fail(struct govern_round *r, struct asked *a, const char *text) {
    a->row.failed_at = pd_clock_now(&r->g->clock);
    a->row.last_error = pd_arena_str(r->arena, pd_str_sub(pd_str_from(text), 0, 400));
    if (!a->row.last_error.data)
        a->row.last_error = PD_STR("out of memory");
}

static void take_cosignature(struct govern_round *r, struct asked *a, const struct net_call *call) {
    struct pd_error why = {0};
    pd_str line;
    uint64_t time;
    if (ledger_cosignatures_parse(call->answer, r->text, &a->witness->key, &line, &time, &why) !=
        PD_OK) {
        (void)pd_wrap(&why, "it answered with no cosignature of its own that holds");
        fail(r, a, why.text);
        return;
    }
    a->row.size = r->checkpoint.size;
    a->row.line = line;
    a->row.time = time;
    a->row.failed_at = 0;
    a->row.last_error = PD_STR("");
}

/* It knows another size than we thought: the next request starts there, if that can be. */
static void take_size(struct govern_round *r, struct asked *a, const struct net_call *call) {
    uint64_t size;
    if (!pd_parse_u64(pd_str_trim(call->answer), &size)) {
        fail(r, a, "it answered 409 without a size");
    } else if (size > r->checkpoint.size || size == a->row.size) {
        fail(r, a, "it says that it cosigned a tree that this log doesn't have");
        a->must_show = true;
    } else {
        a->row.size = size;
        a->row.line = PD_STR("");
        a->is_due = true;
    }
}

static void take_answers(struct govern_round *r) {
    for (size_t c = 0; c < r->call_count; c++) {
        const struct net_call *call = &r->calls[c];
        struct asked *a = &r->asked[r->of_call[c]];
        a->is_due = false;
        a->row.asked_at = pd_clock_now(&r->g->clock);
        if (call->status != PD_OK) {
            fail(r, a, call->err.text);
        } else if (call->http == 200) {
            take_cosignature(r, a, call);
        } else if (call->http == 409) {
            take_size(r, a, call);
        } else {
            struct pd_error why = {0};
            (void)pd_fail(&why, PD_DENIED, "it answered %d: %.*s", call->http,
                          pd_arg(pd_str_sub(call->answer, 0, 200)));
            fail(r, a, why.text);
            a->must_show = call->http == 422 || call->http == 400;
        }
    }
}

/* ---- What it can show ---- */

/* A checkpoint of this log, by this log's key, that contradicts what we have. */
static enum pd_status judge_shown(struct govern_round *r, struct asked *a, pd_str bytes,
                                  struct pd_error *err) {
    struct ledger_checkpoint shown;
    struct ledger_reader reader = ledger_tiles_reader(&r->tiles);
    crypto_hash root;
    struct pd_error why = {0};
    if (integrate_verify_note(r->g, &r->log, bytes, r->arena, &shown, &why) != PD_OK)
        return PD_OK; /* anybody can claim anything */
    if (shown.size > r->log.edge.size) {
        a->shown = bytes;
        a->shown_size = shown.size;
        return PD_OK;
    }
    if (shown.size > r->log.published)
        return PD_OK; /* signed, and not yet on disk: another round will tell */
    enum pd_status st = ledger_tree_root(&reader, shown.size, &root, err);
    if (st == PD_OK && memcmp(root.bytes, shown.root.bytes, sizeof(root.bytes)) != 0) {
        a->shown = bytes;
        a->shown_size = shown.size;
        a->is_fork = true;
    }
    return st;
}

static enum pd_status ask_to_show(struct govern_round *r, struct pd_error *err) {
    char path[GOVERN_HEX_SIZE + sizeof("/checkpoint")], hex[GOVERN_HEX_SIZE];
    crypto_hash hash = crypto_sha256(r->log.origin.data, r->log.origin.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    memcpy(path, hex, sizeof(hex) - 1);
    memcpy(path + sizeof(hex) - 1, "/checkpoint", sizeof("/checkpoint"));
    enum pd_status st = PD_OK;
    r->call_count = 0;
    for (size_t i = 0; st == PD_OK && i < r->count; i++) {
        if (!r->asked[i].must_show)
            continue;
        r->calls[r->call_count] = (struct net_call){.url = url_of(r, &r->asked[i], path)};
        st = r->calls[r->call_count].url.data ? PD_OK : pd_fail_memory(err);
        r->of_call[r->call_count++] = i;
    }
    if (st == PD_OK && r->call_count > 0)
        st = net_call_all(r->net, r->calls, r->call_count, NULL, r->arena, err);
    for (size_t c = 0; st == PD_OK && c < r->call_count; c++)
        if (r->calls[c].status == PD_OK && r->calls[c].http == 200)
            st = judge_shown(r, &r->asked[r->of_call[c]], r->calls[c].answer, err);
    return st;
}

static bool has_due(const struct govern_round *r) {
    for (size_t i = 0; i < r->count; i++)
        if (r->asked[i].is_due)
            return true;
    return false;
}

static enum pd_status ask(struct govern_round *r, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (int round = 0; st == PD_OK && round < 2 && has_due(r); round++) {
        st = send(r, err);
        if (st == PD_OK)
            take_answers(r);
    }
    for (size_t i = 0; i < r->count; i++)
        if (r->asked[i].is_due) /* it changed its mind about its size */
            r->asked[i].must_show = true;
    return st == PD_OK ? ask_to_show(r, err) : st;
}

static enum pd_status begin(struct govern *g, struct pd_arena *arena, struct govern_round **out,
                            bool *has_tree, struct pd_error *err) {
    struct govern_round *r = pd_arena_alloc(arena, sizeof(*r));
    bool found = false;
    if (!r)
        return pd_fail_memory(err);
    *r = (struct govern_round){.arena = arena, .g = g};
    enum pd_status st = govern_policy_find(g, arena, &r->policy, &found, err);
    *out = NULL;
    if (st != PD_OK || !found)
        return st;
    st = load_log(r, has_tree, err);
    if (st == PD_OK)
        *out = r;
    return st;
}

enum pd_status govern_witness_ask(struct govern *g, bool is_hurried, struct pd_arena *arena,
                                  struct govern_round **out, struct pd_error *err) {
    struct govern_round *r = NULL;
    bool has_tree = false;
    *out = NULL;
    enum pd_status st = begin(g, arena, &r, &has_tree, err);
    if (st != PD_OK || !r || !has_tree)
        return st;
    st = load_witnesses(r, is_hurried, err);
    if (st == PD_OK)
        st = open_net(r, err);
    if (st == PD_OK)
        st = ask(r, err);
    net_close(r->net);
    r->net = NULL;
    if (st == PD_OK)
        *out = r;
    return st;
}

/* ---- Afterwards ---- */

static enum pd_status compose(const struct govern_round *r, struct pd_buf *note,
                              struct pd_error *err) {
    pd_buf_init(note, LEDGER_NOTE_MAX);
    pd_buf_str(note, r->log.checkpoint);
    for (size_t i = 0; i < r->count; i++)
        if (r->asked[i].row.size == r->checkpoint.size)
            pd_buf_str(note, r->asked[i].row.line);
    return pd_buf_check(note, err);
}

struct saving {
    struct govern *g;
    const struct govern_round *round;
    pd_str witnessed; /* the note, if there is a quorum */
};

static enum pd_status save(struct store *store, void *context, struct pd_error *err) {
    (void)store;
    const struct saving *s = context;
    const struct govern_round *r = s->round;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < r->count; i++) {
        const struct asked *a = &r->asked[i];
        if (a->row.asked_at)
            st = witnessed_row_save(s->g, a->vkey, &a->row, err);
        if (st == PD_OK && a->shown.len && a->is_fork)
            st = witnessed_fork_save(s->g, a->witness->name, r->log.checkpoint, a->shown, err);
        else if (st == PD_OK && a->shown.len)
            st = witnessed_note(s->g, WITNESSED_SHOWN, a->shown_size, a->shown, err);
    }
    bool wait = false;
    if (st == PD_OK && s->witnessed.len)
        st = vote_ties_wait(s->g, &wait, err);
    if (st == PD_OK && wait)
        st = pd_fail(err, PD_UNAVAILABLE,
                     "a tie that the last witnessed checkpoint decides came up meanwhile; the next "
                     "round settles it");
    if (st == PD_OK && s->witnessed.len)
        st = witnessed_note(s->g, WITNESSED_QUORUM, r->checkpoint.size, s->witnessed, err);
    return st;
}

enum pd_status govern_witness_save(struct govern *g, const struct govern_round *r,
                                   struct pd_error *err) {
    struct pd_buf note;
    struct saving s = {.g = g, .round = r};
    struct ledger_checkpoint checkpoint;
    struct ledger_witnessed witnessed;
    struct pd_error missing = {0};
    enum pd_status st = compose(r, &note, err), quorum = PD_OPEN;
    if (st == PD_OK)
        quorum = ledger_policy_verify(r->policy.policy, pd_buf_view(&note), &checkpoint, &witnessed,
                                      &missing);
    /* A tie is decided by the first one behind its close: a larger one isn't recorded before. */
    struct pd_error why = {0};
    enum pd_status settled = quorum == PD_OK ? vote_settle_ties(g, &why) : PD_OK;
    if (quorum == PD_OK && settled == PD_OK)
        s.witnessed = pd_buf_view(&note);
    if (st == PD_OK)
        st = store_transact(g->store, save, &s, err);
    uint64_t size = 0;
    if (st == PD_OK && s.witnessed.len &&
        witnessed_file_size(g, &size, &(struct pd_error){0}) != PD_OK)
        size = 0; /* damaged: replaced now */
    if (st == PD_OK && s.witnessed.len && size <= r->checkpoint.size)
        st = witnessed_file_write(g, s.witnessed, err);
    pd_buf_clear(&note);
    /* Whether a fork, or a larger tree, was shown: larger than ours is now, not when we asked. */
    struct integrate_log now;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    if (st == PD_OK)
        st =
            arena ? integrate_log_load(g, PD_STR("public"), arena, &now, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = witnessed_may_sign(g, now.edge.size, err);
    pd_arena_free(arena);
    if (st == PD_OK && quorum != PD_OK)
        st = pd_fail(err, quorum, "%s", missing.text);
    if (st == PD_OK && settled != PD_OK)
        st = pd_fail(err, settled,
                     "a tie that the last witnessed checkpoint decides can't be settled, and no "
                     "larger one is recorded before: %s",
                     why.text);
    return st;
}

/* ---- The job, and looking without being asked ---- */

enum pd_status govern_witness(struct govern *g, bool is_hurried, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    struct govern_round *round = NULL;
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = govern_witness_ask(g, is_hurried, arena, &round, err);
    if (st == PD_OK && round)
        st = govern_witness_save(g, round, err);
    pd_arena_free(arena);
    return st;
}

enum pd_status witnessed_run(void *context, pd_str subject, pd_time now, pd_time *again,
                             struct pd_error *err) {
    (void)subject;
    *again = now + ASK_AGAIN;
    return govern_witness(context, true, err);
}

enum pd_status govern_witness_look(struct govern *g, struct pd_arena *arena, struct pd_error *err) {
    struct govern_round *r = NULL;
    bool has_tree;
    enum pd_status st = begin(g, arena, &r, &has_tree, err);
    if (st != PD_OK || !r)
        return st;
    st = load_witnesses(r, false, err);
    for (size_t i = 0; st == PD_OK && i < r->count; i++)
        r->asked[i].must_show = true;
    if (st == PD_OK)
        st = open_net(r, err);
    if (st == PD_OK)
        st = ask_to_show(r, err);
    net_close(r->net);
    struct saving s = {.g = g, .round = r};
    return st == PD_OK ? store_transact(g->store, save, &s, err) : st;
}
