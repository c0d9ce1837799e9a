/* The program: finds the command, parses its options, runs it. */
#include "cli/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef POLDER_VERSION
#error "the build names the version"
#endif

/* One command may hold this much (structures, not tables, which stream). */
#define CLI_ARENA_LIMIT ((size_t)1 << 30)

int cli_fail(const struct pd_error *err) {
    fprintf(stderr, "polder: %s\n", err->text);
    return pd_outcome_get(err->status)->exit_code;
}

int cli_print(struct pd_buf *buf) {
    struct pd_error err = {0};
    enum pd_status st = pd_buf_check(buf, &err);
    if (st == PD_OK && (fwrite(buf->data ? buf->data : "", 1, buf->len, stdout) != buf->len ||
                        fflush(stdout) != 0))
        st = pd_fail_errno(&err, PD_IO, "write the answer");
    pd_buf_clear(buf);
    return st == PD_OK ? 0 : cli_fail(&err);
}

const char *cli_holder(struct cli *cli, const char *command) {
    pd_str holder = pd_arena_printf(cli->arena, "polder %s, process %ld", command, (long)getpid());
    return holder.data ? holder.data : "polder";
}

enum pd_status cli_open(struct cli *cli, const struct pd_args *args, enum store_mode mode,
                        const char *command, struct govern **out, struct pd_error *err) {
    return govern_open_at(pd_args_get(args, "data"), pd_args_get(args, "database"), mode,
                          cli_holder(cli, command), &cli->clock, out, err);
}

enum { COMMANDS_MAX = 200 };

/* The commands whose first word it is: "key create", "key list", ... */
static size_t find_group(const char *word, struct pd_command group[COMMANDS_MAX + 1]) {
    size_t n = 0, len = strlen(word);
    for (const struct pd_command *c = cli_commands; c->name && n < COMMANDS_MAX; c++)
        if (strncmp(c->name, word, len) == 0 && c->name[len] == ' ')
            group[n++] = *c;
    group[n] = (struct pd_command){0};
    return n;
}

static int tell_group(const char *word, const struct pd_command *group, bool was_asked) {
    struct pd_buf out, about;
    pd_buf_init(&out, 0);
    pd_buf_init(&about, 0);
    pd_buf_printf(&about, "Each of these begins with \"%s\".", word);
    pd_help_overview(&out, "polder", pd_buf_view(&about).data, group);
    out.failed |= about.failed;
    int code = cli_print(&out);
    pd_buf_clear(&about);
    return was_asked ? code : pd_outcome_get(PD_USAGE)->exit_code;
}

static int tell_unknown(int argc, const char *const *argv) {
    struct pd_command group[COMMANDS_MAX + 1];
    const char *names[COMMANDS_MAX], *asked = argv[0];
    struct pd_error err = {0};
    size_t n = find_group(argv[0], group), count = 0;
    bool was_asked = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
    if (n > 0 && (argc == 1 || was_asked))
        return tell_group(argv[0], group, was_asked);
    if (n > 0)
        asked = argv[1];
    for (const struct pd_command *c = n ? group : cli_commands; c->name && count < COMMANDS_MAX; c++)
        names[count++] = n ? c->name + strlen(argv[0]) + 1 : c->name;
    const char *near = pd_nearest_name(asked, names, count);
    (void)pd_fail(&err, PD_USAGE, "there is no command \"%s%s%s\"%s%s%s%s%s (see polder%s%s --help)",
                  argv[0], n ? " " : "", n ? asked : "", near ? "; did you mean \"" : "",
                  near && n ? argv[0] : "", near && n ? " " : "", near ? near : "",
                  near ? "\"?" : "", n ? " " : "", n ? argv[0] : "");
    return cli_fail(&err);
}

static int run(struct cli *cli, int argc, const char *const *argv) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (argc == 0 || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h") ||
        !strcmp(argv[0], "help")) {
        pd_help_overview(&out, "polder", cli_about, cli_commands);
        int code = cli_print(&out);
        return argc == 0 ? pd_outcome_get(PD_USAGE)->exit_code : code;
    }
    if (!strcmp(argv[0], "--version")) {
        pd_buf_text(&out, "polder " POLDER_VERSION "\n");
        return cli_print(&out);
    }
    struct pd_error err = {0};
    int words = 0;
    const struct pd_command *command = pd_command_find(cli_commands, argc, argv, &words);
    if (!command)
        return tell_unknown(argc, argv);
    const struct pd_args *args;
    /* pd_args_parse does not look at its argv[0], which is the command's last word here. */
    if (pd_args_parse(command, argc - words + 1, argv + words - 1, cli->arena, &args, &err) !=
        PD_OK)
        return cli_fail(&err);
    if (pd_args_has(args, "help")) {
        struct pd_command further[COMMANDS_MAX + 1];
        size_t n = find_group(command->name, further);
        pd_help_write(&out, "polder", command);
        for (size_t i = 0; i < n; i++)
            pd_buf_printf(&out, "%s polder %s", i ? "," : "\nSee also", further[i].name);
        pd_buf_text(&out, n ? "\n" : "");
        return cli_print(&out);
    }
    return command->run(command, args, cli);
}

/* A standard stream that came closed would become the next file opened, and a report would be
   written into a database. Its place is taken by a file that can be neither read nor written. */
static bool hold_standard_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv) {
    if (source_is_reader(argc, argv))
        return source_reader_run(argc, argv);
    if (!hold_standard_streams())
        return pd_outcome_get(PD_IO)->exit_code;
    signal(SIGPIPE, SIG_IGN); /* a reader that left is a write error, told as one */
    signal(SIGXFSZ, SIG_IGN); /* likewise a file size limit */
    struct cli cli = {.arena = pd_arena_new(CLI_ARENA_LIMIT),
                      .clock = pd_clock_system(),
                      .is_terminal = isatty(STDERR_FILENO)};
    if (!cli.arena) {
        struct pd_error err = {0};
        (void)pd_fail_memory(&err);
        return cli_fail(&err);
    }
    int code = run(&cli, argc - 1, (const char *const *)argv + 1);
    pd_arena_free(cli.arena);
    return code;
}
