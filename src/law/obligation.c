/* The little language of @obligation and @remedy: its vocabulary, its grammar, what evidences what.
 */
#include "law/finding_impl.h"

#include <string.h>

enum { TEXT_MAX = 4096, WORD_MAX = 256, ALTERNATIVES_MAX = 16, JOINED_MAX = 32 };

/* The closed union of all packs' kinds. `words`: bare arguments that may stand there, "" for none,
   "*" for any one (a column selector, a country, an amount); `keys`: named arguments.
   The words of an evidenced kind are the rows of `evidence` below. */
static const struct kind {
    const char *name;
    enum law_obligation_class class_;
    const char *words;
    const char *keys;
} kinds[] = {
    {"aggregate", LAW_BEFORE, "*", "k"},
    {"anonymise", LAW_BEFORE, "*", ""},
    {"drop", LAW_BEFORE, "*", ""},
    {"generalise", LAW_BEFORE, "*", "to"},
    {"kanon", LAW_BEFORE, "*", "k"},
    {"mask", LAW_BEFORE, "*", ""},
    {"minimise", LAW_BEFORE, "*", ""},
    {"pseudonymise", LAW_BEFORE, "*", ""},
    {"approve", LAW_EVIDENCED, NULL, ""},
    {"assess", LAW_EVIDENCED, NULL, "every"},
    {"certificate", LAW_EVIDENCED, NULL, ""},
    {"consent", LAW_EVIDENCED, NULL, ""},
    {"consult", LAW_EVIDENCED, NULL, "within"},
    {"contract", LAW_EVIDENCED, NULL, ""},
    {"encrypt", LAW_EVIDENCED, NULL, ""},
    {"localise", LAW_EVIDENCED, NULL, ""},
    {"notice", LAW_EVIDENCED, NULL, ""},
    {"officer", LAW_EVIDENCED, NULL, ""},
    {"register", LAW_EVIDENCED, NULL, ""},
    {"review", LAW_EVIDENCED, NULL, ""},
    {"secure_env", LAW_EVIDENCED, NULL, ""},
    {"answer", LAW_AFTER, "", "within"},
    {"attribute", LAW_AFTER, "*", ""},
    {"audit", LAW_AFTER, "", "every"},
    {"delete", LAW_AFTER, "", "at within"},
    {"deliver", LAW_AFTER, "", "within"},
    {"escalate", LAW_AFTER, "*", "within"},
    {"explain", LAW_AFTER, "", "within"},
    {"fee_cap", LAW_AFTER, "*", ""},
    {"log", LAW_AFTER, "", "keep"},
    {"notify", LAW_AFTER, "authority persons users parties", "within"},
    {"publish", LAW_AFTER, "catalogue", "within licence format"},
    {"record", LAW_AFTER, "", "keep"},
    {"report", LAW_AFTER, "authority", "within every"},
    {"restrict", LAW_AFTER, "*", ""},
    {"return", LAW_AFTER, "", "within"},
    {"stop", LAW_AFTER, "", ""},
    {"suspend", LAW_AFTER, "", ""},
    {"update", LAW_AFTER, "", "within"},
};

/* Which fact shows that an evidenced obligation is done. word "*": any one, and the fact must be
 * it. */
static const struct evidence {
    const char *kind, *word, *fact, *value;
} evidence[] = {
    {"approve", "authority", "authority_approval", ""},
    {"approve", "head", "head_approval", ""},
    {"approve", "provider", "provider_agrees", ""},
    {"assess", "compatibility", "compatibility_assessed", ""},
    {"assess", "interoperability", "interoperability_assessment", ""},
    {"assess", "pia", "impact_assessment", ""},
    {"assess", "risk", "risk_assessment", ""},
    {"assess", "secrecy", "secrecy_review", ""},
    {"assess", "security", "security_assessment", ""},
    {"certificate", "export", "export_gateway", "certification"},
    {"consent", "", "consent", ""},
    {"consent", "explicit", "explicit_consent", ""},
    {"consent", "guardian", "guardian_consent", ""},
    {"consent", "separate", "separate_consent", ""},
    {"consult", "authority", "authority_consulted", ""},
    {"consult", "third_party", "third_party_consent", ""},
    {"contract", "", "contract", ""},
    {"contract", "standard", "export_gateway", "standard_contract"},
    {"encrypt", "", "encrypted", ""},
    {"localise", "*", "store_country", ""},
    {"notice", "", "notice_given", ""},
    {"notice", "before", "notice_given", ""},
    {"officer", "", "officer_named", ""},
    {"register", "catalogue", "catalogue_complete", ""},
    {"review", "conditions", "conditions_met", ""},
    {"review", "human", "human_review", ""},
    {"secure_env", "", "secure_environment", ""},
};
enum { EVIDENCE_COUNT = sizeof(evidence) / sizeof(evidence[0]) };

static const struct kind *kind_find(pd_str name) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (pd_str_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

struct law_hint law_obligation_hint(pd_str kind) {
    enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };
    pd_str names[KIND_COUNT];
    for (size_t i = 0; i < KIND_COUNT; i++)
        names[i] = pd_str_from(kinds[i].name);
    return law_hint(kind, names, KIND_COUNT);
}

const char *law_evidence_fact_nth(size_t n) {
    return n < EVIDENCE_COUNT ? evidence[n].fact : NULL;
}

pd_str law_obligation_word(const struct law_obligation *o, size_t nth) {
    for (size_t i = 0; i < o->argument_count; i++)
        if (o->arguments[i].key.len == 0 && nth-- == 0)
            return o->arguments[i].value;
    return (pd_str){NULL, 0};
}

pd_str law_obligation_value(const struct law_obligation *o, const char *key) {
    for (size_t i = 0; i < o->argument_count; i++)
        if (o->arguments[i].key.len > 0 && pd_str_is(o->arguments[i].key, key))
            return o->arguments[i].value;
    return (pd_str){NULL, 0};
}

bool law_obligation_evidence(const struct law_obligation *o, pd_str *fact, pd_str *value) {
    pd_str word = law_obligation_word(o, 0);
    for (size_t i = 0; i < EVIDENCE_COUNT; i++) {
        const struct evidence *e = &evidence[i];
        bool any = strcmp(e->word, "*") == 0;
        if (!pd_str_is(o->kind, e->kind) || !(any ? word.len > 0 : pd_str_is(word, e->word)))
            continue;
        *fact = pd_str_from(e->fact);
        *value = any ? word : pd_str_from(e->value);
        return true;
    }
    return false;
}

bool law_obligation_resolve(struct law_obligation *o, const struct law_rules *rules,
                            pd_str *unknown) {
    for (size_t i = 0; i < o->argument_count; i++) {
        struct law_argument *a = &o->arguments[i];
        if (!pd_str_is(a->key, "k") || !pd_str_starts(a->value, PD_STR("t.")))
            continue;
        pd_str name = pd_str_sub(a->value, 2, a->value.len - 2);
        int64_t number;
        *unknown = name;
        if (!law_rules_threshold(rules, name, &number))
            return false;
        a->value = pd_arena_printf(rules->arena, "%lld", (long long)number);
        if (a->value.data == NULL)
            return false;
    }
    return true;
}

/* ---- The grammar ---- */

struct scanner {
    pd_str text;
    size_t at;
    struct pd_error *err;
};

static enum pd_status fail_at(const struct scanner *s, size_t at, const char *what) {
    return pd_fail(s->err, PD_INVALID, "character %zu of \"%.*s\": %s",
                   pd_utf8_length(pd_str_sub(s->text, 0, at)) + 1, pd_arg(s->text), what);
}

static bool is_at(const struct scanner *s, char c) {
    return s->at < s->text.len && s->text.data[s->at] == c;
}

static pd_str take_name(struct scanner *s) {
    size_t start = s->at;
    while (s->at < s->text.len && ((s->text.data[s->at] >= 'a' && s->text.data[s->at] <= 'z') ||
                                   s->text.data[s->at] == '_'))
        s->at++;
    return pd_str_sub(s->text, start, s->at - start);
}

static pd_str take_word(struct scanner *s) {
    size_t start = s->at;
    while (s->at < s->text.len && strchr("();=+|", s->text.data[s->at]) == NULL &&
           (unsigned char)s->text.data[s->at] >= 0x20 && s->text.data[s->at] != 0x7f)
        s->at++;
    return pd_str_sub(s->text, start, s->at - start);
}

/* NUMBER UNIT, at most 9 digits. */
static bool is_period(pd_str s) {
    size_t digits = 0;
    while (digits < s.len && s.data[digits] >= '0' && s.data[digits] <= '9')
        digits++;
    pd_str unit = pd_str_sub(s, digits, s.len - digits);
    return digits > 0 && digits <= 9 && law_words_have("h d wd m y", unit);
}

static bool is_count(pd_str s) {
    int64_t n;
    return (pd_str_starts(s, PD_STR("t.")) && s.len > 2) || (pd_parse_i64(s, &n) && n > 0);
}

static enum pd_status check_word(const struct scanner *s, size_t at, pd_str word) {
    if (word.len == 0)
        return fail_at(s, at, "a word is expected here");
    if (word.len > WORD_MAX)
        return fail_at(s, at, "a word has at most 256 bytes");
    if (word.data[0] == ' ' || word.data[word.len - 1] == ' ')
        return fail_at(s, at, "a word does not begin or end with a space");
    return PD_OK;
}

static enum pd_status parse_argument(struct scanner *s, struct law_obligation *o) {
    size_t start = s->at;
    if (o->argument_count == LAW_ARGUMENTS_MAX)
        return fail_at(s, start, "an obligation has at most 8 arguments");
    struct law_argument argument = {.key = {NULL, 0}};
    pd_str key = take_name(s);
    if (key.len > 0 && is_at(s, '=')) {
        s->at++;
        argument.key = key;
    } else {
        s->at = start;
    }
    size_t value_at = s->at;
    argument.value = take_word(s);
    enum pd_status st = check_word(s, value_at, argument.value);
    if (st != PD_OK)
        return st;
    if (law_words_have("within every keep", argument.key) && !is_period(argument.value))
        return fail_at(s, value_at, "a period is a number and h, d, wd, m or y, such as 20wd");
    if (pd_str_is(argument.key, "k") && !is_count(argument.value))
        return fail_at(s, value_at, "k is a number from 1 or a threshold such as t.k");
    for (size_t i = 0; argument.key.len > 0 && i < o->argument_count; i++)
        if (pd_str_eq(o->arguments[i].key, argument.key))
            return fail_at(s, start, "this key stands here twice");
    o->arguments[o->argument_count++] = argument;
    return PD_OK;
}

/** The word of an evidenced kind that was perhaps meant. */
static struct law_hint hint_evidence(const char *kind, pd_str word) {
    pd_str words[EVIDENCE_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < EVIDENCE_COUNT; i++)
        if (pd_str_is(pd_str_from(kind), evidence[i].kind) && strcmp(evidence[i].word, "*") != 0)
            words[count++] = pd_str_from(evidence[i].word);
    return law_hint(word, words, count);
}

/* A known kind takes only what its row allows, so that a misspelt word can't weaken a duty. */
static enum pd_status check_arguments(const struct scanner *s, size_t at, const struct kind *kind,
                                      struct law_obligation *o) {
    size_t words = 0;
    for (size_t i = 0; i < o->argument_count; i++) {
        pd_str key = o->arguments[i].key;
        if (key.len == 0)
            words++;
        else if (!law_words_have(kind->keys, key))
            return pd_fail(s->err, PD_INVALID, "\"%.*s\": %s takes no \"%.*s=\"%s%s%s",
                           pd_arg(s->text), kind->name, pd_arg(key),
                           *kind->keys ? "; it takes " : "", kind->keys,
                           law_hint_word(key, kind->keys).text);
    }
    if (words > 1)
        return fail_at(s, at, "an obligation takes one word at most");
    pd_str word = law_obligation_word(o, 0);
    if (kind->class_ == LAW_EVIDENCED) {
        if (!law_obligation_evidence(o, &o->fact, &o->fact_value))
            return pd_fail(s->err, PD_INVALID, "\"%.*s\": no fact shows that %s(%.*s) is done%s",
                           pd_arg(s->text), kind->name, pd_arg(word),
                           hint_evidence(kind->name, word).text);
        return PD_OK;
    }
    if (word.len > 0 && strcmp(kind->words, "*") != 0 && !law_words_have(kind->words, word))
        return pd_fail(s->err, PD_INVALID, "\"%.*s\": %s does not take \"%.*s\"%s%s%s",
                       pd_arg(s->text), kind->name, pd_arg(word), *kind->words ? "; it takes " : "",
                       kind->words, law_hint_word(word, kind->words).text);
    return PD_OK;
}

static enum pd_status parse_obligation(struct scanner *s, struct law_obligation *o) {
    size_t start = s->at;
    *o = (struct law_obligation){.class_ = LAW_UNKNOWN};
    o->kind = take_name(s);
    if (o->kind.len == 0 || o->kind.len > WORD_MAX)
        return fail_at(s, start, "a kind of obligation is expected here, such as mask");
    if (is_at(s, '(')) {
        do {
            s->at++;
            enum pd_status st = parse_argument(s, o);
            if (st != PD_OK)
                return st;
        } while (is_at(s, ';'));
        if (!is_at(s, ')'))
            return fail_at(s, s->at, "\")\" or \";\" is expected here");
        s->at++;
    }
    o->text = pd_str_sub(s->text, start, s->at - start);
    const struct kind *kind = kind_find(o->kind);
    if (kind == NULL)
        return PD_OK;
    o->class_ = kind->class_;
    return check_arguments(s, start, kind, o);
}

static enum pd_status parse_joined(struct scanner *s, struct pd_arena *arena,
                                   struct law_alternative *out) {
    struct law_obligation joined[JOINED_MAX];
    size_t count = 0;
    for (;;) {
        if (count == JOINED_MAX)
            return fail_at(s, s->at, "at most 32 obligations are joined");
        enum pd_status st = parse_obligation(s, &joined[count++]);
        if (st != PD_OK)
            return st;
        if (!is_at(s, '+'))
            break;
        s->at++;
    }
    struct law_obligation *list = pd_arena_array(arena, count, sizeof(*list));
    if (list == NULL)
        return pd_fail_memory(s->err);
    memcpy(list, joined, count * sizeof(*list));
    *out = (struct law_alternative){.obligations = list, .count = count};
    return PD_OK;
}

enum pd_status law_obligations_parse(pd_str text, bool allow_alternatives, struct pd_arena *arena,
                                     const struct law_alternative **out, size_t *count,
                                     struct pd_error *err) {
    size_t bad_at;
    if (text.len > TEXT_MAX)
        return pd_fail(err, PD_LIMIT, "obligations of %zu bytes; at most %d", text.len, TEXT_MAX);
    if (!pd_utf8_valid(text, &bad_at))
        return pd_fail(err, PD_INVALID, "obligations: byte %zu is not UTF-8", bad_at + 1);
    struct law_alternative *list = pd_arena_array(arena, ALTERNATIVES_MAX, sizeof(*list));
    if (list == NULL)
        return pd_fail_memory(err);
    if (allow_alternatives && pd_str_is(text, "none")) {
        *out = list;
        *count = 0;
        return PD_OK;
    }
    struct scanner s = {.text = text, .err = err};
    size_t n = 0;
    for (;;) {
        if (n == ALTERNATIVES_MAX)
            return fail_at(&s, s.at, "at most 16 alternatives");
        enum pd_status st = parse_joined(&s, arena, &list[n++]);
        if (st != PD_OK)
            return st;
        if (!allow_alternatives || !is_at(&s, '|'))
            break;
        s.at++;
    }
    if (s.at < s.text.len)
        return fail_at(&s, s.at,
                       allow_alternatives ? "\"+\", \"|\" or the end is expected here"
                                          : "\"+\" or the end is expected here");
    *out = list;
    *count = n;
    return PD_OK;
}
