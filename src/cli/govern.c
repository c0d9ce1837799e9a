/* polder govern: a file through the doorway. Also what act resume shares with it. */
#include "cli/cli.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The signature ---- */

/* Asks on the terminal; anything but yes is no. */
static bool ask(const struct govern_request *q) {
    char answer[16];
    fprintf(stderr, "%.*s, for %.*s: Sign this plan? [y/N] ", pd_arg(q->member), pd_arg(q->party));
    fflush(stderr);
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    pd_str said = pd_str_trim(pd_str_from(answer));
    return pd_str_eq_ascii_case(said, PD_STR("y")) || pd_str_eq_ascii_case(said, PD_STR("yes"));
}

/* Whether the plan is signed: with --yes, or by a steward who is there to be asked. */
static enum pd_status get_signature(struct govern *g, const struct govern_case *c,
                                    const struct cli_session *s, bool *is_signed,
                                    struct pd_error *err) {
    *is_signed = false;
    if (!govern_needs_signature(c))
        return PD_OK;
    if (s->is_yes) {
        *is_signed = true; /* govern_effect refuses who has no right to */
        return PD_OK;
    }
    if (!s->may_ask || s->is_json)
        return PD_OK;
    bool may;
    enum pd_status st = govern_may_sign(g, c->request->party, c->request->member, &may, err);
    if (st == PD_OK && may)
        *is_signed = ask(c->request);
    else if (st == PD_OK)
        fprintf(stderr,
                "polder: %.*s may not sign plans for %.*s (only a member with the duty steward "
                "may), so the intent is left open\n",
                pd_arg(c->request->member), pd_arg(c->request->party));
    return st;
}

/* ---- Reports ---- */

static int print_case(struct cli *cli, struct govern *g, const struct govern_case *c,
                      struct source *source, const struct cli_session *s) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct cli_report r = {&out, cli->arena, govern_rules(g), s->folder};
    cli_report_source(&r, source);
    cli_report_case(&r, c, source_name(source));
    if (s->is_dry_run) {
        static const char *const ends[] = {
            [GOVERN_DONE] = "it would take effect",
            [GOVERN_DENIED] = "it would be denied",
            [GOVERN_LEFT_OPEN] = "it would stay open until what is missing is there",
        };
        pd_buf_text(&out, "\n4. The result\n");
        cli_say(&out, 2, 4, "Dry run: nothing was changed or recorded. In earnest %s%s.",
                ends[govern_expect(c)],
                govern_needs_signature(c) ? " once the plan is signed" : "");
    }
    return cli_print(&out);
}

static int print_json(const struct govern_case *c, const struct govern_outcome *o,
                      const struct source *source, const struct cli_session *s,
                      struct pd_error *err) {
    struct pd_buf out;
    struct pd_json w;
    pd_buf_init(&out, 0);
    pd_json_init(&w, &out, PD_JSON_PRETTY);
    pd_json_object(&w);
    if (s->told) {
        pd_json_member_str(&w, "table", s->told->name);
    } else {
        pd_json_member_i64(&w, "polder", 1);
        pd_json_member_bool(&w, "dry_run", s->is_dry_run);
    }
    pd_json_key(&w, "source");
    cli_json_source(&w, source);
    pd_json_key(&w, "case");
    enum pd_status st = cli_json_case(&w, c, err);
    pd_json_key(&w, "outcome");
    if (o)
        cli_json_outcome(&w, o);
    else
        pd_json_null(&w);
    pd_json_object_end(&w);
    pd_json_clear(&w);
    if (st == PD_OK && s->json) {
        pd_buf_str(s->json, pd_buf_view(&out));
        s->json->failed |= out.failed;
        pd_buf_clear(&out);
        return 0;
    }
    pd_buf_char(&out, '\n');
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_tell_failure(s, err);
}

static int print_outcome(struct cli *cli, struct govern *g, const struct govern_case *c,
                         const struct govern_outcome *o, struct source *source,
                         const struct cli_session *s) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct cli_report r = {&out, cli->arena, govern_rules(g), s->folder};
    cli_report_outcome(&r, c, o, source_path(source));
    return cli_print(&out);
}

static int exit_code(enum govern_result result) {
    static const enum pd_status statuses[] = {
        [GOVERN_DONE] = PD_OK, [GOVERN_DENIED] = PD_DENIED, [GOVERN_LEFT_OPEN] = PD_OPEN};
    return pd_outcome_get(statuses[result])->exit_code;
}

/* ---- One of several ---- */

int cli_tell_failure(const struct cli_session *s, const struct pd_error *err) {
    if (s->told) {
        s->told->what = CLI_TOLD_FAILED;
        snprintf(s->told->why, sizeof(s->told->why), "%s", err->text);
    }
    return cli_fail(err);
}

static void note_result(const struct cli_session *s, enum govern_result result,
                        const struct govern_outcome *o) {
    static const enum cli_told_what whats[] = {[GOVERN_DONE] = CLI_TOLD_DONE,
                                               [GOVERN_DENIED] = CLI_TOLD_DENIED,
                                               [GOVERN_LEFT_OPEN] = CLI_TOLD_OPEN};
    if (!s->told)
        return;
    s->told->what = o && o->repeated ? CLI_TOLD_REPEATED : whats[result];
    if (!o)
        return;
    pd_id_write(o->act_id, s->told->why);
}

/* ---- The course ---- */

/* The effect; or, for an intent that was open before and stays so, which is no act, its state. */
static enum pd_status take_effect(struct cli *cli, struct govern_run *run, bool is_resumed,
                                  bool is_signed, const struct govern_outcome **out,
                                  struct pd_error *err) {
    const struct govern_case *c = govern_run_case(run);
    bool waits = govern_expect(c) == GOVERN_LEFT_OPEN || (govern_needs_signature(c) && !is_signed);
    if (!is_resumed || !waits)
        return govern_effect(run, is_signed, out, err);
    struct govern_outcome *still = pd_arena_alloc(cli->arena, sizeof(*still));
    if (!still)
        return pd_fail_memory(err);
    *still = (struct govern_outcome){
        .result = GOVERN_LEFT_OPEN, .intent_id = c->intent_id, .finding = c->finding};
    *out = still;
    return PD_OK;
}

/* From a case to its outcome, told. */
static int conclude(struct cli *cli, struct govern *g, struct govern_run *run,
                    struct source *source, bool is_resumed, const struct cli_session *s) {
    const struct govern_case *c = govern_run_case(run);
    struct pd_error err = {0};
    /* The plan is told before it is signed; if it can't be told, nothing happens. */
    int code = s->is_json ? 0 : print_case(cli, g, c, source, s);
    if (code == 0 && s->is_dry_run && s->is_json)
        code = print_json(c, NULL, source, s, &err);
    if (code == 0 && s->is_dry_run)
        note_result(s, govern_expect(c), NULL);
    if (code != 0 || s->is_dry_run)
        return code ? code : exit_code(govern_expect(c));
    bool is_signed;
    const struct govern_outcome *o = NULL;
    enum pd_status st = get_signature(g, c, s, &is_signed, &err);
    if (st == PD_OK)
        st = take_effect(cli, run, is_resumed, is_signed, &o, &err);
    cli_progress_end(cli);
    if (st != PD_OK)
        return cli_tell_failure(s, &err);
    note_result(s, o->result, o);
    code = s->is_json ? print_json(c, o, source, s, &err) : print_outcome(cli, g, c, o, source, s);
    if (code == 0 || !o->receipt.len)
        return code ? code : exit_code(o->result);
    char act[PD_ID_TEXT_SIZE];
    pd_id_write(o->act_id, act);
    fprintf(stderr, "polder: the act %s stands all the same; polder act show tells of it\n", act);
    return code;
}

int cli_carry_out(struct cli *cli, struct govern *g, struct source *source,
                  const struct govern_request *request, const pd_id *intent,
                  const struct cli_session *s) {
    struct pd_error err = {0};
    struct govern_run *run = NULL;
    enum pd_status st = govern_prepare(g, source, request, intent, cli_progress(cli), &run, &err);
    cli_progress_end(cli);
    if (st != PD_OK)
        return cli_tell_failure(s, &err);
    int code = conclude(cli, g, run, source, intent != NULL, s);
    govern_run_free(run);
    return code;
}

/* ---- The request ---- */

/* A title with a Chinese character is Chinese, unless somebody says otherwise. */
static const char *guess_language(pd_str title) {
    if (!pd_utf8_valid(title, NULL))
        return "en"; /* govern_prepare refuses it */
    for (size_t at = 0; at < title.len;) {
        uint32_t c;
        at += pd_utf8_decode(title, at, &c);
        if ((c >= 0x3400 && c <= 0x9fff) || (c >= 0x20000 && c <= 0x3ffff))
            return "zh";
    }
    return "en";
}

static pd_str option(const struct pd_args *args, const char *name) {
    return pd_str_from(pd_args_get(args, name));
}

enum pd_status cli_repair_read(struct cli *cli, const struct pd_args *args,
                               const struct govern_repair **out, struct pd_error *err) {
    const char *standard = pd_args_get(args, "standard"), *file = pd_args_get(args, "repair");
    const char *from = pd_args_get(args, "from-version");
    struct govern_repair *repair = pd_arena_alloc(cli->arena, sizeof(*repair));
    if (!repair)
        return pd_fail_memory(err);
    if (!standard != !file || (from && !file))
        return pd_fail(
            err, PD_USAGE,
            "--repair names the file of repairs and --standard what they follow: they go "
            "together%s",
            from ? ", and --from-version goes with them" : "");
    if (!file)
        return PD_OK;
    enum pd_status st = cli_standard_text(cli, standard, &repair->standard, err);
    if (st == PD_OK)
        st = cli_file_read(cli, file, STANDARD_REPAIR_BYTES_MOST, &repair->file, err);
    if (st == PD_OK && from) {
        repair->has_from = true;
        st = cli_parse_id(from, &repair->from, err);
    }
    *out = repair;
    return st;
}

static enum pd_status make_request(struct cli *cli, const struct pd_args *args,
                                   struct govern_request *out, struct pd_error *err) {
    *out = (struct govern_request){.verb = option(args, "for"),
                                   .party = option(args, "party"),
                                   .member = option(args, "member"),
                                   .recipient = option(args, "recipient"),
                                   .title = option(args, "title"),
                                   .language = option(args, "language"),
                                   .purpose = option(args, "purpose"),
                                   .basis = option(args, "basis"),
                                   .idempotency_key = option(args, "idempotency-key"),
                                   .form = cli_form(args)};
    if (!out->language.len)
        out->language = pd_str_from(guess_language(out->title));
    size_t n = pd_args_count(args, "fact");
    struct govern_declared *facts = pd_arena_array(cli->arena, n ? n : 1, sizeof(*facts));
    if (!facts)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = cli_parse_fact(pd_args_nth(args, "fact", i), &facts[i].name, &facts[i].value, err);
    if (st == PD_OK)
        st = cli_repair_read(cli, args, &out->repair, err);
    out->records = pd_args_has(args, "records");
    if (st == PD_OK && pd_args_get(args, "plan"))
        st = cli_file_read(cli, pd_args_get(args, "plan"), PROTECT_PLAN_MAX_BYTES, &out->plan, err);
    out->declared = facts;
    out->declared_count = n;
    return st;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* A folder, or a database of several tables that is named without one. */
static enum pd_status list_tables(struct cli *cli, const char *path,
                                  const struct govern_request *request, bool *has_many,
                                  struct source_list *list, struct pd_error *err) {
    enum pd_status st = source_list(path, cli->arena, has_many, list, err);
    if (st != PD_OK || !*has_many)
        return st;
    *has_many = list->count > 1 || is_folder(path);
    if (*has_many && (request->repair || request->plan.len))
        return pd_fail(err, PD_USAGE, "%s of one table, and \"%s\" holds %zu; name one",
                       request->repair ? "repairs are" : "a plan is", path, list->count);
    return PD_OK;
}

int cli_govern(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *path = NULL;
    if (cli_source_location(cli, args, &path, &err) != PD_OK)
        return cli_fail(&err);
    struct cli_session s = {.is_dry_run = pd_args_has(args, "dry-run"),
                            .is_json = pd_args_has(args, "json"),
                            .is_yes = pd_args_has(args, "yes"),
                            .may_ask = !cli_source_is_input(path) && isatty(STDIN_FILENO) &&
                                       isatty(STDERR_FILENO),
                            .folder = pd_args_get(args, "data")};
    struct govern_request request;
    struct govern *g = NULL;
    struct source *source = NULL;
    struct detect_site *site = NULL;
    pd_str spool = pd_arena_printf(cli->arena, "%s/staging", s.folder);
    enum pd_status st = spool.data ? make_request(cli, args, &request, &err) : pd_fail_memory(&err);
    if (st == PD_OK)
        st = cli_detectors_read(cli, pd_args_get(args, "detectors"), &site, &err);
    /* A dry run only reads, so that it never keeps a writer waiting. */
    if (st == PD_OK)
        st = cli_open(cli, args, s.is_dry_run ? STORE_READ : STORE_WRITE, "govern", &g, &err);
    if (st == PD_OK)
        govern_use_detectors(g, site);
    bool has_many = false;
    struct source_list list = {0};
    if (st == PD_OK)
        st = list_tables(cli, path, &request, &has_many, &list, &err);
    if (st == PD_OK && !has_many)
        st = source_open(path, STDIN_FILENO, spool.data, 0, &source, &err);
    int code = st != PD_OK ? cli_fail(&err)
               : has_many
                   ? cli_govern_many(cli, g, &list, &request, &s, spool.data, is_folder(path))
                   : cli_carry_out(cli, g, source, &request, NULL, &s);
    source_close(source);
    cli_close_writer(cli, g, st == PD_OK && !s.is_dry_run);
    detect_site_free(site);
    return code;
}
