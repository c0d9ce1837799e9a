/* Checkpoints: C2SP tlog-checkpoint v1.0.0. */
#include "ledger/ledger_impl.h"
#include <inttypes.h>

/* Zero or more non-empty lines, each ending in LF. */
static enum pd_status check_extensions(pd_str extensions, struct pd_error *err) {
    pd_str line;
    while (extensions.len > 0) {
        if (!ledger_take_line(&extensions, &line))
            return pd_fail(err, PD_INVALID,
                           "the checkpoint's last line doesn't end in a line feed");
        if (line.len == 0)
            return pd_fail(err, PD_INVALID, "an extension line of the checkpoint is empty");
    }
    return PD_OK;
}

enum pd_status ledger_checkpoint_write(const struct ledger_checkpoint *checkpoint,
                                       struct pd_buf *out, struct pd_error *err) {
    enum pd_status st = ledger_check_origin(checkpoint->origin, err);
    if (st == PD_OK)
        st = ledger_check_lines(checkpoint->extensions, "the extension lines", err);
    if (st == PD_OK)
        st = check_extensions(checkpoint->extensions, err);
    if (st != PD_OK)
        return st;
    if (checkpoint->size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "a log has at most 2^62 leaves, not %" PRIu64,
                       checkpoint->size);
    pd_buf_str(out, checkpoint->origin);
    pd_buf_printf(out, "\n%" PRIu64 "\n", checkpoint->size);
    ledger_write_hash(&checkpoint->root, out);
    pd_buf_str(out, checkpoint->extensions);
    return pd_buf_check(out, err);
}

enum pd_status ledger_checkpoint_parse(pd_str text, struct ledger_checkpoint *out,
                                       struct pd_error *err) {
    pd_str size = {0}, root = {0}, rest = text;
    struct ledger_checkpoint checkpoint = {0};
    if (!ledger_take_line(&rest, &checkpoint.origin) || !ledger_take_line(&rest, &size) ||
        !ledger_take_line(&rest, &root))
        return pd_fail(
            err, PD_INVALID,
            "a checkpoint has three lines (origin, size, root), each ending in a line feed");
    enum pd_status st = ledger_check_lines(text, "the checkpoint", err);
    if (st == PD_OK)
        st = ledger_check_origin(checkpoint.origin, err);
    if (st == PD_OK)
        st = ledger_parse_count(size, "checkpoint line 2: the size", &checkpoint.size, err);
    if (st == PD_OK && !ledger_parse_hash(root, &checkpoint.root))
        st = pd_fail(err, PD_INVALID,
                     "checkpoint line 3: the root is not the padded base64 of 32 bytes");
    if (st == PD_OK)
        st = check_extensions(rest, err);
    if (st != PD_OK)
        return st;
    checkpoint.extensions = rest;
    *out = checkpoint;
    return PD_OK;
}

enum pd_status ledger_checkpoint_verify(pd_str note, pd_str origin, const struct ledger_vkey *key,
                                        struct ledger_checkpoint *out, struct pd_error *err) {
    struct ledger_note parsed;
    struct ledger_checkpoint checkpoint;
    /* A witness says that it saw a checkpoint, never that the checkpoint is the log's. */
    if (key->type != LEDGER_KEY_NOTE)
        return pd_fail(err, PD_INVALID, "the key of the witness \"%.*s\" is no log's key",
                       pd_arg(key->name));
    enum pd_status st = ledger_note_parse(note, &parsed, err);
    if (st == PD_OK)
        st = ledger_note_verify(&parsed, key, 1, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(parsed.text, &checkpoint, err);
    if (st != PD_OK)
        return pd_wrap(err, "checkpoint of \"%.*s\"", pd_arg(origin));
    if (!pd_str_eq(checkpoint.origin, origin))
        return pd_fail(err, PD_INVALID, "the checkpoint is of the log \"%.*s\", not of \"%.*s\"",
                       pd_arg(checkpoint.origin), pd_arg(origin));
    *out = checkpoint;
    return PD_OK;
}
