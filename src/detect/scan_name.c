/*
 * Names and addresses in running text. Nothing here is proof; each finding says what spoke for it:
 * a title, a given name, words that introduce a name or an address, the parts of an address.
 */
#include "detect/scan_impl.h"

#include <string.h>

enum {
    PHRASE = 24 /* bytes before a name or an address in which the words that introduce it stand */
};

/* ---- western ---- */

/* A word of letters, with what names hold inside ("O'Neil", "Anne-Marie", "B."). */
static size_t word_end(pd_str text, size_t at) {
    size_t end = at;
    while (end < text.len && end - at < 40) {
        unsigned char c = (unsigned char)text.data[end];
        bool is_inner =
            end > at && (c == '\'' || c == '-') && end + 1 < text.len &&
            (detect_is_letter(text.data[end + 1]) || (unsigned char)text.data[end + 1] >= 0xc3);
        if (!detect_is_letter((char)c) && !is_inner && (c < 0x80 || c >= 0xe2) &&
            !(c >= 0x80 && c < 0xc0))
            break;
        end++;
    }
    /* "Mary's": the s is not hers. */
    if (end - at > 2 && text.data[end - 1] == 's' && text.data[end - 2] == '\'')
        end -= 2;
    if (end - at == 1 && end < text.len && text.data[end] == '.')
        end++; /* an initial */
    return end;
}

static bool is_capital(pd_str word) {
    return word.len > 0 &&
           ((word.data[0] >= 'A' && word.data[0] <= 'Z') || (unsigned char)word.data[0] >= 0xc3);
}

/* Capitalised words that begin sentences, or name something else. */
static bool is_common(pd_str word) {
    static const char *const words[] = {
        "I",      "The",       "A",        "An",        "In",       "On",     "At",
        "It",     "He",        "She",      "We",        "You",      "They",   "My",
        "Your",   "His",       "Her",      "Our",       "This",     "That",   "What",
        "When",   "Where",     "Who",      "Why",       "How",      "Please", "Can",
        "Could",  "Would",     "Is",       "Are",       "Was",      "Were",   "Do",
        "Does",   "And",       "But",      "Or",        "If",       "Name",   "Phone",
        "Email",  "Date",      "From",     "To",        "Of",       "For",    "With",
        "Not",    "Monday",    "Tuesday",  "Wednesday", "Thursday", "Friday", "Saturday",
        "Sunday", "January",   "February", "March",     "April",    "June",   "July",
        "August", "September", "October",  "November",  "December", "Mr",     "Mrs",
        "Ms",     "Dr",        "User",     "Bot",       "Yes",      "No",     "There"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i][0] == word.data[0] && pd_str_is(word, words[i]))
            return true;
    }
    return false;
}

/* The end of a name of at most `most` words that begins at `at`; `at` if none does. */
static size_t name_end(const struct scan_window *w, size_t at, size_t most, size_t *words) {
    size_t end = at, next = at;
    *words = 0;
    while (*words < most && next < w->text.len) {
        size_t stop = word_end(w->text, next);
        pd_str word = pd_str_sub(w->text, next, stop - next);
        if (word.len == 0 || !is_capital(word) || is_common(word) || !detect_is_name_word(word) ||
            (word.len == 1 && *words == 0))
            break;
        end = stop;
        ++*words;
        if (stop >= w->text.len || w->text.data[stop] != ' ')
            break;
        next = stop + 1;
    }
    return end;
}

/* Whether the words end in a phrase, as whole words. */
static bool ends_with(const struct detect_name *words, pd_str phrase) {
    if (words->len < phrase.len + 2)
        return false;
    const char *at = words->text + words->len - 1 - phrase.len;
    return at[-1] == ' ' && memcmp(at, phrase.data, phrase.len) == 0;
}

static const char *title_of(pd_str word) {
    static const bool begins[32] = {['m' & 31] = true, ['d' & 31] = true, ['p' & 31] = true,
                                    ['s' & 31] = true, ['h' & 31] = true, ['f' & 31] = true,
                                    ['l' & 31] = true};
    if (word.len > 9 || !begins[word.data[0] & 31])
        return NULL;
    static const char *const titles[] = {"mr",     "mrs",   "ms",   "miss",      "dr",    "prof",
                                         "sir",    "madam", "mme",  "herr",      "frau",  "señor",
                                         "mister", "lady",  "lord", "professor", "doctor"};
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        if (pd_str_eq_ascii_case(word, pd_str_from(titles[i])))
            return titles[i];
    }
    return NULL;
}

/* Whether one of some phrases may end before `at`, by its last two letters; a space for the first
   if the last word is a letter. */
static bool could_end_before(const struct scan_window *w, size_t at, const char *endings) {
    size_t limit = at > PHRASE ? at - PHRASE : 0, last = at;
    while (last > limit && (unsigned char)w->text.data[last - 1] < 0x80 &&
           !detect_is_letter(w->text.data[last - 1]) && !detect_is_digit(w->text.data[last - 1]))
        last--;
    if (last <= limit + 1)
        return false;
    char before = w->text.data[last - 2], end = w->text.data[last - 1];
    if ((unsigned char)before >= 0x80 || (unsigned char)end >= 0x80)
        return true; /* perhaps, in full width */
    before = detect_is_letter(before) ? before | 0x20 : ' ';
    bool could = false;
    for (; endings[0] != '\0'; endings += 2)
        could = could || (before == endings[0] && (end | 0x20) == endings[1]);
    return could;
}

/* Whether a phrase could end before `at`: its letters stand there, in any case, with anything but
   letters and digits, or nothing, between words. What isn't ASCII may be anything. */
static bool could_follow(const struct scan_window *w, size_t at, pd_str phrase) {
    bool is_between = true;
    for (size_t n = phrase.len; n > 0;) {
        if (phrase.data[n - 1] == ' ') {
            is_between = true;
            n--;
            continue;
        }
        char c = at > 0 ? w->text.data[--at] : '\0';
        if ((unsigned char)c >= 0x80)
            return true;
        if ((c | 0x20) == phrase.data[n - 1] && detect_is_letter(c)) {
            is_between = false;
            n--;
        } else if (!is_between || at == 0 || detect_is_letter(c) || detect_is_digit(c)) {
            return false;
        }
    }
    return true;
}

static bool could_follow_any(const struct scan_window *w, size_t at, const pd_str *phrases,
                             size_t count) {
    while (at > 0 && (unsigned char)w->text.data[at - 1] < 0x80 &&
           !detect_is_letter(w->text.data[at - 1]) && !detect_is_digit(w->text.data[at - 1]))
        at--;
    char last = at > 0 ? w->text.data[at - 1] : '\0';
    for (size_t i = 0; i < count; i++) {
        bool could_end = (last | 0x20) == phrases[i].data[phrases[i].len - 1];
        if ((could_end || (unsigned char)last >= 0x80) && could_follow(w, at, phrases[i]))
            return true;
    }
    return false;
}

/* Words after which a name stands. */
static const char *introduction(const struct scan_window *w, size_t at) {
    static const pd_str phrases[] = {
        PD_STR_INIT("my name is"),  PD_STR_INIT("name is"),     PD_STR_INIT("named"),
        PD_STR_INIT("called"),      PD_STR_INIT("call me"),     PD_STR_INIT("calls me"),
        PD_STR_INIT("i am"),        PD_STR_INIT("i m"),         PD_STR_INIT("dear"),
        PD_STR_INIT("hi"),          PD_STR_INIT("hello"),       PD_STR_INIT("signed"),
        PD_STR_INIT("full name"),   PD_STR_INIT("last name"),   PD_STR_INIT("first name"),
        PD_STR_INIT("surname"),     PD_STR_INIT("maiden name"), PD_STR_INIT("contact person"),
        PD_STR_INIT("your name"),   PD_STR_INIT("speak to"),    PD_STR_INIT("says"),
        PD_STR_INIT("directed by"), PD_STR_INIT("written by"),  PD_STR_INIT("known as"),
        PD_STR_INIT("named him"),   PD_STR_INIT("named her"),   PD_STR_INIT("partner s name")};
    enum { COUNT = sizeof(phrases) / sizeof(phrases[0]) };
    if (!could_end_before(w, at, "isedmeam marhiloontoysbyasimer") ||
        (scan_is_quick(w) && !could_follow(w, at, PD_STR("name")) &&
         !could_follow_any(w, at, phrases, COUNT)))
        return NULL;
    struct detect_name before = scan_words_before(w, at, PHRASE);
    for (size_t i = 0; i < COUNT; i++) {
        if (ends_with(&before, phrases[i]))
            return phrases[i].data;
    }
    /* "Name: X"; elsewhere "name" is a name of anything. */
    while (at > 0 && strchr(" \t\r\n", w->text.data[at - 1]) && w->text.data[at - 1] != '\0')
        at--;
    bool has_colon = at > 0 && w->text.data[at - 1] == ':';
    return has_colon && ends_with(&before, PD_STR("name")) ? "name" : NULL;
}

bool scan_is_title(pd_str word) {
    return word.len > 0 && title_of(word) != NULL;
}

void scan_name(struct scan_window *w, size_t at) {
    size_t first = word_end(w->text, at), words = 0;
    pd_str word = pd_str_sub(w->text, at, first - at);
    if (word.len < 2)
        return;
    if (title_of(word)) {
        size_t name = first + (first < w->text.len && w->text.data[first] == '.');
        if (name < w->text.len && w->text.data[name] == ' ') {
            size_t end = name_end(w, name + 1, 3, &words);
            if (end > name + 1)
                scan_add(w, name + 1, end, DETECT_PERSON_NAME, false, DETECT_HIGH,
                         "a title before it", title_of(word));
        }
        return;
    }
    if (!is_capital(word) || is_common(word))
        return;
    size_t end = name_end(w, at, 4, &words);
    const char *phrase = words > 0 ? introduction(w, at) : NULL;
    bool is_given = detect_is_given_name(word);
    if (phrase && words <= 3)
        scan_add(w, at, end, DETECT_PERSON_NAME, false, is_given ? DETECT_HIGH : DETECT_MEDIUM,
                 "words that introduce a name", phrase);
    else if (is_given && words >= 2)
        scan_add(w, at, end, DETECT_PERSON_NAME, false, DETECT_MEDIUM,
                 "a given name before another", NULL);
    else if (is_given && words == 1)
        scan_add(w, at, end, DETECT_PERSON_NAME, false, DETECT_LOW, "a given name alone", NULL);
}

/* A full stop behind a word that isn't an abbreviation (two letters, "Apt.", "Blvd."), and space.
 */
static bool ends_sentence(pd_str text, size_t start, size_t at) {
    size_t word = 0;
    if (text.data[at] != '.' || (at + 1 < text.len && text.data[at + 1] != ' '))
        return false;
    while (at - word > start && text.data[at - word - 1] != ' ')
        word++;
    pd_str last = pd_str_sub(text, at - word, word);
    return word > 2 && !detect_is_unit_word(last) && !detect_is_street_word(last);
}

/* "address is X", "lives at X": up to the end of the sentence, if there is a number in it. */
void scan_introduced(struct scan_window *w, size_t at) {
    static const pd_str phrases[] = {
        PD_STR_INIT("address is"),       PD_STR_INIT("address"),    PD_STR_INIT("lives at"),
        PD_STR_INIT("live at"),          PD_STR_INIT("located at"), PD_STR_INIT("office is at"),
        PD_STR_INIT("sent to"),          PD_STR_INIT("living at"),  PD_STR_INIT("lived in"),
        PD_STR_INIT("lives on"),         PD_STR_INIT("adresse"),    PD_STR_INIT("anschrift"),
        PD_STR_INIT("new address is"),   PD_STR_INIT("return to"),  PD_STR_INIT("meet me at"),
        PD_STR_INIT("restaurant is at"), PD_STR_INIT("ship to")};
    enum { MOST = 140, COUNT = sizeof(phrases) / sizeof(phrases[0]) };
    if (!scan_has_digits(w, at, MOST, 1) || !could_end_before(w, at, "isssattoinonseft") ||
        (scan_is_quick(w) && !could_follow_any(w, at, phrases, COUNT)))
        return;
    struct detect_name before = scan_words_before(w, at, PHRASE);
    const char *found = NULL;
    for (size_t i = 0; i < COUNT && !found; i++) {
        if (ends_with(&before, phrases[i]))
            found = phrases[i].data;
    }
    pd_str first = pd_str_sub(w->text, at, word_end(w->text, at) - at);
    if (!found || is_common(first))
        return;
    size_t end = at, digits = 0;
    while (end < w->text.len && end - at < MOST && !strchr("?!;<>\"", w->text.data[end])) {
        char c = w->text.data[end];
        bool is_empty_line = c == '\n' && end + 1 < w->text.len && w->text.data[end + 1] == '\n';
        if (is_empty_line || ends_sentence(w->text, at, end))
            break;
        digits += detect_is_digit(c);
        end++;
    }
    /* Plain words after the last number or capitalised word are the sentence going on. */
    while (end > at) {
        size_t start = end;
        while (start > at && !strchr(" \n\r,", w->text.data[start - 1]))
            start--;
        pd_str last = pd_str_sub(w->text, start, end - start);
        if (last.len > 0 && (is_capital(last) || detect_is_digit(last.data[0])))
            break;
        end = start > at ? start - 1 : at;
    }
    if (digits > 0 && end - at >= 6 && end - at < MOST)
        scan_add(w, at, end, DETECT_ADDRESS, false, DETECT_MEDIUM,
                 "words that introduce an address", found);
}

void scan_street(struct scan_window *w, size_t at) {
    enum { MOST = 120 };
    char first = w->text.data[at];
    if ((first >= 'a' && first <= 'z') || !scan_has_digits(w, at, MOST, 1))
        return; /* it begins with a number or a capital, and has a number */
    detect_bits against;
    size_t len = detect_street(pd_str_sub(w->text, at, MOST));
    if (len > 0) {
        const char *word = scan_context(w, at, at + len, DETECT_BIT(DETECT_ADDRESS), &against);
        scan_add(w, at, at + len, DETECT_ADDRESS, false, word ? DETECT_HIGH : DETECT_MEDIUM,
                 "a number and a kind of street", word);
        return;
    }
    size_t end = word_end(w->text, at),
           number = end + (end < w->text.len && w->text.data[end] == '.');
    pd_str word = pd_str_sub(w->text, at, end - at);
    if (!is_capital(word) || !detect_is_unit_word(word) || number >= w->text.len ||
        w->text.data[number] != ' ')
        return;
    size_t stop = number + 1;
    while (stop < w->text.len && detect_is_digit(w->text.data[stop]))
        stop++;
    if (stop > number + 1 && stop - number <= 6 && !scan_is_word_at(w, stop))
        scan_add(w, at, stop, DETECT_ADDRESS, true, DETECT_MEDIUM, "a unit of a building", NULL);
}

void scan_western(struct scan_window *w, size_t at) {
    if (w->types & DETECT_BIT(DETECT_ADDRESS)) {
        scan_street(w, at);
        scan_introduced(w, at);
    }
    if (w->types & DETECT_BIT(DETECT_PERSON_NAME))
        scan_name(w, at);
}

/* ---- Chinese ---- */

static bool is_han(pd_str text, size_t at) {
    return at + 3 <= text.len && (unsigned char)text.data[at] >= 0xe4 &&
           (unsigned char)text.data[at] <= 0xe9 && scan_char_at(text, at).len == 3;
}

static bool starts_with_any(pd_str s, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (pd_str_starts(s, pd_str_from(list[i])))
            return true;
    }
    return false;
}
#define STARTS_WITH(s, list) starts_with_any(s, list, sizeof(list) / sizeof((list)[0]))

/* The bytes of the name at `at` that ends where something other than a name begins; 0. */
static size_t han_name(const struct scan_window *w, size_t at, bool *has_honorific) {
    static const char *const honorifics[] = {"先生", "女士", "小姐", "同志", "老师",
                                             "教授", "医生", "主任", "局长", "處長",
                                             "处长", "科长", "经理", "律师"};
    static const char *const following[] = {"电话", "手机", "身份证", "性别", "联系", "男",
                                            "女",   "住址", "地址",   "出生", "身份", "证件",
                                            "工号", "于",   "的",     "和",   "与",   "及"};
    *has_honorific = false;
    size_t family = detect_family_name(pd_str_sub(w->text, at, 6)), by_stop = 0, by_length = 0;
    for (size_t given = 3; family > 0 && given <= 6; given += 3) {
        size_t len = family + given;
        if (!detect_is_chinese_name(pd_str_sub(w->text, at, len)) || at + len > w->text.len)
            break;
        pd_str rest = pd_str_sub(w->text, at + len, w->text.len);
        if (STARTS_WITH(rest, honorifics)) {
            *has_honorific = true;
            return len;
        }
        if (!is_han(w->text, at + len))
            return len;
        if (by_stop == 0 && STARTS_WITH(rest, following))
            by_stop = len;
        by_length = len;
    }
    return by_stop ? by_stop : by_length;
}

/* Whether the Chinese character that ends at `end` may be the last of a word that introduces a name
   or an address: the table has its last two. */
static bool could_introduce(const struct scan_window *w, size_t end, unsigned ends) {
    const char *last = w->text.data + end - 3;
    if (!(detect_character_at(last, 3) & ends))
        return false;
    unsigned char front[6];
    if (end < sizeof(front))
        return false;
    memcpy(front, last - 3, sizeof(front));
    unsigned pair = (unsigned)(front[1] << 7 ^ front[2] << 4 ^ front[4] << 2 ^ front[5]) % 1024;
    const uint64_t *bits =
        ends == DETECT_ENDS_NAME ? detect_introducing_names : detect_introducing_addresses;
    return (bits[pair / 64] >> pair % 64 & 1) != 0;
}

/* Likewise for the letter that ends there, by the last two: "address", "surname", "dirección". */
static bool could_introduce_ascii(const struct scan_window *w, size_t end) {
    static const char pairs[] = "ss et ce at ft se zo me on om do";
    char two[3] = {end > 1 ? w->text.data[end - 2] : '\0', w->text.data[end - 1]};
    if ((unsigned char)two[0] >= 0x80)
        return true;
    two[0] |= 0x20;
    two[1] |= 0x20;
    return strstr(pairs, two) != NULL;
}

static bool is_copula(const char *character) {
    return memcmp(character, "是", 3) == 0 || memcmp(character, "为", 3) == 0 ||
           memcmp(character, "叫", 3) == 0;
}

/* Whether the words before `at` may introduce a name or an address: what ends there, but for marks
   and 是, is such a word, or no Chinese one. */
bool scan_may_be_introduced(const struct scan_window *w, size_t at, unsigned ends) {
    enum { MOST = 30 };
    for (size_t end = at; end > 0 && at - end < MOST;) {
        size_t start = scan_before(w->text, end);
        struct scan_char c = scan_char_at(w->text, start);
        unsigned char lead = (unsigned char)w->text.data[start];
        bool is_han = detect_is_han(w->text.data + start, end - start);
        if (is_han && !is_copula(w->text.data + start))
            return could_introduce(w, end, ends);
        if (is_han) {
            end = start;
            continue;
        }
        if (detect_is_letter(c.ascii))
            return c.len > 1 || could_introduce_ascii(w, end);
        if (detect_is_digit(c.ascii))
            return false;
        if (c.ascii == 0 && lead >= 0xc3 && lead != 0xe2 && lead != 0xe3)
            return true;
        if (lead == 0xe3 && (unsigned char)w->text.data[start + 1] > 0x80)
            return true; /* kana; E3 80 are marks */
        end = start;
    }
    return false;
}

/* A word for a name's place stands right before: "姓名：", "联系人 ". */
static const char *named_before(const struct scan_window *w, size_t at, detect_bits types) {
    static const char *const marks[] = {"：", ":",  " ", "　", "是", "为",
                                        "叫", "\"", "“", "=",  "\t"};
    size_t start = at;
    bool is_name = types == DETECT_BIT(DETECT_PERSON_NAME);
    if (scan_is_quick(w) &&
        !scan_may_be_introduced(w, at, is_name ? DETECT_ENDS_NAME : DETECT_ENDS_ADDRESS))
        return NULL;
    for (int n = 0; n < 3 && start > 0; n++) {
        size_t before = scan_before(w->text, start);
        if (!STARTS_WITH(pd_str_sub(w->text, before, start - before), marks))
            break;
        start = before;
    }
    struct detect_name words = scan_words_before(w, start, 18);
    const char *word = detect_context_word(&words, types);
    /* It must be the last: what it says of is what follows. */
    if (!word)
        return NULL;
    size_t len = strlen(word) - (word[strlen(word) - 1] == '$');
    bool is_last = words.len >= len + 1 && memcmp(words.text + words.len - 1 - len, word, len) == 0;
    return is_last ? word : NULL;
}

void scan_han_name(struct scan_window *w, size_t at) {
    if (detect_family_name(pd_str_sub(w->text, at, 6)) == 0)
        return;
    bool has_honorific;
    size_t len = han_name(w, at, &has_honorific);
    if (len == 0)
        return;
    const char *word = named_before(w, at, DETECT_BIT(DETECT_PERSON_NAME));
    if (word)
        scan_add(w, at, at + len, DETECT_PERSON_NAME, false, DETECT_HIGH, "a family name", word);
    else if (has_honorific && (at == 0 || !is_han(w->text, scan_before(w->text, at))))
        scan_add(w, at, at + len, DETECT_PERSON_NAME, false, DETECT_MEDIUM,
                 "a family name and a title behind", NULL);
}

void scan_han_address(struct scan_window *w, size_t at) {
    pd_str rest = pd_str_sub(w->text, at, 240);
    bool has_division = detect_division(rest) > 0;
    const char *word = NULL;
    if (!has_division) {
        word = named_before(w, at, DETECT_BIT(DETECT_ADDRESS));
        if (!word)
            return;
    }
    enum detect_match match;
    size_t len = detect_address_row(rest, &match);
    if (match == DETECT_NO)
        return;
    detect_bits against;
    if (!word)
        word = scan_context(w, at, at + len, DETECT_BIT(DETECT_ADDRESS), &against);
    enum detect_confidence confidence = match == DETECT_WEAK ? (word ? DETECT_MEDIUM : DETECT_LOW)
                                        : word               ? DETECT_HIGH
                                                             : DETECT_MEDIUM;
    scan_add(w, at, at + len, DETECT_ADDRESS, match == DETECT_WEAK, confidence,
             has_division ? "a division and the parts of an address" : "the parts of an address",
             word);
}

void scan_plate(struct scan_window *w, size_t at) {
    /* Eight characters, a dot and a last one of three bytes at most. */
    for (size_t len = 16; len >= 9; len--) {
        if (at + len <= w->text.len && !scan_is_word_at(w, at + len) &&
            detect_cn_plate(pd_str_sub(w->text, at, len))) {
            scan_judge(w, at, at + len, DETECT_CN_PLATE, false);
            return;
        }
    }
}
