#!/bin/sh
# Reading and writing Parquet, beside DuckDB on the same files: bench/parquet.sh BUILD
#   ROWS    how large (default 1,000,000 rows of each synthetic table)
#   PYTHON  one that has duckdb, and pyarrow to be handed values by it (default python3)
# Processor time of one thread; the files are in the page cache. DuckDB writes the files; Polder writes its own besides.
set -eu
build=$1
rows=${ROWS:-1000000}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/polder" demo table residents --rows "$rows" --seed 1 --language zh >"$folder/residents.csv"
"$build/polder" demo table trips --rows "$rows" --seed 1 >"$folder/trips.csv"
for table in residents trips; do
    python3 bench/measure.py "$folder/$table.csv" \
        "polder table convert, of CSV, $table=sh -c '$build/polder table convert $folder/$table.csv --out - --to parquet >$folder/$table.polder.parquet'"
    echo "- $table, written by polder (zstd)"
    "$build/bench/bench_parquet" "$folder/$table.polder.parquet"
    if ! "$python" -c 'import duckdb' 2>/dev/null; then
        echo "the peer is missing: PYTHON=a python with the duckdb package"
        continue
    fi
    "$python" bench/read_parquet.py "$folder/$table.polder.parquet"
    for codec in snappy zstd; do
        file=$folder/$table.$codec.parquet
        "$python" bench/read_parquet.py --make "$folder/$table.csv" "$codec" "$file"
        echo "- $table, written by duckdb ($codec)"
        "$build/bench/bench_parquet" "$file"
        "$python" bench/read_parquet.py "$file"
    done
done
