/*
 * polder standard infer: a Table Schema that a table meets. Inspection proposes for each column a
 * type and the ways in which values of it are written; the table is then checked against the
 * proposal, and what a cell contradicts is taken back, until nothing is left to take back.
 */
#include "cli/cli.h"

#include <jansson.h>
#include <string.h>

/* Members of a field, from the most to the least that is asked; text takes every cell. */
static const char *const forms[INSPECT_TYPE_COUNT][24] = {
    [INSPECT_EMPTY] = {"\"type\":\"any\""},
    [INSPECT_BOOLEAN] = {"\"type\":\"boolean\"",
                         "\"type\":\"boolean\",\"trueValues\":[\"true\",\"True\",\"TRUE\",\"yes\","
                         "\"Yes\",\"YES\",\"是\"],\"falseValues\":[\"false\",\"False\",\"FALSE\","
                         "\"no\",\"No\",\"NO\",\"否\"]",
                         "\"type\":\"string\""},
    [INSPECT_INTEGER] = {"\"type\":\"integer\"", "\"type\":\"integer\",\"groupChar\":\",\"",
                         "\"type\":\"integer\",\"groupChar\":\".\"",
                         "\"type\":\"integer\",\"groupChar\":\",\",\"bareNumber\":false",
                         "\"type\":\"string\""},
    [INSPECT_DECIMAL] = {"\"type\":\"number\"", "\"type\":\"number\",\"groupChar\":\",\"",
                         "\"type\":\"number\",\"decimalChar\":\",\"",
                         "\"type\":\"number\",\"decimalChar\":\",\",\"groupChar\":\".\"",
                         "\"type\":\"number\",\"groupChar\":\",\",\"bareNumber\":false",
                         "\"type\":\"string\""},
    [INSPECT_DATE] =
        {"\"type\":\"date\"", "\"type\":\"yearmonth\"", "\"type\":\"date\",\"format\":\"%Y/%m/%d\"",
         "\"type\":\"date\",\"format\":\"%Y%m%d\"", "\"type\":\"date\",\"format\":\"%Y年%m月%d日\"",
         "\"type\":\"date\",\"format\":\"%d/%m/%Y\"", "\"type\":\"date\",\"format\":\"%m/%d/%Y\"",
         "\"type\":\"date\",\"format\":\"%d.%m.%Y\"", "\"type\":\"date\",\"format\":\"%d-%m-%Y\"",
         "\"type\":\"date\",\"format\":\"%m-%d-%Y\"", "\"type\":\"date\",\"format\":\"any\"",
         "\"type\":\"string\""},
    [INSPECT_DATETIME] = {"\"type\":\"datetime\"",
                          "\"type\":\"datetime\",\"format\":\"%Y-%m-%d %H:%M:%S\"",
                          "\"type\":\"datetime\",\"format\":\"%Y-%m-%d %H:%M\"",
                          "\"type\":\"datetime\",\"format\":\"%Y/%m/%d %H:%M:%S\"",
                          "\"type\":\"datetime\",\"format\":\"%Y/%m/%d %H:%M\"",
                          "\"type\":\"datetime\",\"format\":\"%d/%m/%Y %H:%M:%S\"",
                          "\"type\":\"datetime\",\"format\":\"%d/%m/%Y %H:%M\"",
                          "\"type\":\"datetime\",\"format\":\"%m/%d/%Y %H:%M:%S\"",
                          "\"type\":\"datetime\",\"format\":\"%m/%d/%Y %H:%M\"",
                          "\"type\":\"datetime\",\"format\":\"%m/%d/%Y %I:%M:%S %p\"",
                          "\"type\":\"datetime\",\"format\":\"any\"", "\"type\":\"string\""},
    [INSPECT_TIME] = {"\"type\":\"time\"", "\"type\":\"time\",\"format\":\"%H:%M\"",
                      "\"type\":\"string\""},
    [INSPECT_TEXT] = {"\"type\":\"string\""},
};
static const char *const emails[] = {"\"type\":\"string\",\"format\":\"email\"",
                                     "\"type\":\"string\"", NULL};
static const char *const urls[] = {"\"type\":\"string\",\"format\":\"uri\"", "\"type\":\"string\"",
                                   NULL};

struct proposal {
    const char *const *form; /* the one proposed now */
    bool is_required, is_unique;
};

struct inferring {
    struct cli *cli;
    struct source *source;
    struct govern_form form;
    const struct govern_reading *reading;
    struct proposal *proposals;
    size_t count;
    size_t key; /* the first column that is a key, PD_NPOS: none */
};

/* In fewer rows values differ by chance. */
enum { LEAST_ROWS = 20 };

static void propose(struct inferring *in, size_t n) {
    const struct inspect_column *c = &in->reading->inspection->columns[n];
    struct proposal *p = &in->proposals[n];
    p->form = forms[c->type];
    if (c->type == INSPECT_TEXT && c->verdict_count > 0 && c->verdicts[0].share >= 0.99)
        p->form = c->verdicts[0].type == DETECT_EMAIL ? emails
                  : c->verdicts[0].type == DETECT_URL ? urls
                                                      : p->form;
    p->is_required = in->reading->inspection->rows > 0 && c->nulls == 0;
    p->is_unique = c->key == INSPECT_KEY && in->reading->inspection->rows >= LEAST_ROWS;
    if (p->is_unique && in->key == PD_NPOS &&
        (c->type == INSPECT_INTEGER || c->type == INSPECT_TEXT))
        in->key = n;
}

static void write_field(const struct inferring *in, size_t n, struct pd_json *w) {
    const struct proposal *p = &in->proposals[n];
    struct pd_buf name;
    struct pd_json text;
    pd_buf_init(&name, 0);
    pd_json_init(&text, &name, PD_JSON_COMPACT);
    pd_json_str(&text, in->reading->names[n]);
    pd_json_clear(&text);
    pd_str field = pd_arena_printf(
        in->cli->arena, "{\"name\":%.*s,%s%s%s%s%s%s}", pd_arg(pd_buf_view(&name)), *p->form,
        p->is_required || p->is_unique ? ",\"constraints\":{" : "",
        p->is_required ? "\"required\":true" : "", p->is_required && p->is_unique ? "," : "",
        p->is_unique ? "\"unique\":true" : "", p->is_required || p->is_unique ? "}" : "");
    pd_buf_clear(&name);
    if (field.data)
        pd_json_raw(w, field);
    else
        w->buf->failed = true;
}

static void write_standard(const struct inferring *in, enum pd_json_mode mode, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, mode);
    pd_json_object(&w);
    pd_json_member_text(&w, "$schema", "https://datapackage.org/profiles/2.0/tableschema.json");
    pd_json_member_str(&w, "title", source_name(in->source));
    pd_json_key(&w, "fields");
    pd_json_array(&w);
    for (size_t i = 0; i < in->count; i++)
        write_field(in, i, &w);
    pd_json_array_end(&w);
    if (in->key != PD_NPOS) {
        pd_json_key(&w, "primaryKey");
        pd_json_array(&w);
        pd_json_str(&w, in->reading->names[in->key]);
        pd_json_array_end(&w);
    }
    pd_json_object_end(&w);
    pd_json_clear(&w);
}

/* Takes back what the table contradicts; false: nothing of a field. */
static bool take_back(struct inferring *in, const struct standard_report *report) {
    bool has = false;
    for (size_t i = 0; i < report->outcome_count; i++) {
        const struct standard_outcome *o = &report->outcomes[i];
        if (o->failed == 0 && !o->is_partial)
            continue;
        if (pd_str_is(o->check, "primaryKey") && in->key != PD_NPOS) {
            in->key = PD_NPOS;
            has = true;
        }
        for (size_t n = 0; n < in->count; n++) {
            struct proposal *p = &in->proposals[n];
            if (!pd_str_eq(in->reading->names[n], o->field))
                continue;
            if (pd_str_is(o->check, "type") && p->form[1])
                p->form++;
            else if (pd_str_is(o->check, "required"))
                p->is_required = false;
            else if (pd_str_is(o->check, "unique"))
                p->is_unique = false;
            else
                continue;
            has = true;
            break;
        }
    }
    return has;
}

static enum pd_status check(struct inferring *in, const struct standard *standard,
                            struct standard_checker **checker,
                            const struct standard_report **report, struct pd_error *err) {
    struct govern_check how = cli_standard_how(in->cli, standard, &in->form);
    enum pd_status st = govern_check_run(&how, in->source, checker, report, err);
    cli_progress_end(in->cli);
    return st;
}

static enum pd_status settle(struct inferring *in, struct pd_buf *json, struct pd_error *err) {
    for (;;) {
        const struct standard *standard = NULL;
        struct standard_checker *checker = NULL;
        const struct standard_report *report = NULL;
        pd_buf_reset(json);
        write_standard(in, PD_JSON_COMPACT, json);
        enum pd_status st = pd_buf_check(json, err);
        if (st == PD_OK)
            st = standard_parse(pd_buf_view(json), in->cli->arena, &standard, err);
        if (st == PD_OK)
            st = check(in, standard, &checker, &report, err);
        bool has_more = st == PD_OK && take_back(in, report);
        standard_checker_free(checker);
        if (st != PD_OK || !has_more)
            return st;
    }
}

static enum pd_status infer(struct inferring *in, struct pd_buf *json, struct pd_error *err) {
    struct cli *cli = in->cli;
    enum pd_status st = govern_read(in->source, &in->form, NULL, pd_clock_now(&cli->clock),
                                    cli_progress(cli), cli->arena, NULL, &in->reading, err);
    cli_progress_end(cli);
    if (st != PD_OK)
        return st;
    in->count = in->reading->inspection->column_count;
    in->proposals = pd_arena_array(cli->arena, in->count, sizeof(*in->proposals));
    if (!in->proposals)
        return pd_fail_memory(err);
    for (size_t i = 0; i < in->count; i++)
        propose(in, i);
    return settle(in, json, err);
}

/* Indented, which the pieces pasted in are not. */
static enum pd_status print_pretty(const struct pd_buf *json, struct pd_buf *out,
                                   struct pd_error *err) {
    struct json_t *root = NULL;
    enum pd_status st = pd_json_parse(pd_buf_view(json), STANDARD_BYTES_MOST, 16, &root, err);
    if (st != PD_OK)
        return st;
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_value(&w, root);
    pd_json_clear(&w);
    pd_buf_char(out, '\n');
    json_decref(root);
    return pd_buf_check(out, err);
}

int cli_standard_infer(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    (void)command;
    struct inferring in = {.cli = context, .form = cli_form(args), .key = PD_NPOS};
    struct pd_error err = {0};
    struct pd_buf json, out;
    pd_buf_init(&json, 0);
    pd_buf_init(&out, 0);
    enum pd_status st = cli_standard_open(in.cli, args, 0, &in.source, &err);
    if (st == PD_OK)
        st = infer(&in, &json, &err);
    if (st == PD_OK)
        st = print_pretty(&json, &out, &err);
    pd_buf_clear(&json);
    source_close(in.source);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}
