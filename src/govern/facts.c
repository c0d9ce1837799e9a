/* Where the facts of a case come from: declared, measured, derived, attested. */
#include "govern/govern_impl.h"

#include <string.h>

/* ---- Building a set of facts ---- */

/* One that counts. */
static const struct law_fact *find_fact(const struct facts *set, pd_str name) {
    for (size_t i = 0; i < set->count; i++)
        if (pd_str_eq(set->list[i].name, name) && set->list[i].refused.len == 0)
            return &set->list[i];
    return NULL;
}

/* In the order of law_find: what a person attests stands before what the machine concludes. */
static int standing(enum law_class c) {
    static const int order[LAW_CLASS_COUNT] = {
        [LAW_DECLARED] = 0, [LAW_DERIVED] = 1, [LAW_ATTESTED] = 2, [LAW_MEASURED] = 3};
    return order[c];
}

/* One value a fact. */
static enum pd_status add(struct facts *set, const struct law_fact *fact, struct pd_error *err) {
    struct law_fact *old = (struct law_fact *)(uintptr_t)find_fact(set, fact->name);
    if (old) {
        if (standing(fact->class_) > standing(old->class_))
            *old = *fact;
        return PD_OK;
    }
    if (set->count == FACTS_MAX)
        return pd_fail(err, PD_LIMIT, "a case may have at most %d facts", FACTS_MAX);
    set->list[set->count++] = *fact;
    return PD_OK;
}

/* One that doesn't count, so that the finding says why; the newest of its name and author is
 * enough. */
static void add_refused(struct facts *set, const struct law_fact *fact) {
    for (size_t i = 0; i < set->count; i++)
        if (set->list[i].refused.len > 0 && pd_str_eq(set->list[i].name, fact->name) &&
            pd_str_eq(set->list[i].by, fact->by))
            return;
    if (set->count < FACTS_MAX / 2) /* room for those that count is never taken */
        set->list[set->count++] = *fact;
}

/* A fact that this node's registry doesn't know is of no use to its law. */
static enum pd_status add_known(struct govern *g, struct facts *set, const char *name,
                                struct law_scalar value, enum law_class class_, pd_str by,
                                pd_time now, struct pd_error *err) {
    if (!law_rules_fact(g->rules, pd_str_from(name)))
        return PD_OK;
    struct law_fact fact = {
        .name = pd_str_from(name), .value = value, .class_ = class_, .by = by, .at = now};
    return add(set, &fact, err);
}

static struct law_scalar boolean(bool b) {
    return (struct law_scalar){.kind = LAW_BOOL, .boolean = b};
}

static struct law_scalar number(uint64_t n) {
    return (struct law_scalar){.kind = LAW_LONG, .number = n > INT64_MAX ? INT64_MAX : (int64_t)n};
}

static struct law_scalar text(pd_str s) {
    return (struct law_scalar){.kind = LAW_STRING, .text = s};
}

/* ---- Measured and derived ---- */

/* The machine measures what is there; that something is absent for the law (is_personal = false) it
 * never says. */
enum pd_status facts_add_measured(struct govern *g, const struct govern_reading *reading,
                                  pd_time now, struct facts *set, struct pd_error *err) {
    const struct inspect_facts *f = &reading->inspection->facts;
    pd_str inspect = PD_STR("inspect"), protect = PD_STR("protect");
    enum pd_status st = add_known(g, set, "holds_identifiers", boolean(f->holds_identifiers),
                                  LAW_MEASURED, inspect, now, err);
    if (st == PD_OK)
        st = add_known(g, set, "quasi_columns", number(reading->quasi_columns), LAW_MEASURED,
                       inspect, now, err);
    if (st == PD_OK)
        st = add_known(g, set, "sensitive_columns", number(f->sensitive_columns), LAW_MEASURED,
                       inspect, now, err);
    if (st == PD_OK)
        st = add_known(g, set, "rows", number(reading->inspection->rows), LAW_MEASURED, inspect,
                       now, err);
    if (st == PD_OK && reading->has_risk)
        st =
            add_known(g, set, "k", number(reading->risk.smallest), LAW_MEASURED, protect, now, err);
    uint64_t percent;
    if (st == PD_OK && reading->attacks && attack_percent(reading->attacks, &percent))
        st = add_known(g, set, "attack_percent", number(percent), LAW_MEASURED, PD_STR("attack"), now, err);
    if (st == PD_OK && reading->attacks && attack_linkage_percent(reading->attacks, &percent))
        st = add_known(g, set, "linkage_percent", number(percent), LAW_MEASURED, PD_STR("attack"), now, err);
    if (st == PD_OK && f->holds_identifiers)
        st = add_known(g, set, "is_personal", boolean(true), LAW_DERIVED, inspect, now, err);
    if (st == PD_OK && f->sensitive_columns > 0 && f->has_personal)
        st = add_known(g, set, "is_sensitive", boolean(true), LAW_DERIVED, inspect, now, err);
    return st;
}

enum pd_status facts_add_derived(struct govern *g, const struct law_party *party,
                                 const struct law_party *recipient, pd_str verb, pd_time now,
                                 struct facts *set, struct pd_error *err) {
    pd_str govern = PD_STR("govern");
    enum pd_status st = PD_OK;
    if (recipient)
        st = add_known(g, set, "recipient_country", text(recipient->country), LAW_DERIVED, govern,
                       now, err);
    if (st == PD_OK && pd_str_is(verb, "store")) {
        /* The vault is where the node is, and seals everything. */
        st =
            add_known(g, set, "store_country", text(party->country), LAW_DERIVED, govern, now, err);
        if (st == PD_OK)
            st = add_known(g, set, "encrypted", boolean(true), LAW_DERIVED, PD_STR("store"), now,
                           err);
    }
    return st;
}

/* ---- Declared ---- */

enum pd_status facts_add_declared(struct govern *g, const struct govern_request *request,
                                  bool is_transformed, pd_time now, struct pd_arena *arena,
                                  struct facts *set, struct pd_error *err) {
    struct govern_declared own[] = {{PD_STR("purpose"), request->purpose},
                                    {PD_STR("legal_basis"), request->basis}};
    for (size_t i = 0; i < 2 + request->declared_count; i++) {
        const struct govern_declared *d = i < 2 ? &own[i] : &request->declared[i - 2];
        struct law_fact fact = {
            .name = d->name, .class_ = LAW_DECLARED, .by = request->party, .at = now};
        enum pd_status st = law_fact_parse(g->rules, d->name, d->value, arena, &fact.value, err);
        if (st != PD_OK)
            return i == 1 ? pd_wrap(err, "legal basis") : st;
        const struct law_fact_kind *kind = law_rules_fact(g->rules, d->name);
        if (is_transformed && pd_str_is(kind->bound, "bytes"))
            continue; /* said of other bytes than these */
        if (find_fact(set, d->name) && find_fact(set, d->name)->class_ == LAW_DECLARED)
            return pd_fail(err, PD_USAGE, "the fact \"%.*s\" is declared twice", pd_arg(d->name));
        st = add(set, &fact, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

/* ---- Attested ---- */

static const struct sql LIST_FACTS = {
    .both = "SELECT name, party_id, made_at, expires_at, bound_to, key_id, sealed_value FROM fact"
            " WHERE intent_id = $1 ORDER BY id DESC"};

/* One as it is stored, before it is unsealed. */
struct attested {
    struct law_fact fact;
    pd_str bound, sealed;
};

/* What it says and by what; the signature beside it is longer than all the rest, and isn't asked
 * for. */
static enum pd_status open_value(struct govern *g, const struct attested *from,
                                 const struct store_key *key, struct pd_arena *arena,
                                 struct law_fact *fact, struct pd_error *err) {
    pd_str plain, rest, name, text, value = {0}, evidence = {0};
    enum pd_status st = store_unseal(key, PD_STR("fact.value"), from->sealed, arena, &plain, err);
    if (st != PD_OK)
        return st;
    for (rest = plain; pd_json_next(&rest, &name, &text);)
        if (pd_str_is(name, "value"))
            value = text;
        else if (pd_str_is(name, "evidence"))
            evidence = text;
    *fact = from->fact;
    if (facts_read_value(value, arena, &fact->value) != PD_OK)
        return pd_fail(err, PD_INTERNAL, "an attested fact holds no value");
    /* Canonical JSON writes numbers beyond 2^53 as texts. */
    const struct law_fact_kind *kind = law_rules_fact(g->rules, fact->name);
    int64_t number;
    if (kind && kind->type == LAW_LONG && fact->value.kind == LAW_STRING &&
        pd_parse_i64(fact->value.text, &number))
        fact->value = (struct law_scalar){.kind = LAW_LONG, .number = number};
    fact->evidence = pd_json_read_text(evidence, arena);
    return PD_OK;
}

/* Where direct identifiers are measured in these very bytes, nobody's word makes them impersonal.
 */
bool facts_are_contradicted(const struct facts *set, const struct law_fact *fact) {
    const struct law_fact *measured = find_fact(set, PD_STR("holds_identifiers"));
    return pd_str_is(fact->name, "is_personal") && fact->value.kind == LAW_BOOL &&
           !fact->value.boolean && measured && measured->value.boolean;
}

/* Why an attested fact doesn't count; empty if it does. No data: out of memory. */
static pd_str refusal(const struct facts *set, const struct law_fact *fact, bool is_of_other_data,
                      pd_time now, struct pd_arena *arena) {
    if (fact->expires && fact->expires <= now) {
        char when[PD_TIME_TEXT_SIZE];
        pd_time_write(fact->expires, PD_TIME_SECONDS, when);
        return pd_arena_printf(arena, "it expired at %s", when);
    }
    if (is_of_other_data)
        return PD_STR("it was attested of other data than this");
    if (facts_are_contradicted(set, fact))
        return PD_STR("inspection recognises identifiers of persons in the data");
    return PD_STR("");
}

static enum pd_status copy_attested(const struct store_rows *rows, struct pd_arena *arena,
                                    struct attested *out, pd_id *key, struct pd_error *err) {
    *out = (struct attested){.fact = {.name = pd_arena_str(arena, store_str(rows, 0)),
                                      .by = pd_arena_str(arena, store_str(rows, 1)),
                                      .at = store_i64(rows, 2),
                                      .expires = store_i64(rows, 3),
                                      .class_ = LAW_ATTESTED},
                             .bound = pd_arena_str(arena, store_str(rows, 4)),
                             .sealed = pd_arena_str(arena, store_str(rows, 6))};
    if (!out->fact.name.data || !out->fact.by.data || !out->bound.data || !out->sealed.data)
        return pd_fail_memory(err);
    if (!pd_id_parse(store_str(rows, 5), key))
        return pd_fail(err, PD_INTERNAL, "an attested fact names no key");
    return PD_OK;
}

/* Those of an intent, the newest first, with the ids of their keys. */
static enum pd_status list_attested(struct govern *g, pd_id intent, struct pd_arena *arena,
                                    struct attested **out, pd_id **keys, size_t *count,
                                    struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(intent, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_FACTS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    size_t n = 0, capacity = 0;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        if (n == capacity) {
            struct attested *old = *out;
            const pd_id *old_keys = *keys;
            capacity = capacity ? 4 * capacity : 8;
            *out = pd_arena_array(arena, capacity, sizeof(**out));
            *keys = pd_arena_array(arena, capacity, sizeof(**keys));
            if (!*out || !*keys) {
                st = pd_fail_memory(err);
                break;
            }
            for (size_t i = 0; i < n; i++) {
                (*out)[i] = old[i];
                (*keys)[i] = old_keys[i];
            }
        }
        st = copy_attested(rows, arena, &(*out)[n], &(*keys)[n], err);
        if (st != PD_OK)
            break;
        n++;
    }
    store_rows_close(rows);
    *count = n;
    return st;
}

/* The newest attestation of a name counts; expired ones, and those about other bytes, don't. */
enum pd_status facts_add_attested(struct govern *g, pd_id intent, pd_str content, pd_time now,
                                  struct pd_arena *arena, struct facts *set, struct pd_error *err) {
    struct attested *list = NULL;
    pd_id *ids = NULL;
    size_t count = 0;
    enum pd_status st = list_attested(g, intent, arena, &list, &ids, &count, err);
    if (st != PD_OK || count == 0)
        return st;
    struct store_key *keys = pd_arena_array(arena, count, sizeof(*keys));
    if (!keys)
        return pd_fail_memory(err);
    st = store_keys_find(g->store, ids, count, keys, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        struct law_fact fact;
        st = open_value(g, &list[i], &keys[i], arena, &fact, err);
        if (st != PD_OK)
            break;
        bool is_of_other_data = list[i].bound.len > 0 && !pd_str_eq(list[i].bound, content);
        fact.refused = refusal(set, &fact, is_of_other_data, now, arena);
        if (fact.refused.len > 0)
            add_refused(set, &fact);
        else
            st = fact.refused.data ? add(set, &fact, err) : pd_fail_memory(err);
    }
    crypto_wipe(keys, count * sizeof(*keys));
    return st;
}

/* What the steward says by signing the plan: only where nothing else speaks of it. */
enum pd_status facts_add_signed(const pd_str *attests, size_t count, pd_str signer, pd_time now,
                                struct facts *set, struct pd_error *err) {
    for (size_t i = 0; i < count; i++) {
        struct law_fact fact = {.name = attests[i],
                                .value = boolean(false),
                                .class_ = LAW_ATTESTED,
                                .by = signer,
                                .at = now,
                                .evidence = PD_STR("signature of the plan")};
        enum pd_status st = add(set, &fact, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}
