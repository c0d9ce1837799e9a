/**
 * libpolder: what is in a table, what the law says of an act, and whether a record stands in a log.
 *
 * The engines of Polder for other programs, in C and C++. Nothing here opens a file, asks a clock,
 * prints, or keeps anything between calls but what stands behind a handle. A handle belongs to one
 * thread at a time, except polder_rules, which several may use at once; functions without a handle
 * may be called from anywhere.
 *
 * Conventions
 * - A function that can fail returns POLDER_OK (0) or another status; the sentence for a person
 * goes to `err`, which may be NULL. On failure nothing else is written.
 * - Text and bytes come as address and size in bytes; the address may be NULL if the size is 0.
 * Text is UTF-8. What comes in is copied or used up before the call returns.
 * - Text that goes out is a struct polder_text of the caller: clear it with polder_text_clear. JSON
 * is one object without a line end, with a stable shape and a version in its first member; members
 * may be added.
 * - Moments are seconds since 1970-01-01 UTC, in the years 1 to 9999.
 *
 * Link with: pkg-config --cflags --libs polder (and --static for the archive).
 */
#ifndef POLDER_H
#define POLDER_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define POLDER_API __attribute__((visibility("default")))
#else
#define POLDER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors and texts ---- */

/** Numbers never change their meaning; later versions may add some. */
enum polder_status {
    POLDER_OK = 0,
    POLDER_USAGE = 1,        /* the call is not of the documented form */
    POLDER_INVALID = 2,      /* the input is wrong; the sentence says where */
    POLDER_NOT_FOUND = 3,    /* what was named does not exist */
    POLDER_DENIED = 4,       /* rules refuse */
    POLDER_OPEN = 5,         /* a fact or a human judgement is missing */
    POLDER_CONFLICT = 6,     /* somebody else was first */
    POLDER_LIMIT = 7,        /* a stated limit was reached, or memory */
    POLDER_IO = 8,           /* the machine failed us */
    POLDER_UNAVAILABLE = 9,  /* a service or a resource is not there now */
    POLDER_UNSUPPORTED = 10, /* a form that this version does not read */
    POLDER_UNPROVEN = 11     /* well-formed, but fails its own proof; or a fault in Polder */
};

enum { POLDER_ERROR_TEXT_SIZE = 1600 };

struct polder_error {
    int status;                        /* enum polder_status */
    char text[POLDER_ERROR_TEXT_SIZE]; /* UTF-8 without control characters but line ends and tabs */
};

/** A text that Polder made, with a zero after its last byte. Zeroed, it is no text. */
struct polder_text {
    char *data;
    size_t size; /* bytes, without the zero */
};

/** "0.1.0", of the library that runs. */
POLDER_API const char *polder_version(void);

/** A word for a status, e.g. "not-found"; the same in HTTP problems and exit codes of Polder. */
POLDER_API const char *polder_status_name(int status);

/** Frees the text and zeroes the struct. NULL and a zeroed struct are fine. */
POLDER_API void polder_text_clear(struct polder_text *text);

/* ---- Inspection: what is in a table ---- */

/** Reads one table: CSV (RFC 4180, and what real files do instead) or JSON, in an encoding that is found. */
struct polder_inspector;

/**
 * now:  no date of birth is after it.
 * seed: of the hashes by which values are counted; keep it secret where those who fill the table
 * may want to slow the counting down. POLDER_USAGE for a moment out of range; POLDER_LIMIT.
 */
POLDER_API int polder_inspector_new(int64_t now, uint64_t seed, struct polder_inspector **out,
                                    struct polder_error *err);

/**
 * Takes the next bytes; cut anywhere, the result is the same. Memory depends on the number of
 * columns (at most 20,000) and not on that of rows. POLDER_INVALID: not UTF-8, a NUL byte; says
 * line and column. POLDER_LIMIT: columns, a cell of more than 64 MiB, a row of more than 256 MiB.
 * After a failure, and after finish, only free remains, and the other calls are POLDER_USAGE.
 */
POLDER_API int polder_inspector_feed(struct polder_inspector *inspector, const void *bytes,
                                     size_t size, struct polder_error *err);

/**
 * The table is complete: {"inspection":1, "rows":..., "columns":[...], "facts":{...},
 * "grade":{...}}, with each column's type, counts, identifiers found, and role, and a sentence of
 * evidence for the role.
 *
 * with_values: not 0 to have frequent values and extremes of all columns, which may be personal
 * data. POLDER_INVALID: no bytes at all, a quote that was never closed; else as feed.
 */
POLDER_API int polder_inspector_finish(struct polder_inspector *inspector, int with_values,
                                       struct polder_text *json, struct polder_error *err);

POLDER_API void polder_inspector_free(struct polder_inspector *inspector); /* NULL is fine */

/** A type of identifier; the texts live for ever. */
struct polder_match {
    const char *type;  /* stable, e.g. "cn_resident_id" */
    const char *title; /* for sentences, e.g. "a Chinese resident identity number" */
    int is_sure;       /* passed every rule; 0: a form that proves less, such as an old one */
};

/**
 * Which identifiers the whole of one cell is, check digits included.
 *
 * column: the column's name, or nothing; some types (a date of birth, a number that chance passes
 * too often) count only where it speaks for them, and some it rules out. out:    room for `room`
 * matches; it takes no more than 8 to have all. Returns how many were written.
 */
POLDER_API size_t polder_detect(const char *cell, size_t cell_size, const char *column,
                                size_t column_size, int64_t now, struct polder_match *out,
                                size_t room);

/* ---- Law: what the rules say of an act ---- */

/** One file of the rules; `path` as below law/: "facts.json", "cn/manifest.json", "cn/pipl.cedar".
 */
struct polder_file {
    const char *path; /* ends in zero */
    const char *text;
    size_t size;
};

/** Rules that are loaded and checked, immutable. */
struct polder_rules;

/**
 * Loads the registry of facts, packs (a folder with manifest.json and Cedar policies) and
 * thresholds. A whole law/ folder may be handed over; with its polder.cedarschema every policy must
 * be valid under it, strictly and at level 1. POLDER_INVALID: "PATH:LINE:COLUMN: what is
 * wrong", the line and a caret; POLDER_LIMIT.
 */
POLDER_API int polder_rules_new(const struct polder_file *files, size_t count,
                                struct polder_rules **out, struct polder_error *err);

POLDER_API void polder_rules_free(struct polder_rules *rules); /* NULL is fine */

/**
 * Asks the rules about an act. The case is one JSON object of at most 1 MiB:
 *
 *   {"verb": "open",
 *    "party": {"id": "transport", "kind": "state_organ", "chamber": "government", "country": "CN"},
 *    "member": "lin",                             who acts for the party; may be left out
 *    "recipient": {...},                          as party; left out if nobody receives
 *    "resource": {"type": "Distribution", "id": "d1"},
 *    "facts": [{"name": "is_personal", "value": true, "class": "attested", "by": "lin",
 *               "at": "2026-11-24T08:00:00Z", "expires": "2027-11-24", "evidence": "case 12"}],
 *    "now": "2026-11-24T08:30:00Z"}
 *
 * chamber and country may be left out, facts may be [], and so may all of a fact but name and
 * value; its class is then declared. The caller answers for the classes: the rules demand that some
 * facts are attested or measured, and believe the case in that. Other members are refused, so that
 * a misspelt one isn't lost.
 *
 * finding: {"finding":1, "outcome":"permit"|"deny"|"open", "reason":..., ...} with the articles
 * that spoke, obligations, missing facts and remedies. A deny is an answer: POLDER_OK.
 * POLDER_INVALID names the member; POLDER_LIMIT.
 */
POLDER_API int polder_rules_decide(const struct polder_rules *rules, const char *case_json,
                                   size_t size, struct polder_text *finding,
                                   struct polder_error *err);

/* ---- Ledger: whether a record stands in a log ---- */

/** SHA-256. */
struct polder_hash {
    unsigned char bytes[32];
};

/** The leaf hash of RFC 9162 2.1.1, of an entry of at most 65,535 bytes (else POLDER_LIMIT). */
POLDER_API int polder_ledger_hash_leaf(const void *entry, size_t size, struct polder_hash *out,
                                       struct polder_error *err);

/**
 * RFC 9162 2.1.3.2: the leaf is number `index` (from 0) of the tree with this size and root.
 * proof: `count` hashes, from the leaf's side upwards, at most 63.
 * POLDER_UNPROVEN: it isn't. POLDER_INVALID: an index or a proof that no such tree can have.
 */
POLDER_API int polder_ledger_verify_inclusion(uint64_t index, uint64_t size,
                                              const struct polder_hash *leaf,
                                              const struct polder_hash *proof, size_t count,
                                              const struct polder_hash *root,
                                              struct polder_error *err);

/**
 * RFC 9162 2.1.4.2: the tree of `new_size` leaves is that of `old_size` with leaves appended.
 * old_size 0 is POLDER_INVALID: any tree extends the empty one. Else as
 * polder_ledger_verify_inclusion.
 */
POLDER_API int polder_ledger_verify_consistency(uint64_t old_size, uint64_t new_size,
                                                const struct polder_hash *old_root,
                                                const struct polder_hash *new_root,
                                                const struct polder_hash *proof, size_t count,
                                                struct polder_error *err);

/** What a proof file proves: the entry is number `index` of the log when it had `size` leaves. */
struct polder_proven {
    uint64_t index;
    uint64_t size;
    struct polder_hash root;
};

/**
 * Verifies a proof file (C2SP tlog-proof, as `polder ledger prove` writes it) without the log: the
 * path from the entry to the root, and the log's Ed25519 signature on the checkpoint.
 *
 * entry: the leaf, byte for byte.
 * vkey:  the log's verifier key (C2SP signed-note), "name+hash+base64"; white space at its ends is
 *        passed over. The log is the one that the key is named after.
 * out:   may be NULL.
 * POLDER_INVALID: the proof, the key or the checkpoint isn't of its form; POLDER_NOT_FOUND: no
 * signature by this key; POLDER_UNPROVEN: signature or path is wrong; POLDER_UNSUPPORTED: another
 * type of key; POLDER_LIMIT: a proof of more than 128 KiB.
 */
POLDER_API int polder_ledger_verify_proof(const char *proof, size_t proof_size, const void *entry,
                                          size_t entry_size, const char *vkey, size_t vkey_size,
                                          struct polder_proven *out, struct polder_error *err);

/* ---- Protection of single values ---- */

/**
 * Letters and digits become stars, by the shape of the value: a name keeps its first character
 * ("张三丰": "张**"), a telephone number three digits ("13812345678": "138********"), an e-mail
 * address its domain, anything else its punctuation. It hides the value from a reader; other
 * columns may still tell whose row it is. An empty value stays empty. POLDER_INVALID: not UTF-8;
 * POLDER_LIMIT.
 */
POLDER_API int polder_protect_mask(const char *value, size_t size, struct polder_text *out,
                                   struct polder_error *err);

enum { POLDER_KEY_SIZE = 32 };

/**
 * "p_" and 16 characters: 80 bits of HMAC-SHA-256 of column and value under the key. Equal values
 * of equally named columns have equal pseudonyms under one key and unlinkable ones under another;
 * for whoever has the key they remain personal data. Otherwise as polder_protect_mask.
 */
POLDER_API int polder_protect_pseudonym(const unsigned char key[POLDER_KEY_SIZE],
                                        const char *column, size_t column_size, const char *value,
                                        size_t size, struct polder_text *out,
                                        struct polder_error *err);

#ifdef __cplusplus
}
#endif

#endif
