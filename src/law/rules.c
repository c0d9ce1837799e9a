/* From files to rules that decide: packs are read in the order of their paths, their policies
   checked against the registry and the thresholds, exemptions put in order, and everything indexed
   and compiled. */
#include "law/finding_impl.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 4096, PATH_MAX_BYTES = 512 };

struct loader {
    struct law_rules *rules;
    const struct law_file **files; /* by path */
    size_t file_count;
    const struct law_file *schema; /* or NULL */
    unsigned level;
    bool is_reopened;
    struct law_complaints *complaints; /* NULL: the first error is the last */
    bool is_cut;                       /* what other files are judged by could not be read */
    bool is_parsed;                    /* every policy could be */
    struct pd_error *err;
};

/** Goes on behind a refusal of something in the file, where that is wanted. */
static enum pd_status go_on(const struct loader *l, pd_str path, enum pd_status st) {
    return law_complain(l->complaints, path, st, l->err);
}

static pd_str folder_of(pd_str path) {
    size_t at = path.len;
    while (at > 0 && path.data[at - 1] != '/')
        at--;
    return pd_str_sub(path, 0, at > 0 ? at - 1 : 0);
}

static pd_str base_of(pd_str path) {
    pd_str folder = folder_of(path);
    size_t at = folder.len > 0 ? folder.len + 1 : 0;
    return pd_str_sub(path, at, path.len - at);
}

static int compare_paths(const void *a, const void *b) {
    return pd_str_cmp((*(const struct law_file *const *)a)->path,
                      (*(const struct law_file *const *)b)->path);
}

static enum pd_status sort_files(struct loader *l, const struct law_file *files, size_t count) {
    if (count > FILES_MAX)
        return pd_fail(l->err, PD_LIMIT, "%zu files of rules; at most %d", count, FILES_MAX);
    l->files = pd_arena_array(l->rules->arena, count, sizeof(struct law_file *));
    l->rules->packs = pd_arena_array(l->rules->arena, count, sizeof(*l->rules->packs));
    l->rules->calendars = pd_arena_array(l->rules->arena, count, sizeof(*l->rules->calendars));
    if (l->files == NULL || l->rules->packs == NULL || l->rules->calendars == NULL)
        return pd_fail_memory(l->err);
    l->file_count = count;
    for (size_t i = 0; i < count; i++) {
        if (files[i].path.len == 0 || files[i].path.len > PATH_MAX_BYTES)
            return pd_fail(l->err, PD_INVALID, "a path of rules has 1 to %d bytes", PATH_MAX_BYTES);
        l->files[i] = &files[i];
    }
    qsort(l->files, count, sizeof(struct law_file *), compare_paths);
    for (size_t i = 1; i < count; i++)
        if (pd_str_eq(l->files[i - 1]->path, l->files[i]->path))
            return pd_fail(l->err, PD_INVALID, "%.*s: given twice", pd_arg(l->files[i]->path));
    return PD_OK;
}

static const struct law_pack *manifest_find(const struct loader *l, pd_str path) {
    return law_rules_pack(l->rules, folder_of(path));
}

/* ---- Which file is what ---- */

enum role {
    ROLE_NONE,
    ROLE_REGISTRY,
    ROLE_MANIFEST,
    ROLE_THRESHOLDS,
    ROLE_CALENDAR,
    ROLE_SCHEMA,
    ROLE_POLICIES,
    ROLE_STRANGE
};

static enum role role_of(pd_str path) {
    pd_str base = base_of(path);
    bool in_folder = folder_of(path).len > 0;
    if (pd_str_is(path, "facts.json"))
        return ROLE_REGISTRY;
    if (pd_str_is(path, "polder.cedarschema"))
        return ROLE_SCHEMA;
    if (pd_str_is(folder_of(path), "calendars") && pd_str_ends(base, PD_STR(".json")))
        return ROLE_CALENDAR;
    if (in_folder && pd_str_is(base, "manifest.json"))
        return ROLE_MANIFEST;
    if (in_folder && pd_str_is(base, "thresholds.json"))
        return ROLE_THRESHOLDS;
    if (in_folder && pd_str_ends(base, PD_STR(".cedar")))
        return ROLE_POLICIES;
    /* The charter says who makes the rules; what it says is for council/. */
    if (in_folder && (pd_str_is(base, "charter.json") || pd_str_is(folder_of(path), "charters")))
        return ROLE_NONE;
    if (pd_str_ends(base, PD_STR(".md")) || pd_str_ends(base, PD_STR(".cedarschema")))
        return ROLE_NONE;
    return ROLE_STRANGE;
}

static enum pd_status load_thresholds(struct loader *l, const struct law_file *file) {
    const struct law_pack *manifest = manifest_find(l, file->path);
    if (manifest == NULL || manifest->rank != LAW_NODE)
        return pd_fail(l->err, PD_INVALID, "%.*s: thresholds stand beside a manifest of rank node",
                       pd_arg(file->path));
    if (l->rules->thresholds != NULL)
        return pd_fail(l->err, PD_INVALID, "%.*s: a second file of thresholds", pd_arg(file->path));
    return law_thresholds_load(l->rules, file->path, file->text, l->err);
}

/* The file is named after the jurisdiction, so that there is one calendar for each. */
static enum pd_status load_calendar(struct loader *l, const struct law_file *file) {
    struct law_rules *rules = l->rules;
    const struct law_calendar *calendar = NULL;
    pd_str base = base_of(file->path);
    enum pd_status st = law_calendar_parse(file->path, file->text, rules->arena, &calendar, l->err);
    if (st != PD_OK)
        return st;
    pd_str jurisdiction = law_calendar_jurisdiction(calendar);
    if (!pd_str_eq(jurisdiction, pd_str_sub(base, 0, base.len - strlen(".json"))))
        return pd_fail(l->err, PD_INVALID,
                       "%.*s: a calendar is named after its \"jurisdiction\", here \"%.*s\"",
                       pd_arg(file->path), pd_arg(jurisdiction));
    rules->calendars[rules->calendar_count++] = calendar;
    return PD_OK;
}

/* The policies of a file that are wrong, one by one. */
struct refused {
    struct loader *l;
    pd_str path;
    enum pd_status st;
};

static bool refuse_policy(void *context, const struct pd_error *why) {
    struct refused *r = context;
    *r->l->err = *why;
    r->l->is_parsed = false;
    r->st = go_on(r->l, r->path, why->status);
    return r->st == PD_OK;
}

static enum pd_status load_policies(struct loader *l, const struct law_file *file) {
    struct law_policies *set = l->rules->policies;
    struct pd_error whole = {PD_OK, ""};
    if (manifest_find(l, file->path) == NULL && !l->is_cut) /* else it may be one that is wrong */
        return pd_fail(l->err, PD_INVALID, "%.*s: its folder has no manifest.json",
                       pd_arg(file->path));
    if (l->complaints == NULL)
        return law_policies_parse(set, file->path, file->text, LAW_IDS_ANNOTATED, l->err);
    struct refused refused = {l, file->path, PD_OK};
    enum pd_status st = law_policies_parse_each(set, file->path, file->text, LAW_IDS_ANNOTATED,
                                                refuse_policy, &refused, &whole);
    if (st != PD_OK && st != PD_INVALID)
        return pd_fail(l->err, st, "%s", whole.text);
    return refused.st;
}

static enum pd_status load_role(struct loader *l, const struct law_file *file, enum role role) {
    struct law_rules *rules = l->rules;
    switch (role) {
    case ROLE_REGISTRY:
        return law_registry_load(rules, file->path, file->text, l->err);
    case ROLE_THRESHOLDS:
        return load_thresholds(l, file);
    case ROLE_CALENDAR:
        return load_calendar(l, file);
    case ROLE_MANIFEST: {
        struct law_pack *manifest = &rules->packs[rules->pack_count];
        enum pd_status st =
            law_manifest_parse(rules->arena, file->path, file->text, manifest, l->err);
        if (st != PD_OK)
            return st;
        manifest->folder = pd_arena_str(rules->arena, folder_of(file->path));
        if (manifest->folder.data == NULL)
            return pd_fail_memory(l->err);
        rules->pack_count++;
        return PD_OK;
    }
    case ROLE_SCHEMA:
        l->schema = file; /* which is read when all policies are */
        break;
    case ROLE_POLICIES:
        return load_policies(l, file);
    case ROLE_STRANGE:
        return pd_fail(l->err, PD_INVALID,
                       "%.*s: not a file of rules (facts.json, FOLDER/manifest.json, "
                       "FOLDER/thresholds.json, FOLDER/*.cedar, calendars/*.json)",
                       pd_arg(file->path));
    case ROLE_NONE:
        break;
    }
    return PD_OK;
}

static enum pd_status load_files(struct loader *l) {
    static const enum role order[] = {ROLE_STRANGE,  ROLE_REGISTRY, ROLE_MANIFEST, ROLE_THRESHOLDS,
                                      ROLE_CALENDAR, ROLE_SCHEMA,   ROLE_POLICIES};
    for (size_t step = 0; step < sizeof(order) / sizeof(order[0]); step++) {
        for (size_t i = 0; i < l->file_count; i++) {
            if (role_of(l->files[i]->path) != order[step])
                continue;
            enum pd_status st = load_role(l, l->files[i], order[step]);
            l->is_cut = l->is_cut || (st != PD_OK && order[step] != ROLE_POLICIES);
            st = go_on(l, l->files[i]->path, st);
            if (st != PD_OK)
                return st;
        }
        if (order[step] == ROLE_REGISTRY && l->rules->fact_count == 0 && !l->is_cut)
            return pd_fail(l->err, PD_INVALID, "facts.json: the registry of facts is missing");
    }
    return PD_OK;
}

/* ---- One policy: its annotations ---- */

static struct law_place annotation_place(const struct law_policy *policy, const char *key) {
    for (size_t i = 0; i < policy->annotation_count; i++)
        if (pd_str_is(policy->annotations[i].key, key))
            return policy->annotations[i].place;
    return policy->place;
}

static enum pd_status check_annotations(const struct loader *l, const struct law_policy *policy) {
    static const char known[] = "id law article jurisdiction title title_zh source v effective "
                                "expires remedy obligation exempts";
    enum pd_status st = PD_OK;
    for (size_t i = 0; i < policy->annotation_count && st == PD_OK; i++) {
        const struct law_annotation *a = &policy->annotations[i];
        if (!law_words_have(known, a->key))
            st = go_on(l, policy->name,
                       law_policy_fail(l->rules->policies, policy, a->place, l->err,
                                       "unknown annotation @%.*s%s", pd_arg(a->key),
                                       law_hint_word(a->key, known).text));
    }
    return st;
}

static enum pd_status check_form(const struct loader *l, const struct law_policy *policy,
                                 const struct law_pack *manifest) {
    const struct law_policies *set = l->rules->policies;
    bool permits = policy->effect == LAW_EFFECT_PERMIT;
    bool is_duty = pd_str_ends(policy->id, PD_STR(".duty"));
    pd_str jurisdiction = {NULL, 0};
    if (!law_policy_annotation(policy, "id", NULL))
        return law_policy_fail(set, policy, policy->place, l->err, "a policy needs an @id");
    if (policy->is_template)
        return law_policy_fail(set, policy, policy->place, l->err,
                               "a template (?principal, ?resource) can't be a rule");
    if (!pd_str_starts(policy->id, manifest->jurisdiction) ||
        pd_str_sub(policy->id, manifest->jurisdiction.len, 1).len == 0 ||
        policy->id.data[manifest->jurisdiction.len] != '.')
        return law_policy_fail(set, policy, annotation_place(policy, "id"), l->err,
                               "ids of this folder begin with \"%.*s.\"",
                               pd_arg(manifest->jurisdiction));
    if (law_policy_annotation(policy, "jurisdiction", &jurisdiction) &&
        !pd_str_eq(jurisdiction, manifest->jurisdiction))
        return law_policy_fail(set, policy, annotation_place(policy, "jurisdiction"), l->err,
                               "the manifest says \"%.*s\"", pd_arg(manifest->jurisdiction));
    if (permits && law_policy_annotation(policy, "remedy", NULL))
        return law_policy_fail(set, policy, annotation_place(policy, "remedy"), l->err,
                               "only a forbid has a @remedy");
    if (!permits && law_policy_annotation(policy, "obligation", NULL))
        return law_policy_fail(set, policy, annotation_place(policy, "obligation"), l->err,
                               "only a permit has an @obligation");
    if (!permits && law_policy_annotation(policy, "exempts", NULL))
        return law_policy_fail(set, policy, annotation_place(policy, "exempts"), l->err,
                               "only a permit exempts");
    if (is_duty && !(permits && law_policy_annotation(policy, "obligation", NULL)))
        return law_policy_fail(set, policy, annotation_place(policy, "id"), l->err,
                               "a duty is a permit with an @obligation");
    return PD_OK;
}

static enum pd_status read_date(const struct loader *l, const struct law_policy *policy,
                                const char *key, pd_time *out) {
    pd_str text;
    if (!law_policy_annotation(policy, key, &text))
        return PD_OK;
    if (text.len != 10 || !pd_time_parse(text, out))
        return law_policy_fail(l->rules->policies, policy, annotation_place(policy, key), l->err,
                               "@%s must be a date such as 2025-08-01; not \"%.*s\"", key,
                               pd_arg(text));
    return PD_OK;
}

/* Takes joined obligations over from the parser: who imposes them, and the node's numbers. */
static enum pd_status adopt(const struct loader *l, const struct law_policy *policy,
                            const char *key, const struct law_alternative *parsed,
                            struct law_alternative *out) {
    struct law_place place = annotation_place(policy, key);
    struct law_obligation *list = pd_arena_array(l->rules->arena, parsed->count, sizeof(*list));
    if (list == NULL)
        return pd_fail_memory(l->err);
    for (size_t i = 0; i < parsed->count; i++) {
        pd_str unknown = {NULL, 0};
        list[i] = parsed->obligations[i];
        list[i].policy_id = policy->id;
        if (list[i].class_ == LAW_UNKNOWN && !l->is_reopened)
            return law_policy_fail(l->rules->policies, policy, place, l->err,
                                   "@%s: there is no obligation `%.*s`%s", key,
                                   pd_arg(list[i].kind), law_obligation_hint(list[i].kind).text);
        if (pd_str_is(pd_str_from(key), "remedy") && list[i].class_ == LAW_AFTER)
            return law_policy_fail(l->rules->policies, policy, place, l->err,
                                   "@remedy: \"%.*s\" is due afterwards and remedies nothing",
                                   pd_arg(list[i].text));
        if (!law_obligation_resolve(&list[i], l->rules, &unknown))
            return law_policy_fail(l->rules->policies, policy, place, l->err,
                                   "@%s: the node has no threshold \"%.*s\"%s", key,
                                   pd_arg(unknown), law_threshold_hint(l->rules, unknown).text);
    }
    *out = (struct law_alternative){.obligations = list, .count = parsed->count};
    return PD_OK;
}

static enum pd_status read_obligations(const struct loader *l, const struct law_policy *policy,
                                       const char *key, bool is_remedy,
                                       const struct law_alternative **out, size_t *count) {
    pd_str text;
    if (!law_policy_annotation(policy, key, &text))
        return PD_OK;
    struct pd_error inner = {PD_OK, ""};
    const struct law_alternative *parsed = NULL;
    size_t n = 0;
    enum pd_status st =
        law_obligations_parse(text, is_remedy, l->rules->arena, &parsed, &n, &inner);
    if (st != PD_OK)
        return law_policy_fail(l->rules->policies, policy, annotation_place(policy, key), l->err,
                               "@%s: %s", key, inner.text);
    struct law_alternative *list = pd_arena_array(l->rules->arena, n, sizeof(*list));
    if (list == NULL)
        return pd_fail_memory(l->err);
    for (size_t i = 0; i < n; i++)
        if ((st = adopt(l, policy, key, &parsed[i], &list[i])) != PD_OK)
            return st;
    *out = list;
    *count = n;
    return PD_OK;
}

static void fill_voice(struct law_rule *rule, const struct law_pack *manifest) {
    const struct {
        const char *key;
        pd_str *out;
    } texts[] = {
        {"law", &rule->voice.law},       {"article", &rule->voice.article},
        {"title", &rule->voice.title},   {"title_zh", &rule->voice.title_zh},
        {"source", &rule->voice.source}, {"v", &rule->voice.verified},
    };
    rule->voice.id = rule->policy->id;
    rule->voice.rank = manifest->rank;
    rule->voice.jurisdiction = manifest->jurisdiction;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (!law_policy_annotation(rule->policy, texts[i].key, texts[i].out))
            *texts[i].out = (pd_str){NULL, 0};
}

static enum pd_status make_rule(struct loader *l, size_t index,
                                const struct law_pack *manifest) {
    struct law_rule *rule = &l->rules->rules[index];
    const struct law_policy *policy = law_policies_get(l->rules->policies, index);
    *rule = (struct law_rule){.policy = policy, .effective = INT64_MIN, .expires = INT64_MAX};
    fill_voice(rule, manifest);
    rule->is_duty = pd_str_ends(policy->id, PD_STR(".duty"));
    size_t duty_count = 0;
    pd_str path = policy->name;
    enum pd_status st = check_annotations(l, policy);
    if (st == PD_OK)
        st = go_on(l, path, check_form(l, policy, manifest));
    if (st == PD_OK)
        st = go_on(l, path, read_date(l, policy, "effective", &rule->effective));
    if (st == PD_OK)
        st = go_on(l, path, read_date(l, policy, "expires", &rule->expires));
    if (st == PD_OK && rule->expires <= rule->effective)
        st = go_on(l, path,
                   law_policy_fail(l->rules->policies, policy, annotation_place(policy, "expires"),
                                   l->err, "@expires is not after @effective"));
    if (st == PD_OK)
        st = go_on(l, path,
                   read_obligations(l, policy, "obligation", false, &rule->duty, &duty_count));
    if (st == PD_OK)
        st = go_on(l, path,
                   read_obligations(l, policy, "remedy", true, &rule->voice.remedies,
                                    &rule->voice.remedy_count));
    if (st == PD_OK)
        st = law_rule_read_paths(l->rules, rule, l->complaints, l->err);
    return st;
}

static enum pd_status make_rules(struct loader *l) {
    struct law_rules *rules = l->rules;
    rules->count = law_policies_count(rules->policies);
    rules->rules = pd_arena_array(rules->arena, rules->count, sizeof(*rules->rules));
    if (rules->rules == NULL)
        return pd_fail_memory(l->err);
    for (size_t i = 0; i < rules->count; i++) {
        pd_str path = law_policies_get(rules->policies, i)->name;
        enum pd_status st = make_rule(l, i, manifest_find(l, path));
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

/* ---- Types and levels ---- */

static enum pd_status validate_in(struct loader *l, struct pd_arena *arena) {
    const struct law_schema *schema = NULL;
    const struct law_problem *problems = NULL;
    size_t count = 0;
    enum pd_status st = law_schema_parse(l->schema->path, l->schema->text, LAW_SCHEMA_CEDAR, arena,
                                         &schema, l->err);
    if (st != PD_OK)
        return go_on(l, l->schema->path, st);
    st = law_validate(l->rules->policies, schema, l->level, arena, &problems, &count, l->err);
    for (size_t i = 0; i < count && st == PD_OK; i++)
        st = go_on(l, law_policies_get(l->rules->policies, problems[i].policy)->name,
                   pd_fail(l->err, PD_INVALID, "%.*s", pd_arg(problems[i].message)));
    return st;
}

static enum pd_status validate(struct loader *l) {
    if (l->schema == NULL || l->is_reopened)
        return PD_OK;
    struct pd_arena *arena = pd_arena_new(LAW_RULES_BYTES_MAX);
    enum pd_status st = arena != NULL ? validate_in(l, arena) : pd_fail_memory(l->err);
    pd_arena_free(arena);
    return st;
}

/* ---- The whole ---- */

static enum pd_status load(struct loader *l, const struct law_file *files, size_t count) {
    enum pd_status st = sort_files(l, files, count);
    if (st == PD_OK)
        st = law_value_record(l->rules->arena, NULL, 0, &l->rules->threshold_record, l->err);
    l->is_parsed = true;
    if (st == PD_OK)
        st = load_files(l);
    if (st != PD_OK || l->is_cut)
        return st;
    st = make_rules(l);
    if (st == PD_OK && l->is_parsed) /* else what a policy exempts from may be what was refused */
        st = law_exemptions_load(l->rules, l->complaints, l->err);
    if (st == PD_OK)
        st = validate(l);
    if (st == PD_OK && l->complaints == NULL)
        st = law_program_make(l->rules->policies, l->rules->arena, &l->rules->program, l->err);
    return st;
}

static enum pd_status load_new(struct loader *l, const struct law_file *files, size_t count,
                               struct law_rules **out) {
    struct law_rules *rules = calloc(1, sizeof(*rules));
    if (rules == NULL)
        return pd_fail_memory(l->err);
    rules->arena = pd_arena_new(LAW_RULES_BYTES_MAX);
    rules->policies = law_policies_new(LAW_RULES_BYTES_MAX);
    l->rules = rules;
    enum pd_status st = rules->arena != NULL && rules->policies != NULL ? load(l, files, count)
                                                                        : pd_fail_memory(l->err);
    if (st != PD_OK) {
        law_rules_free(rules);
        return st;
    }
    *out = rules;
    return PD_OK;
}

enum pd_status law_rules_new(const struct law_file *files, size_t count, struct law_rules **out,
                             struct pd_error *err) {
    struct loader l = {.level = LAW_RULES_LEVEL, .err = err};
    return load_new(&l, files, count, out);
}

enum pd_status law_rules_reopen(const struct law_file *files, size_t count, struct law_rules **out,
                                struct pd_error *err) {
    struct loader l = {.is_reopened = true, .err = err};
    return load_new(&l, files, count, out);
}

enum pd_status law_rules_check(const struct law_file *files, size_t count, unsigned level,
                               struct pd_arena *arena, struct law_check *out,
                               struct pd_error *err) {
    struct law_complaints complaints = {.arena = arena};
    struct loader l = {.level = level, .complaints = &complaints, .err = err};
    struct law_rules *rules = NULL;
    enum pd_status st = load_new(&l, files, count, &rules);
    if (st ==
        PD_INVALID) { /* of no file that was given: the list of them, or one that is missing */
        st = law_complain(&complaints, PD_STR(""), st, err);
        rules = NULL;
    }
    const pd_str *problems = NULL;
    if (st == PD_OK)
        st = law_complaints_list(&complaints, &problems, err);
    if (st != PD_OK) {
        law_rules_free(rules);
        return st;
    }
    *out = (struct law_check){.problems = problems,
                              .problem_count = complaints.count,
                              .policies = rules != NULL ? law_policies_count(rules->policies) : 0};
    for (size_t i = 0; i < count; i++)
        out->files += role_of(files[i].path) == ROLE_POLICIES;
    law_rules_free(rules);
    return PD_OK;
}

void law_rules_free(struct law_rules *rules) {
    if (rules == NULL)
        return;
    law_policies_free(rules->policies);
    pd_arena_free(rules->arena);
    free(rules);
}

size_t law_rules_count(const struct law_rules *rules) {
    return rules->count;
}

const struct law_calendar *law_rules_calendar(const struct law_rules *rules, pd_str jurisdiction) {
    for (size_t i = 0; i < rules->calendar_count; i++)
        if (pd_str_eq(law_calendar_jurisdiction(rules->calendars[i]), jurisdiction))
            return rules->calendars[i];
    return NULL;
}
