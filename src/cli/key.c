/* polder key list, rotate, destroy, agree, withdraw: the keys of a node and its parties. */
#include "cli/key.h"

#include <string.h>

static void wipe(pd_str key) {
    if (key.len) /* the arena's copy, made by cli_key_read */
        crypto_wipe((char *)(uintptr_t)key.data, key.len);
}

static const char *day(pd_time time, char out[PD_TIME_TEXT_SIZE]) {
    pd_time_write(time, PD_TIME_SECONDS, out);
    out[10] = '\0';
    return out;
}

/* ---- key list ---- */

static void tell_signing(const struct cli_report *r, const struct govern_key *k) {
    char since[PD_TIME_TEXT_SIZE], until[PD_TIME_TEXT_SIZE];
    day(k->since, since);
    if (k->is_current)
        cli_say(r->out, 2, 4, "%.*s, since %s", pd_arg(k->holder), since);
    else
        cli_say(r->out, 2, 4, "%.*s, from %s to %s%s", pd_arg(k->holder), since,
                day(k->replaced_at, until), k->signs ? ", signs along" : "");
    cli_say(r->out, 4, 6, "%s%.*s", strncmp(k->holder.data, "node", 4) == 0 ? "fingerprint " : "",
            pd_arg(k->vkey));
    if (k->id.len && !k->is_current && !k->destroyed_at)
        cli_say(r->out, 4, 6, "key %.*s", pd_arg(k->id));
    if (k->has_sizes && !k->signs)
        cli_say(r->out, 4, 6, "signed checkpoints of %llu to %llu leaves",
                (unsigned long long)k->from_size, (unsigned long long)k->to_size);
    if (k->destroyed_at)
        cli_say(r->out, 4, 6, "destroyed by the act %.*s on %s", pd_arg(k->destroyed_by),
                day(k->destroyed_at, until));
}

static void tell_sealing(const struct cli_report *r, const struct govern_sealing *k) {
    char id[PD_ID_TEXT_SIZE], made[PD_TIME_TEXT_SIZE];
    pd_id_write(k->id, id);
    if (k->is_destroyed)
        cli_say(r->out, 2, 4, "%s %.*s, destroyed by the act %.*s on %s", id, pd_arg(k->purpose),
                pd_arg(k->destroyed_by), day(k->destroyed_at, made));
    else
        cli_say(r->out, 2, 4, "%s %.*s, made on %s", id, pd_arg(k->purpose), day(k->made_at, made));
}

static void tell_list(const struct cli_report *r, const struct govern_keys *keys, bool is_all) {
    size_t kept = 0;
    for (size_t i = 0; i < keys->sealing_count; i++)
        kept += !keys->sealing[i].is_destroyed;
    cli_say(r->out, 0, 2, "Keys that sign, and the one that wraps them");
    for (size_t i = 0; i < keys->key_count; i++)
        tell_signing(r, &keys->keys[i]);
    cli_say(r->out, 0, 2, "Keys that seal versions and records: %zu, and %zu that were destroyed%s",
            kept, keys->sealing_count - kept, is_all ? "" : " (--all names them)");
    for (size_t i = 0; is_all && i < keys->sealing_count; i++)
        tell_sealing(r, &keys->sealing[i]);
}

static void write_time(struct pd_json *w, const char *name, pd_time time) {
    pd_json_key(w, name);
    if (time)
        pd_json_time(w, time);
    else
        pd_json_null(w);
}

static void write_signing(struct pd_json *w, const struct govern_key *k) {
    pd_json_object(w);
    pd_json_member_str(w, "holder", k->holder);
    pd_json_member_str(w, "id", k->id);
    pd_json_member_str(w, "vkey", k->vkey);
    pd_json_member_bool(w, "current", k->is_current);
    pd_json_member_bool(w, "signs", k->signs);
    write_time(w, "since", k->since);
    write_time(w, "replaced_at", k->replaced_at);
    write_time(w, "destroyed_at", k->destroyed_at);
    pd_json_member_str(w, "made_by", k->made_by);
    pd_json_member_str(w, "destroyed_by", k->destroyed_by);
    if (k->has_sizes) {
        pd_json_member_i64(w, "from_size", (int64_t)k->from_size);
        pd_json_key(w, "to_size");
        if (k->signs)
            pd_json_null(w);
        else
            pd_json_i64(w, (int64_t)k->to_size);
    }
    pd_json_object_end(w);
}

static void tell_waiting(const struct cli_report *r, const struct govern_waiting *w, size_t n) {
    if (n)
        cli_say(r->out, 0, 2, "Asked for by one party; another one must agree");
    for (size_t i = 0; i < n; i++) {
        char id[PD_ID_TEXT_SIZE], asked[PD_TIME_TEXT_SIZE];
        pd_id_write(w[i].id, id);
        cli_say(r->out, 2, 4, "%s to %.*s, by %.*s on %s%s", id, pd_arg(w[i].kind),
                pd_arg(w[i].party), day(w[i].asked_at, asked),
                pd_str_is(w[i].state, "agreed") ? ", agreed to and cut off: agree again" : "");
    }
}

static void write_waiting(struct pd_json *w, const struct govern_waiting *list, size_t n) {
    pd_json_key(w, "requests");
    pd_json_array(w);
    for (size_t i = 0; i < n; i++) {
        pd_json_object(w);
        pd_json_key(w, "id");
        cli_json_id(w, list[i].id);
        pd_json_member_str(w, "kind", list[i].kind);
        pd_json_member_str(w, "state", list[i].state);
        pd_json_member_str(w, "party", list[i].party);
        write_time(w, "asked_at", list[i].asked_at);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void write_list(const struct govern_keys *keys, const struct govern_waiting *waiting,
                       size_t waiting_count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "signing");
    pd_json_array(&w);
    for (size_t i = 0; i < keys->key_count; i++)
        write_signing(&w, &keys->keys[i]);
    pd_json_array_end(&w);
    pd_json_key(&w, "sealing");
    pd_json_array(&w);
    for (size_t i = 0; i < keys->sealing_count; i++) {
        const struct govern_sealing *k = &keys->sealing[i];
        pd_json_object(&w);
        pd_json_key(&w, "id");
        cli_json_id(&w, k->id);
        pd_json_member_str(&w, "purpose", k->purpose);
        write_time(&w, "made_at", k->made_at);
        write_time(&w, "destroyed_at", k->destroyed_at);
        pd_json_member_str(&w, "destroyed_by", k->destroyed_by);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    write_waiting(&w, waiting, waiting_count);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_key_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern *g = NULL;
    const struct govern_keys *keys = NULL;
    const struct govern_waiting *waiting = NULL;
    size_t waiting_count = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "key list", &g, &err);
    if (st == PD_OK)
        st = govern_keys_list(g, cli->arena, &keys, &err);
    if (st == PD_OK)
        st = govern_requests_list(g, cli->arena, &waiting, &waiting_count, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_list(keys, waiting, waiting_count, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        tell_list(&r, keys, pd_args_has(args, "all"));
        tell_waiting(&r, waiting, waiting_count);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- key rotate ---- */

static void tell_rotated(const struct cli_report *r, const struct govern_rotated *o) {
    cli_say(r->out, 0, 2, "%.*s has another key.", pd_arg(o->holder));
    cli_say(r->out, 2, 4, "Old  %.*s", pd_arg(o->old_vkey));
    cli_say(r->out, 2, 4, "New  %.*s", pd_arg(o->vkey));
    if (pd_str_starts(o->holder, PD_STR("log/")))
        cli_say(r->out, 2, 4,
                "Checkpoints carry both signatures until the old key is destroyed: polder key "
                "destroy %.*s",
                pd_arg(o->old_id));
    if (o->file.len)
        cli_say(r->out, 2, 4,
                "Signing key, to be handed over and kept secret: %s/%.*s. What the old one signed "
                "stays valid; delete its file.",
                r->folder, pd_arg(o->file));
    if (o->unfinished.len)
        cli_say(r->out, 2, 4, "The act stands; the next command that writes finishes it: %.*s",
                pd_arg(o->unfinished));
    cli_report_placed(r, o->outcome);
}

static void write_rotated(const struct govern_rotated *o, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "holder", o->holder);
    pd_json_member_str(&w, "old_id", o->old_id);
    pd_json_member_str(&w, "old_vkey", o->old_vkey);
    pd_json_member_str(&w, "vkey", o->vkey);
    pd_json_member_str(&w, "file", o->file);
    pd_json_key(&w, "outcome");
    cli_json_outcome(&w, o->outcome);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_key_rotate(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern_rotation rotation = {.holder = pd_str_from(pd_args_operand(args, 0)),
                                       .party = pd_str_from(pd_args_get(args, "party")),
                                       .member = pd_str_from(pd_args_get(args, "member"))};
    struct govern *g = NULL;
    const struct govern_rotated *rotated = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_key_read(cli, pd_args_get(args, "key"), &rotation.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "key rotate", &g, &err);
    if (st == PD_OK)
        st = govern_key_rotate(g, &rotation, cli->arena, &rotated, &err);
    wipe(rotation.private_key);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_rotated(rotated, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        tell_rotated(&r, rotated);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- What is lost ---- */

static void tell_loss(const struct cli_report *r, const struct govern_loss *loss) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(loss->key, id);
    bool is_pseudonym = pd_str_is(loss->purpose, "pseudonym");
    cli_say(r->out, 0, 2, "Without the key %s (%.*s) nobody can %s any more, backups included:", id,
            pd_arg(loss->purpose),
            is_pseudonym ? "undo, join or make again the pseudonyms of" : "read");
    for (size_t i = 0; i < loss->lost_count; i++) {
        const struct govern_lost *l = &loss->lost[i];
        pd_str rows = l->rows ? pd_arena_printf(r->arena, ", %.*s rows",
                                                pd_arg(cli_number(r->arena, l->rows)))
                              : PD_STR("");
        cli_say(r->out, 2, 4, "%s %.*s (%.*s)%.*s", l->kind, pd_arg(l->id), pd_arg(l->name),
                pd_arg(rows));
    }
    if (!loss->lost_count)
        cli_say(r->out, 2, 4, "nothing that is on record: no act came of it");
    if (loss->files)
        cli_say(r->out, 2, 4, "%zu file%s of the vault, removed at once", loss->files,
                loss->files == 1 ? "" : "s");
    if (loss->is_disclosed)
        cli_say(r->out, 2, 4,
                "What was released to open/ is public and stays; polder erase takes persons out.");
    cli_say(r->out, 2, 4, "Every leaf and every proof stands.");
}

static void write_loss(struct pd_json *w, const struct govern_loss *loss) {
    pd_json_key(w, "loss");
    if (!loss) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_key(w, "key");
    cli_json_id(w, loss->key);
    pd_json_member_str(w, "purpose", loss->purpose);
    pd_json_member_i64(w, "files", (int64_t)loss->files);
    pd_json_member_bool(w, "disclosed", loss->is_disclosed);
    pd_json_key(w, "lost");
    pd_json_array(w);
    for (size_t i = 0; i < loss->lost_count; i++) {
        pd_json_object(w);
        pd_json_member_text(w, "kind", loss->lost[i].kind);
        pd_json_member_str(w, "id", loss->lost[i].id);
        pd_json_member_str(w, "name", loss->lost[i].name);
        pd_json_member_i64(w, "rows", (int64_t)loss->lost[i].rows);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

/* ---- key destroy: one party asks ---- */

struct destroying {
    pd_id request;
    const struct govern_loss *loss;
    const struct govern_outcome *outcome;
};

static enum pd_status take_destroy(struct cli_step *s, void *state, struct pd_error *err) {
    struct destroying *d = state;
    enum pd_status st = govern_key_loss(s->g, s->d.id, s->cli->arena, &d->loss, err);
    return st == PD_OK && s->may
               ? govern_key_ask(s->g, &s->d, s->cli->arena, &d->request, &d->outcome, err)
               : st;
}

static void tell_destroy(const struct cli_report *r, const struct cli_step *s, const void *state) {
    const struct destroying *d = state;
    tell_loss(r, d->loss);
    if (s->may)
        cli_key_asked(r, s->d.party, &d->request, d->outcome);
    else
        cli_say(r->out, 0, 2, "Nothing was done: --yes asks for it.");
}

static void write_destroy(struct pd_json *w, const struct cli_step *s, const void *state) {
    const struct destroying *d = state;
    cli_step_write_request(w, s->may ? &d->request : NULL);
    write_loss(w, d->loss);
    cli_step_write_outcome(w, d->outcome);
}

int cli_key_destroy(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    static const struct cli_step_kind kind = {.name = "key destroy",
                                              .has_reason = true,
                                              .take = take_destroy,
                                              .tell = tell_destroy,
                                              .write = write_destroy};
    struct destroying d = {0};
    return cli_step_run(context, args, &kind, &d);
}

/* ---- key agree: another party ---- */

struct agreeing {
    const struct govern_key_request *request;
    const struct govern_outcome *outcome;
    /* of a request for a new key */
    const struct govern_renewing *renewing;
    const struct govern_rotated *rotated;
    pd_str reason;
};

static enum pd_status take_agree(struct cli_step *s, void *state, struct pd_error *err) {
    struct agreeing *a = state;
    struct pd_arena *arena = s->cli->arena;
    enum pd_status st = govern_key_request_find(s->g, s->d.id, arena, &a->request, err);
    if (st != PD_OK)
        return st;
    a->reason = a->request->reason;
    if (!pd_str_is(a->request->kind, "create"))
        return s->may ? govern_key_agree(s->g, &s->d, arena, &a->outcome, err) : PD_OK;
    st = govern_renewal_request(s->g, s->d.id, arena, &a->renewing, &a->reason, err);
    if (st == PD_OK && s->may)
        st = govern_renewal_agree(s->g, &s->d, arena, &a->rotated, err);
    if (st == PD_OK && s->may)
        a->outcome = a->rotated->outcome;
    return st;
}

static void tell_agree(const struct cli_report *r, const struct cli_step *s, const void *state) {
    const struct agreeing *a = state;
    cli_say(r->out, 0, 2, "%.*s of %.*s asked for this: %.*s", pd_arg(a->request->member),
            pd_arg(a->request->party), pd_arg(a->reason));
    if (a->request->loss)
        tell_loss(r, a->request->loss);
    if (a->renewing)
        cli_key_tell_renewing(r, a->renewing);
    if (!s->may)
        cli_say(r->out, 0, 2, "Nothing was done: --yes agrees.");
    else if (a->rotated)
        tell_rotated(r, a->rotated);
    else
        cli_say(r->out, 0, 2, "The key is destroyed.");
    if (s->may && !a->rotated)
        cli_report_placed(r, a->outcome);
}

static void write_agree(struct pd_json *w, const struct cli_step *s, const void *state) {
    const struct agreeing *a = state;
    cli_step_write_request(w, &s->d.id);
    if (a->renewing)
        cli_key_write_renewing(w, a->renewing);
    else
        write_loss(w, a->request->loss);
    if (a->rotated) {
        pd_json_member_str(w, "vkey", a->rotated->vkey);
        pd_json_member_str(w, "file", a->rotated->file);
    }
    cli_step_write_outcome(w, a->outcome);
}

int cli_key_agree(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    static const struct cli_step_kind kind = {
        .name = "key agree", .take = take_agree, .tell = tell_agree, .write = write_agree};
    struct agreeing a = {0};
    return cli_step_run(context, args, &kind, &a);
}

int cli_key_withdraw(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return cli_step_withdraw(context, args, false);
}
