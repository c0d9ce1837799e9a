/* Which witnesses count is a rule of the node: it is enacted, signed by a party, and its hash
 * stands in the public log, so that nobody can drop an inconvenient witness unseen. */
#include "govern/witnessed.h"

#include <string.h>

/* ---- Reading ---- */

static const struct sql FIND_POLICY = {
    .both = "SELECT id, text, hash, may_http, may_private, set_at FROM witness_policy"
            " ORDER BY set_at DESC, id DESC LIMIT 1"};

static enum pd_status read_policy(const struct store_rows *rows, struct pd_arena *arena,
                                  struct govern_policy *out, struct pd_error *err) {
    out->text = pd_arena_str(arena, store_str(rows, 1));
    out->may_http = store_i64(rows, 3) != 0;
    out->may_private = store_i64(rows, 4) != 0;
    out->set_at = store_i64(rows, 5);
    if (!out->text.data)
        return pd_fail_memory(err);
    crypto_hash hash = crypto_sha256(out->text.data, out->text.len);
    if (!pd_id_parse(store_str(rows, 0), &out->act) ||
        !pd_hex_decode(store_str(rows, 2), out->hash.bytes, sizeof(out->hash.bytes)) ||
        memcmp(hash.bytes, out->hash.bytes, sizeof(hash.bytes)) != 0)
        return pd_fail(err, PD_INTERNAL, "the policy of witnesses isn't the one that was enacted");
    return ledger_policy_parse(out->text, arena, &out->policy, err);
}

enum pd_status govern_policy_find(struct govern *g, struct pd_arena *arena,
                                  struct govern_policy *out, bool *found, struct pd_error *err) {
    struct store_rows *rows;
    struct govern_policy policy = {0};
    enum pd_status st = store_select(g->store, FIND_POLICY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        st = read_policy(rows, arena, &policy, err);
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *found = has;
    if (has)
        *out = policy;
    return PD_OK;
}

/* ---- Setting ---- */

static const struct sql INSERT_POLICY = {
    .both = "INSERT INTO witness_policy (id, text, hash, may_http, may_private, set_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)"};

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct govern_policy_setting *given = context;
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(given->text),
                                   STORE_STR(govern_hash_text(&act->policy.value, act->arena)),
                                   STORE_I64(given->may_http),
                                   STORE_I64(given->may_private),
                                   STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_POLICY, values, 6, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "witness_policy", id, err) : st;
}

/* What nobody could be asked for, or what could never hold of this node's log, isn't enacted. */
static enum pd_status check(struct govern *g, const struct govern_policy_setting *given,
                            struct pd_arena *arena, struct pd_error *err) {
    const struct ledger_policy *policy;
    struct integrate_log log;
    if (!pd_utf8_valid(given->text, NULL))
        return pd_fail(err, PD_INVALID, "the policy is not UTF-8");
    enum pd_status st = ledger_policy_parse(given->text, arena, &policy, err);
    if (st == PD_OK)
        st = integrate_log_load(g, PD_STR("public"), arena, &log, err);
    if (st != PD_OK)
        return st;
    bool has_log = false;
    for (size_t i = 0; i < policy->log_count; i++)
        has_log = has_log || memcmp(policy->logs[i].key.public_key, log.vkey.public_key,
                                    sizeof(log.vkey.public_key)) == 0;
    if (!has_log)
        return pd_fail(err, PD_INVALID,
                       "the policy has no line for this node's log; it is: log %.*s",
                       pd_arg(log.vkey_text));
    for (size_t i = 0; i < policy->witness_count; i++) {
        pd_str url = policy->witnesses[i].url;
        bool is_http = pd_str_starts(url, PD_STR("http://"));
        if (!url.len)
            return pd_fail(err, PD_INVALID, "the witness \"%.*s\" has no URL to be asked at",
                           pd_arg(policy->witnesses[i].name));
        if (!is_http && !pd_str_starts(url, PD_STR("https://")))
            return pd_fail(err, PD_INVALID, "\"%.*s\" is no https URL", pd_arg(url));
        if (is_http && !given->may_http)
            return pd_fail(err, PD_INVALID,
                           "the witness \"%.*s\" would be asked without TLS, which has to be "
                           "allowed (--allow-http)",
                           pd_arg(policy->witnesses[i].name));
    }
    return PD_OK;
}

enum pd_status govern_policy_set(struct govern *g, const struct govern_policy_setting *given,
                                 struct pd_arena *arena, const struct govern_outcome **out,
                                 struct pd_error *err) {
    struct govern_policy_setting copy = *given;
    struct law_party party;
    pd_str vkey;
    struct act act = {.verb = LEDGER_ENACT,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .party = given->party,
                      .effect = save,
                      .context = &copy};
    enum pd_status st = check(g, given, arena, err);
    if (st == PD_OK)
        st = node_find_party(g, given->party, arena, &party, &vkey, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    char time[PD_TIME_TEXT_SIZE], hex[GOVERN_HEX_SIZE];
    act.policy =
        (struct ledger_optional_hash){true, crypto_sha256(given->text.data, given->text.len)};
    pd_time_write(act.at, PD_TIME_SECONDS, time);
    pd_hex_encode(act.policy.value.bytes, sizeof(act.policy.value.bytes), hex);
    pd_str statement =
        pd_arena_printf(arena, "polder-witness-policy/v1\npolicy %s\ntime %s\n", hex, time);
    st = statement.data ? attest_sign(given->party, given->private_key, vkey, statement, &act, err)
                        : pd_fail_memory(err);
    struct law_case law = {.verb = PD_STR("enact"),
                           .party = party,
                           .resource_type = PD_STR("Proposal"),
                           .resource_id = PD_STR("witness_policy"),
                           .now = act.at};
    return st == PD_OK ? act_govern(g, &act, &law, arena, out, err) : st;
}
