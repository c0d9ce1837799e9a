/**
 * account/: how a member proves who they are. Passwords, sessions, API tokens, and OpenID Connect.
 *
 * An account is a credential of a governed member: what the member may do stands in the member's
 * duties and in the law (govern_may), never here. The tables of this room are operational; every
 * secret in them is a hash. A member who has ended, and a locked account, are nobody.
 *
 * Signing in and setting a password cost a tenth of a second of processor time and 64 MiB
 * (Argon2id): call them from worker threads. All functions take the store of the calling thread,
 * opened for writing unless stated, outside of a transaction. What lives in `arena` is so stated;
 * what holds secrets is the caller's to keep out of logs. Errors as store_run besides those named.
 */
#ifndef POLDER_ACCOUNT_H
#define POLDER_ACCOUNT_H

#include "store/store.h"

enum {
    ACCOUNT_PASSWORD_MIN = 12,   /* code points */
    ACCOUNT_PASSWORD_MAX = 1024, /* bytes */
    ACCOUNT_NAME_MAX = 257,      /* bytes of "party/member" */
    ACCOUNT_TITLE_MAX = 200,     /* bytes of a token's title */
    ACCOUNT_SCOPES_MAX = 1000,   /* bytes */
    ACCOUNT_TOKENS_MAX = 100,    /* that one account holds and that have not expired */
};
#define ACCOUNT_SESSION_IDLE   (30 * 60 * PD_SECOND)   /* without a request, then it is over */
#define ACCOUNT_SESSION_LONG   (12 * 3600 * PD_SECOND) /* in all */
#define ACCOUNT_INVITE_DEFAULT (7 * PD_DAY)
#define ACCOUNT_TOKEN_LONGEST  (366 * PD_DAY)

/* ---- Who asks ---- */

enum account_how { ACCOUNT_BY_SESSION, ACCOUNT_BY_TOKEN };

/** Who asks; views live in the arena. */
struct account_who {
    pd_id account_id;
    pd_id credential_id; /* the session or the token: it may be named in logs */
    pd_str member_id;
    pd_str party, member; /* their codes */
    enum account_how how;
    const pd_str *duties;
    size_t duty_count;
    pd_str scopes; /* of a token: actions separated by spaces; of a session empty: no limit */
    pd_str csrf;   /* of a session: for forms (account_csrf_is); another text each time */
    pd_str cookie; /* of a session that got another: what the answer must set; else empty */
    pd_time expires_at;
};
bool account_has_duty(const struct account_who *who, const char *duty);
/** Whether the token's scopes name the action; a session is not limited. */
bool account_in_scope(const struct account_who *who, pd_str action);

/**
 * Who a session's cookie belongs to. The cookie is made anew when the member's duties have changed
 * since it was made: `out->cookie` must then be sent (account_cookie_write); the old one goes on
 * for a minute, for requests under way.
 *
 * secret: the cookie's value (account_cookie_find). store: opened for reading does, but then use is
 * not recorded and the session ends idle.
 * PD_NOT_FOUND: none, expired, signed out, of a member who ended or an account that is locked.
 */
PD_CHECK enum pd_status account_by_session(struct store *store, pd_str secret, pd_time now,
                                           struct pd_arena *arena, struct account_who *out,
                                           struct pd_error *err);
/** The same by an API token ("Authorization: Bearer ..."; without the first word). PD_NOT_FOUND:
 * none, expired, revoked, and as above. */
PD_CHECK enum pd_status account_by_token(struct store *store, pd_str secret, pd_time now,
                                         struct pd_arena *arena, struct account_who *out,
                                         struct pd_error *err);

/* ---- Cookies ---- */

/**
 * The session's cookie is "__Host-polder": Secure, HttpOnly, SameSite=Lax, Path=/. is_plain: the
 * variant for a demo over plain http on the loopback address, "polder", without Secure; a server
 * that is reachable from elsewhere must never use it.
 */
pd_str account_cookie_find(pd_str header, bool is_plain); /* in a Cookie header; empty: none */
/** The value of Set-Cookie; secret empty: takes the cookie back. In `arena`; no data when it is
 * full. */
pd_str account_cookie_write(pd_str secret, bool is_plain, struct pd_arena *arena);
/** Whether a form's token is of the session with this cookie; in constant time. */
bool account_csrf_is(pd_str secret, pd_str given);
/** A token for the forms of a session, as in account_who. */
pd_str account_csrf_make(pd_str secret, struct pd_arena *arena);

/* ---- Signing in and out ---- */

/** A session that has just begun. */
struct account_session {
    pd_str secret; /* for account_cookie_write, and nothing else */
    struct account_who who;
};

struct account_try {
    pd_str name;     /* "party/member" */
    pd_str password; /* the caller wipes it */
    pd_str address;  /* of the client, as text; kept only as an HMAC */
    pd_str cookie;   /* of a session that the client had; it ends. Or empty */
};
/**
 * Signs in. Whatever is wrong (no such name, no password, locked, ended, wrong password) gets the
 * same answer for the same work.
 *
 * Failures make the next try wait, longer each time: tries for one account from one address up to
 * 15 minutes, from one address up to a minute, for one account from anywhere up to half a minute.
 * The last doesn't bind addresses from which the account was signed in during the last 30 days, so
 * that nobody locks others out.
 *
 * wait_s: 0, or in how many seconds the next try is looked at.
 * PD_DENIED: the answer to all that; with wait_s > 0 and nothing looked at: too soon.
 */
PD_CHECK enum pd_status account_sign_in(struct store *store, const struct account_try *given,
                                        pd_time now, struct pd_arena *arena,
                                        struct account_session *out, int64_t *wait_s,
                                        struct pd_error *err);
/** Ends the session of this cookie; PD_OK also if there is none. */
PD_CHECK enum pd_status account_sign_out(struct store *store, pd_str secret, struct pd_error *err);
/** Ends every session of an account. */
PD_CHECK enum pd_status account_sign_out_everywhere(struct store *store, pd_id account,
                                                    struct pd_error *err);

/** The sessions of an account that have not expired, the newest first; in `arena`. */
struct account_open {
    pd_id id;
    pd_str how; /* "password", "invitation", "oidc" */
    pd_time made_at, used_at, expires_at;
};
PD_CHECK enum pd_status account_sessions(struct store *store, pd_id account, pd_time now,
                                         struct pd_arena *arena, const struct account_open **out,
                                         size_t *count, struct pd_error *err);

/* ---- Accounts ---- */

/** An account as lists tell of it. */
struct account {
    pd_id id;
    pd_str member_id, party, member;
    bool has_password, is_locked, has_ended; /* ended: the member */
    pd_time made_at, password_at;
    pd_time invite_until; /* 0: no invitation is open */
    uint64_t sessions, tokens, links;
};
/** party: NULL data: of all. By party and member; in `arena`. Reading is enough. */
PD_CHECK enum pd_status account_list(struct store *store, pd_str party, pd_time now,
                                     struct pd_arena *arena, const struct account **out,
                                     size_t *count, struct pd_error *err);
/** PD_NOT_FOUND: the member has none. Reading is enough. */
PD_CHECK enum pd_status account_find(struct store *store, pd_str party, pd_str member, pd_time now,
                                     struct pd_arena *arena, struct account *out,
                                     struct pd_error *err);

/**
 * Gives the member an account, if there is none, and a one-time code for its first (or a new)
 * password; an older code ceases. The code is shown once: 20 letters and digits in groups. At most
 * 30 days. PD_NOT_FOUND: no such member, or one who ended. PD_INVALID: the lifetime.
 */
PD_CHECK enum pd_status account_invite(struct store *store, pd_str party, pd_str member,
                                       pd_time lifetime, pd_time now, struct pd_arena *arena,
                                       pd_str *code, struct pd_error *err);
/**
 * Uses a code: sets the password, ends all sessions, signs in. address: as in account_try, and
 * waits likewise. PD_DENIED: no such code, used, expired, locked; PD_INVALID: the password is too
 * short, too long, or the name; the code is not used up then.
 */
PD_CHECK enum pd_status account_redeem(struct store *store, pd_str code, pd_str password,
                                       pd_str address, pd_time now, struct pd_arena *arena,
                                       struct account_session *out, int64_t *wait_s,
                                       struct pd_error *err);
/** By whoever holds the data folder: sets a password (and makes the account), ends all sessions.
 * PD_INVALID, PD_NOT_FOUND as above. */
PD_CHECK enum pd_status account_set_password(struct store *store, pd_str party, pd_str member,
                                             pd_str password, pd_time now, struct pd_error *err);
/** Whoever is signed in sets another; all sessions end and a new one begins. PD_DENIED: the old
 * one is wrong (waits as account_sign_in); PD_INVALID: the new one. */
PD_CHECK enum pd_status account_change_password(struct store *store, const struct account_who *who,
                                                pd_str old_password, pd_str new_password,
                                                pd_str address, pd_time now,
                                                struct pd_arena *arena, struct account_session *out,
                                                int64_t *wait_s, struct pd_error *err);
/** Locks an account (its sessions end, its tokens don't count) or unlocks it. PD_NOT_FOUND. */
PD_CHECK enum pd_status account_lock(struct store *store, pd_str party, pd_str member,
                                     bool is_locked, struct pd_error *err);

/* ---- API tokens ---- */

struct account_token {
    pd_id id;
    pd_str party, member, title, scopes;
    pd_time made_at, expires_at, used_at, revoked_at; /* 0: never, not */
};
/**
 * Makes a token for programs: "polder_" and 43 letters, shown once. scopes: actions separated by
 * single spaces, at least one; that they exist is the caller's to check. lifetime: at most
 * ACCOUNT_TOKEN_LONGEST. PD_INVALID; PD_LIMIT: the account has ACCOUNT_TOKENS_MAX; PD_NOT_FOUND: no
 * account, or it is locked or its member ended.
 */
PD_CHECK enum pd_status account_token_make(struct store *store, pd_str party, pd_str member,
                                           pd_str title, pd_str scopes, pd_time lifetime,
                                           pd_time now, struct pd_arena *arena, pd_str *secret,
                                           pd_id *id, struct pd_error *err);
/** Of one member, of a party (member without data), or of all (party without data). Reading is
 * enough. */
PD_CHECK enum pd_status account_tokens(struct store *store, pd_str party, pd_str member,
                                       struct pd_arena *arena, const struct account_token **out,
                                       size_t *count, struct pd_error *err);
/** account: whose it must be; NULL: anybody's. PD_NOT_FOUND: no such token, or of another account.
 * PD_OK also if it was revoked before. */
PD_CHECK enum pd_status account_token_revoke(struct store *store, pd_id id, const pd_id *account,
                                             pd_time now, struct pd_error *err);

/** Removes what has expired: sessions, flows, waits; for a job, now and then. */
PD_CHECK enum pd_status account_sweep(struct store *store, pd_time now, struct pd_error *err);

#include "account/oidc.h"

#endif
