/* Looking up in the derived tables. */
#include "detect/detect_impl.h"

#include <string.h>

static pd_str entry(const struct detect_words *words, size_t n) {
    return (pd_str){words->text + words->starts[n],
                    (size_t)(words->starts[n + 1] - words->starts[n])};
}

/* The first bytes of a word, at most six, in the order of words. */
static uint64_t front_of(pd_str word) {
    uint64_t front = 0;
    for (size_t i = 0; i < 6; i++)
        front = front << 8 | (i < word.len ? (unsigned char)word.data[i] : 0u);
    return front;
}

/* The same of a word of six bytes at least; sooner where eight can be read. */
static inline uint64_t front_of_long(const char *p, size_t readable) {
    uint64_t front;
    if (readable < 8)
        return front_of((pd_str){p, 6});
    memcpy(&front, p, 8);
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__
    front = __builtin_bswap64(front);
#endif
    return front >> 16;
}

/* The first word whose six first bytes are not below those at the front of s, where all words have
   six. */
static size_t lower_bound_of_long(const struct detect_words *words, pd_str s) {
    const uint64_t front = front_of_long(s.data, s.len);
    const size_t end = words->starts[words->count];
    size_t from = 0, left = words->count;
    while (left > 0) {
        size_t half = left / 2, start = words->starts[from + half];
        bool is_below = front_of_long(words->text + start, end - start) < front;
        from = is_below ? from + half + 1 : from;
        left = is_below ? left - half - 1 : half;
    }
    return from;
}

/* The first word that is not below the given one; `count` if all are. Mostly the first bytes
   decide, without a branch that could be foreseen wrongly. */
static size_t lower_bound(const struct detect_words *words, pd_str word) {
    const uint64_t front = front_of(word);
    size_t from = 0, left = words->count;
    while (left > 0) {
        size_t half = left / 2;
        pd_str middle = entry(words, from + half);
        uint64_t its = front_of(middle);
        bool is_below = its < front || (its == front && pd_str_cmp(middle, word) < 0);
        from = is_below ? from + half + 1 : from;
        left = is_below ? left - half - 1 : half;
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
    for (size_t at = lower_bound_of_long(words, s); at < words->count; at++) {
        pd_str word = entry(words, at);
        if (!pd_str_starts(word, front))
            break;
        if (word.len <= most && word.len % 3 == 0 && word.len > found && pd_str_starts(s, word))
            found = word.len;
    }
    return found;
}

enum detect_area detect_area_find(int code) {
    int city = code / 100, county = code % 100;
    const struct detect_area_row *row = &detect_areas[detect_area_starts[city / 100]],
                                 *end = &detect_areas[detect_area_starts[city / 100 + 1]];
    while (row < end && row->city < city)
        row++;
    if (row == end || row->city != city)
        return DETECT_AREA_UNKNOWN;
    bool is_county = row->counties[county / 64] >> (county % 64) & 1;
    return is_county ? DETECT_AREA_COUNTY : DETECT_AREA_CITY;
}
