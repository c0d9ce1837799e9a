/* Cases of a pack (CASES.md): acts in words, with facts, and the policies that must speak or keep
   silent at them. */
#include "law/finding_impl.h"
#include "law/markdown.h"

enum { FACTS_MAX = 128, ROWS_MAX = 65536 };

static const char *const HEADER[] = {"policy", "speaks at", "with the facts", "silent at",
                                     "with the facts"};
enum { POLICY, SPEAKS_ACT, SPEAKS_FACTS, SILENT_ACT, SILENT_FACTS, COLUMNS };

struct reader {
    const struct law_rules *rules;
    struct law_page page;
    pd_str country; /* where parties are, if a row does not say it; or empty */
    pd_time as_of;
    struct pd_arena *arena;
    struct pd_error *err;
};

/* ---- An act in words ---- */

static bool is_country(pd_str code) {
    return code.len == 2 && code.data[0] >= 'A' && code.data[0] <= 'Z' && code.data[1] >= 'A' &&
           code.data[1] <= 'Z';
}

/* KIND ["in" COUNTRY]; `*next` is the word behind it. */
static enum pd_status read_party(struct reader *r, const struct law_cell *cell, const char *who,
                                 pd_str *rest, struct law_party *out, pd_str *next) {
    pd_str kind = law_cell_word(rest);
    if (!law_code_is_known(LAW_CODE_PARTY_KIND, kind))
        return law_page_fail(&r->page, cell, kind, "the %s is of unknown kind \"%.*s\"; kinds: %s",
                             who, pd_arg(kind), law_code_list(LAW_CODE_PARTY_KIND));
    *out = (struct law_party){.id = pd_str_from(who), .kind = kind, .country = r->country};
    *next = law_cell_word(rest);
    if (!pd_str_is(*next, "in"))
        return PD_OK;
    out->country = law_cell_word(rest);
    if (!is_country(out->country))
        return law_page_fail(&r->page, cell, out->country,
                             "\"in\" is followed by a country such as NL; not \"%.*s\"",
                             pd_arg(out->country));
    *next = law_cell_word(rest);
    return PD_OK;
}

/* "as of" DATE, the first word of which was read; nothing may stand behind it. */
static enum pd_status read_date(struct reader *r, const struct law_cell *cell, pd_str word,
                                pd_str *rest, pd_time *out) {
    pd_str of = law_cell_word(rest);
    pd_str date = law_cell_word(rest);
    if (!pd_str_is(word, "as") || !pd_str_is(of, "of"))
        return law_page_fail(&r->page, cell, word,
                             "an act ends here, or goes on with \"as of 2025-08-01\"; not \"%.*s\"",
                             pd_arg(word));
    if (date.len != 10 || !pd_time_parse(date, out))
        return law_page_fail(&r->page, cell, date,
                             "\"as of\" is followed by a date such as 2025-08-01; not \"%.*s\"",
                             pd_arg(date));
    pd_str more = law_cell_word(rest);
    return more.len == 0
               ? PD_OK
               : law_page_fail(&r->page, cell, more, "nothing follows the date of an act");
}

static enum pd_status read_verb(struct reader *r, const struct law_cell *cell, pd_str verb) {
    const char *near = law_verb_nearest(verb);
    if (law_verb_find(verb) != PD_NPOS)
        return PD_OK;
    return law_page_fail(&r->page, cell, verb, "unknown verb \"%.*s\"%s%s%s", pd_arg(verb),
                         near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                         near != NULL ? "\"?" : "");
}

static enum pd_status read_recipient(struct reader *r, const struct law_cell *cell, pd_str *rest,
                                     struct law_case *c, pd_str *next) {
    struct law_party *recipient = pd_arena_alloc(r->arena, sizeof(*recipient));
    if (recipient == NULL)
        return pd_fail_memory(r->err);
    c->recipient = recipient;
    return read_party(r, cell, "recipient", rest, recipient, next);
}

static enum pd_status read_act(struct reader *r, const struct law_cell *cell, struct law_case *c) {
    pd_str rest = cell->text;
    pd_str next;
    c->verb = law_cell_word(&rest);
    enum pd_status st = read_verb(r, cell, c->verb);
    if (st != PD_OK)
        return st;
    pd_str by = law_cell_word(&rest);
    if (!pd_str_is(by, "by"))
        return law_page_fail(&r->page, cell, by,
                             "a verb is followed by \"by\" and a kind of party");
    st = read_party(r, cell, "party", &rest, &c->party, &next);
    if (st == PD_OK && pd_str_is(next, "to"))
        st = read_recipient(r, cell, &rest, c, &next);
    return st != PD_OK || next.len == 0 ? st : read_date(r, cell, next, &rest, &c->now);
}

/* ---- Facts ---- */

static enum pd_status read_fact(struct reader *r, const struct law_cell *cell, pd_str piece,
                                struct law_fact *out) {
    struct pd_error inner = {PD_OK, ""};
    size_t equals = pd_str_find_char(piece, '=');
    size_t colon = piece.len;
    while (colon > 0 && piece.data[colon - 1] != ':')
        colon--;
    if (equals == PD_NPOS || colon <= equals + 1)
        return law_page_fail(&r->page, cell, piece, "a fact is written NAME=VALUE:CLASS");
    pd_str name = pd_str_trim(pd_str_sub(piece, 0, equals));
    pd_str value = pd_str_trim(pd_str_sub(piece, equals + 1, colon - equals - 2));
    pd_str class_name = pd_str_trim(pd_str_sub(piece, colon, piece.len));
    *out = (struct law_fact){.name = name, .by = PD_STR("case"), .at = 0};
    if (!law_class_parse(class_name, &out->class_))
        return law_page_fail(&r->page, cell, pd_str_sub(piece, colon, piece.len),
                             "a fact is declared, attested, derived or measured; not \"%.*s\"",
                             pd_arg(class_name));
    enum pd_status st = law_fact_parse(r->rules, name, value, r->arena, &out->value, &inner);
    return st != PD_INVALID ? st : law_page_fail(&r->page, cell, piece, "%s", inner.text);
}

static enum pd_status read_facts(struct reader *r, const struct law_cell *cell,
                                 struct law_case *c) {
    pd_str rest = cell->text;
    pd_str piece;
    size_t most = 1;
    for (size_t i = 0; i < rest.len; i++)
        most += rest.data[i] == ',';
    if (most > FACTS_MAX)
        return law_page_fail(&r->page, cell, rest, "more than %d facts", FACTS_MAX);
    struct law_fact *facts = pd_arena_array(r->arena, most, sizeof(*facts));
    if (facts == NULL)
        return pd_fail_memory(r->err);
    while (cell->text.len > 0 && pd_str_split(&rest, ',', &piece)) {
        enum pd_status st = read_fact(r, cell, pd_str_trim(piece), &facts[c->fact_count]);
        if (st != PD_OK)
            return st;
        c->fact_count++;
    }
    c->facts = facts;
    return PD_OK;
}

/* ---- Rows ---- */

static enum pd_status read_side(struct reader *r, const struct law_cell *act,
                                const struct law_cell *facts, const struct law_case_side *same,
                                struct law_case_side *out) {
    *out = (struct law_case_side){.act = act->text, .facts = facts->text};
    struct law_case *c = &out->question;
    if (pd_str_is(act->text, "-")) {
        out->is_left_out = true;
        return facts->text.len == 0 ? PD_OK
                                    : law_page_fail(&r->page, facts, facts->text,
                                                    "a side that is left out has no facts");
    }
    bool is_same_act = act->text.len == 0 || pd_str_starts(act->text, PD_STR("as of "));
    if (is_same_act && (same == NULL || same->is_left_out))
        return law_page_fail(&r->page, act, act->text, "there is no act to be the same as");
    enum pd_status st = PD_OK;
    if (is_same_act) {
        *c = same->question;
        c->fact_count = 0;
        if (act->text.len == 0) {
            out->act = same->act;
        } else {
            pd_str rest = act->text;
            pd_str first = law_cell_word(&rest);
            st = read_date(r, act, first, &rest, &c->now);
        }
    } else {
        *c = (struct law_case){.resource_type = PD_STR("Distribution"),
                               .resource_id = PD_STR("case"),
                               .now = r->as_of};
        st = read_act(r, act, c);
    }
    return st != PD_OK ? st : read_facts(r, facts, c);
}

static enum pd_status read_row(struct reader *r, const struct law_cell *cells,
                               struct law_case_row *out) {
    const struct law_policy *policy;
    struct pd_error inner = {PD_OK, ""};
    *out = (struct law_case_row){.policy_id = cells[POLICY].text, .place = cells[POLICY].place};
    if (law_rules_find_policy(r->rules, out->policy_id, r->arena, &policy, &inner) != PD_OK)
        return law_page_fail(&r->page, &cells[POLICY], out->policy_id, "%s", inner.text);
    enum pd_status st = read_side(r, &cells[SPEAKS_ACT], &cells[SPEAKS_FACTS], NULL, &out->speaks);
    return st != PD_OK
               ? st
               : read_side(r, &cells[SILENT_ACT], &cells[SILENT_FACTS], &out->speaks, &out->silent);
}

/* What the page says in the words "the parties are in NL"; else what the pack is named after. */
static enum pd_status read_country(struct reader *r, pd_str pack) {
    static const pd_str words = PD_STR_INIT("the parties are in ");
    size_t at = pd_str_find(r->page.text, words);
    if (at != PD_NPOS) {
        r->country = pd_str_sub(r->page.text, at + words.len, 2);
        struct law_cell here = {r->country,
                                law_place_advance(r->page.text, LAW_PLACE_START, at + words.len)};
        return is_country(r->country) ? PD_OK
                                      : law_page_fail(&r->page, &here, r->country,
                                                      "the parties are in a country such as NL");
    }
    if (pack.len != 2 || pd_str_is(pack, "eu"))
        return PD_OK;
    char code[2];
    for (size_t i = 0; i < 2; i++)
        code[i] = (char)(pack.data[i] >= 'a' && pack.data[i] <= 'z' ? pack.data[i] - 'a' + 'A'
                                                                    : pack.data[i]);
    r->country = pd_arena_str(r->arena, (pd_str){code, 2});
    return r->country.data != NULL ? PD_OK : pd_fail_memory(r->err);
}

static enum pd_status read_rows(struct reader *r, struct law_case_row *rows, size_t *count) {
    struct law_cell cells[COLUMNS];
    bool found;
    enum pd_status st;
    while ((st = law_page_next(&r->page, cells, &found)) == PD_OK && found) {
        if (*count == ROWS_MAX)
            return law_page_fail(&r->page, &cells[POLICY], cells[POLICY].text, "more than %d rows",
                                 ROWS_MAX);
        st = read_row(r, cells, &rows[*count]);
        if (st != PD_OK)
            return st;
        (*count)++;
    }
    return st;
}

enum pd_status law_cases_parse(const struct law_rules *rules, pd_str path, pd_str text,
                               struct pd_arena *arena, const struct law_case_row **out,
                               size_t *count, struct pd_error *err) {
    struct reader r = {.rules = rules, .arena = arena, .err = err};
    enum pd_status st = law_page_open(&r.page, path, text, HEADER, COLUMNS, err);
    if (st != PD_OK)
        return st;
    pd_str pack = pd_str_sub(path, 0, pd_str_find_char(path, '/'));
    size_t most = 1;
    size_t n = 0;
    for (size_t i = 0; i < text.len && most < ROWS_MAX; i++)
        most += text.data[i] == '\n';
    struct law_case_row *rows = pd_arena_array(arena, most, sizeof(*rows));
    if (rows == NULL)
        return pd_fail_memory(err);
    const struct law_pack *of = law_rules_pack(rules, pack);
    r.as_of = of != NULL ? of->as_of : 0;
    st = read_country(&r, pack);
    if (st == PD_OK)
        st = read_rows(&r, rows, &n);
    if (st != PD_OK)
        return st;
    *out = rows;
    *count = n;
    return PD_OK;
}

/* ---- Deciding them ---- */

static const struct law_voice *voice_find(const struct law_finding *finding, pd_str id) {
    for (size_t i = 0; i < finding->voice_count; i++)
        if (pd_str_eq(finding->voices[i].id, id))
            return &finding->voices[i];
    return NULL;
}

enum pd_status law_case_row_check(const struct law_rules *rules, const struct law_case_row *row,
                                  struct pd_arena *arena, struct law_case_result *out,
                                  struct pd_error *err) {
    struct law_case_result result = {.speaks_holds = true, .silent_holds = true};
    enum pd_status st = PD_OK;
    if (!row->speaks.is_left_out) {
        st = law_find(rules, &row->speaks.question, arena, &result.speaks, err);
        if (st != PD_OK)
            return st;
        const struct law_voice *voice = voice_find(result.speaks, row->policy_id);
        bool refuses = voice != NULL && voice->role == LAW_FORBIDS && voice->exempted_by.len == 0;
        result.speaks_holds = voice != NULL && voice->role != LAW_ERRS &&
                              !(refuses && result.speaks->outcome == LAW_PERMIT);
    }
    if (!row->silent.is_left_out) {
        st = law_find(rules, &row->silent.question, arena, &result.silent, err);
        if (st != PD_OK)
            return st;
        result.silent_holds = voice_find(result.silent, row->policy_id) == NULL;
    }
    *out = result;
    return PD_OK;
}
