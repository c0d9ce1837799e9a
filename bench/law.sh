#!/bin/sh
# Decisions per second on the pack cn with the node's rules: bench/law.sh BUILD
set -eu
build=$1
policies=$(mktemp)
trap 'rm -f "$policies"' EXIT
cat law/cn/*.cedar law/node/*.cedar >"$policies"
"$build/bench/bench_law" "$policies" bench/law/context.json bench/law/entities.json
if [ -d tests/node_modules/@cedar-policy/cedar-wasm ]; then
    node bench/law.mjs "$policies" bench/law/context.json bench/law/entities.json
else
    echo "the peer is missing: script/bootstrap --npm"
fi
