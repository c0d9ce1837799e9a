#!/usr/bin/env python3
"""A PostgreSQL server for tests: of its own, in a temporary folder, reached by a socket only.

    tests/postgres.py COMMAND...    runs COMMAND with POLDER_TEST_DATABASE set, and stops the server
    tests/postgres.py --durable COMMAND...    the same, with fsync on: for tests that kill
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

NOBODY = 65534


def programs():
    """Where initdb and postgres are, or None."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def as_other():
    """initdb refuses root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@contextlib.contextmanager
def server(durable=False):
    """Yields the location of its database "postgres"."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="polder-pg-"))
    try:
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        where = dict(cwd=folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        subprocess.run([*as_other(), programs() / "initdb", "-D", folder / "data", "-U", "polder", "-A", "trust",
                        "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, **where)
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen([*as_other(), programs() / "postgres", "-D", folder / "data", "-k", folder,
                                        "-c", "listen_addresses=", "-c", "max_connections=200",
                                        "-c", f"fsync={'on' if durable else 'off'}"], stderr=log, **where)
        try:
            location = f"postgresql://polder@{urllib.parse.quote(str(folder), safe='')}/postgres"
            for _ in range(300):
                if subprocess.run(["psql", "-X", "-q", "-d", location, "-c", "SELECT 1"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode == 0:
                    break
                time.sleep(0.1)
            else:
                raise RuntimeError("PostgreSQL did not start: " + (folder / "log").read_text(errors="replace")[-2000:])
            yield location
        finally:
            process.send_signal(2)
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    args = sys.argv[1:]
    durable = args[:1] == ["--durable"]
    command = args[durable:]
    if not command:
        sys.exit(__doc__)
    if programs() is None:
        sys.exit("PostgreSQL is not installed (package postgresql)")
    with server(durable) as location:
        return subprocess.run(command, env=dict(os.environ, POLDER_TEST_DATABASE=location)).returncode


if __name__ == "__main__":
    sys.exit(main())
