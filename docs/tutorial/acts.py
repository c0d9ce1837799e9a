#!/usr/bin/env python3
"""For acts.sh: facts from an inspection, and the tables of acts.md from answers of `polder law compare --json`.

    acts.py measured INSPECTION.json      prints --fact options
    acts.py tables ACTS.md FOLDER         puts FOLDER/N-NAME-known.json and -then.json into the page, between the comments
                                          <!-- N-NAME: begin --> and <!-- N-NAME: end -->
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "script"))
from law_tables import SHORT  # noqa: E402  (how laws are called in tables)

DATA_FACTS = ["holds_identifiers", "quasi_columns", "sensitive_columns", "rows", "k"]
# What a measurement after a change of the data answers: the rules of the node that ask for it.
BY_MEASURE = {"holds_identifiers": "identifiers", "quasi_columns": "k", "k": "k", "is_aggregate": "k"}
UNITS = {"h": "hour", "d": "day", "wd": "working day", "m": "month", "y": "year"}


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def print_measured(path):
    reading = load(path)["reading"]
    facts = reading["inspection"]["facts"]
    values = {"holds_identifiers": str(facts["holds_identifiers"]).lower(), "quasi_columns": facts["quasi_columns"],
              "sensitive_columns": facts["sensitive_columns"], "rows": reading["inspection"]["rows"]}
    if "risk" in reading:
        values["k"] = reading["risk"]["k"]
    for name in DATA_FACTS:
        if name in values:
            print(f"--fact {name}={values[name]}@measured")


def article(voice):
    """"PIPL 25", with a star where the text was not read."""
    if voice["jurisdiction"] == "node":
        return "node: " + voice["article"]
    star = "\\*" if voice["verified"].startswith("from memory") else ""
    return f"{SHORT.get(voice['law'], voice['law'])} {voice['article']}{star}".strip()


def cell(lines):
    return "<br>".join(lines) if lines else "nothing"


def against(finding):
    return [v for v in finding["voices"] if v["role"] == "forbids" and "exempted_by" not in v]


def value(fact):
    text = str(fact["value"]).lower() if isinstance(fact["value"], bool) else str(fact["value"])
    return f"`{fact['name']}` = {text} ({fact['class']})"


def asked_by(fact, known):
    """The ids of what had asked for a fact: for it by name, or for a change of the data that it attests or measures."""
    if fact["name"] == "is_personal":  # false: whatever dropping the persons remedies
        return [v["id"] for v in against(known) if v["rank"] == "statute" and
                any(o["kind"] == "drop" for way in v["remedies"] for o in way)]
    rule = BY_MEASURE.get(fact["name"])
    return ([m["policy"] for m in known["missing"] if m["fact"] == fact["name"]] +
            [v["id"] for v in against(known) if rule and re.fullmatch(rf"node\..*\.{rule}", v["id"])])


def supplied(known, then):
    """What the second finding turns on and the first had not, with the articles that had asked for it."""
    had = {(f["name"], str(f["value"]), f["class"]) for f in known["facts"]}
    voices = {v["id"]: v for v in then["voices"] + known["voices"]}
    lines = []
    for fact in then["facts"]:
        if (fact["name"], str(fact["value"]), fact["class"]) in had or not fact.get("decisive"):
            continue
        asked = [article(voices[i]) for i in asked_by(fact, known) if i in voices]
        if asked:
            lines.append(f"{value(fact)}: " + "; ".join(dict.fromkeys(asked)))
    return lines


def period(text):
    number, unit = re.fullmatch(r"(\d+)([a-z]+)", text).groups()
    return f"{number} {UNITS[unit]}{'' if number == '1' else 's'}"


def duty(o):
    """What an obligation asks of people."""
    word = o["words"][0] if o["words"] else ""
    p = o["parameters"]
    within = f" within {period(p['within'])}" if "within" in p else ""
    every = f" every {period(p['every'])}" if "every" in p else ""
    keep = f" for {period(p['keep'])}" if "keep" in p else ""
    phrases = {
        "attribute": f"name the {word}", "consent": f"{word} consent".strip(),
        "fee_cap": "free of charge" if word == "0" else f"fee: {word} at most", "log": "log access" + keep,
        "notice": "tell the persons", "notify": f"tell the {word}" + within, "officer": "name an officer",
        "publish": "publish" + (" in the catalogue" if word else "") + (f", form: {p['format']}" if "format" in p else "") +
                   (f" under {p['licence']}" if "licence" in p else "") + within,
        "record": "keep the record" + keep, "report": f"report to the {word}" + every,
    }
    shown = {True: " (shown)", False: " (still to be shown)"}.get(o.get("discharged"), "")
    return phrases[o["kind"]] + shown


def owed(finding):
    voices = {v["id"]: v for v in finding["voices"]}
    return [f"{duty(o)}: {article(voices[o['policy']])}" for o in finding["obligations"]]


def table(known, then):
    rows = [("With what is known", lambda k, t: f"**{k['outcome']}**"),
            ("in the way", lambda k, t: cell([f"{article(v)}: {v['title']['en']}" for v in against(k)])),
            ("What was supplied", lambda k, t: cell(supplied(k, t))),
            ("With that", lambda k, t: f"**{t['outcome']}**"),
            ("owed", lambda k, t: cell(owed(t)))]
    pairs = [(k["finding"], t["finding"]) for k, t in zip(known["packs"], then["packs"])]
    lines = ["| | China (`cn`) | European Union (`eu`) |", "| --- | --- | --- |"]
    lines += [f"| {name} | " + " | ".join(make(k, t) for k, t in pairs) + " |" for name, make in rows]
    return "\n".join(lines) + "\n"


def fill(page, folder):
    with open(page, encoding="utf-8") as f:
        text = f.read()
    for name in re.findall(r"<!-- (.+): begin -->", text):
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        made = table(*(load(os.path.join(folder, f"{name}-{part}.json")) for part in ("known", "then")))
        text = text[:text.index(begin) + len(begin)] + made + text[text.index(end):]
    with open(page, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    if sys.argv[1] == "measured":
        print_measured(sys.argv[2])
    else:
        fill(sys.argv[2], sys.argv[3])
