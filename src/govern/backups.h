/** Backups, restoring one, and upgrading a node with a way back. */
#ifndef POLDER_GOVERN_BACKUPS_H
#define POLDER_GOVERN_BACKUPS_H

#include "govern/govern.h"

struct govern_backup_order {
    const char *to;     /* folder of the backups */
    const char *keys;   /* folder of the keys' own backup; NULL: none is made */
    uint64_t keys_days; /* for how long that may be used */
    uint64_t keep;      /* forget all but so many of the newest; 0: none */
};
enum { GOVERN_MISSING_SHOWN = 20 };
struct govern_backed_up {
    pd_str name;
    struct backup_tally tally;
    uint64_t acts;
    bool is_signed;                 /* else the node lacks the key that signs receipts */
    size_t kept_count;              /* files that the vault lost, and an older backup had */
    size_t missing_count;           /* files that the database names and nobody has */
    const pd_str *missing;          /* the first of them: addresses */
    const struct backup_keys *keys; /* NULL: not saved */
    size_t forgotten;
    struct backup_tally freed;
};
/**
 * Backs up a node that was opened for reading, while another process may write. PD_USAGE: the
 * places lie within each other; PD_DENIED: they hold another node's; else as backup_open. On
 * failure the older backups are as they were.
 */
PD_CHECK enum pd_status govern_backup(struct govern *g, const struct govern_backup_order *order,
                                      struct pd_arena *arena, const struct govern_backed_up **out,
                                      struct pd_error *err);

/** A log that is shorter here than a checkpoint of it that was signed, or isn't that one. */
struct govern_gap {
    pd_str log;
    uint64_t have, known; /* leaves; equal if the trees differ */
};
/** Compares the logs with the checkpoints that lie in the folder. None: nothing is missing. */
PD_CHECK enum pd_status govern_find_gaps(struct govern *g, struct pd_arena *arena,
                                         const struct govern_gap **out, size_t *count,
                                         struct pd_error *err);

struct govern_restore_order {
    const char *from;
    const char *keys, *node_key; /* folder of the keys' backup, file of the node key; or NULL */
    const char *to;
    const char *database;    /* of PostgreSQL, empty: where the tables are to be; NULL: in `to` */
    pd_str at;               /* name of the backup; empty: the newest */
    const pd_str *witnessed; /* checkpoints (texts of signed notes) that others hold */
    size_t witnessed_count;
    bool asks_no_witness; /* else those of the node's policy are asked, if there are keys */
    bool accepts_flaws;
};
struct govern_restored {
    pd_str name, origin;
    pd_time made_at;
    uint64_t acts, files;
    uint64_t keys, keys_destroyed; /* loaded; of them destroyed again */
    bool has_keys;
    bool is_signed; /* the manifest, by the node's key */
    int64_t schema_from, schema_to;
    size_t unreleased; /* published files that stay sealed: their keys are gone */
    const struct govern_gap *gaps;
    size_t gap_count;
    const struct govern_verified *verified;
    bool is_in_place;
    /* The newest checkpoint that each witness of the node's policy showed. */
    struct govern_restore_witness {
        pd_str name, url; /* url: that was asked */
        bool has_answered;
        uint64_t size; /* 0: it never cosigned one */
        pd_str why;    /* it has not */
    } * witnesses;
    size_t witness_count;
};
/**
 * Restores a backup into a folder that is empty or not there, and verifies it before it counts:
 * until then it lies in `to`/restoring. With flaws, unless they are accepted, nothing is left of it
 * (PD_OK, !is_in_place). PD_DENIED: of another node, keys that expired or of another node key, a
 * signature that doesn't hold; PD_INTERNAL: the backup is damaged; PD_INVALID: the folder holds
 * something, or a witnessed checkpoint is of no log of the node; PD_UNAVAILABLE: so many witnesses
 * don't answer that they are a quorum, and `witnessed` names nothing.
 */
PD_CHECK enum pd_status govern_restore(const struct govern_restore_order *order,
                                       const struct pd_clock *clock, struct pd_arena *arena,
                                       const struct govern_restored **out, struct pd_error *err);

struct govern_upgraded {
    int64_t from, to; /* versions of the schema */
    uint64_t acts;
    pd_time took_migrating, took_verifying; /* microseconds, by the machine's clock */
    const struct govern_verified *verified; /* NULL: there was nothing to do */
    bool is_undone;                         /* flaws were found, and the database is as before */
};
/**
 * Brings a node's database up to this program's schema, verifies it, and goes back if that finds
 * flaws (unless they are accepted). is_rehearsal: does so with a copy, which is thrown away; a
 * writer may work on meanwhile. database: as govern_open_at; PostgreSQL knows neither rehearsal nor
 * going back (PD_UNSUPPORTED says what to do), so there must be a backup.
 */
PD_CHECK enum pd_status govern_upgrade(const char *folder, const char *database, bool is_rehearsal,
                                       bool accepts_flaws, const char *holder,
                                       const struct pd_clock *clock, struct pd_arena *arena,
                                       const struct govern_upgraded **out, struct pd_error *err);
/** Puts the database from before the last upgrade back. PD_CONFLICT: acts were made since, which
 * would be lost, and how many. */
PD_CHECK enum pd_status govern_upgrade_back(const char *folder, const char *database,
                                            const char *holder, const struct pd_clock *clock,
                                            int64_t *from, int64_t *to, struct pd_error *err);

#endif
