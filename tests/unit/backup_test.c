/* backup/: what was there last time is not copied again, and what was damaged is never given out.
 */
#include "store_fixture.h"

#include "backup/backup.h"
#include <sqlite3.h>

struct copies {
    char path[400];
    struct backup_folder *folder;
};

static void open_folder(struct fixture *f, struct copies *c, enum backup_mode mode) {
    snprintf(c->path, sizeof(c->path), "%s/backups", f->root);
    assert_ok(f,
              backup_open(c->path, mode, PD_STR("a.example"), PD_STR("n1"), &c->folder, &f->err));
}

static struct backup_writer *begin(struct fixture *f, struct copies *c, pd_time at) {
    struct backup_writer *w = NULL;
    assert_ok(f, backup_begin(c->folder, at * PD_SECOND, &w, &f->err));
    return w;
}

/* Lines of some length each, `from` to `to`. */
static void add_lines(struct fixture *f, struct backup_writer *w, int from, int to) {
    char line[600];
    assert_ok(f, backup_section(w, PD_STR("t"), NULL, 0, &f->err));
    for (int i = from; i < to; i++) {
        int n = snprintf(line, sizeof(line), "[%d,\"%0500d\"]", i, i);
        assert_ok(f, backup_line(w, (pd_str){line, (size_t)n}, &f->err));
    }
    assert_ok(f, backup_section_end(w, &f->err));
}

static struct backup_tally commit(struct fixture *f, struct backup_writer *w) {
    pd_str manifest;
    assert_ok(f, backup_seal(w, 5, PD_STR("{\"acts\":1}"), f->arena, &manifest, &f->err));
    assert_ok(f, backup_commit(w, manifest, PD_STR("note"), &f->err));
    struct backup_tally tally = backup_written(w);
    backup_writer_free(w);
    return tally;
}

static enum pd_status count_line(void *context, pd_str line, struct pd_error *err) {
    (void)line, (void)err;
    ++*(int *)context;
    return PD_OK;
}

static int lines_of(struct fixture *f, struct copies *c, const char *name) {
    const struct backup_manifest *m;
    int lines = 0;
    assert_ok(f, backup_load(c->folder, pd_str_from(name), f->arena, &m, &f->err));
    assert_ok(f, backup_lines(c->folder, backup_find_part(m, "t"), count_line, &lines, &f->err));
    return lines;
}

static void what_was_there_is_not_copied_again(void **state) {
    struct fixture *f = *state;
    struct copies c;
    open_folder(f, &c, BACKUP_WRITE);
    struct backup_writer *w = begin(f, &c, 1);
    add_lines(f, w, 0, 20000);
    struct backup_tally first = commit(f, w);
    assert_true(first.pieces > 3 && first.new_pieces == first.pieces);
    w = begin(f, &c, 2);
    add_lines(f, w, 0, 20000);
    assert_int_equal(commit(f, w).new_pieces, 0);
    /* Lines added at the end, and lost at the beginning, leave the pieces between alone. */
    w = begin(f, &c, 3);
    add_lines(f, w, 10, 20010);
    assert_true(commit(f, w).new_pieces <= 2);
    assert_int_equal(lines_of(f, &c, ""), 20000);
    assert_int_equal(lines_of(f, &c, "1970-01-01T00-00-01.000000Z"), 20000);
    backup_close(c.folder);
}

static void the_newest_is_the_last_to_be_made_though_the_clock_was_set_back(void **state) {
    struct fixture *f = *state;
    struct copies c;
    open_folder(f, &c, BACKUP_WRITE);
    static const pd_time moments[] = {9, 3, 3};
    for (size_t i = 0; i < 3; i++) {
        struct backup_writer *w = begin(f, &c, moments[i]);
        add_lines(f, w, 0, 100 + (int)i);
        commit(f, w);
        assert_int_equal(lines_of(f, &c, ""), 100 + i);
    }
    assert_int_equal(lines_of(f, &c, "1970-01-01T00-00-09.000001Z"), 101);
    backup_close(c.folder);
}

static void a_backup_that_was_cut_off_counts_for_nothing(void **state) {
    struct fixture *f = *state;
    struct copies c;
    const struct backup_manifest *m;
    open_folder(f, &c, BACKUP_WRITE);
    struct backup_writer *w = begin(f, &c, 1);
    add_lines(f, w, 0, 10000);
    backup_writer_free(w); /* as if the machine had stopped */
    assert_fails(f, PD_NOT_FOUND, "no complete backup",
                 backup_load(c.folder, PD_STR(""), f->arena, &m, &f->err));
    backup_close(c.folder);
    open_folder(f, &c, BACKUP_WRITE);
    w = begin(f, &c, 2);
    add_lines(f, w, 0, 10000);
    /* Nothing was made durable, so nothing of it is trusted. */
    struct backup_tally tally = commit(f, w);
    assert_int_equal(tally.new_pieces, tally.pieces);
    backup_close(c.folder);
}

static void forgetting_keeps_what_others_have(void **state) {
    struct fixture *f = *state;
    struct copies c;
    size_t forgotten;
    struct backup_tally freed, checked;
    const struct backup_manifest *m;
    open_folder(f, &c, BACKUP_WRITE);
    for (int i = 1; i <= 3; i++) {
        struct backup_writer *w = begin(f, &c, i);
        add_lines(f, w, 4000 * i, 4000 * i + 8000);
        commit(f, w);
    }
    assert_fails(f, PD_USAGE, "at least one",
                 backup_prune(c.folder, 0, f->arena, &forgotten, &freed, &f->err));
    assert_ok(f, backup_prune(c.folder, 2, f->arena, &forgotten, &freed, &f->err));
    assert_int_equal(forgotten, 1);
    assert_true(freed.pieces > 0);
    assert_fails(
        f, PD_NOT_FOUND, "the newest of 2",
        backup_load(c.folder, PD_STR("1970-01-01T00-00-01.000000Z"), f->arena, &m, &f->err));
    assert_int_equal(lines_of(f, &c, "1970-01-01T00-00-02.000000Z"), 8000);
    assert_ok(f, backup_load(c.folder, PD_STR(""), f->arena, &m, &f->err));
    assert_ok(f, backup_check(c.folder, m, NULL, NULL, &checked, &f->err));
    assert_ok(f, backup_prune(c.folder, 5, f->arena, &forgotten, &freed, &f->err));
    assert_int_equal(forgotten, 0);
    backup_close(c.folder);
}

static void note_flaw(void *context, const char *what) {
    snprintf(context, 400, "%s", what);
}

static int spoil_one(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)where;
    const char *pieces = strstr(path, "/pieces/");
    if (kind != FTW_F || !pieces || about->st_size < 100)
        return 0;
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 50, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, 50, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    fclose(file);
    return 1;
}

static void a_flipped_bit_is_found_and_its_lines_are_not_given_out(void **state) {
    struct fixture *f = *state;
    struct copies c;
    const struct backup_manifest *m;
    struct backup_tally tally;
    char flaw[400] = "";
    int lines = 0;
    open_folder(f, &c, BACKUP_WRITE);
    struct backup_writer *w = begin(f, &c, 1);
    add_lines(f, w, 0, 100);
    commit(f, w);
    assert_int_equal(nftw(c.path, spoil_one, 16, FTW_PHYS), 1);
    assert_ok(f, backup_load(c.folder, PD_STR(""), f->arena, &m, &f->err));
    assert_ok(f, backup_check(c.folder, m, note_flaw, flaw, &tally, &f->err));
    assert_non_null(strstr(flaw, "damaged"));
    assert_fails(f, PD_INTERNAL, "are not those that its name stands for",
                 backup_lines(c.folder, backup_find_part(m, "t"), count_line, &lines, &f->err));
    assert_int_equal(lines, 0);
    backup_close(c.folder);
}

static void a_folder_belongs_to_one_node_and_one_writer(void **state) {
    struct fixture *f = *state;
    struct copies c;
    struct backup_folder *other = NULL;
    open_folder(f, &c, BACKUP_WRITE);
    assert_fails(
        f, PD_CONFLICT, "another backup is being written",
        backup_open(c.path, BACKUP_WRITE, PD_STR("a.example"), PD_STR("n1"), &other, &f->err));
    backup_close(c.folder);
    assert_fails(
        f, PD_DENIED, "another node",
        backup_open(c.path, BACKUP_WRITE, PD_STR("a.example"), PD_STR("n2"), &other, &f->err));
    assert_fails(
        f, PD_DENIED, "another node",
        backup_open(c.path, BACKUP_READ, PD_STR("b.example"), PD_STR("n1"), &other, &f->err));
    assert_int_equal(mkdir(f->folder, 0700), 0);
    put_file(f, "thesis.odt", "x", 1);
    assert_fails(f, PD_INVALID, "it holds \"thesis.odt\"",
                 backup_open(f->folder, BACKUP_WRITE, PD_STR("a"), PD_STR("n"), &other, &f->err));
    assert_fails(
        f, PD_NOT_FOUND, "open the folder",
        backup_open("/nowhere/at/all", BACKUP_READ, PD_STR(""), PD_STR(""), &other, &f->err));
    assert_null(other);
}

/* ---- Rows ---- */

static enum pd_status save(struct store *store, void *context, struct pd_error *err) {
    return backup_rows_save(store, context, err);
}

static void rows_come_back_whatever_is_in_them(void **state) {
    struct fixture *f = *state;
    struct copies c;
    const struct backup_manifest *m;
    static const struct sql put = {.both = "INSERT INTO job VALUES ($1, $2, $3, $4, 'waiting', 0, "
                                           "0, $5, 0)"};
    const pd_str texts[] = {PD_STR("plain"), PD_STR("\"\\\n\t\x01 \xe4\xbd\xa0"), PD_STR("a b"),
                            PD_STR("\xff\xfe"), PD_STR("")};
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "j%d", i);
        const struct store_value values[] = {
            STORE_STR(pd_str_from(id)), STORE_STR(texts[i]), STORE_STR(pd_str_from(id)),
            STORE_I64(i ? INT64_MAX : INT64_MIN), STORE_STR(texts[i])};
        assert_ok(f, store_run(f->store, put, values, 5, NULL, &f->err));
    }
    open_folder(f, &c, BACKUP_WRITE);
    struct backup_writer *w = begin(f, &c, 1);
    assert_ok(f, store_transact(f->store, save, w, &f->err));
    commit(f, w);
    run(f, "DELETE FROM job");
    assert_ok(f, backup_load(c.folder, PD_STR(""), f->arena, &m, &f->err));
    assert_ok(f, backup_rows_load(f->store, c.folder, m, &f->err));
    for (int i = 0; i < 5; i++) {
        struct store_rows *rows;
        bool has;
        char id[8];
        snprintf(id, sizeof(id), "j%d", i);
        const struct store_value key[] = {STORE_STR(pd_str_from(id))};
        const struct sql find = {.both = "SELECT kind, due_at FROM job WHERE id = $1"};
        assert_ok(f, store_select(f->store, find, key, 1, &rows, &f->err));
        assert_ok(f, store_next(rows, &has, &f->err));
        assert_true(has && pd_str_eq(store_str(rows, 0), texts[i]));
        assert_true(store_i64(rows, 1) == (i ? INT64_MAX : INT64_MIN));
        store_rows_close(rows);
    }
    /* The same rows are the same pieces, wherever they were read from. */
    w = begin(f, &c, 2);
    assert_ok(f, store_transact(f->store, save, w, &f->err));
    assert_int_equal(commit(f, w).new_pieces, 0);
    run(f, "DROP TABLE job");
    assert_fails(f, PD_INVALID, "a table \"job\" that this program lacks",
                 backup_rows_load(f->store, c.folder, m, &f->err));
    backup_close(c.folder);
}

/* ---- Keys ---- */

static void meddle_keys(const struct fixture *f, const char *script) {
    char path[600];
    sqlite3 *db;
    path_in(f, "keys.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, script, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static bool is_first(const void *context, pd_id id) {
    return pd_id_eq(id, *(const pd_id *)context);
}

static void keys_come_back_wrapped_and_only_to_their_node_key(void **state) {
    struct fixture *f = *state;
    struct store_key keys[3], found;
    struct backup_keys saved = {.origin = PD_STR("a.example"),
                                .node = PD_STR("n1"),
                                .backup = PD_STR("b1"),
                                .made_at = PD_SECOND,
                                .expires_at = PD_DAY};
    struct backup_keys read = {0};
    struct store *other = NULL;
    char dir[400], path[500];
    uint8_t node_key[CRYPTO_KEY_SIZE];
    uint64_t loaded = 0;
    for (int i = 0; i < 3; i++)
        assert_ok(f, store_key_new(f->store, "record", i + 1, &keys[i], &f->err));
    snprintf(dir, sizeof(dir), "%s/keys", f->root);
    assert_ok(f, backup_keys_save(f->store, dir, &saved, f->arena, &f->err));
    saved.backup = PD_STR("b2");
    /* A key store that lost a key doesn't take the place of the backup that has it. */
    close_node(f);
    meddle_keys(f, "CREATE TABLE kept AS SELECT * FROM key; DELETE FROM key WHERE made_at = 2");
    reopen(f, STORE_WRITE);
    assert_fails(f, PD_INTERNAL, "lacks 1 keys that nobody destroyed",
                 backup_keys_save(f->store, dir, &saved, f->arena, &f->err));
    close_node(f);
    meddle_keys(f, "DELETE FROM key; INSERT INTO key SELECT * FROM kept; DROP TABLE kept");
    reopen(f, STORE_WRITE);
    assert_ok(f, backup_keys_save(f->store, dir, &saved, f->arena, &f->err));
    assert_ok(f, backup_keys_find(dir, f->arena, &read, &f->err));
    assert_int_equal(read.keys, 3);
    assert_true(pd_str_is(read.backup, "b2"));
    snprintf(path, sizeof(path), "%s/keys-b1.jsonl", dir);
    assert_int_equal(access(path, F_OK), -1); /* the older one could hold a destroyed key */
    saved.node = PD_STR("n2");
    assert_fails(f, PD_DENIED, "another node",
                 backup_keys_save(f->store, dir, &saved, f->arena, &f->err));

    get_file(f, "node.key", node_key, sizeof(node_key));
    snprintf(path, sizeof(path), "%s/restored", f->root);
    assert_ok(f, store_make(path, NULL, "the test", 5, node_key, &other, &f->err));
    assert_ok(f, backup_keys_load(other, &read, is_first, &keys[0].id, &loaded, &f->err));
    assert_int_equal(loaded, 2);
    assert_fails(f, PD_NOT_FOUND, "no key", store_key_find(other, keys[0].id, &found, &f->err));
    assert_ok(f, store_key_find(other, keys[2].id, &found, &f->err));
    assert_memory_equal(found.bytes, keys[2].bytes, sizeof(found.bytes));
    store_close(other);
    snprintf(path, sizeof(path), "%s/stranger", f->root);
    assert_ok(f, store_make(path, NULL, "the test", 5, NULL, &other, &f->err));
    assert_fails(f, PD_DENIED, "wrapped by the node key",
                 backup_keys_load(other, &read, is_first, &keys[0].id, &loaded, &f->err));
    store_close(other);
}

static void a_damaged_backup_of_keys_is_refused(void **state) {
    struct fixture *f = *state;
    struct store_key key;
    struct backup_keys saved = {
        .origin = PD_STR("a"), .node = PD_STR("n"), .backup = PD_STR("b"), .expires_at = PD_DAY};
    struct backup_keys read = {0};
    char dir[400];
    assert_ok(f, store_key_new(f->store, "record", 1, &key, &f->err));
    snprintf(dir, sizeof(dir), "%s/keys", f->root);
    assert_fails(f, PD_NOT_FOUND, "list", backup_keys_find(dir, f->arena, &read, &f->err));
    assert_ok(f, backup_keys_save(f->store, dir, &saved, f->arena, &f->err));
    char bytes[4096];
    FILE *file = fopen(saved.path.data, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    for (size_t at = 0; at < n; at += 7) {
        char flipped[4096];
        memcpy(flipped, bytes, n);
        flipped[at] ^= 2;
        file = fopen(saved.path.data, "wb");
        assert_int_equal(fwrite(flipped, 1, n, file), n);
        fclose(file);
        if (backup_keys_find(dir, f->arena, &read, &f->err) == PD_OK)
            fail_msg("a flip at byte %zu of %zu was not found", at, n);
    }
    file = fopen(saved.path.data, "wb");
    assert_int_equal(fwrite(bytes, 1, n - 5, file), n - 5);
    fclose(file);
    assert_fails(f, PD_INTERNAL, "cut off", backup_keys_find(dir, f->arena, &read, &f->err));
}

#define in_node(test) cmocka_unit_test_setup_teardown(test, make_node, remove_node)
#define in_root(test) cmocka_unit_test_setup_teardown(test, make_root, remove_node)

int main(void) {
    const struct CMUnitTest tests[] = {
        in_root(what_was_there_is_not_copied_again),
        in_root(the_newest_is_the_last_to_be_made_though_the_clock_was_set_back),
        in_root(a_backup_that_was_cut_off_counts_for_nothing),
        in_root(forgetting_keeps_what_others_have),
        in_root(a_flipped_bit_is_found_and_its_lines_are_not_given_out),
        in_root(a_folder_belongs_to_one_node_and_one_writer),
        in_node(rows_come_back_whatever_is_in_them),
        in_node(keys_come_back_wrapped_and_only_to_their_node_key),
        in_node(a_damaged_backup_of_keys_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
