/* Progress on long files: one line on a terminal's stderr, redrawn in place. */
#include "cli/cli.h"

#include <inttypes.h>

/* A reading that is over sooner draws nothing. */
#define PATIENCE (PD_SECOND / 2)
#define REDRAW   (PD_SECOND / 10)

static bool is_time(struct cli *cli) {
    pd_time now = pd_clock_now(&cli->clock);
    if (cli->progress_began == 0)
        cli->progress_began = now;
    if (now - cli->progress_began < PATIENCE || now - cli->progress_drawn < REDRAW)
        return false;
    cli->progress_drawn = now;
    return true;
}

static void tell(void *context, const char *doing, uint64_t done, uint64_t size) {
    struct cli *cli = context;
    if (!is_time(cli))
        return;
    double share = size ? (double)done / (double)size : 1;
    fprintf(stderr, "\r\033[K%s: %.0f%% of %.1f MB", doing, share * 100, (double)size / 1e6);
}

static void tell_search(void *context, uint64_t checked, uint64_t nodes) {
    struct cli *cli = context;
    if (!is_time(cli))
        return;
    fprintf(stderr, "\r\033[Ksearching for the least loss: %" PRIu64 " combinations counted",
            checked);
    if (cli->search_bytes)
        fprintf(stderr, " in %.1f MB or more", (double)cli->search_bytes / 1e6);
    if (nodes)
        fprintf(stderr, " of %" PRIu64 ", most of which needn't be", nodes);
}

static void tell_memory(void *context, size_t bytes) {
    struct cli *cli = context;
    cli->search_bytes = bytes;
    cli->progress_drawn = 0; /* said before the search begins */
    tell_search(cli, 0, 0);
}

const struct govern_progress *cli_progress(struct cli *cli) {
    if (!cli->is_terminal)
        return NULL;
    cli->progress = (struct govern_progress){tell, cli, tell_search, tell_memory};
    return &cli->progress;
}

void cli_progress_end(struct cli *cli) {
    if (cli->progress_drawn)
        fputs("\r\033[K", stderr);
    cli->progress_began = cli->progress_drawn = 0;
}
