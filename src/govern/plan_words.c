/* What the steps of a plan do, in words for people. */
#include "govern/govern_impl.h"

static const char *date_words(enum protect_date date) {
    static const char *const words[] = {"day",   "month", "quarter", "year", "five-year period",
                                        "decade"};
    return date == PROTECT_HOUR ? "hour" : words[date];
}

static double pow10_of(int decimals) {
    double power = 1;
    while (decimals-- > 0)
        power *= 10;
    return power;
}

pd_str remedy_describe(const struct protect_step *s, struct pd_arena *arena) {
    switch (s->method) {
    case PROTECT_DROP:
        return PD_STR("dropped");
    case PROTECT_MASK:
        return s->mask == PROTECT_MASK_BY_SHAPE
                   ? PD_STR("masked")
                   : pd_arena_printf(arena, "masked as %s", protect_mask_type_name(s->mask));
    case PROTECT_PSEUDONYM:
        return PD_STR("replaced by keyed pseudonyms");
    case PROTECT_GENERALISE_DATE:
        return s->date == PROTECT_SUPPRESSED
                   ? PD_STR("suppressed")
                   : pd_arena_printf(arena, "generalised to the %s", date_words(s->date));
    case PROTECT_GENERALISE_NUMBER:
        return pd_arena_printf(arena, "generalised to bands of %.*f", s->width.decimals,
                               (double)s->width.amount / pow10_of(s->width.decimals));
    case PROTECT_GENERALISE_TEXT:
        return s->keep == 0   ? PD_STR("suppressed")
               : s->keep == 1 ? PD_STR("cut to its first character")
                              : pd_arena_printf(arena, "cut to its first %u characters", s->keep);
    case PROTECT_FORMAT_PRESERVING:
        return PD_STR("encrypted into others of the same form, which are nobody's");
    case PROTECT_SHIFT_DATE:
        return pd_arena_printf(arena, "shifted by person, by up to %u days", s->days);
    case PROTECT_GENERALISE_HIERARCHY:
        return pd_arena_printf(arena, "generalised to level %u of the hierarchy \"%.*s\"", s->level,
                               pd_arg(s->tree->name));
    case PROTECT_TOP_BOTTOM:
        return PD_STR("coded at its ends");
    case PROTECT_ROUND:
        return pd_arena_printf(arena, "rounded to multiples of %.*f", s->width.decimals,
                               (double)s->width.amount / pow10_of(s->width.decimals));
    case PROTECT_REDACT:
        return PD_STR("with identifiers in the text taken out");
    case PROTECT_KEEP:
    case PROTECT_METHOD_COUNT:
        break;
    }
    return PD_STR("kept");
}
