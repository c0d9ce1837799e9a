/* Offline proof files, c2sp.org/tlog-proof@v1: all that a stranger needs beside the entry and a
 * key. */
#include "ledger/ledger_impl.h"
#include <inttypes.h>
#include <string.h>

static const pd_str HEADER = PD_STR_INIT("c2sp.org/tlog-proof@v1");
static const pd_str EXTRA = PD_STR_INIT("extra ");
static const pd_str INDEX = PD_STR_INIT("index ");

static enum pd_status check_extra(pd_str base64, struct pd_error *err) {
    uint8_t bytes[3 * (LEDGER_BASE64_MAX / 4)];
    size_t n;
    if (base64.len > LEDGER_BASE64_MAX)
        return pd_fail(err, PD_LIMIT,
                       "the \"extra\" line has %zu base64 characters; %d are the limit", base64.len,
                       LEDGER_BASE64_MAX);
    if (!pd_base64_decode(base64, bytes, &n))
        return pd_fail(err, PD_INVALID, "what follows \"extra\" is not padded base64");
    return PD_OK;
}

enum pd_status ledger_offline_write(const struct ledger_offline *offline, struct pd_buf *out,
                                    struct pd_error *err) {
    if (offline->proof.count > LEDGER_PROOF_MAX || offline->index >= LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT,
                       "an inclusion proof has at most %d hashes and an index below 2^62",
                       LEDGER_PROOF_MAX);
    pd_buf_str(out, HEADER);
    pd_buf_char(out, '\n');
    if (offline->extra.data) {
        enum pd_status st = check_extra(offline->extra, err);
        if (st != PD_OK)
            return st;
        pd_buf_str(out, EXTRA);
        pd_buf_str(out, offline->extra);
        pd_buf_char(out, '\n');
    }
    pd_buf_str(out, INDEX);
    pd_buf_printf(out, "%" PRIu64 "\n", offline->index);
    for (size_t i = 0; i < offline->proof.count; i++)
        ledger_write_hash(&offline->proof.hashes[i], out);
    pd_buf_char(out, '\n');
    pd_buf_str(out, offline->checkpoint);
    return pd_buf_check(out, err);
}

/* Header, "extra" if it is there, "index". */
static enum pd_status parse_head(pd_str *rest, struct ledger_offline *offline,
                                 struct pd_error *err) {
    pd_str line = {0};
    if (!ledger_take_line(rest, &line) || !pd_str_eq(line, HEADER))
        return pd_fail(err, PD_INVALID, "a proof file's first line is \"%.*s\"", pd_arg(HEADER));
    bool has_line = ledger_take_line(rest, &line);
    if (has_line && pd_str_starts(line, EXTRA)) {
        offline->extra = pd_str_sub(line, EXTRA.len, line.len);
        enum pd_status st = check_extra(offline->extra, err);
        if (st != PD_OK)
            return st;
        has_line = ledger_take_line(rest, &line);
    }
    if (!has_line || !pd_str_starts(line, INDEX))
        return pd_fail(err, PD_INVALID,
                       "the proof file has no line \"index NUMBER\" where it belongs");
    return ledger_parse_count(pd_str_sub(line, INDEX.len, line.len), "the proof's index",
                              &offline->index, err);
}

enum pd_status ledger_offline_parse(pd_str bytes, struct ledger_offline *out,
                                    struct pd_error *err) {
    if (bytes.len > LEDGER_OFFLINE_MAX)
        return pd_fail(err, PD_LIMIT, "the proof file has %zu bytes; %d are the limit", bytes.len,
                       LEDGER_OFFLINE_MAX);
    struct ledger_offline offline = {0};
    pd_str line, rest = bytes;
    enum pd_status st = parse_head(&rest, &offline, err);
    if (st != PD_OK)
        return st;
    for (;;) {
        if (!ledger_take_line(&rest, &line))
            return pd_fail(err, PD_INVALID, "no empty line follows the hashes of the proof file");
        if (line.len == 0)
            break;
        if (offline.proof.count == LEDGER_PROOF_MAX)
            return pd_fail(err, PD_LIMIT, "the proof file has more than %d hashes",
                           LEDGER_PROOF_MAX);
        if (!ledger_parse_hash(line, &offline.proof.hashes[offline.proof.count]))
            return pd_fail(err, PD_INVALID,
                           "hash %zu of the proof file is not the padded base64 of 32 bytes",
                           offline.proof.count + 1);
        offline.proof.count++;
    }
    if (rest.len == 0)
        return pd_fail(err, PD_INVALID, "the proof file ends before its checkpoint");
    offline.checkpoint = rest;
    *out = offline;
    return PD_OK;
}

enum pd_status ledger_offline_verify(const struct ledger_offline *offline, const crypto_hash *leaf,
                                     pd_str origin, const struct ledger_vkey *key,
                                     struct ledger_checkpoint *out, struct pd_error *err) {
    struct ledger_checkpoint checkpoint;
    enum pd_status st =
        ledger_checkpoint_verify(offline->checkpoint, origin, key, &checkpoint, err);
    if (st == PD_OK)
        st = ledger_verify_inclusion(offline->index, checkpoint.size, leaf, offline->proof.hashes,
                                     offline->proof.count, &checkpoint.root, err);
    if (st == PD_OK && out)
        *out = checkpoint;
    return st;
}

enum pd_status ledger_offline_verify_anchored(const struct ledger_offline *offline,
                                              const crypto_hash *leaf,
                                              const struct ledger_leaf *anchor,
                                              struct ledger_checkpoint *out, struct pd_error *err) {
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
    if (anchor->verb != LEDGER_ANCHOR || !anchor->has_log)
        return pd_fail(err, PD_INVALID, "the leaf of the second proof is no anchor of a log");
    enum pd_status st = ledger_note_parse(offline->checkpoint, &note, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(note.text, &checkpoint, err);
    if (st != PD_OK)
        return pd_wrap(err, "the checkpoint in the proof");
    if (!pd_str_eq(checkpoint.origin, anchor->log_origin))
        return pd_fail(err, PD_INTERNAL, "the proof is of the log \"%.*s\", the anchor of \"%.*s\"",
                       pd_arg(checkpoint.origin), pd_arg(anchor->log_origin));
    if (checkpoint.size != anchor->log_size ||
        memcmp(checkpoint.root.bytes, anchor->log_root.bytes, CRYPTO_HASH_SIZE) != 0)
        return pd_fail(err, PD_INTERNAL,
                       "the checkpoint in the proof is not the one that was anchored: it is of "
                       "%llu leaves, the anchor of %llu, or their roots differ",
                       (unsigned long long)checkpoint.size, (unsigned long long)anchor->log_size);
    st = ledger_verify_inclusion(offline->index, anchor->log_size, leaf, offline->proof.hashes,
                                 offline->proof.count, &anchor->log_root, err);
    if (st == PD_OK && out)
        *out = checkpoint;
    return st;
}
