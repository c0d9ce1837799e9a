/*
 * The keys of a log at work: signing its checkpoints, and telling everybody which keys those were.
 * A log's new key and the old one sign side by side until the old one is destroyed, so that whoever
 * knows only the old one has time to learn the new one from a log that both vouch for.
 */
#include "govern/govern_impl.h"

#include <stdio.h>
#include <string.h>

/* ---- Signing ---- */

/* Signs with every key given: the one in use, and those that it replaced and that sign along. */
enum pd_status integrate_sign(pd_str origin, const struct store_key *keys, size_t count,
                              const struct ledger_edge *edge, struct pd_arena *arena, pd_str *note,
                              struct pd_error *err) {
    struct ledger_checkpoint checkpoint = {
        .origin = origin, .size = edge->size, .root = ledger_edge_root(edge)};
    struct ledger_skey signers[INTEGRATE_SIGNERS_MAX];
    struct pd_buf text, signed_text;
    pd_buf_init(&text, LEDGER_NOTE_MAX);
    pd_buf_init(&signed_text, LEDGER_NOTE_MAX);
    enum pd_status st = ledger_checkpoint_write(&checkpoint, &text, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = ledger_skey_make(origin, keys[i].bytes, &signers[i], err);
    if (st == PD_OK)
        st = ledger_note_sign(pd_buf_view(&text), signers, count, &signed_text, err);
    crypto_wipe(signers, sizeof(signers));
    if (st == PD_OK)
        st = pd_buf_check(&signed_text, err);
    if (st == PD_OK) {
        *note = pd_arena_str(arena, pd_buf_view(&signed_text));
        if (!note->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&text);
    pd_buf_clear(&signed_text);
    return st;
}

/* The keys that sign: the log's own, and those that it replaced and that nobody destroyed yet. */
static const struct sql LIST_SIGNERS = {
    .both = "SELECT l.key_id, l.vkey, 0 FROM log l WHERE l.name = $1"
            " UNION ALL SELECT k.id, k.vkey, 1 FROM signing_key k WHERE k.holder = 'log/' || $1"
            " AND k.replaced_at IS NOT NULL AND k.destroyed_at IS NULL ORDER BY 3, 1 DESC"};

enum pd_status integrate_signers(struct govern *g, pd_str log, pd_id ids[INTEGRATE_SIGNERS_MAX],
                                 size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log)};
    struct store_rows *rows;
    bool has;
    size_t n = 0;
    enum pd_status st = store_select(g->store, LIST_SIGNERS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < INTEGRATE_SIGNERS_MAX)
        if (!pd_id_parse(store_str(rows, 0), &ids[n++])) {
            st = pd_fail(err, PD_INTERNAL, "a key of the %.*s log has no id", pd_arg(log));
            break;
        }
    store_rows_close(rows);
    *count = n;
    return st;
}

enum pd_status integrate_sign_all(struct govern *g, const struct integrate_log *log,
                                  struct pd_arena *arena, pd_str *note, struct pd_error *err) {
    pd_id ids[INTEGRATE_SIGNERS_MAX];
    struct store_key keys[INTEGRATE_SIGNERS_MAX];
    size_t count = 0;
    enum pd_status st = integrate_signers(g, log->name, ids, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = store_key_find(g->store, ids[i], &keys[i], err);
    if (st == PD_OK)
        st = integrate_sign(log->origin, keys, count, &log->edge, arena, note, err);
    crypto_wipe(keys, sizeof(keys));
    return st;
}

/* Every key that the log had before. */
static const struct sql LIST_OLDER = {
    .both = "SELECT vkey FROM signing_key WHERE holder = 'log/' || $1 AND replaced_at IS NOT NULL"
            " ORDER BY since DESC, id"};

enum pd_status integrate_verify_note(struct govern *g, const struct integrate_log *log, pd_str note,
                                     struct pd_arena *arena, struct ledger_checkpoint *out,
                                     struct pd_error *err) {
    enum pd_status st = ledger_checkpoint_verify(note, log->origin, &log->vkey, out, err);
    if (st != PD_NOT_FOUND)
        return st;
    struct store_value values[] = {STORE_STR(log->name)};
    struct store_rows *rows;
    bool has;
    if (store_select(g->store, LIST_OLDER, values, 1, &rows, NULL) != PD_OK)
        return st;
    while (st == PD_NOT_FOUND && store_next(rows, &has, NULL) == PD_OK && has) {
        pd_str text = pd_arena_str(arena, store_str(rows, 0));
        struct ledger_vkey older;
        if (text.data && ledger_vkey_parse(text, &older, NULL) == PD_OK)
            st = ledger_checkpoint_verify(note, log->origin, &older, out, err);
    }
    store_rows_close(rows);
    return st;
}

/* ---- Publishing ---- */

/* Writes a file of the folder unless that is what it holds. */
static enum pd_status publish_if_new(struct govern *g, const char *path, pd_str bytes,
                                     struct pd_arena *arena, struct pd_error *err) {
    struct pd_mark mark = pd_arena_mark(arena);
    pd_str old = {0};
    bool is_same = store_file_read(g->store, path, 1 << 20, arena, &old, NULL) == PD_OK &&
                   pd_str_eq(old, bytes);
    pd_arena_reset(arena, mark);
    return is_same ? PD_OK : store_file_write(g->store, path, bytes, err);
}

static const struct sql LIST_VKEYS = {
    .both = "SELECT from_size, to_size, vkey, since, replaced_at FROM signing_key WHERE holder = $1"
            " ORDER BY since, id"};

/*
 * Every key that a holder had: "FROM TO VKEY", a line each. A log's are counted in leaves (the
 * sizes of the first and the last checkpoint that it signed), others in time; "-": it still does.
 */
enum pd_status integrate_history(struct govern *g, pd_str holder, pd_str current,
                                 struct pd_buf *text, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(holder)};
    struct store_rows *rows;
    bool has, is_log = pd_str_starts(holder, PD_STR("log/"));
    enum pd_status st = store_select(g->store, LIST_VKEYS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        char from[PD_TIME_TEXT_SIZE], to[PD_TIME_TEXT_SIZE] = "-";
        if (is_log)
            snprintf(from, sizeof(from), "%lld", (long long)store_i64(rows, 0));
        else
            pd_time_write(store_i64(rows, 3), PD_TIME_SECONDS, from);
        if (is_log && !store_is_null(rows, 1))
            snprintf(to, sizeof(to), "%lld", (long long)store_i64(rows, 1));
        else if (!is_log && !store_is_null(rows, 4))
            pd_time_write(store_i64(rows, 4), PD_TIME_SECONDS, to);
        pd_buf_printf(text, "%s %s %.*s\n", from, to, pd_arg(store_str(rows, 2)));
    }
    store_rows_close(rows);
    if (st == PD_OK && text->len == 0)
        pd_buf_printf(text, "%s - %.*s\n", is_log ? "0" : "-", pd_arg(current));
    return st == PD_OK ? pd_buf_check(text, err) : st;
}

static enum pd_status publish_history(struct govern *g, pd_str holder, const char *path,
                                      pd_str current, struct pd_arena *arena,
                                      struct pd_error *err) {
    struct pd_buf text;
    pd_buf_init(&text, 1 << 20);
    enum pd_status st = integrate_history(g, holder, current, &text, err);
    if (st == PD_OK)
        st = publish_if_new(g, path, pd_buf_view(&text), arena, err);
    pd_buf_clear(&text);
    return st;
}

static const struct sql FIND_RECEIPT_VKEY = {.both = "SELECT receipt_vkey FROM node"};

static enum pd_status publish_receipts(struct govern *g, struct pd_arena *arena,
                                       struct pd_error *err) {
    struct store_rows *rows = NULL;
    bool has = false;
    pd_str vkey = {0};
    enum pd_status st = store_select(g->store, FIND_RECEIPT_VKEY, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        vkey = pd_arena_str(arena, store_str(rows, 0));
    store_rows_close(rows);
    if (st != PD_OK || !has)
        return st;
    if (!vkey.data)
        return pd_fail_memory(err);
    st = publish_if_new(g, "ledger/receipts.vkey", vkey, arena, err);
    return st == PD_OK
               ? publish_history(g, PD_STR("receipts"), "ledger/receipts.vkeys", vkey, arena, err)
               : st;
}

/* The verifier keys, beside the logs: whoever trusts them took them from there or from paper. */
enum pd_status integrate_publish_keys(struct govern *g, const struct integrate_log *log,
                                      struct pd_arena *arena, struct pd_error *err) {
    pd_str path = pd_arena_printf(arena, "ledger/%.*s/vkey", pd_arg(log->folder)),
           history = pd_arena_printf(arena, "ledger/%.*s/vkeys", pd_arg(log->folder)),
           holder = pd_arena_printf(arena, "log/%.*s", pd_arg(log->name));
    if (!path.data || !history.data || !holder.data)
        return pd_fail_memory(err);
    enum pd_status st = publish_if_new(g, path.data, log->vkey_text, arena, err);
    if (st == PD_OK)
        st = publish_history(g, holder, history.data, log->vkey_text, arena, err);
    return st == PD_OK && log->log == LEDGER_PUBLIC ? publish_receipts(g, arena, err) : st;
}

/* ---- Another key ---- */

static const struct sql TAKE_KEY = {
    .both = "UPDATE log SET key_id = $2, vkey = $3, checkpoint = $4 WHERE name = $1 AND size = $5"};

enum pd_status integrate_take_key(struct govern *g, pd_str log, pd_str key_id, pd_str vkey,
                                  int64_t size, struct pd_arena *arena, struct pd_error *err) {
    struct integrate_log l;
    enum pd_status st = integrate_log_load(g, log, arena, &l, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(log), STORE_STR(key_id), STORE_STR(vkey),
                                   STORE_STR(l.checkpoint), STORE_I64(size)};
    int64_t changed = 0;
    /* First the key, then the same checkpoint signed by it too. */
    for (int i = 0; st == PD_OK && i < 2; i++) {
        st = store_run(g->store, TAKE_KEY, values, 5, &changed, err);
        if (st == PD_OK && changed != 1)
            st = pd_fail(err, PD_CONFLICT, "the %.*s log grew meanwhile; rotate its key again",
                         pd_arg(log));
        if (st == PD_OK && i == 0)
            st = integrate_sign_all(g, &l, arena, &values[3].bytes, err);
    }
    return st;
}

enum pd_status integrate_republish(struct govern *g, pd_str log, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
    struct integrate_log l;
    enum pd_status st = arena ? integrate_log_load(g, log, arena, &l, err) : pd_fail_memory(err);
    if (st == PD_OK && l.is_published && l.published == l.edge.size) {
        pd_str path = pd_arena_printf(arena, "ledger/%.*s/checkpoint", pd_arg(l.folder));
        st = path.data ? publish_if_new(g, path.data, l.checkpoint, arena, err)
                       : pd_fail_memory(err);
        if (st == PD_OK)
            st = integrate_publish_keys(g, &l, arena, err);
    } /* else publishing will do it */
    pd_arena_free(arena);
    return st;
}
