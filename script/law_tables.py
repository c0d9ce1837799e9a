#!/usr/bin/env python3
"""Makes the tables of docs/law.md anew from law/: the policies of each pack, what is covered, the facts.

    script/law_tables.py [POLDER]    writes docs/law.md; POLDER is the program (default build/polder)

A table is found by its header line, what `polder law coverage` writes by the comments around it; everything else of the
page is written by people.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PAGE = os.path.join(ROOT, "docs", "law.md")
POLICIES = "| id | law, article | what it says | speaks at | status |"
COVERAGE = "<!-- polder law coverage law --markdown: {} -->\n"
FACTS = "| fact | type | classes | bound to | what it says | who supplies it |"
SHORT = {  # how a law is called in a table; most people know the long name from the policy
    "Personal Information Protection Law": "PIPL",
    "Network Data Security Management Regulations": "NDSR",
    "Cross-border Data Flow Provisions": "CBDF",
    "Personal Information Export Certification Measures": "Export certification",
    "Data Security Law": "DSL",
    "Cybersecurity Law": "CSL",
    "Cybersecurity Incident Reporting Measures": "Incident reporting",
    "Personal Information Compliance Audit Measures": "PI audit",
    "Government Data Sharing Regulations": "GDS",
    "Open Government Information Regulation": "OGI",
    "General Data Protection Regulation": "GDPR",
    "Data Governance Act": "DGA",
    "Open Data Directive": "ODD",
    "High-Value Datasets Regulation": "HVD Reg.",
    "Interoperable Europe Act": "IEA",
    "Privacy Act of 1974": "5 USC",
    "Confidential Information Protection and Statistical Efficiency Act": "44 USC",
    "OPEN Government Data Act": "44 USC",
    "Federal Data Protection Act": "BDSG",
    "Data Use Act": "DNG",
    "E-Government Act": "EGovG",
    "UK General Data Protection Regulation": "UK GDPR",
    "Freedom of Information Act 2000": "FOIA",
    "Privacy Act 1988": "Privacy Act",
    "Act on the Protection of Personal Information": "APPI",
    "Personal Information Protection Act": "PIPA",
}
SIX = ["us", "de", "uk", "au", "jp", "kr"]


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def policies(pack):
    """Each policy of a folder as its annotations and the verbs of its scope, file by file."""
    folder = os.path.join(ROOT, "law", pack)
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".cedar")):
        for text in re.findall(r'@id\(".*?;\n', read("law", pack, name), re.S):
            notes = dict(re.findall(r'^@(\w+)\("(.*)"\)$', text, re.M))
            scope = re.search(r"^(?:permit|forbid) \((.*?)\)\n|^(?:permit|forbid) \((.*?)\);", text,
                              re.S | re.M).group(0)
            notes["verbs"] = re.findall(r'Action::"(\w+)"', scope) or ["process", "govern"]
            yield notes


def policy_row(p):
    law = "the node" if p["jurisdiction"] == "node" else SHORT.get(p["law"], p["law"])
    article = "" if p["jurisdiction"] == "node" else " " + p["article"]
    ends = f" (until {p['expires']})" if "expires" in p else ""
    return f"| {p['id']} | {(law + article).strip()} | {p['title']}{ends} | {', '.join(p['verbs'])} | {p['v']} |"


def fact_row(f):
    classes = ", ".join(f["accepts"])
    if "accepts_false" in f:
        classes += "; false: " + ", ".join(f["accepts_false"])
    kind = f.get("code_type", f["type"])
    return f"| {f['name']} | {kind} | {classes} | {f['bound']} | {f['title']['en']} | {f['supplier']['en']} |"


def tables():
    """The rows of each table, by its header, in the order of the page."""
    for packs in (["cn"], ["eu"], SIX, ["node"]):
        yield POLICIES, [policy_row(p) for pack in packs for p in policies(pack)]
    yield FACTS, [fact_row(f) for f in json.loads(read("law", "facts.json"))["facts"]]


def main():
    page = read("docs", "law.md")
    at = {}
    for header, rows in tables():
        start = page.find(header + "\n", at.get(header, 0))
        if start < 0:
            sys.exit(f"docs/law.md: the table {header!r} is missing")
        body = page.index("\n", page.index("\n", start) + 1) + 1  # behind the line of dashes
        end = body
        while page.startswith("|", end):
            end = page.index("\n", end) + 1
        page = page[:body] + "\n".join(rows) + "\n" + page[end:]
        at[header] = body
    program = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build", "polder"))
    covered = subprocess.run([program, "law", "coverage", "--markdown", "law"], cwd=ROOT, check=True,
                             stdout=subprocess.PIPE, encoding="utf-8").stdout
    begin, end = COVERAGE.format("begin"), COVERAGE.format("end")
    page = page[:page.index(begin) + len(begin)] + covered + page[page.index(end):]
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(page)


if __name__ == "__main__":
    main()
