/** Shared by the files of ledger/ only. */
#ifndef POLDER_LEDGER_IMPL_H
#define POLDER_LEDGER_IMPL_H

#include "ledger/ledger.h"

enum { LEDGER_HASH_BASE64 = 44 }; /* characters of a 32-byte hash */

/** Decimal without sign or leading zeros, at most LEDGER_SIZE_MAX. `what` names it in the error. */
PD_CHECK enum pd_status ledger_parse_count(pd_str text, const char *what, uint64_t *out,
                                           struct pd_error *err);
/** 32 bytes in strict base64. */
bool ledger_parse_hash(pd_str text, crypto_hash *out);
/** Text, LF. */
void ledger_write_hash(const crypto_hash *hash, struct pd_buf *out);
/** Cuts the line before the next LF off `*rest`; false if there is no LF. */
bool ledger_take_line(pd_str *rest, pd_str *line);
/** 1..255 bytes of UTF-8 without control characters. */
PD_CHECK enum pd_status ledger_check_origin(pd_str origin, struct pd_error *err);
/** An origin without '+' or Unicode white space. */
PD_CHECK enum pd_status ledger_check_name(pd_str name, struct pd_error *err);
/** UTF-8 whose only control character is LF; the error gives line and byte. */
PD_CHECK enum pd_status ledger_check_lines(pd_str text, const char *what, struct pd_error *err);

/** A note's signature line: em dash, name, base64 of key id and signature; at most 76 bytes. */
enum { LEDGER_FIELD_BASE64_MAX = 104 };
void ledger_write_signature(pd_str name, const uint8_t *field, size_t n, struct pd_buf *out);

/** How every message begins that a cosigner signs (C2SP tlog-cosignature). */
extern const pd_str LEDGER_COSIGNATURE_HEAD;
/** Whether the field of a signature line is the key's cosignature of a note's text; `*time`. */
bool ledger_cosignature_verify(pd_str base64, pd_str text, const struct ledger_vkey *key,
                               uint64_t *time);

/** MTH(D[start, end)) of a range that a node of the tree covers. */
PD_CHECK enum pd_status ledger_hash_range(const struct ledger_reader *reader, uint64_t start,
                                          uint64_t end, crypto_hash *out, struct pd_error *err);
/** The split point k of RFC 6962: the largest power of two smaller than n, for n >= 2. */
uint64_t ledger_split(uint64_t n);
/** A proof is built from the root downwards, and given from the leaf's side upwards. */
PD_CHECK enum pd_status ledger_proof_add(struct ledger_proof *proof,
                                         const struct ledger_reader *reader, uint64_t start,
                                         uint64_t end, struct pd_error *err);
void ledger_proof_reverse(const struct ledger_proof *proof, struct ledger_proof *out);

/** What leaf_parse.c checks before and leaf.c before writing. */
PD_CHECK enum pd_status ledger_leaf_check(const struct ledger_leaf *leaf, struct pd_error *err);
/** The lowest version of the schema that can say this. */
int ledger_leaf_version(const struct ledger_leaf *leaf);
/** The newest version of the schema that this program writes and reads. */
enum { LEDGER_LEAF_NEWEST = 4 };
/** The first version that has a verb, or a kind, of the enum. */
int ledger_verb_since(enum ledger_verb verb);
int ledger_digest_since(enum ledger_digest digest);
int ledger_kind_since(enum ledger_kind kind);
bool ledger_verb_is_always_public(enum ledger_verb verb);

#endif
