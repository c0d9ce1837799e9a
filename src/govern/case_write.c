/* A case as JSON. */
#include "govern/govern_impl.h"

static void write_id(struct pd_json *w, const char *key, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    pd_json_member_text(w, key, text);
}

static void write_entry(const struct govern_entry *e, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_str(w, "step", e->step);
    pd_json_member_str(w, "state", e->state);
    pd_json_member_str(w, "party", e->party);
    if (e->member.len)
        pd_json_member_str(w, "member", e->member);
    pd_json_key(w, "at");
    pd_json_time(w, e->at);
    write_id(w, "act", e->act_id);
    pd_json_member_bool(w, "erased", e->is_erased);
    pd_json_member_str(w, "text", e->text);
    if (e->ground.len)
        pd_json_member_str(w, "ground", e->ground);
    if (e->appeal.len)
        pd_json_member_str(w, "appeal", e->appeal);
    pd_json_object_end(w);
}

void govern_case_write(const struct govern_raised *c, struct pd_json *w) {
    pd_json_object(w);
    write_id(w, "case", c->id);
    pd_json_member_str(w, "kind", c->kind);
    pd_json_member_str(w, "state", c->state);
    pd_json_member_bool(w, "overdue", c->is_overdue);
    pd_json_member_str(w, "party", c->party);
    pd_json_member_str(w, "responsible", c->responsible);
    pd_json_key(w, "answerable");
    pd_json_array(w);
    for (size_t i = 0; i < c->answerable_count; i++)
        pd_json_str(w, c->answerable[i]);
    pd_json_array_end(w);
    pd_json_key(w, "dataset");
    if (c->dataset.len) {
        pd_json_object(w);
        pd_json_member_str(w, "id", c->dataset);
        pd_json_key(w, "title");
        pd_json_raw(w, c->dataset_title);
        pd_json_object_end(w);
    } else {
        pd_json_null(w);
    }
    pd_json_key(w, "raised_at");
    pd_json_time(w, c->raised_at);
    write_id(w, "act", c->act_id);
    pd_json_key(w, "clocks");
    pd_json_array(w);
    for (size_t i = 0; i < c->clock_count; i++)
        govern_clock_write(&c->clocks[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "thread");
    pd_json_array(w);
    for (size_t i = 0; i < c->entry_count; i++)
        write_entry(&c->entries[i], w);
    pd_json_array_end(w);
    pd_json_object_end(w);
}
