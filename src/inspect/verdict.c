/* Which identifiers a column holds, and whether chance would explain them as well. */
#include "inspect/inspect_impl.h"

#include <stdio.h>

/* A verdict stands when the hits are this many times what random values of the shape would give. */
#define ABOVE_CHANCE 10.0
/* Where form or context is all the proof there is, the column has to be made of it. */
#define MAJORITY 0.5

static enum inspect_confidence confidence_of(const struct inspect_state *state,
                                             const struct detect_info *info, enum detect_type type,
                                             double share) {
    double expected = (double)state->shaped[type] * info->chance;
    struct detect_name words = detect_name_make(inspect_state_name(state));
    bool is_named = detect_context(&words).speaks_for & DETECT_BIT(type);
    if (info->needs_context || state->sure[type] == 0) {
        if (share < MAJORITY)
            return INSPECT_LOW;
        return is_named ? INSPECT_HIGH : INSPECT_MEDIUM;
    }
    if ((double)state->sure[type] < ABOVE_CHANCE * expected)
        return is_named && share >= MAJORITY ? INSPECT_MEDIUM : INSPECT_LOW;
    return info->has_check_digit || is_named || share >= MAJORITY ? INSPECT_HIGH : INSPECT_MEDIUM;
}

static pd_str evidence_of(const struct inspect_state *state, const struct detect_info *info,
                          const struct inspect_verdict *v, uint64_t filled,
                          struct pd_arena *arena) {
    char matched[INSPECT_NUMBER_SIZE], all[INSPECT_NUMBER_SIZE], shaped[INSPECT_NUMBER_SIZE];
    inspect_number(v->matched, matched);
    inspect_number(filled, all);
    const char *proof = v->weak == v->matched   ? ", in the old form without a check digit"
                        : info->has_check_digit ? " with a right check digit"
                        : info->needs_context   ? ", and the name says so"
                                                : "";
    const char *hold = v->matched == 1 ? "holds" : "hold";
    if (v->confidence != INSPECT_LOW)
        return pd_arena_printf(arena, "%s of %s cells %s %s%s", matched, all, hold, info->title,
                               proof);
    if (info->needs_context || v->weak == v->matched)
        return pd_arena_printf(arena, "%s of %s cells look like %s; too few to tell", matched, all,
                               info->title);
    return pd_arena_printf(arena,
                           "%s of %s cells look like %s, but of %s cells of that shape chance "
                           "alone would give %.2g",
                           matched, all, info->title,
                           inspect_number(state->shaped[v->type], shaped),
                           (double)state->shaped[v->type] * info->chance);
}

bool inspect_verdicts(const struct inspect_state *state, struct pd_arena *arena,
                      struct inspect_column *out) {
    uint64_t filled = inspect_state_filled(state);
    size_t count = 0;
    for (int t = 0; t < DETECT_TYPE_COUNT; t++)
        count += state->sure[t] + state->weak[t] > 0;
    if (count == 0)
        return true;
    struct inspect_verdict *verdicts = pd_arena_array(arena, count, sizeof(*verdicts));
    if (!verdicts)
        return false;
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        uint64_t matched = state->sure[t] + state->weak[t];
        if (matched == 0)
            continue;
        const struct detect_info *info = detect_info_get((enum detect_type)t);
        struct inspect_verdict *v = &verdicts[out->verdict_count++];
        *v = (struct inspect_verdict){.type = (enum detect_type)t,
                                      .matched = matched,
                                      .weak = state->weak[t],
                                      .share = (double)matched / (double)filled};
        v->confidence = confidence_of(state, info, v->type, v->share);
        v->evidence = evidence_of(state, info, v, filled, arena);
        if (!v->evidence.data)
            return false;
    }
    out->verdicts = verdicts;
    return true;
}
