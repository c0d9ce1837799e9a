/* polder govern on a folder, or on a database named without a table: an act for each table, told
 * one by one and summed up; what can't be governed stops none of the others. */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#define TABLE_ARENA_LIMIT ((size_t)1 << 30)
enum { KEY_MOST = 255 };

struct many {
    struct cli *cli;
    struct govern *g;
    const struct govern_request *request;
    const struct cli_session *session;
    const char *spool;
    struct cli_told *told; /* one for each table */
    struct pd_buf json;    /* of all of them */
    size_t counts[CLI_TOLD_COUNT];
};

/* What a table is called among the others: the file without folder and extensions, or the part. */
static pd_str name_of(pd_str location, bool is_folder) {
    size_t from = 0;
    for (size_t i = 0; i < location.len; i++)
        if (location.data[i] == (is_folder ? '/' : '#'))
            from = i + 1;
    pd_str name = pd_str_sub(location, from, location.len);
    size_t dot = is_folder ? pd_str_find_char(name, '.') : PD_NPOS;
    return dot == PD_NPOS || dot == 0 ? name : pd_str_sub(name, 0, dot);
}

/* Files of one name and several extensions are several datasets. */
static pd_str unique_name(const struct source_list *list, size_t n, bool is_folder) {
    pd_str name = name_of(list->locations[n], is_folder);
    for (size_t i = 0; i < list->count; i++)
        if (i != n && pd_str_eq(name_of(list->locations[i], is_folder), name)) {
            pd_str whole = list->locations[n];
            for (size_t at = whole.len; at > 0; at--)
                if (whole.data[at - 1] == '/')
                    return pd_str_sub(whole, at, whole.len);
        }
    return name;
}

/* A key for each table: the same command again finds what it did before. */
static pd_str key_of(struct pd_arena *arena, pd_str key, pd_str name) {
    if (key.len == 0)
        return key;
    if (key.len + name.len < KEY_MOST)
        return pd_arena_printf(arena, "%.*s/%.*s", pd_arg(key), pd_arg(name));
    crypto_hash hash = crypto_sha256(name.data, name.len);
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    return pd_arena_printf(arena, "%.*s/%s", pd_arg(key), hex);
}

static void write_failure(struct many *m, pd_str name, const char *why) {
    struct pd_json w;
    pd_json_init(&w, &m->json, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_str(&w, "table", name);
    pd_json_member_text(&w, "error", why);
    pd_json_object_end(&w);
    pd_json_clear(&w);
}

static enum pd_status govern_one(struct many *m, const struct source_list *list, size_t n,
                                 bool is_folder, struct pd_error *err) {
    struct cli_told *told = &m->told[n];
    struct cli one = *m->cli;
    struct govern_request request = *m->request;
    struct cli_session session = *m->session;
    struct source *source = NULL;
    struct pd_error why = {0};
    one.arena = pd_arena_new(TABLE_ARENA_LIMIT);
    if (!one.arena)
        return pd_fail_memory(err);
    told->name = unique_name(list, n, is_folder);
    session.told = told;
    session.json = &m->json;
    request.title =
        pd_arena_printf(one.arena, "%.*s: %.*s", pd_arg(m->request->title), pd_arg(told->name));
    request.idempotency_key = key_of(one.arena, m->request->idempotency_key, told->name);
    if (session.is_json && n > 0)
        pd_buf_text(&m->json, ",\n");
    if (!session.is_json) {
        printf("%s== %.*s (%zu of %zu) ==\n", n ? "\n" : "", pd_arg(told->name), n + 1,
               list->count);
        fflush(stdout);
    }
    enum pd_status st = request.title.data ? PD_OK : pd_fail_memory(&why);
    if (st == PD_OK)
        st = source_open(list->locations[n].data, STDIN_FILENO, m->spool, 0, &source, &why);
    told->code = st == PD_OK ? cli_carry_out(&one, m->g, source, &request, NULL, &session)
                             : cli_tell_failure(&session, &why);
    if (session.is_json && told->what == CLI_TOLD_FAILED)
        write_failure(m, told->name, told->why);
    source_close(source);
    pd_arena_free(one.arena);
    m->counts[told->what]++;
    return PD_OK;
}

/* ---- The sum ---- */

static const char *const words[CLI_TOLD_COUNT] = {[CLI_TOLD_FAILED] = "failed",
                                                  [CLI_TOLD_DONE] = "done",
                                                  [CLI_TOLD_REPEATED] = "done before",
                                                  [CLI_TOLD_DENIED] = "denied",
                                                  [CLI_TOLD_OPEN] = "left open"};

static void tell_sum(const struct many *m, const struct source_list *list, struct pd_buf *out) {
    static const struct cli_column columns[] = {
        {"table", false, 40}, {"result", false, 0}, {"act, or why not", false, 0}};
    struct pd_arena *arena = m->cli->arena;
    pd_str *cells = pd_arena_array(arena, 3 * list->count + 1, sizeof(*cells));
    if (!cells)
        return;
    for (size_t i = 0; i < list->count; i++) {
        const struct cli_told *t = &m->told[i];
        cells[3 * i] = t->name;
        cells[3 * i + 1] = pd_str_from(words[t->what]);
        cells[3 * i + 2] = pd_str_from(t->why);
    }
    pd_buf_text(out, "\n");
    cli_table(out, 0, columns, 3, cells, list->count);
    pd_buf_char(out, '\n');
    cli_say(out, 0, 2,
            "%zu tables: %zu done, %zu done before, %zu left open, %zu denied, %zu failed%s.",
            list->count, m->counts[CLI_TOLD_DONE], m->counts[CLI_TOLD_REPEATED],
            m->counts[CLI_TOLD_OPEN], m->counts[CLI_TOLD_DENIED], m->counts[CLI_TOLD_FAILED],
            m->session->is_dry_run ? " (a dry run: nothing was recorded)" : "");
    for (size_t i = 0; i < list->note_count; i++)
        cli_say(out, 0, 2, "%.*s", pd_arg(list->notes[i]));
    if (m->request->idempotency_key.len == 0 && m->counts[CLI_TOLD_FAILED] > 0)
        cli_say(out, 0, 2,
                "To go on where it failed without doing the others again, give --idempotency-key "
                "next time.");
}

static void write_sum(struct many *m, const struct source_list *list, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "dry_run", m->session->is_dry_run);
    pd_json_key(&w, "counts");
    pd_json_object(&w);
    static const char *const names[CLI_TOLD_COUNT] = {[CLI_TOLD_FAILED] = "failed",
                                                      [CLI_TOLD_DONE] = "done",
                                                      [CLI_TOLD_REPEATED] = "repeated",
                                                      [CLI_TOLD_DENIED] = "denied",
                                                      [CLI_TOLD_OPEN] = "open"};
    for (size_t i = 0; i < CLI_TOLD_COUNT; i++)
        pd_json_member_i64(&w, names[i], (int64_t)m->counts[i]);
    pd_json_object_end(&w);
    pd_json_key(&w, "notes");
    pd_json_array(&w);
    for (size_t i = 0; i < list->note_count; i++)
        pd_json_str(&w, list->notes[i]);
    pd_json_array_end(&w);
    pd_buf_char(&m->json, ']');
    pd_json_key(&w, "tables");
    pd_json_raw(&w, pd_buf_view(&m->json));
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_govern_many(struct cli *cli, struct govern *g, const struct source_list *list,
                    const struct govern_request *request, const struct cli_session *s,
                    const char *spool, bool is_folder) {
    struct many m = {.cli = cli, .g = g, .request = request, .session = s, .spool = spool};
    struct pd_error err = {0};
    struct pd_buf out;
    int code = 0;
    pd_buf_init(&out, 0);
    pd_buf_init(&m.json, (size_t)1 << 30);
    pd_buf_char(&m.json, '[');
    m.told = pd_arena_array(cli->arena, list->count, sizeof(*m.told));
    enum pd_status st = m.told ? PD_OK : pd_fail_memory(&err);
    for (size_t i = 0; st == PD_OK && i < list->count; i++) {
        st = govern_one(&m, list, i, is_folder, &err);
        code = code ? code : m.told[i].code;
    }
    if (st == PD_OK && s->is_json)
        write_sum(&m, list, &out);
    else if (st == PD_OK)
        tell_sum(&m, list, &out);
    if (st == PD_OK)
        st = pd_buf_check(&m.json, &err);
    pd_buf_clear(&m.json);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int printed = cli_print(&out);
    return printed ? printed : code;
}
