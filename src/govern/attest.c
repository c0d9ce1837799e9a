/* Attestations: a fact signed by a party that is entitled to say it, for an intent that is open. */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <string.h>

struct attest {
    const struct govern_attestation *given;
    pd_id fact_id;
    struct law_scalar value;
    pd_str bound_to;
    pd_str sealed; /* the value, sealed under the act's key */
    pd_str value_json;
};

static const struct act_insertion FACT = {
    "fact",
    {.both = "INSERT INTO fact (bound_to, expires_at, id, intent_id, key_id, made_at, name, "
             "party_id, sealed_value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"},
    {"bound_to", "expires_at", "id", "intent_id", "key_id", "made_at", "name", "party_id",
     "sealed_value"}};

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct attest *a = context;
    char id[PD_ID_TEXT_SIZE], intent[PD_ID_TEXT_SIZE], key[PD_ID_TEXT_SIZE];
    pd_id_write(a->fact_id, id);
    pd_id_write(a->given->intent_id, intent);
    pd_id_write(act->key.id, key);
    const struct store_value values[] = {
        STORE_STR(a->bound_to),         STORE_I64(a->given->expires), STORE_STR(pd_str_from(id)),
        STORE_STR(pd_str_from(intent)), STORE_STR(pd_str_from(key)),  STORE_I64(act->at),
        STORE_STR(a->given->name),      STORE_STR(a->given->party),   STORE_BYTES(a->sealed)};
    return act_insert(g, act, &FACT, pd_str_from(id), values, err);
}

/* Who may attest is said by the registry in terms of the case: its holder, its recipient, an
 * authority. */
bool attest_may(const struct law_fact_kind *kind, const struct law_party *party, pd_str holder,
                pd_str recipient) {
    for (size_t i = 0; i < kind->attester_count; i++) {
        pd_str who = kind->attesters[i];
        if ((pd_str_is(who, "holder") || pd_str_is(who, "steward")) && pd_str_eq(party->id, holder))
            return true; /* the steward of a party attests with the party's key */
        if (pd_str_is(who, "recipient") && recipient.len && pd_str_eq(party->id, recipient))
            return true;
        if (pd_str_is(who, "authority") && pd_str_is(party->kind, "authority") &&
            !pd_str_eq(party->id, holder))
            return true;
    }
    return false;
}

static pd_str list_attesters(const struct law_fact_kind *kind, struct pd_arena *arena) {
    pd_str all = PD_STR("");
    for (size_t i = 0; i < kind->attester_count; i++)
        all = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(all), i ? ", " : "",
                              pd_arg(kind->attesters[i]));
    return all.len ? all : PD_STR("nobody: it is measured or derived");
}

enum pd_status attest_sign(pd_str party, pd_str private_key, pd_str vkey, pd_str statement,
                           struct act *act, struct pd_error *err) {
    struct ledger_skey key;
    struct ledger_vkey expected;
    enum pd_status st = ledger_skey_parse(pd_str_trim(private_key), &key, err);
    if (st != PD_OK)
        return pd_wrap(err, "the party's key");
    st = ledger_vkey_parse(vkey, &expected, err);
    struct ledger_vkey given = ledger_skey_public(&key);
    if (st == PD_OK &&
        !crypto_equal(given.public_key, expected.public_key, sizeof(given.public_key)))
        st = pd_fail(err, PD_DENIED, "the key is not the one registered for \"%.*s\"",
                     pd_arg(party));
    if (st == PD_OK) {
        crypto_ed25519_sign(key.seed, statement.data, statement.len, act->signature);
        act->is_signed = true;
        memcpy(act->signer_id, key.id, sizeof(act->signer_id));
    }
    crypto_wipe(&key, sizeof(key));
    return st;
}

/* The signed statement: what is attested, of what, until when. One line each, so that it can be
 * read. */
static enum pd_status sign(const struct govern_attestation *a, pd_str vkey, struct pd_arena *arena,
                           struct act *act, struct pd_error *err) {
    char intent[PD_ID_TEXT_SIZE], time[PD_TIME_TEXT_SIZE], expires[PD_TIME_TEXT_SIZE] = "never";
    pd_id_write(a->intent_id, intent);
    pd_time_write(act->at, PD_TIME_SECONDS, time);
    if (a->expires)
        pd_time_write(a->expires, PD_TIME_SECONDS, expires);
    crypto_hash evidence = crypto_sha256(a->evidence.data, a->evidence.len);
    char hex[GOVERN_HEX_SIZE];
    pd_hex_encode(evidence.bytes, sizeof(evidence.bytes), hex);
    pd_str text = pd_arena_printf(
        arena,
        "polder-attestation/v1\nintent %s\nfact %.*s\nvalue %.*s\nevidence %s\ntime %s\n"
        "expires %s\n",
        intent, pd_arg(a->name), pd_arg(a->value), hex, time, expires);
    if (!text.data)
        return pd_fail_memory(err);
    return attest_sign(a->party, a->private_key, vkey, text, act, err);
}

/* The value with its evidence and signature; `only_value` for the commitment in the leaf. */
static enum pd_status write_value(const struct attest *a, const struct act *act, bool only_value,
                                  struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "name", a->given->name);
    pd_json_key(&w, "value");
    if (a->value.kind == LAW_BOOL)
        pd_json_bool(&w, a->value.boolean);
    else if (a->value.kind == LAW_LONG)
        pd_json_i64(&w, a->value.number);
    else
        pd_json_str(&w, a->value.text);
    if (!only_value) {
        pd_json_member_str(&w, "evidence", a->given->evidence);
        pd_json_key(&w, "signature");
        pd_json_base64(&w, act->signature, sizeof(act->signature));
    }
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, out, err);
}

/* What was measured when the intent was recorded can't be attested away (facts.c leaves it out
 * too). */
static enum pd_status check_measured(struct govern *g, const struct attest *a,
                                     struct pd_arena *arena, struct pd_error *err) {
    struct facts *measured = pd_arena_alloc(arena, sizeof(*measured));
    if (!measured)
        return pd_fail_memory(err);
    enum pd_status st = intent_measured(g, a->given->intent_id, arena, measured, err);
    struct law_fact fact = {.name = a->given->name, .value = a->value};
    if (st == PD_OK && facts_are_contradicted(measured, &fact))
        return pd_fail(err, PD_DENIED,
                       "direct identifiers were recognised in this file, so that it can't be "
                       "attested not to be personal; that is attested of what a plan leaves, by "
                       "signing it");
    return st;
}

/* Checks the right to attest, parses the value by the registry, and finds what a fact about bytes
 * is about. */
static enum pd_status check(struct govern *g, struct attest *a, struct pd_arena *arena,
                            struct law_party *party, pd_str *vkey, struct pd_error *err) {
    const struct govern_attestation *given = a->given;
    struct govern_run run = {.g = g, .arena = arena};
    pd_str content, repair_hash;
    enum pd_status st = intent_load(&run, given->intent_id, &content, &repair_hash, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, party, vkey, err);
    if (st == PD_OK)
        st = law_fact_parse(g->rules, given->name, given->value, arena, &a->value, err);
    if (st != PD_OK)
        return st;
    const struct law_fact_kind *kind = law_rules_fact(g->rules, given->name);
    if (!attest_may(kind, party, run.request.party, run.request.recipient)) {
        pd_str who = list_attesters(kind, arena);
        return pd_fail(err, PD_DENIED,
                       "\"%.*s\" may not attest %.*s for this intent; who may: %.*s",
                       pd_arg(given->party), pd_arg(given->name), pd_arg(who));
    }
    for (size_t i = 0; i < given->value.len; i++)
        if ((unsigned char)given->value.data[i] < 0x20)
            return pd_fail(err, PD_INVALID, "the value holds a control character at byte %zu",
                           i + 1);
    if (given->evidence.len == 0 || given->evidence.len > 2000)
        return pd_fail(err, PD_USAGE,
                       "an attestation needs evidence: 1 to 2,000 bytes that say what it rests on");
    if (given->expires && given->expires <= pd_clock_now(&g->clock))
        return pd_fail(err, PD_INVALID, "the attestation would have expired already");
    a->bound_to = pd_str_is(kind->bound, "bytes") ? content : PD_STR("");
    return check_measured(g, a, arena, err);
}

enum pd_status govern_attest(struct govern *g, const struct govern_attestation *attestation,
                             struct pd_arena *arena, const struct govern_outcome **out,
                             struct pd_error *err) {
    struct attest a = {.given = attestation};
    struct law_party party;
    pd_str vkey;
    enum pd_status st = check(g, &a, arena, &party, &vkey, err);
    if (st != PD_OK)
        return st;
    struct act act = {.verb = LEDGER_ATTEST,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .party = attestation->party,
                      .intent = &attestation->intent_id,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_FACT,
                      .effect = save,
                      .is_fixed = true,
                      .context = &a};
    st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    a.fact_id = act.object_id = crypto_id(act.at);
    st = sign(attestation, vkey, arena, &act, err);
    pd_str json;
    if (st == PD_OK)
        st = write_value(&a, &act, false, arena, &json, err);
    if (st == PD_OK)
        st = store_seal(&act.key, PD_STR("fact.value"), json, arena, &a.sealed, err);
    if (st == PD_OK)
        st = write_value(&a, &act, true, arena, &act.commitments[LEDGER_FIELD_VALUE], err);
    struct law_case law = {.verb = PD_STR("attest"),
                           .party = party,
                           .resource_type = PD_STR("Intent"),
                           .resource_id = PD_STR("intent"),
                           .now = act.at};
    return st == PD_OK ? act_govern(g, &act, &law, arena, out, err) : st;
}
