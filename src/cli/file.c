/* Small files, and values of options, as commands take them. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pd_status cli_file_load(const char *path, struct pd_buf *out, struct pd_error *err) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open \"%s\"", path);
    char piece[8192];
    size_t n;
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0 && !out->failed)
        pd_buf_add(out, piece, n);
    enum pd_status st = PD_OK;
    if (ferror(f))
        st = pd_fail_errno(err, PD_IO, "read \"%s\"", path);
    else if (out->failed)
        st = pd_fail(err, PD_LIMIT, "\"%s\" is larger than the %zu bytes that belong there", path,
                     out->limit);
    fclose(f);
    return st;
}

enum pd_status cli_file_read(struct cli *cli, const char *path, size_t limit, pd_str *out,
                             struct pd_error *err) {
    struct pd_buf buf;
    pd_buf_init(&buf, limit);
    enum pd_status st = cli_file_load(path, &buf, err);
    if (st == PD_OK) {
        pd_str copy = pd_arena_str(cli->arena, pd_buf_view(&buf));
        if (copy.data)
            *out = copy;
        else
            st = pd_fail_memory(err);
    }
    if (buf.data)
        crypto_wipe(buf.data, buf.len); /* it may have been a key */
    pd_buf_clear(&buf);
    return st;
}

enum { KEY_FILE_MAX = 4096 };

enum pd_status cli_key_read(struct cli *cli, const char *path, pd_str *out, struct pd_error *err) {
    struct stat about;
    /* A pipe or a device is whoever's it is; a file that others can read is no secret. */
    if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & 077) != 0)
        return pd_fail(err, PD_DENIED,
                       "the key file \"%s\" is open to other users (mode %04o); run: chmod 600 "
                       "\"%s\", and if they may have read it, put another key in its place (polder "
                       "key rotate)",
                       path, (unsigned)(about.st_mode & 07777), path);
    return cli_file_read(cli, path, KEY_FILE_MAX, out, err);
}

/* Writes all and closes, whatever happens. */
static enum pd_status write_out(int fd, const char *path, pd_str bytes, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t at = 0; st == PD_OK && at < bytes.len;) {
        ssize_t n = write(fd, bytes.data + at, bytes.len - at);
        if (n > 0)
            at += (size_t)n;
        else if (n < 0 && errno != EINTR)
            st = pd_fail_errno(err, PD_IO, "write \"%s\"", path);
    }
    /* A pipe or a terminal has nothing to sync. */
    if (st == PD_OK && fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        st = pd_fail_errno(err, PD_IO, "write \"%s\" to disk", path);
    if (close(fd) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "close \"%s\"", path);
    return st;
}

enum pd_status cli_file_write(const char *path, pd_str bytes, struct pd_error *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open \"%s\" for writing", path);
    return write_out(fd, path, bytes, err);
}

enum pd_status cli_file_write_private(const char *path, pd_str bytes, struct pd_error *err) {
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return cli_file_write(path, bytes, err);
    char beside[4096];
    int n = snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof(beside))
        return pd_fail(err, PD_USAGE, "the path of the file to write is too long");
    int fd = mkostemp(beside, O_CLOEXEC); /* for its owner alone */
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open \"%s\" for writing", path);
    enum pd_status st = write_out(fd, path, bytes, err);
    if (st == PD_OK && rename(beside, path) != 0)
        st = pd_fail_errno(err, PD_IO, "write \"%s\"", path);
    if (st != PD_OK)
        unlink(beside);
    return st;
}

enum pd_status cli_parse_id(const char *text, pd_id *out, struct pd_error *err) {
    if (pd_id_parse(pd_str_from(text), out))
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "\"%s\" is no id; an id looks like 019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b and "
                   "stands in the report of polder govern",
                   text);
}

enum pd_status cli_parse_fact(const char *text, pd_str *name, pd_str *value, struct pd_error *err) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return pd_fail(err, PD_USAGE, "--fact=\"%s\" must be NAME=VALUE, such as is_personal=true",
                       text);
    *name = (pd_str){text, (size_t)(equals - text)};
    *value = pd_str_from(equals + 1);
    return PD_OK;
}

enum pd_status cli_parse_count(const struct pd_args *args, const char *option, uint64_t otherwise,
                               uint64_t *out, struct pd_error *err) {
    const char *text = pd_args_get(args, option);
    if (!text)
        *out = otherwise;
    else if (!pd_parse_u64(pd_str_from(text), out))
        return pd_fail(err, PD_USAGE, "--%s=\"%s\" must be a whole number", option, text);
    return PD_OK;
}

struct govern_form cli_form(const struct pd_args *args) {
    return (struct govern_form){.form = pd_str_from(pd_args_get(args, "form")),
                                .encoding = pd_str_from(pd_args_get(args, "encoding")),
                                .separator = pd_str_from(pd_args_get(args, "separator")),
                                .quote = pd_str_from(pd_args_get(args, "quote")),
                                .header = pd_str_from(pd_args_get(args, "header")),
                                .records = pd_str_from(pd_args_get(args, "records"))};
}
