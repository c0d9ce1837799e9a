/** The dossier: all that is known of a dataset in one file. */
#ifndef POLDER_GOVERN_DOSSIER_H
#define POLDER_GOVERN_DOSSIER_H

#include "govern/govern.h"

/** For whom: the public, or an auditor to whom the node opens all that it committed to. */
enum govern_audience { GOVERN_FOR_PUBLIC, GOVERN_FOR_AUDIT };
/**
 * All that stands behind an act, in one file that can be checked without this node
 * (docs/reference/dossier.md): its leaf with proof and checkpoint, receipt, the case with its
 * facts, plan and risks as the leaf commits to them, the finding, the rules and how they came into
 * force, the charter with the keys; signed by the node. Canonical JSON.
 *
 * object: an act, dataset, version or distribution: of the last three the act that made the newest
 * version. For the public the member, evidence, attestations and recipient stay closed.
 * PD_NOT_FOUND; PD_DENIED: for the public, and the act isn't public, or a rule reads what must stay
 * closed; PD_UNAVAILABLE: proof pending; PD_INVALID: the act asked no law, so that nothing stands
 * behind it; PD_INTERNAL: what is recorded doesn't hold.
 */
PD_CHECK enum pd_status govern_dossier(struct govern *g, pd_id object,
                                       enum govern_audience audience, struct pd_arena *arena,
                                       pd_str *out, struct pd_error *err);

/** An audit dossier, and who gets it. */
struct govern_dossier_given {
    pd_str party, member; /* who takes it from the node, and answers for it */
    pd_str recipient;     /* to whom they hand it, in words, at most 200 bytes; may be empty */
    const struct account_who *who; /* as they proved it; NULL: the member whom the command line names */
};
/**
 * A dossier for audit, as an act: it opens what the node keeps closed. The rules of access decide
 * (read_acts, of what the public doesn't know of the act); the act stands when this returns, and
 * only then may a byte be handed out. PD_DENIED: the rules refuse; and as govern_dossier, of which
 * nothing is recorded.
 */
PD_CHECK enum pd_status govern_dossier_give(struct govern *g, pd_id object,
                                            const struct govern_dossier_given *given,
                                            struct pd_arena *arena, pd_str *out,
                                            const struct govern_outcome **outcome,
                                            struct pd_error *err);

#endif
