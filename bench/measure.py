#!/usr/bin/env python3
"""Runs commands on one file and prints megabytes a second, by the clock and of processor time, and peak memory:
measure.py FILE NAME=COMMAND..."""

import os
import shlex
import subprocess
import sys
import time

RUNS = 3


def once(command):
    start = time.monotonic()
    child = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command}: exit status {child.returncode}")
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def main():
    path, commands = sys.argv[1], [a.split("=", 1) for a in sys.argv[2:]]
    megabytes = os.path.getsize(path) / 1e6
    print(f"{megabytes:.1f} MB")
    first = None
    for name, command in commands:
        runs = [once(command) for _ in range(RUNS)]
        rate = megabytes / min(r[0] for r in runs)
        first = first or rate
        spent = megabytes / min(r[2] for r in runs)
        print(f"{name:46} {rate:10.3f} MB/s  {spent:10.3f} of processor time  {max(r[1] for r in runs):7.1f} MiB  "
              f"{rate / first:6.2f} of the first")


if __name__ == "__main__":
    main()
