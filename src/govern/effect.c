/* The effect of governing a file: dataset, version, distribution; or the record of its refusal. */
#include "govern/person.h"
#include "govern/plan_impl.h"

#include <stdlib.h>
#include <string.h>

/* What an act that takes effect brings to the transaction, staged before it. */
struct effect {
    struct govern_run *run;
    const pd_str *attests;
    size_t attest_count;
    struct store_key key; /* of the version */
    struct store_stored file;
    pd_str dataset, version, distribution; /* ids */
    pd_str released_as;
    pd_str sealed_inspection, sealed_output, sealed_repair;
    struct person_index persons; /* in the file's rows */
    bool has_persons;
    pd_str persons_columns;
};

/* ---- Staging: before the transaction, harmless without it ---- */

static enum pd_status to_vault(void *context, const void *bytes, size_t n, struct pd_error *err) {
    return store_vault_write(context, bytes, n, err);
}

static enum pd_status original_to_vault(void *context, const char *bytes, size_t n,
                                        struct pd_error *err) {
    return store_vault_write(context, bytes, n, err);
}

static bool keeps_original(const struct govern_run *run) {
    return pd_str_is(run->request.verb, "store") && run->remedy.plan.step_count == 0 &&
           run->remedy.plan.k == 0;
}

static enum pd_status index_batch(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t r = 0; st == PD_OK && r < batch->rows; r++)
        st = person_index_row(context, batch, r, batch->first_row + r, err);
    return st;
}

/* Where inspection recognised identifiers, their rows can be found again: for the persons' sake. */
static enum pd_status begin_persons(struct effect *e, struct pd_error *err) {
    const struct govern_reading *before = e->run->result.before;
    size_t *columns, count;
    enum pd_status st = person_columns(before, e->run->arena, &columns, &count, err);
    e->has_persons = st == PD_OK && count > 0;
    if (!e->has_persons)
        return st;
    st = person_columns_json(before,
                             keeps_original(e->run) ? &before->dialect : &table_dialect_written,
                             columns, count, e->run->arena, &e->persons_columns, err);
    return st == PD_OK
               ? person_index_begin(&e->persons, e->run->g, &e->key, NULL, columns, count, err)
               : st;
}

/* Writes what will be disclosed or kept into the vault, and checks that it is what the finding was
 * about. */
static enum pd_status stage_file(struct effect *e, struct pd_error *err) {
    struct govern_run *run = e->run;
    struct store_writer *writer = NULL;
    enum pd_status st = begin_persons(e, err);
    if (st == PD_OK)
        st = store_vault_create(run->g->store, &e->key, &writer, err);
    if (st != PD_OK)
        return st;
    crypto_hash content;
    const crypto_hash *expected = &run->output;
    if (keeps_original(run)) {
        expected = &run->result.before->content;
        st = source_each(run->source, original_to_vault, NULL, writer, &content, err);
        struct table_handler handler = {.context = &e->persons, .batch = index_batch};
        if (st == PD_OK && e->has_persons)
            st = govern_read_table(run->source, &run->request.form, &handler, run->progress,
                                   run->arena, NULL, err);
    } else {
        struct reading_plan plan = {&run->remedy.plan, run->result.before, run->classes,
                                    run->pseudonym_key, e->has_persons ? &e->persons : NULL};
        struct table_sink sink = {.context = writer, .write = to_vault};
        struct protect_report report;
        st = reading_apply(run->source, &plan, &sink, 0, run->progress, run->arena, NULL, &report,
                           &content, err);
    }
    if (st == PD_OK && memcmp(content.bytes, expected->bytes, sizeof(content.bytes)) != 0)
        st = pd_fail(err, PD_CONFLICT, "%.*s changed since it was inspected; govern it again",
                     pd_arg(source_name(run->source)));
    if (st == PD_OK)
        st = store_vault_keep(writer, &e->file, err);
    if (st == PD_OK && e->has_persons)
        st = person_index_end(&e->persons, err);
    store_writer_free(writer);
    return st;
}

/* A wide table's profile may be larger than a record may be: then it is kept without values. */
enum pd_status effect_seal_inspection(const struct inspection *inspection, const char *of,
                                      const struct store_key *key, struct pd_arena *arena,
                                      pd_str *sealed, struct pd_error *err) {
    pd_str json, label = pd_str_from(of);
    for (int with_values = 1; with_values >= 0; with_values--) {
        struct pd_buf buf;
        struct pd_json w;
        pd_buf_init(&buf, (size_t)15 << 20);
        pd_json_init(&w, &buf, PD_JSON_CANONICAL);
        inspection_write_json(inspection, with_values, &w);
        enum pd_status st = pd_json_finish(&w, arena, &json, err);
        if (st == PD_OK)
            return store_seal(key, label, json, arena, sealed, err);
        if (st != PD_LIMIT)
            return st;
    }
    return store_seal(key, label, PD_STR("{\"inspection\":1,\"is_too_large_to_keep\":true}"), arena,
                      sealed, err);
}

/* ---- The rows, inside the transaction ---- */

static const struct sql FIND_DATASET = {
    .both = "SELECT id FROM dataset WHERE party_id = $1 AND title = $2 ORDER BY id LIMIT 1"};
static const struct sql INSERT_DATASET = {
    .both = "INSERT INTO dataset (id, party_id, title, created_at) VALUES ($1, $2, $3, $4)"};
static const struct sql INSERT_VERSION = {
    .both = "INSERT INTO version (id, dataset_id, row_count, column_count, byte_count, grade, "
            "key_id, sealed_inspection,"
            " original_address, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct sql INSERT_DISTRIBUTION = {
    .both = "INSERT INTO distribution (id, version_id, form, address, key_id, row_count, "
            "byte_count, disclosed_to,"
            " plain_hash, released_as, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
            "$10, $11)"};

enum pd_status effect_title(const struct govern_request *request, struct pd_arena *arena,
                            pd_str *json, struct pd_error *err) {
    struct pd_buf title;
    struct pd_json w;
    pd_buf_init(&title, 4096);
    pd_json_init(&w, &title, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_key_str(&w, request->language);
    pd_json_str(&w, request->title);
    if (request->other_title.len) {
        pd_json_key_str(&w, request->other_language);
        pd_json_str(&w, request->other_title);
    }
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

/* A party's dataset is known by its title: governing it again makes another version of it. */
static enum pd_status save_dataset(struct effect *e, struct govern *g, struct act *act,
                                   struct pd_error *err) {
    const struct govern_request *r = &e->run->request;
    pd_str json;
    enum pd_status st = effect_title(r, act->arena, &json, err);
    if (st != PD_OK)
        return st;
    struct store_value find[] = {STORE_STR(r->party), STORE_STR(json)};
    struct store_rows *rows;
    st = store_select(g->store, FIND_DATASET, find, 2, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        e->dataset = pd_arena_str(act->arena, store_str(rows, 0));
    store_rows_close(rows);
    if (st != PD_OK || has)
        return st;
    struct store_value values[] = {STORE_STR(e->dataset), STORE_STR(r->party), STORE_STR(json),
                                   STORE_I64(act->at)};
    st = store_run(g->store, INSERT_DATASET, values, 4, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "dataset", e->dataset, err) : st;
}

static enum pd_status save_version(struct effect *e, struct govern *g, struct act *act,
                                   struct pd_error *err) {
    const struct govern_case *c = &e->run->result;
    bool is_store = pd_str_is(e->run->request.verb, "store");
    struct store_value values[] = {
        STORE_STR(e->version),
        STORE_STR(e->dataset),
        STORE_I64((int64_t)c->before->inspection->rows),
        STORE_I64((int64_t)c->before->inspection->column_count),
        STORE_I64((int64_t)source_size(e->run->source)),
        STORE_STR(pd_str_from(inspect_level_name(c->before->inspection->grade.level))),
        STORE_STR(govern_id_text(e->key.id, act->arena)),
        STORE_BYTES(e->sealed_inspection),
        is_store ? STORE_STR(govern_hash_text(&e->file.address, act->arena)) : STORE_NONE,
        STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_VERSION, values, 10, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "version", e->version, err) : st;
}

static const struct sql INSERT_INSPECTION = {
    .both = "INSERT INTO inspection (id, grade, column_count, key_id, sealed_inspection)"
            " VALUES ($1, $2, $3, $4, $5)"};

enum pd_status effect_save_inspection(struct govern *g, struct act *act, pd_str distribution,
                                      const struct inspection *found, pd_id key, pd_str sealed,
                                      struct pd_error *err) {
    struct store_value values[] = {
        STORE_STR(distribution), STORE_STR(pd_str_from(inspect_level_name(found->grade.level))),
        STORE_I64((int64_t)found->column_count), STORE_STR(govern_id_text(key, act->arena)),
        STORE_BYTES(sealed)};
    enum pd_status st = store_run(g->store, INSERT_INSPECTION, values, 5, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "inspection", distribution, err) : st;
}

static enum pd_status save_distribution(struct effect *e, struct govern *g, struct act *act,
                                        struct pd_error *err) {
    const struct govern_run *run = e->run;
    bool is_public = act->is_disclosed;
    struct store_value values[] = {
        STORE_STR(e->distribution),
        STORE_STR(e->version),
        STORE_STR(PD_STR("text/csv")),
        STORE_STR(govern_hash_text(&e->file.address, act->arena)),
        STORE_STR(govern_id_text(e->key.id, act->arena)),
        STORE_I64((int64_t)run->result.after->inspection->rows),
        STORE_I64((int64_t)e->file.plain_bytes),
        STORE_STR(is_public ? PD_STR("public") : run->request.recipient),
        is_public ? STORE_STR(govern_hash_text(&run->output, act->arena)) : STORE_NONE,
        is_public ? STORE_STR(e->released_as) : STORE_NONE,
        STORE_I64(act->at),
    };
    enum pd_status st = store_run(g->store, INSERT_DISTRIBUTION, values, 11, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "distribution", e->distribution, err);
    if (st == PD_OK)
        st = effect_save_inspection(g, act, e->distribution, run->result.after->inspection, e->key.id,
                                    e->sealed_output, err);
    if (st == PD_OK)
        st = plan_key_save_use(run, g, act, e->distribution, err);
    if (st == PD_OK && is_public)
        st = integrate_queue(g, e->distribution, err);
    return st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct effect *e = context;
    enum pd_status st = attack_open_check(e->run, g, act->arena, err);
    if (st == PD_OK)
        st = intent_save(e->run, g, act, "done", err);
    if (st == PD_OK)
        st = save_dataset(e, g, act, err);
    if (st == PD_OK)
        st = save_version(e, g, act, err);
    if (st == PD_OK)
        st = repair_save(e->run, g, act, e->version, e->key.id, e->sealed_repair, err);
    if (st == PD_OK && !pd_str_is(e->run->request.verb, "store"))
        st = save_distribution(e, g, act, err);
    bool is_store = pd_str_is(e->run->request.verb, "store");
    return st == PD_OK && e->has_persons
               ? person_index_save(&e->persons, g, act, is_store ? e->version : e->distribution,
                                   e->version, &e->key, e->persons_columns, err)
               : st;
}

/* ---- What the doorway asks back ---- */

static bool is_transformed(const struct govern_run *run) {
    return run->remedy.plan.step_count > 0 || run->remedy.plan.k > 0 ||
           run->remedy.plan.sample.millionths > 0;
}

static enum pd_status gather(void *context, struct govern *g, struct pd_arena *arena,
                             const struct law_fact **facts, size_t *count, struct pd_error *err) {
    struct effect *e = context;
    struct facts *set = pd_arena_alloc(arena, sizeof(*set));
    if (!set)
        return pd_fail_memory(err);
    struct govern_run now = *e->run;
    now.g = g; /* sees what the acts before it in this transaction wrote */
    enum pd_status st = prepare_facts(&now, now.result.after, is_transformed(e->run), e->attests,
                                      e->attest_count, pd_clock_now(&g->clock), arena, set, err);
    *facts = set->list;
    *count = set->count;
    return st;
}

static bool is_discharged(void *context, const struct law_finding *finding) {
    const struct effect *e = context;
    return prepare_is_discharged(e->run, finding);
}

/* ---- Three ways out ---- */

static enum pd_status finish(struct govern_run *run, const struct act *act,
                             struct govern_outcome *out, struct pd_error *err) {
    out->act_id = act->id;
    out->intent_id = run->intent_id;
    out->receipt = act->receipt;
    out->finding = act->finding;
    out->clocks = act->clocks;
    out->clock_count = act->clock_count;
    return act_placed(run->g, act->id, run->arena, &out->placed, err);
}

static const struct sql FIND_PLAN = {
    .both = "SELECT plan_hash FROM act WHERE intent_id = $1 ORDER BY id LIMIT 1"};

/* What the second signs is what the first asked for. */
static enum pd_status check_plan(struct govern_run *run, const struct act *act,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(govern_id_text(run->intent_id, run->arena))};
    struct store_rows *rows;
    bool has;
    if (run->result.second != GOVERN_SECOND_IS_HERE)
        return PD_OK;
    enum pd_status st = store_select(run->g->store, FIND_PLAN, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    pd_str first = st == PD_OK && has ? store_str(rows, 0) : PD_STR("");
    if (st == PD_OK && first.len && !pd_str_eq(first, govern_hash_text(&act->plan_hash, run->arena)))
        st = pd_fail(err, PD_CONFLICT,
                     "the plan is another one than when this was asked for: the rules or the facts "
                     "changed since; ask for it anew");
    store_rows_close(rows);
    return st;
}

static enum pd_status take_effect(struct govern_run *run, struct govern_outcome *out,
                                  struct pd_error *err) {
    struct govern_case *c = &run->result;
    struct effect e = {.run = run, .attests = c->attests, .attest_count = c->attest_count};
    struct act act = {.is_disclosed = pd_str_is(run->request.verb, "open"),
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .effect = save,
                      .is_fixed = true,
                      .gather = gather,
                      .is_discharged = is_discharged,
                      .context = &e,
                      .finding = c->finding_after};
    if (!ledger_verb_parse(run->request.verb, &act.verb))
        return pd_fail(err, PD_INTERNAL, "the ledger has no verb \"%.*s\"",
                       pd_arg(run->request.verb));
    enum pd_status st =
        store_key_new(run->g->store, "version", pd_clock_now(&run->g->clock), &e.key, err);
    if (st == PD_OK)
        st = stage_file(&e, err);
    if (st == PD_OK)
        st = effect_seal_inspection(c->before->inspection, EFFECT_OF_VERSION, &e.key, run->arena,
                                    &e.sealed_inspection, err);
    if (st == PD_OK && c->after)
        st = effect_seal_inspection(c->after->inspection, EFFECT_OF_DISTRIBUTION, &e.key,
                                    run->arena, &e.sealed_output, err);
    person_index_clear(&e.persons);
    if (st == PD_OK)
        st = repair_stage(run, &e.key, &e.sealed_repair, err);
    if (st == PD_OK)
        st = act_begin(run->g, &act, err);
    if (st == PD_OK)
        st = record_fill(run, &act, run->facts_after, err);
    if (st == PD_OK)
        st = check_plan(run, &act, err);
    if (st != PD_OK)
        return st;
    struct law_case law = prepare_case(run, run->facts_after, act.at);
    bool is_store = pd_str_is(run->request.verb, "store");
    act.law = &law;
    act.has_version_hash = true;
    /* Of what is public, the hash of the very bytes, so that anybody can compare; else of the
       sealed ones, so that a small private file can't be confirmed by guessing. */
    act.version_hash = act.is_disclosed ? run->output : e.file.address;
    act.has_object = true;
    act.object_kind = is_store ? LEDGER_KIND_VERSION : LEDGER_KIND_DISTRIBUTION;
    act.object_id = run->resource_id;
    e.dataset = govern_id_text(crypto_id(act.at), run->arena);
    e.version = is_store ? govern_id_text(run->resource_id, run->arena)
                         : govern_id_text(crypto_id(act.at), run->arena);
    e.distribution = govern_id_text(run->resource_id, run->arena);
    e.released_as = pd_arena_printf(run->arena, "open/%.*s.csv", pd_arg(e.distribution));
    pd_str pending;
    st = act_commit(run->g, &act, run->arena, &pending, err);
    crypto_wipe(&e.key, sizeof(e.key));
    if (st != PD_OK)
        return st;
    out->result = GOVERN_DONE;
    out->pending = pending;
    out->released_as = act.is_disclosed ? e.released_as : PD_STR("");
    return finish(run, &act, out, err);
}

static enum pd_status save_denied(void *context, struct govern *g, struct act *act,
                                  struct pd_error *err) {
    return intent_save(context, g, act, "denied", err);
}

static enum pd_status save_open(void *context, struct govern *g, struct act *act,
                                struct pd_error *err) {
    return intent_save(context, g, act, "open", err);
}

/* A refusal, or an intent that waits, is recorded too: in the restricted log. */
static enum pd_status record(struct govern_run *run, enum ledger_verb verb,
                             struct govern_outcome *out, struct pd_error *err) {
    struct govern_case *c = &run->result;
    bool is_denied = verb == LEDGER_DENY;
    struct act act = {.verb = verb,
                      .outcome = is_denied ? LEDGER_OUTCOME_DENY : LEDGER_OUTCOME_OPEN,
                      .effect = is_denied ? save_denied : save_open,
                      .is_fixed = true,
                      .context = run,
                      .finding = c->finding,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_INTENT,
                      .object_id = run->intent_id};
    struct law_case asked = prepare_case(run, run->facts_before, c->finding->made_at);
    act.asked = &asked;
    enum pd_status st = act_begin(run->g, &act, err);
    if (st == PD_OK)
        st = record_fill(run, &act, run->facts_before, err);
    pd_str pending;
    if (st == PD_OK)
        st = act_commit(run->g, &act, run->arena, &pending, err);
    if (st != PD_OK)
        return st;
    out->result = is_denied ? GOVERN_DENIED : GOVERN_LEFT_OPEN;
    out->pending = pending;
    return finish(run, &act, out, err);
}

bool govern_needs_signature(const struct govern_case *c) {
    return c->has_plan && (c->attest_count > 0 || c->change_count > 0 || c->second);
}

enum govern_result govern_expect(const struct govern_case *c) {
    if (c->has_plan)
        return c->second == GOVERN_SECOND_MISSING ? GOVERN_LEFT_OPEN : GOVERN_DONE;
    /* A permit without a plan waits for evidence, unless there is none that could still be shown.
     */
    bool waits = c->finding->outcome == LAW_PERMIT && !act_evidence_is_complete(c->finding);
    return waits || c->finding->outcome == LAW_OPEN ? GOVERN_LEFT_OPEN : GOVERN_DENIED;
}

enum pd_status govern_effect(struct govern_run *run, bool signed_by_member,
                             const struct govern_outcome **out, struct pd_error *err) {
    struct govern_case *c = &run->result;
    struct govern_outcome *outcome = pd_arena_alloc(run->arena, sizeof(*outcome));
    if (!outcome)
        return pd_fail_memory(err);
    bool repeated = false, may_sign = false;
    enum pd_status st = intent_repeat(run, outcome, &repeated, err);
    if (st == PD_OK && !repeated && signed_by_member) {
        st = govern_may_sign(run->g, run->request.party, run->request.member, &may_sign, err);
        if (st == PD_OK && !may_sign)
            st = pd_fail(
                err, PD_DENIED,
                "%.*s has no right to sign plans for %.*s: only a member with the duty steward may",
                pd_arg(run->request.member), pd_arg(run->request.party));
    }
    if (st != PD_OK)
        return st;
    enum govern_result expected = govern_expect(c);
    if (repeated)
        st = PD_OK;
    else if (expected == GOVERN_DONE && (may_sign || !govern_needs_signature(c)))
        st = take_effect(run, outcome, err);
    else if (expected == GOVERN_DENIED)
        st = record(run, LEDGER_DENY, outcome, err);
    else if (run->is_resumed)
        st = c->second == GOVERN_SECOND_MISSING
                 ? pd_fail(err, PD_OPEN, "the intent stays open: by the charter two members decide a "
                                         "release, and who asked for it can't sign it alone: another "
                                         "steward must go on with it")
                 : pd_fail(err, PD_OPEN, "the intent stays open: %.*s", pd_arg(c->finding->reason));
    else
        st = record(run, LEDGER_INTEND, outcome, err);
    if (st == PD_OK)
        *out = outcome;
    return st;
}
