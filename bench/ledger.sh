#!/bin/sh
# Appending, proving and verifying: bench/ledger.sh BUILD. The peer checks every proof that we made.
set -eu
proofs=$(mktemp)
trap 'rm -f "$proofs"' EXIT
"$1/bench/bench_ledger" "$proofs"
python3 bench/ledger.py "$proofs"
