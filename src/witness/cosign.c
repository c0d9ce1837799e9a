/* What a witness is for: one request, decided and answered. */
#include "witness/witness_impl.h"

#include <inttypes.h>

/* The log's checkpoint as it signed it, with its known signatures and ours: what is kept and
   served. Others' lines are left out, since a client could send any number. */
static enum pd_status compose(const struct ledger_request *request,
                              const struct witness_state *state, pd_str cosignature,
                              struct pd_buf *out, struct pd_error *err) {
    struct ledger_note note;
    enum pd_status st = ledger_note_parse(request->note, &note, err);
    if (st == PD_OK)
        st = ledger_note_verify(&note, state->keys, state->key_count, err);
    if (st != PD_OK)
        return st;
    pd_buf_str(out, note.text);
    pd_buf_char(out, '\n');
    for (size_t i = 0; i < note.count; i++)
        if (note.signatures[i].is_verified) {
            pd_buf_str(out, note.signatures[i].line);
            pd_buf_char(out, '\n');
        }
    pd_buf_str(out, cosignature);
    return pd_buf_check(out, err);
}

/* The state is on disk before the cosignature exists for anybody else. */
static enum pd_status cosign(const struct witness *w, const struct ledger_request *request,
                             const struct witness_state *state, uint64_t now_s,
                             struct pd_arena *arena, pd_str *line, struct pd_error *err) {
    struct pd_buf cosignature, note;
    pd_buf_init(&cosignature, 4096);
    pd_buf_init(&note, LEDGER_NOTE_MAX + 4096);
    uint64_t time = now_s > state->time ? now_s : state->time; /* a clock may go backwards */
    enum pd_status st = ledger_cosign(request->text, &w->key, time, &cosignature, err);
    if (st == PD_OK)
        st = compose(request, state, pd_buf_view(&cosignature), &note, err);
    if (st == PD_OK)
        st = witness_file_write(state->fd, "checkpoint", 0644, pd_buf_view(&note), err);
    if (st == PD_OK) {
        *line = pd_arena_str(arena, pd_buf_view(&cosignature));
        if (!line->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&cosignature);
    pd_buf_clear(&note);
    return st;
}

/* Signed statements that don't fit together are proof against the log: kept, whatever is answered.
 */
static enum pd_status keep_evidence(const struct ledger_request *request,
                                    const struct ledger_watched *watched,
                                    const struct witness_state *state,
                                    struct witness_answer *answer, struct pd_error *err) {
    answer->is_fork = ledger_request_is_fork(request, watched);
    if (answer->is_fork)
        return witness_keep(state, "forks", request->note, err);
    if (answer->verdict == LEDGER_UNPROVEN && state->is_cosigned)
        return witness_keep(state, "unproven", request->note, err);
    return PD_OK;
}

static enum pd_status decide(struct witness *w, const struct ledger_request *request,
                             const struct witness_state *state, uint64_t now_s,
                             struct pd_arena *arena, struct witness_answer *answer,
                             struct pd_error *err) {
    struct ledger_watched watched = {.keys = state->keys, .key_count = state->key_count};
    if (state->is_cosigned) {
        watched.size = state->checkpoint.size;
        watched.root = state->checkpoint.root;
    }
    answer->verdict = ledger_witness_judge(request, &watched, &answer->why);
    enum pd_status st = PD_OK;
    if (answer->verdict == LEDGER_COSIGN)
        return cosign(w, request, state, now_s, arena, &answer->body, err);
    if (answer->verdict != LEDGER_UNTRUSTED)
        st = keep_evidence(request, &watched, state, answer, err);
    if (st == PD_OK && answer->verdict == LEDGER_STALE) {
        answer->body = pd_arena_printf(arena, "%" PRIu64 "\n", watched.size);
        st = answer->body.data ? PD_OK : pd_fail_memory(err);
    }
    return st;
}

enum pd_status witness_add_checkpoint(struct witness *w, pd_str body, uint64_t now_s,
                                      struct pd_arena *arena, struct witness_answer *out,
                                      struct pd_error *err) {
    struct ledger_request request;
    struct witness_state state = {.fd = -1};
    struct witness_answer answer = {.verdict = LEDGER_MALFORMED};
    char hex[WITNESS_HEX_SIZE];
    if (ledger_request_parse(body, &request, &answer.why) != PD_OK) {
        *out = answer;
        return PD_OK;
    }
    answer.origin = request.checkpoint.origin;
    witness_log_hex(answer.origin, hex);
    pthread_mutex_t *lock = witness_log_lock(w, hex);
    pthread_mutex_lock(lock); /* what is compared is what is replaced */
    enum pd_status st = witness_state_load(w, hex, arena, &state, err);
    if (st == PD_OK) {
        st = decide(w, &request, &state, now_s, arena, &answer, err);
    } else if (st == PD_NOT_FOUND) {
        answer.verdict = LEDGER_UNKNOWN_LOG;
        answer.why = *err;
        st = PD_OK;
    }
    pthread_mutex_unlock(lock);
    witness_state_clear(&state);
    if (st == PD_OK)
        *out = answer;
    return st;
}

enum pd_status witness_checkpoint(struct witness *w, pd_str hex, struct pd_arena *arena,
                                  pd_str *note, struct pd_error *err) {
    struct witness_state state;
    pd_str name = pd_arena_str(arena, hex);
    if (!name.data)
        return pd_fail_memory(err);
    bool is_name = hex.len == WITNESS_HEX_SIZE - 1;
    for (size_t i = 0; i < hex.len; i++)
        is_name = is_name && ((hex.data[i] >= '0' && hex.data[i] <= '9') ||
                              (hex.data[i] >= 'a' && hex.data[i] <= 'f'));
    if (!is_name)
        return pd_fail(err, PD_NOT_FOUND, "a log is named by 64 lower-case hex digits");
    enum pd_status st = witness_state_load(w, name.data, arena, &state, err);
    if (st != PD_OK)
        return st;
    if (state.is_cosigned)
        *note = state.note;
    else
        st = pd_fail(err, PD_NOT_FOUND, "no checkpoint of the log \"%.*s\" was cosigned yet",
                     pd_arg(state.origin));
    witness_state_clear(&state);
    return st;
}
