#!/usr/bin/env python3
"""Makes law/PACK/ROWS.md anew: each row of the law's reference table, and the policies that decide it.

    script/law_rows.py REFERENCE [PACK...]

REFERENCE is a folder of tables NAME.md, one per jurisdiction, with the columns id, law and article,
what is required, stage, condition, effect, parameters, v. Taken from them are the facts: id, article,
stage, and whether the text was read. The columns "policies" and "why none" are ours and are kept; a row
that is new gets the policies whose id is the row's or begins with it. What ROWS.md lists and the
reference does not stands in a second table and is kept whole.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LAW = os.path.join(ROOT, "law")
COLUMNS = ["row", "law, article", "stage", "status", "policies", "why none"]
HEADER = "| " + " | ".join(COLUMNS) + " |\n" + "| --- " * len(COLUMNS) + "|\n"
INTRO = """# The rows of the law, and the policies of the pack `{pack}` that decide them

One row for each rule of the reference that this pack is written from; *policies* decide it, *why none* says why the rule, or
what is left of it, isn't decided from facts. Status: whether the text itself was read, with the key of the source
(`docs/law.md`). Made by `script/law_rows.py`, which keeps the last two columns; `polder law coverage` reads it.

"""
BEYOND = "\n## Articles that the reference does not list\n\n"


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def table_rows(path, pack):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [cells(line) for line in f if line.startswith(f"| {pack}.")]


def status(text):
    """"verified: X" or "from memory", without what is said about it."""
    return re.split(r"\s*[;(]", text)[0]


def policy_ids(pack):
    ids = []
    for name in sorted(os.listdir(os.path.join(LAW, pack))):
        if name.endswith(".cedar"):
            with open(os.path.join(LAW, pack, name), encoding="utf-8") as f:
                ids += re.findall(r'^@id\("(.*)"\)$', f.read(), re.M)
    return ids


def make(reference, pack):
    target = os.path.join(LAW, pack, "ROWS.md")
    kept = {row[0]: row for row in table_rows(target, pack)}
    ids = policy_ids(pack)
    out, listed = [], set()
    for row in table_rows(os.path.join(reference, pack + ".md"), pack):
        if len(row) != 8:
            sys.exit(f"{pack}.md: {row[0]} has {len(row)} cells instead of 8")
        if row[0] in listed:
            sys.exit(f"{pack}.md: {row[0]} stands there twice")
        listed.add(row[0])
        ours = kept[row[0]][4:] if row[0] in kept else [
            " ".join(i for i in ids if i == row[0] or i.startswith(row[0] + ".")), ""]
        out.append([row[0], row[1], row[3], status(row[7])] + ours)
    if not out:
        sys.exit(f"{reference} has no rows for {pack}")
    beyond = [row for name, row in kept.items() if name not in listed]
    line = lambda row: ("| " + " | ".join(row) + " |\n").replace("|  |", "| |").replace("|  |", "| |")
    with open(target, "w", encoding="utf-8") as f:
        f.write(INTRO.format(pack=pack) + HEADER + "".join(map(line, out)))
        if beyond:
            f.write(BEYOND + HEADER + "".join(map(line, beyond)))


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: law_rows.py REFERENCE [PACK...]")
    packs = sys.argv[2:] or sorted(p for p in os.listdir(LAW)
                                   if p != "node" and os.path.exists(os.path.join(LAW, p, "manifest.json")))
    for pack in packs:
        make(sys.argv[1], pack)


if __name__ == "__main__":
    main()
