/* The finding as one JSON object of a stable shape: for machines, for the dossier, for a replay. */
#include "law/finding_impl.h"

static void write_obligation(const struct law_obligation *o, struct pd_json *w) {
    static const char *const classes[] = {[LAW_BEFORE] = "before",
                                          [LAW_EVIDENCED] = "evidenced",
                                          [LAW_AFTER] = "after",
                                          [LAW_UNKNOWN] = "unknown"};
    pd_json_object(w);
    pd_json_member_str(w, "text", o->text);
    pd_json_member_str(w, "kind", o->kind);
    pd_json_member_text(w, "class", classes[o->class_]);
    pd_json_key(w, "words");
    pd_json_array(w);
    for (size_t i = 0; i < o->argument_count; i++)
        if (o->arguments[i].key.len == 0)
            pd_json_str(w, o->arguments[i].value);
    pd_json_array_end(w);
    pd_json_key(w, "parameters");
    pd_json_object(w);
    for (size_t i = 0; i < o->argument_count; i++)
        if (o->arguments[i].key.len > 0) {
            pd_json_key_str(w, o->arguments[i].key);
            pd_json_str(w, o->arguments[i].value);
        }
    pd_json_object_end(w);
    if (o->class_ == LAW_EVIDENCED) {
        pd_json_member_str(w, "fact", o->fact);
        pd_json_member_bool(w, "discharged", o->discharged);
    }
    pd_json_member_str(w, "policy", o->policy_id);
    pd_json_object_end(w);
}

static void write_remedies(const struct law_voice *voice, struct pd_json *w) {
    pd_json_key(w, "remedies");
    pd_json_array(w);
    for (size_t i = 0; i < voice->remedy_count; i++) {
        pd_json_array(w);
        for (size_t j = 0; j < voice->remedies[i].count; j++)
            write_obligation(&voice->remedies[i].obligations[j], w);
        pd_json_array_end(w);
    }
    pd_json_array_end(w);
}

const char *law_voice_role_name(enum law_voice_role role) {
    static const char *const names[] = {[LAW_PERMITS] = "permits",
                                        [LAW_FORBIDS] = "forbids",
                                        [LAW_DUTY] = "duty",
                                        [LAW_EXEMPTS] = "exempts",
                                        [LAW_ERRS] = "errs"};
    return names[role];
}

static void write_voice(const struct law_voice *voice, struct pd_json *w) {
    static const char *const ranks[] = {
        [LAW_STATUTE] = "statute", [LAW_DELEGATED] = "delegated", [LAW_NODE] = "node"};
    pd_json_object(w);
    pd_json_member_str(w, "id", voice->id);
    pd_json_member_text(w, "role", law_voice_role_name(voice->role));
    pd_json_member_text(w, "rank", ranks[voice->rank]);
    pd_json_member_str(w, "jurisdiction", voice->jurisdiction);
    pd_json_member_str(w, "law", voice->law);
    pd_json_member_str(w, "article", voice->article);
    pd_json_key(w, "title");
    pd_json_object(w);
    pd_json_member_str(w, "en", voice->title);
    pd_json_member_str(w, "zh", voice->title_zh);
    pd_json_object_end(w);
    pd_json_member_str(w, "source", voice->source);
    pd_json_member_str(w, "verified", voice->verified);
    if (voice->exempted_by.len > 0)
        pd_json_member_str(w, "exempted_by", voice->exempted_by);
    if (voice->role == LAW_ERRS)
        pd_json_member_str(w, "message", voice->message);
    if (voice->role == LAW_FORBIDS)
        write_remedies(voice, w);
    pd_json_object_end(w);
}

static void write_missing(const struct law_missing *missing, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_str(w, "fact", missing->fact->name);
    pd_json_member_str(w, "policy", missing->policy_id);
    pd_json_key(w, "title");
    pd_json_object(w);
    pd_json_member_str(w, "en", missing->fact->title);
    pd_json_member_str(w, "zh", missing->fact->title_zh);
    pd_json_object_end(w);
    pd_json_key(w, "supplier");
    pd_json_object(w);
    pd_json_member_str(w, "en", missing->fact->supplier);
    pd_json_member_str(w, "zh", missing->fact->supplier_zh);
    pd_json_object_end(w);
    pd_json_object_end(w);
}

static void write_fact(const struct law_used_fact *used, struct pd_json *w) {
    const struct law_fact *fact = used->fact;
    pd_json_object(w);
    pd_json_member_str(w, "name", fact->name);
    pd_json_key(w, "value");
    if (fact->value.kind == LAW_BOOL)
        pd_json_bool(w, fact->value.boolean);
    else if (fact->value.kind == LAW_LONG)
        pd_json_i64(w, fact->value.number);
    else
        pd_json_str(w, fact->value.text);
    pd_json_member_text(w, "class", law_class_name(fact->class_));
    pd_json_member_str(w, "by", fact->by);
    pd_json_key(w, "at");
    pd_json_time(w, fact->at);
    if (fact->expires != 0) {
        pd_json_key(w, "expires");
        pd_json_time(w, fact->expires);
    }
    if (fact->evidence.len > 0)
        pd_json_member_str(w, "evidence", fact->evidence);
    pd_json_member_bool(w, "decisive", used->decisive);
    if (used->ignored.len > 0)
        pd_json_member_str(w, "ignored", used->ignored);
    pd_json_object_end(w);
}

void law_finding_write(const struct law_finding *finding, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_i64(w, "finding", 1);
    pd_json_member_text(w, "outcome", law_outcome_name(finding->outcome));
    pd_json_member_str(w, "reason", finding->reason);
    pd_json_key(w, "made_at");
    pd_json_time(w, finding->made_at);
    pd_json_key(w, "voices");
    pd_json_array(w);
    for (size_t i = 0; i < finding->voice_count; i++)
        write_voice(&finding->voices[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "obligations");
    pd_json_array(w);
    for (size_t i = 0; i < finding->obligation_count; i++)
        write_obligation(&finding->obligations[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "missing");
    pd_json_array(w);
    for (size_t i = 0; i < finding->missing_count; i++)
        write_missing(&finding->missing[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "facts");
    pd_json_array(w);
    for (size_t i = 0; i < finding->fact_count; i++)
        write_fact(&finding->facts[i], w);
    pd_json_array_end(w);
    pd_json_object_end(w);
}

void law_obligation_write(const struct law_obligation *o, struct pd_json *w) {
    write_obligation(o, w);
}
