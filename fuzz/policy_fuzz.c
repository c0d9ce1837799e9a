/* Policies and lists of logs. More signatures never unmake a quorum. */
#include "ledger/ledger.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void fuzz_quorum(const struct ledger_policy *policy) {
    bool signed_by[LEDGER_POLICY_MAX] = {false};
    bool was_met = ledger_policy_is_met(policy, signed_by);
    must(was_met == (policy->quorum == LEDGER_NO_NODE)); /* a witness or group needs a signature */
    for (size_t i = 0; i < policy->witness_count; i++) {
        signed_by[i] = true;
        bool is_met = ledger_policy_is_met(policy, signed_by);
        must(is_met || !was_met);
        was_met = is_met;
    }
    must(was_met);
}

static enum pd_status take(void *context, const struct ledger_listed *log, struct pd_error *err) {
    (void)err;
    must(log->origin.len > 0 && log->key.name.len > 0);
    ++*(size_t *)context;
    return PD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size};
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new(4 << 20);
    const struct ledger_policy *policy;
    size_t logs = 0;
    struct ledger_list list = {take, &logs};
    if (ledger_policy_parse(text, arena, &policy, &err) == PD_OK)
        fuzz_quorum(policy);
    else
        must(err.text[0] != '\0');
    if (ledger_list_parse(text, &list, &err) == PD_OK)
        must(pd_str_find(text, PD_STR("logs/v0")) != PD_NPOS);
    pd_arena_free(arena);
    return 0;
}
