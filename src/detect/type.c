/*
 * The closed list of types, as data. The chances are measured: bench/accidents.c draws random
 * values of each shape and counts those that pass.
 */
#include "detect/detect_impl.h"

static const struct detect_info types[DETECT_TYPE_COUNT] = {
    [DETECT_CN_RESIDENT_ID] =
        {"cn_resident_id", "a Chinese resident identity number", "GB 11643-1999",
         "area of a province, birth date, sequence, ISO 7064 MOD 11-2 check", DETECT_IDENTITY,
         DETECT_DIRECT, true, true, DETECT_ALONE, 1.4e-6, 1.2e-2,
         "in the old form without a check digit, or of an area that today's table lacks"},
    [DETECT_CN_USCC] = {"cn_uscc", "a Chinese unified social credit code",
                        "GB 32100-2015, GB 11714",
                        "MOD 31 check, and the check of the organisation code inside",
                        DETECT_ORGANISATION, DETECT_NONE, false, true, DETECT_ALONE, 2.8e-4, 0,
                        NULL},
    /* 52 of the 100 two-digit heads, behind a first digit that is a 1 once in ten. */
    [DETECT_CN_MOBILE] = {"cn_mobile", "a Chinese mobile number", "numbering plan, October 2024",
                          "11 digits by the plan; +86 or 0086 before, groups of 3-4-4",
                          DETECT_CONTACT, DETECT_DIRECT, true, false, DETECT_ALONE, 0.052, 0, NULL},
    [DETECT_CN_PASSPORT] = {"cn_passport", "a Chinese passport number",
                            "series of the exit and entry administration",
                            "E, G, D, S, P, K, H and 8 digits, or two letters and 7",
                            DETECT_IDENTITY, DETECT_DIRECT, true, false, DETECT_MAJORITY, 0.27, 0,
                            NULL},
    [DETECT_CN_PASSPORT_MRZ] = {"cn_passport_mrz", "a Chinese passport number with its check digit",
                                "ICAO 9303-3",
                                "a passport number, then the check digit by weights 7 3 1",
                                DETECT_IDENTITY, DETECT_DIRECT, true, true, DETECT_ALONE, 0.027, 0,
                                NULL},
    [DETECT_CN_PERMIT] = {"cn_permit", "a number of a Chinese exit, entry or return permit",
                          "series of the exit and entry administration",
                          "C, W, H, M and 8 digits, H or M and 10; 8 digits from Taiwan",
                          DETECT_IDENTITY, DETECT_DIRECT, true, false, DETECT_NAMED, 0.15, 1,
                          "eight digits"},
    [DETECT_CN_PLATE] = {"cn_plate", "a Chinese number plate", "GA 36-2018",
                         "province, office, five characters, or six for new energy", DETECT_VEHICLE,
                         DETECT_DIRECT, true, false, DETECT_MAJORITY, 0, 0, NULL},
    [DETECT_HK_ID] = {"hk_id", "a Hong Kong identity card number", "Immigration Department",
                      "one or two letters, six digits, a modulo 11 check in brackets or not",
                      DETECT_IDENTITY, DETECT_DIRECT, true, true, DETECT_ALONE, 0.091, 0, NULL},
    [DETECT_TW_ID] = {"tw_id", "a Taiwan identity number", "Ministry of the Interior",
                      "a letter, 1 2 8 or 9, eight digits, a modulo 10 check", DETECT_IDENTITY,
                      DETECT_DIRECT, true, true, DETECT_ALONE, 0.04, 0, NULL},
    [DETECT_JP_MY_NUMBER] = {"jp_my_number", "a Japanese individual number",
                             "My Number Act of 2013", "12 digits, modulo 11 check", DETECT_IDENTITY,
                             DETECT_DIRECT, true, true, DETECT_MAJORITY, 0.1, 0, NULL},
    [DETECT_KR_RRN] =
        {"kr_rrn", "a Korean resident registration number", "Resident registration act",
         "birth date, century and sex, modulo 11 check; those born since October 2020 without it",
         DETECT_IDENTITY, DETECT_DIRECT, true, true, DETECT_ALONE, 1.9e-3, 2.6e-3,
         "of the series without a check digit"},
    [DETECT_IN_AADHAAR] = {"in_aadhaar", "an Indian Aadhaar number", "UIDAI",
                           "12 digits, first 2 to 9, no palindrome, Verhoeff check",
                           DETECT_IDENTITY, DETECT_DIRECT, true, true, DETECT_MAJORITY, 0.08, 0,
                           NULL},
    [DETECT_AU_TFN] = {"au_tfn", "an Australian tax file number", "Australian Taxation Office",
                       "9 digits, weighted sum divisible by 11", DETECT_IDENTITY, DETECT_DIRECT,
                       true, true, DETECT_MAJORITY, 0.091, 0, NULL},
    [DETECT_AU_ABN] = {"au_abn", "an Australian business number", "Australian Business Register",
                       "11 digits from 11, weighted sum divisible by 89", DETECT_ORGANISATION,
                       DETECT_NONE, false, true, DETECT_ALONE, 0.0101, 0, NULL},
    [DETECT_AU_MEDICARE] = {"au_medicare", "an Australian Medicare card number",
                            "Services Australia",
                            "10 digits, first 2 to 6, modulo 10 check, an issue", DETECT_IDENTITY,
                            DETECT_DIRECT, true, true, DETECT_MAJORITY, 0.05, 0, NULL},
    [DETECT_DE_STEUER_ID] =
        {"de_steuer_id", "a German tax identification number", "AO 139b, StIdV",
         "11 digits, one of the first ten twice or three times, MOD 11,10 check", DETECT_IDENTITY,
         DETECT_DIRECT, true, true, DETECT_ALONE, 3.5e-3, 0, NULL},
    [DETECT_GB_NINO] = {"gb_nino", "a British national insurance number", "HMRC NIM39110",
                        "two letters of those in use, six digits, A to D", DETECT_IDENTITY,
                        DETECT_DIRECT, true, false, DETECT_ALONE, 0.086, 0, NULL},
    [DETECT_GB_NHS] = {"gb_nhs", "a British NHS number", "NHS data dictionary",
                       "10 digits, modulo 11 check", DETECT_IDENTITY, DETECT_DIRECT, true, true,
                       DETECT_MAJORITY, 0.091, 0, NULL},
    [DETECT_PL_PESEL] = {"pl_pesel", "a Polish PESEL number", "Act on population records",
                         "birth date with century, sequence, modulo 10 check", DETECT_IDENTITY,
                         DETECT_DIRECT, true, true, DETECT_ALONE, 4.7e-3, 0, NULL},
    [DETECT_US_SSN] = {"us_ssn", "a United States social security number",
                       "SSA randomization, 2011",
                       "3-2-4 digits; no area 000, 666, 9xx, group 00, serial 0000",
                       DETECT_IDENTITY, DETECT_DIRECT, true, false, DETECT_ALONE, 0, 0.89,
                       "written without its hyphens"},
    [DETECT_US_ITIN] = {"us_itin", "a United States taxpayer identification number", "IRS, ITIN",
                        "9xx, group 50-65, 70-88, 90-92 or 94-99", DETECT_IDENTITY, DETECT_DIRECT,
                        true, false, DETECT_ALONE, 0, 0.045, "written without its hyphens"},
    [DETECT_EU_VAT] = {"eu_vat", "a VAT number of the European Union or the United Kingdom",
                       "Council Directive 2006/112/EC, national rules",
                       "prefix of the country, its length and check", DETECT_ORGANISATION,
                       DETECT_NONE, false, true, DETECT_ALONE, 1.2e-3, 0, NULL},
    [DETECT_BANK_CARD] =
        {"bank_card", "a payment card number", "ISO/IEC 7812-1",
         "12 to 19 digits in a known issuer's range and length, Luhn check", DETECT_FINANCE,
         DETECT_DIRECT, true, true, DETECT_MAJORITY, 0.028, 0.1,
         "with a right check digit outside the ranges that are known to be issued"},
    [DETECT_IBAN] = {"iban", "an account number (IBAN)", "ISO 13616-1",
                     "country, its length and form, mod 97 check", DETECT_FINANCE, DETECT_DIRECT,
                     true, true, DETECT_ALONE, 5e-5, 0, NULL},
    [DETECT_ISIN] = {"isin", "a securities number (ISIN)", "ISO 6166",
                     "two letters, nine characters, Luhn check", DETECT_FINANCE, DETECT_NONE, false,
                     true, DETECT_MAJORITY, 0.02, 0, NULL},
    [DETECT_LEI] = {"lei", "a legal entity identifier", "ISO 17442-1",
                    "20 characters, mod 97 check", DETECT_ORGANISATION, DETECT_NONE, false, true,
                    DETECT_ALONE, 0.0103, 0, NULL},
    [DETECT_IMEI] = {"imei", "a handset number (IMEI)", "3GPP TS 23.003", "15 digits, Luhn check",
                     DETECT_DEVICE, DETECT_DIRECT, true, true, DETECT_MAJORITY, 0.1, 0, NULL},
    [DETECT_MAC] = {"mac", "a network card's address (MAC)", "IEEE 802, EUI-48",
                    "six pairs behind : or -, or three fours behind dots; not all 0 or F",
                    DETECT_DEVICE, DETECT_DIRECT, true, false, DETECT_ALONE, 0, 0, NULL},
    [DETECT_EMAIL] = {"email", "an e-mail address", "RFC 5321, RFC 5322, RFC 6531",
                      "dot-atom of at most 64 bytes, a domain of two labels or more",
                      DETECT_CONTACT, DETECT_DIRECT, true, false, DETECT_ALONE, 0, 0, NULL},
    [DETECT_PHONE] = {"phone", "a telephone number", "ITU-T E.164, North American plan",
                      "+ and a country code, or 3-3-4 digits by the plan; others by a word nearby",
                      DETECT_CONTACT, DETECT_DIRECT, true, false, DETECT_MAJORITY, 0, 1,
                      "of digits that only a word nearby makes a telephone number"},
    [DETECT_IPV4] = {"ipv4", "an IPv4 address", "RFC 791", "four numbers to 255, no leading zeros",
                     DETECT_NETWORK, DETECT_DIRECT, true, false, DETECT_ALONE, 0, 0, NULL},
    [DETECT_IPV6] = {"ipv6", "an IPv6 address", "RFC 4291, RFC 4007",
                     "eight groups or one ::, a dotted end, a zone", DETECT_NETWORK, DETECT_DIRECT,
                     true, false, DETECT_ALONE, 0, 0, NULL},
    [DETECT_URL] = {"url", "a web address or host name", "RFC 3986, RFC 1123",
                    "scheme, host and path; or a host name under a known top-level domain",
                    DETECT_NETWORK, DETECT_NONE, false, false, DETECT_ALONE, 0, 0, NULL},
    [DETECT_URL_CREDENTIALS] = {"url_credentials", "an address with a password or token in it",
                                "RFC 3986 3.2.1", "user:password@, or token=, key=, sig= behind ?",
                                DETECT_SECRETS, DETECT_DIRECT, false, false, DETECT_ALONE, 0, 0,
                                NULL},
    [DETECT_SECRET] = {"secret", "a key or token that opens something",
                       "issuers' formats, RFC 7519",
                       "head and alphabet of a known issuer, web token, private key; by a word "
                       "nearby where it looks random",
                       DETECT_SECRETS, DETECT_DIRECT, false, false, DETECT_ALONE, 0, 0, NULL},
    [DETECT_COORDINATES] = {"coordinates", "a point on the earth",
                            "RFC 5870, OGC 06-103r4, ISO 6709",
                            "a pair with three decimals, degrees and minutes, geo:, POINT",
                            DETECT_PLACE, DETECT_QUASI, false, false, DETECT_COMPANY, 0, 0, NULL},
    [DETECT_DATE_OF_BIRTH] = {"date_of_birth", "a date of birth", "ISO 8601 and usual orders",
                              "a calendar date or month, 1900 < year, not after today",
                              DETECT_BIRTH, DETECT_QUASI, true, false, DETECT_NAMED, 0, 0, NULL},
    [DETECT_PERSON_NAME] = {"person_name", "a person's name", "form and lists of frequent names",
                            "a Chinese family name and one or two characters; two to four "
                            "capitalised words with a given name",
                            DETECT_NAME_OF, DETECT_DIRECT, true, false, DETECT_COMPANY, 0, 0, NULL},
    [DETECT_ADDRESS] = {"address", "a postal address", "GB/T 2260 names and form",
                        "division, road and number; number and kind of street", DETECT_ADDRESS_OF,
                        DETECT_QUASI, false, false, DETECT_COMPANY, 0, 0, "without a number"},
};

static const char *const category_names[DETECT_CATEGORY_COUNT] = {
    [DETECT_IDENTITY] = "identity",   [DETECT_ORGANISATION] = "organisation",
    [DETECT_CONTACT] = "contact",     [DETECT_NETWORK] = "network",
    [DETECT_BIRTH] = "birth",         [DETECT_FINANCE] = "finance",
    [DETECT_DEVICE] = "device",       [DETECT_VEHICLE] = "vehicle",
    [DETECT_PLACE] = "place",         [DETECT_ADDRESS_OF] = "address",
    [DETECT_NAME_OF] = "name",        [DETECT_SECRETS] = "secret",
    [DETECT_PSEUDONYM] = "pseudonym",
};

const struct detect_info *detect_info_get(enum detect_type type) {
    return &types[type];
}

bool detect_info_find(pd_str name, enum detect_type *out) {
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        if (pd_str_is(name, types[t].name)) {
            *out = (enum detect_type)t;
            return true;
        }
    }
    return false;
}

bool detect_stands_alone(const struct detect_info *info, bool is_weak) {
    const double one_in_thirty = 1.0 / 30, one_in_fifty = 0.02;
    if (info->need == DETECT_ALONE)
        return !is_weak || info->weak_chance < one_in_fifty;
    return info->need == DETECT_MAJORITY && !is_weak && info->chance <= one_in_thirty;
}

const char *detect_category_name(enum detect_category category) {
    return category_names[category];
}

bool detect_category_find(pd_str name, enum detect_category *out) {
    for (int c = 0; c < DETECT_CATEGORY_COUNT; c++) {
        if (pd_str_is(name, category_names[c])) {
            *out = (enum detect_category)c;
            return true;
        }
    }
    return false;
}

int detect_day(pd_time t) {
    struct pd_civil c = pd_time_civil(t);
    return c.year * 10000 + c.month * 100 + c.day;
}
