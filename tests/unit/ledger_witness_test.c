/*
 * ledger/: cosignatures, witness requests and decisions, policies, lists of logs and subtrees. The
 * expected bytes are those of the worked example, computed by a script that shares no code with
 * this project.
 */
#include "ledger_example.h"
#include "ledger_fixture.h"

static struct ledger_skey cosigner(const char *name, const char *phrase) {
    struct ledger_skey key;
    crypto_hash seed = crypto_sha256(phrase, strlen(phrase));
    assert_int_equal(ledger_cosigner_skey_make(pd_str_from(name), seed.bytes, &key, NULL), PD_OK);
    return key;
}

static struct ledger_skey north(void) {
    return cosigner("north.example/witness", "polder demo witness north");
}

static struct ledger_skey log_signer(void) {
    struct ledger_skey key;
    crypto_hash seed = crypto_sha256("polder demo log key", 19);
    assert_int_equal(ledger_skey_make(PD_STR(ORIGIN), seed.bytes, &key, NULL), PD_OK);
    return key;
}

static void assert_is(struct pd_buf *buf, const char *wanted) {
    assert_false(buf->failed);
    assert_int_equal(buf->len, strlen(wanted));
    assert_memory_equal(buf->data, wanted, buf->len);
    pd_buf_clear(buf);
}

/* ---- Keys and cosignatures ---- */

static void a_witness_key_is_written_and_read_as_in_the_example(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct pd_buf text = {0};
    struct ledger_skey key = north(), again;
    struct ledger_vkey public = ledger_skey_public(&key), parsed;
    ledger_vkey_write(&public, &text);
    assert_is(&text, NORTH_VKEY);
    assert_ok(ledger_cosigner_vkey_parse(PD_STR(NORTH_VKEY), &parsed, &err), &err);
    assert_memory_equal(parsed.public_key, public.public_key, 32);
    ledger_skey_write(&key, &text);
    assert_ok(ledger_cosigner_skey_parse(pd_buf_view(&text), &again, &err), &err);
    assert_memory_equal(again.seed, key.seed, 32);
    assert_fails(ledger_skey_parse(pd_buf_view(&text), &again, &err), PD_UNSUPPORTED, &err,
                 "of a witness");
    pd_buf_clear(&text);
}

static void a_log_key_is_no_witness_key_and_the_reverse(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct ledger_vkey key, witness;
    struct ledger_checkpoint checkpoint;
    struct pd_buf out = {0};
    struct ledger_skey note_key = log_signer(), cosigner_key = north();
    assert_fails(ledger_cosigner_vkey_parse(PD_STR(LOG_VKEY), &key, &err), PD_UNSUPPORTED, &err,
                 "one of a log");
    assert_fails(ledger_vkey_parse(PD_STR(NORTH_VKEY), &key, &err), PD_UNSUPPORTED, &err,
                 "one of a witness");
    assert_fails(ledger_cosign(PD_STR(TEXT_3), &note_key, 1, &out, &err), PD_DENIED, &err,
                 "no witness's key");
    assert_fails(ledger_note_sign(PD_STR(TEXT_3), &cosigner_key, 1, &out, &err), PD_DENIED, &err,
                 "signs no notes");
    assert_ok(ledger_cosigner_vkey_parse(PD_STR(NORTH_VKEY), &witness, &err), &err);
    assert_fails(ledger_checkpoint_verify(PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE), PD_STR(ORIGIN),
                                          &witness, &checkpoint, &err),
                 PD_INVALID, &err, "no log's key");
    pd_buf_clear(&out);
}

static void a_cosignature_is_that_of_the_example(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct pd_buf out = {0};
    struct ledger_skey key = north();
    assert_ok(ledger_cosign(PD_STR(TEXT_3), &key, 1767225600, &out, &err), &err);
    assert_is(&out, FIRST_ANSWER);
    assert_ok(ledger_cosign(PD_STR(TEXT_7), &key, 1767229200, &out, &err), &err);
    assert_is(&out, NORTH_LINE);
    assert_fails(ledger_cosign(PD_STR("no checkpoint\n"), &key, 1, &out, &err), PD_INVALID, &err,
                 "three lines");
    assert_fails(ledger_cosign(PD_STR(TEXT_3), &key, (uint64_t)1 << 63, &out, &err), PD_LIMIT, &err,
                 "2^63");
    pd_buf_clear(&out);
}

static void a_cosignature_holds_for_its_tree_time_and_key_alone(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct ledger_note note;
    struct ledger_vkey keys[2] = {{0}};
    assert_ok(ledger_vkey_parse(PD_STR(LOG_VKEY), &keys[0], &err), &err);
    assert_ok(ledger_cosigner_vkey_parse(PD_STR(NORTH_VKEY), &keys[1], &err), &err);
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE SOUTH_LINE), &note, &err),
              &err);
    assert_ok(ledger_note_verify(&note, keys, 2, &err), &err);
    assert_true(note.signatures[0].is_verified && note.signatures[1].is_verified);
    assert_int_equal(note.signatures[1].key, 1);
    assert_int_equal(note.signatures[1].time, 1767229200);
    assert_false(note.signatures[2].is_verified); /* south isn't among the keys */
    /* North's line of size 7 under the text of size 3; and of size 3 with another time. */
    static const char *const forged[] = {
        TEXT_3 "\n" NORTH_LINE,
        TEXT_3 "\n" DASH "north.example/witness H5vF1AAAAABpVbkBNshFp5iY9LHBd1oNMYJJqYOK6CfIQFUyX/"
               "0wcXKMccAMNPlzvD82RzwMCH+iyuLdGm9JV5B6dNoXTyff9KpiDQ==\n"};
    for (size_t i = 0; i < COUNT(forged); i++) {
        assert_ok(ledger_note_parse(pd_str_from(forged[i]), &note, &err), &err);
        assert_fails(ledger_note_verify(&note, keys + 1, 1, &err), PD_INTERNAL, &err,
                     "doesn't verify");
    }
}

static void of_a_witnesses_answer_only_its_own_line_is_taken(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct ledger_vkey key;
    pd_str line = {0}, answer = PD_STR(SOUTH_LINE NORTH_LINE);
    uint64_t time = 0;
    assert_ok(ledger_cosigner_vkey_parse(PD_STR(NORTH_VKEY), &key, &err), &err);
    assert_ok(ledger_cosignatures_parse(answer, PD_STR(TEXT_7), &key, &line, &time, &err), &err);
    assert_true(pd_str_is(line, NORTH_LINE));
    assert_int_equal(time, 1767229200);
    static const struct {
        const char *answer;
        enum pd_status status;
    } wrong[] = {
        {SOUTH_LINE, PD_NOT_FOUND}, {FIRST_ANSWER, PD_INTERNAL},    {"", PD_INVALID},
        {"nonsense\n", PD_INVALID}, {"\n" NORTH_LINE, PD_INTERNAL}, {NORTH_LINE "\n", PD_INVALID}};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(ledger_cosignatures_parse(pd_str_from(wrong[i].answer), PD_STR(TEXT_7),
                                                   &key, &line, &time, &err),
                         wrong[i].status);
}

/* ---- Requests ---- */

static void requests_are_read_and_written_as_in_the_example(void **unused) {
    (void)unused;
    static const char *const requests[] = {FIRST_REQUEST, SECOND_REQUEST};
    static const uint64_t olds[] = {0, 3}, sizes[] = {3, 7};
    assert_int_equal(strlen(SECOND_REQUEST), 380);
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct pd_error err = {0};
        struct ledger_request request;
        struct pd_buf again = {0};
        assert_ok(ledger_request_parse(pd_str_from(requests[i]), &request, &err), &err);
        assert_int_equal(request.old_size, olds[i]);
        assert_int_equal(request.checkpoint.size, sizes[i]);
        assert_ok(ledger_request_write(&request, &again, &err), &err);
        assert_is(&again, requests[i]);
    }
}

static void requests_of_another_form_are_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"", "first line"},
        {"size 3\n\n" TEXT_3 "\n" LINE_3, "first line"},
        {"old 03\n\n" TEXT_3 "\n" LINE_3, "leading zeros"},
        {"old -1\n\n" TEXT_3 "\n" LINE_3, "without sign"},
        {"old 3\r\n\n" TEXT_3 "\n" LINE_3, "without sign"},
        {"old 3", "first line"},
        {"old 3\n", "no empty line"},
        {"old 3\nAAAA\n\n" TEXT_3 "\n" LINE_3, "hash 1"},
        {"old 3\n" TEXT_3 "\n" LINE_3, "hash 1"},
        {"old 3\n\n" TEXT_3, "no signatures"},
        {"old 3\n\nname\n3\nAAAA\n\n" LINE_3, "line 3"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct pd_error err = {0};
        struct ledger_request request;
        assert_fails(ledger_request_parse(pd_str_from(wrong[i].text), &request, &err), PD_INVALID,
                     &err, wrong[i].words);
    }
    struct pd_error err = {0};
    struct ledger_request request;
    struct pd_buf many = {0};
    pd_buf_text(&many, "old 3\n");
    for (int i = 0; i < 64; i++)
        pd_buf_text(&many, HASH_A);
    pd_buf_text(&many, "\n" TEXT_3 "\n" LINE_3);
    assert_fails(ledger_request_parse(pd_buf_view(&many), &request, &err), PD_LIMIT, &err, "63");
    pd_buf_clear(&many);
}

/* ---- Decisions ---- */

/* Text and line of a checkpoint that the demo log signs, of a size and a root made up. */
static pd_str signed_checkpoint(uint64_t size, const char *root_of, struct pd_buf *out) {
    struct pd_buf text = {0};
    struct ledger_skey key = log_signer();
    struct ledger_checkpoint c = {
        .origin = PD_STR(ORIGIN), .size = size, .root = crypto_sha256(root_of, strlen(root_of))};
    assert_int_equal(ledger_checkpoint_write(&c, &text, NULL), PD_OK);
    assert_int_equal(ledger_note_sign(pd_buf_view(&text), &key, 1, out, NULL), PD_OK);
    pd_buf_clear(&text);
    return pd_buf_view(out);
}

static enum ledger_verdict judge(const char *head, pd_str note, uint64_t known_size,
                                 const char *known_text, bool *is_fork) {
    struct pd_error err = {0};
    struct ledger_vkey key;
    struct ledger_request request;
    struct ledger_checkpoint known = {0};
    struct pd_buf bytes = {0};
    pd_buf_text(&bytes, head);
    pd_buf_str(&bytes, note);
    assert_ok(ledger_vkey_parse(PD_STR(LOG_VKEY), &key, &err), &err);
    assert_ok(ledger_request_parse(pd_buf_view(&bytes), &request, &err), &err);
    if (known_text)
        assert_ok(ledger_checkpoint_parse(pd_str_from(known_text), &known, &err), &err);
    struct ledger_watched watched = {&key, 1, known_size, known.root};
    enum ledger_verdict verdict = ledger_witness_judge(&request, &watched, &err);
    assert_int_equal(verdict == LEDGER_COSIGN, err.text[0] == '\0');
    if (is_fork)
        *is_fork = ledger_request_is_fork(&request, &watched);
    pd_buf_clear(&bytes);
    return verdict;
}

static void a_witness_decides_in_the_order_of_the_standard(void **unused) {
    (void)unused;
    static const struct {
        const char *head, *note;
        uint64_t size;
        const char *known;
        enum ledger_verdict verdict;
    } cases[] = {
        {"old 0\n\n", TEXT_3 "\n" LINE_3, 0, NULL, LEDGER_COSIGN},
        {"old 3\n" GROWTH_3_TO_7 "\n", TEXT_7 "\n" LINE_7, 3, TEXT_3, LEDGER_COSIGN},
        {"old 7\n\n", TEXT_7 "\n" LINE_7, 7, TEXT_7, LEDGER_COSIGN}, /* a fresh time */
        {"old 0\n\n", TEXT_0 "\n" LINE_0, 0, NULL, LEDGER_COSIGN},
        {"old 0\n\n", TEXT_3 "\n" NORTH_LINE, 0, NULL, LEDGER_UNTRUSTED},
        {"old 0\n\n", TEXT_3 "\n" LINE_7, 0, NULL, LEDGER_UNTRUSTED},
        {"old 8\n\n", TEXT_7 "\n" LINE_7, 3, TEXT_3, LEDGER_OLD_IS_LARGER},
        {"old 8\n\n", TEXT_3 "\n" LINE_7, 3, TEXT_3, LEDGER_UNTRUSTED}, /* the signature first */
        {"old 1\n" GROWTH_3_TO_7 "\n", TEXT_7 "\n" LINE_7, 3, TEXT_3, LEDGER_STALE},
        {"old 0\n\n", TEXT_7 "\n" LINE_7, 3, TEXT_3, LEDGER_STALE},
        {"old 3\n\n", TEXT_7 "\n" LINE_7, 0, NULL, LEDGER_STALE},
        {"old 3\n\n", TEXT_3 "\n" LINE_3, 7, TEXT_7, LEDGER_STALE},
        {"old 3\n\n", TEXT_7 "\n" LINE_7, 3, TEXT_3, LEDGER_UNPROVEN},
        {"old 3\n" HASH_A "\n", TEXT_7 "\n" LINE_7, 3, TEXT_3, LEDGER_UNPROVEN},
        {"old 0\n" HASH_A "\n", TEXT_7 "\n" LINE_7, 0, NULL, LEDGER_UNPROVEN},
        {"old 7\n" HASH_A "\n", TEXT_7 "\n" LINE_7, 7, TEXT_7, LEDGER_UNPROVEN},
        {"old 3\n" GROWTH_3_TO_7 "\n", TEXT_7 "\n" LINE_7, 3, TEXT_7, LEDGER_UNPROVEN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum ledger_verdict verdict =
            judge(cases[i].head, pd_str_from(cases[i].note), cases[i].size, cases[i].known, NULL);
        if (verdict != cases[i].verdict)
            fail_msg("case %zu: %s", i, ledger_answer_get(verdict)->word);
    }
}

static void two_signed_trees_of_one_size_are_a_fork_whatever_the_request_says(void **unused) {
    (void)unused;
    bool is_fork = false;
    struct pd_buf note = {0};
    pd_str other = signed_checkpoint(7, "another root", &note);
    assert_int_equal(judge("old 7\n\n", other, 7, TEXT_7, &is_fork), LEDGER_FORK);
    assert_true(is_fork);
    assert_int_equal(judge("old 1\n\n", other, 7, TEXT_7, &is_fork), LEDGER_STALE);
    assert_true(is_fork);
    pd_buf_reset(&note);
    other = signed_checkpoint(9, "another root", &note);
    assert_int_equal(judge("old 7\n" HASH_A "\n", other, 7, TEXT_7, &is_fork), LEDGER_UNPROVEN);
    assert_false(is_fork); /* perhaps; but the request alone doesn't prove it */
    pd_buf_reset(&note);
    other = signed_checkpoint(0, "not nothing", &note);
    assert_int_equal(judge("old 0\n\n", other, 0, NULL, &is_fork), LEDGER_UNPROVEN);
    assert_false(is_fork);
    pd_buf_clear(&note);
}

static void each_verdict_has_its_status(void **unused) {
    (void)unused;
    static const int statuses[LEDGER_VERDICT_COUNT] = {200, 400, 404, 403, 400, 409, 422, 422};
    for (int v = 0; v < LEDGER_VERDICT_COUNT; v++)
        assert_int_equal(ledger_answer_get((enum ledger_verdict)v)->http, statuses[v]);
}

/* ---- Policies ---- */

static void the_policy_of_the_example_holds_with_both_witnesses_only(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct ledger_policy *policy = NULL;
    struct ledger_checkpoint checkpoint = {0};
    struct ledger_witnessed witnessed = {{false}, {0}};
    assert_ok(ledger_policy_parse(PD_STR(POLICY), arena, &policy, &err), &err);
    assert_true(pd_str_is(policy->witnesses[1].url, "https://south.example/"));
    assert_ok(ledger_policy_verify(policy, PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE SOUTH_LINE),
                                   &checkpoint, &witnessed, &err),
              &err);
    assert_int_equal(checkpoint.size, 7);
    assert_int_equal(witnessed.times[0], 1767229200);
    assert_fails(ledger_policy_verify(policy, PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE NORTH_LINE),
                                      &checkpoint, &witnessed, &err),
                 PD_OPEN, &err, "1 of 2 cosigned; without south");
    assert_true(witnessed.signed_by[0] && !witnessed.signed_by[1]);
    assert_fails(ledger_policy_verify(policy, PD_STR(TEXT_7 "\n" NORTH_LINE SOUTH_LINE),
                                      &checkpoint, &witnessed, &err),
                 PD_NOT_FOUND, &err, "no log of the policy");
    assert_fails(ledger_policy_verify(policy, PD_STR(TEXT_3 "\n" LINE_3 NORTH_LINE SOUTH_LINE),
                                      &checkpoint, &witnessed, &err),
                 PD_INTERNAL, &err, "doesn't verify");
    pd_arena_free(arena);
}

static void policies_of_another_form_are_refused_by_line(void **unused) {
    (void)unused;
    static const char N[] = "witness north " NORTH_VKEY "\n",
                      S[] = "witness south " SOUTH_VKEY "\n";
    static const struct {
        const char *a, *b, *rest, *words;
    } wrong[] = {
        {N, S, "", "no line \"quorum NAME\""},
        {N, S, "quorum north\nquorum south\n", "line 4 of the policy: there is a quorum line"},
        {N, S, "quorum west\n", "line 3 of the policy: no witness or group \"west\""},
        {"quorum north\n", N, "", "line 1 of the policy: no witness or group"},
        {N, S, "group g 3 north south\nquorum g\n", "3 of 2 members"},
        {N, S, "group g 0 north south\nquorum g\n", "0 of 2 members"},
        {N, S, "group g many north south\nquorum g\n", "not \"all\", \"any\" or a number"},
        {N, S, "group g all\nquorum g\n", "all of 0 members"},
        {N, S, "group g all north g\nquorum g\n", "\"g\" stands above it"},
        {N, S, "group g any north\ngroup h any north\nquorum g\n", "a member of \"g\" already"},
        {N, S, "group north any south\nquorum north\n", "two witnesses or groups"},
        {N, S, "group none any south\nquorum none\n", "\"none\" is no name"},
        {N, S, "quorum north south\n", "one word too many"},
        {N, N, "quorum north\n", "line 2 of the policy: it has the same key"},
        {"witness north " LOG_VKEY "\n", S, "quorum south\n", "one of a log"},
        {"log " NORTH_VKEY "\n", S, "quorum south\n", "one of a witness"},
        {"log\n", S, "quorum south\n", "the log's key is missing"},
        {"witness north\n", S, "quorum south\n", "the witness's key is missing"},
        {"Witness\n", S, "quorum south\n", "starts with \"Witness\""},
        {"quorum none\r\n", "", "", "control character 0x0d"},
    };
    struct pd_arena *arena = pd_arena_new(8 << 20);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct pd_error err = {0};
        const struct ledger_policy *policy;
        pd_str text = pd_arena_printf(arena, "%s%s%s", wrong[i].a, wrong[i].b, wrong[i].rest);
        bool is_type = strstr(wrong[i].words, "one of a ") != NULL;
        assert_fails(ledger_policy_parse(text, arena, &policy, &err),
                     is_type ? PD_UNSUPPORTED : PD_INVALID, &err, wrong[i].words);
    }
    pd_arena_free(arena);
}

static void a_quorum_of_none_is_met_by_the_log_alone(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct ledger_policy *policy = NULL;
    struct ledger_checkpoint checkpoint;
    struct ledger_witnessed witnessed;
    pd_str text = PD_STR("# the log alone\n\tlog  " LOG_VKEY "\t\nquorum none");
    assert_ok(ledger_policy_parse(text, arena, &policy, &err), &err);
    assert_ok(ledger_policy_verify(policy, PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE), &checkpoint,
                                   &witnessed, &err),
              &err);
    pd_arena_free(arena);
}

/* ---- Lists of logs ---- */

static enum pd_status note_origin(void *context, const struct ledger_listed *log,
                                  struct pd_error *err) {
    (void)err;
    pd_buf_str(context, log->origin);
    pd_buf_printf(context, " %" PRIu64 "\n", log->requests_per_day);
    return PD_OK;
}

static void a_list_of_logs_gives_each_with_its_origin(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct pd_buf out = {0};
    struct ledger_list list = {note_origin, &out};
    pd_str text =
        PD_STR("# logs\nlogs/v0\n\nvkey " LOG_VKEY "\nqpd 24\nfuture word\n\nvkey " LOG_VKEY
               "\norigin the other name\ncontact a@b.example\n");
    assert_ok(ledger_list_parse(text, &list, &err), &err);
    assert_is(&out, ORIGIN " 24\nthe other name 0\n");
    static const struct {
        const char *text, *words;
    } wrong[] = {{"vkey " LOG_VKEY "\n", "logs/v0"},
                 {"", "logs/v0"},
                 {"logs/v0\nqpd 3\n", "before the first \"vkey\""},
                 {"logs/v0\nvkey " NORTH_VKEY "\n", "line 2 of the list"},
                 {"logs/v0\nvkey " LOG_VKEY "\nqpd many\n", "line 3 of the list"},
                 {"logs/v0\nvkey " LOG_VKEY "\norigin\n", "1 to 255 bytes"},
                 {"logs/v0\r\n", "control character"}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        pd_buf_reset(&out);
        enum pd_status st = ledger_list_parse(pd_str_from(wrong[i].text), &list, &err);
        assert_true(st == PD_INVALID || st == PD_UNSUPPORTED);
        assert_non_null(strstr(err.text, wrong[i].words));
    }
    pd_buf_clear(&out);
}

/* ---- Subtrees ---- */

enum { LEAVES = 23 };

static crypto_hash leaf_of(uint64_t i) {
    char entry[40];
    crypto_hash hash;
    int n = snprintf(entry, sizeof(entry), "polder entry %" PRIu64, i);
    assert_int_equal(ledger_hash_leaf((pd_str){entry, (size_t)n}, &hash, NULL), PD_OK);
    return hash;
}

/* MTH of the leaves [start, end), straight from its definition. */
static crypto_hash naive(uint64_t start, uint64_t end) {
    if (end - start == 1)
        return leaf_of(start);
    uint64_t k = 1;
    while (2 * k < end - start)
        k *= 2;
    crypto_hash left = naive(start, start + k), right = naive(start + k, end);
    return ledger_hash_node(&left, &right);
}

static enum pd_status read_node(void *context, unsigned level, uint64_t index, crypto_hash *out,
                                struct pd_error *err) {
    (void)context, (void)err;
    *out = naive(index << level, (index + 1) << level);
    return PD_OK;
}

static pd_str bytes_of(const crypto_hash *hash) {
    return (pd_str){(const char *)hash->bytes, CRYPTO_HASH_SIZE};
}

static void every_subtree_is_proved_and_no_other_one_verifies(void **unused) {
    (void)unused;
    struct ledger_reader reader = {read_node, NULL};
    size_t proved = 0;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        crypto_hash root = naive(0, size), wrong = leaf_of(99);
        for (uint64_t start = 0; start < size; start++)
            for (uint64_t end = start + 1; end <= size; end++) {
                struct pd_error err = {0};
                struct ledger_proof proof = {0};
                if (!ledger_subtree_is_valid(start, end))
                    continue;
                crypto_hash part = naive(start, end);
                assert_ok(ledger_prove_subtree(&reader, start, end, size, &proof, &err), &err);
                assert_ok(ledger_verify_subtree(start, end, size, bytes_of(&part), bytes_of(&root),
                                                proof.hashes, proof.count, &err),
                          &err);
                assert_int_not_equal(ledger_verify_subtree(start, end, size, bytes_of(&wrong),
                                                           bytes_of(&root), proof.hashes,
                                                           proof.count, &err),
                                     PD_OK);
                assert_int_not_equal(ledger_verify_subtree(start, end, size, bytes_of(&part),
                                                           bytes_of(&wrong), proof.hashes,
                                                           proof.count, &err),
                                     PD_OK);
                proved++;
            }
    }
    assert_true(proved > 500);
}

static void a_subtree_from_the_first_leaf_has_the_consistency_proof(void **unused) {
    (void)unused;
    struct ledger_reader reader = {read_node, NULL};
    struct pd_error err = {0};
    for (uint64_t old = 1; old <= LEAVES; old++) {
        struct ledger_proof a = {0}, b = {0};
        assert_ok(ledger_prove_subtree(&reader, 0, old, LEAVES, &a, &err), &err);
        assert_ok(ledger_prove_consistency(&reader, old, LEAVES, &b, &err), &err);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.hashes, b.hashes, a.count * sizeof(a.hashes[0]));
        crypto_hash root, wanted = naive(0, old);
        assert_ok(ledger_tree_root(&reader, old, &root, &err), &err);
        assert_memory_equal(root.bytes, wanted.bytes, 32);
    }
    struct ledger_proof proof;
    assert_fails(ledger_prove_subtree(&reader, 1, 3, LEAVES, &proof, &err), PD_INVALID, &err,
                 "no subtree");
    assert_fails(ledger_prove_subtree(&reader, 0, LEAVES + 1, LEAVES, &proof, &err), PD_INVALID,
                 &err, "doesn't lie in");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_witness_key_is_written_and_read_as_in_the_example),
        cmocka_unit_test(a_log_key_is_no_witness_key_and_the_reverse),
        cmocka_unit_test(a_cosignature_is_that_of_the_example),
        cmocka_unit_test(a_cosignature_holds_for_its_tree_time_and_key_alone),
        cmocka_unit_test(of_a_witnesses_answer_only_its_own_line_is_taken),
        cmocka_unit_test(requests_are_read_and_written_as_in_the_example),
        cmocka_unit_test(requests_of_another_form_are_refused),
        cmocka_unit_test(a_witness_decides_in_the_order_of_the_standard),
        cmocka_unit_test(two_signed_trees_of_one_size_are_a_fork_whatever_the_request_says),
        cmocka_unit_test(each_verdict_has_its_status),
        cmocka_unit_test(the_policy_of_the_example_holds_with_both_witnesses_only),
        cmocka_unit_test(policies_of_another_form_are_refused_by_line),
        cmocka_unit_test(a_quorum_of_none_is_met_by_the_log_alone),
        cmocka_unit_test(a_list_of_logs_gives_each_with_its_origin),
        cmocka_unit_test(every_subtree_is_proved_and_no_other_one_verifies),
        cmocka_unit_test(a_subtree_from_the_first_leaf_has_the_consistency_proof),
    };
    return cmocka_run_group_tests_name("ledger_witness", tests, NULL, NULL);
}
