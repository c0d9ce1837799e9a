/* Locations: a file, standard input or a database, and perhaps a part of it after '#'. */
#include "source/source_impl.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const pd_str QUERY = PD_STR_INIT("query=");

static bool has_scheme(pd_str location, const char *scheme) {
    pd_str s = pd_str_from(scheme);
    return pd_str_eq_ascii_case(pd_str_sub(location, 0, s.len), s);
}

static enum pd_status set_path(struct source_address *out, pd_str path, struct pd_arena *arena,
                               struct pd_error *err) {
    pd_str copy = pd_arena_str(arena, path);
    out->path = copy.data;
    return copy.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status set_part(struct source_address *out, pd_str part, struct pd_arena *arena,
                               struct pd_error *err) {
    bool is_database = out->place == SOURCE_AT_POSTGRESQL || out->place == SOURCE_AT_ODBC ||
                       out->place == SOURCE_AT_FILE;
    if (is_database && pd_str_starts(part, QUERY)) {
        out->is_query = true;
        part = pd_str_sub(part, QUERY.len, SIZE_MAX);
    }
    if (!pd_utf8_valid(part, NULL))
        return pd_fail(err, PD_USAGE, "the part after '#' is not UTF-8");
    if (part.len == 0 && out->is_query)
        return pd_fail(err, PD_USAGE, "the query after #query= is empty");
    out->part = pd_arena_str(arena, part);
    return out->part.data ? PD_OK : pd_fail_memory(err);
}

/* A '#' may be part of a file's name: the longest piece before one that is a file counts. */
static enum pd_status parse_file(pd_str location, struct pd_arena *arena,
                                 struct source_address *out, struct pd_error *err) {
    struct stat about;
    enum pd_status st = set_path(out, location, arena, err);
    if (st != PD_OK || lstat(out->path, &about) == 0)
        return st;
    size_t first = PD_NPOS;
    for (size_t at = location.len; at > 0; at--) {
        if (location.data[at - 1] != '#')
            continue;
        first = at - 1;
        st = set_path(out, pd_str_sub(location, 0, first), arena, err);
        if (st != PD_OK)
            return st;
        if (first > 0 && lstat(out->path, &about) == 0)
            return set_part(out, pd_str_sub(location, at, SIZE_MAX), arena, err);
    }
    if (first == PD_NPOS || first == 0)
        return set_path(out, location, arena, err);
    return set_part(out, pd_str_sub(location, first + 1, SIZE_MAX), arena, err);
}

/* ---- Databases ---- */

static const char SECRETS[] =
    "a location is seen by others and kept: put the password into %s instead";

/* user:password@ in the authority, or a parameter password=. */
static bool url_has_password(pd_str url) {
    size_t slashes = pd_str_find(url, PD_STR("://"));
    pd_str rest = pd_str_sub(url, slashes + 3, SIZE_MAX);
    size_t end = rest.len;
    for (size_t i = 0; i < rest.len && end == rest.len; i++)
        if (rest.data[i] == '/' || rest.data[i] == '?')
            end = i;
    pd_str authority = pd_str_sub(rest, 0, end);
    size_t at = PD_NPOS;
    for (size_t i = 0; i < authority.len; i++)
        if (authority.data[i] == '@')
            at = i;
    bool is_before =
        at != PD_NPOS && pd_str_find_char(pd_str_sub(authority, 0, at), ':') != PD_NPOS;
    return is_before || pd_str_find(url, PD_STR("password=")) != PD_NPOS;
}

static bool dsn_has_password(pd_str dsn) {
    pd_str piece;
    while (pd_str_split(&dsn, ';', &piece)) {
        size_t equals = pd_str_find_char(piece, '=');
        pd_str name = pd_str_trim(pd_str_sub(piece, 0, equals == PD_NPOS ? 0 : equals));
        if (pd_str_eq_ascii_case(name, PD_STR("pwd")) ||
            pd_str_eq_ascii_case(name, PD_STR("password")))
            return true;
    }
    return false;
}

/* "%20" as a space. */
static pd_str decode_percent(pd_str text, struct pd_arena *arena) {
    char *out = pd_arena_alloc(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; out != NULL && i < text.len; i++) {
        bool is_escape =
            text.data[i] == '%' && pd_hex_decode(pd_str_sub(text, i + 1, 2), out + n, 1);
        if (!is_escape)
            out[n] = text.data[i];
        i += is_escape ? 2 : 0;
        n++;
    }
    return (pd_str){out, n};
}

/* The last parameter of a URL may be the query, percent-encoded: ?query=SELECT%201. It becomes the
 * part. */
static enum pd_status take_query(struct source_address *out, pd_str *url, struct pd_arena *arena,
                                 struct pd_error *err) {
    size_t question = pd_str_find_char(*url, '?');
    pd_str rest = pd_str_sub(*url, question == PD_NPOS ? url->len : question + 1, SIZE_MAX);
    while (rest.len > 0 && !pd_str_starts(rest, QUERY)) {
        size_t next = pd_str_find_char(rest, '&');
        rest = pd_str_sub(rest, next == PD_NPOS ? rest.len : next + 1, SIZE_MAX);
    }
    if (rest.len == 0)
        return PD_OK;
    size_t end = pd_str_find_char(rest, '&');
    if (end != PD_NPOS)
        return pd_fail(err, PD_USAGE, "query= must be the last parameter of the location");
    *url = (pd_str){url->data, (size_t)(rest.data - url->data) - 1};
    pd_str query = decode_percent(rest, arena);
    return query.data ? set_part(out, query, arena, err) : pd_fail_memory(err);
}

static enum pd_status parse_database(pd_str location, struct pd_arena *arena,
                                     struct source_address *out, struct pd_error *err) {
    size_t hash = pd_str_find_char(location, '#');
    bool has_part = hash != PD_NPOS;
    pd_str place = pd_str_sub(location, 0, has_part ? hash : location.len);
    if (out->place == SOURCE_AT_ODBC)
        place = pd_str_sub(place, strlen("odbc:"), SIZE_MAX);
    if (!pd_utf8_valid(place, NULL))
        return pd_fail(err, PD_USAGE, "the name of the database is not UTF-8");
    if (out->place == SOURCE_AT_POSTGRESQL && url_has_password(place))
        return pd_fail(err, PD_USAGE, SECRETS, "PGPASSWORD or the file that PGPASSFILE names");
    if (out->place == SOURCE_AT_ODBC && dsn_has_password(place))
        return pd_fail(err, PD_USAGE, SECRETS, "POLDER_ODBC_PASSWORD or odbc.ini");
    if (place.len == 0)
        return pd_fail(err, PD_USAGE, "odbc: must name a data source, as in odbc:DSN#TABLE");
    enum pd_status st = PD_OK;
    if (out->place == SOURCE_AT_POSTGRESQL && !has_part)
        st = take_query(out, &place, arena, err);
    if (st == PD_OK)
        st = set_path(out, place, arena, err);
    if (st == PD_OK && has_part)
        st = set_part(out, pd_str_sub(location, hash + 1, SIZE_MAX), arena, err);
    return st;
}

enum pd_status source_address_parse(const char *location, struct pd_arena *arena,
                                    struct source_address *out, struct pd_error *err) {
    pd_str text = pd_str_from(location);
    *out = (struct source_address){.place = SOURCE_AT_FILE};
    if (pd_str_is(text, "-") || pd_str_starts(text, PD_STR("-#"))) {
        out->place = SOURCE_AT_INPUT;
        out->path = "-";
        return set_part(out, pd_str_sub(text, 2, SIZE_MAX), arena, err);
    }
    if (has_scheme(text, "postgresql://") || has_scheme(text, "postgres://"))
        out->place = SOURCE_AT_POSTGRESQL;
    else if (has_scheme(text, "odbc:"))
        out->place = SOURCE_AT_ODBC;
    if (out->place != SOURCE_AT_FILE)
        return parse_database(text, arena, out, err);
    out->is_sqlite = has_scheme(text, "sqlite:");
    if (out->is_sqlite)
        text = pd_str_sub(text, strlen("sqlite:"), SIZE_MAX);
    return parse_file(text, arena, out, err);
}

pd_str source_location(pd_str place, pd_str part, bool is_query, struct pd_arena *arena) {
    return pd_arena_printf(arena, "%.*s#%s%.*s", pd_arg(place), is_query ? "query=" : "",
                           pd_arg(part));
}
