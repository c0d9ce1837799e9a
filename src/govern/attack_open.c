/*
 * What else is open at the node, for the attacks on what is to be opened: earlier versions of it, and tables of others that
 * have columns of the same names. They are found by the words of the catalogue and by the inspections that their acts left,
 * so that only tables are read that could be linked; each of them once for all plans that are tried.
 */
#include "govern/attack_impl.h"
#include "govern/catalogue_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- Finding ---- */

struct finding {
    struct govern_run *run;
    struct attack_opens *opens;
    const pd_str *names;
    size_t name_count;
    uint64_t rows; /* that the last query gave */
    pd_str title;
};

/* $1, $2: party and title of what is to be opened; $3: a word; $4: how many. */
#define IS_OPEN                                                                                    \
    " x.disclosed_to = 'public' AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = x.id)"
#define COLUMNS                                                                                    \
    "SELECT x.id, x.key_id, x.address, x.byte_count, d.title, i.key_id, i.sealed_inspection"        \
    " FROM distribution x JOIN version v ON v.id = x.version_id JOIN dataset d ON d.id = v.dataset_id"
static const struct sql FIND_BEFORE = {
    .both = COLUMNS " LEFT JOIN inspection i ON i.id = x.id WHERE d.party_id = $1 AND d.title = $2 AND" IS_OPEN
                    " ORDER BY x.id DESC LIMIT $3"};
static const struct sql FIND_OTHERS = {
    .both = COLUMNS
    " JOIN inspection i ON i.id = x.id JOIN catalogue_term t ON t.dataset_id = d.id AND t.term = $3"
    " WHERE NOT (d.party_id = $1 AND d.title = $2) AND" IS_OPEN
    " AND NOT EXISTS (SELECT 1 FROM version w JOIN distribution y ON y.version_id = w.id WHERE w.dataset_id = d.id"
    " AND y.id > x.id AND y.disclosed_to = 'public'"
    " AND NOT EXISTS (SELECT 1 FROM replacement r WHERE r.id = y.id)) ORDER BY x.id DESC LIMIT $4"};

/* A title in the language that stands first. */
static pd_str title_of(pd_str json, struct pd_arena *arena) {
    pd_str rest = json, name, value;
    return pd_json_next(&rest, &name, &value) ? pd_arena_str(arena, pd_json_read_text(value, arena))
                                              : PD_STR("");
}

static bool is_known(const struct attack_opens *opens, pd_str id) {
    for (size_t i = 0; i < opens->count; i++)
        if (pd_str_eq(opens->items[i].id, id))
            return true;
    return false;
}

static bool has_name(const pd_str *names, size_t count, pd_str name) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq_ascii_case(names[i], name))
            return true;
    return false;
}

/* Which of the names are columns of it. */
static enum pd_status list_shared(struct finding *f, struct catalogue_row *row, pd_str **shared,
                                  size_t *count, struct pd_error *err) {
    pd_str json, none, column;
    bool is_there, is_column[GOVERN_ATTACK_COLUMNS_MAX] = {false};
    *count = 0;
    enum pd_status st = catalogue_unseal(f->run->g, store_str(row->rows, 5), EFFECT_OF_DISTRIBUTION,
                                         store_str(row->rows, 6), row->arena, &json, &is_there, err);
    if (st != PD_OK || !is_there)
        return st;
    pd_str columns = pd_json_find(json, "columns");
    while (pd_json_next(&columns, &none, &column)) {
        pd_str name = pd_json_read_text(pd_json_find(column, "name"), row->arena);
        for (size_t i = 0; i < f->name_count; i++)
            is_column[i] = is_column[i] || pd_str_eq_ascii_case(f->names[i], name);
    }
    *shared = pd_arena_array(row->arena, f->name_count + 1, sizeof(**shared));
    if (!*shared)
        return pd_fail_memory(err);
    for (size_t i = 0; i < f->name_count; i++)
        if (is_column[i])
            (*shared)[(*count)++] = f->names[i];
    return PD_OK;
}

static struct attack_open *add_open(struct finding *f, struct catalogue_row *row) {
    struct attack_open *o = &f->opens->items[f->opens->count++];
    *o = (struct attack_open){.id = catalogue_text(row, 0),
                              .key_id = catalogue_text(row, 1),
                              .address = catalogue_text(row, 2),
                              .bytes = (uint64_t)store_i64(row->rows, 3),
                              .title = title_of(store_str(row->rows, 4), row->arena),
                              .failed = PD_STR("")};
    return o;
}

static enum pd_status take_before(void *context, struct catalogue_row *row, bool *done,
                                  struct pd_error *err) {
    (void)err;
    (void)done;
    add_open(context, row)->is_before = true;
    return PD_OK;
}

static enum pd_status take_other(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    struct finding *f = context;
    pd_str *shared = NULL;
    size_t count = 0;
    f->rows++;
    if (is_known(f->opens, store_str(row->rows, 0)))
        return PD_OK;
    enum pd_status st = list_shared(f, row, &shared, &count, err);
    if (st != PD_OK || count == 0)
        return st;
    struct attack_open *o = add_open(f, row);
    o->shared = shared;
    o->shared_count = count;
    *done = f->opens->count == ATTACK_CANDIDATES_MAX;
    return PD_OK;
}

/* The longest word of a column's name: it is the rarest, as a rule. */
static enum pd_status word_of(pd_str name, struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct catalogue_terms *terms = calloc(1, sizeof(*terms));
    if (!terms)
        return pd_fail_memory(err);
    terms->arena = arena;
    terms->is_search = true;
    enum pd_status st = catalogue_terms_add(terms, name, err);
    *out = PD_STR("");
    for (size_t i = 0; i < terms->count; i++)
        if (terms->list[i].len > out->len)
            *out = terms->list[i];
    free(terms);
    return st;
}

static enum pd_status find_others(struct finding *f, struct pd_error *err) {
    struct pd_arena *arena = f->run->arena;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < f->name_count; i++) {
        size_t room = ATTACK_CANDIDATES_MAX - f->opens->count;
        pd_str word;
        st = word_of(f->names[i], arena, &word, err);
        if (st != PD_OK || word.len == 0 || room == 0)
            continue;
        struct store_value values[] = {STORE_STR(f->run->request.party), STORE_STR(f->title),
                                       STORE_STR(word), STORE_I64(ATTACK_CANDIDATES_MAX)};
        f->rows = 0;
        st = catalogue_each(f->run->g, FIND_OTHERS, values, 4, arena, take_other, f, err);
        f->opens->has_more = f->opens->has_more || f->rows == ATTACK_CANDIDATES_MAX ||
                             f->opens->count == ATTACK_CANDIDATES_MAX;
    }
    return st;
}

static int by_use(const void *x, const void *y) {
    const struct attack_open *a = x, *b = y;
    if (a->is_before != b->is_before)
        return a->is_before ? -1 : 1;
    if (a->shared_count != b->shared_count)
        return a->shared_count > b->shared_count ? -1 : 1;
    return -pd_str_cmp(a->id, b->id);
}

/* Others beyond what may be read are counted, and left. */
static void bound(struct attack_opens *opens) {
    size_t kept = 0, others = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < opens->count; i++) {
        const struct attack_open *o = &opens->items[i];
        bool fits = o->bytes <= ATTACK_READ_MAX - bytes;
        if (!o->is_before && (!fits || others == ATTACK_TABLES_MAX)) {
            opens->untried++;
            continue;
        }
        bytes += fits ? o->bytes : 0;
        others += !o->is_before;
        opens->items[kept++] = *o;
    }
    opens->count = kept;
}

enum pd_status attack_open_find(struct govern_run *run, const pd_str *names, size_t count,
                                struct attack_opens **out, struct pd_error *err) {
    struct attack_opens *opens = pd_arena_alloc(run->arena, sizeof(*opens));
    struct finding f = {.run = run, .opens = opens, .names = names, .name_count = count};
    if (!opens)
        return pd_fail_memory(err);
    *opens = (struct attack_opens){
        .looked_at = pd_clock_now(&run->g->clock),
        .names = names,
        .name_count = count,
        .items = pd_arena_array(run->arena, ATTACK_CANDIDATES_MAX + ATTACK_BEFORE_MAX, sizeof(*opens->items))};
    enum pd_status st = opens->items ? effect_title(&run->request, run->arena, &f.title, err)
                                     : pd_fail_memory(err);
    struct store_value values[] = {STORE_STR(run->request.party), STORE_STR(f.title),
                                   STORE_I64(ATTACK_BEFORE_MAX)};
    if (st == PD_OK)
        st = catalogue_each(run->g, FIND_BEFORE, values, 3, run->arena, take_before, &f, err);
    if (st == PD_OK)
        st = find_others(&f, err);
    if (st != PD_OK)
        return st;
    qsort(opens->items, opens->count, sizeof(*opens->items), by_use);
    bound(opens);
    *out = opens;
    return PD_OK;
}

/* Ids go by the moment at which an act was prepared, which was within a day; one that had begun by then may have been
 * committed since. */
static const struct sql FIND_NEWER = {
    .both = "SELECT x.id FROM distribution x WHERE x.id > $1 AND x.created_at >= $2"
            " AND x.disclosed_to = 'public' LIMIT 1"};

static enum pd_status take_newer(void *context, struct catalogue_row *row, bool *done,
                                 struct pd_error *err) {
    (void)row;
    (void)err;
    *(bool *)context = *done = true;
    return PD_OK;
}

enum pd_status attack_open_check(const struct govern_run *run, struct govern *g,
                                 struct pd_arena *arena, struct pd_error *err) {
    const pd_time DAY = (pd_time)24 * 60 * 60 * 1000000, WHILE = (pd_time)10 * 60 * 1000000;
    const struct attack_opens *before = run->opens;
    if (!before)
        return PD_OK;
    bool has_newer = false;
    static const uint8_t least[10] = {0};
    pd_id since = pd_id_make(before->looked_at - DAY, least);
    struct store_value values[] = {STORE_STR(govern_id_text(since, arena)), STORE_I64(before->looked_at - WHILE)};
    enum pd_status st = catalogue_each(g, FIND_NEWER, values, 2, arena, take_newer, &has_newer, err);
    if (st != PD_OK || !has_newer)
        return st;
    struct govern_run now = *run;
    struct attack_opens *after;
    now.g = g;
    now.arena = arena;
    st = attack_open_find(&now, before->names, before->name_count, &after, err);
    bool is_same = st == PD_OK && after->count == before->count;
    for (size_t i = 0; is_same && i < after->count; i++)
        is_same = pd_str_eq(after->items[i].id, before->items[i].id);
    return st != PD_OK || is_same
               ? st
               : pd_fail(err, PD_CONFLICT,
                         "another table with columns of the same names was opened meanwhile: ask again, so that "
                         "this one is matched with it");
}

void attack_open_free(struct attack_opens *opens) {
    for (size_t i = 0; opens && i < opens->count; i++)
        protect_classes_free(opens->items[i].count.classes);
}

/* ---- Counting ---- */

enum { PIECE = 1 << 16 };

static enum pd_status feed(struct store_reader *from, struct table_reader *reader,
                           const struct attack_open *open, const struct govern_progress *progress,
                           struct pd_error *err) {
    char *piece = malloc(PIECE);
    enum pd_status st = piece ? PD_OK : pd_fail_memory(err);
    uint64_t done = 0;
    for (size_t n = PIECE; st == PD_OK && n > 0;) {
        n = PIECE;
        st = store_vault_read(from, piece, &n, err);
        if (st == PD_OK && n > 0)
            st = table_feed(reader, piece, n, err);
        done += n;
        if (progress && st == PD_OK)
            progress->tell(progress->context, "attacking with other open tables", done, open->bytes);
    }
    free(piece);
    return st == PD_OK ? table_finish(reader, err) : st;
}

/* Reads the sealed file: what lies in open/ may be late, and others may have it in their hands. */
static enum pd_status read_open(struct govern_run *run, struct attack_open *open,
                                struct pd_error *err) {
    struct table_handler handler = attack_count_handler(&open->count);
    struct store_reader *from = NULL;
    struct table_reader *reader = NULL;
    struct store_key key;
    crypto_hash address;
    pd_id id;
    if (!pd_id_parse(open->key_id, &id) ||
        !pd_hex_decode(open->address, address.bytes, sizeof(address.bytes)))
        return pd_fail(err, PD_INTERNAL, "a distribution names no key or file");
    enum pd_status st = store_key_find(run->g->store, id, &key, err);
    if (st != PD_OK)
        return st;
    st = store_vault_open(run->g->store, &key, address, &from, err);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_OK)
        st = table_reader_new(NULL, &table_dialect_written, &handler, &reader, err);
    if (st == PD_OK)
        st = feed(from, reader, open, run->progress, err);
    table_reader_free(reader);
    store_reader_free(from);
    return st;
}

static bool counts_all(const struct attack_count *c, const pd_str *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (has_name(c->names, c->name_count, names[i]) &&
            attack_count_place(c, names[i]) == SIZE_MAX)
            return false;
    return true;
}

enum pd_status attack_open_count(struct govern_run *run, struct attack_open *open,
                                 const pd_str *names, size_t count, struct pd_error *err) {
    struct attack_opens *opens = run->opens;
    struct attack_count *c = &open->count;
    if (open->failed.len || (c->names && counts_all(c, names, count)))
        return PD_OK;
    pd_str *wanted = pd_arena_array(run->arena, c->wanted_count + count + 1, sizeof(*wanted));
    if (!wanted)
        return pd_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < c->wanted_count; i++) /* of the plans before */
        wanted[n++] = c->wanted[i];
    for (size_t i = 0; i < count; i++)
        if (!has_name(wanted, n, names[i]))
            wanted[n++] = names[i];
    opens->used -= protect_classes_bytes(c->classes);
    protect_classes_free(c->classes);
    *c = (struct attack_count){.arena = run->arena,
                               .wanted = wanted,
                               .wanted_count = n,
                               .limit_bytes = ATTACK_CLASSES_MAX - opens->used + 1};
    struct pd_error why = {0};
    enum pd_status st = read_open(run, open, &why);
    if (st == PD_OK) {
        opens->used += protect_classes_bytes(c->classes);
        return PD_OK;
    }
    protect_classes_free(c->classes);
    c->classes = NULL;
    if (st != PD_LIMIT && st != PD_NOT_FOUND)
        return pd_fail(err, st, "the open table %.*s: %s", pd_arg(open->id), why.text);
    open->failed = st == PD_LIMIT ? PD_STR("its groups of rows need more memory than is allowed")
                                  : PD_STR("its key is gone");
    return PD_OK;
}
