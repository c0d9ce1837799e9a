/*
 * The count. Each chamber for itself: quorum, majority, whether it blocks. Then together: enough
 * chambers, enough weight, nobody blocking, nobody outvoted to whom the matter is reserved.
 */
#include "council/council_impl.h"

#include <string.h>

/* ---- Whole numbers of any size that occur here: eight rolls, a weight and a fraction ---- */

enum { LIMBS = 16 };
struct whole {
    uint32_t limb[LIMBS]; /* least first */
};

static struct whole whole_of(uint32_t n) {
    return (struct whole){{n}};
}

static void multiply(struct whole *a, uint32_t by) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] * by;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void add(struct whole *a, const struct whole *b) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static int compare(const struct whole *a, const struct whole *b) {
    for (int i = LIMBS - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* ---- One chamber ---- */

/* The least r with r * r >= n; n <= 10^14. */
static uint64_t root_up(uint64_t n) {
    uint64_t low = 0, high = 20000000;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (middle * middle >= n)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint32_t divide_up(uint64_t a, uint64_t b) {
    return (uint32_t)((a + b - 1) / b);
}

static uint32_t quorum_of(const struct council_quorum *q, uint32_t roll) {
    uint64_t num = q->share.num, den = q->share.den;
    if (q->kind == COUNCIL_OF_ROLL)
        return divide_up(num * roll, den);
    /* yes >= num/den * sqrt(roll): yes * den is whole, so it is enough that it reaches the root. */
    uint32_t needed = divide_up(root_up(num * num * roll), den);
    return needed < roll ? needed : roll; /* of very few, all */
}

static void judge(const struct council_method *m, const struct council_chamber *c,
                  const struct council_count *n, struct council_verdict *out) {
    uint64_t voting = (uint64_t)n->yes + n->no;
    bool by_root = c->quorum.kind == COUNCIL_YES_OF_ROOT;
    out->quorum = quorum_of(&c->quorum, n->roll);
    uint64_t came = by_root ? n->yes : voting + n->abstain;
    out->has_quorum = n->roll > 0 && came >= out->quorum;
    /* One "no" of a million blocks nothing: as many must say no as would have to say yes. */
    uint64_t against = by_root ? n->no : voting + n->abstain;
    out->is_blocking = voting > 0 && against >= out->quorum &&
                       (uint64_t)n->no * m->blocking.den > m->blocking.num * voting;
    uint64_t has = (uint64_t)n->yes * m->majority.den, needs = m->majority.num * voting;
    out->stand = COUNCIL_FAILS;
    if (!out->has_quorum || voting == 0)
        return;
    if (has > needs)
        out->stand = COUNCIL_PASSES;
    else if (has == needs && m->tie == COUNCIL_TIE_SEED)
        out->stand = COUNCIL_TIED;
}

/* ---- All together ---- */

/* sum of weight * yes/voting >= share * all weights, with everything multiplied out. */
static bool is_weighty(const struct council_frame *f, const struct council_count *counts,
                       struct council_fraction share) {
    struct whole left = {{0}}, right = whole_of(share.num);
    uint32_t weights = 0;
    for (size_t i = 0; i < f->chamber_count; i++) {
        uint32_t voting = counts[i].yes + counts[i].no;
        struct whole term = whole_of(counts[i].yes);
        multiply(&term, f->chambers[i].weight);
        weights += f->chambers[i].weight;
        multiply(&right, voting ? voting : 1);
        for (size_t j = 0; j < f->chamber_count; j++) {
            uint32_t other = counts[j].yes + counts[j].no;
            if (j != i)
                multiply(&term, other ? other : 1);
        }
        add(&left, &term);
    }
    multiply(&left, share.den);
    multiply(&right, weights);
    return compare(&left, &right) >= 0;
}

static uint32_t permille(const struct council_frame *f, const struct council_count *counts) {
    uint32_t low = 0, high = 1000;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (is_weighty(f, counts, (struct council_fraction){middle, 1000}))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Whether it is adopted if the chambers of this mask pass. */
static bool would_adopt(const struct council_frame *f, const struct council_result *r,
                        unsigned passing) {
    uint32_t n = 0;
    for (size_t i = 0; i < f->chamber_count; i++)
        n += passing >> i & 1u;
    return n >= f->method.needed && r->is_weighty && !r->is_blocked &&
           (passing & f->must_pass) == f->must_pass;
}

static void conclude(const struct council_frame *f, struct council_result *r) {
    unsigned sure = 0, tied = 0;
    r->passing = r->tied = 0;
    r->is_blocked = false;
    for (size_t i = 0; i < f->chamber_count && i < COUNCIL_CHAMBERS_MAX; i++) {
        bool passes = r->chambers[i].stand == COUNCIL_PASSES;
        bool is_tied = r->chambers[i].stand == COUNCIL_TIED;
        sure |= passes ? 1u << i : 0;
        tied |= is_tied ? 1u << i : 0;
        r->passing += passes;
        r->tied += is_tied;
        r->is_blocked = r->is_blocked || r->chambers[i].is_blocking;
    }
    r->is_reserved_failed = ((sure | tied) & f->must_pass) != f->must_pass;
    if (would_adopt(f, r, sure))
        r->outcome = COUNCIL_ADOPTED;
    else if (would_adopt(f, r, sure | tied))
        r->outcome = COUNCIL_UNDECIDED;
    else
        r->outcome = COUNCIL_REJECTED;
}

enum pd_status council_decide(const struct council_frame *f, const struct council_count *counts,
                              struct council_result *out, struct pd_error *err) {
    struct council_result r = {.count = f->chamber_count};
    for (size_t i = 0; i < f->chamber_count; i++) {
        const struct council_count *n = &counts[i];
        if (n->roll > COUNCIL_ROLL_MAX || (uint64_t)n->yes + n->no + n->abstain > n->roll)
            return pd_fail(err, PD_INVALID, "the chamber \"%.*s\" has %llu votes of %u on its roll",
                           pd_arg(f->chambers[i].id),
                           (unsigned long long)n->yes + n->no + n->abstain, n->roll);
        judge(&f->method, &f->chambers[i], n, &r.chambers[i]);
    }
    r.is_weighty = is_weighty(f, counts, f->method.weighted);
    r.weighted_permille = permille(f, counts);
    conclude(f, &r);
    /* By consent nobody votes: that no objection stands is what adopts. */
    if (f->method.kind == COUNCIL_CONSENT)
        r.outcome = COUNCIL_ADOPTED;
    *out = r;
    return PD_OK;
}

/* ---- Ties ---- */

crypto_hash council_seed(const crypto_hash *root, const crypto_hash *frozen) {
    uint8_t both[2 * CRYPTO_HASH_SIZE];
    memcpy(both, root->bytes, CRYPTO_HASH_SIZE);
    memcpy(both + CRYPTO_HASH_SIZE, frozen->bytes, CRYPTO_HASH_SIZE);
    return crypto_sha256(both, sizeof(both));
}

enum pd_status council_settle(const struct council_frame *f, const struct council_count *counts,
                              const crypto_hash *seed, struct council_result *out,
                              struct pd_error *err) {
    enum pd_status st = council_decide(f, counts, out, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < f->chamber_count; i++) {
        uint8_t text[CRYPTO_HASH_SIZE + COUNCIL_ID_MAX];
        pd_str id = f->chambers[i].id;
        if (out->chambers[i].stand != COUNCIL_TIED)
            continue;
        memcpy(text, seed->bytes, CRYPTO_HASH_SIZE);
        memcpy(text + CRYPTO_HASH_SIZE, id.data, id.len);
        bool passes = (crypto_sha256(text, CRYPTO_HASH_SIZE + id.len).bytes[0] & 1) != 0;
        out->chambers[i].stand = passes ? COUNCIL_PASSES : COUNCIL_FAILS;
    }
    conclude(f, out);
    return PD_OK;
}

/* ---- For faces ---- */

void council_result_write(const struct council_frame *f, const struct council_count *counts,
                          const struct council_result *r, struct pd_json *w) {
    static const char *const stands[] = {
        [COUNCIL_FAILS] = "fails", [COUNCIL_PASSES] = "passes", [COUNCIL_TIED] = "tied"};
    pd_json_object(w);
    pd_json_member_text(w, "outcome", council_outcome_name(r->outcome));
    pd_json_key(w, "chambers");
    pd_json_array(w);
    for (size_t i = 0; i < f->chamber_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "id", f->chambers[i].id);
        pd_json_member_i64(w, "roll", counts[i].roll);
        pd_json_member_i64(w, "yes", counts[i].yes);
        pd_json_member_i64(w, "no", counts[i].no);
        pd_json_member_i64(w, "abstain", counts[i].abstain);
        pd_json_member_i64(w, "quorum", r->chambers[i].quorum);
        pd_json_member_bool(w, "has_quorum", r->chambers[i].has_quorum);
        pd_json_member_bool(w, "blocks", r->chambers[i].is_blocking);
        pd_json_member_text(w, "stand", stands[r->chambers[i].stand]);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_member_i64(w, "passing", r->passing);
    pd_json_member_i64(w, "needed", f->method.needed);
    pd_json_member_i64(w, "weighted_permille", r->weighted_permille);
    pd_json_member_bool(w, "weighty", r->is_weighty);
    pd_json_member_bool(w, "blocked", r->is_blocked);
    pd_json_member_bool(w, "reserved_failed", r->is_reserved_failed);
    pd_json_object_end(w);
}
