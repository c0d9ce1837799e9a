#!/usr/bin/env python3
"""The peer of bench_parquet: DuckDB with one thread reads a Parquet file, to values (handed on as Arrow arrays where the
pyarrow package is there; and as a hash of each, which needs nothing else) and to CSV that goes nowhere. The best of five
each, processor time: read_parquet.py FILE; or makes one: read_parquet.py --make CSV CODEC FILE."""

import os
import resource
import sys

import duckdb

RUNS = 5


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def best(work):
    times = []
    for _ in range(RUNS):
        start = spent()
        work()
        times.append(spent() - start)
    return min(times)


def main():
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    if sys.argv[1] == "--make":
        source, codec, path = sys.argv[2:]
        connection.execute(f"COPY (SELECT * FROM read_csv('{source}')) TO '{path}' (FORMAT parquet, COMPRESSION {codec})")
        return
    path = sys.argv[1]
    table = f"read_parquet('{path}')"
    names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()]
    hashes = ", ".join(f'bit_xor(hash("{name}"))' for name in names)

    def arrow():
        for _ in connection.sql(f"SELECT * FROM {table}").to_arrow_reader(100_000):
            pass

    works = {"hashes": lambda: connection.execute(f"SELECT {hashes} FROM {table}").fetchall(),
             "values": arrow, "text": lambda: connection.execute(f"COPY (SELECT * FROM {table}) TO '/dev/null' (FORMAT csv)")}
    megabytes = os.path.getsize(path) / 1e6
    for name, work in works.items():
        try:
            took = best(work)
        except ImportError:
            print(f"duckdb {name:8} the pyarrow package is missing")
            continue
        print(f"duckdb {name:8} {took:7.3f} s  {megabytes / took:8.1f} MB/s of the file")


if __name__ == "__main__":
    main()
