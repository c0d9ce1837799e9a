/*
 * Standards come from anybody, and so do tables: the input up to a NUL is a standard, the rest a
 * table in CSV. What is refused says why; what is accepted differs in nothing from itself; no check
 * counts more failures than rows that it examined.
 */
#include <stdlib.h>

#include "standard/standard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    return standard_checker_header(context, names, count, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    return standard_checker_feed(context, batch, err);
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)err;
    standard_checker_set_aside(context, record->line, record->fields, record->columns);
    return PD_OK;
}

static void check(const struct standard *standard, pd_str csv) {
    struct standard_options options = {.with_values = true, .key_bytes = 1 << 16};
    struct standard_checker *checker = NULL;
    struct table_reader *reader = NULL;
    const struct standard_report *report = NULL;
    struct pd_error err = {0};
    if (standard_checker_new(standard, &options, &checker, &err) != PD_OK)
        abort();
    struct table_handler handler = {checker, on_header, on_batch, on_set_aside};
    if (table_reader_new(NULL, NULL, &handler, &reader, &err) != PD_OK)
        abort();
    if (table_feed(reader, csv.data, csv.len, &err) == PD_OK)
        (void)table_finish(reader, &err);
    table_reader_free(reader);
    if (standard_checker_finish(checker, &report, &err) != PD_OK)
        abort();
    for (size_t i = 0; i < report->outcome_count; i++)
        if (report->outcomes[i].failed > report->outcomes[i].examined)
            abort();
    standard_checker_free(checker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size};
    size_t nul = pd_str_find_char(text, '\0');
    const struct standard *standard = NULL;
    const struct standard_change *changes;
    size_t count = 1;
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    enum pd_status st =
        standard_parse(pd_str_sub(text, 0, nul == PD_NPOS ? size : nul), arena, &standard, &err);
    if (st != PD_OK && err.text[0] == '\0')
        abort();
    if (st == PD_OK) {
        if (standard_diff(standard, standard, arena, &changes, &count, &err) == PD_OK && count > 0)
            abort();
        check(standard, nul == PD_NPOS ? (pd_str){"", 0} : pd_str_sub(text, nul + 1, size));
    }
    pd_arena_free(arena);
    return 0;
}
