#!/usr/bin/env python3
"""Makes the answers in erasure.md anew, from a real run: docs/tutorial/erasure.py [POLDER [OUT]]

    POLDER  the program (default build/polder)        OUT  folder of erasure.md (default this one)

What differs from run to run is given a name: ids ID1, ID2, ... in the order in which they come, days DAY, receipts are left out.
Each answer stands in the page between the comments <!-- NAME: begin --> and <!-- NAME: end -->.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.realpath(__file__))
polder = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..", "build", "polder"))
out = os.path.realpath(sys.argv[2] if len(sys.argv) > 2 else here)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
names, answers = {}, {}


def named(text):
    for found in ID.findall(text):
        names.setdefault(found, f"ID{len(names) + 1}")
    text = ID.sub(lambda m: names[m.group(0)], text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d\b", "DAY", text)
    text = re.sub(r"restricted/20\d\d-\d\d", "restricted/MONTH", text)
    lines, receipt = [], False
    for line in text.rstrip("\n").split("\n"):
        receipt = line == "  Receipt" or (receipt and (line == "" or line.startswith("    ")))
        if not receipt:
            lines.append(line)
    return "\n".join(lines)


def run(*words, codes=(0,), given=None):
    done = subprocess.run([polder, *words], capture_output=True, text=True, input=given or "", check=False)
    if done.returncode not in codes:
        sys.exit(f"polder {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout + done.stderr


def say(name, *words, codes=(0,), given=None):
    answers[name] = named(run(*words, codes=codes, given=given))


def request(*words):
    return re.search(r'"request": "([^"]+)"', run(*words, "--json")).group(1)


def story():
    run("init", "--data", "node", "--origin", "data.example.gov", "--law", "cn", "--party", "civil-affairs", "--party",
        "health", "--member", "civil-affairs/lin:steward", "--member", "health/zhao:steward")
    table = run("demo", "table", "residents", "--rows", "2000", "--seed", "7")
    with open("residents.csv", "w", encoding="utf-8") as f:
        f.write(table)
    govern = ["govern", "residents.csv", "--data", "node", "--party", "civil-affairs", "--member", "lin", "--title",
              "Residents", "--purpose", "statistics", "--basis", "public_task", "--yes"]
    run(*govern, "--for", "store")
    run(*govern, "--for", "open", "--records")
    person = table.split("\n")[10].split(",")[1]
    with open("person.txt", "w", encoding="utf-8") as f:
        f.write(person + "\n")
    shutil.copytree("node", "backup")

    lin = ["--data", "node", "--party", "civil-affairs", "--member", "lin", "--key", "node/keys/civil-affairs.key"]
    zhao = ["--data", "node", "--party", "health", "--member", "zhao", "--key", "node/keys/health.key"]
    say("find", "erase", "--data", "node", "--person-file", "person.txt", codes=(75,))
    say("keep", "erase", "--person-file", "person.txt", *lin, "--fact", "retention_required=true", "--reason",
        "letter 2026/31", "--yes", codes=(77,))
    asked = request("erase", "--person-file", "person.txt", *lin, "--fact", "consent_withdrawn=true", "--reason",
                    "letter 2026/31", "--yes")
    say("alone", "erase", "agree", asked, *lin, "--yes", codes=(77,))
    say("agree", "erase", "agree", asked, *zhao, "--yes")
    say("gone", "erase", "--data", "node", "--person-file", "person.txt")
    say("verify", "verify", "--data", "node")
    answers["verify"] = re.sub(r"root [0-9a-f]{64}", "root ...", answers["verify"])
    answers["verify"] = re.sub(r"\nFirst time that this machine .*", "", answers["verify"])

    # The backup of yesterday: its database with the key store of today; then the key store of yesterday under today's acts.
    version = re.search(r"stored: version (ID\d+)", answers["find"]).group(1)
    old = next(i for i, n in names.items() if n == version)
    shutil.copytree("backup", "restored")
    for name in ("keys.db", "keys.db-wal", "keys.db-shm"):
        if os.path.exists(f"restored/{name}"):
            os.remove(f"restored/{name}")
        if os.path.exists(f"node/{name}"):
            shutil.copy(f"node/{name}", f"restored/{name}")
    say("restored", "erase", "--data", "restored", "--person-file", "person.txt")
    for name in ("keys.db", "keys.db-wal", "keys.db-shm"):
        if os.path.exists(f"node/{name}"):
            os.remove(f"node/{name}")
        if os.path.exists(f"backup/{name}"):
            shutil.copy(f"backup/{name}", f"node/{name}")
    say("older", "erase", "--data", "node", "--person-file", "person.txt", codes=(75,))
    run("job", "run", "--data", "node")
    say("again", "key", "destroy", old, *lin, codes=(75,))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.environ["XDG_STATE_HOME"] = folder  # what this machine saw of the node is of no use later
    story()
    os.chdir(here)
with open(os.path.join(out, "erasure.md"), encoding="utf-8") as f:
    page = f.read()
for name, answer in answers.items():
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    at, until = page.index(begin) + len(begin), page.index(end)
    page = page[:at] + "```\n" + answer + "\n```\n" + page[until:]
with open(os.path.join(out, "erasure.md"), "w", encoding="utf-8") as f:
    f.write(page)
