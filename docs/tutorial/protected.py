#!/usr/bin/env python3
"""Makes the tables of protected.md anew, from a real run: docs/tutorial/protected.py [POLDER [DATA [OUT]]]

    POLDER  the program (default build/polder)      DATA  folder of the public files (default ../shared/data)
    OUT     folder of protected.md (default this one)

Each act is done at a node under the law of China and at one under the law of the European Union. Plan, risk and attacks are what
the program answers. The loss is counted here, from the file and the plan; tests/verifier/plan.py holds the released file against
its plan, and tests/verifier/dossier.mjs proves the dossier: neither shares code with Polder.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter

here = os.path.dirname(os.path.realpath(__file__))
root = os.path.join(here, "..", "..")
sys.path.insert(0, os.path.join(root, "tests", "verifier"))
import plan as checker  # noqa: E402  (what a step makes of a cell, written again from docs/reference/plans.md)

polder = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "build", "polder"))
data = os.path.realpath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, "..", "shared", "data"))
out = os.path.realpath(sys.argv[3] if len(sys.argv) > 3 else here)
PACKS = {"cn": "China (`cn`)", "eu": "European Union (`eu`)"}
COUNTRY = {"cn": "CN", "eu": "NL"}
MEMBERS = {"health": "zhao", "revenue": "chen", "transport": "lin", "digital": "wang"}

# Name in the page, party, file, title, verb, purpose, legal basis, recipient
ACTS = [
    ("1-health", "health", "privacy/arx/test2.csv", "Patients of a ward", "open", "transparency", "public_task", None),
    ("2-incomes", "revenue", "privacy/arx/adult.csv", "Incomes", "share", "benefits", "legal_duty", "health"),
    ("3-trips", "transport", "catalogue/csv/cn/shenzhen_metro_card.csv", "Metro trips of a day", "open", "statistics", "public_task", None),
    ("4-training", "transport", "catalogue/csv/cn/shenzhen_metro_card.csv", "Trips to train on", "share", "training", "public_task", "lab"),
    ("5-contacts", "digital", "catalogue/csv/us/OpenDataPolicyPointsofContact.csv", "Open data contacts", "open", "contact", "public_task", None),
    ("6-incomes", "revenue", "privacy/arx/adult.csv", "Incomes, opened", "open", "statistics", "public_task", None),
    ("6-subset", "health", "privacy/arx/adult_subset.csv", "Incomes of the insured", "open", "statistics", "public_task", None),
]


def run(*words, codes=(0,)):
    done = subprocess.run([polder, *words], capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        sys.exit(f"polder {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def found(law):
    parties = [word for p in MEMBERS for word in ("--party", f"{p}:::{COUNTRY[law]}")]
    members = [word for p, m in MEMBERS.items() for word in ("--member", f"{p}/{m}:steward")]
    run("init", "--data", law, "--origin", f"{law}.example.gov", "--law", law, *parties, "--party",
        f"lab:enterprise:company:{COUNTRY[law]}", *members)


def read_source(path):
    with open(path, newline="", encoding="utf-8-sig") as f:
        text = f.read()
    return list(csv.reader(text.splitlines(), delimiter=";" if text.split("\n")[0].count(";") else ","))


def loss(plan, rows):
    """Non-uniform entropy of each changed column: of what it told, the share that is lost (reference: ARX, El Emam 2009)."""
    lost = {}
    for step in plan["steps"]:
        cells = Counter(row[step["column"]] for row in rows[1:])
        made = {c: "*" if step["method"] == "drop" else checker.expected(plan, step, c, None) for c in cells}
        if None in made.values():
            continue
        after = Counter()
        for cell, n in cells.items():
            after[made[cell]] += n
        most = sum(n * math.log2((len(rows) - 1) / n) for n in cells.values())
        gone = sum(n * math.log2(after[made[c]] / n) for c, n in cells.items())
        lost[step["name"]] = gone / most if most else 0
    return lost


def check_plan(plan, rows, released):
    """The independent checker's sentence on the released file."""
    with open("plan.json", "w", encoding="utf-8") as f:
        json.dump(plan, f)
    with open("before.csv", "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows(rows)
    done = subprocess.run([sys.executable, os.path.join(root, "tests", "verifier", "plan.py"), "plan.json", "before.csv", released],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{released} is not what its plan says:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def check_dossier(law, act, verb, party):
    audience = [] if verb == "open" else ["--for", "audit", "--party", party, "--member", MEMBERS[party]]
    run("dossier", act, "--data", law, *audience, "-o", "act.dossier")
    done = subprocess.run(["node", os.path.join(root, "tests", "verifier", "dossier.mjs"), "act.dossier", "--key",
                           os.path.join(law, "ledger", "public", "vkey")], capture_output=True, text=True, check=False)
    os.remove("act.dossier")
    if done.returncode:
        sys.exit(f"the dossier of {act} is not proven:\n{done.stderr}")
    return done.stdout.split("; ", 1)[1].strip()


def do(law, act):
    name, party, path, title, verb, purpose, basis, recipient = act
    words = ["govern", os.path.join(data, path), "--data", law, "--party", party, "--member", MEMBERS[party], "--title", title,
             "--for", verb, "--purpose", purpose, "--basis", basis, "--yes", "--json"]
    answer = json.loads(run(*words, *(["--recipient", recipient] if recipient else []), codes=(0, 75)))
    case, outcome = answer["case"], answer["outcome"]
    done = {"case": case, "loss": {}, "plan": None, "dossier": None}
    if outcome["result"] == "done":
        rows = read_source(os.path.join(data, path))
        done["loss"] = loss(case["plan"], rows)
        if verb == "open":
            done["plan"] = check_plan(case["plan"], rows, os.path.join(law, outcome["released_as"]))
        done["dossier"] = check_dossier(law, outcome["act"], verb, party)
    return done


# ---- The tables ----

def percent(share):
    return f"{100 * share:.1f}%"


def in_the_way(done):
    return ", ".join(f"`{v['id']}`" for v in done["case"]["finding"]["voices"] if v["role"] == "forbids" and "exempted_by" not in v)


def changes(done):
    case = done["case"]
    if not case["plan"]:
        return "none: " + case["finding"]["reason"]
    return "<br>".join(f"{c['column'] + ': ' if c['column'] else ''}{c['what']}" for c in case["changes"]) or "nothing is changed"


def losses(done):
    return "<br>".join(f"{column}: {percent(share)}" for column, share in done["loss"].items()) or "-"


def risks(done):
    def one(r):
        return "nobody is told apart" if not r else f"k = {r['k']}, mean {percent(r['mean'])}, unique {percent(r['unique_share'])}"
    case = done["case"]
    return f"before: {one(case['risk_before'])}" + (f"<br>after: {one(case['risk_after'])}" if case["plan"] else "")


def attacks(done):
    titles = {"singling_out": "singling out", "differencing": "differencing", "minimality": "minimality"}
    lines = []
    for a in done["case"]["attacks_after"] or []:
        what = titles.get(a["attack"], a["attack"]) + (f" of {a['of']}" if "of" in a else "")
        by = f" with \"{a['with']}\" by {', '.join(a['by']) or 'nothing'}" if a["attack"] == "linkage" else ""
        lines.append(f"{what}{by}: right {percent(a['rate'])}, by chance {percent(a['baseline'])}, gain {percent(a['risk'])}")
    return "<br>".join(lines) or "none: nobody is told apart, or it isn't opened"


def after(done):
    case = done["case"]
    if not case["plan"]:
        return "**left open**; missing: " + ", ".join(f"`{m}`" for m in sorted({m["fact"] for m in case["finding"]["missing"]}))
    signed = "".join(f"; the steward signs that `{a['fact']}` is {str(a['value']).lower()}" for a in case["attests"])
    return f"**{case['finding_after']['outcome']}**{signed}"


ROWS = [("In the way", in_the_way), ("Plan", changes), ("Loss (share of what a column told)", losses), ("Risk", risks),
        ("Attacks on the result", attacks), ("The law on the result", after),
        ("The released file against its plan", lambda d: d["plan"] or "it goes to the recipient, not to the public" if d["case"]["plan"] else "-"),
        ("The dossier, verified", lambda d: d["dossier"] or "-")]


def table(results):
    lines = ["| | " + " | ".join(PACKS.values()) + " |", "| --- | --- | --- |"]
    for title, cell in ROWS:
        lines.append(f"| {title} | " + " | ".join(cell(results[law]) for law in PACKS) + " |")
    return "\n".join(lines) + "\n"


def main():
    page = os.path.join(out, "protected.md")
    with open(page, encoding="utf-8") as f:
        text = f.read()
    with tempfile.TemporaryDirectory(prefix="polder-protected.") as folder:
        os.chdir(folder)
        for law in PACKS:
            found(law)
        for act in ACTS:
            begin, end = f"<!-- {act[0]}: begin -->\n", f"<!-- {act[0]}: end -->"
            made = table({law: do(law, act) for law in PACKS})
            text = text[:text.index(begin) + len(begin)] + made + text[text.index(end):]
        for law in PACKS:
            run("verify", "--data", law)
        os.chdir("/")
    with open(page, "w", encoding="utf-8") as f:
        f.write(text)


main()
