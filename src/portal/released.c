/* How what was released was protected: the plan that an act recorded, what it cost, what it protects from. */
#include "portal/plan.h"
#include "portal/protection.h"

#include <jansson.h>
#include <stdlib.h>

/* The record of the newest act with a plan, as the viewer may see it; PD_NOT_FOUND: there is none. */
static enum pd_status read_record(struct page *page, pd_id dataset, json_t **act, struct pd_error *err) {
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_act found;
    enum pd_status st = catalogue_act_of(page->call->g, &viewer, dataset, page->arena, &found, err);
    return st == PD_OK ? pages_read_act(page, found.id, act, err) : st;
}

/* The names of all columns, as the costs have them. */
static pd_str *names_of(struct page *page, const json_t *losses) {
    pd_str *names = pd_arena_array(page->arena, json_array_size(losses) + 1, sizeof(*names));
    size_t i;
    json_t *loss;
    json_array_foreach(losses, i, loss) {
        const char *name = json_string_value(json_object_get(loss, "column"));
        if (names)
            names[i] = pd_arena_str(page->arena, pd_str_from(name ? name : ""));
    }
    return names;
}

static enum pd_status put_steps(struct page *page, struct template_value *map, const json_t *plan,
                                const json_t *losses, struct pd_error *err) {
    const struct protect_plan *parsed;
    char *text = json_dumps(plan, JSON_COMPACT);
    pd_str *names = names_of(page, losses);
    enum pd_status st = !text || !names ? pd_fail_memory(err)
                                        : protect_plan_parse(pd_str_from(text), names, json_array_size(losses),
                                                             page->arena, &parsed, err);
    free(text);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, map, "steps");
    for (size_t i = 0; i < parsed->step_count; i++) {
        struct template_value *step = template_push_map(&page->maker, list);
        template_put_str(&page->maker, step, "column", names[parsed->steps[i].column]);
        template_put_str(&page->maker, step, "what", plan_step_words(page, &parsed->steps[i]));
    }
    template_put_bool(&page->maker, map, "has_steps", parsed->step_count > 0);
    if (parsed->k)
        page_put_number(page, map, "k", parsed->k);
    return PD_OK;
}

enum pd_status pages_put_released(struct page *page, pd_id dataset, struct pd_error *err) {
    json_t *act = NULL;
    char id[PD_ID_TEXT_SIZE];
    struct pd_error why = {0};
    enum pd_status st = read_record(page, dataset, &act, &why);
    if (st != PD_OK)
        return st == PD_NOT_FOUND ? PD_OK : pd_fail(err, st, "%s", why.text);
    const json_t *record = json_object_get(act, "record"), *plan = json_object_get(record, "plan");
    const json_t *losses = json_object_get(json_object_get(record, "cost"), "losses");
    if (json_is_object(plan) && json_array_size(losses) > 0) {
        struct template_value *map = template_put_map(&page->maker, page->values, "protection");
        json_t *given = protection_of(record);
        pd_id_write(dataset, id);
        pages_put_protection(page, map, given, pd_arena_printf(page->arena, "/%s/datasets/%s/plan", page->language, id));
        st = put_steps(page, map, plan, losses, err);
        json_decref(given);
    }
    json_decref(act);
    return st;
}

void portal_get_protection(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct pages_table table;
    json_t *act = NULL;
    pd_id id;
    if (!page_begin(&page, call, "") || !page_id(&page, "id", &id))
        return;
    if (read_record(&page, id, &act, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    json_t *given = protection_of(json_object_get(act, "record"));
    if (protection_table(&page, given, http_param(call->request, "file"), &table))
        pages_send_table(&page, &table);
    else
        portal_refuse(call, 404, "");
    json_decref(given);
    json_decref(act);
}
