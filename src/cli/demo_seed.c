/*
 * `polder demo seed`: fills an empty folder with a synthetic province and a year of its acts, for people to look at. Everything
 * passes the doorway, by a clock that runs through the year; nothing in it is about anybody.
 */
#include "cli/demo_seed.h"

#include "account/account.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { YEAR_DAYS = 365 };

static pd_time tell_now(void *context) {
    struct seed *s = context;
    return s->now += 1000; /* ids of one moment sort, too */
}

/* ---- The accounts ---- */

static const struct account_of {
    const char *name, *what_en, *what_zh;
} ACCOUNTS[] = {
    {"transport/steward", "a department's steward: publishes, signs plans", "部门数据管理员：发布、签署方案"},
    {"transport/owner", "its owner: answers cases", "部门负责人：答复工单"},
    {"transport/clerk", "its clerk: asks, and others sign", "部门经办人：提出申请，由他人签署"},
    {"data-authority/steward", "the authority: attests, agrees", "数据管理局：证明、同意"},
    {"data-authority/supervisor", "its supervisor: looks over duties", "监督员：查看职责履行"},
    {"data-authority/system", "system administrator: keeps the node running", "系统管理员：维护节点运行"},
    {"data-authority/security", "security administrator: members and accounts", "安全管理员：管理成员与账户"},
    {"data-authority/audit", "audit administrator: reads the whole record", "审计管理员：查阅全部记录"},
    {"sample-bus/steward", "an enterprise that needs data", "需要数据的企业"},
    {"logistics-association/steward", "an industry body", "行业协会"},
    {"residents-east/resident-001", "a member of the public", "公众成员"},
};
enum { ACCOUNT_COUNT = sizeof(ACCOUNTS) / sizeof(*ACCOUNTS) };

/* No two demos have the same: random, and easy to type. */
static void make_password(char out[SEED_SECRET_SIZE]) {
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* 31 of them */
    uint8_t random[16];
    size_t at = 0;
    memcpy(out, "demo", 4);
    at = 4;
    crypto_random(random, sizeof(random));
    for (size_t i = 0; i < 12; i++) {
        if (i % 4 == 0)
            out[at++] = '-';
        out[at++] = letters[random[i] % 31];
    }
    out[at] = '\0';
    crypto_wipe(random, sizeof(random));
}

static enum pd_status make_accounts(struct seed *s, const char *password, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < ACCOUNT_COUNT; i++) {
        pd_str member = pd_str_from(ACCOUNTS[i].name), party;
        pd_str_split(&member, '/', &party);
        st = account_set_password(govern_store(s->g), party, member, pd_str_from(password), pd_clock_now(&s->cli->clock), err);
    }
    return st;
}

static void say_accounts(struct pd_buf *out, const char *password) {
    pd_buf_text(out, "THIS IS A DEMO: a synthetic province. Nothing in it is about anybody, and nobody may rely on it.\n"
                     "这是演示：合成的示例省份，数据不涉及任何真实的人，任何人不得据以办事。\n\n"
                     "Demo accounts, all with the password (演示账户，密码相同):  ");
    pd_buf_printf(out, "%s\n", password);
    for (size_t i = 0; i < ACCOUNT_COUNT; i++)
        pd_buf_printf(out, "  %-30s %s（%s）\n", ACCOUNTS[i].name, ACCOUNTS[i].what_en, ACCOUNTS[i].what_zh);
}

/* ---- Where it will lie ---- */

/* The folder's absolute path: intents name tables that lie beside it. */
static enum pd_status find_target(struct seed *s, const char *given, const char **out, struct pd_error *err) {
    char whole[PATH_MAX];
    pd_str path = pd_str_from(given), parent = PD_STR(".");
    while (path.len > 1 && pd_str_ends(path, PD_STR("/")))
        path.len--;
    pd_str name = path;
    for (size_t i = path.len; i > 0 && name.len == path.len; i--)
        if (path.data[i - 1] == '/') {
            name = pd_str_sub(path, i, path.len);
            parent = pd_str_sub(path, 0, i);
        }
    pd_str zero_ended = pd_arena_str(s->cli->arena, parent);
    if (!zero_ended.data)
        return pd_fail_memory(err);
    if (!realpath(zero_ended.data, whole))
        return pd_fail_errno(err, PD_NOT_FOUND, "%s", zero_ended.data);
    pd_str target = pd_arena_printf(s->cli->arena, "%s%s%.*s", whole, strcmp(whole, "/") ? "/" : "", pd_arg(name));
    if (!target.data || name.len == 0 || target.len > 200)
        return pd_fail(err, PD_USAGE, "--data: a path of at most 200 bytes");
    *out = target.data;
    return PD_OK;
}

static enum pd_status check_empty(const char *target, struct pd_error *err) {
    if (rmdir(target) == 0 || errno == ENOENT)
        return PD_OK;
    return pd_fail(err, PD_INVALID, "%s holds something; the demo fills an empty folder only", target);
}

/* ---- The course ---- */

static enum pd_status read_order(struct seed *s, const struct pd_args *args, struct pd_error *err) {
    const char *until = pd_args_get(args, "until");
    pd_time end = pd_clock_now(&s->cli->clock);
    enum pd_status st = cli_parse_count(args, "seed", 1, &s->number, err);
    if (st == PD_OK && s->number > 1000000)
        st = pd_fail(err, PD_USAGE, "--seed: a whole number up to 1,000,000");
    if (st != PD_OK)
        return st;
    pd_str text = pd_arena_printf(s->cli->arena, "%sT00:00:00Z", until ? until : "");
    if (until && !pd_time_parse(text, &end))
        return pd_fail(err, PD_USAGE, "--until=%s: a date such as 2026-11-30", until);
    s->end = end - end % PD_DAY;
    s->start = s->end - YEAR_DAYS * PD_DAY;
    s->now = s->start;
    s->is_small = pd_args_has(args, "small");
    s->database = pd_args_get(args, "database");
    s->random = cli_demo_stream(s->number, 'y', 0);
    return PD_OK;
}

static enum pd_status fill(struct seed *s, const char *password, struct pd_error *err) {
    enum pd_status st = seed_found(s, err);
    if (st == PD_OK)
        st = seed_year(s, err);
    if (st == PD_OK)
        st = make_accounts(s, password, err);
    govern_close(s->g);
    return st;
}

static enum pd_status make(struct seed *s, const char *target, const char *password, struct pd_error *err) {
    char place[256];
    enum pd_status st = check_empty(target, err);
    if (st == PD_OK && mkdir(s->tables, 0700) != 0 && errno != EEXIST)
        st = pd_fail_errno(err, PD_IO, "make %s", s->tables);
    if (st == PD_OK)
        st = seed_place_make(target, place, err);
    if (st != PD_OK)
        return st;
    pd_str folder = pd_arena_printf(s->cli->arena, "%s/node", place);
    s->folder = folder.data;
    st = folder.data ? fill(s, password, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = seed_place_move(s->folder, target, err);
    seed_place_remove(place);
    unlink(pd_arena_printf(s->cli->arena, "%s/table.csv", s->tables).data);
    return st;
}

static void say_counts(const struct seed *s, struct pd_buf *out) {
    const struct seed_count *c = &s->count;
    char from[PD_TIME_TEXT_SIZE], to[PD_TIME_TEXT_SIZE];
    pd_time_write(s->start, PD_TIME_SECONDS, from);
    pd_time_write(s->end, PD_TIME_SECONDS, to);
    cli_say(out, 0, 2,
            "A year, from %.10s to %.10s: %" PRIu64 " versions, %" PRIu64 " denials, %" PRIu64 " open intents, %" PRIu64
            " attestations, %" PRIu64 " duties met, %" PRIu64 " cases, %" PRIu64 " repaired tables, %" PRIu64 " new keys, %" PRIu64
            " erased and %" PRIu64 " destroyed; %zu demands, and %zu proposals, one of them voted into force.",
            from, to, c->versions, c->denied, c->waiting, c->attested, c->met, c->cases, c->repairs, c->rotations, c->erased, c->destroyed, s->demand_count,
            s->proposal_count);
}

static int tell(struct seed *s, const char *target, const char *password, bool is_json) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (!is_json) {
        cli_say(&out, 0, 2, "The sample province is in %s.", target);
        say_counts(s, &out);
        pd_buf_char(&out, '\n');
        say_accounts(&out, password);
        return cli_print(&out);
    }
    struct pd_json w;
    pd_json_init(&w, &out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "demo", true);
    pd_json_member_text(&w, "folder", target);
    pd_json_member_text(&w, "tables", s->tables);
    pd_json_member_text(&w, "password", password);
    pd_json_key(&w, "accounts");
    pd_json_array(&w);
    for (size_t i = 0; i < ACCOUNT_COUNT; i++)
        pd_json_text(&w, ACCOUNTS[i].name);
    pd_json_array_end(&w);
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"versions", s->count.versions},   {"denials", s->count.denied},     {"open_intents", s->count.waiting},
                  {"attestations", s->count.attested}, {"duties_met", s->count.met},     {"cases", s->count.cases},
                  {"repairs", s->count.repairs},     {"rotations", s->count.rotations}, {"erased", s->count.erased},
                  {"destroyed", s->count.destroyed}, {"demands", s->demand_count},       {"proposals", s->proposal_count}};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        pd_json_member_i64(&w, counts[i].name, (int64_t)counts[i].n);
    pd_json_object_end(&w);
    pd_buf_char(&out, '\n');
    pd_json_clear(&w);
    return cli_print(&out);
}

/* So that script/server can tell them again. */
static enum pd_status keep_accounts(struct seed *s, const char *password, struct pd_error *err) {
    struct pd_buf out;
    pd_buf_init(&out, 1 << 16);
    say_accounts(&out, password);
    pd_str path = pd_arena_printf(s->cli->arena, "%s/ACCOUNTS.txt", s->tables);
    enum pd_status st = path.data ? cli_file_write_private(path.data, pd_buf_view(&out), err) : pd_fail_memory(err);
    pd_buf_clear(&out);
    return st;
}

int cli_demo_seed(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    char password[SEED_SECRET_SIZE];
    const char *target = NULL;
    struct seed *s = pd_arena_alloc(cli->arena, sizeof(*s));
    if (!s)
        return cli_fail(&(struct pd_error){0});
    *s = (struct seed){.cli = cli, .arena = pd_arena_new((size_t)1 << 30)};
    s->clock = (struct pd_clock){tell_now, s};
    enum pd_status st = s->arena ? PD_OK : pd_fail_memory(&err);
    if (st == PD_OK)
        st = read_order(s, args, &err);
    if (st == PD_OK)
        st = find_target(s, pd_args_get(args, "data"), &target, &err);
    pd_str tables = st == PD_OK ? pd_arena_printf(cli->arena, "%s-demo", target) : PD_STR("");
    s->tables = tables.data;
    make_password(password);
    if (st == PD_OK)
        st = make(s, target, password, &err);
    if (st == PD_OK)
        st = keep_accounts(s, password, &err);
    int code = st == PD_OK ? tell(s, target, password, pd_args_has(args, "json")) : cli_fail(&err);
    pd_arena_free(s->arena);
    return code;
}
