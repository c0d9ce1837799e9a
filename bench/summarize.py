#!/usr/bin/env python3
"""The peer of polder inspect: DuckDB's SUMMARIZE of a CSV file, one thread as ours: summarize.py FILE."""

import sys

import duckdb

connection = duckdb.connect()
connection.execute("SET threads = 1")
for row in connection.execute("SUMMARIZE SELECT * FROM read_csv($1)", [sys.argv[1]]).fetchall():
    print(row)
