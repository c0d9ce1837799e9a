/*
 * Receipts: signed promises that a leaf will be in a log. Acts that are committed together are
 * promised by one signature: over the root of a tree (RFC 6962) whose entries are the promises, so
 * that each receipt holds by itself, with its path, and tells nothing of the others but how many.
 */
#include "ledger/ledger_impl.h"
#include <inttypes.h>
#include <string.h>

static const pd_str ALONE = PD_STR_INIT("polder-receipt/v1\n");
static const pd_str TOGETHER = PD_STR_INIT("polder-receipt/v2\n");
static const pd_str ROOT = PD_STR_INIT("polder-promises/v1\n");
static const pd_str INDEX = PD_STR_INIT("index ");

/* ---- Signing ---- */

/* Every complete subtree, level by level; level 0 are the promises. */
struct levels {
    crypto_hash *hashes[1 + LEDGER_PROMISES_LEVELS];
};

static enum pd_status get_hash(void *context, unsigned level, uint64_t index, crypto_hash *out,
                               struct pd_error *err) {
    const struct levels *levels = context;
    (void)err;
    *out = levels->hashes[level][index];
    return PD_OK;
}

static enum pd_status hash_all(const pd_str *lines, size_t count, struct pd_arena *arena,
                               struct levels *levels, struct pd_error *err) {
    for (size_t level = 0, n = count; n > 0; level++, n /= 2) {
        crypto_hash *hashes = levels->hashes[level] = pd_arena_array(arena, n, sizeof(*hashes));
        if (!hashes)
            return pd_fail_memory(err);
        for (size_t i = 0; i < n; i++) {
            if (level > 0) {
                const crypto_hash *below = levels->hashes[level - 1];
                hashes[i] = ledger_hash_node(&below[2 * i], &below[2 * i + 1]);
                continue;
            }
            char *promise = pd_arena_alloc(arena, TOGETHER.len + lines[i].len);
            if (!promise)
                return pd_fail_memory(err);
            memcpy(promise, TOGETHER.data, TOGETHER.len);
            memcpy(promise + TOGETHER.len, lines[i].data, lines[i].len);
            enum pd_status st =
                ledger_hash_leaf((pd_str){promise, TOGETHER.len + lines[i].len}, &hashes[i], err);
            if (st != PD_OK)
                return st;
        }
    }
    return PD_OK;
}

static enum pd_status sign(pd_str text, const struct ledger_skey *key, struct pd_arena *arena,
                           pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    pd_buf_init(&buf, LEDGER_NOTE_MAX);
    enum pd_status st = text.data ? ledger_note_sign(text, key, 1, &buf, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, pd_buf_view(&buf));
        st = out->data ? PD_OK : pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

static enum pd_status write_one(pd_str lines, const struct ledger_reader *reader, uint64_t index,
                                uint64_t size, pd_str note, struct pd_arena *arena, pd_str *out,
                                struct pd_error *err) {
    struct ledger_proof path;
    struct pd_buf buf;
    enum pd_status st = ledger_prove_inclusion(reader, index, size, &path, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, LEDGER_NOTE_MAX);
    pd_buf_str(&buf, TOGETHER);
    pd_buf_str(&buf, lines);
    pd_buf_str(&buf, INDEX);
    pd_buf_printf(&buf, "%" PRIu64 "\n", index);
    for (size_t i = 0; i < path.count; i++)
        ledger_write_hash(&path.hashes[i], &buf);
    pd_buf_char(&buf, '\n');
    pd_buf_str(&buf, note);
    st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, pd_buf_view(&buf));
        st = out->data ? PD_OK : pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

enum pd_status ledger_promises_sign(const pd_str *lines, size_t count,
                                    const struct ledger_skey *key, struct pd_arena *arena,
                                    pd_str *receipts, struct pd_error *err) {
    struct levels levels = {0};
    const struct ledger_reader reader = {get_hash, &levels};
    if (count == 1)
        return sign(pd_arena_printf(arena, "%.*s%.*s", pd_arg(ALONE), pd_arg(lines[0])), key, arena,
                    receipts, err);
    if (count > (size_t)1 << LEDGER_PROMISES_LEVELS)
        return pd_fail(err, PD_LIMIT, "at most %d promises are signed together, not %zu",
                       1 << LEDGER_PROMISES_LEVELS, count);
    enum pd_status st = hash_all(lines, count, arena, &levels, err);
    crypto_hash root;
    if (st == PD_OK)
        st = ledger_tree_root(&reader, count, &root, err);
    if (st != PD_OK)
        return st;
    char base64[LEDGER_HASH_BASE64 + 1];
    pd_base64_encode(root.bytes, sizeof(root.bytes), base64);
    pd_str note;
    st = sign(pd_arena_printf(arena, "%.*s%zu\n%s\n", pd_arg(ROOT), count, base64), key, arena,
              &note, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = write_one(lines[i], &reader, i, count, note, arena, &receipts[i], err);
    return st;
}

/* ---- Verifying ---- */

static enum pd_status open_note(pd_str bytes, const struct ledger_vkey *key, pd_str *text,
                                struct pd_error *err) {
    struct ledger_note note;
    enum pd_status st = ledger_note_parse(bytes, &note, err);
    if (st == PD_OK)
        st = ledger_note_verify(&note, key, 1, err);
    if (st == PD_OK)
        *text = note.text;
    return st;
}

/* The same bytes by the same key: what was found of them then holds. */
static bool was_seen(const struct ledger_promises_seen *seen, pd_str note,
                     const struct ledger_vkey *key) {
    return seen && seen->note_len > 0 && pd_str_eq((pd_str){seen->note, seen->note_len}, note) &&
           pd_str_eq((pd_str){seen->name, seen->name_len}, key->name) &&
           memcmp(seen->public_key, key->public_key, sizeof(seen->public_key)) == 0;
}

/* Longer ones, which no Polder writes, are verified each time. */
static void remember(struct ledger_promises_seen *seen, pd_str note, size_t text_len,
                     const struct ledger_vkey *key) {
    if (!seen || note.len > sizeof(seen->note) || key->name.len > sizeof(seen->name))
        return;
    memcpy(seen->public_key, key->public_key, sizeof(seen->public_key));
    memcpy(seen->name, key->name.data, key->name.len);
    memcpy(seen->note, note.data, note.len);
    seen->name_len = key->name.len;
    seen->note_len = note.len;
    seen->text_len = text_len;
}

/* Of the signed root that receipts of a group share. */
static enum pd_status open_promises(pd_str note, const struct ledger_vkey *key,
                                    struct ledger_promises_seen *seen, pd_str *text,
                                    struct pd_error *err) {
    if (was_seen(seen, note, key)) {
        *text = pd_str_sub(note, 0, seen->text_len);
        return PD_OK;
    }
    enum pd_status st = open_note(note, key, text, err);
    if (st == PD_OK)
        remember(seen, note, text->len, key);
    return st;
}

struct path {
    pd_str promise; /* with its first line */
    uint64_t index;
    struct ledger_proof proof;
    pd_str note;
};

static enum pd_status parse_path(pd_str receipt, struct path *out, struct pd_error *err) {
    pd_str rest = receipt, line;
    do {
        out->promise = pd_str_sub(receipt, 0, receipt.len - rest.len);
        if (!ledger_take_line(&rest, &line) || line.len == 0)
            return pd_fail(err, PD_INVALID, "the receipt has no line \"index NUMBER\"");
    } while (!pd_str_starts(line, INDEX));
    enum pd_status st = ledger_parse_count(pd_str_sub(line, INDEX.len, line.len),
                                           "the receipt's index", &out->index, err);
    out->proof.count = 0;
    while (st == PD_OK) {
        if (!ledger_take_line(&rest, &line))
            return pd_fail(err, PD_INVALID, "no empty line follows the hashes of the receipt");
        if (line.len == 0)
            break;
        if (out->proof.count == LEDGER_PROMISES_LEVELS ||
            !ledger_parse_hash(line, &out->proof.hashes[out->proof.count]))
            return pd_fail(err, PD_INVALID,
                           "hash %zu of the receipt is not one of at most %d, each the padded "
                           "base64 of 32 bytes",
                           out->proof.count + 1, LEDGER_PROMISES_LEVELS);
        out->proof.count++;
    }
    out->note = rest;
    return st;
}

/* "polder-promises/v1", how many, their root. */
static enum pd_status parse_root(pd_str text, uint64_t *size, crypto_hash *root,
                                 struct pd_error *err) {
    pd_str rest = text, count = {0}, hash = {0};
    bool is_whole = pd_str_starts(text, ROOT);
    if (is_whole) {
        rest = pd_str_sub(text, ROOT.len, text.len);
        is_whole = ledger_take_line(&rest, &count) && ledger_take_line(&rest, &hash) &&
                   rest.len == 0 && ledger_parse_hash(hash, root);
    }
    if (!is_whole)
        return pd_fail(err, PD_INVALID, "what the receipt is signed with is no root of promises");
    return ledger_parse_count(count, "the number of promises", size, err);
}

enum pd_status ledger_receipt_verify(pd_str receipt, const struct ledger_vkey *key,
                                     struct ledger_promises_seen *seen, pd_str *lines,
                                     struct pd_error *err) {
    struct path path;
    crypto_hash leaf, root;
    uint64_t size;
    pd_str text;
    if (receipt.len > LEDGER_NOTE_MAX)
        return pd_fail(err, PD_LIMIT, "the receipt has %zu bytes; %d are the limit", receipt.len,
                       LEDGER_NOTE_MAX);
    if (!pd_str_starts(receipt, TOGETHER)) {
        enum pd_status st = open_note(receipt, key, &text, err);
        if (st == PD_OK && !pd_str_starts(text, ALONE))
            st = pd_fail(err, PD_INVALID, "the note is signed, but it is no receipt");
        if (st == PD_OK)
            *lines = pd_str_sub(text, ALONE.len, text.len);
        return st;
    }
    enum pd_status st = parse_path(receipt, &path, err);
    if (st == PD_OK)
        st = open_promises(path.note, key, seen, &text, err);
    if (st == PD_OK)
        st = parse_root(text, &size, &root, err);
    if (st == PD_OK)
        st = ledger_hash_leaf(path.promise, &leaf, err);
    if (st == PD_OK)
        st = ledger_verify_inclusion(path.index, size, &leaf, path.proof.hashes, path.proof.count,
                                     &root, err);
    if (st == PD_OK)
        *lines = pd_str_sub(path.promise, TOGETHER.len, path.promise.len);
    return st;
}
