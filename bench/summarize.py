#!/usr/bin/env python3
"""The peer of polder inspect: DuckDB's SUMMARIZE of a CSV file, with so many threads (1): summarize.py FILE [THREADS]."""

import sys

import duckdb

connection = duckdb.connect()
connection.execute(f"SET threads = {int(sys.argv[2]) if len(sys.argv) > 2 else 1}")
for row in connection.execute("SUMMARIZE SELECT * FROM read_csv($1)", [sys.argv[1]]).fetchall():
    print(row)
