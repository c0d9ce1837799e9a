/* Sources as commands name them: opening, and telling what was found before any cell was looked at.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Naming a part ---- */

/* --sheet, --table or --query, appended to the location as its part. */
static enum pd_status with_part(struct cli *cli, const struct pd_args *args, const char *location,
                                const char **out, struct pd_error *err) {
    static const char *const options[] = {"sheet", "table", "query"};
    const char *given = NULL, *part = NULL;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const char *value = pd_args_get(args, options[i]);
        if (value == NULL)
            continue;
        if (given != NULL)
            return pd_fail(err, PD_USAGE, "--%s and --%s exclude each other", given, options[i]);
        given = options[i];
        part = value;
    }
    *out = location;
    if (given == NULL)
        return PD_OK;
    pd_str whole = source_location(pd_str_from(location), pd_str_from(part),
                                   strcmp(given, "query") == 0, cli->arena);
    *out = whole.data;
    return whole.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status cli_source_location(struct cli *cli, const struct pd_args *args,
                                   const char **location, struct pd_error *err) {
    return cli_source_operand(cli, args, 0, location, err);
}

enum pd_status cli_source_operand(struct cli *cli, const struct pd_args *args, size_t n,
                                  const char **location, struct pd_error *err) {
    return with_part(cli, args, pd_args_operand(args, n), location, err);
}

bool cli_source_is_input(const char *location) {
    return strcmp(location, "-") == 0 || strncmp(location, "-#", 2) == 0;
}

/* ---- Looking ahead ---- */

enum { HEAD = 4096 };

/* The first bytes of a pipe or a socket, without taking them from it. */
static ssize_t peek_stream(int fd, char *head) {
    int copy[2];
    ssize_t there = recv(fd, head, HEAD, MSG_PEEK);
    if (there >= 0)
        return there;
    if (pipe2(copy, O_CLOEXEC) != 0)
        return -1;
    ssize_t n = tee(fd, copy[1], HEAD, 0);
    if (n > 0)
        n = read(copy[0], head, (size_t)n);
    close(copy[0]);
    close(copy[1]);
    return n;
}

static enum pd_status peek(const char *path, char *head, size_t *n, struct pd_error *err) {
    bool is_input = cli_source_is_input(path);
    struct stat about;
    int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) { /* opening it as a source says why, and knows places that are no files */
        *n = 0;
        return PD_OK;
    }
    ssize_t got = -1;
    bool is_folder = fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
    if (!is_folder)
        got = lseek(fd, 0, SEEK_CUR) >= 0 ? pread(fd, head, HEAD, lseek(fd, 0, SEEK_CUR))
                                          : peek_stream(fd, head);
    if (!is_input)
        close(fd);
    *n = got > 0 ? (size_t)got : 0;
    return is_folder ? pd_fail(err, PD_INVALID, "\"%s\" is a folder; name a file in it", path)
                     : PD_OK;
}

enum pd_status cli_source_is_plain(const char *path, bool *is_plain, struct pd_error *err) {
    char head[HEAD];
    size_t n = 0, bad_at = 0;
    enum pd_status st = peek(path, head, &n, err);
    pd_str text = {head, n};
    bool is_utf8 =
        pd_utf8_valid(text, &bad_at) || (n == HEAD && bad_at + 4 > n); /* cut within one */
    bool is_wide = pd_str_find_char(text, '\0') != PD_NPOS;
    bool is_there = n > 0 || cli_source_is_input(path) || access(path, R_OK) == 0;
    *is_plain = is_there && is_utf8 && !is_wide && source_sniff(text) == SOURCE_TEXT;
    return st;
}

/* ---- Telling ---- */

enum { OTHERS_SHOWN = 20 };

void cli_report_source(const struct cli_report *r, const struct source *source) {
    const struct source_about *about = source_describe(source);
    if (about->is_canonical || about->part.len > 0) {
        struct pd_buf line;
        pd_buf_init(&line, 1 << 16);
        pd_buf_printf(&line, "Read from: %s", about->words);
        if (about->part.len > 0)
            pd_buf_printf(&line, ", \"%.*s\"", pd_arg(about->part));
        for (size_t i = 0; i < about->other_count && i < OTHERS_SHOWN; i++)
            pd_buf_printf(&line, "%s\"%.*s\"", i ? ", " : "; not read: ", pd_arg(about->others[i]));
        if (about->other_count > OTHERS_SHOWN)
            pd_buf_printf(&line, " and %zu more", about->other_count - OTHERS_SHOWN);
        cli_paragraph(r->out, 2, 4, pd_buf_view(&line));
        pd_buf_clear(&line);
    }
    for (size_t i = 0; i < about->note_count; i++)
        cli_say(r->out, 2, 4, "Note: %.*s", pd_arg(about->notes[i]));
}

static void write_list(struct pd_json *w, const char *key, const pd_str *list, size_t count) {
    pd_json_key(w, key);
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        pd_json_str(w, list[i]);
    pd_json_array_end(w);
}

void cli_json_source(struct pd_json *w, const struct source *source) {
    const struct source_about *about = source_describe(source);
    pd_json_object(w);
    pd_json_member_text(w, "form", about->code);
    pd_json_member_str(w, "part", about->part);
    write_list(w, "others", about->others, about->other_count);
    write_list(w, "notes", about->notes, about->note_count);
    pd_json_object_end(w);
}
