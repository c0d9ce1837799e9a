/**
 * What the files of govern/ share. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_IMPL_H
#define POLDER_GOVERN_IMPL_H

#include "govern/govern.h"

struct govern {
    struct store *store;
    struct pd_clock clock;
    struct pd_arena *arena; /* lives as long as the node is open */
    struct law_rules *rules;
    struct retired { /* rules that findings still borrow from, until the node is closed */
        struct law_rules *rules;
        struct retired *next;
    } * retired;
    struct law_rules *access; /* of may.c, if those in force are older; else NULL */
    pd_str rules_id; /* hex: the row of `rules` that `rules` was loaded from */
    pd_str origin;
    pd_str jurisdiction;         /* packs beside the node's own rules, comma-separated */
    struct store_key public_key; /* of the public log; at founding only */
    struct store_key receipt_key;
    struct ledger_skey receipt_signer; /* made of it (receipt.c); its name lives in `arena` */
    char known_shard[24], known_day[11]; /* what the database is known to have (shard.c) */
    bool is_integrator;                  /* stands for it, and holds it as far as it knows */
    void (*watch)(void *context, enum govern_step step, pd_str log); /* NULL: nobody watches */
    void *watcher;
    const struct detect_site *site; /* NULL: none */
    const struct govern_gap *gaps;  /* of a node opened for writing (floor.c) */
    size_t gap_count;
    pd_str gap_unknown; /* why they can't be told */
    struct rules_shelf *shelf;      /* owns the rules; NULL: this handle does */
    struct govern_writer *writer;   /* that commits the acts of this handle; NULL: it does itself */
    uint64_t rules_turn;          /* of the writer, when the rules were looked for last */
    pd_time rules_second;         /* ... and the second of the clock; -1: never */
    pd_time clock_behind; /* the newest act: how far the clock was behind the one before */
};

enum { GOVERN_HEX_SIZE = 2 * CRYPTO_HASH_SIZE + 1, GOVERN_SALT_SIZE = 32 };

/** Arena limits: what one command may hold. */
#define GOVERN_ARENA_LIMIT ((size_t)1 << 30)

/** Ids and hashes as texts in an arena; no data when it is full (binding such a text fails). */
pd_str govern_id_text(pd_id id, struct pd_arena *arena);
pd_str govern_hash_text(const crypto_hash *hash, struct pd_arena *arena);

/* ---- node.c ---- */

/** Loads rules that are or were in force, by their id; the caller frees them. PD_NOT_FOUND: the
 * node keeps none of this id; PD_INTERNAL: their texts aren't those of the id; PD_INVALID: they
 * don't load.
 */
PD_CHECK enum pd_status node_find_rules(struct govern *g, pd_str id, struct law_rules **out,
                                        struct pd_error *err);
/** Opens a further handle of a node in the process of its writer, with rules of the shelf. */
PD_CHECK enum pd_status node_open_beside(const char *folder, const char *database,
                                         const struct pd_clock *clock, struct rules_shelf *shelf,
                                         struct govern **out, struct pd_error *err);
/** Rules that are or were in force, read once for the handles of a process, which borrow them; freed
 * after the last of these. */
struct rules_shelf *rules_shelf_new(void); /* NULL: no memory */
void rules_shelf_free(struct rules_shelf *shelf);
/** NULL: they aren't there. */
struct law_rules *rules_shelf_find(struct rules_shelf *shelf, pd_str id);
/** Takes `fresh`, and gives what is to be used: somebody else may have been faster. NULL: no memory,
 * and `fresh` is still the caller's. */
struct law_rules *rules_shelf_put(struct rules_shelf *shelf, pd_str id, struct law_rules *fresh);
/** Loads the rules in force now if they are not those already loaded; `*changed` may be NULL. */
PD_CHECK enum pd_status node_load_rules(struct govern *g, bool *changed, struct pd_error *err);
/** The files of rules that are or were in force, by path; in `arena`. Statuses as node_find_rules. */
PD_CHECK enum pd_status node_rules_files(struct govern *g, pd_str id, struct pd_arena *arena,
                                         struct law_file **out, size_t *count,
                                         struct pd_error *err);
/** Canonical JSON {path: text}, by whose hash a set of rules is known. */
PD_CHECK enum pd_status node_rules_json(const struct law_file *files, size_t count,
                                        struct pd_arena *arena, pd_str *json,
                                        char id[GOVERN_HEX_SIZE], struct pd_error *err);
/** Reads the row of the node into the handle. PD_NOT_FOUND: its founding was not completed. */
PD_CHECK enum pd_status node_load(struct govern *g, struct pd_error *err);

/* ---- party.c ---- */

enum { NODE_CHAMBER_COUNT = 4 };
extern const char *const node_chambers[NODE_CHAMBER_COUNT];
/** Whether it can be a code: it becomes a key's name, and a file's. */
bool node_is_code(pd_str s, const char *forbidden, size_t max);
/** PD_NOT_FOUND names the parties that there are. */
PD_CHECK enum pd_status node_find_party(struct govern *g, pd_str id, struct pd_arena *arena,
                                        struct law_party *out, pd_str *vkey, struct pd_error *err);
/** What a member may do for the party; bits. */
enum node_duty {
    NODE_STEWARD = 1,
    NODE_OWNER = 2,
    NODE_SUPERVISOR = 4,
    NODE_SYSTEM = 8, /* these three are administrators */
    NODE_SECURITY = 16,
    NODE_AUDIT = 32,
    NODE_DUTY_COUNT = 6
};
const char *node_duty_name(size_t nth); /* by bit: "steward", ...; NULL behind the last */
const char *node_duty_fact(size_t nth); /* of the fact that somebody has it: "duty_steward", ... */
const char *node_duty_given(size_t nth); /* ... that somebody would get it; NULL: no rule asks */
bool node_is_duty(pd_str name);
/** Whether a party or member to be registered is well-formed. PD_INVALID says what isn't. */
PD_CHECK enum pd_status node_check_party(const struct govern_party *party, struct pd_error *err);
PD_CHECK enum pd_status node_check_member(const struct govern_member *member, struct pd_error *err);
/** Makes a party's signing key in keys/PARTY.key of the folder, durably; `*vkey` in `arena`. */
PD_CHECK enum pd_status node_make_party_key(struct govern *g, pd_str party, struct pd_arena *arena,
                                            pd_str *vkey, struct pd_error *err);

/* ---- register.c, may.c ---- */

/** Whether the rules let one person have these duties together. PD_DENIED names the rule. */
PD_CHECK enum pd_status register_check_founder(struct govern *g, const struct govern_member *member,
                                               struct pd_arena *arena, struct pd_error *err);
/** The rules in force, or the program's if those know nothing of access and of registering. */
PD_CHECK enum pd_status may_rules(struct govern *g, const struct law_rules **out,
                                  struct pd_error *err);
/** PD_NOT_FOUND says which members the party has. `id` and `duties` may be NULL. */
PD_CHECK enum pd_status node_find_member(struct govern *g, pd_str party, pd_str name,
                                         struct pd_arena *arena, pd_str *id, unsigned *duties,
                                         struct pd_error *err);

/* ---- key.c ---- */

/** Brings key store and node key to what the acts say: what was destroyed stays destroyed, and a
 * rotation that was cut off is finished. PD_CONFLICT: for that somebody must write. */
PD_CHECK enum pd_status key_settle(struct govern *g, bool may_write, struct pd_error *err);

/* ---- key_destroy.c ---- */

/** Destroys what acts destroyed and removes the files that they removed; repeatable. */
PD_CHECK enum pd_status key_finish(struct govern *g, struct pd_error *err);

/* ---- act.c: the doorway ---- */

enum { ACT_DETAILS_MAX = 8 };

/** The shard of the restricted log that is open at an act's moment (shard.c); act_begin fills it.
 */
struct act_shard {
    char name[24]; /* "restricted/2026-11" */
    char day[11];  /* "2026-11-23" */
    pd_time starts, ends;
    bool is_new, is_new_day; /* the act's transaction makes the log, the day's job */
    struct store_key key;    /* of a new one: durable before anything names it */
};

/** An act on its way through the doorway. Zeroed, then filled by who asks for it. */
struct act {
    pd_id id;
    pd_time at;   /* never before the act before it */
    pd_time told; /* by the machine's clock */
    enum ledger_verb verb;
    enum ledger_outcome outcome;
    bool is_disclosed; /* to the public: decides the log, with the verb */
    pd_str party, member;
    pd_str article;      /* a policy that its leaf names beside those of the finding; or empty */
    pd_str debtor;       /* owes the duties that follow, if it isn't the party; or empty */
    const pd_id *intent; /* or NULL */
    bool has_object;
    enum ledger_kind object_kind;
    pd_id object_id;

    /** The case that must be permitted for the act to take effect; NULL for what is no such act
        (act 0, the record of a denial or of an intent that stays open). */
    const struct law_case *law;
    /** The case that `finding` answers, where nothing hangs on the answer (a denial, an intent that
        stays open): it is recorded with it. */
    const struct law_case *asked;
    /** Gathers the facts anew inside the transaction; NULL if none can have changed. */
    enum pd_status (*gather)(void *context, struct govern *g, struct pd_arena *arena,
                             const struct law_fact **facts, size_t *count, struct pd_error *err);
    /** Whether the plan discharges what the finding demands before the effect. */
    bool (*is_discharged)(void *context, const struct law_finding *finding);
    /** Writes the governed rows, telling act_wrote of each. */
    enum pd_status (*effect)(void *context, struct govern *g, struct act *act,
                             struct pd_error *err);
    void *context;
    /** The effect changes nothing that the record and the leaf say, so that both can be made before
        the transaction, for the finding at hand. */
    bool is_fixed;

    const struct law_finding
        *finding; /* in: what was found before; out: the one that took effect */
    crypto_hash facts_hash, rules_hash;
    bool has_plan_hash, has_version_hash;
    crypto_hash plan_hash, version_hash;

    pd_str record; /* JSON, sealed into the act's row; NULL data: made in the transaction, of the
                      case, its finding and the details (record.c) */
    struct act_detail { /* further members of that record, canonical JSON; no data: none */
        const char *name;
        pd_str json;
    } details[ACT_DETAILS_MAX];
    struct store_key key; /* of the record; commitments' salts derive from it */
    struct act_shard shard;
    bool has_log; /* anchor and prune: the checkpoint of another log that the leaf names */
    pd_str log_origin;
    uint64_t log_size;
    crypto_hash log_root;
    pd_str commitments[LEDGER_FIELD_COUNT]; /* canonical JSON to commit to; no data: none */
    struct ledger_optional_hash charter, policy;
    struct ledger_optional_hash text, frozen, ballots, result; /* of a proposal and its vote */
    pd_str vkey;    /* a verifier key that its leaf announces; or empty */
    bool is_signed; /* by the party's own key */
    uint8_t signer_id[LEDGER_KEY_ID_SIZE];
    uint8_t signature[CRYPTO_SIGNATURE_SIZE];
    pd_str idempotency_party, idempotency_key; /* an intent of this key must not exist yet */

    struct pd_arena *arena; /* act_commit's */
    struct act_written {
        const char *table;
        pd_str id;
        crypto_hash hash;
        bool is_new; /* inserted by this act: nobody wrote it before */
        struct act_written *next;
    } * rows;
    bool is_settled;
    pd_str sealed_record, leaf, promise; /* if settled: made of all that stands above */
    pd_str receipt;                    /* out: as ledger_receipt_verify has it */
    const struct govern_clock *clocks; /* out */
    size_t clock_count;
};

/** Makes the id, the time and the record key of a new act (the key is durable before the act). */
PD_CHECK enum pd_status act_begin(struct govern *g, struct act *act, struct pd_error *err);

/**
 * The doorway: in one transaction, the rules and facts are compared with those of the finding and
 * the finding is made anew if they differ; then the effect, the act, its clocks and its leaf are
 * written, or nothing. Afterwards the leaf is integrated.
 *
 * Of a handle with a writer the act is committed by that one, with others, and in its thread: the
 * act's functions are called there, with the writer's `g`, while the caller waits.
 *
 * PD_CONFLICT: facts or rules changed and the fresh finding doesn't permit; says what it says.
 * PD_DENIED, PD_OPEN: the finding was not a permit to begin with.
 * An integration that fails is no failure of the act: `*pending` then says why, else it is empty.
 */
PD_CHECK enum pd_status act_commit(struct govern *g, struct act *act, struct pd_arena *arena,
                                   pd_str *pending, struct pd_error *err);

/** One of the acts that are committed together, and what came of it. */
struct act_ask {
    struct act *act; /* begun, and with an arena */
    enum pd_status status;
    struct pd_error *err;
};
/** The keys of records that another thread makes durable meanwhile: awaited before the commit, more
 * than once if need be; a failure is that of all acts. */
struct act_keys {
    enum pd_status (*await)(void *context, struct pd_error *err);
    void *context;
};
/**
 * The same for several: one transaction, one signature, one wait for the disk. Whatever is wrong
 * with one undoes that one alone; `status` of each says what came of it. Nothing is integrated.
 * An act's functions may be called more than once. keys: NULL if those of all acts are durable.
 */
void act_commit_all(struct govern *g, struct act_ask *asks, size_t count,
                    const struct act_keys *keys);
/** The time of the newest act that is committed; 0: there is none. */
PD_CHECK enum pd_status act_newest(struct govern *g, pd_time *out, struct pd_error *err);

/** Where the leaf of an act just committed stands. Whose acts a writer commits doesn't wait for
 * that: its proof is pending. */
PD_CHECK enum pd_status act_placed(struct govern *g, pd_id act, struct pd_arena *arena,
                                   struct govern_placed *out, struct pd_error *err);
/**
 * Asks the law of a case of governing (attest, answer, raise a case), and commits the act if it is
 * permitted. `act` was begun; the facts of the case can't change meanwhile. Statuses as act_commit.
 */
PD_CHECK enum pd_status act_govern(struct govern *g, struct act *act, const struct law_case *law,
                                   struct pd_arena *arena, const struct govern_outcome **out,
                                   struct pd_error *err);

/** Whether other rules may be in force after it. */
bool act_writes_rules(const struct act *act);
/** Whether it wrote who the parties and members are, and their duties. */
bool act_writes_people(const struct act *act);

/** To be called by effects after each insert or update, so that the row's hash is kept. */
PD_CHECK enum pd_status act_wrote(struct govern *g, struct act *act, const char *table, pd_str id,
                                  struct pd_error *err);
enum { ACT_COLUMNS_MAX = 16 };
/** How a new row of a governed table is inserted: all of its columns, in the order of their names,
 * which is that of the placeholders. */
struct act_insertion {
    const char *table;
    struct sql insert;
    const char *columns[ACT_COLUMNS_MAX + 1];
};
/** Inserts a row, and does what act_wrote does, without reading it back. */
PD_CHECK enum pd_status act_insert(struct govern *g, struct act *act,
                                   const struct act_insertion *row, pd_str id,
                                   const struct store_value *values, struct pd_error *err);
/** SHA-256 over the canonical JSON of a row of a governed table, all columns. PD_NOT_FOUND. */
PD_CHECK enum pd_status act_row_hash(struct govern *g, pd_str table, pd_str id, crypto_hash *out,
                                     struct pd_error *err);
/** The governed tables, one after the other; NULL after the last. */
struct act_governed {
    const char *table;
    struct sql row;     /* of the id $1 */
    struct sql walk;    /* rows with $1 < id <= $2, each with every hash that acts wrote of it,
                           revision and act (twice:    as named, and NULL if there is none), in the
                           order    of id and revision */
    struct sql missing; /* ids that an act wrote and that aren't there */
};
const struct act_governed *act_governed(size_t nth);
/** The first so many columns of a row as it is hashed. */
void act_row_write(const struct store_rows *rows, size_t columns, struct pd_json *w);
/** SHA-256 over the canonical JSON of a set of facts, in any order. */
crypto_hash act_facts_hash(const struct law_fact *facts, size_t count);
/** As `permit` with nothing left to show before the effect; evidenced duties, errors and all. */
bool act_evidence_is_complete(const struct law_finding *finding);

/* ---- writer.c ---- */

/** Has the act committed with those of others, and waits for it. PD_UNAVAILABLE: the party, or all
 * together, have too many waiting, or the writer is being closed; else what came of the act. */
PD_CHECK enum pd_status writer_commit(struct govern_writer *w, struct act_ask *ask);
/** As act_newest, for a handle of the writer: without asking a database that nobody else writes. */
PD_CHECK enum pd_status writer_newest(struct govern_writer *w, struct govern *g, pd_time *out,
                                      struct pd_error *err);
uint64_t writer_commits(const struct govern_writer *w); /* groups so far */
/** Changes with each commit by this process after which other rules may be in force. */
uint64_t writer_rules_turn(const struct govern_writer *w);

/** What unlock found last, of all handles of the writer (unlock_kept.c). */
struct unlock_kept;
struct unlock_kept *unlock_kept_new(void); /* NULL: no memory */
void unlock_kept_free(struct unlock_kept *kept);
uint64_t unlock_kept_count(struct unlock_kept *kept); /* how often it was computed */
struct unlock_kept *writer_unlock(struct govern_writer *w);

/* ---- effect.c ---- */

#define EFFECT_OF_VERSION      "version.inspection"
#define EFFECT_OF_DISTRIBUTION "distribution.inspection"
/** An inspection as the row of a version or distribution keeps it: JSON, sealed under the version's key. */
PD_CHECK enum pd_status effect_seal_inspection(const struct inspection *inspection, const char *of,
                                               const struct store_key *key, struct pd_arena *arena,
                                               pd_str *sealed, struct pd_error *err);
/** Writes what was found in a distribution, inside the transaction, after its row. */
PD_CHECK enum pd_status effect_save_inspection(struct govern *g, struct act *act, pd_str distribution,
                                               const struct inspection *inspection, pd_id key,
                                               pd_str sealed, struct pd_error *err);

/* ---- clock.c ---- */

/** Fills due, or why there is none, by the calendars of these rules; `jurisdictions` are the
 * node's. */
PD_CHECK enum pd_status clock_find_due(const struct law_rules *rules, pd_str jurisdictions,
                                       const struct law_obligation *o, struct govern_clock *clock,
                                       struct pd_arena *arena, struct pd_error *err);

/** No duty forgotten: each obligation due after the effect gets a clock, in the act's transaction.
 */
PD_CHECK enum pd_status clock_start(struct govern *g, struct act *act, pd_str act_id,
                                    struct pd_error *err);
/** The clocks that an act started, or the one clock, of that id; empty: all of the node. In the
 * order in which they started. */
PD_CHECK enum pd_status clock_list(struct govern *g, pd_str id, struct pd_arena *arena,
                                   const struct govern_clock **out, size_t *count,
                                   struct pd_error *err);

/** Writes that a duty was met by the act, with its evidence (JSON) sealed; inside the transaction.
 */
PD_CHECK enum pd_status clock_save_met(struct govern *g, struct act *act, pd_id clock,
                                       pd_str evidence, struct pd_error *err);

/* ---- jobs.c ---- */

#define JOBS_CLOCK   "clock"   /* the kind of job that looks at a clock when it is due */
#define JOBS_ANCHOR  "anchor"  /* ... that anchors the shards when a day is over */
#define JOBS_WITNESS "witness" /* ... that sends the newest checkpoint to the witnesses */
#define JOBS_PRUNE   "prune"   /* ... that clears away what was left of a pruned shard */
/** Leaves a job for when the clock is due, in the act's transaction. */
PD_CHECK enum pd_status jobs_watch_clock(struct govern *g, const struct govern_clock *clock,
                                         pd_time now, struct pd_error *err);

/* ---- attest.c ---- */

/** Whether the registry lets the party attest the fact: of a request by `recipient` to `holder`. */
bool attest_may(const struct law_fact_kind *kind, const struct law_party *party, pd_str holder,
                pd_str recipient);
/** Signs a statement with the party's key for the act's leaf. PD_DENIED: it isn't the party's key.
 */
PD_CHECK enum pd_status attest_sign(pd_str party, pd_str private_key, pd_str vkey, pd_str statement,
                                    struct act *act, struct pd_error *err);

/* ---- leaf.c: what the ledger learns of an act ---- */

/** The act's leaf: canonical JSON of the closed schema, in the act's arena. */
PD_CHECK enum pd_status leaf_make(struct govern *g, const struct act *act, pd_str *bytes,
                                  struct pd_error *err);
/** Where the next leaves of the logs go, within one transaction; zeroed at its beginning. */
struct leaf_places {
    struct leaf_place {
        pd_str log;
        int64_t next;
    } of[4]; /* the public log, and the shards of the hour */
    size_t count;
};
/** Inserts the act's leaf. In a folder of its own, where nobody else writes meanwhile, it gets its
 * index at once; over PostgreSQL, where others do, from the integrator. */
PD_CHECK enum pd_status leaf_insert(struct govern *g, const struct act *act, struct leaf_places *places,
                                    struct pd_error *err);
/** How many leaves of a log of that name and size aren't in its tree yet: each is looked up in an index. */
#define LEAF_PENDING(name, size)                                                                   \
    "((SELECT COUNT(*) FROM leaf WHERE log = " name " AND leaf_index IS NULL)"                     \
    " + (SELECT COUNT(*) FROM leaf WHERE log = " name " AND leaf_index >= " size "))"
/** The salt of what an act's leaf commits to in a field, by the key of its record: who has it can open
 * that one field. The caller wipes it. */
PD_CHECK enum pd_status leaf_salt(const struct store_key *key, enum ledger_field field,
                                  uint8_t salt[GOVERN_SALT_SIZE], struct pd_error *err);
/** What the leaf of an act just begun will commit to in a field. */
PD_CHECK enum pd_status leaf_commitment(const struct act *act, enum ledger_field field,
                                        crypto_hash *out, struct pd_error *err);
/** The name of the log that the leaf goes to: of the restricted one, of the shard. */
pd_str leaf_log(const struct act *act);

/* ---- receipt.c ---- */

/** The signed promises that their leaves will be in the log (DESIGN: a receipt has two stages), by
 * one signature. `arena` for the work; each receipt lives in its act's. */
/** Wipes the key that signs receipts: it is loaded again when one is to be signed. */
void receipt_forget_key(struct govern *g);
/** What the receipt of an act promises, once its leaf is there. */
PD_CHECK enum pd_status receipt_promise(const struct govern *g, struct act *act, struct pd_error *err);
PD_CHECK enum pd_status receipts_make(struct govern *g, struct act *const *acts, size_t count,
                                      struct pd_arena *arena, struct pd_error *err);
/** Signs a text as receipts are: a promise of the node. Its first line says what kind of text it
 * is. */
PD_CHECK enum pd_status receipt_sign(struct govern *g, pd_str text, struct pd_arena *arena,
                                     pd_str *note, struct pd_error *err);

/* ---- attack_release.c: attacks on what is to be opened ---- */

struct reading_plan;
struct attack_opens;

/**
 * Attacks the table of a run as it came (plan: NULL), or what a plan made of it: by itself, by what the node has opened of
 * the same dataset before, and by what else it has opened. `reading->attacks` stays NULL of what isn't to be opened, and
 * where no column narrows down a person.
 */
PD_CHECK enum pd_status attack_release(struct govern_run *run, const struct reading_plan *plan,
                                       struct govern_reading *reading, struct pd_error *err);
void attack_open_free(struct attack_opens *opens); /* NULL is fine */
/** Inside the act's transaction: PD_CONFLICT if other tables are open than those that the run was attacked with. */
PD_CHECK enum pd_status attack_open_check(const struct govern_run *run, struct govern *g,
                                          struct pd_arena *arena, struct pd_error *err);
/**
 * The facts for the law, rounded up: the largest gain on a sensitive column, and that of matching rows of other tables.
 * Of singling out k speaks. False: no such attack was tried.
 */
bool attack_percent(const struct govern_attacks *attacks, uint64_t *percent);
bool attack_linkage_percent(const struct govern_attacks *attacks, uint64_t *percent);

/* ---- reading.c: a source through inspection and through a plan ---- */

/** As govern_read_table, with the hash of the source's bytes (may be NULL). */
PD_CHECK enum pd_status reading_table(struct source *source, const struct govern_form *form,
                                      const struct table_handler *handler,
                                      const struct govern_progress *progress,
                                      struct pd_arena *arena, crypto_hash *content,
                                      struct pd_error *err);
/** Columns with the role quasi, ascending. */
PD_CHECK enum pd_status reading_quasi(const struct inspection *inspection, struct pd_arena *arena,
                                      size_t **columns, size_t *count, struct pd_error *err);
/** Reads the same table again for a handler of one's own. PD_CONFLICT: it changed. */
PD_CHECK enum pd_status reading_again(struct source *source, const struct govern_reading *reading,
                                      const struct table_handler *handler, const char *doing,
                                      const struct govern_progress *progress,
                                      struct pd_arena *arena, struct pd_error *err);
/** Counts the classes of the quasi columns; the caller frees them. */
PD_CHECK enum pd_status reading_classes(struct source *source, const struct govern_reading *reading,
                                        const struct govern_progress *progress,
                                        struct pd_arena *arena, struct protect_classes **out,
                                        struct pd_error *err);

/** A plan with what it takes to carry it out. */
struct reading_plan {
    const struct protect_plan *plan;
    const struct govern_reading *before;
    const struct protect_classes *classes; /* needed if plan->k */
    const uint8_t *key;                    /* for pseudonyms */
    struct person_index *persons;          /* is told of the rows that stay; NULL: nobody is */
};
/**
 * Runs the source through a plan. The written bytes are hashed into `*content`, go to `sink` (may
 * be NULL), and are inspected as a stranger would read them if `after` is given (without its risk).
 */
PD_CHECK enum pd_status reading_apply(struct source *source, const struct reading_plan *plan,
                                      const struct table_sink *sink, pd_time now,
                                      const struct govern_progress *progress,
                                      struct pd_arena *arena, struct govern_reading **after,
                                      struct protect_report *report, crypto_hash *content,
                                      struct pd_error *err);

/** What a plan makes of the table, for a handler of one's own; after: as reading_apply inspected it. */
PD_CHECK enum pd_status reading_output(struct source *source, const struct reading_plan *plan,
                                       const struct govern_reading *after,
                                       const struct table_handler *handler,
                                       const struct govern_progress *progress,
                                       struct pd_arena *arena, struct pd_error *err);
/** The columns of a role in what a plan made, those that had it before included; ascending. */
PD_CHECK enum pd_status reading_output_columns(const struct reading_plan *plan,
                                               const struct inspection *after,
                                               enum inspect_role role, struct pd_arena *arena,
                                               size_t **columns, size_t *count,
                                               struct pd_error *err);
/** Measures the risk over the quasi columns of the output itself, by writing it once more. */
PD_CHECK enum pd_status reading_output_risk(struct source *source, const struct reading_plan *plan,
                                            const struct govern_progress *progress,
                                            struct pd_arena *arena, struct govern_reading *after,
                                            struct pd_error *err);

/* ---- facts.c: where the facts of a case come from ---- */

enum { FACTS_MAX = 128 };
/** Facts of one case, each name once: measured before attested before derived before declared. */
struct facts {
    struct law_fact list[FACTS_MAX];
    size_t count;
};
PD_CHECK enum pd_status facts_add_measured(struct govern *g, const struct govern_reading *reading,
                                           pd_time now, struct facts *set, struct pd_error *err);
PD_CHECK enum pd_status facts_add_derived(struct govern *g, const struct law_party *party,
                                          const struct law_party *recipient, pd_str verb,
                                          pd_time now, struct facts *set, struct pd_error *err);
/** is_transformed: what was declared of the source's bytes is not said of these. */
PD_CHECK enum pd_status facts_add_declared(struct govern *g, const struct govern_request *request,
                                           bool is_transformed, pd_time now, struct pd_arena *arena,
                                           struct facts *set, struct pd_error *err);
/** content: hex of the bytes that the facts are asked about. */
PD_CHECK enum pd_status facts_add_attested(struct govern *g, pd_id intent, pd_str content,
                                           pd_time now, struct pd_arena *arena, struct facts *set,
                                           struct pd_error *err);
/** Whether the set holds a measured fact against which the given one can't be attested. */
bool facts_are_contradicted(const struct facts *set, const struct law_fact *fact);
/** The facts that a steward attests as false by signing a plan. */
PD_CHECK enum pd_status facts_add_signed(const pd_str *attests, size_t count, pd_str signer,
                                         pd_time now, struct facts *set, struct pd_error *err);
/**
 * Canonical when `w` is: an array sorted by name. FACTS_BOUND: what a finding is bound to, which
 * the moment of measuring isn't; FACTS_WHOLE: all there is, so that the same facts can be read
 * again.
 */
enum facts_form { FACTS_BOUND, FACTS_WHOLE };
void facts_write(const struct law_fact *facts, size_t count, enum facts_form form,
                 struct pd_json *w);
/** One fact as FACTS_WHOLE wrote it, into `arena`. PD_INVALID: it is none. */
enum pd_status facts_read(const struct json_t *json, struct pd_arena *arena, struct law_fact *out);
/** The same of a text that this program wrote. */
enum pd_status facts_read_text(pd_str json, struct pd_arena *arena, struct law_fact *out);
/** Reads {"value": ...}. PD_INVALID for another type of value. */
enum pd_status facts_parse_value(const struct json_t *json, struct pd_arena *arena,
                                 struct law_scalar *out);
/** Reads the value itself from its text; what it says may be a view of that. PD_INVALID. */
enum pd_status facts_read_value(pd_str text, struct pd_arena *arena, struct law_scalar *out);

/* ---- remedy.c: from what the law would accept to a plan ---- */

enum { REMEDY_CANDIDATES_MAX = 48, REMEDY_OBLIGATIONS_MAX = 16, REMEDY_REASONS_MAX = 8 };

/** Obligations joined from the remedies of the forbids that decided; the first one changes nothing.
 */
struct remedy_candidate {
    struct law_obligation obligations[REMEDY_OBLIGATIONS_MAX];
    size_t count;
    unsigned loss;
    size_t order;
};
/** At most REMEDY_CANDIDATES_MAX, the least loss first. */
PD_CHECK enum pd_status remedy_candidates(const struct law_finding *finding,
                                          const struct govern_reading *reading,
                                          struct pd_arena *arena, struct remedy_candidate **out,
                                          size_t *count, struct pd_error *err);

struct remedy_plan {
    struct protect_plan plan;
    struct remedy_change { /* per column: whose remedy it is */
        pd_str policies[REMEDY_REASONS_MAX];
        size_t count;
    } * changes;
    pd_str kanon_policy;
    struct protect_step *base; /* per column: what is done to it, groups apart */
    size_t columns;
    /* What groups must reach; its quasi_count is 0 where none are asked for. */
    struct protect_plan aim;
    const enum protect_kind *kinds; /* per quasi column of it */
    double max_suppressed;
};
/** The plan of a candidate but for its groups, which are searched for its `aim` and then settled.
 * classes: of the source's quasi columns, or NULL without. PD_INVALID: it gives no k. */
PD_CHECK enum pd_status remedy_plan(struct govern *g, const struct remedy_candidate *candidate,
                                    const struct govern_reading *reading,
                                    const struct protect_classes *classes, struct pd_arena *arena,
                                    struct remedy_plan *out, struct pd_error *err);
/** Makes p->plan of the base and what was found for its aim with this k (NULL: no groups). */
PD_CHECK enum pd_status remedy_settle(struct remedy_plan *p, const struct protect_found *found,
                                      uint64_t k, struct pd_arena *arena, struct pd_error *err);
/** What a method is taken to lose of a column that wasn't counted, 0 to 1. */
double remedy_stated_loss(enum protect_method method);
/** Whether the plan has done what an obligation of the class "before" demands. */
bool remedy_is_done(const struct law_obligation *o, const struct protect_plan *plan,
                    const struct govern_reading *before);
/** What the node's rules say of groups: the quasi columns, and models over the sensitive ones
 * (thresholds l_diversity, t_closeness_percent, average_risk_permille, where the node has them). */
PD_CHECK enum pd_status remedy_target(struct govern *g, const struct govern_reading *reading,
                                      struct pd_arena *arena, struct protect_plan *out,
                                      struct pd_error *err);
/** How little a method says: of two changes to one column the higher one stands. */
unsigned remedy_severity(enum protect_method method);
/** By which ladder a quasi column is generalised. */
enum protect_kind remedy_kind(const struct inspect_column *column);
/** What a step does, in words: "generalised to the year". */
pd_str remedy_describe(const struct protect_step *step, struct pd_arena *arena);
/** A column selector is a role, a category of inspection, or the column's name. */
bool remedy_selects(const struct govern_reading *reading, pd_str selector, size_t column);

/* ---- prepare.c ---- */

struct govern_run {
    struct govern *g;
    struct source *source;
    struct pd_arena *arena;
    const struct govern_progress *progress;
    struct govern_request request; /* its texts live in the arena */
    bool is_resumed;
    pd_id intent_id;
    pd_str member_id;
    struct law_party party, recipient;
    bool has_recipient;
    pd_id resource_id; /* of the distribution or version to be made */
    struct protect_classes *classes;
    struct attack_opens *opens; /* what is open beside it, for the attacks; NULL: not looked for */
    const struct facts *facts_before, *facts_after; /* that the findings were made from */
    uint8_t pseudonym_key[CRYPTO_KEY_SIZE];         /* of this run, not kept; or of a key's name */
    pd_str pseudonym_key_id;                        /* then its id */
    struct source *mended;                          /* made of the source by repairs; or NULL */
    struct standard_checker *checkers[2];           /* before and after them */
    char original[GOVERN_HEX_SIZE];                 /* content of what was repaired */
    pd_str repair_text;
    struct govern_case result;
    struct remedy_plan remedy;
    struct protect_plan demanded; /* the least that the rules let, of the remedies chosen */
    crypto_hash output;            /* of the plan's bytes, as prepared */
    char content[GOVERN_HEX_SIZE]; /* of the source */
    char output_hex[GOVERN_HEX_SIZE];
};
/** The case as the law sees it; `facts` is borrowed. */
struct law_case prepare_case(const struct govern_run *run, const struct facts *facts, pd_time now);
/** The facts about a reading: of the source, or of what the plan made of it, signed or not. */
PD_CHECK enum pd_status prepare_facts(const struct govern_run *run,
                                      const struct govern_reading *reading, bool is_transformed,
                                      const pd_str *attests, size_t attest_count, pd_time now,
                                      struct pd_arena *arena, struct facts *out,
                                      struct pd_error *err);
enum { PREPARE_SIGNABLE_MAX = 8 };
/** The missing facts that a steward attests by signing a plan: those whose "false" only a person
 * may say (is_personal), of which nothing else speaks. */
size_t prepare_signable(const struct law_finding *finding, pd_str names[PREPARE_SIGNABLE_MAX]);
/** Whether every obligation "before" of the finding is done by the plan. */
bool prepare_is_discharged(const struct govern_run *run, const struct law_finding *finding);

/* ---- record.c ---- */

/** Fills the act of a run: who, hashes, details of the record, what the leaf commits to. */
PD_CHECK enum pd_status record_fill(struct govern_run *run, struct act *act,
                                    const struct facts *facts, struct pd_error *err);
/** The leaf will commit to the text. */
PD_CHECK enum pd_status record_commit_text(struct act *act, enum ledger_field field, pd_str text,
                                           struct pd_arena *arena, struct pd_error *err);
/**
 * The record to be sealed into the act's row, and what its leaf commits to of the finding that
 * takes effect (statement.h), inside the transaction. With it the finding can be made again
 * (past.c).
 */
PD_CHECK enum pd_status record_make(struct act *act, pd_str *record, struct pd_error *err);

/* ---- intent.c ---- */

/** The request as stored: canonical JSON with the source and its content. */
PD_CHECK enum pd_status intent_write(const struct govern_run *run, struct pd_arena *arena,
                                     pd_str *json, struct pd_error *err);
/** Loads an open intent into the run: request, party, member, content, hash of the repairs (empty:
 * none). PD_CONFLICT if it isn't open. */
PD_CHECK enum pd_status intent_load(struct govern_run *run, pd_id intent, pd_str *content,
                                    pd_str *repair_hash, struct pd_error *err);
/** An intent's request as stored; the caller json_decrefs it. `state` may be NULL. */
PD_CHECK enum pd_status intent_open(struct govern *g, pd_id intent, struct pd_arena *arena,
                                    struct json_t **out, pd_str *state, struct pd_error *err);
/** What was measured when the intent was recorded. */
PD_CHECK enum pd_status intent_measured(struct govern *g, pd_id intent, struct pd_arena *arena,
                                        struct facts *out, struct pd_error *err);
/** Inserts the intent (or updates the state of a resumed one), inside the act's transaction. */
PD_CHECK enum pd_status intent_save(struct govern_run *run, struct govern *g, struct act *act,
                                    const char *state, struct pd_error *err);
/** The first outcome under the request's idempotency key, if there is one. PD_CONFLICT: another
   request used the key. */
PD_CHECK enum pd_status intent_repeat(struct govern_run *run, struct govern_outcome *out,
                                      bool *found, struct pd_error *err);

/* ---- integrate.c ---- */

/** Makes the keys of a new node's public log and receipts: durable before act 0 names them. */
PD_CHECK enum pd_status integrate_make_keys(struct govern *g, struct pd_error *err);
/** Verifier key (text) of the key just made for the public log. */
PD_CHECK enum pd_status integrate_public_key(struct govern *g, struct pd_arena *arena, pd_str *vkey,
                                             struct pd_error *err);
/** Id and verifier key (text) of the receipts' key just made. */
PD_CHECK enum pd_status integrate_receipt_key(struct govern *g, struct pd_arena *arena,
                                              pd_str *key_id, pd_str *vkey, struct pd_error *err);
/** Makes the empty logs, inside the first transaction, with the keys just made. */
PD_CHECK enum pd_status integrate_found(struct govern *g, const struct act_shard *first,
                                        struct pd_error *err);
/** The verifier key of a log or of receipts, as text in `arena`. */
PD_CHECK enum pd_status integrate_vkey(pd_str name, const struct store_key *key,
                                       struct pd_arena *arena, pd_str *vkey, struct pd_error *err);
/** Integrates until the act's leaf stands in its log, here or in the process that holds the office
 * of the integrator. PD_UNAVAILABLE: that one has not come to it yet. */
PD_CHECK enum pd_status integrate_after(struct govern *g, pd_id act, struct pd_arena *arena,
                                        struct pd_error *err);
/** Tells who watches of a step that is done. */
void integrate_tell(const struct govern *g, enum govern_step step, pd_str log);

/* ---- publish.c ---- */

/** Writes what is missing of a log's files. Nothing if all is there. */
PD_CHECK enum pd_status integrate_publish(struct govern *g, pd_str log, struct pd_arena *arena,
                                          struct pd_error *err);
/** Tiles of a log in the data folder, for ledger_tiles; `context` is a struct integrate_tiles. */
struct integrate_tiles {
    struct govern *g;
    pd_str folder; /* of the log */
};
enum pd_status integrate_fetch(void *context, const char *path, void *out, size_t capacity,
                               size_t *n, struct pd_error *err);

/* ---- outbox.c ---- */

/** Queues a distribution for release; inside the act's transaction. */
PD_CHECK enum pd_status integrate_queue(struct govern *g, pd_str distribution,
                                        struct pd_error *err);
/** Releases the next one; `*more`: there was one. */
PD_CHECK enum pd_status outbox_release_next(struct govern *g, struct pd_arena *arena, bool *more,
                                            struct pd_error *err);

/* ---- logs.c: the logs and their leaves, as the database has them ---- */

/** "public", "restricted". */
const char *integrate_log_name(enum ledger_log log);
/** Adds an empty log ("public", "restricted/2026-11"), inside a transaction; nothing if it is
 * there. ends 0: it doesn't. */
PD_CHECK enum pd_status logs_add(struct govern *g, pd_str name, const struct store_key *key,
                                 pd_time starts, pd_time ends, struct pd_arena *arena,
                                 struct pd_error *err);

/** A log as its row and its checkpoint say. */
struct integrate_log {
    enum ledger_log log;
    pd_str name, folder, origin, vkey_text, checkpoint;
    struct ledger_vkey vkey; /* views into vkey_text */
    struct ledger_edge edge;
    uint64_t published; /* leaves whose tiles are on disk */
    bool is_published;  /* the checkpoint of `published` leaves is too */
    pd_id key_id;
    pd_time starts_at, ends_at; /* of a shard */
    pd_time pruned_at;          /* 0: it is whole */
};
/** PD_NOT_FOUND; PD_INTERNAL: its checkpoint doesn't hold, or isn't that of its tree. */
PD_CHECK enum pd_status integrate_log_load(struct govern *g, pd_str name, struct pd_arena *arena,
                                           struct integrate_log *out, struct pd_error *err);

/* ---- integrate_keys.c ---- */

enum { INTEGRATE_SIGNERS_MAX = 4 };
/** Ids of the keys that sign a log's checkpoints: its own first, then those that it replaced and
 * that sign along until they are destroyed. */
/** Every key that a holder ("log/public", "receipts") had, as vkeys files say it: "FROM TO VKEY", a line each;
 * `current` if there was but one. */
PD_CHECK enum pd_status integrate_history(struct govern *g, pd_str holder, pd_str current,
                                          struct pd_buf *text, struct pd_error *err);
PD_CHECK enum pd_status integrate_signers(struct govern *g, pd_str log,
                                          pd_id ids[INTEGRATE_SIGNERS_MAX], size_t *count,
                                          struct pd_error *err);
/** A checkpoint signed with the keys given; with all that sign the log. */
PD_CHECK enum pd_status integrate_sign(pd_str origin, const struct store_key *keys, size_t count,
                                       const struct ledger_edge *edge, struct pd_arena *arena,
                                       pd_str *note, struct pd_error *err);
PD_CHECK enum pd_status integrate_sign_all(struct govern *g, const struct integrate_log *log,
                                           struct pd_arena *arena, pd_str *note,
                                           struct pd_error *err);
/** A checkpoint of the log, signed by its key or by one that it had before. */
PD_CHECK enum pd_status integrate_verify_note(struct govern *g, const struct integrate_log *log,
                                              pd_str note, struct pd_arena *arena,
                                              struct ledger_checkpoint *out, struct pd_error *err);
/** Writes `vkey`, and `vkeys` with every key that the log had, where they changed. */
PD_CHECK enum pd_status integrate_publish_keys(struct govern *g, const struct integrate_log *log,
                                               struct pd_arena *arena, struct pd_error *err);
/** Gives a log of `size` leaves another key, inside the act's transaction, and signs its newest
 * checkpoint with both. PD_CONFLICT: it is of another size by now. */
PD_CHECK enum pd_status integrate_take_key(struct govern *g, pd_str log, pd_str key_id, pd_str vkey,
                                           int64_t size, struct pd_arena *arena,
                                           struct pd_error *err);
/** Writes checkpoint and verifier keys of a log that didn't grow. */
PD_CHECK enum pd_status integrate_republish(struct govern *g, pd_str log, struct pd_error *err);
/** Bytes of so many leaves from an index on, into `arena`. PD_NOT_FOUND: one of them isn't there. */
PD_CHECK enum pd_status integrate_leaves(struct govern *g, pd_str log, uint64_t first, size_t count,
                                         struct pd_arena *arena, pd_str *out, struct pd_error *err);

/** The leaf of an act, and where it stands. */
struct integrate_leaf {
    enum ledger_log kind;
    pd_str log, bytes;
    bool has_index; /* it is in the tree */
    uint64_t index, log_size;
    pd_str proof; /* of one that stayed in a pruned shard: hashes of its inclusion; else no data */
};
/** In `arena`. PD_NOT_FOUND. */
PD_CHECK enum pd_status integrate_leaf_of(struct govern *g, pd_id act, struct pd_arena *arena,
                                          struct integrate_leaf *out, struct pd_error *err);
/** Where a leaf stands. size 0: not integrated yet. */
PD_CHECK enum pd_status integrate_placed(struct govern *g, pd_id act, struct pd_arena *arena,
                                         struct govern_placed *out, struct pd_error *err);

/* ---- shard.c ---- */

/** Finds the shard for acts of that moment; makes the key of one that is missing. */
PD_CHECK enum pd_status shard_prepare(struct govern *g, pd_time at, struct act_shard *out,
                                      struct pd_error *err);
/** Makes the shard if it is new, inside the act's transaction. */
PD_CHECK enum pd_status shard_open(struct govern *g, const struct act_shard *shard,
                                   struct pd_arena *arena, struct pd_error *err);
/** Leaves the job that anchors the day's leaves, inside the act's transaction. */
PD_CHECK enum pd_status shard_watch_day(struct govern *g, const struct act_shard *shard, pd_time at,
                                        struct pd_error *err);

/* ---- repair.c: a table as agreed repairs make it ---- */

/** Carries the repairs out and turns the run to the table that they make. PD_DENIED: who agreed
 * isn't who acts, or no steward; PD_NOT_FOUND: no version of these bytes; PD_CONFLICT, PD_INVALID.
 */
PD_CHECK enum pd_status repair_prepare(struct govern_run *run, const struct govern_repair *repair,
                                       struct pd_error *err);
/** Seals the file of repairs under the version's key; nothing without repairs. */
PD_CHECK enum pd_status repair_stage(struct govern_run *run, const struct store_key *key,
                                     pd_str *sealed, struct pd_error *err);
/** Writes the lineage of the version, inside the act's transaction; nothing without repairs. */
PD_CHECK enum pd_status repair_save(struct govern_run *run, struct govern *g, struct act *act,
                                    pd_str version, pd_id key, pd_str sealed, struct pd_error *err);
/** One JSON object, of a run with repairs. */
void repair_write(const struct govern_run *run, struct pd_json *w);

/* ---- effect.c ---- */

/** The title as a dataset keeps it: a language map. */
PD_CHECK enum pd_status effect_title(const struct govern_request *request, struct pd_arena *arena,
                                     pd_str *json, struct pd_error *err);

/* ---- floor.c: what was signed before is never contradicted ---- */

/** Finds the gaps once, when the node is opened for writing. */
PD_CHECK enum pd_status floor_load(struct govern *g, struct pd_error *err);
/** PD_UNAVAILABLE: acts are missing. */
PD_CHECK enum pd_status floor_allows_acts(const struct govern *g, struct pd_error *err);
/** Also PD_INTERNAL: a log is another one, or a known checkpoint is damaged. */
PD_CHECK enum pd_status floor_allows_signing(const struct govern *g, struct pd_error *err);

/* ---- backup.c ---- */

/** The id of the row of the node: of act 0. */
PD_CHECK enum pd_status backup_node_id(struct govern *g, struct pd_arena *arena, pd_str *out,
                                       struct pd_error *err);
/** What the node signs of a manifest. No data: memory. */
pd_str backup_signed_text(pd_str origin, pd_str name, pd_str manifest, struct pd_arena *arena);

/* ---- form.c: the words of struct govern_form ---- */

/** NULL behind the last one. */
const char *form_word_name(size_t i);
pd_str form_word_get(const struct govern_form *form, size_t i);
void form_word_set(struct govern_form *form, size_t i, pd_str text);

#endif
