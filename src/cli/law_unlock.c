/* polder law unlock: what stands between recorded requests and their data. */
#include "cli/cli.h"

static const char *const kinds[] = {[GOVERN_BY_ARTICLE] = "article",
                                    [GOVERN_BY_FACT] = "fact",
                                    [GOVERN_BY_CHANGE] = "change",
                                    [GOVERN_BY_SIGNATURE] = "signature"};

/* ---- For people ---- */

static pd_str extent(const struct govern_extent *e, struct pd_arena *arena) {
    pd_str rows = cli_number(arena, e->rows);
    return pd_arena_printf(arena, "%zu case%s, %zu dataset%s, %.*s rows", e->cases,
                           e->cases == 1 ? "" : "s", e->datasets, e->datasets == 1 ? "" : "s",
                           pd_arg(rows));
}

static void say_what(const struct cli_report *r, const struct govern_block *b) {
    struct pd_buf line;
    pd_buf_init(&line, 1 << 16);
    switch (b->kind) {
    case GOVERN_BY_ARTICLE:
        pd_buf_text(&line, "The article ");
        cli_word_voice(&line, b->article);
        break;
    case GOVERN_BY_FACT:
        pd_buf_printf(&line, "The fact %.*s%s%.*s: %.*s; who supplies it: %.*s", pd_arg(b->name),
                      b->value.len ? " = " : "", pd_arg(b->value), pd_arg(b->fact->title),
                      pd_arg(b->fact->supplier));
        break;
    case GOVERN_BY_CHANGE:
        pd_buf_printf(&line, "A change of the data: %.*s", pd_arg(b->name));
        break;
    case GOVERN_BY_SIGNATURE:
        pd_buf_printf(&line, "The signature of a steward of %.*s under the plan", pd_arg(b->name));
        break;
    }
    cli_paragraph(r->out, 2, 4, pd_buf_view(&line));
    pd_buf_clear(&line);
}

static void say_block(const struct cli_report *r, const struct govern_block *b) {
    pd_str blocked = extent(&b->blocked, r->arena), unlocked = extent(&b->unlocked, r->arena);
    say_what(r, b);
    cli_say(r->out, 4, 6, "in the way of %.*s", pd_arg(blocked));
    cli_say(r->out, 4, 6, "%s: %.*s",
            b->kind == GOVERN_BY_ARTICLE ? "free if it did not speak"
                                         : "free if this were supplied",
            pd_arg(unlocked));
    if (b->kind == GOVERN_BY_ARTICLE || !b->policy_count)
        return;
    pd_str list = PD_STR("");
    for (size_t i = 0; i < b->policy_count; i++)
        list = pd_arena_printf(r->arena, "%.*s%s%.*s", pd_arg(list), i ? ", " : "",
                               pd_arg(b->policies[i]));
    cli_say(r->out, 4, 6, "asked for by %.*s", pd_arg(list));
}

static void tell(const struct cli_report *r, const struct govern_blocks *u) {
    pd_str waiting = extent(&u->waiting, r->arena), passing = extent(&u->passing, r->arena);
    cli_say(r->out, 0, 2, "Waiting: %.*s (%zu denied, %zu left open)", pd_arg(waiting), u->denials,
            u->intents);
    if (u->passing.cases)
        cli_say(r->out, 0, 2, "Of these the law in force lets pass, if asked again: %.*s",
                pd_arg(passing));
    for (size_t i = 0; i < u->block_count && i < CLI_NAMED_MAX; i++)
        say_block(r, &u->blocks[i]);
    cli_say_more(r->out, 2, CLI_NAMED_MAX, u->block_count);
    cli_say_unread(r->out, u->unread, u->unread_count, "can't be read");
}

/* ---- For machines ---- */

static void write_extent(struct pd_json *w, const char *key, const struct govern_extent *e) {
    pd_json_key(w, key);
    pd_json_object(w);
    pd_json_member_i64(w, "cases", (int64_t)e->cases);
    pd_json_member_i64(w, "datasets", (int64_t)e->datasets);
    pd_json_key(w, "rows");
    pd_json_u64(w, e->rows);
    pd_json_object_end(w);
}

static void write_pair(struct pd_json *w, const char *key, pd_str en, pd_str zh) {
    pd_json_key(w, key);
    pd_json_object(w);
    pd_json_member_str(w, "en", en);
    pd_json_member_str(w, "zh", zh);
    pd_json_object_end(w);
}

static void write_block(struct pd_json *w, const struct govern_block *b) {
    pd_json_object(w);
    pd_json_member_text(w, "kind", kinds[b->kind]);
    pd_json_member_str(w, "name", b->name);
    if (b->kind == GOVERN_BY_FACT) {
        pd_json_member_str(w, "value", b->value);
        write_pair(w, "title", b->fact->title, b->fact->title_zh);
        write_pair(w, "supplier", b->fact->supplier, b->fact->supplier_zh);
    }
    if (b->kind == GOVERN_BY_ARTICLE) {
        write_pair(w, "title", b->article->title, b->article->title_zh);
        pd_json_member_str(w, "law", b->article->law);
        pd_json_member_str(w, "article", b->article->article);
        pd_json_member_str(w, "verified", b->article->verified);
    }
    pd_json_key(w, "policies");
    pd_json_array(w);
    for (size_t i = 0; i < b->policy_count; i++)
        pd_json_str(w, b->policies[i]);
    pd_json_array_end(w);
    write_extent(w, "blocked", &b->blocked);
    write_extent(w, "unlocked", &b->unlocked);
    pd_json_key(w, "acts");
    pd_json_array(w);
    for (size_t i = 0; i < b->blocked.cases; i++) {
        pd_json_object(w);
        pd_json_key(w, "act");
        cli_json_id(w, b->acts[i]);
        pd_json_member_bool(w, "unlocked", b->is_unlocked[i]);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write(const struct govern_blocks *u, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    write_extent(&w, "waiting", &u->waiting);
    pd_json_member_i64(&w, "denials", (int64_t)u->denials);
    pd_json_member_i64(&w, "intents", (int64_t)u->intents);
    write_extent(&w, "passing", &u->passing);
    pd_json_key(&w, "blocks");
    pd_json_array(&w);
    for (size_t i = 0; i < u->block_count; i++)
        write_block(&w, &u->blocks[i]);
    pd_json_array_end(&w);
    cli_json_unread(&w, u->unread, u->unread_count);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_law_unlock(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern *g = NULL;
    const struct govern_blocks *blocks = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "law unlock", &g, &err);
    if (st == PD_OK)
        st = govern_unlock(g, cli->arena, &blocks, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write(blocks, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        tell(&r, blocks);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
