/*
 * Uploads. What comes is sealed piece by piece into a file of the staging folder, which is cleared
 * when a node is opened; what is kept is moved to uploads/ and has a row (with the key, wrapped, so
 * that it goes with the row) and a job that inspects it.
 *
 * The sealed file: pieces of PIECE bytes, the last one shorter or empty, each AES-256-GCM with its
 * number as the nonce and "more" or "last" as associated data, so that a cut file doesn't open.
 */
#include "serve/serve_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 << 10, SEALED = PIECE + CRYPTO_TAG_SIZE, PATH_SIZE = 4096, NAME_SIZE = 256, MOST_WAITING_DAYS = 7 };

struct receiving {
    struct serve_upload upload; /* first: what handlers see */
    struct serve *serve;
    int file;
    bool is_kept;
    char path[PATH_SIZE], name[NAME_SIZE];
    uint8_t key[CRYPTO_KEY_SIZE];
    uint8_t piece[PIECE];
    size_t piece_len;
    uint64_t number;
    struct crypto_sha256_state *hash;
    bool is_ended;
};

/* ---- Sealing ---- */

static void nonce_of(uint64_t number, uint8_t out[CRYPTO_NONCE_SIZE]) {
    memset(out, 0, CRYPTO_NONCE_SIZE);
    for (int i = 0; i < 8; i++)
        out[CRYPTO_NONCE_SIZE - 1 - i] = (uint8_t)(number >> (8 * i));
}

static bool write_all(int fd, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool seal_piece(struct receiving *r, bool is_last) {
    uint8_t nonce[CRYPTO_NONCE_SIZE], sealed[SEALED];
    nonce_of(r->number++, nonce);
    crypto_seal(r->key, nonce, is_last ? PD_STR("last") : PD_STR("more"), r->piece, r->piece_len,
                sealed);
    bool is_done = write_all(r->file, sealed, r->piece_len + CRYPTO_TAG_SIZE);
    r->piece_len = 0;
    return is_done;
}

/* ---- The sink ---- */

static enum pd_status receive(struct serve *serve, struct receiving **out, struct pd_error *err) {
    struct receiving *r = calloc(1, sizeof(*r));
    char id[PD_ID_TEXT_SIZE];
    if (!r || !(r->hash = crypto_sha256_new())) {
        free(r);
        return pd_fail(err, PD_UNAVAILABLE, "there is no memory for an upload");
    }
    r->serve = serve;
    r->upload.id = crypto_id(pd_clock_now(&serve->config.clock));
    pd_id_write(r->upload.id, id);
    crypto_random(r->key, sizeof(r->key));
    snprintf(r->path, sizeof(r->path), "%s/staging/upload-%s", serve->config.folder, id);
    r->file = open(r->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    r->upload.fd = -1;
    if (r->file >= 0) {
        *out = r;
        return PD_OK;
    }
    (void)pd_fail_errno(err, PD_IO, "an upload can't be spooled");
    crypto_sha256_free(r->hash);
    free(r);
    return PD_IO;
}

static void *begin(void *context, const struct http_request *request,
                   struct http_response *response) {
    struct receiving *r;
    struct pd_error err = {0};
    if (!serve_may_upload(context, request, response))
        return NULL;
    if (receive(context, &r, &err) == PD_OK)
        return r;
    http_fail(request, response, &err);
    return NULL;
}

/* False: the disk is full. */
static bool add(struct receiving *r, pd_str bytes) {
    crypto_sha256_add(r->hash, bytes.data, bytes.len);
    r->upload.bytes += bytes.len;
    while (bytes.len) {
        if (r->piece_len == PIECE && !seal_piece(r, false))
            return false;
        size_t n = bytes.len < PIECE - r->piece_len ? bytes.len : PIECE - r->piece_len;
        memcpy(r->piece + r->piece_len, bytes.data, n);
        r->piece_len += n;
        bytes = pd_str_sub(bytes, n, bytes.len);
    }
    return true;
}

static bool feed(void *sink, pd_str bytes, pd_str file, struct http_response *response) {
    struct receiving *r = sink;
    if (!r->name[0])
        snprintf(r->name, sizeof(r->name), "%.*s", pd_arg(file));
    if (add(r, bytes))
        return true;
    http_respond(response, 507, "application/problem+json",
                 PD_STR("{\"type\":\"/problems/io\",\"title\":\"reading or writing failed\","
                        "\"status\":507,\"detail\":\"the upload can't be spooled: the disk is full\"}"));
    return false;
}

static void end(void *sink) {
    struct receiving *r = sink;
    if (!r->is_kept)
        unlink(r->path);
    close(r->file);
    if (r->upload.fd >= 0)
        close(r->upload.fd);
    crypto_sha256_free(r->hash);
    crypto_wipe(r, sizeof(*r));
    free(r);
}

static const struct http_sink SINK = {begin, feed, end};
const struct http_sink *serve_upload_sink(void) {
    return &SINK;
}

/* ---- Reading: a thread opens the pieces into a pipe ---- */

struct opening {
    int file, to;
    uint8_t key[CRYPTO_KEY_SIZE];
    const atomic_bool *is_over; /* then no more is read; NULL: it never is */
};

static size_t read_piece(int file, uint8_t *out) {
    size_t n = 0;
    while (n < SEALED) {
        ssize_t got = read(file, out + n, SEALED - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

/* Whether all of it is there and as it was sealed. to < 0: it is only looked at. */
static bool open_pieces(const struct opening *o) {
    uint8_t sealed[SEALED], plain[SEALED], nonce[CRYPTO_NONCE_SIZE];
    struct pd_error err;
    bool goes_on = true, is_whole = true;
    for (uint64_t number = 0; goes_on && is_whole; number++) {
        size_t n = read_piece(o->file, sealed);
        struct stat about;
        off_t at = lseek(o->file, 0, SEEK_CUR);
        goes_on = fstat(o->file, &about) == 0 && at < about.st_size;
        nonce_of(number, nonce);
        is_whole = !(o->is_over && *o->is_over) && n >= CRYPTO_TAG_SIZE &&
                   crypto_open(o->key, nonce, goes_on ? PD_STR("more") : PD_STR("last"), sealed, n,
                               plain, &err) == PD_OK &&
                   (o->to < 0 || write_all(o->to, plain, n - CRYPTO_TAG_SIZE));
    }
    crypto_wipe(plain, sizeof(plain));
    return is_whole;
}

static void *pour(void *context) {
    struct opening *o = context;
    (void)open_pieces(o);
    close(o->to);
    close(o->file);
    crypto_wipe(o, sizeof(*o));
    free(o);
    return NULL;
}

/* `file` is the thread's from now on. thread: to be joined once `*out` was closed; NULL: nobody waits
 * for it. */
static enum pd_status open_pipe(int file, const uint8_t key[CRYPTO_KEY_SIZE],
                                const atomic_bool *is_over, int *out, pthread_t *joined,
                                struct pd_error *err) {
    int ends[2] = {-1, -1};
    pthread_t thread;
    struct opening *o = calloc(1, sizeof(*o));
    if (!o || pipe2(ends, O_CLOEXEC) != 0) {
        free(o);
        close(file);
        return pd_fail(err, PD_UNAVAILABLE, "an upload can't be read: no more files can be opened");
    }
    *o = (struct opening){.file = file, .to = ends[1], .is_over = is_over};
    memcpy(o->key, key, CRYPTO_KEY_SIZE);
    if (pthread_create(&thread, NULL, pour, o) != 0) {
        close(file);
        close(ends[0]);
        close(ends[1]);
        free(o);
        return pd_fail(err, PD_UNAVAILABLE, "no thread could be started");
    }
    if (joined)
        *joined = thread;
    else
        pthread_detach(thread);
    *out = ends[0];
    return PD_OK;
}

const struct serve_upload *serve_upload(struct serve_call *call) {
    struct receiving *r = http_sunk(call->request);
    struct pd_error err = {0};
    if (!r || r->upload.bytes == 0)
        return NULL;
    if (r->is_ended)
        return &r->upload;
    int again = open(r->path, O_RDONLY | O_CLOEXEC);
    if (again < 0 || !seal_piece(r, true) || open_pipe(again, r->key, NULL, &r->upload.fd, NULL, &err) != PD_OK)
        return NULL;
    r->upload.content = crypto_sha256_end(r->hash);
    r->upload.file = pd_str_from(r->name);
    r->is_ended = true;
    return &r->upload;
}

/* ---- Keeping ---- */

static const struct sql ADD = {
    .both = "INSERT INTO upload (id, party_id, member_id, file_name, byte_count, content_hash, seal_key, state,"
            " why, inspection, idempotency_key, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'received', '', '', $8, $9)"};

struct keeping {
    struct serve_call *call;
    const struct receiving *received;
    const char *id;
    pd_str wrapped_key;
};

static enum pd_status add_row(struct store *store, void *context, struct pd_error *err) {
    struct keeping *k = context;
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(k->received->upload.content.bytes, CRYPTO_HASH_SIZE, hex);
    pd_str name = pd_str_from(k->received->name);
    pd_str key = http_header(k->call->request, "Idempotency-Key");
    struct store_value values[] = {
        STORE_STR(pd_str_from(k->id)), STORE_STR(k->call->who.party), STORE_STR(k->call->who.member_id),
        STORE_STR(pd_utf8_valid(name, NULL) ? name : PD_STR("")), STORE_I64((int64_t)k->received->upload.bytes),
        STORE_STR(pd_str_from(hex)),
        STORE_BYTES(k->wrapped_key),
        key.len ? STORE_STR(key) : STORE_NONE, STORE_I64(k->call->now)};
    enum pd_status st = store_run(store, ADD, values, 9, NULL, err);
    return st == PD_OK ? job_add(store, SERVE_JOB_INSPECT, pd_str_from(k->id), k->call->now, k->call->now, err)
                       : st;
}

enum pd_status serve_upload_keep(struct serve_call *call, const struct serve_upload *upload, pd_str *token,
                                 struct pd_error *err) {
    struct receiving *r = (struct receiving *)(uintptr_t)upload;
    char id[PD_ID_TEXT_SIZE], folder[PATH_SIZE], to[PATH_SIZE + 64];
    if (!call->is_known)
        return pd_fail(err, PD_DENIED, "sign in to keep a file");
    pd_id_write(upload->id, id);
    snprintf(folder, sizeof(folder), "%s/uploads", call->serve->config.folder);
    snprintf(to, sizeof(to), "%s/%s", folder, id);
    struct keeping k = {call, r, id, PD_STR("")};
    enum pd_status st = serve_upload_key_wrap(govern_store(call->g), pd_str_from(id), r->key, call->now,
                                              call->arena, &k.wrapped_key, err);
    if (st != PD_OK)
        return st;
    if ((mkdir(folder, 0700) != 0 && errno != EEXIST) || fsync(r->file) != 0 || rename(r->path, to) != 0)
        return pd_fail_errno(err, PD_IO, "keep the upload");
    r->is_kept = true;
    st = store_transact(govern_store(call->g), add_row, &k, err);
    if (st != PD_OK) {
        unlink(to);
        return st;
    }
    *token = pd_arena_str(call->arena, pd_str_from(id));
    return token->data ? PD_OK : pd_fail_memory(err);
}

/* ---- From a source ---- */

struct copying {
    struct receiving *to;
    uint64_t most;
};

static enum pd_status copy(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct copying *c = context;
    if (c->to->upload.bytes + n > c->most)
        return pd_fail(err, PD_LIMIT, "it is larger than an upload may be");
    return add(c->to, (pd_str){bytes, n}) ? PD_OK : pd_fail_errno(err, PD_IO, "an upload can't be spooled");
}

static enum pd_status end_copy(struct serve_call *call, struct receiving *r, pd_str *token,
                               struct pd_error *err) {
    if (r->upload.bytes == 0)
        return pd_fail(err, PD_INVALID, "it is empty");
    if (!seal_piece(r, true))
        return pd_fail_errno(err, PD_IO, "an upload can't be spooled");
    r->upload.content = crypto_sha256_end(r->hash);
    r->is_ended = true;
    return serve_upload_keep(call, &r->upload, token, err);
}

static enum pd_status copy_source(struct serve_call *call, struct source *source, struct receiving *r,
                                  pd_str *token, struct pd_error *err) {
    struct copying c = {r, call->serve->config.upload_max};
    pd_str name = source_name(source);
    enum pd_status st = source_each(source, copy, NULL, &c, NULL, err);
    if (st == PD_OK && name.len < sizeof(r->name))
        memcpy(r->name, name.data, name.len); /* all of it was zero */
    return st == PD_OK ? end_copy(call, r, token, err) : st;
}

enum pd_status serve_upload_from(struct serve_call *call, const char *location, pd_str *token,
                                 struct pd_error *err) {
    struct source *source = NULL;
    struct receiving *r = NULL;
    pd_str spool = pd_arena_printf(call->arena, "%s/staging", call->serve->config.folder);
    enum pd_status st = spool.data ? source_open(location, -1, spool.data, 0, &source, err)
                                   : pd_fail_memory(err);
    if (st == PD_OK)
        st = receive(call->serve, &r, err);
    if (st == PD_OK)
        st = copy_source(call, source, r, token, err);
    if (r)
        end(r);
    source_close(source);
    return st;
}

/* ---- From a stored version ---- */

static enum pd_status copy_stored(struct store_reader *reader, struct copying *c, struct pd_error *err) {
    char piece[PIECE];
    for (;;) {
        size_t n = sizeof(piece);
        enum pd_status st = store_vault_read(reader, piece, &n, err);
        if (st == PD_OK && n > 0)
            st = copy(c, piece, n, err);
        if (st != PD_OK || n == 0)
            return st;
    }
}

enum pd_status serve_version_read(struct serve_call *call, pd_id version, pd_str *token, struct pd_error *err) {
    struct store_reader *reader = NULL;
    struct receiving *r = NULL;
    uint64_t bytes = 0;
    if (!call->is_known)
        return pd_fail(err, PD_DENIED, "sign in to read what your party stored");
    enum pd_status st = catalogue_original_open(call->g, call->who.party, version, &reader, &bytes, err);
    if (st == PD_OK)
        st = receive(call->serve, &r, err);
    struct copying c = {r, call->serve->config.upload_max};
    if (st == PD_OK)
        st = copy_stored(reader, &c, err);
    if (st == PD_OK)
        st = end_copy(call, r, token, err);
    if (r)
        end(r);
    store_reader_free(reader);
    return st;
}

/* ---- Finding ---- */

static const struct sql FIND = {
    .both = "SELECT party_id, file_name, byte_count, content_hash, seal_key, state, why, inspection, made_at"
            " FROM upload WHERE id = $1"};

enum pd_status serve_upload_row(struct store *store, pd_str id, struct pd_arena *arena, struct serve_kept *out,
                                struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has = false;
    enum pd_status st = store_select(store, FIND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no such upload");
    if (st == PD_OK)
        *out = (struct serve_kept){.id = pd_arena_str(arena, id),
                                   .party = pd_arena_str(arena, store_str(rows, 0)),
                                   .file = pd_arena_str(arena, store_str(rows, 1)),
                                   .bytes = (uint64_t)store_i64(rows, 2),
                                   .content = pd_arena_str(arena, store_str(rows, 3)),
                                   .key = pd_arena_str(arena, store_str(rows, 4)),
                                   .state = pd_arena_str(arena, store_str(rows, 5)),
                                   .why = pd_arena_str(arena, store_str(rows, 6)),
                                   .inspection = pd_arena_str(arena, store_str(rows, 7)),
                                   .made_at = store_i64(rows, 8)};
    store_rows_close(rows);
    if (st == PD_OK && (!out->inspection.data || !out->key.data))
        st = pd_fail_memory(err);
    return st;
}

enum pd_status serve_upload_look(struct serve_call *call, pd_str token, struct serve_kept *out,
                                 struct pd_error *err) {
    pd_id id;
    if (!pd_id_parse(token, &id))
        return pd_fail(err, PD_NOT_FOUND, "there is no such upload");
    enum pd_status st = serve_upload_row(govern_store(call->g), token, call->arena, out, err);
    if (st == PD_OK && (!call->is_known || !pd_str_eq(out->party, call->who.party)))
        st = pd_fail(err, PD_NOT_FOUND, "there is no such upload");
    return st;
}

/* Nothing of a file is given out before all of it was looked at: what is cut or was changed on the disk must not be taken for less. */
static enum pd_status check_kept(int file, const uint8_t key[CRYPTO_KEY_SIZE], const atomic_bool *is_over,
                                 struct pd_error *err) {
    struct opening o = {.file = file, .to = -1, .is_over = is_over};
    memcpy(o.key, key, sizeof(o.key));
    bool is_whole = open_pieces(&o) && lseek(file, 0, SEEK_SET) == 0;
    crypto_wipe(&o, sizeof(o));
    if (is_whole)
        return PD_OK;
    return is_over && *is_over
               ? pd_fail(err, PD_UNAVAILABLE, "the server is being stopped")
               : pd_fail(err, PD_INTERNAL, "the file of this upload was changed on the disk: send it again");
}

enum pd_status serve_upload_open(const struct serve *serve, struct store *store, struct pd_arena *arena,
                                 const struct serve_kept *kept, const atomic_bool *is_over, int *fd,
                                 pthread_t *joined, struct pd_error *err) {
    char path[PATH_SIZE];
    uint8_t key[CRYPTO_KEY_SIZE];
    enum pd_status st = serve_upload_key_open(store, kept->id, kept->key, arena, key, err);
    if (st != PD_OK)
        return st;
    snprintf(path, sizeof(path), "%s/uploads/%.*s", serve->config.folder, pd_arg(kept->id));
    int file = open(path, O_RDONLY | O_CLOEXEC);
    st = file < 0 ? pd_fail(err, PD_NOT_FOUND, "the file of this upload is gone")
                  : check_kept(file, key, is_over, err);
    if (st == PD_OK)
        st = open_pipe(file, key, is_over, fd, joined, err);
    else if (file >= 0)
        close(file);
    crypto_wipe(key, sizeof(key));
    return st;
}

enum pd_status serve_upload_find(struct serve_call *call, pd_str token, int *fd, struct pd_error *err) {
    struct serve_kept kept;
    enum pd_status st = serve_upload_look(call, token, &kept, err);
    return st == PD_OK ? serve_upload_open(call->serve, govern_store(call->g), call->arena, &kept, NULL, fd, NULL, err) : st;
}

static const struct sql FIND_KEYED = {.both = "SELECT id, content_hash FROM upload WHERE party_id = $1 AND idempotency_key = $2"};

enum pd_status serve_upload_repeat(struct serve_call *call, pd_str *token, bool *found, struct pd_error *err) {
    pd_str key = http_header(call->request, "Idempotency-Key");
    struct store_value values[] = {STORE_STR(call->who.party), STORE_STR(key)};
    struct store_rows *rows;
    *found = false;
    if (!key.len)
        return PD_OK;
    if (key.len > 255 || !pd_utf8_valid(key, NULL))
        return pd_fail(err, PD_USAGE, "Idempotency-Key is a text of at most 255 bytes");
    enum pd_status st = store_select(govern_store(call->g), FIND_KEYED, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, found, err);
    if (st == PD_OK && *found)
        *token = pd_arena_str(call->arena, store_str(rows, 0));
    store_rows_close(rows);
    return st;
}

static const struct sql FORGET = {.both = "DELETE FROM upload WHERE id = $1"};

static enum pd_status forget(const struct serve *serve, struct store *store, pd_str id, struct pd_error *err) {
    char path[PATH_SIZE];
    struct store_value values[] = {STORE_STR(id)};
    snprintf(path, sizeof(path), "%s/uploads/%.*s", serve->config.folder, pd_arg(id));
    unlink(path);
    enum pd_status st = serve_suggestions_forget(store, id, err);
    return st == PD_OK ? store_run(store, FORGET, values, 1, NULL, err) : st;
}

void serve_upload_forget(struct serve_call *call, pd_str token) {
    struct serve_kept kept;
    struct pd_error ignored = {0}; /* a week later it goes by itself */
    if (serve_upload_look(call, token, &kept, &ignored) == PD_OK)
        (void)!forget(call->serve, govern_store(call->g), token, &ignored);
}

/* ---- The job ---- */

static const struct sql SETTLE = {.both = "UPDATE upload SET state = $2, why = $3, inspection = $4 WHERE id = $1"};

static enum pd_status inspect(const struct serve *serve, struct govern *g, const struct serve_kept *kept,
                              struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    int fd = -1;
    pthread_t pouring;
    struct source *source = NULL;
    const struct govern_reading *reading;
    struct pd_buf buf;
    struct pd_json w;
    pd_str spool = pd_arena_printf(arena, "%s/staging", serve->config.folder);
    enum pd_status st = serve_upload_open(serve, govern_store(g), arena, kept, &serve->cycle.is_ending, &fd, &pouring, err);
    if (st == PD_OK)
        st = source_open("-", fd, spool.data, 0, &source, err);
    if (st == PD_OK)
        st = govern_read(source, NULL, NULL, pd_clock_now(&serve->config.clock), NULL, arena, NULL, &reading, err);
    if (st == PD_OK) {
        pd_buf_init(&buf, (size_t)64 << 20);
        pd_json_init(&w, &buf, PD_JSON_COMPACT);
        inspection_write_json(reading->inspection, false, &w);
        st = pd_json_finish(&w, arena, out, err);
    }
    source_close(source);
    if (fd >= 0) {
        close(fd);
        pthread_join(pouring, NULL);
    }
    return st;
}

struct inspecting {
    struct serve *serve;
    struct govern *g;
};

static bool is_passing(enum pd_status st) { /* the file isn't at fault */
    return st == PD_UNAVAILABLE || st == PD_IO;
}

static enum pd_status run_inspect(void *context, pd_str subject, pd_time now, pd_time *again, struct pd_error *err) {
    struct inspecting *i = context;
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    struct serve_kept kept;
    struct pd_error why = {0};
    pd_str json = PD_STR("");
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = serve_upload_row(govern_store(i->g), subject, arena, &kept, err);
    if (st == PD_NOT_FOUND) { /* forgotten meanwhile */
        pd_arena_free(arena);
        return PD_OK;
    }
    if (st == PD_OK) {
        enum pd_status read = inspect(i->serve, i->g, &kept, arena, &json, &why);
        if (i->serve->cycle.is_ending) { /* cut off by the server's end: of what was read nothing counts */
            *again = now + PD_SECOND;
            pd_arena_free(arena);
            return PD_OK;
        }
        struct store_value values[] = {STORE_STR(subject),
                                       STORE_STR(read == PD_OK ? PD_STR("inspected") : PD_STR("failed")),
                                       STORE_STR(read == PD_OK ? PD_STR("") : pd_str_from(why.text)),
                                       STORE_STR(read == PD_OK ? json : PD_STR(""))};
        st = is_passing(read) ? pd_fail(err, read, "%s", why.text)
                              : store_run(govern_store(i->g), SETTLE, values, 4, NULL, err);
    }
    pd_arena_free(arena);
    return st;
}

static const struct sql FIND_OLD = {.both = "SELECT id FROM upload WHERE made_at < $1 ORDER BY made_at LIMIT 1"};

static enum pd_status forget_old(struct serve *serve, struct govern *g, struct pd_error *err) {
    struct store_value values[] = {STORE_I64(pd_clock_now(&serve->config.clock) - MOST_WAITING_DAYS * PD_DAY)};
    for (;;) {
        struct store_rows *rows;
        bool has = false;
        char id[PD_ID_TEXT_SIZE + 1] = "";
        enum pd_status st = store_select(govern_store(g), FIND_OLD, values, 1, &rows, err);
        if (st != PD_OK)
            return st;
        st = store_next(rows, &has, err);
        if (st == PD_OK && has)
            snprintf(id, sizeof(id), "%.*s", pd_arg(store_str(rows, 0)));
        store_rows_close(rows);
        if (st != PD_OK || !has)
            return st;
        st = forget(serve, govern_store(g), pd_str_from(id), err);
        if (st != PD_OK)
            return st;
    }
}

enum pd_status serve_upload_work(struct serve *serve, struct govern *g, struct job_tally *tally, struct pd_error *err) {
    static const struct job_kind KIND = {SERVE_JOB_INSPECT, run_inspect};
    struct inspecting i = {serve, g};
    enum pd_status st = forget_old(serve, g, err);
    return st == PD_OK ? job_run_kind(govern_store(g), &KIND, &i, &serve->config.clock, 10, tally, err) : st;
}
