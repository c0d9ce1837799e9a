#!/usr/bin/env python3
"""Makes the answers in together.md anew, from a real run: docs/tutorial/together.py [POLDER [OUT [KEEP]]]

    POLDER  the program (default build/polder)        OUT   folder of together.md (default this one)
    KEEP    a folder in which the node is left, to be looked at (default: none)

A vote takes its time, here some seconds. What differs from run to run is given a name: ids ID1, ID2, ... in the order in which they
come, moments MOMENT and DAY, hashes HASH; receipts are left out. Each answer stands in the page between <!-- NAME: begin --> and <!-- NAME: end -->.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.realpath(__file__))
root = os.path.join(here, "..", "..")
polder = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "build", "polder"))
out = os.path.realpath(sys.argv[2] if len(sys.argv) > 2 else here)
keep = os.path.realpath(sys.argv[3]) if len(sys.argv) > 3 else None
ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
MOMENT = re.compile(r"\b20\d\d-\d\d-\d\d(T|, | )\d\d:\d\d(:\d\d)?(Z| UTC)?")
names, answers = {}, {}
WHO = {"transport": "lin", "authority": "an", "acme": "wu", "logistics": "qi", "citizens": "ann"}


def named(text):
    for found in ID.findall(text):
        names.setdefault(found, f"ID{len(names) + 1}")
    text = ID.sub(lambda m: names[m.group(0)], text)
    text = re.sub(r"\bp-[0-9a-f]{32}\b", "PSEUDONYM", re.sub(r"\b20\d\d-\d\d-\d\d\b", "DAY", MOMENT.sub("MOMENT", text)))
    text = re.sub(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])([0-9a-f]{64}|[0-9a-f]{12})\b", "HASH", text)
    text = re.sub(r"\b([Ll]eaf) \d+\b", r"\1 N", re.sub(r"whose size is \d+ now", "whose size is N now", text))
    lines, receipt = [], False
    for line in text.rstrip("\n").split("\n"):
        receipt = line == "  Receipt" or (receipt and (line == "" or line.startswith("    ")))
        if not receipt:
            lines.append(line)
    return "\n".join(lines)


def run(*words, codes=(0,), program=None):
    done = subprocess.run([program or polder, *words], capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        sys.exit(f"polder {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def say(name, *words, codes=(0,), part=None):
    text = run(*words, codes=codes)
    if part:
        text = re.search(part, text, re.S).group(0)
    answers[name] = named(text)


def acting(party, member=None, with_key=True):
    key = ["--key", f"node/keys/{party}.key"] if with_key else []
    return ["--data", "node", "--party", party, "--member", member or WHO[party], *key]


def read(*path):
    with open(os.path.join(root, *path), encoding="utf-8") as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def show(proposal):
    return json.loads(run("proposal", "show", proposal, "--data", "node", "--json"))["proposals"][0]


def wait(proposal, stage):
    for _ in range(600):
        run("job", "run", "--data", "node")
        if show(proposal)["stage"] == stage:
            return
        time.sleep(0.2)
    sys.exit(f"the proposal never came to the stage {stage}")


def found():
    charter = json.loads(read("law", "node", "charter.json"))
    charter["periods"].update(consultation="1s", final="0s", vote="30s", in_force="0s")
    write("charter.json", json.dumps(charter))
    run("init", "--data", "node", "--origin", "data.example.gov", "--law", "cn", "--charter", "charter.json",
        "--party", "transport", "--party", "authority:government:authority", "--party", "acme:enterprise:company",
        "--party", "logistics:industry:association", "--party", "citizens:public:group",
        *[w for p, m in [*WHO.items(), ("citizens", "bo")] for w in ("--member", f"{p}/{m}" + (":steward" if p == "transport" else ""))])


def tables():
    stops = ["Harbour", "Market", "Park", "Museum", "Station"]
    trips = ["trip_id,traveller,line,from_stop,to_stop,started_at,ended_at,distance_km,fare,currency"]
    for i in range(240):
        day, far = f"2026-03-{1 + i % 28:02d}T{6 + i % 14:02d}", 450 if i % 40 == 39 else [3.2, 7.5, 12, 9.1][i % 4]
        trips.append(f"T{i:05d},{['adult', 'child', 'senior'][i % 3]},L{1 + i % 4},{stops[i % 5]},{stops[(i + 2) % 5]},"
                     f"{day}:00:00Z,{day}:{20 + i % 30}:00Z,{far},{2 + i % 3},CNY")
    write("trips.csv", "\n".join(trips) + "\n")
    # Persons in groups of seven: enough while k is 5, too few once it is 10.
    persons = [f"Person {i},1380013{8000 + i},{['Luohu', 'Futian', 'Nanshan'][i % 3]},{1950 + i // 7}" for i in range(210)]
    write("persons.csv", "name,mobile,district,birth_year\n" + "\n".join(persons) + "\n")


def govern(table, title, *more):
    return ["govern", table, "--data", "node", "--party", "transport", "--member", "lin", "--title", title, "--for", "open",
            "--purpose", "statistics", "--basis", "public_task", *more]


def change():
    """node/ with k raised, its own page of tests with it, and a standard that no longer lets a tram go 450 kilometres."""
    write("change/node/thresholds.json", read("law", "node", "thresholds.json").replace('"value": 5,', '"value": 10,'))
    write("change/node/CASES.md", re.sub(r"k=(5|9):measured", lambda m: f"k={int(m.group(1)) + 5}:measured", read("law", "node", "CASES.md")))
    write("change/standards/trips.json", read("standards", "trips.json").replace('"maximum": 5000', '"maximum": 100'))


PLAN = r"3\. The plan.*?(?=\n\n4\. )"


def story():
    found()
    tables()
    change()
    run(*govern("trips.csv", "Trips by tram", "--yes"))
    say("before", *govern("persons.csv", "Card holders", "--dry-run"), part=PLAN)
    filed = json.loads(run("propose", "change", *acting("logistics"), "--title", "Groups of ten, and trips by tram within the city",
                           "--effects", "individuals=nobody hides among fewer than ten", "--effects",
                           "business=published tables get coarser; wrong distances are found", "--effects",
                           "public=less detail, fewer errors", "--json"))
    proposal = filed["proposal"]
    answers["proposed"] = named(f"Filed, as a draft: the proposal {proposal}.")
    run("proposal", "consult", proposal, *acting("logistics"))
    raised = json.loads(run("proposal", "object", proposal, *acting("acme"), "--category", "cost", "--harm",
                            "our planning tool reads districts by year of birth, which k of 10 takes away", "--change", "k of 8", "--json"))
    time.sleep(1.2)
    run("job", "run", "--data", "node")
    say("waits", "proposal", "list", "--data", "node")
    run("proposal", "answer", raised["objection"], *acting("logistics"), "--text",
        "with groups of eight one person in eight is guessed right; periods of five years serve the tool as well")
    wait(proposal, "vote")
    say("vote", "proposal", "show", proposal, "--data", "node")
    say("ballot", "vote", proposal, "yes", *acting("acme"))
    for party in ("transport", "authority", "logistics"):
        run("vote", proposal, "yes", *acting(party))
    run("vote", proposal, "no", *acting("citizens", "bo", False))
    say("again", "vote", proposal, "yes", *acting("citizens", "bo", False))
    run("vote", proposal, "yes", *acting("citizens", "ann", False))
    say("twice", "vote", proposal, "no", *acting("acme"), codes=(75,))
    wait(proposal, "in_force")
    say("in_force", "proposal", "show", proposal, "--data", "node")
    say("after", *govern("persons.csv", "Card holders", "--dry-run"), part=PLAN)
    say("named", *govern("persons.csv", "Card holders", "--dry-run"), part=r"    Voted by the chambers\n.*?(?=\n\n)")
    say("recount", "ledger", "recount", proposal, "--data", "node")
    run("proposal", "record", proposal, "--data", "node", "--out", "record")
    answers["script"] = named(run(os.path.join(root, "tests", "verifier", "recount.py"), "node/ledger/public", "record", program="python3"))


def put(page):
    with open(page, encoding="utf-8") as f:
        text = f.read()
    for name, answer in answers.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        if begin not in text or end not in text:
            sys.exit(f"{page} has no place for the answer \"{name}\"")
        head, rest = text.split(begin, 1)
        text = f"{head}{begin}\n```text\n{answer}\n```\n{end}{rest.split(end, 1)[1]}"
    with open(page, "w", encoding="utf-8") as f:
        f.write(text)


folder = tempfile.mkdtemp(prefix="polder-together-")
os.chdir(folder)
try:
    story()
    put(os.path.join(out, "together.md"))
    if keep:
        shutil.copytree(folder, keep, dirs_exist_ok=True)
finally:
    os.chdir(here)
    shutil.rmtree(folder)
