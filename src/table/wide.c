/*
 * Looks at raw bytes many at once: which of them may break a record, and how far they are text. For
 * each question there is a plain function, and one in the instructions of AVX2, which is taken
 * where the processor has them; tests/unit/table_test.c holds them against each other.
 */
#include "table/table_impl.h"

#include <string.h>

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

static const struct table_wide plain = {"plain", plain_marks, plain_places, plain_ascii,
                                        plain_ascii};

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

static inline WIDE __m256i wrong_pairs(__m256i v, __m256i before) {
    const __m256i first_high =
        TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
              C(TWO_CONTINUED), C(TWO_CONTINUED), C(TWO_CONTINUED), C(TWO_CONTINUED),
              TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
              TOO_SHORT | TOO_LARGE | FOUR);
    const __m256i first_low =
        TWICE(C(CARRY | OVERLONG_3 | OVERLONG_2 | FOUR), C(CARRY | OVERLONG_2), C(CARRY), C(CARRY),
              C(CARRY | TOO_LARGE), C(LARGE), C(LARGE), C(LARGE), C(LARGE), C(LARGE), C(LARGE),
              C(LARGE), C(LARGE), C(LARGE | SURROGATE), C(LARGE), C(LARGE));
    const __m256i second_high =
        TWICE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
              TOO_SHORT, C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | OVERLONG_3 | FOUR),
              C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | OVERLONG_3 | TOO_LARGE),
              C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | SURROGATE | TOO_LARGE),
              C(TOO_LONG | OVERLONG_2 | TWO_CONTINUED | SURROGATE | TOO_LARGE), TOO_SHORT,
              TOO_SHORT, TOO_SHORT, TOO_SHORT);
    __m256i low = _mm256_and_si256(before, _mm256_set1_epi8(0x0f));
    return _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(first_high, high_half(before)),
                                             _mm256_shuffle_epi8(first_low, low)),
                            _mm256_shuffle_epi8(second_high, high_half(v)));
}

/* The vector that begins `by` bytes before `v`, which follows `last`. */
#define SHIFTED(v, last, by)                                                                       \
    _mm256_alignr_epi8(v, _mm256_permute2x128_si256(last, v, 0x21), 16 - (by))

static WIDE size_t avx2_utf8(const char *text, size_t n) {
    __m256i last = _mm256_setzero_si256();
    size_t i = 0;
    for (; n - i >= 32; i += 32) {
        __m256i v = load(text + i), wrong;
        wrong = _mm256_cmpeq_epi8(v, _mm256_setzero_si256()); /* NUL */
        __m256i pairs = wrong_pairs(v, SHIFTED(v, last, 1));
        __m256i third = _mm256_subs_epu8(SHIFTED(v, last, 2), _mm256_set1_epi8(C(0xe0 - 0x80)));
        __m256i fourth = _mm256_subs_epu8(SHIFTED(v, last, 3), _mm256_set1_epi8(C(0xf0 - 0x80)));
        __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(C(0x80)));
        wrong = _mm256_or_si256(wrong, _mm256_xor_si256(must, pairs));
        if (!_mm256_testz_si256(wrong, wrong))
            break;
        last = v;
    }
    /* The last character may go on, or be what was wrong: not behind its start. */
    for (int back = 0; back < 3 && i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0x80; back++)
        i--;
    return i > 0 && (unsigned char)text[i - 1] >= 0xc0 ? i - 1 : i;
}

static const struct table_wide avx2 = {"avx2", avx2_marks, avx2_places, avx2_ascii, avx2_utf8};

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
