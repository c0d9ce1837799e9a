#!/bin/sh
# Reading CSV: megabytes a second and peak memory, beside peers that read the same file: bench/table.sh BUILD
#   ROWS    how large (default 1,000,000 synthetic metro trips)
#   PYTHON  one that has duckdb, for that peer (default python3)
# Best of three runs each; the file is in the page cache.
set -eu
build=$1
rows=${ROWS:-1000000}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
file=$folder/trips.csv
"$build/polder" demo table trips --rows "$rows" --seed 7 >"$file"
echo "- reading only"
python3 bench/measure.py "$file" \
    "polder table/=$build/bench/bench_table $file" \
    "python csv=python3 bench/read_csv.py $file" \
    "sqlite3 .import into memory=sqlite3 :memory: -cmd '.mode csv' '.import $file t' 'SELECT COUNT(*) FROM t'"
echo "- what is in it"
set -- "polder inspect (also identifiers, roles, risk)=$build/polder inspect $file"
if "$python" -c 'import duckdb' 2>/dev/null; then
    set -- "$@" "duckdb SUMMARIZE=$python bench/summarize.py $file"
else
    echo "the peer is missing: PYTHON=a python with the duckdb package"
fi
python3 bench/measure.py "$file" "$@"
