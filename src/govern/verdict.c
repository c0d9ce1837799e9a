/* What makes two findings the same: the outcome, the policies that spoke, the obligations. */
#include "govern/past.h"

#include <jansson.h>
#include <stdlib.h>

/* ---- Order ---- */

int verdict_compare_said(const struct govern_said *a, const struct govern_said *b) {
    int order = pd_str_cmp(a->policy, b->policy);
    if (!order)
        order = pd_str_cmp(a->role, b->role);
    return order ? order : pd_str_cmp(a->exempted_by, b->exempted_by);
}

int verdict_compare_owed(const struct govern_owed *a, const struct govern_owed *b) {
    int order = pd_str_cmp(a->policy, b->policy);
    if (!order)
        order = pd_str_cmp(a->obligation, b->obligation);
    return order ? order : (int)a->is_discharged - (int)b->is_discharged;
}

static int by_said(const void *a, const void *b) {
    return verdict_compare_said(a, b);
}

static int by_owed(const void *a, const void *b) {
    return verdict_compare_owed(a, b);
}

static enum pd_status make(struct pd_arena *arena, size_t said, size_t owed, struct verdict *out,
                           struct pd_error *err) {
    out->said = pd_arena_array(arena, said ? said : 1, sizeof(*out->said));
    out->owed = pd_arena_array(arena, owed ? owed : 1, sizeof(*out->owed));
    out->said_count = said;
    out->owed_count = owed;
    return out->said && out->owed ? PD_OK : pd_fail_memory(err);
}

static void sort(struct verdict *v) {
    qsort(v->said, v->said_count, sizeof(*v->said), by_said);
    qsort(v->owed, v->owed_count, sizeof(*v->owed), by_owed);
}

/* ---- Of a finding, and of one on record ---- */

enum pd_status verdict_of(const struct law_finding *f, struct pd_arena *arena, struct verdict *out,
                          struct pd_error *err) {
    enum pd_status st = make(arena, f->voice_count, f->obligation_count, out, err);
    if (st != PD_OK)
        return st;
    out->outcome = pd_str_from(law_outcome_name(f->outcome));
    for (size_t i = 0; i < f->voice_count; i++)
        out->said[i] =
            (struct govern_said){.policy = f->voices[i].id,
                                 .role = pd_str_from(law_voice_role_name(f->voices[i].role)),
                                 .exempted_by = f->voices[i].exempted_by};
    for (size_t i = 0; i < f->obligation_count; i++)
        out->owed[i] = (struct govern_owed){.policy = f->obligations[i].policy_id,
                                            .obligation = f->obligations[i].text,
                                            .is_discharged = f->obligations[i].discharged};
    sort(out);
    return PD_OK;
}

static pd_str text_of(const json_t *json, const char *name) {
    const json_t *v = json_object_get(json, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : PD_STR("");
}

enum pd_status verdict_read(const json_t *finding, struct pd_arena *arena, struct verdict *out,
                            struct pd_error *err) {
    const json_t *voices = json_object_get(finding, "voices"),
                 *owed = json_object_get(finding, "obligations");
    if (json_integer_value(json_object_get(finding, "finding")) != 1 || !json_is_array(voices) ||
        !json_is_array(owed))
        return pd_fail(err, PD_INTERNAL, "what was recorded is no finding");
    enum pd_status st = make(arena, json_array_size(voices), json_array_size(owed), out, err);
    if (st != PD_OK)
        return st;
    out->outcome = text_of(finding, "outcome");
    for (size_t i = 0; i < out->said_count; i++) {
        const json_t *v = json_array_get(voices, i);
        out->said[i] = (struct govern_said){.policy = text_of(v, "id"),
                                            .role = text_of(v, "role"),
                                            .exempted_by = text_of(v, "exempted_by")};
    }
    for (size_t i = 0; i < out->owed_count; i++) {
        const json_t *o = json_array_get(owed, i);
        out->owed[i] =
            (struct govern_owed){.policy = text_of(o, "policy"),
                                 .obligation = text_of(o, "text"),
                                 .is_discharged = json_is_true(json_object_get(o, "discharged"))};
    }
    sort(out);
    return PD_OK;
}

/* ---- Comparing ---- */

static bool copy_said(struct pd_arena *arena, const struct govern_said *from, bool is_gained,
                      struct govern_said *to) {
    *to = (struct govern_said){pd_arena_str(arena, from->policy), pd_arena_str(arena, from->role),
                               pd_arena_str(arena, from->exempted_by), is_gained};
    return to->policy.data && to->role.data && to->exempted_by.data;
}

static bool copy_owed(struct pd_arena *arena, const struct govern_owed *from, bool is_gained,
                      struct govern_owed *to) {
    *to =
        (struct govern_owed){pd_arena_str(arena, from->policy),
                             pd_arena_str(arena, from->obligation), from->is_discharged, is_gained};
    return to->policy.data && to->obligation.data;
}

enum pd_status verdict_compare(const struct verdict *a, const struct verdict *b,
                               struct pd_arena *arena, struct govern_difference *out,
                               struct pd_error *err) {
    size_t said_max = a->said_count + b->said_count, owed_max = a->owed_count + b->owed_count;
    struct govern_said *said = pd_arena_array(arena, said_max ? said_max : 1, sizeof(*said));
    struct govern_owed *owed = pd_arena_array(arena, owed_max ? owed_max : 1, sizeof(*owed));
    bool ok = said && owed;
    size_t n = 0, m = 0;
    for (size_t i = 0, j = 0; ok && (i < a->said_count || j < b->said_count);) {
        int order = i == a->said_count   ? 1
                    : j == b->said_count ? -1
                                         : verdict_compare_said(&a->said[i], &b->said[j]);
        if (order)
            ok = copy_said(arena, order < 0 ? &a->said[i] : &b->said[j], order > 0, &said[n++]);
        i += order <= 0;
        j += order >= 0;
    }
    for (size_t i = 0, j = 0; ok && (i < a->owed_count || j < b->owed_count);) {
        int order = i == a->owed_count   ? 1
                    : j == b->owed_count ? -1
                                         : verdict_compare_owed(&a->owed[i], &b->owed[j]);
        if (order)
            ok = copy_owed(arena, order < 0 ? &a->owed[i] : &b->owed[j], order > 0, &owed[m++]);
        i += order <= 0;
        j += order >= 0;
    }
    *out = (struct govern_difference){.from = pd_arena_str(arena, a->outcome),
                                      .to = pd_arena_str(arena, b->outcome),
                                      .said = said,
                                      .said_count = n,
                                      .owed = owed,
                                      .owed_count = m};
    return ok && out->from.data && out->to.data ? PD_OK : pd_fail_memory(err);
}

bool verdict_is_same(const struct govern_difference *d) {
    return pd_str_eq(d->from, d->to) && d->said_count == 0 && d->owed_count == 0;
}
