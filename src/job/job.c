/* Jobs: added, claimed with a lease, run, and done or tried again. */
#include "job/job.h"

#include <string.h>

enum { NAME_MAX_BYTES = 128 };
#define FIRST_RETRY (60 * PD_SECOND)

static const char *const STATES[] = {[JOB_WAITING] = "waiting",
                                     [JOB_RUNNING] = "running",
                                     [JOB_DONE] = "done",
                                     [JOB_FAILED] = "failed"};

const char *job_state_name(enum job_state state) {
    return STATES[state];
}

/* ---- Adding ---- */

static const struct sql ADD = {
    .both = "INSERT INTO job (id, kind, subject, due_at, state, attempts, lease_until, last_error,"
            " made_at) VALUES ($1, $2, $3, $4, 'waiting', 0, 0, '', $5)"
            " ON CONFLICT (kind, subject) DO NOTHING"};

static const struct sql WAKE = {
    .both = "INSERT INTO job (id, kind, subject, due_at, state, attempts, lease_until, last_error,"
            " made_at) VALUES ($1, $2, $3, $4, 'waiting', 0, 0, '', $5)"
            " ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at,"
            " state = 'waiting', attempts = 0 WHERE job.state <> 'running'"};

static enum pd_status insert(struct store *store, struct sql sql, const char *kind, pd_str subject,
                             pd_time due, pd_time now, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_str name = pd_str_from(kind);
    if (name.len == 0 || name.len > NAME_MAX_BYTES || subject.len == 0 ||
        subject.len > NAME_MAX_BYTES)
        return pd_fail(err, PD_INVALID, "the kind and subject of a job have 1 to %d bytes",
                       NAME_MAX_BYTES);
    pd_id_write(crypto_id(now), id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(name), STORE_STR(subject),
                                   STORE_I64(due), STORE_I64(now)};
    return store_run(store, sql, values, 5, NULL, err);
}

enum pd_status job_add(struct store *store, const char *kind, pd_str subject, pd_time due,
                       pd_time now, struct pd_error *err) {
    return insert(store, ADD, kind, subject, due, now, err);
}

enum pd_status job_wake(struct store *store, const char *kind, pd_str subject, pd_time due,
                        pd_time now, struct pd_error *err) {
    return insert(store, WAKE, kind, subject, due, now, err);
}

/* ---- Claiming ---- */

struct claim {
    pd_time now;
    struct pd_arena *arena;
    const char *only; /* kind; "": all that aren't of a family */
    struct job job;
    bool found;
};

/* Running ones whose lease has ended were cut off. */
static const struct sql FIND_DUE = {
    .both = "SELECT id, kind, subject, attempts, state FROM job WHERE due_at <= $1 AND"
            " (state = 'waiting' OR (state = 'running' AND lease_until <= $1)) AND"
            " (kind = $2 OR ($2 = '' AND kind NOT LIKE '%.%'))"
            " ORDER BY due_at, id LIMIT 1"};
static const struct sql TAKE = {.both = "UPDATE job SET state = 'running', lease_until = $2,"
                                        " attempts = $3 WHERE id = $1"};

static enum pd_status find_due(struct store *store, struct claim *c, struct pd_error *err) {
    struct store_value values[] = {STORE_I64(c->now), STORE_STR(pd_str_from(c->only))};
    struct store_rows *rows;
    enum pd_status st = store_select(store, FIND_DUE, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &c->found, err);
    if (st == PD_OK && c->found) {
        bool was_cut_off = pd_str_is(store_str(rows, 4), STATES[JOB_RUNNING]);
        c->job = (struct job){.kind = pd_arena_str(c->arena, store_str(rows, 1)),
                              .subject = pd_arena_str(c->arena, store_str(rows, 2)),
                              .attempts = (uint64_t)store_i64(rows, 3) + was_cut_off};
        if (!c->job.kind.data || !c->job.subject.data)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), &c->job.id))
            st = pd_fail(err, PD_INTERNAL, "the row of a job has no id");
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status claim(struct store *store, void *context, struct pd_error *err) {
    struct claim *c = context;
    char id[PD_ID_TEXT_SIZE];
    enum pd_status st = find_due(store, c, err);
    if (st != PD_OK || !c->found)
        return st;
    pd_id_write(c->job.id, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)),
                                   STORE_I64(c->now + JOB_LEASE_SECONDS * PD_SECOND),
                                   STORE_I64((int64_t)c->job.attempts)};
    return store_run(store, TAKE, values, 3, NULL, err);
}

/* ---- Afterwards ---- */

struct ending {
    const struct job *job;
    enum job_state state;
    pd_time due;
    uint64_t attempts;
    pd_str error;
};

static const struct sql END = {.both = "UPDATE job SET state = $2, due_at = $3, attempts = $4,"
                                       " last_error = $5, lease_until = 0 WHERE id = $1"};
/* Of one that is done the moment stays at which it was due. */
static const struct sql END_DONE = {.both = "UPDATE job SET state = 'done', last_error = '',"
                                            " lease_until = 0 WHERE id = $1"};

static enum pd_status end(struct store *store, void *context, struct pd_error *err) {
    const struct ending *e = context;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(e->job->id, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)),
                                   STORE_STR(pd_str_from(STATES[e->state])), STORE_I64(e->due),
                                   STORE_I64((int64_t)e->attempts), STORE_STR(e->error)};
    return e->state == JOB_DONE ? store_run(store, END_DONE, values, 1, NULL, err)
                                : store_run(store, END, values, 5, NULL, err);
}

/* A minute, four, sixteen, ... at most a day. */
static pd_time retry_at(pd_time now, uint64_t attempts) {
    pd_time wait = FIRST_RETRY;
    for (uint64_t i = 1; i < attempts && wait < PD_DAY; i++)
        wait *= 4;
    return now + (wait < PD_DAY ? wait : PD_DAY);
}

/* ---- Running ---- */

struct runner {
    struct store *store;
    const struct job_kind *kinds;
    size_t count;
    void *context;
    const struct pd_clock *clock;
    struct job_tally *tally;
};

static const struct job_kind *find_kind(const struct runner *r, pd_str name) {
    for (size_t i = 0; i < r->count; i++)
        if (pd_str_is(name, r->kinds[i].name))
            return &r->kinds[i];
    return NULL;
}

/* What becomes of a job that failed: tried again later, or given up. */
static struct ending fail(const struct runner *r, const struct job *job,
                          const struct pd_error *why) {
    uint64_t attempts = job->attempts + 1;
    bool is_given_up = attempts >= JOB_ATTEMPTS_MAX;
    pd_time now = pd_clock_now(r->clock);
    r->tally->failed++;
    r->tally->given_up += is_given_up;
    return (struct ending){.job = job,
                           .state = is_given_up ? JOB_FAILED : JOB_WAITING,
                           .due = is_given_up ? now : retry_at(now, attempts),
                           .attempts = attempts,
                           .error = pd_str_from(why->text)};
}

static enum pd_status run(const struct runner *r, const struct job *job, struct pd_error *err) {
    const struct job_kind *kind = find_kind(r, job->kind);
    pd_time now = pd_clock_now(r->clock), again = 0;
    struct pd_error why = {0};
    struct ending e = {.job = job, .state = JOB_DONE, .attempts = job->attempts};
    if (!kind) {
        (void)pd_fail(&why, PD_UNSUPPORTED, "this Polder knows no jobs of the kind \"%.*s\"",
                      pd_arg(job->kind));
        e = (struct ending){job, JOB_WAITING, now + PD_DAY, job->attempts, pd_str_from(why.text)};
        r->tally->postponed++;
    } else if (kind->run(r->context, job->subject, now, &again, &why) != PD_OK) {
        e = fail(r, job, &why);
    } else if (again) {
        /* At least a little later, or it would be claimed for ever. */
        e = (struct ending){job, JOB_WAITING, again > now ? again : now + PD_SECOND, 0, PD_STR("")};
        r->tally->postponed++;
    } else {
        r->tally->done++;
    }
    return store_transact(r->store, end, &e, err);
}

static enum pd_status run_due(struct store *store, const struct job_kind *kinds, size_t count,
                              const char *only, void *context, const struct pd_clock *clock,
                              uint64_t limit, struct job_tally *tally, struct pd_error *err) {
    struct runner r = {store, kinds, count, context, clock, tally};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    enum pd_status st = arena ? PD_OK : pd_fail_memory(err);
    *tally = (struct job_tally){0};
    for (uint64_t i = 0; st == PD_OK && i < limit; i++) {
        struct pd_mark mark = pd_arena_mark(arena);
        struct claim c = {.now = pd_clock_now(clock), .arena = arena, .only = only};
        st = store_transact(store, claim, &c, err);
        if (st != PD_OK || !c.found)
            break;
        /* One that died at it again and again is given up without another try. */
        struct pd_error died = {0};
        if (c.job.attempts >= JOB_ATTEMPTS_MAX) {
            (void)pd_fail(&died, PD_INTERNAL, "the program ended while it ran this job, %d times",
                          JOB_ATTEMPTS_MAX);
            struct ending e = fail(&r, &c.job, &died);
            st = store_transact(store, end, &e, err);
        } else {
            st = run(&r, &c.job, err);
        }
        pd_arena_reset(arena, mark);
    }
    pd_arena_free(arena);
    return st;
}

enum pd_status job_run_due(struct store *store, const struct job_kind *kinds, size_t count,
                           void *context, const struct pd_clock *clock, uint64_t limit,
                           struct job_tally *tally, struct pd_error *err) {
    return run_due(store, kinds, count, "", context, clock, limit, tally, err);
}

enum pd_status job_run_kind(struct store *store, const struct job_kind *kind, void *context,
                            const struct pd_clock *clock, uint64_t limit, struct job_tally *tally,
                            struct pd_error *err) {
    return run_due(store, kind, 1, kind->name, context, clock, limit, tally, err);
}

/* ---- Reading ---- */

static const struct sql LIST = {
    .both = "SELECT id, kind, subject, due_at, state, attempts, last_error FROM job"
            " WHERE $1 = 1 OR state <> 'done' ORDER BY due_at, id"};
static const struct sql COUNT = {.both =
                                     "SELECT COUNT(*) FROM job WHERE $1 = 1 OR state <> 'done'"};

static enum pd_status read_row(const struct store_rows *rows, struct pd_arena *arena,
                               struct job *job, struct pd_error *err) {
    *job = (struct job){.kind = pd_arena_str(arena, store_str(rows, 1)),
                        .subject = pd_arena_str(arena, store_str(rows, 2)),
                        .due = store_i64(rows, 3),
                        .attempts = (uint64_t)store_i64(rows, 5),
                        .last_error = pd_arena_str(arena, store_str(rows, 6))};
    if (!job->kind.data || !job->subject.data || !job->last_error.data)
        return pd_fail_memory(err);
    bool is_known = false;
    for (size_t i = 0; i < sizeof(STATES) / sizeof(*STATES) && !is_known; i++) {
        is_known = pd_str_is(store_str(rows, 4), STATES[i]);
        job->state = (enum job_state)i;
    }
    if (!is_known || !pd_id_parse(store_str(rows, 0), &job->id))
        return pd_fail(err, PD_INTERNAL, "the row of the job %.*s is damaged",
                       pd_arg(store_str(rows, 0)));
    return PD_OK;
}

enum pd_status job_list(struct store *store, bool with_done, struct pd_arena *arena,
                        const struct job **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_I64(with_done)};
    struct store_rows *rows;
    bool has;
    size_t n = 0;
    enum pd_status st = store_select(store, COUNT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    size_t room = st == PD_OK && has ? (size_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    struct job *list = st == PD_OK ? pd_arena_array(arena, room ? room : 1, sizeof(*list)) : NULL;
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = store_select(store, LIST, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < room)
        if ((st = read_row(rows, arena, &list[n++], err)) != PD_OK)
            break;
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}
