/*
 * Erasing a person: one act "delete" for each stored file. The file without the person's rows is
 * staged under a key of its own; then, in one transaction, the new version, what took whose place,
 * and that the old key is destroyed; afterwards the key store and the files follow. The act is the
 * holder's, who asked; that another party agreed is an act before them.
 */
#include "govern/erase.h"
#include "govern/past.h"

#include <jansson.h>
#include <string.h>

/* ---- What the law says of deleting ---- */

enum pd_status erase_judge(struct govern *g, const struct law_party *party, pd_str member,
                           pd_str version, const struct govern_declared *facts, size_t count,
                           pd_time now, struct pd_arena *arena, struct law_case *law,
                           const struct law_finding **finding, struct pd_error *err) {
    const struct govern_declared due = {PD_STR("erasure_due"), PD_STR("true")};
    struct law_fact *list = pd_arena_array(arena, count + 1, sizeof(*list));
    size_t n = 0;
    bool is_said = false;
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i <= count; i++) {
        const struct govern_declared *d = i < count ? &facts[i] : &due;
        is_said = is_said || (i < count && pd_str_eq(d->name, due.name));
        if (i == count && (is_said || !law_rules_fact(g->rules, due.name)))
            continue; /* that somebody is to be erased says by itself that it is due */
        list[n] =
            (struct law_fact){.name = d->name, .class_ = LAW_DECLARED, .by = party->id, .at = now};
        enum pd_status st = law_fact_parse(g->rules, d->name, d->value, arena, &list[n].value, err);
        if (st != PD_OK)
            return st;
        n++;
    }
    *law = (struct law_case){.verb = PD_STR("delete"),
                             .party = *party,
                             .member = member,
                             .resource_type = PD_STR("Version"),
                             .resource_id = version,
                             .facts = list,
                             .fact_count = n,
                             .now = now};
    return law_find(g->rules, law, arena, finding, err);
}

enum pd_status erase_check(const struct law_finding *finding, struct pd_arena *arena,
                           struct pd_error *err) {
    if (act_evidence_is_complete(finding))
        return PD_OK;
    pd_str names = PD_STR("");
    for (size_t i = 0; i < finding->voice_count; i++)
        names = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(names), i ? ", " : "",
                                pd_arg(finding->voices[i].id));
    return pd_fail(err, finding->outcome == LAW_DENY ? PD_DENIED : PD_OPEN, "%.*s (%.*s)",
                   pd_arg(finding->reason), pd_arg(names));
}

/* ---- The request ---- */

struct erasing {
    struct key_request request;
    struct erase_person person;
    struct key_actor holder; /* who asked */
    pd_str dataset, reason;
    struct govern_declared *facts;
    size_t fact_count;
    struct pd_arena *arena;
};

static pd_str text_of(const json_t *json, const char *name, struct pd_arena *arena) {
    const json_t *v = json_object_get(json, name);
    return pd_arena_str(arena, json_is_string(v)
                                   ? (pd_str){json_string_value(v), json_string_length(v)}
                                   : PD_STR(""));
}

static enum pd_status read_request(struct govern *g, pd_id id, struct pd_arena *arena,
                                   struct erasing *e, struct pd_error *err) {
    json_t *json = NULL;
    enum pd_status st = key_request_find(g, id, arena, &e->request, err);
    if (st == PD_OK && !pd_str_is(e->request.kind, "erase"))
        st = pd_fail(err, PD_USAGE, "%.*s is no request to erase a person; see polder key agree",
                     pd_arg(e->request.id));
    if (st == PD_OK && !e->request.json.data)
        st = pd_fail(err, PD_CONFLICT,
                     "the request %.*s is %.*s, and whom it was about is erased with it",
                     pd_arg(e->request.id), pd_arg(e->request.state));
    if (st == PD_OK)
        st = pd_json_parse(e->request.json, 1 << 18, 6, &json, err);
    if (st != PD_OK)
        return st;
    e->arena = arena;
    e->dataset = text_of(json, "dataset", arena);
    e->reason = text_of(json, "reason", arena);
    const json_t *person = json_object_get(json, "person"), *facts = json_object_get(json, "facts");
    e->person.count = 0;
    for (size_t i = 0; i < json_array_size(person) && i < ERASE_IDENTIFIERS_MAX; i++) {
        const json_t *v = json_array_get(person, i);
        e->person.normal[e->person.count++] =
            pd_arena_str(arena, (pd_str){json_string_value(v), json_string_length(v)});
    }
    e->fact_count = json_array_size(facts);
    e->facts = pd_arena_array(arena, e->fact_count + 1, sizeof(*e->facts));
    for (size_t i = 0; e->facts && i < e->fact_count; i++) {
        e->facts[i].name = text_of(json_array_get(facts, i), "name", arena);
        e->facts[i].value = text_of(json_array_get(facts, i), "value", arena);
    }
    json_decref(json);
    e->holder = (struct key_actor){.party = e->request.party, .member = e->request.member};
    return e->facts ? key_actor_find(g, &e->holder, ~0u, arena, err) : pd_fail_memory(err);
}

enum pd_status govern_erase_request(struct govern *g, pd_id request, struct pd_arena *arena,
                                    pd_str *party, pd_str *reason, const struct govern_held **out,
                                    size_t *count, struct pd_error *err) {
    struct erasing e = {0};
    enum pd_status st = read_request(g, request, arena, &e, err);
    if (st != PD_OK)
        return st;
    struct govern_erasing question = {
        .identifiers = e.person.normal, .identifier_count = e.person.count, .dataset = e.dataset};
    *party = e.request.party;
    *reason = e.reason;
    return govern_erase_find(g, &question, arena, out, count, err);
}

/* ---- Agreeing ---- */

static enum pd_status save_agreed(void *context, struct govern *g, struct act *act,
                                  struct pd_error *err) {
    const struct erasing *e = context;
    return key_request_move(g, act, e->request.id, "asked", "agreed", err);
}

/* An act of the other party, signed; unless a process died after it. */
static enum pd_status agree(struct govern *g, struct erasing *e,
                            const struct govern_destruction *agreed, struct pd_error *err) {
    struct key_actor actor = {
        .party = agreed->party, .member = agreed->member, .private_key = agreed->private_key};
    struct act act = {.verb = LEDGER_AGREE,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_INTENT,
                      .object_id = agreed->id,
                      .effect = save_agreed,
                      .context = e};
    const struct govern_outcome *outcome;
    if (pd_str_is(e->request.state, "agreed"))
        return PD_OK;
    enum pd_status st = key_request_check(&e->request, "erase", agreed->party, err);
    if (st == PD_OK)
        st = key_actor_find(g, &actor, NODE_STEWARD | NODE_OWNER | NODE_SUPERVISOR, e->arena, err);
    pd_str words = pd_arena_printf(e->arena, "agree %.*s", pd_arg(e->request.id));
    if (st == PD_OK)
        st =
            words.data ? key_act_begin(g, &actor, words, &act, e->arena, err) : pd_fail_memory(err);
    return st == PD_OK ? key_act_commit(g, &actor, "agree", &act, e->arena, &outcome, err) : st;
}

/* ---- What the old release promised ---- */

enum { QUASI_MAX = 256 };

struct release {
    struct govern *g;
    struct pd_arena *arena;
    bool is_read;
    uint64_t k;
    pd_str quasi[QUASI_MAX];
    size_t quasi_count;
    struct protect_plan_model models[QUASI_MAX];
    pd_str sensitive[QUASI_MAX];
    size_t model_count;
    /* in: what is to be released instead; out: whether the law permits it */
    const struct govern_reading *after;
    pd_time now;
    bool is_permitted;
    pd_str why;
};

/* Models of diversity, which hold of a group by itself. Closeness is to a table that is gone. */
static enum pd_status read_models(struct release *r, const json_t *models, struct pd_error *err) {
    for (size_t i = 0; i < json_array_size(models) && r->model_count < QUASI_MAX; i++) {
        const json_t *value = json_array_get(models, i);
        struct protect_plan_model m = {0};
        pd_str kind = text_of(value, "model", r->arena), c = text_of(value, "c", r->arena);
        pd_str threshold = text_of(value, "threshold", r->arena);
        if (!protect_model_parse(kind, &m.kind) || m.kind < PROTECT_DISTINCT_L ||
            m.kind > PROTECT_RECURSIVE_L)
            continue;
        if (!protect_decimal_parse(threshold, &m.threshold) ||
            (m.kind == PROTECT_RECURSIVE_L && !protect_decimal_parse(c, &m.c)))
            return pd_fail(err, PD_INTERNAL, "the plan of the release has a model without a number");
        r->sensitive[r->model_count] = text_of(value, "name", r->arena);
        if (!r->sensitive[r->model_count].data)
            return pd_fail_memory(err);
        r->models[r->model_count++] = m;
    }
    return PD_OK;
}

/* The plan of the release that took effect: its k, and over which columns. */
static enum pd_status on_plan(void *context, const struct past *past, struct pd_arena *scratch,
                              struct pd_error *err) {
    (void)scratch;
    struct release *r = context;
    r->is_read = past->unread == GOVERN_READ;
    if (!r->is_read)
        return PD_OK;
    const json_t *plan = json_object_get(past->record, "plan");
    const json_t *quasi = json_object_get(plan, "quasi");
    json_int_t k = json_integer_value(json_object_get(plan, "k"));
    r->k = k > 1 ? (uint64_t)k : 0;
    for (size_t i = 0; i < json_array_size(quasi) && r->quasi_count < QUASI_MAX; i++) {
        r->quasi[r->quasi_count] = text_of(json_array_get(quasi, i), "name", r->arena);
        if (!r->quasi[r->quasi_count++].data)
            return pd_fail_memory(err);
    }
    return read_models(r, json_object_get(plan, "models"), err);
}

/* What a plan did to the old file, it did to the rows that stay. */
static bool was_done(const struct verdict *before, const struct law_obligation *o) {
    for (size_t i = 0; i < before->owed_count; i++)
        if (pd_str_eq(before->owed[i].obligation, o->text))
            return true;
    return false;
}

/* The law is asked anew of the release, with what is measured of the file that would take its
 * place; what persons attested of the old one is said of the rows that stay. */
static enum pd_status on_release(void *context, const struct past *past, struct pd_arena *scratch,
                                 struct pd_error *err) {
    struct release *r = context;
    r->is_permitted = false;
    if (past->unread != GOVERN_READ) {
        r->why = pd_arena_printf(r->arena, "the record of its release can't be read: %.*s",
                                 pd_arg(past->why));
        return PD_OK;
    }
    struct facts *set = pd_arena_alloc(scratch, sizeof(*set));
    struct verdict before;
    const struct law_finding *finding;
    if (!set)
        return pd_fail_memory(err);
    enum pd_status st = facts_add_measured(r->g, r->after, r->now, set, err);
    for (size_t i = 0; st == PD_OK && i < past->law.fact_count && set->count < FACTS_MAX; i++)
        if (past->law.facts[i].class_ != LAW_MEASURED)
            set->list[set->count++] = past->law.facts[i];
    struct law_case law = past->law;
    law.facts = set->list;
    law.fact_count = set->count;
    law.now = r->now;
    if (st == PD_OK)
        st = verdict_read(past->finding, scratch, &before, err);
    if (st == PD_OK)
        st = law_find(r->g->rules, &law, scratch, &finding, err);
    if (st != PD_OK)
        return st;
    r->is_permitted = act_evidence_is_complete(finding);
    for (size_t i = 0; i < finding->obligation_count; i++)
        if (finding->obligations[i].class_ == LAW_BEFORE &&
            !was_done(&before, &finding->obligations[i]))
            r->is_permitted = false;
    r->why = pd_arena_str(r->arena, finding->reason);
    return r->why.data ? PD_OK : pd_fail_memory(err);
}

static const struct sql FIND_RELEASE = {
    .both = "SELECT act_id FROM act_row WHERE table_name = 'distribution' AND row_id = $1"
            " AND revision = 1"};
/* A file that took the place of another was written by an act "delete": the release is the one
 * before. */
static const struct sql FIND_PREDECESSOR = {
    .both = "SELECT id FROM replacement WHERE kind = 'distribution' AND successor_id = $1"};

static enum pd_status first_text(struct govern *g, struct sql sql, pd_str id,
                                 struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, sql, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *out = st == PD_OK && has ? pd_arena_str(arena, store_str(rows, 0)) : PD_STR("");
    store_rows_close(rows);
    return st == PD_OK && !out->data ? pd_fail_memory(err) : st;
}

static enum pd_status find_release(struct govern *g, pd_str distribution, struct pd_arena *arena,
                                   pd_str *act, struct pd_error *err) {
    pd_str id = distribution, before;
    enum pd_status st;
    while ((st = first_text(g, FIND_PREDECESSOR, id, arena, &before, err)) == PD_OK && before.len)
        id = before;
    return st == PD_OK ? first_text(g, FIND_RELEASE, id, arena, act, err) : st;
}

/* ---- One file ---- */

struct replacing {
    struct erasing *e;
    struct erase_holding *h;
    bool is_last;
    struct rewrite w;
    struct store_key old_key, new_key;
    struct person_index index;
    pd_str index_json, sealed_inspection, sealed_output;
    struct release release;
    bool has_successor;
    pd_str version, distribution, released_as; /* new ones */
};

static enum pd_status copy_entry(void *context, const uint8_t *hash, uint64_t place,
                                 struct pd_error *err) {
    struct replacing *r = context;
    if (erase_rows_has(&r->w.removed, place))
        return PD_OK;
    return person_index_add(&r->index, hash, place - erase_rows_below(&r->w.removed, place), err);
}

/* Entries of the rows that stay keep their hashes; only the rows are numbered anew. */
static enum pd_status copy_index(struct govern *g, struct replacing *r, struct pd_error *err) {
    struct store_key hash_key;
    enum pd_status st = store_key_find(g->store, r->h->hash_key_id, &hash_key, err);
    if (st == PD_OK)
        st = person_index_begin(&r->index, g, &r->new_key, &hash_key, NULL, 0, err);
    crypto_wipe(hash_key.bytes, sizeof(hash_key.bytes));
    if (st == PD_OK)
        st = person_index_each(g, &r->old_key, r->h->index_address, copy_entry, r, err);
    return st == PD_OK ? person_index_end(&r->index, err) : st;
}

/* The new original is written as Polder writes. */
static enum pd_status write_index_json(struct replacing *r, struct pd_error *err) {
    pd_str columns = pd_json_find(r->h->columns_json, "columns");
    r->index_json = r->h->is_original
                        ? pd_arena_printf(r->e->arena,
                                          "{\"columns\":%.*s,\"form\":{\"encoding\":\"UTF-8\","
                                          "\"form\":\"csv\",\"header\":\"1\",\"quote\":\"double\","
                                          "\"separator\":\"comma\"}}",
                                          pd_arg(columns))
                        : r->h->columns_json;
    return r->index_json.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status stage(struct govern *g, struct replacing *r, struct pd_error *err) {
    struct pd_arena *arena = r->e->arena;
    pd_str release = PD_STR("");
    r->release = (struct release){.g = g, .arena = arena};
    enum pd_status st = store_key_find(g->store, r->h->key_id, &r->old_key, err);
    if (st == PD_OK)
        st = store_key_new(g->store, "version", pd_clock_now(&g->clock), &r->new_key, err);
    if (st == PD_OK && !r->h->is_original)
        st = find_release(g, r->h->id, arena, &release, err);
    if (st == PD_OK && release.len)
        st = past_find(g, release, on_plan, &r->release, err);
    if (st != PD_OK)
        return st;
    r->w = (struct rewrite){.g = g,
                            .holding = r->h,
                            .person = &r->e->person,
                            .old_key = &r->old_key,
                            .new_key = &r->new_key,
                            .quasi = r->release.quasi,
                            .quasi_count = r->release.quasi_count,
                            .k = r->release.k,
                            .models = r->release.models,
                            .sensitive = r->release.sensitive,
                            .model_count = r->release.model_count,
                            .now = pd_clock_now(&g->clock)};
    st = rewrite_file(&r->w, arena, err);
    if (st == PD_OK)
        st = copy_index(g, r, err);
    if (st == PD_OK)
        st = write_index_json(r, err);
    if (st == PD_OK)
        st = effect_seal_inspection(r->w.after->inspection, EFFECT_OF_VERSION, &r->new_key, arena,
                                    &r->sealed_inspection, err);
    if (st == PD_OK && !r->h->is_original)
        st = effect_seal_inspection(r->w.after->inspection, EFFECT_OF_DISTRIBUTION, &r->new_key,
                                    arena, &r->sealed_output, err);
    r->has_successor = true;
    if (st != PD_OK || r->h->is_original)
        return st;
    r->release.after = r->w.after;
    r->release.now = r->w.now;
    st = release.len ? past_find(g, release, on_release, &r->release, err) : PD_OK;
    r->has_successor = st == PD_OK && r->release.is_permitted;
    return st;
}

/* ---- The rows ---- */

static const struct sql INSERT_VERSION = {
    .both = "INSERT INTO version (id, dataset_id, row_count, column_count, byte_count, grade, "
            "key_id, sealed_inspection, original_address, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct sql INSERT_DISTRIBUTION = {
    .both = "INSERT INTO distribution (id, version_id, form, address, key_id, row_count, "
            "byte_count, disclosed_to, plain_hash, released_as, created_at)"
            " VALUES ($1, $2, 'text/csv', $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct sql INSERT_REPLACEMENT = {
    .both = "INSERT INTO replacement (id, kind, successor_id, rows_removed, request_id, act_id, "
            "replaced_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};

static bool is_public(const struct erase_holding *h) {
    return pd_str_is(h->disclosed_to, "public");
}

static enum pd_status save_successor(const struct replacing *r, struct govern *g, struct act *act,
                                     struct pd_error *err) {
    const struct inspection *found = r->w.after->inspection;
    pd_str key = govern_id_text(r->new_key.id, act->arena),
           address = govern_hash_text(&r->w.file.address, act->arena);
    bool is_original = r->h->is_original, open = is_public(r->h);
    struct store_value version[] = {STORE_STR(r->version),
                                    STORE_STR(r->h->dataset),
                                    STORE_I64((int64_t)found->rows),
                                    STORE_I64((int64_t)found->column_count),
                                    STORE_I64((int64_t)r->w.file.plain_bytes),
                                    STORE_STR(pd_str_from(inspect_level_name(found->grade.level))),
                                    STORE_STR(key),
                                    STORE_BYTES(r->sealed_inspection),
                                    is_original ? STORE_STR(address) : STORE_NONE,
                                    STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_VERSION, version, 10, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "version", r->version, err);
    struct store_value distribution[] = {
        STORE_STR(r->distribution),
        STORE_STR(r->version),
        STORE_STR(address),
        STORE_STR(key),
        STORE_I64((int64_t)found->rows),
        STORE_I64((int64_t)r->w.file.plain_bytes),
        STORE_STR(r->h->disclosed_to),
        open ? STORE_STR(govern_hash_text(&r->w.content, act->arena)) : STORE_NONE,
        open ? STORE_STR(r->released_as) : STORE_NONE,
        STORE_I64(act->at)};
    if (st == PD_OK && !is_original)
        st = store_run(g->store, INSERT_DISTRIBUTION, distribution, 10, NULL, err);
    if (st == PD_OK && !is_original)
        st = act_wrote(g, act, "distribution", r->distribution, err);
    if (st == PD_OK && !is_original)
        st = effect_save_inspection(g, act, r->distribution, found, r->new_key.id, r->sealed_output,
                                    err);
    if (st == PD_OK && !is_original && open)
        st = integrate_queue(g, r->distribution, err);
    return st == PD_OK
               ? person_index_save(&r->index, g, act, is_original ? r->version : r->distribution,
                                   r->version, &r->new_key, r->index_json, err)
               : st;
}

static enum pd_status save_replaced(const struct replacing *r, struct govern *g, struct act *act,
                                    const char *kind, pd_str old, pd_str successor,
                                    struct pd_error *err) {
    struct store_value values[] = {STORE_STR(old),
                                   STORE_STR(pd_str_from(kind)),
                                   r->has_successor ? STORE_STR(successor) : STORE_NONE,
                                   STORE_I64((int64_t)r->w.removed.count),
                                   STORE_STR(r->e->request.id),
                                   STORE_STR(govern_id_text(act->id, act->arena)),
                                   STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_REPLACEMENT, values, 7, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "replacement", old, err) : st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct replacing *r = context;
    pd_str request = r->e->request.id;
    enum pd_status st = key_save_destroyed(g, act, govern_id_text(r->h->key_id, act->arena),
                                           PD_STR("version"), request, err);
    if (st == PD_OK)
        st = key_queue_sealed(g, act, govern_id_text(r->h->key_id, act->arena), err);
    if (st == PD_OK && r->h->released_as.len)
        st = key_queue_removal(g, act, r->h->released_as, err);
    if (st == PD_OK)
        st = save_replaced(r, g, act, "version", r->h->version, r->version, err);
    if (st == PD_OK && !r->h->is_original)
        st = save_replaced(r, g, act, "distribution", r->h->id, r->distribution, err);
    if (st == PD_OK && r->has_successor)
        st = save_successor(r, g, act, err);
    if (st != PD_OK || !r->is_last)
        return st;
    /* With the last file goes the request, which names the person. */
    st = key_request_move(g, act, request, "agreed", "done", err);
    return st == PD_OK
               ? key_save_destroyed(g, act, govern_id_text(r->e->request.key_id, act->arena),
                                    PD_STR("record"), request, err)
               : st;
}

/* ---- The act ---- */

static enum pd_status write_detail(const struct replacing *r, struct act *act,
                                   struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "request", r->e->request.id);
    pd_json_member_i64(&w, "rows", (int64_t)r->w.rows_in);
    pd_json_member_i64(&w, "rows_removed", (int64_t)r->w.removed.count);
    pd_json_member_i64(&w, "removed_for_k", (int64_t)r->w.for_k);
    pd_json_member_str(&w, "replaced", r->h->id);
    pd_json_key(&w, "successor");
    if (r->has_successor)
        pd_json_str(&w, r->h->is_original ? r->version : r->distribution);
    else
        pd_json_null(&w);
    pd_json_object_end(&w);
    act->details[0].name = "erasure";
    return pd_json_finish(&w, r->e->arena, &act->details[0].json, err);
}

static enum pd_status commit(struct govern *g, struct replacing *r, struct govern_erased *out,
                             struct pd_error *err) {
    struct erasing *e = r->e;
    struct act act = {.verb = LEDGER_DELETE,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .is_disclosed = is_public(r->h),
                      .party = e->holder.party,
                      .member = e->holder.member_id,
                      .has_object = true,
                      .object_kind =
                          is_public(r->h) ? LEDGER_KIND_DISTRIBUTION : LEDGER_KIND_VERSION,
                      .effect = save,
                      .context = r,
                      .has_version_hash = r->has_successor,
                      .version_hash = is_public(r->h) ? r->w.content : r->w.file.address};
    struct govern_outcome *outcome = pd_arena_alloc(e->arena, sizeof(*outcome));
    struct law_case law;
    pd_str pending = {0};
    if (!outcome)
        return pd_fail_memory(err);
    if (!pd_id_parse(is_public(r->h) ? r->h->id : r->h->version, &act.object_id))
        return pd_fail(err, PD_INTERNAL, "a version has no id");
    enum pd_status st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    r->version = govern_id_text(crypto_id(act.at), e->arena);
    r->distribution = govern_id_text(crypto_id(act.at), e->arena);
    r->released_as = pd_arena_printf(e->arena, "open/%.*s.csv", pd_arg(r->distribution));
    st = erase_judge(g, &e->holder.law, e->holder.member_id, r->h->version, e->facts, e->fact_count,
                     act.at, e->arena, &law, &act.finding, err);
    if (st == PD_OK)
        st = erase_check(act.finding, e->arena, err);
    if (st == PD_OK)
        st = write_detail(r, &act, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_MEMBER, e->holder.member_id, e->arena, err);
    if (st != PD_OK)
        return st;
    act.law = &law;
    act.facts_hash = act_facts_hash(law.facts, law.fact_count);
    st = act_commit(g, &act, e->arena, &pending, err);
    if (st != PD_OK)
        return st;
    *outcome = (struct govern_outcome){.result = GOVERN_DONE,
                                       .act_id = act.id,
                                       .receipt = act.receipt,
                                       .finding = act.finding,
                                       .clocks = act.clocks,
                                       .clock_count = act.clock_count,
                                       .pending = pending};
    *out = (struct govern_erased){
        .old_id = r->h->id,
        .new_id = !r->has_successor   ? PD_STR("")
                  : r->h->is_original ? r->version
                                      : r->distribution,
        .title = r->h->title,
        .released_as = r->has_successor && is_public(r->h) ? r->released_as : PD_STR(""),
        .why = r->has_successor ? PD_STR("") : r->release.why,
        .rows_removed = r->w.removed.count,
        .for_k = r->w.for_k,
        .rows_left = r->w.after->inspection->rows,
        .outcome = outcome};
    return integrate_placed(g, act.id, e->arena, &outcome->placed, err);
}

static enum pd_status replace(struct govern *g, struct erasing *e, struct erase_holding *h,
                              bool is_last, struct govern_erased *out, struct pd_error *err) {
    struct replacing r = {.e = e, .h = h, .is_last = is_last};
    enum pd_status st = stage(g, &r, err);
    if (st == PD_OK)
        st = commit(g, &r, out, err);
    person_index_clear(&r.index);
    erase_rows_clear(&r.w.removed);
    crypto_wipe(&r.old_key, sizeof(r.old_key));
    crypto_wipe(&r.new_key, sizeof(r.new_key));
    if (st == PD_OK && !r.has_successor) { /* what was staged for it is of no use */
        st = store_vault_remove(g->store, r.w.file.address, err);
        if (st == PD_OK)
            st = store_vault_remove(g->store, r.index.file.address, err);
    }
    return st == PD_OK ? key_finish(g, err) : st;
}

enum pd_status govern_erase_agree(struct govern *g, const struct govern_destruction *agreed,
                                  struct pd_arena *arena, const struct govern_erased **out,
                                  size_t *count, struct pd_error *err) {
    struct erasing e = {0};
    struct erase_holding *holdings = NULL;
    size_t n = 0, own = 0, done = 0;
    enum pd_status st = read_request(g, agreed->id, arena, &e, err);
    if (st == PD_OK)
        st = agree(g, &e, agreed, err);
    if (st == PD_OK)
        st = erase_find(g, &e.person, e.dataset, arena, &holdings, &n, err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        own += pd_str_eq(holdings[i].party, e.request.party);
    if (st == PD_OK && own == 0)
        st = pd_fail(err, PD_NOT_FOUND, "no stored file of \"%.*s\" holds this person any more",
                     pd_arg(e.request.party));
    struct govern_erased *list = st == PD_OK ? pd_arena_array(arena, own, sizeof(*list)) : NULL;
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        if (!pd_str_eq(holdings[i].party, e.request.party))
            continue;
        st = replace(g, &e, &holdings[i], done + 1 == own, &list[done], err);
        if (st == PD_OK)
            done++;
    }
    erase_holdings_clear(holdings, n);
    for (size_t i = 0; i < e.person.count; i++)
        if (e.person.normal[i].len)
            crypto_wipe((char *)(uintptr_t)e.person.normal[i].data, e.person.normal[i].len);
    *out = list;
    *count = done;
    return st;
}
