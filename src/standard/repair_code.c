/* Codes: by the standard's lists of what may be, and what people call each code. */
#include "standard/repair_impl.h"

#include <string.h>

/* A list that the field's values must be in. */
struct codes {
    const struct texts *values;
    const struct labels *labels;
};
enum { LISTS_MOST = 16 };

static size_t find_lists(const struct proposal *p, struct codes out[LISTS_MOST]) {
    static const struct labels none = {0};
    const struct standard *s = p->checker->standard;
    const struct field *f = proposal_field(p);
    size_t count = 0;
    if (f->has_enum)
        out[count++] = (struct codes){&f->enumeration, &none};
    if (f->category_values)
        out[count++] = (struct codes){&f->categories, &f->labels};
    for (size_t i = 0; i < s->rule_count && count < LISTS_MOST; i++)
        if (s->rules[i].kind == RULE_REFERENCE && s->rules[i].fields[0] == p->field)
            out[count++] = (struct codes){&s->rules[i].listed, &s->rules[i].labels};
    return count;
}

static pd_str folded(struct proposal *p, pd_str text) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    fold_all(text, &buf);
    pd_str out = pd_arena_str(p->arena, pd_buf_view(&buf));
    pd_buf_clear(&buf);
    p->has_failed |= !out.data;
    return out;
}

static bool is_digits(pd_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
    return s.len > 0;
}

static pd_str without_zeros(pd_str s, bool behind) {
    while (!behind && s.len > 1 && s.data[0] == '0')
        s = pd_str_sub(s, 1, s.len);
    while (behind && s.len > 1 && s.data[s.len - 1] == '0')
        s.len--;
    return s;
}

static void offer_label(struct proposal *p, const struct label *label) {
    char why[200];
    snprintf(why, sizeof(why), "\"%.*s\" is what code %.*s stands for",
             (int)(label->text.len < 90 ? label->text.len : 90), label->text.data,
             (int)(label->code.len < 60 ? label->code.len : 60), label->code.data);
    proposal_offer(p, label->code, STANDARD_LABEL, STANDARD_CERTAIN, why);
}

/* The same code but for case, blanks and zeros. */
static void compare_codes(struct proposal *p, const struct texts *values, pd_str wanted) {
    bool is_number = is_digits(wanted);
    for (size_t i = 0; i < values->count; i++)
        if (pd_str_eq(folded(p, values->list[i]), wanted))
            proposal_offer(p, values->list[i], STANDARD_CASE, STANDARD_CERTAIN,
                           "the code as the list writes it");
    pd_str number =
        pd_str_ends(wanted, PD_STR(".0")) ? pd_str_sub(wanted, 0, wanted.len - 2) : wanted;
    for (size_t i = 0; p->count == 0 && number.len < wanted.len && i < values->count; i++)
        if (pd_str_eq(values->list[i], number))
            proposal_offer(p, number, STANDARD_SPREADSHEET, STANDARD_LIKELY,
                           "a spreadsheet has made a number of the code");
    for (int behind = 0; behind < 2; behind++)
        for (size_t i = 0; is_number && i < values->count; i++)
            if (is_digits(values->list[i]) &&
                pd_str_eq(without_zeros(values->list[i], behind), without_zeros(wanted, behind)))
                proposal_offer(p, values->list[i], STANDARD_ZEROS, STANDARD_LIKELY,
                               behind ? "the code with other zeros behind it"
                                      : "the code with other zeros in front of it");
}

void repair_code(struct proposal *p) {
    struct codes lists[LISTS_MOST];
    size_t count = find_lists(p, lists);
    if (count == 0 || p->base.len == 0)
        return;
    pd_str wanted = folded(p, p->base);
    for (size_t l = 0; l < count; l++) {
        compare_codes(p, lists[l].values, wanted);
        for (size_t i = 0; i < lists[l].labels->count; i++)
            if (pd_str_eq(folded(p, lists[l].labels->list[i].text), wanted))
                offer_label(p, &lists[l].labels->list[i]);
    }
}

/* ---- Misspellings ---- */

/* How many slips a word of so many characters may have to be taken for another; Chinese characters
 * each say so much that short names differ by one and mean other things. */
static unsigned slips(pd_str s) {
    size_t chars = pd_utf8_length(s);
    bool is_ascii = chars == s.len;
    if (chars < 4 || is_digits(s)) /* every code of digits is one slip from others */
        return 0;
    return chars < 8 || !is_ascii ? 1 : 2;
}

struct nearest {
    unsigned distance;
    pd_str said; /* the code or label that is so near */
};

static void consider(struct proposal *p, pd_str wanted, pd_str said, pd_str code,
                     struct nearest *best) {
    pd_str text = folded(p, said);
    unsigned most = slips(wanted) < slips(text) ? slips(wanted) : slips(text);
    unsigned distance = most ? fold_distance(wanted, text, most) : 1;
    if (most == 0 || distance > most || distance > best->distance)
        return;
    if (distance < best->distance)
        p->count = 0;
    *best = (struct nearest){distance, said};
    char why[200];
    snprintf(why, sizeof(why), "a misspelling of \"%.*s\", %u slip%s away",
             (int)(said.len < 120 ? said.len : 120), said.data, distance, distance == 1 ? "" : "s");
    proposal_offer(p, code, STANDARD_SPELLING, STANDARD_LIKELY, why);
}

void repair_spelling(struct proposal *p) {
    struct codes lists[LISTS_MOST];
    size_t count = find_lists(p, lists);
    struct nearest best = {.distance = 3};
    if (count == 0 || p->base.len == 0)
        return;
    pd_str wanted = folded(p, p->base);
    for (size_t l = 0; l < count; l++) {
        for (size_t i = 0; i < lists[l].values->count; i++)
            consider(p, wanted, lists[l].values->list[i], lists[l].values->list[i], &best);
        for (size_t i = 0; i < lists[l].labels->count; i++)
            consider(p, wanted, lists[l].labels->list[i].text, lists[l].labels->list[i].code,
                     &best);
    }
}
