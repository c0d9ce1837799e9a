/* The closed lists of a leaf, and which log a verb's leaf goes to. */
#include "ledger/ledger_impl.h"

static const struct verb {
    const char *name;
    enum ledger_log undisclosed; /* the object is not known to the public */
    enum ledger_log disclosed;
    int since; /* the version of the schema that has it first */
} verbs[LEDGER_VERB_COUNT] = {
    [LEDGER_INIT] = {"init", LEDGER_PUBLIC, LEDGER_PUBLIC, 1},
    [LEDGER_REGISTER] = {"register", LEDGER_RESTRICTED, LEDGER_PUBLIC, 1},
    [LEDGER_INTEND] = {"intend", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_ATTEST] = {"attest", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_DECIDE] = {"decide", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_COLLECT] = {"collect", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_STORE] = {"store", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_USE] = {"use", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_SHARE] = {"share", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_OPEN] = {"open", LEDGER_RESTRICTED, LEDGER_PUBLIC, 1},
    [LEDGER_TRANSFER] = {"transfer", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_DELETE] = {"delete", LEDGER_RESTRICTED, LEDGER_PUBLIC, 1},
    [LEDGER_DENY] = {"deny", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_PROPOSE] = {"propose", LEDGER_PUBLIC, LEDGER_PUBLIC, 1},
    [LEDGER_VOTE] = {"vote", LEDGER_PUBLIC, LEDGER_PUBLIC, 1},
    [LEDGER_ENACT] = {"enact", LEDGER_PUBLIC, LEDGER_PUBLIC, 1},
    [LEDGER_ANSWER] = {"answer", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_AGREE] = {"agree", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_REVOKE] = {"revoke", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 1},
    [LEDGER_ANCHOR] = {"anchor", LEDGER_PUBLIC, LEDGER_PUBLIC, 1},
    [LEDGER_REQUEST_ACCESS] = {"request_access", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 2},
    /* Keys under which signatures are verified are public; those that open data are as the data. */
    [LEDGER_CREATE_KEY] = {"create_key", LEDGER_PUBLIC, LEDGER_PUBLIC, 3},
    [LEDGER_ROTATE_KEY] = {"rotate_key", LEDGER_PUBLIC, LEDGER_PUBLIC, 3},
    [LEDGER_DESTROY_KEY] = {"destroy_key", LEDGER_RESTRICTED, LEDGER_PUBLIC, 3},
    [LEDGER_PRUNE] = {"prune", LEDGER_PUBLIC, LEDGER_PUBLIC, 3},
    [LEDGER_SPEND] = {"spend", LEDGER_RESTRICTED, LEDGER_RESTRICTED, 4},
    /* Rules are made in public. */
    [LEDGER_ADVANCE] = {"advance", LEDGER_PUBLIC, LEDGER_PUBLIC, 4},
    [LEDGER_OBJECT] = {"object", LEDGER_PUBLIC, LEDGER_PUBLIC, 4},
    [LEDGER_REPLY] = {"reply", LEDGER_PUBLIC, LEDGER_PUBLIC, 4},
    [LEDGER_OPEN_VOTE] = {"open_vote", LEDGER_PUBLIC, LEDGER_PUBLIC, 4},
    [LEDGER_CLOSE_VOTE] = {"close_vote", LEDGER_PUBLIC, LEDGER_PUBLIC, 4},
};

static const char *const outcomes[LEDGER_OUTCOME_COUNT] = {
    [LEDGER_OUTCOME_PERMIT] = "permit",
    [LEDGER_OUTCOME_DENY] = "deny",
    [LEDGER_OUTCOME_OPEN] = "open",
    [LEDGER_OUTCOME_DONE] = "done",
};

static const struct kind {
    const char *name;
    int since;
} kinds[LEDGER_KIND_COUNT] = {
    [LEDGER_KIND_DATASET] = {"dataset", 1},
    [LEDGER_KIND_VERSION] = {"version", 1},
    [LEDGER_KIND_DISTRIBUTION] = {"distribution", 1},
    [LEDGER_KIND_INTENT] = {"intent", 1},
    [LEDGER_KIND_FACT] = {"fact", 1},
    [LEDGER_KIND_PARTY] = {"party", 1},
    [LEDGER_KIND_RULES] = {"rules", 1},
    [LEDGER_KIND_CHECKPOINT] = {"checkpoint", 1},
    [LEDGER_KIND_CASE] = {"case", 2},
    [LEDGER_KIND_KEY] = {"key", 3},
    [LEDGER_KIND_PROPOSAL] = {"proposal", 4},
};

static const struct digest {
    const char *name;
    int since;
} digests[LEDGER_DIGEST_COUNT] = {
    [LEDGER_DIGEST_FACTS] = {"facts", 1},     [LEDGER_DIGEST_RULES] = {"rules", 1},
    [LEDGER_DIGEST_PLAN] = {"plan", 1},       [LEDGER_DIGEST_VERSION] = {"version", 1},
    [LEDGER_DIGEST_FINDING] = {"finding", 1}, [LEDGER_DIGEST_INSPECTION] = {"inspection", 1},
    [LEDGER_DIGEST_CHARTER] = {"charter", 1}, [LEDGER_DIGEST_POLICY] = {"policy", 3},
    [LEDGER_DIGEST_TEXT] = {"text", 4},       [LEDGER_DIGEST_FROZEN] = {"frozen", 4},
    [LEDGER_DIGEST_BALLOTS] = {"ballots", 4}, [LEDGER_DIGEST_RESULT] = {"result", 4},
};

static const char *const fields[LEDGER_FIELD_COUNT] = {
    [LEDGER_FIELD_MEMBER] = "member",     [LEDGER_FIELD_PURPOSE] = "purpose",
    [LEDGER_FIELD_BASIS] = "basis",       [LEDGER_FIELD_TITLE] = "title",
    [LEDGER_FIELD_FACTS] = "facts",       [LEDGER_FIELD_PLAN] = "plan",
    [LEDGER_FIELD_VALUE] = "value",       [LEDGER_FIELD_RECIPIENT] = "recipient",
    [LEDGER_FIELD_EVIDENCE] = "evidence", [LEDGER_FIELD_SOURCE] = "source",
};

const char *ledger_verb_name(enum ledger_verb verb) {
    return (unsigned)verb < LEDGER_VERB_COUNT ? verbs[verb].name : "";
}

const char *ledger_outcome_name(enum ledger_outcome outcome) {
    return (unsigned)outcome < LEDGER_OUTCOME_COUNT ? outcomes[outcome] : "";
}

const char *ledger_kind_name(enum ledger_kind kind) {
    return (unsigned)kind < LEDGER_KIND_COUNT ? kinds[kind].name : "";
}

const char *ledger_digest_name(enum ledger_digest digest) {
    return (unsigned)digest < LEDGER_DIGEST_COUNT ? digests[digest].name : "";
}

const char *ledger_field_name(enum ledger_field field) {
    return (unsigned)field < LEDGER_FIELD_COUNT ? fields[field] : "";
}

bool ledger_verb_parse(pd_str name, enum ledger_verb *out) {
    for (unsigned i = 0; i < LEDGER_VERB_COUNT; i++) {
        if (pd_str_is(name, verbs[i].name)) {
            *out = (enum ledger_verb)i;
            return true;
        }
    }
    return false;
}

enum ledger_log ledger_log_of(enum ledger_verb verb, bool disclosed_to_public) {
    if ((unsigned)verb >= LEDGER_VERB_COUNT)
        return LEDGER_RESTRICTED;
    return disclosed_to_public ? verbs[verb].disclosed : verbs[verb].undisclosed;
}

int ledger_verb_since(enum ledger_verb verb) {
    return verbs[verb].since;
}

int ledger_digest_since(enum ledger_digest digest) {
    return digests[digest].since;
}

int ledger_kind_since(enum ledger_kind kind) {
    return kinds[kind].since;
}

bool ledger_verb_is_always_public(enum ledger_verb verb) {
    return ledger_log_of(verb, false) == LEDGER_PUBLIC;
}
