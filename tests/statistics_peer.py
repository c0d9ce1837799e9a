#!/usr/bin/env python3
"""Computes the statistics of tables again, with Python's csv and decimal alone, and compares them with what
`polder inspect --json --values` says of the same files.

    tests/statistics_peer.py POLDER FILE...

How a file is written (encoding, separator, quote, where the header is) is taken from the answer: tests of forms
check that. Everything that is counted is counted here again. What inspection does on purpose is restated as rules:
cells are trimmed of spaces; texts are kept to 128 bytes; words like NULL count as empty if the column says so;
a column is a number or a date if all its cells are, in one notation; what stands below the table in first fields
alone are notes. Ends with "N passed, N failed, N skipped":
a table is skipped if the program refuses it."""
import collections
import csv
import datetime
import decimal
import io
import itertools
import json
import math
import re
import subprocess
import sys

decimal.getcontext().prec = 400
csv.field_size_limit(1 << 30)
Decimal = decimal.Decimal

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
DATE = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?")
CHINESE_DATE = re.compile(r"(民國|民国)?([0-9]{1,4})年(?:([0-9]{1,2})月(?:([0-9]{1,2})[日号號])?)?")
ZONE = re.compile(r"(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2})?)?\Z")
TRUTH = {"true", "false", "yes", "no", "是", "否"}
NULL_WORDS = {w.lower() for w in
              ["NULL", "\\N", "N/A", "#N/A", "(null)", "<null>", "NaN", "NA", "-", "--", "---", "—", "——", ".", "..", "...",
               "…", "?", "None", "nil", "无", "無", "空", "缺失", "不详", "n.a.", "k.A.", "***", "****", "*****"]}
SHORT = 128


# ---- What a cell is

def integer(cell):
    if INTEGER.match(cell) and -2**63 <= int(cell) < 2**63:
        return int(cell)
    return None


def number(cell):
    if INTEGER.match(cell):
        return integer(cell)  # beyond 64 bits it is text
    return Decimal(cell) if DECIMAL.match(cell) and math.isfinite(float(cell)) else None


def clock(match):
    hour, minute, second = (int(match[i] or 0) for i in (1, 2, 3))
    return hour, minute, second, int(((match[4] or "") + "000000")[:6])


def moment(cell):
    """Microseconds since 1970 and whether there is a time of day; None for what isn't plain."""
    date, chinese = DATE.match(cell), CHINESE_DATE.match(cell)
    if not date and not chinese:
        return None
    try:
        if date:
            day = datetime.datetime(int(date[1]), int(date[3]), int(date[4]))
        else:
            date, republic = chinese, 1911 if chinese[1] or len(chinese[2]) == 3 else 0
            day = datetime.datetime(int(date[2]) + republic, int(date[3] or 1), int(date[4] or 1))
        rest = cell[date.end():]
        if not rest:
            return micros(day), False
        if rest[0] not in "T ":
            return None
        time = CLOCK.match(rest[1:])
        if not time or len(time[1]) > 2:
            return None
        hour, minute, second, micro = clock(time)
        zone = ZONE.match(rest[1 + time.end():])
        if not zone:
            return None
        day = day.replace(hour=hour, minute=minute, second=second, microsecond=micro)
    except ValueError:
        return None
    offset = 0
    if zone[1]:
        offset = (int(zone[2]) * 60 + int(zone[3] or 0)) * 60_000_000 * (-1 if zone[1] == "-" else 1)
    return micros(day) - offset, True


def micros(day):
    return (day - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


def time_of_day(cell):
    match = CLOCK.fullmatch(cell)
    if not match or int(match[2]) > 59 or int(match[3] or 0) > 59:
        return None
    hour, minute, second, micro = clock(match)
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro


def plain_type(cells):
    """The type of a column whose cells all are written plainly; None if it may be settled by a rule."""
    if not cells:
        return "empty"
    numbers = [number(c) for c in cells]
    if None not in numbers:
        return "integer" if all(integer(c) is not None for c in cells) else "decimal"
    moments = [moment(c) for c in cells]
    if None not in moments:
        return "datetime" if any(m[1] for m in moments) else "date"
    if None not in [time_of_day(c) for c in cells]:
        return "time"
    if all(c.lower() in TRUTH for c in cells):
        return "boolean"
    return None


# ---- Rules: cells that are values in one notation only

CURRENCY = re.compile(r"HK\$|NT\$|USD|EUR|GBP|CNY|RMB|CHF|[$€£¥￥元]")


def formatted_numbers(cells, decimal_mark):
    """All cells as numbers with marks between thousands; None if one isn't."""
    out = []
    for cell in cells:
        plain = number(cell)
        if plain is None:
            bare = CURRENCY.sub("", cell, count=1).replace("−", "-").replace("％", "%")
            bare = re.sub(r"[\s  ]", " ", bare).strip(" %")
            sign, bare = ("-", bare.lstrip("- ")) if bare.startswith("-") else ("", bare)
            whole, _, fraction = bare.partition(decimal_mark)
            groups = re.split(r"[ '’" + (",." .replace(decimal_mark, "")) + "]", whole)
            if any(len(g) != 3 for g in groups[1:]) or (len(groups) > 1 and len(groups[0]) > 3):
                return None
            digits = "".join(groups) + ("." + fraction if fraction else "")
            if not DECIMAL.match(digits):
                return None
            plain = Decimal(sign + digits)
        out.append(Decimal(plain))
    return out


def ordered_dates(cells, order):
    out = []
    for cell in cells:
        found = moment(cell)
        match = re.match(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})", cell)
        if found is None and match:
            parts = dict(zip(order, (match[1], match[3], match[4])))
            year = int(parts["y"])
            if len(parts["y"]) == 2:
                year += 1900 if year >= 69 else 2000
            found = moment(f"{year:04}-{parts['m']}-{parts['d']}{cell[match.end():]}")
        if found is None:
            return None
        out.append(found[0])
    return out


def readings(kind, cells):
    """Every way in which the cells are values of this type, as lists of comparable values."""
    if kind in ("integer", "decimal"):
        ways = [[number(c) for c in cells], formatted_numbers(cells, "."), formatted_numbers(cells, ",")]
    elif kind in ("date", "datetime"):
        ways = [[(moment(c) or [None])[0] for c in cells]] + [ordered_dates(cells, o) for o in ("dmy", "mdy", "ymd")]
    elif kind == "time":
        ways = [[time_of_day(c) for c in cells]]
    else:
        ways = [[c.encode()[:SHORT].decode(errors="ignore").encode() for c in cells]]
    return [w for w in ways if w is not None and None not in w]


# ---- The table

def trim(cell):
    return cell.strip(" \t\r\n")


# Where Python's codec of the same name is another one, or has another name: Big5 as it is found has more characters.
CODECS = {"windows-1252": "cp1252", "macintosh": "mac_roman", "big5": "big5hkscs"}


def records(raw, dialect):
    text = raw.decode(CODECS.get(dialect["encoding"].lower(), dialect["encoding"]))
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text.lstrip("\ufeff"))
    text = "".join(lines[dialect["first_line"] - 1:])
    options = {"delimiter": dialect["separator"] or "\x01"}
    if dialect["quote"]:
        options |= {"quotechar": dialect["quote"], "doublequote": True}
    else:
        options |= {"quoting": csv.QUOTE_NONE}
    return csv.reader(io.StringIO(text, newline=""), **options)


def rows_of(raw, reading):
    dialect, width = reading["dialect"], len(reading["names"])
    rows, aside = [], 0
    skip = dialect["header_records"] if dialect["header"] else 0
    for record in records(raw, dialect):
        if not record or (width > 1 and len(record) == 1 and not record[0].strip()):
            continue
        elif skip > 0:
            skip -= 1
        elif len(record) == width or (len(record) > width and not any(trim(c) for c in record[width:])):
            rows.append(tuple(trim(c) for c in record[:width]))
        else:
            aside += 1
    for _ in range(reading["notes"]):
        if rows and width > 1 and not any(rows[-1][1:]):
            rows.pop()
            aside += 1
    return rows, aside


# ---- Comparing

class Table:
    def __init__(self, path):
        self.path, self.wrong, self.figures = path, [], 0

    def same(self, what, found, expected):
        self.figures += 1
        if found != expected:
            self.wrong.append(f"{what}: {found!r}, computed {expected!r}")

    def true(self, what, holds):
        self.figures += 1
        if not holds:
            self.wrong.append(what)


def within(count, exact):
    return count["value"] == exact if count["exact"] else abs(count["value"] - exact) <= count["bound"] * exact + 1


def rank_error(ordered, value, share):
    """By how much of the rows the value is from the place where it is said to stand."""
    below = sum(1 for v in ordered if v < value)
    up_to = sum(1 for v in ordered if v <= value)
    rank = share * len(ordered)
    return max(0, below - rank, rank - up_to) / len(ordered)


def compare_quantiles(table, name, column, values):
    quantiles = column["quantiles"]
    is_number = column["type"] in ("integer", "decimal")
    ordered = sorted(float(v) if is_number else v for v in values)
    bound = (0 if quantiles["exact"] else quantiles["rank_bound"]) + 1 / len(ordered)
    for q in quantiles["values"]:
        value = float(q["value"]) if is_number else moment(q["value"])
        if column["type"] == "time":
            value = float(q["value"])
        elif not is_number:  # as written: to the day or the second
            step = 86_400_000_000 if column["type"] == "date" else 1_000_000
            value = value[0]
            ordered = sorted(v // step * step for v in values)
        table.true(f"{name}: quantile {q['share']} = {q['value']} is further off than {bound:.4f}",
                   rank_error(ordered, value, q["share"]) <= bound + 1e-9)


def compare_sum(table, name, column, values):
    total = sum((Decimal(v) for v in values), Decimal(0))
    if column["sum"]["exact"]:
        table.same(f"{name}: sum", Decimal(column["sum"]["value"]), total)
    else:
        table.true(f"{name}: rounded sum", math.isclose(float(column["sum"]["value"]), float(total), rel_tol=1e-12))
    table.true(f"{name}: mean {column['mean']}",
               math.isclose(column["mean"], float(total / len(values)), rel_tol=1e-12, abs_tol=1e-300))


def compare_bins(table, name, column, values):
    histogram = column["histogram"]
    table.same(f"{name}: rows in bars", sum(b["count"] for b in histogram["bins"]) + histogram.get("left_out", 0), len(values))
    if "unit" in histogram or histogram["left_out"]:
        return
    for b in histogram["bins"]:
        low, high = Decimal(b["from"]), Decimal(b["to"])
        table.same(f"{name}: bar from {low} to {high}", b["count"], sum(1 for v in values if low <= v < high))


def fits(column, cells, values):
    """Whether the extremes are cells, and the least and greatest of these values."""
    short = [c.encode()[:SHORT].decode(errors="ignore") for c in cells]
    least, most = min(values), max(values)
    return (any(s == column["min"] and v == least for s, v in zip(short, values)) and
            any(s == column["max"] and v == most for s, v in zip(short, values)))


def compare_values(table, name, column, cells):
    ways = readings(column["type"], cells)
    table.true(f"{name}: cells are no {column['type']}", bool(ways))
    fitting = [w for w in ways if fits(column, cells, w)]
    if column["type"] in ("integer", "decimal") and column["sum"]["exact"]:
        fitting = [w for w in fitting if sum(map(Decimal, w)) == Decimal(column["sum"]["value"])] or fitting
    table.true(f"{name}: least {column['min']!r} and greatest {column['max']!r} of {column['type']}", bool(fitting))
    if not fitting:
        return
    values = fitting[0]
    if "sum" in column:
        compare_sum(table, name, column, values)
    if "histogram" in column:
        compare_bins(table, name, column, values)
    if "quantiles" in column and column["type"] != "boolean":
        compare_quantiles(table, name, column, values)


def compare_top(table, name, column, cells):
    counts, bound = collections.Counter(cells), column["top_bound"]
    for entry in column["top"]:
        true = counts[entry["value"]]
        table.true(f"{name}: a frequent value occurs {true} times, not {entry['count']} (+{bound})",
                   entry["count"] <= true <= entry["count"] + bound or entry.get("cut"))
    if bound == 0:
        table.same(f"{name}: counts of the most frequent values", [e["count"] for e in column["top"]],
                   [n for _, n in counts.most_common(10)])


def without_null_words(column, cells):
    """The values of a column: those words are left out that make the count of empty cells come true."""
    empty = sum(1 for c in cells if not c)
    words = collections.Counter(c for c in cells if c.lower() in NULL_WORDS)
    groups = collections.defaultdict(list)
    for word in words:
        groups[word.lower()].append(word)
    for n in range(len(groups) + 1):
        for chosen in itertools.combinations(groups, n):
            left_out = {w for g in chosen for w in groups[g]}
            if empty + sum(words[w] for w in left_out) != column["nulls"]:
                continue
            values = [c for c in cells if c and c not in left_out]
            if column["distinct"]["exact"] and len(set(values)) != column["distinct"]["value"]:
                continue
            return values
    return None


def compare_column(table, name, column, cells):
    values = [c for c in cells if c]
    if any(c.lower() in NULL_WORDS for c in values):
        values = without_null_words(column, cells)
        table.true(f"{name}: {column['nulls']} empty cells come of no set of words", values is not None)
        if values is None:
            return
    else:
        table.same(f"{name}: empty cells", column["nulls"], len(cells) - len(values))
    distinct = len(set(values))
    table.true(f"{name}: {column['distinct']} distinct, computed {distinct}", within(column["distinct"], distinct))
    table.same(f"{name}: shortest", column["min_length"], min(map(len, values), default=0))
    table.same(f"{name}: longest", column["max_length"], max(map(len, values), default=0))
    is_key = bool(values) and distinct == len(cells)
    table.true(f"{name}: key {column['key']}, computed {is_key}", column["key"] == "possible" or (column["key"] == "yes") == is_key)
    plain = plain_type(values)
    if plain is not None:
        table.same(f"{name}: type", column["type"], plain)
    if not values:
        return
    compare_values(table, name, column, values)
    compare_top(table, name, column, values)


def compare(table, raw, answer):
    reading = answer["reading"]
    inspection = reading["inspection"]
    rows, aside = rows_of(raw, reading)
    table.same("rows", inspection["rows"], len(rows))
    table.same("rows set aside", reading["set_aside"]["rows"] + reading["notes"], aside)
    table.same("columns", len(inspection["columns"]), len(reading["names"]))
    table.true(f"{inspection['distinct_rows']} distinct rows, computed {len(set(rows))}",
               within(inspection["distinct_rows"], len(set(rows))))
    if len(rows) != inspection["rows"]:
        return
    for i, column in enumerate(inspection["columns"]):
        compare_column(table, f"column {i + 1} {reading['names'][i]!r}", column, [r[i] for r in rows])


def main():
    passed = failed = skipped = figures = columns = rows = 0
    for path in sys.argv[2:]:
        done = subprocess.run([sys.argv[1], "inspect", path, "--json", "--values"], capture_output=True, check=False)
        if done.returncode:
            skipped += 1
            continue
        answer = json.loads(done.stdout)
        if answer["reading"]["dialect"]["form"] != "csv" or answer["source"]["form"] != "text":
            skipped += 1
            continue
        table = Table(path)
        with open(path, "rb") as file:
            compare(table, file.read(), answer)
        figures += table.figures
        columns += len(answer["reading"]["names"])
        rows += answer["reading"]["inspection"]["rows"]
        passed, failed = passed + (not table.wrong), failed + bool(table.wrong)
        for line in table.wrong[:12]:
            print(f"{path}: {line}")
    print(f"{figures} figures of {columns} columns and {rows} rows compared")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
