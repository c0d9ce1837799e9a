/* What a witness knows of one log, as it lies in the log's folder. */
#include "witness/witness_impl.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_FILE_MAX = 65536, KEPT_MAX = 200 /* statements; a log can't fill the disk */ };

static const pd_str NONE = PD_STR_INIT("none\n");

void witness_log_hex(pd_str origin, char out[WITNESS_HEX_SIZE]) {
    crypto_hash hash = crypto_sha256(origin.data, origin.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), out);
}

pthread_mutex_t *witness_log_lock(struct witness *witness, const char *hex) {
    uint8_t first = 0;
    (void)pd_hex_decode(pd_str_sub(pd_str_from(hex), 0, 2), &first, 1);
    return &witness->locks[first % WITNESS_LOCKS];
}

static enum pd_status take_key(void *context, const struct ledger_listed *log,
                               struct pd_error *err) {
    struct witness_state *state = context;
    if (state->key_count && !pd_str_eq(state->origin, log->origin))
        return pd_fail(err, PD_INTERNAL, "its file \"log\" names two logs");
    if (state->key_count == WITNESS_KEYS_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d keys", WITNESS_KEYS_MAX);
    state->origin = log->origin;
    state->keys[state->key_count++] = log->key;
    return PD_OK;
}

static enum pd_status load_keys(struct witness_state *state, const char *hex,
                                struct pd_arena *arena, struct pd_error *err) {
    pd_str text;
    struct ledger_list list = {take_key, state};
    char computed[WITNESS_HEX_SIZE];
    enum pd_status st = witness_file_read(state->fd, "log", LOG_FILE_MAX, arena, &text, err);
    if (st == PD_OK)
        st = ledger_list_parse(text, &list, err);
    if (st != PD_OK)
        return st == PD_NOT_FOUND ? pd_fail(err, PD_INTERNAL, "its file \"log\" is gone") : st;
    witness_log_hex(state->origin, computed);
    return strcmp(computed, hex) == 0 && state->key_count
               ? PD_OK
               : pd_fail(err, PD_INTERNAL, "its file \"log\" is of another log");
}

/* Our own cosignature and the log's signature must hold, or somebody has been at the file. */
static enum pd_status verify_note(const struct witness *witness, struct witness_state *state,
                                  struct pd_error *err) {
    struct ledger_note note, again;
    enum pd_status st = ledger_note_parse(state->note, &note, err);
    again = note;
    if (st == PD_OK)
        st = ledger_note_verify(&note, &witness->public, 1, err);
    if (st == PD_OK)
        st = ledger_note_verify(&again, state->keys, state->key_count, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(note.text, &state->checkpoint, err);
    if (st == PD_OK && !pd_str_eq(state->checkpoint.origin, state->origin))
        st = pd_fail(err, PD_INTERNAL, "it is a checkpoint of another log");
    if (st != PD_OK)
        return st;
    state->text = note.text;
    state->is_cosigned = true;
    for (size_t i = 0; i < note.count; i++)
        if (note.signatures[i].is_verified && note.signatures[i].time > state->time)
            state->time = note.signatures[i].time;
    return PD_OK;
}

static enum pd_status load_checkpoint(const struct witness *witness, struct witness_state *state,
                                      struct pd_arena *arena, struct pd_error *err) {
    enum pd_status st = witness_file_read(state->fd, "checkpoint", LEDGER_NOTE_MAX + 4096, arena,
                                          &state->note, err);
    if (st == PD_OK && pd_str_eq(state->note, NONE)) {
        state->note = PD_STR("");
        return PD_OK;
    }
    if (st == PD_OK)
        st = verify_note(witness, state, err);
    if (st == PD_OK)
        return st;
    if (st == PD_NOT_FOUND || st == PD_INVALID)
        err->status = PD_INTERNAL; /* it was there, and whole */
    /* Whatever is wrong with it: without it nothing may be cosigned. */
    return pd_wrap(
        err, "its last cosigned checkpoint can't be read, and without it nothing is cosigned");
}

enum pd_status witness_state_load(const struct witness *witness, const char *hex,
                                  struct pd_arena *arena, struct witness_state *out,
                                  struct pd_error *err) {
    struct witness_state state = {.fd = -1};
    enum pd_status st = witness_dir_open(witness->logs_fd, hex, &state.fd, err);
    if (st != PD_OK)
        return st == PD_NOT_FOUND ? pd_fail(err, st, "no log of that name is watched here") : st;
    st = load_keys(&state, hex, arena, err);
    if (st == PD_OK)
        st = load_checkpoint(witness, &state, arena, err);
    if (st != PD_OK) {
        witness_state_clear(&state);
        return pd_wrap(err, "%s/logs/%s", witness->folder, hex);
    }
    *out = state;
    return PD_OK;
}

void witness_state_clear(struct witness_state *state) {
    if (state->fd >= 0)
        close(state->fd);
    state->fd = -1;
}

enum pd_status witness_keep(const struct witness_state *state, const char *kind, pd_str shown,
                            struct pd_error *err) {
    char name[40], hex[WITNESS_HEX_SIZE];
    int fd = -1;
    crypto_hash hash = crypto_sha256(shown.data, shown.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    if (witness_dir_count(state->fd, kind, PD_STR(".shown")) >= KEPT_MAX)
        return PD_OK;
    enum pd_status st = witness_dir_make(state->fd, kind, 0755, err);
    if (st == PD_OK)
        st = witness_dir_open(state->fd, kind, &fd, err);
    if (st != PD_OK)
        return st;
    snprintf(name, sizeof(name), "%.16s.known", hex);
    st = witness_file_write(fd, name, 0644, state->note, err);
    snprintf(name, sizeof(name), "%.16s.shown", hex);
    if (st == PD_OK)
        st = witness_file_write(fd, name, 0644, shown, err);
    close(fd);
    return st;
}
