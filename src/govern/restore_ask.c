/*
 * What the node's witnesses hold, asked before anything is restored: the newest checkpoint that
 * each of them cosigned (C2SP tlog-witness, its monitoring path). What they show counts only if the
 * log's own key signed it. Those that don't answer matter if they could have been a quorum by
 * themselves: then a larger tree may have been witnessed than anybody here knows.
 */
#include "govern/restore.h"

#include "net/net.h"

#include <jansson.h>
#include <string.h>

enum { ASK_TIMEOUT_MS = 5000, ANSWER_MAX = LEDGER_NOTE_MAX + 4096 };

/* ---- The policy, as the newest of these backups has it ---- */

struct reading {
    struct restore_asked *asked;
    struct pd_arena *arena;
    size_t text, may_http, may_private, set_at; /* where in a line they stand */
    int64_t newest;
    pd_str policy;
};

static enum pd_status read_line(void *context, pd_str line, struct pd_error *err) {
    struct reading *r = context;
    json_t *json = NULL;
    enum pd_status st = pd_json_parse(line, (size_t)1 << 20, 4, &json, err);
    if (st != PD_OK)
        return st;
    const json_t *text = json_array_get(json, r->text), *at = json_array_get(json, r->set_at);
    if (!json_is_string(text) || !json_is_integer(at)) {
        st = pd_fail(err, PD_INTERNAL, "the backup's policy of witnesses is damaged");
    } else if (json_integer_value(at) >= r->newest) {
        r->newest = json_integer_value(at);
        r->policy =
            pd_arena_str(r->arena, (pd_str){json_string_value(text), json_string_length(text)});
        r->asked->may_http = json_integer_value(json_array_get(json, r->may_http)) != 0;
        r->asked->may_private = json_integer_value(json_array_get(json, r->may_private)) != 0;
        st = r->policy.data ? PD_OK : pd_fail_memory(err);
    }
    json_decref(json);
    return st;
}

static enum pd_status read_part(struct backup_folder *folder, const struct backup_part *part,
                                struct reading *r, struct pd_error *err) {
    size_t ignored;
    for (size_t c = 0; c < part->column_count; c++) {
        pd_str name = part->columns[c];
        *(pd_str_is(name, "text")          ? &r->text
          : pd_str_is(name, "may_http")    ? &r->may_http
          : pd_str_is(name, "may_private") ? &r->may_private
          : pd_str_is(name, "set_at")      ? &r->set_at
                                           : &ignored) = c;
    }
    return backup_lines(folder, part, read_line, r, err);
}

/* A later backup may know a later policy. */
static enum pd_status read_policy(struct backup_folder *folder,
                                  const struct backup_manifest *restored, struct reading *r,
                                  struct pd_error *err) {
    const pd_str *names;
    size_t count = 0;
    enum pd_status st = backup_list(folder, r->arena, &names, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        const struct backup_manifest *m;
        if (pd_str_cmp(names[i], restored->name) < 0)
            continue;
        st = backup_load(folder, names[i], r->arena, &m, err);
        const struct backup_part *part = st == PD_OK ? backup_find_part(m, "witness_policy") : NULL;
        if (part && pd_str_eq(m->origin, restored->origin))
            st = read_part(folder, part, r, err);
    }
    return st == PD_OK && r->policy.len
               ? ledger_policy_parse(r->policy, r->arena, &r->asked->policy, err)
               : st;
}

/* ---- Asking ---- */

static pd_str path_of(pd_str origin, pd_str base, struct pd_arena *arena) {
    char hex[GOVERN_HEX_SIZE];
    crypto_hash hash = crypto_sha256(origin.data, origin.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    if (pd_str_ends(base, PD_STR("/")))
        base.len--;
    return pd_arena_printf(arena, "%.*s/%s/checkpoint", pd_arg(base), hex);
}

static enum pd_status take_answer(const struct net_call *call, struct govern_restore_witness *w,
                                  pd_str *note, struct pd_arena *arena, struct pd_error *err) {
    w->url = call->url;
    w->has_answered = call->status == PD_OK && (call->http == 200 || call->http == 404);
    w->why = PD_STR("");
    if (call->status != PD_OK)
        w->why = pd_arena_str(arena, pd_str_from(call->err.text));
    else if (!w->has_answered)
        w->why = pd_arena_printf(arena, "it answered %d", call->http);
    else if (call->http == 200)
        *note = call->answer;
    return w->why.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status ask_all(struct restore_asked *asked, pd_str origin, struct pd_arena *arena,
                              struct pd_error *err) {
    const struct ledger_policy *policy = asked->policy;
    size_t n = asked->count;
    struct net_call *calls = pd_arena_array(arena, n, sizeof(*calls));
    struct net_rules rules = net_rules_default();
    struct net *net = NULL;
    rules.may_http = asked->may_http;
    rules.may_private = asked->may_private;
    rules.timeout_ms = ASK_TIMEOUT_MS;
    rules.answer_max = ANSWER_MAX;
    rules.redirects_max = 0;
    if (!calls)
        return pd_fail_memory(err);
    enum pd_status st = net_open(&rules, &net, err);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        calls[i] = (struct net_call){.url = path_of(origin, policy->witnesses[i].url, arena)};
        st = calls[i].url.data ? PD_OK : pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = net_call_all(net, calls, n, NULL, arena, err);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        asked->witnesses[i].name = policy->witnesses[i].name;
        st = take_answer(&calls[i], &asked->witnesses[i], &asked->notes[i], arena, err);
    }
    net_close(net);
    return st;
}

enum pd_status restore_ask(struct backup_folder *folder, const struct backup_manifest *manifest,
                           struct pd_arena *arena, struct restore_asked *asked,
                           struct pd_error *err) {
    struct reading r = {.asked = asked, .arena = arena};
    enum pd_status st = read_policy(folder, manifest, &r, err);
    if (st != PD_OK || !asked->policy || asked->policy->witness_count == 0)
        return st;
    asked->count = asked->policy->witness_count;
    asked->witnesses = pd_arena_array(arena, asked->count, sizeof(*asked->witnesses));
    asked->notes = pd_arena_array(arena, asked->count, sizeof(*asked->notes));
    pd_str origin = pd_arena_printf(arena, "%.*s/public", pd_arg(manifest->origin));
    if (!asked->witnesses || !asked->notes || !origin.data)
        return pd_fail_memory(err);
    memset(asked->witnesses, 0, asked->count * sizeof(*asked->witnesses));
    memset(asked->notes, 0, asked->count * sizeof(*asked->notes));
    st = ask_all(asked, origin, arena, err);
    return st == PD_OK ? restore_asked_check(asked, arena, err) : st;
}

enum pd_status restore_asked_check(const struct restore_asked *asked, struct pd_arena *arena,
                                   struct pd_error *err) {
    bool silent[LEDGER_POLICY_MAX] = {false};
    pd_str who = PD_STR("");
    if (asked->is_enough || !asked->policy || asked->policy->quorum == LEDGER_NO_NODE)
        return PD_OK;
    for (size_t i = 0; i < asked->count; i++) {
        const struct govern_restore_witness *w = &asked->witnesses[i];
        silent[i] = !w->has_answered;
        if (silent[i])
            who = pd_arena_printf(arena, "%.*s%s\"%.*s\" at %.*s (%.*s)", pd_arg(who),
                                  who.len ? ", " : "", pd_arg(w->name), pd_arg(w->url),
                                  pd_arg(w->why));
    }
    if (!ledger_policy_is_met(asked->policy, silent))
        return PD_OK;
    return pd_fail(err, PD_UNAVAILABLE,
                   "what these witnesses cosigned last isn't known: %.*s. Together they are a "
                   "quorum, so that a later checkpoint than this backup's may have been witnessed, "
                   "which what the node signs next would contradict. Try again when they can be "
                   "reached; or fetch these addresses from elsewhere and give what they show with "
                   "--witnessed; or, if you know that there is none, say --without-witnesses",
                   pd_arg(who));
}
