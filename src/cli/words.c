/* The law's own terms, for people: obligations, periods, articles. */
#include "cli/cli.h"

/* What each kind of obligation asks, as an order. %s stands for its first word, %k for its k. What
   is shown by a fact isn't here: the fact's title says it better. */
static const struct order {
    const char *kind, *with_word, *without;
} orders[] = {
    {"aggregate", "summarise %s into groups of at least %k", "summarise the rows into groups"},
    {"anonymise", "make %s anonymous", "make the data anonymous"},
    {"drop", "leave out %s", "leave it out"},
    {"generalise", "make %s coarser", "make it coarser"},
    {"kanon", "make at least %k rows share each combination of %s", "make rows indistinguishable"},
    {"mask", "mask %s", "mask it"},
    {"minimise", "keep only what is needed of %s", "keep only what is needed"},
    {"pseudonymise", "replace %s by pseudonyms", "replace identifiers by pseudonyms"},
    {"answer", NULL, "answer the request"},
    {"attribute", "name the source: %s", "name the source"},
    {"audit", NULL, "have it audited"},
    {"delete", NULL, "delete the data"},
    {"deliver", NULL, "deliver the data"},
    {"escalate", "pass it on to %s", "pass it on"},
    {"explain", NULL, "explain the decision"},
    {"fee_cap", "charge at most %s", "charge nothing"},
    {"log", NULL, "keep logs"},
    {"notify", "notify: %s", "notify those concerned"},
    {"publish", "publish it in the %s", "publish it"},
    {"record", NULL, "keep the record"},
    {"report", "report to the %s", "report it"},
    {"restrict", "restrict it to %s", "restrict it"},
    {"return", NULL, "return the data"},
    {"stop", NULL, "stop the processing"},
    {"suspend", NULL, "suspend the processing"},
    {"update", NULL, "update the data"},
};

/* Roles of inspection select columns; other selectors are categories or names, told as they are. */
static const struct {
    const char *selector, *words;
} selectors[] = {
    {"direct", "the columns that identify a person directly"},
    {"quasi", "the columns that narrow down who it is"},
    {"sensitive", "the sensitive columns"},
};

static const struct {
    const char *unit, *one, *many;
} units[] = {
    {"h", "hour", "hours"},   {"d", "day", "days"},   {"wd", "working day", "working days"},
    {"m", "month", "months"}, {"y", "year", "years"},
};

static const struct {
    const char *key, *words;
} keys[] = {
    {"within", "within"}, {"keep", "for"},          {"every", "every"},          {"at", "at"},
    {"to", "to"},         {"licence", "under the"}, {"format", "in the format"},
};

static void word_term(struct pd_buf *out, pd_str term) {
    size_t digits = 0;
    while (digits < term.len && term.data[digits] >= '0' && term.data[digits] <= '9')
        digits++;
    pd_str number = pd_str_sub(term, 0, digits), unit = pd_str_sub(term, digits, term.len);
    for (size_t i = 0; digits > 0 && i < sizeof(units) / sizeof(units[0]); i++)
        if (pd_str_is(unit, units[i].unit)) {
            pd_buf_printf(out, "%.*s %s", pd_arg(number),
                          pd_str_is(number, "1") ? units[i].one : units[i].many);
            return;
        }
    for (size_t i = 0; i < term.len; i++) /* a name, such as retention_end */
        pd_buf_char(out, term.data[i] == '_' ? ' ' : term.data[i]);
}

static pd_str word_selector(pd_str word) {
    for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
        if (pd_str_is(word, selectors[i].selector))
            return pd_str_from(selectors[i].words);
    return word;
}

static void word_k(struct pd_buf *out, pd_str k, const struct law_rules *rules) {
    int64_t value;
    bool is_threshold = pd_str_starts(k, PD_STR("t."));
    if (is_threshold && rules && law_rules_threshold(rules, pd_str_sub(k, 2, k.len), &value))
        pd_buf_printf(out, "%lld", (long long)value);
    else
        pd_buf_str(out, k.len ? k : PD_STR("k"));
}

static void word_order(struct pd_buf *out, const char *pattern, const struct law_obligation *o,
                       const struct law_rules *rules) {
    for (const char *c = pattern; *c; c++) {
        if (*c != '%')
            pd_buf_char(out, *c);
        else if (*++c == 'k')
            word_k(out, law_obligation_value(o, "k"), rules);
        else
            pd_buf_str(out, word_selector(law_obligation_word(o, 0)));
    }
}

void cli_word_obligation(struct pd_buf *out, const struct law_obligation *o,
                         const struct law_rules *rules) {
    pd_str word = law_obligation_word(o, 0);
    bool is_nothing = word.len == 0 || pd_str_is(word, "0"); /* fee_cap(0) */
    const struct law_fact_kind *shown =
        rules && o->fact.len ? law_rules_fact(rules, o->fact) : NULL;
    const struct order *order = NULL;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (pd_str_is(o->kind, orders[i].kind))
            order = &orders[i];
    if (shown && o->fact_value.len)
        pd_buf_printf(out, "show that %.*s is %.*s (%.*s)", pd_arg(o->fact), pd_arg(o->fact_value),
                      pd_arg(shown->title));
    else if (shown)
        pd_buf_printf(out, "show that \"%.*s\" (%.*s)", pd_arg(shown->title), pd_arg(o->fact));
    else if (order)
        word_order(out, is_nothing || !order->with_word ? order->without : order->with_word, o,
                   rules);
    else
        pd_buf_str(out, o->text);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        pd_str term = law_obligation_value(o, keys[i].key);
        if (!term.len)
            continue;
        pd_buf_printf(out, " %s ", keys[i].words);
        word_term(out, term);
    }
}

void cli_word_voice(struct pd_buf *out, const struct law_voice *voice) {
    static const char *const ranks[] = {[LAW_STATUTE] = "statute",
                                        [LAW_DELEGATED] = "delegated rule",
                                        [LAW_NODE] = "the node's own rule"};
    pd_buf_printf(out, "%.*s: %.*s", pd_arg(voice->id), pd_arg(voice->law));
    if (voice->article.len)
        pd_buf_printf(out, ", article%s %.*s",
                      pd_str_find_char(voice->article, ',') != PD_NPOS ? "s" : "",
                      pd_arg(voice->article));
    pd_buf_printf(out, " [%s", ranks[voice->rank]);
    if (voice->rank != LAW_NODE && voice->jurisdiction.len)
        pd_buf_printf(out, ", %.*s", pd_arg(voice->jurisdiction));
    pd_buf_char(out, ']');
    cli_word_memory(out, voice->verified);
}

bool cli_is_from_memory(pd_str verified) {
    return pd_str_find(verified, PD_STR("from memory")) != PD_NPOS;
}

/* An encoding that nobody has compared with the text must say so wherever it speaks. */
void cli_word_memory(struct pd_buf *out, pd_str verified) {
    if (cli_is_from_memory(verified))
        pd_buf_printf(out, " (%.*s: check the text of the law)", pd_arg(verified));
}

void cli_word_source(struct pd_buf *out, pd_str source) {
    bool is_string = false, has_space = false;
    size_t start = out->len;
    for (size_t i = 0; i < source.len; i++) {
        char c = source.data[i];
        bool is_comment = !is_string && c == '/' && i + 1 < source.len && source.data[i + 1] == '/';
        if (is_comment)
            while (i + 1 < source.len && source.data[i + 1] != '\n')
                i++;
        if (is_comment || (!is_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))) {
            has_space = true;
            continue;
        }
        if (has_space && out->len > start)
            pd_buf_char(out, ' ');
        has_space = false;
        if (is_string && c == '\\' && i + 1 < source.len) {
            pd_buf_char(out, c);
            c = source.data[++i];
        } else if (c == '"') {
            is_string = !is_string;
        }
        pd_buf_char(out, c);
    }
}

void cli_word_value(struct pd_buf *out, const struct law_scalar *value) {
    if (value->kind == LAW_BOOL)
        pd_buf_text(out, value->boolean ? "true" : "false");
    else if (value->kind == LAW_LONG)
        pd_buf_printf(out, "%lld", (long long)value->number);
    else
        pd_buf_str(out, value->text);
}
