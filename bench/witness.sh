#!/bin/sh
# From an act to a quorum of 2 of 3 local witnesses, each a process: bench/witness.sh BUILD [ACTS [THREADS]].
set -eu
folder=$(mktemp -d)
pids=""
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || :; done; rm -rf "$folder"' EXIT
set -- "$1" "${2:-500}" "${3:-32}"
witnesses=""
for i in 0 1 2; do
    "$1/polder" witness init --data "$folder/w$i" --name "w$i.example/witness" >/dev/null
    "$1/polder" witness serve --quiet --data "$folder/w$i" --listen 127.0.0.1:0 >"$folder/out$i" &
    pids="$pids $!"
    while ! grep -qs listens "$folder/out$i"; do sleep 0.1; done
    witnesses="$witnesses $(cat "$folder/w$i/witness.vkey")=http://$(sed 's/.*listens at //' "$folder/out$i")"
done
mkfifo "$folder/in" "$folder/told"
# shellcheck disable=SC2086 # one argument for each witness
"$1/bench/bench_witness" "$folder/node" "$2" "$3" $witnesses <"$folder/in" >"$folder/told" &
exec 3>"$folder/in" 4<"$folder/told"
read -r origin vkey <&4
for i in 0 1 2; do "$1/polder" witness add-log "$origin" "$vkey" --data "$folder/w$i" >/dev/null; done
echo >&3
cat <&4
