/* polder key create: a party that lost its key asks for another one. */
#include "cli/key.h"

void cli_key_tell_renewing(const struct cli_report *r, const struct govern_renewing *n) {
    char since[PD_TIME_TEXT_SIZE], last[PD_TIME_TEXT_SIZE];
    pd_time_write(n->since, PD_TIME_SECONDS, since);
    pd_time_write(n->attested_at, PD_TIME_SECONDS, last);
    cli_say(r->out, 0, 2, "With a new key for %.*s the old one, in use since %.10s, ends:",
            pd_arg(n->party), since);
    cli_say(r->out, 2, 4, "%.*s", pd_arg(n->old_vkey));
    cli_say(r->out, 2, 4,
            "It signs nothing more, whoever has it. What it signed stays valid as of its time, and "
            "can be verified as before.");
    if (n->attested)
        cli_say(r->out, 2, 4,
                "It attested %.*s fact%s, the last one on %.10s. If it was stolen and not lost, "
                "look at these first.",
                pd_arg(cli_number(r->arena, n->attested)), n->attested == 1 ? "" : "s", last);
    else
        cli_say(r->out, 2, 4, "It attested no fact.");
    if (n->vkey.len)
        cli_say(r->out, 2, 4, "The party brings its new key: %.*s", pd_arg(n->vkey));
    else
        cli_say(r->out, 2, 4,
                "The new key is made when another party agrees, in the folder's keys/, to be handed "
                "over. Better: the party makes it and gives --vkey.");
    cli_say(r->out, 2, 4,
            "The public log announces it. Nothing is unsealed or lost: a party's key seals nothing.");
}

void cli_key_write_renewing(struct pd_json *w, const struct govern_renewing *n) {
    pd_json_key(w, "renewing");
    pd_json_object(w);
    pd_json_member_str(w, "party", n->party);
    pd_json_member_str(w, "old_vkey", n->old_vkey);
    pd_json_member_str(w, "vkey", n->vkey);
    pd_json_key(w, "since");
    pd_json_time(w, n->since);
    pd_json_member_i64(w, "attested", (int64_t)n->attested);
    pd_json_member_i64(w, "others", (int64_t)n->others);
    pd_json_object_end(w);
}

void cli_key_asked(const struct cli_report *r, pd_str party, const pd_id *request,
                   const struct govern_outcome *outcome) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(*request, id);
    cli_say(r->out, 0, 2,
            "Asked for by %.*s; nothing is lost yet. Another party agrees with: polder key agree %s "
            "--data %s --party ... --member ... --key ... --yes. Until then %.*s can withdraw it: "
            "polder key withdraw %s",
            pd_arg(party), id, r->folder, pd_arg(party), id);
    cli_report_placed(r, outcome);
}

struct creating {
    pd_id request;
    const struct govern_renewing *renewing;
    const struct govern_outcome *outcome;
};

static void write_created(struct pd_json *w, const struct cli_step *s, const void *state) {
    const struct creating *c = state;
    cli_step_write_request(w, s->may ? &c->request : NULL);
    cli_key_write_renewing(w, c->renewing);
    cli_step_write_outcome(w, c->outcome);
}

static enum pd_status read_renewal(const struct pd_args *args, struct govern_renewal *renewal,
                                   struct pd_error *err) {
    const char *vkey = pd_args_get(args, "vkey"), *reason = pd_args_get(args, "reason");
    pd_str holder = pd_str_from(pd_args_operand(args, 0)), prefix = PD_STR("party/");
    if (!pd_str_starts(holder, prefix) || holder.len == prefix.len)
        return pd_fail(err, PD_USAGE,
                       "\"%.*s\": only a party (party/ID) loses a key that it keeps itself; the "
                       "others are the node's (polder key rotate)",
                       pd_arg(holder));
    *renewal = (struct govern_renewal){.party = pd_str_sub(holder, prefix.len, holder.len),
                                       .member = pd_str_from(pd_args_get(args, "member")),
                                       .vkey = pd_str_from(vkey ? vkey : ""),
                                       .reason = pd_str_from(reason ? reason : "")};
    return PD_OK;
}

int cli_key_create(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    static const struct cli_step_kind kind = {.write = write_created};
    struct cli *cli = context;
    struct pd_error err = {0};
    struct cli_step s = {.cli = cli, .may = pd_args_has(args, "yes")};
    struct govern_renewal renewal;
    struct creating c = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = read_renewal(args, &renewal, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, s.may ? STORE_WRITE : STORE_READ, "key create", &s.g, &err);
    if (st == PD_OK)
        st = govern_renewing_find(s.g, renewal.party, renewal.vkey, cli->arena, &c.renewing, &err);
    if (st == PD_OK && s.may)
        st = govern_renewal_ask(s.g, &renewal, cli->arena, &c.request, &c.outcome, &err);
    struct cli_report r = {&out, cli->arena, NULL, pd_args_get(args, "data")};
    if (st == PD_OK && pd_args_has(args, "json")) {
        cli_step_write(&kind, &s, &c, &out);
    } else if (st == PD_OK) {
        cli_key_tell_renewing(&r, c.renewing);
        if (s.may)
            cli_key_asked(&r, renewal.party, &c.request, c.outcome);
        else
            cli_say(&out, 0, 2, "Nothing was done: --yes asks for it.");
    }
    return cli_step_end(cli, s.g, st, s.may, s.may, &out, &err);
}
