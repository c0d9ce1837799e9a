#!/bin/sh
# Acts durably committed by many threads, beside SQLite alone; how soon they are in a signed checkpoint: bench/keeping.sh BUILD
#   THREADS  that ask (default 64)
#   ACTS     in all (default 20000)
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
    echo line,colour,length_km
    for i in $(seq 60); do echo "L$((i % 7)),red,$((i % 11)).5"; done
} >"$work/plain.csv"
for node in node other; do
    "$build/polder" init --data "$work/$node" --origin bench.polder.example --law cn --party transport \
        --member transport/lin:steward >/dev/null
done
"$build/polder" govern "$work/plain.csv" --data "$work/node" --party transport --member lin --title T --for open \
    --purpose statistics --basis public_task --fact is_commercial_confidential=true --yes >/dev/null && exit 70 || [ $? -eq 75 ]
"$build/bench/bench_keeping" "$work/node" "$work/other" "${THREADS:-64}" "${ACTS:-20000}" |
    while IFS="$(printf '\t')" read -r what figure remark; do printf '%-60s %12s   %s\n' "$what" "$figure" "$remark"; done
"$build/polder" ledger verify --data "$work/node" | head -n 3
