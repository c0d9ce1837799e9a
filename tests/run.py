#!/usr/bin/env python3
"""Builds Polder in every way that matters and runs every test; counts them all in one closing line.

Each group below is one story: it runs programs, reads how many tests they counted, and keeps the
output of those that failed. Nothing here is timed: a slow machine fails nothing.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys

import postgres

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("POLDER_SHARED_DATA", ROOT.parent / "shared" / "data"))
SANITIZED = ROOT / "build-test"
CLANG = ROOT / "build-clang"
RELEASE = ROOT / "build-release"
FUZZ = ROOT / "build-fuzz"
THREADS = ROOT / "build-thread"
HANGS_AFTER_S = 20 * 60  # no program of the suite needs a quarter of this

ENV = dict(os.environ, POLDER_SHARED_DATA=str(SHARED),
           ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:allocator_may_return_null=1",
           UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")


def what_failed(output):
    """Of a TAP report the tests that failed, innermost first, with what they say; of other output its end."""
    lines = output.splitlines()
    starts = [n for n, line in enumerate(lines) if line.lstrip().startswith("not ok")]
    shown = [line for n in starts for line in lines[n:n + 40]]
    return shown[:200] if shown else lines[-60:]


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, name, passed, failed, skipped, output=""):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        print(f"{'FAIL' if failed else 'ok':4}  {name}: {passed} passed, {failed} failed, {skipped} skipped",
              flush=True)
        if failed:
            print("\n".join("      " + line for line in what_failed(output)), flush=True)


def run(args, env=ENV):
    """Runs a program and returns (exit code, everything it said). One that hangs is ended, with all that it started."""
    with subprocess.Popen([str(a) for a in args], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True) as child:
        try:
            text, _ = child.communicate(timeout=HANGS_AFTER_S)
            return child.returncode, text
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            text, _ = child.communicate()
            return 124, f"{text}\nnot ok - it was still running after {HANGS_AFTER_S // 60} minutes and was ended\n"


def build(folder, compiler, *options, targets=()):
    env = dict(ENV, CC=compiler)
    if not (folder / "build.ninja").exists():
        code, text = run(["meson", "setup", folder, *options], env)
        if code:
            sys.exit(text)
    code, text = run(["ninja", "-C", folder, *targets], env)
    return code, text


def at_once(jobs):
    """Runs programs, as many at once as there are processors; gives (job, exit code, text) in their order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for job, done in [(job, pool.submit(run, *job)) for job in jobs]:
            yield job, *done.result()


def one(tally, name, args):
    code, text = run(args)
    tally.add(name, int(code == 0), int(code != 0), 0, text)


# What keeps a node's state runs on PostgreSQL too.
ON_BOTH = {"unit": ("account", "catalogue", "govern", "job", "may", "proposal", "shard", "store", "writer"),
           "black box": ("account", "acts", "api", "case", "clock", "demand", "dossier", "erase", "folder", "govern", "init", "integrator",
                         "job", "key", "law_past", "leaf_schema", "ledger", "portal", "portal_case", "portal_oidc", "repair",
                         "seed", "serve", "shards", "stats", "together", "verify")}
# What kills: on a server that keeps what it said it had kept.
DURABLE = ("kill", "writer")


def unit_tests(tally, folder, env=ENV, names=("*",), where=""):
    programs = sorted(p for name in names for p in (folder / "tests").glob(f"{name}_test"))
    for ((program,), _), code, text in at_once([([p], env) for p in programs]):
        ran = re.findall(r"\[  PASSED  \] (\d+) test", text)
        failed = re.findall(r"\[  FAILED  \] (\d+) test", text)
        skipped = re.findall(r"\[  SKIPPED \] (\d+) test", text)
        bad = int(failed[-1]) if failed else 0
        if code and not bad:
            bad = 1  # a crash, a leak or a sanitizer's finding has no count of its own
        tally.add(f"unit {program.name}{where} ({folder.name})", int(ran[-1]) if ran else 0, bad,
                  int(skipped[-1]) if skipped else 0, text)


def closing_line(tally, name, code, text):
    """Programs that count for themselves end with "N passed, N failed[, N skipped]"."""
    found = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", text, re.M)
    if not found:
        tally.add(name, 0, 1, 0, text)
        return
    passed, failed, skipped = (int(n or 0) for n in found[-1])
    tally.add(name, passed, max(failed, int(code != 0)), skipped, text)


def vectors(tally, folder):
    for program, paths in (("cedar_corpus", ["cedar/corpus.tar.gz", "cedar/handwritten.tar.gz"]),
                           ("cedar_roundtrip", ["cedar/corpus.tar.gz", "cedar/handwritten.tar.gz"]),
                           ("ledger_vectors", ["ledger"]),
                           ("ids_vectors", ["privacy/ids/ids_synthetic.tsv", "privacy/ids/stdnum_org_numbers_valid.tsv"]),
                           ("arx_vectors", ["privacy/arx"])):
        code, text = run([folder / "tests" / program, *(SHARED / p for p in paths)])
        closing_line(tally, program, code, text)
    code, text = run([sys.executable, "tests/vectors/tables.py", folder / "tests" / "table_rows", SHARED])
    closing_line(tally, "tables as Python reads them", code, text)


def cedar_differential(tally, folder, fast):
    code, text = run(["node", "tests/vectors/cedar_differential.mjs", folder / "tests" / "cedar_answer",
                      "--cases", "3000" if fast else "20000"])
    closing_line(tally, "cedar_differential, " + (re.findall(r"^seed \d+$", text, re.M) or ["no seed"])[0], code, text)


def node_tests(tally, polder, fast, env=ENV, names=("*",), where=""):
    env = dict(env, POLDER=str(polder), POLDER_FAST="1" if fast else "")
    files = sorted(f for name in names for f in (ROOT / "tests" / "blackbox").glob(f"{name}.test.mjs"))
    for ((*_, file), _), code, text in at_once([(["node", "--test", "--test-reporter=tap", f], env) for f in files]):
        count = {key: int(n) for key, n in re.findall(r"^# (tests|pass|fail|skipped) (\d+)$", text, re.M)}
        # A file's own wrapper counts as a test in old versions of the runner; what matters is that some ran.
        failed = count.get("fail", 1) or int(code != 0 or count.get("pass", 0) + count.get("skipped", 0) == 0)
        tally.add(f"black box {file.name}{where}", count.get("pass", 0), failed, count.get("skipped", 0), text)


def postgresql_tests(tally, polder, fast):
    """What keeps a node's state, on a server of its own; once more with every act asked for again."""
    if postgres.programs() is None:
        tally.add("PostgreSQL is not installed", 0, 0, 1)
        return
    try:
        run_on_postgresql(tally, polder, fast)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as failure:
        tally.add("a PostgreSQL server for the tests", 0, 1, 0, str(failure))


def run_on_postgresql(tally, polder, fast):
    with postgres.server() as location:
        env = dict(ENV, POLDER_TEST_DATABASE=location)
        unit_tests(tally, SANITIZED, env, ON_BOTH["unit"], " on PostgreSQL")
        unit_tests(tally, SANITIZED, dict(env, POLDER_TEST_RETRIES="1"), ("govern", "job"), " on PostgreSQL, tried twice")
        names = ("acts", "integrator") if fast else ON_BOTH["black box"]
        node_tests(tally, polder, True, env, names, " on PostgreSQL")  # large tables were there already, on SQLite
    with postgres.server(durable=True) as location:
        node_tests(tally, polder, fast, dict(ENV, POLDER_TEST_DATABASE=location), DURABLE, " on PostgreSQL")


# What has threads of its own: the writer of groups, the server and its workers, jobs, the client, pools and leases.
THREADED = ("catalogue", "finding_index", "http", "inspect_same", "job", "net", "store", "writer")


def races(tally):
    """The units with threads under the thread sanitizer. Optimised a little, or they would take minutes."""
    code, text = build(THREADS, "gcc", "--werror", "-Db_sanitize=thread", "-Db_lundef=false", "-Doptimization=1",
                       targets=[f"tests/{name}_test" for name in THREADED])
    tally.add("build with gcc, thread sanitizer", int(code == 0), int(code != 0), 0, text)
    if code == 0:
        unit_tests(tally, THREADS, names=THREADED)


def fuzz_smoke(tally, seconds):
    code, text = build(FUZZ, "clang", "--werror", "-Dfuzz=true", "-Dtests=false", "-Db_sanitize=address,undefined",
                       "-Db_lundef=false")
    tally.add("build of the fuzz targets (clang)", int(code == 0), int(code != 0), 0, text)
    jobs = []
    for program in sorted((FUZZ / "fuzz").glob("*_fuzz")):
        corpus = ROOT / "fuzz" / "corpus" / program.name.removesuffix("_fuzz")
        found = FUZZ / f"found-{program.name}"
        found.mkdir(exist_ok=True)
        jobs.append(([program, f"-max_total_time={seconds}", "-rss_limit_mb=4096", f"-artifact_prefix={found}/",
                      "-print_final_stats=0", "-verbosity=0", found, corpus],))
    for ((args,), code, text) in at_once(jobs):
        tally.add(f"fuzz {args[0].name}, {seconds} s", int(code == 0), int(code != 0), 0, text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fast", action="store_true")
    fast = parser.parse_args().fast
    tally = Tally()

    code, text = build(SANITIZED, "gcc", "--werror", "-Db_sanitize=address,undefined", "-Db_lundef=false")
    tally.add("build with gcc, address and undefined sanitizers", int(code == 0), int(code != 0), 0, text)
    if code == 0:
        polder = SANITIZED / "polder"
        one(tally, "house: includes point down, headers stand alone", [sys.executable, "tests/house_test.py"])
        unit_tests(tally, SANITIZED)
        vectors(tally, SANITIZED)
        cedar_differential(tally, SANITIZED, fast)
        node_tests(tally, polder, fast)
        postgresql_tests(tally, polder, fast)
        one(tally, "library: only polder.h's symbols are visible", [sys.executable, "tests/library_test.py", SANITIZED])
    if not fast:
        code, text = build(RELEASE, "gcc", "--werror", "--buildtype=release", "-Dtests=false")
        tally.add("build with gcc for release", int(code == 0), int(code != 0), 0, text)
        code, text = build(CLANG, "clang", "--werror")
        tally.add("build with clang", int(code == 0), int(code != 0), 0, text)
        if code == 0:
            unit_tests(tally, CLANG)
        races(tally)
        fuzz_smoke(tally, 10)

    print(f"\n{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
