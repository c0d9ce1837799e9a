/* polder backup, backup list, backup check: copies that outlive the machine. */
#include "cli/cli.h"

#include <string.h>

enum { KEYS_DAYS = 30, KEYS_DAYS_MOST = 366 };

/* 1234567 as "1.2 MB". */
static pd_str size_words(struct pd_arena *arena, uint64_t bytes) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double n = (double)bytes;
    size_t unit = 0;
    while (n >= 1000 && unit < 4) {
        n /= 1000;
        unit++;
    }
    return unit ? pd_arena_printf(arena, "%.1f %s", n, units[unit])
                : pd_arena_printf(arena, "%llu bytes", (unsigned long long)bytes);
}

static const char *date_words(pd_time t, char out[PD_TIME_TEXT_SIZE]) {
    pd_time_write(t, PD_TIME_MINUTES, out);
    return out;
}

/* ---- backup ---- */

static void tell_keys(struct cli *cli, const struct backup_keys *keys, struct pd_buf *out) {
    char until[PD_TIME_TEXT_SIZE];
    cli_say(out, 2, 4,
            "%.*s keys in %.*s, wrapped by the node key %s, to be used until %s. Older backups of "
            "keys there were removed: a key that was destroyed must not survive in one.",
            pd_arg(cli_number(cli->arena, keys->keys)), pd_arg(keys->path), keys->node_key,
            date_words(keys->expires_at, until));
    cli_say(out, 2, 4,
            "The node key itself (node.key, 32 bytes) is in no backup: keep a copy of it in a "
            "third place.");
}

static void tell_backup(struct cli *cli, const struct govern_backed_up *b, struct pd_buf *out) {
    cli_say(out, 0, 2,
            "Backup %.*s: %.*s acts in %.*s pieces of %.*s; %.*s of them (%.*s) are new.",
            pd_arg(b->name), pd_arg(cli_number(cli->arena, b->acts)),
            pd_arg(cli_number(cli->arena, b->tally.pieces)),
            pd_arg(size_words(cli->arena, b->tally.bytes)),
            pd_arg(cli_number(cli->arena, b->tally.new_pieces)),
            pd_arg(size_words(cli->arena, b->tally.new_bytes)));
    cli_say(out, 2, 4, "Every new piece was made durable and read again.");
    if (!b->is_signed)
        cli_say(out, 2, 4, "It is not signed: the node lacks the key that signs receipts.");
    if (b->keys)
        tell_keys(cli, b->keys, out);
    else
        cli_say(out, 2, 4,
                "It holds no keys. Without them nothing sealed can be read again: save them with "
                "--keys, elsewhere.");
    if (b->forgotten)
        cli_say(out, 2, 4, "%zu older backup%s forgotten, %.*s freed.", b->forgotten,
                b->forgotten == 1 ? "" : "s", pd_arg(size_words(cli->arena, b->freed.bytes)));
    if (b->kept_count)
        cli_say(out, 2, 4,
                "%zu file%s missing from the vault or damaged; an older backup has them whole, and "
                "so has this one.",
                b->kept_count, b->kept_count == 1 ? " is" : "s are");
    if (b->missing_count)
        cli_say(out, 2, 4,
                "%zu file%s that the database names are missing from the vault or damaged, and in "
                "no older backup:",
                b->missing_count, b->missing_count == 1 ? "" : "s");
    for (size_t i = 0; i < b->missing_count && i < GOVERN_MISSING_SHOWN; i++)
        cli_say(out, 4, 6, "%.*s", pd_arg(b->missing[i]));
}

static void write_keys(const struct backup_keys *keys, struct pd_json *w) {
    pd_json_key(w, "keys");
    if (!keys) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_member_i64(w, "count", (int64_t)keys->keys);
    pd_json_member_str(w, "file", keys->path);
    pd_json_member_text(w, "node_key", keys->node_key);
    pd_json_key(w, "expires_at");
    pd_json_time(w, keys->expires_at);
    pd_json_object_end(w);
}

static void write_backup(const struct govern_backed_up *b, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "backup", b->name);
    pd_json_member_i64(&w, "acts", (int64_t)b->acts);
    pd_json_member_i64(&w, "pieces", (int64_t)b->tally.pieces);
    pd_json_member_i64(&w, "bytes", (int64_t)b->tally.bytes);
    pd_json_member_i64(&w, "new_pieces", (int64_t)b->tally.new_pieces);
    pd_json_member_i64(&w, "new_bytes", (int64_t)b->tally.new_bytes);
    pd_json_member_bool(&w, "is_signed", b->is_signed);
    pd_json_member_i64(&w, "kept_from_older", (int64_t)b->kept_count);
    pd_json_member_i64(&w, "missing", (int64_t)b->missing_count);
    pd_json_member_i64(&w, "forgotten", (int64_t)b->forgotten);
    pd_json_member_i64(&w, "freed_bytes", (int64_t)b->freed.bytes);
    write_keys(b->keys, &w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static enum pd_status read_order(const struct pd_args *args, struct govern_backup_order *order,
                                 struct pd_error *err) {
    order->to = pd_args_get(args, "to");
    order->keys = pd_args_get(args, "keys");
    enum pd_status st = cli_parse_count(args, "keep", 0, &order->keep, err);
    if (st == PD_OK && pd_args_has(args, "keep") && order->keep < 1)
        st = pd_fail(err, PD_USAGE, "--keep=0 would forget every backup; keep at least 1");
    if (st == PD_OK)
        st = cli_parse_count(args, "keys-days", KEYS_DAYS, &order->keys_days, err);
    if (st == PD_OK && (order->keys_days < 1 || order->keys_days > KEYS_DAYS_MOST))
        st = pd_fail(err, PD_USAGE,
                     "--keys-days must be 1 to %d: a backup of keys is for a short time",
                     KEYS_DAYS_MOST);
    if (st == PD_OK && pd_args_has(args, "keys-days") && !order->keys)
        st = pd_fail(err, PD_USAGE, "--keys-days goes with --keys");
    return st;
}

int cli_backup(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct govern_backup_order order = {0};
    const struct govern_backed_up *b = NULL;
    enum pd_status st = read_order(args, &order, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "backup", &g, &err);
    if (st == PD_OK)
        st = govern_backup(g, &order, cli->arena, &b, &err);
    govern_close(g);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_backup(b, &out);
    else
        tell_backup(cli, b, &out);
    int code = cli_print(&out);
    return code ? code : b->missing_count ? pd_outcome_get(PD_INTERNAL)->exit_code : 0;
}

/* ---- backup list ---- */

static uint64_t acts_of(const struct backup_manifest *m) {
    const struct backup_part *part = backup_find_part(m, "act");
    return part ? part->lines : 0;
}

static void write_list(struct backup_folder *folder, const struct backup_manifest *const *list,
                       size_t n, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "origin", backup_origin(folder));
    pd_json_member_str(&w, "node", backup_node(folder));
    pd_json_key(&w, "backups");
    pd_json_array(&w);
    for (size_t i = 0; i < n; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "backup", list[i]->name);
        pd_json_key(&w, "made_at");
        pd_json_time(&w, list[i]->made_at);
        pd_json_member_i64(&w, "acts", (int64_t)acts_of(list[i]));
        pd_json_member_i64(&w, "schema", list[i]->schema);
        pd_json_member_bool(&w, "is_signed", list[i]->signature.len > 0);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_list(struct cli *cli, struct backup_folder *folder,
                      const struct backup_manifest *const *list, size_t n, struct pd_buf *out) {
    cli_say(out, 0, 2, "%zu backup%s of %.*s", n, n == 1 ? "" : "s", pd_arg(backup_origin(folder)));
    for (size_t i = 0; i < n; i++) {
        char made[PD_TIME_TEXT_SIZE];
        cli_say(out, 2, 4, "%.*s  made %s, %.*s acts, schema %lld", pd_arg(list[i]->name),
                date_words(list[i]->made_at, made),
                pd_arg(cli_number(cli->arena, acts_of(list[i]))), (long long)list[i]->schema);
    }
}

int cli_backup_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct backup_folder *folder = NULL;
    const pd_str *names = NULL;
    size_t n = 0;
    enum pd_status st =
        backup_open(pd_args_get(args, "from"), BACKUP_READ, PD_STR(""), PD_STR(""), &folder, &err);
    if (st == PD_OK)
        st = backup_list(folder, cli->arena, &names, &n, &err);
    const struct backup_manifest **list = pd_arena_array(cli->arena, n + 1, sizeof(*list));
    if (st == PD_OK && !list)
        st = pd_fail_memory(&err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = backup_load(folder, names[i], cli->arena, &list[i], &err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_list(folder, list, n, &out);
    else if (st == PD_OK)
        tell_list(cli, folder, list, n, &out);
    backup_close(folder);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- backup check ---- */

struct flaws {
    struct pd_buf text; /* one line each */
    size_t count;
};

static void add_flaw(void *context, const char *what) {
    enum { TOLD = 1000 };
    struct flaws *flaws = context;
    if (flaws->count++ < TOLD)
        pd_buf_printf(&flaws->text, "%s\n", what);
}

static void write_check(const struct backup_manifest *m, const struct backup_tally *tally,
                        const struct flaws *flaws, struct pd_buf *out) {
    struct pd_json w;
    pd_str rest = pd_buf_view(&flaws->text), line;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "backup", m->name);
    pd_json_member_bool(&w, "is_whole", flaws->count == 0);
    pd_json_member_i64(&w, "pieces", (int64_t)tally->pieces);
    pd_json_member_i64(&w, "bytes", (int64_t)tally->bytes);
    pd_json_key(&w, "flaws");
    pd_json_array(&w);
    while (pd_str_split(&rest, '\n', &line))
        if (line.len)
            pd_json_str(&w, line);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_check(struct cli *cli, const struct backup_manifest *m,
                       const struct backup_tally *tally, const struct flaws *flaws,
                       struct pd_buf *out) {
    pd_str rest = pd_buf_view(&flaws->text), line;
    cli_say(out, 0, 2, "Backup %.*s: %.*s pieces of %.*s read.", pd_arg(m->name),
            pd_arg(cli_number(cli->arena, tally->pieces)),
            pd_arg(size_words(cli->arena, tally->bytes)));
    while (pd_str_split(&rest, '\n', &line))
        if (line.len)
            cli_say(out, 2, 4, "%.*s", pd_arg(line));
    if (flaws->count)
        cli_say(
            out, 0, 2,
            "%zu flaw%s. Remove a damaged piece, and the next backup writes it anew if the node "
            "still has what was in it.",
            flaws->count, flaws->count == 1 ? "" : "s");
    else
        cli_say(out, 0, 2, "Every piece is what its name says.");
}

int cli_backup_check(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct backup_folder *folder = NULL;
    const struct backup_manifest *m = NULL;
    struct backup_tally tally = {0};
    struct flaws flaws = {.count = 0};
    struct pd_buf out;
    pd_buf_init(&flaws.text, 0);
    pd_buf_init(&out, 0);
    enum pd_status st =
        backup_open(pd_args_get(args, "from"), BACKUP_READ, PD_STR(""), PD_STR(""), &folder, &err);
    if (st == PD_OK)
        st = backup_load(folder, pd_str_from(pd_args_get(args, "at")), cli->arena, &m, &err);
    if (st == PD_OK)
        st = backup_check(folder, m, add_flaw, &flaws, &tally, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_check(m, &tally, &flaws, &out);
    else if (st == PD_OK)
        tell_check(cli, m, &tally, &flaws, &out);
    pd_buf_clear(&flaws.text);
    backup_close(folder);
    if (st != PD_OK)
        return cli_fail(&err);
    int code = cli_print(&out);
    return code ? code : flaws.count ? pd_outcome_get(PD_INTERNAL)->exit_code : 0;
}
