#!/usr/bin/env python3
"""How the time of the search for the least loss grows with rows and with columns, drawn as docs/protect-curves.svg:

    protect_curves.py BUILD DIR [SVG]

DIR: the files of UCI Adult, from whose shares the rows are drawn (shared data, privacy/arx). k = 5; processor time, one thread."""
import pathlib
import subprocess
import sys

from inspect_curves import HEIGHT, WIDTH, chart, decades

ROWS = (3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
COLUMNS_OF = 100_000  # rows, while the columns change


def measure(build, folder, rows, columns):
    """Milliseconds and what came out, where 4 % of the rows may be left out, and where none may."""
    done = subprocess.run([f"{build}/bench/bench_protect", "marginals", folder, str(rows), str(columns)], capture_output=True, check=True, text=True)
    return [(float(ms), told) for _, ms, told in (line.split("\t") for line in done.stdout.splitlines())]


def main():
    build, folder = sys.argv[1:3]
    svg = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "docs/protect-curves.svg")
    by_rows = [(rows, measure(build, folder, rows, 9)) for rows in ROWS]
    by_columns = [(columns, measure(build, folder, COLUMNS_OF, columns)) for columns in range(1, 10)]
    for what, found in ("rows", by_rows), ("columns", by_columns):
        for n, ways in found:
            print(f"{what} {n}: " + "; ".join(f"{ms:.1f} ms, {told}" for ms, told in ways))
    ways = (("4 % may be left out", "#b3541e"), ("none may", "#1d5f8a"))
    panels = []
    for at, (found, title, label) in enumerate(((by_rows, "Milliseconds, nine columns", "rows"),
                                                (by_columns, f"Milliseconds, {COLUMNS_OF:,} rows", "columns"))):
        lines = [("", colour, [(n, max(m[i][0], 0.1)) for n, m in found]) for i, (_, colour) in enumerate(ways)]
        panels.append(chart(at * WIDTH, title, label, lines, decades([n for n, _ in found]), decades([y for line in lines for _, y in line[2]])))
        panels += [f'<text x="{at * WIDTH + 64}" y="{46 + 16 * i}" style="fill:{colour}">{name}</text>' for i, (name, colour) in enumerate(ways)]
    svg.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" role="img" aria-label="Time of the search for the '
                   'least loss by rows, and by columns; docs/performance.md has the numbers">\n<style>svg{font:12px system-ui,sans-serif;background:#fff}'
                   'text{fill:#333}.t{font-weight:600}.g{stroke:#ddd;fill:none}</style>\n' + "\n".join(panels) + "\n</svg>\n")


if __name__ == "__main__":
    main()
