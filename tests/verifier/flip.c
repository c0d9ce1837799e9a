/*
 * Flips bytes of a node and asks whether they are found: flip FOLDER COUNT SEED
 *
 * What is content: every column of every row of the governed tables, of act_row (but the hash of a
 * row that was written again since) and leaf, the tree and checkpoint of each log, each key that a row names, node.key, and every byte of each file
 * below ledger/, vault/ and open/. Half of the flips change one byte of a value by SQL, or of such
 * a file; the other half any byte of polder.db and keys.db as files, much of which is no content
 * (free pages, indices, what is operational). A flip is found if opening the node or verifying it
 * says so. A flip of a database file may also be harmless: nothing is found, and every value of the
 * content is read as before. Anything else is missed, and told. FOLDER is spoilt and restored;
 * nobody else may use it. Ends with "N passed, N failed".
 */
#include "govern/govern_impl.h" /* act_governed: the list of governed tables */

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 4096, CELLS_MAX = 65536, PATH = 512 };

static char folder[256];
static uint64_t state;

static uint64_t chance(uint64_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return below ? state % below : 0;
}

static void must(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "flip: %s\n", what);
    exit(70);
}

/* ---- Files ---- */

struct file {
    char path[PATH];
    char *bytes;
    long size;
};
static struct file files[FILES_MAX];
static size_t file_count;

static struct file load(const char *path) {
    struct file f = {0};
    FILE *in = fopen(path, "rb");
    must(in && fseek(in, 0, SEEK_END) == 0 && (f.size = ftell(in)) >= 0, path);
    rewind(in);
    snprintf(f.path, sizeof(f.path), "%s", path);
    f.bytes = malloc((size_t)f.size + 1);
    must(f.bytes && fread(f.bytes, 1, (size_t)f.size, in) == (size_t)f.size, path);
    fclose(in);
    return f;
}

static void store(const struct file *f) {
    FILE *out = fopen(f->path, "r+b");
    must(out && fwrite(f->bytes, 1, (size_t)f->size, out) == (size_t)f->size, f->path);
    must(fclose(out) == 0 && truncate(f->path, f->size) == 0, f->path);
}

static void gather(const char *path) {
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        char full[PATH];
        struct stat about;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(full, sizeof(full), "%.250s/%.250s", path, entry->d_name);
        must(stat(full, &about) == 0, full);
        if (S_ISDIR(about.st_mode))
            gather(full);
        else if (file_count < FILES_MAX && about.st_size > 0)
            files[file_count++] = load(full);
    }
    if (dir)
        closedir(dir);
}

/* ---- Databases ---- */

static sqlite3 *open_db(const char *name) {
    char path[PATH];
    sqlite3 *db = NULL;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    must(sqlite3_open(path, &db) == SQLITE_OK, path);
    return db;
}

/* All in the file itself, and no log beside it. */
static void settle(const char *name) {
    sqlite3 *db = open_db(name);
    must(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) == SQLITE_OK, name);
    sqlite3_close(db);
}

static void drop_logs(void) {
    static const char *const names[] = {"polder.db-wal", "polder.db-shm", "keys.db-wal",
                                        "keys.db-shm"};
    for (size_t i = 0; i < 4; i++) {
        char path[PATH];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
}

/* Keys that rows name. */
#define OF(table) " UNION SELECT upper(replace(key_id, '-', '')) FROM " table
#define NAMED_KEYS                                                                                 \
    "SELECT k.id, k.wrapped FROM keys.key k NOT INDEXED WHERE hex(k.id) IN (SELECT "               \
    "upper(replace(receipt_key_id, '-', '')) FROM node" OF("log") OF("act") OF("intent")           \
        OF("fact") OF("version") OF("distribution") OF("clock_met")                                \
            OF("case_entry") ") ORDER BY 1"

enum { PARTS_MAX = 96 };
struct part {
    char name[32];
    crypto_hash hash;
};

static bool read_part(sqlite3 *db, const char *name, const char *sql, struct part *out) {
    struct crypto_sha256_state *sum = crypto_sha256_new();
    sqlite3_stmt *rows = NULL;
    bool ok = sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK;
    int step = SQLITE_DONE;
    while (ok && (step = sqlite3_step(rows)) == SQLITE_ROW)
        for (int c = 0; c < sqlite3_column_count(rows); c++) {
            int type = sqlite3_column_type(rows, c), n = sqlite3_column_bytes(rows, c);
            crypto_sha256_add(sum, &type, sizeof(type));
            crypto_sha256_add(sum, &n, sizeof(n));
            if (n)
                crypto_sha256_add(sum, sqlite3_column_blob(rows, c), (size_t)n);
        }
    sqlite3_finalize(rows);
    snprintf(out->name, sizeof(out->name), "%.31s", name);
    out->hash = crypto_sha256_end(sum);
    crypto_sha256_free(sum);
    return ok && step == SQLITE_DONE;
}

/* The content of both databases: a hash of each table. `*failed`: the part that can't be read. */
static bool read_content(struct part out[PARTS_MAX], size_t *count, const char **failed) {
    static const char *const others[][2] = {
        {"act_row", "SELECT act_id, table_name, row_id, revision, CASE WHEN revision = (SELECT "
                    "MAX(b.revision) FROM act_row b WHERE b.table_name = a.table_name AND b.row_id "
                    "= a.row_id) THEN row_hash END FROM act_row a ORDER BY 2, 3, 4"},
        {"leaf", "SELECT * FROM leaf NOT INDEXED ORDER BY 1"},
        {"log", "SELECT name, origin, vkey, key_id, size, edge, checkpoint FROM log ORDER BY name"},
        {"keys", NAMED_KEYS}};
    char attach[PATH + 32], sql[100];
    sqlite3 *db = open_db("polder.db");
    snprintf(attach, sizeof(attach), "ATTACH '%s/keys.db' AS keys", folder);
    bool ok = sqlite3_exec(db, attach, NULL, NULL, NULL) == SQLITE_OK;
    *count = 0;
    *failed = "keys.db";
    for (size_t t = 0; ok && act_governed(t); t++) {
        *failed = act_governed(t)->table;
        snprintf(sql, sizeof(sql), "SELECT * FROM %s NOT INDEXED ORDER BY 1", *failed);
        ok = read_part(db, *failed, sql, &out[(*count)++]);
    }
    for (size_t t = 0; ok && t < sizeof(others) / sizeof(*others); t++) {
        *failed = others[t][0];
        ok = read_part(db, *failed, others[t][1], &out[(*count)++]);
    }
    sqlite3_close(db);
    return ok;
}

/* ---- Values ---- */

struct cell {
    char table[24], column[24];
    sqlite3_int64 row;
};
static struct cell cells[CELLS_MAX];
static size_t cell_count;

static bool is_content(const char *table, const char *column) {
    static const char *const of_log[] = {"checkpoint", "edge", "size", "vkey", "origin", "key_id"};
    bool is = strcmp(table, "log") != 0;
    for (size_t i = 0; !is && i < sizeof(of_log) / sizeof(*of_log); i++)
        is = strcmp(column, of_log[i]) == 0;
    return is;
}

static void gather_table(sqlite3 *db, const char *table) {
    char sql[400];
    sqlite3_stmt *rows = NULL;
    /* Of a row that was written again nothing is left that an earlier hash could be compared to. */
    bool is_act_row = strcmp(table, "act_row") == 0;
    snprintf(sql, sizeof(sql),
             is_act_row ? "SELECT a.rowid, act_id, table_name, row_id, revision, CASE WHEN revision "
                          "= (SELECT MAX(b.revision) FROM %s b WHERE b.table_name = a.table_name "
                          "AND b.row_id = a.row_id) THEN row_hash END AS row_hash FROM act_row a"
                        : "SELECT rowid, * FROM %s",
             table);
    must(sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK, sql);
    while (sqlite3_step(rows) == SQLITE_ROW)
        for (int c = 1; c < sqlite3_column_count(rows); c++) {
            const char *name = sqlite3_column_name(rows, c);
            if (!is_content(table, name) || sqlite3_column_bytes(rows, c) == 0 ||
                cell_count == CELLS_MAX)
                continue;
            struct cell *cell = &cells[cell_count++];
            snprintf(cell->table, sizeof(cell->table), "%s", table);
            snprintf(cell->column, sizeof(cell->column), "%s", name);
            cell->row = sqlite3_column_int64(rows, 0);
        }
    sqlite3_finalize(rows);
}

static void gather_cells(void) {
    static const char *const others[] = {"act_row", "leaf", "log"};
    sqlite3 *db = open_db("polder.db");
    for (size_t t = 0; act_governed(t); t++)
        gather_table(db, act_governed(t)->table);
    for (size_t t = 0; t < sizeof(others) / sizeof(*others); t++)
        gather_table(db, others[t]);
    sqlite3_close(db);
}

/* One bit of one byte of the value; false: a constraint kept it out. */
static bool flip_cell(const struct cell *cell) {
    char sql[200];
    sqlite3 *db = open_db("polder.db");
    sqlite3_stmt *find = NULL, *put = NULL;
    snprintf(sql, sizeof(sql), "SELECT %.23s FROM %.23s WHERE rowid = ?1", cell->column,
             cell->table);
    must(sqlite3_prepare_v2(db, sql, -1, &find, NULL) == SQLITE_OK, sql);
    sqlite3_bind_int64(find, 1, cell->row);
    must(sqlite3_step(find) == SQLITE_ROW, sql);
    int type = sqlite3_column_type(find, 0), n = sqlite3_column_bytes(find, 0);
    snprintf(sql, sizeof(sql), "UPDATE %.23s SET %.23s = ?1 WHERE rowid = ?2", cell->table,
             cell->column);
    must(sqlite3_prepare_v2(db, sql, -1, &put, NULL) == SQLITE_OK, sql);
    if (type == SQLITE_INTEGER) {
        sqlite3_bind_int64(put, 1, sqlite3_column_int64(find, 0) ^ (sqlite3_int64)1 << chance(40));
    } else {
        char *copy = malloc((size_t)n);
        memcpy(copy, sqlite3_column_blob(find, 0), (size_t)n);
        copy[chance((uint64_t)n)] ^= (char)(1 << chance(7));
        if (type == SQLITE_TEXT)
            sqlite3_bind_text(put, 1, copy, n, free);
        else
            sqlite3_bind_blob(put, 1, copy, n, free);
    }
    sqlite3_bind_int64(put, 2, cell->row);
    bool ok = sqlite3_step(put) == SQLITE_DONE;
    sqlite3_finalize(find);
    sqlite3_finalize(put);
    must(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) == SQLITE_OK,
         "checkpoint");
    sqlite3_close(db);
    return ok;
}

/* ---- Asking ---- */

static bool is_found(void) {
    struct pd_clock clock = pd_clock_system();
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_verified *v = NULL;
    struct pd_arena *arena = pd_arena_new((size_t)128 << 20);
    struct govern_verify_options options = {.threads = 1};
    bool found = govern_open_to_verify(folder, NULL, &clock, &g, &err) != PD_OK ||
                 govern_verify(g, &options, arena, &v, &err) != PD_OK || v->flaw_count > 0;
    govern_close(g);
    pd_arena_free(arena);
    drop_logs();
    return found;
}

static struct file dbs[2];
static struct part content[PARTS_MAX];
static size_t content_count;
static unsigned long found, harmless, missed, kept_out;

/* NULL: all is read as before; else what isn't. */
static const char *what_changed(void) {
    static struct part now[PARTS_MAX];
    const char *failed;
    size_t count;
    if (!read_content(now, &count, &failed))
        return failed;
    for (size_t i = 0; i < count; i++)
        if (memcmp(&now[i].hash, &content[i].hash, sizeof(now[i].hash)) != 0)
            return now[i].name;
    return NULL;
}

static void judge(bool may_be_harmless, const char *what, long at) {
    const char *changed = "";
    if (is_found())
        found++;
    else if (may_be_harmless && !(changed = what_changed()))
        harmless++;
    else if (missed++ < 20)
        printf("missed: %s, byte or row %ld %s\n", what, at, changed);
    drop_logs();
}

static void flip_file(const struct file *f, bool may_be_harmless) {
    struct file spoilt = *f;
    long at = (long)chance((uint64_t)f->size);
    spoilt.bytes[at] ^= (char)(1 << chance(8));
    store(&spoilt);
    judge(may_be_harmless, f->path, at);
}

int main(int argc, char **argv) {
    must(argc == 4, "usage: flip FOLDER COUNT SEED");
    snprintf(folder, sizeof(folder), "%.200s", argv[1]);
    unsigned long count = strtoul(argv[2], NULL, 10);
    state = strtoull(argv[3], NULL, 10) * 2654435761u + 1;
    settle("polder.db");
    settle("keys.db");
    drop_logs();
    static const char *const dirs[] = {"ledger", "vault", "open"};
    for (size_t i = 0; i < 3; i++) {
        char path[PATH];
        snprintf(path, sizeof(path), "%s/%s", folder, dirs[i]);
        gather(path);
    }
    char path[PATH];
    snprintf(path, sizeof(path), "%s/node.key", folder);
    files[file_count++] = load(path);
    snprintf(path, sizeof(path), "%s/polder.db", folder);
    dbs[0] = load(path);
    snprintf(path, sizeof(path), "%s/keys.db", folder);
    dbs[1] = load(path);
    gather_cells();
    const char *failed;
    must(!is_found() && read_content(content, &content_count, &failed),
         "the node isn't whole to begin with");
    for (unsigned long i = 0; i < count; i++) {
        const struct file *of = i % 4 == 0   ? &files[chance(file_count)]
                                : i % 4 == 2 ? &dbs[i / 4 % 4 == 3]
                                             : NULL;
        if (of) {
            struct file copy = *of;
            copy.bytes = malloc((size_t)of->size);
            memcpy(copy.bytes, of->bytes, (size_t)of->size);
            flip_file(&copy, of == &dbs[0] || of == &dbs[1]);
            free(copy.bytes);
            store(of);
        } else {
            const struct cell *cell = &cells[chance(cell_count)];
            char what[60];
            snprintf(what, sizeof(what), "%.23s.%.23s", cell->table, cell->column);
            if (flip_cell(cell))
                judge(false, what, (long)cell->row);
            else
                kept_out++;
            store(&dbs[0]);
        }
        drop_logs();
    }
    printf("%lu flips: %lu found, %lu in no content, %lu kept out by a constraint, %lu missed\n",
           count, found, harmless, kept_out, missed);
    printf("%lu passed, %lu failed\n", count - missed, missed);
    return missed ? 1 : 0;
}
