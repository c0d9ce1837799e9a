/* polder propose, polder proposal ...: filing a proposal, and what those concerned do about it. */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* ---- What is proposed ---- */

struct gathering {
    struct cli *cli;
    struct govern_amendment list[GOVERN_AMENDMENTS_MAX];
    size_t count;
};

static enum pd_status add_file(struct gathering *g, pd_str path, const char *file,
                               struct pd_error *err) {
    if (g->count == GOVERN_AMENDMENTS_MAX)
        return pd_fail(err, PD_LIMIT, "a proposal changes at most %d files", GOVERN_AMENDMENTS_MAX);
    struct govern_amendment *a = &g->list[g->count++];
    a->path = path;
    return path.data ? cli_file_read(g->cli, file, GOVERN_PROPOSAL_BYTES_MAX, &a->text, err)
                     : pd_fail_memory(err);
}

/* One of the folders that a charter can reach; it need not be there. */
static enum pd_status add_folder(struct gathering *g, const char *root, const char *folder,
                                 struct pd_error *err) {
    struct pd_arena *arena = g->cli->arena;
    pd_str whole = pd_arena_printf(arena, "%s/%s", root, folder);
    DIR *dir = whole.data ? opendir(whole.data) : NULL;
    if (!dir)
        return errno == ENOENT ? PD_OK : pd_fail_errno(err, PD_IO, "open \"%s\"", whole.data);
    enum pd_status st = PD_OK;
    for (struct dirent *entry; st == PD_OK && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        pd_str file = pd_arena_printf(arena, "%s/%s", whole.data, entry->d_name);
        pd_str path = pd_arena_printf(arena, "%s/%s", folder, entry->d_name);
        st = file.data ? add_file(g, path, file.data, err) : pd_fail_memory(err);
    }
    closedir(dir);
    return st;
}

/* Where a single file stands among the rules, where --as doesn't say it. */
static pd_str usual_path(const char *file, struct pd_arena *arena) {
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    bool is_rule = pd_str_ends(pd_str_from(base), PD_STR(".cedar")) ||
                   !strcmp(base, "thresholds.json") || !strcmp(base, "charter.json") ||
                   !strcmp(base, "CASES.md");
    return pd_arena_printf(arena, "%s/%s", is_rule ? "node" : "standards", base);
}

static enum pd_status gather(struct gathering *g, const struct pd_args *args, const char *place,
                             struct pd_error *err) {
    static const char *const folders[] = {"delegated", "node", "standards"};
    const char *as = pd_args_get(args, "as");
    struct stat info;
    enum pd_status st = PD_OK;
    if (place && stat(place, &info) != 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open \"%s\"", place);
    bool is_folder = place && S_ISDIR(info.st_mode);
    if (is_folder && as)
        return pd_fail(err, PD_USAGE, "--as goes with a single file");
    for (size_t i = 0; is_folder && st == PD_OK && i < sizeof(folders) / sizeof(*folders); i++)
        st = add_folder(g, place, folders[i], err);
    if (place && !is_folder)
        st = add_file(g, as ? pd_str_from(as) : usual_path(place, g->cli->arena), place, err);
    for (size_t i = 0; st == PD_OK && i < pd_args_count(args, "remove"); i++) {
        if (g->count == GOVERN_AMENDMENTS_MAX)
            return pd_fail(err, PD_LIMIT, "a proposal changes at most %d files",
                           GOVERN_AMENDMENTS_MAX);
        g->list[g->count++] = (struct govern_amendment){
            .path = pd_str_from(pd_args_nth(args, "remove", i)), .is_removed = true};
    }
    return st;
}

static enum pd_status read_effects(const struct pd_args *args, struct govern_proposing *p,
                                   struct pd_error *err) {
    for (size_t i = 0; i < pd_args_count(args, "effects"); i++) {
        const char *text = pd_args_nth(args, "effects", i);
        const char *sign = strchr(text, '=');
        bool found = false;
        for (int on = 0; sign && on < GOVERN_EFFECT_COUNT; on++) {
            const char *name = govern_effect_name((enum govern_effect_on)on);
            if (strlen(name) != (size_t)(sign - text) || strncmp(name, text, strlen(name)) != 0)
                continue;
            p->effects[on] = pd_str_from(sign + 1);
            found = true;
        }
        if (!found)
            return pd_fail(err, PD_USAGE,
                           "--effects=\"%s\" must be individuals=TEXT, business=TEXT or "
                           "public=TEXT",
                           text);
    }
    return PD_OK;
}

/* ---- propose ---- */

static void tell_id(const struct cli_report *r, const char *said, const char *noun, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "%s %s %s.", said, noun, text);
}

static enum pd_status do_propose(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                                 const struct govern_outcome **out, struct pd_error *err) {
    return govern_propose(g, context, arena, id, out, err);
}

static void tell_proposed(const struct cli_report *r, const void *context, pd_id id,
                          const struct govern_outcome *o) {
    (void)context;
    (void)o;
    tell_id(r, "Filed, as a draft: the", "proposal", id);
}

int cli_propose(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct gathering *gathered = pd_arena_alloc(cli->arena, sizeof(*gathered));
    struct govern_proposing p = {.party = cli_option(args, "party"),
                                 .member = cli_option(args, "member"),
                                 .title = cli_option(args, "title"),
                                 .language = pd_args_has(args, "language")
                                                 ? cli_option(args, "language")
                                                 : PD_STR("en")};
    struct cli_deed deed = {"propose",     "proposal", &p.private_key, do_propose,
                            tell_proposed, NULL,       &p};
    pd_id undone = {{0}};
    const char *place = pd_args_operands(args) ? pd_args_operand(args, 0) : NULL;
    const char *rollback = pd_args_get(args, "rollback");
    enum pd_status st = gathered ? PD_OK : pd_fail_memory(&err);
    if (st == PD_OK && rollback && (place || pd_args_count(args, "remove")))
        st = pd_fail(&err, PD_USAGE, "--rollback says what is changed: name no file");
    if (st == PD_OK && rollback) {
        st = cli_parse_id(rollback, &undone, &err);
        p.rollback_of = &undone;
    }
    if (st == PD_OK) {
        gathered->cli = cli;
        st = gather(gathered, args, place, &err);
        p.amendments = gathered->list;
        p.amendment_count = gathered->count;
    }
    if (st == PD_OK)
        st = read_effects(args, &p, &err);
    return cli_deed_do(cli, args, &deed, undone, st, &err);
}

/* ---- proposal edit, consult, withdraw ---- */

static enum pd_status do_move(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                              const struct govern_outcome **out, struct pd_error *err) {
    (void)id;
    return govern_proposal_move(g, context, arena, out, err);
}

static void tell_moved(const struct cli_report *r, const void *context, pd_id id,
                       const struct govern_outcome *o) {
    static const char *const said[] = {[GOVERN_PROPOSAL_EDIT] = "Another text of the",
                                       [GOVERN_PROPOSAL_CONSULT] = "In consultation: the",
                                       [GOVERN_PROPOSAL_WITHDRAW] = "Withdrawn: the"};
    (void)o;
    tell_id(r, said[((const struct govern_proposal_moving *)context)->move], "proposal", id);
}

static int move(const struct pd_args *args, struct cli *cli, enum govern_proposal_move which) {
    struct pd_error err = {0};
    struct gathering *gathered = pd_arena_alloc(cli->arena, sizeof(*gathered));
    struct govern_proposal_moving m = {.move = which,
                                       .party = cli_option(args, "party"),
                                       .member = cli_option(args, "member")};
    struct cli_deed deed = {"proposal", "proposal", &m.private_key, do_move, tell_moved, NULL, &m};
    enum pd_status st = gathered ? cli_parse_id(pd_args_operand(args, 0), &m.proposal, &err)
                                 : pd_fail_memory(&err);
    if (st == PD_OK && which == GOVERN_PROPOSAL_EDIT) {
        gathered->cli = cli;
        st = gather(gathered, args, pd_args_operand(args, 1), &err);
        m.amendments = gathered->list;
        m.amendment_count = gathered->count;
    }
    return cli_deed_do(cli, args, &deed, m.proposal, st, &err);
}

int cli_proposal_edit(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return move(args, context, GOVERN_PROPOSAL_EDIT);
}

int cli_proposal_consult(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    (void)command;
    return move(args, context, GOVERN_PROPOSAL_CONSULT);
}

int cli_proposal_withdraw(const struct pd_command *command, const struct pd_args *args,
                          void *context) {
    (void)command;
    return move(args, context, GOVERN_PROPOSAL_WITHDRAW);
}

/* ---- proposal object; answer, sustain, drop an objection ---- */

static enum pd_status do_object(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                                const struct govern_outcome **out, struct pd_error *err) {
    return govern_object(g, context, arena, id, out, err);
}

static void tell_objected(const struct cli_report *r, const void *context, pd_id id,
                          const struct govern_outcome *o) {
    (void)context;
    (void)o;
    tell_id(r, "Raised, and owed an answer: the", "objection", id);
}

int cli_proposal_object(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_objecting o = {.party = cli_option(args, "party"),
                                 .member = cli_option(args, "member"),
                                 .category = cli_option(args, "category"),
                                 .harm = cli_option(args, "harm"),
                                 .change = cli_option(args, "change")};
    struct cli_deed deed = {"proposal",    "objection", &o.private_key, do_object,
                            tell_objected, NULL,        &o};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &o.proposal, &err);
    return cli_deed_do(cli, args, &deed, o.proposal, st, &err);
}

static enum pd_status do_reply(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                               const struct govern_outcome **out, struct pd_error *err) {
    (void)id;
    return govern_reply(g, context, arena, out, err);
}

static void tell_replied(const struct cli_report *r, const void *context, pd_id id,
                         const struct govern_outcome *o) {
    static const char *const said[] = {[GOVERN_OBJECTION_ANSWER] = "Answered: the",
                                       [GOVERN_OBJECTION_WITHDRAW] = "Withdrawn: the",
                                       [GOVERN_OBJECTION_SUSTAIN] = "Stands: the"};
    (void)o;
    tell_id(r, said[((const struct govern_replying *)context)->move], "objection", id);
}

static int reply(const struct pd_args *args, struct cli *cli, enum govern_objection_move which) {
    struct pd_error err = {0};
    struct govern_replying r = {.move = which,
                                .party = cli_option(args, "party"),
                                .member = cli_option(args, "member"),
                                .text = cli_option(args, "text")};
    struct cli_deed deed = {"proposal",   "objection", &r.private_key, do_reply,
                            tell_replied, NULL,        &r};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &r.objection, &err);
    return cli_deed_do(cli, args, &deed, r.objection, st, &err);
}

int cli_proposal_answer(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    return reply(args, context, GOVERN_OBJECTION_ANSWER);
}

int cli_proposal_sustain(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    (void)command;
    return reply(args, context, GOVERN_OBJECTION_SUSTAIN);
}

int cli_proposal_drop(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return reply(args, context, GOVERN_OBJECTION_WITHDRAW);
}

/* ---- vote ---- */

struct voting {
    struct govern_voting given;
    const struct govern_voted *voted;
};

static enum pd_status do_vote(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                              const struct govern_outcome **out, struct pd_error *err) {
    struct voting *v = context;
    (void)id;
    enum pd_status st = govern_vote(g, &v->given, arena, &v->voted, err);
    if (st == PD_OK)
        *out = v->voted->outcome;
    return st;
}

static void write_voted(struct pd_json *w, const void *context) {
    const struct govern_voted *voted = ((const struct voting *)context)->voted;
    pd_json_member_str(w, "chamber", voted->chamber);
    pd_json_member_str(w, "voter", voted->voter);
    pd_json_member_i64(w, "turn", (int64_t)voted->turn);
}

static void tell_voted(const struct cli_report *r, const void *context, pd_id id,
                       const struct govern_outcome *o) {
    const struct govern_voted *voted = ((const struct voting *)context)->voted;
    (void)id;
    (void)o;
    cli_say(r->out, 0, 2, "Cast in the chamber \"%.*s\" as %.*s.", pd_arg(voted->chamber),
            pd_arg(voted->voter));
    if (voted->turn > 1)
        cli_say(r->out, 2, 4, "It is your ballot number %llu: the last one counts.",
                (unsigned long long)voted->turn);
    cli_say(r->out, 2, 4, "Nobody is told how the vote stands before it closes.");
}

int cli_vote(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct voting v = {
        .given = {.party = cli_option(args, "party"), .member = cli_option(args, "member")}};
    struct cli_deed deed = {"vote",     "proposal",  &v.given.private_key, do_vote,
                            tell_voted, write_voted, &v};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &v.given.proposal, &err);
    if (st == PD_OK &&
        !council_choice_parse(pd_str_from(pd_args_operand(args, 1)), &v.given.choice))
        st = pd_fail(&err, PD_USAGE, "\"%s\" is no choice; there are yes, no, abstain",
                     pd_args_operand(args, 1));
    return cli_deed_do(cli, args, &deed, v.given.proposal, st, &err);
}
