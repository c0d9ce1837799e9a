/* Reads a CSV file through table/ alone and counts its cells: bench_table FILE. */
#include "table/table.h"
#include "bench.h"

#include <inttypes.h>

struct count {
    uint64_t cells, bytes;
};

static enum pd_status count_batch(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    (void)err;
    struct count *count = context;
    count->cells += batch->rows * batch->columns;
    for (size_t c = 0; c < batch->columns; c++)
        for (size_t r = 0; r < batch->rows; r++)
            count->bytes += table_cell_text(batch, c, r).len;
    return PD_OK;
}

int main(int argc, char **argv) {
    static char piece[256 << 10];
    struct pd_error err;
    struct count count = {0};
    struct table_handler handler = {.context = &count, .batch = count_batch};
    struct table_reader *reader;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file)
        return fprintf(stderr, "usage: bench_table FILE\n"), 64;
    bench_must(table_reader_new(NULL, NULL, &handler, &reader, &err), &err);
    size_t n;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
        bench_must(table_feed(reader, piece, n, &err), &err);
    bench_must(table_finish(reader, &err), &err);
    printf("%" PRIu64 " cells, %" PRIu64 " bytes in them\n", count.cells, count.bytes);
    table_reader_free(reader);
    fclose(file);
    return 0;
}
