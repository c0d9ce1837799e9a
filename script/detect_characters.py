#!/usr/bin/env python3
"""Derives src/detect/character_table.c: what each Chinese character can be part of, a number each, so that a look tells
whether a list need be searched; src/detect/given_marks.c: bits by which most words are known to be no given name; and
src/detect/context_marks.c: which types words of context can be about, by how they begin.
detect_characters.py writes them; with --check it only says whether it is up to date."""

import pathlib
import re
import sys

DETECT = pathlib.Path(__file__).resolve().parent.parent / "src" / "detect"
OUT = DETECT / "character_table.c"
GIVEN = DETECT / "given_marks.c"
CONTEXT = DETECT / "context_marks.c"
FIRST, LAST = 0x4000, 0x9FFF  # lead bytes E4 to E9

# Common family names of one character, in both scripts.
FAMILY = """
王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁
魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎
易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢岳齐梅莫庄辛管祝
左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍霍翁隋甘景薄单包司柏宁柯阮桂
闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬
屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫
鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾範譚鄒陸
顧龍萬錢湯喬賀賴龔龐蘭顏嚴溫蘆魯韋畢聶莊塗時關費紀項陽衛鮑單寧閔華車邊饒鄔臧宮簡婁蓋黨談連欒
蒙計竇遲藍鞏練樂應
"""
# Endings of places, offices and things that begin like a name.
THING = """
市县縣区區省镇鎮乡鄉村站局路族州街巷弄里楼樓河湖山江岛島港湾灣桥橋
厂廠店院校部厅廳所处處科室会會社司园園馆館寺庙廟门門场場线線号號
级級类類型式法费費税稅款率度量数數色
"""
# What stands for a number in an address.
NUMERAL = "一二三四五六七八九十百甲乙丙丁东西南北"


def divisions():
    source = (DETECT / "division_table.c").read_text(encoding="utf-8")
    text, starts = source.split("text[] =")[1].split("starts[]")
    letters = "".join(re.findall(r'"([^"]*)"', text)).encode()
    numbers = [int(n) for n in re.findall(r"\d+", starts.split("};")[0])]
    return [letters[a:b].decode() for a, b in zip(numbers, numbers[1:])]


def address_endings():
    """In the order of address.c, where those that begin alike stand together, longer ones first."""
    source = (DETECT / "address.c").read_text(encoding="utf-8")
    endings = re.findall(r'PD_STR_INIT\("([^"]+)"\), (?:AREA|ROAD|NUMBER|BUILDING)', source)
    firsts = [e[0] for e in endings]
    for i, e in enumerate(endings):
        assert firsts.index(e[0]) + firsts[:i].count(e[0]) == i, f"{e} does not stand with its like"
        assert i == 0 or firsts[i - 1] != e[0] or len(endings[i - 1]) >= len(e), f"{e} is longer than the one before"
    return endings


def family_pairs():
    source = (DETECT / "person.c").read_text(encoding="utf-8")
    pairs = "".join(re.findall(r'"([^"]*)"', source.split("doubles[] =")[1].split(";")[0]))
    return [pairs[i:i + 2] for i in range(0, len(pairs), 2)]


def context_words():
    """The rows of context.c: a word, what it speaks for and against."""
    source = (DETECT / "context.c").read_text(encoding="utf-8")
    documents = source.split("#define DOCUMENTS")[1].split("\n\n")[0]
    return [(word.rstrip("$"), speaks_for.replace("DOCUMENTS", documents), against) for word, speaks_for, against in
            re.findall(r'\{"([^"]+)", ([^,]*), ([^,}]*)\}', source)]


def context_marks():
    """As scan_context looks them up: by the first two letters, of any case, or by the first three bytes."""
    enum = (DETECT / "detect.h").read_text(encoding="utf-8").split("enum detect_type {")[1].split("DETECT_TYPE_COUNT")[0]
    types = re.findall(r"DETECT_(\w+)", enum)
    pairs, wides = [0] * 1024, [0] * 1024
    for word, speaks_for, against in context_words():
        mask = sum(1 << types.index(t) for t in set(re.findall(r"B\((\w+)\)", speaks_for + against)))
        front = word.encode()
        if front[0] >= 0x80:
            wides[(front[0] << 10 ^ front[1] << 5 ^ front[2]) % 1024] |= mask
        elif front[1] == ord(" "):  # "e mail", of which anything may stand behind the first
            for second in range(32):
                pairs[(front[0] & 31) << 5 | second] |= mask
        else:
            pairs[(front[0] & 31) << 5 | front[1] & 31] |= mask

    def lines(name, masks):
        items = [f"[{i}] = {mask:#x}," for i, mask in enumerate(masks) if mask]
        rows = ["    " + " ".join(items[i:i + 3]) for i in range(0, len(items), 3)]
        return f"const detect_bits {name}[1024] = {{\n" + "\n".join(rows) + "\n};\n"

    return ("/* Made by script/detect_characters.py of context.c. Don't edit. */\n"
            '#include "detect/detect_impl.h"\n\n'
            "/* The types that words speak for or against, by how they begin; see scan_context. */\n"
            + lines("detect_context_pairs", pairs) + lines("detect_context_wides", wides)
            + "\n/* By the last two characters of words behind which a name or an address stands; see scan_look.c. */\n"
            + pair_marks("detect_introducing_names", introducing_pairs("PERSON_NAME"), 1024, (7, 4, 2, 0))
            + pair_marks("detect_introducing_addresses", introducing_pairs("ADDRESS"), 1024, (7, 4, 2, 0))
            + "/* By the first two of divisions. */\n"
            + pair_marks("detect_division_pairs", [d[:2] for d in divisions()], 32768, (9, 6, 4, 0)))


def pair_marks(name, words, size, shifts):
    """Bits by the bytes of two characters, all but the first of each."""
    bits = [0] * (size // 64)
    for word in words:
        b = word.encode()
        at = (b[1] << shifts[0] ^ b[2] << shifts[1] ^ b[4] << shifts[2] ^ b[5] << shifts[3]) % size
        bits[at // 64] |= 1 << at % 64
    rows = ["    " + ", ".join(f"{b:#018x}" for b in bits[i:i + 4]) + "," for i in range(0, len(bits), 4)]
    return f"const uint64_t {name}[{len(bits)}] = {{\n" + "\n".join(rows) + "\n};\n"


def introducing_pairs(kind):
    words = {word[-2:] for word, speaks_for, _ in context_words() if f"B({kind})" in speaks_for}
    return [w for w in words if all(FIRST <= ord(c) <= LAST for c in w)]


def introducing(kind):
    """The last characters of the words in context.c that speak for a type, and what may stand behind them."""
    ends = {word[-1] for word, speaks_for, _ in context_words() if f"B({kind})" in speaks_for}
    return [c for c in ends if FIRST <= ord(c) <= LAST] + list("是为叫")


def given_words():
    source = (DETECT / "given_table.c").read_text(encoding="utf-8")
    text, starts = source.split("text[] =")[1].split("starts[]")
    letters = "".join(re.findall(r'"([^"]*)"', text))
    numbers = [int(n) for n in re.findall(r"\d+", starts.split("};")[0])]
    return [letters[a:b] for a, b in zip(numbers, numbers[1:])]


def given_mark(word):
    """As detect_may_be_given_name computes it: of the first eight letters and the length."""
    front = int.from_bytes(word[:8].encode().ljust(8, b"\0"), "little")
    return ((front * 0x9E3779B97F4A7C15 + len(word) * 0xD6E8FEB86659FD93) & (2**64 - 1)) >> 50


def given_marks():
    bits = [0] * 256
    for word in given_words():
        bits[given_mark(word) // 64] |= 1 << given_mark(word) % 64
    lines = ["    " + ", ".join(f"{b:#018x}" for b in bits[i:i + 4]) + "," for i in range(0, 256, 4)]
    return ("/* Made by script/detect_characters.py of given_table.c. Don't edit. */\n"
            '#include "detect/detect_impl.h"\n\n'
            "/* A bit for each given name, by its hash; see detect_may_be_given_name. */\n"
            "const uint64_t detect_given_marks[256] = {\n" + "\n".join(lines) + "\n};\n")


def table():
    flags = [
        ("DETECT_FAMILY", FAMILY.split()),
        ("DETECT_FAMILY_PAIR", [p[0] for p in family_pairs()]),
        ("DETECT_THING", THING.split()),
        ("DETECT_NUMERAL", [NUMERAL]),
        ("DETECT_DIVISION_1", [d[0] for d in divisions()]),
        ("DETECT_DIVISION_2", [d[1] for d in divisions()]),
        ("DETECT_ENDS_NAME", introducing("PERSON_NAME")),
        ("DETECT_ENDS_ADDRESS", introducing("ADDRESS")),
    ]
    values = [0] * (LAST - FIRST + 1)
    for bit, (_, words) in enumerate(flags):
        for c in "".join(words):
            values[ord(c) - FIRST] |= 1 << bit
    endings = address_endings()
    for i, e in enumerate(endings):
        if i == 0 or endings[i - 1][0] != e[0]:
            values[ord(e[0]) - FIRST] |= (i + 1) << 8
    lines, row = [], ""
    for code, value in enumerate(values):
        if value == 0:
            continue
        item = f"[{code:#x}] = {value}, "
        if len(row + item) > 96:
            lines.append("    " + row.rstrip())
            row = ""
        row += item
    lines.append("    " + row.rstrip())
    return ("/* Made by script/detect_characters.py, which has the lists. Don't edit. */\n"
            '#include "detect/detect_impl.h"\n\n'
            "/* By code point less U+4000; see enum detect_character. */\n"
            "const uint16_t detect_characters[DETECT_CHARACTERS] = {\n" + "\n".join(lines) + "\n};\n")


def main():
    for path, made in [(OUT, table()), (GIVEN, given_marks()), (CONTEXT, context_marks())]:
        if "--check" not in sys.argv:
            path.write_text(made, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != made:
            sys.exit(f"{path.name} is not what script/detect_characters.py makes of the lists; run it")


if __name__ == "__main__":
    main()
