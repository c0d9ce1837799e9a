"""Mondrian again, in plain Python, sharing nothing with src/protect/mondrian.c: lists, sorted values, recursion.

Prints what tests/unit/mondrian_test.c expects of its small table (LeFevre et al. 2006, strict): per row the smallest row of
its part, then the granularity. Run it after changing either: tests/mondrian.py
"""
from fractions import Fraction

ROWS, VALUES, SENSITIVE, K = 40, (90, 6, 2), 4, 3


def table():
    state = 7

    def draw(below):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % 2**32 % below

    return [[draw(v) for v in VALUES] + [draw(SENSITIVE)] for _ in range(ROWS)]


def cut(rows, part, k, l):
    """The parts that `part`, a list of row numbers, ends as."""
    def good(side):
        return len(side) >= k and len({rows[r][-1] for r in side}) >= l

    def width(c):
        values = [rows[r][c] for r in part]
        return Fraction(max(values) - min(values), VALUES[c] - 1)

    for c in sorted(range(len(VALUES)), key=lambda c: -width(c)):  # stable: of equals the first
        if width(c) == 0:
            break
        median = sorted(rows[r][c] for r in part)[(len(part) + 1) // 2 - 1]
        for goes_left in (lambda v: v <= median, lambda v: v < median):
            left = [r for r in part if goes_left(rows[r][c])]
            right = [r for r in part if not goes_left(rows[r][c])]
            if good(left) and good(right):
                return cut(rows, left, k, l) + cut(rows, right, k, l)
    return [part]


def main():
    rows = table()
    for l in (1, 3):
        parts = cut(rows, list(range(ROWS)), K, l)
        first = {r: min(p) for p in parts for r in p}
        lost = sum(len(p) * Fraction(max(rows[r][c] for r in p) - min(rows[r][c] for r in p), VALUES[c] - 1)
                   for p in parts for c in range(len(VALUES))) / (ROWS * len(VALUES))
        print(f"l={l}: {{{', '.join(str(first[r]) for r in range(ROWS))}}}, {float(lost)!r}, {len(parts)} parts")


if __name__ == "__main__":
    main()
