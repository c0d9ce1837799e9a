/* How well bytes make sense as text of an encoding: which characters, and beside which others. */
#include "table/encoding_impl.h"

#include <math.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/uscript.h>

/* Characters looked at: more of them change the shares no longer. */
enum { ENOUGH = 20000 };

/*
 * The most frequent characters of Chinese prose, names, places and administration, simplified and
 * traditional, in the order of their code points. In text that is read in the right encoding about
 * two thirds are among them; in the wrong one, a twentieth.
 */
static const char common[] = "一丁七万三上下不与专世业东两严並个中为主丽么义之乔九也习乡书"
                             "乾了争事二于云五些交产京亲人什今从他代以们件价任份企众会伟传"
                             "但位低住体何余作你使來例供侯便保信個們候值偉做傅傑備傳價儿元"
                             "先光克兒党入內全兩八公六兰共关其具养内冊册再写军农冯决况准几"
                             "出分切划列刘则刚別利别到制則前剛劉力办加务动助劳勇動務勞包化"
                             "北区医區十千半华单南博卢卫即却卻厂历压原去县参參又及反发取受"
                             "变口古只叫可台史叶号司各合吉同名后向吕否听吳吴呂员周命和品响"
                             "員唐商問喬單嘉器嚴四回因团园国图圆國園圓圖團土在地圳场址坐型"
                             "城執基報場境增壓声处备复夏外多大天太头女她好如妇始姓委姚姜娜"
                             "娟婚婦子孔存孙孟学孫學宁它安宋完定宜实室害家容實寧寫对导将將"
                             "專對導小少就尹局层居屏展属層屬山岁崔川州工己已巷市布带帶常干"
                             "平年并幾广庆序库应府度座庫庭康廖廠廣建开弄式引张張強强当形彭"
                             "彰影往很律後徐得從復徽心必志快思性总情想意感慶應成我或战戰戴"
                             "戶户所手才打执技把投护报拉招持指按据排採接提據支收改放政效敏"
                             "救教数整數文斗料断斯新斷方於旅族无日时明易春是時普景更書曹曾"
                             "最會月有服期未本术朱机权李村杜条来杨杭杰東极构林果染查标栗校"
                             "样根格桂桃案档梁梅條楊業極構樓標樣機檔欄權次正此步武歲歷残殘"
                             "段每比毛民气氣水求汉江污汤汪決沈沒没河油治況法注洋津活派流济"
                             "浙海消涛深清温港游湖湯湾湿源溫满滿漢潘澎澳濕濟濤灣火災点為热"
                             "無然照熊熱爭片物特状狀率玉王环现現理環甘生產用田由电男界當疆"
                             "疗疾療登發白百的监監盧目直相省看真眼眾着督知石矿码研确確碼磊"
                             "礦示社祖福离秀种科秦积称程種稱積究空立站童竹第等筑算管節範築"
                             "籍米类精系約紅級素細組結絡給統經維線編緯縣總織繫红约级纬线组"
                             "细织经结给统维编罗置羅美群義習老者而职联聯聲職聽肃肅股育胡能"
                             "自至臺與般色艳艷节花芳苏苗英范草药華萧萬葉著董蒋蒙蓮蔡蔣蕭薛"
                             "藏藥蘇蘭處號行術街衛表袁被装裝西要見規親觀见观规角解計記設許"
                             "註話該認說課調論謝證識譚議護變计认议记许论设证识话该说调谢谭"
                             "象負財貫責貴費賀資賈質賬賴購负财责账质购贯贵费贺贾资赖走赵起"
                             "超越趙路身車軍較輸轉车转较输辦農边辽达过运近还这进连适选這通"
                             "速造連進遊運過道達適選遼避還邊邓那邮邱邵邹郑郝部郭郵都鄉鄒鄧"
                             "鄭鄰酸醫采里重量金銀錢鎮鐘鐵钟钱铁银镇長长門開間閻關门问间阎"
                             "队防阶际陆陈陕陝院除险陳陸隆隊階際險难雄集離難雲雷電需震霞青"
                             "静靜非面革韓韩音響項須預領頭題額類顧项须顾预领题额風风食養館"
                             "馆馬馮驗马验體高鬥魏麗麼黃黄黎黑點黨齡龄龍龔龙龚";

/* One bit for each character of the basic plane. */
struct set {
    uint8_t bits[65536 / 8];
};

static void fill_common(struct set *set) {
    memset(set, 0, sizeof(*set));
    pd_str text = PD_STR(common);
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        at += pd_utf8_decode(text, at, &c);
        set->bits[c / 8] |= (uint8_t)(1u << c % 8);
    }
}

static bool has(const struct set *set, uint32_t c) {
    return c < 65536 && (set->bits[c / 8] >> c % 8 & 1) != 0;
}

static bool is_ascii_letter(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_lower(unsigned char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static double share(double sum, uint64_t n) {
    return n == 0 || sum < 0 ? 0 : sum / (double)n;
}

/* ---- Chinese ---- */

/* What the tables of GB 2312 and GBK say of a pair: symbols; characters in order of frequency:
   level 1, level 2, and the rest, which only GBK has. */
static double rank_gb(unsigned char lead, unsigned char trail) {
    if (trail < 0xA1)
        return 0.1;
    if (lead >= 0xB0 && lead <= 0xD7)
        return 0.6;
    if (lead >= 0xD8 && lead <= 0xF7)
        return 0.3;
    return lead >= 0xA1 && lead <= 0xA3 ? 0.8 : 0.2;
}

/* The same for Big5: symbols A1 to A3, frequent characters A4 to C6, the others C9 to F9. */
static double rank_big5(unsigned char lead, unsigned char trail) {
    (void)trail;
    if (lead >= 0xA4 && lead <= 0xC6)
        return 0.6;
    if (lead >= 0xA1 && lead <= 0xA3)
        return 0.8;
    return lead >= 0xC9 && lead <= 0xF9 ? 0.2 : 0;
}

/* Length of the character at `p`, 0 if it is none; the converter decides what it is. */
static size_t double_length(const unsigned char *p, size_t n, enum table_encoding encoding) {
    if (n < 2 || p[0] == 0x80 || p[0] == 0xFF)
        return 0;
    if (encoding == TABLE_GB18030 && is_digit(p[1]))
        return n >= 4 && p[2] >= 0x81 && p[2] != 0xFF && is_digit(p[3]) ? 4 : 0;
    unsigned char least = encoding == TABLE_GB18030 ? 0x80 : 0xA1;
    return (p[1] >= 0x40 && p[1] <= 0x7E) || (p[1] >= least && p[1] != 0xFF) ? 2 : 0;
}

static uint32_t decode_one(UConverter *icu, const unsigned char *p, size_t n) {
    UErrorCode code = U_ZERO_ERROR;
    const char *from = (const char *)p;
    ucnv_resetToUnicode(icu);
    UChar32 c = ucnv_getNextUChar(icu, &from, from + n, &code);
    return U_FAILURE(code) ? 0xFFFD : (uint32_t)c;
}

static struct table_plausible plausible_chinese(pd_str sample, enum table_encoding encoding) {
    struct table_plausible out = {0};
    UErrorCode code = U_ZERO_ERROR;
    UConverter *icu = ucnv_open(table_encoding_converter(encoding), &code);
    if (U_FAILURE(code))
        return out;
    struct set set;
    fill_common(&set);
    const unsigned char *p = (const unsigned char *)sample.data;
    double sum = 0;
    uint64_t wrong = 0;
    for (size_t i = 0; i < sample.len && out.characters < ENOUGH;) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        out.characters++;
        size_t n = double_length(p + i, sample.len - i, encoding);
        uint32_t c = n > 0 ? decode_one(icu, p + i, n) : 0xFFFD;
        if (c == 0xFFFD || (c >= 0xE000 && c <= 0xF8FF)) {
            wrong += sample.len - i > 4; /* the end of the sample may cut a character off */
            i++;
            continue;
        }
        out.expected += has(&set, c);
        if (has(&set, c))
            sum += 1;
        else if (n == 2)
            sum += encoding == TABLE_GB18030 ? rank_gb(p[i], p[i + 1]) : rank_big5(p[i], p[i + 1]);
        /* "Europ" and a Chinese character and "n": a letter of Western text was swallowed. */
        if (i > 0 && is_lower(p[i - 1]) && !has(&set, c))
            sum -= 0.5;
        i += n;
    }
    ucnv_close(icu);
    out.score =
        share(sum, out.characters) * (1 - fmin(1, 20 * share((double)wrong, out.characters)));
    return out;
}

/* ---- Western European ---- */

static bool is_western_letter(unsigned char c) {
    return (c >= 0xC0 && c != 0xD7 && c != 0xF7) || c == 0x8A || c == 0x8C || c == 0x8E ||
           c == 0x9A || c == 0x9C || c == 0x9E || c == 0x9F;
}

static bool is_letter(unsigned char c) {
    return is_ascii_letter(c) || is_western_letter(c);
}

static bool is_upper_western(unsigned char c) {
    return (c >= 0xC0 && c <= 0xDE) || (c >= 0x8A && c <= 0x8E) || c == 0x9F;
}

/* 1 where a letter or sign of Windows-1252 stands as in Western text, 0 where it does not. */
static double western_fit(unsigned char before, unsigned char c, unsigned char after) {
    if (c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D)
        return -1; /* not assigned */
    if (is_western_letter(c)) {
        bool is_upper = is_upper_western(c) && c != 0xDF;
        if (is_upper && is_lower(before))
            return 0;
        if (is_ascii_letter(before) || is_ascii_letter(after))
            return 1;
        /* Alone ("à"), or the middle of three such letters. */
        return is_letter(before) || is_letter(after) ? 0.2 : 0.5;
    }
    bool beside_digit = is_digit(before) || is_digit(after) || before == ' ' || after == ' ';
    bool beside_letter = is_ascii_letter(before) || is_ascii_letter(after) ||
                         is_western_letter(before) || is_western_letter(after);
    switch (c) {
    case 0x80:
    case 0xA3:
    case 0xA5:
    case 0xB0:
    case 0xB1:
    case 0xB7:
    case 0xBC:
    case 0xBD:
    case 0xBE:
    case 0xD7:
    case 0xA0:
    case 0x95:
        return beside_digit ? 1 : beside_letter ? 0.5 : 0.2;
    case 0x91:
    case 0x92:
    case 0x93:
    case 0x94:
    case 0x96:
    case 0x97:
    case 0x85:
    case 0xAB:
    case 0xBB:
    case 0xA7:
    case 0xA9:
    case 0xAE:
    case 0x99:
    case 0xB2:
    case 0xB3:
    case 0xB5:
    case 0xBA:
    case 0xAA:
    case 0xBF:
    case 0xA1:
    case 0xB4:
    case 0xAD:
        return beside_letter || beside_digit ? 1 : 0.2;
    default:
        return 0;
    }
}

static struct table_plausible plausible_western(pd_str sample) {
    struct table_plausible out = {0};
    const unsigned char *p = (const unsigned char *)sample.data;
    double sum = 0;
    uint64_t wrong = 0;
    for (size_t i = 0; i < sample.len && out.characters < ENOUGH; i++) {
        if (p[i] < 0x80)
            continue;
        out.characters++;
        double fit =
            western_fit(i > 0 ? p[i - 1] : '\n', p[i], i + 1 < sample.len ? p[i + 1] : '\n');
        wrong += fit < 0;
        out.expected += fit >= 0.5;
        sum += fit > 0 ? fit : 0;
    }
    out.score =
        share(sum, out.characters) * (1 - fmin(1, 20 * share((double)wrong, out.characters)));
    return out;
}

struct table_plausible table_plausible_get(pd_str sample, enum table_encoding encoding) {
    return encoding == TABLE_WINDOWS_1252 ? plausible_western(sample)
                                          : plausible_chinese(sample, encoding);
}

/* ---- UTF-8 ---- */

double table_plausible_utf8(pd_str text) {
    uint64_t n = 0, fit = 0;
    UScriptCode last = USCRIPT_COMMON;
    for (size_t at = 0; at < text.len && n < ENOUGH;) {
        uint32_t c;
        if ((unsigned char)text.data[at] >= 0x80 && at + 4 > text.len)
            break; /* perhaps cut off */
        at += pd_utf8_decode(text, at, &c);
        UErrorCode code = U_ZERO_ERROR;
        UScriptCode script =
            c < 0x80 ? (is_ascii_letter((unsigned char)c) ? USCRIPT_LATIN : USCRIPT_COMMON)
                     : uscript_getScript((UChar32)c, &code);
        if (c >= 0x80) {
            n++;
            bool is_of_one = last == script || last == USCRIPT_COMMON || script == USCRIPT_COMMON;
            bool is_usual = c < 0x180 || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC ||
                            script == USCRIPT_HEBREW || script == USCRIPT_ARABIC ||
                            script == USCRIPT_COMMON;
            fit += is_of_one && is_usual && u_isdefined((UChar32)c);
        }
        last = script;
    }
    return n == 0 ? 1 : (double)fit / (double)n;
}
