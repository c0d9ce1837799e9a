/* Several policies may impose the same duty: the person sees it once, with its strictest parameter.
 */
#include "law/finding_impl.h"

/* Which way is stricter. Periods of different units are never converted (they depend on a
   calendar): such duties stand side by side, and both bind. */
enum direction { SHORTER, LARGER, SAME_ONLY };
static const struct {
    const char *key;
    enum direction stricter;
} directions[] = {
    {"within", SHORTER},
    {"every", SHORTER},
    {"keep", LARGER},
    {"k", LARGER},
};

static enum direction direction_of(pd_str key) {
    for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++)
        if (pd_str_is(key, directions[i].key))
            return directions[i].stricter;
    return SAME_ONLY;
}

/* "20wd" is 20 and "wd"; a number that doesn't fit can't be compared and stands for itself. */
static bool split_number(pd_str value, int64_t *number, pd_str *unit) {
    size_t digits = 0;
    while (digits < value.len && value.data[digits] >= '0' && value.data[digits] <= '9')
        digits++;
    *unit = pd_str_sub(value, digits, value.len - digits);
    return pd_parse_i64(pd_str_sub(value, 0, digits), number);
}

/* <0: a is stricter, 0: the same, >0: b is; false if neither can be said. */
static bool compare_values(pd_str key, pd_str a, pd_str b, int *out) {
    if (pd_str_eq(a, b)) {
        *out = 0;
        return true;
    }
    enum direction stricter = direction_of(key);
    int64_t x;
    int64_t y;
    pd_str x_unit;
    pd_str y_unit;
    if (stricter == SAME_ONLY || !split_number(a, &x, &x_unit) || !split_number(b, &y, &y_unit) ||
        !pd_str_eq(x_unit, y_unit))
        return false;
    *out = x == y ? 0 : ((x < y) == (stricter == SHORTER) ? -1 : 1);
    return true;
}

static const struct law_argument *argument_find(const struct law_obligation *o, pd_str key) {
    for (size_t i = 0; i < o->argument_count; i++)
        if (pd_str_eq(o->arguments[i].key, key))
            return &o->arguments[i];
    return NULL;
}

/* One of them is at least as strict in every argument: *out is it. False: they bind side by side.
 */
static bool stricter_of(const struct law_obligation *a, const struct law_obligation *b,
                        const struct law_obligation **out) {
    if (!pd_str_eq(a->kind, b->kind) ||
        !pd_str_eq(law_obligation_word(a, 0), law_obligation_word(b, 0)))
        return false;
    bool a_wins = false;
    bool b_wins = false;
    for (size_t i = 0; i < a->argument_count; i++) {
        const struct law_argument *mine = &a->arguments[i];
        if (mine->key.len == 0)
            continue;
        const struct law_argument *other = argument_find(b, mine->key);
        int order = -1; /* saying something is stricter than saying nothing */
        if (other != NULL && !compare_values(mine->key, mine->value, other->value, &order))
            return false;
        a_wins |= order < 0;
        b_wins |= order > 0;
    }
    for (size_t i = 0; i < b->argument_count; i++)
        if (b->arguments[i].key.len > 0 && argument_find(a, b->arguments[i].key) == NULL)
            b_wins = true;
    if (a_wins && b_wins)
        return false;
    *out = b_wins ? b : a;
    return true;
}

enum pd_status law_obligations_merge(const struct law_obligation *const *list, size_t count,
                                     struct pd_arena *arena, struct law_obligation **out,
                                     size_t *out_count, struct pd_error *err) {
    struct law_obligation *merged = pd_arena_array(arena, count, sizeof(*merged));
    if (merged == NULL)
        return pd_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct law_obligation *winner = list[i];
        size_t at = 0;
        while (at < n && !stricter_of(&merged[at], list[i], &winner))
            at++;
        if (at == n)
            n++;
        if (&merged[at] != winner)
            merged[at] = *winner;
    }
    *out = merged;
    *out_count = n;
    return PD_OK;
}
