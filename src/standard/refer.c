/* Foreign keys: the keys of the tables that are referred to, and whether a row's is among them.
 * Values there are read as the fields here are, so that 1.0 is found as 1; one that can't be read
 * so counts by its text. */
#include "standard/check_impl.h"

#include <string.h>

static const struct foreign *foreign_of(const struct standard_checker *checker, size_t check) {
    return &checker->standard->foreign[checker->checks[check].n];
}

static bool is_of(const struct standard_checker *checker, size_t check, size_t resource) {
    return checker->checks[check].kind == CHECK_REFERENCE &&
           foreign_of(checker, check)->resource == resource;
}

static enum pd_status find_columns(struct standard_checker *checker, size_t check,
                                   const pd_str *names, size_t count, struct pd_error *err) {
    const struct foreign *f = foreign_of(checker, check);
    pd_str resource = checker->standard->resources[f->resource];
    size_t *theirs = pd_arena_array(checker->arena, f->count, sizeof(*theirs));
    if (!theirs)
        return pd_fail_memory(err);
    for (size_t i = 0; i < f->count; i++) {
        theirs[i] = PD_NPOS;
        for (size_t c = 0; c < count; c++)
            if (pd_str_eq(names[c], f->theirs[i]))
                theirs[i] = c;
        if (theirs[i] == PD_NPOS)
            return pd_fail(err, PD_NOT_FOUND,
                           "%s%.*s has no column \"%.*s\", to which a foreign key refers",
                           resource.len ? "the table " : "the table itself", pd_arg(resource),
                           pd_arg(f->theirs[i]));
    }
    checker->checks[check].theirs = theirs;
    return PD_OK;
}

enum pd_status standard_checker_refer_header(struct standard_checker *checker, size_t resource,
                                             const pd_str *names, size_t count,
                                             struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < checker->count; i++)
        if (is_of(checker, i, resource))
            st = find_columns(checker, i, names, count, err);
    return st;
}

static void add_key(struct standard_checker *checker, size_t check, const struct table_batch *batch,
                    size_t row) {
    const struct foreign *f = foreign_of(checker, check);
    struct check *c = &checker->checks[check];
    uint64_t first;
    pd_buf_reset(&checker->key);
    for (size_t i = 0; i < f->count; i++) {
        const struct field *field = &checker->standard->fields[f->fields[i]];
        pd_str cell = table_cell_text(batch, c->theirs[i], row);
        struct value value;
        if (value_read(field, cell, &value) != NULL)
            value = (struct value){.type = STANDARD_STRING, .text = cell};
        check_add_part(&checker->key, &value);
    }
    c->is_full |= checker->key.failed || key_set_add(c->seen, pd_buf_view(&checker->key),
                                                     batch->line[row], &first) == KEY_FULL;
}

enum pd_status standard_checker_refer_feed(struct standard_checker *checker, size_t resource,
                                           const struct table_batch *batch, struct pd_error *err) {
    (void)err;
    for (size_t i = 0; i < checker->count; i++)
        for (size_t row = 0; is_of(checker, i, resource) && row < batch->rows; row++)
            add_key(checker, i, batch, row);
    return PD_OK;
}

/* A row in which a part of the key is missing refers to nothing (SQL: MATCH SIMPLE). */
void check_reference_key(struct standard_checker *checker, size_t check) {
    const struct foreign *f = foreign_of(checker, check);
    struct check *c = &checker->checks[check];
    uint64_t first;
    if (!c->theirs || c->is_full) {
        check_set_partial(checker, check,
                          c->is_full ? "it can't be told: the table that is referred to has more "
                                       "keys than memory holds"
                                     : "it can't be told: the table that is referred to was not "
                                       "given (--reference NAME=FILE)");
        return;
    }
    pd_buf_reset(&checker->key);
    for (size_t i = 0; i < f->count; i++) {
        enum cell_state state = checker->states[f->fields[i]];
        if (state == CELL_ABSENT)
            check_set_partial(checker, check, "it can't be told: the table lacks a column of it");
        if (state != CELL_FINE)
            return;
        check_add_part(&checker->key, &checker->values[f->fields[i]]);
    }
    checker->outcomes[check].examined++;
    if (!key_set_find(c->seen, pd_buf_view(&checker->key), &first))
        check_fail(checker, check, checker->line, checker->standard->fields[f->fields[0]].name,
                   f->count == 1 ? &checker->values[f->fields[0]].text : NULL,
                   "it is not in the table that is referred to");
}
