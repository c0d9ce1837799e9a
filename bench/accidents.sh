#!/bin/sh
# The tables of docs/detectors.md: rules, and false positives per million random cells: bench/accidents.sh BUILD
set -eu
"$1/bench/bench_accidents"
