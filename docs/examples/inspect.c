/*
 * What is in a table: reads it from standard input, piece by piece, and writes the inspection as
 * JSON, without values of its cells.
 *
 *     cc inspect.c $(pkg-config --cflags --libs polder) -o inspect && ./inspect <table.csv
 */
#include <polder.h>
#include <stdio.h>
#include <time.h>

static int fail(const struct polder_error *err) {
    fprintf(stderr, "inspect: %s\n", err->text);
    return 1;
}

int main(void) {
    struct polder_inspector *inspector;
    struct polder_text json;
    struct polder_error err;
    char piece[65536];
    size_t n;
    int status;
    if (polder_inspector_new((int64_t)time(NULL), 1, &inspector, &err) != POLDER_OK)
        return fail(&err);
    status = POLDER_OK;
    while (status == POLDER_OK && (n = fread(piece, 1, sizeof(piece), stdin)) > 0)
        status = polder_inspector_feed(inspector, piece, n, &err);
    if (status == POLDER_OK)
        status = polder_inspector_finish(inspector, 0, &json, &err);
    if (status == POLDER_OK) {
        printf("%.*s\n", (int)json.size, json.data);
        polder_text_clear(&json);
    }
    polder_inspector_free(inspector);
    return status == POLDER_OK ? 0 : fail(&err);
}
