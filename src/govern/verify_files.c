/* Files: the vault holds what rows name, and what was released is what its act published. */
#include "govern/verify_impl.h"

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

enum pd_status verify_files(struct verifier *v, const struct verify_task *task,
                            struct pd_error *err) {
    (void)task;
    struct store_rows *rows;
    enum pd_status st = check_receipt_key(v, err);
    if (st == PD_OK)
        st = store_select(v->g->store, LIST_FILES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct pd_mark mark = pd_arena_mark(v->scratch);
        check_stored(v, rows);
        if (!store_is_null(rows, RELEASED))
            check_released(v, rows);
        pd_arena_reset(v->scratch, mark);
    }
    store_rows_close(rows);
    return st;
}
