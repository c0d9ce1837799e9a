/* Files: the vault holds what rows name, and what was released is what its act published; nothing
 * else lies where everybody takes what they find for published. */
#include "govern/growing.h"
#include "govern/verify_impl.h"

#include <stdlib.h>
#include <string.h>

/* Of what an act destroyed or replaced the files are gone, as they should be. */
static const struct sql LIST_FILES = {
    .both = "SELECT d.id, CASE WHEN k.id IS NULL THEN d.address END, d.key_id, d.plain_hash,"
            " CASE WHEN r.id IS NULL THEN d.released_as END, o.done_at FROM distribution d"
            " LEFT JOIN outbox o ON o.distribution_id = d.id"
            " LEFT JOIN key_destroyed k ON k.id = d.key_id LEFT JOIN replacement r ON r.id = d.id"
            " UNION ALL SELECT id, original_address, key_id, NULL, NULL, NULL FROM version"
            " WHERE original_address IS NOT NULL AND key_id NOT IN (SELECT id FROM key_destroyed)"
            " UNION ALL SELECT id, address, key_id, NULL, NULL, NULL FROM person_index"
            " WHERE key_id NOT IN (SELECT id FROM key_destroyed)"};
enum { ID, ADDRESS, KEY, PLAIN, RELEASED, DONE };

static void check_released(struct verifier *v, const struct store_rows *rows) {
    pd_str path = pd_arena_str(v->scratch, store_str(rows, RELEASED));
    struct pd_error why = {0};
    crypto_hash hash, expected;
    v->found.files++;
    enum pd_status st =
        path.data ? store_file_hash(v->g->store, path.data, &hash, &why) : pd_fail_memory(&why);
    bool is_released = !store_is_null(rows, DONE);
    if (st == PD_NOT_FOUND && !is_released)
        return; /* the outbox still has it */
    if (st != PD_OK)
        verify_flaw(v, "file", path, "the published file can't be read: %s", why.text);
    else if (!pd_hex_decode(store_str(rows, PLAIN), expected.bytes, sizeof(expected.bytes)) ||
             memcmp(hash.bytes, expected.bytes, sizeof(hash.bytes)) != 0)
        verify_flaw(v, "file", path, "the published file is not what its act published");
}

static void check_stored(struct verifier *v, const struct store_rows *rows) {
    crypto_hash address;
    struct pd_error why = {0};
    uint64_t size;
    if (store_is_null(rows, ADDRESS))
        return;
    v->found.files++;
    if (!pd_hex_decode(store_str(rows, ADDRESS), address.bytes, sizeof(address.bytes)))
        verify_flaw(v, "file", store_str(rows, ID), "its address in the vault is no hash");
    else if (store_vault_check(v->g->store, address, &size, &why) != PD_OK)
        verify_flaw(v, "file", store_str(rows, ID), "%s", why.text);
}

static const struct sql FIND_RECEIPT_VKEY = {.both = "SELECT receipt_vkey FROM node"};

/* The keys of logs are compared with their logs. */
static enum pd_status check_receipt_key(struct verifier *v, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, FIND_RECEIPT_VKEY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    pd_str vkey = pd_arena_str(v->scratch, has ? store_str(rows, 0) : PD_STR(""));
    store_rows_close(rows);
    const struct verify_vkeys keys = {.check = "file",
                                      .log = pd_str_from(integrate_log_name(LEDGER_PUBLIC)),
                                      .holder = PD_STR("receipts"),
                                      .current = vkey,
                                      .path = PD_STR("receipts.vkey")};
    return st == PD_OK ? verify_vkeys(v, &keys, err) : st;
}

/* ---- What lies in open/ ---- */

struct lying {
    pd_str path; /* below the data folder */
    enum store_entry kind;
    bool is_published;
};
struct open_folder {
    struct verifier *v;
    struct growing_list list; /* of struct lying; sorted by path */
};

static int compare_lying(const void *a, const void *b) {
    return pd_str_cmp(((const struct lying *)a)->path, ((const struct lying *)b)->path);
}

static enum pd_status add_lying(void *context, const char *name, enum store_entry kind,
                                struct pd_error *err) {
    struct open_folder *f = context;
    struct lying *lying = growing_add(&f->list, sizeof(*lying), f->v->scratch);
    pd_str path = pd_arena_printf(f->v->scratch, "open/%s", name);
    if (!lying || !path.data)
        return pd_fail_memory(err);
    *lying = (struct lying){.path = path, .kind = kind};
    return PD_OK;
}

/* Before anything is read of the database: what is released meanwhile is no matter of this task. */
static enum pd_status list_open(struct open_folder *f, struct pd_error *err) {
    struct pd_error why = {0};
    enum pd_status st = store_folder_list(f->v->g->store, "open", add_lying, f, &why);
    if (st == PD_INVALID)
        verify_flaw(f->v, "file", PD_STR("open"), "%s", why.text);
    else if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    if (f->list.count)
        qsort(f->list.items, f->list.count, sizeof(struct lying), compare_lying);
    return PD_OK;
}

static struct lying *find_lying(const struct open_folder *f, pd_str path) {
    const struct lying wanted = {.path = path};
    return f->list.count ? bsearch(&wanted, f->list.items, f->list.count, sizeof(wanted),
                                   compare_lying)
                         : NULL;
}

/* What an act took back is removed after it; once it was, it must not be there again. */
static const struct sql LIST_TAKEN_BACK = {
    .both = "SELECT d.released_as, r.act_id, m.done_at FROM distribution d"
            " JOIN replacement r ON r.id = d.id LEFT JOIN removal m ON m.path = d.released_as"
            " WHERE d.released_as IS NOT NULL"};

static enum pd_status check_taken_back(const struct open_folder *f, struct pd_error *err) {
    struct verifier *v = f->v;
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, LIST_TAKEN_BACK, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct lying *lying = find_lying(f, store_str(rows, 0));
        struct pd_error none = {0};
        crypto_hash hash;
        if (!lying)
            continue;
        lying->is_published = true; /* it has a name of its own here */
        if (!store_is_null(rows, 2) &&
            store_file_hash(v->g->store, lying->path.data, &hash, &none) == PD_OK)
            verify_flaw(v, "file", lying->path,
                        "the act %.*s took it back, and it lies there again; remove it",
                        pd_arg(store_str(rows, 1)));
    }
    store_rows_close(rows);
    return st;
}

/* Names are strangers' words: what isn't plain is told by its bytes. */
static pd_str plain_name(struct verifier *v, pd_str path) {
    struct pd_buf out;
    pd_buf_init(&out, 4096);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.data[i];
        if (c < 0x20 || c >= 0x7f || c == '\\')
            pd_buf_printf(&out, "\\x%02x", c);
        else
            pd_buf_char(&out, (char)c);
    }
    pd_str plain = pd_arena_str(v->scratch, pd_buf_view(&out));
    pd_buf_clear(&out);
    return plain.data ? plain : PD_STR("open/");
}

static void check_lying(struct verifier *v, const struct lying *lying) {
    static const char *const words[] = {
        [STORE_FILE] = "no act published this file, as whoever takes it would believe: move it away",
        [STORE_FOLDER] = "it is a folder, and nothing is published in one; move it away",
        [STORE_LINK] = "it is a link to another file, which no act published; remove it",
        [STORE_OTHER] = "it is neither a file nor a folder; remove it"};
    if (lying->kind == STORE_FILE && lying->is_published)
        return;
    verify_flaw(v, "file", plain_name(v, lying->path), "%s", words[lying->kind]);
}

enum pd_status verify_files(struct verifier *v, const struct verify_task *task,
                            struct pd_error *err) {
    (void)task;
    struct open_folder open = {.v = v};
    struct store_rows *rows;
    enum pd_status st = list_open(&open, err);
    if (st == PD_OK)
        st = check_receipt_key(v, err);
    if (st == PD_OK)
        st = check_taken_back(&open, err);
    if (st == PD_OK)
        st = store_select(v->g->store, LIST_FILES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct pd_mark mark = pd_arena_mark(v->scratch);
        check_stored(v, rows);
        if (!store_is_null(rows, RELEASED)) {
            struct lying *lying = find_lying(&open, store_str(rows, RELEASED));
            if (lying)
                lying->is_published = true;
            check_released(v, rows);
        }
        pd_arena_reset(v->scratch, mark);
    }
    store_rows_close(rows);
    const struct lying *all = open.list.items;
    for (size_t i = 0; st == PD_OK && i < open.list.count; i++)
        check_lying(v, &all[i]);
    return st;
}
