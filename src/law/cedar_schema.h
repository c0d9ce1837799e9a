/**
 * Cedar schemas (version 4.5): what entity types, actions and attributes there are.
 *
 * Both syntaxes are read into one model: Cedar's own (`entity User in [Group] = {...};`) and JSON
 * (`{"NS": {"entityTypes": {...}, "actions": {...}}}`). A schema does not change once read and may
 * be shared between threads. The rest of Polder reads this through law/law.h.
 */
#ifndef POLDER_LAW_CEDAR_SCHEMA_H
#define POLDER_LAW_CEDAR_SCHEMA_H

#include <limits.h>

#include "law/cedar.h"

enum {
    LAW_DECLARATIONS_MAX = 1 << 14, /* types and actions of one schema */
    LAW_TYPE_SIZE_MAX = 1 << 16     /* parts of one type with all its common types written out */
};

struct law_schema;

enum law_schema_form { LAW_SCHEMA_CEDAR, LAW_SCHEMA_JSON };

/**
 * Reads a whole schema: every name that it uses must be declared in it.
 *
 * name:  for messages, e.g. "law/polder.cedarschema".
 * arena: holds the schema, which borrows `name` and `text` too.
 * Returns PD_OK; PD_INVALID with "NAME:LINE:COLUMN: what is wrong", the source line and a caret (an
 * unknown name gets the nearest known one; also for names declared twice or shadowed, RFC 70, and
 * circles of common types or actions; stricter than the reference: an attribute written twice);
 * PD_LIMIT.
 */
PD_CHECK enum pd_status law_schema_parse(pd_str name, pd_str text, enum law_schema_form form,
                                         struct pd_arena *arena, const struct law_schema **out,
                                         struct pd_error *err);
size_t law_schema_type_count(const struct law_schema *schema); /* entity types */
size_t law_schema_action_count(const struct law_schema *schema);

/* ---- Validation ---- */

enum {
    LAW_PROBLEMS_MAX = 20,             /* that are reported of one text */
    LAW_VALIDATION_STEPS_MAX = 1 << 26 /* looks at expressions and types, for one policy */
};

/** For law_validate: policies may read from entities however far away. */
#define LAW_LEVEL_ANY UINT_MAX

/** What is wrong with a policy. */
struct law_problem {
    size_t policy; /* index in the set */
    struct law_place place;
    pd_str message; /* "NAME:LINE:COLUMN: ...", the source line, a caret, as for a parse error */
};

/**
 * Validates policies strictly (Cedar's formal model, Validation/Typechecker; SDK 4.10): each is
 * typed for every type of principal, action and type of resource that the schema lets meet. A
 * policy that passes can fail in evaluation only for a missing entity, an extension's error or
 * overflow. Problems: unknown types, actions and enum ids, also where they are never evaluated; a
 * scope that no action allows; ill-typed conditions; access to what may be missing without a guard.
 *
 * level_max: of a policy that is valid otherwise, how many entities it may read from (attributes,
 * tags, `in`) one after the other, from principal, action, resource and what context holds: with 1
 * (RFC 76) it needs of the store only the entities that the request names. Entities that are
 * written out in the policy must then not be read from at all. LAW_LEVEL_ANY does not ask.
 * out, count: the first LAW_PROBLEMS_MAX problems of each text (law_policy.name), each place once;
 * in `arena`. None: the policies are valid. Returns PD_OK whatever was found; PD_LIMIT for the
 * arena or LAW_VALIDATION_STEPS_MAX.
 */
PD_CHECK enum pd_status law_validate(const struct law_policies *policies,
                                     const struct law_schema *schema, unsigned level_max,
                                     struct pd_arena *arena, const struct law_problem **out,
                                     size_t *count, struct pd_error *err);

/* ---- Data under a schema ---- */

/**
 * As law_entities_parse, with every entity, parent, attribute and tag as the schema has it. Where
 * the schema says what a value is, escapes may be left out: `{"type","id"}` for an entity, `"1.50"`
 * for a decimal.
 */
PD_CHECK enum pd_status law_schema_parse_entities(const struct law_schema *schema, pd_str name,
                                                  pd_str json, struct pd_arena *arena,
                                                  const struct law_entities **out,
                                                  struct pd_error *err);
/**
 * Reads the context for a request whose principal, action and resource are set, and checks that the
 * action applies to them. PD_INVALID says what the schema does not allow; PD_LIMIT.
 */
PD_CHECK enum pd_status law_schema_parse_context(const struct law_schema *schema, pd_str name,
                                                 pd_str json, struct pd_arena *arena,
                                                 struct law_request *request, struct pd_error *err);

#endif
