/* Verifying a whole node: what it stores is what its acts wrote, what its acts wrote is in its
 * logs, and what they decided follows from facts and law. The work is cut into tasks that threads
 * take one after the other. */
#include "govern/verify_impl.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 16, RANGES = 24, TASKS_MAX = 1024 };
#define SCRATCH_LIMIT ((size_t)256 << 20)
/* Behind every id: the last code point. */
static const char LAST_ID[] = "\xf4\x8f\xbf\xbf";

/* ---- What is found ---- */

PD_PRINTF(3, 0)
static bool add(struct verifier *v, struct govern_flaw *to, const char *format, va_list args,
                pd_str where, const char *check) {
    char text[600];
    vsnprintf(text, sizeof(text), format, args);
    *to = (struct govern_flaw){check, pd_arena_str(v->arena, where),
                               pd_arena_str(v->arena, pd_str_from(text))};
    return to->where.data && to->what.data;
}

void verify_flaw(struct verifier *v, const char *check, pd_str where, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (v->found.flaw_count < VERIFY_FLAWS_MAX &&
        add(v, &v->flaws[v->found.flaw_count], format, args, where, check))
        v->found.flaw_count++;
    else
        v->found.further_flaws++;
    va_end(args);
}

void verify_remark(struct verifier *v, const char *check, pd_str where, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (v->found.remark_count < VERIFY_FLAWS_MAX &&
        add(v, &v->remarks[v->found.remark_count], format, args, where, check))
        v->found.remark_count++;
    va_end(args);
}

enum pd_status verify_none_of(struct verifier *v, struct sql sql, const struct store_value *values,
                              size_t count, const char *check, const char *what,
                              struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        verify_flaw(v, check, store_str(rows, 0), "%s", what);
    store_rows_close(rows);
    return st;
}

/* ---- Tasks ---- */

struct plan {
    const struct govern_verify_options *options;
    const struct govern_log *log_names;
    struct govern_verified_log *logs;
    size_t log_count;
    const char *folder;
    struct pd_clock clock;
    struct verify_task tasks[TASKS_MAX];
    size_t count;
    atomic_size_t next;
    atomic_bool is_over; /* some thread failed: no more tasks */
};

static void add_task(struct plan *p,
                     enum pd_status (*run)(struct verifier *v, const struct verify_task *task,
                                           struct pd_error *err),
                     pd_str after, pd_str until, size_t which) {
    if (p->count < TASKS_MAX)
        p->tasks[p->count++] = (struct verify_task){run, after, until, which};
}

static const struct sql COUNT_ACTS = {.both = "SELECT COUNT(*) FROM act"};
static const struct sql NTH_ACT = {.both = "SELECT id FROM act ORDER BY id LIMIT 1 OFFSET $1"};

static enum pd_status select_one(struct govern *g, struct sql sql, const struct store_value *values,
                                 size_t count, struct pd_arena *arena, pd_str *text,
                                 int64_t *number, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && number)
        *number = store_i64(rows, 0);
    if (st == PD_OK && has && text)
        *text = pd_arena_str(arena, store_str(rows, 0));
    store_rows_close(rows);
    return st;
}

static enum pd_status plan_logs(struct govern *g, struct plan *p, struct pd_arena *arena,
                                struct pd_error *err) {
    struct pd_error why = {0};
    enum pd_status st = govern_logs(g, arena, &p->log_names, &p->log_count, &why);
    if (st != PD_OK && st != PD_INTERNAL && st != PD_INVALID)
        return pd_fail(err, st, "%s", why.text);
    if (st != PD_OK)
        p->log_count = 0; /* damaged, as the task that reads the table will say */
    p->logs = pd_arena_array(arena, p->log_count + 1, sizeof(*p->logs));
    return p->logs ? PD_OK : pd_fail_memory(err);
}

/* Acts are cut into ranges of about the same number; all ids begin with a time, so that the rows of
 * other tables fall into the same ranges more or less. What can't be cut stands first. */
static enum pd_status plan_tasks(struct govern *g, struct plan *p, struct pd_arena *arena,
                                 uint64_t *acts, struct pd_error *err) {
    pd_str none = PD_STR(""), last = pd_str_from(LAST_ID), cuts[RANGES + 1];
    int64_t count = 0;
    enum pd_status st = select_one(g, COUNT_ACTS, NULL, 0, arena, NULL, &count, err);
    size_t n = 0, ranges = count < 16 * RANGES ? 1 : RANGES;
    cuts[n++] = none;
    for (size_t i = 1; st == PD_OK && i < ranges; i++) {
        struct store_value nth[] = {STORE_I64(count * (int64_t)i / (int64_t)ranges)};
        cuts[n] = none;
        st = select_one(g, NTH_ACT, nth, 1, arena, &cuts[n], NULL, err);
        n += cuts[n].len > 0;
    }
    cuts[n++] = last;
    if (st == PD_INTERNAL) { /* the table is damaged: its tasks will say so */
        count = 0;
        cuts[1] = last;
        n = 2;
        st = PD_OK;
    }
    *acts = (uint64_t)count;
    for (size_t log = 0; log < p->log_count; log++)
        add_task(p, verify_log, none, last, log);
    add_task(p, verify_anchors, none, last, 0);
    add_task(p, verify_witnessed, none, last, 0);
    add_task(p, verify_database, none, last, 0);
    add_task(p, verify_files, none, last, 0);
    add_task(p, verify_signers, none, last, 0);
    add_task(p, verify_destroyed, none, last, 0);
    add_task(p, verify_clock_states, none, last, 0);
    for (size_t i = 0; i + 1 < n; i++)
        add_task(p, verify_acts, cuts[i], cuts[i + 1], 0);
    for (size_t table = 0; act_governed(table); table++)
        for (size_t i = 0; i + 1 < n; i++)
            add_task(p, verify_rows, cuts[i], cuts[i + 1], table);
    return st;
}

/* ---- Threads ---- */

struct worker {
    struct plan *plan;
    struct verifier v;
    bool owns_node; /* opened its own handle */
    bool has_thread;
    pthread_t thread;
    enum pd_status status;
    struct pd_error err;
};

static enum pd_status worker_init(struct worker *w, struct plan *p) {
    w->plan = p;
    w->v.options = p->options;
    w->v.logs = p->logs;
    w->v.log_names = p->log_names;
    w->v.arena = pd_arena_new((size_t)64 << 20);
    w->v.scratch = pd_arena_new(SCRATCH_LIMIT);
    if (!w->v.arena || !w->v.scratch)
        return pd_fail_memory(&w->err);
    w->v.flaws = pd_arena_array(w->v.arena, VERIFY_FLAWS_MAX, sizeof(*w->v.flaws));
    w->v.remarks = pd_arena_array(w->v.arena, VERIFY_FLAWS_MAX, sizeof(*w->v.remarks));
    pd_buf_init(&w->v.buf, (size_t)128 << 20);
    return w->v.flaws && w->v.remarks ? PD_OK : pd_fail_memory(&w->err);
}

static void worker_clear(struct worker *w) {
    for (size_t i = 0; i < VERIFY_RULES_KEPT; i++)
        if (w->v.rules[i].is_own)
            law_rules_free(w->v.rules[i].rules);
    verify_findings_free(w->v.findings);
    pd_buf_clear(&w->v.buf);
    if (w->owns_node)
        govern_close(w->v.g);
    pd_arena_free(w->v.arena);
    pd_arena_free(w->v.scratch);
}

struct one_task {
    struct verifier *v;
    const struct verify_task *task;
};

static enum pd_status run_task(struct store *store, void *context, struct pd_error *err) {
    (void)store;
    struct one_task *t = context;
    return t->task->run(t->v, t->task, err);
}

/* What is damaged too much to be read is a flaw of its own, and the other tasks go on. */
static enum pd_status do_task(struct verifier *v, const struct verify_task *task,
                              struct pd_error *err) {
    struct one_task one = {v, task};
    struct pd_error why = {0};
    struct pd_mark mark = pd_arena_mark(v->scratch);
    enum pd_status st = store_in_transaction(v->g->store)
                            ? run_task(v->g->store, &one, &why)
                            : store_transact(v->g->store, run_task, &one, &why);
    pd_arena_reset(v->scratch, mark);
    if (st == PD_OK)
        return PD_OK;
    if (st != PD_INTERNAL && st != PD_INVALID && st != PD_NOT_FOUND)
        return pd_fail(err, st, "%s", why.text);
    const struct act_governed *table = task->run == verify_rows ? act_governed(task->which) : NULL;
    verify_flaw(v, "database", pd_str_from(table ? table->table : "polder.db"), "%s", why.text);
    return PD_OK;
}

/* Walks go through everything once: more of the trees' upper pages stay in memory. */
static const struct sql CACHE = {.sqlite = "PRAGMA cache_size = -65536", .pg = "SELECT 1"};

static enum pd_status enlarge_cache(struct verifier *v, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, CACHE, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    store_rows_close(rows);
    return st;
}

static void *work(void *context) {
    struct worker *w = context;
    struct plan *p = w->plan;
    if (!w->v.g) {
        w->status =
            govern_open_to_verify(p->folder, p->options->database, &p->clock, &w->v.g, &w->err);
        w->owns_node = w->status == PD_OK;
    }
    if (w->status == PD_OK)
        w->status = enlarge_cache(&w->v, &w->err);
    size_t i;
    while (w->status == PD_OK && !atomic_load(&p->is_over) &&
           (i = atomic_fetch_add(&p->next, 1)) < p->count) {
        w->status = do_task(&w->v, &p->tasks[i], &w->err);
        const struct govern_progress *progress = p->options->progress;
        if (progress && !w->has_thread)
            progress->tell(progress->context, "verifying", i + 1, p->count);
    }
    if (w->status != PD_OK)
        atomic_store(&p->is_over, true);
    return NULL;
}

/* ---- Merging ---- */

static bool copy_flaws(struct pd_arena *arena, const struct govern_flaw *from, size_t count,
                       struct govern_flaw *to, size_t *n) {
    for (size_t i = 0; i < count && *n < VERIFY_FLAWS_MAX; i++, (*n)++) {
        to[*n] = (struct govern_flaw){from[i].check, pd_arena_str(arena, from[i].where),
                                      pd_arena_str(arena, from[i].what)};
        if (!to[*n].where.data || !to[*n].what.data)
            return false;
    }
    return true;
}

static void copy_text(struct pd_arena *arena, pd_str *text) {
    if (text->data)
        *text = pd_arena_str(arena, *text);
}

/* What the tasks say of logs lives in their arenas. */
static void copy_log(struct pd_arena *arena, struct govern_verified_log *log) {
    copy_text(arena, &log->name);
    copy_text(arena, &log->origin);
    copy_text(arena, &log->vkey);
    copy_text(arena, &log->checkpoint);
    copy_text(arena, &log->fork);
}

static enum pd_status merge(const struct plan *p, struct pd_arena *arena, struct worker *workers,
                            size_t count, struct govern_verified *out, struct pd_error *err) {
    struct govern_flaw *flaws = pd_arena_array(arena, VERIFY_FLAWS_MAX, sizeof(*flaws));
    struct govern_flaw *remarks = pd_arena_array(arena, VERIFY_FLAWS_MAX, sizeof(*remarks));
    if (!flaws || !remarks)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct govern_verified *found = &workers[i].v.found;
        size_t before = out->flaw_count;
        if (!copy_flaws(arena, workers[i].v.flaws, found->flaw_count, flaws, &out->flaw_count) ||
            !copy_flaws(arena, workers[i].v.remarks, found->remark_count, remarks,
                        &out->remark_count))
            return pd_fail_memory(err);
        out->further_flaws += found->further_flaws + found->flaw_count - (out->flaw_count - before);
        out->rows += found->rows;
        out->files += found->files;
        out->keys += found->keys;
        out->receipts += found->receipts;
        out->findings += found->findings;
        out->clocks += found->clocks;
        out->unread += found->unread;
    }
    for (size_t i = 0; i < p->log_count; i++)
        copy_log(arena, &p->logs[i]);
    out->logs = p->logs;
    out->log_count = p->log_count;
    out->flaws = flaws;
    out->remarks = remarks;
    return PD_OK;
}

/* ---- The whole ---- */

static enum pd_status run_workers(struct plan *p, struct worker *workers, size_t count,
                                  struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = workers[i].status = worker_init(&workers[i], p);
    for (size_t i = 1; st == PD_OK && i < count; i++)
        workers[i].has_thread = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    if (st == PD_OK)
        work(&workers[0]);
    for (size_t i = 1; i < count; i++)
        if (workers[i].has_thread)
            pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i < count; i++)
        if (workers[i].status != PD_OK)
            return pd_fail(err, workers[i].status, "%s", workers[i].err.text);
    return st;
}

enum pd_status govern_verify(struct govern *g, const struct govern_verify_options *options,
                             struct pd_arena *arena, const struct govern_verified **out,
                             struct pd_error *err) {
    static const struct govern_verify_options usual = {0};
    struct govern_verified *result = pd_arena_alloc(arena, sizeof(*result));
    struct plan *p = calloc(1, sizeof(*p));
    size_t count = options && options->threads ? options->threads : 2;
    count = count > THREADS_MAX ? THREADS_MAX : count;
    struct worker *workers = calloc(count, sizeof(*workers));
    enum pd_status st = result && p && workers ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK) {
        p->options = options ? options : &usual;
        p->folder = store_folder(g->store);
        p->clock = g->clock;
        workers[0].v.g = g;
        st = plan_logs(g, p, arena, err);
    }
    if (st == PD_OK)
        st = plan_tasks(g, p, arena, &result->acts, err);
    if (st == PD_OK && result->acts < 1000)
        count = 1; /* another handle costs more than it saves */
    if (st == PD_OK)
        st = run_workers(p, workers, count, err);
    if (st == PD_OK)
        st = merge(p, arena, workers, count, result, err);
    for (size_t i = 0; workers && i < count; i++)
        worker_clear(&workers[i]);
    free(workers);
    free(p);
    if (st == PD_OK)
        *out = result;
    return st;
}
