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

/** What leaf_parse.c checks before and leaf.c before writing. */
PD_CHECK enum pd_status ledger_leaf_check(const struct ledger_leaf *leaf, struct pd_error *err);
/** The lowest version of the schema that can say this. */
int ledger_leaf_version(const struct ledger_leaf *leaf);
/** The newest version of the schema that this program writes and reads. */
enum { LEDGER_LEAF_NEWEST = 3 };
/** The first version that has a verb, or a kind, of the enum. */
int ledger_verb_since(enum ledger_verb verb);
int ledger_kind_since(enum ledger_kind kind);
bool ledger_verb_is_always_public(enum ledger_verb verb);

#endif
