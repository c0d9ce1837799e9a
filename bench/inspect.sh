#!/bin/sh
# How fast polder inspect is: bench/inspect.sh BUILD
#   ROWS    how large (default 8,000,000 synthetic residents in Chinese, 1 GB)
#   TEXT    running text for polder detect (default: the documents of this project, as often as makes 20 MB)
#   PYTHON  one that has duckdb and presidio-analyzer, for those peers (default python3)
# Shares of memchr on the same bytes in the same run, of processor time, so that other work on the machine counts less;
# and what peers take for the same file, by the clock and of processor time. The file is in the page cache.
set -eu
build=$1
rows=${ROWS:-8000000}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
file=$folder/residents.csv
"$build/polder" demo table residents --rows "$rows" --seed 1 --language zh >"$file"
echo "- in one process, of the mapped file"
"$build/bench/bench_inspect" "$file"
text=${TEXT:-}
if [ -z "$text" ]; then
    text=$folder/text
    cat docs/*.md docs/*/*.md README.md ARCHITECTURE.md >"$folder/once"
    while [ "$(wc -c <"$folder/once")" -lt 20000000 ]; do cat "$folder/once" "$folder/once" >"$text" && mv "$text" "$folder/once"; done
    mv "$folder/once" "$text"
fi
echo "- polder detect's search, in one process"
"$build/bench/bench_inspect" "$text" text
echo "- polder inspect, which also hashes the file, reads it again to count classes of equal rows, and writes the report"
for threads in 1 2; do
    python3 bench/measure.py "$file" "polder inspect, threads: $threads=$build/polder inspect --threads=$threads --json $file"
done
if "$python" -c 'import duckdb' 2>/dev/null; then
    for threads in 1 2; do
        python3 bench/measure.py "$file" "duckdb SUMMARIZE, threads: $threads=$python bench/summarize.py $file $threads"
    done
else
    echo "the peer is missing: PYTHON=a python with the duckdb package"
fi
if "$python" -c 'import presidio_analyzer' 2>/dev/null; then
    head -2001 "$file" >"$folder/some.csv"
    python3 bench/measure.py "$folder/some.csv" "presidio's pattern recognisers, 2,000 rows=$python bench/presidio.py $folder/some.csv" \
        "python and its imports alone=$python bench/presidio.py"
else
    echo "the peer is missing: PYTHON=a python with the presidio-analyzer package"
fi
