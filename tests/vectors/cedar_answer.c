/*
 * Answers cases of Cedar, one JSON object a line, for a program that compares the answers with
 * those of another implementation (cedar_differential.mjs).
 *
 *     cedar_answer < CASES > ANSWERS
 *
 * A case is {"policies": TEXT, "links": [{"template", "id", "principal"?, "resource"?}],
 * "entities": [...], "request": {"principal", "action", "resource", "context"}}, with ids from @id;
 * or {"policies": TEXT, "schema": TEXT}. A case with both has its entities and its request checked
 * against the schema. The answer is {"decision", "reason", "errors"} with sorted
 * ids, or {"valid", "problem"}, or {"refused": MESSAGE}; and "json", the policies as JSON, if the
 * case asks for it with "json": true. Beside it, the same is asked of the policies formatted, and
 * of the policies written as JSON and read again: where they answer otherwise, or do not come back
 * as they were, "otherwise" says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law/cedar_impl.h"
#include "law/cedar_schema_impl.h"

enum { LINE_MAX_BYTES = 16 << 20, ROOM = 256 << 20, TEXT_ROOM = 64 << 20 };
enum form { AS_WRITTEN, FORMATTED, FROM_JSON, FORM_COUNT };

struct answer {
    bool is_allowed;
    const pd_str *reasons, *errors; /* ids in order */
    size_t reason_count, error_count;
};

struct run {
    struct pd_arena *arena;
    struct law_document document;
    struct law_policies *sets[FORM_COUNT];
    struct pd_error err;
    const char *otherwise;
};

static pd_str text_of(const struct law_json *json) {
    return json && json->kind == LAW_JSON_STRING ? json->text : (pd_str){NULL, 0};
}

/* ---- The policies in each form ---- */

static bool link_templates(struct run *run, struct law_policies *set) {
    const struct law_json *links = law_json_find(run->document.root, "links");
    for (size_t i = 0; links && i < links->list.count; i++) {
        const struct law_json *link = &links->list.items[i];
        static const char *const names[] = {"principal", "resource"};
        struct law_uid uids[2];
        const struct law_uid *given[2] = {NULL, NULL};
        for (int s = 0; s < 2; s++) {
            const struct law_json *uid = law_json_find(link, names[s]);
            if (uid && law_json_uid(&run->document, uid, &uids[s], &run->err) != PD_OK)
                return false;
            given[s] = uid ? &uids[s] : NULL;
        }
        if (law_policies_link(set, text_of(law_json_find(link, "template")),
                              text_of(law_json_find(link, "id")), given[0], given[1],
                              &run->err) != PD_OK)
            return false;
    }
    return true;
}

static bool read_text(struct run *run, enum form form, pd_str text) {
    return law_policies_parse(run->sets[form], PD_STR("policies"), text, LAW_IDS_ANNOTATED,
                              &run->err) == PD_OK &&
           link_templates(run, run->sets[form]);
}

static void read_formatted(struct run *run, pd_str text) {
    struct pd_buf once, again;
    pd_buf_init(&once, TEXT_ROOM);
    pd_buf_init(&again, TEXT_ROOM);
    if (law_policies_format(PD_STR("policies"), text, &once, &run->err) != PD_OK ||
        law_policies_format(PD_STR("formatted"), pd_buf_view(&once), &again, &run->err) != PD_OK ||
        !read_text(run, FORMATTED, pd_buf_view(&once)))
        run->otherwise = "the formatted text is refused";
    else if (!pd_str_eq(pd_buf_view(&once), pd_buf_view(&again)))
        run->otherwise = "the formatted text is formatted otherwise again";
    pd_buf_clear(&once);
    pd_buf_clear(&again);
}

static void read_json(struct run *run) {
    struct pd_buf once, again;
    pd_buf_init(&once, TEXT_ROOM);
    pd_buf_init(&again, TEXT_ROOM);
    law_policies_write_json(run->sets[AS_WRITTEN], &once);
    if (law_policies_parse_json(run->sets[FROM_JSON], PD_STR("json"), pd_buf_view(&once),
                                &run->err) != PD_OK) {
        run->otherwise = "the JSON of the policies is refused";
    } else {
        law_policies_write_json(run->sets[FROM_JSON], &again);
        if (!pd_str_eq(pd_buf_view(&once), pd_buf_view(&again)))
            run->otherwise = "the JSON is not the same when read and written";
    }
    pd_buf_clear(&once);
    pd_buf_clear(&again);
}

/* ---- Answers ---- */

static int compare_ids(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

static pd_str *sort_ids(struct run *run, const struct law_policies *set, const size_t *indices,
                        const struct law_policy_error *errors, size_t count) {
    pd_str *ids = pd_arena_array(run->arena, count, sizeof(*ids));
    for (size_t i = 0; ids && i < count; i++)
        ids[i] = law_policies_get(set, errors ? errors[i].policy : indices[i])->id;
    if (ids && count > 1)
        qsort(ids, count, sizeof(*ids), compare_ids);
    return ids;
}

static bool is_same_list(const pd_str *a, const pd_str *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!pd_str_eq(a[i], b[i]))
            return false;
    return true;
}

static bool is_same(const struct answer *a, const struct answer *b) {
    return a->is_allowed == b->is_allowed && a->reason_count == b->reason_count &&
           a->error_count == b->error_count &&
           is_same_list(a->reasons, b->reasons, a->reason_count) &&
           is_same_list(a->errors, b->errors, a->error_count);
}

static enum pd_status ask(struct run *run, enum form form, const struct law_entities *entities,
                          const struct law_request *request, struct answer *out) {
    struct law_answer got;
    enum pd_status st =
        law_authorize(run->sets[form], entities, request, run->arena, &got, &run->err);
    if (st != PD_OK)
        return st;
    *out = (struct answer){
        .is_allowed = got.is_allowed,
        .reasons = sort_ids(run, run->sets[form], got.reasons, NULL, got.reason_count),
        .reason_count = got.reason_count,
        .errors = sort_ids(run, run->sets[form], NULL, got.errors, got.error_count),
        .error_count = got.error_count};
    return out->reasons && out->errors ? PD_OK : pd_fail_memory(&run->err);
}

static bool read_request(struct run *run, const struct law_schema *schema,
                         struct law_request *out) {
    static const char *const names[] = {"principal", "action", "resource"};
    struct law_uid *const uids[] = {&out->principal, &out->action, &out->resource};
    const struct law_json *json = law_json_find(run->document.root, "request");
    const struct law_json *context = json ? law_json_find(json, "context") : NULL;
    for (int v = 0; v < 3; v++) {
        const struct law_json *uid = json ? law_json_find(json, names[v]) : NULL;
        if (!uid || law_json_uid(&run->document, uid, uids[v], &run->err) != PD_OK)
            return false;
    }
    enum pd_status st = PD_OK;
    if (context && schema)
        st = law_schema_read_request(schema, &run->document, context, run->arena, out, &run->err);
    else if (context)
        st = law_json_value(&run->document, context, run->arena, &out->context, &run->err);
    return st == PD_OK;
}

static void write_ids(struct pd_json *w, const char *key, const pd_str *ids, size_t count) {
    pd_json_key(w, key);
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        pd_json_str(w, ids[i]);
    pd_json_array_end(w);
}

static void write_policies(struct run *run, struct pd_json *w) {
    struct pd_buf json;
    pd_buf_init(&json, TEXT_ROOM);
    law_policies_write_json(run->sets[AS_WRITTEN], &json);
    pd_json_key(w, "json");
    pd_json_raw(w, pd_buf_view(&json));
    pd_buf_clear(&json);
}

static bool answer_request(struct run *run, struct pd_json *w) {
    struct law_request request = {0};
    const struct law_entities *entities = NULL;
    const struct law_json *json = law_json_find(run->document.root, "entities");
    struct law_document list = run->document;
    struct answer answers[FORM_COUNT] = {{0}};
    const struct law_schema *schema = NULL;
    pd_str text = text_of(law_json_find(run->document.root, "schema"));
    list.root = json;
    if (text.data && law_schema_parse(PD_STR("schema"), text, LAW_SCHEMA_CEDAR, run->arena, &schema,
                                      &run->err) != PD_OK)
        return false;
    if (!json || law_entities_from_json(&list, schema, run->arena, &entities, &run->err) != PD_OK ||
        !read_request(run, schema, &request))
        return false;
    for (enum form form = AS_WRITTEN; form < FORM_COUNT; form++)
        if (ask(run, form, entities, &request, &answers[form]) != PD_OK)
            return false;
    if (!is_same(&answers[AS_WRITTEN], &answers[FORMATTED]))
        run->otherwise = "the formatted text answers otherwise";
    if (!is_same(&answers[AS_WRITTEN], &answers[FROM_JSON]))
        run->otherwise = "the JSON answers otherwise";
    pd_json_member_text(w, "decision", answers[0].is_allowed ? "allow" : "deny");
    write_ids(w, "reason", answers[0].reasons, answers[0].reason_count);
    write_ids(w, "errors", answers[0].errors, answers[0].error_count);
    if (law_json_find(run->document.root, "json"))
        write_policies(run, w);
    return true;
}

static bool answer_validation(struct run *run, pd_str text, struct pd_json *w) {
    const struct law_schema *schema;
    const struct law_problem *problems;
    size_t counts[FORM_COUNT] = {0};
    if (law_schema_parse(PD_STR("schema"), text, LAW_SCHEMA_CEDAR, run->arena, &schema,
                         &run->err) != PD_OK)
        return false;
    for (enum form form = FORM_COUNT; form-- > 0;)
        if (law_validate(run->sets[form], schema, LAW_LEVEL_ANY, run->arena, &problems,
                         &counts[form], &run->err) != PD_OK)
            return false;
    if ((counts[AS_WRITTEN] == 0) != (counts[FORMATTED] == 0))
        run->otherwise = "the formatted text is validated otherwise";
    if ((counts[AS_WRITTEN] == 0) != (counts[FROM_JSON] == 0))
        run->otherwise = "the JSON is validated otherwise";
    pd_json_key(w, "valid");
    pd_json_bool(w, counts[AS_WRITTEN] == 0);
    if (counts[AS_WRITTEN] > 0) {
        pd_json_key(w, "problem");
        pd_json_str(w, problems[0].message);
    }
    return true;
}

static bool answer(struct run *run, struct pd_json *w) {
    pd_str text = text_of(law_json_find(run->document.root, "policies"));
    pd_str schema = text_of(law_json_find(run->document.root, "schema"));
    if (!read_text(run, AS_WRITTEN, text))
        return false;
    read_formatted(run, text);
    read_json(run);
    if (run->otherwise)
        return true;
    bool is_asked = law_json_find(run->document.root, "request") != NULL;
    return is_asked ? answer_request(run, w) : answer_validation(run, schema, w);
}

/** Answers one line; false only when there is no memory. */
static bool answer_line(pd_str line, struct pd_buf *out) {
    struct run run = {.arena = pd_arena_new(ROOM)};
    bool is_ready = run.arena != NULL;
    for (enum form form = AS_WRITTEN; form < FORM_COUNT; form++) {
        run.sets[form] = law_policies_new(ROOM);
        is_ready = is_ready && run.sets[form];
    }
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_COMPACT);
    pd_json_object(&w);
    if (is_ready &&
        (law_json_parse(PD_STR("case"), line, run.arena, &run.document, &run.err) != PD_OK ||
         run.document.root->kind != LAW_JSON_OBJECT || !answer(&run, &w)))
        pd_json_member_text(&w, "refused", run.err.text);
    if (run.otherwise)
        pd_json_member_text(&w, "otherwise", run.otherwise);
    pd_json_object_end(&w);
    pd_json_clear(&w);
    pd_buf_char(out, '\n');
    for (enum form form = AS_WRITTEN; form < FORM_COUNT; form++)
        law_policies_free(run.sets[form]);
    pd_arena_free(run.arena);
    return is_ready && !out->failed;
}

int main(void) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    struct pd_buf out;
    bool is_well = true;
    pd_buf_init(&out, TEXT_ROOM);
    while (is_well && (length = getline(&line, &capacity, stdin)) > 0) {
        pd_buf_reset(&out);
        is_well = length < LINE_MAX_BYTES && answer_line((pd_str){line, (size_t)length}, &out) &&
                  fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    }
    if (!is_well)
        fprintf(stderr, "cedar_answer: a line is too long, or there is no room\n");
    pd_buf_clear(&out);
    free(line);
    return is_well ? 0 : 1;
}
