/*
 * Looks at raw bytes many at once: which of them may break a record, and how far they are text. For
 * each question there is a plain function, and one in the instructions of AVX2, which is taken
 * where the processor has them; tests/unit/table_test.c holds them against each other.
 */
#include "table/table_impl.h"

#include <string.h>

/* ---- Quotes, of a block at a time ---- */

struct quoting {
    uint64_t inside; /* all bits, if the block begins within quotes */
    uint64_t after;  /* 1, if it begins after a closing quote */
    uint64_t odd;
};

/* Where the block that begins at `at` has what; a bit for each byte. */
struct block {
    uint64_t marks, line_ends, returns, quotes;
};

/* The marks that stand outside quotes. Quotes open behind a mark, close before one, and are not
   doubled; otherwise, or if there is a line end between them, it is odd. */
static inline uint64_t marks_outside(struct quoting *q, const char *at, bool is_first,
                                     struct block b, char separator) {
    uint64_t inside = b.quotes;
    for (int by = 1; by < TABLE_BLOCK; by *= 2)
        inside ^= inside << by;
    inside ^= q->inside;
    uint64_t opening = b.quotes & inside, closing = b.quotes & ~inside, marks = b.marks & ~inside;
    bool may_open = is_first || at[-1] == separator || at[-1] == '\n';
    q->odd |= opening & ~(marks << 1 | (uint64_t)may_open);
    q->odd |= (closing << 1 | q->after) & ~(marks | b.returns);
    q->odd |= b.line_ends & inside;
    q->inside = 0 - (inside >> 63);
    q->after = closing >> 63;
    return marks;
}

/* ---- Plain ---- */

static void plain_marks(const char *text, size_t blocks, char separator, char quote,
                        uint64_t *out) {
    for (size_t b = 0; b < blocks; b++, text += TABLE_BLOCK) {
        uint64_t marks = 0;
        for (int i = 0; i < TABLE_BLOCK; i++) {
            char c = text[i];
            bool is_mark = c == separator || c == quote || c == '\n' || c == '\r';
            marks |= (uint64_t)is_mark << i;
        }
        out[b] = marks;
    }
}

static size_t plain_places(const uint64_t *marks, size_t blocks, uint32_t *out) {
    size_t n = 0;
    for (size_t b = 0; b < blocks; b++)
        for (uint64_t bits = marks[b]; bits != 0; bits &= bits - 1)
            out[n++] = (uint32_t)(b * TABLE_BLOCK) + (uint32_t)__builtin_ctzll(bits);
    return n;
}

static size_t plain_ascii(const char *text, size_t n) {
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t v;
        memcpy(&v, text + i, 8);
        /* v - ones borrows into a high bit where a byte is zero. */
        if (((v | (v - ones)) & highs) != 0)
            break;
    }
    return i;
}

static void plain_look(const char *text, size_t blocks, char separator, char quote,
                       struct table_look *out) {
    const size_t n = blocks * TABLE_BLOCK;
    struct quoting quoting = {0};
    out->places[0] = UINT32_MAX;
    out->count = out->feeds = out->returns = 0;
    out->has_quotes = false;
    for (size_t i = 0; i < blocks; i++, text += TABLE_BLOCK) {
        struct block b = {0};
        for (int bit = 0; bit < TABLE_BLOCK; bit++) {
            char c = text[bit];
            bool is_feed = c == '\n', is_return = c == '\r';
            out->feeds += is_feed;
            out->returns += is_return;
            b.marks |= (uint64_t)(is_feed || c == separator) << bit;
            b.line_ends |= (uint64_t)(is_feed || is_return) << bit;
            b.returns |= (uint64_t)is_return << bit;
            b.quotes |= (uint64_t)(c == quote) << bit;
        }
        out->has_quotes |= b.quotes != 0;
        uint64_t marks = marks_outside(&quoting, text, i == 0, b, separator);
        for (; marks != 0; marks &= marks - 1)
            out->places[++out->count] =
                (uint32_t)(i * TABLE_BLOCK) + (uint32_t)__builtin_ctzll(marks);
    }
    text -= n;
    bool is_wrong;
    (void)table_text_check(table_wide_get(TABLE_INSTRUCTIONS_PLAIN), text, n, &is_wrong);
    out->returns -= text[n - 1] == '\r';
    out->is_odd = quoting.odd != 0 || is_wrong;
    out->is_ascii = table_text_ascii(table_wide_get(TABLE_INSTRUCTIONS_PLAIN), text, n) == n;
}

static void plain_cells(const uint32_t *places, size_t n, uint32_t base, struct table_cell *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = (struct table_cell){base + places[i] + 1, places[i + 1] - places[i] - 1};
}

static const struct table_wide plain = {"plain",      plain_look,  plain_cells, plain_marks,
                                        plain_places, plain_ascii, plain_ascii};

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,popcnt")))

/* ---- AVX2 ---- */

static inline WIDE __m256i load(const char *text) {
    return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

static inline WIDE uint32_t marks_of(__m256i v, __m256i separator, __m256i quote) {
    const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
    __m256i hit = _mm256_or_si256(
        _mm256_or_si256(_mm256_cmpeq_epi8(v, separator), _mm256_cmpeq_epi8(v, quote)),
        _mm256_or_si256(_mm256_cmpeq_epi8(v, lf), _mm256_cmpeq_epi8(v, cr)));
    return (uint32_t)_mm256_movemask_epi8(hit);
}

static WIDE void avx2_marks(const char *text, size_t blocks, char separator, char quote,
                            uint64_t *out) {
    const __m256i s = _mm256_set1_epi8(separator), q = _mm256_set1_epi8(quote);
    for (size_t b = 0; b < blocks; b++, text += TABLE_BLOCK)
        out[b] = marks_of(load(text), s, q) | (uint64_t)marks_of(load(text + 32), s, q) << 32;
}

/* Eight at a time, whether there are so many or not: a branch for each eight bits, none for each
   (Langdale and Lemire 2019). Behind the last bit stands what the next block writes over. */
static WIDE size_t avx2_places(const uint64_t *marks, size_t blocks, uint32_t *out) {
    size_t n = 0;
    for (size_t b = 0; b < blocks; b++) {
        uint64_t bits = marks[b];
        uint32_t *to = out + n, base = (uint32_t)(b * TABLE_BLOCK);
        n += (size_t)_mm_popcnt_u64(bits);
        while (bits != 0) {
            for (int i = 0; i < 8; i++) {
                to[i] = base + (uint32_t)_tzcnt_u64(bits);
                bits = _blsr_u64(bits);
            }
            to += 8;
        }
    }
    return n;
}

static WIDE size_t avx2_ascii(const char *text, size_t n) {
    size_t i = 0;
    for (; n - i >= 32; i += 32) {
        __m256i v = load(text + i);
        if (_mm256_movemask_epi8(
                _mm256_or_si256(v, _mm256_cmpeq_epi8(v, _mm256_setzero_si256()))) != 0)
            break;
    }
    return i;
}

/*
 * Keiser and Lemire 2021, "Validating UTF-8 in less than one instruction per byte": three tables,
 * by the halves of a byte and the upper half of the next, have a bit for each way in which two
 * bytes can be wrong together; what all three agree on is. What remains is whether third and fourth
 * bytes stand where they must, which the bytes two and three before tell.
 */
enum {
    TOO_SHORT = 1,
    TOO_LONG = 2,
    OVERLONG_3 = 4,
    TOO_LARGE = 8,
    SURROGATE = 16,
    OVERLONG_2 = 32,
    FOUR = 64, /* too large from 1000 on, or overlong in four */
    TWO_CONTINUED = 128,
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUED,
    LARGE = CARRY | TOO_LARGE | FOUR
};

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)
#define C(bits)    ((char)(bits))

static inline WIDE __m256i high_half(__m256i v) {
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
}

/* What is wrong with a byte as the first of two, and as the second; where both agree, it is. */
static inline WIDE __m256i as_first(__m256i v, __m256i high) {
    const __m256i first_high =
        TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
              C(TWO_CONTINUED), C(TWO_CONTINUED), C(TWO_CONTINUED), C(TWO_CONTINUED),
              TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
              TOO_SHORT | TOO_LARGE | FOUR);
    const __m256i first_low =
        TWICE(C(CARRY | OVERLONG_3 | OVERLONG_2 | FOUR), C(CARRY | OVERLONG_2), C(CARRY), C(CARRY),
              C(CARRY | TOO_LARGE), C(LARGE), C(LARGE), C(LARGE), C(LARGE), C(LARGE), C(LARGE),
              C(LARGE), C(LARGE), C(LARGE | SURROGATE), C(LARGE), C(LARGE));
    __m256i low = _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
    return _mm256_and_si256(_mm256_shuffle_epi8(first_high, high),
                            _mm256_shuffle_epi8(first_low, low));
}

static inline WIDE __m256i as_second(__m256i high) {
    const __m256i second_high =
        TWICE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
              TOO_SHORT, C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | OVERLONG_3 | FOUR),
              C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | OVERLONG_3 | TOO_LARGE),
              C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | SURROGATE | TOO_LARGE),
              C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | SURROGATE | TOO_LARGE), TOO_SHORT,
              TOO_SHORT, TOO_SHORT, TOO_SHORT);
    return _mm256_shuffle_epi8(second_high, high);
}

/* The vector that begins `by` bytes before `v`, which follows `last`. */
#define SHIFTED(v, last, by)                                                                       \
    _mm256_alignr_epi8(v, _mm256_permute2x128_si256(last, v, 0x21), 16 - (by))

/* What the next vector needs to know of the one before it. */
struct text_before {
    __m256i bytes, first;
};

/* Not zero where `v` isn't UTF-8. A character may go on behind it. */
static inline WIDE __m256i wrong_text(__m256i v, struct text_before *before) {
    __m256i high = high_half(v), first = as_first(v, high), last = before->bytes;
    __m256i pairs = _mm256_and_si256(SHIFTED(first, before->first, 1), as_second(high));
    __m256i third = _mm256_subs_epu8(SHIFTED(v, last, 2), _mm256_set1_epi8(C(0xe0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(SHIFTED(v, last, 3), _mm256_set1_epi8(C(0xf0 - 0x80)));
    __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(C(0x80)));
    *before = (struct text_before){v, first};
    return _mm256_xor_si256(must, pairs);
}

static WIDE size_t avx2_utf8(const char *text, size_t n) {
    const __m256i zero = _mm256_setzero_si256();
    struct text_before before = {zero, as_first(zero, zero)};
    size_t i = 0;
    for (; n - i >= 32; i += 32) {
        __m256i v = load(text + i), nul = _mm256_cmpeq_epi8(v, zero);
        __m256i wrong = _mm256_or_si256(nul, wrong_text(v, &before));
        if (!_mm256_testz_si256(wrong, wrong))
            break;
    }
    /* The last character may go on, or be what was wrong: not behind its start. */
    for (int back = 0; back < 3 && i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0x80; back++)
        i--;
    return i > 0 && (unsigned char)text[i - 1] >= 0xc0 ? i - 1 : i;
}

/* ---- All of it in one pass over the text ---- */

static inline WIDE uint64_t bits_of(__m256i low, __m256i high) {
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)_mm256_movemask_epi8(high) << 32;
}

/* Of the bytes of a vector. */
static inline WIDE size_t sum_of(__m256i v) {
    __m256i sums = _mm256_sad_epu8(v, _mm256_setzero_si256());
    __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    return (size_t)_mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
}

/* As avx2_places, of one block. */
static inline WIDE uint32_t *put_places(uint32_t *to, uint64_t bits, uint32_t base) {
    uint32_t *end = to + _mm_popcnt_u64(bits);
    do {
        for (int i = 0; i < 8; i++) {
            to[i] = base + (uint32_t)_tzcnt_u64(bits);
            bits = _blsr_u64(bits);
        }
        to += 8;
    } while (bits != 0);
    return end;
}

static WIDE void avx2_look(const char *text, size_t blocks, char separator, char quote,
                           struct table_look *out) {
    const __m256i s = _mm256_set1_epi8(separator), q = _mm256_set1_epi8(quote);
    const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
    const __m256i zero = _mm256_setzero_si256();
    __m256i feeds = zero, returns = zero, least = _mm256_set1_epi8(C(0xff)), wrong = zero;
    struct text_before before = {zero, as_first(zero, zero)};
    int last_high = 0, any_high = 0; /* of a block with more than ASCII a character may go on */
    uint64_t any_quotes = 0;
    struct quoting quoting = {0};
    uint32_t *to = out->places;
    *to++ = UINT32_MAX;
    for (size_t i = 0; i < blocks; i++, text += TABLE_BLOCK) {
        __m256i v0 = load(text), v1 = load(text + 32);
        int high = _mm256_movemask_epi8(_mm256_or_si256(v0, v1));
        if ((high | last_high) != 0) {
            wrong = _mm256_or_si256(wrong, wrong_text(v0, &before));
            wrong = _mm256_or_si256(wrong, wrong_text(v1, &before));
        } else {
            before = (struct text_before){zero, as_first(zero, zero)};
        }
        last_high = high;
        any_high |= high;
        least = _mm256_min_epu8(least, _mm256_min_epu8(v0, v1));
        __m256i lf0 = _mm256_cmpeq_epi8(v0, lf), lf1 = _mm256_cmpeq_epi8(v1, lf);
        feeds = _mm256_sub_epi8(_mm256_sub_epi8(feeds, lf0), lf1);
        uint64_t marks = bits_of(_mm256_or_si256(lf0, _mm256_cmpeq_epi8(v0, s)),
                                 _mm256_or_si256(lf1, _mm256_cmpeq_epi8(v1, s)));
        __m256i cr0 = _mm256_cmpeq_epi8(v0, cr), cr1 = _mm256_cmpeq_epi8(v1, cr);
        returns = _mm256_sub_epi8(_mm256_sub_epi8(returns, cr0), cr1);
        __m256i q0 = _mm256_cmpeq_epi8(v0, q), q1 = _mm256_cmpeq_epi8(v1, q);
        __m256i quoted = _mm256_or_si256(q0, q1);
        if (!_mm256_testz_si256(quoted, quoted) || (quoting.inside | quoting.after) != 0) {
            struct block b = {
                .marks = marks, .returns = bits_of(cr0, cr1), .quotes = bits_of(q0, q1)};
            b.line_ends = b.returns | bits_of(lf0, lf1);
            any_quotes |= b.quotes;
            marks = marks_outside(&quoting, text, i == 0, b, separator);
        }
        to = put_places(to, marks, (uint32_t)(i * TABLE_BLOCK));
    }
    bool has_nul = _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, zero)) != 0;
    out->count = (size_t)(to - out->places) - 1;
    out->feeds = sum_of(feeds);
    out->returns = sum_of(returns) - (text[-1] == '\r');
    out->is_ascii = any_high == 0;
    out->has_quotes = any_quotes != 0;
    out->is_odd = has_nul || quoting.odd != 0 || !_mm256_testz_si256(wrong, wrong);
}

static WIDE void avx2_cells(const uint32_t *places, size_t n, uint32_t base,
                            struct table_cell *out) {
    const __m256i one = _mm256_set1_epi32(1), behind = _mm256_set1_epi32((int)(base + 1));
    for (size_t i = 0; i < n; i += 8) {
        __m256i before = load((const char *)(places + i)),
                end = load((const char *)(places + i + 1));
        __m256i at = _mm256_add_epi32(before, behind);
        __m256i len = _mm256_sub_epi32(_mm256_sub_epi32(end, before), one);
        __m256i low = _mm256_unpacklo_epi32(at, len), high = _mm256_unpackhi_epi32(at, len);
        __m256i *to = (__m256i *)(void *)(out + i);
        _mm256_storeu_si256(to, _mm256_permute2x128_si256(low, high, 0x20));
        _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(low, high, 0x31));
    }
}

static const struct table_wide avx2 = {"avx2",      avx2_look,  avx2_cells, avx2_marks,
                                       avx2_places, avx2_ascii, avx2_utf8};

const struct table_wide *table_wide_get(enum table_instructions instructions) {
    bool may = instructions != TABLE_INSTRUCTIONS_PLAIN;
    return may && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("popcnt")
               ? &avx2
               : &plain;
}
#else
const struct table_wide *table_wide_get(enum table_instructions instructions) {
    (void)instructions;
    return &plain;
}
#endif
