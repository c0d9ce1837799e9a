#!/usr/bin/env python3
"""The house stands: every include points down a floor, to a room's one public header; every header
compiles alone; engines know no database, network or file; governed state changes only through the act."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
FLOORS = [
    ["base"],
    ["crypto", "table", "detect", "sketch", "law", "template"],
    ["council", "inspect", "protect", "match", "ledger", "standard"],
    ["store", "source", "net"],
    ["account", "backup", "job"],
    ["govern", "witness"],
    ["exchange"],
    ["http"],
    ["serve"],
    ["api", "portal"],
    ["cli"],  # a face too; it opens the others (polder serve, polder witness serve)
]
FLOOR = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
ENGINE_FORBIDDEN = re.compile(r"^(stdio_ext|sqlite3|libpq-fe|curl/|microhttpd|sys/socket|fcntl|unistd|netdb|dirent)")
GOVERNED_SQL = re.compile(r'"\s*(INSERT\s+INTO|UPDATE\s+\w|DELETE\s+FROM)\b')


def complaints():
    for path in sorted(SRC.rglob("*.[ch]")):
        room = path.relative_to(SRC).parts[0]
        if room not in FLOOR:
            if path.parent == SRC:
                continue  # src/polder.c stands on floors 0 to 2 for embedders
            yield f"{path.relative_to(ROOT)}: the room {room} is on no floor of this test"
            continue
        text = path.read_text(encoding="utf-8")
        for kind, name in INCLUDE.findall(text):
            where = f"{path.relative_to(ROOT)}: #include {name}"
            other = name.split("/")[0]
            if kind == '"':
                if other == room:
                    continue
                if other not in FLOOR:
                    yield f"{where}: not a room"
                elif FLOOR[other] >= FLOOR[room]:
                    yield f"{where}: floor {FLOOR[room]} looks at floor {FLOOR[other]}"
                elif name != f"{other}/{other}.h":
                    yield f"{where}: a room's other headers are its own"
            elif FLOOR[room] <= 2 and ENGINE_FORBIDDEN.match(name):
                yield f"{where}: an engine does no I/O of its own"
        if room in ("cli", "http", "api", "portal", "exchange") and GOVERNED_SQL.search(text):
            yield f"{path.relative_to(ROOT)}: governed state changes only through govern/act.c"
        if path.suffix == ".h":
            # The one library whose headers have a folder of their own.
            libpq = subprocess.run(["pkg-config", "--cflags-only-I", "libpq"], capture_output=True, text=True).stdout.split()
            done = subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-const-variable",
                                   "-I", SRC, "-I", ROOT / "include", *libpq, "-x", "c", path],
                                  capture_output=True, text=True)
            if done.returncode or done.stderr:
                yield f"{path.relative_to(ROOT)} does not compile alone:\n{done.stderr}"


def main():
    found = list(complaints())
    # Whoever changes verify.html and forgets its policy has a page whose script doesn't run.
    done = subprocess.run([ROOT / "script" / "verify-page", "--check"], capture_output=True, text=True)
    if done.returncode:
        found.append(done.stderr.strip() + " (script/verify-page; then its hash in docs/reference/portal.md)")
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
