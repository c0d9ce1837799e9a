/* Charters and ballots: whatever the bytes, a refusal with a sentence, or a value that holds its
   promises and, of what has one form, reads back to the same bytes. */
#include "council/council.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_frame(const struct council_charter *c, const struct council_matter *m,
                        bool otherwise) {
    struct council_frame f;
    struct council_count counts[COUNCIL_CHAMBERS_MAX] = {{0}};
    struct council_result r;
    council_frame_make(c, m, otherwise, &f);
    check(f.chamber_count > 0 && f.chamber_count <= c->chamber_count);
    check(f.method.needed <= f.chamber_count);
    check(council_decide(&f, counts, &r, NULL) == PD_OK);
    /* Nobody voted: only consent adopts by that. */
    check((r.outcome == COUNCIL_ADOPTED) == (f.method.kind == COUNCIL_CONSENT));
    if (f.method.kind != COUNCIL_CHAMBERS)
        return;
    counts[0] = (struct council_count){9, 9, 0, 0};
    check(council_decide(&f, counts, &r, NULL) == PD_OK && r.outcome != COUNCIL_ADOPTED);
}

static void try_charter(pd_str text, struct pd_arena *arena) {
    const struct council_charter *c = NULL;
    struct pd_error err = {PD_OK, ""};
    enum pd_status st = council_charter_parse(text, arena, &c, &err);
    check(st == PD_OK || (err.status == st && err.text[0] != '\0'));
    for (size_t i = 0; st == PD_OK && i < c->matter_count; i++) {
        check(c->matters[i].method < c->method_count && c->matters[i].path_count > 0);
        check_frame(c, &c->matters[i], false);
        check_frame(c, &c->matters[i], true);
    }
}

static void try_ballot(pd_str text, struct pd_arena *arena) {
    struct council_ballot b;
    pd_str again;
    if (council_ballot_parse(text, arena, &b, NULL) != PD_OK)
        return;
    check(council_ballot_write(&b, arena, &again, NULL) == PD_OK && pd_str_eq(again, text));
}

static void try_frozen(pd_str text, struct pd_arena *arena) {
    struct council_frozen z;
    struct council_count counts[COUNCIL_CHAMBERS_MAX] = {{0}};
    struct council_result r;
    crypto_hash hash;
    pd_str again;
    if (council_frozen_parse(text, arena, &z, NULL) != PD_OK)
        return;
    check(council_frozen_write(&z, arena, &again, &hash, NULL) == PD_OK && pd_str_eq(again, text));
    check(council_decide(&z.frame, counts, &r, NULL) == PD_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
    if (arena == NULL || size == 0) {
        pd_arena_free(arena);
        return 0;
    }
    pd_str text = {(const char *)data + 1, size - 1};
    switch (data[0] % 3) {
    case 0:
        try_charter(text, arena);
        break;
    case 1:
        try_ballot(text, arena);
        break;
    default:
        try_frozen(text, arena);
        break;
    }
    pd_arena_free(arena);
    return 0;
}
