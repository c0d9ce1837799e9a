/* A node is founded, by act 0. */
#include "govern/govern_impl.h"


static enum pd_status check_founding(const struct govern_founding *f, struct pd_error *err) {
    if (!node_is_code(f->origin, "+", 200) || pd_str_find(f->origin, PD_STR("://")) != PD_NPOS)
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
    for (size_t i = 0; i < NODE_CHAMBER_COUNT; i++) {
        pd_json_object(&w);
        pd_json_member_text(&w, "id", node_chambers[i]);
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
        struct store_value party[] = {
            STORE_STR(p->id),      STORE_STR(p->title.len ? p->title : PD_STR("{}")),
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
        st = node_rules_json(founding->rules, founding->rule_count, arena, &f.rules_json, rules_id,
                             err);
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
    if (node_load(g, &other) == PD_NOT_FOUND)
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
