/* polder witness init, add-log, list: a witness of other people's logs. It needs no node. */
#include "cli/cli.h"

#include "witness/witness.h"

#include <inttypes.h>

enum { LOG_LIST_MAX = LEDGER_LIST_MAX };

/* ---- init ---- */

int cli_witness_init(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    pd_str vkey;
    const char *folder = pd_args_get(args, "data");
    if (witness_init(folder, pd_str_from(pd_args_get(args, "name")), cli->arena, &vkey, &err) !=
        PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    pd_buf_printf(&out,
                  "Witness made in %s. Whoever is to rely on it needs its verifier key:\n%.*s\n",
                  folder, pd_arg(vkey));
    return cli_print(&out);
}

/* ---- add-log ---- */

struct adding {
    struct witness *witness;
    size_t added, known;
};

static enum pd_status add(void *context, const struct ledger_listed *log, struct pd_error *err) {
    struct adding *a = context;
    enum pd_status st = witness_add_log(a->witness, log->origin, log->vkey_text, err);
    a->added += st == PD_OK;
    a->known += st == PD_CONFLICT;
    return st == PD_CONFLICT ? PD_OK : st; /* a list is read again each time it has grown */
}

static enum pd_status add_list(struct cli *cli, const char *path, struct adding *a,
                               struct pd_error *err) {
    pd_str text;
    struct ledger_list list = {add, a};
    enum pd_status st = cli_file_read(cli, path, LOG_LIST_MAX, &text, err);
    if (st == PD_OK && ledger_list_parse(text, &list, err) != PD_OK)
        st = pd_wrap(err, "%s", path);
    return st;
}

int cli_witness_add_log(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct adding a = {0};
    const char *list = pd_args_get(args, "list");
    size_t operands = pd_args_operands(args);
    enum pd_status st =
        (list && operands == 0) || (!list && operands == 2)
            ? PD_OK
            : pd_fail(&err, PD_USAGE, "either ORIGIN and VKEY, or --list=FILE with many");
    if (st == PD_OK)
        st = witness_open(pd_args_get(args, "data"), false, "", &a.witness, &err);
    if (st == PD_OK && list) {
        st = add_list(cli, list, &a, &err);
    } else if (st == PD_OK) {
        st = witness_add_log(a.witness, pd_str_from(pd_args_operand(args, 0)),
                             pd_str_trim(pd_str_from(pd_args_operand(args, 1))), &err);
        a.added = 1;
    }
    witness_close(a.witness);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (list)
        pd_buf_printf(&out, "%zu logs added, %zu were watched already.\n", a.added, a.known);
    else
        pd_buf_printf(&out, "Watched from now on: %s\n", pd_args_operand(args, 0));
    return cli_print(&out);
}

/* ---- list ---- */

static void tell(struct cli *cli, const struct witness *w, const struct witness_log *logs,
                 size_t count, struct pd_buf *out) {
    pd_buf_printf(out, "Witness %.*s\nVerifier key %.*s\n%zu log%s\n", pd_arg(witness_name(w)),
                  pd_arg(witness_vkey(w)), count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++) {
        const struct witness_log *l = &logs[i];
        char time[PD_TIME_TEXT_SIZE] = "";
        if (l->is_cosigned) {
            pd_time_write((pd_time)l->time * PD_SECOND, PD_TIME_SECONDS, time);
            cli_say(out, 2, 4, "%.*s: %.*s leaves, cosigned %s", pd_arg(l->origin),
                    pd_arg(cli_number(cli->arena, l->size)), time);
        } else {
            cli_say(out, 2, 4, "%.*s: nothing cosigned yet", pd_arg(l->origin));
        }
        if (l->forks)
            cli_say(out, 4, 6,
                    "FORK: it signed trees that contradict each other; both statements are kept in "
                    "%.*s/forks",
                    pd_arg(l->folder));
        if (l->unproven)
            cli_say(out, 4, 6,
                    "%zu checkpoint%s that it signed didn't follow from what was cosigned: "
                    "%.*s/unproven",
                    l->unproven, l->unproven == 1 ? "" : "s", pd_arg(l->folder));
    }
}

static void write_list(const struct witness *w, const struct witness_log *logs, size_t count,
                       struct pd_buf *out) {
    struct pd_json j;
    pd_json_init(&j, out, PD_JSON_PRETTY);
    pd_json_object(&j);
    pd_json_member_i64(&j, "polder", 1);
    pd_json_member_str(&j, "name", witness_name(w));
    pd_json_member_str(&j, "vkey", witness_vkey(w));
    pd_json_key(&j, "logs");
    pd_json_array(&j);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&j);
        pd_json_member_str(&j, "origin", logs[i].origin);
        pd_json_member_bool(&j, "is_cosigned", logs[i].is_cosigned);
        if (logs[i].is_cosigned) {
            pd_json_member_i64(&j, "size", (int64_t)logs[i].size);
            pd_json_key(&j, "root");
            pd_json_hex(&j, logs[i].root.bytes, sizeof(logs[i].root.bytes));
            pd_json_key(&j, "time");
            pd_json_time(&j, (pd_time)logs[i].time * PD_SECOND);
        }
        pd_json_member_i64(&j, "forks", (int64_t)logs[i].forks);
        pd_json_member_i64(&j, "unproven", (int64_t)logs[i].unproven);
        pd_json_member_str(&j, "folder", logs[i].folder);
        pd_json_object_end(&j);
    }
    pd_json_array_end(&j);
    pd_json_object_end(&j);
    pd_buf_char(out, '\n');
    pd_json_clear(&j);
}

int cli_witness_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct witness *w = NULL;
    const struct witness_log *logs = NULL;
    size_t count = 0;
    enum pd_status st = witness_open(pd_args_get(args, "data"), false, "", &w, &err);
    if (st == PD_OK)
        st = witness_logs(w, cli->arena, &logs, &count, &err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_list(w, logs, count, &out);
    else if (st == PD_OK)
        tell(cli, w, logs, count, &out);
    witness_close(w);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
