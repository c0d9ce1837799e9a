/**
 * What the files of account/ share. Never leaves the room.
 */
#ifndef POLDER_ACCOUNT_IMPL_H
#define POLDER_ACCOUNT_IMPL_H

#include "account/account.h"

#include <stdio.h>
#include <string.h>

/* ---- secret.c: what is random, how it is written, how it is kept ---- */

enum {
    SECRET_BYTES = 32,
    SECRET_TEXT_LEN = 43, /* base64url without padding (RFC 4648 section 5) */
    SECRET_HASH_SIZE = 2 * CRYPTO_HASH_SIZE + 1,
    CODE_LETTERS = 20, /* of a one-time code: 100 bits */
};
/** base64url without padding. In `arena`; no data when it is full. */
pd_str secret_encode(const void *bytes, size_t n, struct pd_arena *arena);
/** The opposite, strict; at most `room` bytes. False: it is none, or longer. */
bool secret_decode(pd_str text, void *out, size_t room, size_t *n);
/** 256 random bits as text, behind a prefix. No data when the arena is full. */
pd_str secret_make(const char *prefix, struct pd_arena *arena);
/** Whether it is as secret_make wrote it: whatever isn't needs no look into the database. */
bool secret_is(pd_str text, const char *prefix);
/** SHA-256 of a text, as hex: what is kept of it. */
void secret_hash(pd_str text, char out[SECRET_HASH_SIZE]);
/** What follows from a secret for one use. */
crypto_hash secret_derive(pd_str secret, const char *use);
/** A one-time code, "K7QF2-...": letters and digits that aren't mistaken for one another. */
pd_str secret_code_make(struct pd_arena *arena);
/** The hash of a code as somebody typed it: in any case, with or without hyphens and spaces, O for
 * 0, I and L for 1. False: it is no code. */
bool secret_code_hash(pd_str typed, char out[SECRET_HASH_SIZE]);

/* ---- account.c ---- */

/** A row of `account` with its member. */
struct account_row {
    pd_id id;
    pd_str id_text, member_id, party, member, password, duties; /* duties: JSON */
    bool is_locked, has_ended;
};
enum account_key { ACCOUNT_OF_NAME, ACCOUNT_OF_ID, ACCOUNT_OF_INVITE };
/** By "party/member", the id, or the hash of an open invitation at `now`. PD_NOT_FOUND. */
PD_CHECK enum pd_status account_row_find(struct store *store, enum account_key by, pd_str value,
                                         pd_time now, struct pd_arena *arena,
                                         struct account_row *out, struct pd_error *err);
/** The codes of a JSON array of texts. */
PD_CHECK enum pd_status account_duties_parse(pd_str json, struct pd_arena *arena,
                                             const pd_str **out, size_t *count,
                                             struct pd_error *err);
/** Finds the member's account, or makes one without a password. Within a transaction. */
PD_CHECK enum pd_status account_ensure(struct store *store, pd_str party, pd_str member,
                                       pd_time now, struct pd_arena *arena, pd_str *id,
                                       struct pd_error *err);

/* ---- password.c ---- */

/** PD_INVALID: too short, too long, no UTF-8, or the name of its owner. */
PD_CHECK enum pd_status password_check(pd_str password, pd_str party, pd_str member,
                                       struct pd_error *err);
/** Whether it is the one of `encoded`; empty: of nobody, at the same cost. PD_UNAVAILABLE. */
PD_CHECK enum pd_status password_is(pd_str encoded, pd_str password, bool *is,
                                    struct pd_error *err);

/** Sets what crypto_password_hash wrote, closes the invitation, ends all sessions. Within a
 * transaction. */
PD_CHECK enum pd_status password_save(struct store *store, pd_str account, pd_str encoded,
                                      pd_time now, struct pd_error *err);

/* ---- session.c ---- */

/** Begins a session, and ends the one of `cookie`, if it isn't empty. Within a transaction. how:
 * "password", "invitation", "oidc". */
PD_CHECK enum pd_status session_begin(struct store *store, const struct account_row *account,
                                      const char *how, pd_str cookie, pd_time now,
                                      struct pd_arena *arena, struct account_session *out,
                                      struct pd_error *err);
/** Ends all sessions of an account. Within a transaction or not. */
PD_CHECK enum pd_status session_end_all(struct store *store, pd_str account, struct pd_error *err);

/* ---- throttle.c ---- */

/** What a try is held against; hashes of what they are about. */
struct throttle {
    char pair[SECRET_HASH_SIZE], address[SECRET_HASH_SIZE], name[SECRET_HASH_SIZE];
};
/** name: of the account or, if it was tried by code, empty. */
PD_CHECK enum pd_status throttle_make(struct store *store, pd_str name, pd_str address, pd_time now,
                                      struct throttle *out, struct pd_error *err);
/** In how many seconds the next try is looked at; 0: now. */
PD_CHECK enum pd_status throttle_wait(struct store *store, const struct throttle *t, pd_time now,
                                      int64_t *wait_s, struct pd_error *err);
/** Keeps how a try went, and says how long the next one waits. */
PD_CHECK enum pd_status throttle_told(struct store *store, const struct throttle *t, bool worked,
                                      pd_time now, int64_t *wait_s, struct pd_error *err);

/* ---- provider.c ---- */

/** With its secret. PD_NOT_FOUND. */
PD_CHECK enum pd_status provider_find(struct store *store, pd_str id, struct pd_arena *arena,
                                      struct account_provider *out, struct pd_error *err);
/** The id of the account that a subject is linked to. PD_NOT_FOUND. */
PD_CHECK enum pd_status link_find(struct store *store, pd_str issuer, pd_str subject,
                                  struct pd_arena *arena, pd_str *account, struct pd_error *err);
/** Links it, within a transaction; PD_OK also if it was. PD_CONFLICT: to another account. */
PD_CHECK enum pd_status link_add(struct store *store, pd_str account, pd_str issuer, pd_str subject,
                                 pd_time now, struct pd_arena *arena, struct pd_error *err);

/* ---- cookie.c ---- */

pd_str cookie_find(pd_str header, const char *name);
pd_str cookie_write(const char *name, pd_str secret, bool is_plain, int64_t max_age_s,
                    struct pd_arena *arena);

#endif
