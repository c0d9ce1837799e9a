/* What the benchmarks share: a stopwatch, and an end for what must not fail here. */
#ifndef POLDER_BENCH_H
#define POLDER_BENCH_H

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds of the monotonic clock. */
static inline double bench_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds that the processor spent on this thread: other programs on the machine do not count. */
static inline double bench_cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void bench_must(enum pd_status st, const struct pd_error *err) {
    if (st == PD_OK)
        return;
    fprintf(stderr, "bench: %s\n", err->text);
    exit(pd_outcome_get(st)->exit_code);
}

#endif
