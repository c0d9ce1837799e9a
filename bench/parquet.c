/* Reads a Parquet file in this process: bench_parquet FILE. To values, looking at each; and to CSV
 * that goes nowhere. The best of RUNS each, processor time. */
#include "bench.h"
#include "table/table.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS = 5 };

struct totals {
    uint64_t values, sum, bytes;
};

static enum pd_status read_at(void *context, uint64_t offset, void *out, size_t n,
                              struct pd_error *err) {
    const int *fd = context;
    return pread(*fd, out, n, (off_t)offset) == (ssize_t)n ? PD_OK
                                                           : pd_fail_errno(err, PD_IO, "read it");
}

/* Every value is looked at: its first byte, and of texts the length. */
static void look_at(const struct table_parquet_vector *v, struct totals *t) {
    const size_t width = v->column->width;
    uint64_t sum = 0;
    for (size_t i = 0; i < v->count; i++) {
        size_t at = v->codes != NULL ? v->codes[i] : i;
        sum += v->column->type == TABLE_PARQUET_BYTES ? v->values.bytes[at].len
                                                      : (unsigned char)v->values.fixed[at * width];
    }
    t->sum += sum;
    t->values += v->count;
}

static enum pd_status take_vectors(void *context, const struct table_parquet_vectors *vectors,
                                   struct pd_error *err) {
    (void)err;
    for (size_t c = 0; c < vectors->columns; c++)
        look_at(&vectors->vector[c], context);
    return PD_OK;
}

static enum pd_status write_header(void *context, const pd_str *names, size_t count,
                                   struct pd_error *err) {
    return table_write_row(context, names, count, err);
}

static enum pd_status write_batch(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    return table_write_batch(context, batch, err);
}

static enum pd_status take_bytes(void *context, const void *bytes, size_t n, struct pd_error *err) {
    struct totals *t = context;
    (void)bytes, (void)err;
    t->bytes += n;
    return PD_OK;
}

static enum pd_status read_values(struct table_parquet *parquet, struct totals *totals,
                                  struct pd_error *err) {
    struct table_parquet_wanted all = {0};
    return table_parquet_scan(parquet, &all, take_vectors, totals, err);
}

static enum pd_status read_text(struct table_parquet *parquet, struct totals *totals,
                                struct pd_error *err) {
    struct table_sink sink = {totals, take_bytes};
    struct table_parquet_wanted all = {0};
    struct table_writer *writer;
    enum pd_status st = table_writer_new(NULL, &sink, &writer, err);
    if (st != PD_OK)
        return st;
    struct table_handler handler = {writer, write_header, write_batch, NULL};
    st = table_parquet_read(parquet, &all, &handler, err);
    if (st == PD_OK)
        st = table_writer_finish(writer, err);
    table_writer_free(writer);
    return st;
}

typedef enum pd_status reader(struct table_parquet *parquet, struct totals *totals,
                              struct pd_error *err);

static void run(const char *name, int fd, uint64_t size, reader *read) {
    struct table_parquet_input input = {&fd, size, read_at};
    double best = 1e9;
    struct totals totals;
    for (int i = 0; i < RUNS; i++) {
        struct table_parquet *parquet = NULL;
        struct pd_error err = {0};
        totals = (struct totals){0};
        double from = bench_cpu_seconds();
        bench_must(table_parquet_open(&input, 0, &parquet, &err), &err);
        bench_must(read(parquet, &totals, &err), &err);
        table_parquet_close(parquet);
        double took = bench_cpu_seconds() - from;
        best = took < best ? took : best;
    }
    printf("polder %-8s %7.3f s  %8.1f MB/s of the file  (%" PRIu64 " values, %" PRIu64
           " bytes of CSV, %" PRIu64 ")\n",
           name, best, (double)size / 1e6 / best, totals.values, totals.bytes, totals.sum);
}

int main(int argc, char **argv) {
    struct stat about;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || fstat(fd, &about) != 0) {
        fprintf(stderr, "usage: bench_parquet FILE\n");
        return 64;
    }
    run("values", fd, (uint64_t)about.st_size, read_values);
    run("text", fd, (uint64_t)about.st_size, read_text);
    close(fd);
    return 0;
}
