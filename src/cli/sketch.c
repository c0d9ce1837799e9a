/* Sketches of parts of a table, as files: each holds what one inspection saw. */
#include "cli/cli.h"

#include <string.h>

/* The widest table's sketch is below 60 KiB a column. */
#define SKETCH_MOST ((size_t)4 << 30)

struct part {
    const char *path;
    crypto_hash content;
};

static enum pd_status load(struct part *part, struct inspector **out, struct pd_error *err) {
    struct pd_buf bytes;
    pd_buf_init(&bytes, SKETCH_MOST);
    enum pd_status st = cli_file_load(part->path, &bytes, err);
    if (st == PD_OK) {
        part->content = crypto_sha256(bytes.data, bytes.len);
        st = inspector_load(pd_buf_view(&bytes), out, err);
        if (st != PD_OK)
            st = pd_wrap(err, "\"%s\"", part->path);
    }
    pd_buf_clear(&bytes);
    return st;
}

/* The same rows twice are no mistake that could be seen from their numbers; the same bytes are. */
static enum pd_status compare(struct cli *cli, const struct part *parts, size_t i, pd_str *notes,
                              size_t *note_count, struct pd_error *err) {
    for (size_t j = 0; j < i; j++) {
        if (memcmp(parts[i].content.bytes, parts[j].content.bytes, CRYPTO_HASH_SIZE) != 0)
            continue;
        pd_str note = pd_arena_printf(cli->arena,
                                      "\"%s\" and \"%s\" hold the same bytes: unless two parts of "
                                      "the table are equal, their rows are counted twice",
                                      parts[j].path, parts[i].path);
        if (!note.data)
            return pd_fail_memory(err);
        notes[(*note_count)++] = note;
        return PD_OK;
    }
    return PD_OK;
}

static enum pd_status add(struct part *parts, size_t i, struct inspector **into,
                          struct pd_error *err) {
    struct inspector *part = NULL;
    enum pd_status st = load(&parts[i], &part, err);
    if (st != PD_OK || !*into) {
        *into = st == PD_OK ? part : *into;
        return st;
    }
    st = inspector_merge(*into, part, err);
    inspector_free(part);
    if (st == PD_USAGE) /* what the operands hold is wrong, not how they were given */
        return pd_fail(err, PD_INVALID, "\"%s\" and \"%s\" are no parts of one table: %s",
                       parts[0].path, parts[i].path, err->text);
    return st;
}

enum pd_status cli_sketch_merge(struct cli *cli, const struct pd_args *args, struct inspector **out,
                                pd_str **notes, size_t *note_count, struct pd_error *err) {
    size_t count = pd_args_operands(args);
    struct part *parts = pd_arena_array(cli->arena, count, sizeof(*parts));
    *notes = pd_arena_array(cli->arena, count, sizeof(**notes));
    if (!parts || !*notes)
        return pd_fail_memory(err);
    struct inspector *whole = NULL;
    enum pd_status st = PD_OK;
    *note_count = 0;
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        parts[i].path = pd_args_operand(args, i);
        st = add(parts, i, &whole, err);
        if (st == PD_OK)
            st = compare(cli, parts, i, *notes, note_count, err);
    }
    if (st == PD_OK)
        *out = whole;
    else
        inspector_free(whole);
    return st;
}
