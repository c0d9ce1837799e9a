#!/bin/sh
# Verifying a node of ACTS acts (default 1,000,000): bench/verify.sh BUILD. Needs about 20 KB of disk for each.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/polder-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$1/bench/bench_verify" "$folder/node" "${ACTS:-1000000}"
