/* polder ledger integrate: finishes what acts left pending; as a standing process for all of them.
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

/* A standby takes over at most STANDBY_MS after the database has noticed that the other one is
 * gone; with PostgreSQL that is when its connection closes. */
enum { EVERY_MS = 50, STANDBY_MS = 500, RETRY_MS = 1000, JOBS_MS = 60000, JOBS_MAX = 1000 };

struct following {
    struct cli *cli;
    struct govern *g;
    sigset_t signals;
    bool was_elected, is_elected, has_told;
    int64_t since_jobs_ms;
};

/* True: somebody asked to stop. */
static bool is_stopped_within(const struct following *f, int64_t ms) {
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    return sigtimedwait(&f->signals, NULL, &wait) > 0;
}

static void tell_office(struct following *f) {
    if (f->has_told && f->is_elected == f->was_elected)
        return;
    puts(f->is_elected ? "This process integrates." : "Another process integrates; standing by.");
    fflush(stdout);
    f->was_elected = f->is_elected;
    f->has_told = true;
}

/* One round; how long to wait for the next. */
static enum pd_status follow_once(struct following *f, int64_t *wait_ms, struct pd_error *err) {
    enum pd_status st = govern_stand(f->g, &f->is_elected, err);
    if (st != PD_OK)
        return st;
    tell_office(f);
    *wait_ms = f->is_elected ? EVERY_MS : STANDBY_MS;
    if (!f->is_elected)
        return PD_OK;
    st = govern_integrate(f->g, err);
    f->since_jobs_ms += EVERY_MS;
    if (st == PD_OK && f->since_jobs_ms >= JOBS_MS) {
        struct job_tally tally;
        f->since_jobs_ms = 0;
        st = govern_run_jobs(f->g, JOBS_MAX, &tally, err);
    }
    return st;
}

/* What may pass: a database that restarts, a disk that is full, another one that was faster. */
static bool is_passing(enum pd_status st) {
    return st == PD_UNAVAILABLE || st == PD_IO || st == PD_CONFLICT;
}

static enum pd_status follow(struct following *f, struct pd_error *err) {
    for (;;) {
        int64_t wait_ms = RETRY_MS;
        enum pd_status st = follow_once(f, &wait_ms, err);
        if (st != PD_OK && !is_passing(st))
            return st;
        if (st != PD_OK)
            fprintf(stderr, "polder: trying again: %s\n", err->text);
        if (is_stopped_within(f, wait_ms))
            return PD_OK;
    }
}

static enum pd_status start_following(struct cli *cli, struct govern *g, struct pd_error *err) {
    struct following f = {.cli = cli, .g = g};
    if (!store_is_shared(govern_store(g)))
        return pd_fail(err, PD_UNSUPPORTED,
                       "--follow is for nodes on PostgreSQL, where several processes write: in a "
                       "folder of its own the one that writes integrates by itself");
    sigemptyset(&f.signals);
    sigaddset(&f.signals, SIGINT);
    sigaddset(&f.signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &f.signals, NULL);
    enum pd_status st = follow(&f, err);
    govern_stand_down(g);
    return st;
}

static enum pd_status integrate_once(struct govern *g, struct pd_buf *out, struct pd_error *err) {
    bool is_elected = false;
    enum pd_status st = govern_stand(g, &is_elected, err);
    if (st == PD_OK && is_elected)
        st = govern_integrate(g, err);
    govern_stand_down(g);
    pd_buf_text(out, is_elected
                         ? "All leaves stand in their logs, and what the logs hold is published.\n"
                         : "Another process integrates this node's leaves.\n");
    return st;
}

int cli_ledger_integrate(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_WRITE, "ledger integrate", &g, &err);
    if (st == PD_OK)
        st = pd_args_has(args, "follow") ? start_following(cli, g, &err)
                                         : integrate_once(g, &out, &err);
    govern_close(g);
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_fail(&err);
}
