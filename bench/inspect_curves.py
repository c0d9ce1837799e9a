#!/usr/bin/env python3
"""How the time of an inspection grows with the size of a table and with its columns, drawn as docs/inspect-curves.svg:

    inspect_curves.py BUILD TABLE [SVG]

TABLE: a CSV file, as large as the largest size wanted (polder demo table residents --rows N --language zh; 8,000,000 rows are 1 GB). Its
first 1, 3, 10, 30, ... MB are inspected, and its first 10 MB with 1, 2, 4, ... of its columns, and set side by side up to 8 times. Processor time, one thread."""
import pathlib
import subprocess
import sys
import tempfile

WIDTH, HEIGHT, LEFT, BOTTOM = 400, 300, 56, 44


def measure(build, path):
    """Bytes, lines, seconds for memchr, structure, inspection; MiB besides the file's own pages."""
    done = subprocess.run([f"{build}/bench/bench_inspect", path, "once"], capture_output=True, check=True, text=True)
    size, lines, *rest = done.stdout.split(",")
    return int(size), int(lines), *map(float, rest)


def copy_head(table, path, size):
    """The whole lines among the first `size` bytes; piece by piece, since the size may be more than fits in memory."""
    with table.open("rb") as whole, path.open("wb") as head:
        while size > 0:
            piece = whole.read(min(size, 1 << 24))
            size -= len(piece)
            head.write(piece if size else piece[:piece.rindex(b"\n") + 1])


def by_size(build, table, folder):
    whole, size, found = table.stat().st_size, 1_000_000, []
    while size <= whole:
        path = folder / "head.csv"
        copy_head(table, path, size)
        found.append(measure(build, path))
        size = size * 3 if str(size)[0] == "1" else size // 3 * 10
    return found


def by_columns(build, table, folder):
    with table.open("rb") as file:
        head = file.read(10_000_000)
    rows = [line.split(b",") for line in head[:head.rindex(b"\n")].split(b"\n")]
    columns, found = len(rows[0]), []
    wanted = [n for n in (1, 2, 4, 8) if n < columns] + [columns * n for n in (1, 2, 4, 8)]
    for n in wanted:
        path = folder / "columns.csv"
        path.write_bytes(b"".join(b",".join(row[i % columns] for i in range(n)) + b"\n" for row in rows))
        found.append((n, len(rows), *measure(build, path)))
    return found


def nice(value):
    return f"{value:g}" if value < 1e6 else f"{value:,.0f}"


def chart(x0, title, label, points, ticks_x, ticks_y):
    """A chart of two logarithmic axes at x0; points: [(name, colour, [(x, y)])]."""
    from math import log10
    low_x, high_x, low_y, high_y = ticks_x[0], ticks_x[-1], ticks_y[0], ticks_y[-1]

    def at(x, y):
        return (x0 + LEFT + (log10(x) - log10(low_x)) / (log10(high_x) - log10(low_x)) * (WIDTH - LEFT - 20),
                30 + (1 - (log10(y) - log10(low_y)) / (log10(high_y) - log10(low_y))) * (HEIGHT - BOTTOM - 30))
    out = [f'<text x="{x0 + LEFT}" y="18" class="t">{title}</text>']
    for x in ticks_x:
        px, py = at(x, low_y)
        out.append(f'<path d="M{px:.1f} 30V{py:.1f}" class="g"/><text x="{px:.1f}" y="{py + 16:.1f}" text-anchor="middle">{nice(x)}</text>')
    for y in ticks_y:
        px, py = at(low_x, y)
        out.append(f'<path d="M{px:.1f} {py:.1f}H{x0 + WIDTH - 20}" class="g"/><text x="{px - 6:.1f}" y="{py + 4:.1f}" text-anchor="end">{nice(y)}</text>')
    out.append(f'<text x="{x0 + (LEFT + WIDTH) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{label}</text>')
    for name, colour, line in points:
        places = [at(x, y) for x, y in line]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        out.append(f'<text x="{places[-1][0] - 4:.1f}" y="{places[-1][1] - 8:.1f}" text-anchor="end" fill="{colour}">{name}</text>')
    return "\n".join(out)


def decades(values):
    from math import ceil, floor, log10
    low = floor(log10(min(values)) + 0.01)
    return [10.0 ** i for i in range(low, max(ceil(log10(max(values)) - 0.01), low + 1) + 1)]


def main():
    build, table = sys.argv[1], pathlib.Path(sys.argv[2])
    svg = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "docs/inspect-curves.svg")
    with tempfile.TemporaryDirectory() as name:
        sizes, columns = by_size(build, table, pathlib.Path(name)), by_columns(build, table, pathlib.Path(name))
    print("MB, memchr s, structure s, inspection s, GB/s, MiB")
    for size, _, memchr, structure, inspection, memory in sizes:
        print(f"{size / 1e6:.0f}, {memchr:.5f}, {structure:.4f}, {inspection:.3f}, {size / inspection / 1e9:.3f}, {memory:.0f}")
    print("columns, MB, inspection s, ns a cell, MiB")
    for n, rows, size, _, _, _, inspection, memory in columns:
        print(f"{n}, {size / 1e6:.1f}, {inspection:.3f}, {inspection / n / rows * 1e9:.0f}, {memory:.0f}")
    lines = [("memchr", "#777", [(s[0] / 1e6, s[2]) for s in sizes]), ("structure", "#1d5f8a", [(s[0] / 1e6, s[3]) for s in sizes]),
             ("inspection", "#b3541e", [(s[0] / 1e6, s[4]) for s in sizes])]
    left = chart(0, "Seconds of processor time, one thread", "size of the table, MB", lines, decades([s[0] / 1e6 for s in sizes]),
                 decades([y for line in lines for _, y in line[2]]))
    line = [(c[0], c[6] / c[0] / c[1] * 1e9) for c in columns]
    right = chart(WIDTH, "Nanoseconds a cell, inspection", "columns", [("inspection", "#b3541e", line)], decades([x for x, _ in line]),
                  decades([y for _, y in line]))
    svg.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" role="img" aria-label="Time of an inspection by size '
                   'of the table, and by its columns; docs/performance.md has the numbers">\n<style>svg{font:12px system-ui,sans-serif;background:#fff}'
                   'text{fill:#333}.t{font-weight:600}.g{stroke:#ddd;fill:none}</style>\n' + left + "\n" + right + "\n</svg>\n")


if __name__ == "__main__":
    main()
