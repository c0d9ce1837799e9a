/* The table of the API's routes, and what the OpenAPI document says of them. */
#include "api/api_impl.h"

#define END                                                                                        \
    { NULL, SERVE_ANY, false, NULL, 0, NULL }
#define PAGE                                                                                       \
    {"limit", SERVE_INTEGER, false, "Items of a page, at most 100", 100, NULL}, {                  \
        "after", SERVE_TEXT, false, "The `next` of the page before", 200, NULL                     \
    }
static const struct serve_field LIST[] = {PAGE, END};
static const struct serve_field PARTIES[] = {{"chamber", SERVE_TEXT, false, NULL, 0, "government enterprise industry public"}, PAGE, END};
static const struct serve_field DATASETS[] = {
    {"search", SERVE_TEXT, false, "Words that all occur in the title or in a column's name", 200, NULL},
    {"party", SERVE_TEXT, false, "Whose", 128, NULL},
    {"grade", SERVE_TEXT, false, "As general-3", 40, NULL},
    {"openness", SERVE_TEXT, false, "How far it has gone", 0, "held shared open"},
    PAGE, END};
static const struct serve_field ACTS[] = {{"party", SERVE_TEXT, false, "Whose", 128, NULL},
                                          {"verb", SERVE_TEXT, false, "Which", 40, NULL},
                                          {"dataset", SERVE_ID, false, "About which", 0, NULL}, PAGE, END};
static const struct serve_field CLOCKS[] = {{"party", SERVE_TEXT, false, "Who owes it", 128, NULL},
                                            {"state", SERVE_TEXT, false, NULL, 0, "due met overdue"}, PAGE, END};
static const struct serve_field INTENTS[] = {{"state", SERVE_TEXT, false, NULL, 0, "open done denied"}, PAGE, END};
static const struct serve_field CASES[] = {{"state", SERVE_TEXT, false, NULL, 0, "raised escalated answered refused withdrawn"}, PAGE, END};
static const struct serve_field LEAVES[] = {{"from", SERVE_INTEGER, false, "Number of the first leaf; else the last ones", 0, NULL},
                                            {"limit", SERVE_INTEGER, false, "How many", 1000, NULL}, END};
static const struct serve_field ITEMS[] = {{"items", SERVE_ANY, true, "A page", 0, NULL},
                                           {"next", SERVE_TEXT, false, "Cursor of the next page; empty: there is none", 0, NULL}, END};
static const struct serve_field TOKEN[] = {
    {"title", SERVE_TEXT, true, "What it is for", 200, NULL},
    {"scopes", SERVE_TEXT, true, "Actions, separated by single spaces", 1000, NULL},
    {"days", SERVE_INTEGER, false, "For how long (90)", 366, NULL}, END};
static const struct serve_field FINDING[] = {
    {"verb", SERVE_TEXT, true, "The act: open, share, store, collect, use, ...", 40, NULL},
    {"party_kind", SERVE_TEXT, false, "Who acts (state_organ)", 0, "state_organ agency authority company association group researcher"},
    {"recipient_kind", SERVE_TEXT, false, "Who receives", 0, "state_organ agency authority company association group researcher"},
    {"facts", SERVE_TEXT_MAP, false, "Facts of the registry, declared: name and value as text", 0, NULL}, END};
#define REQUEST                                                                                    \
    {"upload", SERVE_ID, true, "The file", 0, NULL},                                               \
        {"verb", SERVE_TEXT, true, "What is to be done", 0, "open share store"},                   \
        {"title", SERVE_TEXT, true, "Of the dataset", 500, NULL},                                  \
        {"language", SERVE_TEXT, false, "Of the title", 0, "en zh"},                               \
        {"purpose", SERVE_TEXT, true, "What for", 500, NULL},                                      \
        {"basis", SERVE_TEXT, false, "On which legal basis", 500, NULL},                           \
        {"recipient", SERVE_TEXT, false, "The party that receives; share only", 128, NULL}, {      \
        "facts", SERVE_TEXT_MAP, false, "Facts that are declared", 0, NULL                         \
    }
#define PLAN_SCHEMA "/api/plan.schema.json"
#define GIVEN                                                                                      \
    {                                                                                              \
        "plan", SERVE_JSON, false, "A steward's own, instead of the one that is found: it may tighten what the rules demand, never loosen it", 0, PLAN_SCHEMA \
    }
static const struct serve_field PLAN[] = {REQUEST, GIVEN, END};
static const struct serve_field SUGGESTION[] = {
    {"upload", SERVE_ID, true, "The file", 0, NULL},
    {"k", SERVE_INTEGER, false, "Rows that share a combination, at least; without it the knee of the curve of loss against risk is proposed", 1000000, NULL},
    {"max_suppressed", SERVE_INTEGER, false, "Rows that may be left out, in hundredths (10)", 100, NULL},
    {"population", SERVE_INTEGER, false, "People of whom the table is a sample: then it is estimated how many are unique among them", 0, NULL}, END};
static const struct serve_field INTENT[] = {REQUEST, GIVEN, {"sign", SERVE_BOOL, false, "The plan is signed, by a steward", 0, NULL}, END};
static const struct serve_field RESUME[] = {{"upload", SERVE_ID, true, "The same file again", 0, NULL}, GIVEN,
                                            {"sign", SERVE_BOOL, false, "The plan is signed, by a steward", 0, NULL}, END};
static const struct serve_field CASE[] = {
    {"kind", SERVE_TEXT, true, NULL, 0, "access demand objection correction withdrawal incident"},
    {"dataset", SERVE_TEXT, false, "Id or title", 500, NULL},
    {"responsible", SERVE_TEXT, false, "The party that is to answer; else the dataset's", 128, NULL},
    {"subject", SERVE_TEXT, true, "What it is about", 4000, NULL},
    {"facts", SERVE_TEXT_MAP, false, "Facts that are declared", 0, NULL}, END};
#define CHANGES                                                                                    \
    {"changes", SERVE_TEXT_MAP, false, "Paths of the rules or standards, with the whole text that is to stand there", 1 << 20, NULL}, \
    {                                                                                              \
        "remove", SERVE_TEXTS, false, "Paths that are to be taken out of what is in force", 64, NULL \
    }
static const struct serve_field PROPOSAL[] = {
    {"title", SERVE_TEXT, true, "For everybody to read", 500, NULL},
    {"language", SERVE_TEXT, false, "Of the title (en)", 0, "en zh"},
    {"effects", SERVE_TEXT_MAP, true, "On individuals, business and public: all three are stated, even if there are none", 2000, NULL},
    CHANGES,
    {"rollback_of", SERVE_ID, false, "Instead of changes: what this proposal brought into force is to be undone", 0, NULL}, END};
static const struct serve_field MOVE[] = {
    {"move", SERVE_TEXT, true, "Opens the consultation, withdraws it, or gives it another text", 0, "consult withdraw edit"}, CHANGES, END};
static const struct serve_field OBJECTION[] = {
    {"category", SERVE_TEXT, true, NULL, 0, "law privacy safety equity cost"},
    {"harm", SERVE_TEXT, true, "What it would do", 4000, NULL},
    {"change", SERVE_TEXT, true, "What should be written instead", 4000, NULL}, END};
static const struct serve_field REPLY[] = {
    {"move", SERVE_TEXT, true, "Who proposed answers; who objected withdraws, or says that it stands", 0, "answer withdraw sustain"},
    {"text", SERVE_TEXT, false, "For everybody to read", 4000, NULL}, END};
static const struct serve_field BALLOT[] = {{"choice", SERVE_TEXT, true, NULL, 0, "yes no abstain"}, END};
static const struct serve_field NEED[] = {{"need", SERVE_TEXT, true, "What is needed, in English or Chinese", 2000, NULL}, END};
static const struct serve_field DEMAND[] = {
    {"need", SERVE_TEXT, true, "What is needed", 2000, NULL},
    {"purpose", SERVE_TEXT, true, "What it is for", 1000, NULL},
    {"how_often", SERVE_TEXT, true, NULL, 0, "once live daily weekly monthly quarterly yearly"},
    {"sealed", SERVE_BOOL, false, "Until it is answered its words are for the two parties", 0, NULL},
    {"none_fits", SERVE_BOOL, false, "What the catalogue has isn't it", 0, NULL},
    {"dataset", SERVE_TEXT, false, "Id or title of one that comes near", 500, NULL},
    {"responsible", SERVE_TEXT, false, "The party that is to answer; else who holds what comes nearest", 128, NULL},
    {"facts", SERVE_TEXT_MAP, false, "Facts that are declared", 0, NULL}, END};
static const struct serve_field DOSSIER[] = {
    {"recipient", SERVE_TEXT, false, "To whom you hand it, in words", 200, NULL}, END};
static const struct serve_field NOTHING[] = {END};

#define DOC(name, id, tag, summary, query, body, gives, type, status)                              \
    static const struct serve_doc name = {id, tag, summary, NULL, query, body, gives, type, status}
DOC(GET_PARTIES, "listParties", "parties", "Parties", PARTIES, NULL, ITEMS, NULL, 0);
DOC(GET_PARTY, "getParty", "parties", "A party", NULL, NULL, NULL, NULL, 0);
DOC(GET_MEMBERS, "listMembers", "members", "Members of a party", NULL, NULL, ITEMS, NULL, 0);
DOC(GET_TOKENS, "listTokens", "tokens", "Your tokens", NULL, NULL, ITEMS, NULL, 0);
DOC(POST_TOKEN, "makeToken", "tokens", "Make a token; its secret is shown this once", NULL, TOKEN, NULL, NULL, 201);
DOC(DELETE_TOKEN, "revokeToken", "tokens", "Revoke a token", NULL, NULL, NULL, NULL, 204);
DOC(GET_DATASETS, "listDatasets", "datasets", "Search datasets", DATASETS, NULL, ITEMS, NULL, 0);
DOC(GET_DATASET, "getDataset", "datasets", "A dataset with its versions and distributions", LIST, NULL, NULL, NULL, 0);
DOC(GET_INSPECTION, "getInspection", "inspections", "What was found in a version or distribution", NULL, NULL, NULL, NULL, 0);
DOC(GET_DATA, "getData", "datasets", "The data of a distribution", NULL, NULL, NULL, "text/csv", 0);
DOC(POST_UPLOAD, "upload", "versions", "Send a file, of any size; it is inspected by a job", NULL, NULL, NULL, NULL, 202);
DOC(GET_SOURCES, "listSources", "versions", "Sources that the operator registered for your party", NULL, NULL, ITEMS, NULL, 0);
DOC(POST_SOURCE, "readSource", "versions", "Read a source of your party into an upload, instead of sending a file", NULL, NULL, NULL, NULL, 202);
DOC(GET_UPLOAD, "getUpload", "versions", "How far an upload is, and what was found in it", NULL, NULL, NULL, NULL, 0);
DOC(DELETE_UPLOAD, "forgetUpload", "versions", "Forget an upload", NULL, NULL, NULL, NULL, 204);
DOC(POST_VERSION_READ, "readVersion", "versions", "Read a version that your party stored as it came into an upload, to govern it again", NULL, NULL, NULL, NULL, 202);
DOC(POST_SUGGESTION, "suggestPlan", "plans", "Have a plan searched for a file, by a job: candidates of loss against risk, the knee of their curve", NULL, SUGGESTION, NULL, NULL, 202);
DOC(GET_SUGGESTION, "getSuggestion", "plans", "How far a suggestion is, and what was found", NULL, NULL, NULL, NULL, 0);
DOC(POST_PLAN, "plan", "plans", "What the law says of a file and what must be changed, or what a plan that is given would do; nothing is done", NULL, PLAN, NULL, NULL, 0);
DOC(GET_PLAN, "getPlan", "plans", "The plan of an act, version, distribution, or of a dataset's newest act with one; its risks before and after", NULL, NULL, NULL, NULL, 0);
DOC(POST_INTENT, "act", "intents", "Act: done with a receipt, refused, or left open", NULL, INTENT, NULL, NULL, 201);
DOC(GET_INTENTS, "listIntents", "intents", "Intents, and what they wait for", INTENTS, NULL, ITEMS, NULL, 0);
DOC(GET_INTENT, "getIntent", "intents", "An intent", NULL, NULL, NULL, NULL, 0);
DOC(POST_RESUME, "resumeIntent", "intents", "Go on with an open intent; If-Match says which state of it was seen", NULL, RESUME, NULL, NULL, 201);
DOC(POST_FINDING, "ask", "findings", "Ask the law, without acting", NULL, FINDING, NULL, NULL, 0);
DOC(GET_ACTS, "listActs", "acts", "Acts", ACTS, NULL, ITEMS, NULL, 0);
DOC(GET_ACT, "getAct", "acts", "An act", NULL, NULL, NULL, NULL, 0);
DOC(GET_RECEIPT, "getReceipt", "receipts", "The receipt of an act, a signed note", NULL, NULL, NULL, "text/plain", 0);
DOC(GET_PROOF, "getProof", "receipts", "The proof that an act is in its log (C2SP tlog-proof)", NULL, NULL, NULL, NULL, 0);
DOC(GET_DOSSIER, "getDossier", "dossiers", "All that stands behind an act, for the public: of the act, or of the dataset, version or distribution that it made", NULL, NULL, NULL, NULL, 0);
DOC(POST_DOSSIER, "giveDossier", "dossiers", "The same for audit, with what is closed to the public: giving it is an act, which Location names", NULL, DOSSIER, NULL, NULL, 201);
DOC(GET_CLOCKS, "listDuties", "acts", "Duties that acts left behind", CLOCKS, NULL, ITEMS, NULL, 0);
DOC(GET_CASES, "listCases", "cases", "Cases that your party raised or has to answer", CASES, NULL, ITEMS, NULL, 0);
DOC(GET_CASE, "getCase", "cases", "A case with its duties and its thread", NULL, NULL, NULL, NULL, 0);
DOC(POST_CASE, "raiseCase", "cases", "Raise a case that a party must answer", NULL, CASE, NULL, NULL, 201);
DOC(GET_PROPOSALS, "listProposals", "proposals", "Proposals, the newest first", NULL, NULL, ITEMS, NULL, 0);
DOC(GET_PROPOSAL, "getProposal", "proposals", "A proposal: changes, effects, impact, objections, vote, stages", NULL, NULL, NULL, NULL, 0);
DOC(GET_PROPOSABLE, "listProposable", "proposals", "What the charter lets be changed, with the texts in force", NULL, NULL, ITEMS, NULL, 0);
DOC(POST_PROPOSAL, "propose", "proposals", "Propose to change rules or standards; a draft", NULL, PROPOSAL, NULL, NULL, 201);
DOC(POST_MOVE, "moveProposal", "proposals", "Open the consultation, edit, withdraw", NULL, MOVE, NULL, NULL, 0);
DOC(POST_OBJECTION, "object", "proposals", "Object, during consultation", NULL, OBJECTION, NULL, NULL, 201);
DOC(POST_REPLY, "reply", "proposals", "Answer an objection, withdraw it, say that it stands", NULL, REPLY, NULL, NULL, 201);
DOC(POST_BALLOT, "vote", "proposals", "Cast a ballot: by name, or by a pseudonym that the node could link to its member", NULL, BALLOT, NULL, NULL, 201);
DOC(GET_RECORD, "getVoteRecord", "proposals", "A file of what is public of a vote that closed", NULL, NULL, NULL, NULL, 0);
DOC(GET_RECOUNT, "recount", "proposals", "Count a vote again, from the public log", NULL, NULL, NULL, NULL, 0);
DOC(GET_NOTICES, "listNotices", "proposals", "What your party was told of proposals", NULL, NULL, ITEMS, NULL, 0);
DOC(GET_DEMANDS, "listDemands", "demands", "Demands: overdue ones first, then those that most parties back", NULL, NULL, ITEMS, NULL, 0);
DOC(GET_DEMAND, "getDemand", "demands", "A demand", NULL, NULL, NULL, NULL, 0);
DOC(GET_MATCHES, "matchDemand", "demands", "Search the catalogue for what is needed; nothing is written", NEED, NULL, ITEMS, NULL, 0);
DOC(POST_DEMAND, "demand", "demands", "Demand what the catalogue doesn't have", NULL, DEMAND, NULL, NULL, 201);
DOC(POST_BACKING, "backDemand", "demands", "Say that your party needs it too", NULL, NOTHING, NULL, NULL, 201);
DOC(GET_JOBS, "listJobs", "jobs", "What the node has still to do", NULL, NULL, ITEMS, NULL, 0);
DOC(GET_LOGS, "listLogs", "ledger", "The logs", NULL, NULL, ITEMS, NULL, 0);
DOC(GET_LEAVES, "listLeaves", "ledger", "Leaves of the public log, and its checkpoint", LEAVES, NULL, NULL, NULL, 0);

enum { SMALL = 64 << 10, LARGE = 6 << 20 };
#define V1 "/api/v1"
static const struct serve_route ROUTES[] = {
    {"GET", V1, 0, SERVE_CACHED, NULL, api_get_index, NULL},
    {"GET", V1 "/parties", 0, SERVE_CACHED, "read_catalogue", api_get_parties, &GET_PARTIES},
    {"GET", V1 "/parties/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_party, &GET_PARTY},
    {"GET", V1 "/parties/{id}/members", 0, 0, NULL, api_get_members, &GET_MEMBERS},
    {"GET", V1 "/tokens", 0, 0, "manage_tokens", api_get_tokens, &GET_TOKENS},
    {"POST", V1 "/tokens", SMALL, 0, "manage_tokens", api_post_token, &POST_TOKEN},
    {"DELETE", V1 "/tokens/{id}", 0, 0, "manage_tokens", api_delete_token, &DELETE_TOKEN},
    {"GET", V1 "/datasets", 0, SERVE_CACHED, "read_catalogue", api_get_datasets, &GET_DATASETS},
    {"GET", V1 "/datasets/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_dataset, &GET_DATASET},
    {"GET", V1 "/inspections/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_inspection, &GET_INSPECTION},
    {"GET", V1 "/distributions/{id}/data", 0, SERVE_HEAVY, "read_catalogue", api_get_data, &GET_DATA},
    {"POST", V1 "/uploads", SMALL, SERVE_UPLOAD | SERVE_FORM, "upload", api_post_upload, &POST_UPLOAD},
    {"GET", V1 "/sources", 0, 0, "upload", api_get_sources, &GET_SOURCES},
    {"POST", V1 "/sources/{name}/read", 0, SERVE_HEAVY, "upload", api_post_source, &POST_SOURCE},
    {"GET", V1 "/uploads/{id}", 0, 0, "upload", api_get_upload, &GET_UPLOAD},
    {"DELETE", V1 "/uploads/{id}", 0, 0, "upload", api_delete_upload, &DELETE_UPLOAD},
    {"POST", V1 "/versions/{id}/read", 0, SERVE_HEAVY, "upload", api_post_version_read, &POST_VERSION_READ},
    {"POST", V1 "/suggestions", SMALL, 0, "make_intent", api_post_suggestion, &POST_SUGGESTION},
    {"GET", V1 "/suggestions/{id}", 0, 0, "make_intent", api_get_suggestion, &GET_SUGGESTION},
    {"POST", V1 "/plans", LARGE, SERVE_HEAVY, "make_intent", api_post_plan, &POST_PLAN},
    {"GET", V1 "/plans/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_plan, &GET_PLAN},
    {"GET", PLAN_SCHEMA, 0, SERVE_QUICK, NULL, api_get_plan_schema, NULL},
    {"POST", V1 "/intents", LARGE, SERVE_HEAVY, "make_intent", api_post_intent, &POST_INTENT},
    {"GET", V1 "/intents", 0, 0, "make_intent", api_get_intents, &GET_INTENTS},
    {"GET", V1 "/intents/{id}", 0, 0, "make_intent", api_get_intent, &GET_INTENT},
    {"POST", V1 "/intents/{id}/resume", LARGE, SERVE_HEAVY, "make_intent", api_post_resume, &POST_RESUME},
    {"POST", V1 "/findings", SMALL, SERVE_OPEN, "ask_finding", api_post_finding, &POST_FINDING},
    {"GET", V1 "/acts", 0, SERVE_CACHED, "read_catalogue", api_get_acts, &GET_ACTS},
    {"GET", V1 "/acts/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_act, &GET_ACT},
    {"GET", V1 "/acts/{id}/receipt", 0, SERVE_CACHED, "read_catalogue", api_get_receipt, &GET_RECEIPT},
    {"GET", V1 "/acts/{id}/proof", 0, SERVE_CACHED, "read_catalogue", api_get_proof, &GET_PROOF},
    {"GET", V1 "/dossiers/{id}", 0, SERVE_HEAVY, "read_catalogue", api_get_dossier, &GET_DOSSIER},
    {"POST", V1 "/dossiers/{id}", SMALL, SERVE_HEAVY, NULL, api_post_dossier, &POST_DOSSIER},
    {"GET", V1 "/duties", 0, SERVE_CACHED, "read_catalogue", api_get_clocks, &GET_CLOCKS},
    {"GET", V1 "/cases", 0, 0, "read_case", api_get_cases, &GET_CASES},
    {"GET", V1 "/cases/{id}", 0, 0, "read_case", api_get_case, &GET_CASE},
    {"POST", V1 "/cases", SMALL, 0, "raise_case", api_post_case, &POST_CASE},
    {"GET", V1 "/proposals", 0, SERVE_CACHED, "read_catalogue", api_get_proposals, &GET_PROPOSALS},
    {"POST", V1 "/proposals", LARGE, SERVE_HEAVY, "take_part", api_post_proposal, &POST_PROPOSAL},
    {"GET", V1 "/proposals/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_proposal, &GET_PROPOSAL},
    {"POST", V1 "/proposals/{id}/moves", LARGE, SERVE_HEAVY, "take_part", api_post_move, &POST_MOVE},
    {"POST", V1 "/proposals/{id}/objections", SMALL, 0, "take_part", api_post_objection, &POST_OBJECTION},
    {"POST", V1 "/proposals/{id}/ballots", SMALL, 0, "cast_ballot", api_post_ballot, &POST_BALLOT},
    {"GET", V1 "/proposals/{id}/record/{file}", 0, SERVE_CACHED | SERVE_HEAVY, "read_catalogue", api_get_record, &GET_RECORD},
    {"GET", V1 "/proposals/{id}/recount", 0, SERVE_CACHED | SERVE_HEAVY, "read_catalogue", api_get_recount, &GET_RECOUNT},
    {"POST", V1 "/objections/{id}/replies", SMALL, 0, "take_part", api_post_reply, &POST_REPLY},
    {"GET", V1 "/proposable", 0, SERVE_CACHED, "read_catalogue", api_get_proposable, &GET_PROPOSABLE},
    {"GET", V1 "/notices", 0, 0, "take_part", api_get_notices, &GET_NOTICES},
    {"GET", V1 "/demands", 0, SERVE_CACHED, "read_catalogue", api_get_demands, &GET_DEMANDS},
    {"POST", V1 "/demands", SMALL, 0, "take_part", api_post_demand, &POST_DEMAND},
    {"GET", V1 "/demands/{id}", 0, SERVE_CACHED, "read_catalogue", api_get_demand, &GET_DEMAND},
    {"POST", V1 "/demands/{id}/backings", SMALL, 0, "take_part", api_post_backing, &POST_BACKING},
    {"GET", V1 "/matches", 0, SERVE_CACHED, "read_catalogue", api_get_matches, &GET_MATCHES},
    {"GET", V1 "/jobs", 0, 0, "administer_system", api_get_jobs, &GET_JOBS},
    {"GET", V1 "/ledger/logs", 0, SERVE_CACHED, "read_catalogue", api_get_logs, &GET_LOGS},
    {"GET", V1 "/ledger/leaves", 0, SERVE_CACHED, "read_catalogue", api_get_leaves, &GET_LEAVES},
    {"GET", "/ledger/checkpoint", 0, 0, NULL, api_get_checkpoint, NULL},
    {"GET", "/ledger/tile/entries/{a}", 0, 0, NULL, api_get_entries, NULL},
    {"GET", "/ledger/tile/entries/{a}/{b}", 0, 0, NULL, api_get_entries, NULL},
    {"GET", "/ledger/tile/entries/{a}/{b}/{c}", 0, 0, NULL, api_get_entries, NULL},
    {"GET", "/ledger/tile/{level}/{a}", 0, 0, NULL, api_get_tile, NULL},
    {"GET", "/ledger/tile/{level}/{a}/{b}", 0, 0, NULL, api_get_tile, NULL},
    {"GET", "/ledger/tile/{level}/{a}/{b}/{c}", 0, 0, NULL, api_get_tile, NULL},
};

const struct serve_route *api_routes(size_t *count) {
    *count = sizeof(ROUTES) / sizeof(ROUTES[0]);
    return ROUTES;
}
