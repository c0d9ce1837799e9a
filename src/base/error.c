#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/str.h"

static const struct pd_outcome outcomes[PD_STATUS_COUNT] = {
    [PD_OK] = {200, EX_OK, "ok", "done"},
    [PD_USAGE] = {400, EX_USAGE, "usage", "the command line or request is not of the stated form"},
    [PD_INVALID] = {400, EX_DATAERR, "invalid", "the input is wrong; the message says where"},
    [PD_NOT_FOUND] = {404, EX_NOINPUT, "not-found", "what was named does not exist"},
    [PD_DENIED] = {403, EX_NOPERM, "denied", "law, rules or rights refuse"},
    [PD_OPEN] = {409, EX_TEMPFAIL, "open", "a fact or a human judgement is missing"},
    [PD_CONFLICT] = {409, EX_TEMPFAIL, "conflict", "somebody else was first; try again"},
    [PD_LIMIT] = {413, EX_DATAERR, "limit", "a stated limit was reached"},
    [PD_IO] = {507, EX_IOERR, "io", "reading or writing failed: disk full, permission, device"},
    [PD_UNAVAILABLE] = {503, EX_UNAVAILABLE, "unavailable", "a service is not there now"},
    [PD_UNSUPPORTED] = {501, EX_CONFIG, "unsupported", "a form that this Polder does not read"},
    [PD_INTERNAL] = {500, EX_SOFTWARE, "internal",
                     "a fault in Polder, or content that fails its own proof"},
};

const struct pd_outcome *pd_outcome_get(enum pd_status status) {
    if ((unsigned)status >= PD_STATUS_COUNT)
        return &outcomes[PD_INTERNAL];
    return &outcomes[status];
}

/**
 * Keeps the promise of pd_error.text for text that may quote hostile bytes: well-formed UTF-8, and
 * no control characters with which a quoted value could steer the reader's terminal.
 */
static void clean(char *text, bool was_cut) {
    size_t len = strlen(text);
    size_t bad_at;
    for (size_t at = 0; !pd_utf8_valid((pd_str){text + at, len - at}, &bad_at); at++) {
        at += bad_at;
        if (was_cut && len - at < 4) {
            text[at] = '\0';
            len = at;
            break;
        }
        text[at] = '?';
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_c0 = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
        bool is_c1 = c == 0xc2 && (unsigned char)text[i + 1] < 0xa0;
        if (is_c0 || is_c1)
            text[i] = '?';
        if (is_c1)
            text[i + 1] = '?';
    }
}

PD_PRINTF(2, 0)
static void format_text(char out[PD_ERROR_TEXT_SIZE], const char *format, va_list args) {
    int n = vsnprintf(out, PD_ERROR_TEXT_SIZE, format, args);
    if (n < 0)
        snprintf(out, PD_ERROR_TEXT_SIZE, "(a message that could not be formatted)");
    clean(out, n >= PD_ERROR_TEXT_SIZE);
}

/** Joins two texts, which may both be parts of `out`'s own past. */
static void join_text(char out[PD_ERROR_TEXT_SIZE], const char *first, const char *second) {
    char joined[PD_ERROR_TEXT_SIZE];
    int n = snprintf(joined, sizeof(joined), "%s: %s", first, second);
    clean(joined, n >= PD_ERROR_TEXT_SIZE);
    memcpy(out, joined, sizeof(joined));
}

PD_PRINTF(4, 0)
static enum pd_status fail(struct pd_error *err, enum pd_status status, const char *field,
                           const char *format, va_list args) {
    assert(status != PD_OK);
    if (!err)
        return status;
    /* Not straight into err: the arguments may quote its present text. */
    char text[PD_ERROR_TEXT_SIZE];
    format_text(text, format, args);
    memcpy(err->text, text, sizeof(text));
    err->status = status;
    err->field = field;
    return status;
}

enum pd_status pd_fail(struct pd_error *err, enum pd_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fail(err, status, NULL, format, args);
    va_end(args);
    return status;
}

enum pd_status pd_fail_at(struct pd_error *err, enum pd_status status, const char *field,
                          const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fail(err, status, field, format, args);
    va_end(args);
    return status;
}

enum pd_status pd_fail_errno(struct pd_error *err, enum pd_status status, const char *format, ...) {
    int cause = errno;
    assert(status != PD_OK);
    if (!err)
        return status;
    char text[PD_ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    char words[128];
    join_text(err->text, text, strerror_r(cause, words, sizeof(words)));
    err->status = status;
    err->field = NULL;
    errno = cause;
    return status;
}

enum pd_status pd_wrap(struct pd_error *err, const char *format, ...) {
    if (!err)
        return PD_INTERNAL;
    /* Wrapping what is no error is a bug; it must not turn into a success. */
    if (err->status == PD_OK)
        err->status = PD_INTERNAL;
    char prefix[PD_ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    format_text(prefix, format, args);
    va_end(args);
    join_text(err->text, prefix, err->text);
    return err->status;
}

enum pd_status pd_fail_memory(struct pd_error *err) {
    return pd_fail(err, PD_LIMIT, "not enough memory for this request");
}
