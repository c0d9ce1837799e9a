/* Characters, the words around a place, and what they do to the belief in a finding. */
#include "detect/scan_impl.h"

#include <stdlib.h>
#include <string.h>

struct scan_char scan_char_at(pd_str text, size_t at) {
    const unsigned char *u = (const unsigned char *)text.data + at;
    size_t left = text.len - at;
    if (u[0] < 0x80)
        return (struct scan_char){1, (char)u[0]};
    if (left >= 3 && u[0] == 0xef && u[1] == 0xbc && u[2] >= 0x81 && u[2] <= 0xbf)
        return (struct scan_char){3, (char)(u[2] - 0x81 + '!')};
    if (left >= 3 && u[0] == 0xef && u[1] == 0xbd && u[2] >= 0x80 && u[2] <= 0x9e)
        return (struct scan_char){3, (char)(u[2] - 0x80 + '`')};
    if (left >= 3 && u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80)
        return (struct scan_char){3, ' '};
    if (left >= 2 && u[0] == 0xc2 && u[1] == 0xa0)
        return (struct scan_char){2, ' '};
    size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : u[0] >= 0xc0 ? 2 : 1;
    for (size_t i = 1; i < len; i++) {
        if (i >= left || (u[i] & 0xc0) != 0x80)
            return (struct scan_char){1, 0};
    }
    return (struct scan_char){len, 0};
}

size_t scan_before(pd_str text, size_t at) {
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && ((unsigned char)text.data[start] & 0xc0) == 0x80)
        start--;
    return start + scan_char_at(text, start).len == at ? start : at - 1;
}

static bool is_word_char(char c) {
    return detect_is_letter(c) || detect_is_digit(c) || c == '_';
}

bool scan_has_digits(const struct scan_window *w, size_t at, size_t within, unsigned least) {
    size_t end = within < w->text.len - at ? at + within : w->text.len;
    unsigned found = 0;
    for (size_t i = at; i < end && found < least;) {
        const struct scan_block *b = &w->blocks[i / 64];
        uint64_t bits = (b->digit | b->full) >> i % 64;
        size_t step = 64 - i % 64;
        if (end - i < step)
            bits &= (UINT64_C(1) << (end - i)) - 1;
        for (; bits != 0 && found < least; bits &= bits - 1)
            found++;
        i += step;
    }
    return found >= least;
}

bool scan_is_word_before(const struct scan_window *w, size_t at) {
    if (at == 0)
        return !w->is_first; /* who knows what stood there */
    return is_word_char(scan_char_at(w->text, scan_before(w->text, at)).ascii);
}

bool scan_is_word_at(const struct scan_window *w, size_t at) {
    if (at >= w->text.len)
        return !w->is_last;
    return is_word_char(scan_char_at(w->text, at).ascii);
}

/* Moves `at` back by at most `most` bytes to the start of a word, not across an empty line. */
static size_t reach_back(const struct scan_window *w, size_t at, size_t most) {
    size_t limit = at > most ? at - most : 0, start = at;
    while (start > limit) {
        size_t before = scan_before(w->text, start);
        bool is_empty_line =
            w->text.data[before] == '\n' && before > 0 && w->text.data[before - 1] == '\n';
        if (is_empty_line || before < limit)
            break;
        start = before;
    }
    bool is_cut = start <= limit + 3; /* not at an empty line: perhaps inside a word */
    while (is_cut && start < at && scan_is_word_before(w, start) && scan_is_word_at(w, start))
        start++;
    return start;
}

static size_t reach_on(const struct scan_window *w, size_t at, size_t most) {
    size_t limit = w->text.len - at > most ? at + most : w->text.len, end = at;
    while (end < limit) {
        struct scan_char c = scan_char_at(w->text, end);
        bool is_empty_line =
            c.ascii == '\n' && end + 1 < w->text.len && w->text.data[end + 1] == '\n';
        if (is_empty_line || end + c.len > limit)
            break;
        end += c.len;
    }
    while (end > at && scan_is_word_at(w, end) && end < w->text.len && scan_is_word_before(w, end))
        end--;
    return end;
}

struct detect_name scan_words_before(const struct scan_window *w, size_t at, size_t most) {
    size_t start = reach_back(w, at, most);
    return detect_name_make(pd_str_sub(w->text, start, at - start));
}

struct detect_name scan_words_behind(const struct scan_window *w, size_t at, size_t most) {
    return detect_name_make(pd_str_sub(w->text, at, reach_on(w, at, most) - at));
}

/* The types that words within a stretch can speak for or against, by how words begin: letters
   behind anything else, or capitals; characters beyond ASCII anywhere, full-width letters as if any
   word began with them. */
detect_bits scan_types_near(const struct scan_window *w, size_t from, size_t len) {
    pd_str text = pd_str_sub(w->text, from, len);
    detect_bits types = scan_is_quick(w) ? 0 : DETECT_ALL;
    bool is_letter_before = false;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char *c = (const unsigned char *)text.data + i;
        bool is_letter = detect_is_letter((char)c[0]);
        if (is_letter && (!is_letter_before || c[0] < 'a') && i + 1 < text.len)
            types |= detect_context_pairs[(c[0] & 31u) << 5 | (c[1] & 31u)];
        if (c[0] >= 0xc2 && i + 2 < text.len) {
            if (detect_is_letter(scan_char_at(text, i).ascii))
                return DETECT_ALL;
            types |=
                detect_context_wides[((uint32_t)c[0] << 10 ^ (uint32_t)c[1] << 5 ^ c[2]) % 1024];
        }
        is_letter_before = is_letter;
    }
    return types;
}

const char *scan_context(const struct scan_window *w, size_t start, size_t end, detect_bits types,
                         detect_bits *against) {
    enum { BEFORE = 60, BEHIND = 30 };
    size_t from = start > BEFORE ? start - BEFORE : 0;
    *against = 0;
    if (scan_types_near(w, from, start - from) & types) {
        struct detect_name before = scan_words_before(w, start, BEFORE);
        const char *word = detect_context_word(&before, types);
        *against = detect_context_against(&before, types);
        if (word)
            return word;
    }
    if (!(scan_types_near(w, end, BEHIND) & types))
        return NULL;
    struct detect_name behind = scan_words_behind(w, end, BEHIND);
    return detect_context_word(&behind, types);
}

static bool make_room(struct scan_window *w) {
    if (w->count < w->capacity)
        return true;
    size_t capacity = w->capacity ? w->capacity * 2 : 64;
    struct scan_candidate *list = realloc(w->list, capacity * sizeof(*list));
    if (!list) {
        w->failed = true;
        return false;
    }
    w->list = list;
    w->capacity = capacity;
    return true;
}

static void add(struct scan_window *w, struct scan_candidate candidate) {
    if (candidate.start < w->from || candidate.start >= w->to ||
        candidate.confidence < w->options->least || !make_room(w))
        return;
    w->list[w->count++] = candidate;
}

void scan_add(struct scan_window *w, size_t start, size_t end, enum detect_type type, bool is_weak,
              enum detect_confidence confidence, const char *proof, const char *word) {
    if (w->types & DETECT_BIT(type))
        add(w, (struct scan_candidate){start, end, detect_info_get(type), type, is_weak, confidence,
                                       proof, word});
}

void scan_add_info(struct scan_window *w, size_t start, size_t end, const struct detect_info *info,
                   enum detect_confidence confidence, const char *proof, const char *word) {
    add(w, (struct scan_candidate){start, end, info, DETECT_SITE, false, confidence, proof, word});
}

static enum detect_confidence confidence_of(const struct detect_info *info, bool is_weak,
                                            const char *word) {
    bool form_says_little = info->weak_chance >= 0.5; /* as with its digits alone */
    if (is_weak) {
        if (word)
            return DETECT_MEDIUM;
        return detect_stands_alone(info, true) ? DETECT_MEDIUM : DETECT_LOW;
    }
    if (word)
        return DETECT_HIGH;
    if (info->need == DETECT_ALONE && info->chance <= 0.006 && !form_says_little)
        return DETECT_HIGH;
    bool stands = detect_stands_alone(info, false) && info->chance <= 0.06;
    return stands ? DETECT_MEDIUM : DETECT_LOW;
}

void scan_judge(struct scan_window *w, size_t start, size_t end, enum detect_type type,
                bool is_weak) {
    if (start < w->from || start >= w->to || !(w->types & DETECT_BIT(type)))
        return;
    const struct detect_info *info = detect_info_get(type);
    detect_bits against = 0;
    const char *word = scan_context(w, start, end, DETECT_BIT(type), &against);
    if ((against & DETECT_BIT(type)) && !word)
        return;
    if (info->need == DETECT_NAMED && !word)
        return;
    const char *proof = is_weak                 ? info->weak
                        : info->has_check_digit ? "a right check digit"
                                                : "its form";
    scan_add(w, start, end, type, is_weak, confidence_of(info, is_weak, word), proof, word);
}
