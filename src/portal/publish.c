/*
 * From a file to a receipt in three pages: bring it; see what is in it, what the law says and what must change; sign.
 * Between the pages the file is kept for its member. What is signed is what was shown: if anything about the plan
 * differs by then, it is shown again.
 */
#include "portal/plan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The request ---- */

/* The fields of the form, which travel from page to page. */
static const char *const FIELDS[] = {"title", "verb", "recipient", "purpose", "basis", "intent", "plan"};
static const char *const VERBS[] = {"open", "share", "store"};
static const char *const PURPOSES[] = {"statistics", "research", "public_service", "transparency", "planning",
                                       "commercial"};
static const char *const BASES[] = {"public_task", "legal_duty", "consent", "contract", "vital", "news",
                                    "public_data", "research", "legitimate_interest", "other_law"};

static bool is_one_of(pd_str value, const char *const *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(value, values[i]))
            return true;
    return false;
}
#define IS_ONE_OF(value, values) is_one_of(value, values, sizeof(values) / sizeof(*(values)))

static enum pd_status read_request(struct page *page, struct govern_request *out, struct pd_error *err) {
    const struct account_who *who = &page->call->who;
    pd_str verb = page_field(page, "verb"), title = page_field(page, "title");
    if (!IS_ONE_OF(verb, VERBS))
        return pd_fail(err, PD_USAGE, "choose what is to be done");
    if (!title.len || title.len > 500)
        return pd_fail(err, PD_USAGE, "the title has 1 to 500 bytes");
    if (!IS_ONE_OF(page_field(page, "purpose"), PURPOSES) || !IS_ONE_OF(page_field(page, "basis"), BASES))
        return pd_fail(err, PD_USAGE, "choose purpose and legal basis from the lists");
    bool shares = pd_str_is(verb, "share");
    if (shares && !page_field(page, "recipient").len)
        return pd_fail(err, PD_USAGE, "to share, choose who receives the data");
    *out = (struct govern_request){.verb = verb, .party = who->party, .member = who->member,
                                   .recipient = shares ? page_field(page, "recipient") : PD_STR(""),
                                   .title = title, .language = page_has_han(title) ? PD_STR("zh") : PD_STR("en"),
                                   .purpose = page_field(page, "purpose"), .basis = page_field(page, "basis")};
    return PD_OK;
}

/* An open intent of the member's own party, to go on with; NULL: the form asks for something new. */
static enum pd_status read_intent(struct page *page, pd_id *id, const pd_id **out, struct pd_error *err) {
    struct catalogue_intent intent;
    struct catalogue_viewer viewer = pages_viewer(page);
    *out = NULL;
    if (!page_field(page, "intent").len)
        return PD_OK;
    if (!pd_id_parse(page_field(page, "intent"), id))
        return pd_fail(err, PD_USAGE, "the form names no intent of this node");
    enum pd_status st = catalogue_intent_find(page->call->g, &viewer, *id, page->arena, &intent, err);
    if (st == PD_OK && !intent.is_own)
        st = pd_fail(err, PD_DENIED, "the intent is another party's");
    if (st == PD_OK)
        *out = id;
    return st;
}

/* What is asked: anew, or as the intent says it. */
static enum pd_status read_question(struct page *page, struct govern_request *request, pd_id *id,
                                    const pd_id **intent, struct pd_error *err) {
    enum pd_status st = read_intent(page, id, intent, err);
    if (st == PD_OK && !*intent)
        st = read_request(page, request, err);
    else if (st == PD_OK)
        *request = (struct govern_request){.party = page->call->who.party, .member = page->call->who.member};
    request->plan = st == PD_OK ? page_field(page, "plan") : PD_STR("");
    return st;
}

/* ---- The form ---- */

static void put_steps(struct page *page, int here) {
    static const char *const STEPS[] = {"publish.step_file", "publish.step_plan", "publish.step_receipt"};
    struct template_value *list = template_put_list(&page->maker, page->values, "steps");
    for (int i = 0; i < 3; i++) {
        struct template_value *step = template_push_map(&page->maker, list);
        template_put_str(&page->maker, step, "text", page_word(page, STEPS[i]));
        template_put_bool(&page->maker, step, "is_here", i == here);
        template_put_bool(&page->maker, step, "is_done", i < here);
    }
}

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* What the operator registered for the party, beside a file. */
static enum pd_status put_sources(struct page *page, struct pd_error *err) {
    const struct serve_source *found;
    size_t count = 0;
    pd_str chosen = page_field(page, "source");
    enum pd_status st = serve_sources(govern_store(page->call->g), page->call->who.party, page->arena, &found, &count, err);
    if (st != PD_OK || count == 0)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, "sources");
    template_put_bool(&page->maker, page->values, "has_sources", true);
    for (size_t i = 0; i < count; i++) {
        struct template_value *choice = template_push_map(&page->maker, list);
        template_put_str(&page->maker, choice, "value", found[i].name);
        template_put_bool(&page->maker, choice, "is_chosen", pd_str_eq(found[i].name, chosen));
    }
    return PD_OK;
}

static void show_form(struct page *page, int status, const struct pd_error *why) {
    struct pd_error err = {0};
    if (page->call->is_known && put_sources(page, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    if (page->call->is_known && pages_put_parties(page, "recipients", "publish.no_recipient", page_field(page, "recipient"), &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    if (why) {
        struct template_value *error = template_put_map(&page->maker, page->values, "error");
        template_put_str(&page->maker, error, "text", page_word(page, "publish.bad"));
        template_put_str(&page->maker, error, "detail", pd_arena_str(page->arena, pd_str_from(why->text)));
        template_put_text(&page->maker, error, "field", why->status == PD_USAGE ? "title" : "file");
    }
    struct template_value *given = template_put_map(&page->maker, page->values, "given");
    template_put_str(&page->maker, given, "title", page_field(page, "title"));
    page_put_choices(page, "verbs", "publish", VERBS, COUNT(VERBS), page_field(page, "verb"));
    page_put_choices(page, "purposes", "purpose", PURPOSES, COUNT(PURPOSES), page_field(page, "purpose"));
    page_put_choices(page, "bases", "basis", BASES, COUNT(BASES), page_field(page, "basis"));
    put_steps(page, 0);
    page_title(page, page_word(page, "publish.title"));
    page_send(page, status, "publish");
}

void portal_get_publish(struct serve_call *call) {
    struct page page;
    if (page_begin(&page, call, "publish"))
        show_form(&page, 200, NULL);
}

/* ---- The plan ---- */

static pd_str plan_text(struct page *page, const struct govern_case *c) {
    struct pd_buf buf;
    struct pd_json w;
    struct pd_error ignored = {0};
    pd_str text = PD_STR("");
    pd_buf_init(&buf, PROTECT_PLAN_MAX_BYTES);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    if (c->has_plan && protect_plan_write(c->plan, c->before->names, c->before->inspection->column_count, &w, &ignored) == PD_OK &&
        pd_json_finish(&w, page->arena, &text, &ignored) == PD_OK)
        return text;
    pd_json_clear(&w);
    pd_buf_clear(&buf);
    return PD_STR("");
}

/* What the member sees and signs, as one hash: content, plan, what is attested, outcome. */
static pd_str digest_of(struct page *page, const struct govern_case *c) {
    struct pd_buf buf;
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_buf_init(&buf, 8 << 20);
    pd_buf_add(&buf, c->before->content.bytes, sizeof(c->before->content.bytes));
    pd_buf_printf(&buf, "\n%d %d %llu\n", (int)govern_expect(c), (int)govern_needs_signature(c),
                  (unsigned long long)c->rows_suppressed);
    for (size_t i = 0; i < c->change_count; i++)
        pd_buf_printf(&buf, "%.*s\t%.*s\t%.*s\n", pd_arg(c->changes[i].column), pd_arg(c->changes[i].what),
                      pd_arg(c->changes[i].because));
    for (size_t i = 0; i < c->attest_count; i++)
        pd_buf_printf(&buf, "%.*s\n", pd_arg(c->attests[i]));
    pd_buf_str(&buf, plan_text(page, c)); /* what it promises may differ where what it does is the same */
    crypto_hash hash = crypto_sha256(buf.data, buf.len);
    pd_buf_clear(&buf);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    return pd_arena_str(page->arena, pd_str_from(hex));
}

static void put_hidden(struct page *page, pd_str plan, pd_str digest) {
    struct template_value *list = template_put_list(&page->maker, page->values, "fields");
    struct template_value *asked = template_put_list(&page->maker, page->values, "asked");
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        bool is_plan = strcmp(FIELDS[i], "plan") == 0;
        struct template_value *hidden = template_push_map(&page->maker, list);
        template_put_text(&page->maker, hidden, "name", FIELDS[i]);
        template_put_str(&page->maker, hidden, "value", is_plan ? plan : page_field(page, FIELDS[i]));
        if (is_plan) /* who chooses another one doesn't send this one */
            continue;
        struct template_value *same = template_push_map(&page->maker, asked);
        template_put_text(&page->maker, same, "name", FIELDS[i]);
        template_put_str(&page->maker, same, "value", page_field(page, FIELDS[i]));
    }
    struct template_value *hidden = template_push_map(&page->maker, list);
    template_put_text(&page->maker, hidden, "name", "digest");
    template_put_str(&page->maker, hidden, "value", digest);
}

static void put_changes(struct page *page, const struct govern_case *c) {
    struct template_value *list = template_put_list(&page->maker, page->values, "changes");
    for (size_t i = 0; i < c->change_count; i++) {
        struct template_value *change = template_push_map(&page->maker, list);
        template_put_str(&page->maker, change, "column", c->changes[i].column);
        bool is_step = c->plan && i < c->plan->step_count; /* those of columns come first, one for each step */
        template_put_str(&page->maker, change, "what", is_step ? plan_step_words(page, &c->plan->steps[i]) : c->changes[i].what);
        template_put_text(&page->maker, change, "lang", is_step ? "" : "en");
        struct template_value *because = template_put_list(&page->maker, change, "because");
        pd_str rest = c->changes[i].because, id;
        while (pd_str_split(&rest, ',', &id))
            template_put_str(&page->maker, template_push_map(&page->maker, because), "id", pd_str_trim(id));
    }
    template_put_bool(&page->maker, page->values, "has_changes", c->change_count > 0);
    page_put_number(page, page->values, "count", c->change_count);
}

static void put_attests(struct page *page, const struct govern_case *c) {
    struct template_value *list = template_put_list(&page->maker, page->values, "attests");
    for (size_t i = 0; i < c->attest_count; i++) {
        struct template_value *entry = template_push_map(&page->maker, list);
        /* So far only one thing is attested by signing, and what is attested is its opposite. */
        bool is_personal = pd_str_is(c->attests[i], "is_personal");
        template_put_str(&page->maker, entry, "text",
                         is_personal ? page_word(page, "plan.attest_not_personal")
                                     : pages_fact_title(page, c->attests[i]));
    }
    template_put_bool(&page->maker, page->values, "has_attests", c->attest_count > 0);
}

static enum pd_status put_case_finding(struct page *page, const struct govern_case *c, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str text;
    json_t *json;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    law_finding_write(c->has_plan && c->finding_after ? c->finding_after : c->finding, &w);
    enum pd_status st = pd_json_finish(&w, page->arena, &text, err);
    if (st == PD_OK)
        st = pd_json_parse(text, 8 << 20, 32, &json, err);
    if (st != PD_OK)
        return st;
    pages_put_finding(page, template_put_map(&page->maker, page->values, "finding"), json);
    json_decref(json);
    return PD_OK;
}

static void put_reading(struct page *page, const struct govern_reading *reading) {
    static const char *const ROLES[INSPECT_ROLE_COUNT] = {[INSPECT_OTHER] = "other", [INSPECT_DIRECT] = "direct",
                                                          [INSPECT_QUASI] = "quasi",
                                                          [INSPECT_SENSITIVE] = "sensitive"};
    const struct inspection *in = reading->inspection;
    struct template_value *list = template_put_list(&page->maker, page->values, "columns");
    size_t personal = 0;
    for (size_t i = 0; i < in->column_count; i++) {
        const struct inspect_column *column = &in->columns[i];
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_str(&page->maker, entry, "name", reading->names[i]);
        page_put_code(page, entry, "type", "type", pd_str_from(inspect_type_name(column->type)));
        page_put_code(page, entry, "role", "role", pd_str_from(ROLES[column->role]));
        page_put_number(page, entry, "nulls", column->nulls);
        template_put_str(&page->maker, entry, "distinct",
                         pd_arena_printf(page->arena, "%s%.*s", column->distinct.is_exact ? "" : "~",
                                         pd_arg(page_number(page, column->distinct.value))));
        personal += column->role != INSPECT_OTHER;
    }
    page_put_number(page, page->values, "rows", in->rows);
    page_put_number(page, page->values, "columns_count", in->column_count);
    if (personal)
        page_put_number(page, page->values, "personal", personal);
}

static enum pd_status put_expected(struct page *page, const struct govern_case *c, struct pd_error *err) {
    bool may_sign = false, needs = govern_needs_signature(c);
    enum govern_result result = govern_expect(c);
    enum pd_status st = govern_may_sign(page->call->g, page->call->who.party, page->call->who.member, &may_sign, err);
    if (st != PD_OK)
        return st;
    bool is_done = result == GOVERN_DONE;
    const char *key = result == GOVERN_DENIED      ? "plan.expect_denied"
                      : !is_done && c->second      ? "plan.expect_second"
                      : !is_done                   ? "plan.expect_open"
                      : needs && !may_sign         ? "plan.needs_steward"
                      : needs                      ? "plan.expect_done"
                                                   : "plan.expect_done_unsigned";
    const char *kind = result == GOVERN_DENIED ? "bad" : !is_done || (needs && !may_sign) ? "wait" : "good";
    page_put_tag(page, page->values, "expected", kind, page_word(page, key));
    bool signs = is_done && (may_sign || !needs);
    template_put_bool(&page->maker, page->values, "may_sign", signs);
    template_put_bool(&page->maker, page->values, "may_record", !signs);
    template_put_str(&page->maker, page->values, "record_about",
                     page_word(page, result == GOVERN_DENIED ? "plan.record_denied" : "plan.record_open"));
    return PD_OK;
}

/* How the plan page came about. */
struct showing {
    const struct govern_case *found; /* without a plan of one's own: what can be chosen from; NULL: `shown` is */
    const struct pd_error *why;      /* why what was asked for isn't shown; NULL: it is */
    pd_str token, plan;
    bool is_again, is_firsts; /* is_firsts: what the first of two members asked for */
};

/* The plan that the first of two members asked for, as JSON: the second signs that one or none. */
static enum pd_status plan_of_first(struct page *page, pd_id intent, pd_str *out, struct pd_error *err) {
    json_t *told = NULL, *act = NULL;
    pd_id first;
    enum pd_status st = pages_read_act(page, intent, &told, err);
    const char *id = json_string_value(json_object_get(json_array_get(json_object_get(told, "acts"), 0), "act"));
    *out = PD_STR("");
    if (st == PD_OK && id && pd_id_parse(pd_str_from(id), &first))
        st = pages_read_act(page, first, &act, err);
    const json_t *plan = json_object_get(json_object_get(act, "record"), "plan");
    char *text = json_is_object(plan) ? json_dumps(plan, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text)
        *out = pd_arena_str(page->arena, pd_str_from(text));
    free(text);
    json_decref(act);
    json_decref(told);
    return st;
}

static enum pd_status show_plan(struct page *page, const struct govern_case *c, const struct showing *how,
                                struct pd_error *err) {
    enum pd_status st = put_expected(page, c, err);
    if (st == PD_OK)
        st = put_case_finding(page, c, err);
    if (st == PD_OK)
        st = plan_put_figures(page, c, err);
    if (st != PD_OK)
        return st;
    template_put_str(&page->maker, page->values, "name", c->request->title);
    template_put_str(&page->maker, page->values, "upload", how->token);
    template_put_bool(&page->maker, page->values, "is_again", how->is_again);
    template_put_bool(&page->maker, page->values, "is_given", c->is_given && !how->is_firsts);
    template_put_bool(&page->maker, page->values, "is_firsts", how->is_firsts);
    template_put_bool(&page->maker, page->values, "has_plan", c->has_plan);
    put_hidden(page, how->plan, digest_of(page, c));
    put_changes(page, c);
    put_attests(page, c);
    put_reading(page, c->before);
    put_steps(page, 1);
    if (c->has_plan && !how->is_firsts && (how->found || !c->is_given))
        plan_put_choice(page, how->found ? how->found : c);
    if (how->why)
        pages_put_error(page, "plan.refused", how->why->field && strcmp(how->why->field, "more") == 0 ? "more" : "choose",
                        how->why->text);
    page_title(page, page_word(page, "plan.title"));
    int status = how->why ? how->why->status == PD_INVALID ? 422 : pd_outcome_get(how->why->status)->http : how->is_again ? 409 : 200;
    page_send(page, status, "plan");
    return PD_OK;
}

/* ---- The steps ---- */

static enum pd_status prepare(struct page *page, int fd, const struct govern_request *request,
                              const pd_id *intent, struct source **source, struct govern_run **run, struct pd_error *err) {
    pd_str spool = pd_arena_printf(page->arena, "%s/staging", store_folder(govern_store(page->call->g)));
    enum pd_status st = source_open("-", fd, spool.data, 0, source, err);
    return st == PD_OK ? govern_prepare(page->call->g, *source, request, intent, NULL, run, err) : st;
}

/* The file that came, or what the source holds now, kept; `*fd` is to be read once. */
static enum pd_status bring(struct page *page, const struct serve_upload *upload, int *fd, pd_str *token,
                            struct pd_error *err) {
    pd_str source = page_field(page, "source");
    if (upload && source.len)
        return pd_fail(err, PD_INVALID, "a file came, and a source was chosen: it can be one of them only");
    if (upload) {
        *fd = upload->fd;
        return PD_OK;
    }
    if (!source.len)
        return pd_fail(err, PD_INVALID, "no file came, or it is empty");
    enum pd_status st = serve_source_read(page->call, source, token, err);
    if (st != PD_OK)
        return st;
    st = serve_upload_find(page->call, *token, fd, err);
    if (st != PD_OK)
        serve_upload_forget(page->call, *token);
    return st;
}

/* A file that was kept, looked at: by what the request asks. */
struct look {
    struct source *source;
    struct govern_run *run;
    int fd;
};

static enum pd_status look_again(struct page *page, pd_str token, const struct govern_request *request,
                                 const pd_id *intent, struct look *out, struct pd_error *err) {
    *out = (struct look){.fd = -1};
    enum pd_status st = serve_upload_find(page->call, token, &out->fd, err);
    return st == PD_OK ? prepare(page, out->fd, request, intent, &out->source, &out->run, err) : st;
}

static void end_look(struct look *l) {
    govern_run_free(l->run);
    source_close(l->source);
    if (l->fd >= 0)
        close(l->fd);
}

/* Shows what came of it; to the second of two members the plan that the first asked for. */
static enum pd_status show_first(struct page *page, struct govern_run *run, pd_str token, struct govern_request *request,
                                 const pd_id *intent, struct pd_error *err) {
    const struct govern_case *c = govern_run_case(run);
    struct showing how = {.token = token};
    struct look l = {.fd = -1};
    enum pd_status st = PD_OK;
    if (intent && c->second == GOVERN_SECOND_IS_HERE && c->has_plan)
        st = plan_of_first(page, *intent, &how.plan, err);
    how.is_firsts = how.plan.len > 0;
    if (pd_str_eq(how.plan, plan_text(page, c)))
        how.plan = PD_STR(""); /* it is what is found now, too */
    if (st != PD_OK || !how.plan.len)
        return st == PD_OK ? show_plan(page, c, &how, err) : st;
    request->plan = how.plan;
    st = look_again(page, token, request, intent, &l, err);
    if (st == PD_OK)
        st = show_plan(page, govern_run_case(l.run), &how, err);
    end_look(&l);
    return st;
}

void portal_post_publish(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct govern_request request;
    struct source *source = NULL;
    struct govern_run *run = NULL;
    pd_id id;
    const pd_id *intent = NULL;
    pd_str token = PD_STR("");
    int fd = -1;
    if (!page_begin(&page, call, "publish") || !pages_is_signed_in(&page))
        return;
    const struct serve_upload *upload = serve_upload(call);
    enum pd_status st = read_question(&page, &request, &id, &intent, &err);
    if (st == PD_OK)
        st = bring(&page, upload, &fd, &token, &err);
    if (st == PD_OK)
        st = prepare(&page, fd, &request, intent, &source, &run, &err);
    if (st == PD_OK && upload)
        st = serve_upload_keep(call, upload, &token, &err);
    if (st == PD_OK)
        st = show_first(&page, run, token, &request, intent, &err);
    govern_run_free(run);
    source_close(source);
    if (!upload && fd >= 0)
        close(fd);
    if (st == PD_OK)
        return;
    if (!upload && fd >= 0)
        serve_upload_forget(call, token);
    int status = pd_outcome_get(st)->http;
    if (status >= 500 || page_field(&page, "intent").len)
        page_fail(&page, &err);
    else
        show_form(&page, status, &err);
}

static void carry_out(struct page *page, struct govern_run *run, bool is_signed, pd_str token,
                      struct pd_error *err) {
    const struct govern_outcome *outcome;
    char id[PD_ID_TEXT_SIZE];
    if (govern_effect(run, is_signed, &outcome, err) != PD_OK) {
        page_fail(page, err);
        return;
    }
    serve_upload_forget(page->call, token);
    pd_id_write(outcome->act_id, id);
    page_go(page, pd_arena_printf(page->arena, "/acts/%s/done", id));
}

/* Another plan was chosen: what it would do; or why it can't be, beside what was found. */
static enum pd_status choose(struct page *page, pd_str token, struct govern_request *request, const pd_id *intent,
                             struct pd_error *err) {
    struct look found, given = {.fd = -1};
    struct pd_error why = {0};
    struct showing how = {.token = token};
    request->plan = PD_STR("");
    enum pd_status st = look_again(page, token, request, intent, &found, err);
    if (st == PD_OK) {
        how.found = govern_run_case(found.run);
        st = plan_compose(page, how.found, &how.plan, &why);
        request->plan = st == PD_OK ? how.plan : PD_STR("");
        if (st == PD_OK)
            st = look_again(page, token, request, intent, &given, &why);
        if (st != PD_OK) {
            how.plan = PD_STR("");
            how.why = &why;
        }
        st = pd_outcome_get(why.status)->http >= 500 ? pd_fail(err, why.status, "%s", why.text)
                                                     : show_plan(page, how.why ? how.found : govern_run_case(given.run), &how, err);
    }
    end_look(&given);
    end_look(&found);
    return st;
}

static enum pd_status sign(struct page *page, pd_str token, struct govern_request *request, const pd_id *intent,
                           struct pd_error *err) {
    struct look l;
    if (!intent)
        request->idempotency_key = token;
    enum pd_status st = look_again(page, token, request, intent, &l, err);
    if (st == PD_OK && !pd_str_eq(digest_of(page, govern_run_case(l.run)), page_field(page, "digest")))
        st = show_plan(page, govern_run_case(l.run),
                       &(struct showing){.token = token, .plan = request->plan, .is_again = true}, err);
    else if (st == PD_OK)
        carry_out(page, l.run, pd_str_is(page_field(page, "do"), "sign"), token, err);
    end_look(&l);
    return st;
}

void portal_post_sign(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct govern_request request;
    pd_id id;
    const pd_id *intent = NULL;
    if (!page_begin(&page, call, "publish") || !pages_is_signed_in(&page))
        return;
    pd_str token = http_param(call->request, "upload");
    enum pd_status st = read_question(&page, &request, &id, &intent, &err);
    if (st == PD_OK)
        st = pd_str_is(page_field(&page, "do"), "choose") ? choose(&page, token, &request, intent, &err)
                                                          : sign(&page, token, &request, intent, &err);
    if (st == PD_NOT_FOUND || st == PD_USAGE)
        show_form(&page, 400, &err);
    else if (st != PD_OK)
        page_fail(&page, &err);
}

/* ---- The receipt ---- */

void portal_get_done(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_act act;
    json_t *record = NULL;
    pd_id id;
    if (!page_begin(&page, call, "publish") || !page_id(&page, "id", &id))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    enum pd_status st = catalogue_act_find(call->g, &viewer, id, page.arena, &act, &err);
    if (st == PD_OK)
        st = pages_read_act(&page, id, &record, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    const char *receipt = json_string_value(json_object_get(record, "receipt"));
    bool is_denied = pd_str_is(act.verb, "deny"), is_open = pd_str_is(act.verb, "intend");
    struct template_value *map = page.values;
    template_put_str(&page.maker, map, "heading", page_word(&page, "receipt.title"));
    template_put_text(&page.maker, map, "kind", is_denied ? "bad" : is_open ? "wait" : "good");
    template_put_str(&page.maker, map, "sentence",
                     page_word(&page, is_denied ? "receipt.denied" : is_open ? "receipt.left_open" : "receipt.done"));
    template_put_str(&page.maker, map, "receipt", pd_arena_str(page.arena, pd_str_from(receipt)));
    template_put_str(&page.maker, map, "dataset", act.dataset);
    page_put_id(&page, map, "act", id);
    if (is_open)
        template_put_str(&page.maker, map, "intent_open", act.intent);
    json_decref(record);
    put_steps(&page, 2);
    page_title(&page, page_word(&page, "receipt.title"));
    page_send(&page, 200, "receipt");
}
