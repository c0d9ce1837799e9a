/* Words that speak for types, or against them: a row per word, in the languages of the registers.
 */
#include "detect/scan_impl.h"

#include <string.h>

#define B(type) DETECT_BIT(DETECT_##type)
#define DOCUMENTS                                                                                  \
    (B(CN_RESIDENT_ID) | B(CN_PASSPORT) | B(CN_PERMIT) | B(HK_ID) | B(TW_ID) | B(KR_RRN) |         \
     B(PL_PESEL))

static const struct {
    const char *term; /* see detect_name_has */
    detect_bits speaks_for, speaks_against;
} words[] = {
    /* births */
    {"dob", B(DATE_OF_BIRTH), 0},
    {"birth", B(DATE_OF_BIRTH), 0},
    {"birthday", B(DATE_OF_BIRTH), 0},
    {"birthdate", B(DATE_OF_BIRTH), 0},
    {"born", B(DATE_OF_BIRTH), 0},
    {"生日$", B(DATE_OF_BIRTH), 0},
    {"出生日期", B(DATE_OF_BIRTH), 0},
    {"出生年月", B(DATE_OF_BIRTH), 0},
    {"出生时间", B(DATE_OF_BIRTH), 0},
    {"出生時間", B(DATE_OF_BIRTH), 0},
    {"出生于$", B(DATE_OF_BIRTH), 0},
    {"生于$", B(DATE_OF_BIRTH), 0},
    {"geburtsdatum", B(DATE_OF_BIRTH), 0},
    {"geboren", B(DATE_OF_BIRTH), 0},
    {"date de naissance", B(DATE_OF_BIRTH), 0},
    {"fecha de nacimiento", B(DATE_OF_BIRTH), 0},
    {"data di nascita", B(DATE_OF_BIRTH), 0},
    {"geboortedatum", B(DATE_OF_BIRTH), 0},
    {"生年月日", B(DATE_OF_BIRTH), 0},
    {"생년월일", B(DATE_OF_BIRTH), 0},
    /* documents */
    {"身份证", B(CN_RESIDENT_ID), 0},
    {"身份證", B(CN_RESIDENT_ID) | B(HK_ID) | B(TW_ID), 0},
    {"身分證", B(TW_ID), 0},
    {"证件号", DOCUMENTS, 0},
    {"證件號", DOCUMENTS, 0},
    {"公民身份号码", B(CN_RESIDENT_ID), 0},
    {"id card", DOCUMENTS, 0},
    {"identity card", DOCUMENTS, 0},
    {"identity number", DOCUMENTS, 0},
    {"id number", DOCUMENTS, 0},
    {"id no", DOCUMENTS, 0},
    {"national id", DOCUMENTS | B(IN_AADHAAR), 0},
    {"hkid", B(HK_ID), 0},
    {"护照", B(CN_PASSPORT) | B(CN_PASSPORT_MRZ), 0},
    {"護照", B(CN_PASSPORT) | B(CN_PASSPORT_MRZ), 0},
    {"passport", B(CN_PASSPORT) | B(CN_PASSPORT_MRZ), 0},
    {"通行证", B(CN_PERMIT), 0},
    {"通行證", B(CN_PERMIT), 0},
    {"台胞证", B(CN_PERMIT), 0},
    {"回乡证", B(CN_PERMIT), 0},
    {"travel permit", B(CN_PERMIT), 0},
    {"my number", B(JP_MY_NUMBER), 0},
    {"individual number", B(JP_MY_NUMBER), 0},
    {"個人番号", B(JP_MY_NUMBER), 0},
    {"マイナンバー", B(JP_MY_NUMBER), 0},
    {"rrn", B(KR_RRN), 0},
    {"주민등록번호", B(KR_RRN), 0},
    {"resident registration", B(KR_RRN), 0},
    {"aadhaar", B(IN_AADHAAR), 0},
    {"aadhar", B(IN_AADHAAR), 0},
    {"uidai", B(IN_AADHAAR), 0},
    {"आधार", B(IN_AADHAAR), 0},
    {"tfn", B(AU_TFN), 0},
    {"tax file", B(AU_TFN), 0},
    {"abn", B(AU_ABN), 0},
    {"business number", B(AU_ABN), 0},
    {"medicare", B(AU_MEDICARE), 0},
    {"steuer id", B(DE_STEUER_ID), 0},
    {"steueridentifikationsnummer", B(DE_STEUER_ID), 0},
    {"steuernummer", B(DE_STEUER_ID), 0},
    {"identifikationsnummer", B(DE_STEUER_ID), 0},
    {"nino", B(GB_NINO), 0},
    {"national insurance", B(GB_NINO), 0},
    {"ni number", B(GB_NINO), 0},
    {"nhs", B(GB_NHS), 0},
    {"patient number", B(GB_NHS), 0},
    {"pesel", B(PL_PESEL), 0},
    {"ssn", B(US_SSN), 0},
    {"social security", B(US_SSN), 0},
    {"itin", B(US_ITIN), 0},
    {"taxpayer", B(US_ITIN) | B(US_SSN), 0},
    /* organisations */
    {"统一社会信用代码", B(CN_USCC), 0},
    {"统一信用代码", B(CN_USCC), 0},
    {"社会信用代码", B(CN_USCC), 0},
    {"信用代码", B(CN_USCC), 0},
    {"vat", B(EU_VAT), 0},
    {"ust id", B(EU_VAT), 0},
    {"ustid", B(EU_VAT), 0},
    {"umsatzsteuer", B(EU_VAT), 0},
    {"tva", B(EU_VAT), 0},
    {"iva", B(EU_VAT), 0},
    {"btw", B(EU_VAT), 0},
    {"lei", B(LEI), 0},
    {"legal entity", B(LEI), 0},
    {"isin", B(ISIN), 0},
    {"securities", B(ISIN), 0},
    /* money */
    {"bank card", B(BANK_CARD), 0},
    {"credit card", B(BANK_CARD), 0},
    {"debit card", B(BANK_CARD), 0},
    {"payment card", B(BANK_CARD), 0},
    {"card", B(BANK_CARD), 0},
    {"cardno", B(BANK_CARD), 0},
    {"cc", B(BANK_CARD), 0},
    {"visa", B(BANK_CARD), 0},
    {"mastercard", B(BANK_CARD), 0},
    {"amex", B(BANK_CARD), 0},
    {"unionpay", B(BANK_CARD), 0},
    {"pan", B(BANK_CARD), 0},
    {"kreditkarte", B(BANK_CARD), 0},
    {"carte", B(BANK_CARD), 0},
    {"tarjeta", B(BANK_CARD), 0},
    {"银行卡", B(BANK_CARD), 0},
    {"银行账", B(BANK_CARD), 0},
    {"信用卡", B(BANK_CARD), 0},
    {"储蓄卡", B(BANK_CARD), 0},
    {"卡号", B(BANK_CARD), 0},
    {"卡號", B(BANK_CARD), 0},
    {"iban", B(IBAN), 0},
    {"bank account", B(IBAN) | B(BANK_CARD), 0},
    {"kontonummer", B(IBAN), 0},
    {"账号", B(BANK_CARD), 0},
    /* vehicles and devices */
    {"车牌", B(CN_PLATE), 0},
    {"車牌", B(CN_PLATE), 0},
    {"号牌", B(CN_PLATE), 0},
    {"plate", B(CN_PLATE), 0},
    {"imei", B(IMEI), B(BANK_CARD)},
    {"handset", B(IMEI), 0},
    {"串号", B(IMEI), 0},
    {"mac", B(MAC), 0},
    /* contact */
    {"email", B(EMAIL), 0},
    {"e mail", B(EMAIL), 0},
    {"邮箱", B(EMAIL), 0},
    {"電子郵件", B(EMAIL), 0},
    {"电子邮件", B(EMAIL), 0},
    {"mobile", B(CN_MOBILE) | B(PHONE), 0},
    {"phone", B(CN_MOBILE) | B(PHONE), 0},
    {"telephone", B(CN_MOBILE) | B(PHONE), 0},
    {"cellphone", B(CN_MOBILE) | B(PHONE), 0},
    {"cell", B(CN_MOBILE) | B(PHONE), 0},
    {"tel", B(CN_MOBILE) | B(PHONE), 0},
    {"fax", B(PHONE), 0},
    {"call me", B(CN_MOBILE) | B(PHONE), 0},
    {"telefon", B(PHONE), 0},
    {"téléphone", B(PHONE), 0},
    {"teléfono", B(PHONE), 0},
    {"telefoon", B(PHONE), 0},
    {"手机", B(CN_MOBILE) | B(PHONE), 0},
    {"手機", B(CN_MOBILE) | B(PHONE), 0},
    {"电话", B(CN_MOBILE) | B(PHONE), 0},
    {"電話", B(CN_MOBILE) | B(PHONE), 0},
    {"전화", B(PHONE), 0},
    {"联系方式", B(CN_MOBILE) | B(PHONE), 0},
    {"聯絡方式", B(CN_MOBILE) | B(PHONE), 0},
    {"传真", B(PHONE), 0},
    {"傳真", B(PHONE), 0},
    {"热线", B(PHONE), 0},
    {"座机", B(PHONE), 0},
    /* networks; a version or a section looks like an address */
    {"ip", B(IPV4) | B(IPV6), 0},
    {"ip address", B(IPV4) | B(IPV6), 0},
    {"host", B(IPV4) | B(IPV6) | B(URL), 0},
    {"version", 0, B(IPV4)},
    {"release", 0, B(IPV4)},
    {"firmware", 0, B(IPV4)},
    {"build", 0, B(IPV4)},
    {"section", 0, B(IPV4)},
    {"版本", 0, B(IPV4)},
    {"章节", 0, B(IPV4)},
    {"url", B(URL), 0},
    {"website", B(URL), 0},
    {"网址", B(URL), 0},
    {"domain", B(URL), 0},
    {"域名", B(URL), 0},
    /* secrets */
    {"password", B(SECRET), 0},
    {"passwd", B(SECRET), 0},
    {"secret", B(SECRET), 0},
    {"api key", B(SECRET), 0},
    {"apikey", B(SECRET), 0},
    {"access key", B(SECRET), 0},
    {"token", B(SECRET), 0},
    {"private key", B(SECRET), 0},
    {"credential", B(SECRET), 0},
    {"密码", B(SECRET), 0},
    {"密碼", B(SECRET), 0},
    {"密钥", B(SECRET), 0},
    {"口令", B(SECRET), 0},
    {"令牌", B(SECRET), 0},
    /* places */
    {"coordinate", B(COORDINATES), 0},
    {"gps", B(COORDINATES), 0},
    {"latlon", B(COORDINATES), 0},
    {"lat lon", B(COORDINATES), 0},
    {"location", B(COORDINATES), 0},
    {"坐标", B(COORDINATES), 0},
    {"坐標", B(COORDINATES), 0},
    {"经纬度", B(COORDINATES), 0},
    {"address", B(ADDRESS), 0},
    {"street", B(ADDRESS), 0},
    {"residence", B(ADDRESS), 0},
    {"lives at", B(ADDRESS), 0},
    {"located at", B(ADDRESS), 0},
    {"anschrift", B(ADDRESS), 0},
    {"adresse", B(ADDRESS), 0},
    {"dirección", B(ADDRESS), 0},
    {"indirizzo", B(ADDRESS), 0},
    {"地址", B(ADDRESS), 0},
    {"住址", B(ADDRESS), 0},
    {"住所", B(ADDRESS), 0},
    {"户籍地", B(ADDRESS), 0},
    {"现住", B(ADDRESS), 0},
    {"家住", B(ADDRESS), 0},
    /* names */
    {"full name", B(PERSON_NAME), 0},
    {"first name", B(PERSON_NAME), 0},
    {"last name", B(PERSON_NAME), 0},
    {"surname", B(PERSON_NAME), 0},
    {"given name", B(PERSON_NAME), 0},
    {"family name", B(PERSON_NAME), 0},
    {"maiden name", B(PERSON_NAME), 0},
    {"contact person", B(PERSON_NAME), 0},
    {"contact name", B(PERSON_NAME), 0},
    {"patient name", B(PERSON_NAME), 0},
    {"customer name", B(PERSON_NAME), 0},
    {"employee name", B(PERSON_NAME), 0},
    {"student name", B(PERSON_NAME), 0},
    {"applicant name", B(PERSON_NAME), 0},
    {"vorname", B(PERSON_NAME), 0},
    {"nachname", B(PERSON_NAME), 0},
    {"prénom", B(PERSON_NAME), 0},
    {"apellido", B(PERSON_NAME), 0},
    {"姓名", B(PERSON_NAME), 0},
    {"氏名", B(PERSON_NAME), 0},
    {"성명", B(PERSON_NAME), 0},
    {"联系人$", B(PERSON_NAME), 0},
    {"聯絡人$", B(PERSON_NAME), 0},
    {"负责人$", B(PERSON_NAME), 0},
    {"負責人$", B(PERSON_NAME), 0},
    {"法定代表人$", B(PERSON_NAME), 0},
    {"申请人$", B(PERSON_NAME), 0},
    {"申請人$", B(PERSON_NAME), 0},
    {"经办人$", B(PERSON_NAME), 0},
    {"当事人$", B(PERSON_NAME), 0},
    {"户主$", B(PERSON_NAME), 0},
    {"company", 0, B(PERSON_NAME)},
    {"station", 0, B(PERSON_NAME)},
    {"公司", 0, B(PERSON_NAME)},
    {"单位", 0, B(PERSON_NAME)},
    {"站名", 0, B(PERSON_NAME)},
    {"产品", 0, B(PERSON_NAME)},
    {"品名", 0, B(PERSON_NAME)},
};

/* Which three bytes stand behind each other in a name, as bits: most words are ruled out by their
   first three. */
struct grams {
    uint64_t bits[64];
};

static unsigned gram_at(const char *text) {
    const unsigned char *u = (const unsigned char *)text;
    uint32_t three = u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16;
    return three * 0x9e3779b1u >> 20;
}

static struct grams grams_of(const struct detect_name *name) {
    struct grams grams = {{0}};
    for (size_t i = 0; i + 3 <= name->len; i++) {
        unsigned gram = gram_at(name->text + i);
        grams.bits[gram / 64] |= UINT64_C(1) << gram % 64;
    }
    return grams;
}

static bool could_have(const struct grams *grams, const char *term) {
    term += term[0] == '^';
    if (term[0] == '\0' || term[1] == '\0' || term[2] == '\0' || term[2] == '$')
        return true;
    unsigned gram = gram_at(term);
    return (grams->bits[gram / 64] >> gram % 64 & 1) != 0;
}

const char *detect_context_word(const struct detect_name *name, detect_bits types) {
    struct grams grams = grams_of(name);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((words[i].speaks_for & types) && could_have(&grams, words[i].term) &&
            detect_name_has(name, words[i].term))
            return words[i].term;
    }
    return NULL;
}

detect_bits detect_context_against(const struct detect_name *name, detect_bits types) {
    detect_bits against = 0;
    struct grams grams = grams_of(name);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((words[i].speaks_against & types) && could_have(&grams, words[i].term) &&
            detect_name_has(name, words[i].term))
            against |= words[i].speaks_against & types;
    }
    return against;
}

struct detect_context detect_context(const struct detect_name *name) {
    struct detect_context context = {0};
    struct grams grams = grams_of(name);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (could_have(&grams, words[i].term) && detect_name_has(name, words[i].term)) {
            context.speaks_for |= words[i].speaks_for;
            context.speaks_against |= words[i].speaks_against;
        }
    }
    return context;
}

detect_bits detect_mask(const struct detect_name *name) {
    struct detect_context context = detect_context(name);
    detect_bits mask = DETECT_ALL & ~context.speaks_against;
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        if (detect_info_get((enum detect_type)t)->need == DETECT_NAMED)
            mask &= ~DETECT_BIT(t) | context.speaks_for;
    }
    return mask;
}
