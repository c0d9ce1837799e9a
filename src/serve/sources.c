/*
 * Sources: tables that the operator registered for a party, which its members name instead of
 * sending a file. Where one lies is said on the node's own machine only, never over HTTP: whoever
 * could say that could read the server's files. The table holds no secret; a password stands in a
 * file that the driver of the database reads.
 */
#include "serve/serve_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_MOST = 64, LOCATION_MOST = 4000, SOURCES_MOST = 1000 };

/* ---- Registering ---- */

static bool is_name(pd_str name) {
    bool is_good = name.len > 0 && name.len <= NAME_MOST;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        is_good = is_good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                              (i > 0 && (c == '-' || c == '_' || c == '.')));
    }
    return is_good;
}

/* As libpq wants it, and keys are: nobody but the owner may read it. */
static enum pd_status check_password_file(pd_str path, struct pd_arena *arena,
                                          struct pd_error *err) {
    struct stat about;
    pd_str text = pd_arena_str(arena, path);
    if (!text.data)
        return pd_fail_memory(err);
    if (path.data[0] != '/')
        return pd_fail(err, PD_USAGE, "the password file \"%s\" must be named by its whole path",
                       text.data);
    if (stat(text.data, &about) != 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "password file \"%s\"",
                             text.data);
    if (!S_ISREG(about.st_mode) || (about.st_mode & 077))
        return pd_fail(err, PD_DENIED,
                       "others may read the password file \"%s\": chmod 600 it, and think about a "
                       "new password",
                       text.data);
    return PD_OK;
}

static bool is_postgresql(pd_str location) {
    return pd_str_starts(location, PD_STR("postgresql://")) ||
           pd_str_starts(location, PD_STR("postgres://"));
}

/* What is on record, as it is opened: the password file becomes a parameter of the URL, before the
 * part. */
static enum pd_status location_of(const struct serve_source *s, struct pd_arena *arena,
                                  pd_str *out, struct pd_error *err) {
    static const char UNRESERVED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    struct pd_buf buf;
    size_t end = pd_str_find_char(s->location, '#');
    pd_str place = pd_str_sub(s->location, 0, end == PD_NPOS ? s->location.len : end);
    pd_str part = pd_str_sub(s->location, place.len, s->location.len);
    if (!s->password_file.len) {
        *out = pd_arena_str(arena, s->location);
        return out->data ? PD_OK : pd_fail_memory(err);
    }
    pd_buf_init(&buf, 4 * LOCATION_MOST);
    size_t question = pd_str_find_char(place, '?');
    pd_buf_str(&buf, pd_str_sub(place, 0, question == PD_NPOS ? place.len : question));
    pd_buf_text(&buf, "?passfile=");
    for (size_t i = 0; i < s->password_file.len; i++) {
        char c = s->password_file.data[i];
        if (c != '\0' && strchr(UNRESERVED, c))
            pd_buf_char(&buf, c);
        else
            pd_buf_printf(&buf, "%%%02X", (unsigned)(unsigned char)c);
    }
    if (question != PD_NPOS) { /* a query is the last of them */
        pd_buf_char(&buf, '&');
        pd_buf_str(&buf, pd_str_sub(place, question + 1, place.len));
    }
    pd_buf_str(&buf, part);
    enum pd_status st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, pd_buf_view(&buf));
        st = out->data ? PD_OK : pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

static enum pd_status check(const struct serve_source *s, struct pd_arena *arena,
                            struct pd_error *err) {
    if (!is_name(s->name))
        return pd_fail(err, PD_USAGE,
                       "the name of a source is 1 to %d of a-z, 0-9, \"-\", \"_\" and \".\"",
                       NAME_MOST);
    if (!s->location.len || s->location.len > LOCATION_MOST || !pd_utf8_valid(s->location, NULL) ||
        s->password_file.len > LOCATION_MOST || !pd_utf8_valid(s->password_file, NULL))
        return pd_fail(err, PD_USAGE, "a location is a text of at most %d bytes", LOCATION_MOST);
    if (s->location.data[0] == '-')
        return pd_fail(err, PD_USAGE, "standard input is no source that could be read again");
    if (!s->password_file.len)
        return PD_OK;
    if (!is_postgresql(s->location))
        return pd_fail(err, PD_USAGE,
                       "a password file is for postgresql:// alone; files have none, and of ODBC "
                       "odbc.ini says it");
    return check_password_file(s->password_file, arena, err);
}

static const struct sql COUNT = {.both = "SELECT (SELECT COUNT(*) FROM data_source),"
                                         " (SELECT COUNT(*) FROM party WHERE id = $1)"};
static const struct sql ADD = {
    .both = "INSERT INTO data_source (name, party_id, location, password_file, made_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING"};

static enum pd_status check_node(struct store *store, pd_str party, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, COUNT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_i64(rows, 0) >= SOURCES_MOST)
        st = pd_fail(err, PD_LIMIT, "there are %d sources already; remove one", SOURCES_MOST);
    if (st == PD_OK && has && store_i64(rows, 1) == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no party \"%.*s\" on this node (polder party list)",
                     pd_arg(party));
    store_rows_close(rows);
    return st;
}

enum pd_status serve_source_add(struct store *store, const struct serve_source *s, const char *spool,
                                struct pd_arena *arena, struct pd_error *err) {
    struct source *source = NULL;
    pd_str location, whole = s->location;
    int64_t added = 0;
    enum pd_status st = check(s, arena, err);
    if (st == PD_OK)
        st = check_node(store, s->party, err);
    if (st == PD_OK)
        st = location_of(s, arena, &location, err);
    if (st == PD_OK)
        st = source_open(location.data, -1, spool, 0, &source, err);
    if (st == PD_OK && !s->password_file.len) /* the server may stand in another folder */
        whole = pd_arena_str(arena, source_path(source));
    source_close(source);
    if (st == PD_OK && !whole.data)
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(s->name), STORE_STR(s->party), STORE_STR(whole),
                                   STORE_STR(s->password_file.len ? s->password_file : PD_STR("")),
                                   STORE_I64(s->made_at)};
    st = store_run(store, ADD, values, 5, &added, err);
    return st == PD_OK && added == 0
               ? pd_fail(err, PD_CONFLICT, "there is a source \"%.*s\" already; remove it first",
                         pd_arg(s->name))
               : st;
}

static const struct sql REMOVE = {.both = "DELETE FROM data_source WHERE name = $1"};

enum pd_status serve_source_remove(struct store *store, pd_str name, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name)};
    int64_t removed = 0;
    enum pd_status st = store_run(store, REMOVE, values, 1, &removed, err);
    return st == PD_OK && removed == 0
               ? pd_fail(err, PD_NOT_FOUND, "there is no source \"%.*s\"", pd_arg(name))
               : st;
}

/* ---- Finding ---- */

static const struct sql LIST = {
    .both = "SELECT name, party_id, location, password_file, made_at FROM data_source"
            " WHERE ($1 = '' OR party_id = $1) AND ($2 = '' OR name = $2) ORDER BY name"};

static bool read_row(const struct store_rows *rows, struct pd_arena *arena,
                     struct serve_source *out) {
    *out = (struct serve_source){.name = pd_arena_str(arena, store_str(rows, 0)),
                                 .party = pd_arena_str(arena, store_str(rows, 1)),
                                 .location = pd_arena_str(arena, store_str(rows, 2)),
                                 .password_file = pd_arena_str(arena, store_str(rows, 3)),
                                 .made_at = store_i64(rows, 4)};
    return out->name.data && out->party.data && out->location.data && out->password_file.data;
}

static enum pd_status list(struct store *store, pd_str party, pd_str name, struct pd_arena *arena,
                           const struct serve_source **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party), STORE_STR(name)};
    struct serve_source *found = pd_arena_array(arena, SOURCES_MOST, sizeof(*found));
    struct store_rows *rows;
    size_t n = 0;
    bool has;
    if (!found)
        return pd_fail_memory(err);
    enum pd_status st = store_select(store, LIST, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < SOURCES_MOST)
        if (!read_row(rows, arena, &found[n++])) {
            st = pd_fail_memory(err);
            break;
        }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = found;
    *count = n;
    return PD_OK;
}

enum pd_status serve_sources(struct store *store, pd_str party, struct pd_arena *arena,
                             const struct serve_source **out, size_t *count, struct pd_error *err) {
    return list(store, party, PD_STR(""), arena, out, count, err);
}

/* ---- Reading ---- */

enum pd_status serve_source_read(struct serve_call *call, pd_str name, pd_str *token,
                                 struct pd_error *err) {
    const struct serve_source *found;
    size_t count = 0;
    pd_str location;
    enum pd_status st = PD_OK;
    if (is_name(name) && call->is_known)
        st = list(govern_store(call->g), call->who.party, name, call->arena, &found, &count, err);
    if (st == PD_OK && count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "your party has no such source");
    if (st == PD_OK && found->password_file.len)
        st = check_password_file(found->password_file, call->arena, err);
    if (st == PD_OK)
        st = location_of(found, call->arena, &location, err);
    if (st == PD_OK)
        st = serve_upload_from(call, location.data, token, err);
    if (st == PD_OK || count == 0)
        return st;
    /* Why it failed names paths and hosts of the operator's: for the log, not for whoever asks. */
    fprintf(stderr, "warning: the source \"%.*s\" can't be read why=\"%s\"\n", pd_arg(name), err->text);
    return pd_fail(err, st == PD_LIMIT || st == PD_INVALID ? st : PD_UNAVAILABLE,
                   "the source \"%.*s\" can't be read now; who runs this node finds why in its log",
                   pd_arg(name));
}
