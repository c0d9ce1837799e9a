/* A ballot: what one casts, in its one form. */
#include "council/council_impl.h"

enum { VOTER_MAX = 128, BALLOT_BYTES_MAX = 2048, ID_TEXT = 36 };

enum pd_status council_ballot_write(const struct council_ballot *b, struct pd_arena *arena,
                                    pd_str *json, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, BALLOT_BYTES_MAX);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, "proposal", b->proposal);
    pd_json_key(&w, "frozen");
    pd_json_hex(&w, b->frozen.bytes, sizeof(b->frozen.bytes));
    pd_json_member_str(&w, "chamber", b->chamber);
    pd_json_member_str(&w, "voter", b->voter);
    pd_json_member_text(&w, "choice", council_choice_name(b->choice));
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

/* Whether the text is these members in their order with nothing between them, which is how a ballot without escapes
 * is written: a text with an escape is longer than what it stands for, and so than all of this. */
static bool is_plain(const struct council_ballot *b, pd_str json) {
    char frozen[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(b->frozen.bytes, sizeof(b->frozen.bytes), frozen);
    const pd_str parts[] = {PD_STR("{\"chamber\":\""),
                            b->chamber,
                            PD_STR("\",\"choice\":\""),
                            pd_str_from(council_choice_name(b->choice)),
                            PD_STR("\",\"frozen\":\""),
                            pd_str_from(frozen),
                            PD_STR("\",\"proposal\":\""),
                            b->proposal,
                            PD_STR("\",\"voter\":\""),
                            b->voter,
                            PD_STR("\"}")};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!pd_str_starts(json, parts[i]))
            return false;
        json = pd_str_sub(json, parts[i].len, json.len - parts[i].len);
    }
    return json.len == 0;
}

/* Walked through rather than made a tree of, and seldom written again: a recount reads a million of them. Whatever
 * isn't as council_ballot_write writes it differs from it in the end. */
enum pd_status council_ballot_parse(pd_str json, struct pd_arena *arena, struct council_ballot *out,
                                    struct pd_error *err) {
    struct council_ballot b = {.proposal = PD_STR("")};
    pd_str rest = json, key, value, again;
    if (json.len > BALLOT_BYTES_MAX)
        return pd_fail(err, PD_INVALID, "a ballot has at most %d bytes", BALLOT_BYTES_MAX);
    bool is_read = true;
    while (pd_json_next(&rest, &key, &value)) {
        pd_str text = pd_json_read_text(value, arena);
        if (!text.data)
            is_read = false;
        else if (pd_str_is(key, "proposal"))
            b.proposal = text;
        else if (pd_str_is(key, "chamber"))
            b.chamber = text;
        else if (pd_str_is(key, "voter"))
            b.voter = text;
        else if (pd_str_is(key, "frozen"))
            is_read = is_read && pd_hex_decode(text, b.frozen.bytes, sizeof(b.frozen.bytes));
        else if (pd_str_is(key, "choice"))
            is_read = is_read && council_choice_parse(text, &b.choice);
    }
    struct pd_mark mark = pd_arena_mark(arena);
    if (!is_read || b.proposal.len != ID_TEXT || b.chamber.len == 0 || b.voter.len == 0 ||
        b.voter.len > VOTER_MAX ||
        (!is_plain(&b, json) && (council_ballot_write(&b, arena, &again, NULL) != PD_OK ||
                                 !pd_str_eq(again, json))))
        return pd_fail(err, PD_INVALID,
                       "this is no ballot: canonical JSON of chamber, choice, frozen, proposal, "
                       "voter");
    pd_arena_reset(arena, mark);
    *out = b;
    return PD_OK;
}
