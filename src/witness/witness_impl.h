/** Shared by the files of witness/ only. */
#ifndef POLDER_WITNESS_IMPL_H
#define POLDER_WITNESS_IMPL_H

#include "witness/witness.h"

#include <pthread.h>

enum {
    WITNESS_LOCKS = 16, /* by the log's hash: logs don't wait for each other's disk */
    WITNESS_KEYS_MAX = 16,
    WITNESS_HEX_SIZE = 2 * CRYPTO_HASH_SIZE + 1
};

struct witness {
    char *folder;
    int folder_fd, logs_fd, lock_fd;
    struct pd_arena *arena; /* of the key's texts */
    struct ledger_skey key;
    struct ledger_vkey public;
    pd_str vkey_text;
    pthread_mutex_t locks[WITNESS_LOCKS];
};

/* ---- files.c ---- */

/** Reads a whole file. PD_NOT_FOUND; PD_LIMIT; PD_IO. */
PD_CHECK enum pd_status witness_file_read(int dir_fd, const char *name, size_t limit,
                                          struct pd_arena *arena, pd_str *out,
                                          struct pd_error *err);
/** The old file or the new one, whole, whenever the machine stops; on PD_OK the new one, durably.
 */
PD_CHECK enum pd_status witness_file_write(int dir_fd, const char *name, int rights, pd_str bytes,
                                           struct pd_error *err);
PD_CHECK enum pd_status witness_dir_make(int parent_fd, const char *name, int rights,
                                         struct pd_error *err);
PD_CHECK enum pd_status witness_dir_open(int parent_fd, const char *name, int *fd,
                                         struct pd_error *err);
/** How many names of a folder end in `suffix`; 0 if it isn't there. */
size_t witness_dir_count(int parent_fd, const char *name, pd_str suffix);

/* ---- state.c: one log ---- */

struct witness_state {
    int fd; /* its folder */
    pd_str origin;
    size_t key_count;
    struct ledger_vkey keys[WITNESS_KEYS_MAX];
    bool is_cosigned;
    pd_str note; /* as served */
    pd_str text; /* of the note */
    struct ledger_checkpoint checkpoint;
    uint64_t time;
};
void witness_log_hex(pd_str origin, char out[WITNESS_HEX_SIZE]);
pthread_mutex_t *witness_log_lock(struct witness *witness, const char *hex);
/** Loads and verifies. PD_NOT_FOUND: it isn't watched. The caller clears. */
PD_CHECK enum pd_status witness_state_load(const struct witness *witness, const char *hex,
                                           struct pd_arena *arena, struct witness_state *out,
                                           struct pd_error *err);
void witness_state_clear(struct witness_state *state);
/** Keeps what was shown beside what is known, once; in "forks" or "unproven". */
PD_CHECK enum pd_status witness_keep(const struct witness_state *state, const char *kind,
                                     pd_str shown, struct pd_error *err);

#endif
