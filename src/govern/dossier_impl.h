/**
 * A dossier in the making: what dossier.c gathers and dossier_write.c writes. Never leaves the
 * folder.
 */
#ifndef POLDER_GOVERN_DOSSIER_IMPL_H
#define POLDER_GOVERN_DOSSIER_IMPL_H

#include "govern/govern_impl.h"

struct json_t;

/** A leaf in its log. */
struct dossier_leaf {
    pd_str id; /* of its act */
    pd_str bytes;
    struct integrate_log log;
    struct ledger_offline *offline;
};

struct dossier {
    struct govern *g;
    struct pd_arena *arena;
    enum govern_audience audience;
    pd_id act;
    pd_str id, member, rules_id, receipt;
    const struct ledger_leaf *parsed;            /* the act's leaf */
    struct dossier_leaf leaf, founding, enacted; /* enacted: by which the rules came into force */
    struct dossier_leaf *rotated; /* acts that gave the public log, receipts or parties other keys than the charter's */
    size_t rotated_count;
    pd_str charter, rules;                       /* canonical JSON */
    struct store_key key;                        /* of the record */
    pd_str record;
    struct json_t *json;    /* the record */
    struct json_t *request; /* of its intent; or NULL */
    struct law_rules *law;
    struct law_case c;
    const struct law_finding *finding;
    pd_str statement; /* canonical JSON */
    struct dossier_attestation {
        pd_str fact, party, intent, value, evidence, signature; /* signature: base64 */
        pd_time at, expires;
    } * attestations;
    size_t attestation_count;
};

/** All but the signature. */
PD_CHECK enum pd_status dossier_write(const struct dossier *d, pd_time now, pd_str *out,
                                      struct pd_error *err);

#endif
