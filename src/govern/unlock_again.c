/* A waiting case decided again: as it is today, and once for each single thing in its way, as if
 * that were supplied. */
#include "govern/growing.h"
#include "govern/unlock.h"

#include <jansson.h>

static pd_str text_of(const json_t *json, const char *name) {
    const json_t *v = json_object_get(json, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : PD_STR("");
}

/* ---- Deciding again ---- */

/* A case as it is today. */
struct matter {
    struct law_case c;
    const pd_str *done; /* obligations of the class "before" that its plan discharges */
    size_t done_count;
    const struct law_finding *finding;
};

static bool is_done(const struct matter *m, pd_str obligation) {
    for (size_t i = 0; i < m->done_count; i++)
        if (pd_str_eq(m->done[i], obligation))
            return true;
    return false;
}

/* Whether nothing is in the way; `also`: an obligation that counts as done, or empty. */
static bool passes(const struct matter *m, const struct law_finding *finding, pd_str also) {
    bool yes = act_evidence_is_complete(finding);
    for (size_t i = 0; i < finding->obligation_count && yes; i++) {
        const struct law_obligation *o = &finding->obligations[i];
        yes = o->class_ != LAW_BEFORE || is_done(m, o->text) || pd_str_eq(o->text, also);
    }
    return yes;
}

/*
 * Whether the case would pass: as it is, or once its steward signs a plan, which attests what only
 * the steward may say. Without a plan that is the signature under the data as it is.
 */
static enum pd_status would_pass(struct unlock_blocks *u, const struct matter *m,
                                 const struct law_case *c, struct pd_arena *scratch, bool *out,
                                 struct pd_error *err) {
    const struct law_finding *finding;
    enum pd_status st = law_find(u->g->rules, c, scratch, &finding, err);
    *out = st == PD_OK && passes(m, finding, PD_STR(""));
    if (st != PD_OK || *out || finding->outcome != LAW_OPEN)
        return st;
    pd_str names[PREPARE_SIGNABLE_MAX];
    size_t n = prepare_signable(finding, names);
    struct facts *set = pd_arena_alloc(scratch, sizeof(*set));
    if (!set)
        return pd_fail_memory(err);
    for (size_t i = 0; i < c->fact_count && set->count < FACTS_MAX; i++)
        set->list[set->count++] = c->facts[i];
    for (size_t i = 0; i < n; i++) {
        struct law_fact said = {.name = names[i], .value = {.kind = LAW_BOOL}};
        if (facts_are_contradicted(set, &said))
            return PD_OK;
    }
    st = facts_add_signed(names, n, c->party.id, u->now, set, err);
    struct law_case is_signed = *c;
    is_signed.facts = set->list;
    is_signed.fact_count = set->count;
    if (st == PD_OK && n)
        st = law_find(u->g->rules, &is_signed, scratch, &finding, err);
    *out = st == PD_OK && n && passes(m, finding, PD_STR(""));
    return st;
}

static bool is_signature(const struct law_fact *fact) {
    return pd_str_is(fact->evidence, "signature of the plan");
}

/*
 * The facts of then, but attested ones as they stand today: those of an open intent may have been
 * joined by others, and may have expired. content: the bytes that attestations may be bound to.
 */
static enum pd_status facts_of_today(struct unlock_blocks *u, const struct past *past, bool is_open,
                                     const struct law_fact *facts, size_t count, pd_str content,
                                     struct pd_arena *scratch, struct matter *m,
                                     struct pd_error *err) {
    struct facts *set = pd_arena_alloc(scratch, sizeof(*set));
    if (!set)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count && set->count < FACTS_MAX; i++)
        if (!is_open || facts[i].class_ != LAW_ATTESTED || is_signature(&facts[i]))
            set->list[set->count++] = facts[i];
    enum pd_status st =
        is_open ? facts_add_attested(u->g, past->intent, content, u->now, scratch, set, err)
                : PD_OK;
    m->c.facts = set->list;
    m->c.fact_count = set->count;
    return st;
}

static enum pd_status make_matter(struct unlock_blocks *u, const struct past *past, bool is_open,
                                  pd_str content, struct pd_arena *scratch, struct matter *m,
                                  struct pd_error *err) {
    *m = (struct matter){.c = past->law};
    m->c.now = u->now;
    enum pd_status st = facts_of_today(u, past, is_open, past->law.facts, past->law.fact_count,
                                       content, scratch, m, err);
    return st == PD_OK ? law_find(u->g->rules, &m->c, scratch, &m->finding, err) : st;
}

/* The same with the plan that waits for its signature, signed. */
static enum pd_status make_signed_matter(struct unlock_blocks *u, const struct past *past,
                                         struct pd_arena *scratch, struct matter *m,
                                         struct pd_error *err) {
    const struct law_fact *facts;
    size_t count;
    const json_t *done = json_object_get(past->is_signed, "done");
    pd_str *texts = pd_arena_array(scratch, json_array_size(done) + 1, sizeof(*texts));
    if (!texts)
        return pd_fail_memory(err);
    *m = (struct matter){.c = past->law, .done = texts, .done_count = json_array_size(done)};
    m->c.now = u->now;
    for (size_t i = 0; i < m->done_count; i++) {
        const json_t *text = json_array_get(done, i);
        texts[i] = json_is_string(text)
                       ? (pd_str){json_string_value(text), json_string_length(text)}
                       : PD_STR("");
    }
    enum pd_status st =
        past_facts(json_object_get(past->is_signed, "facts"), scratch, &facts, &count);
    if (st != PD_OK)
        return st == PD_LIMIT ? pd_fail_memory(err)
                              : pd_fail(err, PD_INTERNAL, "a signed case on record is damaged");
    st = facts_of_today(u, past, true, facts, count, text_of(past->is_signed, "content"), scratch,
                        m, err);
    return st == PD_OK ? law_find(u->g->rules, &m->c, scratch, &m->finding, err) : st;
}

/* ---- What is in the way ---- */

static struct unlock_block *block_of(struct unlock_blocks *u, enum govern_block_kind kind,
                                     pd_str name) {
    struct unlock_block *list = u->list.items;
    for (size_t i = 0; i < u->list.count; i++)
        if (list[i].kind == kind && pd_str_eq(list[i].name, name))
            return &list[i];
    struct unlock_block *added = growing_add(&u->list, sizeof(*added), u->arena);
    if (!added)
        return NULL;
    added->kind = kind;
    added->name = pd_arena_str(u->arena, name);
    return added->name.data ? added : NULL;
}

bool unlock_add(struct growing_list *list, size_t index, struct pd_arena *arena) {
    size_t *last = list->count ? (size_t *)list->items + list->count - 1 : NULL;
    if (last && *last == index)
        return true; /* a case counts once */
    size_t *added = growing_add(list, sizeof(*added), arena);
    if (added)
        *added = index;
    return added != NULL;
}

static bool add_policy(struct unlock_block *b, pd_str policy, struct pd_arena *arena) {
    pd_str *list = b->policies.items;
    for (size_t i = 0; i < b->policies.count; i++)
        if (pd_str_eq(list[i], policy))
            return true;
    pd_str *added = growing_add(&b->policies, sizeof(*added), arena);
    if (added)
        *added = policy; /* borrows from the rules in force */
    return added != NULL;
}

static bool same_value(const struct law_scalar *a, const struct law_scalar *b) {
    if (a->kind != b->kind)
        return false;
    return a->kind == LAW_BOOL   ? a->boolean == b->boolean
           : a->kind == LAW_LONG ? a->number == b->number
                                 : pd_str_eq(a->text, b->text);
}

/* Notes that supplying `value` frees the case. */
static enum pd_status frees(struct unlock_blocks *u, struct unlock_block *b,
                            const struct law_scalar *value, size_t index, struct pd_error *err) {
    struct unlock_supply *list = b->supplies.items, *supply = NULL;
    for (size_t i = 0; i < b->supplies.count && !supply; i++)
        if (same_value(&list[i].value, value))
            supply = &list[i];
    if (!supply) {
        supply = growing_add(&b->supplies, sizeof(*supply), u->arena);
        if (!supply)
            return pd_fail_memory(err);
        supply->value = *value;
        supply->value.text = pd_arena_str(u->arena, value->text);
    }
    return supply->value.text.data && unlock_add(&supply->cases, index, u->arena)
               ? PD_OK
               : pd_fail_memory(err);
}

/* The case with one fact more, of the highest class in which somebody can supply it. */
static enum pd_status supply_fact(struct unlock_blocks *u, const struct matter *m,
                                  struct unlock_block *b, struct law_scalar value, size_t index,
                                  struct pd_arena *scratch, struct pd_error *err) {
    const struct law_fact_kind *kind = b->fact;
    bool is_false = value.kind == LAW_BOOL && !value.boolean;
    unsigned accepts = is_false ? kind->accepts_false : kind->accepts;
    struct facts *set = pd_arena_alloc(scratch, sizeof(*set));
    if (!set)
        return pd_fail_memory(err);
    struct law_fact fact = {.name = kind->name, .value = value, .by = PD_STR("supplied")};
    fact.class_ = accepts >> LAW_ATTESTED & 1 ? LAW_ATTESTED : LAW_DECLARED;
    fact.at = u->now;
    for (size_t i = 0; i < m->c.fact_count && set->count < FACTS_MAX; i++)
        set->list[set->count++] = m->c.facts[i];
    if (!(accepts >> fact.class_ & 1) || set->count == FACTS_MAX ||
        facts_are_contradicted(set, &fact))
        return PD_OK; /* nobody can supply that */
    set->list[set->count++] = fact;
    struct law_case c = m->c;
    c.facts = set->list;
    c.fact_count = set->count;
    bool is_free;
    enum pd_status st = would_pass(u, m, &c, scratch, &is_free, err);
    return st == PD_OK && is_free ? frees(u, b, &value, index, err) : st;
}

/* Of truth values and codes every one is tried; of numbers and texts a few that may be meant. */
static enum pd_status supply_any(struct unlock_blocks *u, const struct matter *m,
                                 struct unlock_block *b, size_t index, struct pd_arena *scratch,
                                 struct pd_error *err) {
    const struct law_fact_kind *kind = b->fact;
    static const int64_t numbers[] = {0, 1, INT64_MAX};
    const pd_str texts[] = {m->c.party.country,
                            m->c.recipient ? m->c.recipient->country : PD_STR("")};
    enum pd_status st = PD_OK;
    if (kind->type == LAW_BOOL)
        for (int v = 1; v >= 0 && st == PD_OK; v--)
            st = supply_fact(u, m, b, (struct law_scalar){.kind = LAW_BOOL, .boolean = v}, index,
                             scratch, err);
    else if (kind->type == LAW_LONG)
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers) && st == PD_OK; i++)
            st = supply_fact(u, m, b, (struct law_scalar){.kind = LAW_LONG, .number = numbers[i]},
                             index, scratch, err);
    else
        for (size_t i = 0; i < (kind->codes ? kind->code_count : 2) && st == PD_OK; i++)
            st = supply_fact(u, m, b,
                             (struct law_scalar){.kind = LAW_STRING,
                                                 .text = kind->codes ? kind->codes[i] : texts[i]},
                             index, scratch, err);
    return st;
}

static enum pd_status block_fact(struct unlock_blocks *u, const struct matter *m,
                                 const struct law_fact_kind *kind, pd_str policy, size_t index,
                                 struct pd_arena *scratch, struct pd_error *err) {
    struct unlock_block *b = block_of(u, GOVERN_BY_FACT, kind->name);
    if (!b || !add_policy(b, policy, u->arena))
        return pd_fail_memory(err);
    size_t *last = b->cases.count ? (size_t *)b->cases.items + b->cases.count - 1 : NULL;
    if (last && *last == index)
        return PD_OK; /* it was tried for another article */
    b->fact = kind;
    if (!unlock_add(&b->cases, index, u->arena))
        return pd_fail_memory(err);
    return supply_any(u, m, b, index, scratch, err);
}

static enum pd_status block_article(struct unlock_blocks *u, const struct matter *m,
                                    const struct law_voice *voice, size_t index,
                                    struct pd_arena *scratch, struct pd_error *err) {
    struct unlock_block *b = block_of(u, GOVERN_BY_ARTICLE, voice->id);
    if (!b || !add_policy(b, voice->id, u->arena) || !unlock_add(&b->cases, index, u->arena))
        return pd_fail_memory(err);
    if (!b->article) { /* the finding's own ends with the scratch; its texts are the rules' */
        struct law_voice *kept = pd_arena_alloc(u->arena, sizeof(*kept));
        if (!kept)
            return pd_fail_memory(err);
        *kept = *voice;
        kept->message = PD_STR("");
        b->article = kept;
    }
    struct law_case c = m->c;
    c.without = &voice->id;
    c.without_count = 1;
    struct law_scalar none = {.text = PD_STR("")};
    bool is_free;
    enum pd_status st = would_pass(u, m, &c, scratch, &is_free, err);
    return st == PD_OK && is_free ? frees(u, b, &none, index, err) : st;
}

static enum pd_status block_change(struct unlock_blocks *u, const struct matter *m,
                                   const struct law_obligation *o, size_t index,
                                   struct pd_error *err) {
    struct unlock_block *b = block_of(u, GOVERN_BY_CHANGE, o->text);
    if (!b || !add_policy(b, o->policy_id, u->arena) || !unlock_add(&b->cases, index, u->arena))
        return pd_fail_memory(err);
    struct law_scalar none = {.text = PD_STR("")};
    return passes(m, m->finding, o->text) ? frees(u, b, &none, index, err) : PD_OK;
}

static enum pd_status block_signature(struct unlock_blocks *u, const struct past *past,
                                      size_t index, struct pd_error *err) {
    struct unlock_block *b = block_of(u, GOVERN_BY_SIGNATURE, past->party);
    struct law_scalar none = {.text = PD_STR("")};
    if (!b || !unlock_add(&b->cases, index, u->arena))
        return pd_fail_memory(err);
    return frees(u, b, &none, index, err);
}

/* Everything that the finding names as being in the way. */
static enum pd_status blocks_of(struct unlock_blocks *u, const struct matter *m, size_t index,
                                struct pd_arena *scratch, struct pd_error *err) {
    const struct law_finding *f = m->finding;
    enum pd_status st = PD_OK;
    for (size_t i = 0; i < f->voice_count && st == PD_OK; i++) {
        const struct law_voice *v = &f->voices[i];
        if ((v->role == LAW_FORBIDS && !v->exempted_by.len) || v->role == LAW_ERRS)
            st = block_article(u, m, v, index, scratch, err);
    }
    for (size_t i = 0; i < f->missing_count && st == PD_OK; i++)
        st = block_fact(u, m, f->missing[i].fact, f->missing[i].policy_id, index, scratch, err);
    for (size_t i = 0; i < f->obligation_count && st == PD_OK; i++) {
        const struct law_obligation *o = &f->obligations[i];
        const struct law_fact_kind *kind = law_rules_fact(u->g->rules, o->fact);
        if (o->class_ == LAW_EVIDENCED && !o->discharged && kind)
            st = block_fact(u, m, kind, o->policy_id, index, scratch, err);
        else if (o->class_ == LAW_BEFORE && !is_done(m, o->text))
            st = block_change(u, m, o, index, err);
    }
    return st;
}

enum pd_status unlock_hear(struct unlock_blocks *u, const struct past *past, bool is_open,
                           pd_str content, size_t index, struct pd_arena *scratch, bool *is_free,
                           struct pd_error *err) {
    struct matter m;
    *is_free = false;
    /* What waits with a plan is judged as that plan, signed, leaves it. */
    if (is_open && json_is_object(past->is_signed)) {
        enum pd_status st = make_signed_matter(u, past, scratch, &m, err);
        if (st == PD_OK && passes(&m, m.finding, PD_STR("")))
            return block_signature(u, past, index, err);
        return st == PD_OK ? blocks_of(u, &m, index, scratch, err) : st;
    }
    enum pd_status st = make_matter(u, past, is_open, content, scratch, &m, err);
    if (st == PD_OK)
        st = would_pass(u, &m, &m.c, scratch, is_free, err);
    return st != PD_OK || *is_free ? st : blocks_of(u, &m, index, scratch, err);
}
