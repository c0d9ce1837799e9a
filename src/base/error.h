/**
 * Errors are values with a sentence: the status is for code to branch on, the text for a person.
 */
#ifndef POLDER_BASE_ERROR_H
#define POLDER_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PD_CHECK __attribute__((warn_unused_result))
#define PD_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

enum pd_status {
    PD_OK = 0,
    PD_USAGE,       /* the command line or request is not of the documented form */
    PD_INVALID,     /* the input is wrong; the text says where */
    PD_NOT_FOUND,   /* what was named does not exist */
    PD_DENIED,      /* law, rules or rights refuse */
    PD_OPEN,        /* not refused: a fact or a human judgement is missing */
    PD_CONFLICT,    /* somebody else was first; trying again may work */
    PD_LIMIT,       /* a stated limit was reached (size, depth, columns, memory) */
    PD_IO,          /* the machine failed us: disk full, permission, read error */
    PD_UNAVAILABLE, /* a service or a resource is not there now */
    PD_UNSUPPORTED, /* made by a newer Polder, or a form that this one does not read */
    PD_INTERNAL,    /* a bug in Polder, or content that fails its own proof */
    PD_STATUS_COUNT
};

/** How a status leaves the program: one table serves HTTP, the command line and the manual. */
struct pd_outcome {
    int http;          /* HTTP status code */
    int exit_code;     /* sysexits.h */
    const char *slug;  /* last segment of an RFC 9457 problem type */
    const char *means; /* one phrase for the manual */
};
const struct pd_outcome *pd_outcome_get(enum pd_status status);

enum { PD_ERROR_TEXT_SIZE = 1600 };

/**
 * Holds its text inline, so that reporting "out of memory" needs no memory. Zeroed = no error.
 * Texts may quote hostile input: ill-formed UTF-8 and control characters become '?'.
 */
struct pd_error {
    enum pd_status status;
    char text[PD_ERROR_TEXT_SIZE]; /* UTF-8, NUL-terminated, cut at a character boundary */
    const char *field; /* which member of what came in is at fault ("plan.k"); static; NULL: nobody says */
};

/**
 * Fills `err` (which may be NULL) and returns `status`, so that a failing line reads
 * `return pd_fail(err, PD_INVALID, "...", ...)`. `err` may be among the arguments' sources.
 */
PD_PRINTF(3, 4)
enum pd_status pd_fail(struct pd_error *err, enum pd_status status, const char *format, ...);

/** As pd_fail, and names the member that is at fault; field: lives for ever. */
PD_PRINTF(4, 5)
enum pd_status pd_fail_at(struct pd_error *err, enum pd_status status, const char *field,
                          const char *format, ...);

/** As pd_fail, and appends ": " and the text of errno as it was on entry. */
PD_PRINTF(3, 4)
enum pd_status pd_fail_errno(struct pd_error *err, enum pd_status status, const char *format, ...);

/** Puts "prefix: " before the text of an error that is set already; returns its status (PD_INTERNAL if
 * `err` is NULL or holds no error, so that a failure never turns into PD_OK). */
PD_PRINTF(2, 3) enum pd_status pd_wrap(struct pd_error *err, const char *format, ...);

/** The usual words for an allocation that failed or an arena that is full; returns PD_LIMIT. */
enum pd_status pd_fail_memory(struct pd_error *err);

#endif
