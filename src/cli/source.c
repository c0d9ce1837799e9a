/* Sources as commands name them: opening, and telling what was found before any cell was looked at.
 */
#include "cli/cli.h"

#include <string.h>
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
    return with_part(cli, args, pd_args_operand(args, 0), location, err);
}

bool cli_source_is_input(const char *location) {
    return strcmp(location, "-") == 0 || strncmp(location, "-#", 2) == 0;
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
