#!/bin/sh
# What a page of the catalogue costs on a node of 100,000 acts and 10,000 datasets: bench/catalogue.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
build=${1:-build-bench}
folder=$(mktemp -d "${TMPDIR:-/tmp}/catalogue.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$build/polder" demo seed --data "$folder/node" >/dev/null
sqlite3 "$folder/node/polder.db" <bench/catalogue.sql
"$build/bench/bench_catalogue" "$folder/node"
