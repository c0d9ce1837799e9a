"""Writes the cases of the benchmark of law: cases.py FOLDER, one folder for each case.

Each has policies.cedar, entities.json and requests.json, the same for every engine. A case N_M has N policies, of
which M are in scope of each of its 100 requests, and 20 entities. The case "packs" is the law that a node in China
goes by: the packs cn and node, 6 entities, one request.
"""

import json
import pathlib
import sys

CASES = [(10, 10), (100, 10), (100, 100), (1000, 10), (1000, 1000)]
TYPES = 10  # of resources; with the stages they part a set into pieces of equal size
PURPOSES = ["statistics", "research", "service", "planning", "trade"]

# What a policy may ask for: %d makes policies differ, as those of a law do.
CONDITIONS = [
    ("permit", 'when { context.f has purpose && context.f.purpose == "%(purpose)s" && principal.level >= %(low)d }'),
    ("permit", 'when { principal in B::Group::"g%(group)d" && resource.size < %(big)d }'),
    ("forbid", 'when { context.f has k && context.f.k < %(low)d } unless { resource has owner && resource.owner == principal }'),
    ("permit", 'when { ["%(purpose)s", "audit", "archive"].contains(context.f.purpose) } unless { resource.sealed }'),
    ("forbid", 'unless { context.f has basis && [B::Basis::"consent", B::Basis::"contract", B::Basis::"duty"].contains(context.f.basis) }'),
    ("permit", 'when { resource has owner && resource.owner.level >= %(low)d && context.n * 2 < %(big)d }'),
    ("permit", 'when { if context.f has fee then context.f.fee <= %(big)d else principal.level > %(low)d }'),
    ("forbid", 'when { resource.sealed && principal.level < %(low)d && !(principal in B::Group::"g%(group)d") }'),
    ("permit", 'when { context.day >= datetime("2024-01-%(day)02d") && resource.title like "*%(word)s*" }'),
    ("permit", 'when { resource.tags.containsAny(["t%(group)d", "x"]) && context.n + %(low)d > %(day)d }'),
]


def policy(i, stage, kind):
    effect, condition = CONDITIONS[i % len(CONDITIONS)]
    values = {"purpose": PURPOSES[i // 7 % 5], "low": i % 5, "group": i % 3, "big": 100 + i, "day": 1 + i % 28,
              "word": ["trip", "tax", "land"][i % 3]}
    scope = "principal" if i % 3 else "principal is B::User"
    return (f'{effect}({scope}, action in B::Action::"stage{stage}", resource is B::Kind{kind})\n'
            f'{condition % values};\n')


def uid(kind, name):
    return {"type": f"B::{kind}", "id": name}


def entity(name, attrs=None, parents=()):
    return {"uid": name, "attrs": attrs or {}, "parents": list(parents)}


def ref(name):
    return {"__entity": name}


def entities(stages, kinds):
    """5 users, 3 groups, 5 resources, 4 actions, 3 stages."""
    out = [entity(uid("User", f"u{i}"), {"level": i}, [uid("Group", f"g{i % 3}")]) for i in range(5)]
    out += [entity(uid("Group", f"g{i}"), parents=[uid("Group", "g2")] if i < 2 else []) for i in range(3)]
    for i in range(5):
        attrs = {"size": 60 * i, "sealed": i == 3, "title": f"trips and land {i}", "tags": [f"t{i}", "open"]}
        if i % 2 == 0:
            attrs["owner"] = ref(uid("User", f"u{i}"))
        out.append(entity(uid(f"Kind{kinds[i % len(kinds)]}", f"d{i}"), attrs))
    out += [entity(uid("Action", f"act{i}"), parents=[uid("Action", f"stage{stages[i % len(stages)]}")]) for i in range(4)]
    return out + [entity(uid("Action", f"stage{s}")) for s in (stages + [90, 91])[:3]]


def requests(kinds):
    out = []
    for i in range(100):
        facts = {"purpose": PURPOSES[i % 5], "k": i % 9}
        if i % 3:
            facts["basis"] = ref(uid("Basis", ["consent", "contract", "interest"][i % 4 % 3]))
        if i % 4 == 0:
            facts["fee"] = 90 + i
        out.append({"principal": uid("User", f"u{i % 5}"), "action": uid("Action", f"act{i // 5 % 4}"),
                    "resource": uid(f"Kind{kinds[i // 20 % len(kinds)]}", f"d{i // 20}"),
                    "context": {"f": facts, "n": i, "day": {"__extn": {"fn": "datetime", "arg": "2024-01-15"}}}})
    return out


def write(folder, count, candidates):
    pieces = count // candidates
    stages = list(range(min(3, max(1, pieces // TYPES))))
    kinds = list(range(min(5, pieces)))
    folder.mkdir(parents=True)
    place = [(p // TYPES, p % TYPES) for p in range(pieces)]
    text = "".join(policy(i, *place[i // candidates]) for i in range(count))
    (folder / "policies.cedar").write_text(text)
    (folder / "entities.json").write_text(json.dumps(entities(stages, kinds)))
    (folder / "requests.json").write_text(json.dumps(requests(kinds)))


def write_packs(folder):
    here = pathlib.Path(__file__).parent
    packs = sorted(p for name in ["cn", "node"] for p in (here.parent.parent / "law" / name).glob("*.cedar"))
    folder.mkdir(parents=True)
    (folder / "policies.cedar").write_text("".join(p.read_text() for p in packs))
    (folder / "entities.json").write_text((here / "entities.json").read_text())
    context = json.loads((here / "context.json").read_text())
    (folder / "requests.json").write_text(json.dumps([{
        "principal": {"type": "Polder::Party", "id": "transport"}, "action": {"type": "Polder::Action", "id": "open"},
        "resource": {"type": "Polder::Distribution", "id": "d1"}, "context": context}]))


write_packs(pathlib.Path(sys.argv[1]) / "packs")
for n, m in CASES:
    write(pathlib.Path(sys.argv[1]) / f"{n}_{m}", n, m)
