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

bool detect_words_start(const struct detect_words *words, pd_str front) {
    size_t at = lower_bound(words, front);
    return at < words->count && pd_str_starts(entry(words, at), front);
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
