/* polder attack: what somebody could do with a table before it is released. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

enum { OTHERS_MAX = 32, PLAN_MAX = 4 << 20 };

struct telling {
    const struct govern_attacks *found;
    double limit; /* percent; below 0: none was given */
    pd_str name;
};

/* ---- What is to be read ---- */

struct sources {
    struct source *table, *original, *opened[OTHERS_MAX];
    struct govern_attack_other others[OTHERS_MAX];
    size_t count;
};

static void close_all(struct sources *s) {
    for (size_t i = 0; i < s->count; i++)
        source_close(s->opened[i]);
    source_close(s->original);
    source_close(s->table);
}

static enum pd_status open_at(const char *location, struct source **out, struct pd_error *err) {
    const char *spool = getenv("TMPDIR");
    return source_open(location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, out, err);
}

static enum pd_status open_others(const struct pd_args *args, const char *option, bool is_before,
                                  struct sources *s, struct pd_error *err) {
    for (size_t i = 0; i < pd_args_count(args, option); i++) {
        if (s->count == OTHERS_MAX)
            return pd_fail(err, PD_LIMIT, "at most %d other tables at once", OTHERS_MAX);
        enum pd_status st = open_at(pd_args_nth(args, option, i), &s->opened[s->count], err);
        if (st != PD_OK)
            return st;
        s->others[s->count] = (struct govern_attack_other){s->opened[s->count], is_before};
        s->count++;
    }
    return PD_OK;
}

static enum pd_status open_all(struct cli *cli, const struct pd_args *args, struct sources *s,
                               struct pd_error *err) {
    const char *location, *original = pd_args_get(args, "original");
    enum pd_status st = cli_source_location(cli, args, &location, err);
    if (st == PD_OK)
        st = open_at(location, &s->table, err);
    if (st == PD_OK && original)
        st = open_at(original, &s->original, err);
    if (st == PD_OK)
        st = open_others(args, "link", false, s, err);
    return st == PD_OK ? open_others(args, "before", true, s, err) : st;
}

static enum pd_status read_names(struct cli *cli, const struct pd_args *args, const char *option,
                                 const pd_str **out, size_t *count, struct pd_error *err) {
    *count = pd_args_count(args, option);
    pd_str *names = pd_arena_array(cli->arena, *count + 1, sizeof(*names));
    if (!names)
        return pd_fail_memory(err);
    for (size_t i = 0; i < *count; i++)
        names[i] = pd_str_from(pd_args_nth(args, option, i));
    *out = names;
    return PD_OK;
}

static enum pd_status read_limit(const struct pd_args *args, double *out, struct pd_error *err) {
    const char *text = pd_args_get(args, "limit");
    *out = -1;
    if (text && (!pd_parse_double(pd_str_from(text), out) || !(*out >= 0 && *out <= 100)))
        return pd_fail(err, PD_USAGE, "--limit=\"%s\" is a percentage, 0 to 100", text);
    return PD_OK;
}

static enum pd_status read_ask(struct cli *cli, const struct pd_args *args, const struct sources *s,
                               struct govern_attack_ask *ask, struct pd_error *err) {
    const char *plan = pd_args_get(args, "plan");
    ask->source = s->table;
    ask->original = s->original;
    ask->others = s->others;
    ask->other_count = s->count;
    enum pd_status st = read_names(cli, args, "known", &ask->known, &ask->known_count, err);
    if (st == PD_OK)
        st = read_names(cli, args, "sensitive", &ask->sensitive, &ask->sensitive_count, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "k", 0, &ask->k, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "l", 0, &ask->l, err);
    return st == PD_OK && plan ? cli_file_read(cli, plan, PLAN_MAX, &ask->plan, err) : st;
}

/* ---- For people ---- */

static const struct told {
    const char *title, *sentence;
} TOLD[PROTECT_ATTACK_KIND_COUNT] = {
    [PROTECT_ATTACK_SINGLING_OUT] = {"singling out",
                                     "taking the row of a person whose known values one has"},
    [PROTECT_ATTACK_HOMOGENEITY] = {"homogeneity",
                                    "guessing by the rows that are alike in what is known"},
    [PROTECT_ATTACK_MINIMALITY] = {"minimality",
                                   "concluding from what the search for least loss refused"},
    [PROTECT_ATTACK_LINKAGE] = {"linkage", "matching the rows of another table"},
    [PROTECT_ATTACK_DIFFERENCING] = {"differencing", "comparing with an earlier version"},
};

static pd_str list_names(const pd_str *names, size_t count, struct pd_arena *arena) {
    pd_str all = PD_STR("");
    for (size_t i = 0; i < count; i++)
        all = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(all), i ? ", " : "", pd_arg(names[i]));
    return all;
}

static void say_verdict(const struct cli_report *r, const struct telling *t) {
    const struct govern_attacks *f = t->found;
    if (!f->known_count) {
        cli_say(r->out, 0, 2,
                "%.*s: nothing to attack with. No column was found by which somebody could know a "
                "person; --known COLUMN names one.",
                pd_arg(t->name));
        return;
    }
    pd_str worst = cli_percent(r->arena, f->worst);
    if (t->limit < 0)
        cli_say(r->out, 0, 2, "%.*s: the best attack gains %.*s over guessing without the table.",
                pd_arg(t->name), pd_arg(worst));
    else
        cli_say(r->out, 0, 2,
                "%.*s: the best attack gains %.*s over guessing without the table, which is %s the "
                "limit of %g%%.",
                pd_arg(t->name), pd_arg(worst), f->worst * 100 > t->limit ? "above" : "within",
                t->limit);
    pd_str known = list_names(f->known, f->known_count, r->arena);
    cli_say(r->out, 0, 2, "Whoever attacks knows of a person: %.*s.", pd_arg(known));
    if (f->sensitive_count) {
        pd_str sensitive = list_names(f->sensitive, f->sensitive_count, r->arena);
        cli_say(r->out, 0, 2, "Nobody is to learn: %.*s.", pd_arg(sensitive));
    }
}

static void say_table(const struct cli_report *r, const struct govern_attacks *f) {
    enum { COLUMNS = 8 };
    static const struct cli_column titles[COLUMNS] = {
        {"attack", false, 0},     {"of", false, 24},  {"with", false, 28},
        {"attempts", true, 0},    {"right", true, 0}, {"by chance", true, 0},
        {"for certain", true, 0}, {"gain", true, 0}};
    pd_str *cells = pd_arena_array(r->arena, COLUMNS * f->count + 1, sizeof(*cells));
    if (!cells) {
        r->out->failed = true;
        return;
    }
    for (size_t i = 0; i < f->count; i++) {
        const struct protect_attack *a = &f->items[i].attack;
        pd_str *at = cells + i * COLUMNS;
        at[0] = pd_str_from(TOLD[a->kind].title);
        at[1] = f->items[i].column;
        at[2] = f->items[i].other;
        at[3] = cli_number(r->arena, a->attempts);
        at[4] = cli_percent(r->arena, a->rate);
        at[5] = cli_percent(r->arena, a->baseline);
        at[6] = cli_number(r->arena, a->certain);
        at[7] = cli_percent(r->arena, a->risk);
    }
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 0, titles, COLUMNS, cells, f->count);
    pd_buf_char(r->out, '\n');
}

static void say(const struct cli_report *r, const struct telling *t) {
    const struct govern_attacks *f = t->found;
    bool is_told[PROTECT_ATTACK_KIND_COUNT] = {false};
    say_verdict(r, t);
    if (f->count)
        say_table(r, f);
    for (size_t i = 0; i < f->count; i++) {
        enum protect_attack_kind kind = f->items[i].attack.kind;
        if (!is_told[kind])
            cli_say(r->out, 0, 2, "%s: %s.", TOLD[kind].title, TOLD[kind].sentence);
        is_told[kind] = true;
    }
    if (f->count)
        cli_say(r->out, 0, 2,
                "right: of all attempts; by chance: without the table; gain: (right - by chance) / "
                "(1 - by chance).");
    for (size_t i = 0; i < f->note_count; i++)
        cli_say(r->out, 0, 2, "Note: %.*s.", pd_arg(f->notes[i]));
}

/* ---- For machines ---- */

static void write_json(struct pd_json *w, const struct telling *t) {
    pd_json_object(w);
    pd_json_member_i64(w, "polder", 1);
    pd_json_member_str(w, "name", t->name);
    if (t->limit >= 0)
        pd_json_member_double(w, "limit", t->limit / 100);
    govern_attacked_write(t->found, w);
    pd_json_object_end(w);
}

int cli_attack(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct sources sources = {0};
    struct govern_form form = cli_form(args);
    struct govern_attack_ask ask = {.form = &form};
    struct govern_attacks found;
    struct telling t = {.found = &found};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = read_limit(args, &t.limit, &err);
    if (st == PD_OK)
        st = open_all(cli, args, &sources, &err);
    if (st == PD_OK)
        st = read_ask(cli, args, &sources, &ask, &err);
    if (st == PD_OK)
        st = govern_attack(&ask, pd_clock_now(&cli->clock), cli_progress(cli), cli->arena, &found,
                           &err);
    cli_progress_end(cli);
    if (st == PD_OK) {
        t.name = pd_arena_str(cli->arena, source_name(sources.table));
        struct cli_report r = {&out, cli->arena, NULL, NULL};
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        if (pd_args_has(args, "json")) {
            write_json(&w, &t);
            pd_buf_char(&out, '\n');
        } else {
            say(&r, &t);
        }
        pd_json_clear(&w);
    }
    close_all(&sources);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    bool is_above = t.limit >= 0 && found.worst * 100 > t.limit;
    return code == 0 && is_above ? pd_outcome_get(PD_DENIED)->exit_code : code;
}
