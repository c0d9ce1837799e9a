/*
 * ids_vectors FILE.tsv [NUMBERS.tsv]: replays identifiers that no one here made up against detect/.
 * Rows of the first are "type TAB value TAB valid TAB note"; types that are not built count as
 * skipped. Rows of the second are "module TAB number", all valid; modules without a type of ours
 * are passed over. The last line is "N passed, N failed, N skipped"; the exit code is 1 if any
 * failed.
 */
#include "detect/detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TODAY = 20260101 }; /* fixed, so that a run means the same next year */

struct tally {
    int passed, failed, skipped;
};

struct vector {
    enum detect_type type;
    const char *value;
    bool is_valid;
};

/* For the built types that the file lacks: the examples of the reference and the edges of its
 * rules. */
static const struct vector own[] = {
    {DETECT_CN_MOBILE, "13000000101", true},
    {DETECT_CN_MOBILE, "19200000123", true},
    {DETECT_CN_MOBILE, "+86 166 0000 0456", true},
    {DETECT_CN_MOBILE, "0086-130-0000-0101", true},
    {DETECT_CN_MOBILE, "+8613000000101", true},
    {DETECT_CN_MOBILE, "14500000000", true},
    {DETECT_CN_MOBILE, "14700000000", true},
    {DETECT_CN_MOBILE, "16200000000", true},
    {DETECT_CN_MOBILE, "17800000000", true},
    {DETECT_CN_MOBILE, "17405000000", true},
    {DETECT_CN_MOBILE, "19900000000", true},
    {DETECT_CN_MOBILE, "１３００００００１０１２", false},
    {DETECT_CN_MOBILE, "１３００００００１０１", true},
    {DETECT_CN_MOBILE, "12000000101", false},
    {DETECT_CN_MOBILE, "15400000123", false},
    {DETECT_CN_MOBILE, "1300000010", false},
    {DETECT_CN_MOBILE, "14600000000", false},
    {DETECT_CN_MOBILE, "16100000000", false},
    {DETECT_CN_MOBILE, "17900000000", false},
    {DETECT_CN_MOBILE, "17406000000", false},
    {DETECT_CN_MOBILE, "19400000000", false},
    {DETECT_CN_MOBILE, "130 0000-0101", false},
    {DETECT_CN_MOBILE, "1300-000-0101", false},
    {DETECT_CN_MOBILE, "+85 13000000101", false},
    {DETECT_CN_MOBILE, "8613000000101", false},
    {DETECT_EMAIL, "a.b+c@example.org", true},
    {DETECT_EMAIL, "张三@example.cn", true},
    {DETECT_EMAIL, "x@xn--fiqs8s.cn", true},
    {DETECT_EMAIL, "x@example.xn--fiqs8s", true},
    {DETECT_EMAIL, "x@例子.中国", true},
    {DETECT_EMAIL, "ａ＠example.org", true}, /* full width */
    {DETECT_EMAIL, "o'brien@example.co.uk", true},
    {DETECT_EMAIL, "1@2.org", true},
    {DETECT_EMAIL, "a..b@x.org", false},
    {DETECT_EMAIL, "a@-x.org", false},
    {DETECT_EMAIL, "a@x-.org", false},
    {DETECT_EMAIL, "a@b", false},
    {DETECT_EMAIL, ".a@x.org", false},
    {DETECT_EMAIL, "a.@x.org", false},
    {DETECT_EMAIL, "@x.org", false},
    {DETECT_EMAIL, "a@", false},
    {DETECT_EMAIL, "a@x.org.", false},
    {DETECT_EMAIL, "a@x..org", false},
    {DETECT_EMAIL, "a@x.123", false},
    {DETECT_EMAIL, "a@b@x.org", false},
    {DETECT_EMAIL, "a b@x.org", false},
    {DETECT_EMAIL, "a@x.org, b@x.org", false},
    {DETECT_IPV4, "192.0.2.1", true},
    {DETECT_IPV4, "0.0.0.0", true},
    {DETECT_IPV4, "255.255.255.255", true},
    {DETECT_IPV4, "256.1.1.1", false},
    {DETECT_IPV4, "01.2.3.4", false},
    {DETECT_IPV4, "1.2.3", false},
    {DETECT_IPV4, "1.2.3.4.5", false},
    {DETECT_IPV4, "1.2.3.", false},
    {DETECT_IPV4, "1..2.3", false},
    {DETECT_IPV4, "1.2.3.4/24", false},
    {DETECT_IPV4, "192.0.2.00", false},
    {DETECT_CN_PASSPORT, "EJ1234567", true},
    {DETECT_CN_PASSPORT, "E12345678", true},
    {DETECT_CN_PASSPORT, "MB0123456", true},
    {DETECT_CN_PASSPORT, "EI1234567", false},
    {DETECT_CN_PASSPORT, "E1234567", false},
    {DETECT_CN_PASSPORT, "Z12345678", false},
    {DETECT_CN_PASSPORT_MRZ, "KJ62995835", true},
    {DETECT_CN_PASSPORT_MRZ, "PE12158992", true},
    {DETECT_CN_PASSPORT_MRZ, "KJ03162596", false},
    {DETECT_CN_PERMIT, "C12345678", true},
    {DETECT_CN_PERMIT, "H1234567890", true},
    {DETECT_CN_PERMIT, "X12345678", false},
    {DETECT_CN_PLATE, "京A12345", true},
    {DETECT_CN_PLATE, "粤B12345F", true},
    {DETECT_CN_PLATE, "沪AD12345", true},
    {DETECT_CN_PLATE, "京A·12345", true},
    {DETECT_CN_PLATE, "粤Z1234港", true},
    {DETECT_CN_PLATE, "京I12345", false},
    {DETECT_CN_PLATE, "国A12345", false},
    {DETECT_CN_PLATE, "沪AD1234O", false},
    {DETECT_CN_PLATE, "京AABCDE", false},
    {DETECT_HK_ID, "D8793639", true},
    {DETECT_HK_ID, "AB987654(3)", true},
    {DETECT_HK_ID, "D879363(8)", false},
    {DETECT_JP_MY_NUMBER, "8289 4406 5839", true},
    {DETECT_KR_RRN, "210114-1960192", true},
    {DETECT_US_SSN, "078-05-1120", false},
    {DETECT_US_SSN, "219-09-9999", false},
    {DETECT_US_SSN, "884-27 3324", false},
    {DETECT_GB_NINO, "SK 25 06 48 C", true},
    {DETECT_BANK_CARD, "6217 1008 9897 2322", true},
    {DETECT_BANK_CARD, "6217-1008-9897-2322", true},
    {DETECT_BANK_CARD, "375639 500326758", false},
    {DETECT_IBAN, "DE89 3704 0044 0532 0130 00", true},
    {DETECT_IBAN, "DE89370400440532013000", true},
    {DETECT_IBAN, "gb42nawi04454264788619", true},
    {DETECT_IBAN, "DE8937040044053201300", false},
    {DETECT_IBAN, "DE96835278081283703948", false},
    {DETECT_IPV6, "2001:db8::1", true},
    {DETECT_IPV6, "::ffff:192.0.2.1", true},
    {DETECT_IPV6, "fe80::1%eth0", true},
    {DETECT_IPV6, "6e40:4041:c617:e898:c11:40d2:c669:2eb4", true},
    {DETECT_IPV6, "2001::db8::1", false},
    {DETECT_IPV6, "1:2:3:4:5:6:7:8:9", false},
    {DETECT_IPV6, "12:30:45", false},
    {DETECT_MAC, "00:00:5e:00:53:01", true},
    {DETECT_MAC, "00-00-5E-00-53-02", true},
    {DETECT_MAC, "0000.5e00.5303", true},
    {DETECT_MAC, "00:00:5e:00:53", false},
    {DETECT_MAC, "00:00-5e:00:53:01", false},
    {DETECT_MAC, "gg:00:5e:00:53:01", false},
    {DETECT_MAC, "00:00:00:00:00:00", false},
    {DETECT_MAC, "ff:ff:ff:ff:ff:ff", false},
    {DETECT_COORDINATES, "39.9042,116.4074", true},
    {DETECT_COORDINATES, "116.4074, 39.9042", true},
    {DETECT_COORDINATES, "52°22′N 4°54′E", true},
    {DETECT_COORDINATES, "39°54'15.2\"N 116°24'27\"E", true},
    {DETECT_COORDINATES, "geo:52.37,4.90", true},
    {DETECT_COORDINATES, "POINT(116.4 39.9)", true},
    {DETECT_COORDINATES, "91.0,10.0", false},
    {DETECT_COORDINATES, "39.9", false},
    {DETECT_COORDINATES, "181,0", false},
    {DETECT_COORDINATES, "3.141,999.123", false},
    {DETECT_URL_CREDENTIALS, "https://u:p@h.example/", true},
    {DETECT_URL_CREDENTIALS, "ftp://a:b@h", true},
    {DETECT_URL_CREDENTIALS, "postgres://u:p@db/x", true},
    {DETECT_URL_CREDENTIALS, "https://h.example/a?x=1&token=abcdef", true},
    {DETECT_URL_CREDENTIALS, "https://h.example/@x", false},
    {DETECT_URL_CREDENTIALS, "mailto:a@b.org", false},
    {DETECT_URL_CREDENTIALS, "http://h:80/", false},
    {DETECT_URL_CREDENTIALS, "https://u@h.example/", false},
    {DETECT_URL, "http://www.ScrapbookInsider.com.pt/", true},
    {DETECT_URL, "www.example.org", true},
    {DETECT_URL, "data.gov.cn", true},
    {DETECT_URL, "3.14", false},
    {DETECT_URL, "end.The", false},
    {DETECT_URL, "http://", false},
    {DETECT_SECRET, "AKIAQ2W3E4R5T6Y7U2I3", true},
    {DETECT_SECRET, "ghp_0123456789abcdefghijABCDEFGHIJ012345", true},
    {DETECT_SECRET, "AKIA0189Q2W3E4R5T6Y7", false},
    {DETECT_SECRET, "ghp_short", false},
    {DETECT_SECRET, "AIza", false},
    {DETECT_DATE_OF_BIRTH, "1985-03-09", true},
    {DETECT_DATE_OF_BIRTH, "1985年3月9日", true},
    {DETECT_DATE_OF_BIRTH, "09/03/1985", true},
    {DETECT_DATE_OF_BIRTH, "1985-02-30", false},
    {DETECT_DATE_OF_BIRTH, "2999-01-01", false},
    {DETECT_DATE_OF_BIRTH, "1850-01-01", false},
    {DETECT_PHONE, "+46 (0)8 928 571 38", true},
    {DETECT_PHONE, "+447700921916", true},
    {DETECT_PHONE, "(905) 674-3793", true},
    {DETECT_PHONE, "345-899-3560x4587", true},
    {DETECT_PHONE, "+83 12345678", false},
    {DETECT_PHONE, "1985-03-09", false},
    {DETECT_PERSON_NAME, "王小明", true},
    {DETECT_PERSON_NAME, "欧阳娜娜", true},
    {DETECT_PERSON_NAME, "Mary Jones", true},
    {DETECT_PERSON_NAME, "Jones, Robert", true},
    {DETECT_PERSON_NAME, "黄山市", false},
    {DETECT_PERSON_NAME, "Central Station", false},
    {DETECT_ADDRESS, "北京市海淀区中关村大街27号", true},
    {DETECT_ADDRESS, "广东省深圳市南山区科技园路1号3栋502室", true},
    {DETECT_ADDRESS, "文化路1号", true},
    {DETECT_ADDRESS, "14 Crown Street", true},
    {DETECT_ADDRESS, "Via Franscini 71", true},
    {DETECT_ADDRESS, "Hauptstraße 5", true},
    {DETECT_ADDRESS, "北京市", false},
    {DETECT_ADDRESS, "14 apples", false},
};

static void check(struct tally *tally, const char *where, enum detect_type type, pd_str value,
                  bool is_valid) {
    bool found = detect_value(type, value, TODAY) == DETECT_SURE;
    if (found == is_valid) {
        tally->passed++;
        return;
    }
    tally->failed++;
    printf("%s: %s %.*s should be %s\n", where, detect_info_get(type)->name, pd_arg(value),
           is_valid ? "valid" : "refused");
}

static void check_lengths(struct tally *tally) {
    static const struct {
        int local, label, labels;
        bool is_valid;
    } cases[] = {{64, 10, 2, true}, {65, 10, 2, false}, {5, 63, 3, true},
                 {5, 64, 3, false}, {59, 63, 3, true},  {60, 63, 3, false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[400];
        size_t n = 0;
        for (int k = 0; k < cases[i].local; k++)
            text[n++] = 'a';
        text[n++] = '@';
        for (int label = 0; label < cases[i].labels; label++) {
            for (int k = 0; k < cases[i].label; k++)
                text[n++] = 'b';
            text[n++] = '.';
        }
        text[n++] = 'c';
        text[n++] = 'n';
        check(tally, "lengths", DETECT_EMAIL, (pd_str){text, n}, cases[i].is_valid);
    }
}

/* What the files call some types. A VAT number's name ends in the prefix that the value must have.
 */
static bool find_type(pd_str name, pd_str value, enum detect_type *type) {
    static const struct {
        const char *name;
        enum detect_type type;
    } others[] = {{"kr_rrn_pre2020", DETECT_KR_RRN},
                  {"passport_mrz_number_cn", DETECT_CN_PASSPORT_MRZ},
                  {"au.abn", DETECT_AU_ABN},
                  {"cn.uscc", DETECT_CN_USCC},
                  {"eu.vat", DETECT_EU_VAT},
                  {"gb.vat", DETECT_EU_VAT},
                  {"isin", DETECT_ISIN},
                  {"lei", DETECT_LEI}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (pd_str_is(name, others[i].name)) {
            *type = others[i].type;
            return true;
        }
    }
    if (pd_str_starts(name, PD_STR("eu_vat_")) &&
        pd_str_eq_ascii_case(pd_str_sub(name, 7, 2), pd_str_sub(value, 0, 2))) {
        *type = DETECT_EU_VAT;
        return true;
    }
    return detect_info_find(name, type);
}

/* False if the line is not of the documented form. */
static bool replay_line(struct tally *tally, const char *where, pd_str line) {
    pd_str name, value, valid, rest = line;
    if (!pd_str_split(&rest, '\t', &name) || !pd_str_split(&rest, '\t', &value) ||
        !pd_str_split(&rest, '\t', &valid) || (!pd_str_is(valid, "0") && !pd_str_is(valid, "1")))
        return false;
    enum detect_type type;
    if (find_type(name, value, &type))
        check(tally, where, type, value, pd_str_is(valid, "1"));
    else
        tally->skipped++;
    return true;
}

/* As replay_line, for the file of valid numbers. */
static bool replay_number(struct tally *tally, const char *where, pd_str line) {
    pd_str name, value, rest = line;
    if (!pd_str_split(&rest, '\t', &name) || !pd_str_split(&rest, '\t', &value))
        return false;
    enum detect_type type;
    if (find_type(name, value, &type))
        check(tally, where, type, value, true);
    return true;
}

static bool replay_file(struct tally *tally, const char *path,
                        bool (*replay)(struct tally *, const char *, pd_str)) {
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        return false;
    }
    char *line = NULL;
    size_t capacity = 0;
    bool good = true;
    for (int number = 1; good && getline(&line, &capacity, file) >= 0; number++) {
        char where[64];
        snprintf(where, sizeof(where), "line %d", number);
        pd_str text = pd_str_from(line);
        while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
            text.len--;
        bool is_header = number == 1 && (pd_str_starts(text, PD_STR("type\t")) ||
                                         pd_str_starts(text, PD_STR("stdnum_module\t")));
        if (is_header || text.len == 0)
            continue;
        good = replay(tally, where, text);
        if (!good)
            fprintf(stderr, "%s: %s: not of the documented form\n", path, where);
    }
    free(line);
    fclose(file);
    return good;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: ids_vectors FILE.tsv [NUMBERS.tsv]\n");
        return 64;
    }
    struct tally tally = {0};
    if (!replay_file(&tally, argv[1], replay_line) ||
        (argc == 3 && !replay_file(&tally, argv[2], replay_number)))
        return 66;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        check(&tally, "own", own[i].type, pd_str_from(own[i].value), own[i].is_valid);
    check_lengths(&tally);
    printf("%d passed, %d failed, %d skipped\n", tally.passed, tally.failed, tally.skipped);
    return tally.failed > 0;
}
