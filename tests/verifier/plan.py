#!/usr/bin/env python3
"""Holds a protected table against its plan, from the published description alone (docs/reference/plans.md).

    plan.py PLAN.json BEFORE.csv AFTER.csv [KEY]     the released table is what the plan says
    plan.py join A.csv COLUMN B.csv COLUMN           how many values of A's column are in B's, and of how many

It shares no code with Polder. KEY: the file of 64 hex digits. Exit status 1, with a line for each thing that is wrong.
"""
import csv
import datetime
import decimal
import hashlib
import hmac
import json
import math
import sys
from collections import Counter, defaultdict

wrong = []


def claim(holds, words):
    if not holds:
        wrong.append(words)


def read(path):
    with open(path, newline='', encoding='utf-8-sig') as f:
        rows = list(csv.reader(f))
    return rows[0], rows[1:]


# ---- What a step makes of a cell; None: only looked at otherwise ----

def pseudonym(scope, key, cell):
    message = len(scope.encode()).to_bytes(8, 'big') + scope.encode() + cell.encode()
    bits = int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:10], 'big')
    letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
    return 'p_' + ''.join(letters[bits >> (75 - 5 * i) & 31] for i in range(16))


def band(step, cell):
    width, x = decimal.Decimal(step['width']), decimal.Decimal(cell)
    low = (x / width).to_integral_value(decimal.ROUND_FLOOR) * width
    if not step['whole']:
        places = max(0, -width.as_tuple().exponent)
        return f'[{low:.{places}f},{low + width:.{places}f})'
    if width == 1:
        return str(int(low))
    return f'{int(low)}{"-" if low >= 0 else " to "}{int(low + width - 1)}'


def rounded(step, cell):
    to, x = decimal.Decimal(step['to']), decimal.Decimal(cell)
    n = (x / to).to_integral_value(decimal.ROUND_HALF_UP) * to
    places = max(0, -to.as_tuple().exponent)
    return f'{n:.{places}f}' if n else f'{abs(n):.{places}f}'


def ends(step, cell):
    x = decimal.Decimal(cell)
    if 'top' in step and x >= decimal.Decimal(step['top']):
        return '>=' + step['top']
    if 'bottom' in step and x <= decimal.Decimal(step['bottom']):
        return '<=' + step['bottom']
    return cell


def date(step, cell):
    if step['date'] == 'hour':
        return f'{datetime.datetime.fromisoformat(cell):%Y-%m-%dT%H}'
    d = datetime.date.fromisoformat(cell[:10])
    return {'day': str(d), 'month': f'{d:%Y-%m}', 'quarter': f'{d.year:04}-Q{(d.month + 2) // 3}', 'year': f'{d.year:04}',
            'five_years': f'{d.year // 5 * 5:04}-{d.year // 5 * 5 + 4:04}',
            'decade': f'{d.year // 10 * 10:04}-{d.year // 10 * 10 + 9:04}', 'suppressed': '*'}[step['date']]


def expected(plan, step, cell, key):
    if cell == '':
        return ''
    method = step['method']
    try:
        if method == 'pseudonym':
            return pseudonym(step.get('as', step['name']), key, cell) if key else None
        if method == 'generalise_text':
            keep = step['keep']
            return '*' if keep == 0 else cell[:keep] + '*' * len(cell[keep:])
        if method == 'generalise_hierarchy':
            tree = next(h for h in plan['hierarchies'] if h['name'] == step['hierarchy'])
            return next(row[step['level']] for row in tree['rows'] if row[0] == cell)
        if method in ('generalise_number', 'round', 'top_bottom_code', 'generalise_date'):
            return {'generalise_number': band, 'round': rounded, 'top_bottom_code': ends, 'generalise_date': date}[method](step, cell)
    except (decimal.InvalidOperation, ValueError):
        return '*'
    return None


# ---- Protected identifiers are nobody's ----

def luhn(text):
    digits = [int(c) for c in text if c.isdigit()]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(reversed(digits))) % 10 == 0


def cn_id(text):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return '10X98765432'[sum(w * int(c) for w, c in zip(weights, text)) % 11] == text[17]


def check_format(step, before, after):
    for cell in after:
        if cell in ('', '*'):
            continue
        if step['format'] == 'cn_id':
            claim(len(cell) == 18 and not cn_id(cell), f'{step["name"]}: a released id has a right check character')
        if step['format'] == 'card':
            claim(not luhn(cell), f'{step["name"]}: a released card number has a right check digit')
    lengths = {len(c.strip()) for c in before}
    claim(all(c in ('', '*') or len(c) in lengths for c in after), f'{step["name"]}: the form is not kept')


def check_shift(step, before, after):
    shifts = defaultdict(set)
    for old, new in zip(before, after):
        person, was, now = old[step['person']['column']], old[step['column']], new
        if now not in ('', '*'):
            shifts[person].add((datetime.date.fromisoformat(now[:10]) - datetime.date.fromisoformat(was[:10])).days)
    for days in shifts.values():
        claim(len(days) == 1, f'{step["name"]}: one person\'s dates are shifted differently')
        claim(all(0 < abs(d) <= step['days'] for d in days), f'{step["name"]}: a shift is 0, or over {step["days"]} days')


# ---- Models ----

def check_model(model, classes, rows, base):
    kind, limit = model['model'], float(model['threshold'])
    if kind == 'average_risk':
        claim(not rows or len(classes) / rows <= limit + 1e-12, f'average risk is {len(classes) / max(rows, 1)}, over {limit}')
        return
    for count in classes.values():
        n, most = sum(count.values()), sorted(count.values(), reverse=True)
        if kind == 'distinct_l_diversity':
            holds = len(count) >= limit
        elif kind == 'entropy_l_diversity':
            holds = -sum(c / n * math.log(c / n) for c in most) >= math.log(limit) - 1e-9
        elif kind == 'recursive_l_diversity':
            holds = len(most) >= limit and most[0] < float(model['c']) * sum(most[int(limit) - 1:]) + 1e-9
        elif kind == 'equal_distance_t_closeness':
            holds = sum(abs(count[v] / n - q) for v, q in base.items()) / 2 <= limit + 1e-9
        elif kind == 'ordered_distance_t_closeness':
            def order(v):
                try:
                    return (0, float(v), v)
                except ValueError:
                    return (1, 0, v)
            along = total = 0
            for v in sorted(base, key=order):
                along += count[v] / n - base[v]
                total += abs(along)
            holds = len(base) < 2 or total / (len(base) - 1) <= limit + 1e-9
        else:
            print(f'not looked at: {kind}')
            return
        claim(holds, f'{kind} of {model["name"]} fails in a class of {n} rows')


# ---- Counts instead of rows ----

def check_aggregate(plan, names, before, shown, after):
    steps = {s['column']: s for s in plan['steps']}
    kept = [q['column'] for q in plan['quasi'] if steps.get(q['column'], {}).get('method') != 'drop']
    claim(shown == [names[c] for c in kept] + [plan['aggregate']], 'the columns are not those that counts are told by')
    groups = Counter(tuple(expected(plan, steps[c], row[c], None) if c in steps else row[c] for c in kept) for row in before)
    right = sorted(list(group) + [str(n)] for group, n in groups.items() if n >= plan['k'])
    claim(sorted(after) == right, f'{len(after)} counts, and counted here are {len(right)}, or others')
    claim([row[:-1] for row in after] == sorted((row[:-1] for row in after), key=lambda row: [c.encode() for c in row]),
          'the order of the counts tells of the order of the rows')
    return len(after)


def masked_as(step, cell):
    """What a mask of a stated type lets through of a cell, whatever else it does; None: its punctuation at most."""
    at = cell.find('@')
    return cell[at + 1:] if step['type'] == 'email' and at > 0 else cell[:1] if step['type'] == 'name' else \
        ''.join(c for c in cell if c.isdigit())[:3] if step['type'] == 'telephone' else None


def check_mask(step, before, after):
    for cell in after:
        left = ''.join(c for c in cell if c.isalnum())
        claim(left == '' or any((masked_as(step, b) or '').replace('.', '').replace('-', '') == left.replace('.', '') for b in before),
              f'{step["name"]}: more came through than a mask as {step["type"]} lets')


def check(plan, before_path, after_path, key):
    (names, before), (shown, after) = read(before_path), read(after_path)
    if 'aggregate' in plan:
        return check_aggregate(plan, names, before, shown, after)
    steps = {s['column']: s for s in plan['steps']}
    kept = [c for c in range(len(names)) if steps.get(c, {}).get('method') != 'drop']
    claim(shown == [names[c] for c in kept], 'the columns are not those that the plan keeps')
    at = {c: i for i, c in enumerate(kept)}
    is_whole = plan['k'] == 0 and 'sample' not in plan
    claim(len(after) <= len(before) and (not is_whole or len(after) == len(before)), 'rows are missing, or were added')
    for c in kept:
        step, new = steps.get(c), [row[at[c]] for row in after]
        cells = {row[c] for row in before}
        if step is None:
            claim(set(new) <= cells, f'{names[c]}: a value that was not there before')
            continue
        made = {cell: expected(plan, step, cell, key) for cell in cells}
        if None not in made.values():
            claim(set(new) <= set(made.values()), f'{names[c]}: a value that {step["method"]} does not give')
            if is_whole:
                claim(all(made[o[c]] == n for o, n in zip(before, new)), f'{names[c]}: a cell became something else')
        if step['method'] in ('mask', 'pseudonym', 'redact'):
            long = {cell for cell in cells if sum(ch.isalnum() for ch in cell) > 5}
            claim(step['method'] == 'redact' or not long & set(new), f'{names[c]}: a cell came through as it was')
        if step['method'] == 'mask' and 'type' in step:
            check_mask(step, cells, new)
        if step['method'] == 'format_preserving':
            check_format(step, cells, new)
        if step['method'] == 'shift_date' and is_whole:
            check_shift(step, before, new)
    quasi = [at[q['column']] for q in plan['quasi'] if q['column'] in at]
    if plan['k'] and after:
        sizes = Counter(tuple(row[q] for q in quasi) for row in after)
        claim(min(sizes.values()) >= plan['k'], f'a class has {min(sizes.values())} rows, fewer than k={plan["k"]}')
    for model in plan.get('models', []):
        column = at.get(model.get('column'))
        classes = defaultdict(Counter)
        for row in after:
            classes[tuple(row[q] for q in quasi)][row[column] if column is not None else ''] += 1
        base = Counter()
        if column is not None:
            source = after if model['column'] in steps or 'sample' in plan else before
            place = column if source is after else model['column']
            counted = Counter(row[place] for row in source)
            base = {v: n / len(source) for v, n in counted.items()}
        check_model(model, classes, len(after), base)
    return len(after)


def main(args):
    if len(args) == 5 and args[0] == 'join':
        values = []
        for path, column in (args[1:3], args[3:5]):
            names, rows = read(path)
            values.append({row[names.index(column)] for row in rows} - {''})
        print(len(values[0] & values[1]), len(values[0]))
        return 0
    if len(args) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 64
    with open(args[0], encoding='utf-8') as f:
        plan = json.load(f)
    key = bytes.fromhex(open(args[3]).read().strip()) if len(args) == 4 else None
    rows = check(plan, args[1], args[2], key)
    for words in wrong[:20]:
        print(f'wrong: {words}')
    print(f'{rows} rows looked at, {len(wrong)} claims broken')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
