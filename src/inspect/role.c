/*
 * Which columns name, narrow down or expose a person. First what each column is by itself (by its
 * values, then by its name and values together); then whether the rows are about persons; then what
 * only matters in rows about persons: ages, addresses, incomes, moments, places.
 */
#include "inspect/inspect_impl.h"

enum { NAME_SHOWN = 60 };
#define MOSTLY 0.5

struct table {
    const struct inspect_state *states;
    struct inspect_column *columns;
    struct inspect_said *said; /* per column */
    size_t count;
    struct pd_arena *arena;
    bool has_demographics; /* two traits of persons, or a date of birth */
    bool has_body_trait;   /* one of those that things don't have: sex, birth, age, marriage */
    bool has_trait;        /* one is enough to support a name */
    bool is_about_persons;
    size_t contact_at; /* first column that reaches or identifies persons; `count` if none */
    size_t key_at;     /* first one by which the rows of one person join up; `count` if none */
};

static pd_str shown(pd_str name) {
    if (name.len <= NAME_SHOWN)
        return name;
    size_t n = NAME_SHOWN;
    while (n > 0 && ((unsigned char)name.data[n] & 0xc0) == 0x80)
        n--;
    return pd_str_sub(name, 0, n);
}

/* The term without the anchors that are there for matching. */
static pd_str term_of(const struct inspect_said *said) {
    pd_str term = pd_str_from(said->term);
    if (term.len > 0 && term.data[0] == '^')
        term = pd_str_sub(term, 1, term.len);
    if (term.len > 0 && term.data[term.len - 1] == '$')
        term.len--;
    return term;
}

static bool assign(struct inspect_column *column, enum inspect_role role, const char *category,
                   enum inspect_confidence confidence, pd_str evidence) {
    column->role = role;
    column->category = category;
    column->confidence = confidence;
    column->evidence = evidence;
    return evidence.data != NULL;
}

/* `the name says an age ("age"); TAIL`, with the tail as printed by the caller. */
static bool assign_by_name(struct table *t, size_t i, enum inspect_confidence confidence,
                           pd_str tail) {
    const struct inspect_meaning_info *info = inspect_meaning_get(t->said[i].meaning);
    pd_str evidence = PD_STR("");
    if (tail.data)
        evidence = pd_arena_printf(t->arena, "the name says %s (\"%.*s\"); %.*s", info->says,
                                   pd_arg(term_of(&t->said[i])), pd_arg(tail));
    return tail.data && assign(&t->columns[i], info->role, info->category, confidence, evidence);
}

static pd_str distinct_words(struct table *t, size_t i) {
    const struct inspect_column *c = &t->columns[i];
    char distinct[INSPECT_NUMBER_SIZE], filled[INSPECT_NUMBER_SIZE];
    return pd_arena_printf(t->arena, "%s%s distinct values in %s cells",
                           c->distinct.is_exact ? "" : "about ",
                           inspect_number(c->distinct.value, distinct),
                           inspect_number(inspect_state_filled(&t->states[i]), filled));
}

static bool is_masked(const struct inspect_state *state) {
    uint64_t filled = inspect_state_filled(state);
    return filled > 0 && (double)state->masked > MOSTLY * (double)filled;
}

/* ---- a column by itself ---- */

/* The first verdict of a hint that stands without the company of other columns. */
static const struct inspect_verdict *standing_verdict(const struct inspect_column *column,
                                                      enum detect_hint hint) {
    for (size_t v = 0; v < column->verdict_count; v++) {
        const struct inspect_verdict *verdict = &column->verdicts[v];
        bool stands = verdict->info->need != DETECT_COMPANY ||
                      (verdict->is_named && verdict->info->hint == DETECT_DIRECT);
        if (verdict->info->hint == hint && stands && verdict->confidence != INSPECT_LOW)
            return verdict;
    }
    return NULL;
}

/* The verdict that a column is made of `type`, named or not; NULL if it isn't. */
static const struct inspect_verdict *verdict_of(const struct inspect_column *column,
                                                enum detect_type type) {
    for (size_t v = 0; v < column->verdict_count; v++) {
        const struct inspect_verdict *verdict = &column->verdicts[v];
        if (verdict->type == type && verdict->confidence != INSPECT_LOW)
            return verdict;
    }
    return NULL;
}

static bool decide_by_values(struct table *t, size_t i) {
    static const struct {
        enum detect_hint hint;
        enum inspect_role role;
    } roles[] = {{DETECT_DIRECT, INSPECT_DIRECT},
                 {DETECT_QUASI, INSPECT_QUASI},
                 {DETECT_NONE, INSPECT_OTHER}};
    for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++) {
        const struct inspect_verdict *v = standing_verdict(&t->columns[i], roles[r].hint);
        /* One person's number in a column of others is one too many; an organisation's is not. */
        if (v && (roles[r].hint != DETECT_NONE || v->share >= MOSTLY))
            return assign(&t->columns[i], roles[r].role, detect_category_name(v->info->category),
                          v->confidence, v->evidence);
    }
    return true;
}

/* A name that promises an identifier counts if the values can be one. */
static bool could_be_identifier(struct table *t, size_t i) {
    enum inspect_type type = t->columns[i].type;
    switch (t->said[i].meaning) {
    case MEANS_PERSON_NAME:
        return type == INSPECT_TEXT;
    case MEANS_PHONE:
        return inspect_looks_of(&t->states[i].frequent).phone >= MOSTLY;
    case MEANS_ID_DOCUMENT:
    case MEANS_PSEUDONYM:
        return type == INSPECT_TEXT || type == INSPECT_INTEGER;
    default:
        return false;
    }
}

static bool decide_by_name(struct table *t, size_t i) {
    if (t->said[i].is_statistic || !could_be_identifier(t, i))
        return true;
    if (is_masked(&t->states[i]))
        return assign(&t->columns[i], INSPECT_OTHER, "", INSPECT_MEDIUM,
                      pd_arena_printf(t->arena,
                                      "the name says %s, but most cells are masked with *",
                                      inspect_meaning_get(t->said[i].meaning)->says));
    return assign_by_name(t, i, INSPECT_MEDIUM, distinct_words(t, i));
}

/* ---- traits of persons ---- */

static bool is_code_or_text(const struct inspect_column *c) {
    enum { MOST_CODES = 200 };
    return c->type == INSPECT_TEXT || c->type == INSPECT_BOOLEAN ||
           (c->type == INSPECT_INTEGER && c->distinct.value <= MOST_CODES);
}

static bool is_trait(struct table *t, size_t i) {
    const struct inspect_column *c = &t->columns[i];
    enum inspect_meaning meaning = t->said[i].meaning;
    if (!inspect_meaning_get(meaning)->is_demographic || t->said[i].is_statistic)
        return false;
    switch (meaning) {
    case MEANS_SEX:
        return inspect_looks_of(&t->states[i].frequent).sex > MOSTLY;
    case MEANS_AGE:
        return c->type == INSPECT_TEXT ||
               (c->type == INSPECT_INTEGER && c->min_number >= 0 && c->max_number <= 130);
    case MEANS_BIRTH: /* a date has its verdict; this is a year */
        return c->role == INSPECT_QUASI ||
               (c->type == INSPECT_INTEGER && c->min_number > 1900 && c->max_number < 2100);
    default:
        return is_code_or_text(c);
    }
}

static bool is_sensitive_word(const struct table *t, size_t i) {
    return inspect_meaning_get(t->said[i].meaning)->role == INSPECT_SENSITIVE &&
           t->columns[i].type != INSPECT_EMPTY;
}

static void judge_table(struct table *t) {
    bool seen[MEANING_COUNT] = {false};
    bool has_birth_date = false, has_direct = false;
    size_t traits = 0, sensitive = 0;
    t->contact_at = t->key_at = t->count;
    for (size_t i = 0; i < t->count; i++) {
        const struct inspect_column *c = &t->columns[i];
        bool is_secret = pd_str_is(pd_str_from(c->category), "secret"); /* opens, names nobody */
        if (c->role == INSPECT_DIRECT && !is_secret) {
            has_direct = true;
            bool is_key = pd_str_is(pd_str_from(c->category), "pseudonym") ||
                          pd_str_is(pd_str_from(c->category), "identity");
            if (is_key && t->key_at == t->count)
                t->key_at = i;
            if (t->contact_at == t->count)
                t->contact_at = i;
        }
        has_birth_date |= c->role == INSPECT_QUASI;
        enum inspect_meaning meaning = t->said[i].meaning;
        if (!seen[meaning]) {
            bool trait = is_trait(t, i), is_sensitive = is_sensitive_word(t, i);
            seen[meaning] = trait || is_sensitive;
            traits += trait;
            t->has_body_trait |= trait && (meaning == MEANS_SEX || meaning == MEANS_AGE ||
                                           meaning == MEANS_BIRTH || meaning == MEANS_MARITAL);
            sensitive += is_sensitive;
        }
    }
    t->has_trait = traits > 0 || has_birth_date;
    t->has_demographics = has_birth_date || (traits > 0 && traits + sensitive >= 2);
    t->is_about_persons = has_direct || t->has_demographics;
}

/* ---- what matters only in rows about persons ---- */

/* "name" alone may be a station's. It is a person's beside a sex or an age, or where the values
   look like it and the rows have something else of a person. */
static bool decide_plain_name(struct table *t, size_t i) {
    struct inspect_column *c = &t->columns[i];
    if (c->type != INSPECT_TEXT)
        return true;
    bool looks_right = verdict_of(c, DETECT_PERSON_NAME) ||
                       inspect_looks_of(&t->states[i].frequent).person >= MOSTLY;
    if (!looks_right && !t->has_body_trait)
        return true;
    const char *form = looks_right ? "the values have the form of persons' names"
                                   : "the name says a name (\"name\")";
    if (t->contact_at == t->count && !t->has_trait)
        return assign(
            c, INSPECT_OTHER, "", INSPECT_LOW,
            pd_arena_printf(t->arena, "%s, but nothing else in the table is about persons", form));
    pd_str evidence =
        t->contact_at < t->count
            ? pd_arena_printf(t->arena, "%s, and column \"%.*s\" reaches or identifies persons",
                              form, pd_arg(shown(t->columns[t->contact_at].name)))
            : pd_arena_printf(t->arena, "%s, and other columns hold traits of persons", form);
    t->is_about_persons = true;
    return assign(c, INSPECT_DIRECT, "name", INSPECT_MEDIUM, evidence);
}

static bool decide_sensitive(struct table *t, size_t i) {
    if (t->is_about_persons)
        return assign_by_name(t, i, INSPECT_MEDIUM, PD_STR("the rows are about persons"));
    return assign(&t->columns[i], INSPECT_OTHER, "", INSPECT_LOW,
                  pd_arena_printf(t->arena,
                                  "the name says %s (\"%.*s\"), but nothing in the table is about "
                                  "persons",
                                  inspect_meaning_get(t->said[i].meaning)->says,
                                  pd_arg(term_of(&t->said[i]))));
}

static bool decide_trait(struct table *t, size_t i) {
    const struct inspect_column *c = &t->columns[i];
    if (!t->is_about_persons)
        return assign(&t->columns[i], INSPECT_OTHER, "", INSPECT_LOW,
                      pd_arena_printf(t->arena,
                                      "the name says %s (\"%.*s\"), but nothing else in the table "
                                      "is about persons",
                                      inspect_meaning_get(t->said[i].meaning)->says,
                                      pd_arg(term_of(&t->said[i]))));
    bool has_proof = t->said[i].meaning == MEANS_SEX ||
                     (t->said[i].meaning == MEANS_AGE && c->type == INSPECT_INTEGER);
    return assign_by_name(t, i, has_proof ? INSPECT_HIGH : INSPECT_MEDIUM, distinct_words(t, i));
}

static bool is_moment(const struct inspect_column *c) {
    return c->type == INSPECT_DATE || c->type == INSPECT_DATETIME;
}

static bool assign_by_verdict(struct table *t, size_t i, const struct inspect_verdict *v,
                              pd_str tail) {
    return assign(&t->columns[i], INSPECT_QUASI, detect_category_name(v->info->category),
                  v->confidence,
                  pd_arena_printf(t->arena, "%.*s; %.*s", pd_arg(v->evidence), pd_arg(tail)));
}

/* Addresses of persons; where rows of one person join up, also where and when they were. */
static bool decide_circumstance(struct table *t, size_t i) {
    const struct inspect_said *said = &t->said[i];
    struct inspect_column *c = &t->columns[i];
    if (c->type == INSPECT_EMPTY || said->is_statistic || said->is_organisation)
        return true;
    const struct inspect_verdict *address = verdict_of(c, DETECT_ADDRESS);
    const struct inspect_verdict *point = verdict_of(c, DETECT_COORDINATES);
    bool joins_up = t->key_at < t->count || t->has_demographics;
    if (address || said->meaning == MEANS_ADDRESS || said->meaning == MEANS_POSTCODE) {
        if (!t->is_about_persons)
            return true;
        return address ? assign_by_verdict(t, i, address, PD_STR("the table has persons"))
                       : assign_by_name(t, i, INSPECT_MEDIUM, PD_STR("the table has persons"));
    }
    if (point || said->meaning == MEANS_PLACE) {
        if (!joins_up)
            return true;
        return point ? assign_by_verdict(t, i, point, PD_STR("the rows are about persons"))
                     : assign_by_name(t, i, INSPECT_MEDIUM, PD_STR("the rows are about persons"));
    }
    bool is_named_moment = said->meaning == MEANS_EVENT && c->type == INSPECT_INTEGER;
    if (t->key_at == t->count || !(is_moment(c) || is_named_moment))
        return true;
    return assign(c, INSPECT_QUASI, "event", INSPECT_MEDIUM,
                  pd_arena_printf(t->arena,
                                  "a moment in rows that column \"%.*s\" ties to one person",
                                  pd_arg(shown(t->columns[t->key_at].name))));
}

static bool decide_in_context(struct table *t, size_t i) {
    struct inspect_column *c = &t->columns[i];
    if (c->evidence.len > 0)
        return true;
    if (is_sensitive_word(t, i))
        return decide_sensitive(t, i);
    if (is_trait(t, i))
        return decide_trait(t, i);
    if (!decide_circumstance(t, i))
        return false;
    if (c->role == INSPECT_OTHER && t->said[i].is_organisation && !t->said[i].is_statistic &&
        c->type == INSPECT_TEXT)
        c->category = "organisation";
    return true;
}

static void count_facts(const struct table *t, struct inspect_facts *facts) {
    *facts = (struct inspect_facts){.has_personal = t->is_about_persons};
    for (size_t i = 0; i < t->count; i++) {
        const struct inspect_column *c = &t->columns[i];
        pd_str category = pd_str_from(c->category);
        facts->direct_columns += c->role == INSPECT_DIRECT;
        facts->quasi_columns += c->role == INSPECT_QUASI;
        facts->sensitive_columns += c->role == INSPECT_SENSITIVE;
        facts->validated_columns += standing_verdict(c, DETECT_DIRECT) != NULL;
        facts->pseudonym_columns += c->role == INSPECT_DIRECT && pd_str_is(category, "pseudonym");
        facts->has_organisations |= pd_str_is(category, "organisation");
    }
    facts->holds_identifiers = facts->direct_columns > 0;
    facts->has_sensitive = facts->sensitive_columns > 0;
}

bool inspect_roles(const struct inspect_state *states, struct inspect_column *columns, size_t count,
                   struct pd_arena *arena, struct inspect_facts *facts) {
    struct table t = {.states = states, .columns = columns, .count = count, .arena = arena};
    t.said = pd_arena_array(arena, count, sizeof(*t.said));
    if (!t.said)
        return false;
    for (size_t i = 0; i < count; i++) {
        t.said[i] = inspect_name_says(columns[i].name);
        if (!decide_by_values(&t, i))
            return false;
        if (columns[i].evidence.len == 0 && !decide_by_name(&t, i))
            return false;
    }
    judge_table(&t);
    for (size_t i = 0; i < count; i++) {
        bool is_name = t.said[i].meaning == MEANS_PLAIN_NAME ||
                       (t.said[i].meaning == MEANS_NOTHING &&
                        verdict_of(&columns[i], DETECT_PERSON_NAME) != NULL);
        bool is_open = columns[i].evidence.len == 0 && is_name;
        if (is_open && !decide_plain_name(&t, i))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!decide_in_context(&t, i))
            return false;
    }
    count_facts(&t, facts);
    return true;
}
