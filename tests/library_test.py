#!/usr/bin/env python3
"""libpolder as it is installed: library_test.py BUILD_DIR.

The shared library and the archive show the functions of include/polder.h and nothing else; a program
finds both through pkg-config in a staged installation, links, runs, and may have functions of its own
named like Polder's hidden ones.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "include" / "polder.h"

PROGRAM = r"""
#include <polder.h>
#include <stdio.h>
#include <string.h>

/* Named like functions inside of Polder: hidden ones neither clash with these nor are replaced. */
int law_find(void);
int pd_fail(void);
int table_feed(void);
int law_find(void) { return 1; }
int pd_fail(void) { return 2; }
int table_feed(void) { return 3; }

int main(void) {
    static const char table[] = "name,resident_id\nLi Wei,65010219170329947X\n";
    struct polder_error err;
    struct polder_text json;
    struct polder_inspector *inspector;
    struct polder_match match;
    struct polder_rules *rules;
    struct polder_hash hash;
    if (polder_inspector_new(1795435200, 1, &inspector, &err) ||
        polder_inspector_feed(inspector, table, strlen(table), &err) ||
        polder_inspector_finish(inspector, 0, &json, &err)) {
        puts(err.text);
        return 1;
    }
    puts(json.data);
    polder_text_clear(&json);
    polder_inspector_free(inspector);
    if (polder_detect("192.0.2.1", 9, NULL, 0, 1795435200, &match, 1) == 1)
        puts(match.type);
    printf("%d %s\n", polder_rules_new(NULL, 0, &rules, &err), err.text);
    if (polder_ledger_hash_leaf("", 0, &hash, &err) == POLDER_OK)
        printf("%02x%02x\n", (unsigned)hash.bytes[0], (unsigned)hash.bytes[1]);
    printf("%s %d\n", polder_version(), law_find() + pd_fail() + table_feed());
    return 0;
}
"""
SAID = [r'^\{"inspection":1,"rows":1,.*"type":"cn_resident_id","matched":1', r"^ipv4$", r"^2 .*facts\.json", r"^6e34$",
        r"^VERSION 6$"]


# What the examples of the documentation say: name, standard input, arguments, what they write.
EXAMPLES = [
    ("inspect", "name,resident_id\nLi Wei,65010219170329947X\n", [],
     [r'^\{"inspection":1,"rows":1,.*"type":"cn_resident_id","matched":1']),
    ("detect", "", ["192.0.2.1", "birth=1985-03-09", "plain"],
     [r"^192\.0\.2\.1: .*\(ipv4\)$", r"^1985-03-09: .*\(date_of_birth\)$", r"^plain: nothing$"]),
]


class Failure(Exception):
    pass


def run(*args, given=None, **env):
    done = subprocess.run([str(a) for a in args], env={**os.environ, **{k: str(v) for k, v in env.items()}}, input=given,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode:
        raise Failure(f"{' '.join(map(str, args))}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def check(is_so, sentence):
    print(f"{'ok' if is_so else 'FAIL':4}  {sentence}", flush=True)
    if not is_so:
        raise Failure(sentence)


def symbols(*command):
    lines = (line.split() for line in run(*command).splitlines())
    return {words[-1] for words in lines if len(words) >= 2 and words[-2] != "U"}


def public_only(build):
    declared = set(re.findall(r"^POLDER_API\s[^;]*?\b(polder_\w+)\(", HEADER.read_text(encoding="utf-8"), re.M))
    check(len(declared) > 10, f"polder.h declares {len(declared)} functions")
    for what, command in (("shared library", ["nm", "-D", "--defined-only", build / "src" / "libpolder.so"]),
                          ("archive", ["nm", "-g", "--defined-only", build / "src" / "libpolder.a"])):
        shown = symbols(*command)
        check(shown == declared, f"the {what} shows these and nothing else" if shown == declared else
              f"the {what} and polder.h differ in {sorted(shown ^ declared)}")


class Installed:
    """A staged installation, and how the build it comes from compiles."""

    def __init__(self, build, folder):
        self.folder = folder
        run("meson", "install", "-C", build, "--destdir", folder, "--no-rebuild", "--quiet")
        options = {o["name"]: o["value"] for o in json.loads(run("meson", "introspect", build, "--buildoptions"))}
        self.prefix = folder / options["prefix"].lstrip("/")
        self.libraries = self.prefix / options["libdir"]
        self.manual = self.prefix / options["mandir"] / "man1" / "polder.1"
        self.version = json.loads(run("meson", "introspect", build, "--projectinfo"))["version"]
        core = next(t for t in json.loads(run("meson", "introspect", build, "--targets")) if t["name"] == "poldercore")
        self.compiler = core["target_sources"][0]["compiler"]
        sanitizers = options["b_sanitize"]
        self.flags = [] if sanitizers == "none" else [f"-fsanitize={sanitizers}"]

    def pkg_config(self, *args):
        return run("pkg-config", *args, "polder", PKG_CONFIG_PATH=self.libraries / "pkgconfig",
                   PKG_CONFIG_SYSROOT_DIR=self.folder).split()


def installed_whole(it):
    for path in (it.prefix / "include" / "polder.h", it.libraries / "libpolder.so", it.libraries / "libpolder.a",
                 it.prefix / "bin" / "polder", it.manual):
        check(path.exists() and path.stat().st_size > 0, f"{path.relative_to(it.folder)} is installed")
    dynamic = run("readelf", "-d", it.libraries / "libpolder.so")
    check("[libpolder.so.0]" in dynamic, "its soname is libpolder.so.0")
    check(it.pkg_config("--modversion") == [it.version], f"pkg-config knows version {it.version}")


def said_right(it, program, **env):
    text = run(program, **env)
    missing = [p for p in SAID if not re.search(p.replace("VERSION", re.escape(it.version)), text, re.M)]
    check(not missing, f"{program.name} runs" if not missing else f"{program.name} said\n{text}without {missing}")


def programs_run(it):
    source = it.folder / "program.c"
    source.write_text(PROGRAM)
    warnings = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
    compile_c = [*it.compiler, "-std=c99", *warnings, *it.flags, *it.pkg_config("--cflags"), source]

    shared = it.folder / "with_shared"
    run(*compile_c, *it.pkg_config("--libs"), "-o", shared)
    check("libpolder.so.0" in run("readelf", "-d", shared), "one program needs the shared library")
    said_right(it, shared, LD_LIBRARY_PATH=it.libraries)

    static = it.folder / "with_archive"
    libs = ["-l:libpolder.a" if word == "-lpolder" else word for word in it.pkg_config("--static", "--libs")]
    run(*compile_c, *libs, "-o", static)
    check("libpolder" not in run("readelf", "-d", static), "another needs none")
    said_right(it, static)

    if not shutil.which("g++"):
        print("skip  no C++ compiler here")
        return
    run("g++", "-std=c++11", *warnings, *it.pkg_config("--cflags"), "-fsyntax-only", "-x", "c++", source)
    check(True, "C++ takes the header")


def examples_run(it):
    for name, given, args, said in EXAMPLES:
        program = it.folder / name
        run(*it.compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", *it.flags, *it.pkg_config("--cflags"),
            ROOT / "docs" / "examples" / f"{name}.c", *it.pkg_config("--libs"), "-o", program)
        text = run(program, *args, given=given, LD_LIBRARY_PATH=it.libraries)
        missing = [p for p in said if not re.search(p, text, re.M)]
        check(not missing, f"docs/examples/{name}.c runs" if not missing else f"{name} said\n{text}without {missing}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: library_test.py BUILD_DIR")
    build = pathlib.Path(sys.argv[1]).resolve()
    try:
        public_only(build)
        with tempfile.TemporaryDirectory(prefix="polder-library-") as folder:
            it = Installed(build, pathlib.Path(folder))
            installed_whole(it)
            programs_run(it)
            examples_run(it)
    except Failure as failure:
        print(failure)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
