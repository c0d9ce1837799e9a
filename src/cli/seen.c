/* The checkpoints seen before, in the state folder of whoever verifies. */
#include "cli/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_MAX_BYTES = 200 };

/* $XDG_STATE_HOME/polder/seen, as the XDG Base Directory Specification has it; NULL: there is no
 * home. */
static const char *usual_folder(struct cli *cli) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        return pd_arena_printf(cli->arena, "%s/polder/seen", state).data;
    if (home && home[0] == '/')
        return pd_arena_printf(cli->arena, "%s/.local/state/polder/seen", home).data;
    return NULL;
}

/* A file name for a log and its key: other bytes than letters, digits and .-_ as %XX; a long one by
 * its hash. */
static const char *path_of(struct cli *cli, const char *folder, pd_str vkey) {
    struct pd_buf name;
    pd_buf_init(&name, 4096);
    size_t plus = pd_str_find_char(vkey, '+'); /* NAME+ID+KEY, the id of 8 digits */
    size_t end = plus == PD_NPOS ? vkey.len : plus + 1 + 8;
    for (size_t i = 0; i < end && i < vkey.len; i++) {
        unsigned char c = (unsigned char)vkey.data[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && i > 0);
        if (is_plain)
            pd_buf_char(&name, (char)c);
        else
            pd_buf_printf(&name, "%%%02X", c);
    }
    if (name.len > NAME_MAX_BYTES) {
        char hex[2 * CRYPTO_HASH_SIZE + 1];
        crypto_hash hash = crypto_sha256(name.data, name.len);
        pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
        pd_buf_reset(&name);
        pd_buf_text(&name, hex);
    }
    pd_str path =
        pd_arena_printf(cli->arena, "%s/%.*s.checkpoint", folder, pd_arg(pd_buf_view(&name)));
    pd_buf_clear(&name);
    return path.data;
}

enum pd_status cli_seen_load(struct cli *cli, struct govern *g, const char *folder,
                             struct cli_seen *out, struct pd_error *err) {
    struct cli_seen seen = {.folder = folder ? folder : usual_folder(cli)};
    const struct govern_log *logs = NULL;
    struct pd_error why = {0};
    if (seen.folder && govern_logs(g, cli->arena, &logs, &seen.log_count, &why) != PD_OK)
        seen.log_count = 0; /* damaged, as will be told */
    seen.notes = pd_arena_array(cli->arena, seen.log_count + 1, sizeof(*seen.notes));
    seen.logs = pd_arena_array(cli->arena, seen.log_count + 1, sizeof(*seen.logs));
    if (!seen.notes || !seen.logs)
        return pd_fail_memory(err);
    for (size_t i = 0; i < seen.log_count; i++) {
        pd_str note;
        seen.logs[i].path = path_of(cli, seen.folder, logs[i].vkey);
        if (!seen.logs[i].path)
            return pd_fail_memory(err);
        enum pd_status st = cli_file_read(cli, seen.logs[i].path, LEDGER_NOTE_MAX, &note, &why);
        if (st == PD_OK) {
            seen.notes[seen.count++] = note;
            seen.logs[i].had = true;
        } else if (st != PD_NOT_FOUND) {
            return pd_fail(err, st, "%s", why.text);
        }
    }
    *out = seen;
    return PD_OK;
}

/* ---- Keeping ---- */

static bool make_folders(const char *folder, struct cli_seen *seen, struct cli *cli) {
    pd_str all = pd_arena_str(cli->arena, pd_str_from(folder));
    char *path = (char *)(uintptr_t)all.data;
    for (char *at = path ? path + 1 : NULL; at && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    if (path && (mkdir(path, 0700) == 0 || errno == EEXIST))
        return true;
    seen->trouble =
        pd_arena_printf(cli->arena, "can't make the folder %s: %s", folder, strerror(errno));
    return false;
}

static bool keep(struct cli *cli, struct cli_seen *seen, const char *path, pd_str note) {
    struct pd_error why = {0};
    if (cli_file_write(path, note, &why) == PD_OK)
        return true;
    seen->trouble = pd_arena_str(cli->arena, pd_str_from(why.text));
    return false;
}

void cli_seen_save(struct cli *cli, const struct govern_verified *v, struct cli_seen *seen) {
    if (!seen->folder || !make_folders(seen->folder, seen, cli))
        return;
    for (size_t i = 0; i < seen->log_count && i < v->log_count; i++) {
        const struct govern_verified_log *log = &v->logs[i];
        struct cli_seen_log *to = &seen->logs[i];
        if (!to->path || !log->checkpoint.data)
            continue;
        if (log->is_whole)
            to->is_kept = keep(cli, seen, to->path, log->checkpoint);
        if (!log->fork.data)
            continue;
        /* What was seen stays where it is; the other statement stands beside it. */
        char hex[17];
        crypto_hash hash = crypto_sha256(log->checkpoint.data, log->checkpoint.len);
        pd_hex_encode(hash.bytes, 8, hex);
        const char *fork = pd_arena_printf(cli->arena, "%s.fork-%s", to->path, hex).data;
        if (fork && keep(cli, seen, fork, log->checkpoint))
            to->fork = fork;
    }
}

/* ---- Telling ---- */

void cli_seen_tell(const struct cli_seen *seen, struct pd_buf *out) {
    if (!seen->folder)
        cli_say(out, 0, 2,
                "Nothing was kept to compare with the next time: there is no home folder "
                "(--seen=FOLDER says where).");
    if (seen->trouble.len)
        cli_say(out, 0, 2, "Nothing was kept to compare with the next time: %.*s",
                pd_arg(seen->trouble));
    bool had = false;
    for (size_t i = 0; i < seen->log_count; i++)
        had = had || seen->logs[i].had;
    for (size_t i = 0; i < seen->log_count; i++)
        if (seen->logs[i].fork)
            cli_say(out, 0, 2, "Both signed statements are kept: %s and %s", seen->logs[i].path,
                    seen->logs[i].fork);
    if (seen->folder && !seen->trouble.len && !had)
        cli_say(out, 0, 2,
                "First time that this machine sees this node: what it saw is kept in %s.",
                seen->folder);
}

void cli_seen_write(const struct cli_seen *seen, size_t log, struct pd_json *w) {
    static const struct cli_seen_log none;
    const struct cli_seen_log *l = log < seen->log_count ? &seen->logs[log] : &none;
    pd_json_key(w, "seen");
    if (l->fork)
        pd_json_text(w, "kept apart");
    else if (l->is_kept)
        pd_json_text(w, l->had ? "passed" : "first");
    else
        pd_json_null(w);
}
