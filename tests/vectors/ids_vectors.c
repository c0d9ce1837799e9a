/*
 * ids_vectors FILE.tsv: replays identifiers that no one here made up against detect/.
 * Rows are "type TAB value TAB valid TAB note"; types that are not built count as skipped.
 * The last line is "N passed, N failed, N skipped"; the exit code is 1 if any failed.
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

/* False if the line is not of the documented form. */
static bool replay_line(struct tally *tally, const char *where, pd_str line) {
    pd_str name, value, valid, rest = line;
    if (!pd_str_split(&rest, '\t', &name) || !pd_str_split(&rest, '\t', &value) ||
        !pd_str_split(&rest, '\t', &valid) || (!pd_str_is(valid, "0") && !pd_str_is(valid, "1")))
        return false;
    enum detect_type type;
    if (detect_info_find(name, &type))
        check(tally, where, type, value, pd_str_is(valid, "1"));
    else
        tally->skipped++;
    return true;
}

static bool replay_file(struct tally *tally, const char *path) {
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
        bool is_header = number == 1 && pd_str_starts(text, PD_STR("type\t"));
        if (is_header || text.len == 0)
            continue;
        good = replay_line(tally, where, text);
        if (!good)
            fprintf(stderr, "%s: %s: expected type, value, 0 or 1, separated by tabs\n", path,
                    where);
    }
    free(line);
    fclose(file);
    return good;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: ids_vectors FILE.tsv\n");
        return 64;
    }
    struct tally tally = {0};
    if (!replay_file(&tally, argv[1]))
        return 66;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        check(&tally, "own", own[i].type, pd_str_from(own[i].value), own[i].is_valid);
    check_lengths(&tally);
    printf("%d passed, %d failed, %d skipped\n", tally.passed, tally.failed, tally.skipped);
    return tally.failed > 0;
}
