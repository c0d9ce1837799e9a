/*
 * How fast a table is inspected, as a share of memchr counting the newlines of the same bytes:
 *
 *     bench_inspect FILE [COLUMN]
 *
 * Prints bytes per second of processor time for memchr, for the structure with positions written,
 * for the whole inspection, two threads against one by the clock, and nanoseconds per cell of each
 * column by itself; with COLUMN (from 0) that one alone, to be profiled. The file is mapped; its
 * pages are touched before anything is timed.
 */
#include "inspect/inspect.h"
#include "bench.h"
#include "table/table.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20, RUNS = 3 };

struct timing {
    double cpu, clock;
};

static double process_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct timing timing_start(void) {
    return (struct timing){process_seconds(), bench_seconds()};
}

static struct timing timing_end(struct timing start) {
    return (struct timing){process_seconds() - start.cpu, bench_seconds() - start.clock};
}

static uint64_t count_lines(pd_str file) {
    uint64_t lines = 0;
    const char *at = file.data, *end = file.data + file.len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        lines++;
    }
    return lines;
}

/* ---- Reading ---- */

struct run {
    struct inspector *inspector; /* NULL: structure only */
    unsigned threads;
    size_t only;       /* the column that is inspected; SIZE_MAX: all */
    double inspecting; /* seconds in there */
    uint64_t rows;
    size_t columns;
    pd_str name;
};

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct run *run = context;
    struct inspect_options options = {.now = (pd_time)1782864000 * PD_SECOND,
                                      .threads = run->threads};
    run->columns = count;
    if (run->only == SIZE_MAX)
        return inspector_new(names, count, &options, &run->inspector, err);
    return inspector_new(&names[run->only], 1, &options, &run->inspector, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct run *run = context;
    run->rows += batch->rows;
    if (run->only == SIZE_MAX)
        return inspector_feed(run->inspector, batch, err);
    struct table_batch one = *batch;
    one.columns = 1;
    one.column = &batch->column[run->only];
    double start = process_seconds();
    enum pd_status st = inspector_feed(run->inspector, &one, err);
    run->inspecting += process_seconds() - start;
    return st;
}

static enum pd_status on_structure(void *context, const struct table_batch *batch,
                                   struct pd_error *err) {
    (void)err;
    ((struct run *)context)->rows += batch->rows;
    return PD_OK;
}

static void read_file(pd_str file, const struct table_handler *handler) {
    struct table_reader *reader;
    struct pd_error err;
    bench_must(table_reader_new(NULL, NULL, handler, &reader, &err), &err);
    for (size_t at = 0; at < file.len; at += PIECE)
        bench_must(
            table_feed(reader, file.data + at, file.len - at < PIECE ? file.len - at : PIECE, &err),
            &err);
    bench_must(table_finish(reader, &err), &err);
    table_reader_free(reader);
}

static struct timing time_structure(pd_str file) {
    struct run run = {0};
    struct table_handler handler = {.context = &run, .batch = on_structure};
    struct timing start = timing_start();
    read_file(file, &handler);
    return timing_end(start);
}

static struct timing inspect(pd_str file, unsigned threads) {
    struct run run = {.only = SIZE_MAX, .threads = threads};
    struct table_handler handler = {.context = &run, .header = on_header, .batch = on_batch};
    struct timing start = timing_start();
    read_file(file, &handler);
    struct pd_arena *arena = pd_arena_new((size_t)1 << 30);
    const struct inspection *inspection;
    struct pd_error err;
    bench_must(inspector_finish(run.inspector, arena, &inspection, &err), &err);
    struct timing took = timing_end(start);
    pd_arena_free(arena);
    inspector_free(run.inspector);
    return took;
}

static struct timing time_inspection(pd_str file) {
    return inspect(file, 1);
}

/* Two threads against one, by the clock: a busy machine shows in it. */
static void tell_threads(pd_str file) {
    double one = 1e9, two = 1e9;
    for (int i = 0; i < RUNS; i++) {
        double a = inspect(file, 1).clock, b = inspect(file, 2).clock;
        one = a < one ? a : one;
        two = b < two ? b : two;
    }
    printf("%-34s %8.2f times as fast as one (%.3f s, %.3f s)\n", "two threads, by the clock",
           one / two, one, two);
}

static void tell_column(pd_str file, size_t column, size_t *columns) {
    struct run run = {.only = column};
    struct table_handler handler = {.context = &run, .header = on_header, .batch = on_batch};
    read_file(file, &handler);
    *columns = run.columns;
    pd_str name = inspector_name(run.inspector, 0);
    printf("  %7.1f ns a cell: %.*s\n", run.inspecting * 1e9 / (double)run.rows, pd_arg(name));
    inspector_free(run.inspector);
}

static struct timing best(pd_str file, struct timing (*measure)(pd_str)) {
    struct timing least = measure(file);
    for (int i = 1; i < RUNS; i++) {
        struct timing t = measure(file);
        least = t.cpu < least.cpu ? t : least;
    }
    return least;
}

static void tell(const char *what, pd_str file, struct timing t, double memchr_seconds) {
    printf("%-34s %8.3f GB/s, %6.2f %% of memchr (%.3f s)\n", what, (double)file.len / t.cpu / 1e9,
           100 * memchr_seconds / t.cpu, t.cpu);
}

int main(int argc, char **argv) {
    struct stat info;
    int fd = argc >= 2 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &info) != 0)
        return fprintf(stderr, "usage: bench_inspect FILE [COLUMN]\n"), 64;
    pd_str file = {NULL, (size_t)info.st_size};
    file.data = mmap(NULL, file.len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (file.data == MAP_FAILED)
        return fprintf(stderr, "bench_inspect: cannot map %s\n", argv[1]), 66;
    size_t columns = 1;
    if (argc > 2) {
        tell_column(file, (size_t)strtoul(argv[2], NULL, 10), &columns);
        return 0;
    }
    double least = 1e9;
    uint64_t lines = 0;
    for (int i = 0; i < RUNS; i++) {
        double start = process_seconds();
        lines = count_lines(file);
        double took = process_seconds() - start;
        least = took < least ? took : least;
    }
    printf("%.1f MB, %" PRIu64 " lines\n", (double)file.len / 1e6, lines);
    tell("memchr counting newlines", file, (struct timing){least, least}, least);
    tell("structure, positions written", file, best(file, time_structure), least);
    tell("inspection", file, best(file, time_inspection), least);
    tell_threads(file);
    for (size_t c = 0; c < columns; c++)
        tell_column(file, c, &columns);
    munmap((void *)(uintptr_t)file.data, file.len);
    close(fd);
    return 0;
}
