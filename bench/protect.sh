#!/bin/sh
# How long the best protection of a table is searched, beside counting every node, and how fast it is carried out:
# bench/protect.sh BUILD [ROWS]
# ROWS (100 million take 24 GB and some minutes) of the widest table; 10 million by default.
set -eu
build=$1
rows=${2:-10000000}
data=${POLDER_SHARED_DATA:-../shared/data}/privacy/arx
show() { while IFS="$(printf '\t')" read -r what time result; do printf '%-45s %10s ms   %s\n' "$what" "$time" "$result"; done; }
if [ -d "$data" ]; then
    "$build/bench/bench_protect" adult "$data" | show
    "$build/bench/bench_protect" every "$data" | show
    "$build/bench/bench_protect" marginals "$data" 1200000 | show
else
    echo "the table adult is missing: $data"
fi
"$build/bench/bench_protect" wide "$rows" | show
"$build/bench/bench_protect_cells" | show
