#!/usr/bin/env python3
"""Precision and recall of polder detect on labelled sentences: accuracy.py POLDER DATASET.json

The set: 1,500 English sentences made from templates with labelled spans, by microsoft/presidio-research
(MIT licence). Beside it, in the same run, the pattern recognisers of Presidio where the Python that runs
this has the package presidio-analyzer; its names and addresses need a language model and aren't asked.

A label is found if a finding of its type overlaps it by half of both or more; "exact": begins and ends
where it does. A finding is right if it so overlaps a label of its type. Labels are what the templates
said, also where an address is "28245" and nobody could tell.
"""
import collections
import json
import logging
import subprocess
import sys

LABELS = {"CREDIT_CARD": ("bank_card",), "IBAN_CODE": ("iban",), "IP_ADDRESS": ("ipv4", "ipv6"),
          "EMAIL_ADDRESS": ("email",), "DOMAIN_NAME": ("url", "url_credentials"), "US_SSN": ("us_ssn",),
          "PHONE_NUMBER": ("phone", "cn_mobile"), "PERSON": ("person_name",), "STREET_ADDRESS": ("address",)}
AT_LEAST = {"CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "EMAIL_ADDRESS", "DOMAIN_NAME", "US_SSN"}
Score = collections.namedtuple("Score", "labels found exact findings right")


def polder(program, text):
    done = subprocess.run([program, "detect", "-", "--json"], input=text.encode(), capture_output=True, check=True)
    raw = text.encode()
    for f in json.loads(done.stdout)["findings"]:
        start = len(raw[:f["offset"]].decode())
        yield f["type"], start, start + len(raw[f["offset"]:f["offset"] + f["length"]].decode())


def presidio():
    """A function like polder(), or None with the reason."""
    try:
        from presidio_analyzer import predefined_recognizers as known
    except ImportError as why:
        return None, str(why)
    names = {"CREDIT_CARD": "bank_card", "IBAN_CODE": "iban", "IP_ADDRESS": "ipv4", "EMAIL_ADDRESS": "email",
             "URL": "url", "US_SSN": "us_ssn", "PHONE_NUMBER": "phone"}
    recognizers = [known.CreditCardRecognizer(), known.IbanRecognizer(), known.IpRecognizer(),
                   known.EmailRecognizer(), known.UrlRecognizer(), known.UsSsnRecognizer(), known.PhoneRecognizer()]

    logging.disable(logging.CRITICAL)  # its list of top-level domains asks the network, and does without

    def find(text):
        results = []
        for recognizer in recognizers:
            results += recognizer.analyze(text, recognizer.supported_entities, None) or []
        # Its own rule for overlaps of one type: what lies inside another of the same type is dropped.
        results = [r for r in results if r.score >= 0.3 and not any(
            o is not r and o.entity_type == r.entity_type and r.contained_in(o) and not r.equal_indices(o)
            for o in results)]
        mails = [r for r in results if r.entity_type == "EMAIL_ADDRESS"]
        return {(names[r.entity_type], r.start, r.end) for r in results if r.entity_type in names and not
                (r.entity_type == "URL" and any(r.contained_in(m) for m in mails))}
    return find, None


def matches(a, b):
    common = min(a[1], b[1]) - max(a[0], b[0])
    return common * 2 >= a[1] - a[0] and common * 2 >= b[1] - b[0]


def score(samples, find):
    totals = {label: [0, 0, 0, 0, 0] for label in LABELS}
    for sample in samples:
        findings = list(find(sample["full_text"]))
        for label, types in LABELS.items():
            gold = [(s["start_position"], s["end_position"]) for s in sample["spans"] if s["entity_type"] == label]
            mine = [(start, end) for kind, start, end in findings if kind in types]
            t = totals[label]
            t[0] += len(gold)
            t[1] += sum(any(matches(g, m) for m in mine) for g in gold)
            t[2] += sum(g in mine for g in gold)
            t[3] += len(mine)
            t[4] += sum(any(matches(g, m) for g in gold) for m in mine)
    return {label: Score(*t) for label, t in totals.items()}


def share(part, whole):
    return f"{part / whole:.3f}" if whole else "-"


def table(name, scores, asked=LABELS):
    print(f"{name}\n  {'label':16} {'labels':>6} {'recall':>7} {'exact':>7} {'found':>6} {'precision':>9}")
    for label, s in scores.items():
        if label not in asked:
            continue
        print(f"  {label:16} {s.labels:6} {share(s.found, s.labels):>7} {share(s.exact, s.labels):>7} "
              f"{s.findings:6} {share(s.right, s.findings):>9}")


def main():
    program, path = sys.argv[1:3]
    samples = json.load(open(path, encoding="utf-8"))
    mine = score(samples, lambda text: polder(program, text))
    table(f"polder detect, {len(samples)} sentences", mine)
    peer, why = presidio()
    if peer:
        table("Presidio, pattern recognisers", score(samples, peer), LABELS.keys() - {"PERSON", "STREET_ADDRESS"})
    else:
        print(f"the peer is missing ({why}): PYTHON=a python with the package presidio-analyzer")
    for label in sorted(AT_LEAST):
        s = mine[label]
        if s.labels and min(s.found / s.labels, s.right / max(s.findings, 1)) < 0.99:
            print(f"below 0.99: {label}")


if __name__ == "__main__":
    main()
