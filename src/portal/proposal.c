/* One proposal: what it changes, where it stands, who objects, what it would do, how it was voted on; and what
 * those concerned do about it. */
#include "council/council.h"
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

static const char *const CATEGORIES[] = {"law", "privacy", "safety", "equity", "cost"};
static const char *const CHOICES[] = {"yes", "no", "abstain"};

/* ---- What it is ---- */

static const char *kind_of(pd_str stage) {
    static const struct {
        const char *stage, *kind;
    } kinds[] = {{"adopted", "good"},   {"in_force", "good"}, {"review", "good"},
                 {"rejected", "bad"},   {"stopped", "bad"},   {"withdrawn", "bad"},
                 {"draft", ""}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (pd_str_is(stage, kinds[i].stage))
            return kinds[i].kind;
    return "wait";
}

void pages_put_proposal(struct page *page, struct template_value *map,
                        const struct govern_proposal *p) {
    page_put_id(page, map, "id", p->id);
    page_put_title(page, map, "name", p->title);
    template_put_str(&page->maker, map, "party", p->party);
    page_put_code(page, map, "matter", "matter", p->matter);
    page_put_code(page, map, "method", "method", p->method);
    page_put_tag(page, map, "stage", kind_of(p->stage), page_code(page, "stage", p->stage));
    page_put_time(page, map, "made", p->made_at);
    if (p->has_until)
        page_put_time(page, map, "until", p->until);
}

static void put_changes(struct page *page, const struct govern_proposal *p) {
    struct template_value *list = template_put_list(&page->maker, page->values, "changes");
    pd_str rest = p->text, path, value;
    while (pd_json_next(&rest, &path, &value)) {
        struct template_value *change = template_push_map(&page->maker, list);
        struct pd_error none = {0};
        pd_str base = pd_json_read_text(pd_json_find(value, "base"), page->arena);
        pd_str text = pd_json_read_text(pd_json_find(value, "text"), page->arena);
        pd_str before = PD_STR("");
        pd_str name = pd_arena_str(page->arena, path);
        template_put_str(&page->maker, change, "path", name);
        template_put_bool(&page->maker, change, "is_new", !base.data);
        template_put_bool(&page->maker, change, "is_removed", !text.data);
        if (base.data &&
            govern_proposal_base(page->call->g, name, base, page->arena, &before, &none) != PD_OK)
            before = PD_STR("");
        pages_put_diff(page, change, before, text.data ? text : PD_STR(""));
    }
}

static void put_effects(struct page *page, const struct govern_proposal *p) {
    struct template_value *list = template_put_list(&page->maker, page->values, "effects");
    for (int on = 0; on < GOVERN_EFFECT_COUNT; on++) {
        const char *name = govern_effect_name((enum govern_effect_on)on);
        struct template_value *effect = template_push_map(&page->maker, list);
        page_put_code(page, effect, "on", "effect", pd_str_from(name));
        template_put_str(&page->maker, effect, "text",
                         pd_json_read_text(pd_json_find(p->effects, name), page->arena));
    }
}

static void put_steps(struct page *page, const struct govern_proposal *p) {
    struct template_value *list = template_put_list(&page->maker, page->values, "steps");
    for (size_t i = 0; i < p->step_count; i++) {
        struct template_value *step = template_push_map(&page->maker, list);
        page_put_code(page, step, "stage", "stage", p->steps[i].stage);
        page_put_time(page, step, "at", p->steps[i].at);
        page_put_id(page, step, "act", p->steps[i].act);
        template_put_str(&page->maker, step, "why", p->steps[i].why);
    }
}

/* ---- Objections ---- */

static void put_objections(struct page *page, const struct govern_proposal *p) {
    struct template_value *list = template_put_list(&page->maker, page->values, "objections");
    const struct account_who *who = page->call->is_known ? &page->call->who : NULL;
    bool is_open = pd_str_is(p->stage, "consultation");
    bool is_final = pd_str_is(p->stage, "final");
    for (size_t i = 0; i < p->objection_count; i++) {
        const struct govern_objection *o = &p->objections[i];
        struct template_value *entry = template_push_map(&page->maker, list);
        page_put_id(page, entry, "id", o->id);
        template_put_str(&page->maker, entry, "party", o->party);
        page_put_code(page, entry, "category", "objection", o->category);
        page_put_tag(page, entry, "state", pd_str_is(o->state, "open") ? "wait" : "",
                     page_code(page, "objection_state", o->state));
        page_put_time(page, entry, "at", o->made_at);
        template_put_bool(&page->maker, entry, "is_erased", o->is_erased);
        template_put_str(&page->maker, entry, "harm", o->harm);
        template_put_str(&page->maker, entry, "change", o->change);
        struct template_value *replies = template_put_list(&page->maker, entry, "replies");
        for (size_t r = 0; r < o->reply_count; r++) {
            struct template_value *reply = template_push_map(&page->maker, replies);
            template_put_str(&page->maker, reply, "party", o->replies[r].party);
            page_put_code(page, reply, "state", "objection_state", o->replies[r].state);
            page_put_time(page, reply, "at", o->replies[r].at);
            template_put_str(&page->maker, reply, "text", o->replies[r].text);
        }
        bool is_withdrawn = pd_str_is(o->state, "withdrawn");
        template_put_bool(&page->maker, entry, "may_answer",
                          who && is_open && !is_withdrawn && pd_str_eq(who->party, p->party));
        template_put_bool(&page->maker, entry, "may_withdraw",
                          who && (is_open || is_final) && !is_withdrawn &&
                              pd_str_eq(who->party, o->party));
        template_put_bool(&page->maker, entry, "may_sustain",
                          who && (is_open || is_final) && pd_str_is(o->state, "answered") &&
                              pd_str_eq(who->party, o->party));
    }
    template_put_bool(&page->maker, page->values, "has_objections", p->objection_count > 0);
}

/* ---- Impact and vote ---- */

static json_t *parse(pd_str text) {
    struct pd_error none = {0};
    json_t *json = NULL;
    return text.len && pd_json_parse(text, 16 << 20, 32, &json, &none) == PD_OK ? json : NULL;
}

static void put_impact(struct page *page, const struct govern_proposal *p) {
    json_t *impact = parse(p->impact), *standard, *table;
    size_t i, k;
    if (!impact)
        return;
    struct template_value *map = template_put_map(&page->maker, page->values, "impact");
    const json_t *cases = json_object_get(impact, "cases");
    if (cases)
        template_put(&page->maker, map, PD_STR("cases"), page_json(page, cases));
    struct template_value *tables = template_put_list(&page->maker, map, "tables");
    json_array_foreach(json_object_get(impact, "standards"), i, standard) {
        json_array_foreach(json_object_get(standard, "tables"), k, table) {
            struct template_value *row = page_json(page, table);
            struct pd_buf buf;
            struct pd_error none = {0};
            pd_str title = PD_STR("");
            struct pd_json w;
            pd_buf_init(&buf, 1 << 16);
            pd_json_init(&w, &buf, PD_JSON_COMPACT);
            pd_json_value(&w, json_object_get(table, "title"));
            if (pd_json_finish(&w, page->arena, &title, &none) != PD_OK)
                title = PD_STR("");
            page_put_title(page, row, "name", title);
            template_put(&page->maker, row, PD_STR("standard"),
                         page_json(page, json_object_get(standard, "standard")));
            template_push(&page->maker, tables, row);
        }
    }
    template_put_bool(&page->maker, map, "has_tables", tables && tables->first != NULL);
    json_decref(impact);
}

static void put_vote(struct page *page, const struct govern_proposal *p) {
    if (!p->has_vote)
        return;
    struct template_value *vote = template_put_map(&page->maker, page->values, "vote");
    json_t *frozen = parse(p->frozen), *result = parse(p->result);
    page_put_time(page, vote, "opens", p->opens);
    page_put_time(page, vote, "closes", p->closes);
    template_put_str(&page->maker, vote, "hash", p->frozen_hash);
    page_put_number(page, vote, "ballots", p->ballots);
    if (result) {
        const json_t *count = json_object_get(result, "count");
        struct template_value *map = template_put_map(&page->maker, vote, "result");
        pages_put_chambers(page, map, count, frozen);
        const json_t *outcome = json_object_get(count, "outcome");
        template_put_bool(&page->maker, map, "is_adopted",
                          json_is_string(outcome) && strcmp(json_string_value(outcome), "adopted") == 0);
    }
    json_decref(frozen);
    json_decref(result);
}

static bool is_chamber_of(pd_str frozen, pd_str chamber, struct pd_arena *arena, bool *is_secret) {
    pd_str rest = pd_json_find(frozen, "chambers"), key, c;
    while (rest.len && pd_json_next(&rest, &key, &c)) {
        if (!pd_str_eq(pd_json_read_text(pd_json_find(c, "id"), arena), chamber))
            continue;
        *is_secret = pd_str_is(pd_json_read_text(pd_json_find(c, "ballot"), arena), "pseudonym");
        return true;
    }
    return false;
}

/* What the member who looks may do: the form is a help, the doorway decides. */
static void put_rights(struct page *page, const struct govern_proposal *p) {
    const struct account_who *who = &page->call->who;
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_party party;
    struct pd_error none = {0};
    bool is_secret = false;
    if (!page->call->is_known)
        return;
    bool is_own = pd_str_eq(who->party, p->party), is_draft = pd_str_is(p->stage, "draft"),
         is_consultation = pd_str_is(p->stage, "consultation");
    template_put_bool(&page->maker, page->values, "may_consult", is_own && is_draft);
    template_put_bool(&page->maker, page->values, "may_withdraw_it",
                      is_own && (is_draft || is_consultation || pd_str_is(p->stage, "final")));
    template_put_bool(&page->maker, page->values, "may_object", is_consultation);
    template_put_bool(&page->maker, page->values, "may_undo",
                      pd_str_is(p->stage, "in_force") || pd_str_is(p->stage, "review"));
    if (pd_str_is(p->stage, "vote") &&
        catalogue_party_find(page->call->g, &viewer, who->party, page->arena, &party, &none) ==
            PD_OK &&
        is_chamber_of(p->frozen, party.chamber, page->arena, &is_secret)) {
        struct template_value *voting = template_put_map(&page->maker, page->values, "voting");
        page_put_code(page, voting, "chamber", "chamber", party.chamber);
        template_put_bool(&page->maker, voting, "is_secret", is_secret);
    }
    page_put_choices(page, "categories", "objection", CATEGORIES,
                     sizeof(CATEGORIES) / sizeof(*CATEGORIES), page_field(page, "category"));
    page_put_choices(page, "choices", "choice", CHOICES, sizeof(CHOICES) / sizeof(*CHOICES),
                     page_field(page, "choice").len ? page_field(page, "choice") : PD_STR("-"));
}

/* ---- The page ---- */

static void show(struct page *page, pd_id id, int status, const struct pd_error *why) {
    struct pd_error err = {0};
    const struct govern_proposal *p;
    size_t count;
    if (govern_proposals(page->call->g, &id, page->arena, &p, &count, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    if (why)
        pages_put_error(page, "proposals.refused", "", why->text);
    pages_put_proposal(page, page->values, p);
    page_put_id(page, page->values, "id_proposal", p->id);
    template_put_bool(&page->maker, page->values,
                      pd_arena_printf(page->arena, "is_%.*s", pd_arg(p->stage)).data, true);
    template_put_str(&page->maker, page->values, "why", p->why);
    if (p->is_rollback)
        page_put_id(page, page->values, "rollback_of", p->rollback_of);
    if (p->is_in_force)
        page_put_id(page, page->values, "enacted_by", p->enacted_by);
    put_changes(page, p);
    put_effects(page, p);
    put_steps(page, p);
    put_objections(page, p);
    put_impact(page, p);
    put_vote(page, p);
    put_rights(page, p);
    /* What was typed stays when it is refused. */
    template_put_str(&page->maker, page->values, "given_harm", page_field(page, "harm"));
    template_put_str(&page->maker, page->values, "given_change", page_field(page, "change"));
    page_title(page, page_word(page, "proposals.one"));
    page_send(page, status, "proposal");
}

void portal_get_proposal(struct serve_call *call) {
    struct page page;
    pd_id id;
    if (page_begin(&page, call, "proposals") && page_id(&page, "id", &id))
        show(&page, id, 200, NULL);
}

/* ---- Acting ---- */

static enum pd_status object(struct page *page, pd_id proposal,
                             const struct govern_outcome **outcome, struct pd_error *err) {
    const struct account_who *who = &page->call->who;
    pd_id id;
    struct govern_objecting o = {.proposal = proposal,
                                 .party = who->party,
                                 .member = who->member,
                                 .category = page_field(page, "category"),
                                 .harm = page_field(page, "harm"),
                                 .change = page_field(page, "change")};
    return govern_object(page->call->g, &o, page->arena, &id, outcome, err);
}

static enum pd_status reply(struct page *page, enum govern_objection_move move,
                            const struct govern_outcome **outcome, struct pd_error *err) {
    const struct account_who *who = &page->call->who;
    struct govern_replying r = {.move = move,
                                .party = who->party,
                                .member = who->member,
                                .text = page_field(page, "text")};
    if (!pd_id_parse(page_field(page, "objection"), &r.objection))
        return pd_fail(err, PD_USAGE, "the form names no objection");
    return govern_reply(page->call->g, &r, page->arena, outcome, err);
}

static enum pd_status move(struct page *page, pd_id proposal, enum govern_proposal_move which,
                           const struct govern_outcome **outcome, struct pd_error *err) {
    struct govern_proposal_moving m = {.move = which,
                                       .proposal = proposal,
                                       .party = page->call->who.party,
                                       .member = page->call->who.member};
    return govern_proposal_move(page->call->g, &m, page->arena, outcome, err);
}

static enum pd_status act(struct page *page, pd_id proposal, const struct govern_outcome **outcome,
                          struct pd_error *err) {
    pd_str what = page_field(page, "what");
    if (pd_str_is(what, "object"))
        return object(page, proposal, outcome, err);
    if (pd_str_is(what, "answer"))
        return reply(page, GOVERN_OBJECTION_ANSWER, outcome, err);
    if (pd_str_is(what, "sustain"))
        return reply(page, GOVERN_OBJECTION_SUSTAIN, outcome, err);
    if (pd_str_is(what, "drop"))
        return reply(page, GOVERN_OBJECTION_WITHDRAW, outcome, err);
    if (pd_str_is(what, "consult"))
        return move(page, proposal, GOVERN_PROPOSAL_CONSULT, outcome, err);
    if (pd_str_is(what, "withdraw"))
        return move(page, proposal, GOVERN_PROPOSAL_WITHDRAW, outcome, err);
    return pd_fail(err, PD_USAGE, "the form doesn't say what is to be done");
}

/* A refusal of the law is an act, and has a page that says why. */
static void go_on(struct page *page, pd_id proposal, const struct govern_outcome *outcome) {
    bool is_done = outcome->result == GOVERN_DONE;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(is_done ? proposal : outcome->act_id, id);
    page_go(page, pd_arena_printf(page->arena, "/%s/%s", is_done ? "proposals" : "acts", id));
}

void portal_post_proposal(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    pd_id id;
    if (!page_begin(&page, call, "proposals") || !pages_is_signed_in(&page) ||
        !page_id(&page, "id", &id))
        return;
    enum pd_status st = act(&page, id, &outcome, &err);
    if (st == PD_OK)
        go_on(&page, id, outcome);
    else
        show(&page, id, pd_outcome_get(st)->http, &err);
}

void portal_post_ballot(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_voted *voted = NULL;
    struct govern_voting v = {
        .party = call->who.party, .member = call->who.member, .is_vouched = true};
    if (!page_begin(&page, call, "proposals") || !pages_is_signed_in(&page) ||
        !page_id(&page, "id", &v.proposal))
        return;
    enum pd_status st = council_choice_parse(page_field(&page, "choice"), &v.choice)
                            ? govern_vote(call->g, &v, page.arena, &voted, &err)
                            : pd_fail(&err, PD_USAGE, "choose yes, no or abstain");
    if (st != PD_OK) {
        show(&page, v.proposal, pd_outcome_get(st)->http, &err);
        return;
    }
    if (voted->outcome->result != GOVERN_DONE) {
        go_on(&page, v.proposal, voted->outcome);
        return;
    }
    page_put_id(&page, page.values, "proposal", v.proposal);
    page_put_id(&page, page.values, "act", voted->outcome->act_id);
    page_put_code(&page, page.values, "chamber", "chamber", voted->chamber);
    template_put_str(&page.maker, page.values, "voter", voted->voter);
    template_put_bool(&page.maker, page.values, "is_secret", pd_str_starts(voted->voter, PD_STR("p-")));
    template_put_bool(&page.maker, page.values, "is_again", voted->turn > 1);
    page_put_number(&page, page.values, "turn", voted->turn);
    template_put_str(&page.maker, page.values, "receipt", voted->outcome->receipt);
    page_title(&page, page_word(&page, "proposals.voted"));
    page_send(&page, 200, "ballot");
}
