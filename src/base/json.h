/**
 * JSON out: a streaming writer, with a canonical mode (RFC 8785) for what we sign.
 * JSON in: jansson behind limits.
 */
#ifndef POLDER_BASE_JSON_H
#define POLDER_BASE_JSON_H

#include "base/memory.h"

enum pd_json_mode {
    PD_JSON_COMPACT,
    PD_JSON_PRETTY,   /* two spaces; for people */
    PD_JSON_CANONICAL /* RFC 8785: members sorted by UTF-16 code units, no white space */
};
enum { PD_JSON_MAX_DEPTH = 64 };

/** Writes to `buf`; remembers misuse and overflow as buf->failed. Ends of objects sort if canonical. */
struct pd_json {
    struct pd_buf *buf;
    enum pd_json_mode mode;
    int depth;
    struct pd_json_frame {
        bool is_object;
        bool after_key;
        size_t count;
        size_t start;         /* offset in buf just after the opening bracket */
        size_t members_at;    /* canonical: where this object's members start in `members` */
    } frames[PD_JSON_MAX_DEPTH + 1]; /* [0] is the document itself */
    struct pd_buf members; /* canonical mode: offsets of members, see json.c */
};

void pd_json_init(struct pd_json *w, struct pd_buf *buf, enum pd_json_mode mode);
/** Frees what the writer holds (not buf). Needed after init, whatever happened. */
void pd_json_clear(struct pd_json *w);

void pd_json_object(struct pd_json *w);
void pd_json_object_end(struct pd_json *w);
void pd_json_array(struct pd_json *w);
void pd_json_array_end(struct pd_json *w);
void pd_json_key(struct pd_json *w, const char *key);
void pd_json_key_str(struct pd_json *w, pd_str key);
void pd_json_str(struct pd_json *w, pd_str s); /* invalid UTF-8 becomes U+FFFD */
void pd_json_text(struct pd_json *w, const char *zero_terminated);
void pd_json_bool(struct pd_json *w, bool b);
void pd_json_null(struct pd_json *w);
/** In canonical mode |n| > 2^53 - 1 is written as a string (DESIGN: leaves). */
void pd_json_i64(struct pd_json *w, int64_t n);
void pd_json_u64(struct pd_json *w, uint64_t n);
/**
 * Shortest digits that read back the same, in ECMAScript's form (RFC 8785 3.2.2.3); NaN/inf = null.
 * A whole double beyond 2^53 stays a number, which pd_json_parse reads as an integer or refuses: what
 * is signed should carry such values as text.
 */
void pd_json_double(struct pd_json *w, double d);
void pd_json_hex(struct pd_json *w, const void *bytes, size_t n);    /* as a string */
void pd_json_base64(struct pd_json *w, const void *bytes, size_t n); /* as a string */
void pd_json_time(struct pd_json *w, int64_t time_us);               /* RFC 3339, whole seconds */
/** Pastes a piece that is known to be JSON already (in canonical mode: canonical JSON). */
void pd_json_raw(struct pd_json *w, pd_str json);

/* Key and value in one line, for the many objects that are flat. */
void pd_json_member_str(struct pd_json *w, const char *key, pd_str value);
void pd_json_member_text(struct pd_json *w, const char *key, const char *value);
void pd_json_member_i64(struct pd_json *w, const char *key, int64_t value);
void pd_json_member_bool(struct pd_json *w, const char *key, bool value);
void pd_json_member_double(struct pd_json *w, const char *key, double value);

/**
 * Ends what was begun with pd_json_init: copies the text into `arena` and clears writer and buffer,
 * whatever happened. PD_LIMIT.
 */
PD_CHECK enum pd_status pd_json_finish(struct pd_json *w, struct pd_arena *arena, pd_str *out,
                                       struct pd_error *err);

struct json_t; /* jansson's; callers of pd_json_parse include <jansson.h> */

/**
 * Parses one JSON document with duplicate keys rejected and depth and size checked before jansson
 * sees it. max_depth <= 512. Integers need int64 (a larger one is PD_INVALID, never a double).
 * `*out` is owned by the caller (json_decref). PD_INVALID says line and column.
 */
PD_CHECK enum pd_status pd_json_parse(pd_str text, size_t max_bytes, int max_depth,
                                      struct json_t **out, struct pd_error *err);
/**
 * The next member of an object (`key` as written, without its quotes), or the next item of an array
 * (`key` is {NULL, 0}), as its text; `*rest` is the whole text at first. For what this program wrote,
 * where a tree of it would be wasted: what is passed over is not checked. False at the end.
 */
bool pd_json_next(pd_str *rest, pd_str *key, pd_str *value);
/**
 * The text of an object's member, in the same way. `name` holds nothing that JSON escapes.
 * {NULL, 0}: there is no such member, or the text is no object.
 */
pd_str pd_json_find(pd_str object, const char *name);
/**
 * Several members in one walk: `values[i]` is what pd_json_find gives for `names[i]`. What one
 * looks for in a long text should be looked for at once.
 */
void pd_json_find_all(pd_str object, const char *const *names, size_t count, pd_str *values);

/** A value that holds no others. */
struct pd_json_scalar {
    enum { PD_JSON_NULL, PD_JSON_BOOL, PD_JSON_INTEGER, PD_JSON_TEXT } kind;
    bool boolean;
    int64_t number;
    pd_str text; /* UTF-8; a view of what was read if it has no escapes, else in the arena */
};
/**
 * Reads one of them as strictly as pd_json_parse. PD_INVALID: it is none, or a number that is no
 * integer of 64 bits; or the arena is full, as it is then cut off.
 */
PD_CHECK enum pd_status pd_json_read(pd_str text, struct pd_arena *arena,
                                     struct pd_json_scalar *out);
/** A text, or {NULL, 0} for anything else. */
pd_str pd_json_read_text(pd_str text, struct pd_arena *arena);
/** Writes a jansson value through `w`. */
void pd_json_value(struct pd_json *w, const struct json_t *value);

#endif
