/** Recorded findings made again: under their own rules, under others, and with what is missing
 * supplied. */
#ifndef POLDER_GOVERN_REPLAY_H
#define POLDER_GOVERN_REPLAY_H

#include "govern/govern.h"

/** Whether, and why not, the case of a recorded finding can be read. */
enum govern_unread {
    GOVERN_READ,
    GOVERN_ERASED,   /* the key of the record was destroyed */
    GOVERN_OLD,      /* recorded by a Polder that did not keep all of it */
    GOVERN_NO_RULES, /* the rules that were in force then don't load in this program */
    GOVERN_DAMAGED   /* the record, or the rules, are not what was written */
};
const char *govern_unread_name(enum govern_unread unread); /* "erased", ... */

/** How two findings of one case differ. Views live as long as the arena they were made in. */
struct govern_difference {
    pd_str from, to;                      /* outcomes */
    const struct govern_said {            /* policies that spoke in one of them only */
        pd_str policy, role, exempted_by; /* as in a finding */
        bool is_gained;                   /* in the later one */
    } * said;
    size_t said_count;
    const struct govern_owed { /* likewise obligations */
        pd_str policy, obligation;
        bool is_discharged, is_gained;
    } * owed;
    size_t owed_count;
};

/** A finding that could not be made again. */
struct govern_unread_act {
    pd_id act;
    pd_str verb, why;
    enum govern_unread unread;
};

struct govern_replayed {
    uint64_t findings, equal, rules; /* rules: how many sets were loaded */
    const struct govern_differing {
        pd_id act;
        pd_str verb, rules;
        struct govern_difference difference;
    } * differing; /* in the order of the acts */
    size_t differing_count;
    const struct govern_unread_act *unread;
    size_t unread_count;
    size_t damaged_count; /* of the unread ones */
};
/**
 * Makes every recorded finding again, from the facts that were stored with it, at its moment, under
 * the rules that its act names. Equal: the same outcome, policies and obligations. Writes nothing.
 * PD_OK also when findings differ.
 */
PD_CHECK enum pd_status govern_replay(struct govern *g, struct pd_arena *arena,
                                      const struct govern_replayed **out, struct pd_error *err);

struct govern_impact_question {
    const struct law_rules *from, *to;
    pd_time at; /* 0: each case at its own moment; else all of them then */
};
struct govern_impact {
    uint64_t cases, same;
    const struct govern_changed {
        pd_id act;
        pd_str verb, party;
        struct govern_difference difference;
    } * changed; /* in the order of the acts */
    size_t changed_count;
    /** The changes, those of one kind together: those of the outcome first, then the frequent ones.
     */
    const struct govern_shift {
        const struct govern_difference *what; /* of the first of them; its duties aside */
        const size_t *cases;                  /* indices into `changed` */
        size_t count;
    } * shifts;
    size_t shift_count;
    const struct govern_duty_shift {
        const struct govern_owed *what;
        const size_t *cases;
        size_t count;
    } * duties;
    size_t duty_count;
    const struct govern_unread_act *unread;
    size_t unread_count;
};
/** Decides every recorded case under two sets of rules. Writes nothing. */
PD_CHECK enum pd_status govern_impact(struct govern *g,
                                      const struct govern_impact_question *question,
                                      struct pd_arena *arena, const struct govern_impact **out,
                                      struct pd_error *err);

/** What stands between recorded requests and their data. */
struct govern_blocks {
    pd_time at; /* as of */
    struct govern_extent {
        size_t cases, datasets;
        uint64_t rows;            /* of those datasets, each once, as measured last */
    } waiting;                    /* denials and open intents that nothing has settled since */
    struct govern_extent passing; /* of these: what the law of today lets pass already */
    size_t denials, intents;      /* of the waiting ones */
    const struct govern_block {
        enum govern_block_kind {
            GOVERN_BY_ARTICLE,   /* a policy refuses */
            GOVERN_BY_FACT,      /* a fact is missing that somebody can supply */
            GOVERN_BY_CHANGE,    /* the data must be changed before */
            GOVERN_BY_SIGNATURE, /* a plan waits for its steward */
        } kind;
        pd_str name;  /* policy, fact, obligation, party */
        pd_str value; /* of a fact: the one that unlocks most, as text */
        const struct law_fact_kind *fact;
        const struct law_voice *article;
        const pd_str *policies; /* that ask for it */
        size_t policy_count;
        struct govern_extent blocked, unlocked; /* if this one thing were supplied */
        const pd_id *acts;                      /* of the blocked cases */
        const bool *is_unlocked;                /* for each of them */
    } * blocks;                                 /* what unlocks most first, then what blocks most */
    size_t block_count;
    const struct govern_unread_act *unread;
    size_t unread_count;
};
/**
 * Decides every denial and open intent anew under the rules in force now, with what was attested
 * since, and once more for each single thing that stands in its way, as if that were supplied. The
 * data itself isn't read again: what was measured then stands. Writes nothing.
 */
PD_CHECK enum pd_status govern_unlock(struct govern *g, struct pd_arena *arena,
                                      const struct govern_blocks **out, struct pd_error *err);
/**
 * The same for whoever won't wait: where finding it takes long, what was found last (`at` says when), as long
 * as somebody calls govern_unlock_renew. For a handle of a writer.
 */
PD_CHECK enum pd_status govern_unlock_lately(struct govern *g, struct pd_arena *arena,
                                             const struct govern_blocks **out,
                                             struct pd_error *err);
/** Finds it again if something has changed, for those. `*took_us`: how long that took; 0: it still held. */
PD_CHECK enum pd_status govern_unlock_renew(struct govern *g, int64_t *took_us,
                                            struct pd_error *err);

#endif
