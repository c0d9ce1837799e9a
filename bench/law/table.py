"""Prints what bench/law.sh measured: table.py CASES RESULTS. Fails if two engines gave different answers."""

import pathlib
import sys

cases, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
rows = [line.split("\t") for line in results.read_text().splitlines()]
clock = next(row for row in rows if row[0] == "clock")
print(f"Seconds of the processor; single decisions by the clock, whose reading takes {clock[3]} ns of each.")
for case in sorted((p for p in cases.iterdir() if p.is_dir()), key=lambda p: [(len(x), x) for x in p.name.split("_")]):
    ours = (case / "answers.polder").read_text()
    others = sorted(case.glob("answers.*"))
    for other in others:
        if other.read_text() != ours:
            sys.exit(f"bench: {other.name} of {case.name} are not Polder's answers")
    label = case.name if "_" not in case.name else "{} policies, {} candidates".format(*case.name.split("_"))
    print(f"\n{label}: {len(ours.splitlines())} requests, answers of {len(others)} engines equal")
    print(f"  {'':50} {'per second':>12} {'ratio':>10} {'median us':>10} {'p99 us':>10}")
    mine = [row for row in rows if row[0] == case.name]
    first = float(mine[0][2])
    for _, engine, per_second, median, p99 in mine:
        print(f"  {engine:50} {int(per_second):12,} {float(per_second) / first:10.5f} {int(median) / 1e3:10.2f} {int(p99) / 1e3:10.2f}")
print()
