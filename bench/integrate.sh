#!/bin/sh
# The integrator at growing sizes of a log: bench/integrate.sh BUILD [LEAVES]. Ten million need 15 GB and minutes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1/bench/bench_integrate" "$folder/node" "${2:-1000000}"
