/* How exposed the rows are to somebody who knows a person's quasi values. */
#include "protect/protect_impl.h"

static struct protect_risk measure(const struct protect_tuples *classes, uint64_t own_k,
                                   uint64_t asked_k) {
    struct protect_risk risk = {0};
    for (uint32_t i = 0; i < classes->count; i++) {
        uint64_t rows = classes->rows[i];
        if (rows < own_k) {
            risk.suppressed += rows;
            continue;
        }
        risk.rows += rows;
        risk.classes++;
        risk.unique_rows += rows == 1 ? 1 : 0;
        risk.below_k += rows < asked_k ? rows : 0;
        if (risk.smallest == 0 || rows < risk.smallest)
            risk.smallest = rows;
    }
    double all = (double)(risk.rows + risk.suppressed), kept = (double)risk.rows;
    if (risk.rows > 0) {
        risk.unique_share = (double)risk.unique_rows / kept;
        risk.highest = 1.0 / (double)risk.smallest;
        risk.mean = (double)risk.classes / kept;
    }
    if (risk.suppressed > 0)
        risk.suppressed_share = (double)risk.suppressed / all;
    return risk;
}

enum pd_status protect_risk(const struct protect_classes *classes, const struct protect_plan *plan,
                            uint64_t k, struct protect_risk *out, struct pd_error *err) {
    if (plan == NULL) {
        *out = measure(&classes->tuples, 0, k);
        return PD_OK;
    }
    struct protect_tuples made = {0};
    enum pd_status status = protect_classes_group_by_plan(classes, plan, &made, NULL, err);
    if (status == PD_OK)
        *out = measure(&made, plan->k, k);
    protect_tuples_clear(&made);
    return status;
}
