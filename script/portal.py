#!/usr/bin/env python3
"""Builds the portal's parts into the program: portal.py OUT.c EN.json ZH.json FILE...

Writes a C file with the texts of both languages under one key each (both files must have the same keys), sorted by key; and
the files (templates, styles, verify.html) by name, each with its SHA-256; for verify.html also what a Content-Security-Policy
calls its script and style. The same files give the same output, whatever the build folder.
"""
import base64
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from embed import literal  # noqa: E402

HEAD = '/* Made by script/portal.py at build time. */\n#include "portal/portal_parts.h"\n'


def flat(node, at=""):
    for key, value in node.items():
        if isinstance(value, dict):
            yield from flat(value, f"{at}{key}.")
        else:
            yield at + key, value


def texts(en, zh):
    with open(en, encoding="utf-8") as f:
        english = dict(flat(json.load(f)))
    with open(zh, encoding="utf-8") as f:
        chinese = dict(flat(json.load(f)))
    differ = sorted(set(english) ^ set(chinese))
    if differ:
        sys.exit(f"{en} and {zh} differ: only one of them has " + ", ".join(differ))
    yield "const struct portal_text PORTAL_TEXTS[] = {"
    for key in sorted(english, key=lambda k: k.encode()):
        pieces = [key.encode(), english[key].encode(), chinese[key].encode()]
        yield "    {" + ", ".join(f"PD_STR_INIT({literal(p)})" for p in pieces) + "},"
    yield "};"
    yield f"const size_t PORTAL_TEXT_COUNT = {len(english)};\n"


def sources(kind, tag, data):
    """What a policy names an inline script or style by; empty if there is none."""
    found = re.findall(rf"<{tag}>(.*?)</{tag}>".encode(), data, re.S)
    return " ".join("'sha256-" + base64.b64encode(hashlib.sha256(text).digest()).decode() + "'" for text in found)


def parts(files):
    yield "const struct portal_part PORTAL_PARTS[] = {"
    by_name = sorted((os.path.basename(f), f) for f in files)
    for name, path in by_name:
        with open(path, "rb") as f:
            data = f.read()
        policy = sources("script", "script", data) if name == "verify.html" else ""
        style = sources("style", "style", data) if name == "verify.html" else ""
        lines = [literal(line) for line in data.splitlines(keepends=True)] or ['""']
        yield f"    {{PD_STR_INIT({literal(name.encode())}),"
        yield "     {"
        yield from ("      " + line for line in lines)
        yield f"      , {len(data)}}},"
        yield f'     "{hashlib.sha256(data).hexdigest()}", "{policy}", "{style}"}},'
    yield "};"
    yield f"const size_t PORTAL_PART_COUNT = {len(by_name)};"


def main():
    if len(sys.argv) < 5:
        sys.exit("usage: portal.py OUT.c EN.json ZH.json FILE...")
    lines = [HEAD, *texts(sys.argv[2], sys.argv[3]), *parts(sys.argv[4:]), ""]
    with open(sys.argv[1], "w", encoding="ascii") as f:
        f.write("\n".join(lines))


if __name__ == "__main__":
    main()
