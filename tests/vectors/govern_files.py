#!/usr/bin/env python3
"""Every CSV file of the shared data through polder govern, as a table: govern_files.py POLDER SHARED.

Writes the outcomes for docs/files.md to stdout: governed (what it took), or why not. Exit status 1 if
a file ends in any other way than permit, denial, a missing fact or a refusal of the file that names
what is wrong with it.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

FOLDERS = ["catalogue/csv", "privacy/arx", "privacy/csv-spectrum/csvs", "privacy/csvw",
           "privacy/frictionless"]
WHOLE = "catalogue/csv"  # its files one by one; of the others only what isn't plainly governed


def run(*args):
    return subprocess.run([str(a) for a in args], capture_output=True, text=True, check=False)


def govern(polder, node, path):
    return run(polder, "govern", path, "--data", node, "--party", "office", "--member", "lin", "--title", path.stem,
               "--language", "en", "--for", "open", "--purpose", "statistics", "--basis", "public_task", "--yes",
               "--json")


def found(reading):
    """What was found of the form, where it isn't UTF-8, comma, a header in the first line."""
    d = reading["dialect"]
    said = []
    if d["encoding"] != "UTF-8":
        said.append(d["encoding"])
    if d["separator"] not in (",", ""):
        said.append({";": "semicolon", "\t": "tab", "|": "bar"}.get(d["separator"], d["separator"]))
    if not d["header"]:
        said.append("no header")
    for key, word in (("titles", "title lines"), ("notes", "notes"), ("trimmed", "rows trimmed")):
        if reading[key]:
            said.append(f"{reading[key]} {word}")
    if d["header_records"] > 1:
        said.append(f"header of {d['header_records']} lines")
    if reading["set_aside"]["rows"]:
        said.append(f"{reading['set_aside']['rows']} set aside")
    return ", ".join(said)


def outcome(done, path):
    """(kind, words) of one run."""
    if done.returncode in (0, 75, 77):
        report = json.loads(done.stdout)
        before = report["case"]["before"]
        size = f"{before['inspection']['rows']} x {len(before['names'])}"
        result = report["outcome"]["result"]
        if result == "done":
            words = "published, changed by a plan" if report["case"]["changes"] else "published as it is"
        elif result == "denied":
            words = "the law refuses"
        else:
            words = "open: a fact is missing"
        return result, size, found(before), words
    says = done.stderr.strip().removeprefix("polder: ")
    return ("refused" if done.returncode == 65 and says else "wrong"), "", "", says.split(": ", 1)[-1].replace(f"{path}", path.name)


def main():
    polder, shared = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    rows, plain, wrong = [], collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        node = pathlib.Path(folder) / "node"
        founded = run(polder, "init", "--data", node, "--origin", "files.example", "--law", "cn", "--party", "office",
                      "--member", "office/lin:steward")
        if founded.returncode != 0:
            sys.exit(founded.stderr)
        for top in FOLDERS:
            for path in sorted((shared / top).rglob("*.[ct]sv")):
                kind, size, form, words = outcome(govern(polder, node, path), path)
                wrong += kind == "wrong"
                if top != WHOLE and kind == "done" and not form:
                    plain[top] += 1
                else:
                    rows.append((str(path.relative_to(shared)), size, form, words))
    print("| File | Rows x columns | Found, beyond UTF-8, comma and a header | Outcome |\n| --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |")
    for top, count in plain.items():
        print(f"| {count} others in {top} | | | published, as it is or changed |")
    sys.exit(1 if wrong else 0)


main()
