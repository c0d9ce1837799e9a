/*
 * libpolder: the public functions of include/polder.h, which are thin: they turn addresses and
 * sizes into views, call one room, and turn its answer and its error into the caller's structs.
 */
#include "polder.h"

#include "detect/detect.h"
#include "inspect/inspect.h"
#include "ledger/ledger.h"
#include "polder_case.h"
#include "protect/protect.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#ifndef POLDER_VERSION
#error "the build names the version"
#endif

/* What one answer may take; a table's own memory is bounded by its columns. */
#define ANSWER_BYTES ((size_t)256 << 20)

/* ---- Errors and texts ---- */

#define SAME(public, own) _Static_assert((int)(public) == (int)(own), "one number, one meaning")
SAME(POLDER_OK, PD_OK);
SAME(POLDER_USAGE, PD_USAGE);
SAME(POLDER_INVALID, PD_INVALID);
SAME(POLDER_NOT_FOUND, PD_NOT_FOUND);
SAME(POLDER_DENIED, PD_DENIED);
SAME(POLDER_OPEN, PD_OPEN);
SAME(POLDER_CONFLICT, PD_CONFLICT);
SAME(POLDER_LIMIT, PD_LIMIT);
SAME(POLDER_IO, PD_IO);
SAME(POLDER_UNAVAILABLE, PD_UNAVAILABLE);
SAME(POLDER_UNSUPPORTED, PD_UNSUPPORTED);
SAME(POLDER_UNPROVEN, PD_INTERNAL);
SAME(POLDER_ERROR_TEXT_SIZE, PD_ERROR_TEXT_SIZE);
SAME(POLDER_KEY_SIZE, CRYPTO_KEY_SIZE);
/* So that an array of the caller's hashes is one of ours. */
SAME(sizeof(struct polder_hash), sizeof(crypto_hash));
SAME(_Alignof(struct polder_hash), _Alignof(crypto_hash));

/** The way out of every function that can fail. */
static int leave(enum pd_status st, const struct pd_error *inner, struct polder_error *err) {
    if (st != PD_OK && err) {
        err->status = (int)st;
        memcpy(err->text, inner->text, sizeof(err->text));
    }
    return (int)st;
}

/** Hands the bytes of a buffer to the caller, or clears it on failure. */
static enum pd_status hand_over(enum pd_status st, struct pd_buf *buf, struct polder_text *out,
                                struct pd_error *err) {
    if (st == PD_OK)
        pd_buf_add(buf, "", 0); /* an empty text is a text too */
    if (st == PD_OK)
        st = pd_buf_check(buf, err);
    if (st == PD_OK)
        *out = (struct polder_text){buf->data, buf->len};
    else
        pd_buf_clear(buf);
    return st;
}

static pd_str view(const void *bytes, size_t size) {
    return (pd_str){bytes, size};
}

static enum pd_status moment(int64_t seconds, pd_time *out, struct pd_error *err) {
    const int64_t first = -62135596800, last = 253402300799; /* 0001-01-01, 9999-12-31 */
    if (seconds < first || seconds > last)
        return pd_fail(err, PD_USAGE, "a moment must be given in seconds, in the years 1 to 9999");
    *out = seconds * PD_SECOND;
    return PD_OK;
}

const char *polder_version(void) {
    return POLDER_VERSION;
}

const char *polder_status_name(int status) {
    bool is_known = status >= 0 && status < PD_STATUS_COUNT;
    return is_known ? pd_outcome_get((enum pd_status)status)->slug : "unknown";
}

void polder_text_clear(struct polder_text *text) {
    if (!text)
        return;
    free(text->data);
    *text = (struct polder_text){0};
}

/* ---- Inspection ---- */

struct polder_inspector {
    struct table_reader *reader;
    struct inspector *inspector; /* from the header on */
    struct inspect_options options;
    bool is_over; /* finished or failed */
};

static enum pd_status take_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct polder_inspector *p = context;
    return inspector_new(names, count, &p->options, &p->inspector, err);
}

static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct polder_inspector *p = context;
    return inspector_feed(p->inspector, batch, err);
}

static enum pd_status take_set_aside(void *context, const struct table_set_aside *record,
                                     struct pd_error *err) {
    (void)record, (void)err;
    struct polder_inspector *p = context;
    inspector_set_aside(p->inspector, 1);
    return PD_OK;
}

int polder_inspector_new(int64_t now, uint64_t seed, struct polder_inspector **out,
                         struct polder_error *err) {
    struct pd_error inner = {0};
    pd_time t = 0;
    enum pd_status st = moment(now, &t, &inner);
    if (st != PD_OK)
        return leave(st, &inner, err);
    struct polder_inspector *p = calloc(1, sizeof(*p));
    if (!p)
        return leave(pd_fail_memory(&inner), &inner, err);
    p->options = (struct inspect_options){.now = t, .seed = seed};
    const struct table_handler handler = {p, take_header, take_batch, take_set_aside};
    st = table_reader_new(NULL, NULL, &handler, &p->reader, &inner);
    if (st == PD_OK)
        *out = p;
    else
        polder_inspector_free(p);
    return leave(st, &inner, err);
}

static enum pd_status still_open(const struct polder_inspector *p, struct pd_error *err) {
    if (p->is_over)
        return pd_fail(err, PD_USAGE, "this inspection failed or was finished; start a new one");
    return PD_OK;
}

int polder_inspector_feed(struct polder_inspector *inspector, const void *bytes, size_t size,
                          struct polder_error *err) {
    struct pd_error inner = {0};
    enum pd_status st = still_open(inspector, &inner);
    if (st == PD_OK)
        st = table_feed(inspector->reader, bytes, size, &inner);
    inspector->is_over |= st != PD_OK;
    return leave(st, &inner, err);
}

int polder_inspector_finish(struct polder_inspector *inspector, int with_values,
                            struct polder_text *json, struct polder_error *err) {
    struct pd_error inner = {0};
    struct pd_buf buf;
    pd_buf_init(&buf, ANSWER_BYTES);
    struct pd_arena *arena = NULL;
    const struct inspection *found = NULL;
    enum pd_status st = still_open(inspector, &inner);
    if (st != PD_OK)
        return leave(st, &inner, err);
    inspector->is_over = true;
    st = table_finish(inspector->reader, &inner);
    if (st == PD_OK && table_reader_needs_again(inspector->reader))
        st = pd_fail(&inner, PD_LIMIT,
                     "JSON longer than %zu bytes must be read twice, for its keys and for its "
                     "rows, which this inspector can't: convert it to CSV first",
                     table_limits_default.held_bytes);
    if (st == PD_OK && !(arena = pd_arena_new(ANSWER_BYTES)))
        st = pd_fail_memory(&inner);
    if (st == PD_OK)
        st = inspector_finish(inspector->inspector, arena, &found, &inner);
    if (st == PD_OK) {
        struct pd_json w;
        pd_json_init(&w, &buf, PD_JSON_COMPACT);
        inspection_write_json(found, with_values != 0, &w);
        pd_json_clear(&w);
    }
    st = hand_over(st, &buf, json, &inner);
    pd_arena_free(arena);
    return leave(st, &inner, err);
}

void polder_inspector_free(struct polder_inspector *inspector) {
    if (!inspector)
        return;
    table_reader_free(inspector->reader);
    inspector_free(inspector->inspector);
    free(inspector);
}

size_t polder_detect(const char *cell, size_t cell_size, const char *column, size_t column_size,
                     int64_t now, struct polder_match *out, size_t room) {
    struct pd_error inner;
    pd_time t = 0;
    if (moment(now, &t, &inner) != PD_OK)
        return 0;
    struct detect_name name = detect_name_make(view(column, column_size));
    struct detect_hits hits = detect_cell(view(cell, cell_size), detect_mask(&name), detect_day(t));
    detect_bits named = detect_context(&name).speaks_for;
    size_t count = 0;
    for (int type = 0; type < DETECT_TYPE_COUNT && count < room; type++) {
        const struct detect_info *info = detect_info_get((enum detect_type)type);
        bool is_sure = (hits.sure & DETECT_BIT(type)) != 0;
        bool is_weak = (hits.weak & DETECT_BIT(type)) != 0;
        bool counts = (named & DETECT_BIT(type)) != 0 || detect_stands_alone(info, is_weak);
        if (!counts || !(is_sure || is_weak))
            continue;
        out[count++] = (struct polder_match){info->name, info->title, is_sure};
    }
    return count;
}

/* ---- Law ---- */

/* A name for embedders; the rules themselves are the law's. */
struct polder_rules {
    struct law_rules *rules;
};

int polder_rules_new(const struct polder_file *files, size_t count, struct polder_rules **out,
                     struct polder_error *err) {
    struct pd_error inner = {0};
    struct polder_rules *p = calloc(1, sizeof(*p));
    struct law_file *list = calloc(count ? count : 1, sizeof(*list));
    if (!p || !list) {
        free(list);
        free(p);
        return leave(pd_fail_memory(&inner), &inner, err);
    }
    for (size_t i = 0; i < count; i++)
        list[i] = (struct law_file){pd_str_from(files[i].path), view(files[i].text, files[i].size)};
    enum pd_status st = law_rules_new(list, count, &p->rules, &inner);
    free(list);
    if (st == PD_OK)
        *out = p;
    else
        free(p);
    return leave(st, &inner, err);
}

void polder_rules_free(struct polder_rules *rules) {
    if (!rules)
        return;
    law_rules_free(rules->rules);
    free(rules);
}

int polder_rules_decide(const struct polder_rules *rules, const char *case_json, size_t size,
                        struct polder_text *finding, struct polder_error *err) {
    struct pd_error inner = {0};
    struct pd_buf buf;
    pd_buf_init(&buf, ANSWER_BYTES);
    json_t *json = NULL;
    struct law_case c;
    const struct law_finding *found = NULL;
    struct pd_arena *arena = pd_arena_new(ANSWER_BYTES);
    enum pd_status st = arena ? PD_OK : pd_fail_memory(&inner);
    if (st == PD_OK)
        st = polder_case_parse(view(case_json, size), rules->rules, arena, &json, &c, &inner);
    if (st == PD_OK)
        st = law_find(rules->rules, &c, arena, &found, &inner);
    if (st == PD_OK) {
        struct pd_json w;
        pd_json_init(&w, &buf, PD_JSON_COMPACT);
        law_finding_write(found, &w);
        pd_json_clear(&w);
    }
    st = hand_over(st, &buf, finding, &inner);
    json_decref(json);
    pd_arena_free(arena);
    return leave(st, &inner, err);
}

/* ---- Ledger ---- */

/** A hash is 32 bytes on either side; see the assertions above. */
static const crypto_hash *hashes(const struct polder_hash *given) {
    return (const void *)given;
}

int polder_ledger_hash_leaf(const void *entry, size_t size, struct polder_hash *out,
                            struct polder_error *err) {
    struct pd_error inner = {0};
    crypto_hash hash;
    enum pd_status st = ledger_hash_leaf(view(entry, size), &hash, &inner);
    if (st == PD_OK)
        memcpy(out->bytes, hash.bytes, sizeof(out->bytes));
    return leave(st, &inner, err);
}

int polder_ledger_verify_inclusion(uint64_t index, uint64_t size, const struct polder_hash *leaf,
                                   const struct polder_hash *proof, size_t count,
                                   const struct polder_hash *root, struct polder_error *err) {
    struct pd_error inner = {0};
    enum pd_status st = ledger_verify_inclusion(index, size, hashes(leaf), hashes(proof), count,
                                                hashes(root), &inner);
    return leave(st, &inner, err);
}

int polder_ledger_verify_consistency(uint64_t old_size, uint64_t new_size,
                                     const struct polder_hash *old_root,
                                     const struct polder_hash *new_root,
                                     const struct polder_hash *proof, size_t count,
                                     struct polder_error *err) {
    struct pd_error inner = {0};
    enum pd_status st = ledger_verify_consistency(
        old_size, new_size, view(old_root->bytes, sizeof(old_root->bytes)),
        view(new_root->bytes, sizeof(new_root->bytes)), hashes(proof), count, &inner);
    return leave(st, &inner, err);
}

int polder_ledger_verify_proof(const char *proof, size_t proof_size, const void *entry,
                               size_t entry_size, const char *vkey, size_t vkey_size,
                               struct polder_proven *out, struct polder_error *err) {
    struct pd_error inner = {0};
    struct ledger_vkey key;
    struct ledger_offline offline;
    struct ledger_checkpoint checkpoint;
    crypto_hash leaf;
    enum pd_status st = ledger_vkey_parse(pd_str_trim(view(vkey, vkey_size)), &key, &inner);
    if (st == PD_OK)
        st = ledger_hash_leaf(view(entry, entry_size), &leaf, &inner);
    if (st == PD_OK)
        st = ledger_offline_parse(view(proof, proof_size), &offline, &inner);
    if (st == PD_OK)
        st = ledger_offline_verify(&offline, &leaf, key.name, &key, &checkpoint, &inner);
    if (st == PD_OK && out) {
        *out = (struct polder_proven){.index = offline.index, .size = checkpoint.size};
        memcpy(out->root.bytes, checkpoint.root.bytes, sizeof(out->root.bytes));
    }
    return leave(st, &inner, err);
}

/* ---- Protection ---- */

static int protect(enum protect_method method, const uint8_t *key, pd_str column, pd_str value,
                   struct polder_text *out, struct polder_error *err) {
    struct pd_error inner = {0};
    struct pd_buf buf;
    pd_buf_init(&buf, ANSWER_BYTES);
    enum pd_status st = PD_OK;
    size_t bad_at = 0;
    if (!pd_utf8_valid(value, &bad_at))
        st = pd_fail(&inner, PD_INVALID, "byte %zu of the value is not UTF-8", bad_at + 1);
    const struct protect_step step = {.method = method};
    if (st == PD_OK)
        (void)protect_cell(&step, column, key, value, &buf);
    return leave(hand_over(st, &buf, out, &inner), &inner, err);
}

int polder_protect_mask(const char *value, size_t size, struct polder_text *out,
                        struct polder_error *err) {
    return protect(PROTECT_MASK, NULL, (pd_str){0}, view(value, size), out, err);
}

int polder_protect_pseudonym(const unsigned char key[POLDER_KEY_SIZE], const char *column,
                             size_t column_size, const char *value, size_t size,
                             struct polder_text *out, struct polder_error *err) {
    return protect(PROTECT_PSEUDONYM, key, view(column, column_size), view(value, size), out, err);
}
