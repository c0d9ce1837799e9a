/**
 * law/: the Cedar policy language, and the finding that Polder makes of it.
 *
 * Two layers in one room. cedar.h is the language itself (policies, values, entities, authorization).
 * This header is what the doorway asks: *under these rules and these facts, is this act permitted,
 * refused, or open; by which articles; with which duties; and what would make it lawful?*
 * (DESIGN, "How the law sees an act".) An engine: texts and facts in, answers out.
 */
#ifndef POLDER_LAW_H
#define POLDER_LAW_H

#include "base/base.h"
#include "law/cedar.h"
#include "law/cedar_schema.h"

/* ---- Facts ---- */

/** Where a fact comes from. The registry says which classes it accepts for each fact. */
enum law_class { LAW_DECLARED, LAW_ATTESTED, LAW_DERIVED, LAW_MEASURED, LAW_CLASS_COUNT };
const char *law_class_name(enum law_class c); /* "declared", ... */
bool law_class_parse(pd_str name, enum law_class *out);

enum law_scalar_kind { LAW_BOOL, LAW_LONG, LAW_STRING };
/** A fact's value. Codes (closed enums in the schema) are strings here and entities in Cedar. */
struct law_scalar {
    enum law_scalar_kind kind;
    bool boolean;
    int64_t number;
    pd_str text;
};

struct law_fact {
    pd_str name;
    struct law_scalar value;
    enum law_class class_;
    pd_str by;       /* who says so: a party id, a member, or the room that measured */
    pd_time at;      /* when it was established */
    pd_time expires; /* 0: does not */
    pd_str evidence; /* a reference or a sentence; never a value from the data */
    pd_str refused;  /* why it doesn't count, where the caller knows that (said of other data); else
                        empty. It doesn't enter, and the finding says why. */
};

/** One row of the registry (law/facts.json). */
struct law_fact_kind {
    pd_str name;
    enum law_scalar_kind type;
    pd_str code_type;    /* for a closed code: its entity type in the schema, e.g. "Level" */
    const pd_str *codes; /* for a closed code: its values; else NULL */
    size_t code_count;
    unsigned accepts;       /* bit per enum law_class */
    unsigned accepts_false; /* for a Bool whose false needs more (is_personal); else equal to accepts */
    const pd_str *attesters; /* who may attest: "steward", "holder", "recipient", "authority";
                                checked by the caller, which knows who signed */
    size_t attester_count;
    pd_str bound; /* "bytes" (ends when the bytes change), "dataset", "purpose", "party" */
    pd_str title, title_zh, supplier, supplier_zh; /* for people: what it is, who can give it */
};

/* ---- Obligations ---- */

/**
 * obligation = KIND [ "(" argument (";" argument)* ")" ]      argument = WORD | KEY "=" VALUE
 * @obligation("a(x)+b(y;k=1)") joins with "+"; @remedy adds alternatives with "|", or is "none".
 * KIND and KEY are [a-z_]+; WORD and VALUE any UTF-8 but control characters and ( ) ; = + |, and do
 * not begin or end with a space. A period is a number and its unit, never converted: h, d (calendar
 * days), wd (working days), m (months), y. `k` is a number or a threshold, t.NAME.
 * The kinds, their classes and what each may carry: docs/law.md.
 */
enum law_obligation_class {
    LAW_BEFORE,    /* done to the data before the effect: drop, mask, generalise, pseudonymise, kanon */
    LAW_EVIDENCED, /* shown by a fact: consent, assess, approve, contract, notice, ... */
    LAW_AFTER,     /* due later: a clock row in the same transaction: record, notify, delete, ... */
    LAW_UNKNOWN    /* not in the vocabulary: the finding is a deny that names it */
};
enum { LAW_ARGUMENTS_MAX = 8 };
struct law_obligation {
    pd_str text; /* as written */
    pd_str kind;
    enum law_obligation_class class_;
    size_t argument_count;
    struct law_argument {
        pd_str key; /* empty for a bare word */
        pd_str value;
    } arguments[LAW_ARGUMENTS_MAX];
    pd_str fact;       /* evidenced: the fact that discharges it */
    pd_str fact_value; /* ... by having this value; empty: by being true */
    bool discharged;   /* evidenced: that fact is there and says so */
    pd_str policy_id;  /* who imposes it (after merging: who imposes the strictest of it) */
};
/** A bare argument by position, or the value of a key; empty view if absent. */
pd_str law_obligation_word(const struct law_obligation *o, size_t nth);
pd_str law_obligation_value(const struct law_obligation *o, const char *key);

struct law_alternative { /* joined obligations: all of them together remedy the policy */
    const struct law_obligation *obligations;
    size_t count;
};

/* ---- Rules ---- */

enum law_rank { LAW_STATUTE, LAW_DELEGATED, LAW_NODE };

/** One file of the rules: "facts.json", "cn/manifest.json", "cn/pipl.cedar", "node/thresholds.json",
    "calendars/cn.json". */
struct law_file {
    pd_str path;
    pd_str text;
};

/** How many entities in a row the policies of rules may read from: a decision loads no others. */
enum { LAW_RULES_LEVEL = 1 };

/** Everything that decides, parsed and checked; immutable, may be shared between threads. */
struct law_rules;

/**
 * Loads the registry (facts.json), each folder's manifest.json (jurisdiction, rank, title, as_of) and
 * policies, node/thresholds.json, and calendars/JURISDICTION.json. Refused with PD_INVALID and "PATH:LINE:COLUMN: ...", source line
 * and caret: a policy that does not parse, a repeated @id, a policy without @id, a `has`/access of a
 * name that the registry does not know, an exemption that names an unknown policy, is circular, or is
 * of lower rank than what it exempts from, a malformed @obligation or @remedy, a bad date.
 * an obligation out of the vocabulary. If polder.cedarschema is among the files, every policy must
 * also be valid under it, strictly and at level 1 (law_validate).
 *
 * Order of the files doesn't matter: they are read by path. Other *.cedarschema and *.md are passed
 * over (so that a folder can be handed over as it is); any other unknown name is refused.
 *
 * Annotations: @id, @law, @article, @title, @title_zh, @jurisdiction, @source, @v, @effective and
 * @expires (dates; not in force before the one, nor from the other on), @remedy (forbids), @obligation
 * and @exempts (permits; ids separated by spaces). A permit whose id ends in ".duty" only obliges, one
 * with @exempts only exempts: neither permits anything by itself.
 */
PD_CHECK enum pd_status law_rules_new(const struct law_file *files, size_t count,
                                      struct law_rules **out, struct pd_error *err);
/**
 * Loads rules that were in force before, perhaps under an older Polder: as law_rules_new, but types
 * and levels are not asked for, and an obligation kind out of the vocabulary loads: a finding that
 * it determines is a deny.
 */
PD_CHECK enum pd_status law_rules_reopen(const struct law_file *files, size_t count,
                                         struct law_rules **out, struct pd_error *err);
void law_rules_free(struct law_rules *rules);

/** What law_rules_new would refuse. */
struct law_check {
    const pd_str *problems; /* as its errors; at most LAW_PROBLEMS_MAX of each file */
    size_t problem_count;
    size_t files, policies; /* *.cedar, and how many policies in them could be read */
};
/**
 * Checks rules before they are loaded: goes on behind what is wrong, as far as the rest can be
 * judged without it. level: as of law_validate. `*out` lives in `arena`. Returns PD_OK whatever was
 * found; PD_LIMIT.
 */
PD_CHECK enum pd_status law_rules_check(const struct law_file *files, size_t count, unsigned level,
                                        struct pd_arena *arena, struct law_check *out,
                                        struct pd_error *err);
size_t law_rules_count(const struct law_rules *rules); /* policies */
const struct law_fact_kind *law_rules_fact(const struct law_rules *rules, pd_str name); /* or NULL */
size_t law_rules_fact_count(const struct law_rules *rules);
const struct law_fact_kind *law_rules_fact_nth(const struct law_rules *rules, size_t n);
/** A node threshold (context.t.NAME); false if the node has none of that name. */
bool law_rules_threshold(const struct law_rules *rules, pd_str name, int64_t *out);

/** Reads "NAME=VALUE" text by the registry: PD_INVALID says the name nearest, the type, the codes. */
PD_CHECK enum pd_status law_fact_parse(const struct law_rules *rules, pd_str name, pd_str value,
                                       struct pd_arena *arena, struct law_scalar *out,
                                       struct pd_error *err);

/* ---- Calendars and terms ---- */

/** A jurisdiction's days: which are working days, and when a day ends there. Immutable. */
struct law_calendar;

/**
 * Reads a calendar (standards/calendars/NAME.json): {"calendar": 1, "jurisdiction", "title", "source",
 * "licence", "made_by", "utc_offset": "+08:00", "first", "last": dates that bound what is known,
 * "yearly": ["05-01"], "off", "work": ["2024-02-04", "2024-02-10/2024-02-17"]}. Saturdays, Sundays
 * and the days of "yearly" and "off" are no working days, those of "work" are, whatever the weekday.
 * *out lives in `arena`. PD_INVALID as law_rules_new; PD_LIMIT.
 */
PD_CHECK enum pd_status law_calendar_parse(pd_str path, pd_str text, struct pd_arena *arena,
                                           const struct law_calendar **out, struct pd_error *err);
pd_str law_calendar_jurisdiction(const struct law_calendar *calendar);

enum law_day { LAW_DAY_WORKING, LAW_DAY_OFF, LAW_DAY_UNKNOWN };
/** The day, in the calendar's zone, that holds the moment; unknown outside of "first" to "last". */
enum law_day law_calendar_day(const struct law_calendar *calendar, pd_time t);

/**
 * The end of a term ("24h", "15d", "20wd", "6m", "3y") that begins with an event at `start`: the first
 * moment at which it is overdue.
 *
 * h is exact. Of the others the day of the event is not counted, and the term ends with the last day,
 * in the zone of the calendar; m and y end on the day of the same number, or the month's last. The
 * rule is the node's own (docs/law.md, "Deadlines"): no statute is quoted for it. In particular a term
 * in d, m or y is not carried on when its last day is no working day.
 *
 * calendar: NULL counts days in UTC, and knows no working days.
 * PD_NOT_FOUND: working days without a calendar, or beyond what it knows (the sentence is for people);
 * PD_INVALID: no term, or one that ends after the year 9999.
 */
PD_CHECK enum pd_status law_term_due(const struct law_calendar *calendar, pd_time start,
                                     pd_str term, pd_time *due, struct pd_error *err);

/** The calendar that came with the rules (calendars/JURISDICTION.json), or NULL. */
const struct law_calendar *law_rules_calendar(const struct law_rules *rules, pd_str jurisdiction);

/* ---- The finding ---- */

/** An empty chamber or country is an attribute that isn't there. */
struct law_party {
    pd_str id;
    pd_str kind;    /* state_organ agency authority company association group researcher foreign_authority */
    pd_str chamber; /* government enterprise industry public */
    pd_str country; /* ISO 3166-1 alpha-2 */
};

struct law_case {
    pd_str verb;                       /* the action: "open", "share", "store", ... */
    struct law_party party;            /* who acts or discloses */
    pd_str member;                     /* who acts for it, or empty */
    const struct law_party *recipient; /* who receives, or NULL */
    pd_str resource_type;              /* "Distribution", "Version", "Dataset", ... */
    pd_str resource_id;
    /** Several of one name: measured goes before attested, derived, declared; then the later. */
    const struct law_fact *facts;
    size_t fact_count;
    pd_time now; /* policies with @effective later or @expires at or before it do not speak */
    /** For asking "what if": ids of policies that shall not speak. No act is decided with any. */
    const pd_str *without;
    size_t without_count;
};

enum law_outcome { LAW_PERMIT, LAW_DENY, LAW_OPEN };
const char *law_outcome_name(enum law_outcome o);

/** A policy that spoke, for people and for the record. All views borrow from the rules. */
struct law_voice {
    pd_str id, law, article, title, title_zh, jurisdiction, source, verified; /* from annotations */
    enum law_rank rank;
    enum law_voice_role { LAW_PERMITS, LAW_FORBIDS, LAW_DUTY, LAW_EXEMPTS, LAW_ERRS } role;
    pd_str exempted_by; /* a forbid taken out of the finding: by which policy */
    pd_str message;     /* LAW_ERRS: what went wrong */
    const struct law_alternative *remedies; /* LAW_FORBIDS */
    size_t remedy_count;
};

const char *law_voice_role_name(enum law_voice_role role); /* "permits", "forbids", "duty", ... */

/**
 * LAW_OPEN: a fact whose supply, alone or with others of the list, could change the outcome. Not listed
 * are facts whose absence does no harm (supplying them could only make it worse).
 */
struct law_missing {
    const struct law_fact_kind *fact;
    pd_str policy_id; /* the forbid that would cease, or the exemption from it that would hold */
};

struct law_used_fact {
    const struct law_fact *fact;
    bool decisive;  /* read by a policy that spoke, or by a clause that kept a forbid silent */
    pd_str ignored; /* why it did not enter (class too low, expired, unknown name, wrong type); else empty */
};

struct law_finding {
    enum law_outcome outcome;
    pd_str reason; /* one sentence */
    const struct law_voice *voices;
    size_t voice_count; /* forbids first, then permits, duties, exemptions, errors */
    /** Merged: same kind and words once, the strictest; none when the outcome is a deny. */
    const struct law_obligation *obligations;
    size_t obligation_count;
    const struct law_missing *missing;
    size_t missing_count;
    const struct law_used_fact *facts;
    size_t fact_count;
    pd_time made_at;
};

/**
 * Decides. Any evaluation error of a policy is a deny that names it; so is an unknown obligation.
 * Open: every forbid that stands, not exempted, would cease under some supply of the missing facts
 * that somebody may declare or attest. A permit takes effect when its obligations of the classes
 * *before* and *evidenced* are discharged, which is the caller's to see to.
 * Everything in `*out` lives in `arena` or borrows from `rules` and `c`.
 * Returns PD_OK whatever the outcome; PD_INVALID for a case that is not of the schema (an unknown
 * verb or party kind); PD_LIMIT.
 */
PD_CHECK enum pd_status law_find(const struct law_rules *rules, const struct law_case *c,
                                 struct pd_arena *arena, const struct law_finding **out,
                                 struct pd_error *err);

/** One JSON object of a stable shape ("finding": 1), the same bytes for the same finding. */
void law_finding_write(const struct law_finding *finding, struct pd_json *w);

/** One obligation, as it stands in a finding. */
void law_obligation_write(const struct law_obligation *o, struct pd_json *w);

/** Parses "a(x;k=1)+b|c": the grammar above. `allow_alternatives` false: one alternative only. */
PD_CHECK enum pd_status law_obligations_parse(pd_str text, bool allow_alternatives,
                                              struct pd_arena *arena,
                                              const struct law_alternative **out, size_t *count,
                                              struct pd_error *err);

/* Last, since it speaks of all of the above. */
#include "law/study.h"

#endif
