/*
 * From a file to a receipt: uploads, plans (what would be done, nothing is recorded), intents (it is
 * done, refused or left open), going on with an open one. Also questions to the law without a file.
 */
#include "api/api_impl.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* ---- Uploads ---- */

static void send_upload(struct serve_call *call, pd_str token, int status) {
    struct api_answer a;
    struct pd_error err = {0};
    struct serve_kept kept;
    api_begin(&a, call);
    if (serve_upload_look(call, token, &kept, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    pd_json_member_str(&a.w, "id", kept.id);
    pd_json_member_str(&a.w, "file", kept.file);
    api_member_u64(&a.w, "bytes", kept.bytes);
    pd_json_member_str(&a.w, "sha256", kept.content);
    pd_json_member_str(&a.w, "state", kept.state);
    pd_json_member_str(&a.w, "why", kept.why);
    api_member_time(&a.w, "made_at", kept.made_at);
    pd_json_key(&a.w, "inspection");
    if (kept.inspection.len)
        pd_json_raw(&a.w, kept.inspection);
    else
        pd_json_null(&a.w);
    pd_json_object_end(&a.w);
    api_send(&a, status);
    if (status == 202)
        http_add_header(call->response, "Location",
                        pd_arena_printf(call->arena, "/api/v1/uploads/%.*s", pd_arg(token)));
}

void api_post_upload(struct serve_call *call) {
    struct pd_error err = {0};
    pd_str token;
    bool is_repeated = false;
    enum pd_status st = serve_upload_repeat(call, &token, &is_repeated, &err);
    if (st == PD_OK && !is_repeated) {
        const struct serve_upload *upload = serve_upload(call);
        st = upload ? serve_upload_keep(call, upload, &token, &err)
                    : pd_fail(&err, PD_INVALID, "no file came, or it is empty");
    }
    if (st == PD_OK)
        send_upload(call, token, 202);
    else
        serve_fail(call, &err);
}

/* ---- Sources ---- */

void api_get_sources(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct serve_source *list = NULL;
    size_t count = 0;
    api_begin(&a, call);
    if (serve_sources(govern_store(call->g), call->who.party, call->arena, &list, &count, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++) { /* where it lies is the operator's */
        pd_json_object(&a.w);
        pd_json_member_str(&a.w, "name", list[i].name);
        api_member_time(&a.w, "made_at", list[i].made_at);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, PD_STR(""));
}

void api_post_source(struct serve_call *call) {
    struct pd_error err = {0};
    pd_str token;
    bool is_repeated = false;
    enum pd_status st = serve_upload_repeat(call, &token, &is_repeated, &err);
    if (st == PD_OK && !is_repeated)
        st = serve_source_read(call, http_param(call->request, "name"), &token, &err);
    if (st == PD_OK)
        send_upload(call, token, 202);
    else
        serve_fail(call, &err);
}

void api_post_version_read(struct serve_call *call) {
    struct pd_error err = {0};
    pd_str token;
    pd_id id;
    bool is_repeated = false;
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = serve_upload_repeat(call, &token, &is_repeated, &err);
    if (st == PD_OK && !is_repeated)
        st = serve_version_read(call, id, &token, &err);
    if (st == PD_OK)
        send_upload(call, token, 202);
    else
        serve_fail(call, &err);
}

void api_get_upload(struct serve_call *call) {
    send_upload(call, http_param(call->request, "id"), 200);
}

void api_delete_upload(struct serve_call *call) {
    struct pd_error err = {0};
    struct serve_kept kept;
    if (serve_upload_look(call, http_param(call->request, "id"), &kept, &err) != PD_OK) {
        serve_fail(call, &err);
        return;
    }
    serve_upload_forget(call, kept.id);
    http_respond(call->response, 204, NULL, PD_STR(""));
}

/* ---- The request ---- */

static enum pd_status read_request(struct serve_call *call, const json_t *body, struct govern_request *q,
                                   struct pd_error *err) {
    pd_str language = serve_text(body, "language");
    *q = (struct govern_request){.verb = serve_text(body, "verb"),
                                 .party = call->who.party,
                                 .member = call->who.member,
                                 .recipient = serve_text(body, "recipient"),
                                 .title = serve_text(body, "title"),
                                 .language = language.len ? language : PD_STR("en"),
                                 .purpose = serve_text(body, "purpose"),
                                 .basis = serve_text(body, "basis"),
                                 .idempotency_key = http_header(call->request, "Idempotency-Key")};
    if (q->idempotency_key.len > 255 || !pd_utf8_valid(q->idempotency_key, NULL))
        return pd_fail(err, PD_USAGE, "Idempotency-Key is a text of at most 255 bytes");
    enum pd_status st = api_plan(call, body, &q->plan, err);
    return st == PD_OK ? api_facts(call, body, &q->declared, &q->declared_count, err) : st;
}

struct work {
    json_t *body;
    int fd;
    struct source *source;
    struct govern_run *run;
    struct govern_request request;
};

static enum pd_status prepare(struct serve_call *call, struct work *k, const pd_id *intent, struct pd_error *err) {
    pd_str spool = pd_arena_printf(call->arena, "%s/staging", store_folder(govern_store(call->g)));
    if (!spool.data)
        return pd_fail_memory(err);
    enum pd_status st = serve_upload_find(call, serve_text(k->body, "upload"), &k->fd, err);
    if (st == PD_OK)
        st = source_open("-", k->fd, spool.data, 0, &k->source, err);
    return st == PD_OK ? govern_prepare(call->g, k->source, &k->request, intent, NULL, &k->run, err) : st;
}

static void clear(struct work *k) {
    govern_run_free(k->run);
    source_close(k->source);
    if (k->fd >= 0)
        close(k->fd);
    json_decref(k->body);
}

/* ---- Plans ---- */

static void write_changes(struct pd_json *w, const struct govern_case *c) {
    pd_json_key(w, "changes");
    pd_json_array(w);
    for (size_t i = 0; i < c->change_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "column", c->changes[i].column);
        pd_json_member_str(w, "what", c->changes[i].what);
        pd_json_member_str(w, "because", c->changes[i].because);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "attests");
    pd_json_array(w);
    for (size_t i = 0; i < c->attest_count; i++)
        pd_json_str(w, c->attests[i]);
    pd_json_array_end(w);
}

static void write_finding(struct pd_json *w, const char *key, const struct law_finding *finding) {
    pd_json_key(w, key);
    if (finding)
        law_finding_write(finding, w);
    else
        pd_json_null(w);
}

static const char *const RESULTS[] = {[GOVERN_DONE] = "done", [GOVERN_DENIED] = "denied", [GOVERN_LEFT_OPEN] = "open"};

static void write_risk(struct pd_json *w, const char *key, const struct govern_reading *r) {
    pd_json_key(w, key);
    govern_risk_write(r, w);
}

static enum pd_status write_plan(struct pd_json *w, const struct govern_case *c, struct pd_error *err) {
    pd_json_key(w, "plan");
    if (!c->has_plan) {
        pd_json_null(w);
        return PD_OK;
    }
    return protect_plan_write(c->plan, c->before->names, c->before->inspection->column_count, w, err);
}

static enum pd_status write_case(struct pd_json *w, const struct govern_case *c, struct pd_error *err) {
    pd_json_member_text(w, "expected", RESULTS[govern_expect(c)]);
    pd_json_member_bool(w, "needs_signature", govern_needs_signature(c));
    pd_json_member_bool(w, "has_plan", c->has_plan);
    pd_json_member_bool(w, "two_members", c->second != GOVERN_ONE_DECIDES);
    write_changes(w, c);
    api_member_u64(w, "rows_suppressed", c->rows_suppressed);
    write_finding(w, "finding", c->finding);
    write_finding(w, "finding_after", c->finding_after);
    write_risk(w, "risk_before", c->before);
    write_risk(w, "risk_after", c->after);
    pd_json_key(w, "attacks_before");
    govern_attacks_write(c->before->attacks, w);
    pd_json_key(w, "attacks_after");
    govern_attacks_write(c->after ? c->after->attacks : NULL, w);
    return write_plan(w, c, err);
}

void api_post_plan(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct work k = {.fd = -1};
    if (!serve_body(call, &k.body))
        return;
    api_begin(&a, call);
    enum pd_status st = read_request(call, k.body, &k.request, &err);
    if (st == PD_OK)
        st = prepare(call, &k, NULL, &err);
    if (st == PD_OK) {
        pd_json_object(&a.w);
        st = write_case(&a.w, govern_run_case(k.run), &err);
        pd_json_object_end(&a.w);
    }
    if (st == PD_OK)
        api_send(&a, 200);
    else
        api_fail(&a, &err);
    clear(&k);
}

/* ---- Intents ---- */

static void send_outcome(struct serve_call *call, const struct govern_outcome *o) {
    struct api_answer a;
    static const struct pd_id NONE;
    if (o->result == GOVERN_DENIED) {
        api_refuse(call, 403, "the law refuses this; the refusal is on record", o->finding);
        return;
    }
    api_begin(&a, call);
    pd_json_object(&a.w);
    pd_json_member_text(&a.w, "result", RESULTS[o->result]);
    pd_json_key(&a.w, "act");
    if (pd_id_eq(o->act_id, NONE)) {
        pd_json_null(&a.w);
    } else {
        char id[PD_ID_TEXT_SIZE];
        pd_id_write(o->act_id, id);
        pd_json_text(&a.w, id);
    }
    api_member_id(&a.w, "intent", o->intent_id);
    pd_json_member_str(&a.w, "receipt", o->receipt);
    pd_json_member_bool(&a.w, "repeated", o->repeated);
    write_finding(&a.w, "finding", o->finding);
    pd_json_object_end(&a.w);
    api_send(&a, o->result == GOVERN_LEFT_OPEN ? 202 : o->repeated ? 200 : 201);
}

static enum pd_status sign(struct serve_call *call, const json_t *body, bool *is_signed, struct pd_error *err) {
    struct govern_resource own = {.type = "Node", .holder = call->who.party};
    *is_signed = json_is_true(json_object_get(body, "sign"));
    return *is_signed ? govern_must(call->g, &call->who, "sign_plan", &own, call->arena, NULL, err) : PD_OK;
}

static void carry_out(struct serve_call *call, struct work *k, const pd_id *intent) {
    struct pd_error err = {0};
    const struct govern_outcome *outcome;
    bool is_signed;
    enum pd_status st = sign(call, k->body, &is_signed, &err);
    if (st == PD_OK)
        st = prepare(call, k, intent, &err);
    const struct govern_case *c = st == PD_OK && intent ? govern_run_case(k->run) : NULL;
    if (c && c->second != GOVERN_SECOND_MISSING && govern_expect(c) == GOVERN_LEFT_OPEN)
        st = pd_fail(&err, PD_OPEN, "a fact or a judgement is still missing: the intent stays open");
    if (st == PD_OK)
        st = govern_effect(k->run, is_signed, &outcome, &err);
    if (st == PD_OK)
        send_outcome(call, outcome);
    else
        serve_fail(call, &err);
}

void api_post_intent(struct serve_call *call) {
    struct pd_error err = {0};
    struct work k = {.fd = -1};
    if (!serve_body(call, &k.body))
        return;
    if (read_request(call, k.body, &k.request, &err) == PD_OK)
        carry_out(call, &k, NULL);
    else
        serve_fail(call, &err);
    clear(&k);
}

static void write_intent(struct pd_json *w, const struct catalogue_intent *i) {
    api_member_id(w, "id", i->id);
    pd_json_member_str(w, "verb", i->verb);
    pd_json_member_str(w, "party", i->party);
    pd_json_member_str(w, "state", i->state);
    api_member_time(w, "created_at", i->created_at);
    pd_json_member_str(w, "member", i->member);
    pd_json_member_str(w, "title", i->title);
    pd_json_member_str(w, "purpose", i->purpose);
    pd_json_member_str(w, "recipient", i->recipient);
    pd_json_member_str(w, "dataset", i->dataset);
    pd_json_member_str(w, "reason", i->reason);
    pd_json_key(w, "waits");
    pd_json_array(w);
    for (size_t k = 0; k < i->wait_count; k++) {
        pd_json_object(w);
        pd_json_member_str(w, "fact", i->waits[k].fact);
        pd_json_member_str(w, "obligation", i->waits[k].obligation);
        pd_json_member_str(w, "policy", i->waits[k].policy);
        pd_json_member_str(w, "title", i->waits[k].title);
        pd_json_member_str(w, "supplier", i->waits[k].supplier);
        pd_json_member_bool(w, "is_yours", i->waits[k].is_viewers);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static enum pd_status find_intent(struct serve_call *call, struct catalogue_intent *out, struct pd_error *err) {
    struct catalogue_viewer viewer;
    pd_id id;
    enum pd_status st = api_id(call, &id, err);
    if (st == PD_OK)
        st = api_viewer(call, &viewer, err);
    return st == PD_OK ? catalogue_intent_find(call->g, &viewer, id, call->arena, out, err) : st;
}

void api_get_intent(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_intent intent;
    api_begin(&a, call);
    if (find_intent(call, &intent, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    write_intent(&a.w, &intent);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

void api_get_intents(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_intents_query query = {.state = api_query(call, "state")};
    struct catalogue_intents found;
    api_begin(&a, call);
    enum pd_status st = api_list(call, &viewer, &query.page, &err);
    if (st == PD_OK)
        st = catalogue_intents(call->g, &viewer, &query, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < found.count; i++) {
        pd_json_object(&a.w);
        write_intent(&a.w, &found.items[i]);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, found.next);
}

/* What the member saw of the intent is named by If-Match: another who acted meanwhile is no surprise. */
static bool is_as_seen(struct serve_call *call, const struct catalogue_intent *intent) {
    struct pd_buf buf;
    struct pd_json w;
    struct pd_error err = {0};
    pd_str text;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    write_intent(&w, intent);
    pd_json_object_end(&w);
    if (pd_json_finish(&w, call->arena, &text, &err) == PD_OK)
        return serve_matches(call, serve_tag(text, call->arena));
    serve_fail(call, &err);
    return false;
}

void api_post_resume(struct serve_call *call) {
    struct pd_error err = {0};
    struct work k = {.fd = -1};
    struct catalogue_intent intent;
    if (!serve_body(call, &k.body))
        return;
    if (find_intent(call, &intent, &err) != PD_OK) {
        serve_fail(call, &err);
    } else if (is_as_seen(call, &intent)) {
        k.request = (struct govern_request){.member = call->who.member};
        if (!pd_str_eq(intent.party, call->who.party)) {
            (void)pd_fail(&err, PD_NOT_FOUND, "there is no such intent of your party");
            serve_fail(call, &err);
        } else if (api_plan(call, k.body, &k.request.plan, &err) != PD_OK) {
            serve_fail(call, &err);
        } else {
            carry_out(call, &k, &intent.id);
        }
    }
    clear(&k);
}

/* ---- Findings ---- */

static enum pd_status read_declared(struct serve_call *call, json_t *facts, struct law_fact **out, size_t *count,
                                    struct pd_error *err) {
    const char *name;
    json_t *value;
    size_t n = 0;
    const struct law_rules *rules = govern_rules(call->g);
    struct law_fact *list = pd_arena_array(call->arena, facts ? json_object_size(facts) + 1 : 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    json_object_foreach(facts, name, value) {
        list[n] = (struct law_fact){.name = pd_str_from(name), .class_ = LAW_DECLARED, .by = PD_STR("whoever asks"), .at = call->now};
        enum pd_status st = law_fact_parse(rules, list[n].name, (pd_str){json_string_value(value), json_string_length(value)},
                                           call->arena, &list[n].value, err);
        if (st != PD_OK)
            return st;
        n++;
    }
    *out = list;
    *count = n;
    return PD_OK;
}

static const struct {
    const char *kind, *chamber;
} CHAMBERS[] = {{"state_organ", "government"}, {"agency", "government"},   {"authority", "government"},
                {"company", "enterprise"},     {"association", "industry"}, {"group", "public"},
                {"researcher", "public"}};

static struct law_party party_of(const char *id, pd_str kind) {
    struct law_party p = {pd_str_from(id), kind.len ? kind : PD_STR("state_organ"), {NULL, 0}, PD_STR("CN")};
    for (size_t i = 0; i < sizeof(CHAMBERS) / sizeof(*CHAMBERS); i++)
        if (pd_str_is(p.kind, CHAMBERS[i].kind))
            p.chamber = pd_str_from(CHAMBERS[i].chamber);
    return p;
}

void api_post_finding(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    json_t *body;
    struct law_fact *facts = NULL;
    const struct law_finding *finding;
    if (!serve_body(call, &body))
        return;
    pd_str verb = serve_text(body, "verb"), other = serve_text(body, "recipient_kind");
    bool discloses = pd_str_is(verb, "share") || pd_str_is(verb, "open") || pd_str_is(verb, "transfer");
    struct law_party recipient = party_of("recipient", other);
    struct law_case c = {.verb = verb,
                         .party = party_of("asker", serve_text(body, "party_kind")),
                         .recipient = other.len ? &recipient : NULL,
                         .resource_type = discloses ? PD_STR("Distribution") : PD_STR("Version"),
                         .resource_id = PD_STR("asked-about"),
                         .now = call->now};
    api_begin(&a, call);
    enum pd_status st = read_declared(call, json_object_get(body, "facts"), &facts, &c.fact_count, &err);
    c.facts = facts;
    if (st == PD_OK)
        st = law_find(govern_rules(call->g), &c, call->arena, &finding, &err);
    if (st == PD_OK) {
        law_finding_write(finding, &a.w);
        api_send(&a, 200);
    } else {
        api_fail(&a, &err);
    }
    json_decref(body);
}
