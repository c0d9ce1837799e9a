/* polder stats, stats agree, stats list: statistics with differential privacy, and their budgets.
 */
#include "cli/stats.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Adding up ---- */

struct adding {
    const struct stats_words *words;
    struct pd_arena *arena;
    struct protect_stats *stats;
};

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct adding *a = context;
    struct protect_stats_ask ask;
    pd_str *unique = pd_arena_array(a->arena, count, sizeof(*unique));
    if (!unique)
        return pd_fail_memory(err);
    enum pd_status st = table_names_unique(names, count, a->arena, unique, NULL, err);
    if (st == PD_OK)
        st = stats_words_resolve(a->words, unique, count, a->arena, &ask, err);
    protect_stats_free(a->stats); /* a table that is read again */
    a->stats = NULL;
    return st == PD_OK ? protect_stats_new(&ask, unique, count, &a->stats, err) : st;
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    struct adding *a = context;
    return protect_stats_feed(a->stats, batch, err);
}

static enum pd_status add_up(struct cli *cli, const struct pd_args *args, struct adding *a,
                             crypto_hash *content, struct pd_error *err) {
    const char *location, *spool = getenv("TMPDIR");
    struct govern_form form = cli_form(args);
    struct table_handler handler = {.context = a, .header = on_header, .batch = on_batch};
    struct source *source = NULL;
    enum pd_status st = cli_source_location(cli, args, &location, err);
    if (st == PD_OK)
        st = source_open(location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &source, err);
    if (st == PD_OK)
        st = govern_budget_read(source, &form, &handler, cli_progress(cli), cli->arena, content,
                                err);
    cli_progress_end(cli);
    source_close(source);
    if (st == PD_OK && !a->stats)
        st = pd_fail(err, PD_INVALID, "the table has no header");
    return st;
}

/* ---- The node's budget ---- */

static enum pd_status read_actor(struct cli *cli, const struct pd_args *args, const char *dataset,
                                 struct govern_budget_actor *out, struct pd_error *err) {
    static const char *const needed[] = {"consumer", "party", "member", "key"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
        if (!pd_args_get(args, needed[i]))
            return pd_fail(err, PD_USAGE,
                           "a budget of a node (--data) needs --dataset, --consumer, --party, "
                           "--member and --key: --%s is missing",
                           needed[i]);
    *out = (struct govern_budget_actor){.party = pd_str_from(pd_args_get(args, "party")),
                                        .member = pd_str_from(pd_args_get(args, "member")),
                                        .consumer = pd_str_from(pd_args_get(args, "consumer"))};
    enum pd_status st = cli_parse_id(dataset, &out->dataset, err);
    return st == PD_OK ? cli_key_read(cli, pd_args_get(args, "key"), &out->private_key, err) : st;
}

static void wipe(pd_str text) {
    if (text.len) /* the arena's copy */
        crypto_wipe((char *)(uintptr_t)text.data, text.len);
}

static enum pd_status write_detail(struct cli *cli, const struct stats_told *told, pd_str *out,
                                   struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    stats_write(&w, told);
    pd_json_object_end(&w);
    return pd_json_finish(&w, cli->arena, out, err);
}

struct telling {
    struct stats_words words;
    struct stats_told told;
    struct govern_budget after;
    struct govern *g;
    const char *folder;
};

static enum pd_status spend(struct cli *cli, const struct govern_budget_actor *actor,
                            const crypto_hash *content, struct telling *t, struct pd_error *err) {
    pd_str detail;
    enum pd_status st = govern_budget_check(t->g, actor->dataset, content, cli->arena, err);
    if (st == PD_OK)
        st = write_detail(cli, &t->told, &detail, err);
    if (st == PD_OK)
        st = govern_budget_spend(t->g, actor, &t->told.result->cost, detail, cli->arena,
                                 &t->told.outcome, &t->after, err);
    if (st == PD_OK)
        t->told.budget = &t->after;
    return st;
}

/* Nothing is told before the act that pays for it stands. */
static enum pd_status run(struct cli *cli, const struct pd_args *args, struct telling *t,
                          struct pd_error *err) {
    struct adding a = {.words = &t->words, .arena = cli->arena};
    struct govern_budget_actor actor = {0};
    struct protect_random random = protect_random_kernel();
    crypto_hash content;
    bool has_budget = t->folder != NULL;
    const char *dataset = pd_args_get(args, "dataset");
    if (has_budget != (dataset != NULL))
        return pd_fail(err, PD_USAGE,
                       "--data and --dataset go together: a budget is for a dataset of a node");
    enum pd_status st = stats_words_read(cli, args, &t->words, err);
    if (st == PD_OK && has_budget)
        st = read_actor(cli, args, dataset, &actor, err);
    if (st == PD_OK && has_budget)
        st = cli_open(cli, args, STORE_WRITE, "stats", &t->g, err);
    if (st == PD_OK)
        st = add_up(cli, args, &a, &content, err);
    if (st == PD_OK)
        st = protect_stats_release(a.stats, &random, cli->arena, &t->told.result, err);
    protect_stats_free(a.stats);
    crypto_wipe(&random, sizeof(random));
    t->told.words = &t->words;
    if (st == PD_OK && has_budget)
        st = spend(cli, &actor, &content, t, err);
    wipe(actor.private_key);
    return st;
}

int cli_stats(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct telling t = {.folder = pd_args_get(args, "data")};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = run(cli, args, &t, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        stats_write(&w, &t.told);
        if (t.told.outcome) {
            pd_json_key(&w, "outcome");
            cli_json_outcome(&w, t.told.outcome);
        }
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, t.g ? govern_rules(t.g) : NULL, t.folder};
        stats_tell(&r, &t.told);
    }
    if (t.g)
        cli_close_writer(cli, t.g, st == PD_OK || t.told.outcome);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}

/* ---- stats agree ---- */

int cli_stats_agree(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct govern_budget_actor actor = {0};
    const struct govern_outcome *outcome = NULL;
    const char *delta_text = pd_args_get(args, "delta"), *folder = pd_args_get(args, "data");
    uint64_t micro;
    double delta = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = PD_OK;
    if (!stats_parse_micro(pd_args_get(args, "epsilon"), &micro))
        st = pd_fail(&err, PD_USAGE,
                     "--epsilon=\"%s\" must be a number above 0 with at most 6 places, such as 2",
                     pd_args_get(args, "epsilon"));
    else if (delta_text && !pd_parse_double(pd_str_from(delta_text), &delta))
        st = pd_fail(&err, PD_USAGE, "--delta=\"%s\" must be a number, such as 1e-8", delta_text);
    if (st == PD_OK)
        st = read_actor(cli, args, pd_args_operand(args, 0), &actor, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "stats agree", &g, &err);
    if (st == PD_OK)
        st = govern_budget_agree(g, &actor, micro, delta, cli->arena, &outcome, &err);
    wipe(actor.private_key);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "outcome");
        cli_json_outcome(&w, outcome);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        cli_say(&out, 0, 2, "The budget of \"%.*s\" is epsilon %g at delta %g from now on.",
                pd_arg(actor.consumer), (double)micro / 1e6, delta);
        cli_report_placed(&r, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}

/* ---- stats list ---- */

static void write_budgets(struct pd_json *w, const struct govern_budget *list, size_t count) {
    pd_json_key(w, "budgets");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "dataset", list[i].dataset);
        pd_json_key(w, "title");
        pd_json_raw(w, list[i].title);
        pd_json_member_str(w, "consumer", list[i].consumer);
        pd_json_member_double(w, "epsilon", list[i].epsilon);
        pd_json_member_double(w, "delta", list[i].delta);
        pd_json_member_double(w, "spent", list[i].spent);
        pd_json_member_double(w, "rho", (double)list[i].rho_nano / 1e9);
        pd_json_member_i64(w, "answers", (int64_t)list[i].answers);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void say_budgets(const struct cli_report *r, const struct govern_budget *list,
                        size_t count) {
    enum { COLUMNS = 6 };
    static const struct cli_column titles[COLUMNS] = {
        {"dataset", false, 0}, {"consumer", false, 40}, {"epsilon", true, 0},
        {"delta", true, 0},    {"spent", true, 0},      {"answers", true, 0}};
    pd_str *cells = pd_arena_array(r->arena, COLUMNS * count + 1, sizeof(*cells));
    if (!cells) {
        r->out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        pd_str *at = cells + COLUMNS * i;
        at[0] = list[i].dataset;
        at[1] = list[i].consumer;
        at[2] = pd_arena_printf(r->arena, "%g", list[i].epsilon);
        at[3] = pd_arena_printf(r->arena, "%g", list[i].delta);
        at[4] = pd_arena_printf(r->arena, "%.4g", list[i].spent);
        at[5] = cli_number(r->arena, list[i].answers);
    }
    if (count == 0)
        cli_say(r->out, 0, 2, "No budget was agreed to: statistics of no dataset can be told.");
    else
        cli_table(r->out, 0, titles, COLUMNS, cells, count);
    if (count > 1)
        cli_say(r->out, 0, 2,
                "Consumers who put together what they were told know as much as their budgets "
                "together.");
}

int cli_stats_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_budget *list = NULL;
    size_t count = 0;
    pd_id dataset;
    bool is_one = pd_args_operands(args) > 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = is_one ? cli_parse_id(pd_args_operand(args, 0), &dataset, &err) : PD_OK;
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "stats list", &g, &err);
    if (st == PD_OK)
        st = govern_budget_list(g, is_one ? &dataset : NULL, cli->arena, &list, &count, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        write_budgets(&w, list, count);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, NULL, pd_args_get(args, "data")};
        say_budgets(&r, list, count);
    }
    govern_close(g);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}
