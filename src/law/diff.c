/* What two sets of rules have apart: packs, policies, thresholds, facts, calendars. */
#include "law/finding_impl.h"

#include <stdlib.h>
#include <string.h>

/* One thing of a set of rules, by name. */
struct item {
    pd_str id;
    const void *thing;
};
struct items {
    struct item *list;
    size_t count;
};

struct comparison {
    const struct law_rules *before, *after;
    struct pd_arena *arena;
    struct law_change *changes;
    size_t count, capacity;
};

static struct law_change *add_change(struct comparison *c, enum law_noun noun,
                                     enum law_change_kind kind, pd_str id) {
    if (c->count == c->capacity) {
        size_t wider = c->capacity * 2 + 32;
        struct law_change *changes = pd_arena_array(c->arena, wider, sizeof(*changes));
        if (changes == NULL)
            return NULL;
        for (size_t i = 0; i < c->count; i++)
            changes[i] = c->changes[i];
        c->changes = changes;
        c->capacity = wider;
    }
    c->changes[c->count] = (struct law_change){.noun = noun, .kind = kind, .id = id};
    return &c->changes[c->count++];
}

/* ---- Packs ---- */

static pd_str word_date(struct pd_arena *arena, pd_time t) {
    char text[PD_TIME_TEXT_SIZE];
    pd_time_write(t, PD_TIME_DATE, text);
    return pd_arena_str(arena, pd_str_from(text));
}

static bool compare_packs(struct law_differences *d, const void *before, const void *after) {
    static const char *const ranks[] = {
        [LAW_STATUTE] = "statute", [LAW_DELEGATED] = "delegated", [LAW_NODE] = "node"};
    const struct law_pack *old = before, *new = after;
    return law_differences_compare(d, "jurisdiction", old->jurisdiction, new->jurisdiction) &&
           law_differences_compare(d, "rank", pd_str_from(ranks[old->rank]),
                                   pd_str_from(ranks[new->rank])) &&
           law_differences_compare(d, "as_of", word_date(d->arena, old->as_of),
                                   word_date(d->arena, new->as_of));
}

static size_t list_packs(const struct law_rules *rules, struct item *out) {
    for (size_t i = 0; out != NULL && i < rules->pack_count; i++)
        out[i] = (struct item){rules->packs[i].folder, &rules->packs[i]};
    return rules->pack_count;
}

/* ---- Policies ---- */

static bool compare_policies(struct law_differences *d, const void *before, const void *after) {
    return law_differences_of_policies(d, before, after);
}

static size_t list_policies(const struct law_rules *rules, struct item *out) {
    size_t count = law_policies_count(rules->policies);
    for (size_t i = 0; out != NULL && i < count; i++) {
        const struct law_policy *policy = law_policies_get(rules->policies, i);
        out[i] = (struct item){policy->id, policy};
    }
    return count;
}

/* ---- Thresholds ---- */

static pd_str word_number(struct pd_arena *arena, int64_t n) {
    return pd_arena_printf(arena, "%lld", (long long)n);
}

static bool compare_thresholds(struct law_differences *d, const void *before, const void *after) {
    const struct law_threshold *old = before, *new = after;
    pd_str none = PD_STR("");
    return law_differences_compare(d, "value", old ? word_number(d->arena, old->value) : none,
                                   new ? word_number(d->arena, new->value) : none);
}

static size_t list_thresholds(const struct law_rules *rules, struct item *out) {
    for (size_t i = 0; out != NULL && i < rules->threshold_count; i++)
        out[i] = (struct item){rules->thresholds[i].name, &rules->thresholds[i]};
    return rules->threshold_count;
}

/* ---- Facts ---- */

static pd_str word_list(struct pd_arena *arena, const pd_str *list, size_t count) {
    pd_str text = PD_STR("");
    for (size_t i = 0; i < count && text.data != NULL; i++)
        text = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(text), i ? " " : "", pd_arg(list[i]));
    return text;
}

static pd_str word_classes(struct pd_arena *arena, unsigned classes) {
    pd_str names[LAW_CLASS_COUNT];
    size_t n = 0;
    for (unsigned c = 0; c < LAW_CLASS_COUNT; c++)
        if (classes >> c & 1)
            names[n++] = pd_str_from(law_class_name((enum law_class)c));
    return word_list(arena, names, n);
}

static bool compare_facts(struct law_differences *d, const void *before, const void *after) {
    static const char *const types[] = {
        [LAW_BOOL] = "bool", [LAW_LONG] = "long", [LAW_STRING] = "string"};
    const struct law_fact_kind *old = before, *new = after;
    struct pd_arena *arena = d->arena;
    const struct {
        const char *what;
        pd_str before, after;
    } members[] = {
        {"type", old->codes ? PD_STR("code") : pd_str_from(types[old->type]),
         new->codes ? PD_STR("code") : pd_str_from(types[new->type])},
        {"code_type", old->codes ? old->code_type : PD_STR(""),
         new->codes ? new->code_type : PD_STR("")},
        {"codes", word_list(arena, old->codes, old->code_count),
         word_list(arena, new->codes, new->code_count)},
        {"accepts", word_classes(arena, old->accepts), word_classes(arena, new->accepts)},
        {"accepts_false", word_classes(arena, old->accepts_false),
         word_classes(arena, new->accepts_false)},
        {"attesters", word_list(arena, old->attesters, old->attester_count),
         word_list(arena, new->attesters, new->attester_count)},
        {"bound", old->bound, new->bound},
        {"title", old->title, new->title},
        {"title_zh", old->title_zh, new->title_zh},
        {"supplier", old->supplier, new->supplier},
        {"supplier_zh", old->supplier_zh, new->supplier_zh},
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (!law_differences_compare(d, members[i].what, members[i].before, members[i].after))
            return false;
    return true;
}

static size_t list_facts(const struct law_rules *rules, struct item *out) {
    for (size_t i = 0; out != NULL && i < rules->fact_count; i++)
        out[i] = (struct item){rules->facts[i].name, &rules->facts[i]};
    return rules->fact_count;
}

/* ---- Calendars ---- */

static pd_str word_zone(struct pd_arena *arena, int64_t offset) {
    int64_t minutes = offset / (60 * PD_SECOND);
    int64_t size = minutes < 0 ? -minutes : minutes;
    return pd_arena_printf(arena, "%s%02d:%02d", minutes < 0 ? "-" : "+", (int)(size / 60),
                           (int)(size % 60));
}

static pd_str word_span(struct pd_arena *arena, struct law_calendar_span span) {
    char first[PD_TIME_TEXT_SIZE], last[PD_TIME_TEXT_SIZE];
    pd_time_write(span.first * PD_DAY, PD_TIME_DATE, first);
    pd_time_write(span.last * PD_DAY, PD_TIME_DATE, last);
    return pd_arena_printf(arena, "%s to %s", first, last);
}

/* The days that both know and that work (or not) only after: "2026-02-14 2026-02-28 and 3 more". */
static bool compare_days(struct law_differences *d, const struct law_calendar *old,
                         const struct law_calendar *new, bool works) {
    enum { NAMED_MAX = 12 };
    struct law_calendar_span a = law_calendar_span(old), b = law_calendar_span(new);
    int64_t first = a.first > b.first ? a.first : b.first;
    int64_t last = a.last < b.last ? a.last : b.last;
    pd_str list = PD_STR("");
    size_t count = 0;
    for (int64_t day = first; day <= last && list.data != NULL; day++) {
        if (law_calendar_works(old, day) == law_calendar_works(new, day) ||
            law_calendar_works(new, day) != works)
            continue;
        if (count++ < NAMED_MAX) {
            pd_str date = word_date(d->arena, day * PD_DAY);
            list = pd_arena_printf(d->arena, "%.*s%s%.*s", pd_arg(list), count > 1 ? " " : "",
                                   pd_arg(date));
        }
    }
    if (list.data != NULL && count > NAMED_MAX)
        list = pd_arena_printf(d->arena, "%.*s and %zu more", pd_arg(list), count - NAMED_MAX);
    return law_differences_compare(d, works ? "works" : "off", PD_STR(""), list);
}

static bool compare_calendars(struct law_differences *d, const void *before, const void *after) {
    const struct law_calendar *old = before, *new = after;
    struct law_calendar_span a = law_calendar_span(old), b = law_calendar_span(new);
    return law_differences_compare(d, "zone", word_zone(d->arena, a.offset),
                                   word_zone(d->arena, b.offset)) &&
           law_differences_compare(d, "knows", word_span(d->arena, a), word_span(d->arena, b)) &&
           compare_days(d, old, new, true) && compare_days(d, old, new, false);
}

static size_t list_calendars(const struct law_rules *rules, struct item *out) {
    for (size_t i = 0; out != NULL && i < rules->calendar_count; i++)
        out[i] = (struct item){law_calendar_jurisdiction(rules->calendars[i]), rules->calendars[i]};
    return rules->calendar_count;
}

/* ---- All of them ---- */

static const struct subject {
    enum law_noun noun;
    size_t (*list)(const struct law_rules *rules, struct item *out); /* out NULL: counts */
    bool (*compare)(struct law_differences *d, const void *before, const void *after);
    bool takes_one; /* compares what was added or removed with nothing, too */
} subjects[] = {
    {LAW_PACK, list_packs, compare_packs, false},
    {LAW_POLICY, list_policies, compare_policies, false},
    {LAW_THRESHOLD, list_thresholds, compare_thresholds, true},
    {LAW_FACT, list_facts, compare_facts, false},
    {LAW_CALENDAR, list_calendars, compare_calendars, false},
};

static int by_id(const void *a, const void *b) {
    return pd_str_cmp(((const struct item *)a)->id, ((const struct item *)b)->id);
}

static bool list_items(const struct subject *s, const struct law_rules *rules,
                       struct pd_arena *arena, struct items *out) {
    out->count = s->list(rules, NULL);
    out->list = pd_arena_array(arena, out->count, sizeof(*out->list));
    if (out->list == NULL)
        return false;
    s->list(rules, out->list);
    if (out->count > 1)
        qsort(out->list, out->count, sizeof(*out->list), by_id);
    return true;
}

/* One thing that stands on one side or on both. */
static bool compare_item(struct comparison *c, const struct subject *s, const struct item *before,
                         const struct item *after) {
    struct law_differences d = {.arena = c->arena};
    const void *old = before ? before->thing : NULL, *new = after ? after->thing : NULL;
    enum law_change_kind kind = !before ? LAW_ADDED : !after ? LAW_REMOVED : LAW_CHANGED;
    if ((kind == LAW_CHANGED || s->takes_one) && !s->compare(&d, old, new))
        return false;
    if (kind == LAW_CHANGED && d.count == 0)
        return true;
    struct law_change *change = add_change(c, s->noun, kind, before ? before->id : after->id);
    if (change == NULL)
        return false;
    change->differences = d.list;
    change->count = d.count;
    if (s->noun == LAW_POLICY) {
        const struct law_policy *policy = new ? new : old;
        change->file = policy->name;
        change->line = policy->place.line;
    }
    return true;
}

static bool compare_subject(struct comparison *c, const struct subject *s) {
    struct items before, after;
    if (!list_items(s, c->before, c->arena, &before) || !list_items(s, c->after, c->arena, &after))
        return false;
    size_t i = 0, j = 0;
    while (i < before.count || j < after.count) {
        int order = i == before.count  ? 1
                    : j == after.count ? -1
                                       : by_id(&before.list[i], &after.list[j]);
        if (!compare_item(c, s, order <= 0 ? &before.list[i] : NULL,
                          order >= 0 ? &after.list[j] : NULL))
            return false;
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}

enum pd_status law_rules_compare(const struct law_rules *before, const struct law_rules *after,
                                 struct pd_arena *arena, const struct law_change **out,
                                 size_t *count, struct pd_error *err) {
    struct comparison c = {.before = before, .after = after, .arena = arena};
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        if (!compare_subject(&c, &subjects[i]))
            return pd_fail_memory(err);
    *out = c.changes;
    *count = c.count;
    return PD_OK;
}
