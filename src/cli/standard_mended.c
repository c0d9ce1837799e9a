/* What repairs did: the same checks before and after. */
#include "cli/cli.h"

#include <inttypes.h>

static const struct standard_outcome *find(const struct standard_report *report,
                                           const struct standard_outcome *wanted) {
    for (size_t i = 0; i < report->outcome_count; i++)
        if (pd_str_eq(report->outcomes[i].field, wanted->field) &&
            pd_str_eq(report->outcomes[i].check, wanted->check))
            return &report->outcomes[i];
    return wanted;
}

void cli_report_mended(const struct cli_report *r, const struct standard_report *was,
                       const struct standard_report *is) {
    static const struct cli_column columns[] = {
        {"check", false, 48}, {"failed", true, 0}, {"fail now", true, 0}, {"", false, 0}};
    size_t rows = 0;
    pd_str *cells = pd_arena_array(r->arena, 4 * was->outcome_count + 1, sizeof(*cells));
    if (!cells)
        return;
    for (size_t i = 0; i < was->outcome_count; i++) {
        const struct standard_outcome *a = &was->outcomes[i], *b = find(is, a);
        if (a->failed == 0 && b->failed == 0)
            continue;
        pd_str *row = &cells[4 * rows++];
        row[0] = a->field.len
                     ? pd_arena_printf(r->arena, "%.*s: %.*s", pd_arg(a->field), pd_arg(a->check))
                     : a->check;
        row[1] = cli_number(r->arena, a->failed);
        row[2] = cli_number(r->arena, b->failed);
        row[3] = b->failed == 0          ? PD_STR("mended")
                 : b->failed > a->failed ? PD_STR("more than before: it was hidden by others")
                                         : PD_STR("");
    }
    if (rows > 0)
        cli_table(r->out, 2, columns, 4, cells, rows);
    cli_say(r->out, 2, 4, "%.*s failures before, %.*s after; rows that fail: %.*s, then %.*s.",
            pd_arg(cli_number(r->arena, was->failures)), pd_arg(cli_number(r->arena, is->failures)),
            pd_arg(cli_number(r->arena, was->failed_rows)),
            pd_arg(cli_number(r->arena, is->failed_rows)));
}

static void member_u64(struct pd_json *w, const char *key, uint64_t value) {
    pd_json_key(w, key);
    pd_json_u64(w, value);
}

void cli_json_mended(struct pd_json *w, const struct standard_report *was,
                     const struct standard_report *is) {
    pd_json_object(w);
    member_u64(w, "failures_before", was->failures);
    member_u64(w, "failures_after", is->failures);
    member_u64(w, "failed_rows_before", was->failed_rows);
    member_u64(w, "failed_rows_after", is->failed_rows);
    pd_json_key(w, "checks");
    pd_json_array(w);
    for (size_t i = 0; i < was->outcome_count; i++) {
        const struct standard_outcome *a = &was->outcomes[i], *b = find(is, a);
        if (a->failed == 0 && b->failed == 0)
            continue;
        pd_json_object(w);
        if (a->field.len > 0)
            pd_json_member_str(w, "field", a->field);
        pd_json_member_str(w, "check", a->check);
        member_u64(w, "before", a->failed);
        member_u64(w, "after", b->failed);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}
