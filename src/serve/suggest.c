/*
 * Plans that are suggested for an upload: asked for now, searched by a job, read later. No law is
 * asked and nothing is governed: whoever wants to act brings the plan with an intent, and there it
 * is held against what the rules demand.
 */
#include "serve/serve_impl.h"

#include <unistd.h>

#define ARENA_MAX ((size_t)1 << 30)

/* ---- Asking ---- */

static const struct sql ADD = {
    .both = "INSERT INTO plan_suggestion (id, upload_id, party_id, k, most_left_out, population, state, why,"
            " suggestion, made_at) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', '', $7)"};

struct asking {
    const struct serve_call *call;
    const struct serve_suggest *ask;
    pd_str id;
};

static enum pd_status add_row(struct store *store, void *context, struct pd_error *err) {
    const struct asking *a = context;
    pd_time now = a->call->now;
    struct store_value values[] = {STORE_STR(a->id),
                                   STORE_STR(a->ask->upload),
                                   STORE_STR(a->call->who.party),
                                   STORE_I64((int64_t)a->ask->k),
                                   STORE_I64((int64_t)a->ask->most_left_out),
                                   STORE_I64((int64_t)a->ask->population),
                                   STORE_I64(now)};
    enum pd_status st = store_run(store, ADD, values, 7, NULL, err);
    return st == PD_OK ? job_add(store, SERVE_JOB_SUGGEST, a->id, now, now, err) : st;
}

enum pd_status serve_suggest(struct serve_call *call, const struct serve_suggest *ask, pd_str *id,
                             struct pd_error *err) {
    struct serve_kept kept;
    char text[PD_ID_TEXT_SIZE];
    enum pd_status st = serve_upload_look(call, ask->upload, &kept, err);
    if (st != PD_OK)
        return st;
    pd_id_write(crypto_id(call->now), text);
    struct asking a = {call, ask, pd_arena_str(call->arena, pd_str_from(text))};
    st = a.id.data ? store_transact(govern_store(call->g), add_row, &a, err) : pd_fail_memory(err);
    if (st == PD_OK)
        *id = a.id;
    return st;
}

/* ---- Reading ---- */

static const struct sql FIND = {
    .both = "SELECT upload_id, party_id, k, most_left_out, population, state, why, suggestion, made_at"
            " FROM plan_suggestion WHERE id = $1"};

static enum pd_status read_row(struct store *store, pd_str id, struct pd_arena *arena,
                               struct serve_suggested *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has = false;
    enum pd_status st = store_select(store, FIND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no such suggestion");
    if (st == PD_OK)
        *out = (struct serve_suggested){
            .id = pd_arena_str(arena, id),
            .ask = {.upload = pd_arena_str(arena, store_str(rows, 0)),
                    .k = (uint64_t)store_i64(rows, 2),
                    .most_left_out = (unsigned)store_i64(rows, 3),
                    .population = (uint64_t)store_i64(rows, 4)},
            .party = pd_arena_str(arena, store_str(rows, 1)),
            .state = pd_arena_str(arena, store_str(rows, 5)),
            .why = pd_arena_str(arena, store_str(rows, 6)),
            .json = pd_arena_str(arena, store_str(rows, 7)),
            .made_at = store_i64(rows, 8)};
    store_rows_close(rows);
    return st == PD_OK && !out->json.data ? pd_fail_memory(err) : st;
}

enum pd_status serve_suggestion_look(struct serve_call *call, pd_str id,
                                     struct serve_suggested *out, struct pd_error *err) {
    pd_id parsed;
    if (!pd_id_parse(id, &parsed))
        return pd_fail(err, PD_NOT_FOUND, "there is no such suggestion");
    enum pd_status st = read_row(govern_store(call->g), id, call->arena, out, err);
    if (st == PD_OK && (!call->is_known || !pd_str_eq(out->party, call->who.party)))
        st = pd_fail(err, PD_NOT_FOUND, "there is no such suggestion");
    return st;
}

static const struct sql FORGET = {.both = "DELETE FROM plan_suggestion WHERE upload_id = $1"};

enum pd_status serve_suggestions_forget(struct store *store, pd_str upload, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(upload)};
    return store_run(store, FORGET, values, 1, NULL, err);
}

/* ---- The job ---- */

static enum pd_status write_json(const struct govern_suggestion *s, struct pd_arena *arena, pd_str *out,
                            struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, (size_t)16 << 20);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    enum pd_status st = govern_suggestion_write(s, &w, err);
    pd_json_object_end(&w);
    if (st == PD_OK)
        return pd_json_finish(&w, arena, out, err);
    pd_json_clear(&w);
    pd_buf_clear(&buf);
    return st;
}

struct suggesting {
    struct serve *serve;
    struct govern *g;
};

static enum pd_status suggest(const struct suggesting *s, const struct serve_suggested *row,
                              struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct serve_kept kept;
    struct source *source = NULL;
    struct govern_suggestion found = {0};
    pthread_t pouring;
    int fd = -1;
    pd_str spool = pd_arena_printf(arena, "%s/staging", s->serve->config.folder);
    enum pd_status st = serve_upload_row(govern_store(s->g), row->ask.upload, arena, &kept, err);
    if (st == PD_OK)
        st = serve_upload_open(s->serve, govern_store(s->g), arena, &kept, &s->serve->cycle.is_ending,
                               &fd, &pouring, err);
    if (st == PD_OK)
        st = source_open("-", fd, spool.data, 0, &source, err);
    const struct govern_suggest_ask ask = {.k = row->ask.k,
                                           .max_suppressed = row->ask.most_left_out / 100.0};
    const struct govern_plan_table table = {.source = source,
                                            .now = pd_clock_now(&s->serve->config.clock),
                                            .population = row->ask.population};
    if (st == PD_OK)
        st = govern_plan_suggest(&table, &ask, arena, &found, err);
    if (st == PD_OK)
        st = write_json(&found, arena, out, err);
    source_close(source);
    if (fd >= 0) {
        close(fd);
        pthread_join(pouring, NULL);
    }
    return st;
}

static const struct sql SETTLE = {
    .both = "UPDATE plan_suggestion SET state = $2, why = $3, suggestion = $4 WHERE id = $1"};

static enum pd_status run_in(const struct suggesting *s, pd_str id, struct pd_arena *arena,
                             pd_time now, pd_time *again, struct pd_error *err) {
    struct serve_suggested row;
    struct pd_error why = {0};
    pd_str json = PD_STR("");
    enum pd_status st = read_row(govern_store(s->g), id, arena, &row, err);
    if (st != PD_OK)
        return st == PD_NOT_FOUND ? PD_OK : st; /* forgotten meanwhile */
    enum pd_status found = suggest(s, &row, arena, &json, &why);
    if (s->serve->cycle.is_ending) { /* cut off by the server's end: of what was read nothing counts */
        *again = now + PD_SECOND;
        return PD_OK;
    }
    if (found == PD_UNAVAILABLE || found == PD_IO) /* the table isn't at fault */
        return pd_fail(err, found, "%s", why.text);
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(found == PD_OK ? PD_STR("ready") : PD_STR("failed")),
                                   STORE_STR(found == PD_OK ? PD_STR("") : pd_str_from(why.text)),
                                   STORE_STR(found == PD_OK ? json : PD_STR(""))};
    return store_run(govern_store(s->g), SETTLE, values, 4, NULL, err);
}

static enum pd_status run_suggest(void *context, pd_str subject, pd_time now, pd_time *again,
                                  struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(ARENA_MAX);
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = run_in(context, subject, arena, now, again, err);
    pd_arena_free(arena);
    return st;
}

enum pd_status serve_suggest_work(struct serve *serve, struct govern *g, struct job_tally *tally,
                                  struct pd_error *err) {
    static const struct job_kind KIND = {SERVE_JOB_SUGGEST, run_suggest};
    struct suggesting s = {serve, g};
    return job_run_kind(govern_store(g), &KIND, &s, &serve->config.clock, 1, tally, err);
}
