/* polder propose, polder proposal ...: filing a proposal, and what those concerned do about it. */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static pd_str option(const struct pd_args *args, const char *name) {
    return pd_str_from(pd_args_get(args, name));
}

static enum pd_status read_key(struct cli *cli, const struct pd_args *args, pd_str *out,
                               struct pd_error *err) {
    const char *path = pd_args_get(args, "key");
    return path ? cli_key_read(cli, path, out, err) : PD_OK;
}

static void wipe_key(pd_str key) {
    if (key.len) /* the arena's copy, made by cli_key_read */
        crypto_wipe((char *)(uintptr_t)key.data, key.len);
}

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

/* ---- Answers ---- */

static int answer(struct cli *cli, const struct pd_args *args, struct govern *g, enum pd_status st,
                  const char *noun, const pd_id *id, const char *said,
                  const struct govern_outcome *outcome, struct pd_error *err) {
    struct pd_buf out;
    char text[PD_ID_TEXT_SIZE];
    pd_buf_init(&out, 0);
    if (st == PD_OK)
        pd_id_write(*id, text);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_member_text(&w, noun, text);
        pd_json_key(&w, "outcome");
        cli_json_outcome(&w, outcome);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        cli_say(&out, 0, 2, "%s %s %s.", said, noun, text);
        cli_report_placed(&r, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(err);
}

/* ---- propose ---- */

int cli_propose(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    struct gathering *gathered = pd_arena_alloc(cli->arena, sizeof(*gathered));
    struct govern_proposing p = {.party = option(args, "party"),
                                 .member = option(args, "member"),
                                 .title = option(args, "title"),
                                 .language = pd_args_has(args, "language")
                                                 ? option(args, "language")
                                                 : PD_STR("en")};
    pd_id id = {{0}}, undone = {{0}};
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
    if (st == PD_OK)
        st = read_key(cli, args, &p.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "propose", &g, &err);
    if (st == PD_OK)
        st = govern_propose(g, &p, cli->arena, &id, &outcome, &err);
    wipe_key(p.private_key);
    return answer(cli, args, g, st, "proposal", &id, "Filed, as a draft: the", outcome, &err);
}

/* ---- proposal edit, consult, withdraw ---- */

static int move(const struct pd_args *args, struct cli *cli, enum govern_proposal_move which,
                const char *said) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    struct gathering *gathered = pd_arena_alloc(cli->arena, sizeof(*gathered));
    struct govern_proposal_moving m = {
        .move = which, .party = option(args, "party"), .member = option(args, "member")};
    enum pd_status st = gathered ? cli_parse_id(pd_args_operand(args, 0), &m.proposal, &err)
                                 : pd_fail_memory(&err);
    if (st == PD_OK && which == GOVERN_PROPOSAL_EDIT) {
        gathered->cli = cli;
        st = gather(gathered, args, pd_args_operand(args, 1), &err);
        m.amendments = gathered->list;
        m.amendment_count = gathered->count;
    }
    if (st == PD_OK)
        st = read_key(cli, args, &m.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "proposal", &g, &err);
    if (st == PD_OK)
        st = govern_proposal_move(g, &m, cli->arena, &outcome, &err);
    wipe_key(m.private_key);
    return answer(cli, args, g, st, "proposal", &m.proposal, said, outcome, &err);
}

int cli_proposal_edit(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return move(args, context, GOVERN_PROPOSAL_EDIT, "Another text of the");
}

int cli_proposal_consult(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    (void)command;
    return move(args, context, GOVERN_PROPOSAL_CONSULT, "In consultation: the");
}

int cli_proposal_withdraw(const struct pd_command *command, const struct pd_args *args,
                          void *context) {
    (void)command;
    return move(args, context, GOVERN_PROPOSAL_WITHDRAW, "Withdrawn: the");
}

/* ---- proposal object; answer, sustain, drop an objection ---- */

int cli_proposal_object(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    struct govern_objecting o = {.party = option(args, "party"),
                                 .member = option(args, "member"),
                                 .category = option(args, "category"),
                                 .harm = option(args, "harm"),
                                 .change = option(args, "change")};
    pd_id id = {{0}};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &o.proposal, &err);
    if (st == PD_OK)
        st = read_key(cli, args, &o.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "proposal", &g, &err);
    if (st == PD_OK)
        st = govern_object(g, &o, cli->arena, &id, &outcome, &err);
    wipe_key(o.private_key);
    return answer(cli, args, g, st, "objection", &id, "Raised, and owed an answer: the", outcome,
                  &err);
}

static int reply(const struct pd_args *args, struct cli *cli, enum govern_objection_move which,
                 const char *said) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    struct govern_replying r = {.move = which,
                                .party = option(args, "party"),
                                .member = option(args, "member"),
                                .text = option(args, "text")};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &r.objection, &err);
    if (st == PD_OK)
        st = read_key(cli, args, &r.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "proposal", &g, &err);
    if (st == PD_OK)
        st = govern_reply(g, &r, cli->arena, &outcome, &err);
    wipe_key(r.private_key);
    return answer(cli, args, g, st, "objection", &r.objection, said, outcome, &err);
}

int cli_proposal_answer(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    return reply(args, context, GOVERN_OBJECTION_ANSWER, "Answered: the");
}

int cli_proposal_sustain(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    (void)command;
    return reply(args, context, GOVERN_OBJECTION_SUSTAIN, "Stands: the");
}

int cli_proposal_drop(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return reply(args, context, GOVERN_OBJECTION_WITHDRAW, "Withdrawn: the");
}

/* ---- vote ---- */

int cli_vote(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_voted *voted = NULL;
    struct govern_voting v = {.party = option(args, "party"), .member = option(args, "member")};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &v.proposal, &err);
    if (st == PD_OK && !council_choice_parse(pd_str_from(pd_args_operand(args, 1)), &v.choice))
        st = pd_fail(&err, PD_USAGE, "\"%s\" is no choice; there are yes, no, abstain",
                     pd_args_operand(args, 1));
    if (st == PD_OK)
        st = read_key(cli, args, &v.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "vote", &g, &err);
    if (st == PD_OK)
        st = govern_vote(g, &v, cli->arena, &voted, &err);
    wipe_key(v.private_key);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "proposal");
        cli_json_id(&w, v.proposal);
        pd_json_member_str(&w, "chamber", voted->chamber);
        pd_json_member_str(&w, "voter", voted->voter);
        pd_json_member_i64(&w, "turn", (int64_t)voted->turn);
        pd_json_key(&w, "outcome");
        cli_json_outcome(&w, voted->outcome);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        cli_say(&out, 0, 2, "Cast in the chamber \"%.*s\" as %.*s.", pd_arg(voted->chamber),
                pd_arg(voted->voter));
        if (voted->turn > 1)
            cli_say(&out, 2, 4, "It is your ballot number %llu: the last one counts.",
                    (unsigned long long)voted->turn);
        cli_say(&out, 2, 4, "Nobody is told how the vote stands before it closes.");
        cli_report_placed(&r, voted->outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
