/**
 * What somebody may ask the API and the portal for. Decided by the node's rules (law/node/access.cedar), never by ifs
 * of a face. It opens no act: whatever a member then does passes the doorway, which asks the law again.
 *
 * A node whose rules are older than these questions (they don't know the fact `signed_in`) is asked under the access
 * rules that came with the program, until its chambers enact their own.
 */
#ifndef POLDER_GOVERN_MAY_H
#define POLDER_GOVERN_MAY_H

#include "account/account.h"
#include "govern/govern.h"

/** What it is about. */
struct govern_resource {
    const char *type;   /* "Node", "Party", "Dataset", "Version", "Distribution", "Intent", "Case", "Member" */
    pd_str id;          /* for the record; may be empty */
    pd_str holder;      /* the party that it belongs to; empty: none in particular */
    bool is_disclosed;  /* the public knows of it */
    const pd_str *concerned; /* parties that take part: recipients, who raised a case, who owes an answer */
    size_t concerned_count;
};

/** The answer; texts live in the arena or as long as the node is open. */
struct govern_permission {
    bool may;
    pd_str policy;          /* that refused; empty: no rule permits it, or it may */
    pd_str article, title, title_zh; /* of that policy */
    pd_str reason;          /* a sentence */
};

/**
 * Whether `who` may ask for `action` ("read_dataset", "upload", ...; govern_may_nth) of the resource. Microseconds.
 *
 * who:      NULL: somebody who hasn't signed in.
 * resource: NULL: the node as a whole; of the asker's own party, where an action needs one.
 * Whatever goes wrong is no permission. PD_INVALID: there is no such action; PD_LIMIT; PD_INTERNAL: the rules don't load.
 */
PD_CHECK enum pd_status govern_may(struct govern *g, const struct account_who *who, const char *action,
                                   const struct govern_resource *resource, struct pd_arena *arena,
                                   struct govern_permission *out, struct pd_error *err);
/** The same as an error: PD_OK, or PD_DENIED that names the rule. `out` as above; may be NULL. */
PD_CHECK enum pd_status govern_must(struct govern *g, const struct account_who *who, const char *action,
                                    const struct govern_resource *resource, struct pd_arena *arena,
                                    struct govern_permission *out, struct pd_error *err);

/**
 * Looks up whose a thing is, and who takes part. Of what isn't there and of what its asker may not know of, a face
 * says the same: PD_NOT_FOUND.
 *
 * type: "Dataset", "Version", "Distribution", "Intent", "Case", "Act" (its resource is its intent, or the node), "Party".
 */
PD_CHECK enum pd_status govern_resource_find(struct govern *g, const char *type, pd_str id, struct pd_arena *arena,
                                             struct govern_resource *out, struct pd_error *err);

/** The actions that there are, one after the other; NULL behind the last. A token's scopes are of these. */
const char *govern_may_nth(size_t n);
/** Whether each word (separated by single spaces) is an action. PD_USAGE names the first that isn't, and what may have
 * been meant. */
PD_CHECK enum pd_status govern_scopes_check(pd_str scopes, struct pd_error *err);

#endif
