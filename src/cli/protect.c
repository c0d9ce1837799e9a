/* polder protect: a plan suggested for a table, and a plan carried out on one. */
#include "cli/protect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The file that is written ---- */

/* Without a name until it is whole and was held against its plan, so that whoever is interrupted
   leaves nothing; where files can't be so, beside its place. */
struct target {
    const char *path;
    char beside[4096]; /* empty: it has no name yet */
    FILE *file;
};

static int open_nameless(const char *path) {
#ifdef O_TMPFILE
    char folder[4096];
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (n + 2 > sizeof(folder))
        return -1;
    memcpy(folder, path, n);
    strcpy(folder + n, ".");
    return open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
#else
    (void)path;
    return -1;
#endif
}

/* A name beside the place of a file that has none, from which it can be renamed. */
static bool name_target(struct target *t) {
    char from[64], beside[sizeof(t->beside)];
    uint8_t random[8];
    crypto_random(random, sizeof(random));
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fileno(t->file));
    int n = snprintf(beside, sizeof(beside), "%s.%02x%02x%02x%02x%02x%02x", t->path, random[0],
                     random[1], random[2], random[3], random[4], random[5]);
    if (n < 0 || (size_t)n >= sizeof(beside) ||
        linkat(AT_FDCWD, from, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) != 0)
        return false;
    memcpy(t->beside, beside, sizeof(beside));
    return true;
}

static enum pd_status open_target(struct target *t, const char *source, struct pd_error *err) {
    struct stat there, from;
    bool is_there = stat(t->path, &there) == 0;
    if (is_there && !S_ISREG(there.st_mode))
        return pd_fail(err, PD_USAGE,
                       "-o=\"%s\" is no file: what is written there couldn't be taken back if its own "
                       "inspection contradicts the plan",
                       t->path);
    if (is_there && stat(source, &from) == 0 && from.st_dev == there.st_dev &&
        from.st_ino == there.st_ino)
        return pd_fail(err, PD_USAGE, "-o=\"%s\" is the table itself; name another file", t->path);
    int n = snprintf(t->beside, sizeof(t->beside), "%s.XXXXXX", t->path);
    if (n < 0 || (size_t)n >= sizeof(t->beside))
        return pd_fail(err, PD_USAGE, "the path of the file to write is too long");
    int fd = open_nameless(t->path);
    if (fd >= 0)
        t->beside[0] = 0;
    else
        fd = mkostemp(t->beside, O_CLOEXEC);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open \"%s\" for writing", t->path);
    t->file = fdopen(fd, "wb");
    if (t->file)
        return PD_OK;
    close(fd);
    if (t->beside[0])
        unlink(t->beside);
    return pd_fail_memory(err);
}

static enum pd_status to_target(void *context, const void *bytes, size_t n, struct pd_error *err) {
    struct target *t = context;
    return fwrite(bytes, 1, n, t->file) == n ? PD_OK
                                             : pd_fail_errno(err, PD_IO, "write \"%s\"", t->path);
}

/* Takes its place, or is gone. */
static enum pd_status close_target(struct target *t, enum pd_status st, struct pd_error *err) {
    if (!t->file)
        return st;
    if (st == PD_OK && (fflush(t->file) != 0 || fsync(fileno(t->file)) != 0))
        st = pd_fail_errno(err, PD_IO, "write \"%s\" to disk", t->path);
    if (st == PD_OK && !t->beside[0] && !name_target(t))
        st = pd_fail_errno(err, PD_IO, "give what was written its name \"%s\"", t->path);
    if (fclose(t->file) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "close \"%s\"", t->path);
    if (st == PD_OK && rename(t->beside, t->path) != 0)
        st = pd_fail_errno(err, PD_IO, "write \"%s\"", t->path);
    if (st != PD_OK && t->beside[0])
        unlink(t->beside);
    t->file = NULL;
    return st;
}

/* ---- The two ways ---- */

struct protecting {
    struct cli *cli;
    const struct pd_args *args;
    struct govern_plan_table table;
    const char *location, *out;
    struct pd_buf *text;
    struct pd_json *json; /* NULL: for people */
};

static enum pd_status suggest(struct protecting *p, struct pd_error *err) {
    struct govern_suggest_ask ask;
    struct govern_suggestion s = {0};
    enum pd_status st = protect_words_read(p->cli, p->args, &ask, err);
    if (st == PD_OK)
        st = govern_plan_suggest(&p->table, &ask, p->cli->arena, &s, err);
    cli_progress_end(p->cli);
    if (st == PD_OK && p->out)
        st = cli_file_write(p->out, s.json, err);
    if (st != PD_OK)
        return st;
    if (p->json)
        return govern_suggestion_write(&s, p->json, err);
    struct cli_report r = {p->text, p->cli->arena, NULL, NULL};
    protect_tell_suggestion(&r, &s, p->out);
    return PD_OK;
}

static enum pd_status carry_out(struct protecting *p, struct pd_error *err) {
    struct govern_planned planned = {0};
    struct target target = {.path = p->out};
    struct table_sink sink = {.context = &target, .write = to_target};
    uint8_t key[CRYPTO_KEY_SIZE];
    bool has_key = false;
    pd_str plan;
    if (!p->out)
        return pd_fail(err, PD_USAGE, "-o FILE says where the protected table goes");
    enum pd_status st =
        cli_file_read(p->cli, pd_args_get(p->args, "plan"), PROTECT_PLAN_MAX_BYTES, &plan, err);
    if (st == PD_OK)
        st = open_target(&target, p->location, err);
    if (st == PD_OK)
        st = protect_words_key(p->cli, p->args, key, &has_key, err);
    if (st == PD_OK)
        st = govern_plan_carry_out(&p->table, plan, key, &sink, p->cli->arena, &planned, err);
    crypto_wipe(key, sizeof(key));
    cli_progress_end(p->cli);
    if (st == PD_OK && planned.plan->key.len > 0 && !has_key)
        st = pd_fail(err, PD_USAGE,
                     "the plan's pseudonyms are of the key \"%.*s\"; give it (--key FILE), or take "
                     "\"key\" out of the plan for a key that is of this run alone",
                     pd_arg(planned.plan->key));
    if (st == PD_OK && planned.contradiction.len > 0)
        st = pd_fail(err, PD_DENIED, "%.*s; nothing was written", pd_arg(planned.contradiction));
    st = close_target(&target, st, err);
    if (st != PD_OK)
        return st;
    if (p->json)
        return govern_planned_write(&planned, p->json, err);
    struct cli_report r = {p->text, p->cli->arena, NULL, NULL};
    protect_tell_planned(&r, &planned, p->out, has_key);
    return PD_OK;
}

static enum pd_status undo(struct protecting *p, struct pd_error *err) {
    struct govern_undone undone = {0};
    struct target target = {.path = p->out};
    struct table_sink sink = {.context = &target, .write = to_target};
    uint8_t key[CRYPTO_KEY_SIZE];
    bool has_key = false;
    pd_str plan;
    if (!p->out || !pd_args_has(p->args, "key"))
        return pd_fail(err, PD_USAGE,
                       "--undo needs the key by which it was made (--key FILE), and -o FILE; without that "
                       "key nobody can go back");
    enum pd_status st =
        cli_file_read(p->cli, pd_args_get(p->args, "undo"), PROTECT_PLAN_MAX_BYTES, &plan, err);
    if (st == PD_OK)
        st = protect_words_key(p->cli, p->args, key, &has_key, err);
    if (st == PD_OK)
        st = open_target(&target, p->location, err);
    if (st == PD_OK)
        st = govern_plan_undo(&p->table, plan, key, &sink, p->cli->arena, &undone, err);
    crypto_wipe(key, sizeof(key));
    cli_progress_end(p->cli);
    st = close_target(&target, st, err);
    if (st != PD_OK)
        return st;
    if (p->json) {
        pd_json_member_i64(p->json, "rows", (int64_t)undone.report.rows);
        pd_json_member_i64(p->json, "formats", (int64_t)undone.report.formats);
        pd_json_member_i64(p->json, "dates", (int64_t)undone.report.dates);
        pd_json_member_i64(p->json, "lost", (int64_t)undone.report.lost);
        return PD_OK;
    }
    cli_say(p->text, 0, 2,
            "Back: %s, %llu rows: %llu encrypted cells and %llu dates are as they were, if this is the key that "
            "made them, which nothing in them shows; %llu that had become * are lost. What the plan dropped, masked, generalised or left out nobody can bring back.",
            p->out, (unsigned long long)undone.report.rows,
            (unsigned long long)undone.report.formats, (unsigned long long)undone.report.dates,
            (unsigned long long)undone.report.lost);
    return PD_OK;
}

static enum pd_status check_options(const struct pd_args *args, struct pd_error *err) {
    static const char *const of_suggest[] = {"k", "max-suppressed", "model", "hierarchy"};
    static const char *const of_plan[] = {"key", "new-key"};
    bool has_plan = pd_args_has(args, "plan"), suggests = pd_args_has(args, "suggest");
    bool undoes = pd_args_has(args, "undo");
    if (has_plan + suggests + undoes != 1)
        return pd_fail(err, PD_USAGE,
                       "either --suggest, which makes a plan, or --plan FILE, which is carried out, or "
                       "--undo FILE, which is taken back");
    if (undoes && (pd_args_has(args, "new-key") || pd_args_has(args, "population")))
        return pd_fail(err, PD_USAGE, "--undo goes with --key alone");
    has_plan = has_plan || undoes;
    for (size_t i = 0; has_plan && i < sizeof(of_suggest) / sizeof(of_suggest[0]); i++)
        if (pd_args_has(args, of_suggest[i]))
            return pd_fail(err, PD_USAGE, "--%s goes with --suggest: the plan says itself what it is",
                           of_suggest[i]);
    for (size_t i = 0; suggests && i < sizeof(of_plan) / sizeof(of_plan[0]); i++)
        if (pd_args_has(args, of_plan[i]))
            return pd_fail(err, PD_USAGE, "--%s goes with --plan", of_plan[i]);
    return PD_OK;
}

static enum pd_status run(struct protecting *p, struct pd_error *err) {
    struct detect_site *site = NULL;
    struct source *source = NULL;
    const char *spool = getenv("TMPDIR");
    struct govern_form form = cli_form(p->args);
    uint64_t population = 0;
    enum pd_status st = check_options(p->args, err);
    if (st == PD_OK)
        st = cli_parse_count(p->args, "population", 0, &population, err);
    if (st == PD_OK)
        st = cli_source_location(p->cli, p->args, &p->location, err);
    if (st == PD_OK)
        st = cli_detectors_read(p->cli, pd_args_get(p->args, "detectors"), &site, err);
    if (st == PD_OK)
        st = source_open(p->location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &source,
                         err);
    p->table = (struct govern_plan_table){.source = source,
                                          .form = &form,
                                          .site = site,
                                          .progress = cli_progress(p->cli),
                                          .now = pd_clock_now(&p->cli->clock),
                                          .population = population};
    if (st == PD_OK)
        st = pd_args_has(p->args, "suggest") ? suggest(p, err)
             : pd_args_has(p->args, "undo")  ? undo(p, err)
                                             : carry_out(p, err);
    cli_progress_end(p->cli);
    source_close(source);
    detect_site_free(site);
    return st;
}

int cli_protect(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct pd_error err = {0};
    struct pd_buf out;
    struct pd_json w;
    bool is_json = pd_args_has(args, "json");
    pd_buf_init(&out, 0);
    pd_json_init(&w, &out, PD_JSON_PRETTY);
    struct protecting p = {.cli = context,
                           .args = args,
                           .out = pd_args_get(args, "output"),
                           .text = &out,
                           .json = is_json ? &w : NULL};
    if (is_json) {
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
    }
    enum pd_status st = run(&p, &err);
    if (is_json) {
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
    }
    pd_json_clear(&w);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}
