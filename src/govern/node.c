/* The node: founding it by act 0, opening it, its parties and members, the law in force. */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Founding ---- */

static const char *const CHAMBERS[] = {"government", "enterprise", "industry", "public"};
/* By bit of node_duty. The last three administer the node; nobody has two of them (law/node/members.cedar). */
static const struct duty {
    const char *name, *fact, *given; /* the fact that one has it, and that one would get it */
} DUTIES[NODE_DUTY_COUNT] = {
    {"steward", "duty_steward", NULL},       {"owner", "duty_owner", NULL},
    {"supervisor", "duty_supervisor", NULL}, {"system", "duty_system", "gives_system"},
    {"security", "duty_security", "gives_security"}, {"audit", "duty_audit", "gives_audit"},
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
static bool is_code(pd_str s, const char *forbidden, size_t max) {
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
    bool holds = pd_json_parse(title, 4096, 2, &json, &unused) == PD_OK && json_object_size(json) > 0;
    json_object_foreach(json, language, text)
        holds = holds && json_is_string(text) && json_string_length(text) > 0;
    json_decref(json);
    return holds;
}

enum pd_status node_check_party(const struct govern_party *p, struct pd_error *err) {
    if (!is_code(p->id, "+/:", 128))
        return pd_fail(err, PD_INVALID,
                       "the party \"%.*s\" must be 1 to 128 bytes without spaces, '/', ':', "
                       "'+' or a first '.'",
                       pd_arg(p->id));
    if (!is_among(p->chamber, CHAMBERS, 4))
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
    if (!is_code(m->name, ":/", 128))
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

static enum pd_status check_founding(const struct govern_founding *f, struct pd_error *err) {
    if (!is_code(f->origin, "+", 200) || pd_str_find(f->origin, PD_STR("://")) != PD_NPOS)
        return pd_fail(err, PD_INVALID,
                       "the origin \"%.*s\" must be a name such as data.example.gov: no scheme, no "
                       "spaces, no '+'",
                       pd_arg(f->origin));
    if (f->party_count == 0)
        return pd_fail(err, PD_INVALID, "a node needs at least one party (--party ID)");
    for (size_t i = 0; i < f->party_count; i++) {
        const struct govern_party *p = &f->parties[i];
        enum pd_status st = node_check_party(p, err);
        if (st != PD_OK)
            return st;
        for (size_t j = 0; j < i; j++)
            if (pd_str_eq(f->parties[j].id, p->id))
                return pd_fail(err, PD_INVALID, "the party \"%.*s\" is named twice", pd_arg(p->id));
    }
    for (size_t i = 0; i < f->member_count; i++) {
        const struct govern_member *m = &f->members[i];
        bool known = false;
        for (size_t j = 0; j < f->party_count; j++)
            known = known || pd_str_eq(f->parties[j].id, m->party);
        if (!known)
            return pd_fail(err, PD_INVALID, "the member \"%.*s\" is of no named party (\"%.*s\")",
                           pd_arg(m->name), pd_arg(m->party));
        enum pd_status st = node_check_member(m, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

struct founding {
    const struct govern_founding *given;
    struct pd_arena *arena;
    pd_str charter, rules_json;
    pd_str *vkeys; /* of the parties, in their order */
};

/* The keys by which what the node signs can be checked; a shard's log has one of its own, which its
 * anchors and the node's receipts vouch for, and later keys come by acts. */
static enum pd_status write_keys(struct govern *g, struct founding *f, struct pd_json *w,
                                 struct pd_error *err) {
    pd_str id, vkey;
    pd_json_object(w);
    enum pd_status st = integrate_public_key(g, f->arena, &vkey, err);
    if (st == PD_OK)
        pd_json_member_str(w, "public", vkey);
    if (st == PD_OK)
        st = integrate_receipt_key(g, f->arena, &id, &vkey, err);
    if (st == PD_OK)
        pd_json_member_str(w, "receipts", vkey);
    pd_json_object_end(w);
    return st;
}

static void write_founders(const struct founding *f, struct pd_json *w) {
    pd_json_array(w);
    for (size_t i = 0; i < f->given->party_count; i++) {
        const struct govern_party *p = &f->given->parties[i];
        pd_json_object(w);
        pd_json_member_str(w, "id", p->id);
        pd_json_member_str(w, "chamber", p->chamber);
        pd_json_member_str(w, "kind", p->kind);
        pd_json_member_str(w, "country", p->country);
        pd_json_member_str(w, "key", f->vkeys[i]);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

/* The charter of a new node: every chamber with equal weight (DESIGN, "Whose rules"), who founded
 * it and with which keys. Act 0's leaf holds its hash, so that the keys of a receipt or an
 * attestation can be traced to the public log. */
static enum pd_status write_charter(struct govern *g, struct founding *f, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "charter", 2);
    pd_json_member_text(&w, "preset", "co-decision");
    pd_json_key(&w, "chambers");
    pd_json_array(&w);
    for (size_t i = 0; i < 4; i++) {
        pd_json_object(&w);
        pd_json_member_text(&w, "id", CHAMBERS[i]);
        pd_json_member_i64(&w, "weight", 1);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_key(&w, "founders");
    write_founders(f, &w);
    pd_json_key(&w, "keys");
    enum pd_status st = write_keys(g, f, &w, err);
    pd_json_object_end(&w);
    struct pd_error unwritten = {0};
    enum pd_status written = pd_json_finish(&w, f->arena, &f->charter, &unwritten);
    return st != PD_OK        ? st
           : written == PD_OK ? PD_OK
                              : pd_fail(err, written, "%s", unwritten.text);
}

/* The id of a set of rules is the hash of its canonical JSON {path: text}. */
enum pd_status node_rules_json(const struct law_file *files, size_t count, struct pd_arena *arena,
                               pd_str *json, char id[GOVERN_HEX_SIZE], struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 64 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    for (size_t i = 0; i < count; i++) {
        pd_json_key_str(&w, files[i].path);
        pd_json_str(&w, files[i].text);
    }
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, json, err);
    if (st == PD_OK) {
        crypto_hash hash = crypto_sha256(json->data, json->len);
        pd_hex_encode(hash.bytes, sizeof(hash.bytes), id);
    }
    return st;
}

static const struct sql INSERT_NODE = {.both = "INSERT INTO node (id, origin, jurisdiction, "
                                               "charter, created_at, receipt_key_id, receipt_vkey)"
                                               " VALUES ($1, $2, $3, $4, $5, $6, $7)"};
static const struct sql INSERT_RULES = {
    .both = "INSERT INTO rules (id, files, in_force_at) VALUES ($1, $2, $3)"};
static const struct sql INSERT_PARTY = {
    .both = "INSERT INTO party (id, title, chamber, kind, country, public_key, registered_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)"};
static const struct sql INSERT_MEMBER = {
    .both = "INSERT INTO member (id, party_id, name, duties) VALUES ($1, $2, $3, $4)"};

static enum pd_status insert_members(struct govern *g, struct act *act,
                                     const struct govern_founding *given, struct pd_arena *arena,
                                     struct pd_error *err) {
    for (size_t i = 0; i < given->member_count; i++) {
        const struct govern_member *m = &given->members[i];
        struct pd_buf duties;
        struct pd_json w;
        pd_str json;
        pd_buf_init(&duties, 4096);
        pd_json_init(&w, &duties, PD_JSON_COMPACT);
        pd_json_array(&w);
        for (size_t j = 0; j < m->duty_count; j++)
            pd_json_str(&w, m->duties[j]);
        pd_json_array_end(&w);
        enum pd_status st = pd_json_finish(&w, arena, &json, err);
        if (st != PD_OK)
            return st;
        char id[PD_ID_TEXT_SIZE];
        pd_id_write(crypto_id(pd_clock_now(&g->clock)), id);
        struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(m->party),
                                       STORE_STR(m->name), STORE_STR(json)};
        st = store_run(g->store, INSERT_MEMBER, values, 4, NULL, err);
        if (st == PD_OK)
            st = act_wrote(g, act, "member", pd_str_from(id), err);
        if (st != PD_OK)
            return pd_wrap(err, "member \"%.*s\"", pd_arg(m->name));
    }
    return PD_OK;
}

static enum pd_status found(void *context, struct govern *g, struct act *act,
                            struct pd_error *err) {
    struct founding *f = context;
    const struct govern_founding *given = f->given;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act->id, id);

    struct store_value node[] = {STORE_STR(pd_str_from(id)),
                                 STORE_STR(given->origin),
                                 STORE_STR(given->jurisdiction),
                                 STORE_STR(f->charter),
                                 STORE_I64(act->at),
                                 STORE_NONE,
                                 STORE_NONE};
    pd_str receipt_key, receipt_vkey;
    enum pd_status st = integrate_receipt_key(g, f->arena, &receipt_key, &receipt_vkey, err);
    node[5] = STORE_STR(receipt_key);
    node[6] = STORE_STR(receipt_vkey);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_NODE, node, 7, NULL, err);
    if (st == PD_OK)
        st = integrate_found(g, &act->shard, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "node", pd_str_from(id), err);
    if (st != PD_OK)
        return st;
    struct store_value rules[] = {STORE_STR(g->rules_id), STORE_STR(f->rules_json),
                                  STORE_I64(act->at)};
    st = store_run(g->store, INSERT_RULES, rules, 3, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "rules", g->rules_id, err);
    for (size_t i = 0; st == PD_OK && i < given->party_count; i++) {
        const struct govern_party *p = &given->parties[i];
        struct store_value party[] = {STORE_STR(p->id),      STORE_STR(p->title.len ? p->title : PD_STR("{}")),
                                      STORE_STR(p->chamber), STORE_STR(p->kind),
                                      STORE_STR(p->country), STORE_STR(f->vkeys[i]),
                                      STORE_I64(act->at)};
        st = store_run(g->store, INSERT_PARTY, party, 7, NULL, err);
        if (st == PD_OK)
            st = act_wrote(g, act, "party", p->id, err);
    }
    if (st == PD_OK)
        st = insert_members(g, act, given, f->arena, err);
    return st;
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

/* A key for each party, written below the folder before the act that registers it. */
static enum pd_status make_party_keys(struct govern *g, struct founding *f, struct pd_error *err) {
    f->vkeys = pd_arena_array(f->arena, f->given->party_count, sizeof(*f->vkeys));
    enum pd_status st = f->vkeys ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < f->given->party_count; i++)
        st = node_make_party_key(g, f->given->parties[i].id, f->arena, &f->vkeys[i], err);
    return st;
}

/* Which duties one person may not have together is for the rules to say, at the founding too. */
static enum pd_status check_duties(struct govern *g, const struct founding *f,
                                   struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < f->given->member_count; i++)
        st = register_check_founder(g, &f->given->members[i], f->arena, err);
    return st;
}

static enum pd_status init_node(struct govern *g, const struct govern_founding *founding,
                                struct pd_arena *arena, pd_str *receipt, struct pd_error *err) {
    char rules_id[GOVERN_HEX_SIZE];
    struct founding f = {.given = founding, .arena = arena};
    enum pd_status st = law_rules_new(founding->rules, founding->rule_count, &g->rules, err);
    if (st == PD_OK)
        st = node_rules_json(founding->rules, founding->rule_count, arena, &f.rules_json, rules_id, err);
    if (st != PD_OK)
        return st;
    g->rules_id = pd_str_from(rules_id);
    g->origin = founding->origin;
    g->jurisdiction = founding->jurisdiction;
    st = check_duties(g, &f, err);
    if (st == PD_OK)
        st = make_party_keys(g, &f, err);
    if (st == PD_OK)
        st = integrate_make_keys(g, err);
    if (st == PD_OK)
        st = write_charter(g, &f, err);

    struct act act = {.verb = LEDGER_INIT,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .is_disclosed = true,
                      .party = founding->parties[0].id,
                      .effect = found,
                      .context = &f,
                      .record = f.charter,
                      .charter = {true, crypto_sha256(f.charter.data, f.charter.len)}};
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    pd_str pending;
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    if (st == PD_OK)
        *receipt = act.receipt;
    return st;
}

static const struct sql FIND_NODE = {.both = "SELECT origin, jurisdiction FROM node"};

static enum pd_status load_node(struct govern *g, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_NODE, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(
            err, PD_NOT_FOUND,
            "\"%s\" holds no node yet: its founding was not completed; run polder init again",
            store_folder(g->store));
    if (st == PD_OK) {
        g->origin = pd_arena_str(g->arena, store_str(rows, 0));
        g->jurisdiction = pd_arena_str(g->arena, store_str(rows, 1));
        if (!g->origin.data || !g->jurisdiction.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

/* A folder without a node: new, or one whose founding was cut off before act 0 stood. */
static enum pd_status open_unfounded(struct govern *g, const char *folder, const char *database,
                                     struct pd_error *err) {
    enum pd_status st =
        store_open_at(folder, database, STORE_CREATE, "polder init", &g->store, err);
    if (st != PD_CONFLICT)
        return st;
    struct pd_error other = {0};
    if (store_open_at(folder, database, STORE_WRITE, "polder init", &g->store, &other) != PD_OK)
        return st;
    if (load_node(g, &other) == PD_NOT_FOUND)
        return PD_OK;
    store_close(g->store);
    g->store = NULL;
    return st;
}

enum pd_status govern_init(const char *folder, const struct govern_founding *founding,
                           const struct pd_clock *clock, struct pd_arena *arena, pd_str *receipt,
                           struct pd_error *err) {
    enum pd_status st = check_founding(founding, err);
    if (st != PD_OK)
        return st;
    struct govern g = {.clock = *clock, .arena = arena};
    st = open_unfounded(&g, folder, founding->database, err);
    if (st == PD_OK)
        st = init_node(&g, founding, arena, receipt, err);
    law_rules_free(g.rules);
    store_close(g.store);
    return st;
}

/* ---- Opening ---- */

/* All but the rules. */
static enum pd_status open_node(const char *folder, const char *database, enum store_mode mode,
                                const char *holder, const struct pd_clock *clock,
                                struct govern **out, struct pd_error *err) {
    struct govern *g = calloc(1, sizeof(*g));
    if (!g)
        return pd_fail_memory(err);
    g->clock = *clock;
    g->arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    enum pd_status st = g->arena ? store_open_at(folder, database, mode, holder, &g->store, err)
                                 : pd_fail_memory(err);
    if (st == PD_OK)
        st = load_node(g, err);
    if (st != PD_OK) {
        govern_close(g);
        return st;
    }
    *out = g;
    return PD_OK;
}

enum pd_status govern_open(const char *folder, enum store_mode mode, const char *holder,
                           const struct pd_clock *clock, struct govern **out,
                           struct pd_error *err) {
    return govern_open_at(folder, NULL, mode, holder, clock, out, err);
}

static enum pd_status open_with(const char *folder, const char *database, enum store_mode mode,
                                const char *holder, const struct pd_clock *clock,
                                struct rules_shelf *shelf, struct govern **out,
                                struct pd_error *err) {
    struct govern *g = NULL;
    bool is_reading = mode == STORE_READ || mode == STORE_REHEARSE;
    enum pd_status st = open_node(folder, database, mode, holder, clock, &g, err);
    if (st == PD_OK) {
        g->shelf = shelf;
        st = is_reading ? key_settle(g, false, err) : key_finish(g, err);
    }
    if (st == PD_OK)
        st = node_load_rules(g, NULL, err);
    if (st == PD_OK && !is_reading)
        st = floor_load(g, err);
    if (st != PD_OK) {
        govern_close(g);
        return st;
    }
    *out = g;
    return PD_OK;
}

enum pd_status govern_open_at(const char *folder, const char *database, enum store_mode mode,
                              const char *holder, const struct pd_clock *clock, struct govern **out,
                              struct pd_error *err) {
    return open_with(folder, database, mode, holder, clock, NULL, out, err);
}

enum pd_status node_open_beside(const char *folder, const char *database,
                                const struct pd_clock *clock, struct rules_shelf *shelf,
                                struct govern **out, struct pd_error *err) {
    return open_with(folder, database, STORE_BESIDE, "", clock, shelf, out, err);
}

enum pd_status govern_open_to_verify(const char *folder, const char *database,
                                     const struct pd_clock *clock, struct govern **out,
                                     struct pd_error *err) {
    struct govern *g = NULL;
    struct pd_error why = {0};
    enum pd_status st = open_node(folder, database, STORE_READ, "polder verify", clock, &g, err);
    if (st != PD_OK)
        return st;
    st = node_load_rules(g, NULL, &why);
    if (st == PD_OK || st == PD_INTERNAL || st == PD_INVALID || st == PD_LIMIT) {
        *out = g; /* without the rules, if need be: that they don't load will be told of those who
                     name them */
        return PD_OK;
    }
    govern_close(g);
    return pd_fail(err, st, "%s", why.text);
}

void govern_close(struct govern *g) {
    if (!g)
        return;
    for (struct retired *r = g->retired; r && !g->shelf; r = r->next)
        law_rules_free(r->rules);
    if (!g->shelf)
        law_rules_free(g->rules);
    law_rules_free(g->access);
    receipt_forget_key(g);
    store_close(g->store);
    pd_arena_free(g->arena);
    free(g);
}

const struct law_rules *govern_rules(const struct govern *g) {
    return g->rules;
}

pd_str govern_jurisdiction(const struct govern *g) {
    return g->jurisdiction;
}

struct store *govern_store(const struct govern *g) {
    return g->store;
}

pd_time govern_clock_behind(const struct govern *g) {
    return g->clock_behind;
}

/* ---- The law in force ---- */

static enum pd_status parse_rules(pd_str json, pd_str id, struct pd_arena *arena,
                                  struct law_rules **out, struct pd_error *err) {
    json_t *files = NULL;
    enum pd_status st = pd_json_parse(json, 64 << 20, 4, &files, err);
    if (st != PD_OK)
        return pd_wrap(err, "rules %.12s", id.data);
    size_t count = json_object_size(files), n = 0;
    struct law_file *list = pd_arena_array(arena, count ? count : 1, sizeof(*list));
    const char *path;
    json_t *text;
    if (!list)
        st = pd_fail_memory(err);
    json_object_foreach(files, path, text) {
        if (list && json_is_string(text))
            list[n++] = (struct law_file){pd_str_from(path),
                                          {json_string_value(text), json_string_length(text)}};
    }
    if (st == PD_OK)
        st = law_rules_reopen(list, n, out, err);
    json_decref(files);
    return st == PD_OK ? PD_OK : pd_wrap(err, "the node's rules %.12s", id.data);
}

static const struct sql FIND_RULES_BY_ID = {.both = "SELECT files FROM rules WHERE id = $1"};

/* law_rules keeps its own copy of the texts; the list of files is scratch. */
static enum pd_status read_rules(struct govern *g, pd_str id, bool is_hashed,
                                 struct law_rules **out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_RULES_BY_ID, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    struct pd_mark mark = pd_arena_mark(g->arena);
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "the node keeps no rules %.12s", id.data);
    pd_str files = st == PD_OK ? store_str(rows, 0) : PD_STR("");
    if (st == PD_OK && is_hashed) {
        crypto_hash hash = crypto_sha256(files.data, files.len);
        if (!pd_str_eq(govern_hash_text(&hash, g->arena), id))
            st = pd_fail(err, PD_INTERNAL, "the texts of the rules %.*s are not those of that hash",
                         pd_arg(pd_str_sub(id, 0, 12)));
    }
    if (st == PD_OK)
        st = parse_rules(files, id, g->arena, out, err);
    pd_arena_reset(g->arena, mark);
    store_rows_close(rows);
    return st;
}

enum pd_status node_find_rules(struct govern *g, pd_str id, struct law_rules **out,
                               struct pd_error *err) {
    return read_rules(g, id, true, out, err);
}

/* The files apart from the id: they are large, and every act asks whether its rules still hold. */
/* Of act 0, or of the newest vote: which may bring back what was in force before. */
static const struct sql FIND_RULES = {
    .both = "SELECT r.id FROM (SELECT id, in_force_at, '' AS by_act FROM rules UNION ALL "
            "SELECT rules_id, in_force_at, id FROM enactment) AS r WHERE r.in_force_at <= $1 "
            "ORDER BY r.in_force_at DESC, r.by_act DESC, r.id LIMIT 1"};

/* Of the shelf, if they are there. */
static enum pd_status take_rules(struct govern *g, pd_str id, struct law_rules **out,
                                 struct pd_error *err) {
    struct law_rules *found = g->shelf ? rules_shelf_find(g->shelf, id) : NULL, *fresh = NULL;
    if (found) {
        *out = found;
        return PD_OK;
    }
    enum pd_status st = read_rules(g, id, false, &fresh, err);
    if (st != PD_OK || !g->shelf) {
        *out = fresh;
        return st;
    }
    *out = rules_shelf_put(g->shelf, id, fresh);
    if (*out)
        return PD_OK;
    law_rules_free(fresh);
    return pd_fail_memory(err);
}

enum pd_status node_load_rules(struct govern *g, bool *changed, struct pd_error *err) {
    struct store_rows *rows;
    struct store_value now[] = {STORE_I64(pd_clock_now(&g->clock))};
    enum pd_status st = store_select(g->store, FIND_RULES, now, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_INTERNAL, "the node has no rules in force");
    bool is_new = st == PD_OK && !pd_str_eq(store_str(rows, 0), g->rules_id);
    if (is_new) {
        struct law_rules *fresh = NULL;
        pd_str id = pd_arena_str(g->arena, store_str(rows, 0));
        st = id.data ? take_rules(g, id, &fresh, err) : pd_fail_memory(err);
        struct retired *old = st == PD_OK ? pd_arena_alloc(g->arena, sizeof(*old)) : NULL;
        if (st == PD_OK && !old) {
            if (!g->shelf)
                law_rules_free(fresh);
            st = pd_fail_memory(err);
        }
        if (st == PD_OK) {
            *old = (struct retired){g->rules, g->retired};
            g->retired = old;
            g->rules = fresh;
            g->rules_id = id;
        }
    }
    store_rows_close(rows);
    if (changed)
        *changed = is_new && st == PD_OK;
    return st;
}

/* ---- Parties and members ---- */

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
