/**
 * Demands: what data somebody needs, for what and how often. First the catalogue is searched, with what
 * the law says of each match for this asker; where nothing fits, the demand is a case for whoever must
 * answer, which others may back. Part of catalogue.h, which includes it last.
 */
#ifndef POLDER_GOVERN_DEMAND_H
#define POLDER_GOVERN_DEMAND_H

#include "govern/catalogue.h"
#include "match/match.h"

/* ---- What the catalogue has ---- */

enum { GOVERN_MATCHES_MAX = 10, GOVERN_NEED_MAX = 2000 };

struct govern_match {
    pd_id dataset;
    pd_str party;
    pd_str title; /* language map */
    enum catalogue_openness openness;
    bool is_own;
    unsigned covered_permille; /* of what is asked for */
    bool fits;                 /* enough of it: MATCH_FITS_PERMILLE */
    const struct match_word *words; /* why it matched, and what is missing */
    size_t word_count;
    /** Of sharing it with this asker as it was at its newest act, with what was measured and attested
     * then: NULL where nobody asks, it is the asker's own, or no act about it can be read. */
    const struct law_finding *finding;
};
/**
 * Datasets that the viewer may see and that answer a need, the best first. The need is 1 to 2,000 bytes:
 * PD_USAGE. All in `arena`; policies that a finding names live as long as the rules. Writes nothing.
 */
PD_CHECK enum pd_status govern_demand_match(struct govern *g, const struct catalogue_viewer *viewer,
                                            pd_str need, struct pd_arena *arena,
                                            const struct govern_match **out, size_t *count,
                                            struct pd_error *err);
/** One JSON object. */
void govern_match_write(const struct govern_match *match, struct pd_json *w);

/* ---- Demanding ---- */

/** "once", "live", "daily", ... by number from 0; NULL behind the last. */
const char *govern_how_often(size_t n);

struct govern_demanding {
    pd_str party, member;
    pd_str private_key; /* text of the party's key file; needed for attested facts, else may be empty */
    pd_str need, purpose; /* 1 to 2,000 and 1 to 1,000 bytes */
    pd_str how_often;
    bool is_sealed;     /* until it is answered its words are for the two parties */
    bool is_none_right; /* the asker saw what fits, and it isn't it */
    pd_str dataset, responsible; /* as struct govern_raising; where both are empty, who holds what comes
                                    nearest, else the coordinating authority */
    const struct govern_declared *declared, *attested;
    size_t declared_count, attested_count;
    pd_str evidence;
};
/**
 * Raises a demand as a case; see govern_case_raise for how it may be refused. Its id is the case's.
 * PD_CONFLICT: something in the catalogue fits, and the asker doesn't say that it isn't right: named.
 */
PD_CHECK enum pd_status govern_demand(struct govern *g, const struct govern_demanding *given,
                                      struct pd_arena *arena, pd_id *id,
                                      const struct govern_outcome **out, struct pd_error *err);

struct govern_backing {
    pd_id demand;
    pd_str party, member, private_key; /* the key may be empty */
};
/** "We need it too": an act. PD_NOT_FOUND; PD_CONFLICT: the party backs it already, raised it itself, or it
 * is decided; PD_DENIED: it is sealed, and this party doesn't take part. */
PD_CHECK enum pd_status govern_demand_back(struct govern *g, const struct govern_backing *given,
                                           struct pd_arena *arena, const struct govern_outcome **out,
                                           struct pd_error *err);

/* ---- Reading ---- */

struct govern_demand {
    const struct govern_raised *raised; /* the case, with its thread only where `is_readable` */
    pd_str how_often;
    bool is_sealed;
    bool is_readable; /* by the viewer; else need and purpose are empty */
    bool is_erased;
    pd_str need, purpose;
    const struct govern_backer {
        pd_str party;
        pd_time at;
    } * backers;
    size_t backer_count;
};
/**
 * The demands of the node, or that one (PD_NOT_FOUND): overdue ones first, then those that wait, then
 * the others; within each the one with most backers, then the newest first. Everybody sees that there
 * is a demand, whose, to whom and until when; of a sealed one that isn't answered, the words are for
 * who raised it, who must answer, and who may see all.
 */
PD_CHECK enum pd_status govern_demands(struct govern *g, const struct catalogue_viewer *viewer,
                                       const pd_id *id, struct pd_arena *arena,
                                       const struct govern_demand **out, size_t *count,
                                       struct pd_error *err);
/** One JSON object. */
void govern_demand_write(const struct govern_demand *demand, struct pd_json *w);

#endif
