/* What could stand in the place of a cell that fails, by the cell and its field alone. Ways are
 * tried from those that change nothing of what the cell says to those that guess; the first one
 * that knows anything ends the search. */
#include "standard/repair_impl.h"

#include <string.h>

const struct field *proposal_field(const struct proposal *p) {
    return &p->checker->standard->fields[p->field];
}

void proposal_offer(struct proposal *p, pd_str text, enum standard_method method,
                    enum standard_confidence confidence, const char *why) {
    if (pd_str_eq(text, p->cell) || check_cell(p->checker, p->field, text))
        return;
    for (size_t i = 0; i < p->count; i++)
        if (pd_str_eq(p->choices[i].text, text))
            return;
    if (p->count == CHOICES_MOST) {
        p->has_more = true;
        return;
    }
    struct choice c = {pd_arena_str(p->arena, text), method, confidence,
                       pd_arena_str(p->arena, pd_str_from(why))};
    if (!c.text.data || !c.why.data)
        p->has_failed = true;
    else
        p->choices[p->count++] = c;
}

/* ---- Blanks and widths ---- */

static void repair_blanks(struct proposal *p) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    fold_narrow(p->cell, &buf);
    pd_str wide = pd_arena_str(p->arena, pd_buf_view(&buf));
    pd_buf_clear(&buf);
    if (!wide.data) {
        p->has_failed = true;
        return;
    }
    p->base = fold_trim(wide);
    proposal_offer(p, fold_trim(p->cell), STANDARD_TRIM, STANDARD_CERTAIN,
                   "blanks around it are no part of it");
    if (p->count == 0)
        proposal_offer(p, wide, STANDARD_WIDTH, STANDARD_CERTAIN, "the same in narrow characters");
    if (p->count == 0)
        proposal_offer(p, p->base, STANDARD_WIDTH, STANDARD_CERTAIN,
                       "the same in narrow characters, without blanks around it");
}

/* ---- Words for nothing ---- */

static void repair_missing(struct proposal *p) {
    static const char *const words[] = {"null", "none", "nil",  "n/a",  "na",   "#n/a",    "-",
                                        "--",   "---",  "—",    "——",   "/",    "\\",      "nan",
                                        "无",   "空",   "未填", "不详", "未知", "unknown", "?"};
    const struct field *f = proposal_field(p);
    pd_str nothing = f->missing.count ? f->missing.list[0] : PD_STR("");
    if (f->is_required || f->missing.count == 0)
        return;
    if (p->base.len == 0)
        proposal_offer(p, nothing, STANDARD_MISSING, STANDARD_CERTAIN, "it is blank");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (pd_str_eq_ascii_case(p->base, pd_str_from(words[i])))
            proposal_offer(p, nothing, STANDARD_MISSING, STANDARD_LIKELY,
                           "a word that says that there is no value");
}

/* ---- Booleans ---- */

static void repair_boolean(struct proposal *p) {
    static const struct {
        const char *word;
        bool is_true;
        enum standard_confidence confidence;
    } words[] = {
        {"true", true, STANDARD_CERTAIN}, {"false", false, STANDARD_CERTAIN},
        {"yes", true, STANDARD_CERTAIN},  {"no", false, STANDARD_CERTAIN},
        {"是", true, STANDARD_CERTAIN},   {"否", false, STANDARD_CERTAIN},
        {"y", true, STANDARD_LIKELY},     {"n", false, STANDARD_LIKELY},
        {"t", true, STANDARD_LIKELY},     {"f", false, STANDARD_LIKELY},
        {"on", true, STANDARD_LIKELY},    {"off", false, STANDARD_LIKELY},
        {"1", true, STANDARD_LIKELY},     {"0", false, STANDARD_LIKELY},
        {"有", true, STANDARD_LIKELY},    {"无", false, STANDARD_LIKELY},
        {"√", true, STANDARD_LIKELY},     {"×", false, STANDARD_LIKELY},
        {"真", true, STANDARD_LIKELY},    {"假", false, STANDARD_LIKELY},
    };
    const struct field *f = proposal_field(p);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const struct texts *to = words[i].is_true ? &f->true_values : &f->false_values;
        if (pd_str_eq_ascii_case(p->base, pd_str_from(words[i].word)) && to->count > 0)
            proposal_offer(p, to->list[0], STANDARD_BOOLEAN_WORD, words[i].confidence,
                           words[i].is_true ? "another word for true" : "another word for false");
    }
}

/* ---- Texts with a pattern or a length ---- */

static bool is_digits(pd_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
    return s.len > 0;
}

static void map_ascii(pd_str s, bool upper, bool lower, bool keeps_marks, struct pd_buf *out) {
    pd_buf_reset(out);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (!keeps_marks && (c == ' ' || c == '-' || c == '.'))
            continue;
        bool is_other = (upper && c >= 'a' && c <= 'z') || (lower && c >= 'A' && c <= 'Z');
        pd_buf_char(out, is_other ? (char)(c ^ 0x20) : c);
    }
}

/* A spreadsheet takes leading zeros away; how many is known only if one length would do. */
static void pad(struct proposal *p, struct pd_buf *buf) {
    enum { ZEROS_MOST = 8 };
    for (int zeros = 1; is_digits(p->base) && zeros <= ZEROS_MOST; zeros++) {
        pd_buf_reset(buf);
        for (int i = 0; i < zeros; i++)
            pd_buf_char(buf, '0');
        pd_buf_str(buf, p->base);
        proposal_offer(p, pd_buf_view(buf), STANDARD_ZEROS, STANDARD_LIKELY,
                       "zeros in front of it seem lost");
    }
}

static void repair_text(struct proposal *p) {
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    if (pd_str_starts(p->base, PD_STR("'")))
        proposal_offer(p, pd_str_sub(p->base, 1, p->base.len), STANDARD_SPREADSHEET,
                       STANDARD_CERTAIN, "the mark by which a spreadsheet keeps digits as text");
    if (p->count == 0 && pd_str_ends(p->base, PD_STR(".0")) &&
        is_digits(pd_str_sub(p->base, 0, p->base.len - 2)))
        proposal_offer(p, pd_str_sub(p->base, 0, p->base.len - 2), STANDARD_SPREADSHEET,
                       STANDARD_LIKELY, "a spreadsheet has made a number of it");
    static const struct {
        bool upper, lower, keeps_marks;
        const char *why;
    } ways[] = {{true, false, true, "the same in capitals"},
                {false, true, true, "the same in small letters"},
                {false, false, false, "without blanks and hyphens within"},
                {true, false, false, "in capitals, without blanks and hyphens within"}};
    for (size_t i = 0; p->count == 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {
        map_ascii(p->base, ways[i].upper, ways[i].lower, ways[i].keeps_marks, &buf);
        proposal_offer(p, pd_buf_view(&buf), ways[i].keeps_marks ? STANDARD_CASE : STANDARD_MARKS,
                       STANDARD_LIKELY, ways[i].why);
    }
    if (p->count == 0)
        pad(p, &buf);
    p->has_failed |= buf.failed;
    pd_buf_clear(&buf);
}

/* ---- In their order ---- */

static void repair_typed(struct proposal *p) {
    switch (proposal_field(p)->type) {
    case STANDARD_NUMBER:
    case STANDARD_INTEGER:
        repair_number(p);
        break;
    case STANDARD_BOOLEAN:
        repair_boolean(p);
        break;
    case STANDARD_DATE:
    case STANDARD_DATETIME:
    case STANDARD_TIME:
    case STANDARD_YEAR:
    case STANDARD_YEARMONTH:
        repair_moment(p);
        break;
    case STANDARD_STRING:
        repair_text(p);
        break;
    default:
        break;
    }
}

void proposal_find(struct proposal *p) {
    static void (*const ways[])(struct proposal *) = {repair_blanks, repair_code, repair_typed,
                                                      repair_missing, repair_spelling};
    for (size_t i = 0; p->count == 0 && i < sizeof(ways) / sizeof(ways[0]); i++)
        ways[i](p);
}
