/* Which matter a change falls under, and who decides it. */
#include "council/council_impl.h"

static bool path_matches(pd_str pattern, pd_str path) {
    size_t star = pd_str_find_char(pattern, '*');
    if (star == PD_NPOS)
        return pd_str_eq(pattern, path);
    pd_str head = pd_str_sub(pattern, 0, star), tail = pd_str_sub(pattern, star + 1, pattern.len);
    if (path.len < head.len + tail.len || !pd_str_starts(path, head) || !pd_str_ends(path, tail))
        return false;
    pd_str middle = pd_str_sub(path, head.len, path.len - head.len - tail.len);
    return pd_str_find_char(middle, '/') == PD_NPOS;
}

static size_t matter_of(const struct council_charter *charter, pd_str path) {
    for (size_t m = 0; m < charter->matter_count; m++)
        for (size_t p = 0; p < charter->matters[m].path_count; p++)
            if (path_matches(charter->matters[m].paths[p], path))
                return m;
    return PD_NPOS;
}

enum pd_status council_find_matter(const struct council_charter *charter, const pd_str *paths,
                                   size_t count, const struct council_matter **out,
                                   struct pd_error *err) {
    size_t first = PD_NPOS;
    for (size_t i = 0; i < count; i++) {
        size_t m = matter_of(charter, paths[i]);
        if (m == PD_NPOS)
            return pd_fail(
                err, PD_DENIED,
                "the charter lets no chamber change \"%.*s\": statute and what no matter "
                "of the charter names are out of its reach",
                pd_arg(paths[i]));
        first = m < first ? m : first;
    }
    if (first == PD_NPOS)
        return pd_fail(err, PD_USAGE, "the proposal changes nothing");
    *out = &charter->matters[first];
    return PD_OK;
}

void council_frame_make(const struct council_charter *charter, const struct council_matter *matter,
                        bool otherwise, struct council_frame *out) {
    const struct council_method *method = &charter->methods[matter->method];
    if (otherwise && method->kind == COUNCIL_CONSENT)
        method = &charter->methods[method->otherwise];
    *out = (struct council_frame){.method = *method};
    for (size_t i = 0; i < charter->chamber_count; i++) {
        if (method->chamber.len && !pd_str_eq(charter->chambers[i].id, method->chamber))
            continue;
        if (!method->chamber.len && (matter->must_pass >> i & 1u))
            out->must_pass |= 1u << out->chamber_count;
        out->chambers[out->chamber_count++] = charter->chambers[i];
    }
}
