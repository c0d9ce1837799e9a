/* Coming into force: at its date what was voted, byte for byte, becomes the rules; which policies speak
 * otherwise because of it is kept with it, and every open intent is asked about anew. */
#include "govern/growing.h"
#include "govern/proposal_impl.h"
#include "govern/shard.h"

#include <string.h>

struct enacting {
    const struct proposal_now *now;
    struct proposal_step step;
    struct proposal_change *changes;
    size_t change_count;
    struct proposal_candidate candidate;
    const struct law_change *differences;
    size_t difference_count;
};

static const struct sql HAS_RULES = {.both = "SELECT id FROM rules WHERE id = $1"};
static const struct sql INSERT_RULES = {
    .both = "INSERT INTO rules (id, files, in_force_at) VALUES ($1, $2, $3)"};
static const struct sql INSERT_ENACTMENT = {
    .both = "INSERT INTO enactment (id, proposal_id, rules_id, was_id, in_force_at) VALUES ($1, $2, "
            "$3, $4, $5)"};
static const struct sql INSERT_POLICY = {
    .both = "INSERT INTO enacted_policy (id, enactment_id, policy_id, what) VALUES ($1, $2, $3, "
            "$4)"};
static const struct sql INSERT_STANDARD = {
    .both = "INSERT INTO enacted_standard (id, enactment_id, name, text, hash, in_force_at) VALUES "
            "($1, $2, $3, $4, $5, $6)"};

/* ---- Rules and standards ---- */

static enum pd_status save_rules(const struct enacting *e, struct govern *g, struct act *act,
                                 struct pd_error *err) {
    pd_str id = pd_str_from(e->candidate.id);
    struct store_value values[] = {STORE_STR(id), STORE_STR(e->candidate.json),
                                   STORE_I64(act->at)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, HAS_RULES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    store_rows_close(rows);
    if (st != PD_OK || has) /* they were in force before: a rollback */
        return st;
    st = store_run(g->store, INSERT_RULES, values, 3, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "rules", id, err) : st;
}

static enum pd_status save_standards(const struct enacting *e, pd_str enactment, struct govern *g,
                                     struct act *act, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < e->change_count; i++) {
        const struct proposal_change *c = &e->changes[i];
        pd_str name = proposal_standard_name(c->path);
        if (!name.len)
            continue;
        crypto_hash hash = crypto_sha256(c->text.data, c->text.len);
        pd_str id = pd_arena_printf(act->arena, "%.*s/%.*s", pd_arg(enactment), pd_arg(name));
        struct store_value values[] = {STORE_STR(id),
                                       STORE_STR(enactment),
                                       STORE_STR(name),
                                       STORE_STR(c->text),
                                       STORE_STR(govern_hash_text(&hash, act->arena)),
                                       STORE_I64(act->at)};
        st = store_run(g->store, INSERT_STANDARD, values, 6, NULL, err);
        if (st == PD_OK)
            st = act_wrote(g, act, "enacted_standard", id, err);
    }
    return st;
}

/* ---- Which policies speak otherwise ---- */

static enum pd_status save_policy(pd_str enactment, pd_str policy, pd_str what, struct govern *g,
                                  struct act *act, struct pd_error *err) {
    pd_str id = pd_arena_printf(act->arena, "%.*s/%.*s", pd_arg(enactment), pd_arg(policy));
    struct store_value values[] = {STORE_STR(id), STORE_STR(enactment), STORE_STR(policy),
                                   STORE_STR(what)};
    enum pd_status st = store_run(g->store, INSERT_POLICY, values, 4, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "enacted_policy", id, err) : st;
}

/* "t.NAME" as a word: in a condition as context.t.k, in a remedy as k=t.k. */
static bool reads_threshold(pd_str text, pd_str name, struct pd_arena *arena) {
    pd_str word = pd_arena_printf(arena, "t.%.*s", pd_arg(name));
    for (size_t at; word.len && (at = pd_str_find(text, word)) != PD_NPOS;) {
        char before = at ? text.data[at - 1] : ' ';
        char after = at + word.len < text.len ? text.data[at + word.len] : ' ';
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", before) &&
            !strchr("abcdefghijklmnopqrstuvwxyz0123456789_", after))
            return true;
        text = pd_str_sub(text, at + word.len, text.len);
    }
    return false;
}

static bool is_changed_itself(const struct enacting *e, pd_str policy) {
    for (size_t i = 0; i < e->difference_count; i++)
        if (e->differences[i].noun == LAW_POLICY && pd_str_eq(e->differences[i].id, policy))
            return true;
    return false;
}

static enum pd_status save_readers(const struct enacting *e, const struct law_change *threshold,
                                   pd_str enactment, struct govern *g, struct act *act,
                                   struct pd_error *err) {
    const struct law_policies *policies = law_rules_policies(e->candidate.rules);
    const struct law_difference *value = threshold->count ? &threshold->differences[0] : NULL;
    pd_str what = pd_arena_printf(
        act->arena, "t.%.*s %.*s -> %.*s", pd_arg(threshold->id),
        value ? (int)value->before.len : 0, value && value->before.data ? value->before.data : "",
        value ? (int)value->after.len : 0, value && value->after.data ? value->after.data : "");
    enum pd_status st = what.data ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < law_policies_count(policies); i++) {
        const struct law_policy *p = law_policies_get(policies, i);
        if (!is_changed_itself(e, p->id) && reads_threshold(p->text, threshold->id, act->arena))
            st = save_policy(enactment, p->id, what, g, act, err);
    }
    return st;
}

static enum pd_status save_policies(const struct enacting *e, pd_str enactment, struct govern *g,
                                    struct act *act, struct pd_error *err) {
    static const char *const words[] = {
        [LAW_ADDED] = "added", [LAW_REMOVED] = "removed", [LAW_CHANGED] = "changed"};
    enum pd_status st = PD_OK;
    bool has_readers = false;
    for (size_t i = 0; st == PD_OK && i < e->difference_count; i++) {
        const struct law_change *d = &e->differences[i];
        if (d->noun == LAW_POLICY)
            st = save_policy(enactment, d->id, pd_str_from(words[d->kind]), g, act, err);
        /* Of several thresholds that one policy reads, the first is named. */
        else if (d->noun == LAW_THRESHOLD && !has_readers) {
            has_readers = true;
            st = save_readers(e, d, enactment, g, act, err);
        }
    }
    return st;
}

/* ---- The act ---- */

static const struct sql LIST_OPEN = {.both = "SELECT id FROM intent WHERE state = 'open'"};

/* Each open intent is asked about anew, by a job of its own. */
static enum pd_status wake_intents(struct govern *g, struct act *act, struct pd_error *err) {
    struct store_rows *rows;
    struct growing_list list = {0};
    bool has;
    enum pd_status st = store_select(g->store, LIST_OPEN, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_str *id = growing_add(&list, sizeof(*id), act->arena);
        if (id)
            *id = pd_arena_str(act->arena, store_str(rows, 0));
        if (!id || !id->data) {
            st = pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    const pd_str *ids = list.items;
    for (size_t i = 0; st == PD_OK && i < list.count; i++)
        st = job_wake(g->store, JOBS_REFIND, ids[i], act->at, act->at, err);
    return st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct enacting *e = context;
    pd_str id = govern_id_text(act->id, act->arena), was = g->rules_id;
    struct store_value values[] = {STORE_STR(id), STORE_STR(e->now->id_text),
                                   STORE_STR(pd_str_from(e->candidate.id)), STORE_STR(was),
                                   STORE_I64(act->at)};
    enum pd_status st = proposal_step_save(&e->step, g, act, err);
    if (st == PD_OK)
        st = save_rules(e, g, act, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_ENACTMENT, values, 5, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "enactment", id, err);
    if (st == PD_OK)
        st = save_standards(e, id, g, act, err);
    if (st == PD_OK)
        st = save_policies(e, id, g, act, err);
    if (st == PD_OK && e->candidate.rules)
        st = wake_intents(g, act, err);
    return st == PD_OK ? proposal_notify(g, act, e->now->id_text,
                                         proposal_stage_name(PROPOSAL_IN_FORCE), err)
                       : st;
}

enum pd_status proposal_enact(struct govern *g, const struct proposal_now *now,
                              struct pd_arena *arena, struct pd_error *err) {
    struct enacting e = {.now = now};
    const struct council_charter *charter;
    struct act act = {.verb = LEDGER_ENACT,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_PROPOSAL,
                      .object_id = now->id,
                      .effect = save,
                      .context = &e};
    pd_str pending;
    enum pd_status st = shard_find_keeper(g, arena, &act.party, err);
    if (st == PD_OK)
        st = node_load_rules(g, NULL, err);
    if (st == PD_OK)
        st = proposal_text_parse(now->text, arena, &e.changes, &e.change_count, err);
    if (st == PD_OK)
        st = proposal_candidate_make(g, e.changes, e.change_count, arena, &e.candidate, err);
    if (st == PD_OK && e.candidate.rules)
        st = law_rules_compare(g->rules, e.candidate.rules, arena, &e.differences,
                               &e.difference_count, err);
    if (st == PD_OK)
        st = govern_charter(g, arena, &charter, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK) {
        e.step = (struct proposal_step){.from = now,
                                        .to = PROPOSAL_IN_FORCE,
                                        .has_until = true,
                                        .until = act.at + charter->periods.review};
        act.text.is_set = true;
        if (!pd_hex_decode(now->text_hash, act.text.value.bytes, sizeof(act.text.value.bytes)))
            st = pd_fail(err, PD_INTERNAL, "the hash of the text is none");
    }
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    proposal_candidate_clear(&e.candidate);
    return st == PD_OK ? node_load_rules(g, NULL, err) : st;
}
