/*
 * A proposal by GB/T 43697-2024: general data in the four levels of annex H, by the harm that comes
 * to persons and organisations. Core and important data are decided by an authority, from what the
 * data is about in the world; no column shows it, so they are never proposed.
 */
#include "inspect/inspect_impl.h"

static const char standard[] = "GB/T 43697-2024";

const char *inspect_level_name(enum inspect_level level) {
    static const char *const names[] = {
        [INSPECT_GENERAL_1] = "general-1", [INSPECT_GENERAL_2] = "general-2",
        [INSPECT_GENERAL_3] = "general-3", [INSPECT_GENERAL_4] = "general-4",
        [INSPECT_IMPORTANT] = "important", [INSPECT_CORE] = "core",
    };
    return names[level];
}

/* `"a", "b", "c" and 4 more`: the columns that a test picks. */
static pd_str list_columns(const struct inspect_column *columns, size_t count,
                           bool (*is_picked)(const struct inspect_column *),
                           struct pd_arena *arena) {
    enum { SHOWN = 3, NAME_SHOWN = 60 };
    pd_str list = PD_STR("");
    size_t found = 0;
    for (size_t i = 0; i < count && list.data; i++) {
        if (!is_picked(&columns[i]) || ++found > SHOWN)
            continue;
        pd_str name = columns[i].name;
        size_t n = name.len < NAME_SHOWN ? name.len : NAME_SHOWN;
        while (n > 0 && n < name.len && ((unsigned char)name.data[n] & 0xc0) == 0x80)
            n--;
        list = pd_arena_printf(arena, "%.*s%s\"%.*s\"", pd_arg(list), found > 1 ? ", " : "",
                               pd_arg(pd_str_sub(name, 0, n)));
    }
    if (found > SHOWN && list.data)
        list = pd_arena_printf(arena, "%.*s and %zu more", pd_arg(list), found - SHOWN);
    return list;
}

static bool is_grave(const struct inspect_column *c) {
    return c->role == INSPECT_SENSITIVE ||
           (c->role == INSPECT_DIRECT && pd_str_is(pd_str_from(c->category), "identity"));
}

static bool is_personal(const struct inspect_column *c) {
    return c->role == INSPECT_DIRECT || c->role == INSPECT_QUASI;
}

static bool is_organisation(const struct inspect_column *c) {
    return pd_str_is(pd_str_from(c->category), "organisation");
}

static bool is_never(const struct inspect_column *c) {
    (void)c;
    return false;
}

bool inspect_propose_grade(const struct inspect_column *columns, size_t count,
                           const struct inspect_facts *facts, struct pd_arena *arena,
                           struct inspect_grade *out) {
    bool has_grave = false;
    for (size_t i = 0; i < count; i++)
        has_grave |= is_grave(&columns[i]);
    const struct {
        bool applies;
        enum inspect_level level;
        bool (*is_picked)(const struct inspect_column *);
        const char *reason;
    } rules[] = {
        {has_grave, INSPECT_GENERAL_4, is_grave,
         "identity numbers or sensitive traits of persons, whose misuse can do them especially "
         "serious harm: "},
        {facts->has_personal, INSPECT_GENERAL_3, is_personal,
         "data of persons, whose misuse can do them serious harm: "},
        {facts->has_organisations, INSPECT_GENERAL_2, is_organisation,
         "data of organisations, whose misuse can do them some harm: "},
        {true, INSPECT_GENERAL_1, is_never, "nothing was found about persons or organisations"},
    };
    size_t r = 0;
    while (!rules[r].applies)
        r++;
    pd_str list = list_columns(columns, count, rules[r].is_picked, arena);
    if (!list.data)
        return false;
    *out = (struct inspect_grade){rules[r].level, standard,
                                  pd_arena_printf(arena, "%s%.*s", rules[r].reason, pd_arg(list))};
    return out->reason.data != NULL;
}
