/*
 * Keys of pseudonyms: made by an act for one purpose of one party, used by plans that name them, and
 * destroyed as any key is (key_destroy.c). The same person has the same pseudonym in every table of a
 * key; once it is destroyed nobody can make, undo or join its pseudonyms any more.
 */
#include "govern/key.h"
#include "govern/plan_impl.h"

#include <string.h>

enum { WORD_MAX = 100 };

/* ---- Making ---- */

struct naming {
    const struct govern_pseudonym_key *given;
    struct key_actor actor;
    struct store_key key;
    pd_str id;
};

static const struct sql INSERT_KEY = {
    .both = "INSERT INTO pseudonym_key (id, name, purpose, party_id, member_id, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)"};

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct naming *n = context;
    struct store_value values[] = {STORE_STR(n->id),
                                   STORE_STR(n->given->name),
                                   STORE_STR(n->given->purpose),
                                   STORE_STR(n->given->party),
                                   STORE_STR(n->actor.member_id),
                                   STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_KEY, values, 6, NULL, err);
    if (st == PD_CONFLICT)
        return pd_fail(err, PD_CONFLICT,
                       "there is, or was, a key \"%.*s\" already, and a name is never given twice",
                       pd_arg(n->given->name));
    return st == PD_OK ? act_wrote(g, act, "pseudonym_key", n->id, err) : st;
}

static bool is_word(pd_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
            return false;
    }
    return s.len > 0 && s.len <= WORD_MAX;
}

enum pd_status govern_pseudonym_key_make(struct govern *g, const struct govern_pseudonym_key *given,
                                         struct pd_arena *arena, pd_id *id,
                                         const struct govern_outcome **out, struct pd_error *err) {
    struct naming n = {.given = given,
                       .actor = {.party = given->party,
                                 .member = given->member,
                                 .private_key = given->private_key}};
    if (!is_word(given->name) || !is_word(given->purpose))
        return pd_fail(err, PD_USAGE,
                       "a key's name and purpose are words of 1 to %d small letters, digits, hyphens, "
                       "underscores and points",
                       WORD_MAX);
    enum pd_status st = key_actor_find(g, &n.actor, NODE_STEWARD | NODE_OWNER, arena, err);
    if (st == PD_OK)
        st = store_key_new(g->store, "pseudonym", pd_clock_now(&g->clock), &n.key, err);
    crypto_wipe(n.key.bytes, sizeof(n.key.bytes));
    struct act act = {.verb = LEDGER_REGISTER,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_KEY,
                      .object_id = n.key.id,
                      .effect = save,
                      .context = &n};
    if (st != PD_OK)
        return st;
    n.id = govern_id_text(n.key.id, arena);
    pd_str words = pd_arena_printf(arena, "pseudonym key %.*s\nname %.*s\npurpose %.*s",
                                   pd_arg(n.id), pd_arg(given->name), pd_arg(given->purpose));
    st = words.data && n.id.data ? key_act_begin(g, &n.actor, words, &act, arena, err)
                                 : pd_fail_memory(err);
    if (st == PD_OK)
        st = key_act_commit(g, &n.actor, "register", &act, arena, out, err);
    if (st == PD_OK)
        *id = n.key.id;
    return st;
}

/* ---- Using ---- */

static const struct sql FIND_KEY = {
    .both = "SELECT id, purpose, party_id FROM pseudonym_key WHERE name = $1"};

struct named {
    pd_str id, purpose, party;
};

static enum pd_status find_named(struct govern *g, pd_str name, struct pd_arena *arena,
                                 struct named *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_KEY, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND,
                     "there is no key of pseudonyms \"%.*s\" at this node; make it (polder key "
                     "pseudonym), or take \"key\" out of the plan for a key of this run alone",
                     pd_arg(name));
    if (st == PD_OK)
        *out = (struct named){pd_arena_str(arena, store_str(rows, 0)),
                              pd_arena_str(arena, store_str(rows, 1)),
                              pd_arena_str(arena, store_str(rows, 2))};
    store_rows_close(rows);
    return st == PD_OK && (!out->id.data || !out->purpose.data || !out->party.data)
               ? pd_fail_memory(err)
               : st;
}

enum pd_status plan_key_find(struct govern_run *run, pd_str name, struct pd_error *err) {
    struct named k;
    struct store_key key;
    pd_id id;
    pd_str words = {0};
    enum pd_status st = find_named(run->g, name, run->arena, &k, err);
    if (st == PD_OK)
        st = key_destroyed_words(run->g, k.id, run->arena, &words, err);
    if (st != PD_OK)
        return st;
    if (words.len)
        return pd_fail(err, PD_NOT_FOUND,
                       "the key of pseudonyms \"%.*s\" was %.*s: what was made by it can't be made "
                       "again, undone or joined any more",
                       pd_arg(name), pd_arg(words));
    if (!pd_str_eq(k.party, run->request.party) || !pd_str_eq(k.purpose, run->request.purpose))
        return pd_fail(err, PD_DENIED,
                       "the key of pseudonyms \"%.*s\" is of %.*s for the purpose \"%.*s\", and this is "
                       "%.*s for \"%.*s\": another purpose takes another key, so that nobody joins "
                       "the two",
                       pd_arg(name), pd_arg(k.party), pd_arg(k.purpose),
                       pd_arg(run->request.party), pd_arg(run->request.purpose));
    if (!pd_id_parse(k.id, &id))
        return pd_fail(err, PD_INTERNAL, "the key of pseudonyms \"%.*s\" has no id", pd_arg(name));
    st = store_key_find(run->g->store, id, &key, err);
    if (st != PD_OK)
        return st;
    crypto_hkdf(key.bytes, sizeof(key.bytes), PD_STR("polder pseudonyms"), name, run->pseudonym_key,
                sizeof(run->pseudonym_key));
    crypto_wipe(&key, sizeof(key));
    run->pseudonym_key_id = k.id;
    return PD_OK;
}

static const struct sql INSERT_USE = {
    .both = "INSERT INTO pseudonym_use (id, key_id) VALUES ($1, $2)"};

enum pd_status plan_key_save_use(const struct govern_run *run, struct govern *g, struct act *act,
                                 pd_str distribution, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(distribution), STORE_STR(run->pseudonym_key_id)};
    if (run->pseudonym_key_id.len == 0)
        return PD_OK;
    enum pd_status st = store_run(g->store, INSERT_USE, values, 2, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "pseudonym_use", distribution, err) : st;
}
