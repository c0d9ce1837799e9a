/* How exposed the rows are to somebody who knows a person's quasi values. */
#include "protect/protect_impl.h"

#include <stdlib.h>

const uint64_t protect_size_from[PROTECT_SIZE_BANDS] = {1, 2, 5, 10, 20, 50, 100, 500};

static size_t band_of(uint64_t rows) {
    size_t band = PROTECT_SIZE_BANDS - 1;
    while (band > 0 && rows < protect_size_from[band])
        band--;
    return band;
}

/* What follows from the counts. */
static void settle(struct protect_risk *risk) {
    double all = (double)(risk->rows + risk->suppressed), kept = (double)risk->rows;
    if (risk->rows > 0) {
        risk->unique_share = (double)risk->unique_rows / kept;
        risk->highest = 1.0 / (double)risk->smallest;
        risk->mean = (double)risk->classes / kept;
    }
    if (risk->suppressed > 0)
        risk->suppressed_share = (double)risk->suppressed / all;
}

void protect_risk_add(struct protect_risk *into, const struct protect_risk *more) {
    if (into->smallest == 0 || (more->smallest > 0 && more->smallest < into->smallest))
        into->smallest = more->smallest;
    into->rows += more->rows;
    into->classes += more->classes;
    into->unique_rows += more->unique_rows;
    into->below_k += more->below_k;
    into->suppressed += more->suppressed;
    for (size_t i = 0; i < PROTECT_SIZE_BANDS; i++)
        into->sizes[i] += more->sizes[i];
    settle(into);
}

/* stays: per class; NULL: all do. */
static struct protect_risk measure(const struct protect_tuples *classes, const bool *stays,
                                   uint64_t asked_k) {
    struct protect_risk risk = {0};
    for (uint32_t i = 0; i < classes->count; i++) {
        uint64_t rows = classes->rows[i];
        if (stays != NULL && !stays[i]) {
            risk.suppressed += rows;
            continue;
        }
        risk.rows += rows;
        risk.sizes[band_of(rows)] += rows;
        risk.classes++;
        risk.unique_rows += rows == 1 ? 1 : 0;
        risk.below_k += rows < asked_k ? rows : 0;
        if (risk.smallest == 0 || rows < risk.smallest)
            risk.smallest = rows;
    }
    settle(&risk);
    return risk;
}

enum pd_status protect_risk(const struct protect_classes *classes, const struct protect_plan *plan,
                            uint64_t k, struct protect_risk *out, struct pd_error *err) {
    if (plan == NULL) {
        *out = measure(&classes->tuples, NULL, k);
        return PD_OK;
    }
    struct protect_tuples made = {0};
    uint32_t *group_of = calloc((size_t)classes->tuples.count + 1, sizeof(*group_of));
    bool *stays = NULL;
    enum pd_status status =
        group_of == NULL ? pd_fail_memory(err)
                         : protect_classes_group_by_plan(classes, plan, &made, group_of, err);
    if (status == PD_OK && (stays = calloc((size_t)made.count + 1, sizeof(*stays))) == NULL)
        status = pd_fail_memory(err);
    if (status == PD_OK)
        status = protect_plan_judge(classes, plan, &made, group_of, stays, err);
    if (status == PD_OK)
        *out = measure(&made, stays, k);
    protect_tuples_clear(&made);
    free(group_of);
    free(stays);
    return status;
}
