#!/usr/bin/env python3
"""Derives the tables of src/detect/ from public facts: detect_tables.py FACTS NAMES src/detect

FACTS  a folder with cn-provinces.csv, cn-cities.csv, cn-areas.csv as the project
       modood/Administrative-divisions-of-China (WTFPL) publishes them: GB/T 2260 codes and names.
NAMES  a folder with dist.female.first and dist.male.first: frequencies of given names in the
       United States census of 1990, a work of its government and in the public domain, as the
       Python package names 0.3.0 carries them.
Only facts are taken: codes, names of divisions, the more frequent given names.
"""
import csv
import pathlib
import sys

HEAD = "/* Made by script/detect_tables.py from {}. Don't edit. */\n"
DIVISIONS = "modood/Administrative-divisions-of-China (WTFPL)"
CENSUS = "the United States census of 1990 (public domain)"
SHARE = 0.02  # per cent of the people of one sex who bear the name, at least
# Words of the language first of all, and names second.
WORDS = set("""art bill bob bud chance chase christian crystal dale dawn dean destiny dick drew earl
early ella eve faith forest frank gay gene grace grant guy harmony hope hunter iris ivory jade jean
jewel john joy june king lane levi lily long love mark may mercy norm olive page pat pearl penny rich
rob rod rose ruby sandy sky sonny star sue sunny summer sun victor von wade ward will young august
april autumn bishop buddy clay daisy dallas denver devon dixie dusty ginger heath holly houston
jay lance major marine melody miles misty owner queen ray rusty saint sage so santa see shade
shad lake les my do an a in""".split()) - {"john", "frank", "jean", "victor", "levi", "ella"}


def rows(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def areas(facts):
    cities = {row["code"]: [0, 0] for row in rows(facts / "cn-cities.csv")}
    for row in rows(facts / "cn-areas.csv"):
        number = int(row["code"][4:6])
        cities.setdefault(row["code"][:4], [0, 0])[number // 64] |= 1 << number % 64
    lines = [HEAD.format(DIVISIONS), '#include "detect/detect_impl.h"\n\n',
             "/* GB/T 2260 codes in force: of each city, a bit for each county's last two digits. */\n",
             "const struct detect_area_row detect_areas[] = {\n"]
    lines += [f"    {{{code}, {{0x{low:x}, 0x{high:x}}}}},\n" for code, (low, high) in sorted(cities.items())]
    lines.append("};\nconst size_t detect_area_count = sizeof(detect_areas) / sizeof(detect_areas[0]);\n\n")
    lines.append(province_starts(sorted(cities)))
    return "".join(lines)


def province_starts(cities):
    """For each two first digits, the row of the first city that is not below them."""
    starts = [sum(int(city) < province * 100 for city in cities) for province in range(101)]
    return ("/* Where the cities of each province begin, by its two digits. */\n"
            "const uint16_t detect_area_starts[101] = {\n" + numbers([str(n) for n in starts]) + "};\n")


def numbers(items):
    lines, row = [], ""
    for item in items:
        if len(row + item) > 90:
            lines.append("    " + row.rstrip() + "\n")
            row = ""
        row += item + ", "
    return "".join(lines) + "    " + row.rstrip().rstrip(",") + "\n"


def fronts(words):
    """A bit for each pair of first characters, by a product of their six bytes; as lookup.c has it."""
    bits = [0] * 512
    for word in words:
        front = int.from_bytes(word.encode()[:6], "big")
        at = (front * 0x9e3779b97f4a7c15 % 2**64) >> 49
        bits[at // 64] |= 1 << at % 64
    return ("\n/* What the words may begin with: see detect_division_could_be. */\n"
            "/* clang-format off */\nconst uint64_t detect_division_fronts[512] = {\n" +
            numbers([f"0x{b:x}" for b in bits]) + "};\n/* clang-format on */\n")


def words_table(words, name, comment, source):
    """A sorted list of words in one string, with where each begins."""
    words = sorted(words, key=lambda w: w.encode())
    lines = [HEAD.format(source), '#include "detect/detect_impl.h"\n\n', comment,
             "static const char text[] =\n"]
    row = ""
    for word in words:
        if len((row + word).encode()) > 88:
            lines.append(f'    "{row}"\n')
            row = ""
        row += word
    lines.append(f'    "{row}";\n\nstatic const uint16_t starts[] = {{\n')
    at, row = 0, ""
    for word in words + [""]:
        item = f"{at}, "
        if len(row + item) > 92:
            lines.append("    " + row.rstrip() + "\n")
            row = ""
        row += item
        at += len(word.encode())
    assert at < 65536
    lines.append("    " + row.rstrip().rstrip(",") + f"""}};

const struct detect_words {name} = {{text, starts, sizeof(starts) / sizeof(starts[0]) - 1}};
""")
    return "".join(lines)


def divisions(facts):
    names = set()
    for file in ("cn-provinces.csv", "cn-cities.csv", "cn-areas.csv"):
        for row in rows(facts / file):
            name = row["name"]
            if len(name) < 2 or name.startswith(("市辖", "省直辖", "自治区直辖", "县")):
                continue
            names.add(name)
            # What people leave out: "北京", "广东", "深圳".
            if file != "cn-areas.csv" and name[-1] in "省市" and len(name) >= 3:
                names.add(name[:-1])
    names |= {"内蒙古", "广西", "西藏", "宁夏", "新疆"}
    return names


def given(folder):
    names = set()
    for file in ("dist.female.first", "dist.male.first"):
        for line in (folder / file).read_text().splitlines():
            name, share = line.split()[:2]
            if float(share) >= SHARE and len(name) > 2:
                names.add(name.lower())
    return names - WORDS


def main():
    facts, names, out = (pathlib.Path(a) for a in sys.argv[1:4])
    (out / "area_table.c").write_text(areas(facts), encoding="utf-8")
    (out / "division_table.c").write_text(
        words_table(divisions(facts), "detect_divisions",
                    "/* Provinces, cities and counties, sorted by bytes. */\n", DIVISIONS) +
        fronts(divisions(facts)), encoding="utf-8")
    (out / "given_table.c").write_text(
        words_table(given(names), "detect_given_names",
                    f"/* Given names that at least {SHARE:.2f} % of one sex bore, without those that are words. */\n",
                    CENSUS), encoding="utf-8")


if __name__ == "__main__":
    main()
