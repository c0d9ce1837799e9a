/* The table of the portal's routes. */
#include "portal/pages.h"

enum { FORM_MAX = 16384 };

static const struct serve_route ROUTES[] = {
    {"GET", "/", 0, SERVE_QUICK, NULL, portal_get_start, NULL},
    {"GET", "/polder.css", 0, SERVE_QUICK, NULL, portal_get_styles, NULL},
    {"GET", "/icon.svg", 0, SERVE_QUICK, NULL, portal_get_icon, NULL},
    {"GET", "/verify.html", 0, SERVE_QUICK, NULL, portal_get_verify, NULL},
    {"GET", "/verify.html.sha256", 0, SERVE_QUICK, NULL, portal_get_verify_hash, NULL},
    {"GET", "/{language}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_home, NULL},
    {"GET", "/{language}/promise.csv", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_promise, NULL},
    {"GET", "/{language}/promise.json", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_promise, NULL},
    {"GET", "/{language}/datasets", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_datasets, NULL},
    {"GET", "/{language}/datasets/{id}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_dataset, NULL},
    {"GET", "/{language}/datasets/{id}/columns/{file}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_column, NULL},
    {"GET", "/{language}/datasets/{id}/lineage.csv", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_lineage, NULL},
    {"GET", "/{language}/datasets/{id}/lineage.json", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_lineage, NULL},
    {"GET", "/{language}/datasets/{id}/dossier", 0, SERVE_PAGE, NULL, portal_get_dossier, NULL},
    {"GET", "/{language}/files/{id}", 0, SERVE_PAGE, NULL, portal_get_file, NULL},
    {"GET", "/{language}/acts", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_acts, NULL},
    {"GET", "/{language}/acts/{id}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_act, NULL},
    {"GET", "/{language}/acts/{id}/receipt", 0, SERVE_PAGE, NULL, portal_get_receipt, NULL},
    {"GET", "/{language}/acts/{id}/proof", 0, SERVE_PAGE, NULL, portal_get_proof, NULL},
    {"GET", "/{language}/acts/{id}/path.csv", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_path, NULL},
    {"GET", "/{language}/acts/{id}/path.json", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_path, NULL},
    {"GET", "/{language}/acts/{id}/dossier", 0, SERVE_PAGE, NULL, portal_get_dossier, NULL},
    {"GET", "/{language}/intents", 0, SERVE_PAGE, NULL, portal_get_intents, NULL},
    {"GET", "/{language}/intents/{id}", 0, SERVE_PAGE, NULL, portal_get_intent, NULL},
    {"GET", "/{language}/ledger", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_ledger, NULL},
    {"GET", "/{language}/rules", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_rules, NULL},
    {"GET", "/{language}/rules/{law}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_law, NULL},
    {"GET", "/{language}/rule/{id}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_rule, NULL},
    {"GET", "/{language}/ask", 0, SERVE_PAGE, NULL, portal_get_ask, NULL},
    {"GET", "/{language}/unlock", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_unlock, NULL},
    {"GET", "/{language}/parties", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_parties, NULL},
    {"GET", "/{language}/parties/{id}", 0, SERVE_PAGE | SERVE_CACHED, NULL, portal_get_party, NULL},
    {"GET", "/{language}/sign-in", 0, SERVE_PAGE, NULL, portal_get_sign_in, NULL},
    {"POST", "/{language}/sign-in", FORM_MAX, SERVE_PAGE | SERVE_FORM | SERVE_OPEN, NULL, portal_post_sign_in, NULL},
    {"POST", "/{language}/sign-out", FORM_MAX, SERVE_PAGE | SERVE_FORM, NULL, portal_post_sign_out, NULL},
    {"GET", "/{language}/invitation", 0, SERVE_PAGE, NULL, portal_get_invitation, NULL},
    {"POST", "/{language}/invitation", FORM_MAX, SERVE_PAGE | SERVE_FORM | SERVE_OPEN, NULL, portal_post_invitation,
     NULL},
    {"GET", "/{language}/account", 0, SERVE_PAGE, NULL, portal_get_account, NULL},
    {"POST", "/{language}/account/password", FORM_MAX, SERVE_PAGE | SERVE_FORM, NULL, portal_post_password, NULL},
    {"POST", "/{language}/account/sign-out-everywhere", FORM_MAX, SERVE_PAGE | SERVE_FORM, NULL,
     portal_post_everywhere, NULL},
    {"GET", "/{language}/publish", 0, SERVE_PAGE, NULL, portal_get_publish, NULL},
    {"GET", "/{language}/acts/{id}/done", 0, SERVE_PAGE, NULL, portal_get_done, NULL},
    {"POST", "/{language}/publish", FORM_MAX, SERVE_PAGE | SERVE_FORM | SERVE_UPLOAD, "upload", portal_post_publish, NULL},
    {"POST", "/{language}/publish/{upload}", FORM_MAX, SERVE_PAGE | SERVE_FORM, "make_intent", portal_post_sign, NULL},
};

const struct serve_route *portal_routes(size_t *count) {
    *count = sizeof(ROUTES) / sizeof(ROUTES[0]);
    return ROUTES;
}
