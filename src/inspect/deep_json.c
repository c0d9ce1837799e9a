/* What the second reading found, as JSON. */
#include "inspect/inspect.h"

static void member(struct pd_json *json, const char *key, uint64_t value) {
    pd_json_key(json, key);
    pd_json_u64(json, value);
}

static void write_names(struct pd_json *json, const char *key, const pd_str *names,
                        const size_t *columns, size_t count) {
    pd_json_key(json, key);
    pd_json_array(json);
    for (size_t i = 0; i < count; i++)
        pd_json_str(json, names[columns[i]]);
    pd_json_array_end(json);
}

static void write_repeats(struct pd_json *json, const struct inspect_relations *f) {
    pd_json_key(json, "repeated_rows");
    pd_json_object(json);
    member(json, "count", f->repeated_rows);
    member(json, "groups", f->repeat_groups);
    pd_json_member_bool(json, "exact", f->repeats_are_exact);
    pd_json_key(json, "most");
    pd_json_array(json);
    for (size_t i = 0; i < f->repeat_count; i++) {
        pd_json_object(json);
        member(json, "row", f->repeats[i].row);
        member(json, "times", f->repeats[i].times);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
    pd_json_object_end(json);
}

static void write_dependencies(struct pd_json *json, const struct inspect_relations *f,
                               const pd_str *names) {
    pd_json_key(json, "dependencies");
    pd_json_array(json);
    for (size_t i = 0; i < f->dependency_count; i++) {
        const struct inspect_dependency *d = &f->dependencies[i];
        pd_json_object(json);
        write_names(json, "left", names, d->left, d->left_count);
        pd_json_member_str(json, "right", names[d->right]);
        member(json, "tested", d->tested);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
}

static void write_pairs(struct pd_json *json, const struct inspect_relations *f,
                        const pd_str *names) {
    static const char *const measures[] = {
        [INSPECT_PEARSON] = "pearson", [INSPECT_CRAMERS_V] = "cramers_v"};
    pd_json_key(json, "correlations");
    pd_json_array(json);
    for (size_t i = 0; i < f->pair_count; i++) {
        const struct inspect_pair *p = &f->pairs[i];
        pd_json_object(json);
        pd_json_member_str(json, "a", names[p->a]);
        pd_json_member_str(json, "b", names[p->b]);
        pd_json_member_text(json, "measure", measures[p->measure]);
        pd_json_key(json, "value");
        pd_json_double(json, p->value);
        member(json, "rows", p->rows);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
}

static void write_uniqueness(struct pd_json *json, const struct inspect_relations *f,
                             const pd_str *names) {
    pd_json_key(json, "uniqueness");
    pd_json_array(json);
    for (size_t i = 0; i < f->uniqueness_count; i++) {
        const struct inspect_uniqueness *u = &f->uniqueness[i];
        pd_json_object(json);
        write_names(json, "columns", names, u->columns, u->count);
        member(json, "unique_rows", u->unique_rows);
        member(json, "classes", u->classes);
        member(json, "smallest", u->smallest);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
}

void inspect_relations_write_json(const struct inspect_relations *f, const pd_str *names,
                                  struct pd_json *json) {
    pd_json_object(json);
    member(json, "rows", f->rows);
    member(json, "rows_compared", f->rows_compared);
    member(json, "columns_compared", f->columns_compared);
    member(json, "memory_bytes_at_most", INSPECT_DEEP_BYTES);
    write_repeats(json, f);
    pd_json_key(json, "keys");
    pd_json_array(json);
    for (size_t i = 0; i < f->key_count; i++) {
        pd_json_object(json);
        write_names(json, "columns", names, f->keys[i].columns, f->keys[i].count);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
    pd_json_member_bool(json, "keys_are_cut", f->keys_are_cut);
    write_dependencies(json, f, names);
    pd_json_member_bool(json, "dependencies_are_cut", f->dependencies_are_cut);
    write_pairs(json, f, names);
    write_uniqueness(json, f, names);
    pd_json_object_end(json);
}
