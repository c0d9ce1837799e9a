/* Between the question and the answer: facts, finding, the search for a plan. Changes nothing. */
#include "govern/plan_impl.h"
#include "govern/proposal.h"

#include <stdlib.h>
#include <string.h>

/* ---- The case ---- */

/* What each verb of `polder govern` acts on. */
static const struct verb {
    const char *name, *resource;
} VERBS[] = {{"open", "Distribution"}, {"share", "Distribution"}, {"store", "Version"}};

static const struct verb *find_verb(pd_str name) {
    for (size_t i = 0; i < sizeof(VERBS) / sizeof(*VERBS); i++)
        if (pd_str_is(name, VERBS[i].name))
            return &VERBS[i];
    return NULL;
}

struct law_case prepare_case(const struct govern_run *run, const struct facts *facts, pd_time now) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(run->resource_id, id);
    return (struct law_case){.verb = run->request.verb,
                             .party = run->party,
                             .recipient = run->has_recipient ? &run->recipient : NULL,
                             .resource_type = pd_str_from(find_verb(run->request.verb)->resource),
                             .resource_id = pd_arena_str(run->arena, pd_str_from(id)),
                             .facts = facts->list,
                             .fact_count = facts->count,
                             .now = now};
}

enum pd_status prepare_facts(const struct govern_run *run, const struct govern_reading *reading,
                             bool is_transformed, const pd_str *attests, size_t attest_count,
                             pd_time now, struct pd_arena *arena, struct facts *out,
                             struct pd_error *err) {
    struct govern *g = run->g;
    out->count = 0;
    enum pd_status st = facts_add_measured(g, reading, now, out, err);
    if (st == PD_OK)
        st = facts_add_derived(g, &run->party, run->has_recipient ? &run->recipient : NULL,
                               run->request.verb, now, out, err);
    if (st == PD_OK && run->is_resumed)
        st = facts_add_attested(g, run->intent_id,
                                pd_str_from(is_transformed ? run->output_hex : run->content), now,
                                arena, out, err);
    if (st == PD_OK)
        st = facts_add_declared(g, &run->request, is_transformed, now, arena, out, err);
    if (st == PD_OK)
        st = facts_add_signed(attests, attest_count, run->party.id, now, out, err);
    return st;
}

/* `*facts_out` is what the finding was made from: the doorway compares it with what is so then. */
static enum pd_status find(struct govern_run *run, const struct govern_reading *reading,
                           bool is_transformed, const pd_str *attests, size_t attest_count,
                           const struct law_finding **out, const struct facts **facts_out,
                           struct pd_error *err) {
    struct facts *facts = pd_arena_alloc(run->arena, sizeof(*facts));
    if (!facts)
        return pd_fail_memory(err);
    pd_time now = pd_clock_now(&run->g->clock);
    enum pd_status st = prepare_facts(run, reading, is_transformed, attests, attest_count, now,
                                      run->arena, facts, err);
    if (st != PD_OK)
        return st;
    struct law_case *c = pd_arena_alloc(run->arena, sizeof(*c));
    if (!c)
        return pd_fail_memory(err);
    *c = prepare_case(run, facts, now);
    *facts_out = facts;
    return law_find(run->g->rules, c, run->arena, out, err);
}

/* ---- Whether a plan would do ---- */

bool prepare_is_discharged(const struct govern_run *run, const struct law_finding *finding) {
    for (size_t i = 0; i < finding->obligation_count; i++) {
        const struct law_obligation *o = &finding->obligations[i];
        if (o->class_ == LAW_BEFORE && !remedy_is_done(o, &run->remedy.plan, run->result.before))
            return false;
    }
    return true;
}

size_t prepare_signable(const struct law_finding *f, pd_str names[PREPARE_SIGNABLE_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < f->missing_count && n < PREPARE_SIGNABLE_MAX; i++) {
        const struct law_fact_kind *kind = f->missing[i].fact;
        bool by_steward = false, is_new = true;
        for (size_t a = 0; a < kind->attester_count; a++)
            by_steward = by_steward || pd_str_is(kind->attesters[a], "steward");
        for (size_t j = 0; j < n; j++)
            is_new = is_new && !pd_str_eq(names[j], kind->name);
        if (by_steward && is_new && kind->type == LAW_BOOL && kind->accepts_false != kind->accepts)
            names[n++] = kind->name;
    }
    return n;
}

enum pd_status prepare_judge(struct govern_run *run, const struct govern_reading *reading,
                             bool is_transformed, const struct law_finding **finding,
                             pd_str *attests, size_t *attest_count, bool *is_enough,
                             struct pd_error *err) {
    *attest_count = 0;
    const struct facts *signed_facts;
    enum pd_status st =
        find(run, reading, is_transformed, NULL, 0, finding, &run->facts_after, err);
    if (st != PD_OK)
        return st;
    *is_enough = act_evidence_is_complete(*finding) && prepare_is_discharged(run, *finding);
    size_t n = *is_enough ? 0 : prepare_signable(*finding, attests);
    if (n == 0)
        return PD_OK;
    const struct law_finding *signed_finding;
    st = find(run, reading, is_transformed, attests, n, &signed_finding, &signed_facts, err);
    if (st != PD_OK)
        return st;
    *finding = signed_finding;
    if (act_evidence_is_complete(signed_finding) && prepare_is_discharged(run, signed_finding)) {
        run->facts_after = signed_facts;
        *attest_count = n;
        *is_enough = true;
    }
    return PD_OK;
}

/* ---- Telling what the plan changes ---- */

static pd_str join_reasons(const struct remedy_change *r, struct pd_arena *arena) {
    pd_str all = PD_STR("");
    for (size_t i = 0; i < r->count; i++) {
        bool is_new = true;
        for (size_t j = 0; j < i; j++)
            is_new = is_new && !pd_str_eq(r->policies[i], r->policies[j]);
        if (is_new)
            all = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(all), all.len ? ", " : "",
                                  pd_arg(r->policies[i]));
    }
    return all;
}

/* Whether anybody could go back. */
static pd_str describe(const struct protect_plan *plan, const struct protect_step *step,
                       struct pd_arena *arena) {
    static const bool needs_key[PROTECT_METHOD_COUNT] = {[PROTECT_PSEUDONYM] = true,
                                                         [PROTECT_FORMAT_PRESERVING] = true,
                                                         [PROTECT_SHIFT_DATE] = true};
    pd_str what = remedy_describe(step, arena);
    if (!needs_key[step->method])
        return what;
    return plan->key.len ? pd_arena_printf(arena, "%.*s (by the key \"%.*s\", which is kept)",
                                           pd_arg(what), pd_arg(plan->key))
                         : pd_arena_printf(arena, "%.*s (the key is not kept)", pd_arg(what));
}

static bool has_step(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return true;
    return false;
}

static enum pd_status tell_changes(struct govern_run *run, struct pd_error *err) {
    struct govern_case *c = &run->result;
    const struct protect_plan *plan = &run->remedy.plan;
    size_t columns = c->before->inspection->column_count;
    struct govern_change *list =
        pd_arena_array(run->arena, plan->step_count + columns + 3, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        size_t column = plan->steps[i].column;
        list[n++] =
            (struct govern_change){c->before->names[column], describe(plan, &plan->steps[i], run->arena),
                                   join_reasons(&run->remedy.changes[column], run->arena)};
    }
    for (size_t i = 0; plan->aggregate.len > 0 && i < columns; i++)
        if (!has_step(plan, i) && !protect_plan_keeps(plan, i))
            list[n++] = (struct govern_change){c->before->names[i], PD_STR("not counted by"),
                                               join_reasons(&run->remedy.changes[i], run->arena)};
    if (plan->aggregate.len > 0)
        list[n++] = (struct govern_change){
            PD_STR(""),
            pd_arena_printf(run->arena,
                            "%llu counts in the place of %llu records: one for each group of %llu or more",
                            (unsigned long long)c->after->inspection->rows,
                            (unsigned long long)c->before->inspection->rows,
                            (unsigned long long)plan->k),
            run->remedy.kanon_policy};
    if (c->rows_suppressed)
        list[n++] = (struct govern_change){
            PD_STR(""),
            pd_arena_printf(
                run->arena,
                "%llu of %llu rows left out: fewer than %llu others share their combination%s",
                (unsigned long long)c->rows_suppressed,
                (unsigned long long)c->before->inspection->rows, (unsigned long long)plan->k - 1,
                plan->model_count ? ", or what they share says too much of them" : ""),
            run->remedy.kanon_policy};
    if (c->rows_unsampled)
        list[n++] = (struct govern_change){
            PD_STR(""),
            pd_arena_printf(run->arena, "%llu of %llu rows left out: a sample of the others is drawn",
                            (unsigned long long)c->rows_unsampled,
                            (unsigned long long)c->before->inspection->rows),
            PD_STR("")};
    c->changes = list;
    c->change_count = n;
    return PD_OK;
}

/* ---- Preparing ---- */

static enum pd_status copy_request(struct govern_run *run, const struct govern_request *r,
                                   struct pd_error *err) {
    struct govern_request *copy = &run->request;
    const pd_str *from[] = {&r->verb,        &r->party,       &r->member,         &r->recipient, &r->title,
                            &r->language,    &r->other_title, &r->other_language, &r->purpose,   &r->basis,
                            &r->idempotency_key, &r->plan};
    pd_str *to[] = {&copy->verb,      &copy->party, &copy->member,
                    &copy->recipient, &copy->title, &copy->language, &copy->other_title, &copy->other_language,
                    &copy->purpose,   &copy->basis, &copy->idempotency_key, &copy->plan};
    struct govern_declared *declared =
        pd_arena_array(run->arena, r->declared_count + 1, sizeof(*declared));
    bool ok = declared != NULL;
    for (size_t i = 0; i < sizeof(to) / sizeof(*to); i++) {
        *to[i] = pd_arena_str(run->arena, *from[i]);
        ok = ok && to[i]->data;
    }
    for (size_t i = 0; ok && form_word_name(i); i++) {
        pd_str word = pd_arena_str(run->arena, form_word_get(&r->form, i));
        form_word_set(&copy->form, i, word);
        ok = word.data != NULL;
    }
    for (size_t i = 0; ok && i < r->declared_count; i++) {
        declared[i].name = pd_arena_str(run->arena, r->declared[i].name);
        declared[i].value = pd_arena_str(run->arena, r->declared[i].value);
        ok = declared[i].name.data && declared[i].value.data;
    }
    copy->declared = declared;
    copy->records = r->records;
    copy->declared_count = r->declared_count;
    return ok ? PD_OK : pd_fail_memory(err);
}

static enum pd_status check_request(struct govern_run *run, struct pd_error *err) {
    const struct govern_request *r = &run->request;
    if (!find_verb(r->verb))
        return pd_fail(
            err, PD_USAGE,
            "\"%.*s\" is nothing that can be asked for a file; there are open, share, store",
            pd_arg(r->verb));
    if (r->title.len == 0 || r->title.len > 500 || !pd_utf8_valid(r->title, NULL))
        return pd_fail(err, PD_USAGE, "the title must be 1 to 500 bytes of UTF-8");
    if (r->other_title.len > 500 || !pd_utf8_valid(r->other_title, NULL) ||
        !r->other_title.len != !r->other_language.len ||
        (r->other_title.len && pd_str_eq(r->other_language, r->language)))
        return pd_fail(err, PD_USAGE,
                       "a title in another language must be 1 to 500 bytes of UTF-8, and name that language");
    if (r->purpose.len == 0)
        return pd_fail(err, PD_USAGE, "the purpose must not be empty");
    if (r->idempotency_key.len > 255)
        return pd_fail(err, PD_USAGE, "an idempotency key has at most 255 bytes");
    if (r->recipient.len && !pd_str_is(r->verb, "share"))
        return pd_fail(err, PD_USAGE, "a recipient is named for share only");
    enum pd_status st = node_find_party(run->g, r->party, run->arena, &run->party, NULL, err);
    if (st == PD_OK)
        st = node_find_member(run->g, r->party, r->member, run->arena, &run->member_id, NULL, err);
    if (st == PD_OK && r->recipient.len) {
        st = node_find_party(run->g, r->recipient, run->arena, &run->recipient, NULL, err);
        run->has_recipient = true;
    }
    /* Facts that don't parse are told before a long file is read. */
    struct facts *facts = pd_arena_alloc(run->arena, sizeof(*facts));
    if (st == PD_OK && !facts)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = facts_add_declared(run->g, r, false, 0, run->arena, facts, err);
    struct table_dialect dialect;
    return st == PD_OK ? govern_form_parse(&r->form, &dialect, err) : st;
}

/* An intent about a repaired table goes on with the very same repairs. */
static enum pd_status check_repair(struct govern_run *run, bool is_resumed, pd_str hash,
                                   struct pd_error *err) {
    const struct govern_mended *m = run->result.mended;
    if (!is_resumed || (!m && hash.len == 0))
        return PD_OK;
    if (m && pd_str_eq(govern_hash_text(&m->repair_hash, run->arena), hash))
        return PD_OK;
    return pd_fail(err, hash.len ? PD_USAGE : PD_CONFLICT, "%s",
                   hash.len ? "this intent is about a repaired table: name the same standard and "
                              "file of repairs again (--standard, --repair)"
                            : "this intent is about the table as it came, without repairs");
}

static const struct sql FIND_ASKER = {.both = "SELECT member_id FROM intent WHERE id = $1"};

static enum pd_status is_asker(struct govern_run *run, bool *is, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(govern_id_text(run->intent_id, run->arena))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(run->g->store, FIND_ASKER, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *is = st == PD_OK && has && pd_str_eq(store_str(rows, 0), run->member_id);
    store_rows_close(rows);
    return st;
}

/* Whether two members decide, as the charter in force has it, and this one is the second. */
static enum pd_status look_for_second(struct govern_run *run, struct pd_error *err) {
    const struct council_charter *charter;
    uint32_t bit = pd_str_is(run->request.verb, "open")    ? COUNCIL_OPEN
                   : pd_str_is(run->request.verb, "share") ? COUNCIL_SHARE
                                                           : 0;
    bool is_first = true;
    if (!bit || !run->result.has_plan)
        return PD_OK;
    enum pd_status st = govern_charter(run->g, run->arena, &charter, err);
    if (st != PD_OK || !(charter->four_eyes & bit))
        return st;
    if (run->is_resumed)
        st = is_asker(run, &is_first, err);
    run->result.second = is_first ? GOVERN_SECOND_MISSING : GOVERN_SECOND_IS_HERE;
    return st;
}

/* What an attack on the table as it came would gain: the law speaks of that too. */
static enum pd_status attack_source(struct govern_run *run, struct pd_error *err) {
    struct govern_reading *attacked = pd_arena_alloc(run->arena, sizeof(*attacked));
    if (!attacked)
        return pd_fail_memory(err);
    *attacked = *run->result.before;
    run->result.before = attacked;
    return attack_release(run, NULL, attacked, err);
}

static enum pd_status prepare(struct govern_run *run, const struct govern_request *request,
                              const pd_id *intent, struct pd_error *err) {
    struct govern_case *c = &run->result;
    pd_time now = pd_clock_now(&run->g->clock);
    pd_str expected = {0}, repair_hash = {0};
    enum pd_status st;
    if (intent) {
        run->is_resumed = true;
        st = intent_load(run, *intent, &expected, &repair_hash, err);
        if (st == PD_OK && request && request->member.len) {
            run->request.member = pd_arena_str(run->arena, request->member);
            if (!run->request.member.data)
                st = pd_fail_memory(err);
        }
        run->request.records = request && request->records;
        if (st == PD_OK && request && request->plan.len) {
            run->request.plan = pd_arena_str(run->arena, request->plan);
            if (!run->request.plan.data)
                st = pd_fail_memory(err);
        }
    } else {
        run->intent_id = crypto_id(now);
        st = copy_request(run, request, err);
    }
    if (st == PD_OK)
        st = check_request(run, err);
    if (st == PD_OK && request && request->repair)
        st = repair_prepare(run, request->repair, err);
    if (st == PD_OK)
        st = check_repair(run, intent != NULL, repair_hash, err);
    if (st == PD_OK)
        st = govern_read(run->source, run->mended ? NULL : &run->request.form, run->g->site, now,
                         run->progress, run->arena, NULL, &c->before, err);
    if (st != PD_OK)
        return st;
    pd_hex_encode(c->before->content.bytes, CRYPTO_HASH_SIZE, run->content);
    if (intent && !pd_str_is(expected, run->content))
        return pd_fail(
            err, PD_CONFLICT,
            "%.*s is not what this intent was about any more: its content changed; govern it anew",
            pd_arg(source_name(run->source)));
    if (c->before->inspection->rows == 0)
        return pd_fail(err, PD_INVALID,
                       "%.*s: line 1: the table has a header and no rows that could be governed%s",
                       pd_arg(source_name(run->source)),
                       c->before->counts.set_aside
                           ? "; all were set aside, having another number of fields"
                           : "");
    c->request = &run->request;
    c->intent_id = run->intent_id;
    run->resource_id = crypto_id(now);
    crypto_random(run->pseudonym_key, sizeof(run->pseudonym_key));
    st = attack_source(run, err);
    if (st == PD_OK)
        st = find(run, c->before, false, NULL, 0, &c->finding, &run->facts_before, err);
    struct protect_plan counted = {0};
    if (st == PD_OK && c->before->inspection->facts.quasi_columns > 0)
        st = remedy_target(run->g, c->before, run->arena, &counted, err);
    if (st == PD_OK && counted.quasi_count > 0)
        st = plan_classes(run->source, c->before, &counted, NULL, run->progress, run->arena,
                          &run->classes, err);
    if (st == PD_OK)
        st = prepare_search(run, err);
    if (st == PD_OK && run->request.plan.len)
        st = prepare_given(run, err);
    if (st == PD_OK && c->has_plan)
        st = prepare_weigh(run, err);
    if (st == PD_OK)
        st = look_for_second(run, err);
    return st == PD_OK && c->has_plan ? tell_changes(run, err) : st;
}

/* Which votes stand behind the rules that spoke. */
static enum pd_status find_votes(struct govern_run *run, struct pd_error *err) {
    const struct law_finding *f = run->result.finding;
    pd_str *ids = pd_arena_array(run->arena, f->voice_count + 1, sizeof(*ids));
    if (!ids)
        return pd_fail_memory(err);
    for (size_t i = 0; i < f->voice_count; i++)
        ids[i] = f->voices[i].id;
    return govern_origins(run->g, ids, f->voice_count, run->arena, &run->result.votes,
                          &run->result.vote_count, err);
}

enum pd_status govern_prepare(struct govern *g, struct source *source,
                              const struct govern_request *request, const pd_id *intent,
                              const struct govern_progress *progress, struct govern_run **out,
                              struct pd_error *err) {
    struct govern_run *run = calloc(1, sizeof(*run));
    if (!run)
        return pd_fail_memory(err);
    run->g = g;
    run->source = source;
    run->progress = progress;
    run->arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    enum pd_status st = run->arena ? prepare(run, request, intent, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = find_votes(run, err);
    if (st != PD_OK) {
        govern_run_free(run);
        return st;
    }
    *out = run;
    return PD_OK;
}

const struct govern_case *govern_run_case(const struct govern_run *run) {
    return &run->result;
}

void govern_run_free(struct govern_run *run) {
    if (!run)
        return;
    protect_classes_free(run->classes);
    attack_open_free(run->opens);
    source_close(run->mended);
    standard_checker_free(run->checkers[0]);
    standard_checker_free(run->checkers[1]);
    crypto_wipe(run->pseudonym_key, sizeof(run->pseudonym_key));
    pd_arena_free(run->arena);
    free(run);
}
