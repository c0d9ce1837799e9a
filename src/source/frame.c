/*
 * What the sandboxed reader and its parent say to each other, through one pipe: frames of a type, a
 * length and bytes. The parent believes the reader nothing: a reader that hostile bytes have taken
 * over can lie about the table's content, and do nothing else.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DATA = 'D', TALE = 'a', /* 'a' + enum source_tale */ END = 'Z' /* status, then words */ };

/* ---- The reader's side ---- */

static enum pd_status write_all(int fd, const char *bytes, size_t n, struct pd_error *err) {
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return pd_fail_errno(err, PD_IO, "answer");
        bytes += written;
        n -= (size_t)written;
    }
    return PD_OK;
}

static enum pd_status write_frame(int fd, char type, const char *bytes, size_t n,
                                  struct pd_error *err) {
    uint32_t length = (uint32_t)n;
    char frame[SOURCE_FRAME_HEAD + SOURCE_FRAME_MAX];
    frame[0] = type;
    memcpy(frame + 1, &length, sizeof(length));
    memcpy(frame + SOURCE_FRAME_HEAD, bytes, n);
    return write_all(fd, frame, SOURCE_FRAME_HEAD + n, err);
}

/* Small pieces are gathered: a frame for each row of a sheet would cost more than reading it. */
static enum pd_status flush(struct source_answer *a, struct pd_error *err) {
    size_t n = a->held;
    a->held = 0;
    return n > 0 ? write_frame(a->fd, DATA, a->bytes, n, err) : PD_OK;
}

static enum pd_status write_data(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct source_answer *a = context;
    enum pd_status st = PD_OK;
    while (st == PD_OK && n > 0) {
        size_t room = sizeof(a->bytes) - a->held, take = n < room ? n : room;
        memcpy(a->bytes + a->held, bytes, take);
        a->held += take;
        bytes += take;
        n -= take;
        if (a->held == sizeof(a->bytes))
            st = flush(a, err);
    }
    return st;
}

static enum pd_status write_tale(void *context, enum source_tale tale, pd_str text,
                                 struct pd_error *err) {
    struct source_answer *a = context;
    text = pd_str_sub(text, 0, SOURCE_FRAME_MAX);
    return write_frame(a->fd, (char)(TALE + (int)tale), text.data ? text.data : "", text.len, err);
}

struct source_sink source_answer_sink(struct source_answer *answer) {
    return (struct source_sink){answer, write_data, write_tale};
}

enum pd_status source_answer_end(struct source_answer *answer, enum pd_status status,
                                 const struct pd_error *what, struct pd_error *err) {
    char text[1 + PD_ERROR_TEXT_SIZE];
    size_t n = status == PD_OK ? 0 : strlen(what->text);
    text[0] = (char)status;
    memcpy(text + 1, what->text, n);
    enum pd_status st = status == PD_OK ? flush(answer, err) : PD_OK;
    return st == PD_OK ? write_frame(answer->fd, END, text, 1 + n, err) : st;
}

/* ---- The parent's side ---- */

struct source_frames {
    struct source_sink sink;
    char frame[SOURCE_FRAME_HEAD + SOURCE_FRAME_MAX];
    size_t have;
    bool has_ended;
    enum pd_status status;
    struct pd_error words;
};

struct source_frames *source_frames_new(const struct source_sink *sink) {
    struct source_frames *f = calloc(1, sizeof(*f));
    if (f != NULL)
        f->sink = *sink;
    return f;
}

void source_frames_free(struct source_frames *frames) {
    free(frames);
}

static enum pd_status take_frame(struct source_frames *f, pd_str payload, struct pd_error *err) {
    char type = f->frame[0];
    if (f->has_ended)
        return pd_fail(err, PD_INTERNAL, "the reader went on after its end");
    if (type == DATA)
        return f->sink.data(f->sink.context, payload.data, payload.len, err);
    if (type >= TALE && type < TALE + SOURCE_TALE_COUNT) {
        if (!pd_utf8_valid(payload, NULL))
            return pd_fail(err, PD_INTERNAL, "the reader told something that is not UTF-8");
        return f->sink.tell(f->sink.context, (enum source_tale)(type - TALE), payload, err);
    }
    if (type != END || payload.len == 0 || payload.data[0] < 0 ||
        payload.data[0] >= PD_STATUS_COUNT)
        return pd_fail(err, PD_INTERNAL, "the reader said something unknown");
    f->has_ended = true;
    f->status = (enum pd_status)payload.data[0];
    if (f->status != PD_OK)
        (void)pd_fail(&f->words, f->status, "%.*s", pd_arg(pd_str_sub(payload, 1, SIZE_MAX)));
    return PD_OK;
}

enum pd_status source_frames_take(void *frames, const char *bytes, size_t n, struct pd_error *err) {
    struct source_frames *f = frames;
    enum pd_status st = PD_OK;
    while (st == PD_OK && n > 0) {
        size_t want = SOURCE_FRAME_HEAD;
        uint32_t length = 0;
        if (f->have >= SOURCE_FRAME_HEAD) {
            memcpy(&length, f->frame + 1, sizeof(length));
            want += length;
        }
        size_t take = want - f->have < n ? want - f->have : n;
        memcpy(f->frame + f->have, bytes, take);
        f->have += take;
        bytes += take;
        n -= take;
        if (f->have < SOURCE_FRAME_HEAD)
            continue;
        memcpy(&length, f->frame + 1, sizeof(length));
        if (length > SOURCE_FRAME_MAX)
            return pd_fail(err, PD_INTERNAL, "the reader said too much at once");
        if (f->have == SOURCE_FRAME_HEAD + (size_t)length) {
            f->have = 0;
            st = take_frame(f, (pd_str){f->frame + SOURCE_FRAME_HEAD, length}, err);
        }
    }
    return st;
}

bool source_frames_ended(const struct source_frames *frames, enum pd_status *status,
                         struct pd_error *err) {
    if (!frames->has_ended || frames->have != 0)
        return false;
    *status = frames->status;
    if (frames->status != PD_OK)
        *err = frames->words;
    return true;
}
