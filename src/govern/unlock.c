/* Unlock: what stands between recorded requests and their data, and what each single thing would
 * free. Every number here comes of deciding again (unlock_again.c). */
#include "govern/growing.h"
#include "govern/unlock.h"

#include <jansson.h>
#include <stdlib.h>

/* ---- What waits ---- */

/* A dataset as requests name it: a party's, by its title. What has neither is one of its own. */
struct dataset {
    pd_str party, title;
    uint64_t rows;            /* as measured last */
    struct growing_list settled; /* struct request: what took effect on it */
    size_t next;              /* of those in the same bucket; 0: none, else index + 1 */
};

/* A request, for telling which of several are about the same. */
struct request {
    pd_str verb, recipient;
    size_t dataset;
};

/* A denial or open intent. */
struct waiting {
    pd_id act;
    size_t dataset;
};

enum { BUCKETS = 1 << 14 };

struct unlock {
    struct govern *g;
    struct pd_arena *arena;
    struct govern_blocks *out;
    struct unlock_blocks blocks;
    struct growing_list datasets, waiting, passing, unread;
    size_t buckets[BUCKETS]; /* of datasets, by the hash of party and title; index + 1 */
};

/* ---- Requests ---- */

static pd_str member_of(const json_t *json, const char *name) {
    const json_t *v = json_object_get(json, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : PD_STR("");
}

/* FNV-1a; whose titles collide waits a little longer. */
static size_t bucket_of(pd_str party, pd_str title) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < party.len; i++)
        hash = (hash ^ (unsigned char)party.data[i]) * 1099511628211u;
    hash = (hash ^ 0xff) * 1099511628211u;
    for (size_t i = 0; i < title.len; i++)
        hash = (hash ^ (unsigned char)title.data[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32) % BUCKETS;
}

static enum pd_status dataset_of(struct unlock *u, pd_str party, pd_str title, size_t *out,
                                 struct pd_error *err) {
    size_t *bucket = &u->buckets[bucket_of(party, title)];
    const struct dataset *list = u->datasets.items;
    for (size_t i = *bucket; i; i = list[i - 1].next)
        if (pd_str_eq(list[i - 1].party, party) && pd_str_eq(list[i - 1].title, title)) {
            *out = i - 1;
            return PD_OK;
        }
    struct dataset *added = growing_add(&u->datasets, sizeof(*added), u->arena);
    if (!added)
        return pd_fail_memory(err);
    *added = (struct dataset){.party = pd_arena_str(u->arena, party),
                              .title = pd_arena_str(u->arena, title),
                              .next = *bucket};
    *bucket = u->datasets.count;
    *out = u->datasets.count - 1;
    return added->party.data && added->title.data ? PD_OK : pd_fail_memory(err);
}

/* What the act's request was about; content: the hash of the bytes it was about. */
static enum pd_status read_request(struct unlock *u, const struct past *past,
                                   struct pd_arena *scratch, struct request *out, pd_str *content,
                                   bool *is_open, struct pd_error *err) {
    json_t *json = NULL;
    pd_str state = PD_STR("");
    char act[PD_ID_TEXT_SIZE];
    *content = PD_STR("");
    if (past->has_intent) {
        enum pd_status st = intent_open(u->g, past->intent, scratch, &json, &state, err);
        if (st != PD_OK)
            return st;
        *content = pd_arena_str(scratch, member_of(json, "content"));
    }
    *is_open = pd_str_is(state, "open");
    pd_id_write(past->act, act);
    pd_str title = json ? member_of(json, "title") : pd_str_from(act);
    out->verb = pd_arena_str(u->arena, past->law.verb);
    out->recipient =
        pd_arena_str(u->arena, past->law.recipient ? past->law.recipient->id : PD_STR(""));
    enum pd_status st = dataset_of(u, past->party, title, &out->dataset, err);
    json_decref(json);
    return st != PD_OK || (content->data && out->verb.data && out->recipient.data)
               ? st
               : pd_fail_memory(err);
}

/* Acts are heard from the newest back: an effect settles the refusals of the same request before
 * it. */
static bool is_settled(const struct unlock *u, const struct request *r) {
    const struct growing_list *settled =
        &((const struct dataset *)u->datasets.items)[r->dataset].settled;
    const struct request *done = settled->items;
    for (size_t i = 0; i < settled->count; i++)
        if (pd_str_eq(done[i].verb, r->verb) && pd_str_eq(done[i].recipient, r->recipient))
            return true;
    return false;
}

static enum pd_status settle(struct unlock *u, const struct request *r, struct pd_error *err) {
    struct dataset *d = (struct dataset *)u->datasets.items + r->dataset;
    struct request *done = growing_add(&d->settled, sizeof(*done), u->arena);
    if (!done)
        return pd_fail_memory(err);
    *done = *r;
    return PD_OK;
}

/* ---- Hearing the acts ---- */

static enum pd_status set_aside(struct unlock *u, const struct past *past,
                                enum govern_unread unread, pd_str why, struct pd_error *err) {
    struct govern_unread_act *a = growing_add(&u->unread, sizeof(*a), u->arena);
    if (!a)
        return pd_fail_memory(err);
    *a = (struct govern_unread_act){.act = past->act,
                                    .verb = pd_arena_str(u->arena, past->verb),
                                    .why = pd_arena_str(u->arena, why),
                                    .unread = unread};
    return a->verb.data && a->why.data ? PD_OK : pd_fail_memory(err);
}

static uint64_t rows_of(const struct law_case *c) {
    for (size_t i = 0; i < c->fact_count; i++)
        if (pd_str_is(c->facts[i].name, "rows") && c->facts[i].class_ == LAW_MEASURED &&
            c->facts[i].value.kind == LAW_LONG && c->facts[i].value.number > 0)
            return (uint64_t)c->facts[i].value.number;
    return 0;
}

static enum pd_status add_waiting(struct unlock *u, const struct past *past, size_t dataset,
                                  size_t *index, struct pd_error *err) {
    struct waiting *w = growing_add(&u->waiting, sizeof(*w), u->arena);
    if (!w)
        return pd_fail_memory(err);
    *w = (struct waiting){past->act, dataset};
    *index = u->waiting.count - 1;
    struct dataset *d = (struct dataset *)u->datasets.items + dataset;
    d->rows = d->rows ? d->rows : rows_of(&past->law);
    return PD_OK;
}

static enum pd_status visit(void *context, const struct past *past, struct pd_arena *scratch,
                            struct pd_error *err) {
    struct unlock *u = context;
    bool is_denial = pd_str_is(past->verb, ledger_verb_name(LEDGER_DENY));
    bool is_intent = pd_str_is(past->verb, ledger_verb_name(LEDGER_INTEND));
    /* Acts of governing about an intent, such as an attestation, settle nothing. */
    bool is_effect = past->has_intent && pd_str_eq(past->verb, past->law.verb) &&
                     !pd_str_is(past->law.resource_type, "Intent");
    if (past->unread != GOVERN_READ)
        return is_denial || is_intent ? set_aside(u, past, past->unread, past->why, err) : PD_OK;
    if (!is_denial && !is_intent && !is_effect)
        return PD_OK;
    struct request request;
    pd_str content;
    bool is_open;
    size_t index = 0;
    struct pd_error why = {0};
    enum pd_status st = read_request(u, past, scratch, &request, &content, &is_open, &why);
    if (st == PD_NOT_FOUND || st == PD_INTERNAL)
        return is_effect ? PD_OK
                         : set_aside(u, past, st == PD_NOT_FOUND ? GOVERN_ERASED : GOVERN_DAMAGED,
                                     pd_str_from(why.text), err);
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    if (is_effect)
        return is_settled(u, &request) ? PD_OK : settle(u, &request, err);
    if ((is_intent && !is_open) || is_settled(u, &request))
        return PD_OK;
    u->out->denials += is_denial;
    u->out->intents += is_intent;
    st = add_waiting(u, past, request.dataset, &index, err);
    bool is_free = false;
    if (st == PD_OK)
        st = unlock_hear(&u->blocks, past, is_intent, content, index, scratch, &is_free, err);
    if (st == PD_OK && is_free && !unlock_add(&u->passing, index, u->arena))
        st = pd_fail_memory(err);
    return st;
}

/* ---- The answer ---- */

static enum pd_status measure(const struct unlock *u, const struct growing_list *cases,
                              struct govern_extent *out, struct pd_error *err) {
    struct pd_mark mark = pd_arena_mark(u->arena);
    const struct waiting *waiting = u->waiting.items;
    const struct dataset *datasets = u->datasets.items;
    const size_t *indices = cases->items;
    bool *seen = pd_arena_array(u->arena, u->datasets.count + 1, sizeof(*seen));
    if (!seen)
        return pd_fail_memory(err);
    *out = (struct govern_extent){.cases = cases->count};
    for (size_t i = 0; i < cases->count; i++) {
        size_t d = waiting[indices[i]].dataset;
        if (seen[d])
            continue;
        seen[d] = true;
        out->datasets++;
        out->rows += datasets[d].rows;
    }
    pd_arena_reset(u->arena, mark);
    return PD_OK;
}

static pd_str value_text(const struct law_scalar *value, struct pd_arena *arena) {
    if (value->kind == LAW_BOOL)
        return value->boolean ? PD_STR("true") : PD_STR("false");
    if (value->kind == LAW_LONG)
        return pd_arena_printf(arena, "%lld", (long long)value->number);
    return value->text;
}

static enum pd_status finish_block(const struct unlock *u, const struct unlock_block *b,
                                   struct govern_block *out, struct pd_error *err) {
    const struct waiting *waiting = u->waiting.items;
    const struct unlock_supply *best = NULL, *list = b->supplies.items;
    for (size_t i = 0; i < b->supplies.count; i++)
        if (!best || list[i].cases.count > best->cases.count)
            best = &list[i];
    const size_t *cases = b->cases.items, *freed = best ? best->cases.items : NULL;
    pd_id *acts = pd_arena_array(u->arena, b->cases.count, sizeof(*acts));
    bool *is_unlocked = pd_arena_array(u->arena, b->cases.count, sizeof(*is_unlocked));
    if (!acts || !is_unlocked)
        return pd_fail_memory(err);
    for (size_t i = 0, j = 0; i < b->cases.count; i++) { /* both in the order of hearing */
        acts[i] = waiting[cases[i]].act;
        is_unlocked[i] = best && j < best->cases.count && freed[j] == cases[i];
        j += is_unlocked[i];
    }
    *out = (struct govern_block){.kind = b->kind,
                                 .name = b->name,
                                 .value = b->kind == GOVERN_BY_FACT && best
                                              ? value_text(&best->value, u->arena)
                                              : PD_STR(""),
                                 .fact = b->fact,
                                 .article = b->article,
                                 .policies = b->policies.items,
                                 .policy_count = b->policies.count,
                                 .acts = acts,
                                 .is_unlocked = is_unlocked};
    enum pd_status st = measure(u, &b->cases, &out->blocked, err);
    return st == PD_OK && best ? measure(u, &best->cases, &out->unlocked, err) : st;
}

static int by_use(const void *a, const void *b) {
    const struct govern_block *x = a, *y = b;
    if (x->unlocked.cases != y->unlocked.cases)
        return x->unlocked.cases > y->unlocked.cases ? -1 : 1;
    if (x->blocked.cases != y->blocked.cases)
        return x->blocked.cases > y->blocked.cases ? -1 : 1;
    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    return pd_str_cmp(x->name, y->name);
}

static enum pd_status finish(struct unlock *u, struct pd_error *err) {
    struct growing_list all = {0};
    struct govern_block *blocks =
        pd_arena_array(u->arena, u->blocks.list.count ? u->blocks.list.count : 1, sizeof(*blocks));
    if (!blocks)
        return pd_fail_memory(err);
    for (size_t i = 0; i < u->waiting.count; i++)
        if (!unlock_add(&all, i, u->arena))
            return pd_fail_memory(err);
    enum pd_status st = measure(u, &all, &u->out->waiting, err);
    if (st == PD_OK)
        st = measure(u, &u->passing, &u->out->passing, err);
    for (size_t i = 0; i < u->blocks.list.count && st == PD_OK; i++)
        st = finish_block(u, (struct unlock_block *)u->blocks.list.items + i, &blocks[i], err);
    qsort(blocks, u->blocks.list.count, sizeof(*blocks), by_use);
    u->out->blocks = blocks;
    u->out->block_count = u->blocks.list.count;
    u->out->unread = u->unread.items;
    u->out->unread_count = u->unread.count;
    return st;
}

enum pd_status govern_unlock(struct govern *g, struct pd_arena *arena,
                             const struct govern_blocks **out, struct pd_error *err) {
    return g->writer ? unlock_kept_find(writer_unlock(g->writer), g, false, arena, out, err)
                     : unlock_find(g, arena, out, err);
}

enum pd_status govern_unlock_lately(struct govern *g, struct pd_arena *arena,
                                    const struct govern_blocks **out, struct pd_error *err) {
    return g->writer ? unlock_kept_find(writer_unlock(g->writer), g, true, arena, out, err)
                     : unlock_find(g, arena, out, err);
}

enum pd_status govern_unlock_renew(struct govern *g, int64_t *took_us, struct pd_error *err) {
    return unlock_kept_renew(writer_unlock(g->writer), g, took_us, err);
}

enum pd_status unlock_find(struct govern *g, struct pd_arena *arena,
                           const struct govern_blocks **out, struct pd_error *err) {
    struct unlock *u = pd_arena_alloc(arena, sizeof(*u));
    struct govern_blocks *blocks = pd_arena_alloc(arena, sizeof(*blocks));
    if (!u || !blocks)
        return pd_fail_memory(err);
    u->g = g;
    u->arena = arena;
    u->blocks = (struct unlock_blocks){g, arena, pd_clock_now(&g->clock), {0}};
    u->out = blocks;
    blocks->at = u->blocks.now;
    enum pd_status st = past_each(g, PAST_REQUESTS, visit, u, err);
    if (st == PD_OK)
        st = finish(u, err);
    if (st == PD_OK)
        *out = blocks;
    return st;
}
