/* The packs of a set of rules, and their policies by name. */
#include "law/finding_impl.h"

enum { GIVEN_MAX = 128 };

size_t law_rules_pack_count(const struct law_rules *rules) {
    return rules->pack_count;
}

const struct law_pack *law_rules_pack_nth(const struct law_rules *rules, size_t n) {
    return n < rules->pack_count ? &rules->packs[n] : NULL;
}

const struct law_pack *law_rules_pack(const struct law_rules *rules, pd_str folder) {
    for (size_t i = 0; i < rules->pack_count; i++)
        if (pd_str_eq(rules->packs[i].folder, folder))
            return &rules->packs[i];
    return NULL;
}

const struct law_policies *law_rules_policies(const struct law_rules *rules) {
    return rules->policies;
}

bool law_policy_is_of(const struct law_policy *policy, pd_str folder) {
    pd_str rest = pd_str_sub(policy->name, folder.len, policy->name.len);
    return folder.len > 0 && pd_str_starts(policy->name, folder) &&
           pd_str_starts(rest, PD_STR("/")) &&
           pd_str_find_char(pd_str_sub(rest, 1, rest.len), '/') == PD_NPOS;
}

enum pd_status law_rules_find_policy(const struct law_rules *rules, pd_str id,
                                     struct pd_arena *arena, const struct law_policy **out,
                                     struct pd_error *err) {
    const struct law_policy *found = law_policies_find(rules->policies, id, NULL);
    if (found != NULL) {
        *out = found;
        return PD_OK;
    }
    char given[GIVEN_MAX] = "";
    for (size_t i = 0; i < id.len && i + 1 < sizeof(given); i++)
        given[i] = id.data[i];
    struct pd_mark mark = pd_arena_mark(arena);
    const char **ids = pd_arena_array(arena, rules->count, sizeof(*ids));
    size_t n = 0;
    for (; ids != NULL && n < rules->count; n++) {
        ids[n] = pd_arena_str(arena, rules->rules[n].policy->id).data;
        if (ids[n] == NULL)
            break;
    }
    const char *near = ids != NULL ? pd_nearest_name(given, ids, n) : NULL;
    enum pd_status st = pd_fail(err, PD_NOT_FOUND, "there is no policy \"%.*s\"%s%s%s", pd_arg(id),
                                near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                                near != NULL ? "\"?" : "");
    pd_arena_reset(arena, mark);
    return st;
}
