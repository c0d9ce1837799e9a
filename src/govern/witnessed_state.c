/* What witnesses said, as the database has it; and what follows for signing. */
#include "govern/witnessed.h"

#include <string.h>

static const char FILE_PATH[] = "ledger/public/witnessed";
static const char *const KINDS[] = {[WITNESSED_QUORUM] = "quorum", [WITNESSED_SHOWN] = "shown"};

/* ---- One witness ---- */

static const struct sql FIND_ROW = {
    .both = "SELECT size, line, time, asked_at, failed_at, last_error FROM witness_state"
            " WHERE vkey = $1"};

enum pd_status witnessed_row_find(struct govern *g, pd_str vkey, struct pd_arena *arena,
                                  struct witnessed_row *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(vkey)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_ROW, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    struct witnessed_row row = {.line = PD_STR(""), .last_error = PD_STR("")};
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        row = (struct witnessed_row){.size = (uint64_t)store_i64(rows, 0),
                                     .line = pd_arena_str(arena, store_str(rows, 1)),
                                     .time = (uint64_t)store_i64(rows, 2),
                                     .asked_at = store_i64(rows, 3),
                                     .failed_at = store_i64(rows, 4),
                                     .last_error = pd_arena_str(arena, store_str(rows, 5))};
        if (!row.line.data || !row.last_error.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    if (st == PD_OK)
        *out = row;
    return st;
}

static const struct sql SAVE_ROW = {
    .both = "INSERT INTO witness_state (vkey, size, line, time, asked_at, failed_at, last_error)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (vkey) DO UPDATE SET"
            " size = excluded.size, line = excluded.line, time = excluded.time,"
            " asked_at = excluded.asked_at, failed_at = excluded.failed_at,"
            " last_error = excluded.last_error"};

enum pd_status witnessed_row_save(struct govern *g, pd_str vkey, const struct witnessed_row *row,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(vkey),           STORE_I64((int64_t)row->size),
                                   STORE_STR(row->line),      STORE_I64((int64_t)row->time),
                                   STORE_I64(row->asked_at),  STORE_I64(row->failed_at),
                                   STORE_STR(row->last_error)};
    return store_run(g->store, SAVE_ROW, values, 7, NULL, err);
}

/* ---- The largest checkpoints ---- */

static const struct sql FIND_LARGEST = {
    .both = "SELECT size, checkpoint FROM witnessed WHERE kind = $1"};

enum pd_status witnessed_largest(struct govern *g, enum witnessed_kind kind, struct pd_arena *arena,
                                 uint64_t *size, pd_str *checkpoint, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(KINDS[kind]))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_LARGEST, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK) {
        *size = has ? (uint64_t)store_i64(rows, 0) : 0;
        if (checkpoint) {
            *checkpoint = pd_arena_str(arena, has ? store_str(rows, 1) : PD_STR(""));
            st = checkpoint->data ? PD_OK : pd_fail_memory(err);
        }
    }
    store_rows_close(rows);
    return st;
}

static const struct sql NOTE = {
    .both = "INSERT INTO witnessed (kind, size, checkpoint, noted_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (kind) DO UPDATE SET size = excluded.size,"
            " checkpoint = excluded.checkpoint, noted_at = excluded.noted_at"
            " WHERE witnessed.size <= excluded.size"};

enum pd_status witnessed_note(struct govern *g, enum witnessed_kind kind, uint64_t size,
                              pd_str checkpoint, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(KINDS[kind])), STORE_I64((int64_t)size),
                                   STORE_STR(checkpoint), STORE_I64(pd_clock_now(&g->clock))};
    return store_run(g->store, NOTE, values, 4, NULL, err);
}

enum pd_status witnessed_file_read(struct govern *g, struct pd_arena *arena, pd_str *out,
                                   struct pd_error *err) {
    enum pd_status st = store_file_read(g->store, FILE_PATH, LEDGER_NOTE_MAX, arena, out, err);
    if (st != PD_NOT_FOUND)
        return st;
    *out = PD_STR("");
    return PD_OK;
}

static enum pd_status read_file_size(struct govern *g, struct pd_arena *arena, uint64_t *size,
                                     struct pd_error *err) {
    pd_str bytes;
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
    enum pd_status st = witnessed_file_read(g, arena, &bytes, err);
    if (st == PD_OK && bytes.len == 0) {
        *size = 0;
        return PD_OK;
    }
    if (st == PD_OK)
        st = ledger_note_parse(bytes, &note, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(note.text, &checkpoint, err);
    if (st != PD_OK)
        return pd_fail(err, st == PD_IO ? st : PD_INTERNAL,
                       "%s, the last witnessed checkpoint, can't be read", FILE_PATH);
    pd_str suffix = PD_STR("/public");
    if (!pd_str_starts(checkpoint.origin, g->origin) || !pd_str_ends(checkpoint.origin, suffix) ||
        checkpoint.origin.len != g->origin.len + suffix.len)
        return pd_fail(err, PD_INTERNAL, "%s is of the log \"%.*s\", not of this node's", FILE_PATH,
                       pd_arg(checkpoint.origin));
    *size = checkpoint.size;
    return PD_OK;
}

enum pd_status witnessed_file_size(struct govern *g, uint64_t *size, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(1 << 20);
    enum pd_status st = arena ? read_file_size(g, arena, size, err) : pd_fail_memory(err);
    pd_arena_free(arena);
    return st;
}

enum pd_status witnessed_file_write(struct govern *g, pd_str checkpoint, struct pd_error *err) {
    return store_file_write(g->store, FILE_PATH, checkpoint, err);
}

/* ---- Forks ---- */

static const struct sql SAVE_FORK = {
    .both = "INSERT INTO log_fork (id, witness, ours, theirs, noted_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING"};

enum pd_status witnessed_fork_save(struct govern *g, pd_str witness, pd_str ours, pd_str theirs,
                                   struct pd_error *err) {
    char hex[GOVERN_HEX_SIZE];
    crypto_hash hash = crypto_sha256(theirs.data, theirs.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    struct store_value values[] = {STORE_STR(pd_str_from(hex)), STORE_STR(witness), STORE_STR(ours),
                                   STORE_STR(theirs), STORE_I64(pd_clock_now(&g->clock))};
    return store_run(g->store, SAVE_FORK, values, 5, NULL, err);
}

static const struct sql LIST_FORKS = {
    .both = "SELECT witness, ours, theirs, noted_at FROM log_fork ORDER BY noted_at, id LIMIT 100"};

enum pd_status govern_forks(struct govern *g, struct pd_arena *arena,
                            const struct govern_fork **out, size_t *count, struct pd_error *err) {
    enum { FORKS_MAX = 100 };
    struct govern_fork *forks = pd_arena_array(arena, FORKS_MAX, sizeof(*forks));
    struct store_rows *rows;
    bool has;
    size_t n = 0;
    if (!forks)
        return pd_fail_memory(err);
    enum pd_status st = store_select(g->store, LIST_FORKS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while (n < FORKS_MAX && (st = store_next(rows, &has, err)) == PD_OK && has) {
        forks[n] = (struct govern_fork){.witness = pd_arena_str(arena, store_str(rows, 0)),
                                        .ours = pd_arena_str(arena, store_str(rows, 1)),
                                        .theirs = pd_arena_str(arena, store_str(rows, 2)),
                                        .noted_at = store_i64(rows, 3)};
        if (!forks[n].witness.data || !forks[n].ours.data || !forks[n].theirs.data) {
            st = pd_fail_memory(err);
            break;
        }
        n++;
    }
    store_rows_close(rows);
    if (st == PD_OK) {
        *out = forks;
        *count = n;
    }
    return st;
}

/* ---- What follows for signing ---- */

static const struct sql COUNT_FORKS = {.both = "SELECT COUNT(*) FROM log_fork"};

static enum pd_status check_forks(struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, COUNT_FORKS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    int64_t forks = st == PD_OK && has ? store_i64(rows, 0) : 0;
    store_rows_close(rows);
    if (st == PD_OK && forks > 0)
        st = pd_fail(err, PD_INTERNAL,
                     "a witness showed a checkpoint that this node's key signed and that isn't of "
                     "its public log: the log was forked, or its key is in other hands; nothing "
                     "more is signed or published (both statements: polder ledger witness)");
    return st;
}

static enum pd_status floor_of(struct govern *g, uint64_t *floor, struct pd_error *err) {
    uint64_t sizes[3] = {0};
    enum pd_status st = witnessed_largest(g, WITNESSED_QUORUM, NULL, &sizes[0], NULL, err);
    if (st == PD_OK)
        st = witnessed_largest(g, WITNESSED_SHOWN, NULL, &sizes[1], NULL, err);
    if (st == PD_OK)
        st = witnessed_file_size(g, &sizes[2], err);
    /* A file that can't be read counts for nothing where the database knows as much: it is written
       anew with the next quorum. */
    if (st == PD_INTERNAL && sizes[0] > 0)
        st = PD_OK;
    *floor = 0;
    for (size_t i = 0; i < 3; i++)
        *floor = sizes[i] > *floor ? sizes[i] : *floor;
    return st;
}

enum pd_status witnessed_may_sign(struct govern *g, uint64_t size, struct pd_error *err) {
    uint64_t floor = 0;
    enum pd_status st = check_forks(g, err);
    if (st == PD_OK)
        st = floor_of(g, &floor, err);
    if (st == PD_OK && size < floor)
        st = pd_fail(err, PD_CONFLICT,
                     "this copy of the public log has %llu leaves, but one of %llu was witnessed: "
                     "%llu are missing here, and nothing is signed below what others have seen; "
                     "bring back a newer backup",
                     (unsigned long long)size, (unsigned long long)floor,
                     (unsigned long long)(floor - size));
    return st;
}

enum pd_status govern_witnessed_size(struct govern *g, bool ask, struct pd_arena *arena,
                                     uint64_t *size, struct pd_error *err) {
    enum pd_status st = ask ? govern_witness_look(g, arena, err) : PD_OK;
    return st == PD_OK ? floor_of(g, size, err) : st;
}

static const struct sql HAS_POLICY = {.both = "SELECT 1 FROM witness_policy LIMIT 1"};

enum pd_status witnessed_wake(struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    bool has = false;
    pd_time now = pd_clock_now(&g->clock);
    enum pd_status st = store_select(g->store, HAS_POLICY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    store_rows_close(rows);
    return st == PD_OK && has ? job_wake(g->store, JOBS_WITNESS, PD_STR("public"), now, now, err)
                              : st;
}
