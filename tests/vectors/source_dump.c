/*
 * Writes the stream of a source to stdout, and what was found to stderr, so that tests can compare
 * it with what other readers make of the same file. source_dump [--text] LOCATION
 */
#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum pd_status print(void *context, const char *bytes, size_t n, struct pd_error *err) {
    (void)context;
    return fwrite(bytes, 1, n, stdout) == n ? PD_OK : pd_fail_errno(err, PD_IO, "write");
}

static void tell(const struct source_about *about) {
    fprintf(stderr, "form: %s\n", about->code);
    if (about->part.len > 0)
        fprintf(stderr, "part: %.*s\n", pd_arg(about->part));
    for (size_t i = 0; i < about->other_count; i++)
        fprintf(stderr, "other: %.*s\n", pd_arg(about->others[i]));
    for (size_t i = 0; i < about->note_count; i++)
        fprintf(stderr, "note: %.*s\n", pd_arg(about->notes[i]));
}

int main(int argc, char **argv) {
    if (source_is_reader(argc, argv))
        return source_reader_run(argc, argv);
    bool is_text = argc == 3 && strcmp(argv[1], "--text") == 0;
    if (argc != 2 && !is_text)
        return 64;
    const char *spool = getenv("TMPDIR");
    struct pd_error err = {0};
    struct source *source = NULL;
    enum pd_status st = (is_text ? source_open_text : source_open)(
        argv[argc - 1], STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &source, &err);
    if (st == PD_OK)
        st = source_each(source, print, NULL, NULL, NULL, &err);
    if (st == PD_OK)
        tell(source_describe(source));
    else
        fprintf(stderr, "%s\n", err.text);
    source_close(source);
    return pd_outcome_get(st)->exit_code;
}
