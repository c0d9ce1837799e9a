/* The course of every step that two parties take together, and withdrawing what one asked. */
#include "cli/step.h"

int cli_step_end(struct cli *cli, struct govern *g, enum pd_status st, bool has_written,
                 bool is_done, struct pd_buf *out, const struct pd_error *err) {
    if (has_written)
        cli_close_writer(cli, g, st == PD_OK);
    else
        govern_close(g);
    if (st != PD_OK) {
        pd_buf_clear(out);
        return cli_fail(err);
    }
    int code = cli_print(out);
    return code || is_done ? code : pd_outcome_get(PD_OPEN)->exit_code;
}

void cli_step_write_request(struct pd_json *w, const pd_id *request) {
    pd_json_key(w, "request");
    if (request)
        cli_json_id(w, *request);
    else
        pd_json_null(w);
}

void cli_step_write_outcome(struct pd_json *w, const struct govern_outcome *outcome) {
    pd_json_key(w, "outcome");
    if (outcome)
        cli_json_outcome(w, outcome);
    else
        pd_json_null(w);
}

void cli_step_write(const struct cli_step_kind *kind, const struct cli_step *step,
                    const void *state, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    kind->write(&w, step, state);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static enum pd_status read_step(struct cli_step *s, const struct pd_args *args,
                                const struct cli_step_kind *kind, struct pd_error *err) {
    const char *reason = kind->has_reason ? pd_args_get(args, "reason") : NULL;
    s->may = kind->needs_no_yes || pd_args_has(args, "yes");
    s->d = (struct govern_destruction){.party = pd_str_from(pd_args_get(args, "party")),
                                       .member = pd_str_from(pd_args_get(args, "member")),
                                       .reason = pd_str_from(reason ? reason : "")};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &s->d.id, err);
    return st == PD_OK ? cli_key_read(s->cli, pd_args_get(args, "key"), &s->d.private_key, err)
                       : st;
}

int cli_step_run(struct cli *cli, const struct pd_args *args, const struct cli_step_kind *kind,
                 void *state) {
    struct pd_error err = {0};
    struct cli_step s = {.cli = cli};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = read_step(&s, args, kind, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, s.may ? STORE_WRITE : STORE_READ, kind->name, &s.g, &err);
    if (st == PD_OK)
        st = kind->take(&s, state, &err);
    if (s.d.private_key.len) /* the arena's copy */
        crypto_wipe((char *)(uintptr_t)s.d.private_key.data, s.d.private_key.len);
    if (st == PD_OK && pd_args_has(args, "json")) {
        cli_step_write(kind, &s, state, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(s.g), pd_args_get(args, "data")};
        kind->tell(&r, &s, state);
    }
    return cli_step_end(cli, s.g, st, s.may, s.may, &out, &err);
}

/* ---- Withdrawing ---- */

struct withdrawing {
    bool of_person;
    const struct govern_outcome *outcome;
};

static enum pd_status take(struct cli_step *s, void *state, struct pd_error *err) {
    struct withdrawing *w = state;
    return govern_request_withdraw(s->g, &s->d, w->of_person, s->cli->arena, &w->outcome, err);
}

static void tell(const struct cli_report *r, const struct cli_step *s, const void *state) {
    const struct withdrawing *w = state;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(s->d.id, id);
    cli_say(r->out, 0, 2, "The request %s is withdrawn; nobody can agree to it any more.%s", id,
            w->of_person ? " Whom it was about is erased with it." : "");
    cli_report_placed(r, w->outcome);
}

static void write(struct pd_json *w, const struct cli_step *s, const void *state) {
    const struct withdrawing *withdrawn = state;
    cli_step_write_request(w, &s->d.id);
    cli_step_write_outcome(w, withdrawn->outcome);
}

int cli_step_withdraw(struct cli *cli, const struct pd_args *args, bool of_person) {
    const struct cli_step_kind kind = {.name = of_person ? "erase withdraw" : "key withdraw",
                                       .needs_no_yes = true,
                                       .take = take,
                                       .tell = tell,
                                       .write = write};
    struct withdrawing w = {.of_person = of_person};
    return cli_step_run(cli, args, &kind, &w);
}
