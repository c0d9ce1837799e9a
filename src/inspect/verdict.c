/* Which identifiers a column holds, and whether chance would explain them as well. */
#include "inspect/inspect_impl.h"

#include <math.h>
#include <stdio.h>

/* A verdict stands when the hits are this many times what random values of the shape would give. */
#define ABOVE_CHANCE 10.0
/* Where chance gives too many for that, nearly all cells of the shape have to pass, and so many of
   them that chance would do it once in a million columns. */
#define NEARLY_ALL 0.9
#define ONCE_IN    1e-6
/* Where form or context is all the proof there is, the column has to be made of it. */
#define MAJORITY 0.5
/* Where the form says little, and nothing else speaks for it, most of the column. */
#define MOST 0.8
/* Doubts about fewer cells than this are noise. */
#define SPRINKLE 0.01

/* What a column shows of one type. */
struct sight {
    const struct detect_info *info;
    uint64_t sure, weak, shaped;
    double share; /* of the cells with a value */
    bool is_named;
};

static bool is_beyond_chance(uint64_t hits, uint64_t shaped, double chance) {
    if (hits == 0)
        return false;
    if ((double)hits >= ABOVE_CHANCE * chance * (double)shaped)
        return true;
    return chance < 1 && (double)hits >= NEARLY_ALL * (double)shaped &&
           (double)hits * log(chance) <= log(ONCE_IN);
}

static bool is_proven(const struct sight *s) {
    if (s->sure > 0)
        return is_beyond_chance(s->sure, s->shaped, s->info->chance);
    return s->info->weak_chance > 0 && is_beyond_chance(s->weak, s->shaped, s->info->weak_chance);
}

static enum inspect_confidence confidence_of(const struct sight *s) {
    bool is_majority = s->share >= MAJORITY;
    switch (s->info->need) {
    case DETECT_NAMED:
        return !is_majority ? INSPECT_LOW : s->is_named ? INSPECT_HIGH : INSPECT_LOW;
    case DETECT_COMPANY:
        if (s->is_named && is_majority)
            return INSPECT_HIGH;
        return s->share >= MOST ? INSPECT_MEDIUM : INSPECT_LOW;
    case DETECT_MAJORITY:
        if (!is_proven(s))
            return s->is_named && is_majority ? INSPECT_MEDIUM : INSPECT_LOW;
        if (s->is_named)
            return INSPECT_HIGH;
        return is_majority ? INSPECT_MEDIUM : INSPECT_LOW;
    case DETECT_ALONE:
        break;
    }
    if (!is_proven(s))
        return s->is_named && is_majority ? INSPECT_MEDIUM : INSPECT_LOW;
    if (s->sure == 0) {
        if (!is_majority)
            return INSPECT_LOW;
        return s->is_named ? INSPECT_HIGH : INSPECT_MEDIUM;
    }
    return s->info->has_check_digit || s->is_named || is_majority ? INSPECT_HIGH : INSPECT_MEDIUM;
}

static pd_str evidence_of(const struct sight *s, const struct inspect_verdict *v, uint64_t filled,
                          struct pd_arena *arena) {
    const struct detect_info *info = s->info;
    char matched[INSPECT_NUMBER_SIZE], all[INSPECT_NUMBER_SIZE], shaped[INSPECT_NUMBER_SIZE];
    inspect_number(v->matched, matched);
    inspect_number(filled, all);
    bool is_weak = v->weak == v->matched;
    const char *hold = v->matched == 1 ? "holds" : "hold";
    if (v->confidence != INSPECT_LOW)
        return pd_arena_printf(arena, "%s of %s cells %s %s%s%s%s", matched, all, hold, info->title,
                               is_weak                 ? ", "
                               : info->has_check_digit ? " with a right check digit"
                                                       : "",
                               is_weak ? info->weak : "",
                               s->is_named && info->need != DETECT_ALONE ? ", and the name says so"
                                                                         : "");
    if (info->need == DETECT_NAMED || info->need == DETECT_COMPANY || is_weak)
        return pd_arena_printf(arena, "%s of %s cells look like %s; too few to tell", matched, all,
                               info->title);
    return pd_arena_printf(
        arena,
        "%s of %s cells look like %s, but of %s cells of that shape chance alone would give %.2g",
        matched, all, info->title, inspect_number(s->shaped, shaped),
        (double)s->shaped * info->chance);
}

/* A doubt is worth telling where the name raises it, or where the value should prove itself and
   more than a sprinkle passes. */
static bool is_worth_telling(const struct sight *s, enum inspect_confidence confidence) {
    if (confidence != INSPECT_LOW || s->is_named || s->info->need == DETECT_NAMED)
        return true;
    return s->info->need == DETECT_ALONE && s->share >= SPRINKLE &&
           (s->sure > 0 || s->info->weak_chance < MAJORITY);
}

static bool add_verdict(const struct inspect_state *state, const struct sight *s,
                        enum detect_type type, struct inspect_verdict *verdicts,
                        struct pd_arena *arena, struct inspect_column *out) {
    enum inspect_confidence confidence = confidence_of(s);
    if (!is_worth_telling(s, confidence))
        return true;
    struct inspect_verdict *v = &verdicts[out->verdict_count];
    *v = (struct inspect_verdict){.type = type,
                                  .info = s->info,
                                  .matched = s->sure + s->weak,
                                  .weak = s->weak,
                                  .share = s->share,
                                  .confidence = confidence,
                                  .is_named = s->is_named};
    v->evidence = evidence_of(s, v, inspect_state_filled(state), arena);
    out->verdict_count++;
    return v->evidence.data != NULL;
}

/* The n-th of all types, the site's own behind the program's. */
static struct sight look(const struct inspect_state *state, detect_bits named, size_t n) {
    if (n >= DETECT_TYPE_COUNT) {
        size_t i = n - DETECT_TYPE_COUNT;
        /* How many cells have the shape isn't known; the filled ones are the most it can be. */
        return (struct sight){.info = detect_site_info(state->site, i),
                              .sure = state->site_hits[i],
                              .shaped = state->site_hits[i] > 0 ? inspect_state_filled(state) : 0,
                              .is_named = (state->site_mask >> i & 1) != 0};
    }
    return (struct sight){.info = detect_info_get((enum detect_type)n),
                          .sure = state->sure[n],
                          .weak = state->weak[n],
                          .shaped = state->shaped[n],
                          .is_named = (named & DETECT_BIT(n)) != 0};
}

bool inspect_verdicts(const struct inspect_state *state, struct pd_arena *arena,
                      struct inspect_column *out) {
    uint64_t filled = inspect_state_filled(state);
    size_t types = DETECT_TYPE_COUNT + detect_site_count(state->site), count = 0;
    for (size_t n = 0; n < types; n++) {
        struct sight s = look(state, 0, n);
        count += s.sure + s.weak > 0;
    }
    if (count == 0)
        return true;
    struct inspect_verdict *verdicts = pd_arena_array(arena, count, sizeof(*verdicts));
    if (!verdicts)
        return false;
    struct detect_name words = detect_name_make(inspect_state_name(state));
    detect_bits named = detect_context(&words).speaks_for;
    for (size_t n = 0; n < types; n++) {
        struct sight s = look(state, named, n);
        enum detect_type type = n < DETECT_TYPE_COUNT ? (enum detect_type)n : DETECT_SITE;
        s.share = (double)(s.sure + s.weak) / (double)filled;
        if (s.sure + s.weak > 0 && !add_verdict(state, &s, type, verdicts, arena, out))
            return false;
    }
    out->verdicts = verdicts;
    return true;
}
