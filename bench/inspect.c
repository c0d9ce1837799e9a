/*
 * How fast a table is inspected, as a share of memchr counting the newlines of the same bytes:
 *
 *     bench_inspect FILE [COLUMN | once | structure | text]
 *
 * Prints bytes per second of processor time for memchr, for the structure with positions written,
 * for the whole inspection, for the second reading (--deep), two threads against one by the clock,
 * and nanoseconds per cell of each column by itself. With COLUMN (from 0) that one alone, to be
 * profiled. "structure": that alone, often. "once": one line of comma-separated figures, for inspect_curves.py. "text": the file is
 * running text, and searched as polder detect does. The file is mapped; its pages are touched
 * before anything is timed.
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

enum { PIECE = 64 << 20, RUNS = 3, OFTEN = 20 };

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
    one.cells += run->only * batch->column_step;
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

/* ---- The second reading ---- */

static enum pd_status on_deep_batch(void *context, const struct table_batch *batch,
                                    struct pd_error *err) {
    return inspect_deep_feed(context, batch, err);
}

static struct timing time_deep(pd_str file) {
    struct run run = {.only = SIZE_MAX, .threads = 1};
    struct table_handler first = {.context = &run, .header = on_header, .batch = on_batch};
    struct pd_arena *arena = pd_arena_new((size_t)1 << 30);
    const struct inspection *inspection;
    const struct inspect_relations *relations;
    struct inspect_deep *deep;
    struct pd_error err;
    read_file(file, &first);
    bench_must(inspector_finish(run.inspector, arena, &inspection, &err), &err);
    struct timing start = timing_start();
    bench_must(inspect_deep_new(inspection, 0, &deep, &err), &err);
    struct table_handler second = {.context = deep, .batch = on_deep_batch};
    read_file(file, &second);
    bench_must(inspect_deep_finish(deep, arena, &relations, &err), &err);
    struct timing took = timing_end(start);
    inspect_deep_free(deep);
    inspector_free(run.inspector);
    pd_arena_free(arena);
    return took;
}

/* ---- Running text ---- */

static enum pd_status on_finding(void *context, const struct detect_finding *finding,
                                 struct pd_error *err) {
    (void)finding;
    (void)err;
    ++*(uint64_t *)context;
    return PD_OK;
}

static struct timing time_text(pd_str text) {
    uint64_t findings = 0;
    struct detect_scan_options options = {.today = 20261130, .least = DETECT_MEDIUM};
    struct detect_scan_handler handler = {.context = &findings, .finding = on_finding};
    struct detect_scanner *scanner;
    struct pd_error err;
    struct timing start = timing_start();
    bench_must(detect_scanner_new(&options, &handler, &scanner, &err), &err);
    bench_must(detect_scanner_feed(scanner, text.data, text.len, &err), &err);
    bench_must(detect_scanner_finish(scanner, &err), &err);
    struct timing took = timing_end(start);
    detect_scanner_free(scanner);
    return took;
}

static struct timing time_inspection(pd_str file) {
    return inspect(file, 1);
}

/* Two threads against one, by the clock: a busy machine shows in it. And by the processor time of
   the one that had more to do, which is what it would be if both had a processor of their own. */
static void tell_threads(pd_str file) {
    double one = 1e9, two = 1e9, alone = 1e9, busier = 1e9;
    for (int i = 0; i < RUNS; i++) {
        struct timing a = inspect(file, 1);
        double before = bench_cpu_seconds();
        struct timing b = inspect(file, 2);
        double own = bench_cpu_seconds() - before;
        double more = own > b.cpu - own ? own : b.cpu - own;
        one = a.clock < one ? a.clock : one;
        two = b.clock < two ? b.clock : two;
        alone = a.cpu < alone ? a.cpu : alone;
        busier = more < busier ? more : busier;
    }
    printf("%-34s %8.2f times as fast as one (%.3f s, %.3f s)\n", "two threads, the busier one",
           alone / busier, alone, busier);
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

static struct timing best(pd_str file, struct timing (*measure)(pd_str), int runs) {
    struct timing least = measure(file);
    for (int i = 1; i < runs; i++) {
        struct timing t = measure(file);
        least = t.cpu < least.cpu ? t : least;
    }
    return least;
}

static void tell(const char *what, pd_str file, struct timing t, double memchr_seconds) {
    printf("%-34s %8.3f GB/s, %6.2f %% of memchr (%.3f s)\n", what, (double)file.len / t.cpu / 1e9,
           100 * memchr_seconds / t.cpu, t.cpu);
}

/* Of this program since it began; the mapped file is in it. */
static double peak_mib(void) {
    char line[256];
    double kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof(line), status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtod(line + 6, NULL);
    if (status)
        fclose(status);
    return kib / 1024;
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
    bool is_once = argc > 2 && strcmp(argv[2], "once") == 0;
    bool is_text = argc > 2 && strcmp(argv[2], "text") == 0;
    bool is_structure = argc > 2 && strcmp(argv[2], "structure") == 0;
    if (argc > 2 && !is_once && !is_text && !is_structure) {
        tell_column(file, (size_t)strtoul(argv[2], NULL, 10), &columns);
        return 0;
    }
    double least = 1e9;
    uint64_t lines = 0;
    int runs = is_structure ? OFTEN : RUNS;
    for (int i = 0; i < runs; i++) {
        double start = process_seconds();
        lines = count_lines(file);
        double took = process_seconds() - start;
        least = took < least ? took : least;
    }
    if (is_once) {
        struct timing structure = time_structure(file), inspection = time_inspection(file);
        printf("%zu,%" PRIu64 ",%.6f,%.6f,%.6f,%.1f\n", file.len, lines, least, structure.cpu,
               inspection.cpu, peak_mib() - (double)file.len / 1048576);
        return 0;
    }
    printf("%.1f MB, %" PRIu64 " lines\n", (double)file.len / 1e6, lines);
    if (is_text) {
        tell("memchr counting newlines", file, (struct timing){least, least}, least);
        tell("detect, as running text", file, best(file, time_text, runs), least);
        return 0;
    }
    tell("memchr counting newlines", file, (struct timing){least, least}, least);
    tell("structure, positions written", file, best(file, time_structure, runs), least);
    if (is_structure)
        return 0;
    tell("inspection", file, best(file, time_inspection, runs), least);
    tell("second reading (--deep)", file, time_deep(file), least);
    tell_threads(file);
    for (size_t c = 0; c < columns; c++)
        tell_column(file, c, &columns);
    munmap((void *)(uintptr_t)file.data, file.len);
    close(fd);
    return 0;
}
