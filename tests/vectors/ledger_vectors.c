/*
 * Replays vectors that nobody here wrote against src/ledger and src/crypto.
 *
 *     ledger_vectors DIR      laid out as its SOURCES.md says
 *
 * Prints what differs, a line for each vector that is left out, and last "N passed, N failed,
 * N skipped". The exit status is 1 if anything failed. An absent DIR is one skipped.
 */
#include "ledger/ledger.h"
#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FILE_MAX = 4 << 20,   /* bytes */
    ARENA_MAX = 16 << 20, /* of one folder */
    JSON_DEPTH = 16,
    FOLDER_DEPTH = 6,
    PATH_SIZE = 1024
};

struct run {
    const char *root;
    struct pd_arena *arena;
    size_t passed, failed, skipped;
};

static void count(struct run *run, bool is_right, const char *what, const char *why) {
    if (is_right) {
        run->passed++;
        return;
    }
    run->failed++;
    printf("FAILED %s: %s\n", what, why);
}

/* ---- Files ---- */

/* The bytes, and a NUL behind them. NULL if the file can't be read. */
static char *read_file(struct run *run, const char *path, size_t *n) {
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *bytes = NULL;
    if (fstat(fileno(file), &info) == 0 && info.st_size < FILE_MAX)
        bytes = pd_arena_alloc(run->arena, (size_t)info.st_size + 1);
    if (bytes)
        *n = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    return bytes;
}

static bool read_at(struct run *run, pd_str *out, const char *folder, const char *name) {
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%s/%s/%s", run->root, folder, name);
    size_t length = 0;
    const char *bytes = n > 0 && n < PATH_SIZE ? read_file(run, path, &length) : NULL;
    *out = (pd_str){bytes, length};
    return bytes != NULL;
}

typedef void (*visit)(struct run *run, const char *path, char *bytes, size_t n);

/* Calls `each` with every file below. */
static size_t walk(struct run *run, const char *path, visit each, int depth) {
    DIR *dir = depth < FOLDER_DEPTH ? opendir(path) : NULL;
    size_t files = 0;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char child[PATH_SIZE];
        struct stat info;
        int n = snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || n >= PATH_SIZE || stat(child, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            files += walk(run, child, each, depth + 1);
            continue;
        }
        files++;
        struct pd_mark mark = pd_arena_mark(run->arena);
        size_t length = 0;
        char *bytes = read_file(run, child, &length);
        if (bytes)
            each(run, child + strlen(run->root) + 1, bytes, length);
        else
            count(run, false, child, "can't be read");
        pd_arena_reset(run->arena, mark);
    }
    if (dir)
        closedir(dir);
    return files;
}

static void replay_folder(struct run *run, const char *folder, visit each) {
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", run->root, folder);
    if (walk(run, path, each, 0) == 0)
        count(run, false, folder, "no files");
}

/* ---- JSON ---- */

static json_t *parse(struct run *run, const char *what, pd_str text) {
    json_t *json = NULL;
    struct pd_error err = {0};
    if (pd_json_parse(text, FILE_MAX, JSON_DEPTH, &json, &err) != PD_OK)
        count(run, false, what, err.text);
    return json;
}

static json_t *parse_at(struct run *run, const char *folder, const char *name) {
    pd_str text;
    if (!read_at(run, &text, folder, name)) {
        count(run, false, name, "can't be read");
        return NULL;
    }
    return parse(run, name, text);
}

static pd_str text_of(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return (pd_str){json_string_value(value), json_string_length(value)};
}

static const char *name_of(const json_t *object, const char *key) {
    const char *name = json_string_value(json_object_get(object, key));
    return name ? name : "?";
}

static pd_str unhex(struct run *run, pd_str hex) {
    char *bytes = pd_arena_alloc(run->arena, hex.len / 2 + 1);
    return bytes && pd_hex_decode(hex, bytes, hex.len / 2) ? (pd_str){bytes, hex.len / 2}
                                                           : (pd_str){0};
}

static pd_str unbase64(struct run *run, pd_str text) {
    size_t n = 0;
    char *bytes = pd_arena_alloc(run->arena, text.len + 1);
    return bytes && pd_base64_decode(text, bytes, &n) ? (pd_str){bytes, n} : (pd_str){0};
}

static bool to_hash(pd_str bytes, crypto_hash *out) {
    if (bytes.len != CRYPTO_HASH_SIZE)
        return false;
    memcpy(out->bytes, bytes.data, CRYPTO_HASH_SIZE);
    return true;
}

static bool is_hash_hex(const crypto_hash *hash, pd_str hex) {
    char text[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(hash->bytes, CRYPTO_HASH_SIZE, text);
    return pd_str_is(hex, text);
}

/* Indices go up to 2^64 - 1, which our JSON integers don't: read from the text and replaced by 0.
 */
static uint64_t take_number(char *text, const char *key) {
    char *digits = strstr(text, key);
    if (!digits)
        return 0;
    digits += strlen(key);
    digits += strspn(digits, " :");
    size_t n = strspn(digits, "0123456789");
    uint64_t value = 0;
    if (n == 0 || !pd_parse_u64((pd_str){digits, n}, &value))
        return 0;
    memset(digits, ' ', n);
    digits[0] = '0';
    return value;
}

/* ---- Proofs ---- */

/* A proof with a piece that is no hash can't be put to the verifier: refused. */
static bool read_proof(struct run *run, const json_t *vector, struct ledger_proof *out) {
    const json_t *array = json_object_get(vector, "proof");
    *out = (struct ledger_proof){.count = json_array_size(array)};
    if (out->count > LEDGER_PROOF_MAX)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        const json_t *item = json_array_get(array, i);
        pd_str text = {json_string_value(item), json_string_length(item)};
        if (!to_hash(unbase64(run, text), &out->hashes[i]))
            return false;
    }
    return true;
}

static void judge(struct run *run, const char *path, const json_t *vector, bool is_accepted,
                  const struct pd_error *err) {
    bool want_error = json_is_true(json_object_get(vector, "wantErr"));
    count(run, is_accepted != want_error, path,
          is_accepted ? "accepted, to be refused" : err->text);
}

static void replay_inclusion(struct run *run, const char *path, char *text, size_t n) {
    uint64_t index = take_number(text, "\"leafIdx\""), size = take_number(text, "\"treeSize\"");
    json_t *vector = parse(run, path, (pd_str){text, n});
    struct ledger_proof proof;
    crypto_hash leaf, root;
    struct pd_error err = {0};
    if (!vector)
        return;
    bool is_accepted = read_proof(run, vector, &proof) &&
                       to_hash(unbase64(run, text_of(vector, "leafHash")), &leaf) &&
                       to_hash(unbase64(run, text_of(vector, "root")), &root) &&
                       ledger_verify_inclusion(index, size, &leaf, proof.hashes, proof.count, &root,
                                               &err) == PD_OK;
    judge(run, path, vector, is_accepted, &err);
    json_decref(vector);
}

static void replay_consistency(struct run *run, const char *path, char *text, size_t n) {
    uint64_t old_size = take_number(text, "\"size1\""), new_size = take_number(text, "\"size2\"");
    json_t *vector = parse(run, path, (pd_str){text, n});
    struct ledger_proof proof;
    struct pd_error err = {0};
    if (!vector)
        return;
    bool is_accepted =
        read_proof(run, vector, &proof) &&
        ledger_verify_consistency(old_size, new_size, unbase64(run, text_of(vector, "root1")),
                                  unbase64(run, text_of(vector, "root2")), proof.hashes,
                                  proof.count, &err) == PD_OK;
    judge(run, path, vector, is_accepted, &err);
    json_decref(vector);
}

static void replay_ct_reference(struct run *run) {
    json_t *json = parse_at(run, "merkle", "ct-reference.json");
    const json_t *inputs = json_object_get(json, "leaf_inputs_hex");
    const json_t *roots = json_object_get(json, "roots_after_each_leaf_hex");
    struct ledger_edge edge = {0};
    crypto_hash hash = ledger_edge_root(&edge);
    count(run, is_hash_hex(&hash, text_of(json, "empty_root")), "ct-reference", "empty root");
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const json_t *input = json_array_get(inputs, i), *root = json_array_get(roots, i);
        pd_str hex = {json_string_value(input), json_string_length(input)};
        bool is_right = ledger_hash_leaf(unhex(run, hex), &hash, NULL) == PD_OK &&
                        ledger_edge_append(&edge, &hash, NULL) == PD_OK;
        hash = ledger_edge_root(&edge);
        pd_str wanted = {json_string_value(root), json_string_length(root)};
        count(run, is_right && is_hash_hex(&hash, wanted), "ct-reference", "root");
    }
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(json, "leaf_hashes"), i, item) {
        bool is_right =
            ledger_hash_leaf(unhex(run, text_of(item, "input_hex")), &hash, NULL) == PD_OK;
        count(run, is_right && is_hash_hex(&hash, text_of(item, "hash")), "ct-reference",
              "leaf hash");
    }
    json_array_foreach(json_object_get(json, "node_hashes"), i, item) {
        crypto_hash left, right;
        if (!to_hash(unhex(run, text_of(item, "left_hex")), &left) ||
            !to_hash(unhex(run, text_of(item, "right_hex")), &right)) {
            run->skipped++;
            printf("skipped ct-reference node hash %zu: its children are no hashes of 32 bytes\n",
                   i);
            continue;
        }
        hash = ledger_hash_node(&left, &right);
        count(run, is_hash_hex(&hash, text_of(item, "hash")), "ct-reference", "node hash");
    }
    json_decref(json);
}

/* ---- Notes ---- */

/* SERIAL.witness.N and SERIAL.bastion.N are signed by the key in SERIAL.pub. */
static void replay_armored(struct run *run, const char *path, char *bytes, size_t n) {
    const char *name = strrchr(path, '/') + 1;
    pd_str text = {bytes, n};
    struct pd_error err = {0};
    struct ledger_vkey key;
    if (strstr(name, ".pub")) {
        count(run, ledger_vkey_parse(pd_str_trim(text), &key, &err) == PD_OK, path, err.text);
        return;
    }
    char pub[PATH_SIZE];
    pd_str key_text = {0};
    struct ledger_note note;
    snprintf(pub, sizeof(pub), "%.*s.pub", (int)strcspn(name, "."), name);
    bool is_right = read_at(run, &key_text, "notes/armored-witness/ci", pub) &&
                    ledger_vkey_parse(pd_str_trim(key_text), &key, &err) == PD_OK &&
                    ledger_note_parse(text, &note, &err) == PD_OK &&
                    ledger_note_verify(&note, &key, 1, &err) == PD_OK;
    count(run, is_right, path, err.text);
}

static void replay_example_note(struct run *run) {
    json_t *json = parse_at(run, "notes", "c2sp-signed-note-example.json");
    struct pd_error err = {0};
    struct ledger_vkey key;
    struct ledger_note note;
    bool is_right = ledger_vkey_parse(text_of(json, "vkey"), &key, &err) == PD_OK &&
                    ledger_note_parse(text_of(json, "note"), &note, &err) == PD_OK &&
                    ledger_note_verify(&note, &key, 1, &err) == PD_OK;
    count(run, is_right, "c2sp-signed-note-example", err.text);
    json_decref(json);
}

static bool is_named(const json_t *names, pd_str name) {
    for (size_t i = 0; i < json_array_size(names); i++)
        if (pd_str_is(name, json_string_value(json_array_get(names, i))))
            return true;
    return false;
}

/* The words of another library's errors say which of our statuses is meant. */
static enum pd_status status_of(const json_t *error) {
    const char *text = json_string_value(error);
    if (!text)
        return PD_OK;
    if (strstr(text, "no verifiable signature"))
        return PD_NOT_FOUND;
    return strstr(text, "invalid signature") ? PD_INTERNAL : PD_INVALID;
}

static void replay_open(struct run *run, const json_t *c) {
    enum { KEYS_MAX = 8 };
    struct ledger_vkey keys[KEYS_MAX];
    struct ledger_note note = {0};
    struct pd_error err = {0};
    const json_t *key_texts = json_object_get(c, "keys");
    size_t key_count = json_array_size(key_texts);
    bool is_right = key_count <= KEYS_MAX;
    for (size_t i = 0; i < key_count && is_right; i++) {
        pd_str text = pd_str_from(json_string_value(json_array_get(key_texts, i)));
        is_right = ledger_vkey_parse(text, &keys[i], &err) == PD_OK;
    }
    pd_str bytes = text_of(c, "note");
    if (!bytes.data)
        bytes = unhex(run, text_of(c, "note_hex"));
    enum pd_status st = ledger_note_parse(bytes, &note, &err);
    if (st == PD_OK)
        st = ledger_note_verify(&note, keys, key_count, &err);
    is_right = is_right && st == status_of(json_object_get(c, "error"));
    for (size_t i = 0; i < note.count && st == PD_OK; i++) {
        const char *list = note.signatures[i].is_verified ? "verified" : "unverified";
        is_right = is_right && is_named(json_object_get(c, list), note.signatures[i].name);
    }
    count(run, is_right, name_of(c, "id"), err.text);
}

static void replay_sumdb_notes(struct run *run) {
    json_t *json = parse_at(run, "notes", "x-mod-sumdb-note.json");
    size_t i;
    const json_t *c;
    struct pd_error err = {0};
    json_array_foreach(json_object_get(json, "open"), i, c) {
        replay_open(run, c);
    }
    json_array_foreach(json_object_get(json, "vkeys"), i, c) {
        struct ledger_vkey key;
        bool is_valid = ledger_vkey_parse(text_of(c, "vkey"), &key, &err) == PD_OK;
        count(run, is_valid == json_is_true(json_object_get(c, "valid")), name_of(c, "id"),
              err.text);
    }
    const json_t *sign = json_object_get(json, "sign");
    struct ledger_skey key = {0};
    struct pd_buf note = {0};
    bool is_right = ledger_skey_parse(text_of(sign, "skey"), &key, &err) == PD_OK &&
                    ledger_note_sign(text_of(sign, "text"), &key, 1, &note, &err) == PD_OK &&
                    pd_str_eq(pd_buf_view(&note), text_of(sign, "note"));
    count(run, is_right, "sign", err.text);
    is_right = ledger_note_sign(PD_STR("abc"), &key, 1, &note, &err) == PD_INVALID;
    count(run, is_right, "sign", "a text without a final line feed was signed");
    pd_buf_clear(&note);
    json_decref(json);
}

/* The parser that these are from takes a hash of any length; where ours refuses one that is right
   by that grammar, it must be for the length of the root in line 3. */
static void replay_checkpoint_grammar(struct run *run) {
    json_t *json = parse_at(run, "notes", "checkpoint-body-parse.json");
    size_t i;
    const json_t *c;
    json_array_foreach(json_object_get(json, "cases"), i, c) {
        struct ledger_checkpoint checkpoint;
        struct pd_error err = {0};
        enum pd_status st = ledger_checkpoint_parse(text_of(c, "body"), &checkpoint, &err);
        bool is_about_root = strstr(err.text, "line 3") != NULL;
        bool is_right = json_is_true(json_object_get(c, "ok")) ? st == PD_OK || is_about_root
                                                               : st == PD_INVALID;
        count(run, is_right, name_of(c, "name"), err.text);
    }
    json_decref(json);
}

static void replay_proof_grammar(struct run *run) {
    json_t *json = parse_at(run, "notes", "tlog-proof-parse.json");
    size_t i;
    const json_t *c;
    json_array_foreach(json_object_get(json, "cases"), i, c) {
        struct ledger_offline offline;
        struct pd_error err = {0};
        bool is_ok = ledger_offline_parse(text_of(c, "text"), &offline, &err) == PD_OK;
        count(run, is_ok == json_is_true(json_object_get(c, "ok")), name_of(c, "name"), err.text);
    }
    json_decref(json);
}

/* ---- A whole log, grown one entry at a time ---- */

static const char LOG[] = "tiles/tessera-log";
static const char LOG_ORIGIN[] = "example.com/log/testdata";
static const char LOG_KEY[] =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
enum { LOG_SIZE = 15 };

struct log {
    struct run *run;
    pd_str entries[LEDGER_TILE_HASHES];
    size_t files;
};

static enum pd_status give_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    const struct log *log = context;
    if (index >= LOG_SIZE)
        return pd_fail(err, PD_INTERNAL, "asked for entry %" PRIu64, index);
    *out = log->entries[index];
    return PD_OK;
}

static enum pd_status compare_file(void *context, const char *path, pd_str bytes,
                                   struct pd_error *err) {
    (void)err;
    struct log *log = context;
    pd_str wanted = {0};
    bool is_same = read_at(log->run, &wanted, LOG, path) && pd_str_eq(bytes, wanted);
    count(log->run, is_same, path, "differs from the file of that log");
    log->files++;
    return PD_OK;
}

/* The checkpoint's signature, and our root over the first `size` entries. */
static void replay_checkpoint(struct log *log, const char *name, const struct ledger_edge *edge) {
    struct ledger_vkey key;
    struct ledger_checkpoint checkpoint;
    struct pd_error err = {0};
    pd_str note = {0};
    crypto_hash root = ledger_edge_root(edge);
    bool is_right =
        read_at(log->run, &note, LOG, name) &&
        ledger_vkey_parse(pd_str_from(LOG_KEY), &key, &err) == PD_OK &&
        ledger_checkpoint_verify(note, pd_str_from(LOG_ORIGIN), &key, &checkpoint, &err) == PD_OK;
    count(log->run, is_right, name, err.text);
    is_right = is_right && checkpoint.size == edge->size &&
               crypto_equal(root.bytes, checkpoint.root.bytes, CRYPTO_HASH_SIZE);
    count(log->run, is_right, name, "size or root differ from what the entries give");
}

static void replay_log(struct run *run) {
    struct log log = {.run = run};
    struct ledger_edge edge = {0};
    struct pd_error err = {0};
    struct ledger_growth growth = {.context = &log, .entry = give_entry, .emit = compare_file};
    pd_str bundle;
    bool is_right = read_at(run, &bundle, LOG, "tile/entries/000.p/15") &&
                    ledger_bundle_parse(bundle, LOG_SIZE, log.entries, &err) == PD_OK;
    count(run, is_right, "tile/entries/000.p/15", err.text);
    replay_checkpoint(&log, "checkpoint.0", &edge);
    for (uint64_t i = 0; i < LOG_SIZE && is_right; i++) {
        char name[32];
        crypto_hash leaf;
        is_right = ledger_hash_leaf(log.entries[i], &leaf, &err) == PD_OK &&
                   ledger_edge_append(&edge, &leaf, &err) == PD_OK &&
                   ledger_tiles_grow(&growth, i, i + 1, &err) == PD_OK;
        count(run, is_right, "growing", err.text);
        snprintf(name, sizeof(name), "checkpoint.%" PRIu64, i + 1);
        replay_checkpoint(&log, name, &edge);
    }
    replay_checkpoint(&log, "checkpoint", &edge);
    count(run, log.files == 2 * LOG_SIZE, LOG, "one tile and one bundle per entry were expected");
}

/* ---- Ed25519 at its edges ---- */

/*
 * There is no single right answer; ours is what libsodium does, and strict: the key and R are
 * canonical and of large order, and the equation holds without the cofactor. So a case may pass if
 * the only unusual thing is a small-order component that cancels out.
 */
static bool is_acceptable(const json_t *flags) {
    static const char *const harmless[] = {"low_order_component_A", "low_order_component_R"};
    for (size_t i = 0; i < json_array_size(flags); i++) {
        const char *flag = json_string_value(json_array_get(flags, i));
        if (!flag || (strcmp(flag, harmless[0]) != 0 && strcmp(flag, harmless[1]) != 0))
            return false;
    }
    return true;
}

static void replay_ed25519(struct run *run) {
    json_t *json = parse_at(run, "ed25519", "cctv-even.json");
    size_t i;
    const json_t *c;
    json_array_foreach(json, i, c) {
        uint8_t key[CRYPTO_PUBLIC_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
        char what[40];
        pd_str message = text_of(c, "msg");
        bool is_read = pd_hex_decode(text_of(c, "key"), key, sizeof(key)) &&
                       pd_hex_decode(text_of(c, "sig"), signature, sizeof(signature));
        bool is_accepted = crypto_ed25519_verify(key, message.data, message.len, signature);
        bool is_wanted = is_acceptable(json_object_get(c, "flags"));
        snprintf(what, sizeof(what), "ed25519 case %" JSON_INTEGER_FORMAT,
                 json_integer_value(json_object_get(c, "number")));
        count(run, is_read && is_accepted == is_wanted, what,
              is_accepted ? "accepted, to be refused" : "refused, to be accepted");
    }
    if (i == 0)
        count(run, false, "ed25519", "no cases");
    json_decref(json);
}

#include "ledger_vectors_witness.h"

static void replay_all(struct run *run) {
    replay_folder(run, "merkle/inclusion", replay_inclusion);
    replay_folder(run, "merkle/consistency", replay_consistency);
    replay_folder(run, "merkle/subtreeinclusion", replay_subtree_inclusion);
    replay_folder(run, "merkle/subtreeconsistency", replay_subtree_consistency);
    replay_folder(run, "notes/armored-witness/ci", replay_armored);
    static void (*const parts[])(struct run *) = {
        replay_ct_reference,  replay_example_note, replay_sumdb_notes, replay_checkpoint_grammar,
        replay_proof_grammar, replay_log,          replay_ed25519,     replay_cosignature,
        replay_requests,      replay_log_list,     replay_policies};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct pd_mark mark = pd_arena_mark(run->arena);
        parts[i](run);
        pd_arena_reset(run->arena, mark);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: ledger_vectors DIR\n");
        return 64;
    }
    struct run run = {.root = argv[1], .arena = pd_arena_new(ARENA_MAX)};
    struct stat info;
    if (!run.arena) {
        fprintf(stderr, "ledger_vectors: out of memory\n");
        return 70;
    }
    if (stat(run.root, &info) == 0 && S_ISDIR(info.st_mode)) {
        replay_all(&run);
    } else {
        printf("skipped: there is no folder %s\n", run.root);
        run.skipped++;
    }
    pd_arena_free(run.arena);
    printf("%zu passed, %zu failed, %zu skipped\n", run.passed, run.failed, run.skipped);
    return run.failed > 0;
}
