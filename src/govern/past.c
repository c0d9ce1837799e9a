/* Recorded cases, read again from the sealed records of the acts. */
#include "govern/past.h"
#include "govern/key.h"

#include <jansson.h>
#include <string.h>

enum { RECORD_BYTES_MAX = 16 << 20, RECORD_DEPTH_MAX = 32 };
/* Scratch of one case: its record as text, as JSON, and the findings made of it. */
#define SCRATCH_LIMIT ((size_t)256 << 20)

const char *govern_unread_name(enum govern_unread unread) {
    static const char *const names[] = {[GOVERN_READ] = "read",
                                        [GOVERN_ERASED] = "erased",
                                        [GOVERN_OLD] = "old",
                                        [GOVERN_NO_RULES] = "no_rules",
                                        [GOVERN_DAMAGED] = "damaged"};
    return names[unread];
}

/* ---- The case in a record ---- */

static pd_str text_of(const json_t *json, const char *name, struct pd_arena *arena) {
    const json_t *v = json_object_get(json, name);
    return pd_arena_str(arena, json_is_string(v)
                                   ? (pd_str){json_string_value(v), json_string_length(v)}
                                   : PD_STR(""));
}

static struct law_party party_of(const json_t *json, struct pd_arena *arena) {
    return (struct law_party){.id = text_of(json, "id", arena),
                              .kind = text_of(json, "kind", arena),
                              .chamber = text_of(json, "chamber", arena),
                              .country = text_of(json, "country", arena)};
}

enum pd_status past_facts(const json_t *list, struct pd_arena *arena, const struct law_fact **out,
                          size_t *count) {
    size_t n = json_array_size(list);
    struct law_fact *facts = pd_arena_array(arena, n ? n : 1, sizeof(*facts));
    if (!facts)
        return PD_LIMIT;
    for (size_t i = 0; i < n; i++) {
        enum pd_status st = facts_read(json_array_get(list, i), arena, &facts[i]);
        if (st != PD_OK)
            return st;
    }
    *out = facts;
    *count = n;
    return json_is_array(list) ? PD_OK : PD_INVALID;
}

enum pd_status past_case(const json_t *record, struct pd_arena *arena, struct law_case *out) {
    const json_t *json = json_object_get(record, "case"),
                 *recipient = json_object_get(json, "recipient");
    struct law_party *other = NULL;
    pd_time now;
    if (!json_is_object(json) || !pd_time_parse(text_of(json, "now", arena), &now))
        return PD_INVALID;
    if (json_is_object(recipient)) {
        other = pd_arena_alloc(arena, sizeof(*other));
        if (!other)
            return PD_LIMIT;
        *other = party_of(recipient, arena);
    }
    *out = (struct law_case){.verb = text_of(json, "verb", arena),
                             .party = party_of(json_object_get(json, "party"), arena),
                             .member = text_of(json, "member", arena),
                             .recipient = other,
                             .resource_type = text_of(json, "resource_type", arena),
                             .resource_id = text_of(json, "resource", arena),
                             .now = now};
    return past_facts(json_object_get(record, "facts"), arena, &out->facts, &out->fact_count);
}

/* Texts of an object's members, each empty where it isn't there. */
static bool read_texts(pd_str object, const char *const *names, size_t count,
                       struct pd_arena *arena, pd_str *out) {
    pd_json_find_all(object, names, count, out);
    for (size_t i = 0; i < count; i++) {
        out[i] = out[i].data ? pd_json_read_text(out[i], arena) : PD_STR("");
        if (!out[i].data)
            return false;
    }
    return true;
}

static bool read_party(pd_str json, struct pd_arena *arena, struct law_party *out) {
    static const char *const names[] = {"id", "kind", "chamber", "country"};
    pd_str v[4];
    if (!json.len || json.data[0] != '{' || !read_texts(json, names, 4, arena, v))
        return false;
    *out = (struct law_party){.id = v[0], .kind = v[1], .chamber = v[2], .country = v[3]};
    return true;
}

static enum pd_status read_facts(pd_str list, struct pd_arena *arena, struct law_case *out) {
    size_t n = 0;
    pd_str rest = list, key, item;
    if (!list.len || list.data[0] != '[')
        return PD_INVALID;
    while (pd_json_next(&rest, &key, &item))
        n++;
    struct law_fact *facts = pd_arena_array(arena, n ? n : 1, sizeof(*facts));
    if (!facts)
        return PD_LIMIT;
    n = 0;
    for (rest = list; pd_json_next(&rest, &key, &item);) {
        enum pd_status st = facts_read_text(item, arena, &facts[n++]);
        if (st != PD_OK)
            return st;
    }
    out->facts = facts;
    out->fact_count = n;
    return PD_OK;
}

enum pd_status past_case_text(pd_str record, struct pd_arena *arena, struct law_case *out) {
    static const char *const parts[] = {"case", "facts"};
    static const char *const names[] = {"now", "verb", "member", "resource_type", "resource"};
    static const char *const parties[] = {"party", "recipient"};
    pd_str part[2], v[5], party[2];
    struct law_party *other = NULL;
    struct law_case c = {0};
    pd_json_find_all(record, parts, 2, part);
    if (!read_texts(part[0], names, 5, arena, v) || !pd_time_parse(v[0], &c.now))
        return PD_INVALID;
    pd_json_find_all(part[0], parties, 2, party);
    if (party[1].len && party[1].data[0] == '{') {
        other = pd_arena_alloc(arena, sizeof(*other));
        if (!other)
            return PD_LIMIT;
        if (!read_party(party[1], arena, other))
            return PD_INVALID;
    }
    if (!read_party(party[0], arena, &c.party))
        return PD_INVALID;
    c.verb = v[1];
    c.member = v[2];
    c.resource_type = v[3];
    c.resource_id = v[4];
    c.recipient = other;
    *out = c;
    return read_facts(part[1], arena, out);
}

/* ---- From row to case ---- */

/* Ids alone are sorted; records, which may be large, are read one after the other. */
static const struct sql LIST[] = {
    [PAST_BY_ACT] = {.both = "SELECT id FROM act WHERE outcome <> 'done' ORDER BY id"},
    [PAST_REQUESTS] = {.both = "SELECT id FROM act WHERE outcome <> 'done' AND (verb IN ('deny', 'intend')"
                               " OR (intent_id IS NOT NULL AND verb NOT IN ('attest', 'answer'))) ORDER BY id DESC"},
    [PAST_BY_RULES] = {.both = "SELECT id FROM act WHERE outcome <> 'done'"
                               " ORDER BY rules_hash, id"},
    [PAST_CASES] = {.both = "SELECT id, key_id FROM act WHERE outcome <> 'done' ORDER BY id"}};
static const struct sql FIND = {
    .both = "SELECT id, intent_id, verb, party_id, rules_hash, made_at, key_id, sealed_record,"
            " facts_hash FROM act WHERE id = $1"};

static enum pd_status unread(struct past *past, enum govern_unread why, const char *sentence) {
    past->unread = why;
    past->why = pd_str_from(sentence);
    return PD_OK;
}

/* The record as text; `past->unread` says why there is none. given: its key, if it was looked up
 * before; else NULL. */
static enum pd_status unseal(struct govern *g, const struct store_rows *rows,
                             const struct store_key *given, struct pd_arena *arena,
                             struct past *past, pd_str *plain, struct pd_error *err) {
    pd_id key_id;
    struct store_key key;
    struct pd_error why = {0};
    enum pd_status st = PD_OK;
    if (!pd_id_parse(store_str(rows, 6), &key_id))
        return unread(past, GOVERN_DAMAGED, "its row names no key");
    if (given && pd_id_eq(given->id, key_id))
        key = *given;
    else
        st = store_key_find(g->store, key_id, &key, &why);
    if (st == PD_NOT_FOUND) {
        pd_str words = PD_STR("");
        st = key_destroyed_words(g, pd_arena_str(arena, store_str(rows, 6)), arena, &words, err);
        if (st != PD_OK)
            return st;
        past->unread = GOVERN_ERASED;
        past->why = words.len
                        ? pd_arena_printf(arena, "the key of its record was %.*s", pd_arg(words))
                        : PD_STR("the key of its record was destroyed");
        return past->why.data ? PD_OK : pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = store_unseal(&key, PD_STR("act.record"), store_str(rows, 7), arena, plain, &why);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_INTERNAL)
        return unread(past, GOVERN_DAMAGED, "its record is not what was sealed");
    return st == PD_OK ? PD_OK : pd_fail(err, st, "%s", why.text);
}

static enum pd_status check_facts(pd_str facts_hash, struct pd_arena *arena, struct past *past) {
    crypto_hash hash = act_facts_hash(past->law.facts, past->law.fact_count);
    if (!pd_str_eq(govern_hash_text(&hash, arena), facts_hash))
        return unread(past, GOVERN_DAMAGED, "its facts are not those that the act is bound to");
    return PD_OK;
}

static enum pd_status is_old(struct past *past) {
    return unread(past, GOVERN_OLD,
                  "it was recorded before records kept the whole case (record 1)");
}

static enum pd_status take_case(enum pd_status read, bool has_finding, pd_str facts_hash,
                                struct pd_arena *arena, struct past *past, struct pd_error *err) {
    if (read == PD_LIMIT)
        return pd_fail_memory(err);
    if (read != PD_OK || !has_finding)
        return unread(past, GOVERN_DAMAGED, "its record holds no case with a finding");
    return check_facts(facts_hash, arena, past);
}

static enum pd_status read_record(const json_t *record, pd_str facts_hash, struct pd_arena *arena,
                                  struct past *past, struct pd_error *err) {
    if (json_integer_value(json_object_get(record, "record")) < 2)
        return is_old(past);
    past->record = record;
    past->finding = json_object_get(record, "finding");
    past->is_signed = json_object_get(record, "signed");
    return take_case(past_case(record, arena, &past->law), json_is_object(past->finding),
                     facts_hash, arena, past, err);
}

/* The case alone. */
static enum pd_status read_text(pd_str record, pd_str facts_hash, struct pd_arena *arena,
                                struct past *past, struct pd_error *err) {
    static const char *const names[] = {"record", "finding"};
    pd_str v[2];
    uint64_t version = 0;
    pd_json_find_all(record, names, 2, v);
    if (!v[0].len || !pd_parse_u64(v[0], &version) || version < 2)
        return is_old(past);
    return take_case(past_case_text(record, arena, &past->law), v[1].len && v[1].data[0] == '{',
                     facts_hash, arena, past, err);
}

struct walk {
    struct govern *g;
    enum pd_status (*visit)(void *context, const struct past *past, struct pd_arena *scratch,
                            struct pd_error *err);
    void *context;
    struct pd_arena *scratch;
    bool is_cases;               /* PAST_CASES */
    const struct store_key *key; /* of the next one, or NULL */
};

static enum pd_status visit_row(const struct walk *walk, const struct store_rows *rows,
                                struct pd_error *err) {
    struct pd_arena *arena = walk->scratch;
    struct past past = {.verb = pd_arena_str(arena, store_str(rows, 2)),
                        .party = pd_arena_str(arena, store_str(rows, 3)),
                        .rules = pd_arena_str(arena, store_str(rows, 4)),
                        .at = store_i64(rows, 5)};
    if (!past.verb.data || !past.party.data || !past.rules.data)
        return pd_fail_memory(err);
    if (!pd_id_parse(store_str(rows, 0), &past.act))
        return pd_fail(err, PD_INTERNAL, "the row of an act has no id");
    past.has_intent = !store_is_null(rows, 1) && pd_id_parse(store_str(rows, 1), &past.intent);
    pd_str plain = {0};
    json_t *record = NULL;
    struct pd_error why = {0};
    enum pd_status st = unseal(walk->g, rows, walk->key, arena, &past, &plain, err);
    bool is_open = st == PD_OK && past.unread == GOVERN_READ;
    if (is_open && walk->is_cases)
        st = read_text(plain, store_str(rows, 8), arena, &past, err);
    else if (is_open &&
             pd_json_parse(plain, RECORD_BYTES_MAX, RECORD_DEPTH_MAX, &record, &why) != PD_OK)
        st = unread(&past, GOVERN_DAMAGED, "its record is no JSON");
    else if (is_open)
        st = read_record(record, store_str(rows, 8), arena, &past, err);
    if (st == PD_OK)
        st = walk->visit(walk->context, &past, arena, err);
    json_decref(record);
    return st;
}

static enum pd_status visit_act(const struct walk *walk, pd_str id, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(walk->g->store, FIND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act %.*s on this node", pd_arg(id));
    if (st == PD_OK)
        st = visit_row(walk, rows, err);
    store_rows_close(rows);
    return st;
}

/* Cases come in groups, whose keys are looked up at once: that alone takes as long as the rest. */
enum { GROUP = 64 };
struct group {
    pd_id acts[GROUP], keys[GROUP];
    struct store_key found[GROUP];
    size_t count;
};

static enum pd_status visit_group(struct walk *walk, struct group *group, struct pd_error *err) {
    struct pd_error none = {0};
    /* If one of them was destroyed, each is looked up by itself. */
    bool has_keys = store_keys_find(walk->g->store, group->keys, group->count, group->found,
                                    &none) == PD_OK;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < group->count; i++) {
        struct pd_mark mark = pd_arena_mark(walk->scratch);
        pd_str id = govern_id_text(group->acts[i], walk->scratch);
        walk->key = has_keys ? &group->found[i] : NULL;
        st = id.data ? visit_act(walk, id, err) : pd_fail_memory(err);
        pd_arena_reset(walk->scratch, mark);
    }
    crypto_wipe(group->found, sizeof(group->found));
    group->count = 0;
    walk->key = NULL;
    return st;
}

static enum pd_status visit_cases(struct walk *walk, struct store_rows *rows,
                                  struct pd_error *err) {
    struct group *group = pd_arena_alloc(walk->scratch, sizeof(*group));
    enum pd_status st = group ? PD_OK : pd_fail_memory(err);
    bool has;
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        if (!pd_id_parse(store_str(rows, 0), &group->acts[group->count]))
            return pd_fail(err, PD_INTERNAL, "the row of an act has no id");
        if (!pd_id_parse(store_str(rows, 1), &group->keys[group->count]))
            group->keys[group->count] = (pd_id){{0}}; /* said of that one act, by itself */
        if (++group->count == GROUP)
            st = visit_group(walk, group, err);
    }
    return st == PD_OK && group->count ? visit_group(walk, group, err) : st;
}

enum pd_status past_each(struct govern *g, enum past_order order,
                         enum pd_status (*visit)(void *context, const struct past *past,
                                                 struct pd_arena *scratch, struct pd_error *err),
                         void *context, struct pd_error *err) {
    struct walk walk = {g, visit, context, pd_arena_new(SCRATCH_LIMIT), order == PAST_CASES, NULL};
    struct store_rows *rows = NULL;
    enum pd_status st = walk.scratch ? store_select(g->store, LIST[order], NULL, 0, &rows, err)
                                     : pd_fail_memory(err);
    bool has;
    if (st == PD_OK && walk.is_cases)
        st = visit_cases(&walk, rows, err);
    while (st == PD_OK && !walk.is_cases && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct pd_mark mark = pd_arena_mark(walk.scratch);
        pd_str id = pd_arena_str(walk.scratch, store_str(rows, 0));
        st = id.data ? visit_act(&walk, id, err) : pd_fail_memory(err);
        pd_arena_reset(walk.scratch, mark);
    }
    store_rows_close(rows);
    pd_arena_free(walk.scratch);
    return st;
}

enum pd_status past_find(struct govern *g, pd_str act,
                         enum pd_status (*visit)(void *context, const struct past *past,
                                                 struct pd_arena *scratch, struct pd_error *err),
                         void *context, struct pd_error *err) {
    struct walk walk = {g, visit, context, pd_arena_new(SCRATCH_LIMIT), false, NULL};
    enum pd_status st = walk.scratch ? visit_act(&walk, act, err) : pd_fail_memory(err);
    pd_arena_free(walk.scratch);
    return st;
}
