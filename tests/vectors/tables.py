#!/usr/bin/env python3
"""Real tables as table/ reads them beside an independent reading: tables.py TABLE_ROWS SHARED_DATA.

Python's csv and codecs read every CSV file of the shared data, given its encoding, separator and the
line of its header (HAND below; what is not there is UTF-8, comma, first line, as a person sees by
looking). Number of rows, columns and every cell must be equal, set-aside records excepted, whose
lines must be those that csv finds ragged. JSON files are compared with Python's json.
"""

import csv
import io
import json
import pathlib
import subprocess
import sys

csv.field_size_limit(1 << 30)

# path below the shared data: encoding, separator, records of titles above, records of the header
# (0: none), records of notes below
HAND = {
    "catalogue/csv/ch/01_04_prenom.csv": ("utf-8", ";", 0, 1, 0),
    "catalogue/csv/cn/nbs/总人口.gbk.csv": ("gbk", ",", 0, 1, 0),
    "catalogue/csv/cn/nbs/高等教育学校数.gb18030.csv": ("gb18030", ",", 0, 1, 0),
    "catalogue/csv/fr/MN_07_latest-2025-2026.csv": ("utf-8", ";", 0, 1, 0),
    "catalogue/csv/fr/joconde.csv": ("utf-8", "|", 0, 1, 0),
    "catalogue/csv/frictionless/accent.csv": ("utf-8", ";", 0, 1, 0),
    "catalogue/csv/frictionless/issue-811.csv": ("cp1252", ";", 0, 1, 0),
    "catalogue/csv/frictionless/table-with-accents.csv": ("cp1252", ";", 0, 1, 0),
    "catalogue/csv/messytables/begrotingsanalyse-2011.csv": ("utf-8", ",", 3, 4, 0),
    "catalogue/csv/messytables/characters.csv": ("cp950", ",", 0, 1, 0),
    "catalogue/csv/messytables/excel_pasting.csv": ("utf-8", ",", 3, 1, 3),
    "catalogue/csv/messytables/mixedGLB.csv": ("utf-8", ",", 3, 1, 0),
    "catalogue/csv/messytables/spanish_chars.csv": ("cp1252", ",", 0, 1, 2),
    "catalogue/csv/messytables/sparse_with_column_errors.csv": ("cp1252", ",", 0, 1, 0),
    "catalogue/csv/tw/yilan_catalogue_big5.csv": ("cp950", ",", 0, 1, 0),
    "catalogue/csv/xloader/german_sample.csv": ("utf-8", ";", 0, 1, 0),
    "privacy/csvw/test019.csv": ("utf-8", ",", 0, 0, 0),
    "privacy/csvw/test283.csv": ("utf-8", ",", 0, 0, 0),
    "privacy/frictionless/chunk3.csv": ("utf-8", ",", 0, 0, 0),
    "privacy/frictionless/countries.csv": ("utf-8", ",", 1, 1, 0),
    "privacy/frictionless/skip-rows.csv": ("utf-8", ",", 1, 1, 0),
    "privacy/frictionless/without-headers.csv": ("utf-8", ",", 0, 0, 0),
}
for name in ("accent", "delimiter", "issue-1009-semicolon", "issue-1100", "issue-1105-timezone",
             "issue-1138", "issue-1232", "table-delimiter", "vix"):
    HAND[f"privacy/frictionless/{name}.csv"] = ("utf-8", ";", 0, 1, 0)
HIERARCHIES = ("privacy/arx/adult_hierarchy_", "privacy/arx/test_hierarchy_", "privacy/arx/test2_hierarchy_")


def by_hand(path):
    if path in HAND:
        return HAND[path]
    if path.startswith(HIERARCHIES):
        return ("utf-8", ";", 0, 0, 0)
    if path.startswith("privacy/arx/") and path.endswith(".csv"):
        return ("utf-8", ";", 0, 1, 0)
    return ("utf-8", "\t" if path.endswith(".tsv") else ",", 0, 1, 0)


def read_by_hand(path, data):
    encoding, separator, titles, header, notes = by_hand(path)
    text = data.decode(encoding)
    while text.startswith("\ufeff"):
        text = text[1:]
    records = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if r]
    records = records[titles:]
    # A header of several records: the names in each column, joined.
    names = [" ".join(part for part in column if part) for column in zip(*records[:header])] \
        if header else [""] * len(records[0])
    rows, aside = [], 0
    for record in records[header:len(records) - notes]:
        extra = record[len(names):]
        if len(record) < len(names) or any(extra):
            aside += 1
        else:
            rows.append(record[:len(names)])
    return names, rows, aside


def flatten(prefix, value, out):
    """Objects are opened; what is in them has the names of their keys before its own."""
    for key, inner in value.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(inner, dict) and inner:
            flatten(name, inner, out)
        elif inner is None:
            out.setdefault(name, "")
        elif isinstance(inner, (dict, list)):
            out[name] = json.loads(json.dumps(inner), parse_float=str, parse_int=str)
        elif isinstance(inner, bool):
            out[name] = "true" if inner else "false"
        else:
            out[name] = str(inner)


def lists_of_records(value, path=""):
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from lists_of_records(inner, f"{path}.{key}" if path else key)


class Digits(str):
    """A number as it is written."""


def compare_json(data, names, rows):
    whole = json.loads(data.decode("utf-8-sig"), parse_float=Digits, parse_int=Digits)
    found = list(lists_of_records(whole))
    if len(found) > 1:
        return "several lists of records, yet it was read"
    records = found[0][1] if found else [whole]
    if len(records) != len(rows):
        return f"{len(rows)} rows instead of {len(records)}"
    for number, (record, row) in enumerate(zip(records, rows)):
        wanted = {}
        flatten("", record, wanted)
        for name, cell in zip(names, row):
            want = wanted.pop(name, "")
            same = cell == want if isinstance(want, str) else json.loads(
                cell, parse_float=str, parse_int=str) == want
            if not same:
                return f"record {number}, {name}: {cell!r} instead of {want!r}"
        if any(value != "" for value in wanted.values()):
            return f"record {number}: {sorted(wanted)} are no columns"
    return None


def compare_csv(path, data, names, rows, found):
    want_names, want_rows, aside = read_by_hand(path, data)
    if names != want_names:
        return f"columns {names[:5]} instead of {want_names[:5]}"
    if len(rows) != len(want_rows) or found["set_aside"] != aside:
        return (f"{len(rows)} rows and {found['set_aside']} set aside instead of "
                f"{len(want_rows)} and {aside}")
    for number, (row, want) in enumerate(zip(rows, want_rows)):
        if row != want:
            return f"row {number}: {row[:6]} instead of {want[:6]}"
    return None


def check(program, root, path):
    data = (root / path).read_bytes()
    run = subprocess.run([program, str(root / path)], capture_output=True, check=False)
    if run.returncode != 0:
        # A refusal is right where there is no table, or where several could be meant.
        says = run.stderr.decode().strip()
        fine = not data or (path.endswith(".json") and "several lists" in says)
        return None if fine and run.returncode == 65 else f"refused: {says}"
    lines = run.stdout.decode().splitlines()
    names, found = json.loads(lines[0]), json.loads(lines[-1])
    rows = [json.loads(line) for line in lines[1:-1]]
    if path.endswith(".json"):
        return compare_json(data, names, rows)
    return compare_csv(path, data, names, rows, found)


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    folders = ["catalogue/csv", "privacy/csv-spectrum/csvs", "privacy/frictionless", "privacy/csvw",
               "privacy/arx"]
    paths = sorted(str(p.relative_to(root)) for folder in folders
                   for p in (root / folder).rglob("*.?sv"))
    paths += sorted(str(p.relative_to(root)) for folder in ("catalogue/datajson", "catalogue/ckan")
                    for p in (root / folder).rglob("*.json"))
    wrong = 0
    for path in paths:
        what = check(program, root, path)
        if what:
            wrong += 1
            print(f"{path}: {what}", file=sys.stderr)
    print(f"{len(paths) - wrong} passed, {wrong} failed" if paths else "0 passed, 0 failed, 1 skipped")
    sys.exit(1 if wrong else 0)


main()
