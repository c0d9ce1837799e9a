/*
 * Bytes of running text as bits. For each question there is a plain function, and one in the
 * instructions of AVX2, which is taken where the processor has them;
 * tests/unit/detect_same_test.c holds them against each other.
 */
#include "detect/scan_bits.h"

#include "detect/detect_impl.h"

/* ---- plain ---- */

enum kind {
    DIGIT = 1,
    LETTER = 2,
    UNDERSCORE = 4,
    TOKEN = 8, /* marks only */
    JOINT = 16,
    DIAL = 32
};

static const uint8_t kinds[256] = {
    [' '] = JOINT | DIAL,
    ['!'] = TOKEN,
    ['#'] = TOKEN,
    ['$'] = TOKEN,
    ['%'] = TOKEN,
    ['&'] = TOKEN,
    ['('] = DIAL,
    [')'] = DIAL,
    ['*'] = TOKEN,
    ['+'] = TOKEN | DIAL,
    ['-'] = TOKEN | JOINT | DIAL,
    ['.'] = TOKEN | JOINT | DIAL,
    ['/'] = TOKEN | JOINT | DIAL,
    ['='] = TOKEN,
    ['@'] = TOKEN,
    ['^'] = TOKEN,
    ['_'] = TOKEN | UNDERSCORE,
    ['~'] = TOKEN,
    ['x'] = DIAL,
};

static void plain_blocks(const char *text, size_t count, struct scan_block *out) {
    for (size_t b = 0; b < count; b++, text += SCAN_BLOCK) {
        struct scan_block block = {0};
        for (int i = 0; i < SCAN_BLOCK; i++) {
            char c = text[i];
            unsigned kind = kinds[(unsigned char)c];
            uint64_t bit = UINT64_C(1) << i;
            uint64_t digit = detect_is_digit(c) ? bit : 0, letter = detect_is_letter(c) ? bit : 0;
            block.digit |= digit;
            block.letter |= letter;
            block.word |= digit | letter | (kind & UNDERSCORE ? bit : 0);
            block.token |= digit | letter | (kind & TOKEN ? bit : 0);
            block.joint |= kind & JOINT ? bit : 0;
            block.dial |= kind & DIAL ? bit : 0;
            block.high |= (unsigned char)c >= 0x80 ? bit : 0;
            block.full |= (unsigned char)c == 0xef ? bit : 0;
        }
        out[b] = block;
    }
}

/* Two letters in which words end behind which an address may stand: is ss at ft to in on se. */
static bool ends_phrase(char before, char c) {
    switch (c | 0x20) {
    case 's':
        return (before | 0x20) == 'i' || (before | 0x20) == 's';
    case 't':
        return (before | 0x20) == 'a' || (before | 0x20) == 'f';
    case 'n':
        return (before | 0x20) == 'i' || (before | 0x20) == 'o';
    case 'o':
        return (before | 0x20) == 't';
    case 'e':
        return (before | 0x20) == 's';
    }
    return false;
}

static bool is_lone_dash(const char *text) {
    return text[0] == '-' &&
           (detect_is_digit(text[1]) || (text[1] == '-' && text[4] == '-' && text[5] == 'B'));
}

static void plain_marks(const char *text, size_t count, struct scan_marks *out) {
    for (size_t b = 0; b < count; b++, text += SCAN_BLOCK) {
        struct scan_marks marks = {0};
        for (int i = 0; i < SCAN_BLOCK; i++) {
            char c = text[i];
            unsigned char u = (unsigned char)c;
            uint64_t bit = UINT64_C(1) << i;
            marks.upper |= c >= 'A' && c <= 'Z' ? bit : 0;
            marks.at |= c == '@' ? bit : 0;
            marks.colon |= c == ':' ? bit : 0;
            marks.dot |= c == '.' ? bit : 0;
            marks.open |= c == '(' || c == '+' ? bit : 0;
            marks.dash |= is_lone_dash(text + i) ? bit : 0;
            marks.equals |= c == ':' || c == '=' ? bit : 0;
            marks.phrase |= ends_phrase(text[i - 1], c) ? bit : 0;
            marks.han |= u >= 0xe4 && u <= 0xe9 ? bit : 0;
            marks.accent |= u >= 0xc3 && u <= 0xe1 && text[i - 1] == ' ' ? bit : 0;
        }
        out[b] = marks;
    }
}

static uint64_t plain_characters(const char *text, size_t n) {
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static const struct scan_bits plain = {"plain", plain_blocks, plain_marks, plain_characters};

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,popcnt")))

/* ---- AVX2 ---- */

static inline WIDE __m256i load(const char *text) {
    return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

static inline WIDE __m256i is(__m256i v, char c) {
    return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c));
}

/* From `first` to `last`, as unsigned bytes. */
static inline WIDE __m256i is_in(__m256i v, unsigned char first, unsigned char last) {
    __m256i from = _mm256_sub_epi8(v, _mm256_set1_epi8((char)first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8((char)(last - first))), from);
}

static inline WIDE __m256i lower(__m256i v) {
    return _mm256_or_si256(v, _mm256_set1_epi8(0x20));
}

static inline WIDE uint64_t bits(__m256i a, __m256i b) {
    return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)
#define C(value)   ((char)(value))

/* What marks are, by the halves of a byte: a bit for each row of sixteen that has tokens' marks,
   one for joints, two for what telephone numbers hold. Bytes beyond ASCII give none. */
enum { ROW_2 = 1, ROW_3 = 2, ROW_4 = 4, ROW_5 = 8, ROW_7 = 16, JOINTS = 32, DIALS = 64, X = 128 };

static inline WIDE __m256i marks_of(__m256i v) {
    const __m256i low =
        TWICE(C(ROW_4 | JOINTS | DIALS), ROW_2, 0, ROW_2, ROW_2, ROW_2, ROW_2, 0, C(DIALS | X),
              DIALS, ROW_2, ROW_2 | DIALS, 0, ROW_2 | ROW_3 | JOINTS | DIALS,
              ROW_2 | ROW_5 | ROW_7 | JOINTS | DIALS, ROW_2 | ROW_5 | JOINTS | DIALS);
    const __m256i high = TWICE(0, 0, ROW_2 | JOINTS | DIALS, ROW_3, ROW_4, ROW_5, 0, C(ROW_7 | X),
                               0, 0, 0, 0, 0, 0, 0, 0);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
    return _mm256_and_si256(_mm256_shuffle_epi8(low, v), _mm256_shuffle_epi8(high, upper));
}

/* The bits of a class that has the highest bit once the bytes are moved up by `by`. */
#define CLASS(a, b, by) bits(_mm256_slli_epi16(a, by), _mm256_slli_epi16(b, by))

static WIDE void avx2_blocks(const char *text, size_t count, struct scan_block *out) {
    const __m256i tokens = _mm256_set1_epi8(ROW_2 | ROW_3 | ROW_4 | ROW_5 | ROW_7);
    const __m256i zero = _mm256_setzero_si256();
    for (size_t b = 0; b < count; b++, text += SCAN_BLOCK) {
        __m256i v = load(text), u = load(text + 32), mv = marks_of(v), mu = marks_of(u);
        uint64_t digit = bits(is_in(v, '0', '9'), is_in(u, '0', '9'));
        uint64_t letter = bits(is_in(lower(v), 'a', 'z'), is_in(lower(u), 'a', 'z'));
        uint64_t token = ~bits(_mm256_cmpeq_epi8(_mm256_and_si256(mv, tokens), zero),
                               _mm256_cmpeq_epi8(_mm256_and_si256(mu, tokens), zero));
        out[b] = (struct scan_block){.digit = digit,
                                     .letter = letter,
                                     .word = digit | letter | bits(is(v, '_'), is(u, '_')),
                                     .token = digit | letter | token,
                                     .joint = CLASS(mv, mu, 2),
                                     .dial = CLASS(mv, mu, 1) | CLASS(mv, mu, 0),
                                     .high = bits(v, u),
                                     .full = bits(is(v, C(0xef)), is(u, C(0xef)))};
    }
}

/* By letter, whatever its case: a bit for each second letter of a pair that is looked for. The
   index is below 16 for the letters of the half, and has its highest bit set for all others. */
static inline WIDE __m256i letters(__m256i v, __m256i a_to_o, __m256i p_to_z) {
    const __m256i over = _mm256_set1_epi8(0x70);
    __m256i small = lower(v);
    __m256i first = _mm256_adds_epu8(_mm256_xor_si256(small, _mm256_set1_epi8(0x60)), over);
    __m256i second = _mm256_adds_epu8(_mm256_xor_si256(small, over), over);
    return _mm256_or_si256(_mm256_shuffle_epi8(a_to_o, first), _mm256_shuffle_epi8(p_to_z, second));
}

static inline WIDE __m256i phrase_at(const char *text, __m256i v) {
    enum { S = 1, T = 2, N = 4, O = 8, E = 16 };
    __m256i before =
        letters(load(text - 1), TWICE(0, T, 0, 0, 0, 0, T, 0, 0, S | N, 0, 0, 0, 0, 0, N),
                TWICE(0, 0, 0, S | E, O, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    __m256i here = letters(v, TWICE(0, 0, 0, 0, 0, E, 0, 0, 0, 0, 0, 0, 0, 0, N, O),
                           TWICE(0, 0, 0, S, T, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    return _mm256_and_si256(before, here); /* not zero */
}

static inline WIDE __m256i dash_at(const char *text, __m256i v) {
    __m256i next = load(text + 1);
    __m256i line = _mm256_and_si256(
        is(next, '-'), _mm256_and_si256(is(load(text + 4), '-'), is(load(text + 5), 'B')));
    return _mm256_and_si256(is(v, '-'), _mm256_or_si256(is_in(next, '0', '9'), line));
}

static inline WIDE __m256i accent_at(const char *text, __m256i v) {
    return _mm256_and_si256(is_in(v, 0xc3, 0xe1), is(load(text - 1), ' '));
}

static WIDE void avx2_marks(const char *text, size_t count, struct scan_marks *out) {
    const __m256i zero = _mm256_setzero_si256();
    for (size_t b = 0; b < count; b++, text += SCAN_BLOCK) {
        __m256i v = load(text), u = load(text + 32);
        uint64_t colon = bits(is(v, ':'), is(u, ':'));
        out[b] =
            (struct scan_marks){.upper = bits(is_in(v, 'A', 'Z'), is_in(u, 'A', 'Z')),
                                .at = bits(is(v, '@'), is(u, '@')),
                                .colon = colon,
                                .dot = bits(is(v, '.'), is(u, '.')),
                                .open = bits(is(v, '('), is(u, '(')) | bits(is(v, '+'), is(u, '+')),
                                .dash = bits(dash_at(text, v), dash_at(text + 32, u)),
                                .equals = colon | bits(is(v, '='), is(u, '=')),
                                .phrase = ~bits(_mm256_cmpeq_epi8(phrase_at(text, v), zero),
                                                _mm256_cmpeq_epi8(phrase_at(text + 32, u), zero)),
                                .han = bits(is_in(v, 0xe4, 0xe9), is_in(u, 0xe4, 0xe9)),
                                .accent = bits(accent_at(text, v), accent_at(text + 32, u))};
    }
}

static WIDE uint64_t avx2_characters(const char *text, size_t n) {
    uint64_t count = 0;
    size_t i = 0;
    for (; n - i >= SCAN_BLOCK; i += SCAN_BLOCK) { /* 80 to BF are the 64 lowest, as signed bytes */
        const __m256i last = _mm256_set1_epi8(C(0xbf));
        uint64_t begins = bits(_mm256_cmpgt_epi8(load(text + i), last),
                               _mm256_cmpgt_epi8(load(text + i + 32), last));
        count += (uint64_t)__builtin_popcountll(begins);
    }
    return count + plain_characters(text + i, n - i);
}

static const struct scan_bits avx2 = {"avx2", avx2_blocks, avx2_marks, avx2_characters};

const struct scan_bits *scan_bits_get(bool is_plain) {
    return !is_plain && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("popcnt")
               ? &avx2
               : &plain;
}
#else
const struct scan_bits *scan_bits_get(bool is_plain) {
    (void)is_plain;
    return &plain;
}
#endif
