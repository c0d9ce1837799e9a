#!/usr/bin/env python3
"""Computes again, in plain Python, what `polder inspect --deep --json` says of how rows and columns go together.

    tests/deep_peer.py POLDER FILE...

Rows are compared as tuples of trimmed cells; nothing is hashed, drawn or estimated. Which columns are numbers, categories and
quasi columns is taken from the answer (other tests check that). Ends with "N passed, N failed, N skipped": a table is skipped if
the program refuses it, or compares some of its rows only."""
import collections
import itertools
import json
import math
import subprocess
import sys

from statistics_peer import NULL_WORDS, number, rows_of, trim

SHOWN = {"keys": 50, "dependencies": 100, "correlations": 100}


def columns_compared(described):
    """The first 64 that have two values or more, or one and empty cells."""
    values = [c["distinct"]["value"] + (c["distinct"]["value"] > 0 and c["nulls"] > 0) for c in described]
    return [i for i, n in enumerate(values) if n > 1][:64]


def repeats(rows):
    times = collections.Counter(rows)
    return sum(n - 1 for n in times.values()), sum(n > 1 for n in times.values())


def keys(columns, varied, count):
    found = []
    singles = {c for c in varied if len(set(columns[c])) == count}
    pairs = set()
    found += [(c,) for c in varied if c in singles and "" not in columns[c]]
    few = varied[:32]
    for a, b in itertools.combinations(few, 2):
        if a in singles or b in singles:
            continue
        if len(set(zip(columns[a], columns[b]))) == count:
            pairs.add((a, b))
            if "" not in columns[a] and "" not in columns[b]:
                found.append((a, b))
    for three in itertools.combinations(few, 3):
        if any(c in singles or "" in columns[c] for c in three) or any(p in pairs for p in itertools.combinations(three, 2)):
            continue
        if len(set(zip(*(columns[c] for c in three)))) == count:
            found.append(three)
    return found, singles, pairs


def is_tested(count, classes):
    return count - classes >= 2 and (count - classes) * 20 >= count


def dependencies(columns, varied, count, singles, pairs):
    found = {}
    decides = set()

    def holds(left, right):
        seen = {}
        return all(seen.setdefault(key, value) == value for key, value in zip(left, columns[right]))

    for a in varied:
        classes = len(set(columns[a]))
        for b in varied:
            if a != b and is_tested(count, classes) and holds(columns[a], b):
                decides.add((a, b))
                found[((a,), b)] = count - classes
    few = varied[:32]
    for a, b in itertools.combinations(few, 2):
        left = list(zip(columns[a], columns[b]))
        classes = len(set(left))
        if a in singles or b in singles or (a, b) in pairs or (a, b) in decides or (b, a) in decides or not is_tested(count, classes):
            continue
        for c in few:
            if c not in (a, b) and (a, c) not in decides and (b, c) not in decides and holds(left, c):
                found[((a, b), c)] = count - classes
    return found


def pearson(x, y):
    both = [(a, b) for a, b in zip(x, y) if a is not None and b is not None]
    if len(both) < 2 or len({a for a, _ in both}) < 2 or len({b for _, b in both}) < 2:
        return None, len(both)
    mx, my = (math.fsum(v[i] for v in both) / len(both) for i in (0, 1))
    xx = math.fsum((a - mx) ** 2 for a, _ in both)
    yy = math.fsum((b - my) ** 2 for _, b in both)
    return math.fsum((a - mx) * (b - my) for a, b in both) / math.sqrt(xx * yy), len(both)


def cramer(x, y):
    both = [(a, b) for a, b in zip(x, y) if a and b]
    rows, down, cells = collections.Counter(a for a, _ in both), collections.Counter(b for _, b in both), collections.Counter(both)
    least = min(len(rows), len(down))
    if least < 2:
        return None, len(both)
    squared = math.fsum((cells[a, b] - rows[a] * down[b] / len(both)) ** 2 / (rows[a] * down[b] / len(both)) for a in rows for b in down)
    return math.sqrt(squared / len(both) / (least - 1)), len(both)


def correlations(columns, described):
    def is_number(c):
        return (c["type"] in ("integer", "decimal") and c["role"] != "direct" and c["distinct"]["value"] > 1)

    def is_plain(cells):
        return all(number(cell) is not None for cell in cells if cell and cell.lower() not in NULL_WORDS)

    def is_category(c):
        most = {"integer": 10, "text": 50, "boolean": 50}.get(c["type"], 0)
        return c["distinct"]["exact"] and 1 < c["distinct"]["value"] <= most

    found = {}
    numbers = [i for i, c in enumerate(described) if is_number(c) and is_plain(columns[i])][:24]
    values = {i: [None if number(cell) is None else float(number(cell)) for cell in columns[i]] for i in numbers}
    for a, b in itertools.combinations(numbers, 2):
        found[(a, b, "pearson")] = pearson(values[a], values[b])
    for a, b in itertools.combinations([i for i, c in enumerate(described) if is_category(c)][:24], 2):
        found[(a, b, "cramers_v")] = cramer(columns[a], columns[b])
    return {key: value for key, value in found.items() if value[0] is not None}


def uniqueness(columns, quasi):
    found = {}
    for size in range(1, 5):
        for some in itertools.combinations(quasi, size):
            classes = collections.Counter(zip(*(columns[c] for c in some)))
            found[some] = (sum(n == 1 for n in classes.values()), len(classes), min(classes.values()))
    return found


def compare(rows, answer):
    """What differs, as lines."""
    wrong = []
    reading = answer["reading"]
    deep, described, names = reading["deep"], reading["inspection"]["columns"], reading["names"]
    place = {name: i for i, name in enumerate(names)}
    rows = [tuple(trim(cell) for cell in row) for row in rows]
    columns = list(zip(*rows)) if rows else [()] * len(names)
    varied = columns_compared(described)

    def check(what, said, found):
        if said != found:
            wrong.append(f"{what}: said {said!r}, found {found!r}"[:400])

    check("rows", deep["rows"], len(rows))
    check("columns compared", deep["columns_compared"], len(varied))
    check("repeated rows", (deep["repeated_rows"]["count"], deep["repeated_rows"]["groups"]), repeats(rows))
    for one in deep["repeated_rows"]["most"]:
        row = rows[one["row"] - 1]
        check(f"row {one['row']}", (one["times"], one["row"] - 1), (rows.count(row), rows.index(row)))
    found, singles, pairs = keys(columns, varied, len(rows)) if rows else ([], set(), set())
    said = [tuple(place[c] for c in k["columns"]) for k in deep["keys"]]
    if deep["keys_are_cut"]:
        check("keys", [k for k in said if k not in found], [])
    else:
        check("keys", sorted(said), sorted(found))
    found = dependencies(columns, varied, len(rows), singles, pairs) if rows else {}
    said = {(tuple(place[c] for c in d["left"]), place[d["right"]]): d["tested"] for d in deep["dependencies"]}
    if deep["dependencies_are_cut"]:
        check("dependencies", {k: v for k, v in said.items() if found.get(k) != v}, {})
    else:
        check("dependencies", said, found)
    found = correlations(columns, described)
    check("correlations", len(deep["correlations"]), min(len(found), SHOWN["correlations"]))
    for c in deep["correlations"]:
        value, count = found.get((place[c["a"]], place[c["b"]], c["measure"]), (math.nan, 0))
        if c["rows"] != count or not abs(c["value"] - value) < 1e-6:
            wrong.append(f"{c}: found {value} in {count} rows")
    quasi = [i for i in varied if described[i]["role"] == "quasi"]
    if len(quasi) > 8:
        values = {c: len(set(columns[c])) for c in quasi}
        said = {place[c] for u in deep["uniqueness"] for c in u["columns"]}
        check("quasi columns", sorted(values[c] for c in said), sorted(values.values())[-8:])
        quasi = sorted(said)
    said = {tuple(place[c] for c in u["columns"]): (u["unique_rows"], u["classes"], u["smallest"]) for u in deep["uniqueness"]}
    check("uniqueness", said, uniqueness(columns, quasi) if rows else {})
    return wrong


def main():
    passed = failed = skipped = 0
    for path in sys.argv[2:]:
        done = subprocess.run([sys.argv[1], "inspect", path, "--deep", "--json", "--values"], capture_output=True, check=False)
        answer = json.loads(done.stdout) if done.returncode == 0 else None
        if not answer or answer["reading"]["dialect"]["form"] != "csv" or answer["source"]["form"] != "text" or \
                answer["reading"]["deep"]["rows_compared"] < answer["reading"]["deep"]["rows"]:
            skipped += 1
            continue
        with open(path, "rb") as file:
            wrong = compare(rows_of(file.read(), answer["reading"])[0], answer)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        for line in wrong[:12]:
            print(f"{path}: {line}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
