/**
 * serve/: the node as a service. Who asks, whether the law of the node lets them, which handle of
 * the node the answer is read with, what is kept of answers, what is counted of them.
 *
 * A face (api/, portal/) is a table of routes with handlers, and knows nothing of sockets, sessions,
 * threads or caches. A handler reads: parse, authorise what the route couldn't know, act, render.
 */
#ifndef POLDER_SERVE_H
#define POLDER_SERVE_H

#include "account/account.h"
#include "govern/govern.h"
#include "http/http.h"

struct serve;
struct serve_route;

/** One request in work. Lives until the handler returned. */
struct serve_call {
    const struct http_request *request;
    struct http_response *response;
    struct serve *serve;
    const struct serve_route *route;
    struct govern *g; /* this thread's handle, whose acts go to the writer; NULL for SERVE_QUICK */
    struct account_who who; /* by the session's cookie, or Authorization: Bearer */
    bool is_known;        /* `who` is set */
    bool is_before_body;  /* asked only whether an upload may come */
    const char *language; /* "en", "zh": by ?lang=, else the cookie "lang", else Accept-Language */
    struct pd_arena *arena;
    pd_time now;
};

/* ---- The table of routes ---- */

/** What a field of a query, a form or a JSON body may be; OpenAPI is made from these. */
enum serve_type {
    SERVE_TEXT,    /* at most `max` bytes (0: 1,000) */
    SERVE_ID,      /* an id of this node, a UUID */
    SERVE_INTEGER, /* from 0 to `max` (0: 2^53 - 1) */
    SERVE_BOOL,
    SERVE_TIME,     /* RFC 3339 */
    SERVE_TEXTS,    /* array of at most `max` texts (0: 100) of at most 1,000 bytes */
    SERVE_TEXT_MAP, /* object whose values are texts of at most `max` bytes (0: 1,000): facts, titles by language */
    SERVE_JSON,     /* object of a schema of its own, whose address is `values`; whoever reads it checks it */
    SERVE_ANY       /* answers only: described in words */
};
struct serve_field {
    const char *name; /* NULL ends a list */
    enum serve_type type;
    bool is_required;
    const char *about; /* one sentence */
    size_t max;
    const char *values; /* the only texts there are, separated by spaces; NULL: any */
};
/** What the OpenAPI document says of a route; bodies and queries are held against it, too. */
struct serve_doc {
    const char *id;      /* operationId */
    const char *tag;     /* "datasets" */
    const char *summary; /* one line */
    const char *about;   /* more, or NULL */
    const struct serve_field *query, *body; /* NULL: none */
    const struct serve_field *gives;        /* members of the answer; NULL: described by `type` */
    const char *type;                       /* of the answer; NULL: application/json */
    int status;                             /* of success; 0: 200 */
};

enum serve_flag {
    SERVE_CACHED = 1, /* GET: the answer to whoever isn't signed in is kept until the next act */
    SERVE_QUICK = 2,  /* runs on the socket's thread with g NULL: for what is in memory */
    SERVE_FORM = 4,   /* the body is a form, urlencoded or multipart: serve_form */
    SERVE_UPLOAD = 8, /* the body, or the one file of its form, is spooled: serve_upload */
    SERVE_PAGE = 16,  /* for people: refusals are pages, who isn't known is sent to sign in */
    SERVE_HEAVY = 64, /* takes long, or asks other machines: it has threads of its own */
    SERVE_OPEN = 32   /* unsafe, for whoever isn't signed in too: signing in, a public question */
};
struct serve_route {
    const char *method, *path; /* as struct http_route */
    size_t body_max;           /* bytes; of a SERVE_UPLOAD those of the other fields */
    unsigned flags;
    const char *action; /* what govern_may is asked for before the handler; NULL: nothing */
    void (*handle)(struct serve_call *call);
    const struct serve_doc *doc; /* NULL: not of the API */
};
struct serve_table {
    const struct serve_route *routes;
    size_t count;
};

/* ---- Starting and ending ---- */

struct serve_config {
    const char *folder, *database; /* as govern_writer_open */
    const char *holder;            /* words for the lock; the address is added */
    const char *listen;            /* as struct http_config */
    const char *tls_cert, *tls_key; /* files in PEM; NULL: no TLS */
    const struct serve_table *tables;
    size_t table_count;
    uint64_t upload_max; /* bytes; 0: 16 GiB */
    bool is_behind_proxy; /* the last of X-Forwarded-For is believed, and that TLS is spoken there */
    unsigned rate;        /* requests a second of one address, and of one token; 0: no limit */
    unsigned address_connections; /* at a time of one address; 0: no limit */
    bool is_quiet;        /* no access log */
    struct pd_clock clock;
    /** Renders a refusal for people (SERVE_PAGE, and unknown addresses asked for by a browser); g may
     * be NULL. NULL: problem documents for everybody. */
    void (*refuse)(struct serve_call *call, int status, const char *detail);
};
/** Opens the node as its one writer and serves until serve_stop. Tables are borrowed. As
 * govern_writer_open and http_start. */
PD_CHECK enum pd_status serve_start(const struct serve_config *config, struct serve **out,
                                    struct pd_error *err);
int serve_port(const struct serve *serve);
/** Takes no more connections, ends what is under way (at most wait_ms), closes the node. NULL is
 * fine. */
void serve_stop(struct serve *serve, unsigned wait_ms);

/* ---- What handlers use ---- */

/** The refusal of an error; a page or a problem document. */
void serve_fail(struct serve_call *call, const struct pd_error *err);
/** The same with a status code of HTTP. */
void serve_problem(struct serve_call *call, int status, const char *detail);
/** 303, for after a form; `to` is a path of this server. */
void serve_redirect(struct serve_call *call, pd_str to);
/** Answers with what was written; clears the writer and its buffer. */
void serve_json(struct serve_call *call, int status, struct pd_json *w);

struct json_t; /* jansson's */
/** The JSON body, held against the route's doc; the caller's (json_decref). False: refused. */
bool serve_body(struct serve_call *call, struct json_t **out);
/** A text of it; empty: there is none. Lives as long as the body. */
pd_str serve_text(const struct json_t *body, const char *name);

/** The value of a cookie; empty: there is none. */
pd_str serve_cookie(const struct serve_call *call, const char *name);
/** Adds Set-Cookie: HttpOnly, SameSite=Lax, Path=/, and Secure unless serve_is_plain. max_age_s 0:
 * ends it. For what is no secret, such as the language: sessions' are of account/. */
void serve_set_cookie(struct serve_call *call, const char *name, pd_str value, int64_t max_age_s);
/** Whether the server is reached without TLS, at a loopback address only (account_cookie_write). */
bool serve_is_plain(const struct serve *serve);
/** The client's address, or what the proxy says of it: for waits, never for logs. */
pd_str serve_address(const struct serve_call *call);
/** To be called after a token was revoked or an account locked, before the answer: what is kept of
 * credentials for a moment is asked of the database again. */
void serve_forget_credentials(struct serve *serve);
/** `who` if it is known, else NULL: as govern_may takes it. */
const struct account_who *serve_asker(const struct serve_call *call);
/** The strong entity tag of a representation, with its quotes. */
pd_str serve_tag(pd_str body, struct pd_arena *arena);
/** If-Match: false, and 412 is answered, if somebody else changed what is about to be changed. tag:
 * of the representation as it is now. Without the header: true. */
bool serve_matches(struct serve_call *call, pd_str tag);
/** Answers with a file of the vault, unsealed while it is sent; frees the reader. name: of the file. */
void serve_file(struct serve_call *call, struct store_reader *reader, uint64_t bytes, const char *type,
                pd_str name);

/* ---- Uploads ---- */

/** A file that came with this request (SERVE_UPLOAD). */
struct serve_upload {
    pd_id id;
    int fd;              /* its bytes, to be read once; closed afterwards */
    pd_str file;         /* as the client called it; may be empty, or no UTF-8 */
    uint64_t bytes;
    crypto_hash content; /* SHA-256 */
};
/** NULL: none came, or it was empty. Lives as long as the call. */
const struct serve_upload *serve_upload(struct serve_call *call);
/** Keeps it, sealed, for the party of who asks, until it is forgotten or a week has passed; a job
 * inspects it. token: its id, in the call's arena. PD_DENIED, PD_IO; PD_CONFLICT: the
 * Idempotency-Key was used for another one. */
PD_CHECK enum pd_status serve_upload_keep(struct serve_call *call, const struct serve_upload *upload,
                                          pd_str *token, struct pd_error *err);
/** The upload that was kept under this request's Idempotency-Key before. */
PD_CHECK enum pd_status serve_upload_repeat(struct serve_call *call, pd_str *token, bool *found,
                                            struct pd_error *err);
/** Opens what was kept, to be read once; the caller closes it. PD_NOT_FOUND: there is none of the
 * party of who asks. */
PD_CHECK enum pd_status serve_upload_find(struct serve_call *call, pd_str token, int *fd,
                                          struct pd_error *err);
/** What is known of it; in the call's arena. As serve_upload_find. */
struct serve_kept {
    pd_str id, party, file, content;
    pd_str key; /* wrapped */
    uint64_t bytes;
    pd_str state; /* "received", "inspected", "failed" */
    pd_str why;
    pd_str inspection; /* JSON, once inspected */
    pd_time made_at;
};
PD_CHECK enum pd_status serve_upload_look(struct serve_call *call, pd_str token,
                                          struct serve_kept *out, struct pd_error *err);
/** Removes what was kept; nothing happens if there is none. */
void serve_upload_forget(struct serve_call *call, pd_str token);

/** The same of what was stored as it came: a version whose original the node has, of who asks.
 * PD_NOT_FOUND: there is none of their party; PD_LIMIT. */
PD_CHECK enum pd_status serve_version_read(struct serve_call *call, pd_id version, pd_str *token,
                                           struct pd_error *err);

/* ---- Plans suggested for an upload ---- */

struct serve_suggest {
    pd_str upload;
    uint64_t k;             /* 0: at the knee of the curve */
    unsigned most_left_out; /* rows, in hundredths */
    uint64_t population;    /* of which the table is a sample; 0: nobody says */
};
struct serve_suggested {
    pd_str id, party;
    struct serve_suggest ask;
    pd_str state; /* "waiting", "ready", "failed" */
    pd_str why;
    pd_str json; /* as govern_suggestion_write, once it is ready */
    pd_time made_at;
};
/** A job searches it; it goes with the upload. PD_NOT_FOUND: there is no such upload of the party of
 * who asks. */
PD_CHECK enum pd_status serve_suggest(struct serve_call *call, const struct serve_suggest *ask,
                                      pd_str *id, struct pd_error *err);
/** In the call's arena. PD_NOT_FOUND, as for an upload. */
PD_CHECK enum pd_status serve_suggestion_look(struct serve_call *call, pd_str id,
                                              struct serve_suggested *out, struct pd_error *err);

/* ---- Sources ---- */

/** A table that the operator registered for a party; its members name it instead of sending a file.
 */
struct serve_source {
    pd_str name, party;
    pd_str location;      /* as source_open; no password */
    pd_str password_file; /* of postgresql://, by its whole path; empty: none */
    pd_time made_at;
};
/** Opens it once, to see that it can be read, and registers it. PD_USAGE, PD_DENIED: others may read
 * the password file; PD_CONFLICT: the name is taken; PD_NOT_FOUND: no such party; as source_open. */
PD_CHECK enum pd_status serve_source_add(struct store *store, const struct serve_source *s,
                                         const char *spool, struct pd_arena *arena,
                                         struct pd_error *err);
/** PD_NOT_FOUND. */
PD_CHECK enum pd_status serve_source_remove(struct store *store, pd_str name, struct pd_error *err);
/** By name, of one party or (empty) of all. */
PD_CHECK enum pd_status serve_sources(struct store *store, pd_str party, struct pd_arena *arena,
                                      const struct serve_source **out, size_t *count,
                                      struct pd_error *err);
/** Reads it into an upload of who asks, as if they had sent it. PD_NOT_FOUND: their party has none of
 * that name; PD_UNAVAILABLE: it can't be read now, and the log says why; else as serve_upload_keep. */
PD_CHECK enum pd_status serve_source_read(struct serve_call *call, pd_str name, pd_str *token,
                                          struct pd_error *err);

/** A field of the form (SERVE_FORM). False: there is none. */
bool serve_form(const struct serve_call *call, const char *name, pd_str *out);

#endif
