/*
 * An audit dossier opens what the node keeps closed: member, recipient, evidence, attestations. To
 * give it is a disclosure of the record, and an act "use" in the restricted log, which stands
 * before the first byte is handed out. A public dossier tells what the public log already commits
 * to for everybody, and is no act.
 */
#include "govern/dossier_impl.h"

#include <string.h>

struct giving {
    const struct govern_dossier_given *given;
    struct pd_arena *arena;
    pd_str dossier, act_id; /* of the act that it is about */
    pd_str member_id;
    unsigned duties;
};

/* The rules say what a member may know of this act, beyond what the public does. On the command line
 * the member is whom it names, as for every act there. */
static enum pd_status check_access(struct govern *g, const struct giving *i, struct pd_error *err) {
    pd_str duties[NODE_DUTY_COUNT];
    struct account_who named = {.party = i->given->party,
                                .member = i->given->member,
                                .member_id = i->member_id,
                                .duties = duties};
    struct govern_resource resource;
    for (size_t d = 0; d < NODE_DUTY_COUNT; d++)
        if (i->duties >> d & 1)
            duties[named.duty_count++] = pd_str_from(node_duty_name(d));
    enum pd_status st = govern_resource_find(g, "Act", i->act_id, i->arena, &resource, err);
    resource.is_disclosed = false;
    return st == PD_OK ? govern_must(g, i->given->who ? i->given->who : &named, "read_acts",
                                     &resource, i->arena, NULL, err)
                       : st;
}

/* {"dossier":ACT,"sha256":HEX,"to":TEXT}: which file was given, so that it is known again. */
static enum pd_status write_evidence(const struct giving *i, pd_str *json, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    crypto_hash hash = crypto_sha256(i->dossier.data, i->dossier.len);
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "dossier", i->act_id);
    pd_json_member_str(&w, "sha256", govern_hash_text(&hash, i->arena));
    pd_json_member_str(&w, "to", i->given->recipient);
    pd_json_object_end(&w);
    return pd_json_finish(&w, i->arena, json, err);
}

/* The act speaks of what the other one spoke of. */
static enum pd_status name_object(struct govern *g, const struct giving *i, struct act *act,
                                  struct pd_error *err) {
    struct ledger_leaf *leaf = pd_arena_alloc(i->arena, sizeof(*leaf));
    struct integrate_leaf placed;
    pd_id id;
    if (!leaf)
        return pd_fail_memory(err);
    if (!pd_id_parse(i->act_id, &id))
        return pd_fail(err, PD_INTERNAL, "the act of the dossier has no id");
    enum pd_status st = integrate_leaf_of(g, id, i->arena, &placed, err);
    if (st == PD_OK)
        st = ledger_leaf_parse(placed.bytes, i->arena, leaf, err);
    if (st != PD_OK)
        return st;
    act->has_object = leaf->has_object;
    act->object_kind = leaf->object_kind;
    act->object_id = leaf->object_id;
    return PD_OK;
}

static enum pd_status record(struct govern *g, const struct giving *i,
                             const struct govern_outcome **out, struct pd_error *err) {
    struct act act = {.verb = LEDGER_USE,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .party = i->given->party,
                      .member = i->member_id};
    struct govern_outcome *outcome = pd_arena_alloc(i->arena, sizeof(*outcome));
    pd_str evidence, pending = {0};
    if (!outcome)
        return pd_fail_memory(err);
    enum pd_status st = name_object(g, i, &act, err);
    if (st == PD_OK)
        st = write_evidence(i, &evidence, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    act.details[0] = (struct act_detail){"given", evidence};
    st = record_commit_text(&act, LEDGER_FIELD_MEMBER, i->member_id, i->arena, err);
    if (st == PD_OK)
        act.commitments[LEDGER_FIELD_EVIDENCE] = evidence;
    if (st == PD_OK && i->given->recipient.len)
        st = record_commit_text(&act, LEDGER_FIELD_RECIPIENT, i->given->recipient, i->arena, err);
    if (st == PD_OK)
        st = act_commit(g, &act, i->arena, &pending, err);
    if (st != PD_OK)
        return st;
    *outcome = (struct govern_outcome){
        .result = GOVERN_DONE, .act_id = act.id, .receipt = act.receipt, .pending = pending};
    *out = outcome;
    return act_placed(g, act.id, i->arena, &outcome->placed, err);
}

enum pd_status govern_dossier_give(struct govern *g, pd_id object,
                                   const struct govern_dossier_given *given,
                                   struct pd_arena *arena, pd_str *out,
                                   const struct govern_outcome **outcome, struct pd_error *err) {
    enum { RECIPIENT_MAX = 200 };
    struct giving i = {.given = given, .arena = arena};
    if (given->recipient.len > RECIPIENT_MAX || !pd_utf8_valid(given->recipient, NULL))
        return pd_fail(err, PD_USAGE, "who receives it is told in at most %d bytes of UTF-8",
                       RECIPIENT_MAX);
    enum pd_status st = node_find_member(g, given->party, given->member, arena, &i.member_id,
                                         &i.duties, err);
    if (st == PD_OK)
        st = govern_dossier(g, object, GOVERN_FOR_AUDIT, arena, &i.dossier, err);
    if (st != PD_OK)
        return st;
    pd_str quoted = pd_json_find(pd_json_find(i.dossier, "dossier"), "act");
    i.act_id = pd_arena_str(arena, pd_str_sub(quoted, 1, quoted.len > 2 ? quoted.len - 2 : 0));
    if (!i.act_id.data)
        return pd_fail_memory(err);
    st = check_access(g, &i, err);
    if (st == PD_OK)
        st = record(g, &i, outcome, err);
    if (st == PD_OK)
        *out = i.dossier;
    return st;
}
