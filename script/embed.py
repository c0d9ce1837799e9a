#!/usr/bin/env python3
"""Builds files into the program: embed.py NAME OUT.c FILE...

Writes a C file that defines `const struct embedded_file NAME[]`: path relative to the project
root, bytes (a zero follows the last), length; sorted by path and ended by an entry whose path is
NULL. Who uses the table declares the struct with the same members in a header of its own. The same
files give the same output, whatever the build folder.
"""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
HEAD = """/* Made by script/embed.py at build time. */
#include <stddef.h>

struct embedded_file {
    const char *path;
    const unsigned char *data;
    size_t len;
};
"""
NAMED = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\t"): "\\t",
         ord("?"): "\\?"}  # "\?" because C17 still knows trigraphs


def literal(line):
    """One C string literal; three octal digits never swallow what follows."""
    return '"' + "".join(
        NAMED.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in line) + '"'


def embed(name, files):
    out = [HEAD + f"extern const struct embedded_file {name}[];",
           f"const struct embedded_file {name}[] = {{"]
    for path in sorted(os.path.relpath(os.path.realpath(f), ROOT) for f in files):
        with open(os.path.join(ROOT, path), "rb") as f:
            data = f.read()
        lines = [literal(line) for line in data.splitlines(keepends=True)] or ['""']
        out += [f"    {{{literal(path.encode())}, (const unsigned char *)"]
        out += ["     " + line for line in lines]
        out[-1] += f", {len(data)}}},"
    out += ["    {NULL, NULL, 0},", "};", ""]
    return "\n".join(out)


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: embed.py NAME OUT.c FILE...")
    with open(sys.argv[2], "w", encoding="ascii") as f:
        f.write(embed(sys.argv[1], sys.argv[3:]))


if __name__ == "__main__":
    main()
