/* What opening a source gathers: the stream in a spool, and what was told about it. */
#include "source/source_impl.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static enum pd_status take_data(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct source_intake *in = context;
    if (n > in->limit - in->size)
        return pd_fail(err, PD_LIMIT, "more than %" PRIu64 " bytes come out of it", in->limit);
    in->size += n;
    /* A row of a sheet that is repeated a million times is a bomb, too. */
    struct source_ratio ratio = {in->input_size, in->size};
    enum pd_status st = in->input_size > 0 ? source_ratio_check(&ratio, err) : PD_OK;
    return st == PD_OK ? source_spool_add(in->spool, bytes, n, err) : st;
}

static enum pd_status append(struct source_intake *in, pd_str **list, size_t *count, size_t most,
                             pd_str text, struct pd_error *err) {
    if (*count == most)
        return PD_OK;                   /* told by their number elsewhere */
    if ((*count & (*count - 1)) == 0) { /* full at each power of two */
        pd_str *grown = pd_arena_array(in->arena, *count ? 2 * *count : 1, sizeof(*grown));
        if (!grown)
            return pd_fail_memory(err);
        for (size_t i = 0; i < *count; i++)
            grown[i] = (*list)[i];
        *list = grown;
    }
    (*list)[(*count)++] = text;
    return PD_OK;
}

static enum pd_status take_tale(void *context, enum source_tale tale, pd_str text,
                                struct pd_error *err) {
    struct source_intake *in = context;
    in->told_bytes += text.len;
    if (in->told_bytes > SOURCE_TALES_BYTES)
        return pd_fail(err, PD_LIMIT, "there is more to tell about it than %d bytes",
                       SOURCE_TALES_BYTES);
    pd_str kept = pd_arena_str(in->arena, text);
    if (!kept.data)
        return pd_fail_memory(err);
    switch (tale) {
    case SOURCE_TELLS_FORM:
        in->form = source_form_of_code(text);
        in->has_form = in->form != SOURCE_FORM_COUNT;
        return in->has_form ? PD_OK : pd_fail(err, PD_INTERNAL, "the reader named no form");
    case SOURCE_TELLS_PART:
        in->part = kept;
        return PD_OK;
    case SOURCE_TELLS_OTHER:
        return append(in, &in->others, &in->other_count, SOURCE_PARTS_MAX, kept, err);
    case SOURCE_TELLS_NOTE:
        return append(in, &in->notes, &in->note_count, SOURCE_NOTES_MAX, kept, err);
    case SOURCE_TELLS_CANONICAL:
        in->is_canonical = true;
        return PD_OK;
    case SOURCE_TALE_COUNT:
        break;
    }
    return PD_OK;
}

struct source_sink source_intake_sink(struct source_intake *intake) {
    return (struct source_sink){intake, take_data, take_tale};
}

enum pd_status source_note(const struct source_sink *sink, struct pd_error *err, const char *format,
                           ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n < 0)
        return PD_OK;
    pd_str note = {text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1};
    while (note.len > 0 && !pd_utf8_valid(note, NULL)) /* cut within a character */
        note.len--;
    return sink->tell(sink->context, SOURCE_TELLS_NOTE, note, err);
}
