/* What somebody may ask for: the facts of who asks and of what, and the rules' answer. */
#include "govern/bundled.h"
#include "govern/govern_impl.h"
#include "govern/may.h"

#include <stdio.h>
#include <string.h>

/* ---- The rules ---- */

/* What the program has of them, for nodes whose own are older. */
static bool is_of_access(const char *path) {
    static const char *const FILES[] = {"law/facts.json", "law/node/access.cedar",
                                        "law/node/base.cedar", "law/node/members.cedar",
                                        "law/node/manifest.json", "law/node/thresholds.json"};
    for (size_t i = 0; i < sizeof(FILES) / sizeof(*FILES); i++)
        if (strcmp(path, FILES[i]) == 0)
            return true;
    return false;
}

static enum pd_status load_bundled(struct govern *g, struct pd_error *err) {
    struct law_file files[8];
    size_t n = 0;
    for (const struct embedded_file *f = bundled_law; f->path && n < 8; f++)
        if (is_of_access(f->path))
            files[n++] = (struct law_file){pd_str_from(strchr(f->path, '/') + 1),
                                           {(const char *)f->data, f->len}};
    enum pd_status st = law_rules_reopen(files, n, &g->access, err);
    return st == PD_OK ? PD_OK : pd_wrap(err, "the program's rules of access");
}

enum pd_status may_rules(struct govern *g, const struct law_rules **out, struct pd_error *err) {
    *out = g->rules;
    if (law_rules_fact(g->rules, PD_STR("signed_in")))
        return PD_OK;
    enum pd_status st = g->access ? PD_OK : load_bundled(g, err);
    *out = g->access;
    return st;
}

/* ---- The facts ---- */

enum { ANSWERS = 5 }; /* facts that aren't duties */

static struct law_fact derived(const char *name, bool value) {
    return (struct law_fact){.name = pd_str_from(name),
                             .value = {.kind = LAW_BOOL, .boolean = value},
                             .class_ = LAW_DERIVED,
                             .by = PD_STR("node")};
}

static bool is_concerned(const struct account_who *who, const struct govern_resource *r) {
    for (size_t i = 0; i < r->concerned_count; i++)
        if (pd_str_eq(r->concerned[i], who->party))
            return true;
    return false;
}

/* What is known of who asks; where nobody signed in, all of it is false. */
static size_t gather(const struct account_who *who, const char *action,
                     const struct govern_resource *r, struct law_fact *facts) {
    size_t n = 0;
    facts[n++] = derived("signed_in", who != NULL);
    facts[n++] = derived("in_scope", !who || account_in_scope(who, pd_str_from(action)));
    facts[n++] = derived("is_own", who && r->holder.len && pd_str_eq(r->holder, who->party));
    facts[n++] = derived("is_concerned", who && is_concerned(who, r));
    facts[n++] = derived("is_disclosed", r->is_disclosed);
    for (size_t i = 0; node_duty_name(i); i++) {
        const char *fact = node_duty_fact(i);
        facts[n++] = derived(fact, who && account_has_duty(who, node_duty_name(i)));
    }
    return n;
}

/* ---- Asking ---- */

/* Anybody of the public: a party only in that the law asks for one. */
static const struct law_party ANYBODY = {PD_STR_INIT("anybody"), PD_STR_INIT("group"),
                                         PD_STR_INIT("public"), {NULL, 0}};

static void tell(const struct law_finding *finding, struct govern_permission *out) {
    *out = (struct govern_permission){.may = finding->outcome == LAW_PERMIT,
                                      .policy = PD_STR(""),
                                      .article = PD_STR(""),
                                      .title = PD_STR(""),
                                      .title_zh = PD_STR(""),
                                      .reason = finding->reason};
    for (size_t i = 0; i < finding->voice_count && !out->may; i++) {
        const struct law_voice *v = &finding->voices[i];
        if (v->role != LAW_FORBIDS || v->exempted_by.len)
            continue;
        out->policy = v->id;
        out->article = v->article;
        out->title = v->title;
        out->title_zh = v->title_zh;
        return;
    }
}

enum pd_status govern_may(struct govern *g, const struct account_who *who, const char *action,
                          const struct govern_resource *resource, struct pd_arena *arena,
                          struct govern_permission *out, struct pd_error *err) {
    const struct govern_resource whole = {.type = "Node", .holder = who ? who->party : PD_STR("")};
    const struct govern_resource *r = resource ? resource : &whole;
    struct law_fact facts[ANSWERS + NODE_DUTY_COUNT];
    const struct law_rules *rules;
    const struct law_finding *finding;
    struct law_party party = ANYBODY;
    *out = (struct govern_permission){0};
    size_t known = 0;
    while (govern_may_nth(known) && strcmp(govern_may_nth(known), action) != 0)
        known++;
    if (!govern_may_nth(known))
        return pd_fail(err, PD_INVALID, "nobody can ask for \"%s\"", action);
    enum pd_status st = may_rules(g, &rules, err);
    if (st == PD_OK && who)
        st = node_find_party(g, who->party, arena, &party, NULL, err);
    if (st != PD_OK)
        return st;
    struct law_case c = {.verb = pd_str_from(action),
                         .party = party,
                         .member = who ? who->member_id : PD_STR(""),
                         .resource_type = pd_str_from(r->type),
                         .resource_id = r->id.len ? r->id : PD_STR("node"),
                         .facts = facts,
                         .fact_count = gather(who, action, r, facts),
                         .now = pd_clock_now(&g->clock)};
    st = law_find(rules, &c, arena, &finding, err);
    if (st == PD_OK)
        tell(finding, out);
    return st;
}

enum pd_status govern_must(struct govern *g, const struct account_who *who, const char *action,
                           const struct govern_resource *resource, struct pd_arena *arena,
                           struct govern_permission *out, struct pd_error *err) {
    struct govern_permission p;
    enum pd_status st = govern_may(g, who, action, resource, arena, out ? out : &p, err);
    if (st != PD_OK)
        return st;
    const struct govern_permission *answer = out ? out : &p;
    if (answer->may)
        return PD_OK;
    return answer->policy.len
               ? pd_fail(err, PD_DENIED, "%.*s (%.*s)", pd_arg(answer->title),
                         pd_arg(answer->policy))
               : pd_fail(err, PD_DENIED, "no rule of this node permits \"%s\"", action);
}

/* ---- The actions ---- */

static const char *const ACTIONS[] = {
    "read_catalogue", "read_dataset", "read_data",      "read_intent",         "read_case",
    "read_acts",      "read_members", "read_audit",     "upload",              "ask_finding",
    "make_intent",    "sign_plan",    "attest_fact",    "raise_case",          "answer_case",
    "take_part",      "cast_ballot",
    "meet_duty",      "manage_account", "manage_tokens", "administer_accounts",
    "administer_system", NULL};

const char *govern_may_nth(size_t n) {
    return n < sizeof(ACTIONS) / sizeof(*ACTIONS) ? ACTIONS[n] : NULL;
}

enum pd_status govern_scopes_check(pd_str scopes, struct pd_error *err) {
    pd_str rest = scopes, word;
    while (pd_str_split(&rest, ' ', &word)) {
        size_t i = 0;
        char given[64];
        while (ACTIONS[i] && !pd_str_is(word, ACTIONS[i]))
            i++;
        if (ACTIONS[i])
            continue;
        snprintf(given, sizeof(given), "%.*s", pd_arg(pd_str_sub(word, 0, sizeof(given) - 1)));
        const char *near =
            pd_nearest_name(given, ACTIONS, sizeof(ACTIONS) / sizeof(*ACTIONS) - 1);
        return pd_fail(err, PD_USAGE, "there is no scope \"%s\"%s%s%s", given,
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return PD_OK;
}
