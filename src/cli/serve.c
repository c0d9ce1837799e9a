/* polder serve: the node as a service. */
#include "cli/cli.h"

#include "api/api.h"
#include "portal/portal.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STOP_WAIT_MS = 10000, STOP_MOST_S = 40, FACES_MAX = 4 };

/* The faces: a line each. */
static size_t collect_tables(struct serve_table tables[FACES_MAX]) {
    size_t n = 0;
    tables[n].routes = api_routes(&tables[n].count);
    n++;
    tables[n].routes = portal_routes(&tables[n].count);
    n++;
    return n;
}

static void block_signals(sigset_t *signals) {
    /* Before any thread is started, so that none of them takes the signals. */
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static enum pd_status check_tls(const struct serve_config *c, struct pd_error *err) {
    if (!c->tls_cert == !c->tls_key)
        return PD_OK;
    return pd_fail(err, PD_USAGE, "--tls-cert and --tls-key go together");
}

static enum pd_status read_number(const struct pd_args *args, const char *name, uint64_t *out,
                                  struct pd_error *err) {
    const char *text = pd_args_get(args, name);
    if (text && (!pd_parse_u64(pd_str_from(text), out) || *out > 1000000))
        return pd_fail(err, PD_USAGE, "--%s is a number up to 1,000,000", name);
    return PD_OK;
}

static void *stop(void *context) {
    serve_stop(context, STOP_WAIT_MS);
    return NULL;
}

/* A plan for a large file may take minutes. What is cut off then leaves no more behind than after a power cut: nothing. */
static void stop_in_time(struct serve *serve) {
    pthread_t stopping;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_MOST_S;
    if (pthread_create(&stopping, NULL, stop, serve) != 0) {
        serve_stop(serve, STOP_WAIT_MS);
    } else if (pthread_timedjoin_np(stopping, NULL, &until) != 0) {
        fprintf(stderr, "warning: what was still under way after %d s is cut off\n", STOP_MOST_S);
        _exit(0);
    }
}

/* A hundred threads wait for the disk or for work, and few compute at once: with the eight arenas for each core
 * that glibc gives them, up to 19 MB more of what was freed stays in memory. */
static void keep_memory_together(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    (void)mallopt(M_ARENA_MAX, cores > 2 ? (int)cores : 2);
}

int cli_serve(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct serve_table tables[FACES_MAX];
    struct serve *serve = NULL;
    sigset_t signals;
    const char *listen = pd_args_get(args, "listen");
    pd_str holder = pd_arena_printf(cli->arena, "%s, listening at %s", cli_holder(cli, "serve"), listen);
    uint64_t rate = 200, per_address = pd_args_has(args, "behind-proxy") ? 0 : 256;
    enum pd_status st = read_number(args, "rate", &rate, &err);
    if (st == PD_OK)
        st = read_number(args, "address-connections", &per_address, &err);
    struct serve_config config = {.folder = pd_args_get(args, "data"),
                                  .database = pd_args_get(args, "database"),
                                  .holder = holder.data ? holder.data : "polder serve",
                                  .listen = listen,
                                  .tls_cert = pd_args_get(args, "tls-cert"),
                                  .tls_key = pd_args_get(args, "tls-key"),
                                  .tables = tables,
                                  .table_count = collect_tables(tables),
                                  .is_behind_proxy = pd_args_has(args, "behind-proxy"),
                                  .rate = (unsigned)rate,
                                  .address_connections = (unsigned)per_address,
                                  .is_quiet = pd_args_has(args, "quiet"),
                                  .clock = cli->clock,
                                  .refuse = portal_refuse};
    keep_memory_together();
    block_signals(&signals);
    if (st == PD_OK)
        st = check_tls(&config, &err);
    if (st == PD_OK)
        st = serve_start(&config, &serve, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    printf("Polder listens at http%s://%.*s:%d/\n", config.tls_cert ? "s" : "",
           (int)(strrchr(listen, ':') - listen), listen, serve_port(serve));
    fflush(stdout);
    int received;
    while (sigwait(&signals, &received) != 0)
        ;
    stop_in_time(serve);
    return 0;
}
