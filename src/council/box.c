/* The ballot box: each voter has one place in it, so that the order of ballots makes no difference.
 */
#include "council/council_impl.h"

#include <stdlib.h>
#include <string.h>

struct slot {
    pd_id order;
    uint8_t choice;
    bool is_cast;
};
struct council_box {
    const struct council_frame *frame;
    const pd_str *rolls[COUNCIL_CHAMBERS_MAX];
    size_t counts[COUNCIL_CHAMBERS_MAX];
    struct slot *slots[COUNCIL_CHAMBERS_MAX];
};

struct council_box *council_box_new(const struct council_frame *frame, const pd_str *const *rolls,
                                    const size_t *counts) {
    struct council_box *box = calloc(1, sizeof(*box));
    if (!box)
        return NULL;
    box->frame = frame;
    for (size_t i = 0; i < frame->chamber_count; i++) {
        box->rolls[i] = rolls[i];
        box->counts[i] = counts[i];
        box->slots[i] = calloc(counts[i] ? counts[i] : 1, sizeof(*box->slots[i]));
        if (!box->slots[i]) {
            council_box_free(box);
            return NULL;
        }
    }
    return box;
}

void council_box_free(struct council_box *box) {
    for (size_t i = 0; box && i < COUNCIL_CHAMBERS_MAX; i++)
        free(box->slots[i]);
    free(box);
}

static size_t find_voter(const pd_str *roll, size_t count, pd_str voter) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(roll[middle], voter);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return PD_NPOS;
}

enum pd_status council_box_add(struct council_box *box, pd_str chamber, pd_str voter, pd_id order,
                               enum council_choice choice, struct pd_error *err) {
    size_t c = 0;
    while (c < box->frame->chamber_count && !pd_str_eq(box->frame->chambers[c].id, chamber))
        c++;
    if (c == box->frame->chamber_count)
        return pd_fail(err, PD_NOT_FOUND, "the chamber \"%.*s\" has no vote in this",
                       pd_arg(chamber));
    size_t at = find_voter(box->rolls[c], box->counts[c], voter);
    if (at == PD_NPOS)
        return pd_fail(err, PD_DENIED, "\"%.*s\" is not on the roll of the chamber \"%.*s\"",
                       pd_arg(voter), pd_arg(chamber));
    struct slot *slot = &box->slots[c][at];
    if (slot->is_cast && box->frame->chambers[c].secrecy == COUNCIL_ROLL_CALL)
        return pd_fail(err, PD_CONFLICT,
                       "\"%.*s\" voted before: in the chamber \"%.*s\" one votes once, by name",
                       pd_arg(voter), pd_arg(chamber));
    if (!slot->is_cast || memcmp(&order, &slot->order, sizeof(order)) > 0)
        *slot = (struct slot){order, (uint8_t)choice, true};
    return PD_OK;
}

void council_box_count(const struct council_box *box, struct council_count *out) {
    for (size_t c = 0; c < box->frame->chamber_count; c++) {
        uint32_t n[COUNCIL_CHOICE_COUNT] = {0};
        for (size_t i = 0; i < box->counts[c]; i++)
            if (box->slots[c][i].is_cast)
                n[box->slots[c][i].choice]++;
        out[c] = (struct council_count){(uint32_t)box->counts[c], n[COUNCIL_YES], n[COUNCIL_NO],
                                        n[COUNCIL_ABSTAIN]};
    }
}
