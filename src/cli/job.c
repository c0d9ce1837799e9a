/* polder job list, job run: what the node does by itself. */
#include "cli/cli.h"

enum {
    RUN_MAX = 100000,
    RUN_BESIDE_MAX = 100
}; /* beside another command, not to keep it waiting */

void cli_close_writer(struct cli *cli, struct govern *g, bool has_written) {
    (void)cli;
    struct job_tally tally;
    struct pd_error err = {0};
    if (g && has_written) {
        pd_time behind = govern_clock_behind(g);
        if (behind > 0)
            fprintf(stderr,
                    "polder: this machine's clock is %llu s behind the newest act; what was done now got "
                    "that act's time: set the clock\n",
                    (unsigned long long)(behind / PD_SECOND));
        if (govern_run_jobs(g, RUN_BESIDE_MAX, &tally, &err) != PD_OK)
            fprintf(stderr, "polder: what is due could not be done: %s\n", err.text);
        else if (tally.failed)
            fprintf(stderr, "polder: %llu jobs that are due failed (polder job list says why)\n",
                    (unsigned long long)tally.failed);
    }
    govern_close(g);
}

/* ---- job list ---- */

static void tell_list(const struct job *jobs, size_t n, struct pd_buf *out) {
    cli_say(out, 0, 2, "%zu job%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        char date[PD_TIME_TEXT_SIZE];
        pd_time_write(jobs[i].due, PD_TIME_MINUTES, date);
        cli_say(out, 2, 4, "%s %s: %.*s %.*s", date, job_state_name(jobs[i].state),
                pd_arg(jobs[i].kind), pd_arg(jobs[i].subject));
        if (jobs[i].last_error.len)
            cli_say(out, 4, 6, "after %llu attempt%s: %.*s", (unsigned long long)jobs[i].attempts,
                    jobs[i].attempts == 1 ? "" : "s", pd_arg(jobs[i].last_error));
    }
}

static void write_list(const struct job *jobs, size_t n, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "jobs");
    pd_json_array(&w);
    for (size_t i = 0; i < n; i++) {
        pd_json_object(&w);
        pd_json_key(&w, "job");
        cli_json_id(&w, jobs[i].id);
        pd_json_member_str(&w, "kind", jobs[i].kind);
        pd_json_member_str(&w, "subject", jobs[i].subject);
        pd_json_key(&w, "due");
        pd_json_time(&w, jobs[i].due);
        pd_json_member_text(&w, "state", job_state_name(jobs[i].state));
        pd_json_member_i64(&w, "attempts", (int64_t)jobs[i].attempts);
        pd_json_member_str(&w, "last_error", jobs[i].last_error);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_job_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct job *jobs = NULL;
    size_t n = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "job list", &g, &err);
    if (st == PD_OK)
        st = job_list(govern_store(g), pd_args_has(args, "all"), cli->arena, &jobs, &n, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_list(jobs, n, &out);
    else if (st == PD_OK)
        tell_list(jobs, n, &out);
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- job run ---- */

static void write_run(const struct job_tally *tally, pd_str pending, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "done", (int64_t)tally->done);
    pd_json_member_i64(&w, "postponed", (int64_t)tally->postponed);
    pd_json_member_i64(&w, "failed", (int64_t)tally->failed);
    pd_json_member_i64(&w, "given_up", (int64_t)tally->given_up);
    pd_json_member_str(&w, "pending", pending);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_run(const struct job_tally *tally, pd_str pending, struct pd_buf *out) {
    cli_say(out, 0, 2, "%llu done, %llu put off, %llu failed", (unsigned long long)tally->done,
            (unsigned long long)tally->postponed, (unsigned long long)tally->failed);
    if (pending.len)
        cli_say(out, 2, 4, "Proofs are pending: %.*s", pd_arg(pending));
}

int cli_job_run(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0}, later = {0};
    struct govern *g = NULL;
    struct job_tally tally = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_WRITE, "job run", &g, &err);
    if (st == PD_OK)
        st = govern_run_jobs(g, RUN_MAX, &tally, &err);
    /* What an earlier command left pending, proofs and files, is finished too. */
    bool is_pending = st == PD_OK && govern_integrate(g, &later) != PD_OK;
    pd_str pending = is_pending ? pd_str_from(later.text) : PD_STR("");
    if (st == PD_OK && pd_args_has(args, "json"))
        write_run(&tally, pending, &out);
    else if (st == PD_OK)
        tell_run(&tally, pending, &out);
    govern_close(g);
    if (st != PD_OK)
        return cli_fail(&err);
    int code = cli_print(&out);
    return code || (!tally.failed && !is_pending) ? code : pd_outcome_get(PD_OPEN)->exit_code;
}
