/* Demands as they stand, for whom. */
#include "govern/catalogue_impl.h"
#include "govern/demand.h"
#include "govern/growing.h"

#include <stdlib.h>

static const struct sql LIST_DEMANDS = {
    .both = "SELECT id, how_often, is_sealed, key_id, sealed_text FROM demand WHERE $1 = '' OR id = $1"
            " ORDER BY id DESC LIMIT 1000"};
static const struct sql LIST_BACKERS = {
    .both = "SELECT party_id, made_at FROM demand_backing WHERE demand_id = $1 ORDER BY made_at, id"};

struct reading {
    struct govern *g;
    const struct catalogue_viewer *viewer;
    struct pd_arena *arena;
    struct growing_list demands, backers;
};

static enum pd_status take_backer(void *context, struct catalogue_row *row, bool *done,
                                  struct pd_error *err) {
    struct reading *r = context;
    struct govern_backer *b = growing_add(&r->backers, sizeof(*b), r->arena);
    (void)done;
    if (!b)
        return pd_fail_memory(err);
    *b = (struct govern_backer){catalogue_text(row, 0), store_i64(row->rows, 1)};
    return PD_OK;
}

/* Sealed until it is answered; whoever withdraws it keeps it to itself. */
static bool is_readable(const struct reading *r, const struct govern_demand *d) {
    const struct govern_raised *c = d->raised;
    bool is_answered = pd_str_is(c->state, "answered") || pd_str_is(c->state, "refused");
    return !d->is_sealed || is_answered || r->viewer->sees_all ||
           (r->viewer->party.len && (pd_str_eq(r->viewer->party, c->party) ||
                                     pd_str_eq(r->viewer->party, c->responsible)));
}

static enum pd_status open_words(struct reading *r, const struct catalogue_row *row,
                                 struct govern_demand *d, struct pd_error *err) {
    pd_str plain = PD_STR("");
    bool is_there = false;
    enum pd_status st = catalogue_unseal(r->g, store_str(row->rows, 3), "demand.text",
                                         store_str(row->rows, 4), r->arena, &plain, &is_there, err);
    d->is_erased = !is_there;
    if (st != PD_OK || !is_there)
        return st;
    d->need = pd_json_read_text(pd_json_find(plain, "need"), r->arena);
    d->purpose = pd_json_read_text(pd_json_find(plain, "purpose"), r->arena);
    return d->need.data && d->purpose.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status take_demand(void *context, struct catalogue_row *row, bool *done,
                                  struct pd_error *err) {
    struct reading *r = context;
    struct govern_demand *d = growing_add(&r->demands, sizeof(*d), r->arena);
    pd_id id = catalogue_id(row, 0);
    size_t count;
    (void)done;
    if (!d || row->failed)
        return pd_fail_memory(err);
    *d = (struct govern_demand){.how_often = catalogue_text(row, 1),
                                .is_sealed = store_i64(row->rows, 2) != 0,
                                .need = PD_STR(""),
                                .purpose = PD_STR("")};
    enum pd_status st = govern_cases(r->g, &id, r->arena, &d->raised, &count, err);
    if (st != PD_OK)
        return st;
    d->is_readable = is_readable(r, d);
    if (d->is_readable)
        st = open_words(r, row, d, err);
    if (!d->is_readable) {
        struct govern_raised *bare = pd_arena_alloc(r->arena, sizeof(*bare));
        if (!bare)
            return pd_fail_memory(err);
        *bare = *d->raised;
        bare->entries = NULL;
        bare->entry_count = 0;
        bare->dataset = bare->dataset_title = PD_STR("");
        d->raised = bare;
    }
    struct store_value values[] = {STORE_STR(store_str(row->rows, 0))};
    r->backers = (struct growing_list){NULL, 0, 0};
    if (st == PD_OK)
        st = catalogue_each(r->g, LIST_BACKERS, values, 1, r->arena, take_backer, r, err);
    d->backers = r->backers.items;
    d->backer_count = r->backers.count;
    return st;
}

static int urgency(const struct govern_demand *d) {
    if (d->raised->is_overdue)
        return 0;
    return pd_str_is(d->raised->state, "raised") || pd_str_is(d->raised->state, "escalated") ? 1 : 2;
}

static int compare(const void *a, const void *b) {
    const struct govern_demand *x = a, *y = b;
    if (urgency(x) != urgency(y))
        return urgency(x) - urgency(y);
    if (x->backer_count != y->backer_count)
        return x->backer_count > y->backer_count ? -1 : 1;
    return x->raised->raised_at > y->raised->raised_at   ? -1
           : x->raised->raised_at < y->raised->raised_at ? 1
                                                         : 0;
}

enum pd_status govern_demands(struct govern *g, const struct catalogue_viewer *viewer,
                              const pd_id *id, struct pd_arena *arena,
                              const struct govern_demand **out, size_t *count,
                              struct pd_error *err) {
    struct reading r = {.g = g, .viewer = viewer, .arena = arena};
    char text[PD_ID_TEXT_SIZE] = "";
    if (id)
        pd_id_write(*id, text);
    struct store_value values[] = {STORE_STR(pd_str_from(text))};
    enum pd_status st = catalogue_each(g, LIST_DEMANDS, values, 1, arena, take_demand, &r, err);
    if (st == PD_OK && id && r.demands.count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no demand %s (polder demand list names them)", text);
    if (st != PD_OK)
        return st;
    if (r.demands.count)
        qsort(r.demands.items, r.demands.count, sizeof(struct govern_demand), compare);
    *out = r.demands.items;
    *count = r.demands.count;
    return PD_OK;
}

/* ---- Writing ---- */

void govern_demand_write(const struct govern_demand *d, struct pd_json *w) {
    char act[PD_ID_TEXT_SIZE], id[PD_ID_TEXT_SIZE];
    const struct govern_raised *c = d->raised;
    pd_id_write(c->id, id);
    pd_id_write(c->act_id, act);
    pd_json_object(w);
    pd_json_member_text(w, "demand", id);
    pd_json_member_str(w, "state", c->state);
    pd_json_member_bool(w, "overdue", c->is_overdue);
    pd_json_member_str(w, "party", c->party);
    pd_json_member_str(w, "responsible", c->responsible);
    pd_json_key(w, "raised_at");
    pd_json_time(w, c->raised_at);
    pd_json_member_text(w, "act", act);
    pd_json_member_str(w, "how_often", d->how_often);
    pd_json_member_bool(w, "sealed", d->is_sealed);
    pd_json_member_bool(w, "readable", d->is_readable);
    pd_json_member_bool(w, "erased", d->is_erased);
    pd_json_member_str(w, "need", d->need);
    pd_json_member_str(w, "purpose", d->purpose);
    pd_json_key(w, "backers");
    pd_json_array(w);
    for (size_t i = 0; i < d->backer_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "party", d->backers[i].party);
        pd_json_key(w, "at");
        pd_json_time(w, d->backers[i].at);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "clocks");
    pd_json_array(w);
    for (size_t i = 0; i < c->clock_count; i++)
        govern_clock_write(&c->clocks[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "answers");
    pd_json_array(w);
    for (size_t i = 1; i < c->entry_count; i++) {
        const struct govern_entry *e = &c->entries[i];
        pd_json_object(w);
        pd_json_member_str(w, "step", e->step);
        pd_json_member_str(w, "party", e->party);
        pd_json_key(w, "at");
        pd_json_time(w, e->at);
        pd_json_member_str(w, "text", e->text);
        pd_json_member_str(w, "ground", e->ground);
        pd_json_member_str(w, "appeal", e->appeal);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}
