/* What one standard changes in another: for those who must say yes to it, and whose tables must
 * fit. */
#include "standard/standard_impl.h"

#include <inttypes.h>
#include <string.h>

static const char *const change_names[STANDARD_CHANGE_COUNT] = {"added", "removed", "changed",
                                                                "stricter", "looser"};

const char *standard_change_name(enum standard_change_kind kind) {
    return change_names[kind];
}

struct comparing {
    const struct standard *old, *fresh;
    struct pd_arena *arena;
    struct standard_change *list;
    size_t count, capacity;
    bool has_failed;
};

static void add(struct comparing *c, enum standard_change_kind kind, pd_str field, const char *what,
                pd_str from, pd_str to) {
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 32;
        struct standard_change *list = pd_arena_array(c->arena, capacity, sizeof(*list));
        if (!list) {
            c->has_failed = true;
            return;
        }
        if (c->count > 0)
            memcpy(list, c->list, c->count * sizeof(*list));
        c->list = list;
        c->capacity = capacity;
    }
    c->list[c->count++] = (struct standard_change){kind, field, pd_str_from(what), from, to};
}

static pd_str join(struct comparing *c, const struct texts *texts) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    for (size_t i = 0; i < texts->count; i++) {
        if (i > 0)
            pd_buf_text(&buf, ", ");
        pd_buf_str(&buf, texts->list[i]);
    }
    pd_str all = pd_arena_str(c->arena, buf.failed ? (pd_str){0} : pd_buf_view(&buf));
    c->has_failed |= !all.data;
    pd_buf_clear(&buf);
    return all;
}

/* ---- sets of words ---- */

static bool has_all(const struct texts *a, const struct texts *b) {
    for (size_t i = 0; i < b->count; i++) {
        bool is = false;
        for (size_t j = 0; j < a->count && !is; j++)
            is = pd_str_eq(a->list[j], b->list[i]);
        if (!is)
            return false;
    }
    return true;
}

/* A list of what may be: fewer is stricter; none at all allows everything. */
static void compare_lists(struct comparing *c, pd_str field, const char *what,
                          const struct texts *old, const struct texts *fresh) {
    bool had = old->count > 0, has = fresh->count > 0;
    bool keeps = has_all(fresh, old), is_within = has_all(old, fresh);
    if ((!had && !has) || (had && has && keeps && is_within))
        return;
    enum standard_change_kind kind = !had        ? STANDARD_STRICTER
                                     : !has      ? STANDARD_LOOSER
                                     : keeps     ? STANDARD_LOOSER
                                     : is_within ? STANDARD_STRICTER
                                                 : STANDARD_CHANGED;
    add(c, kind, field, what, join(c, old), join(c, fresh));
}

static void compare_texts(struct comparing *c, pd_str field, const char *what, pd_str old,
                          pd_str fresh) {
    if (!pd_str_eq(old, fresh))
        add(c, STANDARD_CHANGED, field, what, old, fresh);
}

static void compare_flags(struct comparing *c, pd_str field, const char *what, bool old,
                          bool fresh) {
    if (old != fresh)
        add(c, fresh ? STANDARD_STRICTER : STANDARD_LOOSER, field, what,
            old ? PD_STR("true") : PD_STR("false"), fresh ? PD_STR("true") : PD_STR("false"));
}

/* ---- fields ---- */

static void compare_bounds(struct comparing *c, const struct field *a, const struct field *b) {
    static const char *const names[BOUNDS] = {"minimum", "maximum", "exclusiveMinimum",
                                              "exclusiveMaximum"};
    for (int i = 0; i < BOUNDS; i++) {
        bool is_low = i == MINIMUM || i == ABOVE;
        pd_str from = a->has_bound[i] ? a->bound[i].text : (pd_str){0};
        pd_str to = b->has_bound[i] ? b->bound[i].text : (pd_str){0};
        enum order order = EQUAL;
        if (a->has_bound[i] != b->has_bound[i]) {
            add(c, b->has_bound[i] ? STANDARD_STRICTER : STANDARD_LOOSER, a->name, names[i], from,
                to);
            continue;
        }
        if (a->has_bound[i])
            order = a->type == b->type ? value_compare(&b->bound[i], &a->bound[i]) : UNORDERED;
        if (order == EQUAL)
            continue;
        add(c,
            order == UNORDERED          ? STANDARD_CHANGED
            : (order == MORE) == is_low ? STANDARD_STRICTER
                                        : STANDARD_LOOSER,
            a->name, names[i], from, to);
    }
}

static void compare_lengths(struct comparing *c, const struct field *a, const struct field *b) {
    static const char *const names[LENGTHS] = {"minLength", "maxLength"};
    for (int i = 0; i < LENGTHS; i++) {
        size_t otherwise = i == MIN_LENGTH ? 0 : SIZE_MAX;
        size_t from = a->has_length[i] ? a->length[i] : otherwise;
        size_t to = b->has_length[i] ? b->length[i] : otherwise;
        if (from == to)
            continue;
        pd_str before = a->has_length[i] ? pd_arena_printf(c->arena, "%zu", from) : (pd_str){0};
        pd_str after = b->has_length[i] ? pd_arena_printf(c->arena, "%zu", to) : (pd_str){0};
        add(c, (to > from) == (i == MIN_LENGTH) ? STANDARD_STRICTER : STANDARD_LOOSER, a->name,
            names[i], before, after);
    }
}

static void compare_patterns(struct comparing *c, const struct field *a, const struct field *b) {
    if (!pd_str_eq(a->pattern_text, b->pattern_text))
        add(c,
            !a->pattern   ? STANDARD_STRICTER
            : !b->pattern ? STANDARD_LOOSER
                          : STANDARD_CHANGED,
            a->name, "pattern", a->pattern_text, b->pattern_text);
}

static pd_str format_of(const struct field *f) {
    static const char *const names[] = {"default", "email", "uri",    "binary",  "uuid",
                                        "any",     "array", "object", "topojson"};
    return f->format == FORMAT_GIVEN ? f->format_text : pd_str_from(names[f->format]);
}

static void compare_fields(struct comparing *c, const struct field *a, const struct field *b) {
    compare_texts(c, a->name, "type", pd_str_from(standard_type_name(a->type)),
                  pd_str_from(standard_type_name(b->type)));
    compare_texts(c, a->name, "format", format_of(a), format_of(b));
    compare_texts(c, a->name, "title", a->title, b->title);
    compare_texts(c, a->name, "unit", a->unit, b->unit);
    compare_texts(c, a->name, "decimalChar", a->decimal_char, b->decimal_char);
    compare_texts(c, a->name, "groupChar", a->group_char, b->group_char);
    compare_texts(c, a->name, "delimiter", a->delimiter, b->delimiter);
    compare_flags(c, a->name, "bareNumber", a->is_bare, b->is_bare);
    if (a->item_type != b->item_type)
        compare_texts(c, a->name, "itemType", pd_str_from(standard_type_name(a->item_type)),
                      pd_str_from(standard_type_name(b->item_type)));
    const struct {
        const char *what;
        const struct texts *from, *to;
    } words[] = {{"missingValues", &a->missing, &b->missing},
                 {"trueValues", &a->true_values, &b->true_values},
                 {"falseValues", &a->false_values, &b->false_values}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!has_all(words[i].from, words[i].to) || !has_all(words[i].to, words[i].from))
            add(c, STANDARD_CHANGED, a->name, words[i].what, join(c, words[i].from),
                join(c, words[i].to));
    compare_flags(c, a->name, "required", a->is_required, b->is_required);
    compare_flags(c, a->name, "unique", a->is_unique, b->is_unique);
    compare_lists(c, a->name, "enum", &a->enumeration, &b->enumeration);
    compare_lists(c, a->name, "categories", &a->categories, &b->categories);
    compare_lengths(c, a, b);
    compare_bounds(c, a, b);
    compare_patterns(c, a, b);
    compare_texts(c, a->name, "jsonSchema", a->json_schema_text, b->json_schema_text);
}

/* ---- keys and rules ---- */

static bool has_key(const struct standard *s, const struct key *key) {
    for (size_t i = 0; i < s->key_count; i++)
        if (s->keys[i].is_primary == key->is_primary && pd_str_eq(s->keys[i].title, key->title))
            return true;
    return false;
}

static pd_str foreign_text(struct comparing *c, const struct standard *s, const struct foreign *f) {
    pd_str resource = s->resources[f->resource];
    struct texts theirs = {f->theirs, f->count};
    pd_str text = pd_arena_printf(c->arena, "%.*s in %.*s (%.*s)", pd_arg(f->title),
                                  pd_arg(resource.len ? resource : PD_STR("the table itself")),
                                  pd_arg(join(c, &theirs)));
    c->has_failed |= !text.data;
    return text;
}

static bool has_foreign(struct comparing *c, const struct standard *s, pd_str text) {
    for (size_t i = 0; i < s->foreign_count; i++)
        if (pd_str_eq(foreign_text(c, s, &s->foreign[i]), text))
            return true;
    return false;
}

static void compare_references(struct comparing *c) {
    for (size_t i = 0; i < c->old->foreign_count; i++) {
        pd_str text = foreign_text(c, c->old, &c->old->foreign[i]);
        if (!has_foreign(c, c->fresh, text))
            add(c, STANDARD_LOOSER, (pd_str){0}, "foreignKeys", text, (pd_str){0});
    }
    for (size_t i = 0; i < c->fresh->foreign_count; i++) {
        pd_str text = foreign_text(c, c->fresh, &c->fresh->foreign[i]);
        if (!has_foreign(c, c->old, text))
            add(c, STANDARD_STRICTER, (pd_str){0}, "foreignKeys", (pd_str){0}, text);
    }
}

static void compare_keys(struct comparing *c) {
    for (size_t i = 0; i < c->old->key_count; i++) {
        const struct key *key = &c->old->keys[i];
        if (!has_key(c->fresh, key))
            add(c, STANDARD_LOOSER, (pd_str){0}, key->is_primary ? "primaryKey" : "uniqueKeys",
                key->title, (pd_str){0});
    }
    for (size_t i = 0; i < c->fresh->key_count; i++) {
        const struct key *key = &c->fresh->keys[i];
        if (!has_key(c->old, key))
            add(c, STANDARD_STRICTER, (pd_str){0}, key->is_primary ? "primaryKey" : "uniqueKeys",
                (pd_str){0}, key->title);
    }
}

/* A rule in words that are equal where the rules are, but for lists and limits. */
static pd_str rule_text(struct comparing *c, const struct standard *s, const struct rule *rule) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    pd_buf_text(&buf, rule_names[rule->kind]);
    for (size_t i = 0; i < rule->count; i++) {
        bool is_last = i > 0 && i + 1 == rule->count;
        if (rule->kind == RULE_COMPARE && is_last)
            pd_buf_printf(&buf, " %s", operation_names[rule->operation]);
        else if (rule->kind == RULE_SUM && i > 0)
            pd_buf_text(&buf, is_last ? " =" : " +");
        pd_buf_printf(&buf, " %.*s", pd_arg(s->fields[rule->fields[i]].name));
    }
    if (rule->kind == RULE_DERIVED)
        pd_buf_printf(&buf, " %s", derived_names[rule->how]);
    if (rule->has_from)
        pd_buf_printf(&buf, " from %.*s", pd_arg(rule->from.text));
    if (rule->has_to)
        pd_buf_printf(&buf, " to %.*s", pd_arg(rule->to.text));
    pd_str text = pd_arena_str(c->arena, buf.failed ? (pd_str){0} : pd_buf_view(&buf));
    c->has_failed |= !text.data;
    pd_buf_clear(&buf);
    return text;
}

static const struct rule *find_rule(const struct standard *s, pd_str name) {
    for (size_t i = 0; i < s->rule_count; i++)
        if (pd_str_eq(s->rules[i].name, name))
            return &s->rules[i];
    return NULL;
}

static void compare_days(struct comparing *c, const struct rule *a, const struct rule *b) {
    int64_t from = a->has_days ? a->days : INT64_MAX, to = b->has_days ? b->days : INT64_MAX;
    if (from != to)
        add(c, to < from ? STANDARD_STRICTER : STANDARD_LOOSER, (pd_str){0}, a->name.data,
            a->has_days ? pd_arena_printf(c->arena, "%" PRId64 " days", from) : (pd_str){0},
            b->has_days ? pd_arena_printf(c->arena, "%" PRId64 " days", to) : (pd_str){0});
}

static void compare_rules(struct comparing *c) {
    for (size_t i = 0; i < c->old->rule_count; i++) {
        const struct rule *a = &c->old->rules[i], *b = find_rule(c->fresh, a->name);
        pd_str before = rule_text(c, c->old, a), after = b ? rule_text(c, c->fresh, b) : before;
        if (!b) {
            add(c, STANDARD_LOOSER, (pd_str){0}, a->name.data, before, (pd_str){0});
            continue;
        }
        if (!pd_str_eq(before, after))
            add(c, STANDARD_CHANGED, (pd_str){0}, a->name.data, before, after);
        if (a->indicator != b->indicator)
            add(c, STANDARD_CHANGED, (pd_str){0}, a->name.data, pd_str_from(a->indicator->code),
                pd_str_from(b->indicator->code));
        compare_lists(c, (pd_str){0}, a->name.data, &a->listed, &b->listed);
        compare_days(c, a, b);
        int wider = decimal_compare(&b->tolerance, &a->tolerance);
        if (wider != 0)
            add(c, wider > 0 ? STANDARD_LOOSER : STANDARD_STRICTER, (pd_str){0}, a->name.data,
                a->tolerance_text, b->tolerance_text);
    }
    for (size_t i = 0; i < c->fresh->rule_count; i++)
        if (!find_rule(c->old, c->fresh->rules[i].name))
            add(c, STANDARD_STRICTER, (pd_str){0}, c->fresh->rules[i].name.data, (pd_str){0},
                rule_text(c, c->fresh, &c->fresh->rules[i]));
}

static void compare_orders(struct comparing *c) {
    struct texts before = {0}, after = {0};
    pd_str *names[2];
    const struct standard *both[2] = {c->old, c->fresh}, *other[2] = {c->fresh, c->old};
    struct texts *out[2] = {&before, &after};
    for (int s = 0; s < 2; s++) {
        names[s] = pd_arena_array(c->arena, both[s]->field_count + 1, sizeof(pd_str));
        if (!names[s]) {
            c->has_failed = true;
            return;
        }
        for (size_t i = 0; i < both[s]->field_count; i++)
            if (standard_find(other[s], both[s]->fields[i].name) != PD_NPOS)
                names[s][out[s]->count++] = both[s]->fields[i].name;
        out[s]->list = names[s];
    }
    for (size_t i = 0; i < before.count; i++)
        if (!pd_str_eq(before.list[i], after.list[i])) {
            add(c, STANDARD_CHANGED, (pd_str){0}, "order of fields", join(c, &before),
                join(c, &after));
            return;
        }
}

enum pd_status standard_diff(const struct standard *old, const struct standard *fresh,
                             struct pd_arena *arena, const struct standard_change **out,
                             size_t *count, struct pd_error *err) {
    struct comparing c = {.old = old, .fresh = fresh, .arena = arena};
    compare_texts(&c, (pd_str){0}, "title", old->title_en, fresh->title_en);
    compare_texts(&c, (pd_str){0}, "version", old->version, fresh->version);
    if (old->match != fresh->match)
        compare_texts(&c, (pd_str){0}, "fieldsMatch", pd_str_from(match_names[old->match]),
                      pd_str_from(match_names[fresh->match]));
    for (size_t i = 0; i < old->field_count; i++) {
        size_t n = standard_find(fresh, old->fields[i].name);
        if (n == PD_NPOS)
            add(&c, STANDARD_REMOVED, old->fields[i].name, "field",
                pd_str_from(standard_type_name(old->fields[i].type)), (pd_str){0});
        else
            compare_fields(&c, &old->fields[i], &fresh->fields[n]);
    }
    for (size_t i = 0; i < fresh->field_count; i++)
        if (standard_find(old, fresh->fields[i].name) == PD_NPOS)
            add(&c, STANDARD_ADDED, fresh->fields[i].name, "field", (pd_str){0},
                pd_str_from(standard_type_name(fresh->fields[i].type)));
    compare_orders(&c);
    compare_keys(&c);
    compare_references(&c);
    compare_rules(&c);
    if (c.has_failed)
        return pd_fail_memory(err);
    *out = c.list;
    *count = c.count;
    return PD_OK;
}
