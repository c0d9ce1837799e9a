/*
 * Intents: whom an open one waits for, and for what. That stands in the finding that was recorded with it; what was attested since
 * is taken off the list. An intent is seen by its party, and by whoever can give something that it waits for.
 */
#include "govern/catalogue_impl.h"

enum { LOOKED_THROUGH = 200, WAITS_MAX = 24 }; /* intents of one page; waits of an intent */

#define COLUMNS                                                                                    \
    "SELECT i.id, i.verb, i.party_id, i.state, i.created_at, i.key_id, i.sealed_request, a.key_id, a.sealed_record," \
    " COALESCE((SELECT c.dataset_id FROM act b JOIN catalogue_act c ON c.act_id = b.id WHERE b.intent_id = i.id"     \
    " AND c.dataset_id IS NOT NULL LIMIT 1), ''), p.kind, p.chamber, p.country FROM "
/* The finding is that of its first act. */
#define JOINED                                                                                     \
    " i JOIN party p ON p.id = i.party_id"                                                          \
    " JOIN act a ON a.id = (SELECT MIN(f.id) FROM act f WHERE f.intent_id = i.id)"
static const struct sql FIND = {.both = COLUMNS "intent" JOINED " WHERE i.id = $1"};

/* Which ones are to be looked at. What is sealed in them is fetched one by one, as far as the page needs it. */
#define IDS(of)                                                                                    \
    "SELECT id FROM intent WHERE " of " AND id < $2 AND ($3 = '' OR state = $3) ORDER BY id DESC LIMIT $4"
static const struct sql LIST = {
    .both = "SELECT id FROM (SELECT id FROM (" IDS("party_id = $1") ") own UNION ALL SELECT id FROM ("
            IDS("state = 'open' AND party_id <> $1") ") others) u ORDER BY id DESC LIMIT $4"};
static const struct sql LIST_ALL = {.both = IDS("$1 <> ''")};

struct listing {
    struct govern *g;
    const struct catalogue_viewer *viewer;
    struct law_party party; /* the viewer's, as the registry sees it; without an id: nobody */
    bool only_waiting;
    struct catalogue_intent *items;
    size_t count, limit;
    pd_str ids[LOOKED_THROUGH + 1];
    size_t id_count;
};

/* ---- What it waits for ---- */

static const struct sql IS_ATTESTED = {
    .both = "SELECT COUNT(*) FROM fact WHERE intent_id = $1 AND name = $2 AND (expires_at = 0 OR expires_at > $3)"};

static enum pd_status take_count(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    (void)err;
    *(int64_t *)context = store_i64(row->rows, 0);
    *done = true;
    return PD_OK;
}

struct waiting {
    struct listing *l;
    struct pd_arena *arena;
    struct catalogue_intent *intent;
    struct catalogue_wait *list;
    size_t count;
};

/* The viewer's party may give the fact: for its own intent it may declare, else as the registry lets it attest. */
static bool may_give(const struct waiting *w, const struct law_fact_kind *kind) {
    const struct law_party *party = &w->l->party;
    if (w->l->viewer->sees_all || !party->id.len || !kind)
        return false;
    bool is_own = pd_str_eq(party->id, w->intent->party);
    return (is_own && (kind->accepts >> LAW_DECLARED & 1)) ||
           attest_may(kind, party, w->intent->party, w->intent->recipient);
}

static enum pd_status add_wait(struct waiting *w, enum catalogue_wait_kind kind, pd_str fact,
                               pd_str obligation, pd_str policy, struct pd_error *err) {
    int64_t attested = 0;
    if (w->count == WAITS_MAX)
        return PD_OK;
    for (size_t i = 0; i < w->count; i++)
        if (fact.len && pd_str_eq(w->list[i].fact, fact))
            return PD_OK;
    struct store_value values[] = {STORE_STR(govern_id_text(w->intent->id, w->arena)), STORE_STR(fact),
                                   STORE_I64(pd_clock_now(&w->l->g->clock))};
    enum pd_status st =
        fact.len ? catalogue_each(w->l->g, IS_ATTESTED, values, 3, w->arena, take_count, &attested, err) : PD_OK;
    if (st != PD_OK || attested)
        return st;
    const struct law_fact_kind *about = fact.len ? law_rules_fact(w->l->g->rules, fact) : NULL;
    struct catalogue_wait *wait = &w->list[w->count++];
    *wait = (struct catalogue_wait){.kind = kind,
                                    .fact = fact,
                                    .obligation = obligation,
                                    .policy = policy,
                                    .is_viewers = may_give(w, about)};
    if (about) {
        wait->title = about->title;
        wait->title_zh = about->title_zh;
        wait->supplier = about->supplier;
        wait->supplier_zh = about->supplier_zh;
    }
    return PD_OK;
}

static pd_str text_at(pd_str object, const char *name, struct pd_arena *arena) {
    pd_str text = pd_json_read_text(pd_json_find(object, name), arena);
    return text.data ? text : PD_STR("");
}

static enum pd_status read_finding(struct waiting *w, pd_str finding, struct pd_error *err) {
    pd_str missing = pd_json_find(finding, "missing"),
           obligations = pd_json_find(finding, "obligations"), none, item;
    enum pd_status st = PD_OK;
    while (st == PD_OK && pd_json_next(&missing, &none, &item))
        st = add_wait(w, CATALOGUE_WAIT_FACT, text_at(item, "fact", w->arena), PD_STR(""),
                      text_at(item, "policy", w->arena), err);
    while (st == PD_OK && pd_json_next(&obligations, &none, &item))
        if (pd_str_is(text_at(item, "class", w->arena), "evidenced") &&
            pd_str_is(pd_json_find(item, "discharged"), "false"))
            st = add_wait(w, CATALOGUE_WAIT_EVIDENCE, text_at(item, "fact", w->arena),
                          text_at(item, "text", w->arena), text_at(item, "policy", w->arena), err);
    return st;
}

/* A plan that was found waits for nothing but its steward's signature. */
static enum pd_status read_waits(struct waiting *w, pd_str record, struct pd_error *err) {
    pd_str finding = pd_json_find(record, "finding"), plan = pd_json_find(record, "plan");
    w->intent->reason = text_at(finding, "reason", w->arena);
    if (!pd_str_is(w->intent->state, "open"))
        return PD_OK;
    w->list = pd_arena_array(w->arena, WAITS_MAX, sizeof(*w->list));
    if (!w->list)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    if (plan.len && !pd_str_is(plan, "null")) {
        w->list[w->count++] = (struct catalogue_wait){
            .kind = CATALOGUE_WAIT_SIGNATURE,
            .fact = PD_STR(""),
            .obligation = PD_STR(""),
            .policy = PD_STR(""),
            .title = PD_STR("the signature of a steward under the plan"),
            .title_zh = PD_STR("数据管理员对方案的签字"),
            .supplier = PD_STR("a steward of the party that asks"),
            .supplier_zh = PD_STR("申请主体的数据管理员"),
            .is_viewers = w->l->party.id.len && pd_str_eq(w->l->party.id, w->intent->party)};
    } else {
        st = read_finding(w, finding, err);
    }
    w->intent->waits = w->list;
    w->intent->wait_count = w->count;
    return st;
}

/* ---- An intent ---- */

static void read_request(struct catalogue_intent *i, pd_str request, struct pd_arena *arena) {
    i->member = i->is_own ? text_at(request, "member", arena) : PD_STR("");
    i->title = text_at(request, "title", arena);
    i->language = text_at(request, "language", arena);
    i->purpose = text_at(request, "purpose", arena);
    i->recipient = text_at(request, "recipient", arena);
}

static bool waits_for_viewer(const struct catalogue_intent *i) {
    for (size_t n = 0; n < i->wait_count; n++)
        if (i->waits[n].is_viewers)
            return true;
    return false;
}

static enum pd_status take_intent(void *context, struct catalogue_row *row, bool *done,
                                  struct pd_error *err) {
    struct listing *l = context;
    pd_str plain;
    bool is_there;
    struct catalogue_intent *i = &l->items[l->count];
    *done = true;
    *i = (struct catalogue_intent){.id = catalogue_id(row, 0),
                                   .verb = catalogue_text(row, 1),
                                   .party = catalogue_text(row, 2),
                                   .state = catalogue_text(row, 3),
                                   .created_at = store_i64(row->rows, 4),
                                   .dataset = catalogue_text(row, 9),
                                   .reason = PD_STR("")};
    i->is_own = l->viewer->sees_all || (l->viewer->party.len && pd_str_eq(l->viewer->party, i->party));
    enum pd_status st = catalogue_unseal(l->g, store_str(row->rows, 5), "intent.request",
                                         store_str(row->rows, 6), row->arena, &plain, &is_there, err);
    if (st == PD_OK)
        read_request(i, plain, row->arena);
    if (st == PD_OK)
        st = catalogue_unseal(l->g, store_str(row->rows, 7), "act.record", store_str(row->rows, 8),
                              row->arena, &plain, &is_there, err);
    struct waiting waiting = {.l = l, .arena = row->arena, .intent = i};
    if (st == PD_OK)
        st = read_waits(&waiting, plain, err);
    if (st == PD_OK && (l->only_waiting || !i->is_own) && !waits_for_viewer(i))
        return PD_OK; /* its place is the next one's */
    l->count += st == PD_OK;
    return st;
}

/* ---- Reading ---- */

static const struct sql FIND_PARTY = {
    .both = "SELECT id, kind, chamber, country FROM party WHERE id = $1"};

static enum pd_status take_party(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    (void)err;
    *(struct law_party *)context = (struct law_party){.id = catalogue_text(row, 0),
                                                      .kind = catalogue_text(row, 1),
                                                      .chamber = catalogue_text(row, 2),
                                                      .country = catalogue_text(row, 3)};
    *done = true;
    return PD_OK;
}

static enum pd_status find_viewer(struct listing *l, struct pd_arena *arena, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(l->viewer->party)};
    return l->viewer->party.len
               ? catalogue_each(l->g, FIND_PARTY, values, 1, arena, take_party, &l->party, err)
               : PD_OK;
}

static enum pd_status check_state(pd_str state, struct pd_error *err) {
    return !state.len || pd_str_is(state, "open") || pd_str_is(state, "done") || pd_str_is(state, "denied")
               ? PD_OK
               : pd_fail(err, PD_USAGE, "an intent is open, done or denied; never \"%.*s\"",
                         pd_arg(pd_str_sub(state, 0, 80)));
}

static enum pd_status take_id(void *context, struct catalogue_row *row, bool *done,
                              struct pd_error *err) {
    struct listing *l = context;
    (void)err;
    l->ids[l->id_count++] = catalogue_text(row, 0);
    *done = l->id_count == sizeof(l->ids) / sizeof(*l->ids);
    return PD_OK;
}

static enum pd_status read_intent(struct listing *l, pd_str id, struct pd_arena *arena,
                                  struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    return catalogue_each(l->g, FIND, values, 1, arena, take_intent, l, err);
}

enum pd_status catalogue_intents(struct govern *g, const struct catalogue_viewer *viewer,
                                 const struct catalogue_intents_query *query,
                                 struct pd_arena *arena, struct catalogue_intents *out,
                                 struct pd_error *err) {
    pd_str after, state = query->only_waiting_for_viewer ? PD_STR("open") : query->state;
    struct listing *l = pd_arena_alloc(arena, sizeof(*l));
    if (!l)
        return pd_fail_memory(err);
    *l = (struct listing){.g = g, .viewer = viewer, .only_waiting = query->only_waiting_for_viewer};
    *out = (struct catalogue_intents){.next = PD_STR("")};
    enum pd_status st = catalogue_page_begin(&query->page, &after, &l->limit, err);
    if (st == PD_OK)
        st = check_state(query->state, err);
    if (st != PD_OK || (!viewer->sees_all && !viewer->party.len))
        return st;
    struct store_value values[] = {STORE_STR(catalogue_viewer_name(viewer)), STORE_STR(after),
                                   STORE_STR(state), STORE_I64(LOOKED_THROUGH + 1)};
    st = find_viewer(l, arena, err);
    l->items = st == PD_OK ? pd_arena_array(arena, l->limit, sizeof(*l->items)) : NULL;
    if (st == PD_OK && !l->items)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = catalogue_each(g, viewer->sees_all ? LIST_ALL : LIST, values, 4, arena, take_id, l, err);
    size_t at = 0;
    for (; st == PD_OK && at < l->id_count && at < LOOKED_THROUGH && l->count < l->limit; at++)
        st = read_intent(l, l->ids[at], arena, err);
    if (st == PD_OK)
        *out = (struct catalogue_intents){l->items, l->count,
                                          at < l->id_count ? l->ids[at - 1] : PD_STR("")};
    return st;
}

enum pd_status catalogue_intent_find(struct govern *g, const struct catalogue_viewer *viewer, pd_id id,
                                     struct pd_arena *arena, struct catalogue_intent *out,
                                     struct pd_error *err) {
    pd_str text = govern_id_text(id, arena);
    struct catalogue_intent *found = pd_arena_alloc(arena, sizeof(*found));
    struct listing *l = pd_arena_alloc(arena, sizeof(*l));
    if (!text.data || !found || !l)
        return pd_fail_memory(err);
    *l = (struct listing){.g = g, .viewer = viewer, .items = found, .limit = 1};
    enum pd_status st = find_viewer(l, arena, err);
    if (st == PD_OK)
        st = read_intent(l, text, arena, err);
    if (st == PD_OK && l->count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no intent %.*s here", pd_arg(text));
    if (st == PD_OK)
        *out = *found;
    return st;
}
