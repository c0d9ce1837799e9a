/* The inspection as JSON, version 1. */
#include "inspect/inspect_impl.h"

static void write_count(struct pd_json *json, const char *key, struct sketch_count count) {
    pd_json_key(json, key);
    pd_json_object(json);
    pd_json_key(json, "value");
    pd_json_u64(json, count.value);
    pd_json_member_bool(json, "exact", count.is_exact);
    pd_json_member_double(json, "bound", count.bound);
    pd_json_object_end(json);
}

static void write_u64(struct pd_json *json, const char *key, uint64_t value) {
    pd_json_key(json, key);
    pd_json_u64(json, value);
}

static void write_sum(struct pd_json *json, const struct inspect_column *c) {
    if (!c->has_mean)
        return;
    pd_json_member_double(json, "mean", c->mean);
    pd_json_key(json, "sum");
    pd_json_object(json);
    pd_json_member_str(json, "value", c->sum);
    pd_json_member_bool(json, "exact", c->sum_is_exact);
    pd_json_object_end(json);
}

/* Numbers: from <= value < to. Periods: from the first to the last. */
static void write_bins(struct pd_json *json, const struct inspect_column *c) {
    if (c->bin_count == 0)
        return;
    pd_json_key(json, "histogram");
    pd_json_object(json);
    if (c->bin_unit[0])
        pd_json_member_text(json, "unit", c->bin_unit);
    pd_json_member_bool(json, "exact", true);
    if (!c->bin_unit[0])
        write_u64(json, "left_out", c->unbinned);
    pd_json_key(json, "bins");
    pd_json_array(json);
    for (size_t i = 0; i < c->bin_count; i++) {
        pd_json_object(json);
        pd_json_member_str(json, "from", c->bins[i].from);
        pd_json_member_str(json, "to", c->bins[i].to);
        write_u64(json, "count", c->bins[i].count);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
    pd_json_object_end(json);
    if (!c->bin_unit[0])
        return;
    pd_json_member_text(json, "rhythm", c->rhythm);
    if (c->rhythm[0] && c->missing_periods > 0) {
        pd_json_key(json, "gaps");
        pd_json_object(json);
        write_u64(json, "missing", c->missing_periods);
        write_u64(json, "longest", c->longest_gap);
        pd_json_member_str(json, "after", c->gap_from);
        pd_json_member_str(json, "before", c->gap_to);
        pd_json_object_end(json);
    }
}

/* Shapes hold no letter and no digit of a cell. */
static void write_patterns(struct pd_json *json, const struct inspect_column *c) {
    pd_json_key(json, "patterns");
    pd_json_array(json);
    for (size_t i = 0; i < c->pattern_count; i++) {
        pd_json_object(json);
        pd_json_member_str(json, "pattern", c->patterns[i].text);
        write_u64(json, "count", c->patterns[i].count);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
    write_u64(json, "pattern_bound", c->pattern_bound);
}

static void write_range(struct pd_json *json, const struct inspect_column *c) {
    pd_json_member_str(json, "min", c->min);
    pd_json_member_str(json, "max", c->max);
    write_sum(json, c);
    write_bins(json, c);
    if (c->quantile_count == 0)
        return;
    pd_json_key(json, "quantiles");
    pd_json_object(json);
    pd_json_member_bool(json, "exact", c->quantiles_exact);
    pd_json_member_double(json, "rank_bound", c->quantile_bound);
    pd_json_key(json, "values");
    pd_json_array(json);
    bool is_number = c->type == INSPECT_INTEGER || c->type == INSPECT_DECIMAL;
    for (size_t i = 0; i < c->quantile_count; i++) {
        pd_json_object(json);
        pd_json_member_double(json, "share", c->quantiles[i].share);
        if (is_number)
            pd_json_member_double(json, "value", c->quantiles[i].value);
        else
            pd_json_member_str(json, "value", c->quantiles[i].text);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
    pd_json_object_end(json);
}

static void write_top(struct pd_json *json, const struct inspect_column *c) {
    write_u64(json, "top_bound", c->top_bound);
    pd_json_key(json, "top");
    pd_json_array(json);
    for (size_t i = 0; i < c->top_count; i++) {
        pd_json_object(json);
        pd_json_member_str(json, "value", c->top[i].text);
        write_u64(json, "count", c->top[i].count);
        if (c->top[i].is_cut)
            pd_json_member_bool(json, "cut", true);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
}

static void write_verdicts(struct pd_json *json, const struct inspect_column *c) {
    pd_json_key(json, "verdicts");
    pd_json_array(json);
    for (size_t i = 0; i < c->verdict_count; i++) {
        const struct inspect_verdict *v = &c->verdicts[i];
        pd_json_object(json);
        pd_json_member_text(json, "type", v->info->name);
        write_u64(json, "matched", v->matched);
        write_u64(json, "weak", v->weak);
        pd_json_member_double(json, "share", v->share);
        pd_json_member_text(json, "confidence", inspect_confidence_name(v->confidence));
        pd_json_member_str(json, "evidence", v->evidence);
        pd_json_object_end(json);
    }
    pd_json_array_end(json);
}

static void write_column(struct pd_json *json, const struct inspect_column *c, bool with_values) {
    pd_json_object(json);
    pd_json_member_str(json, "name", c->name);
    pd_json_member_text(json, "type", inspect_type_name(c->type));
    if (c->mixes.len > 0)
        pd_json_member_str(json, "mixes", c->mixes);
    if (c->note.len > 0)
        pd_json_member_str(json, "note", c->note);
    write_u64(json, "nulls", c->nulls);
    write_count(json, "distinct", c->distinct);
    write_u64(json, "min_length", c->min_length);
    write_u64(json, "max_length", c->max_length);
    pd_json_member_text(json, "key", inspect_key_name(c->key));
    write_patterns(json, c);
    if (c->language[0])
        pd_json_member_text(json, "language", c->language);
    if (c->language_evidence.len > 0)
        pd_json_member_str(json, "language_evidence", c->language_evidence);
    bool is_harmless = c->role == INSPECT_OTHER && c->type != INSPECT_TEXT;
    if (c->type != INSPECT_EMPTY && (with_values || is_harmless))
        write_range(json, c);
    if (with_values)
        write_top(json, c);
    write_verdicts(json, c);
    pd_json_member_text(json, "role", inspect_role_name(c->role));
    pd_json_member_text(json, "category", c->category);
    pd_json_member_text(json, "confidence", inspect_confidence_name(c->confidence));
    pd_json_member_str(json, "evidence", c->evidence);
    pd_json_object_end(json);
}

static void write_facts(struct pd_json *json, const struct inspect_facts *f) {
    pd_json_key(json, "facts");
    pd_json_object(json);
    pd_json_member_bool(json, "holds_identifiers", f->holds_identifiers);
    pd_json_member_bool(json, "has_personal", f->has_personal);
    pd_json_member_bool(json, "has_sensitive", f->has_sensitive);
    pd_json_member_bool(json, "has_organisations", f->has_organisations);
    write_u64(json, "direct_columns", f->direct_columns);
    write_u64(json, "quasi_columns", f->quasi_columns);
    write_u64(json, "sensitive_columns", f->sensitive_columns);
    write_u64(json, "validated_columns", f->validated_columns);
    write_u64(json, "pseudonym_columns", f->pseudonym_columns);
    pd_json_object_end(json);
}

void inspection_write_json(const struct inspection *inspection, bool with_values,
                           struct pd_json *json) {
    pd_json_object(json);
    pd_json_member_i64(json, "inspection", 1);
    write_u64(json, "rows", inspection->rows);
    write_u64(json, "set_aside", inspection->set_aside);
    write_count(json, "distinct_rows", inspection->distinct_rows);
    pd_json_key(json, "columns");
    pd_json_array(json);
    for (size_t i = 0; i < inspection->column_count; i++)
        write_column(json, &inspection->columns[i], with_values);
    pd_json_array_end(json);
    write_facts(json, &inspection->facts);
    pd_json_key(json, "grade");
    pd_json_object(json);
    pd_json_member_text(json, "level", inspect_level_name(inspection->grade.level));
    pd_json_member_text(json, "standard", inspection->grade.standard);
    pd_json_member_bool(json, "proposed", true);
    pd_json_member_str(json, "reason", inspection->grade.reason);
    pd_json_object_end(json);
    pd_json_object_end(json);
}
