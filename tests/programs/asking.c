/*
 * Asks a node for acts from several threads until it is killed: asking NODE INTENT THREADS. Each
 * receipt is printed, as "ACT<TAB>LEAF HASH", once the act was handed it.
 */
#include "../unit/writer_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asking {
    struct govern_writer *writer;
    pd_id intent;
};

static void must(enum pd_status st, const struct pd_error *err) {
    if (st == PD_OK)
        return;
    fprintf(stderr, "asking: %s\n", err->text);
    exit(pd_outcome_get(st)->exit_code);
}

/* One write for one line, so that no line is cut off. */
static void print(const struct act *act) {
    char id[PD_ID_TEXT_SIZE], line[256];
    pd_id_write(act->id, id);
    size_t at = pd_str_find(act->receipt, PD_STR("\nleaf "));
    pd_str leaf = pd_str_sub(act->receipt, at + 6, 44);
    int n = snprintf(line, sizeof(line), "%s\t%.*s\n", id, pd_arg(leaf));
    if (at == PD_NPOS || write(STDOUT_FILENO, line, (size_t)n) != n)
        exit(74);
}

static void *ask(void *context) {
    struct asking *asking = context;
    struct pd_error err;
    struct govern *g;
    struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
    struct pd_mark mark = pd_arena_mark(arena);
    must(govern_writer_join(asking->writer, &g, &err), &err);
    for (;; pd_arena_reset(arena, mark)) {
        struct attesting *a = NULL;
        pd_str pending;
        must(attesting_begin(g, asking->intent, arena, &a, &err), &err);
        must(act_commit(g, &a->act, arena, &pending, &err), &err);
        print(&a->act);
    }
    return NULL;
}

int main(int argc, char **argv) {
    struct asking asking;
    struct pd_error err;
    struct pd_clock clock = pd_clock_system();
    if (argc != 4 || !pd_id_parse(pd_str_from(argv[2]), &asking.intent))
        return fprintf(stderr, "usage: asking NODE INTENT THREADS\n"), 64;
    must(govern_writer_open(argv[1], NULL, "asking", &clock, &asking.writer, &err), &err);
    for (int i = 1; i < atoi(argv[3]); i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, ask, &asking) != 0)
            return 71;
    }
    ask(&asking);
    return 0;
}
