/* polder witness serve: C2SP tlog-witness over HTTP. */
#include "cli/cli.h"

#include "http/http.h"
#include "witness/witness.h"

#include <signal.h>
#include <string.h>

enum { STOP_WAIT_MS = 10000 };

struct serving {
    struct witness *witness;
    struct pd_clock clock;
    bool is_quiet;
};

/* ---- Handlers ---- */

/* Only of logs that are watched: what strangers call themselves has no place in a log. */
static void tell_verdict(const struct serving *s, const struct witness_answer *a) {
    bool is_known = a->verdict != LEDGER_MALFORMED && a->verdict != LEDGER_UNKNOWN_LOG;
    if (a->is_fork)
        fprintf(stderr, "error: a log shows a fork, both statements are kept origin=\"%.*s\"\n",
                pd_arg(a->origin));
    else if (a->verdict == LEDGER_UNPROVEN)
        fprintf(stderr, "warning: a log's checkpoint isn't proved origin=\"%.*s\" why=\"%s\"\n",
                pd_arg(a->origin), a->why.text);
    else if (is_known && !s->is_quiet)
        fprintf(stderr, "add-checkpoint origin=\"%.*s\" verdict=%s\n", pd_arg(a->origin),
                ledger_answer_get(a->verdict)->word);
}

static void add_checkpoint(void *context, const struct http_request *request,
                           struct http_response *response) {
    struct serving *s = context;
    struct pd_error err = {0};
    struct witness_answer answer = {.verdict = LEDGER_MALFORMED};
    uint64_t now_s = (uint64_t)(pd_clock_now(&s->clock) / PD_SECOND);
    if (witness_add_checkpoint(s->witness, request->body, now_s, request->arena, &answer, &err) !=
        PD_OK) {
        fprintf(stderr, "error: a checkpoint couldn't be cosigned why=\"%s\"\n", err.text);
        err.status = PD_UNAVAILABLE; /* not the log's fault */
        http_fail(request, response, &err);
        return;
    }
    tell_verdict(s, &answer);
    int status = ledger_answer_get(answer.verdict)->http;
    if (answer.verdict == LEDGER_COSIGN)
        http_respond(response, status, "text/plain; charset=utf-8", answer.body);
    else if (answer.verdict == LEDGER_STALE)
        http_respond(response, status, "text/x.tlog.size", answer.body);
    else
        http_problem(request, response, status, answer.why.text);
    http_add_header(response, "Cache-Control", PD_STR("no-store"));
}

static void get_checkpoint(void *context, const struct http_request *request,
                           struct http_response *response) {
    struct serving *s = context;
    struct pd_error err = {0};
    pd_str note;
    if (witness_checkpoint(s->witness, http_param(request, "log"), request->arena, &note, &err) !=
        PD_OK) {
        http_fail(request, response, &err);
        return;
    }
    http_respond(response, 200, "text/plain; charset=utf-8", note);
    http_add_header(response, "Cache-Control", PD_STR("max-age=1"));
}

static void get_key(void *context, const struct http_request *request,
                    struct http_response *response) {
    struct serving *s = context;
    pd_str text = pd_arena_printf(request->arena, "%.*s\n", pd_arg(witness_vkey(s->witness)));
    http_respond(response, text.data ? 200 : 503, "text/plain; charset=utf-8", text);
}

static void get_health(void *context, const struct http_request *request,
                       struct http_response *response) {
    (void)context, (void)request;
    http_respond(response, 200, "text/plain; charset=utf-8", PD_STR("ok\n"));
}

static const struct http_route ROUTES[] = {
    {"POST", "/add-checkpoint", LEDGER_REQUEST_MAX, true, add_checkpoint},
    {"GET", "/{log}/checkpoint", 0, true, get_checkpoint},
    {"GET", "/vkey", 0, false, get_key},
    {"GET", "/healthz", 0, false, get_health},
};

/* ---- Serving ---- */

/* Made at the first start, if a name is given for it. */
static enum pd_status make(struct cli *cli, const struct pd_args *args, struct pd_error *err) {
    pd_str vkey;
    const char *name = pd_args_get(args, "name");
    if (!name)
        return PD_OK;
    enum pd_status st =
        witness_init(pd_args_get(args, "data"), pd_str_from(name), cli->arena, &vkey, err);
    return st == PD_CONFLICT ? PD_OK : st;
}

static enum pd_status check_name(const struct serving *s, const struct pd_args *args,
                                 struct pd_error *err) {
    const char *name = pd_args_get(args, "name");
    if (!name || pd_str_is(witness_name(s->witness), name))
        return PD_OK;
    return pd_fail(err, PD_USAGE, "the witness in %s is named \"%.*s\", not \"%s\"",
                   pd_args_get(args, "data"), pd_arg(witness_name(s->witness)), name);
}

static void wait_for_signal(const sigset_t *signals) {
    int received;
    while (sigwait(signals, &received) != 0)
        ;
}

static enum pd_status serve(struct serving *s, const struct pd_args *args, struct pd_error *err) {
    struct http_config config = http_config_default();
    struct http_server *server = NULL;
    sigset_t signals;
    config.listen = pd_args_get(args, "listen");
    config.routes = ROUTES;
    config.route_count = sizeof(ROUTES) / sizeof(ROUTES[0]);
    config.context = s;
    /* Before any thread is started, so that none of them takes the signals. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    enum pd_status st = http_start(&config, &server, err);
    if (st != PD_OK)
        return st;
    printf("Witness %.*s listens at %.*s:%d\n", pd_arg(witness_name(s->witness)),
           (int)(strrchr(config.listen, ':') - config.listen), config.listen, http_port(server));
    fflush(stdout);
    wait_for_signal(&signals);
    http_stop(server, STOP_WAIT_MS);
    return PD_OK;
}

int cli_witness_serve(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct serving s = {.clock = cli->clock, .is_quiet = pd_args_has(args, "quiet")};
    enum pd_status st = make(cli, args, &err);
    if (st == PD_OK)
        st = witness_open(pd_args_get(args, "data"), true, cli_holder(cli, "witness serve"),
                          &s.witness, &err);
    if (st == PD_OK)
        st = check_name(&s, args, &err);
    if (st == PD_OK)
        st = serve(&s, args, &err);
    witness_close(s.witness);
    return st == PD_OK ? 0 : cli_fail(&err);
}
