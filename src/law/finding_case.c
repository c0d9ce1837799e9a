/* From a case to what Cedar evaluates: which facts enter, and the request that they make. */
#include "law/finding_impl.h"

enum { FACTS_MAX = 4096 };

/* ---- Is it a case of the schema? ---- */

static enum pd_status fail_verb(pd_str verb, struct pd_error *err) {
    const char *near = law_verb_nearest(verb);
    return pd_fail(err, PD_INVALID, "unknown verb \"%.*s\"%s%s%s", pd_arg(verb),
                   near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                   near != NULL ? "\"?" : "");
}

static enum pd_status check_party(const struct law_party *party, const char *who,
                                  struct pd_error *err) {
    if (party->id.len == 0)
        return pd_fail(err, PD_INVALID, "the %s has no id", who);
    if (!law_code_is_known(LAW_CODE_PARTY_KIND, party->kind))
        return pd_fail(err, PD_INVALID, "the %s is of unknown kind \"%.*s\"; kinds: %s", who,
                       pd_arg(party->kind), law_code_list(LAW_CODE_PARTY_KIND));
    if (party->chamber.len > 0 && !law_code_is_known(LAW_CODE_CHAMBER, party->chamber))
        return pd_fail(err, PD_INVALID, "the %s is of unknown chamber \"%.*s\"; chambers: %s", who,
                       pd_arg(party->chamber), law_code_list(LAW_CODE_CHAMBER));
    return PD_OK;
}

static enum pd_status check_case(struct law_question *q, struct pd_error *err) {
    const struct law_case *c = q->c;
    q->verb = law_verb_find(c->verb);
    if (q->verb == PD_NPOS)
        return fail_verb(c->verb, err);
    if (c->fact_count > FACTS_MAX)
        return pd_fail(err, PD_LIMIT, "%zu facts; at most %d", c->fact_count, FACTS_MAX);
    if (!law_code_is_known(LAW_CODE_NOUN, c->resource_type))
        return pd_fail(err, PD_INVALID, "unknown resource type \"%.*s\"; types: %s",
                       pd_arg(c->resource_type), law_code_list(LAW_CODE_NOUN));
    enum pd_status st = check_party(&c->party, "party", err);
    if (st == PD_OK && c->recipient != NULL)
        st = check_party(c->recipient, "recipient", err);
    return st;
}

/* ---- Which facts enter ---- */

/* What was measured can't be said otherwise; a signed statement goes before what was derived by
   rule, since a person answers for it; a mere declaration comes last. */
static int strength(enum law_class c) {
    static const int strengths[LAW_CLASS_COUNT] = {
        [LAW_DECLARED] = 0, [LAW_DERIVED] = 1, [LAW_ATTESTED] = 2, [LAW_MEASURED] = 3};
    return strengths[c];
}

static bool is_stronger(const struct law_fact *a, const struct law_fact *b) {
    if (a->class_ != b->class_)
        return strength(a->class_) > strength(b->class_);
    return a->at >= b->at;
}

static pd_str class_list(unsigned classes, struct pd_arena *arena) {
    pd_str list = {"", 0};
    for (int c = 0; c < LAW_CLASS_COUNT && list.data != NULL; c++)
        if ((classes >> c & 1) != 0)
            list = pd_arena_printf(arena, "%.*s%s%s", pd_arg(list), list.len > 0 ? " or " : "",
                                   law_class_name((enum law_class)c));
    return list;
}

/* Why a fact does not enter; the empty view if it may. data == NULL: out of memory. */
static pd_str obstacle(const struct law_question *q, const struct law_fact *fact, size_t kind_at) {
    if (kind_at == PD_NPOS)
        return PD_STR("the registry knows no fact of this name");
    if (fact->refused.len > 0)
        return fact->refused;
    const struct law_fact_kind *kind = &q->rules->facts[kind_at];
    if (!law_scalar_is_of(&fact->value, kind))
        return kind->codes != NULL ? PD_STR("its value is none of the registered codes")
                                   : PD_STR("its value is not of the registered type");
    bool is_false = kind->type == LAW_BOOL && !fact->value.boolean;
    unsigned accepted = is_false ? kind->accepts_false : kind->accepts;
    if ((unsigned)fact->class_ >= LAW_CLASS_COUNT || (accepted >> fact->class_ & 1) == 0) {
        pd_str list = class_list(accepted, q->arena);
        return list.data == NULL ? list
                                 : pd_arena_printf(q->arena, "it is only %s; %sit must be %.*s",
                                                   law_class_name(fact->class_),
                                                   is_false ? "to be false " : "", pd_arg(list));
    }
    if (fact->expires != 0 && fact->expires <= q->c->now) {
        char when[PD_TIME_TEXT_SIZE];
        pd_time_write(fact->expires, PD_TIME_SECONDS, when);
        return pd_arena_printf(q->arena, "it expired at %s", when);
    }
    return PD_STR("");
}

static enum pd_status choose_facts(struct law_question *q, struct pd_error *err) {
    const struct law_case *c = q->c;
    size_t kinds = q->rules->fact_count;
    q->used = pd_arena_array(q->arena, c->fact_count, sizeof(*q->used));
    q->kinds = pd_arena_array(q->arena, c->fact_count, sizeof(*q->kinds));
    q->chosen = pd_arena_array(q->arena, kinds, sizeof(struct law_fact *));
    if (q->used == NULL || q->kinds == NULL || q->chosen == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < c->fact_count; i++) {
        const struct law_fact *fact = &c->facts[i];
        size_t kind = law_registry_find(q->rules, fact->name);
        q->kinds[i] = kind;
        q->used[i] = (struct law_used_fact){.fact = fact, .ignored = obstacle(q, fact, kind)};
        if (q->used[i].ignored.data == NULL)
            return pd_fail_memory(err);
        if (q->used[i].ignored.len > 0)
            continue;
        q->chosen_count += q->chosen[kind] == NULL;
        if (q->chosen[kind] == NULL || is_stronger(fact, q->chosen[kind]))
            q->chosen[kind] = fact;
    }
    for (size_t i = 0; i < c->fact_count; i++) {
        if (q->used[i].ignored.len > 0)
            continue;
        const struct law_fact *winner = q->chosen[q->kinds[i]];
        if (winner != q->used[i].fact)
            q->used[i].ignored = winner->class_ != q->used[i].fact->class_
                                     ? PD_STR("a fact of a class that goes before it was given")
                                     : PD_STR("a later one was given");
    }
    return PD_OK;
}

/* ---- The request ---- */

static enum pd_status make_entity(struct pd_arena *arena, const char *type, pd_str id,
                                  struct law_value *out, struct pd_error *err) {
    struct law_uid *uid = pd_arena_alloc(arena, sizeof(*uid));
    if (uid == NULL)
        return pd_fail_memory(err);
    *uid = (struct law_uid){.type = pd_str_from(type), .id = id};
    *out = law_value_entity(uid);
    return PD_OK;
}

/* The value was checked to be of the fact's type and codes. */
static struct law_value fact_value(const struct law_rules *rules, size_t fact,
                                   const struct law_scalar *scalar) {
    const struct law_fact_kind *kind = &rules->facts[fact];
    if (kind->type == LAW_BOOL)
        return law_value_bool(scalar->boolean);
    if (kind->type == LAW_LONG)
        return law_value_long(scalar->number);
    for (size_t i = 0; i < kind->code_count; i++)
        if (pd_str_eq(kind->codes[i], scalar->text))
            return law_value_entity(&rules->code_uids[fact][i]);
    return law_value_string(scalar->text);
}

static bool is_vouched(const struct law_fact *fact) {
    return fact->class_ == LAW_ATTESTED || fact->class_ == LAW_DERIVED;
}

/* A record whose members stand in the order of their names, as law_value_record makes it. */
static struct law_value record_of(const struct law_member *members, size_t count) {
    return (struct law_value){.kind = LAW_VALUE_RECORD, .record = {members, count}};
}

/* context.f, or context.a if `vouched`. */
static enum pd_status facts_record(const struct law_question *q, bool vouched,
                                   struct law_value *out, struct pd_error *err) {
    const struct law_rules *rules = q->rules;
    struct law_member *members = pd_arena_array(q->arena, q->chosen_count, sizeof(*members));
    if (members == NULL)
        return pd_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < rules->fact_count && n < q->chosen_count; i++) {
        size_t fact = rules->fact_order[i];
        const struct law_fact *chosen = q->chosen[fact];
        if (chosen != NULL && (!vouched || is_vouched(chosen)))
            members[n++] = (struct law_member){rules->facts[fact].name,
                                               fact_value(rules, fact, &chosen->value)};
    }
    *out = record_of(members, n);
    return PD_OK;
}

/* Makes those of `facts` unknown in the record that it lacks and that may be supplied: as an
   attested fact, or where no one need vouch for it also as a declared one. */
static enum pd_status open_record(const struct law_question *q, struct law_value *record,
                                  bool vouched, const size_t *facts, size_t count,
                                  struct pd_error *err) {
    struct law_member *members =
        pd_arena_array(q->arena, record->record.count + count, sizeof(*members));
    if (members == NULL)
        return pd_fail_memory(err);
    size_t n = 0;
    size_t old = 0;
    for (size_t i = 0; i < count; i++) {
        const struct law_fact_kind *kind = &q->rules->facts[facts[i]];
        int order = 1;
        for (; old < record->record.count; old++) {
            order = pd_str_cmp(record->record.members[old].name, kind->name);
            if (order >= 0)
                break;
            members[n++] = record->record.members[old];
        }
        bool is_there = old < record->record.count && order == 0;
        bool could_be = law_fact_accepts(kind, LAW_ATTESTED) ||
                        (!vouched && law_fact_accepts(kind, LAW_DECLARED));
        if (!is_there && could_be)
            members[n++] = (struct law_member){kind->name, law_value_unknown(&kind->name)};
    }
    for (; old < record->record.count; old++)
        members[n++] = record->record.members[old];
    *record = record_of(members, n);
    return PD_OK;
}

static enum pd_status party_record(struct pd_arena *arena, const struct law_party *party,
                                   struct law_value *out, struct pd_error *err) {
    struct law_member *members = pd_arena_array(arena, 3, sizeof(*members));
    if (members == NULL)
        return pd_fail_memory(err);
    size_t n = 0;
    enum pd_status st = PD_OK;
    if (party->chamber.len > 0) {
        st = make_entity(arena, LAW_NAMESPACE "Chamber", party->chamber, &members[n].value, err);
        members[n++].name = PD_STR("chamber");
    }
    if (party->country.len > 0)
        members[n++] = (struct law_member){PD_STR("country"), law_value_string(party->country)};
    if (st == PD_OK)
        st = make_entity(arena, LAW_NAMESPACE "PartyKind", party->kind, &members[n].value, err);
    members[n++].name = PD_STR("kind");
    *out = record_of(members, n);
    return st;
}

static enum pd_status make_entities(struct law_question *q, struct pd_error *err) {
    const struct law_case *c = q->c;
    const struct law_verb *verb = law_verb_nth(q->verb);
    struct law_entity *list = pd_arena_array(q->arena, 3, sizeof(*list));
    struct law_uid *parents = pd_arena_array(q->arena, LAW_GROUPS_MAX, sizeof(*parents));
    if (list == NULL || parents == NULL)
        return pd_fail_memory(err);
    size_t count = 2;
    size_t groups = 0;
    for (; groups < LAW_GROUPS_MAX && verb->groups[groups] != NULL; groups++)
        parents[groups] =
            (struct law_uid){q->request.action.type, pd_str_from(verb->groups[groups])};
    list[0].uid = q->request.principal;
    list[1] =
        (struct law_entity){.uid = q->request.action, .parents = parents, .parent_count = groups};
    enum pd_status st = party_record(q->arena, &c->party, &list[0].attributes, err);
    if (st == PD_OK && c->recipient != NULL && !pd_str_eq(c->recipient->id, c->party.id)) {
        list[2].uid = (struct law_uid){q->request.principal.type, c->recipient->id};
        st = party_record(q->arena, c->recipient, &list[2].attributes, err);
        count = 3;
    }
    return st != PD_OK ? st : law_entities_make(list, count, q->arena, &q->entities, err);
}

/* Civil milliseconds towards minus infinity, as Cedar's datetime has no finer unit. */
static int64_t milliseconds(pd_time t) {
    return t / 1000 - (t % 1000 < 0 ? 1 : 0);
}

/* Where context.a and context.f stand among its members. */
enum { VOUCHED, FACTS };

static enum pd_status make_context(const struct law_question *q, struct law_value *out,
                                   struct pd_error *err) {
    const struct law_case *c = q->c;
    struct law_member *members = pd_arena_array(q->arena, 6, sizeof(*members));
    if (members == NULL)
        return pd_fail_memory(err);
    members[VOUCHED].name = PD_STR("a");
    members[FACTS].name = PD_STR("f");
    size_t n = 2;
    enum pd_status st = facts_record(q, true, &members[VOUCHED].value, err);
    if (st == PD_OK)
        st = facts_record(q, false, &members[FACTS].value, err);
    if (st == PD_OK && c->member.len > 0) {
        members[n].name = PD_STR("member");
        st = make_entity(q->arena, LAW_NAMESPACE "Member", c->member, &members[n++].value, err);
    }
    members[n++] = (struct law_member){PD_STR("now"), law_value_datetime(milliseconds(c->now))};
    if (st == PD_OK && c->recipient != NULL) {
        members[n].name = PD_STR("recipient");
        st = make_entity(q->arena, LAW_NAMESPACE "Party", c->recipient->id, &members[n++].value,
                         err);
    }
    members[n++] = (struct law_member){PD_STR("t"), q->rules->threshold_record};
    *out = record_of(members, n);
    return st;
}

enum pd_status law_question_make(const struct law_rules *rules, const struct law_case *c,
                                 struct pd_arena *arena, struct law_question *q,
                                 struct pd_error *err) {
    *q = (struct law_question){.rules = rules, .c = c, .arena = arena};
    enum pd_status st = check_case(q, err);
    if (st != PD_OK)
        return st;
    pd_str type = pd_arena_printf(arena, "%s%.*s", LAW_NAMESPACE, pd_arg(c->resource_type));
    if (type.data == NULL)
        return pd_fail_memory(err);
    q->request.principal = (struct law_uid){PD_STR(LAW_NAMESPACE "Party"), c->party.id};
    q->request.action = (struct law_uid){PD_STR(LAW_NAMESPACE "Action"), c->verb};
    q->request.resource = (struct law_uid){type, c->resource_id};
    st = choose_facts(q, err);
    if (st == PD_OK)
        st = make_entities(q, err);
    return st != PD_OK ? st : make_context(q, &q->request.context, err);
}

enum pd_status law_question_open(const struct law_question *q, const size_t *facts, size_t count,
                                 struct law_value *context, struct pd_error *err) {
    size_t n = q->request.context.record.count;
    struct law_member *members = pd_arena_array(q->arena, n, sizeof(*members));
    if (members == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        members[i] = q->request.context.record.members[i];
    enum pd_status st = open_record(q, &members[VOUCHED].value, true, facts, count, err);
    if (st == PD_OK)
        st = open_record(q, &members[FACTS].value, false, facts, count, err);
    *context = record_of(members, n);
    return st;
}
