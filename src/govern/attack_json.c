/* Attacks as JSON: the same shape on the command line, in the API, in records and dossiers. */
#include "govern/attack.h"

static void write_names(const char *key, const pd_str *names, size_t count, struct pd_json *w) {
    pd_json_key(w, key);
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        pd_json_str(w, names[i]);
    pd_json_array_end(w);
}

static void write_one(const struct govern_attacked *item, struct pd_json *w) {
    const struct protect_attack *a = &item->attack;
    pd_json_object(w);
    pd_json_member_text(w, "attack", protect_attack_name(a->kind));
    if (item->column.len)
        pd_json_member_str(w, "of", item->column);
    if (item->other.len)
        pd_json_member_str(w, "with", item->other);
    if (item->table.len)
        pd_json_member_str(w, "with_id", item->table);
    if (a->kind == PROTECT_ATTACK_LINKAGE)
        write_names("by", item->by, item->by_count, w);
    pd_json_member_i64(w, "attempts", (int64_t)a->attempts);
    pd_json_member_double(w, "hits", a->hits);
    pd_json_member_i64(w, "certain", (int64_t)a->certain);
    pd_json_member_double(w, "rate", a->rate);
    pd_json_member_double(w, "low", a->low);
    pd_json_member_double(w, "high", a->high);
    pd_json_member_double(w, "baseline", a->baseline);
    pd_json_member_double(w, "risk", a->risk);
    pd_json_object_end(w);
}

void govern_attacks_write(const struct govern_attacks *f, struct pd_json *w) {
    if (!f) {
        pd_json_null(w);
        return;
    }
    pd_json_array(w);
    for (size_t i = 0; i < f->count; i++)
        write_one(&f->items[i], w);
    pd_json_array_end(w);
}

void govern_attacked_write(const struct govern_attacks *f, struct pd_json *w) {
    pd_json_member_double(w, "worst", f->worst);
    write_names("known", f->known, f->known_count, w);
    write_names("sensitive", f->sensitive, f->sensitive_count, w);
    pd_json_key(w, "attacks");
    govern_attacks_write(f, w);
    write_names("notes", f->notes, f->note_count, w);
}
