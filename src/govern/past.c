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

/* From its "case" and its "facts". */
static enum pd_status read_case(pd_str json, pd_str facts, struct pd_arena *arena,
                                struct law_case *out) {
    static const char *const names[] = {"now", "verb", "member", "resource_type", "resource"};
    static const char *const parties[] = {"party", "recipient"};
    pd_str v[5], party[2];
    struct law_party *other = NULL;
    struct law_case c = {0};
    if (!read_texts(json, names, 5, arena, v) || !pd_time_parse(v[0], &c.now))
        return PD_INVALID;
    pd_json_find_all(json, parties, 2, party);
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
    return read_facts(facts, arena, out);
}

enum pd_status past_case_text(pd_str record, struct pd_arena *arena, struct law_case *out) {
    static const char *const parts[] = {"case", "facts"};
    pd_str part[2];
    pd_json_find_all(record, parts, 2, part);
    return read_case(part[0], part[1], arena, out);
}

/* ---- From row to case ---- */

/* Ids alone are sorted; records, which may be large, are read one after the other. */
static const struct sql LIST[] = {
    [PAST_BY_ACT] = {.both = "SELECT id FROM act WHERE outcome <> 'done' ORDER BY id"},
    [PAST_REQUESTS] = {.both = "SELECT id FROM act WHERE outcome <> 'done' AND (verb IN ('deny', 'intend')"
                               " OR (intent_id IS NOT NULL AND verb NOT IN ('attest', 'answer'))) ORDER BY id DESC"},
    [PAST_BY_RULES] = {.both = "SELECT id FROM act WHERE outcome <> 'done'"
                               " ORDER BY rules_hash, id"}};
static const struct sql FIND = {
    .both = "SELECT id, intent_id, verb, party_id, rules_hash, made_at, key_id, sealed_record,"
            " facts_hash FROM act WHERE id = $1"};

static enum pd_status unread(struct past *past, enum govern_unread why, const char *sentence) {
    past->unread = why;
    past->why = pd_str_from(sentence);
    return PD_OK;
}

/* A row of `act`, before its record is opened. */
struct row {
    pd_str id, key, intent, verb, party, rules, facts_hash, sealed;
    pd_time at;
};

static enum pd_status take_row(const struct store_rows *rows, struct pd_arena *arena,
                               struct row *row, struct pd_error *err) {
    pd_str *texts[] = {&row->id,  &row->intent, &row->verb,   &row->party, &row->rules,
                       NULL,      &row->key,    &row->sealed, &row->facts_hash};
    row->at = store_i64(rows, 5);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i]) {
            pd_str text = store_is_null(rows, i) ? PD_STR("") : store_str(rows, i);
            *texts[i] = pd_arena_str(arena, text);
            if (!texts[i]->data)
                return pd_fail_memory(err);
        }
    return PD_OK;
}

/* The record as text; `past->unread` says why there is none. given: its key, if it was looked up
 * before; else NULL. */
static enum pd_status unseal(struct govern *g, const struct row *row,
                             const struct store_key *given, struct pd_arena *arena,
                             struct past *past, pd_str *plain, struct pd_error *err) {
    pd_id key_id;
    struct store_key key;
    struct pd_error why = {0};
    enum pd_status st = PD_OK;
    if (!pd_id_parse(row->key, &key_id))
        return unread(past, GOVERN_DAMAGED, "its row names no key");
    if (given && pd_id_eq(given->id, key_id))
        key = *given;
    else
        st = store_key_find(g->store, key_id, &key, &why);
    if (st == PD_NOT_FOUND) {
        pd_str words = PD_STR("");
        st = key_destroyed_words(g, row->key, arena, &words, err);
        if (st != PD_OK)
            return st;
        past->unread = GOVERN_ERASED;
        past->why = words.len
                        ? pd_arena_printf(arena, "the key of its record was %.*s", pd_arg(words))
                        : PD_STR("the key of its record was destroyed");
        return past->why.data ? PD_OK : pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = store_unseal(&key, PD_STR("act.record"), row->sealed, arena, plain, &why);
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
    static const char *const names[] = {"record", "finding", "case", "facts"};
    pd_str v[4];
    uint64_t version = 0;
    pd_json_find_all(record, names, 4, v);
    if (!v[0].len || !pd_parse_u64(v[0], &version) || version < 2)
        return is_old(past);
    return take_case(read_case(v[2], v[3], arena, &past->law), v[1].len && v[1].data[0] == '{',
                     facts_hash, arena, past, err);
}

static enum pd_status start_past(const struct row *row, struct past *past, struct pd_error *err) {
    *past = (struct past){
        .verb = row->verb, .party = row->party, .rules = row->rules, .at = row->at};
    past->has_intent = pd_id_parse(row->intent, &past->intent);
    return pd_id_parse(row->id, &past->act)
               ? PD_OK
               : pd_fail(err, PD_INTERNAL, "the row of an act has no id");
}

struct walk {
    struct govern *g;
    enum pd_status (*visit)(void *context, const struct past *past, struct pd_arena *scratch,
                            struct pd_error *err);
    void *context;
    struct pd_arena *scratch;
};

static enum pd_status visit_row(const struct walk *walk, const struct row *row,
                                struct pd_error *err) {
    struct pd_arena *arena = walk->scratch;
    struct past past;
    pd_str plain = {0};
    json_t *record = NULL;
    struct pd_error why = {0};
    enum pd_status st = start_past(row, &past, err);
    if (st == PD_OK)
        st = unseal(walk->g, row, NULL, arena, &past, &plain, err);
    bool is_open = st == PD_OK && past.unread == GOVERN_READ;
    if (is_open &&
        pd_json_parse(plain, RECORD_BYTES_MAX, RECORD_DEPTH_MAX, &record, &why) != PD_OK)
        st = unread(&past, GOVERN_DAMAGED, "its record is no JSON");
    else if (is_open)
        st = read_record(record, row->facts_hash, arena, &past, err);
    if (st == PD_OK)
        st = walk->visit(walk->context, &past, arena, err);
    json_decref(record);
    return st;
}

static enum pd_status find_row(struct govern *g, pd_str id, struct pd_arena *arena,
                               struct row *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act %.*s on this node", pd_arg(id));
    if (st == PD_OK)
        st = take_row(rows, arena, out, err);
    store_rows_close(rows);
    return st;
}

static enum pd_status visit_act(const struct walk *walk, pd_str id, struct pd_error *err) {
    struct row row;
    enum pd_status st = find_row(walk->g, id, walk->scratch, &row, err);
    return st == PD_OK ? visit_row(walk, &row, err) : st;
}

enum pd_status past_each(struct govern *g, enum past_order order,
                         enum pd_status (*visit)(void *context, const struct past *past,
                                                 struct pd_arena *scratch, struct pd_error *err),
                         void *context, struct pd_error *err) {
    struct walk walk = {g, visit, context, pd_arena_new(SCRATCH_LIMIT)};
    struct store_rows *rows = NULL;
    enum pd_status st = walk.scratch ? store_select(g->store, LIST[order], NULL, 0, &rows, err)
                                     : pd_fail_memory(err);
    bool has;
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct pd_mark mark = pd_arena_mark(walk.scratch);
        pd_str id = pd_arena_str(walk.scratch, store_str(rows, 0));
        st = id.data ? visit_act(&walk, id, err) : pd_fail_memory(err);
        pd_arena_reset(walk.scratch, mark);
    }
    store_rows_close(rows);
    pd_arena_free(walk.scratch);
    return st;
}

/* ---- Cases alone, in groups ---- */

/* Rows come in groups: a statement for each, and a look into the keys for each, take longer than reading them. A
 * record that is large (the number, in bytes, of the statement) is read by itself. */
static const struct sql LIST_CASES = {
    .both = "SELECT id, intent_id, verb, party_id, rules_hash, made_at, key_id,"
            " CASE WHEN LENGTH(sealed_record) <= 65536 THEN sealed_record END, facts_hash"
            " FROM act WHERE id > $1 AND outcome <> 'done' ORDER BY id LIMIT 128"};
enum { GROUP = 128 };
struct group {
    struct row rows[GROUP];
    struct past cases[GROUP];
    pd_id keys[GROUP];
    struct store_key found[GROUP];
    size_t count;
    pd_str last; /* the id of its last act */
};

static enum pd_status take_group(struct govern *g, pd_str after, struct pd_arena *arena,
                                 struct group *group, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(after)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_CASES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    group->count = 0;
    while (group->count < GROUP && (st = store_next(rows, &has, err)) == PD_OK && has &&
           (st = take_row(rows, arena, &group->rows[group->count], err)) == PD_OK) {
        struct row *row = &group->rows[group->count];
        if (!pd_id_parse(row->key, &group->keys[group->count]))
            group->keys[group->count] = (pd_id){{0}}; /* said of that one act, by itself */
        group->last = row->id;
        group->count++;
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status open_case(struct govern *g, struct row *row, const struct store_key *key,
                                struct pd_arena *arena, struct past *past, struct pd_error *err) {
    pd_str plain = {0};
    enum pd_status st = PD_OK;
    if (!row->sealed.len)
        st = find_row(g, row->id, arena, row, err);
    if (st == PD_OK)
        st = start_past(row, past, err);
    if (st == PD_OK)
        st = unseal(g, row, key, arena, past, &plain, err);
    return st == PD_OK && past->unread == GOVERN_READ
               ? read_text(plain, row->facts_hash, arena, past, err)
               : st;
}

static enum pd_status open_cases(struct govern *g, struct group *group, struct pd_arena *arena,
                                 struct pd_error *err) {
    struct pd_error none = {0};
    /* If one of them was destroyed, each is looked up by itself. */
    bool has_keys =
        store_keys_find(g->store, group->keys, group->count, group->found, &none) == PD_OK;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < group->count; i++)
        st = open_case(g, &group->rows[i], has_keys ? &group->found[i] : NULL, arena,
                       &group->cases[i], err);
    crypto_wipe(group->found, sizeof(group->found));
    return st;
}

static enum pd_status each_group(struct govern *g, struct pd_arena *const *arenas,
                                 enum pd_status (*visit)(void *context, const struct past *cases,
                                                         size_t count, struct pd_error *err),
                                 void *context, struct pd_error *err) {
    struct pd_mark marks[] = {pd_arena_mark(arenas[0]), pd_arena_mark(arenas[1])};
    char after[PD_ID_TEXT_SIZE] = "";
    enum pd_status st = PD_OK;
    bool is_over = false;
    for (size_t turn = 0; st == PD_OK && !is_over; turn = !turn) {
        pd_arena_reset(arenas[turn], marks[turn]);
        struct group *group = pd_arena_alloc(arenas[turn], sizeof(*group));
        st = group ? take_group(g, pd_str_from(after), arenas[turn], group, err)
                   : pd_fail_memory(err);
        is_over = st == PD_OK && group->count < GROUP;
        if (st == PD_OK && group->count && group->last.len < sizeof(after)) {
            memcpy(after, group->last.data, group->last.len + 1); /* with the zero behind it */
            st = open_cases(g, group, arenas[turn], err);
            if (st == PD_OK)
                st = visit(context, group->cases, group->count, err);
        } else if (st == PD_OK && group->count) {
            st = pd_fail(err, PD_INTERNAL, "the row of an act has no id");
        }
    }
    return st;
}

enum pd_status past_cases(struct govern *g,
                          enum pd_status (*visit)(void *context, const struct past *cases,
                                                  size_t count, struct pd_error *err),
                          void *context, struct pd_error *err) {
    struct pd_arena *arenas[] = {pd_arena_new(SCRATCH_LIMIT), pd_arena_new(SCRATCH_LIMIT)};
    enum pd_status st = arenas[0] && arenas[1] ? each_group(g, arenas, visit, context, err)
                                               : pd_fail_memory(err);
    struct pd_error late = {0}; /* the first failure is the one to tell */
    enum pd_status ended = visit(context, NULL, 0, &late);
    if (st == PD_OK && ended != PD_OK)
        st = pd_fail(err, ended, "%s", late.text);
    pd_arena_free(arenas[0]);
    pd_arena_free(arenas[1]);
    return st;
}

enum pd_status past_find(struct govern *g, pd_str act,
                         enum pd_status (*visit)(void *context, const struct past *past,
                                                 struct pd_arena *scratch, struct pd_error *err),
                         void *context, struct pd_error *err) {
    struct walk walk = {g, visit, context, pd_arena_new(SCRATCH_LIMIT)};
    enum pd_status st = walk.scratch ? visit_act(&walk, act, err) : pd_fail_memory(err);
    pd_arena_free(walk.scratch);
    return st;
}
