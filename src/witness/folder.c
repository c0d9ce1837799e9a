/* The folder of a witness: made, opened, and told of logs. */
#include "witness/witness_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 4096, HOLDER_SIZE = 200 };

/* ---- Making ---- */

static enum pd_status write_keys(int fd, pd_str name, struct pd_arena *arena, pd_str *vkey,
                                 struct pd_error *err) {
    uint8_t seed[CRYPTO_SEED_SIZE];
    struct ledger_skey key = {0};
    struct pd_buf secret, public;
    pd_buf_init(&secret, KEY_FILE_MAX);
    pd_buf_init(&public, KEY_FILE_MAX);
    crypto_random(seed, sizeof(seed));
    enum pd_status st = ledger_cosigner_skey_make(name, seed, &key, err);
    if (st == PD_OK) {
        struct ledger_vkey half = ledger_skey_public(&key);
        ledger_skey_write(&key, &secret);
        ledger_vkey_write(&half, &public);
        pd_buf_char(&secret, '\n');
        *vkey = pd_arena_str(arena, pd_buf_view(&public));
        pd_buf_char(&public, '\n');
        st = vkey->data ? witness_file_write(fd, "witness.vkey", 0644, pd_buf_view(&public), err)
                        : pd_fail_memory(err);
    }
    /* The key last: with it the folder is a witness. */
    if (st == PD_OK)
        st = witness_file_write(fd, "witness.key", 0600, pd_buf_view(&secret), err);
    if (secret.data)
        crypto_wipe(secret.data, secret.len);
    crypto_wipe(seed, sizeof(seed));
    crypto_wipe(&key, sizeof(key));
    pd_buf_clear(&secret);
    pd_buf_clear(&public);
    return st;
}

enum pd_status witness_init(const char *folder, pd_str name, struct pd_arena *arena, pd_str *vkey,
                            struct pd_error *err) {
    int fd = -1;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make the folder %s", folder);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return pd_fail_errno(err, errno == ENOTDIR ? PD_INVALID : PD_IO, "open the folder %s",
                             folder);
    enum pd_status st = PD_OK;
    if (faccessat(fd, "witness.key", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        st = pd_fail(err, PD_CONFLICT, "there is a witness in %s already", folder);
    else if (faccessat(fd, "polder.db", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        st = pd_fail(err, PD_CONFLICT,
                     "%s is a node's; a witness has a folder of its own, best on another machine",
                     folder);
    if (st == PD_OK)
        st = witness_dir_make(fd, "logs", 0755, err);
    if (st == PD_OK)
        st = write_keys(fd, name, arena, vkey, err);
    close(fd);
    return st;
}

/* ---- Opening ---- */

/* Who may write here may exchange the key, or what was cosigned. */
static enum pd_status check_rights(const struct witness *w, struct pd_error *err) {
    struct stat folder, key;
    if (fstat(w->folder_fd, &folder) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s", w->folder);
    if (fstatat(w->folder_fd, "witness.key", &key, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT
                   ? pd_fail(err, PD_NOT_FOUND,
                             "there is no witness in %s; make one with: polder witness init "
                             "--data %s --name NAME",
                             w->folder, w->folder)
                   : pd_fail_errno(err, PD_IO, "look at %s/witness.key", w->folder);
    if ((folder.st_mode & 022) != 0)
        return pd_fail(err, PD_DENIED, "other users may write in %s (mode %04o); run: chmod 700 %s",
                       w->folder, (unsigned)(folder.st_mode & 07777), w->folder);
    if ((key.st_mode & 077) != 0)
        return pd_fail(
            err, PD_DENIED,
            "%s/witness.key is open to other users (mode %04o): whoever read it can "
            "cosign in this witness's name; if nobody did, run: chmod 600 %s/witness.key",
            w->folder, (unsigned)(key.st_mode & 07777), w->folder);
    return PD_OK;
}

static enum pd_status load_key(struct witness *w, struct pd_error *err) {
    pd_str text;
    enum pd_status st =
        witness_file_read(w->folder_fd, "witness.key", KEY_FILE_MAX, w->arena, &text, err);
    if (st == PD_OK)
        st = ledger_cosigner_skey_parse(pd_str_trim(text), &w->key, err);
    if (st != PD_OK)
        return pd_wrap(err, "%s/witness.key", w->folder);
    struct pd_buf public;
    w->public = ledger_skey_public(&w->key);
    pd_buf_init(&public, KEY_FILE_MAX);
    ledger_vkey_write(&w->public, &public);
    w->vkey_text = pd_arena_str(w->arena, pd_buf_view(&public));
    pd_buf_clear(&public);
    return w->vkey_text.data ? PD_OK : pd_fail_memory(err);
}

/* flock(2): the kernel frees it with its holder, however that one ends. */
static enum pd_status take_lock(struct witness *w, const char *holder, struct pd_error *err) {
    char words[HOLDER_SIZE + 1] = {0};
    w->lock_fd = openat(w->folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (w->lock_fd < 0)
        return pd_fail_errno(err, PD_IO, "open %s/lock", w->folder);
    if (flock(w->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        size_t n = strnlen(holder, HOLDER_SIZE);
        if (ftruncate(w->lock_fd, 0) != 0 || pwrite(w->lock_fd, holder, n, 0) != (ssize_t)n)
            return pd_fail_errno(err, PD_IO, "write %s/lock", w->folder);
        return PD_OK;
    }
    ssize_t n = pread(w->lock_fd, words, HOLDER_SIZE, 0);
    words[strcspn(words, "\r\n")] = '\0';
    return pd_fail(err, PD_CONFLICT, "%s is served already, by %s", w->folder,
                   n > 0 && words[0] ? words : "another process");
}

static enum pd_status check_logs(struct witness *w, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    const struct witness_log *logs;
    size_t count;
    enum pd_status st = arena ? witness_logs(w, arena, &logs, &count, err) : pd_fail_memory(err);
    pd_arena_free(arena);
    return st;
}

static enum pd_status open_parts(struct witness *w, bool to_serve, const char *holder,
                                 struct pd_error *err) {
    w->folder_fd = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->folder_fd < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open the folder %s",
                             w->folder);
    enum pd_status st = check_rights(w, err);
    if (st == PD_OK)
        st = load_key(w, err);
    if (st == PD_OK)
        st = witness_dir_open(w->folder_fd, "logs", &w->logs_fd, err);
    if (st == PD_OK && to_serve)
        st = take_lock(w, holder, err);
    return st == PD_OK && to_serve ? check_logs(w, err) : st;
}

enum pd_status witness_open(const char *folder, bool to_serve, const char *holder,
                            struct witness **out, struct pd_error *err) {
    struct witness *w = calloc(1, sizeof(*w));
    if (!w)
        return pd_fail_memory(err);
    w->folder_fd = w->logs_fd = w->lock_fd = -1;
    w->folder = strdup(folder);
    w->arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < WITNESS_LOCKS; i++)
        pthread_mutex_init(&w->locks[i], NULL);
    enum pd_status st =
        w->folder && w->arena ? open_parts(w, to_serve, holder, err) : pd_fail_memory(err);
    if (st != PD_OK)
        witness_close(w);
    else
        *out = w;
    return st;
}

void witness_close(struct witness *w) {
    if (!w)
        return;
    int fds[] = {w->logs_fd, w->lock_fd, w->folder_fd};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    for (size_t i = 0; i < WITNESS_LOCKS; i++)
        pthread_mutex_destroy(&w->locks[i]);
    crypto_wipe(&w->key, sizeof(w->key));
    pd_arena_free(w->arena);
    free(w->folder);
    free(w);
}

pd_str witness_name(const struct witness *witness) {
    return witness->public.name;
}

pd_str witness_vkey(const struct witness *witness) {
    return witness->vkey_text;
}

/* ---- Logs ---- */

static void write_entry(pd_str origin, pd_str vkey, struct pd_buf *out) {
    pd_buf_printf(out, "\nvkey %.*s\norigin %.*s\n", pd_arg(vkey), pd_arg(origin));
}

static enum pd_status make_log(struct witness *w, const char *hex, pd_str origin, pd_str vkey,
                               struct pd_error *err) {
    int fd = -1;
    struct pd_buf text;
    pd_buf_init(&text, KEY_FILE_MAX);
    pd_buf_text(&text, "logs/v0\n");
    write_entry(origin, vkey, &text);
    enum pd_status st = witness_dir_make(w->logs_fd, hex, 0755, err);
    if (st == PD_OK)
        st = witness_dir_open(w->logs_fd, hex, &fd, err);
    /* "log" last: with it the log is watched. */
    if (st == PD_OK)
        st = witness_file_write(fd, "checkpoint", 0644, PD_STR("none\n"), err);
    if (st == PD_OK)
        st = witness_file_write(fd, "log", 0644, pd_buf_view(&text), err);
    pd_buf_clear(&text);
    if (fd >= 0)
        close(fd);
    return st;
}

static enum pd_status add_key(const struct witness_state *state, pd_str vkey,
                              const struct ledger_vkey *key, struct pd_arena *arena,
                              struct pd_error *err) {
    pd_str old;
    struct pd_buf text;
    for (size_t i = 0; i < state->key_count; i++)
        if (memcmp(state->keys[i].public_key, key->public_key, CRYPTO_PUBLIC_SIZE) == 0)
            return pd_fail(err, PD_CONFLICT, "the log \"%.*s\" is watched with this key already",
                           pd_arg(state->origin));
    if (state->key_count == WITNESS_KEYS_MAX)
        return pd_fail(err, PD_LIMIT, "a log has at most %d keys", WITNESS_KEYS_MAX);
    enum pd_status st = witness_file_read(state->fd, "log", 65536, arena, &old, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&text, 65536);
    pd_buf_str(&text, old);
    write_entry(state->origin, vkey, &text);
    st = pd_buf_check(&text, err);
    if (st == PD_OK)
        st = witness_file_write(state->fd, "log", 0644, pd_buf_view(&text), err);
    pd_buf_clear(&text);
    return st;
}

static bool is_half_made(const struct witness *w, const char *hex) {
    char name[WITNESS_HEX_SIZE + 8];
    snprintf(name, sizeof(name), "%s/log", hex);
    return faccessat(w->logs_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

enum pd_status witness_add_log(struct witness *w, pd_str origin, pd_str vkey,
                               struct pd_error *err) {
    struct ledger_vkey key;
    struct ledger_checkpoint probe = {.origin = origin};
    struct pd_buf unused;
    char hex[WITNESS_HEX_SIZE];
    pd_buf_init(&unused, 4096);
    enum pd_status st = ledger_vkey_parse(vkey, &key, err);
    if (st == PD_OK)
        st = ledger_checkpoint_write(&probe, &unused, err); /* knows what an origin may be */
    pd_buf_clear(&unused);
    if (st != PD_OK)
        return st;
    witness_log_hex(origin, hex);
    struct pd_arena *arena = pd_arena_new(1 << 20);
    if (!arena)
        return pd_fail_memory(err);
    struct witness_state state = {.fd = -1};
    /* Two commands at once: one after the other. */
    if (flock(w->logs_fd, LOCK_EX) != 0)
        st = pd_fail_errno(err, PD_IO, "lock %s/logs", w->folder);
    else if (is_half_made(w, hex))
        st = make_log(w, hex, origin, vkey, err);
    else if ((st = witness_state_load(w, hex, arena, &state, err)) == PD_OK)
        st = add_key(&state, vkey, &key, arena, err);
    flock(w->logs_fd, LOCK_UN);
    witness_state_clear(&state);
    pd_arena_free(arena);
    return st;
}

static bool is_log_name(const char *name) {
    return strlen(name) == WITNESS_HEX_SIZE - 1 && strspn(name, "0123456789abcdef") == strlen(name);
}

static enum pd_status describe(struct witness *w, const char *hex, struct pd_arena *arena,
                               struct witness_log *out, struct pd_error *err) {
    struct witness_state state;
    enum pd_status st = witness_state_load(w, hex, arena, &state, err);
    if (st != PD_OK)
        return st;
    *out =
        (struct witness_log){.origin = state.origin,
                             .is_cosigned = state.is_cosigned,
                             .size = state.checkpoint.size,
                             .root = state.checkpoint.root,
                             .time = state.time,
                             .forks = witness_dir_count(state.fd, "forks", PD_STR(".shown")),
                             .unproven = witness_dir_count(state.fd, "unproven", PD_STR(".shown")),
                             .folder = pd_arena_printf(arena, "%s/logs/%s", w->folder, hex)};
    witness_state_clear(&state);
    return out->folder.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status witness_logs(struct witness *w, struct pd_arena *arena,
                            const struct witness_log **out, size_t *count, struct pd_error *err) {
    int fd = openat(w->logs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    size_t n = 0, room = 0;
    struct witness_log *logs = NULL;
    if (!dir) {
        enum pd_status failed = pd_fail_errno(err, PD_IO, "list %s/logs", w->folder);
        if (fd >= 0)
            close(fd);
        return failed;
    }
    enum pd_status st = PD_OK;
    for (const struct dirent *entry; st == PD_OK && (entry = readdir(dir));) {
        if (!is_log_name(entry->d_name) || is_half_made(w, entry->d_name))
            continue;
        if (n == room) {
            size_t larger = room ? 2 * room : 16;
            struct witness_log *more = pd_arena_array(arena, larger, sizeof(*more));
            if (!more) {
                st = pd_fail_memory(err);
                break;
            }
            if (n)
                memcpy(more, logs, n * sizeof(*more));
            logs = more;
            room = larger;
        }
        st = describe(w, entry->d_name, arena, &logs[n], err);
        n += st == PD_OK;
    }
    closedir(dir);
    *out = logs;
    *count = st == PD_OK ? n : 0;
    return st;
}
