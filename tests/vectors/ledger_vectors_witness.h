/* The vectors of ledger_vectors.c about subtrees, cosignatures, witness requests and policies.
 * Included there, once. */

/* ---- Subtrees ---- */

static void replay_subtree_inclusion(struct run *run, const char *path, char *text, size_t n) {
    uint64_t index = take_number(text, "\"leafIdx\""), start = take_number(text, "\"start\""),
             end = take_number(text, "\"end\"");
    json_t *vector = parse(run, path, (pd_str){text, n});
    struct ledger_proof proof;
    crypto_hash leaf, root;
    struct pd_error err = {0};
    if (!vector)
        return;
    bool is_accepted = read_proof(run, vector, &proof) &&
                       to_hash(unbase64(run, text_of(vector, "leafHash")), &leaf) &&
                       to_hash(unbase64(run, text_of(vector, "root")), &root) &&
                       ledger_verify_subtree_inclusion(index, start, end, &leaf, proof.hashes,
                                                       proof.count, &root, &err) == PD_OK;
    judge(run, path, vector, is_accepted, &err);
    json_decref(vector);
}

static void replay_subtree_consistency(struct run *run, const char *path, char *text, size_t n) {
    uint64_t start = take_number(text, "\"start\""), end = take_number(text, "\"end\""),
             size = take_number(text, "\"size\"");
    json_t *vector = parse(run, path, (pd_str){text, n});
    struct ledger_proof proof;
    struct pd_error err = {0};
    if (!vector)
        return;
    bool is_accepted =
        read_proof(run, vector, &proof) &&
        ledger_verify_subtree(start, end, size, unbase64(run, text_of(vector, "root1")),
                              unbase64(run, text_of(vector, "root2")), proof.hashes, proof.count,
                              &err) == PD_OK;
    judge(run, path, vector, is_accepted, &err);
    json_decref(vector);
}

/* ---- Cosignatures ---- */

static const char WITNESS[] = "cosignature/sunlight-witness";

static void replay_cosignature(struct run *run) {
    json_t *json = parse_at(run, WITNESS, "witness.v0.json");
    const json_t *key_text = json_array_get(json_object_get(json, "verifier_keys"), 0);
    struct ledger_vkey key;
    struct ledger_note note = {0};
    struct ledger_checkpoint checkpoint = {0};
    struct pd_error err = {0};
    pd_str bytes = {0};
    pd_str text = {json_string_value(key_text), json_string_length(key_text)};
    count(run, ledger_cosigner_vkey_parse(text, &key, &err) == PD_OK, "witness.v0.json", err.text);
    bool is_right = read_at(run, &bytes, WITNESS, "checkpoint") &&
                    ledger_note_parse(bytes, &note, &err) == PD_OK &&
                    ledger_note_verify(&note, &key, 1, &err) == PD_OK &&
                    ledger_checkpoint_parse(note.text, &checkpoint, &err) == PD_OK &&
                    checkpoint.size == 300 && !note.signatures[0].is_verified &&
                    note.signatures[1].is_verified && note.signatures[1].time == 1767139200;
    count(run, is_right, "sunlight-witness/checkpoint", err.text);
    /* What the witness said, it said of this tree and of this time. */
    char *changed = pd_arena_alloc(run->arena, bytes.len);
    memcpy(changed, bytes.data, bytes.len);
    changed[note.text.len - 3] ^= 1;
    bool is_refused = ledger_note_parse((pd_str){changed, bytes.len}, &note, &err) != PD_OK ||
                      ledger_note_verify(&note, &key, 1, &err) == PD_INTERNAL;
    count(run, is_refused, "sunlight-witness/checkpoint", "another root verified");
    json_decref(json);
}

/* ---- Witness requests ---- */

static void replay_requests(struct run *run) {
    json_t *json = parse_at(run, "witness", "sumdb-first-checkpoint.json");
    struct ledger_vkey key;
    struct pd_error err = {0};
    size_t i;
    const json_t *step;
    bool has_key = ledger_vkey_parse(text_of(json, "log_vkey"), &key, &err) == PD_OK;
    count(run, has_key, "sumdb-first-checkpoint key", err.text);
    json_array_foreach(json_object_get(json, "steps"), i, step) {
        struct ledger_request request;
        struct ledger_watched watched = {.keys = &key, .key_count = 1};
        enum ledger_verdict verdict = LEDGER_MALFORMED;
        if (ledger_request_parse(text_of(step, "body"), &request, &err) == PD_OK)
            verdict = pd_str_eq(request.checkpoint.origin, text_of(json, "origin"))
                          ? ledger_witness_judge(&request, &watched, &err)
                          : LEDGER_UNKNOWN_LOG;
        count(run,
              ledger_answer_get(verdict)->http ==
                  json_integer_value(json_object_get(step, "status")),
              "sumdb-first-checkpoint step", err.text);
        struct pd_buf again = {0};
        bool is_same = ledger_request_write(&request, &again, &err) == PD_OK &&
                       pd_str_eq(pd_buf_view(&again), text_of(step, "body"));
        count(run, is_same, "sumdb-first-checkpoint", "it isn't written as it was read");
        pd_buf_clear(&again);
    }
    json_decref(json);
}

static enum pd_status take_listed(void *context, const struct ledger_listed *log,
                                  struct pd_error *err) {
    (void)err;
    struct run *run = context;
    count(run,
          log->requests_per_day > 0 && log->contact.len > 0 &&
              pd_str_eq(log->origin, log->key.name),
          "log-list-testing.1", "a log without name, requests per day or contact");
    return PD_OK;
}

static void replay_log_list(struct run *run) {
    pd_str text = {0};
    struct pd_error err = {0};
    struct ledger_list list = {take_listed, run};
    size_t before = run->passed;
    bool is_right = read_at(run, &text, "witness", "log-list-testing.1") &&
                    ledger_list_parse(text, &list, &err) == PD_OK;
    size_t keys = 0;
    for (pd_str rest = text; rest.data;) {
        size_t at = pd_str_find(rest, PD_STR("\nvkey "));
        if (at == PD_NPOS)
            break;
        keys++;
        rest = pd_str_sub(rest, at + 1, rest.len);
    }
    count(run, is_right && run->passed - before == keys, "log-list-testing.1", err.text);
}

/* ---- Policies ---- */

static void replay_witness_set(struct run *run, const struct ledger_policy *policy,
                               const json_t *set) {
    bool signed_by[LEDGER_POLICY_MAX] = {false};
    size_t i;
    const json_t *name;
    bool are_known = true;
    json_array_foreach(json_object_get(set, "w"), i, name) {
        bool is_known = false;
        for (size_t w = 0; w < policy->witness_count; w++)
            if (pd_str_is(policy->witnesses[w].name, json_string_value(name)))
                signed_by[w] = is_known = true;
        are_known = are_known && is_known;
    }
    bool is_met = ledger_policy_is_met(policy, signed_by);
    count(run, are_known && is_met == json_is_true(json_object_get(set, "ok")), "quorum.json",
          is_met ? "a quorum, where there is none" : "no quorum, where there is one");
}

static void replay_policies(struct run *run) {
    json_t *json = parse_at(run, "policy", "quorum.json");
    const struct ledger_policy *policy = NULL;
    struct pd_error err = {0};
    size_t i;
    const json_t *item;
    bool is_right =
        ledger_policy_parse(text_of(json, "policy"), run->arena, &policy, &err) == PD_OK;
    count(run, is_right && policy->log_count == 3 && policy->witness_count == 6, "quorum.json",
          err.text);
    json_array_foreach(json_object_get(json, "witness_sets"), i, item) {
        if (policy)
            replay_witness_set(run, policy, item);
    }
    json_array_foreach(json_object_get(json, "invalid"), i, item) {
        struct pd_error why = {0};
        const struct ledger_policy *refused;
        bool is_refused =
            ledger_policy_parse(text_of(item, "policy"), run->arena, &refused, &why) == PD_INVALID;
        count(run, is_refused, name_of(item, "name"), "accepted, to be refused");
    }
    json_decref(json);
}
