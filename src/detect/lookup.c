/* Looking up in the derived tables. */
#include "detect/detect_impl.h"

static pd_str entry(const struct detect_words *words, size_t n) {
    return (pd_str){words->text + words->starts[n],
                    (size_t)(words->starts[n + 1] - words->starts[n])};
}

/* The first word that is not below the given one; `count` if all are. */
static size_t lower_bound(const struct detect_words *words, pd_str word) {
    size_t from = 0, to = words->count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (pd_str_cmp(entry(words, middle), word) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool detect_words_has(const struct detect_words *words, pd_str word) {
    size_t at = lower_bound(words, word);
    return at < words->count && pd_str_eq(entry(words, at), word);
}

size_t detect_words_longest(const struct detect_words *words, pd_str s, size_t least, size_t most) {
    pd_str front = pd_str_sub(s, 0, least);
    size_t found = 0;
    for (size_t at = lower_bound(words, front); at < words->count; at++) {
        pd_str word = entry(words, at);
        if (!pd_str_starts(word, front))
            break;
        if (word.len <= most && word.len % 3 == 0 && word.len > found && pd_str_starts(s, word))
            found = word.len;
    }
    return found;
}

enum detect_area detect_area_find(int code) {
    size_t from = 0, to = detect_area_count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        const struct detect_area_row *row = &detect_areas[middle];
        if (row->city == code / 100) {
            int county = code % 100;
            bool is_county = row->counties[county / 64] >> (county % 64) & 1;
            return is_county ? DETECT_AREA_COUNTY : DETECT_AREA_CITY;
        }
        if (row->city < code / 100)
            from = middle + 1;
        else
            to = middle;
    }
    return DETECT_AREA_UNKNOWN;
}
