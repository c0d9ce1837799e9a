/* What is otherwise in one policy: by meaning, so that layout, comments and order say nothing. */
#include "law/finding_impl.h"

#include <stdlib.h>

/* ---- The list ---- */

bool law_differences_add(struct law_differences *d, pd_str what, pd_str before, pd_str after) {
    if (d->count == d->capacity) {
        size_t wider = d->capacity * 2 + 8;
        struct law_difference *list = pd_arena_array(d->arena, wider, sizeof(*list));
        if (list == NULL)
            return false;
        for (size_t i = 0; i < d->count; i++)
            list[i] = d->list[i];
        d->list = list;
        d->capacity = wider;
    }
    d->list[d->count++] = (struct law_difference){what, before, after};
    return true;
}

bool law_differences_compare(struct law_differences *d, const char *what, pd_str before,
                             pd_str after) {
    if (before.data == NULL || after.data == NULL)
        return false;
    return pd_str_eq(before, after) || law_differences_add(d, pd_str_from(what), before, after);
}

/* ---- Scopes ---- */

static int compare_uids(const void *a, const void *b) {
    const struct law_uid *x = a, *y = b;
    int order = pd_str_cmp(x->type, y->type);
    return order != 0 ? order : pd_str_cmp(x->id, y->id);
}

/* Polder::Action::"open" */
static void write_uid(struct pd_buf *out, const struct law_uid *uid) {
    pd_buf_printf(out, "%.*s::\"", pd_arg(uid->type));
    for (size_t i = 0; i < uid->id.len; i++) {
        char c = uid->id.data[i];
        if (c == '"' || c == '\\')
            pd_buf_char(out, '\\');
        pd_buf_char(out, c);
    }
    pd_buf_char(out, '"');
}

/* A scope in one form: entities sorted, each once; a list of one is that one. data NULL: full. */
static pd_str word_scope(struct pd_arena *arena, const struct law_scope *scope) {
    struct pd_buf out;
    pd_buf_init(&out, 1 << 24);
    size_t count = scope->entity_count, n = 0;
    struct law_uid *sorted = pd_arena_array(arena, count, sizeof(*sorted));
    if (sorted == NULL)
        return (pd_str){NULL, 0};
    for (size_t i = 0; i < count; i++)
        sorted[i] = scope->entities[i];
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), compare_uids);
    for (size_t i = 0; i < count; i++)
        if (n == 0 || compare_uids(&sorted[n - 1], &sorted[i]) != 0)
            sorted[n++] = sorted[i];
    if (scope->form == LAW_SCOPE_ANY)
        pd_buf_text(&out, "any");
    if (scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN)
        pd_buf_printf(&out, "is %.*s", pd_arg(scope->type));
    if (scope->form == LAW_SCOPE_IS_IN)
        pd_buf_char(&out, ' ');
    if (scope->form == LAW_SCOPE_EQUAL)
        pd_buf_text(&out, "== ");
    if (scope->form == LAW_SCOPE_IN || scope->form == LAW_SCOPE_IS_IN)
        pd_buf_text(&out, n == 1 ? "in " : "in [");
    for (size_t i = 0; i < n; i++) {
        pd_buf_text(&out, i ? ", " : "");
        write_uid(&out, &sorted[i]);
    }
    if (n != 1 && (scope->form == LAW_SCOPE_IN || scope->form == LAW_SCOPE_IS_IN))
        pd_buf_char(&out, ']');
    pd_str text = out.failed ? (pd_str){NULL, 0} : pd_arena_str(arena, pd_buf_view(&out));
    pd_buf_clear(&out);
    return text;
}

static bool compare_scopes(struct law_differences *d, const struct law_policy *before,
                           const struct law_policy *after) {
    const struct {
        const char *what;
        const struct law_scope *before, *after;
    } scopes[] = {{"principal", &before->principal, &after->principal},
                  {"action", &before->action, &after->action},
                  {"resource", &before->resource, &after->resource}};
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        pd_str old = word_scope(d->arena, scopes[i].before);
        pd_str new = word_scope(d->arena, scopes[i].after);
        if (!law_differences_compare(d, scopes[i].what, old, new))
            return false;
    }
    return true;
}

/* ---- Conditions ---- */

struct condition {
    const struct law_clause *clause;
    pd_str meaning; /* in Cedar's JSON form, which has no layout */
    bool is_matched;
};

static struct condition *read_conditions(struct pd_arena *arena, const struct law_policy *policy) {
    struct condition *list = pd_arena_array(arena, policy->clause_count, sizeof(*list));
    for (size_t i = 0; list != NULL && i < policy->clause_count; i++) {
        const struct law_policy alone = {.clauses = &policy->clauses[i], .clause_count = 1};
        struct pd_buf out;
        pd_buf_init(&out, 0);
        law_policy_write_json(&alone, &out);
        list[i].clause = &policy->clauses[i];
        list[i].meaning = out.failed ? (pd_str){NULL, 0} : pd_arena_str(arena, pd_buf_view(&out));
        bool is_full = list[i].meaning.data == NULL;
        pd_buf_clear(&out);
        if (is_full)
            return NULL;
    }
    return list;
}

static const struct condition *next_unmatched(const struct condition *list, size_t count,
                                              bool is_unless, size_t *at) {
    while (*at < count) {
        const struct condition *c = &list[(*at)++];
        if (!c->is_matched && c->clause->is_unless == is_unless)
            return c;
    }
    return NULL;
}

/* What has no equal on the other side: a condition that went beside the one that came for it. */
static bool pair_conditions(struct law_differences *d, const struct condition *before,
                            size_t before_count, const struct condition *after, size_t after_count,
                            bool is_unless) {
    size_t i = 0, j = 0;
    for (;;) {
        const struct condition *old = next_unmatched(before, before_count, is_unless, &i);
        const struct condition *new = next_unmatched(after, after_count, is_unless, &j);
        if (old == NULL && new == NULL)
            return true;
        if (!law_differences_add(d, is_unless ? PD_STR("unless") : PD_STR("when"),
                                 old != NULL ? old->clause->text : (pd_str){"", 0},
                                 new != NULL ? new->clause->text : (pd_str){"", 0}))
            return false;
    }
}

static bool compare_conditions(struct law_differences *d, const struct law_policy *before,
                               const struct law_policy *after) {
    struct condition *old = read_conditions(d->arena, before);
    struct condition *new = read_conditions(d->arena, after);
    if (old == NULL || new == NULL)
        return false;
    for (size_t i = 0; i < before->clause_count; i++)
        for (size_t j = 0; j < after->clause_count && !old[i].is_matched; j++)
            if (!new[j].is_matched && pd_str_eq(old[i].meaning, new[j].meaning))
                old[i].is_matched = new[j].is_matched = true;
    return pair_conditions(d, old, before->clause_count, new, after->clause_count, false) &&
           pair_conditions(d, old, before->clause_count, new, after->clause_count, true);
}

/* ---- Annotations ---- */

static bool holds_word(pd_str list, pd_str word) {
    pd_str piece;
    while (pd_str_split(&list, ' ', &piece))
        if (pd_str_eq(piece, word))
            return true;
    return false;
}

/* Lists of ids are the same in any order. */
static bool are_same_words(pd_str a, pd_str b) {
    pd_str rest = a, word;
    while (pd_str_split(&rest, ' ', &word))
        if (word.len > 0 && !holds_word(b, word))
            return false;
    rest = b;
    while (pd_str_split(&rest, ' ', &word))
        if (word.len > 0 && !holds_word(a, word))
            return false;
    return true;
}

static const struct law_annotation *find(const struct law_policy *policy, pd_str key) {
    for (size_t i = 0; i < policy->annotation_count; i++)
        if (pd_str_eq(policy->annotations[i].key, key))
            return &policy->annotations[i];
    return NULL;
}

static bool compare_annotation(struct law_differences *d, pd_str key,
                               const struct law_annotation *before,
                               const struct law_annotation *after) {
    bool is_same = before != NULL && after != NULL &&
                   (pd_str_eq(before->value, after->value) ||
                    (pd_str_is(key, "exempts") && are_same_words(before->value, after->value)));
    if (is_same)
        return true;
    pd_str what = pd_arena_printf(d->arena, "@%.*s", pd_arg(key));
    return what.data != NULL &&
           law_differences_add(d, what, before != NULL ? before->value : (pd_str){"", 0},
                               after != NULL ? after->value : (pd_str){"", 0});
}

static bool compare_annotations(struct law_differences *d, const struct law_policy *before,
                                const struct law_policy *after) {
    for (size_t i = 0; i < before->annotation_count; i++) {
        const struct law_annotation *a = &before->annotations[i];
        if (!compare_annotation(d, a->key, a, find(after, a->key)))
            return false;
    }
    for (size_t i = 0; i < after->annotation_count; i++) {
        const struct law_annotation *a = &after->annotations[i];
        if (find(before, a->key) == NULL && !compare_annotation(d, a->key, NULL, a))
            return false;
    }
    return true;
}

bool law_differences_of_policies(struct law_differences *d, const struct law_policy *before,
                                 const struct law_policy *after) {
    static const pd_str effects[] = {
        [LAW_EFFECT_PERMIT] = PD_STR_INIT("permit"), [LAW_EFFECT_FORBID] = PD_STR_INIT("forbid")};
    return law_differences_compare(d, "effect", effects[before->effect], effects[after->effect]) &&
           compare_scopes(d, before, after) && compare_conditions(d, before, after) &&
           compare_annotations(d, before, after);
}
