/*
 * bench_accidents: every detector with its rule, its standard and what it needs, and how many of a
 * million random cells it takes for its own: the tables of docs/detectors.md, in Markdown.
 *
 * Cells are drawn from a fixed seed: digits (1 to 20 of them), letters and digits (1 to 24),
 * Chinese characters (2 to 12, of the 20,902 in U+4E00..U+9FA5), and for each type cells of its own
 * shape, by which its `chance` in type.c was set. Counted is what stands by itself, and in brackets
 * what would if the column's name spoke for the type.
 */
#include "bench.h"
#include "detect/detect.h"

#include <string.h>

enum { CELLS = 1000000, TODAY = 20260701 };

static uint64_t state = 0x9e3779b97f4a7c15u;

/* xorshift64* */
static uint64_t draw(uint64_t below) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 0x2545f4914f6cdd1du >> 33) % below;
}

static const char LETTERS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static pd_str draw_digits(char *out, size_t least, size_t most) {
    size_t n = least + draw(most - least + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)('0' + draw(10));
    return (pd_str){out, n};
}

static pd_str draw_mixed(char *out, size_t least, size_t most) {
    size_t n = least + draw(most - least + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = LETTERS[draw(36)];
    return (pd_str){out, n};
}

static pd_str draw_chinese(char *out, size_t least, size_t most) {
    size_t n = least + draw(most - least + 1), len = 0;
    for (size_t i = 0; i < n; i++)
        len += pd_utf8_encode((uint32_t)(0x4e00 + draw(20902)), out + len);
    return (pd_str){out, len};
}

/* "9" digit, "A" letter, "*" either, anything else itself. */
static pd_str draw_form(char *out, const char *form) {
    size_t n = strlen(form);
    for (size_t i = 0; i < n; i++)
        out[i] = form[i] == '9'   ? (char)('0' + draw(10))
                 : form[i] == 'A' ? LETTERS[10 + draw(26)]
                 : form[i] == '*' ? LETTERS[draw(36)]
                                  : form[i];
    return (pd_str){out, n};
}

struct counts {
    uint64_t alone[DETECT_TYPE_COUNT], named[DETECT_TYPE_COUNT];
};

/* As a reader of single values counts: what stands by itself, what a name would make stand. */
static void count(pd_str cell, struct counts *counts) {
    struct detect_hits hits = detect_cell(cell, DETECT_ALL, TODAY);
    for (detect_bits bits = hits.sure | hits.weak; bits != 0; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        const struct detect_info *info = detect_info_get((enum detect_type)t);
        counts->alone[t] += detect_stands_alone(info, (hits.weak >> t & 1) != 0);
        counts->named[t]++;
    }
}

static const char *need_of(const struct detect_info *info) {
    static const char *const needs[] = {[DETECT_ALONE] = "no",
                                        [DETECT_MAJORITY] = "a word, or a column of it",
                                        [DETECT_COMPANY] = "a word, or persons beside it",
                                        [DETECT_NAMED] = "a word"};
    return needs[info->need];
}

static void write_rules(void) {
    printf("| type | finds | rule | standard | needs context | category | role |\n"
           "| --- | --- | --- | --- | --- | --- | --- |\n");
    static const char *const hints[] = {
        [DETECT_NONE] = "none", [DETECT_DIRECT] = "direct", [DETECT_QUASI] = "quasi"};
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        const struct detect_info *i = detect_info_get((enum detect_type)t);
        printf("| `%s` | %s | %s%s%s | %s | %s | %s | %s |\n", i->name, i->title, i->rule,
               i->weak ? "; weak: " : "", i->weak ? i->weak : "", i->standard, need_of(i),
               detect_category_name(i->category), hints[i->hint]);
    }
}

static void write_accidents(void) {
    static struct counts counts[3];
    char cell[64];
    for (int i = 0; i < CELLS; i++) {
        count(draw_digits(cell, 1, 20), &counts[0]);
        count(draw_mixed(cell, 1, 24), &counts[1]);
        count(draw_chinese(cell, 2, 12), &counts[2]);
    }
    printf("\n| type | digits | letters and digits | Chinese |\n| --- | ---: | ---: | ---: |\n");
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        printf("| `%s` |", detect_info_get((enum detect_type)t)->name);
        for (int k = 0; k < 3; k++) {
            printf(" %llu", (unsigned long long)counts[k].alone[t]);
            if (counts[k].named[t] != counts[k].alone[t])
                printf(" (%llu)", (unsigned long long)counts[k].named[t]);
            printf(" |");
        }
        printf("\n");
    }
}

/* Shares of cells of a type's own shape, beside the `chance` that type.c states. */
static void write_chances(void) {
    static const struct {
        enum detect_type type;
        const char *form;
    } forms[] = {
        {DETECT_CN_RESIDENT_ID, "999999999999999999"},
        {DETECT_CN_RESIDENT_ID, "999999999999999"},
        {DETECT_CN_USCC, "999999999999999999"},
        {DETECT_CN_MOBILE, "99999999999"},
        {DETECT_CN_PASSPORT, "A99999999"},
        {DETECT_CN_PASSPORT_MRZ, "A999999999"},
        {DETECT_CN_PERMIT, "A99999999"},
        {DETECT_HK_ID, "A9999999"},
        {DETECT_TW_ID, "A999999999"},
        {DETECT_JP_MY_NUMBER, "999999999999"},
        {DETECT_KR_RRN, "9999999999999"},
        {DETECT_IN_AADHAAR, "999999999999"},
        {DETECT_AU_TFN, "999999999"},
        {DETECT_AU_ABN, "99999999999"},
        {DETECT_AU_MEDICARE, "9999999999"},
        {DETECT_DE_STEUER_ID, "99999999999"},
        {DETECT_GB_NINO, "AA999999A"},
        {DETECT_GB_NHS, "9999999999"},
        {DETECT_PL_PESEL, "99999999999"},
        {DETECT_US_SSN, "999999999"},
        {DETECT_US_ITIN, "999999999"},
        {DETECT_EU_VAT, "AA999999999"},
        {DETECT_BANK_CARD, "9999999999999999"},
        {DETECT_IBAN, "AA99999999999999999999"},
        {DETECT_ISIN, "AA**********"},
        {DETECT_LEI, "******************99"},
        {DETECT_IMEI, "999999999999999"},
    };
    printf("\n| type | shape | sure, per million | stated | with weak | stated |\n"
           "| --- | --- | ---: | ---: | ---: | ---: |\n");
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        const struct detect_info *info = detect_info_get(forms[f].type);
        uint64_t sure = 0, weak = 0;
        char cell[64];
        for (int i = 0; i < CELLS; i++) {
            enum detect_match match =
                detect_value(forms[f].type, draw_form(cell, forms[f].form), TODAY);
            sure += match == DETECT_SURE;
            weak += match != DETECT_NO;
        }
        printf("| `%s` | %s | %llu | %.0f | %llu | %.0f |\n", info->name, forms[f].form,
               (unsigned long long)sure, info->chance * CELLS, (unsigned long long)weak,
               info->weak_chance * CELLS);
    }
}

int main(void) {
    write_rules();
    write_accidents();
    write_chances();
    return 0;
}
