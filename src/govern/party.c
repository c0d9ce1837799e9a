/* Parties and their members: what is well-formed, who there is, which duties they have. */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *const node_chambers[NODE_CHAMBER_COUNT] = {"government", "enterprise", "industry",
                                                       "public"};
/* By bit of node_duty. The last three administer the node; nobody has two of them
 * (law/node/members.cedar). */
static const struct duty {
    const char *name, *fact, *given; /* the fact that one has it, and that one would get it */
} DUTIES[NODE_DUTY_COUNT] = {
    {"steward", "duty_steward", NULL},
    {"owner", "duty_owner", NULL},
    {"supervisor", "duty_supervisor", NULL},
    {"system", "duty_system", "gives_system"},
    {"security", "duty_security", "gives_security"},
    {"audit", "duty_audit", "gives_audit"},
};

const char *node_duty_name(size_t nth) {
    return nth < NODE_DUTY_COUNT ? DUTIES[nth].name : NULL;
}

const char *node_duty_fact(size_t nth) {
    return DUTIES[nth].fact;
}

const char *node_duty_given(size_t nth) {
    return DUTIES[nth].given;
}

bool node_is_duty(pd_str name) {
    for (size_t i = 0; i < NODE_DUTY_COUNT; i++)
        if (pd_str_is(name, DUTIES[i].name))
            return true;
    return false;
}

static bool is_among(pd_str s, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(s, names[i]))
            return true;
    return false;
}

/* Codes of parties and origins become key names (no spaces, no '+') and file names (no '/', no
 * first '.'). */
bool node_is_code(pd_str s, const char *forbidden, size_t max) {
    if (s.len == 0 || s.len > max || s.data[0] == '.' || !pd_utf8_valid(s, NULL))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c <= 0x20 || c == 0x7f || strchr(forbidden, c))
            return false;
    }
    static const char *const spaces[] = {"\xc2\x85", "\u00a0", "\u2003",
                                         "\u2028",   "\u2029", "\u3000"};
    for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
        if (pd_str_find(s, pd_str_from(spaces[i])) != PD_NPOS)
            return false;
    return true;
}

/* A language map, or nothing. */
static bool is_title(pd_str title) {
    json_t *json = NULL;
    struct pd_error unused = {0};
    const char *language;
    const json_t *text;
    if (!title.len)
        return true;
    bool holds =
        pd_json_parse(title, 4096, 2, &json, &unused) == PD_OK && json_object_size(json) > 0;
    json_object_foreach(json, language, text) holds =
        holds && json_is_string(text) && json_string_length(text) > 0;
    json_decref(json);
    return holds;
}

enum pd_status node_check_party(const struct govern_party *p, struct pd_error *err) {
    if (!node_is_code(p->id, "+/:", 128))
        return pd_fail(err, PD_INVALID,
                       "the party \"%.*s\" must be 1 to 128 bytes without spaces, '/', ':', "
                       "'+' or a first '.'",
                       pd_arg(p->id));
    if (!is_among(p->chamber, node_chambers, NODE_CHAMBER_COUNT))
        return pd_fail(err, PD_INVALID,
                       "the chamber of party \"%.*s\" is \"%.*s\"; there are government, "
                       "enterprise, industry, public",
                       pd_arg(p->id), pd_arg(p->chamber));
    if (!is_title(p->title))
        return pd_fail(err, PD_INVALID,
                       "the title of party \"%.*s\" is no map of languages to texts",
                       pd_arg(p->id));
    return PD_OK;
}

enum pd_status node_check_member(const struct govern_member *m, struct pd_error *err) {
    if (!node_is_code(m->name, ":/", 128))
        return pd_fail(err, PD_INVALID,
                       "the member name \"%.*s\" must be 1 to 128 bytes without spaces, '/' or ':'",
                       pd_arg(m->name));
    for (size_t j = 0; j < m->duty_count; j++)
        if (!node_is_duty(m->duties[j]))
            return pd_fail(err, PD_INVALID,
                           "\"%.*s\" is no duty; there are steward, owner, supervisor, "
                           "system, security, audit",
                           pd_arg(m->duties[j]));
    return PD_OK;
}

static enum pd_status write_party_key(struct govern *g, const struct ledger_skey *key,
                                      const char *path, struct pd_arena *arena, pd_str *vkey,
                                      struct pd_error *err) {
    struct pd_buf text;
    pd_buf_init(&text, 4096);
    struct ledger_vkey public_half = ledger_skey_public(key);
    ledger_vkey_write(&public_half, &text);
    *vkey = pd_arena_str(arena, pd_buf_view(&text));
    pd_buf_reset(&text);
    ledger_skey_write(key, &text);
    pd_buf_char(&text, '\n');
    enum pd_status st = vkey->data ? pd_buf_check(&text, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = store_file_write(g->store, path, pd_buf_view(&text), err);
    if (text.data)
        crypto_wipe(text.data, text.capacity);
    pd_buf_clear(&text);
    return st;
}

enum pd_status node_make_party_key(struct govern *g, pd_str party, struct pd_arena *arena,
                                   pd_str *vkey, struct pd_error *err) {
    pd_str name = pd_arena_printf(arena, "%.*s/party/%.*s", pd_arg(g->origin), pd_arg(party));
    pd_str path = pd_arena_printf(arena, "keys/%.*s.key", pd_arg(party));
    uint8_t seed[CRYPTO_SEED_SIZE];
    struct ledger_skey key;
    if (!name.data || !path.data)
        return pd_fail_memory(err);
    crypto_random(seed, sizeof(seed));
    enum pd_status st = ledger_skey_make(name, seed, &key, err);
    crypto_wipe(seed, sizeof(seed));
    if (st == PD_OK)
        st = write_party_key(g, &key, path.data, arena, vkey, err);
    crypto_wipe(&key, sizeof(key));
    return st;
}

static const struct sql FIND_PARTY = {
    .both = "SELECT id, kind, chamber, country, public_key FROM party WHERE id = $1"};
static const struct sql LIST_PARTIES = {.both = "SELECT id FROM party ORDER BY id LIMIT 12"};
static const struct sql FIND_MEMBER = {
    .both = "SELECT id, duties FROM member WHERE party_id = $1 AND name = $2"
            " AND NOT EXISTS (SELECT 1 FROM member_end e WHERE e.id = member.id)"};
static const struct sql LIST_MEMBERS = {
    .both = "SELECT name FROM member WHERE party_id = $1 AND NOT EXISTS"
            " (SELECT 1 FROM member_end e WHERE e.id = member.id) ORDER BY name LIMIT 12"};

/* "a, b, c": for telling somebody who misspelt a name what there is. */
static pd_str list_names(struct govern *g, struct sql sql, const struct store_value *values,
                         size_t n, struct pd_arena *arena) {
    pd_str list = PD_STR("");
    struct store_rows *rows;
    if (store_select(g->store, sql, values, n, &rows, NULL) != PD_OK)
        return list;
    for (bool has; store_next(rows, &has, NULL) == PD_OK && has;)
        list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), list.len ? ", " : "",
                               pd_arg(store_str(rows, 0)));
    store_rows_close(rows);
    return list;
}

enum pd_status node_find_party(struct govern *g, pd_str id, struct pd_arena *arena,
                               struct law_party *out, pd_str *vkey, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_PARTY, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        out->id = pd_arena_str(arena, store_str(rows, 0));
        out->kind = pd_arena_str(arena, store_str(rows, 1));
        out->chamber = pd_arena_str(arena, store_str(rows, 2));
        out->country = pd_arena_str(arena, store_str(rows, 3));
        pd_str key = pd_arena_str(arena, store_str(rows, 4));
        if (vkey)
            *vkey = key;
        if (!out->id.data || !out->kind.data || !out->chamber.data || !out->country.data ||
            !key.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    if (st == PD_OK && !has) {
        pd_str names = list_names(g, LIST_PARTIES, NULL, 0, arena);
        return pd_fail(err, PD_NOT_FOUND,
                       "there is no party \"%.*s\" on this node; there are: %.*s", pd_arg(id),
                       pd_arg(names));
    }
    return st;
}

/* The codes of a JSON array, as bits. */
static unsigned read_duties(pd_str json) {
    unsigned bits = 0;
    char quoted[24];
    for (size_t i = 0; i < NODE_DUTY_COUNT; i++) {
        snprintf(quoted, sizeof(quoted), "\"%s\"", DUTIES[i].name);
        if (pd_str_find(json, pd_str_from(quoted)) != PD_NPOS)
            bits |= 1u << i;
    }
    return bits;
}

enum pd_status node_find_member(struct govern *g, pd_str party, pd_str name, struct pd_arena *arena,
                                pd_str *id, unsigned *duties, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party), STORE_STR(name)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_MEMBER, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        pd_str found = pd_arena_str(arena, store_str(rows, 0));
        if (!found.data)
            st = pd_fail_memory(err);
        if (id)
            *id = found;
        if (duties)
            *duties = read_duties(store_str(rows, 1));
    }
    store_rows_close(rows);
    if (st == PD_OK && !has) {
        pd_str names = list_names(g, LIST_MEMBERS, values, 1, arena);
        return pd_fail(err, PD_NOT_FOUND, "the party \"%.*s\" has no member \"%.*s\"; it has: %.*s",
                       pd_arg(party), pd_arg(name), names.len ? (int)names.len : 6,
                       names.len ? names.data : "nobody");
    }
    return st;
}

enum pd_status govern_may_sign(struct govern *g, pd_str party, pd_str member, bool *may,
                               struct pd_error *err) {
    struct pd_mark mark = pd_arena_mark(g->arena);
    unsigned duties = 0;
    enum pd_status st = node_find_member(g, party, member, g->arena, NULL, &duties, err);
    pd_arena_reset(g->arena, mark);
    if (st == PD_OK)
        *may = duties & NODE_STEWARD;
    return st;
}
